/* consent: what a participant allows. */
#include "ledger/events/schema.h"

static const struct events_field signer_fields[] = {
	{.key = 1, .name = "capacity", .type = EVENTS_CODE, .codes = &events_signers, .example = "\"self\"",
	 .help = "who signed"},
	{.key = 2, .name = "means", .type = EVENTS_CODE, .codes = &events_means, .example = "\"paper\"", .help = "how"},
	{.key = 3, .name = "when", .type = EVENTS_WHEN, .example = "\"2026-02-27+01:00\"", .help = "on which day"},
};
static const struct events_struct signer = SCHEMA_STRUCT("signer", signer_fields);

static const struct events_field period_fields[] = {
	{.key = 1, .name = "from", .type = EVENTS_WHEN, .optional = true, .example = "\"2026-02-27+01:00\"",
	 .help = "first instant, day or month"},
	{.key = 2, .name = "to", .type = EVENTS_WHEN, .optional = true, .example = "\"2056-02-26+01:00\"",
	 .help = "last instant, day or month"},
};
static const struct events_struct period = {
	.name = "period", .fields = period_fields, .count = SCHEMA_COUNT(period_fields), .at_least = 1};

/* clang-format off */
#define PROVISION_FIELDS \
	{.key = 1, .name = "effect", .type = EVENTS_CODE, .codes = &events_effects, .example = "\"permit\"", \
	 .help = "permit or deny"}, \
	{.key = 2, .name = "uses", .type = EVENTS_LIST, .element = EVENTS_CODE, .codes = &events_uses, .optional = true, \
	 .min = 1, .max = 12, .example = "\"read\"", .help = "what may be done; without: anything"}, \
	{.key = 3, .name = "categories", .type = EVENTS_LIST, .element = EVENTS_CODE, .codes = &events_categories, \
	 .optional = true, .min = 1, .max = 13, .example = "\"clinical\"", \
	 .help = "with which sorts of data; without: all"}, \
	{.key = 4, .name = "purposes", .type = EVENTS_LIST, .element = EVENTS_CODE, .codes = &events_purposes, \
	 .optional = true, .min = 1, .max = 62, .example = "\"duo.hmb\"", \
	 .help = "for which purposes, those within them included; without: all"}, \
	{.key = 5, .name = "modifiers", .type = EVENTS_LIST, .element = EVENTS_CODE, .codes = &events_use_modifiers, \
	 .optional = true, .min = 1, .max = 18, .example = "\"npu\"", .help = "under which further conditions"}, \
	{.key = 6, .name = "diseases", .type = EVENTS_LIST, .element = EVENTS_URL, .optional = true, .min = 1, .max = 16, \
	 .example = "\"MONDO:0009861\"", .help = "for research on these diseases"}, \
	{.key = 7, .name = "recipients", .type = EVENTS_LIST, .element = EVENTS_PARTY, .optional = true, .min = 1, \
	 .max = 32, .example = "\"hospital-b\"", .help = "by these organisations or people; without: anybody"}, \
	{.key = 8, .name = "countries", .type = EVENTS_LIST, .element = EVENTS_COUNTRY, .optional = true, .min = 1, \
	 .max = 64, .example = "\"DE\"", .help = "in these countries; without: everywhere"}, \
	{.key = 9, .name = "modes", .type = EVENTS_LIST, .element = EVENTS_CODE, .codes = &events_modes, .optional = true, \
	 .min = 1, .max = 3, .example = "\"compute\"", .help = "in which way; without: any"}, \
	{.key = 10, .name = "valid", .type = EVENTS_STRUCT, .of = &period, .optional = true, \
	 .help = "when it may be used"}, \
	{.key = 11, .name = "collected", .type = EVENTS_STRUCT, .of = &period, .optional = true, \
	 .help = "data collected in this period"}
/* clang-format on */

static const struct events_field exception_fields[] = {PROVISION_FIELDS};
static const struct events_struct exception = SCHEMA_STRUCT("provision-2", exception_fields);

static const struct events_field nested_fields[] = {
	PROVISION_FIELDS,
	{.key = 12, .name = "provisions", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .of = &exception,
	 .optional = true, .min = 1, .max = 32, .help = "exceptions from it"},
};
static const struct events_struct nested = SCHEMA_STRUCT("provision-1", nested_fields);

static const struct events_field provision_fields[] = {
	PROVISION_FIELDS,
	{.key = 12, .name = "provisions", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .of = &nested,
	 .optional = true, .min = 1, .max = 64, .help = "exceptions from it"},
};
static const struct events_struct provision = SCHEMA_STRUCT("provision", provision_fields);

/* clang-format off */
#define FIELD_SIGNERS(key_, optional_) \
	{.key = (key_), .name = "signers", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .of = &signer, \
	 .optional = (optional_), .min = 1, .max = 8, .help = "who declared it, how and when"}
#define FIELD_FORM(key_, optional_) \
	{.key = (key_), .name = "form", .type = EVENTS_STRUCT, .of = &events_form_struct, .optional = (optional_), \
	 .help = "the form"}
