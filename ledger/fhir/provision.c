/* provision: rules within rules, each with its conditions. */
#include "ledger/fhir/fhir_internal.h"

#include <ctype.h>
#include <string.h>

#define ACTREASON "http://terminology.hl7.org/CodeSystem/v3-ActReason"
#define DUO "http://purl.obolibrary.org/obo/duo.owl"
#define DEPTH 3 /* of a record's provisions */

/* What a rule has from those that it is in. */
struct rule {
	bool denies;
	bool has_purposes; /* it or one around it names purposes */
	unsigned depth;
};

static const struct fhir_member provision_members[] = {
	{"type", FHIR_MAPPED, NULL},
	{"period", FHIR_MAPPED, NULL},
	{"actor", FHIR_MAPPED, NULL},
	{"action", FHIR_MAPPED, NULL},
	{"securityLabel", FHIR_REFUSED, BASE_WORDS("confidentiality of data: the record has no category that says so")},
	{"purpose", FHIR_MAPPED, NULL},
	{"class", FHIR_MAPPED, NULL},
	{"code", FHIR_MAPPED, NULL},
	{"dataPeriod", FHIR_MAPPED, NULL},
	{"data", FHIR_REFUSED, BASE_WORDS("single resources: the record knows categories of data")},
	{"provision", FHIR_MAPPED, NULL},
	{"id", FHIR_SOURCE, NULL},
	{NULL, FHIR_MAPPED, NULL},
};
static const struct fhir_member period_members[] = {
	{"start", FHIR_MAPPED, NULL}, {"end", FHIR_MAPPED, NULL}, {"id", FHIR_SOURCE, NULL}, {NULL, FHIR_MAPPED, NULL}};
static const struct fhir_member actor_members[] = {
	{"role", FHIR_MAPPED, NULL}, {"reference", FHIR_MAPPED, NULL}, {"id", FHIR_SOURCE, NULL}, {NULL, FHIR_MAPPED, NULL}};
static const struct fhir_member reference_members[] = {
	{"reference", FHIR_MAPPED, NULL}, {"type", FHIR_SOURCE, NULL}, {"display", FHIR_SOURCE, NULL},
	{"identifier", FHIR_SOURCE, NULL}, {"id", FHIR_SOURCE, NULL}, {NULL, FHIR_MAPPED, NULL},
};

static void put(json_t *object, const char *name, json_t *value)
{
	int failed = json_object_set_new(object, name, value);

	BASE_ASSERT(failed == 0);
}

/* Codes are a set: each once. */
static void put_once(json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), name) == 0)
			return;
	json_array_append_new(list, json_string(name));
}

static json_t *list_at(json_t *object, const char *name)
{
	json_t *list = json_object_get(object, name);

	if (list == NULL) {
		list = json_array();
		put(object, name, list);
	}
	return list;
}

/* ---- Conditions ------------------------------------------------------------ */

static void take_period(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, const char *name, json_t *out,
			const char *member)
{
	const json_t *period = json_object_get(rule, name);
	const struct fhir_at here = {at, name, 0};
	const char *from, *to;
	json_t *made;

	if (period == NULL || !fhir_members(job, &here, period, period_members))
		return;
	from = fhir_time(job, &here, period, "start");
	to = fhir_time(job, &here, period, "end");
	if (from == NULL && to == NULL) {
		if (json_object_get(period, "start") == NULL && json_object_get(period, "end") == NULL)
			fhir_refuse(job, &here, "neither start nor end");
		return;
	}
	made = json_object();
	if (from != NULL)
		put(made, "from", json_string(from));
	if (to != NULL)
		put(made, "to", json_string(to));
	put(out, member, made);
}

static const char *party_of(const struct fhir_options *options, const char *reference)
{
	for (size_t i = 0; i < options->party_count; i++)
		if (strcmp(options->parties[i].reference, reference) == 0)
			return options->parties[i].party;
	return NULL;
}

