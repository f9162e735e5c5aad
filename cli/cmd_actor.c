/* actor, organisation, governance: who may act. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/custody.h"

static enum base_code record_json(struct cli_session *s, const char *kind, json_t *body, struct base_error *err)
{
	struct cli_draft draft = {0};
	enum base_code code = cli_draft_json(s->cli, &draft, kind, NULL, body, err);

	if (code == BASE_OK)
		code = cli_printed_name_seal(s, &draft, err);
	if (code == BASE_OK)
		code = cli_sign_and_record(s, &draft, err);
	cli_draft_free(&draft);
	return code;
}

static enum base_code open_and_record(struct cli *cli, const char *kind, json_t *body, struct base_error *err)
{
	struct cli_session s;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code != BASE_OK) {
		json_decref(body);
		return code;
	}
	code = record_json(&s, kind, body, err);
	cli_session_close(&s);
	return code;
}

static json_t *base64_json(struct base_slice bytes)
{
	struct base_buf text = BASE_BUF_INIT;
	json_t *json;

	base_base64(&text, bytes);
	json = json_stringn((const char *)text.data, text.len);
	base_buf_free(&text);
	return json;
}

static json_t *roles_json(uint64_t roles)
{
	const struct events_codes *codes = events_codes_of(EVENTS_ROLES);
	json_t *list = json_array();

	for (size_t i = 0; i < codes->count; i++)
		if ((roles & EVENTS_ROLE(codes->codes[i].number)) != 0)
			json_array_append_new(list, json_string(codes->codes[i].name));
	return list;
}

/* ---- actor ---- */

static enum base_code run_enrol(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct base_buf cose = BASE_BUF_INIT;
	struct events_enrolment enrolment;
	enum base_code code = cli_request_read(cli->argv[0], &cose, &enrolment, err);

	if (code != BASE_OK || (code = cli_session_open(&s, cli, CLI_RECORD, err)) != BASE_OK)
		goto out;
	if (!base_slice_equal(enrolment.ledger, base_hash_slice(chain_id(s.chain)))) {
		code = base_fail(err, BASE_MISMATCH, "%s is a request for another ledger", cli->argv[0]);
	} else {
		struct base_hash kid = keys_kid(&enrolment.sign);
		char hex[65];

		base_hex(hex, base_hash_slice(&kid));
		cli_note(cli, "enrolling %.*s with the signing key %s", (int)enrolment.actor.len, (const char *)enrolment.actor.data, hex);
		code = record_json(&s, "actor.enrol",
				   json_pack("{s:o, s:o, s:o}", "actor", cli_json_slice(enrolment.actor), "roles",
					     roles_json(enrolment.roles), "proof", base64_json(base_buf_slice(&cose))), err);
	}
	cli_session_close(&s);
out:
	base_buf_free(&cose);
	return code;
}

static enum base_code run_assign(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	const char *study, *site, *role;
	const char *from = cli_get(cli, "from");
	char now[BASE_TIME_TEXT_BYTES];
	json_t *body;
	enum base_code code;

	if ((code = cli_need(cli, "study", &study, err)) != BASE_OK || (code = cli_need(cli, "site", &site, err)) != BASE_OK ||
	    (code = cli_need(cli, "role", &role, err)) != BASE_OK)
		return code;
	base_time_format(now, base_time_now(), 0);
	body = json_pack("{s:s, s:s, s:s, s:s, s:s}", "actor", cli->argv[0], "study", study, "site", site, "role", role, "from",
			 from != NULL ? from : now);
	if (body == NULL)
		return base_fail(err, BASE_USAGE, "an argument is not UTF-8");
	if (cli_get(cli, "to") != NULL)
		json_object_set_new(body, "to", json_string(cli_get(cli, "to")));
	/* A mistyped study is better said than recorded as refused. */
	if ((code = cli_session_open(&s, cli, CLI_RECORD, err)) != BASE_OK) {
		json_decref(body);
		return code;
	}
	code = base_wrap(err, cli_study_check(&s, study, err), "--study");
	if (code == BASE_OK)
		code = record_json(&s, "actor.assign", body, err);
	else
		json_decref(body);
	cli_session_close(&s);
	return code;
}

/* The kid of an actor's key in force, or the one that --key names. */
static enum base_code key_of(struct cli_session *s, const char *actor, char hex[65], struct base_error *err)
{
	const char *given = cli_get(s->cli, "key");
	struct cli_actor found;
	enum base_code code;

