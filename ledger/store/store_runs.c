#include "ledger/store/store_internal.h"
#include "ledger/store/store_runs.h"

#include <stdlib.h>
#include <string.h>

/* ---- Metadata ----------------------------------------------------------- */

#define META_VERSION 1
#define META_HEADER_BYTES 4u /* version u8, jobs u8, runs u16 */
#define META_RUN_BYTES 16u   /* id u16, role u8, job u8, buckets u32, count u64 */
#define META_JOB_BYTES 20u   /* number u8, level u8, started u8, 0, frontier term u64, value u64 */

void store_runs_free(struct store_runs *runs)
{
	free(runs);
}

enum base_code runs_damaged(const struct store_txn *txn, struct base_error *err, const char *what)
{
	(void)base_fail(err, BASE_STORAGE, "%s: the index is damaged (%s); rebuild it from the entries (restore)",
			txn->store->path, base_message(what));
	return BASE_STORAGE;
}

unsigned runs_level(uint64_t count)
{
	unsigned level = 0;

	for (uint64_t size = (uint64_t)RUNS_TAIL_MAX * RUNS_FAN_OUT; size <= count && level < 63; size *= RUNS_FAN_OUT) {
		level++;
		if (size > UINT64_MAX / RUNS_FAN_OUT)
			break;
	}
	return level;
}

uint32_t runs_buckets(uint64_t count)
{
	uint64_t buckets = count <= RUNS_ROW_MAX ? 1 : (count + RUNS_BUCKET - 1) / RUNS_BUCKET;

	return buckets > RUNS_BUCKETS_MAX ? RUNS_BUCKETS_MAX : (uint32_t)buckets;
}

static struct store_job *job_numbered(struct store_runs *runs, unsigned number)
{
	for (size_t i = 0; i < runs->job_count; i++)
		if (runs->jobs[i].number == number)
			return &runs->jobs[i];
	return NULL;
}

struct store_run *runs_output(struct store_runs *runs, const struct store_job *job)
{
	for (size_t i = 0; i < runs->run_count; i++)
		if (runs->runs[i].role == RUN_OUTPUT && runs->runs[i].job == job->number)
			return &runs->runs[i];
	BASE_ASSERT(false);
	return NULL;
}

static bool run_decode(struct store_runs *runs, struct store_run *run, const uint8_t *p)
{
	run->id = base_get_u16be(p);
	run->role = p[2] == 0 ? RUN_FREE : p[2] == 1 ? RUN_INPUT : RUN_OUTPUT;
	run->job = p[3];
	run->buckets = base_get_u32be(p + 4);
	run->count = base_get_u64be(p + 8);
	return run->id > 0 && run->id <= RUNS_ID_MAX && p[2] <= 2 && run->buckets > 0 && run->buckets <= RUNS_BUCKETS_MAX &&
	       (run->role == RUN_FREE ? run->job == 0 : job_numbered(runs, run->job) != NULL);
}

static bool meta_decode(struct store_runs *runs, struct base_slice row)
{
	const uint8_t *p = row.data + META_HEADER_BYTES;
	unsigned outputs[RUNS_JOBS_MAX + 1] = {0};

	if (row.len < META_HEADER_BYTES || row.data[0] != META_VERSION || row.data[1] > RUNS_JOBS_MAX ||
	    base_get_u16be(row.data + 2) > RUNS_MAX)
		return false;
	runs->job_count = row.data[1];
	runs->run_count = base_get_u16be(row.data + 2);
	if (row.len != META_HEADER_BYTES + runs->job_count * META_JOB_BYTES + runs->run_count * META_RUN_BYTES)
		return false;
	for (size_t i = 0; i < runs->job_count; i++, p += META_JOB_BYTES) {
		runs->jobs[i] = (struct store_job){
			p[0], p[1], p[2] != 0, {base_get_u64be(p + 4), base_get_u64be(p + 12)}};
		if (p[0] == 0 || p[0] > RUNS_JOBS_MAX)
			return false;
	}
	for (size_t i = 0; i < runs->run_count; i++, p += META_RUN_BYTES) {
		if (!run_decode(runs, &runs->runs[i], p))
			return false;
		if (runs->runs[i].role == RUN_OUTPUT)
			outputs[runs->runs[i].job]++;
	}
	for (size_t i = 0; i < runs->job_count; i++)
		if (outputs[runs->jobs[i].number] != 1)
			return false;
	return true;
}

