#include "tests/contracts/sample.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define BIT(n) (UINT32_C(1) << (n))
#define NAMES(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

struct contracts_text sample_text(const char *text)
{
	return (struct contracts_text){text, strlen(text)};
}

struct assembler *sample_registry(void)
{
	struct assembler *as = assembler_new("Urea cycle registry", 1);
	unsigned partners = assembler_texts(as, NAMES("hospital-a", "lyon"));
	struct contracts_codes disease = {{0}};
	struct assembler_rule *clause;

	/* DUO:0000007 covers itself alone: who asks for it asks for what it says. */
	for (unsigned number = 0; number <= CONTRACTS_CODE_MAX; number++)
		if (contracts_code_name(CONTRACTS_PURPOSES, number) != NULL && contracts_purpose_covers(7, number))
			disease.bits[number / 64] |= UINT64_C(1) << (number % 64);
	clause = assembler_clause(as, "research on the disease", CONTRACTS_PERMITS);
	clause->because = assembler_text(as, "Partners may study the disease that participants gave their data for.");
	clause->actions = BIT(3) | BIT(4);
	clause->categories = BIT(1) | BIT(2);
	clause->purposes = assembler_codes(as, disease);
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_EXPIRE, CONTRACTS_DUE_AFTER, assembler_integer(as, 180 * DAY_MS), 0, ASSEMBLER_NONE}));
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_REPORT, CONTRACTS_DUE_AT, assembler_integer(as, INT64_C(0x1a672aae000)), 0, ASSEMBLER_NONE}));
	OP(as, FACT, .imm = CONTRACTS_FACT_APPROVAL_VALID);
	OP(as, JF, .imm = 2);
	OP(as, FACT, .a = 1, .imm = CONTRACTS_FACT_CONSENT_COVERS);
	OP(as, AND, .c = 1);
	OP(as, JF, .imm = 2);
	OP(as, TSET, .a = 1, .imm = CONTRACTS_FACT_REQUESTER_ORGANISATION, .high = partners);
	OP(as, AND, .c = 1);
	OP(as, JF, .imm = 5);
	OP(as, TEXT, .a = 1, .imm = CONTRACTS_FACT_DISEASE, .high = assembler_text(as, "MONDO:0004739"));
	OP(as, JT, .a = 1, .imm = 2);
	OP(as, ANY, .a = 2, .imm = CONTRACTS_FACT_REQUESTER_ROLES, .high = assembler_code(as, 4));
	OP(as, OR, .a = 1, .b = 1, .c = 2);
	OP(as, AND, .c = 1);
	clause = assembler_clause(as, "no advertising", CONTRACTS_FORBIDS);
	clause->because = assembler_text(as, "Participants' data is never used to sell anything.");
	{
		struct contracts_codes advertising = {{0}};

		/* A clause that forbids is also for wider purposes. */
		for (unsigned number = 0; number <= CONTRACTS_CODE_MAX; number++)
			if (contracts_code_name(CONTRACTS_PURPOSES, number) != NULL &&
			    (contracts_purpose_covers(104, number) || contracts_purpose_covers(number, 104)))
				advertising.bits[number / 64] |= UINT64_C(1) << (number % 64);
		clause->purposes = assembler_codes(as, advertising);
	}
	return as;
}

static void everything_of_codes_and_texts(struct assembler *as)
{
	unsigned countries = assembler_texts(as, NAMES("DE", "FR", "IT")), one = assembler_texts(as, NAMES("AT"));

	OP(as, CODE, .a = 1, .imm = CONTRACTS_FACT_MODE, .high = assembler_code(as, 2));
	OP(as, AND, .c = 1);
	OP(as, ANY, .a = 1, .imm = CONTRACTS_FACT_REQUESTER_ROLES, .high = assembler_code(as, 16));
	OP(as, OR, .c = 1);
	OP(as, ALL, .a = 1, .b = 1, .imm = CONTRACTS_FACT_REQUESTER_ROLES, .high = assembler_code(as, 16));
	OP(as, OR, .c = 1);
	OP(as, ONLY, .a = 1, .imm = CONTRACTS_FACT_DATA_FLAGS, .high = assembler_code(as, 0));
	OP(as, OR, .c = 1);
	OP(as, TEXT, .a = 1, .imm = CONTRACTS_FACT_REQUESTER_COUNTRY, .high = assembler_text(as, "CH"));
	OP(as, OR, .c = 1);
	OP(as, TSET, .a = 1, .imm = CONTRACTS_FACT_DATA_COUNTRY, .high = countries);
	OP(as, OR, .c = 1);
	OP(as, TANY, .a = 1, .imm = CONTRACTS_FACT_STUDY_COUNTRIES, .high = countries);
	OP(as, OR, .c = 1);
	OP(as, TALL, .a = 1, .imm = CONTRACTS_FACT_STUDY_COUNTRIES, .high = one);
	OP(as, OR, .c = 1);
	OP(as, TONLY, .a = 1, .imm = CONTRACTS_FACT_STUDY_COUNTRIES, .high = countries);
	OP(as, OR, .c = 1);
	OP(as, TSAME, .a = 1, .imm = CONTRACTS_FACT_REQUESTER_COUNTRY, .high = CONTRACTS_FACT_DATA_COUNTRY);
	OP(as, OR, .c = 1);
	OP(as, TIN, .a = 1, .imm = CONTRACTS_FACT_REQUESTER_COUNTRY, .high = CONTRACTS_FACT_STUDY_COUNTRIES);
	OP(as, OR, .c = 1);
}

