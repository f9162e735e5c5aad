/* data, dataset and attest: what is recorded about payloads. */
#include "ledger/events/schema.h"

#define RECORDERS                                                                                                      \
	(EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) |                                   \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_SYSTEM) |                                     \
	 EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR))
#define RECORDERS_WORDS "an investigator, delegate, data manager or system of the study, or an administrator"

static const struct events_field item_fields[] = {
	{.key = 1, .name = "cid", .type = EVENTS_CID, .example = EXAMPLE_CID,
	 .help = "address of the encrypted payload"},
	{.key = 2, .name = "commitment", .type = EVENTS_HASH, .example = EXAMPLE_HASH,
	 .help = "key commitment: the payload opens under one key only"},
	{.key = 3, .name = "length", .type = EVENTS_UINT, .min = 1, .max = UINT64_MAX, .example = "4096",
	 .help = "bytes of the encrypted payload"},
	{.key = 4, .name = "category", .type = EVENTS_CODE, .codes = &events_categories, .example = "\"clinical\"",
	 .help = "what sort of data it is"},
	{.key = 5, .name = "participant", .type = EVENTS_REFERENCE, .optional = true, .example = EXAMPLE_HASH,
	 .help = "whom it is about, if it is one participant"},
	{.key = 6, .name = "collected", .type = EVENTS_WHEN, .optional = true, .example = "\"2026-02-27+01:00\"",
	 .help = "when the data was collected"},
};
const struct events_struct events_item_struct = SCHEMA_STRUCT("data-item", item_fields);

/* clang-format off */
#define FIELD_ITEMS \
	{.key = 1, .name = "items", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .min = 1, .max = EVENTS_ITEMS_MAX, \
	 .of = &events_item_struct, .help = "the payloads"}
#define FIELD_SITE \
	{.key = 2, .name = "site", .type = EVENTS_TOKEN, .optional = true, .example = "\"site-01\"", \
	 .help = "the site that they come from"}
/* clang-format on */

static const struct events_field submit_fields[] = {
	FIELD_ITEMS,
	FIELD_SITE,
};
const struct events_kind events_kind_data_submit = {
	.id = EVENTS_DATA_SUBMIT,
	.name = "data.submit",
	.words = "submission of data",
	.needs_study = true,
	.roles = RECORDERS,
	.who = RECORDERS_WORDS,
	.effect = "adds the items to the study and to the trail of each participant",
	.body = SCHEMA_STRUCT("data.submit", submit_fields),
};

static const struct events_field derive_fields[] = {
	FIELD_ITEMS,
	FIELD_SITE,
	{.key = 4, .name = "inputs", .type = EVENTS_LIST, .element = EVENTS_ITEM, .min = 1, .max = EVENTS_ITEMS_MAX,
	 .example = EXAMPLE_ITEM,
	 .help = "the items that they were computed from"},
	{.key = 5, .name = "code", .type = EVENTS_HASH, .optional = true, .example = EXAMPLE_HASH,
	 .help = "SHA-256 of the program that computed them"},
	{.key = 6, .name = "code_salted", .type = EVENTS_BOOL, .optional = true, .example = "false",
	 .help = "true: the digest is salted, because the program is not public"},
};
const struct events_kind events_kind_data_derive = {
	.id = EVENTS_DATA_DERIVE,
	.name = "data.derive",
	.words = "derivation of data",
	.needs_study = true,
	.roles = RECORDERS | EVENTS_ROLE(EVENTS_ROLE_RESEARCHER) | EVENTS_ROLE(EVENTS_ROLE_COMPUTE_COORDINATOR),
	.who = "as data.submit, and a researcher or compute coordinator",
	.effect = "as data.submit; it also joins the trail of the inputs' participants",
	.body = SCHEMA_STRUCT("data.derive", derive_fields),
};

static const struct events_field correct_fields[] = {
	{.key = 1, .name = "target", .type = EVENTS_ITEM, .example = EXAMPLE_ITEM, .help = "the item that was wrong"},
	{.key = 2, .name = "replacement", .type = EVENTS_STRUCT, .of = &events_item_struct,
	 .help = "what takes its place"},
};
const struct events_kind events_kind_data_correct = {
	.id = EVENTS_DATA_CORRECT,
	.name = "data.correct",
	.words = "correction of data",
	.needs_study = true,
	.needs_reason = true,
	.roles = RECORDERS,
	.who = "as data.submit, in the organisation that recorded the item",
	.effect = "marks the item as corrected and names its replacement",
	.body = SCHEMA_STRUCT("data.correct", correct_fields),
};

