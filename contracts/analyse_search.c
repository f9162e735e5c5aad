/* Search over the values of variables; what is not assigned yet can be anything. */
#include "contracts/analyse.h"

static unsigned atom_truths(const struct analyse *analyse, const struct analyse_atom *atom)
{
	const struct analyse_variable *variables = analyse->variables;
	unsigned truths = 0, before = ANALYSE_ALL;
	bool any = false, all = true, any_may = false, all_may = true, only = true, only_may = true;

	if (atom->kind == ANALYSE_TABLE) {
		if (variables[atom->variable].value != ANALYSE_NO_VALUE)
			return atom->truth[variables[atom->variable].value];
		for (size_t i = 0; i < variables[atom->variable].values; i++)
			truths |= atom->truth[i];
		return truths;
	}
	if (atom->known < ANALYSE_VARIABLES_MAX) {
		if (variables[atom->known].value == 0)
			return ANALYSE_UNKNOWN;
		before = variables[atom->known].value == ANALYSE_NO_VALUE ? ANALYSE_UNKNOWN : 0;
	} else {
		before = 0;
	}
	for (size_t i = 0; i < atom->classes; i++) {
		uint8_t value = variables[atom->variable + i].value;
		bool open = value == ANALYSE_NO_VALUE;

		if (atom->inside[i]) {
			any = any || (!open && value != ANALYSE_NONE);
			any_may = any_may || open || value != ANALYSE_NONE;
			all = all && value == ANALYSE_WHOLE;
			all_may = all_may && (open || value == ANALYSE_WHOLE);
		} else {
			only = only && value == ANALYSE_NONE;
			only_may = only_may && (open || value == ANALYSE_NONE);
		}
	}
	if (atom->node->how == TREE_ANY)
		return before | (any ? ANALYSE_TRUE : any_may ? ANALYSE_TRUE | ANALYSE_FALSE : ANALYSE_FALSE);
	if (atom->node->how == TREE_ALL)
		return before | (all ? ANALYSE_TRUE : all_may ? ANALYSE_TRUE | ANALYSE_FALSE : ANALYSE_FALSE);
	return before | (only ? ANALYSE_TRUE : only_may ? ANALYSE_TRUE | ANALYSE_FALSE : ANALYSE_FALSE);
}

/* Kleene's and: false wins, then not known. */
static unsigned both(unsigned a, unsigned b)
{
	unsigned out = (a | b) & ANALYSE_FALSE;

	if ((a & b & ANALYSE_TRUE) != 0)
		out |= ANALYSE_TRUE;
	if (((a & ANALYSE_UNKNOWN) != 0 && (b & (ANALYSE_TRUE | ANALYSE_UNKNOWN)) != 0) ||
	    ((b & ANALYSE_UNKNOWN) != 0 && (a & (ANALYSE_TRUE | ANALYSE_UNKNOWN)) != 0))
		out |= ANALYSE_UNKNOWN;
	return out;
}

static unsigned opposite(unsigned a)
{
	return (a & ANALYSE_UNKNOWN) | ((a & ANALYSE_TRUE) != 0 ? ANALYSE_FALSE : 0) |
	       ((a & ANALYSE_FALSE) != 0 ? ANALYSE_TRUE : 0);
}

static unsigned truths_of(struct analyse *analyse, const struct tree_node *node, bool forced)
{
	unsigned out;

	analyse->steps++;
	if (forced && node->forced != 0)
		return node->forced;
	if (node->kind == TREE_NOT)
		return opposite(truths_of(analyse, node->child, forced));
	if (node->kind != TREE_AND && node->kind != TREE_OR) {
		const struct analyse_atom *atom = &analyse->atoms[node->atom];

		analyse->steps += atom->kind == ANALYSE_CLASSES ? atom->classes : 1;
		return atom_truths(analyse, atom);
	}
	out = ANALYSE_TRUE;
	/* What is false remains so. */
	for (const struct tree_node *child = node->child; child != NULL && out != ANALYSE_FALSE; child = child->next) {
		unsigned truths = truths_of(analyse, child, forced);

		out = both(out, node->kind == TREE_AND ? truths : opposite(truths));
	}
	return node->kind == TREE_AND ? out : opposite(out);
}

bool analyse_is_free(const struct analyse *analyse, const struct tree_node *node)
{
	const struct analyse_atom *atom;
	unsigned truths = 0;

	while (node->kind == TREE_NOT)
		node = node->child;
	if (node->kind == TREE_AND || node->kind == TREE_OR)
		return false;
	atom = &analyse->atoms[node->atom];
	if (atom->kind != ANALYSE_TABLE)
		return false;
	for (size_t i = 0; i < analyse->atoms_count; i++)
		if (&analyse->atoms[i] != atom && analyse->atoms[i].kind == ANALYSE_TABLE && analyse->atoms[i].variable == atom->variable)
			return false;
	for (size_t i = 0; i < analyse->variables[atom->variable].values; i++)
		truths |= atom->truth[i];
	return (truths & ANALYSE_TRUE) != 0 && (truths & ANALYSE_FALSE) != 0;
}

struct question {
	const struct tree_node *a, *b;
	unsigned a_mask, b_mask;
	bool difference; /* a is one thing, and a with what is forced another */
};

enum answer { NO, YES, OPEN };

static enum answer answer_now(struct analyse *analyse, const struct question *question)
{
	unsigned a = truths_of(analyse, question->a, false), b;

	if (question->difference) {
		b = truths_of(analyse, question->a, true);
		if ((a & b) == 0)
			return YES;
		return a == b && (a & (a - 1)) == 0 ? NO : OPEN;
	}
	if ((a & question->a_mask) == 0)
		return NO;
	b = question->b == NULL ? question->b_mask : truths_of(analyse, question->b, false);
	if ((b & question->b_mask) == 0)
		return NO;
	return (a & ~question->a_mask) == 0 && (b & ~question->b_mask) == 0 ? YES : OPEN;
}

/* Depth first, without recursion: variables from the first on have values. */
static bool search(struct analyse *analyse, const struct question *question)
{
	size_t depth = 0;
	enum answer answer;

	for (size_t i = 0; i < analyse->variables_count; i++)
		analyse->variables[i].value = ANALYSE_NO_VALUE;
	analyse->steps = 0;
	answer = answer_now(analyse, question);
	for (;;) {
		if (answer == YES || analyse->steps > ANALYSE_STEPS_MAX)
			break;
		if (answer == OPEN && depth < analyse->variables_count) {
			analyse->variables[depth++].value = 0;
		} else {
			while (depth > 0 && analyse->variables[depth - 1].value + 1 == analyse->variables[depth - 1].values)
				analyse->variables[--depth].value = ANALYSE_NO_VALUE;
			if (depth == 0)
				break;
			analyse->variables[depth - 1].value++;
		}
		answer = answer_now(analyse, question);
	}
	analyse->all_steps += analyse->steps;
	return answer == YES || analyse->steps > ANALYSE_STEPS_MAX;
}

bool analyse_possible(struct analyse *analyse, const struct tree_node *a, unsigned a_mask, const struct tree_node *b,
		      unsigned b_mask)
{
	struct question question = {.a = a, .b = b, .a_mask = a_mask, .b_mask = b_mask};

	return search(analyse, &question);
}

bool analyse_matters(struct analyse *analyse, const struct tree_node *a, struct tree_node *node, unsigned truth)
{
	struct question question = {.a = a, .difference = true};
	bool matters;

	node->forced = (uint8_t)truth;
	matters = search(analyse, &question);
	node->forced = 0;
	return matters;
}
