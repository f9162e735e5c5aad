/* What a case states: docs/formats/contract.md, "Cases". */
#include "contracts/cases.h"

#include "contracts/dates.h"

#include <string.h>

/* ---- Values --------------------------------------------------------------- */

static bool read_date(struct cases *cases, int64_t *first, int64_t *last)
{
	const struct lexer_token *token = parser_token(&cases->parser);

	if (token->kind != LEXER_DATE) {
		parser_unexpected(&cases->parser, "a date, such as 2027-06-30,");
		return false;
	}
	*first = token->number;
	*last = token->day ? token->number + DATES_DAY_MS - 1 : token->number;
	cases->parser.at++;
	return true;
}

static bool date_value(struct cases *cases, unsigned id, struct contracts_fact *fact)
{
	int64_t other;

	if (!parser_accept(&cases->parser, "from")) {
		if (!read_date(cases, &fact->value, &fact->last))
			return false;
		if (tables_facts[id].point)
			fact->last = fact->value;
		return true;
	}
	if (!read_date(cases, &fact->value, &other) || !parser_expect(&cases->parser, "to", "and the last date") ||
	    !read_date(cases, &other, &fact->last))
		return false;
	if (fact->last >= fact->value && !tables_facts[id].point)
		return true;
	report_error(cases->parser.report, parser_token(&cases->parser)->place,
		     report_format("\"%s\" cannot be from here to there", tables_facts[id].words),
		     report_format(tables_facts[id].point ? "it is one instant: write one" : "write the earlier date first"));
	return false;
}

static bool duration_value(struct cases *cases, struct contracts_fact *fact)
{
	struct report_place place = parser_token(&cases->parser)->place;
	bool months = false;

	if (!parser_duration(&cases->parser, &fact->value, &months))
		return false;
	if (months)
		report_error(cases->parser.report, place, report_format("a duration of a fact has no months"),
			     report_format("write days or weeks"));
	return !months;
}

static int64_t lowest(const struct contracts_codes *codes)
{
	for (unsigned number = 0; number <= CONTRACTS_CODE_MAX; number++)
		if ((codes->bits[number / 64] >> (number % 64) & 1) != 0)
			return number;
	return 0;
}

static bool list_value(struct cases *cases, unsigned id, bool several, struct contracts_fact *fact)
{
	const struct tables_fact *table = &tables_facts[id];
	bool texts = table->type == CONTRACTS_TEXT || table->type == CONTRACTS_TEXT_SET;
	struct tree_domain domain = {.texts = texts, .list = table->list, .sort = table->sort};
	struct report_place place = parser_token(&cases->parser)->place;
	struct tree_elements elements;
	struct tree_list list;

	if (several && parser_accept(&cases->parser, "none"))
		return true;
	if (!parser_elements(&cases->parser, &list, "a word, code or text in quotes") ||
	    !check_list(&cases->check, domain, list, &elements))
		return false;
	if ((!several && list.count != 1) || elements.texts_count > CONTRACTS_LIST_MAX) {
		report_error(cases->parser.report, place, report_format("\"%s\" is one thing here", table->words),
			     report_format("write one; a fact that is several has at most %d", CONTRACTS_LIST_MAX));
		return false;
	}
	fact->texts = elements.texts;
	fact->texts_count = elements.texts_count;
	if (!texts)
		fact->value = several ? (int64_t)elements.codes.bits[0] : lowest(&elements.codes);
	return true;
}

static bool value(struct cases *cases, unsigned id, struct contracts_fact *fact)
{
	enum contracts_type type = tables_facts[id].type;
	bool several = type == CONTRACTS_CODE_SET || type == CONTRACTS_TEXT_SET;

	if (!parser_expect(&cases->parser, several ? "are" : "is", "behind the fact"))
		return false;
	if (parser_accept(&cases->parser, "unknown"))
		return true;
	fact->known = true;
	if (type == CONTRACTS_DATE)
		return date_value(cases, id, fact);
	if (type == CONTRACTS_DURATION || type == CONTRACTS_INTEGER)
		return duration_value(cases, fact);
	return list_value(cases, id, several, fact);
}

/* ---- States --------------------------------------------------------------- */

