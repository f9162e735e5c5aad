/* Inside of the ledger of payloads: vault.c makes it, vault_seal.c fills and reads it. */
#ifndef TESTS_CONFORMANCE_VAULT_H
#define TESTS_CONFORMANCE_VAULT_H

#include "ledger/chain/chain.h"
#include "ledger/payload/payload.h"
#include "tests/conformance/conformance.h"

#define VAULT_ORIGIN "ledger.example/00000000000000000000000000000000"
#define VAULT_ORGANISATION "laboratory"
#define VAULT_ACTOR "laboratory/admin"
#define VAULT_NODE "laboratory/node"
#define VAULT_STUDY "conformance"

struct vault {
	char *folder; /* all of it */
	char *ledger_path, *signed_path;
	struct keys_private *sign, *seal, *recovery, *log, *cosign, *node_sign;
	struct base_buf genesis, signatures;
	struct base_hash id, author; /* kid of sign */
	struct chain *chain;
	struct payload_store *store, *imports; /* imports: NULL until asked for */
	uint64_t sequence;
	uint64_t payloads; /* recorded so far */
};
/* Signs an event of the administrator and makes it a block; *index: its leaf. */
BASE_MUST_USE enum base_code vault_record(struct vault *vault, const char *kind, const char *subject,
					  struct base_slice body, uint64_t *index, struct base_error *err);

#endif
