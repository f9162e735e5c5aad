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
