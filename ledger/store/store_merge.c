/* Merging runs, a piece at a time. Reads first and writes afterwards: a write
 * may move what LMDB has lent. A piece ends where a row of the output ends, so
 * that no row is ever written twice. */
#include "ledger/store/store_internal.h"
#include "ledger/store/store_runs.h"

#include <stdlib.h>
#include <string.h>

struct input {
	const struct store_run *run;
	MDB_cursor *cursor;
	uint64_t key; /* of the row */
	const uint8_t *row;
	size_t count, at;
	struct store_posting entry; /* at */
	bool end;
};
struct piece {
	struct store_txn *txn;
	store_table table;
	struct store_job *job;
	struct store_run *output;
	struct input inputs[RUNS_INPUTS_MAX];
	size_t input_count;
	struct base_buf out;       /* rows of the output, one after the other */
	uint64_t *keys;            /* of those rows */
	size_t *counts;            /* and their entries */
	size_t row_count, row_cap;
	uint64_t *used_up;         /* keys of rows of the inputs */
	size_t used_count, used_cap;
	struct base_error *err;
};

static void entry_append(struct base_buf *out, const struct store_posting *entry)
{
	uint8_t bytes[RUNS_ENTRY_BYTES];

	base_put_u64be(bytes, entry->term);
	base_put_u64be(bytes + 8, entry->value);
	base_buf_append(out, base_slice(bytes, sizeof(bytes)));
}

enum base_code runs_write(struct store_txn *txn, store_table table, const struct store_run *run, const struct store_posting *entries,
			  size_t count, struct base_error *err)
{
	struct base_buf row = BASE_BUF_INIT;
	enum base_code code = BASE_OK;
	uint64_t bucket = 0;
	uint64_t number = 0;

	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		uint64_t next = i + 1 < count ? runs_bucket(entries[i + 1].term, run->buckets) : UINT64_MAX;

		bucket = runs_bucket(entries[i].term, run->buckets);
		entry_append(&row, &entries[i]);
		if (next == bucket && row.len < (size_t)RUNS_ROW_MAX * RUNS_ENTRY_BYTES)
			continue;
		code = store_put_u64(txn, table, runs_key(run->id, bucket, number), base_buf_slice(&row), err);
		row.len = 0;
		number = next == bucket ? number + 1 : 0;
	}
	base_buf_free(&row);
	return code;
}

/* ---- Inputs ------------------------------------------------------------- */

/* Steps to the row that the cursor finds; one of another run is the end. */
static enum base_code input_row(struct piece *piece, struct input *in, MDB_cursor_op op, uint64_t from)
{
	MDB_val key = {sizeof(from), &from};
	MDB_val row;
	int rc = mdb_cursor_get(in->cursor, &key, &row, op);

	if (rc != 0 && rc != MDB_NOTFOUND)
		return store_fail_lmdb(piece->err, piece->txn->store->path, rc, "merge");
	if (rc == 0)
		memcpy(&in->key, key.mv_data, sizeof(in->key));
	in->end = rc != 0 || in->key >> 52 != in->run->id;
	if (in->end)
		return BASE_OK;
	in->row = row.mv_data;
	in->count = row.mv_size / RUNS_ENTRY_BYTES;
	in->at = 0;
	if (in->count == 0 || in->count > RUNS_ROW_MAX || row.mv_size % RUNS_ENTRY_BYTES != 0)
		return runs_damaged(piece->txn, piece->err, "a row has a wrong size");
	in->entry = runs_entry(in->row, 0);
	return BASE_OK;
}

static void row_used_up(struct piece *piece, uint64_t key)
{
	if (piece->used_count == piece->used_cap) {
		piece->used_cap = piece->used_cap == 0 ? 16 : piece->used_cap * 2;
		piece->used_up = base_realloc(piece->used_up, piece->used_cap * sizeof(*piece->used_up));
	}
	piece->used_up[piece->used_count++] = key;
}

static enum base_code input_next(struct piece *piece, struct input *in)
{
	if (++in->at < in->count) {
		in->entry = runs_entry(in->row, in->at);
		return BASE_OK;
	}
	row_used_up(piece, in->key);
	return input_row(piece, in, MDB_NEXT, 0);
}

/* The first entry after the frontier. Rows before it were deleted when they were used up. */
static enum base_code input_begin(struct piece *piece, struct input *in)
{
	const struct store_posting *frontier = &piece->job->frontier;
	enum base_code code;
	int rc;

	if ((rc = mdb_cursor_open(piece->txn->mdb, piece->txn->store->dbi[piece->table], &in->cursor)) != 0)
		return store_fail_lmdb(piece->err, piece->txn->store->path, rc, "merge");
	if ((code = input_row(piece, in, MDB_SET_RANGE, runs_key(in->run->id, 0, 0))) != BASE_OK || !piece->job->started)
		return code;
	while (code == BASE_OK && !in->end && runs_compare(&in->entry, frontier) <= 0) {
		in->at = runs_lower_bound(in->row, in->count, frontier, in->count / 2);
		if (in->at < in->count) {
			in->entry = runs_entry(in->row, in->at);
			if (runs_compare(&in->entry, frontier) > 0)
				break;
		} else {
			in->at = in->count - 1;
		}
		/* Past the frontier itself, or past a row that lies before it. */
		code = input_next(piece, in);
	}
	return code;
}

