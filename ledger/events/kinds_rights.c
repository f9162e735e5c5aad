/* rights, hold, finding, blinding: what participants ask for, what must be kept, what becomes known. */
#include "ledger/events/schema.h"

#define STAFF                                                                                                          \
	(EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) |                                   \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_SYSTEM) |                                     \
	 EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR))
#define OFFICERS (STAFF | EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER))
#define HOLDERS                                                                                                        \
	(EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_SPONSOR) |                                   \
	 EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) |                               \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER) | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN) |                       \
	 EVENTS_ROLE(EVENTS_ROLE_ARCHIVE) | EVENTS_ROLE(EVENTS_ROLE_INSPECTOR))
/* clang-format off */
#define FIELD_PARTICIPANT(help_) \
	{.key = 1, .name = "participant", .type = EVENTS_REFERENCE, .example = EXAMPLE_HASH, .help = (help_)}
/* clang-format on */

/* ---- rights --------------------------------------------------------------- */

static const struct events_field request_fields[] = {
	FIELD_PARTICIPANT("whose right it is"),
	{.key = 2, .name = "right", .type = EVENTS_CODE, .codes = &events_rights, .example = "\"erasure\"",
	 .help = "which right"},
	{.key = 3, .name = "received", .type = EVENTS_WHEN, .example = "\"2026-02-27+01:00\"",
	 .help = "when the request came in: the answer is due a month later"},
};
const struct events_kind events_kind_rights_request = {
	.id = EVENTS_RIGHTS_REQUEST,
	.name = "rights.request",
	.words = "request of a participant",
	.needs_study = true,
	.roles = OFFICERS,
	.who = "an investigator, delegate, data manager or system of the study, a data protection officer or an "
	       "administrator, for the participants of the own organisation",
	.effect = "is open until it is answered; the answer is due a month after it came in",
	.body = SCHEMA_STRUCT("rights.request", request_fields),
};

static const struct events_struct fulfilled = {.name = "request-fulfilled", .fields = NULL, .count = 0};

static const struct events_field refused_fields[] = {
	{.key = 1, .name = "ground", .type = EVENTS_CODE, .codes = &events_grounds, .example = "\"legal-obligation\"",
	 .help = "on which ground"},
	{.key = 2, .name = "until", .type = EVENTS_WHEN, .optional = true, .example = "\"2051-02-28+01:00\"",
	 .help = "last day on which the ground holds"},
};
static const struct events_struct refused = SCHEMA_STRUCT("request-refused", refused_fields);

static const struct events_field extended_fields[] = {
	{.key = 1, .name = "until", .type = EVENTS_WHEN, .example = "\"2026-05-27+02:00\"",
	 .help = "last day for the answer; at most two months more"},
};
static const struct events_struct extended = SCHEMA_STRUCT("request-extended", extended_fields);

static const struct events_field answer_act_fields[] = {
	{.key = EVENTS_RIGHTS_FULFILLED, .name = "fulfilled", .type = EVENTS_STRUCT, .of = &fulfilled, .optional = true,
	 .help = "what was asked for is done; an erasure is then ordered by data.erase"},
	{.key = EVENTS_RIGHTS_REFUSED, .name = "refused", .type = EVENTS_STRUCT, .of = &refused, .optional = true,
	 .help = "it is not done"},
	{.key = EVENTS_RIGHTS_EXTENDED, .name = "extended", .type = EVENTS_STRUCT, .of = &extended, .optional = true,
	 .help = "the answer will take longer"},
};
static const struct events_struct answer_act = {.name = "rights-act",
						.fields = answer_act_fields,
						.count = SCHEMA_COUNT(answer_act_fields),
						.at_least = 1,
						.at_most = 1};

static const struct events_field answer_fields[] = {
	{.key = 1, .name = "request", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "the request"},
	{.key = 2, .name = "act", .type = EVENTS_STRUCT, .of = &answer_act, .help = "how it is answered: one of these"},
};
const struct events_kind events_kind_rights_answer = {
	.id = EVENTS_RIGHTS_ANSWER,
	.name = "rights.answer",
	.words = "answer to a participant's request",
	.needs_study = true,
	.roles = OFFICERS,
	.who = "as rights.request, in the organisation that recorded the request",
	.effect = "answers the request, or extends its deadline; fulfilled, it is a ground for data.erase",
	.body = SCHEMA_STRUCT("rights.answer", answer_fields),
};

