#include "tests/store/store_support.h"

#include <signal.h>
#include <sys/wait.h>

static const struct store_spec tables[] = {{"names", false}, {"numbers", true}};
enum { NAMES, NUMBERS };

static struct store_txn *begun(struct store *store, bool write)
{
	struct store_txn *txn = NULL;

	ASSERT_OK(store_begin(&txn, store, write, &err));
	return txn;
}

static struct base_slice text(const char *s)
{
	return base_slice_text(s);
}

static void assert_name(struct store_txn *txn, const char *key, const char *expected)
{
	struct base_slice value;

	ASSERT_CODE(expected == NULL ? BASE_NOT_FOUND : BASE_OK, store_get(txn, NAMES, text(key), &value));
	if (expected != NULL)
		ck_assert(base_slice_equal(value, text(expected)));
}

START_TEST(get_after_commit_gives_what_was_put_and_after_abort_what_was_there)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true);
	struct base_slice value;

	ASSERT_OK(store_put(txn, NAMES, text("a"), text("1"), &err));
	ASSERT_OK(store_put_u64(txn, NUMBERS, 7, text("seven"), &err));
	assert_name(txn, "a", "1");
	ASSERT_OK(store_commit(&txn, &err));
	ck_assert_ptr_null(txn);
	txn = begun(store, true);
	ASSERT_OK(store_put(txn, NAMES, text("a"), text("2"), &err));
	ASSERT_OK(store_put(txn, NAMES, text("b"), text(""), &err));
	ASSERT_OK(store_delete_u64(txn, NUMBERS, 7, &err));
	assert_name(txn, "a", "2");
	assert_name(txn, "b", "");
	store_abort(&txn);
	store_abort(&txn);
	store_close(store);
	store = store_made(tables, 2, 0);
	txn = begun(store, false);
	assert_name(txn, "a", "1");
	assert_name(txn, "b", NULL);
	assert_name(txn, "", NULL);
	ASSERT_OK(store_get_u64(txn, NUMBERS, 7, &value));
	ASSERT_CODE(BASE_NOT_FOUND, store_get_u64(txn, NUMBERS, 8, &value));
	ASSERT_OK(store_commit(&txn, &err));
	store_close(store);
}
END_TEST

START_TEST(read_when_begun_before_a_commit_sees_the_state_before_it)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *writer = begun(store, true);
	struct store_txn *before = begun(store, false);
	struct store_txn *after;

	ASSERT_OK(store_put(writer, NAMES, text("a"), text("1"), &err));
	assert_name(before, "a", NULL);
	ASSERT_OK(store_commit(&writer, &err));
	assert_name(before, "a", NULL);
	after = begun(store, false);
	assert_name(after, "a", "1");
	store_abort(&before);
	store_abort(&after);
	store_close(store);
}
END_TEST

START_TEST(begin_when_this_thread_is_writing_already_is_busy)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true), *second = NULL;

	ASSERT_CODE(BASE_BUSY, store_begin(&second, store, true, &err));
	store_abort(&txn);
	txn = begun(store, true);
	store_abort(&txn);
	store_close(store);
}
END_TEST

START_TEST(append_when_the_key_is_not_the_last_breaks_the_transaction)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true);

	ASSERT_OK(store_append_u64(txn, NUMBERS, 256, text("x"), &err));
	ASSERT_OK(store_append_u64(txn, NUMBERS, 257, text("y"), &err));
	ASSERT_CODE(BASE_STORAGE, store_append_u64(txn, NUMBERS, 257, text("z"), &err));
	ASSERT_CODE(BASE_STORAGE, store_commit(&txn, &err));
	txn = begun(store, true);
	ASSERT_OK(store_append_u64(txn, NUMBERS, 1, text("x"), &err));
	ASSERT_OK(store_commit(&txn, &err));
	store_close(store);
}
END_TEST

START_TEST(floor_and_last_give_the_nearest_key_below)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true);
	struct base_slice value;
	uint64_t key = 99;

	ASSERT_CODE(BASE_NOT_FOUND, store_last_u64(txn, NUMBERS, &key, &value));
	for (uint64_t i = 10; i <= 100000; i *= 10)
		ASSERT_OK(store_append_u64(txn, NUMBERS, i, base_slice(&i, sizeof(i)), &err));
	for (int pass = 0; pass < 2; pass++) {
		ASSERT_OK(store_last_u64(txn, NUMBERS, &key, &value));
		ck_assert_uint_eq(key, 100000);
		ASSERT_CODE(BASE_NOT_FOUND, store_floor_u64(txn, NUMBERS, 9, &key, &value));
		ASSERT_OK(store_floor_u64(txn, NUMBERS, 10, &key, &value));
		ck_assert_uint_eq(key, 10);
		ASSERT_OK(store_floor_u64(txn, NUMBERS, 99999, &key, &value));
		ck_assert_uint_eq(key, 10000);
		ck_assert_mem_eq(value.data, &key, sizeof(key));
		ASSERT_OK(store_floor_u64(txn, NUMBERS, UINT64_MAX, &key, &value));
		ck_assert_uint_eq(key, 100000);
		if (pass == 0)
			ASSERT_OK(store_commit(&txn, &err));
		if (pass == 0)
			txn = begun(store, false);
	}
	store_abort(&txn);
	store_close(store);
}
END_TEST

