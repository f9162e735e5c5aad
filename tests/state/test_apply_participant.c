/* participant.*: effect on state, every flag and denial. */
#include "tests/state/fixture.h"

#include <string.h>

static void put_reference(struct base_buf *out, uint64_t key, unsigned participant)
{
	struct base_hash reference = fixture_reference(participant);

	wire_put_uint(out, key);
	wire_put_hash(out, &reference);
}

static struct base_slice sealed_list(struct base_buf *out, uint64_t cid)
{
	struct wire_cid address = fixture_cid(cid);
	struct base_hash commitment = fixture_reference(999);
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &address);
	wire_put_array(out, 1);
	wire_put_array(out, 2);
	wire_put_bytes(out, base_slice(bytes, sizeof(bytes)));
	wire_put_hash(out, &commitment);
	return base_buf_slice(out);
}

static size_t facts(struct fixture *f, unsigned participant, struct state_fact *last)
{
	struct base_hash reference = fixture_reference(participant);

	return fixture_facts_hash(f, STATE_PARTICIPANT, "s1", &reference, last);
}

static struct fixture_result status(struct fixture *f, const char *by, unsigned participant, uint64_t code)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_STATUS, "s1");

	wire_put_map(&draft.body, 2);
	put_reference(&draft.body, 1, participant);
	put_key_uint(&draft.body, 2, code);
	return fixture_send(f, &draft);
}

static struct fixture_result transfer(struct fixture *f, const char *by, unsigned participant, const char *site)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_TRANSFER, "s1");

	wire_put_map(&draft.body, 2);
	put_reference(&draft.body, 1, participant);
	put_key_text(&draft.body, 2, site);
	return fixture_send(f, &draft);
}

/* The participant's head as it is. */
static struct state_head head_of(struct fixture *f, unsigned participant)
{
	struct base_hash reference = fixture_reference(participant), key;
	struct base_buf cbor = BASE_BUF_INIT;
	struct state_head head = {0};
	struct base_slice value;

	wire_put_hash(&cbor, &reference);
	key = state_map_key(STATE_HEAD, base_slice_text("s1"), base_buf_slice(&cbor), 0);
	base_buf_free(&cbor);
	if (f->view.map_get(f->view.arg, &key, &value, NULL) == BASE_OK)
		ck_assert_int_eq(state_head_decode(&head, value, NULL), BASE_OK);
	else
		head.count = 1;
	return head;
}

/* headed: whose head the event includes. */
static struct fixture_result bind(struct fixture *f, const char *by, enum events_kind_id kind, unsigned participant,
				  unsigned other, const struct state_head *head)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");

	wire_put_map(&draft.body, 3);
	put_reference(&draft.body, 1, participant);
	put_reference(&draft.body, 2, other);
	wire_put_uint(&draft.body, 3);
	wire_put_map(&draft.body, 2);
	put_key_uint(&draft.body, 1, head->count);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &head->chain);
	return fixture_send(f, &draft);
}

static struct fixture_result merge(struct fixture *f, const char *by, unsigned participant, unsigned other)
{
	struct state_head head = head_of(f, other);

	return bind(f, by, EVENTS_PARTICIPANT_MERGE, participant, other, &head);
}

static struct fixture_result split(struct fixture *f, const char *by, unsigned participant, unsigned other)
{
	struct state_head head = head_of(f, participant);

	return bind(f, by, EVENTS_PARTICIPANT_SPLIT, participant, other, &head);
}

#define APPROVED 3

static struct fixture_result attest(struct fixture *f, const char *by, const struct base_hash *a, const struct base_hash *b,
				    uint64_t meaning)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ATTEST, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, b == NULL ? 1 : 2);
	for (const struct base_hash *id = a; id != NULL; id = id == a ? b : NULL) {
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 2);
		wire_put_hash(&draft.body, id);
	}
	put_key_uint(&draft.body, 2, meaning);
	return fixture_send(f, &draft);
}

/* How many references of the person there are; which goes on. */
static size_t same(struct fixture *f, unsigned participant, uint64_t known, struct base_hash *first)
{
	struct base_hash reference = fixture_reference(participant);
	uint8_t list[STATE_SAME_MAX][32];
	size_t count;

	ck_assert_int_eq(state_same_person(&f->view, base_slice_text("s1"), reference.bytes, known, list, &count, NULL),
			 BASE_OK);
	memcpy(first->bytes, list[0], 32);
	return count;
}

