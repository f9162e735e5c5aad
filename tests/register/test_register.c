#include "tests/register/help.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/wire/wire.h"

/* ---- Participants ------------------------------------------------------- */

START_TEST(enrol_when_number_is_new_makes_a_reference_once)
{
	struct register_entry first, again, found;
	struct base_error err;
	bool new;

	ck_assert_int_eq(register_enrol(help_reg, "rd-1", "SITE-007", &first, &new, &err), BASE_OK);
	ck_assert(new);
	ck_assert_str_eq(first.study, "rd-1");
	ck_assert_str_eq(first.number, "SITE-007");
	ck_assert_uint_eq(first.generation, 1);
	ck_assert(!first.recorded);
	ck_assert_int_eq(register_enrol(help_reg, "rd-1", "SITE-007", &again, &new, &err), BASE_OK);
	ck_assert(!new);
	ck_assert(base_hash_equal(&first.reference, &again.reference));
	help_reopen(help_owner);
	ck_assert_int_eq(register_by_number(help_reg, "rd-1", "SITE-007", &found, &err), BASE_OK);
	ck_assert(base_hash_equal(&first.reference, &found.reference));
	ck_assert_int_eq(register_by_reference(help_reg, &first.reference, &found, &err), BASE_OK);
	ck_assert_str_eq(found.number, "SITE-007");
}
END_TEST

START_TEST(enrol_when_study_or_number_differs_makes_unrelated_references)
{
	struct register_entry a = help_enrol(help_reg, "rd-1", "7"), b = help_enrol(help_reg, "rd-2", "7"),
			      c = help_enrol(help_reg, "rd-1", "70");

	ck_assert(!base_hash_equal(&a.reference, &b.reference));
	ck_assert(!base_hash_equal(&a.reference, &c.reference));
	ck_assert(!base_hash_equal(&b.reference, &c.reference));
}
END_TEST

START_TEST(enrol_when_number_is_unfit_refuses_without_repeating_it)
{
	static const struct {
		const char *study, *number;
		enum base_code code;
	} bad[] = {
		{"rd-1", "", BASE_MALFORMED},		{"rd-1", " secret", BASE_MALFORMED},
		{"rd-1", "secret ", BASE_MALFORMED},	{"rd-1", "sec\tret", BASE_MALFORMED},
		{"rd-1", "secret\xff", BASE_MALFORMED}, {"rd-1", "sec\x7fret", BASE_MALFORMED},
		{"", "secret", BASE_MALFORMED},		{"-x", "secret", BASE_MALFORMED},
		{"Study", "secret", BASE_MALFORMED},	{"a/b", "secret", BASE_MALFORMED},
	};
	struct register_entry entry;
	char number[200], study[70];
	struct base_error err;
	bool new;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(register_enrol(help_reg, bad[i].study, bad[i].number, &entry, &new, &err),
				 bad[i].code);
		ck_assert_ptr_null(strstr(err.text, "secret"));
	}
	memset(number, 'x', sizeof(number));
	number[129] = '\0';
	ck_assert_int_eq(register_enrol(help_reg, "rd-1", number, &entry, &new, &err), BASE_LIMIT);
	ck_assert_ptr_null(strstr(err.text, "xxx"));
	number[128] = '\0';
	memset(study, 'y', sizeof(study));
	study[65] = '\0';
	ck_assert_int_eq(register_enrol(help_reg, study, number, &entry, &new, &err), BASE_MALFORMED);
	study[64] = '\0';
	ck_assert_int_eq(register_enrol(help_reg, study, number, &entry, &new, &err), BASE_OK);
	ck_assert_int_eq(register_by_number(help_reg, study, number, &entry, &err), BASE_OK);
	ck_assert_str_eq(entry.number, number);
	ck_assert_str_eq(entry.study, study);
}
END_TEST

