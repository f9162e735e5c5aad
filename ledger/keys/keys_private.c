/* Private keys in memory: made, imported, used, wiped. */
#include "ledger/keys/keys_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_bytes(void)
{
	long bytes = sysconf(_SC_PAGESIZE);

	return bytes > 0 ? (size_t)bytes : 4096;
}

/* Best effort: a low RLIMIT_MEMLOCK or an old kernel leaves the page swappable, which is no reason to refuse work. */
static uint8_t *page_open(void)
{
	void *page = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) { /* as base_alloc */
		(void)fprintf(stderr, "out of memory: a page for a private key was needed\n");
		abort();
	}
	(void)mlock(page, page_bytes());
	(void)madvise(page, page_bytes(), MADV_DONTDUMP);
	return page;
}

static void page_close(uint8_t *page)
{
	base_wipe(page, page_bytes());
	(void)munmap(page, page_bytes()); /* unlocks it too */
}

/* Derives the public part of key->raw and what its algorithm needs to work. */
static enum base_code private_complete(struct keys_private *key, struct base_error *err)
{
	switch (key->public.alg) {
	case KEYS_ES256K:
		if (!keys_es256k_public(key->public.bytes, key->raw))
			return base_fail(err, BASE_KEY, "the private key is zero or not below the order of secp256k1");
		key->public.len = 33;
		return BASE_OK;
	case KEYS_ED25519:
	case KEYS_X25519:
		key->pkey = keys_25519_private(key->public.alg, key->raw);
		if (key->pkey == NULL || !keys_25519_public(key->public.bytes, key->pkey))
			return keys_openssl_failed(err, keys_alg_name(key->public.alg));
		key->public.len = 32;
		return BASE_OK;
	}
	return base_fail(err, BASE_USAGE, "key algorithm %d is unknown", (int)key->public.alg);
}

enum base_code keys_private_import(struct keys_private **out, enum keys_purpose purpose, enum keys_alg alg,
				   const uint8_t raw[32], struct base_error *err)
{
	struct keys_private *key;
	enum base_code code;

	if ((code = keys_pair_check(purpose, alg, err)) != BASE_OK)
		return code;
	key = base_alloc(sizeof(*key));
	key->public.purpose = purpose;
	key->public.alg = alg;
	key->raw = page_open();
	memcpy(key->raw, raw, 32);
	if ((code = private_complete(key, err)) != BASE_OK) {
		keys_private_close(key);
		return code;
	}
	*out = key;
	return BASE_OK;
}

enum base_code keys_private_make(struct keys_private **out, enum keys_purpose purpose, enum keys_alg alg,
				 struct base_error *err)
{
	uint8_t raw[32];
	enum base_code code;

	/* secp256k1's order leaves out one value in 2^128 or so: drawn again, should it ever come. */
	for (int i = 0; i < 4; i++) {
		if ((code = keys_random(raw, sizeof(raw), err)) != BASE_OK)
			break;
		if ((code = keys_private_import(out, purpose, alg, raw, err)) != BASE_KEY)
			break;
	}
	base_wipe(raw, sizeof(raw));
	return code;
}

void keys_private_close(struct keys_private *key)
{
	if (key == NULL)
		return;
	page_close(key->raw);
	EVP_PKEY_free(key->pkey); /* OpenSSL zeroes its copy */
	base_wipe(key, sizeof(*key));
	free(key);
}

const struct keys_public *keys_private_public(const struct keys_private *key)
{
	return &key->public;
}

enum base_code keys_sign(const struct keys_private *key, uint8_t signature[64], struct base_slice message,
			 struct base_error *err)
{
	struct base_hash digest;

	switch (key->public.alg) {
	case KEYS_ES256K:
		digest = base_sha256_of(message);
		return keys_es256k_sign(signature, key->raw, &digest, err);
	case KEYS_ED25519:
		return keys_ed25519_sign(key->pkey, signature, message, err);
	case KEYS_X25519:
		break;
	}
	return base_fail(err, BASE_USAGE, "a %s key seals and opens; it cannot sign",
			 keys_purpose_name(key->public.purpose));
}
