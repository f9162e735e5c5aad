/* contract check, test, new: a draft on one's own machine, before anybody is asked. No ledger is needed. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "contracts/contracts.h"

#define SOURCE_BYTES_MAX (2u << 20) /* more than may be compiled: the compiler says so, with the line */

struct draft {
	struct contracts_arena *arena;
	struct contracts_report *report;
	struct base_buf source;
	struct contracts_bytes code;
	const struct contracts_program *program;
};

static enum base_code draft_open(struct draft *d, struct base_error *err)
{
	*d = (struct draft){.arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT), .source = BASE_BUF_INIT};
	d->report = base_alloc(sizeof(*d->report));
	memset(d->report, 0, sizeof(*d->report));
	return d->arena != NULL ? BASE_OK : base_fail(err, BASE_IO, "contracts: no memory");
}

static void draft_close(struct draft *d)
{
	contracts_arena_close(d->arena);
	free(d->report);
	base_buf_free(&d->source);
}

static struct contracts_text text_of(const struct base_buf *buf)
{
	return (struct contracts_text){buf->len > 0 ? (const char *)buf->data : "", buf->len};
}

/* For people, a line each on standard error; what is wrong comes with what would be right. */
static void print_report(const struct cli *cli, const char *path, const struct contracts_report *report)
{
	if (cli->json)
		return;
	for (size_t i = 0; i < report->count; i++) {
		const struct contracts_diagnostic *d = &report->list[i];

		fprintf(stderr, "%s:%u:%u: %s: %s; %s\n", path, d->line, d->column, d->warning ? _("warning") : _("error"), d->wrong, d->right);
	}
}

static json_t *report_json(const struct contracts_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->count; i++) {
		const struct contracts_diagnostic *d = &report->list[i];

		json_array_append_new(list, json_pack("{s:i, s:i, s:b, s:s, s:s}", "line", (int)d->line, "column", (int)d->column, "warning",
						      d->warning, "wrong", d->wrong, "right", d->right));
	}
	return list;
}

/* The code goes through the verifier as it would at a node. */
static enum base_code compile(struct draft *d, const struct cli *cli, const char *path, struct base_error *err)
{
	struct contracts_reject reject;
	enum contracts_code compiled;
	enum base_code code = base_file_read(&d->source, path, SOURCE_BYTES_MAX, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "%s", path);
	compiled = contracts_compile(d->arena, &d->code, text_of(&d->source), d->report);
	print_report(cli, path, d->report);
	if (compiled == CONTRACTS_REFUSED)
		return base_fail(err, BASE_MALFORMED, cli_message_plural("%.200s is no contract yet: %zu error", "%.200s is no contract yet: %zu errors", d->report->errors),
				 path, d->report->errors);
	if (compiled == CONTRACTS_OK)
		compiled = contracts_load(d->arena, &d->program, d->code, &reject);
	if (compiled == CONTRACTS_REFUSED)
		return base_fail(err, BASE_MALFORMED, "%.200s: the verifier refuses what was compiled: %s", path, reject.rule);
	return compiled == CONTRACTS_OK ? BASE_OK : base_fail(err, BASE_IO, "%.200s cannot be compiled: no memory", path);
}

static void print_program(const struct cli *cli, const struct draft *d)
{
	struct contracts_cost cost = contracts_program_cost(d->program);
	struct base_hash id = base_sha256_of(base_slice(d->code.data, d->code.len));
	uint32_t version;
	struct contracts_text name = contracts_program_name(d->program, &version);
	char hex[65];

	base_hex(hex, base_hash_slice(&id));
	if (cli->json) {
		cli_print_json(json_pack("{s:s, s:s%, s:i, s:i, s:i, s:I, s:I, s:I, s:o}", "contract", hex, "name", name.data, name.len, "version",
					 (int)version, "clauses", (int)contracts_program_clauses(d->program), "bytes", (int)d->code.len,
					 "gas_decide", (json_int_t)cost.decide_gas, "gas_event", (json_int_t)cost.event_gas, "run_bytes",
					 (json_int_t)cost.run_bytes, "diagnostics", report_json(d->report)));
		return;
	}
	printf(_("contract %s\n"), hex);
	cli_label(cli, "  ", _("name"), 10);
	printf(_("%.*s, version %u\n"), (int)name.len, name.data, version);
	cli_label(cli, "  ", _("clauses"), 10);
	printf("%zu\n", contracts_program_clauses(d->program));
	cli_label(cli, "  ", _("at most"), 10);
	printf(_("%llu gas a decision, %llu an event, %zu bytes of memory\n"), (unsigned long long)cost.decide_gas, (unsigned long long)cost.event_gas,
	       cost.run_bytes);
}

static enum base_code run_check(struct cli *cli, struct base_error *err)
{
	struct draft d;
	enum base_code code = draft_open(&d, err);

