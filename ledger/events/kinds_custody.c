/* data, after it was recorded: for whom it is, who keeps it, what must be told, erased, destroyed. */
#include "ledger/events/schema.h"

#define RECORDERS                                                                                                      \
	(EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) |                                   \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_SYSTEM) |                                     \
	 EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR))
#define OFFICERS (RECORDERS | EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER))
#define KEEPERS                                                                                                        \
	(RECORDERS | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN) | EVENTS_ROLE(EVENTS_ROLE_ARCHIVE) |                           \
	 EVENTS_ROLE(EVENTS_ROLE_RESEARCHER) | EVENTS_ROLE(EVENTS_ROLE_COMPUTE_COORDINATOR))
#define KEEPERS_WORDS "staff, custodian, archive, researcher or compute coordinator of the study, or an administrator"
/* clang-format off */
#define FIELD_ITEMS(help_) \
	{.key = 1, .name = "items", .type = EVENTS_LIST, .element = EVENTS_ITEM, .min = 1, .max = EVENTS_ITEMS_MAX, \
	 .example = EXAMPLE_ITEM, .help = (help_)}
#define FIELD_HOLDER(key_, name_, help_) \
	{.key = (key_), .name = (name_), .type = EVENTS_ORGANISATION, .example = "\"hospital-a\"", .help = (help_)}
/* clang-format on */

static const struct events_field reassign_fields[] = {
	{.key = 1, .name = "target", .type = EVENTS_ITEM, .example = EXAMPLE_ITEM,
	 .help = "the item that is another participant's"},
	{.key = 2, .name = "from", .type = EVENTS_REFERENCE, .example = EXAMPLE_HASH,
	 .help = "under whom it was recorded"},
	{.key = 3, .name = "to", .type = EVENTS_REFERENCE, .example = EXAMPLE_HASH, .help = "whose it is"},
};
const struct events_kind events_kind_data_reassign = {
	.id = EVENTS_DATA_REASSIGN,
	.name = "data.reassign",
	.words = "assignment of data to another participant",
	.needs_study = true,
	.needs_reason = true,
	.roles = RECORDERS,
	.who = "as data.submit, in the organisation that recorded the item",
	.effect = "says whose the item is; takes effect when an actor of a second organisation attests it, or at once where "
		  "there is none; recipients are to be recalled",
	.body = SCHEMA_STRUCT("data.reassign", reassign_fields),
};

static const struct events_field recall_fields[] = {
	FIELD_ITEMS("what must not be used any more by who received it"),
	{.key = 2, .name = "recipients", .type = EVENTS_LIST, .element = EVENTS_PARTY, .min = 1, .max = 64,
	 .example = "\"hospital-b\"", .help = "who received it"},
};
const struct events_kind events_kind_data_recall = {
	.id = EVENTS_DATA_RECALL,
	.name = "data.recall",
	.words = "recall of data",
	.needs_study = true,
	.needs_reason = true,
	.roles = OFFICERS,
	.who = "as data.submit, or a data protection officer, in the organisation that recorded the items",
	.effect = "is noted on the items; each recipient acknowledges it by attest",
	.body = SCHEMA_STRUCT("data.recall", recall_fields),
};

static const struct events_field erase_fields[] = {
	FIELD_ITEMS("what is to be erased"),
	{.key = 2, .name = "answer", .type = EVENTS_ID, .example = EXAMPLE_ID,
	 .help = "why: the rights.answer that granted it, or the consent that was withdrawn with erasure"},
};
const struct events_kind events_kind_data_erase = {
	.id = EVENTS_DATA_ERASE,
	.name = "data.erase",
	.words = "order to erase data",
	.needs_study = true,
	.roles = OFFICERS,
	.who = "as data.submit, or a data protection officer, in the organisation that recorded the items",
	.effect = "every holder is to destroy key and ciphertext, and to attest it by data.destroyed; then the item is "
		  "erased",
	.body = SCHEMA_STRUCT("data.erase", erase_fields),
};

