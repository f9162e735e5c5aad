/* data.reassign, data.recall, data.incident, actor.affirm, actor.repudiate: effect on state, every flag and denial. */
#include "tests/state/fixture.h"

#include <string.h>

#define HOUR UINT64_C(3600000)

static struct fixture_result reassign(struct fixture *f, const char *by, const struct base_hash *item, uint64_t index,
				      unsigned from, unsigned to)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_REASSIGN, "s1");
	struct base_hash a = fixture_reference(from), b = fixture_reference(to);

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	put_item_id(&draft.body, item, index);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &a);
	wire_put_uint(&draft.body, 3);
	wire_put_hash(&draft.body, &b);
	return fixture_send(f, &draft);
}

static struct fixture_result attest_as(struct fixture *f, const char *by, const struct base_hash *event, uint64_t meaning)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ATTEST, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, event);
	put_key_uint(&draft.body, 2, meaning);
	return fixture_send(f, &draft);
}

static struct fixture_result attest(struct fixture *f, const char *by, const struct base_hash *event)
{
	return attest_as(f, by, event, EVENTS_MEANING_ACKNOWLEDGED);
}

static struct fixture_result recall(struct fixture *f, const char *by, const struct base_hash *item, uint64_t index)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_RECALL, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, item, index);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	wire_put_cstr(&draft.body, "h2");
	return fixture_send(f, &draft);
}

static struct fixture_result place_on(struct fixture *f, unsigned participant)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_HOLD_PLACE, "s1");
	struct base_hash reference = fixture_reference(participant);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	put_key_uint(&draft.body, 4, 1);
	return fixture_send(f, &draft);
}

static struct fixture_result destroyed(struct fixture *f, const struct base_hash *item)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_DESTROYED, "s1");

	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, item, 0);
	put_key_text(&draft.body, 2, "h1");
	put_key_uint(&draft.body, 3, EVENTS_DESTROYED_KEY);
	return fixture_send(f, &draft);
}

static struct fixture_result derive(struct fixture *f, uint64_t cid, const struct base_hash *input)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_DERIVE, "s1");

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, 0);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, input, 0);
	return fixture_send(f, &draft);
}

/* ---- reassign ---------------------------------------------------------------------- */

START_TEST(reassign_when_alone_is_in_effect_at_once_and_concerns_both)
{
	struct fixture_result item;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 1);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	ck_recorded(reassign(&f, "h1/admin", &item.id, 0, 1, 2), 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &item.id, 0, &fact), 1);
	ck_assert(events_has(fact.content, 11));
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 2);
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 1, 2), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(reassign(&f, "h1/admin", &item.id, 0, 2, 3), 0);
	ck_recorded(derive(&f, 5, &item.id), FLAG(ITEM_REASSIGNED));
	fixture_close(&f);
}
END_TEST

START_TEST(hold_when_the_item_is_reassigned_is_not_shaken_off)
{
	struct fixture f;

	for (unsigned held = 1; held <= 3; held++) { /* whose it was submitted as, was in between, and is */
		struct fixture_result item;

		fixture_ready(&f, 1);
		item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
		ck_recorded(reassign(&f, "h1/admin", &item.id, 0, 1, 2), 0);
		ck_recorded(destroyed(&f, &item.id), FLAG(NOT_ORDERED));
		ck_recorded(place_on(&f, held), 0);
		ck_recorded(reassign(&f, "h1/admin", &item.id, 0, 2, 3), 0);
		ck_recorded(destroyed(&f, &item.id), FLAG(NOT_ORDERED) | FLAG(HELD));
		fixture_close(&f);
	}
}
END_TEST

START_TEST(reassign_when_to_too_many_is_denied)
{
	struct fixture_result item;
	struct fixture f;

	fixture_ready(&f, 1);
	for (unsigned i = 4; i <= 18; i++)
		ck_recorded(fixture_participant(&f, "h1/admin", "s1", i, "a"), 0);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	for (unsigned i = 1; i <= 16; i++)
		ck_recorded(reassign(&f, "h1/admin", &item.id, 0, i, i + 1), 0);
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 17, 18), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(reassign(&f, "h1/admin", &item.id, 0, 17, 5), 0); /* back to one of them */
	fixture_close(&f);
}
END_TEST

