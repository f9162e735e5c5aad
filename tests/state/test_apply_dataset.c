/* dataset.freeze and attest: effect on state, every flag and denial. */
#include "tests/state/fixture.h"

#include <string.h>

/* ---- The root, the slow way: RFC 9162 §2.1.1, recursively ---------------------- */

static struct base_hash slow_root(const struct events_item_id *items, size_t count)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct base_hash left, right;
	size_t half = 1;

	if (count == 1) {
		put_item_id(&cbor, &items[0].event, items[0].index);
		left = base_sha256_tagged(0x00, base_buf_slice(&cbor), base_slice(NULL, 0));
		base_buf_free(&cbor);
		return left;
	}
	while (2 * half < count)
		half *= 2;
	left = slow_root(items, half);
	right = slow_root(items + half, count - half);
	return base_sha256_tagged(0x01, base_hash_slice(&left), base_hash_slice(&right));
}

struct part {
	uint64_t wanted, part;
	struct base_hash root;
	const struct base_hash *first;
};

static struct fixture_draft freezing(struct fixture *f, const char *by, const char *study, const struct part *part,
				     const struct events_item_id *items, size_t count)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATASET_FREEZE, study);

	wire_put_map(&draft.body, part->first == NULL ? 4 : 5);
	put_key_uint(&draft.body, 1, part->wanted);
	wire_put_uint(&draft.body, 2);
	wire_put_hash(&draft.body, &part->root);
	put_key_uint(&draft.body, 3, part->part);
	if (part->first != NULL) {
		wire_put_uint(&draft.body, 4);
		wire_put_hash(&draft.body, part->first);
	}
	wire_put_uint(&draft.body, 5);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++)
		put_item_id(&draft.body, &items[i].event, items[i].index);
	return draft;
}

static struct fixture_result freeze(struct fixture *f, const char *by, const struct part *part,
				    const struct events_item_id *items, size_t count)
{
	struct fixture_draft draft = freezing(f, by, "s1", part, items, count);

	return fixture_send(f, &draft);
}

/* count items of one event, of participants 1, 2, 3, 1, … */
static struct fixture_result submit_many(struct fixture *f, const char *study, uint64_t first_cid, size_t count)
{
	struct fixture_draft draft = fixture_draft(f, "h1/admin", EVENTS_DATA_SUBMIT, study);

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++)
		put_item(&draft.body, first_cid + i, (unsigned)(i % 3) + 1);
	return fixture_send(f, &draft);
}

static void ids_of(struct events_item_id *items, struct base_hash event, size_t count)
{
	for (size_t i = 0; i < count; i++)
		items[i] = (struct events_item_id){event, i};
}

/* ---- freeze ------------------------------------------------------------------ */

START_TEST(freeze_when_whole_in_one_part_is_complete)
{
	struct events_item_id items[7];
	struct fixture_result r;
	struct state_fact fact;
	struct fixture f;

	for (size_t count = 1; count <= 7; count++) {
		struct part part = {count, 1, {{0}}, NULL};

		fixture_ready(&f, 1);
		ids_of(items, submit_many(&f, "s1", 1, 7).id, 7);
		part.root = slow_root(items, count);
		r = freeze(&f, "h1/admin", &part, items, count);
		ck_recorded(r, 0);
		ck_assert_uint_eq(fixture_facts_hash(&f, STATE_DATASET, "s1", &r.id, &fact), 1);
		ck_assert(events_has(fact.content, 4));
		ck_assert_uint_eq(events_uint(fact.content, 2), count);
		ck_assert(base_slice_equal(events_text(fact.content, 7), base_slice_text("h1")));
		/* It names their items. */
		ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
		ck_assert_uint_eq(fixture_head(&f, "s1", 3), count >= 3 ? 3 : 2);
		ck_assert(fixture_posted(&f, state_term_item(&items[0].event, 0), r.index));
		fixture_close(&f);
	}
}
END_TEST

