/* contracts: a study's rules, from the text that a committee reads to the decision on one request.
 *
 * Tour
 *   1. Versions and limits: what bytecode pins, and how large anything may become.
 *   2. Memory: an arena with a limit, for compiling and loading. Nothing is allocated while a contract runs.
 *   3. Codes and facts: what a contract can speak of. Pinned here, in codes.c and facts.c, not asked for: a contract
 *      means the same for ever, whatever later code lists say.
 *   4. Compiling: source -> bytecode, with diagnostics that say what is wrong, where, and what would be right.
 *      lexer.c, parser.c, check*.c, emit.c; the checked tree is tree.h.
 *   5. Loading: bytecode -> program, by a verifier that trusts nobody, with the worst case of gas and memory.
 *      bytecode.c, verify.c
 *   6. Running: program and facts -> decision; program and event -> tallies and milestones. vm.c
 *
 *   7. Cases: "who asks for this gets that answer", in the words of the language. cases*.c
 *   8. A first draft from terms of DUO. duo.c
 *
 * The language and its meaning: docs/formats/contract.md. Bytecode, gas, verifier: docs/formats/contract-code.md.
 *
 * Pure: libc alone, no I/O, clock, locale, floating point or global state; the same input gives the same bytes and
 * decisions on every machine. Everything may be called from any thread as long as an arena has one user at a time; a
 * loaded program is read-only and may be run by several threads.
 */
#ifndef CONTRACTS_CONTRACTS_H
#define CONTRACTS_CONTRACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTRACTS_MUST_USE __attribute__((warn_unused_result))

/* ---- 1. Versions and limits --------------------------------------------- */

#define CONTRACTS_VM_VERSION 1
#define CONTRACTS_GAS_VERSION 1
#define CONTRACTS_COMPILER_VERSION 1
#define CONTRACTS_TABLES_VERSION 1

#define CONTRACTS_SOURCE_BYTES_MAX 262144
#define CONTRACTS_TOKENS_MAX 65536
#define CONTRACTS_NESTING_MAX 24
#define CONTRACTS_TERMS_MAX 64           /* of a sum, or of a product */
#define CONTRACTS_NAME_BYTES_MAX 100     /* of the contract, a clause, set, tally or milestone */
#define CONTRACTS_REASON_BYTES_MAX 1000  /* because "..." */
#define CONTRACTS_TEXT_BYTES_MAX 255     /* a text constant or fact */
#define CONTRACTS_SET_MAX 256            /* elements of a set in the source */
#define CONTRACTS_SETS_MAX 256           /* named sets */
#define CONTRACTS_CLAUSES_MAX 1024
#define CONTRACTS_TALLIES_MAX 32
#define CONTRACTS_MILESTONES_MAX 32
#define CONTRACTS_DUTIES_MAX 16          /* obligations of one clause or milestone */
#define CONTRACTS_OBLIGATIONS_MAX 256    /* different ones in a contract */
#define CONTRACTS_CONSTANTS_MAX 8192     /* of each kind */
#define CONTRACTS_INSTRUCTIONS_MAX 131072
#define CONTRACTS_BYTECODE_BYTES_MAX 2097152
#define CONTRACTS_GAS_MAX 1000000        /* worst case of one decision, or of one event */
#define CONTRACTS_LIST_MAX 128           /* elements of a fact that is a set of texts */
#define CONTRACTS_DIAGNOSTICS_MAX 50
#define CONTRACTS_VERSION_MAX 1000000    /* of a contract */

enum contracts_code {
	CONTRACTS_OK = 0,
	CONTRACTS_REFUSED, /* the source or bytecode is wrong; the report says why */
	CONTRACTS_MEMORY,  /* the arena's limit is reached, or the machine has no more memory */
};

struct contracts_text { /* borrowed; UTF-8, not terminated */
	const char *data;
	size_t len;
};
struct contracts_bytes { /* borrowed */
	const uint8_t *data;
	size_t len;
};

/* ---- 2. Memory ---------------------------------------------------------- */

/* What compile and load make lives in the arena and goes with it. */
struct contracts_arena;
#define CONTRACTS_ARENA_BYTES_DEFAULT ((size_t)64 << 20)      /* enough for whatever is within the limits */
struct contracts_arena *contracts_arena_open(size_t bytes_max); /* NULL: no memory */
void contracts_arena_close(struct contracts_arena *arena);      /* NULL is fine */

