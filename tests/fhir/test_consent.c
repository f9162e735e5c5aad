/* Consents as records, field by field; and what is no record, with its place. */
#include "tests/base/suite.h"
#include "tests/fhir/fixture.h"

#include <string.h>
#include <time.h>

#include "ledger/events/events.h"

static json_t *document_of(const struct fhir_consent *consent)
{
	json_t *json;

	ck_assert_msg(consent->reason_count == 0, "%s", consent->reasons[0]);
	json = json_loadb((const char *)consent->document.data, consent->document.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(json);
	return json;
}

static json_t *translate(json_t *consent, const struct fhir_options *options)
{
	struct base_buf text = fixture_bytes(consent);
	struct fhir_file file;
	struct base_error err;
	json_t *document;

	ck_assert_msg(fhir_consents(&file, base_buf_slice(&text), options, &err) == BASE_OK, "%s", err.text);
	ck_assert_uint_eq(file.count, 1);
	document = document_of(&file.consents[0]);
	/* A single Consent is sealed as it is, byte for byte. */
	ck_assert(base_slice_equal(base_buf_slice(&file.consents[0].source), base_buf_slice(&text)));
	fhir_file_free(&file);
	base_buf_free(&text);
	return document;
}

/* The first reason is this one, and nothing is to be recorded. Consumes consent. */
static void refuses(json_t *consent, const struct fhir_options *options, const char *place, const char *words)
{
	struct base_buf text = fixture_bytes(consent);
	struct fhir_file file;
	struct base_error err;
	bool found = false;

	ck_assert_msg(fhir_consents(&file, base_buf_slice(&text), options, &err) == BASE_OK, "%s", err.text);
	ck_assert_uint_eq(file.consents[0].document.len, 0);
	ck_assert_int_eq(fhir_refusal(&file, &err), BASE_MALFORMED);
	for (size_t i = 0; i < file.consents[0].reason_count && i < FHIR_REASONS_MAX; i++) {
		const char *reason = file.consents[0].reasons[i];

		found = found || (strncmp(reason, place, strlen(place)) == 0 && reason[strlen(place)] == ':' && strstr(reason, words));
	}
	ck_assert_msg(found, "no reason \"%s: … %s\"; the first is %s", place, words, file.consents[0].reasons[0]);
	fhir_file_free(&file);
	base_buf_free(&text);
}

static void is(const json_t *json, const char *path, const char *wanted)
{
	char *text = json_dumps(fixture_at(json, path), JSON_COMPACT | JSON_ENCODE_ANY);

	if (text == NULL)
		ck_abort_msg("nothing at %s", path);
	ck_assert_msg(strcmp(text, wanted) == 0, "%s is %s, not %s", path, text, wanted);
	free(text);
}

static void lacks(const json_t *json, const char *path)
{
	ck_assert_msg(fixture_at(json, path) == NULL, "%s is there", path);
}

START_TEST(broad_consent_when_translated_has_every_field)
{
	struct fhir_options options = fixture_options();
	json_t *d = translate(fixture_json("broad.json"), &options);
	const char *eea = "[\"AT\",\"BE\",\"BG\",\"CY\",\"CZ\",\"DE\",\"DK\",\"EE\",\"ES\",\"FI\",\"FR\",\"GR\",\"HR\",\"HU\",\"IE\","
			  "\"IS\",\"IT\",\"LI\",\"LT\",\"LU\",\"LV\",\"MT\",\"NL\",\"NO\",\"PL\",\"PT\",\"RO\",\"SE\",\"SI\",\"SK\"]";

	is(d, "kind", "\"consent\"");
	is(d, "study", "\"rare-01\"");
	is(d, "when", "\"2025-02-01T09:30:00+01:00\"");
	is(d, "capacity", "{\"code\":\"imported\",\"original\":\"2025-02-03T10:00:00+01:00\"}");
	is(d, "meaning", "\"authored\"");
	is(d, "body.participant", "\"5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f\"");
	is(d, "body.act.give.form",
	   "{\"cid\":\"bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna\",\"version\":\"2.1\",\"language\":\"de\","
	   "\"audience\":\"adult\"}");
	is(d, "body.act.give.signers", "[{\"capacity\":\"self\",\"means\":\"paper\",\"when\":\"2025-02-01T09:30:00+01:00\"}]");
	ck_assert_uint_eq(json_array_size(fixture_at(d, "body.act.give.provisions")), 1);
	is(d, "body.act.give.provisions[0].effect", "\"deny\"");
	is(d, "body.act.give.provisions[0].valid", "{\"from\":\"2025-02-01\",\"to\":\"2055-01-31\"}");
	lacks(d, "body.act.give.provisions[0].purposes");
	ck_assert_uint_eq(json_array_size(fixture_at(d, "body.act.give.provisions[0].provisions")), 4);
	is(d, "body.act.give.provisions[0].provisions[0]",
	   "{\"effect\":\"permit\",\"valid\":{\"from\":\"2025-02-01\",\"to\":\"2030-01-31\"},\"uses\":[\"collect\"],"
	   "\"purposes\":[\"duo.hmb\",\"hl7.hresch\"]}");
	is(d, "body.act.give.provisions[0].provisions[1].uses", "[\"read\",\"derive\",\"disclose\"]");
	is(d, "body.act.give.provisions[0].provisions[1].purposes", "[\"duo.hmb\",\"hl7.hresch\"]");
	is(d, "body.act.give.provisions[0].provisions[1].countries", eea);
	is(d, "body.act.give.provisions[0].provisions[1].collected", "{\"from\":\"2025-02-01\"}");
	is(d, "body.act.give.provisions[0].provisions[2].uses", "[\"store\"]");
	is(d, "body.act.give.provisions[0].provisions[2].collected", "{\"to\":\"2025-02-01\"}");
	is(d, "body.act.give.provisions[0].provisions[3]", "{\"effect\":\"deny\",\"uses\":[\"collect-samples\"]}");
	json_decref(d);
}
END_TEST

START_TEST(privacy_consent_when_translated_is_three_deep)
{
	struct fhir_options options = fixture_options();
	json_t *d = translate(fixture_json("privacy.json"), &options);

	is(d, "when", "\"2025-03\"");
	is(d, "capacity", "{\"code\":\"imported\"}");
	is(d, "body.act.give.provisions[0].effect", "\"permit\"");
	is(d, "body.act.give.provisions[0].valid", "{\"from\":\"2025-03-01T00:00:00Z\"}");
	is(d, "body.act.give.provisions[0].purposes", "[\"hl7.hresch\",\"duo.gru\"]");
	is(d, "body.act.give.provisions[0].modifiers", "[\"npu\"]");
	is(d, "body.act.give.provisions[0].provisions[0].effect", "\"deny\"");
	is(d, "body.act.give.provisions[0].provisions[0].recipients", "[\"hospital-b\"]");
	is(d, "body.act.give.provisions[0].provisions[0].uses", "[\"read\",\"derive\",\"link\",\"train\"]");
	is(d, "body.act.give.provisions[0].provisions[0].collected", "{\"from\":\"2020-01-01\",\"to\":\"2021-12-31\"}");
	is(d, "body.act.give.provisions[0].provisions[0].provisions[0]",
	   "{\"effect\":\"permit\",\"categories\":[\"imaging\"],\"uses\":[\"read\"]}");
	json_decref(d);
}
END_TEST

START_TEST(root_without_type_when_said_is_limit_or_exception)
{
	struct fhir_options options = fixture_options();
	json_t *consent = fixture_json("privacy.json"), *d;

	json_object_del(fixture_at(consent, "provision"), "type");
	json_object_del(fixture_at(consent, "provision"), "provision");
	refuses(json_deep_copy(consent), &options, "$.provision.type", "--root");
	options.root = FHIR_ROOT_LIMITS;
	d = translate(json_deep_copy(consent), &options);
	is(d, "body.act.give.provisions[0].effect", "\"permit\"");
	lacks(d, "body.act.give.provisions[0].provisions");
	json_decref(d);
	options.root = FHIR_ROOT_EXCEPTION;
	refuses(json_deep_copy(consent), &options, "$.policyRule", "without a purpose");
	options.purposes = (const char *const[]){"hl7.treat"};
	options.purpose_count = 1;
	d = translate(consent, &options);
	is(d, "body.act.give.provisions[0].effect", "\"permit\"");
	is(d, "body.act.give.provisions[0].purposes", "[\"hl7.treat\"]");
	is(d, "body.act.give.provisions[0].provisions[0].effect", "\"deny\"");
	is(d, "body.act.give.provisions[0].provisions[0].purposes", "[\"hl7.hresch\",\"duo.gru\"]");
	json_decref(d);
}
END_TEST

static json_t *with(const char *file, const char *path, const char *member, json_t *value)
{
	json_t *json = fixture_json(file);

	ck_assert_int_eq(json_object_set_new(fixture_at(json, path), member, value), 0);
	return json;
}

START_TEST(status_when_not_active_is_another_act)
{
	struct fhir_options options = fixture_options();
	json_t *d = translate(with("broad.json", "", "status", json_string("rejected")), &options);

	is(d, "body.act.refuse.provisions[0].effect", "\"deny\"");
	is(d, "body.act.refuse.signers[0].capacity", "\"self\"");
	json_decref(d);

	refuses(with("broad.json", "", "status", json_string("inactive")), &options, "$.status", "--withdrawn");
	options.withdrawn = "2025-06-01";
	refuses(with("broad.json", "", "status", json_string("inactive")), &options, "$.status", "--existing-data");
	options.existing = "keep-using";
	options.samples = "destroy";
	d = translate(with("broad.json", "", "status", json_string("inactive")), &options);
	is(d, "when", "\"2025-06-01\"");
	is(d, "body.act.withdraw.existing_data", "\"keep-using\"");
	is(d, "body.act.withdraw.samples", "\"destroy\"");
	lacks(d, "body.act.withdraw.provisions"); /* of everything, not of what was permitted under which conditions */
	json_decref(d);

	refuses(with("broad.json", "", "status", json_string("entered-in-error")), &options, "$.status", "--annuls");
	options.annuls = "0c5a2ae1bd21b6bb1a6eb9ddc5ce42c5bd1c0ba29d0d1b9ba2e6a0ea2d5f3e11";
	d = translate(with("broad.json", "", "status", json_string("entered-in-error")), &options);
	is(d, "body.act", "{\"annul\":{\"target\":\"0c5a2ae1bd21b6bb1a6eb9ddc5ce42c5bd1c0ba29d0d1b9ba2e6a0ea2d5f3e11\"}}");
	json_decref(d);

	refuses(with("broad.json", "", "status", json_string("draft")), &options, "$.status", "nothing has been declared");
	refuses(with("broad.json", "", "status", json_string("proposed")), &options, "$.status", "nothing has been declared");
	refuses(with("broad.json", "", "status", json_string("done")), &options, "$.status", "no status");
	refuses(with("broad.json", "", "status", json_integer(1)), &options, "$.status", "a text");
}
END_TEST

START_TEST(element_when_not_expressible_is_named)
{
	struct fhir_options o = fixture_options();
	const char *first = "$.provision.provision[0]";
	static const struct {
		const char *at, *member, *json, *place, *words;
	} cases[] = {
		{"", "language", "\"de\"", NULL, NULL},
		{"", "implicitRules", "\"http://x\"", "$.implicitRules", "rules"},
		{"", "contained", "[]", "$.contained", "not looked at"},
		{"", "modifierExtension", "[{\"url\":\"x\"}]", "$.modifierExtension", "extension"},
		{"", "extension", "[{\"url\":\"x\"}]", "$.extension", "extension"},
		{"", "_status", "{}", "$._status", "extension"},
		{"", "decision", "\"permit\"", "$.decision", "not an element"},
		{"", "verification", "[]", "$.verification", "attest"},
		{"", "dateTime", "\"2025\"", "$.dateTime", "year"},
		{"", "dateTime", "\"2025-02-31\"", "$.dateTime", "2025-02-31"},
		{"", "dateTime", "\"2025-02-01+01:00\"", "$.dateTime", "no dateTime"},
		{"", "dateTime", "\"2025-02-01T09:30:00\"", "$.dateTime", "no dateTime"},
		{"", "dateTime", "\"0000-01-01\"", "$.dateTime", ""},
		{"", "dateTime", "\"1964-01-01\"", "$.dateTime", ""},
		{"", "dateTime", "7", "$.dateTime", "a text"},
		{"", "patient", "{\"display\":\"x\"}", "$.patient.reference", "missing"},
		{"", "patient", "[]", "$.patient", "not an object"},
		{"", "scope", "{\"text\":\"research\"}", "$.scope", "only text"},
		{"", "scope", "{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/consentscope\",\"code\":\"adr\"}]}",
		 "$.scope.coding[0]", "advance care"},
		{"", "category", "[]", "$.category", "at least one"},
		{"", "category", "[{\"coding\":[{\"system\":\"s\",\"code\":\"c\"}]}]", "$.category[0]", "unknown code \"c\" of \"s\""},
		{"", "performer", "[{\"reference\":\"Patient/b1\"},{\"reference\":\"Practitioner/1\"}]", "$.performer[1]", "several"},
		{"", "policy", "[{\"url\":\"x\"}]", "$.policy[0].url", "not an element"},
		{"", "policyRule", "{\"text\":\"x\"}", "$.policyRule", "only text"},
		{"provision", "securityLabel", "[]", "$.provision.securityLabel", "confidentiality"},
		{"provision", "data", "[]", "$.provision.data", "single resources"},
		{"provision", "type", "\"maybe\"", "$.provision.type", "neither"},
		{"provision", "period", "{}", "$.provision.period", "neither start nor end"},
		{"provision", "period", "{\"start\":\"2025-13-01\"}", "$.provision.period.start", "2025-13-01"},
		{"provision", "provision", "[{}]", "$.provision.provision[0].type", "missing"},
		{"provision", "provision", "[7]", "$.provision.provision[0].type", "missing"},
		{"provision", "provision", "{}", "$.provision.provision", "a list"},
		{"provision", "purpose", "[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActReason\",\"code\":\"NOPE\"}]",
		 "$.provision.purpose[0]", "unknown purpose \"NOPE\""},
		{"provision", "purpose", "[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActReason\"}]", "$.provision.purpose[0]",
		 "unknown purpose (no text)"},
		{"provision", "purpose", "[{\"system\":\"http://purl.obolibrary.org/obo/duo.owl\",\"code\":\"DUO:0000002\"}]",
		 "$.provision.purpose[0]", "unknown purpose"},
		{"provision", "class", "[{\"system\":\"http://hl7.org/fhir/resource-types\",\"code\":\"Observation\"}]",
		 "$.provision.class[0]", "unknown code \"Observation\""},
		{"provision.provision[0]", "action",
		 "[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/consentaction\",\"code\":\"correct\"}]}]",
		 "$.provision.provision[0].action[0].coding[0]", "no use"},
		{"provision.provision[0]", "action",
		 "[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/consentaction\",\"code\":\"disclose\"}]}]",
		 "$.provision.provision[0].code[0]", "not among"},
		{"provision.provision[0]", "code",
		 "[{\"coding\":[{\"system\":\"urn:oid:2.16.840.1.113883.3.1937.777.24.5.3\","
		 "\"code\":\"2.16.840.1.113883.3.1937.777.24.5.3.27\"}]}]",
		 "$.provision.provision[0].code[0].coding[0]", "contact"},
		{"provision.provision[0]", "code",
		 "[{\"coding\":[{\"system\":\"urn:oid:2.16.840.1.113883.3.1937.777.24.5.3\","
		 "\"code\":\"2.16.840.1.113883.3.1937.777.24.5.3.99\"}]}]",
		 "$.provision.provision[0].code[0]", "unknown code"},
		{"provision.provision[0]", "code",
		 "[{\"coding\":[{\"system\":\"urn:oid:2.16.840.1.113883.3.1937.777.24.5.3\","
		 "\"code\":\"2.16.840.1.113883.3.1937.777.24.5.3.6\"},{\"system\":\"urn:oid:2.16.840.1.113883.3.1937.777.24.5.3\","
		 "\"code\":\"2.16.840.1.113883.3.1937.777.24.5.3.8\"}]}]",
		 "$.provision.provision[0].code[0].coding[1]", "something else"},
		{"provision.provision[0]", "actor", "[{\"reference\":{\"reference\":\"Organization/f001\"}}]",
		 "$.provision.provision[0].actor[0].role", "not an object"},
		{"provision.provision[0]", "provision",
		 "[{\"type\":\"deny\",\"provision\":[{\"type\":\"permit\",\"provision\":[{\"type\":\"deny\"}]}]}]",
		 "$.provision.provision[0].provision[0].provision", "more than 3 deep"},
	};

	(void)first;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		json_t *consent = with("broad.json", cases[i].at, cases[i].member, value);

		if (cases[i].place == NULL)
			json_decref(translate(consent, &o));
		else
			refuses(consent, &o, cases[i].place, cases[i].words);
	}
}
END_TEST