static void take_actors(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, json_t *out)
{
	const json_t *actors = fhir_list(job, at, rule, "actor");
	const struct fhir_at list = {at, "actor", 0};

	for (size_t i = 0; i < json_array_size(actors); i++) {
		const struct fhir_at here = {&list, NULL, i};
		const struct fhir_at role = {&here, "role", 0}, whom = {&here, "reference", 0}, last = {&whom, "reference", 0};
		const json_t *actor = json_array_get(actors, i), *reference;
		const char *text, *party;

		if (!fhir_members(job, &here, actor, actor_members))
			continue;
		(void)fhir_concept(job, &role, json_object_get(actor, "role"), fhir_roles);
		reference = json_object_get(actor, "reference");
		if (!fhir_members(job, &whom, reference, reference_members))
			continue;
		text = fhir_text(job, &whom, reference, "reference");
		if (text == NULL) {
			fhir_refuse(job, &last, "missing; whom it is about is not known");
			continue;
		}
		party = party_of(job->options, text);
		if (party == NULL)
			fhir_refuse(job, &last, "%s: nobody said which organisation or actor of the ledger it is",
				    fhir_quote(json_object_get(reference, "reference")).text);
		else
			put_once(list_at(out, "recipients"), party);
	}
}

/* "DUO:0000042", "DUO_0000042"; 0: neither. */
static uint64_t duo_number(const char *code)
{
	uint64_t number;

	if (strlen(code) != 11 || strncmp(code, "DUO", 3) != 0 || (code[3] != ':' && code[3] != '_'))
		return 0;
	code += 4;
	while (*code == '0')
		code++;
	return base_parse_u64(base_slice_text(code), &number) ? number : 0;
}

static bool take_duo(json_t *out, const char *code, bool *named)
{
	uint64_t number = duo_number(code);
	const struct events_code *found = number == 0 || number > 63 ? NULL
								     : events_code_by_number(events_codes_of(EVENTS_PURPOSES), number);

	/* The first 63 purposes are terms of the ontology, under its own numbers; its modifiers have a list of their own. */
	if (found != NULL && strncmp(found->name, "duo.", 4) == 0) {
		put_once(list_at(out, "purposes"), found->name);
		*named = true;
		return true;
	}
	found = number == 0 ? NULL : events_code_by_number(events_codes_of(EVENTS_USE_MODIFIERS), number);
	if (found != NULL)
		put_once(list_at(out, "modifiers"), found->name);
	return found != NULL;
}

static bool take_hl7(json_t *out, const char *code, bool *named)
{
	char name[40] = "hl7.";
	const struct events_code *found;

	if (strlen(code) > 30)
		return false;
	for (size_t i = 0; code[i] != '\0'; i++)
		name[4 + i] = (char)tolower((unsigned char)code[i]);
	found = events_code_by_name(events_codes_of(EVENTS_PURPOSES), base_slice_text(name));
	if (found == NULL)
		return false;
	put_once(list_at(out, "purposes"), found->name);
	*named = true;
	return true;
}

static void take_purposes(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, json_t *out, bool *named)
{
	static const struct fhir_member members[] = {
		{"system", FHIR_MAPPED, NULL},  {"code", FHIR_MAPPED, NULL},         {"display", FHIR_SOURCE, NULL},
		{"version", FHIR_SOURCE, NULL}, {"userSelected", FHIR_SOURCE, NULL}, {"id", FHIR_SOURCE, NULL},
		{NULL, FHIR_MAPPED, NULL},
	};
	const json_t *list = fhir_list(job, at, rule, "purpose");
	const struct fhir_at outer = {at, "purpose", 0};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct fhir_at here = {&outer, NULL, i};
		const json_t *coding = json_array_get(list, i);
		const char *system, *code;
		bool known = false;

		if (!fhir_members(job, &here, coding, members))
			continue;
		system = fhir_text(job, &here, coding, "system");
		code = fhir_text(job, &here, coding, "code");
		if (system != NULL && code != NULL && strcmp(system, ACTREASON) == 0)
			known = take_hl7(out, code, named);
		else if (system != NULL && code != NULL && strcmp(system, DUO) == 0)
			known = take_duo(out, code, named);
		if (!known)
			fhir_refuse(job, &here, "unknown purpose %s of %s", fhir_quote(json_object_get(coding, "code")).text,
				    fhir_quote(json_object_get(coding, "system")).text);
	}
}

static void take_classes(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, json_t *out)
{
	const json_t *list = fhir_list(job, at, rule, "class");
	const struct fhir_at outer = {at, "class", 0};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct fhir_at here = {&outer, NULL, i};
		int value = fhir_coding(job, &here, json_array_get(list, i), fhir_classes);
		const struct events_code *category =
			value < 0 ? NULL : events_code_by_number(events_codes_of(EVENTS_CATEGORIES), (uint64_t)value);

		if (category != NULL)
			put_once(list_at(out, "categories"), category->name);
	}
}

