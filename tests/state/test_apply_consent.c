/* consent: its facts, every denial and flag, and what it makes of data. */
#include "ledger/state/exec_internal.h"
#include "tests/state/committee.h"

#define DECIDES(...) committee_decides(&f, (struct says_decision){__VA_ARGS__})
#define APPROVES(...) committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, __VA_ARGS__})
#define SAYS(...) participant_says(&f, (struct says_consent){__VA_ARGS__})
#define DATA(...) data_comes(&f, (struct says_data){__VA_ARGS__})

static size_t facts(struct fixture *f, unsigned participant, struct state_fact *last)
{
	struct base_hash reference = fixture_reference(participant);

	return fixture_facts_hash(f, STATE_CONSENT, "s1", &reference, last);
}

/* A study with form 1 approved since day 0. */
static void ready(struct fixture *f)
{
	committee_ready(f, EVENTS_BASIS_CONSENT);
	ck_recorded(committee_decides(f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1}), 0);
}

static struct fixture_result attest(struct fixture *f, const char *by, const struct base_hash *id, uint64_t meaning)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ATTEST, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, id);
	put_key_uint(&draft.body, 2, meaning);
	return fixture_send(f, &draft);
}

/* ---- Facts, denials, flags ------------------------------------------------------- */

START_TEST(consent_when_recorded_is_a_fact_in_the_participants_trail)
{
	struct base_hash reference = fixture_reference(1);
	struct fixture_result r;
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	ck_assert_uint_eq(facts(&f, 1, NULL), 0);
	r = SAYS(.form = 1);
	ck_recorded(r, 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_CONSENT);
	ck_assert_uint_eq(fact.index, r.index);
	ck_assert(base_slice_equal(events_bytes(fact.content, 1), base_hash_slice(&r.id)));
	ck_assert(events_has(fact.content, 2) && !events_has(fact.content, 3));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2); /* enrolment, consent */
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 1);
	ck_assert_uint_eq(facts(&f, 2, NULL), 0);
	ck_assert(fixture_posted(&f, state_term_participant(base_slice_text("s1"), base_hash_slice(&reference)), r.index));
	ck_assert(fixture_posted(&f, state_term_event(&r.id), r.index));
	ck_assert(fixture_posted(&f, state_term_study(base_slice_text("s1")), r.index));
	fixture_close(&f);
}
END_TEST

