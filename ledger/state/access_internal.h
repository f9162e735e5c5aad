/* access_internal: what the files that judge access by contracts share. docs/formats/access.md
 *
 *   contract.c        which contract is in force, what is asked of one that is proposed
 *   access_read.c     what is known: records with their facts, items with their sources, persons
 *   access_bar.c      what no contract can release: quarantined, retracted, erased …
 *   access_facts.c    the facts of contract.md §5 but those of consent
 *   access_consent.c  those of consent
 *   access_program.c  contracts, loaded
 *   access_grant.c    permits, from their facts
 *   access_judge.c    what contracts say of an item, and of all that an event names
 *   access_outcome.c  the members of the outcome that tell of it
 *   apply_request.c   access.request, access.decide, access.disclose
 */
#ifndef LEDGER_STATE_ACCESS_INTERNAL_H
#define LEDGER_STATE_ACCESS_INTERNAL_H

#include "contracts/contracts.h"
#include "ledger/state/exec_internal.h"

/* ---- Contracts (contract.c) ------------------------------------------------- */

/* What committees decided of a study's contracts; "in force" asks the clock too. */
struct state_contract_status {
	bool approved, suspended, has_until;
	struct base_hash id; /* that was approved last */
	uint64_t index;      /* of the entry that approved it */
	uint64_t until;      /* first instant at which it does not hold any more */
	struct base_slice by; /* who suspended it; borrowed from the facts */
};
struct state_contract_status state_contract_status(const struct state_fact *facts, size_t count, struct base_time before);
/* Whether the state of a study's contracts allows this act on this one. until: the act names one. */
bool state_contract_allows(const struct state_judge *judge, const struct state_contract_status *status,
			   const struct base_hash *id, uint64_t act, bool until);
bool state_contract_until(uint64_t act, struct base_slice body, uint64_t *until);
/* Denies the proposal of code that is not what its id says, or that the verifier refuses. */
BASE_MUST_USE enum base_code state_contract_check(struct state_judge *judge, struct contracts_cost *cost,
						  struct base_error *err);

/* ---- What is known (access_read.c) --------------------------------------------- */

/* Both axes of time: what held at an instant, as known below an index. Facts are stated as of now, or as of a permit: of
 * the request's, or of the decision's that people made of it. */
#define ACCESS_NOW 0
#define ACCESS_AXES 3
struct access_axis {
	struct base_time at;
	uint64_t known;
};
/* A record, its facts, and what those up to an axis add up to. */
struct access_record {
	struct state_record *record;
	struct state_cover_record facts;
	struct state_record *as[ACCESS_AXES]; /* of NOW: the record itself; NULL: not asked for yet */
};
struct access_contract;
struct access_study {
	struct access_study *next;
	struct access_record own;
	struct state_study *study;
	struct state_cover_record approvals, agreements, holds, contracts;
};
/* Decisions of committees that are known on an axis and cover a site. */
struct access_place {
	struct access_place *next;
	const struct access_study *study;
	struct base_slice site;
	unsigned axis;
	struct state_decisions decisions;
};
struct access_person {
	struct access_person *next;
	struct access_study *study;
	struct state_participant *participant;
	struct access_record same[STATE_SAME_MAX]; /* their references as of now, the one that goes on first */
	struct state_cover_record consents[STATE_SAME_MAX];
	size_t count;
	struct state_asking *asking[ACCESS_AXES][STATE_SAME_MAX]; /* once asked for */
	const struct access_place *place[ACCESS_AXES];
};
/* Why an item is not released, whatever a contract says. Numbers are in outcomes: enum access_ground. */
enum access_ground {
	ACCESS_BY_CLAUSE = 1, /* as enum contracts_ground has it */
	ACCESS_BY_SILENCE = 2,
	ACCESS_BY_FAULT = 3,
	ACCESS_NO_CONTRACT = 4,
	ACCESS_QUARANTINED = 5,
	ACCESS_RETRACTED = 6,
	ACCESS_ERASED = 7,      /* or to be */
	ACCESS_UNCONFIRMED = 8, /* a reassignment waits: whose it is, is not settled */
	ACCESS_TOO_NEW = 9,     /* it was recorded in the same block */
	ACCESS_SOURCES = 10,    /* derived from more than is followed */
	ACCESS_OUTSIDE = 11,    /* the permit does not have it */
	ACCESS_EXPIRED = 12,    /* it would be permitted until an instant that is over */
};
#define ACCESS_SOURCES_MAX 256 /* items that one is derived from, directly or not */
#define ACCESS_NODES_MAX 2048  /* items that one event makes the ledger look at */
struct access_event { /* that brought items */
	struct base_hash id;
	const struct state_past *past;
	bool fresh; /* of this block: its bytes are not at hand */
	struct base_slice body;
	struct events_when when;
	struct base_slice site; /* that it names, or empty */
	uint64_t flags;
	struct events_item *items;
	size_t count;
};
struct access_node { /* an item */
	struct events_item_id id;
	const struct access_event *event;
	const struct events_item *item; /* NULL: fresh */
	struct access_study *study;
	struct access_record state;     /* STATE_ITEM */
	struct access_person *person;   /* whose it is now; NULL: nobody's alone */
	struct base_slice site;         /* of the submission */
	struct base_slice country;      /* of the organisation that recorded it */
	bool derived;
	struct access_node **inputs;
	size_t input_count;
	bool has_bar;
	enum access_ground bar; /* 0: none; of the item alone, without its sources */
};
struct access {
	struct state_exec *exec;
	uint64_t index; /* of the event that asks */
	struct access_axis axes[ACCESS_AXES];
	struct state_arena arena;
	struct state_index events, nodes;
	size_t node_count;
	struct access_study *studies;
	struct access_person *persons;
	struct access_place *places;
	struct access_contract *contracts;
	struct state_record **folded; /* made here, to be closed */
	size_t folded_count, folded_cap;
};
/* axes: NOW is set. */
void access_open(struct access *access, struct state_exec *exec, uint64_t index);
void access_close(struct access *access);
void *access_take(struct access *access, size_t bytes); /* lives until close; zeroed */
BASE_MUST_USE enum base_code access_record_read(struct access *access, struct state_record *record,
						struct access_record *out, struct base_error *err);
