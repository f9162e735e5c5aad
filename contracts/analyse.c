/* Clauses that can never match or decide, and what says nothing. */
#include "contracts/analyse.h"

#include <string.h>

struct looking {
	struct analyse analyse;
	const struct tree *tree;
	struct contracts_report *report;
	struct tree_node **formulas; /* of each clause: when it matches */
	bool *dead;                  /* it was reported */
};

/* ---- Formulas ------------------------------------------------------------- */

static struct tree_node *head_test(struct contracts_arena *arena, unsigned fact, struct contracts_codes codes)
{
	struct tree_node *node = arena_take(arena, 1, sizeof(*node));

	if (node == NULL || (node->elements = arena_take(arena, 1, sizeof(*node->elements))) == NULL)
		return NULL;
	node->kind = TREE_CODES;
	node->fact = (uint8_t)fact;
	node->elements->codes = codes;
	return node;
}

/* Uses, categories, purposes and condition of a clause as one truth. NULL: no memory. */
static struct tree_node *formula(struct contracts_arena *arena, const struct tree_clause *clause)
{
	struct tree_node *all = arena_take(arena, 1, sizeof(*all)), **last, *copy;

	if (all == NULL)
		return NULL;
	all->kind = TREE_AND;
	last = &all->child;
	if (clause->action_bits != 0) {
		if ((*last = head_test(arena, CONTRACTS_FACT_ACTION, (struct contracts_codes){{clause->action_bits}})) == NULL)
			return NULL;
		last = &(*last)->next;
	}
	if (clause->category_bits != 0) {
		if ((*last = head_test(arena, CONTRACTS_FACT_DATA_CATEGORY, (struct contracts_codes){{clause->category_bits}})) == NULL)
			return NULL;
		last = &(*last)->next;
	}
	if (!clause->any_purpose) {
		if ((*last = head_test(arena, CONTRACTS_FACT_PURPOSE, clause->purpose_codes)) == NULL)
			return NULL;
		last = &(*last)->next;
	}
	if (clause->when == NULL)
		return all;
	/* What is joined by "and" is joined with the head. */
	if (clause->when->kind == TREE_AND) {
		*last = clause->when->child;
		return all;
	}
	if ((copy = arena_take(arena, 1, sizeof(*copy))) == NULL)
		return NULL;
	*copy = *clause->when;
	copy->next = NULL;
	*last = copy;
	return all;
}

/* ---- Questions ------------------------------------------------------------ */

static bool can_match(struct looking *looking, size_t i)
{
	return !analyse_prepare(&looking->analyse, looking->formulas[i], NULL) ||
	       analyse_possible(&looking->analyse, looking->formulas[i], ANALYSE_TRUE, NULL, ANALYSE_ALL);
}

/* Whether clause i can match while clause k is one of these. */
static bool can_match_while(struct looking *looking, size_t i, size_t k, unsigned truths)
{
	return !analyse_prepare(&looking->analyse, looking->formulas[i], looking->formulas[k]) ||
	       analyse_possible(&looking->analyse, looking->formulas[i], ANALYSE_TRUE, looking->formulas[k], truths);
}

/* Whether clause i makes a difference beside clause k: it matches without it, or fails without it. */
static bool adds_to(struct looking *looking, size_t i, size_t k)
{
	return can_match_while(looking, i, k, ANALYSE_FALSE | ANALYSE_UNKNOWN) ||
	       analyse_possible(&looking->analyse, looking->formulas[i], ANALYSE_UNKNOWN, looking->formulas[k],
				ANALYSE_FALSE | ANALYSE_TRUE);
}

static bool is_spent(const struct looking *looking)
{
	return looking->analyse.all_steps > ANALYSE_ALL_STEPS_MAX;
}

static void never_matches(struct looking *looking)
{
	for (size_t i = 0; i < looking->tree->clauses_count && !is_spent(looking); i++) {
		const struct tree_clause *clause = &looking->tree->clauses[i];

		if (can_match(looking, i))
			continue;
		looking->dead[i] = true;
		report_error(looking->report, clause->place,
			     report_format("the clause \"%.*s\" can never match: its conditions exclude each other",
					   REPORT_TEXT(clause->name)),
			     report_format("change the condition, or remove the clause"));
	}
}

/* Words of k that could match whenever those of i do: quickly, before anything is searched. */
static bool may_contain(const struct tree_clause *i, const struct tree_clause *k)
{
	if ((k->action_bits != 0 && (i->action_bits == 0 || (i->action_bits & ~k->action_bits) != 0)) ||
	    (k->category_bits != 0 && i->category_bits != 0 && (i->category_bits & ~k->category_bits) != 0))
		return false;
	for (size_t w = 0; !k->any_purpose && !i->any_purpose && w < 4; w++)
		if ((i->purpose_codes.bits[w] & ~k->purpose_codes.bits[w]) != 0)
			return false;
	return true;
}

