/* The authenticated map against one plain put or get of a random key, in the same run.
 *     bench_map [thousands of keys, default 1000] */
#include "ledger/state/state.h"
#include "tests/bench/measure.h"

#include <string.h>

static const struct store_spec tables[] = {{"rows", true}, {"plain", false}};
enum { ROWS, PLAIN };
#define VALUE_BYTES 75 /* a participant's head */
static char *folder;
static uint64_t seed = MEASURE_SEED;

static uint64_t random_next(void)
{
	return measure_random(&seed);
}

static double cpu_us(void)
{
	return measure_us(CLOCK_PROCESS_CPUTIME_ID);
}

static struct base_hash key_of(uint64_t n)
{
	uint8_t bytes[8];

	base_put_u64be(bytes, n);
	return base_sha256_of(base_slice(bytes, sizeof(bytes)));
}

static int write_order(const void *a, const void *b)
{
	return memcmp(a, b, BASE_HASH_BYTES);
}

/* Distinct random keys out of `keys`, or the next new ones when fresh. */
static size_t block_make(struct state_write *writes, uint8_t *value, size_t count, uint64_t keys, uint64_t *fresh)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		writes[i] = (struct state_write){key_of(fresh != NULL ? (*fresh)++ : random_next() % keys),
						 base_slice(value, VALUE_BYTES)};
	qsort(writes, count, sizeof(*writes), write_order);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || write_order(&writes[kept - 1], &writes[i]) != 0)
			writes[kept++] = writes[i];
	base_put_u64be(value, random_next());
	return kept;
}

/* Updates of `blocks` blocks: of the map (rows), of plain rows, or in memory; CPU µs a key. */
static double update(struct store *store, struct state_memory *memory, bool plain, size_t blocks, size_t block, uint64_t keys,
		     uint64_t *height)
{
	struct state_write *writes = base_alloc(block * sizeof(*writes));
	uint8_t value[VALUE_BYTES] = {0};
	double spent = 0;
	size_t done = 0;
	struct base_error err;

	for (size_t b = 0; b < blocks; b++) {
		size_t count = block_make(writes, value, block, keys, NULL);
		struct base_hash root;
		double begin = cpu_us();

		if (memory != NULL) {
			(void)state_memory_update(memory, writes, count);
		} else {
			struct store_txn *txn = NULL;

			must(store_begin(&txn, store, true, &err), &err);
			for (size_t i = 0; plain && i < count; i++)
				must(store_put(txn, PLAIN, base_hash_slice(&writes[i].key), writes[i].value, &err), &err);
			if (!plain)
				must(state_map_update(txn, ROWS, ++*height, writes, count, &root, &err), &err);
			must(store_commit(&txn, &err), &err);
		}
		spent += cpu_us() - begin;
		done += count;
	}
	free(writes);
	return spent / (double)done;
}

static void fill(struct store *store, struct state_memory *memory, uint64_t keys, uint64_t *height)
{
	struct state_write *writes = base_alloc(1000 * sizeof(*writes));
	uint8_t value[VALUE_BYTES] = {0};
	uint64_t fresh = 0;
	struct base_error err;

	while (fresh < keys) {
		size_t count = block_make(writes, value, 1000, keys, &fresh);
		struct store_txn *txn = NULL;
		struct base_hash root, other;

		must(store_begin(&txn, store, true, &err), &err);
		for (size_t i = 0; i < count; i++)
			must(store_put(txn, PLAIN, base_hash_slice(&writes[i].key), writes[i].value, &err), &err);
		must(state_map_update(txn, ROWS, ++*height, writes, count, &root, &err), &err);
		must(store_commit(&txn, &err), &err);
		other = state_memory_update(memory, writes, count);
		if (!base_hash_equal(&root, &other)) {
			(void)fprintf(stderr, "bench_map: the roots differ\n");
			exit(EXIT_FAILURE);
		}
	}
	free(writes);
}