/* The record as its facts below the axis make it. */
struct state_record *access_record_as(struct access *access, struct access_record *record, unsigned axis);
BASE_MUST_USE enum base_code access_study_open(struct access *access, struct base_slice code, struct access_study **out,
					       struct base_error *err);
/* The node of an item; *out NULL: there is no such item, or ACCESS_NODES_MAX are open already (*too_many). */
BASE_MUST_USE enum base_code access_node_open(struct access *access, const struct events_item_id *id,
					      struct access_node **out, bool *too_many, struct base_error *err);
const struct access_place *access_place_of(struct access *access, const struct access_study *study, struct base_slice site,
					   unsigned axis);
/* Where a person is on an axis; empty: enrolled nowhere. */
struct base_slice access_person_site(struct access *access, struct access_person *person, unsigned axis);
BASE_MUST_USE enum base_code access_country(struct access *access, struct base_slice organisation, struct base_slice *out,
					    struct base_error *err);

/* An item and all that it was derived from: the item first. */
struct access_closure {
	struct access_node *nodes[1 + ACCESS_SOURCES_MAX];
	size_t count;
	bool too_many;
};
void access_closure_of(struct access_node *node, struct access_closure *closure);

/* ---- What no contract can release (access_bar.c) --------------------------------- */

/* 0: nothing keeps the item or one of its sources back. */
BASE_MUST_USE enum base_code access_bar(struct access *access, const struct access_closure *closure,
					enum access_ground *out, struct base_error *err);
/* Flags of its entry that nothing has covered since. */
BASE_MUST_USE enum base_code access_flags(struct access *access, struct access_node *node, unsigned axis, uint64_t *out,
					  struct base_error *err);

/* ---- Facts (access_facts.c, access_consent.c) ------------------------------------- */

struct access_question { /* what is asked for, the same for all items */
	uint64_t action, mode, purpose, legal_basis; /* codes; mode 0: training */
	uint64_t terms;                 /* bits: modifiers of DUO */
	struct base_slice disease, environment;      /* empty: none */
	bool has_until, has_instrument;
	struct events_when until;
	struct base_hash instrument;    /* event id of the agreement that it names */
	struct base_slice recipient, organisation, country; /* recipient: the actor, or the organisation */
	bool is_actor;
	struct access_record actor;
	bool ongoing;                   /* it is a release under a permit */
};
/* Reads who is to have it: false: no such actor or organisation. */
BASE_MUST_USE enum base_code access_question_party(struct access *access, struct access_question *question, bool *known,
						   struct base_error *err);
