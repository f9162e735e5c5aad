/* Cases: those of the examples in docs/contracts and of docs/formats/contract.md pass; what fails, and what is wrong in
 * a file, is said word for word: tests/contracts/cases.txt, in the form of diagnostics.txt. */
#include "contracts/contracts.h"
#include "tests/support/support.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct contracts_report report;

static struct base_buf file_of(const char *path)
{
	struct base_buf out = BASE_BUF_INIT;
	FILE *file = fopen(path, "rb");
	int c;

	ck_assert_msg(file != NULL, "%s is not there", path);
	while ((c = getc(file)) != EOF)
		base_buf_byte(&out, (uint8_t)c);
	fclose(file);
	return out;
}

static struct contracts_text text_of(const struct base_buf *buf)
{
	return (struct contracts_text){(const char *)buf->data, buf->len};
}

static const struct contracts_program *load(struct contracts_arena *arena, const struct base_buf *source, const char *name)
{
	const struct contracts_program *program;
	struct contracts_reject reject;
	struct contracts_bytes bytecode;
	enum contracts_code code = contracts_compile(arena, &bytecode, text_of(source), &report);

	ck_assert_msg(code == CONTRACTS_OK && report.count == 0, "%s:%u:%u: %s; %s", name, (unsigned)report.list[0].line,
		      (unsigned)report.list[0].column, report.list[0].wrong, report.list[0].right);
	ck_assert_int_eq(contracts_load(arena, &program, bytecode, &reject), CONTRACTS_OK);
	return program;
}

static size_t run(const struct base_buf *source, const struct base_buf *file, const char *name)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	const struct contracts_program *program = load(arena, source, name);
	struct contracts_cases cases;

	ck_assert_int_eq(contracts_cases_run(arena, &cases, program, text_of(file), &report), CONTRACTS_OK);
	ck_assert_msg(report.count == 0 && cases.failed == 0, "%s:%u:%u: %s; %s", name, (unsigned)report.list[0].line,
		      (unsigned)report.list[0].column, report.list[0].wrong, report.list[0].right);
	contracts_arena_close(arena);
	return cases.passed;
}

START_TEST(example_of_the_docs_answers_as_its_cases_expect)
{
	glob_t found;

	ck_assert_int_eq(glob("docs/contracts/*.contract", 0, NULL, &found), 0);
	ck_assert_uint_ge(found.gl_pathc, 10);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct base_buf source = file_of(found.gl_pathv[i]), file, path = BASE_BUF_INIT;

		base_buf_append(&path, base_slice(found.gl_pathv[i], strlen(found.gl_pathv[i]) - strlen("contract")));
		base_buf_append(&path, base_slice("cases", 6));
		file = file_of((const char *)path.data);
		ck_assert_uint_ge(run(&source, &file, found.gl_pathv[i]), 6);
		base_buf_free(&source);
		base_buf_free(&file);
		base_buf_free(&path);
	}
	globfree(&found);
}
END_TEST

START_TEST(cases_of_the_format_pass)
{
	struct base_buf source = support_doc_block("docs/formats/contract.md", "contract-example");
	struct base_buf file = support_doc_block("docs/formats/contract.md", "contract-cases-example");

	ck_assert_uint_eq(run(&source, &file, "contract.md"), 4);
	base_buf_free(&source);
	base_buf_free(&file);
}
END_TEST

#define TEXTS "tests/contracts/cases.txt"

static void said(struct base_buf *out, const struct contracts_program *program, struct contracts_arena *arena,
		 struct contracts_text file)
{
	struct contracts_cases cases;
	enum contracts_code code = contracts_cases_run(arena, &cases, program, file, &report);

	ck_assert_int_eq(code == CONTRACTS_REFUSED, report.errors > cases.failed);
	base_buf_print(out, "passed %zu, failed %zu\n", cases.passed, cases.failed);
	for (size_t i = 0; i < report.count; i++)
		base_buf_print(out, "%u:%u: %s\n    %s\n", (unsigned)report.list[i].line, (unsigned)report.list[i].column,
			       report.list[i].wrong, report.list[i].right);
}

/* The first part of the file, up to "== ", is the contract. */
START_TEST(case_when_it_fails_or_is_wrong_says_so)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct base_buf file = file_of(TEXTS), now = BASE_BUF_INIT, contract = BASE_BUF_INIT;
	const struct contracts_program *program;
	const char *at, *source, *end, *next;
	size_t count = 0;

	base_buf_byte(&file, 0);
	at = strstr((const char *)file.data, "== ");
	ck_assert_ptr_nonnull(at);
	base_buf_append(&contract, base_slice(file.data, (size_t)(at - (const char *)file.data)));
	base_buf_append(&now, base_buf_slice(&contract));
	program = load(arena, &contract, TEXTS);
	for (; at != NULL; at = next, count++) {
		struct base_buf words = BASE_BUF_INIT;
		size_t len;

		source = strchr(at, '\n') + 1;
		end = strstr(source, "\n--\n");
		ck_assert_ptr_nonnull(end);
		next = strstr(end + 4, "\n== ");
		next = next != NULL ? next + 1 : NULL;
		said(&words, program, arena, (struct contracts_text){source, (size_t)(end + 1 - source)});
		base_buf_append(&now, base_slice(at, (size_t)(end + 4 - at)));
		base_buf_append(&now, base_buf_slice(&words));
		if (next != NULL)
			base_buf_byte(&now, '\n');
		len = next != NULL ? (size_t)(next - 1 - (end + 4)) : strlen(end + 4);
		if (getenv("REGESTA_REGENERATE") == NULL)
			ck_assert_msg(words.len == len && memcmp(words.data, end + 4, len) == 0, "%.*s: it says\n%.*s",
				      (int)(source - 1 - at), at, (int)words.len, (const char *)words.data);
		base_buf_free(&words);
	}
	ck_assert_uint_gt(count, 30);
	if (getenv("REGESTA_REGENERATE") != NULL) {
		FILE *out = fopen(TEXTS, "wb");

		ck_assert_ptr_nonnull(out);
		fwrite(now.data, 1, now.len, out);
		fclose(out);
	}
	base_buf_free(&file);
	base_buf_free(&now);
	base_buf_free(&contract);
	contracts_arena_close(arena);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, example_of_the_docs_answers_as_its_cases_expect);
	tcase_add_test(tc, cases_of_the_format_pass);
	tcase_add_test(tc, case_when_it_fails_or_is_wrong_says_so);
}

int main(void)
{
	return support_run("contracts cases", fill);
}