enum what { PROVE, VERIFY, GET, GET_OLD, GET_PLAIN, GET_MEMORY };
/* µs a call, wall clock. */
static double read_all(struct store *store, struct state_memory *memory, enum what what, size_t calls, uint64_t keys, uint64_t height)
{
	struct store_txn *txn = NULL;
	struct base_buf proof = BASE_BUF_INIT;
	struct state_view view;
	double spent = 0;
	size_t absent = 0;
	struct base_error err;
	struct base_hash root;

	state_memory_view(memory, &view, NULL, NULL);
	must(store_begin(&txn, store, false, &err), &err);
	must(state_map_root(txn, ROWS, height, &root, &err), &err);
	for (size_t i = 0; i < calls; i++) {
		struct base_hash key = key_of(random_next() % keys);
		struct base_slice value;
		double begin;

		proof.len = 0;
		if (what == VERIFY) {
			must(state_map_get(txn, ROWS, height, &key, &value, &err), &err);
			must(state_map_prove(txn, ROWS, height, &key, &proof, &err), &err);
		}
		begin = now_us();
		if (what == PROVE)
			must(state_map_prove(txn, ROWS, height, &key, &proof, &err), &err);
		else if (what == VERIFY)
			must(state_proof_verify(base_buf_slice(&proof), &root, &key, value, &err), &err);
		else if (what == GET)
			must(state_map_get(txn, ROWS, height, &key, &value, &err), &err);
		else if (what == GET_OLD)
			absent += state_map_get(txn, ROWS, 1 + random_next() % height, &key, &value, &err) == BASE_NOT_FOUND;
		else if (what == GET_PLAIN)
			must(store_get(txn, PLAIN, base_hash_slice(&key), &value), &err);
		else
			must(view.map_get(view.arg, &key, &value, &err), &err);
		spent += now_us() - begin;
	}
	if (absent == calls)
		(void)fprintf(stderr, "bench_map: nothing was found\n");
	store_abort(&txn);
	base_buf_free(&proof);
	return spent / (double)calls;
}

static void measure(uint64_t keys)
{
	struct state_memory *memory = state_memory_open();
	struct store *store = NULL;
	struct base_error err;
	uint64_t height = 0;
	double prove, plain_get;

	must(store_open(&store, folder, tables, 2, STORE_CREATE | STORE_SCRATCH, &err), &err);
	fill(store, memory, keys, &height);
	store_close(store);
	must(store_open(&store, folder, tables, 2, 0, &err), &err);
	(void)printf("%llu keys\n", (unsigned long long)keys);
	for (size_t block = 1; block <= 1000; block *= block == 1 ? 100 : 10) {
		size_t blocks = block == 1 ? 300 : 20000 / block;
		double map = update(store, NULL, false, blocks, block, keys, &height);
		double plain = update(store, NULL, true, blocks, block, keys, &height);
		double in_memory = update(store, memory, false, blocks, block, keys, &height);

		(void)printf("  update, %4zu keys a block, commits included: CPU %6.2f us a key; plain put %6.2f us (ratio %.2f); "
			     "in memory %.2f us\n",
			     block, map, plain, map / plain, in_memory);
	}
	prove = read_all(store, memory, PROVE, 50000, keys, height);
	plain_get = read_all(store, memory, GET_PLAIN, 50000, keys, height);
	(void)printf("  prove %.2f us (%.0f a second; ratio to a plain get of %.2f us: %.1f), verify %.2f us\n", prove, 1e6 / prove,
		     plain_get, prove / plain_get, read_all(store, memory, VERIFY, 20000, keys, height));
	(void)printf("  get at the head %.2f us, as of any height %.2f us, in memory %.2f us\n",
		     read_all(store, memory, GET, 50000, keys, height), read_all(store, memory, GET_OLD, 50000, keys, height),
		     read_all(store, memory, GET_MEMORY, 50000, keys, height));
	store_close(store);
	state_memory_close(memory);
}

int main(int argc, char **argv)
{
	uint64_t thousands = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;

	for (uint64_t keys = 10000; keys <= thousands * 1000; keys = keys < thousands * 1000 ? thousands * 1000 : keys + 1) {
		folder = measure_folder();
		measure(keys);
		measure_folder_remove(folder);
	}
	return EXIT_SUCCESS;
}
