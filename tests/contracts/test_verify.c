/* The verifier on code: each rule broken alone by a few instructions, and what is just within it. */
#include "tests/contracts/sample.h"
#include "tests/support/support.h"

#include "contracts/program.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CODE_MAX 12

static struct contracts_arena *arena;
static struct contracts_reject reject;

static void setup(void)
{
	arena = contracts_arena_open((size_t)64 << 20);
}

static void teardown(void)
{
	contracts_arena_close(arena);
}

static const struct contracts_program *load(const struct assembler *as)
{
	struct contracts_bytes bytes = assembler_bytes(as);
	const struct contracts_program *program;
	enum contracts_code code = contracts_load(arena, &program, bytes, &reject);

	ck_assert_int_ne(code, CONTRACTS_MEMORY);
	ck_assert_uint_le(reject.offset, bytes.len);
	free((void *)(uintptr_t)bytes.data);
	return program;
}

/* ---- Each rule alone ---------------------------------------------------- */

/* Handles of constants that are there. V6 comes last, so the others need not be used where something else is wrong. */
enum { INT_5, INT_MINUS_12000, INT_12000, INT_12001, INT_MINUS_12001 };
enum { CODES_ROLE, CODES_PURPOSE, CODES_MODE, CODES_FLAG };
enum { SET_X };
enum { TALLY_STUDY, TALLY_SITE };
enum { TEXT_CONTRACT, TEXT_X };

enum place { CLAUSE, TALLY, MILESTONE };

#define I(name, ...) {.op = BYTECODE_##name, __VA_ARGS__}
#define A .a =
#define B .b =
#define C .c =
#define M .imm =
#define H .high =
#define FACT_OF(name) .imm = CONTRACTS_FACT_##name
#define TRUE_0 I(KNOWN, FACT_OF(DATA_SITE))
#define TRUE_1 I(KNOWN, A 1, FACT_OF(DATA_SITE))
#define INT_1 I(INT, A 1, M INT_5)
#define INT_2 I(INT, A 2, M INT_5)

