/* Terms of the Data Use Ontology as a contract to begin with: docs/formats/contract.md, "From terms of DUO". */
#include "contracts/arena.h"
#include "contracts/report.h"
#include "contracts/tables.h"

#include <stdio.h>
#include <string.h>

#define SOURCE_BYTES_MAX 16384
#define VALUE_BYTES_MAX 1000

enum value { NONE, DISEASES, COUNTRIES, ORGANISATIONS, ACTORS, MONTHS, DAY };
enum part { PERMISSION, STATED, PEOPLE, CONDITION, DUTY, FORBID, CARE };

/* What each term puts into the contract; %s is its value. */
static const struct term {
	const char *shorthand;
	uint8_t number;
	enum part part;
	enum value value;
	const char *text; /* PERMISSION: purposes; CONDITION, DUTY: as it is written */
	const char *duty; /* besides */
	const char *words;
} all_terms[] = {
	{"NRES", 4, PERMISSION, NONE, "DUO:NRES", NULL, "no restriction"},
	{"HMB", 6, PERMISSION, NONE, "DUO:HMB, HL7:BIORCH, HL7:CLINTRCH", NULL, "health, medical or biomedical research"},
	{"DS", 7, PERMISSION, DISEASES, "DUO:DS, HL7:DSRCH", NULL, "research on a disease"},
	{"POA", 11, PERMISSION, NONE, "DUO:POA, HL7:POARCH", NULL, "population origins or ancestry research only"},
	{"GRU", 42, PERMISSION, NONE, "DUO:GRU, HL7:HRESCH", NULL, "general research use"},
	{"RS", 12, PEOPLE, NONE, NULL, NULL, "research of certain kinds only: people look which"},
	{"NMDS", 15, STATED, NONE, NULL, NULL, "no research on methods"},
	{"GSO", 16, STATED, NONE, NULL, NULL, "genetic studies only"},
	{"NPUNCU", 18, STATED, NONE, NULL, NULL, "not for profit and not commercial"},
	{"PUB", 19, STATED, NONE, NULL, "publish within 24 months", "results must be published"},
	{"COL", 20, STATED, NONE, NULL, "notify investigator", "in collaboration with the study's investigators"},
	{"IRB", 21, STATED, NONE, NULL, NULL, "with the approval of the user's ethics committee"},
	{"GS", 22, CONDITION, COUNTRIES, "requester country is one of %s", NULL, "within certain countries"},
	{"MOR", 24, DUTY, DAY, "not publish before %s", NULL, "no publication before a date"},
	{"TS", 25, DUTY, MONTHS, "expire after %s months", NULL, "for a limited time"},
	{"US", 26, CONDITION, ACTORS, "requester actor is known and requester actor is one of %s", NULL, "by approved users"},
	{"PS", 27, PEOPLE, NONE, NULL, NULL, "within an approved project: people look which"},
	{"IS", 28, CONDITION, ORGANISATIONS, "requester organisation is one of %s", NULL, "within an approved institution"},
	{"RTN", 29, STATED, NONE, NULL, "return data within 12 months", "what is derived must be returned"},
	{"CC", 43, CARE, NONE, NULL, NULL, "also for clinical care"},
	{"NPOA", 44, FORBID, NONE, NULL, NULL, "no research on population origins or ancestry"},
	{"NPU", 45, STATED, NONE, NULL, NULL, "by not-for-profit organisations"},
	{"NCU", 46, STATED, NONE, NULL, NULL, "not commercially"},
};
#define TERMS (sizeof(all_terms) / sizeof(all_terms[0]))

static const char *const examples[] = {
	[NONE] = "",
	[DISEASES] = "DS=MONDO:0004739, the diseases joined by +",
	[COUNTRIES] = "GS=FR+DE, the countries joined by +",
	[ORGANISATIONS] = "IS=hospital-a, the organisations joined by +",
	[ACTORS] = "US=hospital-a/ann, the actors joined by +",
	[MONTHS] = "TS=12, the number of months",
	[DAY] = "MOR=2027-06-30, the first day on which publishing is allowed",
};

struct draft {
	struct contracts_report *report;
	bool given[TERMS];
	char values[TERMS][2 * VALUE_BYTES_MAX]; /* as the contract writes them */
	char *out;
	size_t len;
};

/* ---- Reading -------------------------------------------------------------- */

