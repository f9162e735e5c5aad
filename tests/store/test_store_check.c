#include "ledger/store/store_internal.h"
#include "tests/store/store_support.h"

#include <fcntl.h>

static const struct store_spec tables[] = {{"names", false}, {"numbers", true}, {"runs", true}};
enum { NAMES, NUMBERS, RUNS };

static enum base_code check(struct base_error *err)
{
	char *path = folder_path("data.mdb");
	enum base_code code = store_check_file(path, 0, err);

	free(path);
	return code;
}

/* What a ledger does to its tables: appends, large rows, rows written over, deletions, postings, an abort now and then. */
static void block(struct store *store, uint64_t n, uint64_t *seed)
{
	static uint8_t bytes[70000];
	struct store_posting postings[600];
	struct store_txn *txn = NULL;
	char name[32];

	ASSERT_OK(store_begin(&txn, store, true, &err));
	ASSERT_OK(store_append_u64(txn, NUMBERS, n, base_slice(bytes, random_next(seed) % (n % 7 == 0 ? 70000 : 3000)), &err));
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)(random_next(seed) % 500));
		if (random_next(seed) % 4 == 0) {
			enum base_code code = store_delete(txn, NAMES, base_slice_text(name), NULL);

			ck_assert(code == BASE_OK || code == BASE_NOT_FOUND);
		} else {
			ASSERT_OK(store_put(txn, NAMES, base_slice_text(name),
					    base_slice(bytes, random_next(seed) % (i == 0 ? 9000 : 300)), &err));
		}
	}
	for (size_t i = 0; i < 600; i++)
		postings[i] = (struct store_posting){random_next(seed), n};
	ASSERT_OK(store_postings_add(txn, RUNS, postings, 600, &err));
	if (random_next(seed) % 5 == 0) {
		store_abort(&txn);
		ASSERT_OK(store_begin(&txn, store, true, &err));
		ASSERT_OK(store_append_u64(txn, NUMBERS, n, base_slice(bytes, 10), &err));
	}
	ASSERT_OK(store_commit(&txn, &err));
}

static bool touch(struct base_slice value)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < value.len; i++)
		sum = (uint8_t)(sum + value.data[i]);
	return sum != 255 || value.len > 0;
}

static bool visit_name(void *arg, struct base_slice key, struct base_slice value)
{
	(*(size_t *)arg)++;
	return touch(key) && touch(value);
}

static bool visit_number(void *arg, uint64_t key, struct base_slice value)
{
	(*(size_t *)arg)++;
	return touch(value) || key > 0;
}

/* Everything that the file holds, read through LMDB. */
static void read_all(struct store *store, uint64_t *seed)
{
	struct store_txn *txn = NULL;
	struct base_slice value;
	uint64_t key, *values = NULL;
	size_t seen = 0, count = 0;
	enum base_code code;

	ASSERT_OK(store_begin(&txn, store, false, &err));
	ASSERT_OK(store_walk(txn, NAMES, base_slice(NULL, 0), visit_name, &seen, &err));
	ASSERT_OK(store_walk_u64(txn, NUMBERS, 0, visit_number, &seen, &err));
	ASSERT_OK(store_walk_u64(txn, RUNS, 0, visit_number, &seen, &err));
	for (uint64_t i = 0; i < 20; i++) {
		code = store_floor_u64(txn, NUMBERS, random_next(seed) % 100, &key, &value);
		ck_assert(code != BASE_OK || touch(value));
		/* Its own damage it notices itself. */
		code = store_postings_find(txn, RUNS, random_next(seed), &values, &count, 0, NULL);
		ck_assert(code == BASE_OK || code == BASE_STORAGE);
	}
	free(values);
	store_abort(&txn);
}

START_TEST(check_after_every_kind_of_commit_is_content)
{
	struct store *store = store_made(tables, 3, STORE_CREATE | STORE_SCRATCH);
	uint64_t seed = 15;

	ASSERT_OK(check(&err));
	for (uint64_t n = 0; n < 300; n++) {
		block(store, n, &seed);
		ASSERT_OK(check(&err));
	}
	store_close(store);
	ASSERT_OK(check(&err));
	store = store_made(tables, 3, STORE_CHECK);
	read_all(store, &seed);
	store_close(store);
}
END_TEST

