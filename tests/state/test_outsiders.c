/* Whose word counts in a study: of who has nothing to do with it, of a second organisation, of who took over from another. */
#include "ledger/state/exec_internal.h"
#include "tests/state/committee.h"

#include <string.h>

#define SAYS(...) participant_says(&f, (struct says_consent){__VA_ARGS__})
#define APPROVED EVENTS_MEANING_APPROVED
#define SEEN EVENTS_MEANING_ACKNOWLEDGED

/* ---- Short ways ------------------------------------------------------------------- */

static void put_participant(struct base_buf *out, uint64_t key, unsigned participant, bool listed)
{
	struct base_hash reference = fixture_reference(participant);

	wire_put_uint(out, key);
	if (listed)
		wire_put_array(out, 1);
	wire_put_hash(out, &reference);
}

static void put_one_item(struct base_buf *out, uint64_t key, const struct base_hash *item)
{
	wire_put_uint(out, key);
	wire_put_array(out, 1);
	put_item_id(out, item, 0);
}

/* {1: participant, 2: code}: a finding, an unblinding, a status. */
static struct fixture_result about(struct fixture *f, const char *by, enum events_kind_id kind, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");

	wire_put_map(&draft.body, 2);
	put_participant(&draft.body, 1, participant, false);
	put_key_uint(&draft.body, 2, 1);
	return fixture_send(f, &draft);
}

/* participant 0: everything that the own organisation recorded. */
static struct fixture_result place(struct fixture *f, const char *by, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_HOLD_PLACE, "s1");

	wire_put_map(&draft.body, 1u + (participant != 0));
	if (participant != 0)
		put_participant(&draft.body, 1, participant, true);
	put_key_uint(&draft.body, 4, 1);
	return fixture_send(f, &draft);
}

static struct fixture_result destroyed(struct fixture *f, const char *by, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_DESTROYED, "s1");

	wire_put_map(&draft.body, 3);
	put_one_item(&draft.body, 1, item);
	wire_put_uint(&draft.body, 2);
	wire_put_text(&draft.body, state_actor_organisation(base_slice_text(by)));
	put_key_uint(&draft.body, 3, EVENTS_DESTROYED_KEY);
	return fixture_send(f, &draft);
}

static struct fixture_result incident(struct fixture *f, const char *by, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_INCIDENT, "s1");

	wire_put_map(&draft.body, 4);
	put_key_uint(&draft.body, 1, 1);
	wire_put_uint(&draft.body, 2);
	put_point(&draft.body, FIXTURE_TIME);
	put_key_uint(&draft.body, 3, EVENTS_INCIDENT_DISCOVERED);
	put_participant(&draft.body, 4, participant, true);
	return fixture_send(f, &draft);
}

static struct fixture_result request(struct fixture *f, const char *by, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_RIGHTS_REQUEST, "s1");

	wire_put_map(&draft.body, 3);
	put_participant(&draft.body, 1, participant, false);
	put_key_uint(&draft.body, 2, EVENTS_RIGHT_ACCESS);
	wire_put_uint(&draft.body, 3);
	put_point(&draft.body, FIXTURE_TIME);
	return fixture_send(f, &draft);
}

static struct fixture_result retract(struct fixture *f, const char *by, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_RETRACT, "s1");

	wire_put_map(&draft.body, 1);
	put_one_item(&draft.body, 1, item);
	return fixture_send(f, &draft);
}

static struct fixture_result freeze(struct fixture *f, const char *by, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATASET_FREEZE, "s1");
	const struct base_hash root = {{1}};

	wire_put_map(&draft.body, 4);
	put_key_uint(&draft.body, 1, 2);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &root);
	put_key_uint(&draft.body, 3, 1);
	put_one_item(&draft.body, 5, item);
	return fixture_send(f, &draft);
}

static struct fixture_result recall(struct fixture *f, const char *by, const struct base_hash *item, const char *recipient)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_RECALL, "s1");

	wire_put_map(&draft.body, 2);
	put_one_item(&draft.body, 1, item);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	wire_put_cstr(&draft.body, recipient);
	return fixture_send(f, &draft);
}

static struct fixture_result reassign(struct fixture *f, const char *by, const struct base_hash *item, unsigned from, unsigned to)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_REASSIGN, "s1");

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, item, 0);
	put_participant(&draft.body, 2, from, false);
	put_participant(&draft.body, 3, to, false);
	return fixture_send(f, &draft);
}