START_TEST(look_up_when_unknown_says_so)
{
	struct base_hash nobody = {{0}};
	struct register_entry entry;
	struct base_error err;

	ck_assert_int_eq(register_by_number(help_reg, "rd-1", "secret", &entry, &err), BASE_NOT_FOUND);
	ck_assert_ptr_null(strstr(err.text, "secret"));
	ck_assert_int_eq(register_by_reference(help_reg, &nobody, &entry, &err), BASE_NOT_FOUND);
	ck_assert_int_eq(register_mark_recorded(help_reg, "rd-1", "secret", &err), BASE_NOT_FOUND);
}
END_TEST

START_TEST(mark_recorded_is_kept)
{
	struct register_entry entry = help_enrol(help_reg, "rd-1", "7"), found;
	struct base_error err;

	ck_assert_int_eq(register_mark_recorded(help_reg, "rd-1", "7", &err), BASE_OK);
	ck_assert_int_eq(register_mark_recorded(help_reg, "rd-1", "7", &err), BASE_OK);
	help_reopen(help_owner);
	ck_assert_int_eq(register_by_reference(help_reg, &entry.reference, &found, &err), BASE_OK);
	ck_assert(found.recorded);
	ck_assert(base_hash_equal(&found.reference, &entry.reference));
}
END_TEST

struct seen {
	char text[2000];
	size_t left;
};

static bool note(void *arg, const struct register_entry *entry)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	(void)snprintf(seen->text + len, sizeof(seen->text) - len, "%s/%s ", entry->study, entry->number);
	return --seen->left > 0;
}

START_TEST(walk_goes_in_order_and_by_study)
{
	struct seen all = {"", 99}, one = {"", 99}, two = {"", 2}, none = {"", 99};
	struct base_error err;

	(void)help_enrol(help_reg, "b", "10");
	(void)help_enrol(help_reg, "b", "9");
	(void)help_enrol(help_reg, "a", "é");
	(void)help_enrol(help_reg, "a", "Z");
	ck_assert_int_eq(register_walk(help_reg, NULL, note, &all, &err), BASE_OK);
	ck_assert_str_eq(all.text, "a/Z a/é b/10 b/9 ");
	ck_assert_int_eq(register_walk(help_reg, "a", note, &one, &err), BASE_OK);
	ck_assert_str_eq(one.text, "a/Z a/é ");
	ck_assert_int_eq(register_walk(help_reg, NULL, note, &two, &err), BASE_OK);
	ck_assert_str_eq(two.text, "a/Z a/é ");
	ck_assert_int_eq(register_walk(help_reg, "c", note, &none, &err), BASE_OK);
	ck_assert_str_eq(none.text, "");
}
END_TEST

/* ---- At rest ------------------------------------------------------------ */

static bool folder_holds(const char *path, const void *needle, size_t len)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct base_buf file = BASE_BUF_INIT;
		char *name = base_path(path, entry->d_name);

		if (entry->d_name[0] != '.') {
			ck_assert_int_eq(base_file_read(&file, name, (size_t)1 << 30, NULL), BASE_OK);
			found = found || (file.len >= len && memmem(file.data, file.len, needle, len) != NULL);
		}
		base_buf_free(&file);
		free(name);
	}
	(void)closedir(dir);
	return found;
}

START_TEST(folder_when_searched_holds_no_number_study_reference_or_key)
{
	struct register_entry entries[40];
	struct register_list list;
	struct base_error err;
	char number[40];

	for (size_t i = 0; i < 40; i++) {
		(void)snprintf(number, sizeof(number), "PATIENT-%04zu", 4711 + i);
		entries[i] = help_enrol(help_reg, "rare-disease-study", number);
		if (i % 2 == 0)
			ck_assert_int_eq(register_mark_recorded(help_reg, "rare-disease-study", number, &err), BASE_OK);
	}
	ck_assert_int_eq(register_list_read(help_reg, NULL, &list, &err), BASE_OK);
	ck_assert_uint_eq(list.count, 40);
	ck_assert(!folder_holds(help_folder, "PATIENT", 7));
	ck_assert(!folder_holds(help_folder, "rare-disease", 12));
	for (size_t i = 0; i < 40; i++) {
		ck_assert(!folder_holds(help_folder, entries[i].number, strlen(entries[i].number)));
		ck_assert(!folder_holds(help_folder, entries[i].reference.bytes, 32));
		ck_assert(!folder_holds(help_folder, list.records[i].key, 32));
	}
	ck_assert(!folder_holds(help_folder, help_reg->key, 32));
	ck_assert(!folder_holds(help_folder, help_reg->lookup, 32));
	/* The search itself finds what is there. */
	ck_assert(folder_holds(help_folder, help_ledger.bytes, 32));
	register_list_free(&list);
}
END_TEST