START_TEST(reassign_when_there_are_others_waits_for_one_of_them)
{
	struct fixture_result item, moved;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	moved = reassign(&f, "h1/admin", &item.id, 0, 1, 2);
	ck_recorded(moved, FLAG(UNCONFIRMED));
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 1, 3), EVENTS_DENIAL_WRONG_STATE); /* one waits */
	ck_recorded(attest_as(&f, "h1/admin", &moved.id, EVENTS_MEANING_APPROVED), 0); /* the own word is not enough */
	ck_recorded(attest(&f, "h2/admin", &moved.id), 0); /* nor to have seen it */
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &item.id, 0, &fact), 1);
	ck_recorded(place_on(&f, 2), 0);
	ck_recorded(destroyed(&f, &item.id), FLAG(NOT_ORDERED) | FLAG(HELD)); /* either counts */
	ck_recorded(attest_as(&f, "h2/admin", &moved.id, EVENTS_MEANING_APPROVED), 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &item.id, 0, &fact), 3);
	ck_assert(fact.kind == EVENTS_ATTEST && events_has(fact.content, 11));
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_EVENT, "", &moved.id, &fact), 4);
	ck_assert(events_has(fact.content, 5));
	ck_recorded(reassign(&f, "h1/admin", &item.id, 0, 2, 3), FLAG(UNCONFIRMED));
	fixture_close(&f);
}
END_TEST

START_TEST(reassign_when_wrong_is_denied)
{
	struct fixture_result item, free;
	struct fixture f;

	fixture_ready(&f, 2);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	free = fixture_submit(&f, "h1/admin", "s1", 2, 0);
	ck_recorded(fixture_submit(&f, "h2/admin", "s1", 3, 8), FLAG(PARTICIPANT_NOT_ENROLLED));
	ck_denied(reassign(&f, "h1/admin", &item.id, 1, 1, 2), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(reassign(&f, "h2/admin", &item.id, 0, 1, 8), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 3, 2), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 1, 1), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(reassign(&f, "h1/admin", &free.id, 0, 1, 2), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 1, 9), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(reassign(&f, "h1/admin", &item.id, 0, 1, 8), EVENTS_DENIAL_OTHER_ORGANISATION);
	fixture_close(&f);
}
END_TEST

/* ---- recall ------------------------------------------------------------------------ */

START_TEST(recall_when_acknowledged_says_by_whom)
{
	struct fixture_result item, recalled;
	struct state_fact fact;
	struct wire_reader actor;
	struct fixture f;

	fixture_ready(&f, 2);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 1);
	recalled = recall(&f, "h1/admin", &item.id, 0);
	ck_recorded(recalled, 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &item.id, 0, &fact), 1);
	ck_assert(events_has(fact.content, 12));
	ck_recorded(attest(&f, "h2/admin", &recalled.id), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_EVENT, "", &recalled.id, &fact), 2);
	ck_assert(events_find(fact.content, 1, &actor));
	ck_assert(base_slice_equal(wire_get_text(&actor), base_slice_text("h2/admin")));
	ck_denied(recall(&f, "h2/admin", &item.id, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(recall(&f, "h1/admin", &item.id, 3), EVENTS_DENIAL_NO_SUCH_TARGET);
	fixture_close(&f);
}
END_TEST

/* ---- incident ------------------------------------------------------------------------ */

/* participant 0, item NULL, first NULL: none. when 0: now. */
static struct fixture_result incident(struct fixture *f, const char *by, uint64_t stage, unsigned participant,
				      const struct base_hash *item, const struct base_hash *first, uint64_t when)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_INCIDENT, "s1");
	struct base_hash reference = fixture_reference(participant);

	if (when != 0)
		draft.envelope.when.utc_ms = when;
	wire_put_map(&draft.body, 3u + (participant != 0) + (item != NULL) + (first != NULL));
	put_key_uint(&draft.body, 1, 1);
	wire_put_uint(&draft.body, 2);
	put_point(&draft.body, FIXTURE_TIME);
	put_key_uint(&draft.body, 3, stage);
	if (participant != 0) {
		wire_put_uint(&draft.body, 4);
		wire_put_array(&draft.body, 1);
		wire_put_hash(&draft.body, &reference);
	}
	if (item != NULL) {
		wire_put_uint(&draft.body, 5);
		wire_put_array(&draft.body, 1);
		put_item_id(&draft.body, item, 0);
	}
	if (first != NULL) {
		wire_put_uint(&draft.body, 6);
		wire_put_hash(&draft.body, first);
	}
	return fixture_send(f, &draft);
}