/* ---- 3. Codes and facts ------------------------------------------------- */

/* Registered lists. Numbers of codes are those of the ledger where it has the list. */
enum contracts_list {
	CONTRACTS_ACTIONS,
	CONTRACTS_MODES,
	CONTRACTS_PURPOSES,
	CONTRACTS_CATEGORIES,
	CONTRACTS_LEGAL_BASES,
	CONTRACTS_INSTRUMENTS,
	CONTRACTS_TERMS,           /* modifiers of DUO */
	CONTRACTS_ROLES,
	CONTRACTS_STUDY_STATUS,
	CONTRACTS_PHASES,
	CONTRACTS_APPROVAL_STATUS,
	CONTRACTS_CONSENT_GROUNDS,
	CONTRACTS_SIGNERS,
	CONTRACTS_PARTICIPANT_STATUS,
	CONTRACTS_DATA_STATUS,
	CONTRACTS_FLAGS,
	CONTRACTS_EVENTS,
	CONTRACTS_LIST_COUNT
};
struct contracts_codes { /* numbers of a list, a bit each */
	uint64_t bits[4];
};
#define CONTRACTS_CODE_MAX 255
/* Every number that the list has. */
struct contracts_codes contracts_list_codes(enum contracts_list list);
/* "researcher", "DUO:0000007"; NULL if the list has no such number. */
const char *contracts_code_name(enum contracts_list list, unsigned number);
/* Whether purpose `given` covers `asked`: it is the same, or a wider one. */
bool contracts_purpose_covers(unsigned given, unsigned asked);

enum contracts_type {
	CONTRACTS_BOOL,     /* value 0 or 1 */
	CONTRACTS_INTEGER,
	CONTRACTS_DURATION, /* milliseconds */
	CONTRACTS_DATE,     /* value: first instant, last: last instant that it may be; milliseconds since 1970 UTC */
	CONTRACTS_CODE,     /* value: a number of the fact's list */
	CONTRACTS_CODE_SET, /* value: bit n is number n of the fact's list (0 to 63), as uint64_t */
	CONTRACTS_TEXT,     /* texts[0] */
	CONTRACTS_TEXT_SET, /* texts: ascending by bytes, each once */
};
/* Numbers are in bytecode: never changed or used again. Meaning: docs/formats/contract.md, "Facts". */
enum contracts_fact_id {
	CONTRACTS_FACT_ACTION = 1,
	CONTRACTS_FACT_MODE = 2,
	CONTRACTS_FACT_PURPOSE = 3,
	CONTRACTS_FACT_DISEASE = 4,
	CONTRACTS_FACT_ACCESS_UNTIL = 5,
	CONTRACTS_FACT_LEGAL_BASIS = 6,
	CONTRACTS_FACT_INSTRUMENT = 7,
	CONTRACTS_FACT_ENVIRONMENT = 8,
	CONTRACTS_FACT_ACCEPTED_TERMS = 9,
	CONTRACTS_FACT_REQUESTER_ORGANISATION = 10,
	CONTRACTS_FACT_REQUESTER_ACTOR = 11,
	CONTRACTS_FACT_REQUESTER_COUNTRY = 12,
	CONTRACTS_FACT_REQUESTER_ROLES = 13,
	CONTRACTS_FACT_STUDY_SITES = 14,
	CONTRACTS_FACT_STUDY_ORGANISATIONS = 15,
	CONTRACTS_FACT_STUDY_COUNTRIES = 16,
	CONTRACTS_FACT_STUDY_SPONSOR = 17,
	CONTRACTS_FACT_STUDY_STATUS = 18,
	CONTRACTS_FACT_STUDY_PHASE = 19,
	CONTRACTS_FACT_STUDY_LEGAL_BASIS = 20,
	CONTRACTS_FACT_PROTOCOL_VERSION = 21,
	CONTRACTS_FACT_APPROVAL_VALID = 22,
	CONTRACTS_FACT_APPROVAL_STATUS = 23,
	CONTRACTS_FACT_APPROVAL_UNTIL = 24,
	CONTRACTS_FACT_PROTOCOL_APPROVED = 25,
	CONTRACTS_FACT_CONSENT_COVERS = 26,
	CONTRACTS_FACT_CONSENT_GROUND = 27,
	CONTRACTS_FACT_CONSENT_WITHDRAWN = 28,
	CONTRACTS_FACT_OBJECTION_COVERS = 29,
	CONTRACTS_FACT_CONSENT_FORM_CURRENT = 30,
	CONTRACTS_FACT_RECONSENT_DUE = 31,
	CONTRACTS_FACT_CONSENT_SIGNERS = 32,
	CONTRACTS_FACT_CONSENT_DATE = 33,
	CONTRACTS_FACT_OF_AGE = 34,
	CONTRACTS_FACT_PARTICIPANT_STATUS = 35,
	CONTRACTS_FACT_AGREEMENT_IN_FORCE = 36,
	CONTRACTS_FACT_AGREEMENT_INSTRUMENT = 37,
	CONTRACTS_FACT_HOLD_COVERS = 38,
	CONTRACTS_FACT_DATA_CATEGORY = 39,
	CONTRACTS_FACT_SOURCE_CATEGORIES = 40,
	CONTRACTS_FACT_DATA_SITE = 41,
	CONTRACTS_FACT_DATA_ORGANISATION = 42,
	CONTRACTS_FACT_DATA_COUNTRY = 43,
	CONTRACTS_FACT_DATA_COLLECTED = 44,
	CONTRACTS_FACT_DATA_RECORDED = 45,
	CONTRACTS_FACT_DATA_DERIVED = 46,
	CONTRACTS_FACT_DATA_STATUS = 47,
	CONTRACTS_FACT_DATA_FLAGS = 48,
	CONTRACTS_FACT_ACCESS_ONGOING = 49,
	CONTRACTS_FACT_PERMIT_DATE = 50,
	CONTRACTS_FACT_NOW = 51,
	CONTRACTS_FACT_EVENT = 52,
	CONTRACTS_FACT_ACCESS_DURATION = 53,
	CONTRACTS_FACT_DATA_OF_PARTICIPANT = 54,
};
#define CONTRACTS_FACT_COUNT 55 /* one more than the largest; at most 64 */

