/* The tree of a contract: made by parser*.c, checked by check*.c, read by emit.c, by the evaluator in tests/contracts
 * that is the language's specification, and by whatever explains or compares contracts. Internal to contracts/.
 *
 * After the check every name is resolved: lists have become codes or texts, tallies indexes, dates instants.
 */
#ifndef CONTRACTS_TREE_H
#define CONTRACTS_TREE_H

#include "contracts/lexer.h"
#include "contracts/tables.h"

enum tree_kind {
	/* truths */
	TREE_AND, /* children: child, and its next ... */
	TREE_OR,
	TREE_NOT,     /* child */
	TREE_TRUTH,   /* a fact that is a bool */
	TREE_KNOWN,   /* whether a fact is known */
	TREE_CODES,   /* a fact that is a code or codes, against constants: how, codes */
	TREE_TEXTS,   /* a fact that is a text or texts, against constants: how, texts */
	TREE_SAME,    /* two facts that are texts: fact, other */
	TREE_AMONG,   /* a text in texts: fact, other */
	TREE_EQUAL,   /* integers or durations: left, right */
	TREE_LESS,
	TREE_MORE,
	TREE_AT_MOST,
	TREE_AT_LEAST,
	TREE_BEFORE,  /* dates: left < right */
	/* values */
	TREE_FACT,    /* an integer, duration or date */
	TREE_COUNT,   /* number of the elements of a fact */
	TREE_NUMBER,  /* integer or duration: number */
	TREE_MONTHS,  /* number; right of ADD or SUB */
	TREE_DATE,    /* number: an instant */
	TREE_TALLY,   /* tally, group */
	TREE_ADD,     /* left, right */
	TREE_SUB,
	TREE_MUL,
};
enum tree_how { /* what the fact has in common with the constants */
	TREE_ANY,  /* one of them; of a single code or text: it is among them */
	TREE_ALL,  /* all of them */
	TREE_ONLY, /* nothing but them */
};

enum tree_stage { TREE_NAMED, TREE_RESOLVED, TREE_NUMBERED };

/* Elements of a list as they stand in the source: tokens first, first + 2 ... */
struct tree_list {
	uint32_t first, count;
};
/* A list that was resolved. texts: ascending, each once. */
struct tree_elements {
	struct contracts_codes codes;
	const struct contracts_text *texts;
	size_t texts_count;
};

struct tree_node {
	enum tree_kind kind;
	enum tree_how how;
	enum contracts_type type; /* of values: integer, duration or date */
	enum contracts_by group;  /* TREE_TALLY: of the study, or of the site or participant */
	bool permit;              /* its facts are those of the permit */
	bool day;                 /* TREE_DATE: written as a day */
	uint8_t fact, other;
	enum tree_stage stage;    /* TREE_TALLY */
	uint32_t tally;           /* token until the check, then index */
	int64_t number;
	struct report_place place;
	struct tree_list list;
	struct tree_elements *elements;
	struct tree_node *child, *next;
	struct tree_node *left, *right; /* may be shared by two nodes */
	uint32_t atom;                  /* of truths: analyse.c's number of the test */
	uint8_t forced;                 /* analyse.c: 0, or what the test is taken for */
};

/* What a list may hold: codes of a list, or texts of a sort. */
struct tree_domain {
	bool texts;
	enum contracts_list list;
	enum tables_sort sort;
};
struct tree_set {
	struct contracts_text name;
	struct report_place place;
	struct tree_domain domain;
	struct tree_list list;
	struct tree_elements elements;
	bool used;
};
struct tree_duties {
	struct contracts_obligation *list;
	size_t count;
	bool stop; /* enrolling */
};
struct tree_clause {
	struct contracts_text name, because;
	struct report_place place;
	enum contracts_effect effect;
	struct tree_list actions, categories, purposes; /* count 0: any */
	uint32_t action_bits, category_bits;            /* 0: any */
	bool any_purpose;
	struct contracts_codes purpose_codes; /* closed over the hierarchy */
	struct tree_node *when;               /* NULL: none */
	struct tree_duties duties;
};
struct tree_tally {
	struct contracts_text name;
	struct report_place place;
	struct tree_list events;
	uint32_t event_bits;
	enum contracts_by by;
	struct tree_node *when;
	bool used;
};
struct tree_milestone {
	struct contracts_text name, because;
	struct report_place place, tally_place;
	struct contracts_text tally_name;
	uint32_t tally; /* after the check */
	enum contracts_by group;
	int64_t threshold;
	struct tree_node *when;
	struct tree_duties duties;
};
struct tree {
	struct lexer_tokens tokens;
	struct contracts_text name;
	uint32_t version;
	struct tree_set *sets;
	size_t sets_count;
	struct tree_clause *clauses; /* parser: as in the source; check: by name */
	size_t clauses_count;
	struct tree_tally *tallies;
	size_t tallies_count;
	struct tree_milestone *milestones;
	size_t milestones_count;
};

/* All three report what is wrong; CONTRACTS_OK only if nothing is. */
enum contracts_code tree_parse(struct contracts_arena *arena, struct tree *out, struct contracts_text source,
			       struct contracts_report *report);
enum contracts_code tree_check(struct contracts_arena *arena, struct tree *tree, struct contracts_report *report);
/* Clauses that can never match or decide, and what says nothing. */
enum contracts_code tree_analyse(struct contracts_arena *arena, const struct tree *tree,
				 struct contracts_report *report);
enum contracts_code tree_emit(struct contracts_arena *arena, const struct tree *tree, struct contracts_bytes *out,
			      struct contracts_report *report);

int tree_text_order(struct contracts_text a, struct contracts_text b);

#endif
