/* consent import: consents of FHIR R4, with what FHIR does not say from options. */
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"
#include "cli/paper.h"
#include "ledger/fhir/fhir.h"

/* ---- What FHIR does not say ------------------------------------------------ */

/* Owns what the options borrow. */
struct said {
	struct fhir_options options;
	struct import_table patient_table, form_table, party_table;
	struct fhir_patient *patients;
	struct fhir_form *forms;
	json_t *form_json; /* a list: what the texts of forms borrow from */
	struct fhir_party *parties;
	char **party_texts;
	size_t party_text_count;
	const char **purposes;
	char annuls[65];
};

static void said_free(struct said *said)
{
	import_table_free(&said->patient_table);
	import_table_free(&said->form_table);
	import_table_free(&said->party_table);
	free(said->patients);
	free(said->forms);
	json_decref(said->form_json);
	free(said->parties);
	for (size_t i = 0; i < said->party_text_count; i++)
		free(said->party_texts[i]);
	free(said->party_texts);
	free(said->purposes);
}

static enum base_code say_patients(struct cli_session *s, struct said *said, struct base_error *err)
{
	static const char *const names[] = {"patient", "participant"};
	const char *number = cli_get(s->cli, "participant"), *path = cli_get(s->cli, "participants");
	struct import_table *t = &said->patient_table;
	enum base_code code;

	if ((number == NULL) == (path == NULL))
		return base_fail(err, BASE_USAGE, "say whose consent it is: --participant NUMBER, or --participants FILE.csv with the columns "
						  "patient,participant");
	if (number != NULL) {
		said->patients = base_alloc(sizeof(*said->patients));
		said->options.patients = said->patients;
		said->options.patient_count = 1;
		return cli_participant(s, said->options.study, number, &said->patients[0].participant, err);
	}
	if ((code = import_table_read(t, path, names, 2, err)) != BASE_OK)
		return base_wrap(err, code, "--participants");
	said->patients = base_alloc(t->rows * sizeof(*said->patients));
	for (size_t i = 0; i < t->rows && code == BASE_OK; i++) {
		said->patients[i].reference = t->cells[i * 2];
		code = base_wrap(err, cli_participant(s, said->options.study, t->cells[i * 2 + 1], &said->patients[i].participant, err),
				 "--participants: line %zu", i + 2);
	}
	said->options.patients = said->patients;
	said->options.patient_count = t->rows;
	return code;
}

static enum base_code say_form(struct said *said, size_t at, const char *policy, const char *text, struct base_error *err)
{
	json_t *form;
	enum base_code code = paper_form(text, &form, err);

	if (code != BASE_OK)
		return code;
	json_array_append_new(said->form_json, form);
	said->forms[at] = (struct fhir_form){policy, json_string_value(json_object_get(form, "cid")),
					     json_string_value(json_object_get(form, "version")),
					     json_string_value(json_object_get(form, "language")),
					     json_string_value(json_object_get(form, "audience"))};
	return BASE_OK;
}

static enum base_code say_forms(const struct cli *cli, struct said *said, struct base_error *err)
{
	static const char *const names[] = {"policy", "form"};
	const char *text = cli_get(cli, "form"), *path = cli_get(cli, "forms");
	struct import_table *t = &said->form_table;
	enum base_code code = BASE_OK;

	said->form_json = json_array();
	if (path != NULL && (code = import_table_read(t, path, names, 2, err)) != BASE_OK)
		return base_wrap(err, code, "--forms");
	said->forms = base_alloc((t->rows + 1) * sizeof(*said->forms));
	for (size_t i = 0; i < t->rows && code == BASE_OK; i++)
		code = base_wrap(err, say_form(said, i, t->cells[i * 2], t->cells[i * 2 + 1], err), "--forms: line %zu", i + 2);
	if (text != NULL && code == BASE_OK)
		code = say_form(said, t->rows, NULL, text, err);
	said->options.forms = said->forms;
	said->options.form_count = t->rows + (text != NULL);
	return code;
}

static enum base_code say_party(struct said *said, size_t at, const char *reference, const char *party, struct base_error *err)
{
	if (!events_text_valid(EVENTS_PARTY, base_slice_text(party)))
		return base_fail(err, BASE_USAGE, "\"%.100s\" is no organisation and no actor, such as hospital-b or hospital-b/pi-01", party);
	said->parties[at] = (struct fhir_party){reference, party};
	return BASE_OK;
}

