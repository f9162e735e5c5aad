/* asking: what held on a day, as known when: the records that answer it, and the question, from options. */
#ifndef CLI_ASKING_H
#define CLI_ASKING_H

#include "cli/cli.h"

struct asking_record {
	struct state_fact *list; /* contents borrow from the snapshot */
	size_t count;
};
/* Everything about one participant of a study that approval, consent and cover are answered from. */
struct asking {
	struct cli_session *s;
	const char *study;
	struct base_hash reference;
	struct asking_record approvals, consents, participant;
	struct asking_record others[STATE_SAME_MAX], other_participants[STATE_SAME_MAX]; /* under other references of the same person: consents, records */
	size_t other_count;
	uint64_t legal_basis;
};
/* The study has to be there; a participant of whom nothing is known has empty records. reference NULL: approvals alone. */
BASE_MUST_USE enum base_code asking_open(struct asking *a, struct cli_session *s, const char *study, const struct base_hash *reference,
					 struct base_error *err);
void asking_close(struct asking *a);
/* References of everybody whom an entry of the study enrols, or whose consent it is. *out: malloc'ed. */
BASE_MUST_USE enum base_code asking_participants(struct cli_session *s, const char *study, struct base_hash **out, size_t *count,
						 struct base_error *err);
struct state_cover_facts asking_cover_facts(const struct asking *a, struct base_slice site);
/* The participant's site as known; empty: none. */
struct base_slice asking_site(const struct asking *a, uint64_t known);
struct state_approval asking_approval(const struct asking *a, struct base_slice site, const struct state_question *question);
struct state_answer asking_answer(const struct asking *a, const struct state_question *question);

#define ASKING_TIME_OPTIONS                                                                                                    \
	{"on", "TIME", "what held then; on a day: at its end (default: now)", false},                                          \
	{"known-at", "TIME|HEIGHT", "as known then: at the end of that day, or after block HEIGHT (default: now)", false}
#define ASKING_ABOUT_OPTIONS                                                                                                   \
	{"use", "CODE", "asked about this use: collect, store, read, derive, ...", false},                                     \
	{"category", "CODE", "about this sort of data", false},                                                                \
	{"purpose", "CODE", "for this purpose: GRU, DUO:0000042, HRESCH, ...", false},                                         \
	{"mode", "CODE", "in this way: view, compute or download", false},                                                     \
	{"recipient", "WHO", "by this organisation or actor", false},                                                          \
	{"country", "CODE", "in this country", false},                                                                         \
	{"disease", "CODE", "for research on this disease, such as MONDO:0009861", false},                                     \
	{"ongoing", NULL, "a use that was permitted before and goes on", false},                                               \
	{"collected", "TIME", "about data collected then", false}
/* --on and --known-at; the last block's clock stands for "now" if it is ahead of this machine's. */
BASE_MUST_USE enum base_code asking_times(struct cli_session *s, struct state_question *out, struct base_error *err);
/* What it is about; *any false if none of the options was given. Borrows from the options. */
BASE_MUST_USE enum base_code asking_about(const struct cli *cli, struct state_question *out, bool *any, struct base_error *err);

/* {"answer", "ground", "words", "index", "event"} */
json_t *asking_answer_json(const struct asking *a, const struct state_answer *answer);
const char *asking_ground_words(enum state_consent_ground ground);
const char *asking_ground_name(enum state_consent_ground ground);
const char *asking_stance_name(enum state_stance stance); /* "permitted", "denied", "silent" */
const char *asking_approval_words(enum state_approval_status status);
const char *asking_approval_name(enum state_approval_status status);
/* A question's instant and the bound of what is known, for people. */
void asking_times_words(const struct state_question *question, uint64_t size, char *out, size_t cap);
/* What is asked: "read, clinical, duo.gru, by hospital-b"; "anything" if nothing is said. */
void asking_about_words(const struct state_question *question, char *out, size_t cap);

#endif