/* ---- hold ----------------------------------------------------------------- */

static const struct events_field place_fields[] = {
	{.key = 1, .name = "participants", .type = EVENTS_LIST, .element = EVENTS_REFERENCE, .optional = true, .min = 1,
	 .max = 64, .example = EXAMPLE_HASH, .help = "everything of these participants"},
	{.key = 2, .name = "items", .type = EVENTS_LIST, .element = EVENTS_ITEM, .optional = true, .min = 1,
	 .max = EVENTS_ITEMS_MAX, .example = EXAMPLE_ITEM,
	 .help = "these items; without participants and items: everything that the own organisation recorded, or "
		 "everything, if it is the sponsor or inspects"},
	{.key = 3, .name = "until", .type = EVENTS_WHEN, .optional = true, .example = "\"2051-02-28+01:00\"",
	 .help = "last day on which it holds; without: until it is lifted"},
	{.key = 4, .name = "basis", .type = EVENTS_CODE, .codes = &events_hold_bases, .example = "\"retention-duty\"",
	 .help = "why it must be kept"},
};
const struct events_kind events_kind_hold_place = {
	.id = EVENTS_HOLD_PLACE,
	.name = "hold.place",
	.words = "order to keep data",
	.needs_study = true,
	.roles = HOLDERS,
	.who = "an investigator, data manager, custodian, archive, data protection officer or administrator for what the own "
	       "organisation recorded; the sponsor and an inspector for all of the study",
	.effect = "what it covers is not to be erased: data.erase is denied",
	.body = SCHEMA_STRUCT("hold.place", place_fields),
};

static const struct events_field lift_fields[] = {
	{.key = 1, .name = "hold", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "the hold.place that ends"},
};
const struct events_kind events_kind_hold_lift = {
	.id = EVENTS_HOLD_LIFT,
	.name = "hold.lift",
	.words = "end of an order to keep data",
	.needs_study = true,
	.needs_reason = true,
	.roles = HOLDERS,
	.who = "as hold.place, in the organisation that placed it",
	.effect = "ends the hold",
	.body = SCHEMA_STRUCT("hold.lift", lift_fields),
};

/* ---- finding, blinding ------------------------------------------------------ */

static const struct events_field report_fields[] = {
	FIELD_PARTICIPANT("whom it is about"),
	{.key = 2, .name = "to", .type = EVENTS_CODE, .codes = &events_finding_recipients, .example = "\"physician\"",
	 .help = "who is told; what was found is sealed"},
};
const struct events_kind events_kind_finding_report = {
	.id = EVENTS_FINDING_REPORT,
	.name = "finding.report",
	.words = "report of a finding",
	.needs_study = true,
	.roles = STAFF | EVENTS_ROLE(EVENTS_ROLE_RESEARCHER) | EVENTS_ROLE(EVENTS_ROLE_MONITOR),
	.who = "an investigator, delegate, data manager, researcher, monitor or system of the study, or an administrator",
	.effect = "joins the participant's trail; what was found is in its sealed payload alone",
	.body = SCHEMA_STRUCT("finding.report", report_fields),
};

static const struct events_field unblind_fields[] = {
	FIELD_PARTICIPANT("whose arm became known"),
	{.key = 2, .name = "kind", .type = EVENTS_CODE, .codes = &events_unblindings, .example = "\"emergency\"",
	 .help = "how it came to be; the arm is sealed"},
};
const struct events_kind events_kind_blinding_unblind = {
	.id = EVENTS_BLINDING_UNBLIND,
	.name = "blinding.unblind",
	.words = "unblinding of a participant",
	.needs_study = true,
	.needs_reason = true,
	.roles = STAFF | EVENTS_ROLE(EVENTS_ROLE_SPONSOR) | EVENTS_ROLE(EVENTS_ROLE_UNBLINDED_STAFF),
	.who = "staff of the participant's organisation; the sponsor and unblinded staff for any participant",
	.effect = "is noted on the participant; the arm is in its sealed payload alone",
	.body = SCHEMA_STRUCT("blinding.unblind", unblind_fields),
};
