/* What must hold of every program that the verifier accepted, in every state; aborts where it does not. Inline: fuzz
 * targets use it, too. */
#ifndef TESTS_CONTRACTS_CHECK_RUN_H
#define TESTS_CONTRACTS_CHECK_RUN_H

#include "tests/contracts/states.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK_RUN(condition)                                                                                           \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			(void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                          \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* Forgets what the program does not read. */
static inline void check_run_forget(struct contracts_facts *facts, uint64_t reads)
{
	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++)
		if ((reads >> id & 1) == 0)
			facts->fact[id] = (struct contracts_fact){0};
}

static inline void check_run_decide(const struct contracts_program *program, const struct contracts_facts *now,
				    const struct contracts_facts *permit, const struct contracts_tally_value *tallies, uint64_t *seed)
{
	uint64_t worst = contracts_program_cost(program).decide_gas;
	struct contracts_reads reads = contracts_program_reads(program);
	struct contracts_facts now_read = *now, permit_read = *permit;
	struct contracts_decision got, again;

	memset(&got, 0x5a, sizeof(got));
	memset(&again, 0xa5, sizeof(again));
	contracts_decide(program, now, permit, tallies, worst, &got);
	CHECK_RUN(got.gas <= worst && got.gas >= BYTECODE_GAS_BEGIN);
	CHECK_RUN(got.verdict >= CONTRACTS_PERMIT && got.verdict <= CONTRACTS_REFER);
	CHECK_RUN(got.clause == CONTRACTS_NO_CLAUSE || got.clause < contracts_program_clauses(program));
	CHECK_RUN((got.ground == CONTRACTS_GROUND_FAULT) == (got.fault != 0));
	CHECK_RUN((got.fault >> 8) != CONTRACTS_FAULT_GAS);
	CHECK_RUN(got.verdict != CONTRACTS_PERMIT || got.ground == CONTRACTS_GROUND_CLAUSE);
	/* The same with the gas that it used, and with nothing but what it says that it reads. */
	check_run_forget(&now_read, reads.now);
	check_run_forget(&permit_read, reads.permit);
	contracts_decide(program, &now_read, &permit_read, reads.tallies_decide != 0 ? tallies : NULL, got.gas, &again);
	CHECK_RUN(memcmp(&got, &again, sizeof(got)) == 0);
	contracts_decide(program, now, permit, tallies, states_below(seed, (uint32_t)got.gas), &again);
	CHECK_RUN(again.verdict == CONTRACTS_DENY && again.fault == CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0));
}

static inline void check_run_count(const struct contracts_program *program, const struct contracts_facts *facts,
				   const struct contracts_tally_value *tallies, uint64_t *seed)
{
	uint64_t worst = contracts_program_cost(program).event_gas;
	struct contracts_facts read = *facts;
	struct contracts_count got, again;

	memset(&got, 0x5a, sizeof(got));
	memset(&again, 0xa5, sizeof(again));
	contracts_count(program, facts, tallies, worst, &got);
	CHECK_RUN(got.gas <= worst && got.gas >= BYTECODE_GAS_BEGIN);
	CHECK_RUN((got.fault >> 8) != CONTRACTS_FAULT_GAS);
	CHECK_RUN(got.fault == 0 || (got.counted | got.reached) == 0);
	CHECK_RUN(got.counted >> (contracts_program_tallies(program) % 32) == 0 || contracts_program_tallies(program) == 32);
	check_run_forget(&read, contracts_program_reads(program).event);
	contracts_count(program, &read, tallies, got.gas, &again);
	CHECK_RUN(memcmp(&got, &again, sizeof(got)) == 0);
	contracts_count(program, facts, tallies, states_below(seed, (uint32_t)got.gas), &again);
	CHECK_RUN(again.fault == CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0) && (again.counted | again.reached) == 0);
}

static inline void check_run(const struct contracts_program *program, unsigned states, uint64_t *seed)
{
	struct contracts_tally_value tallies[CONTRACTS_TALLIES_MAX];
	struct contracts_facts now, permit;

	for (unsigned i = 0; i < states; i++) {
		states_facts(&now, seed);
		states_facts(&permit, seed);
		CHECK_RUN(contracts_facts_check(&now) == 0);
		states_tallies(tallies, contracts_program_tallies(program), seed);
		check_run_decide(program, &now, &permit, tallies, seed);
		check_run_count(program, &now, tallies, seed);
	}
}

#endif
