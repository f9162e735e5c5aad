/* From bytes to tokens: docs/formats/contract.md, "Text". Internal to contracts/. */
#ifndef CONTRACTS_LEXER_H
#define CONTRACTS_LEXER_H

#include "contracts/report.h"

enum lexer_kind {
	LEXER_END, /* the last token */
	LEXER_WORD,
	LEXER_CODE,
	LEXER_NAME,    /* text: without quotes, blanks made one */
	LEXER_INTEGER, /* number */
	LEXER_DATE,    /* number: the instant, or the beginning of the day */
	LEXER_SYMBOL,  /* text: one character */
};
struct lexer_token {
	enum lexer_kind kind;
	bool day; /* LEXER_DATE: a day, not an instant */
	struct report_place place;
	struct contracts_text text; /* as it is in the source, but for names */
	int64_t number;
};
struct lexer_tokens {
	struct lexer_token *list; /* ends with LEXER_END */
	size_t count;             /* without it */
};
/* What is wrong is reported; out can be used if the answer is CONTRACTS_OK. */
enum contracts_code lexer_read(struct contracts_arena *arena, struct lexer_tokens *out, struct contracts_text source,
			       struct contracts_report *report);

#endif
