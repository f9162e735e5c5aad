/* The proleptic Gregorian calendar in UTC. Internal to contracts/. */
#ifndef CONTRACTS_DATES_H
#define CONTRACTS_DATES_H

#include "contracts/contracts.h"

#define DATES_DAY_MS INT64_C(86400000)
#define DATES_END INT64_C(253402300800000) /* begin of year 10000 */

/* "2027-": whoever writes that means a date. */
bool dates_looks_like(const char *text, size_t len);
/* Length of the date at the beginning of text; 0: there is none that exists. *instant: its (first) millisecond; *day:
 * it is a whole day. */
size_t dates_read(const char *text, size_t len, int64_t *instant, bool *day);

#endif
