/* Runs a verified program: docs/formats/contract-code.md, §4. No allocation, no recursion, nothing that outlives the
 * call. Gas is exact and costs next to nothing: what all instructions of a condition cost is known, and a jump gives
 * back what it skips. */
#include "contracts/vm_ops.h"

struct run {
	const struct contracts_program *program;
	const struct contracts_facts *facts[2]; /* now, as of the permit */
	const struct contracts_tally_value *tallies;
	uint32_t counted; /* tallies that the event adds one to */
	uint64_t gas_left;
	/* The verifier has proved that none is read before it is set; they begin as 0 all the same. */
	struct program_value registers[BYTECODE_REGISTERS];
};

static struct program_value tally_value(const struct run *run, uint32_t index, bool of_group)
{
	const struct contracts_tally_value *tally;
	int64_t more = run->counted >> index & 1;

	if (run->tallies == NULL)
		return vm_fault(CONTRACTS_FAULT_TALLY, index);
	tally = &run->tallies[index];
	if (!tally->known || (of_group && !tally->has_group))
		return vm_fault(CONTRACTS_FAULT_TALLY, index);
	/* What is counted was seen not to overflow. */
	return vm_known((of_group ? tally->group : tally->total) + more);
}

static struct program_value count_of(const struct contracts_fact *fact, unsigned id)
{
	if (contracts_fact_type(id) == CONTRACTS_TEXT_SET)
		return vm_fact(fact, id, (int64_t)fact->texts_count);
	return vm_fact(fact, id, __builtin_popcountll((uint64_t)fact->value));
}

static struct program_value codes_truth(const struct contracts_fact *fact, unsigned id, uint64_t set, uint8_t op)
{
	uint64_t has = (uint64_t)fact->value;

	return vm_fact(fact, id, op == BYTECODE_ANY   ? (has & set) != 0
				 : op == BYTECODE_ALL ? (set & ~has) == 0
						      : (has & ~set) == 0);
}

static struct program_value text_truth(const struct contracts_fact *fact, unsigned id, struct contracts_text text)
{
	if (!vm_has_text(fact))
		return vm_fault(CONTRACTS_FAULT_UNKNOWN, id);
	return vm_known(vm_text_equal(fact->texts[0], text));
}

/* By halves: the set ascends, as its indexes do. */
static struct program_value text_in_set(const struct run *run, const struct contracts_fact *fact, unsigned id, uint32_t index)
{
	const struct program_text_set *set = &run->program->text_sets[index];
	uint32_t low = 0, high = set->count;

	if (!vm_has_text(fact))
		return vm_fault(CONTRACTS_FAULT_UNKNOWN, id);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = vm_text_order(fact->texts[0], run->program->texts[set->texts[middle]]);

		if (order == 0)
			return vm_known(1);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return vm_known(0);
}

