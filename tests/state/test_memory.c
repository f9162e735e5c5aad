#include "tests/state/map_naive.h"

struct history {
	uint64_t term, value;
};

static enum base_code entry_of(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	if (index > 2)
		return base_fail(err, BASE_NOT_FOUND, "no entry %llu", (unsigned long long)index);
	*bytes = base_slice((uint8_t *)arg + index, 1);
	return BASE_OK;
}

START_TEST(view_when_nothing_was_written_finds_nothing)
{
	struct state_memory *memory = state_memory_open();
	struct base_hash key = {{1}}, zero = {{0}}, root = state_memory_root(memory);
	const uint64_t *values;
	struct base_slice value;
	struct state_view view;
	size_t count = 9;

	state_memory_view(memory, &view, NULL, NULL);
	ASSERT_HASH_EQ(root, zero);
	ASSERT_CODE(BASE_NOT_FOUND, view.map_get(view.arg, &key, &value, &err));
	ASSERT_CODE(BASE_NOT_FOUND, view.side_get(view.arg, base_slice("a", 1), &value, &err));
	ASSERT_OK(view.postings(view.arg, 7, &values, &count, &err));
	ck_assert_uint_eq(count, 0);
	ASSERT_CODE(BASE_NOT_FOUND, view.entry(view.arg, 0, &value, &err));
	state_memory_close(memory);
}
END_TEST

START_TEST(map_get_after_every_update_equals_the_naive_map)
{
	struct state_memory *memory = state_memory_open();
	struct naive_block *block = base_alloc(sizeof(*block));
	struct naive_map naive = {0};
	struct state_view view;
	uint64_t seed = 31;

	state_memory_view(memory, &view, NULL, NULL);
	for (uint64_t h = 1; h < 80; h++) {
		naive_block_make(block, &seed, random_next(&seed) % 40, 500);
		for (size_t k = 0; k < block->count; k++)
			naive_write(&naive, &block->writes[k], h);
		(void)state_memory_update(memory, block->writes, block->count);
		for (size_t i = 0; i < naive.count; i++) {
			struct base_slice value;

			ASSERT_OK(view.map_get(view.arg, &naive.pairs[i].key, &value, &err));
			ck_assert(base_slice_equal(value, base_buf_slice(&naive.pairs[i].value)));
		}
		for (int i = 0; i < 50; i++) {
			struct base_hash key = naive_key(&seed, 100000);
			struct base_slice value;

			ASSERT_CODE(naive_find(&naive, &key) == NULL ? BASE_NOT_FOUND : BASE_OK,
				    view.map_get(view.arg, &key, &value, &err));
		}
	}
	naive_free(&naive);
	free(block);
	state_memory_close(memory);
}
END_TEST

START_TEST(side_get_after_many_writes_gives_the_last)
{
	struct state_memory *memory = state_memory_open();
	uint64_t last[2000] = {0};
	uint64_t seed = 8;
	struct state_view view;

	state_memory_view(memory, &view, NULL, NULL);
	for (uint64_t i = 1; i < 20000; i++) {
		uint64_t which = random_next(&seed) % 2000;
		uint8_t key[20] = {0}, value[64] = {0};
		size_t len = 8 + i % 50; /* longer and shorter than before */
		struct state_side_write write = {base_slice(key, which % 20), base_slice(value, len)};

		(void)snprintf((char *)key, sizeof(key), "%llu-key-of-side", (unsigned long long)which);
		write.key.len = strlen((char *)key);
		base_put_u64be(value, i);
		last[which] = i;
		state_memory_side(memory, &write, 1);
	}
	for (uint64_t which = 0; which < 2100; which++) {
		char key[40];
		struct base_slice value;

		(void)snprintf(key, 20, "%llu-key-of-side", (unsigned long long)which);
		if (which >= 2000 || last[which] == 0) {
			ASSERT_CODE(BASE_NOT_FOUND, view.side_get(view.arg, base_slice_text(key), &value, &err));
			continue;
		}
		ASSERT_OK(view.side_get(view.arg, base_slice_text(key), &value, &err));
		ck_assert_uint_eq(base_get_u64be(value.data), last[which]);
		ck_assert_uint_eq(value.len, 8 + last[which] % 50);
	}
	state_memory_close(memory);
}
END_TEST

