/* The decoder: what it takes in, and what it refuses of header, lengths, tables; each rule broken alone. What code does
 * is test_verify.c. */
#include "tests/contracts/sample.h"
#include "tests/support/support.h"

#include "contracts/program.h"

#include <stdlib.h>
#include <string.h>

static struct contracts_arena *arena;
static struct contracts_reject reject;

static void setup(void)
{
	arena = contracts_arena_open((size_t)64 << 20);
}

static void teardown(void)
{
	contracts_arena_close(arena);
}

static const struct contracts_program *load_bytes(struct contracts_bytes bytes)
{
	const struct contracts_program *program;
	enum contracts_code code = contracts_load(arena, &program, bytes, &reject);

	ck_assert_int_ne(code, CONTRACTS_MEMORY);
	ck_assert_int_eq(code == CONTRACTS_OK, program != NULL);
	ck_assert_int_eq(code == CONTRACTS_REFUSED, reject.rule != NULL);
	return program;
}

static const struct contracts_program *load(struct assembler *as)
{
	struct contracts_bytes bytes = assembler_bytes(as);
	const struct contracts_program *program = load_bytes(bytes);

	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
	return program;
}

#define ck_assert_loads(as) \
	do { \
		const struct contracts_program *loaded_ = load(as); \
		ck_assert_msg(loaded_ != NULL, "refused at %zu: %s", reject.offset, reject.rule); \
	} while (0)
#define ck_assert_refused(as, rule_) \
	do { \
		ck_assert_ptr_null(load(as)); \
		ck_assert_str_eq(reject.rule, (rule_)); \
	} while (0)

/* ---- What is taken in --------------------------------------------------- */

START_TEST(example_of_the_document_is_what_the_assembler_writes)
{
	struct base_buf example = support_doc_block("docs/formats/contract-code.md", "contract-code-example");
	struct assembler *as = sample_registry();
	struct contracts_bytes bytes = assembler_bytes(as);
	struct base_buf want = BASE_BUF_INIT;
	char *line, *rest = (char *)example.data;

	while ((line = strtok_r(rest, "\n", &rest)) != NULL)
		if (line[0] != '#')
			ck_assert(base_unhex(&want, base_slice_text(line)));
	ck_assert_uint_eq(bytes.len, want.len);
	ck_assert_mem_eq(bytes.data, want.data, want.len);
	free((void *)(uintptr_t)bytes.data);
	base_buf_free(&want);
	base_buf_free(&example);
	ck_assert_loads(as);
}
END_TEST

START_TEST(program_when_loaded_says_what_was_written)
{
	const struct contracts_program *program = load(sample_registry());
	struct contracts_clause clause;
	struct contracts_obligation obligation;
	struct contracts_text name;
	uint32_t version;

	ck_assert_ptr_nonnull(program);
	name = contracts_program_name(program, &version);
	ck_assert_uint_eq(version, 1);
	ck_assert_mem_eq(name.data, "Urea cycle registry", name.len);
	ck_assert_uint_eq(contracts_program_clauses(program), 2);
	clause = contracts_program_clause(program, 0);
	ck_assert_mem_eq(clause.name.data, "no advertising", clause.name.len);
	ck_assert_int_eq(clause.effect, CONTRACTS_FORBIDS);
	clause = contracts_program_clause(program, 1);
	ck_assert_uint_eq(clause.because.len, 69);
	ck_assert_uint_eq(contracts_program_obligations(program), 2);
	obligation = contracts_program_obligation(program, 0);
	ck_assert_int_eq(obligation.duty, CONTRACTS_EXPIRE);
	ck_assert_int_eq(obligation.due, CONTRACTS_DUE_AFTER);
	ck_assert_int_eq(obligation.time, INT64_C(180) * 86400000);
	ck_assert_uint_eq(obligation.organisation.len, 0);
	/* 10, two clauses at 2, two duties, and the code. */
	ck_assert_uint_eq(contracts_program_cost(program).decide_gas, 43);
	ck_assert_uint_eq(contracts_program_cost(program).event_gas, 10);
	ck_assert_uint_eq(contracts_program_reads(program).permit, 0);
	ck_assert_uint_eq(contracts_program_reads(program).now,
			  UINT64_C(1) << CONTRACTS_FACT_ACTION | UINT64_C(1) << CONTRACTS_FACT_PURPOSE |
				  UINT64_C(1) << CONTRACTS_FACT_DISEASE | UINT64_C(1) << CONTRACTS_FACT_REQUESTER_ORGANISATION |
				  UINT64_C(1) << CONTRACTS_FACT_REQUESTER_ROLES | UINT64_C(1) << CONTRACTS_FACT_APPROVAL_VALID |
				  UINT64_C(1) << CONTRACTS_FACT_CONSENT_COVERS | UINT64_C(1) << CONTRACTS_FACT_DATA_CATEGORY |
				  UINT64_C(1) << CONTRACTS_FACT_NOW);
}
END_TEST

