/* Technical refusals, sequence numbers, authority in general, flags of any kind. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"

#include <string.h>

static struct fixture_draft one_item(struct fixture *f, const char *by, uint64_t cid)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_SUBMIT, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, 1);
	return draft;
}

static struct fixture_result numbered(struct fixture *f, uint64_t sequence, uint64_t cid)
{
	struct fixture_draft draft = one_item(f, "h1/admin", cid);

	draft.by->sequence--;
	draft.envelope.sequence = sequence;
	return fixture_send(f, &draft);
}

START_TEST(rules_when_kind_is_declared_are_there)
{
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	ck_assert_uint_ge(count, 18);
	for (size_t i = 0; i < count; i++) {
		const struct state_rule *rule = state_rule_of(kinds[i]->id);

		ck_assert_msg(rule != NULL, "%s", kinds[i]->name);
		/* Who may record a kind is declared, or its function's business. */
		ck_assert_msg(rule->decides || kinds[i]->roles != 0, "%s", kinds[i]->name);
	}
	ck_assert_ptr_null(state_rule_of((enum events_kind_id)4));
	ck_assert_ptr_null(state_rule_of((enum events_kind_id)60000));
}
END_TEST

START_TEST(judge_when_for_another_ledger_is_refused)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	draft = one_item(&f, "h1/admin", 1);
	draft.envelope.ledger.bytes[31] ^= 1;
	ck_refused(fixture_send(&f, &draft), "another ledger");
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_key_is_unknown_is_refused)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	draft = one_item(&f, "h1/nobody", 1);
	ck_refused(fixture_send(&f, &draft), "not enrolled");
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_issuer_is_not_the_keys_actor_is_refused)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 2);
	draft = one_item(&f, "h1/admin", 1);
	draft.issuer = "h2/admin";
	ck_refused(fixture_send(&f, &draft), "h1/admin");
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_subject_is_not_the_origin_is_refused)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_open(&f, 1);
	draft = fixture_draft(&f, "h1/admin", EVENTS_STUDY_REGISTER, "ledger.example/other");
	wire_put_map(&draft.body, 5);
	put_key_text(&draft.body, 1, "s1");
	put_key_text(&draft.body, 2, "A study");
	put_key_text(&draft.body, 3, "h1");
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, "a");
	put_key_text(&draft.body, 2, "h1");
	put_key_text(&draft.body, 5, "1.0");
	ck_refused(fixture_send(&f, &draft), "origin");
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_event_is_sent_again_says_where_it_is)
{
	struct base_buf events[2] = {BASE_BUF_INIT, BASE_BUF_INIT};
	struct fixture_result results[2], again;
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	draft = one_item(&f, "h1/admin", 1);
	fixture_sign(&draft, &events[0]);
	base_buf_append(&events[1], base_buf_slice(&events[0]));
	fixture_block(&f, events, 2, results);
	ck_recorded(results[0], 0);
	ck_assert_int_eq(results[1].code, BASE_EXISTS); /* in the same block */
	ck_assert_uint_eq(results[1].index, results[0].index);
	again = fixture_bytes(&f, base_buf_slice(&events[0]));
	ck_assert_int_eq(again.code, BASE_EXISTS); /* in a later one */
	ck_assert_uint_eq(again.index, results[0].index);
	ck_assert_uint_eq(f.height, 5); /* which then is none: study, three participants, and the one above */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	base_buf_free(&events[0]);
	base_buf_free(&events[1]);
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_slot_is_used_by_another_event_is_refused)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_refused(numbered(&f, 1, 1), "used by another");
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_denied_uses_its_slot_too)
{
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	draft = one_item(&f, "h1/admin", 1);
	draft.subject = "s7";
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_STUDY);
	ck_refused(numbered(&f, draft.envelope.sequence, 2), "used by another");
	fixture_close(&f);
}
END_TEST

/* An unused n in (max - 1,024, max + 1,024] is accepted. */
START_TEST(judge_when_sequence_leaves_the_window_is_refused)
{
	struct fixture_draft draft;
	struct base_buf early = BASE_BUF_INIT;
	struct fixture f;

	fixture_ready(&f, 1); /* 1 to 4 are used */
	ck_refused(numbered(&f, 4 + 1025, 1), "too far ahead");
	draft = one_item(&f, "h1/admin", 20);
	draft.envelope.sequence = 9;
	fixture_sign(&draft, &early);
	ck_recorded(fixture_bytes(&f, base_buf_slice(&early)), 0);
	ck_recorded(numbered(&f, 9 + 1024, 2), 0);
	ck_refused(numbered(&f, 9, 3), "too far behind"); /* max - 1,024 */
	ck_assert_int_eq(fixture_bytes(&f, base_buf_slice(&early)).code,
			 BASE_EXISTS);	     /* but the same event has its receipt */
	ck_recorded(numbered(&f, 10, 4), 0); /* max - 1,023 */
	ck_refused(numbered(&f, 10, 5), "used by another");
	ck_recorded(numbered(&f, 1000, 6), 0);
	ck_recorded(numbered(&f, 1034, 7), 0);
	base_buf_free(&early);
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_refused_leaves_nothing_behind)
{
	struct fixture f, g;

	fixture_ready(&f, 1);
	fixture_ready(&g, 1);
	ck_assert_mem_eq(f.digest.bytes, g.digest.bytes, 32);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 9), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_recorded(fixture_submit(&g, "h1/admin", "s1", 1, 9), FLAG(PARTICIPANT_NOT_ENROLLED));
	for (int i = 0; i < 3; i++)
		ck_refused(numbered(&f, 1, 1), "used");
	ck_refused(numbered(&f, 99999, 1), "ahead");
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 2, 1), 0);
	ck_recorded(fixture_submit(&g, "h1/admin", "s1", 2, 1), 0);
	ck_assert_uint_eq(f.height, g.height);
	ck_assert_mem_eq(f.digest.bytes, g.digest.bytes, 32);
	fixture_close(&f);
	fixture_close(&g);
}
END_TEST

