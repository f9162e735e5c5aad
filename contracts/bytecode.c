/* Bytecode -> the tables of a program (docs/formats/contract-code.md, §1 and §2). Whoever sent it is not trusted: every
 * read is within what is there, and nothing is allocated before its length was seen to be there. */
#include "contracts/arena.h"
#include "contracts/program.h"
#include "contracts/tables.h"

#include <string.h>

static uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) << 16 | get_u16(p + 2);
}

static uint64_t get_u64(const uint8_t *p)
{
	return (uint64_t)get_u32(p) << 32 | get_u32(p + 4);
}

static bool refuse(struct contracts_reject *reject, size_t offset, const char *rule)
{
	*reject = (struct contracts_reject){.offset = offset, .rule = rule};
	return false;
}

static bool header(struct contracts_program *program, struct contracts_reject *reject)
{
	static const uint8_t begin[] = {'R', 'G', 'C', 'T', CONTRACTS_VM_VERSION, CONTRACTS_GAS_VERSION,
					CONTRACTS_COMPILER_VERSION, CONTRACTS_TABLES_VERSION};
	const uint8_t *p = program->bytecode.data;
	const struct {
		uint32_t *count;
		uint32_t at, bytes, min, max;
	} counts[] = {
		{&program->texts_count, 20, 2, 0, CONTRACTS_CONSTANTS_MAX},
		{&program->integers_count, 22, 2, 0, CONTRACTS_CONSTANTS_MAX},
		{&program->code_sets_count, 24, 2, 0, CONTRACTS_CONSTANTS_MAX},
		{&program->text_sets_count, 26, 2, 0, CONTRACTS_CONSTANTS_MAX},
		{&program->obligations_count, 28, 2, 0, CONTRACTS_OBLIGATIONS_MAX},
		{&program->clauses_count, 30, 2, 1, CONTRACTS_CLAUSES_MAX},
		{&program->tallies_count, 32, 2, 0, CONTRACTS_TALLIES_MAX},
		{&program->milestones_count, 34, 2, 0, CONTRACTS_MILESTONES_MAX},
		{&program->duties_count, 36, 4, 0, CONTRACTS_DUTIES_MAX * (CONTRACTS_CLAUSES_MAX + CONTRACTS_MILESTONES_MAX)},
		{&program->instructions_count, 40, 4, 0, CONTRACTS_INSTRUCTIONS_MAX},
	};

	for (size_t i = 0; i < sizeof(begin); i++)
		if (p[i] != begin[i])
			return refuse(reject, i, VERIFY_V1);
	if (get_u32(p + 8) != program->bytecode.len)
		return refuse(reject, 8, VERIFY_V1);
	program->name = get_u16(p + 12);
	if (get_u16(p + 14) != 0)
		return refuse(reject, 14, VERIFY_V1);
	program->version = get_u32(p + 16);
	if (program->version < 1 || program->version > CONTRACTS_VERSION_MAX)
		return refuse(reject, 16, VERIFY_V1);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint32_t count = counts[i].bytes == 2 ? get_u16(p + counts[i].at) : get_u32(p + counts[i].at);

		if (count < counts[i].min || count > counts[i].max)
			return refuse(reject, counts[i].at, VERIFY_V1);
		*counts[i].count = count;
	}
	return true;
}

/* The next count records of `each` bytes. */
static bool part(const struct contracts_program *program, size_t *at, size_t *begin, uint32_t count, size_t each)
{
	*begin = *at;
	if (count > (program->bytecode.len - *at) / each)
		return false;
	*at += count * each;
	return true;
}

/* The next count records that begin with their number of elements of `each` bytes. */
static bool part_varying(const struct contracts_program *program, size_t *at, size_t *begin, uint32_t count, size_t each)
{
	*begin = *at;
	for (uint32_t i = 0; i < count; i++) {
		size_t bytes;

		if (program->bytecode.len - *at < 2)
			return false;
		bytes = each * get_u16(program->bytecode.data + *at);
		if (bytes > program->bytecode.len - *at - 2)
			return false;
		*at += 2 + bytes;
	}
	return true;
}

