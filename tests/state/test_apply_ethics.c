/* ethics.decide: its facts, every denial, and what it makes of data and consents. */
#include "tests/state/committee.h"

#define APPROVES(...) committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1, __VA_ARGS__})
#define DECIDES(...) committee_decides(&f, (struct says_decision){__VA_ARGS__})
#define DATA(...) data_comes(&f, (struct says_data){__VA_ARGS__})
#define GIVES(...) participant_says(&f, (struct says_consent){.act = EVENTS_CONSENT_GIVE, __VA_ARGS__})
#define IN_PUBLIC EVENTS_BASIS_PUBLIC_INTEREST

static size_t facts(struct fixture *f, struct state_fact *last)
{
	return fixture_facts(f, STATE_APPROVAL, "s1", base_slice(NULL, 0), last);
}

START_TEST(approve_when_recorded_is_a_fact_with_body_and_id)
{
	struct fixture_result r;
	struct state_fact fact;
	struct base_hash kid;
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_assert_uint_eq(facts(&f, NULL), 0);
	r = APPROVES(.site = "a", .until = ON(10));
	ck_recorded(r, 0);
	ck_assert_uint_eq(facts(&f, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_ETHICS_DECIDE);
	ck_assert_uint_eq(fact.index, r.index);
	ck_assert_uint_eq(fact.when.utc_ms, ON(0));
	ck_assert(base_slice_equal(events_bytes(fact.content, 0), base_hash_slice(&r.id)));
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h3")));
	ck_assert(events_has(fact.content, 3) && events_has(fact.content, 4));
	kid = fixture_kid(fixture_person(&f, "h3/sec"));
	ck_assert(fixture_posted(&f, state_term_event(&r.id), r.index));
	ck_assert(fixture_posted(&f, state_term_study(base_slice_text("s1")), r.index));
	ck_assert(fixture_posted(&f, state_term_actor(base_slice_text("h3/sec")), r.index));
	ck_assert(fixture_posted(&f, state_term_slot(&kid, 1), r.index));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 1); /* concerns no participant */
	fixture_close(&f);
}
END_TEST

