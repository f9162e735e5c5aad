#include "ledger/wire/wire.h"
#include "tests/base/suite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KID "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SIG KID KID
/* {1: -47, 3: "t", 4: kid, 15: {1: "o/a", 2: "s"}}, and the same as a bstr of 52 bytes */
#define HEADER "a401382e0361740458" \
	       "20" KID "0fa201636f2f61026173"
#define HEADER_BSTR "5834" HEADER

static struct base_buf unhex(const char *hex)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert(base_unhex(&out, base_slice_text(hex)));
	return out;
}

static void assert_hex(const struct base_buf *got, const char *expected)
{
	char *hex = base_alloc(2 * got->len + 1);

	base_hex(hex, base_buf_slice(got));
	ck_assert_str_eq(hex, expected);
	free(hex);
}

START_TEST(encode_when_decoded_gives_the_same_fields)
{
	struct base_buf header = BASE_BUF_INIT, event = BASE_BUF_INIT, kid = unhex(KID), sig = unhex(SIG);
	struct base_error err = {""};
	struct wire_sign1_any any;
	struct wire_sign1 sign1;

	wire_sign1_protected(&header, "t", base_buf_slice(&kid), base_slice_text("o/a"), base_slice_text("s"));
	assert_hex(&header, HEADER);
	wire_sign1_encode(&event, base_buf_slice(&header), base_slice("\x80", 1), base_buf_slice(&sig));
	assert_hex(&event, "d284" HEADER_BSTR "a041805840" SIG);
	ck_assert_msg(wire_sign1_decode(&sign1, base_buf_slice(&event), &err) == BASE_OK, "%s", err.text);
	ck_assert_int_eq(sign1.alg, -47);
	ck_assert(base_slice_equal(sign1.protected_bytes, base_buf_slice(&header)));
	ck_assert(base_slice_equal(sign1.content_type, base_slice_text("t")));
	ck_assert(base_slice_equal(sign1.kid, base_buf_slice(&kid)));
	ck_assert(base_slice_equal(sign1.issuer, base_slice_text("o/a")));
	ck_assert(base_slice_equal(sign1.subject, base_slice_text("s")));
	ck_assert(base_slice_equal(sign1.payload, base_slice("\x80", 1)));
	ck_assert(base_slice_equal(sign1.signature, base_buf_slice(&sig)));
	ck_assert_int_eq(wire_sign1_any_decode(&any, base_buf_slice(&event), false, &err), BASE_OK);
	ck_assert(any.has_alg && any.alg == -47 && !any.has_crit);
	base_buf_free(&header);
	base_buf_free(&event);
	base_buf_free(&kid);
	base_buf_free(&sig);
}
END_TEST

START_TEST(encode_when_payload_is_detached_or_empty_keeps_them_apart)
{
	struct base_buf header = unhex(HEADER), sig = unhex(SIG), event = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_sign1 sign1;

	wire_sign1_encode(&event, base_buf_slice(&header), base_slice(NULL, 0), base_buf_slice(&sig));
	ck_assert_int_eq(wire_sign1_decode(&sign1, base_buf_slice(&event), &err), BASE_OK);
	ck_assert_ptr_null(sign1.payload.data);
	event.len = 0;
	wire_sign1_encode(&event, base_buf_slice(&header), base_slice("", 0), base_buf_slice(&sig));
	ck_assert_int_eq(wire_sign1_decode(&sign1, base_buf_slice(&event), &err), BASE_OK);
	ck_assert_ptr_nonnull(sign1.payload.data);
	ck_assert_uint_eq(sign1.payload.len, 0);
	base_buf_free(&header);
	base_buf_free(&sig);
	base_buf_free(&event);
}
END_TEST

START_TEST(sig_structure_when_built_is_rfc_9052s)
{
	struct base_buf out = BASE_BUF_INIT;

	wire_sig_structure(&out, base_slice("\xa1\x01\x38\x2e", 4), base_slice(NULL, 0), base_slice_text("hi"));
	assert_hex(&out, "846a5369676e61747572653144a101382e40426869");
	base_buf_free(&out);
}
END_TEST

