/* V8 to V13: what the code of a bytecode does, proved in one pass forward; and contracts_load
 * (docs/formats/contract-code.md, §3 to §5). */
#include "contracts/arena.h"
#include "contracts/program.h"
#include "contracts/tables.h"

#include <string.h>

enum operand_b { B_ZERO, B_REGISTER, B_RECORD, B_GROUP };
enum operand_imm { IMM_ZERO, IMM_INTEGER, IMM_MONTHS, IMM_TALLY, IMM_SKIP, IMM_FACT, IMM_CODES, IMM_TEXT, IMM_TEXTS, IMM_FACTS };
enum kind { KIND_NONE, KIND_TRUTH, KIND_INTEGER, KIND_FACT /* as the fact's type is */ };

/* What an instruction asks for, and what it leaves behind. */
struct rule {
	enum operand_b b;
	enum kind reads; /* type of registers that are read */
	enum operand_imm imm;
	enum kind result;
	uint32_t gas;        /* without what depends on a constant's size */
	uint8_t types;       /* of the fact: a bit each */
	uint8_t types_other; /* IMM_FACTS: of the other */
	bool c;              /* a second register */
};

#define TYPE(name) (1u << CONTRACTS_##name)
#define NUMBERS (TYPE(BOOL) | TYPE(INTEGER) | TYPE(DURATION) | TYPE(DATE))
#define ANY_TYPE 0xffu
#define FACT_RULE(imm_, types_, result_, gas_)                                                                                \
	{.b = B_RECORD, .imm = (imm_), .types = (types_), .result = (result_), .gas = (gas_)}
#define TWO(kind, result_) {.b = B_REGISTER, .c = true, .reads = (kind), .result = (result_), .gas = 1}
#define JUMP {.reads = KIND_TRUTH, .imm = IMM_SKIP, .gas = 1}

/* Gas 0: there is no such op. */
static const struct rule rules[256] = {
	[BYTECODE_INT] = {.imm = IMM_INTEGER, .result = KIND_INTEGER, .gas = 1},
	[BYTECODE_FACT] = FACT_RULE(IMM_FACT, NUMBERS, KIND_FACT, 1),
	[BYTECODE_LAST] = FACT_RULE(IMM_FACT, TYPE(DATE), KIND_INTEGER, 1),
	[BYTECODE_KNOWN] = FACT_RULE(IMM_FACT, ANY_TYPE, KIND_TRUTH, 1),
	[BYTECODE_TALLY] = {.b = B_GROUP, .imm = IMM_TALLY, .result = KIND_INTEGER, .gas = 1},
	[BYTECODE_COUNT] = FACT_RULE(IMM_FACT, TYPE(CODE_SET) | TYPE(TEXT_SET), KIND_INTEGER, 2),
	[BYTECODE_CODE] = FACT_RULE(IMM_CODES, TYPE(CODE), KIND_TRUTH, 2),
	[BYTECODE_ANY] = FACT_RULE(IMM_CODES, TYPE(CODE_SET), KIND_TRUTH, 2),
	[BYTECODE_ALL] = FACT_RULE(IMM_CODES, TYPE(CODE_SET), KIND_TRUTH, 2),
	[BYTECODE_ONLY] = FACT_RULE(IMM_CODES, TYPE(CODE_SET), KIND_TRUTH, 2),
	[BYTECODE_TEXT] = FACT_RULE(IMM_TEXT, TYPE(TEXT), KIND_TRUTH, 2),
	[BYTECODE_TSET] = FACT_RULE(IMM_TEXTS, TYPE(TEXT), KIND_TRUTH, 4),
	[BYTECODE_TANY] = FACT_RULE(IMM_TEXTS, TYPE(TEXT_SET), KIND_TRUTH, 4 * CONTRACTS_LIST_MAX),
	[BYTECODE_TALL] = FACT_RULE(IMM_TEXTS, TYPE(TEXT_SET), KIND_TRUTH, 4 * CONTRACTS_LIST_MAX),
	[BYTECODE_TONLY] = FACT_RULE(IMM_TEXTS, TYPE(TEXT_SET), KIND_TRUTH, 4 * CONTRACTS_LIST_MAX),
	[BYTECODE_TSAME] = {.b = B_RECORD, .imm = IMM_FACTS, .types = TYPE(TEXT), .types_other = TYPE(TEXT),
			    .result = KIND_TRUTH, .gas = 18},
	[BYTECODE_TIN] = {.b = B_RECORD, .imm = IMM_FACTS, .types = TYPE(TEXT), .types_other = TYPE(TEXT_SET),
			  .result = KIND_TRUTH, .gas = 36},
	[BYTECODE_ADD] = TWO(KIND_INTEGER, KIND_INTEGER),
	[BYTECODE_SUB] = TWO(KIND_INTEGER, KIND_INTEGER),
	[BYTECODE_MUL] = TWO(KIND_INTEGER, KIND_INTEGER),
	[BYTECODE_MONTHS] = {.b = B_REGISTER, .reads = KIND_INTEGER, .imm = IMM_MONTHS, .result = KIND_INTEGER, .gas = 8},
	[BYTECODE_LATER] = TWO(KIND_INTEGER, KIND_INTEGER),
	[BYTECODE_EARLIER] = TWO(KIND_INTEGER, KIND_INTEGER),
	[BYTECODE_LT] = TWO(KIND_INTEGER, KIND_TRUTH),
	[BYTECODE_LE] = TWO(KIND_INTEGER, KIND_TRUTH),
	[BYTECODE_EQ] = TWO(KIND_INTEGER, KIND_TRUTH),
	[BYTECODE_AND] = TWO(KIND_TRUTH, KIND_TRUTH),
	[BYTECODE_OR] = TWO(KIND_TRUTH, KIND_TRUTH),
	[BYTECODE_NOT] = {.b = B_REGISTER, .reads = KIND_TRUTH, .result = KIND_TRUTH, .gas = 1},
	[BYTECODE_SAME] = TWO(KIND_TRUTH, KIND_TRUTH),
	[BYTECODE_JF] = JUMP,
	[BYTECODE_JT] = JUMP,
};

