/* The parts of a contract: docs/formats/contract.md, "Grammar". After a mistake reading goes on with the next part. */
#include "contracts/parser.h"

#include "contracts/dates.h"
#include "contracts/parser_fact.h"

#include <string.h>

struct builder {
	struct parser parser;
	struct tree *tree;
};

const struct lexer_token *parser_token(const struct parser *parser)
{
	return &parser->tokens[parser->at];
}

bool parser_is(const struct parser *parser, uint32_t ahead, const char *word)
{
	for (uint32_t i = 0; i < ahead; i++)
		if (parser->tokens[parser->at + i].kind == LEXER_END)
			return false;
	return (parser->tokens[parser->at + ahead].kind == LEXER_WORD || parser->tokens[parser->at + ahead].kind == LEXER_SYMBOL) &&
	       tables_text_is(parser->tokens[parser->at + ahead].text, word);
}

bool parser_accept(struct parser *parser, const char *word)
{
	bool is = parser_is(parser, 0, word);

	parser->at += is;
	return is;
}

void parser_unexpected(struct parser *parser, const char *expected)
{
	const struct lexer_token *token = parser_token(parser);

	if (token->kind == LEXER_END)
		report_error(parser->report, token->place, report_format("the contract ends here"),
			     report_format("%s is missing", expected));
	else
		report_error(parser->report, token->place,
			     report_format("\"%.*s\" is not what belongs here", REPORT_TEXT(token->text)),
			     report_format("%s belongs here", expected));
}

bool parser_expect(struct parser *parser, const char *word, const char *where)
{
	struct report_text expected;

	if (parser_accept(parser, word))
		return true;
	expected = report_format("\"%s\" %s", word, where);
	parser_unexpected(parser, expected.text);
	return false;
}

void *parser_take(struct parser *parser, size_t count, size_t size)
{
	void *out = arena_take(parser->arena, count, size);

	if (out == NULL)
		parser->no_memory = true;
	return out;
}

bool parser_elements(struct parser *parser, struct tree_list *out, const char *what)
{
	*out = (struct tree_list){parser->at, 0};
	do {
		const struct lexer_token *token = parser_token(parser);

		if (token->kind != LEXER_WORD && token->kind != LEXER_CODE && token->kind != LEXER_NAME) {
			parser_unexpected(parser, what);
			return false;
		}
		if (out->count++ == CONTRACTS_SET_MAX) {
			report_error(parser->report, token->place, report_format("the list is too long"),
				     report_format("at most %d elements; make two lists of it", CONTRACTS_SET_MAX));
			return false;
		}
		parser->at++;
	} while (parser_accept(parser, ","));
	return true;
}

/* A text in quotes, within a limit. */
static bool name(struct parser *parser, struct contracts_text *out, size_t bytes_max, const char *what)
{
	const struct lexer_token *token = parser_token(parser);

	if (token->kind != LEXER_NAME) {
		parser_unexpected(parser, what);
		return false;
	}
	if (token->text.len > bytes_max) {
		report_error(parser->report, token->place, report_format("the text has %zu bytes", token->text.len),
			     report_format("at most %zu bytes belong here", bytes_max));
		return false;
	}
	*out = token->text;
	parser->at++;
	return true;
}

/* ---- Duties --------------------------------------------------------------- */

static bool notify(struct parser *parser, struct contracts_obligation *out)
{
	const struct lexer_token *token = parser_token(parser);
	const struct tables_code *role;
	struct report_nearest nearest;

	out->duty = CONTRACTS_NOTIFY;
	if (token->kind == LEXER_NAME) {
		if (!name(parser, &out->organisation, CONTRACTS_TEXT_BYTES_MAX, "an organisation"))
			return false;
		return true;
	}
	if (token->kind != LEXER_WORD) {
		parser_unexpected(parser, "a role, or an organisation in quotes,");
		return false;
	}
	if ((role = tables_code(CONTRACTS_ROLES, token->text)) == NULL) {
		nearest = report_nearest(token->text);
		for (size_t i = 0; i < tables_lists[CONTRACTS_ROLES].count; i++)
			report_offer(&nearest, tables_lists[CONTRACTS_ROLES].codes[i].name);
		report_error(parser->report, token->place, report_format("there is no role \"%.*s\"", REPORT_TEXT(token->text)),
			     nearest.best != NULL ? report_format("\"%s\" is one", nearest.best)
						  : report_format("write a role, such as sponsor, or an organisation in quotes"));
		return false;
	}
	out->role = role->number;
	parser->at++;
	return true;
}

