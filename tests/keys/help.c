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
