#include "tests/contracts/evaluator.h"

#include <string.h>

#define YEAR_10000 INT64_C(253402300800000)

struct world {
	const struct contracts_facts *now, *permit;
	const struct contracts_tally_value *tallies;
};
struct truth { /* fault 0: known */
	bool is;
	contracts_fault fault;
};
struct number {
	int64_t is;
	contracts_fault fault;
};

static struct truth known(bool is)
{
	return (struct truth){is, 0};
}

static struct truth unknown(contracts_fault fault)
{
	return (struct truth){false, fault};
}

static contracts_fault smaller(contracts_fault a, contracts_fault b)
{
	if (a == 0)
		return b;
	if (b == 0)
		return a;
	return a < b ? a : b;
}

static struct truth both(struct truth a, struct truth b)
{
	if ((a.fault == 0 && !a.is) || (b.fault == 0 && !b.is))
		return known(false);
	if (a.fault != 0 || b.fault != 0)
		return unknown(smaller(a.fault, b.fault));
	return known(true);
}

static struct truth opposite(struct truth a)
{
	return a.fault != 0 ? a : known(!a.is);
}

static const struct contracts_fact *fact_of(const struct world *world, unsigned id, bool permit)
{
	return permit ? &world->permit->fact[id] : &world->now->fact[id];
}

static bool has_code(const struct contracts_codes *codes, uint64_t number)
{
	return number < 256 && (codes->bits[number / 64] >> (number % 64) & 1) != 0;
}

/* ---- Numbers and dates ---------------------------------------------------- */

__extension__ typedef __int128 wide;

static struct number failed(contracts_fault fault)
{
	return (struct number){0, fault};
}

static struct number calculate(enum tree_kind kind, struct number a, struct number b)
{
	wide exact;

	if (a.fault != 0 || b.fault != 0)
		return failed(smaller(a.fault, b.fault));
	exact = kind == TREE_ADD ? (wide)a.is + b.is
	      : kind == TREE_SUB ? (wide)a.is - b.is
				 : (wide)a.is * b.is;
	if (exact > INT64_MAX || exact < INT64_MIN)
		return failed(CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0));
	return (struct number){(int64_t)exact, 0};
}

/* Day by day. */
static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t length(int64_t year, int64_t month)
{
	if (month == 1)
		return is_leap(year) ? 29 : 28;
	return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31;
}

static struct number later_by_months(struct number date, int64_t months)
{
	int64_t days, year = 1970, month = 0, day, out = 0;

	if (date.fault != 0)
		return date;
	if (date.is < 0 || date.is >= YEAR_10000)
		return failed(CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0));
	for (days = date.is / 86400000; days >= length(year, month); month == 11 ? (month = 0, year++) : month++)
		days -= length(year, month);
	day = days;
	for (; months > 0; months--)
		month == 11 ? (month = 0, year++) : month++;
	for (; months < 0; months++)
		month == 0 ? (month = 11, year--) : month--;
	if (year < 1970 || year > 9999)
		return failed(CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0));
	if (day >= length(year, month))
		day = length(year, month) - 1;
	for (int64_t y = 1970, m = 0; y < year || m < month; m == 11 ? (m = 0, y++) : m++)
		out += length(y, m);
	return (struct number){(out + day) * 86400000 + date.is % 86400000, 0};
}

static int64_t ones(uint64_t bits)
{
	int64_t count = 0;

	for (; bits != 0; bits >>= 1)
		count += (int64_t)(bits & 1);
	return count;
}

static struct number value_of(const struct world *world, const struct tree_node *node, bool last)
{
	const struct contracts_fact *fact = fact_of(world, node->fact, node->permit);
	struct number left, right;

	if (node->kind == TREE_NUMBER || node->kind == TREE_DATE)
		return (struct number){node->number, 0};
	if (node->kind == TREE_TALLY) {
		const struct contracts_tally_value *tally = &world->tallies[node->tally];

		if (!tally->known || (node->group != CONTRACTS_BY_STUDY && !tally->has_group))
			return failed(CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, node->tally));
		return (struct number){node->group != CONTRACTS_BY_STUDY ? tally->group : tally->total, 0};
	}
	if (node->kind == TREE_FACT || node->kind == TREE_COUNT) {
		if (!fact->known)
			return failed(CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, node->fact));
		if (node->kind == TREE_FACT)
			return (struct number){last && node->type == CONTRACTS_DATE ? fact->last : fact->value, 0};
		return (struct number){tables_facts[node->fact].type == CONTRACTS_CODE_SET ? ones((uint64_t)fact->value)
											     : (int64_t)fact->texts_count,
				       0};
	}
	left = value_of(world, node->left, last);
	if (node->right->kind == TREE_MONTHS)
		return later_by_months(left, node->kind == TREE_SUB ? -node->right->number : node->right->number);
	right = value_of(world, node->right, last);
	left = calculate(node->kind, left, right);
	if (left.fault == 0 && node->type == CONTRACTS_DATE && (left.is < 0 || left.is >= YEAR_10000))
		return failed(CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0));
	return left;
}

