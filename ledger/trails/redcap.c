/* Rows of a REDCap log: docs/import.md, "REDCap logs". */
#include "ledger/trails/trails_internal.h"

#include <string.h>

const char *const trails_redcap_columns[TRAILS_REDCAP_COLUMNS] = {"timestamp", "username", "action", "details", "record"};

/* What an action begins with. "Update record (import) 5" ends in the record's name, which is personal. */
static const struct {
	const char *action;
	enum events_kind_id kind; /* 0: no record */
	const char *why;
} actions[] = {
	{"Create record", EVENTS_DATA_SUBMIT, NULL},
	{"Created Record", EVENTS_DATA_SUBMIT, NULL},
	{"Create Response", EVENTS_DATA_SUBMIT, NULL},
	{"Created Response", EVENTS_DATA_SUBMIT, NULL},
	{"Update record", EVENTS_DATA_CORRECT, NULL},
	{"Updated Record", EVENTS_DATA_CORRECT, NULL},
	{"Update Response", EVENTS_DATA_CORRECT, NULL},
	{"Updated Response", EVENTS_DATA_CORRECT, NULL},
	{"Delete record", EVENTS_DATA_RETRACT, NULL},
	{"Deleted Record", EVENTS_DATA_RETRACT, NULL},
	{"Upload document", EVENTS_DATA_SUBMIT, NULL},
	{"Delete document", EVENTS_DATA_RETRACT, NULL},
	{"Lock record", EVENTS_ATTEST, NULL},
	{"Lock/Unlock Record", 0, BASE_WORDS("a locked form is a state of REDCap; a signature of it is the line E-signature")},
	{"Unlock record", 0, BASE_WORDS("a locked form is a state of REDCap; a signature of it is the line E-signature")},
	{"E-signature", EVENTS_ATTEST, NULL},
	{"Randomize record", 0, BASE_WORDS("an arm may not stand in clear; what was assigned is sealed data, which is submitted by who may know it")},
	{"Data export", 0, BASE_WORDS("reading data in another system: an observation of access, which this version has no kind for")},
	{"Data Export", 0, BASE_WORDS("reading data in another system: an observation of access, which this version has no kind for")},
	{"Assign record to", 0, BASE_WORDS("a data access group of REDCap; a change of site is `participant transfer`, which a person declares")},
	{"Remove record from", 0, BASE_WORDS("a data access group of REDCap; a change of site is `participant transfer`, which a person declares")},
	{"Manage/Design", 0, BASE_WORDS("the design or log of the project: no data of a participant")},
	{"Edit user", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"Add user", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"Delete user", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"User assigned", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"User regenerated", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"Create user role", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"Delete user role", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
	{"Rename user role", 0, BASE_WORDS("rights within REDCap are no roles of the ledger: those are recorded as they are given")},
};

static void take_members(struct trails_record *out, enum events_kind_id kind, const char *const cells[])
{
	trails_time(out, "timestamp", cells[TRAILS_TIMESTAMP]);
	if (cells[TRAILS_RECORD][0] == '\0')
		trails_reason(out, "record: missing; whose data it is is not known");
	if (cells[TRAILS_USERNAME][0] == '\0')
		trails_reason(out, "username: missing; who acted is not known");
	if (out->reason[0] != '\0')
		return;
	trails_member(out, "capacity.code", "the importer", "imported");
	trails_member(out, "capacity.source", "the whole row, username with it, sealed", NULL);
	if (kind == EVENTS_DATA_SUBMIT) {
		trails_member(out, "items[0]", "details, sealed", NULL);
		trails_member(out, "items[0].participant", "record, through the register", NULL);
		trails_member(out, "items[0].category", "the dictionary; without: clinical", "clinical");
	} else if (kind == EVENTS_DATA_CORRECT) {
		trails_member(out, "target", "the newest item of record", NULL);
		trails_member(out, "replacement", "details, sealed", NULL);
		trails_member(out, "reason.code", "no column says why", "other");
	} else if (kind == EVENTS_DATA_RETRACT) {
		trails_member(out, "targets", "every item of record", NULL);
		trails_member(out, "reason.code", "no column says why", "other");
	} else {
		trails_member(out, "targets", "every item of record", NULL);
		trails_member(out, "meaning", "action", "approved");
	}
	trails_kind(out, kind);
}

void trails_redcap(struct trails_record *out, size_t line, const char *const cells[TRAILS_REDCAP_COLUMNS])
{
	const char *action = cells[TRAILS_ACTION];

	*out = (struct trails_record){.line = line};
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strncmp(action, actions[i].action, strlen(actions[i].action)) != 0)
			continue;
		(void)snprintf(out->at, sizeof(out->at), "%s", actions[i].action);
		if (actions[i].kind == 0)
			trails_reason(out, "action: %s", base_message(actions[i].why));
		else
			take_members(out, actions[i].kind, cells);
		return;
	}
	trails_print(out->at, 60, action);
	trails_reason(out, "action: none that is known here");
}
