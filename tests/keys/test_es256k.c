#include "tests/keys/help.h"

#include <pthread.h>
#include <string.h>

static const char message[] = "a submission of 14 files";

static void sign(const struct keys_private *key, uint8_t signature[64], struct base_hash *digest)
{
	struct base_slice text = base_slice_text(message);
	struct base_error err = {""};

	ck_assert_msg(keys_sign(key, signature, text, &err) == BASE_OK, "%s", err.text);
	*digest = base_sha256_of(text);
}

START_TEST(sign_when_key_is_one_gives_the_published_signature)
{
	uint8_t raw[32] = {[31] = 1}, signature[64];
	struct keys_private *key;
	struct base_error err;

	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw, &err), BASE_OK);
	ck_assert_int_eq(keys_sign(key, signature, base_slice_text("Satoshi Nakamoto"), &err), BASE_OK);
	help_equal_hex(signature, 64,
		       "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
		       "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
	help_equal_hex(keys_private_public(key)->bytes, 33,
		       "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
	keys_private_close(key);
}
END_TEST

START_TEST(verify_when_any_bit_is_flipped_refuses)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1);
	struct keys_public public = *keys_private_public(key);
	uint8_t signature[64];
	struct base_hash digest;
	struct base_error err;

	sign(key, signature, &digest);
	ck_assert_int_eq(keys_es256k_verify(&public, &digest, base_slice(signature, 64), &err), BASE_OK);
	for (size_t i = 0; i < 64 * 8; i++) {
		signature[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_int_eq(keys_es256k_verify(&public, &digest, base_slice(signature, 64), &err), BASE_MISMATCH);
		ck_assert_int_eq(keys_es256k_verify_any_s(&public, &digest, base_slice(signature, 64), NULL),
				 BASE_MISMATCH);
		signature[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < 32 * 8; i++) {
		digest.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_int_eq(keys_es256k_verify(&public, &digest, base_slice(signature, 64), &err), BASE_MISMATCH);
		digest.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/* Another point, or none. */
	for (size_t i = 0; i < 33 * 8; i++) {
		enum base_code code;

		public.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		code = keys_es256k_verify(&public, &digest, base_slice(signature, 64), &err);
		ck_assert(code == BASE_MISMATCH || code == BASE_MALFORMED);
		public.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	keys_private_close(key);
}
END_TEST

/* n - s, by the schoolbook. */
static void negate_s(uint8_t s[32])
{
	uint8_t order[32];
	int borrow = 0;

	help_hex_into(order, 32, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
	for (int i = 31; i >= 0; i--) {
		int digit = order[i] - s[i] - borrow;

		borrow = digit < 0;
		s[i] = (uint8_t)(digit + (borrow ? 256 : 0));
	}
}

START_TEST(verify_when_s_is_high_refuses_and_says_so)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1);
	const struct keys_public *public = keys_private_public(key);
	struct base_slice signature;
	struct base_hash digest;
	struct base_error err;
	uint8_t bytes[64];

	sign(key, bytes, &digest);
	ck_assert_uint_lt(bytes[32], 0x80);
	negate_s(bytes + 32);
	signature = base_slice(bytes, 64);
	ck_assert_int_eq(keys_es256k_verify(public, &digest, signature, &err), BASE_MISMATCH);
	ck_assert_ptr_nonnull(strstr(err.text, "high S"));
	ck_assert_int_eq(keys_es256k_verify_any_s(public, &digest, signature, &err), BASE_OK);
	keys_private_close(key);
}
END_TEST

START_TEST(verify_when_signature_has_wrong_form_refuses)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1), *log = help_key(KEYS_LOG, 1);
	const struct keys_public *public = keys_private_public(key);
	struct base_hash digest;
	struct base_error err;
	uint8_t bytes[65] = {0}, over[64];

	sign(key, bytes, &digest);
	ck_assert_int_eq(keys_es256k_verify(public, &digest, base_slice(bytes, 63), &err), BASE_MISMATCH);
	ck_assert_int_eq(keys_es256k_verify(public, &digest, base_slice(bytes, 65), &err), BASE_MISMATCH);
	ck_assert_int_eq(keys_es256k_verify(public, &digest, base_slice(NULL, 0), &err), BASE_MISMATCH);
	memset(over, 0xff, sizeof(over));
	ck_assert_int_eq(keys_es256k_verify(public, &digest, base_slice(over, 64), &err), BASE_MISMATCH);
	memset(over, 0, sizeof(over));
	ck_assert_int_eq(keys_es256k_verify(public, &digest, base_slice(over, 64), &err), BASE_MISMATCH);
	ck_assert_int_eq(keys_es256k_verify_der(public, &digest, base_slice(NULL, 0), false, &err), BASE_MISMATCH);
	ck_assert_int_eq(keys_es256k_verify_der(public, &digest, base_slice(bytes, 64), false, &err), BASE_MISMATCH);
	ck_assert_int_eq(keys_es256k_verify(keys_private_public(log), &digest, base_slice(bytes, 64), &err),
			 BASE_MALFORMED);
	keys_private_close(key);
	keys_private_close(log);
}
END_TEST

