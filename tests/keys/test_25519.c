#include "tests/keys/help.h"

#include "ledger/keys/keys_internal.h"

/* RFC 8032 §7.1, tests 1 to 3. */
static const struct {
	const char *raw, *public, *message, *signature;
} rfc8032[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bb"
	 "e24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302"
	 "aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed"
	 "28dc027beceea1ec40a"},
};

START_TEST(ed25519_signs_and_verifies_as_rfc_8032)
{
	struct base_buf message = help_hex(rfc8032[_i].message);
	uint8_t raw[32], signature[64];
	struct keys_private *key;
	struct base_error err;

	help_hex_into(raw, 32, rfc8032[_i].raw);
	ck_assert_int_eq(keys_private_import(&key, KEYS_LOG, KEYS_ED25519, raw, &err), BASE_OK);
	help_equal_hex(keys_private_public(key)->bytes, 32, rfc8032[_i].public);
	ck_assert_int_eq(keys_sign(key, signature, base_buf_slice(&message), &err), BASE_OK);
	help_equal_hex(signature, 64, rfc8032[_i].signature);
	ck_assert_int_eq(keys_ed25519_verify(keys_private_public(key), base_buf_slice(&message),
					     base_slice(signature, 64), &err),
			 BASE_OK);
	base_buf_byte(&message, 0);
	ck_assert_int_eq(keys_ed25519_verify(keys_private_public(key), base_buf_slice(&message),
					     base_slice(signature, 64), &err),
			 BASE_MISMATCH);
	base_buf_free(&message);
	keys_private_close(key);
}
END_TEST

/* RFC 8037 A.4: the key of A.1 over the JWS signing input. */
START_TEST(ed25519_signs_as_rfc_8037)
{
	static const char input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	struct base_buf text = BASE_BUF_INIT;
	uint8_t raw[32], signature[64];
	struct keys_private *key;
	struct base_error err;

	help_hex_into(raw, 32, rfc8032[0].raw);
	ck_assert_int_eq(keys_private_import(&key, KEYS_COSIGN, KEYS_ED25519, raw, &err), BASE_OK);
	ck_assert_int_eq(keys_sign(key, signature, base_slice_text(input), &err), BASE_OK);
	base_base64url(&text, base_slice(signature, 64));
	base_buf_byte(&text, '\0');
	ck_assert_str_eq((const char *)text.data,
			 "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
	base_buf_free(&text);
	keys_private_close(key);
}
END_TEST

START_TEST(ed25519_verify_when_any_bit_is_flipped_refuses)
{
	struct keys_private *key = help_key(KEYS_LOG, 7);
	struct base_slice message = base_slice_text("checkpoint");
	struct base_error err;
	uint8_t signature[64];

	ck_assert_int_eq(keys_sign(key, signature, message, &err), BASE_OK);
	for (size_t i = 0; i < 64 * 8; i++) {
		signature[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_int_eq(
			keys_ed25519_verify(keys_private_public(key), message, base_slice(signature, 64), &err),
			BASE_MISMATCH);
		signature[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	ck_assert_int_eq(keys_ed25519_verify(keys_private_public(key), message, base_slice(signature, 63), &err),
			 BASE_MISMATCH);
	keys_private_close(key);
	key = help_key(KEYS_SIGN, 7);
	ck_assert_int_eq(keys_ed25519_verify(keys_private_public(key), message, base_slice(signature, 64), &err),
			 BASE_MALFORMED);
	keys_private_close(key);
}
END_TEST

START_TEST(sign_when_key_is_for_sealing_refuses)
{
	struct keys_private *key = help_key(KEYS_SEAL, 7);
	struct base_error err;
	uint8_t signature[64];

	ck_assert_int_eq(keys_sign(key, signature, base_slice_text("x"), &err), BASE_USAGE);
	ck_assert_str_eq(err.text, "a seal key seals and opens; it cannot sign");
	keys_private_close(key);
}
END_TEST

/* RFC 7748 §6.1, whose keys RFC 8037 A.6 uses as well. */
START_TEST(x25519_agrees_as_rfc_7748)
{
	struct keys_private *alice, *bob;
	uint8_t raw[32], shared[32];
	struct base_error err;

	help_hex_into(raw, 32, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
	ck_assert_int_eq(keys_private_import(&alice, KEYS_SEAL, KEYS_X25519, raw, &err), BASE_OK);
	help_equal_hex(keys_private_public(alice)->bytes, 32,
		       "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	help_hex_into(raw, 32, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
	ck_assert_int_eq(keys_private_import(&bob, KEYS_RECOVERY, KEYS_X25519, raw, &err), BASE_OK);
	help_equal_hex(keys_private_public(bob)->bytes, 32,
		       "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	ck_assert_int_eq(keys_x25519_shared(shared, alice->pkey, keys_private_public(bob)->bytes, &err), BASE_OK);
	help_equal_hex(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	ck_assert_int_eq(keys_x25519_shared(shared, bob->pkey, keys_private_public(alice)->bytes, &err), BASE_OK);
	help_equal_hex(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	keys_private_close(alice);
	keys_private_close(bob);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, ed25519_signs_and_verifies_as_rfc_8032, 0, 3);
	tcase_add_test(tc, ed25519_signs_as_rfc_8037);
	tcase_add_test(tc, ed25519_verify_when_any_bit_is_flipped_refuses);
	tcase_add_test(tc, sign_when_key_is_for_sealing_refuses);
	tcase_add_test(tc, x25519_agrees_as_rfc_7748);
}

int main(void)
{
	return support_run("keys/25519", fill);
}
