/* Every value of docs/formats/register.md, computed again, and read by the register itself.
 * Run from the project's root. */
#include "tests/register/help.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"

#define DOC "docs/formats/register.md"

static struct base_buf doc(const char *name)
{
	struct base_buf text = support_doc(DOC, name), bytes = BASE_BUF_INIT;

	ck_assert(base_unhex(&bytes, base_slice(text.data, text.len - 1)));
	base_buf_free(&text);
	return bytes;
}

static void doc_into(uint8_t *out, size_t len, const char *name)
{
	struct base_buf bytes = doc(name);

	ck_assert_uint_eq(bytes.len, len);
	memcpy(out, bytes.data, len);
	base_buf_free(&bytes);
}

static void doc_equals(const char *name, struct base_slice got)
{
	struct base_buf want = doc(name);

	ck_assert_msg(base_slice_equal(base_buf_slice(&want), got), "%s differs", name);
	base_buf_free(&want);
}

static struct register_record doc_record(void)
{
	struct base_buf study = support_doc(DOC, "study"), generation = support_doc(DOC, "generation");
	struct register_record record;

	memset(&record, 0, sizeof(record));
	(void)snprintf(record.entry.study, sizeof(record.entry.study), "%s", (const char *)study.data);
	(void)snprintf(record.entry.number, sizeof(record.entry.number), "SITE-007");
	ck_assert(base_parse_u64(base_slice(generation.data, generation.len - 1), &record.entry.generation));
	doc_into(record.key, 32, "participant-key");
	record.entry.reference = register_reference(record.key, record.entry.study, record.entry.generation);
	base_buf_free(&study);
	base_buf_free(&generation);
	return record;
}

START_TEST(reference_is_that_of_the_document)
{
	struct register_record record = doc_record();
	struct base_buf message = doc("reference-message");
	struct base_hash mac = keys_hmac(base_slice(record.key, 32), base_buf_slice(&message));

	doc_equals("reference", base_hash_slice(&record.entry.reference));
	doc_equals("reference", base_hash_slice(&mac));
	base_buf_free(&message);
}
END_TEST

START_TEST(look_up_keys_are_those_of_the_document)
{
	struct register_record record = doc_record();
	struct base_buf key = doc("register-key"), ledger = doc("ledger"), message = BASE_BUF_INIT;
	uint8_t value[32], lookup[32];
	struct base_hash mac;

	keys_hkdf(value, 32, base_buf_slice(&key), base_buf_slice(&ledger),
		  base_slice_text("regesta/register/1/value"));
	doc_equals("value-key", base_slice(value, 32));
	keys_hkdf(lookup, 32, base_buf_slice(&key), base_buf_slice(&ledger),
		  base_slice_text("regesta/register/1/lookup"));
	doc_equals("lookup-key", base_slice(lookup, 32));
	wire_put_array(&message, 3);
	wire_put_cstr(&message, "regesta/register/number");
	wire_put_cstr(&message, record.entry.study);
	wire_put_cstr(&message, record.entry.number);
	doc_equals("number-message", base_buf_slice(&message));
	mac = keys_hmac(base_slice(lookup, 32), base_buf_slice(&message));
	doc_equals("number-lookup", base_hash_slice(&mac));
	message.len = 0;
	wire_put_array(&message, 2);
	wire_put_cstr(&message, "regesta/register/reference");
	wire_put_hash(&message, &record.entry.reference);
	doc_equals("reference-lookup-message", base_buf_slice(&message));
	mac = keys_hmac(base_slice(lookup, 32), base_buf_slice(&message));
	doc_equals("reference-lookup", base_hash_slice(&mac));
	message.len = 0;
	register_record_put(&message, &record);
	doc_equals("record-bytes", base_buf_slice(&message));
	base_buf_free(&key);
	base_buf_free(&ledger);
	base_buf_free(&message);
}
END_TEST

/* The nonce is the document's; everything else is computed. */
static void value_equals(const char *table, const char *lookup_name, const char *value_name, const char *aad_name,
			 struct base_slice plain)
{
	struct base_buf value = doc(value_name), aad = BASE_BUF_INIT, ledger = doc("ledger"), lookup = doc(lookup_name);
	uint8_t key[32];
	uint8_t *sealed = base_alloc(12 + plain.len + 16);
	struct keys_gcm *gcm;

	wire_put_array(&aad, 4);
	wire_put_cstr(&aad, "regesta/register/value");
	wire_put_bytes(&aad, base_buf_slice(&ledger));
	wire_put_cstr(&aad, table);
	wire_put_bytes(&aad, base_buf_slice(&lookup));
	doc_equals(aad_name, base_buf_slice(&aad));
	doc_into(key, 32, "value-key");
	gcm = keys_gcm_open(key);
	memcpy(sealed, value.data, 12);
	keys_gcm_seal(gcm, sealed + 12, value.data, base_buf_slice(&aad), plain);
	doc_equals(value_name, base_slice(sealed, 12 + plain.len + 16));
	keys_gcm_close(gcm);
	free(sealed);
	base_buf_free(&value);
	base_buf_free(&aad);
	base_buf_free(&ledger);
	base_buf_free(&lookup);
}