	if (given != NULL) {
		if (strlen(given) != 64)
			return base_fail(err, BASE_USAGE, "--key is 64 hex digits");
		memcpy(hex, given, 65);
		return BASE_OK;
	}
	code = cli_actor_find(s, actor, &found, err);
	if (code == BASE_OK)
		base_hex(hex, base_hash_slice(&found.kid));
	return code;
}

static enum base_code run_revoke(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	char hex[65];
	json_t *body;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code != BASE_OK)
		return code;
	code = key_of(&s, cli->argv[0], hex, err);
	if (code == BASE_OK) {
		body = json_pack("{s:s, s:s}", "actor", cli->argv[0], "key", hex);
		if (body != NULL && cli_get(cli, "compromised-since") != NULL)
			json_object_set_new(body, "compromised_since", json_string(cli_get(cli, "compromised-since")));
		code = body != NULL ? record_json(&s, "actor.revoke", body, err) : base_fail(err, BASE_USAGE, "an argument is not UTF-8");
	}
	cli_session_close(&s);
	return code;
}

/* The new key's file takes the old one's place only after the rotation is on the ledger. */
static enum base_code swap_keys(struct cli_session *s, const char *new_path, struct base_error *err)
{
	char *path = cli_key_path(s->cli, s->actor);
	char *old = base_alloc(strlen(path) + 64);
	struct base_hash kid = keys_kid(keys_private_public(keys_identity_find(&s->identity, KEYS_SIGN)));
	char hex[17];
	enum base_code code = BASE_OK;

	base_hex(hex, base_slice(kid.bytes, 8));
	snprintf(old, strlen(path) + 64, "%.*s-until-%s.pem", (int)(strlen(path) - 4), path, hex);
	if (rename(path, old) != 0 || rename(new_path, path) != 0)
		code = base_fail_errno(err, "the rotation is recorded; rename %s to %s by hand", new_path, path);
	free(path);
	free(old);
	return code;
}

static enum base_code new_identity(struct keys_identity *id, struct base_error *err)
{
	enum base_code code = keys_private_make(&id->keys[0], KEYS_SIGN, KEYS_ES256K, err);

	if (code == BASE_OK) {
		id->count = 1;
		code = keys_private_make(&id->keys[1], KEYS_SEAL, KEYS_X25519, err);
	}
	if (code == BASE_OK)
		id->count = 2;
	return code;
}

/* The administrator's countersignature over the proof, when somebody else rotates. */
static enum base_code countersign(struct cli_session *s, struct base_slice proof, json_t *body, struct base_error *err)
{
	const char *admin = cli_get(s->cli, "countersigned-by");
	struct keys_identity id = {0};
	struct base_buf cose = BASE_BUF_INIT;
	char *path;
	enum base_code code;

	if (admin == NULL)
		return BASE_OK;
	path = cli_key_path(s->cli, admin);
	code = keys_identity_read(&id, path, cli_passphrase, s->cli, err);
	if (code == BASE_OK && keys_identity_find(&id, KEYS_SIGN) == NULL)
		code = base_fail(err, BASE_KEY, "%s holds no signing key", path);
	if (code == BASE_OK)
		code = events_countersign(&cose, proof, chain_id(s->chain), admin, keys_identity_find(&id, KEYS_SIGN), err);
	if (code == BASE_OK)
		json_object_set_new(body, "countersignature", base64_json(base_buf_slice(&cose)));
	keys_identity_close(&id);
	base_buf_free(&cose);
	free(path);
	return code;
}

/* The register, if this actor holds one here, opens with the new key before the ledger knows of it, and with the
 * old key until then: whatever interrupts a rotation, one of the two opens it. */
static enum base_code grant_successor(struct cli_session *s, const struct keys_public *seal, struct base_error *err)
{
	struct base_error ignored;
	enum base_code code = cli_session_register(s, &ignored);

	if (code == BASE_NOT_FOUND || code == BASE_KEY)
		return BASE_OK; /* none here, or not theirs */
	if (code == BASE_OK)
		code = register_grant(s->reg, seal, &ignored);
	return code == BASE_OK ? BASE_OK : base_fail(err, code, "%s", ignored.text);
}

