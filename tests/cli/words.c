/* The words of the tables, as the entries of a catalogue: kinds, members, codes, errors; with --names, the names of kinds, members and codes, which
 * are the same in every language. */
#include "ledger/events/events.h"

#include <stdio.h>
#include <string.h>

static void print(const char *text)
{
	printf("msgid \"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	printf("\"\nmsgstr \"\"\n\n");
}

static void print_struct(const struct events_struct *of)
{
	for (size_t i = 0; i < of->count; i++) {
		print(of->fields[i].help);
		if (of->fields[i].of != NULL)
			print_struct(of->fields[i].of);
	}
}

static void name_struct(const struct events_struct *of)
{
	for (size_t i = 0; i < of->count; i++) {
		puts(of->fields[i].name);
		if (of->fields[i].of != NULL)
			name_struct(of->fields[i].of);
	}
}

static int names(void)
{
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	for (size_t i = 0; i < count; i++) {
		puts(kinds[i]->name);
		name_struct(&kinds[i]->body);
	}
	for (unsigned list = 0; list < EVENTS_LISTS; list++)
		for (size_t i = 0; i < events_codes_of((enum events_list)list)->count; i++)
			puts(events_codes_of((enum events_list)list)->codes[i].name);
	return 0;
}

int main(int argc, char **argv)
{
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	if (argc > 1 && strcmp(argv[1], "--names") == 0)
		return names();
	printf("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n");
	for (size_t i = 0; i < count; i++) {
		print(kinds[i]->words);
		print(kinds[i]->who);
		print_struct(&kinds[i]->body);
	}
#define X(name, number, text) print(text);
	BASE_CODES(X)
#undef X
	for (unsigned list = 0; list < EVENTS_LISTS; list++) {
		const struct events_codes *codes = events_codes_of((enum events_list)list);

		for (size_t i = 0; i < codes->count; i++)
			if (!codes->codes[i].reserved)
				print(codes->codes[i].words);
	}
	return 0;
}
