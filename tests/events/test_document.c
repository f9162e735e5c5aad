/* Documents: JSON to events and back, for every kind and every member; what people get wrong. */
#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* ---- Round trips -------------------------------------------------------- */

static void sign_document(struct base_buf *out, const char *text)
{
	struct events_document document;
	struct keys_private *key = sample_key();
	struct base_error err = {""};

	ck_assert_msg(events_document_parse(&document, base_slice_text(text), &err) == BASE_OK, "%s\n%.2000s", err.text,
		      text);
	document.envelope.sequence = 1;
	document.envelope.claimed.ms = 1772355600000;
	ck_assert_int_eq(document.subject_study != NULL, document.envelope.kind->needs_study);
	ck_assert_msg(events_sign(out, &document.envelope, SAMPLE_ISSUER,
				  document.subject_study == NULL ? SAMPLE_ORIGIN : document.subject_study, key,
				  &err) == BASE_OK,
		      "%s", err.text);
	events_document_free(&document);
	ck_assert_ptr_null(document.subject_study);
	keys_private_close(key);
}

static char *text_of(const struct base_buf *buf)
{
	char *text = base_alloc(buf->len + 1);

	memcpy(text, buf->data, buf->len);
	return text;
}

static json_t *load(const char *text)
{
	json_error_t why;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	ck_assert_msg(json != NULL, "%s\n%s", why.text, text);
	return json;
}

/* The document that says everything that a kind can say. */
static char *full_document(const struct events_kind *kind)
{
	struct base_buf bytes = BASE_BUF_INIT, document = BASE_BUF_INIT;
	struct events_event event;
	char *text;

	sample_event(&bytes, kind);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	sample_document(&document, &event);
	text = text_of(&document);
	base_buf_free(&bytes);
	base_buf_free(&document);
	return text;
}

START_TEST(document_when_recorded_and_shown_is_the_same)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		char *text = full_document(kinds[i]), *again_text;
		struct base_buf bytes = BASE_BUF_INIT, again = BASE_BUF_INIT, sample = BASE_BUF_INIT;
		json_t *before = load(text), *after;
		struct events_event event, first;

		sign_document(&bytes, text);
		ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
		sample_document(&again, &event);
		again_text = text_of(&again);
		after = load(again_text);
		ck_assert_msg(json_equal(before, after), "%s\n%s", text, again_text);
		/* And the bytes of the body are those that the table's own writer made. */
		sample_event(&sample, kinds[i]);
		ck_assert_int_eq(events_decode(&first, base_buf_slice(&sample), NULL), BASE_OK);
		ck_assert(base_slice_equal(first.envelope.body, event.envelope.body));
		ck_assert(base_slice_equal(first.envelope.refs, event.envelope.refs));
		ck_assert(base_slice_equal(first.envelope.sealed, event.envelope.sealed));
		json_decref(before);
		json_decref(after);
		base_buf_free(&bytes);
		base_buf_free(&again);
		base_buf_free(&sample);
		free(text);
		free(again_text);
	}
}
END_TEST

START_TEST(template_when_parsed_is_a_document)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		struct base_buf template = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
		struct events_event event;
		char *text;

		events_template(&template, kinds[i]);
		text = text_of(&template);
		ck_assert_ptr_nonnull(strstr(text, "// "));
		sign_document(&bytes, text);
		ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
		ck_assert_ptr_eq(event.envelope.kind, kinds[i]);
		free(text);
		base_buf_free(&template);
		base_buf_free(&bytes);
	}
}
END_TEST

/* Deletes the "// " of a line if what follows is a member, bracket or element, not words. */
static void uncomment(struct base_buf *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n"), tabs = strspn(text, "\t");
		const char *rest = text + tabs;

		if (strncmp(rest, "// ", 3) == 0) {
			const char *said = rest + 3 + strspn(rest + 3, "\t");

			if (strchr("\",{}[]", said[0]) != NULL || strncmp(said, "// ", 3) == 0)
				rest = rest + 3;
		}
		base_buf_append(out, base_slice(rest, len - (size_t)(rest - text)));
		base_buf_byte(out, '\n');
		text += len + (text[len] == '\n');
	}
}