static const struct {
	const char *what;
	enum place place;
	const char *rule; /* NULL: it is accepted, but for V6 */
	struct assembler_instruction code[CODE_MAX];
} cases[] = {
	{"a truth", CLAUSE, NULL, {TRUE_0}},
	{"no such op", CLAUSE, VERIFY_V8, {TRUE_0, {.op = 0x02}}},
	{"the end of code in memory", CLAUSE, VERIFY_V8, {TRUE_0, {.op = 0, .c = 1}}},
	{"no such op", CLAUSE, VERIFY_V8, {TRUE_0, {.op = 0xff}}},
	{"register 63", CLAUSE, NULL, {TRUE_0, I(INT, A 63, M INT_5)}},
	{"register 64", CLAUSE, VERIFY_V8, {TRUE_0, I(INT, A 64, M INT_5)}},
	{"register 64 is read", CLAUSE, VERIFY_V8, {TRUE_0, I(NOT, A 1, B 64)}},
	{"register 64 is read", CLAUSE, VERIFY_V8, {TRUE_0, I(AND, A 0, C 64)}},
	{"b of INT", CLAUSE, VERIFY_V8, {TRUE_0, I(INT, A 1, B 1, M INT_5)}},
	{"c of INT", CLAUSE, VERIFY_V8, {TRUE_0, I(INT, A 1, C 1, M INT_5)}},
	{"c of NOT", CLAUSE, VERIFY_V8, {TRUE_0, I(NOT, C 1)}},
	{"imm of NOT", CLAUSE, VERIFY_V8, {TRUE_0, I(NOT, M 1)}},
	{"imm of AND", CLAUSE, VERIFY_V8, {TRUE_0, I(AND, H 1)}},
	{"b of JF", CLAUSE, VERIFY_V8, {TRUE_0, I(JF, B 1, M 1), I(NOT, A 0)}},
	{"c of JF", CLAUSE, VERIFY_V8, {TRUE_0, I(JF, C 1, M 1), I(NOT, A 0)}},
	{"high half of KNOWN", CLAUSE, VERIFY_V8, {I(KNOWN, FACT_OF(DATA_SITE), H 1)}},
	{"record 2", CLAUSE, VERIFY_V8, {I(KNOWN, B 2, FACT_OF(DATA_SITE))}},
	{"group 2", CLAUSE, VERIFY_V8, {I(TALLY, B 2, M TALLY_SITE)}},
	{"c of CODE", CLAUSE, VERIFY_V8, {I(CODE, C 1, FACT_OF(MODE), H CODES_MODE)}},
	{"c of MONTHS", CLAUSE, VERIFY_V8, {TRUE_0, INT_1, I(MONTHS, A 1, B 1, C 1, M INT_5)}},

	{"an integer that is not there", CLAUSE, VERIFY_V5, {TRUE_0, I(INT, A 1, M 900)}},
	{"months that are not there", CLAUSE, VERIFY_V5, {TRUE_0, INT_1, I(MONTHS, A 1, B 1, M 900)}},
	{"12000 months", CLAUSE, NULL, {TRUE_0, INT_1, I(MONTHS, A 1, B 1, M INT_12000)}},
	{"-12000 months", CLAUSE, NULL, {TRUE_0, INT_1, I(MONTHS, A 1, B 1, M INT_MINUS_12000)}},
	{"12001 months", CLAUSE, VERIFY_V5, {TRUE_0, INT_1, I(MONTHS, A 1, B 1, M INT_12001)}},
	{"-12001 months", CLAUSE, VERIFY_V5, {TRUE_0, INT_1, I(MONTHS, A 1, B 1, M INT_MINUS_12001)}},
	{"a code set that is not there", CLAUSE, VERIFY_V5, {I(CODE, FACT_OF(MODE), H 900)}},
	{"a text that is not there", CLAUSE, VERIFY_V5, {I(TEXT, FACT_OF(DATA_SITE), H 900)}},
	{"a text set that is not there", CLAUSE, VERIFY_V5, {I(TSET, FACT_OF(DATA_SITE), H 900)}},
	{"a tally that is not there", CLAUSE, VERIFY_V5, {TRUE_0, I(TALLY, A 1, M 900)}},
	{"a jump over nothing", CLAUSE, VERIFY_V5, {TRUE_0, I(JF, M 0), I(NOT, A 0)}},

	{"no fact 0", CLAUSE, VERIFY_V9, {I(KNOWN, M 0)}},
	{"no such fact", CLAUSE, VERIFY_V9, {I(KNOWN, M CONTRACTS_FACT_COUNT)}},
	{"no such fact", CLAUSE, VERIFY_V9, {I(KNOWN, M 0xffff)}},
	{"FACT of a code", CLAUSE, VERIFY_V9, {I(FACT, FACT_OF(MODE))}},
	{"FACT of codes", CLAUSE, VERIFY_V9, {I(FACT, FACT_OF(REQUESTER_ROLES))}},
	{"FACT of a text", CLAUSE, VERIFY_V9, {I(FACT, FACT_OF(DATA_SITE))}},
	{"FACT of texts", CLAUSE, VERIFY_V9, {I(FACT, FACT_OF(STUDY_SITES))}},
	{"LAST of a duration", CLAUSE, VERIFY_V9, {TRUE_0, I(LAST, A 1, FACT_OF(ACCESS_DURATION))}},
	{"LAST of a truth", CLAUSE, VERIFY_V9, {TRUE_0, I(LAST, A 1, FACT_OF(OF_AGE))}},
	{"COUNT of a text", CLAUSE, VERIFY_V9, {TRUE_0, I(COUNT, A 1, FACT_OF(DATA_SITE))}},
	{"COUNT of texts", CLAUSE, NULL, {TRUE_0, I(COUNT, A 1, FACT_OF(STUDY_SITES))}},
	{"COUNT of codes", CLAUSE, NULL, {TRUE_0, I(COUNT, A 1, FACT_OF(REQUESTER_ROLES))}},
	{"CODE of codes", CLAUSE, VERIFY_V9, {I(CODE, FACT_OF(REQUESTER_ROLES), H CODES_ROLE)}},
	{"CODE of a text", CLAUSE, VERIFY_V9, {I(CODE, FACT_OF(DATA_SITE), H CODES_ROLE)}},
	{"CODE of another list", CLAUSE, VERIFY_V9, {I(CODE, FACT_OF(MODE), H CODES_PURPOSE)}},
	{"CODE of its list", CLAUSE, NULL, {I(CODE, FACT_OF(PURPOSE), H CODES_PURPOSE)}},
	{"ANY of a code", CLAUSE, VERIFY_V9, {I(ANY, FACT_OF(MODE), H CODES_MODE)}},
	{"ALL of another list", CLAUSE, VERIFY_V9, {I(ALL, FACT_OF(ACCEPTED_TERMS), H CODES_MODE)}},
	{"ONLY of another list", CLAUSE, VERIFY_V9, {I(ONLY, FACT_OF(REQUESTER_ROLES), H CODES_PURPOSE)}},
	{"ONLY of its list", CLAUSE, NULL, {I(ONLY, FACT_OF(DATA_FLAGS), H CODES_FLAG)}},
	{"TEXT of texts", CLAUSE, VERIFY_V9, {I(TEXT, FACT_OF(STUDY_SITES), H TEXT_X)}},
	{"TSET of texts", CLAUSE, VERIFY_V9, {I(TSET, FACT_OF(STUDY_SITES), H SET_X)}},
	{"TANY of a text", CLAUSE, VERIFY_V9, {I(TANY, FACT_OF(DATA_SITE), H SET_X)}},
	{"TALL of codes", CLAUSE, VERIFY_V9, {I(TALL, FACT_OF(REQUESTER_ROLES), H SET_X)}},
	{"TONLY of a truth", CLAUSE, VERIFY_V9, {I(TONLY, FACT_OF(OF_AGE), H SET_X)}},
	{"TSAME", CLAUSE, NULL, {I(TSAME, FACT_OF(REQUESTER_ORGANISATION), H CONTRACTS_FACT_DATA_ORGANISATION)}},
	{"TSAME of itself", CLAUSE, VERIFY_V9, {I(TSAME, FACT_OF(DATA_SITE), H CONTRACTS_FACT_DATA_SITE)}},
	{"TSAME the other way round", CLAUSE, VERIFY_V9, {I(TSAME, FACT_OF(DATA_COUNTRY), H CONTRACTS_FACT_REQUESTER_COUNTRY)}},
	{"TSAME of two sorts", CLAUSE, VERIFY_V9, {I(TSAME, FACT_OF(REQUESTER_COUNTRY), H CONTRACTS_FACT_DATA_SITE)}},
	{"TSAME with texts", CLAUSE, VERIFY_V9, {I(TSAME, FACT_OF(REQUESTER_COUNTRY), H CONTRACTS_FACT_STUDY_COUNTRIES)}},
	{"TSAME with nothing", CLAUSE, VERIFY_V9, {I(TSAME, FACT_OF(DATA_SITE), H 0xffff)}},
	{"TIN", CLAUSE, NULL, {I(TIN, FACT_OF(DATA_SITE), H CONTRACTS_FACT_STUDY_SITES)}},
	{"TIN with a text", CLAUSE, VERIFY_V9, {I(TIN, FACT_OF(REQUESTER_COUNTRY), H CONTRACTS_FACT_DATA_COUNTRY)}},
	{"TIN of two sorts", CLAUSE, VERIFY_V9, {I(TIN, FACT_OF(DATA_SITE), H CONTRACTS_FACT_STUDY_COUNTRIES)}},
	{"TIN of texts", CLAUSE, VERIFY_V9, {I(TIN, FACT_OF(STUDY_SITES), H CONTRACTS_FACT_STUDY_SITES)}},

	{"a clause speaks of the event", CLAUSE, VERIFY_V10, {I(KNOWN, FACT_OF(EVENT))}},
	{"a tally does", TALLY, NULL, {I(KNOWN, FACT_OF(EVENT))}},
	{"a tally of the requester", TALLY, VERIFY_V10, {I(KNOWN, FACT_OF(REQUESTER_ROLES))}},
	{"a milestone of consent", MILESTONE, VERIFY_V10, {I(FACT, FACT_OF(CONSENT_COVERS))}},
	{"a milestone of data's country, twice", MILESTONE, VERIFY_V10,
	 {I(TSAME, FACT_OF(REQUESTER_COUNTRY), H CONTRACTS_FACT_DATA_COUNTRY)}},
	{"a tally as of the permit", TALLY, VERIFY_V10, {I(KNOWN, B 1, FACT_OF(DATA_SITE))}},
	{"a milestone as of the permit", MILESTONE, VERIFY_V10, {I(KNOWN, B 1, FACT_OF(DATA_SITE))}},
	{"a clause as of the permit", CLAUSE, NULL, {I(KNOWN, B 1, FACT_OF(DATA_SITE))}},
	{"a tally of a tally", TALLY, VERIFY_V10, {TRUE_0, I(TALLY, A 1, M TALLY_SITE)}},
	{"a milestone of a tally", MILESTONE, NULL, {TRUE_0, I(TALLY, A 1, M TALLY_SITE)}},
	{"a tally has no group", CLAUSE, VERIFY_V10, {TRUE_0, I(TALLY, A 1, B 1, M TALLY_STUDY)}},
	{"a tally has a group", CLAUSE, NULL, {TRUE_0, I(TALLY, A 1, B 1, M TALLY_SITE)}},

	{"a jump just behind the end", CLAUSE, NULL, {TRUE_0, I(JF, M 1), I(NOT, A 0)}},
	{"a jump behind that", CLAUSE, VERIFY_V11, {TRUE_0, I(JF, M 2), I(NOT, A 0)}},
	{"a jump far away", CLAUSE, VERIFY_V11, {TRUE_0, I(JT, M 0xffffffff), I(NOT, A 0)}},
	{"a jump back", CLAUSE, VERIFY_V11, {TRUE_0, I(JT, M 0xfffffffe), I(NOT, A 0)}},
	{"a jump is the last", CLAUSE, VERIFY_V11, {TRUE_0, I(JT, M 1)}},

	{"nothing is set", CLAUSE, VERIFY_V12, {I(NOT, A 0)}},
	{"b is not set", CLAUSE, VERIFY_V12, {TRUE_0, I(AND, B 1)}},
	{"c is not set", CLAUSE, VERIFY_V12, {TRUE_0, I(AND, C 1)}},
	{"a jump reads what is not set", CLAUSE, VERIFY_V12, {TRUE_0, I(JF, A 1, M 1), I(NOT, A 0)}},
	{"a jump reads an integer", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(JF, A 1, M 1), I(NOT, A 0)}},
	{"register 0 is not set at the end", CLAUSE, VERIFY_V12, {TRUE_1}},
	{"register 0 is an integer at the end", CLAUSE, VERIFY_V12, {I(INT, M INT_5)}},
	{"AND of an integer", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(AND, C 1)}},
	{"NOT of an integer", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(NOT, A 1, B 1)}},
	{"SAME of integers", CLAUSE, VERIFY_V12, {INT_1, INT_2, I(SAME, B 1, C 2)}},
	{"ADD of truths", CLAUSE, VERIFY_V12, {TRUE_0, TRUE_1, I(ADD, A 2, B 0, C 1)}},
	{"MUL with a truth", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(MUL, A 2, B 1, C 0)}},
	{"LT of truths", CLAUSE, VERIFY_V12, {TRUE_0, TRUE_1, I(LT, C 1)}},
	{"EQ of a truth", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(EQ, B 1)}},
	{"LATER of a truth", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(LATER, A 2, B 0, C 1)}},
	{"MONTHS of a truth", CLAUSE, VERIFY_V12, {TRUE_0, I(MONTHS, A 1, B 0, M INT_5)}},
	{"FACT of a truth is a truth", CLAUSE, NULL, {I(FACT, FACT_OF(OF_AGE)), I(NOT, A 0)}},
	{"FACT of a date is an integer", CLAUSE, VERIFY_V12, {I(FACT, FACT_OF(NOW))}},
	{"a truth over an integer", CLAUSE, NULL, {I(INT, M INT_5), TRUE_0}},
	{"an integer over a truth", CLAUSE, VERIFY_V12, {TRUE_0, I(INT, M INT_5)}},
	{"set on one way alone", CLAUSE, VERIFY_V12, {TRUE_0, I(JF, M 1), TRUE_1, I(AND, C 1)}},
	{"set before the ways part", CLAUSE, NULL, {TRUE_0, TRUE_1, I(JF, M 1), TRUE_1, I(AND, C 1)}},
	{"of two types on two ways", CLAUSE, VERIFY_V12, {TRUE_0, TRUE_1, I(JF, M 1), INT_1, I(AND, C 1)}},
	{"of two types, but not read", CLAUSE, NULL, {TRUE_0, TRUE_1, I(JF, M 1), INT_1, I(NOT, A 0)}},
	{"an integer on one way alone", CLAUSE, VERIFY_V12, {TRUE_0, I(JF, M 1), INT_1, I(EQ, B 1, C 1)}},
	{"an integer before the ways part", CLAUSE, NULL, {TRUE_0, INT_1, I(JF, M 1), INT_1, I(EQ, B 1, C 1)}},
	{"an integer that a truth has replaced", CLAUSE, VERIFY_V12, {INT_1, TRUE_1, I(EQ, B 1, C 1)}},
	{"of two types, read as an integer", CLAUSE, VERIFY_V12, {TRUE_0, INT_1, I(JF, M 1), TRUE_1, I(EQ, B 1, C 1)}},
	{"three ways", CLAUSE, VERIFY_V12, {TRUE_0, I(JF, M 4), TRUE_1, I(JT, M 2), I(NOT, A 2), I(AND, C 1), I(OR, C 1)}},
	{"result on one way is an integer", CLAUSE, VERIFY_V12, {TRUE_0, I(JT, M 1), I(INT, M INT_5)}},
	{"what is read is set by itself", CLAUSE, VERIFY_V12, {TRUE_0, I(NOT, A 1, B 1)}},
};

