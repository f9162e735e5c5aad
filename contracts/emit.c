/* The checked tree as bytecode: docs/formats/contract-code.md, "Layout", "How conditions are compiled". */
#include "contracts/arena.h"
#include "contracts/bytecode.h"
#include "contracts/tree.h"

#include <stdlib.h>
#include <string.h>

/* ---- Pools: what has a table in the bytecode ------------------------------ */

struct pool {
	uint8_t *data;
	size_t size, count, room; /* size: of an element */
	int (*order)(const void *a, const void *b);
};
struct text_set {
	const struct contracts_text *texts;
	size_t count;
};
struct emit {
	struct contracts_arena *arena;
	const struct tree *tree;
	struct contracts_report *report;
	struct pool texts, integers, codes, sets, obligations, duties, instructions;
	uint32_t *lengths; /* instructions of each clause, tally and milestone */
	uint64_t gas;
	bool no_memory;
};

static int order_texts(const void *a, const void *b)
{
	return tree_text_order(*(const struct contracts_text *)a, *(const struct contracts_text *)b);
}

static int order_integers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int order_codes(const void *a, const void *b)
{
	const struct contracts_codes *x = a, *y = b;

	for (size_t i = 0; i < 4; i++)
		if (x->bits[i] != y->bits[i])
			return x->bits[i] > y->bits[i] ? 1 : -1;
	return 0;
}

/* Texts are sorted: their indexes compare as they do. */
static int order_sets(const void *a, const void *b)
{
	const struct text_set *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? 1 : -1;
	for (size_t i = 0; x->texts != y->texts && i < x->count; i++) {
		int order = tree_text_order(x->texts[i], y->texts[i]);

		if (order != 0)
			return order;
	}
	return 0;
}

static int order_obligations(const void *a, const void *b)
{
	return memcmp(a, b, BYTECODE_OBLIGATION_BYTES);
}

static int order_duties(const void *a, const void *b)
{
	uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;

	return (x > y) - (x < y);
}

static void pool_add(struct emit *emit, struct pool *pool, const void *element)
{
	if (pool->count == pool->room) {
		size_t room = pool->room == 0 ? 64 : 2 * pool->room;
		uint8_t *data = emit->no_memory ? NULL : arena_take(emit->arena, room, pool->size);

		if (data == NULL) {
			emit->no_memory = true;
			return;
		}
		if (pool->count > 0)
			memcpy(data, pool->data, pool->count * pool->size);
		pool->data = data;
		pool->room = room;
	}
	memcpy(pool->data + pool->count++ * pool->size, element, pool->size);
}

/* Ascending, each once. */
static void pool_close(struct pool *pool)
{
	size_t count = 0;

	if (pool->count == 0)
		return;
	qsort(pool->data, pool->count, pool->size, pool->order);
	for (size_t i = 0; i < pool->count; i++) {
		uint8_t *element = pool->data + i * pool->size;

		if (count > 0 && pool->order(element, pool->data + (count - 1) * pool->size) == 0)
			continue;
		if (count != i)
			memcpy(pool->data + count * pool->size, element, pool->size);
		count++;
	}
	pool->count = count;
}

/* What was added before is there. */
static uint16_t pool_index(const struct pool *pool, const void *element)
{
	const uint8_t *found = bsearch(element, pool->data, pool->count, pool->size, pool->order);

	if (found == NULL)
		return 0;
	return (uint16_t)((size_t)(found - pool->data) / pool->size);
}

static uint16_t text_index(const struct emit *emit, struct contracts_text text)
{
	return pool_index(&emit->texts, &text);
}

/* ---- Collecting constants ------------------------------------------------- */

