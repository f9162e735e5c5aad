/* JSON, tables, colours and progress. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/cli.h"

/* Of the UTF-8 that Jansson writes, what base_printable would not let through: all of it is in the first plane. */
static void put_escaped(struct base_buf *out, struct base_slice one)
{
	struct base_buf shown = BASE_BUF_INIT;
	uint32_t point = one.data[0];

	base_printable(&shown, one);
	if (one.len == 2)
		point = (point & 0x1f) << 6 | (one.data[1] & 0x3fu);
	else if (one.len == 3)
		point = (point & 0x0f) << 12 | (one.data[1] & 0x3fu) << 6 | (one.data[2] & 0x3fu);
	if (base_slice_equal(base_buf_slice(&shown), one))
		base_buf_append(out, one);
	else
		base_buf_print(out, "\\u%04x", point);
	base_buf_free(&shown);
}

char *cli_json_dump(const json_t *json)
{
	char *text = json_dumps(json, JSON_SORT_KEYS | JSON_INDENT(2));
	struct base_buf out = BASE_BUF_INIT;

	BASE_ASSERT(text != NULL);
	for (const char *at = text; *at != '\0';) {
		static const uint8_t lengths[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4};
		struct base_slice one = base_slice(at, lengths[(uint8_t)*at >> 4]);

		at += one.len;
		if (one.data[0] == '\n' || (one.data[0] >= 0x20 && one.data[0] < 0x7f))
			base_buf_append(&out, one);
		else
			put_escaped(&out, one);
	}
	base_buf_byte(&out, 0);
	free(text);
	return (char *)out.data;
}

void cli_print_json(json_t *json)
{
	char *text;

	BASE_ASSERT(json != NULL);
	text = cli_json_dump(json);

	puts(text);
	free(text);
	json_decref(json);
}

const char *cli_style(const struct cli *cli, enum cli_style style)
{
	static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m"};

	return cli->color_out ? codes[style] : "";
}

