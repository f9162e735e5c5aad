/* What is written from the declarations, and the worked examples, are in docs/ as the code has them now. After a
 * change: REGESTA_REGENERATE=1 build/tests/events/test_docs writes them again; then read what changed. */
#include "tests/base/suite.h"
#include "tests/events/sample.h"

#include <jansson.h>
#include <string.h>

#define DOCUMENT_BYTES_MAX (1u << 20)

static bool regenerating(void)
{
	return getenv("REGESTA_REGENERATE") != NULL;
}

static void assert_file(const char *path, const struct base_buf *expected)
{
	struct base_buf file = BASE_BUF_INIT;
	struct base_error err = {""};

	if (regenerating())
		ck_assert_msg(base_file_write(path, base_buf_slice(expected), 0644, true, &err) == BASE_OK, "%s",
			      err.text);
	ck_assert_msg(base_file_read(&file, path, DOCUMENT_BYTES_MAX, &err) == BASE_OK, "%s", err.text);
	ck_assert_msg(base_slice_equal(base_buf_slice(&file), base_buf_slice(expected)),
		      "%s is out of date: run test_docs with REGESTA_REGENERATE=1", path);
	base_buf_free(&file);
}

/* The part of a document between <!-- name --> and <!-- end of name -->. */
static void assert_part(const char *path, const char *name, const struct base_buf *expected)
{
	struct base_buf file = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct base_error err = {""};
	char begin[80], end[80];
	uint8_t *first, *last;

	(void)snprintf(begin, sizeof(begin), "<!-- %s -->\n", name);
	(void)snprintf(end, sizeof(end), "<!-- end of %s -->\n", name);
	ck_assert_msg(base_file_read(&file, path, DOCUMENT_BYTES_MAX, &err) == BASE_OK, "%s", err.text);
	first = memmem(file.data, file.len, begin, strlen(begin));
	ck_assert_msg(first != NULL, "%s has no %s", path, begin);
	first += strlen(begin);
	last = memmem(first, file.len - (size_t)(first - file.data), end, strlen(end));
	ck_assert_msg(last != NULL, "%s has no %s", path, end);
	base_buf_append(&again, base_slice(file.data, (size_t)(first - file.data)));
	base_buf_append(&again, base_buf_slice(expected));
	base_buf_append(&again, base_slice(last, file.len - (size_t)(last - file.data)));
	assert_file(path, &again);
	base_buf_free(&file);
	base_buf_free(&again);
}

/* ---- Hex and diagnostic notation ---------------------------------------- */

static void print_hex(struct base_buf *out, struct base_slice bytes)
{
	base_buf_reserve(out, 2 * bytes.len + 1);
	base_hex((char *)out->data + out->len, bytes);
	out->len += 2 * bytes.len;
}

/* "name", then 48 bytes a line. */
static void print_bytes(struct base_buf *out, const char *name, struct base_slice bytes)
{
	base_buf_print(out, "%s (%zu bytes)\n", name, bytes.len);
	for (size_t at = 0; at < bytes.len; at += 48) {
		base_buf_print(out, "  ");
		print_hex(out, base_slice(bytes.data + at, bytes.len - at < 48 ? bytes.len - at : 48));
		base_buf_byte(out, '\n');
	}
}

static void print_diagnostic(struct base_buf *out, struct wire_reader *r, unsigned depth);

static void print_many(struct base_buf *out, struct wire_reader *r, unsigned depth, bool map)
{
	uint64_t count = map ? wire_get_map(r) : wire_get_array(r);
	bool lines = map && count > 0;

	base_buf_print(out, "%c", map ? '{' : '[');
	for (uint64_t i = 0; i < count; i++) {
		if (lines)
			base_buf_print(out, "\n%*s", (int)(2 * depth + 2), "");
		else if (i > 0)
			base_buf_byte(out, ' ');
		if (map) {
			print_diagnostic(out, r, depth + 1);
			base_buf_print(out, ": ");
		}
		print_diagnostic(out, r, depth + lines);
		if (i + 1 < count)
			base_buf_byte(out, ',');
	}
	if (lines)
		base_buf_print(out, "\n%*s", (int)(2 * depth), "");
	base_buf_print(out, "%c", map ? '}' : ']');
}

