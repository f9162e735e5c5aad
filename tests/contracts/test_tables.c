/* The tables that contracts pin are the ledger's own, number for number and word for word; and they are in order. */
#include "contracts/arena.h"
#include "contracts/tables.h"
#include "ledger/events/events.h"
#include "tests/support/support.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum contracts_list list;
	enum events_list ledger;
	uint64_t first, last; /* numbers that both have */
} pairs[] = {
	{CONTRACTS_ACTIONS, EVENTS_USES, 3, 8},
	{CONTRACTS_MODES, EVENTS_MODES, 0, 255},
	{CONTRACTS_CATEGORIES, EVENTS_CATEGORIES, 0, 255},
	{CONTRACTS_LEGAL_BASES, EVENTS_LEGAL_BASES, 0, 255},
	{CONTRACTS_INSTRUMENTS, EVENTS_INSTRUMENTS, 0, 255},
	{CONTRACTS_ROLES, EVENTS_ROLES, 0, 255},
	{CONTRACTS_STUDY_STATUS, EVENTS_STUDY_STATUS, 0, 255},
	{CONTRACTS_SIGNERS, EVENTS_SIGNERS, 0, 255},
	{CONTRACTS_PARTICIPANT_STATUS, EVENTS_PARTICIPANT_STATUS_LIST, 0, 255},
	{CONTRACTS_FLAGS, EVENTS_FLAGS, 0, 255},
};

START_TEST(list_when_the_ledger_has_it_is_the_ledgers)
{
	const struct events_codes *codes = events_codes_of(pairs[_i].ledger);

	for (uint64_t number = pairs[_i].first; number <= pairs[_i].last; number++) {
		const struct events_code *code = events_code_by_number(codes, number);
		const char *name = contracts_code_name(pairs[_i].list, (unsigned)number);

		if (code == NULL)
			ck_assert_msg(name == NULL, "%s is no code of the ledger", name);
		else
			ck_assert_str_eq(name == NULL ? "missing" : name, code->name);
	}
}
END_TEST

/* "duo.gru" 42 is DUO:0000042 and DUO:GRU; "hl7.treat" is HL7:TREAT. */
START_TEST(purpose_is_the_ledgers_with_its_hierarchy)
{
	for (unsigned number = 0; number <= CONTRACTS_CODE_MAX; number++) {
		const struct events_code *code = events_code_by_number(events_codes_of(EVENTS_PURPOSES), number);
		const char *name = contracts_code_name(CONTRACTS_PURPOSES, number);
		char text[40];

		ck_assert_int_eq(code == NULL, name == NULL);
		if (code == NULL)
			continue;
		ck_assert_uint_lt(strlen(code->name), sizeof(text));
		strcpy(text, code->name);
		for (char *c = text; *c != '\0'; c++)
			*c = *c == '.' ? ':' : (char)toupper((unsigned char)*c);
		ck_assert_ptr_nonnull(tables_code(CONTRACTS_PURPOSES, (struct contracts_text){text, strlen(text)}));
		ck_assert_ptr_eq(events_purpose_find(base_slice_text(name[0] == 'H' ? name + 4 : name)), code);
		for (unsigned asked = 1; asked <= CONTRACTS_CODE_MAX; asked++)
			if (contracts_code_name(CONTRACTS_PURPOSES, asked) != NULL)
				ck_assert_int_eq(contracts_purpose_covers(number, asked),
						 events_purpose_covers(number, asked));
	}
}
END_TEST

START_TEST(term_is_a_modifier_of_the_ledger)
{
	const struct events_codes *codes = events_codes_of(EVENTS_USE_MODIFIERS);
	size_t count = 0;

	for (unsigned number = 0; number <= CONTRACTS_CODE_MAX; number++) {
		const char *name = contracts_code_name(CONTRACTS_TERMS, number);

		ck_assert_int_eq(events_code_by_number(codes, number) == NULL, name == NULL);
		if (name == NULL)
			continue;
		ck_assert_uint_eq((unsigned)strtoul(name + 4, NULL, 10), number);
		count++;
	}
	ck_assert_uint_eq(count, codes->count);
}
END_TEST

