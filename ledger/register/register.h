/* register: who the participants' references stand for. The site's own, never the ledger's.
 *
 * Tour
 *   ref = HMAC-SHA-256(key, study id || 00 || generation u64 BE), with a key of 256 random bits
 *   per participant and study (docs/formats/register.md). The register is an
 *   LMDB environment outside the ledger directory; every value is encrypted (AES-256-GCM, padded to
 *   one size) and every key of look-up is a HMAC, under one register key, which
 *   rests wrapped to the sealing key of each of its holders (JWE): the site's people who may resolve references.
 *   Export and import: one encrypted file, under a passphrase (scrypt) or to a successor's sealing key (JWE).
 *   No error text repeats a participant number.
 *
 * A struct reg is used by one thread at a time; several processes may have one register open.
 */
#ifndef LEDGER_REGISTER_REGISTER_H
#define LEDGER_REGISTER_REGISTER_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"

struct reg;
/* Makes a register whose first holder is owner. BASE_EXISTS if there is one. */
BASE_MUST_USE enum base_code register_create(const char *folder, const struct base_hash *ledger,
					     const struct keys_public *owner, struct base_error *err);
/* BASE_KEY: owner is none of its holders. BASE_MISMATCH: it is another ledger's. */
BASE_MUST_USE enum base_code register_open(struct reg **out, const char *folder, const struct base_hash *ledger,
					   const struct keys_private *owner, struct base_error *err);
void register_close(struct reg *reg);

#define REGISTER_NUMBER_BYTES_MAX 128
struct register_entry {
	char study[65];
	char number[REGISTER_NUMBER_BYTES_MAX + 1]; /* the site's own participant number, UTF-8 */
	struct base_hash reference;
	uint64_t generation;
	bool recorded; /* the enrolment is on the ledger */
};
/* study: a token as in events. number: 1 to 128 bytes of UTF-8 without control characters, not beginning or ending
 * with a space, compared byte for byte.
 * The reference of a number; makes a key when there is none (made true). Durable when it returns. */
BASE_MUST_USE enum base_code register_enrol(struct reg *reg, const char *study, const char *number,
					    struct register_entry *out, bool *made, struct base_error *err);
BASE_MUST_USE enum base_code register_mark_recorded(struct reg *reg, const char *study, const char *number,
						    struct base_error *err);
BASE_MUST_USE enum base_code register_by_number(struct reg *reg, const char *study, const char *number,
						struct register_entry *out, struct base_error *err);
BASE_MUST_USE enum base_code register_by_reference(struct reg *reg, const struct base_hash *reference,
						   struct register_entry *out, struct base_error *err);
/* In the order of study and number, bytewise. visit may use the register; false ends the walk. */
BASE_MUST_USE enum base_code register_walk(struct reg *reg, const char *study /* NULL: all */,
					   bool (*visit)(void *arg, const struct register_entry *entry), void *arg,
					   struct base_error *err);
/* Everything as one encrypted file, under a passphrase or (passphrase empty) to a successor; at most 64 MiB. */
BASE_MUST_USE enum base_code register_export(struct reg *reg, struct base_buf *out, struct base_slice passphrase,
					     const struct keys_public *successor, struct base_error *err);
/* Only the participants that keep says (NULL: all). keep may not use the register. count: how many they were. */
struct register_part {
	bool (*keep)(void *arg, const struct register_entry *entry);
	void *arg;
	size_t count;
};
BASE_MUST_USE enum base_code register_export_part(struct reg *reg, struct base_buf *out, struct base_slice passphrase,
						  const struct keys_public *successor, struct register_part *part,
						  struct base_error *err);
/* Whether an export opens with a key, and which, rather than with a passphrase. */
BASE_MUST_USE enum base_code register_sealed_to(struct base_slice file, bool *to_key, struct base_hash *kid,
						struct base_error *err);
/* Merges all of a file or nothing. A number that has another reference here, or a reference another number:
 * BASE_EXISTS, naming the study and the references. BASE_KEY: wrong passphrase or key. added: records that were new. */
BASE_MUST_USE enum base_code register_import(struct reg *reg, struct base_slice file, struct base_slice passphrase,
					     const struct keys_private *successor, size_t *added,
					     struct base_error *err);

/* Holders: who the register key is wrapped to, by the kid of the sealing key. */
#define REGISTER_HOLDERS_MAX 256
/* Granted again: wrapped anew. BASE_LIMIT: too many holders. */
BASE_MUST_USE enum base_code register_grant(struct reg *reg, const struct keys_public *holder, struct base_error *err);
/* BASE_NOT_FOUND: no holder. BASE_REFUSED: the last one. The register key itself stays: against somebody who
 * kept the sealing key and a copy of the folder, export, create anew and import. */
BASE_MUST_USE enum base_code register_revoke(struct reg *reg, const struct base_hash *kid, struct base_error *err);
/* Ascending by kid; false ends the walk. */
BASE_MUST_USE enum base_code register_holders(struct reg *reg, bool (*visit)(void *arg, const struct base_hash *kid),
					      void *arg, struct base_error *err);

#endif
