/* What is no FHIR ends in a sentence, whatever its size. */
#include "tests/base/suite.h"
#include "tests/fhir/fixture.h"

#include <string.h>

static void fails(struct base_buf *text, enum base_code wanted, const char *words)
{
	struct fhir_options o = fixture_options();
	struct fhir_file file;
	struct base_error err = {""};

	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(text), &o, &err), wanted);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	fhir_file_free(&file);
	base_buf_free(text);
}

static void says(const char *json, const char *words)
{
	struct base_buf text = BASE_BUF_INIT;

	base_buf_append(&text, base_slice_text(json));
	fails(&text, BASE_MALFORMED, words);
}

static struct base_buf repeated(const char *before, const char *what, size_t times, const char *after)
{
	struct base_buf out = BASE_BUF_INIT;

	base_buf_append(&out, base_slice_text(before));
	for (size_t i = 0; i < times; i++)
		base_buf_append(&out, base_slice_text(what));
	base_buf_append(&out, base_slice_text(after));
	return out;
}

START_TEST(text_when_no_resource_is_malformed)
{
	says("", "not JSON");
	says("{", "not JSON: line 1");
	says("[]", "no FHIR resource");
	says("7", "not JSON");
	says("{}", "no FHIR resource");
	says("{\"resourceType\": 7}", "no FHIR resource");
	says("{\"resourceType\": \"Patient\"}", "\"Patient\"; a Consent");
	says("{\"resourceType\": \"Bundle\"}", "holds no Consent");
	says("{\"resourceType\": \"Bundle\", \"entry\": {}}", "$.entry: not a list");
	says("{\"resourceType\": \"Bundle\", \"entry\": [7, {\"resource\": []}]}", "holds no Consent");
	says("<Consent xmlns=\"http://hl7.org/fhir\"/>", "XML");
	says("\xef\xbb\xbf  \n<?xml version=\"1.0\"?><Consent/>", "XML");
	says("{\"resourceType\": \"Consent\", \"resourceType\": \"Consent\"}", "duplicate");
	says("{\"resourceType\": \"Consent\", \"scope\": {\"text\": \"a\", \"text\": \"b\"}}", "duplicate");
	says("{\"resourceType\": \"Consent\", \"id\": \"\\u0000\"}", "not JSON");
	says("{\"resourceType\": \"Consent\", \"id\": \"\xff\"}", "not JSON");
	says("{\"resourceType\": \"Consent\",}", "not JSON");
}
END_TEST

START_TEST(text_when_over_a_limit_is_refused_unparsed)
{
	struct base_buf text = repeated("", "[", 1000000, "");

	fails(&text, BASE_LIMIT, "nested 1000000 deep");
	text = repeated("{\"resourceType\":\"Consent\",\"id\":", "{\"a\":", 64, "1");
	fails(&text, BASE_LIMIT, "nested 65 deep");
	text = repeated("{\"resourceType\":\"Consent\",\"id\":\"", "xxxxxxxxxx", 500000, "\"}");
	fails(&text, BASE_LIMIT, "a text of over");
	text = repeated("{\"resourceType\":\"Consent\",\"id\":\"", "xxxxxxxxxx", 500000, "");
	fails(&text, BASE_LIMIT, "a text of over");
	text = repeated("{\"resourceType\":\"Consent\",\"id\":[1", ",1", 1100000, "]}");
	fails(&text, BASE_LIMIT, "values");
	text = repeated("{", " ", FHIR_BYTES_MAX, "}");
	fails(&text, BASE_LIMIT, "bytes");
	text = repeated("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Consent\"}}",
			",{\"resource\":{\"resourceType\":\"Consent\"}}", FHIR_CONSENTS_MAX, "]}");
	fails(&text, BASE_LIMIT, "Consents");
}
END_TEST

/* Long names, many reasons, control characters: reasons stay short, few and printable. */
START_TEST(reasons_when_the_file_is_hostile_are_bounded)
{
	struct fhir_options o = fixture_options();
	struct base_buf text = repeated("{\"resourceType\":\"Consent\",\"\\u001b[2J", "name", 1000, "\":1,\"patient\":{\"reference\":\"");
	struct fhir_file file;
	struct base_error err;

	o.patient_count = 0;
	for (size_t i = 0; i < 3000000; i++)
		base_buf_byte(&text, (uint8_t)('a' + i % 26));
	base_buf_append(&text, base_slice_text("\"},\"status\":\"\\u001b[31m\",\"performer\":["));
	for (size_t i = 0; i < 200; i++)
		base_buf_append(&text, base_slice_text("7,"));
	base_buf_append(&text, base_slice_text("7]}"));
	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &o, &err), BASE_OK);
	ck_assert_uint_gt(file.consents[0].reason_count, 3);
	for (size_t i = 0; i < file.consents[0].reason_count && i < FHIR_REASONS_MAX; i++) {
		ck_assert_uint_lt(strlen(file.consents[0].reasons[i]), 1500);
		ck_assert_ptr_null(strchr(file.consents[0].reasons[i], 27));
	}
	ck_assert_int_eq(fhir_refusal(&file, &err), BASE_MALFORMED);
	fhir_file_free(&file);
	base_buf_free(&text);
	text = repeated("{\"resourceType\":\"Consent\",\"x0\":1", "", 1, "");
	for (int i = 1; i < 300; i++)
		base_buf_print(&text, ",\"x%d\":1", i);
	base_buf_append(&text, base_slice_text("}"));
	ck_assert_int_eq(fhir_consents(&file, base_buf_slice(&text), &o, &err), BASE_OK);
	ck_assert_uint_ge(file.consents[0].reason_count, 300);
	fhir_file_free(&file);
	base_buf_free(&text);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {text_when_no_resource_is_malformed, text_when_over_a_limit_is_refused_unparsed,
					     reasons_when_the_file_is_hostile_are_bounded, NULL};

	return suite_run("fhir/load", tests);
}
