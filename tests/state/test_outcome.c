/* Codecs of outcomes, records and heads: strict, and what is written is read. */
#include "ledger/state/exec_internal.h"
#include "tests/state/fixture.h"

#include <string.h>

static struct base_slice unhex(struct base_buf *out, const char *hex)
{
	out->len = 0;
	ck_assert(base_unhex(out, base_slice_text(hex)));
	return base_buf_slice(out);
}

/* ---- Outcomes ---------------------------------------------------------------- */

static void check_outcome(enum state_verdict verdict, uint64_t flags, uint64_t denial, const char *milestone,
			  const char *hex)
{
	struct state_outcome outcome = {verdict, flags, denial, BASE_BUF_INIT, BASE_BUF_INIT}, again;
	struct base_buf bytes = BASE_BUF_INIT, expected = BASE_BUF_INIT;

	if (milestone != NULL) {
		wire_put_array(&outcome.milestones, 1);
		wire_put_cstr(&outcome.milestones, milestone);
	}
	state_outcome_encode(&bytes, &outcome);
	ck_assert(base_slice_equal(base_buf_slice(&bytes), unhex(&expected, hex)));
	ck_assert_int_eq(state_outcome_decode(&again, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_int_eq(again.verdict, verdict);
	ck_assert_uint_eq(again.flags, flags);
	ck_assert_uint_eq(again.denial, denial);
	ck_assert(base_slice_equal(base_buf_slice(&again.milestones), base_buf_slice(&outcome.milestones)));
	state_outcome_free(&again);
	state_outcome_free(&outcome);
	base_buf_free(&bytes);
	base_buf_free(&expected);
}

START_TEST(outcome_when_written_is_read)
{
	check_outcome(STATE_RECORDED, 0, 0, NULL, "a10100");
	check_outcome(STATE_RECORDED, FLAG(LATE), 0, NULL, "a20100028100");
	check_outcome(STATE_RECORDED, FLAG(PARTICIPANT_NOT_ENROLLED) | FLAG(STUDY_CLOSED), 0, NULL, "a2010002820607");
	check_outcome(STATE_RECORDED, UINT64_C(1) << 63, 0, NULL, "a201000281183f");
	check_outcome(STATE_DENY, 0, EVENTS_DENIAL_NOT_ASSIGNED, NULL, "a20102030d");
	check_outcome(STATE_RECORDED, 0, 0, "proposal-passed", "a2010004816f70726f706f73616c2d706173736564");
	check_outcome(STATE_PERMIT, 0, 0, NULL, "a10101");
	check_outcome(STATE_REFER, 0, 0, NULL, "a10103");
}
END_TEST

START_TEST(outcome_when_malformed_is_refused)
{
	static const char *const bad[] = {
		/* nothing, no verdict, no map, more than one */
		"", "a0", "80", "00", "a1010000",
		/* verdicts */
		"a10104", "a1010a", "a10120",
		/* flags */
		"a201000280", "a20100028101ff", "a2010002820101", "a2010002820201", "a20100028118ff", "a2010002811840",
		/* a denial without its code, a code without a denial, no such code */
		"a10102", "a201000301", "a201020300",
		/* milestones */
		"a2010004806161", "a201000480", "a20100048160", "a2010004810a",
		/* no verdict, keys that are not known, the wrong order */
		"a1020100", "a1028100", "a201000500", "a20100f600", "a2020001",
		/* not deterministic */
		"a1190001", "bf0100ff",
	};
	struct base_buf bytes = BASE_BUF_INIT;
	struct state_outcome outcome;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct base_error err = {""};

		ck_assert_msg(state_outcome_decode(&outcome, unhex(&bytes, bad[i]), &err) != BASE_OK, "%s", bad[i]);
		ck_assert_msg(err.text[0] != '\0', "%s", bad[i]);
	}
	base_buf_free(&bytes);
}
END_TEST

START_TEST(outcome_when_milestones_are_many_is_refused)
{
	struct state_outcome outcome = {.milestones = BASE_BUF_INIT}, again;
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};

	for (unsigned count = STATE_MILESTONES_MAX; count <= STATE_MILESTONES_MAX + 1; count++) {
		outcome.milestones.len = bytes.len = 0;
		wire_put_array(&outcome.milestones, count);
		for (unsigned i = 0; i < count; i++)
			wire_put_cstr(&outcome.milestones, "done");
		state_outcome_encode(&bytes, &outcome);
		ck_assert_int_eq(state_outcome_decode(&again, base_buf_slice(&bytes), &err),
				 count > STATE_MILESTONES_MAX ? BASE_MALFORMED : BASE_OK);
		state_outcome_free(&again);
	}
	state_outcome_free(&outcome);
	base_buf_free(&bytes);
}
END_TEST

