/* Published signature vectors, where they are: REGESTA_VECTORS/ecdsa or ../shared/data/ecdsa. */
#include "tests/keys/help.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *load(const char *name)
{
	const char *path = help_vectors(name);
	json_error_t error;
	json_t *root;

	if (path == NULL)
		return NULL;
	root = json_load_file(path, 0, &error);
	ck_assert_msg(root != NULL, "%s: %s", path, error.text);
	return root;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static enum base_code verify(int which, const struct keys_public *key, const struct base_hash *digest,
			     struct base_slice sig)
{
	switch (which) {
	case 0: /* r||s, high S allowed by the suite */
		return keys_es256k_verify_any_s(key, digest, sig, NULL);
	case 1: /* DER, high S allowed */
		return keys_es256k_verify_der(key, digest, sig, true, NULL);
	default: /* DER, low S only */
		return keys_es256k_verify_der(key, digest, sig, false, NULL);
	}
}

static const struct {
	const char *file;
	size_t least;
} wycheproof[] = {
	{"ecdsa/wycheproof/ecdsa_secp256k1_sha256_p1363_test.json", 177},
	{"ecdsa/wycheproof/ecdsa_secp256k1_sha256_test.json", 333},
	{"ecdsa/wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json", 324},
};

static size_t group_run(const json_t *group, int which)
{
	struct base_buf sec1 = help_hex(text_of(json_object_get(group, "publicKey"), "uncompressed"));
	struct base_error err = {""};
	struct keys_public key;
	const json_t *test;
	size_t i, count = 0;

	ck_assert_msg(keys_es256k_import(&key, base_buf_slice(&sec1), &err) == BASE_OK, "%s", err.text);
	json_array_foreach (json_object_get(group, "tests"), i, test) {
		struct base_buf message = help_hex(text_of(test, "msg")), sig = help_hex(text_of(test, "sig"));
		struct base_hash digest = base_sha256_of(base_buf_slice(&message));
		bool valid = strcmp(text_of(test, "result"), "valid") == 0;
		enum base_code code = verify(which, &key, &digest, base_buf_slice(&sig));

		ck_assert_msg(code == (valid ? BASE_OK : BASE_MISMATCH), "%s %lld (%s): %s", wycheproof[which].file,
			      (long long)json_integer_value(json_object_get(test, "tcId")), text_of(test, "comment"),
			      base_code_name(code));
		/* The ledger's own rule never accepts more than the suite. */
		if (which == 0 && !valid)
			ck_assert_int_eq(keys_es256k_verify(&key, &digest, base_buf_slice(&sig), NULL), BASE_MISMATCH);
		base_buf_free(&message);
		base_buf_free(&sig);
		count++;
	}
	base_buf_free(&sec1);
	return count;
}

START_TEST(wycheproof_outcomes_are_ours)
{
	json_t *root = load(wycheproof[_i].file);
	const json_t *group;
	size_t i, count = 0;

	if (root == NULL)
		return;
	json_array_foreach (json_object_get(root, "testGroups"), i, group)
		count += group_run(group, _i);
	ck_assert_uint_ge(count, 1);
	if (getenv("REGESTA_VECTORS") == NULL)
		ck_assert_uint_ge(count, wycheproof[_i].least);
	json_decref(root);
}
END_TEST

/* Deterministic signing: the same bytes. */
START_TEST(web5_signatures_are_reproduced)
{
	json_t *root = load("ecdsa/web5/es256k_sign.json");
	const json_t *vector;
	size_t i;

	if (root == NULL)
		return;
	json_array_foreach (json_object_get(root, "vectors"), i, vector) {
		const json_t *input = json_object_get(vector, "input");
		struct base_buf d = BASE_BUF_INIT, data = help_hex(text_of(input, "data"));
		bool fails = json_is_true(json_object_get(vector, "errors"));
		struct keys_private *key = NULL;
		uint8_t signature[64];

		ck_assert(base_unbase64url(&d, base_slice_text(text_of(json_object_get(input, "key"), "d"))));
		if (fails) {
			ck_assert(d.len != 32 ||
				  keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, d.data, NULL) == BASE_KEY);
		} else {
			ck_assert_uint_eq(d.len, 32);
			ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, d.data, NULL), BASE_OK);
			ck_assert_int_eq(keys_sign(key, signature, base_buf_slice(&data), NULL), BASE_OK);
			help_equal_hex(signature, 64, text_of(vector, "output"));
		}
		keys_private_close(key);
		base_buf_free(&d);
		base_buf_free(&data);
	}
	json_decref(root);
}
END_TEST

