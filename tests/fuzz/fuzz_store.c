/* Database files that somebody has altered. A small one is made once; the
 * input is a list of patches of it: offset u24, byte. What the check of pages
 * lets through must be safe for LMDB to walk, row by row to the end. */
#include "ledger/store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct store_spec tables[] = {{"names", false}, {"numbers", true}, {"runs", true}};
static char folder[4096];
static struct base_buf original;
static int file;

static char *path_of(const char *name)
{
	return base_path(folder, name);
}

static void clean_up(void)
{
	char *data = path_of("data.mdb");
	char *lock = path_of("lock.mdb");

	(void)unlink(data);
	(void)unlink(lock);
	(void)rmdir(folder);
	free(data);
	free(lock);
}

static void must(bool good)
{
	if (!good)
		abort();
}

static void make(void)
{
	static uint8_t bytes[9000];
	const char *base = getenv("TMPDIR");
	char *path;
	struct store *store;

	(void)snprintf(folder, sizeof(folder), "%s/regesta-fuzz-store-XXXXXX", base != NULL ? base : "/tmp");
	must(mkdtemp(folder) != NULL && atexit(clean_up) == 0);
	must(store_open(&store, folder, tables, 3, STORE_CREATE | STORE_SCRATCH, NULL) == BASE_OK);
	for (uint64_t n = 0; n < 6; n++) {
		struct store_posting postings[100];
		struct store_txn *txn;
		char name[16];

		must(store_begin(&txn, store, true, NULL) == BASE_OK);
		must(store_append_u64(txn, 1, n, base_slice(bytes, n == 3 ? 9000 : n * 400), NULL) == BASE_OK);
		for (uint64_t i = 0; i < 40; i++) {
			(void)snprintf(name, sizeof(name), "%u", (unsigned)(i * 7 % 60));
			must(store_put(txn, 0, base_slice_text(name), base_slice(bytes, i * n * 5), NULL) == BASE_OK);
		}
		for (uint64_t i = 0; i < 100; i++)
			postings[i] = (struct store_posting){(i * n + i) * 0x9e3779b97f4a7c15u, n};
		must(store_postings_add(txn, 2, postings, 100, NULL) == BASE_OK);
		must(store_commit(&txn, NULL) == BASE_OK);
	}
	store_close(store);
	path = path_of("data.mdb");
	must(base_file_read(&original, path, 1 << 24, NULL) == BASE_OK);
	must((file = open(path, O_RDWR)) >= 0);
	free(path);
}

static bool visit_name(void *arg, struct base_slice key, struct base_slice value)
{
	struct base_hash hash = base_sha256_tagged(0, key, value);

	*(uint8_t *)arg ^= hash.bytes[0];
	return true;
}

static bool visit_number(void *arg, uint64_t key, struct base_slice value)
{
	(void)key;
	return visit_name(arg, base_slice(NULL, 0), value);
}

static void read_all(struct store *store)
{
	struct store_txn *txn;
	struct base_slice value;
	uint64_t key, *values = NULL;
	size_t count = 0;
	uint8_t sum = 0;
	enum base_code code;

	must(store_begin(&txn, store, false, NULL) == BASE_OK);
	code = store_walk(txn, 0, base_slice(NULL, 0), visit_name, &sum, NULL);
	must(code == BASE_OK || code == BASE_STORAGE);
	for (store_table t = 1; t < 3; t++) {
		code = store_walk_u64(txn, t, 0, visit_number, &sum, NULL);
		must(code == BASE_OK || code == BASE_STORAGE);
	}
	for (uint64_t i = 0; i < 8; i++) {
		if (store_floor_u64(txn, 1, i, &key, &value) == BASE_OK)
			(void)visit_number(&sum, key, value);
		code = store_postings_find(txn, 2, i * 0x9e3779b97f4a7c15u, &values, &count, 0, NULL);
		must(code == BASE_OK || code == BASE_STORAGE);
	}
	free(values);
	store_abort(&txn);
}

static void patch(const uint8_t *data, size_t size, bool undo)
{
	for (size_t i = 0; i + 4 <= size; i += 4) {
		size_t at = ((size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2]) % original.len;

		must(pwrite(file, undo ? original.data + at : data + i + 3, 1, (off_t)at) == 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store;

	if (original.len == 0)
		make();
	patch(data, size, false);
	if (store_open(&store, folder, tables, 3, STORE_READ_ONLY | STORE_CHECK, NULL) == BASE_OK) {
		read_all(store);
		store_close(store);
	}
	patch(data, size, true);
	return 0;
}
