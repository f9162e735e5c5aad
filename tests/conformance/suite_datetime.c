/* datetime: lines of text that are date-times or are not; the name of the file says which. */
#include <string.h>
#include <time.h>

#include "tests/conformance/conformance.h"

#define MINUTE_MS 60000

static unsigned digits(const uint8_t *text, size_t count)
{
	unsigned value = 0;

	while (count-- > 0)
		value = value * 10 + (unsigned)(*text++ - '0');
	return value;
}

/* What the C library makes of a text whose form is right: milliseconds since 1970. */
static int64_t by_libc(struct base_slice text)
{
	const uint8_t *at = text.data;
	struct tm tm = {
		.tm_year = (int)digits(at, 4) - 1900,
		.tm_mon = (int)digits(at + 5, 2) - 1,
		.tm_mday = (int)digits(at + 8, 2),
		.tm_hour = (int)digits(at + 11, 2),
		.tm_min = (int)digits(at + 14, 2),
		.tm_sec = (int)digits(at + 17, 2),
	};
	int64_t ms = (int64_t)timegm(&tm) * 1000, offset = 0;
	size_t fraction = 0;

	at += 19;
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9'; at++) {
			static const int64_t scale[] = {100, 10, 1};

			if (fraction < 3)
				ms += scale[fraction++] * (*at - '0');
		}
	}
	if (*at != 'Z')
		offset = (int64_t)(digits(at + 1, 2) * 60 + digits(at + 4, 2)) * MINUTE_MS * (*at == '-' ? -1 : 1);
	return ms - offset;
}

/* Regesta's own times begin in 1970; within them the value must be right, and must come back from its text. */
static const char *check_value(struct base_slice text)
{
	char again[BASE_TIME_TEXT_BYTES];
	struct base_error err = {""};
	struct base_time time, twice;
	int64_t expected = by_libc(text);
	int16_t offset, offset_twice;
	enum base_code code = base_time_parse(&time, &offset, text, &err);

	if (expected < 0)
		return code == BASE_LIMIT || code == BASE_MALFORMED
			       ? NULL
			       : "a time before 1970 must be refused as an event's";
	if (code != BASE_OK)
		return "it is refused as an event's time";
	if (time.ms != (uint64_t)expected)
		return "it is read as another time";
	base_time_format(again, time, offset);
	if (base_time_parse(&twice, &offset_twice, base_slice_text(again), &err) != BASE_OK || twice.ms != time.ms ||
	    offset_twice != offset)
		return "written again it is another time";
	return NULL;
}

static void one_line(struct suite *s, const char *which, struct base_slice line, bool valid)
{
	bool form = base_time_syntax_valid(line);
	struct base_time time;

	if (!valid) {
		if (form)
			case_fail(s, which, "it must be refused, and is taken");
		else
			case_end(s, which,
				 base_time_parse(&time, NULL, line, NULL) == BASE_OK && !slice_has(line, "-00:00")
					 ? "it must be refused as an event's time, and is taken"
					 : NULL);
		return;
	}
	case_end(s, which, form ? check_value(line) : "it must be taken, and is refused");
}

static void one_file(struct suite *s, bool valid)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_slice left, line;

	if (!suite_bytes(s, &text))
		return;
	left = base_buf_slice(&text);
	while (line_next(&line, &left)) {
		char which[128];

		if (line.len > 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0 || line.data[0] == '#')
			continue;
		(void)snprintf(which, sizeof(which), "\"%.*s\"", (int)(line.len < 100 ? line.len : 100),
			       (const char *)line.data);
		one_line(s, which, line, valid);
	}
	base_buf_free(&text);
}

void suite_datetime(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		if (file_named(s->file, "invalid"))
			one_file(s, false);
		else if (file_named(s->file, "valid"))
			one_file(s, true);
		else
			case_payload(s, "its name does not say whether its lines are valid");
	}
}
