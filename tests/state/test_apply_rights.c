/* rights.*, hold.*, data.erase and who keeps what, finding, blinding: effect on state, every flag and denial. */
#include "tests/state/fixture.h"

#include <string.h>

#define DAY UINT64_C(86400000)

/* ---- Drafts ------------------------------------------------------------------ */

static struct fixture_draft request_draft(struct fixture *f, const char *by, unsigned participant, enum events_right right,
					  uint64_t received)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_RIGHTS_REQUEST, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 2, right);
	wire_put_uint(&draft.body, 3);
	put_point(&draft.body, received);
	return draft;
}

static struct fixture_result request(struct fixture *f, const char *by, unsigned participant, enum events_right right)
{
	struct fixture_draft draft = request_draft(f, by, participant, right, FIXTURE_TIME);

	return fixture_send(f, &draft);
}

/* until: of a refusal on the ground 1, or of an extension; 0: none. when: 0: now. */
static struct fixture_result answer(struct fixture *f, const char *by, const struct base_hash *id, uint64_t act,
				    uint64_t until, uint64_t when)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_RIGHTS_ANSWER, "s1");

	if (when != 0)
		draft.envelope.when.utc_ms = when;
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, id);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, act);
	wire_put_map(&draft.body, act == EVENTS_RIGHTS_FULFILLED ? 0 : act == EVENTS_RIGHTS_EXTENDED || until == 0 ? 1 : 2);
	if (act == EVENTS_RIGHTS_REFUSED)
		put_key_uint(&draft.body, 1, 1);
	if (act == EVENTS_RIGHTS_EXTENDED || (act == EVENTS_RIGHTS_REFUSED && until != 0)) {
		wire_put_uint(&draft.body, act == EVENTS_RIGHTS_REFUSED ? 2 : 1);
		put_point(&draft.body, until);
	}
	return fixture_send(f, &draft);
}

/* participant 0: none; item NULL: none; until 0: none. */
static struct fixture_result place(struct fixture *f, const char *by, unsigned participant, const struct base_hash *item,
				   uint64_t until)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_HOLD_PLACE, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 1u + (participant != 0) + (item != NULL) + (until != 0));
	if (participant != 0) {
		wire_put_uint(&draft.body, 1);
		wire_put_array(&draft.body, 1);
		wire_put_hash(&draft.body, &reference);
	}
	if (item != NULL) {
		wire_put_uint(&draft.body, 2);
		wire_put_array(&draft.body, 1);
		put_item_id(&draft.body, item, 0);
	}
	if (until != 0) {
		wire_put_uint(&draft.body, 3);
		put_point(&draft.body, until);
	}
	put_key_uint(&draft.body, 4, 1);
	return fixture_send(f, &draft);
}

static struct fixture_result lift(struct fixture *f, const char *by, const struct base_hash *hold)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_HOLD_LIFT, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, hold);
	return fixture_send(f, &draft);
}

static void put_items(struct fixture_draft *draft, const struct base_hash *item, uint64_t index)
{
	wire_put_uint(&draft->body, 1);
	wire_put_array(&draft->body, 1);
	put_item_id(&draft->body, item, index);
}

static struct fixture_result erase_at(struct fixture *f, const char *by, const struct base_hash *item, uint64_t index,
				      const struct base_hash *ground)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_ERASE, "s1");

	wire_put_map(&draft.body, 2);
	put_items(&draft, item, index);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, ground);
	return fixture_send(f, &draft);
}

static struct fixture_result erase(struct fixture *f, const char *by, const struct base_hash *item,
				   const struct base_hash *ground)
{
	return erase_at(f, by, item, 0, ground);
}

static struct fixture_result held_by(struct fixture *f, const char *by, const struct base_hash *item, const char *holder)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_HOLD, "s1");

	wire_put_map(&draft.body, 2);
	put_items(&draft, item, 0);
	put_key_text(&draft.body, 2, holder);
	return fixture_send(f, &draft);
}

static struct fixture_result moved(struct fixture *f, const char *by, const struct base_hash *item, const char *from,
				   const char *to)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_MOVE, "s1");

	wire_put_map(&draft.body, 3);
	put_items(&draft, item, 0);
	put_key_text(&draft.body, 2, from);
	put_key_text(&draft.body, 3, to);
	return fixture_send(f, &draft);
}

