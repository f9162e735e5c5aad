/* key: private keys are made where they are used; a request carries the public ones to an administrator. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define REQUEST_FIRST_LINE "regesta-enrolment@v1\n"
#define REQUEST_BYTES_MAX 8192

/* ---- Roles ---- */

static enum base_code parse_roles(const char *text, uint64_t *roles, struct base_error *err)
{
	const struct events_codes *codes = events_codes_of(EVENTS_ROLES);
	const char *names[64];
	size_t count = 0;

	for (; count < codes->count && count < 64; count++)
		names[count] = codes->codes[count].name;
	*roles = 0;
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		const struct events_code *code = events_code_by_name(codes, base_slice(text, len));

		if (code == NULL) {
			char word[64];
			const char *near;

			snprintf(word, sizeof(word), "%.*s", (int)(len < 60 ? len : 60), text);
			near = cli_nearest(word, names, count);
			if (near != NULL)
				return base_fail(err, BASE_USAGE, "there is no role \"%s\"; did you mean \"%s\"?", word, near);
			return base_fail(err, BASE_USAGE, "there is no role \"%s\"", word);
		}
		*roles |= EVENTS_ROLE(code->number);
		text += len + (text[len] == ',');
	}
	return *roles != 0 ? BASE_OK : base_fail(err, BASE_USAGE, "--roles names at least one role");
}

/* ---- The request file ---- */

static enum base_code write_request(struct cli *cli, const char *path, const struct base_hash *ledger, const char *actor, uint64_t roles,
				    const struct keys_identity *id, struct base_error *err)
{
	struct events_enrolment enrolment = {.ledger = base_hash_slice(ledger), .actor = base_slice_text(actor), .roles = roles};
	const struct keys_private *sign = keys_identity_find(id, KEYS_SIGN);
	struct base_buf cose = BASE_BUF_INIT;
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code;

	(void)cli;
	if (sign == NULL || keys_identity_find(id, KEYS_SEAL) == NULL)
		return base_fail(err, BASE_KEY, "the key file lacks a signing or a sealing key");
	enrolment.sign = *keys_private_public(sign);
	enrolment.seal = *keys_private_public(keys_identity_find(id, KEYS_SEAL));
	code = events_enrolment_sign(&cose, &enrolment, sign, err);
	if (code == BASE_OK) {
		base_buf_append(&text, base_slice_text(REQUEST_FIRST_LINE));
		base_base64(&text, base_buf_slice(&cose));
		base_buf_byte(&text, '\n');
		code = base_file_write(path, base_buf_slice(&text), 0644, true, err);
	}
	base_buf_free(&cose);
	base_buf_free(&text);
	return base_wrap(err, code, "request %s", path);
}

enum base_code cli_request_read(const char *path, struct base_buf *cose, struct events_enrolment *out, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	size_t head = strlen(REQUEST_FIRST_LINE);
	enum base_code code = base_file_read(&text, strcmp(path, "-") == 0 ? "/dev/stdin" : path, REQUEST_BYTES_MAX, err);

	if (code == BASE_OK && (text.len <= head || memcmp(text.data, REQUEST_FIRST_LINE, head) != 0 || text.data[text.len - 1] != '\n' ||
				!base_unbase64(cose, base_slice(text.data + head, text.len - head - 1))))
		code = base_fail(err, BASE_MALFORMED, "not an enrolment request; `regesta key new` and `regesta key request` write one");
	if (code == BASE_OK)
		code = events_enrolment_open(out, base_buf_slice(cose), err);
	base_buf_free(&text);
	return base_wrap(err, code, "%s", path);
}

/* ---- key new, key request ---- */

/* The ledger that a request is for: named by its id, or opened. */
static enum base_code request_ledger(struct cli *cli, struct base_hash *ledger, struct base_error *err)
{
	const char *hex = cli_get(cli, "ledger-id");
	struct base_buf bytes = BASE_BUF_INIT;
	struct cli_session s;
	enum base_code code;

