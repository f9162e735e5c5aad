/* What the files of keys share among themselves. */
#ifndef LEDGER_KEYS_KEYS_INTERNAL_H
#define LEDGER_KEYS_KEYS_INTERNAL_H

#include <openssl/evp.h>

#include "ledger/keys/keys.h"

/* The handle is on the heap, so that a leak checker sees one that is not
 * closed; the 32 secret bytes lie in a page of their own, which is kept
 * out of swap and of core dumps as far as the system allows. */
struct keys_private {
	struct keys_public public;
	uint8_t *raw;	/* one page; only the first 32 bytes are used */
	EVP_PKEY *pkey; /* Ed25519 and X25519; NULL for ES256K */
};

/* "key: the library refuses": OpenSSL failing at what cannot fail but for want of memory. */
enum base_code keys_openssl_failed(struct base_error *err, const char *doing);

/* BASE_USAGE unless the registry has this purpose with this algorithm (docs/formats/keys.md §2). */
BASE_MUST_USE enum base_code keys_pair_check(enum keys_purpose purpose, enum keys_alg alg, struct base_error *err);
/* False: no such purpose. */
bool keys_purpose_by_name(enum keys_purpose *out, struct base_slice name);
/* Length and meaning of the bytes of one public key. */
BASE_MUST_USE enum base_code keys_public_check(enum keys_alg alg, struct base_slice bytes, struct base_error *err);

/* ---- keys_es256k.c ---- */
bool keys_es256k_public(uint8_t out[33], const uint8_t raw[32]); /* false: 0 or not below the order */
BASE_MUST_USE enum base_code keys_es256k_sign(uint8_t signature[64], const uint8_t raw[32],
					      const struct base_hash *digest, struct base_error *err);
bool keys_es256k_on_curve(struct base_slice compressed);
bool keys_es256k_uncompressed(uint8_t out[65], const struct keys_public *key);

/* ---- keys_25519.c ---- */
EVP_PKEY *keys_25519_private(enum keys_alg alg, const uint8_t raw[32]); /* NULL: out of memory */
bool keys_25519_public(uint8_t out[32], EVP_PKEY *pkey);
/* Canonical, on the curve, not of small order. */
BASE_MUST_USE enum base_code keys_ed25519_check(struct base_slice bytes, struct base_error *err);
BASE_MUST_USE enum base_code keys_x25519_check(struct base_slice bytes, struct base_error *err);
BASE_MUST_USE enum base_code keys_ed25519_sign(EVP_PKEY *pkey, uint8_t signature[64], struct base_slice message,
					       struct base_error *err);
/* BASE_MALFORMED when the other point is of small order (RFC 7748 §6.1). */
BASE_MUST_USE enum base_code keys_x25519_shared(uint8_t out[32], EVP_PKEY *own, const uint8_t peer[32],
						struct base_error *err);

/* ---- keys_pkcs8.c: one private key as DER (docs/formats/keys.md §4) ---- */
#define KEYS_DER_BYTES_MAX 1024
void keys_pkcs8_encode(struct base_buf *out, const struct keys_private *key); /* secret: wipe out */
BASE_MUST_USE enum base_code keys_pkcs8_decode(struct keys_private **out, enum keys_purpose purpose,
					       struct base_slice der, struct base_error *err);
BASE_MUST_USE enum base_code keys_pkcs8_encrypt(struct base_buf *out, struct base_slice der,
						struct base_slice passphrase, struct base_error *err);
/* Appends the plain PKCS#8 to out (secret). BASE_KEY: wrong passphrase. */
BASE_MUST_USE enum base_code keys_pkcs8_decrypt(struct base_buf *out, struct base_slice der,
						struct base_slice passphrase, struct base_error *err);

/* ---- keys_pem.c: the text layer of an identity file ---- */
struct keys_pem_block {
	enum keys_purpose purpose;
	struct base_slice public_hex; /* borrowed from the file */
	bool encrypted;
	struct base_slice base64; /* the body with its line ends, borrowed */
};
struct keys_pem_reader {
	struct base_slice rest;
	size_t line; /* number of the next line, from 1 */
};
void keys_pem_read(struct keys_pem_reader *r, struct base_slice file);
/* *found false at the end of the file. */
BASE_MUST_USE enum base_code keys_pem_next(struct keys_pem_reader *r, struct keys_pem_block *out, bool *found,
					   struct base_error *err);
/* Appends the bytes of a block. out has room for KEYS_DER_BYTES_MAX, so that no copy of a secret is left by growing. */
BASE_MUST_USE enum base_code keys_pem_bytes(struct base_buf *out, const struct keys_pem_block *block,
					    struct base_error *err);
void keys_pem_write(struct base_buf *out, const struct keys_public *public, bool encrypted, struct base_slice der);

/* ---- keys_identity.c ---- */
/* The bytes of the file. Secret when the passphrase is empty: wipe out. */
BASE_MUST_USE enum base_code keys_identity_encode(struct base_buf *out, const struct keys_identity *id,
						  struct base_slice passphrase, struct base_error *err);

/* ---- keys_jwe.c ---- */
/* RFC 7518 §4.6.2 for up to 32 bytes: one round of SHA-256. */
void keys_concat_kdf(uint8_t *out, size_t len, const uint8_t z[32], const char *algorithm, struct base_slice apu,
		     struct base_slice apv);
/* RFC 3394 with its default initial value. */
BASE_MUST_USE enum base_code keys_wrap(uint8_t out[40], const uint8_t kek[32], const uint8_t key[32],
				       struct base_error *err);
BASE_MUST_USE enum base_code keys_unwrap(uint8_t key[32], const uint8_t kek[32], const uint8_t wrapped[40],
					 struct base_error *err);
/* What keys_jwe_seal draws at random; the documents' example and tests fix it. */
struct keys_jwe_random {
	uint8_t ephemeral[32], cek[32], iv[12];
};
BASE_MUST_USE enum base_code keys_jwe_seal_with(struct base_buf *out, const struct keys_public *recipient,
						const uint8_t key[32], const struct keys_jwe_random *random,
						struct base_error *err);

#endif