static const struct events_field incident_fields[] = {
	{.key = 1, .name = "kind", .type = EVENTS_CODE, .codes = &events_incident_kinds,
	 .example = "\"wrong-recipient\"", .help = "what happened, roughly; the description is sealed"},
	{.key = 2, .name = "discovered", .type = EVENTS_WHEN, .example = "\"2026-02-27T09:30:00+01:00\"",
	 .help = "when it became known: the authority is to be notified within 72 hours"},
	{.key = 3, .name = "stage", .type = EVENTS_CODE, .codes = &events_incident_stages, .example = "\"discovered\"",
	 .help = "how far it has come"},
	{.key = 4, .name = "participants", .type = EVENTS_LIST, .element = EVENTS_REFERENCE, .optional = true, .min = 1,
	 .max = 256, .example = EXAMPLE_HASH, .help = "who is affected"},
	{.key = 5, .name = "items", .type = EVENTS_LIST, .element = EVENTS_ITEM, .optional = true, .min = 1,
	 .max = EVENTS_ITEMS_MAX, .example = EXAMPLE_ITEM, .help = "which data is affected"},
	{.key = 6, .name = "first", .type = EVENTS_ID, .optional = true, .example = EXAMPLE_ID,
	 .help = "event id of the first report, in later ones"},
};
const struct events_kind events_kind_data_incident = {
	.id = EVENTS_DATA_INCIDENT,
	.name = "data.incident",
	.words = "incident with personal data",
	.needs_study = true,
	.roles = OFFICERS | EVENTS_ROLE(EVENTS_ROLE_SPONSOR) | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN) |
		 EVENTS_ROLE(EVENTS_ROLE_RESEARCHER) | EVENTS_ROLE(EVENTS_ROLE_MONITOR),
	.who = "anybody who works with the study's data; later reports: the organisation of the first",
	.effect = "is open, with its clock running, until the authority is notified or it is closed",
	.body = SCHEMA_STRUCT("data.incident", incident_fields),
};

static const struct events_field hold_fields[] = {
	FIELD_ITEMS("of which a copy is kept"),
	FIELD_HOLDER(2, "holder", "who keeps it: the own organisation"),
};
const struct events_kind events_kind_data_hold = {
	.id = EVENTS_DATA_HOLD,
	.name = "data.hold",
	.words = "statement that a copy is kept",
	.needs_study = true,
	.roles = KEEPERS,
	.who = KEEPERS_WORDS ", for the own organisation",
	.effect = "the organisation is a holder of the items, until it attests their destruction",
	.body = SCHEMA_STRUCT("data.hold", hold_fields),
};

static const struct events_field move_fields[] = {
	FIELD_ITEMS("whose copies move"),
	FIELD_HOLDER(2, "from", "who kept it"),
	FIELD_HOLDER(3, "to", "who keeps it now"),
};
const struct events_kind events_kind_data_move = {
	.id = EVENTS_DATA_MOVE,
	.name = "data.move",
	.words = "hand-over of a copy",
	.needs_study = true,
	.roles = KEEPERS,
	.who = KEEPERS_WORDS ", of the holder that gives or of the one that takes",
	.effect = "the copy is with the other holder; the first one is no holder any more, if it says so itself",
	.body = SCHEMA_STRUCT("data.move", move_fields),
};

static const struct events_field destroyed_fields[] = {
	FIELD_ITEMS("whose copies were destroyed"),
	FIELD_HOLDER(2, "holder", "whose copies: the own organisation's"),
	{.key = 3, .name = "what", .type = EVENTS_CODE, .codes = &events_destructions, .example = "\"both\"",
	 .help = "what was destroyed"},
};
const struct events_kind events_kind_data_destroyed = {
	.id = EVENTS_DATA_DESTROYED,
	.name = "data.destroyed",
	.words = "statement that copies were destroyed",
	.needs_study = true,
	.roles = KEEPERS,
	.who = KEEPERS_WORDS ", for the own organisation",
	.effect = "the organisation is no holder any more; what was to be erased, and has no holder left, is erased",
	.body = SCHEMA_STRUCT("data.destroyed", destroyed_fields),
};
