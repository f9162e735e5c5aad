/* Identity files: what is read as plain is written again the same, byte for byte. */
#include "ledger/keys/keys_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum base_code passphrase(void *arg, struct base_buf *out, struct base_error *err)
{
	bool *asked = arg;

	(void)err;
	*asked = true;
	base_buf_append(out, base_slice_text("pw")); /* of the encrypted seed */
	return BASE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keys_public publics[KEYS_IDENTITY_KEYS_MAX];
	struct base_buf again = BASE_BUF_INIT;
	struct keys_identity id;
	struct base_error err;
	bool asked = false;
	size_t count;

	if (keys_identity_parse(&id, base_slice(data, size), passphrase, &asked, &err) != BASE_OK) {
		if (memchr(err.text, '\0', sizeof(err.text)) == NULL || err.text[0] == '\0')
			abort();
		(void)!keys_identity_publics(publics, &count, base_slice(data, size), NULL);
		return 0;
	}
	if (keys_identity_publics(publics, &count, base_slice(data, size), &err) != BASE_OK || count != id.count)
		abort();
	for (size_t i = 0; i < count; i++)
		if (memcmp(&publics[i], keys_private_public(id.keys[i]), sizeof(publics[i])) != 0)
			abort();
	if (!asked) {
		if (keys_identity_encode(&again, &id, base_slice(NULL, 0), &err) != BASE_OK ||
		    !base_slice_equal(base_buf_slice(&again), base_slice(data, size)))
			abort();
	}
	base_buf_free(&again);
	keys_identity_close(&id);
	return 0;
}
