/* A Consent as a whole: who, when, on which form, and what its status makes of it. */
#include "ledger/fhir/fhir_internal.h"

#include <stdlib.h>
#include <string.h>

static const struct fhir_member consent_members[] = {
	{"resourceType", FHIR_MAPPED, NULL},
	{"status", FHIR_MAPPED, NULL},
	{"scope", FHIR_MAPPED, NULL},
	{"category", FHIR_MAPPED, NULL},
	{"patient", FHIR_MAPPED, NULL},
	{"dateTime", FHIR_MAPPED, NULL},
	{"performer", FHIR_MAPPED, NULL},
	{"policy", FHIR_MAPPED, NULL},
	{"policyRule", FHIR_MAPPED, NULL},
	{"provision", FHIR_MAPPED, NULL},
	{"meta", FHIR_MAPPED, NULL},
	{"id", FHIR_SOURCE, NULL},
	{"language", FHIR_SOURCE, NULL},
	{"text", FHIR_SOURCE, NULL},
	{"identifier", FHIR_SOURCE, NULL},
	{"organization", FHIR_SOURCE, NULL},
	{"sourceAttachment", FHIR_SOURCE, NULL},
	{"sourceReference", FHIR_SOURCE, NULL},
	{"implicitRules", FHIR_REFUSED, BASE_WORDS("rules that change what the resource means are not known")},
	{"contained", FHIR_REFUSED, BASE_WORDS("resources within the consent are not looked at")},
	{"verification", FHIR_REFUSED, BASE_WORDS("that somebody checked a consent is a record of its own: `regesta attest`")},
	{NULL, FHIR_MAPPED, NULL},
};
static const struct fhir_member reference_members[] = {
	{"reference", FHIR_MAPPED, NULL}, {"type", FHIR_SOURCE, NULL}, {"display", FHIR_SOURCE, NULL},
	{"identifier", FHIR_SOURCE, NULL}, {"id", FHIR_SOURCE, NULL}, {NULL, FHIR_MAPPED, NULL},
};
static const struct fhir_member policy_members[] = {
	{"uri", FHIR_MAPPED, NULL}, {"authority", FHIR_SOURCE, NULL}, {"id", FHIR_SOURCE, NULL}, {NULL, FHIR_MAPPED, NULL}};

static void put(json_t *object, const char *name, json_t *value)
{
	int failed = json_object_set_new(object, name, value);

	BASE_ASSERT(failed == 0);
}

static bool is_code(const json_t *coding, const char *code)
{
	const char *text = json_string_value(json_object_get(coding, "code"));

	return text != NULL && strcmp(text, code) == 0;
}

/* ---- What it is about -------------------------------------------------------- */

static void take_scope(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const struct fhir_at here = {at, "scope", 0};
	const json_t *scope = json_object_get(consent, "scope");

	if (scope == NULL)
		fhir_refuse(job, &here, "missing");
	else
		job->research = fhir_concept(job, &here, scope, fhir_scopes) == FHIR_SCOPE_RESEARCH;
}

static void take_categories(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const json_t *list = fhir_list(job, at, consent, "category");
	const struct fhir_at outer = {at, "category", 0};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct fhir_at here = {&outer, NULL, i};

		(void)fhir_concept(job, &here, json_array_get(list, i), fhir_categories);
	}
}

static void take_labels(struct fhir_job *job, const json_t *consent)
{
	const json_t *labels = json_object_get(json_object_get(consent, "meta"), "security");

	for (size_t i = 0; i < json_array_size(labels); i++)
		job->consent->test = job->consent->test || is_code(json_array_get(labels, i), "HTEST");
}