static const struct events_field retract_fields[] = {
	{.key = 1, .name = "targets", .type = EVENTS_LIST, .element = EVENTS_ITEM, .min = 1,
	 .max = EVENTS_ITEMS_MAX, .example = EXAMPLE_ITEM,
	 .help = "the items that must not be used any more"},
};
const struct events_kind events_kind_data_retract = {
	.id = EVENTS_DATA_RETRACT,
	.name = "data.retract",
	.words = "retraction of data",
	.needs_study = true,
	.needs_reason = true,
	.roles = RECORDERS,
	.who = "as data.submit, in the organisation that recorded the items",
	.effect = "marks the items as retracted",
	.body = SCHEMA_STRUCT("data.retract", retract_fields),
};

static const struct events_field freeze_fields[] = {
	{.key = 1, .name = "count", .type = EVENTS_UINT, .min = 1, .max = UINT64_MAX, .example = "1",
	 .help = "number of items in the whole data set"},
	{.key = 2, .name = "root", .type = EVENTS_HASH, .example = EXAMPLE_HASH,
	 .help = "RFC 9162 root over all of them in order"},
	{.key = 3, .name = "part", .type = EVENTS_UINT, .min = 1, .max = UINT64_MAX, .example = "1",
	 .help = "number of this part, from 1"},
	{.key = 4, .name = "first", .type = EVENTS_ID, .optional = true, .example = EXAMPLE_ID,
	 .help = "event id of part 1, in later parts"},
	{.key = 5, .name = "items", .type = EVENTS_LIST, .element = EVENTS_ITEM, .min = 1, .max = EVENTS_ITEMS_MAX,
	 .example = EXAMPLE_ITEM,
	 .help = "the items of this part"},
};
const struct events_kind events_kind_dataset_freeze = {
	.id = EVENTS_DATASET_FREEZE,
	.name = "dataset.freeze",
	.words = "freezing of a data set",
	.needs_study = true,
	.roles = RECORDERS | EVENTS_ROLE(EVENTS_ROLE_RESEARCHER),
	.who = "as data.submit, and a researcher",
	.effect = "makes the data set or adds a part to it; it is complete when count and root match",
	.body = SCHEMA_STRUCT("dataset.freeze", freeze_fields),
};

static const struct events_field target_fields[] = {
	{.key = 1, .name = "item", .type = EVENTS_ITEM, .optional = true, .example = EXAMPLE_ITEM, .help = "an item"},
	{.key = 2, .name = "event", .type = EVENTS_ID, .optional = true, .example = EXAMPLE_ID,
	 .help = "a whole event"},
};
static const struct events_struct target = {
	.name = "target", .fields = target_fields, .count = SCHEMA_COUNT(target_fields), .at_least = 1, .at_most = 1};

static const struct events_field attest_fields[] = {
	{.key = 1, .name = "targets", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .min = 1,
	 .max = EVENTS_ITEMS_MAX, .of = &target,
	 .help = "what the statement is about"},
	{.key = 2, .name = "meaning", .type = EVENTS_CODE, .codes = &events_meanings, .example = "\"verified\"",
	 .help = "what is stated about it"},
};
const struct events_kind events_kind_attest = {
	.id = EVENTS_ATTEST,
	.name = "attest",
	.words = "statement about data or events",
	.needs_study = true,
	.roles = EVENTS_ROLE(EVENTS_ROLE_MONITOR) | EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) |
		 EVENTS_ROLE(EVENTS_ROLE_INSPECTOR) | EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) |
		 EVENTS_ROLE(EVENTS_ROLE_ETHICS_COMMITTEE) | EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "a monitor, investigator, inspector, data manager or ethics committee of the study, or an administrator",
	.effect = "is noted on the items; a later correction of them breaks it, visibly",
	.body = SCHEMA_STRUCT("attest", attest_fields),
};
