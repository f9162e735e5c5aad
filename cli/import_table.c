/* Tables with named columns, through libcsv in its strict mode. */
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"

#define COLUMNS_MAX 8
#define CELL_BYTES_MAX 65536

struct reading {
	struct import_table *table;
	const char *const *names;
	struct base_error *err;
	enum base_code code;
	size_t line, field, named;
	int ended;
	size_t order[COLUMNS_MAX]; /* of the file's columns among the names */
};

static void fail(struct reading *r, enum base_code code, const char *why, const char *what)
{
	if (r->code == BASE_OK)
		r->code = base_fail(r->err, code, "line %zu: %s%s%.60s%s", r->line, _(why), what[0] != '\0' ? " \"" : "", what,
				    what[0] != '\0' ? "\"" : "");
}

static void take_heading(struct reading *r, const char *text)
{
	struct import_table *t = r->table;
	size_t column = 0;

	while (column < t->columns && strcmp(text, r->names[column]) != 0)
		column++;
	if (column == t->columns) {
		char wanted[256] = "";

		for (size_t i = 0; i < t->columns; i++)
			snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted), "%s%s", i == 0 ? "" : ",", r->names[i]);
		if (r->code == BASE_OK)
			r->code = base_fail(r->err, BASE_MALFORMED, "line 1: there is no column \"%.60s\"; the columns are %s, separated by commas",
					    text, wanted);
		return;
	}
	for (size_t i = 0; i < r->named; i++)
		if (r->order[i] == column)
			fail(r, BASE_MALFORMED, "two columns are named", text);
	if (r->code == BASE_OK)
		r->order[r->named++] = column;
}

static char **cell_at(struct import_table *t, size_t row, size_t column)
{
	if ((row + 1) * t->columns > t->cap) {
		size_t cap = t->cap == 0 ? 64 * t->columns : t->cap * 2;

		t->cells = base_realloc(t->cells, cap * sizeof(*t->cells));
		memset(t->cells + t->cap, 0, (cap - t->cap) * sizeof(*t->cells));
		t->cap = cap;
	}
	return &t->cells[row * t->columns + column];
}

static void on_field(void *bytes, size_t len, void *arg)
{
	struct reading *r = arg;
	struct base_slice text = base_slice(bytes, len);
	char *copy;

	if (r->code != BASE_OK)
		return;
	if (r->line == 1 && r->field == 0 && len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		text = base_slice(text.data + 3, len - 3);
	if (!base_utf8_valid(text) || (text.len > 0 && memchr(text.data, 0, text.len) != NULL)) {
		fail(r, BASE_MALFORMED, "text is not UTF-8", "");
		return;
	}
	if (text.len > CELL_BYTES_MAX) {
		fail(r, BASE_LIMIT, "a cell of more than 65,536 bytes", "");
		return;
	}
	if (r->line > 1 && r->field >= r->named) {
		fail(r, BASE_MALFORMED, "more cells than columns", "");
		return;
	}
	copy = base_alloc(text.len + 1);
	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	if (r->line == 1) {
		take_heading(r, copy);
		free(copy);
	} else {
		*cell_at(r->table, r->table->rows, r->order[r->field]) = copy;
	}
	r->field++;
}

static void on_row(int end, void *arg)
{
	struct reading *r = arg;

	/* libcsv reports both characters of a CRLF as ends of rows; the second ends nothing. */
	if (end == '\n' && r->ended == '\r' && r->field == 0) {
		r->ended = end;
		return;
	}
	r->ended = end;
	if (r->code == BASE_OK && r->line == 1 && r->named != r->table->columns) {
		for (size_t c = 0; c < r->table->columns; c++) {
			bool there = false;

			for (size_t i = 0; i < r->named; i++)
				there = there || r->order[i] == c;
			if (!there)
				fail(r, BASE_MALFORMED, "there is no column", r->names[c]);
		}
	} else if (r->code == BASE_OK && r->line > 1) {
		if (r->field != r->named)
			fail(r, BASE_MALFORMED, "fewer cells than columns", "");
		else if (r->table->rows + 1 == IMPORT_ROWS_MAX)
			fail(r, BASE_LIMIT, "more than a million rows", "");
		else
			r->table->rows++;
	}
	r->line++;
	r->field = 0;
}

enum base_code import_table_parse(struct import_table *out, struct base_slice text, const char *const *names, size_t columns,
				  struct base_error *err)
{
	struct reading r = {.table = out, .names = names, .err = err, .line = 1};
	struct csv_parser parser;

	BASE_ASSERT(columns <= COLUMNS_MAX);
	*out = (struct import_table){.columns = columns};
	if (text.len > IMPORT_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the table is over 64 MiB");
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
		return base_fail(err, BASE_IO, "the CSV reader cannot start");
	if (csv_parse(&parser, text.data, text.len, on_field, on_row, &r) != text.len || csv_fini(&parser, on_field, on_row, &r) != 0)
		fail(&r, BASE_MALFORMED, "a quote where none may be; quotes inside a cell are doubled", "");
	csv_free(&parser);
	if (r.code == BASE_OK && out->rows == 0)
		r.code = base_fail(err, BASE_MALFORMED, "the table has no rows");
	if (r.code != BASE_OK)
		import_table_free(out);
	return r.code;
}

enum base_code import_table_read(struct import_table *out, const char *path, const char *const *names, size_t columns,
				 struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = base_file_read(&text, path, IMPORT_BYTES_MAX, err);

	*out = (struct import_table){0};
	if (code == BASE_OK)
		code = base_wrap(err, import_table_parse(out, base_buf_slice(&text), names, columns, err), "%s", path);
	base_buf_free(&text);
	return code;
}

void import_table_free(struct import_table *table)
{
	for (size_t i = 0; i < table->cap; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct import_table){0};
}
