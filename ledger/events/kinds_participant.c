/* participant: whose data it is. Never who: names and causes are sealed. */
#include "ledger/events/schema.h"

/* clang-format off */
#define STAFF \
	(EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) | \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR))
#define WHO_STAFF \
	"an investigator, delegate or data manager of the study, or an administrator, of the organisation that the " \
	"participant belongs to"
#define FIELD_PARTICIPANT(key_, name_, help_) \
	{.key = (key_), .name = (name_), .type = EVENTS_REFERENCE, .example = EXAMPLE_HASH, .help = (help_)}
/* clang-format on */

static const struct events_field enrol_fields[] = {
	{.key = 1, .name = "participant", .type = EVENTS_REFERENCE, .example = EXAMPLE_HASH,
	 .help = "the participant's reference in this study, from the site's register"},
	{.key = 2, .name = "site", .type = EVENTS_TOKEN, .example = "\"site-01\"", .help = "the site that enrols"},
};
const struct events_kind events_kind_participant_enrol = {
	.id = EVENTS_PARTICIPANT_ENROL,
	.name = "participant.enrol",
	.words = "enrolment of a participant",
	.needs_study = true,
	.roles = EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) |
		 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an investigator, delegate or data manager of the study, or an administrator of the site's organisation",
	.effect = "makes the participant; it belongs to the organisation that enrolled it",
	.body = SCHEMA_STRUCT("participant.enrol", enrol_fields),
};

static const struct events_field status_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "whose status"),
	{.key = 2, .name = "status", .type = EVENTS_CODE, .codes = &events_participant_status,
	 .example = "\"completed\"", .help = "from when the fact happened on; the cause, if any, is sealed"},
};
const struct events_kind events_kind_participant_status = {
	.id = EVENTS_PARTICIPANT_STATUS,
	.name = "participant.status",
	.words = "status of a participant",
	.needs_study = true,
	.roles = STAFF | EVENTS_ROLE(EVENTS_ROLE_SYSTEM),
	.who = WHO_STAFF ", or a system of it",
	.effect = "says whether the participant takes part; it changes no consent",
	.body = SCHEMA_STRUCT("participant.status", status_fields),
};

static const struct events_field transfer_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "who goes to another site"),
	{.key = 2, .name = "site", .type = EVENTS_TOKEN, .example = "\"site-02\"", .help = "the site from now on"},
};
const struct events_kind events_kind_participant_transfer = {
	.id = EVENTS_PARTICIPANT_TRANSFER,
	.name = "participant.transfer",
	.words = "transfer of a participant to another site",
	.needs_study = true,
	.roles = STAFF,
	.who = WHO_STAFF,
	.effect = "the participant belongs to the organisation that runs the new site; the trail goes on",
	.body = SCHEMA_STRUCT("participant.transfer", transfer_fields),
};

static const struct events_field head_fields[] = {
	{.key = 1, .name = "count", .type = EVENTS_UINT, .min = 1, .max = UINT64_MAX, .example = "17",
	 .help = "how many entries concern the reference"},
	{.key = 2, .name = "chain", .type = EVENTS_HASH, .example = EXAMPLE_HASH, .help = "the hash chain over them"},
};
static const struct events_struct head = SCHEMA_STRUCT("trail-head", head_fields);

static const struct events_field merge_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "the reference under which the participant goes on"),
	FIELD_PARTICIPANT(2, "other", "the other reference of the same person"),
	{.key = 3, .name = "head", .type = EVENTS_STRUCT, .of = &head,
	 .help = "the other reference's trail so far, which becomes part of this one"},
};
const struct events_kind events_kind_participant_merge = {
	.id = EVENTS_PARTICIPANT_MERGE,
	.name = "participant.merge",
	.words = "two references are of the same participant",
	.needs_study = true,
	.needs_reason = true,
	.roles = STAFF,
	.who = WHO_STAFF "; both references belong to it",
	.effect = "consents of both count for either, once another organisation has attested it",
	.body = SCHEMA_STRUCT("participant.merge", merge_fields),
};

