/* AES-256-GCM: one expanded key, many nonces. */
#include "ledger/keys/keys.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#define TAG_BYTES 16
/* EVP counts in int: longer texts go in steps, a multiple of the block size. */
#define STEP_BYTES ((size_t)1 << 30)

struct keys_gcm {
	EVP_CIPHER_CTX *ctx;
};

/* Fetched once: an implicit fetch at every open would cost more than a short message. */
static EVP_CIPHER *aes_256_gcm;
static pthread_once_t aes_256_gcm_once = PTHREAD_ONCE_INIT;

static void aes_256_gcm_fetch(void)
{
	aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

struct keys_gcm *keys_gcm_open(const uint8_t key[32])
{
	struct keys_gcm *gcm = base_alloc(sizeof(*gcm));

	BASE_ASSERT(pthread_once(&aes_256_gcm_once, aes_256_gcm_fetch) == 0 && aes_256_gcm != NULL);
	gcm->ctx = EVP_CIPHER_CTX_new();
	BASE_ASSERT(gcm->ctx != NULL && EVP_CipherInit_ex2(gcm->ctx, aes_256_gcm, key, NULL, 1, NULL) == 1);
	return gcm;
}

void keys_gcm_close(struct keys_gcm *gcm)
{
	if (gcm == NULL)
		return;
	EVP_CIPHER_CTX_free(gcm->ctx); /* zeroes the expanded key */
	free(gcm);
}

/* The key stays; direction and nonce are new for every message. */
static void message_begin(struct keys_gcm *gcm, const uint8_t nonce[12], int seal, struct base_slice aad)
{
	int len;

	BASE_ASSERT(EVP_CipherInit_ex2(gcm->ctx, NULL, NULL, nonce, seal, NULL) == 1);
	BASE_ASSERT(aad.len <= STEP_BYTES);
	if (aad.len > 0)
		BASE_ASSERT(EVP_CipherUpdate(gcm->ctx, NULL, &len, aad.data, (int)aad.len) == 1);
}

static void message_update(struct keys_gcm *gcm, uint8_t *out, struct base_slice in)
{
	int len;

	while (in.len > 0) {
		size_t step = in.len < STEP_BYTES ? in.len : STEP_BYTES;

		BASE_ASSERT(EVP_CipherUpdate(gcm->ctx, out, &len, in.data, (int)step) == 1 && (size_t)len == step);
		out += step;
		in = base_slice(in.data + step, in.len - step);
	}
}

void keys_gcm_seal(struct keys_gcm *gcm, uint8_t *out, const uint8_t nonce[12], struct base_slice aad,
		   struct base_slice plaintext)
{
	uint8_t *tag = out + plaintext.len;
	int len;

	message_begin(gcm, nonce, 1, aad);
	message_update(gcm, out, plaintext);
	BASE_ASSERT(EVP_CipherFinal_ex(gcm->ctx, tag, &len) == 1 && len == 0);
	BASE_ASSERT(EVP_CIPHER_CTX_ctrl(gcm->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag) == 1);
}

enum base_code keys_gcm_unseal(struct keys_gcm *gcm, uint8_t *out, const uint8_t nonce[12], struct base_slice aad,
			       struct base_slice ciphertext, struct base_error *err)
{
	uint8_t tag[TAG_BYTES], rest[TAG_BYTES];
	struct base_slice body;
	int len;

	if (ciphertext.len < TAG_BYTES)
		return base_fail(err, BASE_MISMATCH, "the ciphertext is shorter than its tag");
	body = base_slice(ciphertext.data, ciphertext.len - TAG_BYTES);
	for (size_t i = 0; i < TAG_BYTES; i++)
		tag[i] = ciphertext.data[body.len + i];
	message_begin(gcm, nonce, 0, aad);
	message_update(gcm, out, body);
	BASE_ASSERT(EVP_CIPHER_CTX_ctrl(gcm->ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) == 1);
	if (EVP_CipherFinal_ex(gcm->ctx, rest, &len) == 1)
		return BASE_OK;
	ERR_clear_error();
	/* Nobody may look at what did not verify. */
	if (body.len > 0)
		base_wipe(out, body.len);
	return base_fail(err, BASE_MISMATCH, "the ciphertext does not open: it was altered, or the key is another");
}
