#include "ledger/state/exec_internal.h"

/* docs/formats/state.md, "contract.propose": the last approval of an earlier block, until it is ended. */

bool state_contract_at(const struct state_fact *facts, size_t count, struct base_time time, struct base_hash *contract,
		       uint64_t *index)
{
	bool found = false;

	for (size_t i = 0; i < count && facts[i].time.ms < time.ms; i++) {
		struct base_hash id;
		uint64_t act;

		if (!state_content_uint(facts[i].content, STATE_CONTRACT_ACT, &act) ||
		    !state_content_hash(facts[i].content, STATE_CONTRACT_ID, &id))
			continue;
		if (act == EVENTS_ETHICS_APPROVE) {
			found = true;
			*contract = id;
			*index = facts[i].index;
		} else if (act == EVENTS_ETHICS_END && found && base_hash_equal(contract, &id)) {
			found = false;
		}
	}
	return found;
}
