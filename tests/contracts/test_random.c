/* Same meaning twice: random contracts under random facts, as the specification (evaluator.c) reads the tree, and as
 * compiler, verifier and machine decide. 20,000 pairs; TORTURE=1: 1,000,000. With REGESTA_DIGEST=FILE, 4,000, and the
 * digest of bytecode and decisions goes to the file: `make determinism` compares them. */
#include "tests/contracts/evaluator.h"
#include "tests/contracts/generator.h"
#include "tests/contracts/shrink.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES 20 /* of each contract */

struct both {
	struct contracts_arena *arena;
	struct tree tree;
	const struct contracts_program *program;
	struct base_buf source;
};
static struct contracts_report report;
static struct base_buf outcomes; /* for the digest */

static void note(uint64_t value)
{
	if (getenv("REGESTA_DIGEST") == NULL)
		return;
	for (unsigned shift = 64; shift > 0;)
		base_buf_byte(&outcomes, (uint8_t)(value >> (shift -= 8)));
}

static void write_digest(void)
{
	const char *path = getenv("REGESTA_DIGEST");
	struct base_hash hash;
	char hex[65];
	FILE *file;

	if (path == NULL)
		return;
	hash = base_sha256_of(base_buf_slice(&outcomes));
	base_hex(hex, base_slice(hash.bytes, sizeof(hash.bytes)));
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fprintf(file, "%s\n", hex), 65);
	ck_assert_int_eq(fclose(file), 0);
	base_buf_free(&outcomes);
}

