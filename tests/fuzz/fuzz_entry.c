/* Entries and the extra of a receipt: what is accepted has one encoding only, and nothing in it makes a later reader trip. */
#include "ledger/chain/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_outcome(struct base_slice cbor)
{
	struct base_buf again = BASE_BUF_INIT;
	struct state_outcome outcome;

	if (state_outcome_decode(&outcome, cbor, NULL) != BASE_OK)
		return;
	state_outcome_encode(&again, &outcome);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&again), cbor));
	base_buf_free(&again);
	state_outcome_free(&outcome);
}

static void check_entry(const struct chain_entry *entry, struct base_slice bytes)
{
	struct base_buf again = BASE_BUF_INIT;

	switch (entry->type) {
	case CHAIN_EVENT:
		chain_entry_encode_event(&again, entry->height, entry->time, entry->event, entry->outcome);
		check_outcome(entry->outcome);
		break;
	case CHAIN_BLOCK:
		chain_entry_encode_block(&again, &entry->block);
		break;
	case CHAIN_GENESIS:
		base_buf_append(&again, bytes); /* fuzz_genesis.c */
		break;
	}
	BASE_ASSERT(base_slice_equal(base_buf_slice(&again), bytes));
	base_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes = base_slice(data, size);
	struct base_error err = {{0}};
	struct chain_entry entry;
	struct chain_extra extra;

	if (chain_entry_decode(&entry, bytes, &err) == BASE_OK)
		check_entry(&entry, bytes);
	else
		BASE_ASSERT(err.text[0] != '\0');
	if (chain_extra_decode(&extra, bytes, NULL) == BASE_OK) {
		check_entry(&extra.entry, extra.entry_bytes);
		BASE_ASSERT(extra.has_key == (extra.entry.type == CHAIN_EVENT));
		if (extra.has_key) {
			enum base_code code = events_verify(&extra.event, &extra.key, NULL);

			BASE_ASSERT(code == BASE_OK || code == BASE_MISMATCH);
		}
	}
	return 0;
}
