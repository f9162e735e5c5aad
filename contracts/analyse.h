/* Finite abstraction of conditions: tests become atoms over variables with few values each, so that "can this be true
 * while that is not" is a search. analyse.c asks; analyse_atoms.c makes atoms and variables; analyse_search.c searches.
 * docs/formats/contract.md, "What the compiler finds". Internal to contracts/. */
#ifndef CONTRACTS_ANALYSE_H
#define CONTRACTS_ANALYSE_H

#include "contracts/arena.h"
#include "contracts/tree.h"

/* What a truth can be, a bit each. */
#define ANALYSE_FALSE 1u
#define ANALYSE_TRUE 2u
#define ANALYSE_UNKNOWN 4u
#define ANALYSE_ALL 7u

#define ANALYSE_ATOMS_MAX 256
#define ANALYSE_VARIABLES_MAX 512
#define ANALYSE_VALUES_MAX 128
#define ANALYSE_NO_VALUE 0xff
#define ANALYSE_STEPS_MAX 100000         /* of one question */
#define ANALYSE_ALL_STEPS_MAX 10000000   /* of a contract */

struct analyse_variable {
	uint8_t values; /* how many it has */
	uint8_t value;  /* or ANALYSE_NO_VALUE */
};
/* The elements of a fact that is several: none of a class, some, or all of it. */
enum analyse_class { ANALYSE_NONE, ANALYSE_WHOLE, ANALYSE_SOME };
enum analyse_kind {
	ANALYSE_TABLE,   /* one variable: truth by its value */
	ANALYSE_CLASSES, /* a variable for each class, and perhaps one that says whether the fact is known */
};
struct analyse_atom {
	const struct tree_node *node;
	enum analyse_kind kind;
	uint16_t variable;                       /* TABLE: it; CLASSES: the first class */
	uint16_t classes;
	uint16_t known;                          /* CLASSES: variable; ANALYSE_VARIABLES_MAX: always known */
	uint8_t truth[ANALYSE_VALUES_MAX];       /* TABLE */
	bool inside[CONTRACTS_SET_MAX];          /* CLASSES: whether the class is among the constants */
};
struct analyse {
	struct contracts_arena *arena;
	struct analyse_atom *atoms;
	size_t atoms_count;
	struct analyse_variable variables[ANALYSE_VARIABLES_MAX];
	size_t variables_count;
	uint64_t steps, all_steps; /* of this question, and of all so far */
};

/* Atoms and variables of a formula or two (b NULL: of one). False: they are too large to be compared. */
bool analyse_prepare(struct analyse *analyse, struct tree_node *a, struct tree_node *b);
/* Whether the prepared formulas can have such truths at once (masks; b NULL: a alone). True also where the search ends
 * undecided. */
bool analyse_possible(struct analyse *analyse, const struct tree_node *a, unsigned a_mask, const struct tree_node *b,
		      unsigned b_mask);
/* Whether a test can be true and false whatever the other tests are: it is the only one of its variable. (Tests of a fact
 * that is several share a variable in other ways: of them it is not said.) */
bool analyse_is_free(const struct analyse *analyse, const struct tree_node *node);
/* Whether it makes a difference to a that node, a part of it, is taken for this truth. */
bool analyse_matters(struct analyse *analyse, const struct tree_node *a, struct tree_node *node, unsigned truth);

#endif