/* RFC 8949 §8, as far as these structures need it. */
static void print_diagnostic(struct base_buf *out, struct wire_reader *r, unsigned depth)
{
	struct base_slice text;

	switch (wire_peek(r)) {
	case WIRE_UINT:
	case WIRE_NINT:
		base_buf_print(out, "%lld", (long long)wire_get_int(r));
		break;
	case WIRE_BYTES:
		base_buf_print(out, "h'");
		print_hex(out, wire_get_bytes(r));
		base_buf_print(out, "'");
		break;
	case WIRE_TEXT:
		text = wire_get_text(r);
		base_buf_print(out, "\"%.*s\"", (int)text.len, (const char *)text.data);
		break;
	case WIRE_ARRAY:
	case WIRE_MAP:
		print_many(out, r, depth, wire_peek(r) == WIRE_MAP);
		break;
	case WIRE_TAG:
		base_buf_print(out, "%llu(", (unsigned long long)wire_get_tag(r));
		print_diagnostic(out, r, depth);
		base_buf_print(out, ")");
		break;
	case WIRE_BOOL:
		base_buf_print(out, "%s", wire_get_bool(r) ? "true" : "false");
		break;
	case WIRE_NULL:
		wire_get_null(r);
		base_buf_print(out, "null");
		break;
	case WIRE_END:
	case WIRE_INVALID:
		ck_abort();
	}
}

static void print_cbor(struct base_buf *out, const char *name, struct base_slice cbor)
{
	struct wire_reader r;

	base_buf_print(out, "%s in diagnostic notation\n  ", name);
	wire_read(&r, cbor);
	print_diagnostic(out, &r, 1);
	ck_assert_int_eq(wire_done(&r, name, NULL), BASE_OK);
	base_buf_byte(out, '\n');
}

static void print_key(struct base_buf *out)
{
	struct keys_public public_key = sample_public(KEYS_SIGN);
	struct base_hash kid = keys_kid(&public_key);
	uint8_t private_key[32];

	for (unsigned i = 0; i < sizeof(private_key); i++)
		private_key[i] = (uint8_t)(i + 1);
	print_bytes(out, "private key", base_slice(private_key, sizeof(private_key)));
	print_bytes(out, "public key", base_slice(public_key.bytes, public_key.len));
	print_bytes(out, "kid", base_hash_slice(&kid));
}

static void print_sign1(struct base_buf *out, const struct wire_sign1 *cose, struct base_slice payload,
			struct base_slice whole)
{
	struct base_buf message = BASE_BUF_INIT;
	struct base_hash id;

	wire_sig_structure(&message, cose->protected_bytes, base_slice(NULL, 0), payload);
	id = base_sha256_of(base_buf_slice(&message));
	print_bytes(out, "protected header", cose->protected_bytes);
	print_cbor(out, "protected header", cose->protected_bytes);
	print_bytes(out, "Sig_structure", base_buf_slice(&message));
	print_bytes(out, "its SHA-256", base_hash_slice(&id));
	print_bytes(out, "signature", cose->signature);
	print_bytes(out, "COSE_Sign1", whole);
	base_buf_free(&message);
}

/* ---- Worked examples ---------------------------------------------------- */