/* ---- Uses ------------------------------------------------------------------ */

static uint32_t take_actions(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, bool denies)
{
	const json_t *list = fhir_list(job, at, rule, "action");
	const struct fhir_at outer = {at, "action", 0};
	uint32_t uses = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct fhir_at here = {&outer, NULL, i};
		int action = fhir_concept(job, &here, json_array_get(list, i), fhir_actions);

		if (action >= 0)
			uses |= fhir_action_uses(action, denies);
	}
	return uses;
}

/* The day on which "from now on" begins: of the rule, else of the consent. */
static const char *begins(const struct fhir_job *job, const json_t *made)
{
	const char *from = json_string_value(json_object_get(json_object_get(made, "valid"), "from"));

	return from != NULL ? from : job->when;
}

/* made as it is for one policy of the German broad consent. */
static void apply_policy(struct fhir_job *job, const struct fhir_at *at, json_t *made, const struct fhir_policy *policy,
			 uint32_t actions, const struct rule *rule, bool has_actions)
{
	uint32_t uses = rule->denies ? policy->denies : policy->permits;
	const char *from = begins(job, made);

	if (has_actions)
		uses &= actions;
	if (uses == 0)
		fhir_refuse(job, at, "the actions beside it are not among what it means");
	put(made, "uses", fhir_uses(uses));
	if (policy->collected != FHIR_COLLECTED_ANY && json_object_get(made, "collected") == NULL && from != NULL)
		put(made, "collected",
		    json_pack("{s:s}", policy->collected == FHIR_COLLECTED_FROM ? "from" : "to", from));
	if (rule->denies)
		return;
	for (size_t i = 0; policy->scientific && fhir_eea[i] != NULL; i++)
		json_array_append_new(list_at(made, "countries"), json_string(fhir_eea[i]));
	/* The whole of that consent is for medical research. */
	if (!rule->has_purposes)
		put_once(list_at(made, "purposes"), "duo.hmb");
}

/* Purposes of a permit that names none: a permission for everything is nothing that anybody signed. */
static void limit_purposes(struct fhir_job *job, const struct fhir_at *at, json_t *made, const struct rule *rule)
{
	if (rule->denies || rule->has_purposes)
		return;
	if (job->research)
		put_once(list_at(made, "purposes"), "hl7.hresch");
	for (size_t i = 0; !job->research && i < job->options->purpose_count; i++)
		put_once(list_at(made, "purposes"), job->options->purposes[i]);
	if (!job->research && job->options->purpose_count == 0)
		fhir_refuse(job, at, "permits without a purpose, and the scope is not research; say for what (--purpose)");
}

/* ---- Rules ----------------------------------------------------------------- */

static void take_rule(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, struct rule context, json_t *out);

static bool take_type(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, bool *denies)
{
	const char *type = fhir_text(job, at, rule, "type");
	const struct fhir_at here = {at, "type", 0};

	if (type != NULL && strcmp(type, "permit") != 0 && strcmp(type, "deny") != 0) {
		fhir_refuse(job, &here, "%s is neither permit nor deny", fhir_quote(json_object_get(rule, "type")).text);
		return false;
	}
	*denies = type != NULL && strcmp(type, "deny") == 0;
	return type != NULL;
}

/* How many rules a record holds in one list, of rules so deep. What is over is not made: a rule for each policy it names can be many. */
static size_t most_at(unsigned depth)
{
	static const size_t most[DEPTH] = {64, 64, 32};

	return most[depth];
}

static json_t *take_nested(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, const struct rule *context)
{
	const json_t *list = fhir_list(job, at, rule, "provision");
	const struct fhir_at outer = {at, "provision", 0};
	json_t *made;

	if (list == NULL)
		return NULL;
	if (context->depth + 1 >= DEPTH) {
		fhir_refuse(job, &outer, "rules more than %d deep; a record holds no more", DEPTH);
		return NULL;
	}
	made = json_array();
	for (size_t i = 0; i < json_array_size(list) && json_array_size(made) <= most_at(context->depth + 1); i++) {
		const struct fhir_at here = {&outer, NULL, i}, type = {&here, "type", 0};
		const json_t *inner = json_array_get(list, i);
		struct rule next = {.has_purposes = context->has_purposes, .depth = context->depth + 1};

		if (take_type(job, &here, inner, &next.denies))
			take_rule(job, &here, inner, next, made);
		else if (json_object_get(inner, "type") == NULL)
			fhir_refuse(job, &type, "missing; whether it permits or denies is not known");
	}
	if (json_array_size(made) > most_at(context->depth + 1)) {
		fhir_refuse(job, &outer, "over %zu rules; a record holds no more there", most_at(context->depth + 1));
		json_decref(made);
		return NULL;
	}
	return made;
}

