/* Numbers and layout of bytecode, docs/formats/contract-code.md; for whoever writes it (emit.c) and whoever reads,
 * verifies and runs it (bytecode.c, verify.c, vm.c). Internal to contracts/. */
#ifndef CONTRACTS_BYTECODE_H
#define CONTRACTS_BYTECODE_H

#include "contracts/contracts.h"

#define BYTECODE_MAGIC "RGCT"
#define BYTECODE_HEADER_BYTES 44
#define BYTECODE_SET_BYTES 32
#define BYTECODE_OBLIGATION_BYTES 8
#define BYTECODE_CLAUSE_BYTES 20
#define BYTECODE_TALLY_BYTES 12
#define BYTECODE_MILESTONE_BYTES 16
#define BYTECODE_INSTRUCTION_BYTES 8
#define BYTECODE_NONE 0xffff /* no text, integer or code set */
#define BYTECODE_REGISTERS 64

/* number, name. What each does: §3 there. */
#define BYTECODE_OPS(OP)                                                                                               \
	OP(0x01, INT)                                                                                                  \
	OP(0x03, FACT)                                                                                                 \
	OP(0x04, LAST)                                                                                                 \
	OP(0x05, KNOWN)                                                                                                \
	OP(0x06, TALLY)                                                                                                \
	OP(0x07, COUNT)                                                                                                \
	OP(0x10, CODE)                                                                                                 \
	OP(0x11, ANY)                                                                                                  \
	OP(0x12, ALL)                                                                                                  \
	OP(0x13, ONLY)                                                                                                 \
	OP(0x18, TEXT)                                                                                                 \
	OP(0x19, TSET)                                                                                                 \
	OP(0x1a, TANY)                                                                                                 \
	OP(0x1b, TALL)                                                                                                 \
	OP(0x1c, TONLY)                                                                                                \
	OP(0x1d, TSAME)                                                                                                \
	OP(0x1e, TIN)                                                                                                  \
	OP(0x20, ADD)                                                                                                  \
	OP(0x21, SUB)                                                                                                  \
	OP(0x22, MUL)                                                                                                  \
	OP(0x23, MONTHS)                                                                                               \
	OP(0x24, LATER)                                                                                                \
	OP(0x25, EARLIER)                                                                                              \
	OP(0x28, LT)                                                                                                   \
	OP(0x29, LE)                                                                                                   \
	OP(0x2a, EQ)                                                                                                   \
	OP(0x30, AND)                                                                                                  \
	OP(0x31, OR)                                                                                                   \
	OP(0x32, NOT)                                                                                                  \
	OP(0x33, SAME)                                                                                                 \
	OP(0x38, JF)                                                                                                   \
	OP(0x39, JT)
enum bytecode_op {
#define OP(number, name) BYTECODE_##name = (number),
	BYTECODE_OPS(OP)
#undef OP
};

#define BYTECODE_GAS_BEGIN 10
#define BYTECODE_GAS_CLAUSE 2 /* clause, tally, milestone */
#define BYTECODE_GAS_DUTY 1
#define BYTECODE_MONTHS_MAX 12000
#define BYTECODE_EVENT_DOSES 5 /* in CONTRACTS_EVENTS */
#define BYTECODE_DUE_MS_MAX INT64_C(3155760000000)
#define BYTECODE_DUE_MONTHS_MAX 1200
#define BYTECODE_INSTANT_END INT64_C(253402300800000) /* begin of year 10000 */

#endif
