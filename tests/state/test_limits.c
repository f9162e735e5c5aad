/* Token buckets: against an obvious one, floods, and what needs no slot. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"

#include <stdio.h>
#include <string.h>

/* ---- Buckets ------------------------------------------------------------------- */

START_TEST(bucket_when_charged_at_random_agrees_with_counting_each_millisecond)
{
	uint64_t random = 7;

	for (int round = 0; round < 200; round++) {
		struct state_limit limit = {1 + (random >> 40) % 20, 1 + (random >> 50) % 3000};
		struct state_bucket bucket = {0, 0};
		uint64_t level = limit.burst * 1000, now = 1000;

		for (int i = 0; i < 300; i++) {
			bool has = level >= 1000;
			uint64_t pause;

			ck_assert_int_eq(state_bucket_has(&bucket, &limit, (struct base_time){now}), has);
			if (has) {
				state_bucket_charge(&bucket, &limit, (struct base_time){now});
				level -= 1000;
			}
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
			pause = (random >> 60) == 0 ? (random >> 33) % 5000 : (random >> 33) % 3;
			for (uint64_t ms = 0; ms < pause; ms++) {
				level += limit.refill;
				level = level > limit.burst * 1000 ? limit.burst * 1000 : level;
			}
			now += pause;
		}
	}
}
END_TEST

START_TEST(bucket_when_at_the_edges_neither_overflows_nor_runs_backwards)
{
	const struct state_limit most = {STATE_LIMIT_MAX, STATE_LIMIT_MAX}, one = {1, 1};
	struct state_bucket bucket = {0, 0}, again;
	uint8_t value[STATE_BUCKET_BYTES];

	state_bucket_charge(&bucket, &most, (struct base_time){5});
	ck_assert_uint_eq(bucket.level, STATE_LIMIT_MAX * 1000 - 1000);
	ck_assert(state_bucket_has(&bucket, &most, (struct base_time){UINT64_MAX}));
	state_bucket_charge(&bucket, &most, (struct base_time){UINT64_MAX});
	ck_assert_uint_eq(bucket.level, STATE_LIMIT_MAX * 1000 - 1000);
	/* A lower limit lowers what is in it. */
	ck_assert(state_bucket_has(&bucket, &one, (struct base_time){6}));
	state_bucket_charge(&bucket, &one, (struct base_time){6});
	ck_assert_uint_eq(bucket.level, 0);
	ck_assert(!state_bucket_has(&bucket, &one, (struct base_time){1005}));
	ck_assert(!state_bucket_has(&bucket, &one, (struct base_time){3}));
	ck_assert(state_bucket_has(&bucket, &one, (struct base_time){1006}));
	state_bucket_encode(value, &bucket);
	again = state_bucket_decode(value);
	ck_assert_uint_eq(again.level, bucket.level);
	ck_assert_uint_eq(again.time, bucket.time);
}
END_TEST

static void check_read(const struct state_limits *limits, bool good)
{
	struct state_limits again = {0};
	struct base_buf bytes = BASE_BUF_INIT;
	struct wire_reader r;

	state_limits_put(&bytes, limits);
	wire_read(&r, base_buf_slice(&bytes));
	state_limits_read(&again, &r);
	ck_assert_int_eq(!r.failed, good);
	if (good)
		ck_assert_mem_eq(&again, limits, sizeof(again));
	base_buf_free(&bytes);
}

START_TEST(limits_when_zero_or_too_large_are_refused)
{
	struct state_limits limits = STATE_LIMITS_DEFAULT;

	check_read(&limits, true);
	limits.key.burst = 0;
	check_read(&limits, false);
	limits.key = (struct state_limit){1, 0};
	check_read(&limits, false);
	limits.key = (struct state_limit){STATE_LIMIT_MAX, 1};
	check_read(&limits, true);
	limits.restrictions.refill = STATE_LIMIT_MAX + 1;
	check_read(&limits, false);
}
END_TEST

/* ---- Governance ---------------------------------------------------------------- */

