/* What data costs whose items are about many things, where approvals and consents are many: hardly more than items that are alike. */
#include "tests/state/committee.h"

#include <stdio.h>
#include <time.h>

#define DECISIONS 250 /* with four forms each */
#define CONSENTS 250
#define ROUNDS 5
#define FACTOR 4 /* measured: below 2 */

/* 256 items of participant 1. `different` of them differ in category or at. */
static struct fixture_draft items_draft(struct fixture *f, uint64_t different)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_SUBMIT, "s1");
	struct base_hash reference = fixture_reference(1);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, EVENTS_ITEMS_MAX);
	for (uint64_t i = 0; i < EVENTS_ITEMS_MAX; i++) {
		uint64_t n = i % different;
		const struct events_when at = {EVENTS_POINT, ON(2) + n / 8 * DAY, true, 0};
		struct wire_cid address = fixture_cid(5000 + different * 1000 + i);
		uint8_t bytes[WIRE_CID_BYTES];

		wire_cid_bytes(bytes, &address);
		wire_put_map(&draft.body, 6);
		wire_put_uint(&draft.body, 1);
		wire_put_bytes(&draft.body, base_slice(bytes, sizeof(bytes)));
		wire_put_uint(&draft.body, 2);
		wire_put_hash(&draft.body, &reference);
		put_key_uint(&draft.body, 3, 4096);
		put_key_uint(&draft.body, 4, 1 + n % 8);
		wire_put_uint(&draft.body, 5);
		wire_put_hash(&draft.body, &reference);
		wire_put_uint(&draft.body, 6);
		events_when_put(&draft.body, &at);
	}
	return draft;
}

/* CPU seconds of judging it, the least of some rounds. */
static double cost(struct fixture *f, uint64_t different, uint64_t *flags)
{
	struct fixture_draft draft = items_draft(f, different);
	struct base_buf bytes = BASE_BUF_INIT;
	struct state_cache *cache = f->cache;
	struct events_event event;
	double least = 1e9;

	fixture_sign(&draft, &bytes);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	for (int round = 0; round < ROUNDS; round++) {
		struct state_exec *exec = state_exec_begin(&f->view, cache, &f->ledger, base_slice_text(FIXTURE_ORIGIN),
							   f->height + 1, f->time);
		struct state_outcome outcome;
		uint64_t index = f->count;
		double spent;
		clock_t begin = clock();

		ck_assert_int_eq(state_exec_judge(exec, &event, &index, &outcome, NULL), BASE_OK);
		spent = (double)(clock() - begin) / CLOCKS_PER_SEC;
		ck_assert_int_eq(outcome.verdict, STATE_RECORDED);
		*flags = outcome.flags;
		state_outcome_free(&outcome);
		state_exec_close(exec);
		least = spent < least ? spent : least;
	}
	base_buf_free(&bytes);
	return least;
}

/* Decisions that each put other forms on the list; consents on forms that none has, but the first. */
static void fill(struct fixture *f)
{
	committee_ready(f, EVENTS_BASIS_CONSENT);
	for (uint64_t i = 0; i < DECISIONS; i++)
		ck_recorded(committee_decides(f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1000 + 4 * i,
									.forms = 4}), 0);
	for (uint64_t i = 0; i < CONSENTS; i++)
		ck_recorded(participant_says(f, (struct says_consent){.form = 100000 + i, .denied = 9}),
			    UINT64_C(1) << EVENTS_FLAG_FORM_NOT_APPROVED);
}

START_TEST(items_of_many_kinds_when_judged_cost_hardly_more_than_items_that_are_alike)
{
	uint64_t flags = 0, like_flags = 0;
	double alike, varied;
	struct fixture f;

	fill(&f);
	alike = cost(&f, 1, &like_flags);
	varied = cost(&f, EVENTS_QUESTIONS_MAX, &flags);
	printf("256 items alike: %.2f ms; of %u kinds: %.2f ms; ratio %.2f (CPU)\n", alike * 1e3, EVENTS_QUESTIONS_MAX, varied * 1e3,
	       varied / alike);
	ck_assert_uint_eq(flags, like_flags);
	ck_assert_uint_eq(flags, UINT64_C(1) << EVENTS_FLAG_FORM_NOT_APPROVED);
	ck_assert(varied <= FACTOR * alike);
	fixture_close(&f);
}
END_TEST

START_TEST(items_when_they_ask_too_many_questions_are_denied)
{
	struct fixture_draft draft;
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1}), 0);
	ck_recorded(participant_says(&f, (struct says_consent){.form = 1}), 0);
	draft = items_draft(&f, EVENTS_QUESTIONS_MAX + 1);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_TOO_MANY);
	draft = items_draft(&f, EVENTS_QUESTIONS_MAX);
	ck_recorded(fixture_send(&f, &draft), 0);
	fixture_close(&f);
	/* Where no consent is asked for, there are no questions. */
	committee_ready(&f, 2 /* legal obligation */);
	draft = items_draft(&f, EVENTS_ITEMS_MAX);
	ck_recorded(fixture_send(&f, &draft), 0);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("state/cost");
	TCase *tcase = tcase_create("state/cost");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, items_of_many_kinds_when_judged_cost_hardly_more_than_items_that_are_alike);
	tcase_add_test(tcase, items_when_they_ask_too_many_questions_are_denied);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
