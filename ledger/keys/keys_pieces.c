/* Randomness, HMAC, HKDF, scrypt: thin over OpenSSL. */
#include "ledger/keys/keys.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#define RANDOM_STEP_BYTES 65536

enum base_code keys_random(uint8_t *out, size_t len, struct base_error *err)
{
	while (len > 0) {
		size_t step = len < RANDOM_STEP_BYTES ? len : RANDOM_STEP_BYTES;

		/* The generator kept for secrets, apart from the one whose output is published. */
		if (RAND_priv_bytes(out, (int)step) != 1) {
			ERR_clear_error();
			return base_fail(err, BASE_IO, "the operating system gives no random bytes");
		}
		out += step;
		len -= step;
	}
	return BASE_OK;
}

struct base_hash keys_hmac(struct base_slice key, struct base_slice message)
{
	static const uint8_t nothing[1];
	struct base_hash out;
	unsigned len = 0;

	BASE_ASSERT(key.len <= INT32_MAX);
	BASE_ASSERT(HMAC(EVP_sha256(), key.len == 0 ? nothing : key.data, (int)key.len,
			 message.len == 0 ? nothing : message.data, message.len, out.bytes, &len) != NULL);
	BASE_ASSERT(len == sizeof(out.bytes));
	return out;
}

void keys_hkdf(uint8_t *out, size_t len, struct base_slice ikm, struct base_slice salt, struct base_slice info)
{
	struct base_hash prk, block;
	struct base_buf message = BASE_BUF_INIT;
	uint8_t counter = 0;

	BASE_ASSERT(len <= 255 * sizeof(block.bytes));
	/* RFC 5869 in a few lines of HMAC: OpenSSL's own limits info and fetches an algorithm at each call. */
	prk = keys_hmac(salt, ikm);
	base_buf_reserve(&message, sizeof(block.bytes) + info.len + 1);
	while (len > 0) {
		size_t take = len < sizeof(block.bytes) ? len : sizeof(block.bytes);

		message.len = 0;
		if (counter > 0)
			base_buf_append(&message, base_hash_slice(&block));
		base_buf_append(&message, info);
		base_buf_byte(&message, ++counter);
		block = keys_hmac(base_hash_slice(&prk), base_buf_slice(&message));
		for (size_t i = 0; i < take; i++)
			out[i] = block.bytes[i];
		out += take;
		len -= take;
	}
	base_wipe(&prk, sizeof(prk));
	base_wipe(&block, sizeof(block));
	base_buf_wipe(&message);
}

void keys_scrypt(uint8_t out[32], struct base_slice passphrase, const uint8_t salt[16])
{
	static const char nothing[1];

	/* 32 MiB and a little: more than OpenSSL's default limit, hence the explicit one. */
	BASE_ASSERT(EVP_PBE_scrypt(passphrase.len == 0 ? nothing : (const char *)passphrase.data, passphrase.len, salt,
				   16, UINT64_C(1) << 15, 8, 3, UINT64_C(1) << 26, out, 32) == 1);
}