static void assert_same(struct fixture *f, unsigned participant, size_t count, unsigned first)
{
	struct base_hash goes_on, wanted = fixture_reference(first);

	ck_assert_uint_eq(same(f, participant, UINT64_MAX, &goes_on), count);
	ck_assert(base_hash_equal(&goes_on, &wanted));
}

/* ---- status -------------------------------------------------------------------- */

START_TEST(status_when_recorded_is_on_the_participant)
{
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(status(&f, "h1/admin", 1, EVENTS_STATUS_ACTIVE), 0);
	ck_recorded(status(&f, "h1/admin", 1, EVENTS_STATUS_COMPLETED), 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 3);
	ck_assert_uint_eq(fact.kind, EVENTS_PARTICIPANT_STATUS);
	ck_assert_uint_eq(events_uint(fact.content, 3), EVENTS_STATUS_COMPLETED);
	ck_assert(!events_has(fact.content, 1));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	fixture_close(&f);
}
END_TEST

START_TEST(status_when_screened_first_claims_the_participant)
{
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(status(&f, "h2/admin", 7, EVENTS_STATUS_SCREENED), 0);
	ck_assert_uint_eq(facts(&f, 7, &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h2")));
	ck_denied(status(&f, "h1/admin", 7, EVENTS_STATUS_ACTIVE), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_participant(&f, "h2/admin", "s1", 7, "b"), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 7), 2);
	fixture_close(&f);
}
END_TEST

START_TEST(status_when_odd_is_flagged)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(status(&f, "h1/admin", 7, EVENTS_STATUS_ACTIVE), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_recorded(status(&f, "h1/admin", 1, EVENTS_STATUS_DIED), 0);
	ck_recorded(status(&f, "h1/admin", 1, EVENTS_STATUS_DIED), 0);
	ck_recorded(status(&f, "h1/admin", 1, EVENTS_STATUS_COMPLETED), FLAG(STATUS_CONTRADICTS));
	fixture_close(&f);
}
END_TEST

/* ---- transfer ------------------------------------------------------------------- */

START_TEST(transfer_when_recorded_gives_the_participant_another_owner)
{
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(fixture_submit(&f, "h2/admin", "s1", 1, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(transfer(&f, "h1/admin", 1, "b"), FLAG(NO_AGREEMENT));
	ck_assert_uint_eq(facts(&f, 1, &fact), 2);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h2")));
	ck_assert(base_slice_equal(events_text(fact.content, 2), base_slice_text("b")));
	ck_recorded(fixture_submit(&f, "h2/admin", "s1", 1, 1), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3); /* enrolment, transfer, submission */
	/* The old organisation's attempt is not of the trail any more; the new one's is. */
	ck_denied(fixture_submit(&f, "h1/admin", "s1", 2, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_denied(fixture_participant(&f, "h2/admin", "s1", 1, "b"), EVENTS_DENIAL_EXISTS_ALREADY);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 4);
	fixture_close(&f);
}
END_TEST

START_TEST(transfer_when_impossible_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(transfer(&f, "h1/admin", 9, "b"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(transfer(&f, "h1/admin", 1, "z"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(transfer(&f, "h2/admin", 1, "b"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(transfer(&f, "h1/admin", 1, "a"), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 8), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_recorded(transfer(&f, "h1/admin", 8, "a"), FLAG(PARTICIPANT_NOT_ENROLLED));
	fixture_close(&f);
}
END_TEST

/* ---- merge, split ------------------------------------------------------------------ */

START_TEST(merge_when_alone_takes_effect_at_once)
{
	struct state_fact fact;
	struct fixture_result r;
	struct base_hash first;
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 2), 0);
	r = merge(&f, "h1/admin", 1, 2);
	ck_recorded(r, 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 2);
	ck_assert(events_has(fact.content, 5) && events_has(fact.content, 8));
	ck_assert_uint_eq(facts(&f, 2, &fact), 2);
	ck_assert(events_has(fact.content, 6) && events_has(fact.content, 8));
	assert_same(&f, 1, 2, 1);
	assert_same(&f, 2, 2, 1);
	assert_same(&f, 3, 1, 3);
	ck_assert_uint_eq(same(&f, 2, r.index, &first), 1); /* as known before */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 3);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 2, 2), FLAG(PARTICIPANT_MERGED));
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 3, 1), 0);
	ck_recorded(split(&f, "h1/admin", 1, 2), 0);
	assert_same(&f, 1, 1, 1);
	assert_same(&f, 2, 1, 2);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 4, 2), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(merge_when_there_are_others_awaits_the_word_of_one)
{
	struct fixture_result first, second;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	first = merge(&f, "h1/admin", 1, 2);
	ck_recorded(first, FLAG(UNCONFIRMED));
	second = merge(&f, "h1/admin", 1, 3);
	ck_recorded(second, FLAG(UNCONFIRMED));
	assert_same(&f, 2, 1, 2);
	ck_recorded(attest(&f, "h1/admin", &first.id, NULL, APPROVED), 0); /* the own organisation's does nothing */
	ck_recorded(attest(&f, "h2/admin", &first.id, NULL, EVENTS_MEANING_ACKNOWLEDGED), 0); /* nor another word */
	assert_same(&f, 1, 1, 1);
	assert_same(&f, 2, 1, 2);
	ck_recorded(attest(&f, "h2/admin", &first.id, &second.id, APPROVED), 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 4);
	ck_assert_uint_eq(fact.kind, EVENTS_ATTEST);
	assert_same(&f, 3, 3, 1);
	assert_same(&f, 1, 3, 1);
	ck_recorded(attest(&f, "h2/admin", &first.id, NULL, APPROVED), 0); /* once is enough */
	ck_assert_uint_eq(facts(&f, 1, NULL), 4);
	fixture_close(&f);
}
END_TEST

START_TEST(split_when_a_merge_is_in_effect_awaits_another)
{
	struct fixture_result r;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(merge(&f, "h1/admin", 1, 2), FLAG(UNCONFIRMED));
	ck_recorded(split(&f, "h1/admin", 1, 2), 0); /* it never took effect */
	r = merge(&f, "h1/admin", 1, 2);
	ck_recorded(r, FLAG(UNCONFIRMED));
	ck_recorded(attest(&f, "h2/admin", &r.id, NULL, APPROVED), 0);
	assert_same(&f, 2, 2, 1);
	r = split(&f, "h1/admin", 1, 2);
	ck_recorded(r, FLAG(UNCONFIRMED));
	assert_same(&f, 2, 2, 1);
	ck_denied(split(&f, "h1/admin", 1, 2), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(attest(&f, "h2/admin", &r.id, NULL, APPROVED), 0);
	assert_same(&f, 2, 1, 2);
	assert_same(&f, 1, 1, 1);
	fixture_close(&f);
}
END_TEST

START_TEST(split_when_the_reference_is_new_makes_it)
{
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(split(&f, "h1/admin", 1, 7), 0);
	ck_assert_uint_eq(facts(&f, 7, &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h1")));
	ck_assert(base_slice_equal(events_text(fact.content, 2), base_slice_text("a")));
	ck_assert_uint_eq(fixture_head(&f, "s1", 7), 1);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	ck_recorded(fixture_participant(&f, "h1/admin", "s1", 7, "a"), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(merge_and_split_when_impossible_are_denied)
{
	struct state_head head;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(fixture_participant(&f, "h2/admin", "s1", 5, "b"), 0);
	ck_denied(merge(&f, "h1/admin", 1, 1), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(merge(&f, "h1/admin", 9, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(merge(&f, "h1/admin", 1, 9), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(merge(&f, "h1/admin", 5, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(merge(&f, "h1/admin", 1, 5), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(split(&f, "h1/admin", 1, 5), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(split(&f, "h1/admin", 5, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(split(&f, "h1/admin", 9, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(split(&f, "h1/admin", 1, 2), EVENTS_DENIAL_WRONG_STATE); /* two people all along */
	head = head_of(&f, 2);
	head.count++;
	ck_denied(bind(&f, "h1/admin", EVENTS_PARTICIPANT_MERGE, 1, 2, &head), EVENTS_DENIAL_HEAD_MOVED);
	head = head_of(&f, 1); /* of the other one */
	ck_denied(bind(&f, "h1/admin", EVENTS_PARTICIPANT_MERGE, 1, 2, &head), EVENTS_DENIAL_HEAD_MOVED);
	head = head_of(&f, 2);
	ck_denied(bind(&f, "h1/admin", EVENTS_PARTICIPANT_SPLIT, 1, 7, &head), EVENTS_DENIAL_HEAD_MOVED);
	ck_recorded(merge(&f, "h1/admin", 1, 2), FLAG(UNCONFIRMED));
	ck_denied(merge(&f, "h1/admin", 2, 3), EVENTS_DENIAL_WRONG_STATE); /* 2 goes on as 1 */
	ck_denied(merge(&f, "h1/admin", 3, 1), EVENTS_DENIAL_WRONG_STATE); /* 1 has others with it */
	ck_denied(split(&f, "h1/admin", 2, 1), EVENTS_DENIAL_WRONG_STATE); /* the other way round */
	fixture_close(&f);
}
END_TEST

START_TEST(merge_when_a_person_has_seventeen_references_is_denied)
{
	struct base_hash first;
	struct fixture f;

	fixture_ready(&f, 1);
	for (unsigned i = 10; i < 26; i++) {
		ck_recorded(fixture_participant(&f, "h1/admin", "s1", i, "a"), 0);
		ck_recorded(merge(&f, "h1/admin", 1, i), 0);
	}
	ck_denied(merge(&f, "h1/admin", 1, 2), EVENTS_DENIAL_TOO_MANY);
	ck_assert_uint_eq(same(&f, 20, UINT64_MAX, &first), STATE_SAME_MAX);
	fixture_close(&f);
}
END_TEST

START_TEST(answers_when_joined_restrict)
{
	const struct state_answer silent = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	const struct state_answer form = {STATE_SILENT, STATE_GROUND_FORM, 4};
	const struct state_answer given = {STATE_PERMITTED, STATE_GROUND_GIVEN, 7};
	const struct state_answer withdrawn = {STATE_DENIED, STATE_GROUND_WITHDRAWN, 5};

	ck_assert_int_eq(state_answer_join(&given, &withdrawn).stance, STATE_DENIED);
	ck_assert_int_eq(state_answer_join(&withdrawn, &given).stance, STATE_DENIED);
	ck_assert_int_eq(state_answer_join(&silent, &given).stance, STATE_PERMITTED);
	ck_assert_int_eq(state_answer_join(&given, &form).stance, STATE_PERMITTED);
	ck_assert_int_eq(state_answer_join(&silent, &form).ground, STATE_GROUND_FORM);
	ck_assert_int_eq(state_answer_join(&form, &silent).ground, STATE_GROUND_FORM);
}
END_TEST

/* What a participant declared, without a form where it is not a gift. */
static struct fixture_result withdraw(struct fixture *f, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_CONSENT, "s1");

	wire_put_map(&draft.body, 2);
	put_reference(&draft.body, 1, participant);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, EVENTS_CONSENT_WITHDRAW);
	wire_put_map(&draft.body, 1);
	put_key_uint(&draft.body, 3, EVENTS_EXISTING_RESTRICT);
	return fixture_send(f, &draft);
}

static void put_form(struct base_buf *out, uint64_t key)
{
	struct wire_cid form = fixture_cid(1000);
	uint8_t cid[WIRE_CID_BYTES];

	wire_cid_bytes(cid, &form);
	if (key != 0)
		wire_put_uint(out, key);
	wire_put_map(out, 4);
	wire_put_uint(out, 1);
	wire_put_bytes(out, base_slice(cid, sizeof(cid)));
	put_key_text(out, 2, "1.0");
	put_key_text(out, 3, "en");
	put_key_uint(out, 4, 1);
}

static struct fixture_result approve(struct fixture *f)
{
	struct fixture_draft draft = fixture_draft(f, "h2/ec", EVENTS_ETHICS_DECIDE, "s1");

	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, "h2");
	wire_put_uint(&draft.body, 4);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, EVENTS_ETHICS_APPROVE);
	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, "1.0");
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	put_form(&draft.body, 0);
	return fixture_send(f, &draft);
}

static struct fixture_result give(struct fixture *f, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_CONSENT, "s1");

	wire_put_map(&draft.body, 2);
	put_reference(&draft.body, 1, participant);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, EVENTS_CONSENT_GIVE);
	wire_put_map(&draft.body, 3);
	put_form(&draft.body, 1);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 3);
	put_key_uint(&draft.body, 1, 1);
	put_key_uint(&draft.body, 2, 1);
	wire_put_uint(&draft.body, 3);
	put_point(&draft.body, f->time.ms);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	put_key_uint(&draft.body, 1, EVENTS_EFFECT_PERMIT);
	return fixture_send(f, &draft);
}

START_TEST(consents_when_references_are_merged_count_for_either)
{
	struct fixture_result r;
	struct fixture f;

	fixture_open(&f, 3);
	ck_recorded(fixture_study_on(&f, "h1/admin", "s1", "h1", "a", "h1", EVENTS_BASIS_CONSENT), 0);
	for (unsigned i = 1; i <= 2; i++)
		ck_recorded(fixture_participant(&f, "h1/admin", "s1", i, "a"), 0);
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/ec", EVENTS_ROLE_ETHICS_COMMITTEE), 0);
	ck_recorded(fixture_committee(&f, "h1/admin", "s1", "h2"), 0);
	ck_recorded(approve(&f), 0);
	ck_recorded(give(&f, 1), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 1), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 2, 2), FLAG(NO_CONSENT_EVIDENCED));
	r = merge(&f, "h1/admin", 1, 2);
	ck_recorded(r, FLAG(UNCONFIRMED));
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 3, 2), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(attest(&f, "h3/admin", &r.id, NULL, APPROVED), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 4, 2), FLAG(PARTICIPANT_MERGED));
	ck_recorded(withdraw(&f, 2), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 5, 1), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(give(&f, 1), 0); /* the restriction wins: only its own reference's gift lifts it */
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 6, 1), FLAG(NO_CONSENT_EVIDENCED));
	ck_recorded(give(&f, 2), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 7, 1), 0);
	r = split(&f, "h1/admin", 1, 2);
	ck_recorded(withdraw(&f, 2), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 8, 1), FLAG(NO_CONSENT_EVIDENCED)); /* not in effect yet */
	ck_recorded(attest(&f, "h3/admin", &r.id, NULL, APPROVED), 0);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 9, 1), 0);
	fixture_close(&f);
}
END_TEST

/* ---- represent, link, unlink --------------------------------------------------------- */

static struct fixture_result represent(struct fixture *f, const char *by, unsigned participant, uint64_t from, uint64_t to)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_REPRESENT, "s1");

	wire_put_map(&draft.body, to == 0 ? 4 : 5);
	put_reference(&draft.body, 1, participant);
	put_key_text(&draft.body, 2, "r-1");
	put_key_uint(&draft.body, 3, 1);
	wire_put_uint(&draft.body, 4);
	put_point(&draft.body, from);
	if (to != 0) {
		wire_put_uint(&draft.body, 5);
		put_point(&draft.body, to);
	}
	return fixture_send(f, &draft);
}

