/* contract, access, model: who may use data, and who did. */
#include "ledger/events/schema.h"

#define STAFF                                                                                                          \
	(EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DELEGATE) |                                   \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER) | EVENTS_ROLE(EVENTS_ROLE_SYSTEM))
#define COMMITTEES                                                                                                     \
	(EVENTS_ROLE(EVENTS_ROLE_ETHICS_COMMITTEE) | EVENTS_ROLE(EVENTS_ROLE_DATA_ACCESS_COMMITTEE) |                  \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER))
#define ADMINISTRATION (EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_SPONSOR))
#define USERS                                                                                                          \
	(STAFF | ADMINISTRATION | EVENTS_ROLE(EVENTS_ROLE_CRO) | EVENTS_ROLE(EVENTS_ROLE_RESEARCHER) |                 \
	 EVENTS_ROLE(EVENTS_ROLE_COMPUTE_COORDINATOR) | EVENTS_ROLE(EVENTS_ROLE_MONITOR) |                             \
	 EVENTS_ROLE(EVENTS_ROLE_INSPECTOR) | EVENTS_ROLE(EVENTS_ROLE_ACCESS_BODY))

/* ---- contract ------------------------------------------------------------- */

static const struct events_field contract_fields[] = {
	{.key = 1, .name = "contract", .type = EVENTS_HASH, .example = EXAMPLE_HASH,
	 .help = "its id: SHA-256 of its code"},
	{.key = 2, .name = "source", .type = EVENTS_SOURCE, .min = 1, .max = EVENTS_CONTRACT_BYTES_MAX,
	 .example = "\"contract \\\"Registry\\\" version 1\"", .help = "its text, which people read: public"},
	{.key = 3, .name = "code", .type = EVENTS_PROOF, .min = 1, .max = EVENTS_CONTRACT_BYTES_MAX,
	 .example = "\"UkdDVA==\"", .help = "what the text was compiled to, which is executed"},
};
const struct events_kind events_kind_contract_propose = {
	.id = EVENTS_CONTRACT_PROPOSE,
	.name = "contract.propose",
	.words = "proposal of a contract",
	.needs_study = true,
	.roles = ADMINISTRATION | COMMITTEES | EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR),
	.who = "a sponsor, investigator, committee or data protection officer of the study, or an administrator",
	.effect = "is proposed until an ethics committee of another organisation approves it by ethics.decide; code that the verifier "
		  "refuses is denied",
	.body = SCHEMA_STRUCT("contract.propose", contract_fields),
};

/* ---- access --------------------------------------------------------------- */

static const struct events_field what_fields[] = {
	{.key = 1, .name = "items", .type = EVENTS_LIST, .element = EVENTS_ITEM, .optional = true, .min = 1,
	 .max = EVENTS_ITEMS_MAX, .example = EXAMPLE_ITEM, .help = "these items"},
	{.key = 2, .name = "dataset", .type = EVENTS_ID, .optional = true, .example = EXAMPLE_ID,
	 .help = "a data set: the event id of its first part"},
	{.key = 3, .name = "participants", .type = EVENTS_LIST, .element = EVENTS_REFERENCE, .optional = true, .min = 1,
	 .max = EVENTS_ITEMS_MAX, .example = EXAMPLE_HASH, .help = "whatever there is of these participants"},
};
static const struct events_struct what = {
	.name = "data-used", .fields = what_fields, .count = SCHEMA_COUNT(what_fields), .at_least = 1};

/* clang-format off */
#define FIELD_WHAT {.key = 1, .name = "what", .type = EVENTS_STRUCT, .of = &what, .help = "which data"}
#define FIELD_RECIPIENT(optional_, help_) \
	{.key = 2, .name = "recipient", .type = EVENTS_PARTY, .optional = (optional_), .example = "\"lyon/researcher-1\"", \
	 .help = (help_)}
#define FIELD_PURPOSE \
	{.key = 3, .name = "purpose", .type = EVENTS_CODE, .codes = &events_purposes, .example = "\"duo.hmb\"", \
	 .help = "what for (DUO or HL7 PurposeOfUse)"}
#define FIELD_MODE \
	{.key = 4, .name = "mode", .type = EVENTS_CODE, .codes = &events_modes, .example = "\"view\"", .help = "how"}
#define FIELD_BASIS(key_) \
	{.key = (key_), .name = "legal_basis", .type = EVENTS_CODE, .codes = &events_legal_bases, \
	 .example = "\"vital-interest\"", .help = "on which legal basis"}
