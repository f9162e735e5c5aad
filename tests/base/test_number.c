#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <string.h>

START_TEST(put_when_read_back_is_equal_and_big_endian)
{
	uint8_t bytes[8];

	base_put_u16be(bytes, 0x0102);
	ck_assert_mem_eq(bytes, "\x01\x02", 2);
	ck_assert_uint_eq(base_get_u16be(bytes), 0x0102);
	base_put_u32be(bytes, 0xf1f2f3f4);
	ck_assert_mem_eq(bytes, "\xf1\xf2\xf3\xf4", 4);
	ck_assert_uint_eq(base_get_u32be(bytes), 0xf1f2f3f4);
	base_put_u64be(bytes, UINT64_C(0xf1f2f3f4f5f6f7f8));
	ck_assert_mem_eq(bytes, "\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8", 8);
	ck_assert_uint_eq(base_get_u64be(bytes), UINT64_C(0xf1f2f3f4f5f6f7f8));
}
END_TEST

START_TEST(add_when_overflowing_says_false)
{
	uint64_t sum = 0;

	ck_assert(base_add_u64(UINT64_MAX - 1, 1, &sum));
	ck_assert_uint_eq(sum, UINT64_MAX);
	ck_assert(!base_add_u64(UINT64_MAX, 1, &sum));
}
END_TEST

START_TEST(parse_u64_when_text_is_a_plain_number_takes_it)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} cases[] = {
		{"0", true, 0},
		{"7", true, 7},
		{"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0},
		{"99999999999999999999", false, 0},
		{"184467440737095516150", false, 0},
		{"", false, 0},
		{"00", false, 0},
		{"01", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"1.0", false, 0},
		{"0x1", false, 0},
		{"1e3", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 99;

		ck_assert_msg(base_parse_u64(base_slice_text(cases[i].text), &value) == cases[i].ok, "%s",
			      cases[i].text);
		ck_assert_uint_eq(value, cases[i].ok ? cases[i].value : 99);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		put_when_read_back_is_equal_and_big_endian,
		add_when_overflowing_says_false,
		parse_u64_when_text_is_a_plain_number_takes_it,
		NULL,
	};

	return suite_run("base/number", tests);
}
