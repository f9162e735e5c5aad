/* The export file: its bytes, writing and merging it. docs/formats/register.md §3 */
#include "ledger/register/register_internal.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"

#define SALT_BYTES 16
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define JWE_BYTES_MAX 2048

static const char domain[] = "regesta/register/export";

/* ---- Bytes -------------------------------------------------------------- */

/* The first four fields, as they stand in the file and as the AAD has them. */
static void fields_put(struct base_buf *out, const struct register_file *file)
{
	wire_put_cstr(out, domain);
	wire_put_uint(out, REGISTER_FORMAT);
	wire_put_hash(out, &file->ledger);
	wire_put_array(out, 2);
	wire_put_uint(out, file->protection);
	if (file->protection == REGISTER_PASSPHRASE)
		wire_put_bytes(out, file->salt);
	else
		wire_put_text(out, file->jwe);
}

static void file_aad(struct base_buf *out, const struct register_file *file)
{
	wire_put_array(out, 4);
	fields_put(out, file);
}

void register_file_encode(struct base_buf *out, const struct register_file *file)
{
	wire_put_array(out, 6);
	fields_put(out, file);
	wire_put_bytes(out, file->nonce);
	wire_put_bytes(out, file->sealed);
}

static void protection_get(struct wire_reader *r, struct register_file *out)
{
	uint64_t protection;

	wire_expect_array(r, 2);
	protection = wire_get_uint(r);
	if (protection == REGISTER_PASSPHRASE) {
		out->protection = REGISTER_PASSPHRASE;
		out->salt = wire_get_bytes(r);
		if (!r->failed && out->salt.len != SALT_BYTES)
			wire_fail(r, "the salt has not 16 bytes");
	} else if (protection == REGISTER_SUCCESSOR) {
		out->protection = REGISTER_SUCCESSOR;
		out->jwe = wire_get_text(r);
		if (!r->failed && out->jwe.len > JWE_BYTES_MAX)
			wire_fail(r, "the wrapped key is too long");
	} else {
		wire_fail(r, "the kind of protection is unknown");
	}
}

enum base_code register_file_decode(struct register_file *out, struct base_slice bytes, struct base_error *err)
{
	struct register_file file = {.protection = REGISTER_PASSPHRASE};
	struct wire_reader r;
	enum base_code code;
	uint64_t version;

	if (bytes.len > REGISTER_FILE_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "export of a register: larger than %zu bytes",
				 REGISTER_FILE_BYTES_MAX);
	if ((code = wire_check(bytes, err)) != BASE_OK)
		return base_wrap(err, code, "export of a register");
	wire_read(&r, bytes);
	wire_expect_array(&r, 6);
	if (!base_slice_equal(wire_get_text(&r), base_slice_text(domain)))
		wire_fail(&r, "it is something else");
	version = wire_get_uint(&r);
	if (!r.failed && version > REGISTER_FORMAT)
		return base_fail(err, BASE_VERSION,
				 "export of a register: format %llu is newer than this program, which knows %d",
				 (unsigned long long)version, REGISTER_FORMAT);
	if (version != REGISTER_FORMAT)
		wire_fail(&r, "its format is unknown");
	file.ledger = wire_get_hash(&r);
	protection_get(&r, &file);
	file.nonce = wire_get_bytes(&r);
	file.sealed = wire_get_bytes(&r);
	if (!r.failed && (file.nonce.len != NONCE_BYTES || file.sealed.len < TAG_BYTES))
		wire_fail(&r, "the nonce or the sealed part has a wrong size");
	if ((code = wire_done(&r, "export of a register", err)) != BASE_OK)
		return code;
	*out = file;
	return BASE_OK;
}

void register_list_encode(struct base_buf *out, const struct register_list *list)
{
	wire_put_array(out, list->count);
	for (size_t i = 0; i < list->count; i++)
		register_record_put(out, &list->records[i]);
}

static bool ascending(const struct register_record *a, const struct register_record *b)
{
	int order = strcmp(a->entry.study, b->entry.study);

	return order < 0 || (order == 0 && strcmp(a->entry.number, b->entry.number) < 0);
}

enum base_code register_list_decode(struct register_list *out, struct base_slice bytes, struct base_error *err)
{
	struct register_list list = {NULL, 0};
	struct wire_reader r;
	enum base_code code;
	uint64_t count;

	if ((code = wire_check(bytes, err)) != BASE_OK)
		return base_wrap(err, code, "records of a register");
	wire_read(&r, bytes);
	count = wire_get_array(&r);
	/* A record has more than 40 bytes; the promise is bounded by what is there. */
	if (r.failed || count > bytes.len / 40)
		return base_fail(err, BASE_MALFORMED, "records of a register: not an array, or longer than its bytes");
	list.records = base_alloc((size_t)count * sizeof(list.records[0]));
	for (; list.count < count; list.count++) {
		code = register_record_get(&list.records[list.count], wire_get_raw(&r), err);
		if (code == BASE_OK && list.count > 0 &&
		    !ascending(&list.records[list.count - 1], &list.records[list.count]))
			code = base_fail(err, BASE_MALFORMED, "records of a register: out of order, or one twice");
		if (code != BASE_OK)
			goto out;
	}
	code = wire_done(&r, "records of a register", err);
out:
	if (code != BASE_OK) {
		list.count = (size_t)count; /* the one that failed is to be wiped too */
		register_list_free(&list);
		return code;
	}
	*out = list;
	return BASE_OK;
}

