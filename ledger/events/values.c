/* Reading what was decoded before: finding members, walking values, their text. */
#include "ledger/events/schema.h"

#include <string.h>

/* ---- Finding ------------------------------------------------------------ */

bool events_find(struct base_slice map, uint64_t key, struct wire_reader *r)
{
	uint64_t members;

	wire_read(r, map);
	members = wire_get_map(r);
	for (uint64_t i = 0; i < members && !r->failed; i++) {
		uint64_t here = wire_get_uint(r);

		if (here == key)
			return !r->failed;
		if (here > key)
			return false;
		(void)wire_get_raw(r);
	}
	return false;
}

static struct wire_reader must_find(struct base_slice map, uint64_t key)
{
	struct wire_reader r;
	bool found = events_find(map, key, &r);

	BASE_ASSERT(found);
	return r;
}

uint64_t events_uint(struct base_slice map, uint64_t key)
{
	struct wire_reader r = must_find(map, key);
	uint64_t v = wire_peek(&r) == WIRE_BOOL ? (uint64_t)wire_get_bool(&r) : wire_get_uint(&r);

	BASE_ASSERT(!r.failed);
	return v;
}

struct base_slice events_text(struct base_slice map, uint64_t key)
{
	struct wire_reader r = must_find(map, key);
	struct base_slice text = wire_get_text(&r);

	BASE_ASSERT(!r.failed);
	return text;
}

struct base_slice events_bytes(struct base_slice map, uint64_t key)
{
	struct wire_reader r = must_find(map, key);
	struct base_slice bytes = wire_get_bytes(&r);

	BASE_ASSERT(!r.failed);
	return bytes;
}

struct base_slice events_raw(struct base_slice map, uint64_t key)
{
	struct wire_reader r = must_find(map, key);
	struct base_slice raw = wire_get_raw(&r);

	BASE_ASSERT(!r.failed);
	return raw;
}

bool events_has(struct base_slice map, uint64_t key)
{
	struct wire_reader r;

	return events_find(map, key, &r);
}

/* ---- Walking ------------------------------------------------------------ */

struct walk {
	events_value_fn visit;
	void *arg;
};

static bool walk_struct(const struct walk *walk, const struct events_path *at, const struct events_struct *of,
			struct wire_reader *r);

static bool walk_value(const struct walk *walk, const struct events_path *at, const struct events_field *field,
		       enum events_type type, struct wire_reader *r)
{
	struct events_value value = {field, type, {NULL, 0}, at};

	if (type == EVENTS_STRUCT)
		return walk_struct(walk, at, field->of, r);
	if (type == EVENTS_LIST) {
		uint64_t count = wire_get_array(r);

		for (uint64_t i = 0; i < count && !r->failed; i++) {
			const struct events_path here = {at, NULL, (size_t)i};

			if (!walk_value(walk, &here, field, field->element, r))
				return false;
		}
		return !r->failed;
	}
	value.raw = wire_get_raw(r);
	return !r->failed && walk->visit(walk->arg, &value);
}

static bool walk_struct(const struct walk *walk, const struct events_path *at, const struct events_struct *of,
			struct wire_reader *r)
{
	uint64_t members = of->positional ? wire_get_array(r) : wire_get_map(r);

	for (uint64_t i = 0; i < members && !r->failed; i++) {
		uint64_t key = of->positional ? i + 1 : wire_get_uint(r);
		const struct events_field *field = schema_field_by_key(of, key);
		struct events_path here = {at, NULL, 0};

		if (field == NULL)
			return false;
		here.name = field->name;
		if (of->positional && wire_peek(r) == WIRE_NULL)
			wire_get_null(r);
		else if (!walk_value(walk, &here, field, field->type, r))
			return false;
	}
	return !r->failed;
}

void events_values(const struct events_kind *kind, struct base_slice body, events_value_fn visit, void *arg)
{
	const struct events_path root = {NULL, NULL, 0};
	const struct walk walk = {visit, arg};
	struct wire_reader r;

	wire_read(&r, body);
	(void)walk_struct(&walk, &root, &kind->body, &r);
}

void events_value_path(char out[EVENTS_PATH_TEXT_BYTES], const struct events_value *value)
{
	schema_path_print(out, value->path);
}

/* ---- Text --------------------------------------------------------------- */

