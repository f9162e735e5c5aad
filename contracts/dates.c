#include "contracts/dates.h"

/* Days since 1970-01-01, and back; after H. Hinnant's "days from civil", for years from 0 on. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

bool contracts_months_after(int64_t instant, int64_t months, int64_t *out)
{
	int64_t year, month, day, count;

	if (instant < 0 || instant >= DATES_END || months < -120000 || months > 120000)
		return false;
	civil_of(instant / DATES_DAY_MS, &year, &month, &day);
	count = year * 12 + month - 1 + months;
	if (count < INT64_C(1970) * 12 || count >= INT64_C(10000) * 12)
		return false;
	year = count / 12;
	month = count % 12 + 1;
	if (day > month_days(year, month))
		day = month_days(year, month);
	*out = days_of(year, month, day) * DATES_DAY_MS + instant % DATES_DAY_MS;
	return true;
}

/* Exactly so many digits. */
static bool digits(const char *text, size_t len, size_t at, size_t count, int64_t *out)
{
	*out = 0;
	if (at + count > len)
		return false;
	for (size_t i = at; i < at + count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*out = *out * 10 + (text[i] - '0');
	}
	return true;
}

static bool is(const char *text, size_t len, size_t at, char c)
{
	return at < len && text[at] == c;
}

bool dates_looks_like(const char *text, size_t len)
{
	int64_t year;

	return digits(text, len, 0, 4, &year) && is(text, len, 4, '-') && len > 5 && text[5] >= '0' && text[5] <= '9';
}

/* "12:30" at *at, at most to hours:minutes. */
static bool clock_time(const char *text, size_t len, size_t *at, int64_t hours_max, int64_t *minutes)
{
	int64_t hour, minute;

	if (!digits(text, len, *at, 2, &hour) || !is(text, len, *at + 2, ':') || !digits(text, len, *at + 3, 2, &minute) ||
	    hour > hours_max || minute > 59)
		return false;
	*at += 5;
	*minutes = hour * 60 + minute;
	return true;
}

size_t dates_read(const char *text, size_t len, int64_t *instant, bool *day)
{
	int64_t y, m, d, minutes = 0, offset = 0;
	size_t at = 10;

	if (!digits(text, len, 0, 4, &y) || !is(text, len, 4, '-') || !digits(text, len, 5, 2, &m) ||
	    !is(text, len, 7, '-') || !digits(text, len, 8, 2, &d) || y < 1970 || m < 1 || m > 12 || d < 1 ||
	    d > month_days(y, m))
		return 0;
	*day = !is(text, len, at, 'T');
	if (!*day) {
		at++;
		if (!clock_time(text, len, &at, 23, &minutes))
			return 0;
	}
	if (is(text, len, at, 'Z')) {
		at++;
	} else if (is(text, len, at, '+') || (is(text, len, at, '-') && at + 1 < len && text[at + 1] >= '0' && text[at + 1] <= '9')) {
		bool west = text[at] == '-';

		at++;
		if (!clock_time(text, len, &at, 14, &offset) || offset > 840)
			return 0;
		if (west)
			offset = -offset;
	} else if (!*day) {
		return 0;
	}
	*instant = days_of(y, m, d) * DATES_DAY_MS + (minutes - offset) * 60000;
	return *instant >= 0 && *instant < DATES_END ? at : 0;
}