START_TEST(option_when_missing_is_named)
{
	struct fhir_options o;
	static const char *const members[] = {"status", "scope", "patient", "dateTime", "provision"};
	struct fhir_form forms[] = {{"urn:oid:1.2.3", "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna", "1", "en", "parent"},
				    {"urn:oid:1.2.4", "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna", "2", "en", "parent"}};
	json_t *d;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *consent = fixture_json("broad.json");
		char place[32];

		o = fixture_options();
		json_object_del(consent, members[i]);
		(void)snprintf(place, sizeof(place), "$.%s", members[i]);
		refuses(consent, &o, place, "missing");
	}
	o = fixture_options(), o.patient_count = 0;
	refuses(fixture_json("broad.json"), &o, "$.patient.reference", "--participant");
	o = fixture_options(), o.form_count = 0;
	refuses(fixture_json("broad.json"), &o, "$.policy[0].uri", "--form");
	refuses(fixture_json("privacy.json"), &o, "$.policy", "--form");
	o = fixture_options(), o.signer = NULL;
	refuses(fixture_json("broad.json"), &o, "$.performer", "--signer");
	json_decref(translate(fixture_json("privacy.json"), &o)); /* the patient is named as performer */
	o = fixture_options(), o.means = NULL;
	refuses(fixture_json("broad.json"), &o, "$.performer", "--means");
	o = fixture_options(), o.party_count = 0;
	refuses(fixture_json("privacy.json"), &o, "$.provision.provision[0].actor[0].reference.reference", "nobody said");
	o = fixture_options(), o.forms = forms, o.form_count = 2;
	d = translate(fixture_json("broad.json"), &o);
	is(d, "body.act.give.form.version", "\"1\"");
	json_decref(d);
	refuses(with("broad.json", "", "policy", json_pack("[{s:s},{s:s}]", "uri", "urn:oid:1.2.3", "uri", "urn:oid:1.2.4")), &o,
		"$.policy[1].uri", "another form");
	/* What an option says is checked as the record's own member. */
	o = fixture_options(), o.signer = "nobody";
	refuses(fixture_json("broad.json"), &o, "$", "unknown code");
}
END_TEST

