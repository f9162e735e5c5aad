/* state: what the events add up to.
 *
 * Tour
 *   1. The authenticated map: a compact sparse Merkle tree; proofs of presence
 *      and absence; its verifier. docs/formats/map.md
 *   2. Two homes of it: packed rows in LMDB (every height stays readable;
 *      state_map_*), and memory (audit, rebuild; state_memory_*). Same roots.
 *   3. The executor: (state, event) -> outcome and writes. Pure: it sees state
 *      through struct state_view alone. apply_*.c: one function a kind.
 *   4. Records: the facts in a value of the map, as values for callers.
 *   5. Approval and consent: what held on a day, as known at a height.
 *   6. Participants with more than one reference; agreements.
 *   7. Cover: whether approval and consent cover data that is recorded.
 *
 * Nothing here reads a clock, draws a random number or depends on memory
 * order: the same (state, block) gives the same bytes on every machine.
 */
#ifndef LEDGER_STATE_STATE_H
#define LEDGER_STATE_STATE_H

#include "ledger/base/base.h"
#include "ledger/events/events.h"
#include "ledger/keys/keys.h"
#include "ledger/store/store.h"

/* ---- 1. The map --------------------------------------------------------- */

/* Tables of the map. Numbers are in hashes: never reused. Later issues add
 * agreements, contracts, holds, representatives, grants. */
enum state_table {
	STATE_ORGANISATION = 1, /* reference: code */
	STATE_ACTOR = 2,        /* reference: "organisation/code" */
	STATE_KEY = 3,          /* reference: kid */
	STATE_STUDY = 4,        /* study; reference null */
	STATE_ITEM = 5,         /* study; reference: [event id, index]; only in any but the normal state */
	STATE_PARTICIPANT = 6,  /* study; reference */
	STATE_HEAD = 7,         /* study; reference */
	STATE_PROPOSAL = 8,     /* reference: event id */
	STATE_DATASET = 9,      /* study; reference: event id */
	STATE_NODES = 10,
	STATE_GOVERNANCE = 11,
	STATE_APPROVAL = 12,    /* study; what ethics committees decided */
	STATE_CONSENT = 13,     /* study; reference of a participant */
	STATE_AGREEMENT = 14,   /* study; agreements between its organisations */
	STATE_LINK = 15,        /* study; reference of a participant */
	STATE_HOLD = 17,        /* study; what must be kept */
	STATE_RIGHTS = 18,      /* study; reference: event id of a request, or of an answer */
	STATE_INCIDENT = 19,    /* study; reference: event id of the first report */
	STATE_COPY = 20,        /* study; reference: [event id, index]; who keeps the item */
	STATE_CONTRACT = 21,    /* study; what was proposed and approved */
	STATE_GRANT = 22,       /* study; reference: event id of what opened the access */
	STATE_EVENT = 23,       /* reference: event id; what others said of it: affirmed, repudiated, attested */
};
#define STATE_TABLE_LAST STATE_EVENT
/* SHA-256(CBOR [table, study or null, reference, chunk]). reference: its CBOR encoding; empty = null. */
struct base_hash state_map_key(enum state_table table, struct base_slice study, struct base_slice reference_cbor,
			       uint64_t chunk);

struct state_write { /* one changed value */
	struct base_hash key;
	struct base_slice value;
};

/* Rows in the integer table `rows` of the store: key height, value root || nodes (with values).
 * writes: sorted by key, unique. Heights ascend; a block without writes needs no row. */
BASE_MUST_USE enum base_code state_map_update(struct store_txn *txn, store_table rows, uint64_t height,
					      const struct state_write *writes, size_t count, struct base_hash *root,
					      struct base_error *err);
/* As of height (the last row at or below it); BASE_NOT_FOUND, without text, if absent. value: valid for the
 * transaction. */
BASE_MUST_USE enum base_code state_map_get(struct store_txn *txn, store_table rows, uint64_t height,
					   const struct base_hash *key, struct base_slice *value,
					   struct base_error *err);
