/* A commented example of a kind, written from its declaration. */
#include "ledger/events/schema.h"

#include <string.h>

struct writer {
	struct base_buf *out;
	unsigned depth;
	bool commented;	       /* members that may be left out stand in comments */
	unsigned commented_at; /* depth where that began: the // stand in one column */
};

static void write_value(struct writer *w, const char *lead, const struct events_field *field, enum events_type type,
			const char *after);

static void line_begin(struct writer *w)
{
	for (unsigned i = 0; i <= w->depth; i++) {
		if (w->commented && i == w->commented_at)
			base_buf_print(w->out, "// ");
		if (i < w->depth)
			base_buf_byte(w->out, '\t');
	}
}

static void line(struct writer *w, const char *a, const char *b, const char *c)
{
	line_begin(w);
	base_buf_print(w->out, "%s%s%s\n", a, b, c);
}

#define COMMENT_COLUMNS 100

/* "one of: clinical, genomic, …", broken into lines. */
static void codes_comment(struct writer *w, const struct events_codes *codes)
{
	const char *before = "// one of: ";
	size_t column = COMMENT_COLUMNS;

	for (size_t i = 0; i < codes->count; i++) {
		const char *name = codes->codes[i].name;

		if (codes->codes[i].reserved)
			continue;
		if (column + strlen(name) > COMMENT_COLUMNS) {
			if (i > 0)
				base_buf_print(w->out, ",\n");
			line_begin(w);
			base_buf_print(w->out, "%s%s", before, name);
			before = "//   ";
			column = 0;
		} else {
			base_buf_print(w->out, ", %s", name);
		}
		column += strlen(name) + 2;
	}
	base_buf_print(w->out, "\n");
}

static void help_comment(struct writer *w, const struct events_field *field, const char *what)
{
	line_begin(w);
	base_buf_print(w->out, "// %s%s", what, field->help);
	if (field->type == EVENTS_LIST)
		base_buf_print(w->out, " (%llu to %llu)", (unsigned long long)field->min,
			       (unsigned long long)field->max);
	base_buf_print(w->out, "\n");
	if (field->codes != NULL)
		codes_comment(w, field->codes);
}

/* A member that is there; or in a comment, so that deleting "// " makes it one: the comma then stands before
 * it if it follows the last member that is there. */
static void write_member(struct writer *w, const struct events_field *field, bool there, bool comma_before,
			 bool comma_after, const char *what)
{
	bool was_commented = w->commented;
	char lead[96];

	help_comment(w, field, what);
	if (!was_commented && !there) {
		w->commented = true;
		w->commented_at = w->depth;
	}
	(void)snprintf(lead, sizeof(lead), "%s\"%s\": ", comma_before ? ", " : "", field->name);
	write_value(w, lead, field, field->type, comma_after ? "," : "");
	w->commented = was_commented;
}

static void write_members(struct writer *w, const struct events_struct *of)
{
	size_t there = 0, last = 0;
	bool any = false;

	for (size_t i = 0; i < of->count; i++) {
		if (of->fields[i].optional && there >= of->at_least)
			continue;
		there++;
		last = i;
		any = true;
	}
	there = 0;
	for (size_t i = 0; i < of->count; i++) {
		const struct events_field *field = &of->fields[i];
		bool live = !field->optional || there < of->at_least;
		bool instead = !live && of->at_most > 0 && there >= of->at_most;
		const char *what = instead				  ? "or instead: "
				   : field->optional && of->at_least == 0 ? "may be left out: "
									  : "";

		write_member(w, field, live, any && !live && !instead && i > last, any && i < last, what);
		there += live;
	}
}

static void write_value(struct writer *w, const char *lead, const struct events_field *field, enum events_type type,
			const char *after)
{
	if (type == EVENTS_STRUCT && field->of->count == 0) {
		line(w, lead, "{}", after);
	} else if (type == EVENTS_STRUCT || type == EVENTS_LIST) {
		line(w, lead, type == EVENTS_STRUCT ? "{" : "[", "");
		w->depth++;
		if (type == EVENTS_STRUCT)
			write_members(w, field->of);
		else
			write_value(w, "", field, field->element, "");
		w->depth--;
		line(w, type == EVENTS_STRUCT ? "}" : "]", after, "");
	} else {
		BASE_ASSERT(field->example != NULL);
		line(w, lead, field->example, after);
	}
}

void events_template(struct base_buf *out, const struct events_kind *kind)
{
	const struct events_field body = {
		.name = "body", .type = EVENTS_STRUCT, .of = &kind->body, .help = "what is recorded"};
	struct writer w = {out, 0, false, 0};

	base_buf_print(out, "// %s: %s.\n// Who: %s.\n// Effect: %s.\n", kind->name, kind->words, kind->who,
		       kind->effect);
	base_buf_print(out, "// Lines that begin with // are comments; delete the // of what you want to say.\n{\n");
	w.depth = 1;
	base_buf_print(out, "\t\"kind\": \"%s\",\n", kind->name);
	if (kind->needs_study)
		base_buf_print(out, "\t// the study that it belongs to\n\t\"study\": \"rd-registry\",\n");
	for (size_t i = 0; i < events_document_struct.count; i++) {
		const struct events_field *field = &events_document_struct.fields[i];
		bool there = !field->optional || (kind->needs_reason && strcmp(field->name, "reason") == 0);

		write_member(&w, field, there, false, true, there ? "" : "may be left out: ");
	}
	write_member(&w, &body, true, false, false, "");
	base_buf_print(out, "}\n");
}
