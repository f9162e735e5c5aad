/* Trail and state evidence files: one text for each, and slices that stay inside it. */
#include "ledger/chain/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice text = base_slice(data, size);
	struct base_buf again = BASE_BUF_INIT;
	struct base_error err = {{0}};
	struct chain_evidence evidence;
	struct proof_path path;
	struct base_hash key;

	if (chain_evidence_decode(&evidence, text, &err) != BASE_OK) {
		BASE_ASSERT(err.text[0] != '\0');
		BASE_ASSERT(evidence.leaves == NULL && evidence.storage.data == NULL);
		return 0;
	}
	chain_evidence_encode(&again, &evidence);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&again), text));
	key = chain_evidence_key(&evidence);
	(void)key;
	chain_leaf_path(&evidence.block, &path);
	for (size_t i = 0; i < evidence.leaf_count; i++)
		chain_leaf_path(&evidence.leaves[i], &path);
	base_buf_free(&again);
	chain_evidence_free(&evidence);
	return 0;
}
