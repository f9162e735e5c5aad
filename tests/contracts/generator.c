#include "tests/contracts/generator.h"

#include "contracts/tables.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY INT64_C(86400000)
#define YEAR_2020 INT64_C(1577836800000)
#define YEAR_10000 INT64_C(253402300800000)

uint64_t generator_number(struct generator *generator, uint64_t below)
{
	uint64_t z = generator->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static unsigned below(struct generator *generator, unsigned limit)
{
	return (unsigned)generator_number(generator, limit);
}

static const char *const texts[][4] = {
	[TABLES_SITE] = {"a", "b", "c", "d"}, [TABLES_ORGANISATION] = {"h1", "h2", "h3", "h4"},
	[TABLES_COUNTRY] = {"DE", "FR", "GB", "CH"}, [TABLES_DISEASE] = {"MONDO:1", "MONDO:2", "ORPHA:3", "HP:4"},
	[TABLES_ACTOR] = {"h1/a", "h1/b", "h2/c", "h3/d"}, [TABLES_VERSION] = {"1", "2", "3", "3.1"},
	[TABLES_ENVIRONMENT] = {"spe-1", "spe-2", "spe-3", "spe-4"},
};

/* ---- Contracts ------------------------------------------------------------ */

static void text(struct generator *generator, struct base_buf *out, enum tables_sort sort)
{
	const char *quote = sort == TABLES_COUNTRY || sort == TABLES_DISEASE ? "" : "\"";

	base_buf_print(out, "%s%s%s", quote, texts[sort][below(generator, 4)], quote);
}

static void code(struct generator *generator, struct base_buf *out, enum contracts_list list)
{
	/* A few of long lists, so that tests meet. */
	size_t count = tables_lists[list].count < 6 ? tables_lists[list].count : 6;
	size_t first = list == CONTRACTS_PURPOSES && below(generator, 2) == 0 ? tables_lists[list].count - 20 : 0;

	base_buf_print(out, "%s", tables_lists[list].codes[first + below(generator, (unsigned)count)].name);
}

static void elements(struct generator *generator, struct base_buf *out, const struct tables_fact *fact)
{
	unsigned count = 1 + below(generator, 3);

	for (unsigned i = 0; i < count; i++) {
		base_buf_print(out, "%s", i > 0 ? ", " : " ");
		if (fact->type == CONTRACTS_CODE || fact->type == CONTRACTS_CODE_SET)
			code(generator, out, fact->list);
		else
			text(generator, out, fact->sort);
	}
}

static void date(struct generator *generator, struct base_buf *out)
{
	static const char *const dates[] = {"2020-01-01", "2020-02-29", "2020-03-31+02:00", "2020-06-15T12:00Z", "2021-01-01",
					    "1970-01-01", "9999-12-31"};

	base_buf_print(out, "%s", dates[below(generator, COUNT(dates))]);
}

static void duration(struct generator *generator, struct base_buf *out, bool months)
{
	static const char *const units[] = {"minutes", "hours", "days", "weeks", "months", "years"};

	/* One after the other: as arguments their order would be the compiler's. */
	unsigned count = below(generator, 60), unit = below(generator, months ? 6 : 4);

	base_buf_print(out, "%u %s", count, units[unit]);
}

static unsigned fact_of_type(struct generator *generator, enum contracts_type type, bool event)
{
	unsigned fact;

	do
		fact = below(generator, CONTRACTS_FACT_COUNT);
	while (tables_facts[fact].words == NULL || tables_facts[fact].type != type ||
	       (event ? !tables_facts[fact].of_events : fact == CONTRACTS_FACT_EVENT));
	return fact;
}

struct writing {
	struct generator *generator;
	struct base_buf *out;
	bool event, tallies; /* in a tally or milestone; tallies may be named */
};

static void integer(struct writing *writing, unsigned depth)
{
	static const char *const signs[] = {" + ", " - ", " * "};
	static const char *const groups[] = {"\"t0\"", "\"t1\"", "\"t1\" at the site"};
	struct generator *generator = writing->generator;

	if (depth > 0 && below(generator, 2) == 0) {
		base_buf_print(writing->out, "(");
		integer(writing, depth - 1);
		base_buf_print(writing->out, "%s", signs[below(generator, 3)]);
		integer(writing, depth - 1);
		base_buf_print(writing->out, ")");
		return;
	}
	switch (below(generator, writing->tallies ? 3 : 2)) {
	case 0:
		/* No fact of events is a set of codes. */
		base_buf_print(writing->out, "number of %s",
			       tables_facts[fact_of_type(generator,
							 writing->event || below(generator, 2) == 0 ? CONTRACTS_TEXT_SET
												    : CONTRACTS_CODE_SET,
							 writing->event)]
				       .words);
		break;
	case 1:
		base_buf_print(writing->out, "%s", below(generator, 20) == 0 ? "999999999999999999" : below(generator, 2) == 0 ? "2" : "1");
		break;
	default:
		base_buf_print(writing->out, "tally %s", groups[below(generator, 3)]);
	}
}

/* left: must not be a constant alone. */
static void date_sum(struct writing *writing, bool left)
{
	unsigned fact = fact_of_type(writing->generator, CONTRACTS_DATE, writing->event);

	if (left || below(writing->generator, 2) == 0)
		base_buf_print(writing->out, "%s", tables_facts[fact].words);
	else
		date(writing->generator, writing->out);
	while (below(writing->generator, 3) == 0) {
		base_buf_print(writing->out, below(writing->generator, 2) == 0 ? " + " : " - ");
		duration(writing->generator, writing->out, true);
	}
}

static void compare_numbers(struct writing *writing)
{
	static const char *const verbs[] = {"is", "is not", "is at least", "is at most", "is more than", "is less than"};

	if (!writing->event && below(writing->generator, 3) == 0) {
		base_buf_print(writing->out, "access duration %s ", verbs[below(writing->generator, COUNT(verbs))]);
		duration(writing->generator, writing->out, false);
		if (below(writing->generator, 2) == 0)
			base_buf_print(writing->out, " * 3");
		return;
	}
	integer(writing, below(writing->generator, 3));
	base_buf_print(writing->out, " %s ", verbs[below(writing->generator, COUNT(verbs))]);
	integer(writing, below(writing->generator, 3));
}

static void compare_dates(struct writing *writing)
{
	static const char *const verbs[] = {"is before", "is after", "is on or before", "is on or after"};

	date_sum(writing, true);
	if (below(writing->generator, 5) == 0) {
		base_buf_print(writing->out, " is on 2020-0%u-01", 1 + below(writing->generator, 4));
		return;
	}
	base_buf_print(writing->out, " %s ", verbs[below(writing->generator, COUNT(verbs))]);
	date_sum(writing, false);
}

/* "requester organisation is data organisation" */
static bool compare_facts(struct writing *writing, unsigned fact)
{
	bool several = below(writing->generator, 2) == 0;
	unsigned other = below(writing->generator, CONTRACTS_FACT_COUNT);
	bool not = below(writing->generator, 2) == 0;

	if (other == fact || tables_facts[other].words == NULL || tables_facts[other].sort != tables_facts[fact].sort ||
	    tables_facts[other].type != (several ? CONTRACTS_TEXT_SET : CONTRACTS_TEXT) ||
	    (writing->event && !tables_facts[other].of_events))
		return false;
	base_buf_print(writing->out, "%s is %s%s", tables_facts[fact].words,
		       several ? (not ? "none of " : "one of ") : (not ? "not " : ""), tables_facts[other].words);
	return true;
}

static void compare_words(struct writing *writing, unsigned fact)
{
	static const char *const one[] = {"is one of", "is none of"};
	static const char *const several[] = {"include one of", "include none of", "include all of", "include only"};
	const struct tables_fact *table = &tables_facts[fact];
	bool set = table->type == CONTRACTS_CODE_SET || table->type == CONTRACTS_TEXT_SET;

	if (table->type == CONTRACTS_TEXT && below(writing->generator, 2) == 0 && compare_facts(writing, fact))
		return;
	base_buf_print(writing->out, "%s %s", table->words,
		       set ? several[below(writing->generator, COUNT(several))] : one[below(writing->generator, COUNT(one))]);
	elements(writing->generator, writing->out, table);
}

static void test(struct writing *writing)
{
	struct generator *generator = writing->generator;
	unsigned fact, kind = below(generator, 10);
	size_t before = writing->out->len;
	bool tally = false;

	do
		fact = below(generator, CONTRACTS_FACT_COUNT);
	while (tables_facts[fact].words == NULL || (writing->event ? !tables_facts[fact].of_events : fact == CONTRACTS_FACT_EVENT));
	if (kind == 0) {
		compare_numbers(writing);
		base_buf_byte(writing->out, 0);
		tally = strstr((const char *)writing->out->data + before, "tally") != NULL;
		writing->out->len--;
	} else if (kind == 1 || tables_facts[fact].type == CONTRACTS_DATE) {
		compare_dates(writing);
	} else if (tables_facts[fact].type == CONTRACTS_BOOL) {
		base_buf_print(writing->out, "%s", below(generator, 2) == 0 ? tables_facts[fact].words : tables_facts[fact].negation);
	} else if (kind == 2 || tables_facts[fact].type == CONTRACTS_DURATION) {
		base_buf_print(writing->out, "%s is %s", tables_facts[fact].words, below(generator, 2) == 0 ? "known" : "unknown");
	} else {
		compare_words(writing, fact);
	}
	if (!writing->event && !tally && below(generator, 5) == 0)
		base_buf_print(writing->out, " as of the permit");
}

static void condition(struct writing *writing, unsigned depth)
{
	const char *word = below(writing->generator, 2) == 0 ? " and " : " or ";
	unsigned count = 1 + below(writing->generator, 4);

	for (unsigned i = 0; i < count; i++) {
		base_buf_print(writing->out, "%s", i > 0 ? word : "");
		if (below(writing->generator, 5) == 0)
			base_buf_print(writing->out, "not ");
		if (depth > 0 && below(writing->generator, 2) == 0) {
			base_buf_print(writing->out, "(");
			condition(writing, depth - 1);
			base_buf_print(writing->out, ")");
		} else {
			test(writing);
		}
	}
}

static void duties(struct writing *writing, bool notices, bool milestone)
{
	static const char *const all[] = {
		"notify sponsor", "notify investigator", "notify \"h1\"", "expire after 30 days", "expire after 6 months",
		"expire after 100 years", "expire on 2020-06-01", "report back within 3 weeks", "publish by 2021-01-01",
		"not publish before 2020-09-09", "return data within 1 years",
	};
	unsigned count = below(writing->generator, 4);

	for (unsigned i = 0; i < count; i++)
		base_buf_print(writing->out, "%s%s", i > 0 ? ", " : " then ",
			       milestone && below(writing->generator, 3) == 0 ? "stop enrolling"
									       : all[below(writing->generator, notices ? 3 : COUNT(all))]);
}

static void list(struct writing *writing, const char *before, enum contracts_list codes)
{
	struct tables_fact fact = {.type = CONTRACTS_CODE, .list = codes};

	base_buf_print(writing->out, "%s", before);
	elements(writing->generator, writing->out, &fact);
}

static void clause(struct writing *writing, unsigned i)
{
	static const char *const effects[] = {"permit", "forbid", "refer"};
	unsigned effect = below(writing->generator, 5);

	effect = effect > 2 ? 0 : effect;
	base_buf_print(writing->out, "clause \"c%u\" %s", i, effects[effect]);
	if (below(writing->generator, 2) == 0)
		base_buf_print(writing->out, " any use");
	else
		list(writing, "", CONTRACTS_ACTIONS);
	if (below(writing->generator, 3) == 0)
		list(writing, " of", CONTRACTS_CATEGORIES);
	if (below(writing->generator, 3) == 0)
		list(writing, " for", CONTRACTS_PURPOSES);
	if (below(writing->generator, 8) != 0) {
		base_buf_print(writing->out, "\n when ");
		condition(writing, below(writing->generator, 3));
	}
	base_buf_print(writing->out, "\n because \"reason %u\"", below(writing->generator, 3));
	duties(writing, effect == 1, false);
	base_buf_print(writing->out, "\n");
}

void generator_contract(struct generator *generator, struct base_buf *out)
{
	struct writing writing = {generator, out, false, true};
	unsigned count = 1 + below(generator, 4);

	base_buf_print(out, "contract \"random\" version %u\n", 1 + below(generator, 1000));
	for (unsigned i = 0; i < count; i++)
		clause(&writing, i);
	for (unsigned t = 0; t < 2; t++) {
		base_buf_print(out, "tally \"t%u\" count", t);
		elements(generator, out, &(struct tables_fact){.type = CONTRACTS_CODE, .list = CONTRACTS_EVENTS});
		base_buf_print(out, t == 1 ? " by site" : "");
		writing.event = true;
		writing.tallies = false;
		if (below(generator, 2) == 0) {
			base_buf_print(out, " when ");
			condition(&writing, 1);
		}
		base_buf_print(out, "\n");
	}
	for (unsigned m = 0; m < 3; m++) {
		base_buf_print(out, "milestone \"m%u\" when tally \"t%u\"%s reaches %u", m, m == 0 ? 0 : 1, m == 2 ? " at the site" : "",
			       1 + below(generator, 3));
		writing.tallies = true;
		for (unsigned i = below(generator, 3); i > 0; i--) {
			base_buf_print(out, " and (");
			condition(&writing, 1);
			base_buf_print(out, ")");
		}
		base_buf_print(out, " because \"reached\"");
		duties(&writing, true, true);
		base_buf_print(out, "\n");
	}
}

/* ---- Facts ---------------------------------------------------------------- */

static void random_code(struct generator *generator, const struct tables_fact *table, struct contracts_fact *fact, bool plain)
{
	size_t count = tables_lists[table->list].count;
	size_t few = count < 6 ? count : 6, first = below(generator, 2) == 0 && count > 20 ? count - 20 : 0;

	fact->value = !plain && below(generator, 30) == 0 ? 200 : tables_lists[table->list].codes[first + below(generator, (unsigned)few)].number;
}

static void random_codes(struct generator *generator, const struct tables_fact *table, struct contracts_fact *fact)
{
	size_t count = tables_lists[table->list].count < 6 ? tables_lists[table->list].count : 6;

	for (size_t i = 0; i < count; i++)
		if (below(generator, 3) == 0)
			fact->value = (int64_t)((uint64_t)fact->value | UINT64_C(1) << tables_lists[table->list].codes[i].number);
}

static void random_date(struct generator *generator, const struct tables_fact *table, struct contracts_fact *fact)
{
	static const int64_t anchors[] = {YEAR_2020, YEAR_2020 + 59 * DAY, YEAR_2020 + 90 * DAY, YEAR_2020 + 366 * DAY, 0,
					  YEAR_10000 - DAY};

	fact->value = anchors[below(generator, below(generator, 8) == 0 ? 6 : 4)];
	fact->value += below(generator, 5) * DAY / 2;
	fact->value = fact->value >= YEAR_10000 ? YEAR_10000 - 1 : fact->value;
	fact->last = fact->value;
	if (!table->point && below(generator, 2) == 0)
		fact->last += (below(generator, 2) == 0 ? DAY : 31 * DAY) - 1;
	fact->last = fact->last >= YEAR_10000 ? YEAR_10000 - 1 : fact->last;
}

static void random_texts(struct generator *generator, const struct tables_fact *table, struct contracts_fact *fact,
			 struct contracts_text room[4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (table->type == CONTRACTS_TEXT ? below(generator, 4) != 0 && i < 3 : below(generator, 2) != 0)
			continue;
		room[fact->texts_count++] = (struct contracts_text){texts[table->sort][i], strlen(texts[table->sort][i])};
		if (table->type == CONTRACTS_TEXT)
			break;
	}
	/* Texts of a set ascend. */
	for (size_t i = 1; i < fact->texts_count; i++)
		for (size_t k = i; k > 0 && strcmp(room[k].data, room[k - 1].data) < 0; k--) {
			struct contracts_text swap = room[k];

			room[k] = room[k - 1];
			room[k - 1] = swap;
		}
	fact->texts = room;
}

void generator_facts(struct generator *generator, struct generator_facts *out, bool plain)
{
	unsigned unknown = 3 + below(generator, 40);

	memset(out, 0, sizeof(*out));
	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++) {
		const struct tables_fact *table = &tables_facts[id];
		struct contracts_fact *fact = &out->facts.fact[id];

		if (table->words == NULL || (plain && table->always ? false : below(generator, table->always ? 60 : unknown) == 0))
			continue;
		fact->known = true;
		switch (table->type) {
		case CONTRACTS_BOOL:
			fact->value = below(generator, 2);
			break;
		case CONTRACTS_INTEGER:
		case CONTRACTS_DURATION:
			fact->value = (int64_t)below(generator, 60) * DAY;
			break;
		case CONTRACTS_DATE:
			random_date(generator, table, fact);
			break;
		case CONTRACTS_CODE:
			random_code(generator, table, fact, plain);
			break;
		case CONTRACTS_CODE_SET:
			random_codes(generator, table, fact);
			break;
		case CONTRACTS_TEXT:
		case CONTRACTS_TEXT_SET:
			random_texts(generator, table, fact, out->texts[id]);
			break;
		}
	}
}

void generator_tallies(struct generator *generator, struct contracts_tally_value *out, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out[i].known = below(generator, 20) != 0;
		out[i].total = below(generator, 200) == 0 ? INT64_MAX : (int64_t)below(generator, 4);
		out[i].has_group = below(generator, 10) != 0;
		out[i].group = below(generator, 4);
	}
}
