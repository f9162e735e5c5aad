#include "ledger/state/exec_internal.h"

/* Days by which the law wants an answer: calendar months in the offset of whoever recorded it (GDPR 12(3), counted as
 * Regulation 1182/71 counts). No time zone table: the offset is in the event. */

#define DAY_MS INT64_C(86400000)

struct civil {
	int64_t year;
	unsigned month, day; /* from 1 */
};

/* Proleptic Gregorian calendar; eras of 400 years that begin on the 1st of March. */
static struct civil civil_of(int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	unsigned day_of_era = (unsigned)(shifted - era * 146097);
	unsigned year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day = day_of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * day + 2) / 153;
	struct civil out = {(int64_t)year + era * 400, month < 10 ? month + 3 : month - 9, day - (153 * month + 2) / 5 + 1};

	out.year += out.month <= 2;
	return out;
}

static int64_t days_of(struct civil date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	unsigned of_era = (unsigned)(year - era * 400);
	unsigned of_year = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;

	return era * 146097 + (int64_t)(of_era * 365 + of_era / 4 - of_era / 100 + of_year) - 719468;
}

static unsigned month_days(const struct civil *date)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);

	return days[date->month - 1] + (date->month == 2 && leap);
}

uint64_t state_months_after(const struct events_when *when, unsigned months)
{
	int64_t offset = when->has_offset ? (int64_t)when->offset_min * 60000 : 0;
	int64_t local = (int64_t)when->utc_ms + offset, end;
	struct civil date = civil_of((local >= 0 ? local : local - DAY_MS + 1) / DAY_MS);

	date.year += (date.month - 1 + months) / 12;
	date.month = (date.month - 1 + months) % 12 + 1;
	if (date.day > month_days(&date))
		date.day = month_days(&date);
	end = (days_of(date) + 1) * DAY_MS - offset;
	return end < 0 ? 0 : (uint64_t)end;
}
