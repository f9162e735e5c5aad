/* The checks of a contract as a whole: names, lists, tallies. Types of conditions were checked as they were read. */
#include "contracts/check.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(struct contracts_text a, struct contracts_text b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* ---- Purposes ------------------------------------------------------------- */

static bool has(const struct contracts_codes *codes, unsigned number)
{
	return (codes->bits[number / 64] >> (number % 64) & 1) != 0;
}

/* All purposes that one of these covers; with wider, also those that cover one of these. */
static struct contracts_codes closure(const struct contracts_codes *codes, bool wider)
{
	const struct tables_list *list = &tables_lists[CONTRACTS_PURPOSES];
	struct contracts_codes out = {{0}};

	for (size_t g = 0; g < list->count; g++) {
		unsigned given = list->codes[g].number;

		if (!has(codes, given))
			continue;
		for (size_t a = 0; a < list->count; a++) {
			unsigned asked = list->codes[a].number;

			if (contracts_purpose_covers(given, asked) || (wider && contracts_purpose_covers(asked, given)))
				out.bits[asked / 64] |= UINT64_C(1) << (asked % 64);
		}
	}
	return out;
}

/* ---- Conditions ----------------------------------------------------------- */

static int find_tally(const struct check *check, struct contracts_text name)
{
	for (size_t i = 0; i < check->tree->tallies_count; i++)
		if (same_text(check->tree->tallies[i].name, name))
			return (int)i;
	return -1;
}

/* The tally of that name, which counts the group. -1: reported. */
static int named_tally(struct check *check, struct contracts_text name, enum contracts_by group, struct report_place place)
{
	static const char *const groups[] = {"", "site", "participant"};
	struct report_nearest nearest = report_nearest(name);
	char names[CONTRACTS_TALLIES_MAX][CONTRACTS_NAME_BYTES_MAX + 1];
	int at = find_tally(check, name);

	if (at < 0) {
		for (size_t i = 0; i < check->tree->tallies_count; i++) {
			struct contracts_text other = check->tree->tallies[i].name;

			if (other.len > 0)
				memcpy(names[i], other.data, other.len);
			names[i][other.len] = '\0';
			report_offer(&nearest, names[i]);
		}
		report_error(check->report, place, report_format("there is no tally \"%.*s\"", REPORT_TEXT(name)),
			     nearest.best != NULL ? report_format("\"%s\" is one", nearest.best)
						  : report_format("write one: tally \"%.*s\" count enrolments", REPORT_TEXT(name)));
		return -1;
	}
	if (group != CONTRACTS_BY_STUDY && check->tree->tallies[at].by != group) {
		report_error(check->report, place,
			     report_format("the tally \"%.*s\" does not count by %s", REPORT_TEXT(name), groups[group]),
			     report_format("let it count \"by %s\", or ask for the study's count", groups[group]));
		return -1;
	}
	check->tree->tallies[at].used = true;
	return at;
}

static bool in_list(struct check *check, struct tree_node *node)
{
	const struct tables_fact *fact = &tables_facts[node->fact];
	struct tree_domain domain = {.texts = node->kind == TREE_TEXTS, .list = fact->list, .sort = fact->sort};

	if ((node->elements = arena_take(check->arena, 1, sizeof(*node->elements))) == NULL) {
		check->no_memory = true;
		return false;
	}
	if (!check_list(check, domain, node->list, node->elements))
		return false;
	if (node->kind == TREE_CODES && node->fact == CONTRACTS_FACT_PURPOSE)
		node->elements->codes = closure(&node->elements->codes, false);
	return true;
}

static bool in_tally(struct check *check, struct tree_node *node, bool tallies)
{
	const struct lexer_token *token = &check->tree->tokens.list[node->tally];
	int at;

	/* Two comparisons may share a value ("is on"). */
	if (node->stage == TREE_RESOLVED)
		return true;
	if (!tallies) {
		report_error(check->report, node->place, report_format("a tally counts by another tally"),
			     report_format("let it count events; a milestone may look at several tallies"));
		return false;
	}
	if ((at = named_tally(check, token->text, node->group, token->place)) < 0)
		return false;
	node->tally = (uint32_t)at;
	node->stage = TREE_RESOLVED;
	return true;
}

static bool in_values(struct check *check, struct tree_node *node, bool tallies)
{
	if (node->kind == TREE_TALLY)
		return in_tally(check, node, tallies);
	return (node->left == NULL || in_values(check, node->left, tallies)) &&
	       (node->right == NULL || in_values(check, node->right, tallies));
}

