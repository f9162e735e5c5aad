/* actor: who may sign, and in which role. */
#include "ledger/events/schema.h"

static const struct events_field enrol_fields[] = {
	{.key = 1, .name = "actor", .type = EVENTS_ACTOR, .example = "\"hospital-a/dm-07\"",
	 .help = "organisation and staff code; never a name"},
	{.key = 2, .name = "roles", .type = EVENTS_LIST, .element = EVENTS_CODE, .min = 1, .max = 16,
	 .codes = &events_roles, .example = "\"data-manager\"",
	 .help = "roles in the whole organisation"},
	{.key = 3, .name = "proof", .type = EVENTS_PROOF, .min = 1, .max = EVENTS_PROOF_BYTES_MAX,
	 .example = EXAMPLE_PROOF,
	 .help = "the actor's enrolment request, as base64: it carries the public keys"},
};
const struct events_kind events_kind_actor_enrol = {
	.id = EVENTS_ACTOR_ENROL,
	.name = "actor.enrol",
	.words = "enrolment of an actor",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR),
	.who = "an administrator of the actor's organisation",
	.effect = "makes the actor and its keys",
	.body = SCHEMA_STRUCT("actor.enrol", enrol_fields),
};

static const struct events_field assign_fields[] = {
	{.key = 1, .name = "actor", .type = EVENTS_ACTOR, .example = "\"hospital-a/dm-07\"",
	 .help = "who gets the task"},
	{.key = 2, .name = "study", .type = EVENTS_STUDY, .example = "\"rd-registry\"", .help = "in which study"},
	{.key = 3, .name = "site", .type = EVENTS_TOKEN, .example = "\"site-01\"",
	 .help = "at which site of the study"},
	{.key = 4, .name = "role", .type = EVENTS_CODE, .codes = &events_roles, .example = "\"delegate\"",
	 .help = "in which role"},
	{.key = 5, .name = "from", .type = EVENTS_WHEN, .example = "\"2026-03-01+01:00\"", .help = "since when"},
	{.key = 6, .name = "to", .type = EVENTS_WHEN, .optional = true, .example = "\"2026-12-31+01:00\"",
	 .help = "until when; without it, until further notice"},
};
const struct events_kind events_kind_actor_assign = {
	.id = EVENTS_ACTOR_ASSIGN,
	.name = "actor.assign",
	.words = "assignment of an actor to a study",
	.roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR),
	.who = "an administrator of the study's sponsor or, for own staff, of the site's organisation; or an investigator of that site",
	.effect = "adds an assignment to the actor (the delegation log)",
	.body = SCHEMA_STRUCT("actor.assign", assign_fields),
};

static const struct events_field rotate_fields[] = {
	{.key = 1, .name = "actor", .type = EVENTS_ACTOR, .example = "\"hospital-a/dm-07\"",
	 .help = "whose key is replaced"},
	{.key = 2, .name = "proof", .type = EVENTS_PROOF, .min = 1, .max = EVENTS_PROOF_BYTES_MAX,
	 .example = EXAMPLE_PROOF,
	 .help = "enrolment request by the new key, as base64"},
	{.key = 3, .name = "countersignature", .type = EVENTS_PROOF, .optional = true, .min = 1,
	 .max = EVENTS_PROOF_BYTES_MAX, .example = EXAMPLE_PROOF,
	 .help = "an administrator's countersignature of the proof, as base64"},
};
const struct events_kind events_kind_actor_rotate = {
	.id = EVENTS_ACTOR_ROTATE,
	.name = "actor.rotate",
	.words = "replacement of an actor's key",
	.who = "the actor with the old key, countersigned by an administrator",
	.effect = "the new key takes the old one's place; the old one may only revoke its successors",
	.body = SCHEMA_STRUCT("actor.rotate", rotate_fields),
};

static const struct events_field revoke_fields[] = {
	{.key = 1, .name = "actor", .type = EVENTS_ACTOR, .example = "\"hospital-a/dm-07\"",
	 .help = "whose key is revoked"},
	{.key = 2, .name = "key", .type = EVENTS_HASH, .example = EXAMPLE_HASH, .help = "the key's id (kid)"},
	{.key = 3, .name = "compromised_since", .type = EVENTS_WHEN, .optional = true, .example = "\"2026-02-20\"",
	 .help = "since when others may have had it; what it signed later is suspect"},
};
const struct events_kind events_kind_actor_revoke = {
	.id = EVENTS_ACTOR_REVOKE,
	.name = "actor.revoke",
	.words = "revocation of a key",
	.who = "an administrator of the actor's organisation, the actor itself, or a key that this one replaced",
	.effect = "nothing signed by the key enters from now on",
	.body = SCHEMA_STRUCT("actor.revoke", revoke_fields),
};

/* clang-format off */
#define FIELD_EVENTS(max_, help_) \
	{.key = 1, .name = "events", .type = EVENTS_LIST, .element = EVENTS_ID, .min = 1, .max = (max_), \
	 .example = EXAMPLE_ID, .help = (help_)}
/* clang-format on */

static const struct events_field affirm_fields[] = {
	FIELD_EVENTS(64, "suspect events that are what their author meant"),
};
const struct events_kind events_kind_actor_affirm = {
	.id = EVENTS_ACTOR_AFFIRM,
	.name = "actor.affirm",
	.words = "affirmation of suspect events",
	.who = "the author of the events with a key that is not suspect, or an administrator of the author's organisation",
	.effect = "the events stand, though their key was in doubt when they were recorded",
	.body = SCHEMA_STRUCT("actor.affirm", affirm_fields),
};

static const struct events_field repudiate_fields[] = {
	FIELD_EVENTS(16, "suspect events that their author did not make"),
};
const struct events_kind events_kind_actor_repudiate = {
	.id = EVENTS_ACTOR_REPUDIATE,
	.name = "actor.repudiate",
	.words = "repudiation of suspect events",
	.needs_reason = true,
	.who = "an administrator of the author's organisation, with a key that is not suspect",
	.effect = "what the events brought counts as retracted, and consents that they gave as annulled; restrictions stand",
	.body = SCHEMA_STRUCT("actor.repudiate", repudiate_fields),
};