START_TEST(open_when_owner_or_ledger_is_another_refuses)
{
	struct base_hash elsewhere = {{9}};
	struct reg *none = NULL;
	struct base_error err;
	char *nothing = help_path("nothing");

	ck_assert_int_eq(register_open(&none, help_folder, &help_ledger, help_other, &err), BASE_KEY);
	ck_assert_ptr_nonnull(strstr(err.text, "grant"));
	ck_assert_int_eq(register_open(&none, help_folder, &elsewhere, help_owner, &err), BASE_MISMATCH);
	ck_assert_int_eq(register_open(&none, nothing, &help_ledger, help_owner, &err), BASE_NOT_FOUND);
	ck_assert_int_eq(register_create(help_folder, &help_ledger, keys_private_public(help_owner), &err),
			 BASE_EXISTS);
	ck_assert_ptr_null(none);
	free(nothing);
}
END_TEST

static enum base_code meta_set(struct reg *in, struct store_txn *txn, void *arg, struct base_error *err)
{
	struct base_buf *format = arg;

	(void)in;
	return store_put(txn, REGISTER_META, base_slice_text("format"), base_buf_slice(format), err);
}

START_TEST(open_when_format_is_newer_says_so)
{
	struct base_buf format = BASE_BUF_INIT;
	struct reg *none = NULL;
	struct base_error err;

	wire_put_array(&format, 2);
	wire_put_uint(&format, 2);
	wire_put_cstr(&format, "whatever comes");
	ck_assert_int_eq(register_commit(help_reg, meta_set, &format, &err), BASE_OK);
	register_close(help_reg);
	help_reg = NULL;
	ck_assert_int_eq(register_open(&none, help_folder, &help_ledger, help_owner, &err), BASE_VERSION);
	base_buf_free(&format);
}
END_TEST

/* What is in the folder is a database of ours, and no register that this program can use. */
START_TEST(open_when_it_is_no_register_of_this_format_says_so)
{
	static const struct {
		const char *format; /* hex, before the ledger's hash */
		bool ledger;
		enum base_code code;
	} cases[] = {
		{"8200", true, BASE_STORAGE},    /* a format before the first */
		{"8101", false, BASE_MALFORMED}, /* without its ledger */
		{"8301", true, BASE_MALFORMED},
		{"", false, BASE_MALFORMED},
	};
	struct base_buf format = BASE_BUF_INIT;
	struct reg *none = NULL;
	struct base_error err = {""};

	ck_assert(base_unhex(&format, base_slice_text(cases[_i].format)));
	if (cases[_i].ledger)
		wire_put_hash(&format, &help_ledger);
	ck_assert_int_eq(register_commit(help_reg, meta_set, &format, &err), BASE_OK);
	register_close(help_reg);
	help_reg = NULL;
	ck_assert_int_eq(register_open(&none, help_folder, &help_ledger, help_owner, &err), cases[_i].code);
	ck_assert_ptr_nonnull(strstr(err.text, "register"));
	base_buf_free(&format);
}
END_TEST

static enum base_code meta_remove(struct reg *in, struct store_txn *txn, void *arg, struct base_error *err)
{
	(void)in;
	(void)arg;
	return store_delete(txn, REGISTER_META, base_slice_text("format"), err);
}

START_TEST(open_when_it_was_never_finished_says_so)
{
	struct reg *none = NULL;
	struct base_error err = {""};

	ck_assert_int_eq(register_commit(help_reg, meta_remove, NULL, &err), BASE_OK);
	register_close(help_reg);
	help_reg = NULL;
	ck_assert_int_eq(register_open(&none, help_folder, &help_ledger, help_owner, &err), BASE_STORAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "never finished"));
}
END_TEST