static enum base_code say_parties(const struct cli *cli, struct said *said, struct base_error *err)
{
	static const char *const names[] = {"reference", "party"};
	const char *path = cli_get(cli, "parties"), *text;
	struct import_table *t = &said->party_table;
	size_t count = 0, at;
	enum base_code code = BASE_OK;

	if (path != NULL && (code = import_table_read(t, path, names, 2, err)) != BASE_OK)
		return base_wrap(err, code, "--parties");
	while (cli_get_nth(cli, "party", count) != NULL)
		count++;
	said->parties = base_alloc((t->rows + count + 1) * sizeof(*said->parties));
	said->party_texts = base_alloc((count + 1) * sizeof(*said->party_texts));
	for (at = 0; at < t->rows && code == BASE_OK; at++)
		code = base_wrap(err, say_party(said, at, t->cells[at * 2], t->cells[at * 2 + 1], err), "--parties: line %zu", at + 2);
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		char *copy, *equals;

		text = cli_get_nth(cli, "party", i);
		copy = base_alloc(strlen(text) + 1);
		memcpy(copy, text, strlen(text) + 1);
		said->party_texts[said->party_text_count++] = copy;
		equals = strchr(copy, '=');
		if (equals == NULL)
			return base_fail(err, BASE_USAGE, "--party: \"%.100s\" is not REFERENCE=WHO, such as Organization/f001=hospital-b", text);
		*equals = '\0';
		code = base_wrap(err, say_party(said, at++, copy, equals + 1, err), "--party");
	}
	said->options.parties = said->parties;
	said->options.party_count = at;
	return code;
}

static enum base_code say_purposes(const struct cli *cli, struct said *said, struct base_error *err)
{
	const struct events_code *found;
	const char *text;
	size_t count = 0;

	while (cli_get_nth(cli, "purpose", count) != NULL)
		count++;
	said->purposes = base_alloc((count + 1) * sizeof(*said->purposes));
	for (size_t i = 0; i < count; i++) {
		text = cli_get_nth(cli, "purpose", i);
		found = events_purpose_find(base_slice_text(text));
		if (found == NULL)
			return base_fail(err, BASE_USAGE, "--purpose: \"%.60s\" is no purpose; `regesta template consent` lists them", text);
		said->purposes[i] = found->name;
	}
	said->options.purposes = said->purposes;
	said->options.purpose_count = count;
	return BASE_OK;
}

static enum base_code say_rest(struct cli_session *s, struct said *said, struct base_error *err)
{
	const struct cli *cli = s->cli;
	const char *root = cli_get(cli, "root"), *annuls = cli_get(cli, "annuls");
	struct fhir_options *o = &said->options;
	enum base_code code;

	if (root != NULL && strcmp(root, "limits") != 0 && strcmp(root, "exception") != 0)
		return base_fail(err, BASE_USAGE, "--root: \"%.60s\" is neither limits nor exception", root);
	if (root != NULL)
		o->root = strcmp(root, "limits") == 0 ? FHIR_ROOT_LIMITS : FHIR_ROOT_EXCEPTION;
	if ((code = paper_code(cli, "signer", EVENTS_SIGNERS, &o->signer, err)) != BASE_OK ||
	    (code = paper_code(cli, "means", EVENTS_MEANS, &o->means, err)) != BASE_OK ||
	    (code = paper_code(cli, "assent", EVENTS_ASSENTS, &o->assent, err)) != BASE_OK ||
	    (code = paper_code(cli, "existing-data", EVENTS_EXISTING_DATA, &o->existing, err)) != BASE_OK ||
	    (code = paper_code(cli, "samples", EVENTS_SAMPLES, &o->samples, err)) != BASE_OK ||
	    (code = paper_time(cli, "when", &o->when, err)) != BASE_OK ||
	    (code = paper_time(cli, "withdrawn", &o->withdrawn, err)) != BASE_OK)
		return code;
	if (annuls != NULL && (code = paper_event(s, "annuls", annuls, said->annuls, err)) == BASE_OK)
		o->annuls = said->annuls;
	return code;
}

