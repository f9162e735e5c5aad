/* chain: the ledger itself: entries, blocks, one durable commit a block.
 *
 * Tour
 *   1. Entries. Leaves of the tree: genesis, events with their outcome, block
 *      entries. docs/formats/entry.md
 *   2. The ledger: make, open, close.
 *   3. Recording: admit events, execute and commit a block, get a checkpoint.
 *   4. Reading: entries, look-ups, proofs, state.
 *   5. Leaving: tiles, backup, restore.
 *
 * A ledger directory holds the database, `genesis.sig` (the founders'
 * detached signatures) and `payload/`. Private keys, the register
 * and the record of what the node signed lie elsewhere (docs/architecture.md).
 * One writer: the thread that calls chain_block. Readers: any thread, any process.
 * Several processes may record in one ledger: each block takes up what others appended.
 */
#ifndef LEDGER_CHAIN_CHAIN_H
#define LEDGER_CHAIN_CHAIN_H

#include "ledger/base/base.h"
#include "ledger/events/events.h"
#include "ledger/keys/keys.h"
#include "ledger/proof/proof.h"
#include "ledger/state/state.h"
#include "ledger/store/store.h"

/* ---- 1. Entries --------------------------------------------------------- */

#define CHAIN_FORMAT STATE_FORMAT
#define CHAIN_ENTRY_BYTES_MAX 48000
#define CHAIN_OUTCOME_BYTES_MAX 7900
#define CHAIN_ORIGIN_BYTES_MAX 255
#define CHAIN_BLOCK_EVENTS_MAX 10000

enum chain_entry_type { CHAIN_GENESIS = 0, CHAIN_EVENT = 1, CHAIN_BLOCK = 2 };
struct chain_block_entry {
	uint64_t height;
	struct base_time time;
	struct base_hash prev;  /* SHA-256(00 || previous block entry); 32 zero bytes at genesis */
	uint64_t first, count;  /* leaf indices of the block's events, the block entry excluded */
	struct base_hash tree;  /* root over all lower indices */
	struct base_hash state; /* map root after execution */
	struct base_hash side;  /* state writes outside the map */
	struct base_hash nodes; /* node set in force after this block */
	bool has_engine;        /* null in solo */
	uint64_t engine_height;
	struct base_hash engine_hash;
};
struct chain_entry {
	enum chain_entry_type type;
	uint64_t height;
	struct base_time time;
	struct base_slice event;   /* CHAIN_EVENT: the tagged COSE_Sign1 */
	struct base_slice outcome; /* CHAIN_EVENT: CBOR */
	struct base_slice genesis; /* CHAIN_GENESIS: CBOR map */
	struct chain_block_entry block;
};
BASE_MUST_USE enum base_code chain_entry_decode(struct chain_entry *out, struct base_slice bytes, struct base_error *err);
void chain_entry_encode_event(struct base_buf *out, uint64_t height, struct base_time time, struct base_slice event,
			      struct base_slice outcome);
void chain_entry_encode_block(struct base_buf *out, const struct chain_block_entry *block);
struct base_hash chain_app_hash(struct base_slice block_entry); /* SHA-256(00 || block entry): prev of the next block */

/* What genesis says (docs/formats/genesis.md). */
#define CHAIN_FOUNDERS_MAX 64
#define CHAIN_NODES_MAX 64
#define CHAIN_GENESIS_TYPE "application/vnd.regesta.genesis"
#define CHAIN_TOLERANCE_MS 60000
#define CHAIN_EXECUTOR 1
struct chain_founder {
	const char *organisation; /* token */
	const char *title;        /* public name of the institution */
	const char *country;      /* "FR" */
	struct keys_public recovery;
	struct base_slice enrolment; /* founder's COSE_Sign1 over the origin; its actor is the administrator */
};
struct chain_node {
	const char *name;         /* "organisation/node" */
	struct keys_public log, cosign, sign;
};
struct chain_genesis {
	const char *origin;
	struct base_time time;
	const struct chain_founder *founders;
	size_t founder_count;
	const struct chain_node *nodes;
	size_t node_count;
	struct state_limits limits; /* key.burst 0: the defaults (encode) */
};
/* The leaf 0 entry. Ledger id = SHA-256 of it. Refuses what chain_genesis_decode would refuse. */
BASE_MUST_USE enum base_code chain_genesis_encode(struct base_buf *out, const struct chain_genesis *genesis, struct base_error *err);
/* Everything that can be checked in genesis alone, the founders' enrolments and their signatures included.
 * BASE_VERSION for a newer format. *out is the caller's; it does not borrow. */