static bool has_bit(const uint64_t *bits, size_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static bool same_text(struct contracts_text a, struct contracts_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The analysis is left out: what it refuses means something all the same. */
static enum contracts_code compile(struct both *both, struct contracts_text source, struct contracts_bytes *bytecode)
{
	enum contracts_code code;

	memset(&report, 0, sizeof(report));
	if ((code = tree_parse(both->arena, &both->tree, source, &report)) != CONTRACTS_OK ||
	    (code = tree_check(both->arena, &both->tree, &report)) != CONTRACTS_OK)
		return code;
	return tree_emit(both->arena, &both->tree, bytecode, &report);
}

static void make(struct both *both, struct generator *generator)
{
	struct contracts_reject reject;
	struct contracts_bytes bytecode;
	enum contracts_code code;

	both->source = BASE_BUF_INIT;
	generator_contract(generator, &both->source);
	both->arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	code = compile(both, (struct contracts_text){(const char *)both->source.data, both->source.len}, &bytecode);
	ck_assert_msg(code == CONTRACTS_OK, "%u:%u: %s; %s\n%.*s", (unsigned)report.list[0].line, (unsigned)report.list[0].column,
		      report.list[0].wrong, report.list[0].right, (int)both->source.len, (const char *)both->source.data);
	for (size_t i = 0; i < bytecode.len; i++)
		note(bytecode.data[i]);
	code = contracts_load(both->arena, &both->program, bytecode, &reject);
	ck_assert_msg(code == CONTRACTS_OK, "at %zu: %s\n%.*s", reject.offset, reject.rule, (int)both->source.len,
		      (const char *)both->source.data);
}

static void drop(struct both *both)
{
	contracts_arena_close(both->arena);
	base_buf_free(&both->source);
}

static bool same_duties(const struct both *both, const uint64_t *bits, const struct evaluator_duties *duties)
{
	size_t count = 0, k;

	for (size_t i = 0; i < contracts_program_obligations(both->program); i++) {
		struct contracts_obligation duty = contracts_program_obligation(both->program, i);

		if (!has_bit(bits, i))
			continue;
		count++;
		for (k = 0; k < duties->count; k++)
			if (duties->list[k].duty == duty.duty && duties->list[k].due == duty.due && duties->list[k].time == duty.time &&
			    duties->list[k].role == duty.role && same_text(duties->list[k].organisation, duty.organisation))
				break;
		if (k == duties->count)
			return false;
	}
	return count == duties->count;
}

static const char *difference(const struct both *both, const struct contracts_decision *a, const struct evaluator_decision *b)
{
	if (a->verdict != b->verdict)
		return "verdict";
	if (a->ground != b->ground)
		return "ground";
	if ((a->clause == CONTRACTS_NO_CLAUSE ? SIZE_MAX : a->clause) != b->clause)
		return "clause";
	if (a->fault != b->fault)
		return "fault";
	if (a->expires != b->expires)
		return "expires";
	for (size_t i = 0; i < both->tree.clauses_count; i++)
		if (has_bit(a->matched, i) != b->matched[i])
			return "matched";
	if (!same_duties(both, a->obligations, &b->duties))
		return "obligations";
	return a->gas <= contracts_program_cost(both->program).decide_gas ? NULL : "gas";
}

static const char *count_difference(const struct both *both, const struct contracts_count *a, const struct evaluator_count *b)
{
	if (a->fault != b->fault)
		return "fault of an event";
	if (a->counted != b->counted)
		return "tallies";
	if (a->reached != b->reached)
		return "milestones";
	if (a->stop_study != b->stop_study || a->stop_site != b->stop_site)
		return "stop";
	if (!same_duties(both, a->obligations, &b->duties))
		return "notices";
	return a->gas <= contracts_program_cost(both->program).event_gas ? NULL : "gas of an event";
}

struct seen {
	uint64_t verdicts[4], faults, silences, events, reached;
};

/* What both judge. */
struct state {
	const struct contracts_facts *now, *permit;
	const struct contracts_tally_value *tallies; /* NULL: none is known */
};

/* NULL: they agree. */
static const char *judge(const struct both *both, const struct state *state, struct contracts_decision *decision,
			 struct contracts_count *count)
{
	static const struct contracts_tally_value unknown[CONTRACTS_TALLIES_MAX];
	static struct evaluator_decision expected;
	static struct evaluator_count expected_count;
	const struct contracts_tally_value *tallies = state->tallies != NULL ? state->tallies : unknown;
	struct contracts_cost cost = contracts_program_cost(both->program);
	const char *what;

	evaluator_decide(&both->tree, state->now, state->permit, tallies, &expected);
	contracts_decide(both->program, state->now, state->permit, state->tallies, cost.decide_gas, decision);
	evaluator_count(&both->tree, state->now, tallies, &expected_count);
	contracts_count(both->program, state->now, state->tallies, cost.event_gas, count);
	what = difference(both, decision, &expected);
	return what != NULL ? what : count_difference(both, count, &expected_count);
}

/* Whether a smaller source is one on which they disagree. */
static bool still_disagree(void *arg, struct base_slice source)
{
	struct both both = {.arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT)};
	struct contracts_decision decision;
	struct contracts_count count;
	struct contracts_bytes bytecode;
	struct contracts_reject reject;
	bool disagree = compile(&both, (struct contracts_text){(const char *)source.data, source.len}, &bytecode) == CONTRACTS_OK &&
			contracts_load(both.arena, &both.program, bytecode, &reject) == CONTRACTS_OK &&
			judge(&both, arg, &decision, &count) != NULL;

	contracts_arena_close(both.arena);
	return disagree;
}

static void compare(struct both *both, struct generator *generator, uint64_t seed, struct seen *seen)
{
	static struct generator_facts now, permit;
	struct contracts_tally_value tallies[CONTRACTS_TALLIES_MAX];
	struct contracts_decision decision;
	struct contracts_count count;
	struct state state;
	const char *what;

	generator_facts(generator, &now, false);
	generator_facts(generator, &permit, false);
	generator_tallies(generator, tallies, CONTRACTS_TALLIES_MAX);
	state.now = &now.facts;
	state.permit = generator_number(generator, 8) != 0 ? &permit.facts : NULL;
	state.tallies = generator_number(generator, 20) != 0 ? tallies : NULL;
	ck_assert_uint_eq(contracts_facts_check(&now.facts), 0);
	what = judge(both, &state, &decision, &count);
	if (what != NULL)
		shrink(&both->source, still_disagree, &state);
	ck_assert_msg(what == NULL, "seed %llu: %s; shrunk:\n%.*s", (unsigned long long)seed, what, (int)both->source.len,
		      (const char *)both->source.data);
	note(decision.verdict);
	note(decision.fault);
	note(decision.clause);
	note(decision.gas);
	note((uint64_t)decision.expires);
	note(count.fault);
	note((uint64_t)count.reached << 32 | count.counted);
	seen->verdicts[decision.verdict]++;
	seen->faults += decision.ground == CONTRACTS_GROUND_FAULT;
	seen->silences += decision.ground == CONTRACTS_GROUND_SILENCE;
	seen->events += count.fault == 0;
	seen->reached += count.reached != 0;
}

START_TEST(random_contract_means_the_same_twice)
{
	uint64_t pairs = getenv("REGESTA_DIGEST") != NULL ? 4000 : getenv("TORTURE") != NULL ? 1000000 : 20000;
	struct seen seen = {{0}, 0, 0, 0, 0};

	for (uint64_t seed = 0; seed < pairs / STATES; seed++) {
		struct generator generator = {seed};
		struct both both;

		make(&both, &generator);
		for (unsigned i = 0; i < STATES; i++)
			compare(&both, &generator, seed, &seen);
		drop(&both);
	}
	write_digest();
	/* It was not all the same answer. */
	ck_assert_uint_gt(seen.verdicts[CONTRACTS_PERMIT], pairs / 50);
	ck_assert_uint_gt(seen.verdicts[CONTRACTS_REFER], pairs / 50);
	ck_assert_uint_gt(seen.verdicts[CONTRACTS_DENY] - seen.faults - seen.silences, pairs / 50);
	ck_assert_uint_gt(seen.faults, pairs / 50);
	ck_assert_uint_gt(seen.silences, pairs / 50);
	ck_assert_uint_gt(seen.events, pairs / 50);
	ck_assert_uint_gt(seen.reached, pairs / 200);
	if (getenv("VERBOSE") != NULL)
		printf("permit %llu refer %llu deny %llu (fault %llu, silence %llu), events %llu, reached %llu\n",
		       (unsigned long long)seen.verdicts[CONTRACTS_PERMIT], (unsigned long long)seen.verdicts[CONTRACTS_REFER],
		       (unsigned long long)seen.verdicts[CONTRACTS_DENY], (unsigned long long)seen.faults,
		       (unsigned long long)seen.silences, (unsigned long long)seen.events, (unsigned long long)seen.reached);
}
END_TEST

/* What the analysis says of clauses is so under every state that is tried. */
START_TEST(analysis_says_nothing_that_is_not_so)
{
	static struct generator_facts now, permit;
	static struct evaluator_decision decision;
	struct contracts_tally_value tallies[CONTRACTS_TALLIES_MAX];
	size_t said = 0;

	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct generator generator = {seed * 77 + 5};
		struct both both;
		bool never[CONTRACTS_CLAUSES_MAX] = {false};

		make(&both, &generator);
		memset(&report, 0, sizeof(report));
		ck_assert_int_ne(tree_analyse(both.arena, &both.tree, &report), CONTRACTS_MEMORY);
		for (size_t i = 0; i < report.count; i++)
			for (size_t k = 0; k < both.tree.clauses_count; k++)
				if (!report.list[i].warning && both.tree.clauses[k].place.line == report.list[i].line)
					never[k] = true;
		said += report.errors;
		for (unsigned state = 0; report.errors > 0 && state < 200; state++) {
			generator_facts(&generator, &now, true);
			generator_facts(&generator, &permit, true);
			generator_tallies(&generator, tallies, CONTRACTS_TALLIES_MAX);
			evaluator_decide(&both.tree, &now.facts, &permit.facts, tallies, &decision);
			ck_assert_msg(decision.ground != CONTRACTS_GROUND_CLAUSE || !never[decision.clause],
				      "seed %llu: clause %zu decides\n%.*s", (unsigned long long)seed, decision.clause,
				      (int)both.source.len, (const char *)both.source.data);
		}
		drop(&both);
	}
	ck_assert_uint_gt(said, 20);
}
END_TEST

