#include "tests/keys/help.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct base_buf help_hex(const char *hex)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert_msg(base_unhex(&out, base_slice_text(hex)), "not hex: %s", hex);
	return out;
}

void help_hex_into(uint8_t *out, size_t len, const char *hex)
{
	struct base_buf bytes = help_hex(hex);

	ck_assert_uint_eq(bytes.len, len);
	memcpy(out, bytes.data, len);
	base_buf_free(&bytes);
}

void help_equal_hex(const void *bytes, size_t len, const char *hex)
{
	char *text = base_alloc(2 * len + 1);

	base_hex(text, base_slice(bytes, len));
	ck_assert_str_eq(text, hex);
	free(text);
}

void help_count(uint8_t raw[32], uint8_t first)
{
	for (uint8_t i = 0; i < 32; i++)
		raw[i] = (uint8_t)(first + i);
}

struct keys_private *help_key(enum keys_purpose purpose, uint8_t first)
{
	struct keys_private *key = NULL;
	struct base_error err = {""};
	uint8_t raw[32];

	help_count(raw, first);
	ck_assert_msg(keys_private_import(&key, purpose, keys_purpose_alg(purpose), raw, &err) == BASE_OK, "%s",
		      err.text);
	return key;
}

const char *help_vectors(const char *sub)
{
	static char path[4096];
	const char *root = getenv("REGESTA_VECTORS");
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", root != NULL ? root : "../shared/data", sub);
	if (stat(path, &st) == 0)
		return path;
	printf("skipped: no test vectors at %s\n", path);
	return NULL;
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

struct base_buf help_doc_block(const char *path, const char *name)
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

int help_run(const char *name, void (*fill)(TCase *tc))
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
