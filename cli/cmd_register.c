/* register create, grant, revoke, holders, export, import: who may know whom the references stand for. */
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"

#define REGISTER_FILE_BYTES_MAX (256u << 20)

/* ---- export ---- */

/* Whom the file is for, and which participants are in it. */
struct handover {
	struct cli_session *s;
	struct base_buf passphrase, cose;
	struct keys_public seal;
	bool to_key;
	const char *to; /* NULL: under a passphrase */
	const char *study, *site;
	bool wanted[CLI_VALUES_MAX]; /* which of --participant were found */
	struct register_part part;
	struct base_error *err;
	enum base_code code;
};

/* --to: an actor by the key in force, an organisation by its recovery key, both as the ledger has them. */
static enum base_code recipient(struct handover *h, const char *to)
{
	h->to_key = true;
	h->to = to;
	if (strchr(to, '/') != NULL)
		return base_wrap(h->err, cli_sealing_key(h->s, to, &h->seal, h->err), "--to");
	return base_wrap(h->err, cli_recovery_key(h->s, to, &h->seal, h->err), "--to");
}

static enum base_code protect(struct handover *h)
{
	const char *to = cli_get(h->s->cli, "to"), *request = cli_get(h->s->cli, "successor");
	struct events_enrolment successor;
	enum base_code code;

	if (to != NULL && request != NULL)
		return base_fail(h->err, BASE_USAGE, "--to and --successor both say whom it is for; give one");
	if (to != NULL)
		return recipient(h, to);
	if (request == NULL)
		return cli_passphrase_new(h->s->cli, _("the exported register"), &h->passphrase, h->err);
	code = base_wrap(h->err, cli_request_read(request, &h->cose, &successor, h->err), "--successor");
	if (code == BASE_OK) {
		h->to_key = true;
		h->seal = successor.seal;
		h->to = request;
	}
	return code;
}

/* By the site's own number or by the reference. */
static bool is_named(struct handover *h, const struct register_entry *entry)
{
	char hex[65];
	const char *text;
	bool named = false;

	base_hex(hex, base_hash_slice(&entry->reference));
	for (size_t i = 0; (text = cli_get_nth(h->s->cli, "participant", i)) != NULL; i++) {
		if (strcmp(text, entry->number) != 0 && strcmp(text, hex) != 0)
			continue;
		h->wanted[i] = named = true;
	}
	return named;
}

static bool is_at_site(struct handover *h, const struct register_entry *entry)
{
	struct base_slice site = {NULL, 0};
	struct asking asking = {0};

	h->code = asking_open(&asking, h->s, entry->study, &entry->reference, h->err);
	if (h->code == BASE_OK)
		site = asking_site(&asking, UINT64_MAX);
	bool is = h->code == BASE_OK && base_slice_equal(site, base_slice_text(h->site));

	asking_close(&asking);
	return is;
}

static bool keep(void *arg, const struct register_entry *entry)
{
	struct handover *h = arg;

	if (h->code != BASE_OK || (h->study != NULL && strcmp(h->study, entry->study) != 0))
		return false;
	if (cli_has(h->s->cli, "participant") && !is_named(h, entry))
		return false;
	return h->site == NULL || is_at_site(h, entry);
}

static enum base_code check_part(struct handover *h)
{
	if (h->code != BASE_OK)
		return h->code;
	for (size_t i = 0; cli_get_nth(h->s->cli, "participant", i) != NULL; i++)
		if (!h->wanted[i])
			return base_fail(h->err, BASE_NOT_FOUND, "--participant: the register has no such participant in study %.64s (the %zu. that was named)",
					 h->study, i + 1);
	if (h->part.count == 0 && h->study != NULL)
		return h->site != NULL ? base_fail(h->err, BASE_NOT_FOUND, "the register has no participant of study %.64s at site %.64s", h->study, h->site)
				       : base_fail(h->err, BASE_NOT_FOUND, "the register has no participant of study %.64s", h->study);
	return BASE_OK;
}

