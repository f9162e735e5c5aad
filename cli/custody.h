/* custody: what the commands that record something about items and events that exist have in common. */
#ifndef CLI_CUSTODY_H
#define CLI_CUSTODY_H

#include "cli/cli.h"

/* The study of an item or event, unless --study says it. */
BASE_MUST_USE enum base_code custody_study(struct cli_session *s, const char *target, char study[65], struct base_error *err);
/* "hex#0" of an item; the only one of an event that has one. */
BASE_MUST_USE enum base_code custody_item(struct cli_session *s, const char *text, char out[96], struct base_error *err);
/* The items that arguments name, as JSON; events stand for all of their items. */
BASE_MUST_USE enum base_code custody_items(struct cli_session *s, const char *const *texts, size_t count, json_t **out, struct base_error *err);
/* The values of a repeated option, as JSON; *out NULL if it was not given. */
json_t *custody_texts(const struct cli *cli, const char *option);
/* Participants of a repeated option, as JSON; *out NULL if it was not given. */
BASE_MUST_USE enum base_code custody_participants(struct cli_session *s, const char *study, const char *option, json_t **out,
						  struct base_error *err);
/* An event in full hex. */
BASE_MUST_USE enum base_code custody_event(struct cli_session *s, const char *text, char out[65], struct base_error *err);
/* Records a body (consumed), with the file that option names, if any, sealed beside it. */
BASE_MUST_USE enum base_code custody_record(struct cli_session *s, const char *kind, const char *study, json_t *body, const char *option,
					    struct base_error *err);
/* The first hold in force that covers an item (holds.c), as the session's snapshot has it. */
struct cli_hold {
	bool found;
	char id[65], organisation[65];
	const char *basis; /* a code */
};
BASE_MUST_USE enum base_code cli_hold_find(struct cli_session *s, const struct events_event *event, size_t index, struct cli_hold *out,
					   struct base_error *err);
/* Opens the session for recording, runs, closes. */
typedef enum base_code (*custody_fn)(struct cli_session *s, struct base_error *err);
BASE_MUST_USE enum base_code custody_run(struct cli *cli, custody_fn run, struct base_error *err);

#endif
