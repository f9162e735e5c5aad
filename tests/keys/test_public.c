#include "tests/keys/help.h"

#include <string.h>

#include "ledger/wire/wire.h"

static enum base_code parse(uint64_t purpose, int64_t alg, const char *hex, struct keys_public *out,
			    struct base_error *err)
{
	struct base_buf bytes = help_hex(hex), cbor = BASE_BUF_INIT;
	enum base_code code;

	wire_put_array(&cbor, 3);
	wire_put_uint(&cbor, purpose);
	wire_put_int(&cbor, alg);
	wire_put_bytes(&cbor, base_buf_slice(&bytes));
	code = keys_public_parse(out, base_buf_slice(&cbor), err);
	base_buf_free(&bytes);
	base_buf_free(&cbor);
	return code;
}

#define GENERATOR "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
#define ED25519_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define X25519_A "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"

START_TEST(parse_when_key_is_good_gives_it_back)
{
	static const struct {
		uint64_t purpose;
		int64_t alg;
		const char *hex;
	} good[] = {{1, -47, GENERATOR}, {2, -31, X25519_A},  {3, -31, X25519_A},
		    {4, -19, ED25519_A}, {5, -19, ED25519_A}, {6, -19, ED25519_A}};
	struct keys_public key;
	struct base_buf again = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_msg(parse(good[_i].purpose, good[_i].alg, good[_i].hex, &key, &err) == BASE_OK, "%s", err.text);
	ck_assert_int_eq(key.purpose, (int)good[_i].purpose);
	ck_assert_int_eq(key.alg, (int)good[_i].alg);
	help_equal_hex(key.bytes, key.len, good[_i].hex);
	keys_public_put(&again, &key);
	ck_assert_int_eq(keys_public_parse(&key, base_buf_slice(&again), &err), BASE_OK);
	base_buf_free(&again);
}
END_TEST