START_TEST(policy_rule_when_alone_is_the_provision)
{
	struct fhir_options o = fixture_options();
	json_t *consent = fixture_json("broad.json"), *d;

	json_object_del(consent, "provision");
	json_object_set_new(consent, "policyRule",
			    json_pack("{s:[{s:s,s:s}]}", "coding", "system", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code",
				      "OPTOUT"));
	d = translate(json_deep_copy(consent), &o);
	is(d, "body.act.give.provisions", "[{\"effect\":\"deny\"}]");
	json_decref(d);
	json_object_set_new(fixture_at(consent, "policyRule.coding[0]"), "code", json_string("OPTIN"));
	d = translate(consent, &o);
	is(d, "body.act.give.provisions", "[{\"effect\":\"permit\",\"purposes\":[\"hl7.hresch\"]}]");
	json_decref(d);
}
END_TEST

/* CPU seconds until it is refused. */
static double refusing(json_t *consent, const char *words)
{
	const struct fhir_options o = fixture_options();
	struct base_buf text = fixture_bytes(consent);
	struct fhir_file file;
	bool found = false;
	clock_t begin = clock();

	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &o, NULL), BASE_OK);
	for (size_t i = 0; i < file.consents[0].reason_count && i < FHIR_REASONS_MAX; i++)
		found = found || strstr(file.consents[0].reasons[i], words) != NULL;
	ck_assert(found);
	fhir_file_free(&file);
	base_buf_free(&text);
	return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* A rule becomes one for each policy that it names, with all that is nested in it. */