static enum base_code choose(struct handover *h)
{
	const struct cli *cli = h->s->cli;

	h->study = cli_get(cli, "study");
	h->site = cli_get(cli, "site");
	h->part = (struct register_part){keep, h, 0};
	if (h->study == NULL && (h->site != NULL || cli_has(cli, "participant")))
		return base_fail(h->err, BASE_USAGE, "--%s is of a study: give --study too", h->site != NULL ? "site" : "participant");
	return h->study != NULL ? base_wrap(h->err, cli_study_check(h->s, h->study, h->err), "--study") : BASE_OK;
}

static enum base_code export_to(struct handover *h, const char *path)
{
	struct base_buf file = BASE_BUF_INIT;
	struct cli *cli = h->s->cli;
	enum base_code code = choose(h);

	if (code == BASE_OK)
		code = cli_session_register(h->s, h->err);
	if (code == BASE_OK)
		code = protect(h);
	if (code == BASE_OK)
		code = register_export_part(h->s->reg, &file, base_buf_slice(&h->passphrase), h->to_key ? &h->seal : NULL, &h->part, h->err);
	if (code == BASE_OK)
		code = check_part(h);
	if (code == BASE_OK)
		code = base_wrap(h->err, base_file_write(path, base_buf_slice(&file), 0600, false, h->err), "--output");
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:I, s:I, s:s*}", "file", path, "bytes", (json_int_t)file.len, "participants",
					 (json_int_t)h->part.count, "to", h->to));
	else if (code == BASE_OK && !h->to_key)
		printf(_("register of %zu participants written to %s, encrypted under the passphrase\n"), h->part.count, path);
	else if (code == BASE_OK)
		printf(strchr(h->to, '/') != NULL || cli_has(cli, "successor") ? _("register of %zu participants written to %s, sealed to the key of %s\n")
									      : _("register of %zu participants written to %s, sealed to the recovery key of %s\n"),
		       h->part.count, path, h->to);
	base_buf_free(&file);
	return code;
}

static enum base_code run_export(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct handover h = {.s = &s, .err = err};
	const char *path;
	enum base_code code = cli_need(cli, "output", &path, err);

	if (code != BASE_OK || (code = cli_session_open(&s, cli, CLI_IDENTITY, err)) != BASE_OK)
		return code;
	code = export_to(&h, path);
	base_buf_free(&h.cose);
	base_buf_wipe(&h.passphrase);
	cli_session_close(&s);
	return code;
}

/* ---- import ---- */

static bool is_sealed_to(const struct keys_identity *identity, enum keys_purpose purpose, const struct base_hash *wanted,
			 const struct keys_private **out)
{
	const struct keys_private *key = keys_identity_find(identity, purpose);
	struct base_hash kid;

	if (key == NULL)
		return false;
	kid = keys_kid(keys_private_public(key));
	if (base_hash_equal(&kid, wanted))
		*out = key;
	return *out != NULL;
}

static bool is_kid(void *arg, const struct base_hash *kid)
{
	return base_hash_equal(arg, kid);
}

/* The key that the file was sealed to: the caller's, one that the caller had before a rotation, or the organisation's recovery key. */
static enum base_code find_key(struct cli_session *s, struct base_hash *kid, struct keys_identity *recovery, const struct keys_private **out,
			       struct base_error *err)
{
	enum base_code code;

	*out = NULL;
	if (is_sealed_to(&s->identity, KEYS_SEAL, kid, out))
		return BASE_OK;
	code = cli_session_former(s, is_kid, kid, err);
	if (code != BASE_NOT_FOUND)
		return code == BASE_OK && is_sealed_to(&s->former, KEYS_SEAL, kid, out) ? BASE_OK : code;
	code = cli_session_recovery(s, recovery, err);
	if (code == BASE_OK && is_sealed_to(recovery, KEYS_RECOVERY, kid, out))
		return BASE_OK;
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return code;
	return base_fail(err, BASE_KEY,
			 code == BASE_NOT_FOUND ? N_("the file was sealed to another key than yours (%s) or the recovery key of %s, which is not on this machine")
						: N_("the file was sealed to another key than yours (%s) or the recovery key of %s"),
			 s->actor, s->organisation);
}