static struct assembler *with_constants(void)
{
	struct assembler *as = assembler_new("Contract", 1);
	static const char *const set[] = {"x"};
	struct assembler_rule *tally;

	ck_assert_uint_eq(assembler_text(as, "x"), TEXT_X);
	(void)assembler_integer(as, 5);
	(void)assembler_integer(as, -12000);
	(void)assembler_integer(as, 12000);
	(void)assembler_integer(as, 12001);
	(void)assembler_integer(as, -12001);
	(void)assembler_code(as, 16);
	(void)assembler_code(as, 105);
	(void)assembler_code(as, 2);
	(void)assembler_code(as, 31);
	(void)assembler_texts(as, set, 1);
	(void)assembler_tally(as, "of the study", 2);
	tally = assembler_tally(as, "of the site", 2);
	tally->by = CONTRACTS_BY_SITE;
	return as;
}

START_TEST(code_when_it_breaks_a_rule_is_refused_by_it)
{
	struct assembler *as = with_constants();

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	if (cases[_i].place == TALLY)
		(void)assembler_tally(as, "tally", 2);
	else if (cases[_i].place == MILESTONE)
		(void)assembler_milestone(as, "milestone", TALLY_STUDY, 5);
	for (unsigned i = 0; i < CODE_MAX && (cases[_i].code[i].op != 0 || cases[_i].code[i].c != 0); i++)
		assembler_op(as, cases[_i].code[i]);
	ck_assert_ptr_null(load(as));
	ck_assert_msg(strcmp(reject.rule, cases[_i].rule != NULL ? cases[_i].rule : VERIFY_V6) == 0, "%s: %s at %zu",
		      cases[_i].what, reject.rule, reject.offset);
	assembler_free(as);
}
END_TEST

