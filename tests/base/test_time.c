#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(parse_when_valid_gives_instant_and_offset)
{
	static const struct {
		const char *text;
		uint64_t ms;
		int offset_min;
		const char *formatted; /* NULL: as text */
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0, 0, NULL},
		{"1970-01-01T01:00:00+01:00", 0, 60, NULL},
		{"1969-12-31T23:00:00-01:00", 0, -60, NULL},
		{"2026-03-01T09:30:00.125+02:00", UINT64_C(1772350200125), 120, NULL},
		{"2000-02-29T23:59:59.999Z", UINT64_C(951868799999), 0, NULL},
		{"2026-03-01T09:30:00-00:00", UINT64_C(1772357400000), INT16_MIN, NULL},
		{"2026-03-01T09:30:00+00:00", UINT64_C(1772357400000), 0, "2026-03-01T09:30:00Z"},
		{"2026-03-01T09:30:00.1Z", UINT64_C(1772357400100), 0, "2026-03-01T09:30:00.100Z"},
		{"2026-03-01T09:30:00.000Z", UINT64_C(1772357400000), 0, "2026-03-01T09:30:00Z"},
		{"2026-03-01T09:30:00.9999999999999999999999Z", UINT64_C(1772357400999), 0, "2026-03-01T09:30:00.999Z"},
		{"9999-12-31T23:59:59.999Z", UINT64_C(253402300799999), 0, NULL},
		{"9999-12-31T23:59:59+23:59", UINT64_C(253402214459000), 1439, NULL},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_error err = {""};
		struct base_time time;
		int16_t offset;
		char text[BASE_TIME_TEXT_BYTES];

		ck_assert_msg(base_time_parse(&time, &offset, base_slice_text(cases[i].text), &err) == BASE_OK, "%s: %s",
			      cases[i].text, err.text);
		ck_assert_uint_eq(time.ms, cases[i].ms);
		ck_assert_int_eq(offset, cases[i].offset_min);
		base_time_format(text, time, offset);
		ck_assert_str_eq(text, cases[i].formatted == NULL ? cases[i].text : cases[i].formatted);
		ck_assert_int_eq(base_time_parse(&time, NULL, base_slice_text(text), &err), BASE_OK);
		ck_assert_uint_eq(time.ms, cases[i].ms);
	}
}
END_TEST

START_TEST(parse_when_invalid_says_why)
{
	static const struct {
		const char *text;
		enum base_code code;
		const char *why;
	} cases[] = {
		{"", BASE_MALFORMED, "does not begin with a date like"},
		{"yesterday", BASE_MALFORMED, "\"yesterday\" does not begin with a date"},
		{"26-03-01T09:30:00Z", BASE_MALFORMED, "does not begin with a date"},
		{"2026-3-01T09:30:00Z", BASE_MALFORMED, "does not begin with a date"},
		{"+2026-03-01T09:30:00Z", BASE_MALFORMED, "does not begin with a date"},
		{" 2026-03-01T09:30:00Z", BASE_MALFORMED, "does not begin with a date"},
		{"2026-13-01T09:30:00Z", BASE_MALFORMED, "month that does not exist"},
		{"2026-00-01T09:30:00Z", BASE_MALFORMED, "month that does not exist"},
		{"2026-02-29T09:30:00Z", BASE_MALFORMED, "day that its month does not have"},
		{"1900-02-29T09:30:00Z", BASE_MALFORMED, "day that its month does not have"},
		{"2026-03-00T09:30:00Z", BASE_MALFORMED, "day that its month does not have"},
		{"2026-03-01", BASE_MALFORMED, "no time of day"},
		{"2026-03-01 09:30:00Z", BASE_MALFORMED, "no time of day"},
		{"2026-03-01t09:30:00Z", BASE_MALFORMED, "no time of day"},
		{"2026-03-01T09:30Z", BASE_MALFORMED, "no time of day"},
		{"2026-03-01T24:00:00Z", BASE_MALFORMED, "time of day that does not exist"},
		{"2026-03-01T09:60:00Z", BASE_MALFORMED, "time of day that does not exist"},
		{"2026-03-01T09:30:61Z", BASE_MALFORMED, "time of day that does not exist"},
		{"2016-12-31T23:59:60Z", BASE_MALFORMED, "leap second"},
		{"2026-03-01T09:30:00.Z", BASE_MALFORMED, "no digit after the point"},
		{"2026-03-01T09:30:00,5Z", BASE_MALFORMED, "does not end in Z or an offset"},
		{"2026-03-01T09:30:00", BASE_MALFORMED, "does not end in Z or an offset"},
		{"2026-03-01T09:30:00z", BASE_MALFORMED, "does not end in Z or an offset"},
		{"2026-03-01T09:30:00Z ", BASE_MALFORMED, "does not end in Z or an offset"},
		{"2026-03-01T09:30:00+0200", BASE_MALFORMED, "does not end in Z or an offset"},
		{"2026-03-01T09:30:00+24:00", BASE_MALFORMED, "offset that does not exist"},
		{"2026-03-01T09:30:00+00:60", BASE_MALFORMED, "offset that does not exist"},
		{"1969-12-31T23:59:59.999Z", BASE_LIMIT, "before 1970"},
		{"1970-01-01T00:00:00+00:01", BASE_LIMIT, "before 1970"},
		{"0000-01-01T00:00:00Z", BASE_LIMIT, "before 1970"},
		{"9999-12-31T23:59:59-00:01", BASE_LIMIT, "after the year 9999"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_error err = {""};
		struct base_time time = {7};

		ck_assert_msg(base_time_parse(&time, NULL, base_slice_text(cases[i].text), &err) == cases[i].code, "%s",
			      cases[i].text);
		ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%s: %s", cases[i].text, err.text);
		ck_assert_uint_eq(time.ms, 7);
	}
}
END_TEST

START_TEST(format_when_out_of_range_is_still_unambiguous)
{
	char text[BASE_TIME_TEXT_BYTES];

	base_time_format(text, (struct base_time){UINT64_C(253402300800000)}, 0);
	ck_assert_str_eq(text, "@253402300800000");
	base_time_format(text, (struct base_time){UINT64_MAX}, 60);
	ck_assert_str_eq(text, "@18446744073709551615");
	/* Only the offset leads beyond 9999: then in UTC. */
	base_time_format(text, (struct base_time){UINT64_C(253402300799999)}, 60);
	ck_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
	base_time_format(text, (struct base_time){0}, 1440);
	ck_assert_str_eq(text, "1970-01-01T00:00:00-00:00");
}
END_TEST

START_TEST(format_when_every_day_counted_is_the_calendars)
{
	static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year = 1970, month = 1, day = 1;

	for (uint32_t days = 0; days < 2932897; days++) {
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		struct base_error err = {""};
		char text[16], expected[32];
		uint32_t back;

		base_day_format(text, days);
		(void)snprintf(expected, sizeof(expected), "%04u-%02u-%02u", year, month, day);
		ck_assert_str_eq(text, expected);
		ck_assert_int_eq(base_day_parse(&back, base_slice_text(text), &err), BASE_OK);
		ck_assert_uint_eq(back, days);
		if (++day > lengths[month - 1] + (unsigned)(leap && month == 2)) {
			day = 1;
			if (++month > 12) {
				month = 1;
				year++;
			}
		}
	}
	ck_assert_uint_eq(year, 10000);
}
END_TEST

START_TEST(day_parse_when_invalid_says_why)
{
	static const struct {
		const char *text;
		enum base_code code;
		const char *why;
	} cases[] = {
		{"2026-02-31", BASE_MALFORMED, "day \"2026-02-31\" has a day that its month does not have"},
		{"2026-2-1", BASE_MALFORMED, "does not begin with a date"},
		{"2026-03-01T", BASE_MALFORMED, "goes on after the date"},
		{"1969-12-31", BASE_LIMIT, "before 1970"},
		{"", BASE_MALFORMED, "does not begin with a date"},
	};
	char text[16];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_error err = {""};
		uint32_t days;

		ck_assert_int_eq(base_day_parse(&days, base_slice_text(cases[i].text), &err), cases[i].code);
		ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%s: %s", cases[i].text, err.text);
	}
	base_day_format(text, UINT32_MAX);
	ck_assert_str_eq(text, "@4294967295");
}
END_TEST

