/* Published vectors: CBOR, COSE, multibase, multihash, CIDs. Skipped where they are not. */
#include "ledger/wire/wire.h"
#include "tests/base/suite.h"
#include "tests/wire/copy.h"
#include "tests/wire/vectors.h"

#include <glob.h>
#include <jansson.h>
#include <string.h>

/* The JSON array or object of a vector file; NULL if it is not there. */
static json_t *json_of(const char *name)
{
	struct base_buf text = BASE_BUF_INIT;
	json_t *json = NULL;
	json_error_t err;

	if (vectors_read(&text, name)) {
		json = json_loadb((const char *)text.data, text.len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &err);
		ck_assert_msg(json != NULL, "%s: %s", name, err.text);
	}
	base_buf_free(&text);
	return json;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

static struct base_buf hex_of(const json_t *object, const char *key)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert(base_unhex(&out, base_slice_text(text_of(object, key))));
	return out;
}

/* ---- CBOR --------------------------------------------------------------- */

/* True: taken, and written again the same. False: refused; *narrower if it is
 * a value that CBOR has and Regesta does not. */
static bool round_trips(struct base_slice bytes, bool *narrower)
{
	struct base_buf again = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_reader r;
	bool same;

	*narrower = false;
	if (wire_check(bytes, &err) != BASE_OK) {
		*narrower = strstr(err.text, "floating-point") != NULL || strstr(err.text, "undefined") != NULL ||
			    strstr(err.text, "simple value") != NULL;
		return false;
	}
	wire_read(&r, bytes);
	copy_item(&r, NULL, &again);
	ck_assert_int_eq(wire_done(&r, "item", &err), BASE_OK);
	same = base_slice_equal(base_buf_slice(&again), bytes);
	base_buf_free(&again);
	ck_assert(same);
	return true;
}

START_TEST(check_when_rfc_8949_example_agrees)
{
	json_t *examples = json_of("cbor/rfc8949_appendix_a.json"), *example;
	size_t i, taken = 0;

	json_array_foreach(examples, i, example) {
		struct base_buf bytes = hex_of(example, "hex");
		bool narrower, ok = round_trips(base_buf_slice(&bytes), &narrower);

		if (json_is_true(json_object_get(example, "roundtrip")))
			ck_assert_msg(ok || narrower, "%s", text_of(example, "hex"));
		else
			ck_assert_msg(!ok, "%s", text_of(example, "hex"));
		taken += ok;
		base_buf_free(&bytes);
	}
	ck_assert(examples == NULL || taken > 20);
	json_decref(examples);
	examples = json_of("cbor/rfc8949_appendix_f_not_well_formed.json");
	json_array_foreach(examples, i, example) {
		struct base_buf bytes = hex_of(example, "hex");

		ck_assert_int_eq(wire_check(base_buf_slice(&bytes), NULL), BASE_MALFORMED);
		base_buf_free(&bytes);
	}
	json_decref(examples);
	examples = json_of("cbor/codec-negative/decode_duplicate-keys.json");
	json_array_foreach(examples, i, example) {
		struct base_buf bytes = hex_of(example, "hex");

		ck_assert_int_eq(wire_check(base_buf_slice(&bytes), NULL), BASE_MALFORMED);
		base_buf_free(&bytes);
	}
	json_decref(examples);
}
END_TEST

static bool has_tag(const json_t *example, const char *tag)
{
	json_t *tags = json_object_get(example, "tags"), *one;
	size_t i;

	json_array_foreach(tags, i, one) {
		if (strcmp(json_string_value(one), tag) == 0)
			return true;
	}
	return false;
}

START_TEST(check_when_dasl_example_of_rfc_8949_agrees)
{
	static const char *const names[] = {"floats",  "indefinite", "integer_range", "map_keys", "numeric_reduction",
					    "simple",  "short_form", "tags",	      "utf8"};

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		char name[64];
		json_t *examples, *example;
		size_t i;

		(void)snprintf(name, sizeof(name), "cbor/dasl/%s.json", names[n]);
		examples = json_of(name);
		json_array_foreach(examples, i, example) {
			struct base_buf bytes = hex_of(example, "data");
			bool narrower, ok = round_trips(base_buf_slice(&bytes), &narrower);

			/* Other profiles have other rules. */
			if (has_tag(example, "rfc8949") || has_tag(example, "basic")) {
				if (strcmp(text_of(example, "type"), "roundtrip") == 0)
					ck_assert_msg(ok || narrower, "%s", text_of(example, "name"));
				else
					ck_assert_msg(!ok, "%s", text_of(example, "name"));
			}
			base_buf_free(&bytes);
		}
		json_decref(examples);
	}
}
END_TEST

