/* A file: one Consent, or a Bundle with some. */
#include "ledger/fhir/fhir_internal.h"

#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	size_t bytes;
	char *out;

	if (text == NULL)
		return NULL;
	bytes = strlen(text) + 1;
	out = base_alloc(bytes);
	memcpy(out, text, bytes);
	return out;
}

static const char *type_of(const json_t *resource)
{
	return json_string_value(json_object_get(resource, "resourceType"));
}

static bool is_type(const json_t *resource, const char *type)
{
	return type_of(resource) != NULL && strcmp(type_of(resource), type) == 0;
}

static struct fhir_consent *begin(struct fhir_file *out, const struct fhir_at *at, const json_t *consent)
{
	struct fhir_consent *made;
	char place[FHIR_PLACE_BYTES];

	if (out->count % 16 == 0)
		out->consents = base_realloc(out->consents, (out->count + 16) * sizeof(*out->consents));
	made = &out->consents[out->count++];
	memset(made, 0, sizeof(*made));
	fhir_place(place, at);
	made->path = copy(place);
	made->id = copy(json_string_value(json_object_get(consent, "id")));
	made->patient = copy(json_string_value(json_object_get(json_object_get(consent, "patient"), "reference")));
	return made;
}

/* The same resource twice, or two patients where one participant was named for all. */
static void compare(struct fhir_file *out, struct fhir_job *job, const struct fhir_at *at)
{
	const struct fhir_at id = {at, "id", 0}, patient = {at, "patient", 0};

	for (size_t i = 0; i + 1 < out->count; i++) {
		const struct fhir_consent *other = &out->consents[i];

		if (job->consent->id != NULL && other->id != NULL && strcmp(job->consent->id, other->id) == 0) {
			fhir_refuse(job, &id, "the same as that of %s: the Bundle has it twice", other->path);
			return;
		}
		if (job->options->patient_count == 1 && job->options->patients[0].reference == NULL && job->consent->patient != NULL &&
		    other->patient != NULL && strcmp(job->consent->patient, other->patient) != 0) {
			fhir_refuse(job, &patient, "another patient than %s has, and one participant was named for all; name each "
						   "(--participants)", other->path);
			return;
		}
	}
}

static void one(struct fhir_file *out, const struct fhir_at *at, const json_t *consent, struct base_slice text,
		const struct fhir_options *options)
{
	struct fhir_job job = {.options = options, .consent = begin(out, at, consent)};
	char *written;

	if (text.len > 0) {
		base_buf_append(&job.consent->source, text);
	} else {
		written = json_dumps(consent, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		BASE_ASSERT(written != NULL);
		base_buf_append(&job.consent->source, base_slice_text(written));
		free(written);
	}
	compare(out, &job, at);
	fhir_translate(&job, at, consent);
	if (job.consent->reason_count > 0)
		base_buf_free(&job.consent->document);
}

static void refuse_entry(struct fhir_file *out, const struct fhir_at *at, const json_t *entry, const struct fhir_options *options)
{
	struct fhir_consent *consent = &out->consents[out->count - 1];
	struct fhir_job job = {.options = options, .consent = consent};
	const json_t *request = json_object_get(entry, "request");
	const char *method = json_string_value(json_object_get(request, "method"));
	const struct fhir_at here = {at, "request", 0};

	if (request != NULL && (method == NULL || (strcmp(method, "POST") != 0 && strcmp(method, "PUT") != 0)))
		fhir_refuse(&job, &here, "%s: an entry that is not to be stored", fhir_quote(json_object_get(request, "method")).text);
	if (consent->reason_count > 0)
		base_buf_free(&consent->document);
}

static enum base_code bundle(struct fhir_file *out, const json_t *root, const struct fhir_options *options, struct base_error *err)
{
	const json_t *entries = json_object_get(root, "entry");
	const struct fhir_at top = {NULL, "$", 0}, list = {&top, "entry", 0};

	if (entries != NULL && !json_is_array(entries))
		return base_fail(err, BASE_MALFORMED, "$.entry: not a list");
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const struct fhir_at entry = {&list, NULL, i}, here = {&entry, "resource", 0};
		const json_t *resource = json_object_get(json_array_get(entries, i), "resource");

		if (!is_type(resource, "Consent")) {
			out->others++;
			continue;
		}
		if (out->count == FHIR_CONSENTS_MAX)
			return base_fail(err, BASE_LIMIT, "more than %u Consents", FHIR_CONSENTS_MAX);
		one(out, &here, resource, base_slice(NULL, 0), options);
		refuse_entry(out, &entry, json_array_get(entries, i), options);
	}
	return BASE_OK;
}

enum base_code fhir_consents(struct fhir_file *out, struct base_slice text, const struct fhir_options *options,
			     struct base_error *err)
{
	const struct fhir_at top = {NULL, "$", 0};
	json_t *root;
	enum base_code code;

	*out = (struct fhir_file){0};
	if ((code = fhir_load(&root, text, err)) != BASE_OK)
		return code;
	if (!json_is_object(root) || type_of(root) == NULL)
		code = base_fail(err, BASE_MALFORMED, "no FHIR resource: an object with a resourceType is wanted");
	else if (is_type(root, "Consent"))
		one(out, &top, root, text, options);
	else if (is_type(root, "Bundle"))
		code = bundle(out, root, options, err);
	else
		code = base_fail(err, BASE_MALFORMED, "%s; a Consent, or a Bundle that holds some, is wanted",
				 fhir_quote(json_object_get(root, "resourceType")).text);
	if (code == BASE_OK && out->count == 0)
		code = base_fail(err, BASE_MALFORMED, "the Bundle holds no Consent");
	json_decref(root);
	return code;
}

enum base_code fhir_refusal(const struct fhir_file *file, struct base_error *err)
{
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < file->count; i++) {
		if (first == NULL && file->consents[i].reason_count > 0)
			first = file->consents[i].reasons[0];
		count += file->consents[i].reason_count;
	}
	if (count == 0)
		return BASE_OK;
	if (count == 1)
		return base_fail(err, BASE_MALFORMED, "%.800s", first);
	return base_fail(err, BASE_MALFORMED, "%.700s (and %zu more reasons; --dry-run lists them)", first, count - 1);
}

void fhir_file_free(struct fhir_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		struct fhir_consent *consent = &file->consents[i];

		free(consent->path);
		free(consent->id);
		free(consent->patient);
		base_buf_free(&consent->source);
		base_buf_free(&consent->document);
		for (size_t n = 0; n < FHIR_REASONS_MAX; n++)
			free(consent->reasons[n]);
	}
	free(file->consents);
	*file = (struct fhir_file){0};
}
