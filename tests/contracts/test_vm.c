/* What instructions, decisions and events come to: docs/formats/contract-code.md, §3 and §4. */
#include "tests/contracts/sample.h"
#include "tests/support/support.h"

#include "contracts/bytecode.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
#define END BYTECODE_INSTANT_END
#define DAY_MS INT64_C(86400000)
#define NOW INT64_C(1700000000000)
#define UNKNOWN(fact) CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, CONTRACTS_FACT_##fact)
#define OVERFLOW CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0)
#define IMPRECISE CONTRACTS_FAULT(CONTRACTS_FAULT_IMPRECISE, 0)
#define GAS CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0)

static struct contracts_arena *arena;

static void setup(void)
{
	arena = contracts_arena_open((size_t)64 << 20);
}

static void teardown(void)
{
	contracts_arena_close(arena);
}

static const struct contracts_program *load(struct assembler *as)
{
	struct contracts_bytes bytes = assembler_bytes(as);
	const struct contracts_program *program;
	struct contracts_reject reject;

	ck_assert_msg(contracts_load(arena, &program, bytes, &reject) == CONTRACTS_OK, "%s at %zu", reject.rule, reject.offset);
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
	return program;
}

/* ---- Facts -------------------------------------------------------------- */

static struct contracts_text texts[] = {{"FR", 2}, {"a", 1}, {"b", 1}, {"c", 1}, {"hospital-a", 10}, {"lyon", 4}, {"z", 1}};

static void set(struct contracts_facts *facts, enum contracts_fact_id id, int64_t value)
{
	facts->fact[id] = (struct contracts_fact){.known = true, .value = value, .last = value};
}

static void set_texts(struct contracts_facts *facts, enum contracts_fact_id id, const struct contracts_text *first, size_t count)
{
	facts->fact[id] = (struct contracts_fact){.known = true, .texts = first, .texts_count = count};
}

static void fill_facts(struct contracts_facts *now, struct contracts_facts *permit)
{
	memset(now, 0, sizeof(*now));
	set(now, CONTRACTS_FACT_NOW, NOW);
	set(now, CONTRACTS_FACT_DATA_COLLECTED, NOW - 1000);
	now->fact[CONTRACTS_FACT_DATA_COLLECTED].last = NOW + 1000;
	set(now, CONTRACTS_FACT_MODE, 2);
	set(now, CONTRACTS_FACT_PURPOSE, 105);
	set(now, CONTRACTS_FACT_LEGAL_BASIS, 77);
	set(now, CONTRACTS_FACT_REQUESTER_ROLES, 1 << 4 | 1 << 16);
	set(now, CONTRACTS_FACT_DATA_FLAGS, 0);
	set(now, CONTRACTS_FACT_OF_AGE, 1);
	set(now, CONTRACTS_FACT_CONSENT_COVERS, 0);
	set_texts(now, CONTRACTS_FACT_REQUESTER_COUNTRY, &texts[0], 1);
	set_texts(now, CONTRACTS_FACT_DATA_COUNTRY, &texts[0], 1);
	set_texts(now, CONTRACTS_FACT_REQUESTER_ORGANISATION, &texts[4], 1);
	set_texts(now, CONTRACTS_FACT_DATA_ORGANISATION, &texts[5], 1);
	set_texts(now, CONTRACTS_FACT_STUDY_SITES, &texts[1], 3);
	set_texts(now, CONTRACTS_FACT_STUDY_COUNTRIES, NULL, 0);
	set_texts(now, CONTRACTS_FACT_DATA_SITE, &texts[2], 1);
	ck_assert_uint_eq(contracts_facts_check(now), 0);
	*permit = *now;
	set(permit, CONTRACTS_FACT_MODE, 1);
	set(permit, CONTRACTS_FACT_OF_AGE, 0);
	set_texts(permit, CONTRACTS_FACT_DATA_SITE, &texts[6], 1);
	permit->fact[CONTRACTS_FACT_CONSENT_COVERS].known = false;
}

/* One condition, with constants by their values. */
struct step {
	uint8_t op, a, b, c;
	int64_t value;               /* INT, MONTHS, jumps; tally */
	unsigned fact, other;        /* facts */
	unsigned codes[4];           /* a set of numbers; 0 ends it */
	const char *text, *names[4]; /* a text; a set of texts */
};
#define I(name, ...) {.op = BYTECODE_##name, __VA_ARGS__}
#define FACT_OF(name) .fact = CONTRACTS_FACT_##name
#define A .a =
#define B .b =
#define C .c =
#define V .value =

static void add_step(struct assembler *as, const struct step *step)
{
	struct assembler_instruction in = {.op = step->op, .a = step->a, .b = step->b, .c = step->c, .imm = step->fact, .high = step->other};
	unsigned count = 0;

	if (step->op == BYTECODE_INT || step->op == BYTECODE_MONTHS)
		in.imm = assembler_integer(as, step->value);
	else if (step->op == BYTECODE_JF || step->op == BYTECODE_JT || step->op == BYTECODE_TALLY)
		in.imm = (uint32_t)step->value;
	for (; step->op >= BYTECODE_CODE && step->op <= BYTECODE_ONLY && step->codes[count] != 0;)
		count++;
	if (count > 0)
		in.high = assembler_codes(as, assembler_codes_of(step->codes, count));
	if (step->text != NULL)
		in.high = assembler_text(as, step->text);
	for (count = 0; count < 4 && step->names[count] != NULL;)
		count++;
	if (count > 0)
		in.high = assembler_texts(as, step->names, count);
	assembler_op(as, in);
}