/* ---- Writing ------------------------------------------------------------ */

/* The file's key and how it rests in it. storage: what file->salt or file->jwe borrows from. */
static enum base_code protection_make(struct register_file *file, uint8_t key[32], struct base_buf *storage,
				      struct base_slice passphrase, const struct keys_public *successor,
				      struct base_error *err)
{
	enum base_code code;

	if (successor != NULL) {
		file->protection = REGISTER_SUCCESSOR;
		if ((code = keys_random(key, 32, err)) == BASE_OK &&
		    (code = keys_jwe_seal(storage, successor, key, err)) == BASE_OK)
			file->jwe = base_buf_slice(storage);
		return code;
	}
	base_buf_reserve(storage, SALT_BYTES);
	if ((code = keys_random(storage->data, SALT_BYTES, err)) != BASE_OK)
		return code;
	storage->len = SALT_BYTES;
	file->protection = REGISTER_PASSPHRASE;
	file->salt = base_buf_slice(storage);
	keys_scrypt(key, passphrase, storage->data);
	return BASE_OK;
}

static void list_filter(struct register_list *list, struct register_part *part)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (part->keep == NULL || part->keep(part->arg, &list->records[i].entry))
			list->records[kept++] = list->records[i];
	base_wipe(list->records + kept, (list->count - kept) * sizeof(list->records[0]));
	list->count = part->count = kept;
}

enum base_code register_export(struct reg *reg, struct base_buf *out, struct base_slice passphrase,
			       const struct keys_public *successor, struct base_error *err)
{
	struct register_part all = {NULL, NULL, 0};

	return register_export_part(reg, out, passphrase, successor, &all, err);
}

enum base_code register_export_part(struct reg *reg, struct base_buf *out, struct base_slice passphrase,
				    const struct keys_public *successor, struct register_part *part,
				    struct base_error *err)
{
	struct register_file file = {.ledger = reg->ledger, .protection = REGISTER_PASSPHRASE};
	struct base_buf plain = BASE_BUF_INIT, sealed = BASE_BUF_INIT, aad = BASE_BUF_INIT, storage = BASE_BUF_INIT;
	struct register_list list = {NULL, 0};
	uint8_t key[32] = {0}, nonce[NONCE_BYTES];
	struct keys_gcm *gcm;
	enum base_code code;

	if ((passphrase.len > 0) == (successor != NULL))
		return base_fail(err, BASE_USAGE,
				 "a register is exported under a passphrase or to a successor's key: give one");
	if ((code = register_list_read(reg, NULL, &list, err)) != BASE_OK)
		goto out;
	list_filter(&list, part);
	if ((code = keys_random(nonce, sizeof(nonce), err)) != BASE_OK ||
	    (code = protection_make(&file, key, &storage, passphrase, successor, err)) != BASE_OK)
		goto out;
	base_buf_reserve(&plain, 16 + list.count * 256); /* at once: growing would leave copies behind */
	register_list_encode(&plain, &list);
	if (plain.len > REGISTER_FILE_BYTES_MAX - 4096) {
		code = base_fail(err, BASE_LIMIT, "the register is larger than one export file may be (%zu bytes)",
				 REGISTER_FILE_BYTES_MAX);
		goto out;
	}
	base_buf_reserve(&sealed, plain.len + TAG_BYTES);
	file_aad(&aad, &file);
	gcm = keys_gcm_open(key);
	keys_gcm_seal(gcm, sealed.data, nonce, base_buf_slice(&aad), base_buf_slice(&plain));
	keys_gcm_close(gcm);
	sealed.len = plain.len + TAG_BYTES;
	file.nonce = base_slice(nonce, sizeof(nonce));
	file.sealed = base_buf_slice(&sealed);
	register_file_encode(out, &file);
out:
	register_list_free(&list);
	base_wipe(key, sizeof(key));
	base_buf_wipe(&plain);
	base_buf_free(&sealed);
	base_buf_free(&aad);
	base_buf_free(&storage);
	return code;
}

/* ---- Merging ------------------------------------------------------------ */

enum base_code register_sealed_to(struct base_slice file, bool *to_key, struct base_hash *kid, struct base_error *err)
{
	struct register_file parts = {.protection = REGISTER_PASSPHRASE};
	enum base_code code = register_file_decode(&parts, file, err);

