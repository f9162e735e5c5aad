/* Long options from a command's table, in the manner of GNU: `--name VALUE`,
 * `--name=VALUE`, options and arguments in any order, `--` ends the options. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

const struct cli_option cli_global_options[] = {
	{"ledger", "DIR", "the ledger's folder (default: $REGESTA_LEDGER, else the current folder)", false},
	{"home", "DIR", "where keys and registers lie (default: $REGESTA_HOME, else ~/.regesta)", false},
	{"as", "ACTOR", "who you are: organisation/code (default: $REGESTA_AS, else as at the last enrolment here)", false},
	{"passphrase-file", "FILE", "read passphrases from the first line of FILE (or set $REGESTA_PASSPHRASE)", false},
	{"json", NULL, "print JSON for machines", false},
	{"quiet", NULL, "print no remarks", false},
	{"language", "CODE", "of messages and reports: en or de (default: as the environment says, see LANG); JSON is the same in all", false},
	{"color", "WHEN", "auto, always or never (default: auto)", false},
	{"help", NULL, "explain this command", false},
	{NULL, NULL, NULL, false},
};

static const struct cli_option *find_option(const struct cli_option *table, const char *name, size_t len)
{
	for (; table != NULL && table->name != NULL; table++)
		if (strlen(table->name) == len && memcmp(table->name, name, len) == 0)
			return table;
	return NULL;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;
	return m < c ? m : c;
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(b);
	size_t row[64];

	if (n >= 63 || strlen(a) >= 63)
		return 99;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t above = row[j + 1];

			row[j + 1] = min3(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
			diagonal = above;
		}
	}
	return row[n];
}

const char *cli_nearest(const char *word, const char *const *candidates, size_t count)
{
	const char *best = NULL;
	size_t best_distance = 4;

	for (size_t i = 0; i < count; i++) {
		size_t d = edit_distance(word, candidates[i]);

		/* A word of three letters is not "near" everything of three. */
		if (d < best_distance && d < strlen(word)) {
			best_distance = d;
			best = candidates[i];
		}
	}
	return best;
}

static enum base_code unknown_option(const struct cli *cli, const char *name, size_t len, struct base_error *err)
{
	char word[64];
	const char *names[64];
	const char *near;
	size_t count = 0;

	snprintf(word, sizeof(word), "%.*s", (int)(len < 63 ? len : 63), name);
	for (const struct cli_option *o = cli->command->options; o != NULL && o->name != NULL && count < 50; o++)
		names[count++] = o->name;
	for (const struct cli_option *o = cli_global_options; o->name != NULL && count < 64; o++)
		names[count++] = o->name;
	near = cli_nearest(word, names, count);
	if (near != NULL)
		return base_fail(err, BASE_USAGE, "unknown option --%s; did you mean --%s?", word, near);
	return base_fail(err, BASE_USAGE, "unknown option --%s; see `regesta %s --help`", word, cli->command->name);
}

static enum base_code take_option(struct cli *cli, int argc, char **argv, int *i, struct base_error *err)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const struct cli_option *option = find_option(cli->command->options, name, len);
	const char *value = NULL;

	if (option == NULL)
		option = find_option(cli_global_options, name, len);
	if (option == NULL)
		return unknown_option(cli, name, len, err);
	if (option->value == NULL) {
		if (equals != NULL)
			return base_fail(err, BASE_USAGE, "--%s takes no value", option->name);
	} else if (equals != NULL) {
		value = equals + 1;
	} else {
		if (*i + 1 >= argc)
			return base_fail(err, BASE_USAGE, "--%s wants a value: --%s %s", option->name, option->name, option->value);
		value = argv[++*i];
	}
	if (!option->repeat && cli_has(cli, option->name))
		return base_fail(err, BASE_USAGE, "--%s is given twice", option->name);
	if (cli->value_count == CLI_VALUES_MAX)
		return base_fail(err, BASE_USAGE, "more than %d options", CLI_VALUES_MAX);
	cli->values[cli->value_count].option = option;
	cli->values[cli->value_count++].value = value;
	return BASE_OK;
}

/* An organisation, a study or a site; or with a slash, an actor. */
static bool is_name(const char *text, bool actor, bool plain)
{
	const char *slash = strchr(text, '/');
	size_t first = slash != NULL ? (size_t)(slash - text) : strlen(text);
	size_t second = slash != NULL ? strlen(slash + 1) : 0;

	if ((slash != NULL && !actor) || (slash == NULL && !plain) || first < 1 || first > 64 || (slash != NULL && (second < 1 || second > 64)))
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		bool begins = c == text || c[-1] == '/';

		if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || (!begins && strchr("._-", *c) != NULL) || c == slash))
			return false;
	}
	return true;
}

static enum base_code check_name(const struct cli_option *option, const char *value, struct base_error *err)
{
	bool who = strcmp(option->value, "WHO") == 0, actor = strcmp(option->value, "ACTOR") == 0;

	if (!who && !actor && strcmp(option->value, "STUDY") != 0 && strcmp(option->value, "SITE") != 0 && strcmp(option->value, "ORGANISATION") != 0)
		return BASE_OK;
	if (is_name(value, who || actor, !actor))
		return BASE_OK;
	if (actor)
		return base_fail(err, BASE_USAGE, "--%s: \"%.100s\" is not an actor's name; it is ORGANISATION/CODE, such as charite/dm1", option->name, value);
	return base_fail(err, BASE_USAGE, "--%s: \"%.100s\" is no code: 1 to 64 of a-z 0-9 . _ -, the first a letter or digit", option->name, value);
}

