/* data.*: effect on state, every flag, denial and refusal. */
#include "tests/state/fixture.h"

#include <string.h>

/* ---- Drafts ------------------------------------------------------------------ */

/* Items with these CIDs, all of one participant. */
static struct fixture_draft submission(struct fixture *f, const char *by, const char *study, uint64_t first_cid,
				       size_t count, unsigned participant, const char *site)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_SUBMIT, study);

	wire_put_map(&draft.body, site == NULL ? 1 : 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++)
		put_item(&draft.body, first_cid + i, participant);
	if (site != NULL)
		put_key_text(&draft.body, 2, site);
	return draft;
}

static struct fixture_draft derivation(struct fixture *f, const char *study, uint64_t cid, unsigned participant,
				       const struct events_item_id *inputs, size_t count)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_DERIVE, study);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, participant);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++)
		put_item_id(&draft.body, &inputs[i].event, inputs[i].index);
	return draft;
}

static struct fixture_result correct(struct fixture *f, const char *by, const char *study,
				     const struct base_hash *target, uint64_t index, uint64_t cid, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_CORRECT, study);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, target, index);
	wire_put_uint(&draft.body, 2);
	put_item(&draft.body, cid, participant);
	return fixture_send(f, &draft);
}

static struct fixture_result retract(struct fixture *f, const char *by, const char *study,
				     const struct base_hash *target, uint64_t index, unsigned times)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_RETRACT, study);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, times);
	for (unsigned i = 0; i < times; i++)
		put_item_id(&draft.body, target, index);
	return fixture_send(f, &draft);
}

static void close_study(struct fixture *f)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_STUDY_CLOSE, "s1");

	wire_put_map(&draft.body, 0);
	ck_recorded(fixture_send(f, &draft), 0);
}

/* ---- submit ------------------------------------------------------------------ */

START_TEST(submit_when_enrolled_is_recorded_and_steps_the_head)
{
	struct fixture f;
	struct fixture_result r;
	struct wire_cid cid = fixture_cid(1);
	struct base_hash reference = fixture_reference(1), kid;

	fixture_ready(&f, 1);
	kid = fixture_kid(fixture_person(&f, "h1/admin"));
	r = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2); /* enrolment, submission */
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 1);
	ck_assert(fixture_posted(&f, state_term_cid(base_slice_text("s1"), &cid), r.index));
	ck_assert(fixture_posted(&f, state_term_event(&r.id), r.index));
	ck_assert(fixture_posted(&f, state_term_slot(&kid, fixture_person(&f, "h1/admin")->sequence), r.index));
	ck_assert(fixture_posted(&f, state_term_study(base_slice_text("s1")), r.index));
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h1/admin")), r.index));
	ck_assert(fixture_posted(&f, state_term_participant(base_slice_text("s1"), base_hash_slice(&reference)),
				 r.index));
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_participant_unknown_is_flagged_and_claims_the_reference)
{
	struct base_hash reference = fixture_reference(9);
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 9), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &reference, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_DATA_SUBMIT);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 2, 9), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &reference, NULL), 1);
	ck_denied(fixture_submit(&f, "h2/admin", "s1", 3, 9), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(fixture_participant(&f, "h2/admin", "s1", 9, "b"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_participant(&f, "h1/admin", "s1", 9, "a"), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 4, 9), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 9), 4);
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_study_is_closed_is_flagged)
{
	struct fixture f;

	fixture_ready(&f, 1);
	close_study(&f);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 1), FLAG(STUDY_CLOSED));
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 2, 9), FLAG(STUDY_CLOSED) | FLAG(PARTICIPANT_NOT_ENROLLED));
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_study_is_unknown_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_denied(fixture_submit(&f, "h1/admin", "s2", 1, 1), EVENTS_DENIAL_NO_SUCH_STUDY);
	ck_assert_uint_eq(fixture_head(&f, "s2", 1), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_author_has_no_task_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_MONITOR), 0);
	ck_denied(fixture_submit(&f, "h1/eve", "s1", 1, 1), EVENTS_DENIAL_NOT_ASSIGNED);
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/eve", "s1", "a", EVENTS_ROLE_MONITOR, FIXTURE_TIME, 0), 0);
	ck_denied(fixture_submit(&f, "h1/eve", "s1", 1, 1), EVENTS_DENIAL_NO_AUTHORITY);
	/* Of the own organisation's participant: the attempt is part of the trail. */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/eve", "s1", "a", EVENTS_ROLE_DELEGATE, FIXTURE_TIME, 0), 0);
	ck_recorded(fixture_submit(&f, "h1/eve", "s1", 1, 1), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_participant_is_anothers_is_denied_and_leaves_the_trail_alone)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(fixture_submit(&f, "h2/admin", "s1", 1, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 1);
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_site_is_wrong_is_denied)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 2);
	draft = submission(&f, "h1/admin", "s1", 1, 1, 1, "z");
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	draft = submission(&f, "h1/admin", "s1", 1, 1, 1, "b");
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_OTHER_ORGANISATION);
	draft = submission(&f, "h1/admin", "s1", 1, 1, 1, "a");
	ck_recorded(fixture_send(&f, &draft), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_cid_was_used_is_refused)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_study(&f, "h1/admin", "s2", "h1", "a", "h1"), 0);
	ck_denied(fixture_submit(&f, "h1/admin", "s3", 1, 0), EVENTS_DENIAL_NO_SUCH_STUDY); /* uses nothing */
	ck_denied(fixture_submit(&f, "h2/admin", "s1", 1, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 1), 0);
	ck_refused(fixture_submit(&f, "h1/admin", "s1", 1, 1), "recorded before");
	ck_refused(fixture_submit(&f, "h1/admin", "s1", 1, 2), "recorded before");
	ck_recorded(fixture_submit(&f, "h2/admin", "s1", 1, 0), 0); /* another organisation */
	ck_recorded(fixture_submit(&f, "h1/admin", "s2", 1, 0), 0); /* another study */
	draft = submission(&f, "h1/admin", "s1", 5, 3, 1, NULL);
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = submission(&f, "h1/admin", "s1", 7, 2, 1, NULL);
	ck_refused(fixture_send(&f, &draft), "item 0");
	fixture_close(&f);
}
END_TEST