START_TEST(incident_when_followed_up_runs_its_clock)
{
	struct fixture_result item, first, late;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	item = fixture_submit(&f, "h1/admin", "s1", 1, 2);
	first = incident(&f, "h1/admin", EVENTS_INCIDENT_DISCOVERED, 1, &item.id, NULL, 0);
	ck_recorded(first, 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_INCIDENT, "s1", &first.id, &fact), 1);
	ck_assert_uint_eq(events_uint(fact.content, 2), FIXTURE_TIME + 72 * HOUR);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 2);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 3);
	ck_recorded(incident(&f, "h1/admin", EVENTS_INCIDENT_NOTIFIED, 0, NULL, &first.id, FIXTURE_TIME + 72 * HOUR), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3); /* the first report named it */
	ck_recorded(incident(&f, "h1/admin", EVENTS_INCIDENT_CLOSED, 0, NULL, &first.id, FIXTURE_TIME + 99 * HOUR), 0);
	ck_denied(incident(&f, "h1/admin", EVENTS_INCIDENT_CLOSED, 0, NULL, &first.id, 0), EVENTS_DENIAL_WRONG_STATE);
	late = incident(&f, "h1/admin", EVENTS_INCIDENT_DISCOVERED, 0, NULL, NULL, FIXTURE_TIME + 73 * HOUR);
	ck_recorded(late, FLAG(OVERDUE));
	ck_recorded(incident(&f, "h1/admin", EVENTS_INCIDENT_NOTIFIED, 0, NULL, &late.id, FIXTURE_TIME + 72 * HOUR + 1), FLAG(OVERDUE));
	fixture_close(&f);
}
END_TEST

START_TEST(incident_when_about_nothing_is_denied)
{
	struct fixture_result first;
	struct base_hash none = fixture_reference(77);
	struct fixture f;

	fixture_ready(&f, 2);
	first = incident(&f, "h1/admin", EVENTS_INCIDENT_DISCOVERED, 0, NULL, NULL, 0);
	ck_denied(incident(&f, "h1/admin", 1, 9, NULL, NULL, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(incident(&f, "h1/admin", 1, 0, &none, NULL, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(incident(&f, "h1/admin", 2, 0, NULL, &none, 0), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_denied(incident(&f, "h2/admin", 2, 0, NULL, &first.id, 0), EVENTS_DENIAL_OTHER_ORGANISATION);
	fixture_close(&f);
}
END_TEST

/* ---- affirm, repudiate ----------------------------------------------------------------- */

static struct fixture_result say(struct fixture *f, const char *by, enum events_kind_id kind, const struct base_hash *ids,
				 size_t count)
{
	struct fixture_draft draft = fixture_draft(f, by, kind, NULL);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++)
		wire_put_hash(&draft.body, &ids[i]);
	return fixture_send(f, &draft);
}

static struct fixture_result affirm(struct fixture *f, const char *by, const struct base_hash *id)
{
	return say(f, by, EVENTS_ACTOR_AFFIRM, id, 1);
}

static struct fixture_result repudiate(struct fixture *f, const char *by, const struct base_hash *id)
{
	return say(f, by, EVENTS_ACTOR_REPUDIATE, id, 1);
}

/* h1/dm, data manager of s1. */
static void staffed(struct fixture *f, unsigned organisations)
{
	fixture_ready(f, organisations);
	ck_recorded(fixture_enrol(f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_assign(f, "h1/admin", "h1/dm", "s1", "a", EVENTS_ROLE_DATA_MANAGER, FIXTURE_TIME, 0), 0);
}

static void stolen(struct fixture *f, uint64_t since)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_ACTOR_REVOKE, NULL);
	struct base_hash kid = fixture_kid(fixture_person(f, "h1/dm"));

	wire_put_map(&draft.body, 3);
	put_key_text(&draft.body, 1, "h1/dm");
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &kid);
	wire_put_uint(&draft.body, 3);
	put_point(&draft.body, since);
	ck_recorded(fixture_send(f, &draft), 0);
}

START_TEST(repudiation_when_of_suspect_events_takes_back_what_they_brought)
{
	struct fixture_result before, after;
	struct state_fact fact;
	struct fixture f;
	uint64_t since;

	staffed(&f, 2);
	before = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	since = f.time.ms + 1000;
	after = fixture_submit(&f, "h1/dm", "s1", 2, 1);
	ck_denied(repudiate(&f, "h1/admin", &after.id), EVENTS_DENIAL_NOT_SUSPECT);
	stolen(&f, since);
	ck_denied(repudiate(&f, "h1/admin", &before.id), EVENTS_DENIAL_NOT_SUSPECT);
	ck_denied(repudiate(&f, "h2/admin", &after.id), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/peer", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_denied(repudiate(&f, "h1/peer", &after.id), EVENTS_DENIAL_NO_AUTHORITY);
	ck_denied(affirm(&f, "h1/peer", &after.id), EVENTS_DENIAL_NO_AUTHORITY);
	ck_recorded(repudiate(&f, "h1/admin", &after.id), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_EVENT, "", &after.id, &fact), 1);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &after.id, 0, &fact), 1);
	ck_assert(events_has(fact.content, 13));
	ck_recorded(derive(&f, 5, &after.id), FLAG(INPUT_RETRACTED));
	/* Enrolment, two submissions, repudiation, derivation; and four attempts within the house. */
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 9);
	ck_denied(repudiate(&f, "h1/admin", &after.id), EVENTS_DENIAL_WRONG_STATE);
	ck_denied(affirm(&f, "h1/admin", &after.id), EVENTS_DENIAL_WRONG_STATE);
	fixture_close(&f);
}
END_TEST

