/* Random blocks: every head is the chain of what state_concerns says, and a second executor comes to the same bytes. */
#include "tests/state/fixture.h"

#include <string.h>

#define PARTICIPANTS 9
#define BLOCK_MAX 12
#define KNOWN_MAX 2000

static const char *const people[] = {"h1/admin", "h2/admin", "h3/admin", "h1/dm", "h2/dm", "h3/monitor"};
static const char *const studies[] = {"s1", "s1", "s1", "s2", "s7"};

struct dice {
	uint64_t state;
	struct base_hash known[KNOWN_MAX]; /* ids of events that were sent */
	size_t count;
	uint64_t next_cid;
	unsigned house; /* the organisation whose event is drawn, from 0 */
};

static uint64_t roll(struct dice *dice, uint64_t sides)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (dice->state >> 33) % sides;
}

/* Mostly an item that may be there. */
static void put_some_item(struct dice *dice, struct base_buf *out)
{
	struct base_hash unknown = {{(uint8_t)roll(dice, 256)}};
	const struct base_hash *id = &unknown;

	if (dice->count > 0 && roll(dice, 30) > 0)
		id = &dice->known[roll(dice, dice->count)];
	put_item_id(out, id, roll(dice, 8) / 7);
}

static void put_some_items(struct dice *dice, struct base_buf *out, uint64_t key)
{
	uint64_t count = 1 + roll(dice, 4);

	wire_put_uint(out, key);
	wire_put_array(out, count);
	for (uint64_t i = 0; i < count; i++)
		put_some_item(dice, out);
}

/* Mostly one of the own organisation's, or none. */
static unsigned some_participant(struct dice *dice)
{
	if (roll(dice, 10) == 0)
		return (unsigned)roll(dice, PARTICIPANTS);
	return roll(dice, 4) == 0 ? 0 : 3 * dice->house + (unsigned)roll(dice, 3);
}

/* Now and then a CID that was used. */
static void put_some_data(struct dice *dice, struct base_buf *out)
{
	uint64_t cid = roll(dice, 20) == 0 ? roll(dice, dice->next_cid) : dice->next_cid++;

	put_item(out, cid, some_participant(dice));
}

static void put_data(struct dice *dice, struct base_buf *out)
{
	uint64_t count = 1 + roll(dice, 3);

	wire_put_uint(out, 1);
	wire_put_array(out, count);
	for (uint64_t i = 0; i < count; i++)
		put_some_data(dice, out);
}

static void put_attestation(struct dice *dice, struct base_buf *out)
{
	uint64_t count = 1 + roll(dice, 3);

	wire_put_map(out, 2);
	wire_put_uint(out, 1);
	wire_put_array(out, count);
	for (uint64_t i = 0; i < count; i++) {
		bool whole = dice->count > 0 && roll(dice, 2) == 0;

		wire_put_map(out, 1);
		wire_put_uint(out, whole ? 2 : 1);
		if (whole)
			wire_put_hash(out, &dice->known[roll(dice, dice->count)]);
		else
			put_some_item(dice, out);
	}
	put_key_uint(out, 2, 1 + roll(dice, 7));
}

static void put_freeze(struct dice *dice, struct base_buf *out)
{
	const struct base_hash root = {{1}};
	bool first = dice->count == 0 || roll(dice, 2) == 0;

	wire_put_map(out, first ? 4 : 5);
	put_key_uint(out, 1, 6);
	wire_put_uint(out, 2);
	wire_put_hash(out, &root);
	put_key_uint(out, 3, first ? 1 : 2);
	if (!first) {
		wire_put_uint(out, 4);
		wire_put_hash(out, &dice->known[roll(dice, dice->count)]);
	}
	put_some_items(dice, out, 5);
}

static void put_body(struct dice *dice, enum events_kind_id kind, struct base_buf *out)
{
	struct base_hash reference = fixture_reference((unsigned)roll(dice, PARTICIPANTS));

	if (kind == EVENTS_DATA_SUBMIT || kind == EVENTS_DATA_DERIVE) {
		wire_put_map(out, kind == EVENTS_DATA_SUBMIT ? 1 : 2);
		put_data(dice, out);
		if (kind == EVENTS_DATA_DERIVE)
			put_some_items(dice, out, 4);
	} else if (kind == EVENTS_DATA_CORRECT) {
		wire_put_map(out, 2);
		wire_put_uint(out, 1);
		put_some_item(dice, out);
		wire_put_uint(out, 2);
		put_some_data(dice, out);
	} else if (kind == EVENTS_DATA_RETRACT) {
		wire_put_map(out, 1);
		put_some_items(dice, out, 1);
	} else if (kind == EVENTS_ATTEST) {
		put_attestation(dice, out);
	} else if (kind == EVENTS_DATASET_FREEZE) {
		put_freeze(dice, out);
	} else {
		wire_put_map(out, 2);
		wire_put_uint(out, 1);
		wire_put_hash(out, &reference);
		put_key_text(out, 2, roll(dice, 2) == 0 ? "a" : "b");
	}
}

