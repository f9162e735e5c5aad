/* Outcomes: what is read is written again and must be the same bytes. */
#include "ledger/state/state.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf again = BASE_BUF_INIT;
	struct state_outcome outcome;

	if (state_outcome_decode(&outcome, base_slice(data, size), NULL) != BASE_OK)
		return 0;
	state_outcome_encode(&again, &outcome);
	if (!base_slice_equal(base_buf_slice(&again), base_slice(data, size)))
		abort();
	state_outcome_free(&outcome);
	base_buf_free(&again);
	return 0;
}
