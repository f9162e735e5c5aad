/* init: a ledger with its first organisation, administrator, node and register. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <unistd.h>

#include "cli/cli.h"

struct founding {
	struct cli *cli;
	const char *folder, *organisation, *title, *country;
	char actor[160], node_name[160];
	char origin[CHAIN_ORIGIN_BYTES_MAX + 1];
	struct keys_identity admin, recovery, node;
	bool admin_is_new;
	struct base_buf passphrase, enrolment, genesis, signatures;
	struct base_hash ledger;
	char *state_dir;
	struct state_limits limits;
};

static void founding_free(struct founding *f)
{
	keys_identity_close(&f->admin);
	keys_identity_close(&f->recovery);
	keys_identity_close(&f->node);
	base_buf_wipe(&f->passphrase);
	base_buf_free(&f->enrolment);
	base_buf_free(&f->genesis);
	base_buf_free(&f->signatures);
	free(f->state_dir);
}

static enum base_code check_folder(const char *folder, struct base_error *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool empty = true;

	if (dir == NULL && errno == ENOENT)
		return BASE_OK;
	if (dir == NULL)
		return base_fail_errno(err, "%s", folder);
	while ((entry = readdir(dir)) != NULL)
		empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
	closedir(dir);
	return empty ? BASE_OK : base_fail(err, BASE_EXISTS, "%s is there already and not empty; a new ledger wants a folder of its own", folder);
}

/* The origin ends in 128 random bits, so that no two ledgers ever share one. */
static enum base_code make_origin(struct founding *f, struct base_error *err)
{
	const char *prefix = cli_get(f->cli, "origin");
	uint8_t random[16];
	char hex[33];
	char fallback[128];
	int n;
	enum base_code code = keys_random(random, sizeof(random), err);

	if (code != BASE_OK)
		return code;
	base_hex(hex, base_slice(random, sizeof(random)));
	snprintf(fallback, sizeof(fallback), "%s.invalid/regesta", f->organisation);
	if (prefix == NULL)
		prefix = fallback;
	if (strstr(prefix, "://") != NULL || prefix[0] == '/' || !events_text_valid(EVENTS_URL, base_slice_text(prefix)) ||
	    strchr(prefix, '+') != NULL)
		return base_fail(err, BASE_USAGE, "--origin is a URL without scheme, such as registry.example.org/rare-diseases");
	n = snprintf(f->origin, sizeof(f->origin), "%s/%s", prefix, hex);
	if (n >= (int)sizeof(f->origin))
		return base_fail(err, BASE_USAGE, "--origin is longer than %d characters", CHAIN_ORIGIN_BYTES_MAX - 33);
	return BASE_OK;
}

static enum base_code add_key(struct keys_identity *id, enum keys_purpose purpose, enum keys_alg alg, struct base_error *err)
{
	enum base_code code = keys_private_make(&id->keys[id->count], purpose, alg, err);

	if (code == BASE_OK)
		id->count++;
	return code;
}

static enum base_code make_keys(struct founding *f, struct base_error *err)
{
	char *path = cli_key_path(f->cli, f->actor);
	enum base_code code = BASE_OK;

	if (access(path, F_OK) == 0) {
		code = keys_identity_read(&f->admin, path, cli_passphrase, f->cli, err);
	} else {
		f->admin_is_new = true;
		code = add_key(&f->admin, KEYS_SIGN, KEYS_ES256K, err);
		if (code == BASE_OK)
			code = add_key(&f->admin, KEYS_SEAL, KEYS_X25519, err);
	}
	if (code == BASE_OK)
		code = add_key(&f->recovery, KEYS_RECOVERY, KEYS_X25519, err);
	if (code == BASE_OK)
		code = add_key(&f->node, KEYS_LOG, KEYS_ED25519, err);
	if (code == BASE_OK)
		code = add_key(&f->node, KEYS_COSIGN, KEYS_ED25519, err);
	if (code == BASE_OK)
		code = add_key(&f->node, KEYS_SIGN, KEYS_ES256K, err);
	free(path);
	return code;
}

