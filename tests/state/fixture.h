/* For the tests of state: a ledger in memory that executes, enters and applies blocks as chain does, people with keys
 * made from their names, and short ways to write bodies. Everything comes out the same each time. */
#ifndef TESTS_STATE_FIXTURE_H
#define TESTS_STATE_FIXTURE_H

#include "ledger/state/state.h"

#include <check.h>
#include <stdlib.h>

#define FIXTURE_ORIGIN "ledger.example/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
#define FIXTURE_TIME UINT64_C(1772323200000) /* 2026-03-01T00:00:00Z; each block is a second later */
#define FIXTURE_PEOPLE_MAX 64

struct fixture_person {
	char name[STATE_ACTOR_BYTES_MAX + 1];
	struct keys_private *sign, *seal;
	uint64_t sequence; /* last used */
};
struct fixture {
	struct state_memory *memory;
	struct state_view view;
	struct state_cache *cache; /* NULL: each block begins with none */
	struct base_buf *entries;
	size_t count, cap;
	struct base_hash ledger;
	uint64_t height; /* of the last block */
	struct base_time time;
	struct fixture_person people[FIXTURE_PEOPLE_MAX];
	size_t people_count;
	struct base_hash digest; /* of all changes so far: map, side state, their hashes, postings */
	struct base_hash side_hash, nodes_hash; /* of the last block */
	bool view_fails;         /* from now on every read fails with BASE_IO */
	int fail_after;          /* reads that still work before; negative: all */
};
/* Genesis with the organisations h1 … hN, whose administrators are "h1/admin" …; with a cache. */
void fixture_open(struct fixture *f, unsigned organisations);
void fixture_close(struct fixture *f);
/* Genesis alone, as CBOR map. */
void fixture_genesis(struct fixture *f, struct base_buf *out, unsigned organisations);

/* Somebody by name, with keys made from it (label "": from the name); made when first asked for. */
struct fixture_person *fixture_person(struct fixture *f, const char *name);
struct fixture_person *fixture_person_with(struct fixture *f, const char *name,
					   const char *label); /* another key of theirs */
struct base_hash fixture_kid(const struct fixture_person *person);
void fixture_proof(struct fixture *f, struct base_buf *out, const struct fixture_person *person, uint64_t roles);

/* An event before it is signed; change what the test is about. */
struct fixture_draft {
	struct fixture_person *by;
	const char *issuer; /* NULL: the person's name */
	const char *subject;
	struct events_envelope envelope;
	struct base_buf body;
};
/* study NULL: the subject is the origin. Takes the person's next sequence. */
struct fixture_draft fixture_draft(struct fixture *f, const char *by, enum events_kind_id kind, const char *study);
void fixture_sign(struct fixture_draft *draft, struct base_buf *out); /* frees the draft's body */

struct fixture_result {
	enum base_code code;
	uint64_t index;
	enum state_verdict verdict;
	uint64_t flags, denial;
	char milestone[65];
	struct base_hash id;
	struct base_error err;
};
/* One block of signed events in their order; results: count of them. Without an entry there is no block. */
void fixture_block(struct fixture *f, const struct base_buf *events, size_t count, struct fixture_result *results);
/* A block with this one event. */
struct fixture_result fixture_send(struct fixture *f, struct fixture_draft *draft);
struct fixture_result fixture_bytes(struct fixture *f, struct base_slice event);

#define ck_recorded(result, wanted) \
	do { \
		struct fixture_result ck_r = result; \
		ck_assert_msg(ck_r.code == BASE_OK, "%s: %s", base_code_name(ck_r.code), ck_r.err.text); \
		ck_assert_msg(ck_r.verdict == STATE_RECORDED, "denied: %llu", (unsigned long long)ck_r.denial); \
		ck_assert_msg(ck_r.flags == (uint64_t)(wanted), "flags %llx instead of %llx", (unsigned long long)ck_r.flags, \
			      (unsigned long long)(wanted)); \
	} while (0)