static void append_hex(struct base_buf *out, struct base_slice bytes)
{
	base_buf_reserve(out, 2 * bytes.len + 1);
	base_hex((char *)out->data + out->len, bytes);
	out->len += 2 * bytes.len;
}

static void append_public(struct base_buf *out, struct base_slice raw)
{
	struct keys_public key;

	if (keys_public_parse(&key, raw, NULL) != BASE_OK)
		return;
	base_buf_print(out, "%s %s ", keys_purpose_name(key.purpose), keys_alg_name(key.alg));
	append_hex(out, base_slice(key.bytes, key.len));
}

static void append_bytes(struct base_buf *out, enum events_type type, struct base_slice bytes)
{
	char text[WIRE_CID_TEXT_BYTES];
	struct wire_cid cid;

	if (type == EVENTS_PROOF) {
		base_base64(out, bytes);
	} else if (type != EVENTS_CID) {
		append_hex(out, bytes);
	} else if (wire_cid_parse(&cid, bytes, NULL) == BASE_OK) {
		wire_cid_text(text, &cid);
		base_buf_print(out, "%s", text);
	}
}

static void append_code(struct base_buf *out, const struct events_field *field, uint64_t number)
{
	const struct events_code *code = events_code_by_number(field->codes, number);

	if (code == NULL)
		base_buf_print(out, "%llu", (unsigned long long)number);
	else
		base_buf_print(out, "%s", code->name);
}

static void append_time(struct base_buf *out, enum events_type type, struct wire_reader *r)
{
	char text[64], clock[BASE_TIME_TEXT_BYTES];
	struct events_when when;

	if (type == EVENTS_WHEN) {
		when = events_when_read(r);
		events_when_format(text, &when);
		base_buf_print(out, "%s", text);
		return;
	}
	base_time_format(clock, (struct base_time){wire_get_uint(r)}, 0);
	base_buf_print(out, "%s", clock);
}

void schema_value_text(struct base_buf *out, const struct events_field *field, enum events_type type,
		       struct base_slice raw)
{
	char text[EVENTS_ITEM_ID_TEXT_BYTES];
	struct events_item_id item;
	struct wire_reader r;

	wire_read(&r, raw);
	switch (type) {
	case EVENTS_UINT:
		base_buf_print(out, "%llu", (unsigned long long)wire_get_uint(&r));
		break;
	case EVENTS_BOOL:
		base_buf_print(out, "%s", wire_get_bool(&r) ? "true" : "false");
		break;
	case EVENTS_CODE:
		append_code(out, field, wire_get_uint(&r));
		break;
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
		base_buf_append(out, wire_get_text(&r));
		break;
	case EVENTS_ID:
	case EVENTS_HASH:
	case EVENTS_REFERENCE:
	case EVENTS_CID:
	case EVENTS_PROOF:
		append_bytes(out, type, wire_get_bytes(&r));
		break;
	case EVENTS_ITEM:
		item = events_item_id_read(&r);
		events_item_id_format(text, &item);
		base_buf_print(out, "%s", text);
		break;
	case EVENTS_WHEN:
	case EVENTS_TIME:
		append_time(out, type, &r);
		break;
	case EVENTS_PUBLIC:
		append_public(out, raw);
		break;
	case EVENTS_STRUCT:
	case EVENTS_LIST:
	case EVENTS_BODY:
		break; /* have no text of their own */
	}
}

void events_value_words(struct base_buf *out, const struct events_value *value)
{
	struct events_when when;
	struct wire_reader r;
	char text[64];

	wire_read(&r, value->raw);
	if (value->type == EVENTS_BOOL) {
		base_buf_print(out, "%s", base_message(wire_get_bool(&r) ? BASE_WORDS("yes") : BASE_WORDS("no")));
	} else if (value->type == EVENTS_WHEN) {
		when = events_when_read(&r);
		events_when_words(text, &when);
		base_buf_print(out, "%s", text);
	} else if (value->type == EVENTS_PROOF) {
		base_buf_print(out, base_message("%zu bytes"), wire_get_bytes(&r).len);
	} else if (value->type == EVENTS_SOURCE) {
		base_buf_print(out, base_message("%zu bytes"), wire_get_text(&r).len);
	} else if (value->type == EVENTS_LABEL) {
		base_printable(out, wire_get_text(&r));
	} else {
		schema_value_text(out, value->field, value->type, value->raw);
	}
}
