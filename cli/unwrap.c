/* The key of a payload: with the caller's own key, with one that was rotated out, or with the organisation's recovery key. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* Whose wrapped key is tried; BASE_NOT_FOUND: the payload has none for this key. */
static enum base_code jwe_for(struct cli_session *s, const struct keys_identity *id, enum keys_purpose purpose, const struct wire_cid *cid,
			      const struct keys_private **key, struct base_buf *jwe, struct base_error *err)
{
	struct base_hash kid;

	*key = keys_identity_find(id, purpose);
	if (*key == NULL)
		return BASE_NOT_FOUND;
	kid = keys_kid(keys_private_public(*key));
	return payload_store_jwe(s->payloads, cid, &kid, jwe, err);
}

/* ---- Rotated out ---- */

/* Public keys stand in the file in clear, so that a passphrase is asked for only where it opens something. */
static bool file_opens(const char *path, cli_opens_fn opens, void *arg)
{
	struct keys_public publics[KEYS_IDENTITY_KEYS_MAX];
	struct base_buf pem = BASE_BUF_INIT;
	struct base_error ignored;
	size_t count = 0;
	bool found = false;

	if (base_file_read(&pem, path, 65536, &ignored) == BASE_OK &&
	    keys_identity_publics(publics, &count, base_buf_slice(&pem), &ignored) == BASE_OK) {
		for (size_t i = 0; i < count && !found; i++) {
			struct base_hash kid = keys_kid(&publics[i]);

			found = publics[i].purpose == KEYS_SEAL && opens(arg, &kid);
		}
	}
	base_buf_wipe(&pem);
	return found;
}

/* Brackets and the like in a path are characters of it. */
static void pattern_append(struct base_buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("*?[\\", *text) != NULL)
			base_buf_byte(out, '\\');
		base_buf_byte(out, (uint8_t)*text);
	}
}

/* `actor rotate` keeps the replaced file as ORG~CODE-until-KID.pem. Leaves the one that opens it in s->former. */
enum base_code cli_session_former(struct cli_session *s, cli_opens_fn opens, void *arg, struct base_error *err)
{
	struct base_buf pattern = BASE_BUF_INIT;
	char *path = cli_key_path(s->cli, s->actor);
	glob_t found = {0};
	enum base_code code = BASE_NOT_FOUND;

	path[strlen(path) - strlen(".pem")] = '\0';
	pattern_append(&pattern, path);
	base_buf_append(&pattern, base_slice("-until-*.pem", sizeof("-until-*.pem")));
	if (glob((const char *)pattern.data, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && code == BASE_NOT_FOUND; i++) {
			if (!file_opens(found.gl_pathv[i], opens, arg))
				continue;
			keys_identity_close(&s->former);
			code = keys_identity_read(&s->former, found.gl_pathv[i], cli_passphrase, s->cli, err);
			code = base_wrap(err, code, "%s", found.gl_pathv[i]);
		}
	}
	globfree(&found);
	base_buf_free(&pattern);
	free(path);
	return code;
}

/* ---- Any of them ---- */

struct wrapped {
	struct cli_session *s;
	const struct wire_cid *cid;
};

static bool is_wrapped(void *arg, const struct base_hash *kid)
{
	struct wrapped *wrapped = arg;
	struct base_buf jwe = BASE_BUF_INIT;
	struct base_error ignored;
	bool is = payload_store_jwe(wrapped->s->payloads, wrapped->cid, kid, &jwe, &ignored) == BASE_OK;

	base_buf_free(&jwe);
	return is;
}

enum base_code cli_unwrap(struct cli_session *s, const char *study, const struct events_event *event, struct base_slice participant,
			  const struct wire_cid *cid, const struct base_hash *commitment, uint8_t key[32], struct base_error *err)
{
	const struct keys_private *seal = NULL;
	struct wrapped wrapped = {s, cid};
	struct keys_identity recovery = {0};
	struct base_buf jwe = BASE_BUF_INIT;
	struct base_error second;
	struct base_hash author;
	enum base_code code = cli_session_payloads(s, false, err), former = BASE_NOT_FOUND;

	if (code != BASE_OK)
		return code;
	code = jwe_for(s, &s->identity, KEYS_SEAL, cid, &seal, &jwe, err);
	if (code == BASE_NOT_FOUND)
		code = jwe_for(s, &s->former, KEYS_SEAL, cid, &seal, &jwe, err);
	if (code == BASE_NOT_FOUND && (former = cli_session_former(s, is_wrapped, &wrapped, &second)) == BASE_OK)
		code = jwe_for(s, &s->former, KEYS_SEAL, cid, &seal, &jwe, err);
	if (code == BASE_NOT_FOUND && cli_session_recovery(s, &recovery, err) == BASE_OK)
		code = jwe_for(s, &recovery, KEYS_RECOVERY, cid, &seal, &jwe, err);
	if (code == BASE_NOT_FOUND && former != BASE_NOT_FOUND)
		code = base_fail(err, former, "%s", second.text);
	else if (code == BASE_NOT_FOUND)
		code = base_fail(err, BASE_KEY, "this payload's key was not wrapped for you, nor is your organisation's recovery key here");
	if (code == BASE_OK)
		code = keys_jwe_open(key, seal, base_buf_slice(&jwe), err);
	if (code == BASE_OK && commitment != NULL) {
		memcpy(author.bytes, event->cose.kid.data, sizeof(author.bytes));
		struct base_hash kc = payload_commitment(key, chain_id(s->chain), study, participant, &author, cid);

		if (!base_equal_secret(kc.bytes, commitment->bytes, sizeof(kc.bytes)))
			code = base_fail(err, BASE_MISMATCH, "the key of this payload is not the one that its author committed to; the payload or its "
							     "key was exchanged");
	}
	keys_identity_close(&recovery);
	base_buf_free(&jwe);
	return code;
}
