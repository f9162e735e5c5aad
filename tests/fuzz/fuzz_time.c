/* Times and days, and the other texts of base: what is read is written and read again as the same. */
#include "ledger/base/base.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_time(struct base_slice text)
{
	char written[BASE_TIME_TEXT_BYTES];
	struct base_time time, back;
	struct base_error err = {""};
	int16_t offset, offset_back;
	uint32_t days, days_back;
	enum base_code code = base_time_parse(&time, &offset, text, &err);

	if (code == BASE_OK) {
		base_time_format(written, time, offset);
		BASE_ASSERT(base_time_parse(&back, &offset_back, base_slice_text(written), &err) == BASE_OK);
		BASE_ASSERT(back.ms == time.ms && offset_back == offset);
		BASE_ASSERT(base_time_syntax_valid(text) == (offset != INT16_MIN));
	} else {
		BASE_ASSERT(strlen(err.text) > 10 && base_utf8_valid(base_slice_text(err.text)));
		BASE_ASSERT(code == BASE_LIMIT || !base_time_syntax_valid(text));
	}
	if (base_day_parse(&days, text, &err) == BASE_OK) {
		base_day_format(written, days);
		BASE_ASSERT(base_slice_equal(base_slice_text(written), text));
		BASE_ASSERT(base_day_parse(&days_back, base_slice_text(written), &err) == BASE_OK && days_back == days);
	}
}

static void fuzz_format(struct base_slice bytes)
{
	char written[BASE_TIME_TEXT_BYTES];
	char day[16];

	if (bytes.len < 14)
		return;
	base_time_format(written, (struct base_time){base_get_u64be(bytes.data)}, (int16_t)base_get_u16be(bytes.data + 8));
	base_day_format(day, base_get_u32be(bytes.data + 10));
	BASE_ASSERT(strlen(written) > 1 && strlen(day) > 1);
}

static void fuzz_texts(struct base_slice text)
{
	struct base_buf out = BASE_BUF_INIT, again = BASE_BUF_INIT;
	uint64_t number;

	base_printable(&out, text);
	BASE_ASSERT(base_utf8_valid(base_buf_slice(&out)));
	out.len = 0;
	if (base_unbase64(&out, text)) {
		base_base64(&again, base_buf_slice(&out));
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), text));
	}
	out.len = again.len = 0;
	if (base_unbase64url(&out, text)) {
		base_base64url(&again, base_buf_slice(&out));
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), text));
	}
	out.len = again.len = 0;
	if (base_parse_u64(text, &number)) {
		base_buf_print(&again, "%llu", (unsigned long long)number);
		BASE_ASSERT(base_slice_equal(base_buf_slice(&again), text));
	}
	(void)base_unhex(&out, text);
	base_buf_free(&out);
	base_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_time(base_slice(data, size));
	fuzz_format(base_slice(data, size));
	fuzz_texts(base_slice(data, size));
	return 0;
}
