#include "ledger/store/store_internal.h"
#include "tests/store/store_support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static const struct store_spec tables[] = {{"names", false}, {"numbers", true}};
enum { NAMES, NUMBERS };
#define NOBODY 65534

static enum base_code open_code(const struct store_spec *specs, size_t count, unsigned flags)
{
	struct store *store = NULL;
	struct base_error err = {""};
	enum base_code code = store_open(&store, folder, specs, count, flags, &err);

	if (code == BASE_OK)
		store_close(store);
	else
		ck_assert_msg(strlen(err.text) > 10, "an error says what is wrong");
	return code;
}

static void file_put(const char *name, const void *bytes, size_t len)
{
	char *path = folder_path(name);
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
	free(path);
}

static void file_patch(const char *name, long at, const void *bytes, size_t len)
{
	char *path = folder_path(name);
	int fd = open(path, O_RDWR);

	ck_assert_int_eq(pwrite(fd, bytes, len, at), (ssize_t)len);
	ck_assert_int_eq(close(fd), 0);
	free(path);
}

static void file_truncate(const char *name, off_t len)
{
	char *path = folder_path(name);

	ck_assert_int_eq(truncate(path, len), 0);
	free(path);
}

static void file_mode(const char *name, mode_t mode)
{
	char *path = folder_path(name);

	ck_assert_int_eq(chmod(path, mode), 0);
	free(path);
}

static void file_remove(const char *name)
{
	char *path = folder_path(name);

	ck_assert_int_eq(remove(path), 0);
	free(path);
}

static void put_number(struct store *store, uint64_t n, size_t bytes)
{
	uint8_t *value = base_alloc(bytes + 1);
	struct store_txn *txn = NULL;

	ASSERT_OK(store_begin(&txn, store, true, &err));
	ASSERT_OK(store_put_u64(txn, NUMBERS, n, base_slice(value, bytes), &err));
	ASSERT_OK(store_commit(&txn, &err));
	free(value);
}

static uint64_t last_number(struct store *store)
{
	struct store_txn *txn = NULL;
	struct base_slice value;
	uint64_t key = 0;

	ASSERT_OK(store_begin(&txn, store, false, &err));
	ck_assert_int_eq(store_last_u64(txn, NUMBERS, &key, &value), BASE_OK);
	store_abort(&txn);
	return key;
}

/* Runs body in a process of its own; what it asserts counts. */
#define IN_CHILD(...)                                                                             \
	do {                                                                                       \
		int status_;                                                                       \
		pid_t pid_ = fork();                                                               \
		if (pid_ == 0) {                                                                   \
			__VA_ARGS__;                                                                    \
			_exit(0);                                                                  \
		}                                                                                  \
		ck_assert_int_eq(waitpid(pid_, &status_, 0), pid_);                                \
		ck_assert_msg(WIFEXITED(status_) && WEXITSTATUS(status_) == 0, "the child failed"); \
	} while (0)
#define CHILD_ASSERT(condition)                                                                    \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);      \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* ---- What is no store of ours ------------------------------------------- */

START_TEST(open_when_there_is_nothing_is_not_found)
{
	char *path = folder_path("none");
	struct store *store = NULL;

	ASSERT_CODE(BASE_NOT_FOUND, store_open(&store, path, tables, 2, 0, &err));
	ck_assert_int_eq(open_code(tables, 2, STORE_READ_ONLY), BASE_NOT_FOUND);
	ck_assert_int_ne(access(path, F_OK), 0);
	free(path);
}
END_TEST