#define FIELD_SCOPE(key_) \
	{.key = (key_), .name = "provisions", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .of = &provision, \
	 .optional = true, .min = 1, .max = 64, .help = "what it is about, whatever their effect; without: everything"}
/* clang-format on */

static const struct events_field give_fields[] = {
	FIELD_FORM(1, false),
	FIELD_SIGNERS(2, false),
	{.key = 3, .name = "assent", .type = EVENTS_CODE, .codes = &events_assents, .optional = true,
	 .example = "\"given\"", .help = "what a child said, for whom others sign"},
	{.key = 4, .name = "provisions", .type = EVENTS_LIST, .element = EVENTS_STRUCT, .of = &provision, .min = 1,
	 .max = 64, .help = "what is permitted, and what is not"},
	{.key = 5, .name = "ask_again", .type = EVENTS_WHEN, .optional = true, .min = EVENTS_MONTH,
	 .example = "\"2034-05\"",
	 .help = "month from which the participant is to be asked again, rounded down"},
	{.key = 6, .name = "replaces", .type = EVENTS_ID, .optional = true, .example = EXAMPLE_ID,
	 .help = "the consent that this one replaces"},
};
static const struct events_struct give = SCHEMA_STRUCT("consent-given", give_fields);

static const struct events_field refuse_fields[] = {
	FIELD_FORM(1, true),
	FIELD_SIGNERS(2, true),
	FIELD_SCOPE(3),
};
static const struct events_struct refuse = SCHEMA_STRUCT("consent-refused", refuse_fields);

static const struct events_field withdraw_fields[] = {
	FIELD_SIGNERS(1, true),
	FIELD_SCOPE(2),
	{.key = 3, .name = "existing_data", .type = EVENTS_CODE, .codes = &events_existing_data,
	 .example = "\"keep-using\"", .help = "what happens to data that exists"},
	{.key = 4, .name = "samples", .type = EVENTS_CODE, .codes = &events_samples, .optional = true,
	 .example = "\"destroy\"", .help = "what happens to samples"},
};
static const struct events_struct withdraw = SCHEMA_STRUCT("consent-withdrawn", withdraw_fields);

static const struct events_field annul_fields[] = {
	{.key = 1, .name = "target", .type = EVENTS_ID, .example = EXAMPLE_ID,
	 .help = "the consent event that should not have been recorded"},
};
static const struct events_struct annul = SCHEMA_STRUCT("consent-annulled", annul_fields);

static const struct events_field attempt_fields[] = {
	{.key = 1, .name = "means", .type = EVENTS_CODE, .codes = &events_means, .example = "\"letter\"", .help = "how"},
	{.key = 2, .name = "result", .type = EVENTS_CODE, .codes = &events_attempts, .example = "\"no-answer\"",
	 .help = "with which result"},
	FIELD_FORM(3, true),
};
static const struct events_struct attempt = SCHEMA_STRUCT("contact-attempt", attempt_fields);

static const struct events_field act_fields[] = {
	{.key = EVENTS_CONSENT_GIVE, .name = "give", .type = EVENTS_STRUCT, .of = &give, .optional = true,
	 .help = "consent was given"},
	{.key = EVENTS_CONSENT_REFUSE, .name = "refuse", .type = EVENTS_STRUCT, .of = &refuse, .optional = true,
	 .help = "consent was refused"},
	{.key = EVENTS_CONSENT_WITHDRAW, .name = "withdraw", .type = EVENTS_STRUCT, .of = &withdraw, .optional = true,
	 .help = "consent was withdrawn; nobody asks why"},
	{.key = EVENTS_CONSENT_OBJECT, .name = "object", .type = EVENTS_STRUCT, .of = &withdraw, .optional = true,
	 .help = "an objection to use without consent (opt-out)"},
	{.key = EVENTS_CONSENT_ANNUL, .name = "annul", .type = EVENTS_STRUCT, .of = &annul, .optional = true,
	 .help = "an earlier event should not have been recorded"},
	{.key = EVENTS_CONSENT_ATTEMPT, .name = "attempt", .type = EVENTS_STRUCT, .of = &attempt, .optional = true,
	 .help = "it was tried to reach the participant"},
};
static const struct events_struct act = {.name = "consent-act",
					 .fields = act_fields,
					 .count = SCHEMA_COUNT(act_fields),
					 .at_least = 1,
					 .at_most = 1};

static const struct events_field consent_fields[] = {
	{.key = 1, .name = "participant", .type = EVENTS_REFERENCE, .example = EXAMPLE_HASH, .help = "whose consent"},
	{.key = 2, .name = "act", .type = EVENTS_STRUCT, .of = &act, .help = "what was declared: one of these"},
};
const struct events_kind events_kind_consent = {
	.id = EVENTS_CONSENT,
	.name = "consent",
	.words = "consent of a participant",
	.needs_study = true,
	.roles = EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) |
		 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_SYSTEM) |
		 EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an investigator, delegate, data manager or system of the study, or an administrator, for the participants "
	       "of the own organisation",
	.effect = "adds to the participant's consents: what held on a day, and what was known of it",
	.body = SCHEMA_STRUCT("consent", consent_fields),
};
