/* tiles, backup, restore: ledgers that leave, and come back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

#define BUNDLE_BYTES_MAX ((size_t)PROOF_TILE_WIDTH * (CHAIN_ENTRY_BYTES_MAX + 2))
#define SIGNATURES_BYTES_MAX (1u << 20)

/* ---- tiles ---- */

static enum base_code run_tiles(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	bool with_entries = !cli_has(cli, "public");
	uint64_t height, size;
	enum base_code code = cli_session_open(&s, cli, CLI_READ, err);

	if (code != BASE_OK)
		return code;
	code = chain_tiles(s.read, cli->argv[0], with_entries, err);
	if (code == BASE_OK)
		code = chain_read_signed(s.read, &height, &size, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:I, s:I, s:b}", "folder", cli->argv[0], "size", (json_int_t)size, "height", (json_int_t)height,
					 "entries", with_entries));
	else if (code == BASE_OK)
		printf(_("%llu entries, up to block %llu, as tiles in %s\n%s\n"), (unsigned long long)size, (unsigned long long)height, cli->argv[0],
		       with_entries ? _("It holds the entries: pseudonymous health data. Give it to auditors only; --public leaves them out.")
				    : _("It holds hashes alone, and may be public."));
	cli_session_close(&s);
	return code;
}

/* ---- backup ---- */

struct copying {
	struct payload_store *from, *to;
	uint64_t count;
	enum base_code code;
	struct base_error *err;
};

static bool copy_one(void *arg, const struct wire_cid *cid)
{
	struct copying *c = arg;

	c->code = payload_store_copy(c->from, c->to, cid, c->err);
	c->count++;
	return c->code == BASE_OK;
}

static enum base_code copy_payloads(struct cli_session *s, const char *folder, uint64_t *count, struct base_error *err)
{
	struct copying c = {.err = err};
	char *from = base_path(s->ledger_dir, "payload");
	char *to = base_path(folder, "payload");
	struct stat info;
	enum base_code code = BASE_OK;

	if (stat(from, &info) != 0)
		goto out;
	code = payload_store_open(&c.from, from, false, err);
	if (code == BASE_OK)
		code = payload_store_open(&c.to, to, true, err);
	if (code == BASE_OK)
		code = payload_store_walk(c.from, copy_one, &c, err);
	if (code == BASE_OK)
		code = c.code;
	if (code == BASE_OK)
		code = payload_store_sync(c.to, err);
	*count = c.count;
out:
	payload_store_close(c.from);
	payload_store_close(c.to);
	free(from);
	free(to);
	return base_wrap(err, code, "payloads");
}

static enum base_code run_backup(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	const char *folder = cli->argv[0];
	uint64_t payloads = 0;
	enum base_code code;

	if (access(folder, F_OK) == 0)
		return base_fail(err, BASE_EXISTS, "%s is there already; a backup goes into a folder of its own", folder);
	code = cli_session_open(&s, cli, CLI_READ, err);
	if (code != BASE_OK)
		return code;
	/* Payloads first would miss those of events that come meanwhile; the ledger first may have some payloads too many. */
	code = chain_backup(s.chain, folder, err);
	if (code == BASE_OK && !cli_has(cli, "no-payloads"))
		code = copy_payloads(&s, folder, &payloads, err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:I, s:I}", "folder", folder, "size", (json_int_t)chain_read_size(s.read), "payloads",
					 (json_int_t)payloads));
	else if (code == BASE_OK)
		printf(_("ledger of %llu entries and %llu payloads copied to %s\nNot in it: private keys, the register, and the record of what the node "
		       "signed. Back up %s apart from it, except the file \"signed\".\n"), (unsigned long long)chain_read_size(s.read),
		       (unsigned long long)payloads, folder, s.state_dir);
	cli_session_close(&s);
	return code;
}

/* ---- restore ---- */

struct source {
	const char *folder;
	uint64_t size, at;     /* entries */
	struct base_buf bundle;
	struct base_slice rest;
	struct cli_progress progress;
};

static enum base_code next_bundle(struct source *source, struct base_error *err)
{
	uint64_t n = source->at / PROOF_TILE_WIDTH;
	uint64_t left = source->size - n * PROOF_TILE_WIDTH;
	char name[96];
	char *path;
	enum base_code code;

