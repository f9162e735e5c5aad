#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void setup(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%.40s/regesta-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void teardown(void)
{
	base_fault_arm(-1);
	ck_assert_int_eq(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static size_t entries(void)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count - 2;
}

static void assert_content(const char *path, const char *expected)
{
	struct base_buf got = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_msg(base_file_read(&got, path, 100, &err) == BASE_OK, "%s", err.text);
	ck_assert(base_slice_equal(base_buf_slice(&got), base_slice_text(expected)));
	base_buf_free(&got);
}

START_TEST(write_when_no_file_is_there_is_refused)
{
	char *path = base_path(folder, "pipe"), *link_path = base_path(folder, "to-pipe");
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};
	struct stat st;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(base_file_write(path, base_slice_text("x"), 0600, true, &err), BASE_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.text, "is no file"));
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_uint_eq(entries(), 1);
	/* Nor a link that leads to it, as /dev/stdout may; and who wants a file does not wait at it. */
	ck_assert_int_eq(symlink("pipe", link_path), 0);
	ck_assert_int_eq(base_file_write(link_path, base_slice_text("x"), 0600, true, &err), BASE_EXISTS);
	ck_assert_int_eq(lstat(link_path, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_eq(base_file_read_regular(&bytes, path, 64, &err), BASE_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "is a pipe"));
	ck_assert_uint_eq(bytes.len, 0);
	base_buf_free(&bytes);
	free(link_path);
	free(path);
}
END_TEST

START_TEST(write_when_new_is_whole_with_mode_and_nothing_else)
{
	char *path = base_path(folder, "a");
	struct base_error err = {""};
	struct stat st;

	ck_assert_int_eq(base_file_write(path, base_slice_text("hello"), 0600, false, &err), BASE_OK);
	assert_content(path, "hello");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(entries(), 1);
	free(path);
}
END_TEST

START_TEST(write_when_file_exists_refuses_or_replaces_as_told)
{
	char *path = base_path(folder, "a");
	struct base_error err = {""};

	ck_assert_int_eq(base_file_write(path, base_slice_text("one"), 0600, false, &err), BASE_OK);
	ck_assert_int_eq(base_file_write(path, base_slice_text("two"), 0600, false, &err), BASE_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot create "));
	ck_assert_ptr_nonnull(strstr(err.text, "/a: File exists"));
	assert_content(path, "one");
	ck_assert_int_eq(base_file_write(path, base_slice(NULL, 0), 0640, true, &err), BASE_OK);
	assert_content(path, "");
	ck_assert_uint_eq(entries(), 1);
	free(path);
}
END_TEST

START_TEST(write_when_any_step_fails_leaves_old_file_and_no_litter)
{
	char *path = base_path(folder, "a");
	struct base_error err = {""};
	int steps;

	ck_assert_int_eq(base_file_write(path, base_slice_text("old"), 0600, false, &err), BASE_OK);
	base_fault_arm(INT_MAX);
	ck_assert_int_eq(base_file_write(path, base_slice_text("old"), 0600, true, &err), BASE_OK);
	steps = base_fault_count();
	ck_assert_int_eq(steps, 4); /* write, sync, rename, sync of the folder */
	for (int i = 0; i < steps; i++) {
		base_fault_arm(i);
		ck_assert_int_eq(base_file_write(path, base_slice_text("new"), 0600, true, &err), BASE_NO_SPACE);
		base_fault_arm(-1);
		ck_assert_ptr_nonnull(strstr(err.text, "No space left on device"));
		/* Once it has its name, it is the new one, whole; that it may not last is what the error says. */
		assert_content(path, i < 3 ? "old" : "new");
		ck_assert_uint_eq(entries(), 1);
	}
	free(path);
}
END_TEST

START_TEST(write_when_folder_is_missing_says_not_found)
{
	char *path = base_path(folder, "no/such/a");
	struct base_error err = {""};

	ck_assert_int_eq(base_file_write(path, base_slice_text("x"), 0600, false, &err), BASE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "no/such/a: No such file"));
	free(path);
}
END_TEST

