#include "tests/fhir/fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct fhir_options fixture_options(void)
{
	static struct fhir_patient patient;
	static const struct fhir_form form = {NULL, "bafkreibwvht7dsk3ql73tf2d4dc4jtuv3a6juqykvrm7qtxtzp5lmfcqna", "2.1", "de", "adult"};
	static const struct fhir_party parties[] = {{"Organization/o1", "hospital-b"}, {"Organization/f001", "hospital-c"}};

	patient.reference = NULL;
	memset(patient.participant.bytes, 0x5f, sizeof(patient.participant.bytes));
	return (struct fhir_options){.study = "rare-01",
				     .patients = &patient,
				     .patient_count = 1,
				     .forms = &form,
				     .form_count = 1,
				     .parties = parties,
				     .party_count = 2,
				     .signer = "self",
				     .means = "paper"};
}

json_t *fixture_json(const char *name)
{
	char path[256];
	json_error_t why;
	json_t *json;

	(void)snprintf(path, sizeof(path), "tests/fhir/data/%s", name);
	json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	ck_assert_msg(json != NULL, "%s: %s", path, why.text);
	return json;
}

struct base_buf fixture_bytes(json_t *json)
{
	struct base_buf out = BASE_BUF_INIT;
	char *text = json_dumps(json, JSON_PRESERVE_ORDER);

	ck_assert_ptr_nonnull(text);
	base_buf_append(&out, base_slice_text(text));
	free(text);
	json_decref(json);
	return out;
}

json_t *fixture_at(const json_t *json, const char *path)
{
	json_t *at = (json_t *)(uintptr_t)json;

	while (*path != '\0' && at != NULL) {
		char name[64];
		size_t len = strcspn(path, ".[");

		if (*path == '[') {
			at = json_array_get(at, (size_t)strtoul(path + 1, NULL, 10));
			path += strcspn(path, "]") + 1;
		} else {
			ck_assert_uint_lt(len, sizeof(name));
			memcpy(name, path, len);
			name[len] = '\0';
			at = json_object_get(at, name);
			path += len;
		}
		path += *path == '.';
	}
	return at;
}