/* One provision for each policy that it names, as each has conditions of its own; else one. */
static void take_policies(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, const struct rule *context,
			  json_t *made, json_t *out)
{
	const json_t *codes = fhir_list(job, at, rule, "code");
	const struct fhir_at outer = {at, "code", 0};
	const bool has_actions = json_object_get(rule, "action") != NULL;
	uint32_t actions = take_actions(job, at, rule, context->denies);

	if (codes == NULL) {
		if (has_actions)
			put(made, "uses", fhir_uses(actions));
		limit_purposes(job, at, made, context);
		json_array_append(out, made);
		return;
	}
	for (size_t i = 0; i < json_array_size(codes) && json_array_size(out) <= most_at(context->depth); i++) {
		const struct fhir_at here = {&outer, NULL, i};
		int policy = fhir_concept(job, &here, json_array_get(codes, i), fhir_policies);
		json_t *copy;

		if (policy < 0)
			continue;
		copy = json_deep_copy(made);
		BASE_ASSERT(copy != NULL);
		apply_policy(job, &here, copy, &fhir_policy_meanings[policy], actions, context, has_actions);
		limit_purposes(job, at, copy, context);
		json_array_append_new(out, copy);
	}
}

static void take_rule(struct fhir_job *job, const struct fhir_at *at, const json_t *rule, struct rule context, json_t *out)
{
	json_t *made, *nested;

	if (!fhir_members(job, at, rule, provision_members))
		return;
	made = json_object();
	put(made, "effect", json_string(context.denies ? "deny" : "permit"));
	take_period(job, at, rule, "period", made, "valid");
	take_period(job, at, rule, "dataPeriod", made, "collected");
	take_actors(job, at, rule, made);
	take_purposes(job, at, rule, made, &context.has_purposes);
	take_classes(job, at, rule, made);
	nested = take_nested(job, at, rule, &context);
	if (nested != NULL)
		put(made, "provisions", nested);
	take_policies(job, at, rule, &context, made, out);
	json_decref(made);
}

/* policyRule without any provision, or what the root provision is an exception from. */
static json_t *base_rule(struct fhir_job *job, const struct fhir_at *at)
{
	const struct rule rule = {.denies = !job->opted_in};
	json_t *made = json_pack("{s:s}", "effect", rule.denies ? "deny" : "permit");

	limit_purposes(job, at, made, &rule);
	return made;
}

json_t *fhir_provisions(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const json_t *root = json_object_get(consent, "provision");
	const struct fhir_at here = {at, "provision", 0}, type = {&here, "type", 0}, rule = {at, "policyRule", 0};
	json_t *out = json_array();
	struct rule context = {0};
	enum fhir_root meant = FHIR_ROOT_LIMITS;
	bool typed;

	if (root == NULL && job->has_base) {
		json_array_append_new(out, base_rule(job, &rule));
		return out;
	}
	if (root == NULL) {
		fhir_refuse(job, &here, "missing: it neither permits nor denies anything");
		return out;
	}
	typed = take_type(job, &here, root, &context.denies);
	if (!typed && json_object_get(root, "type") != NULL)
		return out;
	if (!typed && !job->has_base) {
		fhir_refuse(job, &type, "missing, and no policyRule says OPTIN or OPTOUT");
		return out;
	}
	if (!typed)
		meant = job->options->root;
	else if (job->has_base && context.denies == job->opted_in)
		meant = FHIR_ROOT_EXCEPTION;
	if (meant == FHIR_ROOT_UNSAID)
		fhir_refuse(job, &type, "missing: it may limit what policyRule says or be an exception from it; say which (--root)");
	if (meant == FHIR_ROOT_EXCEPTION) {
		json_t *base = base_rule(job, &rule), *inner = json_array();

		context.denies = job->opted_in;
		context.depth = 1;
		take_rule(job, &here, root, context, inner);
		put(base, "provisions", inner);
		json_array_append_new(out, base);
		return out;
	}
	if (!typed)
		context.denies = !job->opted_in;
	take_rule(job, &here, root, context, out);
	return out;
}