	proof_tile_path(name, -1, n, left >= PROOF_TILE_WIDTH ? PROOF_TILE_WIDTH : (unsigned)left);
	path = base_path(source->folder, name);
	source->bundle.len = 0;
	source->rest = base_slice(NULL, 0);
	code = base_file_read(&source->bundle, path, BUNDLE_BYTES_MAX, err);
	/* BASE_NOT_FOUND would say that the ledger ends here. */
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, BASE_MALFORMED, "%s is missing: tiles without entries (--public) cannot be restored from", path);
	source->rest = base_buf_slice(&source->bundle);
	free(path);
	return code;
}

static enum base_code next_entry(void *arg, struct base_slice *entry, struct base_error *err)
{
	struct source *source = arg;
	enum base_code code = BASE_OK;

	if (source->at == source->size)
		return BASE_NOT_FOUND;
	if (source->at % PROOF_TILE_WIDTH == 0)
		code = next_bundle(source, err);
	if (code == BASE_OK)
		code = proof_bundle_next(&source->rest, entry, err);
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, BASE_MALFORMED, "a bundle of entries ends before entry #%llu", (unsigned long long)source->at);
	source->at++;
	cli_progress_set(&source->progress, source->at);
	return code;
}

static enum base_code read_source(struct source *source, const char *folder, struct proof_checkpoint *checkpoint, struct base_buf *note,
				  struct base_buf *signatures, struct base_error *err)
{
	struct proof_note *parsed = base_alloc(sizeof(*parsed));
	char *path = base_path(folder, "checkpoint");
	enum base_code code = base_file_read(note, path, PROOF_NOTE_BYTES_MAX, err);

	source->folder = folder;
	if (code == BASE_OK)
		code = proof_note_parse(parsed, base_buf_slice(note), err);
	if (code == BASE_OK)
		code = proof_checkpoint_parse(checkpoint, parsed->text, err);
	code = base_wrap(err, code, "%s", path);
	free(path);
	free(parsed);
	source->size = checkpoint->size;
	if (code != BASE_OK)
		return code;
	path = base_path(folder, "genesis.sig");
	code = base_wrap(err, base_file_read(signatures, path, SIGNATURES_BYTES_MAX, err), "%s", path);
	free(path);
	return code;
}

/* ---- Tiles may come from anybody ---- */

struct checking {
	struct cli_progress progress;
	const struct cli *cli;
	bool begun;
	struct base_error first; /* deviation */
};

static void on_deviation(void *arg, const struct audit_deviation *deviation)
{
	struct checking *c = arg;

	if (c->first.text[0] == '\0')
		(void)(deviation->has_index ? base_fail(&c->first, BASE_MISMATCH, "entry #%llu: %s", (unsigned long long)deviation->index,
							deviation->what)
					    : base_fail(&c->first, BASE_MISMATCH, "%s", deviation->what));
}

static void on_progress(void *arg, uint64_t done, uint64_t total)
{
	struct checking *c = arg;

	if (!c->begun)
		cli_progress_begin(&c->progress, c->cli, "verifying", total, false);
	c->begun = true;
	cli_progress_set(&c->progress, done);
}

static enum base_code restore_policy(const struct cli *cli, struct proof_policy **policy, struct base_error *err)
{
	const char *path = cli_get(cli, "policy");
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	code = base_file_read(&text, path, PROOF_POLICY_BYTES_MAX, err);
	if (code == BASE_OK)
		code = proof_policy_parse(policy, base_buf_slice(&text), err);
	base_buf_free(&text);
	return base_wrap(err, code, "policy %s", path);
}

/* A rebuild executes events without looking at their signatures, and who records on in a forged ledger signs it: so the
 * authors' signatures and the checkpoint's are verified first, and what is rebuilt must have the same root. */
static enum base_code verify_tiles(const struct cli *cli, const char *tiles, const struct proof_checkpoint *checkpoint, struct base_error *err)
{
	struct checking checking = {.cli = cli};
	struct audit_options options = {.signatures = true, .deviation = on_deviation, .progress = on_progress, .arg = &checking};
	struct audit_report report;
	struct proof_policy *policy = NULL;
	enum base_code code = restore_policy(cli, &policy, err);