/* docs/formats/entry.md: contracts, groups, obligations, end, key. */
static const char judged_well[] = "a60101" "058158200000000000000000000000000000000000000000000000000000000000000001"
				  "06828601010000004101860206f6f6004102" "0782830119" "03e8" "02830200f6"
				  "081903e8"
				  "0958200000000000000000000000000000000000000000000000000000000000000002";

START_TEST(outcome_when_contracts_spoke_is_read_and_written)
{
	struct base_buf bytes = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct state_outcome outcome;

	ck_assert_int_eq(state_outcome_decode(&outcome, unhex(&bytes, judged_well), NULL), BASE_OK);
	state_outcome_encode(&again, &outcome);
	ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&bytes)));
	state_outcome_free(&outcome);
	base_buf_free(&bytes);
	base_buf_free(&again);
}
END_TEST

START_TEST(outcome_when_groups_are_wrong_is_refused)
{
	static const char *const wrong[] = {
		"a2010105" "80",                             /* no contracts */
		"a2010106" "80",                             /* no groups */
		"a2010106" "81860001f6f6004101",             /* a verdict that is none of an item */
		"a2010106" "81860100f6f6004101",             /* no ground */
		"a2010106" "8186010100f6004101",             /* a contract that is not listed */
		"a2010106" "818601" "01f6190400004101",      /* a clause that no contract has */
		"a2010106" "81860101f6f600" "40",            /* no items */
		"a2010106" "81860101f6f600" "420100",        /* a zero at the end */
		"a2010106" "82860101f6f6004101860206f6f6004101", /* an item twice */
		"a2010106" "82860101f6f6004102860206f6f6004101", /* not in order */
		"a2010107" "80",                             /* no obligations */
		"a2010107" "81830700f6",                     /* a duty that there is not */
		"a2010107" "82830200f683011903e802",         /* not in order */
		"a2010107" "82830200f6830200f6",             /* twice */
		"a2010109" "4100",                           /* no kid */
		"a201010a" "00",                             /* a member that there is not */
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct base_buf bytes = BASE_BUF_INIT;
		struct state_outcome outcome;

		ck_assert_msg(state_outcome_decode(&outcome, unhex(&bytes, wrong[i]), NULL) != BASE_OK, "%s", wrong[i]);
		base_buf_free(&bytes);
	}
}
END_TEST

/* ---- Records ----------------------------------------------------------------- */

static void put_record(struct base_buf *out, size_t count)
{
	const struct base_hash leaf = {{9}};

	wire_put_array(out, 2);
	wire_put_array(out, count);
	for (size_t i = 0; i < count; i++) {
		const struct state_fact fact = {
			i, {1000 + i}, {EVENTS_DAY, 86400000, true, 0}, 60, base_slice_text("\xa0")};

		state_fact_put(out, &fact);
	}
	wire_put_hash(out, &leaf);
}

