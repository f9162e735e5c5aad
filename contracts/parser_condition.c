/* Conditions: docs/formats/contract.md, "Grammar" from `condition` to `duration`, and the types of "Types". */
#include "contracts/dates.h"
#include "contracts/parser_fact.h"

#include <string.h>

static struct tree_node *sum(struct parser *parser);

struct tree_node *parser_node(struct parser *parser, enum tree_kind kind)
{
	struct tree_node *node = parser_take(parser, 1, sizeof(*node));

	if (node != NULL) {
		node->kind = kind;
		node->place = parser_token(parser)->place;
	}
	return node;
}

static struct tree_node *binary(struct parser *parser, enum tree_kind kind, struct tree_node *left,
				struct tree_node *right)
{
	struct tree_node *node = parser_node(parser, kind);

	if (node != NULL) {
		node->place = left->place;
		node->left = left;
		node->right = right;
	}
	return node;
}

static struct tree_node *negation(struct parser *parser, struct tree_node *child)
{
	struct tree_node *node = child == NULL ? NULL : parser_node(parser, TREE_NOT);

	if (node != NULL) {
		node->place = child->place;
		node->child = child;
	}
	return node;
}

static bool enter(struct parser *parser)
{
	if (parser->depth < CONTRACTS_NESTING_MAX) {
		parser->depth++;
		return true;
	}
	report_error(parser->report, parser_token(parser)->place, report_format("parentheses are nested too deep"),
		     report_format("at most %d deep; make two clauses of it", CONTRACTS_NESTING_MAX));
	return false;
}

/* ---- Values --------------------------------------------------------------- */

static const char *type_words(const struct tree_node *node)
{
	if (node->kind == TREE_MONTHS)
		return "a number of months";
	switch (node->type) {
	case CONTRACTS_INTEGER:
		return "a number";
	case CONTRACTS_DURATION:
		return "a duration";
	case CONTRACTS_DATE:
		return "a date";
	case CONTRACTS_BOOL:
	case CONTRACTS_CODE:
	case CONTRACTS_CODE_SET:
	case CONTRACTS_TEXT:
	case CONTRACTS_TEXT_SET:
		break;
	}
	return "a word";
}

static bool is_number(const struct tree_node *node)
{
	return node->kind != TREE_MONTHS && node->type == CONTRACTS_INTEGER;
}

static bool is_duration(const struct tree_node *node)
{
	return node->kind != TREE_MONTHS && node->type == CONTRACTS_DURATION;
}

bool parser_duration(struct parser *parser, int64_t *out, bool *months)
{
	static const struct {
		const char *one, *many;
		int64_t ms, months;
	} units[] = {
		{"minute", "minutes", 60000, 0},         {"hour", "hours", 3600000, 0}, {"day", "days", DATES_DAY_MS, 0},
		{"week", "weeks", 7 * DATES_DAY_MS, 0}, {"month", "months", 0, 1},     {"year", "years", 0, 12},
	};
	const struct lexer_token *token = parser_token(parser);
	int64_t most;

	for (size_t i = 0; token->kind == LEXER_INTEGER && i < sizeof(units) / sizeof(units[0]); i++) {
		if (!parser_is(parser, 1, units[i].one) && !parser_is(parser, 1, units[i].many))
			continue;
		*months = units[i].months != 0;
		most = *months ? 1200 / units[i].months : INT64_C(3155760000000) / units[i].ms;
		if (token->number > most) {
			report_error(parser->report, token->place, report_format("this is longer than 100 years"),
				     report_format("at most %lld %s", (long long)most, units[i].many));
			return false;
		}
		*out = token->number * (*months ? units[i].months : units[i].ms);
		parser->at += 2;
		return true;
	}
	parser_unexpected(parser, "a duration, such as 180 days or 2 years,");
	return false;
}