static struct truth is_before(const struct world *world, const struct tree_node *node)
{
	struct number x_first = value_of(world, node->left, false), x_last = value_of(world, node->left, true);
	struct number y_first = value_of(world, node->right, false), y_last = value_of(world, node->right, true);
	contracts_fault fault = smaller(smaller(x_first.fault, x_last.fault), smaller(y_first.fault, y_last.fault));

	if (fault != 0)
		return unknown(fault);
	if (x_last.is < y_first.is)
		return known(true);
	if (x_first.is >= y_last.is)
		return known(false);
	return unknown(CONTRACTS_FAULT(CONTRACTS_FAULT_IMPRECISE, 0));
}

static struct truth is_compared(const struct world *world, const struct tree_node *node)
{
	struct number left = value_of(world, node->left, false), right = value_of(world, node->right, false);

	if (left.fault != 0 || right.fault != 0)
		return unknown(smaller(left.fault, right.fault));
	switch ((int)node->kind) {
	case TREE_EQUAL:
		return known(left.is == right.is);
	case TREE_LESS:
		return known(left.is < right.is);
	case TREE_MORE:
		return known(left.is > right.is);
	case TREE_AT_MOST:
		return known(left.is <= right.is);
	default:
		return known(left.is >= right.is);
	}
}

/* ---- Words and texts ------------------------------------------------------ */

static bool same_text(struct contracts_text a, struct contracts_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bool among(struct contracts_text text, const struct contracts_text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same_text(text, texts[i]))
			return true;
	return false;
}

static struct truth code_is(const struct contracts_fact *fact, unsigned id, const struct contracts_codes *codes)
{
	struct contracts_codes list = contracts_list_codes(tables_facts[id].list);

	if (!fact->known)
		return unknown(CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, id));
	if (fact->value < 0 || !has_code(&list, (uint64_t)fact->value))
		return unknown(CONTRACTS_FAULT(CONTRACTS_FAULT_CODE, id));
	return known(has_code(codes, (uint64_t)fact->value));
}

static struct truth codes_are(const struct contracts_fact *fact, const struct tree_node *node)
{
	bool any = false, all = true, only = true;

	if (!fact->known)
		return unknown(CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, node->fact));
	for (unsigned number = 0; number < 64; number++) {
		bool in_fact = ((uint64_t)fact->value >> number & 1) != 0, asked = has_code(&node->elements->codes, number);

		any = any || (in_fact && asked);
		all = all && (in_fact || !asked);
		only = only && (!in_fact || asked);
	}
	return known(node->how == TREE_ANY ? any : node->how == TREE_ALL ? all : only);
}

static struct truth texts_are(const struct contracts_fact *fact, const struct tree_node *node)
{
	const struct tree_elements *asked = node->elements;
	bool any = false, all = true, only = true;

	if (!fact->known)
		return unknown(CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, node->fact));
	for (size_t i = 0; i < fact->texts_count; i++) {
		any = any || among(fact->texts[i], asked->texts, asked->texts_count);
		only = only && among(fact->texts[i], asked->texts, asked->texts_count);
	}
	for (size_t i = 0; i < asked->texts_count; i++)
		all = all && among(asked->texts[i], fact->texts, fact->texts_count);
	return known(node->how == TREE_ANY ? any : node->how == TREE_ALL ? all : only);
}

static struct truth facts_are(const struct world *world, const struct tree_node *node)
{
	const struct contracts_fact *fact = fact_of(world, node->fact, node->permit);
	const struct contracts_fact *other = fact_of(world, node->other, node->permit);
	contracts_fault a = fact->known ? 0 : CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, node->fact);
	contracts_fault b = other->known ? 0 : CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, node->other);

	if (a != 0 || b != 0)
		return unknown(smaller(a, b));
	return known(among(fact->texts[0], other->texts, other->texts_count));
}

/* ---- Conditions and decisions --------------------------------------------- */

static struct truth truth_of(const struct world *world, const struct tree_node *node)
{
	const struct contracts_fact *fact = fact_of(world, node->fact, node->permit);
	struct truth out;

