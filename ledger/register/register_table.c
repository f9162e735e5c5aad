/* Records in the database: every key a HMAC, every value encrypted. docs/formats/register.md §2 */
#include "ledger/register/register_internal.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/wire/wire.h"

#define NONCE_BYTES 12
#define TAG_BYTES 16
/* Every record is padded to one size, so that not even the length of a number shows. */
#define RECORD_BYTES 256
#define SEALED_BYTES_MAX (NONCE_BYTES + RECORD_BYTES + TAG_BYTES)
#define GROW_TRIES 4

static const char *const table_names[REGISTER_TABLES] = {"meta", "number", "reference"};

/* ---- Look-up keys ------------------------------------------------------- */

static struct base_hash number_lookup(const struct reg *reg, const char *study, const char *number)
{
	struct base_buf message = BASE_BUF_INIT;
	struct base_hash out;

	base_buf_reserve(&message, 512);
	wire_put_array(&message, 3);
	wire_put_cstr(&message, "regesta/register/number");
	wire_put_cstr(&message, study);
	wire_put_cstr(&message, number);
	out = keys_hmac(base_slice(reg->lookup, sizeof(reg->lookup)), base_buf_slice(&message));
	base_buf_wipe(&message);
	return out;
}

static struct base_hash reference_lookup(const struct reg *reg, const struct base_hash *reference)
{
	struct base_buf message = BASE_BUF_INIT;
	struct base_hash out;

	wire_put_array(&message, 2);
	wire_put_cstr(&message, "regesta/register/reference");
	wire_put_hash(&message, reference);
	out = keys_hmac(base_slice(reg->lookup, sizeof(reg->lookup)), base_buf_slice(&message));
	base_buf_free(&message);
	return out;
}

/* ---- Values ------------------------------------------------------------- */

/* A value moved to another place does not open there. */
static void value_aad(struct base_buf *out, const struct reg *reg, store_table table, const struct base_hash *lookup)
{
	wire_put_array(out, 4);
	wire_put_cstr(out, "regesta/register/value");
	wire_put_hash(out, &reg->ledger);
	wire_put_cstr(out, table_names[table]);
	wire_put_hash(out, lookup);
}

static enum base_code value_write(struct reg *reg, struct store_txn *txn, store_table table,
				  const struct base_hash *lookup, struct base_slice plain, struct base_error *err)
{
	uint8_t sealed[SEALED_BYTES_MAX];
	struct base_buf aad = BASE_BUF_INIT;
	enum base_code code;

	BASE_ASSERT(plain.len <= RECORD_BYTES);
	if ((code = keys_random(sealed, NONCE_BYTES, err)) != BASE_OK)
		return code;
	value_aad(&aad, reg, table, lookup);
	keys_gcm_seal(reg->values, sealed + NONCE_BYTES, sealed, base_buf_slice(&aad), plain);
	base_buf_free(&aad);
	return store_put(txn, table, base_hash_slice(lookup), base_slice(sealed, NONCE_BYTES + plain.len + TAG_BYTES),
			 err);
}

/* plain_len: what the table's values have, exactly. */
static enum base_code value_open(struct reg *reg, store_table table, struct base_slice key, struct base_slice sealed,
				 uint8_t *plain, size_t plain_len, struct base_error *err)
{
	struct base_buf aad = BASE_BUF_INIT;
	struct base_hash lookup;
	enum base_code code;

	if (key.len != sizeof(lookup.bytes) || sealed.len != NONCE_BYTES + plain_len + TAG_BYTES)
		return base_fail(err, BASE_STORAGE,
				 "a record of the register has a wrong size: restore it from its backup");
	memcpy(lookup.bytes, key.data, sizeof(lookup.bytes));
	value_aad(&aad, reg, table, &lookup);
	code = keys_gcm_unseal(reg->values, plain, sealed.data, base_buf_slice(&aad),
			       base_slice(sealed.data + NONCE_BYTES, sealed.len - NONCE_BYTES), err);
	base_buf_free(&aad);
	if (code != BASE_OK)
		return base_fail(err, BASE_STORAGE, "a record of the register was altered: restore it from its backup");
	return BASE_OK;
}

static enum base_code record_open(struct reg *reg, struct base_slice key, struct base_slice sealed,
				  struct register_record *out, struct base_error *err)
{
	uint8_t plain[RECORD_BYTES];
	size_t len = 0;
	enum base_code code;

	if ((code = value_open(reg, REGISTER_NUMBERS, key, sealed, plain, sizeof(plain), err)) != BASE_OK)
		return code;
	if ((code = wire_check_first(base_slice(plain, sizeof(plain)), &len, err)) == BASE_OK)
		code = register_record_get(out, base_slice(plain, len), err);
	base_wipe(plain, sizeof(plain));
	/* It opened under our key, so that only a program of another version can have written it. */
	return code == BASE_OK ? BASE_OK : base_wrap(err, BASE_STORAGE, "register");
}

/* ---- Records ------------------------------------------------------------ */

enum base_code register_find(struct reg *reg, struct store_txn *txn, const char *study, const char *number,
			     struct register_record *out, struct base_error *err)
{
	struct base_hash lookup = number_lookup(reg, study, number);
	struct base_slice sealed;
	enum base_code code = store_get(txn, REGISTER_NUMBERS, base_hash_slice(&lookup), &sealed);

	if (code == BASE_NOT_FOUND)
		return base_fail(err, code, "the register has no participant of that number in study %s", study);
	if (code != BASE_OK)
		return base_fail(err, code, "the register cannot be read");
	return record_open(reg, base_hash_slice(&lookup), sealed, out, err);
}

