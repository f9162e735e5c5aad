/* governance and organisation: who runs the ledger. */
#include "ledger/events/schema.h"

static const struct events_field newcomer_fields[] = {
	{.key = 1, .name = "code", .type = EVENTS_ORGANISATION, .example = "\"hospital-b\"",
	 .help = "its code on this ledger, for ever"},
	{.key = 2, .name = "title", .type = EVENTS_LABEL, .min = 1, .max = 200,
	 .example = "\"University Hospital B\"",
	 .help = "the institution's public name"},
	{.key = 3, .name = "country", .type = EVENTS_COUNTRY, .example = "\"DE\"",
	 .help = "where it is, in two letters (ISO 3166-1)"},
	{.key = 4, .name = "role", .type = EVENTS_CODE, .codes = &events_organisation_roles,
	 .example = "\"joint-controller\"",
	 .help = "its role under data protection law"},
	{.key = 5, .name = "recovery_key", .type = EVENTS_PUBLIC, .min = KEYS_RECOVERY, .example = EXAMPLE_RECOVERY,
	 .help = "public key to which all payload keys of its actors are wrapped as well"},
	{.key = 6, .name = "enrolment", .type = EVENTS_PROOF, .min = 1, .max = EVENTS_PROOF_BYTES_MAX,
	 .example = EXAMPLE_PROOF,
	 .help = "enrolment request of its first administrator, as base64"},
};
static const struct events_struct newcomer = SCHEMA_STRUCT("organisation", newcomer_fields);

static const struct events_field limit_fields[] = {
	{.key = 1, .name = "burst", .type = EVENTS_UINT, .min = 1, .max = 1000000000, .example = "100000",
	 .help = "how many events at once"},
	{.key = 2, .name = "refill", .type = EVENTS_UINT, .min = 1, .max = 1000000000, .example = "1000",
	 .help = "how many more a second"},
};
static const struct events_struct limit = {
	.name = "limit", .fields = limit_fields, .count = SCHEMA_COUNT(limit_fields), .positional = true};

static const struct events_field limits_fields[] = {
	{.key = 1, .name = "key", .type = EVENTS_STRUCT, .of = &limit, .help = "what one key may record"},
	{.key = 2, .name = "organisation", .type = EVENTS_STRUCT, .of = &limit,
	 .help = "what all keys of an organisation may record together"},
	{.key = 3, .name = "restrictions", .type = EVENTS_STRUCT, .of = &limit,
	 .help = "withdrawals, objections and revocations of one key, counted apart"},
};
static const struct events_struct limits = SCHEMA_STRUCT("limits", limits_fields);

static const struct events_field propose_fields[] = {
	{.key = 1, .name = "action", .type = EVENTS_CODE, .codes = &events_actions,
	 .example = "\"admit-organisation\"",
	 .help = "what is proposed"},
	{.key = 2, .name = "organisation", .type = EVENTS_STRUCT, .of = &newcomer, .optional = true,
	 .help = "the organisation to admit: with admit-organisation"},
	{.key = 3, .name = "limits", .type = EVENTS_STRUCT, .of = &limits, .optional = true,
	 .help = "the new limits, all of them: with change-limits"},
	{.key = 4, .name = "concerned", .type = EVENTS_ORGANISATION, .optional = true, .example = "\"hospital-b\"",
	 .help = "the organisation to suspend or succeed, or whose suspension is to be lifted"},
	{.key = 5, .name = "successor", .type = EVENTS_ORGANISATION, .optional = true, .example = "\"hospital-a\"",
	 .help = "who takes over: with succeed-organisation"},
};
const struct events_kind events_kind_governance_propose = {
	.id = EVENTS_GOVERNANCE_PROPOSE,
	.name = "governance.propose",
	.words = "proposal to the organisations",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator of an admitted organisation",
	.effect = "opens a proposal to vote on",
	.body = SCHEMA_STRUCT("governance.propose", propose_fields),
};

static const struct events_field vote_fields[] = {
	{.key = 1, .name = "proposal", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "event id of the proposal"},
	{.key = 2, .name = "approve", .type = EVENTS_BOOL, .example = "true", .help = "true for yes, false for no"},
};
const struct events_kind events_kind_governance_vote = {
	.id = EVENTS_GOVERNANCE_VOTE,
	.name = "governance.vote",
	.words = "vote on a proposal",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator; each organisation votes once",
	.effect = "counts on the proposal, which passes with yes from more than half of the organisations; new limits are in "
		  "force from then on",
	.body = SCHEMA_STRUCT("governance.vote", vote_fields),
};

static const struct events_field recover_fields[] = {
	{.key = 1, .name = "restored_size", .type = EVENTS_UINT, .max = UINT64_MAX, .example = "8120",
	 .help = "number of entries after the restore"},
	{.key = 2, .name = "last_size", .type = EVENTS_UINT, .max = UINT64_MAX, .example = "8245",
	 .help = "largest number of entries that is known to have been signed"},
	{.key = 3, .name = "last_root", .type = EVENTS_HASH, .example = EXAMPLE_HASH,
	 .help = "the root that was signed for it"},
};
const struct events_kind events_kind_governance_recover = {
	.id = EVENTS_GOVERNANCE_RECOVER,
	.name = "governance.recover",
	.words = "restore of the ledger from a copy",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator (solo ledgers)",
	.effect = "states openly that the ledger was restored, and from where",
	.body = SCHEMA_STRUCT("governance.recover", recover_fields),
};

static const struct events_field admit_fields[] = {
	{.key = 1, .name = "proposal", .type = EVENTS_ID, .example = EXAMPLE_ID,
	 .help = "event id of the proposal that passed"},
};
const struct events_kind events_kind_organisation_admit = {
	.id = EVENTS_ORGANISATION_ADMIT,
	.name = "organisation.admit",
	.words = "admission of an organisation",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator, once the proposal has passed",
	.effect = "makes the organisation, its first administrator and that administrator's keys",
	.body = SCHEMA_STRUCT("organisation.admit", admit_fields),
};

static const struct events_field suspend_fields[] = {
	{.key = 1, .name = "proposal", .type = EVENTS_ID, .example = EXAMPLE_ID,
	 .help = "event id of the proposal that passed: to suspend, or to lift it"},
};
const struct events_kind events_kind_organisation_suspend = {
	.id = EVENTS_ORGANISATION_SUSPEND,
	.name = "organisation.suspend",
	.words = "suspension of an organisation, or its end",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator, once the proposal has passed",
	.effect = "what the organisation's actors record is refused until it is lifted, except restrictions",
	.body = SCHEMA_STRUCT("organisation.suspend", suspend_fields),
};

static const struct events_field succeed_fields[] = {
	{.key = 1, .name = "proposal", .type = EVENTS_ID, .example = EXAMPLE_ID,
	 .help = "event id of the proposal that passed"},
};
const struct events_kind events_kind_organisation_succeed = {
	.id = EVENTS_ORGANISATION_SUCCEED,
	.name = "organisation.succeed",
	.words = "hand-over of an organisation to its successor",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator of the successor, once the proposal has passed",
	.effect = "participants, sites, studies, data and agreements of the organisation are the successor's from now on; the "
		  "organisation records nothing more",
	.body = SCHEMA_STRUCT("organisation.succeed", succeed_fields),
};