	if (code == BASE_OK)
		code = compile(&d, cli, cli->argv[0], err);
	if (code == BASE_OK)
		print_program(cli, &d);
	else if (code == BASE_MALFORMED && cli->json)
		cli_print_json(json_pack("{s:o}", "diagnostics", report_json(d.report)));
	draft_close(&d);
	return code;
}

static enum base_code run_cases(struct draft *d, struct cli *cli, struct base_error *err)
{
	struct base_buf file = BASE_BUF_INIT;
	struct contracts_cases cases = {0};
	enum contracts_code ran;
	enum base_code code = base_wrap(err, base_file_read(&file, cli->argv[1], SOURCE_BYTES_MAX, err), "%s", cli->argv[1]);

	if (code != BASE_OK)
		return code;
	memset(d->report, 0, sizeof(*d->report));
	ran = contracts_cases_run(d->arena, &cases, d->program, text_of(&file), d->report);
	base_buf_free(&file);
	print_report(cli, cli->argv[1], d->report);
	if (cli->json)
		cli_print_json(json_pack("{s:i, s:i, s:o}", "passed", (int)cases.passed, "failed", (int)cases.failed, "diagnostics",
					 report_json(d->report)));
	if (ran == CONTRACTS_MEMORY)
		return base_fail(err, BASE_IO, "%.200s cannot be run: no memory", cli->argv[1]);
	if (ran == CONTRACTS_REFUSED)
		return base_fail(err, BASE_MALFORMED, "%.200s is no file of cases, and nothing was run", cli->argv[1]);
	if (cases.failed > 0)
		return base_fail(err, BASE_MISMATCH, "%zu of %zu cases did not end as expected", cases.failed, cases.passed + cases.failed);
	if (!cli->json)
		printf(cli_message_plural("%zu case, as expected\n", "%zu cases, all as expected\n", cases.passed), cases.passed);
	return BASE_OK;
}

static enum base_code run_test(struct cli *cli, struct base_error *err)
{
	struct draft d;
	enum base_code code = draft_open(&d, err);

	if (code == BASE_OK)
		code = compile(&d, cli, cli->argv[0], err);
	if (code == BASE_OK)
		code = run_cases(&d, cli, err);
	draft_close(&d);
	return code;
}

static enum base_code run_new(struct cli *cli, struct base_error *err)
{
	const char *terms, *output = cli_get(cli, "output");
	struct contracts_text source = {NULL, 0};
	struct draft d;
	enum contracts_code made;
	enum base_code code = cli_need(cli, "duo", &terms, err);

	if (code != BASE_OK)
		return code;
	if ((code = draft_open(&d, err)) != BASE_OK)
		goto out;
	made = contracts_from_duo(d.arena, &source, (struct contracts_text){terms, strlen(terms)}, d.report);
	if (made == CONTRACTS_REFUSED)
		code = d.report->count > 0 ? base_fail(err, BASE_USAGE, "--duo: %s; %s", d.report->list[0].wrong, d.report->list[0].right)
					   : base_fail(err, BASE_USAGE, "--duo: no contract comes of these terms");
	else if (made != CONTRACTS_OK)
		code = base_fail(err, BASE_IO, "contracts: no memory");
	else if (output != NULL)
		code = base_wrap(err, base_file_write(output, base_slice(source.data, source.len), 0644, cli_has(cli, "force"), err), "--output");
	else if (fwrite(source.data, 1, source.len, stdout) != source.len)
		code = base_fail_errno(err, "standard output");
out:
	draft_close(&d);
	return code;
}

/* ---- Commands ---- */

static const struct cli_option none[] = {
	{NULL, NULL, NULL, false},
};
static const struct cli_option new_options[] = {
	{"duo", "TERMS", "terms of DUO, as GRU,IRB,NPU,GS=FR+DE,TS=12", false},
	{"output", "FILE", "where to write it (default: standard output)", false},
	{"force", NULL, "replace FILE", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_contract[] = {
	{"contract check", "Asking", "SOURCE", "compile a contract: errors, warnings, and the most that a decision can cost",
	 "Nothing is recorded, and no ledger is needed. Each error says the line, what is wrong and what would be right. Exit code 3: it is no contract yet.",
	 "regesta contract check registry.contract", none, 1, 1, run_check},
	{"contract test", "Asking", "SOURCE CASES", "run cases with the decisions that are expected of a contract",
	 "Cases are written as conditions are: docs/formats/contract.md, \"Cases\". Exit code 1: a case did not end as expected.",
	 "regesta contract test registry.contract registry.cases", none, 2, 2, run_test},
	{"contract new", "Asking", "", "write a draft that says what terms of DUO say, to be read and changed", NULL,
	 "regesta contract new --duo GRU,IRB,NPU --output registry.contract", new_options, 0, 0, run_new},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
