/* The CSV manifest of `submit --manifest`: RFC 4180, through libcsv in its strict mode. */
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "cli/submit.h"

enum column { COLUMN_FILE, COLUMN_PARTICIPANT, COLUMN_CATEGORY, COLUMN_COLLECTED, COLUMN_COUNT };
static const char *const column_names[COLUMN_COUNT] = {"file", "participant", "category", "collected"};

struct reading {
	struct manifest *manifest;
	struct base_error *err;
	enum base_code code;
	size_t line, field;
	int ended; /* the character that ended the last row */
	size_t column_count;
	enum column columns[COLUMN_COUNT];
	char *cells[COLUMN_COUNT];
};

static void fail(struct reading *r, enum base_code code, const char *why, const char *what)
{
	if (r->code == BASE_OK)
		r->code = base_fail(r->err, code, "line %zu: %s%s%.60s%s", r->line, _(why), what[0] != '\0' ? " \"" : "", what,
				    what[0] != '\0' ? "\"" : "");
}

static void take_heading(struct reading *r, const char *text)
{
	for (size_t c = 0; c < COLUMN_COUNT; c++) {
		if (strcmp(text, column_names[c]) != 0)
			continue;
		for (size_t i = 0; i < r->column_count; i++)
			if (r->columns[i] == (enum column)c)
				fail(r, BASE_MALFORMED, "two columns are named", text);
		if (r->code == BASE_OK)
			r->columns[r->column_count++] = (enum column)c;
		return;
	}
	/* Spreadsheets in many countries write semicolons where others write commas. */
	if (strpbrk(text, ";\t") != NULL)
		fail(r, BASE_MALFORMED, strchr(text, ';') != NULL
					     ? N_("cells are separated by semicolons, and commas are wanted; save the table as \"CSV UTF-8\" with the comma as "
					       "field separator")
					     : N_("cells are separated by tabs, and commas are wanted; save the table as \"CSV UTF-8\" with the comma as field "
					       "separator"), "");
	else
		fail(r, BASE_MALFORMED, "columns are file, participant, category and collected; there is no column", text);
}

static void on_field(void *bytes, size_t len, void *arg)
{
	struct reading *r = arg;
	struct base_slice text = base_slice(bytes, len);

	if (r->code != BASE_OK)
		return;
	if (!base_utf8_valid(text) || memchr(text.len > 0 ? (const void *)text.data : "", 0, text.len) != NULL) {
		fail(r, BASE_MALFORMED, "text is not UTF-8", "");
		return;
	}
	if (r->line == 1) {
		char heading[64];

		/* A byte order mark is what spreadsheets write. */
		if (r->field == 0 && len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
			text = base_slice(text.data + 3, len - 3);
		snprintf(heading, sizeof(heading), "%.*s", (int)(text.len < 63 ? text.len : 63), (const char *)text.data);
		take_heading(r, heading);
	} else if (r->field >= r->column_count) {
		fail(r, BASE_MALFORMED, "more cells than columns", "");
	} else if (len > 4096) {
		fail(r, BASE_LIMIT, "a cell of more than 4,096 bytes", "");
	} else if (len > 0) {
		char *cell = base_alloc(text.len + 1);

		memcpy(cell, text.data, text.len);
		r->cells[r->columns[r->field]] = cell;
	}
	r->field++;
}

static void on_row(int end, void *arg)
{
	struct reading *r = arg;
	struct manifest *m = r->manifest;
	bool has_file = false;

	/* libcsv reports both characters of a CRLF as ends of rows; the second ends nothing. */
	if (end == '\n' && r->ended == '\r' && r->field == 0) {
		r->ended = end;
		return;
	}
	r->ended = end;
	for (size_t i = 0; i < r->column_count; i++)
		has_file = has_file || r->columns[i] == COLUMN_FILE;
	if (r->code == BASE_OK && r->line == 1 && !has_file) {
		fail(r, BASE_MALFORMED, "there is no column \"file\"; the first line names the columns", "");
	} else if (r->code == BASE_OK && r->line > 1) {
		if (r->field != r->column_count)
			fail(r, BASE_MALFORMED, "fewer cells than columns", "");
		else if (r->cells[COLUMN_FILE] == NULL)
			fail(r, BASE_MALFORMED, "the cell \"file\" is empty", "");
		else if (m->count == MANIFEST_ROWS_MAX)
			fail(r, BASE_LIMIT, "more than a million rows", "");
	}
	if (r->code == BASE_OK && r->line > 1) {
		if (m->count == m->cap) {
			m->cap = m->cap == 0 ? 64 : m->cap * 2;
			m->rows = base_realloc(m->rows, m->cap * sizeof(*m->rows));
		}
		m->rows[m->count++] = (struct manifest_row){r->cells[COLUMN_FILE], r->cells[COLUMN_PARTICIPANT], r->cells[COLUMN_CATEGORY],
							    r->cells[COLUMN_COLLECTED]};
	} else {
		for (size_t i = 0; i < COLUMN_COUNT; i++)
			free(r->cells[i]);
	}
	memset(r->cells, 0, sizeof(r->cells));
	r->line++;
	r->field = 0;
}

enum base_code manifest_parse(struct manifest *out, struct base_slice text, struct base_error *err)
{
	struct reading r = {.manifest = out, .err = err, .line = 1};
	struct csv_parser parser;

	*out = (struct manifest){0};
	if (text.len > MANIFEST_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "the manifest is over 64 MiB");
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
		return base_fail(err, BASE_IO, "the CSV reader cannot start");
	if (csv_parse(&parser, text.data, text.len, on_field, on_row, &r) != text.len || csv_fini(&parser, on_field, on_row, &r) != 0)
		fail(&r, BASE_MALFORMED, "a quote where none may be; quotes inside a cell are doubled", "");
	csv_free(&parser);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		free(r.cells[i]);
	if (r.code == BASE_OK && out->count == 0)
		r.code = base_fail(err, BASE_MALFORMED, "the manifest has no rows");
	if (r.code != BASE_OK)
		manifest_free(out);
	return r.code;
}

void manifest_free(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->count; i++) {
		free(manifest->rows[i].file);
		free(manifest->rows[i].participant);
		free(manifest->rows[i].category);
		free(manifest->rows[i].collected);
	}
	free(manifest->rows);
	*manifest = (struct manifest){0};
}