BASE_MUST_USE enum base_code state_map_root(struct store_txn *txn, store_table rows, uint64_t height,
					    struct base_hash *root, struct base_error *err);
/* Proof of presence or absence as of height: depth, bitmap, siblings, end (docs/formats/map.md). */
BASE_MUST_USE enum base_code state_map_prove(struct store_txn *txn, store_table rows, uint64_t height,
					     const struct base_hash *key, struct base_buf *proof,
					     struct base_error *err);
/* For an audit that knows the root after a block: whether the row of that height holds the nodes that it names, to the
 * last byte. Rows are to be checked in ascending order from the first: each vouches for what it points at. */
BASE_MUST_USE enum base_code state_map_check(struct store_txn *txn, store_table rows, uint64_t height,
					     const struct base_hash *root, struct base_error *err);
/* value data NULL: proves absence. BASE_MISMATCH if the proof does not show it. */
BASE_MUST_USE enum base_code state_proof_verify(struct base_slice proof, const struct base_hash *root,
						const struct base_hash *key, struct base_slice value,
						struct base_error *err);

/* ---- 2. In memory ------------------------------------------------------- */

struct state_view;
struct state_changes;
struct state_side_write { /* state outside the map; never removed */
	struct base_slice key, value;
};
struct state_memory; /* map, side state and postings of the newest height alone */
struct state_memory *state_memory_open(void);
void state_memory_close(struct state_memory *memory);
/* writes: sorted by key, unique; copied. Returns the new root; without writes, the root as it is. */
struct base_hash state_memory_update(struct state_memory *memory, const struct state_write *writes, size_t count);
void state_memory_side(struct state_memory *memory, const struct state_side_write *writes, size_t count);
/* Everything outside the map. */
void state_memory_sides(const struct state_memory *memory, void (*visit)(void *arg, struct base_slice key, struct base_slice value),
			void *arg);
void state_memory_postings(struct state_memory *memory, const struct store_posting *postings, size_t count);
/* All three of a block that was executed. */
struct base_hash state_memory_apply(struct state_memory *memory, const struct state_changes *changes);
struct base_hash state_memory_root(const struct state_memory *memory);
/* view borrows memory; what it gives out is valid until the next change of memory. Entry bytes come from the
 * caller's function: the executor confirms in them what it finds by a term. */
typedef enum base_code (*state_entry_fn)(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err);
void state_memory_view(struct state_memory *memory, struct state_view *view, state_entry_fn entry, void *arg);

/* The format version in genesis. 1: before genesis held limits; made in tests alone, and read no more. */
#define STATE_FORMAT 2

/* ---- 3. The executor ---------------------------------------------------- */

/* What the executor reads: state as of the end of the previous block. */
struct state_view {
	void *arg;
	enum base_code (*map_get)(void *arg, const struct base_hash *key, struct base_slice *value,
				  struct base_error *err);
	enum base_code (*side_get)(void *arg, struct base_slice key, struct base_slice *value, struct base_error *err);
	/* Leaf indices under a term (state_term_*), ascending; BASE_OK with *count 0 if there are none. Two things may
	 * share a term: the executor confirms each in its entry. *values is valid until the next call of postings. */
	enum base_code (*postings)(void *arg, uint64_t term, const uint64_t **values, size_t *count,
				   struct base_error *err);
	/* Entry bytes of a leaf; valid until the next call. */
	enum base_code (*entry)(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err);
};

/* How much may be recorded (docs/formats/state.md, "Limits"): at most `burst` events at once, and `refill` a second. */
struct state_limit {
	uint64_t burst, refill;
};
#define STATE_LIMIT_MAX UINT64_C(1000000000)
struct state_limits {
	struct state_limit key, organisation; /* of one key; of all keys of an organisation together */
	struct state_limit restrictions;      /* of one key: what only restricts, counted apart */
};
#define STATE_LIMITS_DEFAULT {{100000, 1000}, {1000000, 10000}, {1000, 10}}
void state_limits_put(struct base_buf *out, const struct state_limits *limits);
void state_limits_read(struct state_limits *out, struct wire_reader *r); /* fails the reader */

