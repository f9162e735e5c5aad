/* cbor: the examples of RFC 8949, the DASL test suite, DAG-CBOR fixtures, atproto's data model.
 *
 * A file is an array of cases; which kind of case one is, its members say. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/cbor.h"
#include "tests/conformance/codec.h"
#include "tests/conformance/conformance.h"

#define NARROWER "a float, undefined or other simple value: CBOR that Regesta does not have"
#define TOO_DEEP "nested deeper than Regesta's 16"

static const char *word(const struct json *json, char *out, size_t cap)
{
	return json_cstr(json, out, cap);
}

/* The bytes must be taken and written again, unless they hold what Regesta leaves out: then they must be refused. */
static void expect_round_trip(struct suite *s, const char *which, struct base_slice bytes)
{
	struct cbor_facts facts = cbor_look(bytes);
	bool refused;
	const char *why = cbor_round_trip(bytes, &refused);

	if (!facts.well_formed)
		case_fail(s, which, "the vector itself is not well-formed CBOR");
	else if (!facts.narrower && facts.depth <= WIRE_DEPTH_MAX)
		case_end(s, which, why);
	else if (refused)
		case_refused(s, facts.narrower ? NARROWER : TOO_DEEP);
	else
		case_fail(s, which, "wire takes what Regesta does not have");
}

static void expect_refusal(struct suite *s, const char *which, struct base_slice bytes)
{
	struct base_error err = {""};

	if (wire_check(bytes, &err) == BASE_OK)
		case_fail(s, which, "it must be refused, and is taken");
	else
		case_end(s, which, err.text[0] != '\0' ? NULL : "refused without a sentence");
}

/* ---- DASL ------------------------------------------------------------------ */

static bool has_tag(const struct json *tags, const char *tag)
{
	for (size_t i = 0; i < json_count(tags); i++) {
		if (json_equals(&tags->items[i], tag))
			return true;
	}
	return false;
}

/* Our encoder has no way to write what our decoder does not know. */
static bool encoder_writes(struct base_slice bytes)
{
	bool refused;

	return cbor_round_trip(bytes, &refused) == NULL;
}

/* RFC 8949 alone decides where the profiles of others contradict it. */
static void dasl_case(struct suite *s, const struct json *one, const char *which, struct base_slice bytes)
{
	const struct json *type = json_get(one, "type"), *tags = json_get(one, "tags");
	struct cbor_facts facts = cbor_look(bytes);
	bool ours = has_tag(tags, "basic") || has_tag(tags, "rfc8949") || json_count(tags) == 0;
	bool taken, wanted = json_equals(type, "roundtrip");
	char tag[32];

	if (!wanted && !json_equals(type, "invalid_in") && !json_equals(type, "invalid_out")) {
		case_skip(s, "a type of case that is none of roundtrip, invalid_in, invalid_out");
		return;
	}
	taken = json_equals(type, "invalid_out") ? encoder_writes(bytes) : wire_check(bytes, NULL) == BASE_OK;
	if (ours && wanted)
		expect_round_trip(s, which, bytes);
	else if (ours)
		case_end(s, which, taken ? "it must be refused, and is taken" : NULL);
	else if (taken == wanted)
		case_end(s, which, wanted && !encoder_writes(bytes) ? "written again it is not the same" : NULL);
	else if (wanted && facts.well_formed && facts.narrower)
		case_refused(s, NARROWER);
	else
		case_skip(s, "a rule of the profile %s alone, which RFC 8949 does not have",
			  word(json_at(tags, 0), tag, sizeof(tag)));
}

/* ---- atproto --------------------------------------------------------------- */

/* JSON, its CBOR, the CID of that: exact. */
static const char *fixture(const struct json *one)
{
	struct base_buf expected = BASE_BUF_INIT, out = BASE_BUF_INIT, binary = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_cid_any cid;
	struct base_hash hash;
	const char *why = NULL;
	bool narrower;

	if (!json_base64(json_get(one, "cbor_base64"), &expected))
		why = "cbor_base64 is no base64";
	else if (!cbor_from_json(&out, json_get(one, "json"), CBOR_ATPROTO, &why, &narrower))
		goto out;
	else if (!base_slice_equal(base_buf_slice(&out), base_buf_slice(&expected)))
		why = "the JSON as CBOR is not cbor_base64";
	else if (wire_check(base_buf_slice(&expected), &err) != BASE_OK)
		why = "cbor_base64 is refused";
	else if (wire_cid_any_parse_text(&cid, &binary, json_text(json_get(one, "cid")), &err) != BASE_OK)
		why = "cid is refused";
	if (why == NULL) {
		hash = base_sha256_of(base_buf_slice(&expected));
		why = base_slice_equal(cid.digest, base_hash_slice(&hash)) ? NULL : "cid is not that of the bytes";
	}
out:
	base_buf_free(&expected);
	base_buf_free(&out);
	base_buf_free(&binary);
	return why;
}

