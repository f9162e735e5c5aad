/* Ed25519 and X25519 through OpenSSL (RFC 8032, RFC 7748). OpenSSL's interface
 * allocates for every operation; checkpoints and seals are few, events are not signed with these. */
#include "ledger/keys/keys_internal.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <string.h>

enum base_code keys_openssl_failed(struct base_error *err, const char *doing)
{
	ERR_clear_error();
	return base_fail(err, BASE_KEY, "%s: OpenSSL refuses; is it broken or restricted on this machine?", base_message(doing));
}

static int nid_of(enum keys_alg alg)
{
	return alg == KEYS_ED25519 ? EVP_PKEY_ED25519 : EVP_PKEY_X25519;
}

EVP_PKEY *keys_25519_private(enum keys_alg alg, const uint8_t raw[32])
{
	return EVP_PKEY_new_raw_private_key(nid_of(alg), NULL, raw, 32);
}

bool keys_25519_public(uint8_t out[32], EVP_PKEY *pkey)
{
	size_t len = 32;

	return EVP_PKEY_get_raw_public_key(pkey, out, &len) == 1 && len == 32;
}

/* ---- Checks of points: public values, so nothing here need be constant-time ---- */

struct field {
	BN_CTX *ctx;
	BIGNUM *p, *y, *u, *v, *t;
};

static void field_open(struct field *f)
{
	f->ctx = BN_CTX_new();
	BASE_ASSERT(f->ctx != NULL);
	BN_CTX_start(f->ctx);
	f->p = BN_CTX_get(f->ctx);
	f->y = BN_CTX_get(f->ctx);
	f->u = BN_CTX_get(f->ctx);
	f->v = BN_CTX_get(f->ctx);
	f->t = BN_CTX_get(f->ctx);
	BASE_ASSERT(f->t != NULL);
	/* 2^255 - 19 */
	BASE_ASSERT(BN_set_bit(f->p, 255) && BN_sub_word(f->p, 19));
}

static void field_close(struct field *f)
{
	BN_CTX_end(f->ctx);
	BN_CTX_free(f->ctx);
}

/* The low 255 bits, little-endian; false if they are not below p: one point, one encoding. */
static bool field_load(struct field *f, const uint8_t bytes[32])
{
	uint8_t masked[32];

	memcpy(masked, bytes, 32);
	masked[31] &= 0x7f;
	BASE_ASSERT(BN_lebin2bn(masked, 32, f->y) != NULL);
	return BN_cmp(f->y, f->p) < 0;
}

/* x^2 = u / v with u = y^2 - 1, v = d y^2 + 1, d = -121665/121666 (RFC 8032
 * §5.1). Both are multiplied by 121666 here, which leaves their quotient as it is. */
static bool edwards_load(struct field *f)
{
	bool ok = BN_mod_sqr(f->t, f->y, f->p, f->ctx) && BN_copy(f->u, f->t) != NULL && BN_sub_word(f->u, 1) &&
		  BN_nnmod(f->u, f->u, f->p, f->ctx) && BN_mul_word(f->u, 121666) && BN_nnmod(f->u, f->u, f->p, f->ctx);

	/* v = 121666 - 121665 y^2 */
	ok = ok && BN_copy(f->v, f->t) != NULL && BN_mul_word(f->v, 121665) && BN_sub_word(f->v, 121666);
	if (ok)
		BN_set_negative(f->v, !BN_is_negative(f->v));
	return ok && BN_nnmod(f->v, f->v, f->p, f->ctx);
}

enum base_code keys_ed25519_check(struct base_slice bytes, struct base_error *err)
{
	enum base_code code = BASE_OK;
	struct field f;
	int square;