START_TEST(program_with_every_table_says_what_was_written)
{
	const struct contracts_program *program = load(sample_everything());
	struct contracts_reads reads;
	struct contracts_tally tally;
	struct contracts_milestone milestone;
	struct contracts_obligation obligation;

	ck_assert_msg(program != NULL, "refused at %zu: %s", reject.offset, reject.rule);
	ck_assert_uint_eq(contracts_program_tallies(program), 2);
	tally = contracts_program_tally(program, 1);
	ck_assert_mem_eq(tally.name.data, "visits of a site", tally.name.len);
	ck_assert_int_eq(tally.by, CONTRACTS_BY_SITE);
	ck_assert_uint_eq(tally.events, 0x30);
	ck_assert_uint_eq(contracts_program_milestones(program), 2);
	milestone = contracts_program_milestone(program, 1);
	ck_assert_uint_eq(milestone.tally, 1);
	ck_assert(milestone.of_group && milestone.stop_enrolling);
	ck_assert_int_eq(milestone.threshold, 10);
	milestone = contracts_program_milestone(program, 0);
	ck_assert(!milestone.of_group && !milestone.stop_enrolling);
	ck_assert_int_eq(milestone.threshold, 50);
	ck_assert_mem_eq(milestone.because.data, "half enrolled", milestone.because.len);
	ck_assert_uint_eq(contracts_program_obligations(program), 3);
	obligation = contracts_program_obligation(program, 0);
	ck_assert_int_eq(obligation.duty, CONTRACTS_NOTIFY);
	ck_assert_int_eq(obligation.due, CONTRACTS_DUE_NEVER);
	ck_assert_mem_eq(obligation.organisation.data, "hospital-a", 10);
	ck_assert_uint_eq(contracts_program_obligation(program, 1).role, 7);
	reads = contracts_program_reads(program);
	ck_assert_uint_eq(reads.permit, UINT64_C(1) << CONTRACTS_FACT_REQUESTER_ROLES);
	ck_assert_uint_eq(reads.event, UINT64_C(1) << CONTRACTS_FACT_EVENT | UINT64_C(1) << CONTRACTS_FACT_APPROVAL_VALID);
	ck_assert_uint_eq(reads.tallies_decide, 1);
	ck_assert_uint_gt(contracts_program_cost(program).run_bytes, 1024);
	ck_assert_uint_gt(contracts_program_cost(program).program_bytes, 1024);
}
END_TEST

/* ---- V1, V2: header and lengths ----------------------------------------- */