/* "after 180 days", "by 2027-06-30": with the words that the duty has. */
static bool due(struct parser *parser, struct contracts_obligation *out, const char *span, const char *day)
{
	struct report_text expected = report_format("\"%s\" and a duration, or \"%s\" and a date,", span, day);
	bool months = false;

	if (parser_accept(parser, span)) {
		if (parser_token(parser)->kind == LEXER_INTEGER && parser_token(parser)->number == 0) {
			parser_unexpected(parser, "a duration that is not 0");
			return false;
		}
		if (!parser_duration(parser, &out->time, &months))
			return false;
		out->due = months ? CONTRACTS_DUE_MONTHS : CONTRACTS_DUE_AFTER;
		return true;
	}
	if (!parser_is(parser, 0, day)) {
		parser_unexpected(parser, expected.text);
		return false;
	}
	parser->at++;
	if (parser_token(parser)->kind != LEXER_DATE) {
		parser_unexpected(parser, "a date, such as 2027-06-30,");
		return false;
	}
	out->due = CONTRACTS_DUE_AT;
	out->time = parser_token(parser)->number;
	/* Within the day it can still be done. */
	if (parser_token(parser)->day && out->duty != CONTRACTS_EMBARGO)
		out->time += DATES_DAY_MS;
	parser->at++;
	return true;
}

static bool duty(struct parser *parser, struct contracts_obligation *out)
{
	if (parser_accept(parser, "notify"))
		return notify(parser, out);
	if (parser_accept(parser, "expire")) {
		out->duty = CONTRACTS_EXPIRE;
		return due(parser, out, "after", "on");
	}
	if (parser_accept(parser, "report")) {
		out->duty = CONTRACTS_REPORT;
		return parser_expect(parser, "back", "behind \"report\"") && due(parser, out, "within", "by");
	}
	if (parser_accept(parser, "publish")) {
		out->duty = CONTRACTS_PUBLISH;
		return due(parser, out, "within", "by");
	}
	if (parser_accept(parser, "return")) {
		out->duty = CONTRACTS_RETURN;
		return parser_expect(parser, "data", "behind \"return\"") && due(parser, out, "within", "by");
	}
	if (parser_accept(parser, "not")) {
		out->duty = CONTRACTS_EMBARGO;
		return parser_expect(parser, "publish", "behind \"not\"") && due(parser, out, "within", "before");
	}
	parser_unexpected(parser, "an obligation: notify, expire, report back, publish, not publish, return data");
	return false;
}

bool parser_duties(struct parser *parser, struct tree_duties *out, bool notices, bool milestone)
{
	if (!parser_accept(parser, "then"))
		return true;
	if ((out->list = parser_take(parser, CONTRACTS_DUTIES_MAX, sizeof(out->list[0]))) == NULL)
		return false;
	do {
		struct report_place place = parser_token(parser)->place;

		if (milestone && parser_is(parser, 0, "stop") && parser_is(parser, 1, "enrolling")) {
			parser->at += 2;
			out->stop = true;
			continue;
		}
		if (out->count == CONTRACTS_DUTIES_MAX) {
			report_error(parser->report, place, report_format("there are too many obligations"),
				     report_format("at most %d belong to one clause", CONTRACTS_DUTIES_MAX));
			return false;
		}
		if (notices && !parser_is(parser, 0, "notify")) {
			report_error(parser->report, place,
				     report_format("this permits nobody anything, so it obliges nobody"),
				     report_format("say notify and whom%s, or nothing", milestone ? ", or stop enrolling" : ""));
			return false;
		}
		if (!duty(parser, &out->list[out->count]))
			return false;
		out->count++;
	} while (parser_accept(parser, ","));
	return true;
}