static const char example_document[] =
	"{\"kind\": \"data.submit\", \"study\": \"rd-registry\", \"when\": \"2026-03-01T09:30:00+01:00\",\n"
	" \"capacity\": {\"code\": \"transcribed\", \"on_behalf_of\": \"hospital-a/pi-01\"},\n"
	" \"body\": {\"items\": [{\"cid\": \"bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna\",\n"
	"   \"commitment\": \"5f1d7a84db00d2fce00b31a7fc73224f1b1c1ac2ca9ed2d1b0bd52fe4bfb9c0d\", \"length\": 4096,\n"
	"   \"category\": \"laboratory\",\n"
	"   \"participant\": \"8c3a8f0f3c1f2f8a0f4c5dd6d8c34a3d0a7a1e0a5c2b7d1e9f60718293a4b5c6\",\n"
	"   \"collected\": \"2026-02-27+01:00\"}], \"site\": \"site-01\"}}\n";

static void example_event(struct base_buf *bytes, struct events_event *event)
{
	struct keys_private *key = sample_key();
	struct events_document document;
	struct base_error err = {""};

	ck_assert_msg(events_document_parse(&document, base_slice_text(example_document), &err) == BASE_OK, "%s",
		      err.text);
	memset(document.envelope.ledger.bytes, 0x22, BASE_HASH_BYTES);
	document.envelope.sequence = 1;
	document.envelope.claimed.ms = 1772355600000;
	ck_assert_int_eq(events_sign(bytes, &document.envelope, SAMPLE_ISSUER, document.subject_study, key, &err),
			 BASE_OK);
	ck_assert_int_eq(events_decode(event, base_buf_slice(bytes), NULL), BASE_OK);
	events_document_free(&document);
	keys_private_close(key);
}

START_TEST(event_md_when_times_recomputed_are_the_same)
{
	static const struct {
		const char *text, *means;
	} times[] = {
		{"2026-03-01T09:30:00+02:00", "a point, its offset known"},
		{"2026-03-01T07:30:00.125Z", "a point at offset 0, with milliseconds"},
		{"2026-03-01T07:30:00-00:00", "a point, its offset unknown (RFC 3339 §4.3)"},
		{"2026-03-01", "a day, its offset unknown"},
		{"2026-03-01+01:00", "that day at offset +01:00: it begins an hour earlier"},
		{"2026-03", "a month, its offset unknown"},
		{"2026-03-05:00", "that month at offset −05:00"},
	};
	struct base_buf text = BASE_BUF_INIT;

	base_buf_print(&text, "| text | CBOR | |\n|---|---|---|\n");
	for (size_t i = 0; i < SCHEMA_COUNT(times); i++) {
		struct base_buf cbor = BASE_BUF_INIT;
		struct events_when when;

		ck_assert_int_eq(events_when_parse(&when, base_slice_text(times[i].text), NULL), BASE_OK);
		events_when_put(&cbor, &when);
		base_buf_print(&text, "| `%s` | `", times[i].text);
		print_hex(&text, base_buf_slice(&cbor));
		base_buf_print(&text, "` | %s |\n", times[i].means);
		base_buf_free(&cbor);
	}
	assert_part("docs/formats/event.md", "example times", &text);
	base_buf_free(&text);
}
END_TEST

START_TEST(event_md_when_example_recomputed_is_the_same)
{
	struct base_buf bytes = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct events_event event;

	example_event(&bytes, &event);
	base_buf_print(&text, "```\n");
	print_key(&text);
	print_bytes(&text, "payload", event.cose.payload);
	print_cbor(&text, "payload", event.cose.payload);
	print_sign1(&text, &event.cose, event.cose.payload, event.bytes);
	base_buf_print(&text, "```\n");
	assert_part("docs/formats/event.md", "example event", &text);
	base_buf_free(&bytes);
	base_buf_free(&text);
}
END_TEST

static struct events_enrolment example_request(bool founder, const struct base_hash *ledger)
{
	struct events_enrolment enrolment;