	field_open(&f);
	if (!field_load(&f, bytes.data)) {
		code = base_fail(err, BASE_MALFORMED, "an Ed25519 public key is not canonical");
		goto out;
	}
	BASE_ASSERT(edwards_load(&f));
	/* t = u * v: a square exactly when u / v is. */
	BASE_ASSERT(BN_mod_mul(f.t, f.u, f.v, f.p, f.ctx));
	square = BN_kronecker(f.t, f.p, f.ctx);
	BASE_ASSERT(square >= -1);
	if (square < 0) {
		code = base_fail(err, BASE_MALFORMED, "an Ed25519 public key is not a point of the curve");
		goto out;
	}
	/* Orders 1 and 2 have x = 0, order 4 has y = 0, and order 8 doubles to
	 * order 4, where y^2 + x^2 = 0, that is u + y^2 v = 0. */
	BASE_ASSERT(BN_mod_sqr(f.t, f.y, f.p, f.ctx) && BN_mod_mul(f.t, f.t, f.v, f.p, f.ctx) &&
		    BN_mod_add(f.t, f.t, f.u, f.p, f.ctx));
	if (BN_is_zero(f.u) || BN_is_zero(f.y) || BN_is_zero(f.t))
		code = base_fail(err, BASE_MALFORMED, "an Ed25519 public key is a point of small order");
out:
	field_close(&f);
	return code;
}

enum base_code keys_x25519_check(struct base_slice bytes, struct base_error *err)
{
	static const uint8_t any_scalar[32] = {8, [31] = 0x40};
	uint8_t shared[32];
	enum base_code code;
	struct field f;
	EVP_PKEY *pkey;
	bool canonical;

	field_open(&f);
	canonical = field_load(&f, bytes.data) && (bytes.data[31] & 0x80) == 0;
	field_close(&f);
	if (!canonical)
		return base_fail(err, BASE_MALFORMED, "an X25519 public key is not canonical");
	/* Every scalar is a multiple of 8, so that a point of small order gives zero with any. */
	if ((pkey = keys_25519_private(KEYS_X25519, any_scalar)) == NULL)
		return keys_openssl_failed(err, "X25519");
	code = keys_x25519_shared(shared, pkey, bytes.data, err);
	EVP_PKEY_free(pkey);
	return code;
}

/* ---- Operations --------------------------------------------------------- */

enum base_code keys_x25519_shared(uint8_t out[32], EVP_PKEY *own, const uint8_t peer[32], struct base_error *err)
{
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	enum base_code code = BASE_OK;
	size_t len = 32;

	if (other == NULL || ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer(ctx, other) != 1) {
		code = keys_openssl_failed(err, "X25519");
		goto out;
	}
	/* OpenSSL checks for the all-zero result that RFC 7748 §6.1 warns of. */
	if (EVP_PKEY_derive(ctx, out, &len) != 1 || len != 32) {
		ERR_clear_error();
		code = base_fail(err, BASE_MALFORMED, "an X25519 public key is a point of small order");
	}
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return code;
}

enum base_code keys_ed25519_sign(EVP_PKEY *pkey, uint8_t signature[64], struct base_slice message,
				 struct base_error *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum base_code code = BASE_OK;
	size_t len = 64;

	if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, message.data, message.len) != 1 || len != 64)
		code = keys_openssl_failed(err, "Ed25519");
	EVP_MD_CTX_free(ctx);
	return code;
}

enum base_code keys_ed25519_verify(const struct keys_public *key, struct base_slice message,
				   struct base_slice signature, struct base_error *err)
{
	enum base_code code = BASE_OK;
	EVP_PKEY *pkey = NULL;
	EVP_MD_CTX *ctx = NULL;

	if (key->alg != KEYS_ED25519 || key->len != 32)
		return base_fail(err, BASE_MALFORMED, "an %s key does not verify an Ed25519 signature",
				 keys_alg_name(key->alg));
	if (signature.len != 64)
		return base_fail(err, BASE_MISMATCH, "an Ed25519 signature has 64 bytes, not %zu", signature.len);
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, 32);
	ctx = EVP_MD_CTX_new();
	if (pkey == NULL || ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1) {
		code = keys_openssl_failed(err, "Ed25519");
		goto out;
	}
	if (EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) != 1) {
		ERR_clear_error();
		code = base_fail(err, BASE_MISMATCH, "the signature does not verify");
	}
out:
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return code;
}