START_TEST(consent_when_participant_is_unknown_claims_the_reference)
{
	struct base_hash reference = fixture_reference(9);
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	ck_recorded(SAYS(.participant = 9), 0); /* consent comes before enrolment */
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &reference, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_CONSENT);
	ck_denied(SAYS(.participant = 9, .by = "h2/admin"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_participant(&f, "h1/admin", "s1", 9, "a"), 0);
	ck_recorded(DATA(.cid = 1, .participant = 9, .collected = ON(5)), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(consent_when_author_may_not_is_denied)
{
	struct fixture f;

	ready(&f);
	ck_denied(SAYS(.study = "s9"), EVENTS_DENIAL_NO_SUCH_STUDY);
	ck_denied(SAYS(.by = "h2/admin"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(SAYS(.by = "h3/sec"), EVENTS_DENIAL_NOT_ASSIGNED);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_MONITOR), 0);
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/eve", "s1", "a", EVENTS_ROLE_MONITOR, FIXTURE_TIME, 0), 0);
	ck_denied(SAYS(.by = "h1/eve"), EVENTS_DENIAL_NO_AUTHORITY);
	ck_assert_uint_eq(facts(&f, 1, NULL), 0);
	ck_recorded(fixture_assign(&f, "h1/admin", "h1/eve", "s1", "a", EVENTS_ROLE_DELEGATE, FIXTURE_TIME, 0), 0);
	ck_recorded(SAYS(.by = "h1/eve"), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(consent_when_its_target_is_none_is_denied)
{
	struct base_hash nothing = base_sha256_of(base_slice_text("nothing")), give, attempt, annulment;
	struct fixture f;

	ready(&f);
	give = SAYS(.form = 1).id;
	attempt = SAYS(.act = EVENTS_CONSENT_ATTEMPT).id;
	ck_denied(SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &nothing), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(SAYS(.target = &nothing), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(SAYS(.target = &attempt), EVENTS_DENIAL_NO_SUCH_TARGET); /* replaces nothing that was given */
	ck_denied(SAYS(.participant = 2, .target = &give), EVENTS_DENIAL_NO_SUCH_TARGET); /* another's */
	annulment = SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &attempt).id;
	ck_denied(SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &annulment), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(SAYS(.target = &give), 0);
	fixture_close(&f);
}
END_TEST

/* Story 2: signed Monday on the old form, data collected Tuesday, entered Thursday. */
START_TEST(give_when_form_was_replaced_is_flagged_until_it_is_waived)
{
	struct base_hash id;
	struct fixture f;

	ready(&f);
	ck_recorded(APPROVES(.form = 2, .when = ON(10)), 0);
	ck_recorded(SAYS(.form = 1, .when = ON(9)), 0);
	ck_recorded(SAYS(.participant = 2, .form = 1, .when = ON(10), .precision = EVENTS_DAY), FLAG(FORM_NOT_APPROVED));
	id = SAYS(.participant = 3, .form = 1, .when = ON(11)).id;
	ck_recorded(SAYS(.participant = 4, .by = "h2/admin", .form = 2, .when = ON(11)), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(12)), 0);
	ck_recorded(DATA(.cid = 2, .participant = 2, .collected = ON(12)), FLAG(FORM_NOT_APPROVED));
	ck_recorded(DATA(.cid = 3, .participant = 3, .collected = ON(12)), FLAG(FORM_NOT_APPROVED));
	/* A waiver restores exactly what it names. */
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_WAIVE, .consent = &id, .when = ON(15)), 0);
	ck_recorded(DATA(.cid = 4, .participant = 3, .collected = ON(12)), 0);
	ck_recorded(DATA(.cid = 5, .participant = 2, .collected = ON(12)), FLAG(FORM_NOT_APPROVED));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_WAIVE, .form = 1, .when = ON(15)), 0);
	ck_recorded(DATA(.cid = 6, .participant = 2, .collected = ON(12)), 0);
	ck_recorded(SAYS(.participant = 2, .form = 1, .when = ON(16)), FLAG(FORM_NOT_APPROVED)); /* signed after it */
	/* Both forms in one decision: both hold. */
	ck_recorded(APPROVES(.form = 1, .form2 = 2, .when = ON(20)), 0);
	ck_recorded(SAYS(.form = 1, .when = ON(21)), 0);
	ck_recorded(SAYS(.form = 2, .when = ON(21)), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(give_when_approval_is_not_in_force_is_flagged)
{
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_recorded(SAYS(.form = 1), FLAG(NO_APPROVAL) | FLAG(FORM_NOT_APPROVED));
	ck_recorded(APPROVES(.form = 1, .until = ON(10)), 0);
	ck_recorded(SAYS(.form = 3, .when = ON(2)), FLAG(FORM_NOT_APPROVED));
	ck_recorded(SAYS(.form = 1, .when = ON(12)), FLAG(AFTER_EXPIRY) | FLAG(FORM_NOT_APPROVED));
	ck_recorded(DATA(.cid = 1, .collected = ON(2)), 0); /* the first one's form was approved by then, as is known now */
	ck_recorded(SAYS(.act = EVENTS_CONSENT_REFUSE, .when = ON(12)), 0); /* only who gives is flagged */
	fixture_close(&f);
}
END_TEST

/* ---- Cover -------------------------------------------------------------------------- */

START_TEST(data_when_no_consent_covers_it_is_flagged)
{
	struct fixture f;

	ready(&f);
	ck_recorded(DATA(.cid = 1, .collected = ON(5)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(SAYS(.when = ON(3), .denied = 2), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(5)), 0);
	ck_recorded(DATA(.cid = 3, .collected = ON(2)), FLAG(NO_CONSENT_EVIDENCED)); /* before it was signed */
	ck_recorded(DATA(.cid = 4, .collected = ON(5), .category = 2), FLAG(NO_CONSENT_EVIDENCED)); /* an exception */
	ck_recorded(DATA(.cid = 5, .participant = 2, .collected = ON(5)), FLAG(NO_CONSENT_EVIDENCED));
	/* A day is taken whole, a month is not. */
	ck_recorded(SAYS(.participant = 2, .when = ON(3), .precision = EVENTS_DAY), 0);
	ck_recorded(DATA(.cid = 6, .participant = 2, .collected = ON(3)), 0);
	ck_recorded(SAYS(.participant = 3, .when = ON(2), .precision = EVENTS_MONTH), 0); /* February */
	ck_recorded(DATA(.cid = 7, .participant = 3, .collected = ON(20)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 8, .participant = 3, .collected = ON(30)), 0);
	/* Until a day, that day included. */
	ck_recorded(SAYS(.participant = 4, .by = "h2/admin", .valid_to = ON(10)), 0);
	ck_recorded(DATA(.cid = 9, .participant = 4, .by = "h2/admin", .collected = ON(11) - 1), 0);
	ck_recorded(DATA(.cid = 10, .participant = 4, .by = "h2/admin", .collected = ON(11)), FLAG(NO_CONSENT_EVIDENCED));
	fixture_close(&f);
}
END_TEST

static struct fixture_result derive(struct fixture *f, uint64_t cid, const struct base_hash *input)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_DERIVE, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, 1);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, input, 0);
	return fixture_send(f, &draft);
}

