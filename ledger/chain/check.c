/* What a ledger stores beside its entries, for an audit that knows what it must be. */
#include "ledger/chain/chain_internal.h"

enum base_code chain_read_check(struct chain_read *read, uint64_t height, uint64_t index, const struct base_hash *root,
				struct base_error *err)
{
	struct chain_block_entry block;
	uint64_t found;
	enum base_code code = chain_read_block(read, height, &block, &found, err);

	if (code != BASE_OK)
		return code;
	if (found != index)
		return base_fail(err, BASE_MISMATCH, "the index of blocks points elsewhere");
	return state_map_check(read->txn, CHAIN_ROWS, height, root, err);
}
