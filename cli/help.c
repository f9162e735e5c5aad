/* Help, man pages and shell completion, all from the table of commands. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* ---- --help ---- */

static void print_options(const struct cli_option *options, FILE *out)
{
	for (; options != NULL && options->name != NULL; options++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", options->name, options->value != NULL ? " " : "",
			 options->value != NULL ? options->value : "");
		if (strlen(left) > 24)
			fprintf(out, "  %s\n  %-24s  %s\n", left, "", options->help);
		else
			fprintf(out, "  %-24s  %s\n", left, options->help);
	}
}

/* Paragraph text at 78 columns. */
static void print_wrapped(FILE *out, const char *text, const char *indent)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " \n");

		if (column > 0 && column + 1 + word > 78 - strlen(indent)) {
			fputc('\n', out);
			column = 0;
		}
		if (word > 0) {
			fprintf(out, "%s%.*s", column == 0 ? indent : " ", (int)word, text);
			column += word + (column > 0);
		}
		text += word;
		if (*text == '\n') {
			fputs(column > 0 ? "\n" : "", out);
			if (text[1] == '\n') {
				fputc('\n', out);
				text++;
			}
			column = 0;
		}
		if (*text != '\0')
			text++;
	}
	if (column > 0)
		fputc('\n', out);
}

static void print_examples(const char *examples, FILE *out)
{
	while (examples != NULL && *examples != '\0') {
		size_t line = strcspn(examples, "\n");

		fprintf(out, "  %.*s\n", (int)line, examples);
		examples += line + (examples[line] == '\n');
	}
}

void cli_help_command(const struct cli_command *command, FILE *out, bool color)
{
	const char *bold = color ? "\033[1m" : "";
	const char *plain = color ? "\033[0m" : "";

	fprintf(out, "%sregesta %s%s%s%s\n", bold, command->name, plain, command->args[0] != '\0' ? " " : "", command->args);
	fprintf(out, "  %s.\n", command->summary);
	if (command->text != NULL) {
		fputc('\n', out);
		print_wrapped(out, command->text, "");
	}
	if (command->options != NULL && command->options->name != NULL) {
		fprintf(out, "\n%sOptions%s\n", bold, plain);
		print_options(command->options, out);
	}
	fprintf(out, "\n%sOptions of every command%s\n", bold, plain);
	print_options(cli_global_options, out);
	if (command->examples != NULL) {
		fprintf(out, "\n%sExamples%s\n", bold, plain);
		print_examples(command->examples, out);
	}
}

/* ---- Man pages ---- */

/* Text in roff: a backslash, a leading dot or quote would be taken as requests; '-' must stay a minus. */
static void roff(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((i == 0 || text[i - 1] == '\n') && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", out);
		if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else
			fputc(text[i], out);
		if (text[i] == '\n' && i + 1 < len && text[i + 1] == '\n') {
			fputs(".PP\n", out);
			i++;
		}
	}
}

static void roff_text(FILE *out, const char *text)
{
	roff(out, text, strlen(text));
}

static void roff_options(FILE *out, const struct cli_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		fputs(".TP\n.B \\-\\-", out);
		roff_text(out, options->name);
		if (options->value != NULL) {
			fputs(" \\fI", out);
			roff_text(out, options->value);
			fputs("\\fR", out);
		}
		fputc('\n', out);
		roff_text(out, options->help);
		fputs(options->repeat ? " (may be repeated).\n" : ".\n", out);
	}
}

static void man_head(FILE *out, const char *name, const char *summary)
{
	fprintf(out, ".TH \"%s\" 1 \"\" \"Regesta %s\" \"Regesta\"\n.SH NAME\n", name, CLI_VERSION);
	roff_text(out, name);
	fputs(" \\- ", out);
	roff_text(out, summary);
	fputs("\n", out);
}

/* A denial has more reasons than one line of the table of codes has room for. */
#define DENIED_WORDS                                                                                                              \
	"recorded, but as refused: its author has no authority for it, what it names does not exist, exists already, is of another " \
	"organisation or in a state that does not allow it, a proof does not hold, or it would go over a limit; `regesta show ID` "    \
	"says which"

static const char *exit_words(int number, const char *text)
{
	return number == BASE_DENIED ? DENIED_WORDS : text;
}

static void man_exit_codes(FILE *out)
{
	fputs(".SH EXIT STATUS\n", out);
#define X(name, number, text) fprintf(out, ".TP\n.B %d\n%s.\n", number, exit_words(number, text));
	BASE_CODES(X)
#undef X
}

