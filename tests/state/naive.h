/* What committees and participants said, as plain values, and the answers of docs/formats/consent.md on them: a second
 * implementation, as slow as it likes, which knows nothing of records, CBOR or ledger/state. */
#ifndef TESTS_STATE_NAIVE_H
#define TESTS_STATE_NAIVE_H

#include "ledger/state/state.h"

#define NAIVE_SOME 3     /* members of a list */
#define NAIVE_LISTS 7
enum naive_list { NAIVE_USES, NAIVE_CATEGORIES, NAIVE_PURPOSES, NAIVE_MODES, NAIVE_DISEASES, NAIVE_RECIPIENTS, NAIVE_COUNTRIES };

struct naive_period {
	bool has_from, has_to;
	struct events_when from, to;
};
struct naive_provision {
	bool deny;
	size_t counts[NAIVE_LISTS]; /* 0: the provision does not have it */
	unsigned lists[NAIVE_LISTS][NAIVE_SOME]; /* texts as numbers: naive_text */
	bool has_valid, has_collected;
	struct naive_period valid, collected;
	struct naive_provision *nested;
	size_t nested_count;
};
struct naive_form {
	unsigned cid, language, audience; /* 0: no form */
};
struct naive_event {
	uint64_t index;
	unsigned id;
	struct events_when when;
	enum { NAIVE_DECISION, NAIVE_CONSENT, NAIVE_ATTEST, NAIVE_OF_AGE, NAIVE_REPRESENT } what;
	unsigned act; /* of EVENTS_ETHICS_* or EVENTS_CONSENT_* */
	/* decisions */
	unsigned committee, sites; /* sites: bit 0 = "a", bit 1 = "b"; 0: all */
	struct naive_form forms[NAIVE_SOME];
	bool has_until, has_reconsent;
	struct events_when until, by;
	unsigned who, meanwhile, after, majority;
	/* consents; targets also of waivers and attestations */
	struct naive_form form;
	unsigned capacity; /* of the one signer */
	bool has_ask_again, alone, repudiates;
	struct events_when ask_again;
	unsigned targets[NAIVE_SOME]; /* replaced, annulled; 0: none */
	/* representatives: a code from 1 on, and the period */
	unsigned representative;
	struct naive_period period;
	unsigned existing, samples;
	struct naive_provision *provisions;
	size_t provision_count;
};
struct naive_question {
	uint64_t at, known;
	unsigned site; /* 0: none, 1: "a", 2: "b" */
	unsigned asked[NAIVE_LISTS]; /* 0: any */
	bool has_collected, ongoing;
	uint64_t collected, collected_to;
};
extern const char *const naive_recipients[], *const naive_countries[], *const naive_diseases[];

struct state_approval naive_approval(const struct naive_event *events, size_t count, unsigned site, uint64_t at,
				     uint64_t known);
struct state_answer naive_consent(const struct naive_event *events, size_t count, const struct naive_question *question);

#endif