static void note(struct dice *dice, const struct base_hash *id)
{
	if (dice->count < KNOWN_MAX)
		dice->known[dice->count++] = *id;
}

static void draw(struct fixture *f, struct dice *dice, struct base_buf *out)
{
	static const enum events_kind_id kinds[] = {
		EVENTS_DATA_SUBMIT, EVENTS_DATA_SUBMIT, EVENTS_DATA_SUBMIT, EVENTS_DATA_DERIVE, EVENTS_DATA_CORRECT,
		EVENTS_DATA_RETRACT, EVENTS_ATTEST, EVENTS_DATASET_FREEZE, EVENTS_PARTICIPANT_ENROL,
	};
	enum events_kind_id kind = kinds[roll(dice, sizeof(kinds) / sizeof(kinds[0]))];
	const char *by = people[roll(dice, sizeof(people) / sizeof(people[0]))];
	struct fixture_draft draft =
		fixture_draft(f, by, kind, studies[roll(dice, sizeof(studies) / sizeof(studies[0]))]);
	struct events_event event;

	dice->house = (unsigned)(by[1] - '1');
	if (roll(dice, 25) == 0 && draft.envelope.sequence > 3)
		draft.envelope.sequence -= 1 + roll(dice, 3);
	put_body(dice, kind, &draft.body);
	fixture_sign(&draft, out);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(out), NULL), BASE_OK);
	note(dice, &event.id);
}

static void prepare(struct fixture *f)
{
	fixture_ready(f, 3);
	ck_recorded(fixture_study(f, "h2/admin", "s2", "h2", "a", "h2"), 0);
	ck_recorded(fixture_enrol(f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(f, "h2/admin", "h2/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(f, "h3/admin", "h3/monitor", EVENTS_ROLE_MONITOR), 0);
	ck_recorded(fixture_assign(f, "h1/admin", "h3/admin", "s1", "a", EVENTS_ROLE_DATA_MANAGER, FIXTURE_TIME, 0), 0);
	ck_recorded(fixture_assign(f, "h1/admin", "h3/monitor", "s1", "a", EVENTS_ROLE_MONITOR, FIXTURE_TIME, 0), 0);
}

START_TEST(execute_when_events_are_random_keeps_heads_and_concerns_equal)
{
	struct dice *dice = base_alloc(sizeof(*dice));
	struct fixture f, again;
	uint64_t denied = 0, recorded = 0, refused = 0, entries;

	dice->state = (uint64_t)_i + 1;
	dice->next_cid = 1;
	prepare(&f);
	prepare(&again);
	state_cache_close(again.cache);
	again.cache = NULL;
	for (unsigned block = 0; block < 60; block++) {
		struct base_buf events[BLOCK_MAX];
		struct fixture_result results[BLOCK_MAX], others[BLOCK_MAX];
		size_t count = 1 + (size_t)roll(dice, BLOCK_MAX);

		memset(events, 0, sizeof(events));
		for (size_t i = 0; i < count; i++)
			draw(&f, dice, &events[i]);
		fixture_block(&f, events, count, results);
		fixture_block(&again, events, count, others);
		for (size_t i = 0; i < count; i++) {
			ck_assert_int_eq(results[i].code, others[i].code);
			ck_assert_uint_eq(results[i].denial, others[i].denial);
			ck_assert_uint_eq(results[i].flags, others[i].flags);
			refused += results[i].code != BASE_OK;
			denied += results[i].code == BASE_OK && results[i].verdict == STATE_DENY;
			recorded += results[i].code == BASE_OK && results[i].verdict == STATE_RECORDED;
			base_buf_free(&events[i]);
			/* What was recorded is named more often. */
			for (unsigned n = 0; results[i].code == BASE_OK && results[i].verdict == STATE_RECORDED && n < 3; n++)
				note(dice, &results[i].id);
		}
		ck_assert_mem_eq(f.digest.bytes, again.digest.bytes, 32);
	}
	ck_assert_uint_gt(recorded, 30);
	ck_assert_uint_gt(denied, 50);
	ck_assert_uint_gt(refused, 5);
	entries = 0;
	for (unsigned participant = 1; participant < PARTICIPANTS; participant++) {
		entries += fixture_head(&f, "s1", participant) + fixture_head(&f, "s2", participant);
		ck_assert_uint_eq(fixture_head(&f, "s7", participant), 0);
	}
	ck_assert_uint_gt(entries, 80);
	free(dice);
	fixture_close(&f);
	fixture_close(&again);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("random");
	TCase *tcase = tcase_create("random");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, execute_when_events_are_random_keeps_heads_and_concerns_equal, 0, 4);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