#define TRUE 1
#define FALSE 0
static const struct {
	const char *what;
	contracts_fault want; /* TRUE, FALSE, or a fault */
	struct step code[8];
} conditions[] = {
	{"a truth", TRUE, {I(FACT, FACT_OF(OF_AGE))}},
	{"false", FALSE, {I(FACT, FACT_OF(CONSENT_COVERS))}},
	{"not known", UNKNOWN(CONSENT_WITHDRAWN), {I(FACT, FACT_OF(CONSENT_WITHDRAWN))}},
	{"as of the permit", FALSE, {I(FACT, B 1, FACT_OF(OF_AGE))}},
	{"not known as of the permit", UNKNOWN(CONSENT_COVERS), {I(FACT, B 1, FACT_OF(CONSENT_COVERS))}},
	{"known", TRUE, {I(KNOWN, FACT_OF(STUDY_SITES))}},
	{"not known", FALSE, {I(KNOWN, FACT_OF(CONSENT_DATE))}},
	{"not known as of the permit", FALSE, {I(KNOWN, B 1, FACT_OF(CONSENT_COVERS))}},
	{"first instant", TRUE, {I(FACT, A 1, FACT_OF(DATA_COLLECTED)), I(INT, A 2, V NOW - 1000), I(EQ, B 1, C 2)}},
	{"last instant", TRUE, {I(LAST, A 1, FACT_OF(DATA_COLLECTED)), I(INT, A 2, V NOW + 1000), I(EQ, B 1, C 2)}},
	{"last of what is not known", UNKNOWN(CONSENT_DATE),
	 {I(LAST, A 1, FACT_OF(CONSENT_DATE)), I(INT, A 2, V 5), I(EQ, B 1, C 2)}},
	{"less", TRUE, {I(INT, A 1, V -5), I(INT, A 2, V 5), I(LT, B 1, C 2)}},
	{"not less", FALSE, {I(INT, A 1, V 5), I(LT, B 1, C 1)}},
	{"least and most", TRUE, {I(INT, A 1, V INT64_MIN), I(INT, A 2, V INT64_MAX), I(LT, B 1, C 2)}},
	{"less or equal", TRUE, {I(INT, A 1, V 5), I(LE, B 1, C 1)}},
	{"not less or equal", FALSE, {I(INT, A 1, V 5), I(INT, A 2, V 4), I(LE, B 1, C 2)}},
	{"not equal", FALSE, {I(INT, A 1, V 5), I(INT, A 2, V 4), I(EQ, B 1, C 2)}},
	{"sum overflows", OVERFLOW, {I(INT, A 1, V INT64_MAX), I(INT, A 2, V 1), I(ADD, A 1, B 1, C 2), I(EQ, B 1, C 2)}},
	{"a month later", TRUE,
	 {I(FACT, A 1, FACT_OF(NOW)), I(MONTHS, A 2, B 1, V 1), I(INT, A 3, V NOW + 30 * DAY_MS), I(EQ, B 2, C 3)}},
	{"a thousand years before 1970", OVERFLOW, {I(FACT, A 1, FACT_OF(NOW)), I(MONTHS, A 1, B 1, V -12000), I(EQ, B 1, C 1)}},
	{"months of no date", UNKNOWN(CONSENT_DATE), {I(FACT, A 1, FACT_OF(CONSENT_DATE)), I(MONTHS, A 1, B 1, V -12000), I(EQ, B 1, C 1)}},
	{"before year 10000", TRUE, {I(INT, A 1, V END - 2), I(INT, A 2, V 1), I(LATER, A 3, B 1, C 2), I(LT, B 1, C 3)}},
	{"year 10000", OVERFLOW, {I(INT, A 1, V END - 1), I(INT, A 2, V 1), I(LATER, A 3, B 1, C 2), I(LT, B 1, C 3)}},
	{"before 1970", OVERFLOW, {I(INT, A 1, V 0), I(INT, A 2, V 1), I(EARLIER, A 3, B 1, C 2), I(LT, B 1, C 3)}},
	{"not precise enough", IMPRECISE,
	 {I(LAST, A 1, FACT_OF(DATA_COLLECTED)), I(FACT, A 2, FACT_OF(NOW)), I(LT, B 1, C 2), I(FACT, A 1, FACT_OF(DATA_COLLECTED)),
	  I(LT, A 1, B 1, C 2), I(SAME, C 1)}},
	{"number of texts", TRUE, {I(COUNT, A 1, FACT_OF(STUDY_SITES)), I(INT, A 2, V 3), I(EQ, B 1, C 2)}},
	{"number of codes", TRUE, {I(COUNT, A 1, FACT_OF(REQUESTER_ROLES)), I(INT, A 2, V 2), I(EQ, B 1, C 2)}},
	{"number of no texts", TRUE, {I(COUNT, A 1, FACT_OF(STUDY_COUNTRIES)), I(INT, A 2, V 0), I(EQ, B 1, C 2)}},
	{"number of what is not known", UNKNOWN(CONSENT_SIGNERS), {I(COUNT, A 1, FACT_OF(CONSENT_SIGNERS)), I(EQ, B 1, C 1)}},

	{"code is in the set", TRUE, {I(CODE, FACT_OF(PURPOSE), .codes = {64, 105})}},
	{"code is not", FALSE, {I(CODE, FACT_OF(PURPOSE), .codes = {64, 106})}},
	{"code as of the permit", TRUE, {I(CODE, B 1, FACT_OF(MODE), .codes = {1})}},
	{"code is not known", UNKNOWN(STUDY_PHASE), {I(CODE, FACT_OF(STUDY_PHASE), .codes = {1})}},
	{"code is not in the tables", CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_LEGAL_BASIS),
	 {I(CODE, FACT_OF(LEGAL_BASIS), .codes = {1})}},
	{"one in common", TRUE, {I(ANY, FACT_OF(REQUESTER_ROLES), .codes = {1, 16})}},
	{"none in common", FALSE, {I(ANY, FACT_OF(REQUESTER_ROLES), .codes = {1, 15})}},
	{"none with no codes", FALSE, {I(ANY, FACT_OF(DATA_FLAGS), .codes = {1, 15})}},
	{"all", TRUE, {I(ALL, FACT_OF(REQUESTER_ROLES), .codes = {4, 16})}},
	{"not all", FALSE, {I(ALL, FACT_OF(REQUESTER_ROLES), .codes = {4, 16, 17})}},
	{"only", TRUE, {I(ONLY, FACT_OF(REQUESTER_ROLES), .codes = {4, 16, 17})}},
	{"not only", FALSE, {I(ONLY, FACT_OF(REQUESTER_ROLES), .codes = {4})}},
	{"no codes are only these", TRUE, {I(ONLY, FACT_OF(DATA_FLAGS), .codes = {4})}},
	{"codes are not known", UNKNOWN(CONSENT_SIGNERS), {I(ONLY, FACT_OF(CONSENT_SIGNERS), .codes = {4})}},

	{"text", TRUE, {I(TEXT, FACT_OF(DATA_SITE), .text = "b")}},
	{"another text", FALSE, {I(TEXT, FACT_OF(DATA_SITE), .text = "bb")}},
	{"text as of the permit", TRUE, {I(TEXT, B 1, FACT_OF(DATA_SITE), .text = "z")}},
	{"text is not known", UNKNOWN(DISEASE), {I(TEXT, FACT_OF(DISEASE), .text = "z")}},
	{"text in a set", TRUE, {I(TSET, FACT_OF(DATA_SITE), .names = {"a", "b", "x"})}},
	{"text is the first", TRUE, {I(TSET, FACT_OF(DATA_SITE), .names = {"b", "c", "d", "e"})}},
	{"text is the last", TRUE, {I(TSET, FACT_OF(DATA_SITE), .names = {"a", "aa", "ab", "b"})}},
	{"text is not in the set", FALSE, {I(TSET, FACT_OF(DATA_SITE), .names = {"a", "ba", "x"})}},
	{"text is below all", FALSE, {I(TSET, FACT_OF(REQUESTER_COUNTRY), .names = {"a", "ba", "x"})}},
	{"text is not known", UNKNOWN(DISEASE), {I(TSET, FACT_OF(DISEASE), .names = {"z"})}},
	{"one in common", TRUE, {I(TANY, FACT_OF(STUDY_SITES), .names = {"0", "c", "d"})}},
	{"none in common", FALSE, {I(TANY, FACT_OF(STUDY_SITES), .names = {"0", "bb", "d"})}},
	{"none with no texts", FALSE, {I(TANY, FACT_OF(STUDY_COUNTRIES), .names = {"0", "bb", "d"})}},
	{"all", TRUE, {I(TALL, FACT_OF(STUDY_SITES), .names = {"a", "c"})}},
	{"not all", FALSE, {I(TALL, FACT_OF(STUDY_SITES), .names = {"a", "c", "d"})}},
	{"only", TRUE, {I(TONLY, FACT_OF(STUDY_SITES), .names = {"a", "b", "c", "d"})}},
	{"not only", FALSE, {I(TONLY, FACT_OF(STUDY_SITES), .names = {"a", "b"})}},
	{"no texts are only these", TRUE, {I(TONLY, FACT_OF(STUDY_COUNTRIES), .names = {"a"})}},
	{"texts are not known", UNKNOWN(STUDY_ORGANISATIONS), {I(TALL, FACT_OF(STUDY_ORGANISATIONS), .names = {"a"})}},
	{"the same", TRUE, {I(TSAME, FACT_OF(REQUESTER_COUNTRY), .other = CONTRACTS_FACT_DATA_COUNTRY)}},
	{"not the same", FALSE, {I(TSAME, FACT_OF(REQUESTER_ORGANISATION), .other = CONTRACTS_FACT_DATA_ORGANISATION)}},
	{"the other is not known", UNKNOWN(STUDY_SPONSOR), {I(TSAME, FACT_OF(REQUESTER_ORGANISATION), .other = CONTRACTS_FACT_STUDY_SPONSOR)}},
	{"in a fact", TRUE, {I(TIN, FACT_OF(DATA_SITE), .other = CONTRACTS_FACT_STUDY_SITES)}},
	{"not in a fact", FALSE, {I(TIN, B 1, FACT_OF(DATA_SITE), .other = CONTRACTS_FACT_STUDY_SITES)}},
	{"not in an empty one", FALSE, {I(TIN, FACT_OF(DATA_COUNTRY), .other = CONTRACTS_FACT_STUDY_COUNTRIES)}},
	{"in one that is not known", UNKNOWN(STUDY_ORGANISATIONS),
	 {I(TIN, FACT_OF(REQUESTER_ORGANISATION), .other = CONTRACTS_FACT_STUDY_ORGANISATIONS)}},

	{"skipped when false", FALSE, {I(FACT, FACT_OF(CONSENT_COVERS)), I(JF, V 1), I(FACT, FACT_OF(OF_AGE))}},
	{"not skipped when true", FALSE, {I(FACT, FACT_OF(OF_AGE)), I(JF, V 1), I(FACT, FACT_OF(CONSENT_COVERS))}},
	{"not skipped when not known", TRUE, {I(FACT, FACT_OF(CONSENT_WITHDRAWN)), I(JF, V 1), I(FACT, FACT_OF(OF_AGE))}},
	{"skipped when true", TRUE, {I(FACT, FACT_OF(OF_AGE)), I(JT, V 1), I(FACT, FACT_OF(CONSENT_COVERS))}},
	{"not skipped when false", TRUE, {I(FACT, FACT_OF(CONSENT_COVERS)), I(JT, V 1), I(FACT, FACT_OF(OF_AGE))}},
	{"not skipped when not known", TRUE, {I(FACT, FACT_OF(CONSENT_WITHDRAWN)), I(JT, V 1), I(FACT, FACT_OF(OF_AGE))}},
	{"two are skipped", FALSE,
	 {I(FACT, FACT_OF(CONSENT_COVERS)), I(JF, V 2), I(FACT, FACT_OF(OF_AGE)), I(FACT, FACT_OF(OF_AGE)), I(NOT, A 1)}},
};