START_TEST(template_when_all_comments_lifted_says_everything)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		struct base_buf template = BASE_BUF_INIT, lifted = BASE_BUF_INIT, bytes = BASE_BUF_INIT;
		struct events_event event;
		char *text;

		if (kinds[i]->id == EVENTS_ATTEST || sample_variants(kinds[i]) > 1)
			continue; /* it says one thing or the other */
		events_template(&template, kinds[i]);
		text = text_of(&template);
		uncomment(&lifted, text);
		free(text);
		text = text_of(&lifted);
		sign_document(&bytes, text);
		ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
		ck_assert(event.envelope.has_reason_text && event.envelope.capacity.has_original);
		ck_assert(event.envelope.refs.len > 0 && event.envelope.sealed.len > 0);
		for (size_t f = 0; f < kinds[i]->body.count; f++)
			ck_assert(events_has(event.envelope.body, kinds[i]->body.fields[f].key));
		free(text);
		base_buf_free(&template);
		base_buf_free(&lifted);
		base_buf_free(&bytes);
	}
}
END_TEST

/* ---- Every member wrong in every way ------------------------------------ */

static size_t tried;

static void expect(const json_t *document, bool ok, const char *path, const char *words)
{
	char *text = json_dumps(document, 0);
	struct events_document parsed;
	struct base_error err = {""};
	enum base_code code = events_document_parse(&parsed, base_slice_text(text), &err);

	tried++;
	if (ok) {
		ck_assert_msg(code == BASE_OK, "%s: %s", path, err.text);
		events_document_free(&parsed);
	} else {
		ck_assert_msg(code == BASE_MALFORMED || code == BASE_LIMIT, "%s (%s) was taken: %s", path,
			      words, text);
		ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0 || strstr(err.text, "says nothing") != NULL,
			      "%s is not at the start of: %s", path, err.text);
		ck_assert_msg(strstr(err.text, words) != NULL || strstr(err.text, "says nothing") != NULL,
			      "\"%s\" not in: %s", words, err.text);
	}
	free(text);
}

static void expect_wrong(const json_t *document, json_t *object, const char *name, json_t *wrong, const char *path)
{
	json_t *right = json_incref(json_object_get(object, name));

	ck_assert_int_eq(json_object_set_new(object, name, wrong), 0);
	expect(document, false, path, "");
	ck_assert_int_eq(json_object_set_new(object, name, right), 0);
}

/* up: path of the object, ending in "." or empty; error texts name the place of an unknown member by its object. */
static void expect_misspelt(const json_t *document, json_t *object, const char *name, const char *up)
{
	json_t *right = json_incref(json_object_get(object, name));
	char wrong[80], at[160], hint[160];

	(void)snprintf(wrong, sizeof(wrong), "%sx", name);
	(void)snprintf(at, sizeof(at), "%s", up);
	if (at[0] != '\0')
		at[strlen(at) - 1] = '\0';
	(void)snprintf(hint, sizeof(hint), "unknown member \"%s\"; did you mean \"", wrong);
	ck_assert_int_eq(json_object_del(object, name), 0);
	ck_assert_int_eq(json_object_set(object, wrong, right), 0);
	expect(document, false, at, hint);
	ck_assert_int_eq(json_object_del(object, wrong), 0);
	ck_assert_int_eq(json_object_set_new(object, name, right), 0);
}

static void try_struct(const json_t *document, json_t *object, const struct events_struct *of, const char *up);