START_TEST(read_when_at_or_over_the_limit_takes_or_refuses)
{
	char *path = base_path(folder, "a"), *fifo = base_path(folder, "fifo");
	struct base_buf out = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_int_eq(base_file_write(path, base_slice_text("12345"), 0600, false, &err), BASE_OK);
	base_buf_append(&out, base_slice_text("#"));
	ck_assert_int_eq(base_file_read(&out, path, 5, &err), BASE_OK);
	ck_assert(base_slice_equal(base_buf_slice(&out), base_slice_text("#12345")));
	ck_assert_int_eq(base_file_read(&out, path, 4, &err), BASE_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "/a is larger than 4 bytes"));
	ck_assert_uint_eq(out.len, 6);
	ck_assert_int_eq(base_file_read(&out, folder, 4, &err), BASE_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "is a folder, not a file"));
	ck_assert_int_eq(base_file_read(&out, "/no/such/file", 4, &err), BASE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot open /no/such/file"));
	/* What has no size beforehand meets the limit too. */
	ck_assert_int_eq(base_file_read(&out, "/dev/zero", 100000, &err), BASE_LIMIT);
	ck_assert_uint_eq(out.len, 6);
	free(path);
	free(fifo);
	base_buf_free(&out);
}
END_TEST

START_TEST(read_when_limit_is_anything_up_to_two_steps_is_exact)
{
	char *path = base_path(folder, "big");
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 131073};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct base_buf got = BASE_BUF_INIT;

		bytes.len = 0;
		for (size_t n = 0; n < sizes[i]; n++)
			base_buf_byte(&bytes, (uint8_t)(n * 31));
		ck_assert_int_eq(base_file_write(path, base_buf_slice(&bytes), 0600, true, &err), BASE_OK);
		ck_assert_int_eq(base_file_read(&got, path, sizes[i], &err), BASE_OK);
		ck_assert(base_slice_equal(base_buf_slice(&got), base_buf_slice(&bytes)));
		if (sizes[i] > 0)
			ck_assert_int_eq(base_file_read(&got, path, sizes[i] - 1, &err), BASE_LIMIT);
		ck_assert_int_eq(base_file_read(&got, path, SIZE_MAX, &err), BASE_OK);
		base_buf_free(&got);
	}
	base_buf_free(&bytes);
	free(path);
}
END_TEST

START_TEST(make_folder_when_nested_makes_parents_once)
{
	char *path = base_path(folder, "a//b/c/"), *file = base_path(folder, "f"), *below = base_path(folder, "f/x");
	struct base_error err = {""};
	struct stat st;

	ck_assert_int_eq(base_make_folder(path, 0700, &err), BASE_OK);
	ck_assert_int_eq(base_make_folder(path, 0700, &err), BASE_OK);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISDIR(st.st_mode));
	ck_assert_int_eq(base_file_write(file, base_slice_text("x"), 0600, false, &err), BASE_OK);
	ck_assert_int_eq(base_make_folder(file, 0700, &err), BASE_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.text, "exists and is not a folder"));
	ck_assert_int_ne(base_make_folder(below, 0700, &err), BASE_OK);
	ck_assert_int_eq(base_make_folder("", 0700, &err), BASE_USAGE);
	ck_assert_int_eq(base_make_folder("/", 0700, &err), BASE_OK);
	ck_assert_int_eq(base_sync_folder(folder, &err), BASE_OK);
	ck_assert_int_eq(base_sync_folder("/no/such/folder", &err), BASE_NOT_FOUND);
	ck_assert_int_ne(base_sync_folder(file, &err), BASE_OK);
	free(path);
	free(file);
	free(below);
}
END_TEST

START_TEST(write_all_when_disk_is_full_says_no_space)
{
	struct base_error err = {""};
	int fd = open("/dev/full", O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(base_write_all(fd, base_slice_text("x"), &err), BASE_NO_SPACE);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot write: No space left on device"));
	(void)close(fd);
	ck_assert_int_eq(base_write_all(-1, base_slice_text("x"), &err), BASE_IO);
}
END_TEST

START_TEST(path_when_joined_has_one_slash)
{
	static const char *const cases[][3] = {
		{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}, {"a", "", "a/"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path = base_path(cases[i][0], cases[i][1]);

		ck_assert_str_eq(path, cases[i][2]);
		free(path);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base/file");
	TCase *tcase = tcase_create("file");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, write_when_no_file_is_there_is_refused);
	tcase_add_test(tcase, write_when_new_is_whole_with_mode_and_nothing_else);
	tcase_add_test(tcase, write_when_file_exists_refuses_or_replaces_as_told);
	tcase_add_test(tcase, write_when_any_step_fails_leaves_old_file_and_no_litter);
	tcase_add_test(tcase, write_when_folder_is_missing_says_not_found);
	tcase_add_test(tcase, read_when_at_or_over_the_limit_takes_or_refuses);
	tcase_add_test(tcase, read_when_limit_is_anything_up_to_two_steps_is_exact);
	tcase_add_test(tcase, make_folder_when_nested_makes_parents_once);
	tcase_add_test(tcase, write_all_when_disk_is_full_says_no_space);
	tcase_add_test(tcase, path_when_joined_has_one_slash);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