	memset(&enrolment, 0, sizeof(enrolment));
	enrolment.founder = founder;
	enrolment.ledger = founder ? base_slice_text(SAMPLE_ORIGIN) : base_hash_slice(ledger);
	enrolment.actor = base_slice_text(founder ? "hospital-a/admin" : SAMPLE_ISSUER);
	enrolment.roles = EVENTS_ROLE(founder ? EVENTS_ROLE_ADMINISTRATOR : EVENTS_ROLE_DATA_MANAGER);
	enrolment.sign = sample_public(KEYS_SIGN);
	enrolment.seal = sample_public(KEYS_SEAL);
	return enrolment;
}

static void example_proof(struct base_buf *out, bool founder)
{
	struct base_hash ledger;
	struct events_enrolment request;
	struct keys_private *key = sample_key();

	memset(ledger.bytes, 0x22, sizeof(ledger.bytes));
	request = example_request(founder, &ledger);
	ck_assert_int_eq(events_enrolment_sign(out, &request, key, NULL), BASE_OK);
	keys_private_close(key);
}

static void example_countersignature(struct base_buf *out, const struct base_buf *proof)
{
	struct keys_private *key = sample_key();
	struct base_hash ledger;

	memset(ledger.bytes, 0x22, sizeof(ledger.bytes));
	ck_assert_int_eq(events_countersign(out, base_buf_slice(proof), &ledger, "hospital-a/admin", key, NULL),
			 BASE_OK);
	keys_private_close(key);
}

START_TEST(enrolment_md_when_examples_recomputed_are_the_same)
{
	struct base_buf proof = BASE_BUF_INIT, founder = BASE_BUF_INIT, counter = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct wire_sign1 cose;

	example_proof(&proof, false);
	example_proof(&founder, true);
	example_countersignature(&counter, &proof);
	base_buf_print(&text, "```\n");
	print_key(&text);
	ck_assert_int_eq(wire_sign1_decode(&cose, base_buf_slice(&proof), NULL), BASE_OK);
	print_cbor(&text, "payload", cose.payload);
	print_sign1(&text, &cose, cose.payload, base_buf_slice(&proof));
	base_buf_print(&text, "```\n");
	assert_part("docs/formats/enrolment.md", "example enrolment", &text);

	text.len = 0;
	base_buf_print(&text, "```\n");
	ck_assert_int_eq(wire_sign1_decode(&cose, base_buf_slice(&founder), NULL), BASE_OK);
	print_cbor(&text, "payload", cose.payload);
	print_bytes(&text, "COSE_Sign1", base_buf_slice(&founder));
	base_buf_print(&text, "```\n");
	assert_part("docs/formats/enrolment.md", "example founder", &text);

	text.len = 0;
	base_buf_print(&text, "```\n");
	ck_assert_int_eq(wire_sign1_decode(&cose, base_buf_slice(&counter), NULL), BASE_OK);
	print_sign1(&text, &cose, base_buf_slice(&proof), base_buf_slice(&counter));
	base_buf_print(&text, "```\n");
	assert_part("docs/formats/enrolment.md", "example countersignature", &text);
	base_buf_free(&proof);
	base_buf_free(&founder);
	base_buf_free(&counter);
	base_buf_free(&text);
}
END_TEST

START_TEST(json_md_when_examples_recomputed_are_the_same)
{
	struct base_buf bytes = BASE_BUF_INIT, line = BASE_BUF_INIT, text = BASE_BUF_INIT;
	struct events_event event;
	json_t *json;
	char *indented;

	example_event(&bytes, &event);
	base_buf_print(&text, "```json\n%s```\n", example_document);
	assert_part("docs/json.md", "example document", &text);
	text.len = 0;
	events_to_json(&line, &event);
	json = json_loadb((const char *)line.data, line.len, 0, NULL);
	ck_assert_ptr_nonnull(json);
	indented = json_dumps(json, JSON_INDENT(2));
	base_buf_print(&text, "```json\n%s\n```\n", indented);
	assert_part("docs/json.md", "example event", &text);
	free(indented);
	json_decref(json);
	base_buf_free(&bytes);
	base_buf_free(&line);
	base_buf_free(&text);
}
END_TEST