START_TEST(values_are_those_of_the_document)
{
	struct base_buf record = doc("record-bytes"), lookup = doc("number-lookup");
	uint8_t padded[256] = {0};

	memcpy(padded, record.data, record.len);
	value_equals("number", "number-lookup", "number-value", "number-aad", base_slice(padded, sizeof(padded)));
	value_equals("reference", "reference-lookup", "reference-value", "reference-aad", base_buf_slice(&lookup));
	base_buf_free(&record);
	base_buf_free(&lookup);
}
END_TEST

/* Puts the document's rows, as they are, into a database. */
static enum base_code rows_put(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	static const struct {
		store_table table;
		const char *key, *value;
	} rows[] = {{REGISTER_NUMBERS, "number-lookup", "number-value"},
		    {REGISTER_REFERENCES, "reference-lookup", "reference-value"}};
	struct base_buf key, value, format = BASE_BUF_INIT, holder = BASE_BUF_INIT;
	struct base_hash kid = keys_kid(keys_private_public(help_owner));
	enum base_code code = BASE_OK;

	(void)reg;
	for (size_t i = 0; i < 2 && code == BASE_OK; i++) {
		key = doc(rows[i].key);
		value = doc(rows[i].value);
		code = store_put(txn, rows[i].table, base_buf_slice(&key), base_buf_slice(&value), err);
		base_buf_free(&key);
		base_buf_free(&value);
	}
	key = doc("ledger");
	wire_put_array(&format, 2);
	wire_put_uint(&format, 1);
	wire_put_bytes(&format, base_buf_slice(&key));
	if (code == BASE_OK)
		code = store_put(txn, REGISTER_META, base_slice_text("format"), base_buf_slice(&format), err);
	base_buf_append(&holder, base_slice_text("key"));
	base_buf_append(&holder, base_hash_slice(&kid));
	if (code == BASE_OK)
		code = store_put(txn, REGISTER_META, base_buf_slice(&holder), base_buf_slice(arg), err);
	base_buf_free(&holder);
	base_buf_free(&key);
	base_buf_free(&format);
	return code;
}

START_TEST(rows_of_the_document_are_read)
{
	struct register_record want = doc_record();
	struct base_buf jwe = BASE_BUF_INIT;
	struct register_entry entry;
	struct base_error err = {""};
	struct base_hash ledger;
	uint8_t key[32];

	doc_into(key, 32, "register-key");
	doc_into(ledger.bytes, 32, "ledger");
	ck_assert_int_eq(keys_jwe_seal(&jwe, keys_private_public(help_owner), key, &err), BASE_OK);
	ck_assert_int_eq(register_commit(help_reg, rows_put, &jwe, &err), BASE_OK);
	register_close(help_reg);
	help_reg = NULL;
	ck_assert_msg(register_open(&help_reg, help_folder, &ledger, help_owner, &err) == BASE_OK, "%s", err.text);
	ck_assert_msg(register_by_number(help_reg, "rd-1", "SITE-007", &entry, &err) == BASE_OK, "%s", err.text);
	ck_assert(base_hash_equal(&entry.reference, &want.entry.reference));
	ck_assert_msg(register_by_reference(help_reg, &want.entry.reference, &entry, &err) == BASE_OK, "%s", err.text);
	ck_assert_str_eq(entry.number, "SITE-007");
	base_buf_free(&jwe);
}
END_TEST

START_TEST(export_is_that_of_the_document)
{
	struct base_buf bytes = doc("export-file"), plain = BASE_BUF_INIT, again = BASE_BUF_INIT,
			aad = doc("export-aad");
	struct base_slice passphrase = base_slice_text("letter in the safe");
	struct register_record record = doc_record();
	struct register_list list = {&record, 1};
	struct register_file file;
	struct register_entry entry;
	struct base_error err = {""};
	uint8_t key[32], sealed[200];
	struct keys_gcm *gcm;
	size_t added = 0;

	ck_assert_int_eq(register_file_decode(&file, base_buf_slice(&bytes), &err), BASE_OK);
	doc_equals("export-salt", file.salt);
	keys_scrypt(key, passphrase, file.salt.data);
	doc_equals("export-key", base_slice(key, 32));
	register_list_encode(&plain, &list);
	doc_equals("export-records", base_buf_slice(&plain));
	gcm = keys_gcm_open(key);
	keys_gcm_seal(gcm, sealed, file.nonce.data, base_buf_slice(&aad), base_buf_slice(&plain));
	keys_gcm_close(gcm);
	ck_assert(base_slice_equal(file.sealed, base_slice(sealed, plain.len + 16)));
	register_file_encode(&again, &file);
	ck_assert(base_slice_equal(base_buf_slice(&bytes), base_buf_slice(&again)));
	/* And the program takes it. */
	help_reg->ledger = file.ledger;
	ck_assert_msg(register_import(help_reg, base_buf_slice(&bytes), passphrase, NULL, &added, &err) == BASE_OK,
		      "%s", err.text);
	ck_assert_uint_eq(added, 1);
	ck_assert_int_eq(register_by_reference(help_reg, &record.entry.reference, &entry, &err), BASE_OK);
	base_buf_free(&bytes);
	base_buf_free(&plain);
	base_buf_free(&again);
	base_buf_free(&aad);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, reference_is_that_of_the_document);
	tcase_add_test(tc, look_up_keys_are_those_of_the_document);
	tcase_add_test(tc, values_are_those_of_the_document);
	tcase_add_test(tc, rows_of_the_document_are_read);
	tcase_add_test(tc, export_is_that_of_the_document);
}

int main(void)
{
	return help_run("register/docs", fill);
}