START_TEST(represent_when_recorded_is_on_the_participant)
{
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(represent(&f, "h1/admin", 1, FIXTURE_TIME, 0), 0);
	ck_assert_uint_eq(facts(&f, 1, &fact), 2);
	ck_assert(base_slice_equal(events_text(events_raw(fact.content, 10), 2), base_slice_text("r-1")));
	ck_recorded(represent(&f, "h1/admin", 1, FIXTURE_TIME, FIXTURE_TIME), 0); /* an instant */
	ck_recorded(represent(&f, "h1/admin", 1, FIXTURE_TIME, FIXTURE_TIME - 1), FLAG(NEVER_IN_FORCE));
	ck_denied(represent(&f, "h2/admin", 1, FIXTURE_TIME, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(represent(&f, "h2/admin", 8, FIXTURE_TIME, 0), 0); /* before anything else is known of them */
	ck_assert_uint_eq(facts(&f, 8, &fact), 1);
	ck_assert(base_slice_equal(events_text(fact.content, 1), base_slice_text("h2")));
	fixture_close(&f);
}
END_TEST

static struct fixture_result make_link(struct fixture *f, const char *by, unsigned participant, bool sealed)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_LINK, "s1");
	struct wire_cid address = fixture_cid(sealed ? 77 : 78);
	struct base_buf list = BASE_BUF_INIT;
	struct fixture_result result;
	uint8_t bytes[WIRE_CID_BYTES];

	wire_cid_bytes(bytes, &address);
	draft.envelope.sealed = sealed_list(&list, 77);
	wire_put_map(&draft.body, 4);
	put_reference(&draft.body, 1, participant);
	wire_put_uint(&draft.body, 2);
	wire_put_bytes(&draft.body, base_slice(bytes, sizeof(bytes)));
	put_key_uint(&draft.body, 3, 5);
	put_key_uint(&draft.body, 4, 2);
	result = fixture_send(f, &draft);
	base_buf_free(&list);
	return result;
}

