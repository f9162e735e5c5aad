/* exec_internal: what the files of the executor share.
 *
 *   index.c      a hash table of pointers; an arena
 *   terms.c      terms of the postings
 *   outcome.c    the outcome's codec
 *   head.c       a participant's head
 *   record.c     values of the map; records in the cache: loading, adding facts
 *   fold.c       what the facts of each table add up to: signers, actors, studies …
 *   cache.c      the cache across blocks
 *   slots.c      sequence numbers
 *   limits.c     how much keys and organisations may record
 *   past.c       events that were entered before, in this block or an earlier one
 *   concerns.c   what an event names, and which participants it concerns
 *   authority.c  roles and assignments in force
 *   approval.c   what ethics committees decided: at an instant, as known at a height
 *   forms.c      whether forms were approved; who must be asked again
 *   consent.c    what a participant allows: the same
 *   provision.c  what nested provisions say of a question
 *   cover.c      whether they cover data that is recorded
 *   deadline.c   days by which the law wants an answer
 *   bond.c       participants with more than one reference
 *   agreement.c  which agreement is in force
 *   judge.c      one event: refusals, authority, its kind's function
 *   exec.c       a block: what was judged takes effect; the changes at the end
 *   genesis.c    height 0
 *   contract.c   which contract is in force
 *   apply_*.c    one function a kind: outcome and effects
 *
 * Judging only reads (it fills the cache with what state is); an event's effects wait in
 * struct state_judge until state_exec_entered gives the leaf hash.
 */
#ifndef LEDGER_STATE_EXEC_INTERNAL_H
#define LEDGER_STATE_EXEC_INTERNAL_H

#include "ledger/state/consent_internal.h"
#include "ledger/state/state.h"
#include "ledger/state/contents.h"

/* ---- Hash table and arena ------------------------------------------------ */

struct state_index_slot {
	uint64_t hash;
	void *object;
};
struct state_index {
	struct state_index_slot *slots;
	size_t cap, count;
};
void state_index_add(struct state_index *index, uint64_t hash, void *object);
/* Objects of a hash one after the other; *cursor begins at 0. NULL: no more. */
void *state_index_next(const struct state_index *index, uint64_t hash, size_t *cursor);
void state_index_free(struct state_index *index); /* not the objects */
/* Hashes of the table are the first 8 bytes of SHA-256 values: nobody can make them collide cheaply. */
uint64_t state_index_hash(const struct base_hash *hash);

struct state_arena {
	struct state_arena_block *block;
};
void *state_arena_take(struct state_arena *arena, size_t bytes); /* zeroed, aligned for anything */
void state_arena_free(struct state_arena *arena);
/* Room for one more of `size` bytes behind count; returns the array, moved or not. */
void *state_grow(void *array, size_t *cap, size_t count, size_t size);

/* ---- Records ------------------------------------------------------------- */

#define STATE_TOKEN_BYTES_MAX 64
struct state_token {
	uint8_t len;
	uint8_t text[STATE_TOKEN_BYTES_MAX];
};
bool state_token_set(struct state_token *token, struct base_slice text); /* false: empty or too long */
struct base_slice state_token_slice(const struct state_token *token);
bool state_token_is(const struct state_token *token, struct base_slice text);
struct base_slice state_actor_organisation(struct base_slice actor); /* what stands before the '/' */