START_TEST(condition_is_what_its_instructions_say)
{
	struct assembler *as = assembler_new("Contract", 1);
	struct contracts_facts now, permit;
	struct contracts_decision got, again;
	const struct contracts_program *program;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	for (unsigned i = 0; i < 8 && conditions[_i].code[i].op != 0; i++)
		add_step(as, &conditions[_i].code[i]);
	program = load(as);
	fill_facts(&now, &permit);
	contracts_decide(program, &now, &permit, NULL, contracts_program_cost(program).decide_gas, &got);
	ck_assert_msg(got.verdict == (conditions[_i].want == TRUE ? CONTRACTS_PERMIT : CONTRACTS_DENY), "%s", conditions[_i].what);
	ck_assert_int_eq(got.ground, conditions[_i].want == TRUE    ? CONTRACTS_GROUND_CLAUSE
				     : conditions[_i].want == FALSE ? CONTRACTS_GROUND_SILENCE
								    : CONTRACTS_GROUND_FAULT);
	ck_assert_msg(got.fault == (conditions[_i].want > TRUE ? conditions[_i].want : 0), "%s: %x", conditions[_i].what, got.fault);
	/* With just the gas that it used, and with one less. */
	contracts_decide(program, &now, &permit, NULL, got.gas, &again);
	ck_assert_mem_eq(&again, &got, sizeof(got));
	contracts_decide(program, &now, &permit, NULL, got.gas - 1, &again);
	ck_assert_int_eq(again.verdict, CONTRACTS_DENY);
	ck_assert_int_eq(again.ground, CONTRACTS_GROUND_FAULT);
	ck_assert_uint_eq(again.fault, GAS);
	ck_assert_uint_eq(again.clause, CONTRACTS_NO_CLAUSE);
	ck_assert_uint_eq(again.gas, got.gas - 1);
	ck_assert_uint_eq(again.matched[0], 0);
}
END_TEST

