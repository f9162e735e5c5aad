/* Atoms and variables. Tests of the same fact against constants share a variable, whose values are the classes that
 * the constants leave: numbers of codes that no test tells apart, texts that are named and one for all others, the
 * spans between numbers or dates, and "not known". Any other test is a variable of its own. */
#include "contracts/analyse.h"

#include <string.h>

#define UNBUILT UINT16_MAX

static bool same_elements(const struct tree_elements *a, const struct tree_elements *b)
{
	if (a == b)
		return true;
	if (memcmp(&a->codes, &b->codes, sizeof(a->codes)) != 0 || a->texts_count != b->texts_count)
		return false;
	for (size_t i = 0; i < a->texts_count; i++)
		if (tree_text_order(a->texts[i], b->texts[i]) != 0)
			return false;
	return true;
}

/* Word for word the same test or value. */
static bool same(const struct tree_node *a, const struct tree_node *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->kind != b->kind || a->how != b->how || a->permit != b->permit || a->group != b->group || a->fact != b->fact ||
	    a->other != b->other || a->number != b->number || (a->kind == TREE_TALLY && a->tally != b->tally) ||
	    (a->elements == NULL) != (b->elements == NULL))
		return false;
	if (a->elements != NULL && !same_elements(a->elements, b->elements))
		return false;
	return same(a->left, b->left) && same(a->right, b->right);
}

/* ---- Which tests share a variable ----------------------------------------- */

enum group { OPAQUE, TRUTH, CODE, CODES, TEXT, TEXTS, NUMBER, DATE };

static bool is_variable(const struct tree_node *node)
{
	return node->kind == TREE_FACT || node->kind == TREE_COUNT || node->kind == TREE_TALLY;
}

static enum group group_of_fact(const struct tree_node *node)
{
	switch (tables_facts[node->fact].type) {
	case CONTRACTS_BOOL:
		return TRUTH;
	case CONTRACTS_INTEGER:
	case CONTRACTS_DURATION:
		return NUMBER;
	case CONTRACTS_DATE:
		return DATE;
	case CONTRACTS_CODE:
		return CODE;
	case CONTRACTS_CODE_SET:
		return CODES;
	case CONTRACTS_TEXT:
		return TEXT;
	case CONTRACTS_TEXT_SET:
		return TEXTS;
	}
	return OPAQUE;
}

/* *subject: the node that names the variable. */
static enum group group_of(const struct tree_node *test, const struct tree_node **subject)
{
	enum tree_kind constant = test->kind == TREE_BEFORE ? TREE_DATE : TREE_NUMBER;

	*subject = test;
	switch (test->kind) {
	case TREE_TRUTH:
	case TREE_KNOWN:
	case TREE_CODES:
	case TREE_TEXTS:
		return group_of_fact(test);
	case TREE_EQUAL:
	case TREE_LESS:
	case TREE_MORE:
	case TREE_AT_MOST:
	case TREE_AT_LEAST:
	case TREE_BEFORE:
		if (is_variable(test->left) && test->right->kind == constant)
			*subject = test->left;
		else if (is_variable(test->right) && test->left->kind == constant)
			*subject = test->right;
		else
			return OPAQUE;
		return test->kind == TREE_BEFORE ? DATE : NUMBER;
	case TREE_SAME:
	case TREE_AMONG:
	case TREE_AND:
	case TREE_OR:
	case TREE_NOT:
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
	return OPAQUE;
}

static bool same_variable(const struct tree_node *a, const struct tree_node *b)
{
	const struct tree_node *x, *y;
	enum group group = group_of(a, &x);

	if (group == OPAQUE || group_of(b, &y) != group || x->permit != y->permit || (x->kind == TREE_COUNT) != (y->kind == TREE_COUNT) ||
	    (x->kind == TREE_TALLY) != (y->kind == TREE_TALLY))
		return false;
	return x->kind == TREE_TALLY ? x->tally == y->tally && x->group == y->group : x->fact == y->fact;
}

/* ---- Making variables ----------------------------------------------------- */

struct members { /* atoms of one variable */
	struct analyse_atom *list[ANALYSE_ATOMS_MAX];
	size_t count;
	bool always; /* the fact is always known */
};

static uint16_t new_variable(struct analyse *analyse, size_t values)
{
	if (values == 0 || values > ANALYSE_VALUES_MAX || analyse->variables_count == ANALYSE_VARIABLES_MAX)
		return UNBUILT;
	analyse->variables[analyse->variables_count] = (struct analyse_variable){(uint8_t)values, ANALYSE_NO_VALUE};
	return (uint16_t)analyse->variables_count++;
}

static uint8_t truth(bool is)
{
	return is ? ANALYSE_TRUE : ANALYSE_FALSE;
}

/* Tables are filled for `values` values; the fact may be not known as well. */
static bool close_table(struct analyse *analyse, struct members *members, size_t values)
{
	uint16_t variable;

	if (!members->always) {
		for (size_t i = 0; values < ANALYSE_VALUES_MAX && i < members->count; i++)
			members->list[i]->truth[values] =
				members->list[i]->node->kind == TREE_KNOWN ? ANALYSE_FALSE : ANALYSE_UNKNOWN;
		values++;
	}
	variable = new_variable(analyse, values);
	for (size_t i = 0; i < members->count; i++) {
		members->list[i]->kind = ANALYSE_TABLE;
		members->list[i]->variable = variable;
	}
	return variable != UNBUILT;
}

static bool make_truth(struct analyse *analyse, struct members *members)
{
	for (size_t i = 0; i < members->count; i++) {
		members->list[i]->truth[0] = ANALYSE_FALSE;
		members->list[i]->truth[1] = ANALYSE_TRUE;
	}
	return close_table(analyse, members, 2);
}

static bool has(const struct tree_node *node, unsigned number)
{
	return (node->elements->codes.bits[number / 64] >> (number % 64) & 1) != 0;
}

static bool same_class(const struct members *members, unsigned a, unsigned b)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->list[i]->node->kind == TREE_CODES && has(members->list[i]->node, a) != has(members->list[i]->node, b))
			return false;
	return true;
}