static enum base_code revoke_predecessor(struct cli_session *s, struct base_error *err)
{
	struct base_hash kid = keys_kid(keys_private_public(keys_identity_find(&s->identity, KEYS_SEAL)));
	enum base_code code = s->reg != NULL ? register_revoke(s->reg, &kid, err) : BASE_OK;

	return base_wrap(err, code, "the rotation is recorded, but the old key still opens the register");
}

static bool count_organisation(void *arg, const char *name)
{
	(void)name;
	++*(size_t *)arg;
	return true;
}

/* What would be recorded as denied is not signed. */
static enum base_code may_rotate(struct cli_session *s, struct base_error *err)
{
	struct cli_actor self = {0};
	size_t organisations = 0;
	enum base_code code;

	if (cli_has(s->cli, "countersigned-by"))
		return BASE_OK;
	if ((code = cli_actor_find(s, s->actor, &self, err)) != BASE_OK)
		return code;
	if ((self.roles & EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR)) == 0)
		return base_fail(err, BASE_REFUSED, "an administrator of %s must countersign the new key of %s: give --countersigned-by; nothing was signed",
				 s->organisation, s->actor);
	if ((code = cli_organisations(s, count_organisation, &organisations, err)) == BASE_OK && organisations > 1)
		code = base_fail(err, BASE_REFUSED, "another administrator must countersign the new key of %s, of whichever organisation: give "
						    "--countersigned-by; nothing was signed", s->actor);
	return code;
}

static enum base_code run_rotate(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct keys_identity id = {0};
	struct base_buf passphrase = BASE_BUF_INIT;
	struct base_buf proof = BASE_BUF_INIT;
	struct events_enrolment enrolment = {0};
	struct cli_actor self = {0};
	char *path = NULL, *fresh = NULL;
	json_t *body;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code != BASE_OK)
		return code;
	if ((code = may_rotate(&s, err)) != BASE_OK)
		goto out;
	path = cli_key_path(cli, s.actor);
	fresh = base_alloc(strlen(path) + 8);
	snprintf(fresh, strlen(path) + 8, "%s.new", path);
	if (access(fresh, F_OK) == 0) /* an earlier attempt was interrupted: its key is used, so that none is lost */
		code = keys_identity_read(&id, fresh, cli_passphrase, cli, err);
	else if ((code = cli_passphrase_new(cli, s.actor, &passphrase, err)) == BASE_OK && (code = new_identity(&id, err)) == BASE_OK)
		code = keys_identity_write(&id, fresh, base_buf_slice(&passphrase), err);
	if (code != BASE_OK)
		goto out;
	enrolment.ledger = base_hash_slice(chain_id(s.chain));
	enrolment.actor = base_slice_text(s.actor);
	code = cli_actor_find(&s, s.actor, &self, err);
	enrolment.roles = self.roles;
	enrolment.sign = *keys_private_public(keys_identity_find(&id, KEYS_SIGN));
	enrolment.seal = *keys_private_public(keys_identity_find(&id, KEYS_SEAL));
	if (code == BASE_OK)
		code = events_enrolment_sign(&proof, &enrolment, keys_identity_find(&id, KEYS_SIGN), err);
	if (code != BASE_OK)
		goto out;
	body = json_pack("{s:s, s:o}", "actor", s.actor, "proof", base64_json(base_buf_slice(&proof)));
	code = countersign(&s, base_buf_slice(&proof), body, err);
	if (code == BASE_OK && !cli_has(cli, "dry-run"))
		code = grant_successor(&s, &enrolment.seal, err);
	if (code == BASE_OK)
		code = record_json(&s, "actor.rotate", body, err);
	else
		json_decref(body);
	if (code == BASE_OK && !cli_has(cli, "dry-run"))
		code = swap_keys(&s, fresh, err);
	if (code == BASE_OK && !cli_has(cli, "dry-run"))
		code = revoke_predecessor(&s, err);
out:
	keys_identity_close(&id);
	base_buf_wipe(&passphrase);
	base_buf_free(&proof);
	free(path);
	free(fresh);
	cli_session_close(&s);
	return code;
}

/* ---- organisation ---- */

#define ORGANISATION_FIRST_LINE "regesta-organisation@v1\n"
#define ORGANISATION_BYTES_MAX 16384

static json_t *public_json(const struct keys_public *key)
{
	return json_pack("{s:s, s:s, s:o}", "purpose", keys_purpose_name(key->purpose), "alg", keys_alg_name(key->alg), "hex",
			 cli_json_hex(base_slice(key->bytes, key->len)));
}