static bool starts_duration(const struct parser *parser)
{
	static const char *const units[] = {"minute", "minutes", "hour",  "hours",  "day",  "days",
					    "week",   "weeks",   "month", "months", "year", "years"};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (parser_is(parser, 1, units[i]))
			return true;
	return false;
}

static struct tree_node *number(struct parser *parser)
{
	struct tree_node *node = parser_node(parser, TREE_NUMBER);
	bool months = false;

	if (node == NULL)
		return NULL;
	node->type = CONTRACTS_INTEGER;
	if (!starts_duration(parser)) {
		node->number = parser_token(parser)->number;
		parser->at++;
		return node;
	}
	node->type = CONTRACTS_DURATION;
	if (!parser_duration(parser, &node->number, &months))
		return NULL;
	if (months)
		node->kind = TREE_MONTHS;
	return node;
}

static struct tree_node *tally(struct parser *parser)
{
	struct tree_node *node = parser_node(parser, TREE_TALLY);

	parser->at++;
	if (node == NULL)
		return NULL;
	node->type = CONTRACTS_INTEGER;
	node->tally = parser->at;
	if (parser_token(parser)->kind != LEXER_NAME) {
		parser_unexpected(parser, "the name of a tally in quotes");
		return NULL;
	}
	parser->at++;
	if ((parser_is(parser, 0, "at") && parser_is(parser, 1, "the") && parser_is(parser, 2, "site")) ||
	    (parser_is(parser, 0, "of") && parser_is(parser, 1, "the") && parser_is(parser, 2, "participant"))) {
		node->group = parser_is(parser, 0, "at") ? CONTRACTS_BY_SITE : CONTRACTS_BY_PARTICIPANT;
		parser->at += 3;
	}
	return node;
}

/* Whether a fact may be spoken of here. */
static bool may_speak(struct parser *parser, unsigned fact, struct report_place place)
{
	if (parser->of_event && !tables_facts[fact].of_events) {
		report_error(parser->report, place,
			     report_format("\"%s\" is not known of an event", tables_facts[fact].words),
			     report_format("tallies and milestones speak of the study, the approval, the site, category and "
					   "date of the data, the participant's status, and now"));
		return false;
	}
	if (!parser->of_event && fact == CONTRACTS_FACT_EVENT) {
		report_error(parser->report, place, report_format("\"event\" is not known of a request"),
			     report_format("tallies and milestones alone speak of events"));
		return false;
	}
	return true;
}

static struct tree_node *fact_value(struct parser *parser, enum tree_kind kind)
{
	struct tree_node *node = parser_node(parser, kind);
	unsigned fact = 0;
	bool negated = false;
	uint32_t len = parser_fact(parser, &fact, &negated);

	if (node == NULL)
		return NULL;
	if (len == 0) {
		parser_no_fact(parser);
		return NULL;
	}
	if (!may_speak(parser, fact, node->place))
		return NULL;
	if (tables_facts[fact].type == CONTRACTS_BOOL) {
		report_error(parser->report, node->place,
			     report_format("\"%s\" is true or false, and has no value", tables_facts[fact].words),
			     report_format("let it stand alone, between and, or, not"));
		return NULL;
	}
	parser->at += len;
	node->fact = (uint8_t)fact;
	node->type = tables_facts[fact].type;
	return node;
}

static struct tree_node *count_of(struct parser *parser)
{
	struct tree_node *node;

	parser->at += 2;
	if ((node = fact_value(parser, TREE_COUNT)) == NULL)
		return NULL;
	if (node->type != CONTRACTS_CODE_SET && node->type != CONTRACTS_TEXT_SET) {
		report_error(parser->report, node->place,
			     report_format("\"%s\" is one thing: it has no number", tables_facts[node->fact].words),
			     report_format("count requester roles, study sites, data flags and what else is several"));
		return NULL;
	}
	node->type = CONTRACTS_INTEGER;
	return node;
}

static struct tree_node *value(struct parser *parser)
{
	const struct lexer_token *token = parser_token(parser);
	struct tree_node *node;

