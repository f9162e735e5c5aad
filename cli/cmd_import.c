/* import: what the lines of other systems' audit trails would become. It records nothing. */
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"
#include "ledger/trails/trails.h"

struct printing {
	const struct cli *cli;
	json_t *records;
	size_t mapped, reasons;
};

static json_t *record_json(const struct trails_record *record)
{
	json_t *json = json_pack("{s:I, s:o}", "line", (json_int_t)record->line, "at", cli_json_slice(base_slice_text(record->at)));
	json_t *members = json_array();

	if (record->kind == NULL) {
		json_object_set_new(json, "reason", cli_json_slice(base_slice_text(record->reason)));
		json_decref(members);
		return json;
	}
	json_object_set_new(json, "kind", json_string(record->kind->name));
	for (size_t i = 0; i < record->member_count; i++) {
		const struct trails_member *member = &record->members[i];
		json_t *one = json_pack("{s:s, s:s}", "member", member->name, "from", member->from);

		if (member->value[0] != '\0')
			json_object_set_new(one, "value", cli_json_slice(base_slice_text(member->value)));
		json_array_append_new(members, one);
	}
	json_object_set_new(json, "members", members);
	return json;
}

static bool print_record(void *arg, const struct trails_record *record)
{
	struct printing *p = arg;

	p->mapped += record->kind != NULL;
	p->reasons += record->kind == NULL;
	if (p->cli->json) {
		json_array_append_new(p->records, record_json(record));
		return true;
	}
	printf(_("line %zu, %s: "), record->line, record->at);
	if (record->kind == NULL) {
		printf(_("no record: %s\n"), record->reason);
		return true;
	}
	printf("%s\n", record->kind->name);
	for (size_t i = 0; i < record->member_count; i++) {
		const struct trails_member *member = &record->members[i];

		printf("    %-22s %s%s%s%s\n", member->name, member->value, member->value[0] != '\0' ? " (" : "", member->from,
		       member->value[0] != '\0' ? ")" : "");
	}
	return true;
}

static enum base_code redcap(struct printing *p, struct base_slice text, struct base_error *err)
{
	struct import_table table;
	enum base_code code = import_table_parse(&table, text, trails_redcap_columns, TRAILS_REDCAP_COLUMNS, err);

	if (code != BASE_OK)
		return code;
	for (size_t row = 0; row < table.rows; row++) {
		struct trails_record record;

		trails_redcap(&record, row + 2, (const char *const *)&table.cells[row * table.columns]);
		(void)print_record(p, &record);
	}
	import_table_free(&table);
	return BASE_OK;
}

static bool is_xml(struct base_slice text)
{
	size_t i = 0;

	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < text.len && text.data[i] <= ' ')
		i++;
	return i < text.len && text.data[i] == '<';
}

static enum base_code run_import(struct cli *cli, struct base_error *err)
{
	struct printing p = {.cli = cli};
	struct base_buf text = BASE_BUF_INIT;
	const char *path = cli->argv[0];
	bool odm = false;
	enum base_code code;

	if (!cli_has(cli, "dry-run"))
		return base_fail(err, BASE_USAGE, "import records nothing yet; with --dry-run it says what each line would become");
	p.records = json_array();
	code = base_file_read(&text, strcmp(path, "-") == 0 ? "/dev/stdin" : path, IMPORT_BYTES_MAX, err);
	if (code == BASE_OK) {
		odm = is_xml(base_buf_slice(&text));
		code = odm ? trails_odm(base_buf_slice(&text), print_record, &p, err) : redcap(&p, base_buf_slice(&text), err);
		code = base_wrap(err, code, "%s", path);
	}
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:b, s:s, s:I, s:I, s:O}", "dry_run", 1, "format", odm ? "odm" : "redcap", "mapped",
					 (json_int_t)p.mapped, "reasons", (json_int_t)p.reasons, "records", p.records));
	else if (code == BASE_OK)
		printf(p.mapped + p.reasons == 0 ? _("%zu would become records, %zu would not: the file has no audit records; its data is for `regesta "
						     "submit`\n")
						 : _("%zu would become records, %zu would not, each for the reason above\n"),
		       p.mapped, p.reasons);
	json_decref(p.records);
	base_buf_wipe(&text);
	return code;
}

static const struct cli_option import_options[] = {
	{"dry-run", NULL, "say what each line would become", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_import[] = {
	{"import", "Recording", "FILE", "say what the lines of an ODM audit trail or REDCap log would become",
	 "For each AuditRecord and Signature of an ODM file (XML), or each row of a REDCap log (CSV), the kind of record and where its members "
	 "come from, or the reason why there is none. Nothing is recorded: docs/import.md.",
	 "regesta import audit.xml --dry-run", import_options, 1, 1, run_import},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
