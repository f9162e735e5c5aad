/* One batch is read and verified on all threads while the one before is executed on one of them, and what is stored of the one
 * before that is compared on another. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

#define CACHE_BYTES (256u << 20)

static void run(const struct audit_work *work, void (*fn)(void *arg, size_t i), void *arg, size_t count)
{
	if (work->parallel != NULL) {
		work->parallel(work->context, fn, arg, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		fn(arg, i);
}

struct round {
	struct audit_replay *replay;
	struct audit_batch *reading, *executing;
};

/* Task 0 executes the batch before; task 1 compares the rows of the batch before that, whose place the next batch takes; the
 * others read that next one in pieces. */
static void task(void *arg, size_t i)
{
	struct round *round = arg;

	if (i == 0)
		audit_batch_execute(round->replay, round->executing);
	else if (i == 1)
		audit_rows_check(round->replay, round->reading);
	else
		audit_batch_work(round->replay, round->reading, i - 2);
}

static void note_task(void *arg, size_t i)
{
	struct round *round = arg;

	audit_note_verify(round->replay, &round->executing->notes[i]);
}

static void report_rows(struct audit_replay *r, struct audit_batch *batch)
{
	for (size_t i = 0; i < batch->row_count; i++) {
		const struct audit_row *row = &batch->rows[i];

		if (row->code != BASE_OK)
			audit_deviate(r, AUDIT_STORED, &row->index, "what is stored of the map after block %" PRIu64 ": %s", row->height, row->why);
	}
	batch->row_count = 0;
}

static void check_pair(void *arg, struct base_slice key, struct base_slice value)
{
	struct audit_replay *r = arg;
	struct base_slice stored = {0};
	struct base_error err = {{0}};

	if (r->source->side(r->source->arg, key, &stored, &err) != BASE_OK || !base_slice_equal(value, stored))
		audit_deviate(r, AUDIT_STORED, NULL, "the stored record of %s is not the one that execution gives",
			      base_message(key.data[0] == 1 ? BASE_WORDS("a key's sequence numbers and limits") : BASE_WORDS("what an organisation may still record")));
}

/* The sequence numbers that keys have used, and what may still be recorded, as the ledger would find them when it goes on. */
static void check_side(struct audit_replay *r)
{
	struct state_view view;

	if (r->source->side == NULL || r->state_lost)
		return;
	state_memory_sides(r->memory, check_pair, r);
	state_memory_view(r->memory, &view, NULL, NULL);
	/* A key that has recorded nothing has no record. */
	for (size_t i = 0; i < r->keys.cap; i++) {
		uint8_t key[33] = {1};
		struct base_slice value = {0};
		struct base_error err = {{0}};

		if (!r->keys.slots[i].used)
			continue;
		memcpy(key + 1, r->keys.slots[i].kid.bytes, 32);
		if (view.side_get(view.arg, base_slice(key, sizeof(key)), &value, &err) == BASE_NOT_FOUND &&
		    r->source->side(r->source->arg, base_slice(key, sizeof(key)), &value, &err) != BASE_NOT_FOUND)
			audit_deviate(r, AUDIT_STORED, NULL, "there is a stored record of sequence numbers of a key that has recorded nothing");
	}
}

static enum base_code view_entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	struct audit_replay *r = arg;

	return r->source->entry(r->source->arg, index, bytes, err);
}

static void batches(struct audit_replay *r)
{
	size_t reading = 0;

	for (;;) {
		struct round round = {r, &r->batches[reading], &r->batches[1 - reading]};
		size_t tasks;

		audit_batch_read(r, round.reading);
		if (r->failed != BASE_OK || (round.reading->count == 0 && round.executing->count == 0 && round.reading->row_count == 0))
			return;
		tasks = (round.reading->count + AUDIT_PIECES_A_TASK - 1) / AUDIT_PIECES_A_TASK;
		run(&r->options->work, task, &round, tasks + 2);
		report_rows(r, round.reading);
		audit_batch_settle(r, round.reading);
		run(&r->options->work, note_task, &round, round.executing->note_count);
		audit_notes_report(r, round.executing);
		if (r->options->progress != NULL)
			r->options->progress(r->options->arg, r->report->entries, r->source->size + r->cids.count);
		reading = 1 - reading;
	}
}

enum base_code audit_replay_run(struct audit_replay *r)
{
	enum base_code code = audit_since_begin(r);

	if (code != BASE_OK)
		return code;
	r->report->complete = true;
	r->memory = state_memory_open();
	r->cache = state_cache_open(CACHE_BYTES);
	state_memory_view(r->memory, &r->view, view_entry, r);
	batches(r);
	if (r->failed == BASE_OK) {
		audit_notes_end(r);
		audit_since_end(r);
		check_side(r);
		if (r->block_first != r->source->size)
			audit_deviate(r, AUDIT_CHAIN, NULL, "the ledger does not end with the end of a block");
		if (r->options->payloads != NULL)
			audit_payloads_check(r);
		r->report->size = r->frontier.size;
		r->report->height = r->height;
		r->report->root = proof_frontier_root(&r->frontier);
		code = r->report->deviations == 0 ? BASE_OK : base_fail(r->err, BASE_MISMATCH, "%" PRIu64 " deviations", r->report->deviations);
	} else {
		code = r->failed;
	}
	state_exec_close(r->exec);
	state_cache_close(r->cache);
	state_memory_close(r->memory);
	audit_keys_free(&r->keys);
	audit_batch_free(&r->batches[0]);
	audit_batch_free(&r->batches[1]);
	base_buf_free(&r->origin);
	base_buf_free(&r->outcome);
	free(r->cids.list);
	free(r->destroyed.list);
	audit_contracts_free(&r->contracts);
	return code;
}
