/* Whether something in force says that an item must be kept. Asked before anything is destroyed, and stricter than the order to
 * erase: whoever the item was ever said to belong to counts, and so does who goes on for whom. */
#include <stdlib.h>
#include <string.h>

#include "cli/custody.h"

#define OWNERS_MAX 64
#define SUCCESSIONS_MAX 32
#define DAY_MS UINT64_C(86400000)

struct owners {
	uint8_t references[OWNERS_MAX][BASE_HASH_BYTES];
	size_t count;
	size_t wanted; /* the item's place in its event */
};

static void add_owner(struct owners *owners, struct base_slice reference)
{
	if (reference.len == BASE_HASH_BYTES && owners->count < OWNERS_MAX)
		memcpy(owners->references[owners->count++], reference.data, BASE_HASH_BYTES);
}

static bool owner_of_item(void *arg, size_t index, const struct events_item *item)
{
	struct owners *owners = arg;

	if (index == owners->wanted)
		add_owner(owners, item->participant);
	return index != owners->wanted;
}

static bool owner_of_fact(void *arg, const struct state_fact *fact)
{
	if (fact->kind == EVENTS_DATA_REASSIGN && events_has(fact->content, 10))
		add_owner(arg, events_bytes(fact->content, 10));
	return true;
}

/* Everybody whose the item was ever said to be, and their other references. */
static enum base_code owners_of(const struct state_view *view, const struct events_event *event, size_t index, struct owners *owners,
				struct base_error *err)
{
	const struct events_item_id item = {event->id, index};
	struct base_buf reference = BASE_BUF_INIT;
	size_t direct;
	enum base_code code;

	*owners = (struct owners){.wanted = index};
	events_items(event, owner_of_item, owners);
	events_item_id_put(&reference, &item);
	code = state_record_walk(view, STATE_ITEM, event->cose.subject, base_buf_slice(&reference), owner_of_fact, owners, err);
	base_buf_free(&reference);
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return code;
	code = BASE_OK;
	direct = owners->count;
	for (size_t i = 0; i < direct && code == BASE_OK; i++) {
		uint8_t same[STATE_SAME_MAX][BASE_HASH_BYTES];
		size_t count = 0;

		code = state_same_person(view, event->cose.subject, owners->references[i], UINT64_MAX, same, &count, err);
		for (size_t n = 0; n < count && code == BASE_OK; n++)
			add_owner(owners, base_slice(same[n], BASE_HASH_BYTES));
	}
	return code;
}

/* ---- Who goes on for whom ---- */

struct succession {
	char name[65];
	bool found;
};

static bool successor_fact(void *arg, const struct state_fact *fact)
{
	struct succession *next = arg;
	struct base_slice name;

	if (fact->kind != EVENTS_ORGANISATION_SUCCEED || !events_has(fact->content, 6))
		return true;
	name = events_text(fact->content, 6);
	if (name.len > 0 && name.len < sizeof(next->name)) {
		snprintf(next->name, sizeof(next->name), "%.*s", (int)name.len, (const char *)name.data);
		next->found = true;
	}
	return true;
}

/* Whether an organisation recorded it, or has taken over from who did. */
static enum base_code is_recorder(const struct state_view *view, const struct events_event *event, struct base_slice organisation, bool *is,
				  struct base_error *err)
{
	const char *slash = memchr(event->cose.issuer.data, '/', event->cose.issuer.len);
	size_t len = slash != NULL ? (size_t)(slash - (const char *)event->cose.issuer.data) : event->cose.issuer.len;
	struct succession now = {.found = true};
	enum base_code code = BASE_OK;

	*is = false;
	snprintf(now.name, sizeof(now.name), "%.*s", (int)len, (const char *)event->cose.issuer.data);
	for (size_t i = 0; i < SUCCESSIONS_MAX && now.found && code == BASE_OK; i++) {
		struct base_buf reference = BASE_BUF_INIT;

		if (base_slice_equal(organisation, base_slice_text(now.name))) {
			*is = true;
			return BASE_OK;
		}
		now.found = false;
		wire_put_cstr(&reference, now.name);
		code = state_record_walk(view, STATE_ORGANISATION, base_slice(NULL, 0), base_buf_slice(&reference), successor_fact, &now, err);
		base_buf_free(&reference);
	}
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* ---- Holds ---- */

#define HOLDS_MAX 2048

struct search {
	const struct state_view *view;
	const struct events_event *event;
	struct events_item_id item;
	struct owners owners;
	struct base_hash lifted[HOLDS_MAX];
	size_t lifted_count;
	struct cli_hold *out;
	uint64_t now;
	struct base_error *err;
	enum base_code code;
};

static bool lists_item(struct base_slice content, const struct events_item_id *id)
{
	struct wire_reader r;
	uint64_t count = events_find(content, 2, &r) ? wire_get_array(&r) : 0;

	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct events_item_id listed = events_item_id_read(&r);

		if (!r.failed && listed.index == id->index && base_hash_equal(&listed.event, &id->event))
			return true;
	}
	return false;
}