START_TEST(judge_when_signed_more_than_a_day_ago_is_flagged_late)
{
	const uint64_t day = UINT64_C(86400000);
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	draft = one_item(&f, "h1/admin", 1);
	draft.envelope.claimed.ms = f.time.ms + 1000 - day;
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = one_item(&f, "h1/admin", 2);
	draft.envelope.claimed.ms = f.time.ms + 1000 - day - 1;
	ck_recorded(fixture_send(&f, &draft), FLAG(LATE));
	draft = one_item(&f, "h1/admin", 3);
	draft.envelope.claimed.ms = f.time.ms + 10 * day; /* a clock that is ahead */
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = one_item(&f, "h1/admin", 4); /* of long ago, but signed now */
	draft.envelope.when.utc_ms = 0;
	draft.envelope.when.offset_min = 0;
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = one_item(&f, "h1/admin", 5);
	draft.subject = "s7";
	draft.envelope.claimed.ms = 0;
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_STUDY); /* a denial carries no flags */
	fixture_close(&f);
}
END_TEST

START_TEST(judge_when_refs_are_given_posts_the_events_named)
{
	struct base_hash named = {{3}};
	struct base_buf refs = BASE_BUF_INIT;
	struct fixture_draft draft;
	struct fixture_result r;
	struct fixture f;

	fixture_ready(&f, 1);
	wire_put_array(&refs, 1);
	wire_put_array(&refs, 2);
	wire_put_uint(&refs, EVENTS_REF_FOLLOWS);
	wire_put_hash(&refs, &named);
	draft = one_item(&f, "h1/admin", 1);
	draft.envelope.refs = base_buf_slice(&refs);
	r = fixture_send(&f, &draft);
	ck_recorded(r, 0);
	ck_assert(fixture_posted(&f, state_term_named(&named), r.index));
	base_buf_free(&refs);
	fixture_close(&f);
}
END_TEST

/* Every read that judging does may fail: nothing changes, and the executor goes on. */
START_TEST(judge_when_view_fails_can_be_tried_again)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct events_event event;
	struct fixture_draft draft;
	struct fixture f;
	int failures = 0;

	fixture_ready(&f, 1);
	draft = one_item(&f, "h1/admin", 1);
	fixture_sign(&draft, &bytes);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	for (int n = 0;; n++) {
		struct state_exec *exec = state_exec_begin(&f.view, NULL, &f.ledger, base_slice_text(FIXTURE_ORIGIN),
							   f.height + 1, (struct base_time){f.time.ms + 1000});
		struct state_outcome outcome;
		struct base_error err = {""};
		uint64_t index = f.count;
		enum base_code code;

		f.fail_after = n;
		code = state_exec_judge(exec, &event, &index, &outcome, &err);
		f.fail_after = -1;
		if (code != BASE_OK) {
			ck_assert_int_eq(code, BASE_IO);
			ck_assert_msg(strstr(err.text, "the disk is gone") != NULL, "%s", err.text);
			ck_assert_int_eq(state_exec_judge(exec, &event, &index, &outcome, &err), BASE_OK);
			failures++;
		}
		ck_assert_int_eq(outcome.verdict, STATE_RECORDED);
		state_outcome_free(&outcome);
		state_exec_close(exec);
		if (code == BASE_OK)
			break;
	}
	ck_assert_int_ge(failures, 6); /* key, slots, actor, study, participant, CID, head */
	base_buf_free(&bytes);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		rules_when_kind_is_declared_are_there,
		judge_when_for_another_ledger_is_refused,
		judge_when_key_is_unknown_is_refused,
		judge_when_issuer_is_not_the_keys_actor_is_refused,
		judge_when_subject_is_not_the_origin_is_refused,
		judge_when_event_is_sent_again_says_where_it_is,
		judge_when_slot_is_used_by_another_event_is_refused,
		judge_when_denied_uses_its_slot_too,
		judge_when_sequence_leaves_the_window_is_refused,
		judge_when_refused_leaves_nothing_behind,
		judge_when_signed_more_than_a_day_ago_is_flagged_late,
		judge_when_refs_are_given_posts_the_events_named,
		judge_when_view_fails_can_be_tried_again,
		NULL,
	};

	return fixture_run("judge", tests);
}