static struct fixture_result merge(struct fixture *f, const char *by, unsigned participant, unsigned other)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_MERGE, "s1");
	struct base_hash reference = fixture_reference(other), key;
	struct base_buf cbor = BASE_BUF_INIT;
	struct base_slice value;
	struct state_head head;

	wire_put_hash(&cbor, &reference);
	key = state_map_key(STATE_HEAD, base_slice_text("s1"), base_buf_slice(&cbor), 0);
	base_buf_free(&cbor);
	ck_assert_int_eq(f->view.map_get(f->view.arg, &key, &value, NULL), BASE_OK);
	ck_assert_int_eq(state_head_decode(&head, value, NULL), BASE_OK);
	wire_put_map(&draft.body, 3);
	put_participant(&draft.body, 1, participant, false);
	put_participant(&draft.body, 2, other, false);
	wire_put_uint(&draft.body, 3);
	wire_put_map(&draft.body, 2);
	put_key_uint(&draft.body, 1, head.count);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &head.chain);
	return fixture_send(f, &draft);
}

/* item NULL: events alone; b NULL: a alone. */
static struct fixture_result attest(struct fixture *f, const char *by, uint64_t meaning, const struct base_hash *item,
				    const struct base_hash *a, const struct base_hash *b)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ATTEST, "s1");
	const struct base_hash *events[2] = {a, b};

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, (item != NULL ? 1u : 0u) + (a != NULL ? 1u : 0u) + (b != NULL ? 1u : 0u));
	if (item != NULL) {
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 1);
		put_item_id(&draft.body, item, 0);
	}
	for (size_t i = 0; i < 2; i++) {
		if (events[i] == NULL)
			continue;
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 2);
		wire_put_hash(&draft.body, events[i]);
	}
	put_key_uint(&draft.body, 2, meaning);
	return fixture_send(f, &draft);
}

static struct fixture_result transfer(struct fixture *f, const char *by, unsigned participant, const char *site)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_TRANSFER, "s1");

	wire_put_map(&draft.body, 2);
	put_participant(&draft.body, 1, participant, false);
	put_key_text(&draft.body, 2, site);
	return fixture_send(f, &draft);
}

