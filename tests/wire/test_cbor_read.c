#include "ledger/wire/wire.h"
#include "tests/base/suite.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct base_buf unhex(const char *hex)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert(base_unhex(&out, base_slice_text(hex)));
	return out;
}

START_TEST(read_when_written_gives_the_same_values)
{
	static const int64_t ints[] = {0, 1, 23, 24, 255, 256, 65535, 65536, INT64_MAX, -1, -24, -25, -256, -257, INT64_MIN};
	struct base_hash hash = base_sha256_of(base_slice_text("x"));
	struct base_buf out = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_reader r;
	struct base_hash got;

	wire_put_array(&out, 11);
	wire_put_array(&out, COUNT(ints));
	for (size_t i = 0; i < COUNT(ints); i++)
		wire_put_int(&out, ints[i]);
	wire_put_uint(&out, UINT64_MAX);
	wire_put_nint(&out, UINT64_MAX);
	wire_put_bytes(&out, base_slice(NULL, 0));
	wire_put_text(&out, base_slice_text("\xc3\xa4"));
	wire_put_cstr(&out, "plain");
	wire_put_bool(&out, true);
	wire_put_null(&out);
	wire_put_hash(&out, &hash);
	wire_put_tag(&out, 1000);
	wire_put_map(&out, 1);
	wire_put_uint(&out, 1);
	wire_put_uint(&out, 2);
	wire_put_bool(&out, false);
	ck_assert_int_eq(wire_check(base_buf_slice(&out), &err), BASE_OK);

	wire_read(&r, base_buf_slice(&out));
	wire_expect_array(&r, 11);
	wire_expect_array(&r, COUNT(ints));
	for (size_t i = 0; i < COUNT(ints); i++)
		ck_assert_int_eq(wire_get_int(&r), ints[i]);
	ck_assert_int_eq(wire_peek(&r), WIRE_UINT);
	ck_assert_uint_eq(wire_get_uint(&r), UINT64_MAX);
	ck_assert_uint_eq(wire_get_nint(&r), UINT64_MAX);
	ck_assert_uint_eq(wire_get_bytes(&r).len, 0);
	ck_assert(base_slice_equal(wire_get_text(&r), base_slice_text("\xc3\xa4")));
	ck_assert(base_slice_equal(wire_get_text(&r), base_slice_text("plain")));
	ck_assert(wire_get_bool(&r));
	wire_get_null(&r);
	got = wire_get_hash(&r);
	ck_assert(base_hash_equal(&got, &hash));
	ck_assert_uint_eq(wire_get_tag(&r), 1000);
	ck_assert_uint_eq(wire_get_raw(&r).len, 3);
	ck_assert_int_eq(wire_done(&r, "values", &err), BASE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, ": something follows the end of the item"));
	ck_assert(!wire_get_bool(&r));
	ck_assert_int_eq(wire_peek(&r), WIRE_END);
	ck_assert_int_eq(wire_done(&r, "values", &err), BASE_OK);
	base_buf_free(&out);
}
END_TEST