	if (hex != NULL) {
		if (strlen(hex) != 64 || !base_unhex(&bytes, base_slice_text(hex))) {
			base_buf_free(&bytes);
			return base_fail(err, BASE_USAGE, "--ledger-id is 64 hex digits, as `regesta show ledger` prints them");
		}
		memcpy(ledger->bytes, bytes.data, sizeof(ledger->bytes));
		base_buf_free(&bytes);
		return BASE_OK;
	}
	code = cli_session_open(&s, cli, CLI_READ, err);
	if (code == BASE_OK) {
		*ledger = *chain_id(s.chain);
		cli_session_close(&s);
	}
	return code;
}

static void print_key(const struct cli *cli, const char *actor, const char *path, const char *request, const struct keys_identity *id)
{
	json_t *keys = json_array();

	if (!cli->json)
		printf(_("%s%s%s\n  key file  %s\n"), cli_style(cli, CLI_BOLD), actor, cli_style(cli, CLI_PLAIN), path);
	for (size_t i = 0; i < id->count; i++) {
		const struct keys_public *public = keys_private_public(id->keys[i]);
		struct base_hash kid = keys_kid(public);
		char hex[65];

		base_hex(hex, base_hash_slice(&kid));
		if (cli->json)
			json_array_append_new(keys, json_pack("{s:s, s:s, s:s, s:o}", "purpose", keys_purpose_name(public->purpose), "alg",
							      keys_alg_name(public->alg), "kid", hex, "public",
							      cli_json_hex(base_slice(public->bytes, public->len))));
		else
			printf("  %-8s  %-8s kid %s\n", keys_purpose_name(public->purpose), keys_alg_name(public->alg), hex);
	}
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:s, s:s*, s:O}", "actor", actor, "file", path, "request", request, "keys", keys));
	else if (request != NULL)
		printf(_("  request   %s   (carry it to an administrator: `regesta actor enrol %s`)\n"), request, request);
	json_decref(keys);
}

static enum base_code check_actor(const char *actor, struct base_error *err)
{
	if (events_text_valid(EVENTS_ACTOR, base_slice_text(actor)))
		return BASE_OK;
	return base_fail(err, BASE_USAGE, "\"%.80s\" is not an actor's name; it is ORGANISATION/CODE in lower case, such as charite/dm1", actor);
}

static enum base_code run_key_new(struct cli *cli, struct base_error *err)
{
	const char *actor = cli->argv[0];
	const char *request = cli_get(cli, "request");
	struct keys_identity id = {0};
	struct base_buf passphrase = BASE_BUF_INIT;
	struct base_hash ledger;
	uint64_t roles = 0;
	char *home = cli_home(cli);
	char *keys = base_path(home, "keys");
	char *path = cli_key_path(cli, actor);
	enum base_code code = check_actor(actor, err);

	if (code == BASE_OK && request != NULL && (code = request_ledger(cli, &ledger, err)) == BASE_OK)
		code = parse_roles(cli_get(cli, "roles") != NULL ? cli_get(cli, "roles") : "", &roles, err);
	if (code == BASE_OK && access(path, F_OK) == 0)
		code = base_fail(err, BASE_EXISTS, "%s is there already; a key is never replaced", path);
	if (code == BASE_OK)
		code = cli_passphrase_new(cli, actor, &passphrase, err);
	if (code == BASE_OK && (code = keys_private_make(&id.keys[0], KEYS_SIGN, KEYS_ES256K, err)) == BASE_OK)
		id.count = 1;
	if (code == BASE_OK && (code = keys_private_make(&id.keys[1], KEYS_SEAL, KEYS_X25519, err)) == BASE_OK)
		id.count = 2;
	if (code == BASE_OK)
		code = base_make_folder(keys, 0700, err);
	if (code == BASE_OK)
		code = keys_identity_write(&id, path, base_buf_slice(&passphrase), err);
	if (code == BASE_OK && request != NULL)
		code = write_request(cli, request, &ledger, actor, roles, &id, err);
	if (code == BASE_OK)
		print_key(cli, actor, path, request, &id);
	keys_identity_close(&id);
	base_buf_wipe(&passphrase);
	free(home);
	free(keys);
	free(path);
	return code;
}

