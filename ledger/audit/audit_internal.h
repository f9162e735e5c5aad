/* What the files of audit share.
 *
 *   verify.c       one evidence file against a policy
 *   text.c         what other programs do to text files; plain words for who keeps receipts
 *   policy.c       which keys vouch: of a policy, of genesis
 *   vouch.c        checkpoints: those that are stored, and the one kept from earlier; who signed them
 *   report.c       deviations
 *   keys.c         public keys by kid, as enrolments brought them
 *   read_batch.c   a batch of whole blocks: read, decoded, hashed, signatures verified; in pieces for any threads
 *   execute.c      the same batch executed in order: outcomes, chain, tree, map, side hashes
 *   payloads.c     every payload that an event names
 *   contracts.c    whether the text of a contract says what is executed
 *   replay.c       both together: one batch is read while the one before is executed, and what is stored of the one before that
 *                  is compared
 *   folder.c       a ledger directory: what it stores beside its entries must agree
 *   tiles.c        a folder of tiles
 *   hashes.c       a folder of tiles without entries
 */
#ifndef LEDGER_AUDIT_AUDIT_INTERNAL_H
#define LEDGER_AUDIT_AUDIT_INTERNAL_H

#include "ledger/audit/audit.h"

/* ---- Words, and who vouches ---------------------------------------------- */

/* Puts plain words before what a parser or verifier said, in brackets; BASE_MISMATCH and BASE_MALFORMED alone. Returns code. */
enum base_code audit_plain(struct base_error *err, enum base_code code, const char *words);
/* The claim of a CHAIN_CONSENT file whose block is verified: its chunks under the map's root, the answer, the times. */
BASE_MUST_USE enum base_code audit_consent_check(struct audit_verdict *out, const struct chain_evidence *evidence, struct base_error *err);
/* A key that the policy names has a line in the note, and the signature is wrong. */
bool audit_policy_altered(const struct proof_policy *policy, const struct proof_note *note);
/* Whether it has a log of this origin. */
bool audit_policy_names(const struct proof_policy *policy, struct base_slice origin);
/* The nodes that genesis names, which the founders signed; no cosignature is asked for. */
enum base_code audit_policy_genesis(struct proof_policy **policy, const struct chain_genesis *genesis, struct base_error *err);

/* ---- Where entries come from -------------------------------------------- */

struct audit_source {
	void *arg;
	uint64_t size; /* leaves */
	/* Valid until the next call. */
	enum base_code (*entry)(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err);
	bool stable; /* what entry gives stays where it is: batches need no copy of it */
	/* The hash as it is stored, to compare; BASE_NOT_FOUND: none is; BASE_BUSY: not of a level that is stored here. */
	enum base_code (*hash)(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err);
	/* A signed checkpoint of a block's boundary; BASE_NOT_FOUND: none. */
	enum base_code (*checkpoint)(void *arg, uint64_t height, uint64_t size, struct base_buf *note, struct base_error *err);
	/* What is stored of a block and of the map after it must be this; may be NULL. index: of the block entry. Called from
	 * another thread than the rest, while that goes on. */
	enum base_code (*state)(void *arg, uint64_t height, uint64_t index, const struct base_hash *root, struct base_error *err);
	/* A value of the state outside the map, as it is stored at the end; may be NULL. */
	enum base_code (*side)(void *arg, struct base_slice key, struct base_slice *value, struct base_error *err);
	const struct base_buf *signatures; /* of the founders over genesis */
};
#define AUDIT_BATCH_ENTRIES 4096
#define AUDIT_BATCH_BYTES (16u << 20)

/* ---- Public keys -------------------------------------------------------- */

/* A key's point is read once, not for each of its signatures. */
struct audit_keys {
	struct {
		bool used;
		struct base_hash kid;
		struct keys_verifier verifier;
	} *slots;
	size_t cap, count;
};
void audit_keys_add(struct audit_keys *keys, const struct keys_public *key);
const struct keys_verifier *audit_keys_find(const struct audit_keys *keys, struct base_slice kid); /* NULL: not seen */
void audit_keys_free(struct audit_keys *keys);
/* The keys that an event brings: enrolments, rotations, proposals. */
void audit_keys_take(struct audit_keys *keys, const struct events_event *event);

/* ---- Batches ------------------------------------------------------------ */

