/* Random states to run contracts on: facts in order, of few values, so that they meet the constants of the contracts.
 * The same seed gives the same on every machine. Inline: fuzz targets use it, too. */
#ifndef TESTS_CONTRACTS_STATES_H
#define TESTS_CONTRACTS_STATES_H

#include "contracts/bytecode.h"
#include "contracts/tables.h"

#include <string.h>

#define STATES_NOW INT64_C(1795305600000) /* 2026-11-22 */
#define STATES_DAY INT64_C(86400000)

/* splitmix64. */
static inline uint64_t states_random(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline uint32_t states_below(uint64_t *seed, uint32_t count)
{
	return (uint32_t)(states_random(seed) >> 33) % count;
}

/* Ascending, three of each sort. */
#define STATES_TEXTS 3
static const struct contracts_text states_texts[7][STATES_TEXTS] = {
	[TABLES_SITE] = {{"berlin", 6}, {"lyon", 4}, {"paris", 5}},
	[TABLES_ORGANISATION] = {{"charite", 7}, {"hospital-a", 10}, {"lyon", 4}},
	[TABLES_COUNTRY] = {{"CH", 2}, {"DE", 2}, {"FR", 2}},
	[TABLES_DISEASE] = {{"MONDO:0009861", 13}, {"OMIM:215700", 11}, {"ORPHA:247525", 12}},
	[TABLES_ACTOR] = {{"charite/anna", 12}, {"hospital-a/bob", 14}, {"lyon/zoe", 8}},
	[TABLES_VERSION] = {{"1.0", 3}, {"2.0", 3}, {"2.1", 3}},
	[TABLES_ENVIRONMENT] = {{"enclave-1", 9}, {"enclave-2", 9}, {"spe", 3}},
};
static const int64_t states_instants[] = {
	STATES_NOW, STATES_NOW - 1, STATES_NOW + 1, STATES_NOW - STATES_DAY, STATES_NOW + STATES_DAY, STATES_NOW + 30 * STATES_DAY,
	STATES_NOW - 180 * STATES_DAY, 0, BYTECODE_INSTANT_END - 1, STATES_NOW / STATES_DAY * STATES_DAY,
};
#define STATES_INSTANTS ((uint32_t)(sizeof(states_instants) / sizeof(states_instants[0])))

/* A number of the list; now and then one that it does not have. */
static inline unsigned states_code(uint64_t *seed, enum contracts_list list)
{
	const struct tables_list *table = &tables_lists[list];

	if (states_below(seed, 25) == 0)
		return states_below(seed, CONTRACTS_CODE_MAX + 1);
	return table->codes[states_below(seed, (uint32_t)table->count)].number;
}

static inline void states_fact(struct contracts_fact *fact, unsigned id, uint64_t *seed)
{
	const struct tables_fact *table = &tables_facts[id];
	uint32_t from;

	*fact = (struct contracts_fact){.known = true};
	switch (table->type) {
	case CONTRACTS_BOOL:
		fact->value = states_below(seed, 2);
		break;
	case CONTRACTS_INTEGER:
		fact->value = states_below(seed, 20);
		break;
	case CONTRACTS_DURATION:
		fact->value = STATES_DAY * states_below(seed, 200);
		break;
	case CONTRACTS_DATE:
		fact->value = fact->last = states_instants[states_below(seed, STATES_INSTANTS)];
		if (!table->point && states_below(seed, 2) == 0) {
			fact->value = fact->value / STATES_DAY * STATES_DAY;
			fact->last = fact->value + STATES_DAY - 1;
		}
		break;
	case CONTRACTS_CODE:
		fact->value = states_code(seed, table->list);
		break;
	case CONTRACTS_CODE_SET:
		for (uint32_t n = states_below(seed, 4); n > 0; n--)
			fact->value |= (int64_t)(UINT64_C(1) << (states_code(seed, table->list) % 63));
		break;
	case CONTRACTS_TEXT:
		fact->texts = &states_texts[table->sort][states_below(seed, STATES_TEXTS)];
		fact->texts_count = 1;
		break;
	case CONTRACTS_TEXT_SET:
		from = states_below(seed, STATES_TEXTS + 1);
		fact->texts_count = states_below(seed, STATES_TEXTS - from + 1);
		fact->texts = fact->texts_count > 0 ? &states_texts[table->sort][from] : NULL;
		break;
	}
}

static inline void states_facts(struct contracts_facts *facts, uint64_t *seed)
{
	uint32_t unknown = 2 + states_below(seed, 40);

	memset(facts, 0, sizeof(*facts));
	for (unsigned id = 0; id < CONTRACTS_FACT_COUNT; id++)
		if (contracts_fact_name(id) != NULL && states_below(seed, unknown) != 0)
			states_fact(&facts->fact[id], id, seed);
}

static inline void states_tallies(struct contracts_tally_value *tallies, size_t count, uint64_t *seed)
{
	static const int64_t extremes[] = {INT64_MAX, INT64_MAX - 1, 0};

	for (size_t i = 0; i < count; i++) {
		/* One after the other: in an initializer their order would be the compiler's. */
		tallies[i].known = states_below(seed, 12) != 0;
		tallies[i].total = states_below(seed, 12);
		tallies[i].has_group = states_below(seed, 6) != 0;
		tallies[i].group = states_below(seed, 8);
		if (states_below(seed, 30) == 0)
			tallies[i].total = extremes[states_below(seed, 3)];
	}
}

#endif
