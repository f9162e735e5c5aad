/* contents: the members of facts' contents that more than one file names. docs/formats/state.md, "Contents", lists all;
 * numbers are in hashes and are never used again. */
#ifndef LEDGER_STATE_CONTENTS_H
#define LEDGER_STATE_CONTENTS_H

#define STATE_GENESIS 0 /* the kind of genesis' facts */
enum state_key_content {
	STATE_KEY_SIGN = 1,
	STATE_KEY_ACTOR = 2,
	STATE_KEY_PREDECESSOR = 3,
	STATE_KEY_SEAL = 4,
	STATE_KEY_SUSPECT = 5,
	STATE_KEY_SUCCESSOR = 6,
	STATE_KEY_REVOKED = 7,
	STATE_KEY_COMPROMISED = 8,
};
enum state_item_content {
	STATE_ITEM_REPLACEMENT = 1,
	STATE_ITEM_REASON = 2,
	STATE_ITEM_MEANING = 3,
	STATE_ITEM_ACTOR = 4,
	STATE_ITEM_ANSWER = 5,
	STATE_ITEM_HOLDER = 6,
	STATE_ITEM_DESTROYED = 7,
	STATE_ITEM_ERASED = 8,
	STATE_ITEM_FROM = 9,
	STATE_ITEM_TO = 10,
	STATE_ITEM_IN_EFFECT = 11,
	STATE_ITEM_RECIPIENTS = 12,
	STATE_ITEM_REPUDIATED = 13,
};
enum state_hold_content { /* after the body of hold.place */
	STATE_HOLD_ID = 0,
	STATE_HOLD_LIFTED = 8,
	STATE_HOLD_ORGANISATION = 9,
	STATE_HOLD_WIDE = 10,
};
enum state_rights_content {
	STATE_RIGHTS_PARTICIPANT = 1,
	STATE_RIGHTS_RIGHT = 2,
	STATE_RIGHTS_DUE = 3,
	STATE_RIGHTS_ORGANISATION = 4,
	STATE_RIGHTS_ANSWER = 5,
	STATE_RIGHTS_ACT = 6,
	STATE_RIGHTS_REQUEST = 7,
	STATE_RIGHTS_LIMIT = 8,
};
enum state_incident_content {
	STATE_INCIDENT_ORGANISATION = 1,
	STATE_INCIDENT_DUE = 2,
	STATE_INCIDENT_STAGE = 3,
	STATE_INCIDENT_REPORT = 4,
};
enum state_copy_content {
	STATE_COPY_HOLDER = 1,
	STATE_COPY_FROM = 2,
	STATE_COPY_TO = 3,
	STATE_COPY_DESTROYED = 4,
};
enum state_event_content {
	STATE_EVENT_ACTOR = 1,
	STATE_EVENT_ITEM = 2,
	STATE_EVENT_STUDY = 3,
	STATE_EVENT_ORGANISATION = 4,
	STATE_EVENT_IN_EFFECT = 5,
	STATE_EVENT_RECIPIENTS = 6,
	STATE_EVENT_MEANING = 7,
};
enum state_organisation_content { /* after what admission says */
	STATE_ORGANISATION_SUSPENDED = 5,
	STATE_ORGANISATION_SUCCESSOR = 6,
	STATE_ORGANISATION_PREDECESSORS = 7,
};
#define STATE_GOVERNANCE_SUSPENDED 2 /* of organisation.suspend */
enum state_participant_content { /* what other kinds wrote of an owner has OWNER too */
	STATE_PARTICIPANT_OWNER = 1,
	STATE_PARTICIPANT_SITE = 2,
	STATE_PARTICIPANT_STATUS = 3,
	STATE_PARTICIPANT_ACT = 4,       /* event id of a merge or split */
	STATE_PARTICIPANT_MERGED = 5,    /* that reference goes on as this one */
	STATE_PARTICIPANT_INTO = 6,      /* this one goes on as that */
	STATE_PARTICIPANT_SPLIT = 7,     /* from that reference */
	STATE_PARTICIPANT_IN_EFFECT = 8,
	STATE_PARTICIPANT_CONFIRMED = 9, /* [event ids] */
	STATE_PARTICIPANT_REPRESENTED = 10,
};
enum state_dataset_content {
	STATE_DATASET_PART = 1,
	STATE_DATASET_HAVE = 2,
	STATE_DATASET_FRONTIER = 3,
	STATE_DATASET_COMPLETE = 4,
	STATE_DATASET_WANTED = 5,
	STATE_DATASET_ROOT = 6,
	STATE_DATASET_ORGANISATION = 7,
};

#endif
