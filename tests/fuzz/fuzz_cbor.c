/* Deterministic CBOR: what wire_check takes reads without failure and is
 * written again the same; what it refuses, wire_get_raw refuses at the same byte. */
#include "ledger/wire/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads any item by its type and writes it again. Sixteen deep at most. */
static void copy_item(struct wire_reader *r, struct base_buf *out)
{
	uint64_t count;

	switch (wire_peek(r)) {
	case WIRE_UINT:
		wire_put_uint(out, wire_get_uint(r));
		return;
	case WIRE_NINT:
		wire_put_nint(out, wire_get_nint(r));
		return;
	case WIRE_BYTES:
		wire_put_bytes(out, wire_get_bytes(r));
		return;
	case WIRE_TEXT:
		wire_put_text(out, wire_get_text(r));
		return;
	case WIRE_ARRAY:
		count = wire_get_array(r);
		wire_put_array(out, count);
		while (count-- > 0)
			copy_item(r, out);
		return;
	case WIRE_MAP:
		count = wire_get_map(r);
		wire_put_map(out, count);
		while (count-- > 0) {
			copy_item(r, out);
			copy_item(r, out);
		}
		return;
	case WIRE_TAG:
		wire_put_tag(out, wire_get_tag(r));
		copy_item(r, out);
		return;
	case WIRE_BOOL:
		wire_put_bool(out, wire_get_bool(r));
		return;
	case WIRE_NULL:
		wire_get_null(r);
		wire_put_null(out);
		return;
	case WIRE_END:
	case WIRE_INVALID:
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes = base_slice(data, size);
	struct base_buf again = BASE_BUF_INIT;
	struct base_error err = {""}, raw_err = {""};
	enum base_code code = wire_check(bytes, &err);
	struct wire_reader r;
	size_t len;

	wire_read(&r, bytes);
	(void)wire_get_raw(&r);
	BASE_ASSERT(wire_done(&r, "CBOR", &raw_err) == code);
	if (code != BASE_OK) {
		BASE_ASSERT(code == BASE_MALFORMED && strcmp(err.text, raw_err.text) == 0);
		if (wire_check_first(bytes, &len, NULL) == BASE_OK)
			BASE_ASSERT(wire_check(base_slice(data, len), NULL) == BASE_OK);
		return 0;
	}
	wire_read(&r, bytes);
	copy_item(&r, &again);
	BASE_ASSERT(wire_done(&r, "CBOR", &err) == BASE_OK);
	BASE_ASSERT(base_slice_equal(base_buf_slice(&again), bytes));
	/* A sorted map is sorted already. */
	if (size > 0 && data[0] >> 5 == 5) {
		BASE_ASSERT(wire_sort_map(&again, 0));
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), bytes));
	}
	base_buf_free(&again);
	return 0;
}