static struct fixture_result look(struct fixture *f, const char *by, enum events_kind_id kind, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");
	bool overrides = kind == EVENTS_ACCESS_OVERRIDE;

	wire_put_map(&draft.body, overrides ? 5 : 4);
	wire_put_uint(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	put_one_item(&draft.body, 1, item);
	if (overrides)
		put_key_text(&draft.body, 2, by);
	put_key_uint(&draft.body, 3, 6);
	put_key_uint(&draft.body, 4, 1);
	if (overrides)
		put_key_uint(&draft.body, 5, 4);
	else
		put_key_text(&draft.body, 5, "edc-1");
	return fixture_send(f, &draft);
}

static struct fixture_result stop(struct fixture *f, const char *by, enum events_kind_id kind, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");

	wire_put_map(&draft.body, kind == EVENTS_ACCESS_CLOSE ? 2 : 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	if (kind == EVENTS_ACCESS_CLOSE) {
		wire_put_uint(&draft.body, 2);
		wire_put_bool(&draft.body, true);
	}
	return fixture_send(f, &draft);
}

static struct fixture_result on_proposal(struct fixture *f, const char *by, enum events_kind_id kind, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, NULL);

	wire_put_map(&draft.body, kind == EVENTS_GOVERNANCE_VOTE ? 2 : 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	if (kind == EVENTS_GOVERNANCE_VOTE) {
		wire_put_uint(&draft.body, 2);
		wire_put_bool(&draft.body, true);
	}
	return fixture_send(f, &draft);
}

/* By the votes of three founders, as far as they have one. */
static void succeed(struct fixture *f, const char *old, const char *successor, const char *by)
{
	static const char *const voters[] = {"h1/admin", "h2/admin", "h3/admin"};
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_GOVERNANCE_PROPOSE, NULL);
	struct fixture_result r;

	wire_put_map(&draft.body, 3);
	put_key_uint(&draft.body, 1, EVENTS_ACTION_SUCCEED);
	put_key_text(&draft.body, 4, old);
	put_key_text(&draft.body, 5, successor);
	r = fixture_send(f, &draft);
	ck_recorded(r, 0);
	for (size_t i = 0; i < 3; i++)
		(void)on_proposal(f, voters[i], EVENTS_GOVERNANCE_VOTE, &r.id);
	ck_recorded(on_proposal(f, by, EVENTS_ORGANISATION_SUCCEED, &r.id), 0);
}

/* ---- Who has nothing to do with the study -------------------------------------------- */

START_TEST(outsider_when_it_records_in_a_study_is_denied)
{
	struct fixture_result item;
	struct base_hash nobody = fixture_reference(9);
	struct fixture f;
	uint64_t head;

	fixture_ready(&f, 3);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_recorded(item, 0);
	head = fixture_head(&f, "s1", 1);
	/* An administrator's roles are good in every study; that it belongs to one is another thing. */
	ck_denied(place(&f, "h3/admin", 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(incident(&f, "h3/admin", 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(about(&f, "h3/admin", EVENTS_FINDING_REPORT, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(freeze(&f, "h3/admin", &item.id), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(attest(&f, "h3/admin", SEEN, &item.id, NULL, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(attest(&f, "h3/admin", APPROVED, NULL, &item.id, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	/* Nor does it make somebody its own of whom nobody has heard. */
	ck_denied(fixture_submit(&f, "h3/admin", "s1", 2, 9), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(request(&f, "h3/admin", 9), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(about(&f, "h3/admin", EVENTS_PARTICIPANT_STATUS, 9), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(SAYS(.by = "h3/admin", .participant = 9, .act = EVENTS_CONSENT_WITHDRAW), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), head);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &nobody, NULL), 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_HOLD, "s1", base_slice(NULL, 0), NULL), 0);
	/* With an assignment it may, as long as that is in force. */
	ck_recorded(fixture_assign(&f, "h1/admin", "h3/admin", "s1", "a", EVENTS_ROLE_DATA_MANAGER, FIXTURE_TIME,
				   f.time.ms + 5500), 0);
	ck_recorded(place(&f, "h3/admin", 0), 0);
	ck_recorded(incident(&f, "h3/admin", 1), 0);
	ck_recorded(fixture_submit(&f, "h3/admin", "s1", 3, 9), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), head + 1);
	fixture_close(&f);
}
END_TEST

START_TEST(outsider_when_it_belonged_once_still_takes_back_what_is_its_own)
{
	struct fixture_result item, hold;
	struct fixture f;

	fixture_ready(&f, 3);
	ck_recorded(fixture_assign(&f, "h1/admin", "h3/admin", "s1", "a", EVENTS_ROLE_DATA_MANAGER, FIXTURE_TIME,
				   f.time.ms + 3500), 0);
	item = fixture_submit(&f, "h3/admin", "s1", 3, 9);
	ck_recorded(item, FLAG(PARTICIPANT_NOT_ENROLLED));
	hold = place(&f, "h3/admin", 9);
	ck_recorded(hold, 0);
	ck_denied(fixture_submit(&f, "h3/admin", "s1", 4, 9), EVENTS_DENIAL_OTHER_ORGANISATION); /* it is over */
	ck_denied(SAYS(.by = "h3/admin", .participant = 9, .act = EVENTS_CONSENT_GIVE), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(SAYS(.by = "h3/admin", .participant = 9, .act = EVENTS_CONSENT_WITHDRAW), 0);
	ck_recorded(retract(&f, "h3/admin", &item.id), 0);
	ck_recorded(stop(&f, "h3/admin", EVENTS_HOLD_LIFT, &hold.id), 0);
	ck_recorded(destroyed(&f, "h3/admin", &item.id), FLAG(NOT_ORDERED));
	fixture_close(&f);
}
END_TEST

/* The study's sponsor is alone in it: whoever else is on the ledger is its second organisation. */
START_TEST(outsider_when_awaited_approves_and_does_nothing_else)
{
	struct fixture_result item, moved, merged, recalled;
	struct base_hash withdrawal, annulment;
	struct fixture f;

	fixture_ready(&f, 3);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	moved = reassign(&f, "h1/admin", &item.id, 1, 2);
	merged = merge(&f, "h1/admin", 2, 3);
	withdrawal = SAYS(.act = EVENTS_CONSENT_WITHDRAW).id;
	annulment = SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &withdrawal).id;
	recalled = recall(&f, "h1/admin", &item.id, "h3/ann");
	ck_denied(attest(&f, "h3/admin", SEEN, NULL, &moved.id, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(attest(&f, "h3/admin", APPROVED, &item.id, &moved.id, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(attest(&f, "h3/admin", APPROVED, NULL, &moved.id, &withdrawal), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(attest(&f, "h3/admin", APPROVED, NULL, &moved.id, &merged.id), 0);
	ck_recorded(attest(&f, "h3/admin", APPROVED, NULL, &annulment, NULL), 0);
	/* Once is enough. */
	ck_denied(attest(&f, "h3/admin", APPROVED, NULL, &moved.id, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(attest(&f, "h3/admin", APPROVED, NULL, &merged.id, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(attest(&f, "h3/admin", APPROVED, NULL, &annulment, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	/* A recall is acknowledged by whom it names. */
	ck_recorded(attest(&f, "h3/admin", SEEN, NULL, &recalled.id, NULL), 0);
	recalled = recall(&f, "h1/admin", &item.id, "h2");
	ck_denied(attest(&f, "h3/admin", SEEN, NULL, &recalled.id, NULL), EVENTS_DENIAL_OTHER_ORGANISATION);
	fixture_close(&f);
}
END_TEST

/* ---- A second organisation ---------------------------------------------------------------- */

/* Two organisations annul, one after the other; each approves what the other did, and nothing of its own. */
START_TEST(annulment_when_it_is_the_own_one_is_not_approved_by_naming_anothers)
{
	struct base_hash reference = fixture_reference(1), withdrawals[2], own, others;
	struct state_fact fact;
	struct wire_reader r;
	struct fixture f;

	committee_ready(&f, FIXTURE_BASIS_LEGAL_OBLIGATION);
	withdrawals[0] = SAYS(.act = EVENTS_CONSENT_WITHDRAW).id;
	withdrawals[1] = SAYS(.act = EVENTS_CONSENT_WITHDRAW).id;
	own = SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &withdrawals[0]).id;
	ck_recorded(transfer(&f, "h1/admin", 1, "b"), FLAG(NO_AGREEMENT));
	others = SAYS(.by = "h2/admin", .act = EVENTS_CONSENT_ANNUL, .target = &withdrawals[1]).id;
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, NULL), 4);
	ck_recorded(attest(&f, "h1/admin", APPROVED, NULL, &others, &own), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, &fact), 5);
	ck_assert(events_find(fact.content, STATE_CONSENT_ATTESTED, &r));
	ck_assert_uint_eq(wire_get_array(&r), 1);
	ck_assert(base_slice_equal(wire_get_bytes(&r), base_hash_slice(&others)));
	ck_recorded(attest(&f, "h1/admin", APPROVED, NULL, &own, NULL), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, NULL), 5);
	ck_recorded(attest(&f, "h2/admin", APPROVED, NULL, &own, &others), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, NULL), 6);
	fixture_close(&f);
}
END_TEST

START_TEST(annulment_when_its_author_was_succeeded_is_not_approved_by_the_successor)
{
	struct base_hash reference = fixture_reference(1), withdrawal, annulment;
	struct fixture f;

	fixture_ready(&f, 3);
	withdrawal = SAYS(.act = EVENTS_CONSENT_WITHDRAW).id;
	annulment = SAYS(.act = EVENTS_CONSENT_ANNUL, .target = &withdrawal).id;
	succeed(&f, "h1", "h3", "h3/admin");
	ck_recorded(attest(&f, "h3/admin", APPROVED, NULL, &annulment, NULL), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, NULL), 2);
	ck_recorded(attest(&f, "h2/admin", APPROVED, NULL, &annulment, NULL), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, NULL), 3);
	fixture_close(&f);
}
END_TEST

/* ---- Holds over everybody who is the same person -------------------------------------------- */

START_TEST(hold_when_references_are_merged_covers_what_is_recorded_under_either)
{
	struct fixture_result item, other;
	struct fixture f;

	for (unsigned held = 1; held <= 2; held++) {
		fixture_ready(&f, 1);
		item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
		other = fixture_submit(&f, "h1/admin", "s1", 2, 2);
		ck_recorded(place(&f, "h1/admin", held), 0);
		ck_recorded(destroyed(&f, "h1/admin", held == 1 ? &other.id : &item.id), FLAG(NOT_ORDERED));
		ck_recorded(merge(&f, "h1/admin", 1, 2), 0);
		ck_recorded(destroyed(&f, "h1/admin", &item.id), FLAG(NOT_ORDERED) | FLAG(HELD));
		ck_recorded(destroyed(&f, "h1/admin", &other.id), FLAG(NOT_ORDERED) | FLAG(HELD));
		fixture_close(&f);
	}
}
END_TEST

/* ---- Who took over --------------------------------------------------------------------------- */

START_TEST(successor_when_it_acts_for_whom_it_took_over_is_heard)
{
	struct fixture_result item, seen, forced, hold;
	struct fixture f;

	fixture_ready(&f, 3);
	ck_recorded(fixture_participant(&f, "h2/admin", "s1", 5, "b"), 0);
	item = fixture_submit(&f, "h2/admin", "s1", 1, 5);
	seen = look(&f, "h2/admin", EVENTS_ACCESS_OBSERVE, &item.id);
	ck_recorded(seen, 0);
	forced = look(&f, "h2/admin", EVENTS_ACCESS_OVERRIDE, &item.id);
	ck_recorded(forced, FLAG(TO_REVIEW));
	succeed(&f, "h2", "h3", "h3/admin");
	ck_recorded(look(&f, "h3/admin", EVENTS_ACCESS_OBSERVE, &item.id), 0);
	ck_recorded(stop(&f, "h3/admin", EVENTS_ACCESS_REVOKE, &seen.id), 0);
	ck_recorded(stop(&f, "h3/admin", EVENTS_ACCESS_CLOSE, &forced.id), 0);
	ck_recorded(about(&f, "h3/admin", EVENTS_BLINDING_UNBLIND, 5), 0);
	ck_recorded(place(&f, "h3/admin", 5), 0);
	ck_recorded(destroyed(&f, "h3/admin", &item.id), FLAG(NOT_ORDERED) | FLAG(HELD));
	fixture_close(&f);
	/* Everything that the own organisation recorded: what it took over, too. */
	fixture_ready(&f, 3);
	item = fixture_submit(&f, "h2/admin", "s1", 1, 5);
	succeed(&f, "h2", "h3", "h3/admin");
	ck_recorded(destroyed(&f, "h3/admin", &item.id), FLAG(NOT_ORDERED));
	hold = place(&f, "h3/admin", 0);
	ck_recorded(hold, 0);
	ck_recorded(destroyed(&f, "h3/admin", &item.id), FLAG(NOT_ORDERED) | FLAG(HELD));
	/* The sponsor's successor. */
	succeed(&f, "h1", "h3", "h3/admin");
	ck_recorded(about(&f, "h3/admin", EVENTS_BLINDING_UNBLIND, 1), 0);
	fixture_close(&f);
}
END_TEST

/* A committee's successor decides in its name, unless that is the study's own. */
START_TEST(committee_when_it_was_succeeded_speaks_through_its_successor)
{
	struct fixture f;

	committee_ready(&f, EVENTS_BASIS_PUBLIC_INTEREST);
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1}), 0);
	succeed(&f, "h3", "h4", "h4/admin");
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_RENEW, .by = "h4/sec"}), 0);
	fixture_close(&f);
	committee_ready(&f, EVENTS_BASIS_PUBLIC_INTEREST);
	ck_recorded(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_APPROVE, .form = 1}), 0);
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/sec", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	succeed(&f, "h3", "h2", "h2/admin");
	ck_denied(committee_decides(&f, (struct says_decision){.act = EVENTS_ETHICS_RENEW, .by = "h2/sec"}), EVENTS_DENIAL_NOT_COMPETENT);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		outsider_when_it_records_in_a_study_is_denied,
		outsider_when_it_belonged_once_still_takes_back_what_is_its_own,
		outsider_when_awaited_approves_and_does_nothing_else,
		annulment_when_it_is_the_own_one_is_not_approved_by_naming_anothers,
		annulment_when_its_author_was_succeeded_is_not_approved_by_the_successor,
		hold_when_references_are_merged_covers_what_is_recorded_under_either,
		successor_when_it_acts_for_whom_it_took_over_is_heard,
		committee_when_it_was_succeeded_speaks_through_its_successor,
		NULL,
	};

	return fixture_run("outsiders", tests);
}