START_TEST(schema_when_written_again_is_the_same)
{
	struct base_buf text = BASE_BUF_INIT;

	events_cddl(&text);
	assert_file("docs/formats/regesta.cddl", &text);
	base_buf_free(&text);
}
END_TEST

START_TEST(records_md_when_written_again_is_the_same)
{
	struct base_buf text = BASE_BUF_INIT;

	events_markdown(&text);
	assert_part("docs/records.md", "tables", &text);
	base_buf_free(&text);
}
END_TEST

/* From a heading of the file to the next of its level. */
static struct base_slice section_of(const struct base_buf *file, const char *heading)
{
	const uint8_t *end, *first = memmem(file->data, file->len, heading, strlen(heading));

	ck_assert_msg(first != NULL, "docs/records.md has no section \"%s\"", heading);
	first += strlen(heading);
	end = memmem(first, file->len - (size_t)(first - file->data), "\n## ", 4);
	return base_slice(first, end != NULL ? (size_t)(end - first) : file->len - (size_t)(first - file->data));
}

/* Each code has a row of so many columns, none of them empty; and there are no other rows. */
static void assert_explained(struct base_slice section, const struct events_codes *codes, size_t columns)
{
	size_t explained = 0, rows = 0;

	for (const uint8_t *at = section.data; (at = memmem(at, section.len - (size_t)(at - section.data), "\n| `", 4)) != NULL; at++)
		rows++;
	for (size_t i = 0; i < codes->count; i++) {
		char begin[80];
		const uint8_t *row, *end;
		size_t full = 0;

		if (codes->codes[i].reserved)
			continue;
		(void)snprintf(begin, sizeof(begin), "\n| `%s` |", codes->codes[i].name);
		row = memmem(section.data, section.len, begin, strlen(begin));
		ck_assert_msg(row != NULL, "docs/records.md does not explain the %s %s", codes->name, codes->codes[i].name);
		end = memchr(row + 1, '\n', section.len - (size_t)(row + 1 - section.data));
		ck_assert_ptr_nonnull(end);
		for (const uint8_t *at = row + 1; at + 3 < end; at++)
			full += memcmp(at, "| ", 2) == 0 && at[2] != '|' && at[2] != ' ';
		ck_assert_msg(full == columns, "the row of %s in docs/records.md has %zu filled columns, not %zu", codes->codes[i].name, full, columns);
		explained++;
	}
	ck_assert_msg(rows == explained, "%s: docs/records.md has %zu rows for %zu codes", codes->name, rows, explained);
}

START_TEST(records_md_when_read_explains_every_flag_and_every_refusal)
{
	struct base_buf file = BASE_BUF_INIT;

	ck_assert_int_eq(base_file_read(&file, "docs/records.md", DOCUMENT_BYTES_MAX, NULL), BASE_OK);
	assert_explained(section_of(&file, "</a>Flags, and what to do\n"), events_codes_of(EVENTS_FLAGS), 4);
	assert_explained(section_of(&file, "\n## Refusals, and what to do\n"), events_codes_of(EVENTS_DENIALS), 3);
	base_buf_free(&file);
}
END_TEST

/* Words are a sentence's part that a person says: more than the code again, and no name of the code's making. */
static void assert_plain(const char *of, const char *name, const char *words)
{
	ck_assert_msg(words != NULL && strlen(words) >= 3 && strchr(words, '_') == NULL && strchr(words, '|') == NULL && strchr(words, '\n') == NULL,
		      "%s %s has no plain words: \"%s\"", of, name, words != NULL ? words : "");
	ck_assert_msg(strcmp(words, name) != 0, "%s %s says itself again", of, name);
}

