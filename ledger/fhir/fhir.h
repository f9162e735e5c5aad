/* fhir: consents of FHIR R4 as documents that `record` takes.
 *
 * Tour
 *   1. What is asked of the caller: everything that FHIR does not say. Which study,
 *      which participant a reference stands for, which form a policy, which party an actor.
 *   2. Translating. A file is a Consent or a Bundle; each Consent becomes one document of
 *      kind `consent`, or a list of reasons why not, each with its place in the JSON.
 *      Nothing is dropped: an element is mapped, or kept in the sealed source because it
 *      permits and forbids nothing, or named as a reason. docs/import.md has the tables.
 *
 * Pure: text in, text out; no clock, no I/O. Any thread.
 */
#ifndef LEDGER_FHIR_FHIR_H
#define LEDGER_FHIR_FHIR_H

#include "ledger/base/base.h"

/* ---- 1. What FHIR does not say ------------------------------------------ */

#define FHIR_BYTES_MAX (16u << 20)  /* of a file */
#define FHIR_STRING_MAX (4u << 20)  /* of one text in it */
#define FHIR_DEPTH_MAX 64
#define FHIR_VALUES_MAX 1000000u
#define FHIR_CONSENTS_MAX 1000u /* of a Bundle */
#define FHIR_REASONS_MAX 64u /* kept of a Consent; the rest is counted */

struct fhir_patient {
	const char *reference; /* "Patient/72"; NULL: whoever the file names, if it names one alone */
	struct base_hash participant;
};
struct fhir_form {
	const char *policy; /* policy.uri, or "system|code" of policyRule; NULL: any */
	const char *cid, *version, *language, *audience;
};
struct fhir_party {
	const char *reference; /* "Organization/f001" */
	const char *party;     /* organisation or actor of the ledger */
};
/* What a root provision without a type means: HL7's own examples have both. */
enum fhir_root {
	FHIR_ROOT_UNSAID,
	FHIR_ROOT_LIMITS,    /* the policy holds within it */
	FHIR_ROOT_EXCEPTION, /* the policy holds but for it */
};
struct fhir_options {
	const char *study;
	const struct fhir_patient *patients;
	const struct fhir_form *forms;
	const struct fhir_party *parties;
	const char *const *purposes; /* of permits that name none, where the scope is not research */
	size_t patient_count, form_count, party_count, purpose_count;
	enum fhir_root root;
	/* Each may be NULL: then what needs it is a reason. Codes by name, times as documents write them. */
	const char *signer, *means, *assent;
	const char *when;           /* where a Consent has no dateTime */
	const char *withdrawn;      /* when an inactive one ended */
	const char *existing, *samples; /* what an inactive one says of what exists */
	const char *annuls;         /* event id in hex, for one entered in error */
};

/* ---- 2. Translating ----------------------------------------------------- */

struct fhir_consent {
	char *path;               /* "$", "$.entry[3].resource" */
	char *id, *patient;       /* as the file has them; NULL: it has none */
	bool test;                /* labelled as test data (HTEST) */
	struct base_buf source;   /* its own JSON, to be sealed: exact bytes, or of an entry of a Bundle, written again */
	struct base_buf document; /* for events_document_parse; empty when there are reasons */
	char *reasons[FHIR_REASONS_MAX]; /* "$.provision.actor[0].role: …" */
	size_t reason_count;             /* may be over FHIR_REASONS_MAX */
};
struct fhir_file {
	struct fhir_consent *consents;
	size_t count;
	size_t others; /* resources of a Bundle that are no Consents: not looked at */
};
/* BASE_MALFORMED or BASE_LIMIT when it is no JSON, no FHIR, or has no Consent; BASE_OK even when Consents have
 * reasons. Free in either case. */
BASE_MUST_USE enum base_code fhir_consents(struct fhir_file *out, struct base_slice text,
					   const struct fhir_options *options, struct base_error *err);
/* BASE_MALFORMED with the first reason, and how many more there are; BASE_OK when there is none. */
BASE_MUST_USE enum base_code fhir_refusal(const struct fhir_file *file, struct base_error *err);
void fhir_file_free(struct fhir_file *file);

#endif