/* Classes of a list's numbers: one of each, and whether there are more. Returns how many; 0: too many. */
static size_t code_classes(const struct members *members, enum contracts_list list, uint8_t first[ANALYSE_VALUES_MAX],
			   bool more[ANALYSE_VALUES_MAX])
{
	size_t count = 0, i;

	for (size_t code = 0; code < tables_lists[list].count; code++) {
		uint8_t number = tables_lists[list].codes[code].number;

		for (i = 0; i < count && !same_class(members, first[i], number); i++)
			;
		if (i < count) {
			more[i] = true;
			continue;
		}
		if (count == ANALYSE_VALUES_MAX)
			return 0;
		more[count] = false;
		first[count++] = number;
	}
	return count;
}

static bool make_code(struct analyse *analyse, struct members *members)
{
	uint8_t first[ANALYSE_VALUES_MAX];
	bool more[ANALYSE_VALUES_MAX];
	size_t classes = code_classes(members, tables_facts[members->list[0]->node->fact].list, first, more);

	for (size_t i = 0; i < members->count; i++)
		for (size_t k = 0; k < classes; k++)
			members->list[i]->truth[k] = members->list[i]->node->kind == TREE_KNOWN ? ANALYSE_TRUE
												 : truth(has(members->list[i]->node, first[k]));
	return classes > 0 && close_table(analyse, members, classes);
}

/* Texts that tests name, each once. Returns how many; SIZE_MAX: too many. */
static size_t named_texts(const struct members *members, struct contracts_text out[ANALYSE_VALUES_MAX])
{
	size_t count = 0, k;

	for (size_t i = 0; i < members->count; i++) {
		const struct tree_elements *elements = members->list[i]->node->elements;

		for (size_t t = 0; elements != NULL && t < elements->texts_count; t++) {
			for (k = 0; k < count && tree_text_order(out[k], elements->texts[t]) != 0; k++)
				;
			if (k < count)
				continue;
			if (count == ANALYSE_VALUES_MAX)
				return SIZE_MAX;
			out[count++] = elements->texts[t];
		}
	}
	return count;
}

static bool names(const struct tree_node *node, struct contracts_text text)
{
	for (size_t i = 0; i < node->elements->texts_count; i++)
		if (tree_text_order(node->elements->texts[i], text) == 0)
			return true;
	return false;
}

static bool make_text(struct analyse *analyse, struct members *members)
{
	struct contracts_text texts[ANALYSE_VALUES_MAX];
	size_t count = named_texts(members, texts);

	if (count >= ANALYSE_VALUES_MAX)
		return false;
	/* The last value is every text that is not named. */
	for (size_t i = 0; i < members->count; i++)
		for (size_t k = 0; k <= count; k++)
			members->list[i]->truth[k] = members->list[i]->node->kind == TREE_KNOWN
							     ? ANALYSE_TRUE
							     : truth(k < count && names(members->list[i]->node, texts[k]));
	return close_table(analyse, members, count + 1);
}

