/* register: who the participants' references stand for. The site's own, never the ledger's.
 *
 * Tour
 *   ref = HMAC-SHA-256(key, study id || 00 || generation u64 BE), with a key of 256 random bits
 *   per participant and study (docs/formats/register.md). The register is an
 *   LMDB environment outside the ledger directory; every value, and every name used as
 *   a key, is encrypted (AES-256-GCM; keys of look-up are HMACs) under one register key, which
 *   rests wrapped to the site's sealing key (JWE) or under a passphrase.
 *   Export and import: one encrypted file, under a passphrase (scrypt) or to a successor's sealing key (JWE).
 */
#ifndef LEDGER_REGISTER_REGISTER_H
#define LEDGER_REGISTER_REGISTER_H

#include "ledger/base/base.h"
#include "ledger/keys/keys.h"

struct reg;
/* Makes a register whose key is wrapped to owner. */
BASE_MUST_USE enum base_code register_create(const char *folder, const struct base_hash *ledger, const struct keys_public *owner,
					     struct base_error *err);
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
/* The reference of a number; makes a key when there is none (made true). Durable when it returns. */
BASE_MUST_USE enum base_code register_enrol(struct reg *reg, const char *study, const char *number, struct register_entry *out,
					    bool *made, struct base_error *err);
BASE_MUST_USE enum base_code register_mark_recorded(struct reg *reg, const char *study, const char *number, struct base_error *err);
BASE_MUST_USE enum base_code register_by_number(struct reg *reg, const char *study, const char *number, struct register_entry *out,
						struct base_error *err);
BASE_MUST_USE enum base_code register_by_reference(struct reg *reg, const struct base_hash *reference, struct register_entry *out,
						   struct base_error *err);
BASE_MUST_USE enum base_code register_walk(struct reg *reg, const char *study /* NULL: all */,
					   bool (*visit)(void *arg, const struct register_entry *entry), void *arg, struct base_error *err);
/* A pseudonym table local to the register: sealed manifests' names etc. are not kept here. */
BASE_MUST_USE enum base_code register_export(struct reg *reg, struct base_buf *out, struct base_slice passphrase,
					     const struct keys_public *successor, struct base_error *err);
BASE_MUST_USE enum base_code register_import(struct reg *reg, struct base_slice file, struct base_slice passphrase,
					     const struct keys_private *successor, size_t *added, struct base_error *err);
/* Re-wraps the register key to another owner's key (after a rotation). */
BASE_MUST_USE enum base_code register_rewrap(struct reg *reg, const struct keys_public *owner, struct base_error *err);

#endif
