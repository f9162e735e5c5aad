/* What is the same on every compiler and machine: the decisions on random programs, as a digest. It changes when the
 * meaning of an instruction, the verifier's bound or the random programs change: on purpose only. `make determinism` runs
 * this on several compilers. */
#include "tests/contracts/check_run.h"
#include "tests/contracts/random_program.h"
#include "tests/support/support.h"

#define PROGRAMS 500
#define GOLDEN "2e86e2dd79a5955a90bd84525a6ed168634f517c0696a30c06adfab21dc128e2"

static void put(struct base_buf *out, uint64_t value)
{
	for (unsigned shift = 64; shift > 0;)
		base_buf_byte(out, (uint8_t)(value >> (shift -= 8)));
}

static void put_decision(struct base_buf *out, const struct contracts_decision *decision)
{
	put(out, decision->verdict);
	put(out, decision->ground);
	put(out, decision->clause);
	put(out, decision->fault);
	put(out, decision->gas);
	put(out, (uint64_t)decision->expires);
	put(out, decision->obligations[0]);
	put(out, decision->matched[0]);
}

static void put_count(struct base_buf *out, const struct contracts_count *count)
{
	put(out, count->fault);
	put(out, count->counted);
	put(out, count->reached);
	put(out, (uint64_t)count->stop_study << 1 | (uint64_t)count->stop_site);
	put(out, count->gas);
	put(out, count->obligations[0]);
}

static void put_program(struct base_buf *out, uint64_t *seed)
{
	struct contracts_arena *arena = contracts_arena_open((size_t)8 << 20);
	struct assembler *as = random_program(seed);
	struct contracts_bytes bytes = assembler_bytes(as);
	struct contracts_tally_value tallies[CONTRACTS_TALLIES_MAX];
	struct contracts_facts now, permit;
	struct contracts_decision decision;
	struct contracts_count count;
	const struct contracts_program *program;
	struct contracts_reject reject;

	memset(tallies, 0, sizeof(tallies));
	ck_assert_int_eq(contracts_load(arena, &program, bytes, &reject), CONTRACTS_OK);
	base_buf_append(out, base_slice(bytes.data, bytes.len));
	put(out, contracts_program_cost(program).decide_gas);
	put(out, contracts_program_cost(program).event_gas);
	for (unsigned i = 0; i < 4; i++) {
		states_facts(&now, seed);
		states_facts(&permit, seed);
		states_tallies(tallies, contracts_program_tallies(program), seed);
		contracts_decide(program, &now, &permit, tallies, CONTRACTS_GAS_MAX, &decision);
		contracts_count(program, &now, tallies, CONTRACTS_GAS_MAX, &count);
		put_decision(out, &decision);
		put_count(out, &count);
	}
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
	contracts_arena_close(arena);
}

START_TEST(decisions_are_the_same_everywhere)
{
	struct base_buf out = BASE_BUF_INIT;
	char hex[65];
	struct base_hash hash;
	uint64_t seed = 1;

	for (unsigned i = 0; i < PROGRAMS; i++)
		put_program(&out, &seed);
	hash = base_sha256_of(base_buf_slice(&out));
	base_hex(hex, base_slice(hash.bytes, sizeof(hash.bytes)));
	ck_assert_str_eq(hex, GOLDEN);
	base_buf_free(&out);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, decisions_are_the_same_everywhere);
}

int main(void)
{
	return support_run("contracts golden", fill);
}