/* The outcome of an event (docs/formats/state.md): CBOR map. */
enum state_verdict { STATE_RECORDED = 0, STATE_PERMIT = 1, STATE_DENY = 2, STATE_REFER = 3 };
#define STATE_MILESTONES_MAX 32
#define STATE_OBLIGATIONS_MAX 256
struct state_outcome {
	enum state_verdict verdict;
	uint64_t flags;             /* bit n: EVENTS_FLAGS code n */
	uint64_t denial;            /* EVENTS_DENIALS code; 0 = none */
	struct base_buf milestones; /* owned; CBOR array of names ("proposal-passed"); empty = none */
	/* What contracts said of the items (docs/formats/entry.md): owned; members 5 to 9 as they are encoded; empty = none. */
	struct base_buf judgement;
};
void state_outcome_encode(struct base_buf *out, const struct state_outcome *outcome);
BASE_MUST_USE enum base_code state_outcome_decode(struct state_outcome *out, struct base_slice cbor,
						  struct base_error *err);
void state_outcome_free(struct state_outcome *outcome);

/* What executors have read and decoded: keys, actors, studies, participants with their heads. For speed alone: outcomes
 * and writes are the same without. Used by one executor at a time; it knows after which height of which ledger it
 * holds, and forgets everything when an executor begins at any other height, or when it has grown beyond bytes. */
struct state_cache;
struct state_cache *state_cache_open(size_t bytes);
void state_cache_close(struct state_cache *cache); /* NULL is fine */

/* A block being executed. view and origin are borrowed until close; cache (may be NULL) is in use until then. */
struct state_exec;
struct state_exec *state_exec_begin(const struct state_view *view, struct state_cache *cache,
				    const struct base_hash *ledger, struct base_slice origin, uint64_t height,
				    struct base_time time);
/* The block is durable: the cache may keep what it changed. Without it, close makes the cache forget. After finish. */
void state_exec_keep(struct state_exec *exec);
void state_exec_close(struct state_exec *exec); /* NULL is fine */
/* The signer's key in state as it is now (this block's changes included), for verifying the signature before judging.
 * Keys that were revoked or rotated out are given too: state_exec_judge decides what they may still do.
 * BASE_REFUSED: unknown, or not the issuer's. */
BASE_MUST_USE enum base_code state_exec_signer(struct state_exec *exec, const struct events_event *event,
					       struct keys_public *out, struct base_error *err);
/* Judges one event whose signature has been verified. Changes nothing yet: state_exec_entered does; without it the
 * judgement is forgotten.
 *   BASE_OK       an entry: outcome says which; freed by the caller with state_outcome_free
 *   BASE_REFUSED  a technical refusal (wrong ledger, slot, replay, CID used, unknown or revoked key …)
 *   BASE_EXISTS   the same event is entered already: *index says where
 *   others        the view failed; the executor can still be used
 * index: in: the leaf index that it would get. event stays valid until state_exec_entered. */
BASE_MUST_USE enum base_code state_exec_judge(struct state_exec *exec, const struct events_event *event,
					      uint64_t *index, struct state_outcome *outcome, struct base_error *err);
/* After BASE_OK: the event is entered as this leaf (SHA-256(00 || entry)), which values and heads end in. */
void state_exec_entered(struct state_exec *exec, const struct base_hash *leaf);
/* Applies genesis (the map of the entry: founders, nodes, governance) as the writes of height 0. */
BASE_MUST_USE enum base_code state_exec_genesis(struct state_exec *exec, struct base_slice genesis,
						const struct base_hash *leaf, struct base_error *err);