START_TEST(records_md_when_read_has_every_kind_and_code_in_plain_words)
{
	struct base_buf file = BASE_BUF_INIT;
	const struct events_kind *const *kinds;
	char text[1024];
	size_t count;

	ck_assert_int_eq(base_file_read(&file, "docs/records.md", DOCUMENT_BYTES_MAX, NULL), BASE_OK);
	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		assert_plain("kind", kinds[i]->name, kinds[i]->words);
		assert_plain("kind", kinds[i]->name, kinds[i]->who);
		assert_plain("kind", kinds[i]->name, kinds[i]->effect);
		(void)snprintf(text, sizeof(text), "| [%s](#%s) | %u | %s | ", kinds[i]->name, kinds[i]->name, (unsigned)kinds[i]->id, kinds[i]->words);
		ck_assert_msg(memmem(file.data, file.len, text, strlen(text)) != NULL, "docs/records.md lacks %s", kinds[i]->name);
		for (size_t j = 0; j < kinds[i]->body.count; j++)
			assert_plain(kinds[i]->name, kinds[i]->body.fields[j].name, kinds[i]->body.fields[j].help);
	}
	for (unsigned list = 0; list < EVENTS_LISTS; list++) {
		const struct events_codes *codes = events_codes_of((enum events_list)list);

		for (size_t i = 0; i < codes->count; i++) {
			assert_plain(codes->name, codes->codes[i].name, codes->codes[i].words);
			(void)snprintf(text, sizeof(text), "\n| %u | `%s` | %s", (unsigned)codes->codes[i].number, codes->codes[i].name, codes->codes[i].words);
			ck_assert_msg(memmem(file.data, file.len, text, strlen(text)) != NULL, "docs/records.md lacks %s", codes->codes[i].name);
		}
	}
	base_buf_free(&file);
}
END_TEST

/* ---- Seeds for fuzzing -------------------------------------------------- */

static void assert_seed(const char *folder, const char *name, const char *ending, const struct base_buf *bytes)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", folder);
	if (regenerating())
		ck_assert_int_eq(base_make_folder(path, 0755, NULL), BASE_OK);
	(void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s%s", folder, name, ending);
	assert_file(path, bytes);
}

START_TEST(seeds_when_made_again_are_the_same)
{
	struct base_buf proof = BASE_BUF_INIT, founder = BASE_BUF_INIT, counter = BASE_BUF_INIT;
	const struct events_kind *const *kinds;
	size_t count;

	kinds = events_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		struct base_buf bytes = BASE_BUF_INIT, document = BASE_BUF_INIT;
		struct events_event event;

		sample_event(&bytes, kinds[i]);
		assert_seed("event", kinds[i]->name, ".cbor", &bytes);
		ck_assert_int_eq(events_decode(&event, base_buf_slice(&bytes), NULL), BASE_OK);
		sample_document(&document, &event);
		assert_seed("document", kinds[i]->name, ".json", &document);
		document.len = 0;
		events_template(&document, kinds[i]);
		assert_seed("document", kinds[i]->name, ".template", &document);
		base_buf_free(&bytes);
		base_buf_free(&document);
	}
	example_proof(&proof, false);
	example_proof(&founder, true);
	example_countersignature(&counter, &proof);
	assert_seed("enrolment", "ledger", ".cbor", &proof);
	assert_seed("enrolment", "founder", ".cbor", &founder);
	assert_seed("enrolment", "countersignature", ".cbor", &counter);
	base_buf_free(&proof);
	base_buf_free(&founder);
	base_buf_free(&counter);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		event_md_when_times_recomputed_are_the_same,
		event_md_when_example_recomputed_is_the_same,
		enrolment_md_when_examples_recomputed_are_the_same,
		json_md_when_examples_recomputed_are_the_same,
		schema_when_written_again_is_the_same,
		records_md_when_written_again_is_the_same,
		records_md_when_read_explains_every_flag_and_every_refusal,
		records_md_when_read_has_every_kind_and_code_in_plain_words,
		seeds_when_made_again_are_the_same,
		NULL,
	};

	return suite_run("events/docs", tests);
}
