/* organisation.suspend and succeed, and the proposals that they enact: effect on state, every denial. */
#include "tests/state/fixture.h"

#include <string.h>

static struct fixture_result propose(struct fixture *f, const char *by, uint64_t action, const char *concerned,
				     const char *successor)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_GOVERNANCE_PROPOSE, NULL);

	wire_put_map(&draft.body, 1u + (concerned != NULL) + (successor != NULL));
	put_key_uint(&draft.body, 1, action);
	if (concerned != NULL)
		put_key_text(&draft.body, 4, concerned);
	if (successor != NULL)
		put_key_text(&draft.body, 5, successor);
	return fixture_send(f, &draft);
}

static struct fixture_result vote(struct fixture *f, const char *by, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_GOVERNANCE_VOTE, NULL);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	wire_put_uint(&draft.body, 2);
	wire_put_bool(&draft.body, true);
	return fixture_send(f, &draft);
}

static struct fixture_result enact(struct fixture *f, const char *by, enum events_kind_id kind, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, NULL);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	return fixture_send(f, &draft);
}

/* Proposed by h1 and passed with the votes of h1 and h3, of three. */
static struct base_hash passed(struct fixture *f, uint64_t action, const char *concerned, const char *successor)
{
	struct fixture_result r = propose(f, "h1/admin", action, concerned, successor);

	ck_recorded(r, 0);
	ck_recorded(vote(f, "h1/admin", &r.id), 0);
	ck_recorded(vote(f, "h3/admin", &r.id), 0);
	return r.id;
}

static struct fixture_result withdraw(struct fixture *f, const char *by, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_CONSENT, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, EVENTS_CONSENT_WITHDRAW);
	wire_put_map(&draft.body, 1);
	put_key_uint(&draft.body, 3, EVENTS_EXISTING_RESTRICT);
	return fixture_send(f, &draft);
}

static struct fixture_result revoke(struct fixture *f, const char *by)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ACTOR_REVOKE, NULL);
	struct base_hash kid = fixture_kid(draft.by);

	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, by);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &kid);
	return fixture_send(f, &draft);
}

/* h2 runs site b, and has participants 5 and 6. */
static void begin(struct fixture *f)
{
	fixture_ready(f, 3);
	ck_recorded(fixture_participant(f, "h2/admin", "s1", 5, "b"), 0);
	ck_recorded(fixture_participant(f, "h2/admin", "s1", 6, "b"), 0);
}

START_TEST(suspend_when_voted_refuses_all_but_restrictions)
{
	struct state_fact fact;
	struct base_hash id;
	struct fixture f;

	begin(&f);
	id = passed(&f, EVENTS_ACTION_SUSPEND, "h2", NULL);
	ck_recorded(fixture_submit(&f, "h2/admin", "s1", 1, 5), 0); /* until it is enacted */
	ck_recorded(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUSPEND, &id), 0);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ORGANISATION, "h2", &fact), 2);
	ck_assert_uint_eq(events_uint(fact.content, 5), 1);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PROPOSAL, "", &id, &fact), 4);
	ck_denied(fixture_submit(&f, "h2/admin", "s1", 2, 5), EVENTS_DENIAL_SUSPENDED);
	ck_denied(fixture_submit(&f, "h2/admin", "s9", 2, 5), EVENTS_DENIAL_SUSPENDED);
	ck_assert_uint_eq(fixture_head(&f, "s1", 5), 3); /* attempts within the house are part of the trail */
	ck_recorded(withdraw(&f, "h2/admin", 5), 0);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &id), EVENTS_DENIAL_EXISTS_ALREADY);
	id = passed(&f, EVENTS_ACTION_SUSPEND, "h2", NULL);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &id), EVENTS_DENIAL_WRONG_STATE);
	id = passed(&f, EVENTS_ACTION_LIFT, "h2", NULL);
	ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &id), 0);
	ck_recorded(fixture_submit(&f, "h2/admin", "s1", 2, 5), 0);
	id = passed(&f, EVENTS_ACTION_LIFT, "h2", NULL);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &id), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(suspended_when_votes_are_counted_does_not_count)
{
	struct fixture_result r;
	struct base_hash id;
	struct fixture f;

	begin(&f);
	id = passed(&f, EVENTS_ACTION_SUSPEND, "h2", NULL);
	ck_recorded(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUSPEND, &id), 0);
	r = propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h3", NULL);
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_denied(vote(&f, "h2/admin", &r.id), EVENTS_DENIAL_SUSPENDED);
	ck_recorded(vote(&f, "h3/admin", &r.id), 0); /* both that are left */
	ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), 0);
	r = propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, "h3", "h1"); /* one alone */
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), 0);
	r = propose(&f, "h1/admin", EVENTS_ACTION_LIFT, "h2", NULL);
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), 0);
	r = propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h2", NULL); /* two count again */
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	fixture_close(&f);
}
END_TEST

