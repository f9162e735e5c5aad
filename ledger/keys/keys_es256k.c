/* secp256k1 through libsecp256k1: ES256K of RFC 8812, low-S (docs/formats/keys.md §2). */
#include "ledger/keys/keys_internal.h"

#include <pthread.h>
#include <secp256k1.h>
#include <string.h>

_Static_assert(sizeof(secp256k1_pubkey) == sizeof(((struct keys_verifier *)0)->opaque),
	       "keys_verifier holds a parsed key");

/* Verifying needs no tables of a context: the static one is shared by all
 * threads. Signing wants one that is blinded against side channels; it is made
 * once, randomised before anybody sees it, and constant afterwards. */
static secp256k1_context *signing;
static pthread_once_t signing_once = PTHREAD_ONCE_INIT;

static void signing_make(void)
{
	uint8_t seed[32];
	struct base_error err;

	signing = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
	BASE_ASSERT(signing != NULL);
	/* A machine without randomness cannot make keys; signing alone is RFC 6979 and goes on unblinded. */
	if (keys_random(seed, sizeof(seed), &err) == BASE_OK)
		BASE_ASSERT(secp256k1_context_randomize(signing, seed) == 1);
	base_wipe(seed, sizeof(seed));
}

static const secp256k1_context *signing_context(void)
{
	BASE_ASSERT(pthread_once(&signing_once, signing_make) == 0);
	return signing;
}

bool keys_es256k_public(uint8_t out[33], const uint8_t raw[32])
{
	const secp256k1_context *context = signing_context();
	secp256k1_pubkey key;
	size_t len = 33;

	if (!secp256k1_ec_seckey_verify(context, raw) || !secp256k1_ec_pubkey_create(context, &key, raw))
		return false;
	return secp256k1_ec_pubkey_serialize(context, out, &len, &key, SECP256K1_EC_COMPRESSED) == 1 && len == 33;
}

bool keys_es256k_on_curve(struct base_slice compressed)
{
	secp256k1_pubkey key;

	return compressed.len == 33 &&
	       secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, compressed.data, compressed.len) == 1;
}

bool keys_es256k_uncompressed(uint8_t out[65], const struct keys_public *key)
{
	secp256k1_pubkey point;
	size_t len = 65;

	return key->alg == KEYS_ES256K &&
	       secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, key->bytes, key->len) == 1 &&
	       secp256k1_ec_pubkey_serialize(secp256k1_context_static, out, &len, &point, SECP256K1_EC_UNCOMPRESSED) ==
		       1 &&
	       len == 65;
}

enum base_code keys_es256k_sign(uint8_t signature[64], const uint8_t raw[32], const struct base_hash *digest,
				struct base_error *err)
{
	const secp256k1_context *context = signing_context();
	secp256k1_ecdsa_signature sig;

	/* RFC 6979 and low-S are this function's defaults. */
	if (!secp256k1_ecdsa_sign(context, &sig, digest->bytes, raw, NULL, NULL))
		return base_fail(err, BASE_KEY, "the private key cannot sign");
	(void)secp256k1_ecdsa_signature_serialize_compact(context, signature, &sig);
	base_wipe(&sig, sizeof(sig));
	return BASE_OK;
}

enum base_code keys_es256k_import(struct keys_public *out, struct base_slice sec1, struct base_error *err)
{
	secp256k1_pubkey key;
	size_t len = 33;

	/* libsecp256k1 also reads the hybrid forms 06 and 07, which nobody should write. */
	if (!(sec1.len == 33 && (sec1.data[0] == 2 || sec1.data[0] == 3)) && !(sec1.len == 65 && sec1.data[0] == 4))
		return base_fail(
			err, BASE_MALFORMED,
			"a secp256k1 public key is 33 bytes that begin with 02 or 03, or 65 that begin with 04");
	if (!secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, sec1.data, sec1.len))
		return base_fail(err, BASE_MALFORMED, "the public key is not a point of secp256k1");
	memset(out, 0, sizeof(*out));
	out->purpose = KEYS_SIGN;
	out->alg = KEYS_ES256K;
	BASE_ASSERT(secp256k1_ec_pubkey_serialize(secp256k1_context_static, out->bytes, &len, &key,
						  SECP256K1_EC_COMPRESSED) == 1);
	out->len = len;
	return BASE_OK;
}

