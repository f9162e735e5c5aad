/* Tables version 1: code lists, facts and countries. What contracts that exist mean depends on them: entries are never
 * changed; a later version is a new table beside this one. Internal to contracts/. */
#ifndef CONTRACTS_TABLES_H
#define CONTRACTS_TABLES_H

#include "contracts/contracts.h"

struct tables_code {
	uint8_t number;
	const char *name;  /* as a contract writes it */
	const char *alias; /* may be written instead; NULL: none */
};
struct tables_list {
	const char *title; /* "role" */
	const struct tables_code *codes;
	size_t count;
};
extern const struct tables_list tables_lists[CONTRACTS_LIST_COUNT];
/* By name or alias; NULL: none. */
const struct tables_code *tables_code(enum contracts_list list, struct contracts_text name);

/* What texts are compared with what. */
enum tables_sort {
	TABLES_SITE,
	TABLES_ORGANISATION,
	TABLES_COUNTRY,
	TABLES_DISEASE,
	TABLES_ACTOR,
	TABLES_VERSION,
	TABLES_ENVIRONMENT,
};
struct tables_fact {
	const char *words;    /* NULL: no such fact */
	const char *negation; /* bool: "approval is not valid" */
	enum contracts_type type;
	enum contracts_list list; /* CODE and CODE_SET */
	enum tables_sort sort;    /* TEXT and TEXT_SET */
	bool of_events;           /* tallies and milestones may speak of it */
	bool point;               /* a date that is one instant */
	bool always;              /* it is always known */
};
extern const struct tables_fact tables_facts[CONTRACTS_FACT_COUNT];

/* Two capital letters of ISO 3166-1. */
bool tables_country(struct contracts_text text);
/* The scheme of "MONDO:0009861" is one of diseases. */
bool tables_disease(struct contracts_text text);

bool tables_text_is(struct contracts_text text, const char *word);

#endif