/* Files named by the CID of their bytes. */
START_TEST(check_when_dag_cbor_fixture_round_trips)
{
	char *pattern = vectors_path("cbor/codec-fixtures/*/*.dag-cbor");
	glob_t found;
	size_t taken = 0;

	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("skipped: %s is not there\n", pattern);
		free(pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct base_buf bytes = BASE_BUF_INIT, binary = BASE_BUF_INIT;
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;
		struct wire_cid_any cid;
		struct base_error err = {""};
		struct base_hash hash;
		bool narrower;

		ck_assert_int_eq(base_file_read(&bytes, found.gl_pathv[i], 1 << 24, &err), BASE_OK);
		ck_assert_msg(wire_cid_any_parse_text(&cid, &binary, base_slice(name, strcspn(name, ".")), &err) == BASE_OK,
			      "%s", err.text);
		hash = base_sha256_of(base_buf_slice(&bytes));
		ck_assert(base_slice_equal(cid.digest, base_hash_slice(&hash)));
		if (round_trips(base_buf_slice(&bytes), &narrower))
			taken++;
		else
			ck_assert_msg(narrower, "%s", found.gl_pathv[i]);
		base_buf_free(&bytes);
		base_buf_free(&binary);
	}
	ck_assert_uint_gt(taken, found.gl_pathc / 2);
	globfree(&found);
	free(pattern);
}
END_TEST

/* ---- COSE --------------------------------------------------------------- */

static void assert_sig_structure(const struct wire_sign1_any *any, struct base_slice aad, struct base_slice payload,
				 struct base_slice expected, const char *name)
{
	struct base_buf got = BASE_BUF_INIT;

	if (any->payload.data != NULL)
		payload = any->payload;
	wire_sig_structure(&got, any->protected_bytes, aad, payload);
	ck_assert_msg(base_slice_equal(base_buf_slice(&got), expected), "%s", name);
	base_buf_free(&got);
}

START_TEST(sign1_when_es256k_vector_has_its_sig_structure)
{
	json_t *file = json_of("cose/es256k-derived/cose_sign1_es256k.json"), *one;
	size_t i;

	json_array_foreach(json_object_get(file, "vectors"), i, one) {
		struct base_buf bytes = hex_of(one, "cose_sign1"), aad = hex_of(one, "external_aad"),
				payload = hex_of(one, "detached_payload"), tbs = hex_of(one, "tbs");
		struct base_error err = {""};
		struct wire_sign1_any any;
		enum base_code code = wire_sign1_any_decode(&any, base_buf_slice(&bytes), true, &err);

		if (json_is_true(json_object_get(one, "valid"))) {
			ck_assert_msg(code == BASE_OK, "%s: %s", text_of(one, "title"), err.text);
			ck_assert(any.has_alg && any.alg == -47);
			assert_sig_structure(&any, base_buf_slice(&aad), base_buf_slice(&payload), base_buf_slice(&tbs),
					     text_of(one, "title"));
		}
		base_buf_free(&bytes);
		base_buf_free(&aad);
		base_buf_free(&payload);
		base_buf_free(&tbs);
	}
	json_decref(file);
}
END_TEST

/* The working group's examples: COSE_Sign1 are split right, COSE_Sign are refused. */
static void check_cose_example(const char *path)
{
	json_error_t jerr;
	json_t *file = json_load_file(path, 0, &jerr);
	const json_t *input = json_object_get(file, "input");
	const json_t *sign0 = json_object_get(input, "sign0");
	struct base_buf bytes = hex_of(json_object_get(file, "output"), "cbor");
	struct base_buf tbs = hex_of(json_object_get(file, "intermediates"), "ToBeSign_hex");
	struct base_buf aad = hex_of(sign0, "external");
	struct base_error err = {""};
	struct wire_sign1_any any;
	struct wire_sign1 own;
	enum base_code code = wire_sign1_any_decode(&any, base_buf_slice(&bytes), true, &err);

	ck_assert_msg(bytes.len > 0, "%s", path);
	if (sign0 == NULL || strstr(path, "sign1-tests/sign-fail-01") != NULL) {
		ck_assert_int_eq(code, BASE_MALFORMED);
	} else {
		ck_assert_msg(code == BASE_OK, "%s: %s", path, err.text);
		/* Where the file says that the signature must fail, what was signed differs from what was sent. */
		if (!json_is_true(json_object_get(file, "fail")))
			assert_sig_structure(&any, base_buf_slice(&aad), base_slice(NULL, 0), base_buf_slice(&tbs), path);
	}
	ck_assert_int_ne(wire_sign1_decode(&own, base_buf_slice(&bytes), &err), BASE_OK);
	base_buf_free(&bytes);
	base_buf_free(&tbs);
	base_buf_free(&aad);
	json_decref(file);
}