static const struct {
	const char *what;
	size_t at;
	uint8_t value;
	const char *rule;
} headers[] = {
	{"magic", 0, 'r', VERIFY_V1},
	{"magic", 3, 'U', VERIFY_V1},
	{"version of the VM", 4, 2, VERIFY_V1},
	{"gas table", 5, 0, VERIFY_V1},
	{"compiler", 6, 2, VERIFY_V1},
	{"code tables", 7, 255, VERIFY_V1},
	{"length", 8, 1, VERIFY_V1},
	{"length", 11, 1, VERIFY_V1},
	{"not zero", 14, 1, VERIFY_V1},
	{"not zero", 15, 1, VERIFY_V1},
	{"the contract's version is 0", 19, 0, VERIFY_V1},
	{"the contract's version is above a million", 17, 16, VERIFY_V1},
	{"no name", 13, 200, VERIFY_V5},
	{"too many texts", 20, 0x20, VERIFY_V1},
	{"too many integers", 22, 0x20, VERIFY_V1},
	{"too many code sets", 24, 0x20, VERIFY_V1},
	{"too many text sets", 26, 0x20, VERIFY_V1},
	{"too many obligations", 28, 2, VERIFY_V1},
	{"too many clauses", 30, 8, VERIFY_V1},
	{"no clause", 31, 0, VERIFY_V1},
	{"too many tallies", 33, 33, VERIFY_V1},
	{"too many milestones", 35, 33, VERIFY_V1},
	{"too many duties", 36, 1, VERIFY_V1},
	{"too many instructions", 40, 1, VERIFY_V1},
	{"one text more", 21, 30, VERIFY_V2},
	{"one instruction less", 43, 12, VERIFY_V2},
	{"one duty more", 39, 3, VERIFY_V2},
};

START_TEST(header_when_a_byte_is_wrong_is_refused)
{
	struct assembler *as = sample_registry();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;

	ck_assert_int_ne(data[headers[_i].at], headers[_i].value);
	data[headers[_i].at] = headers[_i].value;
	ck_assert_ptr_null(load_bytes(bytes));
	ck_assert_msg(strcmp(reject.rule, headers[_i].rule) == 0, "%s: %s", headers[_i].what, reject.rule);
	free(data);
	assembler_free(as);
}
END_TEST

/* With the length that the header says put right: what is cut off is missed, and what is left over is seen. */
START_TEST(bytecode_when_cut_or_longer_is_refused)
{
	struct assembler *as = sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = malloc(bytes.len + 8);

	for (size_t len = 0; len <= bytes.len + 8; len++) {
		memset(data, 0, bytes.len + 8);
		memcpy(data, bytes.data, len < bytes.len ? len : bytes.len);
		data[10] = (uint8_t)(len >> 8);
		data[11] = (uint8_t)len;
		if (len == bytes.len) {
			ck_assert_ptr_nonnull(load_bytes((struct contracts_bytes){data, len}));
			continue;
		}
		ck_assert_ptr_null(load_bytes((struct contracts_bytes){data, len}));
		ck_assert_str_eq(reject.rule, len < BYTECODE_HEADER_BYTES ? VERIFY_V1 : VERIFY_V2);
		ck_assert_uint_le(reject.offset, len);
	}
	free(data);
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
}
END_TEST

START_TEST(bytecode_when_larger_than_the_limit_is_refused)
{
	size_t len = (size_t)CONTRACTS_BYTECODE_BYTES_MAX + 1;
	uint8_t *data = calloc(1, len);

	ck_assert_ptr_null(load_bytes((struct contracts_bytes){data, len}));
	ck_assert_str_eq(reject.rule, VERIFY_V1);
	free(data);
}
END_TEST

START_TEST(load_when_the_arena_is_small_says_so)
{
	struct assembler *as = sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	const struct contracts_program *program;
	bool loaded = false;

	for (size_t room = 0; room < ((size_t)256 << 10) && !loaded; room += 512) {
		struct contracts_arena *small = contracts_arena_open(room);
		enum contracts_code code = contracts_load(small, &program, bytes, &reject);

		ck_assert(code == CONTRACTS_OK || code == CONTRACTS_MEMORY);
		ck_assert_int_eq(code == CONTRACTS_OK, program != NULL);
		loaded = code == CONTRACTS_OK;
		contracts_arena_close(small);
	}
	ck_assert(loaded);
	free((void *)(uintptr_t)bytes.data);
	assembler_free(as);
}
END_TEST

/* ---- V3 to V7: tables --------------------------------------------------- */

