/* An open ledger with the caller's identity, register and payload store. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/* ---- Where things lie ---- */

char *cli_home(const struct cli *cli)
{
	const char *home = cli_get(cli, "home");
	const char *user;

	if (home == NULL)
		home = getenv("REGESTA_HOME");
	if (home != NULL && home[0] != '\0')
		return base_path(home, "");
	user = getenv("HOME");
	return base_path(user != NULL && user[0] != '\0' ? user : ".", ".regesta");
}

/* "org/code" as a file name: a token has no '~'. */
char *cli_key_path(const struct cli *cli, const char *actor)
{
	char name[192];
	char *home = cli_home(cli);
	char *keys = base_path(home, "keys");
	char *path;

	snprintf(name, sizeof(name), "%s.pem", actor);
	for (char *c = name; *c != '\0'; c++)
		*c = *c == '/' ? '~' : *c;
	path = base_path(keys, name);
	free(home);
	free(keys);
	return path;
}

static const char *ledger_dir(const struct cli *cli)
{
	const char *dir = cli_get(cli, "ledger");

	if (dir == NULL)
		dir = getenv("REGESTA_LEDGER");
	return dir != NULL && dir[0] != '\0' ? dir : ".";
}

static char *state_dir(const struct cli *cli, const struct base_hash *ledger)
{
	char id[17];
	char *home = cli_home(cli);
	char *ledgers = base_path(home, "ledgers");
	char *path;

	base_hex(id, base_slice(ledger->bytes, 8));
	path = base_path(ledgers, id);
	free(home);
	free(ledgers);
	return path;
}

/* ---- Identities ---- */

/* One passphrase often opens several files of a session: the first is tried again before asking anew. */
struct remembered {
	struct cli *cli;
	struct base_buf passphrase;
	bool use;
};

static enum base_code recall(void *arg, struct base_buf *out, struct base_error *err)
{
	struct remembered *r = arg;
	enum base_code code = BASE_OK;

	if (!r->use) {
		base_buf_wipe(&r->passphrase);
		code = cli_passphrase(r->cli, &r->passphrase, err);
	}
	r->use = code == BASE_OK;
	if (code == BASE_OK)
		base_buf_append(out, base_buf_slice(&r->passphrase));
	return code;
}

static enum base_code read_identity(struct keys_identity *out, const char *path, struct remembered *r, struct base_error *err)
{
	bool had = r->use;
	enum base_code code = keys_identity_read(out, path, recall, r, err);

	if (code == BASE_KEY && had) {
		r->use = false;
		code = keys_identity_read(out, path, recall, r, err);
	}
	return code;
}

static enum base_code find_actor(struct cli_session *s, struct base_error *err)
{
	const char *as = cli_get(s->cli, "as");
	struct base_buf file = BASE_BUF_INIT;
	char *path = base_path(s->state_dir, "actor");
	const char *slash;
	enum base_code code = BASE_OK;

	if (as == NULL)
		as = getenv("REGESTA_AS");
	if (as != NULL) {
		base_buf_append(&file, base_slice_text(as));
	} else if (base_file_read(&file, path, 150, err) != BASE_OK) {
		code = base_fail(err, BASE_KEY, "who are you? Give --as ORGANISATION/CODE (or set REGESTA_AS)");
		goto out;
	}
	while (file.len > 0 && (file.data[file.len - 1] == '\n' || file.data[file.len - 1] == '\r'))
		file.len--;
	base_buf_byte(&file, 0);
	slash = strchr((char *)file.data, '/');
	if (file.len > sizeof(s->actor) || slash == NULL || slash == (char *)file.data || slash[1] == '\0' ||
	    slash - (char *)file.data >= (ptrdiff_t)sizeof(s->organisation)) {
		code = base_fail(err, BASE_USAGE, "\"%.100s\" is not an actor's name; it is ORGANISATION/CODE, such as charite/dm1",
				 (char *)file.data);
		goto out;
	}
	snprintf(s->actor, sizeof(s->actor), "%s", (char *)file.data);
	snprintf(s->organisation, sizeof(s->organisation), "%.*s", (int)(slash - (char *)file.data), (char *)file.data);
out:
	base_buf_free(&file);
	free(path);
	return code;
}

static enum base_code open_identity(struct cli_session *s, struct remembered *r, struct base_error *err)
{
	enum base_code code = find_actor(s, err);
	char *path;

	if (code != BASE_OK)
		return code;
	path = cli_key_path(s->cli, s->actor);
	/* Looked at first: a passphrase file that is missing is another mistake. */
	if (access(path, F_OK) == 0)
		code = read_identity(&s->identity, path, r, err);
	else
		code = base_fail(err, BASE_KEY, "no key of %s on this machine (%s); make one with `regesta key new %s`", s->actor, path,
				 s->actor);
	if (code == BASE_OK && keys_identity_find(&s->identity, KEYS_SIGN) == NULL)
		code = base_fail(err, BASE_KEY, "%s holds no signing key", path);
	free(path);
	return code;
}