static const struct events_field split_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "the reference that goes on"),
	FIELD_PARTICIPANT(2, "other", "the reference that leaves it: one that was merged into it, or a new one"),
	{.key = 3, .name = "head", .type = EVENTS_STRUCT, .of = &head,
	 .help = "the participant's trail so far, which is the beginning of the other one too"},
};
const struct events_kind events_kind_participant_split = {
	.id = EVENTS_PARTICIPANT_SPLIT,
	.name = "participant.split",
	.words = "one reference was of two participants",
	.needs_study = true,
	.needs_reason = true,
	.roles = STAFF,
	.who = WHO_STAFF,
	.effect = "undoes a merge, once another organisation has attested it; or makes a new reference for the other person",
	.body = SCHEMA_STRUCT("participant.split", split_fields),
};

static const struct events_field represent_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "who is represented"),
	{.key = 2, .name = "representative", .type = EVENTS_TOKEN, .example = "\"r-1\"",
	 .help = "the site's code for the representative; the name is sealed"},
	{.key = 3, .name = "authority", .type = EVENTS_CODE, .codes = &events_representations,
	 .example = "\"parent\"", .help = "by which authority"},
	{.key = 4, .name = "from", .type = EVENTS_WHEN, .example = "\"2026-03-01+01:00\"", .help = "from when"},
	{.key = 5, .name = "to", .type = EVENTS_WHEN, .optional = true, .example = "\"2034-05-31+02:00\"",
	 .help = "until when; without: until it is recorded otherwise"},
};
const struct events_kind events_kind_participant_represent = {
	.id = EVENTS_PARTICIPANT_REPRESENT,
	.name = "participant.represent",
	.words = "representative of a participant",
	.needs_study = true,
	.roles = STAFF,
	.who = WHO_STAFF,
	.effect = "says who may decide for the participant, and when; recorded again with an end, it ends",
	.body = SCHEMA_STRUCT("participant.represent", represent_fields),
};

static const struct events_field link_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "the reference in this study"),
	{.key = 2, .name = "other", .type = EVENTS_CID, .example = EXAMPLE_CID,
	 .help = "sealed payload that names the other study and reference, one of those under \"sealed\""},
	{.key = 3, .name = "method", .type = EVENTS_CODE, .codes = &events_link_methods,
	 .example = "\"privacy-preserving\"", .help = "how it was found"},
	{.key = 4, .name = "confidence", .type = EVENTS_CODE, .codes = &events_confidences,
	 .example = "\"probable\"", .help = "how sure it is"},
};
const struct events_kind events_kind_participant_link = {
	.id = EVENTS_PARTICIPANT_LINK,
	.name = "participant.link",
	.words = "link to a reference in another study",
	.needs_study = true,
	.roles = STAFF | EVENTS_ROLE(EVENTS_ROLE_LINKAGE_SERVICE),
	.who = WHO_STAFF "; or a linkage service of the study",
	.effect = "is noted on the participant; which other reference it is stays sealed",
	.body = SCHEMA_STRUCT("participant.link", link_fields),
};

static const struct events_field unlink_fields[] = {
	FIELD_PARTICIPANT(1, "participant", "the reference in this study"),
	{.key = 2, .name = "link", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "event id of the link that was wrong"},
};
const struct events_kind events_kind_participant_unlink = {
	.id = EVENTS_PARTICIPANT_UNLINK,
	.name = "participant.unlink",
	.words = "end of a link to another study",
	.needs_study = true,
	.needs_reason = true,
	.roles = STAFF | EVENTS_ROLE(EVENTS_ROLE_LINKAGE_SERVICE),
	.who = WHO_STAFF "; or a linkage service of the study",
	.effect = "the link does not count any more",
	.body = SCHEMA_STRUCT("participant.unlink", unlink_fields),
};
