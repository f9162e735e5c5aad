/* Lists: from the words that stand there to codes and texts of what they are compared with. */
#include "contracts/check.h"

#include <string.h>

static const char *const sort_one[] = {
	[TABLES_SITE] = "a site",       [TABLES_ORGANISATION] = "an organisation", [TABLES_COUNTRY] = "a country",
	[TABLES_DISEASE] = "a disease", [TABLES_ACTOR] = "an actor",               [TABLES_VERSION] = "a version",
	[TABLES_ENVIRONMENT] = "an environment",
};

int tree_text_order(struct contracts_text a, struct contracts_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool same_text(struct contracts_text a, struct contracts_text b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool same_domain(struct tree_domain a, struct tree_domain b)
{
	return a.texts == b.texts && (a.texts ? a.sort == b.sort : a.list == b.list);
}

static const struct lexer_token *element(const struct check *check, struct tree_list list, uint32_t i)
{
	return &check->tree->tokens.list[list.first + 2 * i];
}

static struct tree_set *find_set(const struct check *check, struct contracts_text name)
{
	for (size_t i = 0; i < check->tree->sets_count; i++)
		if (same_text(check->tree->sets[i].name, name))
			return &check->tree->sets[i];
	return NULL;
}

/* ---- Codes ---------------------------------------------------------------- */

/* What else the word could be: a code of another list. */
static const char *other_list(enum contracts_list list, struct contracts_text name)
{
	for (unsigned other = 0; other < CONTRACTS_LIST_COUNT; other++)
		if (other != (unsigned)list && tables_code((enum contracts_list)other, name) != NULL)
			return tables_lists[other].title;
	return NULL;
}

static void no_code(struct check *check, enum contracts_list list, const struct lexer_token *token)
{
	struct report_text wrong = report_format("\"%.*s\" is no %s", REPORT_TEXT(token->text), tables_lists[list].title);
	struct report_nearest nearest = report_nearest(token->text);
	const char *other = other_list(list, token->text);
	struct report_text known = {""};

	if (list == CONTRACTS_PURPOSES && tables_code(CONTRACTS_TERMS, token->text) != NULL) {
		report_error(check->report, token->place,
			     report_format("\"%.*s\" is a modifier of DUO, not a purpose", REPORT_TEXT(token->text)),
			     report_format("say \"when accepted terms include %.*s\"", REPORT_TEXT(token->text)));
		return;
	}
	for (size_t i = 0; i < tables_lists[list].count; i++) {
		const struct tables_code *code = &tables_lists[list].codes[i];

		report_offer(&nearest, code->name);
		if (code->alias != NULL)
			report_offer(&nearest, code->alias);
		known = i == 0 ? report_format("%s", code->name) : report_format("%.*s, %s", 250, known.text, code->name);
	}
	if (other != NULL)
		report_error(check->report, token->place, wrong,
			     report_format("it is a %s; a %s is, say, \"%s\"", other, tables_lists[list].title,
					   tables_lists[list].codes[0].name));
	else if (nearest.best != NULL)
		report_error(check->report, token->place, wrong, report_format("\"%s\" is one", nearest.best));
	else
		report_error(check->report, token->place, wrong,
			     report_format("there are: %s", tables_lists[list].count > 30 ? "codes such as DUO:0000042 and HL7:HRESCH"
											  : known.text));
}

static bool add_code(struct check *check, enum contracts_list list, const struct lexer_token *token,
		     struct tree_elements *out)
{
	const struct tables_code *code = token->kind == LEXER_NAME ? NULL : tables_code(list, token->text);

	if (code == NULL) {
		if (token->kind == LEXER_NAME && tables_code(list, token->text) != NULL)
			report_error(check->report, token->place, report_format("quotes stand around a word of a list"),
				     report_format("write %.*s without quotes", REPORT_TEXT(token->text)));
		else
			no_code(check, list, token);
		return false;
	}
	out->codes.bits[code->number / 64] |= UINT64_C(1) << (code->number % 64);
	return true;
}

/* ---- Texts ---------------------------------------------------------------- */

static bool is_token(struct contracts_text text)
{
	if (text.len == 0 || text.len > CONTRACTS_TEXT_BYTES_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '"')
			return false;
	return true;
}

static bool is_text(struct check *check, enum tables_sort sort, const struct lexer_token *token)
{
	struct report_text wrong = report_format("\"%.*s\" is not %s", REPORT_TEXT(token->text), sort_one[sort]);

	if (sort == TABLES_COUNTRY) {
		if (token->kind == LEXER_WORD && tables_country(token->text))
			return true;
		if (tables_text_is(token->text, "UK"))
			report_error(check->report, token->place, wrong, report_format("\"GB\" is one"));
		else
			report_error(check->report, token->place, wrong,
				     report_format("write two capital letters of ISO 3166 without quotes, such as FR"));
		return false;
	}
	if (sort == TABLES_DISEASE) {
		if (token->kind == LEXER_CODE && token->text.len <= CONTRACTS_TEXT_BYTES_MAX && tables_disease(token->text))
			return true;
		report_error(check->report, token->place, wrong,
			     report_format("write a code of MONDO, ORPHA, OMIM, HP, ICD10, ICD11, DOID or SNOMED, such as "
					   "MONDO:0009861"));
		return false;
	}
	if (token->kind == LEXER_NAME && is_token(token->text))
		return true;
	if (token->kind == LEXER_NAME)
		report_error(check->report, token->place, wrong,
			     report_format("a code of letters, digits and signs without spaces, of at most %d bytes",
					   CONTRACTS_TEXT_BYTES_MAX));
	else
		report_error(check->report, token->place, wrong,
			     report_format("write %s in quotes, or the name of a set that is there", sort_one[sort]));
	return false;
}

/* ---- Lists ---------------------------------------------------------------- */

struct gather {
	struct contracts_text texts[CONTRACTS_SET_MAX];
	size_t count;
};

/* Kept ascending, each once. */
static bool add_text(struct check *check, struct gather *gather, struct contracts_text text, struct report_place place)
{
	size_t low = 0, high = gather->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = tree_text_order(gather->texts[middle], text);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (gather->count == CONTRACTS_SET_MAX) {
		report_error(check->report, place, report_format("the list is too long with what its sets hold"),
			     report_format("at most %d elements; make two lists of it", CONTRACTS_SET_MAX));
		return false;
	}
	memmove(&gather->texts[low + 1], &gather->texts[low], (gather->count - low) * sizeof(gather->texts[0]));
	gather->texts[low] = text;
	gather->count++;
	return true;
}

static bool add_set(struct check *check, struct tree_domain domain, struct tree_set *set,
		    const struct lexer_token *token, struct gather *gather, struct tree_elements *out)
{
	set->used = true;
	if (!same_domain(set->domain, domain)) {
		report_error(check->report, token->place,
			     report_format("the set \"%.*s\" holds something else", REPORT_TEXT(token->text)),
			     report_format("%s%s belongs here; the set is of line %u", domain.texts ? "" : "a ",
					   domain.texts ? sort_one[domain.sort] : tables_lists[domain.list].title,
					   (unsigned)set->place.line));
		return false;
	}
	for (size_t i = 0; i < 4; i++)
		out->codes.bits[i] |= set->elements.codes.bits[i];
	for (size_t i = 0; i < set->elements.texts_count; i++)
		if (!add_text(check, gather, set->elements.texts[i], token->place))
			return false;
	return true;
}

static bool finish(struct check *check, struct gather *gather, struct tree_elements *out)
{
	struct contracts_text *texts = arena_take(check->arena, gather->count, sizeof(*texts));

	if (texts == NULL) {
		check->no_memory = true;
		return false;
	}
	if (gather->count > 0)
		memcpy(texts, gather->texts, gather->count * sizeof(*texts));
	out->texts = texts;
	out->texts_count = gather->count;
	return true;
}

static bool gather_list(struct check *check, struct tree_domain domain, struct tree_list list, bool sets,
			struct tree_elements *out)
{
	struct gather gather;
	bool good = true;

	memset(out, 0, sizeof(*out));
	gather.count = 0;
	if (sets && list.count == 1 && element(check, list, 0)->kind == LEXER_WORD) {
		struct tree_set *set = find_set(check, element(check, list, 0)->text);

		/* Nothing but a set: its elements are shared. */
		if (set != NULL && same_domain(set->domain, domain)) {
			set->used = true;
			*out = set->elements;
			return true;
		}
	}
	for (uint32_t i = 0; i < list.count; i++) {
		const struct lexer_token *token = element(check, list, i);
		struct tree_set *set = sets && token->kind == LEXER_WORD ? find_set(check, token->text) : NULL;

		if (set != NULL)
			good = add_set(check, domain, set, token, &gather, out) && good;
		else if (!domain.texts)
			good = add_code(check, domain.list, token, out) && good;
		else
			good = is_text(check, domain.sort, token) && add_text(check, &gather, token->text, token->place) && good;
	}
	return good && finish(check, &gather, out);
}

bool check_list(struct check *check, struct tree_domain domain, struct tree_list list, struct tree_elements *out)
{
	return gather_list(check, domain, list, true, out);
}

void check_sets(struct check *check)
{
	for (size_t i = 0; i < check->tree->sets_count; i++) {
		struct tree_set *set = &check->tree->sets[i];
		const struct tree_set *first = find_set(check, set->name);

		if (first != set)
			report_error(check->report, set->place,
				     report_format("there is a set \"%.*s\" already", REPORT_TEXT(set->name)),
				     report_format("take another name; the first is on line %u", (unsigned)first->place.line));
		else if ((!set->domain.texts && tables_code(set->domain.list, set->name) != NULL) ||
			 (set->domain.texts && set->domain.sort == TABLES_COUNTRY && tables_country(set->name)))
			report_error(check->report, set->place,
				     report_format("\"%.*s\" means something already", REPORT_TEXT(set->name)),
				     report_format("take another name for the set"));
		gather_list(check, set->domain, set->list, false, &set->elements);
	}
}