#define ck_denied(result, wanted) \
	do { \
		struct fixture_result ck_r = result; \
		ck_assert_msg(ck_r.code == BASE_OK, "%s: %s", base_code_name(ck_r.code), ck_r.err.text); \
		ck_assert_int_eq(ck_r.verdict, STATE_DENY); \
		ck_assert_uint_eq(ck_r.denial, wanted); \
		ck_assert_uint_eq(ck_r.flags, 0); \
	} while (0)
#define ck_refused(result, text_part) \
	do { \
		struct fixture_result ck_r = result; \
		ck_assert_int_eq(ck_r.code, BASE_REFUSED); \
		ck_assert_msg(strstr(ck_r.err.text, text_part) != NULL, "not about %s: %s", text_part, ck_r.err.text); \
	} while (0)
#define FLAG(name) (UINT64_C(1) << EVENTS_FLAG_##name)

/* ---- Short ways ------------------------------------------------------------ */

struct fixture_result fixture_enrol(struct fixture *f, const char *by, const char *actor, enum events_role role);
struct fixture_result fixture_study(struct fixture *f, const char *by, const char *study, const char *sponsor,
				    const char *site, const char *organisation);
/* from, to: milliseconds; to 0: none */
/* The same on another legal basis than the one on which data needs neither approval nor consent. */
#define FIXTURE_BASIS_LEGAL_OBLIGATION 2
struct fixture_result fixture_study_on(struct fixture *f, const char *by, const char *study, const char *sponsor,
				       const char *site, const char *organisation, uint64_t basis);
/* Names an organisation as a committee of the study. */
struct fixture_result fixture_committee(struct fixture *f, const char *by, const char *study, const char *committee);
struct fixture_result fixture_assign(struct fixture *f, const char *by, const char *actor, const char *study,
				     const char *site, enum events_role role, uint64_t from, uint64_t to);
struct fixture_result fixture_participant(struct fixture *f, const char *by, const char *study, unsigned participant,
					  const char *site);
/* One item; participant 0: none. cid: makes the address. */
struct fixture_result fixture_submit(struct fixture *f, const char *by, const char *study, uint64_t cid,
				     unsigned participant);
/* "h1/admin" sponsors study "s1" with site "a" run by h1, and by h2 site "b" if there is one. Participants 1 to 3 are
 * of site a. */
void fixture_ready(struct fixture *f, unsigned organisations);

struct base_hash fixture_reference(unsigned participant);
struct wire_cid fixture_cid(uint64_t seed);
void put_item(struct base_buf *out, uint64_t cid, unsigned participant);
void put_item_id(struct base_buf *out, const struct base_hash *event, uint64_t index);
void put_point(struct base_buf *out, uint64_t ms);
void put_key_text(struct base_buf *out, uint64_t key, const char *text);
void put_key_uint(struct base_buf *out, uint64_t key, uint64_t value);

/* ---- Looking ---------------------------------------------------------------- */

/* How many facts a record has, 0 if none; the last one's content and kind. The content is valid until the next block.
 */
size_t fixture_facts(struct fixture *f, enum state_table table, const char *study, struct base_slice reference_cbor,
		     struct state_fact *last);
size_t fixture_facts_text(struct fixture *f, enum state_table table, const char *reference, struct state_fact *last);
size_t fixture_facts_hash(struct fixture *f, enum state_table table, const char *study,
			  const struct base_hash *reference, struct state_fact *last);
size_t fixture_facts_item(struct fixture *f, const char *study, const struct base_hash *event, uint64_t index,
			  struct state_fact *last);
/* Entries that stepped the head of a participant; 0: no head. Checks that postings and state_concerns agree with it. */
uint64_t fixture_head(struct fixture *f, const char *study, unsigned participant);
/* Whether a leaf stands under a term. */
bool fixture_posted(struct fixture *f, uint64_t term, uint64_t index);

/* tests: ends with NULL. Returns what main() returns. */
int fixture_run(const char *name, const TTest *const *tests);

#endif
