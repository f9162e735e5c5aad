/* access_internal: what the files that judge access by contracts share. docs/formats/access.md
 *
 *   contract.c        which contract is in force, what is asked of one that is proposed
 */
#ifndef LEDGER_STATE_ACCESS_INTERNAL_H
#define LEDGER_STATE_ACCESS_INTERNAL_H

#include "contracts/contracts.h"
#include "ledger/state/exec_internal.h"

/* ---- Contracts (contract.c) ------------------------------------------------- */

/* What committees decided of a study's contracts; "in force" asks the clock too. */
struct state_contract_status {
	bool approved, suspended, has_until;
	struct base_hash id; /* that was approved last */
	uint64_t index;      /* of the entry that approved it */
	uint64_t until;      /* first instant at which it does not hold any more */
	struct base_slice by; /* who suspended it; borrowed from the facts */
};
struct state_contract_status state_contract_status(const struct state_fact *facts, size_t count, struct base_time before);
/* Whether the state of a study's contracts allows this act on this one. until: the act names one. */
bool state_contract_allows(const struct state_judge *judge, const struct state_contract_status *status,
			   const struct base_hash *id, uint64_t act, bool until);
bool state_contract_until(uint64_t act, struct base_slice body, uint64_t *until);
/* Denies the proposal of code that is not what its id says, or that the verifier refuses. */
BASE_MUST_USE enum base_code state_contract_check(struct state_judge *judge, struct contracts_cost *cost,
						  struct base_error *err);

#endif