START_TEST(list_of_a_fact_with_several_codes_fits_64_bits)
{
	for (unsigned fact = 0; fact < CONTRACTS_FACT_COUNT; fact++) {
		enum contracts_list list;
		struct contracts_codes codes;

		if (!contracts_fact_list(fact, &list))
			continue;
		codes = contracts_list_codes(list);
		ck_assert_uint_ne(codes.bits[0] | codes.bits[1], 0);
		if (contracts_fact_type(fact) == CONTRACTS_CODE_SET)
			ck_assert_uint_eq(codes.bits[1] | codes.bits[2] | codes.bits[3], 0);
	}
}
END_TEST

START_TEST(country_is_two_letters_of_the_table)
{
	static const char *const good[] = {"DE", "FR", "GB", "ZW", "AD"}, *const bad[] = {"UK", "de", "EU", "", "D", "DEU", " Z", "E "};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert(tables_country((struct contracts_text){good[i], strlen(good[i])}));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!tables_country((struct contracts_text){bad[i], strlen(bad[i])}), "%s", bad[i]);
}
END_TEST

START_TEST(arena_when_its_limit_is_reached_gives_nothing)
{
	struct contracts_arena *arena = contracts_arena_open(1000);

	ck_assert_ptr_nonnull(arena);
	ck_assert_ptr_nonnull(arena_take(arena, 10, 50));
	ck_assert_ptr_null(arena_take(arena, 10, 51));
	ck_assert_ptr_nonnull(arena_take(arena, 10, 40));
	ck_assert_ptr_null(arena_take(arena, SIZE_MAX / 4, 8));
	ck_assert_ptr_null(arena_take(arena, 1, 200));
	contracts_arena_close(arena);
	contracts_arena_close(NULL);
}
END_TEST

START_TEST(facts_when_one_is_out_of_order_are_found)
{
	struct contracts_text sites[2] = {{"a", 1}, {"b", 1}}, wrong[2] = {{"b", 1}, {"b", 1}};
	struct contracts_facts facts;

	memset(&facts, 0, sizeof(facts));
	ck_assert_uint_eq(contracts_facts_check(&facts), 0);
	facts.fact[CONTRACTS_FACT_STUDY_SITES] = (struct contracts_fact){.known = true, .texts = sites, .texts_count = 2};
	facts.fact[CONTRACTS_FACT_NOW] = (struct contracts_fact){.known = true, .value = 5, .last = 5};
	ck_assert_uint_eq(contracts_facts_check(&facts), 0);
	facts.fact[CONTRACTS_FACT_STUDY_SITES].texts = wrong;
	ck_assert_uint_eq(contracts_facts_check(&facts), CONTRACTS_FACT_STUDY_SITES);
	facts.fact[CONTRACTS_FACT_STUDY_SITES].texts = sites;
	facts.fact[CONTRACTS_FACT_NOW].last = 6;
	ck_assert_uint_eq(contracts_facts_check(&facts), CONTRACTS_FACT_NOW);
	facts.fact[CONTRACTS_FACT_NOW].known = false;
	facts.fact[CONTRACTS_FACT_APPROVAL_VALID] = (struct contracts_fact){.known = true, .value = 2};
	ck_assert_uint_eq(contracts_facts_check(&facts), CONTRACTS_FACT_APPROVAL_VALID);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_loop_test(tc, list_when_the_ledger_has_it_is_the_ledgers, 0, (int)(sizeof(pairs) / sizeof(pairs[0])));
	tcase_add_test(tc, purpose_is_the_ledgers_with_its_hierarchy);
	tcase_add_test(tc, term_is_a_modifier_of_the_ledger);
	tcase_add_test(tc, list_of_a_fact_with_several_codes_fits_64_bits);
	tcase_add_test(tc, country_is_two_letters_of_the_table);
	tcase_add_test(tc, arena_when_its_limit_is_reached_gives_nothing);
	tcase_add_test(tc, facts_when_one_is_out_of_order_are_found);
}

int main(void)
{
	return support_run("contracts tables", fill);
}
