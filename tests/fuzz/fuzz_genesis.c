/* Genesis entries, and the founders' signatures of one that is right. Input: the entry; or, after a byte 00, the
 * signatures over the entry that is the seed `good`, which the first input that decodes takes the place of. */
#include "ledger/chain/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct base_buf kept;
static struct chain_genesis *kept_genesis;

static void check_genesis(const struct chain_genesis *genesis, struct base_slice bytes)
{
	struct base_buf again = BASE_BUF_INIT;

	BASE_ASSERT(chain_genesis_encode(&again, genesis, NULL) == BASE_OK);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&again), bytes));
	base_buf_free(&again);
	if (kept_genesis == NULL) {
		base_buf_append(&kept, bytes);
		BASE_ASSERT(chain_genesis_decode(&kept_genesis, base_buf_slice(&kept), NULL) == BASE_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes = base_slice(data, size);
	struct chain_genesis *genesis = NULL;
	struct base_error err = {{0}};

	if (size > 0 && data[0] == 0) {
		if (kept_genesis != NULL &&
		    chain_genesis_verify(kept_genesis, base_buf_slice(&kept), base_slice(data + 1, size - 1), &err) != BASE_OK)
			BASE_ASSERT(err.text[0] != '\0');
		return 0;
	}
	if (chain_genesis_decode(&genesis, bytes, &err) == BASE_OK) {
		check_genesis(genesis, bytes);
	} else {
		BASE_ASSERT(genesis == NULL);
		BASE_ASSERT(err.text[0] != '\0');
	}
	chain_genesis_close(genesis);
	return 0;
}