/* Which registers are set on every way to a place, a bit each: as a truth, as an integer. */
struct flow {
	uint64_t truths, integers;
	bool reached;
};

enum place { PLACE_CLAUSE, PLACE_TALLY, PLACE_MILESTONE };
struct walk {
	struct verify *verify;
	struct flow *flow; /* of the condition's instructions, and of its end */
	enum place place;
	const struct program_condition *condition;
};

static void flow_join(struct flow *to, const struct flow *from)
{
	if (!to->reached) {
		*to = *from;
		return;
	}
	to->truths &= from->truths;
	to->integers &= from->integers;
}

static void flow_set(struct flow *flow, uint8_t reg, bool truth)
{
	uint64_t bit = UINT64_C(1) << reg;

	flow->truths = truth ? flow->truths | bit : flow->truths & ~bit;
	flow->integers = truth ? flow->integers & ~bit : flow->integers | bit;
}

static bool flow_has(const struct flow *flow, uint8_t reg, enum kind kind)
{
	return ((kind == KIND_TRUTH ? flow->truths : flow->integers) >> reg & 1) != 0;
}

/* V8: what is not used is 0, registers are there. Returns the offset of what is wrong in the instruction; 8: nothing. */
static size_t shape(const struct program_instruction *in, const struct rule *rule)
{
	uint8_t b_max = rule->b == B_ZERO ? 0 : rule->b == B_REGISTER ? BYTECODE_REGISTERS - 1 : 1;
	bool one_fact = rule->imm == IMM_FACT;

	if (rule->gas == 0)
		return 0;
	if (in->a >= BYTECODE_REGISTERS)
		return 1;
	if (in->b > b_max)
		return 2;
	if (in->c >= BYTECODE_REGISTERS || (!rule->c && in->c != 0))
		return 3;
	if ((rule->imm == IMM_ZERO && in->imm != 0) || (one_fact && in->imm >> 16 != 0))
		return 4;
	return 8;
}

