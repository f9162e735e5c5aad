/* What the files of proof share: lines of text, names fit for messages. */
#ifndef LEDGER_PROOF_PROOF_INTERNAL_H
#define LEDGER_PROOF_PROOF_INTERNAL_H

#include "ledger/proof/proof.h"

/* Takes the next line off rest, its newline too; false when no newline is left. */
bool proof_line_next(struct base_slice *rest, struct base_slice *line);
bool proof_starts_with(struct base_slice text, const char *prefix);
/* Exactly 32 bytes of strict base64. */
bool proof_hash_parse(struct base_hash *out, struct base_slice text);
void proof_hash_line(struct base_buf *out, const struct base_hash *hash);

/* UTF-8 without ASCII control characters but newline (signed-note). */
BASE_MUST_USE enum base_code proof_text_check(struct base_slice text, const char *what, struct base_error *err);
/* proof_name_valid without its limit: signatures by unknown keys may have longer names. */
bool proof_name_well_formed(struct base_slice name);

/* "%.*s" arguments for text from outside in a message: cut, and base_fail cleans it. */
#define PROOF_SHOW(slice) ((int)((slice).len < 80 ? (slice).len : 80)), (const char *)(slice).data

#endif
