#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <string.h>

#define DAY_MS 86400000u

struct good {
	const char *text, *again, *words; /* again NULL: the same */
	enum events_precision precision;
	uint64_t utc_ms;
	bool has_offset;
	int16_t offset_min;
};

static const struct good goods[] = {
	{"2026-03-01T09:30:00+02:00", NULL, "2026-03-01 09:30:00 +02:00", EVENTS_POINT, 1772350200000, true, 120},
	{"2026-03-01T09:30+02:00", "2026-03-01T09:30:00+02:00", "2026-03-01 09:30:00 +02:00", EVENTS_POINT,
	 1772350200000, true, 120},
	{"2026-03-01T07:30:00.125Z", NULL, "2026-03-01 07:30:00.125 UTC", EVENTS_POINT, 1772350200125, true, 0},
	{"2026-03-01T07:30Z", "2026-03-01T07:30:00Z", "2026-03-01 07:30:00 UTC", EVENTS_POINT, 1772350200000, true, 0},
	{"2026-03-01T07:30:00+00:00", "2026-03-01T07:30:00Z", "2026-03-01 07:30:00 UTC", EVENTS_POINT, 1772350200000,
	 true, 0},
	{"2026-03-01T07:30:00-00:00", NULL, "2026-03-01 07:30:00 UTC (offset unknown)", EVENTS_POINT, 1772350200000,
	 false, 0},
	{"2026-02-28T21:30:00-10:00", NULL, "2026-02-28 21:30:00 -10:00", EVENTS_POINT, 1772350200000, true, -600},
	{"2026-03-01", NULL, "2026-03-01 (day, offset unknown)", EVENTS_DAY, 1772323200000, false, 0},
	{"2026-03-01-00:00", "2026-03-01", "2026-03-01 (day, offset unknown)", EVENTS_DAY, 1772323200000, false, 0},
	{"2026-03-01+01:00", NULL, "2026-03-01 (day, +01:00)", EVENTS_DAY, 1772319600000, true, 60},
	{"2026-03-01-05:30", NULL, "2026-03-01 (day, -05:30)", EVENTS_DAY, 1772343000000, true, -330},
	{"2026-03-01Z", NULL, "2026-03-01 (day, UTC)", EVENTS_DAY, 1772323200000, true, 0},
	{"2026-03", NULL, "2026-03 (month, offset unknown)", EVENTS_MONTH, 1772323200000, false, 0},
	{"2026-03+01:00", NULL, "2026-03 (month, +01:00)", EVENTS_MONTH, 1772319600000, true, 60},
	{"2026-03-05:00", NULL, "2026-03 (month, -05:00)", EVENTS_MONTH, 1772341200000, true, -300},
	{"2026-03Z", NULL, "2026-03 (month, UTC)", EVENTS_MONTH, 1772323200000, true, 0},
	{"2024-02-29", NULL, "2024-02-29 (day, offset unknown)", EVENTS_DAY, 1709164800000, false, 0},
	{"1970-01-01", NULL, "1970-01-01 (day, offset unknown)", EVENTS_DAY, 0, false, 0},
	{"1970-01-01T00:00:00Z", NULL, "1970-01-01 00:00:00 UTC", EVENTS_POINT, 0, true, 0},
	{"9999-12-31T23:59:59.999Z", NULL, "9999-12-31 23:59:59.999 UTC", EVENTS_POINT, 253402300799999, true, 0},
	{"9999-12", NULL, "9999-12 (month, offset unknown)", EVENTS_MONTH, 253399622400000, false, 0},
	{"2026-03-01T09:30:00+14:00", NULL, "2026-03-01 09:30:00 +14:00", EVENTS_POINT, 1772307000000, true, 840},
};

START_TEST(parse_when_well_written_gives_the_start_in_utc)
{
	for (size_t i = 0; i < SCHEMA_COUNT(goods); i++) {
		const struct good *good = &goods[i];
		struct base_buf cbor = BASE_BUF_INIT;
		struct base_error err = {""};
		struct events_when when, again;
		struct wire_reader r;
		char text[64];

		ck_assert_msg(events_when_parse(&when, base_slice_text(good->text), &err) == BASE_OK, "%s: %s",
			      good->text, err.text);
		ck_assert_msg(when.precision == good->precision && when.utc_ms == good->utc_ms &&
				      when.has_offset == good->has_offset && when.offset_min == good->offset_min,
			      "%s: %d %llu %d %d", good->text, (int)when.precision, (unsigned long long)when.utc_ms,
			      when.has_offset, when.offset_min);
		events_when_format(text, &when);
		ck_assert_str_eq(text, good->again == NULL ? good->text : good->again);
		events_when_words(text, &when);
		ck_assert_str_eq(text, good->words);
		events_when_put(&cbor, &when);
		wire_read(&r, base_buf_slice(&cbor));
		again = events_when_read(&r);
		ck_assert_int_eq(wire_done(&r, "when", NULL), BASE_OK);
		ck_assert_int_eq(again.precision, when.precision);
		ck_assert_uint_eq(again.utc_ms, when.utc_ms);
		ck_assert_int_eq(again.has_offset, when.has_offset);
		ck_assert_int_eq(again.offset_min, when.offset_min);
		base_buf_free(&cbor);
	}
}
END_TEST