static void collect(struct emit *emit, const struct tree_node *node)
{
	if (node == NULL)
		return;
	if (node->kind == TREE_NUMBER || node->kind == TREE_DATE)
		pool_add(emit, &emit->integers, &node->number);
	if (node->kind == TREE_ADD || node->kind == TREE_SUB) {
		/* Months are taken from a date by adding their negation. */
		int64_t months = node->kind == TREE_SUB ? -node->right->number : node->right->number;

		if (node->right->kind == TREE_MONTHS)
			pool_add(emit, &emit->integers, &months);
	}
	if (node->kind == TREE_CODES)
		pool_add(emit, &emit->codes, &node->elements->codes);
	if (node->kind == TREE_TEXTS) {
		struct text_set set = {node->elements->texts, node->elements->texts_count};

		if (tables_facts[node->fact].type == CONTRACTS_TEXT_SET || set.count > 1)
			pool_add(emit, &emit->sets, &set);
		else
			pool_add(emit, &emit->texts, &set.texts[0]);
	}
	collect(emit, node->left);
	collect(emit, node->right);
	for (const struct tree_node *child = node->child; child != NULL; child = child->next)
		collect(emit, child);
}

static void collect_duties(struct emit *emit, const struct tree_duties *duties)
{
	for (size_t i = 0; i < duties->count; i++) {
		if (duties->list[i].due != CONTRACTS_DUE_NEVER)
			pool_add(emit, &emit->integers, &duties->list[i].time);
		if (duties->list[i].organisation.len > 0)
			pool_add(emit, &emit->texts, &duties->list[i].organisation);
	}
}

static void collect_constants(struct emit *emit)
{
	const struct tree *tree = emit->tree;

	pool_add(emit, &emit->texts, &tree->name);
	for (size_t i = 0; i < tree->clauses_count; i++) {
		const struct tree_clause *clause = &tree->clauses[i];

		pool_add(emit, &emit->texts, &clause->name);
		pool_add(emit, &emit->texts, &clause->because);
		if (!clause->any_purpose)
			pool_add(emit, &emit->codes, &clause->purpose_codes);
		collect(emit, clause->when);
		collect_duties(emit, &clause->duties);
	}
	for (size_t i = 0; i < tree->tallies_count; i++) {
		pool_add(emit, &emit->texts, &tree->tallies[i].name);
		collect(emit, tree->tallies[i].when);
	}
	for (size_t i = 0; i < tree->milestones_count; i++) {
		const struct tree_milestone *milestone = &tree->milestones[i];

		pool_add(emit, &emit->texts, &milestone->name);
		pool_add(emit, &emit->texts, &milestone->because);
		pool_add(emit, &emit->integers, &milestone->threshold);
		collect(emit, milestone->when);
		collect_duties(emit, &milestone->duties);
	}
	/* Many tests may name the same set: its texts are taken once. */
	pool_close(&emit->sets);
	for (size_t i = 0; i < emit->sets.count; i++) {
		const struct text_set *set = &((const struct text_set *)emit->sets.data)[i];

		for (size_t k = 0; k < set->count; k++)
			pool_add(emit, &emit->texts, &set->texts[k]);
	}
	pool_close(&emit->texts);
	pool_close(&emit->integers);
	pool_close(&emit->codes);
}

/* ---- Instructions --------------------------------------------------------- */