START_TEST(derived_and_corrected_data_when_not_covered_are_flagged)
{
	struct fixture_draft draft;
	struct base_hash input;
	struct fixture f;

	ready(&f);
	ck_recorded(SAYS(.when = ON(1)), 0);
	input = DATA(.cid = 1, .collected = ON(5)).id;
	ck_recorded(derive(&f, 2, &input), 0);
	ck_recorded(SAYS(.act = EVENTS_CONSENT_WITHDRAW, .when = ON(10)), 0);
	ck_recorded(derive(&f, 3, &input), FLAG(NO_CONSENT_EVIDENCED));
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_CORRECT, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, &input, 0);
	wire_put_uint(&draft.body, 2);
	put_item(&draft.body, 4, 1);
	ck_recorded(fixture_send(&f, &draft), FLAG(NO_CONSENT_EVIDENCED));
	fixture_close(&f);
}
END_TEST

/* Story 3: by telephone, what there is may be used on. */
START_TEST(data_when_consent_was_withdrawn_is_flagged)
{
	struct fixture f;

	ready(&f);
	ck_recorded(SAYS(.when = ON(1)), 0);
	ck_recorded(SAYS(.act = EVENTS_CONSENT_WITHDRAW, .when = ON(10), .existing = EVENTS_EXISTING_KEEP), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(9)), 0); /* entered late */
	ck_recorded(DATA(.cid = 2, .collected = ON(10)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 3, .collected = ON(10), .precision = EVENTS_DAY), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(SAYS(.when = ON(12)), 0);
	ck_recorded(DATA(.cid = 4, .collected = ON(13)), 0); /* given again */
	/* Of which only the day is known, and given again on that day: the restriction wins. */
	ck_recorded(SAYS(.act = EVENTS_CONSENT_OBJECT, .when = ON(15), .precision = EVENTS_DAY), 0);
	ck_recorded(SAYS(.when = ON(15) + 3600000), 0);
	ck_recorded(DATA(.cid = 5, .collected = ON(15) + 7200000), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(SAYS(.when = ON(16)), 0);
	ck_recorded(DATA(.cid = 6, .collected = ON(16)), 0);
	ck_recorded(SAYS(.act = EVENTS_CONSENT_REFUSE, .when = ON(17)), 0);
	ck_recorded(DATA(.cid = 7, .collected = ON(17)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(SAYS(.act = EVENTS_CONSENT_ATTEMPT, .when = ON(18)), 0);
	ck_recorded(DATA(.cid = 8, .collected = ON(18)), FLAG(NO_CONSENT_EVIDENCED));
	fixture_close(&f);
}
END_TEST

START_TEST(objection_when_research_is_in_the_public_interest_is_heard)
{
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_PUBLIC_INTEREST);
	ck_recorded(APPROVES(.form = 1), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(5)), 0); /* no consent is needed */
	ck_recorded(SAYS(.act = EVENTS_CONSENT_OBJECT, .when = ON(6)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(7)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 3, .collected = ON(5)), 0);
	fixture_close(&f);
}
END_TEST

/* Story 1: parents consent, the participant comes of age, new use stops by the rule that the committee approved. */
START_TEST(parental_consent_when_of_age_stops_by_the_approved_rule)
{
	const struct says_consent parents = {.signer = 2, .ask_again = ON(2), .when = ON(1)}; /* February */
	struct base_hash id;
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_CONSENT);
	ck_recorded(APPROVES(.form = 1, .majority = EVENTS_MEANWHILE_NO_NEW_USE), 0);
	id = participant_says(&f, parents).id;
	ck_recorded(DATA(.cid = 1, .collected = ON(2) - 1), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(2)), FLAG(NO_CONSENT_EVIDENCED));
	for (unsigned n = 0; n < 3; n++)
		ck_recorded(SAYS(.act = EVENTS_CONSENT_ATTEMPT, .when = ON(5 + n)), 0);
	ck_recorded(DATA(.cid = 3, .collected = ON(9)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_WAIVE, .consent = &id, .when = ON(10)), 0);
	ck_recorded(DATA(.cid = 4, .collected = ON(9)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 5, .collected = ON(10)), 0);
	/* Another participant, of whom the waiver says nothing, and who decides. */
	ck_recorded(SAYS(.participant = 2, .signer = 2, .ask_again = ON(2)), 0);
	ck_recorded(DATA(.cid = 6, .participant = 2, .collected = ON(12)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(SAYS(.participant = 2, .when = ON(13)), 0);
	ck_recorded(DATA(.cid = 7, .participant = 2, .collected = ON(14)), 0);
	/* Who signed alone is not asked again by it. */
	ck_recorded(SAYS(.participant = 3, .ask_again = ON(2)), 0);
	ck_recorded(DATA(.cid = 8, .participant = 3, .collected = ON(12)), 0);
	fixture_close(&f);
}
END_TEST

/* ---- Annulled and replaced --------------------------------------------------------------- */

START_TEST(annulment_when_of_a_restriction_waits_for_another_organisation)
{
	struct base_hash withdrawal, annulment;
	struct state_fact fact;
	struct fixture f;

	ready(&f);
	ck_recorded(SAYS(.when = ON(1)), 0);
	withdrawal = SAYS(.act = EVENTS_CONSENT_WITHDRAW, .when = ON(5)).id;
	annulment = SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &withdrawal).id;
	ck_recorded(SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &withdrawal), FLAG(UNCONFIRMED));
	ck_recorded(DATA(.cid = 1, .collected = ON(6)), FLAG(NO_CONSENT_EVIDENCED));
	/* Not the own organisation, not without meaning it. */
	ck_recorded(attest(&f, "h1/admin", &annulment, EVENTS_MEANING_APPROVED), 0);
	ck_recorded(attest(&f, "h2/admin", &annulment, 2), 0);
	ck_recorded(attest(&f, "h2/admin", &withdrawal, EVENTS_MEANING_APPROVED), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(6)), FLAG(NO_CONSENT_EVIDENCED));
	ck_assert_uint_eq(facts(&f, 1, NULL), 4);
	ck_recorded(attest(&f, "h2/admin", &annulment, EVENTS_MEANING_APPROVED), 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 5);
	ck_assert_uint_eq(fact.kind, EVENTS_ATTEST);
	ck_assert(events_has(fact.content, STATE_CONSENT_ATTESTED));
	ck_recorded(DATA(.cid = 3, .collected = ON(6)), 0);
	ck_recorded(attest(&f, "h2/admin", &annulment, EVENTS_MEANING_APPROVED), 0); /* again: nothing more */
	ck_assert_uint_eq(facts(&f, 1, NULL), 5);
	fixture_close(&f);
}
END_TEST

