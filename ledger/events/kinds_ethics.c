/* ethics: what committees decide. */
#include "ledger/events/schema.h"

static const struct events_field form_fields[] = {
	{.key = 1, .name = "cid", .type = EVENTS_CID, .example = EXAMPLE_CID,
	 .help = "address of the blank form: a public document"},
	{.key = 2, .name = "version", .type = EVENTS_TOKEN, .example = "\"2.1\"", .help = "its version"},
	{.key = 3, .name = "language", .type = EVENTS_TOKEN, .example = "\"de\"", .help = "its language (BCP 47, in small letters)"},
	{.key = 4, .name = "audience", .type = EVENTS_CODE, .codes = &events_audiences, .example = "\"adult\"",
	 .help = "whom it is written for"},
};
const struct events_struct events_form_struct = SCHEMA_STRUCT("form", form_fields);

static const struct events_field reconsent_fields[] = {
	{.key = 1, .name = "who", .type = EVENTS_CODE, .codes = &events_reconsent, .example = "\"earlier-versions\"",
	 .help = "who must be asked again"},
	{.key = 2, .name = "by", .type = EVENTS_WHEN, .example = "\"2026-12-31+01:00\"", .help = "until when"},
	{.key = 3, .name = "meanwhile", .type = EVENTS_CODE, .codes = &events_meanwhiles, .example = "\"continue\"",
	 .help = "what holds until then"},
	{.key = 4, .name = "after", .type = EVENTS_CODE, .codes = &events_meanwhiles, .example = "\"no-new-use\"",
	 .help = "what holds afterwards for whoever has not answered"},
};
static const struct events_struct reconsent = SCHEMA_STRUCT("reconsent", reconsent_fields);

/* clang-format off */
#define FIELD_UNTIL(key_, optional_) \
	{.key = (key_), .name = "until", .type = EVENTS_WHEN, .optional = (optional_), \
	 .example = "\"2027-02-28+01:00\"", .help = "last day on which it holds"}
/* clang-format on */

static const struct events_field approve_fields[] = {
	{.key = 1, .name = "protocol_version", .type = EVENTS_TOKEN, .example = "\"1.0\"",
	 .help = "version of the protocol that was approved"},
	{.key = 2, .name = "forms", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .optional = true, .min = 1,
	 .max = 32, .of = &events_form_struct, .help = "the consent forms that were approved"},
	FIELD_UNTIL(3, true),
	{.key = 4, .name = "reconsent", .type = EVENTS_STRUCT, .optional = true, .of = &reconsent,
	 .help = "who must be asked again"},
	{.key = 5, .name = "majority", .type = EVENTS_CODE, .optional = true, .codes = &events_meanwhiles,
	 .example = "\"no-new-use\"", .help = "what holds from majority on until the participant decides"},
};
static const struct events_struct approve = SCHEMA_STRUCT("approval", approve_fields);

static const struct events_field renew_fields[] = {
	FIELD_UNTIL(1, true),
};
static const struct events_struct renew = SCHEMA_STRUCT("renewal", renew_fields);

static const struct events_field waive_fields[] = {
	{.key = 1, .name = "forms", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .optional = true, .min = 1,
	 .max = 32, .of = &events_form_struct, .help = "forms that are accepted though they were not approved"},
	{.key = 2, .name = "consents", .type = EVENTS_LIST, .element = EVENTS_ID, .optional = true, .min = 1,
	 .max = 64, .example = EXAMPLE_ID, .help = "consents that are accepted as they stand, though their forms were not approved or the committee "
		 "asks for new ones"},
};
static const struct events_struct waive = {
	.name = "waiver", .fields = waive_fields, .count = SCHEMA_COUNT(waive_fields), .at_least = 1};

static const struct events_struct nothing = {.name = "nothing-more", .fields = NULL, .count = 0};

static const struct events_field act_fields[] = {
	{.key = EVENTS_ETHICS_APPROVE, .name = "approve", .type = EVENTS_STRUCT, .of = &approve, .optional = true,
	 .help = "approved"},
	{.key = EVENTS_ETHICS_CONDITIONAL, .name = "conditional", .type = EVENTS_STRUCT, .of = &approve,
	 .optional = true, .help = "approved once conditions (sealed) are met: not in force before it is renewed"},
	{.key = EVENTS_ETHICS_REFUSE, .name = "refuse", .type = EVENTS_STRUCT, .of = &nothing, .optional = true,
	 .help = "refused"},
	{.key = EVENTS_ETHICS_SUSPEND, .name = "suspend", .type = EVENTS_STRUCT, .of = &nothing, .optional = true,
	 .help = "not in force until it is renewed"},
	{.key = EVENTS_ETHICS_RENEW, .name = "renew", .type = EVENTS_STRUCT, .of = &renew, .optional = true,
	 .help = "the approval is in force again, or for longer"},
	{.key = EVENTS_ETHICS_WAIVE, .name = "waive", .type = EVENTS_STRUCT, .of = &waive, .optional = true,
	 .help = "accepted without approval"},
	{.key = EVENTS_ETHICS_END, .name = "end", .type = EVENTS_STRUCT, .of = &nothing, .optional = true,
	 .help = "the approval ends"},
};
static const struct events_struct act = {.name = "ethics-act",
					 .fields = act_fields,
					 .count = SCHEMA_COUNT(act_fields),
					 .at_least = 1,
					 .at_most = 1};

static const struct events_field decide_fields[] = {
	{.key = 1, .name = "committee", .type = EVENTS_ORGANISATION, .example = "\"ethics-a\"",
	 .help = "who decided"},
	{.key = 2, .name = "jurisdiction", .type = EVENTS_COUNTRY, .optional = true, .example = "\"DE\"",
	 .help = "the country whose law it decides under"},
	{.key = 3, .name = "sites", .type = EVENTS_LIST, .element = EVENTS_TOKEN, .optional = true, .min = 1,
	 .max = 64, .example = "\"site-01\"", .help = "for these sites; without: for all of the study"},
	{.key = 4, .name = "act", .type = EVENTS_STRUCT, .of = &act, .help = "what it decided: one of these"},
	{.key = 5, .name = "contract", .type = EVENTS_HASH, .optional = true, .example = EXAMPLE_HASH,
	 .help = "about this contract, and nothing else: approve, refuse, suspend, renew or end, by the committee's own act"},
};
const struct events_kind events_kind_ethics_decide = {
	.id = EVENTS_ETHICS_DECIDE,
	.name = "ethics.decide",
	.words = "decision of an ethics committee",
	.needs_study = true,
	.who = "the committee itself, where the study names it; or an administrator, sponsor, investigator or data manager of "
	       "the study who transcribes its letter: of an organisation of this ledger only what restricts",
	.effect = "says which sites are approved, with which forms and until when",
	.body = SCHEMA_STRUCT("ethics.decide", decide_fields),
};