	if (token->kind == LEXER_INTEGER)
		return number(parser);
	if (token->kind == LEXER_DATE) {
		if ((node = parser_node(parser, TREE_DATE)) != NULL) {
			node->type = CONTRACTS_DATE;
			node->number = token->number;
			node->day = token->day;
			parser->at++;
		}
		return node;
	}
	if (parser_is(parser, 0, "(")) {
		if (!enter(parser))
			return NULL;
		parser->at++;
		node = sum(parser);
		parser->depth--;
		return node != NULL && parser_expect(parser, ")", "behind what is in parentheses") ? node : NULL;
	}
	if (parser_is(parser, 0, "tally"))
		return tally(parser);
	if (parser_is(parser, 0, "number") && parser_is(parser, 1, "of"))
		return count_of(parser);
	if (token->kind == LEXER_WORD)
		return fact_value(parser, TREE_FACT);
	parser_unexpected(parser, "a fact, number, duration or date");
	return NULL;
}

/* A day that is part of a sum is its beginning. */
static void is_part(struct tree_node *node)
{
	if (node->kind == TREE_DATE)
		node->day = false;
}

static struct tree_node *combine(struct parser *parser, enum tree_kind kind, struct tree_node *left,
				 struct tree_node *right)
{
	static const char *const words[] = {[TREE_ADD] = "added to", [TREE_SUB] = "taken from", [TREE_MUL] = "multiplied with"};
	struct tree_node *node = binary(parser, kind, left, right);
	bool fits = false;

	if (node == NULL)
		return NULL;
	node->type = left->type;
	if (kind == TREE_MUL) {
		fits = (is_number(left) || is_duration(left)) && is_number(right);
		if (is_number(left) && is_duration(right)) {
			node->type = CONTRACTS_DURATION;
			fits = true;
		}
	} else {
		fits = (is_number(left) && is_number(right)) || (is_duration(left) && is_duration(right)) ||
		       (left->type == CONTRACTS_DATE && (is_duration(right) || right->kind == TREE_MONTHS));
	}
	if (!fits) {
		report_error(parser->report, right->place,
			     report_format("%s cannot be %s %s", type_words(right), words[kind], type_words(left)),
			     report_format("numbers go with numbers, durations with durations; a date comes first, and a "
					   "duration or number of months is added to it or taken from it"));
		return NULL;
	}
	is_part(left);
	return node;
}

/* A sum is as deep as it is long, and whatever walks it goes as deep. */
static bool has_room(struct parser *parser, unsigned terms)
{
	if (terms <= CONTRACTS_TERMS_MAX)
		return true;
	report_error(parser->report, parser_token(parser)->place, report_format("the sum is too long"),
		     report_format("at most %d numbers in a row", CONTRACTS_TERMS_MAX));
	return false;
}

static struct tree_node *product(struct parser *parser)
{
	struct tree_node *left = value(parser), *right;

	for (unsigned terms = 2; left != NULL && parser_is(parser, 0, "*"); terms++) {
		if (!has_room(parser, terms))
			return NULL;
		parser->at++;
		left = (right = value(parser)) == NULL ? NULL : combine(parser, TREE_MUL, left, right);
	}
	return left;
}

static struct tree_node *sum(struct parser *parser)
{
	struct tree_node *left = product(parser), *right;

	for (unsigned terms = 2; left != NULL && (parser_is(parser, 0, "+") || parser_is(parser, 0, "-")); terms++) {
		enum tree_kind kind = parser_is(parser, 0, "+") ? TREE_ADD : TREE_SUB;

		if (!has_room(parser, terms))
			return NULL;
		parser->at++;
		left = (right = product(parser)) == NULL ? NULL : combine(parser, kind, left, right);
	}
	return left;
}

/* ---- Tests ---------------------------------------------------------------- */

