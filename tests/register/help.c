#include "tests/register/help.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[] = "/tmp/regesta-test-XXXXXX";
const struct base_hash help_ledger = {{1, 2, 3}};
struct keys_private *help_owner, *help_other;
char *help_folder;
struct reg *help_reg;

struct keys_private *help_sealing_key(uint8_t first)
{
	struct keys_private *key;
	uint8_t raw[32];

	for (uint8_t i = 0; i < 32; i++)
		raw[i] = (uint8_t)(first + i);
	ck_assert_int_eq(keys_private_import(&key, KEYS_SEAL, KEYS_X25519, raw, NULL), BASE_OK);
	return key;
}

char *help_path(const char *name)
{
	return base_path(root, name);
}

static void folder_remove(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *name = base_path(path, entry->d_name);

		if (entry->d_name[0] != '.')
			(void)unlink(name);
		free(name);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static struct reg *made(const char *path)
{
	struct base_error err = {""};
	struct reg *out = NULL;

	ck_assert_msg(register_create(path, &help_ledger, keys_private_public(help_owner), &err) == BASE_OK, "%s",
		      err.text);
	ck_assert_msg(register_open(&out, path, &help_ledger, help_owner, &err) == BASE_OK, "%s", err.text);
	return out;
}

struct reg *help_second(void)
{
	char *path = help_path("second");
	struct reg *out = made(path);

	free(path);
	return out;
}

static void setup(void)
{
	help_owner = help_sealing_key(1);
	help_other = help_sealing_key(2);
	help_folder = help_path("register");
	help_reg = made(help_folder);
}

static void teardown(void)
{
	char *second = help_path("second");

	register_close(help_reg);
	keys_private_close(help_owner);
	keys_private_close(help_other);
	folder_remove(help_folder);
	folder_remove(second);
	free(help_folder);
	free(second);
}

struct register_entry help_enrol(struct reg *in, const char *study, const char *number)
{
	struct register_entry entry;
	struct base_error err = {""};
	bool new;

	ck_assert_msg(register_enrol(in, study, number, &entry, &new, &err) == BASE_OK, "%s", err.text);
	return entry;
}

void help_reopen(const struct keys_private *key)
{
	struct base_error err = {""};

	register_close(help_reg);
	help_reg = NULL;
	ck_assert_msg(register_open(&help_reg, help_folder, &help_ledger, key, &err) == BASE_OK, "%s", err.text);
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

struct base_buf help_doc(const char *path, const char *name)
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

int help_run(const char *name, void (*fill)(TCase *tc))
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create(name);
	SRunner *runner;
	int failed;

	if (mkdtemp(root) == NULL)
		return EXIT_FAILURE;
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	fill(tc);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	(void)rmdir(root);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