START_TEST(affirmation_when_by_administrator_stands_until_repudiated)
{
	struct fixture_result item;
	struct base_hash none = fixture_reference(77), twice[2];
	struct state_fact fact;
	struct fixture f;

	staffed(&f, 1);
	item = fixture_submit(&f, "h1/dm", "s1", 1, 1);
	stolen(&f, FIXTURE_TIME);
	twice[0] = twice[1] = item.id;
	ck_denied(affirm(&f, "h1/admin", &none), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(say(&f, "h1/admin", EVENTS_ACTOR_AFFIRM, twice, 2), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_EVENT, "", &item.id, &fact), 1);
	ck_denied(affirm(&f, "h1/admin", &item.id), EVENTS_DENIAL_WRONG_STATE);
	ck_recorded(repudiate(&f, "h1/admin", &item.id), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(affirmation_when_of_a_denied_event_or_by_a_suspect_key_is_denied)
{
	struct fixture_result denied, own;
	struct fixture_draft draft;
	struct fixture_person *next;
	struct base_hash kid;
	struct base_buf proof = BASE_BUF_INIT;
	struct fixture f;

	staffed(&f, 1);
	denied = fixture_submit(&f, "h1/dm", "s2", 1, 1);
	ck_denied(denied, EVENTS_DENIAL_NO_SUCH_STUDY);
	stolen(&f, FIXTURE_TIME);
	ck_denied(affirm(&f, "h1/admin", &denied.id), EVENTS_DENIAL_NO_SUCH_TARGET);
	/* The only administrator rotates, and says that the old key was in other hands before. */
	own = fixture_submit(&f, "h1/admin", "s1", 2, 1);
	next = fixture_person_with(&f, "h1/admin", "next");
	fixture_proof(&f, &proof, next, EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR));
	draft = fixture_draft(&f, "h1/admin", EVENTS_ACTOR_ROTATE, NULL);
	wire_put_map(&draft.body, 2);
	put_key_text(&draft.body, 1, "h1/admin");
	wire_put_uint(&draft.body, 2);
	wire_put_bytes(&draft.body, base_buf_slice(&proof));
	ck_recorded(fixture_send(&f, &draft), FLAG(KEY_SUSPECT));
	base_buf_free(&proof);
	kid = fixture_kid(fixture_person(&f, "h1/admin"));
	draft = fixture_draft(&f, "h1/admin", EVENTS_ACTOR_REVOKE, NULL);
	draft.by = next;
	draft.envelope.sequence = ++next->sequence;
	wire_put_map(&draft.body, 3);
	put_key_text(&draft.body, 1, "h1/admin");
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &kid);
	wire_put_uint(&draft.body, 3);
	put_point(&draft.body, FIXTURE_TIME);
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = fixture_draft(&f, "h1/admin", EVENTS_ACTOR_AFFIRM, NULL);
	draft.by = next;
	draft.envelope.sequence = ++next->sequence;
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	wire_put_hash(&draft.body, &own.id);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_AUTHORITY);
	fixture_close(&f);
}
END_TEST

