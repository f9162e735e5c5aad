/* Making, opening and using a register. docs/formats/register.md */
#include "ledger/register/register_internal.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"

static const struct store_spec tables[REGISTER_TABLES] = {
	[REGISTER_META] = {"meta", false},
	[REGISTER_NUMBERS] = {"number", false},
	[REGISTER_REFERENCES] = {"reference", false},
};

/* ---- Making and opening ------------------------------------------------- */

static struct base_slice meta_format(void)
{
	return base_slice_text("format");
}

static struct base_slice meta_key(void)
{
	return base_slice_text("key");
}

/* The register key has no other use than these two subkeys. */
static void subkeys_make(struct reg *reg)
{
	struct base_slice key = base_slice(reg->key, sizeof(reg->key)), salt = base_hash_slice(&reg->ledger);
	uint8_t value[32];

	keys_hkdf(value, sizeof(value), key, salt, base_slice_text("regesta/register/1/value"));
	keys_hkdf(reg->lookup, sizeof(reg->lookup), key, salt, base_slice_text("regesta/register/1/lookup"));
	reg->values = keys_gcm_open(value);
	base_wipe(value, sizeof(value));
}

struct meta {
	const struct base_hash *ledger;
	struct base_buf jwe;
};

static enum base_code meta_write(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	const struct meta *meta = arg;
	struct base_buf format = BASE_BUF_INIT;
	struct base_slice old;
	enum base_code code;

	(void)reg;
	code = store_get(txn, REGISTER_META, meta_format(), &old);
	if (code != BASE_NOT_FOUND)
		return code == BASE_OK ? base_fail(err, BASE_EXISTS, "there is a register already")
				       : base_fail(err, code, "it cannot be read");
	wire_put_array(&format, 2);
	wire_put_uint(&format, REGISTER_FORMAT);
	wire_put_hash(&format, meta->ledger);
	if ((code = store_put(txn, REGISTER_META, meta_format(), base_buf_slice(&format), err)) == BASE_OK)
		code = store_put(txn, REGISTER_META, meta_key(), base_buf_slice(&meta->jwe), err);
	base_buf_free(&format);
	return code;
}

enum base_code register_create(const char *folder, const struct base_hash *ledger, const struct keys_public *owner,
			       struct base_error *err)
{
	struct meta meta = {ledger, BASE_BUF_INIT};
	struct reg reg = {.store = NULL};
	enum base_code code;

	if ((code = keys_random(reg.key, sizeof(reg.key), err)) != BASE_OK ||
	    (code = keys_jwe_seal(&meta.jwe, owner, reg.key, err)) != BASE_OK ||
	    (code = base_make_folder(folder, 0700, err)) != BASE_OK ||
	    (code = store_open(&reg.store, folder, tables, REGISTER_TABLES, STORE_CREATE, err)) != BASE_OK)
		goto out;
	code = register_commit(&reg, meta_write, &meta, err);
out:
	store_close(reg.store);
	base_wipe(&reg, sizeof(reg));
	base_buf_free(&meta.jwe);
	return base_wrap(err, code, "register %s", folder);
}

static enum base_code format_check(struct base_slice format, const struct base_hash *ledger, struct base_error *err)
{
	struct wire_reader r;
	struct base_hash of;
	uint64_t version;
	enum base_code code;

	if ((code = wire_check(format, err)) != BASE_OK)
		return code;
	wire_read(&r, format);
	wire_expect_array(&r, 2);
	version = wire_get_uint(&r);
	if (!r.failed && version > REGISTER_FORMAT)
		return base_fail(err, BASE_VERSION, "format %llu is newer than this program, which knows %d",
				 (unsigned long long)version, REGISTER_FORMAT);
	of = wire_get_hash(&r);
	if ((code = wire_done(&r, "format", err)) != BASE_OK)
		return code;
	if (version != REGISTER_FORMAT)
		return base_fail(err, BASE_STORAGE, "format %llu is unknown", (unsigned long long)version);
	if (!base_hash_equal(&of, ledger))
		return base_fail(err, BASE_MISMATCH, "it belongs to another ledger");
	return BASE_OK;
}

static enum base_code meta_read(struct reg *reg, const struct keys_private *owner, struct base_error *err)
{
	struct base_slice format, jwe;
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = store_begin(&txn, reg->store, false, err)) != BASE_OK)
		return code;
	if (store_get(txn, REGISTER_META, meta_format(), &format) != BASE_OK ||
	    store_get(txn, REGISTER_META, meta_key(), &jwe) != BASE_OK) {
		code = base_fail(err, BASE_STORAGE, "it was never finished, or is no register");
		goto out;
	}
	if ((code = format_check(format, &reg->ledger, err)) == BASE_OK)
		code = base_wrap(err, keys_jwe_open(reg->key, owner, jwe, err), "its key");
out:
	store_abort(&txn);
	return code;
}

enum base_code register_open(struct reg **out, const char *folder, const struct base_hash *ledger,
			     const struct keys_private *owner, struct base_error *err)
{
	struct reg *reg = base_alloc(sizeof(*reg));
	enum base_code code;

	reg->ledger = *ledger;
	if ((code = store_open(&reg->store, folder, tables, REGISTER_TABLES, STORE_CHECK, err)) != BASE_OK ||
	    (code = meta_read(reg, owner, err)) != BASE_OK) {
		register_close(reg);
		return base_wrap(err, code, "register %s", folder);
	}
	subkeys_make(reg);
	*out = reg;
	return BASE_OK;
}

