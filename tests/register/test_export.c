#include "tests/register/help.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"

static const struct base_slice none = {NULL, 0};

static struct base_buf exported(struct reg *from, const char *passphrase, const struct keys_public *successor)
{
	struct base_buf out = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_msg(register_export(from, &out, base_slice_text(passphrase), successor, &err) == BASE_OK, "%s",
		      err.text);
	return out;
}

static void three(struct reg *in)
{
	struct base_error err;

	(void)help_enrol(in, "rd-1", "PATIENT-0001");
	(void)help_enrol(in, "rd-1", "PATIENT-0002");
	(void)help_enrol(in, "rd-2", "PATIENT-0001");
	ck_assert_int_eq(register_mark_recorded(in, "rd-1", "PATIENT-0002", &err), BASE_OK);
}

static void same_lists(struct reg *a, struct reg *b)
{
	struct register_list left, right;
	struct base_error err;

	ck_assert_int_eq(register_list_read(a, NULL, &left, &err), BASE_OK);
	ck_assert_int_eq(register_list_read(b, NULL, &right, &err), BASE_OK);
	ck_assert_uint_eq(left.count, right.count);
	for (size_t i = 0; i < left.count; i++) {
		ck_assert_str_eq(left.records[i].entry.study, right.records[i].entry.study);
		ck_assert_str_eq(left.records[i].entry.number, right.records[i].entry.number);
		ck_assert_mem_eq(left.records[i].key, right.records[i].key, 32);
		ck_assert(base_hash_equal(&left.records[i].entry.reference, &right.records[i].entry.reference));
		ck_assert_int_eq(left.records[i].entry.recorded, right.records[i].entry.recorded);
	}
	register_list_free(&left);
	register_list_free(&right);
}

START_TEST(import_when_exported_gives_the_same_register_and_again_adds_nothing)
{
	bool sealed = _i == 1;
	struct reg *second = help_second();
	const struct keys_private *successor = sealed ? help_other : NULL;
	struct base_slice passphrase = base_slice_text(sealed ? "" : "letter in the safe");
	struct register_entry entry;
	struct base_buf file;
	struct base_error err = {""};
	size_t added = 99;

	three(help_reg);
	file = exported(help_reg, sealed ? "" : "letter in the safe", sealed ? keys_private_public(help_other) : NULL);
	ck_assert_ptr_null(memmem(file.data, file.len, "PATIENT", 7));
	ck_assert_ptr_null(memmem(file.data, file.len, "rd-1", 4));
	ck_assert_msg(register_import(second, base_buf_slice(&file), passphrase, successor, &added, &err) == BASE_OK,
		      "%s", err.text);
	ck_assert_uint_eq(added, 3);
	same_lists(help_reg, second);
	ck_assert_int_eq(register_import(second, base_buf_slice(&file), passphrase, successor, &added, &err), BASE_OK);
	ck_assert_uint_eq(added, 0);
	/* And into the register that it came from, which has one more by now. */
	entry = help_enrol(help_reg, "rd-3", "PATIENT-0009");
	ck_assert_int_eq(register_import(help_reg, base_buf_slice(&file), passphrase, successor, &added, &err),
			 BASE_OK);
	ck_assert_uint_eq(added, 0);
	ck_assert_int_eq(register_by_reference(help_reg, &entry.reference, &entry, &err), BASE_OK);
	base_buf_free(&file);
	register_close(second);
}
END_TEST

static bool is_of(void *arg, const struct register_entry *entry)
{
	return strcmp(entry->study, arg) == 0;
}