struct state_changes { /* borrowed from exec until it closes */
	const struct state_write *map; /* sorted by key, unique: the last value of each */
	size_t map_count;
	const struct state_side_write *side; /* sorted by key, unique */
	size_t side_count;
	struct base_hash side_hash;  /* SHA-256(05 || for each: u32 BE length || key || u32 BE length || value) */
	struct base_hash nodes_hash; /* SHA-256(06 || CBOR of the node set in force) */
	struct store_posting *postings;
	size_t posting_count;
	size_t lookup_first; /* the executor itself looks for no others than those from here on */
};
/* Once, after the last event of the block. Fails only if the view does. */
BASE_MUST_USE enum base_code state_exec_finish(struct state_exec *exec, struct state_changes *out,
					       struct base_error *err);

/* Terms of the postings: the first 8 bytes of SHA-256(letter || key). What is posted under which:
 * docs/formats/state.md. */
uint64_t state_term_event(const struct base_hash *id);
uint64_t state_term_slot(const struct base_hash *kid, uint64_t sequence);
uint64_t state_term_cid(struct base_slice study, const struct wire_cid *cid);
uint64_t state_term_participant(struct base_slice study, struct base_slice reference);
uint64_t state_term_actor(struct base_slice actor);
uint64_t state_term_study(struct base_slice study);
uint64_t state_term_item(const struct base_hash *event, uint64_t index); /* events that name an item */
uint64_t state_term_named(const struct base_hash *event);                /* events that name an event as a whole */

/* ---- 4. Records --------------------------------------------------------- */

#define STATE_FACTS_MAX 64
/* A value of the map: CBOR [[fact ...], leaf hash of its last entry];
 * fact = [leaf index, entry time, when, kind number, content map]. Genesis is kind 0. */
struct state_fact {
	uint64_t index;
	struct base_time time;
	struct events_when when;
	uint64_t kind;
	struct base_slice content;
};
BASE_MUST_USE enum base_code state_record_decode(struct state_fact facts[STATE_FACTS_MAX], size_t *count,
						 struct base_hash *leaf, struct base_slice value,
						 struct base_error *err);
/* Every fact of a record, oldest first, chunk after chunk; BASE_NOT_FOUND if there is none. visit returns false to
 * stop. */
typedef bool (*state_fact_fn)(void *arg, const struct state_fact *fact);
BASE_MUST_USE enum base_code state_record_walk(const struct state_view *view, enum state_table table,
					       struct base_slice study, struct base_slice reference_cbor,
					       state_fact_fn visit, void *arg, struct base_error *err);
struct state_head { /* CBOR [count, chain, leaf hash]; chain = SHA-256(04 || previous chain || leaf hash), first 32 zero
		       bytes */
	uint64_t count;
	struct base_hash chain, leaf;
};
BASE_MUST_USE enum base_code state_head_decode(struct state_head *out, struct base_slice value, struct base_error *err);
struct base_hash state_head_step(const struct base_hash *chain, const struct base_hash *leaf);

/* A signing key as state has it. BASE_NOT_FOUND: never enrolled. */
enum state_key_status { STATE_KEY_IS_ACTIVE, STATE_KEY_IS_ROTATED, STATE_KEY_IS_REVOKED };
#define STATE_ACTOR_BYTES_MAX 129
struct state_key {
	struct keys_public sign, seal;
	char actor[STATE_ACTOR_BYTES_MAX + 1];
	enum state_key_status status;
	struct base_time since; /* block time of its enrolment */
	bool has_predecessor, has_successor, has_compromised;
	struct base_hash predecessor, successor;
	struct events_when compromised; /* since when */
	bool suspect;                   /* descends from a key that was compromised before the rotation */
};
BASE_MUST_USE enum base_code state_key_read(const struct state_view *view, const struct base_hash *kid,
					    struct state_key *out, struct base_error *err);

/* A participant of a study whose head an entry stepped. */
struct state_concern {
	struct base_slice study;
	struct base_slice reference; /* 32 bytes */
};
#define STATE_CONCERNS_MAX 1024
/* Those of the entry at a leaf: sorted by study and reference, unique; none for genesis and block entries. The trail's
 * completeness rests on it: what it says is what the executor did, at any later time. *out: one malloc'ed piece, for
 * free(). */
