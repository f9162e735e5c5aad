#include "ledger/state/map_rows.h"
#include "tests/state/map_naive.h"

static const struct store_spec tables[] = {{"rows", true}};
enum { ROWS };

static struct store_txn *begun(struct store *store, bool write)
{
	struct store_txn *txn = NULL;

	ASSERT_OK(store_begin(&txn, store, write, &err));
	return txn;
}

static void assert_value(struct store_txn *txn, uint64_t height, const struct naive_map *naive, const struct base_hash *key)
{
	const struct naive_pair *pair = naive_find(naive, key);
	struct base_slice value;

	if (pair == NULL) {
		ASSERT_CODE(BASE_NOT_FOUND, state_map_get(txn, ROWS, height, key, &value, &err));
		return;
	}
	ASSERT_OK(state_map_get(txn, ROWS, height, key, &value, &err));
	ck_assert(base_slice_equal(value, base_buf_slice(&pair->value)));
}

/* The proof of what naive says of key verifies, and proves nothing else. */
static void assert_proof(struct store_txn *txn, uint64_t height, const struct naive_map *naive, const struct base_hash *key,
			 bool flips)
{
	const struct naive_pair *pair = naive_find(naive, key);
	struct base_slice value = pair == NULL ? base_slice(NULL, 0) : base_slice(pair->value.data, pair->value.len);
	struct base_slice other = base_slice("another value, of another length than any", 41);
	struct base_hash root, wrong;
	struct base_buf proof = BASE_BUF_INIT;

	if (pair != NULL && value.data == NULL)
		value = base_slice("", 0); /* present and empty */
	ASSERT_OK(state_map_root(txn, ROWS, height, &root, &err));
	ASSERT_OK(state_map_prove(txn, ROWS, height, key, &proof, &err));
	ASSERT_OK(state_proof_verify(base_buf_slice(&proof), &root, key, value, &err));
	ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&proof), &root, key, other, &err));
	if (pair != NULL)
		ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&proof), &root, key, base_slice(NULL, 0), &err));
	wrong = root;
	wrong.bytes[height % 32] ^= 1;
	ASSERT_CODE(BASE_MISMATCH, state_proof_verify(base_buf_slice(&proof), &wrong, key, value, &err));
	for (size_t bit = 0; flips && bit < proof.len * 8; bit++) {
		proof.data[bit / 8] = (uint8_t)(proof.data[bit / 8] ^ 1u << bit % 8);
		if (state_proof_verify(base_buf_slice(&proof), &root, key, value, NULL) == BASE_OK)
			ck_abort_msg("the proof verifies with bit %zu of byte %zu flipped", bit % 8, bit / 8);
		proof.data[bit / 8] = (uint8_t)(proof.data[bit / 8] ^ 1u << bit % 8);
	}
	for (size_t len = 0; flips && len < proof.len; len++)
		ck_assert_int_ne(state_proof_verify(base_slice(proof.data, len), &root, key, value, NULL), BASE_OK);
	base_buf_free(&proof);
}

START_TEST(update_when_histories_are_random_gives_the_roots_of_the_definition_everywhere)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct state_memory *memory = state_memory_open();
	struct naive_block *block = base_alloc(sizeof(*block));
	struct naive_map naive = {0};
	uint64_t seed = 20260301, height = 0;

	for (int i = 0; i < 150; i++) {
		struct store_txn *txn = begun(store, true);
		struct base_hash root, expected, in_memory;

		/* Heights need not follow each other: blocks that change nothing have no row. */
		height += 1 + random_next(&seed) % 3;
		naive_block_make(block, &seed, random_next(&seed) % (i % 10 == 0 ? 300 : 12), 900);
		for (size_t k = 0; k < block->count; k++)
			naive_write(&naive, &block->writes[k], height);
		ASSERT_OK(state_map_update(txn, ROWS, height, block->writes, block->count, &root, &err));
		ASSERT_OK(store_commit(&txn, &err));
		in_memory = state_memory_update(memory, block->writes, block->count);
		expected = naive_root(naive.pairs, naive.count, 0);
		ASSERT_HASH_EQ(root, expected);
		ASSERT_HASH_EQ(in_memory, expected);
	}
	ck_assert_uint_gt(naive.count, 300);
	naive_free(&naive);
	free(block);
	state_memory_close(memory);
	store_close(store);
}
END_TEST

