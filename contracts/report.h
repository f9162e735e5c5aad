/* Diagnostics: what is wrong, where, and what would be right. Internal to contracts/. */
#ifndef CONTRACTS_REPORT_H
#define CONTRACTS_REPORT_H

#include "contracts/contracts.h"

struct report_place {
	uint32_t line, column;
};
struct report_text {
	char text[CONTRACTS_MESSAGE_BYTES];
};
/* What does not fit is cut between characters. */
struct report_text report_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void report_error(struct contracts_report *report, struct report_place place, struct report_text wrong,
		  struct report_text right);
void report_warning(struct contracts_report *report, struct report_place place, struct report_text wrong,
		    struct report_text right);

/* For "%.*s": at most 60 bytes of a text of unknown length. */
#define REPORT_TEXT(text_) (int)report_short(text_).len, report_short(text_).data
struct contracts_text report_short(struct contracts_text text);

/* Of candidates offered one by one, the one that was probably meant. */
struct report_nearest {
	struct contracts_text meant;
	unsigned distance;
	const char *best; /* NULL: nothing is near */
};
struct report_nearest report_nearest(struct contracts_text meant);
void report_offer(struct report_nearest *nearest, const char *candidate);

#endif