/* One reference of one table as it is now. The decoded structs below begin with it. */
struct state_record {
	struct base_hash key; /* map key of chunk 0 */
	enum state_table table;
	struct base_slice study, reference; /* reference: CBOR, empty for null; both behind the struct */
	uint64_t chunk;       /* the last one */
	size_t count;         /* facts in it; 0: no facts at all */
	bool has_facts;       /* facts holds their bytes (loaded when the first is to be added) */
	bool dirty;
	struct base_buf facts;
	struct base_hash leaf; /* of the last fact */
};
struct state_bucket { /* of tokens; an event costs one */
	uint64_t level; /* thousandths of a token, at the time */
	uint64_t time;  /* of the last charge, ms; 0: never charged, and so full */
};
struct state_slots { /* sequence numbers used: bit n mod 1,024 for max - 1,023 … max */
	uint64_t max;
	uint8_t used[EVENTS_SEQUENCE_WINDOW / 8];
	struct state_bucket bucket, restrictions; /* of the same key */
};
struct state_signer { /* STATE_KEY */
	struct state_record record;
	struct state_key key;
	struct state_actor *actor; /* once asked for */
	struct state_organisation *organisation; /* the same */
	bool has_slots, slots_dirty;
	struct state_slots slots;
};
struct state_assignment {
	struct state_token study, site;
	uint64_t role;
	uint64_t from, until; /* milliseconds; until is the first instant after it */
};
struct state_actor { /* STATE_ACTOR */
	struct state_record record;
	struct base_slice name, organisation;
	uint64_t roles; /* organisation-wide */
	struct state_organisation *home; /* once asked for */
	uint64_t term;
	struct state_assignment *assignments;
	size_t count, cap;
};
struct state_site {
	struct state_token site, organisation;
};
struct state_study { /* STATE_STUDY */
	struct state_record record;
	bool closed;
	uint64_t legal_basis; /* EVENTS_BASIS_CONSENT unless its registration says otherwise */
	uint64_t term;
	struct state_token sponsor;
	struct state_site *sites;
	size_t count, cap;
	struct state_token *committees; /* organisations that decide on it by their own keys */
	size_t committee_count, committee_cap;
};
/* Another reference of the same person, or one that was said to be. */
struct state_bond {
	uint8_t other[32];
	struct base_hash merge; /* the event that said so */
	bool into;              /* this reference goes on as the other one */
	bool in_effect;
	bool splitting;         /* a split awaits its confirmation */
	struct base_hash split;
};
struct state_bonds {
	struct state_bond *list;
	size_t count, cap;
};
/* Facts with contents of their own, as the pure questions of state.h take them. */
struct state_facts {
	struct state_fact *list;
	size_t count, cap;
};
struct state_participant { /* STATE_PARTICIPANT and its STATE_HEAD */
	struct state_record record;
	bool enrolled;
	bool has_head, head_dirty, has_head_key;
	struct base_hash head_key; /* in the map */
	uint64_t term;
	struct state_token owner, site; /* site: empty before it is enrolled */
	struct state_head head;
	struct state_bonds bonds;
	bool died;
	struct state_facts ward; /* of age, represented */
};
struct state_voter {
	struct state_token organisation;
	bool yes;
};
struct state_proposal { /* STATE_PROPOSAL */
	struct state_record record;
	bool passed, enacted;
	struct base_buf organisation; /* CBOR map of the newcomer; empty: it is about limits */
	struct base_buf limits;       /* CBOR of the limits; empty: it is about an organisation */
	uint64_t action;
	struct state_token concerned, successor; /* empty where the action names none */
	struct state_voter *voters;
	size_t count, cap;
};
struct state_item { /* STATE_ITEM */
	struct state_record record;
	bool corrected, retracted; /* retracted: or brought by an event that was repudiated */
	bool ordered, erased;      /* to be erased; erased by every holder */
	bool reassigned, waits, has_whose; /* waits: its last reassignment is not in effect yet */
	uint8_t to[32], whose[32]; /* of the last reassignment; of the last in effect */
	struct base_hash *given;   /* to whom reassignments gave it, in effect or not: each once */
	size_t given_count, given_cap;
};
struct state_holds { /* STATE_HOLD */
	struct state_record record;
	struct state_facts facts;
};
struct state_request { /* STATE_RIGHTS, of a request or of an answer */
	struct state_record record;
	bool is_request, fulfilled, refused, extended;
	uint8_t participant[32];
	uint64_t right, due, limit;
	struct state_token organisation;
};
struct state_incident { /* STATE_INCIDENT */
	struct state_record record;
	struct state_token organisation;
	uint64_t due;
	bool notified, closed;
};
struct state_copy {
	struct state_token holder;
	uint64_t destroyed; /* EVENTS_DESTROYED_ bits */
	bool gone;          /* handed over, or destroyed */
};
struct state_copies { /* STATE_COPY */
	struct state_record record;
	struct state_copy *list;
	size_t count, cap;
};
struct state_said { /* STATE_EVENT: what others said of an event */
	struct state_record record;
	bool affirmed, repudiated;
	bool waits;                 /* for a second organisation */
	struct events_item_id item; /* that it is about, while it waits */
	struct state_token study, organisation;
	struct base_buf recipients; /* CBOR array, of a recall */
};
#define STATE_FRONTIER_MAX 64
struct state_dataset { /* STATE_DATASET */
	struct state_record record;
	struct state_token organisation;
	uint64_t wanted, have, part;
	bool complete;
	struct base_hash root;
	struct base_hash frontier[STATE_FRONTIER_MAX]; /* perfect subtrees, largest first */
	size_t depth;
};
struct state_approvals { /* STATE_APPROVAL */
	struct state_record record;
	struct state_facts facts;
};
struct state_consents { /* STATE_CONSENT */
	struct state_record record;
	struct state_facts facts;
};
struct state_agreements { /* STATE_AGREEMENT */
	struct state_record record;
	struct state_facts facts;
};
struct state_link {
	struct base_hash id;
	bool ended;
};
struct state_links { /* STATE_LINK */
	struct state_record record;
	struct state_link *list;
	size_t count, cap;
};
struct state_contracts { /* STATE_CONTRACT */
	struct state_record record;
	struct state_facts facts;
};
struct state_permit {
	uint64_t index, expires; /* UINT64_MAX: never */
	struct base_time time;
	uint8_t items[EVENTS_ITEMS_MAX / 8];
};
struct state_grant { /* STATE_GRANT */
	struct state_record record;
	struct state_token organisation, recipient; /* of who opened it, and of who has it */
	bool revoked, closed;
	struct base_buf request;                    /* the body of access.request; empty: it is no permit */
	bool has_referred, decided;
	uint8_t referred[EVENTS_ITEMS_MAX / 8];     /* bit n: item n of the request */
	struct state_permit permits[2];             /* by the request, and by people */
	size_t permit_count;
	struct base_hash *contracts;                /* that were in force when people decided */
	size_t contract_count, contract_cap;
};
/* access_grant.c */
bool state_fold_permit(struct state_grant *grant, const struct state_fact *fact); /* false: it is damaged */
void state_close_grant(struct state_record *record);
enum state_contract_content {
	STATE_CONTRACT_EVENT = 0,
	STATE_CONTRACT_ID = 1,
	STATE_CONTRACT_ACT = 3,
	STATE_CONTRACT_ORGANISATION = 4,
	STATE_CONTRACT_GAS = 5,
	STATE_CONTRACT_EVENT_GAS = 6,
	STATE_CONTRACT_UNTIL = 7,
};
enum state_grant_content {
	STATE_GRANT_ORGANISATION = 1,
	STATE_GRANT_RECIPIENT = 2,
	STATE_GRANT_BASIS = 3,
	STATE_GRANT_REVOKED = 4,
	STATE_GRANT_DESTROYED = 5,
	STATE_GRANT_REQUEST = 6,
	STATE_GRANT_PERMITTED = 7,
	STATE_GRANT_REFERRED = 8,
	STATE_GRANT_EXPIRES = 9,
	STATE_GRANT_CONTRACTS = 10,
	STATE_GRANT_DECIDED = 11,
};
struct state_organisation { /* STATE_ORGANISATION */
	struct state_record record;
	bool suspended, succeeded;
	struct state_token *predecessors; /* whose it took over, and whose those had */
	size_t count, cap;
	bool has_bucket, bucket_dirty;
	struct state_bucket bucket;
};
struct state_governance { /* STATE_GOVERNANCE */
	struct state_record record;
	uint64_t organisations;
	struct state_limits limits;
};
struct state_nodes { /* STATE_NODES */
	struct state_record record;
	struct base_hash hash;
};
/* A table of records: how large its struct is, what a fact adds to it (false: the fact is damaged), what to free. */
struct state_table_ops {
	size_t size;
	void (*begin)(struct state_record *record); /* may be NULL: after study and reference are set */
	bool (*fold)(struct state_record *record, const struct state_fact *fact);
	void (*close)(struct state_record *record); /* may be NULL */
};
const struct state_table_ops *state_table_ops(enum state_table table); /* NULL: not a table of records */