/* V9, V10, and what is read. */
static bool fact(struct walk *walk, unsigned id, unsigned types, uint8_t record, size_t at)
{
	struct contracts_reads *reads = &walk->verify->program->reads;
	uint64_t bit;

	if (id >= CONTRACTS_FACT_COUNT || contracts_fact_name(id) == NULL ||
	    (types >> (unsigned)contracts_fact_type(id) & 1) == 0)
		return verify_refuse(walk->verify, at + 4, VERIFY_V9);
	bit = UINT64_C(1) << id;
	if (walk->place == PLACE_CLAUSE) {
		if (id == CONTRACTS_FACT_EVENT)
			return verify_refuse(walk->verify, at + 4, VERIFY_V10);
		*(record == 0 ? &reads->now : &reads->permit) |= bit;
		return true;
	}
	if (!contracts_fact_of_events(id) || record != 0)
		return verify_refuse(walk->verify, at + (record != 0 ? 2 : 4), VERIFY_V10);
	reads->event |= bit;
	return true;
}

static unsigned bits_of(uint32_t n)
{
	unsigned bits = 0;

	for (; n > 0; n >>= 1)
		bits++;
	return bits;
}

/* What stands in the high half of imm, beside a fact. *gas: with what its size costs. */
static bool fact_other(struct walk *walk, const struct program_instruction *in, const struct rule *rule, uint32_t *gas, size_t at)
{
	struct verify *verify = walk->verify;
	const struct contracts_program *program = verify->program;
	unsigned id = in->imm & 0xffff;
	uint32_t other = in->imm >> 16, count;

	if (rule->imm == IMM_CODES) {
		if (!verify_use(verify->code_sets, other, program->code_sets_count))
			return verify_refuse(verify, at + 4, VERIFY_V5);
		for (size_t i = 0; i < 4; i++)
			if ((program->code_sets[other].bits[i] & ~program->fact_codes[id].bits[i]) != 0)
				return verify_refuse(verify, at + 4, VERIFY_V9);
		/* Of a fact that is a set only these can be told. */
		if (tables_facts[id].type == CONTRACTS_CODE_SET &&
		    (program->code_sets[other].bits[1] | program->code_sets[other].bits[2] | program->code_sets[other].bits[3]) != 0)
			return verify_refuse(verify, at + 4, VERIFY_V9);
	} else if (rule->imm == IMM_TEXT) {
		if (!verify_text(verify, other, CONTRACTS_TEXT_BYTES_MAX, at + 4))
			return false;
		*gas += ((uint32_t)program->texts[other].len + 15) / 16;
	} else if (rule->imm == IMM_TEXTS) {
		if (!verify_use(verify->text_sets, other, program->text_sets_count))
			return verify_refuse(verify, at + 4, VERIFY_V5);
		count = program->text_sets[other].count;
		*gas += 4 * (in->op == BYTECODE_TSET ? bits_of(count) : count);
	} else if (rule->imm == IMM_FACTS) {
		if (!fact(walk, other, rule->types_other, in->b, at))
			return false;
		if (tables_facts[id].sort != tables_facts[other].sort || (in->op == BYTECODE_TSAME && id >= other))
			return verify_refuse(verify, at + 4, VERIFY_V9);
	}
	return true;
}

static bool tally(struct walk *walk, const struct program_instruction *in, size_t at)
{
	struct verify *verify = walk->verify;

	if (walk->place == PLACE_TALLY)
		return verify_refuse(verify, at, VERIFY_V10);
	if (!verify_use(verify->tallies, in->imm, verify->program->tallies_count))
		return verify_refuse(verify, at + 4, VERIFY_V5);
	if (in->b == 1 && verify->program->tallies[in->imm].by == CONTRACTS_BY_STUDY)
		return verify_refuse(verify, at + 2, VERIFY_V10);
	if (walk->place == PLACE_CLAUSE)
		verify->program->reads.tallies_decide |= UINT32_C(1) << in->imm;
	return true;
}

