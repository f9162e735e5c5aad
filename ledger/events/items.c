/* Items that an event brings, and the names by which others refer to them. */
#include "ledger/events/schema.h"

#include <string.h>

struct events_item_id events_item_id_read(struct wire_reader *r)
{
	struct events_item_id item;

	wire_expect_array(r, 2);
	item.event = wire_get_hash(r);
	item.index = wire_get_uint(r);
	return item;
}

void events_item_id_put(struct base_buf *out, const struct events_item_id *item)
{
	wire_put_array(out, 2);
	wire_put_hash(out, &item->event);
	wire_put_uint(out, item->index);
}

void events_item_id_format(char out[EVENTS_ITEM_ID_TEXT_BYTES], const struct events_item_id *item)
{
	base_hex(out, base_hash_slice(&item->event));
	(void)snprintf(out + 64, EVENTS_ITEM_ID_TEXT_BYTES - 64, "#%u", (unsigned)(item->index % 100000));
}

enum base_code events_item_id_parse(struct events_item_id *out, struct base_slice text, struct base_error *err)
{
	const uint8_t *hash = text.len == 0 ? NULL : memchr(text.data, '#', text.len);
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code = BASE_OK;
	uint64_t index;

	if (hash == NULL || hash - text.data != 64 || !base_unhex(&bytes, base_slice(text.data, 64)) ||
	    !base_parse_u64(base_slice(hash + 1, text.len - 65), &index)) {
		code = base_fail(err, BASE_MALFORMED, "not %s", schema_type_name(EVENTS_ITEM));
	} else if (index >= EVENTS_ITEMS_MAX) {
		code = base_fail(err, BASE_MALFORMED, "item %llu; the last of an event is %d",
				 (unsigned long long)index, EVENTS_ITEMS_MAX - 1);
	} else {
		memcpy(out->event.bytes, bytes.data, BASE_HASH_BYTES);
		out->index = index;
	}
	base_buf_free(&bytes);
	return code;
}

/* The member that holds items, whatever the kind calls it. */
static const struct events_field *items_field(const struct events_kind *kind)
{
	for (size_t i = 0; i < kind->body.count; i++)
		if (kind->body.fields[i].of == &events_item_struct)
			return &kind->body.fields[i];
	return NULL;
}

/* Positions r on the first item; returns how many there are. */
static uint64_t items_begin(const struct events_event *event, struct wire_reader *r)
{
	const struct events_field *field = items_field(event->envelope.kind);

	if (field == NULL || !events_find(event->envelope.body, field->key, r))
		return 0;
	return field->type == EVENTS_LIST ? wire_get_array(r) : 1;
}

size_t events_item_count(const struct events_event *event)
{
	struct wire_reader r;

	return (size_t)items_begin(event, &r);
}

static struct events_item item_read(struct wire_reader *r)
{
	struct events_item item;
	size_t from = r->at;
	uint64_t members = wire_get_map(r);

	memset(&item, 0, sizeof(item));
	for (uint64_t i = 0; i < members && !r->failed; i++) {
		switch (wire_get_uint(r)) {
		case 1:
			if (wire_cid_parse(&item.cid, wire_get_bytes(r), NULL) != BASE_OK)
				wire_fail(r, "not a CID");
			break;
		case 2:
			item.commitment = wire_get_hash(r);
			break;
		case 3:
			item.len = wire_get_uint(r);
			break;
		case 4:
			item.category = wire_get_uint(r);
			break;
		case 5:
			item.participant = wire_get_bytes(r);
			break;
		case 6:
			item.has_collected = true;
			item.collected = events_when_read(r);
			break;
		default:
			(void)wire_get_raw(r);
		}
	}
	item.raw = base_slice(r->all.data + from, r->at - from);
	return item;
}

void events_items(const struct events_event *event,
		  bool (*visit)(void *arg, size_t index, const struct events_item *item), void *arg)
{
	struct wire_reader r;
	uint64_t count = items_begin(event, &r);

	for (uint64_t i = 0; i < count; i++) {
		struct events_item item = item_read(&r);

		BASE_ASSERT(!r.failed); /* decoded before */
		if (!visit(arg, (size_t)i, &item))
			return;
	}
}
