/* The time of a fact: [precision, utc ms, offset min | null], docs/formats/event.md §5. */
#include "ledger/events/schema.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define DAY_MS INT64_C(86400000)
#define MS_MAX INT64_C(253402300799999) /* 9999-12-31T23:59:59.999 */
#define OFFSET_MAX_MIN (23 * 60 + 59)

/* Milliseconds since 1970-01-01T00:00 of the author's own clock and calendar. */
static int64_t local_ms(const struct events_when *when)
{
	return (int64_t)when->utc_ms + (when->has_offset ? when->offset_min * MINUTE_MS : 0);
}

const char *schema_when_problem(const struct events_when *when)
{
	char day[16];
	int64_t local;

	if (when->precision != EVENTS_POINT && when->precision != EVENTS_DAY && when->precision != EVENTS_MONTH)
		return BASE_WORDS("the precision of a time is 0 (point), 1 (day) or 2 (month)");
	if (when->has_offset && (when->offset_min < -OFFSET_MAX_MIN || when->offset_min > OFFSET_MAX_MIN))
		return BASE_WORDS("the offset of a time is at most 23:59 hours");
	if (when->utc_ms > (uint64_t)MS_MAX)
		return BASE_WORDS("a time is at most in the year 9999");
	local = local_ms(when);
	if (local < 0 || local > MS_MAX)
		return BASE_WORDS("a time is in the years 1970 to 9999 where it happened");
	if (when->precision == EVENTS_POINT)
		return NULL;
	if (local % DAY_MS != 0)
		return BASE_WORDS("a day or month begins at midnight where it happened");
	if (when->precision == EVENTS_DAY)
		return NULL;
	base_day_format(day, (uint32_t)(local / DAY_MS));
	return strcmp(day + 8, "01") == 0 ? NULL : BASE_WORDS("a month begins on its first day");
}

struct events_when events_when_read(struct wire_reader *r)
{
	struct events_when when = {EVENTS_POINT, 0, false, 0};
	uint64_t precision;

	wire_expect_array(r, 3);
	precision = wire_get_uint(r);
	if (precision > EVENTS_MONTH)
		wire_fail(r, "the precision of a time is 0 (point), 1 (day) or 2 (month)");
	else
		when.precision = (enum events_precision)precision;
	when.utc_ms = wire_get_uint(r);
	if (wire_peek(r) == WIRE_NULL) {
		wire_get_null(r);
	} else {
		int64_t offset = wire_get_int(r);

		if (offset < -OFFSET_MAX_MIN || offset > OFFSET_MAX_MIN)
			wire_fail(r, "the offset of a time is at most 23:59 hours");
		else
			when.offset_min = (int16_t)offset;
		when.has_offset = true;
	}
	return when;
}

void events_when_put(struct base_buf *out, const struct events_when *when)
{
	wire_put_array(out, 3);
	wire_put_uint(out, when->precision);
	wire_put_uint(out, when->utc_ms);
	if (when->has_offset)
		wire_put_int(out, when->offset_min);
	else
		wire_put_null(out);
}

/* "Z", "+02:00" or, where the offset is unknown, nothing. */
static void zone_format(char out[8], const struct events_when *when)
{
	int minutes = when->offset_min < 0 ? -when->offset_min : when->offset_min;

	out[0] = '\0';
	if (when->has_offset && minutes == 0)
		(void)snprintf(out, 8, "Z");
	else if (when->has_offset)
		(void)snprintf(out, 8, "%c%02d:%02d", when->offset_min < 0 ? '-' : '+', minutes / 60 % 24,
			       minutes % 60);
}

static void date_format(char out[16], const struct events_when *when)
{
	base_day_format(out, (uint32_t)(local_ms(when) / DAY_MS));
	if (when->precision == EVENTS_MONTH)
		out[7] = '\0';
}

void events_when_format(char out[64], const struct events_when *when)
{
	char date[16], zone[8], point[BASE_TIME_TEXT_BYTES];

	if (schema_when_problem(when) != NULL) {
		(void)snprintf(out, 64, "@%llu", (unsigned long long)when->utc_ms);
		return;
	}
	if (when->precision == EVENTS_POINT) {
		base_time_format(point, (struct base_time){when->utc_ms},
				 when->has_offset ? when->offset_min : INT16_MIN);
		(void)snprintf(out, 64, "%s", point);
		return;
	}
	date_format(date, when);
	zone_format(zone, when);
	(void)snprintf(out, 64, "%s%s", date, zone);
}

