/* regesta: finds the command, runs it, and turns its error code into the exit code. */
#include <locale.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/cli.h"

/* Keys are in memory: no core dump may hold them, and nobody may attach. */
static void harden(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* The command whose name is the longest match of the first words. */
static const struct cli_command *find_command(int argc, char **argv, int *used)
{
	const struct cli_command *best = NULL;

	for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++) {
		const char *rest = (*c)->name;
		int words = 0;

		while (words < argc && *rest != '\0') {
			size_t len = strlen(argv[words]);

			if (strncmp(rest, argv[words], len) != 0 || (rest[len] != ' ' && rest[len] != '\0'))
				break;
			words++;
			rest += len;
			if (*rest == ' ')
				rest++;
		}
		if (*rest == '\0' && words > 0 && (best == NULL || words > *used)) {
			best = *c;
			*used = words;
		}
	}
	return best;
}

static void print_error(bool json, const char *command, enum base_code code, const struct base_error *err)
{
	if (json) {
		json_t *error = json_pack("{s:{s:s, s:i, s:s?, s:s}}", "error", "code", base_code_name(code), "exit", (int)code,
					  "command", command, "message", err->text);

		json_dumpf(error, stderr, JSON_SORT_KEYS);
		fputc('\n', stderr);
		json_decref(error);
		return;
	}
	fprintf(stderr, "regesta%s%s: %s\n", command != NULL ? " " : "", command != NULL ? command : "", err->text[0] != '\0' ? err->text : _(base_code_text(code)));
}

/* Asked before the options are parsed, which moves them about and may fail. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

/* As wants_json: an error in the options is said in the language that they ask for. */
static void choose_language(int argc, char **argv, bool json)
{
	static const char option[] = "--language";
	const char *wanted = NULL;
	struct base_error ignored;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], option) == 0 && i + 1 < argc)
			wanted = argv[i + 1];
		else if (strncmp(argv[i], option, sizeof(option) - 1) == 0 && argv[i][sizeof(option) - 1] == '=')
			wanted = argv[i] + sizeof(option);
	}
	/* Programs read JSON: what is in it is one language. */
	if (json)
		wanted = "en";
	if (cli_language(wanted, &ignored) != BASE_OK && cli_language(NULL, &ignored) != BASE_OK)
		return; /* said once the options are parsed */
}

static int unknown_command(int argc, char **argv, bool json)
{
	struct base_error err;
	const char *names[256];
	const char *near;
	char two[128];
	size_t count = 0;
	size_t prefix = strlen(argv[0]);
	bool group = false;

	for (const struct cli_command *const *c = cli_commands(); *c != NULL && count < 256; c++) {
		names[count++] = (*c)->name;
		if (strncmp((*c)->name, argv[0], prefix) == 0 && (*c)->name[prefix] == ' ')
			group = true;
	}
	snprintf(two, sizeof(two), "%s%s%s", argv[0], argc > 1 && group ? " " : "", argc > 1 && group ? argv[1] : "");
	if (group && argc == 1) {
		fprintf(stderr, _("regesta: \"%s\" wants one more word:\n"), argv[0]);
		for (size_t i = 0; i < count; i++)
			if (strncmp(names[i], argv[0], prefix) == 0 && names[i][prefix] == ' ')
				fprintf(stderr, "    regesta %s\n", names[i]);
		return BASE_USAGE;
	}
	near = cli_nearest(two, names, count);
	if (near != NULL)
		base_fail(&err, BASE_USAGE, "there is no command \"%s\"; did you mean \"%s\"?", two, near);
	else
		base_fail(&err, BASE_USAGE, "there is no command \"%s\"; see `regesta help`", two);
	print_error(json, NULL, BASE_USAGE, &err);
	return BASE_USAGE;
}

static enum base_code set_up(struct cli *cli, struct base_error *err)
{
	const char *color = cli_get(cli, "color");
	const char *term = getenv("TERM");
	bool dumb = term == NULL || strcmp(term, "dumb") == 0 || getenv("NO_COLOR") != NULL;

	cli->json = cli_has(cli, "json");
	cli->quiet = cli_has(cli, "quiet");
	cli->color_out = !dumb && isatty(STDOUT_FILENO);
	cli->color_err = !dumb && isatty(STDERR_FILENO);
	if (cli_has(cli, "language")) {
		enum base_code code = cli_language(cli_get(cli, "language"), err);

		if (code == BASE_OK && cli->json)
			code = cli_language("en", err);
		if (code != BASE_OK)
			return code;
	}
	cli->progress = isatty(STDERR_FILENO) && !cli->quiet;
	if (color != NULL) {
		if (strcmp(color, "always") == 0)
			cli->color_out = cli->color_err = true;
		else if (strcmp(color, "never") == 0)
			cli->color_out = cli->color_err = false;
		else if (strcmp(color, "auto") != 0)
			return base_fail(err, BASE_USAGE, "--color is auto, always or never, not \"%s\"", color);
	}
	return BASE_OK;
}

static void *crypto_alloc(size_t bytes, const char *file, int line)
{
	(void)file;
	(void)line;
	return bytes == 0 ? NULL : base_realloc(NULL, bytes);
}

static void crypto_free(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

static void *crypto_realloc(void *old, size_t bytes, const char *file, int line)
{
	if (bytes > 0)
		return base_realloc(old, bytes);
	crypto_free(old, file, line);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct cli cli;
	static struct base_error err;
	static char name[] = "regesta";
	static char help_word[] = "help";
	static char *help_argv[] = {name, help_word, NULL};
	enum base_code code;
	bool json = wants_json(argc, argv);
	int used = 0;

	harden();
	/* One way to be out of memory, with a sentence: jansson would leave a member out of a document, and OpenSSL 3.0 goes on
	 * with locks that it could not make. */
	json_set_alloc_funcs(base_alloc, free);
	(void)CRYPTO_set_mem_functions(crypto_alloc, crypto_realloc, crypto_free);
	/* Only how text is shown follows the locale; numbers and order never do. */
	if (setlocale(LC_CTYPE, "") == NULL)
		setlocale(LC_CTYPE, "C.UTF-8"); /* a locale that is not installed: text is UTF-8 all the same */
	signal(SIGPIPE, SIG_IGN);
	choose_language(argc, argv, json);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		argc = 2;
		argv = help_argv;
	} else if (strcmp(argv[1], "--version") == 0) {
		printf("regesta %s\n", CLI_VERSION);
		return 0;
	}
	cli.command = find_command(argc - 1, argv + 1, &used);
	if (cli.command == NULL)
		return unknown_command(argc - 1, argv + 1, json);
	code = cli_parse(&cli, argc - 1 - used, argv + 1 + used, &err);
	if (code == BASE_OK)
		code = set_up(&cli, &err);
	if (code == BASE_OK && cli_has(&cli, "help"))
		cli_help_command(cli.command, stdout, cli.color_out);
	else if (code == BASE_OK)
		code = cli.command->run(&cli, &err);
	if (fflush(stdout) != 0 && code == BASE_OK)
		code = base_fail_errno(&err, "standard output");
	if (code != BASE_OK)
		print_error(json, cli.command->name, code, &err);
	return (int)code;
}