static const char *comparisons(enum contracts_type type)
{
	switch (type) {
	case CONTRACTS_BOOL:
		break;
	case CONTRACTS_INTEGER:
	case CONTRACTS_DURATION:
		return "is, is not, is at least, is at most, is more than, is less than";
	case CONTRACTS_DATE:
		return "is before, is after, is on, is on or before, is on or after";
	case CONTRACTS_CODE:
	case CONTRACTS_TEXT:
		return "is, is not, is one of, is none of";
	case CONTRACTS_CODE_SET:
	case CONTRACTS_TEXT_SET:
		return "include, include one of, include none of, include all of, include only";
	}
	return "and, or, not";
}

static struct tree_node *wrong_verb(struct parser *parser, const struct tree_node *subject)
{
	const char *words = subject->kind == TREE_FACT ? tables_facts[subject->fact].words : type_words(subject);

	report_error(parser->report, parser_token(parser)->place, report_format("%s cannot be compared like this", words),
		     report_format("%s is compared by: %s; or is known, is unknown", words, comparisons(subject->type)));
	return NULL;
}

/* A list, or a single element, of what the subject is compared with. */
static struct tree_node *elements(struct parser *parser, struct tree_node *subject, enum tree_how how, bool single)
{
	bool texts = subject->type == CONTRACTS_TEXT || subject->type == CONTRACTS_TEXT_SET;

	subject->kind = texts ? TREE_TEXTS : TREE_CODES;
	subject->how = how;
	if (single) {
		subject->list = (struct tree_list){parser->at, 1};
		if (parser_token(parser)->kind != LEXER_WORD && parser_token(parser)->kind != LEXER_CODE &&
		    parser_token(parser)->kind != LEXER_NAME) {
			parser_unexpected(parser, "a word, code or text in quotes");
			return NULL;
		}
		parser->at++;
		if (parser_is(parser, 0, ",")) {
			report_error(parser->report, parser_token(parser)->place,
				     report_format("here is a list where one thing is compared"),
				     report_format("say \"one of\" or \"none of\" before a list"));
			return NULL;
		}
		return subject;
	}
	return parser_elements(parser, &subject->list, "a word, code or text in quotes") ? subject : NULL;
}

/* "is study sponsor", "is one of study sites": a fact of the same sort. */
static bool other_fact(struct parser *parser, struct tree_node *subject, enum contracts_type type, bool *failed)
{
	struct report_place place = parser_token(parser)->place;
	unsigned fact = 0;
	bool negated = false;
	uint32_t len = parser_fact(parser, &fact, &negated);

	*failed = false;
	if (subject->type != CONTRACTS_TEXT || len == 0)
		return false;
	*failed = true;
	if (tables_facts[fact].type != type || tables_facts[fact].sort != tables_facts[subject->fact].sort ||
	    fact == subject->fact) {
		report_error(parser->report, place,
			     report_format("\"%s\" and \"%s\" cannot be compared like this", tables_facts[subject->fact].words,
					   tables_facts[fact].words),
			     report_format("compare organisations with organisations, sites with sites, countries with "
					   "countries; say \"one of\" before several"));
		return true;
	}
	if (!may_speak(parser, fact, place))
		return true;
	*failed = false;
	parser->at += len;
	subject->kind = type == CONTRACTS_TEXT ? TREE_SAME : TREE_AMONG;
	subject->other = (uint8_t)fact;
	return true;
}

static struct tree_node *word_verb(struct parser *parser, struct tree_node *subject)
{
	bool none = parser_is(parser, 0, "none") && parser_is(parser, 1, "of");
	bool one = parser_is(parser, 0, "one") && parser_is(parser, 1, "of"), failed;
	struct tree_node *test;

