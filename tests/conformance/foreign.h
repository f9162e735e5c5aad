/* Signatures and secrets that Regesta does not make, through OpenSSL: so that a vector's own claims can be checked
 * before our profile refuses it. */
#ifndef TESTS_CONFORMANCE_FOREIGN_H
#define TESTS_CONFORMANCE_FOREIGN_H

#include "ledger/base/base.h"
#include "tests/conformance/json.h"

enum foreign_verdict { FOREIGN_VALID, FOREIGN_INVALID, FOREIGN_UNKNOWN /* algorithm or key that is not known here */ };
/* COSE algorithm (-7, -35, -36: ECDSA; -8: EdDSA) and a JWK whose members may also be in hex (x_hex). */
enum foreign_verdict foreign_verify(int64_t alg, const struct json *jwk, struct base_slice message,
				    struct base_slice signature);
/* -7 for "ES256", "EdDSA" and so on; 0 for a name that is not known here. */
int64_t foreign_alg(const struct json *name);

/* A coordinate of a JWK in base64url or hex, left-padded to len; false if it is not there or too long. */
bool foreign_member(const struct json *jwk, const char *name, uint8_t *out, size_t len);

/* SHA-2, SHA-3 or SHAKE by the name that Wycheproof gives ("SHA-512"), as ECDSA on a 256-bit curve takes it. */
bool foreign_digest(struct base_hash *out, const char *name, struct base_slice message);

/* x-coordinate of scalar times a secp256k1 point in SEC1 bytes. */
bool foreign_ecdh_secp256k1(uint8_t out[32], struct base_slice point, struct base_slice scalar);

#endif