/* Of three, h2 says yes, and counts no more when the next one does. */
START_TEST(vote_when_its_author_is_suspended_or_succeeded_since_does_not_count)
{
	for (unsigned succeeded = 0; succeeded <= 1; succeeded++) {
		uint64_t action = succeeded != 0 ? EVENTS_ACTION_SUCCEED : EVENTS_ACTION_SUSPEND;
		struct fixture_result r;
		struct base_hash id;
		struct fixture f;

		begin(&f);
		r = propose(&f, "h2/admin", EVENTS_ACTION_SUSPEND, "h3", NULL);
		ck_recorded(vote(&f, "h2/admin", &r.id), 0);
		id = passed(&f, action, "h2", succeeded != 0 ? "h1" : NULL);
		ck_recorded(enact(&f, "h1/admin", succeeded != 0 ? EVENTS_ORGANISATION_SUCCEED : EVENTS_ORGANISATION_SUSPEND, &id), 0);
		ck_recorded(vote(&f, "h1/admin", &r.id), 0); /* one of the two that are left */
		ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
		ck_recorded(vote(&f, "h3/admin", &r.id), 0);
		ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), 0);
		fixture_close(&f);
	}
}
END_TEST

START_TEST(revoke_when_suspended_is_recorded)
{
	struct base_hash id;
	struct fixture f;

	begin(&f);
	id = passed(&f, EVENTS_ACTION_SUSPEND, "h2", NULL);
	ck_recorded(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUSPEND, &id), 0);
	ck_recorded(revoke(&f, "h2/admin"), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(succeed_when_voted_hands_everything_over)
{
	struct fixture_result brought, vote_of_two;
	struct state_fact fact;
	struct base_hash id;
	struct fixture f;

	begin(&f);
	brought = fixture_submit(&f, "h2/admin", "s1", 1, 5);
	ck_recorded(brought, 0);
	id = passed(&f, EVENTS_ACTION_SUCCEED, "h2", "h3");
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUCCEED, &id), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(fixture_submit(&f, "h3/admin", "s1", 2, 5), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &id), 0);
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ORGANISATION, "h2", &fact), 2);
	ck_assert(base_slice_equal(events_text(fact.content, 6), base_slice_text("h3")));
	ck_assert_uint_eq(fixture_facts_text(&f, STATE_ORGANISATION, "h3", &fact), 2);
	ck_assert(events_has(fact.content, 7));
	/* The successor acts for its participants and at its sites; it does not any more. */
	ck_recorded(fixture_submit(&f, "h3/admin", "s1", 2, 5), 0);
	ck_recorded(fixture_participant(&f, "h3/admin", "s1", 7, "b"), 0);
	ck_denied(fixture_submit(&f, "h2/admin", "s1", 3, 6), EVENTS_DENIAL_SUCCEEDED);
	ck_denied(withdraw(&f, "h2/admin", 6), EVENTS_DENIAL_SUCCEEDED);
	ck_assert_uint_eq(fixture_head(&f, "s1", 6), 1); /* nobody's of the house */
	ck_denied(fixture_participant(&f, "h3/admin", "s1", 6, "b"), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_assert_uint_eq(fixture_head(&f, "s1", 6), 2);
	ck_assert_uint_eq(fixture_head(&f, "s1", 5), 3);
	ck_recorded(revoke(&f, "h2/admin"), 0);
	/* Two organisations are left: one vote is not more than half. */
	vote_of_two = propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h3", NULL);
	ck_recorded(vote_of_two, 0);
	ck_recorded(vote(&f, "h1/admin", &vote_of_two.id), 0);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &vote_of_two.id), EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	fixture_close(&f);
}
END_TEST

