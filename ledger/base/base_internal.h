/* What the files of base share among themselves. */
#ifndef LEDGER_BASE_BASE_INTERNAL_H
#define LEDGER_BASE_BASE_INTERNAL_H

#include "ledger/base/base.h"

/* The code point that begins at text.data[0] (text.len > 0) and its length in
 * *len; UINT32_MAX with *len 1 where the bytes are not well-formed UTF-8. */
uint32_t base_utf8_next(struct base_slice text, size_t *len);
/* True for code points that could move a terminal's cursor, reorder or break a line. */
bool base_utf8_control(uint32_t point);

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
int64_t base_days_of_date(int32_t year, unsigned month, unsigned day);
void base_date_of_days(int64_t days, int32_t *year, unsigned *month, unsigned *day);

#endif