static struct fixture_result make_unlink(struct fixture *f, const char *by, unsigned participant, const struct base_hash *id)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_PARTICIPANT_UNLINK, "s1");

	wire_put_map(&draft.body, 2);
	put_reference(&draft.body, 1, participant);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, id);
	return fixture_send(f, &draft);
}

START_TEST(link_when_recorded_is_noted_until_it_is_ended)
{
	struct base_hash reference = fixture_reference(1);
	struct fixture_result r;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	r = make_link(&f, "h1/admin", 1, true);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_LINK, "s1", &reference, &fact), 1);
	ck_assert_uint_eq(events_uint(fact.content, 2), 5);
	ck_assert_uint_eq(events_uint(fact.content, 3), 2);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	ck_denied(make_unlink(&f, "h2/admin", 1, &r.id), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(make_unlink(&f, "h1/admin", 2, &r.id), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(make_unlink(&f, "h1/admin", 1, &r.id), 0);
	ck_denied(make_unlink(&f, "h1/admin", 1, &r.id), EVENTS_DENIAL_WRONG_STATE);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_LINK, "s1", &reference, NULL), 2);
	fixture_close(&f);
}
END_TEST

START_TEST(link_when_impossible_is_denied)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(make_link(&f, "h1/admin", 9, true), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(make_link(&f, "h2/admin", 1, true), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(make_link(&f, "h1/admin", 1, false), EVENTS_DENIAL_NOT_SEALED);
	/* A linkage service of the study links whom it is told to; nobody makes themselves one. */
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/link", EVENTS_ROLE_LINKAGE_SERVICE), 0);
	ck_denied(make_link(&f, "h2/link", 1, true), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(fixture_assign(&f, "h2/admin", "h2/link", "s1", "b", EVENTS_ROLE_LINKAGE_SERVICE, FIXTURE_TIME, 0),
		  EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/link", "s1", "b", EVENTS_ROLE_LINKAGE_SERVICE, FIXTURE_TIME, 0), 0);
	for (unsigned i = 0; i < 256; i++)
		ck_recorded(make_link(&f, "h2/link", 1, true), 0);
	ck_denied(make_link(&f, "h2/link", 1, true), EVENTS_DENIAL_TOO_MANY);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		status_when_recorded_is_on_the_participant,
		status_when_screened_first_claims_the_participant,
		status_when_odd_is_flagged,
		transfer_when_recorded_gives_the_participant_another_owner,
		transfer_when_impossible_is_denied,
		merge_when_alone_takes_effect_at_once,
		merge_when_there_are_others_awaits_the_word_of_one,
		split_when_a_merge_is_in_effect_awaits_another,
		split_when_the_reference_is_new_makes_it,
		merge_and_split_when_impossible_are_denied,
		merge_when_a_person_has_seventeen_references_is_denied,
		answers_when_joined_restrict,
		consents_when_references_are_merged_count_for_either,
		represent_when_recorded_is_on_the_participant,
		link_when_recorded_is_noted_until_it_is_ended,
		link_when_impossible_is_denied,
		NULL,
	};

	return fixture_run("apply_participant", tests);
}