START_TEST(open_when_the_file_is_foreign_or_damaged_is_storage)
{
	char text[20000];
	uint32_t page_bytes[] = {0, 1, 511, 513, 65536, UINT32_MAX};

	memset(text, 'x', sizeof(text));
	for (int read_only = 0; read_only < 2; read_only++) {
		unsigned flags = read_only ? STORE_READ_ONLY : 0;

		file_put("data.mdb", "", 0);
		ck_assert_int_eq(open_code(tables, 2, flags), BASE_STORAGE);
		file_put("data.mdb", text, 100);
		ck_assert_int_eq(open_code(tables, 2, flags), BASE_STORAGE);
		file_put("data.mdb", text, sizeof(text));
		ck_assert_int_eq(open_code(tables, 2, flags), BASE_STORAGE);
		file_remove("data.mdb");
		store_close(store_made(tables, 2, STORE_CREATE));
		/* LMDB divides by the page size that it finds here. */
		for (size_t i = 0; i < 6; i++) {
			file_patch("data.mdb", 16 + 24, &page_bytes[i], 4);
			ck_assert_int_eq(open_code(tables, 2, flags), BASE_STORAGE);
		}
		file_remove("data.mdb");
	}
}
END_TEST

START_TEST(open_when_the_format_is_newer_is_version)
{
	uint32_t version = 2;

	store_close(store_made(tables, 2, STORE_CREATE));
	file_patch("data.mdb", 16 + 4, &version, sizeof(version));
	ck_assert_int_eq(open_code(tables, 2, 0), BASE_VERSION);
	ck_assert_int_eq(open_code(tables, 2, STORE_READ_ONLY | STORE_CHECK), BASE_VERSION);
}
END_TEST

START_TEST(open_when_a_table_is_missing_or_of_another_type_is_storage)
{
	static const struct store_spec more[] = {{"names", false}, {"numbers", true}, {"third", false}};
	static const struct store_spec other[] = {{"names", true}, {"numbers", true}};
	struct store *store, *second = NULL;

	store_close(store_made(tables, 2, STORE_CREATE));
	ck_assert_int_eq(open_code(more, 3, 0), BASE_STORAGE);
	ck_assert_int_eq(open_code(more, 3, STORE_READ_ONLY), BASE_STORAGE);
	ck_assert_int_eq(open_code(other, 2, 0), BASE_STORAGE);
	store = store_made(tables, 2, 0);
	ASSERT_CODE(BASE_STORAGE, store_open(&second, folder, more, 3, 0, &err));
	ASSERT_CODE(BASE_STORAGE, store_open(&second, folder, other, 2, 0, &err));
	put_number(store, 1, 10);
	store_close(store);
	store_close(store_made(more, 3, STORE_CREATE));
	ck_assert_int_eq(open_code(more, 3, 0), BASE_OK);
}
END_TEST

START_TEST(open_when_the_file_was_cut_is_storage)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	char *path = folder_path("data.mdb");
	struct stat st;

	for (uint64_t i = 0; i < 40; i++)
		put_number(store, i, i * 500);
	store_close(store);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(open_code(tables, 2, 0), BASE_OK);
	for (off_t len = st.st_size - 4096; len > 8192; len -= 4096) {
		file_truncate("data.mdb", len);
		ck_assert_int_eq(open_code(tables, 2, 0), BASE_STORAGE);
		ck_assert_int_eq(open_code(tables, 2, STORE_READ_ONLY), BASE_STORAGE);
	}
	free(path);
}
END_TEST

/* ---- Sharing ------------------------------------------------------------ */

START_TEST(open_when_this_process_has_the_file_open_shares_it)
{
	struct store *first = store_made(tables, 2, STORE_CREATE);
	struct store *second = store_made(tables, 2, STORE_READ_ONLY);
	struct store *third = store_made(tables + 1, 1, 0);
	struct store_txn *txn = NULL;

	put_number(first, 5, 100);
	ck_assert_uint_eq(last_number(second), 5);
	ASSERT_CODE(BASE_USAGE, store_begin(&txn, second, true, &err));
	store_close(first);
	ck_assert_uint_eq(last_number(second), 5);
	ASSERT_OK(store_begin(&txn, third, true, &err));
	ASSERT_OK(store_put_u64(txn, 0, 6, base_slice("x", 1), &err));
	ASSERT_OK(store_commit(&txn, &err));
	ck_assert_uint_eq(last_number(second), 6);
	/* The lock is still held: another process cannot have thought itself alone. */
	IN_CHILD({
		struct flock probe = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
		char *path = folder_path("lock.mdb");
		int fd = open(path, O_RDWR);

		CHILD_ASSERT(fcntl(fd, F_GETLK, &probe) == 0 && probe.l_type != F_UNLCK);
	});
	store_close(third);
	store_close(second);
}
END_TEST