	*to_key = code == BASE_OK && parts.protection == REGISTER_SUCCESSOR;
	return *to_key ? keys_jwe_kid(kid, parts.jwe, err) : code;
}

static enum base_code file_open(const struct register_file *file, struct register_list *list,
				struct base_slice passphrase, const struct keys_private *successor,
				struct base_error *err)
{
	struct base_buf plain = BASE_BUF_INIT, aad = BASE_BUF_INIT;
	uint8_t key[32] = {0};
	struct keys_gcm *gcm;
	enum base_code code;

	if (file->protection == REGISTER_SUCCESSOR) {
		if (successor == NULL)
			return base_fail(err, BASE_KEY,
					 "the export is sealed to a successor's key, which is not given");
		if ((code = keys_jwe_open(key, successor, file->jwe, err)) != BASE_OK)
			return code;
	} else {
		if (passphrase.len == 0)
			return base_fail(err, BASE_KEY, "the export is under a passphrase, and none is given");
		keys_scrypt(key, passphrase, file->salt.data);
	}
	base_buf_reserve(&plain, file->sealed.len);
	file_aad(&aad, file);
	gcm = keys_gcm_open(key);
	code = keys_gcm_unseal(gcm, plain.data, file->nonce.data, base_buf_slice(&aad), file->sealed, err);
	keys_gcm_close(gcm);
	if (code != BASE_OK && file->protection == REGISTER_PASSPHRASE)
		code = base_fail(err, BASE_KEY, "the passphrase is wrong, or the export was altered");
	else if (code != BASE_OK)
		code = base_fail(err, BASE_MISMATCH, "the export was altered");
	if (code == BASE_OK) {
		plain.len = file->sealed.len - TAG_BYTES;
		code = register_list_decode(list, base_buf_slice(&plain), err);
	}
	base_wipe(key, sizeof(key));
	base_buf_wipe(&plain);
	base_buf_free(&aad);
	return code;
}

/* Names the study and both references, never the number: who has the register can look it up. */
static enum base_code conflict(const struct register_record *here, const struct register_record *there,
			       struct base_error *err)
{
	char ours[2 * BASE_HASH_BYTES + 1], theirs[2 * BASE_HASH_BYTES + 1];

	base_hex(ours, base_hash_slice(&here->entry.reference));
	base_hex(theirs, base_hash_slice(&there->entry.reference));
	if (strcmp(ours, theirs) == 0)
		return base_fail(
			err, BASE_EXISTS,
			"conflict in study %s: reference %s stands for one participant number here and for another in "
			"the file; nothing was imported",
			here->entry.study, ours);
	return base_fail(
		err, BASE_EXISTS,
		"conflict in study %s: one participant number has reference %s here and %s in the file; nothing was "
		"imported",
		here->entry.study, ours, theirs);
}

struct merge {
	const struct register_list *list;
	size_t added;
};

static enum base_code merge_one(struct reg *reg, struct store_txn *txn, const struct register_record *record,
				size_t *added, struct base_error *err)
{
	struct register_record here;
	enum base_code code;

	code = register_find_reference(reg, txn, &record->entry.reference, &here, err);
	if (code == BASE_NOT_FOUND) {
		code = register_find(reg, txn, record->entry.study, record->entry.number, &here, err);
		if (code == BASE_OK)
			code = conflict(&here, record, err);
		else if (code == BASE_NOT_FOUND && (code = register_write(reg, txn, record, err)) == BASE_OK)
			++*added;
	} else if (code == BASE_OK && strcmp(here.entry.number, record->entry.number) != 0) {
		code = conflict(&here, record, err);
	} else if (code == BASE_OK && record->entry.recorded && !here.entry.recorded) {
		code = register_write(reg, txn, record, err);
	}
	base_wipe(&here, sizeof(here));
	return code;
}

static enum base_code merge_work(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err)
{
	struct merge *merge = arg;
	enum base_code code = BASE_OK;

	merge->added = 0; /* may run again */
	for (size_t i = 0; i < merge->list->count && code == BASE_OK; i++)
		code = merge_one(reg, txn, &merge->list->records[i], &merge->added, err);
	return code;
}

enum base_code register_import(struct reg *reg, struct base_slice file, struct base_slice passphrase,
			       const struct keys_private *successor, size_t *added, struct base_error *err)
{
	struct register_list list = {NULL, 0};
	struct merge merge = {&list, 0};
	struct register_file parts = {.protection = REGISTER_PASSPHRASE};
	enum base_code code;

	if ((code = register_file_decode(&parts, file, err)) != BASE_OK)
		return code;
	if (!base_hash_equal(&parts.ledger, &reg->ledger))
		return base_fail(err, BASE_MISMATCH, "the export is of another ledger's register");
	if ((code = file_open(&parts, &list, passphrase, successor, err)) != BASE_OK)
		return code;
	if ((code = register_commit(reg, merge_work, &merge, err)) == BASE_OK)
		*added = merge.added;
	register_list_free(&list);
	return code;
}