BASE_MUST_USE enum base_code state_concerns(const struct state_view *view, uint64_t index, struct state_concern **out,
					    size_t *count, struct base_error *err);

/* ---- 5. Approval and consent ---------------------------------------------- */

/* Both axes of time, docs/formats/consent.md: what held at an instant, as known when the ledger had so many entries.
 * Pure: the facts of one record in, the answer out. facts: of STATE_APPROVAL or STATE_CONSENT, in the ledger's order,
 * contents as state wrote them (what is damaged is passed over). */

enum state_approval_status {
	STATE_APPROVAL_NONE,      /* nobody decided */
	STATE_APPROVAL_PENDING,   /* conditional */
	STATE_APPROVAL_IN_FORCE,
	STATE_APPROVAL_EXPIRED,
	STATE_APPROVAL_ENDED,
	STATE_APPROVAL_SUSPENDED,
	STATE_APPROVAL_REFUSED,
};
struct state_approval {
	enum state_approval_status status;
	uint64_t index;    /* of the entry that decided; 0 with STATE_APPROVAL_NONE */
	bool has_until;
	uint64_t until;    /* first instant at which it does not hold any more, ms */
};
/* site empty: of the study as a whole, so by decisions that name no sites. Where committees differ, the restriction
 * wins. For instants up to year 9999. */
struct state_approval state_approval_at(const struct state_fact *facts, size_t count, struct base_slice site,
					struct base_time at, uint64_t known);

/* The contract in force at a block's time: the last that was approved in an earlier block and has not ended. facts: of
 * STATE_CONTRACT. false: none. */
bool state_contract_at(const struct state_fact *facts, size_t count, struct base_time time, struct base_hash *contract,
		       uint64_t *index);

#define STATE_ANY 0 /* of what is asked: whichever */
struct state_question {
	struct base_time at;
	uint64_t known;               /* entries below this index are known */
	uint64_t use, category, purpose, mode; /* codes, or STATE_ANY */
	struct base_slice recipient;  /* organisation or actor; empty: any */
	struct base_slice country;    /* empty: any */
	bool has_collected;           /* false: not known when it was collected */
	struct base_time collected;
	struct base_time collected_to; /* last instant, where only a day or month is known; else 0 */
	struct base_slice disease;    /* "MONDO:0009861"; empty: any */
	bool ongoing;                 /* it was permitted before: what "no new use" leaves alone */
};
enum state_stance { STATE_SILENT, STATE_PERMITTED, STATE_DENIED };
enum state_consent_ground { /* why */
	STATE_GROUND_NOTHING,          /* silent: no consent says anything about it */
	STATE_GROUND_GIVEN,
	STATE_GROUND_PROVISION,        /* a provision of a consent denies it */
	STATE_GROUND_REFUSED,
	STATE_GROUND_WITHDRAWN,
	STATE_GROUND_OBJECTED,
	STATE_GROUND_EXPIRED,          /* it was given for a time that is over */
	STATE_GROUND_FORM,             /* it was given, on a form that was not approved */
	STATE_GROUND_ASK_AGAIN,        /* it was given, but a committee wants the participant to be asked again */
};
struct state_answer {
	enum state_stance stance;
	enum state_consent_ground ground;
	uint64_t index; /* of the entry that establishes it; 0 if none does */
};
struct state_cover_record { /* facts in the ledger's order */
	const struct state_fact *list;
	size_t count;
};
/* approvals: of the participant's study; participant: the record of the same reference, for age and representatives; site: the participant's. */
struct state_answer state_consent_at(const struct state_fact *facts, size_t count, const struct state_fact *approvals,
				     size_t approval_count, const struct state_cover_record *participant, struct base_slice site,
				     const struct state_question *question);
/* Whether a consent's fact says "give" on a form that was approved for the site when it was signed, or was waived. */
bool state_consent_form_accepted(const struct state_fact *fact, const struct state_fact *approvals, size_t count,
				 struct base_slice site, uint64_t known);