START_TEST(annulment_when_of_a_consent_takes_its_permissions_at_once)
{
	struct base_hash first, second, annulment;
	struct fixture f;

	ready(&f);
	first = SAYS(.when = ON(1)).id;
	second = SAYS(.when = ON(2), .denied = 2, .target = &first).id;
	ck_recorded(DATA(.cid = 1, .collected = ON(3)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(3), .category = 2), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 3, .collected = ON(2) - 1, .category = 2), 0); /* the first one, before it was replaced */
	annulment = SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &second).id;
	ck_recorded(DATA(.cid = 4, .collected = ON(3)), FLAG(NO_CONSENT_EVIDENCED)); /* the first stays replaced */
	ck_recorded(attest(&f, "h2/admin", &annulment, EVENTS_MEANING_APPROVED), 0);
	ck_recorded(DATA(.cid = 5, .collected = ON(3)), 0); /* as if the second had never been */
	ck_recorded(DATA(.cid = 6, .collected = ON(3), .category = 2), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(annulment_when_there_is_one_organisation_counts_alone)
{
	struct fixture_draft draft;
	struct base_hash withdrawal;
	struct state_fact fact;
	struct fixture f;

	fixture_open(&f, 1);
	ck_recorded(fixture_study_on(&f, "h1/admin", "s1", "h1", "a", "h1", EVENTS_BASIS_CONSENT), 0);
	ck_recorded(fixture_participant(&f, "h1/admin", "s1", 1, "a"), 0);
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_APPROVE, .form = 1, .by = "h1/admin", .committee = "elsewhere",
			    .capacity = EVENTS_CAPACITY_TRANSCRIBED),
		    0);
	ck_recorded(SAYS(.when = ON(1)), 0);
	withdrawal = SAYS(.act = EVENTS_CONSENT_WITHDRAW, .when = ON(5)).id;
	ck_recorded(SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &withdrawal), 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 3);
	ck_assert(events_has(fact.content, STATE_CONSENT_ALONE));
	ck_recorded(DATA(.cid = 1, .collected = ON(6)), 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_STUDY_CLOSE, "s1");
	wire_put_map(&draft.body, 0);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_recorded(SAYS(.act = EVENTS_CONSENT_WITHDRAW, .when = ON(7)), 0); /* of a closed study, too */
	fixture_close(&f);
}
END_TEST