/* ---- Parts ---------------------------------------------------------------- */

static bool sort(struct parser *parser, struct tree_domain *out)
{
	static const struct {
		const char *word;
		struct tree_domain domain;
	} sorts[] = {
		{"organisations", {.texts = true, .sort = TABLES_ORGANISATION}},
		{"sites", {.texts = true, .sort = TABLES_SITE}},
		{"countries", {.texts = true, .sort = TABLES_COUNTRY}},
		{"diseases", {.texts = true, .sort = TABLES_DISEASE}},
		{"actors", {.texts = true, .sort = TABLES_ACTOR}},
		{"versions", {.texts = true, .sort = TABLES_VERSION}},
		{"environments", {.texts = true, .sort = TABLES_ENVIRONMENT}},
		{"purposes", {.list = CONTRACTS_PURPOSES}},
		{"categories", {.list = CONTRACTS_CATEGORIES}},
		{"roles", {.list = CONTRACTS_ROLES}},
	};

	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		if (parser_accept(parser, sorts[i].word)) {
			*out = sorts[i].domain;
			return true;
		}
	}
	parser_unexpected(parser, "organisations, sites, countries, diseases, actors, versions, environments, purposes, "
				  "categories or roles");
	return false;
}

static bool set(struct parser *parser, struct tree_set *out)
{
	parser->at++;
	out->place = parser_token(parser)->place;
	if (parser_token(parser)->kind != LEXER_WORD) {
		parser_unexpected(parser, "the name of the set, a word without quotes,");
		return false;
	}
	out->name = parser_token(parser)->text;
	parser->at++;
	if (out->name.len > CONTRACTS_NAME_BYTES_MAX) {
		report_error(parser->report, out->place, report_format("the name has %zu bytes", out->name.len),
			     report_format("at most %d bytes belong here", CONTRACTS_NAME_BYTES_MAX));
		return false;
	}
	return parser_expect(parser, "of", "behind the name of the set") && sort(parser, &out->domain) &&
	       parser_expect(parser, "is", "before what is in the set") &&
	       parser_elements(parser, &out->list, "what is in the set");
}

static bool effect(struct parser *parser, enum contracts_effect *out)
{
	*out = parser_is(parser, 0, "permit") ? CONTRACTS_PERMITS : parser_is(parser, 0, "forbid") ? CONTRACTS_FORBIDS : CONTRACTS_REFERS;
	if (*out != CONTRACTS_REFERS || parser_is(parser, 0, "refer")) {
		parser->at++;
		return true;
	}
	parser_unexpected(parser, "permit, forbid or refer");
	return false;
}

static bool because(struct parser *parser, struct contracts_text *out)
{
	return parser_expect(parser, "because", "and the reason, which is shown to people,") &&
	       name(parser, out, CONTRACTS_REASON_BYTES_MAX, "the reason in quotes");
}

static bool clause(struct parser *parser, struct tree_clause *out)
{
	parser->at++;
	out->place = parser_token(parser)->place;
	if (!name(parser, &out->name, CONTRACTS_NAME_BYTES_MAX, "the name of the clause in quotes") ||
	    !effect(parser, &out->effect))
		return false;
	if (parser_is(parser, 0, "any") && parser_is(parser, 1, "use"))
		parser->at += 2;
	else if (!parser_elements(parser, &out->actions, "a use (read, derive, link, train, disclose, recontact), or any use,"))
		return false;
	if (parser_accept(parser, "of") && !parser_elements(parser, &out->categories, "a category of data, such as clinical,"))
		return false;
	if (parser_accept(parser, "for") && !parser_elements(parser, &out->purposes, "a purpose, such as DUO:0000007,"))
		return false;
	if (parser_accept(parser, "when") && (out->when = parser_condition(parser)) == NULL)
		return false;
	return because(parser, &out->because) && parser_duties(parser, &out->duties, out->effect == CONTRACTS_FORBIDS, false);
}