START_TEST(sign1_when_working_group_example_is_split_right)
{
	static const char *const folders[] = {"sign1-tests", "ecdsa-examples", "sign-tests", "eddsa-examples",
					      "RFC8152",     "CWT",	       "x509-examples"};
	size_t seen = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char name[64];
		char *pattern;
		glob_t found;

		(void)snprintf(name, sizeof(name), "cose/%s/*.json", folders[i]);
		pattern = vectors_path(name);
		if (glob(pattern, 0, NULL, &found) == 0) {
			for (size_t n = 0; n < found.gl_pathc; n++)
				check_cose_example(found.gl_pathv[n]);
			seen += found.gl_pathc;
			globfree(&found);
		}
		free(pattern);
	}
	if (seen == 0)
		printf("skipped: cose examples are not there\n");
}
END_TEST

START_TEST(sign1_when_gluecose_vector_has_its_sig_structure)
{
	char *pattern = vectors_path("cose/gluecose/*.json");
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("skipped: %s is not there\n", pattern);
		free(pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		json_error_t jerr;
		json_t *file = json_load_file(found.gl_pathv[i], 0, &jerr);
		const json_t *sign = json_object_get(file, "sign1::sign"), *verify = json_object_get(file, "sign1::verify");
		const json_t *message = json_object_get(sign != NULL ? sign : verify,
							sign != NULL ? "expectedOutput" : "taggedCOSESign1");
		struct base_buf bytes = hex_of(message, "cborHex"), aad = hex_of(sign, "external"),
				tbs = hex_of(json_object_get(sign, "tbsHex"), "cborHex");
		struct base_error err = {""};
		struct wire_sign1_any any;

		ck_assert_msg(wire_sign1_any_decode(&any, base_buf_slice(&bytes), false, &err) == BASE_OK, "%s: %s",
			      found.gl_pathv[i], err.text);
		if (sign != NULL)
			assert_sig_structure(&any, base_buf_slice(&aad), base_slice(NULL, 0), base_buf_slice(&tbs),
					     found.gl_pathv[i]);
		base_buf_free(&bytes);
		base_buf_free(&aad);
		base_buf_free(&tbs);
		json_decref(file);
	}
	globfree(&found);
	free(pattern);
}
END_TEST

/* ---- multiformats ------------------------------------------------------- */

/* Cuts "a, b" or "a,b" in two; takes quotation marks and \x00 away. */
static void csv_cut(struct base_slice line, struct base_buf *first, struct base_buf *second)
{
	const char *comma = memchr(line.data, ',', line.len);
	size_t at;

	first->len = second->len = 0;
	ck_assert_ptr_nonnull(comma);
	at = (size_t)((const uint8_t *)comma - line.data);
	base_buf_append(first, base_slice(line.data, at));
	for (at++; at < line.len; at++) {
		if (line.len - at >= 4 && memcmp(line.data + at, "\\x00", 4) == 0) {
			base_buf_byte(second, 0);
			at += 3;
		} else if (line.data[at] != '"' && line.data[at] != '\r' && (line.data[at] != ' ' || second->len > 0)) {
			base_buf_byte(second, line.data[at]);
		}
	}
}