START_TEST(export_of_a_part_holds_that_part_alone)
{
	char study[] = "rd-2", none_such[] = "rd-9";
	struct register_part part = {is_of, study, 99}, nothing = {is_of, none_such, 99};
	struct reg *second = help_second();
	struct register_entry entry;
	struct base_buf file = BASE_BUF_INIT, empty = BASE_BUF_INIT;
	struct base_error err = {""};
	struct base_hash kid, wanted = keys_kid(keys_private_public(help_other));
	bool to_key;
	size_t added = 99;

	three(help_reg);
	ck_assert_int_eq(register_export_part(help_reg, &file, none, keys_private_public(help_other), &part, &err), BASE_OK);
	ck_assert_uint_eq(part.count, 1);
	ck_assert_int_eq(register_sealed_to(base_buf_slice(&file), &to_key, &kid, &err), BASE_OK);
	ck_assert(to_key);
	ck_assert(base_hash_equal(&kid, &wanted));
	ck_assert_int_eq(register_import(second, base_buf_slice(&file), none, help_other, &added, &err), BASE_OK);
	ck_assert_uint_eq(added, 1);
	ck_assert_int_eq(register_by_number(second, "rd-2", "PATIENT-0001", &entry, &err), BASE_OK);
	ck_assert_int_eq(register_by_number(second, "rd-1", "PATIENT-0001", &entry, &err), BASE_NOT_FOUND);
	ck_assert_int_eq(register_export_part(help_reg, &empty, base_slice_text("x"), NULL, &nothing, &err), BASE_OK);
	ck_assert_uint_eq(nothing.count, 0);
	ck_assert_int_eq(register_sealed_to(base_buf_slice(&empty), &to_key, &kid, &err), BASE_OK);
	ck_assert(!to_key);
	empty.len--;
	ck_assert_int_eq(register_sealed_to(base_buf_slice(&empty), &to_key, &kid, &err), BASE_MALFORMED);
	base_buf_free(&file);
	base_buf_free(&empty);
	register_close(second);
}
END_TEST

START_TEST(import_when_enrolment_was_recorded_there_marks_it_here)
{
	struct reg *second = help_second();
	struct register_entry entry;
	struct base_buf before, after;
	struct base_error err;
	size_t added;

	(void)help_enrol(help_reg, "rd-1", "7");
	before = exported(help_reg, "", keys_private_public(help_other));
	ck_assert_int_eq(register_mark_recorded(help_reg, "rd-1", "7", &err), BASE_OK);
	after = exported(help_reg, "", keys_private_public(help_other));
	ck_assert_int_eq(register_import(second, base_buf_slice(&before), none, help_other, &added, &err), BASE_OK);
	ck_assert_int_eq(register_import(second, base_buf_slice(&after), none, help_other, &added, &err), BASE_OK);
	ck_assert_uint_eq(added, 0);
	ck_assert_int_eq(register_by_number(second, "rd-1", "7", &entry, &err), BASE_OK);
	ck_assert(entry.recorded);
	/* Never back. */
	ck_assert_int_eq(register_import(second, base_buf_slice(&before), none, help_other, &added, &err), BASE_OK);
	ck_assert_int_eq(register_by_number(second, "rd-1", "7", &entry, &err), BASE_OK);
	ck_assert(entry.recorded);
	base_buf_free(&before);
	base_buf_free(&after);
	register_close(second);
}
END_TEST

START_TEST(import_when_a_number_has_another_reference_names_the_conflict_and_imports_nothing)
{
	struct reg *second = help_second();
	struct register_entry here, there;
	struct base_buf file;
	struct base_error err;
	char ours[65], theirs[65];
	size_t added = 99;

	(void)help_enrol(help_reg, "rd-1", "PATIENT-0001");
	there = help_enrol(help_reg, "rd-1", "PATIENT-0002");
	here = help_enrol(second, "rd-1", "PATIENT-0002");
	file = exported(help_reg, "", keys_private_public(help_other));
	ck_assert_int_eq(register_import(second, base_buf_slice(&file), none, help_other, &added, &err), BASE_EXISTS);
	base_hex(ours, base_hash_slice(&here.reference));
	base_hex(theirs, base_hash_slice(&there.reference));
	ck_assert_ptr_nonnull(strstr(err.text, "conflict in study rd-1"));
	ck_assert_ptr_nonnull(strstr(err.text, ours));
	ck_assert_ptr_nonnull(strstr(err.text, theirs));
	ck_assert_ptr_null(strstr(err.text, "PATIENT"));
	ck_assert_uint_eq(added, 99);
	ck_assert_int_eq(register_by_number(second, "rd-1", "PATIENT-0001", &here, &err), BASE_NOT_FOUND);
	base_buf_free(&file);
	register_close(second);
}
END_TEST

