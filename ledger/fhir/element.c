/* Elements of a resource: members, lists, texts, times, codes; and reasons with their place. */
#include "ledger/fhir/fhir_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- Places and reasons -------------------------------------------------- */

static size_t place_put(char out[FHIR_PLACE_BYTES], const struct fhir_at *at)
{
	size_t len = at->up == NULL ? 0 : place_put(out, at->up);
	int n;

	if (len >= FHIR_PLACE_BYTES - 1)
		return len;
	if (at->name == NULL)
		n = snprintf(out + len, FHIR_PLACE_BYTES - len, "[%zu]", at->index);
	else
		n = snprintf(out + len, FHIR_PLACE_BYTES - len, "%s%.60s", at->up == NULL ? "" : ".", at->name);
	len += n > 0 ? (size_t)n : 0;
	return len < FHIR_PLACE_BYTES ? len : FHIR_PLACE_BYTES - 1;
}

void fhir_place(char out[FHIR_PLACE_BYTES], const struct fhir_at *at)
{
	out[place_put(out, at)] = '\0';
}

void fhir_refuse(struct fhir_job *job, const struct fhir_at *at, const char *format, ...)
{
	struct fhir_consent *consent = job->consent;
	struct base_buf printable = BASE_BUF_INIT;
	char place[FHIR_PLACE_BYTES], text[768], *reason;
	va_list args;

	if (consent->reason_count++ >= FHIR_REASONS_MAX)
		return;
	fhir_place(place, at);
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), base_message(format), args);
	va_end(args);
	base_printable(&printable, base_slice_text(place));
	base_buf_print(&printable, ": %s", text);
	reason = base_alloc(printable.len + 1);
	memcpy(reason, printable.data, printable.len);
	base_buf_free(&printable);
	consent->reasons[consent->reason_count - 1] = reason;
}

struct fhir_quoted fhir_quote(const json_t *text)
{
	struct fhir_quoted out;
	struct base_buf printable = BASE_BUF_INIT;
	struct base_slice bytes;
	bool cut;

	(void)snprintf(out.text, sizeof(out.text), "%s", base_message("(no text)"));
	if (!json_is_string(text))
		return out;
	bytes = base_slice(json_string_value(text), json_string_length(text));
	cut = bytes.len > 60;
	if (cut) {
		bytes.len = 60;
		while (bytes.len > 0 && (bytes.data[bytes.len] & 0xc0) == 0x80)
			bytes.len--;
	}
	base_printable(&printable, bytes);
	(void)snprintf(out.text, sizeof(out.text), "\"%.*s%s\"", (int)printable.len,
		       printable.len == 0 ? "" : (const char *)printable.data, cut ? "\xe2\x80\xa6" : "");
	base_buf_free(&printable);
	return out;
}

/* ---- Members ------------------------------------------------------------- */

static const struct fhir_member *member_named(const struct fhir_member *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

bool fhir_members(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const struct fhir_member *table)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object)) {
		fhir_refuse(job, at, "not an object");
		return false;
	}
	json_object_foreach ((json_t *)(uintptr_t)object, name, value) {
		const struct fhir_member *member = member_named(table, name);
		const struct fhir_at here = {at, name, 0};

		if (member != NULL && member->fate == FHIR_REFUSED)
			fhir_refuse(job, &here, "%s", base_message(member->why));
		else if (member == NULL && strstr(name, "xtension") != NULL)
			fhir_refuse(job, &here, "an extension: what it says is not known");
		else if (member == NULL)
			fhir_refuse(job, &here, "%s", base_message(name[0] == '_' ? BASE_WORDS("an extension of a value: what it says is not known")
								      : BASE_WORDS("not an element of R4 that is known here")));
	}
	return true;
}

const json_t *fhir_list(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const char *name)
{
	const json_t *list = json_object_get(object, name);
	const struct fhir_at here = {at, name, 0};

	if (list == NULL)
		return NULL;
	if (!json_is_array(list) || json_array_size(list) == 0) {
		fhir_refuse(job, &here, "a list with at least one element is wanted");
		return NULL;
	}
	return list;
}

const char *fhir_text(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const char *name)
{
	const json_t *text = json_object_get(object, name);
	const struct fhir_at here = {at, name, 0};

	if (text == NULL)
		return NULL;
	if (!json_is_string(text) || json_string_length(text) == 0) {
		fhir_refuse(job, &here, "a text is wanted");
		return NULL;
	}
	return json_string_value(text);
}