START_TEST(multibase_when_vector_decodes_to_its_bytes)
{
	char *pattern = vectors_path("ipfs/multibase/*.csv");
	struct base_buf name = BASE_BUF_INIT, value = BASE_BUF_INIT, expected = BASE_BUF_INIT;
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0) {
		printf("skipped: %s is not there\n", pattern);
		free(pattern);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct base_buf text = BASE_BUF_INIT;
		struct base_slice left, line;

		ck_assert_int_eq(base_file_read(&text, found.gl_pathv[i], 1 << 20, NULL), BASE_OK);
		left = base_buf_slice(&text);
		ck_assert(line_next(&line, &left));
		csv_cut(line, &name, &expected);
		while (line_next(&line, &left)) {
			struct base_buf got = BASE_BUF_INIT;
			struct base_error err = {""};
			enum base_code code;

			csv_cut(line, &name, &value);
			code = wire_multibase_decode(&got, base_buf_slice(&value), &err);
			if (base_slice_equal(base_buf_slice(&name), base_slice_text("base256emoji"))) {
				ck_assert_int_eq(code, BASE_MALFORMED);
				ck_assert_ptr_nonnull(strstr(err.text, "none that Regesta reads"));
			} else {
				ck_assert_msg(code == BASE_OK, "%.*s: %s", (int)line.len, (const char *)line.data, err.text);
				ck_assert(base_slice_equal(base_buf_slice(&got), base_buf_slice(&expected)));
			}
			base_buf_free(&got);
		}
		base_buf_free(&text);
	}
	base_buf_free(&name);
	base_buf_free(&value);
	base_buf_free(&expected);
	globfree(&found);
	free(pattern);
}
END_TEST

START_TEST(multihash_when_in_a_cid_is_read_unless_sha256_is_cut)
{
	struct base_buf text = BASE_BUF_INIT, cid = BASE_BUF_INIT;
	struct base_slice left, line;

	if (!vectors_read(&text, "ipfs/multihash/test_cases.csv"))
		return;
	left = base_buf_slice(&text);
	ck_assert(line_next(&line, &left));
	while (line_next(&line, &left)) {
		const uint8_t *last = memrchr(line.data, ',', line.len);
		size_t at = (size_t)(last - line.data) + 1;
		struct base_error err = {""};
		struct wire_cid_any any;
		enum base_code code;

		cid.len = 0;
		base_buf_append(&cid, base_slice("\x01\x55", 2));
		ck_assert(base_unhex(&cid, base_slice(line.data + at, line.len - at)));
		code = wire_cid_any_parse(&any, base_buf_slice(&cid), &err);
		if (cid.data[2] == 0x12 && cid.data[3] != 32) {
			ck_assert_int_eq(code, BASE_MALFORMED);
			continue;
		}
		ck_assert_msg(code == BASE_OK, "%s", err.text);
		ck_assert_uint_eq(any.len, cid.len);
		/* Where the function is ours, the digest is that of the input column's characters. */
		if (any.hash_code == 0x12) {
			const uint8_t *comma = memrchr(line.data, ',', at - 1);
			struct base_hash hash = base_sha256_of(base_slice(comma + 1, (size_t)(last - comma) - 1));

			ck_assert(base_slice_equal(any.digest, base_hash_slice(&hash)));
		}
	}
	base_buf_free(&text);
	base_buf_free(&cid);
}
END_TEST

START_TEST(cid_syntax_when_vector_is_valid_or_not_agrees)
{
	static const char *const names[] = {"ipfs/cid-syntax/cid_syntax_invalid.txt", "ipfs/cid-syntax/cid_syntax_valid.txt"};

	for (size_t valid = 0; valid < 2; valid++) {
		struct base_buf text = BASE_BUF_INIT;
		struct base_slice left, line;

		if (!vectors_read(&text, names[valid]))
			continue;
		left = base_buf_slice(&text);
		while (line_next(&line, &left)) {
			if (line.len == 0 || line.data[0] == '#')
				continue;
			ck_assert_msg(wire_cid_syntax_valid(line) == (valid == 1), "%.*s", (int)line.len,
				      (const char *)line.data);
		}
		base_buf_free(&text);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		check_when_rfc_8949_example_agrees,
		check_when_dasl_example_of_rfc_8949_agrees,
		check_when_dag_cbor_fixture_round_trips,
		sign1_when_es256k_vector_has_its_sig_structure,
		sign1_when_working_group_example_is_split_right,
		sign1_when_gluecose_vector_has_its_sig_structure,
		multibase_when_vector_decodes_to_its_bytes,
		multihash_when_in_a_cid_is_read_unless_sha256_is_cut,
		cid_syntax_when_vector_is_valid_or_not_agrees,
		NULL,
	};

	return suite_run("wire/vectors", tests);
}