	if (code != BASE_OK)
		return code;
	options.policy = policy;
	code = audit_tiles(tiles, &options, &report, err);
	if (checking.begun)
		cli_progress_end(&checking.progress);
	if (code == BASE_MISMATCH)
		code = base_fail(err, BASE_MISMATCH, "%.800s; nothing was restored",
				 checking.first.text[0] != '\0' ? checking.first.text : err->text);
	else if (code == BASE_OK && (report.size != checkpoint->size || !base_hash_equal(&report.root, &checkpoint->root)))
		code = base_fail(err, BASE_MISMATCH, "the tiles changed while they were read");
	proof_policy_close(policy);
	return base_wrap(err, code, "%s", tiles);
}

static enum base_code ledger_id(struct base_hash *ledger, const char *folder, struct base_error *err)
{
	struct chain *chain = NULL;
	enum base_code code = chain_open(&chain, folder, CHAIN_READ_ONLY, NULL, err);

	if (code == BASE_OK)
		*ledger = *chain_id(chain);
	chain_close(chain);
	return code;
}

static enum base_code run_restore(struct cli *cli, struct base_error *err)
{
	struct source source = {0};
	struct proof_checkpoint checkpoint = {0};
	struct base_buf note = BASE_BUF_INIT;
	struct base_buf signatures = BASE_BUF_INIT;
	struct base_hash ledger;
	const char *tiles;
	char id[65];
	enum base_code code = cli_need(cli, "tiles", &tiles, err);

	if (code != BASE_OK)
		return code;
	if (access(cli->argv[0], F_OK) == 0)
		return base_fail(err, BASE_EXISTS, "%s is there already; restore into a folder of its own", cli->argv[0]);
	code = read_source(&source, tiles, &checkpoint, &note, &signatures, err);
	if (code == BASE_OK)
		code = verify_tiles(cli, tiles, &checkpoint, err);
	if (code != BASE_OK)
		goto out;
	cli_progress_begin(&source.progress, cli, "restoring", source.size, false);
	code = chain_rebuild(cli->argv[0], next_entry, &source, base_buf_slice(&signatures), base_buf_slice(&note), err);
	cli_progress_end(&source.progress);
	if (code == BASE_OK)
		code = ledger_id(&ledger, cli->argv[0], err);
	if (code != BASE_OK)
		goto out;
	base_hex(id, base_hash_slice(&ledger));
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:s, s:I}", "ledger", id, "folder", cli->argv[0], "size", (json_int_t)checkpoint.size));
	else
		printf(_("ledger %s restored to %s: %llu entries, identical to those that the checkpoint signed\nTo go on recording after a loss, make new "
		       "node keys and say so on the ledger: `regesta recover --ledger %s`\n"), id, cli->argv[0],
		       (unsigned long long)checkpoint.size, cli->argv[0]);
out:
	base_buf_free(&source.bundle);
	base_buf_free(&note);
	base_buf_free(&signatures);
	return code;
}

/* ---- recover ---- */

static enum base_code make_node(struct keys_identity *node, struct base_error *err)
{
	static const struct {
		enum keys_purpose purpose;
		enum keys_alg alg;
	} wanted[] = {{KEYS_LOG, KEYS_ED25519}, {KEYS_COSIGN, KEYS_ED25519}, {KEYS_SIGN, KEYS_ES256K}};
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < 3 && code == BASE_OK; i++) {
		code = keys_private_make(&node->keys[i], wanted[i].purpose, wanted[i].alg, err);
		if (code == BASE_OK)
			node->count++;
	}
	return code;
}

/* The old node's files are kept under another name: what it signed is evidence. */
static enum base_code set_aside(const char *folder, const char *name, struct base_error *err)
{
	char *path = base_path(folder, name);
	char *aside = base_alloc(strlen(path) + 48);
	enum base_code code = BASE_OK;

	snprintf(aside, strlen(path) + 48, "%s.before-%llu", path, (unsigned long long)base_time_now().ms);
	if (rename(path, aside) != 0 && errno != ENOENT)
		code = base_fail_errno(err, "%s", path);
	free(path);
	free(aside);
	return code;
}

