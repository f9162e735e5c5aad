/* Cases: what is expected, and what the program answers. docs/formats/contract.md, "Cases" */
#include "contracts/cases.h"

#include <string.h>

enum outcome { DECIDED, SILENT, UNKNOWN_FACT, UNDECIDED, COUNTED };

struct expectation {
	enum outcome outcome;
	enum contracts_verdict verdict;
	size_t clause;
	unsigned fact;
	bool duties_said;
	struct tree_duties duties;
	uint32_t counted, reached;
};

/* ---- Reading -------------------------------------------------------------- */

typedef struct contracts_text (*name_fn)(const struct contracts_program *program, size_t index);

static struct contracts_text clause_name(const struct contracts_program *program, size_t index)
{
	return contracts_program_clause(program, index).name;
}

static struct contracts_text tally_name(const struct contracts_program *program, size_t index)
{
	return contracts_program_tally(program, index).name;
}

static struct contracts_text milestone_name(const struct contracts_program *program, size_t index)
{
	return contracts_program_milestone(program, index).name;
}

static bool named(struct cases *cases, const char *what, size_t count, name_fn name, size_t *out)
{
	const struct lexer_token *token = parser_token(&cases->parser);
	struct report_text expected = report_format("the name of a %s of the contract, in quotes,", what);

	for (*out = 0; token->kind == LEXER_NAME && *out < count; ++*out) {
		if (tree_text_order(name(cases->program, *out), token->text) == 0) {
			cases->parser.at++;
			return true;
		}
	}
	parser_unexpected(&cases->parser, expected.text);
	return false;
}

static bool names(struct cases *cases, const char *what, size_t count, name_fn name, uint32_t *out)
{
	size_t at;

	do {
		if (!named(cases, what, count, name, &at))
			return false;
		*out |= UINT32_C(1) << at;
	} while (parser_accept(&cases->parser, ","));
	return true;
}

static bool counts(struct cases *cases, struct expectation *out)
{
	out->outcome = COUNTED;
	if (!parser_accept(&cases->parser, "nothing") &&
	    !names(cases, "tally", contracts_program_tallies(cases->program), tally_name, &out->counted))
		return false;
	return !parser_accept(&cases->parser, "reach") ||
	       names(cases, "milestone", contracts_program_milestones(cases->program), milestone_name, &out->reached);
}

static bool since(struct cases *cases, struct expectation *out)
{
	struct parser *parser = &cases->parser;
	bool negated = false;
	uint32_t len;

	if (parser_accept(parser, "the")) {
		out->outcome = UNDECIDED;
		return parser_expect(parser, "case", "behind \"the\"") && parser_expect(parser, "is", "behind \"the case\"") &&
		       parser_expect(parser, "undecided", "behind \"the case is\"");
	}
	out->outcome = UNKNOWN_FACT;
	if ((len = parser_fact(parser, &out->fact, &negated)) == 0) {
		parser_no_fact(parser);
		return false;
	}
	parser->at += len;
	if (!parser_accept(parser, "are") && !parser_expect(parser, "is", "behind the fact"))
		return false;
	return parser_expect(parser, "unknown", "behind the fact");
}

static bool expectation(struct cases *cases, struct expectation *out)
{
	struct parser *parser = &cases->parser;

	memset(out, 0, sizeof(*out));
	if (parser_accept(parser, "count"))
		return counts(cases, out);
	if (parser_accept(parser, "permit")) {
		out->verdict = CONTRACTS_PERMIT;
	} else if (parser_accept(parser, "refer")) {
		out->verdict = CONTRACTS_REFER;
	} else if (parser_accept(parser, "deny")) {
		out->verdict = CONTRACTS_DENY;
	} else {
		parser_unexpected(parser, "permit, refer, deny or count");
		return false;
	}
	if (out->verdict == CONTRACTS_DENY && parser_accept(parser, "since"))
		return since(cases, out);
	if (!parser_expect(parser, "by", "and the name of the clause that decides"))
		return false;
	if (out->verdict == CONTRACTS_DENY && parser_accept(parser, "nothing")) {
		out->outcome = SILENT;
		return true;
	}
	if (!named(cases, "clause", contracts_program_clauses(cases->program), clause_name, &out->clause))
		return false;
	out->duties_said = parser_is(parser, 0, "then");
	if (out->duties_said && parser_is(parser, 1, "nothing")) {
		parser->at += 2;
		return true;
	}
	return parser_duties(parser, &out->duties, false, false);
}