/* A contract of one clause that is changed by one of the functions below. */
static struct assembler *plain(struct assembler_rule **clause)
{
	struct assembler *as = assembler_new("Contract", 1);

	*clause = assembler_clause(as, "clause", CONTRACTS_PERMITS);
	return as;
}

static char *repeated(char c, size_t len)
{
	static char text[1100];

	memset(text, c, len);
	text[len] = '\0';
	return text;
}

static const struct {
	const char *text;
	bool valid;
} texts[] = {
	{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", true},
	{"\xf4\x8f\xbf\xbf", true},
	{"", false},
	{"tab\there", false},
	{"line\nfeed", false},
	{"delete\x7f", false},
	{"\xc2\x85 next line", false},
	{"soft\xc2\xadhyphen", false},
	{"zero\xe2\x80\x8bwidth", false},
	{"\xe2\x80\xae" "reversed", false},
	{"\xef\xbb\xbfmark", false},
	{"tag\xf3\xa0\x81\x81", false},
	{"cut \xe2\x82", false},
	{"cut \xc3", false},
	{"alone \x80", false},
	{"overlong \xc0\xaf", false},
	{"overlong \xe0\x80\xaf", false},
	{"surrogate \xed\xa0\x80", false},
	{"above \xf4\x90\x80\x80", false},
	{"above \xf8\x88\x80\x80\x80", false},
};

START_TEST(text_when_it_has_what_is_not_seen_is_refused)
{
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);

	clause->because = assembler_text(as, texts[_i].text);
	if (texts[_i].valid)
		ck_assert_loads(as);
	else
		ck_assert_refused(as, VERIFY_V3);
}
END_TEST

START_TEST(text_when_too_long_is_refused)
{
	static const struct {
		size_t max;
		int where; /* 0 name of the clause, 1 because, 2 text set, 3 TEXT, 4 name of the contract, 5 organisation */
	} limits[] = {{100, 0}, {1000, 1}, {255, 2}, {255, 3}, {100, 4}, {255, 5}};
	size_t max = limits[_i / 2].max;
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);
	char *text = repeated('a', max + (size_t)(_i % 2));

	switch (limits[_i / 2].where) {
	case 0:
		as->texts[clause->name] = text;
		break;
	case 1:
		clause->because = assembler_text(as, text);
		break;
	case 2:
		OP(as, TSET, .imm = CONTRACTS_FACT_DATA_SITE, .high = assembler_texts(as, (const char *const[]){text}, 1));
		break;
	case 3:
		OP(as, TEXT, .imm = CONTRACTS_FACT_DATA_SITE, .high = assembler_text(as, text));
		break;
	case 4:
		as->texts[as->name] = text;
		break;
	default:
		assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
			CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER, ASSEMBLER_NONE, 0, assembler_text(as, text)}));
		break;
	}
	if (_i % 2 == 0)
		ck_assert_loads(as);
	else
		ck_assert_refused(as, VERIFY_V3);
}
END_TEST

/* Exchanges two records of the same length. */
static void exchange(uint8_t *data, size_t at, size_t each)
{
	uint8_t first[64];

	memcpy(first, data + at, each);
	memcpy(data + at, data + at + each, each);
	memcpy(data + at + each, first, each);
}

/* Tables of which two records of the same length are exchanged, or one is written twice. */
START_TEST(table_when_not_sorted_or_twice_the_same_is_refused)
{
	struct assembler *as = sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;
	const struct contracts_program *program = load_bytes(bytes);
	const struct program_layout *layout = &program->layout;
	const struct {
		size_t at, each;
	} parts[] = {
		{layout->integers, 8},
		{layout->code_sets, BYTECODE_SET_BYTES},
		{layout->obligations, BYTECODE_OBLIGATION_BYTES},
		{layout->text_sets + 6, 2}, /* elements of {DE, FR, IT}, behind {AT} */
		{layout->duties, 2},        /* of the first clause */
	};
	size_t at = parts[_i / 2].at, each = parts[_i / 2].each;

	ck_assert_ptr_nonnull(program);
	if (_i % 2 == 0)
		exchange(data, at, each);
	else
		memcpy(data + at + each, data + at, each);
	ck_assert_ptr_null(load_bytes(bytes));
	ck_assert_msg(strcmp(reject.rule, VERIFY_V4) == 0, "%d: %s", _i, reject.rule);
	ck_assert_uint_ge(reject.offset, at);
	free(data);
	assembler_free(as);
}
END_TEST