/* The codes of every recording command: what they do not know is said before anything is looked up or sealed. */
static enum base_code check_code(const struct cli_option *option, const char *value, struct base_error *err)
{
	static const struct {
		const char *name;
		enum events_list list;
	} lists[] = {{"capacity", EVENTS_CAPACITIES}, {"meaning", EVENTS_MEANINGS}, {"reason", EVENTS_REASONS}};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(option->name, lists[i].name) == 0 && strcmp(option->value, "CODE") == 0)
			return base_wrap(err, cli_code_check(lists[i].list, value, err), "--%s", option->name);
	return BASE_OK;
}

static enum base_code check_value(const struct cli_option *option, const char *value, struct base_error *err)
{
	struct events_when when;
	enum base_code code;

	if (value[0] == '\0')
		return base_fail(err, BASE_USAGE, "--%s is empty; it wants a value: --%s %s", option->name, option->name, option->value);
	if (strcmp(option->value, "TIME") == 0 || strcmp(option->value, "DAY") == 0 || strcmp(option->value, "MONTH") == 0)
		return base_wrap(err, cli_when_parse(&when, value, err), "--%s", option->name);
	if (strcmp(option->name, "reason-text") == 0 && strcmp(value, "-") != 0 && access(value, R_OK) != 0)
		return base_fail_errno(err, "--reason-text: cannot open %s", value);
	code = check_name(option, value, err);
	return code == BASE_OK ? check_code(option, value, err) : code;
}

/* What is wrong with a value whatever the command makes of it. */
static enum base_code check_values(const struct cli *cli, struct base_error *err)
{
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < cli->value_count && code == BASE_OK; i++)
		if (cli->values[i].value != NULL)
			code = check_value(cli->values[i].option, cli->values[i].value, err);
	return code;
}

enum base_code cli_parse(struct cli *cli, int argc, char **argv, struct base_error *err)
{
	bool options = true;
	int count = 0;

	/* JSON, documents and the ledger know text in UTF-8 alone: nothing behind this line has to think of another. */
	for (int i = 0; i < argc; i++)
		if (!base_utf8_valid(base_slice_text(argv[i])))
			return base_fail(err, BASE_USAGE, "\"%.200s\" is not UTF-8", argv[i]);
	for (int i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && strcmp(argv[i], "-h") == 0) {
			static char help[] = "--help";
			char *one[] = {help};
			int at = 0;
			enum base_code code = cli_has(cli, "help") ? BASE_OK : take_option(cli, 1, one, &at, err);

			if (code != BASE_OK)
				return code;
		} else if (options && argv[i][0] == '-' && argv[i][1] == '-') {
			enum base_code code = take_option(cli, argc, argv, &i, err);

			if (code != BASE_OK)
				return code;
		} else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			return base_fail(err, BASE_USAGE, "unknown option %s; options are long, such as --json", argv[i]);
		} else {
			argv[count++] = argv[i];
		}
	}
	cli->argc = count;
	cli->argv = argv;
	if (cli_has(cli, "help"))
		return BASE_OK;
	if (count < cli->command->args_min)
		return base_fail(err, BASE_USAGE, "something is missing: regesta %s %s", cli->command->name, cli->command->args);
	if (cli->command->args_max >= 0 && count > cli->command->args_max)
		return base_fail(err, BASE_USAGE, "\"%s\" is too much: regesta %s %s", argv[cli->command->args_max],
				 cli->command->name, cli->command->args);
	return check_values(cli, err);
}

const char *cli_get_nth(const struct cli *cli, const char *option, size_t nth)
{
	for (size_t i = 0; i < cli->value_count; i++)
		if (strcmp(cli->values[i].option->name, option) == 0 && nth-- == 0)
			return cli->values[i].value != NULL ? cli->values[i].value : "";
	return NULL;
}

bool cli_has(const struct cli *cli, const char *option)
{
	return cli_get_nth(cli, option, 0) != NULL;
}

const char *cli_get(const struct cli *cli, const char *option)
{
	return cli_get_nth(cli, option, 0);
}

enum base_code cli_need(const struct cli *cli, const char *option, const char **value, struct base_error *err)
{
	*value = cli_get(cli, option);
	if (*value == NULL)
		return base_fail(err, BASE_USAGE, "--%s is missing; see `regesta %s --help`", option, cli->command->name);
	return BASE_OK;
}

/* A moment without its offset from UTC, as people write it. The example has the offset that this machine had then. */
static bool lacks_zone(const char *text, char *example, size_t cap)
{
	struct tm local = {.tm_isdst = -1};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M", &local);
	time_t seconds;
	long minutes;

	if (end != NULL && *end == ':')
		end = strptime(end, ":%S", &local);
	if (end == NULL || *end != '\0' || (seconds = mktime(&local)) == (time_t)-1 || localtime_r(&seconds, &local) == NULL)
		return false;
	minutes = local.tm_gmtoff / 60;
	snprintf(example, cap, "%s%c%02ld:%02ld", text, minutes < 0 ? '-' : '+', labs(minutes) / 60 % 24, labs(minutes) % 60);
	return true;
}

enum base_code cli_when_parse(struct events_when *out, const char *text, struct base_error *err)
{
	char example[96];
	enum base_code code;

	if (strlen(text) < 40 && lacks_zone(text, example, sizeof(example)))
		return base_fail(err, BASE_USAGE, "%s lacks the offset from UTC, without which nobody elsewhere knows when it was; by this machine's "
						  "clock it would be %s", text, example);
	code = events_when_parse(out, base_slice_text(text), err);
	return code == BASE_MALFORMED ? BASE_USAGE : code;
}
