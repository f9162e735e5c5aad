/* For the tests of chain: a ledger of one hospital in a folder that goes away
 * again, with keys from fixed bytes, so that everything comes out the same each time. */
#ifndef TESTS_CHAIN_FIXTURE_H
#define TESTS_CHAIN_FIXTURE_H

#include "ledger/chain/chain.h"

#include <check.h>
#include <stdlib.h>

#define FIX_ORIGIN "ledger.example/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define FIX_ORGANISATION "hospital"
#define FIX_ADMIN "hospital/admin"
#define FIX_MANAGER "hospital/dm-01"
#define FIX_NODE "hospital/node-1"
#define FIX_STUDY "rare-01"
#define FIX_TIME UINT64_C(1772323200000) /* 2026-03-01T00:00:00Z */

/* Of the genesis that fix_open makes; all 0: the defaults. */
extern struct state_limits fix_limits;
struct fix {
	char *folder;      /* temporary; holds all of the following */
	char *ledger_path, *signed_path;
	struct keys_private *sign, *seal, *recovery, *log, *cosign, *node_sign;
	struct keys_private *manager, *manager_seal;
	struct base_buf genesis, signatures;
	struct base_hash id;
	struct chain_signer signer;
	struct chain *chain; /* NULL while closed */
	uint64_t sequence;   /* the administrator's last */
	uint64_t manager_sequence;
	uint64_t now;
};
/* Keys and genesis; no ledger yet. */
void fix_open(struct fix *f);
/* Also the ledger, open with its signer. */
void fix_ledger(struct fix *f);
void fix_close(struct fix *f); /* removes the folder */
void fix_chain_open(struct fix *f);
void fix_chain_close(struct fix *f);
struct keys_private *fix_key(enum keys_purpose purpose, enum keys_alg alg, uint8_t seed);

/* Events, signed, appended to out. sequence 0: the author's next. */
void fix_event(struct fix *f, struct base_buf *out, const char *kind, const char *subject, struct base_slice body, bool manager,
	       uint64_t sequence);
void fix_enrol(struct fix *f, struct base_buf *out); /* the data manager, by the administrator */
void fix_study(struct fix *f, struct base_buf *out);
void fix_participant(struct fix *f, struct base_buf *out, uint8_t participant);
/* One item; participant 0: none. cid: seed of its address. */
void fix_submit(struct fix *f, struct base_buf *out, uint64_t cid, uint8_t participant, bool manager);
struct base_hash fix_reference(uint8_t participant);

/* One block of some events, each a buffer; all are expected to be entered. Returns the height. */
uint64_t fix_block(struct fix *f, struct base_buf *events, size_t count);
/* Enrolment of the manager, study, participants 1 to 3: three blocks, heights 1 to 3. */
void fix_study_ready(struct fix *f);
/* A block with one submission; returns its leaf. */
uint64_t fix_submission(struct fix *f, uint64_t cid, uint8_t participant);
/* Opens snapshot and policy. */
struct chain_read *fix_read(struct fix *f);
struct proof_policy *fix_policy(struct chain_read *read);
/* The receipt of a leaf verifies under the ledger's policy, and holds that entry. */
void fix_check_receipt(struct fix *f, uint64_t index);
/* Every table row hash, for comparing two ledgers: entries, tree hashes, map rows. */
struct base_hash fix_digest(const char *ledger_path);
/* Rebuilt from its entries, the ledger comes out the same. It must not be open. */
void fix_check_rebuild(struct fix *f);
void fix_remove(const char *path); /* rm -r */

/* tests: ends with NULL. Returns what main() returns. */
int fix_run(const char *name, const TTest *const *tests, int timeout_s);
#define ck_ok(call)                                                                                \
	do {                                                                                       \
		struct base_error ck_err = {{0}};                                                  \
		enum base_code ck_code = call;                                                     \
		ck_assert_msg(ck_code == BASE_OK, "%s: %s: %s", #call, base_code_name(ck_code), ck_err.text);                 \
	} while (0)
#define ck_code(call, expected)                                                                    \
	do {                                                                                       \
		struct base_error ck_err = {{0}};                                                  \
		enum base_code ck_got = call;                                                      \
		ck_assert_msg(ck_got == (expected), "%s: %s, not %s: %s", #call, base_code_name(ck_got),                      \
			      base_code_name(expected), ck_err.text);                              \
		ck_assert_msg(ck_err.text[0] != '\0', "%s: no sentence", #call);                   \
	} while (0)

#endif
