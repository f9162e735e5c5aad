/* What the files of register share among themselves. Byte layouts: docs/formats/register.md */
#ifndef LEDGER_REGISTER_REGISTER_INTERNAL_H
#define LEDGER_REGISTER_REGISTER_INTERNAL_H

#include "ledger/register/register.h"
#include "ledger/store/store.h"

#define REGISTER_FORMAT 1

enum { REGISTER_META, REGISTER_NUMBERS, REGISTER_REFERENCES, REGISTER_TABLES };

struct reg {
	struct store *store;
	struct base_hash ledger;
	uint8_t key[32];    /* the register key */
	uint8_t lookup[32]; /* subkey of the look-up HMACs */
	struct keys_gcm *values;
};

/* One participant in clear: an entry and the key that its reference is made with. Secret. */
struct register_record {
	struct register_entry entry;
	uint8_t key[32];
};

/* ---- register_record.c ---- */
struct base_hash register_reference(const uint8_t key[32], const char *study, uint64_t generation);
BASE_MUST_USE enum base_code register_names_check(const char *study, const char *number, struct base_error *err);
/* [study, number, key, generation, recorded] */
void register_record_put(struct base_buf *out, const struct register_record *record);
/* bytes is checked CBOR (wire_check); fills the reference too. */
BASE_MUST_USE enum base_code register_record_get(struct register_record *out, struct base_slice bytes,
						 struct base_error *err);

/* ---- register_table.c: records in the database ---- */
BASE_MUST_USE enum base_code register_find(struct reg *reg, struct store_txn *txn, const char *study,
					   const char *number, struct register_record *out, struct base_error *err);
BASE_MUST_USE enum base_code register_find_reference(struct reg *reg, struct store_txn *txn,
						     const struct base_hash *reference, struct register_record *out,
						     struct base_error *err);
BASE_MUST_USE enum base_code register_write(struct reg *reg, struct store_txn *txn,
					    const struct register_record *record, struct base_error *err);
/* Runs work in a write transaction and commits; again when the database had to grow first. */
typedef enum base_code (*register_work_fn)(struct reg *reg, struct store_txn *txn, void *arg, struct base_error *err);
BASE_MUST_USE enum base_code register_commit(struct reg *reg, register_work_fn work, void *arg, struct base_error *err);
/* All records, of one study or of all, sorted by study and number, bytewise. */
struct register_list {
	struct register_record *records;
	size_t count;
};
BASE_MUST_USE enum base_code register_list_read(struct reg *reg, const char *study, struct register_list *out,
						struct base_error *err);
void register_list_free(struct register_list *list); /* wipes */

/* ---- register_export.c: the file ---- */
#define REGISTER_FILE_BYTES_MAX ((size_t)64 << 20)
enum register_protection { REGISTER_PASSPHRASE = 1, REGISTER_SUCCESSOR = 2 };
struct register_file {
	struct base_hash ledger;
	enum register_protection protection;
	struct base_slice salt; /* 16 bytes */
	struct base_slice jwe;
	struct base_slice nonce;  /* 12 bytes */
	struct base_slice sealed; /* with its tag */
};
BASE_MUST_USE enum base_code register_file_decode(struct register_file *out, struct base_slice bytes,
						  struct base_error *err);
void register_file_encode(struct base_buf *out, const struct register_file *file);
BASE_MUST_USE enum base_code register_list_decode(struct register_list *out, struct base_slice bytes,
						  struct base_error *err);
void register_list_encode(struct base_buf *out, const struct register_list *list);

#endif