bool state_record_exists(const struct state_record *record);
/* The record of a reference, loaded into the cache if it is not there; one without facts too. */
BASE_MUST_USE enum base_code state_record_open(struct state_exec *exec, enum state_table table, struct base_slice study,
					       struct base_slice reference_cbor, struct state_record **out,
					       struct base_error *err);
/* Loads what adding a fact needs, so that adding cannot fail. */
BASE_MUST_USE enum base_code state_record_prepare(struct state_exec *exec, struct state_record *record,
						  struct base_error *err);
void state_record_add(struct state_exec *exec, struct state_record *record, const struct state_fact *fact,
		      const struct base_hash *leaf);
void state_record_value(struct base_buf *out, const struct state_record *record);
void state_record_free(struct state_record *record);
void state_fact_put(struct base_buf *out, const struct state_fact *fact);

/* The same by what names it. */
BASE_MUST_USE enum base_code state_signer_open(struct state_exec *exec, const struct base_hash *kid,
					       struct state_signer **out, struct base_error *err);
BASE_MUST_USE enum base_code state_actor_open(struct state_exec *exec, struct base_slice actor,
					      struct state_actor **out, struct base_error *err);
BASE_MUST_USE enum base_code state_study_open(struct state_exec *exec, struct base_slice study,
					      struct state_study **out, struct base_error *err);
