/* keys: signing, verifying, sealing, and how private keys rest.
 *
 * Tour
 *   1. Algorithms and public keys. A public key is written [purpose,
 *      algorithm, bytes]; kid = SHA-256(CBOR [algorithm, bytes]). docs/formats/keys.md
 *   2. Signatures of events: secp256k1 (libsecp256k1), ES256K, RFC 6979, low-S only.
 *   3. Ed25519 (log, cosigner) and X25519 (sealing), through OpenSSL.
 *   4. Identities: the private keys of one actor, organisation or node in one PEM
 *      file of PKCS#8 blocks, encrypted (scrypt, AES-256-CBC) when a passphrase is given.
 *   5. JWE: how a payload's key travels (RFC 7516, 7518, 8037). docs/formats/keys.md
 *   6. Randomness, HMAC, HKDF, AES-256-GCM pieces for the rooms above.
 *
 * Private keys live in structs of this room alone, are zeroed by their close
 * function, and are never printed. Verification functions have no shared
 * state: any thread.
 */
#ifndef LEDGER_KEYS_KEYS_H
#define LEDGER_KEYS_KEYS_H

#include "ledger/base/base.h"

/* ---- 1. Public keys ----------------------------------------------------- */

enum keys_alg {
	KEYS_ES256K = -47,  /* secp256k1, compressed point, 33 bytes (RFC 8812) */
	KEYS_ED25519 = -19, /* RFC 9864, 32 bytes */
	KEYS_X25519 = -31,  /* ECDH-ES+A256KW over X25519 (RFC 9053 §6.4), 32 bytes */
};
enum keys_purpose {
	KEYS_SIGN = 1,	   /* an actor's events */
	KEYS_SEAL = 2,	   /* payload keys are wrapped to it */
	KEYS_RECOVERY = 3, /* an organisation's: every payload key of its actors is wrapped to it too */
	KEYS_LOG = 4,	   /* a node's checkpoint signature */
	KEYS_COSIGN = 5,   /* a node's cosignature/v1 */
	KEYS_VALIDATOR = 6,
};
#define KEYS_PUBLIC_BYTES_MAX 33
struct keys_public {
	enum keys_purpose purpose;
	enum keys_alg alg;
	uint8_t bytes[KEYS_PUBLIC_BYTES_MAX];
	size_t len;
};
struct base_hash keys_kid(const struct keys_public *key);
void keys_public_put(struct base_buf *out, const struct keys_public *key); /* CBOR [purpose, alg, bytes] */
/* Refuses unknown purposes and algorithms and pairs that the registry lacks, wrong lengths, other encodings,
 * points not on the curve, X25519 and Ed25519 points of small order. */
BASE_MUST_USE enum base_code keys_public_parse(struct keys_public *out, struct base_slice cbor, struct base_error *err);
const char *keys_purpose_name(enum keys_purpose purpose);
const char *keys_alg_name(enum keys_alg alg);
enum keys_alg keys_purpose_alg(enum keys_purpose purpose); /* the registry has one for each */

/* ---- 2. ES256K ---------------------------------------------------------- */

/* digest: SHA-256 of the COSE Sig_structure. signature: r||s. BASE_MISMATCH if
 * it does not verify; high-S never does. 39 µs (measured). */
BASE_MUST_USE enum base_code keys_es256k_verify(const struct keys_public *key, const struct base_hash *digest,
						struct base_slice signature, struct base_error *err);
/* The same in two steps, for whoever verifies many signatures of one key: reading the
 * compressed point is 4.5 of the 39 µs. A plain value: copy it, keep it, any thread. */
struct keys_verifier {
	uint8_t opaque[64];
};
BASE_MUST_USE enum base_code keys_verifier_make(struct keys_verifier *out, const struct keys_public *key,
						struct base_error *err);
BASE_MUST_USE enum base_code keys_verifier_check(const struct keys_verifier *verifier, const struct base_hash *digest,
						 struct base_slice signature, struct base_error *err);
/* For conformance with suites that allow it: as above, but high-S is normalised first. */
BASE_MUST_USE enum base_code keys_es256k_verify_any_s(const struct keys_public *key, const struct base_hash *digest,
						      struct base_slice signature, struct base_error *err);
/* DER (strict), low-S only unless any_s. */
BASE_MUST_USE enum base_code keys_es256k_verify_der(const struct keys_public *key, const struct base_hash *digest,
						    struct base_slice der, bool any_s, struct base_error *err);
/* From 33- or 65-byte SEC1 bytes to our compressed form. */
BASE_MUST_USE enum base_code keys_es256k_import(struct keys_public *out, struct base_slice sec1,
						struct base_error *err);

/* ---- 3. Private keys ---------------------------------------------------- */

struct keys_private; /* one private key; opaque; zeroed on close */
BASE_MUST_USE enum base_code keys_private_make(struct keys_private **out, enum keys_purpose purpose, enum keys_alg alg,
					       struct base_error *err);