/* ---- How much ------------------------------------------------------------------------------ */

START_TEST(consents_when_too_many_are_denied_but_restrictions_never)
{
	struct base_hash id = {{0}};
	struct fixture f;

	ready(&f);
	for (unsigned n = 0; n < 256; n++) {
		struct fixture_result r = SAYS(.when = ON(1) + n);

		ck_recorded(r, 0);
		id = r.id;
	}
	ck_denied(SAYS(.when = ON(2)), EVENTS_DENIAL_TOO_MANY);
	ck_denied(SAYS(.act = EVENTS_CONSENT_ATTEMPT), EVENTS_DENIAL_TOO_MANY);
	ck_denied(SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &id), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(DATA(.cid = 1, .collected = ON(20)), 0);
	for (unsigned n = 256; n < 1023; n++)
		ck_recorded(SAYS(.act = EVENTS_CONSENT_OBJECT, .when = ON(10), .existing = EVENTS_EXISTING_KEEP), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(9)), 0); /* may be used on */
	ck_recorded(SAYS(.act = EVENTS_CONSENT_OBJECT, .when = ON(8), .existing = EVENTS_EXISTING_KEEP), 0);
	ck_assert_uint_eq(facts(&f, 1, NULL), 1024);
	ck_recorded(DATA(.cid = 3, .collected = ON(9)), FLAG(NO_CONSENT_EVIDENCED)); /* the last denies everything */
	ck_recorded(SAYS(.act = EVENTS_CONSENT_REFUSE, .when = ON(10)), 0);
	ck_recorded(SAYS(.act = EVENTS_CONSENT_WITHDRAW, .when = ON(10)), 0);
	ck_assert_uint_eq(facts(&f, 1, NULL), 1024);
	fixture_close(&f);
}
END_TEST

START_TEST(data_when_state_cannot_be_read_can_be_tried_again)
{
	struct fixture f;

	ready(&f);
	ck_recorded(SAYS(.form = 1), 0);
	ck_assert_int_ge(reads_that_may_fail(&f, data_draft(&f, (struct says_data){.cid = 1})), 8);
	fixture_close(&f);
}
END_TEST

START_TEST(consent_when_state_cannot_be_read_can_be_tried_again)
{
	struct fixture f;

	ready(&f);
	ck_assert_int_ge(reads_that_may_fail(&f, consent_draft(&f, (struct says_consent){.form = 1})), 8);
	fixture_close(&f);
}
END_TEST

/* ---- Of age, represented ------------------------------------------------------------ */

static struct fixture_result status_is(struct fixture *f, unsigned participant, uint64_t status, uint64_t when)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_PARTICIPANT_STATUS, "s1");
	struct base_hash reference = fixture_reference(participant);

	draft.envelope.when = (struct events_when){EVENTS_POINT, when, true, 0};
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 2, status);
	return fixture_send(f, &draft);
}

