/* report: pages for people who read on paper. What cmd_report.c and its helpers share.
 *
 *   page.c        one self-contained HTML page: text escaped, tables with headings, fit for print and screen readers
 *   cmd_report.c  what the page says
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

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
