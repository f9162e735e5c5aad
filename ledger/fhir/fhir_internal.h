/* What the files of fhir share: places in the JSON, reasons, tables of codes. */
#ifndef LEDGER_FHIR_FHIR_INTERNAL_H
#define LEDGER_FHIR_FHIR_INTERNAL_H

#include <jansson.h>

#include "ledger/events/events.h"
#include "ledger/fhir/fhir.h"

/* Strict JSON, limits looked at before anything is allocated: docs/import.md. */
BASE_MUST_USE enum base_code fhir_load(json_t **out, struct base_slice text, struct base_error *err);

/* A place, on the walker's stack; text only for a reason. name NULL: element number index. */
struct fhir_at {
	const struct fhir_at *up;
	const char *name;
	size_t index;
};
#define FHIR_PLACE_BYTES 512
void fhir_place(char out[FHIR_PLACE_BYTES], const struct fhir_at *at);

/* One Consent on its way. */
struct fhir_job {
	const struct fhir_options *options;
	struct fhir_consent *consent;
	bool research;      /* its scope */
	bool has_base;      /* policyRule is OPTIN or OPTOUT */
	bool opted_in;
	const char *when;   /* dateTime, or what the options say; NULL: neither, which is a reason by now */
};
void fhir_refuse(struct fhir_job *job, const struct fhir_at *at, const char *format, ...) BASE_PRINTF(3, 4);
/* At most 60 bytes of a text from the file, fit for a terminal; "(no text)" if it is none. */
struct fhir_quoted {
	char text[200];
};
struct fhir_quoted fhir_quote(const json_t *text);

/* What becomes of an element. */
enum fhir_fate {
	FHIR_MAPPED, /* somebody else looks at it */
	FHIR_SOURCE, /* permits and forbids nothing: it stays in the sealed source */
	FHIR_REFUSED,
};
struct fhir_member {
	const char *name;
	enum fhir_fate fate;
	const char *why; /* of a refusal */
};
/* Every member of an object is in the table (which ends with a NULL name), or a reason. False when it is no object. */
bool fhir_members(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const struct fhir_member *table);
/* A list at name: NULL when absent, and, with a reason, when it is no list or empty. */
const json_t *fhir_list(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const char *name);
/* A text at name, or NULL; with a reason when it is something else. */
const char *fhir_text(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const char *name);
/* A date or dateTime at name that a record can hold, or NULL, with a reason unless it is absent. */
const char *fhir_time(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const char *name);

/* A coding that is known: what it means, or why it is refused. */
struct fhir_code {
	const char *system, *code;
	int value;
	const char *why; /* not NULL: refused */
};
/* The value of a CodeableConcept, by the codings of it that the table has; -1 with a reason. */
int fhir_concept(struct fhir_job *job, const struct fhir_at *at, const json_t *concept, const struct fhir_code *table);
/* The same of a single Coding. */
int fhir_coding(struct fhir_job *job, const struct fhir_at *at, const json_t *coding, const struct fhir_code *table);

/* codes.c */
enum fhir_scope { FHIR_SCOPE_RESEARCH, FHIR_SCOPE_PRIVACY };
enum fhir_action { FHIR_COLLECT, FHIR_ACCESS, FHIR_USE, FHIR_DISCLOSE };
enum fhir_base { FHIR_OPTIN, FHIR_OPTOUT };
extern const struct fhir_code fhir_scopes[], fhir_categories[], fhir_actions[], fhir_bases[], fhir_roles[], fhir_classes[],
	fhir_policies[];
/* A policy of the German broad consent; fhir_policies' value is its place in this table. */
enum fhir_collected { FHIR_COLLECTED_ANY, FHIR_COLLECTED_FROM, FHIR_COLLECTED_BEFORE };
struct fhir_policy {
	uint32_t permits, denies; /* bits of EVENTS_USES: what a permit grants at least, what a deny takes away at most */
	enum fhir_collected collected;
	bool scientific; /* permits hold in countries of the European Economic Area */
};
extern const struct fhir_policy fhir_policy_meanings[];
extern const char *const fhir_eea[]; /* ends with NULL */
/* Bits of EVENTS_USES of an action. */
uint32_t fhir_action_uses(int action, bool denies);
json_t *fhir_uses(uint32_t bits); /* names */

/* provision.c: what the Consent permits and forbids, as a list of provisions; NULL with reasons. */
json_t *fhir_provisions(struct fhir_job *job, const struct fhir_at *at, const json_t *consent);

/* consent.c */
void fhir_translate(struct fhir_job *job, const struct fhir_at *at, const json_t *consent);

#endif