/* What is skipped is not paid for. */
START_TEST(gas_when_a_jump_skips_is_less)
{
	struct assembler *as = assembler_new("Contract", 1);
	const struct contracts_program *program;
	struct contracts_facts now, permit;
	struct contracts_decision got;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	OP(as, FACT, .imm = CONTRACTS_FACT_OF_AGE);
	OP(as, JF, .imm = 2);
	OP(as, TIN, .a = 1, .imm = CONTRACTS_FACT_DATA_SITE, .high = CONTRACTS_FACT_STUDY_SITES);
	OP(as, AND, .c = 1);
	program = load(as);
	fill_facts(&now, &permit);
	ck_assert_uint_eq(contracts_program_cost(program).decide_gas, 12 + 39);
	contracts_decide(program, &now, &permit, NULL, 1000, &got);
	ck_assert_uint_eq(got.gas, 12 + 39);
	contracts_decide(program, &permit, NULL, NULL, 1000, &got);
	ck_assert_uint_eq(got.gas, 12 + 2);
}
END_TEST

/* ---- Decisions ---------------------------------------------------------- */

/* Clauses a to d, each true, false or faulty by its code, with an effect; what comes of it. */
static const struct {
	const char *clauses; /* effect p, f, r; then t, f, u (consent-withdrawn), v (consent date) */
	enum contracts_verdict verdict;
	enum contracts_ground ground;
	uint32_t clause;
	contracts_fault fault;
	uint64_t matched, obligations; /* obligation n belongs to clause n */
} decisions[] = {
	{"pf", CONTRACTS_DENY, CONTRACTS_GROUND_SILENCE, CONTRACTS_NO_CLAUSE, 0, 0, 0},
	{"pt", CONTRACTS_PERMIT, CONTRACTS_GROUND_CLAUSE, 0, 0, 1, 1},
	{"rt", CONTRACTS_REFER, CONTRACTS_GROUND_CLAUSE, 0, 0, 1, 1},
	{"ft", CONTRACTS_DENY, CONTRACTS_GROUND_CLAUSE, 0, 0, 1, 1},
	{"ff", CONTRACTS_DENY, CONTRACTS_GROUND_SILENCE, CONTRACTS_NO_CLAUSE, 0, 0, 0},
	{"ptpt", CONTRACTS_PERMIT, CONTRACTS_GROUND_CLAUSE, 0, 0, 3, 3},
	{"pfpt", CONTRACTS_PERMIT, CONTRACTS_GROUND_CLAUSE, 1, 0, 2, 2},
	{"ptft", CONTRACTS_DENY, CONTRACTS_GROUND_CLAUSE, 1, 0, 3, 2},
	{"ptrt", CONTRACTS_REFER, CONTRACTS_GROUND_CLAUSE, 1, 0, 3, 3},
	{"ptrtft", CONTRACTS_DENY, CONTRACTS_GROUND_CLAUSE, 2, 0, 7, 4},
	{"ptpu", CONTRACTS_DENY, CONTRACTS_GROUND_FAULT, 1, UNKNOWN(CONSENT_WITHDRAWN), 1, 0},
	{"pvpu", CONTRACTS_DENY, CONTRACTS_GROUND_FAULT, 0, UNKNOWN(CONSENT_DATE), 0, 0},
	{"rtfv", CONTRACTS_DENY, CONTRACTS_GROUND_FAULT, 1, UNKNOWN(CONSENT_DATE), 1, 0},
	{"puft", CONTRACTS_DENY, CONTRACTS_GROUND_CLAUSE, 1, 0, 2, 2},
	{"ftft", CONTRACTS_DENY, CONTRACTS_GROUND_CLAUSE, 0, 0, 3, 3},
	{"rtrtptpf", CONTRACTS_REFER, CONTRACTS_GROUND_CLAUSE, 0, 0, 7, 7},
};