/* Purposes of a clause are of the list of purposes. */
START_TEST(purposes_when_not_of_the_list_are_refused)
{
	struct assembler *as = assembler_new("Contract", 1);
	struct assembler_rule *clause = assembler_clause(as, "clause", CONTRACTS_PERMITS);

	clause->purposes = assembler_codes(as, assembler_codes_of((const unsigned[]){6, 7, _i == 0 ? 42 : 43}, 3));
	if (_i == 0) {
		ck_assert_ptr_nonnull(load(as));
	} else {
		ck_assert_ptr_null(load(as));
		ck_assert_str_eq(reject.rule, VERIFY_V9);
	}
	assembler_free(as);
}
END_TEST

START_TEST(everything_is_accepted)
{
	struct assembler *as = sample_everything();

	ck_assert_msg(load(as) != NULL, "%s at %zu", reject.rule, reject.offset);
	assembler_free(as);
}
END_TEST

/* ---- Gas ---------------------------------------------------------------- */

/* What each instruction costs, by the worst case of a clause that has it alone. */
static const struct {
	struct assembler_instruction code[3];
	uint64_t gas;
} costs[] = {
	{{I(KNOWN, FACT_OF(DATA_SITE))}, 1},
	{{I(FACT, FACT_OF(OF_AGE))}, 1},
	{{I(INT, A 1), TRUE_0}, 2},
	{{I(LAST, A 1, FACT_OF(NOW)), TRUE_0}, 2},
	{{I(COUNT, A 1, FACT_OF(STUDY_SITES)), TRUE_0}, 3},
	{{I(CODE, FACT_OF(REQUESTER_ROLES))}, 2},
	{{I(ANY, FACT_OF(REQUESTER_ROLES))}, 2},
	{{I(ALL, FACT_OF(REQUESTER_ROLES))}, 2},
	{{I(ONLY, FACT_OF(REQUESTER_ROLES))}, 2},
	{{I(TSAME, FACT_OF(REQUESTER_ORGANISATION), H CONTRACTS_FACT_DATA_ORGANISATION)}, 18},
	{{I(TIN, FACT_OF(DATA_SITE), H CONTRACTS_FACT_STUDY_SITES)}, 36},
	{{I(FACT, FACT_OF(OF_AGE)), I(NOT, A 0)}, 2},
	{{I(FACT, FACT_OF(OF_AGE)), I(AND, A 0)}, 2},
	{{I(FACT, FACT_OF(OF_AGE)), I(OR, A 0)}, 2},
	{{I(FACT, FACT_OF(OF_AGE)), I(SAME, A 0)}, 2},
	{{I(FACT, A 1, FACT_OF(NOW)), I(ADD, A 1, B 1, C 1), TRUE_0}, 3},
	{{I(FACT, A 1, FACT_OF(NOW)), I(SUB, A 1, B 1, C 1), TRUE_0}, 3},
	{{I(FACT, A 1, FACT_OF(NOW)), I(MUL, A 1, B 1, C 1), TRUE_0}, 3},
	{{I(FACT, A 1, FACT_OF(NOW)), I(LATER, A 1, B 1, C 1), TRUE_0}, 3},
	{{I(FACT, A 1, FACT_OF(NOW)), I(EARLIER, A 1, B 1, C 1), TRUE_0}, 3},
	{{I(FACT, A 1, FACT_OF(NOW)), I(MONTHS, A 1, B 1), TRUE_0}, 10},
	{{I(FACT, A 1, FACT_OF(NOW)), I(LT, A 0, B 1, C 1)}, 2},
	{{I(FACT, A 1, FACT_OF(NOW)), I(LE, A 0, B 1, C 1)}, 2},
	{{I(FACT, A 1, FACT_OF(NOW)), I(EQ, A 0, B 1, C 1)}, 2},
	{{I(FACT, FACT_OF(OF_AGE)), I(JF, M 1), I(NOT, A 0)}, 3},
	{{I(FACT, FACT_OF(OF_AGE)), I(JT, M 1), I(NOT, A 0)}, 3},
};