static void everything_of_numbers(struct assembler *as)
{
	OP(as, FACT, .a = 1, .imm = CONTRACTS_FACT_DATA_COLLECTED);
	OP(as, INT, .a = 2, .imm = assembler_integer(as, 30 * DAY_MS));
	OP(as, LATER, .a = 1, .b = 1, .c = 2);
	OP(as, FACT, .a = 3, .imm = CONTRACTS_FACT_NOW);
	OP(as, LT, .a = 4, .b = 1, .c = 3);
	OP(as, LAST, .a = 1, .imm = CONTRACTS_FACT_DATA_COLLECTED);
	OP(as, EARLIER, .a = 1, .b = 1, .c = 2);
	OP(as, LE, .a = 5, .b = 1, .c = 3);
	OP(as, SAME, .a = 4, .b = 4, .c = 5);
	OP(as, OR, .c = 4);
	OP(as, MONTHS, .a = 1, .b = 3, .imm = assembler_integer(as, -6));
	OP(as, ADD, .a = 1, .b = 1, .c = 2);
	OP(as, SUB, .a = 1, .b = 1, .c = 2);
	OP(as, COUNT, .a = 2, .imm = CONTRACTS_FACT_STUDY_SITES);
	OP(as, MUL, .a = 1, .b = 1, .c = 2);
	OP(as, EQ, .a = 1, .b = 1, .c = 3);
	OP(as, JT, .a = 1, .imm = 1);
	OP(as, OR, .c = 1);
}

struct assembler *sample_everything(void)
{
	struct assembler *as = assembler_new("Everything", 3);
	struct assembler_rule *rule;
	unsigned enrolled, by_site;
	unsigned notify = assembler_obligation(as, (struct assembler_obligation){CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER,
										 ASSEMBLER_NONE, 7, ASSEMBLER_NONE});
	unsigned notify_hospital = assembler_obligation(
		as, (struct assembler_obligation){CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER, ASSEMBLER_NONE, 0,
						  assembler_text(as, "hospital-a")});
	unsigned expire = assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_EXPIRE, CONTRACTS_DUE_MONTHS, assembler_integer(as, 6), 0, ASSEMBLER_NONE});

	rule = assembler_tally(as, "enrolled", BIT(1));
	enrolled = assembler_rule_handle(as, rule);
	OP(as, FACT, .imm = CONTRACTS_FACT_APPROVAL_VALID);
	rule = assembler_tally(as, "visits of a site", BIT(4) | BIT(5));
	rule->by = CONTRACTS_BY_SITE;
	by_site = assembler_rule_handle(as, rule);
	rule = assembler_milestone(as, "half enrolled", enrolled, 50);
	assembler_duty(as, notify);
	assembler_duty(as, notify_hospital);
	rule = assembler_milestone(as, "site is done", by_site, 10);
	rule->of_group = 1;
	rule->stop = 1;
	OP(as, TALLY, .imm = enrolled);
	OP(as, TALLY, .a = 1, .b = 1, .imm = by_site);
	OP(as, LT, .b = 1);
	rule = assembler_clause(as, "a long condition", CONTRACTS_PERMITS);
	rule->actions = BIT(3);
	rule->purposes = assembler_codes(as, assembler_codes_of((const unsigned[]){6, 7, 42, 105}, 4));
	assembler_duty(as, expire);
	assembler_duty(as, notify);
	OP(as, FACT, .imm = CONTRACTS_FACT_CONSENT_COVERS);
	OP(as, NOT, .a = 0);
	OP(as, JF, .imm = 2);
	OP(as, KNOWN, .a = 1, .imm = CONTRACTS_FACT_DATA_SITE);
	OP(as, AND, .c = 1);
	everything_of_codes_and_texts(as);
	everything_of_numbers(as);
	rule = assembler_clause(as, "people decide", CONTRACTS_REFERS);
	rule->categories = BIT(2);
	OP(as, TALLY, .imm = enrolled);
	OP(as, INT, .a = 1, .imm = assembler_integer(as, 10));
	OP(as, LT, .b = 0, .c = 1);
	rule = assembler_clause(as, "nobody", CONTRACTS_FORBIDS);
	assembler_duty(as, notify);
	OP(as, FACT, .imm = CONTRACTS_FACT_HOLD_COVERS);
	return as;
}