START_TEST(read_when_it_failed_latches_the_first_fault)
{
	struct base_buf bytes = unhex("8401416161624103");
	struct base_error err = {""};
	struct wire_reader r;

	wire_read(&r, base_buf_slice(&bytes));
	wire_expect_array(&r, 4);
	ck_assert_uint_eq(wire_get_uint(&r), 1);
	ck_assert_uint_eq(wire_get_text(&r).len, 0); /* it is bytes */
	ck_assert_ptr_null(wire_get_bytes(&r).data);
	ck_assert_uint_eq(wire_get_array(&r), 0);
	ck_assert_uint_eq(wire_get_raw(&r).len, 0);
	ck_assert_int_eq(wire_peek(&r), WIRE_INVALID);
	wire_fail(&r, "later");
	ck_assert_int_eq(wire_done(&r, "entry", &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "entry at byte 2 of 8: a text is expected here");
	base_buf_free(&bytes);
}
END_TEST

START_TEST(fail_when_caller_finds_fault_names_the_place)
{
	struct base_buf bytes = unhex("820102");
	struct base_error err = {""};
	struct wire_reader r;

	wire_read(&r, base_buf_slice(&bytes));
	wire_expect_array(&r, 2);
	(void)wire_get_uint(&r);
	wire_fail(&r, "a kind that does not exist");
	ck_assert_int_eq(wire_done(&r, "event", &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "event at byte 2 of 3: a kind that does not exist");
	base_buf_free(&bytes);
}
END_TEST

typedef void (*getter)(struct wire_reader *r);

static void get_uint(struct wire_reader *r)
{
	ck_assert_uint_eq(wire_get_uint(r), 0);
}
static void get_nint(struct wire_reader *r)
{
	ck_assert_uint_eq(wire_get_nint(r), 0);
}
static void get_int(struct wire_reader *r)
{
	ck_assert_int_eq(wire_get_int(r), 0);
}
static void get_bytes(struct wire_reader *r)
{
	ck_assert_ptr_null(wire_get_bytes(r).data);
}
static void get_text(struct wire_reader *r)
{
	ck_assert_ptr_null(wire_get_text(r).data);
}
static void get_array(struct wire_reader *r)
{
	ck_assert_uint_eq(wire_get_array(r), 0);
}
static void get_map(struct wire_reader *r)
{
	ck_assert_uint_eq(wire_get_map(r), 0);
}
static void get_tag(struct wire_reader *r)
{
	ck_assert_uint_eq(wire_get_tag(r), 0);
}
static void get_bool(struct wire_reader *r)
{
	ck_assert(!wire_get_bool(r));
}
static void get_hash(struct wire_reader *r)
{
	static const struct base_hash none;
	struct base_hash hash = wire_get_hash(r);

	ck_assert(base_hash_equal(&hash, &none));
}
static void get_raw(struct wire_reader *r)
{
	ck_assert_ptr_null(wire_get_raw(r).data);
}
static void expect_three(struct wire_reader *r)
{
	wire_expect_array(r, 3);
}

START_TEST(get_when_type_or_form_is_wrong_says_what_is_expected)
{
	static const struct {
		getter get;
		const char *hex;
		const char *why;
	} cases[] = {
		{get_uint, "20", "an unsigned integer is expected here"},
		{get_uint, "1800", "a number is not in its shortest form"},
		{get_uint, "", "the bytes end where an item should begin"},
		{get_nint, "01", "a negative integer is expected here"},
		{get_int, "f5", "an integer is expected here"},
		{get_int, "1b8000000000000000", "an integer is beyond 64 bits with sign"},
		{get_int, "3b8000000000000000", "an integer is beyond 64 bits with sign"},
		{get_int, "f90000", "a floating-point number; use integers"},
		{get_bytes, "6161", "a byte string is expected here"},
		{get_bytes, "4261", "the bytes end in the middle of an item"},
		{get_bytes, "5f4161ff", "a length is indefinite; write it in front"},
		{get_text, "4161", "a text is expected here"},
		{get_text, "61ff", "a text is not UTF-8"},
		{get_array, "a0", "an array is expected here"},
		{get_array, "82f6", "a count is larger than the bytes that follow"},
		{get_array, "9b7fffffffffffffff", "a count is larger than the bytes that follow"},
		{get_map, "80", "a map is expected here"},
		{get_map, "a20102f6", "a count is larger than the bytes that follow"},
		{get_tag, "12", "a tag is expected here"},
		{get_bool, "f6", "true or false is expected here"},
		{wire_get_null, "f4", "null is expected here"},
		{get_hash, "4161", "a byte string of 32 bytes is expected here"},
		{get_hash, "f6", "a byte string is expected here"},
		{get_raw, "a20100", "a count is larger than the bytes that follow"},
		{get_raw, "c1", "the bytes end where an item should begin"},
		{expect_three, "820102", "an array has the wrong number of items"},
		{expect_three, "01", "an array is expected here"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct base_buf bytes = unhex(cases[i].hex);
		struct base_error err = {""};
		struct wire_reader r;

		wire_read(&r, base_buf_slice(&bytes));
		cases[i].get(&r);
		ck_assert_int_eq(wire_done(&r, "it", &err), BASE_MALFORMED);
		ck_assert_msg(strstr(err.text, cases[i].why) != NULL && strncmp(err.text, "it at byte ", 11) == 0,
			      "%s: %s", cases[i].hex, err.text);
		base_buf_free(&bytes);
	}
}
END_TEST

/* Every head with every first byte, cut short everywhere: a reader and the
 * check agree, and neither reads beyond the end (sanitizers watch). */
START_TEST(check_when_first_byte_is_anything_agrees_with_reader)
{
	for (unsigned first = 0; first < 256; first++) {
		for (size_t len = 0; len <= 12; len++) {
			uint8_t *bytes = base_alloc(len);
			struct wire_reader r;
			enum base_code checked;

			memset(bytes, first & 1 ? 0xf6 : 0x00, len);
			if (len > 0)
				bytes[0] = (uint8_t)first;
			checked = wire_check(base_slice(bytes, len), NULL);
			wire_read(&r, base_slice(bytes, len));
			(void)wire_get_raw(&r);
			ck_assert_int_eq(wire_done(&r, "it", NULL), checked);
			free(bytes);
		}
	}
}
END_TEST

START_TEST(check_first_when_sequence_gives_length_of_first)
{
	struct base_buf bytes = unhex("8201024161f6");
	struct base_error err = {""};
	size_t len = 0;

	ck_assert_int_eq(wire_check_first(base_buf_slice(&bytes), &len, &err), BASE_OK);
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(wire_check_first(base_slice(bytes.data + 3, 3), &len, &err), BASE_OK);
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(wire_check_first(base_slice(bytes.data, 2), &len, &err), BASE_MALFORMED);
	base_buf_free(&bytes);
}
END_TEST

/* A million arrays in each other are refused after sixteen, without recursion. */
START_TEST(check_when_nested_without_end_stops_early)
{
	struct base_buf bytes = BASE_BUF_INIT;
	struct base_error err = {""};

	for (int i = 0; i < 1000000; i++)
		base_buf_byte(&bytes, i % 2 == 0 ? 0x81 : 0xc9);
	ck_assert_int_eq(wire_check(base_buf_slice(&bytes), &err), BASE_MALFORMED);
	ck_assert_str_eq(err.text, "CBOR at byte 16 of 1000000: nested too deeply");
	base_buf_free(&bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		read_when_written_gives_the_same_values,
		read_when_it_failed_latches_the_first_fault,
		fail_when_caller_finds_fault_names_the_place,
		get_when_type_or_form_is_wrong_says_what_is_expected,
		check_when_first_byte_is_anything_agrees_with_reader,
		check_first_when_sequence_gives_length_of_first,
		check_when_nested_without_end_stops_early,
		NULL,
	};

	return suite_run("wire/cbor_read", tests);
}