static struct fixture_result propose(struct fixture *f, const char *by, const struct state_limits *limits)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_GOVERNANCE_PROPOSE, NULL);

	wire_put_map(&draft.body, 2);
	put_key_uint(&draft.body, 1, EVENTS_ACTION_LIMITS);
	wire_put_uint(&draft.body, 3);
	state_limits_put(&draft.body, limits);
	return fixture_send(f, &draft);
}

static struct fixture_result on_proposal(struct fixture *f, const char *by, const struct base_hash *id,
					 enum events_kind_id kind)
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

/* Passed by the votes of h1 … hN. */
static void set_limits(struct fixture *f, unsigned organisations, struct state_limits limits)
{
	struct fixture_result proposed = propose(f, "h1/admin", &limits), r = {0};

	ck_recorded(proposed, 0);
	for (unsigned n = 1; n <= organisations / 2 + 1; n++) {
		char name[32];

		snprintf(name, sizeof(name), "h%u/admin", n);
		r = on_proposal(f, name, &proposed.id, EVENTS_GOVERNANCE_VOTE);
		ck_recorded(r, 0);
	}
	ck_assert_str_eq(r.milestone, "proposal-passed");
}

START_TEST(limits_when_voted_are_in_force_and_when_not_are_not)
{
	const struct state_limits limits = {{5, 1}, {50, 10}, {3, 1}};
	struct state_limits read;
	struct fixture_result proposed;
	struct fixture_draft draft;
	struct state_fact fact;
	struct wire_reader r;
	struct fixture f;
	size_t before;

	fixture_open(&f, 2);
	before = fixture_facts(&f, STATE_GOVERNANCE, "", base_slice(NULL, 0), NULL);
	proposed = propose(&f, "h1/admin", &limits);
	ck_recorded(proposed, 0);
	ck_denied(on_proposal(&f, "h1/admin", &proposed.id, EVENTS_ORGANISATION_ADMIT), EVENTS_DENIAL_NO_SUCH_TARGET);
	ck_recorded(on_proposal(&f, "h1/admin", &proposed.id, EVENTS_GOVERNANCE_VOTE), 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_GOVERNANCE, "", base_slice(NULL, 0), NULL), before);
	ck_recorded(on_proposal(&f, "h2/admin", &proposed.id, EVENTS_GOVERNANCE_VOTE), 0);
	ck_assert_uint_eq(fixture_facts(&f, STATE_GOVERNANCE, "", base_slice(NULL, 0), &fact), before + 1);
	ck_assert_uint_eq(fact.kind, EVENTS_GOVERNANCE_VOTE);
	ck_assert(events_find(fact.content, 3, &r));
	state_limits_read(&read, &r);
	ck_assert_mem_eq(&read, &limits, sizeof(read));
	ck_denied(on_proposal(&f, "h2/admin", &proposed.id, EVENTS_GOVERNANCE_VOTE), EVENTS_DENIAL_WRONG_STATE);
	/* An action with what belongs to the other one. */
	draft = fixture_draft(&f, "h1/admin", EVENTS_GOVERNANCE_PROPOSE, NULL);
	wire_put_map(&draft.body, 1);
	put_key_uint(&draft.body, 1, EVENTS_ACTION_LIMITS);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	draft = fixture_draft(&f, "h1/admin", EVENTS_GOVERNANCE_PROPOSE, NULL);
	wire_put_map(&draft.body, 2);
	put_key_uint(&draft.body, 1, EVENTS_ACTION_ADMIT);
	wire_put_uint(&draft.body, 3);
	state_limits_put(&draft.body, &limits);
	ck_denied(fixture_send(&f, &draft), EVENTS_DENIAL_NO_SUCH_TARGET);
	fixture_close(&f);
}
END_TEST

/* ---- Floods -------------------------------------------------------------------- */

static struct fixture_draft withdrawal(struct fixture *f, const char *by, unsigned participant)
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
	put_key_uint(&draft.body, 3, EVENTS_EXISTING_KEEP);
	return draft;
}

static struct fixture_draft submission(struct fixture *f, const char *by, uint64_t cid)
{
	struct fixture_draft draft = fixture_draft(f, by, EVENTS_DATA_SUBMIT, "s1");

	wire_put_map(&draft.body, 1);
	wire_put_uint(&draft.body, 1);
	wire_put_array(&draft.body, 1);
	put_item(&draft.body, cid, 0);
	return draft;
}

