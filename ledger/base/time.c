/* RFC 3339 date-times, one spelling each: capital T and Z, no space, no leap
 * second, four-digit years. */
#include "ledger/base/base_internal.h"

#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define OFFSET_UNKNOWN INT16_MIN
#define OFFSET_MAX_MIN (23 * 60 + 59)
/* 9999-12-31 is day 2932896; a later time has no RFC 3339 text. */
#define DAYS_MAX 2932896
#define MS_MAX ((DAYS_MAX + 1) * DAY_MS - 1)

/* Years from 1 March, so that the leap day ends a year; 400 years are 146097 days. */
int64_t base_days_of_date(int32_t year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void base_date_of_days(int64_t days, int32_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t in_era = z - era * 146097;
	int64_t of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
	int64_t m = (5 * in_year + 2) / 153;

	*day = (unsigned)(in_year - (153 * m + 2) / 5 + 1);
	*month = (unsigned)(m < 10 ? m + 3 : m - 9);
	*year = (int32_t)(of_era + era * 400 + (*month <= 2));
}

static unsigned month_days(int32_t year, unsigned month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (unsigned)(month == 2 && leap);
}

struct parts {
	int64_t days; /* since 1970 */
	int64_t ms;   /* of the day, as written */
	int offset_min;
	bool offset_unknown;
};

/* pattern: '9' is a digit, anything else itself. */
static bool shape_matches(struct base_slice text, const char *pattern)
{
	size_t len = strlen(pattern);

	if (text.len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = text.data[i];

		if (pattern[i] == '9' ? c < '0' || c > '9' : c != (uint8_t)pattern[i])
			return false;
	}
	return true;
}

static unsigned digits_at(struct base_slice text, size_t at, size_t count)
{
	unsigned value = 0;

	for (size_t i = 0; i < count; i++)
		value = value * 10 + (unsigned)(text.data[at + i] - '0');
	return value;
}

/* NULL, or why the date that begins text is none. */
static const char *date_parse(int64_t *days, struct base_slice text)
{
	unsigned year, month, day;

	if (!shape_matches(text, "9999-99-99"))
		return BASE_WORDS("does not begin with a date like 2026-03-01");
	year = digits_at(text, 0, 4);
	month = digits_at(text, 5, 2);
	day = digits_at(text, 8, 2);
	if (month < 1 || month > 12)
		return BASE_WORDS("has a month that does not exist");
	if (day < 1 || day > month_days((int32_t)year, month))
		return BASE_WORDS("has a day that its month does not have");
	*days = base_days_of_date((int32_t)year, month, day);
	return NULL;
}

static const char *offset_parse(struct parts *out, struct base_slice text)
{
	unsigned hour, minute;

	if (text.len == 1 && text.data[0] == 'Z')
		return NULL;
	if (text.len != 6 || (!shape_matches(text, "+99:99") && !shape_matches(text, "-99:99")))
		return BASE_WORDS("does not end in Z or an offset like +02:00");
	hour = digits_at(text, 1, 2);
	minute = digits_at(text, 4, 2);
	if (hour > 23 || minute > 59)
		return BASE_WORDS("has an offset that does not exist");
	out->offset_min = (int)(hour * 60 + minute);
	if (text.data[0] == '-') {
		out->offset_unknown = out->offset_min == 0;
		out->offset_min = -out->offset_min;
	}
	return NULL;
}

/* NULL, or why text is no date-time. */
static const char *parts_parse(struct parts *out, struct base_slice text)
{
	unsigned hour, minute, second, scale = 100;
	const char *why;
	size_t at = 19;

	*out = (struct parts){0, 0, 0, false};
	if ((why = date_parse(&out->days, text)) != NULL)
		return why;
	if (!shape_matches(text, "9999-99-99T99:99:99"))
		return BASE_WORDS("has no time of day like T09:30:00 after the date");
	hour = digits_at(text, 11, 2);
	minute = digits_at(text, 14, 2);
	second = digits_at(text, 17, 2);
	if (hour > 23 || minute > 59 || second > 60)
		return BASE_WORDS("has a time of day that does not exist");
	if (second == 60)
		return BASE_WORDS("is a leap second, which is not taken; write the second before or after it");
	out->ms = ((int64_t)(hour * 60 + minute) * 60 + second) * 1000;
	if (at < text.len && text.data[at] == '.') {
		for (at++; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
			out->ms += (int64_t)(text.data[at] - '0') * scale;
			scale /= 10;
		}
		if (at == 20)
			return BASE_WORDS("has no digit after the point");
	}
	return offset_parse(out, base_slice(text.data + at, text.len - at));
}

static int64_t parts_ms(const struct parts *parts)
{
	return parts->days * DAY_MS + parts->ms - parts->offset_min * MINUTE_MS;
}

bool base_time_syntax_valid(struct base_slice text)
{
	struct parts parts;

	if (parts_parse(&parts, text) != NULL || parts.offset_unknown)
		return false;
	return parts_ms(&parts) >= base_days_of_date(0, 1, 1) * DAY_MS && parts_ms(&parts) <= MS_MAX;
}

static enum base_code time_fail(struct base_error *err, enum base_code code, struct base_slice text, const char *why)
{
	int shown = text.len > 40 ? 40 : (int)text.len;

	return base_fail(err, code, "time \"%.*s%s\" %s", shown, shown == 0 ? "" : (const char *)text.data,
			 text.len > 40 ? "..." : "", base_message(why));
}

enum base_code base_time_parse(struct base_time *out, int16_t *offset_min, struct base_slice text,
			       struct base_error *err)
{
	struct parts parts;
	const char *why = parts_parse(&parts, text);
	int64_t ms;

	if (why != NULL)
		return time_fail(err, BASE_MALFORMED, text, why);
	ms = parts_ms(&parts);
	if (ms < 0)
		return time_fail(err, BASE_LIMIT, text, "is before 1970, which Regesta does not record");
	if (ms > MS_MAX)
		return time_fail(err, BASE_LIMIT, text, "is after the year 9999");
	out->ms = (uint64_t)ms;
	if (offset_min != NULL)
		*offset_min = parts.offset_unknown ? OFFSET_UNKNOWN : (int16_t)parts.offset_min;
	return BASE_OK;
}

void base_time_format(char out[BASE_TIME_TEXT_BYTES], struct base_time time, int16_t offset_min)
{
	bool unknown = offset_min < -OFFSET_MAX_MIN || offset_min > OFFSET_MAX_MIN;
	int offset = unknown ? 0 : offset_min;
	unsigned from_utc = (unsigned)(offset < 0 ? -offset : offset);
	int64_t local, days, in_day;
	unsigned month, day, second;
	int32_t year;
	size_t len;

	if (time.ms > (uint64_t)MS_MAX) {
		(void)snprintf(out, BASE_TIME_TEXT_BYTES, "@%llu", (unsigned long long)time.ms);
		return;
	}
	local = (int64_t)time.ms + offset * MINUTE_MS;
	if (local > MS_MAX) {
		local = (int64_t)time.ms;
		offset = 0;
	}
	days = (local >= 0 ? local : local - DAY_MS + 1) / DAY_MS;
	in_day = local - days * DAY_MS;
	second = (unsigned)(in_day / 1000);
	base_date_of_days(days, &year, &month, &day);
	(void)snprintf(out, BASE_TIME_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)year & 0x3fff, month, day,
		       second / 3600, second / 60 % 60, second % 60);
	len = strlen(out);
	if (in_day % 1000 != 0) {
		(void)snprintf(out + len, BASE_TIME_TEXT_BYTES - len, ".%03u", (unsigned)(in_day % 1000));
		len = strlen(out);
	}
	if (unknown)
		(void)snprintf(out + len, BASE_TIME_TEXT_BYTES - len, "-00:00");
	else if (offset == 0)
		(void)snprintf(out + len, BASE_TIME_TEXT_BYTES - len, "Z");
	else
		(void)snprintf(out + len, BASE_TIME_TEXT_BYTES - len, "%c%02u:%02u", offset < 0 ? '-' : '+',
			       from_utc / 60, from_utc % 60);
}

