/* Bytecode without a compiler, for tests: constants and rules are given in any order and by handles, and come out as
 * docs/formats/contract-code.md asks: sorted, once each, with indexes. Nothing is checked, so what is wrong can be
 * written too. */
#ifndef TESTS_CONTRACTS_ASSEMBLER_H
#define TESTS_CONTRACTS_ASSEMBLER_H

#include "contracts/bytecode.h"

#define ASSEMBLER_ROOM 9000
#define ASSEMBLER_RULES 1200
#define ASSEMBLER_CODE 140000
#define ASSEMBLER_NONE 0xffffffffu

struct assembler_obligation {
	uint8_t duty, due;
	unsigned integer; /* handle, or ASSEMBLER_NONE */
	uint16_t role;
	unsigned organisation; /* handle, or ASSEMBLER_NONE */
};
enum assembler_kind { ASSEMBLER_CLAUSE, ASSEMBLER_TALLY, ASSEMBLER_MILESTONE };
struct assembler_rule { /* a clause, tally or milestone; handles */
	enum assembler_kind kind;
	unsigned name, because;
	uint8_t effect;
	unsigned purposes; /* or ASSEMBLER_NONE */
	uint32_t actions, categories;
	uint8_t by;
	uint32_t events;
	unsigned tally, reached;
	uint8_t of_group, stop;
	unsigned duties[32];
	unsigned duties_count;
	uint32_t code, code_count;
};
struct assembler_instruction {
	uint8_t op, a, b, c;
	uint32_t imm; /* low half, or a handle of an integer or tally */
	uint32_t high; /* handle of a set or text, or another fact */
};
struct assembler {
	unsigned name;
	uint32_t version;
	const char *texts[ASSEMBLER_ROOM];
	int64_t integers[ASSEMBLER_ROOM];
	struct contracts_codes code_sets[ASSEMBLER_ROOM];
	struct {
		uint16_t count;
		unsigned texts[300];
	} text_sets[ASSEMBLER_ROOM];
	struct assembler_obligation obligations[ASSEMBLER_RULES];
	struct assembler_rule rules[ASSEMBLER_RULES];
	struct assembler_instruction code[ASSEMBLER_CODE];
	unsigned texts_count, integers_count, code_sets_count, text_sets_count, obligations_count, rules_count, code_count;
};

/* Until assembler_free. */
struct assembler *assembler_new(const char *name, uint32_t version);
void assembler_free(struct assembler *as);

/* Handles. Texts are borrowed. */
unsigned assembler_text(struct assembler *as, const char *text);
unsigned assembler_integer(struct assembler *as, int64_t value);
unsigned assembler_codes(struct assembler *as, struct contracts_codes codes);
unsigned assembler_code(struct assembler *as, unsigned number); /* a set of one */
unsigned assembler_texts(struct assembler *as, const char *const *texts, unsigned count);
unsigned assembler_obligation(struct assembler *as, struct assembler_obligation obligation);
/* What follows belongs to it: assembler_duty, assembler_op. Its name is its reason. */
struct assembler_rule *assembler_clause(struct assembler *as, const char *name, enum contracts_effect effect);
struct assembler_rule *assembler_tally(struct assembler *as, const char *name, uint32_t events);
struct assembler_rule *assembler_milestone(struct assembler *as, const char *name, unsigned tally, int64_t reached);
unsigned assembler_rule_handle(const struct assembler *as, const struct assembler_rule *rule);
void assembler_duty(struct assembler *as, unsigned obligation);
void assembler_op(struct assembler *as, struct assembler_instruction in);
#define OP(as, name, ...) assembler_op((as), (struct assembler_instruction){.op = BYTECODE_##name, __VA_ARGS__})

/* malloc'ed. */
struct contracts_bytes assembler_bytes(const struct assembler *as);

struct contracts_codes assembler_codes_of(const unsigned *numbers, unsigned count);

#endif