struct walked {
	char keys[200];
	uint64_t sum;
	size_t left;
};

static bool visit_name(void *arg, struct base_slice key, struct base_slice value)
{
	struct walked *walked = arg;

	(void)value;
	strncat(walked->keys, (const char *)key.data, key.len);
	return --walked->left > 0;
}

static bool visit_number(void *arg, uint64_t key, struct base_slice value)
{
	struct walked *walked = arg;

	(void)value;
	walked->sum += key;
	return --walked->left > 0;
}

START_TEST(walk_goes_in_order_from_the_key_until_told_to_stop)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true);
	struct walked walked = {.left = 100};
	const char *names[] = {"b", "d", "a", "cc", "c"};

	ASSERT_OK(store_walk(txn, NAMES, text(""), visit_name, &walked, &err));
	ck_assert_str_eq(walked.keys, "");
	for (size_t i = 0; i < 5; i++)
		ASSERT_OK(store_put(txn, NAMES, text(names[i]), text("v"), &err));
	for (uint64_t i = 1; i < 1000; i++)
		ASSERT_OK(store_put_u64(txn, NUMBERS, i * 7919 % 1000, text("v"), &err));
	ASSERT_OK(store_walk(txn, NAMES, text(""), visit_name, &walked, &err));
	ck_assert_str_eq(walked.keys, "abcccd");
	walked = (struct walked){.left = 2};
	ASSERT_OK(store_walk(txn, NAMES, text("bb"), visit_name, &walked, &err));
	ck_assert_str_eq(walked.keys, "ccc");
	walked = (struct walked){.left = 3};
	ASSERT_OK(store_walk_u64(txn, NUMBERS, 256, visit_number, &walked, &err));
	ck_assert_uint_eq(walked.sum, 256 + 257 + 258);
	walked = (struct walked){.left = 100};
	ASSERT_OK(store_walk(txn, NAMES, text("e"), visit_name, &walked, &err));
	ASSERT_OK(store_walk_u64(txn, NUMBERS, 1000, visit_number, &walked, &err));
	ck_assert_uint_eq(walked.left, 100);
	store_abort(&txn);
	store_close(store);
}
END_TEST

START_TEST(put_when_the_key_is_too_long_is_a_limit)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true);
	uint8_t key[STORE_KEY_BYTES_MAX + 1] = {1};
	struct base_slice value;

	ASSERT_OK(store_put(txn, NAMES, base_slice(key, STORE_KEY_BYTES_MAX), text("v"), &err));
	ASSERT_CODE(BASE_NOT_FOUND, store_get(txn, NAMES, base_slice(key, sizeof(key)), &value));
	ASSERT_CODE(BASE_NOT_FOUND, store_delete(txn, NAMES, base_slice(key, sizeof(key)), &err));
	ASSERT_CODE(BASE_NOT_FOUND, store_delete(txn, NAMES, text("other"), &err));
	ASSERT_CODE(BASE_LIMIT, store_put(txn, NAMES, base_slice(key, sizeof(key)), text("v"), &err));
	ASSERT_CODE(BASE_LIMIT, store_commit(&txn, &err));
	store_close(store);
}
END_TEST

/* Five writes and a commit: whichever fails, nothing of it is there, and the same again succeeds. */
START_TEST(commit_when_any_step_fails_changes_nothing)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	struct store_txn *txn = begun(store, true);
	int failures = 0;

	ASSERT_OK(store_put(txn, NAMES, text("a"), text("old"), &err));
	ASSERT_OK(store_commit(&txn, &err));
	for (int n = 0;; n++) {
		enum base_code first, code;

		txn = begun(store, true);
		base_fault_arm(n);
		first = store_put(txn, NAMES, text("a"), text("new"), NULL);
		/* A caller that goes on regardless cannot make half of it durable. */
		code = store_append_u64(txn, NUMBERS, 1, text("x"), NULL);
		code = code == BASE_OK ? store_put(txn, NAMES, text("b"), text("x"), NULL) : code;
		code = code == BASE_OK ? store_delete(txn, NAMES, text("a"), NULL) : code;
		code = store_commit(&txn, NULL);
		base_fault_arm(-1);
		ck_assert_ptr_null(txn);
		txn = begun(store, false);
		if (code == BASE_OK) {
			ck_assert_int_eq(first, BASE_OK);
			assert_name(txn, "b", "x");
			store_abort(&txn);
			break;
		}
		ck_assert_int_eq(code, BASE_NO_SPACE);
		assert_name(txn, "a", "old");
		assert_name(txn, "b", NULL);
		store_abort(&txn);
		failures++;
	}
	ck_assert_int_eq(failures, 6);
	store_close(store);
}
END_TEST