START_TEST(parse_when_badly_written_refuses)
{
	static const char *const bad[] = {
		"",
		"2026",
		"2026-3",
		"2026-3-1",
		"03/01/2026",
		"1.3.2026",
		"2026-02-31",
		"2026-02-29",
		"2026-00-01",
		"2026-13",
		"2026-13-01",
		"2026-01-32",
		"2026-01-00",
		"2026-03-01T",
		"2026-03-01T09",
		"2026-03-01T09:30",
		"2026-03-01T09:30:00",
		"2026-03-01T24:00:00Z",
		"2026-03-01T09:60:00Z",
		"2026-03-01T09:30:60Z",
		"2026-03-01 09:30:00Z",
		"2026-03-01t09:30:00Z",
		"2026-03-01T09:30:00z",
		"2026-03-01T09:30:00+2:00",
		"2026-03-01T09:30:00+24:00",
		"2026-03-01+1:00",
		"2026-03-01+01:60",
		"2026-03-01+24:00",
		"2026-03-01z",
		"2026-03-01 ",
		" 2026-03-01",
		"2026-03z",
		"2026-03+0100",
		"today",
		"2026-W09",
		"2026-060",
		"1969-12-31",
		"1969-12-31T23:59:59Z",
		"1970-01-01+01:00",
		"1970-01+01:00",
		"1970-01-01T00:30:00+01:00",
		"1969-12-31T23:30:00-01:00",
		"9999-12-31T23:59:59-00:01",
		"10000-01-01",
		"2026-03-01T09:30:00.000000000000000000000000000000Z",
		"2026-03-0x",
		"2026-03-01T09:30:00.Z",
		"2026-03-01+0a:00",
	};

	for (size_t i = 0; i < SCHEMA_COUNT(bad); i++) {
		struct base_error err = {""};
		struct events_when when = {EVENTS_MONTH, 42, true, 7};
		enum base_code code = events_when_parse(&when, base_slice_text(bad[i]), &err);

		ck_assert_msg(code == BASE_MALFORMED || code == BASE_LIMIT, "%s was taken", bad[i]);
		ck_assert_uint_gt(strlen(err.text), 0);
		ck_assert_uint_eq(when.utc_ms, 42); /* left alone */
	}
}
END_TEST

START_TEST(parse_when_any_byte_changed_never_crashes)
{
	char text[64];

	for (size_t i = 0; i < SCHEMA_COUNT(goods); i++) {
		for (size_t at = 0; at < strlen(goods[i].text); at++) {
			for (unsigned byte = 0; byte < 256; byte++) {
				struct events_when when;

				(void)snprintf(text, sizeof(text), "%s", goods[i].text);
				text[at] = (char)byte;
				if (events_when_parse(&when, base_slice(text, strlen(goods[i].text)), NULL) == BASE_OK)
					ck_assert_ptr_null(schema_when_problem(&when));
			}
		}
	}
}
END_TEST

START_TEST(format_when_not_a_time_says_the_number)
{
	const struct events_when bad = {EVENTS_DAY, 1, false, 0};
	char text[64];

	events_when_format(text, &bad);
	ck_assert_str_eq(text, "@1");
	events_when_words(text, &bad);
	ck_assert_str_eq(text, "@1");
}
END_TEST

START_TEST(read_when_not_a_time_fails)
{
	static const char *const bad[] = {"80",		"830000",   "83030000", "830000f5",    "8300001905a0",
					  "84000000f6", "830020f6", "f6",	"83000039059f"};

	for (size_t i = 0; i < SCHEMA_COUNT(bad); i++) {
		struct base_buf bytes = BASE_BUF_INIT;
		struct wire_reader r;

		ck_assert(base_unhex(&bytes, base_slice_text(bad[i])));
		wire_read(&r, base_buf_slice(&bytes));
		(void)events_when_read(&r);
		ck_assert_msg(r.failed, "%s was read", bad[i]);
		base_buf_free(&bytes);
	}
}
END_TEST

/* Every day of a leap cycle, in both directions, and the month that it begins. */
START_TEST(parse_when_every_day_of_400_years_agrees)
{
	for (uint64_t day = 0; day < 146097; day++) {
		const struct events_when when = {EVENTS_DAY, day * DAY_MS, true, 0};
		struct events_when again, month = when;
		char text[64];

		events_when_format(text, &when);
		ck_assert_int_eq(events_when_parse(&again, base_slice_text(text), NULL), BASE_OK);
		ck_assert_uint_eq(again.utc_ms, when.utc_ms);
		month.precision = EVENTS_MONTH;
		ck_assert_int_eq(schema_when_problem(&month) == NULL, strncmp(text + 8, "01", 2) == 0);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		parse_when_well_written_gives_the_start_in_utc,
		parse_when_badly_written_refuses,
		parse_when_any_byte_changed_never_crashes,
		format_when_not_a_time_says_the_number,
		read_when_not_a_time_fails,
		parse_when_every_day_of_400_years_agrees,
		NULL,
	};

	return suite_run("events/when", tests);
}
