#include "ledger/store/store_internal.h"
#include "ledger/store/store_runs.h"
#include "tests/store/store_support.h"

static const struct store_spec tables[] = {{"runs", true}, {"other", false}};
enum { RUNS, OTHER };

/* ---- The obvious index to compare with ---------------------------------- */

struct naive {
	struct store_posting *entries;
	size_t count, cap;
};

static void naive_add(struct naive *naive, const struct store_posting *postings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (naive->count == naive->cap) {
			naive->cap = naive->cap == 0 ? 1024 : naive->cap * 2;
			naive->entries = base_realloc(naive->entries, naive->cap * sizeof(*naive->entries));
		}
		naive->entries[naive->count++] = postings[i];
	}
}

static int naive_order(const void *a, const void *b)
{
	const struct store_posting *x = a, *y = b;

	if (x->term != y->term)
		return x->term < y->term ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

static void naive_sort(struct naive *naive)
{
	size_t kept = 0;

	qsort(naive->entries, naive->count, sizeof(*naive->entries), naive_order);
	for (size_t i = 0; i < naive->count; i++)
		if (kept == 0 || naive_order(&naive->entries[kept - 1], &naive->entries[i]) != 0)
			naive->entries[kept++] = naive->entries[i];
	naive->count = kept;
}

/* Sorted and unique: the first entry that is not before term. */
static size_t naive_find(const struct naive *naive, uint64_t term)
{
	size_t low = 0, high = naive->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (naive->entries[middle].term < term)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void assert_term(struct store_txn *txn, const struct naive *naive, uint64_t term, size_t limit)
{
	uint64_t *values = NULL;
	size_t count = 0;
	size_t at = naive_find(naive, term);
	size_t expected = 0;

	ASSERT_OK(store_postings_find(txn, RUNS, term, &values, &count, limit, &err));
	while (at + expected < naive->count && naive->entries[at + expected].term == term &&
	       (limit == 0 || expected < limit))
		expected++;
	ck_assert_uint_eq(count, expected);
	for (size_t i = 0; i < count; i++) {
		if (values[i] != naive->entries[at + i].value)
			ck_abort_msg("value %zu of %zu of term %llx differs", i, count, (unsigned long long)term);
	}
	free(values);
}

static void assert_same(struct store *store, struct naive *naive, size_t samples, uint64_t *seed)
{
	struct store_txn *txn = NULL;
	size_t step;

	naive_sort(naive);
	step = naive->count / samples + 1;
	ASSERT_OK(store_begin(&txn, store, false, &err));
	for (size_t i = 0; i < naive->count; i += step) {
		/* A study's term has very many entries: once is enough. */
		if (i >= step && naive->entries[i].term == naive->entries[i - step].term)
			continue;
		assert_term(txn, naive, naive->entries[i].term, 0);
		assert_term(txn, naive, naive->entries[i].term, 3);
		assert_term(txn, naive, naive->entries[i].term + 1, 0);
		assert_term(txn, naive, random_next(seed), 0);
	}
	assert_term(txn, naive, 0, 0);
	assert_term(txn, naive, UINT64_MAX, 0);
	store_abort(&txn);
}

/* What a block of events posts: terms of their own, some of a few hundred actors, one of the study. */
static size_t block_make(struct store_posting *out, size_t events, uint64_t first, uint64_t *seed)
{
	size_t count = 0;

	for (size_t i = 0; i < events; i++) {
		out[count++] = (struct store_posting){random_next(seed), first + i};
		out[count++] = (struct store_posting){random_next(seed), first + i};
		out[count++] = (struct store_posting){(random_next(seed) % 300) * 0x9e3779b97f4a7c15u, first + i};
		out[count++] = (struct store_posting){0x8000000000001234u, first + i};
	}
	return count;
}

static void add_commit(struct store *store, struct store_posting *postings, size_t count)
{
	struct store_txn *txn = NULL;

	ASSERT_OK(store_begin(&txn, store, true, &err));
	ASSERT_OK(store_postings_add(txn, RUNS, postings, count, &err));
	ASSERT_OK(store_commit(&txn, &err));
}

/* Entries of all rows: each is stored exactly once but at a frontier. */
static bool count_row(void *arg, uint64_t key, struct base_slice value)
{
	if (key != RUNS_KEY_META)
		*(size_t *)arg += value.len / RUNS_ENTRY_BYTES;
	return true;
}

/* ---- Tests -------------------------------------------------------------- */

START_TEST(find_when_nothing_was_added_gives_nothing)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_txn *txn = NULL;
	uint64_t *values = NULL;
	size_t count = 0;

	ASSERT_OK(store_begin(&txn, store, false, &err));
	ASSERT_OK(store_postings_find(txn, RUNS, 7, &values, &count, 0, &err));
	ck_assert_uint_eq(count, 0);
	store_abort(&txn);
	store_close(store);
}
END_TEST

START_TEST(find_when_blocks_are_random_equals_the_naive_index)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_posting *block = base_alloc(40000 * sizeof(*block));
	struct naive naive = {0};
	uint64_t seed = 42, first = 0;
	size_t stored = 0;
	struct store_txn *txn = NULL;

	for (int i = 0; naive.count < 400000; i++) {
		/* Mostly small, now and then very large. */
		size_t events = random_next(&seed) % (i % 50 == 49 ? 9000 : i % 7 == 0 ? 600 : 40);
		size_t count = block_make(block, events, first, &seed);

		first += events;
		naive_add(&naive, block, count);
		add_commit(store, block, count);
		if (i % 100 == 99)
			assert_same(store, &naive, 300, &seed);
	}
	assert_same(store, &naive, 5000, &seed);
	ASSERT_OK(store_begin(&txn, store, false, &err));
	ASSERT_OK(store_walk_u64(txn, RUNS, 0, count_row, &stored, &err));
	store_abort(&txn);
	/* Rows of inputs that are used up in part are the only surplus. */
	ck_assert_uint_ge(stored, naive.count);
	ck_assert_uint_le(stored, naive.count + naive.count / 4);
	store_close(store);
	free(block);
	free(naive.entries);
}
END_TEST