BASE_MUST_USE enum base_code chain_genesis_decode(struct chain_genesis **out, struct base_slice entry, struct base_error *err);
void chain_genesis_close(struct chain_genesis *genesis);
/* Appends one founder's detached COSE_Sign1 over the genesis entry (content of genesis.sig). */
BASE_MUST_USE enum base_code chain_genesis_sign(struct base_buf *out, struct base_slice entry, const char *origin, const char *actor,
						const struct keys_private *key, struct base_error *err);
/* signatures: one a founder, in the order of the founders. */
BASE_MUST_USE enum base_code chain_genesis_verify(const struct chain_genesis *genesis, struct base_slice entry,
						  struct base_slice signatures, struct base_error *err);

/* ---- 2. The ledger ------------------------------------------------------ */

struct chain;
/* The node's signing side, for solo: keys borrowed while the ledger is open. */
struct chain_signer {
	const struct keys_private *log, *cosign;
	const char *cosign_name;
	const char *signed_path; /* file outside the directory: what was signed, synced before a signature leaves; never rolled back */
	/* The keys are not those of genesis: they were made anew after a restore. The ledger's own policy names them from then on. */
	bool recovered;
};
/* signatures: CBOR sequence of the founders' detached COSE_Sign1 over the genesis entry. */
BASE_MUST_USE enum base_code chain_create(const char *folder, struct base_slice genesis_entry, struct base_slice signatures,
					  struct base_error *err);
#define CHAIN_READ_ONLY 1u
/* For a folder that somebody else gave: every page of the database is validated before LMDB follows it (store.h, STORE_CHECK). */
#define CHAIN_DISTRUST 2u
/* signer NULL: no checkpoints can be made. BASE_VERSION for a newer format.
 * With a signer, a checkpoint that a crash left unsigned is signed. BASE_MISMATCH: the ledger is not what this node signed
 * (it was rolled back, or rewritten); BASE_NOT_FOUND: the record of what was signed is gone although the ledger has
 * checkpoints; BASE_KEY: the keys are not those of a node of the ledger. Without a signer such a ledger still opens. */
BASE_MUST_USE enum base_code chain_open(struct chain **out, const char *folder, unsigned flags, const struct chain_signer *signer,
					struct base_error *err);
void chain_close(struct chain *chain);
const struct base_hash *chain_id(const struct chain *chain);
const char *chain_origin(const struct chain *chain);
const struct chain_genesis *chain_founding(const struct chain *chain); /* borrowed */
/* Content of genesis.sig, appended. */
BASE_MUST_USE enum base_code chain_signatures(const struct chain *chain, struct base_buf *out, struct base_error *err);

/* ---- 3. Recording ------------------------------------------------------- */

/* The key of a kid, revoked or not: for verifying on other threads before chain_block. BASE_NOT_FOUND: never enrolled. Any thread. */
BASE_MUST_USE enum base_code chain_key(struct chain *chain, const struct base_hash *kid, struct keys_public *out, struct base_error *err);

