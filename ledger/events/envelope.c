/* The payload of an event: docs/formats/event.md §3. Its declaration; from bytes to struct and back. */
#include "ledger/events/schema.h"
#include "ledger/events/envelope.h"

static const struct events_field capacity_fields[] = {
	{.key = 1, .name = "code", .type = EVENTS_CODE, .codes = &events_capacities, .example = "\"own\"",
	 .help = "how the signer acts"},
	{.key = 2, .name = "on_behalf_of", .type = EVENTS_PARTY, .optional = true,
	 .example = "\"hospital-a/pi-01\"",
	 .help = "for whom"},
	{.key = 3, .name = "source", .type = EVENTS_CID, .optional = true, .example = EXAMPLE_CID,
	 .help = "the sealed source record"},
	{.key = 4, .name = "original", .type = EVENTS_WHEN, .optional = true,
	 .example = "\"2026-02-27T16:05:00+01:00\"",
	 .help = "time in the source system"},
};
static const struct events_struct capacity_struct = SCHEMA_STRUCT("capacity", capacity_fields);

static const struct events_field reason_fields[] = {
	{.key = 1, .name = "code", .type = EVENTS_CODE, .codes = &events_reasons, .example = "\"data-entry-error\"",
	 .help = "the reason"},
	{.key = 2, .name = "text", .type = EVENTS_CID, .optional = true, .example = EXAMPLE_CID,
	 .help = "more about it, sealed"},
};
static const struct events_struct reason_struct = {
	.name = "reason", .fields = reason_fields, .count = SCHEMA_COUNT(reason_fields), .positional = true};

static const struct events_field ref_fields[] = {
	{.key = 1, .name = "type", .type = EVENTS_CODE, .codes = &events_ref_types, .example = "\"follows\"",
	 .help = "how this event relates to that one"},
	{.key = 2, .name = "event", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "that event's id"},
};
static const struct events_struct ref_struct = {
	.name = "ref", .fields = ref_fields, .count = SCHEMA_COUNT(ref_fields), .positional = true};

static const struct events_field sealed_fields[] = {
	{.key = 1, .name = "cid", .type = EVENTS_CID, .example = EXAMPLE_CID,
	 .help = "address of the encrypted payload"},
	{.key = 2, .name = "commitment", .type = EVENTS_HASH, .example = EXAMPLE_HASH, .help = "key commitment"},
};
static const struct events_struct sealed_struct = {
	.name = "sealed", .fields = sealed_fields, .count = SCHEMA_COUNT(sealed_fields), .positional = true};

#define KEY_FIRST_OF_DOCUMENT 5
#define DOCUMENT_MEMBERS 6

static const struct events_field envelope_fields[] = {
	{.key = 1, .name = "ledger", .type = EVENTS_HASH, .help = "the ledger's id: no other ledger takes the event"},
	{.key = 2, .name = "kind", .type = EVENTS_KIND, .help = "the kind of event"},
	{.key = 3, .name = "sequence", .type = EVENTS_UINT, .min = 1, .max = UINT64_MAX,
	 .help = "the author's own number of it; each number of a key is used once"},
	{.key = 4, .name = "claimed", .type = EVENTS_TIME, .help = "the author's clock at signing"},
	{.key = 5, .name = "when", .type = EVENTS_WHEN, .example = "\"2026-03-01T09:30:00+01:00\"",
	 .help = "when it happened"},
	{.key = 6, .name = "capacity", .type = EVENTS_STRUCT, .of = &capacity_struct,
	 .help = "how the signer acts, and for whom"},
	{.key = 7, .name = "meaning", .type = EVENTS_CODE, .codes = &events_meanings, .example = "\"authored\"",
	 .help = "what the signature means"},
	{.key = 8, .name = "reason", .type = EVENTS_STRUCT, .optional = true, .of = &reason_struct, .help = "why"},
	{.key = 9, .name = "refs", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .optional = true, .min = 1,
	 .max = EVENTS_REFS_MAX, .of = &ref_struct,
	 .help = "other events that this one is about"},
	{.key = 10, .name = "sealed", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .optional = true, .min = 1,
	 .max = EVENTS_SEALED_MAX, .of = &sealed_struct,
	 .help = "encrypted payloads that belong to the event"},
	{.key = 11, .name = "body", .type = EVENTS_BODY, .help = "what the kind says"},
};
const struct events_struct events_envelope_struct = SCHEMA_STRUCT("event", envelope_fields);
const struct events_struct events_document_struct = {
	.name = "document", .fields = envelope_fields + KEY_FIRST_OF_DOCUMENT - 1, .count = DOCUMENT_MEMBERS};

static struct wire_cid cid_read(struct wire_reader *r)
{
	struct wire_cid cid = {WIRE_RAW, {{0}}};

	if (wire_cid_parse(&cid, wire_get_bytes(r), NULL) != BASE_OK)
		wire_fail(r, "not a CID");
	return cid;
}