static bool in_condition(struct check *check, struct tree_node *node, bool tallies)
{
	bool good = true;

	if (node == NULL)
		return true;
	switch (node->kind) {
	case TREE_AND:
	case TREE_OR:
	case TREE_NOT:
		for (struct tree_node *child = node->child; child != NULL; child = child->next)
			good = in_condition(check, child, tallies) && good;
		return good;
	case TREE_CODES:
	case TREE_TEXTS:
		return in_list(check, node);
	case TREE_TRUTH:
	case TREE_KNOWN:
	case TREE_SAME:
	case TREE_AMONG:
		return true;
	case TREE_BEFORE:
	case TREE_EQUAL:
	case TREE_LESS:
	case TREE_MORE:
	case TREE_AT_MOST:
	case TREE_AT_LEAST:
	case TREE_FACT:
	case TREE_COUNT:
	case TREE_NUMBER:
	case TREE_MONTHS:
	case TREE_DATE:
	case TREE_TALLY:
	case TREE_ADD:
	case TREE_SUB:
	case TREE_MUL:
		break;
	}
	return in_values(check, node, tallies);
}

/* ---- Parts ---------------------------------------------------------------- */

static void in_clause(struct check *check, struct tree_clause *clause)
{
	struct tree_elements found;

	if (clause->actions.count > 0 &&
	    check_list(check, (struct tree_domain){.list = CONTRACTS_ACTIONS}, clause->actions, &found))
		clause->action_bits = (uint32_t)found.codes.bits[0];
	if (clause->categories.count > 0 &&
	    check_list(check, (struct tree_domain){.list = CONTRACTS_CATEGORIES}, clause->categories, &found))
		clause->category_bits = (uint32_t)found.codes.bits[0];
	clause->any_purpose = clause->purposes.count == 0;
	if (!clause->any_purpose &&
	    check_list(check, (struct tree_domain){.list = CONTRACTS_PURPOSES}, clause->purposes, &found))
		clause->purpose_codes = closure(&found.codes, clause->effect != CONTRACTS_PERMITS);
	in_condition(check, clause->when, true);
}

#define DOSES 5

static void in_tally_part(struct check *check, struct tree_tally *tally)
{
	struct tree_elements found;

	if (check_list(check, (struct tree_domain){.list = CONTRACTS_EVENTS}, tally->events, &found))
		tally->event_bits = (uint32_t)found.codes.bits[0];
	if (tally->by == CONTRACTS_BY_PARTICIPANT && (tally->event_bits >> DOSES & 1) != 0)
		report_error(check->report, tally->place,
			     report_format("the number of a participant's doses could tell who gets which treatment"),
			     report_format("count doses by site, or in the whole study"));
	in_condition(check, tally->when, false);
}

static void in_milestone(struct check *check, struct tree_milestone *milestone)
{
	int at = named_tally(check, milestone->tally_name, milestone->group, milestone->tally_place);

	milestone->tally = at < 0 ? 0 : (uint32_t)at;
	in_condition(check, milestone->when, true);
}

static void twice(struct check *check, const char *what, struct contracts_text name, struct report_place place,
		  struct report_place first)
{
	report_error(check->report, place, report_format("there is a %s \"%.*s\" already", what, REPORT_TEXT(name)),
		     report_format("take another name; the first is on line %u", (unsigned)first.line));
}

static int order_places(struct report_place a, struct report_place b)
{
	return a.line != b.line ? (a.line > b.line) - (a.line < b.line) : (a.column > b.column) - (a.column < b.column);
}

#define BY_NAME(type)                                                                                                  \
	static int order_##type(const void *a, const void *b)                                                          \
	{                                                                                                              \
		const struct tree_##type *x = a, *y = b;                                                               \
		int order = tree_text_order(x->name, y->name);                                                         \
		return order != 0 ? order : order_places(x->place, y->place);                                          \
	}
BY_NAME(clause)
BY_NAME(tally)
BY_NAME(milestone)

/* By name, so that no order in the source matters; of equal ones the first in the source comes first. */
static void sort_parts(struct check *check)
{
	struct tree *tree = check->tree;

	qsort(tree->clauses, tree->clauses_count, sizeof(tree->clauses[0]), order_clause);
	qsort(tree->tallies, tree->tallies_count, sizeof(tree->tallies[0]), order_tally);
	qsort(tree->milestones, tree->milestones_count, sizeof(tree->milestones[0]), order_milestone);
	for (size_t i = 1; i < tree->clauses_count; i++)
		if (same_text(tree->clauses[i].name, tree->clauses[i - 1].name))
			twice(check, "clause", tree->clauses[i].name, tree->clauses[i].place, tree->clauses[i - 1].place);
	for (size_t i = 1; i < tree->tallies_count; i++)
		if (same_text(tree->tallies[i].name, tree->tallies[i - 1].name))
			twice(check, "tally", tree->tallies[i].name, tree->tallies[i].place, tree->tallies[i - 1].place);
	for (size_t i = 1; i < tree->milestones_count; i++)
		if (same_text(tree->milestones[i].name, tree->milestones[i - 1].name))
			twice(check, "milestone", tree->milestones[i].name, tree->milestones[i].place,
			      tree->milestones[i - 1].place);
}

