/* What conditions mean, one by one, as docs/formats/contract.md says in words: each is put into a clause that forbids,
 * and asked under stated facts. */
#include "contracts/contracts.h"
#include "tests/support/support.h"

#include <string.h>

#define YES "by \"a\""
#define NO "by nothing"
#define UNDECIDED "since the case is undecided"
#define UNKNOWN(fact) "since " fact " is unknown"

static const struct {
	const char *condition, *states, *answer;
} rows[] = {
	/* A day: its begin and its end, in UTC and elsewhere. */
	{"now is before 2027-06-30", "now is 2027-06-29T23:59Z", YES},
	{"now is before 2027-06-30", "now is 2027-06-30T00:00Z", NO},
	{"now is on or before 2027-06-30", "now is 2027-06-30T23:59Z", YES},
	{"now is on or before 2027-06-30", "now is 2027-07-01T00:00Z", NO},
	{"now is after 2027-06-30", "now is 2027-06-30T23:59Z", NO},
	{"now is after 2027-06-30", "now is 2027-07-01T00:00Z", YES},
	{"now is on or after 2027-06-30", "now is 2027-06-29T23:59Z", NO},
	{"now is on or after 2027-06-30", "now is 2027-06-30T00:00Z", YES},
	{"now is on 2027-06-30", "now is 2027-06-29T23:59Z", NO},
	{"now is on 2027-06-30", "now is 2027-06-30T00:00Z", YES},
	{"now is on 2027-06-30", "now is 2027-06-30T23:59Z", YES},
	{"now is on 2027-06-30", "now is 2027-07-01T00:00Z", NO},
	{"now is before 2027-06-30+02:00", "now is 2027-06-29T21:59Z", YES},
	{"now is before 2027-06-30+02:00", "now is 2027-06-29T22:00Z", NO},
	{"now is on 2027-06-30-03:30", "now is 2027-06-30T03:30Z", YES},
	{"now is on 2027-06-30-03:30", "now is 2027-06-30T03:29Z", NO},
	{"now is on 2027-06-30-03:30", "now is 2027-07-01T03:29Z", YES},
	/* An instant. */
	{"now is before 2027-06-30T12:00Z", "now is 2027-06-30T11:59Z", YES},
	{"now is before 2027-06-30T12:00Z", "now is 2027-06-30T12:00Z", NO},
	{"now is after 2027-06-30T12:00Z", "now is 2027-06-30T12:00Z", NO},
	{"now is after 2027-06-30T12:00Z", "now is 2027-06-30T12:01Z", YES},
	{"now is on or before 2027-06-30T12:00Z", "now is 2027-06-30T12:00Z", YES},
	{"now is on or before 2027-06-30T12:00Z", "now is 2027-06-30T12:01Z", NO},
	{"now is on or after 2027-06-30T12:00Z", "now is 2027-06-30T12:00Z", YES},
	{"now is on or after 2027-06-30T14:00+02:00", "now is 2027-06-30T11:59Z", NO},
	/* Spans: a day, a month. */
	{"data collected is before 2027-06-30", "data collected is 2027-06-29", YES},
	{"data collected is before 2027-06-30", "data collected is 2027-06-30", NO},
	{"data collected is on 2027-06-30", "data collected is 2027-06-30", YES},
	{"data collected is on 2027-06-30", "data collected is 2027-06-30T12:00Z", YES},
	{"data collected is on 2027-06-30", "data collected is from 2027-06-01 to 2027-06-30", UNDECIDED},
	{"data collected is on 2027-06-30", "data collected is from 2027-07-01 to 2027-07-31", NO},
	{"data collected is after 2027-06-30", "data collected is from 2027-06-01 to 2027-06-30", NO},
	{"data collected is after 2027-06-30", "data collected is from 2027-06-01 to 2027-07-01", UNDECIDED},
	{"data collected is after 2027-06-30", "data collected is from 2027-07-01 to 2027-07-31", YES},
	{"data collected is before 2027-06-15", "data collected is from 2027-06-01 to 2027-06-30", UNDECIDED},
	{"data collected is before 2027-06-15", "data collected is from 2027-06-01 to 2027-06-14", YES},
	{"not data collected is before 2027-06-15", "data collected is from 2027-06-01 to 2027-06-30", UNDECIDED},
	{"data collected is before consent date", "data collected is 2027-06-01 and consent date is 2027-06-01", UNDECIDED},
	{"data collected is before consent date", "data collected is 2027-06-01 and consent date is 2027-06-02", YES},
	{"data collected is on or after consent date", "data collected is 2027-06-02 and consent date is 2027-06-01", YES},
	{"data collected is after consent date", "data collected is 2027-06-01 and consent date is 2027-06-02", NO},
	{"data collected is before 2027-06-15", "mode is view", UNKNOWN("data collected")},
	/* Sums of dates; months by the calendar. */
	{"now is before data collected + 2 days", "data collected is 2027-06-01T00:00Z and now is 2027-06-02T23:59Z", YES},
	{"now is before data collected + 2 days", "data collected is 2027-06-01T00:00Z and now is 2027-06-03T00:00Z", NO},
	{"now is before data collected + 2 days", "data collected is 2027-06-01 and now is 2027-06-03T12:00Z", UNDECIDED},
	{"now - 1 weeks is after data collected", "data collected is 2027-06-01T00:00Z and now is 2027-06-08T00:01Z", YES},
	{"now is on or after data collected + 1 month", "data collected is 2027-01-31T12:00Z and now is 2027-02-28T11:59Z", NO},
	{"now is on or after data collected + 1 month", "data collected is 2027-01-31T12:00Z and now is 2027-02-28T12:00Z", YES},
	{"now is on or after data collected + 1 month", "data collected is 2028-01-31T12:00Z and now is 2028-02-28T12:00Z", NO},
	{"now is on or after data collected + 1 month", "data collected is 2028-01-31T12:00Z and now is 2028-02-29T12:00Z", YES},
	{"now is on or after data collected + 18 years", "data collected is 2010-02-28T00:00Z and now is 2028-02-28T00:00Z", YES},
	{"now is before data collected - 13 months", "data collected is 2027-03-31T00:00Z and now is 2026-02-27T23:59Z", YES},
	{"now is before data collected - 13 months", "data collected is 2027-03-31T00:00Z and now is 2026-02-28T00:00Z", NO},
	{"now is before data collected + 100 years", "data collected is 9950-01-01T00:00Z and now is 2027-01-01", UNDECIDED},
	{"now is after 2027-01-01 + 1 days", "now is 2027-01-02T00:00Z", NO}, /* a day in a sum is its begin */
	{"now is after 2027-01-01 + 1 days", "now is 2027-01-02T00:01Z", YES},
	{"2027-01-01 is before now", "now is 2027-01-01T00:01Z", YES}, /* and so on the left */
	{"access until is after now + 180 days", "access until is 2027-06-29 and now is 2027-01-01", NO},
	/* Numbers. */
	{"number of study sites is 2", "study sites are \"a\", \"b\"", YES},
	{"number of study sites is not 2", "study sites are \"a\", \"b\"", NO},
	{"number of study sites is at least 2", "study sites are \"a\"", NO},
	{"number of study sites is at most 2", "study sites are \"a\", \"b\"", YES},
	{"number of study sites is more than 1", "study sites are \"a\"", NO},
	{"number of study sites is less than 1", "study sites are none", YES},
	{"number of requester roles is 0", "requester roles are none", YES},
	{"number of requester roles is 2", "requester roles are monitor, researcher", YES},
	{"2 + 3 * number of study sites is 8", "study sites are \"a\", \"b\"", YES},
	{"(2 + 3) * number of study sites is 10", "study sites are \"a\", \"b\"", YES},
	{"10 - number of study sites - 3 is 5", "study sites are \"a\", \"b\"", YES},
	{"999999999999999999 * number of study sites * 10 is more than 5", "study sites are \"a\"", UNDECIDED},
	{"access duration is at most 30 days", "access duration is 30 days", YES},
	{"access duration is at most 4 weeks + 2 days - 1 minutes", "access duration is 30 days", NO},
	{"access duration is more than 2 * 24 hours", "access duration is 3 days", YES},
	/* Words. */
	{"study phase is phase-2", "study phase is phase-2", YES},
	{"study phase is not phase-2", "study phase is phase-3", YES},
	{"study phase is one of phase-1, phase-2", "study phase is phase-3", NO},
	{"study phase is none of phase-1, phase-2", "study phase is phase-3", YES},
	{"study phase is none of phase-1, phase-2", "mode is view", UNKNOWN("study phase")},
	{"requester roles include monitor", "requester roles are monitor, researcher", YES},
	{"requester roles include one of monitor, cro", "requester roles are researcher", NO},
	{"requester roles include none of monitor, cro", "requester roles are researcher", YES},
	{"requester roles include none of monitor, cro", "requester roles are none", YES},
	{"requester roles include all of monitor, researcher", "requester roles are monitor, researcher, cro", YES},
	{"requester roles include all of monitor, researcher", "requester roles are monitor", NO},
	{"requester roles include only monitor, researcher", "requester roles are monitor", YES},
	{"requester roles include only monitor, researcher", "requester roles are monitor, cro", NO},
	{"requester roles include only monitor", "requester roles are none", YES},
	{"study sites include \"a\"", "study sites are \"a\", \"b\"", YES},
	{"study sites include one of \"c\", \"b\"", "study sites are \"a\", \"b\"", YES},
	{"study sites include all of \"c\", \"b\"", "study sites are \"a\", \"b\"", NO},
	{"study sites include only \"a\", \"b\", \"c\"", "study sites are \"a\", \"b\"", YES},
	{"study sites include none of \"c\"", "study sites are unknown", UNKNOWN("study sites")},
	{"disease is MONDO:0010703", "disease is MONDO:0010703", YES},
	{"disease is MONDO:0010703", "disease is MONDO:001070", NO},
	{"requester organisation is data organisation", "requester organisation is \"h1\" and data organisation is \"h1\"", YES},
	{"requester organisation is not data organisation", "requester organisation is \"h1\" and data organisation is \"h11\"", YES},
	{"requester organisation is one of study organisations", "requester organisation is \"h1\" and study organisations are \"h0\", \"h1\"", YES},
	{"requester organisation is none of study organisations", "requester organisation is \"h1\" and study organisations are none", YES},
	{"requester organisation is one of study organisations", "requester organisation is \"h1\"", UNKNOWN("study organisations")},
	/* Purposes cover what is narrower. */
	{"purpose is DUO:HMB", "purpose is DUO:DS", YES},
	{"purpose is DUO:HMB", "purpose is DUO:GRU", NO},
	{"purpose is not DUO:GRU", "purpose is HL7:HRESCH", YES},
	{"purpose is DUO:NRES", "purpose is HL7:HMARKT", YES},
	{"purpose is one of HL7:HRESCH, DUO:DS", "purpose is HL7:CLINTRCHPC", YES},
	/* Known or not; and, or, not. */
	{"disease is known", "disease is MONDO:1", YES},
	{"disease is unknown", "mode is view", YES},
	{"not disease is known", "mode is view", YES},
	{"data is derived and disease is MONDO:1", "data is not derived", NO},
	{"disease is MONDO:1 and data is derived", "data is not derived", NO},
	{"data is derived and disease is MONDO:1", "data is derived", UNKNOWN("disease")},
	{"data is derived or disease is MONDO:1", "data is derived", YES},
	{"disease is MONDO:1 or data is derived", "data is derived", YES},
	{"data is derived or disease is MONDO:1", "data is not derived", UNKNOWN("disease")},
	{"not (data is derived and disease is MONDO:1)", "data is not derived", YES},
	{"not disease is MONDO:1", "mode is view", UNKNOWN("disease")},
	{"data is not derived", "data is not derived", YES},
	{"(data is derived or hold covers the data) and approval is valid",
	 "data is not derived and hold covers the data and approval is valid", YES},
	{"disease is MONDO:1 and study phase is phase-1", "mode is view", UNKNOWN("disease")}, /* of two the smaller number */
	{"study phase is phase-1 and disease is MONDO:1", "mode is view", UNKNOWN("disease")},
	/* As of the permit. */
	{"approval is valid as of the permit", "approval is not valid", NO},
	{"approval is valid as of the permit", "approval is not valid and approval is valid as of the permit", YES},
	{"approval is valid as of the permit and approval is not valid", "approval is not valid and approval is valid as of the permit", YES},
	{"now is before 2027-01-01 as of the permit", "now is 2027-06-01 and now is 2026-06-01 as of the permit", YES},
	{"disease is known as of the permit", "disease is MONDO:1 and disease is unknown as of the permit", NO},
};