static bool lists_owner(struct base_slice content, const struct owners *owners)
{
	struct wire_reader r;
	uint64_t count = events_find(content, 1, &r) ? wire_get_array(&r) : 0;

	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash listed = wire_get_hash(&r);

		for (size_t n = 0; n < owners->count && !r.failed; n++)
			if (memcmp(listed.bytes, owners->references[n], BASE_HASH_BYTES) == 0)
				return true;
	}
	return false;
}

/* A month's last instant is that of its longest. */
static bool has_ended(struct base_slice content, uint64_t now)
{
	struct events_when until;
	struct wire_reader r;

	if (!events_find(content, 3, &r))
		return false;
	until = events_when_read(&r);
	return !r.failed && now >= until.utc_ms + (until.precision == EVENTS_POINT ? 0 : until.precision == EVENTS_DAY ? DAY_MS : 31 * DAY_MS);
}

static bool lift_fact(void *arg, const struct state_fact *fact)
{
	struct search *search = arg;
	struct wire_reader r;
	struct base_hash id;

	if (fact->kind != EVENTS_HOLD_LIFT || !events_find(fact->content, 8, &r))
		return true;
	id = wire_get_hash(&r);
	if (!r.failed && search->lifted_count < HOLDS_MAX)
		search->lifted[search->lifted_count++] = id;
	return true;
}

static bool covers(struct search *search, struct base_slice content)
{
	bool own = false;

	if (lists_item(content, &search->item) || lists_owner(content, &search->owners))
		return true;
	if (events_has(content, 1) || events_has(content, 2))
		return false;
	if (events_has(content, 10))
		return true;
	search->code = is_recorder(search->view, search->event, events_text(content, 9), &own, search->err);
	return own;
}

static bool place_fact(void *arg, const struct state_fact *fact)
{
	struct search *search = arg;
	const struct events_code *basis;
	struct base_slice name;
	struct wire_reader r;
	struct base_hash id;

	if (fact->kind != EVENTS_HOLD_PLACE || !events_find(fact->content, 0, &r))
		return true;
	id = wire_get_hash(&r);
	for (size_t i = 0; i < search->lifted_count; i++)
		if (base_hash_equal(&id, &search->lifted[i]))
			return true;
	if (r.failed || has_ended(fact->content, search->now) || !covers(search, fact->content))
		return search->code == BASE_OK;
	basis = events_code_by_number(events_codes_of(EVENTS_HOLD_BASES), events_uint(fact->content, 4));
	name = events_text(fact->content, 9);
	search->out->found = true;
	base_hex(search->out->id, base_hash_slice(&id));
	snprintf(search->out->organisation, sizeof(search->out->organisation), "%.*s", (int)name.len, (const char *)name.data);
	search->out->basis = basis != NULL ? basis->name : "unknown";
	return false;
}

enum base_code cli_hold_find(struct cli_session *s, const struct events_event *event, size_t index, struct cli_hold *out, struct base_error *err)
{
	struct state_view view;
	struct search *search = base_alloc(sizeof(*search));
	enum base_code code;

	*out = (struct cli_hold){.found = false};
	chain_read_view(s->read, &view);
	search->view = &view;
	search->event = event;
	search->item = (struct events_item_id){event->id, index};
	search->out = out;
	search->now = base_time_now().ms;
	search->err = err;
	code = owners_of(&view, event, index, &search->owners, err);
	if (code == BASE_OK)
		code = state_record_walk(&view, STATE_HOLD, event->cose.subject, base_slice(NULL, 0), lift_fact, search, err);
	if (code == BASE_OK)
		code = state_record_walk(&view, STATE_HOLD, event->cose.subject, base_slice(NULL, 0), place_fact, search, err);
	if (code == BASE_NOT_FOUND) /* no hold was ever placed in the study */
		code = BASE_OK;
	if (code == BASE_OK)
		code = search->code;
	free(search);
	return code;
}