static void try_member(const json_t *document, json_t *object, const struct events_struct *of,
		       const struct events_field *field, const char *up)
{
	json_t *right = json_incref(json_object_get(object, field->name));
	/* What a document need not say because most events say the same. */
	bool defaulted = of == &events_document_struct && (field->key == 6 || field->key == 7);
	bool may_miss = (field->optional && json_object_size(object) > of->at_least) || defaulted;
	char path[160], element[200];

	(void)snprintf(path, sizeof(path), "%s%s", up, field->name);
	ck_assert_int_eq(json_object_del(object, field->name), 0);
	expect(document, may_miss, path, "missing");
	ck_assert_int_eq(json_object_set(object, field->name, right), 0);
	expect_wrong(document, object, field->name, json_null(), path);
	expect_wrong(document, object, field->name, json_real(1.5), path);
	expect_wrong(document, object, field->name, json_integer(-1), path);
	expect_wrong(document, object, field->name, json_string(""), path);
	expect_wrong(document, object, field->name, json_string("no such value\r"), path);
	expect_wrong(document, object, field->name, json_array(), path);
	if (field->type == EVENTS_STRUCT && field->of->count == 0) {
		json_decref(right);
		return;
	}
	if (field->type != EVENTS_STRUCT && field->type != EVENTS_PUBLIC)
		expect_wrong(document, object, field->name, json_object(), path);
	if (field->type == EVENTS_STRUCT) {
		(void)snprintf(element, sizeof(element), "%s.", path);
		try_struct(document, right, field->of, element);
	} else if (field->type == EVENTS_LIST && field->element == EVENTS_STRUCT) {
		(void)snprintf(element, sizeof(element), "%s[1].", path);
		try_struct(document, json_array_get(right, 1), field->of, element);
	} else if (field->type == EVENTS_LIST) {
		json_t *was = json_incref(json_array_get(right, 1));

		(void)snprintf(element, sizeof(element), "%s[1]", path);
		ck_assert_int_eq(json_array_set_new(right, 1, json_integer(-1)), 0);
		expect(document, false, element, "");
		ck_assert_int_eq(json_array_set_new(right, 1, was), 0);
	}
	expect_misspelt(document, object, field->name, up);
	json_decref(right);
}

static void try_struct(const json_t *document, json_t *object, const struct events_struct *of, const char *up)
{
	for (size_t i = 0; i < of->count; i++)
		if (json_object_get(object, of->fields[i].name) != NULL)
			try_member(document, object, of, &of->fields[i], up);
}

START_TEST(document_when_member_is_wrong_names_its_place)
{
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		char *text = full_document(kinds[i]);
		json_t *document = load(text);

		if (kinds[i]->needs_reason) { /* cannot be left out here */
			json_object_del(document, "reason");
			expect(document, false, kinds[i]->name, "reason: missing");
			json_object_set_new(document, "reason", json_pack("{s:s}", "code", "other"));
			json_object_del(document, "refs");
			try_struct(document, json_object_get(document, "body"), &kinds[i]->body, "body.");
		} else {
			try_struct(document, document, &events_document_struct, "");
			try_struct(document, json_object_get(document, "body"), &kinds[i]->body, "body.");
		}
		json_decref(document);
		free(text);
	}
	ck_assert_uint_ge(tried, 2500);
}
END_TEST

/* ---- What people get wrong ---------------------------------------------- */

/* clang-format off */
#define ITEM \
	"\"cid\": \"bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna\", " \
	"\"commitment\": \"00000000000000000000000000000000000000000000000000000000000000aa\", \"length\": 5"
/* clang-format on */
#define SUBMIT(members) "{\"kind\": \"data.submit\", \"study\": \"s\", \"when\": \"2026-03-01\", " members "}"

