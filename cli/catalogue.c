/* Messages in the reader's language. */
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/report.h"

#define DOMAIN "regesta"

/* bin/regesta finds share/locale beside its folder, wherever both were built or installed. */
static char *folder_make(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (len <= 0)
		return NULL;
	path[len] = '\0';
	for (int up = 0; up < 2; up++) {
		if ((slash = strrchr(path, '/')) == NULL)
			return NULL;
		*slash = '\0';
	}
	return base_path(path, "share/locale");
}

/* Two letters of LANGUAGE, LC_ALL, LC_MESSAGES or LANG, in the order in which gettext looks. */
static const char *from_environment(char out[3])
{
	static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		if (strlen(value) < 2 || strcmp(value, "POSIX") == 0 || value[0] == 'C')
			return "en";
		memcpy(out, value, 2);
		out[2] = '\0';
		return out;
	}
	return "en";
}

static char language_in_use[3] = "en";

/* Translated in every catalogue to the catalogue's own language. */
static const char *catalogue_language(void)
{
	/* TRANSLATORS: the two letters of your language: "de". */
	return dgettext(DOMAIN, "en");
}

enum base_code cli_language(const char *language, struct base_error *err)
{
	char letters[3];
	const char *wanted = language != NULL ? language : from_environment(letters);
	char *folder = folder_make();
	enum base_code code = BASE_OK;

	/* Messages alone: numbers and times are written the same everywhere. C.UTF-8 is on every Debian, and LANGUAGE chooses
	 * among catalogues in it. */
	if (setlocale(LC_MESSAGES, "C.UTF-8") != NULL && folder != NULL && setenv("LANGUAGE", wanted, 1) == 0) {
		bindtextdomain(DOMAIN, folder);
		bind_textdomain_codeset(DOMAIN, "UTF-8");
	}
	if (strcmp(catalogue_language(), wanted) == 0)
		memcpy(language_in_use, wanted, 3);
	else if (language != NULL)
		code = base_fail(err, BASE_USAGE, "there is no catalogue of messages in \"%.20s\"; en and de are there", wanted);
	free(folder);
	return code;
}

const char *cli_language_name(void)
{
	return language_in_use;
}

const char *cli_message(const char *english)
{
	return english[0] == '\0' ? "" : dgettext(DOMAIN, english);
}

const char *cli_code_message(enum events_list list, uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	return code != NULL ? cli_message(code->words) : _("unknown");
}
