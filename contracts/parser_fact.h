/* Facts as they are written. Internal to contracts/. */
#ifndef CONTRACTS_PARSER_FACT_H
#define CONTRACTS_PARSER_FACT_H

#include "contracts/parser.h"

/* How many tokens the longest phrase of a fact at the place has; 0: there is none. */
uint32_t parser_fact(const struct parser *parser, unsigned *fact, bool *negated);
/* Reports that here is none, and what was probably meant. */
void parser_no_fact(const struct parser *parser);
/* Whether the word here would speak of treatments; then it is reported. */
bool parser_blinding(const struct parser *parser);

#endif