START_TEST(decision_is_by_effect_and_not_by_order)
{
	struct assembler *as = assembler_new("Contract", 1);
	const struct contracts_program *program;
	struct contracts_facts now, permit;
	struct contracts_decision got;
	static const char *const names[] = {"a", "b", "c", "d"};
	unsigned count = (unsigned)strlen(decisions[_i].clauses) / 2;

	/* Written from the last to the first: the table puts them in order. */
	for (unsigned i = count; i-- > 0;) {
		const char *clause = decisions[_i].clauses + (size_t)2 * i;

		(void)assembler_clause(as, names[i], clause[0] == 'p'   ? CONTRACTS_PERMITS
						     : clause[0] == 'f' ? CONTRACTS_FORBIDS
									: CONTRACTS_REFERS);
		assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
			CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER, ASSEMBLER_NONE, (uint16_t)(i + 1), ASSEMBLER_NONE}));
		if (clause[1] == 'v') {
			OP(as, LAST, .a = 1, .imm = CONTRACTS_FACT_CONSENT_DATE);
			OP(as, EQ, .b = 1, .c = 1);
		} else {
			OP(as, FACT, .imm = clause[1] == 't'   ? CONTRACTS_FACT_OF_AGE
					    : clause[1] == 'f' ? CONTRACTS_FACT_CONSENT_COVERS
							       : CONTRACTS_FACT_CONSENT_WITHDRAWN);
		}
	}
	program = load(as);
	fill_facts(&now, &permit);
	contracts_decide(program, &now, NULL, NULL, CONTRACTS_GAS_MAX, &got);
	ck_assert_int_eq(got.verdict, decisions[_i].verdict);
	ck_assert_int_eq(got.ground, decisions[_i].ground);
	ck_assert_uint_eq(got.clause, decisions[_i].clause);
	ck_assert_uint_eq(got.fault, decisions[_i].fault);
	ck_assert_uint_eq(got.matched[0], decisions[_i].matched);
	ck_assert_uint_eq(got.obligations[0], decisions[_i].obligations);
	ck_assert_int_eq(got.expires, INT64_MAX);
}
END_TEST

/* Actions, categories and purposes of a clause: true, false, not known; and the code that is not run. */
static const struct {
	int64_t action, category, purpose; /* -1: not known */
	contracts_fault want;              /* TRUE, FALSE, or a fault */
	uint64_t gas;
} uses[] = {
	{3, 1, 105, TRUE, 13},
	{4, 1, 105, FALSE, 12},
	{3, 2, 105, FALSE, 12},
	{3, 1, 64, FALSE, 12},
	{-1, 1, 105, UNKNOWN(ACTION), 13},
	{3, -1, 105, UNKNOWN(DATA_CATEGORY), 13},
	{3, 1, -1, UNKNOWN(PURPOSE), 13},
	{-1, -1, -1, UNKNOWN(ACTION), 13},
	{-1, 2, -1, FALSE, 12},
	{4, -1, 105, FALSE, 12},
	{200, 1, 105, CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_ACTION), 13},
	{3, 14, 105, CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_DATA_CATEGORY), 13},
	{3, 1, 5, CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_PURPOSE), 13},
	{200, 1, -1, UNKNOWN(PURPOSE), 13},
	{INT64_MIN, 1, 105, CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_ACTION), 13},
	{3, INT64_MAX, 105, CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_DATA_CATEGORY), 13},
};

START_TEST(clause_matches_what_it_is_about)
{
	struct assembler *as = assembler_new("Contract", 1);
	struct assembler_rule *clause = assembler_clause(as, "clause", CONTRACTS_PERMITS);
	const struct contracts_program *program;
	struct contracts_facts now, permit;
	struct contracts_decision got;

	clause->actions = 1 << 3 | 1 << 5;
	clause->categories = 1 << 1;
	clause->purposes = assembler_code(as, 105);
	OP(as, FACT, .imm = CONTRACTS_FACT_OF_AGE);
	program = load(as);
	fill_facts(&now, &permit);
	set(&now, CONTRACTS_FACT_ACTION, uses[_i].action);
	set(&now, CONTRACTS_FACT_DATA_CATEGORY, uses[_i].category);
	set(&now, CONTRACTS_FACT_PURPOSE, uses[_i].purpose);
	now.fact[CONTRACTS_FACT_ACTION].known = uses[_i].action != -1;
	now.fact[CONTRACTS_FACT_DATA_CATEGORY].known = uses[_i].category != -1;
	now.fact[CONTRACTS_FACT_PURPOSE].known = uses[_i].purpose != -1;
	contracts_decide(program, &now, NULL, NULL, CONTRACTS_GAS_MAX, &got);
	ck_assert_int_eq(got.verdict, uses[_i].want == TRUE ? CONTRACTS_PERMIT : CONTRACTS_DENY);
	ck_assert_int_eq(got.ground, uses[_i].want == TRUE    ? CONTRACTS_GROUND_CLAUSE
				     : uses[_i].want == FALSE ? CONTRACTS_GROUND_SILENCE
							      : CONTRACTS_GROUND_FAULT);
	ck_assert_uint_eq(got.fault, uses[_i].want > TRUE ? uses[_i].want : 0);
	ck_assert_uint_eq(got.gas, uses[_i].gas);
}
END_TEST

