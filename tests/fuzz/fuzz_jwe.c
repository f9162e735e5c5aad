/* JWEs. Input that begins with { is taken as the protected header, so that
 * mutation reaches the JSON behind the base64url. */
#include "ledger/keys/keys_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct keys_private *recipient(void)
{
	static struct keys_private *key;
	uint8_t raw[32];

	for (uint8_t i = 0; i < 32; i++)
		raw[i] = (uint8_t)(33 + i); /* of the seeds */
	if (key == NULL && keys_private_import(&key, KEYS_SEAL, KEYS_X25519, raw, NULL) != BASE_OK)
		abort();
	return key;
}

static void run(struct base_slice jwe, bool *opened)
{
	struct base_hash kid, own = keys_kid(keys_private_public(recipient()));
	struct base_error err;
	uint8_t key[32];
	enum base_code parsed = keys_jwe_kid(&kid, jwe, &err), code;

	code = keys_jwe_open(key, recipient(), jwe, &err);
	*opened = code == BASE_OK;
	if (parsed != BASE_OK && code != parsed)
		abort();
	if (parsed == BASE_OK && (code == BASE_KEY) == base_hash_equal(&kid, &own))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf jwe = BASE_BUF_INIT;
	bool opened;

	if (size > 0 && data[0] == '{') {
		base_base64url(&jwe, base_slice(data, size));
		base_buf_print(&jwe, ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA."
				     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA");
		run(base_buf_slice(&jwe), &opened);
		if (opened)
			abort(); /* nobody makes that by chance */
	} else {
		run(base_slice(data, size), &opened);
	}
	base_buf_free(&jwe);
	return 0;
}