	switch ((int)node->kind) {
	case TREE_AND:
		out = known(true);
		for (const struct tree_node *child = node->child; child != NULL; child = child->next)
			out = both(out, truth_of(world, child));
		return out;
	case TREE_OR:
		out = known(true);
		for (const struct tree_node *child = node->child; child != NULL; child = child->next)
			out = both(out, opposite(truth_of(world, child)));
		return opposite(out);
	case TREE_NOT:
		return opposite(truth_of(world, node->child));
	case TREE_TRUTH:
		return fact->known ? known(fact->value != 0) : unknown(CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, node->fact));
	case TREE_KNOWN:
		return known(fact->known);
	case TREE_CODES:
		return tables_facts[node->fact].type == CONTRACTS_CODE ? code_is(fact, node->fact, &node->elements->codes)
								       : codes_are(fact, node);
	case TREE_TEXTS:
		return texts_are(fact, node);
	case TREE_SAME:
	case TREE_AMONG:
		return facts_are(world, node);
	case TREE_BEFORE:
		return is_before(world, node);
	default:
		return is_compared(world, node);
	}
}

static struct truth matches(const struct world *world, const struct tree_clause *clause)
{
	struct contracts_codes actions = {{clause->action_bits}}, categories = {{clause->category_bits}};
	const struct contracts_facts *now = world->now;
	struct truth out = known(true);

	if (clause->action_bits != 0)
		out = both(out, code_is(&now->fact[CONTRACTS_FACT_ACTION], CONTRACTS_FACT_ACTION, &actions));
	if (clause->category_bits != 0)
		out = both(out, code_is(&now->fact[CONTRACTS_FACT_DATA_CATEGORY], CONTRACTS_FACT_DATA_CATEGORY, &categories));
	if (!clause->any_purpose)
		out = both(out, code_is(&now->fact[CONTRACTS_FACT_PURPOSE], CONTRACTS_FACT_PURPOSE, &clause->purpose_codes));
	return clause->when == NULL ? out : both(out, truth_of(world, clause->when));
}

static void owe(struct evaluator_duties *out, const struct tree_duties *duties)
{
	for (size_t i = 0; i < duties->count; i++) {
		const struct contracts_obligation *duty = &duties->list[i];
		size_t k;

		for (k = 0; k < out->count; k++)
			if (out->list[k].duty == duty->duty && out->list[k].due == duty->due && out->list[k].time == duty->time &&
			    out->list[k].role == duty->role && same_text(out->list[k].organisation, duty->organisation))
				break;
		if (k == out->count)
			out->list[out->count++] = *duty;
	}
}

static void deny(struct evaluator_decision *out, contracts_fault fault)
{
	out->verdict = CONTRACTS_DENY;
	out->ground = CONTRACTS_GROUND_FAULT;
	out->fault = fault;
	out->expires = INT64_MAX;
	out->duties.count = 0;
}

/* The first instant at which the permit is over. */
static void expire(struct evaluator_decision *out, const struct contracts_fact *now)
{
	out->expires = INT64_MAX;
	for (size_t i = 0; i < out->duties.count; i++) {
		const struct contracts_obligation *duty = &out->duties.list[i];
		struct number at = {duty->time, 0};

		if (duty->duty != CONTRACTS_EXPIRE)
			continue;
		if (duty->due != CONTRACTS_DUE_AT && !now->known) {
			deny(out, CONTRACTS_FAULT(CONTRACTS_FAULT_UNKNOWN, CONTRACTS_FACT_NOW));
			return;
		}
		if (duty->due == CONTRACTS_DUE_AFTER)
			at.is = now->value + duty->time;
		else if (duty->due == CONTRACTS_DUE_MONTHS)
			at = later_by_months((struct number){now->value, 0}, duty->time);
		if (at.fault != 0 || (duty->due != CONTRACTS_DUE_AT && at.is >= YEAR_10000)) {
			deny(out, CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, 0));
			return;
		}
		if (at.is < out->expires)
			out->expires = at.is;
	}
}