BASE_MUST_USE enum base_code state_participant_open(struct state_exec *exec, struct base_slice study,
						    const uint8_t reference[32], struct state_participant **out,
						    struct base_error *err);
BASE_MUST_USE enum base_code state_organisation_open(struct state_exec *exec, struct base_slice code,
						     struct state_organisation **out, struct base_error *err);
BASE_MUST_USE enum base_code state_proposal_open(struct state_exec *exec, const struct base_hash *id,
						 struct state_proposal **out, struct base_error *err);
BASE_MUST_USE enum base_code state_item_open(struct state_exec *exec, struct base_slice study,
					     const struct events_item_id *id, struct state_item **out,
					     struct base_error *err);
BASE_MUST_USE enum base_code state_dataset_open(struct state_exec *exec, struct base_slice study,
						const struct base_hash *id, struct state_dataset **out,
						struct base_error *err);
BASE_MUST_USE enum base_code state_approvals_open(struct state_exec *exec, struct base_slice study,
						  struct state_approvals **out, struct base_error *err);
BASE_MUST_USE enum base_code state_consents_open(struct state_exec *exec, struct base_slice study,
						 const uint8_t reference[32], struct state_consents **out,
						 struct base_error *err);
BASE_MUST_USE enum base_code state_holds_open(struct state_exec *exec, struct base_slice study,
					      struct state_holds **out, struct base_error *err);
BASE_MUST_USE enum base_code state_request_open(struct state_exec *exec, struct base_slice study,
						const struct base_hash *id, struct state_request **out,
						struct base_error *err);
BASE_MUST_USE enum base_code state_incident_open(struct state_exec *exec, struct base_slice study,
						 const struct base_hash *id, struct state_incident **out,
						 struct base_error *err);
BASE_MUST_USE enum base_code state_copies_open(struct state_exec *exec, struct base_slice study,
					       const struct events_item_id *id, struct state_copies **out,
					       struct base_error *err);
BASE_MUST_USE enum base_code state_said_open(struct state_exec *exec, const struct base_hash *id,
					     struct state_said **out, struct base_error *err);
BASE_MUST_USE enum base_code state_agreements_open(struct state_exec *exec, struct base_slice study,
						   struct state_agreements **out, struct base_error *err);
BASE_MUST_USE enum base_code state_links_open(struct state_exec *exec, struct base_slice study,
					      const uint8_t reference[32], struct state_links **out,
					      struct base_error *err);
BASE_MUST_USE enum base_code state_contracts_open(struct state_exec *exec, struct base_slice study,
						  struct state_contracts **out, struct base_error *err);
BASE_MUST_USE enum base_code state_grant_open(struct state_exec *exec, struct base_slice study, const struct base_hash *id,
					      struct state_grant **out, struct base_error *err);
BASE_MUST_USE enum base_code state_governance_open(struct state_exec *exec, struct state_governance **out,
						   struct base_error *err);
