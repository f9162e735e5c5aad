/* The lists of examples in docs/formats/cbor.md and cid.md say what the code does. */
#include "ledger/wire/wire.h"
#include "tests/base/suite.h"
#include "tests/wire/copy.h"
#include "tests/wire/vectors.h"

#include <string.h>

static struct base_buf unhex(struct base_slice text)
{
	struct base_buf out = BASE_BUF_INIT;

	ck_assert_msg(base_unhex(&out, text), "not hex: %.*s", (int)text.len, (const char *)text.data);
	return out;
}

static void assert_text(const struct base_buf *got, struct base_slice expected)
{
	ck_assert_msg(base_slice_equal(base_buf_slice(got), expected), "%.*s instead of %.*s", (int)got->len,
		      (const char *)got->data, (int)expected.len, (const char *)expected.data);
}

/* Begins with: what follows is for people. */
static void assert_error(const struct base_error *err, struct base_slice expected)
{
	ck_assert_msg(strncmp(err->text, (const char *)expected.data, expected.len) == 0, "%s instead of %.*s", err->text,
		      (int)expected.len, (const char *)expected.data);
}

/* ---- CBOR --------------------------------------------------------------- */

static void cbor_good(struct base_slice word, struct base_slice rest)
{
	struct base_buf bytes = unhex(word), text = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct base_error err = {""};
	struct wire_reader r;

	ck_assert_msg(wire_check(base_buf_slice(&bytes), &err) == BASE_OK, "%.*s: %s", (int)word.len,
		      (const char *)word.data, err.text);
	wire_read(&r, base_buf_slice(&bytes));
	copy_item(&r, &text, &again);
	ck_assert_int_eq(wire_done(&r, "item", &err), BASE_OK);
	assert_text(&text, rest);
	ck_assert(base_slice_equal(base_buf_slice(&bytes), base_buf_slice(&again)));
	base_buf_free(&bytes);
	base_buf_free(&text);
	base_buf_free(&again);
}

static void cbor_bad(struct base_slice word, struct base_slice rest)
{
	struct base_buf bytes = unhex(word), expected = BASE_BUF_INIT;
	struct base_error err = {""};
	size_t digits = 0;

	while (digits < rest.len && rest.data[digits] != ' ')
		digits++;
	base_buf_print(&expected, "CBOR at byte %.*s of %zu: %.*s", (int)digits, (const char *)rest.data, bytes.len,
		       (int)(rest.len - digits - 1), (const char *)rest.data + digits + 1);
	ck_assert_msg(wire_check(base_buf_slice(&bytes), &err) == BASE_MALFORMED, "%.*s", (int)word.len,
		      (const char *)word.data);
	ck_assert_uint_eq(strlen(err.text), expected.len);
	assert_error(&err, base_buf_slice(&expected));
	base_buf_free(&bytes);
	base_buf_free(&expected);
}

START_TEST(check_when_example_of_cbor_md_agrees)
{
	ck_assert_uint_ge(docs_lines("cbor.md", "cbor-good", cbor_good), 20);
	ck_assert_uint_ge(docs_lines("cbor.md", "cbor-bad", cbor_bad), 40);
}
END_TEST

/* ---- varints, CIDs, multibase ------------------------------------------- */

static void varint_good(struct base_slice word, struct base_slice rest)
{
	struct base_buf bytes = unhex(rest), again = BASE_BUF_INIT;
	uint64_t value, got;
	size_t used;

	ck_assert(base_parse_u64(word, &value));
	ck_assert_int_eq(wire_get_varint(&got, &used, base_buf_slice(&bytes), NULL), BASE_OK);
	ck_assert_uint_eq(got, value);
	ck_assert_uint_eq(used, bytes.len);
	wire_put_varint(&again, value);
	ck_assert(base_slice_equal(base_buf_slice(&again), base_buf_slice(&bytes)));
	base_buf_free(&bytes);
	base_buf_free(&again);
}

static void varint_bad(struct base_slice word, struct base_slice rest)
{
	struct base_buf bytes = unhex(word);
	struct base_error err = {""};
	uint64_t value;
	size_t used;

	ck_assert_int_eq(wire_get_varint(&value, &used, base_buf_slice(&bytes), &err), BASE_MALFORMED);
	assert_error(&err, rest);
	base_buf_free(&bytes);
}

static void cid_good(struct base_slice word, struct base_slice rest)
{
	struct base_buf bytes = unhex(rest), binary = BASE_BUF_INIT;
	struct base_error err = {""};
	uint8_t again[WIRE_CID_BYTES];
	char text[WIRE_CID_TEXT_BYTES];
	struct wire_cid_any any;
	struct wire_cid cid;

	ck_assert_msg(wire_cid_parse_text(&cid, word, &err) == BASE_OK, "%s", err.text);
	wire_cid_bytes(again, &cid);
	ck_assert(base_slice_equal(base_slice(again, sizeof(again)), base_buf_slice(&bytes)));
	wire_cid_text(text, &cid);
	ck_assert(base_slice_equal(base_slice_text(text), word));
	ck_assert_int_eq(wire_cid_any_parse_text(&any, &binary, word, &err), BASE_OK);
	ck_assert_uint_eq(any.codec, (uint64_t)cid.codec);
	ck_assert(base_slice_equal(any.digest, base_hash_slice(&cid.hash)));
	base_buf_free(&bytes);
	base_buf_free(&binary);
}

static void cid_bad(struct base_slice word, struct base_slice rest)
{
	struct base_error err = {""};
	struct wire_cid cid;

	ck_assert_msg(wire_cid_parse_text(&cid, word, &err) == BASE_MALFORMED, "%.*s", (int)word.len,
		      (const char *)word.data);
	assert_error(&err, rest);
}

static void multibase_good(struct base_slice word, struct base_slice rest)
{
	struct base_buf bytes = unhex(rest), got = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_msg(wire_multibase_decode(&got, word, &err) == BASE_OK, "%s", err.text);
	ck_assert_msg(base_slice_equal(base_buf_slice(&got), base_buf_slice(&bytes)), "%.*s", (int)word.len,
		      (const char *)word.data);
	base_buf_free(&bytes);
	base_buf_free(&got);
}

static void multibase_bad(struct base_slice word, struct base_slice rest)
{
	struct base_buf got = BASE_BUF_INIT;
	struct base_error err = {""};

	ck_assert_int_eq(wire_multibase_decode(&got, word, &err), BASE_MALFORMED);
	assert_error(&err, rest);
	ck_assert_uint_eq(got.len, 0);
	base_buf_free(&got);
}

START_TEST(parse_when_example_of_cid_md_agrees)
{
	ck_assert_uint_ge(docs_lines("cid.md", "varint-good", varint_good), 5);
	ck_assert_uint_ge(docs_lines("cid.md", "varint-bad", varint_bad), 4);
	ck_assert_uint_ge(docs_lines("cid.md", "cid-good", cid_good), 3);
	ck_assert_uint_ge(docs_lines("cid.md", "cid-bad", cid_bad), 10);
	ck_assert_uint_ge(docs_lines("cid.md", "multibase-good", multibase_good), 15);
	ck_assert_uint_ge(docs_lines("cid.md", "multibase-bad", multibase_bad), 10);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {check_when_example_of_cbor_md_agrees, parse_when_example_of_cid_md_agrees, NULL};

	return suite_run("wire/docs", tests);
}