static void never_decides(struct looking *looking, size_t i, size_t k)
{
	const struct tree_clause *clause = &looking->tree->clauses[i], *other = &looking->tree->clauses[k];

	if (clause->effect == CONTRACTS_FORBIDS || other->effect == clause->effect || other->effect == CONTRACTS_PERMITS ||
	    looking->dead[k] || !may_contain(clause, other))
		return;
	/* Where the other is not known, the answer is a denial too. */
	if (can_match_while(looking, i, k, other->effect == CONTRACTS_FORBIDS ? ANALYSE_FALSE : ANALYSE_FALSE | ANALYSE_UNKNOWN))
		return;
	looking->dead[i] = true;
	if (other->effect == CONTRACTS_FORBIDS)
		report_error(looking->report, clause->place,
			     report_format("the clause \"%.*s\" can never decide: \"%.*s\" forbids whatever it %s",
					   REPORT_TEXT(clause->name), REPORT_TEXT(other->name),
					   clause->effect == CONTRACTS_PERMITS ? "permits" : "refers"),
			     report_format("narrow what is forbidden on line %u, or remove the clause", (unsigned)other->place.line));
	else
		report_warning(looking->report, clause->place,
			       report_format("the clause \"%.*s\" never decides: \"%.*s\" refers whatever it permits",
					     REPORT_TEXT(clause->name), REPORT_TEXT(other->name)),
			       report_format("narrow what is referred on line %u, or remove the clause",
					     (unsigned)other->place.line));
}

static bool same_duty(const struct contracts_obligation *a, const struct contracts_obligation *b)
{
	return a->duty == b->duty && a->due == b->due && a->time == b->time && a->role == b->role &&
	       tree_text_order(a->organisation, b->organisation) == 0;
}

static bool same_duties(const struct tree_duties *a, const struct tree_duties *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_duty(&a->list[i], &b->list[i]))
			return false;
	return true;
}

/* Of two that say the same, the later one says nothing. */
static void is_contained(struct looking *looking, size_t i, size_t k)
{
	const struct tree_clause *clause = &looking->tree->clauses[i], *other = &looking->tree->clauses[k];

	if (clause->effect != other->effect || looking->dead[i] || looking->dead[k] || !may_contain(clause, other) ||
	    !same_duties(&clause->duties, &other->duties) || adds_to(looking, i, k))
		return;
	if (clause->place.line < other->place.line && may_contain(other, clause) && !adds_to(looking, k, i))
		return;
	looking->dead[i] = true;
	report_warning(looking->report, clause->place,
		       report_format("\"%.*s\" says nothing that \"%.*s\" does not say", REPORT_TEXT(clause->name),
				     REPORT_TEXT(other->name)),
		       report_format("remove it, or give it its own condition or obligations"));
}

static void pairs(struct looking *looking, void (*question)(struct looking *, size_t, size_t))
{
	for (size_t i = 0; i < looking->tree->clauses_count; i++) {
		for (size_t k = 0; k < looking->tree->clauses_count && !looking->dead[i] && !is_spent(looking); k++) {
			looking->analyse.all_steps++;
			if (k != i)
				question(looking, i, k);
		}
	}
}

/* The last part of a clause that makes no difference if it is left out: of an "and" as if it were true, of an "or" as if
 * it were false. NULL: each does. */
static struct tree_node *idle_part(struct looking *looking, struct tree_node *whole, struct tree_node *node)
{
	unsigned left_out = node->kind == TREE_AND ? ANALYSE_TRUE : ANALYSE_FALSE;
	struct tree_node *idle = NULL, *found;

	for (struct tree_node *child = node->child; child != NULL && !is_spent(looking); child = child->next) {
		if (child->place.line == 0) /* a test of the head: it does not stand in the condition */
			continue;
		/* The clause can match; then so free a test alone can stop it. */
		if (node == whole && analyse_is_free(&looking->analyse, child))
			continue;
		if (node->kind != TREE_NOT && !analyse_matters(&looking->analyse, whole, child, left_out))
			idle = child;
		else if ((found = idle_part(looking, whole, child)) != NULL)
			idle = found;
	}
	return idle;
}

static void says_nothing(struct looking *looking)
{
	for (size_t i = 0; i < looking->tree->clauses_count && !is_spent(looking); i++) {
		struct tree_node *idle;

		if (looking->dead[i] || looking->tree->clauses[i].when == NULL ||
		    !analyse_prepare(&looking->analyse, looking->formulas[i], NULL) ||
		    (idle = idle_part(looking, looking->formulas[i], looking->formulas[i])) == NULL)
			continue;
		report_warning(looking->report, idle->place,
			       report_format("this part of the condition changes nothing: the rest decides without it"),
			       report_format("remove it, or say what was meant"));
	}
}

enum contracts_code tree_analyse(struct contracts_arena *arena, const struct tree *tree, struct contracts_report *report)
{
	struct looking *looking = arena_take(arena, 1, sizeof(*looking));

	if (looking == NULL)
		return CONTRACTS_MEMORY;
	looking->tree = tree;
	looking->report = report;
	looking->analyse.arena = arena;
	looking->analyse.atoms = arena_take(arena, ANALYSE_ATOMS_MAX, sizeof(looking->analyse.atoms[0]));
	looking->formulas = arena_take(arena, tree->clauses_count, sizeof(looking->formulas[0]));
	looking->dead = arena_take(arena, tree->clauses_count, sizeof(looking->dead[0]));
	if (looking->analyse.atoms == NULL || looking->formulas == NULL || looking->dead == NULL)
		return CONTRACTS_MEMORY;
	for (size_t i = 0; i < tree->clauses_count; i++)
		if ((looking->formulas[i] = formula(arena, &tree->clauses[i])) == NULL)
			return CONTRACTS_MEMORY;
	never_matches(looking);
	pairs(looking, never_decides);
	pairs(looking, is_contained);
	says_nothing(looking);
	if (is_spent(looking))
		report_warning(report, (struct report_place){1, 1},
			       report_format("the contract is too large to compare every clause with every other"),
			       report_format("look for clauses that never decide by hand, or write fewer"));
	return report->errors == 0 ? CONTRACTS_OK : CONTRACTS_REFUSED;
}
