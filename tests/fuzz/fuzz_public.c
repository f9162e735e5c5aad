/* Public keys: what is read is written again the same, and can be used. */
#include "ledger/keys/keys.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t signature[64] = {1, [63] = 1};
	static const struct base_hash digest = {{1}};
	struct base_buf again = BASE_BUF_INIT;
	struct keys_public key;
	struct base_error err;

	(void)!keys_es256k_import(&key, base_slice(data, size), &err);
	if (keys_public_parse(&key, base_slice(data, size), &err) != BASE_OK)
		return 0;
	keys_public_put(&again, &key);
	if (!base_slice_equal(base_buf_slice(&again), base_slice(data, size)))
		abort();
	again.len = 0;
	if (key.alg == KEYS_ES256K &&
	    keys_es256k_verify(&key, &digest, base_slice(signature, 64), &err) != BASE_MISMATCH)
		abort();
	if (key.alg == KEYS_ED25519 &&
	    keys_ed25519_verify(&key, base_slice(data, size), base_slice(signature, 64), &err) != BASE_MISMATCH)
		abort();
	if (key.alg == KEYS_X25519 && keys_jwe_seal(&again, &key, digest.bytes, &err) != BASE_OK)
		abort();
	base_buf_free(&again);
	return 0;
}