START_TEST(now_when_asked_is_after_this_was_written)
{
	ck_assert_uint_gt(base_time_now().ms, UINT64_C(1750000000000));
}
END_TEST

/* Lines of a vector file are date-times; "#" begins a comment. */
static size_t check_lines(const char *folder, const char *name, bool valid)
{
	struct base_buf text = BASE_BUF_INIT;
	char *path = base_path(folder, name);
	size_t lines = 0;

	if (base_file_read(&text, path, 1 << 20, NULL) != BASE_OK) {
		printf("skipped: %s is not there\n", path);
		free(path);
		return 0;
	}
	for (size_t at = 0; at < text.len;) {
		size_t end = at;
		struct base_slice line;
		struct base_time time;
		struct base_error err;
		enum base_code code;

		while (end < text.len && text.data[end] != '\n')
			end++;
		line = base_slice(text.data + at, end - at);
		at = end + 1;
		if (line.len == 0 || line.data[0] == '#')
			continue;
		lines++;
		code = base_time_parse(&time, NULL, line, &err);
		ck_assert_msg(base_time_syntax_valid(line) == valid, "%.*s", (int)line.len, (const char *)line.data);
		if (valid)
			ck_assert_msg(code == BASE_OK || (code == BASE_LIMIT && strstr(err.text, "1970")), "%s", err.text);
		else
			ck_assert_int_ne(code, BASE_OK);
	}
	free(path);
	base_buf_free(&text);
	return lines;
}

START_TEST(syntax_when_vectors_are_there_agrees_with_them)
{
	const char *vectors = getenv("REGESTA_VECTORS");
	char *folder = base_path(vectors == NULL ? "../shared/data" : vectors, "datetime");

	(void)check_lines(folder, "datetime_syntax_valid.txt", true);
	(void)check_lines(folder, "datetime_parse_invalid.txt", false);
	free(folder);
	ck_assert(base_time_syntax_valid(base_slice_text("0000-01-01T00:00:00Z")));
	ck_assert(!base_time_syntax_valid(base_slice_text("0000-01-01T00:00:00+00:01")));
	ck_assert(!base_time_syntax_valid(base_slice_text("2026-03-01T09:30:00-00:00")));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		parse_when_valid_gives_instant_and_offset,
		parse_when_invalid_says_why,
		format_when_out_of_range_is_still_unambiguous,
		format_when_every_day_counted_is_the_calendars,
		day_parse_when_invalid_says_why,
		now_when_asked_is_after_this_was_written,
		syntax_when_vectors_are_there_agrees_with_them,
		NULL,
	};

	return suite_run("base/time", tests);
}