/* {AT}, {DE, FR, IT}: the one with fewer elements comes first. */
START_TEST(text_sets_when_the_larger_comes_first_are_refused)
{
	struct assembler *as = sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;
	const struct contracts_program *program = load_bytes(bytes);
	uint8_t *at = data + program->layout.text_sets, small[4];

	memcpy(small, at, 4);
	ck_assert_uint_eq(program->layout.obligations - program->layout.text_sets, 12);
	memmove(at, at + 4, 8);
	memcpy(at + 8, small, 4);
	ck_assert_ptr_null(load_bytes(bytes));
	ck_assert_str_eq(reject.rule, VERIFY_V4);
	ck_assert_uint_eq(reject.offset, (size_t)(at - data) + 8);
	free(data);
	assembler_free(as);
}
END_TEST

/* Of as many elements: by the first that differs. */
START_TEST(text_sets_when_their_elements_descend_are_refused)
{
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);
	struct contracts_bytes bytes;
	const struct contracts_program *program;
	uint8_t *data, first[6];

	OP(as, TANY, .imm = CONTRACTS_FACT_STUDY_SITES, .high = assembler_texts(as, (const char *const[]){"a", "b"}, 2));
	OP(as, TANY, .imm = CONTRACTS_FACT_STUDY_SITES, .high = assembler_texts(as, (const char *const[]){"a", "c"}, 2));
	bytes = assembler_bytes(as);
	data = (uint8_t *)(uintptr_t)bytes.data;
	program = load_bytes(bytes);
	ck_assert_ptr_nonnull(program);
	memcpy(first, data + program->layout.text_sets, 6);
	if (_i == 0)
		memcpy(data + program->layout.text_sets, data + program->layout.text_sets + 6, 6);
	memcpy(data + program->layout.text_sets + 6, first, 6);
	ck_assert_ptr_null(load_bytes(bytes));
	ck_assert_str_eq(reject.rule, VERIFY_V4);
	free(data);
	assembler_free(as);
}
END_TEST

/* Names and texts, of which the assembler writes what it is given twice. */
START_TEST(name_when_twice_is_refused)
{
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);
	unsigned tally;

	switch (_i) {
	case 0:
		(void)assembler_clause(as, "clause", CONTRACTS_FORBIDS);
		break;
	case 1:
		tally = assembler_rule_handle(as, assembler_tally(as, "tally", 2));
		(void)assembler_milestone(as, "done", tally, 4);
		(void)assembler_milestone(as, "done", tally, 5);
		break;
	case 2:
		tally = assembler_rule_handle(as, assembler_tally(as, "tally", 2));
		(void)assembler_milestone(as, "done", tally, 4);
		tally = assembler_rule_handle(as, assembler_tally(as, "tally", 4));
		(void)assembler_milestone(as, "all done", tally, 4);
		break;
	default:
		/* Twice among the texts, under two handles. */
		as->texts[as->texts_count] = "clause";
		clause->because = as->texts_count++;
		break;
	}
	ck_assert_refused(as, VERIFY_V4);
}
END_TEST

START_TEST(table_when_something_in_it_is_not_used_is_refused)
{
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);

	switch (_i) {
	case 0:
		(void)assembler_text(as, "unused");
		break;
	case 1:
		(void)assembler_integer(as, 1);
		break;
	case 2:
		(void)assembler_code(as, 6);
		break;
	case 3:
		(void)assembler_texts(as, (const char *const[]){"clause"}, 1);
		break;
	case 4:
		(void)assembler_obligation(as, (struct assembler_obligation){CONTRACTS_NOTIFY, CONTRACTS_DUE_NEVER,
									     ASSEMBLER_NONE, 1, ASSEMBLER_NONE});
		break;
	default:
		(void)assembler_tally(as, "tally", 2);
		break;
	}
	ck_assert_refused(as, VERIFY_V6);
}
END_TEST