/* 123.0 is an integer to atproto, whose numbers come from JavaScript; to us, JSON that says so is a float. */
static bool has_integer_like_float(const struct json *json)
{
	struct base_slice text = base_buf_slice(&json->text);
	const uint8_t *dot = json->type == JSON_NUMBER && text.len > 0 ? memchr(text.data, '.', text.len) : NULL;

	if (dot != NULL) {
		size_t rest = text.len - (size_t)(dot + 1 - text.data);

		return strspn((const char *)(dot + 1), "0") >= rest;
	}
	for (size_t i = 0; i < json->count; i++) {
		if (has_integer_like_float(&json->items[i]))
			return true;
	}
	return false;
}

static void model_case(struct suite *s, const struct json *one, const char *which)
{
	const struct json *json = json_get(one, "json");
	struct base_buf out = BASE_BUF_INIT;
	const char *why;
	bool narrower, written = cbor_from_json(&out, json, CBOR_ATPROTO, &why, &narrower);

	if (file_named(s->file, "invalid")) {
		if (written)
			case_skip(s, "rules of atproto about objects, $type and blobs: not of CBOR");
		else
			case_refused(
				s,
				narrower ? NARROWER
					 : "JSON that has no CBOR: a link that is no CID, or bytes that are no base64");
	} else if (!written && narrower && has_integer_like_float(json)) {
		case_refused(s, NARROWER);
	} else if (!written) {
		case_fail(s, which, "%s", why);
	} else {
		expect_round_trip(s, which, base_buf_slice(&out));
	}
	base_buf_free(&out);
}

/* ---- Cases ----------------------------------------------------------------- */

static void hex_case(struct suite *s, const struct json *one, const char *which)
{
	const struct json *hex = json_get(one, json_get(one, "type") != NULL ? "data" : "hex");
	struct base_buf bytes = BASE_BUF_INIT;
	bool wanted;

	if (!json_hex(hex, &bytes))
		case_skip(s, "a case whose bytes are not in hexadecimal");
	else if (json_get(one, "type") != NULL)
		dasl_case(s, one, which, base_buf_slice(&bytes));
	else if (json_is_bool(json_get(one, "wellFormed"), &wanted) ||
		 json_is_bool(json_get(one, "roundtrip"), &wanted))
		wanted ? expect_round_trip(s, which, base_buf_slice(&bytes))
		       : expect_refusal(s, which, base_buf_slice(&bytes));
	else
		case_skip(s, "a case that does not say what is expected");
	base_buf_free(&bytes);
}

static void one_case(struct suite *s, const struct json *one, size_t i)
{
	char which[160], name[128];
	const struct json *label = json_get(one, "name");

	if (label == NULL)
		label = json_get(one, json_get(one, "note") != NULL ? "note" : "hex");
	(void)snprintf(which, sizeof(which), "#%zu (%.100s)", i, word(label, name, sizeof(name)));
	if (json_get(one, "error") != NULL)
		codec_negative_case(s, one, which, false);
	else if (json_get(one, "cbor_base64") != NULL)
		case_end(s, which, fixture(one));
	else if (json_get(one, "json") != NULL)
		model_case(s, one, which);
	else
		hex_case(s, one, which);
}

static void json_file(struct suite *s)
{
	struct json json;

	if (!suite_json(s, &json))
		return;
	if (!json_is(&json, JSON_ARRAY) || json.count == 0)
		case_payload(s, "no array of cases");
	else
		for (size_t i = 0; i < json.count; i++)
			one_case(s, &json.items[i], i);
	json_free(&json);
}

void suite_cbor(struct suite *s)
{
	for (size_t i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		if (codec_file(s->file))
			codec_case(s);
		else if (file_ends(s->file, ".json"))
			json_file(s);
		else
			case_payload(s, "neither JSON nor a block named by its CID");
	}
}
