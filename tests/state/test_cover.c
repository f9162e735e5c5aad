/* Whether later papers cover an item that was flagged, and since which entry. */
#include "ledger/state/state.h"
#include "tests/base/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY UINT64_C(86400000)
#define FEBRUARY (UINT64_C(20485) * DAY) /* 2026-02-01 */
#define FORM "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna"
#define REFERENCE "8c3a8f0f3c1f2f8a0f4c5dd6d8c34a3d0a7a1e0a5c2b7d1e9f60718293a4b5c6"

static const char *const form = "{\"cid\": \"" FORM "\", \"version\": \"1\", \"language\": \"de\", \"audience\": \"adult\"}";

/* The body of a document as a fact's content; approvals: {0: id} and the body; consents: {1: id, 2: act}. */
static struct state_fact fact_of(struct base_buf *storage, uint64_t index, uint64_t day, bool consent, const char *act)
{
	char text[2048];
	struct events_document document;
	struct base_hash id = {{(uint8_t)index}};
	struct wire_reader r;
	uint64_t members;

	snprintf(text, sizeof(text), "{\"kind\": \"%s\", \"study\": \"s\", \"when\": \"2026-02-01\", \"body\": {%s, \"act\": %s}}",
		 consent ? "consent" : "ethics.decide", consent ? "\"participant\": \"" REFERENCE "\"" : "\"committee\": \"c\"", act);
	ck_assert_int_eq(events_document_parse(&document, base_slice_text(text), NULL), BASE_OK);
	storage->len = 0;
	if (consent) {
		wire_put_map(storage, 2);
		wire_put_uint(storage, 1);
		wire_put_hash(storage, &id);
		wire_put_uint(storage, 2);
		base_buf_append(storage, events_raw(document.envelope.body, 2));
	} else {
		wire_read(&r, document.envelope.body);
		members = wire_get_map(&r);
		wire_put_map(storage, members + 1);
		wire_put_uint(storage, 0);
		wire_put_hash(storage, &id);
		base_buf_append(storage, base_slice(document.envelope.body.data + r.at, document.envelope.body.len - r.at));
	}
	events_document_free(&document);
	return (struct state_fact){.index = index,
				   .when = {EVENTS_POINT, FEBRUARY + day * DAY, true, 0},
				   .kind = consent ? EVENTS_CONSENT : EVENTS_ETHICS_DECIDE,
				   .content = base_buf_slice(storage)};
}

START_TEST(item_when_papers_come_later_is_covered_since_the_last_that_was_missing)
{
	struct base_buf one = BASE_BUF_INIT, two = BASE_BUF_INIT, three = BASE_BUF_INIT;
	char approve[512], give[1024];
	struct state_fact approval, consent, enrolment;
	struct state_cover_facts facts = {.person_count = 1, .legal_basis = EVENTS_BASIS_CONSENT};
	struct state_cover_question q = {.category = 1,
					 .collected = {EVENTS_POINT, FEBRUARY + 10 * DAY, true, 0},
					 .now = {FEBRUARY + 100 * DAY},
					 .known = 10};
	struct state_cover cover;

	snprintf(approve, sizeof(approve), "{\"approve\": {\"protocol_version\": \"1\", \"forms\": [%s]}}", form);
	snprintf(give, sizeof(give),
		 "{\"give\": {\"form\": %s, \"signers\": [{\"capacity\": \"self\", \"means\": \"paper\", \"when\": \"2026-02-05\"}], "
		 "\"provisions\": [{\"effect\": \"permit\"}]}}", form);
	approval = fact_of(&one, 20, 1, false, approve);
	consent = fact_of(&two, 22, 4, true, give);
	wire_put_map(&three, 2);
	wire_put_uint(&three, 1);
	wire_put_cstr(&three, "o");
	wire_put_uint(&three, 2);
	wire_put_cstr(&three, "a");
	enrolment = (struct state_fact){.index = 2, .kind = EVENTS_PARTICIPANT_ENROL, .content = base_buf_slice(&three)};
	facts.approvals = (struct state_cover_record){&approval, 1};
	facts.consents[0] = (struct state_cover_record){&consent, 1};
	cover = state_cover_at(&facts, &q);
	ck_assert_uint_eq(cover.lacks, UINT64_C(1) << EVENTS_FLAG_NO_APPROVAL | UINT64_C(1) << EVENTS_FLAG_NO_CONSENT_EVIDENCED |
					       UINT64_C(1) << EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED);
	facts.participants[0] = (struct state_cover_record){&enrolment, 1};
	q.known = 21;
	ck_assert_uint_eq(state_cover_at(&facts, &q).lacks, UINT64_C(1) << EVENTS_FLAG_NO_CONSENT_EVIDENCED);
	q.known = 23;
	cover = state_cover_at(&facts, &q);
	ck_assert_uint_eq(cover.lacks, 0);
	ck_assert_uint_eq(cover.consent.index, 22);
	ck_assert_uint_eq(state_cover_since(&facts, &q, 9), 22);
	/* A consent signed after the collection permits its use now. */
	consent.when.utc_ms = FEBRUARY + 50 * DAY;
	ck_assert_uint_eq(state_cover_at(&facts, &q).lacks, 0);
	q.now.ms = FEBRUARY + 40 * DAY;
	ck_assert_uint_eq(state_cover_at(&facts, &q).lacks, UINT64_C(1) << EVENTS_FLAG_NO_CONSENT_EVIDENCED);
	/* An approval that came after the collection is none. */
	q.now.ms = FEBRUARY + 100 * DAY;
	approval.when.utc_ms = FEBRUARY + 11 * DAY;
	ck_assert_uint_eq(state_cover_at(&facts, &q).lacks, UINT64_C(1) << EVENTS_FLAG_NO_APPROVAL);
	/* What a law orders needs neither. */
	facts.legal_basis = 2;
	ck_assert_uint_eq(state_cover_at(&facts, &q).lacks, 0);
	base_buf_free(&one);
	base_buf_free(&two);
	base_buf_free(&three);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		item_when_papers_come_later_is_covered_since_the_last_that_was_missing,
		NULL,
	};

	return suite_run("state/cover", tests);
}
