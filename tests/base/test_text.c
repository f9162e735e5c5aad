#include "ledger/base/base.h"
#include "tests/base/suite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef bool (*decoder)(struct base_buf *out, struct base_slice text);

/* expected NULL: refused, and out as it was. */
static void assert_decodes(decoder decode, const char *text, const char *expected)
{
	struct base_buf out = BASE_BUF_INIT;
	bool ok;

	base_buf_append(&out, base_slice_text("#"));
	ok = decode(&out, base_slice_text(text));
	ck_assert_msg(ok == (expected != NULL), "\"%s\"", text);
	ck_assert_uint_eq(out.data[0], '#');
	if (expected == NULL)
		ck_assert_uint_eq(out.len, 1);
	else
		ck_assert(base_slice_equal(base_slice(out.data + 1, out.len - 1), base_slice_text(expected)));
	base_buf_free(&out);
}

START_TEST(unhex_when_strict_takes_or_refuses)
{
	assert_decodes(base_unhex, "", "");
	assert_decodes(base_unhex, "61C3b6", "a\xc3\xb6");
	assert_decodes(base_unhex, "6", NULL);
	assert_decodes(base_unhex, "6g", NULL);
	assert_decodes(base_unhex, "61 2", NULL);
	assert_decodes(base_unhex, "616g", NULL);
	assert_decodes(base_unhex, "0x61", NULL);
}
END_TEST

/* RFC 4648 §10, and what §3 and §5 leave to the reader. */
START_TEST(base64_when_published_example_matches_and_odd_forms_are_refused)
{
	static const char *const pairs[][2] = {{"", ""},	     {"f", "Zg=="},	    {"fo", "Zm8="},
					       {"foo", "Zm9v"},	     {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
					       {"foobar", "Zm9vYmFy"}};
	static const char *const bad[] = {"Zg=",      "Zg",	  "Zg===",     "Zm9v====", "Zh==",   "Zm9=", "Z===", "====",
					  "Zm9v\n",   "Zm9 ",	  "Zm9vYg==A", "Zm=v",	   "-_-_",   "Z",    "=",    "Zm8=Zg==",
					  "Zm9vY===", "Zm9\xc3"};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct base_buf out = BASE_BUF_INIT;

		base_base64(&out, base_slice_text(pairs[i][0]));
		ck_assert(base_slice_equal(base_buf_slice(&out), base_slice_text(pairs[i][1])));
		assert_decodes(base_unbase64, pairs[i][1], pairs[i][0]);
		base_buf_free(&out);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_decodes(base_unbase64, bad[i], NULL);
}
END_TEST

START_TEST(base64url_when_round_trip_is_equal_and_odd_forms_are_refused)
{
	static const char *const bad[] = {"Zg==", "Zh", "Zm9", "Z", "+/+/", "Zm9v ", "Zm9vY"};
	uint8_t bytes[64];

	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct base_buf text = BASE_BUF_INIT, back = BASE_BUF_INIT;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(255 - i * 3);
		base_base64url(&text, base_slice(bytes, len));
		ck_assert_uint_eq(text.len, (len * 8 + 5) / 6);
		ck_assert(base_unbase64url(&back, base_buf_slice(&text)));
		ck_assert(base_slice_equal(base_buf_slice(&back), base_slice(bytes, len)));
		base_buf_free(&text);
		base_buf_free(&back);
	}
	assert_decodes(base_unbase64url, "_-8", "\xff\xef");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_decodes(base_unbase64url, bad[i], NULL);
}
END_TEST

START_TEST(utf8_when_ill_formed_is_refused_at_every_alignment)
{
	static const char *const good[] = {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
					   "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80",	      "\xbf",	      "\xc0\x80",     "\xc1\xbf", "\xc2",
					  "\xc2\x41",	      "\xe0\x9f\xbf", "\xe0\xa0",     "\xed\xa0\x80", /* surrogate */
					  "\xed\xbf\xbf",     "\xe1\x80\xc0", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
					  "\xf5\x80\x80\x80", "\xfe",	      "\xff",	      "\xf0\x90\x80"};

	for (size_t before = 0; before < 17; before++) {
		char text[64];

		memset(text, 'x', sizeof(text));
		for (size_t i = 0; i < COUNT(good); i++) {
			memcpy(text + before, good[i], strlen(good[i]));
			ck_assert(base_utf8_valid(base_slice(text, before + strlen(good[i]))));
			ck_assert(base_utf8_valid(base_slice(text, before + strlen(good[i]) + 9 > 60 ? 60 : before + strlen(good[i]))));
		}
		for (size_t i = 0; i < COUNT(bad); i++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + before, bad[i], strlen(bad[i]));
			ck_assert_msg(!base_utf8_valid(base_slice(text, before + strlen(bad[i]))), "case %zu", i);
			ck_assert_msg(!base_utf8_valid(base_slice(text, 60)), "case %zu", i);
		}
	}
	ck_assert(base_utf8_valid(base_slice("a\0b", 3)));
}
END_TEST

START_TEST(printable_when_text_moves_the_cursor_shows_replacements)
{
	struct base_buf out = BASE_BUF_INIT;

	base_printable(&out, base_slice("a\x1b[2J\r\n\0b\xc2\x85\xe2\x80\xae\xff\xc3\xa4\xf0\x9f\x8c\x88", 21));
	ck_assert(base_slice_equal(base_buf_slice(&out),
				   base_slice_text("a\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
						   "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4\xf0\x9f\x8c\x88")));
	base_buf_free(&out);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		unhex_when_strict_takes_or_refuses,
		base64_when_published_example_matches_and_odd_forms_are_refused,
		base64url_when_round_trip_is_equal_and_odd_forms_are_refused,
		utf8_when_ill_formed_is_refused_at_every_alignment,
		printable_when_text_moves_the_cursor_shows_replacements,
		NULL,
	};

	return suite_run("base/text", tests);
}