static struct base_hash kid_of(const struct keys_private *key)
{
	return keys_kid(keys_private_public(key));
}

static bool count_holder(void *arg, const struct base_hash *kid)
{
	(void)kid;
	++*(size_t *)arg;
	return true;
}

static size_t holders(void)
{
	struct base_error err;
	size_t count = 0;

	ck_assert_int_eq(register_holders(help_reg, count_holder, &count, &err), BASE_OK);
	return count;
}

START_TEST(grant_when_second_holder_opens_for_both)
{
	struct register_entry entry = help_enrol(help_reg, "rd-1", "7"), found;
	struct base_error err;

	ck_assert_uint_eq(holders(), 1);
	for (int again = 0; again < 2; again++) {
		ck_assert_int_eq(register_grant(help_reg, keys_private_public(help_other), &err), BASE_OK);
		ck_assert_uint_eq(holders(), 2);
	}
	help_reopen(help_other);
	ck_assert_int_eq(register_by_number(help_reg, "rd-1", "7", &found, &err), BASE_OK);
	ck_assert(base_hash_equal(&entry.reference, &found.reference));
	help_reopen(help_owner);
	ck_assert_int_eq(register_by_number(help_reg, "rd-1", "7", &found, &err), BASE_OK);
}
END_TEST

START_TEST(revoke_when_another_remains_closes_for_that_key)
{
	struct register_entry entry = help_enrol(help_reg, "rd-1", "7"), found;
	struct base_hash owner = kid_of(help_owner);
	struct reg *none = NULL;
	struct base_error err;

	ck_assert_int_eq(register_grant(help_reg, keys_private_public(help_other), &err), BASE_OK);
	ck_assert_int_eq(register_revoke(help_reg, &owner, &err), BASE_OK);
	ck_assert_uint_eq(holders(), 1);
	register_close(help_reg);
	help_reg = NULL;
	ck_assert_int_eq(register_open(&none, help_folder, &help_ledger, help_owner, &err), BASE_KEY);
	ck_assert_ptr_null(none);
	ck_assert_int_eq(register_open(&help_reg, help_folder, &help_ledger, help_other, &err), BASE_OK);
	ck_assert_int_eq(register_by_number(help_reg, "rd-1", "7", &found, &err), BASE_OK);
	ck_assert(base_hash_equal(&entry.reference, &found.reference));
}
END_TEST

START_TEST(revoke_when_last_or_unknown_changes_nothing)
{
	struct base_hash owner = kid_of(help_owner), other = kid_of(help_other);
	struct base_error err;

	ck_assert_int_eq(register_revoke(help_reg, &owner, &err), BASE_REFUSED);
	ck_assert_int_eq(register_revoke(help_reg, &other, &err), BASE_NOT_FOUND);
	help_reopen(help_owner);
	ck_assert_uint_eq(holders(), 1);
}
END_TEST

START_TEST(grant_when_holders_are_many_refuses)
{
	struct keys_private *key = NULL;
	struct base_error err;
	uint8_t raw[32] = {7};

	for (unsigned i = 1; i <= REGISTER_HOLDERS_MAX; i++) {
		raw[1] = (uint8_t)i;
		raw[2] = (uint8_t)(i >> 8);
		ck_assert_int_eq(keys_private_import(&key, KEYS_SEAL, KEYS_X25519, raw, &err), BASE_OK);
		ck_assert_int_eq(register_grant(help_reg, keys_private_public(key), &err),
				 i < REGISTER_HOLDERS_MAX ? BASE_OK : BASE_LIMIT);
		keys_private_close(key);
	}
	ck_assert_uint_eq(holders(), REGISTER_HOLDERS_MAX);
	/* One who has it may have it again. */
	ck_assert_int_eq(register_grant(help_reg, keys_private_public(help_owner), &err), BASE_OK);
}
END_TEST

/* One stored value, changed or moved behind the program's back. */
struct swap {
	uint8_t keys[2][32];
	uint8_t values[2][512];
	size_t len;
	size_t count;
};