/* A variable for each class: ANALYSE_NONE, ANALYSE_WHOLE, ANALYSE_SOME. */
static bool class_variables(struct analyse *analyse, struct members *members, size_t count, const size_t values[],
			    bool (*inside)(const struct tree_node *node, const void *arg, size_t class), const void *arg)
{
	uint16_t known = ANALYSE_VARIABLES_MAX, first = UNBUILT, variable;

	if (!members->always && (known = new_variable(analyse, 2)) == UNBUILT)
		return false;
	for (size_t k = 0; k < count; k++) {
		if ((variable = new_variable(analyse, values[k])) == UNBUILT)
			return false;
		first = k == 0 ? variable : first;
	}
	for (size_t i = 0; i < members->count; i++) {
		struct analyse_atom *atom = members->list[i];

		if (atom->node->kind == TREE_KNOWN) {
			atom->kind = ANALYSE_TABLE;
			atom->variable = members->always ? first : known;
			atom->truth[0] = members->always ? ANALYSE_TRUE : ANALYSE_FALSE;
			atom->truth[1] = atom->truth[2] = ANALYSE_TRUE;
			continue;
		}
		atom->kind = ANALYSE_CLASSES;
		atom->variable = first;
		atom->classes = (uint16_t)count;
		atom->known = known;
		for (size_t k = 0; k < count; k++)
			atom->inside[k] = inside(atom->node, arg, k);
	}
	return true;
}

static bool code_inside(const struct tree_node *node, const void *arg, size_t class)
{
	const uint8_t *first = arg;

	return has(node, first[class]);
}

static bool make_codes(struct analyse *analyse, struct members *members)
{
	uint8_t first[ANALYSE_VALUES_MAX];
	bool more[ANALYSE_VALUES_MAX];
	size_t values[ANALYSE_VALUES_MAX];
	size_t count = code_classes(members, tables_facts[members->list[0]->node->fact].list, first, more);

	for (size_t k = 0; k < count; k++)
		values[k] = more[k] ? 3 : 2;
	return count > 0 && class_variables(analyse, members, count, values, code_inside, first);
}

struct naming {
	struct contracts_text texts[ANALYSE_VALUES_MAX];
	size_t count;
};

static bool text_inside(const struct tree_node *node, const void *arg, size_t class)
{
	const struct naming *naming = arg;

	return class < naming->count && names(node, naming->texts[class]);
}

static bool make_texts(struct analyse *analyse, struct members *members)
{
	struct naming naming;
	size_t values[ANALYSE_VALUES_MAX];

	naming.count = named_texts(members, naming.texts);
	if (naming.count >= ANALYSE_VALUES_MAX)
		return false;
	for (size_t k = 0; k <= naming.count; k++)
		values[k] = 2;
	return class_variables(analyse, members, naming.count + 1, values, text_inside, &naming);
}

/* ---- Numbers and dates ---------------------------------------------------- */

struct points {
	int64_t list[ANALYSE_VALUES_MAX];
	size_t count;
	bool full;
};

static void add_point(struct points *points, int64_t point, int64_t least)
{
	size_t at = points->count;

	if (point < least)
		return;
	for (size_t i = 0; i < points->count; i++)
		if (points->list[i] == point)
			return;
	if (points->count == ANALYSE_VALUES_MAX) {
		points->full = true;
		return;
	}
	for (; at > 0 && points->list[at - 1] > point; at--)
		points->list[at] = points->list[at - 1];
	points->list[at] = point;
	points->count++;
}

static int64_t constant_of(const struct tree_node *test)
{
	return test->left->kind == TREE_NUMBER || test->left->kind == TREE_DATE ? test->left->number : test->right->number;
}

static bool is_reversed(const struct tree_node *test)
{
	return test->left->kind == TREE_NUMBER || test->left->kind == TREE_DATE;
}

static bool compare(const struct tree_node *test, int64_t value)
{
	int64_t left = is_reversed(test) ? test->left->number : value, right = is_reversed(test) ? value : test->right->number;

	if (test->kind == TREE_EQUAL)
		return left == right;
	if (test->kind == TREE_LESS)
		return left < right;
	if (test->kind == TREE_MORE)
		return left > right;
	return test->kind == TREE_AT_MOST ? left <= right : left >= right;
}

static bool make_number(struct analyse *analyse, struct members *members)
{
	const struct tree_node *subject;
	struct points points = {.count = 0};
	/* Counts are not negative; a duration of access can be, if it is over. */
	int64_t least;

	(void)group_of(members->list[0]->node, &subject);
	least = subject->kind == TREE_COUNT || subject->kind == TREE_TALLY ? 0 : INT64_MIN;
	for (size_t i = 0; i < members->count; i++) {
		if (members->list[i]->node->kind == TREE_KNOWN)
			continue;
		for (int64_t step = -1; step <= 1; step++)
			add_point(&points, constant_of(members->list[i]->node) + step, least);
	}
	if (points.count == 0)
		add_point(&points, 0, 0);
	for (size_t i = 0; i < members->count; i++)
		for (size_t k = 0; k < points.count; k++)
			members->list[i]->truth[k] = members->list[i]->node->kind == TREE_KNOWN
							     ? ANALYSE_TRUE
							     : truth(compare(members->list[i]->node, points.list[k]));
	return !points.full && close_table(analyse, members, points.count);
}