static bool tally(struct parser *parser, struct tree_tally *out)
{
	parser->at++;
	parser->of_event = true;
	out->place = parser_token(parser)->place;
	if (!name(parser, &out->name, CONTRACTS_NAME_BYTES_MAX, "the name of the tally in quotes") ||
	    !parser_expect(parser, "count", "behind the name of the tally") ||
	    !parser_elements(parser, &out->events,
			     "what is counted (enrolments, completions, discontinuations, visits, doses, submissions, "
			     "withdrawals, incidents)"))
		return false;
	if (parser_accept(parser, "by")) {
		if (parser_is(parser, 0, "site"))
			out->by = CONTRACTS_BY_SITE;
		else if (parser_is(parser, 0, "participant"))
			out->by = CONTRACTS_BY_PARTICIPANT;
		else if (parser_blinding(parser))
			return false;
		if (out->by == CONTRACTS_BY_STUDY) {
			parser_unexpected(parser, "site or participant");
			return false;
		}
		parser->at++;
	}
	return !parser_accept(parser, "when") || (out->when = parser_condition(parser)) != NULL;
}

/* What follows the number: "and" with further terms. */
static bool further(struct parser *parser, struct tree_node **out)
{
	struct tree_node *list = NULL, *last = NULL, *term;

	while (parser_accept(parser, "and")) {
		if ((term = parser_term(parser)) == NULL)
			return false;
		if (last == NULL) {
			*out = last = term;
			continue;
		}
		if (list == NULL) {
			if ((list = parser_node(parser, TREE_AND)) == NULL)
				return false;
			list->place = last->place;
			list->child = last;
			*out = list;
		}
		last->next = term;
		last = term;
	}
	return true;
}

static bool milestone(struct parser *parser, struct tree_milestone *out)
{
	const struct lexer_token *token;

	parser->at++;
	parser->of_event = true;
	out->place = parser_token(parser)->place;
	if (!name(parser, &out->name, CONTRACTS_NAME_BYTES_MAX, "the name of the milestone in quotes") ||
	    !parser_expect(parser, "when", "behind the name of the milestone") ||
	    !parser_expect(parser, "tally", "and the name of a tally"))
		return false;
	out->tally_place = parser_token(parser)->place;
	if (!name(parser, &out->tally_name, CONTRACTS_NAME_BYTES_MAX, "the name of a tally in quotes"))
		return false;
	if (parser_is(parser, 0, "at") || parser_is(parser, 0, "of")) {
		parser->at++;
		if (!parser_expect(parser, "the", "site or participant"))
			return false;
		if (parser_is(parser, 0, "site")) {
			out->group = CONTRACTS_BY_SITE;
		} else if (parser_is(parser, 0, "participant")) {
			out->group = CONTRACTS_BY_PARTICIPANT;
		} else {
			parser_unexpected(parser, "site or participant");
			return false;
		}
		parser->at++;
	}
	if (!parser_expect(parser, "reaches", "and a number"))
		return false;
	token = parser_token(parser);
	if (token->kind != LEXER_INTEGER || token->number == 0) {
		parser_unexpected(parser, "a number that is not 0");
		return false;
	}
	out->threshold = token->number;
	parser->at++;
	return further(parser, &out->when) && because(parser, &out->because) && parser_duties(parser, &out->duties, true, true);
}

/* ---- The whole ------------------------------------------------------------ */

/* A word that begins a part, and cannot be meant otherwise. */
static bool begins_part(const struct parser *parser)
{
	if (parser_is(parser, 0, "set"))
		return parser_is(parser, 2, "of");
	if (parser_is(parser, 0, "tally"))
		return parser_is(parser, 2, "count");
	return parser_is(parser, 0, "clause") || parser_is(parser, 0, "milestone");
}

static bool room(struct parser *parser, size_t count, size_t max, const char *what)
{
	if (count < max)
		return true;
	report_error(parser->report, parser_token(parser)->place, report_format("there are too many %s", what),
		     report_format("a contract has at most %zu", max));
	parser->at = UINT32_MAX;
	return false;
}

