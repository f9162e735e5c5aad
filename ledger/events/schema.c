/* Names of places and types for errors, and the nearest name for a misspelt one. */
#include "ledger/events/schema.h"

#include <stdarg.h>
#include <string.h>

static size_t print_at(char *out, size_t at, const char *before, const struct events_path *path)
{
	size_t room = EVENTS_PATH_TEXT_BYTES - at;
	int len = path->name != NULL ? snprintf(out + at, room, "%s%s", before, path->name)
				     : snprintf(out + at, room, "[%zu]", path->index);

	return len < 0 || (size_t)len >= room ? EVENTS_PATH_TEXT_BYTES - 1 : at + (size_t)len;
}

/* Writes the ancestors first; depth is bounded by the nesting of the declarations. */
static size_t path_print(char *out, const struct events_path *path)
{
	size_t at;

	if (path->up == NULL)
		return path->name == NULL ? 0 : print_at(out, 0, "", path);
	at = path_print(out, path->up);
	if (path->up->up == NULL)
		return print_at(out, at, at == 0 ? "" : ": ", path);
	return print_at(out, at, ".", path);
}

void schema_path_print(char out[EVENTS_PATH_TEXT_BYTES], const struct events_path *path)
{
	out[0] = '\0';
	(void)path_print(out, path);
}

enum base_code schema_fail(const struct events_path *at, struct base_error *err, enum base_code code,
			   const char *format, ...)
{
	char path[EVENTS_PATH_TEXT_BYTES], what[256];
	va_list args;

	if (err == NULL)
		return code;
	schema_path_print(path, at);
	va_start(args, format);
	/* clang-tidy 14 loses sight of va_start when it is given several files. */
	(void)vsnprintf(what, sizeof(what), base_message(format), args); /* NOLINT(clang-analyzer-valist.Uninitialized) */
	va_end(args);
	return base_fail(err, code, path[0] == '\0' ? "%s%s" : "%s: %s", path, what);
}

enum base_code schema_wrap(const struct events_path *at, struct base_error *err, enum base_code code)
{
	char path[EVENTS_PATH_TEXT_BYTES];

	if (code == BASE_OK || err == NULL)
		return code;
	schema_path_print(path, at);
	return path[0] == '\0' ? code : base_wrap(err, code, "%s", path);
}

const struct events_field *schema_field_by_key(const struct events_struct *of, uint64_t key)
{
	for (size_t i = 0; i < of->count; i++)
		if (of->fields[i].key == key)
			return &of->fields[i];
	return NULL;
}

const char *schema_type_name(enum events_type type)
{
	static const char *const names[] = {
		[EVENTS_UINT] = BASE_WORDS("a whole number from 0"),
		[EVENTS_BOOL] = BASE_WORDS("true or false"),
		[EVENTS_CODE] = BASE_WORDS("a code"),
		[EVENTS_TOKEN] = BASE_WORDS("a code of 1 to 64 characters of a-z 0-9 . _ -, the first a letter or digit"),
		[EVENTS_STUDY] = BASE_WORDS("a study's code (1 to 64 of a-z 0-9 . _ -)"),
		[EVENTS_ORGANISATION] = BASE_WORDS("an organisation's code (1 to 64 of a-z 0-9 . _ -)"),
		[EVENTS_ACTOR] = BASE_WORDS("an actor like \"organisation/code\""),
		[EVENTS_COUNTRY] = BASE_WORDS("a country in two capital letters"),
		[EVENTS_LABEL] = BASE_WORDS("a text without control characters"),
		[EVENTS_SOURCE] = BASE_WORDS("a text without control characters but tabs and line ends"),
		[EVENTS_URL] = BASE_WORDS("1 to 255 printable ASCII characters without spaces"),
		[EVENTS_PARTY] = BASE_WORDS("an organisation's code or an actor like \"organisation/code\""),
		[EVENTS_KIND] = BASE_WORDS("a kind of event"),
		[EVENTS_ID] = BASE_WORDS("an event id (64 hex digits)"),
		[EVENTS_HASH] = BASE_WORDS("32 bytes (64 hex digits)"),
		[EVENTS_REFERENCE] = BASE_WORDS("a participant's reference (64 hex digits)"),
		[EVENTS_CID] = BASE_WORDS("a CID"),
		[EVENTS_ITEM] = BASE_WORDS("an item like \"<event id>#0\""),
		[EVENTS_WHEN] = BASE_WORDS("a time like \"2026-03-01T09:30:00+02:00\", or a day or month"),
		[EVENTS_TIME] = BASE_WORDS("a time like \"2026-03-01T09:30:00Z\""),
		[EVENTS_PUBLIC] = BASE_WORDS("a public key"),
		[EVENTS_PROOF] = BASE_WORDS("bytes in base64"),
		[EVENTS_STRUCT] = BASE_WORDS("an object {…}"),
		[EVENTS_LIST] = BASE_WORDS("a list […]"),
		[EVENTS_BODY] = BASE_WORDS("an object {…}"),
	};
	return names[type];
}

/* Levenshtein's distance; words are cut to this many bytes. */
#define WORD_MAX 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(struct base_slice a, struct base_slice b)
{
	size_t row[WORD_MAX + 1];

	a.len = least(a.len, WORD_MAX);
	b.len = least(b.len, WORD_MAX);
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);

			diagonal = row[j];
			row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.len];
}

void schema_nearest_offer(struct schema_nearest *nearest, const char *name)
{
	size_t far = distance(nearest->word, base_slice_text(name));
	size_t shared = least(nearest->word.len, strlen(name));

	/* "owner" for "own", "compute" for "compute-coordinator" */
	if (shared >= 3 && memcmp(nearest->word.data, name, shared) == 0)
		far = least(far, 1);
	/* More than half of the letters wrong is no misspelling. */
	if (far * 2 > strlen(name) || (nearest->best != NULL && far >= nearest->distance))
		return;
	nearest->best = name;
	nearest->distance = far;
}

void schema_nearest_hint(char out[128], const struct schema_nearest *nearest)
{
	out[0] = '\0';
	if (nearest->best != NULL)
		(void)snprintf(out, 128, base_message("; did you mean \"%s\"?"), nearest->best);
}