static bool immediate(struct walk *walk, const struct program_instruction *in, const struct rule *rule, uint32_t index,
		      uint32_t *gas, size_t at)
{
	struct verify *verify = walk->verify;
	const struct contracts_program *program = verify->program;

	switch (rule->imm) {
	case IMM_ZERO:
		return true;
	case IMM_INTEGER:
		return verify_use(verify->integers, in->imm, program->integers_count) ||
		       verify_refuse(verify, at + 4, VERIFY_V5);
	case IMM_MONTHS:
		if (verify_use(verify->integers, in->imm, program->integers_count) &&
		    program->integers[in->imm] >= -BYTECODE_MONTHS_MAX && program->integers[in->imm] <= BYTECODE_MONTHS_MAX)
			return true;
		return verify_refuse(verify, at + 4, VERIFY_V5);
	case IMM_TALLY:
		return tally(walk, in, at);
	case IMM_SKIP:
		if (in->imm == 0)
			return verify_refuse(verify, at + 4, VERIFY_V5);
		return in->imm <= walk->condition->count - index - 1 || verify_refuse(verify, at + 4, VERIFY_V11);
	case IMM_FACT:
	case IMM_CODES:
	case IMM_TEXT:
	case IMM_TEXTS:
	case IMM_FACTS:
		return fact(walk, in->imm & 0xffff, rule->types, in->b, at) && fact_other(walk, in, rule, gas, at);
	}
	return false;
}

/* V12: what it reads is set; what it sets. */
static bool registers(struct walk *walk, const struct program_instruction *in, const struct rule *rule, struct flow *flow,
		      size_t at)
{
	if (rule->imm == IMM_SKIP && !flow_has(flow, in->a, KIND_TRUTH))
		return verify_refuse(walk->verify, at + 1, VERIFY_V12);
	if (rule->b == B_REGISTER && !flow_has(flow, in->b, rule->reads))
		return verify_refuse(walk->verify, at + 2, VERIFY_V12);
	if (rule->c && !flow_has(flow, in->c, rule->reads))
		return verify_refuse(walk->verify, at + 3, VERIFY_V12);
	if (rule->result == KIND_FACT)
		flow_set(flow, in->a, contracts_fact_type(in->imm & 0xffff) == CONTRACTS_BOOL);
	else if (rule->result != KIND_NONE)
		flow_set(flow, in->a, rule->result == KIND_TRUTH);
	return true;
}

static bool condition(struct verify *verify, struct flow *flow, enum place place, struct program_condition *condition)
{
	struct contracts_program *program = verify->program;
	struct walk walk = {.verify = verify, .flow = flow, .place = place, .condition = condition};
	size_t at = program->layout.code + (size_t)condition->at * BYTECODE_INSTRUCTION_BYTES;
	uint64_t sum = 0;

	if (condition->count == 0)
		return true;
	memset(flow, 0, (condition->count + 1) * sizeof(*flow));
	flow[0].reached = true;
	for (uint32_t i = 0; i < condition->count; i++, at += BYTECODE_INSTRUCTION_BYTES) {
		struct program_instruction *in = &program->code[condition->first + i];
		const struct rule *rule = &rules[in->op];
		uint32_t *before = &program->gas_before[condition->first + i], gas = rule->gas;
		size_t wrong = shape(in, rule);

		if (wrong < BYTECODE_INSTRUCTION_BYTES)
			return verify_refuse(verify, at + wrong, VERIFY_V8);
		/* A jump goes on behind it as well, so every instruction is reached. */
		if (!immediate(&walk, in, rule, i, &gas, at) || !registers(&walk, in, rule, &flow[i], at))
			return false;
		if (rule->imm == IMM_SKIP)
			flow_join(&flow[i + 1 + in->imm], &flow[i]);
		flow_join(&flow[i + 1], &flow[i]);
		before[1] = before[0] + gas;
		sum += gas;
	}
	if (!flow_has(&flow[condition->count], 0, KIND_TRUTH))
		return verify_refuse(verify, at, VERIFY_V12);
	/* PROGRAM_END costs nothing. */
	program->gas_before[condition->first + condition->count + 1] =
		program->gas_before[condition->first + condition->count];
	condition->gas = (uint32_t)sum;
	return true;
}

/* What a run reads beside its code: §4. */
static void reads(struct contracts_program *program)
{
	struct contracts_reads *reads = &program->reads;

	for (uint32_t i = 0; i < program->clauses_count; i++) {
		const struct program_clause *clause = &program->clauses[i];

		if (clause->actions != 0)
			reads->now |= UINT64_C(1) << CONTRACTS_FACT_ACTION;
		if (clause->categories != 0)
			reads->now |= UINT64_C(1) << CONTRACTS_FACT_DATA_CATEGORY;
		if (clause->purposes != BYTECODE_NONE)
			reads->now |= UINT64_C(1) << CONTRACTS_FACT_PURPOSE;
	}
	for (uint32_t i = 0; i < program->obligations_count; i++)
		if (program->obligations[i].duty == CONTRACTS_EXPIRE && program->obligations[i].due != CONTRACTS_DUE_AT)
			reads->now |= UINT64_C(1) << CONTRACTS_FACT_NOW;
	if (program->tallies_count > 0)
		reads->event |= UINT64_C(1) << CONTRACTS_FACT_EVENT;
}