/* ---- Comparing ------------------------------------------------------------ */

static bool same_duty(const struct contracts_obligation *a, const struct contracts_obligation *b)
{
	return a->duty == b->duty && a->due == b->due && a->time == b->time && a->role == b->role &&
	       tree_text_order(a->organisation, b->organisation) == 0;
}

/* Both ways: what holds was expected, and what was expected holds. */
static bool same_duties(const struct contracts_program *program, const uint64_t *bits, const struct tree_duties *expected)
{
	uint32_t met = 0;

	for (size_t i = 0; i < contracts_program_obligations(program); i++) {
		struct contracts_obligation duty = contracts_program_obligation(program, i);
		bool found = false;

		if ((bits[i / 64] >> (i % 64) & 1) == 0)
			continue;
		for (size_t k = 0; k < expected->count; k++) {
			if (same_duty(&duty, &expected->list[k])) {
				met |= UINT32_C(1) << k;
				found = true;
			}
		}
		if (!found)
			return false;
	}
	return met == (UINT32_C(1) << expected->count) - 1;
}

static struct report_text fault_words(contracts_fault fault)
{
	unsigned kind = fault >> 8, which = fault & 0xff;

	if (kind == CONTRACTS_FAULT_UNKNOWN && contracts_fact_name(which) != NULL)
		return report_format("\"%s\" is not known", contracts_fact_name(which));
	if (kind == CONTRACTS_FAULT_CODE && contracts_fact_name(which) != NULL)
		return report_format("\"%s\" is a code that the contract does not know", contracts_fact_name(which));
	if (kind == CONTRACTS_FAULT_IMPRECISE)
		return report_format("a date is not known precisely enough");
	if (kind == CONTRACTS_FAULT_TALLY)
		return report_format("a tally is not known");
	return report_format("a number or date is out of range");
}

static struct report_text decision_words(const struct contracts_program *program, const struct contracts_decision *decision)
{
	static const char *const verdicts[] = {"", "permitted", "denied", "referred"};
	struct report_text fault;

	if (decision->ground == CONTRACTS_GROUND_SILENCE)
		return report_format("it is denied: no clause permits it");
	if (decision->ground == CONTRACTS_GROUND_FAULT) {
		fault = fault_words(decision->fault);
		return report_format("it is denied: in \"%.*s\", %s", REPORT_TEXT(clause_name(program, decision->clause)), fault.text);
	}
	return report_format("it is %s by \"%.*s\"", verdicts[decision->verdict], REPORT_TEXT(clause_name(program, decision->clause)));
}

static bool is_expected(const struct cases *cases, const struct contracts_decision *decision, const struct expectation *expected)
{
	switch (expected->outcome) {
	case DECIDED:
		return decision->ground == CONTRACTS_GROUND_CLAUSE && decision->verdict == expected->verdict &&
		       decision->clause == expected->clause &&
		       (!expected->duties_said || same_duties(cases->program, decision->obligations, &expected->duties));
	case SILENT:
		return decision->ground == CONTRACTS_GROUND_SILENCE;
	case UNKNOWN_FACT:
		return decision->ground == CONTRACTS_GROUND_FAULT &&
		       decision->fault == CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, expected->fact);
	case UNDECIDED:
		return decision->ground == CONTRACTS_GROUND_FAULT && decision->fault >> 8 != CONTRACTS_FAULT_UNKNOWN;
	case COUNTED:
		break;
	}
	return false;
}

static void failed(struct cases *cases, struct contracts_text name, struct report_place place, struct report_text said,
		   const char *expected)
{
	cases->out->failed++;
	report_error(cases->parser.report, place, report_format("\"%.*s\": %s", REPORT_TEXT(name), said.text),
		     report_format("%s", expected));
}

static void run_decision(struct cases *cases, const struct cases_state *state, const struct expectation *expected,
			 struct contracts_text name, struct report_place place)
{
	uint64_t gas = contracts_program_cost(cases->program).decide_gas;
	struct contracts_decision decision;