/* ---- What comes of it ------------------------------------------------------ */

static bool print_value(void *arg, const struct events_value *value)
{
	char path[EVENTS_PATH_TEXT_BYTES];
	struct base_buf words = BASE_BUF_INIT;

	(void)arg;
	events_value_path(path, value);
	events_value_words(&words, value);
	printf("    %s: %.*s\n", path, (int)words.len, words.len > 0 ? (const char *)words.data : "");
	base_buf_free(&words);
	return true;
}

/* A text of the file, which may hold anything. */
static void print_text(const char *before, const char *text)
{
	struct base_buf printable = BASE_BUF_INIT;

	if (text == NULL)
		return;
	base_printable(&printable, base_slice_text(text));
	printf("%s%.*s", before, (int)printable.len, printable.len > 0 ? (const char *)printable.data : "");
	base_buf_free(&printable);
}

static void print_consent(const struct fhir_consent *consent)
{
	struct events_document document;
	struct base_error ignored;
	char when[64];

	print_text("", consent->path);
	print_text(", Consent/", consent->id);
	print_text(_(" of "), consent->patient);
	printf(": ");
	if (consent->reason_count > 0) {
		printf(_("no record, because\n"));
		for (size_t i = 0; i < consent->reason_count && i < FHIR_REASONS_MAX; i++)
			printf("    %s\n", consent->reasons[i]);
		if (consent->reason_count > FHIR_REASONS_MAX)
			printf(_("    and %zu more\n"), consent->reason_count - FHIR_REASONS_MAX);
		return;
	}
	if (events_document_parse(&document, base_buf_slice(&consent->document), &ignored) != BASE_OK)
		return;
	events_when_words(when, &document.envelope.when);
	printf(_("%s, study %s, %s, imported\n"), _(document.envelope.kind->words), document.subject_study, when);
	events_values(document.envelope.kind, document.envelope.body, print_value, NULL);
	events_document_free(&document);
}

static json_t *consent_json(const struct fhir_consent *consent)
{
	json_t *json = json_pack("{s:s}", "path", consent->path);
	json_t *reasons = json_array();

	if (consent->id != NULL)
		json_object_set_new(json, "id", cli_json_slice(base_slice_text(consent->id)));
	if (consent->patient != NULL)
		json_object_set_new(json, "patient", cli_json_slice(base_slice_text(consent->patient)));
	json_object_set_new(json, "test_data", json_boolean(consent->test));
	if (consent->document.len > 0)
		json_object_set_new(json, "document",
				    json_loadb((const char *)consent->document.data, consent->document.len, 0, NULL));
	for (size_t i = 0; i < consent->reason_count && i < FHIR_REASONS_MAX; i++)
		json_array_append_new(reasons, cli_json_slice(base_slice_text(consent->reasons[i])));
	json_object_set_new(json, "reasons", reasons);
	return json;
}

static void dry_run(const struct cli *cli, const struct fhir_file *file)
{
	json_t *list = json_array();

	for (size_t i = 0; i < file->count; i++) {
		if (!cli->json)
			print_consent(&file->consents[i]);
		json_array_append_new(list, consent_json(&file->consents[i]));
	}
	cli_print_json(json_pack("{s:b, s:I, s:o}", "dry_run", 1, "others", (json_int_t)file->others, "consents", list));
}

/* ---- Recording ------------------------------------------------------------- */

/* The document with its source: the Consent itself, sealed. */
static enum base_code seal_source(struct cli_session *s, const char *study, struct fhir_consent *consent, struct base_error *err)
{
	struct cli_sealed sealed;
	char cid[WIRE_CID_TEXT_BYTES], hex[65], *text;
	json_t *json;
	enum base_code code = cli_seal_bytes(s, study, base_slice(NULL, 0), base_buf_slice(&consent->source), &sealed, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "%s", consent->path);
	wire_cid_text(cid, &sealed.cid);
	base_hex(hex, base_hash_slice(&sealed.commitment));
	json = json_loadb((const char *)consent->document.data, consent->document.len, 0, NULL);
	BASE_ASSERT(json != NULL);
	json_object_set_new(json_object_get(json, "capacity"), "source", json_string(cid));
	json_object_set_new(json, "sealed", json_pack("[{s:s, s:s}]", "cid", cid, "commitment", hex));
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	BASE_ASSERT(text != NULL);
	base_buf_free(&consent->document);
	base_buf_append(&consent->document, base_slice_text(text));
	free(text);
	return BASE_OK;
}