/* ---- What nobody uses ----------------------------------------------------- */

static void renumber(struct tree_node *node, const uint32_t *numbers)
{
	if (node == NULL)
		return;
	if (node->kind == TREE_TALLY && node->stage != TREE_NUMBERED) {
		node->tally = numbers[node->tally];
		node->stage = TREE_NUMBERED;
	}
	renumber(node->left, numbers);
	renumber(node->right, numbers);
	for (struct tree_node *child = node->child; child != NULL; child = child->next)
		renumber(child, numbers);
}

static void drop_unused(struct check *check)
{
	struct tree *tree = check->tree;
	uint32_t numbers[CONTRACTS_TALLIES_MAX] = {0}, count = 0;

	for (size_t i = 0; i < tree->sets_count; i++)
		if (!tree->sets[i].used)
			report_warning(check->report, tree->sets[i].place,
				       report_format("nothing uses the set \"%.*s\"", REPORT_TEXT(tree->sets[i].name)),
				       report_format("remove it, or use it"));
	for (uint32_t i = 0; i < tree->tallies_count; i++) {
		if (!tree->tallies[i].used) {
			report_warning(check->report, tree->tallies[i].place,
				       report_format("nothing uses the tally \"%.*s\"", REPORT_TEXT(tree->tallies[i].name)),
				       report_format("remove it, or write a milestone or condition that uses it"));
			continue;
		}
		numbers[i] = count;
		tree->tallies[count++] = tree->tallies[i];
	}
	tree->tallies_count = count;
	for (size_t i = 0; i < tree->clauses_count; i++)
		renumber(tree->clauses[i].when, numbers);
	for (size_t i = 0; i < tree->milestones_count; i++) {
		tree->milestones[i].tally = numbers[tree->milestones[i].tally];
		renumber(tree->milestones[i].when, numbers);
	}
}

/* Whether a condition asks for what lets data of people be used at all. */
static bool asks_for_ground(const struct tree_node *node)
{
	if (node == NULL)
		return false;
	if (node->kind != TREE_AND && node->kind != TREE_OR && node->kind != TREE_NOT)
		return node->fact == CONTRACTS_FACT_CONSENT_COVERS || node->fact == CONTRACTS_FACT_CONSENT_GROUND ||
		       node->fact == CONTRACTS_FACT_OBJECTION_COVERS || node->fact == CONTRACTS_FACT_LEGAL_BASIS ||
		       node->fact == CONTRACTS_FACT_STUDY_LEGAL_BASIS || node->fact == CONTRACTS_FACT_DATA_OF_PARTICIPANT;
	for (const struct tree_node *child = node->child; child != NULL; child = child->next)
		if (asks_for_ground(child))
			return true;
	return false;
}

#define NOT_OF_PEOPLE (1u << 10 | 1u << 11 | 1u << 12) /* model, synthetic, administrative */

static void ask_for_grounds(struct check *check)
{
	for (size_t i = 0; i < check->tree->clauses_count; i++) {
		const struct tree_clause *clause = &check->tree->clauses[i];

		if (clause->effect != CONTRACTS_PERMITS || asks_for_ground(clause->when) ||
		    (clause->category_bits != 0 && (clause->category_bits & ~NOT_OF_PEOPLE) == 0))
			continue;
		report_warning(check->report, clause->place,
			       report_format("\"%.*s\" permits whether or not the participant consents", REPORT_TEXT(clause->name)),
			       report_format("say \"consent covers this use\", or on which legal basis"));
	}
}

enum contracts_code tree_check(struct contracts_arena *arena, struct tree *tree, struct contracts_report *report)
{
	struct check check = {.arena = arena, .report = report, .tree = tree};

	sort_parts(&check);
	check_sets(&check);
	for (size_t i = 0; i < tree->clauses_count; i++)
		in_clause(&check, &tree->clauses[i]);
	for (size_t i = 0; i < tree->tallies_count; i++)
		in_tally_part(&check, &tree->tallies[i]);
	for (size_t i = 0; i < tree->milestones_count; i++)
		in_milestone(&check, &tree->milestones[i]);
	if (check.no_memory)
		return CONTRACTS_MEMORY;
	if (report->errors > 0)
		return CONTRACTS_REFUSED;
	drop_unused(&check);
	ask_for_grounds(&check);
	return CONTRACTS_OK;
}
