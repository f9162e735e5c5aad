/* Bytecode of small contracts, put together by hand (docs/formats/contract-code.md): what a test needs of them. */
#ifndef TESTS_STATE_CODE_H
#define TESTS_STATE_CODE_H

#include "contracts/contracts.h"
#include "ledger/base/base.h"

struct code_instruction {
	uint8_t op, a, b, c;
	uint32_t imm;
	uint64_t set;     /* not 0: these numbers are the code set of the instruction */
	const char *text; /* not NULL: the text of the instruction */
};
#define CODE_FACT(fact) {.op = 0x03, .imm = (fact)}
#define CODE_THEN(fact) {.op = 0x03, .b = 1, .imm = (fact)} /* as of the permit */
#define CODE_KNOWN(fact) {.op = 0x05, .imm = (fact)}
#define CODE_IS(fact, bits) {.op = 0x10, .imm = (fact), .set = (bits)}
#define CODE_INCLUDES(fact, bits) {.op = 0x11, .imm = (fact), .set = (bits)}
#define CODE_TEXT(fact, words) {.op = 0x18, .imm = (fact), .text = (words)}
#define CODE_TALLY(which) {.op = 0x06, .imm = (which)}
#define CODE_NOT {.op = 0x32}

#define CODE_INSTRUCTIONS_MAX 8
#define CODE_CLAUSES_MAX 8
struct code_clause {
	const char *name; /* NULL: no more clauses. Ascending */
	enum contracts_effect effect;
	uint32_t actions, categories; /* bit n: number n; 0: any */
	struct code_instruction code[CODE_INSTRUCTIONS_MAX]; /* up to the first op 0 */
	int64_t expire;      /* not 0: expire after so many milliseconds */
	unsigned notify;     /* not 0: notify this role */
};
/* Appends it. */
void code_contract(struct base_buf *out, const char *name, unsigned version, const struct code_clause *clauses);

#endif
