/* Sealed payloads: as they come; and, because no fuzzer guesses a tag, frames of its making that are sealed first. */
#include "ledger/payload/payload_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct payload_context CONTEXT = {{{1, 2, 3}}, "S", "o"};
static const struct payload_seal SEAL = {{7}, {8}, {9}};

struct source {
	struct base_slice bytes;
	size_t zeros; /* that follow */
};

static enum base_code source_read(void *arg, uint8_t *buf, size_t cap, size_t *got, struct base_error *err)
{
	struct source *source = arg;

	(void)err;
	if (source->bytes.len > 0) {
		*got = source->bytes.len < cap ? source->bytes.len : cap;
		memcpy(buf, source->bytes.data, *got);
		source->bytes = base_slice(source->bytes.data + *got, source->bytes.len - *got);
	} else {
		*got = source->zeros < cap ? source->zeros : cap;
		memset(buf, 0, *got);
		source->zeros -= *got;
	}
	return BASE_OK;
}

static enum base_code sink_write(void *arg, struct base_slice bytes, struct base_error *err)
{
	(void)err;
	base_buf_append(arg, bytes);
	return BASE_OK;
}

static enum base_code open_bytes(struct base_slice sealed, struct base_buf *plain)
{
	struct source source = {sealed, 0};
	struct base_error err;

	plain->len = 0;
	return payload_open_stream(SEAL.key, &CONTEXT, source_read, &source, sink_write, plain, &err);
}

/* The true length that a frame begins with. */
static uint64_t frame_len(struct base_slice frame)
{
	uint8_t prefix[8] = {0};

	if (frame.len > 0)
		memcpy(prefix, frame.data, frame.len < 8 ? frame.len : 8);
	return base_get_u64be(prefix);
}

/* The rule of the document, said another way. */
static bool frame_good(struct base_slice frame, size_t zeros)
{
	uint64_t len = frame_len(frame), whole = frame.len + zeros;

	if (whole < 1024 || len > PAYLOAD_PLAINTEXT_BYTES_MAX || len + 8 > whole || (whole > 1024 && payload_padme(len + 8) != whole))
		return false;
	for (uint64_t i = len + 8; i < frame.len; i++)
		if (frame.data[i] != 0)
			return false;
	return true;
}

static void fuzz_frame(struct base_slice frame, size_t zeros)
{
	struct base_buf sealed = BASE_BUF_INIT, plain = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct source source = {frame, zeros};
	enum base_code code;

	BASE_ASSERT(payload_frame_seal(&SEAL, &CONTEXT, frame.len + zeros, source_read, &source, sink_write, &sealed,
				       NULL) == BASE_OK);
	code = open_bytes(base_buf_slice(&sealed), &plain);
	BASE_ASSERT((code == BASE_OK) == frame_good(frame, zeros));
	if (code == BASE_OK) {
		source = (struct source){base_buf_slice(&plain), 0};
		BASE_ASSERT(plain.len == frame_len(frame) && sealed.len == payload_sealed_len(plain.len));
		BASE_ASSERT(payload_seal_stream(&SEAL, &CONTEXT, plain.len, source_read, &source, sink_write, &again,
						NULL) == BASE_OK);
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), base_buf_slice(&sealed)));
		sealed.data[frame.len % sealed.len] ^= 0x10;
		BASE_ASSERT(open_bytes(base_buf_slice(&sealed), &plain) != BASE_OK);
	}
	base_buf_free(&sealed);
	base_buf_free(&plain);
	base_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf plain = BASE_BUF_INIT;

	if (size == 0)
		return 0;
	if (data[0] % 8 == 0)
		(void)open_bytes(base_slice(data + 1, size - 1), &plain);
	else if (data[0] == 0xff && size > 4) /* over the border of a segment, seldom */
		fuzz_frame(base_slice(data + 4, size - 4), (size_t)data[1] << 14 | (size_t)data[2] << 6 | data[3]);
	else if ((data[0] & 8) != 0 && size <= 1024) /* to the least length, or about that */
		fuzz_frame(base_slice(data + 1, size - 1), 1024 - (size - 1) + (data[0] & 0x10 ? data[0] >> 5 : 0));
	else
		fuzz_frame(base_slice(data + 1, size - 1), data[0] & 0x10 ? data[0] >> 5 : 0);
	base_buf_free(&plain);
	return 0;
}