static struct contracts_text trimmed(struct contracts_text text)
{
	while (text.len > 0 && text.data[0] == ' ') {
		text.data++;
		text.len--;
	}
	while (text.len > 0 && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

static const struct term *find(struct contracts_text name)
{
	char number[16];

	if (name.len > 4 && memcmp(name.data, "DUO:", 4) == 0) {
		name.data += 4;
		name.len -= 4;
	}
	for (size_t i = 0; i < TERMS; i++) {
		snprintf(number, sizeof(number), "%07u", (unsigned)all_terms[i].number);
		if (tables_text_is(name, all_terms[i].shorthand) || tables_text_is(name, number))
			return &all_terms[i];
	}
	return NULL;
}

/* What cannot end a text, or the line that it stands on. */
static bool is_plain(struct contracts_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '"' || text.data[i] == '#' || text.data[i] == ',')
			return false;
	return text.len > 0 && text.len <= VALUE_BYTES_MAX / 4;
}

/* "FR+DE" as "FR, DE", texts in quotes. Whether they are countries the compiler says. */
static bool read_value(enum value kind, struct contracts_text value, char *out, size_t size)
{
	const char *quote = kind == ORGANISATIONS || kind == ACTORS ? "\"" : "";
	size_t len = 0, part = 0;

	if (value.len > VALUE_BYTES_MAX)
		return false;
	for (size_t i = 0; i <= value.len; i++) {
		struct contracts_text one = {value.data + part, i - part};

		if (i < value.len && (value.data[i] != '+' || kind == DAY))
			continue;
		if (!is_plain(one) || ((kind == MONTHS || kind == DAY) && part > 0) || len + one.len + 5 > size)
			return false;
		len += (size_t)snprintf(out + len, size - len, "%s%s%.*s%s", part > 0 ? ", " : "", quote, (int)one.len, one.data, quote);
		part = i + 1;
	}
	return true;
}

static void wrong(struct draft *draft, uint32_t column, struct report_text what, struct report_text right)
{
	report_error(draft->report, (struct report_place){1, column}, what, right);
}

static void read_term(struct draft *draft, struct contracts_text text, uint32_t column)
{
	const char *equals = memchr(text.data, '=', text.len);
	struct contracts_text name = {text.data, equals == NULL ? text.len : (size_t)(equals - text.data)};
	struct contracts_text value = {equals == NULL ? "" : equals + 1, equals == NULL ? 0 : text.len - name.len - 1};
	const struct term *term;
	size_t at;

	name = trimmed(name);
	value = trimmed(value);
	if ((term = find(name)) == NULL) {
		wrong(draft, column, report_format("\"%.*s\" is no term of DUO that says what is allowed", REPORT_TEXT(name)),
		      report_format("write terms such as GRU, IRB, NPU, or DUO:0000042, with commas between them"));
		return;
	}
	at = (size_t)(term - all_terms);
	draft->given[at] = true;
	if (term->value == NONE && equals != NULL)
		wrong(draft, column, report_format("%s takes no value", term->shorthand), report_format("leave out what follows ="));
	else if (term->value != NONE && !read_value(term->value, value, draft->values[at], sizeof(draft->values[at])))
		wrong(draft, column, report_format("%s needs to be told more: %s", term->shorthand, term->words),
		      report_format("write %s", examples[term->value]));
}

/* Only the widest permission is of use. */
static void check_permissions(struct draft *draft)
{
	size_t count = 0;

	for (size_t i = 0; i < TERMS; i++)
		count += draft->given[i] && all_terms[i].part == PERMISSION;
	if (count == 0)
		wrong(draft, 1, report_format("no term says what the data may be used for"),
		      report_format("begin with one of NRES, GRU, HMB, DS, POA"));
	if (count > 1)
		wrong(draft, 1, report_format("more than one term says what the data may be used for"),
		      report_format("keep one of NRES, GRU, HMB, DS, POA: the one that was consented to"));
}

/* ---- Writing -------------------------------------------------------------- */

static void put(struct draft *draft, const char *text)
{
	size_t len = strlen(text);

	if (draft->len + len >= SOURCE_BYTES_MAX)
		len = SOURCE_BYTES_MAX - draft->len - 1;
	memcpy(draft->out + draft->len, text, len);
	draft->len += len;
}

/* The text with its one %s. */
static void put_with(struct draft *draft, const char *text, const char *value)
{
	const char *at = strstr(text, "%s");
	struct report_text before = report_format("%.*s", at == NULL ? (int)strlen(text) : (int)(at - text), text);

	put(draft, before.text);
	if (at != NULL) {
		put(draft, value);
		put(draft, at + 2);
	}
}

static bool has_part(const struct draft *draft, enum part part)
{
	for (size_t i = 0; i < TERMS; i++)
		if (draft->given[i] && all_terms[i].part == part)
			return true;
	return false;
}

static void put_comments(struct draft *draft)
{
	struct report_text line;

	put(draft, "# A draft from terms of the Data Use Ontology. Read it, change it, and take this line out.\n");
	for (size_t i = 0; i < TERMS; i++) {
		if (!draft->given[i])
			continue;
		line = report_format("#   DUO:%07u %s: %s\n", (unsigned)all_terms[i].number, all_terms[i].shorthand, all_terms[i].words);
		put(draft, line.text);
	}
	put(draft, "contract \"Draft from DUO\" version 1\n");
}

/* care: of who looks after participants nobody asks for a research project, nor for its disease. */
static void put_conditions(struct draft *draft, bool care)
{
	put(draft, "  when approval is valid\n   and consent covers this use\n");
	for (size_t i = 0; i < TERMS; i++) {
		if (!draft->given[i])
			continue;
		if (all_terms[i].part == STATED || (all_terms[i].part == PEOPLE && !care)) {
			put(draft, "   and accepted terms include DUO:");
			put(draft, all_terms[i].shorthand);
			put(draft, "\n");
		} else if (all_terms[i].part == CONDITION) {
			put(draft, "   and ");
			put_with(draft, all_terms[i].text, draft->values[i]);
			put(draft, "\n");
		} else if (all_terms[i].part == PERMISSION && all_terms[i].value == DISEASES && !care) {
			put(draft, "   and disease is known\n   and disease is one of ");
			put(draft, draft->values[i]);
			put(draft, "\n");
		}
	}
}

static void put_duties(struct draft *draft, bool care)
{
	const char *before = "  then ";

	if (has_part(draft, PEOPLE) && !care) {
		put(draft, "  then notify data-access-committee");
		before = ", ";
	}
	for (size_t i = 0; i < TERMS; i++) {
		const char *duty = all_terms[i].part == DUTY ? all_terms[i].text : all_terms[i].duty;

		if (!draft->given[i] || duty == NULL || (care && all_terms[i].part != DUTY))
			continue;
		put(draft, before);
		put_with(draft, duty, draft->values[i]);
		before = ", ";
	}
	if (before[0] == ',')
		put(draft, "\n");
}

static void put_use(struct draft *draft)
{
	bool people = has_part(draft, PEOPLE);

	put(draft, "\nclause \"use\"\n  ");
	put(draft, people ? "refer" : "permit");
	put(draft, " read, derive, link, train\n  for ");
	for (size_t i = 0; i < TERMS; i++)
		if (draft->given[i] && all_terms[i].part == PERMISSION)
			put(draft, all_terms[i].text);
	put(draft, "\n");
	put_conditions(draft, false);
	put(draft, people ? "  because \"People decide whether this is what participants agreed to.\"\n"
			  : "  because \"This is what participants agreed to.\"\n");
	put_duties(draft, false);
}

static void write_draft(struct draft *draft)
{
	put_comments(draft);
	put_use(draft);
	if (has_part(draft, CARE)) {
		put(draft, "\nclause \"clinical care\"\n  permit read\n  for HL7:TREAT\n");
		put_conditions(draft, true);
		put(draft, "  because \"Participants agreed that the data is used in their care.\"\n");
		put_duties(draft, true);
	}
	if (has_part(draft, FORBID))
		put(draft, "\nclause \"no ancestry research\"\n  forbid any use\n  for DUO:POA, HL7:POARCH\n  because \"Participants did "
			   "not agree to research on population origins or ancestry. Ask for a purpose without it.\"\n");
}

/* The draft is a contract: what values make of it the compiler says. */
static enum contracts_code check_draft(struct contracts_arena *arena, struct draft *draft)
{
	struct contracts_text source = {draft->out, draft->len};
	struct contracts_report *found = arena_take(arena, 1, sizeof(*found));
	struct contracts_bytes bytecode;
	enum contracts_code code;
	struct report_text what, right;

