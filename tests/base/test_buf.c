#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <signal.h>
#include <string.h>

START_TEST(append_when_grown_keeps_all_bytes)
{
	struct base_buf buf = BASE_BUF_INIT;

	for (int i = 0; i < 1000; i++) {
		base_buf_byte(&buf, (uint8_t)i);
		base_buf_append(&buf, base_slice("ab", 2));
		base_buf_append(&buf, base_slice(NULL, 0));
	}
	ck_assert_uint_eq(buf.len, 3000);
	ck_assert_uint_ge(buf.cap, buf.len);
	for (size_t i = 0; i < 1000; i++) {
		ck_assert_uint_eq(buf.data[3 * i], (uint8_t)i);
		ck_assert_uint_eq(buf.data[3 * i + 2], 'b');
	}
	base_buf_free(&buf);
	ck_assert_ptr_null(buf.data);
	ck_assert_uint_eq(buf.len + buf.cap, 0);
}
END_TEST

START_TEST(print_when_formatted_appends_without_nul)
{
	struct base_buf buf = BASE_BUF_INIT;

	base_buf_print(&buf, "%s-%d", "a", 12);
	base_buf_print(&buf, "%s", "");
	base_buf_print(&buf, "%200d", 7);
	ck_assert_uint_eq(buf.len, 4 + 200);
	ck_assert(base_slice_equal(base_slice(buf.data, 5), base_slice_text("a-12 ")));
	ck_assert_uint_eq(buf.data[203], '7');
	base_buf_wipe(&buf);
	ck_assert_ptr_null(buf.data);
	base_buf_wipe(&buf);
}
END_TEST

START_TEST(compare_when_prefix_shorter_is_first)
{
	struct base_slice none = {NULL, 0};

	ck_assert_int_lt(base_slice_compare(base_slice_text("a"), base_slice_text("ab")), 0);
	ck_assert_int_gt(base_slice_compare(base_slice_text("b"), base_slice_text("ab")), 0);
	ck_assert_int_gt(base_slice_compare(base_slice_text("\xff"), base_slice_text("a")), 0);
	ck_assert_int_eq(base_slice_compare(base_slice_text("ab"), base_slice_text("ab")), 0);
	ck_assert_int_eq(base_slice_compare(none, base_slice_text("")), 0);
	ck_assert_int_lt(base_slice_compare(none, base_slice_text("a")), 0);
	ck_assert(base_slice_equal(none, base_slice_text("")));
	ck_assert(!base_slice_equal(base_slice_text("a"), base_slice_text("b")));
	ck_assert(!base_slice_equal(base_slice_text("a"), base_slice_text("ab")));
	ck_assert_uint_eq(base_slice_text(NULL).len, 0);
}
END_TEST

START_TEST(alloc_when_any_size_is_zeroed)
{
	uint8_t *data = base_alloc(1000);

	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(data[i], 0);
	data = base_realloc(data, 0);
	ck_assert_ptr_nonnull(data);
	free(data);
	data = base_alloc(0);
	ck_assert_ptr_nonnull(data);
	free(data);
}
END_TEST

START_TEST(secrets_when_compared_or_wiped_work_as_said)
{
	uint8_t a[32], b[32];

	memset(a, 7, sizeof(a));
	memset(b, 7, sizeof(b));
	ck_assert(base_equal_secret(a, b, sizeof(a)));
	b[31] = 8;
	ck_assert(!base_equal_secret(a, b, sizeof(a)));
	ck_assert(base_equal_secret(a, b, 0));
	base_wipe(a, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++)
		ck_assert_uint_eq(a[i], 0);
}
END_TEST

/* The next two end by SIGABRT. */
START_TEST(append_when_bytes_are_the_buffers_own_aborts)
{
	struct base_buf buf = BASE_BUF_INIT;

	base_buf_append(&buf, base_slice_text("abc"));
	base_buf_append(&buf, base_buf_slice(&buf));
}
END_TEST

START_TEST(reserve_when_size_overflows_aborts)
{
	struct base_buf buf = BASE_BUF_INIT;

	base_buf_byte(&buf, 1);
	base_buf_reserve(&buf, SIZE_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base/buf");
	TCase *tcase = tcase_create("buf");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, append_when_grown_keeps_all_bytes);
	tcase_add_test(tcase, print_when_formatted_appends_without_nul);
	tcase_add_test(tcase, compare_when_prefix_shorter_is_first);
	tcase_add_test(tcase, alloc_when_any_size_is_zeroed);
	tcase_add_test(tcase, secrets_when_compared_or_wiped_work_as_said);
	tcase_add_test_raise_signal(tcase, append_when_bytes_are_the_buffers_own_aborts, SIGABRT);
	tcase_add_test_raise_signal(tcase, reserve_when_size_overflows_aborts, SIGABRT);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