static const struct {
	const char *document;
	const char *error; /* "": accepted */
} said[] = {
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genomic\"}]}"), ""},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genom\"}]}"),
	 "body.items[0].category: unknown code \"genom\"; did you mean \"genomic\"?"},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"xyz\"}]}"),
	 "body.items[0].category: unknown code \"xyz\""},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": 2}]}"),
	 "body.items[0].category: expected a code, found a number"},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genomic\", \"participants\": \"aa\"}]}"),
	 "body.items[0]: unknown member \"participants\"; did you mean \"participant\"?"},
	{SUBMIT("\"body\": {\"items\": []}"), "body.items: 0 elements; at least 1"},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genomic\", \"participant\": \"aabb\"}]}"),
	 "body.items[0].participant: 2 bytes, not 32"},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genomic\", \"participant\": \"P-001\"}]}"),
	 "body.items[0].participant: not a participant's reference (64 hex digits)"},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genomic\", \"collected\": \"2026-02-31\"}]}"),
	 "body.items[0].collected: day \"2026-02-31\" has a day that its month does not have"},
	{SUBMIT("\"body\": {\"items\": [{" ITEM ", \"category\": \"genomic\", \"length\": 5}]}"), "not JSON: line 1"},
	{SUBMIT("\"sequence\": 4, \"body\": {}"), "member \"sequence\" is set when the event is signed; "
	 "leave it out"},
	{SUBMIT("\"reasons\": {}"), "unknown member \"reasons\"; did you mean \"reason\"?"},
	{SUBMIT("\"subject\": \"s\""), "unknown member \"subject\""},
	{SUBMIT("\"body\": null"), "body: expected an object {\xe2\x80\xa6}, found null; leave the member out"},
	{"{\"kind\": \"data.submitt\"}", "kind: unknown kind; did you mean \"data.submit\"?"},
	{"{\"kind\": 3}", "kind: missing; say which, like \"data.submit\""},
	{"{}", "kind: missing; say which, like \"data.submit\""},
	{"[]", "a document is an object {\"kind\": \xe2\x80\xa6}, not a list"},
	{"", "not JSON: line"},
	{"{\"kind\": \"data.submit\", \"when\": \"2026-03-01\"}",
	 "study: missing; a submission of data belongs to a study"},
	{"{\"kind\": \"study.register\", \"study\": \"s\"}",
	 "study: a registration of a study belongs to the whole ledger; leave it out"},
	{"{\"kind\": \"study.close\", \"study\": \"A B\"}", "study: not a study's code (1 to 64 of a-z 0-9 . _ -)"},
	{"{\"kind\": \"study.close\", \"study\": 7}", "study: not a study's code (1 to 64 of a-z 0-9 . _ -)"},
	{"{\"kind\": \"study.close\", \"study\": \"s\"}", "when: missing"},
	{"{\"kind\": \"study.close\", \"study\": \"s\", \"when\": \"2026-03\"}", ""},
	{"// why\n{\"kind\": \"study.close\",\n \t// not https://example.org\n\"study\": \"s\", "
	 "\"when\": \"2026-03\"}\n//",
	 ""},
	{"{\"kind\": \"study.close\", \"study\": \"s\", // after a member\n \"when\": \"2026-03\"}",
	 "not JSON: line 1"},
	{"{\"kind\": \"study.close\", \"study\": \"s\", \"when\": \"2026-03\", \"body\": {\"note\": 1}}",
	 "body: unknown member \"note\""},
	{"{\"kind\": \"study.amend\", \"study\": \"s\", \"when\": \"2026-03\", \"body\": {}}",
	 "body: says nothing; it needs at least one of its members"},
	{"{\"kind\": \"data.retract\", \"study\": \"s\", \"when\": \"2026-03\", \"body\": {\"targets\": "
	 "[\"0000000000000000000000000000000000000000000000000000000000000001#0\"]}}",
	 "data.retract: reason: missing; a retraction of data says why"},
	{"{\"kind\": \"data.retract\", \"study\": \"s\", \"when\": \"2026-03\", \"reason\": {\"code\": "
	 "\"other\"}, \"body\": "
	 "{\"targets\": [\"0000000000000000000000000000000000000000000000000000000000000001#256\"]}}",
	 "body.targets[0]: item 256; the last of an event is 255"},
	{"{\"kind\": \"attest\", \"study\": \"s\", \"when\": \"2026-03\", \"body\": {\"meaning\": "
	 "\"verified\", \"targets\": "
	 "[{\"event\": \"0000000000000000000000000000000000000000000000000000000000000001\"}]}}",
	 ""},
	{"{\"kind\": \"attest\", \"study\": \"s\", \"when\": \"2026-03\", \"body\": {\"meaning\": "
	 "\"verified\", \"targets\": [{}]}}",
	 "body.targets[0]: says nothing; it needs exactly one of its members"},
	{"{\"kind\": \"attest\", \"study\": \"s\", \"when\": \"2026-03\", \"body\": {\"meaning\": "
	 "\"verified\", \"targets\": "
	 "[{\"event\": \"0000000000000000000000000000000000000000000000000000000000000001\", \"item\": "
	 "\"0000000000000000000000000000000000000000000000000000000000000001#0\"}]}}",
	 "body.targets[0]: 2 members; at most 1"},
	{"{\"kind\": \"governance.propose\", \"when\": \"2026-03\", \"body\": {\"action\": \"change-parameter\"}}",
	 "body.action: code \"change-parameter\" is reserved for a later version"},
	{"{\"kind\": \"actor.enrol\", \"when\": \"2026-03\", \"body\": {\"actor\": \"a/b\", \"roles\": "
	 "[\"monitor\", \"monitor\"], "
	 "\"proof\": \"AA==\"}}",
	 "body.roles[1]: given twice"},
	{"{\"kind\": \"actor.enrol\", \"when\": \"2026-03\", \"body\": {\"actor\": \"a/b\", \"roles\": [\"monitor\", "
	 "\"delegate\"], \"proof\": \"AA\"}}",
	 "body.proof: not bytes in base64"},
	{"{\"kind\": \"actor.enrol\", \"when\": \"2026-03\", \"body\": {\"actor\": \"a/b\", \"roles\": [\"monitor\", "
	 "\"delegate\"], \"proof\": \"AA==\"}}",
	 ""},
	{"{\"kind\": \"governance.recover\", \"when\": \"2026-03\", \"body\": {\"restored_size\": "
	 "\"18446744073709551615\", "
	 "\"last_size\": 9223372036854775807, \"last_root\": "
	 "\"0000000000000000000000000000000000000000000000000000000000000001\"}}",
	 ""},
	{"{\"kind\": \"governance.recover\", \"when\": \"2026-03\", \"body\": {\"restored_size\": "
	 "\"18446744073709551616\"}}",
	 "body.restored_size: expected a whole number from 0, found a text"},
	{"{\"kind\": \"governance.recover\", \"when\": \"2026-03\", \"body\": {\"restored_size\": "
	 "9223372036854775808}}",
	 "not JSON: line 1"},
	{"{\"kind\": \"governance.recover\", \"when\": \"2026-03\", \"body\": {\"restored_size\": -1}}",
	 "body.restored_size: expected a whole number from 0, found a number"},
	{"{\"kind\": \"study.close\", \"study\": \"s\", \"when\": \"2026-03\", \"capacity\": {\"code\": \"owner\"}}",
	 "capacity.code: unknown code \"owner\"; did you mean \"own\"?"},
	{"{\"kind\": \"study.close\", \"study\": \"s\", \"when\": \"2026-03\", \"meaning\": \"\xff\"}",
	 "not JSON: line 1"},
	{"{\"kind\": \"study.close\", \"study\": \"s\", \"when\": \"2026-03\", \"meaning\": \"\\u001b[31mred\"}",
	 "meaning: unknown code \"\xef\xbf\xbd[31mred\""},
};

