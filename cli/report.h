/* report: pages for people who read on paper. What cmd_report.c and its helpers share.
 *
 *   catalogue.c   messages in the reader's language (GNU gettext; po/)
 *   page.c        one self-contained HTML page: text escaped, tables with headings, fit for print and screen readers
 *   cmd_report.c  what the page says
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

/* ---- Catalogue ---- */

/* Messages are English in the source; _() gives them in the language that was chosen, N_() only marks them. */
#define _(text) cli_message(text)
#define N_(text) text
/* "en", "de", or NULL for what the environment says. BASE_USAGE: no catalogue of that language is installed. */
BASE_MUST_USE enum base_code cli_language(const char *language, struct base_error *err);
const char *cli_language_name(void); /* that is in use: "en" */
const char *cli_message(const char *english) __attribute__((format_arg(1)));
/* Words of a code in that language; "unknown" where there is no such code. */
const char *cli_code_message(enum events_list list, uint64_t number);

/* ---- Page ---- */

void page_begin(struct base_buf *out, const char *language, const char *title);
void page_end(struct base_buf *out);
/* Text of any origin, made harmless: <, >, &, quotes and control characters. */
void page_text(struct base_buf *out, struct base_slice text);
void page_print(struct base_buf *out, const char *format, ...) BASE_PRINTF(2, 3); /* the same of a formatted text */
void page_heading(struct base_buf *out, unsigned level, const char *id, const char *text); /* id may be NULL */
/* Rows of two cells, the first a heading. */
void page_rows_begin(struct base_buf *out, const char *caption);
void page_row(struct base_buf *out, const char *label, const char *format, ...) BASE_PRINTF(3, 4);
void page_rows_end(struct base_buf *out);
/* A table with a heading for each column. */
void page_table_begin(struct base_buf *out, const char *caption, const char *const *headings, size_t columns);
void page_table_row(struct base_buf *out, const char *const *cells, size_t columns);
void page_table_end(struct base_buf *out);
/* A text file within the page: to be read, and to be saved under this name. */
void page_file(struct base_buf *out, const char *name, const char *label, struct base_slice content);

#endif
