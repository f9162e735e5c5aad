#include "tests/register/help.h"

#include <stdlib.h>

static char *root; /* of the whole program; each test leaves it empty */
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
	support_folder_remove(help_folder);
	support_folder_remove(second);
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

static void (*fill_more)(TCase *tc);

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	fill_more(tc);
}

int help_run(const char *name, void (*more)(TCase *tc))
{
	int rc;

	if ((root = support_folder_make()) == NULL)
		return EXIT_FAILURE;
	fill_more = more;
	rc = support_run(name, fill);
	support_folder_remove(root);
	return rc;
}
