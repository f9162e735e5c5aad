/* libcbor's streaming decoder reads one head at a time and says how many bytes
 * it took; a head that took more than its value needs is not the shortest. */
#include "ledger/wire/wire_internal.h"

#include <cbor.h>

static void set(void *context, enum wire_type type, uint64_t value)
{
	struct wire_head *head = context;

	head->type = type;
	head->value = value;
}

static void set_string(void *context, enum wire_type type, cbor_data bytes, size_t len)
{
	struct wire_head *head = context;

	head->type = type;
	head->value = len;
	head->bytes = bytes;
}

static void refuse(void *context, const char *why)
{
	struct wire_head *head = context;

	head->type = WIRE_INVALID;
	head->why = why;
}

static void on_uint8(void *context, uint8_t v)
{
	set(context, WIRE_UINT, v);
}

static void on_uint16(void *context, uint16_t v)
{
	set(context, WIRE_UINT, v);
}

static void on_uint32(void *context, uint32_t v)
{
	set(context, WIRE_UINT, v);
}

static void on_uint64(void *context, uint64_t v)
{
	set(context, WIRE_UINT, v);
}

static void on_nint8(void *context, uint8_t v)
{
	set(context, WIRE_NINT, v);
}

static void on_nint16(void *context, uint16_t v)
{
	set(context, WIRE_NINT, v);
}

static void on_nint32(void *context, uint32_t v)
{
	set(context, WIRE_NINT, v);
}

static void on_nint64(void *context, uint64_t v)
{
	set(context, WIRE_NINT, v);
}

static void on_bytes(void *context, cbor_data bytes, size_t len)
{
	set_string(context, WIRE_BYTES, bytes, len);
}

static void on_text(void *context, cbor_data bytes, size_t len)
{
	set_string(context, WIRE_TEXT, bytes, len);
}

static void on_array(void *context, size_t count)
{
	set(context, WIRE_ARRAY, count);
}

static void on_map(void *context, size_t pairs)
{
	set(context, WIRE_MAP, pairs);
}

static void on_tag(void *context, uint64_t tag)
{
	set(context, WIRE_TAG, tag);
}

static void on_bool(void *context, bool v)
{
	set(context, WIRE_BOOL, v);
}

static void on_null(void *context)
{
	set(context, WIRE_NULL, 0);
}

static void on_indefinite(void *context)
{
	refuse(context, "a length is indefinite; write it in front");
}

static void on_break(void *context)
{
	refuse(context, "a break where an item should be");
}

static void on_float(void *context, float v)
{
	(void)v;
	refuse(context, "a floating-point number; use integers");
}

static void on_double(void *context, double v)
{
	(void)v;
	refuse(context, "a floating-point number; use integers");
}

static void on_undefined(void *context)
{
	refuse(context, "the value undefined; use null");
}

static const struct cbor_callbacks callbacks = {
	.uint8 = on_uint8,
	.uint16 = on_uint16,
	.uint32 = on_uint32,
	.uint64 = on_uint64,
	.negint8 = on_nint8,
	.negint16 = on_nint16,
	.negint32 = on_nint32,
	.negint64 = on_nint64,
	.byte_string_start = on_indefinite,
	.byte_string = on_bytes,
	.string = on_text,
	.string_start = on_indefinite,
	.indef_array_start = on_indefinite,
	.array_start = on_array,
	.indef_map_start = on_indefinite,
	.map_start = on_map,
	.tag = on_tag,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_undefined,
	.null = on_null,
	.boolean = on_bool,
	.indef_break = on_break,
};

static const char *why_not_decoded(enum cbor_decoder_status status, uint8_t first)
{
	if (status == CBOR_DECODER_NEDATA)
		return BASE_WORDS("the bytes end in the middle of an item");
	if (first >= 0xe0 && first <= 0xf8)
		return BASE_WORDS("a simple value that is not false, true or null");
	return BASE_WORDS("a byte that begins no item");
}

void wire_head_read(struct wire_head *head, struct base_slice bytes, enum wire_rules rules)
{
	/* By major type: what a first byte says by itself. */
	static const enum wire_type one_byte[8] = {WIRE_UINT,  WIRE_NINT, WIRE_INVALID, WIRE_INVALID,
						   WIRE_ARRAY, WIRE_MAP,  WIRE_TAG,	WIRE_INVALID};
	struct cbor_decoder_result result;
	size_t shortest;
	uint8_t first;

	head->type = WIRE_INVALID;
	head->value = 0;
	head->bytes = NULL;
	head->len = 0;
	head->why = NULL;
	if (bytes.len == 0) {
		head->why = BASE_WORDS("the bytes end where an item should begin");
		return;
	}
	first = bytes.data[0];
	/* Two heads in three are one byte that holds its value: not worth a call. Nor would libcbor before 0.12
	 * do it right: it refuses tags 6 to 20, COSE_Sign1's among them (its issue 307). */
	if ((first & 0x1f) < 24 && one_byte[first >> 5] != WIRE_INVALID) {
		head->type = one_byte[first >> 5];
		head->value = first & 0x1f;
		head->len = 1;
		return;
	}
	result = cbor_stream_decode(bytes.data, bytes.len, &callbacks, head);
	if (result.status != CBOR_DECODER_FINISHED) {
		head->type = WIRE_INVALID;
		head->why = why_not_decoded(result.status, first);
		return;
	}
	head->len = result.read;
	if (head->why != NULL) {
		/* f7, f9, fa, fb: others may write them, and they have no children. */
		if (rules == WIRE_LAX && first >= 0xf7 && first <= 0xfb)
			head->why = NULL;
		return;
	}
	if (rules == WIRE_LAX || head->type == WIRE_BOOL || head->type == WIRE_NULL)
		return;
	shortest = wire_head_bytes(head->value);
	if (head->bytes != NULL)
		shortest += (size_t)head->value;
	if (result.read != shortest) {
		head->type = WIRE_INVALID;
		head->why = BASE_WORDS("a number is not in its shortest form");
	}
}