/* ---- V5: ranges of obligations, clauses, tallies, milestones ------------ */

#define NOTHING ASSEMBLER_NONE
#define MS_MAX BYTECODE_DUE_MS_MAX
#define END BYTECODE_INSTANT_END
static const struct {
	uint8_t duty, due;
	int64_t time; /* -1: none; less: that, given as an integer that is there */
	uint16_t role;
	bool organisation, valid;
} obligations[] = {
	{CONTRACTS_NOTIFY, 0, -1, 1, false, true},
	{CONTRACTS_NOTIFY, 0, -1, 20, false, true},
	{CONTRACTS_NOTIFY, 0, -1, 0, true, true},
	{CONTRACTS_EXPIRE, 1, 1, 0, false, true},
	{CONTRACTS_EXPIRE, 1, MS_MAX, 0, false, true},
	{CONTRACTS_REPORT, 2, 1200, 0, false, true},
	{CONTRACTS_PUBLISH, 3, 0, 0, false, true},
	{CONTRACTS_EMBARGO, 3, END, 0, false, true},
	{CONTRACTS_RETURN, 2, 1, 0, false, true},
	{0, 0, -1, 1, false, false},
	{7, 1, 1, 0, false, false},
	{CONTRACTS_NOTIFY, 0, -1, 21, false, false},
	{CONTRACTS_NOTIFY, 0, -1, 300, false, false},
	{CONTRACTS_NOTIFY, 0, -1, 1, true, false},
	{CONTRACTS_NOTIFY, 0, -1, 0, false, false},
	{CONTRACTS_NOTIFY, 1, 5, 1, false, false},
	{CONTRACTS_NOTIFY, 0, 5, 1, false, false},
	{CONTRACTS_EXPIRE, 0, -1, 0, false, false},
	{CONTRACTS_EXPIRE, 0, 5, 0, false, false},
	{CONTRACTS_NOTIFY, 1, -1, 1, false, false},
	{CONTRACTS_EXPIRE, 4, 1, 0, false, false},
	{CONTRACTS_EXPIRE, 1, -1, 0, false, false},
	{CONTRACTS_EXPIRE, 1, 0, 0, false, false},
	{CONTRACTS_EXPIRE, 1, MS_MAX + 1, 0, false, false},
	{CONTRACTS_EXPIRE, 2, 0, 0, false, false},
	{CONTRACTS_EXPIRE, 2, 1201, 0, false, false},
	{CONTRACTS_EXPIRE, 3, END + 1, 0, false, false},
	{CONTRACTS_EXPIRE, 3, -2, 0, false, false},
	{CONTRACTS_REPORT, 1, 1, 4, false, false},
	{CONTRACTS_REPORT, 1, 1, 0, true, false},
};

START_TEST(obligation_when_it_does_not_fit_together_is_refused)
{
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);
	struct assembler_obligation obligation = {obligations[_i].duty, obligations[_i].due, NOTHING, obligations[_i].role,
						  NOTHING};

	if (obligations[_i].time != -1)
		obligation.integer = assembler_integer(as, obligations[_i].time);
	if (obligations[_i].organisation)
		obligation.organisation = assembler_text(as, "hospital-a");
	assembler_duty(as, assembler_obligation(as, obligation));
	if (obligations[_i].valid)
		ck_assert_loads(as);
	else
		ck_assert_refused(as, VERIFY_V5);
}
END_TEST