#define FIELD_GRANT(key_, help_) \
	{.key = (key_), .name = "grant", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = (help_)}
#define FIELD_UNTIL(key_) \
	{.key = (key_), .name = "until", .type = EVENTS_WHEN, .optional = true, .example = "\"2027-02-28+01:00\"", \
	 .help = "last day on which it holds"}
/* clang-format on */

static const struct events_field request_fields[] = {
	FIELD_WHAT,
	FIELD_RECIPIENT(false, "who is to have it"),
	FIELD_PURPOSE,
	FIELD_MODE,
	FIELD_BASIS(5),
	{.key = 6, .name = "instrument", .type = EVENTS_ID, .optional = true, .example = EXAMPLE_ID,
	 .help = "event id of the agreement that it rests on"},
	{.key = 7, .name = "environment", .type = EVENTS_TOKEN, .optional = true, .example = "\"spe-1\"",
	 .help = "the secure environment in which it is used"},
	FIELD_UNTIL(8),
	{.key = 9, .name = "use", .type = EVENTS_CODE, .codes = &events_uses, .optional = true, .example = "\"read\"",
	 .help = "what is to be done with it; without: read"},
	{.key = 10, .name = "disease", .type = EVENTS_URL, .optional = true, .example = "\"MONDO:0009861\"",
	 .help = "the disease that the purpose is about"},
	{.key = 11, .name = "terms", .type = EVENTS_LIST, .element = EVENTS_CODE, .codes = &events_use_modifiers,
	 .optional = true, .min = 1, .max = 18, .example = "\"npu\"", .help = "modifiers of DUO that are fulfilled or accepted"},
};
const struct events_kind events_kind_access_request = {
	.id = EVENTS_ACCESS_REQUEST,
	.name = "access.request",
	.words = "request for access",
	.needs_study = true,
	.roles = USERS,
	.who = "whoever is to use the data, assigned in the study; or an administrator",
	.effect = "is decided, item by item, by the contract of each item's study and of its sources'; without one it is denied",
	.body = SCHEMA_STRUCT("access.request", request_fields),
};

static const struct events_field access_decide_fields[] = {
	{.key = 1, .name = "request", .type = EVENTS_ID, .example = EXAMPLE_ID, .help = "event id of the request"},
	{.key = 2, .name = "permit", .type = EVENTS_BOOL, .example = "true", .help = "true for yes, false for no"},
	FIELD_UNTIL(3),
};
const struct events_kind events_kind_access_decide = {
	.id = EVENTS_ACCESS_DECIDE,
	.name = "access.decide",
	.words = "decision of a data access committee",
	.needs_study = true,
	.roles = EVENTS_ROLE(EVENTS_ROLE_DATA_ACCESS_COMMITTEE) | EVENTS_ROLE(EVENTS_ROLE_ACCESS_BODY),
	.who = "a data access committee or access body of the study",
	.effect = "answers a request that the study's contract referred to people; without a contract it is denied",
	.body = SCHEMA_STRUCT("access.decide", access_decide_fields),
};

static const struct events_field disclose_fields[] = {
	FIELD_WHAT,
	FIELD_RECIPIENT(false, "who gets it"),
	FIELD_GRANT(3, "event id of the permit that it rests on"),
	FIELD_MODE,
};
const struct events_kind events_kind_access_disclose = {
	.id = EVENTS_ACCESS_DISCLOSE,
	.name = "access.disclose",
	.words = "disclosure of data",
	.needs_study = true,
	.roles = STAFF | ADMINISTRATION | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN),
	.who = "the custodian of the data, or staff or an administrator of the study",
	.effect = "lets one release go, if the study's contract permits it; without one it is denied",
	.body = SCHEMA_STRUCT("access.disclose", disclose_fields),
};

static const struct events_field observe_fields[] = {
	FIELD_WHAT,
	FIELD_RECIPIENT(true, "who read it, if it is not the author"),
	FIELD_PURPOSE,
	FIELD_MODE,
	{.key = 5, .name = "system", .type = EVENTS_TOKEN, .example = "\"edc-1\"",
	 .help = "the system in which it was read"},
};
const struct events_kind events_kind_access_observe = {
	.id = EVENTS_ACCESS_OBSERVE,
	.name = "access.observe",
	.words = "reading of data in a system that reports it",
	.needs_study = true,
	.roles = USERS | COMMITTEES | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN) | EVENTS_ROLE(EVENTS_ROLE_ARCHIVE),
	.who = "whoever read it, or the system that reports it, of an organisation that takes part or is assigned in the study",
	.effect = "joins the trail of the participants; it is open until it is closed or revoked",
	.body = SCHEMA_STRUCT("access.observe", observe_fields),
};

