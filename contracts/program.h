/* A program: bytecode that was decoded into what a machine reads fast, and verified. Internal to bytecode.c, verify*.c
 * and vm*.c; layout and rules: docs/formats/contract-code.md. */
#ifndef CONTRACTS_PROGRAM_H
#define CONTRACTS_PROGRAM_H

#include "contracts/bytecode.h"

/* Ends each condition in memory; no bytecode holds it. A jump may end on it. */
#define PROGRAM_END 0

struct program_instruction {
	uint8_t op, a, b, c;
	uint32_t imm;
};
struct program_condition {
	uint32_t first; /* in program->code */
	uint32_t count; /* without PROGRAM_END; 0: there is no condition, and no PROGRAM_END either */
	uint32_t gas;   /* of all its instructions: no path is dearer, because what jumps skip only saves */
	uint32_t at;    /* number of its first instruction in the bytecode */
};
struct program_text_set {
	const uint16_t *texts; /* indexes, ascending */
	uint32_t count;
};
struct program_duties {
	uint32_t first; /* in program->duties */
	uint32_t count;
};
struct program_clause {
	uint16_t name, because, purposes;
	uint8_t effect;
	uint32_t actions, categories;
	struct program_duties duties;
	struct program_condition condition;
};
struct program_tally {
	uint16_t name;
	uint8_t by;
	uint32_t events;
	struct program_condition condition;
};
struct program_milestone {
	uint16_t name, because, tally, reached;
	uint8_t of_group, stop;
	struct program_duties duties;
	struct program_condition condition;
};
struct program_obligation {
	uint8_t duty, due;
	uint16_t integer, role, organisation;
};
/* A register, and what a run has of them: it is on the stack. */
struct program_value {
	int64_t value;
	contracts_fault fault; /* 0: the value is known */
};
#define PROGRAM_RUN_BYTES (BYTECODE_REGISTERS * sizeof(struct program_value) + sizeof(struct contracts_decision))
/* Where each part begins in the bytecode. */
struct program_layout {
	size_t texts, integers, code_sets, text_sets, obligations, clauses, tallies, milestones, duties, code;
};

struct contracts_program {
	struct contracts_bytes bytecode; /* a copy: texts point into it */
	struct program_layout layout;
	uint16_t name;
	uint32_t version;
	uint32_t texts_count, integers_count, code_sets_count, text_sets_count, obligations_count, clauses_count,
		tallies_count, milestones_count, duties_count, instructions_count;
	struct contracts_text *texts;
	int64_t *integers;
	struct contracts_codes *code_sets;
	struct program_text_set *text_sets;
	struct program_obligation *obligations;
	struct program_clause *clauses;
	struct program_tally *tallies;
	struct program_milestone *milestones;
	uint16_t *duties;
	struct program_instruction *code;
	uint32_t *gas_before; /* of code[0] to code[i - 1] */
	struct contracts_codes fact_codes[CONTRACTS_FACT_COUNT]; /* numbers of the fact's list */
	struct contracts_cost cost;
	struct contracts_reads reads;
};

static inline bool program_codes_have(const struct contracts_codes *codes, int64_t number)
{
	return number >= 0 && number <= CONTRACTS_CODE_MAX && (codes->bits[number / 64] >> (number % 64) & 1) != 0;
}

/* V1, V2, V7: the parts of the bytecode, in memory. Nothing of them is checked but that they are there. */
enum contracts_code program_decode(struct contracts_arena *arena, struct contracts_program *program,
				   struct contracts_reject *reject);

/* What the checks share. */
struct verify {
	struct contracts_program *program;
	struct contracts_reject *reject;
	uint64_t texts[CONTRACTS_CONSTANTS_MAX / 64]; /* what is used, a bit each */
	uint64_t integers[CONTRACTS_CONSTANTS_MAX / 64];
	uint64_t code_sets[CONTRACTS_CONSTANTS_MAX / 64];
	uint64_t text_sets[CONTRACTS_CONSTANTS_MAX / 64];
	uint64_t obligations[CONTRACTS_OBLIGATIONS_MAX / 64];
	uint64_t tallies[1];
};
bool verify_refuse(struct verify *verify, size_t offset, const char *rule); /* false */
/* Whether the index is within the table; it is used then. */
bool verify_use(uint64_t *used, uint32_t index, uint32_t count);
/* A text of at most so many bytes; used then. at: where its index stands. */
bool verify_text(struct verify *verify, uint32_t index, size_t bytes_max, size_t at);

bool verify_tables(struct verify *verify);  /* V3 to V5, V9 of clauses */
bool verify_code(struct verify *verify, struct contracts_arena *arena, bool *memory); /* V5, V8 to V13 */
bool verify_all_used(struct verify *verify); /* V6 */

#define VERIFY_V1 "V1 the header says what this verifier knows, within the limits"
#define VERIFY_V2 "V2 the parts have the lengths that the header says, and end at the end"
#define VERIFY_V3 "V3 a text is UTF-8 without control characters, not empty and not too long"
#define VERIFY_V4 "V4 tables are sorted, without duplicates"
#define VERIFY_V5 "V5 indexes are within their tables, and values within their range"
#define VERIFY_V6 "V6 what stands in a table is used"
#define VERIFY_V7 "V7 instructions and duties add up to the header's"
#define VERIFY_V8 "V8 an instruction is known, and what it does not use is 0"
#define VERIFY_V9 "V9 a fact exists and has the type, sort and codes that are asked for"
#define VERIFY_V10 "V10 clauses speak of facts of decisions, tallies and milestones of facts of events"
#define VERIFY_V11 "V11 a jump stays within its condition"
#define VERIFY_V12 "V12 a register is set before it is read, with the type that is asked for"
#define VERIFY_V13 "V13 the worst case of gas is within the limit"

#endif