static enum base_code write_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	return register_write(reg, txn, arg, err);
}

START_TEST(import_when_a_reference_has_another_number_names_the_conflict)
{
	struct reg *second = help_second();
	struct register_record record;
	struct register_list list;
	struct base_buf file;
	struct base_error err;
	size_t added;

	(void)help_enrol(help_reg, "rd-1", "PATIENT-0001");
	ck_assert_int_eq(register_list_read(help_reg, NULL, &list, &err), BASE_OK);
	record = list.records[0];
	(void)snprintf(record.entry.number, sizeof(record.entry.number), "PATIENT-0003");
	ck_assert_int_eq(register_commit(second, write_work, &record, &err), BASE_OK);
	file = exported(help_reg, "", keys_private_public(help_other));
	ck_assert_int_eq(register_import(second, base_buf_slice(&file), none, help_other, &added, &err), BASE_EXISTS);
	ck_assert_ptr_nonnull(strstr(err.text, "stands for one participant number here and for another"));
	ck_assert_ptr_null(strstr(err.text, "PATIENT"));
	register_list_free(&list);
	base_buf_free(&file);
	register_close(second);
}
END_TEST

START_TEST(import_when_secret_or_ledger_is_wrong_refuses)
{
	struct base_buf file, sealed;
	struct base_error err;
	struct base_hash held;
	size_t added;

	three(help_reg);
	file = exported(help_reg, "right", NULL);
	sealed = exported(help_reg, "", keys_private_public(help_other));
	ck_assert_int_eq(register_import(help_reg, base_buf_slice(&file), base_slice_text("wrong"), NULL, &added, &err),
			 BASE_KEY);
	ck_assert_int_eq(register_import(help_reg, base_buf_slice(&file), none, help_other, &added, &err), BASE_KEY);
	ck_assert_str_eq(err.text, "the export is under a passphrase, and none is given");
	ck_assert_int_eq(
		register_import(help_reg, base_buf_slice(&sealed), base_slice_text("right"), NULL, &added, &err),
		BASE_KEY);
	ck_assert_int_eq(register_import(help_reg, base_buf_slice(&sealed), none, help_owner, &added, &err), BASE_KEY);
	held = help_reg->ledger;
	help_reg->ledger.bytes[0] ^= 1;
	ck_assert_int_eq(register_import(help_reg, base_buf_slice(&sealed), none, help_other, &added, &err),
			 BASE_MISMATCH);
	help_reg->ledger = held;
	ck_assert_int_eq(register_export(help_reg, &file, none, NULL, &err), BASE_USAGE);
	ck_assert_int_eq(register_export(help_reg, &file, base_slice_text("x"), keys_private_public(help_other), &err),
			 BASE_USAGE);
	base_buf_free(&file);
	base_buf_free(&sealed);
}
END_TEST

START_TEST(import_when_any_byte_differs_refuses)
{
	struct base_buf file;
	struct base_error err;
	size_t added;

	three(help_reg);
	file = exported(help_reg, "", keys_private_public(help_other));
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= (uint8_t)(1 << i % 8);
		ck_assert_msg(register_import(help_reg, base_buf_slice(&file), none, help_other, &added, &err) !=
				      BASE_OK,
			      "byte %zu", i);
		file.data[i] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < file.len; len += 7)
		ck_assert_int_ne(register_import(help_reg, base_slice(file.data, len), none, help_other, &added, &err),
				 BASE_OK);
	base_buf_byte(&file, 0);
	ck_assert_int_eq(register_import(help_reg, base_buf_slice(&file), none, help_other, &added, &err),
			 BASE_MALFORMED);
	base_buf_free(&file);
}
END_TEST

