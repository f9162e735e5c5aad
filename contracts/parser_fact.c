/* Facts as they are written, and what was meant where nothing has that name. */
#include "contracts/parser_fact.h"

#include <string.h>

#define WORDS_MAX 7

/* How many tokens at the place are exactly these words; 0: other ones. */
static uint32_t match(const struct parser *parser, const char *words)
{
	uint32_t count = 0;

	while (*words != '\0') {
		const struct lexer_token *token = &parser->tokens[parser->at + count];
		size_t len = strcspn(words, " ");

		/* Behind the end stands nothing: it is no word. */
		if (token->kind != LEXER_WORD || token->text.len != len || memcmp(token->text.data, words, len) != 0)
			return 0;
		count++;
		words += len + (words[len] == ' ');
	}
	return count;
}

uint32_t parser_fact(const struct parser *parser, unsigned *fact, bool *negated)
{
	uint32_t longest = 0, len;

	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++) {
		const struct tables_fact *table = &tables_facts[id];

		if (table->words == NULL)
			continue;
		if ((len = match(parser, table->words)) > longest) {
			longest = len;
			*fact = id;
			*negated = false;
		}
		if (table->negation != NULL && (len = match(parser, table->negation)) > longest) {
			longest = len;
			*fact = id;
			*negated = true;
		}
	}
	return longest;
}

static bool ends_a_fact(struct contracts_text word, bool truth)
{
	static const char *const always[] = {"and", "or", "as", "because", "then", "when", "clause"};
	static const char *const verbs[] = {"is", "include", "are", "includes"};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (tables_text_is(word, always[i]))
			return true;
	for (size_t i = 0; !truth && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (tables_text_is(word, verbs[i]))
			return true;
	return false;
}

/* The words at the place, up to what cannot belong to a fact. */
static struct contracts_text phrase(const struct parser *parser, char *out, size_t size, bool truth)
{
	size_t len = 0;

	for (uint32_t i = 0; i < WORDS_MAX; i++) {
		const struct lexer_token *token = &parser->tokens[parser->at + i];

		if (token->kind != LEXER_WORD || (i > 0 && ends_a_fact(token->text, truth)) ||
		    len + 1 + token->text.len > size)
			break;
		if (i > 0)
			out[len++] = ' ';
		memcpy(out + len, token->text.data, token->text.len);
		len += token->text.len;
	}
	return (struct contracts_text){out, len};
}

/* Facts whose first word is this one, as a list; empty: none. */
static void list_facts(struct contracts_text first, char *out, size_t size)
{
	size_t len = 0;

	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++) {
		const char *words = tables_facts[id].words;
		size_t n;

		if (words == NULL || strcspn(words, " ") != first.len || memcmp(words, first.data, first.len) != 0)
			continue;
		n = strlen(words);
		if (len + n + 3 > size)
			break;
		if (len > 0) {
			memcpy(out + len, ", ", 2);
			len += 2;
		}
		memcpy(out + len, words, n);
		len += n;
	}
	out[len] = '\0';
}

static bool could_unblind(struct contracts_text word)
{
	static const char *const words[] = {"arm", "kit", "dose", "treatment", "allocation", "randomisation", "randomization",
					    "placebo", "group"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (tables_text_is(word, words[i]))
			return true;
	return false;
}

bool parser_blinding(const struct parser *parser)
{
	const struct lexer_token *token = parser_token(parser);

	if (token->kind != LEXER_WORD || !could_unblind(token->text))
		return false;
	report_error(parser->report, token->place,
		     report_format("\"%.*s\" could tell who gets which treatment", REPORT_TEXT(token->text)),
		     report_format("a contract knows nothing of arm, kit, dose or treatment; count by site or by "
				   "participant"));
	return true;
}

void parser_no_fact(const struct parser *parser)
{
	const struct lexer_token *token = parser_token(parser);
	char truth_words[160], value_words[160], known[200];
	struct contracts_text truth = phrase(parser, truth_words, sizeof(truth_words), true);
	struct contracts_text value = phrase(parser, value_words, sizeof(value_words), false);
	struct report_nearest nearest = report_nearest(truth), other = report_nearest(value);

	if (parser_blinding(parser))
		return;
	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++) {
		if (tables_facts[id].words == NULL)
			continue;
		if (tables_facts[id].type != CONTRACTS_BOOL) {
			report_offer(&other, tables_facts[id].words);
			continue;
		}
		report_offer(&nearest, tables_facts[id].words);
		report_offer(&nearest, tables_facts[id].negation);
	}
	if (other.best != NULL && (nearest.best == NULL || other.distance <= nearest.distance))
		nearest.best = other.best;
	else
		value = nearest.best != NULL ? truth : value;
	list_facts(token->text, known, sizeof(known));
	if (nearest.best != NULL)
		report_error(parser->report, token->place,
			     report_format("there is no fact \"%.*s\"", REPORT_TEXT(value)),
			     report_format("\"%s\" is one", nearest.best));
	else if (known[0] != '\0')
		report_error(parser->report, token->place,
			     report_format("there is no fact \"%.*s\"", REPORT_TEXT(value)),
			     report_format("of %.*s there are: %s", REPORT_TEXT(token->text), known));
	else
		report_error(parser->report, token->place,
			     report_format("there is no fact \"%.*s\"", REPORT_TEXT(value)),
			     report_format("facts begin with accepted terms, access, action, agreement, approval, consent, data, "
					   "disease, environment, hold, instrument, legal basis, mode, now, objection, "
					   "participant, permit date, protocol, purpose, re-consent, requester, source "
					   "categories, study; or with number of, tally"));
}