static struct fixture_result destroyed(struct fixture *f, const char *by, const struct base_hash *item,
				       const char *holder, uint64_t what)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_DESTROYED, "s1");

	wire_put_map(&draft.body, 3);
	put_items(&draft, item, 0);
	put_key_text(&draft.body, 2, holder);
	put_key_uint(&draft.body, 3, what);
	return fixture_send(f, &draft);
}

static bool is_erased(struct fixture *f, const struct base_hash *item)
{
	struct state_fact last;

	return fixture_facts_item(f, "s1", item, 0, &last) > 0 && events_has(last.content, 8);
}

/* An item of participant 1, and the answer that grants its erasure. */
static struct base_hash granted(struct fixture *f, struct fixture_result *item)
{
	struct fixture_result asked;

	*item = fixture_submit(f, "h1/admin", "s1", 1, 1);
	ck_recorded(*item, 0);
	asked = request(f, "h1/admin", 1, EVENTS_RIGHT_ERASURE);
	ck_recorded(asked, 0);
	asked = answer(f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, 0);
	ck_recorded(asked, 0);
	return asked.id;
}

/* ---- rights ------------------------------------------------------------------- */

static uint64_t due_of(struct fixture *f, uint64_t received, int16_t offset)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_RIGHTS_REQUEST, "s1");
	struct events_when when = {EVENTS_POINT, received, true, offset};
	struct base_hash reference = fixture_reference(1);
	struct fixture_result result;
	struct state_fact fact;

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 2, EVENTS_RIGHT_ACCESS);
	wire_put_uint(&draft.body, 3);
	events_when_put(&draft.body, &when);
	result = fixture_send(f, &draft);
	ck_recorded(result, 0);
	ck_assert_uint_eq(fixture_facts_hash(f, STATE_RIGHTS, "s1", &result.id, &fact), 1);
	return events_uint(fact.content, 3);
}

static uint64_t at(const char *text)
{
	struct base_time time;

	ck_assert_int_eq(base_time_parse(&time, NULL, base_slice_text(text), NULL), BASE_OK);
	return time.ms;
}

START_TEST(request_when_received_is_due_a_calendar_month_later)
{
	struct fixture f;

	fixture_ready(&f, 1);
	ck_assert_uint_eq(due_of(&f, at("2026-02-27T10:00:00+01:00"), 60), at("2026-03-28T00:00:00+01:00"));
	ck_assert_uint_eq(due_of(&f, at("2026-01-31T23:59:59+01:00"), 60), at("2026-03-01T00:00:00+01:00"));
	ck_assert_uint_eq(due_of(&f, at("2028-01-31T00:00:00Z"), 0), at("2028-03-01T00:00:00Z"));
	ck_assert_uint_eq(due_of(&f, at("2026-12-31T12:00:00-05:00"), -300), at("2027-02-01T00:00:00-05:00"));
	ck_assert_uint_eq(due_of(&f, at("2026-06-30T22:30:00Z"), 120), at("2026-08-02T00:00:00+02:00"));
	fixture_close(&f);
}
END_TEST

START_TEST(request_when_by_others_is_denied)
{
	struct base_hash reference = fixture_reference(9);
	struct fixture f;

	fixture_ready(&f, 2);
	ck_denied(request(&f, "h2/admin", 1, EVENTS_RIGHT_ACCESS), EVENTS_DENIAL_OTHER_ORGANISATION);
	/* One whom nobody recorded belongs to who hears of it first. */
	ck_recorded(request(&f, "h2/admin", 9, EVENTS_RIGHT_ACCESS), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &reference, NULL), 1);
	ck_assert_uint_eq(fixture_head(&f, "s1", 9), 1);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_RESEARCHER), 0);
	ck_denied(request(&f, "h1/eve", 1, EVENTS_RIGHT_ACCESS), EVENTS_DENIAL_NOT_ASSIGNED);
	fixture_close(&f);
}
END_TEST

