/* Manifests of `submit --manifest`: what is read, written as CSV with every cell quoted, is read again as the same. */
#include "cli/submit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_cell(struct base_buf *out, const char *cell, char end)
{
	base_buf_print(out, "\"");
	for (const char *c = cell != NULL ? cell : ""; *c != '\0'; c++)
		base_buf_append(out, *c == '"' ? base_slice_text("\"\"") : base_slice(c, 1));
	base_buf_print(out, "\"%c", end);
}

static void check_cell(const char *cell, const char *again)
{
	if ((cell == NULL) != (again == NULL) || (cell != NULL && strcmp(cell, again) != 0))
		abort();
}

static void check_row(const struct manifest_row *row, const struct manifest_row *again)
{
	if (row->file == NULL)
		abort();
	check_cell(row->file, again->file);
	check_cell(row->participant, again->participant);
	check_cell(row->category, again->category);
	check_cell(row->collected, again->collected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_error err = {{0}};
	struct manifest manifest, again;

	if (manifest_parse(&manifest, base_slice(data, size), &err) != BASE_OK) {
		if (err.text[0] == '\0')
			abort();
		return 0;
	}
	base_buf_print(&text, "file,participant,category,collected\n");
	for (size_t i = 0; i < manifest.count; i++) {
		put_cell(&text, manifest.rows[i].file, ',');
		put_cell(&text, manifest.rows[i].participant, ',');
		put_cell(&text, manifest.rows[i].category, ',');
		put_cell(&text, manifest.rows[i].collected, '\n');
	}
	if (manifest_parse(&again, base_buf_slice(&text), &err) != BASE_OK || again.count != manifest.count)
		abort();
	for (size_t i = 0; i < manifest.count; i++)
		check_row(&manifest.rows[i], &again.rows[i]);
	manifest_free(&again);
	manifest_free(&manifest);
	base_buf_free(&text);
	return 0;
}
