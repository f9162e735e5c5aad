#include "ledger/wire/wire.h"
#include "tests/base/suite.h"

#include <signal.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Every boundary between lengths of heads, RFC 8949 §3. */
START_TEST(put_uint_when_at_a_boundary_is_shortest)
{
	static const struct {
		uint64_t value;
		const char *hex;
	} cases[] = {
		{0, "00"},
		{23, "17"},
		{24, "1818"},
		{255, "18ff"},
		{256, "190100"},
		{65535, "19ffff"},
		{65536, "1a00010000"},
		{UINT32_MAX, "1affffffff"},
		{UINT64_C(4294967296), "1b0000000100000000"},
		{UINT64_MAX, "1bffffffffffffffff"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf out = BASE_BUF_INIT;
		char hex[64];

		wire_put_uint(&out, cases[i].value);
		base_hex(hex, base_buf_slice(&out));
		ck_assert_str_eq(hex, cases[i].hex);
		base_buf_free(&out);
	}
}
END_TEST

START_TEST(sort_map_when_pairs_are_in_any_order_makes_them_ascend)
{
	static const char *const keys[] = {"zz", "b", "", "aaa", "a", "ab"};
	struct base_buf out = BASE_BUF_INIT;
	struct base_error err = {""};
	char hex[128];
	size_t map_at;

	wire_put_array(&out, 1); /* what is before the map stays */
	map_at = out.len;
	wire_put_map(&out, COUNT(keys) + 2);
	for (size_t i = 0; i < COUNT(keys); i++) {
		wire_put_cstr(&out, keys[i]);
		wire_put_uint(&out, i);
	}
	wire_put_int(&out, -1);
	wire_put_array(&out, 0);
	wire_put_uint(&out, 300);
	wire_put_null(&out);
	ck_assert_int_eq(wire_check(base_buf_slice(&out), NULL), BASE_MALFORMED);
	ck_assert(wire_sort_map(&out, map_at));
	ck_assert_int_eq(wire_check(base_buf_slice(&out), &err), BASE_OK);
	base_hex(hex, base_buf_slice(&out));
	ck_assert_str_eq(hex, "81a819012cf6208060026161046162016261620562"
			      "7a7a006361616103");
	base_buf_free(&out);
}
END_TEST

START_TEST(sort_map_when_key_is_twice_says_false)
{
	struct base_buf out = BASE_BUF_INIT;

	wire_put_map(&out, 3);
	wire_put_uint(&out, 2);
	wire_put_null(&out);
	wire_put_uint(&out, 1);
	wire_put_null(&out);
	wire_put_uint(&out, 2);
	wire_put_bool(&out, true);
	ck_assert(!wire_sort_map(&out, 0));
	out.len = 0;
	wire_put_map(&out, 0);
	ck_assert(wire_sort_map(&out, 0));
	ck_assert_uint_eq(out.len, 1);
	base_buf_free(&out);
}
END_TEST

/* Ends by SIGABRT: text that is not UTF-8 is the caller's mistake. */
START_TEST(put_text_when_not_utf8_aborts)
{
	struct base_buf out = BASE_BUF_INIT;

	wire_put_text(&out, base_slice_text("\xff"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire/cbor_write");
	TCase *tcase = tcase_create("cbor_write");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, put_uint_when_at_a_boundary_is_shortest);
	tcase_add_test(tcase, sort_map_when_pairs_are_in_any_order_makes_them_ascend);
	tcase_add_test(tcase, sort_map_when_key_is_twice_says_false);
	tcase_add_test_raise_signal(tcase, put_text_when_not_utf8_aborts, SIGABRT);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