#define VERSIONS 60
START_TEST(get_and_prove_as_of_every_height_equal_a_naive_history)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct naive_block *block = base_alloc(sizeof(*block));
	struct naive_map versions[VERSIONS] = {{0}};
	struct store_txn *txn = begun(store, true);
	uint64_t seed = 4711;

	for (uint64_t h = 1; h < VERSIONS; h++) {
		struct base_hash root;

		versions[h] = naive_copy(&versions[h - 1]);
		/* Every fifth height changes nothing. */
		naive_block_make(block, &seed, h % 5 == 0 ? 0 : 1 + random_next(&seed) % 20, 200);
		for (size_t k = 0; k < block->count; k++)
			naive_write(&versions[h], &block->writes[k], h);
		ASSERT_OK(state_map_update(txn, ROWS, h, block->writes, block->count, &root, &err));
	}
	ASSERT_OK(store_commit(&txn, &err));
	txn = begun(store, false);
	for (uint64_t h = 0; h < VERSIONS; h++) {
		const struct naive_map *last = &versions[VERSIONS - 1];
		struct base_hash root;
		struct base_hash expected = naive_root(versions[h].pairs, versions[h].count, 0);

		ASSERT_OK(state_map_root(txn, ROWS, h, &root, &err));
		ASSERT_HASH_EQ(root, expected);
		/* Every key that there ever is, before and after it is written, and some that there never are. */
		for (size_t i = 0; i < last->count; i++) {
			assert_value(txn, h, &versions[h], &last->pairs[i].key);
			assert_proof(txn, h, &versions[h], &last->pairs[i].key, false);
		}
		for (int i = 0; i < 20; i++) {
			struct base_hash key = naive_key(&seed, 100000);

			assert_value(txn, h, &versions[h], &key);
			assert_proof(txn, h, &versions[h], &key, i == 0 && h % 10 == 9);
		}
	}
	for (size_t i = 0; i < versions[VERSIONS - 1].count; i += 9)
		assert_proof(txn, VERSIONS - 1, &versions[VERSIONS - 1], &versions[VERSIONS - 1].pairs[i].key, true);
	/* A height that is not there yet is the newest one. */
	assert_proof(txn, UINT64_MAX, &versions[VERSIONS - 1], &versions[VERSIONS - 1].pairs[0].key, false);
	store_abort(&txn);
	for (size_t h = 0; h < VERSIONS; h++)
		naive_free(&versions[h]);
	free(block);
	store_close(store);
}
END_TEST

START_TEST(update_when_aborted_leaves_the_map_and_the_height_free)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct naive_block *block = base_alloc(sizeof(*block));
	struct naive_map naive = {0};
	uint64_t seed = 12;

	for (uint64_t h = 1; h < 40; h++) {
		struct base_hash root, expected;
		struct store_txn *txn = begun(store, true);

		naive_block_make(block, &seed, 30, 300);
		ASSERT_OK(state_map_update(txn, ROWS, h, block->writes, block->count, &root, &err));
		store_abort(&txn);
		txn = begun(store, true);
		naive_block_make(block, &seed, 30, 300);
		for (size_t k = 0; k < block->count; k++)
			naive_write(&naive, &block->writes[k], h);
		ASSERT_OK(state_map_update(txn, ROWS, h, block->writes, block->count, &root, &err));
		ASSERT_OK(store_commit(&txn, &err));
		expected = naive_root(naive.pairs, naive.count, 0);
		ASSERT_HASH_EQ(root, expected);
		txn = begun(store, false);
		for (size_t i = 0; i < naive.count; i++)
			assert_value(txn, h, &naive, &naive.pairs[i].key);
		store_abort(&txn);
	}
	naive_free(&naive);
	free(block);
	store_close(store);
}
END_TEST

