/* Postings: layout and metadata.
 *
 * An entry is 16 bytes: term and value, both big-endian, so that the order of
 * bytes is the order of entries. New entries gather in the tail, one small row;
 * a full tail or a large block becomes a run: sorted entries that never change.
 * When RUNS_FAN_OUT runs of about the same size are there, a merge makes one
 * of them, some thousand entries a call. Entries up to its frontier are in the
 * output, later ones still in the inputs: each is found once, and the rows of
 * the inputs are deleted as they are used up.
 *
 * Terms are pieces of hashes, so a run is cut by term into equal buckets of
 * about RUNS_BUCKET entries, and the bucket of a term is computed, not searched
 * for. A bucket is one row; where more entries share it than a row holds (a
 * study's own term), the row is full and the next ones go on.
 * A full row takes exactly 8 pages, so that the room of deleted rows fits new ones.
 *
 * Keys of the table: 0 metadata; 1 tail; else run id (12 bits) || bucket (28) || row (24).
 */
#ifndef LEDGER_STORE_STORE_RUNS_H
#define LEDGER_STORE_STORE_RUNS_H

#include "ledger/store/store.h"

#define RUNS_ENTRY_BYTES 16u
#define RUNS_TAIL_MAX 126u  /* 2,016 bytes: the most that LMDB keeps beside its key */
#define RUNS_ROW_MAX 2046u  /* 32,736 bytes and a page header: 8 pages */
#define RUNS_BUCKET 1800u   /* mean; a row is full 5.8 standard deviations above it */
#define RUNS_FAN_OUT 4u     /* fewer runs to look into than with 8, at two more merges of an entry */
#define RUNS_STEP_MIN 2048u /* entries that one call merges of each job */
#define RUNS_MAX 255u
#define RUNS_JOBS_MAX 31u
#define RUNS_INPUTS_MAX 16u
#define RUNS_ID_MAX 4095u
#define RUNS_BUCKETS_MAX ((UINT32_C(1) << 28) - 1)
#define RUNS_ROWS_MAX UINT64_C(0xffffff)

#define RUNS_KEY_META UINT64_C(0)
#define RUNS_KEY_TAIL UINT64_C(1)

enum store_run_role { RUN_FREE = 0, RUN_INPUT = 1, RUN_OUTPUT = 2 };
struct store_run {
	uint16_t id;
	enum store_run_role role;
	uint8_t job; /* its number, unless free */
	uint32_t buckets;
	uint64_t count; /* entries; of an output: so far */
};
struct store_job {
	uint8_t number; /* 1 .. RUNS_JOBS_MAX */
	uint8_t level;  /* of its inputs */
	bool started;   /* the frontier is set */
	struct store_posting frontier; /* entries up to and with this one are in the output */
};
struct store_runs {
	struct store_run runs[RUNS_MAX];
	size_t run_count;
	struct store_job jobs[RUNS_JOBS_MAX];
	size_t job_count;
};

static inline uint64_t runs_get(const uint8_t *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 |
	       (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
}

static inline struct store_posting runs_entry(const uint8_t *row, size_t i)
{
	const uint8_t *p = row + i * RUNS_ENTRY_BYTES;

	return (struct store_posting){runs_get(p), runs_get(p + 8)};
}

static inline int runs_compare(const struct store_posting *a, const struct store_posting *b)
{
	if (a->term != b->term)
		return a->term < b->term ? -1 : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

static inline uint64_t runs_key(unsigned id, uint64_t bucket, uint64_t row)
{
	return (uint64_t)id << 52 | bucket << 24 | row;
}

static inline uint64_t runs_bucket(uint64_t term, uint32_t buckets)
{
	return ((term >> 32) * buckets) >> 32;
}

/* Size class of a run: runs of one class are merged with each other. */
unsigned runs_level(uint64_t count);
uint32_t runs_buckets(uint64_t count);
struct store_run *runs_output(struct store_runs *runs, const struct store_job *job);
/* Reads the metadata into txn->runs, once in a transaction. */
BASE_MUST_USE enum base_code runs_load(struct store_txn *txn, store_table table, struct base_error *err);
BASE_MUST_USE enum base_code runs_save(struct store_txn *txn, store_table table, struct base_error *err);
BASE_MUST_USE enum base_code runs_damaged(const struct store_txn *txn, struct base_error *err, const char *what);
/* First index of row whose entry is >= at; searched for around guess. */
size_t runs_lower_bound(const uint8_t *row, size_t count, const struct store_posting *at, size_t guess);
/* Writes sorted entries as the rows of a run from (bucket, row 0) on. */
BASE_MUST_USE enum base_code runs_write(struct store_txn *txn, store_table table, const struct store_run *run,
					const struct store_posting *entries, size_t count, struct base_error *err);
/* Merges about budget entries of a job; sets *done when its inputs are used up. */
BASE_MUST_USE enum base_code runs_merge(struct store_txn *txn, store_table table, struct store_job *job, size_t budget, bool *done,
					struct base_error *err);
void store_runs_free(struct store_runs *runs);

#endif