	if (none || one) {
		parser->at += 2;
		test = other_fact(parser, subject, CONTRACTS_TEXT_SET, &failed) ? (failed ? NULL : subject)
										: elements(parser, subject, TREE_ANY, false);
		return none ? negation(parser, test) : test;
	}
	if (parser_is(parser, 0, "at") || parser_is(parser, 0, "before") || parser_is(parser, 0, "after") ||
	    parser_is(parser, 0, "on") || parser_token(parser)->kind == LEXER_INTEGER ||
	    parser_token(parser)->kind == LEXER_DATE)
		return wrong_verb(parser, subject);
	none = parser_accept(parser, "not");
	if (none && parser_is(parser, 0, "one") && parser_is(parser, 1, "of")) {
		report_error(parser->report, parser_token(parser)->place, report_format("\"is not one of\" has another name here"),
			     report_format("say \"is none of\""));
		return NULL;
	}
	test = other_fact(parser, subject, CONTRACTS_TEXT, &failed) ? (failed ? NULL : subject)
								    : elements(parser, subject, TREE_ANY, true);
	return none ? negation(parser, test) : test;
}

static struct tree_node *include_verb(struct parser *parser, struct tree_node *subject)
{
	bool of = parser_is(parser, 1, "of"), none = of && parser_is(parser, 0, "none");
	struct tree_node *test;

	if (subject->kind != TREE_FACT || (subject->type != CONTRACTS_CODE_SET && subject->type != CONTRACTS_TEXT_SET))
		return wrong_verb(parser, subject);
	if (none || (of && parser_is(parser, 0, "one"))) {
		parser->at += 2;
		test = elements(parser, subject, TREE_ANY, false);
		return none ? negation(parser, test) : test;
	}
	if (of && parser_is(parser, 0, "all")) {
		parser->at += 2;
		return elements(parser, subject, TREE_ALL, false);
	}
	if (parser_accept(parser, "only"))
		return elements(parser, subject, TREE_ONLY, false);
	return elements(parser, subject, TREE_ANY, true);
}

static struct tree_node *number_verb(struct parser *parser, struct tree_node *subject)
{
	static const struct {
		const char *first, *second;
		enum tree_kind kind;
	} verbs[] = {
		{"at", "least", TREE_AT_LEAST}, {"at", "most", TREE_AT_MOST}, {"more", "than", TREE_MORE}, {"less", "than", TREE_LESS},
	};
	enum tree_kind kind = TREE_EQUAL;
	struct tree_node *right, *test;
	bool not = false;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (parser_is(parser, 0, verbs[i].first) && parser_is(parser, 1, verbs[i].second))
			kind = verbs[i].kind;
	if (kind != TREE_EQUAL)
		parser->at += 2;
	else if (parser_is(parser, 0, "on") || parser_is(parser, 0, "before") || parser_is(parser, 0, "after") ||
		 parser_is(parser, 0, "one") || parser_is(parser, 0, "none"))
		return wrong_verb(parser, subject);
	else
		not = parser_accept(parser, "not");
	if ((right = sum(parser)) == NULL)
		return NULL;
	if (right->type != subject->type || right->kind == TREE_MONTHS || subject->kind == TREE_MONTHS) {
		report_error(parser->report, right->place,
			     report_format("%s is compared with %s", type_words(subject), type_words(right)),
			     report_format("compare numbers with numbers, durations in days with durations in days; months "
					   "and years only move dates"));
		return NULL;
	}
	test = binary(parser, kind, subject, right);
	return not ? negation(parser, test) : test;
}

/* left < right */
static struct tree_node *before(struct parser *parser, struct tree_node *left, struct tree_node *right, int64_t shift)
{
	struct tree_node *date = right;

	if (right->kind == TREE_DATE) {
		if ((date = parser_node(parser, TREE_DATE)) == NULL)
			return NULL;
		*date = *right;
		date->day = false;
		date->number += shift;
	}
	return binary(parser, TREE_BEFORE, left, date);
}

/* Each comparison as X < Y or not: docs/formats/contract.md, "Dates". */
static struct tree_node *date_tests(struct parser *parser, bool on, bool or, bool after, struct tree_node *x,
				    struct tree_node *y)
{
	struct tree_node *both, *end, *begin;