enum base_code runs_load(struct store_txn *txn, store_table table, struct base_error *err)
{
	struct base_slice row;
	enum base_code code;

	BASE_ASSERT(table < txn->store->count && txn->store->tables[table].integer_keys);
	if (txn->runs != NULL && txn->runs_table == table)
		return BASE_OK;
	free(txn->runs);
	txn->runs = base_alloc(sizeof(*txn->runs));
	txn->runs_table = table;
	code = store_get_u64(txn, table, RUNS_KEY_META, &row);
	if (code == BASE_NOT_FOUND)
		return BASE_OK;
	if (code != BASE_OK || !meta_decode(txn->runs, row)) {
		free(txn->runs);
		txn->runs = NULL;
		return runs_damaged(txn, err, "its list of runs");
	}
	return BASE_OK;
}

enum base_code runs_save(struct store_txn *txn, store_table table, struct base_error *err)
{
	const struct store_runs *runs = txn->runs;
	uint8_t row[META_HEADER_BYTES + RUNS_JOBS_MAX * META_JOB_BYTES + RUNS_MAX * META_RUN_BYTES] = {0};
	uint8_t *p = row + META_HEADER_BYTES;

	row[0] = META_VERSION;
	row[1] = (uint8_t)runs->job_count;
	base_put_u16be(row + 2, (uint16_t)runs->run_count);
	for (size_t i = 0; i < runs->job_count; i++, p += META_JOB_BYTES) {
		p[0] = runs->jobs[i].number;
		p[1] = runs->jobs[i].level;
		p[2] = runs->jobs[i].started;
		base_put_u64be(p + 4, runs->jobs[i].frontier.term);
		base_put_u64be(p + 12, runs->jobs[i].frontier.value);
	}
	for (size_t i = 0; i < runs->run_count; i++, p += META_RUN_BYTES) {
		base_put_u16be(p, runs->runs[i].id);
		p[2] = (uint8_t)runs->runs[i].role;
		p[3] = runs->runs[i].job;
		base_put_u32be(p + 4, runs->runs[i].buckets);
		base_put_u64be(p + 8, runs->runs[i].count);
	}
	return store_put_u64(txn, table, RUNS_KEY_META, base_slice(row, (size_t)(p - row)), err);
}

/* ---- Adding ------------------------------------------------------------- */

static int posting_compare(const void *a, const void *b)
{
	return runs_compare(a, b);
}

static size_t sort_unique(struct store_posting *entries, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(entries, count, sizeof(*entries), posting_compare);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || runs_compare(&entries[kept - 1], &entries[i]) != 0)
			entries[kept++] = entries[i];
	}
	return kept;
}

static unsigned id_unused(const struct store_runs *runs)
{
	for (unsigned id = 1;; id++) {
		bool used = false;

		for (size_t i = 0; i < runs->run_count; i++)
			used = used || runs->runs[i].id == id;
		if (!used)
			return id; /* there are fewer runs than ids */
	}
}

static struct store_run *run_new(struct store_runs *runs, uint64_t count)
{
	struct store_run *run = &runs->runs[runs->run_count];

	*run = (struct store_run){.id = (uint16_t)id_unused(runs), .buckets = runs_buckets(count)};
	runs->run_count++;
	return run;
}

/* The tail and the new entries together: as the tail if they fit, else as a run. */
static enum base_code tail_add(struct store_txn *txn, store_table table, const struct store_posting *postings, size_t count,
			       struct base_error *err)
{
	struct base_slice tail = {NULL, 0};
	struct store_posting *all;
	struct store_run *run;
	enum base_code code = store_get_u64(txn, table, RUNS_KEY_TAIL, &tail);
	size_t old;

