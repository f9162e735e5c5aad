#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <errno.h>
#include <string.h>

START_TEST(fail_when_formatted_returns_code_and_text)
{
	struct base_error err = {"old"};

	ck_assert_int_eq(base_fail(&err, BASE_LIMIT, "event is %d bytes", 7), BASE_LIMIT);
	ck_assert_str_eq(err.text, "event is 7 bytes");
	ck_assert_int_eq(base_fail(NULL, BASE_KEY, "nobody reads this %s", "x"), BASE_KEY);
}
END_TEST

START_TEST(wrap_when_failed_puts_layers_outermost_first)
{
	struct base_error err = {""};
	enum base_code code = base_fail(&err, BASE_MALFORMED, "key order");

	code = base_wrap(&err, code, "entry %d", 12);
	code = base_wrap(&err, code, "audit");
	ck_assert_int_eq(code, BASE_MALFORMED);
	ck_assert_str_eq(err.text, "audit: entry 12: key order");
	ck_assert_int_eq(base_wrap(&err, BASE_OK, "unused"), BASE_OK);
	ck_assert_str_eq(err.text, "audit: entry 12: key order");
	ck_assert_int_eq(base_wrap(NULL, BASE_IO, "unused"), BASE_IO);
}
END_TEST

START_TEST(fail_when_argument_is_own_text_keeps_it)
{
	struct base_error err = {""};

	(void)base_fail(&err, BASE_IO, "inner");
	(void)base_fail(&err, BASE_IO, "outer (%s)", err.text);
	ck_assert_str_eq(err.text, "outer (inner)");
}
END_TEST

START_TEST(fail_errno_when_known_maps_to_code)
{
	static const struct {
		int number;
		enum base_code code;
	} cases[] = {{ENOSPC, BASE_NO_SPACE}, {EDQUOT, BASE_NO_SPACE}, {ENOENT, BASE_NOT_FOUND},
		     {EEXIST, BASE_EXISTS},   {EACCES, BASE_IO},       {EIO, BASE_IO}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct base_error err = {""};

		errno = cases[i].number;
		ck_assert_int_eq(base_fail_errno(&err, "cannot open %s", "a.txt"), cases[i].code);
		ck_assert_int_eq(errno, cases[i].number);
		ck_assert_msg(strncmp(err.text, "cannot open a.txt: ", 19) == 0 && strlen(err.text) > 22, "%s", err.text);
	}
}
END_TEST

START_TEST(fail_when_text_is_hostile_cleans_it)
{
	struct base_error err = {""};
	char longer[3000];

	(void)base_fail(&err, BASE_MALFORMED, "name \"%s\"", "a\x1b[2Jb\nc\x7f\xc2\x9b"
							    "d\xff\xe2\x80\xae z\xc3\xa4");
	ck_assert_str_eq(err.text, "name \"a?[2Jb?c???d???? z\xc3\xa4\"");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	/* Cut in the middle of a two-byte character. */
	longer[BASE_ERROR_BYTES - 2] = '\xc3';
	longer[BASE_ERROR_BYTES - 1] = '\xa4';
	(void)base_fail(&err, BASE_MALFORMED, "%s", longer);
	ck_assert_uint_eq(strlen(err.text), BASE_ERROR_BYTES - 1);
	ck_assert_int_eq(err.text[BASE_ERROR_BYTES - 2], '?');
	(void)base_wrap(&err, BASE_MALFORMED, "outside");
	ck_assert_uint_eq(strlen(err.text), BASE_ERROR_BYTES - 1);
	ck_assert_int_eq(strncmp(err.text, "outside: xxx", 12), 0);
}
END_TEST

START_TEST(code_name_when_any_code_is_its_number)
{
	ck_assert_str_eq(base_code_name(BASE_OK), "OK");
	ck_assert_str_eq(base_code_name(BASE_NO_SPACE), "NO_SPACE");
	ck_assert_str_eq(base_code_text(BASE_VERSION), "made by a newer version of Regesta");
	/* Exit codes are documented: these numbers never change. */
	ck_assert_int_eq(BASE_MISMATCH, 1);
	ck_assert_int_eq(BASE_MALFORMED, 3);
	ck_assert_int_eq(BASE_REFUSED, 5);
	ck_assert_int_eq(BASE_INTERRUPTED, 15);
	for (int i = 0; i <= BASE_INTERRUPTED; i++) {
		ck_assert_str_ne(base_code_name((enum base_code)i), "UNKNOWN");
		ck_assert_uint_gt(strlen(base_code_text((enum base_code)i)), 3);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		fail_when_formatted_returns_code_and_text,
		wrap_when_failed_puts_layers_outermost_first,
		fail_when_argument_is_own_text_keeps_it,
		fail_errno_when_known_maps_to_code,
		fail_when_text_is_hostile_cleans_it,
		code_name_when_any_code_is_its_number,
		NULL,
	};

	return suite_run("base/error", tests);
}