START_TEST(verifier_when_made_once_checks_many)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1);
	struct keys_verifier verifier;
	struct base_hash digest;
	struct base_error err;
	uint8_t bytes[64];

	sign(key, bytes, &digest);
	ck_assert_int_eq(keys_verifier_make(&verifier, keys_private_public(key), &err), BASE_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(keys_verifier_check(&verifier, &digest, base_slice(bytes, 64), &err), BASE_OK);
	bytes[3] ^= 1;
	ck_assert_int_eq(keys_verifier_check(&verifier, &digest, base_slice(bytes, 64), &err), BASE_MISMATCH);
	keys_private_close(key);
}
END_TEST

START_TEST(import_when_sec1_is_uncompressed_compresses)
{
	static const char x[] = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
	static const char y[] = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
	struct keys_public key;
	struct base_error err;
	uint8_t sec1[65];
	char hex[131];

	(void)snprintf(hex, sizeof(hex), "04%s%s", x, y);
	help_hex_into(sec1, 65, hex);
	ck_assert_int_eq(keys_es256k_import(&key, base_slice(sec1, 65), &err), BASE_OK);
	help_equal_hex(key.bytes, key.len, "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
	ck_assert_int_eq(keys_es256k_import(&key, base_slice(key.bytes, 33), &err), BASE_OK);
	sec1[0] = 6; /* hybrid, y even: right, but never ours */
	ck_assert_int_eq(keys_es256k_import(&key, base_slice(sec1, 65), &err), BASE_MALFORMED);
	sec1[0] = 4;
	sec1[64] ^= 1; /* off the curve */
	ck_assert_int_eq(keys_es256k_import(&key, base_slice(sec1, 65), &err), BASE_MALFORMED);
	ck_assert_int_eq(keys_es256k_import(&key, base_slice(sec1, 64), &err), BASE_MALFORMED);
	ck_assert_int_eq(keys_es256k_import(&key, base_slice(NULL, 0), &err), BASE_MALFORMED);
}
END_TEST

START_TEST(private_import_when_number_is_out_of_range_refuses)
{
	struct keys_private *key = NULL;
	struct base_error err;
	uint8_t raw[32] = {0};

	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw, &err), BASE_KEY);
	help_hex_into(raw, 32, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw, &err), BASE_KEY);
	raw[31]--;
	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw, &err), BASE_OK);
	keys_private_close(key);
	ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ED25519, raw, &err), BASE_USAGE);
	ck_assert_int_eq(keys_private_import(&key, (enum keys_purpose)9, KEYS_ED25519, raw, &err), BASE_USAGE);
	keys_private_close(NULL);
}
END_TEST

START_TEST(make_gives_a_new_key_each_time)
{
	static const enum keys_purpose purposes[] = {KEYS_SIGN, KEYS_SEAL,   KEYS_RECOVERY,
						     KEYS_LOG,	KEYS_COSIGN, KEYS_VALIDATOR};
	struct base_error err;

	for (size_t i = 0; i < 6; i++) {
		struct keys_private *a, *b;
		struct base_hash kid_a, kid_b;
		struct keys_public again;
		struct base_buf cbor = BASE_BUF_INIT;

		ck_assert_int_eq(keys_private_make(&a, purposes[i], keys_purpose_alg(purposes[i]), &err), BASE_OK);
		ck_assert_int_eq(keys_private_make(&b, purposes[i], keys_purpose_alg(purposes[i]), &err), BASE_OK);
		kid_a = keys_kid(keys_private_public(a));
		kid_b = keys_kid(keys_private_public(b));
		ck_assert(!base_hash_equal(&kid_a, &kid_b));
		keys_public_put(&cbor, keys_private_public(a));
		ck_assert_int_eq(keys_public_parse(&again, base_buf_slice(&cbor), &err), BASE_OK);
		base_buf_free(&cbor);
		keys_private_close(a);
		keys_private_close(b);
	}
}
END_TEST

struct work {
	const struct keys_private *key;
	bool ok;
};

static void *sign_and_verify(void *arg)
{
	struct work *work = arg;
	struct base_slice text = base_slice_text(message);
	struct base_hash digest = base_sha256_of(text);
	uint8_t signature[64];

	work->ok = true;
	for (int i = 0; i < 200 && work->ok; i++)
		work->ok = keys_sign(work->key, signature, text, NULL) == BASE_OK &&
			   keys_es256k_verify(keys_private_public(work->key), &digest, base_slice(signature, 64),
					      NULL) == BASE_OK;
	return NULL;
}

START_TEST(sign_and_verify_when_on_four_threads_agree)
{
	struct keys_private *key = help_key(KEYS_SIGN, 1);
	struct work work[4];
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++) {
		work[i].key = key;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, sign_and_verify, &work[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		ck_assert(work[i].ok);
	}
	keys_private_close(key);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, sign_when_key_is_one_gives_the_published_signature);
	tcase_add_test(tc, verify_when_any_bit_is_flipped_refuses);
	tcase_add_test(tc, verify_when_s_is_high_refuses_and_says_so);
	tcase_add_test(tc, verify_when_signature_has_wrong_form_refuses);
	tcase_add_test(tc, verifier_when_made_once_checks_many);
	tcase_add_test(tc, import_when_sec1_is_uncompressed_compresses);
	tcase_add_test(tc, private_import_when_number_is_out_of_range_refuses);
	tcase_add_test(tc, make_gives_a_new_key_each_time);
	tcase_add_test(tc, sign_and_verify_when_on_four_threads_agree);
}

int main(void)
{
	return support_run("keys/es256k", fill);
}