START_TEST(freeze_when_in_parts_is_complete_at_the_last)
{
	struct events_item_id items[21];
	struct fixture_result first, r;
	struct state_fact fact;
	struct part part = {21, 1, {{0}}, NULL};
	struct fixture f;

	fixture_ready(&f, 1);
	ids_of(items, submit_many(&f, "s1", 1, 21).id, 21);
	part.root = slow_root(items, 21);
	first = freeze(&f, "h1/admin", &part, items, 5);
	ck_recorded(first, FLAG(DATASET_INCOMPLETE));
	part.first = &first.id;
	part.part = 2;
	r = freeze(&f, "h1/admin", &part, items + 5, 11);
	ck_recorded(r, FLAG(DATASET_INCOMPLETE));
	ck_assert(fixture_posted(&f, state_term_named(&first.id), r.index));
	part.part = 3;
	/* Read back, not from the cache. */
	state_cache_close(f.cache);
	f.cache = NULL;
	ck_recorded(freeze(&f, "h1/admin", &part, items + 16, 5), 0);
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_DATASET, "s1", &first.id, &fact), 3);
	ck_assert(events_has(fact.content, 4));
	part.part = 4;
	ck_denied(freeze(&f, "h1/admin", &part, items, 1), EVENTS_DENIAL_TOO_MANY);
	fixture_close(&f);
}
END_TEST

START_TEST(freeze_when_root_does_not_match_stays_incomplete)
{
	struct events_item_id items[4];
	struct part part = {4, 1, {{0}}, NULL};
	struct fixture_result r;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 1);
	ids_of(items, submit_many(&f, "s1", 1, 4).id, 4);
	r = freeze(&f, "h1/admin", &part, items, 4);
	ck_recorded(r, FLAG(DATASET_INCOMPLETE));
	ck_assert_uint_eq(fixture_facts_hash(&f, STATE_DATASET, "s1", &r.id, &fact), 1);
	ck_assert(!events_has(fact.content, 4));
	fixture_close(&f);
}
END_TEST

