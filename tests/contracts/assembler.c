#include "tests/contracts/assembler.h"

#include <stdlib.h>
#include <string.h>

struct assembler *assembler_new(const char *name, uint32_t version)
{
	struct assembler *as = calloc(1, sizeof(*as));

	if (as == NULL)
		abort();
	as->version = version;
	as->name = assembler_text(as, name);
	return as;
}

void assembler_free(struct assembler *as)
{
	free(as);
}

unsigned assembler_text(struct assembler *as, const char *text)
{
	for (unsigned i = 0; i < as->texts_count; i++)
		if (strcmp(as->texts[i], text) == 0)
			return i;
	as->texts[as->texts_count] = text;
	return as->texts_count++;
}

unsigned assembler_integer(struct assembler *as, int64_t value)
{
	for (unsigned i = 0; i < as->integers_count; i++)
		if (as->integers[i] == value)
			return i;
	as->integers[as->integers_count] = value;
	return as->integers_count++;
}

unsigned assembler_codes(struct assembler *as, struct contracts_codes codes)
{
	for (unsigned i = 0; i < as->code_sets_count; i++)
		if (memcmp(&as->code_sets[i], &codes, sizeof(codes)) == 0)
			return i;
	as->code_sets[as->code_sets_count] = codes;
	return as->code_sets_count++;
}

struct contracts_codes assembler_codes_of(const unsigned *numbers, unsigned count)
{
	struct contracts_codes codes = {{0}};

	for (unsigned i = 0; i < count; i++)
		codes.bits[numbers[i] / 64] |= UINT64_C(1) << (numbers[i] % 64);
	return codes;
}

unsigned assembler_code(struct assembler *as, unsigned number)
{
	return assembler_codes(as, assembler_codes_of(&number, 1));
}

static int compare_texts(const struct assembler *as, unsigned a, unsigned b)
{
	return strcmp(as->texts[a], as->texts[b]);
}

unsigned assembler_texts(struct assembler *as, const char *const *texts, unsigned count)
{
	unsigned elements[300], n = 0, set;

	for (unsigned i = 0; i < count; i++) {
		unsigned text = assembler_text(as, texts[i]), at = 0;

		while (at < n && compare_texts(as, elements[at], text) < 0)
			at++;
		if (at < n && elements[at] == text)
			continue;
		memmove(&elements[at + 1], &elements[at], (n - at) * sizeof(elements[0]));
		elements[at] = text;
		n++;
	}
	for (set = 0; set < as->text_sets_count; set++)
		if (as->text_sets[set].count == n && memcmp(as->text_sets[set].texts, elements, n * sizeof(elements[0])) == 0)
			return set;
	as->text_sets[set].count = (uint16_t)n;
	memcpy(as->text_sets[set].texts, elements, n * sizeof(elements[0]));
	return as->text_sets_count++;
}

unsigned assembler_obligation(struct assembler *as, struct assembler_obligation obligation)
{
	for (unsigned i = 0; i < as->obligations_count; i++) {
		const struct assembler_obligation *have = &as->obligations[i];

		if (have->duty == obligation.duty && have->due == obligation.due && have->integer == obligation.integer &&
		    have->role == obligation.role && have->organisation == obligation.organisation)
			return i;
	}
	as->obligations[as->obligations_count] = obligation;
	return as->obligations_count++;
}

static struct assembler_rule *rule(struct assembler *as, enum assembler_kind kind, const char *name)
{
	struct assembler_rule *rule = &as->rules[as->rules_count++];

	*rule = (struct assembler_rule){.kind = kind, .name = assembler_text(as, name), .purposes = ASSEMBLER_NONE,
					.code = as->code_count};
	rule->because = kind == ASSEMBLER_TALLY ? ASSEMBLER_NONE : rule->name;
	return rule;
}

struct assembler_rule *assembler_clause(struct assembler *as, const char *name, enum contracts_effect effect)
{
	struct assembler_rule *clause = rule(as, ASSEMBLER_CLAUSE, name);

	clause->effect = (uint8_t)effect;
	return clause;
}

