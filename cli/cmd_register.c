/* register export, import: who the references stand for, carried to a successor or kept apart. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define REGISTER_FILE_BYTES_MAX (256u << 20)

static enum base_code run_export(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf file = BASE_BUF_INIT;
	struct base_buf passphrase = BASE_BUF_INIT;
	struct base_buf cose = BASE_BUF_INIT;
	struct events_enrolment successor;
	const char *path;
	const char *request = cli_get(cli, "successor");
	enum base_code code = cli_need(cli, "output", &path, err);

	if (code != BASE_OK || (code = cli_session_open(&s, cli, CLI_IDENTITY, err)) != BASE_OK)
		return code;
	code = cli_session_register(&s, err);
	if (code == BASE_OK && request != NULL)
		code = cli_request_read(request, &cose, &successor, err);
	else if (code == BASE_OK)
		code = cli_passphrase_new(cli, "the exported register", &passphrase, err);
	if (code == BASE_OK)
		code = register_export(s.reg, &file, base_buf_slice(&passphrase), request != NULL ? &successor.seal : NULL, err);
	if (code == BASE_OK)
		code = base_file_write(path, base_buf_slice(&file), 0600, false, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:I}", "file", path, "bytes", (json_int_t)file.len));
	else if (code == BASE_OK)
		printf("register written to %s, encrypted %s\n", path, request != NULL ? "to the successor's key" : "under the passphrase");
	base_buf_free(&file);
	base_buf_free(&cose);
	base_buf_wipe(&passphrase);
	cli_session_close(&s);
	return code;
}

static enum base_code run_import(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf file = BASE_BUF_INIT;
	struct base_buf passphrase = BASE_BUF_INIT;
	const struct keys_private *seal = NULL;
	size_t added = 0;
	enum base_code code = base_file_read(&file, cli->argv[0], REGISTER_FILE_BYTES_MAX, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "%s", cli->argv[0]);
	code = cli_session_open(&s, cli, CLI_IDENTITY, err);
	if (code != BASE_OK)
		goto out;
	code = cli_session_register(&s, err);
	if (code == BASE_OK && cli_has(cli, "for-my-key"))
		seal = keys_identity_find(&s.identity, KEYS_SEAL);
	else if (code == BASE_OK)
		code = cli_passphrase(cli, &passphrase, err);
	if (code == BASE_OK)
		code = register_import(s.reg, base_buf_slice(&file), base_buf_slice(&passphrase), seal, &added, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:I}", "added", (json_int_t)added));
	else if (code == BASE_OK)
		printf("%zu participants added to the register\n", added);
	cli_session_close(&s);
out:
	base_buf_free(&file);
	base_buf_wipe(&passphrase);
	return code;
}

static const struct cli_option export_options[] = {
	{"output", "FILE", "where to", false},
	{"successor", "REQUEST", "encrypt to the sealing key of this enrolment request instead of a passphrase", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option import_options[] = {
	{"for-my-key", NULL, "the file was encrypted to your sealing key, not under a passphrase", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_register[] = {
	{"register export", "Copies", "", "write the register of participants to an encrypted file", NULL,
	 "regesta register export --output register-2026-03.bin", export_options, 0, 0, run_export},
	{"register import", "Copies", "FILE", "take participants from an exported register", NULL, NULL, import_options, 1, 1, run_import},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
