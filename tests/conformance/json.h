/* JSON (RFC 8259) for vectors. Numbers stay as they are written: tree sizes reach 2^64 - 1, which
 * neither a double nor a signed integer holds. Strings may contain NUL. */
#ifndef TESTS_CONFORMANCE_JSON_H
#define TESTS_CONFORMANCE_JSON_H

#include "ledger/base/base.h"

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
struct json {
	enum json_type type;
	struct base_buf key;  /* of a member of an object */
	struct base_buf text; /* a number as written; a string decoded */
	struct json *items;   /* of an array or object */
	size_t count, cap;
};
/* What follows the value but white space, and what is nested more than 200 deep, is refused. */
BASE_MUST_USE enum base_code json_parse(struct json *out, struct base_slice text, struct base_error *err);
void json_free(struct json *json);

/* NULL where there is none, and for a NULL: chains of these need one check. */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, size_t i);
size_t json_count(const struct json *array); /* 0 if it is no array or object */
bool json_is(const struct json *json, enum json_type type);
bool json_is_bool(const struct json *json, bool *value);
struct base_slice json_text(const struct json *json); /* of a string; else empty */
/* For messages and short strings: the text up to a NUL or the end, cut to fit. */
const char *json_cstr(const struct json *json, char *out, size_t cap);
bool json_equals(const struct json *json, const char *text);
bool json_has_key(const struct json *object, const char *const *keys); /* any of them; ends with NULL */
bool json_u64(const struct json *json, uint64_t *out);
/* Appends; false if it is no string or not of that form. */
bool json_hex(const struct json *json, struct base_buf *out);
bool json_base64(const struct json *json, struct base_buf *out);    /* padding may be missing */
bool json_base64url(const struct json *json, struct base_buf *out); /* padding may be there */

#endif
