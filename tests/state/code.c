#include "tests/state/code.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX 64
#define SETS_MAX 16

struct tables {
	const char *texts[TEXTS_MAX];
	size_t text_count;
	int64_t integers[CODE_CLAUSES_MAX];
	size_t integer_count;
	uint64_t sets[SETS_MAX];
	size_t set_count;
	uint8_t obligations[2 * CODE_CLAUSES_MAX][8];
	size_t obligation_count;
	size_t clauses, duties, instructions;
};

static void put16(struct base_buf *out, size_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	base_buf_append(out, base_slice(bytes, 2));
}

static void put32(struct base_buf *out, size_t value)
{
	put16(out, value >> 16 & 0xffff);
	put16(out, value & 0xffff);
}

static void put64(struct base_buf *out, uint64_t value)
{
	put32(out, value >> 32);
	put32(out, value & 0xffffffff);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_integers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int compare_sets(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare_obligations(const void *a, const void *b) { return memcmp(a, b, 8); }

static size_t unique(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	uint8_t *bytes = list;
	size_t kept = 0;

	qsort(list, count, size, compare);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && compare(bytes + (kept - 1) * size, bytes + i * size) == 0)
			continue;
		memmove(bytes + kept++ * size, bytes + i * size, size);
	}
	return kept;
}

static size_t index_of(const void *list, size_t count, size_t size, const void *what,
		       int (*compare)(const void *, const void *))
{
	for (size_t i = 0; i < count; i++) {
		if (compare((const uint8_t *)list + i * size, what) == 0)
			return i;
	}
	abort();
}

static size_t text_at(const struct tables *t, const char *text)
{
	return index_of(t->texts, t->text_count, sizeof(t->texts[0]), &text, compare_texts);
}

static void obligation_of(const struct tables *t, uint8_t out[8], const struct code_clause *clause, bool expire)
{
	size_t at = expire ? index_of(t->integers, t->integer_count, 8, &clause->expire, compare_integers) : 0xffff;

	memset(out, 0, 8);
	out[0] = expire ? 2 : 1;
	out[1] = expire ? 1 : 0;
	out[2] = (uint8_t)(at >> 8);
	out[3] = (uint8_t)at;
	if (!expire)
		out[5] = (uint8_t)clause->notify;
	out[6] = out[7] = 0xff;
}

static void collect(struct tables *t, const char *name, const struct code_clause *clauses)
{
	t->texts[t->text_count++] = name;
	t->texts[t->text_count++] = "Because.";
	for (const struct code_clause *c = clauses; c->name != NULL; c++) {
		t->clauses++;
		t->texts[t->text_count++] = c->name;
		if (c->expire != 0)
			t->integers[t->integer_count++] = c->expire;
		t->duties += (c->expire != 0 ? 1u : 0u) + (c->notify != 0 ? 1u : 0u);
		for (size_t i = 0; i < CODE_INSTRUCTIONS_MAX && c->code[i].op != 0; i++) {
			t->instructions++;
			if (c->code[i].text != NULL)
				t->texts[t->text_count++] = c->code[i].text;
			if (c->code[i].set != 0)
				t->sets[t->set_count++] = c->code[i].set;
		}
	}
	t->text_count = unique(t->texts, t->text_count, sizeof(t->texts[0]), compare_texts);
	t->integer_count = unique(t->integers, t->integer_count, 8, compare_integers);
	t->set_count = unique(t->sets, t->set_count, 8, compare_sets);
	for (const struct code_clause *c = clauses; c->name != NULL; c++) {
		if (c->expire != 0)
			obligation_of(t, t->obligations[t->obligation_count++], c, true);
		if (c->notify != 0)
			obligation_of(t, t->obligations[t->obligation_count++], c, false);
	}
	t->obligation_count = unique(t->obligations, t->obligation_count, 8, compare_obligations);
}

static void put_header(struct base_buf *out, const struct tables *t, const char *name, unsigned version)
{
	static const uint8_t magic[] = {'R', 'G', 'C', 'T', 1, 1, 1, 1};

	base_buf_append(out, base_slice(magic, sizeof(magic)));
	put32(out, 0); /* the length: later */
	put16(out, text_at(t, name));
	put16(out, 0);
	put32(out, version);
	put16(out, t->text_count);
	put16(out, t->integer_count);
	put16(out, t->set_count);
	put16(out, 0);
	put16(out, t->obligation_count);
	put16(out, t->clauses);
	put16(out, 0);
	put16(out, 0);
	put32(out, t->duties);
	put32(out, t->instructions);
}

static void put_clause(struct base_buf *out, const struct tables *t, const struct code_clause *c)
{
	uint8_t effect[2] = {(uint8_t)c->effect, (uint8_t)((c->expire != 0) + (c->notify != 0))};
	size_t count = 0;

	while (count < CODE_INSTRUCTIONS_MAX && c->code[count].op != 0)
		count++;
	put16(out, text_at(t, c->name));
	put16(out, text_at(t, "Because."));
	base_buf_append(out, base_slice(effect, 2));
	put16(out, 0xffff);
	put32(out, c->actions);
	put32(out, c->categories);
	put32(out, count);
}

static void put_duties(struct base_buf *out, const struct tables *t, const struct code_clause *c)
{
	uint8_t one[8];

	/* A notification sorts before an expiry. */
	if (c->notify != 0) {
		obligation_of(t, one, c, false);
		put16(out, index_of(t->obligations, t->obligation_count, 8, one, compare_obligations));
	}
	if (c->expire != 0) {
		obligation_of(t, one, c, true);
		put16(out, index_of(t->obligations, t->obligation_count, 8, one, compare_obligations));
	}
}

static void put_code(struct base_buf *out, const struct tables *t, const struct code_clause *c)
{
	for (size_t i = 0; i < CODE_INSTRUCTIONS_MAX && c->code[i].op != 0; i++) {
		const struct code_instruction *one = &c->code[i];
		uint8_t head[4] = {one->op, one->a, one->b, one->c};
		size_t imm = one->imm;

		if (one->set != 0)
			imm |= index_of(t->sets, t->set_count, 8, &one->set, compare_sets) << 16;
		if (one->text != NULL)
			imm |= text_at(t, one->text) << 16;
		base_buf_append(out, base_slice(head, 4));
		put32(out, imm);
	}
}

void code_contract(struct base_buf *out, const char *name, unsigned version, const struct code_clause *clauses)
{
	struct tables *t = base_alloc(sizeof(*t));
	size_t start = out->len;

	collect(t, name, clauses);
	put_header(out, t, name, version);
	for (size_t i = 0; i < t->text_count; i++) {
		put16(out, strlen(t->texts[i]));
		base_buf_append(out, base_slice_text(t->texts[i]));
	}
	for (size_t i = 0; i < t->integer_count; i++)
		put64(out, (uint64_t)t->integers[i]);
	for (size_t i = 0; i < t->set_count; i++) {
		put64(out, t->sets[i]);
		put64(out, 0);
		put64(out, 0);
		put64(out, 0);
	}
	for (size_t i = 0; i < t->obligation_count; i++)
		base_buf_append(out, base_slice(t->obligations[i], 8));
	for (const struct code_clause *c = clauses; c->name != NULL; c++)
		put_clause(out, t, c);
	for (const struct code_clause *c = clauses; c->name != NULL; c++)
		put_duties(out, t, c);
	for (const struct code_clause *c = clauses; c->name != NULL; c++)
		put_code(out, t, c);
	base_put_u32be(out->data + start + 8, (uint32_t)(out->len - start));
	free(t);
}
