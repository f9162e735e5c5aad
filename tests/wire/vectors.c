#include "tests/wire/vectors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

char *vectors_path(const char *name)
{
	const char *folder = getenv("REGESTA_VECTORS");

	return base_path(folder == NULL ? "../shared/data" : folder, name);
}

bool vectors_read(struct base_buf *out, const char *name)
{
	char *path = vectors_path(name);
	enum base_code code = base_file_read(out, path, 64 << 20, NULL);

	if (code != BASE_OK) {
		printf("skipped: %s is not there\n", path);
		(void)fflush(stdout);
	} else {
		base_buf_byte(out, '\0');
		out->len--;
	}
	free(path);
	return code == BASE_OK;
}

bool line_next(struct base_slice *line, struct base_slice *text)
{
	size_t len = 0;

	if (text->len == 0)
		return false;
	while (len < text->len && text->data[len] != '\n')
		len++;
	*line = base_slice(text->data, len);
	if (len < text->len)
		len++;
	text->data += len;
	text->len -= len;
	return true;
}

size_t docs_lines(const char *name, const char *fence, void (*each)(struct base_slice word, struct base_slice rest))
{
	char *path = base_path("docs/formats", name);
	struct base_buf buf = BASE_BUF_INIT;
	struct base_error err = {""};
	struct base_slice text, line;
	bool inside = false;
	size_t count = 0;

	ck_assert_msg(base_file_read(&buf, path, 1 << 20, &err) == BASE_OK, "%s", err.text);
	text = base_buf_slice(&buf);
	while (line_next(&line, &text)) {
		size_t len = 0, skip;

		if (line.len >= 3 && memcmp(line.data, "```", 3) == 0) {
			inside = base_slice_equal(base_slice(line.data + 3, line.len - 3), base_slice_text(fence));
			continue;
		}
		if (!inside)
			continue;
		while (len < line.len && line.data[len] != ' ')
			len++;
		for (skip = len; skip < line.len && line.data[skip] == ' ';)
			skip++;
		count++;
		each(base_slice(line.data, len == 1 && line.data[0] == '-' ? 0 : len),
		     base_slice(line.data + skip, line.len - skip));
	}
	base_buf_free(&buf);
	free(path);
	return count;
}
