/* Every payload that an event names: there, and the bytes that its CID names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

static void add(struct audit_cids *cids, uint64_t index, const struct wire_cid *cid)
{
	if (cids->count == cids->cap) {
		cids->cap = cids->cap == 0 ? 1024 : cids->cap * 2;
		cids->list = base_realloc(cids->list, cids->cap * sizeof(*cids->list));
	}
	cids->list[cids->count].cid = *cid;
	cids->list[cids->count++].index = index;
}

struct taking {
	struct audit_cids *cids;
	uint64_t index;
};

static bool take_item(void *arg, size_t at, const struct events_item *item)
{
	struct taking *taking = arg;

	(void)at;
	add(taking->cids, taking->index, &item->cid);
	return true;
}

void audit_cids_take(struct audit_cids *cids, uint64_t index, const struct events_event *event)
{
	struct taking taking = {cids, index};
	struct wire_reader r;
	struct wire_cid cid;
	struct base_error ignored;

	if (event->envelope.kind->needs_study)
		events_items(event, take_item, &taking);
	if (event->envelope.sealed.len == 0)
		return;
	wire_read(&r, event->envelope.sealed);
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
		struct base_slice bytes;

		wire_expect_array(&r, 2);
		bytes = wire_get_bytes(&r);
		(void)wire_get_bytes(&r);
		if (!r.failed && wire_cid_parse(&cid, bytes, &ignored) == BASE_OK)
			add(cids, index, &cid);
	}
}

/* ---- What was destroyed -------------------------------------------------- */

void audit_destroyed_take(struct audit_destroyed *destroyed, uint64_t index, const struct chain_entry *entry,
			  const struct events_event *event)
{
	struct state_outcome outcome;
	struct base_error ignored;
	struct wire_reader r;
	bool denied = true;

	if (event->envelope.kind->id != EVENTS_DATA_DESTROYED ||
	    (events_uint(event->envelope.body, 3) & EVENTS_DESTROYED_CIPHERTEXT) == 0)
		return;
	if (state_outcome_decode(&outcome, entry->outcome, &ignored) == BASE_OK) {
		denied = outcome.verdict == STATE_DENY;
		state_outcome_free(&outcome);
	}
	if (denied || !events_find(event->envelope.body, 1, &r))
		return;
	for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--) {
		if (destroyed->count == destroyed->cap) {
			destroyed->cap = destroyed->cap == 0 ? 64 : destroyed->cap * 2;
			destroyed->list = base_realloc(destroyed->list, destroyed->cap * sizeof(*destroyed->list));
		}
		destroyed->list[destroyed->count].item = events_item_id_read(&r);
		destroyed->list[destroyed->count].index = index;
		snprintf(destroyed->list[destroyed->count++].by, sizeof(destroyed->list[0].by), "%.*s", (int)event->cose.issuer.len,
			 (const char *)event->cose.issuer.data);
	}
}

static bool is_destroyed(struct audit_replay *replay, const struct base_hash *event, uint64_t item)
{
	for (size_t i = 0; i < replay->destroyed.count; i++) {
		const struct events_item_id *id = &replay->destroyed.list[i].item;

		if (id->index != item || !base_hash_equal(&id->event, event))
			continue;
		if (replay->report->erased_by[0] == '\0')
			snprintf(replay->report->erased_by, sizeof(replay->report->erased_by), base_message("%s (first in entry #%llu)"),
				 replay->destroyed.list[i].by, (unsigned long long)replay->destroyed.list[i].index);
		return true;
	}
	return false;
}

struct sought {
	const struct wire_cid *cid;
	bool found;
	size_t at;
};

static bool seek_item(void *arg, size_t at, const struct events_item *item)
{
	struct sought *sought = arg;

	sought->found = wire_cid_equal(&item->cid, sought->cid);
	sought->at = at;
	return !sought->found;
}

/* A payload that is not there: an item that a holder destroyed, or what was sealed beside items of which none is left. */
static bool was_erased(struct audit_replay *replay, uint64_t index, const struct wire_cid *cid)
{
	struct sought sought = {cid, false, 0};
	struct base_slice bytes;
	struct chain_entry entry;
	struct events_event event;
	struct base_error ignored;
	size_t count;

	if (replay->destroyed.count == 0 || replay->source->entry(replay->source->arg, index, &bytes, &ignored) != BASE_OK ||
	    chain_entry_decode(&entry, bytes, &ignored) != BASE_OK || entry.type != CHAIN_EVENT ||
	    events_decode(&event, entry.event, &ignored) != BASE_OK)
		return false;
	events_items(&event, seek_item, &sought);
	if (sought.found)
		return is_destroyed(replay, &event.id, sought.at);
	count = events_item_count(&event);
	for (size_t i = 0; i < count; i++)
		if (!is_destroyed(replay, &event.id, i))
			return false;
	return count > 0;
}

struct checking {
	struct audit_replay *replay;
	enum base_code *codes;
	size_t first;
};

static void check_one(void *arg, size_t i)
{
	struct checking *checking = arg;
	struct base_error ignored;
	uint64_t len;

	checking->codes[i] = payload_store_check(checking->replay->options->payloads,
						 &checking->replay->cids.list[checking->first + i].cid, &len, &ignored);
}

void audit_payloads_check(struct audit_replay *replay)
{
	const size_t step = 1024;
	enum base_code *codes = base_alloc(step * sizeof(*codes));

	for (size_t first = 0; first < replay->cids.count; first += step) {
		size_t count = replay->cids.count - first < step ? replay->cids.count - first : step;
		struct checking checking = {replay, codes, first};

		if (replay->options->work.parallel != NULL)
			replay->options->work.parallel(replay->options->work.context, check_one, &checking, count);
		else
			for (size_t i = 0; i < count; i++)
				check_one(&checking, i);
		for (size_t i = 0; i < count; i++) {
			char cid[WIRE_CID_TEXT_BYTES];

			wire_cid_text(cid, &replay->cids.list[first + i].cid);
			if (codes[i] == BASE_OK) {
				replay->report->payloads++;
			} else if (codes[i] == BASE_NOT_FOUND &&
				   was_erased(replay, replay->cids.list[first + i].index, &replay->cids.list[first + i].cid)) {
				replay->report->payloads_erased++;
			} else if (codes[i] == BASE_NOT_FOUND) {
				replay->report->payloads_missing++;
				audit_deviate(replay, AUDIT_PAYLOAD, &replay->cids.list[first + i].index, "the payload %s is not in the store", cid);
			} else {
				audit_deviate(replay, AUDIT_PAYLOAD, &replay->cids.list[first + i].index,
					      "the payload %s is damaged: the stored bytes are not those that its address names", cid);
			}
		}
		if (replay->options->progress != NULL)
			replay->options->progress(replay->options->arg, replay->source->size + first + count,
						  replay->source->size + replay->cids.count);
	}
	free(codes);
}