static const struct fhir_patient *take_patient(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const struct fhir_options *o = job->options;
	const struct fhir_at here = {at, "patient", 0}, last = {&here, "reference", 0};
	const json_t *patient = json_object_get(consent, "patient");
	const char *text;

	if (patient == NULL) {
		fhir_refuse(job, &here, "missing; whose consent it is is not known");
		return NULL;
	}
	if (!fhir_members(job, &here, patient, reference_members))
		return NULL;
	text = fhir_text(job, &here, patient, "reference");
	if (text == NULL) {
		fhir_refuse(job, &last, "missing; whose consent it is is not known");
		return NULL;
	}
	for (size_t i = 0; i < o->patient_count; i++)
		if (o->patients[i].reference == NULL || strcmp(o->patients[i].reference, text) == 0)
			return &o->patients[i];
	/* The reference itself stays out of the message: messages land in logs. */
	fhir_refuse(job, &last, "nobody said which participant it is (--participant, --participants)");
	return NULL;
}

static void take_when(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const struct fhir_at here = {at, "dateTime", 0};

	job->when = fhir_time(job, at, consent, "dateTime");
	if (job->when == NULL && json_object_get(consent, "dateTime") == NULL) {
		job->when = job->options->when;
		if (job->when == NULL)
			fhir_refuse(job, &here, "missing; say when it was declared (--when)");
	}
}

/* ---- Form and signers -------------------------------------------------------- */

static const struct fhir_form *form_of(const struct fhir_options *options, const char *policy)
{
	const struct fhir_form *any = NULL;

	for (size_t i = 0; i < options->form_count; i++) {
		if (options->forms[i].policy == NULL)
			any = &options->forms[i];
		else if (policy != NULL && strcmp(options->forms[i].policy, policy) == 0)
			return &options->forms[i];
	}
	return any;
}

/* A second policy must be of the same form: a record has one. */
static void meet_policy(struct fhir_job *job, const struct fhir_at *at, const char *policy, const struct fhir_form **form)
{
	const struct fhir_form *found = form_of(job->options, policy);

	if (found == NULL)
		fhir_refuse(job, at, "nobody said which form it is (--form, --forms)");
	else if (*form != NULL && *form != found)
		fhir_refuse(job, at, "of another form than the policy before it; a record has one form");
	else
		*form = found;
}

static void take_rule_policy(struct fhir_job *job, const struct fhir_at *at, const json_t *consent, const struct fhir_form **form)
{
	const struct fhir_at here = {at, "policyRule", 0};
	const json_t *rule = json_object_get(consent, "policyRule");
	const json_t *coding = json_array_get(json_object_get(rule, "coding"), 0);
	const char *system = json_string_value(json_object_get(coding, "system"));
	const char *code = json_string_value(json_object_get(coding, "code"));
	char policy[512];
	int base;

	if (rule == NULL)
		return;
	if (is_code(coding, "OPTIN") || is_code(coding, "OPTOUT") || system == NULL || code == NULL ||
	    json_array_size(json_object_get(rule, "coding")) != 1) {
		base = fhir_concept(job, &here, rule, fhir_bases);
		job->has_base = base >= 0;
		job->opted_in = base == FHIR_OPTIN;
		return;
	}
	(void)snprintf(policy, sizeof(policy), "%.255s|%.255s", system, code);
	meet_policy(job, &here, policy, form);
}

static json_t *take_form(struct fhir_job *job, const struct fhir_at *at, const json_t *consent, bool needed)
{
	const json_t *list = fhir_list(job, at, consent, "policy");
	const struct fhir_at outer = {at, "policy", 0};
	const struct fhir_form *form = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct fhir_at here = {&outer, NULL, i}, uri = {&here, "uri", 0};
		const json_t *policy = json_array_get(list, i);
		const char *text;

		if (!fhir_members(job, &here, policy, policy_members))
			continue;
		text = fhir_text(job, &here, policy, "uri");
		if (text == NULL && json_object_get(policy, "uri") == NULL)
			continue; /* who wrote it alone */
		if (text != NULL)
			meet_policy(job, &uri, text, &form);
	}
	take_rule_policy(job, at, consent, &form);
	if (form == NULL)
		form = form_of(job->options, NULL);
	if (form == NULL && needed && json_object_get(consent, "policy") == NULL)
		fhir_refuse(job, &outer, "missing; say which form was signed (--form)");
	if (form == NULL)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s}", "cid", form->cid, "version", form->version, "language", form->language, "audience",
			 form->audience);
}

