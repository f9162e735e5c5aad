/* Purposes of use: names, hierarchy, and that the terms of the Data Use Ontology are all known. */
#include "ledger/events/schema.h"
#include "tests/base/suite.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static uint64_t number_of(const char *text)
{
	const struct events_code *code = events_purpose_find(base_slice_text(text));

	ck_assert_msg(code != NULL, "%s is not known", text);
	return code->number;
}

START_TEST(find_when_named_in_any_usual_way_is_the_same)
{
	ck_assert_uint_eq(number_of("duo.gru"), 42);
	ck_assert_uint_eq(number_of("GRU"), 42);
	ck_assert_uint_eq(number_of("DUO:0000042"), 42);
	ck_assert_uint_eq(number_of("duo:0000042"), 42);
	ck_assert_uint_eq(number_of("HRESCH"), number_of("hl7.hresch"));
	ck_assert_ptr_null(events_purpose_find(base_slice_text("")));
	ck_assert_ptr_null(events_purpose_find(base_slice_text("GRUU")));
	ck_assert_ptr_null(events_purpose_find(base_slice_text("DUO:0000002"))); /* obsolete */
	ck_assert_ptr_null(events_purpose_find(base_slice_text("DUO:0000106"))); /* 106 is none, although 64 + 42 is */
	ck_assert_ptr_null(events_purpose_find(base_slice_text("DUO:000004x")));
	ck_assert_ptr_null(events_purpose_find(base_slice_text("a purpose that is much longer than all names")));
}
END_TEST

START_TEST(covers_when_within_and_not_when_wider)
{
	static const char *const within[][2] = {
		{"GRU", "GRU"},	   {"GRU", "HMB"},	  {"GRU", "DS"},	    {"HMB", "DS"},	{"NRES", "GRU"},
		{"NRES", "POA"},   {"NRES", "CLINTRCH"},  {"HRESCH", "CLINTRCH"},   {"HRESCH", "CLINTRCHPC"},
		{"TREAT", "BTG"},  {"HPAYMT", "ELIGVER"}, {"PUBHLTH", "DISASTER"},
	};
	static const char *const outside[][2] = {
		{"HMB", "GRU"}, {"DS", "HMB"},	  {"GRU", "POA"},	{"POA", "GRU"},	   {"GRU", "NRES"},
		{"GRU", "HRESCH"}, {"HRESCH", "GRU"}, {"CLINTRCH", "HRESCH"}, {"TREAT", "HRESCH"}, {"HOPERAT", "TREAT"},
	};

	for (size_t i = 0; i < sizeof(within) / sizeof(within[0]); i++)
		ck_assert_msg(events_purpose_covers(number_of(within[i][0]), number_of(within[i][1])), "%s does not cover %s",
			      within[i][0], within[i][1]);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		ck_assert_msg(!events_purpose_covers(number_of(outside[i][0]), number_of(outside[i][1])), "%s covers %s",
			      outside[i][0], outside[i][1]);
	ck_assert(!events_purpose_covers(number_of("GRU"), 0));
	ck_assert(!events_purpose_covers(0, number_of("GRU")));
}
END_TEST

START_TEST(wider_when_followed_ends)
{
	for (size_t i = 0; i < events_purposes.count; i++) {
		uint64_t purpose = events_purposes.codes[i].number;
		unsigned steps = 0;

		for (; purpose != 0; purpose = events_purpose_wider(purpose), steps++)
			ck_assert_ptr_nonnull(events_code_by_number(&events_purposes, purpose));
		ck_assert_uint_le(steps, 4);
	}
}
END_TEST

/* Permissions are purposes, modifiers are modifiers, under the ontology's own numbers. */
static void check_term(unsigned id, const char *shorthand)
{
	char name[32], identifier[16];
	const struct events_code *code;

	(void)snprintf(identifier, sizeof(identifier), "DUO:%07u", id);
	if ((code = events_purpose_find(base_slice_text(identifier))) != NULL) {
		ck_assert_uint_eq(code->number, id);
		ck_assert_ptr_eq(events_purpose_find(base_slice_text(shorthand)), code);
		return;
	}
	for (size_t i = 0; i <= strlen(shorthand); i++)
		name[i] = (char)tolower((unsigned char)shorthand[i]);
	code = events_code_by_name(&events_use_modifiers, base_slice_text(name));
	ck_assert_msg(code != NULL, "%s (%s) is not known", identifier, shorthand);
	ck_assert_uint_eq(code->number, id);
	ck_assert_ptr_nonnull(strstr(code->words, identifier));
}

START_TEST(ontology_when_read_is_known_term_by_term)
{
	const char *vectors = getenv("REGESTA_VECTORS");
	char path[512], line[4096], shorthand[16];
	unsigned id, terms = 0, abstract = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/duo/duo.csv", vectors == NULL ? "../shared/data" : vectors);
	if ((file = fopen(path, "r")) == NULL) {
		printf("skipped: %s is not there\n", path);
		return;
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "DUO:%7u,%15[A-Z],", &id, shorthand) == 2) {
			check_term(id, shorthand);
			terms++;
		} else if (sscanf(line, "DUO:%7u,,", &id) == 1) {
			abstract++;
		}
	}
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_uint_eq(terms, 23);
	ck_assert_uint_eq(abstract, 2); /* the two that the others stand under */
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		find_when_named_in_any_usual_way_is_the_same,
		covers_when_within_and_not_when_wider,
		wider_when_followed_ends,
		ontology_when_read_is_known_term_by_term,
		NULL,
	};

	return suite_run("events/purposes", tests);
}