START_TEST(gas_of_an_instruction_is_the_tables)
{
	struct assembler *as = assembler_new("Contract", 1);
	const struct contracts_program *program;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	for (unsigned i = 0; i < 3 && costs[_i].code[i].op != 0; i++) {
		struct assembler_instruction in = costs[_i].code[i];

		if (in.op == BYTECODE_INT || in.op == BYTECODE_MONTHS)
			in.imm = assembler_integer(as, 5);
		if (in.op == BYTECODE_CODE)
			in.imm = CONTRACTS_FACT_PURPOSE, in.high = assembler_code(as, 6);
		if (in.op >= BYTECODE_ANY && in.op <= BYTECODE_ONLY)
			in.high = assembler_code(as, 16);
		assembler_op(as, in);
	}
	program = load(as);
	ck_assert_msg(program != NULL, "%s at %zu", reject.rule, reject.offset);
	ck_assert_uint_eq(contracts_program_cost(program).decide_gas, 10 + 2 + costs[_i].gas);
	assembler_free(as);
}
END_TEST

/* Texts of 1, 16, 17, 255 bytes; sets of 1, 2, 3, 4, 256 elements. */
START_TEST(gas_of_texts_grows_with_the_constant)
{
	static const struct {
		enum bytecode_op op;
		unsigned size;
		uint64_t gas;
	} sizes[] = {
		{BYTECODE_TEXT, 1, 3},    {BYTECODE_TEXT, 16, 3},   {BYTECODE_TEXT, 17, 4},     {BYTECODE_TEXT, 255, 18},
		{BYTECODE_TSET, 1, 8},    {BYTECODE_TSET, 2, 12},   {BYTECODE_TSET, 3, 12},     {BYTECODE_TSET, 4, 16},
		{BYTECODE_TSET, 256, 40}, {BYTECODE_TANY, 1, 516},  {BYTECODE_TALL, 256, 1536}, {BYTECODE_TONLY, 2, 520},
	};
	struct assembler *as = assembler_new("Contract", 1);
	static char names[256][260];
	const char *list[256];
	const struct contracts_program *program;
	struct assembler_instruction in = {.op = (uint8_t)sizes[_i].op, .imm = CONTRACTS_FACT_DATA_SITE};

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	if (sizes[_i].op == BYTECODE_TEXT) {
		memset(names[0], 'x', sizes[_i].size);
		names[0][sizes[_i].size] = '\0';
		in.high = assembler_text(as, names[0]);
	} else {
		for (unsigned i = 0; i < sizes[_i].size; i++) {
			(void)snprintf(names[i], sizeof(names[i]), "site-%u", i);
			list[i] = names[i];
		}
		in.high = assembler_texts(as, list, sizes[_i].size);
		if (sizes[_i].op != BYTECODE_TSET)
			in.imm = CONTRACTS_FACT_STUDY_SITES;
	}
	assembler_op(as, in);
	program = load(as);
	ck_assert_msg(program != NULL, "%s at %zu", reject.rule, reject.offset);
	ck_assert_uint_eq(contracts_program_cost(program).decide_gas, 12 + sizes[_i].gas);
	assembler_free(as);
}
END_TEST