/* A process that is killed at any instant of a commit leaves one commit or the other. */
START_TEST(open_after_a_writer_was_killed_finds_a_whole_commit)
{
	uint64_t seed = 3, last = 0;

	for (int round = 0; round < 25; round++) {
		struct base_slice value;
		struct store_txn *txn;
		struct store *store;
		uint64_t key = 0;
		pid_t pid = fork();

		if (pid == 0) {
			store = store_made(tables, 2, STORE_CREATE);
			for (uint64_t n = last + 1;; n++) {
				char name[32];

				txn = begun(store, true);
				(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)n);
				ASSERT_OK(store_append_u64(txn, NUMBERS, n, text(name), &err));
				ASSERT_OK(store_put(txn, NAMES, text("last"), text(name), &err));
				ASSERT_OK(store_commit(&txn, &err));
			}
		}
		(void)usleep((useconds_t)(2000 + random_next(&seed) % 30000));
		(void)kill(pid, SIGKILL);
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		store = store_made(tables, 2, STORE_CREATE);
		txn = begun(store, true); /* the lock of the dead is taken over */
		if (store_last_u64(txn, NUMBERS, &key, &value) == BASE_OK) {
			char name[32];

			ck_assert_uint_ge(key, last);
			last = key;
			(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)key);
			ck_assert(base_slice_equal(value, text(name)));
			assert_name(txn, "last", name);
		}
		store_abort(&txn);
		store_close(store);
	}
	ck_assert_uint_gt(last, 20);
}
END_TEST

START_TEST(copy_of_a_store_in_use_is_the_last_commit)
{
	struct store *store = store_made(tables, 2, STORE_CREATE), *copy = NULL;
	struct store_txn *txn = begun(store, true);
	char *to = folder_path("copy/of it");
	uint8_t *large = base_alloc(3000000);
	struct stat info;
	mode_t before;
	char *copied;

	ASSERT_OK(store_put(txn, NAMES, text("a"), text("1"), &err));
	for (uint64_t i = 0; i < 2000; i++)
		ASSERT_OK(store_append_u64(txn, NUMBERS, i, base_slice(large, i * 3), &err));
	ASSERT_OK(store_commit(&txn, &err));
	txn = begun(store, true);
	ASSERT_OK(store_put(txn, NAMES, text("a"), text("2"), &err));
	before = umask(0);
	ASSERT_OK(store_copy(store, to, &err));
	(void)umask(before);
	copied = base_path(to, "data.mdb");
	ck_assert_int_eq(stat(copied, &info), 0);
	ck_assert_int_eq(info.st_mode & 0777, 0600); /* whatever the umask */
	free(copied);
	ASSERT_OK(store_commit(&txn, &err));
	ASSERT_CODE(BASE_EXISTS, store_copy(store, to, &err));
	ASSERT_OK(store_open(&copy, to, tables, 2, STORE_READ_ONLY | STORE_CHECK, &err));
	txn = begun(copy, false);
	assert_name(txn, "a", "1");
	for (uint64_t i = 0; i < 2000; i++) {
		struct base_slice value;

		ASSERT_OK(store_get_u64(txn, NUMBERS, i, &value));
		ck_assert_uint_eq(value.len, i * 3);
	}
	store_abort(&txn);
	store_close(copy);
	store_close(store);
	free(large);
	free(to);
}
END_TEST

START_TEST(copy_when_it_fails_leaves_no_file)
{
	struct store *store = store_made(tables, 2, STORE_CREATE);
	char *to = folder_path("copy");
	char *file = folder_path("copy/data.mdb");

	base_fault_arm(0);
	ASSERT_CODE(BASE_NO_SPACE, store_copy(store, to, &err));
	base_fault_arm(-1);
	ck_assert_int_ne(access(file, F_OK), 0);
	ASSERT_OK(store_copy(store, to, &err));
	ck_assert_int_eq(access(file, F_OK), 0);
	store_close(store);
	free(to);
	free(file);
}
END_TEST

int main(void)
{
	static const TTest *tests[14];
	size_t n = 0;

	tests[n++] = get_after_commit_gives_what_was_put_and_after_abort_what_was_there;
	tests[n++] = read_when_begun_before_a_commit_sees_the_state_before_it;
	tests[n++] = begin_when_this_thread_is_writing_already_is_busy;
	tests[n++] = append_when_the_key_is_not_the_last_breaks_the_transaction;
	tests[n++] = floor_and_last_give_the_nearest_key_below;
	tests[n++] = walk_goes_in_order_from_the_key_until_told_to_stop;
	tests[n++] = put_when_the_key_is_too_long_is_a_limit;
	tests[n++] = commit_when_any_step_fails_changes_nothing;
	tests[n++] = open_after_a_writer_was_killed_finds_a_whole_commit;
	tests[n++] = copy_of_a_store_in_use_is_the_last_commit;
	tests[n++] = copy_when_it_fails_leaves_no_file;
	tests[n] = NULL;
	return suite_run("store_txn", tests, 120);
}