	if (found == NULL)
		return CONTRACTS_MEMORY;
	code = contracts_compile(arena, &bytecode, source, found);
	for (size_t i = 0; i < found->count; i++) {
		if (found->list[i].warning)
			continue;
		what = report_format("%s", found->list[i].wrong);
		right = report_format("%s", found->list[i].right);
		wrong(draft, 1, what, right);
	}
	return code;
}

enum contracts_code contracts_from_duo(struct contracts_arena *arena, struct contracts_text *source,
				       struct contracts_text terms, struct contracts_report *report)
{
	struct draft *draft = arena_take(arena, 1, sizeof(*draft));
	size_t start = 0;
	enum contracts_code code;

	memset(report, 0, sizeof(*report));
	if (draft == NULL || (draft->out = arena_take(arena, SOURCE_BYTES_MAX, 1)) == NULL)
		return CONTRACTS_MEMORY;
	draft->report = report;
	if (terms.len == 0)
		terms.data = "";
	for (size_t i = 0; i <= terms.len; i++) {
		if (i < terms.len && terms.data[i] != ',')
			continue;
		read_term(draft, trimmed((struct contracts_text){terms.data + start, i - start}), (uint32_t)start + 1);
		start = i + 1;
	}
	if (report->errors == 0)
		check_permissions(draft);
	if (report->errors > 0)
		return CONTRACTS_REFUSED;
	write_draft(draft);
	if ((code = check_draft(arena, draft)) != CONTRACTS_OK)
		return code;
	*source = (struct contracts_text){draft->out, draft->len};
	return CONTRACTS_OK;
}