START_TEST(freeze_when_part_is_wrong_is_denied)
{
	struct base_hash unknown = {{7}};
	struct events_item_id items[4];
	struct part good = {4, 1, {{0}}, NULL}, part;
	struct fixture_result first;
	struct fixture f;

	fixture_ready(&f, 2);
	ids_of(items, submit_many(&f, "s1", 1, 4).id, 4);
	good.root = slow_root(items, 4);
	part = good;
	part.part = 2;
	ck_denied(freeze(&f, "h1/admin", &part, items, 1), EVENTS_DENIAL_WRONG_STATE); /* of what? */
	part.first = &unknown;
	ck_denied(freeze(&f, "h1/admin", &part, items, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	part.part = 1;
	ck_denied(freeze(&f, "h1/admin", &part, items, 1), EVENTS_DENIAL_WRONG_STATE);
	first = freeze(&f, "h1/admin", &good, items, 2);
	ck_recorded(first, FLAG(DATASET_INCOMPLETE));
	part.first = &first.id;
	part.part = 3;
	ck_denied(freeze(&f, "h1/admin", &part, items + 2, 2), EVENTS_DENIAL_WRONG_STATE); /* 2 is next */
	part.part = 2;
	part.wanted = 5;
	ck_denied(freeze(&f, "h1/admin", &part, items + 2, 2), EVENTS_DENIAL_WRONG_STATE);
	part.wanted = 4;
	part.root.bytes[0] ^= 1;
	ck_denied(freeze(&f, "h1/admin", &part, items + 2, 2), EVENTS_DENIAL_WRONG_STATE);
	part.root.bytes[0] ^= 1;
	ck_denied(freeze(&f, "h2/admin", &part, items + 2, 2), EVENTS_DENIAL_OTHER_ORGANISATION);
	ck_denied(freeze(&f, "h1/admin", &part, items, 3), EVENTS_DENIAL_TOO_MANY);
	ck_recorded(freeze(&f, "h1/admin", &part, items + 2, 2), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(freeze_when_items_are_wrong_is_denied_or_flagged)
{
	struct events_item_id items[2];
	struct part part = {2, 1, {{0}}, NULL};
	struct fixture_draft draft;
	struct fixture f;

	fixture_ready(&f, 1);
	ck_recorded(fixture_study(&f, "h1/admin", "s2", "h1", "a", "h1"), 0);
	ids_of(items, submit_many(&f, "s1", 1, 2).id, 2);
	part.root = slow_root(items, 2);
	draft = freezing(&f, "h1/admin", "s2", &part, items, 2);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET); /* of another study */
	items[1].index = 2;
	ck_denied(freeze(&f, "h1/admin", &part, items, 2), EVENTS_DENIAL_NO_SUCH_TARGET);
	items[1].index = 1;
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/eve", EVENTS_ROLE_MONITOR), 0);
	ck_denied(freeze(&f, "h1/eve", &part, items, 2), EVENTS_DENIAL_NOT_ASSIGNED);
	draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_RETRACT, "s1");
	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item_id(&draft.body, &items[1].event, 1);
	ck_recorded(fixture_send(&f, &draft), 0);
	ck_recorded(freeze(&f, "h1/admin", &part, items, 2), FLAG(INPUT_RETRACTED));
	fixture_close(&f);
}
END_TEST

/* ---- attest ------------------------------------------------------------------ */

struct target {
	struct base_hash event;
	bool whole;
	uint64_t index;
};

static struct fixture_result attest(struct fixture *f, const char *by, const char *study, const struct target *targets,
				    size_t count)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_ATTEST, study);

	wire_put_map(&draft.body, 2);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, count);
	for (size_t i = 0; i < count; i++) {
		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, targets[i].whole ? 2 : 1);
		if (targets[i].whole)
			wire_put_hash(&draft.body, &targets[i].event);
		else
			put_item_id(&draft.body, &targets[i].event, targets[i].index);
	}
	put_key_uint(&draft.body, 2, 6);
	return fixture_send(f, &draft);
}

START_TEST(attest_when_target_is_an_item_is_noted_on_it)
{
	struct target targets[3];
	struct fixture_result data, r;
	struct state_fact fact;
	struct fixture f;

	fixture_ready(&f, 2);
	data = submit_many(&f, "s1", 1, 3);
	for (unsigned i = 0; i < 2; i++)
		targets[i] = (struct target){data.id, false, i};
	targets[2] = targets[0]; /* twice is once */
	ck_recorded(fixture_enrol(&f, "h2/admin", "h2/monitor", EVENTS_ROLE_MONITOR), 0);
	r = attest(&f, "h2/monitor", "s1", targets, 3);
	ck_recorded(r, 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 0, &fact), 1);
	ck_assert_uint_eq(fact.kind, EVENTS_ATTEST);
	ck_assert_uint_eq(events_uint(fact.content, 3), 6);
	ck_assert(base_slice_equal(events_text(fact.content, 4), base_slice_text("h2/monitor")));
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 1, NULL), 1);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 2, NULL), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 3), 2);
	/* 70 more: the record goes on in its next chunk. */
	for (unsigned i = 0; i < 70; i++)
		ck_recorded(attest(&f, "h2/monitor", "s1", targets, 1), 0);
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 0, &fact), 71);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 73);
	fixture_close(&f);
}
END_TEST