/* give (on any form, for everything) or withdraw; or annul: target. */
static struct fixture_result consent(struct fixture *f, const char *by, enum events_consent_act act,
				     const struct base_hash *target)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_CONSENT, "s1");
	struct base_hash reference = fixture_reference(1);
	struct wire_cid cid = fixture_cid(900);
	uint8_t bytes[WIRE_CID_BYTES];

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_hash(&draft.body, &reference);
	wire_put_uint(&draft.body, 2);
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, act);
	if (act == EVENTS_CONSENT_ANNUL) {
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 1);
		wire_put_hash(&draft.body, target);
		return fixture_send(f, &draft);
	}
	if (act == EVENTS_CONSENT_WITHDRAW) {
		wire_put_map(&draft.body, 1);
		put_key_uint(&draft.body, 3, EVENTS_EXISTING_RESTRICT);
		return fixture_send(f, &draft);
	}
	wire_cid_bytes(bytes, &cid);
	wire_put_map(&draft.body, 3);
	wire_put_uint(&draft.body, 1);
	wire_put_map(&draft.body, 4);
	wire_put_uint(&draft.body, 1);
	wire_put_bytes(&draft.body, base_slice(bytes, sizeof(bytes)));
	put_key_text(&draft.body, 2, "1.0");
	put_key_text(&draft.body, 3, "de");
	put_key_uint(&draft.body, 4, 1);
	wire_put_uint(&draft.body, 2);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 3);
	put_key_uint(&draft.body, 1, 1);
	put_key_uint(&draft.body, 2, 1);
	wire_put_uint(&draft.body, 3);
	put_point(&draft.body, FIXTURE_TIME);
	wire_put_uint(&draft.body, 4);
	wire_put_array(&draft.body, 1);
	wire_put_map(&draft.body, 1);
	put_key_uint(&draft.body, 1, EVENTS_EFFECT_PERMIT);
	return fixture_send(f, &draft);
}

struct gathering {
	struct state_fact facts[8];
	size_t count;
};

static bool gather(void *arg, const struct state_fact *fact)
{
	struct gathering *g = arg;

	ck_assert_uint_lt(g->count, 8);
	g->facts[g->count++] = *fact;
	return true;
}

/* What participant 1 allows, as far as withdrawals decide it: denied, or nothing. */
static enum state_stance stance(struct fixture *f)
{
	const struct state_question question = {.at = {f->time.ms + HOUR}, .known = UINT64_MAX};
	struct base_hash reference = fixture_reference(1);
	struct base_buf cbor = BASE_BUF_INIT;
	struct gathering g = {.count = 0};

	wire_put_hash(&cbor, &reference);
	ck_assert_int_eq(state_record_walk(&f->view, STATE_CONSENT, base_slice_text("s1"), base_buf_slice(&cbor), gather, &g, NULL), BASE_OK);
	base_buf_free(&cbor);
	return state_consent_at(g.facts, g.count, NULL, 0, &(struct state_cover_record){NULL, 0}, base_slice(NULL, 0), &question).stance;
}

START_TEST(repudiation_when_of_consents_lets_restrictions_stand)
{
	struct base_hash reference = fixture_reference(1);
	struct fixture_result given, withdrawn, annulled;
	struct state_fact fact;
	struct base_hash all[3];
	struct fixture f;

	staffed(&f, 1);
	given = consent(&f, "h1/dm", EVENTS_CONSENT_GIVE, NULL);
	withdrawn = consent(&f, "h1/dm", EVENTS_CONSENT_WITHDRAW, NULL);
	ck_assert_int_eq(stance(&f), STATE_DENIED);
	annulled = consent(&f, "h1/dm", EVENTS_CONSENT_ANNUL, &withdrawn.id);
	ck_recorded(annulled, 0);
	ck_assert_int_eq(stance(&f), STATE_SILENT);
	stolen(&f, FIXTURE_TIME);
	all[0] = given.id;
	all[1] = withdrawn.id;
	all[2] = annulled.id;
	ck_recorded(say(&f, "h1/admin", EVENTS_ACTOR_REPUDIATE, all, 3), 0);
	/* What gave, and what annulled the withdrawal; the withdrawal itself stands. */
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_CONSENT, "s1", &reference, &fact), 5);
	ck_assert_int_eq(stance(&f), STATE_DENIED);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reassign_when_alone_is_in_effect_at_once_and_concerns_both,
		hold_when_the_item_is_reassigned_is_not_shaken_off,
		reassign_when_to_too_many_is_denied,
		reassign_when_there_are_others_waits_for_one_of_them,
		reassign_when_wrong_is_denied,
		recall_when_acknowledged_says_by_whom,
		incident_when_followed_up_runs_its_clock,
		incident_when_about_nothing_is_denied,
		repudiation_when_of_suspect_events_takes_back_what_they_brought,
		affirmation_when_by_administrator_stands_until_repudiated,
		affirmation_when_of_a_denied_event_or_by_a_suspect_key_is_denied,
		repudiation_when_of_consents_lets_restrictions_stand,
		NULL,
	};

	return fixture_run("state/apply_mending", tests);
}