const char *fhir_time(struct fhir_job *job, const struct fhir_at *at, const json_t *object, const char *name)
{
	const char *text = fhir_text(job, at, object, name);
	const struct fhir_at here = {at, name, 0};
	struct events_when when;
	struct base_error err;
	size_t len;

	if (text == NULL)
		return NULL;
	len = strlen(text);
	if (len == 4) {
		fhir_refuse(job, &here, "%s is a year alone; a record knows months, days and points in time",
			    fhir_quote(json_object_get(object, name)).text);
		return NULL;
	}
	/* What documents may have and FHIR may not: days with a zone, points without seconds. */
	if (len != 7 && len != 10 && (len < 20 || text[10] != 'T')) {
		fhir_refuse(job, &here, "%s is no dateTime of FHIR", fhir_quote(json_object_get(object, name)).text);
		return NULL;
	}
	if (events_when_parse(&when, base_slice_text(text), &err) != BASE_OK) {
		fhir_refuse(job, &here, "%s: %.300s", fhir_quote(json_object_get(object, name)).text, err.text);
		return NULL;
	}
	return text;
}

/* ---- Codes --------------------------------------------------------------- */

static const struct fhir_member coding_members[] = {
	{"system", FHIR_MAPPED, NULL},  {"code", FHIR_MAPPED, NULL},         {"display", FHIR_SOURCE, NULL},
	{"version", FHIR_SOURCE, NULL}, {"userSelected", FHIR_SOURCE, NULL}, {"id", FHIR_SOURCE, NULL},
	{NULL, FHIR_MAPPED, NULL},
};
static const struct fhir_member concept_members[] = {
	{"coding", FHIR_MAPPED, NULL}, {"text", FHIR_SOURCE, NULL}, {"id", FHIR_SOURCE, NULL}, {NULL, FHIR_MAPPED, NULL},
};

static const struct fhir_code *find_code(const json_t *coding, const struct fhir_code *table)
{
	const char *system = json_string_value(json_object_get(coding, "system"));
	const char *code = json_string_value(json_object_get(coding, "code"));

	if (system == NULL || code == NULL)
		return NULL;
	for (; table->system != NULL; table++)
		if (strcmp(table->system, system) == 0 && strcmp(table->code, code) == 0)
			return table;
	return NULL;
}

static void refuse_unknown(struct fhir_job *job, const struct fhir_at *at, const json_t *coding)
{
	fhir_refuse(job, at, "unknown code %s of %s", fhir_quote(json_object_get(coding, "code")).text,
		    fhir_quote(json_object_get(coding, "system")).text);
}

int fhir_coding(struct fhir_job *job, const struct fhir_at *at, const json_t *coding, const struct fhir_code *table)
{
	const struct fhir_code *found;

	if (!fhir_members(job, at, coding, coding_members))
		return -1;
	found = find_code(coding, table);
	if (found == NULL) {
		refuse_unknown(job, at, coding);
		return -1;
	}
	if (found->why != NULL) {
		fhir_refuse(job, at, "%s: %s", fhir_quote(json_object_get(coding, "code")).text, base_message(found->why));
		return -1;
	}
	return found->value;
}

int fhir_concept(struct fhir_job *job, const struct fhir_at *at, const json_t *concept, const struct fhir_code *table)
{
	const json_t *codings;
	const struct fhir_at list = {at, "coding", 0};
	int value = -1;

	if (!fhir_members(job, at, concept, concept_members))
		return -1;
	codings = json_object_get(concept, "coding");
	if (!json_is_array(codings) || json_array_size(codings) == 0) {
		fhir_refuse(job, at, "no code, only text; a person has to say what it means");
		return -1;
	}
	/* Codings of one concept are translations of each other: one that is known is enough, unless others differ. */
	for (size_t i = 0; i < json_array_size(codings); i++) {
		const struct fhir_at here = {&list, NULL, i};
		const struct fhir_code *found = find_code(json_array_get(codings, i), table);

		if (!fhir_members(job, &here, json_array_get(codings, i), coding_members))
			return -1;
		if (found != NULL && found->why != NULL) {
			fhir_refuse(job, &here, "%s: %s", fhir_quote(json_object_get(json_array_get(codings, i), "code")).text,
				    base_message(found->why));
			return -1;
		}
		if (found != NULL && value >= 0 && found->value != value) {
			fhir_refuse(job, &here, "says something else than the code before it");
			return -1;
		}
		if (found != NULL)
			value = found->value;
	}
	if (value < 0)
		refuse_unknown(job, at, json_array_get(codings, 0));
	return value;
}