static const struct {
	int64_t now; /* -1: not known */
	struct {
		uint8_t due;
		int64_t time;
	} expire[2];
	int64_t expires; /* -1: a fault */
	contracts_fault fault;
} expiries[] = {
	{NOW, {{0, 0}, {0, 0}}, INT64_MAX, 0},
	{NOW, {{CONTRACTS_DUE_AFTER, DAY_MS}, {0, 0}}, NOW + DAY_MS, 0},
	{NOW, {{CONTRACTS_DUE_MONTHS, 1}, {0, 0}}, NOW + 30 * DAY_MS, 0},
	{NOW, {{CONTRACTS_DUE_AT, 5}, {0, 0}}, 5, 0},
	{NOW, {{CONTRACTS_DUE_AT, END}, {0, 0}}, END, 0},
	{NOW, {{CONTRACTS_DUE_MONTHS, 1}, {CONTRACTS_DUE_AFTER, DAY_MS}}, NOW + DAY_MS, 0},
	{NOW, {{CONTRACTS_DUE_AT, NOW}, {CONTRACTS_DUE_AFTER, DAY_MS}}, NOW, 0},
	{-1, {{CONTRACTS_DUE_AT, 5}, {0, 0}}, 5, 0},
	{-1, {{CONTRACTS_DUE_AFTER, DAY_MS}, {0, 0}}, -1, UNKNOWN(NOW)},
	{-1, {{CONTRACTS_DUE_AT, 5}, {CONTRACTS_DUE_MONTHS, 1}}, -1, UNKNOWN(NOW)},
	{END - 5, {{CONTRACTS_DUE_AFTER, 4}, {0, 0}}, END - 1, 0},
	{END - 5, {{CONTRACTS_DUE_AFTER, 5}, {0, 0}}, -1, OVERFLOW},
	{END - 5, {{CONTRACTS_DUE_MONTHS, 1}, {CONTRACTS_DUE_AT, 5}}, -1, OVERFLOW},
};

START_TEST(expiry_is_the_first_of_all)
{
	struct assembler *as = assembler_new("Contract", 1);
	const struct contracts_program *program;
	struct contracts_facts now, permit;
	struct contracts_decision got;

	(void)assembler_clause(as, "clause", _i % 2 == 0 ? CONTRACTS_PERMITS : CONTRACTS_REFERS);
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_REPORT, CONTRACTS_DUE_AFTER, assembler_integer(as, 1), 0, ASSEMBLER_NONE}));
	for (unsigned i = 0; i < 2 && expiries[_i].expire[i].due != 0; i++)
		assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
			CONTRACTS_EXPIRE, expiries[_i].expire[i].due, assembler_integer(as, expiries[_i].expire[i].time), 0,
			ASSEMBLER_NONE}));
	program = load(as);
	fill_facts(&now, &permit);
	set(&now, CONTRACTS_FACT_NOW, expiries[_i].now);
	now.fact[CONTRACTS_FACT_NOW].known = expiries[_i].now != -1;
	contracts_decide(program, &now, NULL, NULL, CONTRACTS_GAS_MAX, &got);
	ck_assert_uint_eq(got.fault, expiries[_i].fault);
	ck_assert_uint_eq(got.clause, 0);
	ck_assert_uint_eq(got.matched[0], 1);
	if (expiries[_i].fault == 0) {
		ck_assert_int_eq(got.verdict, _i % 2 == 0 ? CONTRACTS_PERMIT : CONTRACTS_REFER);
		ck_assert_int_eq(got.expires, expiries[_i].expires);
		ck_assert_uint_ne(got.obligations[0], 0);
	} else {
		ck_assert_int_eq(got.verdict, CONTRACTS_DENY);
		ck_assert_int_eq(got.ground, CONTRACTS_GROUND_FAULT);
		ck_assert_int_eq(got.expires, INT64_MAX);
		ck_assert_uint_eq(got.obligations[0], 0);
	}
}
END_TEST

/* A clause that speaks of tallies. */
START_TEST(tally_when_read_is_what_was_given)
{
	static const struct {
		struct contracts_tally_value value;
		bool given, of_group;
		contracts_fault want;
	} tallies[] = {
		{{.known = true, .total = 10}, true, false, TRUE},
		{{.known = true, .total = 9}, true, false, FALSE},
		{{.known = false, .total = 10}, true, false, CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, 0)},
		{{.known = true, .total = 10}, false, false, CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, 0)},
		{{.known = true, .total = 9, .has_group = true, .group = 10}, true, true, TRUE},
		{{.known = true, .total = 10, .has_group = true, .group = 9}, true, true, FALSE},
		{{.known = true, .total = 10, .has_group = false, .group = 10}, true, true, CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, 0)},
	};
	struct contracts_facts now, permit;
	struct contracts_decision got;

	for (int i = 0; i < COUNT(tallies); i++) {
		struct assembler *as = assembler_new("Contract", 1);
		struct assembler_rule *tally = assembler_tally(as, "tally", 2);
		const struct contracts_program *program;

		tally->by = CONTRACTS_BY_SITE;
		(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
		OP(as, TALLY, .a = 1, .b = tallies[i].of_group, .imm = 0);
		OP(as, INT, .a = 2, .imm = assembler_integer(as, 10));
		OP(as, EQ, .b = 1, .c = 2);
		program = load(as);
		fill_facts(&now, &permit);
		contracts_decide(program, &now, NULL, tallies[i].given ? &tallies[i].value : NULL, CONTRACTS_GAS_MAX, &got);
		ck_assert_int_eq(got.verdict, tallies[i].want == TRUE ? CONTRACTS_PERMIT : CONTRACTS_DENY);
		ck_assert_uint_eq(got.fault, tallies[i].want > TRUE ? tallies[i].want : 0);
	}
}
END_TEST