START_TEST(find_when_blocks_have_one_event_equals_the_naive_index)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_posting block[4];
	struct naive naive = {0};
	uint64_t seed = 7;

	for (uint64_t i = 0; i < 6000; i++) {
		size_t count = block_make(block, 1, i, &seed);

		naive_add(&naive, block, count);
		add_commit(store, block, count);
	}
	assert_same(store, &naive, 3000, &seed);
	store_close(store);
	free(naive.entries);
}
END_TEST

START_TEST(add_when_postings_repeat_keeps_one)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct naive naive = {0};
	uint64_t seed = 3;

	for (int round = 0; round < 40; round++) {
		struct store_posting block[600];

		for (size_t i = 0; i < 600; i++)
			block[i] = (struct store_posting){(random_next(&seed) % 64) << 58, random_next(&seed) % 32};
		naive_add(&naive, block, 600);
		add_commit(store, block, 600);
	}
	assert_same(store, &naive, 2000, &seed);
	ck_assert_uint_le(naive.count, 64 * 32);
	store_close(store);
	free(naive.entries);
}
END_TEST

START_TEST(add_when_aborted_leaves_the_index_as_it_was)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_posting block[2400], other[2400];
	struct naive naive = {0};
	uint64_t seed = 99, first = 0;

	for (int i = 0; i < 120; i++) {
		size_t events = 1 + random_next(&seed) % 500;
		size_t count = block_make(block, events, first, &seed);
		struct store_txn *txn = NULL;

		first += events;
		memcpy(other, block, sizeof(other));
		for (size_t k = 0; k < count; k++)
			other[k].value += 1000000000;
		ASSERT_OK(store_begin(&txn, store, true, &err));
		ASSERT_OK(store_postings_add(txn, RUNS, other, count, &err));
		store_abort(&txn);
		naive_add(&naive, block, count);
		add_commit(store, block, count);
	}
	assert_same(store, &naive, 2000, &seed);
	store_close(store);
	free(naive.entries);
}
END_TEST

/* Every write of one block fails in turn; the transaction cannot be committed and nothing of it is seen. */
START_TEST(add_when_any_write_fails_changes_nothing)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_posting block[2400];
	struct naive naive = {0};
	uint64_t seed = 5, first = 0;
	int faults = 0;

	for (int i = 0; i < 60; i++) {
		size_t count = block_make(block, 300, first, &seed);

		first += 300;
		for (int n = 0; i > 50; n++) {
			struct store_txn *txn = NULL;
			bool failed;

			ASSERT_OK(store_begin(&txn, store, true, &err));
			base_fault_arm(n);
			failed = store_postings_add(txn, RUNS, block, count, NULL) != BASE_OK;
			base_fault_arm(-1);
			if (!failed) {
				store_abort(&txn);
				break;
			}
			ck_assert_int_eq(store_commit(&txn, NULL), BASE_NO_SPACE);
			faults++;
		}
		naive_add(&naive, block, count);
		add_commit(store, block, count);
	}
	ck_assert_int_gt(faults, 20);
	assert_same(store, &naive, 2000, &seed);
	store_close(store);
	free(naive.entries);
}
END_TEST