/* False: a mistake, reported. */
static bool part(struct parser *parser, struct tree *tree)
{
	parser->of_event = false;
	parser->depth = 0;
	if (parser_is(parser, 0, "set"))
		return room(parser, tree->sets_count, CONTRACTS_SETS_MAX, "sets") && set(parser, &tree->sets[tree->sets_count++]);
	if (parser_is(parser, 0, "clause"))
		return room(parser, tree->clauses_count, CONTRACTS_CLAUSES_MAX, "clauses") &&
		       clause(parser, &tree->clauses[tree->clauses_count++]);
	if (parser_is(parser, 0, "tally"))
		return room(parser, tree->tallies_count, CONTRACTS_TALLIES_MAX, "tallies") &&
		       tally(parser, &tree->tallies[tree->tallies_count++]);
	if (parser_is(parser, 0, "milestone"))
		return room(parser, tree->milestones_count, CONTRACTS_MILESTONES_MAX, "milestones") &&
		       milestone(parser, &tree->milestones[tree->milestones_count++]);
	parser_unexpected(parser, "set, clause, tally or milestone");
	return false;
}

static bool header(struct parser *parser, struct tree *tree)
{
	const struct lexer_token *token;

	if (!parser_expect(parser, "contract", "and its name") ||
	    !name(parser, &tree->name, CONTRACTS_NAME_BYTES_MAX, "the name of the contract in quotes") ||
	    !parser_expect(parser, "version", "and its number"))
		return false;
	token = parser_token(parser);
	if (token->kind != LEXER_INTEGER || token->number < 1 || token->number > CONTRACTS_VERSION_MAX) {
		parser_unexpected(parser, "a version from 1 to 1000000");
		return false;
	}
	tree->version = (uint32_t)token->number;
	parser->at++;
	return true;
}

/* Room for the parts that there can be: each begins with its word. */
static bool prepare(struct parser *parser, struct tree *tree)
{
	size_t sets = 0, clauses = 0;

	for (size_t i = 0; i < tree->tokens.count; i++) {
		sets += sets < CONTRACTS_SETS_MAX && tables_text_is(tree->tokens.list[i].text, "set");
		clauses += clauses < CONTRACTS_CLAUSES_MAX && tables_text_is(tree->tokens.list[i].text, "clause");
	}
	tree->sets = parser_take(parser, sets, sizeof(tree->sets[0]));
	tree->clauses = parser_take(parser, clauses, sizeof(tree->clauses[0]));
	tree->tallies = parser_take(parser, CONTRACTS_TALLIES_MAX, sizeof(tree->tallies[0]));
	tree->milestones = parser_take(parser, CONTRACTS_MILESTONES_MAX, sizeof(tree->milestones[0]));
	return !parser->no_memory;
}

enum contracts_code tree_parse(struct contracts_arena *arena, struct tree *out, struct contracts_text source,
			       struct contracts_report *report)
{
	struct parser parser = {.arena = arena, .report = report};
	enum contracts_code code;

	memset(out, 0, sizeof(*out));
	if ((code = lexer_read(arena, &out->tokens, source, report)) != CONTRACTS_OK)
		return code;
	parser.tokens = out->tokens.list;
	if (!prepare(&parser, out))
		return CONTRACTS_MEMORY;
	if (!header(&parser, out))
		return parser.no_memory ? CONTRACTS_MEMORY : CONTRACTS_REFUSED;
	while (parser.at < out->tokens.count && !parser.no_memory) {
		if (part(&parser, out))
			continue;
		/* A part that is wrong begins with its own word: on to the next. */
		while (parser.at < out->tokens.count && !begins_part(&parser))
			parser.at++;
	}
	if (parser.no_memory)
		return CONTRACTS_MEMORY;
	if (out->clauses_count == 0 && report->errors == 0)
		report_error(report, parser.tokens[out->tokens.count].place, report_format("the contract has no clause"),
			     report_format("write at least one; without, everything is denied"));
	return report->errors == 0 ? CONTRACTS_OK : CONTRACTS_REFUSED;
}