START_TEST(decode_when_profile_is_broken_says_where)
{
	static const struct {
		const char *hex;
		const char *why;
	} cases[] = {
		{"", "event at byte 0 of 0: the bytes end where an item should begin"},
		{"84" HEADER_BSTR "a041805840" SIG, "event at byte 0 of 124: a tag is expected here"},
		{"d184" HEADER_BSTR "a041805840" SIG, "tag 18 (COSE_Sign1) is expected here"},
		{"d81284" HEADER_BSTR "a041805840" SIG, "not in its shortest form"},
		{"d283" HEADER_BSTR "a04180", "an array has the wrong number of items"},
		{"d284583400000000", "event at byte 2 of 8: the bytes end in the middle of an item"},
		{"d284a0a041805840" SIG, "event at byte 2 of 72: a byte string is expected here"},
		{"d284" HEADER_BSTR "a104410041805840" SIG, "event at byte 57 of 128: the unprotected header is not empty"},
		{"d284" HEADER_BSTR "8041805840" SIG, "a map is expected here"},
		{"d284" HEADER_BSTR "a061805840" SIG, "a byte string is expected here"},
		{"d284" HEADER_BSTR "a0418040", "the signature is not 64 bytes"},
		{"d284" HEADER_BSTR "a04180f6", "a byte string is expected here"},
		{"d284" HEADER_BSTR "a041805840" SIG "00", "event at byte 125 of 126: something follows the end"},
		{"d28440a041805840" SIG, "protected header of the event at byte 0 of 0: the bytes end"},
		{"d28441a0a041805840" SIG, "not exactly the labels 1, 3, 4 and 15"},
		{"d2845834" "a401260361740458" "20" KID "0fa201636f2f6102617300" "a041805840" SIG, "the algorithm is not ES256K"},
		{"d2845834" "a402382e0361740458" "20" KID "0fa201636f2f61026173" "a041805840" SIG, "label 1 (alg) is expected"},
		{"d2845834" "a401382e0461740458" "20" KID "0fa201636f2f61026173" "a041805840" SIG, "label 3 (content type)"},
		{"d2845834" "a401382e0341740458" "20" KID "0fa201636f2f61026173" "a041805840" SIG, "a text is expected here"},
		{"d2845834" "a401382e0361740558" "20" KID "0fa201636f2f61026173" "a041805840" SIG, "label 4 (kid) is expected"},
		{"d2845834" "a401382e0361740458" "20" KID "10a201636f2f61026173" "a041805840" SIG, "label 15 (CWT claims)"},
		{"d2845834" "a401382e0361740458" "20" KID "0fa202636f2f61026173" "a041805840" SIG, "claim 1 (issuer)"},
		{"d2845834" "a401382e0361740458" "20" KID "0fa201636f2f61036173" "a041805840" SIG, "claim 2 (subject)"},
		{"d2845834" "a401382e0361740458" "20" KID "0fa201636f2fff026173" "a041805840" SIG, "a text is not UTF-8"},
		{"d2845833" "a401382e03617404581f" "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
		 "0fa201636f2f61026173" "a041805840" SIG, "the kid is not 32 bytes"},
		{"d2845831" "a401382e0361740458" "20" KID "0fa101636f2f61" "a041805840" SIG, "not exactly 1 (issuer) and 2"},
		{"d2845835" HEADER "00" "a041805840" SIG, "protected header of the event at byte 52 of 53: something follows"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_sign1 sign1;

		ck_assert_msg(wire_sign1_decode(&sign1, base_buf_slice(&bytes), &err) == BASE_MALFORMED, "%s", cases[i].why);
		ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%zu: %s instead of %s", i, err.text, cases[i].why);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(decode_when_cut_or_changed_anywhere_never_crashes)
{
	struct base_buf bytes = unhex("d284" HEADER_BSTR "a041805840" SIG);
	struct wire_sign1 sign1;

	for (size_t len = 0; len < bytes.len; len++) {
		uint8_t *cut = base_alloc(len);

		memcpy(cut, bytes.data, len);
		ck_assert_int_eq(wire_sign1_decode(&sign1, base_slice(cut, len), NULL), BASE_MALFORMED);
		free(cut);
	}
	for (size_t at = 0; at < bytes.len; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct base_buf again = BASE_BUF_INIT;

			bytes.data[at] ^= (uint8_t)(1U << bit);
			/* What is still taken has exactly one encoding. */
			if (wire_sign1_decode(&sign1, base_buf_slice(&bytes), NULL) == BASE_OK) {
				wire_sign1_encode(&again, sign1.protected_bytes, sign1.payload, sign1.signature);
				ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&bytes)));
			}
			bytes.data[at] ^= (uint8_t)(1U << bit);
			base_buf_free(&again);
		}
	}
	base_buf_free(&bytes);
}
END_TEST

START_TEST(decode_when_over_the_limit_says_so)
{
	struct base_buf header = unhex(HEADER), sig = unhex(SIG), event = BASE_BUF_INIT;
	uint8_t *payload = base_alloc(WIRE_EVENT_BYTES_MAX);
	size_t around = 2 + 54 + 1 + 3 + 66;
	struct base_error err = {""};
	struct wire_sign1 sign1;

	wire_sign1_encode(&event, base_buf_slice(&header), base_slice(payload, WIRE_EVENT_BYTES_MAX - around),
			  base_buf_slice(&sig));
	ck_assert_uint_eq(event.len, WIRE_EVENT_BYTES_MAX);
	ck_assert_int_eq(wire_sign1_decode(&sign1, base_buf_slice(&event), &err), BASE_OK);
	event.len = 0;
	wire_sign1_encode(&event, base_buf_slice(&header), base_slice(payload, WIRE_EVENT_BYTES_MAX - around + 1),
			  base_buf_slice(&sig));
	ck_assert_int_eq(wire_sign1_decode(&sign1, base_buf_slice(&event), &err), BASE_LIMIT);
	ck_assert_str_eq(err.text, "event is 40001 bytes; at most 40000 are taken");
	free(payload);
	base_buf_free(&header);
	base_buf_free(&sig);
	base_buf_free(&event);
}
END_TEST