static enum base_code make_genesis(struct founding *f, struct base_error *err)
{
	struct events_enrolment enrolment = {.ledger = base_slice_text(f->origin), .founder = true, .actor = base_slice_text(f->actor),
					     .roles = EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR)};
	const struct keys_private *sign = keys_identity_find(&f->admin, KEYS_SIGN);
	const struct keys_private *seal = keys_identity_find(&f->admin, KEYS_SEAL);
	struct chain_founder founder = {.organisation = f->organisation, .title = f->title, .country = f->country};
	struct chain_node node = {.name = f->node_name};
	struct chain_genesis genesis = {.origin = f->origin, .time = base_time_now(), .founders = &founder, .founder_count = 1,
					.nodes = &node, .node_count = 1, .limits = f->limits};
	enum base_code code;

	if (sign == NULL || seal == NULL)
		return base_fail(err, BASE_KEY, "the administrator's key file lacks a signing or a sealing key");
	enrolment.sign = *keys_private_public(sign);
	enrolment.seal = *keys_private_public(seal);
	code = events_enrolment_sign(&f->enrolment, &enrolment, sign, err);
	if (code != BASE_OK)
		return code;
	founder.enrolment = base_buf_slice(&f->enrolment);
	founder.recovery = *keys_private_public(keys_identity_find(&f->recovery, KEYS_RECOVERY));
	node.log = *keys_private_public(keys_identity_find(&f->node, KEYS_LOG));
	node.cosign = *keys_private_public(keys_identity_find(&f->node, KEYS_COSIGN));
	node.sign = *keys_private_public(keys_identity_find(&f->node, KEYS_SIGN));
	code = chain_genesis_encode(&f->genesis, &genesis, err);
	if (code != BASE_OK)
		return code;
	f->ledger = base_sha256_of(base_buf_slice(&f->genesis));
	return chain_genesis_sign(&f->signatures, base_buf_slice(&f->genesis), f->origin, f->actor, sign, err);
}

static enum base_code write_one(struct founding *f, const struct keys_identity *id, const char *folder, const char *name,
				struct base_error *err)
{
	char *path = base_path(folder, name);
	enum base_code code = keys_identity_write(id, path, base_buf_slice(&f->passphrase), err);

	free(path);
	return code;
}

/* Keys first: a ledger whose keys were lost could never be continued. */
static enum base_code write_keys(struct founding *f, struct base_error *err)
{
	char id[17], name[96];
	char *home = cli_home(f->cli);
	char *keys = base_path(home, "keys");
	char *ledgers = base_path(home, "ledgers");
	char *admin_path = cli_key_path(f->cli, f->actor);
	enum base_code code;

	base_hex(id, base_slice(f->ledger.bytes, 8));
	f->state_dir = base_path(ledgers, id);
	code = base_make_folder(keys, 0700, err);
	if (code == BASE_OK)
		code = base_make_folder(f->state_dir, 0700, err);
	if (code == BASE_OK && f->admin_is_new)
		code = keys_identity_write(&f->admin, admin_path, base_buf_slice(&f->passphrase), err);
	snprintf(name, sizeof(name), "recovery-%s.pem", f->organisation);
	if (code == BASE_OK)
		code = write_one(f, &f->recovery, f->state_dir, name, err);
	if (code == BASE_OK)
		code = write_one(f, &f->node, f->state_dir, "node.pem", err);
	free(home);
	free(keys);
	free(ledgers);
	free(admin_path);
	return code;
}

static enum base_code write_ledger(struct founding *f, struct base_error *err)
{
	struct chain_signer signer = {.log = keys_identity_find(&f->node, KEYS_LOG), .cosign = keys_identity_find(&f->node, KEYS_COSIGN)};
	char *signed_path = base_path(f->state_dir, "signed");
	char *register_path = cli_register_path(f->state_dir, f->organisation);
	char *actor_path = base_path(f->state_dir, "actor");
	struct chain *chain = NULL;
	enum base_code code;

	signer.cosign_name = f->node_name;
	signer.signed_path = signed_path;
	code = register_create(register_path, &f->ledger, keys_private_public(keys_identity_find(&f->admin, KEYS_SEAL)), err);
	if (code == BASE_OK)
		code = base_file_write(actor_path, base_slice_text(f->actor), 0600, true, err);
	if (code == BASE_OK)
		code = chain_create(f->folder, base_buf_slice(&f->genesis), base_buf_slice(&f->signatures), err);
	/* Opening it with the node's keys signs the first checkpoint. */
	if (code == BASE_OK)
		code = chain_open(&chain, f->folder, 0, &signer, err);
	chain_close(chain);
	free(signed_path);
	free(register_path);
	free(actor_path);
	return code;
}