#define TRIED 60
struct answer {
	enum contracts_verdict verdict;
	enum contracts_ground ground;
	size_t duties;
};

/* Takes the node at a place out of the list that it is in. */
static bool take_out(struct tree_node *node, const struct contracts_diagnostic *at)
{
	if (node == NULL)
		return false;
	for (struct tree_node **child = &node->child; *child != NULL; child = &(*child)->next) {
		if ((*child)->place.line == at->line && (*child)->place.column == at->column && node->kind != TREE_NOT) {
			*child = (*child)->next;
			return true;
		}
		if (take_out(*child, at))
			return true;
	}
	return false;
}

/* Whether the place names one part alone: what begins with another part has its place. */
static bool is_clear(const struct tree_node *node, const struct contracts_diagnostic *at, unsigned *count)
{
	if (node == NULL)
		return *count == 1;
	*count += node->place.line == at->line && node->place.column == at->column;
	for (const struct tree_node *child = node->child; child != NULL; child = child->next)
		is_clear(child, at, count);
	return *count == 1;
}

static bool is_of_a_part(const struct contracts_diagnostic *warning)
{
	return strncmp(warning->wrong, "this part", 9) == 0;
}

static void leave_out(struct tree *tree, const struct contracts_diagnostic *without)
{
	for (size_t i = 0; i < tree->clauses_count; i++) {
		struct tree_clause *clause = &tree->clauses[i];

		if (is_of_a_part(without)) {
			if (clause->when != NULL && clause->when->place.line == without->line &&
			    clause->when->place.column == without->column) {
				clause->when = NULL;
				return;
			}
			if (clause->when != NULL && take_out(clause->when, without))
				return;
		} else if (clause->place.line == without->line) {
			memmove(clause, clause + 1, (tree->clauses_count - i - 1) * sizeof(*clause));
			tree->clauses_count--;
			return;
		}
	}
	ck_abort_msg("nothing is at the place");
}