static void man_command(const struct cli_command *command, FILE *out)
{
	char name[96];

	snprintf(name, sizeof(name), "regesta-%s", command->name);
	for (char *c = name; *c != '\0'; c++)
		*c = *c == ' ' ? '-' : *c;
	man_head(out, name, command->summary);
	fprintf(out, ".SH SYNOPSIS\n.B regesta %s\n[\\fIoption\\fR ...] ", command->name);
	roff_text(out, command->args);
	fputs("\n", out);
	if (command->text != NULL) {
		fputs(".SH DESCRIPTION\n", out);
		roff_text(out, command->text);
		fputs("\n", out);
	}
	if (command->options != NULL && command->options->name != NULL) {
		fputs(".SH OPTIONS\n", out);
		roff_options(out, command->options);
	}
	fputs(".SH OPTIONS OF EVERY COMMAND\n", out);
	roff_options(out, cli_global_options);
	man_exit_codes(out);
	if (command->examples != NULL) {
		fputs(".SH EXAMPLES\n.nf\n", out);
		roff_text(out, command->examples);
		fputs("\n.fi\n", out);
	}
	fputs(".SH SEE ALSO\n.BR regesta (1)\n", out);
}

/* The first command of its group: groups are printed where they first come. */
static bool first_of_group(const struct cli_command *const *at)
{
	for (const struct cli_command *const *c = cli_commands(); c != at; c++)
		if (strcmp((*c)->group, (*at)->group) == 0)
			return false;
	return true;
}

static void man_overview(FILE *out)
{
	man_head(out, "regesta", "an append-only ledger for the provenance of clinical data");
	fputs(".SH SYNOPSIS\n.B regesta\n\\fIcommand\\fR [\\fIoption\\fR ...] [\\fIargument\\fR ...]\n.SH DESCRIPTION\n", out);
	roff_text(out, "Records submissions of data, their lineage and who acted, as signed events in a hash-chained ledger; gives receipts "
		       "that verify offline; audits the whole. Data stays off the ledger, encrypted, addressed by content.\n");
	for (const struct cli_command *const *g = cli_commands(); *g != NULL; g++) {
		if (!first_of_group(g))
			continue;
		fprintf(out, ".SS %s\n", (*g)->group);
		for (const struct cli_command *const *c = g; *c != NULL; c++) {
			if (strcmp((*c)->group, (*g)->group) != 0)
				continue;
			fprintf(out, ".TP\n.B regesta %s\n", (*c)->name);
			roff_text(out, (*c)->summary);
			fputs(".\n", out);
		}
	}
	fputs(".SH OPTIONS OF EVERY COMMAND\n", out);
	roff_options(out, cli_global_options);
	fputs(".SH ENVIRONMENT\n.TP\n.B REGESTA_LEDGER\nthe ledger's folder.\n.TP\n.B REGESTA_HOME\nwhere keys and registers lie.\n"
	      ".TP\n.B REGESTA_AS\nwho you are: organisation/code.\n.TP\n.B REGESTA_PASSPHRASE\nthe passphrase of the keys.\n"
	      ".TP\n.B NO_COLOR\nno colours.\n",
	      out);
	man_exit_codes(out);
}

/* ---- Completion (bash) ---- */

static void completion(FILE *out)
{
	fputs("# bash completion of regesta; generated by `regesta help --completion`\n"
	      "_regesta() {\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" options=\"\"\n"
	      "\tcase $previous in\n"
	      "\t--*) case \" ", out);
	for (const struct cli_option *o = cli_global_options; o->name != NULL; o++)
		if (o->value != NULL)
			fprintf(out, "--%s ", o->name);
	fputs("\" in *\" $previous \"*) COMPREPLY=($(compgen -f -- \"$current\")); return ;; esac ;;\n\tesac\n", out);
	fputs("\tcase $words in\n", out);
	/* Longer names first, so that "actor enrol" wins over "actor". */
	for (int spaces = 1; spaces >= 0; spaces--) {
		for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++) {
			if ((strchr((*c)->name, ' ') != NULL) != (spaces == 1))
				continue;
			fprintf(out, "\t\"%s\" | \"%s \"*) options=\"", (*c)->name, (*c)->name);
			for (const struct cli_option *o = (*c)->options; o != NULL && o->name != NULL; o++)
				fprintf(out, "--%s ", o->name);
			fputs("\" ;;\n", out);
		}
	}
	fputs("\tesac\n\tif [[ $current == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W \"$options", out);
	for (const struct cli_option *o = cli_global_options; o->name != NULL; o++)
		fprintf(out, " --%s", o->name);
	fputs("\" -- \"$current\"))\n\t\treturn\n\tfi\n\tcase $COMP_CWORD in\n\t1) COMPREPLY=($(compgen -W \"", out);
	for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++)
		fprintf(out, "%.*s ", (int)strcspn((*c)->name, " "), (*c)->name);
	fputs("\" -- \"$current\")) ;;\n\t2)\n\t\tcase ${COMP_WORDS[1]} in\n", out);
	for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++) {
		size_t first = strcspn((*c)->name, " ");
		bool seen = false;

		if ((*c)->name[first] == '\0')
			continue;
		for (const struct cli_command *const *d = cli_commands(); *d != *c; d++)
			seen = seen || (strncmp((*d)->name, (*c)->name, first + 1) == 0);
		if (seen)
			continue;
		fprintf(out, "\t\t%.*s) COMPREPLY=($(compgen -W \"", (int)first, (*c)->name);
		for (const struct cli_command *const *d = cli_commands(); *d != NULL; d++)
			if (strncmp((*d)->name, (*c)->name, first + 1) == 0)
				fprintf(out, "%s ", (*d)->name + first + 1);
		fputs("\" -- \"$current\")) ;;\n", out);
	}
	fputs("\t\t*) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n\t\tesac ;;\n"
	      "\t*) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n\tesac\n}\ncomplete -o filenames -F _regesta regesta\n",
	      out);
}

