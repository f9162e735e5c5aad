#include "tests/conformance/foreign.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <string.h>

#define COORDINATE_BYTES_MAX 66

static const struct {
	const char *name;
	int64_t alg;
	const char *digest; /* of ECDSA */
} algorithms[] = {
	{"ES256", -7, "SHA256"},   {"ES384", -35, "SHA384"}, {"ES512", -36, "SHA512"}, {"EdDSA", -8, NULL},
	{"ES256K", -47, "SHA256"}, {"PS256", -37, NULL},     {"PS384", -38, NULL},     {"PS512", -39, NULL},
	{"RS256", -257, NULL},	   {"Ed25519", -19, NULL},
};

int64_t foreign_alg(const struct json *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (json_equals(name, algorithms[i].name))
			return algorithms[i].alg;
	}
	return 0;
}

bool foreign_member(const struct json *jwk, const char *name, uint8_t *out, size_t len)
{
	struct base_buf bytes = BASE_BUF_INIT;
	char hex[32];
	bool good;

	(void)snprintf(hex, sizeof(hex), "%s_hex", name);
	good = json_get(jwk, hex) != NULL ? json_hex(json_get(jwk, hex), &bytes)
					  : json_base64url(json_get(jwk, name), &bytes);
	good = good && bytes.len <= len;
	if (good) {
		memset(out, 0, len);
		if (bytes.len > 0)
			memcpy(out + len - bytes.len, bytes.data, bytes.len);
	}
	base_buf_wipe(&bytes);
	return good;
}

/* ---- ECDSA ------------------------------------------------------------------ */

static const struct {
	const char *name;  /* of a JWK */
	const char *group; /* of OpenSSL */
	size_t bytes;
} curves[] = {{"P-256", "P-256", 32}, {"P-384", "P-384", 48}, {"P-521", "P-521", 66}};

static EVP_PKEY *ec_key(const struct json *jwk, size_t *bytes)
{
	uint8_t point[1 + 2 * COORDINATE_BYTES_MAX] = {0x04};
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[3];
	size_t i = 0;

	while (i < sizeof(curves) / sizeof(curves[0]) && !json_equals(json_get(jwk, "crv"), curves[i].name))
		i++;
	if (i == sizeof(curves) / sizeof(curves[0]))
		return NULL;
	*bytes = curves[i].bytes;
	if (!foreign_member(jwk, "x", point + 1, *bytes) || !foreign_member(jwk, "y", point + 1 + *bytes, *bytes))
		return NULL;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curves[i].group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * *bytes);
	params[2] = OSSL_PARAM_construct_end();
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* r || s as the DER that OpenSSL wants; empty if it is not two numbers of the curve's size. */
static void to_der(struct base_buf *out, struct base_slice raw, size_t bytes)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = NULL, *s = NULL;
	uint8_t *der = NULL;
	int len;

	if (sig == NULL || raw.len != 2 * bytes)
		goto out;
	r = BN_bin2bn(raw.data, (int)bytes, NULL);
	s = BN_bin2bn(raw.data + bytes, (int)bytes, NULL);
	if (r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		goto out;
	}
	len = i2d_ECDSA_SIG(sig, &der);
	if (len > 0)
		base_buf_append(out, base_slice(der, (size_t)len));
	OPENSSL_free(der);
out:
	ECDSA_SIG_free(sig);
}

static bool digest_verify(EVP_PKEY *key, const char *digest, struct base_slice message, struct base_slice signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestVerifyInit_ex(ctx, NULL, digest, NULL, NULL, key, NULL) == 1 &&
		    EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static EVP_PKEY *edwards_key(const struct json *jwk)
{
	bool is_448 = json_equals(json_get(jwk, "crv"), "Ed448");
	size_t len = is_448 ? 57 : 32;
	uint8_t raw[57];

	if (!is_448 && !json_equals(json_get(jwk, "crv"), "Ed25519"))
		return NULL;
	if (!foreign_member(jwk, "x", raw, len))
		return NULL;
	return EVP_PKEY_new_raw_public_key(is_448 ? EVP_PKEY_ED448 : EVP_PKEY_ED25519, NULL, raw, len);
}

enum foreign_verdict foreign_verify(int64_t alg, const struct json *jwk, struct base_slice message,
				    struct base_slice signature)
{
	const char *digest = NULL;
	struct base_buf der = BASE_BUF_INIT;
	EVP_PKEY *key;
	size_t bytes = 0;
	bool good;

	if (alg == -8 || alg == -19) {
		key = edwards_key(jwk);
		if (key == NULL)
			return FOREIGN_UNKNOWN;
		good = digest_verify(key, NULL, message, signature);
		EVP_PKEY_free(key);
		return good ? FOREIGN_VALID : FOREIGN_INVALID;
	}
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (algorithms[i].alg == alg)
			digest = algorithms[i].digest;
	}
	key = digest != NULL ? ec_key(jwk, &bytes) : NULL;
	if (key == NULL)
		return FOREIGN_UNKNOWN;
	to_der(&der, signature, bytes);
	good = der.len > 0 && digest_verify(key, digest, message, base_buf_slice(&der));
	base_buf_free(&der);
	EVP_PKEY_free(key);
	return good ? FOREIGN_VALID : FOREIGN_INVALID;
}

/* ---- Digests ----------------------------------------------------------------- */

/* The leftmost 256 bits of the digest as a number (FIPS 186-5, 6.4.1); a shorter digest is that number itself. */
bool foreign_digest(struct base_hash *out, const char *name, struct base_slice message)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t digest[64];
	bool xof = md != NULL && (EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF) != 0, good = false;
	size_t len = md == NULL ? 0 : xof ? (strcmp(name, "SHAKE128") == 0 ? 32 : 64) : (size_t)EVP_MD_get_size(md);
	unsigned got = 0;

	if (md != NULL && ctx != NULL && len > 0 && len <= sizeof(digest) && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
	    EVP_DigestUpdate(ctx, message.data, message.len) == 1)
		good = (xof ? EVP_DigestFinalXOF(ctx, digest, len) : EVP_DigestFinal_ex(ctx, digest, &got)) == 1;
	if (good) {
		size_t part = len < sizeof(out->bytes) ? len : sizeof(out->bytes);

		memset(out->bytes, 0, sizeof(out->bytes));
		memcpy(out->bytes + sizeof(out->bytes) - part, digest, part);
	}
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	ERR_clear_error();
	return good;
}

/* ---- ECDH -------------------------------------------------------------------- */

bool foreign_ecdh_secp256k1(uint8_t out[32], struct base_slice point, struct base_slice scalar)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_secp256k1);
	EC_POINT *in = group != NULL ? EC_POINT_new(group) : NULL,
		 *product = group != NULL ? EC_POINT_new(group) : NULL;
	BIGNUM *k = BN_bin2bn(scalar.data, (int)scalar.len, NULL), *x = BN_new();
	bool good = in != NULL && product != NULL && k != NULL && x != NULL &&
		    EC_POINT_oct2point(group, in, point.data, point.len, NULL) == 1 &&
		    EC_POINT_mul(group, product, NULL, in, k, NULL) == 1 &&
		    EC_POINT_get_affine_coordinates(group, product, x, NULL, NULL) == 1 &&
		    BN_bn2binpad(x, out, 32) == 32;

	BN_clear_free(k);
	BN_clear_free(x);
	EC_POINT_free(in);
	EC_POINT_clear_free(product);
	EC_GROUP_free(group);
	ERR_clear_error();
	return good;
}