	if ((code != BASE_OK && code != BASE_NOT_FOUND) || tail.len % RUNS_ENTRY_BYTES != 0 ||
	    tail.len > (size_t)RUNS_TAIL_MAX * RUNS_ENTRY_BYTES)
		return runs_damaged(txn, err, "its tail");
	old = tail.len / RUNS_ENTRY_BYTES;
	if (old + count > RUNS_TAIL_MAX && txn->runs->run_count == RUNS_MAX)
		return runs_damaged(txn, err, "too many runs");
	all = base_alloc((old + count) * sizeof(*all));
	for (size_t i = 0; i < old; i++)
		all[i] = runs_entry(tail.data, i);
	memcpy(all + old, postings, count * sizeof(*all));
	count = sort_unique(all, old + count);
	if (count <= RUNS_TAIL_MAX) {
		uint8_t row[RUNS_TAIL_MAX * RUNS_ENTRY_BYTES];

		for (size_t i = 0; i < count; i++) {
			base_put_u64be(row + i * RUNS_ENTRY_BYTES, all[i].term);
			base_put_u64be(row + i * RUNS_ENTRY_BYTES + 8, all[i].value);
		}
		code = store_put_u64(txn, table, RUNS_KEY_TAIL, base_slice(row, count * RUNS_ENTRY_BYTES), err);
	} else {
		run = run_new(txn->runs, count);
		run->count = count;
		if ((code = runs_write(txn, table, run, all, count, err)) == BASE_OK)
			code = store_put_u64(txn, table, RUNS_KEY_TAIL, base_slice("", 0), err);
	}
	free(all);
	return code;
}

/* Starts a merge wherever RUNS_FAN_OUT runs of one level lie idle and none of that level is under way. */
static void jobs_start(struct store_runs *runs)
{
	for (unsigned level = 0; level < 64; level++) {
		size_t idle = 0;
		uint64_t total = 0;
		unsigned number = 1;
		bool busy = false;

		for (size_t i = 0; i < runs->run_count; i++)
			idle += runs->runs[i].role == RUN_FREE && runs_level(runs->runs[i].count) == level;
		for (size_t i = 0; i < runs->job_count; i++)
			busy = busy || runs->jobs[i].level == level;
		if (busy || idle < RUNS_FAN_OUT || runs->job_count == RUNS_JOBS_MAX || runs->run_count == RUNS_MAX)
			continue;
		while (job_numbered(runs, number) != NULL)
			number++;
		idle = 0;
		for (size_t i = 0; i < runs->run_count && idle < RUNS_INPUTS_MAX; i++) {
			if (runs->runs[i].role != RUN_FREE || runs_level(runs->runs[i].count) != level)
				continue;
			runs->runs[i].role = RUN_INPUT;
			runs->runs[i].job = (uint8_t)number;
			total += runs->runs[i].count;
			idle++;
		}
		runs->jobs[runs->job_count++] = (struct store_job){.number = (uint8_t)number, .level = (uint8_t)level};
		struct store_run *output = run_new(runs, total);

		output->role = RUN_OUTPUT;
		output->job = (uint8_t)number;
	}
}

static void job_finish(struct store_runs *runs, size_t at)
{
	unsigned number = runs->jobs[at].number;
	size_t kept = 0;

	for (size_t i = 0; i < runs->run_count; i++) {
		struct store_run *run = &runs->runs[i];

		if (run->job == number && run->role == RUN_INPUT)
			continue;
		if (run->job == number) {
			run->role = RUN_FREE;
			run->job = 0;
		}
		runs->runs[kept++] = *run;
	}
	runs->run_count = kept;
	runs->jobs[at] = runs->jobs[--runs->job_count];
}

static enum base_code postings_add(struct store_txn *txn, store_table table, struct store_posting *postings, size_t count,
				   struct base_error *err)
{
	enum base_code code;
	/* Twice what comes in: a merge ends before its level fills up again. */
	size_t budget = count * 2 > RUNS_STEP_MIN ? count * 2 : RUNS_STEP_MIN;

	if ((code = runs_load(txn, table, err)) != BASE_OK)
		return code;
	count = sort_unique(postings, count);
	if (count == 0 && txn->runs->job_count == 0)
		return BASE_OK;
	if (count > 0 && (code = tail_add(txn, table, postings, count, err)) != BASE_OK)
		return code;
	jobs_start(txn->runs);
	for (size_t i = txn->runs->job_count; i-- > 0;) {
		bool done = false;

		if ((code = runs_merge(txn, table, &txn->runs->jobs[i], budget, &done, err)) != BASE_OK)
			return code;
		if (done)
			job_finish(txn->runs, i);
	}
	return runs_save(txn, table, err);
}

enum base_code store_postings_add(struct store_txn *txn, store_table table, struct store_posting *postings, size_t count,
				  struct base_error *err)
{
	enum base_code code = postings_add(txn, table, postings, count, err);

	/* Whatever failed, the index is between two states now. */
	if (code != BASE_OK && txn->broken == BASE_OK)
		txn->broken = code;
	return code;
}

