/* What parser.c (a contract's parts) and parser_condition.c (conditions) share. Internal to contracts/. */
#ifndef CONTRACTS_PARSER_H
#define CONTRACTS_PARSER_H

#include "contracts/arena.h"
#include "contracts/tree.h"

struct parser {
	struct contracts_arena *arena;
	struct contracts_report *report;
	const struct lexer_token *tokens;
	uint32_t at;
	unsigned depth;
	bool no_memory;
	bool of_event; /* in a tally or milestone */
};

const struct lexer_token *parser_token(const struct parser *parser);
bool parser_is(const struct parser *parser, uint32_t ahead, const char *word); /* a word or sign */
bool parser_accept(struct parser *parser, const char *word);
/* False: reported. */
bool parser_expect(struct parser *parser, const char *word, const char *where);
/* "X" stands where Y is expected. */
void parser_unexpected(struct parser *parser, const char *expected);
void *parser_take(struct parser *parser, size_t count, size_t size);
bool parser_elements(struct parser *parser, struct tree_list *out, const char *what);
/* NULL: reported, or no memory. */
struct tree_node *parser_condition(struct parser *parser);
struct tree_node *parser_term(struct parser *parser);
struct tree_node *parser_node(struct parser *parser, enum tree_kind kind);
/* "then ..." if it is there. notices: what is forbidden, or reached, brings no other obligation. */
bool parser_duties(struct parser *parser, struct tree_duties *out, bool notices, bool milestone);
/* "180 days"; months: a calendar duration. */
bool parser_duration(struct parser *parser, int64_t *out, bool *months);

#endif
