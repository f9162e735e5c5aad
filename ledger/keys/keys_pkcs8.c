/* One private key as PKCS#8 (RFC 5208) in DER, plain or encrypted. docs/formats/keys.md §4:
 * "A private key has exactly one encoding": the one that OpenSSL writes, so that the fixed
 * bytes around the secret are a constant and reading needs no ASN.1 parser for secrets. */
#include "ledger/keys/keys_internal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

/* ES256K: prefix, 32 bytes of the number, middle, 65 bytes of the point. */
static const uint8_t es256k_prefix[] = {0x30, 0x81, 0x84, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a,
					0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
					0x00, 0x0a, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20};
static const uint8_t es256k_middle[] = {0xa1, 0x44, 0x03, 0x42, 0x00};
/* Ed25519 and X25519 (RFC 8410): prefix and the 32 bytes. */
static const uint8_t ed25519_prefix[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
					 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
static const uint8_t x25519_prefix[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
					0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20};

#define SCRYPT_N 16384 /* the most that OpenSSL opens without being told to use more memory */
#define SCRYPT_R 8
#define SCRYPT_P 5
#define SCRYPT_P_MAX 16
#define SALT_BYTES 16
#define PASSPHRASE_BYTES_MAX 1024

static struct base_slice prefix_of(enum keys_alg alg)
{
	switch (alg) {
	case KEYS_ES256K:
		return base_slice(es256k_prefix, sizeof(es256k_prefix));
	case KEYS_ED25519:
		return base_slice(ed25519_prefix, sizeof(ed25519_prefix));
	case KEYS_X25519:
		return base_slice(x25519_prefix, sizeof(x25519_prefix));
	}
	return base_slice(NULL, 0);
}

void keys_pkcs8_encode(struct base_buf *out, const struct keys_private *key)
{
	uint8_t point[65];

	/* At once, so that no copy is left behind by growing. */
	base_buf_reserve(out, KEYS_DER_BYTES_MAX);
	base_buf_append(out, prefix_of(key->public.alg));
	base_buf_append(out, base_slice(key->raw, 32));
	if (key->public.alg != KEYS_ES256K)
		return;
	BASE_ASSERT(keys_es256k_uncompressed(point, &key->public));
	base_buf_append(out, base_slice(es256k_middle, sizeof(es256k_middle)));
	base_buf_append(out, base_slice(point, sizeof(point)));
}

enum base_code keys_pkcs8_decode(struct keys_private **out, enum keys_purpose purpose, struct base_slice der,
				 struct base_error *err)
{
	static const enum keys_alg algs[] = {KEYS_ES256K, KEYS_ED25519, KEYS_X25519};
	struct base_buf again = BASE_BUF_INIT;
	struct keys_private *key = NULL;
	enum base_code code = BASE_MALFORMED;

	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		struct base_slice prefix = prefix_of(algs[i]);

		if (der.len < prefix.len + 32 || memcmp(der.data, prefix.data, prefix.len) != 0)
			continue;
		code = keys_private_import(&key, purpose, algs[i], der.data + prefix.len, err);
		if (code != BASE_OK)
			return code == BASE_USAGE ? BASE_MALFORMED : code;
		/* What is not the key's own encoding, its public part included, is refused. */
		keys_pkcs8_encode(&again, key);
		if (again.len != der.len || !base_equal_secret(again.data, der.data, der.len)) {
			keys_private_close(key);
			key = NULL;
			code = BASE_MALFORMED;
		}
		base_buf_wipe(&again);
		break;
	}
	if (key == NULL)
		return base_fail(
			err, code,
			"not a secp256k1, Ed25519 or X25519 private key in PKCS#8 as OpenSSL 3 writes it, or damaged");
	*out = key;
	return BASE_OK;
}

/* ---- Encryption: PBES2 with scrypt and AES-256-CBC (RFC 8018, RFC 7914 §7) ---- */

static enum base_code passphrase_check(struct base_slice passphrase, struct base_error *err)
{
	if (passphrase.len == 0)
		return base_fail(err, BASE_KEY, "the passphrase is empty");
	if (passphrase.len > PASSPHRASE_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the passphrase is longer than %d bytes", PASSPHRASE_BYTES_MAX);
	return BASE_OK;
}

enum base_code keys_pkcs8_encrypt(struct base_buf *out, struct base_slice der, struct base_slice passphrase,
				  struct base_error *err)
{
	const unsigned char *at = der.data;
	PKCS8_PRIV_KEY_INFO *info = NULL;
	X509_ALGOR *scheme = NULL;
	X509_SIG *sealed = NULL;
	unsigned char *bytes = NULL;
	uint8_t salt[SALT_BYTES];
	enum base_code code;
	int len;

	if ((code = passphrase_check(passphrase, err)) != BASE_OK ||
	    (code = keys_random(salt, sizeof(salt), err)) != BASE_OK)
		return code;
	code = keys_openssl_failed(err, "encrypting a private key");
	if ((info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len)) == NULL)
		goto out;
	scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	if (scheme == NULL)
		goto out;
	sealed = PKCS8_set0_pbe_ex((const char *)passphrase.data, (int)passphrase.len, info, scheme, NULL, NULL);
	if (sealed == NULL)
		goto out;
	scheme = NULL; /* sealed owns it */
	if ((len = i2d_X509_SIG(sealed, &bytes)) <= 0)
		goto out;
	base_buf_append(out, base_slice(bytes, (size_t)len));
	code = BASE_OK;
out:
	OPENSSL_free(bytes);
	X509_SIG_free(sealed);
	X509_ALGOR_free(scheme);
	PKCS8_PRIV_KEY_INFO_free(info); /* zeroes the key */
	ERR_clear_error();
	return code;
}

