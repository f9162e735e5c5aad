#include "tests/contracts/random_program.h"

#include "tests/contracts/states.h"

/* Registers 0 to 3 are truths, 4 to 7 integers, from the beginning on: so jumps may go anywhere. */
#define TRUTHS 4
#define REGISTERS 8

static unsigned random_fact(uint64_t *seed, unsigned types, bool of_events, unsigned sort)
{
	for (;;) {
		unsigned id = states_below(seed, CONTRACTS_FACT_COUNT);

		if (contracts_fact_name(id) == NULL || (types >> (unsigned)contracts_fact_type(id) & 1) == 0)
			continue;
		if (of_events ? !contracts_fact_of_events(id) : id == CONTRACTS_FACT_EVENT)
			continue;
		if (sort < 7 && tables_facts[id].sort != sort)
			continue;
		return id;
	}
}

static unsigned random_codes(uint64_t *seed, struct assembler *as, enum contracts_list list)
{
	struct contracts_codes all = contracts_list_codes(list), codes = {{0}};

	for (unsigned n = 1 + states_below(seed, 4); n > 0;) {
		unsigned code = states_code(seed, list);

		if ((all.bits[code / 64] >> (code % 64) & 1) == 0)
			continue;
		codes.bits[code / 64] |= UINT64_C(1) << (code % 64);
		n--;
	}
	return assembler_codes(as, codes);
}

static unsigned random_texts(uint64_t *seed, struct assembler *as, unsigned fact)
{
	const char *list[STATES_TEXTS];
	unsigned count = 1 + states_below(seed, STATES_TEXTS);

	for (unsigned i = 0; i < count; i++)
		list[i] = states_texts[tables_facts[fact].sort][states_below(seed, STATES_TEXTS)].data;
	return assembler_texts(as, list, count);
}

static int64_t random_integer(uint64_t *seed)
{
	static const int64_t some[] = {0, 1, -1, 2, 7, 12, -12, 50, STATES_DAY, 180 * STATES_DAY, INT64_MAX, INT64_MIN, 3037000500};

	if (states_below(seed, 3) == 0)
		return states_instants[states_below(seed, STATES_INSTANTS)];
	return some[states_below(seed, sizeof(some) / sizeof(some[0]))];
}

#define TYPE(name) (1u << CONTRACTS_##name)

static void random_of_facts(uint64_t *seed, struct assembler *as, struct assembler_instruction *in, bool of_events)
{
	enum contracts_list list;

	in->b = of_events ? 0 : (uint8_t)states_below(seed, 2);
	in->a = (uint8_t)states_below(seed, TRUTHS);
	if (in->op == BYTECODE_KNOWN) {
		in->imm = random_fact(seed, 0xff, of_events, 7);
	} else if (in->op == BYTECODE_FACT || in->op == BYTECODE_LAST || in->op == BYTECODE_COUNT) {
		unsigned types = in->op == BYTECODE_FACT   ? TYPE(BOOL) | TYPE(DATE)
				 : in->op == BYTECODE_LAST ? TYPE(DATE)
							   : TYPE(TEXT_SET);

		in->imm = random_fact(seed, types, of_events, 7);
		if (contracts_fact_type(in->imm) != CONTRACTS_BOOL)
			in->a = (uint8_t)(in->a + TRUTHS);
	} else if (in->op <= BYTECODE_ONLY) {
		if (of_events)
			in->op = BYTECODE_CODE; /* no fact of events is a set of codes */
		in->imm = random_fact(seed, in->op == BYTECODE_CODE ? TYPE(CODE) : TYPE(CODE_SET), of_events, 7);
		if (contracts_fact_list(in->imm, &list))
			in->high = random_codes(seed, as, list);
	} else if (in->op <= BYTECODE_TONLY) {
		in->imm = random_fact(seed, in->op <= BYTECODE_TSET ? TYPE(TEXT) : TYPE(TEXT_SET), of_events, 7);
		in->high = in->op == BYTECODE_TEXT
				   ? assembler_text(as, states_texts[tables_facts[in->imm].sort][states_below(seed, STATES_TEXTS)].data)
				   : random_texts(seed, as, in->imm);
	} else if (in->op == BYTECODE_TIN) {
		in->high = random_fact(seed, TYPE(TEXT_SET), of_events, 7);
		in->imm = random_fact(seed, TYPE(TEXT), of_events, tables_facts[in->high].sort);
	} else {
		in->imm = random_fact(seed, TYPE(TEXT), of_events, TABLES_ORGANISATION);
		do
			in->high = random_fact(seed, TYPE(TEXT), of_events, TABLES_ORGANISATION);
		while (in->high == in->imm);
		if (in->high < in->imm) {
			uint32_t first = in->high;

			in->high = in->imm;
			in->imm = first;
		}
	}
}

static void random_of_registers(uint64_t *seed, struct assembler *as, struct assembler_instruction *in, unsigned left)
{
	bool integers = in->op >= BYTECODE_ADD && in->op <= BYTECODE_EQ;
	uint8_t base = integers ? TRUTHS : 0;

	in->a = (uint8_t)(states_below(seed, TRUTHS) + (in->op >= BYTECODE_ADD && in->op <= BYTECODE_EARLIER ? TRUTHS : 0));
	if (in->op == BYTECODE_JF || in->op == BYTECODE_JT) {
		in->imm = 1 + states_below(seed, left);
		return;
	}
	in->b = (uint8_t)(base + states_below(seed, TRUTHS));
	if (in->op == BYTECODE_MONTHS)
		in->imm = assembler_integer(as, (int64_t)states_below(seed, 24001) - 12000);
	else if (in->op != BYTECODE_NOT)
		in->c = (uint8_t)(base + states_below(seed, TRUTHS));
}