START_TEST(answer_when_in_time_is_recorded_and_concerns_the_participant)
{
	struct fixture_result asked, told;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	told = answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_REFUSED, FIXTURE_TIME + 9000 * DAY, 0);
	ck_recorded(told, 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_RIGHTS, "s1", &asked.id, &fact), 2);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_RIGHTS, "s1", &told.id, &fact), 1);
	ck_assert(events_has(fact.content, 7));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3); /* enrolment, request, answer */
	/* Granted after all; and then it stays so. */
	ck_recorded(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, FIXTURE_TIME + 300 * DAY), 0);
	ck_denied(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_REFUSED, 0, 0), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, 0), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(answer_when_not_to_a_request_of_ones_own_is_denied)
{
	struct fixture_result asked, told;
	struct fixture f;

	fixture_ready(&f, 2);
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	ck_denied(answer(&f, "h2/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	told = answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_REFUSED, 0, 0);
	ck_recorded(told, 0);
	ck_denied(answer(&f, "h1/admin", &told.id, EVENTS_RIGHTS_FULFILLED, 0, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_REFUSED, 0, 0), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_EXTENDED, FIXTURE_TIME, 0), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(answer_when_too_late_is_flagged)
{
	struct fixture_result asked;
	struct fixture f;

	/* Received on the 1st of March: due when the 1st of April is over, put off to the 1st of June at most. */
	fixture_ready(&f, 1);
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	ck_recorded(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_EXTENDED, at("2026-06-01T23:59:59Z"), 0), 0);
	ck_denied(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_EXTENDED, at("2026-06-01T00:00:00Z"), 0), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, at("2026-05-30T00:00:00Z")), 0);
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	ck_recorded(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_EXTENDED, at("2026-06-03T00:00:00Z"), 0), FLAG(OVERDUE));
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	ck_recorded(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, at("2026-04-02T00:00:00Z")), FLAG(OVERDUE));
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	ck_recorded(answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, at("2026-04-01T23:59:59Z")), 0);
	fixture_close(&f);
}
END_TEST

/* ---- hold ----------------------------------------------------------------------- */

