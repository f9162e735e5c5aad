/* Every FHIR Consent among the vectors becomes a record, or there is a named reason why not: which of both, by name. */
#include "tests/base/suite.h"
#include "tests/fhir/fixture.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

struct expected {
	const char *name; /* of the file */
	const char *reason; /* the place and beginning of one of its reasons; NULL: a record */
};
static const struct expected all[] = {
	{"Consent-ex-consent.json", "$.dateTime: missing"},
	{"Bundle-mii-exa-test-data-bundle-pat-7.json", NULL},
	{"Consent-mii-exa-test-data-patient-2-consent-1.json", NULL},
	{"Consent-mii-exa-test-data-patient-3-consent-1.json", NULL},
	{"Consent-mii-exa-test-data-patient-4-consent-1.json", NULL},
	{"Consent-mii-exa-test-data-patient-5-consent-1.json", NULL},
	{"Consent-mii-exa-test-data-patient-6-consent-1.json", NULL},
	{"Consent-mii-exa-test-data-patient-8-consent-1.json", NULL},
	{"Consent-mii-exa-test-data-patient-9-consent-1.json", NULL},
	{"Example_MII_Consent_ResultType_ConsentStatus.json", "$.category[1].coding[0]: \"consent-status\": a state that was computed"},
	{"Consent-consent-example-Emergency.json", "$.category[0].coding[0]: \"EMRGONLY\": for emergencies only"},
	{"Consent-consent-example-Out.json", "$.provision.actor[0].role.coding[0]: \"CST\": whoever keeps the data"},
	{"Consent-consent-example-basic.json", "$.provision.period.start: \"1964-01-01\""},
	{"Consent-consent-example-grantor.json", "$.category[0].coding[0]: \"INFAO\": to look and not to keep"},
	{"Consent-consent-example-notThem.json", "$.provision.action[1].coding[0]: \"correct\""},
	{"Consent-consent-example-notTime.json", "$.provision.type: missing: it may limit"},
	{"Consent-consent-example-pkb.json", "$.provision.securityLabel: confidentiality"},
	{"Consent-consent-example-signature.json", "$.provision.provision[0].actor[0].role.coding[0]: \"AUT\""},
};
#define ALL (sizeof(all) / sizeof(all[0]))
/* With a person's word on what the root provision means, and on what for. */
static const struct expected said[] = {
	{"Consent-consent-example-notTime.json", NULL},
	{"Consent-consent-example-notThem.json", "$.provision.action[1].coding[0]: \"correct\""},
	{"Consent-consent-example-Out.json", "$.provision.actor[0].role.coding[0]: \"CST\""},
};

static const char *vectors(void)
{
	const char *folder = getenv("REGESTA_VECTORS");
	struct stat st;

	if (folder == NULL)
		folder = "../shared/data";
	if (stat(folder, &st) == 0)
		return folder;
	printf("skipped: no folder of vectors (REGESTA_VECTORS)\n");
	return NULL;
}

/* The reasons stand under the Consent's own place, which in a Bundle is longer than "$". */
static void expect(const struct expected *expected, const struct fhir_consent *consent)
{
	bool found = expected->reason == NULL;

	if (expected->reason == NULL)
		ck_assert_msg(consent->reason_count == 0, "%s: %s", expected->name, consent->reasons[0]);
	else
		ck_assert_msg(consent->reason_count > 0, "%s: became a record", expected->name);
	for (size_t i = 0; i < consent->reason_count && i < FHIR_REASONS_MAX; i++)
		found = found || strncmp(consent->reasons[i], expected->reason, strlen(expected->reason)) == 0;
	ck_assert_msg(found, "%s: the first reason is %s", expected->name, consent->reasons[0]);
	ck_assert_int_eq(consent->document.len > 0, expected->reason == NULL);
}

static size_t read_file(const char *path, const char *name, const struct expected *table, size_t count,
			const struct fhir_options *options)
{
	struct base_buf text = BASE_BUF_INIT;
	struct fhir_file file;
	struct base_error err;
	size_t consents = 0, i = 0;

	ck_assert_msg(base_file_read(&text, path, FHIR_BYTES_MAX, &err) == BASE_OK, "%s", err.text);
	if (fhir_consents(&file, base_buf_slice(&text), options, &err) == BASE_OK) {
		while (i < count && strcmp(table[i].name, name) != 0)
			i++;
		ck_assert_msg(i < count, "%s holds a Consent of which nobody said what becomes of it", name);
		for (size_t n = 0; n < file.count; n++)
			expect(&table[i], &file.consents[n]);
		consents = file.count;
	} else {
		/* No Consent is lost in what is said not to be one. */
		ck_assert_msg(memmem(text.data, text.len, "\"resourceType\": \"Consent\"", 25) == NULL, "%s: %s", name, err.text);
	}
	fhir_file_free(&file);
	base_buf_free(&text);
	return consents;
}