/* Blocks of a flood: how many of its events get in. */
static unsigned flood(struct fixture *f, const char *by, uint64_t cid, unsigned count)
{
	struct base_buf *events = base_alloc(count * sizeof(*events));
	struct fixture_result *results = base_alloc(count * sizeof(*results));
	unsigned entered = 0;

	for (unsigned i = 0; i < count; i++) {
		struct fixture_draft draft = submission(f, by, cid + i);

		fixture_sign(&draft, &events[i]);
	}
	fixture_block(f, events, count, results);
	for (unsigned i = 0; i < count; i++) {
		if (results[i].code == BASE_OK)
			entered++;
		else
			ck_refused(results[i], "too much at once");
		base_buf_free(&events[i]);
	}
	free(events);
	free(results);
	return entered;
}

START_TEST(flood_when_one_key_sends_is_bounded_and_nobody_else_is)
{
	const struct state_limits limits = {{20, 5}, {60, 20}, {4, 1}};
	struct fixture_draft draft;
	struct fixture f;
	size_t entries;

	fixture_ready(&f, 2);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/dm", EVENTS_ROLE_DATA_MANAGER), 0);
	ck_recorded(fixture_enrol(&f, "h1/admin", "h1/other", EVENTS_ROLE_DATA_MANAGER), 0);
	set_limits(&f, 2, limits);
	entries = f.count;
	ck_assert_uint_eq(flood(&f, "h1/dm", 1000, 200), 20);
	ck_assert_uint_eq(f.count - entries, 21); /* and the block entry: what is refused leaves no trace */
	fixture_person(&f, "h1/dm")->sequence = 20; /* what was refused used up no number */
	/* A second later there are five more. */
	ck_assert_uint_eq(flood(&f, "h1/dm", 2000, 100), 5);
	fixture_person(&f, "h1/dm")->sequence = 25;
	/* The same organisation, another key; another organisation. */
	ck_recorded(fixture_submit(&f, "h1/other", "s1", 1, 1), 0);
	draft = submission(&f, "h2/admin", 2);
	ck_recorded(fixture_send(&f, &draft), 0);
	/* Whoever floods can still withdraw, with a bucket of its own. */
	fixture_person(&f, "h1/dm")->sequence = 40;
	draft = withdrawal(&f, "h1/dm", 1);
	ck_recorded(fixture_send(&f, &draft), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(flood_when_an_organisation_sends_with_many_keys_is_bounded_together)
{
	const struct state_limits limits = {{20, 5}, {30, 1}, {4, 1}};
	struct fixture_draft draft;
	struct fixture f;
	unsigned entered = 0;

	fixture_ready(&f, 2);
	for (unsigned i = 0; i < 4; i++) {
		char name[32];

		snprintf(name, sizeof(name), "h1/dm%u", i);
		ck_recorded(fixture_enrol(&f, "h1/admin", name, EVENTS_ROLE_DATA_MANAGER), 0);
	}
	set_limits(&f, 2, limits);
	for (unsigned i = 0; i < 4; i++) {
		char name[32];

		snprintf(name, sizeof(name), "h1/dm%u", i);
		entered += flood(&f, name, 1000 * (i + 1), 25);
	}
	ck_assert_uint_ge(entered, 29);
	ck_assert_uint_le(entered, 34);
	/* The whole organisation is dry; its withdrawals and the other organisation are not. */
	draft = submission(&f, "h2/admin", 2);
	ck_recorded(fixture_send(&f, &draft), 0);
	for (unsigned i = 0; i < 4; i++) {
		char name[32];

		snprintf(name, sizeof(name), "h1/dm%u", i);
		fixture_person(&f, name)->sequence = 30;
		draft = withdrawal(&f, name, 1 + i % 3);
		ck_recorded(fixture_send(&f, &draft), 0);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(flood_of_withdrawals_is_bounded_and_holds_up_no_data)
{
	const struct state_limits limits = {{20, 5}, {60, 20}, {4, 1}};
	struct base_buf events[12] = {{0}};
	struct fixture_result results[12];
	struct fixture f;
	unsigned entered = 0;

	fixture_ready(&f, 1);
	set_limits(&f, 1, limits);
	for (unsigned i = 0; i < 12; i++) {
		struct fixture_draft draft = withdrawal(&f, "h1/admin", 1);

		fixture_sign(&draft, &events[i]);
	}
	fixture_block(&f, events, 12, results);
	for (unsigned i = 0; i < 12; i++) {
		entered += results[i].code == BASE_OK;
		base_buf_free(&events[i]);
	}
	ck_assert_uint_eq(entered, 4);
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 1), 0);
	fixture_close(&f);
}
END_TEST

/* ---- No slot ------------------------------------------------------------------- */

START_TEST(withdraw_when_its_number_is_used_old_or_ahead_is_recorded_once)
{
	const uint64_t numbers[] = {1, 5000, 4000000000, UINT64_MAX};
	struct fixture_person *admin;
	struct fixture_draft draft;
	struct fixture_result first, again;
	struct base_buf bytes = BASE_BUF_INIT;
	struct fixture f;
	uint64_t heads;

	fixture_ready(&f, 1);
	admin = fixture_person(&f, "h1/admin");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		draft = withdrawal(&f, "h1/admin", 2);
		draft.envelope.sequence = numbers[i];
		bytes.len = 0;
		fixture_sign(&draft, &bytes);
		first = fixture_bytes(&f, base_buf_slice(&bytes));
		ck_recorded(first, 0);
		heads = fixture_head(&f, "s1", 2);
		again = fixture_bytes(&f, base_buf_slice(&bytes));
		ck_assert_int_eq(again.code, BASE_EXISTS);
		ck_assert_uint_eq(again.index, first.index);
		ck_assert_uint_eq(fixture_head(&f, "s1", 2), heads);
		admin->sequence--;
	}
	/* The window is where it was: nobody can push it ahead by a withdrawal. */
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 1), 0);
	draft = submission(&f, "h1/admin", 7);
	draft.envelope.sequence = 5000;
	ck_refused(fixture_send(&f, &draft), "too far ahead");
	base_buf_free(&bytes);
	fixture_close(&f);
}
END_TEST

