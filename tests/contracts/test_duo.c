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

/* ---- Drafts --------------------------------------------------------------- */

static const char *const values[] = {"DS", "DS=MONDO:0004739+MONDO:0010703", "GS", "GS=FR+DE", "IS", "IS=hospital-a", "US",
				     "US=hospital-a/ann+lyon/bo", "TS", "TS=12", "MOR", "MOR=2027-06-30"};

static const char *with_value(const char *shorthand)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i += 2)
		if (strcmp(shorthand, values[i]) == 0)
			return values[i + 1];
	return shorthand;
}

START_TEST(draft_of_every_term_is_a_contract_without_warnings)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct base_buf list = BASE_BUF_INIT;
	struct contracts_text draft;
	struct contracts_bytes bytecode;
	enum contracts_code code;

	base_buf_print(&list, "%s%s", terms[_i].kind == PERMISSION ? "" : "GRU, ",
		       terms[_i].kind == HEADING ? terms[_i].id : with_value(terms[_i].shorthand));
	code = contracts_from_duo(arena, &draft, (struct contracts_text){(const char *)list.data, list.len}, &report);
	if (terms[_i].kind == HEADING) {
		ck_assert_int_eq(code, CONTRACTS_REFUSED);
		ck_assert_uint_eq(report.list[0].column, 5);
		ck_assert_str_eq(report.list[0].right, "write terms such as GRU, IRB, NPU, or DUO:0000042, with commas between them");
	} else {
		ck_assert_msg(code == CONTRACTS_OK, "%s", report.list[0].wrong);
		ck_assert_int_eq(contracts_compile(arena, &bytecode, draft, &report), CONTRACTS_OK);
		ck_assert_msg(report.count == 0, "%.*s", (int)draft.len, draft.data);
	}
	base_buf_free(&list);
	contracts_arena_close(arena);
}
END_TEST

START_TEST(draft_of_several_terms_is_the_one_of_the_docs)
{
	struct base_buf terms_text = support_doc_block("docs/formats/contract.md", "contract-duo-terms");
	struct base_buf expected = support_doc_block("docs/formats/contract.md", "contract-duo-draft");
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_text draft;

	ck_assert_int_eq(contracts_from_duo(arena, &draft, (struct contracts_text){(const char *)terms_text.data, terms_text.len - 1}, &report),
			 CONTRACTS_OK);
	ck_assert_msg(draft.len == expected.len && memcmp(draft.data, expected.data, draft.len) == 0, "%.*s", (int)draft.len, draft.data);
	base_buf_free(&terms_text);
	base_buf_free(&expected);
	contracts_arena_close(arena);
}
END_TEST

static const struct {
	const char *terms, *wrong, *right;
	uint32_t column;
} mistakes[] = {
	{"", "\"\" is no term of DUO that says what is allowed", NULL, 1},
	{"GRU,", "\"\" is no term of DUO that says what is allowed", NULL, 5},
	{"GRU,XYZ", "\"XYZ\" is no term of DUO that says what is allowed",
	 "write terms such as GRU, IRB, NPU, or DUO:0000042, with commas between them", 5},
	{"GRU,DUO:45", "\"DUO:45\" is no term of DUO that says what is allowed", NULL, 5},
	{"GRU,IRB=1", "IRB takes no value", "leave out what follows =", 5},
	{"GRU,GS", "GS needs to be told more: within certain countries", "write GS=FR+DE, the countries joined by +", 5},
	{"GRU,GS=", "GS needs to be told more: within certain countries", NULL, 5},
	{"GRU,GS=FR+", "GS needs to be told more: within certain countries", NULL, 5},
	{"GRU,TS=1+2", "TS needs to be told more: for a limited time", "write TS=12, the number of months", 5},
	{"GRU,MOR=soon day", "MOR needs to be told more: no publication before a date",
	 "write MOR=2027-06-30, the first day on which publishing is allowed", 5},
	{"GRU,IS=a\"b", "IS needs to be told more: within an approved institution", "write IS=hospital-a, the organisations joined by +", 5},
	{"DS", "DS needs to be told more: research on a disease", "write DS=MONDO:0004739, the diseases joined by +", 1},
	{"GRU,US", "US needs to be told more: by approved users", "write US=hospital-a/ann, the actors joined by +", 5},
	{"IRB,NPU", "no term says what the data may be used for", "begin with one of NRES, GRU, HMB, DS, POA", 1},
	{"GRU,HMB", "more than one term says what the data may be used for",
	 "keep one of NRES, GRU, HMB, DS, POA: the one that was consented to", 1},
	/* What the compiler says of the values. */
	{"GRU,GS=UK", "\"UK\" is not a country", "\"GB\" is one", 1},
	{"DS=DUO:1", "\"DUO:1\" is not a disease", NULL, 1},
	{"GRU,TS=5000", "this is longer than 100 years", "at most 1200 months", 1},
	{"GRU,MOR=friday", "\"friday\" is not what belongs here", NULL, 1},
	{"POA,NPOA", "the clause \"use\" can never decide: \"no ancestry research\" forbids whatever it permits", NULL, 1},
};

START_TEST(draft_when_a_term_is_wrong_is_refused_with_a_sentence)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct contracts_text draft, list = {mistakes[_i].terms, strlen(mistakes[_i].terms)};

	ck_assert_int_eq(contracts_from_duo(arena, &draft, list, &report), CONTRACTS_REFUSED);
	ck_assert_str_eq(report.list[0].wrong, mistakes[_i].wrong);
	ck_assert_uint_eq(report.list[0].column, mistakes[_i].column);
	if (mistakes[_i].right != NULL)
		ck_assert_str_eq(report.list[0].right, mistakes[_i].right);
	contracts_arena_close(arena);
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
	tcase_add_loop_test(tc, draft_of_every_term_is_a_contract_without_warnings, 0, (int)TERMS);
	tcase_add_test(tc, draft_of_several_terms_is_the_one_of_the_docs);
	tcase_add_loop_test(tc, draft_when_a_term_is_wrong_is_refused_with_a_sentence, 0, (int)(sizeof(mistakes) / sizeof(mistakes[0])));
	tcase_add_test(tc, term_of_the_ontology_is_among_these);
}

int main(void)
{
	return support_run("contracts duo", fill);
}
