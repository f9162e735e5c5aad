/* Messages in the reader's language. */
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

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

/* Two small letters: a language is never a path. */
static bool begins_with_letters(const char *text)
{
	return text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z';
}

static char language_in_use[3] = "en";

/* Translated in every catalogue to the catalogue's own language. */
static const char *catalogue_language(void)
{
	/* TRANSLATORS: the two letters of your language: "de". */
	return dgettext(DOMAIN, N_("en"));
}

/* Binding anew tells gettext that LANGUAGE is another. */
static bool use(const char *letters)
{
	static char *folder;

	memcpy(language_in_use, "en", 3);
	if (strcmp(letters, "en") == 0)
		return setlocale(LC_MESSAGES, "C") != NULL; /* the system's messages too */
	if (folder == NULL && (folder = folder_make()) == NULL)
		return false;
	/* Messages alone: numbers and times are written the same everywhere. C.UTF-8 is on every Debian, and LANGUAGE chooses
	 * among catalogues in it. */
	if (setlocale(LC_MESSAGES, "C.UTF-8") == NULL || setenv("LANGUAGE", letters, 1) != 0 || bindtextdomain(DOMAIN, folder) == NULL ||
	    bind_textdomain_codeset(DOMAIN, "UTF-8") == NULL || strcmp(catalogue_language(), letters) != 0)
		return false;
	memcpy(language_in_use, letters, 3);
	return true;
}

/* As gettext does: where the locale is none, C or POSIX, English; else the first language of LANGUAGE that there is, else the locale's. */
static void use_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *locale = NULL, *list = getenv("LANGUAGE");
	char letters[3] = "en", *wanted;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (locale == NULL || locale[0] == '\0'); i++)
		locale = getenv(names[i]);
	if (locale == NULL || !begins_with_letters(locale)) {
		(void)use("en");
		return;
	}
	/* use() sets what list points to. */
	list = list != NULL ? list : "";
	wanted = base_alloc(strlen(list) + strlen(locale) + 2);
	(void)snprintf(wanted, strlen(list) + strlen(locale) + 2, "%s:%s", list, locale);
	for (const char *at = wanted; at != NULL; at = strchr(at, ':') != NULL ? strchr(at, ':') + 1 : NULL) {
		if (!begins_with_letters(at))
			continue;
		memcpy(letters, at, 2);
		if (use(letters))
			break;
	}
	free(wanted);
}

enum base_code cli_language(const char *language, struct base_error *err)
{
	base_translate(cli_message);
	if (language == NULL)
		use_environment();
	else if (strlen(language) != 2 || !begins_with_letters(language) || !use(language))
		return base_fail(err, BASE_USAGE, "there is no catalogue of messages in \"%.20s\"; en and de are there", language);
	return BASE_OK;
}

const char *cli_language_name(void)
{
	return language_in_use;
}

const char *cli_message(const char *english)
{
	/* gettext does not know that a message may be in the language of the source: it would look on. */
	return english[0] == '\0' || strcmp(language_in_use, "en") == 0 ? english : dgettext(DOMAIN, english);
}

const char *cli_message_plural(const char *one, const char *many, uint64_t n)
{
	if (strcmp(language_in_use, "en") == 0)
		return n == 1 ? one : many;
	return dngettext(DOMAIN, one, many, n);
}

const char *cli_code_message(enum events_list list, uint64_t number)
{
	const struct events_code *code = events_code_by_number(events_codes_of(list), number);

	return code != NULL ? cli_message(code->words) : _("unknown");
}