static bool layout(struct contracts_program *program, struct contracts_reject *reject)
{
	struct program_layout *parts = &program->layout;
	size_t at = BYTECODE_HEADER_BYTES;

	if (!part_varying(program, &at, &parts->texts, program->texts_count, 1) ||
	    !part(program, &at, &parts->integers, program->integers_count, 8) ||
	    !part(program, &at, &parts->code_sets, program->code_sets_count, BYTECODE_SET_BYTES) ||
	    !part_varying(program, &at, &parts->text_sets, program->text_sets_count, 2) ||
	    !part(program, &at, &parts->obligations, program->obligations_count, BYTECODE_OBLIGATION_BYTES) ||
	    !part(program, &at, &parts->clauses, program->clauses_count, BYTECODE_CLAUSE_BYTES) ||
	    !part(program, &at, &parts->tallies, program->tallies_count, BYTECODE_TALLY_BYTES) ||
	    !part(program, &at, &parts->milestones, program->milestones_count, BYTECODE_MILESTONE_BYTES) ||
	    !part(program, &at, &parts->duties, program->duties_count, 2) ||
	    !part(program, &at, &parts->code, program->instructions_count, BYTECODE_INSTRUCTION_BYTES) ||
	    at != program->bytecode.len)
		return refuse(reject, at, VERIFY_V2);
	return true;
}

/* PROGRAM_END of each condition stands in code too. */
static size_t code_room(const struct contracts_program *program)
{
	return (size_t)program->instructions_count + program->clauses_count + program->tallies_count +
	       program->milestones_count;
}

static bool allocate(struct contracts_arena *arena, struct contracts_program *p)
{
	size_t elements = (p->layout.obligations - p->layout.text_sets) / 2;
	uint16_t *indexes;

	if ((p->texts = arena_take(arena, p->texts_count, sizeof(*p->texts))) == NULL ||
	    (p->integers = arena_take(arena, p->integers_count, sizeof(*p->integers))) == NULL ||
	    (p->code_sets = arena_take(arena, p->code_sets_count, sizeof(*p->code_sets))) == NULL ||
	    (p->text_sets = arena_take(arena, p->text_sets_count, sizeof(*p->text_sets))) == NULL ||
	    (indexes = arena_take(arena, elements, sizeof(*indexes))) == NULL ||
	    (p->obligations = arena_take(arena, p->obligations_count, sizeof(*p->obligations))) == NULL ||
	    (p->clauses = arena_take(arena, p->clauses_count, sizeof(*p->clauses))) == NULL ||
	    (p->tallies = arena_take(arena, p->tallies_count, sizeof(*p->tallies))) == NULL ||
	    (p->milestones = arena_take(arena, p->milestones_count, sizeof(*p->milestones))) == NULL ||
	    (p->duties = arena_take(arena, p->duties_count, sizeof(*p->duties))) == NULL ||
	    (p->code = arena_take(arena, code_room(p), sizeof(*p->code))) == NULL ||
	    (p->gas_before = arena_take(arena, code_room(p) + 1, sizeof(*p->gas_before))) == NULL)
		return false;
	for (size_t i = 0; i < elements; i++)
		indexes[i] = get_u16(p->bytecode.data + p->layout.text_sets + 2 * i);
	/* The numbers of elements stand among them. */
	for (uint32_t i = 0; i < p->text_sets_count; i++) {
		p->text_sets[i] = (struct program_text_set){.texts = indexes + 1, .count = indexes[0]};
		indexes += 1 + indexes[0];
	}
	p->cost.program_bytes = p->bytecode.len + elements * sizeof(uint16_t) + sizeof(*p) +
				p->texts_count * sizeof(*p->texts) + p->integers_count * sizeof(*p->integers) +
				p->code_sets_count * sizeof(*p->code_sets) + p->text_sets_count * sizeof(*p->text_sets) +
				p->obligations_count * sizeof(*p->obligations) + p->clauses_count * sizeof(*p->clauses) +
				p->tallies_count * sizeof(*p->tallies) + p->milestones_count * sizeof(*p->milestones) +
				p->duties_count * sizeof(*p->duties) + code_room(p) * sizeof(*p->code) +
				(code_room(p) + 1) * sizeof(*p->gas_before);
	return true;
}

static void constants(struct contracts_program *program)
{
	const uint8_t *p = program->bytecode.data + program->layout.texts;

	for (uint32_t i = 0; i < program->texts_count; i++) {
		program->texts[i] = (struct contracts_text){(const char *)p + 2, get_u16(p)};
		p += 2 + program->texts[i].len;
	}
	for (uint32_t i = 0; i < program->integers_count; i++, p += 8) {
		uint64_t bits = get_u64(p);

		memcpy(&program->integers[i], &bits, sizeof(bits));
	}
	for (uint32_t i = 0; i < program->code_sets_count; i++, p += BYTECODE_SET_BYTES)
		for (size_t word = 0; word < 4; word++)
			program->code_sets[i].bits[word] = get_u64(p + 8 * word);
	p = program->bytecode.data + program->layout.obligations;
	for (uint32_t i = 0; i < program->obligations_count; i++, p += BYTECODE_OBLIGATION_BYTES)
		program->obligations[i] = (struct program_obligation){
			.duty = p[0], .due = p[1], .integer = get_u16(p + 2), .role = get_u16(p + 4), .organisation = get_u16(p + 6)};
	p = program->bytecode.data + program->layout.duties;
	for (uint32_t i = 0; i < program->duties_count; i++, p += 2)
		program->duties[i] = get_u16(p);
}