START_TEST(find_when_called_in_the_writing_transaction_sees_its_own_postings)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_txn *txn = NULL;
	struct store_posting block[1000];
	uint64_t *values = NULL;
	size_t count = 0;

	ASSERT_OK(store_begin(&txn, store, true, &err));
	for (uint64_t round = 0; round < 50; round++) {
		for (uint64_t i = 0; i < 1000; i++)
			block[i] = (struct store_posting){i << 54, round};
		ASSERT_OK(store_postings_add(txn, RUNS, block, 1000, &err));
		count = 0;
		ASSERT_OK(store_postings_find(txn, RUNS, UINT64_C(17) << 54, &values, &count, 0, &err));
		ck_assert_uint_eq(count, round + 1);
		for (uint64_t i = 0; i < count; i++)
			ck_assert_uint_eq(values[i], i);
	}
	ASSERT_OK(store_commit(&txn, &err));
	free(values);
	store_close(store);
}
END_TEST

/* No block, however small or large, merges more than its bound: how long the writer may pause. */
START_TEST(add_when_the_index_is_large_writes_a_bounded_amount)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_posting *block = base_alloc(4000 * sizeof(*block));
	uint64_t seed = 11, first = 0;
	size_t most_runs = 0;
	int most_calls = 0;

	for (int i = 0; i < 1500; i++) {
		size_t events = i % 3 == 0 ? 1000 : 20;
		size_t count = block_make(block, events, first, &seed);
		struct store_txn *txn = NULL;

		first += events;
		ASSERT_OK(store_begin(&txn, store, true, &err));
		base_fault_arm(1000000);
		ASSERT_OK(store_postings_add(txn, RUNS, block, count, &err));
		if (base_fault_count() > most_calls)
			most_calls = base_fault_count();
		base_fault_arm(-1);
		if (txn->runs->run_count > most_runs)
			most_runs = txn->runs->run_count;
		ASSERT_OK(store_commit(&txn, &err));
	}
	/* Rows written and deleted by a block: at most some dozens for each of a handful of levels. */
	ck_assert_int_le(most_calls, 150);
	ck_assert_uint_le(most_runs, 60);
	store_close(store);
	free(block);
}
END_TEST

START_TEST(find_when_rows_are_damaged_says_so)
{
	struct store *store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	struct store_txn *txn = NULL;
	struct store_posting block[2400];
	uint64_t seed = 1, *values = NULL;
	uint8_t row[7] = {1, 0, 0, 1, 9, 9, 9};
	size_t count = 0;

	add_commit(store, block, block_make(block, 600, 0, &seed));
	for (int kind = 0; kind < 4; kind++) {
		uint64_t key = kind < 3 ? RUNS_KEY_META : runs_key(1, 0, 0);

		ASSERT_OK(store_begin(&txn, store, true, &err));
		/* Unknown version; longer than the list it announces; empty; a row of the run that is no whole entry. */
		row[0] = kind == 0 ? 9 : 1;
		ASSERT_OK(store_put_u64(txn, RUNS, key, base_slice(row, kind == 2 ? 0 : sizeof(row)), &err));
		ASSERT_CODE(BASE_STORAGE, store_postings_find(txn, RUNS, 0, &values, &count, 0, &err));
		ASSERT_CODE(BASE_STORAGE, kind < 3 ? store_postings_add(txn, RUNS, block, 10, &err) : BASE_STORAGE);
		store_abort(&txn);
	}
	free(values);
	store_close(store);
}
END_TEST

int main(void)
{
	static const TTest *tests[12];
	size_t n = 0;

	tests[n++] = find_when_nothing_was_added_gives_nothing;
	tests[n++] = find_when_blocks_are_random_equals_the_naive_index;
	tests[n++] = find_when_blocks_have_one_event_equals_the_naive_index;
	tests[n++] = add_when_postings_repeat_keeps_one;
	tests[n++] = add_when_aborted_leaves_the_index_as_it_was;
	tests[n++] = add_when_any_write_fails_changes_nothing;
	tests[n++] = find_when_called_in_the_writing_transaction_sees_its_own_postings;
	tests[n++] = add_when_the_index_is_large_writes_a_bounded_amount;
	tests[n++] = find_when_rows_are_damaged_says_so;
	tests[n] = NULL;
	return suite_run("store_runs", tests, 120);
}
