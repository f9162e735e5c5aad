/* study: what the data belongs to. */
#include "ledger/events/schema.h"

#define SPONSORS (EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_SPONSOR))

static const struct events_field site_fields[] = {
	{.key = 1, .name = "site", .type = EVENTS_TOKEN, .example = "\"site-01\"",
	 .help = "the site's code in the study"},
	{.key = 2, .name = "organisation", .type = EVENTS_ORGANISATION, .example = "\"hospital-a\"",
	 .help = "who runs the site"},
};
static const struct events_struct site = SCHEMA_STRUCT("site", site_fields);

/* clang-format off */
#define FIELD_COMMITTEES(help_) \
	{.key = 8, .name = "committees", .type = EVENTS_LIST, .element = EVENTS_ORGANISATION, .optional = true, .min = 1, \
	 .max = 16, .example = "\"ethics-a\"", .help = (help_)}
/* clang-format on */

static const struct events_field register_fields[] = {
	{.key = 1, .name = "study", .type = EVENTS_STUDY, .example = "\"rd-registry\"",
	 .help = "the study's code, for ever"},
	{.key = 2, .name = "title", .type = EVENTS_LABEL, .min = 1, .max = 200,
	 .example = "\"Registry of rare diseases\"",
	 .help = "the study's public title"},
	{.key = 3, .name = "sponsor", .type = EVENTS_ORGANISATION, .example = "\"hospital-a\"",
	 .help = "who is responsible for it"},
	{.key = 4, .name = "sites", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .min = 1, .max = 64, .of = &site,
	 .help = "where it takes place"},
	{.key = 5, .name = "protocol_version", .type = EVENTS_TOKEN, .example = "\"1.0\"",
	 .help = "version of its protocol"},
	{.key = 6, .name = "holders", .type = EVENTS_UINT, .optional = true, .min = 1, .max = 9, .example = "2",
	 .help = "how many holders should keep a copy of each payload"},
	{.key = 7, .name = "legal_basis", .type = EVENTS_CODE, .codes = &events_legal_bases, .optional = true,
	 .example = "\"consent\"",
	 .help = "on which its data is used; without: consent, and data without one is flagged"},
	FIELD_COMMITTEES("ethics committees that record their decisions themselves; never the sponsor or a site"),
};
const struct events_kind events_kind_study_register = {
	.id = EVENTS_STUDY_REGISTER,
	.name = "study.register",
	.words = "registration of a study",
	.roles = SPONSORS,
	.who = "an administrator or sponsor of an admitted organisation",
	.effect = "makes the study",
	.body = SCHEMA_STRUCT("study.register", register_fields),
};

static const struct events_field amend_fields[] = {
	{.key = 2, .name = "title", .type = EVENTS_LABEL, .optional = true, .min = 1, .max = 200,
	 .example = "\"Registry of rare diseases, second phase\"",
	 .help = "a new public title"},
	{.key = 4, .name = "sites", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .optional = true, .min = 1,
	 .max = 64, .of = &site,
	 .help = "sites that join"},
	{.key = 5, .name = "protocol_version", .type = EVENTS_TOKEN, .optional = true, .example = "\"1.1\"",
	 .help = "the protocol's version from now on"},
	FIELD_COMMITTEES("ethics committees that join; none is ever taken away"),
};
const struct events_kind events_kind_study_amend = {
	.id = EVENTS_STUDY_AMEND,
	.name = "study.amend",
	.words = "amendment of a study",
	.needs_study = true,
	.roles = SPONSORS,
	.who = "an administrator or sponsor of the study's sponsor",
	.effect = "changes what is given; sites and committees are added",
	.body = {.name = "study.amend", .fields = amend_fields, .count = SCHEMA_COUNT(amend_fields), .at_least = 1},
};

const struct events_kind events_kind_study_close = {
	.id = EVENTS_STUDY_CLOSE,
	.name = "study.close",
	.words = "end of a study",
	.needs_study = true,
	.roles = SPONSORS,
	.who = "an administrator or sponsor of the study's sponsor",
	.effect = "data that comes later is flagged",
	.body = {.name = "study.close", .fields = NULL, .count = 0},
};