/* The newcomer makes its keys on its own machine; only public parts go into the file. */
static enum base_code write_organisation(struct cli *cli, const char *path, const char *code_name, const char *country, const char *role,
					 const struct keys_private *recovery, struct base_error *err)
{
	const char *title = cli_get(cli, "title") != NULL ? cli_get(cli, "title") : code_name;
	struct base_buf cose = BASE_BUF_INIT;
	struct base_buf text = BASE_BUF_INIT;
	struct events_enrolment enrolment;
	json_t *json = NULL;
	char *dump = NULL;
	enum base_code code = cli_request_read(cli->argv[0], &cose, &enrolment, err);

	if (code == BASE_OK && (enrolment.roles & EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR)) == 0)
		code = base_fail(err, BASE_USAGE, "the request must ask for the role administrator: `regesta key new %s/admin --roles administrator "
						  "--request FILE`", code_name);
	if (code != BASE_OK)
		goto out;
	json = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "code", code_name, "title", title, "country", country, "role", role,
			 "recovery_key", public_json(keys_private_public(recovery)), "enrolment", base64_json(base_buf_slice(&cose)));
	dump = json != NULL ? json_dumps(json, JSON_INDENT(2)) : NULL;
	if (dump == NULL) {
		code = base_fail(err, BASE_USAGE, "an argument is not UTF-8");
		goto out;
	}
	base_buf_append(&text, base_slice_text(ORGANISATION_FIRST_LINE));
	base_buf_append(&text, base_slice_text(dump));
	base_buf_byte(&text, '\n');
	code = base_file_write(path, base_buf_slice(&text), 0644, true, err);
out:
	free(dump);
	json_decref(json);
	base_buf_free(&cose);
	base_buf_free(&text);
	return code;
}