START_TEST(withdraw_when_its_number_becomes_free_later_is_still_known)
{
	struct fixture_person *admin;
	struct fixture_draft draft;
	struct fixture_result first, again;
	struct base_buf bytes = BASE_BUF_INIT;
	struct fixture f;

	fixture_ready(&f, 1);
	admin = fixture_person(&f, "h1/admin");
	draft = withdrawal(&f, "h1/admin", 2);
	draft.envelope.sequence = 1500;
	fixture_sign(&draft, &bytes);
	first = fixture_bytes(&f, base_buf_slice(&bytes));
	ck_recorded(first, 0);
	admin->sequence = 900;
	ck_recorded(fixture_submit(&f, "h1/admin", "s1", 1, 1), 0); /* now 1500 is in the window */
	again = fixture_bytes(&f, base_buf_slice(&bytes));
	ck_assert_int_eq(again.code, BASE_EXISTS);
	ck_assert_uint_eq(again.index, first.index);
	/* A number that is free is used up. */
	admin->sequence = 1599;
	draft = withdrawal(&f, "h1/admin", 2);
	ck_recorded(fixture_send(&f, &draft), 0);
	draft = submission(&f, "h1/admin", 8);
	draft.envelope.sequence = 1600;
	ck_refused(fixture_send(&f, &draft), "used by another event");
	base_buf_free(&bytes);
	fixture_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		bucket_when_charged_at_random_agrees_with_counting_each_millisecond,
		bucket_when_at_the_edges_neither_overflows_nor_runs_backwards,
		limits_when_zero_or_too_large_are_refused,
		limits_when_voted_are_in_force_and_when_not_are_not,
		flood_when_one_key_sends_is_bounded_and_nobody_else_is,
		flood_when_an_organisation_sends_with_many_keys_is_bounded_together,
		flood_of_withdrawals_is_bounded_and_holds_up_no_data,
		withdraw_when_its_number_is_used_old_or_ahead_is_recorded_once,
		withdraw_when_its_number_becomes_free_later_is_still_known,
		NULL,
	};

	return fixture_run("limits", tests);
}