	contracts_decide(cases->program, &state->now, &state->permit, state->tallies, gas, &decision);
	if (is_expected(cases, &decision, expected))
		cases->out->passed++;
	else if (expected->outcome == DECIDED && decision.ground == CONTRACTS_GROUND_CLAUSE &&
		 decision.verdict == expected->verdict && decision.clause == expected->clause)
		failed(cases, name, place, report_format("its obligations are others"),
		       "behind \"then\" all are expected, of each clause that matches, and no others");
	else
		failed(cases, name, place, decision_words(cases->program, &decision),
		       "another answer was expected; change the case or the contract");
}

static void run_event(struct cases *cases, const struct cases_state *state, const struct expectation *expected,
		      struct contracts_text name, struct report_place place)
{
	uint64_t gas = contracts_program_cost(cases->program).event_gas;
	struct contracts_count count;
	struct report_text said;

	contracts_count(cases->program, &state->now, state->tallies, gas, &count);
	if (count.fault == 0 && expected->outcome == COUNTED && count.counted == expected->counted && count.reached == expected->reached) {
		cases->out->passed++;
		return;
	}
	if (count.fault != 0)
		said = fault_words(count.fault);
	else if (count.counted != expected->counted)
		said = report_format("other tallies go up");
	else
		said = report_format("other milestones are reached");
	failed(cases, name, place, said, "all that is counted is expected behind \"count\", all that is reached behind \"reach\"");
}

/* ---- Files ---------------------------------------------------------------- */

/* run false: the file is only read. */
static bool one_case(struct cases *cases, bool run)
{
	struct parser *parser = &cases->parser;
	struct expectation expected;
	struct cases_state *state = &cases->state;
	struct contracts_text name;
	struct report_place place;

	if (parser_token(parser)->kind != LEXER_NAME) {
		parser_unexpected(parser, "the name of the case in quotes");
		return false;
	}
	name = parser_token(parser)->text;
	place = parser_token(parser)->place;
	parser->at++;
	*state = cases->given;
	if (!parser_expect(parser, "when", "and what the case is") || !cases_states(cases, state) ||
	    !parser_expect(parser, "expect", "and the answer") || !expectation(cases, &expected))
		return false;
	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++)
		if (!state->of_permit[id])
			state->permit.fact[id] = state->now.fact[id];
	if ((expected.outcome == COUNTED) != state->now.fact[CONTRACTS_FACT_EVENT].known) {
		report_error(parser->report, place, report_format("a case is an event, or a request"),
			     report_format("say \"event is ...\" and \"expect count\", or neither"));
		return false;
	}
	if (run && expected.outcome == COUNTED)
		run_event(cases, state, &expected, name, place);
	else if (run)
		run_decision(cases, state, &expected, name, place);
	return true;
}

static enum contracts_code go_through(struct cases *cases, bool run)
{
	struct parser *parser = &cases->parser;
	bool good = true;

	memset(&cases->given, 0, sizeof(cases->given));
	for (parser->at = 0; good && parser->at < cases->tree.tokens.count;) {
		if (parser_accept(parser, "given")) {
			good = cases_states(cases, &cases->given);
		} else if (parser_accept(parser, "case")) {
			good = one_case(cases, run);
		} else {
			parser_unexpected(parser, "given or case");
			good = false;
		}
	}
	if (parser->no_memory || cases->check.no_memory)
		return CONTRACTS_MEMORY;
	return good ? CONTRACTS_OK : CONTRACTS_REFUSED;
}

enum contracts_code contracts_cases_run(struct contracts_arena *arena, struct contracts_cases *out,
					const struct contracts_program *program, struct contracts_text file,
					struct contracts_report *report)
{
	struct cases *cases;
	enum contracts_code code;

	memset(report, 0, sizeof(*report));
	memset(out, 0, sizeof(*out));
	if ((cases = arena_take(arena, 1, sizeof(*cases))) == NULL)
		return CONTRACTS_MEMORY;
	if ((code = lexer_read(arena, &cases->tree.tokens, file, report)) != CONTRACTS_OK)
		return code;
	cases->parser = (struct parser){.arena = arena, .report = report, .tokens = cases->tree.tokens.list};
	cases->check = (struct check){.arena = arena, .report = report, .tree = &cases->tree};
	cases->program = program;
	cases->out = out;
	if ((code = go_through(cases, false)) != CONTRACTS_OK)
		return code;
	return go_through(cases, true);
}