bool verify_code(struct verify *verify, struct contracts_arena *arena, bool *memory)
{
	struct contracts_program *program = verify->program;
	uint64_t decide = BYTECODE_GAS_BEGIN, event = BYTECODE_GAS_BEGIN;
	uint32_t longest = 0;
	struct flow *flow;

	for (uint32_t i = 0; i < program->clauses_count; i++)
		longest = program->clauses[i].condition.count > longest ? program->clauses[i].condition.count : longest;
	for (uint32_t i = 0; i < program->tallies_count; i++)
		longest = program->tallies[i].condition.count > longest ? program->tallies[i].condition.count : longest;
	for (uint32_t i = 0; i < program->milestones_count; i++)
		longest = program->milestones[i].condition.count > longest ? program->milestones[i].condition.count : longest;
	flow = arena_take(arena, (size_t)longest + 1, sizeof(*flow));
	*memory = flow != NULL;
	if (flow == NULL)
		return false;
	for (uint32_t i = 0; i < program->clauses_count; i++) {
		if (!condition(verify, flow, PLACE_CLAUSE, &program->clauses[i].condition))
			return false;
		decide += BYTECODE_GAS_CLAUSE + program->clauses[i].condition.gas +
			  BYTECODE_GAS_DUTY * program->clauses[i].duties.count;
	}
	for (uint32_t i = 0; i < program->tallies_count; i++) {
		if (!condition(verify, flow, PLACE_TALLY, &program->tallies[i].condition))
			return false;
		event += BYTECODE_GAS_CLAUSE + program->tallies[i].condition.gas;
	}
	for (uint32_t i = 0; i < program->milestones_count; i++) {
		if (!condition(verify, flow, PLACE_MILESTONE, &program->milestones[i].condition))
			return false;
		event += BYTECODE_GAS_CLAUSE + program->milestones[i].condition.gas +
			 BYTECODE_GAS_DUTY * program->milestones[i].duties.count;
	}
	if (decide > CONTRACTS_GAS_MAX || event > CONTRACTS_GAS_MAX)
		return verify_refuse(verify, program->layout.code, VERIFY_V13);
	program->cost.decide_gas = decide;
	program->cost.event_gas = event;
	reads(program);
	return true;
}

enum contracts_code contracts_load(struct contracts_arena *arena, const struct contracts_program **out,
				   struct contracts_bytes bytecode, struct contracts_reject *reject)
{
	struct contracts_program *program;
	struct verify verify = {.reject = reject};
	enum contracts_code code;
	bool memory = true;
	uint8_t *copy;

	*out = NULL;
	*reject = (struct contracts_reject){0};
	if (bytecode.len < BYTECODE_HEADER_BYTES || bytecode.len > CONTRACTS_BYTECODE_BYTES_MAX) {
		*reject = (struct contracts_reject){.offset = bytecode.len, .rule = VERIFY_V1};
		return CONTRACTS_REFUSED;
	}
	if ((program = arena_take(arena, 1, sizeof(*program))) == NULL ||
	    (copy = arena_take(arena, bytecode.len, 1)) == NULL)
		return CONTRACTS_MEMORY;
	memcpy(copy, bytecode.data, bytecode.len);
	program->bytecode = (struct contracts_bytes){copy, bytecode.len};
	if ((code = program_decode(arena, program, reject)) != CONTRACTS_OK)
		return code;
	verify.program = program;
	if (!verify_tables(&verify) || !verify_code(&verify, arena, &memory) || !verify_all_used(&verify))
		return memory ? CONTRACTS_REFUSED : CONTRACTS_MEMORY;
	program->cost.run_bytes = PROGRAM_RUN_BYTES;
	*out = program;
	return CONTRACTS_OK;
}