static bool base58(struct base_buf *out, const char *text);

/* Low S and 64 bytes only, which is the ledger's own rule. P-256 is not ours: refused for its algorithm. */
START_TEST(atproto_outcomes_are_ours)
{
	json_t *root = load("ecdsa/atproto/signature-fixtures.json");
	const json_t *vector;
	size_t i, count = 0;

	if (root == NULL)
		return;
	json_array_foreach (root, i, vector) {
		struct base_buf sec1 = BASE_BUF_INIT, message = BASE_BUF_INIT, sig = BASE_BUF_INIT;
		const char *did = text_of(vector, "publicKeyDid");
		struct base_hash digest;
		struct keys_public key;
		enum base_code code;

		ck_assert(strncmp(did, "did:key:z", 9) == 0 && base58(&sec1, did + 9));
		/* did:key of secp256k1 begins with the varint e7 01 */
		if (sec1.data[0] == 0xe7) {
			size_t len = strlen(text_of(vector, "messageBase64"));
			struct base_buf padded = BASE_BUF_INIT;

			ck_assert(base_unbase64url(&message, base_slice(text_of(vector, "messageBase64"), len)));
			base_buf_append(&padded, base_slice_text(text_of(vector, "signatureBase64")));
			while (padded.len % 4 != 0)
				base_buf_byte(&padded, '=');
			ck_assert(base_unbase64(&sig, base_buf_slice(&padded)));
			ck_assert_int_eq(keys_es256k_import(&key, base_slice(sec1.data + 2, sec1.len - 2), NULL),
					 BASE_OK);
			digest = base_sha256_of(base_buf_slice(&message));
			code = keys_es256k_verify(&key, &digest, base_buf_slice(&sig), NULL);
			ck_assert_msg((code == BASE_OK) == json_is_true(json_object_get(vector, "validSignature")),
				      "%s: %s", text_of(vector, "comment"), base_code_name(code));
			base_buf_free(&padded);
			count++;
		}
		base_buf_free(&sec1);
		base_buf_free(&message);
		base_buf_free(&sig);
	}
	ck_assert_uint_ge(count, 1);
	json_decref(root);
}
END_TEST

/* Private key bytes and the public key that follows from them. */
START_TEST(didkey_public_parts_are_derived)
{
	json_t *root = load("ecdsa/atproto/w3c_didkey_K256.json");
	const json_t *vector;
	size_t i;

	if (root == NULL)
		return;
	json_array_foreach (root, i, vector) {
		struct base_buf public = BASE_BUF_INIT;
		struct keys_private *key;
		uint8_t raw[32];

		help_hex_into(raw, 32, text_of(vector, "privateKeyBytesHex"));
		ck_assert(base58(&public, text_of(vector, "publicDidKey") + 9));
		ck_assert_int_eq(keys_private_import(&key, KEYS_SIGN, KEYS_ES256K, raw, NULL), BASE_OK);
		ck_assert_uint_eq(public.len, 35);
		ck_assert_mem_eq(public.data + 2, keys_private_public(key)->bytes, 33);
		keys_private_close(key);
		base_buf_free(&public);
	}
	json_decref(root);
}
END_TEST

static bool base58(struct base_buf *out, const char *text)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	uint8_t number[64] = {0};
	size_t used = 0;

	for (; *text != '\0'; text++) {
		const char *at = strchr(alphabet, *text);
		unsigned carry;

		if (at == NULL)
			return false;
		carry = (unsigned)(at - alphabet);
		for (size_t i = 0; i < used || carry != 0; i++) {
			if (i == sizeof(number))
				return false;
			carry += number[i] * 58U;
			number[i] = (uint8_t)carry;
			carry >>= 8;
			if (i >= used)
				used = i + 1;
		}
	}
	for (size_t i = used; i > 0; i--)
		base_buf_byte(out, number[i - 1]);
	return used > 2;
}

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, wycheproof_outcomes_are_ours, 0, 3);
	tcase_add_test(tc, web5_signatures_are_reproduced);
	tcase_add_test(tc, atproto_outcomes_are_ours);
	tcase_add_test(tc, didkey_public_parts_are_derived);
}

int main(void)
{
	return support_run("keys/vectors", fill);
}
