/* register create, grant, revoke, holders, export, import: who may know whom the references stand for. */
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
		printf(_("register written to %s, encrypted %s\n"), path, request != NULL ? "to the successor's key" : "under the passphrase");
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
		printf(_("%zu participants added to the register\n"), added);
	cli_session_close(&s);
out:
	base_buf_free(&file);
	base_buf_wipe(&passphrase);
	return code;
}

/* ---- Who holds it ---- */

static enum base_code run_create(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	const struct keys_private *seal;
	char *path;
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	seal = keys_identity_find(&s.identity, KEYS_SEAL);
	path = cli_register_path(s.state_dir, s.organisation);
	if (seal == NULL)
		code = base_fail(err, BASE_KEY, "the key file of %s holds no sealing key", s.actor);
	if (code == BASE_OK)
		code = base_make_folder(s.state_dir, 0700, err);
	if (code == BASE_OK)
		code = register_create(path, chain_id(s.chain), keys_private_public(seal), err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:s}", "organisation", s.organisation, "folder", path));
	else if (code == BASE_OK)
		printf(_("register of %s made in %s   (back it up apart from the ledger)\n"), s.organisation, path);
	free(path);
	cli_session_close(&s);
	return code;
}

static bool same_organisation(const struct cli_session *s, const char *actor)
{
	size_t len = strlen(s->organisation);

	return strncmp(actor, s->organisation, len) == 0 && actor[len] == '/';
}

static enum base_code run_grant(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct keys_public seal;
	const char *actor = cli->argv[0];
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	code = cli_session_register(&s, err);
	if (code == BASE_OK && (code = cli_sealing_key(&s, actor, &seal, err)) == BASE_OK && !same_organisation(&s, actor))
		code = base_fail(err, BASE_USAGE, "%.129s is not of %s; the register is the organisation's own. For a successor, `regesta register "
						  "export --successor REQUEST`", actor, s.organisation);
	if (code == BASE_OK)
		code = register_grant(s.reg, &seal, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s}", "granted", actor));
	else if (code == BASE_OK)
		printf(_("the register opens for %s\n"), actor);
	cli_session_close(&s);
	return code;
}

#define SEALING_KEYS_MAX 256

/* Every sealing key that the actor ever had: nobody remembers which of them was granted. */
static enum base_code run_revoke(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_hash kids[SEALING_KEYS_MAX];
	const char *actor = cli->argv[0];
	size_t count = 0, revoked = 0;
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	code = cli_session_register(&s, err);
	if (code == BASE_OK)
		code = cli_sealing_kids(&s, actor, kids, SEALING_KEYS_MAX, &count, err);
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		code = register_revoke(s.reg, &kids[i], err);
		revoked += code == BASE_OK;
		code = code == BASE_NOT_FOUND ? BASE_OK : code;
	}
	if (code == BASE_OK && revoked == 0)
		code = base_fail(err, BASE_NOT_FOUND, "%.129s does not hold the register", actor);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s}", "revoked", actor));
	else if (code == BASE_OK)
		printf(_("the register no longer opens for %s\n"), actor);
	if (code == BASE_OK)
		cli_note(cli, "If a copy of the register may be in wrong hands: export it, move its folder away, create it anew and import.");
	cli_session_close(&s);
	return code;
}

struct holders {
	struct cli_session *s;
	json_t *json;
};

static bool holder_one(void *arg, const struct base_hash *kid)
{
	struct holders *holders = arg;
	struct base_hash mine = keys_kid(keys_private_public(keys_identity_find(&holders->s->identity, KEYS_SEAL)));
	bool own = base_hash_equal(kid, &mine);
	char hex[65];

	base_hex(hex, base_hash_slice(kid));
	if (holders->json != NULL)
		json_array_append_new(holders->json, json_pack("{s:s, s:b}", "key", hex, "own", own));
	else
		printf("%s%s\n", hex, own ? "  (yours)" : "");
	return true;
}

static enum base_code run_holders(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct holders holders = {.s = &s};
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	code = cli_session_register(&s, err);
	if (cli->json)
		holders.json = json_array();
	if (code == BASE_OK)
		code = register_holders(s.reg, holder_one, &holders, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:O}", "holders", holders.json));
	json_decref(holders.json);
	cli_session_close(&s);
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
	{"register create", "Setting up", "", "make the register of participants of your organisation on this machine",
	 "`regesta init` makes the founder's; every other organisation makes its own once. You are its first holder.",
	 "regesta register create --as lyon/admin", NULL, 0, 0, run_create},
	{"register grant", "Setting up", "ORGANISATION/CODE", "let an actor of your organisation open the register",
	 "Who holds the register resolves references to participant numbers. It is wrapped to the actor's sealing key, which the ledger knows "
	 "since the enrolment; `actor rotate` keeps it open for the new key.",
	 "regesta register grant charite/dm1", NULL, 1, 1, run_grant},
	{"register revoke", "Setting up", "ORGANISATION/CODE", "take the register from an actor", NULL, "regesta register revoke charite/dm1",
	 NULL, 1, 1, run_revoke},
	{"register holders", "Asking", "", "list the keys that open the register", NULL, NULL, NULL, 0, 0, run_holders},
	{"register export", "Copies", "", "write the register of participants to an encrypted file", NULL,
	 "regesta register export --output register-2026-03.bin", export_options, 0, 0, run_export},
	{"register import", "Copies", "FILE", "take participants from an exported register", NULL, NULL, import_options, 1, 1, run_import},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
