#include "tests/conformance/json.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 200

struct parser {
	struct base_slice text;
	size_t at;
	const char *why;
};

/* ---- Text ---------------------------------------------------------------- */

static bool refuse(struct parser *p, const char *why)
{
	if (p->why == NULL)
		p->why = why;
	return false;
}

static int peek(const struct parser *p)
{
	return p->at < p->text.len ? p->text.data[p->at] : -1;
}

static void skip_space(struct parser *p)
{
	while (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\n' || peek(p) == '\r')
		p->at++;
}

static bool take(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if (p->text.len - p->at < len || memcmp(p->text.data + p->at, word, len) != 0)
		return false;
	p->at += len;
	return true;
}

static bool take_hex4(struct parser *p, uint32_t *out)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++) {
		int c = peek(p);

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (uint32_t)(c - 'A' + 10);
		else
			return refuse(p, "four hexadecimal digits must follow \\u");
		p->at++;
	}
	*out = value;
	return true;
}

static void put_utf8(struct base_buf *out, uint32_t c)
{
	if (c < 0x80) {
		base_buf_byte(out, (uint8_t)c);
	} else if (c < 0x800) {
		base_buf_byte(out, (uint8_t)(0xc0 | c >> 6));
		base_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		base_buf_byte(out, (uint8_t)(0xe0 | c >> 12));
		base_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		base_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		base_buf_byte(out, (uint8_t)(0xf0 | c >> 18));
		base_buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		base_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		base_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static bool take_escape(struct parser *p, struct base_buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(p);
	const char *simple = c > 0 ? strchr(from, c) : NULL;
	uint32_t code, low;

	if (simple != NULL) {
		base_buf_byte(out, (uint8_t)to[simple - from]);
		p->at++;
		return true;
	}
	if (!take(p, "u"))
		return refuse(p, "an escape that JSON does not have");
	if (!take_hex4(p, &code))
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		if (!take(p, "\\u") || !take_hex4(p, &low) || low < 0xdc00 || low > 0xdfff)
			return refuse(p, "half of a surrogate pair");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else if (code >= 0xdc00 && code < 0xe000) {
		return refuse(p, "half of a surrogate pair");
	}
	put_utf8(out, code);
	return true;
}

static bool take_string(struct parser *p, struct base_buf *out)
{
	if (!take(p, "\""))
		return refuse(p, "a string must begin here");
	for (;;) {
		int c = peek(p);

		if (c < 0)
			return refuse(p, "a string does not end");
		p->at++;
		if (c == '"')
			break;
		if (c < 0x20)
			return refuse(p, "a control character in a string");
		if (c != '\\')
			base_buf_byte(out, (uint8_t)c);
		else if (!take_escape(p, out))
			return false;
	}
	return base_utf8_valid(base_buf_slice(out)) || refuse(p, "a string that is not UTF-8");
}

static size_t take_digits(struct parser *p)
{
	size_t from = p->at;

	while (peek(p) >= '0' && peek(p) <= '9')
		p->at++;
	return p->at - from;
}

static bool take_number(struct parser *p, struct base_buf *out)
{
	size_t from = p->at;
	bool good;

	(void)take(p, "-");
	good = take(p, "0") || take_digits(p) > 0;
	if (good && take(p, "."))
		good = take_digits(p) > 0;
	if (good && (take(p, "e") || take(p, "E"))) {
		if (!take(p, "+"))
			(void)take(p, "-");
		good = take_digits(p) > 0;
	}
	base_buf_append(out, base_slice(p->text.data + from, p->at - from));
	return good || refuse(p, "no JSON value");
}

/* ---- Values -------------------------------------------------------------- */

static struct json *item_add(struct json *to)
{
	if (to->count == to->cap) {
		to->cap = to->cap == 0 ? 8 : 2 * to->cap;
		to->items = base_realloc(to->items, to->cap * sizeof(*to->items));
	}
	to->items[to->count] = (struct json){.type = JSON_NULL};
	return &to->items[to->count++];
}

static bool take_value(struct parser *p, struct json *out, unsigned depth);

static bool take_items(struct parser *p, struct json *out, unsigned depth)
{
	const char *end = out->type == JSON_OBJECT ? "}" : "]";

	skip_space(p);
	if (take(p, end))
		return true;
	for (;;) {
		struct json *item = item_add(out);

		skip_space(p);
		if (out->type == JSON_OBJECT) {
			if (!take_string(p, &item->key))
				return false;
			skip_space(p);
			if (!take(p, ":"))
				return refuse(p, "a colon must follow the name of a member");
		}
		if (!take_value(p, item, depth + 1))
			return false;
		skip_space(p);
		if (take(p, end))
			return true;
		if (!take(p, ","))
			return refuse(p, "a comma or the end must follow");
	}
}

static bool take_value(struct parser *p, struct json *out, unsigned depth)
{
	skip_space(p);
	if (depth > DEPTH_MAX)
		return refuse(p, "nested too deep");
	if (peek(p) == '"') {
		out->type = JSON_STRING;
		return take_string(p, &out->text);
	}
	if (take(p, "{") || take(p, "[")) {
		out->type = p->text.data[p->at - 1] == '{' ? JSON_OBJECT : JSON_ARRAY;
		return take_items(p, out, depth);
	}
	if (take(p, "true"))
		out->type = JSON_TRUE;
	else if (take(p, "false"))
		out->type = JSON_FALSE;
	else if (take(p, "null"))
		out->type = JSON_NULL;
	else {
		out->type = JSON_NUMBER;
		return take_number(p, &out->text);
	}
	return true;
}

enum base_code json_parse(struct json *out, struct base_slice text, struct base_error *err)
{
	struct parser p = {.text = text};
	enum base_code code = BASE_OK;

	*out = (struct json){.type = JSON_NULL};
	if (take_value(&p, out, 0)) {
		skip_space(&p);
		if (p.at != text.len)
			(void)refuse(&p, "something follows the value");
	}
	if (p.why != NULL) {
		code = base_fail(err, BASE_MALFORMED, "not JSON at byte %zu: %s", p.at, p.why);
		json_free(out);
	}
	return code;
}

void json_free(struct json *json)
{
	for (size_t i = 0; i < json->count; i++)
		json_free(&json->items[i]);
	free(json->items);
	base_buf_free(&json->key);
	base_buf_free(&json->text);
	*json = (struct json){.type = JSON_NULL};
}

/* ---- Reading ------------------------------------------------------------- */

bool json_is(const struct json *json, enum json_type type)
{
	return json != NULL && json->type == type;
}

const struct json *json_get(const struct json *object, const char *key)
{
	if (!json_is(object, JSON_OBJECT))
		return NULL;
	for (size_t i = 0; i < object->count; i++) {
		if (base_slice_equal(base_buf_slice(&object->items[i].key), base_slice_text(key)))
			return &object->items[i];
	}
	return NULL;
}

size_t json_count(const struct json *array)
{
	return array != NULL ? array->count : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
	return i < json_count(array) ? &array->items[i] : NULL;
}

bool json_is_bool(const struct json *json, bool *value)
{
	*value = json_is(json, JSON_TRUE);
	return *value || json_is(json, JSON_FALSE);
}

struct base_slice json_text(const struct json *json)
{
	return json_is(json, JSON_STRING) ? base_buf_slice(&json->text) : base_slice(NULL, 0);
}

const char *json_cstr(const struct json *json, char *out, size_t cap)
{
	struct base_slice text = json == NULL ? base_slice(NULL, 0) : base_buf_slice(&json->text);

	(void)snprintf(out, cap, "%.*s", (int)(text.len < cap ? text.len : cap),
		       text.len > 0 ? (const char *)text.data : "");
	return out;
}

bool json_equals(const struct json *json, const char *text)
{
	return json_is(json, JSON_STRING) && base_slice_equal(json_text(json), base_slice_text(text));
}

bool json_has_key(const struct json *object, const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		if (json_get(object, *keys) != NULL)
			return true;
	}
	return false;
}

bool json_u64(const struct json *json, uint64_t *out)
{
	return json_is(json, JSON_NUMBER) && base_parse_u64(base_buf_slice(&json->text), out);
}

bool json_hex(const struct json *json, struct base_buf *out)
{
	return json_is(json, JSON_STRING) && base_unhex(out, json_text(json));
}

static struct base_slice without_padding(struct base_slice text)
{
	while (text.len > 0 && text.data[text.len - 1] == '=')
		text.len--;
	return text;
}

bool json_base64(const struct json *json, struct base_buf *out)
{
	struct base_buf padded = BASE_BUF_INIT;
	bool good;

	if (!json_is(json, JSON_STRING))
		return false;
	base_buf_append(&padded, without_padding(json_text(json)));
	while (padded.len % 4 != 0)
		base_buf_byte(&padded, '=');
	good = base_unbase64(out, base_buf_slice(&padded));
	base_buf_free(&padded);
	return good;
}

bool json_base64url(const struct json *json, struct base_buf *out)
{
	return json_is(json, JSON_STRING) && base_unbase64url(out, without_padding(json_text(json)));
}
