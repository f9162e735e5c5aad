#include "tests/state/page.h"

#include <check.h>
#include <string.h>

void page_hex(struct base_buf *out, struct base_slice bytes)
{
	base_buf_reserve(out, 2 * bytes.len + 1);
	base_hex((char *)out->data + out->len, bytes);
	out->len += 2 * bytes.len;
}

static struct base_slice block_of(struct base_buf *text, const char *document, const char *name)
{
	char fence[64];
	const char *start, *end;

	ck_assert_int_eq(base_file_read(text, document, 1 << 20, NULL), BASE_OK);
	base_buf_byte(text, '\0');
	(void)snprintf(fence, sizeof(fence), "\n```%s\n", name);
	start = strstr((const char *)text->data, fence);
	ck_assert_msg(start != NULL, "%s has no block %s", document, name);
	start += strlen(fence);
	end = strstr(start, "```\n");
	ck_assert_ptr_nonnull(end);
	return base_slice(start, (size_t)(end - start));
}

void page_expect(const char *document, const char *name, struct base_buf *want)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_slice block = block_of(&text, document, name);

	ck_assert_msg(base_slice_equal(block, base_buf_slice(want)), "%s, %s should be\n%.*s", document, name,
		      (int)want->len, (const char *)want->data);
	base_buf_free(&text);
	base_buf_free(want);
}
