#include "tests/contracts/shrink.h"

#include <string.h>

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\n';
}

/* Where the word at or behind `at` ends, with one blank behind it. */
static size_t word_end(const struct base_buf *text, size_t at)
{
	while (at < text->len && !is_blank(text->data[at]))
		at++;
	return at < text->len ? at + 1 : at;
}

static size_t words(const struct base_buf *text)
{
	size_t count = 0;

	for (size_t at = 0; at < text->len; at = word_end(text, at))
		count++;
	return count;
}

/* Tries to leave out [from, to). */
static bool leave_out(struct base_buf *text, size_t from, size_t to, shrink_still *still, void *arg)
{
	struct base_buf smaller = BASE_BUF_INIT;
	bool good;

	base_buf_append(&smaller, base_slice(text->data, from));
	base_buf_append(&smaller, base_slice(text->data + to, text->len - to));
	good = still(arg, base_buf_slice(&smaller));
	if (good) {
		memcpy(text->data, smaller.data, smaller.len);
		text->len = smaller.len;
	}
	base_buf_free(&smaller);
	return good;
}

static bool pass(struct base_buf *text, size_t run, shrink_still *still, void *arg)
{
	bool any = false;

	for (size_t at = 0; at < text->len;) {
		size_t to = at;

		for (size_t i = 0; i < run && to < text->len; i++)
			to = word_end(text, to);
		if (leave_out(text, at, to, still, arg))
			any = true;
		else
			at = word_end(text, at);
	}
	return any;
}

void shrink(struct base_buf *text, shrink_still *still, void *arg)
{
	/* What was needed may not be any more, once something else is gone. */
	for (bool any = true; any;) {
		any = false;
		for (size_t run = words(text) / 2; run > 0; run = run > 64 ? run / 2 : run - 1)
			any = pass(text, run, still, arg) || any;
	}
}