/* A consent of the ledger that says the same, to the last byte, of the same participant and time. */
struct same {
	const struct events_document *document;
	struct base_slice act;
	struct base_hash id;
	bool found;
};

static bool look_same(void *arg, const struct state_fact *fact)
{
	struct same *same = arg;
	const struct events_when *when = &same->document->envelope.when;
	struct wire_reader r;

	if (fact->kind != EVENTS_CONSENT || fact->when.utc_ms != when->utc_ms || fact->when.precision != when->precision ||
	    !events_find(fact->content, 2, &r) || !base_slice_equal(wire_get_raw(&r), same->act) || !events_find(fact->content, 1, &r))
		return true;
	same->id = wire_get_hash(&r);
	same->found = !r.failed;
	return !same->found;
}

static enum base_code find_same(struct cli_session *s, const char *study, const struct events_document *document, struct same *same,
				struct base_error *err)
{
	struct state_view view;
	struct wire_reader r;
	struct base_slice reference;
	enum base_code code;

	*same = (struct same){.document = document};
	if (!events_find(document->envelope.body, 1, &r))
		return BASE_OK;
	reference = wire_get_raw(&r);
	if (!events_find(document->envelope.body, 2, &r))
		return BASE_OK;
	same->act = wire_get_raw(&r);
	chain_read_view(s->read, &view);
	code = state_record_walk(&view, STATE_CONSENT, base_slice_text(study), reference, look_same, same, err);
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* The event as it stands in the ledger, which answers that it has it. */
static enum base_code take_recorded(struct cli_session *s, const char *path, const struct base_hash *id, struct cli_draft *draft,
				    struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	char hex[65];
	enum base_code code = chain_read_find(s->read, id, &index, err);

	if (code != BASE_OK || (code = cli_event_at(s, index, &entry, &event, err)) != BASE_OK)
		return code;
	*draft = (struct cli_draft){.kind = "consent", .id = *id};
	base_buf_append(&draft->bytes, entry.event);
	base_hex(hex, base_hash_slice(id));
	cli_note(s->cli, "%s: the same consent was recorded before as %.12s, and nothing is recorded now; --again records it once more", path, hex);
	return BASE_OK;
}

static enum base_code make_draft(struct cli_session *s, const char *study, struct fhir_consent *consent, struct cli_draft *draft,
				 struct events_document *document, size_t *new_ones, struct base_error *err)
{
	struct same same;
	enum base_code code = events_document_parse(document, base_buf_slice(&consent->document), err);

	if (code != BASE_OK)
		return code;
	code = find_same(s, study, document, &same, err);
	if (code == BASE_OK && same.found && !cli_has(s->cli, "again"))
		return take_recorded(s, consent->path, &same.id, draft, err);
	events_document_free(document);
	*document = (struct events_document){0};
	if (code != BASE_OK || (code = seal_source(s, study, consent, err)) != BASE_OK ||
	    (code = events_document_parse(document, base_buf_slice(&consent->document), err)) != BASE_OK)
		return code;
	return cli_sign_document(s, draft, document, (*new_ones)++, err);
}

static enum base_code record(struct cli_session *s, const char *study, struct fhir_file *file, struct base_error *err)
{
	struct events_document *documents = base_alloc(file->count * sizeof(*documents));
	struct cli_draft *drafts = base_alloc(file->count * sizeof(*drafts));
	size_t new_ones = 0;
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < file->count && code == BASE_OK; i++)
		code = base_wrap(err, make_draft(s, study, &file->consents[i], &drafts[i], &documents[i], &new_ones, err), "%s",
				 file->consents[i].path);
	if (code == BASE_OK)
		code = cli_record(s, drafts, file->count, NULL, err);
	for (size_t i = 0; i < file->count; i++) {
		cli_draft_free(&drafts[i]);
		events_document_free(&documents[i]);
	}
	free(drafts);
	free(documents);
	return code;
}