void events_when_words(char out[64], const struct events_when *when)
{
	char date[16], zone[8], point[BASE_TIME_TEXT_BYTES];
	const char *what = when->precision == EVENTS_MONTH ? BASE_WORDS("month") : BASE_WORDS("day");

	if (schema_when_problem(when) != NULL) {
		(void)snprintf(out, 64, "@%llu", (unsigned long long)when->utc_ms);
		return;
	}
	zone_format(zone, when);
	if (when->precision == EVENTS_POINT) {
		size_t len;

		base_time_format(point, (struct base_time){when->utc_ms}, when->has_offset ? when->offset_min : 0);
		point[10] = ' ';
		len = strcspn(point + 11, "Z+-") + 11;
		if (!when->has_offset || when->offset_min == 0)
			(void)snprintf(zone, sizeof(zone), "UTC");
		(void)snprintf(out, 64, "%.*s %s%s", (int)len, point, zone,
			       when->has_offset ? "" : base_message(" (offset unknown)"));
		return;
	}
	date_format(date, when);
	if (!when->has_offset)
		(void)snprintf(out, 64, base_message("%s (%s, offset unknown)"), date, base_message(what));
	else
		(void)snprintf(out, 64, "%s (%s, %s)", date, base_message(what), when->offset_min == 0 ? "UTC" : zone);
}

static enum base_code parse_fail(struct base_error *err, enum base_code code, const char *why)
{
	return base_fail(err, code,
			 "%s; write a time like 2026-03-01T09:30:00+02:00, a day 2026-03-01 or 2026-03-01+02:00, "
			 "or a month 2026-03",
			 base_message(why));
}

static enum base_code point_parse(struct events_when *out, struct base_slice text, struct base_error *err)
{
	char with_seconds[64];
	struct base_time time;
	int16_t offset;
	enum base_code code;

	if (text.len > 40)
		return parse_fail(err, BASE_MALFORMED, "a time has at most 40 characters");
	if (text.len > 16 && text.data[16] != ':') {
		(void)snprintf(with_seconds, sizeof(with_seconds), "%.16s:00%.*s", (const char *)text.data,
			       (int)text.len - 16, (const char *)text.data + 16);
		text = base_slice_text(with_seconds);
	}
	if ((code = base_time_parse(&time, &offset, text, err)) != BASE_OK)
		return code;
	out->precision = EVENTS_POINT;
	out->utc_ms = time.ms;
	out->has_offset = offset != INT16_MIN;
	out->offset_min = out->has_offset ? offset : 0;
	return BASE_OK;
}

/* What may follow a date: nothing, "Z", "+02:00"; "-00:00" says that the offset is unknown, as nothing does. */
static bool zone_parse(struct events_when *out, struct base_slice text)
{
	unsigned hour, minute;
	const uint8_t *c = text.data;

	out->has_offset = text.len > 0;
	if (text.len == 0 || (text.len == 1 && c[0] == 'Z'))
		return true;
	if (text.len != 6 || (c[0] != '+' && c[0] != '-') || c[3] != ':')
		return false;
	for (size_t i = 1; i < 6; i++)
		if (i != 3 && (c[i] < '0' || c[i] > '9'))
			return false;
	hour = (unsigned)(c[1] - '0') * 10 + (unsigned)(c[2] - '0');
	minute = (unsigned)(c[4] - '0') * 10 + (unsigned)(c[5] - '0');
	if (hour > 23 || minute > 59)
		return false;
	out->offset_min = (int16_t)(hour * 60 + minute);
	if (c[0] == '-') {
		out->has_offset = out->offset_min != 0;
		out->offset_min = (int16_t)-out->offset_min;
	}
	return true;
}

static enum base_code date_parse(struct events_when *out, struct base_slice text, struct base_error *err)
{
	/* Lengths decide, so that the month 2026-03-05:00 is not taken for a day: 10, 11, 16 or 7, 8, 13. */
	bool day = text.len == 10 || text.len == 11 || text.len == 16;
	size_t date_len = day ? 10 : 7;
	struct base_slice date;
	char first[16];
	uint32_t days;
	int64_t start;
	enum base_code code;

	if (text.len < date_len)
		return parse_fail(err, BASE_MALFORMED, "not a time");
	if (!zone_parse(out, base_slice(text.data + date_len, text.len - date_len)))
		return parse_fail(err, BASE_MALFORMED, "not a time");
	(void)snprintf(first, sizeof(first), "%.*s%s", (int)date_len, (const char *)text.data, day ? "" : "-01");
	date = base_slice_text(first);
	if ((code = base_day_parse(&days, date, err)) != BASE_OK)
		return code;
	start = (int64_t)days * DAY_MS - (out->has_offset ? out->offset_min * MINUTE_MS : 0);
	if (start < 0)
		return parse_fail(err, BASE_LIMIT, "begins before 1970, which is not recorded");
	out->precision = day ? EVENTS_DAY : EVENTS_MONTH;
	out->utc_ms = (uint64_t)start;
	return BASE_OK;
}

enum base_code events_when_parse(struct events_when *out, struct base_slice text, struct base_error *err)
{
	struct events_when when = {EVENTS_POINT, 0, false, 0};
	enum base_code code;
	const char *why;

	if (text.len == 0)
		return parse_fail(err, BASE_MALFORMED, "empty");
	if (text.len > 10 && text.data[10] == 'T')
		code = point_parse(&when, text, err);
	else
		code = date_parse(&when, text, err);
	if (code != BASE_OK)
		return code;
	if ((why = schema_when_problem(&when)) != NULL)
		return parse_fail(err, BASE_LIMIT, why);
	*out = when;
	return BASE_OK;
}