BASE_MUST_USE enum base_code state_nodes_open(struct state_exec *exec, struct state_nodes **out,
					      struct base_error *err);

struct base_hash state_nodes_hash(struct base_slice nodes_cbor);
void state_head_encode(struct base_buf *out, const struct state_head *head);
/* [event id, index], as a reference of STATE_ITEM */
#define STATE_REFERENCE_BYTES_MAX 140

/* Reading contents that this code wrote: false (damaged) where it is not what is expected. */
bool state_content_uint(struct base_slice map, uint64_t key, uint64_t *out);
bool state_content_text(struct base_slice map, uint64_t key, struct base_slice *out);
bool state_content_hash(struct base_slice map, uint64_t key, struct base_hash *out);
bool state_content_raw(struct base_slice map, uint64_t key, struct base_slice *out);
uint64_t state_when_end(const struct events_when *when); /* first instant after the point, day or month */
/* The one member of an act (member `key` of content): its number, and what it says. */
bool state_act_of(struct base_slice content, uint64_t key, uint64_t *act, struct base_slice *body);

/* ---- Cache --------------------------------------------------------------- */

struct state_past;
struct state_pasts { /* earlier events, parsed once */
	struct state_index index;
	size_t bytes;
};
struct contracts_arena;
struct contracts_program;
struct state_program { /* a contract that was loaded */
	struct base_hash id;
	struct contracts_arena *arena;
	const struct contracts_program *program;
};
struct state_programs {
	struct state_program *list;
	size_t count, cap;
};
void state_programs_free(struct state_programs *programs);
struct state_cache {
	size_t limit, bytes;
	struct state_programs programs;
	struct state_index records;
	struct state_pasts pasts;
	bool in_use, filled;
	struct base_hash ledger;
	uint64_t next; /* the height of the block that it is right for, if filled */
};
void state_cache_forget(struct state_cache *cache);

/* ---- Earlier events ------------------------------------------------------ */

struct state_past_ref {
	bool has;
	uint8_t reference[32];
};
struct state_past {
	struct base_hash id;
	uint64_t index;
	bool recorded; /* false: denied, so that it brought nothing */
	struct base_hash kid;
	struct base_time time; /* of its block */
	bool brings;   /* items: refs[i] is the participant of item i; else refs are those that the body names */
	const struct events_kind *kind;
	struct base_slice study, organisation, issuer; /* study: empty if the subject is the ledger */
	size_t count;
	struct state_past_ref *refs;
};
struct state_past_source {
	const struct state_view *view;
	struct state_pasts *pasts;
	const struct state_index *block; /* of this block: struct state_past; may be NULL */
};
/* The event that was entered with this id at a leaf below `before`; BASE_NOT_FOUND. */
BASE_MUST_USE enum base_code state_past_find(const struct state_past_source *source, const struct base_hash *id,
					     uint64_t before, const struct state_past **out, struct base_error *err);
/* For the block that is being executed: all of it in the arena. */
struct state_past *state_past_make(struct state_arena *arena, const struct events_event *event, uint64_t index,
				   struct base_time time, bool recorded);
/* Splits the entry of an event; BASE_NOT_FOUND for genesis and block entries. What the entry's own decoder checked is
 * not checked again. */
BASE_MUST_USE enum base_code state_entry_split(struct events_event *event, bool *recorded, struct base_slice entry,
					       struct base_error *err);
void state_pasts_free(struct state_pasts *pasts);
bool state_kind_brings(const struct events_kind *kind); /* data items */
struct base_hash state_cid_digest(struct base_slice study,
				  const struct wire_cid *cid); /* state_term_cid is its beginning */

/* ---- Concerns ------------------------------------------------------------ */

struct state_named_item {
	struct events_item_id id;
	const struct state_past *past; /* NULL: there is no such item */
};
struct state_ref {
	struct base_slice study;
	const uint8_t *reference;
	bool named; /* by the event itself, not through an item */
};
/* What an event names. Arrays are used again from event to event. */
struct state_names {
	struct state_named_item *items;
	size_t item_count, item_cap;
	struct base_hash *ids; /* events as a whole, the envelope's refs included */
	size_t id_count, id_cap;
	size_t body_ids;       /* how many of them are in the body */
	struct state_ref *refs; /* concerned: sorted, unique */
	size_t ref_count, ref_cap;
	bool too_many;         /* then refs is empty */
};
BASE_MUST_USE enum base_code state_names_collect(struct state_names *names, const struct state_past_source *source,
						 const struct events_event *event, uint64_t before,
						 struct base_error *err);