START_TEST(submit_when_cid_is_twice_in_block_or_event_is_refused)
{
	struct base_buf events[3] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};
	struct fixture_result results[3];
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 2);
	draft = submission(&f, "h1/admin", "s1", 1, 1, 1, NULL);
	fixture_sign(&draft, &events[0]);
	draft = submission(&f, "h1/admin", "s1", 1, 1, 2, NULL);
	fixture_sign(&draft, &events[1]);
	draft = submission(&f, "h2/admin", "s1", 1, 1, 0, NULL);
	fixture_sign(&draft, &events[2]);
	fixture_block(&f, events, 3, results);
	ck_recorded(results[0], 0);
	ck_refused(results[1], "recorded before");
	ck_recorded(results[2], 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_SUBMIT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 2);
	put_item(&draft.body, 2, 1);
	put_item(&draft.body, 2, 2);
	ck_refused(fixture_send(&f, &draft), "same CID");
	for (int i = 0; i < 3; i++)
		base_buf_free(&events[i]);
	fixture_close(&f);
}
END_TEST

/* ---- derive ------------------------------------------------------------------ */

START_TEST(derive_when_inputs_are_known_joins_their_participants_trails)
{
	struct events_item_id inputs[3];
	struct fixture_draft draft;
	struct fixture_result r;
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_study(&f, "h1/admin", "s2", "h1", "a", "h1"), 0);
	for (unsigned i = 0; i < 2; i++)
		inputs[i] = (struct events_item_id){fixture_submit(&f, "h1/admin", "s1", i, i + 1).id, 0};
	inputs[2] = (struct events_item_id){fixture_submit(&f, "h1/admin", "s1", 2, 0).id, 0};
	draft = derivation(&f, "s2", 10, 0, inputs, 3);
	r = fixture_send(&f, &draft);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3); /* in their own study */
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 3), 1);
	ck_assert_uint_eq(fixture_head(&f, "s2", 1), 0);
	ck_assert(fixture_posted(&f, state_term_item(&inputs[1].event, 0), r.index));
	/* Never transitively: who derives from what is derived concerns nobody. */
	inputs[0] = (struct events_item_id){r.id, 0};
	draft = derivation(&f, "s2", 11, 0, inputs, 1);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	fixture_close(&f);
}
END_TEST