/* One walk along both, which ascend. */
static struct program_value sets_truth(const struct run *run, const struct contracts_fact *fact, unsigned id, uint32_t index,
				       uint8_t op)
{
	const struct program_text_set *set = &run->program->text_sets[index];
	size_t common = 0, i = 0;
	uint32_t j = 0;

	if (!fact->known)
		return vm_fault(CONTRACTS_FAULT_UNKNOWN, id);
	while (i < fact->texts_count && j < set->count) {
		int order = vm_text_order(fact->texts[i], run->program->texts[set->texts[j]]);

		common += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return vm_known(op == BYTECODE_TANY   ? common > 0
			: op == BYTECODE_TALL ? common == set->count
					      : common == fact->texts_count);
}

static struct program_value facts_same(const struct contracts_facts *facts, unsigned a, unsigned b)
{
	struct program_value x = text_truth(&facts->fact[a], a, (struct contracts_text){NULL, 0});
	struct program_value y = text_truth(&facts->fact[b], b, (struct contracts_text){NULL, 0});

	if ((x.fault | y.fault) != 0)
		return vm_result(x, y, 0);
	return vm_known(vm_text_equal(facts->fact[a].texts[0], facts->fact[b].texts[0]));
}

static struct program_value fact_in_fact(const struct contracts_facts *facts, unsigned a, unsigned b)
{
	struct program_value x = text_truth(&facts->fact[a], a, (struct contracts_text){NULL, 0});
	struct program_value y = vm_fact(&facts->fact[b], b, 0);

	if ((x.fault | y.fault) != 0)
		return vm_result(x, y, 0);
	for (size_t i = 0; i < facts->fact[b].texts_count; i++)
		if (vm_text_equal(facts->fact[a].texts[0], facts->fact[b].texts[i]))
			return vm_known(1);
	return vm_known(0);
}

/* ---- A condition -------------------------------------------------------- */

static bool charge(struct run *run, uint64_t gas)
{
	if (gas > run->gas_left)
		return false;
	run->gas_left -= gas;
	return true;
}

/* Each operation goes on to the next by itself, through a table of labels (an extension that gcc and clang have): the
 * processor foresees where each goes on. The verifier has proved that all are in the table. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"

#define NEXT (labels[(++in)->op])
#define DO(name, value)                                                                                                \
	do_##name:                                                                                                     \
	reg[in->a] = (value);                                                                                          \
	goto *NEXT
/* Gives back what the instructions that are skipped cost. */
#define JUMP(name, condition_)                                                                                         \
	do_##name:                                                                                                     \
	if (condition_) {                                                                                              \
		const uint32_t *gas = program->gas_before + (in - program->code) + 1;                                  \
		saved += gas[in->imm] - gas[0];                                                                        \
		in += in->imm;                                                                                         \
	}                                                                                                              \
	goto *NEXT
#define F (in->imm & 0xffff)
#define G (in->imm >> 16)
#define FACT (&run->facts[in->b]->fact[F])
#define B (reg[in->b])
#define C (reg[in->c])

/* What it costs is known when it is done: what its instructions cost, without those that jumps skipped. Nothing that it
 * does is seen outside, so a run that had too little gas is as one that was stopped before. False: it had. */
static bool run_condition(struct run *run, const struct program_condition *condition, struct program_value *out)
{
#define OP(number, name) [number] = &&do_##name,
	static const void *const labels[] = {[PROGRAM_END] = &&do_END, BYTECODE_OPS(OP)};
#undef OP
	const struct contracts_program *program = run->program;
	const struct program_instruction *in = program->code + condition->first;
	struct program_value *reg = run->registers;
	uint64_t saved = 0;

	*out = vm_known(1);
	if (condition->count == 0)
		return true;
	goto *labels[in->op];
	DO(INT, vm_known(program->integers[in->imm]));
	DO(FACT, vm_fact(FACT, F, FACT->value));
	DO(LAST, vm_fact(FACT, F, FACT->last));
	DO(KNOWN, vm_known(FACT->known));
	DO(TALLY, tally_value(run, in->imm, in->b == 1));
	DO(COUNT, count_of(FACT, F));
	DO(CODE, vm_code(FACT, F, &program->fact_codes[F], &program->code_sets[G]));
	DO(ANY, codes_truth(FACT, F, program->code_sets[G].bits[0], BYTECODE_ANY));
	DO(ALL, codes_truth(FACT, F, program->code_sets[G].bits[0], BYTECODE_ALL));
	DO(ONLY, codes_truth(FACT, F, program->code_sets[G].bits[0], BYTECODE_ONLY));
	DO(TEXT, text_truth(FACT, F, program->texts[G]));
	DO(TSET, text_in_set(run, FACT, F, G));
	DO(TANY, sets_truth(run, FACT, F, G, BYTECODE_TANY));
	DO(TALL, sets_truth(run, FACT, F, G, BYTECODE_TALL));
	DO(TONLY, sets_truth(run, FACT, F, G, BYTECODE_TONLY));
	DO(TSAME, facts_same(run->facts[in->b], F, G));
	DO(TIN, fact_in_fact(run->facts[in->b], F, G));
	DO(ADD, vm_add(B, C));
	DO(SUB, vm_sub(B, C));
	DO(MUL, vm_mul(B, C));
	DO(MONTHS, vm_months(B, program->integers[in->imm]));
	DO(LATER, vm_later(B, C));
	DO(EARLIER, vm_earlier(B, C));
	DO(LT, vm_result(B, C, B.value < C.value));
	DO(LE, vm_result(B, C, B.value <= C.value));
	DO(EQ, vm_result(B, C, B.value == C.value));
	DO(AND, vm_and(B, C));
	DO(OR, vm_or(B, C));
	DO(NOT, vm_not(B));
	DO(SAME, vm_same(B, C));
	JUMP(JF, vm_is_false(reg[in->a]));
	JUMP(JT, vm_is_true(reg[in->a]));
do_END:
	*out = reg[0];
	return charge(run, condition->gas - saved);
}
#pragma GCC diagnostic pop

/* As CODE on a list whose numbers are below 32; no bits: any. */
static struct program_value code_among(const struct run *run, unsigned id, uint32_t bits)
{
	struct contracts_codes set = {{bits}};

	if (bits == 0)
		return vm_known(1);
	return vm_code(&run->facts[0]->fact[id], id, &run->program->fact_codes[id], &set);
}

/* ---- A decision --------------------------------------------------------- */

static bool clause_truth(struct run *run, const struct program_clause *clause, struct program_value *out)
{
	const struct contracts_program *program = run->program;
	struct program_value action = code_among(run, CONTRACTS_FACT_ACTION, clause->actions), uses;
	struct program_value category = code_among(run, CONTRACTS_FACT_DATA_CATEGORY, clause->categories);
	struct program_value purpose = vm_known(1);

	if (clause->purposes != BYTECODE_NONE)
		purpose = vm_code(&run->facts[0]->fact[CONTRACTS_FACT_PURPOSE], CONTRACTS_FACT_PURPOSE,
				  &program->fact_codes[CONTRACTS_FACT_PURPOSE], &program->code_sets[clause->purposes]);
	uses = vm_and(vm_and(action, category), purpose);
	if (vm_is_false(uses)) {
		*out = uses;
		return true;
	}
	if (!run_condition(run, &clause->condition, out))
		return false;
	*out = vm_and(uses, *out);
	return true;
}

static void set_bit(uint64_t *bits, uint32_t index)
{
	bits[index / 64] |= UINT64_C(1) << (index % 64);
}

static bool get_bit(const uint64_t *bits, uint32_t index)
{
	return (bits[index / 64] >> (index % 64) & 1) != 0;
}

static void add_duties(const struct contracts_program *program, struct program_duties duties, uint64_t *obligations)
{
	for (uint32_t i = duties.first; i < duties.first + duties.count; i++)
		set_bit(obligations, program->duties[i]);
}

/* The first instant at which that obligation has the permit end. */
static struct program_value end_of(const struct run *run, const struct program_obligation *obligation)
{
	const struct contracts_fact *now = &run->facts[0]->fact[CONTRACTS_FACT_NOW];
	int64_t time = run->program->integers[obligation->integer];
	struct program_value begin = vm_fact(now, CONTRACTS_FACT_NOW, now->value);

	if (obligation->due == CONTRACTS_DUE_AT)
		return vm_known(time);
	return obligation->due == CONTRACTS_DUE_MONTHS ? vm_months(begin, time) : vm_later(begin, vm_known(time));
}

static contracts_fault expiry(const struct run *run, const uint64_t *obligations, int64_t *expires)
{
	const struct contracts_program *program = run->program;
	contracts_fault fault = 0;

	for (uint32_t i = 0; i < program->obligations_count; i++) {
		struct program_value end;

		if (program->obligations[i].duty != CONTRACTS_EXPIRE || !get_bit(obligations, i))
			continue;
		end = end_of(run, &program->obligations[i]);
		fault = vm_fault_of(fault, end.fault);
		if (end.fault == 0 && end.value < *expires)
			*expires = end.value;
	}
	return fault;
}

/* The first clause of an effect that matches, and of any that fails. */
struct found {
	uint32_t first[CONTRACTS_REFERS + 1];
	uint32_t failed;
	contracts_fault fault;
};

static bool judge(struct run *run, struct contracts_decision *out, struct found *found)
{
	const struct contracts_program *program = run->program;

	for (uint32_t i = 0; i < program->clauses_count; i++) {
		const struct program_clause *clause = &program->clauses[i];
		struct program_value truth;

		if (!charge(run, BYTECODE_GAS_CLAUSE) || !clause_truth(run, clause, &truth))
			return false;
		if (vm_is_true(truth)) {
			if (!charge(run, BYTECODE_GAS_DUTY * (uint64_t)clause->duties.count))
				return false;
			set_bit(out->matched, i);
			if (found->first[clause->effect] == CONTRACTS_NO_CLAUSE)
				found->first[clause->effect] = i;
		} else if (truth.fault != 0 && found->failed == CONTRACTS_NO_CLAUSE) {
			found->failed = i;
			found->fault = truth.fault;
		}
	}
	return true;
}

static void fail(struct contracts_decision *out, uint32_t clause, contracts_fault fault)
{
	memset(out->obligations, 0, sizeof(out->obligations));
	out->verdict = CONTRACTS_DENY;
	out->ground = CONTRACTS_GROUND_FAULT;
	out->clause = clause;
	out->fault = fault;
	out->expires = INT64_MAX;
}

static void conclude(const struct run *run, const struct found *found, struct contracts_decision *out)
{
	const struct contracts_program *program = run->program;
	contracts_fault fault;

	if (found->first[CONTRACTS_FORBIDS] != CONTRACTS_NO_CLAUSE) {
		out->clause = found->first[CONTRACTS_FORBIDS];
	} else if (found->failed != CONTRACTS_NO_CLAUSE) {
		fail(out, found->failed, found->fault);
		return;
	} else if (found->first[CONTRACTS_REFERS] != CONTRACTS_NO_CLAUSE) {
		out->verdict = CONTRACTS_REFER;
		out->clause = found->first[CONTRACTS_REFERS];
	} else if (found->first[CONTRACTS_PERMITS] != CONTRACTS_NO_CLAUSE) {
		out->verdict = CONTRACTS_PERMIT;
		out->clause = found->first[CONTRACTS_PERMITS];
	} else {
		out->ground = CONTRACTS_GROUND_SILENCE;
		return;
	}
	/* Without forbids: of all that match, for with permit no refer does. */
	for (uint32_t i = 0; i < program->clauses_count; i++)
		if (get_bit(out->matched, i) &&
		    (program->clauses[i].effect == CONTRACTS_FORBIDS) == (out->verdict == CONTRACTS_DENY))
			add_duties(program, program->clauses[i].duties, out->obligations);
	fault = expiry(run, out->obligations, &out->expires);
	if (fault != 0)
		fail(out, out->clause, fault);
}

void contracts_decide(const struct contracts_program *program, const struct contracts_facts *now,
		      const struct contracts_facts *permit, const struct contracts_tally_value *tallies, uint64_t gas,
		      struct contracts_decision *out)
{
	struct found found = {.first = {CONTRACTS_NO_CLAUSE, CONTRACTS_NO_CLAUSE, CONTRACTS_NO_CLAUSE, CONTRACTS_NO_CLAUSE},
			      .failed = CONTRACTS_NO_CLAUSE};
	struct run run = {
		.program = program, .facts = {now, permit != NULL ? permit : now}, .tallies = tallies, .gas_left = gas};

	memset(out, 0, sizeof(*out));
	out->verdict = CONTRACTS_DENY;
	out->ground = CONTRACTS_GROUND_CLAUSE;
	out->clause = CONTRACTS_NO_CLAUSE;
	out->expires = INT64_MAX;
	if (!charge(&run, BYTECODE_GAS_BEGIN) || !judge(&run, out, &found)) {
		memset(out->matched, 0, sizeof(out->matched));
		fail(out, CONTRACTS_NO_CLAUSE, CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0));
		out->gas = gas;
		return;
	}
	conclude(&run, &found, out);
	out->gas = gas - run.gas_left;
}