START_TEST(open_for_writing_when_this_process_reads_only_is_busy)
{
	struct store *store;

	store_close(store_made(tables, 2, STORE_CREATE));
	store = store_made(tables, 2, STORE_READ_ONLY);
	ck_assert_int_eq(open_code(tables, 2, 0), BASE_BUSY);
	ck_assert_int_eq(open_code(tables, 2, STORE_READ_ONLY), BASE_OK);
	store_close(store);
	ck_assert_int_eq(open_code(tables, 2, 0), BASE_OK);
}
END_TEST

static int count_reader(const char *line, void *arg)
{
	(void)line;
	(*(int *)arg)++;
	return 0;
}

START_TEST(open_clears_the_readers_of_dead_processes)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	int before = 0, after = 0;

	/* Keeps the lock file in use, so that it is not made anew. */
	put_number(store, 1, 10);
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			char *program = folder_path("unused");
			MDB_env *env = NULL;
			MDB_txn *txn = NULL;

			/* Not through store: the parent's list of open files came along with fork. */
			free(program);
			CHILD_ASSERT(mdb_env_create(&env) == 0 && mdb_env_open(env, folder, MDB_RDONLY, 0600) == 0);
			CHILD_ASSERT(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0);
			(void)raise(SIGKILL);
		}
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	}
	(void)mdb_reader_list(store->env->mdb, count_reader, &before);
	ck_assert_int_ge(before, 4); /* a line above the readers */
	store_close(store);
	store = store_made(tables, 2, 0);
	(void)mdb_reader_list(store->env->mdb, count_reader, &after);
	ck_assert_int_le(after, 1);
	store_close(store);
}
END_TEST

/* ---- The map ------------------------------------------------------------ */

START_TEST(put_when_the_map_is_full_is_busy_once_and_then_goes_on)
{
	struct store *store;
	uint8_t value[10000] = {0};
	int busy = 0;

	store_map_bytes_first = 1 << 20;
	store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	for (uint64_t n = 0; n < 3000; n++) {
		struct store_txn *txn = NULL;
		enum base_code code;

		ASSERT_OK(store_begin(&txn, store, true, &err));
		code = store_append_u64(txn, NUMBERS, n, base_slice(value, sizeof(value)), NULL);
		if (code == BASE_OK) {
			code = store_commit(&txn, NULL);
		} else {
			ck_assert_int_eq(store_commit(&txn, NULL), BASE_BUSY);
		}
		if (code == BASE_BUSY) {
			busy++;
			n--;
			continue;
		}
		ck_assert_int_eq(code, BASE_OK);
	}
	ck_assert_int_ge(busy, 4);
	ck_assert_int_le(busy, 10);
	ck_assert_uint_eq(last_number(store), 2999);
	store_close(store);
	/* A file larger than the map of a new environment. */
	store = store_made(tables, 2, STORE_READ_ONLY);
	ck_assert_uint_eq(last_number(store), 2999);
	store_close(store);
}
END_TEST