static const struct events_field override_fields[] = {
	FIELD_WHAT,
	FIELD_RECIPIENT(false, "who had access"),
	FIELD_PURPOSE,
	FIELD_MODE,
	FIELD_BASIS(5),
};
const struct events_kind events_kind_access_override = {
	.id = EVENTS_ACCESS_OVERRIDE,
	.name = "access.override",
	.words = "access in an emergency",
	.needs_study = true,
	.needs_reason = true,
	.roles = STAFF | ADMINISTRATION | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN) |
		 EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER) | EVENTS_ROLE(EVENTS_ROLE_INSPECTOR),
	.who = "staff, custodian, inspector or administrator of an organisation that takes part or is assigned in the study",
	.effect = "joins the trail of the participants, flagged for review; it is open until it is closed or revoked",
	.body = SCHEMA_STRUCT("access.override", override_fields),
};

static const struct events_field revoke_fields[] = {
	FIELD_GRANT(1, "event id of the access that ends: a permit, an observation, an override"),
};
const struct events_kind events_kind_access_revoke = {
	.id = EVENTS_ACCESS_REVOKE,
	.name = "access.revoke",
	.words = "revocation of access",
	.needs_study = true,
	.needs_reason = true,
	.roles = ADMINISTRATION | COMMITTEES | EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN),
	.who = "the organisation that gave it, the study's sponsor, or a committee assigned in the study",
	.effect = "ends the access",
	.body = SCHEMA_STRUCT("access.revoke", revoke_fields),
};

static const struct events_field close_fields[] = {
	FIELD_GRANT(1, "event id of the access that is over"),
	{.key = 2, .name = "destroyed", .type = EVENTS_BOOL, .example = "true",
	 .help = "whether every copy was destroyed; the certificate is sealed"},
};
const struct events_kind events_kind_access_close = {
	.id = EVENTS_ACCESS_CLOSE,
	.name = "access.close",
	.words = "end of access",
	.needs_study = true,
	.roles = USERS | COMMITTEES | EVENTS_ROLE(EVENTS_ROLE_CUSTODIAN) | EVENTS_ROLE(EVENTS_ROLE_ARCHIVE),
	.who = "the organisation that gave the access, or the one that had it",
	.effect = "says that the access is over and whether copies are left",
	.body = SCHEMA_STRUCT("access.close", close_fields),
};

/* ---- model ---------------------------------------------------------------- */

static const struct events_field train_fields[] = {
	{.key = 1, .name = "datasets", .type = EVENTS_LIST, .element = EVENTS_ID, .min = 1, .max = 64,
	 .example = EXAMPLE_ID, .help = "the data sets: event ids of their first parts"},
	FIELD_GRANT(2, "event id of the permit that it rests on"),
	{.key = 3, .name = "code", .type = EVENTS_HASH, .example = EXAMPLE_HASH,
	 .help = "SHA-256 of the program that trained it, salted where the program is not public"},
	{.key = 4, .name = "model", .type = EVENTS_STRUCT, .of = &events_item_struct, .help = "the model that came of it"},
	{.key = 5, .name = "parent", .type = EVENTS_ITEM, .optional = true, .example = EXAMPLE_ITEM,
	 .help = "the model that it began with"},
	{.key = 6, .name = "round", .type = EVENTS_UINT, .optional = true, .min = 1, .max = 1000000000, .example = "1",
	 .help = "which round of federated training"},
};
const struct events_kind events_kind_model_train = {
	.id = EVENTS_MODEL_TRAIN,
	.name = "model.train",
	.words = "training of a model",
	.needs_study = true,
	.roles = STAFF | ADMINISTRATION | EVENTS_ROLE(EVENTS_ROLE_RESEARCHER) |
		 EVENTS_ROLE(EVENTS_ROLE_COMPUTE_COORDINATOR),
	.who = "a researcher, compute coordinator or staff of the study, or an administrator",
	.effect = "is permitted by the study's contract; without one it is denied",
	.body = SCHEMA_STRUCT("model.train", train_fields),
};