START_TEST(parse_when_key_is_bad_refuses)
{
	static const struct {
		uint64_t purpose;
		int64_t alg;
		const char *hex, *why;
	} bad[] = {
		{0, -47, GENERATOR, "purpose 0 is unknown"},
		{7, -47, GENERATOR, "purpose 7 is unknown"},
		{UINT64_C(0x100000001), -47, GENERATOR, "purpose 4294967297 is unknown"},
		{1, -7, GENERATOR, "algorithm -7 is unknown"},
		{1, INT64_C(-4294967343), GENERATOR, "algorithm -4294967343 is unknown"},
		{1, -19, ED25519_A, "a sign key is an ES256K key"},
		{2, -47, GENERATOR, "a seal key is an X25519 key"},
		{4, -31, X25519_A, "a log key is an Ed25519 key"},
		{1, -47, "", "33 bytes"},
		{1, -47, "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "33 bytes"},
		{1, -47, GENERATOR "00", "33 bytes"},
		/* uncompressed, hybrid, infinity's tag, x = 5 (not on the curve), x >= p */
		{1, -47, "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "compressed point"},
		{1, -47, "0679be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "compressed point"},
		{1, -47, "0079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "compressed point"},
		{1, -47, "020000000000000000000000000000000000000000000000000000000000000005", "compressed point"},
		{1, -47, "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30", "compressed point"},
		/* Ed25519: y = 1, -1, 0, the two of order 8, with and without the sign; p; off the curve */
		{4, -19, "0100000000000000000000000000000000000000000000000000000000000000", "small order"},
		{4, -19, "0100000000000000000000000000000000000000000000000000000000000080", "small order"},
		{4, -19, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "small order"},
		{4, -19, "0000000000000000000000000000000000000000000000000000000000000000", "small order"},
		{4, -19, "0000000000000000000000000000000000000000000000000000000000000080", "small order"},
		{4, -19, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "small order"},
		{4, -19, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "small order"},
		{4, -19, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "small order"},
		{4, -19, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "small order"},
		{4, -19, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "not canonical"},
		{4, -19, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "not canonical"},
		{4, -19, "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "not canonical"},
		{4, -19, "0200000000000000000000000000000000000000000000000000000000000000", "not a point"},
		/* X25519: 0, 1, the two of order 8, p - 1; p, p + 1, the top bit */
		{2, -31, "0000000000000000000000000000000000000000000000000000000000000000", "small order"},
		{2, -31, "0100000000000000000000000000000000000000000000000000000000000000", "small order"},
		{2, -31, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "small order"},
		{2, -31, "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", "small order"},
		{2, -31, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "small order"},
		{2, -31, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "not canonical"},
		{2, -31, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "not canonical"},
		{2, -31, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4eea", "not canonical"},
	};
	struct keys_public key = {.len = 99};
	struct base_error err = {""};

	if ((size_t)_i >= sizeof(bad) / sizeof(bad[0]))
		return;
	ck_assert_int_eq(parse(bad[_i].purpose, bad[_i].alg, bad[_i].hex, &key, &err), BASE_MALFORMED);
	ck_assert_msg(strstr(err.text, bad[_i].why) != NULL, "%d: \"%s\" does not say \"%s\"", _i, err.text,
		      bad[_i].why);
	ck_assert_uint_eq(key.len, 99);
}
END_TEST

START_TEST(parse_when_cbor_is_not_deterministic_refuses)
{
	static const char *const bad[] = {
		"",
		"83",
		"8301382e",
		"8301382e5821" GENERATOR "00", /* something follows */
		"831801382e5821" GENERATOR,    /* 1 in two bytes */
		"8301382e582100",	       /* too short */
		"8401382e5821" GENERATOR "f6",
		"9f01382e5821" GENERATOR "ff",
		"8301382e7821" GENERATOR, /* text for bytes */
	};
	struct base_buf bytes = BASE_BUF_INIT;
	struct keys_public key;
	struct base_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bytes.len = 0;
		ck_assert(base_unhex(&bytes, base_slice_text(bad[i])));
		ck_assert_int_eq(keys_public_parse(&key, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	}
	base_buf_free(&bytes);
}
END_TEST

START_TEST(kid_is_hash_of_algorithm_and_bytes_without_purpose)
{
	struct keys_public key, other;
	struct base_buf cbor = help_hex("82382e5821" GENERATOR);
	struct base_hash want = base_sha256_of(base_buf_slice(&cbor)), got;
	struct base_error err;

	ck_assert_int_eq(parse(1, -47, GENERATOR, &key, &err), BASE_OK);
	got = keys_kid(&key);
	ck_assert(base_hash_equal(&got, &want));
	base_buf_free(&cbor);
	ck_assert_int_eq(parse(4, -19, ED25519_A, &key, &err), BASE_OK);
	ck_assert_int_eq(parse(5, -19, ED25519_A, &other, &err), BASE_OK);
	want = keys_kid(&key);
	got = keys_kid(&other);
	ck_assert(base_hash_equal(&got, &want));
}
END_TEST

START_TEST(names_are_those_of_the_registry)
{
	ck_assert_str_eq(keys_purpose_name(KEYS_RECOVERY), "recovery");
	ck_assert_str_eq(keys_purpose_name((enum keys_purpose)99), "unknown");
	ck_assert_str_eq(keys_alg_name(KEYS_ED25519), "Ed25519");
	ck_assert_str_eq(keys_alg_name((enum keys_alg)0), "unknown");
	ck_assert_int_eq(keys_purpose_alg(KEYS_COSIGN), KEYS_ED25519);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, parse_when_key_is_good_gives_it_back, 0, 6);
	tcase_add_loop_test(tc, parse_when_key_is_bad_refuses, 0, 40);
	tcase_add_test(tc, parse_when_cbor_is_not_deterministic_refuses);
	tcase_add_test(tc, kid_is_hash_of_algorithm_and_bytes_without_purpose);
	tcase_add_test(tc, names_are_those_of_the_registry);
}

int main(void)
{
	return support_run("keys/public", fill);
}
