/* What the instructions do: docs/formats/contract-code.md, §3. Inline, for they are most of the time of a run. Nothing
 * here can trap, whatever the facts are. Internal to vm.c. */
#ifndef CONTRACTS_VM_OPS_H
#define CONTRACTS_VM_OPS_H

#include "contracts/program.h"

#include <string.h>

static inline struct program_value vm_known(int64_t value)
{
	return (struct program_value){.value = value};
}

static inline struct program_value vm_fault(enum contracts_fault_kind kind, unsigned which)
{
	return (struct program_value){.fault = CONTRACTS_FAULT(kind, which)};
}

/* Of two the smaller that is one: no fault (0) is the largest number once 1 is taken from both. */
static inline contracts_fault vm_fault_of(contracts_fault a, contracts_fault b)
{
	return (a - 1 < b - 1 ? a - 1 : b - 1) + 1;
}

static inline bool vm_is_true(struct program_value x)
{
	return x.fault == 0 && x.value != 0;
}

static inline bool vm_is_false(struct program_value x)
{
	return x.fault == 0 && x.value == 0;
}

/* That is rare. */
static inline bool vm_any_fault(struct program_value a, struct program_value b)
{
	return __builtin_expect((a.fault | b.fault) != 0, 0);
}

/* Faults of operands come first; then what the operation itself found. */
static inline struct program_value vm_result(struct program_value a, struct program_value b, int64_t value)
{
	if (vm_any_fault(a, b))
		return (struct program_value){.fault = vm_fault_of(a.fault, b.fault)};
	return vm_known(value);
}

static inline struct program_value vm_checked(struct program_value a, struct program_value b, int64_t value, bool overflow)
{
	if (__builtin_expect(overflow, 0) && (a.fault | b.fault) == 0)
		return vm_fault(CONTRACTS_FAULT_OVERFLOW, 0);
	return vm_result(a, b, value);
}

static inline struct program_value vm_add(struct program_value a, struct program_value b)
{
	int64_t value;
	bool overflow = __builtin_add_overflow(a.value, b.value, &value);

	return vm_checked(a, b, value, overflow);
}

static inline struct program_value vm_sub(struct program_value a, struct program_value b)
{
	int64_t value;
	bool overflow = __builtin_sub_overflow(a.value, b.value, &value);

	return vm_checked(a, b, value, overflow);
}

static inline struct program_value vm_mul(struct program_value a, struct program_value b)
{
	int64_t value;
	bool overflow = __builtin_mul_overflow(a.value, b.value, &value);

	return vm_checked(a, b, value, overflow);
}

static inline bool vm_is_instant(int64_t value)
{
	return value >= 0 && value < BYTECODE_INSTANT_END;
}

static inline struct program_value vm_later(struct program_value a, struct program_value b)
{
	int64_t value;
	bool overflow = __builtin_add_overflow(a.value, b.value, &value) || !vm_is_instant(value);

	return vm_checked(a, b, value, overflow);
}

static inline struct program_value vm_earlier(struct program_value a, struct program_value b)
{
	int64_t value;
	bool overflow = __builtin_sub_overflow(a.value, b.value, &value) || !vm_is_instant(value);

	return vm_checked(a, b, value, overflow);
}

static inline struct program_value vm_months(struct program_value a, int64_t months)
{
	int64_t value = 0;

	if (a.fault == 0 && !contracts_months_after(a.value, months, &value))
		return vm_fault(CONTRACTS_FAULT_OVERFLOW, 0);
	return (struct program_value){.value = value, .fault = a.fault};
}

static inline struct program_value vm_and(struct program_value a, struct program_value b)
{
	if (!vm_any_fault(a, b))
		return vm_known(a.value & b.value);
	return vm_is_false(a) || vm_is_false(b) ? vm_known(0) : vm_result(a, b, 0);
}

static inline struct program_value vm_or(struct program_value a, struct program_value b)
{
	if (!vm_any_fault(a, b))
		return vm_known(a.value | b.value);
	return vm_is_true(a) || vm_is_true(b) ? vm_known(1) : vm_result(a, b, 0);
}

static inline struct program_value vm_not(struct program_value a)
{
	return (struct program_value){.value = 1 - (a.value & 1), .fault = a.fault};
}

static inline struct program_value vm_same(struct program_value a, struct program_value b)
{
	if ((a.fault | b.fault) == 0 && a.value != b.value)
		return vm_fault(CONTRACTS_FAULT_IMPRECISE, 0);
	return vm_result(a, b, a.value);
}

/* ---- Facts -------------------------------------------------------------- */

static inline struct program_value vm_fact(const struct contracts_fact *fact, unsigned id, int64_t value)
{
	if (!fact->known)
		return vm_fault(CONTRACTS_FAULT_UNKNOWN, id);
	return vm_known(value);
}

/* A code of which the tables know nothing is neither in a set nor out of it. */
static inline struct program_value vm_code(const struct contracts_fact *fact, unsigned id, const struct contracts_codes *all,
					   const struct contracts_codes *set)
{
	if (!fact->known)
		return vm_fault(CONTRACTS_FAULT_UNKNOWN, id);
	if (!program_codes_have(all, fact->value))
		return vm_fault(CONTRACTS_FAULT_CODE, id);
	return vm_known(program_codes_have(set, fact->value));
}

/* Facts that are texts have exactly one. */
static inline bool vm_has_text(const struct contracts_fact *fact)
{
	return fact->known && fact->texts_count == 1;
}

static inline int vm_text_order(struct contracts_text a, struct contracts_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool vm_text_equal(struct contracts_text a, struct contracts_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

#endif