struct chain_submission {
	struct base_slice bytes;  /* in: COSE_Sign1 */
	bool verified;            /* in: the caller verified these bytes against chain_key(kid); a kid belongs to one key for ever */
	const struct events_event *event; /* in: what events_decode made of bytes, or NULL; saves decoding them again */
	/* out */
	enum base_code code;      /* BASE_OK: entered; BASE_EXISTS: was entered before; else refused, see err */
	uint64_t index;           /* leaf index of its entry when BASE_OK or BASE_EXISTS */
	struct state_outcome outcome; /* when BASE_OK; freed by the caller */
	struct base_error err;
};
#define CHAIN_BLOCK_BYTES_MAX (64u << 20) /* of events */
/* Orders (docs/formats/block.md), executes, enters and commits one block, durably;
 * then signs its checkpoint if there is a signer. now: the proposer's clock; not after
 * the last block's time becomes last + 1 ms (solo). Refused events are left out;
 * if none is entered there is no block and *height is the last one's.
 * When the call fails, nothing was recorded and every submission carries the error, with one exception: a block that
 * is durable but could not be signed. Its submissions then say BASE_OK, with their indices. The ledger stays usable.
 * The signed checkpoint is stored with the next block, by chain_flush or by chain_close; until then other processes do
 * not see it (this one does). */
BASE_MUST_USE enum base_code chain_block(struct chain *chain, struct base_time now, struct chain_submission *events, size_t count,
						 uint64_t *height, struct base_error *err);
/* Signs the newest boundary if that is missing, and stores its checkpoint. The writer's thread. */
BASE_MUST_USE enum base_code chain_flush(struct chain *chain, struct base_error *err);

/* ---- 4. Reading --------------------------------------------------------- */

struct chain_read; /* a snapshot; many calls, one thread */
BASE_MUST_USE enum base_code chain_read_begin(struct chain_read **out, struct chain *chain, struct base_error *err);
void chain_read_end(struct chain_read **read);
uint64_t chain_read_size(const struct chain_read *read);   /* leaves */
uint64_t chain_read_height(const struct chain_read *read); /* of the last block */
/* Borrowed until the snapshot ends. */
BASE_MUST_USE enum base_code chain_read_entry(struct chain_read *read, uint64_t index, struct base_slice *bytes, struct base_error *err);
BASE_MUST_USE enum base_code chain_read_block(struct chain_read *read, uint64_t height, struct chain_block_entry *out, uint64_t *index,
					      struct base_error *err);
/* Leaf index of the entry of an event id; BASE_NOT_FOUND. */
BASE_MUST_USE enum base_code chain_read_find(struct chain_read *read, const struct base_hash *event_id, uint64_t *index,
					     struct base_error *err);
/* Leaf indices with a term (state_term_*), unconfirmed. *indices: malloc'ed. */
BASE_MUST_USE enum base_code chain_read_postings(struct chain_read *read, uint64_t term, uint64_t **indices, size_t *count,
						 struct base_error *err);
/* Signed checkpoint at the boundary of a height (size = index of its block entry + 1); BASE_NOT_FOUND when this node never signed it. */
BASE_MUST_USE enum base_code chain_read_checkpoint(struct chain_read *read, uint64_t height, struct base_buf *note, struct base_error *err);
/* Height and size of the newest boundary with a checkpoint; BASE_NOT_FOUND. */
BASE_MUST_USE enum base_code chain_read_signed(struct chain_read *read, uint64_t *height, uint64_t *size, struct base_error *err);
/* As chain_key, in the snapshot. */
BASE_MUST_USE enum base_code chain_read_key(struct chain_read *read, const struct base_hash *kid, struct keys_public *out,
					    struct base_error *err);
BASE_MUST_USE enum base_code chain_read_stored_hash(void *read, uint64_t stored_index, struct base_hash *out, struct base_error *err);
/* A C2SP tlog-proof of one leaf at the newest checkpoint; extra = CBOR sequence (entry, signer's public key),
 * the entry alone where it is no event. BASE_NOT_FOUND: no checkpoint covers the leaf yet. */
BASE_MUST_USE enum base_code chain_read_receipt(struct chain_read *read, uint64_t index, struct base_buf *out, struct base_error *err);
/* Takes the extra of a receipt apart, and checks that the key is the one that the event's kid names. entry_bytes
 * borrows from extra; has_key is false for genesis and block entries. The signature is not verified here. */
