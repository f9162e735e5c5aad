/* The example of docs/formats/contract.md is, compiled, that of contract-code.md. */
#include "contracts/contracts.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void unhex(struct base_buf *out, const struct base_buf *block)
{
	bool comment = false, begin = true;

	for (size_t i = 0; i < block->len; i++) {
		char digits[3] = {(char)block->data[i], 0, 0};

		if (begin)
			comment = digits[0] == '#';
		begin = digits[0] == '\n';
		if (comment || begin)
			continue;
		digits[1] = (char)block->data[++i];
		base_buf_byte(out, (uint8_t)strtoul(digits, NULL, 16));
	}
}

START_TEST(example_when_compiled_is_the_one_in_hex)
{
	struct base_buf source = support_doc_block("docs/formats/contract.md", "contract-example");
	struct base_buf hex = support_doc_block("docs/formats/contract-code.md", "contract-code-example");
	struct base_buf id = support_doc_block("docs/formats/contract-code.md", "contract-code-id");
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	static struct contracts_report report;
	struct contracts_bytes bytecode;
	struct base_buf expected = {0};
	char text[65];
	struct base_hash hash;

	unhex(&expected, &hex);
	ck_assert_int_eq(contracts_compile(arena, &bytecode, (struct contracts_text){(const char *)source.data, source.len}, &report),
			 CONTRACTS_OK);
	ck_assert_uint_eq(report.count, 0);
	ck_assert_uint_eq(bytecode.len, expected.len);
	ck_assert_mem_eq(bytecode.data, expected.data, expected.len);
	hash = base_sha256_of(base_slice(bytecode.data, bytecode.len));
	for (size_t i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", hash.bytes[i]);
	ck_assert_uint_ge(id.len, 64);
	ck_assert_mem_eq(id.data, text, 64);
	contracts_arena_close(arena);
	base_buf_free(&source);
	base_buf_free(&hex);
	base_buf_free(&id);
	base_buf_free(&expected);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, example_when_compiled_is_the_one_in_hex);
}

int main(void)
{
	return support_run("contracts docs", fill);
}