	if (y->kind != TREE_DATE || !y->day) {
		if (on && !or) {
			report_error(parser->report, y->place, report_format("\"is on\" asks for a day"),
				     report_format("write a day, such as 2027-06-30, or use \"is before\" and \"is after\""));
			return NULL;
		}
		if (or)
			return negation(parser, after ? before(parser, x, y, 0) : before(parser, y, x, 0));
		return after ? before(parser, y, x, 0) : before(parser, x, y, 0);
	}
	if (!on)
		return after ? negation(parser, before(parser, x, y, DATES_DAY_MS)) : before(parser, x, y, 0);
	if (or)
		return after ? negation(parser, before(parser, x, y, 0)) : before(parser, x, y, DATES_DAY_MS);
	both = parser_node(parser, TREE_AND);
	end = before(parser, x, y, DATES_DAY_MS);
	begin = negation(parser, before(parser, x, y, 0));
	if (both == NULL || end == NULL || begin == NULL)
		return NULL;
	both->place = x->place;
	both->child = end;
	end->next = begin;
	return both;
}

static struct tree_node *date_verb(struct parser *parser, struct tree_node *subject)
{
	bool on = parser_accept(parser, "on"), or = on && parser_accept(parser, "or");
	bool earlier = parser_is(parser, 0, "before"), after = parser_is(parser, 0, "after");
	struct tree_node *right;

	if ((!on && !earlier && !after) || (or && !earlier && !after))
		return wrong_verb(parser, subject);
	if (on && !or && (earlier || after)) {
		parser_unexpected(parser, "\"or\", as in \"on or before\",");
		return NULL;
	}
	if (earlier || after)
		parser->at++;
	if ((right = sum(parser)) == NULL)
		return NULL;
	if (right->type != CONTRACTS_DATE) {
		report_error(parser->report, right->place, report_format("a date is compared with %s", type_words(right)),
			     report_format("write a date, such as 2027-06-30, or a fact that is one, such as now"));
		return NULL;
	}
	is_part(subject);
	return date_tests(parser, on, or, after, subject, right);
}

static struct tree_node *verb(struct parser *parser, struct tree_node *subject)
{
	bool several = subject->type == CONTRACTS_CODE_SET || subject->type == CONTRACTS_TEXT_SET;

	if (parser_accept(parser, "include"))
		return include_verb(parser, subject);
	if (several && parser_is(parser, 0, "do") && parser_is(parser, 1, "not")) {
		report_error(parser->report, parser_token(parser)->place, report_format("\"do not include\" has another name here"),
			     report_format("say \"include none of\""));
		return NULL;
	}
	if (!parser_is(parser, 0, "is")) {
		parser_unexpected(parser, several ? "\"include\"" : "\"is\"");
		return NULL;
	}
	if (subject->kind == TREE_FACT && (parser_is(parser, 1, "known") || parser_is(parser, 1, "unknown"))) {
		bool known = parser_is(parser, 1, "known");

		parser->at += 2;
		subject->kind = TREE_KNOWN;
		return known ? subject : negation(parser, subject);
	}
	parser->at++;
	switch (subject->type) {
	case CONTRACTS_INTEGER:
	case CONTRACTS_DURATION:
		return number_verb(parser, subject);
	case CONTRACTS_DATE:
		return date_verb(parser, subject);
	case CONTRACTS_CODE:
	case CONTRACTS_TEXT:
		return word_verb(parser, subject);
	case CONTRACTS_BOOL:
	case CONTRACTS_CODE_SET:
	case CONTRACTS_TEXT_SET:
		break;
	}
	return wrong_verb(parser, subject);
}

/* False: it speaks of a tally, which nobody keeps as it was. */
static bool as_of_permit(struct tree_node *node)
{
	if (node == NULL)
		return true;
	node->permit = true;
	if (node->kind == TREE_TALLY || !as_of_permit(node->left) || !as_of_permit(node->right))
		return false;
	for (struct tree_node *child = node->child; child != NULL; child = child->next)
		if (!as_of_permit(child))
			return false;
	return true;
}

