/* consent_internal: what the files that answer questions about approval and consent share (docs/formats/consent.md). They
 * are pure: facts in, answers out. */
#ifndef LEDGER_STATE_CONSENT_INTERNAL_H
#define LEDGER_STATE_CONSENT_INTERNAL_H

#include "ledger/state/state.h"

/* ---- Decisions of committees (approval.c, forms.c) -------------------------- */

/* Instants at which something holds of which perhaps only the day or the month is known. */
uint64_t state_when_last(const struct events_when *when);
uint64_t state_when_from(const struct events_when *when); /* a permission counts from here on */
/* At which of them what happened then must be covered; returns how many. */
size_t state_when_instants(const struct events_when *when, uint64_t out[2]);

#define STATE_DECISIONS_MAX 1024 /* facts of a study's approvals; the last one refuses everything */
struct state_form {
	struct base_slice cid, language; /* as they stand in CBOR */
	uint64_t audience;
};
struct state_decision {
	const struct state_fact *fact;
	struct base_slice committee, body;
	uint64_t act;
	bool restricts;
	uint64_t rank, from; /* where it stands among the committee's; since when it counts */
	const struct state_form *forms; /* that it approves or waives: read once, looked at for each consent */
	size_t form_first, form_count;
};
struct state_waived { /* a consent that a waiver names */
	struct base_hash consent;
	size_t decision; /* in the list */
};
struct state_decisions { /* that are known and cover a site: committee by committee, in their order */
	struct state_decision *list;
	size_t count;
	struct state_form *forms;
	size_t form_count, form_cap;
	struct state_waived *waived; /* by consent: as many waivers, as many consents in each */
	size_t waived_count, waived_cap;
};
void state_decisions_open(struct state_decisions *out, const struct state_fact *facts, size_t count,
			  struct base_slice site, uint64_t known);
void state_decisions_close(struct state_decisions *decisions);
/* Where the waivers of a consent begin in `waived`; *count of them. */
const struct state_waived *state_waivers_of(const struct state_decisions *decisions, const struct base_hash *consent,
					    size_t *count);
/* state_approval_at, of decisions that were opened for the site. */
struct state_approval state_decisions_at(const struct state_decisions *decisions, struct base_time at);
bool state_ethics_restricts(uint64_t act);
/* What approvals say takes effect one after the other; drop: all of it is over. */
struct state_terms {
	void (*take)(void *arg, const struct state_decision *decision, uint64_t from);
	void (*drop)(void *arg);
	void *arg;
};
/* Of the committee whose decisions begin at *next, which moves on to the next committee's. terms may be NULL. */
struct state_approval state_committee_at(const struct state_decisions *decisions, size_t *next, uint64_t at,
					 const struct state_terms *terms);
/* Whether a form (of a consent whose event id is given) was approved when it was signed, or was waived. */
bool state_form_accepted(struct base_slice form, const struct base_hash *consent, const struct events_when *signed_on,
			 const struct state_decisions *decisions);
/* Age and representatives (ward.c), as known; what it holds borrows from the facts. */
#define STATE_REPRESENTATIVES_MAX 64 /* codes of one participant that count */
struct state_representative {
	struct base_slice code;
	uint64_t from, end; /* end: the first instant after it */
};
struct state_ward {
	uint64_t of_age; /* since when; UINT64_MAX: nobody has said so */
	struct state_representative *list;
	size_t count;
};
void state_ward_open(struct state_ward *out, const struct state_cover_record *participant, uint64_t known);
void state_ward_close(struct state_ward *ward);
/* Since when nobody represents a participant who was represented; 0: somebody does, or nobody ever did. */
uint64_t state_ward_alone(const struct state_ward *ward, uint64_t at);
/* Whether it is approved at an instant, or the consent was waived: whoever signed it need not sign another. */
bool state_form_current(struct base_slice form, const struct base_hash *consent, const struct events_when *signed_on,
			const struct state_decisions *decisions, uint64_t at);
/* Somebody signed for a participant who was to be asked again by then. */
bool state_consent_of_age(struct base_slice give, uint64_t at);
/* What holds of a consent whose participant is to be asked again: EVENTS_MEANWHILE_*, or 0. */
uint64_t state_consent_meanwhile(const struct events_when *given, struct base_slice give, const struct base_hash *consent,
				 const struct state_decisions *decisions, const struct state_ward *ward, uint64_t at);

/* ---- Consents (consent.c, provision.c) --------------------------------------- */

#define STATE_CONSENTS_MAX 1024 /* facts of a participant's consents; the last one restricts everything */
enum state_consent_content {
	STATE_CONSENT_ID = 1,
	STATE_CONSENT_ACT = 2,
	STATE_CONSENT_ALONE = 3,    /* an annulment when there was one organisation */
	STATE_CONSENT_ATTESTED = 4, /* annulments that another organisation approves */
};
/* The consents of one reference, opened once for many questions: what does not depend on the question is looked at once. */
struct state_asking;
/* facts, decisions and participant are borrowed; known: as of the decisions. Never NULL. */
struct state_asking *state_asking_open(const struct state_fact *facts, size_t count, const struct state_decisions *decisions,
				       const struct state_cover_record *participant, uint64_t known);
struct state_answer state_asking_answer(struct state_asking *asking, const struct state_question *question);
void state_asking_close(struct state_asking *asking); /* NULL is fine */
struct state_given { /* a consent */
	const struct state_fact *fact;
	struct base_slice body, form;
	struct base_hash id;
};
/* The latest that was given by an instant and that nobody annulled; false: none. */
bool state_asking_given(const struct state_asking *asking, uint64_t at, struct state_given *out);
enum state_says { STATE_SAYS_NOTHING, STATE_SAYS_EXPIRED, STATE_SAYS_PERMIT, STATE_SAYS_DENY };
/* The strictest of a list of provisions. */
enum state_says state_provisions_say(struct base_slice map, uint64_t key, const struct state_question *question);
/* Whether a restriction is about what is asked: its provisions name it, whatever their effect, or it has none. */
bool state_provisions_name(struct base_slice map, uint64_t key, const struct state_question *question);

#endif
