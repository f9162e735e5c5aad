/* Every message of the compiler, word for word: tests/contracts/diagnostics.txt. A case there is "== what", the source,
 * "--", and the diagnostics. A source that does not begin with "contract" gets a first line that does; \xHH in it is a
 * byte. REGESTA_REGENERATE=1 writes what the compiler says now, to be read. */
#include "contracts/contracts.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "tests/contracts/diagnostics.txt"
#define HEADER "contract \"Test\" version 1\n"

static struct base_buf file_of(const char *path)
{
	struct base_buf out = BASE_BUF_INIT;
	FILE *file = fopen(path, "rb");
	int c;

	ck_assert_ptr_nonnull(file);
	while ((c = getc(file)) != EOF)
		base_buf_byte(&out, (uint8_t)c);
	fclose(file);
	base_buf_byte(&out, 0);
	return out;
}

/* "\xHH" becomes the byte. */
static void source_of(struct base_buf *out, const char *text, size_t len)
{
	if (len < 8 || memcmp(text, "contract", 8) != 0)
		base_buf_append(out, base_slice_text(HEADER));
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 3 < len && text[i + 1] == 'x') {
			char digits[3] = {text[i + 2], text[i + 3], 0};

			base_buf_byte(out, (uint8_t)strtoul(digits, NULL, 16));
			i += 3;
		} else {
			base_buf_byte(out, (uint8_t)text[i]);
		}
	}
}

static void diagnose(struct base_buf *out, const char *text, size_t len)
{
	static struct contracts_report report;
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct base_buf source = BASE_BUF_INIT;
	struct contracts_bytes bytecode;
	enum contracts_code code;

	source_of(&source, text, len);
	code = contracts_compile(arena, &bytecode, (struct contracts_text){(const char *)source.data, source.len}, &report);
	ck_assert_int_eq(code, report.errors > 0 ? CONTRACTS_REFUSED : CONTRACTS_OK);
	for (size_t i = 0; i < report.count; i++)
		base_buf_print(out, "%u:%u: %s: %s\n    %s\n", (unsigned)report.list[i].line, (unsigned)report.list[i].column,
			       report.list[i].warning ? "warning" : "error", report.list[i].wrong, report.list[i].right);
	base_buf_free(&source);
	contracts_arena_close(arena);
}

START_TEST(source_when_it_is_wrong_is_told_what_would_be_right)
{
	struct base_buf file = file_of(FILE_NAME), now = BASE_BUF_INIT;
	bool regenerate = getenv("REGESTA_REGENERATE") != NULL;
	const char *at = (const char *)file.data, *source, *end, *next;
	size_t cases = 0;

	for (at = strstr(at, "== "); at != NULL; at = next, cases++) {
		struct base_buf said = BASE_BUF_INIT;

		source = strchr(at, '\n') + 1;
		end = strstr(source, "\n--\n");
		ck_assert_msg(end != NULL, "no -- behind the source of %.40s", at);
		next = strstr(end + 4, "\n== ");
		next = next != NULL ? next + 1 : NULL;
		diagnose(&said, source, (size_t)(end + 1 - source));
		base_buf_append(&now, base_slice(at, (size_t)(end + 4 - at)));
		base_buf_append(&now, base_buf_slice(&said));
		if (next != NULL)
			base_buf_byte(&now, '\n');
		if (!regenerate) {
			size_t len = (next != NULL ? (size_t)(next - 1 - (end + 4)) : strlen(end + 4));

			ck_assert_msg(said.len == len && (len == 0 || memcmp(said.data, end + 4, len) == 0),
				      "%.*s: the compiler says\n%.*s", (int)(source - 1 - at), at, (int)said.len, (const char *)said.data);
		}
		base_buf_free(&said);
	}
	ck_assert_uint_gt(cases, 80);
	if (regenerate) {
		FILE *out = fopen(FILE_NAME, "wb");

		ck_assert_ptr_nonnull(out);
		fwrite(now.data, 1, now.len, out);
		fclose(out);
	}
	base_buf_free(&file);
	base_buf_free(&now);
}
END_TEST

/* Nobody waits: whatever is within the limits, or beyond them, ends in a second and within the arena. @: a number. */
static void repeated(struct base_buf *out, const char *head, const char *piece, size_t times, const char *tail)
{
	base_buf_append(out, base_slice_text(head));
	for (size_t i = 0; i < times; i++) {
		for (const char *c = piece; *c != '\0'; c++) {
			if (*c == '@')
				base_buf_print(out, "%zu", i);
			else
				base_buf_byte(out, (uint8_t)*c);
		}
	}
	base_buf_append(out, base_slice_text(tail));
}