/* What is known to have been signed before the loss: a checkpoint kept outside, else the restored ledger's own end. */
static enum base_code last_signed(const struct cli *cli, struct cli_session *s, uint64_t *size, struct base_hash *root, struct base_error *err)
{
	const char *path = cli_get(cli, "last-checkpoint");
	struct base_buf text = BASE_BUF_INIT;
	struct proof_note *note;
	struct proof_checkpoint checkpoint;
	enum base_code code;

	*size = chain_read_size(s->read);
	if (path == NULL)
		return proof_root(root, *size, chain_read_stored_hash, s->read, err);
	note = base_alloc(sizeof(*note));
	code = base_file_read(&text, path, PROOF_NOTE_BYTES_MAX, err);
	if (code == BASE_OK)
		code = proof_note_parse(note, base_buf_slice(&text), err);
	if (code == BASE_OK)
		code = proof_checkpoint_parse(&checkpoint, note->text, err);
	if (code == BASE_OK) {
		*size = checkpoint.size;
		*root = checkpoint.root;
	}
	free(note);
	base_buf_free(&text);
	return base_wrap(err, code, "--last-checkpoint %s", path);
}

static enum base_code open_recovered(struct cli_session *s, struct base_error *err)
{
	struct base_buf passphrase = BASE_BUF_INIT;
	struct keys_identity node = {0};
	struct chain_signer signer = {.recovered = true};
	char name[PROOF_NAME_BYTES_MAX + 1];
	char *node_path = base_path(s->state_dir, "node.pem");
	char *signed_path = base_path(s->state_dir, "signed");
	enum base_code code = base_make_folder(s->state_dir, 0700, err);

	snprintf(name, sizeof(name), "%s", chain_founding(s->chain)->nodes[0].name);
	if (code == BASE_OK)
		code = cli_passphrase_new(s->cli, _("the node's new keys"), &passphrase, err);
	if (code == BASE_OK)
		code = make_node(&node, err);
	if (code == BASE_OK && (code = set_aside(s->state_dir, "node.pem", err)) == BASE_OK &&
	    (code = set_aside(s->state_dir, "signed", err)) == BASE_OK)
		code = keys_identity_write(&node, node_path, base_buf_slice(&passphrase), err);
	if (code == BASE_OK) {
		s->node = node;
		signer.log = keys_identity_find(&s->node, KEYS_LOG);
		signer.cosign = keys_identity_find(&s->node, KEYS_COSIGN);
		signer.cosign_name = name;
		signer.signed_path = signed_path;
		chain_read_end(&s->read);
		chain_close(s->chain);
		s->chain = NULL;
		code = chain_open(&s->chain, s->ledger_dir, 0, &signer, err);
	} else {
		keys_identity_close(&node);
	}
	if (code == BASE_OK)
		code = chain_read_begin(&s->read, s->chain, err);
	base_buf_wipe(&passphrase);
	free(node_path);
	free(signed_path);
	return code;
}

/* Before the node's keys are replaced: whoever may not record the recovery must not cost the node its keys. */
static enum base_code may_recover(struct cli_session *s, struct base_error *err)
{
	struct base_hash kid = keys_kid(keys_private_public(keys_identity_find(&s->identity, KEYS_SIGN)));
	struct cli_actor actor;
	enum base_code code = cli_actor_find(s, s->actor, &actor, err);

	if (code == BASE_OK && (!actor.active || !base_hash_equal(&actor.kid, &kid)))
		return base_fail(err, BASE_KEY, "the key of %s that is here is not the one in force on this ledger", s->actor);
	if (code == BASE_OK && (actor.roles & EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR)) == 0)
		return base_fail(err, BASE_KEY, "%s is no administrator, and only one records a recovery", s->actor);
	return code;
}

/* The record of what the node signed is never restored: where it is, the keys beside it were not lost, and some folder of this
 * ledger is recorded in with them. */