START_TEST(root_when_the_map_is_empty_is_zero_and_absence_is_proved)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct store_txn *txn = begun(store, true);
	struct naive_map naive = {0};
	struct base_hash root = {{1}}, zero = {{0}}, key = {{7}};

	ASSERT_OK(state_map_root(txn, ROWS, 5, &root, &err));
	ASSERT_HASH_EQ(root, zero);
	assert_value(txn, 5, &naive, &key);
	assert_proof(txn, 5, &naive, &key, true);
	/* Nothing written: no row, the same root. */
	root.bytes[0] = 1;
	ASSERT_OK(state_map_update(txn, ROWS, 6, NULL, 0, &root, &err));
	ASSERT_HASH_EQ(root, zero);
	store_abort(&txn);
	store_close(store);
}
END_TEST

START_TEST(update_when_the_height_does_not_ascend_is_refused)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct store_txn *txn = begun(store, true);
	struct state_write write = {{{9}}, base_slice("value", 5)};
	struct base_hash root;

	ASSERT_OK(state_map_update(txn, ROWS, 7, &write, 1, &root, &err));
	ASSERT_CODE(BASE_STORAGE, state_map_update(txn, ROWS, 7, &write, 1, &root, &err));
	ASSERT_CODE(BASE_STORAGE, state_map_update(txn, ROWS, 3, &write, 1, &root, &err));
	ASSERT_CODE(BASE_LIMIT, state_map_update(txn, ROWS, UINT64_C(1) << 38, &write, 1, &root, &err));
	ASSERT_OK(state_map_update(txn, ROWS, MAP_HEIGHT_MAX, &write, 1, &root, &err));
	ASSERT_OK(store_commit(&txn, &err));
	store_close(store);
}
END_TEST

/* An offset has 26 bits: a row of exactly 64 MiB goes, a byte more does not. */
START_TEST(update_when_the_row_would_pass_64_mib_is_refused)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	size_t room = MAP_ROW_BYTES_MAX - MAP_ROOT_BYTES - 2 * MAP_LEAF_HEAD_BYTES - 1 - 2 * MAP_CHILD_BYTES;
	uint8_t *bytes = base_alloc(room + 1);
	struct state_write writes[2] = {{{{1}}, base_slice(bytes, 0)}, {{{0x81}}, base_slice(bytes, 0)}};
	struct base_hash root = {{0}};

	for (size_t over = 0; over < 4; over++) {
		struct store_txn *txn = begun(store, true);
		struct base_slice value;

		writes[0].value.len = over == 2 ? MAP_ROW_BYTES_MAX + 1 : over == 3 ? 0 : room / 2;
		writes[1].value.len = over == 2 ? 0 : over == 3 ? MAP_ROW_BYTES_MAX - 100 : room - room / 2 + over;
		if (over == 2)
			writes[0].value.data = base_realloc(bytes, MAP_ROW_BYTES_MAX + 1), bytes = (uint8_t *)(uintptr_t)writes[0].value.data;
		writes[1].value.data = bytes;
		ASSERT_CODE(over == 0 ? BASE_OK : BASE_LIMIT, state_map_update(txn, ROWS, 1, writes, 2, &root, &err));
		if (over == 0) {
			ASSERT_OK(state_map_get(txn, ROWS, 1, &writes[1].key, &value, &err));
			ck_assert_uint_eq(value.len, room - room / 2);
		}
		store_abort(&txn);
	}
	free(bytes);
	store_close(store);
}
END_TEST