static bool take(void *arg, struct base_slice key, struct base_slice value)
{
	struct swap *swap = arg;

	memcpy(swap->keys[swap->count], key.data, 32);
	memcpy(swap->values[swap->count], value.data, value.len);
	swap->len = value.len;
	return ++swap->count < 2;
}

static enum base_code swap_work(struct reg *in, struct store_txn *txn, void *arg, struct base_error *err)
{
	struct swap *swap = arg;

	(void)in;
	return store_put(txn, REGISTER_NUMBERS, base_slice(swap->keys[0], 32), base_slice(swap->values[1], swap->len),
			 err);
}

START_TEST(look_up_when_values_were_swapped_or_altered_refuses)
{
	struct swap swap = {.count = 0};
	struct store_txn *txn;
	struct register_list list;
	struct base_error err;

	(void)help_enrol(help_reg, "rd-1", "7");
	(void)help_enrol(help_reg, "rd-1", "8");
	ck_assert_int_eq(store_begin(&txn, help_reg->store, false, &err), BASE_OK);
	ck_assert_int_eq(store_walk(txn, REGISTER_NUMBERS, base_slice(NULL, 0), take, &swap, &err), BASE_OK);
	store_abort(&txn);
	ck_assert_uint_eq(swap.count, 2);
	ck_assert_uint_eq(swap.len, 12 + 256 + 16);
	if (_i == 1) { /* the same place, one bit */
		memcpy(swap.values[1], swap.values[0], swap.len);
		swap.values[1][100] ^= 1;
	} else if (_i == 2) {
		swap.len--;
	}
	ck_assert_int_eq(register_commit(help_reg, swap_work, &swap, &err), BASE_OK);
	ck_assert_int_eq(register_list_read(help_reg, NULL, &list, &err), BASE_STORAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "restore it from its backup"));
}
END_TEST

static bool take_key(void *arg, struct base_slice key, struct base_slice value)
{
	(void)value;
	memcpy(arg, key.data, 32);
	return false;
}

static enum base_code remove_work(struct reg *in, struct store_txn *txn, void *arg, struct base_error *err)
{
	(void)in;
	return store_delete(txn, REGISTER_NUMBERS, base_slice(arg, 32), err);
}

/* A reference whose record is gone. */
START_TEST(look_up_when_the_record_is_missing_refuses)
{
	struct register_entry entry = help_enrol(help_reg, "rd-1", "7"), found;
	struct store_txn *txn;
	struct base_error err = {""};
	uint8_t key[32];

	ck_assert_int_eq(store_begin(&txn, help_reg->store, false, &err), BASE_OK);
	ck_assert_int_eq(store_walk(txn, REGISTER_NUMBERS, base_slice(NULL, 0), take_key, key, &err), BASE_OK);
	store_abort(&txn);
	ck_assert_int_eq(register_by_reference(help_reg, &entry.reference, &found, &err), BASE_OK);
	ck_assert_int_eq(register_commit(help_reg, remove_work, key, &err), BASE_OK);
	ck_assert_int_eq(register_by_reference(help_reg, &entry.reference, &found, &err), BASE_STORAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "restore it from its backup"));
	/* Not the number: it stands in no error. */
	ck_assert_int_eq(register_by_number(help_reg, "rd-1", "7", &found, &err), BASE_NOT_FOUND);
}
END_TEST

START_TEST(enrol_when_a_write_fails_leaves_all_or_nothing)
{
	enum base_code code = BASE_IO;
	int steps;

	for (steps = 0; code != BASE_OK; steps++) {
		struct register_entry entry, found;
		struct base_error err;
		char number[20];
		bool new;

		ck_assert_int_lt(steps, 100);
		(void)snprintf(number, sizeof(number), "n-%d", steps);
		base_fault_arm(steps);
		code = register_enrol(help_reg, "rd-1", number, &entry, &new, &err);
		base_fault_arm(-1);
		ck_assert(code == BASE_OK || code == BASE_NO_SPACE);
		help_reopen(help_owner);
		ck_assert_int_eq(register_by_number(help_reg, "rd-1", number, &found, &err),
				 code == BASE_OK ? BASE_OK : BASE_NOT_FOUND);
		/* And then it simply works. */
		entry = help_enrol(help_reg, "rd-1", number);
		ck_assert_int_eq(register_by_reference(help_reg, &entry.reference, &found, &err), BASE_OK);
		ck_assert_str_eq(found.number, number);
	}
	ck_assert_int_gt(steps, 2);
}
END_TEST