static const uint8_t all_ops[] = {
#define OP_NUMBER(number, name) (number),
	BYTECODE_OPS(OP_NUMBER)
#undef OP_NUMBER
};

static void random_condition(uint64_t *seed, struct assembler *as, enum assembler_kind kind, unsigned tallies)
{
	bool of_events = kind != ASSEMBLER_CLAUSE;
	unsigned count = states_below(seed, 24);

	if (states_below(seed, 6) == 0)
		return;
	for (uint8_t i = 0; i < TRUTHS; i++)
		OP(as, KNOWN, .a = i, .imm = random_fact(seed, 0xff, of_events, 7));
	for (uint8_t i = TRUTHS; i < REGISTERS; i++)
		OP(as, INT, .a = i, .imm = assembler_integer(as, random_integer(seed)));
	for (unsigned i = 0; i < count; i++) {
		struct assembler_instruction in = {.op = all_ops[states_below(seed, sizeof(all_ops))]};

		if ((in.op == BYTECODE_JF || in.op == BYTECODE_JT) && i + 1 == count)
			in.op = BYTECODE_NOT;
		if (in.op == BYTECODE_TALLY && (tallies == 0 || kind == ASSEMBLER_TALLY))
			in.op = BYTECODE_INT;
		if (in.op == BYTECODE_TALLY) {
			in.a = (uint8_t)(TRUTHS + states_below(seed, TRUTHS));
			in.imm = states_below(seed, tallies);
			in.b = as->rules[in.imm].by == CONTRACTS_BY_STUDY ? 0 : (uint8_t)states_below(seed, 2);
		} else if (in.op == BYTECODE_INT) {
			in.a = (uint8_t)(TRUTHS + states_below(seed, TRUTHS));
			in.imm = assembler_integer(as, random_integer(seed));
		} else if (in.op <= BYTECODE_TIN) {
			random_of_facts(seed, as, &in, of_events);
		} else {
			random_of_registers(seed, as, &in, count - i - 1);
		}
		assembler_op(as, in);
	}
}

static void random_duties(uint64_t *seed, struct assembler *as, bool notify)
{
	static const int64_t times_of[][2] = {{0, 0}, {1, 180 * STATES_DAY}, {1, 240}, {1, BYTECODE_INSTANT_END}};

	for (unsigned n = states_below(seed, 4); n > 0; n--) {
		struct assembler_obligation obligation = {CONTRACTS_NOTIFY, 0, ASSEMBLER_NONE, (uint16_t)(1 + states_below(seed, 20)),
							  ASSEMBLER_NONE};
		struct assembler_rule *rule = &as->rules[as->rules_count - 1];
		unsigned handle;
		bool have = false;

		if (!notify && states_below(seed, 3) != 0) {
			obligation.duty = (uint8_t)(2 + states_below(seed, 5));
			obligation.due = (uint8_t)(1 + states_below(seed, 3));
			obligation.role = 0;
			obligation.integer = assembler_integer(as, times_of[obligation.due][states_below(seed, 2)]);
		}
		handle = assembler_obligation(as, obligation);
		for (unsigned i = 0; i < rule->duties_count; i++)
			have = have || rule->duties[i] == handle;
		if (!have)
			assembler_duty(as, handle);
	}
}

struct assembler *random_program(uint64_t *seed)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	struct assembler *as = assembler_new("Random", 1 + states_below(seed, 9));
	unsigned tallies = states_below(seed, 4), clauses = 1 + states_below(seed, 5);

	for (unsigned i = 0; i < tallies; i++) {
		struct assembler_rule *tally = assembler_tally(as, names[i], 2u << states_below(seed, 4));

		tally->by = (uint8_t)states_below(seed, 3);
		random_condition(seed, as, ASSEMBLER_TALLY, tallies);
	}
	for (unsigned i = 0; i < tallies; i++) {
		struct assembler_rule *milestone = assembler_milestone(as, names[i], i, 1 + states_below(seed, 12));

		milestone->of_group = as->rules[i].by != CONTRACTS_BY_STUDY && states_below(seed, 2) == 0;
		milestone->stop = (uint8_t)states_below(seed, 2);
		random_duties(seed, as, true);
		random_condition(seed, as, ASSEMBLER_MILESTONE, tallies);
	}
	for (unsigned i = 0; i < clauses; i++) {
		enum contracts_effect effect = (enum contracts_effect)(1 + states_below(seed, 3));
		struct assembler_rule *clause = assembler_clause(as, names[i], effect);

		if (states_below(seed, 2) == 0)
			clause->actions = 8u << states_below(seed, 6) | 8u << states_below(seed, 6);
		if (states_below(seed, 2) == 0)
			clause->categories = 2u << states_below(seed, 13) | 2u << states_below(seed, 13);
		if (states_below(seed, 3) == 0)
			clause->purposes = random_codes(seed, as, CONTRACTS_PURPOSES);
		random_duties(seed, as, effect == CONTRACTS_FORBIDS);
		random_condition(seed, as, ASSEMBLER_CLAUSE, tallies);
	}
	return as;
}
