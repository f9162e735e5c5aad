#include "contracts/lexer.h"

#include "contracts/arena.h"
#include "contracts/dates.h"

#include <string.h>

struct lexer {
	struct contracts_text source;
	size_t at;
	struct report_place place; /* of at */
	struct contracts_report *report;
	char *names; /* room for the text of all names */
	struct lexer_token *list;
	size_t count;
};

/* ---- Characters ----------------------------------------------------------- */

/* The character at `at` of well-formed UTF-8: *len bytes. 0: it is not well-formed. */
static uint32_t character(struct contracts_text text, size_t at, size_t *len)
{
	const unsigned char *p = (const unsigned char *)text.data + at;
	size_t left = text.len - at, n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	uint32_t c = n == 1 ? p[0] : n == 2 ? p[0] & 0x1f : n == 3 ? p[0] & 0x0f : p[0] & 0x07;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) || (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	*len = n;
	return c;
}

/* What a reader would not see, or would see in another place. */
static bool is_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x00, 0x08}, {0x0b, 0x0c}, {0x0e, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c},
		{0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfe00, 0xfe0f},
		{0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static void advance(struct lexer *lexer, size_t len)
{
	if (lexer->source.data[lexer->at] == '\n') {
		lexer->place.line++;
		lexer->place.column = 1;
	} else {
		lexer->place.column++;
	}
	lexer->at += len;
}

/* Once over all of it, so that the rest need not ask. The first bad place is enough. */
static bool is_readable(struct lexer *lexer)
{
	while (lexer->at < lexer->source.len) {
		size_t len = 0;
		uint32_t c = character(lexer->source, lexer->at, &len);

		if (len == 0) {
			report_error(lexer->report, lexer->place, report_format("the text is not UTF-8 here"),
				     report_format("save the contract as UTF-8"));
			return false;
		}
		if (is_hidden(c) || (c == '\r' && (lexer->at + 1 == lexer->source.len || lexer->source.data[lexer->at + 1] != '\n'))) {
			report_error(lexer->report, lexer->place,
				     report_format("U+%04X is a character that a reader does not see", (unsigned)c),
				     report_format("remove it: what is approved is what is read"));
			return false;
		}
		advance(lexer, len);
	}
	lexer->at = 0;
	lexer->place = (struct report_place){1, 1};
	return true;
}

/* ---- Tokens --------------------------------------------------------------- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char peek(const struct lexer *lexer, size_t ahead)
{
	return lexer->at + ahead < lexer->source.len ? lexer->source.data[lexer->at + ahead] : '\0';
}

/* ASCII characters alone. */
static struct contracts_text take(struct lexer *lexer, size_t len)
{
	struct contracts_text text = {lexer->source.data + lexer->at, len};

	lexer->at += len;
	lexer->place.column += (uint32_t)len;
	return text;
}

static void skip_blanks(struct lexer *lexer)
{
	while (lexer->at < lexer->source.len) {
		size_t len = 1;

		if (peek(lexer, 0) == '#') {
			while (lexer->at < lexer->source.len && peek(lexer, 0) != '\n') {
				character(lexer->source, lexer->at, &len);
				advance(lexer, len);
			}
		} else if (is_blank(peek(lexer, 0))) {
			advance(lexer, 1);
		} else {
			return;
		}
	}
}

static void read_word(struct lexer *lexer, struct lexer_token *token)
{
	size_t len = 1;

	while (is_letter(peek(lexer, len)) || is_digit(peek(lexer, len)))
		len++;
	token->kind = LEXER_WORD;
	if (peek(lexer, len) == ':' && (is_letter(peek(lexer, len + 1)) || is_digit(peek(lexer, len + 1)))) {
		token->kind = LEXER_CODE;
		len += 2;
		while (is_letter(peek(lexer, len)) || is_digit(peek(lexer, len)) || peek(lexer, len) == '.' ||
		       peek(lexer, len) == '-' || peek(lexer, len) == '_')
			len++;
	} else {
		while (is_letter(peek(lexer, len)) || is_digit(peek(lexer, len)) || peek(lexer, len) == '-')
			len++;
	}
	token->text = take(lexer, len);
}

/* Blanks become one space, none at the ends. */
static bool read_name(struct lexer *lexer, struct lexer_token *token)
{
	struct report_place place = lexer->place;
	char *start = lexer->names;
	bool space = false;

	advance(lexer, 1);
	for (;;) {
		size_t len = 1;

		if (lexer->at == lexer->source.len) {
			report_error(lexer->report, place, report_format("these quotes are never closed"),
				     report_format("put \" at the end of the text"));
			return false;
		}
		if (peek(lexer, 0) == '"')
			break;
		if (is_blank(peek(lexer, 0))) {
			space = true;
			advance(lexer, 1);
			continue;
		}
		if (space && lexer->names > start)
			*lexer->names++ = ' ';
		space = false;
		character(lexer->source, lexer->at, &len);
		memcpy(lexer->names, lexer->source.data + lexer->at, len);
		lexer->names += len;
		advance(lexer, len);
	}
	advance(lexer, 1);
	token->kind = LEXER_NAME;
	token->text = (struct contracts_text){start, (size_t)(lexer->names - start)};
	if (token->text.len == 0) {
		report_error(lexer->report, place, report_format("there is nothing between the quotes"),
			     report_format("write a text"));
		return false;
	}
	return true;
}

static bool read_number(struct lexer *lexer, struct lexer_token *token)
{
	size_t len = 1;

	if (dates_looks_like(lexer->source.data + lexer->at, lexer->source.len - lexer->at)) {
		token->kind = LEXER_DATE;
		len = dates_read(lexer->source.data + lexer->at, lexer->source.len - lexer->at, &token->number, &token->day);
		if (len > 0 && !is_letter(peek(lexer, len)) && !is_digit(peek(lexer, len))) {
			token->text = take(lexer, len);
			return true;
		}
		report_error(lexer->report, lexer->place, report_format("this is no date"),
			     report_format("write a day as 2027-06-30 or 2027-06-30+02:00, an instant as "
					   "2027-06-30T12:00Z, from 1970 to 9999"));
		return false;
	}
	while (is_digit(peek(lexer, len)))
		len++;
	token->kind = LEXER_INTEGER;
	if (len > 18 || (len > 1 && peek(lexer, 0) == '0') || is_letter(peek(lexer, len))) {
		report_error(lexer->report, lexer->place, report_format("this is no number"),
			     report_format("write digits alone, at most 18, the first not 0, and a space behind them"));
		return false;
	}
	token->text = take(lexer, len);
	for (size_t i = 0; i < len; i++)
		token->number = token->number * 10 + (token->text.data[i] - '0');
	return true;
}

/* False: reported, and reading goes on behind it or not at all. */
static bool read_token(struct lexer *lexer, struct lexer_token *token)
{
	char c = peek(lexer, 0);
	size_t len = 1;

	*token = (struct lexer_token){.place = lexer->place};
	if (is_letter(c)) {
		read_word(lexer, token);
		return true;
	}
	if (c == '"')
		return read_name(lexer, token);
	if (is_digit(c))
		return read_number(lexer, token);
	if (c == ',' || c == '(' || c == ')' || c == '+' || c == '-' || c == '*') {
		token->kind = LEXER_SYMBOL;
		token->text = take(lexer, 1);
		return true;
	}
	character(lexer->source, lexer->at, &len);
	report_error(lexer->report, lexer->place,
		     report_format("\"%.*s\" means nothing in a contract", (int)len, lexer->source.data + lexer->at),
		     report_format("write words; texts stand in \" quotes, comments behind #"));
	return false;
}

enum contracts_code lexer_read(struct contracts_arena *arena, struct lexer_tokens *out, struct contracts_text source,
			       struct contracts_report *report)
{
	struct lexer lexer = {.source = source, .place = {1, 1}, .report = report};
	size_t room = source.len < CONTRACTS_TOKENS_MAX ? source.len : CONTRACTS_TOKENS_MAX;

	if (source.len > CONTRACTS_SOURCE_BYTES_MAX) {
		report_error(report, lexer.place, report_format("the contract has %zu bytes", source.len),
			     report_format("a contract has at most %d bytes", CONTRACTS_SOURCE_BYTES_MAX));
		return CONTRACTS_REFUSED;
	}
	lexer.list = arena_take(arena, room + 1, sizeof(*lexer.list));
	lexer.names = arena_take(arena, source.len + 1, 1);
	if (lexer.list == NULL || lexer.names == NULL)
		return CONTRACTS_MEMORY;
	if (!is_readable(&lexer))
		return CONTRACTS_REFUSED;
	for (skip_blanks(&lexer); lexer.at < source.len; skip_blanks(&lexer)) {
		if (lexer.count == CONTRACTS_TOKENS_MAX) {
			report_error(report, lexer.place, report_format("the contract has too many words"),
				     report_format("a contract has at most %d words, numbers, texts and signs",
						   CONTRACTS_TOKENS_MAX));
			return CONTRACTS_REFUSED;
		}
		if (!read_token(&lexer, &lexer.list[lexer.count]))
			return CONTRACTS_REFUSED;
		lexer.count++;
	}
	lexer.list[lexer.count] = (struct lexer_token){.kind = LEXER_END, .place = lexer.place};
	out->list = lexer.list;
	out->count = lexer.count;
	return CONTRACTS_OK;
}