enum audit_signature { AUDIT_SIG_NONE, AUDIT_SIG_DEFERRED, AUDIT_SIG_GOOD, AUDIT_SIG_BAD, AUDIT_SIG_UNKNOWN };
struct audit_piece {
	uint64_t index;
	struct base_slice bytes;
	enum base_code decoded; /* BASE_OK: entry, and event of an event entry, are set */
	struct chain_entry entry;
	struct events_event event;
	struct base_hash leaf;
	enum audit_signature signature;
	char why[160]; /* of decoded or signature */
};
struct audit_note { /* a checkpoint whose text agreed; its signatures are verified in pieces */
	uint64_t height, size;
	struct base_hash root; /* that it should sign */
	struct base_buf note;
	enum base_code code;
	bool older;   /* signed with the keys of genesis, which are no longer in force */
	bool unknown; /* not signed by a key that is known: nothing says that it was changed */
	char why[200];
};
/* Checkpoints one after the other with the same fault: one deviation. */
struct audit_bad_notes {
	uint64_t count, first_height, last_height, last_size;
	bool unknown;
	char why[200];
};
struct audit_row { /* a block whose root of the map agreed; what is stored of it is compared while the next batch is executed */
	uint64_t height, index;
	struct base_hash root;
	enum base_code code;
	char why[200];
};
struct audit_batch {
	struct audit_piece *pieces;
	size_t count, cap;
	struct base_buf copies; /* of the pieces' bytes, where the source is not stable */
	struct audit_note *notes;
	size_t note_count, note_cap;
	struct audit_row *rows;
	size_t row_count, row_cap;
};
void audit_batch_free(struct audit_batch *batch);

/* ---- Payloads ----------------------------------------------------------- */

struct audit_cids {
	struct {
		struct wire_cid cid;
		uint64_t index;
	} *list;
	size_t count, cap;
};
/* Items whose ciphertext a holder attests to have destroyed. */
struct audit_destroyed {
	struct {
		struct events_item_id item;
		char by[STATE_ACTOR_BYTES_MAX + 1];
		uint64_t index; /* of the attestation */
	} *list;
	size_t count, cap;
};
void audit_destroyed_take(struct audit_destroyed *destroyed, uint64_t index, const struct chain_entry *entry,
			  const struct events_event *event);
void audit_cids_take(struct audit_cids *cids, uint64_t index, const struct events_event *event);

/* ---- The replay --------------------------------------------------------- */

/* Contracts that were proposed. */
struct audit_contract {
	struct base_hash id;
	bool says; /* one of the texts that it was proposed with compiles to it */
};
struct audit_contracts {
	struct audit_contract *list;
	size_t count, cap;
};
void audit_contracts_free(struct audit_contracts *contracts);
struct audit_replay;
/* Of an event that was recorded. */
void audit_contracts_take(struct audit_replay *replay, uint64_t index, const struct events_event *event);

struct audit_replay {
	const struct audit_options *options;
	struct audit_report *report;
	const struct audit_source *source;
	const struct proof_policy *policy;
	const struct proof_policy *genesis;   /* NULL: cannot be read */
	const struct proof_policy *recovered; /* of the keys made anew, if the source names any; else NULL */
	struct base_error *err;
	enum base_code failed; /* the source could not be read */
	/* reading */
	uint64_t next;
	struct audit_batch batches[2];
	size_t reading; /* which of the two */
	struct audit_keys keys;
	/* executing */
	struct base_hash ledger;
	struct base_buf origin;
	struct state_memory *memory;
	struct state_cache *cache;
	struct state_view view;
	struct state_exec *exec;
	struct proof_frontier frontier;
	struct base_hash prev;
	struct base_time time;
	uint64_t height, block_first;
	bool begun;      /* genesis was taken */
	bool state_lost; /* after a deviation of state nothing about state can be judged */
	bool tree_lost;
	struct base_buf outcome;
	struct audit_cids cids;
	struct audit_destroyed destroyed;
	struct audit_contracts contracts;
	struct audit_bad_notes bad;
	uint64_t older_size; /* of the newest checkpoint that is signed with older keys */
	/* the checkpoint kept from earlier */
	bool has_since, since_seen, since_equal;
	struct proof_checkpoint since;
};
void audit_deviate(struct audit_replay *replay, enum audit_check check, const uint64_t *index, const char *format, ...) BASE_PRINTF(4, 5);
/* Reads whole blocks into batch; none left: count 0. */
void audit_batch_read(struct audit_replay *replay, struct audit_batch *batch);
#define AUDIT_PIECES_A_TASK 64
/* Decodes, hashes and verifies the i-th 64 pieces. Any thread; touches those pieces alone. */
void audit_batch_work(struct audit_replay *replay, struct audit_batch *batch, size_t task);
/* After all tasks: takes new keys and verifies what waited for them. */
void audit_batch_settle(struct audit_replay *replay, struct audit_batch *batch);
void audit_batch_execute(struct audit_replay *replay, struct audit_batch *batch);
/* Of a batch that was executed; any thread, one at a time. */
void audit_rows_check(struct audit_replay *replay, struct audit_batch *batch);
void audit_note_verify(struct audit_replay *replay, struct audit_note *note);
void audit_payloads_check(struct audit_replay *replay);
/* Before the replay: reads the checkpoint kept from earlier and judges who signed it. */
enum base_code audit_since_begin(struct audit_replay *replay);
void audit_since_end(struct audit_replay *replay);
void audit_notes_report(struct audit_replay *replay, const struct audit_batch *batch);
void audit_notes_end(struct audit_replay *replay);
/* BASE_MISMATCH with one sentence: the policy is of another ledger. */
enum base_code audit_policy_fits(const struct proof_policy *policy, const char *origin, struct base_error *err);
/* The whole of it. */
enum base_code audit_replay_run(struct audit_replay *replay);

#endif