struct assembler_rule *assembler_tally(struct assembler *as, const char *name, uint32_t events)
{
	struct assembler_rule *tally = rule(as, ASSEMBLER_TALLY, name);

	tally->events = events;
	return tally;
}

struct assembler_rule *assembler_milestone(struct assembler *as, const char *name, unsigned tally, int64_t reached)
{
	struct assembler_rule *milestone = rule(as, ASSEMBLER_MILESTONE, name);

	milestone->tally = tally;
	milestone->reached = assembler_integer(as, reached);
	return milestone;
}

unsigned assembler_rule_handle(const struct assembler *as, const struct assembler_rule *of)
{
	return (unsigned)(of - as->rules);
}

void assembler_duty(struct assembler *as, unsigned obligation)
{
	struct assembler_rule *last = &as->rules[as->rules_count - 1];

	last->duties[last->duties_count++] = obligation;
}

void assembler_op(struct assembler *as, struct assembler_instruction in)
{
	as->code[as->code_count++] = in;
	as->rules[as->rules_count - 1].code_count++;
}

/* ---- Out ---------------------------------------------------------------- */

/* Where each handle ends up, and which handle is at each place. */
struct order {
	unsigned *place, *handle;
};

struct writer {
	const struct assembler *as;
	struct order texts, integers, code_sets, text_sets, obligations, rules;
	uint8_t *data;
	size_t len;
};

typedef int compare_fn(const struct writer *out, unsigned a, unsigned b);

static unsigned place(const struct order *order, unsigned handle, unsigned count)
{
	return handle < count ? order->place[handle] : handle;
}

static void put(struct writer *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;)
		out->data[out->len++] = (uint8_t)(value >> (8 * i));
}

/* Stable: what compares equal is a mistake that the test wants. */
static void merge_sort(struct writer *out, unsigned *handles, unsigned *scratch, unsigned count, compare_fn *compare)
{
	unsigned half = count / 2, i = 0, j = half, n = 0;

	if (count < 2)
		return;
	merge_sort(out, handles, scratch, half, compare);
	merge_sort(out, handles + half, scratch, count - half, compare);
	while (i < half || j < count)
		scratch[n++] = j == count || (i < half && compare(out, handles[i], handles[j]) <= 0) ? handles[i++] : handles[j++];
	memcpy(handles, scratch, count * sizeof(*handles));
}

static struct order sort(struct writer *out, unsigned count, compare_fn *compare)
{
	struct order order = {malloc((count + 1) * sizeof(unsigned)), malloc((count + 1) * sizeof(unsigned))};
	unsigned *scratch = malloc((count + 1) * sizeof(unsigned));

	if (order.place == NULL || order.handle == NULL || scratch == NULL)
		abort();
	for (unsigned i = 0; i < count; i++)
		order.handle[i] = i;
	merge_sort(out, order.handle, scratch, count, compare);
	for (unsigned i = 0; i < count; i++)
		order.place[order.handle[i]] = i;
	free(scratch);
	return order;
}

static int by_text(const struct writer *out, unsigned a, unsigned b)
{
	return compare_texts(out->as, a, b);
}

static int by_integer(const struct writer *out, unsigned a, unsigned b)
{
	int64_t x = out->as->integers[a], y = out->as->integers[b];

	return (x > y) - (x < y);
}