/* The limit of a decision, and of an event: reached, and passed by 1. */
START_TEST(gas_when_above_the_limit_is_refused)
{
	struct assembler *as = assembler_new("Contract", 1);
	bool event = _i >= 2;
	const char *const one[] = {"x"};
	uint64_t gas = 10, limit = CONTRACTS_GAS_MAX + (uint64_t)(_i % 2);
	unsigned set = assembler_texts(as, one, 1);
	const struct contracts_program *program;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	if (event)
		(void)assembler_milestone(as, "done", assembler_rule_handle(as, assembler_tally(as, "tally", 2)), 5);
	gas += event ? 4 : 2;
	for (; gas + 516 <= limit; gas += 516)
		OP(as, TANY, .imm = CONTRACTS_FACT_STUDY_SITES, .high = set);
	for (; gas < limit; gas++)
		OP(as, KNOWN, .imm = CONTRACTS_FACT_DATA_SITE);
	program = load(as);
	if (_i % 2 == 0) {
		struct contracts_cost cost;

		ck_assert_msg(program != NULL, "%s at %zu", reject.rule, reject.offset);
		cost = contracts_program_cost(program);
		ck_assert_uint_eq(event ? cost.event_gas : cost.decide_gas, CONTRACTS_GAS_MAX);
	} else {
		ck_assert_ptr_null(program);
		ck_assert_str_eq(reject.rule, VERIFY_V13);
	}
	assembler_free(as);
}
END_TEST