/* States the facts whose bits are set, for the contract of a study; permit: axis of the permit, for `permit date`. */
BASE_MUST_USE enum base_code access_facts(struct access *access, struct contracts_facts *out, uint64_t wanted,
					  struct access_question *question, struct access_study *study,
					  const struct access_closure *closure, unsigned axis, unsigned permit,
					  struct base_error *err);
void access_fact_consents(struct access *access, struct contracts_facts *out, const struct access_question *question,
			  const struct access_closure *closure, unsigned axis);

/* Setters. */
void access_fact_value(struct contracts_facts *out, unsigned fact, int64_t value);
void access_fact_date(struct contracts_facts *out, unsigned fact, const struct events_when *when);

/* ---- Loaded contracts (access_program.c) -------------------------------------------- */

struct access_contract { /* in force for a study */
	struct access_contract *next;
	const struct access_study *study;
	bool in_force;
	struct base_hash id;
	const struct contracts_program *program;
	struct contracts_cost cost;
	struct contracts_reads reads;
};
BASE_MUST_USE enum base_code access_contract_of(struct access *access, const struct access_study *study,
						struct access_contract **out, struct base_error *err);

/* ---- Judging (access_judge.c) --------------------------------------------------------- */

#define ACCESS_GAS_MAX 10000000 /* of one event: the worst cases of all decisions together */
struct access_verdict { /* on one item */
	enum state_verdict verdict; /* PERMIT, DENY, REFER */
	enum access_ground ground;
	const struct access_contract *contract; /* that decided; NULL: none was asked */
	uint32_t clause;                        /* CONTRACTS_NO_CLAUSE: none */
	contracts_fault fault;
};
struct access_duties { /* obligations, encoded */
	struct base_slice *list;
	size_t count, cap;
};
struct access_judgement {
	struct access_question *question;
	struct events_item_id *items; /* in the order of the event */
	struct access_verdict *verdicts;
	const uint8_t *outside; /* bitmap of items that are not to be judged: the permit does not have them; NULL: none */
	/* Referrals that people have decided: items (bitmap over those of the event) that count as permitted, if the
	 * contract is among these. */
	const uint8_t *decided;
	const struct base_hash *contracts;
	size_t contract_count;
	bool all_contracts;  /* people decide just now: whichever contract refers */
	const uint8_t *axis; /* of each item: of its permit; NULL: NOW */
	bool duties_of_permit; /* all obligations, not notices alone */
	size_t count;
	uint64_t gas;
	bool too_large, missing; /* missing: an item that there is not */
	uint64_t expires;    /* the earliest of what is permitted; UINT64_MAX: none */
	struct access_duties duties;
	const struct access_contract *asked; /* all that were */
	bool permits, refers, no_contract; /* any is permitted, referred; all are denied for want of a contract */
};
#define ACCESS_BITMAP_BYTES (EVENTS_ITEMS_MAX / 8)
bool access_bit(const uint8_t *bitmap, size_t i);
void access_bit_set(uint8_t *bitmap, size_t i);
/* Of the body of a request: what is asked for; its items into the judgement. */
void access_question_read(struct base_slice request, struct access_question *out);
void access_items_read(struct access *access, struct base_slice body, struct access_judgement *judgement);
BASE_MUST_USE enum base_code access_judge(struct access *access, struct access_judgement *judgement, struct base_error *err);

/* ---- Outcome (access_outcome.c) --------------------------------------------------------- */

/* Members 5 to 8. expires: UINT64_MAX: none. */
void access_outcome_put(struct base_buf *out, const struct access_judgement *judgement, uint64_t expires);
void access_duty_add(struct access *access, struct access_duties *duties, const struct contracts_obligation *obligation,
		     struct base_time now);
/* Trailing zeros left out; at least one byte. */
void access_bitmap_put(struct base_buf *out, const uint8_t bitmap[ACCESS_BITMAP_BYTES]);

/* ---- apply_access.c -------------------------------------------------------------------------- */

/* Items, data set and participants that the event names are of this study; flags what is wrong with the items. */
BASE_MUST_USE enum base_code state_access_what(struct state_judge *judge, struct base_error *err);

#endif