static const struct {
	const char *head, *piece, *tail;
	size_t times;
	enum contracts_code code;
	const char *wrong; /* of the first diagnostic; NULL: none is asked for */
} large[] = {
	{HEADER, "# a megabyte of it\n", "", 56000, CONTRACTS_REFUSED, "the contract has 1064026 bytes"},
	{HEADER, "clause\"@\"permit read because\"x\"", "", 7500, CONTRACTS_REFUSED, "there are too many clauses"},
	{HEADER "clause \"a\" permit read when ", "(", "", 1000, CONTRACTS_REFUSED, "parentheses are nested too deep"},
	{HEADER "clause \"a\" permit read when ", "not (", "", 1000, CONTRACTS_REFUSED, "parentheses are nested too deep"},
	{HEADER "clause \"a\" permit read when now is before now + ", "(1 days + ", "", 1000, CONTRACTS_REFUSED,
	 "parentheses are nested too deep"},
	{HEADER, "clause\"@\"permit read when((((", "", 6000, CONTRACTS_REFUSED, NULL},
	{HEADER, "a ", "", 66000, CONTRACTS_REFUSED, "the contract has too many words"},
	{HEADER, "\"@\" ", "", 30000, CONTRACTS_REFUSED, "\"0\" is not what belongs here"},
	{HEADER, "set s@ of sites is \"a\"\n", "", 300, CONTRACTS_REFUSED, "there are too many sets"},
	{HEADER "set s of sites is \"a\"", ", \"b@\"", "", 256, CONTRACTS_REFUSED, "the list is too long"},
	{HEADER, "tally \"@\" count visits\n", "", 33, CONTRACTS_REFUSED, "there are too many tallies"},
	{HEADER "tally \"t\" count visits ", "milestone \"@\" when tally \"t\" reaches 1 because \"x\"\n", "", 33, CONTRACTS_REFUSED,
	 "there are too many milestones"},
	{HEADER "clause \"a\" permit read because \"x\" then notify sponsor", ", notify \"o@\"", "", 17, CONTRACTS_REFUSED,
	 "there are too many obligations"},
	{HEADER, "clause \"@\" forbid read because \"x\" then notify \"o@\"\n", "", 300, CONTRACTS_REFUSED,
	 "the contract as a whole is too large: 300 different obligations"},
	{HEADER "clause \"a\" permit read when consent covers this use", " and data site is \"s@\"", " because \"x\"", 9000, CONTRACTS_REFUSED,
	 "the contract as a whole is too large: 9003 different texts"},
	{HEADER "clause \"a\" forbid read when access duration is 9000 days", " or access duration + @ days is 1@1 minutes",
	 " because \"x\"", 4300, CONTRACTS_REFUSED, "the contract as a whole is too large: 8601 different numbers and dates"},
	{HEADER, "clause \"@\" forbid read when study sites include \"@\" because \"x\"\n", "", 1024, CONTRACTS_OK, NULL},
	{HEADER "clause \"a\" forbid read when study sites include \"a\"", " or study sites include \"b@\"", " because \"x\"", 3000,
	 CONTRACTS_REFUSED, "the contract as a whole is too large: 1554528 gas a decision"},
	{HEADER "clause \"a\" permit read when consent covers this use", " and number of study sites + 1 is more than 1", " because \"x\"", 5000,
	 CONTRACTS_OK, NULL},
	{HEADER "clause \"a\" forbid read when number of study sites", " + 1", " is 3 because \"x\"", 32000, CONTRACTS_REFUSED,
	 "the sum is too long"},
	{HEADER "clause \"a\" forbid read when number of study sites", " * 1", " is 3 because \"x\"", 64, CONTRACTS_REFUSED,
	 "the sum is too long"},
	{HEADER "clause \"a\" forbid read when number of study sites", " + 1", " is 3 because \"x\"", 63, CONTRACTS_OK, NULL},
	{HEADER "clause \"a\" forbid read when data site is \"x\"", " or data site is \"@\"", " because \"x\"", 200, CONTRACTS_OK, NULL},
	{HEADER "clause \"a\" forbid read when study sites include \"x\"", " or study sites include \"@\"", " because \"x\"", 200, CONTRACTS_OK, NULL},
	{HEADER "clause \"a\" forbid read when number of study sites is 1", " or number of study sites is @", " because \"x\"", 200, CONTRACTS_OK,
	 NULL},
	{HEADER "clause \"a\" forbid read when data collected is after now", " or data collected is before 20@2-01-01", " because \"x\"", 10,
	 CONTRACTS_OK, NULL},
	{HEADER "clause \"a\" forbid read when now is before 2100-01-01", " or now is before 2@2-01-01", " because \"x\"", 1, CONTRACTS_REFUSED,
	 "this is no number"},
	{HEADER "clause \"a\" forbid read when", " data is derived or", " data is derived because \"x\"", 12000, CONTRACTS_OK, NULL},
};

START_TEST(source_when_it_is_large_ends_in_a_clear_answer)
{
	static struct contracts_report report;
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct base_buf source = BASE_BUF_INIT;
	struct contracts_bytes bytecode;

	repeated(&source, large[_i].head, large[_i].piece, large[_i].times, large[_i].tail);
	ck_assert_int_eq(contracts_compile(arena, &bytecode, (struct contracts_text){(const char *)source.data, source.len}, &report),
			 large[_i].code);
	if (large[_i].wrong != NULL)
		ck_assert_str_eq(report.list[0].wrong, large[_i].wrong);
	base_buf_free(&source);
	contracts_arena_close(arena);
}
END_TEST

/* At whichever allocation memory ends. */
START_TEST(compile_when_memory_ends_says_so)
{
	static struct contracts_report report;
	struct base_buf source = support_doc_block("docs/formats/contract.md", "contract-example");
	bool done = false;

	for (size_t limit = 0; !done; limit += 509) {
		struct contracts_arena *arena = contracts_arena_open(limit);
		struct contracts_bytes bytecode;
		enum contracts_code code = contracts_compile(
			arena, &bytecode, (struct contracts_text){(const char *)source.data, source.len}, &report);

		done = code == CONTRACTS_OK;
		if (!done)
			ck_assert_int_eq(code, CONTRACTS_MEMORY);
		ck_assert_uint_lt(limit, CONTRACTS_ARENA_BYTES_DEFAULT);
		contracts_arena_close(arena);
	}
	base_buf_free(&source);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, source_when_it_is_wrong_is_told_what_would_be_right);
	tcase_add_loop_test(tc, source_when_it_is_large_ends_in_a_clear_answer, 0, (int)(sizeof(large) / sizeof(large[0])));
	tcase_add_test(tc, compile_when_memory_ends_says_so);
}

int main(void)
{
	return support_run("contracts diagnostics", fill);
}
