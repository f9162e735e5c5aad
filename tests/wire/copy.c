#include "tests/wire/copy.h"

#include <stdarg.h>
#include <stdlib.h>

BASE_PRINTF(2, 3) static void say(struct base_buf *text, const char *format, ...)
{
	char some[64];
	va_list args;

	if (text == NULL)
		return;
	va_start(args, format);
	BASE_ASSERT(vsnprintf(some, sizeof(some), format, args) < (int)sizeof(some));
	va_end(args);
	base_buf_append(text, base_slice_text(some));
}

static void copy_many(struct wire_reader *r, struct base_buf *text, struct base_buf *again, uint64_t count, bool pairs)
{
	for (uint64_t i = 0; i < count; i++) {
		say(text, "%s", i > 0 ? ", " : "");
		copy_item(r, text, again);
		if (!pairs)
			continue;
		say(text, ": ");
		copy_item(r, text, again);
	}
}

static void copy_bytes(struct wire_reader *r, struct base_buf *text, struct base_buf *again)
{
	struct base_slice bytes = wire_get_bytes(r);
	char *hex = base_alloc(2 * bytes.len + 1);

	wire_put_bytes(again, bytes);
	base_hex(hex, bytes);
	say(text, "h'");
	if (text != NULL)
		base_buf_append(text, base_slice_text(hex));
	say(text, "'");
	free(hex);
}

static void copy_number(struct wire_reader *r, struct base_buf *text, struct base_buf *again)
{
	uint64_t value;

	if (wire_peek(r) == WIRE_UINT) {
		value = wire_get_uint(r);
		say(text, "%llu", (unsigned long long)value);
		wire_put_uint(again, value);
		return;
	}
	value = wire_get_nint(r);
	if (value == UINT64_MAX)
		say(text, "-18446744073709551616");
	else
		say(text, "-%llu", (unsigned long long)value + 1);
	wire_put_nint(again, value);
}

void copy_item(struct wire_reader *r, struct base_buf *text, struct base_buf *again)
{
	struct base_slice string;
	uint64_t count;
	bool truth;

	switch (wire_peek(r)) {
	case WIRE_UINT:
	case WIRE_NINT:
		copy_number(r, text, again);
		return;
	case WIRE_BYTES:
		copy_bytes(r, text, again);
		return;
	case WIRE_TEXT:
		string = wire_get_text(r);
		wire_put_text(again, string);
		say(text, "\"");
		if (text != NULL)
			base_buf_append(text, string);
		say(text, "\"");
		return;
	case WIRE_ARRAY:
		count = wire_get_array(r);
		wire_put_array(again, count);
		say(text, "[");
		copy_many(r, text, again, count, false);
		say(text, "]");
		return;
	case WIRE_MAP:
		count = wire_get_map(r);
		wire_put_map(again, count);
		say(text, "{");
		copy_many(r, text, again, count, true);
		say(text, "}");
		return;
	case WIRE_TAG:
		count = wire_get_tag(r);
		wire_put_tag(again, count);
		say(text, "%llu(", (unsigned long long)count);
		copy_item(r, text, again);
		say(text, ")");
		return;
	case WIRE_BOOL:
		truth = wire_get_bool(r);
		wire_put_bool(again, truth);
		say(text, truth ? "true" : "false");
		return;
	case WIRE_NULL:
		wire_get_null(r);
		wire_put_null(again);
		say(text, "null");
		return;
	case WIRE_END:
	case WIRE_INVALID:
		base_assert_failed("an item that passed wire_check", __FILE__, __LINE__);
	}
}