static bool enrol_thirty(void)
{
	struct base_error err;
	bool good = register_open(&help_reg, help_folder, &help_ledger, help_owner, &err) == BASE_OK;

	for (int i = 0; i < 30 && good; i++) {
		struct register_entry entry;
		char number[20];
		bool new;

		(void)snprintf(number, sizeof(number), "%d", i);
		good = register_enrol(help_reg, "rd-1", number, &entry, &new, &err) == BASE_OK;
	}
	return good;
}

START_TEST(enrol_when_two_processes_race_gives_one_reference)
{
	struct register_list list;
	struct base_error err;
	pid_t child;
	int status;

	register_close(help_reg); /* LMDB is not to be carried over a fork */
	help_reg = NULL;
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(enrol_thirty() ? 0 : 1);
	ck_assert(enrol_thirty());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(register_list_read(help_reg, NULL, &list, &err), BASE_OK);
	ck_assert_uint_eq(list.count, 30);
	for (size_t i = 0; i < list.count; i++) {
		struct register_entry found;

		ck_assert_int_eq(register_by_reference(help_reg, &list.records[i].entry.reference, &found, &err),
				 BASE_OK);
		ck_assert_str_eq(found.number, list.records[i].entry.number);
	}
	register_list_free(&list);
}
END_TEST

/* ---- The reference ------------------------------------------------------ */

START_TEST(reference_is_the_formula)
{
	uint8_t key[32];
	struct base_buf message = BASE_BUF_INIT;
	struct base_hash want, got;

	for (uint8_t i = 0; i < 32; i++)
		key[i] = i;
	base_buf_append(&message, base_slice("rd-1\0\0\0\0\0\0\0\1\2", 13));
	want = keys_hmac(base_slice(key, 32), base_buf_slice(&message));
	got = register_reference(key, "rd-1", 258);
	ck_assert(base_hash_equal(&want, &got));
	base_buf_free(&message);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, enrol_when_number_is_new_makes_a_reference_once);
	tcase_add_test(tc, enrol_when_study_or_number_differs_makes_unrelated_references);
	tcase_add_test(tc, enrol_when_number_is_unfit_refuses_without_repeating_it);
	tcase_add_test(tc, look_up_when_unknown_says_so);
	tcase_add_test(tc, mark_recorded_is_kept);
	tcase_add_test(tc, walk_goes_in_order_and_by_study);
	tcase_add_test(tc, folder_when_searched_holds_no_number_study_reference_or_key);
	tcase_add_test(tc, open_when_owner_or_ledger_is_another_refuses);
	tcase_add_test(tc, open_when_format_is_newer_says_so);
	tcase_add_loop_test(tc, open_when_it_is_no_register_of_this_format_says_so, 0, 4);
	tcase_add_test(tc, open_when_it_was_never_finished_says_so);
	tcase_add_test(tc, look_up_when_the_record_is_missing_refuses);
	tcase_add_test(tc, grant_when_second_holder_opens_for_both);
	tcase_add_test(tc, revoke_when_another_remains_closes_for_that_key);
	tcase_add_test(tc, revoke_when_last_or_unknown_changes_nothing);
	tcase_add_test(tc, grant_when_holders_are_many_refuses);
	tcase_add_loop_test(tc, look_up_when_values_were_swapped_or_altered_refuses, 0, 3);
	tcase_add_test(tc, enrol_when_a_write_fails_leaves_all_or_nothing);
	tcase_add_test(tc, enrol_when_two_processes_race_gives_one_reference);
	tcase_add_test(tc, reference_is_the_formula);
}

int main(void)
{
	return help_run("register", fill);
}