START_TEST(decide_when_author_may_not_is_denied)
{
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_denied(APPROVES(.study = "s9"), EVENTS_DENIAL_NO_SUCH_STUDY);
	/* The study's own: sponsor, or who runs a site. */
	ck_denied(APPROVES(.by = "h1/admin", .committee = "h1"), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(APPROVES(.by = "h2/admin", .committee = "h2"), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(APPROVES(.by = "h1/admin", .committee = "h2", .capacity = EVENTS_CAPACITY_TRANSCRIBED),
		  EVENTS_DENIAL_NOT_COMPETENT);
	/* The committee's organisation, without the role. */
	ck_denied(APPROVES(.by = "h3/admin"), EVENTS_DENIAL_NO_AUTHORITY);
	/* Another committee's name. */
	ck_denied(APPROVES(.committee = "h4"), EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(APPROVES(.by = "h4/admin", .capacity = EVENTS_CAPACITY_TRANSCRIBED), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(APPROVES(.site = "z"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_assert_uint_eq(facts(&f, NULL), 0);
	fixture_close(&f);
}
END_TEST

#define COPIED(...) .capacity = EVENTS_CAPACITY_TRANSCRIBED, __VA_ARGS__

START_TEST(letter_when_transcribed_counts_as_the_committees_word)
{
	struct state_fact fact;
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_denied(APPROVES(.by = "h1/admin", .committee = "board"), EVENTS_DENIAL_NO_AUTHORITY); /* as an own act */
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_MONITOR), 0);
	ck_denied(APPROVES(.by = "h1/eve", .committee = "board", COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(APPROVES(.by = "h1/admin", .committee = "board", COPIED()), 0);
	ck_denied(APPROVES(.by = "h2/admin", .committee = "board", COPIED()), EVENTS_DENIAL_OTHER_ORGANISATION); /* for all sites */
	ck_denied(APPROVES(.by = "h2/admin", .committee = "board", .site = "a", COPIED()), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_RENEW, .by = "h2/admin", .committee = "board", COPIED()), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(APPROVES(.by = "h2/admin", .committee = "board", .site = "b", COPIED()), 0);
	ck_denied(APPROVES(.by = "h2/admin", .committee = "board", .site = "z", COPIED()), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/eve", "s1", "a", EVENTS_ROLE_INVESTIGATOR, FIXTURE_TIME, 0), 0);
	ck_recorded(APPROVES(.by = "h1/eve", .committee = "ethics-elsewhere", .capacity = EVENTS_CAPACITY_TRANSCRIBED), 0);
	ck_assert_uint_eq(facts(&f, &fact), 3);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("ethics-elsewhere")));
	fixture_close(&f);
}
END_TEST

START_TEST(letter_when_the_committee_is_on_the_ledger_restricts_and_never_loosens)
{
	struct base_hash consent;
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	consent = GIVES(.form = 1).id;
	ck_denied(APPROVES(.by = "h1/admin", COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(APPROVES(.when = ON(0)), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_SUSPEND, .when = ON(1)), 0);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_RENEW, .by = "h1/admin", .when = ON(2), COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_WAIVE, .consent = &consent, .by = "h2/admin", .site = "b", COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_CONDITIONAL, .by = "h1/admin", COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(DATA(.cid = 1, .collected = ON(3)), FLAG(NO_APPROVAL));
	/* Whether it named the committee or not. */
	ck_denied(APPROVES(.by = "h1/admin", .committee = "h4", COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_RENEW, .when = ON(2)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(3)), 0);
	/* What a letter takes away is taken away. */
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_SUSPEND, .by = "h1/admin", .when = ON(4), COPIED()), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE, .by = "h2/admin", .site = "b", .when = ON(4), COPIED()), 0);
	ck_recorded(DATA(.cid = 3, .collected = ON(5)), FLAG(NO_APPROVAL));
	/* An end leaves the study to other committees: it would undo the suspension. */
	ck_denied(DECIDES(.act = EVENTS_ETHICS_END, .by = "h1/admin", .when = ON(4), COPIED()), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(APPROVES(.by = "h1/admin", .committee = "board", .when = ON(4), COPIED()), 0);
	ck_recorded(DATA(.cid = 4, .collected = ON(5)), FLAG(NO_APPROVAL));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_END, .when = ON(4)), 0);
	ck_recorded(DATA(.cid = 5, .collected = ON(5)), 0);
	fixture_close(&f);
}
END_TEST

/* It has the role by the word of its own administrator alone. */
START_TEST(committee_when_the_study_does_not_name_it_takes_back_at_most)
{
	struct fixture f;

	fixture_ready(&f, 4);
	ck_recorded(fixture_enrol(&f, "h3/admin", "h3/sec", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	ck_denied(APPROVES(), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_REFUSE), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_SUSPEND), EVENTS_DENIAL_NOT_COMPETENT);
	/* Somebody says that it suspended: then it may speak, and stays the only one who loosens. */
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE, .by = "h1/admin", COPIED()), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_END), 0);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_RENEW), EVENTS_DENIAL_NOT_COMPETENT);
	ck_recorded(fixture_committee(&f, "h1/admin", "s1", "h3"), 0);
	ck_recorded(APPROVES(), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_RENEW), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(decide_when_it_goes_on_with_nothing_is_denied)
{
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_SUSPEND), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_RENEW), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_END), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(APPROVES(.by = "h4/sec", .committee = "h4"), 0);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_SUSPEND), EVENTS_DENIAL_NO_SUCH_TARGET); /* another's approval */
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_WAIVE, .form = 2), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_END), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(data_when_approval_is_not_in_force_is_flagged)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	ck_recorded(DATA(.cid = 1, .collected = ON(5)), FLAG(NO_APPROVAL));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_CONDITIONAL, .when = ON(1)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(5)), FLAG(NO_APPROVAL));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_RENEW, .when = ON(4), .until = ON(10)), 0);
	ck_recorded(DATA(.cid = 3, .collected = ON(3)), FLAG(NO_APPROVAL)); /* before conditions were met */
	ck_recorded(DATA(.cid = 4, .collected = ON(5)), 0);
	ck_recorded(DATA(.cid = 5, .collected = ON(11) - 1), 0);
	ck_recorded(DATA(.cid = 6, .collected = ON(11)), FLAG(AFTER_EXPIRY)); /* story 6: at local midnight */
	ck_recorded(DATA(.cid = 7, .collected = ON(10), .precision = EVENTS_DAY), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_SUSPEND, .when = ON(7)), 0);
	ck_recorded(DATA(.cid = 8, .collected = ON(7), .precision = EVENTS_DAY), FLAG(NO_APPROVAL));
	ck_recorded(APPROVES(.when = ON(8)), 0); /* of something new: the suspension stays */
	ck_recorded(DATA(.cid = 9, .collected = ON(9)), FLAG(NO_APPROVAL));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_RENEW, .when = ON(9)), 0);
	ck_recorded(DATA(.cid = 10, .collected = ON(9)), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_END, .when = ON(12)), 0);
	ck_recorded(DATA(.cid = 11, .collected = ON(12)), FLAG(AFTER_EXPIRY));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_RENEW, .when = ON(13)), 0); /* nothing to renew */
	ck_recorded(DATA(.cid = 12, .collected = ON(14)), FLAG(AFTER_EXPIRY));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE, .when = ON(15)), 0);
	ck_recorded(DATA(.cid = 13), FLAG(NO_APPROVAL)); /* when it was recorded, if nobody says when it was collected */
	/* Data of nobody needs no cover. */
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 14, 0), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(data_when_only_the_month_is_known_must_be_covered_at_both_ends)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	ck_recorded(APPROVES(.when = ON(10)), 0); /* 2026-02-09 */
	ck_recorded(DATA(.cid = 1, .collected = ON(2), .precision = EVENTS_MONTH), FLAG(NO_APPROVAL));
	ck_recorded(APPROVES(.by = "h3/sec", .when = ON(1), .until = ON(3)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(2), .precision = EVENTS_MONTH), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_SUSPEND, .when = ON(29)), 0);
	ck_recorded(DATA(.cid = 3, .collected = ON(2), .precision = EVENTS_MONTH), FLAG(NO_APPROVAL));
	fixture_close(&f);
}
END_TEST

