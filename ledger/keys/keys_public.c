/* The registry of algorithms and purposes, kids, and public keys as CBOR: docs/formats/keys.md §2, §3. */
#include "ledger/keys/keys_internal.h"

#include <string.h>

#include "ledger/wire/wire.h"

/* "A public key is written [purpose, algorithm, bytes]." */
static const struct {
	enum keys_purpose purpose;
	enum keys_alg alg;
	const char *name;
} registry[] = {
	{KEYS_SIGN, KEYS_ES256K, "sign"},	  {KEYS_SEAL, KEYS_X25519, "seal"},
	{KEYS_RECOVERY, KEYS_X25519, "recovery"}, {KEYS_LOG, KEYS_ED25519, "log"},
	{KEYS_COSIGN, KEYS_ED25519, "cosign"},	  {KEYS_VALIDATOR, KEYS_ED25519, "validator"},
};
#define REGISTRY_COUNT (sizeof(registry) / sizeof(registry[0]))

const char *keys_purpose_name(enum keys_purpose purpose)
{
	for (size_t i = 0; i < REGISTRY_COUNT; i++)
		if (registry[i].purpose == purpose)
			return registry[i].name;
	return "unknown";
}

const char *keys_alg_name(enum keys_alg alg)
{
	switch (alg) {
	case KEYS_ES256K:
		return "ES256K";
	case KEYS_ED25519:
		return "Ed25519";
	case KEYS_X25519:
		return "X25519";
	}
	return "unknown";
}

enum keys_alg keys_purpose_alg(enum keys_purpose purpose)
{
	for (size_t i = 0; i < REGISTRY_COUNT; i++)
		if (registry[i].purpose == purpose)
			return registry[i].alg;
	base_assert_failed("purpose is one of enum keys_purpose", __FILE__, __LINE__);
}

bool keys_purpose_by_name(enum keys_purpose *out, struct base_slice name)
{
	for (size_t i = 0; i < REGISTRY_COUNT; i++) {
		if (base_slice_equal(name, base_slice_text(registry[i].name))) {
			*out = registry[i].purpose;
			return true;
		}
	}
	return false;
}

enum base_code keys_pair_check(enum keys_purpose purpose, enum keys_alg alg, struct base_error *err)
{
	for (size_t i = 0; i < REGISTRY_COUNT; i++) {
		if (registry[i].purpose != purpose)
			continue;
		if (registry[i].alg == alg)
			return BASE_OK;
		return base_fail(err, BASE_USAGE, "a %s key is an %s key, not algorithm %d", registry[i].name,
				 keys_alg_name(registry[i].alg), (int)alg);
	}
	return base_fail(err, BASE_USAGE, "key purpose %d is unknown", (int)purpose);
}

static size_t bytes_of(enum keys_alg alg)
{
	return alg == KEYS_ES256K ? 33 : 32;
}

enum base_code keys_public_check(enum keys_alg alg, struct base_slice bytes, struct base_error *err)
{
	if (bytes.len != bytes_of(alg))
		return base_fail(err, BASE_MALFORMED, "an %s public key has %zu bytes, not %zu", keys_alg_name(alg),
				 bytes_of(alg), bytes.len);
	switch (alg) {
	case KEYS_ES256K:
		if (!keys_es256k_on_curve(bytes))
			return base_fail(err, BASE_MALFORMED,
					 "an ES256K public key is not a compressed point of secp256k1");
		return BASE_OK;
	case KEYS_ED25519:
		return keys_ed25519_check(bytes, err);
	case KEYS_X25519:
		return keys_x25519_check(bytes, err);
	}
	return base_fail(err, BASE_MALFORMED, "key algorithm %d is unknown", (int)alg);
}

struct base_hash keys_kid(const struct keys_public *key)
{
	uint8_t room[64];
	/* Borrowed: at most 38 bytes are written, so it never grows, and a kid costs no allocation. */
	struct base_buf cbor = {room, 0, sizeof(room)};

	BASE_ASSERT(key->len <= KEYS_PUBLIC_BYTES_MAX);
	wire_put_array(&cbor, 2);
	wire_put_int(&cbor, key->alg);
	wire_put_bytes(&cbor, base_slice(key->bytes, key->len));
	return base_sha256_of(base_buf_slice(&cbor));
}

void keys_public_put(struct base_buf *out, const struct keys_public *key)
{
	wire_put_array(out, 3);
	wire_put_uint(out, key->purpose);
	wire_put_int(out, key->alg);
	wire_put_bytes(out, base_slice(key->bytes, key->len));
}

enum base_code keys_public_parse(struct keys_public *out, struct base_slice cbor, struct base_error *err)
{
	struct keys_public key = {0};
	struct wire_reader r;
	struct base_slice bytes;
	enum base_code code;
	uint64_t purpose;
	int64_t alg;

	if ((code = wire_check(cbor, err)) != BASE_OK)
		return base_wrap(err, code, "public key");
	wire_read(&r, cbor);
	wire_expect_array(&r, 3);
	purpose = wire_get_uint(&r);
	alg = wire_get_int(&r);
	bytes = wire_get_bytes(&r);
	if ((code = wire_done(&r, "public key", err)) != BASE_OK)
		return code;
	if (purpose < KEYS_SIGN || purpose > KEYS_VALIDATOR)
		return base_fail(err, BASE_MALFORMED, "public key: purpose %llu is unknown",
				 (unsigned long long)purpose);
	if (alg != KEYS_ES256K && alg != KEYS_ED25519 && alg != KEYS_X25519)
		return base_fail(err, BASE_MALFORMED, "public key: algorithm %lld is unknown", (long long)alg);
	key.purpose = (enum keys_purpose)purpose;
	key.alg = (enum keys_alg)alg;
	if (keys_pair_check(key.purpose, key.alg, err) != BASE_OK)
		return base_wrap(err, BASE_MALFORMED, "public key");
	if ((code = keys_public_check(key.alg, bytes, err)) != BASE_OK)
		return base_wrap(err, code, "public key");
	memcpy(key.bytes, bytes.data, bytes.len);
	key.len = bytes.len;
	*out = key;
	return BASE_OK;
}
