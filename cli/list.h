/* list: what the files of `regesta list` share. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "cli/cli.h"

struct listing {
	struct cli_session *s;
	struct cli_table *table;
	json_t *json;
	const char *study;
	struct base_time time; /* of the entry that is looked at */
};

/* One row each, if the event is of that kind (list_duties.c). */
void list_right(struct listing *l, const struct events_event *event);
void list_hold(struct listing *l, const struct events_event *event);
void list_incident(struct listing *l, const struct events_event *event);
void list_suspect(struct listing *l, const struct events_event *event);

#endif