/* The contract of a seed under the states that follow it, without a part or clause. without NULL: with all of it. */
static void answers(uint64_t seed, const struct contracts_diagnostic *without, struct answer out[TRIED])
{
	static struct generator_facts now, permit;
	static struct evaluator_decision decision;
	struct contracts_tally_value tallies[CONTRACTS_TALLIES_MAX];
	struct generator generator = {seed};
	struct both both;

	make(&both, &generator);
	if (without != NULL)
		leave_out(&both.tree, without);
	for (unsigned i = 0; i < TRIED; i++) {
		generator_facts(&generator, &now, true);
		generator_facts(&generator, &permit, true);
		generator_tallies(&generator, tallies, CONTRACTS_TALLIES_MAX);
		evaluator_decide(&both.tree, &now.facts, &permit.facts, tallies, &decision);
		out[i] = (struct answer){decision.verdict, decision.ground, decision.duties.count};
	}
	drop(&both);
}

/* What it calls idle can be left out, and nothing changes. */
START_TEST(what_says_nothing_can_be_left_out)
{
	static struct contracts_report found;
	struct answer with[TRIED], without[TRIED];
	size_t parts = 0, clauses = 0;

	for (uint64_t seed = 0; seed < 1500; seed++) {
		struct generator generator = {seed * 31 + 7};
		struct both both;
		bool clear[CONTRACTS_DIAGNOSTICS_MAX];

		make(&both, &generator);
		memset(&found, 0, sizeof(found));
		ck_assert_int_ne(tree_analyse(both.arena, &both.tree, &found), CONTRACTS_MEMORY);
		for (size_t w = 0; w < found.count; w++) {
			unsigned count = 0;

			for (size_t i = 0; i < both.tree.clauses_count; i++)
				is_clear(both.tree.clauses[i].when, &found.list[w], &count);
			clear[w] = found.list[w].warning && (is_of_a_part(&found.list[w]) ? count == 1
											  : strstr(found.list[w].wrong, "says nothing that") != NULL);
		}
		drop(&both);
		for (size_t w = 0; w < found.count; w++) {
			if (!clear[w])
				continue;
			parts += is_of_a_part(&found.list[w]);
			clauses += !is_of_a_part(&found.list[w]);
			answers(seed * 31 + 7, NULL, with);
			answers(seed * 31 + 7, &found.list[w], without);
			for (unsigned i = 0; i < TRIED; i++)
				ck_assert_msg(with[i].verdict == without[i].verdict && with[i].ground == without[i].ground &&
						      with[i].duties == without[i].duties,
					      "seed %llu, line %u, column %u: %s", (unsigned long long)seed, (unsigned)found.list[w].line,
					      (unsigned)found.list[w].column, found.list[w].wrong);
		}
	}
	ck_assert_uint_gt(parts, 20);
	ck_assert_uint_gt(clauses, 2);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_set_timeout(tc, 3600);
	tcase_add_test(tc, random_contract_means_the_same_twice);
	tcase_add_test(tc, analysis_says_nothing_that_is_not_so);
	tcase_add_test(tc, what_says_nothing_can_be_left_out);
}

int main(void)
{
	return support_run("contracts random", fill);
}