START_TEST(side_when_key_or_value_is_empty_is_kept)
{
	struct state_memory *memory = state_memory_open();
	struct state_side_write writes[2] = {{base_slice(NULL, 0), base_slice("v", 1)}, {base_slice("k", 1), base_slice(NULL, 0)}};
	struct base_slice value;
	struct state_view view;

	state_memory_view(memory, &view, NULL, NULL);
	state_memory_side(memory, writes, 2);
	ASSERT_OK(view.side_get(view.arg, base_slice(NULL, 0), &value, &err));
	ck_assert_uint_eq(value.len, 1);
	ASSERT_OK(view.side_get(view.arg, base_slice("k", 1), &value, &err));
	ck_assert_uint_eq(value.len, 0);
	state_memory_close(memory);
}
END_TEST

static int history_order(const void *a, const void *b)
{
	const struct history *x = a, *y = b;

	if (x->term != y->term)
		return x->term < y->term ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

/* In order mostly; within a block any order, and the same twice. */
START_TEST(postings_when_added_in_any_order_come_ascending_and_once)
{
	enum { N = 60000 };
	struct state_memory *memory = state_memory_open();
	struct history *all = base_alloc(N * sizeof(*all));
	struct state_view view;
	uint64_t seed = 1;

	state_memory_view(memory, &view, NULL, NULL);
	for (size_t i = 0; i < N; i++) {
		uint64_t kind = random_next(&seed) % 4;
		uint64_t term = kind == 0 ? 5 : kind == 1 ? random_next(&seed) % 50 : random_next(&seed);
		struct store_posting posting = {term, i / 100 * 100 + random_next(&seed) % 100};

		all[i] = (struct history){posting.term, posting.value};
		state_memory_postings(memory, &posting, 1);
	}
	qsort(all, N, sizeof(*all), history_order);
	for (size_t i = 0; i < N;) {
		const uint64_t *values;
		size_t count, expected = 0;

		ASSERT_OK(view.postings(view.arg, all[i].term, &values, &count, &err));
		for (uint64_t term = all[i].term; i < N && all[i].term == term; i++) {
			if (expected > 0 && all[i - 1].value == all[i].value)
				continue;
			if (expected == count || values[expected] != all[i].value)
				ck_abort_msg("value %zu of term %llx differs", expected, (unsigned long long)term);
			expected++;
		}
		ck_assert_uint_eq(count, expected);
	}
	free(all);
	state_memory_close(memory);
}
END_TEST

START_TEST(apply_when_given_changes_does_all_three_and_entries_come_from_the_caller)
{
	struct state_memory *memory = state_memory_open();
	uint8_t entries[3] = {10, 11, 12};
	struct state_write write = {{{3}}, base_slice("map", 3)};
	struct state_side_write side = {base_slice("s", 1), base_slice("side", 4)};
	struct store_posting posting = {99, 2};
	struct state_changes changes = {.map = &write, .map_count = 1, .side = &side, .side_count = 1, .postings = &posting,
					.posting_count = 1};
	struct base_hash root = state_memory_apply(memory, &changes), same = state_memory_root(memory);
	const uint64_t *values;
	struct base_slice value;
	struct state_view view;
	size_t count;

	ASSERT_HASH_EQ(root, same);
	state_memory_view(memory, &view, entry_of, entries);
	ASSERT_OK(view.map_get(view.arg, &write.key, &value, &err));
	ck_assert(base_slice_equal(value, write.value));
	ASSERT_OK(view.side_get(view.arg, side.key, &value, &err));
	ck_assert(base_slice_equal(value, side.value));
	ASSERT_OK(view.postings(view.arg, 99, &values, &count, &err));
	ck_assert_uint_eq(count, 1);
	ASSERT_OK(view.entry(view.arg, values[0], &value, &err));
	ck_assert_uint_eq(value.data[0], 12);
	ASSERT_CODE(BASE_NOT_FOUND, view.entry(view.arg, 3, &value, &err));
	state_memory_close(memory);
}
END_TEST

int main(void)
{
	static const TTest *tests[8];
	size_t n = 0;

	tests[n++] = view_when_nothing_was_written_finds_nothing;
	tests[n++] = map_get_after_every_update_equals_the_naive_map;
	tests[n++] = side_get_after_many_writes_gives_the_last;
	tests[n++] = side_when_key_or_value_is_empty_is_kept;
	tests[n++] = postings_when_added_in_any_order_come_ascending_and_once;
	tests[n++] = apply_when_given_changes_does_all_three_and_entries_come_from_the_caller;
	tests[n] = NULL;
	return suite_run("memory", tests, 120);
}