/* Of a date from first to last. */
static uint8_t date_truth(const struct tree_node *test, int64_t first, int64_t last)
{
	int64_t constant = constant_of(test);

	if (is_reversed(test))
		return constant < first ? ANALYSE_TRUE : constant >= last ? ANALYSE_FALSE : ANALYSE_UNKNOWN;
	return last < constant ? ANALYSE_TRUE : first >= constant ? ANALYSE_FALSE : ANALYSE_UNKNOWN;
}

static bool make_date(struct analyse *analyse, struct members *members)
{
	const struct tree_node *subject;
	struct points points = {.count = 0};
	size_t values = 0;
	bool point;

	(void)group_of(members->list[0]->node, &subject);
	point = tables_facts[subject->fact].point;
	for (size_t i = 0; i < members->count; i++) {
		if (members->list[i]->node->kind == TREE_KNOWN)
			continue;
		/* Before the constant, and not; where it stands on the left, not after it, and after it. */
		add_point(&points, constant_of(members->list[i]->node) - !is_reversed(members->list[i]->node), 0);
		add_point(&points, constant_of(members->list[i]->node) + is_reversed(members->list[i]->node), 0);
	}
	if (points.count == 0)
		add_point(&points, 0, 0);
	for (size_t first = 0; first < points.count; first++) {
		for (size_t last = first; last < (point ? first + 1 : points.count); last++, values++) {
			if (values == ANALYSE_VALUES_MAX)
				return false;
			for (size_t i = 0; i < members->count; i++)
				members->list[i]->truth[values] =
					members->list[i]->node->kind == TREE_KNOWN
						? ANALYSE_TRUE
						: date_truth(members->list[i]->node, points.list[first], points.list[last]);
		}
	}
	return !points.full && close_table(analyse, members, values);
}

/* ---- All of it ------------------------------------------------------------ */

/* Nothing is known of how these tests hang together: each is for itself. */
static bool make_opaque(struct analyse *analyse, struct members *members)
{
	static const uint8_t truths[] = {ANALYSE_FALSE, ANALYSE_TRUE, ANALYSE_UNKNOWN};

	for (size_t i = 0; i < members->count; i++) {
		members->list[i]->kind = ANALYSE_TABLE;
		memcpy(members->list[i]->truth, truths, sizeof(truths));
		if ((members->list[i]->variable = new_variable(analyse, 3)) == UNBUILT)
			return false;
	}
	return true;
}

static bool make_variables(struct analyse *analyse, struct analyse_atom *atom)
{
	static bool (*const make[])(struct analyse *, struct members *) = {
		[OPAQUE] = make_opaque, [TRUTH] = make_truth, [CODE] = make_code, [CODES] = make_codes,
		[TEXT] = make_text, [TEXTS] = make_texts, [NUMBER] = make_number, [DATE] = make_date,
	};
	const struct tree_node *subject;
	enum group group = group_of(atom->node, &subject);
	size_t before = analyse->variables_count;
	struct members members = {.list = {atom}, .count = 1};

	for (struct analyse_atom *other = atom + 1; other < analyse->atoms + analyse->atoms_count; other++)
		if (other->variable == UNBUILT && same_variable(atom->node, other->node))
			members.list[members.count++] = other;
	members.always = subject->kind != TREE_TALLY && tables_facts[subject->fact].always;
	if (make[group](analyse, &members))
		return true;
	/* Too many classes: fewer conclusions, none of them wrong. */
	analyse->variables_count = before;
	return make_opaque(analyse, &members);
}

static bool gather(struct analyse *analyse, struct tree_node *node)
{
	size_t i;

	if (node->kind == TREE_AND || node->kind == TREE_OR || node->kind == TREE_NOT) {
		for (struct tree_node *child = node->child; child != NULL; child = child->next)
			if (!gather(analyse, child))
				return false;
		return true;
	}
	for (i = 0; i < analyse->atoms_count && !same(analyse->atoms[i].node, node); i++)
		analyse->all_steps++;
	if (i == ANALYSE_ATOMS_MAX)
		return false;
	if (i == analyse->atoms_count) {
		analyse->atoms[i].node = node;
		analyse->atoms[i].variable = UNBUILT;
		analyse->atoms_count++;
	}
	node->atom = (uint32_t)i;
	return true;
}

bool analyse_prepare(struct analyse *analyse, struct tree_node *a, struct tree_node *b)
{
	analyse->atoms_count = 0;
	analyse->variables_count = 0;
	if (!gather(analyse, a) || (b != NULL && !gather(analyse, b)))
		return false;
	for (size_t i = 0; i < analyse->atoms_count; i++) {
		analyse->all_steps += 50;
		if (analyse->atoms[i].variable == UNBUILT && !make_variables(analyse, &analyse->atoms[i]))
			return false;
	}
	return true;
}
