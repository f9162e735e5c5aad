/* Deviations: each is one sentence with its entry. */
#include <stdarg.h>
#include <stdio.h>

#include "ledger/audit/audit_internal.h"

void audit_deviate(struct audit_replay *replay, enum audit_check check, const uint64_t *index, const char *format, ...)
{
	struct audit_deviation deviation = {.check = check, .has_index = index != NULL, .index = index != NULL ? *index : 0};
	va_list args;

	va_start(args, format);
	vsnprintf(deviation.what, sizeof(deviation.what), base_message(format), args);
	va_end(args);
	replay->report->deviations++;
	if (replay->options->deviation != NULL)
		replay->options->deviation(replay->options->arg, &deviation);
}
