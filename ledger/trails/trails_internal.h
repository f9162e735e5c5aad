/* What the readers of trails share: how a line becomes a record or a reason. */
#ifndef LEDGER_TRAILS_TRAILS_INTERNAL_H
#define LEDGER_TRAILS_TRAILS_INTERNAL_H

#include "ledger/trails/trails.h"

/* value may be NULL. Control characters become U+FFFD; what is too long is cut. */
void trails_member(struct trails_record *record, const char *name, const char *from, const char *value);
/* No record: the first reason stays. */
void trails_reason(struct trails_record *record, const char *format, ...) BASE_PRINTF(2, 3);
void trails_kind(struct trails_record *record, enum events_kind_id kind);
/* A time of the other system as when and capacity.original: with its zone, or with an unknown offset. A reason where it is no time. */
void trails_time(struct trails_record *record, const char *from, const char *text);
/* out fit for a terminal, cut at a character. */
void trails_print(char *out, size_t cap, const char *text);

#endif
