/* The worked example of docs/formats/consent.md, recomputed; each answer by both implementations' rules: test_consent_random
 * compares those on random histories. */
#include "tests/state/committee.h"
#include "tests/state/page.h"

#include <string.h>

#define DOCUMENT "docs/formats/consent.md"
#define FACTS_MOST 16

struct example {
	struct fixture f;
	struct fixture_result entries[8];
	struct state_fact approvals[FACTS_MOST], consents[FACTS_MOST];
	size_t approval_count, consent_count;
};

struct list {
	struct state_fact *facts;
	size_t count;
};

static bool keep(void *arg, const struct state_fact *fact)
{
	struct list *list = arg;

	ck_assert_uint_lt(list->count, FACTS_MOST);
	list->facts[list->count++] = *fact;
	return true;
}

static struct base_slice participant_cbor(struct base_buf *out)
{
	struct base_hash reference = fixture_reference(1);

	wire_put_hash(out, &reference);
	return base_buf_slice(out);
}

/* Form 1 is approved on day 0 until day 20, form 2 in its place on day 5. The participant signs form 1 on day 6, which
 * is recorded on day 8 of the story; it is waived, and withdrawn with existing data kept. */
static void example_open(struct example *e)
{
	struct fixture *f = &e->f;
	struct base_buf reference = BASE_BUF_INIT;
	struct list list;

	committee_ready(f, EVENTS_BASIS_CONSENT);
	e->entries[0] = committee_decides(
		f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1, .until = ON(20)});
	e->entries[1] = committee_decides(f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE,
								    .form = 2,
								    .when = ON(5),
								    .until = ON(20)});
	e->entries[2] = participant_says(
		f, (struct says_consent){.when = ON(6), .precision = EVENTS_DAY, .denied = 2});
	e->entries[3] = committee_decides(f, (struct says_decision){.act = EVENTS_ETHICS_WAIVE,
								    .consent = &e->entries[2].id,
								    .when = ON(9)});
	e->entries[4] = participant_says(f, (struct says_consent){.act = EVENTS_CONSENT_WITHDRAW,
								  .when = ON(12),
								  .existing = EVENTS_EXISTING_KEEP});
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(e->entries[i].code, BASE_OK);
	list = (struct list){e->approvals, 0};
	ck_assert_int_eq(state_record_walk(&f->view, STATE_APPROVAL, base_slice_text("s1"), base_slice(NULL, 0), keep,
					   &list, NULL),
			 BASE_OK);
	e->approval_count = list.count;
	list = (struct list){e->consents, 0};
	ck_assert_int_eq(state_record_walk(&f->view, STATE_CONSENT, base_slice_text("s1"), participant_cbor(&reference),
					   keep, &list, NULL),
			 BASE_OK);
	e->consent_count = list.count;
	base_buf_free(&reference);
}

static void put_facts(struct base_buf *want, const char *name, const struct state_fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		base_buf_print(want, "%s %llu %llu ", name, (unsigned long long)facts[i].index,
			       (unsigned long long)facts[i].when.utc_ms);
		page_hex(want, facts[i].content);
		base_buf_byte(want, '\n');
	}
}

START_TEST(facts_when_recomputed_are_those_of_the_page)
{
	struct base_buf want = BASE_BUF_INIT;
	struct example e;

	example_open(&e);
	put_facts(&want, "approval", e.approvals, e.approval_count);
	put_facts(&want, "consent", e.consents, e.consent_count);
	page_expect(DOCUMENT, "consent-facts", &want);
	fixture_close(&e.f);
}
END_TEST

START_TEST(approvals_when_recomputed_are_those_of_the_page)
{
	static const char *const statuses[] = {"none",	"pending",   "in force", "expired",
					       "ended", "suspended", "refused"};
	static const uint64_t days[] = {0, 4, 20, 21};
	struct base_buf want = BASE_BUF_INIT;
	struct example e;

	example_open(&e);
	for (size_t i = 0; i < 4; i++) {
		struct state_approval approval = state_approval_at(e.approvals, e.approval_count, base_slice_text("a"),
								   (struct base_time){ON(days[i])}, UINT64_MAX);

		base_buf_print(&want, "day %llu: %s, by %llu, until %llu\n", (unsigned long long)days[i],
			       statuses[approval.status], (unsigned long long)approval.index,
			       (unsigned long long)approval.until);
	}
	page_expect(DOCUMENT, "consent-approvals", &want);
	fixture_close(&e.f);
}
END_TEST

static void put_answer(struct base_buf *want, const struct example *e, const char *words,
		       const struct state_question *question)
{
	static const char *const stances[] = {"silent", "permitted", "denied"};
	static const char *const grounds[] = {"no ground", "given",   "provision", "refused", "withdrawn",
					      "objected",  "expired", "form",	   "ask-again"};
	struct state_answer answer = state_consent_at(e->consents, e->consent_count, e->approvals, e->approval_count,
						      &(struct state_cover_record){NULL, 0}, base_slice_text("a"), question);

	base_buf_print(want, "%s: %s, %s, by %llu\n", words, stances[answer.stance], grounds[answer.ground],
		       (unsigned long long)answer.index);
}

START_TEST(answers_when_recomputed_are_those_of_the_page)
{
	struct base_buf want = BASE_BUF_INIT;
	struct state_question q = {.known = UINT64_MAX, .has_collected = true, .collected = {ON(7)}, .category = 1};
	struct example e;

	example_open(&e);
	q.at.ms = ON(7);
	q.known = e.entries[2].index;
	put_answer(&want, &e, "day 7, before the consent was recorded", &q);
	q.known = e.entries[2].index + 1;
	put_answer(&want, &e, "day 7, before the waiver was recorded", &q);
	q.known = UINT64_MAX;
	put_answer(&want, &e, "day 7, as known now", &q);
	q.at.ms = ON(6) - 1;
	put_answer(&want, &e, "before day 6", &q);
	q.at.ms = ON(7);
	q.category = 2;
	put_answer(&want, &e, "day 7, genomic", &q);
	q.category = STATE_ANY;
	put_answer(&want, &e, "day 7, any category", &q);
	q.category = 1;
	q.at.ms = ON(13);
	put_answer(&want, &e, "day 13, data of day 7", &q);
	q.collected.ms = ON(12);
	put_answer(&want, &e, "day 13, data of day 12", &q);
	q.has_collected = false;
	put_answer(&want, &e, "day 13, nobody knows when it was collected", &q);
	page_expect(DOCUMENT, "consent-answers", &want);
	fixture_close(&e.f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		facts_when_recomputed_are_those_of_the_page,
		approvals_when_recomputed_are_those_of_the_page,
		answers_when_recomputed_are_those_of_the_page,
		NULL,
	};

	return fixture_run("consent, page", tests);
}
