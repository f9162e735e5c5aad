#include "contracts/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The longest beginning of at most max bytes that does not end within a character. */
static size_t whole_characters(const char *data, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)data[max] & 0xc0) == 0x80)
		max--;
	return max;
}

struct report_text report_format(const char *format, ...)
{
	struct report_text out;
	char wide[2 * CONTRACTS_MESSAGE_BYTES];
	va_list args;
	size_t len;

	va_start(args, format);
	if (vsnprintf(wide, sizeof(wide), format, args) < 0)
		wide[0] = '\0';
	va_end(args);
	len = whole_characters(wide, strlen(wide), sizeof(out.text) - 1);
	memcpy(out.text, wide, len);
	out.text[len] = '\0';
	return out;
}

struct contracts_text report_short(struct contracts_text text)
{
	text.len = whole_characters(text.data, text.len, 60);
	return text;
}

static bool is_before(const struct contracts_diagnostic *a, const struct contracts_diagnostic *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* In the order of the source; the list keeps the first that it has room for. */
static void add(struct contracts_report *report, struct report_place place, bool warning,
		const struct report_text *wrong, const struct report_text *right)
{
	struct contracts_diagnostic new = {.line = place.line, .column = place.column, .warning = warning};
	size_t at;

	_Static_assert(sizeof(new.wrong) == sizeof(wrong->text), "messages have one size");
	memcpy(new.wrong, wrong->text, sizeof(new.wrong));
	memcpy(new.right, right->text, sizeof(new.right));
	if (warning)
		report->warnings++;
	else
		report->errors++;
	at = report->count;
	while (at > 0 && is_before(&new, &report->list[at - 1]))
		at--;
	if (at == CONTRACTS_DIAGNOSTICS_MAX)
		return;
	if (report->count < CONTRACTS_DIAGNOSTICS_MAX)
		report->count++;
	memmove(&report->list[at + 1], &report->list[at], (report->count - 1 - at) * sizeof(report->list[0]));
	report->list[at] = new;
}

void report_error(struct contracts_report *report, struct report_place place, struct report_text wrong,
		  struct report_text right)
{
	add(report, place, false, &wrong, &right);
}

void report_warning(struct contracts_report *report, struct report_place place, struct report_text wrong,
		    struct report_text right)
{
	add(report, place, true, &wrong, &right);
}

#define NEAR_BYTES_MAX 40

struct report_nearest report_nearest(struct contracts_text meant)
{
	/* A third of the letters may differ. */
	return (struct report_nearest){.meant = meant, .distance = 1 + (unsigned)(meant.len < NEAR_BYTES_MAX ? meant.len : 0) / 3};
}

/* Levenshtein's distance. */
static unsigned distance(struct contracts_text a, const char *b, size_t b_len)
{
	unsigned row[NEAR_BYTES_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; i < a.len; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < b_len; j++) {
			unsigned least = corner + (a.data[i] != b[j]);

			corner = row[j + 1];
			if (corner + 1 < least)
				least = corner + 1;
			if (row[j] + 1 < least)
				least = row[j] + 1;
			row[j + 1] = least;
		}
	}
	return row[b_len];
}

void report_offer(struct report_nearest *nearest, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned d;

	if (nearest->meant.len > NEAR_BYTES_MAX || len > NEAR_BYTES_MAX)
		return;
	d = distance(nearest->meant, candidate, len);
	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->best = candidate;
	}
}