/* How many duties and instructions the tables have had so far, and what is in memory. */
struct filled {
	uint32_t duties, instructions, code;
};

static bool take_condition(struct contracts_program *program, struct filled *filled, struct program_condition *out,
			   uint32_t count)
{
	const uint8_t *p = program->bytecode.data + program->layout.code + (size_t)filled->instructions * BYTECODE_INSTRUCTION_BYTES;

	if (count > program->instructions_count - filled->instructions)
		return false;
	*out = (struct program_condition){.first = filled->code, .count = count, .at = filled->instructions};
	for (uint32_t i = 0; i < count; i++, p += BYTECODE_INSTRUCTION_BYTES)
		program->code[filled->code++] = (struct program_instruction){
			.op = p[0], .a = p[1], .b = p[2], .c = p[3], .imm = get_u32(p + 4)};
	if (count > 0)
		program->code[filled->code++].op = PROGRAM_END;
	filled->instructions += count;
	return true;
}

static bool take_duties(const struct contracts_program *program, struct filled *filled, struct program_duties *out,
			uint8_t count)
{
	if (count > program->duties_count - filled->duties)
		return false;
	*out = (struct program_duties){.first = filled->duties, .count = count};
	filled->duties += count;
	return true;
}

static bool rules(struct contracts_program *program, struct contracts_reject *reject)
{
	const uint8_t *begin = program->bytecode.data, *p = begin + program->layout.clauses;
	struct filled filled = {0};

	for (uint32_t i = 0; i < program->clauses_count; i++, p += BYTECODE_CLAUSE_BYTES) {
		struct program_clause *clause = &program->clauses[i];

		*clause = (struct program_clause){.name = get_u16(p),
						  .because = get_u16(p + 2),
						  .effect = p[4],
						  .purposes = get_u16(p + 6),
						  .actions = get_u32(p + 8),
						  .categories = get_u32(p + 12)};
		if (!take_duties(program, &filled, &clause->duties, p[5]))
			return refuse(reject, (size_t)(p - begin) + 5, VERIFY_V7);
		if (!take_condition(program, &filled, &clause->condition, get_u32(p + 16)))
			return refuse(reject, (size_t)(p - begin) + 16, VERIFY_V7);
	}
	for (uint32_t i = 0; i < program->tallies_count; i++, p += BYTECODE_TALLY_BYTES) {
		struct program_tally *tally = &program->tallies[i];

		*tally = (struct program_tally){.name = get_u16(p), .by = p[2], .events = get_u32(p + 4)};
		if (p[3] != 0)
			return refuse(reject, (size_t)(p - begin) + 3, VERIFY_V5);
		if (!take_condition(program, &filled, &tally->condition, get_u32(p + 8)))
			return refuse(reject, (size_t)(p - begin) + 8, VERIFY_V7);
	}
	for (uint32_t i = 0; i < program->milestones_count; i++, p += BYTECODE_MILESTONE_BYTES) {
		struct program_milestone *milestone = &program->milestones[i];

		*milestone = (struct program_milestone){.name = get_u16(p),
							.because = get_u16(p + 2),
							.tally = get_u16(p + 4),
							.reached = get_u16(p + 6),
							.of_group = p[8],
							.stop = p[9]};
		if (p[11] != 0)
			return refuse(reject, (size_t)(p - begin) + 11, VERIFY_V5);
		if (!take_duties(program, &filled, &milestone->duties, p[10]))
			return refuse(reject, (size_t)(p - begin) + 10, VERIFY_V7);
		if (!take_condition(program, &filled, &milestone->condition, get_u32(p + 12)))
			return refuse(reject, (size_t)(p - begin) + 12, VERIFY_V7);
	}
	if (filled.duties != program->duties_count)
		return refuse(reject, 36, VERIFY_V7);
	if (filled.instructions != program->instructions_count)
		return refuse(reject, 40, VERIFY_V7);
	return true;
}

enum contracts_code program_decode(struct contracts_arena *arena, struct contracts_program *program,
				   struct contracts_reject *reject)
{
	if (!header(program, reject) || !layout(program, reject))
		return CONTRACTS_REFUSED;
	if (!allocate(arena, program))
		return CONTRACTS_MEMORY;
	constants(program);
	for (unsigned fact = 0; fact < CONTRACTS_FACT_COUNT; fact++) {
		enum contracts_list list;

		if (contracts_fact_list(fact, &list))
			program->fact_codes[fact] = contracts_list_codes(list);
	}
	return rules(program, reject) ? CONTRACTS_OK : CONTRACTS_REFUSED;
}