/* Work is bounded before it is done: a hostile file could ask for hours of scrypt. */
static bool scrypt_ok(const ASN1_TYPE *parameter)
{
	SCRYPT_PARAMS *scrypt = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), parameter);
	uint64_t n, r, p, key_bytes = 32;
	bool ok;

	if (scrypt == NULL)
		return false;
	ok = ASN1_INTEGER_get_uint64(&n, scrypt->costParameter) == 1 &&
	     ASN1_INTEGER_get_uint64(&r, scrypt->blockSize) == 1 &&
	     ASN1_INTEGER_get_uint64(&p, scrypt->parallelizationParameter) == 1 &&
	     (scrypt->keyLength == NULL || ASN1_INTEGER_get_uint64(&key_bytes, scrypt->keyLength) == 1) && n >= 2 &&
	     n <= SCRYPT_N && (n & (n - 1)) == 0 && r == SCRYPT_R && p >= 1 && p <= SCRYPT_P_MAX && key_bytes == 32 &&
	     ASN1_STRING_length(scrypt->salt) >= 8 && ASN1_STRING_length(scrypt->salt) <= 64;
	SCRYPT_PARAMS_free(scrypt);
	return ok;
}

static bool algorithm_is(const X509_ALGOR *algorithm, int nid, const ASN1_TYPE **parameter)
{
	const ASN1_OBJECT *object;

	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	*parameter = algorithm->parameter;
	return OBJ_obj2nid(object) == nid && algorithm->parameter != NULL;
}

static bool scheme_ok(const X509_SIG *sealed)
{
	const X509_ALGOR *scheme;
	const ASN1_TYPE *parameter;
	PBE2PARAM *pbes2;
	bool ok;

	X509_SIG_get0(sealed, &scheme, NULL);
	if (!algorithm_is(scheme, NID_pbes2, &parameter))
		return false;
	if ((pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameter)) == NULL)
		return false;
	ok = algorithm_is(pbes2->encryption, NID_aes_256_cbc, &parameter) &&
	     ASN1_TYPE_get(parameter) == V_ASN1_OCTET_STRING &&
	     ASN1_STRING_length(parameter->value.octet_string) == 16 &&
	     algorithm_is(pbes2->keyfunc, NID_id_scrypt, &parameter) && scrypt_ok(parameter);
	PBE2PARAM_free(pbes2);
	return ok;
}

/* NULL: not the one DER encoding of an EncryptedPrivateKeyInfo. */
static X509_SIG *sealed_parse(struct base_slice der)
{
	const unsigned char *at = der.data;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.len);
	unsigned char *again = NULL;
	bool same = false;

	if (sealed != NULL && at == der.data + der.len) {
		int len = i2d_X509_SIG(sealed, &again);

		same = len > 0 && base_slice_equal(der, base_slice(again, (size_t)len));
	}
	OPENSSL_free(again);
	if (!same) {
		X509_SIG_free(sealed);
		sealed = NULL;
	}
	return sealed;
}

enum base_code keys_pkcs8_decrypt(struct base_buf *out, struct base_slice der, struct base_slice passphrase,
				  struct base_error *err)
{
	PKCS8_PRIV_KEY_INFO *info = NULL;
	unsigned char *bytes = NULL;
	X509_SIG *sealed = NULL;
	enum base_code code;
	int len = 0;

	if ((code = passphrase_check(passphrase, err)) != BASE_OK)
		return code;
	if (der.len > KEYS_DER_BYTES_MAX || (sealed = sealed_parse(der)) == NULL) {
		code = base_fail(err, BASE_MALFORMED, "not an encrypted private key in PKCS#8, or damaged");
		goto out;
	}
	if (!scheme_ok(sealed)) {
		code = base_fail(err, BASE_MALFORMED,
				 "not encrypted with scrypt (N <= %d, r = %d, p <= %d) and AES-256-CBC; "
				 "\"openssl pkcs8 -topk8 -scrypt -v2 aes-256-cbc\" does that",
				 SCRYPT_N, SCRYPT_R, SCRYPT_P_MAX);
		goto out;
	}
	info = PKCS8_decrypt_ex(sealed, (const char *)passphrase.data, (int)passphrase.len, NULL, NULL);
	if (info == NULL || (len = i2d_PKCS8_PRIV_KEY_INFO(info, &bytes)) <= 0 || len > KEYS_DER_BYTES_MAX) {
		code = base_fail(err, BASE_KEY, "the passphrase is wrong");
		goto out;
	}
	base_buf_append(out, base_slice(bytes, (size_t)len));
out:
	if (bytes != NULL && len > 0)
		OPENSSL_clear_free(bytes, (size_t)len);
	PKCS8_PRIV_KEY_INFO_free(info); /* zeroes the key */
	X509_SIG_free(sealed);
	ERR_clear_error();
	return code;
}