START_TEST(derive_when_an_input_is_not_there_is_denied)
{
	struct base_hash unknown = {{7}};
	struct events_item_id input;
	struct fixture_draft draft;
	struct fixture_result good, denied, enrolment;
	struct fixture f;

	fixture_ready(&f, 2);
	enrolment = fixture_participant(&f, "h1/admin", "s1", 5, "a");
	good = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	denied = fixture_submit(&f, "h2/admin", "s1", 2, 1);
	ck_denied(denied, EVENTS_DENIAL_OTHER_ORGANISATION);
	input = (struct events_item_id){unknown, 0};
	draft = derivation(&f, "s1", 10, 0, &input, 1);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	input = (struct events_item_id){good.id, 1};
	draft = derivation(&f, "s1", 10, 0, &input, 1);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	input = (struct events_item_id){denied.id, 0};
	draft = derivation(&f, "s1", 10, 0, &input, 1);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	input = (struct events_item_id){enrolment.id, 0};
	draft = derivation(&f, "s1", 10, 0, &input, 1);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	fixture_close(&f);
}
END_TEST

START_TEST(derive_when_input_is_in_the_same_block_follows_the_order)
{
	struct base_buf events[3] = {BASE_BUF_INIT, BASE_BUF_INIT, BASE_BUF_INIT};
	struct fixture_result results[3];
	struct fixture_draft draft;
	struct events_event event;
	struct events_item_id input;
	struct fixture f;

	fixture_ready(&f, 1);
	draft = submission(&f, "h1/admin", "s1", 1, 1, 1, NULL);
	fixture_sign(&draft, &events[1]);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&events[1]), NULL), BASE_OK);
	input = (struct events_item_id){event.id, 0};
	draft = derivation(&f, "s1", 10, 0, &input, 1);
	fixture_sign(&draft, &events[0]);
	draft = derivation(&f, "s1", 11, 0, &input, 1);
	fixture_sign(&draft, &events[2]);
	fixture_block(&f, events, 3, results);
	ck_denied(results[0], EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(results[1], 0);
	ck_recorded(results[2], 0);
	/* The first, denied, did not concern what came after it: state_concerns says so later too. */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	for (int i = 0; i < 3; i++)
		base_buf_free(&events[i]);
	fixture_close(&f);
}
END_TEST

START_TEST(derive_when_input_was_retracted_or_study_closed_is_flagged)
{
	struct events_item_id input;
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	input = (struct events_item_id){fixture_submit(&f, "h1/admin", "s1", 1, 1).id, 0};
	ck_recorded(retract(&f, "h1/admin", "s1", &input.event, 0, 1), 0);
	draft = derivation(&f, "s1", 10, 9, &input, 1);
	ck_recorded(fixture_send(&f, &draft), FLAG(INPUT_RETRACTED) | FLAG(PARTICIPANT_NOT_ENROLLED));
	close_study(&f);
	draft = derivation(&f, "s1", 11, 0, &input, 1);
	ck_recorded(fixture_send(&f, &draft), FLAG(INPUT_RETRACTED) | FLAG(STUDY_CLOSED));
	draft = derivation(&f, "s1", 11, 0, &input, 1);
	ck_refused(fixture_send(&f, &draft), "recorded before");
	fixture_close(&f);
}
END_TEST

/* ---- correct ----------------------------------------------------------------- */

START_TEST(correct_when_target_is_own_notes_its_replacement_and_concerns_both)
{
	struct fixture_result original, first, second;
	struct events_item_id replacement;
	struct state_fact fact;
	struct wire_reader r;
	struct fixture f;

	fixture_ready(&f, 1);
	original = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &original.id, 0, NULL), 0);
	first = correct(&f, "h1/admin", "s1", &original.id, 0, 2, 2);
	ck_recorded(first, 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &original.id, 0, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_DATA_CORRECT);
	ck_assert_uint_eq(fact.index, first.index);
	ck_assert(events_find(fact.content, 1, &r));
	replacement = events_item_id_read(&r);
	ck_assert(base_hash_equal(&replacement.event, &first.id));
	ck_assert_uint_eq(replacement.index, 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 2);
	/* The replacement is an item like any other. */
	second = correct(&f, "h1/admin", "s1", &first.id, 0, 3, 0);
	ck_recorded(second, 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	/* Correcting the first again goes over what was corrected. */
	ck_recorded(correct(&f, "h1/admin", "s1", &original.id, 0, 4, 1), FLAG(SUPERSEDES_CORRECTED));
	fixture_close(&f);
}
END_TEST