START_TEST(put_when_the_map_is_full_and_somebody_reads_waits_for_the_reader)
{
	struct store *store;
	uint8_t value[100000] = {0};
	struct store_txn *reader = NULL, *txn = NULL;
	enum base_code code = BASE_OK;

	store_map_bytes_first = 1 << 20;
	store = store_made(tables, 2, STORE_CREATE | STORE_SCRATCH);
	ASSERT_OK(store_begin(&reader, store, false, &err));
	for (uint64_t n = 0; code == BASE_OK; n++) {
		ASSERT_OK(store_begin(&txn, store, true, &err));
		code = store_append_u64(txn, NUMBERS, n, base_slice(value, sizeof(value)), NULL);
		if (code == BASE_OK)
			code = store_commit(&txn, NULL);
		store_abort(&txn);
	}
	ck_assert_int_eq(code, BASE_BUSY);
	ASSERT_CODE(BASE_BUSY, store_begin(&txn, store, true, &err));
	store_abort(&reader);
	ASSERT_OK(store_begin(&txn, store, true, &err));
	ASSERT_OK(store_append_u64(txn, NUMBERS, 1000, base_slice(value, sizeof(value)), &err));
	ASSERT_OK(store_commit(&txn, &err));
	store_close(store);
}
END_TEST

START_TEST(begin_when_another_process_enlarged_the_file_follows)
{
	struct store *store;

	store_map_bytes_first = 1 << 20;
	store_close(store_made(tables, 2, STORE_CREATE));
	IN_CHILD({
		int to_child[2], to_parent[2];
		char byte;

		CHILD_ASSERT(pipe(to_child) == 0 && pipe(to_parent) == 0);
		if (fork() == 0) {
			/* The other process, with a map that is large at once. */
			store_map_bytes_first = (size_t)1 << 30;
			CHILD_ASSERT(read(to_child[0], &byte, 1) == 1);
			store = store_made(tables, 2, 0);
			for (uint64_t n = 10; n < 40; n++)
				put_number(store, n, 100000);
			CHILD_ASSERT(write(to_parent[1], "x", 1) == 1);
			store_close(store);
			_exit(0);
		}
		store = store_made(tables, 2, 0);
		put_number(store, 1, 10);
		CHILD_ASSERT(write(to_child[1], "x", 1) == 1 && read(to_parent[0], &byte, 1) == 1);
		CHILD_ASSERT(last_number(store) == 39);
		put_number(store, 41, 100000);
		CHILD_ASSERT(last_number(store) == 41);
		store_close(store);
		while (wait(NULL) > 0)
			continue;
	});
}
END_TEST

START_TEST(open_when_address_space_is_short_takes_a_smaller_map)
{
#ifdef SANITIZED
	(void)tables; /* the sanitizer needs the address space itself */
#else
	IN_CHILD({
		struct rlimit limit = {(rlim_t)1 << 30, (rlim_t)1 << 30};
		struct store *store;

		CHILD_ASSERT(setrlimit(RLIMIT_AS, &limit) == 0);
		store = store_made(tables, 2, STORE_CREATE);
		put_number(store, 3, 1000);
		CHILD_ASSERT(last_number(store) == 3);
		store_close(store);
	});
#endif
}
END_TEST

/* ---- Permissions and room ----------------------------------------------- */

static bool unprivileged(void)
{
	return geteuid() != 0 || (setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

START_TEST(open_read_only_when_the_folder_cannot_be_written_reads_a_copy)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);

	put_number(store, 9, 5000);
	store_close(store);
	file_remove("lock.mdb");
	file_mode("data.mdb", 0444);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	IN_CHILD({
		struct store *copy;

		CHILD_ASSERT(unprivileged());
		CHILD_ASSERT(open_code(tables, 2, 0) == BASE_IO);
		copy = store_made(tables, 2, STORE_READ_ONLY | STORE_CHECK);
		CHILD_ASSERT(last_number(copy) == 9);
		store_close(copy);
	});
	ck_assert_int_eq(chmod(folder, 0755), 0);
}
END_TEST