static enum base_code run_key_request(struct cli *cli, struct base_error *err)
{
	const char *actor = cli->argv[0];
	const char *roles_text, *request;
	struct keys_identity id = {0};
	struct base_hash ledger;
	uint64_t roles;
	char *path = cli_key_path(cli, actor);
	enum base_code code = check_actor(actor, err);

	if (code == BASE_OK && (code = cli_need(cli, "roles", &roles_text, err)) == BASE_OK &&
	    (code = cli_need(cli, "request", &request, err)) == BASE_OK && (code = parse_roles(roles_text, &roles, err)) == BASE_OK &&
	    (code = request_ledger(cli, &ledger, err)) == BASE_OK && (code = keys_identity_read(&id, path, cli_passphrase, cli, err)) == BASE_OK)
		code = write_request(cli, request, &ledger, actor, roles, &id, err);
	if (code == BASE_OK)
		print_key(cli, actor, path, request, &id);
	keys_identity_close(&id);
	free(path);
	return code;
}

static enum base_code run_key_show(struct cli *cli, struct base_error *err)
{
	const char *what = cli->argv[0];
	struct keys_identity id = {0};
	struct events_enrolment enrolment = {0};
	struct base_buf cose = BASE_BUF_INIT;
	char *path;
	enum base_code code;

	if (events_text_valid(EVENTS_ACTOR, base_slice_text(what))) {
		path = cli_key_path(cli, what);
		code = keys_identity_read(&id, path, cli_passphrase, cli, err);
		if (code == BASE_OK)
			print_key(cli, what, path, NULL, &id);
		keys_identity_close(&id);
		free(path);
		return code;
	}
	code = cli_request_read(what, &cose, &enrolment, err);
	if (code == BASE_OK) {
		struct base_hash kid = keys_kid(&enrolment.sign);
		char hex[65];
		json_t *actor = cli_json_slice(enrolment.actor);

		base_hex(hex, base_hash_slice(&kid));
		if (cli->json)
			cli_print_json(json_pack("{s:O, s:s, s:o}", "actor", actor, "kid", hex, "ledger", cli_json_hex(enrolment.ledger)));
		else
			printf(_("%s asks to be enrolled with the signing key %s;\nits proof of possession verifies. Compare the key's id with the "
			       "applicant by another way, such as the telephone.\n"), json_string_value(actor), hex);
		json_decref(actor);
	}
	base_buf_free(&cose);
	return code;
}

static const struct cli_option new_options[] = {
	{"request", "FILE", "write the request for enrolment too", false},
	{"roles", "ROLE,...", "roles asked for: data-manager, investigator, monitor, …", false},
	{"ledger-id", "HEX", "the ledger asked, when its folder is not here", false},
	{"no-passphrase", NULL, "leave the private key unencrypted", false},
	{NULL, NULL, NULL, false},
};
static const struct cli_option request_options[] = {
	{"request", "FILE", "the file to write", false},
	{"roles", "ROLE,...", "roles asked for: data-manager, investigator, monitor, …", false},
	{"ledger-id", "HEX", "the ledger asked, when its folder is not here", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_key[] = {
	{"key new", "Setting up", "ORGANISATION/CODE", "make the signing and sealing keys of an actor, where they will be used", NULL,
	 "regesta key new charite/dm1 --roles data-manager --request dm1.request", new_options, 1, 1, run_key_new},
	{"key request", "Setting up", "ORGANISATION/CODE", "write an enrolment request for a key that is here already", NULL, NULL,
	 request_options, 1, 1, run_key_request},
	{"key show", "Setting up", "ORGANISATION/CODE|REQUEST", "show the public side of a key file, or check a request", NULL,
	 "regesta key show charite/dm1\nregesta key show dm1.request", NULL, 1, 1, run_key_show},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