/* Looked at here: the newcomer cannot ask the ledger, and its members would see it only when they vote. */
static enum base_code check_organisation(const char *organisation, const char *country, const char *role, struct base_error *err)
{
	size_t len = strspn(organisation, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	if (len == 0 || len > 64 || organisation[len] != '\0' || strchr("._-", organisation[0]) != NULL)
		return base_fail(err, BASE_USAGE, "--organisation: \"%.100s\" is no code: 1 to 64 of a-z 0-9 . _ -, the first a letter or digit", organisation);
	if (strlen(country) != 2 || strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return base_fail(err, BASE_USAGE, "--country: \"%.100s\" is no country; it is two capital letters, such as DE", country);
	return base_wrap(err, cli_code_check(EVENTS_ORGANISATION_ROLES, role, err), "--role");
}

static enum base_code run_organisation_request(struct cli *cli, struct base_error *err)
{
	const char *organisation, *country, *out;
	const char *role = cli_get(cli, "role") != NULL ? cli_get(cli, "role") : "controller";
	struct keys_identity recovery = {0};
	struct base_buf passphrase = BASE_BUF_INIT;
	char name[96];
	char *home = cli_home(cli);
	char *keys = base_path(home, "keys");
	char *path = NULL;
	enum base_code code;

	if ((code = cli_need(cli, "organisation", &organisation, err)) != BASE_OK ||
	    (code = cli_need(cli, "country", &country, err)) != BASE_OK || (code = cli_need(cli, "request", &out, err)) != BASE_OK ||
	    (code = check_organisation(organisation, country, role, err)) != BASE_OK)
		goto out;
	snprintf(name, sizeof(name), "recovery-%.64s.pem", organisation);
	path = base_path(keys, name);
	if (access(path, F_OK) == 0) {
		code = keys_identity_read(&recovery, path, cli_passphrase, cli, err);
	} else if ((code = base_make_folder(keys, 0700, err)) == BASE_OK &&
		   (code = cli_passphrase_new(cli, _("the recovery key"), &passphrase, err)) == BASE_OK &&
		   (code = keys_private_make(&recovery.keys[0], KEYS_RECOVERY, KEYS_X25519, err)) == BASE_OK) {
		recovery.count = 1;
		code = keys_identity_write(&recovery, path, base_buf_slice(&passphrase), err);
	}
	if (code == BASE_OK && keys_identity_find(&recovery, KEYS_RECOVERY) == NULL)
		code = base_fail(err, BASE_KEY, "%s holds no recovery key", path);
	if (code == BASE_OK)
		code = write_organisation(cli, out, organisation, country, role, keys_identity_find(&recovery, KEYS_RECOVERY), err);
	if (code == BASE_OK && cli->json)
		cli_print_json(json_pack("{s:s, s:s, s:s}", "organisation", organisation, "recovery", path, "request", out));
	else if (code == BASE_OK)
		printf(_("recovery key in %s (keep it apart; it opens every payload of %s)\nrequest in %s: carry it to a member, who runs "
		       "`regesta governance propose %s`\n"), path, organisation, out, out);
out:
	keys_identity_close(&recovery);
	base_buf_wipe(&passphrase);
	free(home);
	free(keys);
	free(path);
	return code;
}

static enum base_code run_propose(struct cli *cli, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	size_t head = strlen(ORGANISATION_FIRST_LINE);
	json_t *organisation = NULL;
	enum base_code code = base_file_read(&text, cli->argv[0], ORGANISATION_BYTES_MAX, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "%s", cli->argv[0]);
	if (text.len > head && memcmp(text.data, ORGANISATION_FIRST_LINE, head) == 0)
		organisation = json_loadb((const char *)text.data + head, text.len - head, JSON_REJECT_DUPLICATES, NULL);
	base_buf_free(&text);
	if (organisation == NULL)
		return base_fail(err, BASE_MALFORMED, "%s is not an organisation's request; `regesta organisation request` writes one", cli->argv[0]);
	return open_and_record(cli, "governance.propose", json_pack("{s:s, s:o}", "action", "admit-organisation", "organisation", organisation),
			       err);
}

/* ---- Suspension, succession ---- */

static enum base_code run_propose_suspension(struct cli *cli, struct base_error *err)
{
	return open_and_record(cli, "governance.propose",
			       json_pack("{s:s, s:s}", "action", cli_has(cli, "lift") ? "lift-suspension" : "suspend-organisation", "concerned",
					 cli->argv[0]),
			       err);
}

static enum base_code run_propose_succession(struct cli *cli, struct base_error *err)
{
	return open_and_record(cli, "governance.propose",
			       json_pack("{s:s, s:s, s:s}", "action", "succeed-organisation", "concerned", cli->argv[0], "successor", cli->argv[1]),
			       err);
}

static enum base_code on_proposal(struct cli *cli, const char *kind, bool vote, bool approve, struct base_error *err)
{
	struct cli_session s;
	char hex[65];
	json_t *body;
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code != BASE_OK)
		return code;
	code = custody_event(&s, cli->argv[0], hex, err);
	if (code == BASE_OK) {
		body = json_pack("{s:s}", "proposal", hex);
		if (vote)
			json_object_set_new(body, "approve", json_boolean(approve));
		code = record_json(&s, kind, body, err);
	}
	cli_session_close(&s);
	return code;
}

static enum base_code run_vote(struct cli *cli, struct base_error *err)
{
	if (cli_has(cli, "approve") == cli_has(cli, "reject"))
		return base_fail(err, BASE_USAGE, "say --approve or --reject");
	return on_proposal(cli, "governance.vote", true, cli_has(cli, "approve"), err);
}

static enum base_code run_admit(struct cli *cli, struct base_error *err)
{
	return on_proposal(cli, "organisation.admit", false, false, err);
}

static enum base_code run_suspend(struct cli *cli, struct base_error *err)
{
	return on_proposal(cli, "organisation.suspend", false, false, err);
}

static enum base_code run_succeed(struct cli *cli, struct base_error *err)
{
	return on_proposal(cli, "organisation.succeed", false, false, err);
}

#define PRINTED_NAME {"printed-name", "NAME", "who it is, for reports; sealed, never in clear", false}
static const struct cli_option actor_enrol_options[] = {
	PRINTED_NAME,
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option enrol_options[] = {
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option suspension_options[] = {
	{"lift", NULL, "that its suspension be lifted", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option assign_options[] = {
	{"study", "STUDY", "in which study", false},
	{"site", "SITE", "at which site", false},
	{"role", "ROLE", "in which role", false},
	{"from", "TIME", "since when (default: now)", false},
	{"to", "TIME", "until when (default: until further notice)", false},
	PRINTED_NAME,
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option rotate_options[] = {
	{"countersigned-by", "ACTOR", "an administrator whose key is here", false},
	{"no-passphrase", NULL, "leave the new private key unencrypted", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option revoke_options[] = {
	{"key", "HEX", "the key's id (default: the one in force)", false},
	{"compromised-since", "TIME", "since when somebody else may have had it: what it signed since is suspect", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option organisation_options[] = {
	{"organisation", "CODE", "code of the newcomer", false},
	{"title", "TEXT", "its public name", false},
	{"country", "CC", "its country, two letters", false},
	{"role", "CODE", "controller, joint-controller or processor (default: controller)", false},
	{"request", "FILE", "the file to write", false},
	{"no-passphrase", NULL, "leave the recovery key unencrypted", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option vote_options[] = {
	{"approve", NULL, "vote for it", false},
	{"reject", NULL, "vote against it", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_actor[] = {
	{"actor enrol", "Setting up", "REQUEST", "enrol an actor whose request was carried to you", NULL,
	 "regesta actor enrol dm1.request   # as an administrator of that organisation\n"
	 "regesta actor enrol dm1.request --printed-name \"Dr. Anna Beispiel\"", actor_enrol_options, 1, 1, run_enrol},
	{"actor assign", "Setting up", "ORGANISATION/CODE", "give an actor a role at a site of a study, for a period", NULL,
	 "regesta actor assign charite/dm1 --study rare-01 --site berlin --role data-manager", assign_options, 1, 1, run_assign},
	{"actor rotate", "Setting up", "", "replace your own key by a new one", "The new key is made here; the old one signs the rotation, "
	 "and an administrator countersigns unless you are the only one. Afterwards the old key can do nothing but revoke its successors.",
	 "regesta actor rotate --as charite/dm1 --countersigned-by charite/admin", rotate_options, 0, 0, run_rotate},
	{"actor revoke", "Setting up", "ORGANISATION/CODE", "revoke an actor's key", NULL,
	 "regesta actor revoke charite/dm1 --reason key-compromised --compromised-since 2026-03-01", revoke_options, 1, 1, run_revoke},
	{"organisation request", "Setting up", "ENROLMENT-REQUEST", "ask, as a newcomer, to be admitted",
	 "ENROLMENT-REQUEST is the request of the newcomer's first administrator.",
	 "regesta key new lyon/admin --roles administrator --request admin.request --ledger-id HEX\n"
	 "regesta organisation request admin.request --organisation lyon --title \"HCL Lyon\" --country FR --request lyon.request",
	 organisation_options, 1, 1, run_organisation_request},
	{"governance propose", "Setting up", "ORGANISATION-REQUEST", "propose that an organisation be admitted", NULL,
	 "regesta governance propose lyon.request", enrol_options, 1, 1, run_propose},
	{"governance vote", "Setting up", "PROPOSAL", "vote on a proposal for your organisation", NULL,
	 "regesta governance vote 3f2a91c07d11 --approve", vote_options, 1, 1, run_vote},
	{"organisation admit", "Setting up", "PROPOSAL", "admit the organisation of a proposal that has passed", NULL, NULL, enrol_options, 1, 1,
	 run_admit},
	{"governance propose-suspension", "Setting up", "ORGANISATION", "propose that an organisation be suspended, or that this be lifted",
	 "Every organisation votes. Once it has passed, `organisation suspend` puts it into effect.",
	 "regesta governance propose-suspension lyon\nregesta governance propose-suspension lyon --lift", suspension_options, 1, 1,
	 run_propose_suspension},
	{"governance propose-succession", "Setting up", "ORGANISATION SUCCESSOR", "propose that one organisation take over from another",
	 "When a site closes or a sponsor is sold. Every organisation votes. Once it has passed, an administrator of the successor puts it into effect with "
	 "`organisation succeed`.",
	 "regesta governance propose-succession lyon charite", enrol_options, 2, 2, run_propose_succession},
	{"organisation suspend", "Setting up", "PROPOSAL", "suspend an organisation, or lift that, by a proposal that has passed",
	 "What a suspended organisation's actors record is refused, except what restricts: keys are revoked, consent is refused and withdrawn.", NULL,
	 enrol_options, 1, 1, run_suspend},
	{"organisation succeed", "Setting up", "PROPOSAL", "take over from an organisation, by a proposal that has passed",
	 "Participants, sites, studies, data and agreements of the other organisation are the own one's from now on, and it records nothing more. Its register "
	 "and recovery key are handed over apart from the ledger.",
	 NULL, enrol_options, 1, 1, run_succeed},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
