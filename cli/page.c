/* One HTML page that needs nothing beside it: no script, no font, no picture from elsewhere. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

/* Words break anywhere before anything grows wider than the screen or the sheet: ids and names have no spaces. Numbers and the headings of
 * columns never break; a table of many columns scrolls on a small screen. An entry stays on one sheet, if it can fit on one. What a caption of rows says stands in the heading above, too. */
static const char style[] =
	"body{font:11pt/1.45 'DejaVu Serif',Georgia,serif;color:#111;background:#fff;max-width:58em;margin:2em auto;padding:0 1em;overflow-wrap:anywhere}"
	"h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em;border-bottom:1px solid #999}h3{font-size:1em;margin:1.5em 0 .3em}"
	"table{border-collapse:collapse;width:100%;margin:.5em 0}caption{text-align:left;font-style:italic;padding:.2em 0}"
	"th,td{text-align:left;vertical-align:top;padding:.15em .6em .15em 0;border-bottom:1px solid #ddd}"
	"th{font-weight:600}table.rows th{width:13em;hyphens:auto}"
	"table.rows caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
	".wide{overflow-x:auto}.wide th{overflow-wrap:normal}.wide td{min-width:5em}.wide td.n{min-width:0;white-space:nowrap}"
	".flags{border-left:.3em solid #a33;padding-left:.7em}"
	"pre{font-size:7.5pt;white-space:pre-wrap;border:1px solid #ccc;padding:.6em}"
	"section.entry{break-inside:avoid}section.entry:has(.wide tr:nth-child(26)){break-inside:auto}"
	"@media screen and (max-width:45em){.wide table{min-width:44em}table.rows th{width:8em}}"
	"@media print{body{margin:0;padding:0;max-width:none;font-size:9.5pt}a{color:inherit;text-decoration:none}h2{break-after:avoid}"
	".wide{overflow:visible}h3{break-after:avoid}thead{display:table-header-group}tr{break-inside:avoid}}"
	"@page{margin:2cm;@bottom-center{font-size:9pt;content:counter(page) ' / ' counter(pages)}}";

static void raw(struct base_buf *out, const char *text)
{
	base_buf_append(out, base_slice_text(text));
}

void page_text(struct base_buf *out, struct base_slice text)
{
	struct base_buf shown = BASE_BUF_INIT;

	base_printable(&shown, text);
	for (size_t i = 0; i < shown.len; i++) {
		switch (shown.data[i]) {
		case '<': raw(out, "&lt;"); break;
		case '>': raw(out, "&gt;"); break;
		case '&': raw(out, "&amp;"); break;
		case '"': raw(out, "&quot;"); break;
		case '\'': raw(out, "&#39;"); break;
		default: base_buf_byte(out, shown.data[i]);
		}
	}
	base_buf_free(&shown);
}

static void print(struct base_buf *out, const char *format, va_list args) BASE_PRINTF(2, 0);

static void print(struct base_buf *out, const char *format, va_list args)
{
	char *text = NULL;
	int len = vasprintf(&text, format, args);

	BASE_ASSERT(len >= 0);
	page_text(out, base_slice_text(text));
	free(text);
}

void page_print(struct base_buf *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(out, format, args);
	va_end(args);
}

void page_begin(struct base_buf *out, const char *language, const char *title)
{
	raw(out, "<!DOCTYPE html>\n<html lang=\"");
	page_text(out, base_slice_text(language));
	raw(out, "\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width\"/>\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n<title>");
	page_text(out, base_slice_text(title));
	raw(out, "</title>\n<style>");
	raw(out, style);
	raw(out, "</style>\n</head>\n<body>\n<main>\n<h1>");
	page_text(out, base_slice_text(title));
	raw(out, "</h1>\n");
}

void page_end(struct base_buf *out)
{
	raw(out, "</main>\n</body>\n</html>\n");
}

void page_heading(struct base_buf *out, unsigned level, const char *id, const char *text)
{
	base_buf_print(out, "<h%u", level);
	if (id != NULL) {
		raw(out, " id=\"");
		page_text(out, base_slice_text(id));
		raw(out, "\"");
	}
	raw(out, ">");
	page_text(out, base_slice_text(text));
	base_buf_print(out, "</h%u>\n", level);
}

static void caption_put(struct base_buf *out, const char *caption)
{
	raw(out, "<caption>");
	page_text(out, base_slice_text(caption));
	raw(out, "</caption>\n");
}

void page_rows_begin(struct base_buf *out, const char *caption)
{
	raw(out, "<table class=\"rows\">\n");
	caption_put(out, caption);
	raw(out, "<tbody>\n");
}

void page_row(struct base_buf *out, const char *label, const char *format, ...)
{
	va_list args;

	raw(out, "<tr><th scope=\"row\">");
	page_text(out, base_slice_text(label));
	raw(out, "</th><td>");
	va_start(args, format);
	print(out, format, args);
	va_end(args);
	raw(out, "</td></tr>\n");
}

void page_rows_end(struct base_buf *out)
{
	raw(out, "</tbody>\n</table>\n");
}

void page_table_begin(struct base_buf *out, const char *caption, const char *const *headings, size_t columns)
{
	/* Whoever has no mouse scrolls it with the keyboard: it takes the focus, and says what it is. */
	raw(out, "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"");
	page_text(out, base_slice_text(caption));
	raw(out, "\">\n<table>\n");
	caption_put(out, caption);
	raw(out, "<thead><tr>");
	for (size_t i = 0; i < columns; i++) {
		raw(out, "<th scope=\"col\">");
		page_text(out, base_slice_text(headings[i]));
		raw(out, "</th>");
	}
	raw(out, "</tr></thead>\n<tbody>\n");
}

void page_table_row(struct base_buf *out, const char *const *cells, size_t columns)
{
	raw(out, "<tr>");
	for (size_t i = 0; i < columns; i++) {
		raw(out, cells[i][0] != '\0' && strspn(cells[i], "0123456789") == strlen(cells[i]) ? "<td class=\"n\">" : "<td>");
		page_text(out, base_slice_text(cells[i]));
		raw(out, "</td>");
	}
	raw(out, "</tr>\n");
}

void page_table_end(struct base_buf *out)
{
	raw(out, "</tbody>\n</table>\n</div>\n");
}

void page_file(struct base_buf *out, const char *name, const char *label, struct base_slice content)
{
	raw(out, "<p><a download=\"");
	page_text(out, base_slice_text(name));
	raw(out, "\" href=\"data:application/octet-stream;base64,");
	base_base64(out, content);
	raw(out, "\">");
	page_text(out, base_slice_text(label));
	raw(out, "</a></p>\n<pre>");
	/* Evidence is text; its line ends stay, which base_printable would take for control characters. */
	for (size_t at = 0; at < content.len;) {
		const uint8_t *end = memchr(content.data + at, '\n', content.len - at);
		size_t len = end != NULL ? (size_t)(end - content.data) - at : content.len - at;

		page_text(out, base_slice(content.data + at, len));
		base_buf_byte(out, '\n');
		at += len + 1;
	}
	raw(out, "</pre>\n");
}