START_TEST(succeed_when_repeated_hands_on_what_was_inherited)
{
	struct fixture_result r;
	struct base_hash id;
	struct fixture f;

	begin(&f);
	id = passed(&f, EVENTS_ACTION_SUCCEED, "h2", "h3");
	ck_recorded(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &id), 0);
	r = propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, "h3", "h1");
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_recorded(vote(&f, "h3/admin", &r.id), 0);
	ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 2, 5), 0);
	ck_denied(fixture_submit(&f, "h3/admin", "s1", 3, 5), EVENTS_DENIAL_SUCCEEDED);
	ck_assert_uint_eq(fixture_head(&f, "s1", 5), 2);
	/* Alone now: its own vote is enough; but nobody could lift it. */
	r = propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h1", NULL);
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(proposals_when_impossible_are_denied)
{
	struct fixture_result r;
	struct base_hash id;
	struct fixture f;

	begin(&f);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, NULL, NULL), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h2", "h3"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h9", NULL), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, "h2", NULL), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, "h2", "h9"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, "h2", "h2"), EVENTS_DENIAL_WRONG_STATE);
	id = fixture_reference(1);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &id), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUCCEED, &id), EVENTS_DENIAL_NO_SUCH_TARGET);
	id = passed(&f, EVENTS_ACTION_SUSPEND, "h2", NULL);
	ck_denied(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &id), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(enact(&f, "h3/admin", EVENTS_ORGANISATION_ADMIT, &id), EVENTS_DENIAL_NO_SUCH_TARGET);
	r = propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, "h2", "h3");
	ck_denied(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUSPEND, &r.id), EVENTS_DENIAL_NO_SUCH_TARGET);
	/* Two proposals for the same: the second comes too late. */
	ck_recorded(vote(&f, "h1/admin", &r.id), 0);
	ck_recorded(vote(&f, "h3/admin", &r.id), 0);
	id = passed(&f, EVENTS_ACTION_SUCCEED, "h2", "h3");
	ck_recorded(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), 0);
	ck_denied(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_denied(enact(&f, "h3/admin", EVENTS_ORGANISATION_SUCCEED, &id), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(propose(&f, "h1/admin", EVENTS_ACTION_SUSPEND, "h2", NULL), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(succeed_when_too_many_were_inherited_is_denied)
{
	char old[8], voter[16];
	struct fixture_result r;
	struct fixture f;

	fixture_open(&f, 34);
	for (unsigned n = 2; n <= 34; n++) {
		(void)snprintf(old, sizeof(old), "h%u", n);
		r = propose(&f, "h1/admin", EVENTS_ACTION_SUCCEED, old, "h1");
		ck_recorded(r, 0);
		/* More than half of those that are left. */
		ck_recorded(vote(&f, "h1/admin", &r.id), 0);
		for (unsigned v = 0; v < (36 - n) / 2; v++) {
			(void)snprintf(voter, sizeof(voter), "h%u/admin", 34 - v);
			ck_recorded(vote(&f, voter, &r.id), 0);
		}
		if (n < 34)
			ck_recorded(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), 0);
		else
			ck_denied(enact(&f, "h1/admin", EVENTS_ORGANISATION_SUCCEED, &r.id), EVENTS_DENIAL_TOO_MANY);
	}
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		suspend_when_voted_refuses_all_but_restrictions,
		suspended_when_votes_are_counted_does_not_count,
		vote_when_its_author_is_suspended_or_succeeded_since_does_not_count,
		revoke_when_suspended_is_recorded,
		succeed_when_voted_hands_everything_over,
		succeed_when_repeated_hands_on_what_was_inherited,
		proposals_when_impossible_are_denied,
		succeed_when_too_many_were_inherited_is_denied,
		NULL,
	};

	return fixture_run("apply_organisation", tests);
}
