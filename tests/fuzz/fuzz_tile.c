/* Paths of tiles and entry bundles: what is read is written again and must be the same bytes. */
#include "ledger/proof/proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void path(struct base_slice input)
{
	char again[96];
	unsigned width;
	uint64_t n;
	int level;

	if (proof_tile_path_parse(&level, &n, &width, input, NULL) != BASE_OK)
		return;
	proof_tile_path(again, level, n, width);
	if (!base_slice_equal(base_slice_text(again), input))
		abort();
}

static void bundle(struct base_slice input)
{
	struct base_slice rest = input, entry;
	struct base_buf again = BASE_BUF_INIT;
	enum base_code code;

	while ((code = proof_bundle_next(&rest, &entry, NULL)) == BASE_OK)
		proof_bundle_add(&again, entry);
	if (!base_slice_equal(base_buf_slice(&again), base_slice(input.data, input.len - rest.len)))
		abort();
	if ((code == BASE_NOT_FOUND) != (rest.len == 0))
		abort();
	base_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	path(base_slice(data, size));
	bundle(base_slice(data, size));
	return 0;
}
