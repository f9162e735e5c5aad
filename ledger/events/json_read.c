/* JSON to CBOR: docs/json.md. */
#include "ledger/events/json.h"

#include <string.h>

static enum base_code read_value(struct base_buf *out, const struct events_path *at, const struct events_field *field,
				 enum events_type type, const json_t *json, struct base_error *err);

const char *json_type_name(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return BASE_WORDS("an object");
	case JSON_ARRAY:
		return BASE_WORDS("a list");
	case JSON_STRING:
		return BASE_WORDS("a text");
	case JSON_INTEGER:
		return BASE_WORDS("a number");
	case JSON_REAL:
		return BASE_WORDS("a number with a fraction");
	case JSON_TRUE:
	case JSON_FALSE:
		return BASE_WORDS("true or false");
	case JSON_NULL:
		return BASE_WORDS("null; leave the member out");
	}
	return BASE_WORDS("something else");
}

static enum base_code fail_type(const struct events_path *at, enum events_type type, const json_t *json,
				struct base_error *err)
{
	return schema_fail(at, err, BASE_MALFORMED, "expected %s, found %s", base_message(schema_type_name(type)),
			   base_message(json_type_name(json)));
}

/* At most 40 characters of what somebody typed, safe for a terminal. */
static void quoted(char out[192], struct base_slice text)
{
	struct base_buf printable = BASE_BUF_INIT;
	bool cut = text.len > 40;

	if (cut) {
		text.len = 40;
		while (text.len > 0 && (text.data[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	base_printable(&printable, text);
	(void)snprintf(out, 192, "\"%.*s%s\"", (int)printable.len,
		       printable.len == 0 ? "" : (const char *)printable.data, cut ? "…" : "");
	base_buf_free(&printable);
}

enum base_code json_fail_unknown(const struct events_path *at, const char *name, const struct schema_nearest *nearest,
				 struct base_error *err)
{
	char what[192], hint[128];

	quoted(what, base_slice_text(name));
	schema_nearest_hint(hint, nearest);
	return schema_fail(at, err, BASE_MALFORMED, "unknown member %s%s", what, hint);
}

static struct base_slice text_of(const json_t *json)
{
	return json_is_string(json) ? base_slice(json_string_value(json), json_string_length(json))
				    : base_slice(NULL, 0);
}

static enum base_code read_uint(struct base_buf *out, const struct events_path *at, const json_t *json,
				struct base_error *err)
{
	uint64_t v;

	/* jansson's integers have a sign: what is larger travels as text. */
	if (json_is_integer(json) && json_integer_value(json) >= 0)
		v = (uint64_t)json_integer_value(json);
	else if (!json_is_string(json) || !base_parse_u64(text_of(json), &v))
		return fail_type(at, EVENTS_UINT, json, err);
	wire_put_uint(out, v);
	return BASE_OK;
}

static enum base_code find_code(uint64_t *number, const struct events_path *at, const struct events_field *field,
				const json_t *json, struct base_error *err)
{
	const struct events_code *code = events_code_by_name(field->codes, text_of(json));
	struct schema_nearest nearest = {text_of(json), NULL, 0};
	char what[192], hint[128];

	if (!json_is_string(json))
		return fail_type(at, EVENTS_CODE, json, err);
	if (code != NULL) {
		*number = code->number;
		return BASE_OK;
	}
	quoted(what, text_of(json));
	for (size_t i = 0; i < field->codes->count; i++) {
		const struct events_code *known = &field->codes->codes[i];

		if (known->reserved && base_slice_equal(text_of(json), base_slice_text(known->name)))
			return schema_fail(at, err, BASE_MALFORMED, "code %s is reserved for a later version", what);
		if (!known->reserved)
			schema_nearest_offer(&nearest, known->name);
	}
	schema_nearest_hint(hint, &nearest);
	return schema_fail(at, err, BASE_MALFORMED, "unknown code %s%s", what, hint);
}

static enum base_code read_code(struct base_buf *out, const struct events_path *at, const struct events_field *field,
				const json_t *json, struct base_error *err)
{
	uint64_t number = 0;
	enum base_code code = find_code(&number, at, field, json, err);

	if (code == BASE_OK)
		wire_put_uint(out, number);
	return code;
}

static enum base_code read_text(struct base_buf *out, const struct events_path *at, enum events_type type,
				const json_t *json, struct base_error *err)
{
	if (!json_is_string(json))
		return fail_type(at, type, json, err);
	wire_put_text(out, text_of(json)); /* jansson has checked that it is UTF-8 */
	return BASE_OK;
}

/* Hex and base64. */
static enum base_code read_bytes(struct base_buf *out, const struct events_path *at, enum events_type type,
				 const json_t *json, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code = BASE_OK;
	bool ok;

	if (!json_is_string(json))
		return fail_type(at, type, json, err);
	ok = type == EVENTS_PROOF ? base_unbase64(&bytes, text_of(json)) : base_unhex(&bytes, text_of(json));
	if (ok)
		wire_put_bytes(out, base_buf_slice(&bytes));
	else
		code = schema_fail(at, err, BASE_MALFORMED, "not %s", base_message(schema_type_name(type)));
	base_buf_free(&bytes);
	return code;
}

static enum base_code read_cid(struct base_buf *out, const struct events_path *at, const json_t *json,
			       struct base_error *err)
{
	uint8_t bytes[WIRE_CID_BYTES];
	struct wire_cid cid;
	enum base_code code;

	if (!json_is_string(json))
		return fail_type(at, EVENTS_CID, json, err);
	if ((code = wire_cid_parse_text(&cid, text_of(json), err)) != BASE_OK)
		return schema_wrap(at, err, code);
	wire_cid_bytes(bytes, &cid);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
	return BASE_OK;
}

static enum base_code read_item(struct base_buf *out, const struct events_path *at, const json_t *json,
				struct base_error *err)
{
	struct events_item_id item;
	enum base_code code;

	if (!json_is_string(json))
		return fail_type(at, EVENTS_ITEM, json, err);
	if ((code = events_item_id_parse(&item, text_of(json), err)) != BASE_OK)
		return schema_wrap(at, err, code);
	events_item_id_put(out, &item);
	return BASE_OK;
}

static enum base_code read_when(struct base_buf *out, const struct events_path *at, const json_t *json,
				struct base_error *err)
{
	struct events_when when;
	enum base_code code;

	if (!json_is_string(json))
		return fail_type(at, EVENTS_WHEN, json, err);
	if ((code = events_when_parse(&when, text_of(json), err)) != BASE_OK)
		return schema_wrap(at, err, code);
	events_when_put(out, &when);
	return BASE_OK;
}

static enum base_code read_time(struct base_buf *out, const struct events_path *at, const json_t *json,
				struct base_error *err)
{
	struct base_time time;
	enum base_code code;

	if (!json_is_string(json))
		return fail_type(at, EVENTS_TIME, json, err);
	if ((code = base_time_parse(&time, NULL, text_of(json), err)) != BASE_OK)
		return schema_wrap(at, err, code);
	wire_put_uint(out, time.ms);
	return BASE_OK;
}

static bool find_purpose(uint64_t *out, struct base_slice name)
{
	for (*out = KEYS_SIGN; *out <= KEYS_VALIDATOR; (*out)++)
		if (base_slice_equal(name, base_slice_text(keys_purpose_name((enum keys_purpose) * out))))
			return true;
	return false;
}

static bool find_alg(int64_t *out, struct base_slice name)
{
	static const enum keys_alg algs[] = {KEYS_ES256K, KEYS_ED25519, KEYS_X25519};

	for (size_t i = 0; i < SCHEMA_COUNT(algs); i++) {
		*out = algs[i];
		if (base_slice_equal(name, base_slice_text(keys_alg_name(algs[i]))))
			return true;
	}
	return false;
}

static enum base_code read_public(struct base_buf *out, const struct events_path *at, const json_t *json,
				  struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code = BASE_OK;
	uint64_t purpose;
	int64_t alg;

	if (!json_is_object(json))
		return fail_type(at, EVENTS_PUBLIC, json, err);
	if (json_object_size(json) != 3 || !find_purpose(&purpose, text_of(json_object_get(json, "purpose"))) ||
	    !find_alg(&alg, text_of(json_object_get(json, "alg"))) || !json_is_string(json_object_get(json, "hex")) ||
	    !base_unhex(&bytes, text_of(json_object_get(json, "hex")))) {
		code = schema_fail(
			at, err, BASE_MALFORMED,
			"a public key is {\"purpose\": \"recovery\", \"alg\": \"X25519\", \"hex\": \"…\"}");
	} else {
		wire_put_array(out, 3);
		wire_put_uint(out, purpose);
		wire_put_int(out, alg);
		wire_put_bytes(out, base_buf_slice(&bytes));
	}
	base_buf_free(&bytes);
	return code;
}

#define CODE_MAX 255 /* of any list whose codes stand in lists */

/* Codes may be given in any order and are written in ascending order: a set has one encoding. */
static enum base_code read_codes(struct base_buf *out, const struct events_path *at, const struct events_field *field,
				 const json_t *json, struct base_error *err)
{
	bool present[CODE_MAX + 1] = {false};
	uint64_t number = 0;

	for (size_t i = 0; i < json_array_size(json); i++) {
		const struct events_path here = {at, NULL, i};
		enum base_code code = find_code(&number, &here, field, json_array_get(json, i), err);

		if (code != BASE_OK)
			return code;
		BASE_ASSERT(number <= CODE_MAX);
		if (present[number])
			return schema_fail(&here, err, BASE_MALFORMED, "given twice");
		present[number] = true;
	}
	wire_put_array(out, json_array_size(json));
	for (number = 0; number <= CODE_MAX; number++)
		if (present[number])
			wire_put_uint(out, number);
	return BASE_OK;
}

static enum base_code read_list(struct base_buf *out, const struct events_path *at, const struct events_field *field,
				const json_t *json, struct base_error *err)
{
	enum base_code code;

	if (!json_is_array(json))
		return fail_type(at, EVENTS_LIST, json, err);
	if (field->element == EVENTS_CODE)
		return read_codes(out, at, field, json, err);
	wire_put_array(out, json_array_size(json));
	for (size_t i = 0; i < json_array_size(json); i++) {
		const struct events_path here = {at, NULL, i};

		code = read_value(out, &here, field, field->element, json_array_get(json, i), err);
		if (code != BASE_OK)
			return code;
	}
	return BASE_OK;
}

static enum base_code read_value(struct base_buf *out, const struct events_path *at, const struct events_field *field,
				 enum events_type type, const json_t *json, struct base_error *err)
{
	switch (type) {
	case EVENTS_UINT:
		return read_uint(out, at, json, err);
	case EVENTS_BOOL:
		if (!json_is_boolean(json))
			return fail_type(at, type, json, err);
		wire_put_bool(out, json_is_true(json));
		return BASE_OK;
	case EVENTS_CODE:
		return read_code(out, at, field, json, err);
	case EVENTS_TOKEN:
	case EVENTS_STUDY:
	case EVENTS_ORGANISATION:
	case EVENTS_ACTOR:
	case EVENTS_COUNTRY:
	case EVENTS_LABEL:
	case EVENTS_SOURCE:
	case EVENTS_URL:
	case EVENTS_PARTY:
	case EVENTS_KIND:
		return read_text(out, at, type, json, err);
	case EVENTS_ID:
	case EVENTS_HASH:
	case EVENTS_REFERENCE:
	case EVENTS_PROOF:
		return read_bytes(out, at, type, json, err);
	case EVENTS_CID:
		return read_cid(out, at, json, err);
	case EVENTS_ITEM:
		return read_item(out, at, json, err);
	case EVENTS_WHEN:
		return read_when(out, at, json, err);
	case EVENTS_TIME:
		return read_time(out, at, json, err);
	case EVENTS_PUBLIC:
		return read_public(out, at, json, err);
	case EVENTS_STRUCT:
		return json_read_struct(out, at, field->of, json, err);
	case EVENTS_LIST:
		return read_list(out, at, field, json, err);
	case EVENTS_BODY:
		break; /* depends on the kind: document.c */
	}
	return fail_type(at, type, json, err);
}

static enum base_code check_members(const struct events_path *at, const struct events_struct *of, const json_t *json,
				    struct base_error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)json, name, value) {
		struct schema_nearest nearest = {base_slice_text(name), NULL, 0};
		bool known = false;

		for (size_t i = 0; i < of->count; i++) {
			known = known || strcmp(of->fields[i].name, name) == 0;
			schema_nearest_offer(&nearest, of->fields[i].name);
		}
		if (!known)
			return json_fail_unknown(at, name, &nearest, err);
	}
	return BASE_OK;
}

enum base_code json_read_struct(struct base_buf *out, const struct events_path *at, const struct events_struct *of,
				const json_t *json, struct base_error *err)
{
	enum base_code code;

	if (!json_is_object(json))
		return fail_type(at, EVENTS_STRUCT, json, err);
	if ((code = check_members(at, of, json, err)) != BASE_OK)
		return code;
	if (of->positional)
		wire_put_array(out, of->count);
	else
		wire_put_map(out, json_object_size(json));
	for (size_t i = 0; i < of->count; i++) {
		const struct events_field *field = &of->fields[i];
		const struct events_path here = {at, field->name, 0};
		const json_t *value = json_object_get(json, field->name);

		if (value == NULL) {
			/* null where it must not be missing is refused by the check that follows. */
			if (of->positional)
				wire_put_null(out);
			continue;
		}
		if (!of->positional)
			wire_put_uint(out, field->key);
		if ((code = read_value(out, &here, field, field->type, value, err)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}