/* "requester organisation"; NULL if there is no such fact. For a bool the whole phrase, "approval is valid". */
const char *contracts_fact_name(unsigned fact);
enum contracts_type contracts_fact_type(unsigned fact); /* of a fact that there is */
bool contracts_fact_list(unsigned fact, enum contracts_list *list); /* of CODE and CODE_SET; false for others */
bool contracts_fact_of_events(unsigned fact); /* whether tallies and milestones may speak of it */

/* A fact as the caller states it. All zero: not known. */
struct contracts_fact {
	bool known;
	int64_t value;
	int64_t last;                       /* CONTRACTS_DATE: last instant, >= value */
	const struct contracts_text *texts; /* borrowed for the run */
	size_t texts_count;
};
/* Flat, so that a run reads it without a call or an allocation. The caller fills what contracts_program_facts names:
 * whoever judges many items sets what is the same for all once. */
struct contracts_facts {
	struct contracts_fact fact[CONTRACTS_FACT_COUNT];
};
/* For tests and for callers in doubt: types, ranges, order of sets. 0 if all is in order, else the first bad fact. */
unsigned contracts_facts_check(const struct contracts_facts *facts);

/* ---- 4. Compiling ------------------------------------------------------- */

#define CONTRACTS_MESSAGE_BYTES 320
struct contracts_diagnostic {
	uint32_t line, column;                /* from 1; a column is a character */
	bool warning;                         /* it compiles all the same */
	char wrong[CONTRACTS_MESSAGE_BYTES];  /* what is wrong; terminated */
	char right[CONTRACTS_MESSAGE_BYTES];  /* what would be right; terminated */
};
struct contracts_report {
	struct contracts_diagnostic list[CONTRACTS_DIAGNOSTICS_MAX]; /* by line and column */
	size_t count;
	size_t errors;   /* also of those that did not fit */
	size_t warnings;
};
/* CONTRACTS_REFUSED if there is an error. bytecode: in the arena. report may hold warnings with CONTRACTS_OK. */
CONTRACTS_MUST_USE enum contracts_code contracts_compile(struct contracts_arena *arena, struct contracts_bytes *bytecode,
							 struct contracts_text source,
							 struct contracts_report *report);

/* ---- 5. Loading --------------------------------------------------------- */

