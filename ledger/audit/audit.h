/* audit: the auditor's room. Verifies what others claim; trusts no node.
 *
 * Tour
 *   1. One file: a receipt, a trail, a proof of presence or absence, against a policy.
 *   2. Everything: a ledger directory or a folder of tiles, recomputed from its
 *      bytes: signatures, sequences, outcomes by re-execution, hash chain,
 *      tree, map, side hashes, checkpoints, payloads.
 *
 * No threads of its own: the caller gives a `parallel` callback that runs pieces of work.
 */
#ifndef LEDGER_AUDIT_AUDIT_H
#define LEDGER_AUDIT_AUDIT_H

#include "ledger/base/base.h"
#include "ledger/chain/chain.h"
#include "ledger/payload/payload.h"

/* ---- 1. One file -------------------------------------------------------- */

enum audit_file { AUDIT_RECEIPT, AUDIT_TRAIL, AUDIT_PRESENCE, AUDIT_ABSENCE, AUDIT_CHECKPOINT, AUDIT_CONSENT };
struct audit_verdict {
	enum audit_file what;
	struct proof_checkpoint checkpoint;
	struct proof_verdict signatures;
	bool solo; /* order and time rest on one operator */
	/* receipt */
	uint64_t index;
	struct chain_entry entry;
	struct events_event event;
	struct state_outcome outcome;
	/* trail, presence, absence */
	uint64_t entry_count;
	struct base_slice study, reference;
	enum state_table table;
	uint64_t chunk; /* absence of a later one than 0 says where a record ends, not that there is none */
	struct base_slice value;
	size_t fact_count; /* presence: facts in this chunk; STATE_FACTS_MAX: the record may go on in the next. 0: no record */
	/* consent: the claim, recomputed from the facts in the map, and what it rests on */
	struct chain_claim claim;
	struct state_answer answer;
	struct base_hash answer_event;  /* that establishes it, unless nothing does */
	struct state_approval approval; /* of the study at the participant's site, at the same time */
	struct base_slice site;         /* empty: not enrolled */
	struct chain_block_entry block;
	struct base_buf storage;         /* what a receipt's slices borrow from */
	struct chain_evidence *evidence; /* what the others borrow from; NULL for receipts and checkpoints */
};
/* file: any evidence file; its kind is recognised by its first line. */
BASE_MUST_USE enum base_code audit_verify(struct audit_verdict *out, struct base_slice file, const struct proof_policy *policy,
					  struct base_error *err);
void audit_verdict_free(struct audit_verdict *verdict);
/* BASE_MALFORMED with a sentence when an editor, mail program or shell changed the line ends or the encoding of a text file of
 * evidence: it says what happened, and how to undo it. */
BASE_MUST_USE enum base_code audit_text_check(struct base_slice file, struct base_error *err);
/* Each entry of a trail, after audit_verify. */
BASE_MUST_USE enum base_code audit_trail_walk(const struct audit_verdict *verdict,
					      bool (*visit)(void *arg, uint64_t index, const struct chain_entry *entry), void *arg,
					      struct base_error *err);

/* ---- 2. Everything ------------------------------------------------------ */

enum audit_check {
	AUDIT_ENTRY, AUDIT_SIGNATURE, AUDIT_SEQUENCE, AUDIT_OUTCOME, AUDIT_CHAIN, AUDIT_TREE, AUDIT_MAP, AUDIT_SIDE, AUDIT_NODES,
	AUDIT_CHECKPOINTS, AUDIT_STORED, AUDIT_PAYLOAD, AUDIT_SINCE, AUDIT_TIME,
	AUDIT_CONTRACT,
};
struct audit_deviation {
	enum audit_check check;
	bool has_index;
	uint64_t index;  /* leaf index of the entry */
	char what[512];  /* one sentence */
};
struct audit_work { /* runs fn(arg, i) for i in [0, count), on any threads, and returns when all are done */
	void (*parallel)(void *context, void (*fn)(void *arg, size_t i), void *arg, size_t count);
	void *context;
};
struct audit_options {
	struct audit_work work;        /* parallel NULL: in this thread */
	bool signatures;               /* false: rebuild only */
	struct payload_store *payloads; /* NULL: not checked */
	struct base_slice since;       /* a checkpoint note kept from earlier; empty: none. BASE_MALFORMED if it is none */
	const struct proof_policy *policy; /* NULL: the ledger's own keys, and the report says where they came from */
	void (*deviation)(void *arg, const struct audit_deviation *deviation);
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};
/* Whose keys vouch: those of the policy that was given; those that genesis names, which the founders signed; those that a
 * ledger's folder names as made anew after a loss: nothing but a governance.recover on the ledger speaks for them, and that
 * does not name them. */
enum audit_vouch { AUDIT_BY_NOBODY, AUDIT_BY_POLICY, AUDIT_BY_GENESIS, AUDIT_BY_RECOVERED };
struct audit_report {
	uint64_t entries, events, blocks, signatures, payloads, payloads_missing, deviations;
	uint64_t payloads_erased; /* not there, and a holder attests that it destroyed them: no deviation */
	char erased_by[200];      /* who does, the first of them; empty: nobody */
	struct base_hash root, state;
	uint64_t size, height;
	struct base_time last; /* of the last block */
	enum audit_vouch keys; /* that checkpoints were verified with */
	/* The newest checkpoint that verifies; size 0: none. Entries from covered_size on are as they should be, but no node stands for
	 * their being all, nor for their order. That is no deviation: a restored ledger, or one whose last signature a crash cost, is so. */
	uint64_t covered_size, covered_height; /* height: of a stored one */
	bool covered_kept;                     /* it is the one kept from earlier */
	/* The newest governance.recover in force: the node's keys were made anew. */
	bool recovered;
	uint64_t recovered_index;
	/* The checkpoint kept from earlier: who signed it. AUDIT_BY_NOBODY: by no key that is known here, why says which were asked. */
	enum audit_vouch kept_by;
	bool kept; /* one was given, of this ledger, and could be compared */
	char kept_why[200];
	bool hashes_only; /* hash tiles without entries: entries, events, blocks, state and height say nothing */
	uint64_t tiles;   /* of hashes, that were read; audit_hashes alone counts them */
	bool complete; /* false: stopped early because nothing after a deviation could be judged */
};
/* BASE_OK: no deviation. BASE_MISMATCH: some, each reported; with none reported, err is the reason, and nothing was audited (the
 * policy is of another ledger). Other codes: could not be read. */
BASE_MUST_USE enum base_code audit_ledger(const char *folder, const struct audit_options *options, struct audit_report *report,
					  struct base_error *err);
BASE_MUST_USE enum base_code audit_tiles(const char *folder, const struct audit_options *options, struct audit_report *report,
					 struct base_error *err);
/* A folder of hash tiles and checkpoint without entries: each tile and the checkpoint's signatures; whether since is a prefix.
 * Without a policy no key is known: covered_size is 0. */
BASE_MUST_USE enum base_code audit_hashes(const char *folder, const struct audit_options *options, struct audit_report *report,
					  struct base_error *err);

#endif