START_TEST(file_decode_when_version_is_newer_says_so)
{
	struct base_buf file;
	struct register_file parts;
	struct base_error err;
	size_t at;

	file = exported(help_reg, "", keys_private_public(help_other));
	at = 1 + 1 + strlen("regesta/register/export"); /* array(6), text(23) of one byte each */
	ck_assert_uint_eq(file.data[at], 1);
	file.data[at] = 2;
	ck_assert_int_eq(register_file_decode(&parts, base_buf_slice(&file), &err), BASE_VERSION);
	file.data[at] = 0;
	ck_assert_int_eq(register_file_decode(&parts, base_buf_slice(&file), &err), BASE_MALFORMED);
	base_buf_free(&file);
}
END_TEST

/* Parts of the file of a wrong size: each in a file that is otherwise well formed. */
START_TEST(file_decode_when_a_part_has_a_wrong_size_refuses)
{
	static const struct {
		uint64_t protection;
		size_t secret, nonce, sealed; /* bytes; of the salt or of the JWE */
		enum base_code code;
	} cases[] = {
		{0, 16, 12, 16, BASE_OK},        {0, 15, 12, 16, BASE_MALFORMED},   {0, 17, 12, 16, BASE_MALFORMED},
		{0, 0, 12, 16, BASE_MALFORMED},  {0, 16, 11, 16, BASE_MALFORMED},   {0, 16, 12, 15, BASE_MALFORMED},
		{1, 100, 12, 16, BASE_OK},       {1, 70000, 12, 16, BASE_MALFORMED}, {2, 16, 12, 16, BASE_MALFORMED},
		{0, 16, 12, REGISTER_FILE_BYTES_MAX, BASE_LIMIT},
	};
	struct base_buf file = BASE_BUF_INIT;
	uint8_t *filler = base_alloc(REGISTER_FILE_BYTES_MAX);
	struct register_file parts;
	struct base_error err = {""};

	memset(filler, 'a', REGISTER_FILE_BYTES_MAX);
	wire_put_array(&file, 6);
	wire_put_cstr(&file, "regesta/register/export");
	wire_put_uint(&file, REGISTER_FORMAT);
	wire_put_hash(&file, &help_ledger);
	wire_put_array(&file, 2);
	wire_put_uint(&file, cases[_i].protection == 0 ? REGISTER_PASSPHRASE : cases[_i].protection == 1 ? REGISTER_SUCCESSOR : 99);
	if (cases[_i].protection == 1)
		wire_put_text(&file, base_slice(filler, cases[_i].secret));
	else
		wire_put_bytes(&file, base_slice(filler, cases[_i].secret));
	wire_put_bytes(&file, base_slice(filler, cases[_i].nonce));
	wire_put_bytes(&file, base_slice(filler, cases[_i].sealed));
	ck_assert_msg(register_file_decode(&parts, base_buf_slice(&file), &err) == cases[_i].code, "%s", err.text);
	base_buf_free(&file);
	free(filler);
}
END_TEST

static struct register_record record_of(const char *study, const char *number)
{
	struct register_record record;

	memset(&record, 0, sizeof(record));
	(void)snprintf(record.entry.study, sizeof(record.entry.study), "%s", study);
	(void)snprintf(record.entry.number, sizeof(record.entry.number), "%s", number);
	record.entry.generation = 1;
	return record;
}