/* ---- The session ---- */

/* Which node of the ledger this machine is: the one that genesis gave these keys, or after a restore the only one. */
static const char *node_name(const struct cli_session *s)
{
	const struct chain_genesis *genesis = chain_founding(s->chain);
	const struct keys_public *log = keys_private_public(keys_identity_find(&s->node, KEYS_LOG));

	for (size_t i = 0; i < genesis->node_count; i++)
		if (memcmp(genesis->nodes[i].log.bytes, log->bytes, log->len) == 0)
			return genesis->nodes[i].name;
	return genesis->nodes[0].name;
}

/* A node that has forgotten what it signed could sign something else for the same size. Only before the first block
 * (init was interrupted) has it signed nothing. */
static enum base_code check_signed(struct cli_session *s, const char *path, struct base_error *err)
{
	struct chain_read *read = NULL;
	enum base_code code;

	if (access(path, F_OK) == 0)
		return BASE_OK;
	if ((code = chain_read_begin(&read, s->chain, err)) != BASE_OK)
		return code;
	if (chain_read_height(read) > 0)
		code = base_fail(err, BASE_KEY, "the record of what this node signed (%s) is missing; after a loss or a restore, go on with "
						"`regesta recover`", path);
	chain_read_end(&read);
	return code;
}

static enum base_code open_chain(struct cli_session *s, bool record, struct base_error *err)
{
	struct chain_signer signer = {0};
	char name[PROOF_NAME_BYTES_MAX + 1];
	char *path;
	enum base_code code;

	if (!record)
		return BASE_OK;
	signer.log = keys_identity_find(&s->node, KEYS_LOG);
	signer.cosign = keys_identity_find(&s->node, KEYS_COSIGN);
	if (signer.log == NULL || signer.cosign == NULL)
		return base_fail(err, BASE_KEY, "node.pem lacks the log or the cosigner key");
	path = base_path(s->state_dir, "signed");
	if ((code = check_signed(s, path, err)) != BASE_OK) {
		free(path);
		return code;
	}
	signer.signed_path = path;
	snprintf(name, sizeof(name), "%s", node_name(s));
	signer.cosign_name = name;
	chain_close(s->chain);
	s->chain = NULL;
	code = chain_open(&s->chain, s->ledger_dir, 0, &signer, err);
	free(path);
	return code;
}

/* What is recorded is not undone because its receipt has no place: the folder is looked at before. */
static enum base_code check_receipt(const struct cli *cli, struct base_error *err)
{
	const char *path = cli_get(cli, "receipt"), *slash = path != NULL ? strrchr(path, '/') : NULL;
	struct stat info;
	char *folder;
	bool there;

	if (path != NULL && cli_has(cli, "offline"))
		return base_fail(err, BASE_USAGE, "--receipt: there is none before `regesta push` has recorded the event; then `regesta receipt` writes it");
	if (path == NULL || (stat(path, &info) == 0 && !S_ISDIR(info.st_mode)))
		return BASE_OK;
	if (stat(path, &info) == 0)
		return base_fail(err, BASE_USAGE, "--receipt: %.300s is a folder", path);
	if (slash == NULL || slash == path)
		return BASE_OK;
	folder = base_alloc((size_t)(slash - path) + 1);
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	there = stat(folder, &info) == 0 && S_ISDIR(info.st_mode);
	free(folder);
	return there ? BASE_OK : base_fail(err, BASE_NOT_FOUND, "--receipt: there is no folder for %.300s; nothing was recorded", path);
}

enum base_code cli_session_open(struct cli_session *s, struct cli *cli, unsigned flags, struct base_error *err)
{
	struct remembered r = {.cli = cli};
	char *node_path = NULL;
	enum base_code code;

	/* The outbox needs neither the node's keys nor the right to write in the ledger's folder. */
	if (cli_has(cli, "offline"))
		flags &= ~(CLI_RECORD & ~CLI_IDENTITY);

