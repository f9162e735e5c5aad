/* agreement: under which terms organisations of a study share data. */
#include "ledger/events/schema.h"

#define PARTIES (EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_SPONSOR))

static const struct events_field record_fields[] = {
	{.key = 1, .name = "parties", .type = EVENTS_LIST, .element = EVENTS_ORGANISATION, .min = 1, .max = 32,
	 .example = "\"hospital-a\"", .help = "between which organisations"},
	{.key = 2, .name = "from", .type = EVENTS_WHEN, .example = "\"2026-03-01+01:00\"", .help = "first day"},
	{.key = 3, .name = "to", .type = EVENTS_WHEN, .optional = true, .example = "\"2031-02-28+01:00\"",
	 .help = "last day; without: until it is ended"},
	{.key = 4, .name = "instrument", .type = EVENTS_CODE, .codes = &events_instruments,
	 .example = "\"standard-clauses\"", .help = "on which transfers out of the law's reach rest"},
	{.key = 5, .name = "country", .type = EVENTS_COUNTRY, .optional = true, .example = "\"DE\"",
	 .help = "whose law governs it"},
	{.key = 6, .name = "fee", .type = EVENTS_BOOL, .optional = true, .example = "false",
	 .help = "whether somebody pays for data; without: not said"},
	{.key = 7, .name = "document", .type = EVENTS_CID, .optional = true, .example = EXAMPLE_CID,
	 .help = "the agreement itself, sealed: one of those under \"sealed\""},
};
const struct events_kind events_kind_agreement_record = {
	.id = EVENTS_AGREEMENT_RECORD,
	.name = "agreement.record",
	.words = "agreement between organisations",
	.needs_study = true,
	.roles = PARTIES,
	.who = "an administrator or sponsor of a party or of the study's sponsor",
	.effect = "says between whom data may move, and when; what moves without one is flagged",
	.body = SCHEMA_STRUCT("agreement.record", record_fields),
};

static const struct events_field end_fields[] = {
	{.key = 1, .name = "agreement", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "event id of the agreement"},
};
const struct events_kind events_kind_agreement_end = {
	.id = EVENTS_AGREEMENT_END,
	.name = "agreement.end",
	.words = "end of an agreement",
	.needs_study = true,
	.needs_reason = true,
	.roles = PARTIES,
	.who = "an administrator or sponsor of a party or of the study's sponsor",
	.effect = "the agreement is not in force any more from when the fact happened on",
	.body = SCHEMA_STRUCT("agreement.end", end_fields),
};
