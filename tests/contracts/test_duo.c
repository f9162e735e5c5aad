/* Every term of the Data Use Ontology in a contract: permissions are purposes, modifiers are terms that a request
 * states, and what is a heading or obsolete is refused with a sentence. */
#include "contracts/contracts.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { PERMISSION, MODIFIER, HEADING };
static const struct {
	const char *id, *shorthand;
	enum kind kind;
} terms[] = {
	{"DUO:0000004", "NRES", PERMISSION}, {"DUO:0000006", "HMB", PERMISSION}, {"DUO:0000007", "DS", PERMISSION},
	{"DUO:0000011", "POA", PERMISSION}, {"DUO:0000042", "GRU", PERMISSION}, {"DUO:0000012", "RS", MODIFIER},
	{"DUO:0000015", "NMDS", MODIFIER}, {"DUO:0000016", "GSO", MODIFIER}, {"DUO:0000018", "NPUNCU", MODIFIER},
	{"DUO:0000019", "PUB", MODIFIER}, {"DUO:0000020", "COL", MODIFIER}, {"DUO:0000021", "IRB", MODIFIER},
	{"DUO:0000022", "GS", MODIFIER}, {"DUO:0000024", "MOR", MODIFIER}, {"DUO:0000025", "TS", MODIFIER},
	{"DUO:0000026", "US", MODIFIER}, {"DUO:0000027", "PS", MODIFIER}, {"DUO:0000028", "IS", MODIFIER},
	{"DUO:0000029", "RTN", MODIFIER}, {"DUO:0000043", "CC", MODIFIER}, {"DUO:0000044", "NPOA", MODIFIER},
	{"DUO:0000045", "NPU", MODIFIER}, {"DUO:0000046", "NCU", MODIFIER}, {"DUO:0000001", "", HEADING},
	{"DUO:0000017", "", HEADING}, {"DUO:0000002", "", HEADING}, {"DUO:0000003", "", HEADING}, /* the last two: obsolete */
};
#define TERMS (sizeof(terms) / sizeof(terms[0]))

static struct contracts_report report;

static enum contracts_code compile(struct contracts_arena *arena, const struct base_buf *source, const struct contracts_program **program)
{
	struct contracts_reject reject;
	struct contracts_bytes bytecode;
	enum contracts_code code = contracts_compile(arena, &bytecode, (struct contracts_text){(const char *)source->data, source->len},
						     &report);

	if (code == CONTRACTS_OK)
		ck_assert_int_eq(contracts_load(arena, program, bytecode, &reject), CONTRACTS_OK);
	return code;
}

/* Compiled, the contract answers as the cases say; or it is refused with this sentence. */
static void expect(const struct base_buf *source, const char *cases, const char *wrong)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	const struct contracts_program *program;
	struct contracts_cases out;
	enum contracts_code code = compile(arena, source, &program);

	if (wrong != NULL) {
		ck_assert_int_eq(code, CONTRACTS_REFUSED);
		ck_assert_str_eq(report.list[0].wrong, wrong);
		ck_assert_uint_gt(strlen(report.list[0].right), 0);
	} else {
		ck_assert_msg(code == CONTRACTS_OK, "%s; %s", report.list[0].wrong, report.list[0].right);
		ck_assert_int_eq(contracts_cases_run(arena, &out, program, (struct contracts_text){cases, strlen(cases)}, &report), CONTRACTS_OK);
		ck_assert_msg(out.failed == 0 && out.passed > 0, "%s", report.list[0].wrong);
	}
	contracts_arena_close(arena);
}

START_TEST(term_as_a_purpose_is_permitted_or_refused_with_a_sentence)
{
	struct base_buf source = BASE_BUF_INIT, cases = BASE_BUF_INIT, wrong = BASE_BUF_INIT;

	base_buf_print(&source, "contract \"x\" version 1 clause \"a\" permit read for %s when legal basis is consent because \"x\"",
		       terms[_i].id);
	base_buf_print(&cases,
		       "given action is read and legal basis is consent case \"the same\" when purpose is %s expect permit by \"a\" "
		       "case \"marketing\" when purpose is HL7:HMARKT expect %s",
		       terms[_i].id, strcmp(terms[_i].shorthand, "NRES") == 0 ? "permit by \"a\"" : "deny by nothing");
	base_buf_print(&wrong, terms[_i].kind == MODIFIER ? "\"%s\" is a modifier of DUO, not a purpose" : "\"%s\" is no purpose", terms[_i].id);
	base_buf_byte(&cases, 0);
	base_buf_byte(&wrong, 0);
	expect(&source, (const char *)cases.data, terms[_i].kind == PERMISSION ? NULL : (const char *)wrong.data);
	base_buf_free(&source);
	base_buf_free(&cases);
	base_buf_free(&wrong);
}
END_TEST

START_TEST(term_that_a_request_states_is_judged_or_refused_with_a_sentence)
{
	struct base_buf source = BASE_BUF_INIT, cases = BASE_BUF_INIT, wrong = BASE_BUF_INIT;

	base_buf_print(&source,
		       "contract \"x\" version 1 clause \"a\" permit read when legal basis is consent and accepted terms include %s because \"x\"",
		       terms[_i].id);
	base_buf_print(&cases,
		       "given action is read and legal basis is consent case \"stated\" when accepted terms are DUO:%s expect permit by \"a\" "
		       "case \"not stated\" when accepted terms are none expect deny by nothing "
		       "case \"another\" when accepted terms are %s expect deny by nothing",
		       terms[_i].shorthand, strcmp(terms[_i].shorthand, "IRB") == 0 ? "DUO:PUB" : "DUO:IRB");
	base_buf_print(&wrong, "\"%s\" is no term", terms[_i].id);
	base_buf_byte(&cases, 0);
	base_buf_byte(&wrong, 0);
	expect(&source, (const char *)cases.data, terms[_i].kind == MODIFIER ? NULL : (const char *)wrong.data);
	base_buf_free(&source);
	base_buf_free(&cases);
	base_buf_free(&wrong);
}
END_TEST

/* The list of the ontology itself, where the test vectors are: none is missing above. */
START_TEST(term_of_the_ontology_is_among_these)
{
	const char *vectors = getenv("REGESTA_VECTORS");
	char path[512], line[4096];
	size_t count = 0, i;
	FILE *file;

	snprintf(path, sizeof(path), "%s/duo/duo.csv", vectors != NULL ? vectors : "../shared/data");
	if ((file = fopen(path, "r")) == NULL) {
		printf("skipped: no test vectors at %s\n", path);
		return;
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "DUO:", 4) != 0)
			continue;
		for (i = 0; i < TERMS; i++) {
			size_t len = strlen(terms[i].shorthand);

			if (strncmp(line, terms[i].id, 11) == 0 && strncmp(line + 12, terms[i].shorthand, len) == 0 && line[12 + len] == ',')
				break;
		}
		ck_assert_msg(i < TERMS, "%s", line);
		count++;
	}
	fclose(file);
	ck_assert_uint_eq(count, 25);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, term_as_a_purpose_is_permitted_or_refused_with_a_sentence, 0, (int)TERMS);
	tcase_add_loop_test(tc, term_that_a_request_states_is_judged_or_refused_with_a_sentence, 0, (int)TERMS);
	tcase_add_test(tc, term_of_the_ontology_is_among_these);
}

int main(void)
{
	return support_run("contracts duo", fill);
}