/* The answer for a person who has two references: a denial for either counts, then a permission for either. */
struct state_answer state_answer_join(const struct state_answer *a, const struct state_answer *b);

/* ---- 6. Participants with more than one reference, agreements --------------- */

/* References of a study that are the same person's by merges in effect, as known below an index: the one that goes on
 * first. A participant who was never merged is alone. docs/formats/participant.md */
#define STATE_SAME_MAX 17
BASE_MUST_USE enum base_code state_same_person(const struct state_view *view, struct base_slice study,
					       const uint8_t reference[32], uint64_t known,
					       uint8_t out[STATE_SAME_MAX][32], size_t *count, struct base_error *err);
/* The same from the facts of a reference's record (STATE_PARTICIPANT) alone: as which other it goes on (*goes_on; then nothing is merged
 * into it), else those that were merged into it. false: a fact is damaged. */
bool state_same_at(const struct state_cover_record *participant, uint64_t known, bool *goes_on, uint8_t into[32],
		   uint8_t merged[STATE_SAME_MAX][32], size_t *count);
/* Which agreement between two organisations was in force at an instant, as known below an index; facts: of
 * STATE_AGREEMENT of the study. */
struct state_agreement {
	bool in_force;
	uint64_t index;      /* of the entry that recorded it */
	uint64_t instrument; /* EVENTS_INSTRUMENTS */
};
struct state_agreement state_agreement_at(const struct state_fact *facts, size_t count, struct base_slice a,
					  struct base_slice b, struct base_time at, uint64_t known);

/* ---- 7. Cover ------------------------------------------------------------- */

/* What an item lacks, as flags that an outcome has had since it was recorded, and that later papers may cover. Data that
 * lacks any is quarantined: it is there, and nothing releases it. */
#define STATE_COVER_FLAGS                                                                                              \
	(UINT64_C(1) << EVENTS_FLAG_FORM_NOT_APPROVED | UINT64_C(1) << EVENTS_FLAG_NO_CONSENT_EVIDENCED |              \
	 UINT64_C(1) << EVENTS_FLAG_AFTER_EXPIRY | UINT64_C(1) << EVENTS_FLAG_NO_APPROVAL |                            \
	 UINT64_C(1) << EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED)
#define STATE_COVER_CONSENT                                                                                            \
	(UINT64_C(1) << EVENTS_FLAG_FORM_NOT_APPROVED | UINT64_C(1) << EVENTS_FLAG_NO_CONSENT_EVIDENCED)
struct state_cover_facts {
	struct state_cover_record approvals;                /* of the study */
	/* Of each reference of the person, state_same_person: first the one that the item names. */
	struct state_cover_record participants[STATE_SAME_MAX], consents[STATE_SAME_MAX];
	size_t person_count;
	uint64_t legal_basis;   /* of the study */
	struct base_slice site; /* that the event names, for a participant who is enrolled nowhere */
};
struct state_cover_question {
	uint64_t category;
	struct events_when collected; /* where that is not known: when the event says that it happened */
	struct base_time now;         /* a consent in force then, for what was collected then, covers too */
	uint64_t known;               /* entries below this index are known */
};
struct state_cover {
	uint64_t lacks;                 /* bits of STATE_COVER_FLAGS; 0: it is covered */
	struct state_approval approval; /* when it was collected */
	struct state_answer consent;    /* that covers it, or why there is none */
};
/* An item of a participant. The approval has to have held when it was collected, as known now: a later one is none. */
struct state_cover state_cover_at(const struct state_cover_facts *facts, const struct state_cover_question *question);
/* Of an item that is covered: the leaf index of the entry since which it is, without interruption; `recorded`, its own,
 * if it always was. */
uint64_t state_cover_since(const struct state_cover_facts *facts, const struct state_cover_question *question,
			   uint64_t recorded);
/* Whether a participant is enrolled, and then where. facts: of STATE_PARTICIPANT. *site is left alone otherwise. */
bool state_participant_at(const struct state_fact *facts, size_t count, uint64_t known, struct base_slice *site);

#endif
