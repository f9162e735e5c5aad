/* Checkpoints: what is read is written again and must be the same bytes. */
#include "ledger/proof/proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice input = base_slice(data, size);
	struct proof_checkpoint checkpoint;
	struct base_buf again = BASE_BUF_INIT;
	char *origin;

	if (proof_checkpoint_parse(&checkpoint, input, NULL) != BASE_OK)
		return 0;
	origin = strndup((const char *)checkpoint.origin.data, checkpoint.origin.len);
	proof_checkpoint_format(&again, origin, checkpoint.size, &checkpoint.root);
	base_buf_append(&again, checkpoint.extensions);
	if (!base_slice_equal(base_buf_slice(&again), input))
		abort();
	free(origin);
	base_buf_free(&again);
	return 0;
}