void register_close(struct reg *reg)
{
	if (reg == NULL)
		return;
	store_close(reg->store);
	keys_gcm_close(reg->values);
	base_wipe(reg, sizeof(*reg));
	free(reg);
}

static enum base_code key_replace(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	const struct base_buf *jwe = arg;

	(void)reg;
	return store_put(txn, REGISTER_META, meta_key(), base_buf_slice(jwe), err);
}

enum base_code register_rewrap(struct reg *reg, const struct keys_public *owner, struct base_error *err)
{
	struct base_buf jwe = BASE_BUF_INIT;
	enum base_code code;

	if ((code = keys_jwe_seal(&jwe, owner, reg->key, err)) == BASE_OK)
		code = register_commit(reg, key_replace, &jwe, err);
	base_buf_free(&jwe);
	return code;
}

/* ---- Participants ------------------------------------------------------- */

static enum base_code enrol_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	struct register_record *record = arg, known;
	enum base_code code;

	/* Another process may have been faster since we looked. */
	code = register_find(reg, txn, record->entry.study, record->entry.number, &known, err);
	if (code == BASE_OK) {
		*record = known;
		base_wipe(&known, sizeof(known));
		return BASE_EXISTS;
	}
	return code == BASE_NOT_FOUND ? register_write(reg, txn, record, err) : code;
}

static enum base_code lookup(struct reg *reg, const char *study, const char *number, struct register_record *out,
			     struct base_error *err)
{
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = register_names_check(study, number, err)) != BASE_OK ||
	    (code = store_begin(&txn, reg->store, false, err)) != BASE_OK)
		return code;
	code = register_find(reg, txn, study, number, out, err);
	store_abort(&txn);
	return code;
}

enum base_code register_enrol(struct reg *reg, const char *study, const char *number, struct register_entry *out,
			      bool *made, struct base_error *err)
{
	struct register_record record;
	enum base_code code;

	memset(&record, 0, sizeof(record));
	*made = false;
	/* Mostly it is there, and a reader disturbs nobody. */
	if ((code = lookup(reg, study, number, &record, err)) != BASE_NOT_FOUND)
		goto out;
	memcpy(record.entry.study, study, strlen(study));
	memcpy(record.entry.number, number, strlen(number));
	record.entry.generation = 1;
	if ((code = keys_random(record.key, sizeof(record.key), err)) != BASE_OK)
		goto out;
	record.entry.reference = register_reference(record.key, study, record.entry.generation);
	code = register_commit(reg, enrol_work, &record, err);
	*made = code == BASE_OK;
	if (code == BASE_EXISTS)
		code = BASE_OK;
out:
	if (code == BASE_OK)
		*out = record.entry;
	base_wipe(&record, sizeof(record));
	return code;
}

struct name {
	const char *study, *number;
};

static enum base_code mark_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	const struct name *name = arg;
	struct register_record record;
	enum base_code code;

	if ((code = register_find(reg, txn, name->study, name->number, &record, err)) != BASE_OK)
		return code;
	if (!record.entry.recorded) {
		record.entry.recorded = true;
		code = register_write(reg, txn, &record, err);
	}
	base_wipe(&record, sizeof(record));
	return code;
}

enum base_code register_mark_recorded(struct reg *reg, const char *study, const char *number, struct base_error *err)
{
	struct name name = {study, number};
	struct register_record record;
	enum base_code code;
	bool recorded;

	if ((code = lookup(reg, study, number, &record, err)) != BASE_OK)
		return code;
	recorded = record.entry.recorded;
	base_wipe(&record, sizeof(record));
	return recorded ? BASE_OK : register_commit(reg, mark_work, &name, err);
}

enum base_code register_by_number(struct reg *reg, const char *study, const char *number, struct register_entry *out,
				  struct base_error *err)
{
	struct register_record record;
	enum base_code code = lookup(reg, study, number, &record, err);

	if (code == BASE_OK) {
		*out = record.entry;
		base_wipe(&record, sizeof(record));
	}
	return code;
}

enum base_code register_by_reference(struct reg *reg, const struct base_hash *reference, struct register_entry *out,
				     struct base_error *err)
{
	struct register_record record;
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = store_begin(&txn, reg->store, false, err)) != BASE_OK)
		return code;
	if ((code = register_find_reference(reg, txn, reference, &record, err)) == BASE_OK) {
		*out = record.entry;
		base_wipe(&record, sizeof(record));
	}
	store_abort(&txn);
	return code;
}

enum base_code register_walk(struct reg *reg, const char *study,
			     bool (*visit)(void *arg, const struct register_entry *entry), void *arg,
			     struct base_error *err)
{
	struct register_list list;
	enum base_code code;

	if ((code = register_list_read(reg, study, &list, err)) != BASE_OK)
		return code;
	for (size_t i = 0; i < list.count && visit(arg, &list.records[i].entry); i++)
		;
	register_list_free(&list);
	return BASE_OK;
}