static int by_codes(const struct writer *out, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < 4; i++) {
		uint64_t x = out->as->code_sets[a].bits[i], y = out->as->code_sets[b].bits[i];

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static int by_set(const struct writer *out, unsigned a, unsigned b)
{
	unsigned x = out->as->text_sets[a].count, y = out->as->text_sets[b].count;

	for (unsigned i = 0; x == y && i < out->as->text_sets[a].count; i++) {
		x = out->texts.place[out->as->text_sets[a].texts[i]];
		y = out->texts.place[out->as->text_sets[b].texts[i]];
		if (x != y)
			break;
		x = y = out->as->text_sets[a].count;
	}
	return (x > y) - (x < y);
}

static void put_obligation(struct writer *out, unsigned handle)
{
	const struct assembler_obligation *obligation = &out->as->obligations[handle];

	put(out, obligation->duty, 1);
	put(out, obligation->due, 1);
	put(out, place(&out->integers, obligation->integer, out->as->integers_count), 2);
	put(out, obligation->role, 2);
	put(out, place(&out->texts, obligation->organisation, out->as->texts_count), 2);
}

static int by_obligation(const struct writer *out, unsigned a, unsigned b)
{
	uint8_t bytes[16];
	struct writer to = *out;

	to.data = bytes;
	to.len = 0;
	put_obligation(&to, a);
	put_obligation(&to, b);
	return memcmp(bytes, bytes + 8, 8);
}

static int by_rule(const struct writer *out, unsigned a, unsigned b)
{
	const struct assembler_rule *x = &out->as->rules[a], *y = &out->as->rules[b];

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(out->as->texts[x->name], out->as->texts[y->name]);
}

/* Place among those of its kind. */
static unsigned rule_index(const struct writer *out, unsigned handle)
{
	unsigned index = 0;

	if (handle >= out->as->rules_count)
		return handle;
	for (unsigned i = 0; i < out->rules.place[handle]; i++)
		index += out->as->rules[out->rules.handle[i]].kind == out->as->rules[handle].kind;
	return index;
}

static void put_rule(struct writer *out, const struct assembler_rule *rule)
{
	const struct assembler *as = out->as;

	put(out, place(&out->texts, rule->name, as->texts_count), 2);
	switch (rule->kind) {
	case ASSEMBLER_CLAUSE:
		put(out, place(&out->texts, rule->because, as->texts_count), 2);
		put(out, rule->effect, 1);
		put(out, rule->duties_count, 1);
		put(out, place(&out->code_sets, rule->purposes, as->code_sets_count), 2);
		put(out, rule->actions, 4);
		put(out, rule->categories, 4);
		break;
	case ASSEMBLER_TALLY:
		put(out, rule->by, 1);
		put(out, 0, 1);
		put(out, rule->events, 4);
		break;
	case ASSEMBLER_MILESTONE:
		put(out, place(&out->texts, rule->because, as->texts_count), 2);
		put(out, rule_index(out, rule->tally), 2);
		put(out, place(&out->integers, rule->reached, as->integers_count), 2);
		put(out, rule->of_group, 1);
		put(out, rule->stop, 1);
		put(out, rule->duties_count, 1);
		put(out, 0, 1);
		break;
	}
	put(out, rule->code_count, 4);
}

static void put_duties(struct writer *out, const struct assembler_rule *rule)
{
	unsigned duties[32], n = 0;

	for (unsigned i = 0; i < rule->duties_count; i++) {
		unsigned duty = place(&out->obligations, rule->duties[i], out->as->obligations_count), at = n++;

		for (; at > 0 && duties[at - 1] > duty; at--)
			duties[at] = duties[at - 1];
		duties[at] = duty;
	}
	for (unsigned i = 0; i < n; i++)
		put(out, duties[i], 2);
}

static void put_code(struct writer *out, const struct assembler_instruction *in)
{
	const struct assembler *as = out->as;
	uint32_t imm = in->imm, high = in->high;

	if (in->op == BYTECODE_INT || in->op == BYTECODE_MONTHS)
		imm = place(&out->integers, imm, as->integers_count);
	else if (in->op == BYTECODE_TALLY)
		imm = rule_index(out, imm);
	else if (in->op >= BYTECODE_CODE && in->op <= BYTECODE_ONLY)
		high = place(&out->code_sets, high, as->code_sets_count);
	else if (in->op == BYTECODE_TEXT)
		high = place(&out->texts, high, as->texts_count);
	else if (in->op >= BYTECODE_TSET && in->op <= BYTECODE_TONLY)
		high = place(&out->text_sets, high, as->text_sets_count);
	put(out, in->op, 1);
	put(out, in->a, 1);
	put(out, in->b, 1);
	put(out, in->c, 1);
	put(out, imm | high << 16, 4);
}

static void put_constants(struct writer *out)
{
	const struct assembler *as = out->as;

	for (unsigned i = 0; i < as->texts_count; i++) {
		const char *text = as->texts[out->texts.handle[i]];

		put(out, strlen(text), 2);
		memcpy(out->data + out->len, text, strlen(text));
		out->len += strlen(text);
	}
	for (unsigned i = 0; i < as->integers_count; i++)
		put(out, (uint64_t)as->integers[out->integers.handle[i]], 8);
	for (unsigned i = 0; i < as->code_sets_count; i++)
		for (unsigned word = 0; word < 4; word++)
			put(out, as->code_sets[out->code_sets.handle[i]].bits[word], 8);
	for (unsigned i = 0; i < as->text_sets_count; i++) {
		unsigned set = out->text_sets.handle[i];

		put(out, as->text_sets[set].count, 2);
		for (unsigned j = 0; j < as->text_sets[set].count; j++)
			put(out, place(&out->texts, as->text_sets[set].texts[j], as->texts_count), 2);
	}
	for (unsigned i = 0; i < as->obligations_count; i++)
		put_obligation(out, out->obligations.handle[i]);
}

static void put_header(struct writer *out)
{
	const struct assembler *as = out->as;
	unsigned kinds[3] = {0}, duties = 0;

	for (unsigned i = 0; i < as->rules_count; i++) {
		kinds[as->rules[i].kind]++;
		duties += as->rules[i].duties_count;
	}
	memcpy(out->data, BYTECODE_MAGIC "\1\1\1\1\0\0\0\0", 12);
	out->len = 12;
	put(out, place(&out->texts, as->name, as->texts_count), 2);
	put(out, 0, 2);
	put(out, as->version, 4);
	put(out, as->texts_count, 2);
	put(out, as->integers_count, 2);
	put(out, as->code_sets_count, 2);
	put(out, as->text_sets_count, 2);
	put(out, as->obligations_count, 2);
	for (unsigned i = 0; i < 3; i++)
		put(out, kinds[i], 2);
	put(out, duties, 4);
	put(out, as->code_count, 4);
}

static size_t room(const struct assembler *as)
{
	size_t bytes = BYTECODE_HEADER_BYTES + 8 * (size_t)as->integers_count + 32 * (size_t)as->code_sets_count +
		       8 * (size_t)as->obligations_count + 100 * (size_t)as->rules_count + 8 * (size_t)as->code_count;

	for (unsigned i = 0; i < as->texts_count; i++)
		bytes += 2 + strlen(as->texts[i]);
	for (unsigned i = 0; i < as->text_sets_count; i++)
		bytes += 2 + 2 * (size_t)as->text_sets[i].count;
	return bytes;
}

struct contracts_bytes assembler_bytes(const struct assembler *as)
{
	struct writer out = {.as = as, .data = malloc(room(as))};
	struct order *orders[] = {&out.texts, &out.integers, &out.code_sets, &out.text_sets, &out.obligations, &out.rules};
	size_t len;

	if (out.data == NULL)
		abort();
	out.texts = sort(&out, as->texts_count, by_text);
	out.integers = sort(&out, as->integers_count, by_integer);
	out.code_sets = sort(&out, as->code_sets_count, by_codes);
	out.text_sets = sort(&out, as->text_sets_count, by_set);
	out.obligations = sort(&out, as->obligations_count, by_obligation);
	out.rules = sort(&out, as->rules_count, by_rule);
	put_header(&out);
	put_constants(&out);
	for (unsigned i = 0; i < as->rules_count; i++)
		put_rule(&out, &as->rules[out.rules.handle[i]]);
	for (unsigned i = 0; i < as->rules_count; i++)
		put_duties(&out, &as->rules[out.rules.handle[i]]);
	for (unsigned i = 0; i < as->rules_count; i++) {
		const struct assembler_rule *of = &as->rules[out.rules.handle[i]];

		for (uint32_t j = 0; j < of->code_count; j++)
			put_code(&out, &as->code[of->code + j]);
	}
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		free(orders[i]->place);
		free(orders[i]->handle);
	}
	len = out.len;
	out.len = 8;
	put(&out, len, 4);
	return (struct contracts_bytes){out.data, len};
}