START_TEST(list_decode_when_records_are_wrong_refuses)
{
	static const struct {
		const char *study[2], *number[2];
		uint64_t generation;
		bool good;
	} lists[] = {
		{{"a", "a"}, {"1", "2"}, 1, true},  {{"a", "b"}, {"2", "1"}, 1, true},
		{{"a", "a"}, {"2", "1"}, 1, false}, {{"a", "a"}, {"1", "1"}, 1, false},
		{{"b", "a"}, {"1", "2"}, 1, false}, {{"A", "b"}, {"1", "2"}, 1, false},
		{{"a", "b"}, {"", "2"}, 1, false},  {{"a", "b"}, {"1", "2 "}, 1, false},
		{{"a", "b"}, {"1", "2"}, 0, false},
	};
	struct register_record records[2] = {record_of(lists[_i].study[0], lists[_i].number[0]),
					     record_of(lists[_i].study[1], lists[_i].number[1])};
	struct register_list list = {records, 2}, back;
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err;

	records[1].entry.generation = lists[_i].generation;
	register_list_encode(&bytes, &list);
	ck_assert_int_eq(register_list_decode(&back, base_buf_slice(&bytes), &err),
			 lists[_i].good ? BASE_OK : BASE_MALFORMED);
	if (lists[_i].good)
		register_list_free(&back);
	base_buf_free(&bytes);
}
END_TEST

START_TEST(list_decode_when_count_is_a_lie_refuses_before_allocating)
{
	static const char *const bad[] = {"9b00000000ffffffff", "9a7fffffff", "a0", "8101", "", "80f6", "8180"};
	struct register_list back;
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bytes.len = 0;
		ck_assert(base_unhex(&bytes, base_slice_text(bad[i])));
		ck_assert_int_eq(register_list_decode(&back, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	}
	bytes.len = 0;
	ck_assert(base_unhex(&bytes, base_slice_text("80")));
	ck_assert_int_eq(register_list_decode(&back, base_buf_slice(&bytes), &err), BASE_OK);
	ck_assert_uint_eq(back.count, 0);
	register_list_free(&back);
	base_buf_free(&bytes);
}
END_TEST

static enum base_code write_all_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	const struct register_list *list = arg;
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < list->count && code == BASE_OK; i++)
		code = register_write(reg, txn, &list->records[i], err);
	return code;
}

START_TEST(import_when_many_merges_all)
{
	struct reg *second = help_second();
	struct register_list list = {base_alloc(3000 * sizeof(struct register_record)), 3000};
	struct base_buf file;
	struct base_error err = {""};
	size_t added;

	for (unsigned i = 0; i < list.count; i++) {
		char number[20];

		(void)snprintf(number, sizeof(number), "P-%u", i);
		list.records[i] = record_of("rd-1", number);
		base_put_u32be(list.records[i].key, i);
		list.records[i].entry.reference = register_reference(list.records[i].key, "rd-1", 1);
	}
	ck_assert_int_eq(register_commit(help_reg, write_all_work, &list, &err), BASE_OK);
	file = exported(help_reg, "", keys_private_public(help_other));
	ck_assert_int_eq(register_import(second, base_buf_slice(&file), none, help_other, &added, &err), BASE_OK);
	ck_assert_uint_eq(added, 3000);
	same_lists(help_reg, second);
	register_list_free(&list);
	base_buf_free(&file);
	register_close(second);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, import_when_exported_gives_the_same_register_and_again_adds_nothing, 0, 2);
	tcase_add_test(tc, export_of_a_part_holds_that_part_alone);
	tcase_add_test(tc, import_when_enrolment_was_recorded_there_marks_it_here);
	tcase_add_test(tc, import_when_a_number_has_another_reference_names_the_conflict_and_imports_nothing);
	tcase_add_test(tc, import_when_a_reference_has_another_number_names_the_conflict);
	tcase_add_test(tc, import_when_secret_or_ledger_is_wrong_refuses);
	tcase_add_test(tc, import_when_any_byte_differs_refuses);
	tcase_add_test(tc, file_decode_when_version_is_newer_says_so);
	tcase_add_loop_test(tc, file_decode_when_a_part_has_a_wrong_size_refuses, 0, 10);
	tcase_add_loop_test(tc, list_decode_when_records_are_wrong_refuses, 0, 9);
	tcase_add_test(tc, list_decode_when_count_is_a_lie_refuses_before_allocating);
	tcase_add_test(tc, import_when_many_merges_all);
}

int main(void)
{
	return help_run("register/export", fill);
}