static enum base_code keys_in_use(const struct cli_session *s, struct base_error *err)
{
	char *node = base_path(s->state_dir, "node.pem"), *record = base_path(s->state_dir, "signed");
	bool there = access(node, F_OK) == 0 && access(record, F_OK) == 0;
	enum base_code code = BASE_OK;

	if (there && cli_has(s->cli, "yes"))
		cli_warn(s->cli, "the node's keys in %s were in use; they are put aside, and a folder of this ledger that was recorded in with them "
				 "cannot go on", s->state_dir);
	else if (there)
		code = base_fail(err, BASE_EXISTS, "the node's keys and the record of what they signed are whole in %s: new ones would keep the folder of this "
						   "ledger that uses them from going on. To go on with a copy beside it, give a --home of its own; if that "
						   "folder is lost, --yes", s->state_dir);
	free(node);
	free(record);
	return code;
}

static enum base_code run_recover(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct cli_draft draft = {0};
	struct base_hash root;
	uint64_t restored, last;
	char hex[65];
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	restored = chain_read_size(s.read);
	code = may_recover(&s, err);
	if (code == BASE_OK)
		code = keys_in_use(&s, err);
	if (code == BASE_OK)
		code = last_signed(cli, &s, &last, &root, err);
	if (code == BASE_OK)
		code = open_recovered(&s, err);
	if (code == BASE_OK) {
		base_hex(hex, base_hash_slice(&root));
		code = cli_draft_json(cli, &draft, "governance.recover", NULL, json_pack("{s:I, s:I, s:s}", "restored_size", (json_int_t)restored,
											  "last_size", (json_int_t)last, "last_root", hex), err);
	}
	if (code == BASE_OK)
		code = cli_sign_and_record(&s, &draft, err);
	if (code == BASE_OK && !cli->json)
		printf(_("The node has new keys; its policy (`regesta policy`) names them from now on. Actors whose keys may have been lost with the "
		       "machine rotate them: `regesta actor rotate`.\n"));
	cli_draft_free(&draft);
	cli_session_close(&s);
	return code;
}

static const struct cli_option tiles_options[] = {
	{"public", NULL, "hash tiles and checkpoint only, without the entries", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option backup_options[] = {
	{"no-payloads", NULL, "leave the payloads out", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option restore_options[] = {
	{"tiles", "FOLDER", "tiles with entries, as `regesta tiles` writes them", false},
	{"policy", "FILE", "the policy that you trust (default: the nodes that genesis names)", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option recover_options[] = {
	{"last-checkpoint", "FILE", "the newest checkpoint known to have been signed before the loss", false},
	{"yes", NULL, "put keys aside that are in use: the folder that uses them is lost", false},
	{"no-passphrase", NULL, "leave the node's new keys unencrypted", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_copies[] = {
	{"tiles", "Copies", "FOLDER", "write the ledger as C2SP tiles, for auditors and mirrors",
	 "Run again, it adds what is new. With --public the folder holds hashes and the checkpoint alone.",
	 "regesta tiles /srv/mirror --public\nregesta tiles audit-copy/ && regesta audit --tiles audit-copy/", tiles_options, 1, 1, run_tiles},
	{"backup", "Copies", "FOLDER", "copy a ledger in use, with its payloads, without any key", NULL, "regesta backup /backup/2026-03-01",
	 backup_options, 1, 1, run_backup},
	{"restore", "Copies", "FOLDER", "rebuild a ledger from tiles with entries", "Every signature is verified, and every outcome, hash and "
	 "root is recomputed; the result is "
	 "identical to the ledger at the checkpoint of the tiles. Payloads are copied separately (`regesta payload import`).",
	 "regesta restore ledger/ --tiles audit-copy/", restore_options, 1, 1, run_restore},
	{"recover", "Copies", "", "after a loss: new node keys, and a record of the restored state",
	 "A node never restores the record of what it signed. Its keys are made anew, and an administrator records how far the restored ledger "
	 "reaches and what was known to be signed. Where the keys and the record of what they signed are whole, --yes is needed: a folder of the "
	 "ledger that uses them could not go on. A copy that is to go on beside it gets a --home of its own.",
	 "regesta recover --as charite/admin --last-checkpoint 2026-03.checkpoint", recover_options, 0, 0, run_recover},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
