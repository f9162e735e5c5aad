/* Random programs, and programs with a byte changed: what the verifier accepts never traps (run with SAN=address,
 * undefined), never needs more gas than was proved, reads nothing but what it says; what it refuses says where and why.
 * REGESTA_SEED=N: another run; with TORTURE set, fifty times as much. */
#include "tests/contracts/check_run.h"
#include "tests/contracts/random_program.h"
#include "tests/contracts/sample.h"
#include "tests/support/support.h"

static uint64_t seed;

static void setup(void)
{
	const char *given = getenv("REGESTA_SEED");

	seed = given != NULL ? strtoull(given, NULL, 10) : 5;
}

static unsigned times(unsigned count)
{
	return getenv("TORTURE") != NULL ? 50 * count : count;
}

/* ---- Programs that are well typed --------------------------------------- */

/* NULL: it is refused, with a rule and an offset within it. */
static const struct contracts_program *load(struct contracts_arena *arena, struct contracts_bytes bytes)
{
	const struct contracts_program *program;
	struct contracts_reject reject;
	enum contracts_code code = contracts_load(arena, &program, bytes, &reject);

	if (code == CONTRACTS_OK)
		return program;
	CHECK_RUN(code == CONTRACTS_REFUSED && program == NULL);
	CHECK_RUN(reject.rule != NULL && reject.rule[0] == 'V' && reject.offset <= bytes.len);
	return NULL;
}

START_TEST(program_when_well_typed_is_accepted_and_keeps_its_bound)
{
	for (unsigned i = 0; i < times(3000); i++) {
		struct contracts_arena *arena = contracts_arena_open((size_t)8 << 20);
		uint64_t begin = seed;
		struct assembler *as = random_program(&seed);
		struct contracts_bytes bytes = assembler_bytes(as);
		const struct contracts_program *program = load(arena, bytes);

		ck_assert_msg(program != NULL, "seed %llu is refused", (unsigned long long)begin);
		check_run(program, 4, &seed);
		free((void *)(uintptr_t)bytes.data);
		assembler_free(as);
		contracts_arena_close(arena);
	}
}
END_TEST

static const uint8_t all_ops[] = {
#define OP_NUMBER(number, name) (number),
	BYTECODE_OPS(OP_NUMBER)
#undef OP_NUMBER
};

/* ---- Programs with something changed ------------------------------------ */

static bool load_and_run(struct contracts_bytes bytes, unsigned states)
{
	struct contracts_arena *arena = contracts_arena_open((size_t)8 << 20);
	const struct contracts_program *program = load(arena, bytes);

	if (program != NULL)
		check_run(program, states, &seed);
	contracts_arena_close(arena);
	return program != NULL;
}

/* Every byte of a program, each in turn, with every other value (or with some). */
START_TEST(program_when_a_byte_is_changed_is_refused_or_keeps_its_bound)
{
	struct assembler *as = _i == 0 ? sample_registry() : sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;
	unsigned accepted = 0, refused = 0;

	for (size_t at = 0; at < bytes.len; at++) {
		uint8_t was = data[at];

		for (unsigned change = 1; change < 256; change += getenv("TORTURE") != NULL ? 1 : 1 + states_below(&seed, 12)) {
			data[at] = (uint8_t)(was ^ change);
			if (load_and_run(bytes, 1))
				accepted++;
			else
				refused++;
		}
		data[at] = was;
	}
	ck_assert_uint_gt(accepted, 0);
	ck_assert_uint_gt(refused, accepted);
	free(data);
	assembler_free(as);
}
END_TEST

/* Several bytes, or fields of instructions. */
START_TEST(program_when_much_is_changed_is_refused_or_keeps_its_bound)
{
	unsigned accepted = 0;

	for (unsigned i = 0; i < times(400); i++) {
		struct assembler *as = random_program(&seed);
		struct contracts_bytes bytes = assembler_bytes(as);
		uint8_t *data = (uint8_t *)(uintptr_t)bytes.data, *copy = malloc(bytes.len);
		size_t code = bytes.len - 8 * (size_t)as->code_count;

		memcpy(copy, data, bytes.len);
		for (unsigned j = 0; j < 30; j++) {
			memcpy(data, copy, bytes.len);
			for (unsigned n = 1 + states_below(&seed, 4); n > 0; n--) {
				size_t at = states_below(&seed, 4) == 0 || code == bytes.len
						    ? states_below(&seed, (uint32_t)bytes.len)
						    : code + states_below(&seed, (uint32_t)(bytes.len - code));

				data[at] = (at - code) % 8 == 0 && at >= code ? all_ops[states_below(&seed, sizeof(all_ops))]
					   : states_below(&seed, 4) == 0      ? (uint8_t)states_random(&seed)
									      : (uint8_t)states_below(&seed, 8);
			}
			accepted += load_and_run(bytes, 2);
		}
		free(copy);
		free(data);
		assembler_free(as);
	}
	ck_assert_uint_gt(accepted, 50);
}
END_TEST

/* Bytes of which only the header is a contract's. */
START_TEST(bytes_when_random_are_refused)
{
	uint8_t data[512];

	for (unsigned i = 0; i < times(20000); i++) {
		uint32_t len = states_below(&seed, sizeof(data) + 1);

		for (size_t at = 0; at < len; at++)
			data[at] = states_below(&seed, 2) == 0 ? 0 : (uint8_t)states_random(&seed);
		if (len >= 44 && states_below(&seed, 4) != 0) {
			static const uint8_t begin[] = {'R', 'G', 'C', 'T', 1, 1, 1, 1, 0, 0};

			memcpy(data, begin, sizeof(begin));
			data[10] = (uint8_t)(len >> 8);
			data[11] = (uint8_t)len;
			for (size_t at = 20; at < 44; at++)
				data[at] = at % 2 == 0 ? 0 : data[at] % 3;
		}
		(void)load_and_run((struct contracts_bytes){data, len}, 1);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, getenv("TORTURE") != NULL ? 3600 : 300);
	tcase_add_test(tc, program_when_well_typed_is_accepted_and_keeps_its_bound);
	tcase_add_loop_test(tc, program_when_a_byte_is_changed_is_refused_or_keeps_its_bound, 0, 2);
	tcase_add_test(tc, program_when_much_is_changed_is_refused_or_keeps_its_bound);
	tcase_add_test(tc, bytes_when_random_are_refused);
}

int main(void)
{
	return support_run("contracts vm random", fill);
}
