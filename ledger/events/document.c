/* JSON documents for `regesta record`: docs/json.md. */
#include "ledger/events/envelope.h"
#include "ledger/events/json.h"

#include <stdlib.h>
#include <string.h>

/* A full event in JSON is some 100 KB. */
#define DOCUMENT_BYTES_MAX (1u << 20)

static const struct events_path root = {NULL, NULL, 0};
static const struct events_path body_path = {&root, "body", 0};

/* What `regesta` itself puts into an event, and shows in JSON. */
static const char *const set_when_signed[] = {"id", "origin", "issuer", "key", "ledger", "sequence", "claimed"};
static const char *const own_members[] = {"kind", "study", "body"};

/* Blanks comment lines, so that places in jansson's messages stay right. */
static void blank_comments(struct base_buf *text)
{
	size_t at = 0;

	while (at < text->len) {
		size_t first = at, end = at;

		while (end < text->len && text->data[end] != '\n')
			end++;
		while (first < end && (text->data[first] == ' ' || text->data[first] == '\t'))
			first++;
		if (end - first >= 2 && text->data[first] == '/' && text->data[first + 1] == '/')
			memset(text->data + first, ' ', end - first);
		at = end + 1;
	}
}

static enum base_code load(json_t **out, struct base_slice json, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = BASE_OK;
	json_error_t why;

	if (json.len > DOCUMENT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "a document of %zu bytes; at most %u", json.len, DOCUMENT_BYTES_MAX);
	base_buf_append(&text, json);
	blank_comments(&text);
	*out = json_loadb(text.data == NULL ? "" : (const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &why);
	if (*out == NULL)
		code = base_fail(err, BASE_MALFORMED, "not JSON: line %d, column %d: %s", why.line, why.column,
				 why.text);
	else if (!json_is_object(*out))
		code = base_fail(err, BASE_MALFORMED, "a document is an object {\"kind\": …}, not %s",
				 json_type_name(*out));
	base_buf_free(&text);
	return code;
}

static bool is_document_member(const char *name)
{
	for (size_t i = 0; i < SCHEMA_COUNT(own_members); i++)
		if (strcmp(own_members[i], name) == 0)
			return true;
	for (size_t i = 0; i < events_document_struct.count; i++)
		if (strcmp(events_document_struct.fields[i].name, name) == 0)
			return true;
	return false;
}

static enum base_code check_member(const char *name, struct base_error *err)
{
	struct schema_nearest nearest = {base_slice_text(name), NULL, 0};

	if (is_document_member(name))
		return BASE_OK;
	for (size_t i = 0; i < SCHEMA_COUNT(set_when_signed); i++)
		if (strcmp(set_when_signed[i], name) == 0)
			return base_fail(err, BASE_MALFORMED,
					 "member \"%s\" is set when the event is signed; leave it out", name);
	for (size_t i = 0; i < SCHEMA_COUNT(own_members); i++)
		schema_nearest_offer(&nearest, own_members[i]);
	for (size_t i = 0; i < events_document_struct.count; i++)
		schema_nearest_offer(&nearest, events_document_struct.fields[i].name);
	return json_fail_unknown(&root, name, &nearest, err);
}

static enum base_code check_members(const json_t *json, struct base_error *err)
{
	enum base_code code;
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)json, name, value) {
		if ((code = check_member(name, err)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}

static enum base_code read_kind(struct events_document *out, const json_t *json, struct base_error *err)
{
	const char *name = json_string_value(json_object_get(json, "kind"));
	struct schema_nearest nearest = {base_slice_text(name), NULL, 0};
	const struct events_kind *const *kinds;
	char hint[128];
	size_t count;

	if (name == NULL)
		return base_fail(err, BASE_MALFORMED, "kind: missing; say which, like \"data.submit\"");
	out->envelope.kind = events_kind_by_name(base_slice_text(name));
	if (out->envelope.kind != NULL)
		return BASE_OK;
	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++)
		schema_nearest_offer(&nearest, kinds[i]->name);
	schema_nearest_hint(hint, &nearest);
	return base_fail(err, BASE_MALFORMED, "kind: unknown kind%s", hint);
}

static enum base_code read_study(struct events_document *out, const json_t *json, struct base_error *err)
{
	const struct events_kind *kind = out->envelope.kind;
	const json_t *study = json_object_get(json, "study");
	const char *name = json_string_value(study);
	size_t bytes;

	if (!kind->needs_study)
		return study == NULL ? BASE_OK
				     : base_fail(err, BASE_MALFORMED,
						 "study: a %s belongs to the whole ledger; leave it out", base_message(kind->words));
	if (study == NULL)
		return base_fail(err, BASE_MALFORMED, "study: missing; a %s belongs to a study", base_message(kind->words));
	if (name == NULL || !events_text_valid(EVENTS_STUDY, base_slice_text(name)))
		return base_fail(err, BASE_MALFORMED, "study: not %s", schema_type_name(EVENTS_STUDY));
	bytes = strlen(name) + 1;
	out->subject_study = base_alloc(bytes);
	memcpy(out->subject_study, name, bytes);
	return BASE_OK;
}

/* The members when … sealed, with what is true of most events where they say nothing. */
static json_t *head_of(const json_t *json)
{
	json_t *head = json_object();

	for (size_t i = 0; i < events_document_struct.count; i++) {
		json_t *value = json_object_get(json, events_document_struct.fields[i].name);

		if (value != NULL)
			BASE_ASSERT(json_object_set(head, events_document_struct.fields[i].name, value) == 0);
	}
	if (json_object_get(head, "capacity") == NULL)
		BASE_ASSERT(json_object_set_new(head, "capacity", json_pack("{s:s}", "code", "own")) == 0);
	if (json_object_get(head, "meaning") == NULL)
		BASE_ASSERT(json_object_set_new(head, "meaning", json_string("authored")) == 0);
	return head;
}

static enum base_code read_pieces(struct events_document *out, const json_t *head, const json_t *body,
				  struct base_error *err)
{
	const struct events_struct *declared = &out->envelope.kind->body;
	struct base_slice whole;
	size_t head_len;
	enum base_code code;

	if ((code = json_read_struct(&out->storage, &root, &events_document_struct, head, err)) != BASE_OK)
		return code;
	head_len = out->storage.len;
	if ((code = json_read_struct(&out->storage, &body_path, declared, body, err)) != BASE_OK)
		return code;
	whole = base_buf_slice(&out->storage);
	out->envelope.body = base_slice(whole.data + head_len, whole.len - head_len);
	whole.len = head_len;
	if ((code = schema_check_bytes(&root, &events_document_struct, whole, err)) != BASE_OK)
		return code;
	if ((code = schema_check_bytes(&body_path, declared, out->envelope.body, err)) != BASE_OK)
		return code;
	envelope_read(&out->envelope, whole);
	return envelope_check_reason(&out->envelope, err);
}

enum base_code events_document_parse(struct events_document *out, struct base_slice json, struct base_error *err)
{
	json_t *document = NULL, *head = NULL, *nothing = json_object();
	const json_t *body;
	enum base_code code;

	memset(out, 0, sizeof(*out));
	if ((code = load(&document, json, err)) != BASE_OK)
		goto out;
	if ((code = check_members(document, err)) != BASE_OK)
		goto out;
	if ((code = read_kind(out, document, err)) != BASE_OK)
		goto out;
	if ((code = read_study(out, document, err)) != BASE_OK)
		goto out;
	head = head_of(document);
	body = json_object_get(document, "body");
	code = read_pieces(out, head, body == NULL ? nothing : body, err);
out:
	json_decref(document);
	json_decref(head);
	json_decref(nothing);
	if (code != BASE_OK)
		events_document_free(out);
	return code;
}

void events_document_free(struct events_document *doc)
{
	free(doc->subject_study);
	base_buf_free(&doc->storage);
	memset(doc, 0, sizeof(*doc));
}
