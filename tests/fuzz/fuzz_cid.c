/* CIDs, multibase and varints: one byte chooses which. */
#include "ledger/wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_varint(struct base_slice bytes)
{
	struct base_buf again = BASE_BUF_INIT;
	uint64_t value;
	size_t used;

	if (wire_get_varint(&value, &used, bytes, NULL) == BASE_OK) {
		wire_put_varint(&again, value);
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), base_slice(bytes.data, used)));
	}
	base_buf_free(&again);
}

static void fuzz_own(struct base_slice bytes)
{
	char text[WIRE_CID_TEXT_BYTES];
	uint8_t again[WIRE_CID_BYTES];
	struct wire_cid cid, back;
	struct wire_cid_any any;

	if (wire_cid_parse(&cid, bytes, NULL) == BASE_OK) {
		wire_cid_bytes(again, &cid);
		BASE_ASSERT(base_slice_equal(base_slice(again, sizeof(again)), bytes));
		BASE_ASSERT(wire_cid_any_parse(&any, bytes, NULL) == BASE_OK && any.len == bytes.len);
		wire_cid_text(text, &cid);
		BASE_ASSERT(wire_cid_parse_text(&back, base_slice_text(text), NULL) == BASE_OK);
		BASE_ASSERT(wire_cid_equal(&cid, &back));
	}
	if (wire_cid_parse_text(&cid, bytes, NULL) == BASE_OK) {
		wire_cid_text(text, &cid);
		BASE_ASSERT(base_slice_equal(base_slice_text(text), bytes));
	}
}

static void fuzz_any(struct base_slice bytes)
{
	struct base_buf binary = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_cid_any any;

	if (wire_cid_any_parse(&any, bytes, &err) == BASE_OK) {
		BASE_ASSERT(any.len <= bytes.len && any.digest.len < any.len);
		BASE_ASSERT(any.digest.data + any.digest.len == bytes.data + any.len);
	}
	if (wire_cid_any_parse_text(&any, &binary, bytes, &err) == BASE_OK)
		BASE_ASSERT(any.len == binary.len);
	base_buf_free(&binary);
}

static void fuzz_multibase(struct base_slice bytes)
{
	struct base_buf out = BASE_BUF_INIT, again = BASE_BUF_INIT;

	if (wire_multibase_decode(&out, bytes, NULL) == BASE_OK)
		BASE_ASSERT(wire_multibase_syntax_valid(bytes));
	else
		BASE_ASSERT(out.len == 0);
	(void)wire_cid_syntax_valid(bytes);
	out.len = 0;
	if (wire_unbase32(&out, bytes)) {
		wire_base32(&again, base_buf_slice(&out));
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), bytes));
	}
	base_buf_free(&out);
	base_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_slice bytes;

	if (size == 0)
		return 0;
	bytes = base_slice(data + 1, size - 1);
	if (data[0] % 4 == 0)
		fuzz_varint(bytes);
	else if (data[0] % 4 == 1)
		fuzz_own(bytes);
	else if (data[0] % 4 == 2)
		fuzz_any(bytes);
	else
		fuzz_multibase(bytes);
	return 0;
}
