/* Postings against one plain put of a random key, in the same run.
 *     bench_postings [thousands of postings in the index, default 1000] */
#include "ledger/store/store.h"
#include "tests/bench/measure.h"


static const struct store_spec tables[] = {{"runs", true}, {"plain", false}};
enum { RUNS, PLAIN };
static char *folder;
static uint64_t seed = MEASURE_SEED;

static uint64_t random_next(void)
{
	return measure_random(&seed);
}

static double file_bytes(void)
{
	char *name = base_path(folder, "data.mdb");
	struct stat st = {0};

	(void)stat(name, &st);
	free(name);
	return (double)st.st_size;
}

/* Terms are hashes, but a quarter: the study's and its actors'. */
static struct store_posting posting_make(uint64_t index)
{
	uint64_t random = random_next();

	if (index % 8 == 0)
		return (struct store_posting){0x8000000000001234u, index};
	if (index % 8 == 1)
		return (struct store_posting){(random % 300) * 0x9e3779b97f4a7c15u, index};
	return (struct store_posting){random, index};
}

/* One commit a block; returns µs a posting, and the longest block. */
static double add(struct store *store, bool plain, size_t blocks, size_t block, uint64_t *index, double *longest)
{
	struct store_posting *postings = base_alloc(block * sizeof(*postings));
	double begin = now_us();
	struct base_error err;

	for (size_t b = 0; b < blocks; b++) {
		double at = now_us();
		struct store_txn *txn = NULL;

		must(store_begin(&txn, store, true, &err), &err);
		for (size_t i = 0; i < block; i++)
			postings[i] = posting_make((*index)++);
		if (!plain)
			must(store_postings_add(txn, RUNS, postings, block, &err), &err);
		for (size_t i = 0; plain && i < block; i++) {
			uint8_t key[16];

			base_put_u64be(key, random_next());
			base_put_u64be(key + 8, postings[i].value);
			must(store_put(txn, PLAIN, base_slice(key, 16), base_slice(key, 8), &err), &err);
		}
		must(store_commit(&txn, &err), &err);
		at = now_us() - at;
		if (longest != NULL && at > *longest)
			*longest = at;
	}
	free(postings);
	return (now_us() - begin) / (double)(blocks * block);
}

static double find(struct store *store, bool plain, bool present, size_t samples, uint64_t index)
{
	struct store_txn *txn = NULL;
	uint64_t *values = NULL;
	size_t found = 0;
	struct base_error err;
	double begin;

	must(store_begin(&txn, store, false, &err), &err);
	/* The random numbers are made again from the start: those are the terms that are there. */
	if (present)
		seed = MEASURE_SEED;
	begin = now_us();
	for (size_t i = 0; i < samples; i++) {
		uint64_t term = random_next();
		size_t count = 0;

		if (present && i % 8 < 2)
			continue;
		if (plain) {
			struct base_slice value;
			uint8_t key[16] = {0};

			base_put_u64be(key, term);
			base_put_u64be(key + 8, index);
			found += store_get(txn, PLAIN, base_slice(key, 16), &value) == BASE_OK;
		} else {
			must(store_postings_find(txn, RUNS, term, &values, &count, 0, &err), &err);
			found += count > 0;
		}
	}
	begin = (now_us() - begin) / (double)samples;
	if (present && found < samples / 2)
		(void)fprintf(stderr, "bench_postings: only %zu of %zu found\n", found, samples);
	store_abort(&txn);
	free(values);
	return begin;
}

int main(int argc, char **argv)
{
	size_t thousands = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1000;
	struct store *store = NULL;
	struct base_error err;
	uint64_t index = 0;
	double before;

	folder = measure_folder();
	must(store_open(&store, folder, tables, 2, STORE_CREATE | STORE_SCRATCH, &err), &err);
	(void)add(store, false, thousands / 5, 5000, &index, NULL);
	before = file_bytes();
	(void)printf("postings in the index: %zu,000; file %.1f B a posting\n", thousands, before / 1000.0 / (double)thousands);
	(void)add(store, true, thousands / 5, 5000, &index, NULL);
	store_close(store);
	must(store_open(&store, folder, tables, 2, 0, &err), &err);
	(void)printf("find: absent %.2f us, present %.2f us; plain get of an absent key %.2f us\n",
		     find(store, false, false, 100000, index), find(store, false, true, 100000, index),
		     find(store, true, false, 100000, index));
	seed = 4242;
	for (size_t block = 10; block <= 1000; block *= 10) {
		size_t blocks = block == 10 ? 1000 : 100000 / block;
		double longest = 0, longest_plain = 0;
		double ours, plain, grown = file_bytes();

		ours = add(store, false, blocks, block, &index, &longest);
		grown = (file_bytes() - grown) / (double)(blocks * block);
		plain = add(store, true, blocks, block, &index, &longest_plain);
		(void)printf("add, %4zu a block, commits included: %6.2f us (longest block %.1f ms, file grows %.0f B); "
			     "plain put %6.2f us (%.1f ms); ratio %.2f\n",
			     block, ours, longest / 1000, grown, plain, longest_plain / 1000, ours / plain);
	}
	store_close(store);
	measure_folder_remove(folder);
	return EXIT_SUCCESS;
}