/* Who declared it: the patient, where performer says so; else FHIR names a person whose capacity it does not tell. */
static json_t *take_signers(struct fhir_job *job, const struct fhir_at *at, const json_t *consent, bool needed)
{
	const struct fhir_options *o = job->options;
	const json_t *list = fhir_list(job, at, consent, "performer");
	const struct fhir_at outer = {at, "performer", 0};
	const char *patient = json_string_value(json_object_get(json_object_get(consent, "patient"), "reference"));
	const char *signer = o->signer;
	json_t *out;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct fhir_at here = {&outer, NULL, i};
		const json_t *performer = json_array_get(list, i);
		const char *text;

		if (!fhir_members(job, &here, performer, reference_members))
			continue;
		text = json_string_value(json_object_get(performer, "reference"));
		if (text != NULL && patient != NULL && strcmp(text, patient) == 0 && (signer == NULL || strcmp(signer, "self") == 0))
			signer = "self";
		else if (o->signer == NULL)
			fhir_refuse(job, &here, "%s: in which capacity somebody else than the patient declared it is not said (--signer)",
				    fhir_quote(json_object_get(performer, "reference")).text);
		else if (i > 0 || (text != NULL && patient != NULL && strcmp(text, patient) == 0))
			fhir_refuse(job, &here, "several people declared it; --signer says one capacity");
	}
	if (!needed && signer == NULL)
		return NULL;
	if (signer == NULL && list == NULL)
		fhir_refuse(job, &outer, "missing; say who signed (--signer)");
	if (o->means == NULL)
		fhir_refuse(job, &outer, "FHIR does not tell how it was declared; say it (--means)");
	if (signer == NULL || o->means == NULL || job->when == NULL)
		return NULL;
	out = json_array();
	json_array_append_new(out, json_pack("{s:s, s:s, s:s}", "capacity", signer, "means", o->means, "when", job->when));
	return out;
}

/* ---- Status ------------------------------------------------------------------ */

static void put_if(json_t *object, const char *name, json_t *value)
{
	if (value != NULL)
		put(object, name, value);
}

static json_t *give(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	json_t *body = json_object();

	put_if(body, "form", take_form(job, at, consent, true));
	put_if(body, "signers", take_signers(job, at, consent, true));
	if (job->options->assent != NULL)
		put(body, "assent", json_string(job->options->assent));
	put(body, "provisions", fhir_provisions(job, at, consent));
	return json_pack("{s:o}", "give", body);
}

static json_t *refuse(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	json_t *body = json_object();

	put_if(body, "form", take_form(job, at, consent, false));
	put_if(body, "signers", take_signers(job, at, consent, false));
	if (json_object_get(consent, "provision") != NULL)
		put(body, "provisions", fhir_provisions(job, at, consent));
	return json_pack("{s:o}", "refuse", body);
}

/* dateTime is when it was given; FHIR does not say when it ended, nor what becomes of what exists. What was permitted, and under
 * which conditions, is no scope: all of it is withdrawn. */
static json_t *withdraw(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const struct fhir_options *o = job->options;
	const struct fhir_at here = {at, "status", 0};
	json_t *body = json_object(), *ignored = take_form(job, at, consent, false);

	json_decref(ignored);
	if (o->withdrawn == NULL)
		fhir_refuse(job, &here, "inactive, and FHIR does not tell since when; say it (--withdrawn)");
	if (o->existing == NULL)
		fhir_refuse(job, &here, "inactive, and FHIR does not tell what becomes of existing data; say it (--existing-data)");
	if (o->existing != NULL)
		put(body, "existing_data", json_string(o->existing));
	if (o->samples != NULL)
		put(body, "samples", json_string(o->samples));
	if (o->withdrawn != NULL)
		job->when = o->withdrawn;
	return json_pack("{s:o}", "withdraw", body);
}

