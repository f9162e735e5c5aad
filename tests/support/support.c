#include "tests/support/support.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

char *support_folder_make(void)
{
	const char *base = getenv("TMPDIR");
	char *path = base_path(base != NULL ? base : "/tmp", "regesta-test-XXXXXX");

	if (mkdtemp(path) != NULL)
		return path;
	perror(path);
	free(path);
	return NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void support_folder_remove(char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
}

static struct base_buf file_text(const char *path)
{
	struct base_buf file = BASE_BUF_INIT;
	struct base_error err = {""};

	base_buf_byte(&file, '\n');
	ck_assert_msg(base_file_read(&file, path, 1 << 20, &err) == BASE_OK, "%s", err.text);
	base_buf_byte(&file, '\0');
	return file;
}

struct base_buf support_doc(const char *path, const char *name)
{
	struct base_buf file = file_text(path), start = BASE_BUF_INIT, value = BASE_BUF_INIT;
	const char *at, *end;

	base_buf_print(&start, "\n%s = ", name);
	base_buf_byte(&start, '\0');
	at = strstr((const char *)file.data, (const char *)start.data);
	ck_assert_msg(at != NULL, "%s has no line \"%s = ...\"", path, name);
	at += strlen((const char *)start.data);
	for (;;) {
		end = strchr(at, '\n');
		ck_assert_ptr_nonnull(end);
		base_buf_append(&value, base_slice(at, (size_t)(end - at)));
		if (end[1] != ' ') /* the value goes on after a space */
			break;
		at = end + 2;
	}
	base_buf_byte(&value, '\0');
	base_buf_free(&file);
	base_buf_free(&start);
	return value;
}

struct base_buf support_doc_block(const char *path, const char *name)
{
	struct base_buf file = file_text(path), start = BASE_BUF_INIT, value = BASE_BUF_INIT;
	const char *at, *end;

	base_buf_print(&start, "\n```text %s\n", name);
	base_buf_byte(&start, '\0');
	at = strstr((const char *)file.data, (const char *)start.data);
	ck_assert_msg(at != NULL, "%s has no block \"%s\"", path, name);
	at += strlen((const char *)start.data);
	end = strstr(at, "\n```\n");
	ck_assert_ptr_nonnull(end);
	base_buf_append(&value, base_slice(at, (size_t)(end + 1 - at)));
	base_buf_free(&file);
	base_buf_free(&start);
	return value;
}

int support_run(const char *name, void (*fill)(TCase *tc))
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120);
	fill(tc);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
