/* Decoder, verifier and machine of contracts: any bytes are refused by a rule at an offset within them, or are a program
 * that keeps its bound in every state. States come from
 * a sum of the bytes. */
#include "tests/contracts/check_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct contracts_arena *arena = contracts_arena_open((size_t)64 << 20);
	const struct contracts_program *program;
	struct contracts_reject reject;
	uint64_t seed = size;
	enum contracts_code code;

	if (arena == NULL)
		return 0;
	for (size_t i = 0; i < size; i++)
		seed = seed * UINT64_C(1099511628211) + data[i];
	code = contracts_load(arena, &program, (struct contracts_bytes){data, size}, &reject);
	if (code == CONTRACTS_OK) {
		check_run(program, 3, &seed);
		for (size_t i = 0; i < contracts_program_clauses(program); i++)
			CHECK_RUN(contracts_program_clause(program, i).name.len > 0);
		for (size_t i = 0; i < contracts_program_obligations(program); i++)
			CHECK_RUN(contracts_program_obligation(program, i).duty != 0);
		for (size_t i = 0; i < contracts_program_tallies(program); i++)
			CHECK_RUN(contracts_program_tally(program, i).events != 0);
		for (size_t i = 0; i < contracts_program_milestones(program); i++)
			CHECK_RUN(contracts_program_milestone(program, i).threshold > 0);
	} else {
		CHECK_RUN(code == CONTRACTS_REFUSED && program == NULL);
		CHECK_RUN(reject.rule != NULL && reject.rule[0] == 'V' && reject.offset <= size);
	}
	contracts_arena_close(arena);
	return 0;
}