static enum base_code import(struct cli_session *s, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	struct fhir_file file = {0};
	struct said said = {0};
	const char *path = s->cli->argv[0];
	enum base_code code = cli_need(s->cli, "study", &said.options.study, err);

	if (code != BASE_OK || (code = cli_study_check(s, said.options.study, err)) != BASE_OK || (code = say_patients(s, &said, err)) != BASE_OK ||
	    (code = say_forms(s->cli, &said, err)) != BASE_OK || (code = say_parties(s->cli, &said, err)) != BASE_OK ||
	    (code = say_purposes(s->cli, &said, err)) != BASE_OK || (code = say_rest(s, &said, err)) != BASE_OK)
		goto out;
	code = base_file_read(&text, strcmp(path, "-") == 0 ? "/dev/stdin" : path, FHIR_BYTES_MAX, err);
	if (code == BASE_OK)
		code = base_wrap(err, fhir_consents(&file, base_buf_slice(&text), &said.options, err), "%s", path);
	if (code != BASE_OK)
		goto out;
	if (cli_has(s->cli, "dry-run"))
		dry_run(s->cli, &file);
	code = base_wrap(err, fhir_refusal(&file, err), "%s: nothing was recorded", path);
	for (size_t i = 0; i < file.count; i++)
		if (code == BASE_OK && file.consents[i].test)
			cli_warn(s->cli, "%s is labelled as test data (HTEST)", file.consents[i].path);
	if (code == BASE_OK && !cli_has(s->cli, "dry-run"))
		code = record(s, said.options.study, &file, err);
out:
	fhir_file_free(&file);
	said_free(&said);
	base_buf_wipe(&text);
	return code;
}

static enum base_code run_import(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code == BASE_OK) {
		code = import(&s, err);
		cli_session_close(&s);
	}
	return code;
}

static const struct cli_option import_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"participant", "NUMBER", "whose consent: the site's own number, or the reference", false},
	{"participants", "FILE.csv", "whose: columns patient,participant (Patient/72,P-001)", false},
	{"form", "FILE:VERSION:LANG:AUDIENCE", "the form that was signed (the blank file, or its CID)", false},
	{"forms", "FILE.csv", "which form: columns policy,form (urn:oid:1.2.3,form.pdf:2.1:de:adult)", false},
	{"signer", "CODE", "who declared it, where performer does not name the patient: self, parent, guardian, ...", false},
	{"means", "CODE", "how it was declared: paper, electronic, oral, ...", false},
	{"assent", "CODE", "what a child said: given, refused, not-able, not-asked", false},
	{"party", "REFERENCE=WHO", "which organisation or actor a recipient is: Organization/f001=hospital-b", true},
	{"parties", "FILE.csv", "the same: columns reference,party", false},
	{"purpose", "CODE", "what permits without a purpose are for, where the scope is not research", true},
	{"root", "limits|exception", "what a root provision without a type is to policyRule", false},
	{"when", "TIME", "when it was declared, where dateTime is missing", false},
	{"withdrawn", "TIME", "since when an inactive consent is", false},
	{"existing-data", "CODE", "what an inactive consent leaves: keep-using, restrict, anonymise, erase", false},
	{"samples", "CODE", "the same of samples: keep, restrict, destroy, return", false},
	{"annuls", "EVENT", "the record of a consent that was entered in error", false},
	{"again", NULL, "record once more what was recorded before", false},
	{"receipt", "FILE", "write a receipt of what was recorded", false},
	{"dry-run", NULL, "say what would be recorded, and every reason why not; record nothing", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_consent_import[] = {
	{"consent import", "Recording", "FILE.json", "record consents from FHIR R4: a Consent, or a Bundle that holds some",
	 "Each Consent becomes one record, signed as imported, with the Consent itself sealed as its source. What FHIR does not say comes from "
	 "options. What a record cannot express is named with its place, and then nothing of the file is recorded. "
	 "A consent that says the same of the same participant and time as a recorded one is shown, and not recorded again. docs/import.md has the tables.",
	 "regesta consent import consent.json --study rare-01 --participant P-001 --form form.pdf:1.6:de:adult --signer self --means paper "
	 "--dry-run", import_options, 1, 1, run_import},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
