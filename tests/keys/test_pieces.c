#include "tests/keys/help.h"

#include <stdlib.h>
#include <string.h>

/* RFC 4231, cases 1, 2 and 6. */
START_TEST(hmac_is_that_of_rfc_4231)
{
	uint8_t key[131];
	struct base_hash mac;

	memset(key, 0x0b, 20);
	mac = keys_hmac(base_slice(key, 20), base_slice_text("Hi There"));
	help_equal_hex(mac.bytes, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	mac = keys_hmac(base_slice_text("Jefe"), base_slice_text("what do ya want for nothing?"));
	help_equal_hex(mac.bytes, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	mac = keys_hmac(base_slice(key, sizeof(key)),
			base_slice_text("Test Using Larger Than Block-Size Key - Hash Key First"));
	help_equal_hex(mac.bytes, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	mac = keys_hmac(base_slice(NULL, 0), base_slice(NULL, 0));
	help_equal_hex(mac.bytes, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
END_TEST

/* RFC 5869, A.1 to A.3. */
START_TEST(hkdf_is_that_of_rfc_5869)
{
	struct base_buf ikm = help_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
			salt = help_hex("000102030405060708090a0b0c");
	struct base_buf info = help_hex("f0f1f2f3f4f5f6f7f8f9"), none = BASE_BUF_INIT;
	uint8_t out[82], long_ikm[80], long_salt[80], long_info[80];

	keys_hkdf(out, 42, base_buf_slice(&ikm), base_buf_slice(&salt), base_buf_slice(&info));
	help_equal_hex(out, 42, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	keys_hkdf(out, 42, base_buf_slice(&ikm), base_buf_slice(&none), base_buf_slice(&none));
	help_equal_hex(out, 42, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
	for (size_t i = 0; i < 80; i++) {
		long_ikm[i] = (uint8_t)i;
		long_salt[i] = (uint8_t)(0x60 + i);
		long_info[i] = (uint8_t)(0xb0 + i);
	}
	keys_hkdf(out, 82, base_slice(long_ikm, 80), base_slice(long_salt, 80), base_slice(long_info, 80));
	help_equal_hex(
		out, 82,
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
		"da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
	base_buf_free(&ikm);
	base_buf_free(&salt);
	base_buf_free(&info);
}
END_TEST

START_TEST(scrypt_when_asked_takes_our_cost)
{
	uint8_t out[32];

	/* Python: hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride..", n=32768, r=8, p=3, dklen=32, …) */
	keys_scrypt(out, base_slice_text("pleaseletmein"), (const uint8_t *)"SodiumChloride..");
	help_equal_hex(out, 32, "f0a152a7d0f20815b5e122d7be07dafcb4055725b515ec1f50f077ea6dd46b8f");
}
END_TEST

/* The GCM specification's test cases 13, 14 and 16. */
START_TEST(gcm_is_that_of_its_specification)
{
	uint8_t zero[32] = {0}, key[32], nonce[12], out[80], back[64];
	struct base_buf text = help_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
					"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
	struct base_buf aad = help_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
	struct base_slice none = base_slice(NULL, 0);
	struct keys_gcm *gcm = keys_gcm_open(zero);
	struct base_error err;

	keys_gcm_seal(gcm, out, zero, none, none);
	help_equal_hex(out, 16, "530f8afbc74536b9a963b4f1c4cb738b");
	keys_gcm_seal(gcm, out, zero, none, base_slice(zero, 16));
	help_equal_hex(out, 32, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
	keys_gcm_close(gcm);
	help_hex_into(key, 32, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
	help_hex_into(nonce, 12, "cafebabefacedbaddecaf888");
	gcm = keys_gcm_open(key);
	keys_gcm_seal(gcm, out, nonce, base_buf_slice(&aad), base_buf_slice(&text));
	help_equal_hex(
		out, 76,
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
		"c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
	ck_assert_int_eq(keys_gcm_unseal(gcm, back, nonce, base_buf_slice(&aad), base_slice(out, 76), &err), BASE_OK);
	ck_assert_mem_eq(back, text.data, text.len);
	keys_gcm_close(gcm);
	keys_gcm_close(NULL);
	base_buf_free(&text);
	base_buf_free(&aad);
}
END_TEST

START_TEST(gcm_when_anything_differs_gives_nothing)
{
	uint8_t key[32] = {1}, nonce[12] = {2}, sealed[16 + 21], opened[21], zero[21] = {0};
	struct base_slice aad = base_slice_text("where it lies"), text = base_slice_text("a key of 32 bytes ....");
	struct keys_gcm *gcm = keys_gcm_open(key), *other;
	struct base_error err;

	text.len = 21;
	keys_gcm_seal(gcm, sealed, nonce, aad, text);
	for (size_t i = 0; i < sizeof(sealed) * 8; i++) {
		sealed[i / 8] ^= (uint8_t)(1 << i % 8);
		memset(opened, 0xee, sizeof(opened));
		ck_assert_int_eq(keys_gcm_unseal(gcm, opened, nonce, aad, base_slice(sealed, sizeof(sealed)), &err),
				 BASE_MISMATCH);
		ck_assert_mem_eq(opened, zero, sizeof(opened));
		sealed[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_int_eq(keys_gcm_unseal(gcm, opened, nonce, base_slice_text("elsewhere"),
					 base_slice(sealed, sizeof(sealed)), &err),
			 BASE_MISMATCH);
	nonce[11] = 1;
	ck_assert_int_eq(keys_gcm_unseal(gcm, opened, nonce, aad, base_slice(sealed, sizeof(sealed)), &err),
			 BASE_MISMATCH);
	nonce[11] = 0;
	for (size_t len = 0; len < sizeof(sealed); len++)
		ck_assert_int_eq(keys_gcm_unseal(gcm, opened, nonce, aad, base_slice(sealed, len), &err),
				 BASE_MISMATCH);
	key[0] = 3;
	other = keys_gcm_open(key);
	ck_assert_int_eq(keys_gcm_unseal(other, opened, nonce, aad, base_slice(sealed, sizeof(sealed)), &err),
			 BASE_MISMATCH);
	keys_gcm_close(other);
	/* And still works after all that. */
	ck_assert_int_eq(keys_gcm_unseal(gcm, opened, nonce, aad, base_slice(sealed, sizeof(sealed)), &err), BASE_OK);
	ck_assert_mem_eq(opened, text.data, 21);
	keys_gcm_close(gcm);
}
END_TEST

START_TEST(gcm_when_in_place_and_turned_round_many_times_agrees)
{
	uint8_t key[32] = {9}, nonce[12] = {0};
	uint8_t *room = base_alloc(100016), *plain = base_alloc(100000);
	struct keys_gcm *gcm = keys_gcm_open(key);
	struct base_error err;

	for (uint32_t i = 0; i < 200; i++) {
		size_t len = i * 500;

		base_put_u32be(nonce, i);
		for (size_t j = 0; j < len; j++)
			room[j] = plain[j] = (uint8_t)(i + j);
		keys_gcm_seal(gcm, room, nonce, base_slice(NULL, 0), base_slice(room, len));
		if (i % 3 != 0) /* not always turned round */
			ck_assert_int_eq(keys_gcm_unseal(gcm, room, nonce, base_slice(NULL, 0),
							 base_slice(room, len + 16), &err),
					 BASE_OK);
		ck_assert(len == 0 || i % 3 == 0 || memcmp(room, plain, len) == 0);
	}
	keys_gcm_close(gcm);
	free(room);
	free(plain);
}
END_TEST

START_TEST(random_gives_other_bytes_each_time)
{
	uint8_t a[64] = {0}, b[64] = {0};
	uint8_t *many = base_alloc(200000);
	struct base_error err;

	ck_assert_int_eq(keys_random(a, sizeof(a), &err), BASE_OK);
	ck_assert_int_eq(keys_random(b, sizeof(b), &err), BASE_OK);
	ck_assert(memcmp(a, b, sizeof(a)) != 0);
	ck_assert_int_eq(keys_random(many, 200000, &err), BASE_OK);
	ck_assert(memcmp(many, many + 100000, 100000) != 0);
	ck_assert_int_eq(keys_random(many, 0, &err), BASE_OK);
	free(many);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, hmac_is_that_of_rfc_4231);
	tcase_add_test(tc, hkdf_is_that_of_rfc_5869);
	tcase_add_test(tc, scrypt_when_asked_takes_our_cost);
	tcase_add_test(tc, gcm_is_that_of_its_specification);
	tcase_add_test(tc, gcm_when_anything_differs_gives_nothing);
	tcase_add_test(tc, gcm_when_in_place_and_turned_round_many_times_agrees);
	tcase_add_test(tc, random_gives_other_bytes_each_time);
}

int main(void)
{
	return support_run("keys/pieces", fill);
}
