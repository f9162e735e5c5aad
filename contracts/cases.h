/* What cases_read.c (what a case states) and cases.c (what is expected) share. Internal to contracts/. */
#ifndef CONTRACTS_CASES_H
#define CONTRACTS_CASES_H

#include "contracts/check.h"
#include "contracts/parser_fact.h"

struct cases_state {
	struct contracts_facts now, permit;
	bool of_permit[CONTRACTS_FACT_COUNT]; /* said as of the permit; others are as they are now */
	struct contracts_tally_value tallies[CONTRACTS_TALLIES_MAX];
};
struct cases {
	struct parser parser;
	struct check check; /* for lists: a tree of tokens alone, without sets */
	struct tree tree;
	const struct contracts_program *program;
	struct contracts_cases *out;
	struct cases_state given, state; /* what holds for the cases that follow; for this one */
};

/* False: reported, or no memory. */
bool cases_states(struct cases *cases, struct cases_state *state);

#endif