static json_t *annul(struct fhir_job *job, const struct fhir_at *at)
{
	const struct fhir_at here = {at, "status", 0};

	if (job->options->annuls == NULL) {
		fhir_refuse(job, &here, "entered in error, and FHIR does not tell which record that was; say it (--annuls)");
		return json_object();
	}
	return json_pack("{s:{s:s}}", "annul", "target", job->options->annuls);
}

static json_t *take_act(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const char *status = fhir_text(job, at, consent, "status");
	const struct fhir_at here = {at, "status", 0};

	if (status == NULL) {
		if (json_object_get(consent, "status") == NULL)
			fhir_refuse(job, &here, "missing");
		return NULL;
	}
	if (strcmp(status, "active") == 0)
		return give(job, at, consent);
	if (strcmp(status, "rejected") == 0)
		return refuse(job, at, consent);
	if (strcmp(status, "inactive") == 0)
		return withdraw(job, at, consent);
	if (strcmp(status, "entered-in-error") == 0)
		return annul(job, at);
	if (strcmp(status, "draft") == 0 || strcmp(status, "proposed") == 0)
		fhir_refuse(job, &here, "%s: nothing has been declared yet", status);
	else
		fhir_refuse(job, &here, "%s is no status of a consent", fhir_quote(json_object_get(consent, "status")).text);
	return NULL;
}

/* ---- The document ------------------------------------------------------------ */

/* What was made must be one that `record` takes: what it says against it is a reason, too. */
static void keep(struct fhir_job *job, const struct fhir_at *at, const json_t *document)
{
	struct events_document parsed;
	struct base_error err;
	char *text = json_dumps(document, JSON_COMPACT);

	BASE_ASSERT(text != NULL);
	if (events_document_parse(&parsed, base_slice_text(text), &err) != BASE_OK) {
		fhir_refuse(job, at, "as a record: %.700s", err.text);
	} else {
		events_document_free(&parsed);
		base_buf_append(&job->consent->document, base_slice_text(text));
	}
	free(text);
}

void fhir_translate(struct fhir_job *job, const struct fhir_at *at, const json_t *consent)
{
	const struct fhir_patient *patient;
	const char *original;
	char hex[65];
	json_t *act, *capacity, *document;

	if (!fhir_members(job, at, consent, consent_members))
		return;
	take_labels(job, consent);
	take_scope(job, at, consent);
	take_categories(job, at, consent);
	patient = take_patient(job, at, consent);
	take_when(job, at, consent);
	act = take_act(job, at, consent);
	original = json_string_value(json_object_get(json_object_get(consent, "meta"), "lastUpdated"));
	if (original != NULL) {
		const struct fhir_at meta = {at, "meta", 0};

		original = fhir_time(job, &meta, json_object_get(consent, "meta"), "lastUpdated");
	}
	if (job->consent->reason_count == 0 && act != NULL && patient != NULL && job->when != NULL) {
		base_hex(hex, base_hash_slice(&patient->participant));
		capacity = json_pack("{s:s}", "code", "imported");
		put_if(capacity, "original", original == NULL ? NULL : json_string(original));
		document = json_pack("{s:s, s:s, s:s, s:o, s:s, s:{s:s, s:O}}", "kind", "consent", "study", job->options->study, "when",
				     job->when, "capacity", capacity, "meaning", "authored", "body", "participant", hex, "act", act);
		if (document == NULL)
			fhir_refuse(job, at, "a text of the options is not UTF-8");
		else
			keep(job, at, document);
		json_decref(document);
	}
	json_decref(act);
}