START_TEST(any_decode_when_foreign_takes_what_rfc_9052_allows)
{
	static const struct {
		const char *hex;
		bool has_alg, has_crit, detached;
		int64_t alg;
	} cases[] = {
		{"d28443a10126a0416140", true, false, false, -7},
		{"8443a10126a0416140", true, false, false, -7},
		{"d28440a0416140", false, false, false, 0},
		{"d28441a0a0416140", false, false, false, 0},		/* empty map as a bstr */
		{"d28440a10126f640", false, false, true, 0},		/* alg unprotected is not ours to trust */
		{"d812980443a10126a0416140", true, false, false, -7},	/* tag and count not shortest */
		{"d28446a20126028104a0416140", true, true, false, -7},	/* crit */
		{"d2844ba20319c350011a00000026a0416140", true, false, false, 38}, /* unsorted, not shortest */
		{"d28448a101654553323536a0416140", false, false, false, 0}, /* alg is a text */
		{"d28443a10126a26178f93c0020f7416140", true, false, false, -7}, /* float and undefined in a header */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_sign1_any any;
		enum base_code code = wire_sign1_any_decode(&any, base_buf_slice(&bytes), true, &err);

		ck_assert_msg(code == BASE_OK, "%s: %s", cases[i].hex, err.text);
		ck_assert(any.has_alg == cases[i].has_alg && any.has_crit == cases[i].has_crit);
		ck_assert_int_eq(any.alg, cases[i].alg);
		ck_assert((any.payload.data == NULL) == cases[i].detached);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(any_decode_when_malformed_says_where)
{
	static const struct {
		const char *hex;
		const char *why;
	} cases[] = {
		{"d903e68443a10126a0416140", "COSE_Sign1 at byte 0 of 12: the tag is not 18"},
		{"d862848440a0416140", "the tag is not 18"},
		{"8443a10126a0416140", "tag 18 (COSE_Sign1) is expected here"},
		{"d28343a10126a04161", "a COSE_Sign1 has 4 items"},
		{"d2a0", "an array is expected here"},
		{"d284a10126a0416140", "the protected header is not a byte string"},
		{"d28443a1012680416140", "unprotected header of the COSE_Sign1 at byte 0 of 1: a header map is expected"},
		{"d28443a10126a0616140", "the payload is neither a byte string nor null"},
		{"d28443a10126a04161f6", "the signature is not a byte string"},
		{"d28443a10126a041614000", "COSE_Sign1 at byte 10 of 11: something follows"},
		{"d2844180a0416140", "protected header of the COSE_Sign1 at byte 0 of 1: a header map is expected"},
		{"d28444a1012600a0416140", "protected header of the COSE_Sign1 at byte 3 of 4: something follows"},
		{"d28445a201260126a0416140", "a header label occurs twice"},
		{"d28446a20126180100a0416140", "a header label occurs twice"},
		{"d28443a10126a10127416140", "unprotected header of the COSE_Sign1 at byte 1 of 3: a header label occurs twice"},
		{"d28443a10126a26161006161f6416140", "a header label occurs twice"},
		{"d28443a10126a10281044161", "the bytes end where an item should begin"},
		{"d28443a10126a1028104416140", "label 2 (crit) is not in the protected header"},
		{"d28443a14126a0416140", "a header label is neither an integer nor a text"},
		{"d28444a161ff00a0416140", "a text is not UTF-8"},
		{"d28443a10126bf01f6ff416140", "a length is indefinite"},
		{"d2845f43a10126ffa0416140", "a length is indefinite"},
		{"d28443b84100a0416140", "more than 64 headers"},
		{"d28442a101a0416140", "the bytes end where an item should begin"},
		{"", "the bytes end where an item should begin"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_sign1_any any;

		ck_assert_msg(wire_sign1_any_decode(&any, base_buf_slice(&bytes), false, &err) == BASE_MALFORMED, "%s",
			      cases[i].hex);
		ck_assert_msg(strstr(err.text, cases[i].why) != NULL, "%s: %s", cases[i].hex, err.text);
		base_buf_free(&bytes);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		encode_when_decoded_gives_the_same_fields,
		encode_when_payload_is_detached_or_empty_keeps_them_apart,
		sig_structure_when_built_is_rfc_9052s,
		decode_when_profile_is_broken_says_where,
		decode_when_cut_or_changed_anywhere_never_crashes,
		decode_when_over_the_limit_says_so,
		any_decode_when_foreign_takes_what_rfc_9052_allows,
		any_decode_when_malformed_says_where,
		NULL,
	};

	return suite_run("wire/sign1", tests);
}
