/* What came of each case, and how it is told. */
#include "tests/conformance/conformance.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void note_add(struct notes *notes, const char *text, size_t cases)
{
	for (size_t i = notes->count; i > 0; i--) {
		if (strcmp(notes->list[i - 1].text, text) == 0) {
			notes->list[i - 1].cases += cases;
			return;
		}
	}
	if (notes->count == notes->cap) {
		notes->cap = notes->cap == 0 ? 16 : 2 * notes->cap;
		notes->list = base_realloc(notes->list, notes->cap * sizeof(*notes->list));
	}
	notes->list[notes->count++] = (struct note){base_path("", text), cases};
}

static void notes_free(struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		free(notes->list[i].text);
	free(notes->list);
	*notes = (struct notes){0};
}

void case_pass(struct suite *s)
{
	s->cases++;
	s->passed++;
}

void case_refused(struct suite *s, const char *why)
{
	case_pass(s);
	note_add(&s->refusals, why, 1);
}

void case_fail(struct suite *s, const char *which, const char *format, ...)
{
	char why[BASE_ERROR_BYTES], text[2 * BASE_ERROR_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	(void)snprintf(text, sizeof(text), "%.400s%s%.300s: %.1000s", s->file != NULL ? s->file->name : s->name,
		       which != NULL ? ", " : "", which != NULL ? which : "", why);
	s->cases++;
	s->failed++;
	note_add(&s->failures, text, 1);
}

void case_skip(struct suite *s, const char *format, ...)
{
	char why[BASE_ERROR_BYTES], text[2 * BASE_ERROR_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	(void)snprintf(text, sizeof(text), "%.400s: %.1000s", s->file != NULL ? s->file->name : s->name, why);
	s->cases++;
	s->skipped++;
	note_add(&s->skips, text, 1);
}

void case_end(struct suite *s, const char *which, const char *why)
{
	if (why == NULL)
		case_pass(s);
	else
		case_fail(s, which, "%s", why);
}

void case_payload(struct suite *s, const char *why)
{
	char text[BASE_ERROR_BYTES];

	if (why != NULL) {
		(void)snprintf(text, sizeof(text), "%.400s: %.500s", s->file->name, why);
		note_add(&s->payloads, text, 1);
	}
	files_add(&s->sealed, s->run->folder, s->file->name);
}

/* ---- Telling ------------------------------------------------------------- */

static void print_text(struct base_slice text)
{
	struct base_buf line = BASE_BUF_INIT;

	base_printable(&line, text);
	printf("%.*s", (int)line.len, line.len > 0 ? (const char *)line.data : "");
	base_buf_free(&line);
}

/* "  skipped NAME [3 cases]: reason": the count goes behind the file's name. */
static void notes_print(const char *word, const struct notes *notes, bool by_file)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct note *note = &notes->list[i];
		const char *colon = by_file ? strstr(note->text, ": ") : NULL;
		size_t head = colon != NULL ? (size_t)(colon - note->text) : 0;

		printf("  %s ", word);
		print_text(base_slice(note->text, head));
		printf("%s[%zu case%s]%s", head > 0 ? " " : "", note->cases, note->cases == 1 ? "" : "s",
		       head > 0 ? "" : " ");
		print_text(base_slice_text(note->text + head));
		printf("\n");
	}
}

void suite_print(const struct suite *s)
{
	print_text(base_slice_text(s->name));
	printf(": cases %zu passed %zu failed %zu skipped %zu\n", s->cases, s->passed, s->failed, s->skipped);
	for (size_t i = 0; i < s->failures.count; i++) {
		printf("  FAILED ");
		print_text(base_slice_text(s->failures.list[i].text));
		printf("\n");
	}
	notes_print("skipped", &s->skips, true);
	notes_print("passed by refusal", &s->refusals, false);
	notes_print("as payload", &s->payloads, true);
	(void)fflush(stdout);
}

void suite_free(struct suite *s)
{
	notes_free(&s->failures);
	notes_free(&s->skips);
	notes_free(&s->refusals);
	notes_free(&s->payloads);
	files_free(&s->sealed);
}

/* ---- Reading a vector file ----------------------------------------------- */

bool suite_bytes(struct suite *s, struct base_buf *out)
{
	struct base_error err = {""};
	enum base_code code = base_file_read(out, s->file->path, VECTOR_BYTES_MAX, &err);

	if (code == BASE_LIMIT)
		case_payload(s, "larger than a file of vectors may be (64 MiB)");
	else if (code != BASE_OK)
		case_fail(s, NULL, "cannot be read: %s", err.text);
	if (code != BASE_OK)
		base_buf_free(out);
	return code == BASE_OK;
}

bool suite_json(struct suite *s, struct json *out)
{
	struct base_buf text = BASE_BUF_INIT;
	struct base_error err = {""};
	enum base_code code;

	if (!suite_bytes(s, &text))
		return false;
	code = json_parse(out, base_buf_slice(&text), &err);
	if (code != BASE_OK)
		case_payload(s, err.text);
	base_buf_free(&text);
	return code == BASE_OK;
}