START_TEST(open_read_only_when_the_lock_file_cannot_be_written_tells_a_copy_from_a_ledger_in_use)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);

	put_number(store, 9, 5000);
	file_mode("data.mdb", 0444);
	file_mode("lock.mdb", 0444);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	/* A process that inherits nothing of ours: it must not see this process's open files as its own. */
	IN_CHILD({
		CHILD_ASSERT(unprivileged());
		/* The list of open files came along with fork; a file of another name is not in it. */
		CHILD_ASSERT(chdir("/") == 0);
		store->env->inode = 0;
		CHILD_ASSERT(open_code(tables, 2, STORE_READ_ONLY) == BASE_BUSY);
	});
	store_close(store);
	IN_CHILD({
		CHILD_ASSERT(unprivileged());
		CHILD_ASSERT(open_code(tables, 2, STORE_READ_ONLY) == BASE_OK);
	});
	file_mode("lock.mdb", 0000);
	IN_CHILD({
		CHILD_ASSERT(unprivileged());
		CHILD_ASSERT(open_code(tables, 2, STORE_READ_ONLY) == BASE_IO);
	});
	ck_assert_int_eq(chmod(folder, 0755), 0);
	file_mode("lock.mdb", 0644);
}
END_TEST

/* The file may not grow: as on a full disk, the write itself fails. */
START_TEST(commit_when_there_is_no_room_loses_nothing_and_works_again_with_room)
{
	IN_CHILD({
		struct store *store = store_made(tables, 2, STORE_CREATE);
		struct rlimit limit;
		uint64_t n = 0;

		CHILD_ASSERT(signal(SIGXFSZ, SIG_IGN) != SIG_ERR && getrlimit(RLIMIT_FSIZE, &limit) == 0);
		limit.rlim_cur = 1 << 20;
		CHILD_ASSERT(setrlimit(RLIMIT_FSIZE, &limit) == 0);
		for (int failures = 0; failures < 3; n++) {
			uint8_t value[50000] = {0};
			struct store_txn *txn = NULL;
			struct base_error err = {""};
			enum base_code code;

			CHILD_ASSERT(store_begin(&txn, store, true, &err) == BASE_OK);
			code = store_append_u64(txn, NUMBERS, n, base_slice(value, sizeof(value)), &err);
			if (code == BASE_OK)
				code = store_commit(&txn, &err);
			store_abort(&txn);
			if (code == BASE_OK)
				continue;
			CHILD_ASSERT(code == BASE_NO_SPACE && strstr(err.text, "commit") != NULL);
			failures++;
			n--;
			CHILD_ASSERT(last_number(store) == n);
		}
		limit.rlim_cur = limit.rlim_max;
		CHILD_ASSERT(setrlimit(RLIMIT_FSIZE, &limit) == 0);
		put_number(store, n, 50000);
		CHILD_ASSERT(last_number(store) == n);
		store_close(store);
		CHILD_ASSERT(open_code(tables, 2, STORE_CHECK) == BASE_OK);
	});
}
END_TEST

int main(void)
{
	static const TTest *tests[18];
	size_t n = 0;

	tests[n++] = open_when_there_is_nothing_is_not_found;
	tests[n++] = open_when_the_file_is_foreign_or_damaged_is_storage;
	tests[n++] = open_when_the_format_is_newer_is_version;
	tests[n++] = open_when_a_table_is_missing_or_of_another_type_is_storage;
	tests[n++] = open_when_the_file_was_cut_is_storage;
	tests[n++] = open_when_this_process_has_the_file_open_shares_it;
	tests[n++] = open_for_writing_when_this_process_reads_only_is_busy;
	tests[n++] = open_clears_the_readers_of_dead_processes;
	tests[n++] = put_when_the_map_is_full_is_busy_once_and_then_goes_on;
	tests[n++] = put_when_the_map_is_full_and_somebody_reads_waits_for_the_reader;
	tests[n++] = begin_when_another_process_enlarged_the_file_follows;
	tests[n++] = open_when_address_space_is_short_takes_a_smaller_map;
	tests[n++] = open_read_only_when_the_folder_cannot_be_written_reads_a_copy;
	tests[n++] = open_read_only_when_the_lock_file_cannot_be_written_tells_a_copy_from_a_ledger_in_use;
	tests[n++] = commit_when_there_is_no_room_loses_nothing_and_works_again_with_room;
	tests[n] = NULL;
	return suite_run("store_open", tests, 120);
}