START_TEST(document_when_people_err_says_what_to_do)
{
	for (size_t i = 0; i < SCHEMA_COUNT(said); i++) {
		struct events_document document;
		struct base_error err = {""};
		enum base_code code = events_document_parse(&document, base_slice_text(said[i].document), &err);

		if (said[i].error[0] == '\0') {
			ck_assert_msg(code == BASE_OK, "%s\n%s", err.text, said[i].document);
			events_document_free(&document);
		} else {
			ck_assert_msg(code == BASE_MALFORMED, "%s", said[i].document);
			ck_assert_msg(strncmp(err.text, said[i].error, strlen(said[i].error)) == 0,
				      "%s\ninstead of\n%s", err.text, said[i].error);
		}
	}
}
END_TEST

START_TEST(document_when_codes_in_any_order_writes_them_ascending)
{
	static const char text[] =
		"{\"kind\": \"actor.enrol\", \"when\": \"2026-03-01\", \"body\": {\"actor\": \"a/b\", "
		"\"roles\": [\"monitor\", \"investigator\", \"system\"], \"proof\": \"AA==\"}}";
	struct events_document document;
	struct wire_reader r;

	ck_assert_int_eq(events_document_parse(&document, base_slice_text(text), NULL), BASE_OK);
	ck_assert(events_find(document.envelope.body, 2, &r));
	ck_assert_uint_eq(wire_get_array(&r), 3);
	ck_assert_uint_eq(wire_get_uint(&r), EVENTS_ROLE_INVESTIGATOR);
	ck_assert_uint_eq(wire_get_uint(&r), EVENTS_ROLE_MONITOR);
	ck_assert_uint_eq(wire_get_uint(&r), EVENTS_ROLE_SYSTEM);
	ck_assert_uint_eq(document.envelope.meaning, EVENTS_MEANING_AUTHORED);
	ck_assert_uint_eq(document.envelope.capacity.code, EVENTS_CAPACITY_OWN);
	events_document_free(&document);
}
END_TEST