START_TEST(attest_when_target_is_an_event_is_posted_and_joins_its_trails)
{
	struct target targets[2];
	struct fixture_result data, enrolment, r;
	struct fixture f;

	fixture_ready(&f, 1);
	data = submit_many(&f, "s1", 1, 2);
	enrolment = fixture_participant(&f, "h1/admin", "s1", 7, "a");
	targets[0] = (struct target){data.id, true, 0};
	targets[1] = (struct target){enrolment.id, true, 0};
	r = attest(&f, "h1/admin", "s1", targets, 2);
	ck_recorded(r, 0);
	ck_assert(fixture_posted(&f, state_term_named(&data.id), r.index));
	ck_assert_uint_eq(fixture_facts_item(&f, "s1", &data.id, 0, NULL), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 2), 3);
	ck_assert_uint_eq(fixture_head(&f, "s1", 3), 1);
	ck_assert_uint_eq(fixture_head(&f, "s1", 7), 2);
	/* Attesting the attestation concerns nobody: it names no reference itself. */
	targets[0] = (struct target){r.id, true, 0};
	ck_recorded(attest(&f, "h1/admin", "s1", targets, 1), 0);
	ck_assert_uint_eq(fixture_head(&f, "s1", 1), 3);
	fixture_close(&f);
}
END_TEST

START_TEST(attest_when_impossible_is_denied)
{
	struct target target = {{{7}}, true, 0};
	struct fixture_result data, denied, study;
	struct fixture f;

	fixture_ready(&f, 2);
	study = fixture_study(&f, "h1/admin", "s2", "h1", "a", "h1");
	data = submit_many(&f, "s1", 1, 1);
	denied = fixture_submit(&f, "h2/admin", "s1", 9, 1);
	ck_denied(attest(&f, "h1/admin", "s1", &target, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	target.whole = false;
	ck_denied(attest(&f, "h1/admin", "s1", &target, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	target = (struct target){denied.id, true, 0};
	ck_denied(attest(&f, "h1/admin", "s1", &target, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	target = (struct target){study.id, true, 0}; /* of the ledger, not of the study */
	ck_denied(attest(&f, "h1/admin", "s2", &target, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	target = (struct target){data.id, true, 0};
	ck_denied(attest(&f, "h1/admin", "s2", &target, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	target.whole = false;
	ck_denied(attest(&f, "h1/admin", "s2", &target, 1), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/archive", EVENTS_ROLE_ARCHIVE), 0);
	ck_denied(attest(&f, "h1/archive", "s1", &target, 1), EVENTS_DENIAL_NOT_ASSIGNED);
	fixture_close(&f);
}
END_TEST

/* Events of 256 participants each: five of them are more than one entry may concern. */
START_TEST(attest_when_it_concerns_too_many_is_denied)
{
	struct target targets[5];
	struct fixture_result r;
	struct fixture f;

	fixture_ready(&f, 1);
	for (unsigned i = 0; i < 5; i++) {
		struct fixture_draft draft = fixture_draft(&f, "h1/admin", EVENTS_DATA_SUBMIT, "s1");

		wire_put_map(&draft.body, 1);
		wire_put_uint(&draft.body, 1);
		wire_put_array(&draft.body, 256);
		for (unsigned j = 0; j < 256; j++)
			put_item(&draft.body, 1000 * i + j, 1000 * i + j + 10);
		r = fixture_send(&f, &draft);
		ck_recorded(r, FLAG(PARTICIPANT_NOT_ENROLLED));
		targets[i] = (struct target){r.id, true, 0};
	}
	ck_recorded(attest(&f, "h1/admin", "s1", targets, 4), 0);
	ck_denied(attest(&f, "h1/admin", "s1", targets, 5), EVENTS_DENIAL_TOO_MANY);
	ck_assert_uint_eq(fixture_head(&f, "s1", 10), 2);
	ck_assert_uint_eq(fixture_head(&f, "s1", 4010), 1);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		freeze_when_whole_in_one_part_is_complete,
		freeze_when_in_parts_is_complete_at_the_last,
		freeze_when_root_does_not_match_stays_incomplete,
		freeze_when_part_is_wrong_is_denied,
		freeze_when_items_are_wrong_is_denied_or_flagged,
		attest_when_target_is_an_item_is_noted_on_it,
		attest_when_target_is_an_event_is_posted_and_joins_its_trails,
		attest_when_impossible_is_denied,
		attest_when_it_concerns_too_many_is_denied,
		NULL,
	};

	return fixture_run("apply_dataset", tests);
}