static enum base_code run_import(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf file = BASE_BUF_INIT;
	struct base_buf passphrase = BASE_BUF_INIT;
	struct keys_identity recovery = {0};
	const struct keys_private *seal = NULL;
	struct base_hash kid;
	bool to_key = false;
	size_t added = 0;
	enum base_code code = base_file_read(&file, cli->argv[0], REGISTER_FILE_BYTES_MAX, err);

	if (code == BASE_OK)
		code = register_sealed_to(base_buf_slice(&file), &to_key, &kid, err);
	if (code != BASE_OK) {
		code = base_wrap(err, code, "%s", cli->argv[0]);
		goto out;
	}
	if (cli_has(cli, "for-my-key") && !to_key) {
		code = base_fail(err, BASE_USAGE, "--for-my-key: %s is under a passphrase, and not sealed to a key", cli->argv[0]);
		goto out;
	}
	code = cli_session_open(&s, cli, CLI_IDENTITY, err);
	if (code != BASE_OK)
		goto out;
	code = cli_session_register(&s, err);
	if (code == BASE_OK)
		code = to_key ? find_key(&s, &kid, &recovery, &seal, err) : cli_passphrase(cli, &passphrase, err);
	if (code == BASE_OK)
		code = register_import(s.reg, base_buf_slice(&file), base_buf_slice(&passphrase), seal, &added, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:I}", "added", (json_int_t)added));
	else if (code == BASE_OK)
		printf(_("%zu participants added to the register\n"), added);
	keys_identity_close(&recovery);
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
						  "export --to %.129s`", actor, s.organisation, actor);
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
	{"to", "WHO", "encrypt to the recovery key of this organisation, or to the key of this actor (ORGANISATION/CODE), instead of a passphrase", false},
	{"successor", "REQUEST", "encrypt to the sealing key of this enrolment request: of somebody who is not in the ledger yet", false},
	{"study", "STUDY", "only participants of this study", false},
	{"site", "SITE", "of these only those of this site", false},
	{"participant", "NUMBER", "of these only this one", true},
	{NULL, NULL, NULL, false},
};
static const struct cli_option import_options[] = {
	{"for-my-key", NULL, "take it only if it was sealed to a key (it is seen from the file which opens it)", false},
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
	{"register export", "Copies", "", "write the register of participants to an encrypted file",
	 "For a backup, which is to be kept apart from the ledger's: under a passphrase, or with --to to your own organisation's recovery key. "
	 "For who takes over participants or a whole site: with --to, to the key that the ledger has of that organisation or actor, so that no "
	 "passphrase goes over the line, and with --study, --site or --participant no more than is handed over. What the ledger says of whose the "
	 "participants are does not change with it: see `regesta participant transfer` and `regesta organisation succeed`. The file names everybody in "
	 "it to whoever opens it.",
	 "regesta register export --output register-2026-03.bin\n"
	 "regesta register export --output backup.bin --to charite\n"
	 "regesta register export --output to-lyon.bin --to lyon/admin --study rare-01 --participant P-001",
	 export_options, 0, 0, run_export},
	{"register import", "Copies", "FILE", "take participants from an exported register",
	 "With the passphrase; or, if it was sealed to a key, with yours, one that you had before a rotation, or your organisation's recovery key. All "
	 "of it or nothing: a number that stands for another participant here is a conflict. The same file again changes nothing.",
	 "regesta register import to-lyon.bin --as lyon/admin", import_options, 1, 1, run_import},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