struct chain_extra {
	struct base_slice entry_bytes;
	struct chain_entry entry;
	bool has_key;
	struct events_event event;
	struct keys_public key;
};
BASE_MUST_USE enum base_code chain_extra_decode(struct chain_extra *out, struct base_slice extra, struct base_error *err);
/* Policy of the node set in force; single: one log line only. */
BASE_MUST_USE enum base_code chain_read_policy(struct chain_read *read, bool single, struct base_buf *out, struct base_error *err);
void chain_read_view(struct chain_read *read, struct state_view *view);
BASE_MUST_USE enum base_code chain_read_map_prove(struct chain_read *read, uint64_t height, const struct base_hash *key,
						  struct base_buf *proof, struct base_slice *value, struct base_error *err);
/* Whether what is stored beside the entries for a block is what it must be: its place in the index of blocks (leaf index of the
 * block entry), and its row of the map, to the last byte. BASE_MISMATCH or BASE_STORAGE say what is not. */
BASE_MUST_USE enum base_code chain_read_check(struct chain_read *read, uint64_t height, uint64_t index, const struct base_hash *root,
					      struct base_error *err);
/* A (study, reference)'s trail as evidence: map proof of its head, block entry and checkpoint, every
 * entry that concerns it with its inclusion proof (docs/formats/trail.md). */
BASE_MUST_USE enum base_code chain_read_trail(struct chain_read *read, const char *study, const struct base_hash *reference,
					      struct base_buf *out, struct base_error *err);
/* Evidence that a map key has a value or is absent at the head. */
BASE_MUST_USE enum base_code chain_read_evidence(struct chain_read *read, enum state_table table, struct base_slice study,
						 struct base_slice reference_cbor, uint64_t chunk, struct base_buf *out,
						 struct base_error *err);

/* Evidence of what a participant had consented to: everything that the map has of the study's approvals, of the participant and
 * of the participant's consents, and of every other reference of the same person. Fails with BASE_MISMATCH if consent is claimed and there is none, or the other way round; then,
 * and on success, *answer (may be NULL) is what is so. Without a time (has_at false) it is asked about the latest instant that the
 * newest checkpoint speaks for, which the node of an open signer cosigns again at `now`. BASE_NOT_FOUND: the checkpoint does not
 * speak for the asked time yet. claim->question.known above the ledger's size: all of it. */
#define CHAIN_CHUNKS_MAX 256
struct chain_claim {
	bool consent; /* that there is one, or that there is none */
	struct state_question question;
};
BASE_MUST_USE enum base_code chain_read_consent(struct chain_read *read, const char *study, const struct base_hash *reference,
						const struct chain_claim *claim, bool has_at, struct base_time now, struct base_buf *out,
						struct state_answer *answer, struct base_error *err);
/* A checkpoint speaks for what was before its cosignatures by more than the tolerance (docs/formats/trail.md §5). */
bool chain_speaks_for(uint64_t cosigned_s, struct base_time at);