enum base_code keys_verifier_make(struct keys_verifier *out, const struct keys_public *key, struct base_error *err)
{
	secp256k1_pubkey point;

	if (key->alg != KEYS_ES256K)
		return base_fail(err, BASE_MALFORMED, "an %s key does not sign events; ES256K does",
				 keys_alg_name(key->alg));
	if (key->len != 33 || !secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, key->bytes, key->len))
		return base_fail(err, BASE_MALFORMED, "the public key is not a compressed point of secp256k1");
	memcpy(out->opaque, &point, sizeof(point));
	return BASE_OK;
}

static enum base_code signature_check(const struct keys_verifier *verifier, const struct base_hash *digest,
				      secp256k1_ecdsa_signature *sig, bool any_s, struct base_error *err)
{
	secp256k1_pubkey point;

	memcpy(&point, verifier->opaque, sizeof(point));
	if (any_s)
		(void)secp256k1_ecdsa_signature_normalize(secp256k1_context_static, sig, sig);
	if (secp256k1_ecdsa_verify(secp256k1_context_static, sig, digest->bytes, &point))
		return BASE_OK;
	/* Only now, when it costs nothing that matters: was it the high half? */
	if (secp256k1_ecdsa_signature_normalize(secp256k1_context_static, NULL, sig))
		return base_fail(err, BASE_MISMATCH, "the signature has a high S, which is never accepted");
	return base_fail(err, BASE_MISMATCH, "the signature does not verify");
}

static enum base_code compact_check(const struct keys_verifier *verifier, const struct base_hash *digest,
				    struct base_slice signature, bool any_s, struct base_error *err)
{
	secp256k1_ecdsa_signature sig;

	if (signature.len != 64)
		return base_fail(err, BASE_MISMATCH, "an ES256K signature has 64 bytes, not %zu", signature.len);
	if (!secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &sig, signature.data))
		return base_fail(err, BASE_MISMATCH, "the signature's r or s is not below the order of secp256k1");
	return signature_check(verifier, digest, &sig, any_s, err);
}

enum base_code keys_verifier_check(const struct keys_verifier *verifier, const struct base_hash *digest,
				   struct base_slice signature, struct base_error *err)
{
	return compact_check(verifier, digest, signature, false, err);
}

enum base_code keys_es256k_verify(const struct keys_public *key, const struct base_hash *digest,
				  struct base_slice signature, struct base_error *err)
{
	struct keys_verifier verifier;
	enum base_code code = keys_verifier_make(&verifier, key, err);

	return code != BASE_OK ? code : compact_check(&verifier, digest, signature, false, err);
}

enum base_code keys_es256k_verify_any_s(const struct keys_public *key, const struct base_hash *digest,
					struct base_slice signature, struct base_error *err)
{
	struct keys_verifier verifier;
	enum base_code code = keys_verifier_make(&verifier, key, err);

	return code != BASE_OK ? code : compact_check(&verifier, digest, signature, true, err);
}

enum base_code keys_es256k_verify_der(const struct keys_public *key, const struct base_hash *digest,
				      struct base_slice der, bool any_s, struct base_error *err)
{
	struct keys_verifier verifier;
	secp256k1_ecdsa_signature sig;
	enum base_code code = keys_verifier_make(&verifier, key, err);

	if (code != BASE_OK)
		return code;
	if (der.len == 0 || !secp256k1_ecdsa_signature_parse_der(secp256k1_context_static, &sig, der.data, der.len))
		return base_fail(err, BASE_MISMATCH, "the signature is not strict DER");
	return signature_check(&verifier, digest, &sig, any_s, err);
}