static void put16(uint8_t *out, unsigned value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static void put32(uint8_t *out, uint32_t value)
{
	put16(out, value >> 16);
	put16(out + 2, value & 0xffff);
}

static void put64(uint8_t *out, uint64_t value)
{
	put32(out, (uint32_t)(value >> 32));
	put32(out + 4, (uint32_t)value);
}

struct instruction {
	enum bytecode_op op;
	unsigned a, b, c;
	uint32_t imm;
	uint64_t gas;
};

static void put(struct emit *emit, struct instruction instruction)
{
	uint8_t bytes[BYTECODE_INSTRUCTION_BYTES] = {(uint8_t)instruction.op, (uint8_t)instruction.a, (uint8_t)instruction.b,
						     (uint8_t)instruction.c};

	put32(bytes + 4, instruction.imm);
	pool_add(emit, &emit->instructions, bytes);
	emit->gas += instruction.gas;
}

static void three(struct emit *emit, enum bytecode_op op, unsigned a, unsigned b, unsigned c)
{
	put(emit, (struct instruction){.op = op, .a = a, .b = b, .c = c, .gas = 1});
}

static void not(struct emit *emit, unsigned d)
{
	three(emit, BYTECODE_NOT, d, d, 0);
}

static void integer(struct emit *emit, unsigned d, int64_t value)
{
	put(emit, (struct instruction){.op = BYTECODE_INT, .a = d, .imm = pool_index(&emit->integers, &value), .gas = 1});
}

static void of_fact(struct emit *emit, enum bytecode_op op, unsigned d, const struct tree_node *node, unsigned constant,
		    uint64_t gas)
{
	put(emit, (struct instruction){.op = op, .a = d, .b = node->permit, .imm = (uint32_t)constant << 16 | node->fact, .gas = gas});
}

/* last: the last instant of dates that are not points. */
static void emit_value(struct emit *emit, const struct tree_node *node, unsigned d, bool last)
{
	static const enum bytecode_op ops[] = {[TREE_ADD] = BYTECODE_ADD, [TREE_SUB] = BYTECODE_SUB, [TREE_MUL] = BYTECODE_MUL};
	enum bytecode_op op;

	if (node->kind == TREE_NUMBER || node->kind == TREE_DATE) {
		integer(emit, d, node->number);
	} else if (node->kind == TREE_FACT) {
		of_fact(emit, last && !tables_facts[node->fact].point ? BYTECODE_LAST : BYTECODE_FACT, d, node, 0, 1);
	} else if (node->kind == TREE_COUNT) {
		of_fact(emit, BYTECODE_COUNT, d, node, 0, 2);
	} else if (node->kind == TREE_TALLY) {
		put(emit, (struct instruction){.op = BYTECODE_TALLY, .a = d, .b = node->group != CONTRACTS_BY_STUDY,
					       .imm = node->tally, .gas = 1});
	} else if (node->right->kind == TREE_MONTHS) {
		int64_t months = node->kind == TREE_SUB ? -node->right->number : node->right->number;

		emit_value(emit, node->left, d, last);
		put(emit, (struct instruction){.op = BYTECODE_MONTHS, .a = d, .b = d,
					       .imm = pool_index(&emit->integers, &months), .gas = 8});
	} else {
		emit_value(emit, node->left, d, last);
		emit_value(emit, node->right, d + 1, last);
		op = ops[node->kind];
		if (node->type == CONTRACTS_DATE)
			op = node->kind == TREE_ADD ? BYTECODE_LATER : BYTECODE_EARLIER;
		three(emit, op, d, d, d + 1);
	}
}

static bool is_point(const struct tree_node *node)
{
	if (node->kind == TREE_FACT)
		return tables_facts[node->fact].point;
	return node->kind == TREE_DATE || is_point(node->left);
}

static void emit_before(struct emit *emit, const struct tree_node *node, unsigned d)
{
	bool points = is_point(node->left) && is_point(node->right);

	emit_value(emit, node->left, d, true);
	emit_value(emit, node->right, d + 1, false);
	three(emit, BYTECODE_LT, d, d, d + 1);
	if (points)
		return;
	emit_value(emit, node->left, d + 1, false);
	emit_value(emit, node->right, d + 2, true);
	three(emit, BYTECODE_LT, d + 1, d + 1, d + 2);
	three(emit, BYTECODE_SAME, d, d, d + 1);
}

static uint64_t digits_of(size_t n)
{
	uint64_t digits = 0;

	for (; n > 0; n >>= 1)
		digits++;
	return digits;
}

static void emit_list(struct emit *emit, const struct tree_node *node, unsigned d)
{
	static const enum bytecode_op code_ops[] = {BYTECODE_ANY, BYTECODE_ALL, BYTECODE_ONLY};
	static const enum bytecode_op text_ops[] = {BYTECODE_TANY, BYTECODE_TALL, BYTECODE_TONLY};
	struct text_set set = {node->elements->texts, node->elements->texts_count};
	enum contracts_type type = tables_facts[node->fact].type;

	if (node->kind == TREE_CODES)
		of_fact(emit, type == CONTRACTS_CODE ? BYTECODE_CODE : code_ops[node->how], d, node,
			pool_index(&emit->codes, &node->elements->codes), 2);
	else if (type == CONTRACTS_TEXT_SET)
		of_fact(emit, text_ops[node->how], d, node, pool_index(&emit->sets, &set), 4 * (CONTRACTS_LIST_MAX + (uint64_t)set.count));
	else if (set.count == 1)
		of_fact(emit, BYTECODE_TEXT, d, node, text_index(emit, set.texts[0]), 2 + (set.texts[0].len + 15) / 16);
	else
		of_fact(emit, BYTECODE_TSET, d, node, pool_index(&emit->sets, &set), 4 + 4 * digits_of(set.count));
}

static void emit_facts(struct emit *emit, const struct tree_node *node, unsigned d)
{
	struct tree_node swapped = *node;

	if (node->kind == TREE_SAME && node->other < node->fact) {
		swapped.fact = node->other;
		swapped.other = node->fact;
	}
	if (node->kind == TREE_SAME)
		of_fact(emit, BYTECODE_TSAME, d, &swapped, swapped.other, 18);
	else
		of_fact(emit, BYTECODE_TIN, d, node, node->other, 36);
}

static void emit_condition(struct emit *emit, const struct tree_node *node, unsigned d);

static void emit_several(struct emit *emit, const struct tree_node *node, unsigned d)
{
	bool and = node->kind == TREE_AND;

	emit_condition(emit, node->child, d);
	for (const struct tree_node *child = node->child->next; child != NULL; child = child->next) {
		size_t jump = emit->instructions.count;

		put(emit, (struct instruction){.op = and ? BYTECODE_JF : BYTECODE_JT, .a = d, .gas = 1});
		emit_condition(emit, child, d + 1);
		three(emit, and ? BYTECODE_AND : BYTECODE_OR, d, d, d + 1);
		if (!emit->no_memory)
			put32(emit->instructions.data + jump * BYTECODE_INSTRUCTION_BYTES + 4,
			      (uint32_t)(emit->instructions.count - jump - 1));
	}
}

static void emit_compare(struct emit *emit, const struct tree_node *node, unsigned d)
{
	bool strict = node->kind == TREE_LESS || node->kind == TREE_MORE;
	bool swapped = node->kind == TREE_MORE || node->kind == TREE_AT_LEAST;

	emit_value(emit, node->left, d, false);
	emit_value(emit, node->right, d + 1, false);
	if (node->kind == TREE_EQUAL)
		three(emit, BYTECODE_EQ, d, d, d + 1);
	else
		three(emit, strict ? BYTECODE_LT : BYTECODE_LE, d, swapped ? d + 1 : d, swapped ? d : d + 1);
}

static void emit_condition(struct emit *emit, const struct tree_node *node, unsigned d)
{
	switch (node->kind) {
	case TREE_AND:
	case TREE_OR:
		emit_several(emit, node, d);
		return;
	case TREE_NOT:
		emit_condition(emit, node->child, d);
		not(emit, d);
		return;
	case TREE_TRUTH:
		of_fact(emit, BYTECODE_FACT, d, node, 0, 1);
		return;
	case TREE_KNOWN:
		of_fact(emit, BYTECODE_KNOWN, d, node, 0, 1);
		return;
	case TREE_CODES:
	case TREE_TEXTS:
		emit_list(emit, node, d);
		return;
	case TREE_SAME:
	case TREE_AMONG:
		emit_facts(emit, node, d);
		return;
	case TREE_BEFORE:
		emit_before(emit, node, d);
		return;
	case TREE_EQUAL:
	case TREE_LESS:
	case TREE_MORE:
	case TREE_AT_MOST:
	case TREE_AT_LEAST:
		emit_compare(emit, node, d);
		return;
	case TREE_FACT:
	case TREE_COUNT:
	case TREE_NUMBER:
	case TREE_MONTHS:
	case TREE_DATE:
	case TREE_TALLY:
	case TREE_ADD:
	case TREE_SUB:
	case TREE_MUL:
		break;
	}
}

static void emit_part(struct emit *emit, size_t part, const struct tree_node *when)
{
	size_t before = emit->instructions.count;

	if (when != NULL)
		emit_condition(emit, when, 0);
	emit->lengths[part] = (uint32_t)(emit->instructions.count - before);
	emit->gas += BYTECODE_GAS_CLAUSE;
}

/* ---- Obligations ---------------------------------------------------------- */

static void encode_obligation(const struct emit *emit, const struct contracts_obligation *obligation,
			      uint8_t out[BYTECODE_OBLIGATION_BYTES])
{
	out[0] = (uint8_t)obligation->duty;
	out[1] = (uint8_t)obligation->due;
	put16(out + 2, obligation->due == CONTRACTS_DUE_NEVER ? BYTECODE_NONE : pool_index(&emit->integers, &obligation->time));
	put16(out + 4, obligation->role);
	put16(out + 6, obligation->organisation.len == 0 ? BYTECODE_NONE : text_index(emit, obligation->organisation));
}

static void collect_obligations(struct emit *emit, const struct tree_duties *duties)
{
	uint8_t bytes[BYTECODE_OBLIGATION_BYTES];

	for (size_t i = 0; i < duties->count; i++) {
		encode_obligation(emit, &duties->list[i], bytes);
		pool_add(emit, &emit->obligations, bytes);
	}
}

/* Ascending, each once. Returns how many. */
static unsigned emit_duties(struct emit *emit, const struct tree_duties *duties)
{
	uint16_t list[CONTRACTS_DUTIES_MAX];
	uint8_t bytes[BYTECODE_OBLIGATION_BYTES];
	unsigned count = 0;

	for (size_t i = 0; i < duties->count; i++) {
		encode_obligation(emit, &duties->list[i], bytes);
		list[i] = pool_index(&emit->obligations, bytes);
	}
	if (duties->count > 0)
		qsort(list, duties->count, sizeof(list[0]), order_duties);
	for (size_t i = 0; i < duties->count; i++) {
		if (i > 0 && list[i] == list[i - 1])
			continue;
		pool_add(emit, &emit->duties, &list[i]);
		count++;
	}
	emit->gas += count;
	return count;
}

/* ---- Writing -------------------------------------------------------------- */

struct writer {
	uint8_t *data;
	size_t len;
};

static void write16(struct writer *writer, unsigned value)
{
	put16(writer->data + writer->len, value);
	writer->len += 2;
}

static void write32(struct writer *writer, uint32_t value)
{
	put32(writer->data + writer->len, value);
	writer->len += 4;
}

static void write64(struct writer *writer, uint64_t value)
{
	put64(writer->data + writer->len, value);
	writer->len += 8;
}

static void write_bytes(struct writer *writer, const void *data, size_t len)
{
	if (len > 0)
		memcpy(writer->data + writer->len, data, len);
	writer->len += len;
}

static void write_header(const struct emit *emit, struct writer *writer, size_t total)
{
	const struct tree *tree = emit->tree;
	static const uint8_t versions[] = {CONTRACTS_VM_VERSION, CONTRACTS_GAS_VERSION, CONTRACTS_COMPILER_VERSION,
					   CONTRACTS_TABLES_VERSION};

	write_bytes(writer, BYTECODE_MAGIC, 4);
	write_bytes(writer, versions, sizeof(versions));
	write32(writer, (uint32_t)total);
	write16(writer, text_index(emit, tree->name));
	write16(writer, 0);
	write32(writer, tree->version);
	write16(writer, (unsigned)emit->texts.count);
	write16(writer, (unsigned)emit->integers.count);
	write16(writer, (unsigned)emit->codes.count);
	write16(writer, (unsigned)emit->sets.count);
	write16(writer, (unsigned)emit->obligations.count);
	write16(writer, (unsigned)tree->clauses_count);
	write16(writer, (unsigned)tree->tallies_count);
	write16(writer, (unsigned)tree->milestones_count);
	write32(writer, (uint32_t)emit->duties.count);
	write32(writer, (uint32_t)emit->instructions.count);
}

static void write_constants(const struct emit *emit, struct writer *writer)
{
	for (size_t i = 0; i < emit->texts.count; i++) {
		const struct contracts_text *text = &((const struct contracts_text *)emit->texts.data)[i];

		write16(writer, (unsigned)text->len);
		write_bytes(writer, text->data, text->len);
	}
	for (size_t i = 0; i < emit->integers.count; i++)
		write64(writer, (uint64_t)((const int64_t *)emit->integers.data)[i]);
	for (size_t i = 0; i < emit->codes.count; i++)
		for (size_t w = 0; w < 4; w++)
			write64(writer, ((const struct contracts_codes *)emit->codes.data)[i].bits[w]);
	for (size_t i = 0; i < emit->sets.count; i++) {
		const struct text_set *set = &((const struct text_set *)emit->sets.data)[i];

		write16(writer, (unsigned)set->count);
		for (size_t k = 0; k < set->count; k++)
			write16(writer, text_index(emit, set->texts[k]));
	}
	write_bytes(writer, emit->obligations.data, emit->obligations.count * BYTECODE_OBLIGATION_BYTES);
}

static unsigned count_duties(const struct emit *emit, const struct tree_duties *duties)
{
	struct emit scratch = *emit;
	uint16_t room[CONTRACTS_DUTIES_MAX];

	scratch.duties.data = (uint8_t *)room;
	scratch.duties.count = 0;
	scratch.duties.room = CONTRACTS_DUTIES_MAX;
	return emit_duties(&scratch, duties);
}

static void write_parts(const struct emit *emit, struct writer *writer)
{
	const struct tree *tree = emit->tree;
	const uint32_t *length = emit->lengths;

	for (size_t i = 0; i < tree->clauses_count; i++) {
		const struct tree_clause *clause = &tree->clauses[i];

		write16(writer, text_index(emit, clause->name));
		write16(writer, text_index(emit, clause->because));
		write16(writer, (unsigned)clause->effect << 8 | count_duties(emit, &clause->duties));
		write16(writer, clause->any_purpose ? BYTECODE_NONE : pool_index(&emit->codes, &clause->purpose_codes));
		write32(writer, clause->action_bits);
		write32(writer, clause->category_bits);
		write32(writer, *length++);
	}
	for (size_t i = 0; i < tree->tallies_count; i++) {
		write16(writer, text_index(emit, tree->tallies[i].name));
		write16(writer, (unsigned)tree->tallies[i].by << 8);
		write32(writer, tree->tallies[i].event_bits);
		write32(writer, *length++);
	}
	for (size_t i = 0; i < tree->milestones_count; i++) {
		const struct tree_milestone *milestone = &tree->milestones[i];

		write16(writer, text_index(emit, milestone->name));
		write16(writer, text_index(emit, milestone->because));
		write16(writer, milestone->tally);
		write16(writer, pool_index(&emit->integers, &milestone->threshold));
		write16(writer, (unsigned)(milestone->group != CONTRACTS_BY_STUDY) << 8 | milestone->duties.stop);
		write16(writer, count_duties(emit, &milestone->duties) << 8);
		write32(writer, *length++);
	}
	for (size_t i = 0; i < emit->duties.count; i++)
		write16(writer, ((const uint16_t *)emit->duties.data)[i]);
	write_bytes(writer, emit->instructions.data, emit->instructions.count * BYTECODE_INSTRUCTION_BYTES);
}

static size_t total_bytes(const struct emit *emit)
{
	const struct tree *tree = emit->tree;
	size_t bytes = BYTECODE_HEADER_BYTES + 8 * emit->integers.count + BYTECODE_SET_BYTES * emit->codes.count +
		       BYTECODE_OBLIGATION_BYTES * emit->obligations.count + BYTECODE_CLAUSE_BYTES * tree->clauses_count +
		       BYTECODE_TALLY_BYTES * tree->tallies_count + BYTECODE_MILESTONE_BYTES * tree->milestones_count +
		       2 * emit->duties.count + BYTECODE_INSTRUCTION_BYTES * emit->instructions.count;

	for (size_t i = 0; i < emit->texts.count; i++)
		bytes += 2 + ((const struct contracts_text *)emit->texts.data)[i].len;
	for (size_t i = 0; i < emit->sets.count; i++)
		bytes += 2 + 2 * ((const struct text_set *)emit->sets.data)[i].count;
	return bytes;
}

static bool within(const struct emit *emit, uint64_t count, uint64_t max, const char *what)
{
	if (count <= max)
		return true;
	report_error(emit->report, (struct report_place){1, 1},
		     report_format("the contract as a whole is too large: %llu %s", (unsigned long long)count, what),
		     report_format("at most %llu; make conditions simpler, or leave clauses out", (unsigned long long)max));
	return false;
}

static bool constants_fit(const struct emit *emit)
{
	return within(emit, emit->texts.count, CONTRACTS_CONSTANTS_MAX, "different texts") &&
	       within(emit, emit->integers.count, CONTRACTS_CONSTANTS_MAX, "different numbers and dates") &&
	       within(emit, emit->codes.count, CONTRACTS_CONSTANTS_MAX, "different lists of codes") &&
	       within(emit, emit->sets.count, CONTRACTS_CONSTANTS_MAX, "different lists of texts");
}

/* Instructions, obligations and duties; the gas of decisions is done with before that of events begins. */
static bool emit_parts(struct emit *emit)
{
	const struct tree *tree = emit->tree;
	size_t part = 0;

	for (size_t i = 0; i < tree->clauses_count; i++)
		collect_obligations(emit, &tree->clauses[i].duties);
	for (size_t i = 0; i < tree->milestones_count; i++)
		collect_obligations(emit, &tree->milestones[i].duties);
	pool_close(&emit->obligations);
	if (emit->no_memory || !within(emit, emit->obligations.count, CONTRACTS_OBLIGATIONS_MAX, "different obligations"))
		return false;
	emit->gas = BYTECODE_GAS_BEGIN;
	for (size_t i = 0; i < tree->clauses_count; i++) {
		emit_part(emit, part++, tree->clauses[i].when);
		emit_duties(emit, &tree->clauses[i].duties);
	}
	if (!within(emit, emit->gas, CONTRACTS_GAS_MAX, "gas a decision"))
		return false;
	emit->gas = BYTECODE_GAS_BEGIN;
	for (size_t i = 0; i < tree->tallies_count; i++)
		emit_part(emit, part++, tree->tallies[i].when);
	for (size_t i = 0; i < tree->milestones_count; i++) {
		emit_part(emit, part++, tree->milestones[i].when);
		emit_duties(emit, &tree->milestones[i].duties);
	}
	return within(emit, emit->gas, CONTRACTS_GAS_MAX, "gas an event") &&
	       within(emit, emit->instructions.count, CONTRACTS_INSTRUCTIONS_MAX, "instructions");
}

enum contracts_code tree_emit(struct contracts_arena *arena, const struct tree *tree, struct contracts_bytes *out,
			      struct contracts_report *report)
{
	struct emit emit = {
		.arena = arena, .tree = tree, .report = report,
		.texts = {.size = sizeof(struct contracts_text), .order = order_texts},
		.integers = {.size = sizeof(int64_t), .order = order_integers},
		.codes = {.size = sizeof(struct contracts_codes), .order = order_codes},
		.sets = {.size = sizeof(struct text_set), .order = order_sets},
		.obligations = {.size = BYTECODE_OBLIGATION_BYTES, .order = order_obligations},
		.duties = {.size = sizeof(uint16_t)}, .instructions = {.size = BYTECODE_INSTRUCTION_BYTES},
	};
	struct writer writer = {NULL, 0};
	size_t total;

	collect_constants(&emit);
	emit.lengths = arena_take(arena, tree->clauses_count + tree->tallies_count + tree->milestones_count, sizeof(uint32_t));
	if (emit.no_memory || emit.lengths == NULL)
		return CONTRACTS_MEMORY;
	if (!constants_fit(&emit) || !emit_parts(&emit))
		return emit.no_memory ? CONTRACTS_MEMORY : CONTRACTS_REFUSED;
	total = total_bytes(&emit);
	if (!within(&emit, total, CONTRACTS_BYTECODE_BYTES_MAX, "bytes of bytecode"))
		return CONTRACTS_REFUSED;
	if (emit.no_memory || (writer.data = arena_take(arena, total, 1)) == NULL)
		return CONTRACTS_MEMORY;
	write_header(&emit, &writer, total);
	write_constants(&emit, &writer);
	write_parts(&emit, &writer);
	*out = (struct contracts_bytes){writer.data, writer.len};
	return CONTRACTS_OK;
}