enum base_code base_day_parse(uint32_t *days, struct base_slice text, struct base_error *err)
{
	int64_t since_1970 = 0;
	const char *why = date_parse(&since_1970, text);
	int shown = text.len > 40 ? 40 : (int)text.len;
	const char *first = shown == 0 ? "" : (const char *)text.data;

	if (why == NULL && text.len != 10)
		why = BASE_WORDS("goes on after the date");
	if (why != NULL)
		return base_fail(err, BASE_MALFORMED, "day \"%.*s\" %s", shown, first, base_message(why));
	if (since_1970 < 0)
		return base_fail(err, BASE_LIMIT, "day \"%.*s\" is before 1970, which Regesta does not record", shown, first);
	*days = (uint32_t)since_1970;
	return BASE_OK;
}

void base_day_format(char out[16], uint32_t days)
{
	unsigned month, day;
	int32_t year;

	if (days > DAYS_MAX) {
		(void)snprintf(out, 16, "@%u", (unsigned)days);
		return;
	}
	base_date_of_days(days, &year, &month, &day);
	(void)snprintf(out, 16, "%04u-%02u-%02u", (unsigned)year & 0x3fff, month & 15, day & 31);
}

struct base_time base_time_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0)
		return (struct base_time){0};
	return (struct base_time){(uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
}