static struct tree_node *test(struct parser *parser)
{
	unsigned fact = 0;
	bool negated = false;
	uint32_t len = parser_fact(parser, &fact, &negated);
	struct tree_node *node;
	struct report_place place;

	if (len > 0 && tables_facts[fact].type == CONTRACTS_BOOL) {
		if ((node = parser_node(parser, TREE_TRUTH)) == NULL || !may_speak(parser, fact, node->place))
			return NULL;
		node->fact = (uint8_t)fact;
		parser->at += len;
		if (negated)
			node = negation(parser, node);
	} else {
		node = sum(parser);
		node = node == NULL ? NULL : verb(parser, node);
	}
	place = parser_token(parser)->place;
	if (node == NULL || !parser_accept(parser, "as"))
		return node;
	if (!parser_expect(parser, "of", "in \"as of the permit\"") || !parser_expect(parser, "the", "in \"as of the permit\"") ||
	    !parser_expect(parser, "permit", "in \"as of the permit\""))
		return NULL;
	if (parser->of_event || !as_of_permit(node)) {
		report_error(parser->report, place,
			     report_format("a tally, or an event, cannot be judged as of the permit"),
			     report_format("leave \"as of the permit\" out"));
		return NULL;
	}
	return node;
}

/* ---- Conditions ----------------------------------------------------------- */

/* Whether the parentheses that open here hold a value: a sign or a verb follows them. */
static bool holds_value(const struct parser *parser)
{
	uint32_t at = parser->at;
	unsigned open = 0;

	for (; parser->tokens[at].kind != LEXER_END; at++) {
		if (parser->tokens[at].kind != LEXER_SYMBOL)
			continue;
		if (parser->tokens[at].text.data[0] == '(')
			open++;
		else if (parser->tokens[at].text.data[0] == ')' && --open == 0)
			break;
	}
	if (parser->tokens[at].kind == LEXER_END)
		return false;
	at++;
	return tables_text_is(parser->tokens[at].text, "is") || tables_text_is(parser->tokens[at].text, "include") ||
	       (parser->tokens[at].kind == LEXER_SYMBOL && parser->tokens[at].text.data[0] != ')' &&
		parser->tokens[at].text.data[0] != '(' && parser->tokens[at].text.data[0] != ',');
}

struct tree_node *parser_term(struct parser *parser)
{
	bool not = parser_accept(parser, "not");
	struct tree_node *node;

	if (not && parser_is(parser, 0, "not")) {
		parser_unexpected(parser, "a condition");
		return NULL;
	}
	if (parser_is(parser, 0, "(") && !holds_value(parser)) {
		if (!enter(parser))
			return NULL;
		parser->at++;
		node = parser_condition(parser);
		parser->depth--;
		if (node != NULL && !parser_expect(parser, ")", "behind what is in parentheses"))
			return NULL;
	} else {
		node = test(parser);
	}
	return not ? negation(parser, node) : node;
}

struct tree_node *parser_condition(struct parser *parser)
{
	struct tree_node *first = parser_term(parser), *list, *last;
	const char *word = parser_is(parser, 0, "or") ? "or" : "and";

	if (first == NULL || !parser_is(parser, 0, word))
		return first;
	if ((list = parser_node(parser, word[0] == 'o' ? TREE_OR : TREE_AND)) == NULL)
		return NULL;
	list->place = first->place;
	list->child = last = first;
	while (parser_accept(parser, word)) {
		if ((last->next = parser_term(parser)) == NULL)
			return NULL;
		last = last->next;
	}
	if (parser_is(parser, 0, "or") || parser_is(parser, 0, "and")) {
		report_error(parser->report, parser_token(parser)->place,
			     report_format("\"and\" and \"or\" stand side by side, which can be read in two ways"),
			     report_format("put parentheses around what belongs together"));
		return NULL;
	}
	return list;
}