START_TEST(record_when_written_is_read)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};
	struct base_hash leaf;
	size_t count;

	for (size_t wanted = 0; wanted <= 65; wanted++) {
		bytes.len = 0;
		put_record(&bytes, wanted);
		if (wanted == 0 || wanted == 65) {
			ck_assert_int_eq(state_record_decode(facts, &count, &leaf, base_buf_slice(&bytes), &err),
					 BASE_MALFORMED);
			continue;
		}
		ck_assert_int_eq(state_record_decode(facts, &count, &leaf, base_buf_slice(&bytes), &err), BASE_OK);
		ck_assert_uint_eq(count, wanted);
		ck_assert_uint_eq(leaf.bytes[0], 9);
		ck_assert_uint_eq(facts[wanted - 1].index, wanted - 1);
		ck_assert_uint_eq(facts[wanted - 1].time.ms, 999 + wanted);
		ck_assert_int_eq(facts[wanted - 1].when.precision, EVENTS_DAY);
		ck_assert_uint_eq(facts[wanted - 1].kind, 60);
		ck_assert_uint_eq(facts[wanted - 1].content.len, 1);
	}
	base_buf_free(&bytes);
}
END_TEST

/* Every shorter piece, and every flipped bit, is refused or reads as something else: never more than is there. */
START_TEST(record_when_damaged_is_refused_or_differs)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};
	struct base_hash leaf;
	size_t count;

	put_record(&bytes, 2);
	for (size_t len = 0; len < bytes.len; len++)
		ck_assert_int_eq(state_record_decode(facts, &count, &leaf, base_slice(bytes.data, len), &err),
				 BASE_MALFORMED);
	base_buf_byte(&bytes, 0);
	ck_assert_int_eq(state_record_decode(facts, &count, &leaf, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	bytes.len--;
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (state_record_decode(facts, &count, &leaf, base_buf_slice(&bytes), &err) == BASE_OK) {
			struct base_buf again = BASE_BUF_INIT;

			wire_put_array(&again, 2);
			wire_put_array(&again, count);
			for (size_t i = 0; i < count; i++)
				state_fact_put(&again, &facts[i]);
			wire_put_hash(&again, &leaf);
			ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&bytes)));
			base_buf_free(&again);
		}
		bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	base_buf_free(&bytes);
}
END_TEST

START_TEST(key_when_record_is_damaged_or_missing_says_so)
{
	struct base_hash unknown = {{1}};
	struct base_error err = {""};
	struct state_key key;
	struct fixture f;

	fixture_open(&f, 1);
	ck_assert_int_eq(state_key_read(&f.view, &unknown, &key, &err), BASE_NOT_FOUND);
	ck_assert(strstr(err.text, "not enrolled") != NULL);
	f.view_fails = true;
	ck_assert_int_eq(state_key_read(&f.view, &unknown, &key, &err), BASE_IO);
	fixture_close(&f);
}
END_TEST

/* ---- Heads ------------------------------------------------------------------- */

START_TEST(head_when_written_is_read)
{
	struct state_head head = {3, {{1}}, {{2}}}, again;
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_hash zero = {{0}}, leaf = {{5}}, step, expected;
	uint8_t message[65] = {0x04};

	state_head_encode(&bytes, &head);
	ck_assert_int_eq(state_head_decode(&again, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_uint_eq(again.count, 3);
	ck_assert_mem_eq(again.chain.bytes, head.chain.bytes, 32);
	ck_assert_mem_eq(again.leaf.bytes, head.leaf.bytes, 32);
	for (size_t len = 0; len < bytes.len; len++)
		ck_assert_int_eq(state_head_decode(&again, base_slice(bytes.data, len), NULL), BASE_MALFORMED);
	bytes.data[1] = 0; /* a head of nothing */
	ck_assert_int_eq(state_head_decode(&again, base_buf_slice(&bytes), NULL), BASE_MALFORMED);
	base_buf_free(&bytes);
	step = state_head_step(&zero, &leaf);
	memcpy(message + 33, leaf.bytes, 32);
	expected = base_sha256_of(base_slice(message, sizeof(message)));
	ck_assert_mem_eq(step.bytes, expected.bytes, 32);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		outcome_when_written_is_read,
		outcome_when_malformed_is_refused,
		outcome_when_milestones_are_many_is_refused,
		outcome_when_contracts_spoke_is_read_and_written,
		outcome_when_groups_are_wrong_is_refused,
		record_when_written_is_read,
		record_when_damaged_is_refused_or_differs,
		key_when_record_is_damaged_or_missing_says_so,
		head_when_written_is_read,
		NULL,
	};

	return fixture_run("outcome", tests);
}