/* ---- The command ---- */

static void overview(const struct cli *cli)
{

	printf("%sRegesta %s%s: an append-only ledger for the provenance of clinical data.\n\n"
	       "regesta COMMAND [OPTION...] [ARGUMENT...]     regesta COMMAND --help explains one of:\n",
	       cli_style(cli, CLI_BOLD), CLI_VERSION, cli_style(cli, CLI_PLAIN));
	for (const struct cli_command *const *g = cli_commands(); *g != NULL; g++) {
		if (!first_of_group(g))
			continue;
		printf("\n%s%s%s\n", cli_style(cli, CLI_BOLD), (*g)->group, cli_style(cli, CLI_PLAIN));
		for (const struct cli_command *const *c = g; *c != NULL; c++)
			if (strcmp((*c)->group, (*g)->group) == 0)
				printf("  %-20s  %s\n", (*c)->name, (*c)->summary);
	}
	fputs("\nBegin with `regesta init --help`, or read docs/tutorial-site.md.\n", stdout);
}

/* ---- As JSON (docs/json.md) ---- */

static json_t *options_json(const struct cli_option *options)
{
	json_t *list = json_array();

	for (; options != NULL && options->name != NULL; options++) {
		json_t *one = json_pack("{s:s, s:s, s:b}", "option", options->name, "help", options->help, "repeat", options->repeat);

		if (options->value != NULL)
			json_object_set_new(one, "value", json_string(options->value));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *command_json(const struct cli_command *command)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:o}", "command", command->name, "group", command->group, "arguments", command->args,
				 "summary", command->summary, "options", options_json(command->options));
	json_t *examples = json_array();
	const char *at = command->examples;

	while (at != NULL && *at != '\0') {
		size_t line = strcspn(at, "\n");

		json_array_append_new(examples, json_stringn(at, line));
		at += line + (at[line] == '\n');
	}
	json_object_set_new(json, "examples", examples);
	if (command->text != NULL)
		json_object_set_new(json, "text", json_string(command->text));
	return json;
}

static json_t *overview_json(void)
{
	json_t *commands = json_array();
	json_t *codes = json_array();

	for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++)
		json_array_append_new(commands, command_json(*c));
#define X(name, number, text) json_array_append_new(codes, json_pack("{s:s, s:i, s:s}", "code", #name, "exit", (number), "meaning",\
							      exit_words((number), (text))));
	BASE_CODES(X)
#undef X
	return json_pack("{s:s, s:o, s:o, s:o}", "version", CLI_VERSION, "commands", commands, "options", options_json(cli_global_options),
			 "exit_codes", codes);
}

static const struct cli_command *named(const struct cli *cli, struct base_error *err)
{
	char name[96] = "";

	for (int i = 0; i < cli->argc; i++)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "%s%s", i > 0 ? " " : "", cli->argv[i]);
	for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	(void)base_fail(err, BASE_USAGE, "there is no command \"%s\"; see `regesta help`", name);
	return NULL;
}

static enum base_code run_help(struct cli *cli, struct base_error *err)
{
	const struct cli_command *command = NULL;

	if (cli_has(cli, "completion")) {
		completion(stdout);
		return BASE_OK;
	}
	if (cli_has(cli, "list")) {
		for (const struct cli_command *const *c = cli_commands(); *c != NULL; c++)
			puts((*c)->name);
		return BASE_OK;
	}
	if (cli->argc > 0 && (command = named(cli, err)) == NULL)
		return BASE_USAGE;
	if (cli_has(cli, "man")) {
		if (command != NULL)
			man_command(command, stdout);
		else
			man_overview(stdout);
	} else if (cli->json) {
		cli_print_json(command != NULL ? command_json(command) : overview_json());
	} else if (command != NULL) {
		cli_help_command(command, stdout, cli->color_out);
	} else {
		overview(cli);
	}
	return BASE_OK;
}

static const struct cli_option help_options[] = {
	{"man", NULL, "print the man page in roff", false},
	{"completion", NULL, "print the completion script for bash", false},
	{"list", NULL, "print the names of all commands", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_help[] = {
	{"help", "Help", "[COMMAND]", "explain a command, or list them all", NULL,
	 "regesta help submit\nregesta help --completion > ~/.local/share/bash-completion/completions/regesta", help_options, 0, 2, run_help},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