enum base_code register_find_reference(struct reg *reg, struct store_txn *txn, const struct base_hash *reference,
				       struct register_record *out, struct base_error *err)
{
	struct base_hash lookup = reference_lookup(reg, reference);
	struct base_slice sealed;
	uint8_t number[BASE_HASH_BYTES];
	enum base_code code = store_get(txn, REGISTER_REFERENCES, base_hash_slice(&lookup), &sealed);

	if (code == BASE_NOT_FOUND)
		return base_fail(err, code, "the register does not know that reference");
	if (code == BASE_OK)
		code = value_open(reg, REGISTER_REFERENCES, base_hash_slice(&lookup), sealed, number, sizeof(number),
				  err);
	else
		(void)base_fail(err, code, "the register cannot be read");
	if (code != BASE_OK)
		return code;
	if (store_get(txn, REGISTER_NUMBERS, base_slice(number, sizeof(number)), &sealed) != BASE_OK)
		return base_fail(err, BASE_STORAGE,
				 "the register lacks a record that it points to: restore it from its backup");
	if ((code = record_open(reg, base_slice(number, sizeof(number)), sealed, out, err)) != BASE_OK)
		return code;
	if (!base_hash_equal(&out->entry.reference, reference)) {
		base_wipe(out, sizeof(*out));
		return base_fail(err, BASE_STORAGE,
				 "the register points to a wrong record: restore it from its backup");
	}
	return BASE_OK;
}

enum base_code register_write(struct reg *reg, struct store_txn *txn, const struct register_record *record,
			      struct base_error *err)
{
	struct base_hash number = number_lookup(reg, record->entry.study, record->entry.number);
	struct base_hash reference = reference_lookup(reg, &record->entry.reference);
	uint8_t room[RECORD_BYTES] = {0};
	struct base_buf plain = {room, 0, sizeof(room)}; /* borrowed: a record has at most 241 bytes */
	enum base_code code;

	register_record_put(&plain, record);
	BASE_ASSERT(plain.data == room);
	code = value_write(reg, txn, REGISTER_NUMBERS, &number, base_slice(room, sizeof(room)), err);
	if (code == BASE_OK)
		code = value_write(reg, txn, REGISTER_REFERENCES, &reference, base_hash_slice(&number), err);
	base_wipe(room, sizeof(room));
	return code;
}

enum base_code register_commit(struct reg *reg, register_work_fn work, void *arg, struct base_error *err)
{
	enum base_code code = BASE_BUSY;

	for (int tries = 0; tries < GROW_TRIES && code == BASE_BUSY; tries++) {
		struct store_txn *txn = NULL;

		if ((code = store_begin(&txn, reg->store, true, err)) != BASE_OK)
			continue;
		if ((code = work(reg, txn, arg, err)) == BASE_OK)
			code = store_commit(&txn, err);
		store_abort(&txn);
	}
	return code;
}

/* ---- All of them -------------------------------------------------------- */

struct listing {
	struct reg *reg;
	const char *study;
	struct register_list *list;
	size_t room;
	enum base_code code;
	struct base_error *err;
};

static void list_grow(struct listing *listing)
{
	struct register_list *list = listing->list;
	size_t room = listing->room == 0 ? 64 : listing->room * 2;
	struct register_record *records = base_alloc(room * sizeof(*records));

	/* Not realloc, which would leave a copy behind. */
	if (list->count > 0)
		memcpy(records, list->records, list->count * sizeof(*records));
	register_list_free(&(struct register_list){list->records, list->count});
	list->records = records;
	listing->room = room;
}

static bool list_add(void *arg, struct base_slice key, struct base_slice value)
{
	struct listing *listing = arg;
	struct register_list *list = listing->list;

	if (list->count == listing->room)
		list_grow(listing);
	listing->code = record_open(listing->reg, key, value, &list->records[list->count], listing->err);
	if (listing->code != BASE_OK)
		return false;
	if (listing->study == NULL || strcmp(listing->study, list->records[list->count].entry.study) == 0)
		list->count++;
	else
		base_wipe(&list->records[list->count], sizeof(list->records[0]));
	return true;
}

static int record_order(const void *a, const void *b)
{
	const struct register_record *left = a, *right = b;
	int order = strcmp(left->entry.study, right->entry.study);

	return order != 0 ? order : strcmp(left->entry.number, right->entry.number);
}

enum base_code register_list_read(struct reg *reg, const char *study, struct register_list *out, struct base_error *err)
{
	struct register_list list = {NULL, 0};
	struct listing listing = {.reg = reg, .study = study, .list = &list, .code = BASE_OK, .err = err};
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = store_begin(&txn, reg->store, false, err)) != BASE_OK)
		return code;
	if ((code = store_walk(txn, REGISTER_NUMBERS, base_slice(NULL, 0), list_add, &listing, err)) == BASE_OK)
		code = listing.code;
	store_abort(&txn);
	if (code != BASE_OK) {
		register_list_free(&list);
		return code;
	}
	if (list.count > 1)
		qsort(list.records, list.count, sizeof(list.records[0]), record_order);
	*out = list;
	return BASE_OK;
}

void register_list_free(struct register_list *list)
{
	if (list->records != NULL && list->count > 0)
		base_wipe(list->records, list->count * sizeof(list->records[0]));
	free(list->records);
	*list = (struct register_list){NULL, 0};
}