void evaluator_decide(const struct tree *tree, const struct contracts_facts *now, const struct contracts_facts *permit,
		      const struct contracts_tally_value *tallies, struct evaluator_decision *out)
{
	struct world world = {now, permit == NULL ? now : permit, tallies};
	size_t first[4] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX}, failing = SIZE_MAX;
	contracts_fault fault = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < tree->clauses_count; i++) {
		struct truth truth = matches(&world, &tree->clauses[i]);

		out->matched[i] = truth.fault == 0 && truth.is;
		if (out->matched[i] && first[tree->clauses[i].effect] == SIZE_MAX)
			first[tree->clauses[i].effect] = i;
		if (truth.fault != 0 && failing == SIZE_MAX) {
			failing = i;
			fault = truth.fault;
		}
	}
	out->ground = CONTRACTS_GROUND_CLAUSE;
	out->verdict = CONTRACTS_DENY;
	out->clause = SIZE_MAX;
	out->expires = INT64_MAX;
	if (first[CONTRACTS_FORBIDS] != SIZE_MAX) {
		out->clause = first[CONTRACTS_FORBIDS];
	} else if (failing != SIZE_MAX) {
		out->clause = failing;
		deny(out, fault);
		return;
	} else if (first[CONTRACTS_REFERS] != SIZE_MAX) {
		out->verdict = CONTRACTS_REFER;
		out->clause = first[CONTRACTS_REFERS];
	} else if (first[CONTRACTS_PERMITS] != SIZE_MAX) {
		out->verdict = CONTRACTS_PERMIT;
		out->clause = first[CONTRACTS_PERMITS];
	} else {
		out->ground = CONTRACTS_GROUND_SILENCE;
		return;
	}
	for (size_t i = 0; i < tree->clauses_count; i++) {
		enum contracts_effect effect = tree->clauses[i].effect;

		if (out->matched[i] && (out->verdict == CONTRACTS_DENY ? effect == CONTRACTS_FORBIDS : effect != CONTRACTS_FORBIDS))
			owe(&out->duties, &tree->clauses[i].duties);
	}
	expire(out, &now->fact[CONTRACTS_FACT_NOW]);
}

/* ---- Events --------------------------------------------------------------- */

static bool nothing(struct evaluator_count *out, contracts_fault fault)
{
	memset(out, 0, sizeof(*out));
	out->fault = fault;
	return false;
}

static bool count_tallies(const struct tree *tree, const struct world *world, struct contracts_tally_value *after,
			  struct evaluator_count *out)
{
	for (size_t i = 0; i < tree->tallies_count; i++) {
		const struct tree_tally *tally = &tree->tallies[i];
		struct contracts_codes events = {{tally->event_bits}};
		struct truth truth = code_is(&world->now->fact[CONTRACTS_FACT_EVENT], CONTRACTS_FACT_EVENT, &events);

		if (tally->when != NULL)
			truth = both(truth, truth_of(world, tally->when));
		if (truth.fault != 0)
			return nothing(out, truth.fault);
		if (!truth.is)
			continue;
		if (!after[i].known || (tally->by != CONTRACTS_BY_STUDY && !after[i].has_group))
			return nothing(out, CONTRACTS_FAULT(CONTRACTS_FAULT_TALLY, i));
		if (after[i].total == INT64_MAX || (tally->by != CONTRACTS_BY_STUDY && after[i].group == INT64_MAX))
			return nothing(out, CONTRACTS_FAULT(CONTRACTS_FAULT_OVERFLOW, i));
		after[i].total++;
		after[i].group += tally->by != CONTRACTS_BY_STUDY;
		out->counted |= UINT32_C(1) << i;
	}
	return true;
}

void evaluator_count(const struct tree *tree, const struct contracts_facts *facts,
		     const struct contracts_tally_value *tallies, struct evaluator_count *out)
{
	struct contracts_tally_value after[CONTRACTS_TALLIES_MAX];
	struct world world = {facts, facts, after};

	memset(out, 0, sizeof(*out));
	memcpy(after, tallies, tree->tallies_count * sizeof(after[0]));
	if (!count_tallies(tree, &world, after, out))
		return;
	for (size_t i = 0; i < tree->milestones_count; i++) {
		const struct tree_milestone *milestone = &tree->milestones[i];
		const struct contracts_tally_value *value = &after[milestone->tally];
		bool group = milestone->group != CONTRACTS_BY_STUDY;
		struct truth truth = known(true);

		if ((out->counted >> milestone->tally & 1) == 0 || (group ? value->group : value->total) != milestone->threshold)
			continue;
		if (milestone->when != NULL)
			truth = truth_of(&world, milestone->when);
		if (truth.fault != 0) {
			nothing(out, truth.fault);
			return;
		}
		if (!truth.is)
			continue;
		out->reached |= UINT32_C(1) << i;
		out->stop_study = out->stop_study || (milestone->duties.stop && !group);
		out->stop_site = out->stop_site || (milestone->duties.stop && group);
		owe(&out->duties, &milestone->duties);
	}
}
