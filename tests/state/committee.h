/* For the tests of ethics.decide and consent: a study on consent with a committee, and short ways to say things. */
#ifndef TESTS_STATE_COMMITTEE_H
#define TESTS_STATE_COMMITTEE_H

#include "tests/state/fixture.h"

#define DAY UINT64_C(86400000)
#define ON(n) (FIXTURE_TIME - 30 * DAY + (uint64_t)(n) * DAY) /* day n at 00:00 UTC; day 30 is the ledger's today */

/* Study "s1" on this legal basis: sponsor h1, site a by h1, site b by h2; h3 and h4 are committees with "h3/sec" and
 * "h4/sec"; participants 1 to 3 are of site a, 4 of site b. */
void committee_ready(struct fixture *f, uint64_t basis);

struct says_decision { /* 0 and NULL: not said */
	const char *by;        /* "h3/sec" */
	const char *committee; /* "h3" */
	const char *study;     /* "s1" */
	unsigned act;
	uint64_t form, form2;  /* seeds of CIDs: forms in language "de" for adults; of version 2: form2 */
	uint64_t forms;        /* so many from `form` on */
	const char *site;
	uint64_t when, until;  /* until: the day that begins then */
	const struct base_hash *consent; /* that is waived */
	unsigned majority, capacity;
};
struct fixture_result committee_decides(struct fixture *f, struct says_decision says);

struct says_consent {
	const char *by;       /* "h1/admin" */
	const char *study;    /* "s1" */
	unsigned participant; /* 1 */
	unsigned act;         /* give */
	uint64_t form;        /* 1 */
	uint64_t when;
	enum events_precision precision;
	unsigned signer;      /* self */
	unsigned denied;      /* a category that is not permitted */
	uint64_t valid_to;
	uint64_t ask_again;   /* month that begins then */
	unsigned existing;    /* restrict */
	const struct base_hash *target;
};
struct fixture_result participant_says(struct fixture *f, struct says_consent says);

struct says_data {
	uint64_t cid;         /* makes the address */
	const char *by;       /* "h1/admin" */
	unsigned participant; /* 1 */
	unsigned category;    /* clinical */
	uint64_t collected, when;
	enum events_precision precision; /* of collected */
	const char *site;
};
struct fixture_result data_comes(struct fixture *f, struct says_data says);

/* The same before they are signed. */
struct fixture_draft decision_draft(struct fixture *f, struct says_decision says);
struct fixture_draft consent_draft(struct fixture *f, struct says_consent says);
struct fixture_draft data_draft(struct fixture *f, struct says_data says);
/* Lets each read of state fail while the event is judged: nothing changes, and it can be judged again. How many. */
int reads_that_may_fail(struct fixture *f, struct fixture_draft draft);

#endif
