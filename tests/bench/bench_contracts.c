/* What contracts cost: a simple operation against the same in Lua 5.4, a typical decision against the verification of
 * one signature, and how fast bytecode is loaded. CPU time; medians of rounds in turn. Without lua5.4 that ratio is left
 * out. */
#include "tests/bench/measure.h"
#include "tests/contracts/sample.h"

#include <inttypes.h>
#include <secp256k1.h>
#include <string.h>

#define ROUNDS 7
#define OPERATIONS 1000 /* in one run */
#define RUNS 20000
#define DECISIONS 200000
#define VERIFICATIONS 2000

/* One operation, for both: registers 1 to 6 are integers, 8 to 11 truths. */
struct operation {
	uint8_t op, a, b, c;
	const char *lua;
};
static const struct operation arithmetic[] = {
	{BYTECODE_ADD, 1, 2, 3, "x1 = x2 + x3"}, {BYTECODE_SUB, 2, 1, 3, "x2 = x1 - x3"},
	{BYTECODE_MUL, 4, 2, 5, "x4 = x2 * x5"}, {BYTECODE_ADD, 6, 4, 1, "x6 = x4 + x1"},
	{BYTECODE_SUB, 1, 6, 4, "x1 = x6 - x4"},
};
static const struct operation logic[] = {
	{BYTECODE_LT, 8, 1, 2, "x8 = x1 < x2"},	   {BYTECODE_LE, 9, 2, 3, "x9 = x2 <= x3"},
	{BYTECODE_EQ, 10, 4, 2, "x10 = x4 == x2"}, {BYTECODE_AND, 8, 8, 9, "x8 = x8 and x9"},
	{BYTECODE_OR, 11, 8, 10, "x11 = x8 or x10"}, {BYTECODE_NOT, 9, 11, 0, "x9 = not x11"},
};
static const struct operation mixed[] = {
	{BYTECODE_ADD, 1, 2, 3, "x1 = x2 + x3"}, {BYTECODE_LT, 8, 1, 2, "x8 = x1 < x2"},
	{BYTECODE_SUB, 2, 1, 3, "x2 = x1 - x3"}, {BYTECODE_LE, 9, 2, 3, "x9 = x2 <= x3"},
	{BYTECODE_MUL, 4, 2, 5, "x4 = x2 * x5"}, {BYTECODE_AND, 8, 8, 9, "x8 = x8 and x9"},
	{BYTECODE_ADD, 6, 4, 1, "x6 = x4 + x1"}, {BYTECODE_EQ, 10, 4, 2, "x10 = x4 == x2"},
	{BYTECODE_SUB, 1, 6, 4, "x1 = x6 - x4"}, {BYTECODE_OR, 11, 8, 10, "x11 = x8 or x10"},
};
static const struct {
	const char *name;
	const struct operation *list;
	size_t count;
} loops[] = {
	{"arithmetic", arithmetic, sizeof(arithmetic) / sizeof(arithmetic[0])},
	{"comparison and logic", logic, sizeof(logic) / sizeof(logic[0])},
	{"both in turn", mixed, sizeof(mixed) / sizeof(mixed[0])},
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

static const struct contracts_program *load(struct contracts_arena *arena, struct contracts_bytes bytes)
{
	const struct contracts_program *program;
	struct contracts_reject reject;

	if (contracts_load(arena, &program, bytes, &reject) != CONTRACTS_OK) {
		(void)fprintf(stderr, "bench: refused at %zu: %s\n", reject.offset, reject.rule);
		exit(EXIT_FAILURE);
	}
	return program;
}

/* ---- Operations --------------------------------------------------------- */

static const struct contracts_program *loop_program(struct contracts_arena *arena, size_t loop)
{
	struct assembler *as = assembler_new("Loop", 1);
	struct contracts_bytes bytes;
	const struct contracts_program *program;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	for (uint8_t i = 1; i <= 6; i++)
		OP(as, INT, .a = i, .imm = assembler_integer(as, i == 5 ? 1 : i * 3));
	for (uint8_t i = 8; i <= 11; i++)
		OP(as, LT, .a = i, .b = 1, .c = 2);
	for (size_t i = 0; i < OPERATIONS; i++) {
		const struct operation *in = &loops[loop].list[i % loops[loop].count];

		assembler_op(as, (struct assembler_instruction){.op = in->op, .a = in->a, .b = in->b, .c = in->c});
	}
	OP(as, LT, .a = 0, .b = 1, .c = 2);
	bytes = assembler_bytes(as);
	program = load(arena, bytes);
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
	return program;
}

static double loop_ns(const struct contracts_program *program)
{
	static const struct contracts_facts facts;
	struct contracts_decision decision;
	uint64_t used = 0, gas = contracts_program_cost(program).decide_gas;
	double begin = measure_us(CLOCK_PROCESS_CPUTIME_ID);

	for (size_t i = 0; i < RUNS; i++) {
		contracts_decide(program, &facts, NULL, NULL, gas, &decision);
		used += decision.gas;
	}
	if (used != gas * RUNS)
		exit(EXIT_FAILURE);
	return (measure_us(CLOCK_PROCESS_CPUTIME_ID) - begin) * 1e3 / ((double)RUNS * OPERATIONS);
}

static void lua_write(const char *path, size_t loop)
{
	FILE *file = fopen(path, "w");

	if (file == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	(void)fprintf(file, "local function run()\n\tlocal x1, x2, x3, x4, x5, x6 = 3, 6, 9, 12, 1, 18\n"
			    "\tlocal x8, x9, x10, x11 = x1 < x2, x1 < x2, x1 < x2, x1 < x2\n");
	for (size_t i = 0; i < OPERATIONS; i++)
		(void)fprintf(file, "\t%s\n", loops[loop].list[i % loops[loop].count].lua);
	(void)fprintf(file, "\treturn x1 < x2\nend\nlocal begin = os.clock()\nfor i = 1, %d do run() end\n"
			    "print((os.clock() - begin) * 1e9 / (%d * %d))\n", RUNS, RUNS, OPERATIONS);
	(void)fclose(file);
}

/* 0: there is no Lua. */
static double lua_ns(const char *path)
{
	char command[4096], line[64] = "";
	FILE *pipe;

	(void)snprintf(command, sizeof(command), "lua5.4 '%s' 2>/dev/null", path);
	/* A folder of this program's own making. */
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
	if (pipe == NULL)
		return 0;
	if (fgets(line, sizeof(line), pipe) == NULL)
		line[0] = '\0';
	(void)pclose(pipe);
	return strtod(line, NULL);
}

static void operations(struct contracts_arena *arena)
{
	char *folder = measure_folder();

	for (size_t loop = 0; loop < sizeof(loops) / sizeof(loops[0]); loop++) {
		const struct contracts_program *program = loop_program(arena, loop);
		char *path = base_path(folder, "loop.lua");
		double ours[ROUNDS], lua[ROUNDS];

		lua_write(path, loop);
		for (size_t round = 0; round < ROUNDS; round++) {
			ours[round] = loop_ns(program);
			lua[round] = lua_ns(path);
		}
		if (median(lua) > 0)
			printf("%-24s %6.2f ns an operation, Lua 5.4 %6.2f ns: ratio %.2f (target 1.10, 9 ns)\n", loops[loop].name,
			       median(ours), median(lua), median(ours) / median(lua));
		else
			printf("%-24s %6.2f ns an operation (target 9 ns); Lua 5.4 is not installed\n", loops[loop].name, median(ours));
		free(path);
	}
	measure_folder_remove(folder);
}

/* ---- Decisions ---------------------------------------------------------- */

static const struct contracts_text texts[] = {{"hospital-a", 10}, {"MONDO:0009861", 13}};

/* A request that the registry permits, after all of its conditions. */
static void permitted(struct contracts_facts *facts)
{
	const struct {
		enum contracts_fact_id id;
		int64_t value;
	} values[] = {
		{CONTRACTS_FACT_ACTION, 3}, {CONTRACTS_FACT_DATA_CATEGORY, 2}, {CONTRACTS_FACT_PURPOSE, 7},
		{CONTRACTS_FACT_APPROVAL_VALID, 1}, {CONTRACTS_FACT_CONSENT_COVERS, 1},
		{CONTRACTS_FACT_REQUESTER_ROLES, 1 << 16}, {CONTRACTS_FACT_NOW, INT64_C(1795305600000)},
	};

	memset(facts, 0, sizeof(*facts));
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		facts->fact[values[i].id] =
			(struct contracts_fact){.known = true, .value = values[i].value, .last = values[i].value};
	facts->fact[CONTRACTS_FACT_REQUESTER_ORGANISATION] = (struct contracts_fact){.known = true, .texts = &texts[0], .texts_count = 1};
	facts->fact[CONTRACTS_FACT_DISEASE] = (struct contracts_fact){.known = true, .texts = &texts[1], .texts_count = 1};
}

static double decide_us(const struct contracts_program *program, const struct contracts_facts *facts)
{
	struct contracts_decision decision;
	size_t permits = 0;
	double begin = measure_us(CLOCK_PROCESS_CPUTIME_ID);

	for (size_t i = 0; i < DECISIONS; i++) {
		contracts_decide(program, facts, NULL, NULL, CONTRACTS_GAS_MAX, &decision);
		permits += decision.verdict == CONTRACTS_PERMIT;
	}
	if (permits != DECISIONS)
		exit(EXIT_FAILURE);
	return (measure_us(CLOCK_PROCESS_CPUTIME_ID) - begin) / DECISIONS;
}

static double verify_us(const secp256k1_context *context)
{
	uint8_t secret[32] = {1, 2, 3}, digest[32] = {4, 5, 6};
	secp256k1_ecdsa_signature signature;
	secp256k1_pubkey key;
	double begin;

	if (secp256k1_ec_pubkey_create(context, &key, secret) != 1 ||
	    secp256k1_ecdsa_sign(context, &signature, digest, secret, NULL, NULL) != 1)
		exit(EXIT_FAILURE);
	begin = measure_us(CLOCK_PROCESS_CPUTIME_ID);
	for (size_t i = 0; i < VERIFICATIONS; i++)
		if (secp256k1_ecdsa_verify(context, &signature, digest, &key) != 1)
			exit(EXIT_FAILURE);
	return (measure_us(CLOCK_PROCESS_CPUTIME_ID) - begin) / VERIFICATIONS;
}

static void decisions(struct contracts_arena *arena)
{
	secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
	struct assembler *as = sample_registry();
	struct contracts_bytes bytes = assembler_bytes(as);
	const struct contracts_program *program = load(arena, bytes);
	struct contracts_facts facts;
	double ours[ROUNDS], verify[ROUNDS];

	permitted(&facts);
	for (size_t round = 0; round < ROUNDS; round++) {
		ours[round] = decide_us(program, &facts);
		verify[round] = verify_us(context);
	}
	printf("%-24s %6.3f us, one verification of secp256k1 %6.2f us: %.2f %% (target 5 %%)\n", "decision", median(ours),
	       median(verify), 100 * median(ours) / median(verify));
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
	secp256k1_context_destroy(context);
}

/* ---- Loading ------------------------------------------------------------ */

static void loading(void)
{
	struct assembler *as = assembler_new("Large", 1);
	struct contracts_bytes bytes;
	double us[ROUNDS];

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	OP(as, FACT, .imm = CONTRACTS_FACT_OF_AGE);
	for (uint32_t i = 1; i + 1 < CONTRACTS_INSTRUCTIONS_MAX; i++)
		OP(as, JF, .imm = CONTRACTS_INSTRUCTIONS_MAX - i - 1);
	OP(as, NOT, .a = 0);
	bytes = assembler_bytes(as);
	for (size_t round = 0; round < ROUNDS; round++) {
		struct contracts_arena *arena = contracts_arena_open((size_t)64 << 20);
		double begin = measure_us(CLOCK_PROCESS_CPUTIME_ID);

		(void)load(arena, bytes);
		us[round] = measure_us(CLOCK_PROCESS_CPUTIME_ID) - begin;
		contracts_arena_close(arena);
	}
	printf("%-24s %6.2f ns an instruction (%zu bytes in %.1f ms)\n", "decode and verify",
	       median(us) * 1e3 / CONTRACTS_INSTRUCTIONS_MAX, bytes.len, median(us) / 1e3);
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
}

int main(void)
{
	struct contracts_arena *arena = contracts_arena_open((size_t)64 << 20);

	operations(arena);
	decisions(arena);
	loading();
	contracts_arena_close(arena);
	return EXIT_SUCCESS;
}
