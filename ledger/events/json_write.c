/* CBOR that was checked, to JSON: docs/json.md. */
#include "ledger/events/json.h"
#include "ledger/events/envelope.h"

#include <stdlib.h>
#include <string.h>

static json_t *write_value(const struct events_field *field, enum events_type type, const struct events_kind *kind,
			   struct wire_reader *r);

static json_t *must(json_t *json)
{
	BASE_ASSERT(json != NULL); /* no memory, or bytes that were not checked */
	return json;
}

static void set(json_t *object, const char *name, json_t *value)
{
	BASE_ASSERT(json_object_set_new(object, name, must(value)) == 0);
}

static json_t *text(struct base_slice bytes)
{
	return must(json_stringn(bytes.len == 0 ? "" : (const char *)bytes.data, bytes.len));
}

static json_t *hex(struct base_slice bytes)
{
	char digits[2 * 64 + 1];

	BASE_ASSERT(bytes.len <= 64);
	base_hex(digits, bytes);
	return must(json_string(digits));
}

static json_t *write_uint(uint64_t v)
{
	char digits[24];

	if (v <= INT64_MAX)
		return must(json_integer((json_int_t)v));
	(void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	return must(json_string(digits));
}

static json_t *write_public(struct base_slice raw)
{
	json_t *object = must(json_object());
	struct keys_public key;
	enum base_code code = keys_public_parse(&key, raw, NULL);

	BASE_ASSERT(code == BASE_OK);
	set(object, "purpose", json_string(keys_purpose_name(key.purpose)));
	set(object, "alg", json_string(keys_alg_name(key.alg)));
	set(object, "hex", hex(base_slice(key.bytes, key.len)));
	return object;
}

static json_t *write_list(const struct events_field *field, const struct events_kind *kind, struct wire_reader *r)
{
	json_t *list = must(json_array());
	uint64_t count = wire_get_array(r);

	for (uint64_t i = 0; i < count; i++)
		BASE_ASSERT(json_array_append_new(list, write_value(field, field->element, kind, r)) == 0);
	return list;
}

static json_t *write_value(const struct events_field *field, enum events_type type, const struct events_kind *kind,
			   struct wire_reader *r)
{
	struct base_buf buf = BASE_BUF_INIT;
	json_t *json;

	if (type == EVENTS_UINT)
		return write_uint(wire_get_uint(r));
	if (type == EVENTS_BOOL)
		return must(json_boolean(wire_get_bool(r)));
	if (type == EVENTS_STRUCT)
		return json_write_struct(field->of, kind, r);
	if (type == EVENTS_BODY)
		return json_write_struct(&kind->body, kind, r);
	if (type == EVENTS_LIST)
		return write_list(field, kind, r);
	if (type == EVENTS_PUBLIC)
		return write_public(wire_get_raw(r));
	schema_value_text(&buf, field, type, wire_get_raw(r));
	json = text(base_buf_slice(&buf));
	base_buf_free(&buf);
	return json;
}

json_t *json_write_struct(const struct events_struct *of, const struct events_kind *kind, struct wire_reader *r)
{
	json_t *object = must(json_object());
	uint64_t members = of->positional ? wire_get_array(r) : wire_get_map(r);

	for (uint64_t i = 0; i < members; i++) {
		const struct events_field *field = schema_field_by_key(of, of->positional ? i + 1 : wire_get_uint(r));

		BASE_ASSERT(field != NULL && !r->failed);
		if (of->positional && wire_peek(r) == WIRE_NULL)
			wire_get_null(r);
		else
			set(object, field->name, write_value(field, field->type, kind, r));
	}
	return object;
}

void events_to_json(struct base_buf *out, const struct events_event *event)
{
	const struct events_kind *kind = event->envelope.kind;
	json_t *object = must(json_object()), *payload;
	struct wire_reader r;
	char *line;

	/* The payload's members follow in order of their keys; kind keeps the place that it gets here. */
	set(object, "id", hex(base_hash_slice(&event->id)));
	set(object, "kind", json_string(kind->name));
	set(object, kind->needs_study ? "study" : "origin", text(event->cose.subject));
	set(object, "issuer", text(event->cose.issuer));
	set(object, "key", hex(event->cose.kid));
	wire_read(&r, event->cose.payload);
	payload = json_write_struct(&events_envelope_struct, kind, &r);
	BASE_ASSERT(json_object_update(object, payload) == 0);
	line = json_dumps(object, JSON_COMPACT);
	BASE_ASSERT(line != NULL);
	base_buf_append(out, base_slice_text(line));
	free(line);
	json_decref(payload);
	json_decref(object);
}
