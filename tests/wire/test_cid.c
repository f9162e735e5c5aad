#include "ledger/wire/wire.h"
#include "tests/base/suite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct base_buf unhex(const char *hex)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert(base_unhex(&out, base_slice_text(hex)));
	return out;
}

START_TEST(parse_when_bytes_are_not_the_profile_says_why)
{
	static const struct {
		const char *hex;
		const char *why;
	} cases[] = {
		{"", "CID: 0 bytes instead of 36"},
		{"1220" HASH, "CID: 34 bytes instead of 36"},
		{"01551220" HASH "00", "CID: 37 bytes instead of 36"},
		{"02551220" HASH, "CID: not of version 1"},
		{"01711220" HASH, "CID: codec 0x71 is neither raw (0x55) nor dag-pb (0x70)"},
		{"01551320" HASH, "CID: the hash is not a whole SHA-256"},
		{"0155121f" HASH, "CID: the hash is not a whole SHA-256"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_cid cid;

		ck_assert_int_eq(wire_cid_parse(&cid, base_buf_slice(&bytes), &err), BASE_MALFORMED);
		ck_assert_str_eq(err.text, cases[i].why);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(text_when_round_trip_is_equal_and_one_change_is_another_cid)
{
	struct wire_cid cid = {WIRE_DAG_PB, base_sha256_of(base_slice_text("x"))};
	char text[WIRE_CID_TEXT_BYTES];
	struct base_error err = {""};
	struct wire_cid back;

	for (int i = 0; i < 500; i++) {
		cid.codec = i % 2 == 0 ? WIRE_RAW : WIRE_DAG_PB;
		wire_cid_text(text, &cid);
		ck_assert_uint_eq(strlen(text), 59);
		ck_assert_int_eq(wire_cid_parse_text(&back, base_slice_text(text), &err), BASE_OK);
		ck_assert(wire_cid_equal(&cid, &back));
		/* No two texts name one CID. */
		for (size_t at = 0; at < 59; at++) {
			char kept = text[at];

			text[at] = kept == 'x' ? 'y' : 'x';
			ck_assert(wire_cid_parse_text(&back, base_slice_text(text), &err) != BASE_OK ||
				  !wire_cid_equal(&cid, &back));
			text[at] = kept;
		}
		cid.hash = base_sha256_of(base_hash_slice(&cid.hash));
	}
}
END_TEST

START_TEST(any_parse_when_followed_by_a_block_gives_its_length)
{
	static const struct {
		const char *hex;
		unsigned version;
		uint64_t codec, hash_code;
		size_t digest_len, len;
	} cases[] = {
		{"01551220" HASH "aabb", 1, 0x55, 0x12, 32, 36},
		{"1220" HASH "aabb", 0, 0x70, 0x12, 32, 34},
		{"01710004deadbeefaa", 1, 0x71, 0, 4, 8},
		{"01a902a0e4020100", 1, 0x129, 0xb220, 1, 8},
		{"01550000", 1, 0x55, 0, 0, 4},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_cid_any any;

		ck_assert_msg(wire_cid_any_parse(&any, base_buf_slice(&bytes), &err) == BASE_OK, "%s", err.text);
		ck_assert_uint_eq(any.version, cases[i].version);
		ck_assert_uint_eq(any.codec, cases[i].codec);
		ck_assert_uint_eq(any.hash_code, cases[i].hash_code);
		ck_assert_uint_eq(any.digest.len, cases[i].digest_len);
		ck_assert_uint_eq(any.len, cases[i].len);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(any_parse_when_malformed_says_why)
{
	static const struct {
		const char *hex;
		const char *why;
	} cases[] = {
		{"", "CID: version: varint: the bytes end"},
		{"00", "CID: version 0 is unknown"},
		{"0255", "CID: version 2 is unknown"},
		{"8100", "CID: version: varint: not in its shortest form"},
		{"01", "CID: codec: varint: the bytes end"},
		{"0155", "CID: hash function: varint: the bytes end"},
		{"015512", "CID: length of the digest: varint: the bytes end"},
		{"0155122000", "CID: the digest should have 32 bytes, and 1 are left"},
		{"015500ffffffffffffffff7f00", "CID: the digest should have 9223372036854775807 bytes"},
		{"0155120400000000", "CID: a SHA-256 of 4 bytes instead of 32"},
		{"12200000", "CID: version 18 is unknown"},
		{"ffffffffffffffffffff01", "CID: version: varint: longer than 9 bytes"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_cid_any any;

		ck_assert_int_eq(wire_cid_any_parse(&any, base_buf_slice(&bytes), &err), BASE_MALFORMED);
		ck_assert_msg(strncmp(err.text, cases[i].why, strlen(cases[i].why)) == 0, "%s: %s", cases[i].hex, err.text);
		base_buf_free(&bytes);
	}
}
END_TEST

START_TEST(any_parse_text_when_odd_says_why)
{
	static const struct {
		const char *text;
		enum base_code code;
		const char *why;
	} cases[] = {
		{"QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", BASE_OK, ""},
		{"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", BASE_OK, ""},
		{"BAFKREIHDWDCEFGH4DQKJV67UZCMW7OJEE6XEDZDETOJUZJEVTENXQUVYKU", BASE_OK, ""},
		{"f01551220" HASH, BASE_OK, ""},
		{"zQmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", BASE_MALFORMED, "CID: one of version 0 is written"},
		{"f1220" HASH, BASE_MALFORMED, "CID: one of version 0 is written in base58 without a prefix"},
		{"QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMn", BASE_MALFORMED, "CID: multibase: prefix \"Q\""},
		{"Qm00000000000000000000000000000000000000000000", BASE_MALFORMED, "CID: multibase \"z\": a character"},
		{"", BASE_MALFORMED, "CID: multibase: the text is empty"},
		{"f01551220" HASH "00", BASE_MALFORMED, "CID: something follows its digest"},
		{"xafkrei", BASE_MALFORMED, "CID: multibase: prefix \"x\" (0x78) is none that Regesta reads"},
		{"\xf0\x9f\x9a\x80\xf0\x9f\x8f\x83", BASE_MALFORMED, "CID: multibase: prefix \"?\" (0xf0)"},
	};
	struct base_buf binary = BASE_BUF_INIT, longest = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_cid_any any;

	for (size_t i = 0; i < COUNT(cases); i++) {
		err.text[0] = '\0';
		ck_assert_msg(wire_cid_any_parse_text(&any, &binary, base_slice_text(cases[i].text), &err) == cases[i].code,
			      "%s: %s", cases[i].text, err.text);
		ck_assert_msg(strncmp(err.text, cases[i].why, strlen(cases[i].why)) == 0, "%s: %s", cases[i].text, err.text);
	}
	for (int i = 0; i < 5000; i++)
		base_buf_byte(&longest, 'f');
	ck_assert_int_eq(wire_cid_any_parse_text(&any, &binary, base_buf_slice(&longest), &err), BASE_LIMIT);
	ck_assert_str_eq(err.text, "CID: 5000 characters; at most 4096 are read");
	longest.data[0] = 'z';
	ck_assert_int_eq(wire_multibase_decode(&binary, base_slice(longest.data, 1026), &err), BASE_LIMIT);
	ck_assert_int_eq(wire_multibase_decode(&binary, base_slice(longest.data, 1025), &err), BASE_OK);
	base_buf_free(&binary);
	base_buf_free(&longest);
}
END_TEST

START_TEST(base32_when_round_trip_is_equal)
{
	uint8_t bytes[40];

	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct base_buf text = BASE_BUF_INIT, back = BASE_BUF_INIT, upper = BASE_BUF_INIT;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 37 + len);
		wire_base32(&text, base_slice(bytes, len));
		ck_assert_uint_eq(text.len, (len * 8 + 4) / 5);
		ck_assert(wire_unbase32(&back, base_buf_slice(&text)));
		ck_assert(base_slice_equal(base_buf_slice(&back), base_slice(bytes, len)));
		base_buf_byte(&upper, 'A');
		base_buf_append(&upper, base_buf_slice(&text));
		ck_assert(!wire_unbase32(&back, base_buf_slice(&upper)));
		ck_assert_uint_eq(back.len, len);
		base_buf_free(&text);
		base_buf_free(&back);
		base_buf_free(&upper);
	}
}
END_TEST

START_TEST(varint_when_any_length_round_trips)
{
	for (unsigned bits = 0; bits < 63; bits++) {
		for (uint64_t value = UINT64_C(1) << bits, i = 0; i < 3; i++, value += i == 1 ? -(uint64_t)1 : 2) {
			struct base_buf out = BASE_BUF_INIT;
			uint64_t got = 0;
			size_t used = 0;

			wire_put_varint(&out, value);
			base_buf_byte(&out, 0xff);
			ck_assert_int_eq(wire_get_varint(&got, &used, base_buf_slice(&out), NULL), BASE_OK);
			ck_assert_uint_eq(got, value);
			ck_assert_uint_eq(used, out.len - 1);
			base_buf_free(&out);
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		parse_when_bytes_are_not_the_profile_says_why,
		text_when_round_trip_is_equal_and_one_change_is_another_cid,
		any_parse_when_followed_by_a_block_gives_its_length,
		any_parse_when_malformed_says_why,
		any_parse_text_when_odd_says_why,
		base32_when_round_trip_is_equal,
		varint_when_any_length_round_trips,
		NULL,
	};

	return suite_run("wire/cid", tests);
}