/* The evidence files, read strictly (docs/formats/trail.md). What they claim is verified in audit. */
#define CHAIN_EVIDENCE_BYTES_MAX (256u << 20)
struct chain_leaf {
	uint64_t index;
	struct base_slice entry;
	struct base_slice key; /* CBOR of the signer's public key; empty: none */
	const struct base_hash *path;
	size_t path_count;
};
struct chain_chunk {
	enum state_table table;
	uint64_t chunk;
	size_t person; /* whose: 0: the reference that is asked about; n: others[n - 1] */
	struct base_slice map_proof;
	bool has_value;
	struct base_slice value;
};
struct chain_evidence {
	enum chain_evidence_kind { CHAIN_TRAIL, CHAIN_STATE, CHAIN_CONSENT } kind;
	enum state_table table;       /* CHAIN_TRAIL: STATE_HEAD */
	struct base_slice study;      /* empty: null */
	struct base_slice reference;  /* its CBOR; empty: null */
	uint64_t chunk;               /* CHAIN_TRAIL: 0 */
	struct base_slice map_proof;
	bool has_value;               /* false: the proof shows absence */
	struct base_slice value;
	struct chain_leaf block;      /* the block entry whose state the map proof is of */
	struct chain_leaf *leaves;    /* CHAIN_TRAIL: every entry that concerns the reference, ascending */
	size_t leaf_count;
	struct chain_claim claim;     /* CHAIN_CONSENT; its chunks stand for table, chunk, map_proof and value */
	struct base_slice others[STATE_SAME_MAX]; /* CHAIN_CONSENT: further references of the same person, as reference */
	size_t other_count;
	struct chain_chunk *chunks;   /* of three records, and two for each of others, each to the chunk that is absent */
	size_t chunk_count;
	struct base_slice note;       /* the signed checkpoint */
	struct base_buf storage;      /* what the slices borrow from */
};
BASE_MUST_USE enum base_code chain_evidence_decode(struct chain_evidence *out, struct base_slice text, struct base_error *err);
void chain_evidence_encode(struct base_buf *out, const struct chain_evidence *evidence);
void chain_evidence_free(struct chain_evidence *evidence);
struct base_hash chain_evidence_key(const struct chain_evidence *evidence); /* of the map */
void chain_leaf_path(const struct chain_leaf *leaf, struct proof_path *out);
/* The record that a chunk is of: its reference as CBOR, empty for null. */
struct base_slice chain_chunk_reference(const struct chain_evidence *evidence, const struct chain_chunk *chunk);

/* What the chunks of such a file hold: the facts, for each reference of the person. */
#define CHAIN_REFERENCES_MAX (STATE_SAME_MAX + 1)
struct chain_facts {
	struct state_fact *list;
	size_t count;
};
struct chain_person {
	struct chain_facts approvals, participants[CHAIN_REFERENCES_MAX], consents[CHAIN_REFERENCES_MAX];
};
BASE_MUST_USE enum base_code chain_person_add(struct chain_person *person, const struct chain_chunk *chunk, struct base_error *err);
void chain_person_free(struct chain_person *person);
/* What they answer. BASE_MISMATCH: there are others than the references of the person, or one is missing. */
BASE_MUST_USE enum base_code chain_answer(const struct chain_evidence *evidence, const struct chain_person *person, struct state_answer *out,
					  struct base_error *err);

/* ---- 5. Leaving --------------------------------------------------------- */

/* Writes C2SP tiles up to the newest checkpoint, and the checkpoint last; entries: with bundles and genesis.sig, readable
 * by their owner alone.
 * Incremental: full tiles that the folder's checkpoint covers are left alone. Refuses a folder of another log
 * (BASE_MISMATCH), and hash tiles alone into a folder that has entries (BASE_EXISTS). */
BASE_MUST_USE enum base_code chain_tiles(struct chain_read *read, const char *folder, bool entries, struct base_error *err);
/* A consistent copy of the database and genesis.sig of a ledger in use; payloads are copied by the caller's choice. */
BASE_MUST_USE enum base_code chain_backup(struct chain *chain, const char *folder, struct base_error *err);
/* Rebuilds a ledger from entries (in leaf order, through next): every outcome, hash and root is recomputed and compared
 * (BASE_MISMATCH names the first that differs). Signatures of events are the audit's business. The last entry must be a block
 * entry. A rebuild that was interrupted leaves a folder that chain_open refuses. checkpoint: the signed note of the last boundary, which the
 * rebuilt tree must have (else BASE_MISMATCH) and which the ledger then keeps; its signatures are the audit's business too. Empty: the
 * ledger has none until it is opened with a signer. */
typedef enum base_code (*chain_next_fn)(void *arg, struct base_slice *entry, struct base_error *err); /* BASE_NOT_FOUND: the end, nothing else */
BASE_MUST_USE enum base_code chain_rebuild(const char *folder, chain_next_fn next, void *arg, struct base_slice signatures,
					   struct base_slice checkpoint, struct base_error *err);

#endif