/* ---- Size --------------------------------------------------------------- */

/* As large as may be: every instruction a jump to the end of its condition. Time is linear: a second is far too long. */
START_TEST(largest_code_is_verified_at_once)
{
	struct assembler *as = assembler_new("Contract", 1);
	struct contracts_bytes bytes;
	const struct contracts_program *program;
	struct timespec begin, end;
	double seconds;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	OP(as, FACT, .imm = CONTRACTS_FACT_OF_AGE);
	for (uint32_t i = 1; i + 1 < CONTRACTS_INSTRUCTIONS_MAX; i++)
		OP(as, JF, .imm = CONTRACTS_INSTRUCTIONS_MAX - i - 1);
	OP(as, NOT, .a = 0);
	bytes = assembler_bytes(as);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	ck_assert_int_eq(contracts_load(arena, &program, bytes, &reject), CONTRACTS_OK);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	ck_assert_msg(seconds < 1, "%f s", seconds);
	ck_assert_uint_eq(contracts_program_cost(program).decide_gas, 12 + CONTRACTS_INSTRUCTIONS_MAX);
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, code_when_it_breaks_a_rule_is_refused_by_it, 0, COUNT(cases));
	tcase_add_loop_test(tc, purposes_when_not_of_the_list_are_refused, 0, 2);
	tcase_add_test(tc, everything_is_accepted);
	tcase_add_loop_test(tc, gas_of_an_instruction_is_the_tables, 0, COUNT(costs));
	tcase_add_loop_test(tc, gas_of_texts_grows_with_the_constant, 0, 12);
	tcase_add_loop_test(tc, gas_when_above_the_limit_is_refused, 0, 4);
	tcase_add_test(tc, largest_code_is_verified_at_once);
}

int main(void)
{
	return support_run("contracts verify", fill);
}