/* Numbers of purposes go beyond 63. */
START_TEST(document_when_codes_are_purposes_writes_them_ascending)
{
	static const char text[] =
		"{\"kind\": \"consent\", \"study\": \"s\", \"when\": \"2026-03-01\", \"body\": {\"participant\": "
		"\"0000000000000000000000000000000000000000000000000000000000000001\", \"act\": {\"refuse\": "
		"{\"provisions\": [{\"effect\": \"deny\", \"purposes\": [\"hl7.threat\", \"duo.gru\", \"hl7.treat\"%s]}]}}}}";
	char document_text[sizeof(text) + 32];
	struct events_document document;
	struct base_error err;
	struct wire_reader r;
	struct base_slice provisions;

	snprintf(document_text, sizeof(document_text), text, "");
	ck_assert_int_eq(events_document_parse(&document, base_slice_text(document_text), NULL), BASE_OK);
	provisions = events_raw(events_raw(events_raw(document.envelope.body, 2), EVENTS_CONSENT_REFUSE), 3);
	wire_read(&r, provisions);
	ck_assert_uint_eq(wire_get_array(&r), 1);
	ck_assert(events_find(wire_get_raw(&r), 4, &r));
	ck_assert_uint_eq(wire_get_array(&r), 3);
	ck_assert_uint_eq(wire_get_uint(&r), 42);
	ck_assert_uint_eq(wire_get_uint(&r), 64);
	ck_assert_uint_eq(wire_get_uint(&r), 120);
	events_document_free(&document);

	snprintf(document_text, sizeof(document_text), text, ", \"hl7.threat\"");
	ck_assert_int_eq(events_document_parse(&document, base_slice_text(document_text), &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "body.act.refuse.provisions[0].purposes[3]: given twice");
}
END_TEST

START_TEST(document_when_too_long_or_deep_refuses)
{
	struct events_document document;
	struct base_buf text = BASE_BUF_INIT;

	for (size_t i = 0; i < (1u << 20) + 1; i++)
		base_buf_byte(&text, '[');
	ck_assert_int_eq(events_document_parse(&document, base_buf_slice(&text), NULL), BASE_LIMIT);
	text.len--;
	ck_assert_int_eq(events_document_parse(&document, base_buf_slice(&text), NULL), BASE_MALFORMED);
	base_buf_free(&text);
}
END_TEST

START_TEST(json_when_number_is_beyond_63_bits_is_text)
{
	const struct events_kind *recover = events_kind_by_id(EVENTS_GOVERNANCE_RECOVER);
	struct base_buf bytes = BASE_BUF_INIT, json = BASE_BUF_INIT;
	struct events_event event;
	char *text;

	sample_event(&bytes, recover);
	ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
	events_to_json(&json, &event);
	text = text_of(&json);
	ck_assert_ptr_nonnull(strstr(text, "\"restored_size\":\"18446744073709551615\""));
	ck_assert_ptr_null(strchr(text, '\n'));
	free(text);
	base_buf_free(&bytes);
	base_buf_free(&json);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		document_when_recorded_and_shown_is_the_same,
		template_when_parsed_is_a_document,
		template_when_all_comments_lifted_says_everything,
		document_when_member_is_wrong_names_its_place,
		document_when_people_err_says_what_to_do,
		document_when_codes_in_any_order_writes_them_ascending,
		document_when_codes_are_purposes_writes_them_ascending,
		document_when_too_long_or_deep_refuses,
		json_when_number_is_beyond_63_bits_is_text,
		NULL,
	};

	return suite_run("events/document", tests);
}