static struct fixture_result represents(struct fixture *f, const char *code, uint64_t from, uint64_t to)
{
	const struct events_when begins = {EVENTS_DAY, from, true, 0}, ends = {EVENTS_DAY, to, true, 0};
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_PARTICIPANT_REPRESENT, "s1");
	struct base_hash reference = fixture_reference(1);

	wire_put_map(&draft.body, to == 0 ? 4 : 5);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_text(&draft.body, 2, code);
	put_key_uint(&draft.body, 3, 1);
	wire_put_uint(&draft.body, 4);
	events_when_put(&draft.body, &begins);
	if (to != 0) {
		wire_put_uint(&draft.body, 5);
		events_when_put(&draft.body, &ends);
	}
	return fixture_send(f, &draft);
}

START_TEST(participant_when_of_age_needs_an_own_consent)
{
	struct base_hash parents;
	struct fixture f;

	ready(&f);
	parents = SAYS(.signer = 2).id;
	ck_recorded(SAYS(.participant = 2), 0);
	ck_recorded(status_is(&f, 1, EVENTS_STATUS_OF_AGE, ON(10)), 0);
	ck_recorded(status_is(&f, 2, EVENTS_STATUS_OF_AGE, ON(10)), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(9)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(10)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 3, .participant = 2, .collected = ON(12)), 0); /* signed alone */
	ck_recorded(DECIDES(.act = EVENTS_ETHICS_WAIVE, .consent = &parents, .when = ON(14)), 0);
	ck_recorded(DATA(.cid = 4, .collected = ON(13)), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(DATA(.cid = 5, .collected = ON(15)), 0);
	ck_recorded(SAYS(.when = ON(12)), 0);
	ck_recorded(DATA(.cid = 6, .collected = ON(13)), 0);
	fixture_close(&f);
	/* A committee's rule goes before. */
	ready(&f);
	ck_recorded(APPROVES(.form = 1, .majority = EVENTS_MEANWHILE_CONTINUE), 0);
	ck_recorded(SAYS(.signer = 2), 0);
	ck_recorded(status_is(&f, 1, EVENTS_STATUS_OF_AGE, ON(10)), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(12)), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(participant_when_nobody_represents_any_more_is_to_be_asked_again)
{
	struct fixture f;

	ready(&f);
	ck_recorded(SAYS(.signer = 3), 0);
	ck_recorded(represents(&f, "r-1", ON(0), 0), 0);
	ck_recorded(DATA(.cid = 1, .collected = ON(10)), 0);
	ck_recorded(represents(&f, "r-1", ON(0), ON(9)), 0);
	ck_recorded(DATA(.cid = 2, .collected = ON(10) - 1), 0);
	ck_recorded(DATA(.cid = 3, .collected = ON(10)), FLAG(NO_CONSENT_EVIDENCED));
	/* Somebody else does, for a while. */
	ck_recorded(represents(&f, "r-2", ON(10), ON(12)), 0);
	ck_recorded(DATA(.cid = 4, .collected = ON(12)), 0);
	ck_recorded(DATA(.cid = 5, .collected = ON(13)), FLAG(NO_CONSENT_EVIDENCED));
	/* What is signed after the end is not in question. */
	ck_recorded(SAYS(.signer = 3, .when = ON(14)), 0);
	ck_recorded(DATA(.cid = 6, .collected = ON(15)), 0);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		consent_when_recorded_is_a_fact_in_the_participants_trail,
		consent_when_participant_is_unknown_claims_the_reference,
		consent_when_author_may_not_is_denied,
		consent_when_its_target_is_none_is_denied,
		give_when_form_was_replaced_is_flagged_until_it_is_waived,
		give_when_approval_is_not_in_force_is_flagged,
		data_when_no_consent_covers_it_is_flagged,
		derived_and_corrected_data_when_not_covered_are_flagged,
		data_when_consent_was_withdrawn_is_flagged,
		objection_when_research_is_in_the_public_interest_is_heard,
		parental_consent_when_of_age_stops_by_the_approved_rule,
		annulment_when_of_a_restriction_waits_for_another_organisation,
		annulment_when_of_a_consent_takes_its_permissions_at_once,
		annulment_when_there_is_one_organisation_counts_alone,
		consents_when_too_many_are_denied_but_restrictions_never,
		data_when_state_cannot_be_read_can_be_tried_again,
		consent_when_state_cannot_be_read_can_be_tried_again,
		participant_when_of_age_needs_an_own_consent,
		participant_when_nobody_represents_any_more_is_to_be_asked_again,
		NULL,
	};

	return fixture_run("apply_consent", tests);
}