START_TEST(condition_means_what_the_words_say)
{
	static struct contracts_report report;
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	const struct contracts_program *program;
	struct base_buf source = BASE_BUF_INIT, file = BASE_BUF_INIT;
	struct contracts_reject reject;
	struct contracts_bytes bytecode;
	struct contracts_cases cases;

	base_buf_print(&source, "contract \"x\" version 1 clause \"a\" forbid read when %s because \"x\"", rows[_i].condition);
	base_buf_print(&file, "case \"x\" when action is read and %s expect deny %s", rows[_i].states, rows[_i].answer);
	ck_assert_msg(contracts_compile(arena, &bytecode, (struct contracts_text){(const char *)source.data, source.len}, &report) == CONTRACTS_OK,
		      "%s: %s", rows[_i].condition, report.list[0].wrong);
	ck_assert_int_eq(contracts_load(arena, &program, bytecode, &reject), CONTRACTS_OK);
	ck_assert_msg(contracts_cases_run(arena, &cases, program, (struct contracts_text){(const char *)file.data, file.len}, &report) ==
				      CONTRACTS_OK && cases.passed == 1,
		      "%s, when %s: %s; %s", rows[_i].condition, rows[_i].states, report.list[0].wrong, report.list[0].right);
	base_buf_free(&source);
	base_buf_free(&file);
	contracts_arena_close(arena);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, condition_means_what_the_words_say, 0, (int)(sizeof(rows) / sizeof(rows[0])));
}

int main(void)
{
	return support_run("contracts meaning", fill);
}
