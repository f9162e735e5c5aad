/* OpenSSL 3 calls SHA256_* deprecated in favour of EVP, whose calls allocate
 * and look the algorithm up: 150 to 630 ns for a tree node where these take
 * 120. They stay in every OpenSSL 3; this file alone uses them. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "ledger/base/base.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct base_sha256), "base_sha256 must hold an SHA256_CTX");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct base_sha256), "base_sha256 must align an SHA256_CTX");
_Static_assert(SHA256_DIGEST_LENGTH == BASE_HASH_BYTES, "SHA-256 is 32 bytes");

/* The opaque words are only ever an SHA256_CTX; copying in and out would cost more than the hash of a node. */
static SHA256_CTX *ctx_of(struct base_sha256 *sha)
{
	return (SHA256_CTX *)(void *)sha->opaque;
}

void base_sha256_begin(struct base_sha256 *sha)
{
	(void)SHA256_Init(ctx_of(sha));
}

void base_sha256_add(struct base_sha256 *sha, struct base_slice bytes)
{
	if (bytes.len > 0)
		(void)SHA256_Update(ctx_of(sha), bytes.data, bytes.len);
}

struct base_hash base_sha256_end(struct base_sha256 *sha)
{
	struct base_hash hash;

	(void)SHA256_Final(hash.bytes, ctx_of(sha));
	return hash;
}

struct base_hash base_sha256_of(struct base_slice bytes)
{
	struct base_sha256 sha;

	base_sha256_begin(&sha);
	base_sha256_add(&sha, bytes);
	return base_sha256_end(&sha);
}

struct base_hash base_sha256_tagged(uint8_t tag, struct base_slice a, struct base_slice b)
{
	struct base_sha256 sha;
	uint8_t together[128];

	base_sha256_begin(&sha);
	/* A tree node is tag and two hashes: one update instead of three. */
	if (a.len < sizeof(together) && b.len < sizeof(together) - a.len) {
		together[0] = tag;
		if (a.len > 0)
			memcpy(together + 1, a.data, a.len);
		if (b.len > 0)
			memcpy(together + 1 + a.len, b.data, b.len);
		base_sha256_add(&sha, base_slice(together, 1 + a.len + b.len));
	} else {
		base_sha256_add(&sha, base_slice(&tag, 1));
		base_sha256_add(&sha, a);
		base_sha256_add(&sha, b);
	}
	return base_sha256_end(&sha);
}

bool base_hash_equal(const struct base_hash *a, const struct base_hash *b)
{
	return memcmp(a->bytes, b->bytes, BASE_HASH_BYTES) == 0;
}

struct base_slice base_hash_slice(const struct base_hash *hash)
{
	return (struct base_slice){hash->bytes, BASE_HASH_BYTES};
}