static bool named_tally(struct cases *cases, size_t *at)
{
	const struct lexer_token *token = parser_token(&cases->parser);
	size_t count = contracts_program_tallies(cases->program);

	for (*at = 0; token->kind == LEXER_NAME && *at < count; ++*at) {
		if (tree_text_order(contracts_program_tally(cases->program, *at).name, token->text) == 0) {
			cases->parser.at++;
			return true;
		}
	}
	parser_unexpected(&cases->parser, "the name of a tally of the contract, in quotes,");
	return false;
}

/* "at the site", "of the participant": what the tally counts by. */
static bool tally_group(struct cases *cases, size_t at, bool *group)
{
	struct parser *parser = &cases->parser;
	enum contracts_by by = CONTRACTS_BY_STUDY;
	struct report_place place = parser_token(parser)->place;

	if (parser_accept(parser, "at")) {
		by = CONTRACTS_BY_SITE;
		if (!parser_expect(parser, "the", "and site") || !parser_expect(parser, "site", "behind \"at the\""))
			return false;
	} else if (parser_accept(parser, "of")) {
		by = CONTRACTS_BY_PARTICIPANT;
		if (!parser_expect(parser, "the", "and participant") ||
		    !parser_expect(parser, "participant", "behind \"of the\""))
			return false;
	}
	*group = by != CONTRACTS_BY_STUDY;
	if (!*group || by == contracts_program_tally(cases->program, at).by)
		return true;
	report_error(parser->report, place, report_format("the tally does not count by %s", by == CONTRACTS_BY_SITE ? "site" : "participant"),
		     report_format("state the count that the contract keeps"));
	return false;
}

static bool tally(struct cases *cases, struct cases_state *state)
{
	struct parser *parser = &cases->parser;
	bool group = false;
	size_t at;

	parser->at++;
	if (!named_tally(cases, &at) || !tally_group(cases, at, &group) || !parser_expect(parser, "is", "and a number"))
		return false;
	if (parser_accept(parser, "unknown")) {
		state->tallies[at].known = state->tallies[at].known && group;
		state->tallies[at].has_group = false;
		return true;
	}
	if (parser_token(parser)->kind != LEXER_INTEGER) {
		parser_unexpected(parser, "a number");
		return false;
	}
	state->tallies[at].known = true;
	if (group) {
		state->tallies[at].has_group = true;
		state->tallies[at].group = parser_token(parser)->number;
	} else {
		state->tallies[at].total = parser_token(parser)->number;
	}
	parser->at++;
	return true;
}

static bool fact_state(struct cases *cases, unsigned *id, struct contracts_fact *fact)
{
	bool negated = false;
	uint32_t len = parser_fact(&cases->parser, id, &negated);

	memset(fact, 0, sizeof(*fact));
	if (len == 0) {
		parser_no_fact(&cases->parser);
		return false;
	}
	cases->parser.at += len;
	if (tables_facts[*id].type != CONTRACTS_BOOL)
		return value(cases, *id, fact);
	if (parser_is(&cases->parser, 0, "is") && parser_is(&cases->parser, 1, "unknown")) {
		cases->parser.at += 2;
		return true;
	}
	fact->known = true;
	fact->value = !negated;
	return true;
}

static bool one_state(struct cases *cases, struct cases_state *state)
{
	struct contracts_fact fact;
	unsigned id = 0;

	if (parser_is(&cases->parser, 0, "tally"))
		return tally(cases, state);
	if (!fact_state(cases, &id, &fact))
		return false;
	if (!parser_accept(&cases->parser, "as")) {
		state->now.fact[id] = fact;
		return true;
	}
	state->permit.fact[id] = fact;
	state->of_permit[id] = true;
	return parser_expect(&cases->parser, "of", "in \"as of the permit\"") &&
	       parser_expect(&cases->parser, "the", "in \"as of the permit\"") &&
	       parser_expect(&cases->parser, "permit", "in \"as of the permit\"");
}

bool cases_states(struct cases *cases, struct cases_state *state)
{
	do
		if (!one_state(cases, state))
			return false;
	while (parser_accept(&cases->parser, "and"));
	return true;
}