/* From raw 32 bytes: tests, vectors. */
BASE_MUST_USE enum base_code keys_private_import(struct keys_private **out, enum keys_purpose purpose,
						 enum keys_alg alg, const uint8_t raw[32], struct base_error *err);
void keys_private_close(struct keys_private *key); /* NULL is fine */
const struct keys_public *keys_private_public(const struct keys_private *key);
/* ES256K: message is hashed with SHA-256, RFC 6979, low-S. Ed25519: PureEdDSA. signature: 64 bytes. */
BASE_MUST_USE enum base_code keys_sign(const struct keys_private *key, uint8_t signature[64], struct base_slice message,
				       struct base_error *err);
BASE_MUST_USE enum base_code keys_ed25519_verify(const struct keys_public *key, struct base_slice message,
						 struct base_slice signature, struct base_error *err);

/* ---- 4. Identities ------------------------------------------------------ */

#define KEYS_IDENTITY_KEYS_MAX 8
#define KEYS_IDENTITY_BYTES_MAX 65536
/* The keys of one owner, at most one for each purpose. */
struct keys_identity {
	struct keys_private *keys[KEYS_IDENTITY_KEYS_MAX];
	size_t count;
};
struct keys_private *keys_identity_find(const struct keys_identity *id,
					enum keys_purpose purpose); /* borrowed or NULL */
void keys_identity_close(struct keys_identity *id);
/* Writes a new file, mode 0600, whole or not at all; refuses to replace.
 * passphrase: empty slice = not encrypted. Layout: docs/formats/keys.md. */
BASE_MUST_USE enum base_code keys_identity_write(const struct keys_identity *id, const char *path,
						 struct base_slice passphrase, struct base_error *err);
/* passphrase is asked for once, and only when a block is encrypted: get_passphrase(arg, out) appends it; NULL = none
 * to be had (BASE_KEY).
 * Refuses files that others may read (mode & 077), over 64 KiB, unknown purposes. */
typedef enum base_code (*keys_passphrase_fn)(void *arg, struct base_buf *out, struct base_error *err);
BASE_MUST_USE enum base_code keys_identity_read(struct keys_identity *out, const char *path,
						keys_passphrase_fn get_passphrase, void *arg, struct base_error *err);
/* The decoder behind it, for fuzzing and tests. */
BASE_MUST_USE enum base_code keys_identity_parse(struct keys_identity *out, struct base_slice pem,
						 keys_passphrase_fn get_passphrase, void *arg, struct base_error *err);
/* The public parts as they stand in the file, in its order: needs no passphrase,
 * and is only as trustworthy as the file. out: room for KEYS_IDENTITY_KEYS_MAX. */
BASE_MUST_USE enum base_code keys_identity_publics(struct keys_public *out, size_t *count, struct base_slice pem,
						   struct base_error *err);

/* ---- 5. JWE ------------------------------------------------------------- */

/* Seals a 32-byte key to one recipient: compact JWE, ECDH-ES+A256KW over
 * X25519, A256GCM, protected {alg, enc, kid, epk}. kid = hex of keys_kid(recipient).
 * The plaintext is the 32 raw key bytes. */
BASE_MUST_USE enum base_code keys_jwe_seal(struct base_buf *out, const struct keys_public *recipient,
					   const uint8_t key[32], struct base_error *err);
BASE_MUST_USE enum base_code keys_jwe_open(uint8_t key[32], const struct keys_private *recipient, struct base_slice jwe,
					   struct base_error *err);
/* Who a JWE is for, without opening it. */
BASE_MUST_USE enum base_code keys_jwe_kid(struct base_hash *kid, struct base_slice jwe, struct base_error *err);

/* ---- 6. Pieces ---------------------------------------------------------- */

BASE_MUST_USE enum base_code keys_random(uint8_t *out, size_t len, struct base_error *err);
struct base_hash keys_hmac(struct base_slice key, struct base_slice message); /* HMAC-SHA-256 */
void keys_hkdf(uint8_t *out, size_t len, struct base_slice ikm, struct base_slice salt,
	       struct base_slice info); /* RFC 5869, SHA-256 */
/* AES-256-GCM with a 12-byte nonce; ciphertext is plaintext length + 16. A context is
 * reused for all segments of one stream (one thread at a time). */
struct keys_gcm;
struct keys_gcm *keys_gcm_open(const uint8_t key[32]);
void keys_gcm_close(struct keys_gcm *gcm);
void keys_gcm_seal(struct keys_gcm *gcm, uint8_t *out, const uint8_t nonce[12], struct base_slice aad,
		   struct base_slice plaintext);
BASE_MUST_USE enum base_code keys_gcm_unseal(struct keys_gcm *gcm, uint8_t *out, const uint8_t nonce[12],
					     struct base_slice aad, struct base_slice ciphertext,
					     struct base_error *err);
/* scrypt (RFC 7914) N=2^15 r=8 p=3 to 32 bytes: the passphrase of a register's export. A quarter of a second or more,
 * 32 MiB. */
void keys_scrypt(uint8_t out[32], struct base_slice passphrase, const uint8_t salt[16]);

#endif