struct contracts_program; /* in the arena; read-only */
struct contracts_reject {
	size_t offset;    /* in the bytecode */
	const char *rule; /* which rule of docs/formats/contract-code.md it breaks: "V7 ..." */
};
/* Decodes and verifies. CONTRACTS_REFUSED: the bytecode breaks a rule; reject says which. */
CONTRACTS_MUST_USE enum contracts_code contracts_load(struct contracts_arena *arena,
						      const struct contracts_program **program,
						      struct contracts_bytes bytecode, struct contracts_reject *reject);
struct contracts_cost {
	uint64_t decide_gas; /* worst case of one decision */
	uint64_t event_gas;  /* worst case of one event */
	size_t run_bytes;    /* memory of a run: registers and what is on the stack; none from the heap */
	size_t program_bytes;
};
struct contracts_cost contracts_program_cost(const struct contracts_program *program);
/* Which facts a run reads: bit n is fact n. decide: of now, and as of the permit; event: for contracts_count. */
struct contracts_reads {
	uint64_t now, permit, event;
	uint32_t tallies_decide; /* tallies whose values decisions read: bit n is tally n */
};
struct contracts_reads contracts_program_reads(const struct contracts_program *program);

enum contracts_effect { CONTRACTS_PERMITS = 1, CONTRACTS_FORBIDS = 2, CONTRACTS_REFERS = 3 };
struct contracts_clause {
	struct contracts_text name, because;
	enum contracts_effect effect;
};
enum contracts_duty {
	CONTRACTS_NOTIFY = 1,
	CONTRACTS_EXPIRE = 2,
	CONTRACTS_REPORT = 3,
	CONTRACTS_PUBLISH = 4,
	CONTRACTS_EMBARGO = 5, /* do not publish before */
	CONTRACTS_RETURN = 6,  /* give back what was derived */
};
enum contracts_due {
	CONTRACTS_DUE_NEVER = 0,  /* no time belongs to it: notify */
	CONTRACTS_DUE_AFTER = 1,  /* so many milliseconds after the decision */
	CONTRACTS_DUE_MONTHS = 2, /* so many calendar months after it */
	CONTRACTS_DUE_AT = 3,     /* at that instant: the first at which it is too late, or (embargo) allowed */
};
struct contracts_obligation {
	enum contracts_duty duty;
	enum contracts_due due;
	int64_t time;                       /* milliseconds, months, or an instant */
	unsigned role;                      /* CONTRACTS_ROLES; 0: none */
	struct contracts_text organisation; /* empty: none */
};
enum contracts_by { CONTRACTS_BY_STUDY = 0, CONTRACTS_BY_SITE = 1, CONTRACTS_BY_PARTICIPANT = 2 };
struct contracts_tally {
	struct contracts_text name;
	enum contracts_by by;
	uint32_t events; /* bit n: number n of CONTRACTS_EVENTS is counted */
};
struct contracts_milestone {
	struct contracts_text name, because;
	unsigned tally;
	bool of_group;        /* the group's count (site, participant), not the study's */
	int64_t threshold;
	bool stop_enrolling;  /* at the site, if of_group; else in the study */
};
struct contracts_text contracts_program_name(const struct contracts_program *program, uint32_t *version);
size_t contracts_program_clauses(const struct contracts_program *program);
struct contracts_clause contracts_program_clause(const struct contracts_program *program, size_t index);
size_t contracts_program_obligations(const struct contracts_program *program);
struct contracts_obligation contracts_program_obligation(const struct contracts_program *program, size_t index);
size_t contracts_program_tallies(const struct contracts_program *program);
struct contracts_tally contracts_program_tally(const struct contracts_program *program, size_t index);
size_t contracts_program_milestones(const struct contracts_program *program);
struct contracts_milestone contracts_program_milestone(const struct contracts_program *program, size_t index);

/* ---- 6. Running --------------------------------------------------------- */

enum contracts_fault_kind {
	CONTRACTS_FAULT_NONE = 0,
	CONTRACTS_FAULT_UNKNOWN = 1,   /* the fact is not known */
	CONTRACTS_FAULT_OVERFLOW = 2,  /* a number left 64 bits, or a date the years 1970 to 9999 */
	CONTRACTS_FAULT_IMPRECISE = 3, /* the date is not known precisely enough to compare it */
	CONTRACTS_FAULT_CODE = 4,      /* the fact's code is not in the tables of the contract */
	CONTRACTS_FAULT_TALLY = 5,     /* the tally's value is not known */
	CONTRACTS_FAULT_GAS = 6,       /* the gas given was used up */
};
/* kind << 8 | which: the fact's or tally's number; 0 where there is none. 0: no fault. Of several the smallest. */
typedef uint32_t contracts_fault;
#define CONTRACTS_FAULT(kind, which) ((contracts_fault)((uint32_t)(kind) << 8 | (uint32_t)(which)))