START_TEST(hold_when_of_own_things_is_recorded_and_of_others_needs_sponsor_or_inspector)
{
	struct fixture_result item, other;
	struct base_hash none = fixture_reference(77);
	struct fixture f;

	fixture_ready(&f, 2);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	other = fixture_submit(&f, "h2/admin", "s1", 2, 9);
	ck_recorded(place(&f, "h2/admin", 9, &other.id, 0), 0);
	ck_denied(place(&f, "h2/admin", 0, &item.id, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(place(&f, "h2/admin", 1, NULL, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(place(&f, "h2/admin", 0, &none, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(place(&f, "h2/admin", 55, NULL, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(place(&f, "h1/admin", 9, &other.id, 0), 0); /* sponsor */
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/insp", EVENTS_ROLE_INSPECTOR), 0);
	ck_denied(place(&f, "h2/insp", 1, NULL, 0), EVENTS_DENIAL_OTHER_ORGANISATION); /* nobody let it in */
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/insp", "s1", "a", EVENTS_ROLE_INSPECTOR, FIXTURE_TIME, 0), 0);
	ck_recorded(place(&f, "h2/insp", 1, &item.id, 0), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(hold_when_in_force_denies_erasure_until_lifted)
{
	struct fixture_result item, hold;
	struct base_hash ground;
	struct fixture f;

	fixture_ready(&f, 2);
	ground = granted(&f, &item);
	hold = place(&f, "h1/admin", 1, NULL, 0);
	ck_denied(erase(&f, "h1/admin", &item.id, &ground), EVENTS_DENIAL_ON_HOLD);
	ck_denied(lift(&f, "h2/admin", &hold.id), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(lift(&f, "h1/admin", &item.id), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(lift(&f, "h1/admin", &hold.id), 0);
	ck_denied(lift(&f, "h1/admin", &hold.id), EVENTS_DENIAL_WRONG_STATE);
	hold = place(&f, "h1/admin", 0, &item.id, 0);
	ck_denied(erase(&f, "h1/admin", &item.id, &ground), EVENTS_DENIAL_ON_HOLD);
	ck_recorded(lift(&f, "h1/admin", &hold.id), 0);
	hold = place(&f, "h1/admin", 0, NULL, 0); /* the sponsor: everything */
	ck_denied(erase(&f, "h1/admin", &item.id, &ground), EVENTS_DENIAL_ON_HOLD);
	ck_recorded(lift(&f, "h1/admin", &hold.id), 0);
	ck_recorded(place(&f, "h2/admin", 0, NULL, 0), 0);                   /* what h2 recorded */
	ck_recorded(place(&f, "h1/admin", 2, NULL, 0), 0);                   /* somebody else */
	ck_recorded(place(&f, "h1/admin", 1, NULL, f.time.ms + 500), 0); /* over in a moment */
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), 0);
	ck_recorded(place(&f, "h1/admin", 0, &item.id, 0), FLAG(ITEM_ERASED));
	fixture_close(&f);
}
END_TEST

START_TEST(hold_when_there_are_too_many_is_denied)
{
	struct fixture_result last = {0};
	struct fixture f;

	fixture_ready(&f, 1);
	for (unsigned i = 0; i < 1024; i++)
		last = place(&f, "h1/admin", 1, NULL, 0);
	ck_recorded(last, 0);
	ck_denied(place(&f, "h1/admin", 1, NULL, 0), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(lift(&f, "h1/admin", &last.id), 0);
	fixture_close(&f);
}
END_TEST

/* ---- erase, and who keeps what ------------------------------------------------------ */

START_TEST(erase_when_without_ground_is_denied)
{
	struct fixture_result item, other, asked;
	struct base_hash ground;
	struct fixture f;

	fixture_ready(&f, 2);
	ground = granted(&f, &item);
	other = fixture_submit(&f, "h1/admin", "s1", 2, 2);
	ck_denied(erase(&f, "h1/admin", &other.id, &ground), EVENTS_DENIAL_NO_GROUND);
	other = fixture_submit(&f, "h1/admin", "s1", 3, 0);
	ck_denied(erase(&f, "h1/admin", &other.id, &ground), EVENTS_DENIAL_NO_GROUND);
	ck_denied(erase(&f, "h1/admin", &item.id, &item.id), EVENTS_DENIAL_NO_GROUND);
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ACCESS);
	ck_denied(erase(&f, "h1/admin", &item.id, &asked.id), EVENTS_DENIAL_NO_GROUND);
	asked = answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_FULFILLED, 0, 0);
	ck_denied(erase(&f, "h1/admin", &item.id, &asked.id), EVENTS_DENIAL_NO_GROUND);
	asked = request(&f, "h1/admin", 1, EVENTS_RIGHT_ERASURE);
	asked = answer(&f, "h1/admin", &asked.id, EVENTS_RIGHTS_REFUSED, 0, 0);
	ck_denied(erase(&f, "h1/admin", &item.id, &asked.id), EVENTS_DENIAL_NO_GROUND);
	ck_denied(erase(&f, "h2/admin", &item.id, &ground), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(erase_at(&f, "h1/admin", &item.id, 1, &ground), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), 0);
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), FLAG(ITEM_ERASED));
	ck_assert(!is_erased(&f, &item.id));
	fixture_close(&f);
}
END_TEST

/* existing: what happens to what exists. */
static struct fixture_result withdraw(struct fixture *f, unsigned participant, uint64_t existing)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_CONSENT, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, EVENTS_CONSENT_WITHDRAW);
	wire_put_map(&draft.body, 1);
	put_key_uint(&draft.body, 3, existing);
	return fixture_send(f, &draft);
}

START_TEST(erase_when_consent_was_withdrawn_with_erasure_is_recorded)
{
	struct fixture_result item, kept, gone;
	struct fixture f;

	fixture_ready(&f, 1);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	kept = withdraw(&f, 1, EVENTS_EXISTING_KEEP);
	ck_denied(erase(&f, "h1/admin", &item.id, &kept.id), EVENTS_DENIAL_NO_GROUND);
	gone = withdraw(&f, 2, EVENTS_EXISTING_ERASE);
	ck_denied(erase(&f, "h1/admin", &item.id, &gone.id), EVENTS_DENIAL_NO_GROUND);
	gone = withdraw(&f, 1, EVENTS_EXISTING_ERASE);
	ck_recorded(erase(&f, "h1/admin", &item.id, &gone.id), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(item_when_every_holder_has_destroyed_it_is_erased)
{
	struct fixture_result item;
	struct base_hash ground;
	struct fixture f;

	fixture_ready(&f, 3);
	ground = granted(&f, &item);
	ck_recorded(held_by(&f, "h2/admin", &item.id, "h2"), 0);
	ck_denied(held_by(&f, "h2/admin", &item.id, "h1"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(held_by(&f, "h2/admin", &ground, "h2"), EVENTS_DENIAL_NO_SUCH_TARGET);
	/* Who has nothing to do with study and item says nothing of its copies. */
	ck_denied(held_by(&f, "h3/admin", &item.id, "h3"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(moved(&f, "h3/admin", &item.id, "h2", "h3"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(destroyed(&f, "h3/admin", &item.id, "h3", 3), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(moved(&f, "h2/admin", &item.id, "h2", "h3"), 0);
	ck_denied(moved(&f, "h1/admin", &item.id, "h2", "h3"), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(moved(&f, "h3/admin", &item.id, "h3", "nobody"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(moved(&f, "h3/admin", &ground, "h3", "h2"), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), 0);
	ck_denied(destroyed(&f, "h2/admin", &item.id, "h1", 3), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(destroyed(&f, "h1/admin", &ground, "h1", 3), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(destroyed(&f, "h3/admin", &item.id, "h3", EVENTS_DESTROYED_BOTH), 0);
	ck_assert(!is_erased(&f, &item.id));
	ck_recorded(destroyed(&f, "h1/admin", &item.id, "h1", EVENTS_DESTROYED_KEY), 0);
	ck_assert(!is_erased(&f, &item.id));
	ck_recorded(destroyed(&f, "h1/admin", &item.id, "h1", EVENTS_DESTROYED_CIPHERTEXT), 0);
	ck_assert(is_erased(&f, &item.id));
	ck_recorded(held_by(&f, "h2/admin", &item.id, "h2"), FLAG(ITEM_ERASED));
	ck_recorded(moved(&f, "h2/admin", &item.id, "h2", "h1"), FLAG(ITEM_ERASED));
	fixture_close(&f);
}
END_TEST

START_TEST(item_when_a_copy_was_taken_is_still_with_who_had_it)
{
	struct fixture_result item;
	struct state_fact fact;
	struct base_hash ground;
	struct fixture f;

	fixture_ready(&f, 2);
	ground = granted(&f, &item);
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), 0);
	/* The taker's word alone: h1 keeps it, as long as it does not say otherwise itself. */
	ck_recorded(moved(&f, "h2/admin", &item.id, "h1", "h2"), FLAG(ITEM_ERASED));
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &item.id, 0, NULL), 1);
	ck_recorded(destroyed(&f, "h2/admin", &item.id, "h2", EVENTS_DESTROYED_BOTH), 0);
	ck_assert(!is_erased(&f, &item.id));
	ck_recorded(destroyed(&f, "h1/admin", &item.id, "h1", EVENTS_DESTROYED_BOTH), 0);
	ck_assert(is_erased(&f, &item.id));
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &item.id, 0, &fact), 3);
	fixture_close(&f);
}
END_TEST

START_TEST(copy_when_it_would_be_a_committees_is_denied)
{
	struct fixture_result item;
	struct fixture f;

	fixture_ready(&f, 3);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_recorded(fixture_committee(&f, "h1/admin", "s1", "h3"), 0);
	ck_denied(held_by(&f, "h3/admin", &item.id, "h3"), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(moved(&f, "h1/admin", &item.id, "h1", "h3"), EVENTS_DENIAL_NOT_COMPETENT);
	ck_denied(moved(&f, "h3/admin", &item.id, "h1", "h3"), EVENTS_DENIAL_NOT_COMPETENT);
	fixture_close(&f);
}
END_TEST

START_TEST(destruction_when_unordered_or_held_is_recorded_and_flagged)
{
	struct fixture_result item;
	struct base_hash ground;
	struct fixture f;

	fixture_ready(&f, 1);
	ground = granted(&f, &item);
	ck_recorded(destroyed(&f, "h1/admin", &item.id, "h1", EVENTS_DESTROYED_KEY), FLAG(NOT_ORDERED));
	ck_recorded(place(&f, "h1/admin", 1, NULL, f.time.ms + 2500), 0);
	ck_recorded(destroyed(&f, "h1/admin", &item.id, "h1", EVENTS_DESTROYED_BOTH), FLAG(NOT_ORDERED) | FLAG(HELD));
	ck_assert(!is_erased(&f, &item.id));
	/* Ordered when nobody keeps it any more. */
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), 0);
	ck_assert(is_erased(&f, &item.id));
	fixture_close(&f);
}
END_TEST

START_TEST(derive_when_input_is_to_be_erased_is_flagged)
{
	struct fixture_draft draft;
	struct fixture_result item;
	struct base_hash ground;
	struct fixture f;

	fixture_ready(&f, 1);
	ground = granted(&f, &item);
	ck_recorded(erase(&f, "h1/admin", &item.id, &ground), 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_DERIVE, "s1");
	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, 7, 0);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &item.id, 0);
	ck_recorded(fixture_send(&f, &draft), FLAG(ITEM_ERASED));
	fixture_close(&f);
}
END_TEST

/* ---- finding, blinding ---------------------------------------------------------------- */

static struct fixture_result about(struct fixture *f, const char *by, enum events_kind_id kind, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 2, 1);
	return fixture_send(f, &draft);
}

START_TEST(finding_when_of_a_participant_joins_the_trail)
{
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(about(&f, "h2/admin", EVENTS_FINDING_REPORT, 1), 0); /* whoever finds it */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	ck_denied(about(&f, "h1/admin", EVENTS_FINDING_REPORT, 9), EVENTS_DENIAL_NO_SUCH_TARGET);
	fixture_close(&f);
}
END_TEST

START_TEST(unblinding_when_by_own_staff_sponsor_or_unblinded_staff_is_noted)
{
	struct base_hash reference = fixture_reference(1);
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	ck_recorded(about(&f, "h1/admin", EVENTS_BLINDING_UNBLIND, 1), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_PARTICIPANT, "s1", &reference, &fact), 2);
	ck_assert_uint_eq(events_uint(fact.content, 3), 1);
	ck_denied(about(&f, "h2/admin", EVENTS_BLINDING_UNBLIND, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(about(&f, "h1/admin", EVENTS_BLINDING_UNBLIND, 9), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(fixture_submit(&f, "h2/admin", "s1", 1, 8), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_recorded(about(&f, "h1/admin", EVENTS_BLINDING_UNBLIND, 8), 0); /* sponsor */
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/unblind", EVENTS_ROLE_UNBLINDED_STAFF), 0);
	ck_denied(about(&f, "h2/unblind", EVENTS_BLINDING_UNBLIND, 1), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_assign(&f, "h1/admin", "h2/unblind", "s1", "a", EVENTS_ROLE_UNBLINDED_STAFF, FIXTURE_TIME, 0), 0);
	ck_recorded(about(&f, "h2/unblind", EVENTS_BLINDING_UNBLIND, 1), 0);
	ck_recorded(fixture_participant(&f, "h2/admin", "s1", 8, "b"), 0); /* who it belongs to is as before */
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		request_when_received_is_due_a_calendar_month_later,
		request_when_by_others_is_denied,
		answer_when_in_time_is_recorded_and_concerns_the_participant,
		answer_when_not_to_a_request_of_ones_own_is_denied,
		answer_when_too_late_is_flagged,
		hold_when_of_own_things_is_recorded_and_of_others_needs_sponsor_or_inspector,
		hold_when_in_force_denies_erasure_until_lifted,
		hold_when_there_are_too_many_is_denied,
		erase_when_without_ground_is_denied,
		erase_when_consent_was_withdrawn_with_erasure_is_recorded,
		item_when_every_holder_has_destroyed_it_is_erased,
		item_when_a_copy_was_taken_is_still_with_who_had_it,
		copy_when_it_would_be_a_committees_is_denied,
		destruction_when_unordered_or_held_is_recorded_and_flagged,
		derive_when_input_is_to_be_erased_is_flagged,
		finding_when_of_a_participant_joins_the_trail,
		unblinding_when_by_own_staff_sponsor_or_unblinded_staff_is_noted,
		NULL,
	};

	return fixture_run("state/apply_rights", tests);
}