/* File names and the like stand in them. */
BASE_PRINTF(1, 0) static void say(const char *format, va_list args)
{
	struct base_buf shown = BASE_BUF_INIT;
	char text[8192];

	vsnprintf(text, sizeof(text), cli_message(format), args);
	base_printable(&shown, base_slice_text(text));
	base_buf_byte(&shown, '\n');
	fwrite(shown.data, 1, shown.len, stderr);
	base_buf_free(&shown);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
	va_list args;

	if (cli->quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void cli_warn(const struct cli *cli, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s%s%s ", cli->color_err ? "\033[33m" : "", _("warning:"), cli->color_err ? "\033[0m" : "");
	va_start(args, format);
	say(format, args);
	va_end(args);
}

/* ---- Tables ---- */

struct cli_table {
	size_t columns, rows, cap;
	char **cells; /* rows * columns, the headings first */
};

/* Columns on a terminal; bytes where the locale cannot tell. */
static size_t text_width(const char *text)
{
	mbstate_t state = {0};
	size_t width = 0;
	size_t left = strlen(text);

	while (left > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, left, &state);
		int w;

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
			return width + left;
		w = wcwidth(c);
		width += w > 0 ? (size_t)w : 0;
		text += n;
		left -= n;
	}
	return width;
}

/* Bytes of text that fit into width columns. */
static size_t bytes_in_width(const char *text, size_t width)
{
	mbstate_t state = {0};
	size_t at = 0;
	size_t used = 0;

	while (text[at] != '\0') {
		wchar_t c;
		size_t n = mbrtowc(&c, text + at, strlen(text + at), &state);
		int w = 1;

		if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
			n = 1;
		else
			w = wcwidth(c);
		used += w > 0 ? (size_t)w : 0;
		if (used > width)
			break;
		at += n;
	}
	return at;
}

void cli_label(const struct cli *cli, const char *indent, const char *label, size_t columns)
{
	size_t width = text_width(label);

	printf("%s%s%s%*s%s ", indent, cli_style(cli, CLI_DIM), label, width < columns ? (int)(columns - width) : 0, "", cli_style(cli, CLI_PLAIN));
}

static char *copy_printable(const char *text)
{
	struct base_buf out = BASE_BUF_INIT;

	base_printable(&out, base_slice_text(text != NULL ? text : ""));
	base_buf_byte(&out, 0);
	return (char *)out.data;
}

struct cli_table *cli_table_open(const char *const *headings, size_t columns)
{
	struct cli_table *table = base_alloc(sizeof(*table));
	const char **shown = base_alloc(columns * sizeof(*shown));

	table->columns = columns;
	for (size_t i = 0; i < columns; i++)
		shown[i] = cli_message(headings[i]);
	cli_table_row(table, shown);
	free(shown);
	return table;
}

void cli_table_row(struct cli_table *table, const char *const *cells)
{
	if (table->rows == table->cap) {
		table->cap = table->cap == 0 ? 64 : table->cap * 2;
		table->cells = base_realloc(table->cells, table->cap * table->columns * sizeof(char *));
	}
	for (size_t i = 0; i < table->columns; i++)
		table->cells[table->rows * table->columns + i] = copy_printable(cells[i]);
	table->rows++;
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return SIZE_MAX;
	return size.ws_col;
}

void cli_table_print(const struct cli *cli, struct cli_table *table)
{
	size_t *widths = base_alloc(table->columns * sizeof(size_t));
	size_t screen = terminal_width();

	for (size_t i = 0; i < table->rows * table->columns; i++) {
		size_t w = text_width(table->cells[i]);

		if (w > widths[i % table->columns])
			widths[i % table->columns] = w;
	}
	for (size_t row = 0; row < table->rows; row++) {
		size_t left = screen;

		fputs(row == 0 ? cli_style(cli, CLI_BOLD) : "", stdout);
		for (size_t i = 0; i < table->columns; i++) {
			const char *cell = table->cells[row * table->columns + i];
			bool last = i + 1 == table->columns;
			size_t bytes = last && screen != SIZE_MAX ? bytes_in_width(cell, left) : strlen(cell);

			fwrite(cell, 1, bytes, stdout);
			if (!last)
				printf("%*s", (int)(widths[i] - text_width(cell) + 2), "");
			left = left > widths[i] + 2 ? left - widths[i] - 2 : 0;
		}
		fputs(row == 0 ? cli_style(cli, CLI_PLAIN) : "", stdout);
		fputc('\n', stdout);
	}
	free(widths);
	cli_table_close(table);
}

void cli_table_close(struct cli_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

/* ---- Progress ---- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void cli_progress_begin(struct cli_progress *p, const struct cli *cli, const char *what, uint64_t total, bool bytes)
{
	*p = (struct cli_progress){.cli = cli, .what = cli_message(what), .total = total, .began_ms = now_ms(), .bytes = bytes};
}

static void draw(const struct cli_progress *p, uint64_t now)
{
	double seconds = (double)(now - p->began_ms) / 1000.0;
	double rate = seconds > 0 ? (double)p->done / seconds : 0;
	char bar[31];
	size_t filled = p->total > 0 ? (size_t)(30.0 * (double)p->done / (double)p->total) : 0;

	for (size_t i = 0; i < 30; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[30] = '\0';
	fputc('\r', stderr);
	if (p->total == 0)
		fprintf(stderr, "%s: %llu ", p->what, (unsigned long long)p->done);
	else if (p->bytes)
		fprintf(stderr, _("%s [%s] %3.0f %%  %.1f of %.1f MB, %.1f MB/s "), p->what, bar, 100.0 * (double)p->done / (double)p->total,
			(double)p->done / 1e6, (double)p->total / 1e6, rate / 1e6);
	else
		fprintf(stderr, _("%s [%s] %llu of %llu, %.0f/s "), p->what, bar, (unsigned long long)p->done, (unsigned long long)p->total,
			rate);
}

void cli_progress_set(struct cli_progress *p, uint64_t done)
{
	uint64_t now;

	p->done = done;
	if (!p->cli->progress)
		return;
	now = now_ms();
	/* Short work gets no bar; long work is redrawn ten times a second. */
	if (now - p->began_ms < 500 || now - p->drawn_ms < 100)
		return;
	p->drawn_ms = now;
	draw(p, now);
}

void cli_progress_end(struct cli_progress *p)
{
	if (p->cli->progress && p->drawn_ms != 0) {
		draw(p, now_ms());
		fputc('\n', stderr);
	}
}

/* ---- JSON values ---- */

json_t *cli_json_hex(struct base_slice bytes)
{
	char *hex = base_alloc(bytes.len * 2 + 1);
	json_t *json;

	base_hex(hex, bytes);
	json = json_string(hex);
	free(hex);
	return json;
}

json_t *cli_json_slice(struct base_slice text)
{
	struct base_buf out = BASE_BUF_INIT;
	json_t *json;

	if (base_utf8_valid(text))
		return json_stringn((const char *)text.data, text.len);
	base_printable(&out, text);
	json = json_stringn((const char *)out.data, out.len);
	base_buf_free(&out);
	return json;
}

json_t *cli_json_time(struct base_time time)
{
	char text[BASE_TIME_TEXT_BYTES];

	base_time_format(text, time, 0);
	return json_string(text);
}

json_t *cli_json_when(const struct events_when *when)
{
	char text[64];

	events_when_format(text, when);
	return json_string(text);
}