/* ---- Events ------------------------------------------------------------- */

enum { ENROLLED = 1, VISITS = 4 };

/* Tallies: "a" enrolments of adults (study), "b" enrolments and visits (by site). Milestones: "half" a reaches 5 and b's
 * total is below 100, "site" b's group reaches 3 (stop), "study" a reaches 5 (stop). */
static const struct contracts_program *trial(void)
{
	struct assembler *as = assembler_new("Trial", 1);
	struct assembler_rule *rule;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	rule = assembler_tally(as, "a", 1 << ENROLLED);
	OP(as, FACT, .imm = CONTRACTS_FACT_APPROVAL_VALID);
	rule = assembler_tally(as, "b", 1 << ENROLLED | 1 << VISITS);
	rule->by = CONTRACTS_BY_SITE;
	(void)assembler_milestone(as, "half", 1, 5);
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER, ASSEMBLER_NONE, 2, ASSEMBLER_NONE}));
	OP(as, TALLY, .a = 1, .imm = 2);
	OP(as, INT, .a = 2, .imm = assembler_integer(as, 100));
	OP(as, LT, .b = 1, .c = 2);
	rule = assembler_milestone(as, "site", 2, 3);
	rule->of_group = 1;
	rule->stop = 1;
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER, ASSEMBLER_NONE, 4, ASSEMBLER_NONE}));
	rule = assembler_milestone(as, "study", 1, 5);
	rule->stop = 1;
	return load(as);
}

#define FAULT_TALLY(n) CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, n)
#define KNOWN(total_, group_) {.known = true, .total = (total_), .has_group = true, .group = (group_)}
static const struct {
	int64_t event, approval; /* -1: not known */
	struct contracts_tally_value tallies[2];
	contracts_fault fault;
	uint32_t counted, reached;
	uint64_t obligations, gas;
	bool stop_study, stop_site;
} events[] = {
	{ENROLLED, 1, {KNOWN(0, 0), KNOWN(0, 0)}, 0, 3, 0, 0, 21, false, false},
	{VISITS, 1, {KNOWN(0, 0), KNOWN(0, 0)}, 0, 2, 0, 0, 20, false, false},
	{VISITS, -1, {KNOWN(0, 0), KNOWN(0, 0)}, 0, 2, 0, 0, 20, false, false},
	{2, 1, {KNOWN(0, 0), KNOWN(0, 0)}, 0, 0, 0, 0, 20, false, false},
	{ENROLLED, 0, {KNOWN(4, 0), KNOWN(0, 0)}, 0, 2, 0, 0, 21, false, false},
	{ENROLLED, -1, {KNOWN(4, 0), KNOWN(0, 0)}, UNKNOWN(APPROVAL_VALID), 0, 0, 0, 13, false, false},
	{-1, 1, {KNOWN(4, 0), KNOWN(0, 0)}, UNKNOWN(EVENT), 0, 0, 0, 13, false, false},
	{-1, 0, {KNOWN(4, 0), KNOWN(0, 0)}, UNKNOWN(EVENT), 0, 0, 0, 15, false, false},
	{99, 1, {KNOWN(4, 0), KNOWN(0, 0)}, CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, CONTRACTS_FACT_EVENT), 0, 0, 0, 13, false, false},
	{ENROLLED, 1, {KNOWN(4, 0), KNOWN(98, 0)}, 0, 3, 5, 1, 25, true, false},
	{ENROLLED, 1, {KNOWN(4, 0), KNOWN(99, 0)}, 0, 3, 4, 0, 24, true, false},
	{ENROLLED, 1, {KNOWN(5, 0), KNOWN(98, 0)}, 0, 3, 0, 0, 21, false, false},
	{ENROLLED, 1, {KNOWN(3, 0), KNOWN(98, 2)}, 0, 3, 2, 2, 22, false, true},
	{ENROLLED, 1, {KNOWN(4, 4), KNOWN(98, 2)}, 0, 3, 7, 3, 26, true, true},
	{VISITS, 1, {KNOWN(4, 0), KNOWN(98, 2)}, 0, 2, 2, 2, 21, false, true},
	{ENROLLED, 1, {{.known = false}, KNOWN(0, 0)}, FAULT_TALLY(0), 0, 0, 0, 13, false, false},
	{VISITS, 1, {{.known = false}, KNOWN(0, 0)}, 0, 2, 0, 0, 20, false, false},
	{VISITS, 1, {KNOWN(4, 0), {.known = true, .total = 3}}, FAULT_TALLY(1), 0, 0, 0, 14, false, false},
	{ENROLLED, 1, {{.known = true, .total = 3}, KNOWN(1, 1)}, 0, 3, 0, 0, 21, false, false},
	{ENROLLED, 1, {KNOWN(INT64_MAX, 0), KNOWN(1, 1)}, CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0), 0, 0, 0, 13, false, false},
	{ENROLLED, 1, {KNOWN(1, 1), KNOWN(1, INT64_MAX)}, CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 1), 0, 0, 0, 15, false, false},
};

