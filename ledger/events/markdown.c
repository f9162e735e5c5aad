/* The tables of docs/records.md, from the declarations. */
#include "ledger/events/schema.h"

#include <string.h>

static const char *type_words(enum events_type type)
{
	static const char *const words[] = {
		[EVENTS_UINT] = "number",
		[EVENTS_BOOL] = "true or false",
		[EVENTS_CODE] = "code",
		[EVENTS_TOKEN] = "token",
		[EVENTS_STUDY] = "study",
		[EVENTS_ORGANISATION] = "organisation",
		[EVENTS_ACTOR] = "actor",
		[EVENTS_COUNTRY] = "country",
		[EVENTS_LABEL] = "text",
		[EVENTS_SOURCE] = "text with lines",
		[EVENTS_URL] = "URL",
		[EVENTS_PARTY] = "organisation or actor",
		[EVENTS_KIND] = "kind",
		[EVENTS_ID] = "event id",
		[EVENTS_HASH] = "hash",
		[EVENTS_REFERENCE] = "reference",
		[EVENTS_CID] = "CID",
		[EVENTS_ITEM] = "item",
		[EVENTS_WHEN] = "time of a fact",
		[EVENTS_TIME] = "clock",
		[EVENTS_PUBLIC] = "public key",
		[EVENTS_PROOF] = "base64",
		[EVENTS_STRUCT] = "",
		[EVENTS_LIST] = "",
		[EVENTS_BODY] = "body of the kind",
	};
	return words[type];
}

static void print_range(struct base_buf *out, const struct events_field *field)
{
	if (field->type == EVENTS_UINT && field->max == UINT64_MAX)
		base_buf_print(out, " from %llu", (unsigned long long)field->min);
	else if (field->type == EVENTS_UINT)
		base_buf_print(out, " %llu to %llu", (unsigned long long)field->min, (unsigned long long)field->max);
	else if (field->type == EVENTS_LABEL || field->type == EVENTS_SOURCE || field->type == EVENTS_PROOF)
		base_buf_print(out, ", at most %llu bytes", (unsigned long long)field->max);
}

static void print_type(struct base_buf *out, const struct events_field *field, enum events_type type)
{
	if (type == EVENTS_LIST) {
		base_buf_print(out, "%llu to %llu \xc3\x97 ", (unsigned long long)field->min,
			       (unsigned long long)field->max);
		print_type(out, field, field->element);
	} else if (type == EVENTS_STRUCT) {
		base_buf_print(out, "[%s](#%s)", field->of->name, field->of->name);
	} else if (type == EVENTS_CODE) {
		base_buf_print(out, "[%s](#codes-%s)", field->codes->name, field->codes->name);
	} else {
		base_buf_print(out, "%s", type_words(type));
		print_range(out, field);
	}
}

static void print_members(struct base_buf *out, const struct events_struct *of)
{
	if (of->count == 0) {
		base_buf_print(out, "Its body is empty.\n\n");
		return;
	}
	if (of->at_least > 0)
		base_buf_print(out, of->at_most == of->at_least ? "Exactly one of these is given.\n\n"
								: "At least one of these is given.\n\n");
	base_buf_print(out, "| member | key | value | |\n|---|---|---|---|\n");
	for (size_t i = 0; i < of->count; i++) {
		const struct events_field *field = &of->fields[i];

		base_buf_print(out, "| `%s`%s | %u | ", field->name, field->optional ? " (optional)" : "",
			       (unsigned)field->key);
		print_type(out, field, field->type);
		base_buf_print(out, " | %s |\n", field->help);
	}
	base_buf_print(out, "\n");
}

static void print_structs(struct base_buf *out, const struct events_struct *of, const struct events_struct **seen,
			  size_t *count)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct events_struct *inner = of->fields[i].of;
		bool known = inner == NULL;

		for (size_t j = 0; j < *count; j++)
			known = known || seen[j] == inner;
		if (known)
			continue;
		BASE_ASSERT(*count < 64);
		seen[(*count)++] = inner;
		base_buf_print(out, "### %s\n\n", inner->name);
		if (inner->positional)
			base_buf_print(
				out, "In CBOR an array of these values in this order, null for what is left out.\n\n");
		print_members(out, inner);
		print_structs(out, inner, seen, count);
	}
}

static void print_kinds(struct base_buf *out, const struct events_kind *const *kinds, size_t count)
{
	base_buf_print(out, "| kind | no. | what | about | who may record it | effect |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		base_buf_print(out, "| [%s](#%s) | %u | %s | %s | %s | %s |\n", kinds[i]->name, kinds[i]->name,
			       (unsigned)kinds[i]->id, kinds[i]->words,
			       kinds[i]->needs_study ? "a study" : "the ledger", kinds[i]->who, kinds[i]->effect);
	base_buf_print(out, "\n");
}

static void print_codes(struct base_buf *out, const struct events_codes *codes)
{
	base_buf_print(out, "### <a id=\"codes-%s\"></a>Codes: %s\n\n| no. | code | |\n|---|---|---|\n", codes->name,
		       codes->name);
	for (size_t i = 0; i < codes->count; i++) {
		const struct events_code *code = &codes->codes[i];

		base_buf_print(out, "| %u | `%s` | %s%s |\n", (unsigned)code->number, code->name, code->words,
			       code->reserved ? " (reserved for a later version)" : "");
	}
	base_buf_print(out, "\n");
}

void events_markdown(struct base_buf *out)
{
	const struct events_struct *seen[64];
	const struct events_kind *const *kinds;
	size_t count, seen_count = 0;

	kinds = events_kinds(&count);
	base_buf_print(out, "## Kinds\n\n");
	print_kinds(out, kinds, count);
	base_buf_print(out, "## What every event says\n\n");
	print_members(out, &events_envelope_struct);
	print_structs(out, &events_envelope_struct, seen, &seen_count);
	base_buf_print(out, "## What each kind says\n\n");
	for (size_t i = 0; i < count; i++) {
		base_buf_print(out, "### <a id=\"%s\"></a>%s\n\n", kinds[i]->name, kinds[i]->name);
		if (kinds[i]->needs_reason)
			base_buf_print(out, "The event must give a reason.\n\n");
		print_members(out, &kinds[i]->body);
	}
	base_buf_print(out, "## Parts of them\n\n");
	for (size_t i = 0; i < count; i++)
		print_structs(out, &kinds[i]->body, seen, &seen_count);
	base_buf_print(out, "## Codes\n\n");
	for (unsigned list = 0; list < EVENTS_LISTS; list++)
		print_codes(out, events_codes_of((enum events_list)list));
}