START_TEST(correct_when_target_is_not_there_or_anothers_is_denied)
{
	struct base_hash unknown = {{7}};
	struct fixture_result original;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_study(&f, "h1/admin", "s2", "h1", "a", "h1"), 0);
	original = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_denied(correct(&f, "h1/admin", "s1", &unknown, 0, 2, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(correct(&f, "h1/admin", "s2", &original.id, 0, 2, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(correct(&f, "h2/admin", "s1", &original.id, 0, 2, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_participant(&f, "h2/admin", "s1", 8, "b"), 0);
	ck_denied(correct(&f, "h1/admin", "s1", &original.id, 0, 2, 8), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &original.id, 0, NULL), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 8), 1);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 5); /* three denials of its own organisation */
	fixture_close(&f);
}
END_TEST

START_TEST(correct_when_irregular_is_flagged)
{
	struct fixture_result original;
	struct fixture f;

	fixture_ready(&f, 1);
	original = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_recorded(retract(&f, "h1/admin", "s1", &original.id, 0, 1), 0);
	ck_recorded(correct(&f, "h1/admin", "s1", &original.id, 0, 2, 9),
		    FLAG(INPUT_RETRACTED) | FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_refused(correct(&f, "h1/admin", "s1", &original.id, 0, 2, 1), "recorded before");
	close_study(&f);
	ck_recorded(correct(&f, "h1/admin", "s1", &original.id, 0, 3, 1),
		    FLAG(INPUT_RETRACTED) | FLAG(SUPERSEDES_CORRECTED) | FLAG(STUDY_CLOSED));
	fixture_close(&f);
}
END_TEST

/* ---- retract ----------------------------------------------------------------- */

START_TEST(retract_when_target_is_own_notes_it_once)
{
	struct fixture_result original, r;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 1);
	original = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	r = retract(&f, "h1/admin", "s1", &original.id, 0, 3);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &original.id, 0, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_DATA_RETRACT);
	ck_assert_uint_eq(events_uint(fact.content, 2), 5);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_recorded(retract(&f, "h1/admin", "s1", &original.id, 0, 1), FLAG(INPUT_RETRACTED));
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &original.id, 0, NULL), 2);
	close_study(&f);
	ck_recorded(retract(&f, "h1/admin", "s1", &original.id, 0, 1), FLAG(INPUT_RETRACTED)); /* brings no data */
	fixture_close(&f);
}
END_TEST

START_TEST(retract_when_target_is_not_there_or_anothers_is_denied)
{
	struct base_hash unknown = {{7}};
	struct fixture_result original;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_study(&f, "h1/admin", "s2", "h1", "a", "h1"), 0);
	original = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_denied(retract(&f, "h1/admin", "s1", &unknown, 0, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(retract(&f, "h1/admin", "s1", &original.id, 3, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(retract(&f, "h1/admin", "s2", &original.id, 0, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(retract(&f, "h2/admin", "s1", &original.id, 0, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &original.id, 0, NULL), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_MONITOR), 0);
	ck_denied(retract(&f, "h1/eve", "s1", &original.id, 0, 1), EVENTS_DENIAL_NOT_ASSIGNED);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		submit_when_enrolled_is_recorded_and_steps_the_head,
		submit_when_participant_unknown_is_flagged_and_claims_the_reference,
		submit_when_study_is_closed_is_flagged,
		submit_when_study_is_unknown_is_denied,
		submit_when_author_has_no_task_is_denied,
		submit_when_participant_is_anothers_is_denied_and_leaves_the_trail_alone,
		submit_when_site_is_wrong_is_denied,
		submit_when_cid_was_used_is_refused,
		submit_when_cid_is_twice_in_block_or_event_is_refused,
		derive_when_inputs_are_known_joins_their_participants_trails,
		derive_when_an_input_is_not_there_is_denied,
		derive_when_input_is_in_the_same_block_follows_the_order,
		derive_when_input_was_retracted_or_study_closed_is_flagged,
		correct_when_target_is_own_notes_its_replacement_and_concerns_both,
		correct_when_target_is_not_there_or_anothers_is_denied,
		correct_when_irregular_is_flagged,
		retract_when_target_is_own_notes_it_once,
		retract_when_target_is_not_there_or_anothers_is_denied,
		NULL,
	};

	return fixture_run("apply_data", tests);
}