START_TEST(data_when_law_orders_it_needs_neither)
{
	struct fixture f;

	committee_ready(&f, FIXTURE_BASIS_LEGAL_OBLIGATION);
	ck_recorded(DATA(.cid = 1), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE), 0);
	ck_recorded(DATA(.cid = 2), 0);
	ck_recorded(GIVES(.form = 1), FLAG(NO_APPROVAL) | FLAG(FORM_NOT_APPROVED));
	fixture_close(&f);
}
END_TEST

/* Story 6: A approves, B refuses for its site, A's approval ends. */
START_TEST(committees_when_they_differ_restrict)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	ck_recorded(APPROVES(.until = ON(20)), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE, .by = "h4/sec", .committee = "h4", .site = "b", .when = ON(2)), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(5)), 0);
	ck_recorded(DATA(.cid = 2, .by = "h2/admin", .participant = 4, .collected = ON(5)), FLAG(NO_APPROVAL));
	ck_recorded(DATA(.cid = 3, .by = "h2/admin", .participant = 4, .collected = ON(1)), 0);
	ck_recorded(DATA(.cid = 4, .collected = ON(21)), FLAG(AFTER_EXPIRY));
	/* Another committee's approval does not help one that was let run out; an orderly end makes way. */
	ck_recorded(APPROVES(.by = "h4/sec", .committee = "h4", .when = ON(3)), 0);
	ck_recorded(DATA(.cid = 5, .collected = ON(21)), FLAG(AFTER_EXPIRY));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_END, .when = ON(19)), 0);
	ck_recorded(DATA(.cid = 6, .collected = ON(21)), 0);
	/* A condition that is not met restricts, too. */
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_CONDITIONAL, .by = "h1/admin", .committee = "local", .site = "a", .when = ON(22),
			    .capacity = EVENTS_CAPACITY_TRANSCRIBED),
		    0);
	ck_recorded(DATA(.cid = 7, .collected = ON(23)), FLAG(NO_APPROVAL));
	ck_recorded(DATA(.cid = 8, .by = "h2/admin", .participant = 4, .collected = ON(23)), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(approval_when_by_site_holds_for_that_site)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	ck_recorded(APPROVES(.site = "b"), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(5)), FLAG(NO_APPROVAL));
	ck_recorded(DATA(.cid = 2, .by = "h2/admin", .participant = 4, .collected = ON(5)), 0);
	/* The event's site counts for who has none. */
	ck_recorded(DATA(.cid = 3, .by = "h2/admin", .participant = 9, .collected = ON(5), .site = "b"),
		    FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_recorded(DATA(.cid = 4, .by = "h2/admin", .participant = 9, .collected = ON(5)),
		    FLAG(PARTICIPANT_NOT_ENROLLED) | FLAG(NO_APPROVAL));
	fixture_close(&f);
}
END_TEST