static size_t read_folder(const char *folder, const struct fhir_options *options)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t consents = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[1024];
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		ck_assert_int_lt(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name), (int)sizeof(path));
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			consents += read_folder(path, options);
		else if (strstr(entry->d_name, ".json") != NULL)
			consents += read_file(path, entry->d_name, all, ALL, options);
	}
	closedir(dir);
	return consents;
}

START_TEST(every_consent_of_the_vectors_maps_or_says_why)
{
	struct fhir_options options = fixture_options();
	const char *folder = vectors();
	char path[1024];

	if (folder == NULL)
		return;
	(void)snprintf(path, sizeof(path), "%s/fhir", folder);
	ck_assert_uint_eq(read_folder(path, &options), ALL);
}
END_TEST

START_TEST(consent_when_a_person_says_what_it_means_maps)
{
	struct fhir_options options = fixture_options();
	const char *folder = vectors();
	char path[1024];

	if (folder == NULL)
		return;
	options.root = FHIR_ROOT_EXCEPTION;
	options.purposes = (const char *const[]){"hl7.treat"};
	options.purpose_count = 1;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/fhir/r4-examples/%s", folder, said[i].name);
		ck_assert_uint_eq(read_file(path, said[i].name, said, sizeof(said) / sizeof(said[0]), &options), 1);
	}
}
END_TEST

static json_t *document_in(const char *folder, const char *name)
{
	struct fhir_options options = fixture_options();
	struct base_buf text = BASE_BUF_INIT;
	struct fhir_file file;
	struct base_error err;
	char path[1024];
	json_t *json;

	(void)snprintf(path, sizeof(path), "%s/fhir/mii-consent/%s", folder, name);
	ck_assert_msg(base_file_read(&text, path, FHIR_BYTES_MAX, &err) == BASE_OK, "%s", err.text);
	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &options, &err), BASE_OK);
	ck_assert(file.consents[0].test);
	json = json_loadb((const char *)file.consents[0].document.data, file.consents[0].document.len, 0, NULL);
	ck_assert_ptr_nonnull(json);
	fhir_file_free(&file);
	base_buf_free(&text);
	return json;
}

/* Every permit of the file is one of the record, with its uses and period; and nothing else is. */
START_TEST(german_consent_when_translated_keeps_every_permit)
{
	static const char *const uses[] = {"[\"collect\"]",	     "[\"store\"]", "[\"read\",\"derive\",\"disclose\"]",
					   "[\"collect-samples\"]", "[\"link\"]",  "[\"store-samples\"]",
					   "[\"use-samples\"]"};
	const char *folder = vectors();
	json_t *d;

	if (folder == NULL)
		return;
	d = document_in(folder, "Consent-mii-exa-test-data-patient-5-consent-1.json");
	ck_assert_str_eq(json_string_value(fixture_at(d, "when")), "2023-07-05T09:15:00+02:00");
	ck_assert_str_eq(json_string_value(fixture_at(d, "body.act.give.provisions[0].effect")), "deny");
	ck_assert_uint_eq(json_array_size(fixture_at(d, "body.act.give.provisions")), 1);
	ck_assert_uint_eq(json_array_size(fixture_at(d, "body.act.give.provisions[0].provisions")), 7);
	for (size_t i = 0; i < 7; i++) {
		const json_t *one = json_array_get(fixture_at(d, "body.act.give.provisions[0].provisions"), i);
		char *text = json_dumps(json_object_get(one, "uses"), JSON_COMPACT);

		ck_assert_str_eq(text, uses[i]);
		ck_assert_str_eq(json_string_value(fixture_at(one, "effect")), "permit");
		ck_assert_str_eq(json_string_value(fixture_at(one, "valid.from")), "2023-07-05");
		ck_assert_str_eq(json_string_value(fixture_at(one, "valid.to")), "2053-07-31");
		free(text);
	}
	json_decref(d);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {every_consent_of_the_vectors_maps_or_says_why, consent_when_a_person_says_what_it_means_maps,
				      german_consent_when_translated_keeps_every_permit, NULL};

	return suite_run("fhir/vectors", tests);
}