struct contracts_tally_value {
	bool known;       /* false: fault if it is read */
	int64_t total;    /* of the study */
	bool has_group;
	int64_t group;    /* of the site or participant that the item or event belongs to */
};
enum contracts_verdict { CONTRACTS_PERMIT = 1, CONTRACTS_DENY = 2, CONTRACTS_REFER = 3 };
enum contracts_ground {
	CONTRACTS_GROUND_CLAUSE = 1, /* a clause decided */
	CONTRACTS_GROUND_SILENCE,    /* no clause matches: denied */
	CONTRACTS_GROUND_FAULT,      /* a clause could not be judged: denied */
};
#define CONTRACTS_NO_CLAUSE UINT32_MAX
struct contracts_decision {
	enum contracts_verdict verdict;
	enum contracts_ground ground;
	uint32_t clause;       /* that decided, or that failed; the first by name */
	contracts_fault fault; /* with CONTRACTS_GROUND_FAULT */
	uint64_t gas;          /* used */
	int64_t expires;       /* permit, refer: first instant at which it does not hold any more; INT64_MAX: none */
	uint64_t obligations[CONTRACTS_OBLIGATIONS_MAX / 64]; /* bit n: obligation n */
	uint64_t matched[CONTRACTS_CLAUSES_MAX / 64];         /* bit n: clause n matches, whatever its effect */
};
/* Decides on one item. permit: the facts as of the permit; NULL at the request: as they are now. tallies: as many as
 * the program has, or NULL: none is known. gas: contracts_program_cost().decide_gas is always enough. Writes every
 * member of *out. */
void contracts_decide(const struct contracts_program *program, const struct contracts_facts *now,
		      const struct contracts_facts *permit, const struct contracts_tally_value *tallies, uint64_t gas,
		      struct contracts_decision *out);

struct contracts_count {
	contracts_fault fault;   /* not 0: nothing is counted, nothing reached */
	uint32_t counted;        /* bit n: tally n goes up by one: total, and group */
	uint32_t reached;        /* bit n: milestone n is reached by this event */
	bool stop_study, stop_site; /* one of those reached says to stop enrolling */
	uint64_t gas;
	uint64_t obligations[CONTRACTS_OBLIGATIONS_MAX / 64]; /* of those that are reached */
};
/* What an event that was recorded counts for. tallies: their values before it. */
void contracts_count(const struct contracts_program *program, const struct contracts_facts *facts,
		     const struct contracts_tally_value *tallies, uint64_t gas, struct contracts_count *out);

/* Months after an instant, by the calendar in UTC: the same day and time of day, or the month's last day. False: not
 * within 1970 to 9999. */
bool contracts_months_after(int64_t instant, int64_t months, int64_t *out);

/* ---- 7. Cases ----------------------------------------------------------- */

/* Runs the cases of a file (docs/formats/contract.md, "Cases") on a program. CONTRACTS_REFUSED: the file is not as it
 * should be, and nothing was run. CONTRACTS_OK: each case was run; those that did not end as expected are errors of the
 * report as well. */
struct contracts_cases {
	size_t passed, failed;
};
CONTRACTS_MUST_USE enum contracts_code contracts_cases_run(struct contracts_arena *arena, struct contracts_cases *out,
							   const struct contracts_program *program, struct contracts_text file,
							   struct contracts_report *report);

/* ---- 8. From terms of DUO ----------------------------------------------- */

/* The source of a contract that says what such terms say, to be read and changed: "GRU,IRB,NPU,GS=FR+DE,TS=12". Terms are
 * written by shorthand or as DUO:0000042; those that leave something open carry it: DS=MONDO:... (diseases), GS=FR+DE
 * (countries), IS=... (organisations), US=... (actors), TS=12 (months), MOR=2027-06-30 (a day). *source: in the arena.
 * CONTRACTS_REFUSED: the report says which term and why; its columns count in the terms. */
CONTRACTS_MUST_USE enum contracts_code contracts_from_duo(struct contracts_arena *arena, struct contracts_text *source,
							  struct contracts_text terms, struct contracts_report *report);

#endif