START_TEST(decisions_when_too_many_are_denied_but_restrictions_never)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	for (unsigned n = 0; n < 256; n++)
		ck_recorded(APPROVES(.when = ON(0) + n), 0);
	ck_denied(APPROVES(.when = ON(1)), EVENTS_DENIAL_TOO_MANY);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_WAIVE, .form = 2), EVENTS_DENIAL_TOO_MANY);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_RENEW), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(DATA(.cid = 1, .collected = ON(5)), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_SUSPEND, .when = ON(4), .site = "a"), 0);
	ck_assert_uint_eq(facts(&f, NULL), 257);
	ck_recorded(DATA(.cid = 2, .collected = ON(5)), FLAG(NO_APPROVAL));
	for (unsigned n = 257; n < 1023; n++)
		ck_recorded(DECIDES(.act = EVENTS_ETHICS_END, .when = ON(20), .site = "a"), 0);
	ck_recorded(DATA(.cid = 3, .by = "h2/admin", .participant = 4, .collected = ON(25)), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_END, .when = ON(20), .site = "a"), 0); /* the last that there is room for: for all sites */
	ck_recorded(DATA(.cid = 4, .by = "h2/admin", .participant = 4, .collected = ON(25)), FLAG(NO_APPROVAL));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_REFUSE, .when = ON(20)), 0);
	ck_assert_uint_eq(facts(&f, NULL), 1024);
	fixture_close(&f);
}
END_TEST

START_TEST(decisions_when_they_name_too_many_forms_are_denied)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	for (unsigned n = 0; n < 31; n++)
		ck_recorded(APPROVES(.forms = 32), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_WAIVE, .form = 1, .forms = 31), 0);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_CONDITIONAL, .form = 1, .form2 = 2), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(APPROVES(.when = ON(1)), 0);
	ck_denied(DECIDES(.act = EVENTS_ETHICS_WAIVE, .form = 1), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_RENEW), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_SUSPEND), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(decide_when_state_cannot_be_read_can_be_tried_again)
{
	struct fixture f;

	committee_ready(&f, IN_PUBLIC);
	ck_recorded(APPROVES(.when = ON(1)), 0);
	ck_assert_int_ge(reads_that_may_fail(&f, decision_draft(&f, (struct says_decision){.act = EVENTS_ETHICS_SUSPEND})), 6);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		approve_when_recorded_is_a_fact_with_body_and_id,
		decide_when_author_may_not_is_denied,
		letter_when_transcribed_counts_as_the_committees_word,
		letter_when_the_committee_is_on_the_ledger_restricts_and_never_loosens,
		committee_when_the_study_does_not_name_it_takes_back_at_most,
		decide_when_it_goes_on_with_nothing_is_denied,
		data_when_approval_is_not_in_force_is_flagged,
		data_when_only_the_month_is_known_must_be_covered_at_both_ends,
		data_when_law_orders_it_needs_neither,
		committees_when_they_differ_restrict,
		approval_when_by_site_holds_for_that_site,
		decisions_when_too_many_are_denied_but_restrictions_never,
		decisions_when_they_name_too_many_forms_are_denied,
		decide_when_state_cannot_be_read_can_be_tried_again,
		NULL,
	};

	return fixture_run("apply_ethics", tests);
}