static void print_result(const struct founding *f)
{
	char id[65];
	char *key_path = cli_key_path(f->cli, f->actor);

	base_hex(id, base_hash_slice(&f->ledger));
	if (f->cli->json) {
		cli_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "ledger", id, "origin", f->origin, "folder", f->folder, "actor",
					 f->actor, "key", key_path, "state", f->state_dir));
	} else {
		printf(_("%sLedger %s%s\n  origin         %s\n  folder         %s   (copy it to an auditor: it holds no private key)\n"
		       "  administrator  %s, key in %s\n  node, recovery and register in %s   (back them up apart from the ledger)\n"),
		       cli_style(f->cli, CLI_GOOD), id, cli_style(f->cli, CLI_PLAIN), f->origin, f->folder, f->actor, key_path, f->state_dir);
		if (cli_has(f->cli, "no-passphrase"))
			cli_warn(f->cli, "the keys are not encrypted");
	}
	free(key_path);
}

static enum base_code run_init(struct cli *cli, struct base_error *err)
{
	struct founding f = {.cli = cli, .folder = cli->argv[0]};
	const char *admin;
	enum base_code code;

	if ((code = cli_need(cli, "organisation", &f.organisation, err)) != BASE_OK ||
	    (code = cli_need(cli, "country", &f.country, err)) != BASE_OK)
		return code;
	f.title = cli_get(cli, "title") != NULL ? cli_get(cli, "title") : f.organisation;
	admin = cli_get(cli, "admin") != NULL ? cli_get(cli, "admin") : "admin";
	if (!events_text_valid(EVENTS_ORGANISATION, base_slice_text(f.organisation)))
		return base_fail(err, BASE_USAGE, "--organisation is a short code of a-z, 0-9, '.', '_' and '-', such as charite; the name goes into "
						  "--title");
	if (!events_text_valid(EVENTS_COUNTRY, base_slice_text(f.country)))
		return base_fail(err, BASE_USAGE, "--country is a code of two capital letters, such as DE");
	snprintf(f.actor, sizeof(f.actor), "%s/%.64s", f.organisation, admin);
	snprintf(f.node_name, sizeof(f.node_name), "%s/node", f.organisation);
	if (!events_text_valid(EVENTS_ACTOR, base_slice_text(f.actor)))
		return base_fail(err, BASE_USAGE, "--admin is an opaque staff code of a-z, 0-9, '.', '_' and '-', never a person's name");
	f.limits = (struct state_limits)STATE_LIMITS_DEFAULT;
	if ((code = cli_limits(cli, &f.limits, err)) != BASE_OK || (code = check_folder(f.folder, err)) != BASE_OK || (code = make_origin(&f, err)) != BASE_OK)
		goto out;
	if ((code = cli_passphrase_new(cli, _("the administrator, node and recovery keys"), &f.passphrase, err)) != BASE_OK)
		goto out;
	if ((code = make_keys(&f, err)) != BASE_OK || (code = make_genesis(&f, err)) != BASE_OK)
		goto out;
	if ((code = write_keys(&f, err)) != BASE_OK || (code = write_ledger(&f, err)) != BASE_OK)
		goto out;
	print_result(&f);
out:
	founding_free(&f);
	return code;
}

static const struct cli_option init_options[] = {
	{"organisation", "CODE", "code of the first organisation, such as charite", false},
	{"title", "TEXT", "its public name (default: the code)", false},
	{"country", "CC", "its country, two letters", false},
	{"admin", "CODE", "staff code of its administrator (default: admin); never a person's name", false},
	{"origin", "URL", "names the ledger in checkpoints: a URL without scheme; 128 random bits are added", false},
	{"limit-key", "BURST:REFILL", "how many events a key may record at once, and a second (default 100000:1000)", false},
	{"limit-organisation", "BURST:REFILL", "the same for all keys of an organisation (default 1000000:10000)", false},
	{"limit-restrictions", "BURST:REFILL", "withdrawals, objections and revocations of a key, counted apart (default 1000:10)", false},
	{"no-passphrase", NULL, "leave the private keys unencrypted (tests, or a disk that is encrypted)", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_init[] = {
	{"init", "Setting up", "FOLDER", "make a ledger with its first organisation, administrator and node",
	 "Makes the folder with the genesis entry, ordered by one operator (solo), and the keys of the administrator, the node and the "
	 "organisation's recovery, which lie outside the folder, in --home. The folder can be copied to an auditor at any time.",
	 "regesta init ledger --organisation charite --title \"Charité Berlin\" --country DE", init_options, 1, 1, run_init},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