START_TEST(policies_when_they_are_too_many_are_not_made_first)
{
	json_t *consent = fixture_json("broad.json"), *draft, *codes, *nested = json_array();
	const char *rule = "provision.provision[0]";
	double with_rules, without;

	codes = json_deep_copy(fixture_at(consent, "provision.provision[0].code"));
	for (unsigned i = 0; i < 10000; i++)
		json_array_append_new(codes, json_deep_copy(json_array_get(codes, 0)));
	for (unsigned i = 0; i < 32; i++)
		json_array_append_new(nested, json_pack("{s:s, s:{s:s, s:s}}", "type", "deny", "period", "start", "2025-02-01", "end", "2030-01-31"));
	json_object_set_new(fixture_at(consent, rule), "code", codes);
	json_object_set_new(fixture_at(consent, rule), "provision", nested);
	draft = json_deep_copy(consent);
	json_object_set_new(draft, "status", json_string("draft"));
	without = refusing(draft, "nothing has been declared");
	with_rules = refusing(consent, "over 64 rules");
	ck_assert_msg(with_rules < 4 * without + 0.01, "%.3f s, where reading it takes %.3f", with_rules, without);
}
END_TEST

START_TEST(bundle_when_it_has_several_takes_each_by_itself)
{
	struct fhir_options o = fixture_options();
	struct fhir_patient patients[2] = {{.reference = "Patient/b1"}, {.reference = "Patient/p1"}};
	json_t *bundle = json_pack("{s:s, s:[{s:{s:s}}, {s:o}, {s:o, s:{s:s}}]}", "resourceType", "Bundle", "entry", "resource",
				   "resourceType", "Patient", "resource", fixture_json("broad.json"), "resource",
				   fixture_json("privacy.json"), "request", "method", "PUT");
	struct base_buf text = fixture_bytes(json_deep_copy(bundle));
	struct fhir_file file;
	struct base_error err;
	json_t *source, *wanted;

	/* One participant for two patients. */
	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &o, &err), BASE_OK);
	ck_assert_uint_eq(file.count, 2);
	ck_assert_uint_eq(file.others, 1);
	ck_assert_uint_eq(file.consents[0].reason_count, 0);
	ck_assert_ptr_nonnull(strstr(file.consents[1].reasons[0], "$.entry[2].resource.patient: another patient"));
	fhir_file_free(&file);

	o.patients = patients;
	o.patient_count = 2;
	memset(patients[1].participant.bytes, 7, 32);
	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &o, &err), BASE_OK);
	ck_assert_int_eq(fhir_refusal(&file, &err), BASE_OK);
	ck_assert_str_eq(file.consents[1].path, "$.entry[2].resource");
	ck_assert_str_eq(file.consents[1].id, "privacy-1");
	ck_assert_str_eq(file.consents[1].patient, "Patient/p1");
	source = json_loadb((const char *)file.consents[1].source.data, file.consents[1].source.len, 0, NULL);
	wanted = fixture_json("privacy.json");
	ck_assert(json_equal(source, wanted));
	json_decref(source);
	json_decref(wanted);
	fhir_file_free(&file);
	base_buf_free(&text);

	/* The same resource twice; one that is to be deleted. */
	json_object_set_new(fixture_at(bundle, "entry[2].request"), "method", json_string("DELETE"));
	json_object_set_new(fixture_at(bundle, "entry[2].resource"), "id", json_string("broad-1"));
	text = fixture_bytes(bundle);
	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &o, &err), BASE_OK);
	ck_assert_uint_eq(file.consents[1].reason_count, 2);
	ck_assert_ptr_nonnull(strstr(file.consents[1].reasons[0], "has it twice"));
	ck_assert_ptr_nonnull(strstr(file.consents[1].reasons[1], "$.entry[2].request: \"DELETE\""));
	ck_assert_uint_eq(file.consents[1].document.len, 0);
	ck_assert_int_eq(fhir_refusal(&file, &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "and 1 more"));
	fhir_file_free(&file);
	base_buf_free(&text);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {broad_consent_when_translated_has_every_field,
					     privacy_consent_when_translated_is_three_deep,
					     root_without_type_when_said_is_limit_or_exception,
					     status_when_not_active_is_another_act,
					     element_when_not_expressible_is_named,
					     option_when_missing_is_named,
					     policy_rule_when_alone_is_the_provision,
					     policies_when_they_are_too_many_are_not_made_first,
					     bundle_when_it_has_several_takes_each_by_itself,
					     NULL};

	return suite_run("fhir/consent", tests);
}