void state_names_free(struct state_names *names);

/* ---- Limits -------------------------------------------------------------- */

#define STATE_BUCKET_BYTES 16
struct state_judge;
void state_bucket_encode(uint8_t value[STATE_BUCKET_BYTES], const struct state_bucket *bucket);
struct state_bucket state_bucket_decode(const uint8_t value[STATE_BUCKET_BYTES]);
bool state_bucket_has(const struct state_bucket *bucket, const struct state_limit *limit, struct base_time now);
void state_bucket_charge(struct state_bucket *bucket, const struct state_limit *limit, struct base_time now);
/* The side key of an organisation's bucket: 02 || its code. */
#define STATE_BUCKET_KEY_BYTES_MAX (1 + STATE_TOKEN_BYTES_MAX)
size_t state_bucket_key(uint8_t key[STATE_BUCKET_KEY_BYTES_MAX], struct base_slice organisation);
/* Whether the event does nothing but restrict what was allowed: withdrawal, objection, revocation. */
bool state_is_restriction(const struct events_event *event);
/* BASE_REFUSED if the signer's buckets are empty; charging cannot fail afterwards. */
BASE_MUST_USE enum base_code state_limits_check(struct state_judge *judge, struct base_error *err);
void state_limits_charge(struct state_judge *judge);

/* ---- Slots --------------------------------------------------------------- */

enum state_slot { STATE_SLOT_FREE, STATE_SLOT_USED, STATE_SLOT_OLD, STATE_SLOT_AHEAD };
enum state_slot state_slot_look(const struct state_slots *slots, uint64_t sequence);
void state_slot_take(struct state_slots *slots, uint64_t sequence);
#define STATE_SLOT_KEY_BYTES 33
#define STATE_SLOT_VALUE_BYTES (8 + EVENTS_SEQUENCE_WINDOW / 8 + 2 * STATE_BUCKET_BYTES)
void state_slot_key(uint8_t key[STATE_SLOT_KEY_BYTES], const struct base_hash *kid);
void state_slot_encode(uint8_t value[STATE_SLOT_VALUE_BYTES], const struct state_slots *slots);
bool state_slot_decode(struct state_slots *slots, struct base_slice value);
BASE_MUST_USE enum base_code state_slots_load(struct state_exec *exec, struct state_signer *signer,
					      struct base_error *err);

/* ---- One event ----------------------------------------------------------- */

struct state_effect {
	struct state_record *record;
	size_t at, len; /* of the content */
};
struct state_concerned {
	struct state_participant *participant;
	bool named;
};
struct state_cid_use {
	struct base_hash digest;
	struct base_slice organisation;
};
struct state_judge {
	struct state_exec *exec;
	const struct events_event *event;
	struct base_slice body;
	uint64_t index; /* that it would get */
	struct state_signer *signer;
	bool restriction; /* it needs no slot, and has a bucket of its own */
	struct state_actor *actor;
	struct state_study *study; /* the subject's; NULL if the kind needs none or there is no such */
	uint64_t roles;            /* organisation-wide and, with a study, assigned */
	struct state_outcome *outcome;
	struct state_names names;
	/* what entering will do */
	bool ready, recorded;
	struct base_buf contents;
	size_t content_at;
	struct state_effect *effects;
	size_t effect_count, effect_cap;
	struct state_concerned *concerned;
	size_t concerned_count, concerned_cap;
	struct base_hash *cids; /* digests */
	size_t cid_count, cid_cap;
	uint64_t *terms;
	size_t term_count, term_cap;
};
typedef enum base_code (*state_apply_fn)(struct state_judge *judge, struct base_error *err);
struct state_rule {
	state_apply_fn apply;
	bool decides; /* who may record it is the function's own business, not the table's roles */
	bool outside; /* so is whether somebody may who does not belong to the study */
};
const struct state_rule *state_rule_of(enum events_kind_id kind); /* NULL: none */