static void capacity_read(struct events_capacity *out, struct wire_reader *r)
{
	uint64_t members = wire_get_map(r);

	for (uint64_t i = 0; i < members && !r->failed; i++) {
		switch (wire_get_uint(r)) {
		case 1:
			out->code = wire_get_uint(r);
			break;
		case 2:
			out->on_behalf_of = wire_get_text(r);
			break;
		case 3:
			out->has_source = true;
			out->source = cid_read(r);
			break;
		case 4:
			out->has_original = true;
			out->original = events_when_read(r);
			break;
		default:
			wire_fail(r, "unknown member");
		}
	}
}

static void reason_read(struct events_envelope *out, struct wire_reader *r)
{
	out->has_reason = true;
	wire_expect_array(r, 2);
	out->reason = wire_get_uint(r);
	out->has_reason_text = wire_peek(r) != WIRE_NULL;
	if (out->has_reason_text)
		out->reason_text = cid_read(r);
	else
		wire_get_null(r);
}

static void member_read(struct events_envelope *out, uint64_t key, struct wire_reader *r)
{
	switch (key) {
	case 1:
		out->ledger = wire_get_hash(r);
		break;
	case 2:
		out->kind = events_kind_by_name(wire_get_text(r));
		break;
	case 3:
		out->sequence = wire_get_uint(r);
		break;
	case 4:
		out->claimed.ms = wire_get_uint(r);
		break;
	case 5:
		out->when = events_when_read(r);
		break;
	case 6:
		capacity_read(&out->capacity, r);
		break;
	case 7:
		out->meaning = wire_get_uint(r);
		break;
	case 8:
		reason_read(out, r);
		break;
	case 9:
		out->refs = wire_get_raw(r);
		break;
	case 10:
		out->sealed = wire_get_raw(r);
		break;
	case 11: /* the last: no need to walk over it once more */
		out->body = base_slice(r->all.data + r->at, r->all.len - r->at);
		r->at = r->all.len;
		break;
	default:
		wire_fail(r, "unknown member");
	}
}

void envelope_read(struct events_envelope *out, struct base_slice checked)
{
	struct wire_reader r;
	uint64_t members;

	wire_read(&r, checked);
	members = wire_get_map(&r);
	for (uint64_t i = 0; i < members && !r.failed; i++)
		member_read(out, wire_get_uint(&r), &r);
	BASE_ASSERT(!r.failed); /* checked before */
}

enum base_code envelope_check_reason(const struct events_envelope *envelope, struct base_error *err)
{
	if (!envelope->kind->needs_reason || envelope->has_reason)
		return BASE_OK;
	return base_fail(err, BASE_MALFORMED, "%s: reason: missing; a %s says why", envelope->kind->name,
			 base_message(envelope->kind->words));
}

static void cid_put(struct base_buf *out, const struct wire_cid *cid)
{
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, cid);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
}

static void capacity_put(struct base_buf *out, const struct events_capacity *capacity)
{
	bool on_behalf = capacity->on_behalf_of.len > 0;

	wire_put_map(out, 1u + on_behalf + capacity->has_source + capacity->has_original);
	wire_put_uint(out, 1);
	wire_put_uint(out, capacity->code);
	if (on_behalf) {
		wire_put_uint(out, 2);
		wire_put_text(out, capacity->on_behalf_of);
	}
	if (capacity->has_source) {
		wire_put_uint(out, 3);
		cid_put(out, &capacity->source);
	}
	if (capacity->has_original) {
		wire_put_uint(out, 4);
		events_when_put(out, &capacity->original);
	}
}

static void reason_put(struct base_buf *out, const struct events_envelope *envelope)
{
	wire_put_uint(out, 8);
	wire_put_array(out, 2);
	wire_put_uint(out, envelope->reason);
	if (envelope->has_reason_text)
		cid_put(out, &envelope->reason_text);
	else
		wire_put_null(out);
}

void events_envelope_encode(struct base_buf *out, const struct events_envelope *envelope)
{
	bool refs = envelope->refs.len > 0, sealed = envelope->sealed.len > 0;

	wire_put_map(out, 8u + envelope->has_reason + refs + sealed);
	wire_put_uint(out, 1);
	wire_put_hash(out, &envelope->ledger);
	wire_put_uint(out, 2);
	wire_put_cstr(out, envelope->kind->name);
	wire_put_uint(out, 3);
	wire_put_uint(out, envelope->sequence);
	wire_put_uint(out, 4);
	wire_put_uint(out, envelope->claimed.ms);
	wire_put_uint(out, 5);
	events_when_put(out, &envelope->when);
	wire_put_uint(out, 6);
	capacity_put(out, &envelope->capacity);
	wire_put_uint(out, 7);
	wire_put_uint(out, envelope->meaning);
	if (envelope->has_reason)
		reason_put(out, envelope);
	if (refs) {
		wire_put_uint(out, 9);
		base_buf_append(out, envelope->refs);
	}
	if (sealed) {
		wire_put_uint(out, 10);
		base_buf_append(out, envelope->sealed);
	}
	wire_put_uint(out, 11);
	base_buf_append(out, envelope->body);
}
