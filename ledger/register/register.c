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

/* The row of one holder's JWE: "key" || kid */
#define HOLDER_PREFIX "key"
#define HOLDER_BYTES (sizeof(HOLDER_PREFIX) - 1 + BASE_HASH_BYTES)

struct holder_row {
	uint8_t bytes[HOLDER_BYTES];
};

static struct holder_row holder_row(const struct base_hash *kid)
{
	struct holder_row row;

	memcpy(row.bytes, HOLDER_PREFIX, sizeof(HOLDER_PREFIX) - 1);
	memcpy(row.bytes + sizeof(HOLDER_PREFIX) - 1, kid->bytes, sizeof(kid->bytes));
	return row;
}

static struct base_slice holder_slice(const struct holder_row *row)
{
	return base_slice(row->bytes, sizeof(row->bytes));
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
	struct holder_row row;
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
		code = store_put(txn, REGISTER_META, holder_slice(&meta->row), base_buf_slice(&meta->jwe), err);
	base_buf_free(&format);
	return code;
}

enum base_code register_create(const char *folder, const struct base_hash *ledger, const struct keys_public *owner,
			       struct base_error *err)
{
	struct base_hash kid = keys_kid(owner);
	struct meta meta = {ledger, holder_row(&kid), BASE_BUF_INIT};
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
	struct base_hash kid = keys_kid(keys_private_public(owner));
	struct holder_row row = holder_row(&kid);
	struct base_slice format, jwe;
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = store_begin(&txn, reg->store, false, err)) != BASE_OK)
		return code;
	if (store_get(txn, REGISTER_META, meta_format(), &format) != BASE_OK) {
		code = base_fail(err, BASE_STORAGE, "it was never finished, or is no register");
		goto out;
	}
	if ((code = format_check(format, &reg->ledger, err)) != BASE_OK)
		goto out;
	code = store_get(txn, REGISTER_META, holder_slice(&row), &jwe);
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, BASE_KEY, "it was not opened to your sealing key: somebody who holds the register can grant it "
						"to you");
	else if (code != BASE_OK)
		(void)base_fail(err, code, "it cannot be read");
	else
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

/* ---- Who holds it ------------------------------------------------------- */

struct holders {
	bool (*visit)(void *arg, const struct base_hash *kid);
	void *arg;
	size_t count;
	bool found; /* wanted is among them */
	struct base_hash wanted;
};

static bool holder_visit(void *arg, struct base_slice key, struct base_slice value)
{
	struct holders *holders = arg;
	struct base_hash kid;

	(void)value;
	if (key.len != HOLDER_BYTES || memcmp(key.data, HOLDER_PREFIX, sizeof(HOLDER_PREFIX) - 1) != 0)
		return false; /* past them: they are one range of keys */
	memcpy(kid.bytes, key.data + sizeof(HOLDER_PREFIX) - 1, sizeof(kid.bytes));
	holders->count++;
	holders->found = holders->found || base_hash_equal(&kid, &holders->wanted);
	return holders->visit == NULL || holders->visit(holders->arg, &kid);
}

static enum base_code holders_walk(struct store_txn *txn, struct holders *holders, struct base_error *err)
{
	return store_walk(txn, REGISTER_META, base_slice_text(HOLDER_PREFIX), holder_visit, holders, err);
}

enum base_code register_holders(struct reg *reg, bool (*visit)(void *arg, const struct base_hash *kid), void *arg,
				struct base_error *err)
{
	struct holders holders = {.visit = visit, .arg = arg};
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = store_begin(&txn, reg->store, false, err)) != BASE_OK)
		return code;
	code = holders_walk(txn, &holders, err);
	store_abort(&txn);
	return code;
}

struct granting {
	struct base_hash kid;
	struct holder_row row;
	struct base_buf jwe;
};

static enum base_code grant_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	const struct granting *granting = arg;
	struct holders holders = {.wanted = granting->kid};
	enum base_code code;

	(void)reg;
	if ((code = holders_walk(txn, &holders, err)) != BASE_OK)
		return code;
	if (!holders.found && holders.count >= REGISTER_HOLDERS_MAX)
		return base_fail(err, BASE_LIMIT, "the register has %d holders, and no room for more: revoke one first",
				 REGISTER_HOLDERS_MAX);
	return store_put(txn, REGISTER_META, holder_slice(&granting->row), base_buf_slice(&granting->jwe), err);
}

enum base_code register_grant(struct reg *reg, const struct keys_public *holder, struct base_error *err)
{
	struct granting granting = {.kid = keys_kid(holder), .jwe = BASE_BUF_INIT};
	enum base_code code;

	granting.row = holder_row(&granting.kid);
	if ((code = keys_jwe_seal(&granting.jwe, holder, reg->key, err)) == BASE_OK)
		code = register_commit(reg, grant_work, &granting, err);
	base_buf_free(&granting.jwe);
	return code;
}

static enum base_code revoke_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	struct holders holders = {.wanted = *(const struct base_hash *)arg};
	struct holder_row row = holder_row(&holders.wanted);
	enum base_code code;

	(void)reg;
	if ((code = holders_walk(txn, &holders, err)) != BASE_OK)
		return code;
	if (!holders.found)
		return base_fail(err, BASE_NOT_FOUND, "that key does not hold the register");
	if (holders.count == 1)
		return base_fail(err, BASE_REFUSED, "that key is the last that opens the register: grant it to another first");
	return store_delete(txn, REGISTER_META, holder_slice(&row), err);
}

enum base_code register_revoke(struct reg *reg, const struct base_hash *kid, struct base_error *err)
{
	struct base_hash of = *kid;

	return register_commit(reg, revoke_work, &of, err);
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