static void clause_effect_0(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->effect = 0;
}
static void clause_effect_4(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->effect = 4;
}
static void clause_because_missing(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->because = NOTHING;
}
static void clause_actions_unknown(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->actions = UINT32_C(1) << 9;
}
static void clause_action_0(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->actions = 1;
}
static void clause_categories_unknown(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->categories = UINT32_C(1) << 14;
}
static void clause_purposes_missing(struct assembler *as, struct assembler_rule *clause)
{
	(void)as, clause->purposes = 7;
}
static void clause_forbids_and_expires(struct assembler *as, struct assembler_rule *clause)
{
	clause->effect = CONTRACTS_FORBIDS;
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_EXPIRE, CONTRACTS_DUE_AFTER, assembler_integer(as, 5), 0, NOTHING}));
}
static void clause_duty_missing(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	assembler_duty(as, 3);
}
static void clause_17_duties(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	for (uint16_t i = 1; i <= 17; i++)
		assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){CONTRACTS_NOTIFY, 0, NOTHING, i, NOTHING}));
}
static void tally_by_3(struct assembler *as, struct assembler_rule *clause)
{
	struct assembler_rule *tally = assembler_tally(as, "tally", 2);

	(void)clause;
	tally->by = 3;
	(void)assembler_milestone(as, "done", assembler_rule_handle(as, tally), 1);
}
static void tally_no_events(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	(void)assembler_milestone(as, "done", assembler_rule_handle(as, assembler_tally(as, "tally", 0)), 1);
}
static void tally_events_unknown(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	(void)assembler_milestone(as, "done", assembler_rule_handle(as, assembler_tally(as, "tally", 1)), 1);
}
static void tally_doses_by_participant(struct assembler *as, struct assembler_rule *clause)
{
	struct assembler_rule *tally = assembler_tally(as, "tally", 0x22);

	(void)clause;
	tally->by = CONTRACTS_BY_PARTICIPANT;
	(void)assembler_milestone(as, "done", assembler_rule_handle(as, tally), 1);
}
static struct assembler_rule *milestone_of(struct assembler *as, uint8_t by, int64_t reached)
{
	struct assembler_rule *tally = assembler_tally(as, "tally", 2);

	tally->by = by;
	return assembler_milestone(as, "done", assembler_rule_handle(as, tally), reached);
}
static void milestone_tally_missing(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	milestone_of(as, 0, 1)->tally = 5000;
}
static void milestone_at_0(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	(void)milestone_of(as, 0, 0);
}
static void milestone_of_no_group(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	milestone_of(as, 0, 1)->of_group = 1;
}
static void milestone_group_2(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	milestone_of(as, 1, 1)->of_group = 2;
}
static void milestone_stop_2(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	milestone_of(as, 1, 1)->stop = 2;
}
static void milestone_publishes(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	(void)milestone_of(as, 1, 1);
	assembler_duty(as, assembler_obligation(as, (struct assembler_obligation){
		CONTRACTS_PUBLISH, CONTRACTS_DUE_AFTER, assembler_integer(as, 5), 0, NOTHING}));
}
static void code_set_empty(struct assembler *as, struct assembler_rule *clause)
{
	clause->purposes = assembler_codes(as, (struct contracts_codes){{0}});
}
static void text_set_empty(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	OP(as, TSET, .imm = CONTRACTS_FACT_DATA_SITE, .high = as->text_sets_count);
	as->text_sets_count++;
}
static void text_set_of_257(struct assembler *as, struct assembler_rule *clause)
{
	static char names[257][8];
	const char *list[257];

	(void)clause;
	for (unsigned i = 0; i < 257; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "s%03u", i);
		list[i] = names[i];
	}
	OP(as, TSET, .imm = CONTRACTS_FACT_DATA_SITE, .high = assembler_texts(as, list, 257));
}
static void text_set_element_missing(struct assembler *as, struct assembler_rule *clause)
{
	(void)clause;
	OP(as, TSET, .imm = CONTRACTS_FACT_DATA_SITE, .high = assembler_texts(as, (const char *const[]){"clause"}, 1));
	as->text_sets[0].texts[0] = as->texts_count;
}