/* ---- Finding ------------------------------------------------------------ */

size_t runs_lower_bound(const uint8_t *row, size_t count, const struct store_posting *at, size_t guess)
{
	struct store_posting probe;
	size_t low = 0; /* everything before is smaller */
	size_t high = count;
	size_t step = 8; /* half the usual error of the guess, and two lines of the cache */

	if (count == 0)
		return 0;
	guess = guess < count ? guess : count - 1;
	probe = runs_entry(row, guess);
	if (runs_compare(&probe, at) < 0) {
		for (low = guess + 1; low + step < high; step *= 2) {
			probe = runs_entry(row, low + step);
			if (runs_compare(&probe, at) >= 0)
				break;
			low += step + 1;
		}
		high = low + step < high ? low + step : high;
	} else {
		for (high = guess; high > step; step *= 2) {
			probe = runs_entry(row, high - step);
			if (runs_compare(&probe, at) < 0)
				break;
			high -= step;
		}
		low = high > step ? high - step + 1 : 0;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		probe = runs_entry(row, middle);
		if (runs_compare(&probe, at) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct found {
	uint64_t **values;
	size_t *count;
	size_t before; /* what the caller had in *values */
	size_t limit;
	size_t cap;
};

static void found_add(struct found *found, uint64_t value)
{
	if (*found->count == found->cap) {
		found->cap = found->cap < 8 ? 8 : found->cap * 2;
		*found->values = base_realloc(*found->values, found->cap * sizeof(uint64_t));
	}
	(*found->values)[(*found->count)++] = value;
}

/* The row of a run where a term would be. Terms are spread evenly, so that where in its bucket the term lies says where
 * in the row to look: the memory is asked for while the rows of the other runs are looked up. */
struct probe {
	const struct store_run *run;
	uint64_t key;
	const uint8_t *row;
	size_t entries, guess;
};

/* Adds the values of term in one row; false when the next row of the bucket may go on. */
static bool row_find(struct found *found, const uint8_t *row, size_t entries, size_t guess, uint64_t term, size_t *from_this)
{
	struct store_posting at = {term, 0};

	for (size_t i = runs_lower_bound(row, entries, &at, guess); i < entries; i++) {
		struct store_posting entry = runs_entry(row, i);

		if (entry.term != term || (found->limit > 0 && *from_this == found->limit))
			return true;
		found_add(found, entry.value);
		(*from_this)++;
	}
	return entries < RUNS_ROW_MAX;
}

/* Rows first..last of a bucket: the first whose last entry is >= term, by halving. */
static enum base_code rows_search(struct store_txn *txn, store_table table, uint64_t *first, uint64_t last, uint64_t term,
				  struct base_error *err)
{
	while (*first < last) {
		uint64_t middle = *first + (last - *first) / 2;
		struct base_slice row;

		if (store_get_u64(txn, table, middle, &row) != BASE_OK || row.len < RUNS_ENTRY_BYTES)
			return runs_damaged(txn, err, "a row is missing");
		if (runs_entry(row.data, row.len / RUNS_ENTRY_BYTES - 1).term < term)
			*first = middle + 1;
		else
			last = middle;
	}
	return BASE_OK;
}

/* entries is 0 if the bucket has no rows. */
static enum base_code probe_row(struct store_txn *txn, store_table table, struct probe *probe, uint64_t from, uint64_t last,
				MDB_cursor_op op, struct base_error *err)
{
	MDB_val key = {sizeof(from), &from};
	MDB_val row;
	MDB_cursor *cursor;
	int rc;

	probe->entries = 0;
	if ((rc = store_cursor(txn, table, &cursor)) == 0)
		rc = mdb_cursor_get(cursor, &key, &row, op);
	if (rc == MDB_NOTFOUND)
		return BASE_OK;
	if (rc != 0)
		return store_fail_lmdb(err, txn->store->path, rc, "look up");
	memcpy(&probe->key, key.mv_data, sizeof(probe->key));
	if (probe->key > last)
		return BASE_OK;
	probe->row = row.mv_data;
	probe->entries = row.mv_size / RUNS_ENTRY_BYTES;
	if (probe->entries == 0 || probe->entries > RUNS_ROW_MAX || row.mv_size % RUNS_ENTRY_BYTES != 0)
		return runs_damaged(txn, err, "a row has a wrong size");
	return BASE_OK;
}

static enum base_code run_probe(struct store_txn *txn, store_table table, struct probe *probe, uint64_t term, struct base_error *err)
{
	uint64_t at = (term >> 32) * probe->run->buckets; /* bucket, and where in it as a fraction of 2^32 */
	uint64_t first = runs_key(probe->run->id, at >> 32, 0);
	enum base_code code;

	/* Row 0, or the first that a merge has left. */
	code = probe_row(txn, table, probe, first, first | RUNS_ROWS_MAX, MDB_SET_RANGE, err);
	if (code != BASE_OK || probe->entries == 0)
		return code;
	probe->guess = (size_t)((at & UINT32_MAX) * probe->entries >> 32);
	for (size_t i = probe->guess < 8 ? 0 : probe->guess - 8; i < probe->entries && i <= probe->guess + 8; i += 4)
		__builtin_prefetch(probe->row + i * RUNS_ENTRY_BYTES);
	return BASE_OK;
}

static enum base_code run_find(struct store_txn *txn, store_table table, struct probe *probe, uint64_t term, struct found *found,
			       struct base_error *err)
{
	uint64_t last = probe->key | RUNS_ROWS_MAX;
	size_t from_this = 0;
	enum base_code code;

	/* A bucket of many rows: one term has most of it. */
	if (probe->entries == RUNS_ROW_MAX && runs_entry(probe->row, probe->entries - 1).term < term) {
		uint64_t first = probe->key + 1;
		uint64_t newest = 0;
		struct base_slice ignored;

		if (store_floor_u64(txn, table, last, &newest, &ignored) != BASE_OK || newest < first)
			return BASE_OK;
		if ((code = rows_search(txn, table, &first, newest, term, err)) != BASE_OK ||
		    (code = probe_row(txn, table, probe, first, last, MDB_SET, err)) != BASE_OK)
			return code;
	}
	while (probe->entries > 0 && !row_find(found, probe->row, probe->entries, probe->guess, term, &from_this)) {
		code = probe_row(txn, table, probe, probe->key + 1, last, MDB_SET_RANGE, err);
		if (code != BASE_OK)
			return code;
		probe->guess = 0;
	}
	return BASE_OK;
}

static bool run_may_hold(struct store_runs *runs, const struct store_run *run, uint64_t term)
{
	const struct store_job *job = run->role == RUN_FREE ? NULL : job_numbered(runs, run->job);

	if (job == NULL)
		return true;
	/* At the frontier's own term both sides have entries; one that is in both is dropped afterwards. */
	if (run->role == RUN_INPUT)
		return !job->started || term >= job->frontier.term;
	return job->started && term <= job->frontier.term;
}

static int value_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void found_finish(struct found *found)
{
	uint64_t *values = *found->values + found->before;
	size_t count = *found->count - found->before;
	size_t kept = 0;

	if (count > 1)
		qsort(values, count, sizeof(*values), value_compare);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || values[kept - 1] != values[i])
			values[kept++] = values[i];
	}
	if (found->limit > 0 && kept > found->limit)
		kept = found->limit;
	*found->count = found->before + kept;
}

enum base_code store_postings_find(struct store_txn *txn, store_table table, uint64_t term, uint64_t **values, size_t *count,
				   size_t limit, struct base_error *err)
{
	struct found found = {values, count, *count, limit, *count};
	struct probe probes[RUNS_MAX];
	size_t probe_count = 0;
	struct base_slice tail;
	enum base_code code;
	size_t from_tail = 0;

	if ((code = runs_load(txn, table, err)) != BASE_OK)
		return code;
	for (size_t i = 0; i < txn->runs->run_count; i++) {
		struct probe *probe = &probes[probe_count];

		probe->run = &txn->runs->runs[i];
		if (!run_may_hold(txn->runs, probe->run, term))
			continue;
		if ((code = run_probe(txn, table, probe, term, err)) != BASE_OK)
			return code;
		probe_count += probe->entries > 0;
	}
	if (store_get_u64(txn, table, RUNS_KEY_TAIL, &tail) == BASE_OK && tail.len > 0)
		(void)row_find(&found, tail.data, tail.len / RUNS_ENTRY_BYTES, 0, term, &from_tail);
	for (size_t i = 0; i < probe_count; i++)
		if ((code = run_find(txn, table, &probes[i], term, &found, err)) != BASE_OK)
			return code;
	if (*count > found.before)
		found_finish(&found);
	return BASE_OK;
}