static void file_write(struct base_slice bytes)
{
	char *path = folder_path("data.mdb");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, bytes.data, bytes.len), (ssize_t)bytes.len);
	ck_assert_int_eq(close(fd), 0);
	free(path);
}

/* One byte anywhere, mostly where pages and nodes are described. What is let through must be safe to read to the end. */
START_TEST(open_when_any_byte_was_altered_refuses_or_reads_safely)
{
	struct store *store = store_made(tables, 3, STORE_CREATE | STORE_SCRATCH);
	char *path = folder_path("data.mdb");
	struct base_buf file = BASE_BUF_INIT;
	uint64_t seed = 16;
	size_t refused = 0;

	for (uint64_t n = 0; n < 40; n++)
		block(store, n, &seed);
	store_close(store);
	ASSERT_OK(base_file_read(&file, path, 64 << 20, &err));
	for (int round = 0; round < 3000; round++) {
		size_t page = random_next(&seed) % (file.len / 4096);
		size_t at = page * 4096 + random_next(&seed) % (round % 4 == 0 ? 4096 : 48);
		uint8_t old = file.data[at];
		int fd = open(path, O_RDWR);
		enum base_code code;

		file.data[at] = (uint8_t)(round % 2 == 0 ? old ^ 1u << random_next(&seed) % 8 : random_next(&seed));
		ck_assert_int_eq(pwrite(fd, file.data + at, 1, (off_t)at), 1);
		code = store_open(&store, folder, tables, 3, STORE_READ_ONLY | STORE_CHECK, NULL);
		if (code == BASE_OK) {
			read_all(store, &seed);
			store_close(store);
		}
		refused += code != BASE_OK;
		file.data[at] = old;
		ck_assert_int_eq(pwrite(fd, file.data + at, 1, (off_t)at), 1);
		ck_assert_int_eq(close(fd), 0);
	}
	ck_assert_uint_gt(refused, 500);
	base_buf_free(&file);
	free(path);
}
END_TEST

START_TEST(open_when_the_file_is_cut_anywhere_refuses_or_reads_safely)
{
	struct store *store = store_made(tables, 3, STORE_CREATE | STORE_SCRATCH);
	char *path = folder_path("data.mdb");
	struct base_buf file = BASE_BUF_INIT;
	uint64_t seed = 17;

	for (uint64_t n = 0; n < 12; n++)
		block(store, n, &seed);
	store_close(store);
	ASSERT_OK(base_file_read(&file, path, 64 << 20, &err));
	for (size_t len = 0; len < file.len; len += 1000) {
		file_write(base_slice(file.data, len));
		if (store_open(&store, folder, tables, 3, STORE_READ_ONLY, NULL) == BASE_OK) {
			read_all(store, &seed);
			store_close(store);
		}
	}
	base_buf_free(&file);
	free(path);
}
END_TEST

/* LMDB finds the page of a snapshot by the parity of its number: a page of the wrong parity would have it read the other. */
START_TEST(open_when_a_meta_page_has_the_other_ones_parity_is_storage)
{
	struct store *store = store_made(tables, 3, STORE_CREATE | STORE_SCRATCH);
	char *path = folder_path("data.mdb");
	uint64_t seed = 18, odd = 255;
	int fd;

	for (uint64_t n = 0; n < 5; n++)
		block(store, n, &seed);
	store_close(store);
	fd = open(path, O_RDWR);
	ck_assert_int_eq(pwrite(fd, &odd, sizeof(odd), 16 + 24 + 2 * 48 + 8), 8);
	ck_assert_int_eq(close(fd), 0);
	ASSERT_CODE(BASE_STORAGE, store_open(&store, folder, tables, 3, STORE_READ_ONLY, &err));
	free(path);
}
END_TEST

int main(void)
{
	static const TTest *tests[5];
	size_t n = 0;

	tests[n++] = check_after_every_kind_of_commit_is_content;
	tests[n++] = open_when_any_byte_was_altered_refuses_or_reads_safely;
	tests[n++] = open_when_the_file_is_cut_anywhere_refuses_or_reads_safely;
	tests[n++] = open_when_a_meta_page_has_the_other_ones_parity_is_storage;
	tests[n] = NULL;
	return suite_run("store_check", tests, 120);
}