static void (*const ranges[])(struct assembler *as, struct assembler_rule *clause) = {
	clause_effect_0,       clause_effect_4,         clause_because_missing,  clause_actions_unknown,
	clause_action_0,       clause_categories_unknown, clause_purposes_missing, clause_forbids_and_expires,
	clause_duty_missing,   clause_17_duties,        tally_by_3,              tally_no_events,
	tally_events_unknown,  tally_doses_by_participant, milestone_tally_missing, milestone_at_0,
	milestone_of_no_group, milestone_group_2,       milestone_stop_2,        milestone_publishes,
	code_set_empty,        text_set_empty,          text_set_of_257,         text_set_element_missing,
};

START_TEST(value_when_out_of_range_is_refused)
{
	struct assembler_rule *clause;
	struct assembler *as = plain(&clause);

	ranges[_i](as, clause);
	ck_assert_refused(as, VERIFY_V5);
}
END_TEST

START_TEST(zero_that_is_said_when_not_zero_is_refused)
{
	struct assembler *as = sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;
	const struct contracts_program *program = load_bytes(bytes);
	size_t at = _i == 0 ? program->layout.tallies + 3 : program->layout.milestones + 11;

	data[at] = 1;
	ck_assert_ptr_null(load_bytes(bytes));
	ck_assert_str_eq(reject.rule, VERIFY_V5);
	ck_assert_uint_eq(reject.offset, at);
	free(data);
	assembler_free(as);
}
END_TEST

/* V7: one more or one less than the header says, in each table that has a number. */
START_TEST(sum_when_it_is_not_the_headers_is_refused)
{
	struct assembler *as = sample_everything();
	struct contracts_bytes bytes = assembler_bytes(as);
	uint8_t *data = (uint8_t *)(uintptr_t)bytes.data;
	const struct contracts_program *program = load_bytes(bytes);
	const size_t places[] = {program->layout.clauses + 5,      program->layout.clauses + 19,
				 program->layout.tallies + 11,     program->layout.milestones + 10,
				 program->layout.milestones + 15 + BYTECODE_MILESTONE_BYTES, program->layout.clauses + 16};
	uint8_t *at = &data[places[_i / 2]];

	*at = (uint8_t)(*at + (_i % 2 == 0 ? 1 : 0xff));
	ck_assert_ptr_null(load_bytes(bytes));
	ck_assert_str_eq(reject.rule, VERIFY_V7);
	free(data);
	assembler_free(as);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, example_of_the_document_is_what_the_assembler_writes);
	tcase_add_test(tc, program_when_loaded_says_what_was_written);
	tcase_add_test(tc, program_with_every_table_says_what_was_written);
	tcase_add_loop_test(tc, header_when_a_byte_is_wrong_is_refused, 0, COUNT(headers));
	tcase_add_test(tc, bytecode_when_cut_or_longer_is_refused);
	tcase_add_test(tc, bytecode_when_larger_than_the_limit_is_refused);
	tcase_add_test(tc, load_when_the_arena_is_small_says_so);
	tcase_add_loop_test(tc, text_when_it_has_what_is_not_seen_is_refused, 0, COUNT(texts));
	tcase_add_loop_test(tc, text_when_too_long_is_refused, 0, 12);
	tcase_add_loop_test(tc, table_when_not_sorted_or_twice_the_same_is_refused, 0, 10);
	tcase_add_test(tc, text_sets_when_the_larger_comes_first_are_refused);
	tcase_add_loop_test(tc, text_sets_when_their_elements_descend_are_refused, 0, 2);
	tcase_add_loop_test(tc, name_when_twice_is_refused, 0, 4);
	tcase_add_loop_test(tc, table_when_something_in_it_is_not_used_is_refused, 0, 6);
	tcase_add_loop_test(tc, obligation_when_it_does_not_fit_together_is_refused, 0, COUNT(obligations));
	tcase_add_loop_test(tc, value_when_out_of_range_is_refused, 0, COUNT(ranges));
	tcase_add_loop_test(tc, zero_that_is_said_when_not_zero_is_refused, 0, 2);
	tcase_add_loop_test(tc, sum_when_it_is_not_the_headers_is_refused, 0, 12);
}

int main(void)
{
	return support_run("contracts bytecode", fill);
}