/* Whatever a row holds, reading ends, inside the row, with a code; and a proof made from it proves nothing false. */
START_TEST(read_when_rows_are_damaged_ends_with_a_code)
{
	struct store *store = store_made(tables, 1, STORE_CREATE | STORE_SCRATCH);
	struct naive_block *block = base_alloc(sizeof(*block));
	struct naive_map naive = {0};
	struct base_buf row = BASE_BUF_INIT, proof = BASE_BUF_INIT;
	struct store_txn *txn = begun(store, true);
	uint64_t seed = 77;
	size_t refused = 0;
	struct base_hash root;

	for (uint64_t h = 1; h < 6; h++) {
		naive_block_make(block, &seed, 10, 90);
		for (size_t k = 0; k < block->count; k++)
			naive_write(&naive, &block->writes[k], h);
		ASSERT_OK(state_map_update(txn, ROWS, h, block->writes, block->count, &root, &err));
	}
	ASSERT_OK(store_commit(&txn, &err));
	for (size_t round = 0; round < 3000; round++) {
		uint64_t h = 1 + round % 5;
		struct base_slice value;
		const struct naive_pair *pair = &naive.pairs[random_next(&seed) % naive.count];
		bool shown;

		txn = begun(store, true);
		ASSERT_OK(store_get_u64(txn, ROWS, h, &value));
		row.len = proof.len = 0;
		base_buf_append(&row, value);
		if (round % 7 == 0)
			row.len = random_next(&seed) % row.len;
		else
			row.data[random_next(&seed) % row.len] ^= (uint8_t)(1u << random_next(&seed) % 8);
		ASSERT_OK(store_put_u64(txn, ROWS, h, base_buf_slice(&row), &err));
		refused += state_map_get(txn, ROWS, UINT64_MAX, &pair->key, &value, NULL) == BASE_STORAGE;
		shown = state_map_prove(txn, ROWS, UINT64_MAX, &pair->key, &proof, NULL) == BASE_OK;
		if (shown)
			ck_assert_int_ne(state_proof_verify(base_buf_slice(&proof), &root, &pair->key, base_slice(NULL, 0), NULL),
					 BASE_OK);
		naive_block_make(block, &seed, 5, 90);
		refused += state_map_update(txn, ROWS, 9, block->writes, block->count, &root, NULL) == BASE_STORAGE;
		store_abort(&txn);
		txn = begun(store, false);
		ASSERT_OK(state_map_root(txn, ROWS, UINT64_MAX, &root, &err));
		store_abort(&txn);
	}
	ck_assert_uint_gt(refused, 100);
	base_buf_free(&row);
	base_buf_free(&proof);
	naive_free(&naive);
	free(block);
	store_close(store);
}
END_TEST

START_TEST(key_when_study_or_reference_is_empty_has_null_there)
{
	uint8_t reference[4] = {0x63, 'a', 'b', 'c'};
	/* [2, null, "abc", 0], [4, "s", null, 1], [7, "s", "abc", 300] */
	uint8_t none[] = {0x84, 2, 0xf6, 0x63, 'a', 'b', 'c', 0};
	uint8_t no_reference[] = {0x84, 4, 0x61, 's', 0xf6, 1};
	uint8_t both[] = {0x84, 7, 0x61, 's', 0x63, 'a', 'b', 'c', 0x19, 0x01, 0x2c};
	struct base_hash a = state_map_key(STATE_ACTOR, base_slice(NULL, 0), base_slice(reference, 4), 0);
	struct base_hash b = state_map_key(STATE_STUDY, base_slice_text("s"), base_slice(NULL, 0), 1);
	struct base_hash c = state_map_key(STATE_HEAD, base_slice_text("s"), base_slice(reference, 4), 300);

	ASSERT_HASH_EQ(a, base_sha256_of(base_slice(none, sizeof(none))));
	ASSERT_HASH_EQ(b, base_sha256_of(base_slice(no_reference, sizeof(no_reference))));
	ASSERT_HASH_EQ(c, base_sha256_of(base_slice(both, sizeof(both))));
}
END_TEST

int main(void)
{
	static const TTest *tests[10];
	size_t n = 0;

	tests[n++] = update_when_histories_are_random_gives_the_roots_of_the_definition_everywhere;
	tests[n++] = get_and_prove_as_of_every_height_equal_a_naive_history;
	tests[n++] = update_when_aborted_leaves_the_map_and_the_height_free;
	tests[n++] = root_when_the_map_is_empty_is_zero_and_absence_is_proved;
	tests[n++] = update_when_the_height_does_not_ascend_is_refused;
	tests[n++] = update_when_the_row_would_pass_64_mib_is_refused;
	tests[n++] = read_when_rows_are_damaged_ends_with_a_code;
	tests[n++] = key_when_study_or_reference_is_empty_has_null_there;
	tests[n] = NULL;
	return suite_run("map", tests, 120);
}