	*s = (struct cli_session){.cli = cli, .ledger_dir = ledger_dir(cli), .numbering = -1};
	if ((code = check_receipt(cli, err)) != BASE_OK)
		return code;
	code = chain_open(&s->chain, s->ledger_dir, CHAIN_READ_ONLY, NULL, err);
	if (code == BASE_NOT_FOUND)
		code = base_fail(err, BASE_NOT_FOUND, "there is no ledger in %s; name its folder with --ledger DIR, or make one with `regesta init`",
				 s->ledger_dir);
	if (code != BASE_OK)
		goto out;
	s->state_dir = state_dir(cli, chain_id(s->chain));
	if ((flags & CLI_IDENTITY) != 0 && (code = open_identity(s, &r, err)) != BASE_OK)
		goto out;
	if (flags == CLI_RECORD) {
		node_path = base_path(s->state_dir, "node.pem");
		code = read_identity(&s->node, node_path, &r, err);
		if (code == BASE_NOT_FOUND)
			code = base_fail(err, BASE_KEY, "this machine does not hold the node's keys (%s), and a solo ledger is written by its node alone",
					 node_path);
		if (code == BASE_OK)
			code = open_chain(s, true, err);
	}
	if (code == BASE_OK)
		code = chain_read_begin(&s->read, s->chain, err);
out:
	base_buf_wipe(&r.passphrase);
	free(node_path);
	if (code != BASE_OK)
		cli_session_close(s);
	return code;
}

void cli_session_close(struct cli_session *s)
{
	cli_session_numbered(s);
	register_close(s->reg);
	payload_store_close(s->payloads);
	chain_read_end(&s->read);
	chain_close(s->chain);
	keys_identity_close(&s->identity);
	keys_identity_close(&s->node);
	keys_identity_close(&s->former);
	free(s->state_dir);
	*s = (struct cli_session){.numbering = -1};
}

enum base_code cli_session_number(struct cli_session *s, struct base_error *err)
{
	char *path;
	enum base_code code = BASE_OK;

	if (s->numbering >= 0)
		return BASE_OK;
	path = base_path(s->state_dir, "numbering");
	s->numbering = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->numbering < 0) {
		code = base_fail_errno(err, "%s", path);
	} else {
		/* Ctrl-C during the wait is looked at after this batch. */
		while (flock(s->numbering, LOCK_EX) != 0 && code == BASE_OK)
			code = errno == EINTR ? BASE_OK : base_fail_errno(err, "%s", path);
	}
	free(path);
	if (code == BASE_OK)
		code = cli_session_refresh(s, err);
	if (code != BASE_OK)
		cli_session_numbered(s);
	return code;
}

void cli_session_numbered(struct cli_session *s)
{
	if (s->numbering >= 0)
		close(s->numbering);
	s->numbering = -1;
}

enum base_code cli_session_refresh(struct cli_session *s, struct base_error *err)
{
	chain_read_end(&s->read);
	return chain_read_begin(&s->read, s->chain, err);
}

char *cli_register_path(const char *folder, const char *organisation)
{
	char name[80];

	snprintf(name, sizeof(name), "register-%.64s", organisation);
	return base_path(folder, name);
}

enum base_code cli_session_register(struct cli_session *s, struct base_error *err)
{
	const struct keys_private *seal;
	char *path;
	enum base_code code;

	if (s->reg != NULL)
		return BASE_OK;
	seal = keys_identity_find(&s->identity, KEYS_SEAL);
	if (seal == NULL)
		return base_fail(err, BASE_KEY, "the register opens with your sealing key, and none is open");
	path = cli_register_path(s->state_dir, s->organisation);
	code = register_open(&s->reg, path, chain_id(s->chain), seal, err);
	free(path);
	if (code == BASE_NOT_FOUND)
		return base_fail(err, code, "%s has no register of participants on this machine; `regesta register create` makes one",
				 s->organisation);
	return code;
}

enum base_code cli_session_payloads(struct cli_session *s, bool create, struct base_error *err)
{
	char *path;
	enum base_code code;

	if (s->payloads != NULL)
		return BASE_OK;
	/* The ledger's folder is not written: what is sealed waits with its event. */
	if (create && cli_has(s->cli, "offline"))
		return cli_outbox_store(s, true, &s->payloads, err);
	path = base_path(s->ledger_dir, "payload");
	code = payload_store_open(&s->payloads, path, create, err);
	free(path);
	return base_wrap(err, code, "payload store");
}

/* `init` put the founder's beside the ledger's other secrets; `organisation request` had no ledger yet. */
enum base_code cli_session_recovery(struct cli_session *s, struct keys_identity *out, struct base_error *err)
{
	struct remembered r = {.cli = s->cli};
	char name[96], *home = cli_home(s->cli), *keys = base_path(home, "keys"), *path, *second;
	enum base_code code;

	snprintf(name, sizeof(name), "recovery-%s.pem", s->organisation);
	path = base_path(s->state_dir, name);
	second = base_path(keys, name);
	code = read_identity(out, access(path, F_OK) != 0 && access(second, F_OK) == 0 ? second : path, &r, err);
	base_buf_wipe(&r.passphrase);
	free(home);
	free(keys);
	free(path);
	free(second);
	return code;
}