START_TEST(event_counts_and_reaches)
{
	const struct contracts_program *program = trial();
	struct contracts_facts facts, permit;
	struct contracts_count got, again;

	fill_facts(&facts, &permit);
	set(&facts, CONTRACTS_FACT_EVENT, events[_i].event);
	set(&facts, CONTRACTS_FACT_APPROVAL_VALID, events[_i].approval);
	facts.fact[CONTRACTS_FACT_EVENT].known = events[_i].event != -1;
	facts.fact[CONTRACTS_FACT_APPROVAL_VALID].known = events[_i].approval != -1;
	contracts_count(program, &facts, events[_i].tallies, contracts_program_cost(program).event_gas, &got);
	ck_assert_uint_eq(got.fault, events[_i].fault);
	ck_assert_uint_eq(got.counted, events[_i].counted);
	ck_assert_uint_eq(got.reached, events[_i].reached);
	ck_assert_uint_eq(got.obligations[0], events[_i].obligations);
	ck_assert_uint_eq(got.gas, events[_i].gas);
	ck_assert_int_eq(got.stop_study, events[_i].stop_study);
	ck_assert_int_eq(got.stop_site, events[_i].stop_site);
	contracts_count(program, &facts, events[_i].tallies, got.gas, &again);
	ck_assert_mem_eq(&again, &got, sizeof(got));
	for (uint64_t gas = 0; gas < got.gas; gas++) {
		contracts_count(program, &facts, events[_i].tallies, gas, &again);
		ck_assert_uint_eq(again.fault, GAS);
		ck_assert_uint_eq(again.gas, gas);
		ck_assert_uint_eq(again.counted | again.reached, 0);
	}
}
END_TEST

/* Of what counts a participant, a group's milestone stops the study. */
START_TEST(stop_when_not_of_a_site_is_of_the_study)
{
	struct assembler *as = assembler_new("Trial", 1);
	struct assembler_rule *rule;
	const struct contracts_program *program;
	const struct contracts_tally_value tally = KNOWN(7, 2);
	struct contracts_facts facts, permit;
	struct contracts_count got;

	(void)assembler_clause(as, "clause", CONTRACTS_PERMITS);
	rule = assembler_tally(as, "a", 1 << VISITS);
	rule->by = CONTRACTS_BY_PARTICIPANT;
	rule = assembler_milestone(as, "third visit", 1, 3);
	rule->of_group = 1;
	rule->stop = 1;
	program = load(as);
	fill_facts(&facts, &permit);
	set(&facts, CONTRACTS_FACT_EVENT, VISITS);
	contracts_count(program, &facts, &tally, CONTRACTS_GAS_MAX, &got);
	ck_assert_uint_eq(got.reached, 1);
	ck_assert(got.stop_study && !got.stop_site);
	/* Without values nothing is known. */
	contracts_count(program, &facts, NULL, CONTRACTS_GAS_MAX, &got);
	ck_assert_uint_eq(got.fault, FAULT_TALLY(0));
	set(&facts, CONTRACTS_FACT_EVENT, ENROLLED);
	contracts_count(program, &facts, NULL, CONTRACTS_GAS_MAX, &got);
	ck_assert_uint_eq(got.fault, 0);
}
END_TEST

/* ---- Gas ---------------------------------------------------------------- */

/* With every amount below what is used, the decision is the fault that says so; with more it is the same. */
START_TEST(decision_when_gas_is_short_is_a_fault)
{
	struct assembler *as = sample_everything();
	const struct contracts_program *program = load(as);
	struct contracts_facts now, permit;
	struct contracts_decision full, got;

	fill_facts(&now, &permit);
	set(&now, CONTRACTS_FACT_ACTION, 3);
	contracts_decide(program, &now, &permit, NULL, contracts_program_cost(program).decide_gas, &full);
	ck_assert_uint_gt(full.gas, 100);
	for (uint64_t gas = 0; gas < full.gas + 20; gas++) {
		memset(&got, 0xa5, sizeof(got));
		contracts_decide(program, &now, &permit, NULL, gas, &got);
		if (gas >= full.gas) {
			ck_assert_uint_eq(got.gas, full.gas);
			ck_assert_uint_eq(got.fault, full.fault);
			ck_assert_uint_eq(got.clause, full.clause);
			ck_assert_mem_eq(got.matched, full.matched, sizeof(got.matched));
			continue;
		}
		ck_assert_int_eq(got.verdict, CONTRACTS_DENY);
		ck_assert_int_eq(got.ground, CONTRACTS_GROUND_FAULT);
		ck_assert_uint_eq(got.fault, GAS);
		ck_assert_uint_eq(got.gas, gas);
		ck_assert_uint_eq(got.matched[0] | got.obligations[0], 0);
		ck_assert_int_eq(got.expires, INT64_MAX);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, condition_is_what_its_instructions_say, 0, COUNT(conditions));
	tcase_add_test(tc, gas_when_a_jump_skips_is_less);
	tcase_add_loop_test(tc, decision_is_by_effect_and_not_by_order, 0, COUNT(decisions));
	tcase_add_loop_test(tc, clause_matches_what_it_is_about, 0, COUNT(uses));
	tcase_add_loop_test(tc, expiry_is_the_first_of_all, 0, COUNT(expiries));
	tcase_add_test(tc, tally_when_read_is_what_was_given);
	tcase_add_loop_test(tc, event_counts_and_reaches, 0, COUNT(events));
	tcase_add_test(tc, stop_when_not_of_a_site_is_of_the_study);
	tcase_add_test(tc, decision_when_gas_is_short_is_a_fault);
}

int main(void)
{
	return support_run("contracts vm", fill);
}