enum base_code state_deny(struct state_judge *judge, enum events_denial denial); /* BASE_OK, for return */
void state_flag(struct state_judge *judge, enum events_flag flag);
void state_milestone(struct state_judge *judge, const char *name);
/* A fact: write its content (a CBOR map) into what begin returns, then say whose it is. */
struct base_buf *state_fact_begin(struct state_judge *judge);
BASE_MUST_USE enum base_code state_fact_on(struct state_judge *judge, struct state_record *record,
					   struct base_error *err);
void state_post(struct state_judge *judge, uint64_t term);
bool state_has_role(const struct state_judge *judge, enum events_role role);
struct base_slice state_own_organisation(const struct state_judge *judge);
/* Whether what belongs to an organisation is the signer's to act on: the own one's, or of one that it succeeded. */
bool state_is_own(const struct state_judge *judge, struct base_slice organisation);
/* Whether an organisation is another one, or took over from it. */
BASE_MUST_USE enum base_code state_took_over(struct state_exec *exec, struct base_slice successor,
					     struct base_slice organisation, bool *yes, struct base_error *err);

/* ---- Authority ----------------------------------------------------------- */

/* Roles by assignments in force at time for any site of a study, or for one site. */
uint64_t state_assigned_roles(const struct state_actor *actor, struct base_slice study, struct base_slice site,
			      struct base_time time);
const struct state_site *state_site_find(const struct state_study *study, struct base_slice site); /* NULL: none */
/* Roles by assignments of the signer that are in force, at any site of the event's study. */
uint64_t state_assigned(const struct state_judge *judge);
/* The study's sponsor, or who runs one of its sites; the same for the own organisation, and whose it took over. */
bool state_takes_part(const struct state_study *study, struct base_slice organisation);
bool state_own_takes_part(const struct state_judge *judge);
/* The study names it as a committee; the same for the own one, and whose it took over. */
bool state_is_committee(const struct state_study *study, struct base_slice organisation);
bool state_own_is_committee(const struct state_judge *judge);
/* The own organisation takes part in the study or is its committee, or the signer is assigned in it. Who has nothing to do
 * with a study writes nothing into it. */
bool state_belongs(const struct state_judge *judge);

/* ---- A block ------------------------------------------------------------- */

struct state_done { /* a chunk that was filled in this block, or any value at its end */
	struct base_hash key;
	size_t at, len;
};
struct state_exec {
	const struct state_view *view;
	struct state_cache *cache;
	bool own_cache, changed, finished, kept;
	struct base_hash ledger;
	struct base_slice origin;
	uint64_t height;
	struct base_time time;
	struct state_judge judge;
	struct state_arena arena;
	struct state_index events; /* of this block: struct state_past */
	struct state_index cids;   /* of this block: struct state_cid_use */
	struct state_past_source source;
	struct state_record **dirty;
	size_t dirty_count, dirty_cap;
	struct state_participant **heads;
	size_t head_count, head_cap;
	struct state_signer **signers;
	size_t signer_count, signer_cap;
	struct state_organisation **organisations; /* whose buckets were charged */
	size_t organisation_count, organisation_cap;
	const struct state_governance *governance; /* once asked for */
	struct store_posting *postings;
	size_t posting_count, posting_cap;
	struct store_posting *lookups; /* of them, those that a later event may ask for */
	size_t lookup_count, lookup_cap;
	struct base_buf values;
	struct state_done *done;
	size_t done_count, done_cap;
	struct state_write *writes;
};
void state_exec_post(struct state_exec *exec, uint64_t term, uint64_t index);
BASE_MUST_USE enum base_code state_head_load(struct state_exec *exec, struct state_participant *participant,
					     struct base_error *err);

/* A value that begins here, at the key of the record's last chunk. */
struct state_done *state_done_begin(struct state_exec *exec, const struct state_record *record);
/* The effects that wait in exec->judge become facts of this index, when and kind, in values that end in leaf. */
void state_effects_apply(struct state_exec *exec, uint64_t index, const struct events_when *when, uint64_t kind,
			 const struct base_hash *leaf);
void state_judge_reset(struct state_judge *judge);
void state_judge_free(struct state_judge *judge);

#include "ledger/state/kinds_internal.h"

#endif