/* ---- An event ----------------------------------------------------------- */

/* What a tally counts, or why that is not known. */
static contracts_fault count_one(struct run *run, uint32_t index)
{
	const struct program_tally *tally = &run->program->tallies[index];
	const struct contracts_tally_value *value = run->tallies != NULL ? &run->tallies[index] : NULL;
	struct program_value truth = code_among(run, CONTRACTS_FACT_EVENT, tally->events), condition;

	if (!charge(run, BYTECODE_GAS_CLAUSE))
		return CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0);
	if (!vm_is_false(truth)) {
		if (!run_condition(run, &tally->condition, &condition))
			return CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0);
		truth = vm_and(truth, condition);
	}
	if (!vm_is_true(truth))
		return truth.fault;
	if (value == NULL || !value->known || (tally->by != CONTRACTS_BY_STUDY && !value->has_group))
		return CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, index);
	if (value->total == INT64_MAX || (tally->by != CONTRACTS_BY_STUDY && value->group == INT64_MAX))
		return CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, index);
	run->counted |= UINT32_C(1) << index;
	return 0;
}

static contracts_fault reach_one(struct run *run, uint32_t index, struct contracts_count *out)
{
	const struct program_milestone *milestone = &run->program->milestones[index];
	struct program_value truth;

	if (!charge(run, BYTECODE_GAS_CLAUSE))
		return CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0);
	if ((run->counted >> milestone->tally & 1) == 0 ||
	    tally_value(run, milestone->tally, milestone->of_group != 0).value != run->program->integers[milestone->reached])
		return 0;
	if (!run_condition(run, &milestone->condition, &truth))
		return CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0);
	if (!vm_is_true(truth))
		return truth.fault;
	if (!charge(run, BYTECODE_GAS_DUTY * (uint64_t)milestone->duties.count))
		return CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0);
	out->reached |= UINT32_C(1) << index;
	add_duties(run->program, milestone->duties, out->obligations);
	if (milestone->stop != 0 && milestone->of_group != 0 &&
	    run->program->tallies[milestone->tally].by == CONTRACTS_BY_SITE)
		out->stop_site = true;
	else if (milestone->stop != 0)
		out->stop_study = true;
	return 0;
}

void contracts_count(const struct contracts_program *program, const struct contracts_facts *facts,
		     const struct contracts_tally_value *tallies, uint64_t gas, struct contracts_count *out)
{
	struct run run = {.program = program, .facts = {facts, facts}, .tallies = tallies, .gas_left = gas};
	contracts_fault fault;

	memset(out, 0, sizeof(*out));
	if (!charge(&run, BYTECODE_GAS_BEGIN))
		out->fault = CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0);
	for (uint32_t i = 0; i < program->tallies_count && out->fault == 0; i++)
		out->fault = count_one(&run, i);
	for (uint32_t i = 0; i < program->milestones_count && out->fault == 0; i++)
		out->fault = reach_one(&run, i, out);
	if (out->fault != 0) {
		fault = out->fault;
		memset(out, 0, sizeof(*out));
		out->fault = fault;
	} else {
		out->counted = run.counted;
	}
	out->gas = out->fault == CONTRACTS_FAULT(CONTRACTS_FAULT_GAS, 0) ? gas : gas - run.gas_left;
}