/* ---- One piece ---------------------------------------------------------- */

static void output_row(struct piece *piece, uint64_t bucket, uint64_t number, size_t count)
{
	if (piece->row_count == piece->row_cap) {
		piece->row_cap = piece->row_cap == 0 ? 16 : piece->row_cap * 2;
		piece->keys = base_realloc(piece->keys, piece->row_cap * sizeof(*piece->keys));
		piece->counts = base_realloc(piece->counts, piece->row_cap * sizeof(*piece->counts));
	}
	piece->keys[piece->row_count] = runs_key(piece->output->id, bucket, number);
	piece->counts[piece->row_count++] = count;
}

static struct input *smallest(struct piece *piece)
{
	struct input *best = NULL;

	for (size_t i = 0; i < piece->input_count; i++) {
		struct input *in = &piece->inputs[i];

		if (!in->end && (best == NULL || runs_compare(&in->entry, &best->entry) < 0))
			best = in;
	}
	return best;
}

/* Where in its bucket the frontier stands: rows of a bucket that is not finished are full, so the number is a quotient. */
static enum base_code output_resume(struct piece *piece, uint64_t *bucket, uint64_t *number)
{
	uint64_t last = 0;
	struct base_slice row = {NULL, 0};

	*bucket = 0;
	*number = 0;
	if (!piece->job->started)
		return BASE_OK;
	if (store_floor_u64(piece->txn, piece->table, runs_key(piece->output->id, RUNS_BUCKETS_MAX, RUNS_ROWS_MAX), &last, &row) !=
		    BASE_OK ||
	    last >> 52 != piece->output->id)
		return runs_damaged(piece->txn, piece->err, "a row is missing");
	*bucket = last >> 24 & RUNS_BUCKETS_MAX;
	*number = (last & RUNS_ROWS_MAX) + 1;
	return BASE_OK;
}

static enum base_code piece_read(struct piece *piece, size_t budget)
{
	uint64_t bucket, number;
	size_t in_row = 0;
	size_t taken = 0;
	enum base_code code = output_resume(piece, &bucket, &number);
	struct input *in;

	while (code == BASE_OK && (in = smallest(piece)) != NULL) {
		struct store_posting entry = in->entry;
		uint64_t its_bucket = runs_bucket(entry.term, piece->output->buckets);

		if (in_row > 0 && (its_bucket != bucket || in_row == RUNS_ROW_MAX)) {
			output_row(piece, bucket, number++, in_row);
			in_row = 0;
			if (taken >= budget)
				break;
		}
		if (its_bucket != bucket)
			number = 0;
		bucket = its_bucket;
		if (piece->out.len == 0 || runs_compare(&piece->job->frontier, &entry) != 0) {
			entry_append(&piece->out, &entry);
			in_row++;
			taken++;
		}
		piece->job->frontier = entry;
		code = input_next(piece, in);
	}
	if (in_row > 0)
		output_row(piece, bucket, number, in_row);
	return code;
}

static enum base_code piece_write(struct piece *piece)
{
	enum base_code code = BASE_OK;
	size_t at = 0;

	for (size_t i = 0; i < piece->used_count && code == BASE_OK; i++)
		code = store_delete_u64(piece->txn, piece->table, piece->used_up[i], piece->err);
	for (size_t i = 0; i < piece->row_count && code == BASE_OK; i++) {
		size_t bytes = piece->counts[i] * RUNS_ENTRY_BYTES;

		code = store_put_u64(piece->txn, piece->table, piece->keys[i], base_slice(piece->out.data + at, bytes),
				     piece->err);
		at += bytes;
		piece->output->count += piece->counts[i];
	}
	if (piece->row_count > 0)
		piece->job->started = true;
	return code;
}

enum base_code runs_merge(struct store_txn *txn, store_table table, struct store_job *job, size_t budget, bool *done,
			  struct base_error *err)
{
	struct piece piece = {.txn = txn, .table = table, .job = job, .out = BASE_BUF_INIT, .err = err};
	enum base_code code = BASE_OK;

	piece.output = runs_output(txn->runs, job);
	for (size_t i = 0; i < txn->runs->run_count && code == BASE_OK; i++) {
		const struct store_run *run = &txn->runs->runs[i];

		if (run->role != RUN_INPUT || run->job != job->number)
			continue;
		if (piece.input_count == RUNS_INPUTS_MAX) {
			code = runs_damaged(txn, err, "too many inputs of a merge");
			break;
		}
		piece.inputs[piece.input_count].run = run;
		code = input_begin(&piece, &piece.inputs[piece.input_count++]);
	}
	if (code == BASE_OK)
		code = piece_read(&piece, budget);
	for (size_t i = 0; i < piece.input_count; i++)
		if (piece.inputs[i].cursor != NULL)
			mdb_cursor_close(piece.inputs[i].cursor);
	*done = smallest(&piece) == NULL;
	if (code == BASE_OK)
		code = piece_write(&piece);
	base_buf_free(&piece.out);
	free(piece.keys);
	free(piece.counts);
	free(piece.used_up);
	return code;
}
