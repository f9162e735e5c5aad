/* participant status, transfer, merge, split, represent, link, unlink: whose data it is, after enrolment. */
#include <stdlib.h>
#include <string.h>

#include "cli/paper.h"

#define SEALED_BYTES_MAX (4u << 20)

/* What all of them begin with: the session, the study, and the reference of the first argument. */
struct whose {
	struct cli_session s;
	const char *study;
	char hex[65];
	bool open;
};

static enum base_code begin(struct whose *w, struct cli *cli, struct base_error *err)
{
	struct base_hash reference;
	enum base_code code;

	memset(w, 0, sizeof(*w));
	if ((code = cli_need(cli, "study", &w->study, err)) != BASE_OK)
		return code;
	if ((code = cli_session_open(&w->s, cli, CLI_RECORD, err)) != BASE_OK)
		return code;
	w->open = true;
	if ((code = cli_study_check(&w->s, w->study, err)) == BASE_OK &&
	    (code = cli_participant(&w->s, w->study, cli->argv[0], &reference, err)) == BASE_OK)
		base_hex(w->hex, base_hash_slice(&reference));
	return code;
}

static enum base_code end(struct whose *w, enum base_code code)
{
	if (w->open)
		cli_session_close(&w->s);
	return code;
}

/* body is consumed. sealed (may be NULL): what the event seals. */
static enum base_code record(struct whose *w, const char *kind, json_t *body, const struct cli_sealed *sealed, struct base_error *err)
{
	struct cli_draft draft = {0};
	enum base_code code = cli_draft_json(w->s.cli, &draft, kind, w->study, body, err);

	if (code == BASE_OK && sealed != NULL)
		cli_draft_sealed(&draft, sealed);
	if (code == BASE_OK)
		code = cli_sign_and_record(&w->s, &draft, err);
	cli_draft_free(&draft);
	return code;
}

/* What an option's file says of a person or a cause never stands in clear. *out NULL: the option was not given. */
static enum base_code seal_option(struct whose *w, const char *option, struct cli_sealed *sealed, const struct cli_sealed **out,
				  struct base_error *err)
{
	const char *path = cli_get(w->s.cli, option);
	struct base_buf bytes = BASE_BUF_INIT;
	enum base_code code;

	*out = NULL;
	if (path == NULL)
		return BASE_OK;
	code = base_file_read(&bytes, strcmp(path, "-") == 0 ? "/dev/stdin" : path, SEALED_BYTES_MAX, err);
	if (code == BASE_OK)
		code = cli_seal_bytes(&w->s, w->study, base_slice(NULL, 0), base_buf_slice(&bytes), sealed, err);
	base_buf_wipe(&bytes);
	if (code != BASE_OK)
		return base_wrap(err, code, "--%s", option);
	*out = sealed;
	return BASE_OK;
}

/* ---- status, transfer, represent ---- */

static enum base_code run_status(struct cli *cli, struct base_error *err)
{
	const struct cli_sealed *cause = NULL;
	struct cli_sealed sealed;
	struct whose w;
	enum base_code code = cli_code_check(EVENTS_PARTICIPANT_STATUS_LIST, cli->argv[1], err);

	if (code != BASE_OK)
		return base_wrap(err, code, "status");
	if ((code = begin(&w, cli, err)) == BASE_OK && (code = seal_option(&w, "cause", &sealed, &cause, err)) == BASE_OK)
		code = record(&w, "participant.status", json_pack("{s:s, s:s}", "participant", w.hex, "status", cli->argv[1]), cause, err);
	return end(&w, code);
}

static enum base_code run_transfer(struct cli *cli, struct base_error *err)
{
	const char *site;
	struct whose w;
	enum base_code code = cli_need(cli, "site", &site, err);

	if (code != BASE_OK)
		return code;
	if ((code = begin(&w, cli, err)) == BASE_OK)
		code = record(&w, "participant.transfer", json_pack("{s:s, s:s}", "participant", w.hex, "site", site), NULL, err);
	return end(&w, code);
}

static enum base_code run_represent(struct cli *cli, struct base_error *err)
{
	const char *authority, *from, *to;
	const struct cli_sealed *name = NULL;
	struct cli_sealed sealed;
	struct whose w;
	json_t *body;
	enum base_code code;

	if ((code = cli_need(cli, "authority", &authority, err)) != BASE_OK || (code = cli_need(cli, "from", &from, err)) != BASE_OK ||
	    (code = paper_code(cli, "authority", EVENTS_REPRESENTATIONS, &authority, err)) != BASE_OK ||
	    (code = paper_time(cli, "from", &from, err)) != BASE_OK || (code = paper_time(cli, "until", &to, err)) != BASE_OK)
		return code;
	if ((code = begin(&w, cli, err)) == BASE_OK && (code = seal_option(&w, "who", &sealed, &name, err)) == BASE_OK) {
		body = json_pack("{s:s, s:s, s:s, s:s}", "participant", w.hex, "representative", cli->argv[1], "authority", authority, "from", from);
		if (body != NULL && to != NULL)
			json_object_set_new(body, "to", json_string(to));
		code = record(&w, "participant.represent", body, name, err);
	}
	return end(&w, code);
}

/* ---- merge, split ---- */

/* The head that a participant has now. Nobody on this machine records in between: the session numbers. */
static enum base_code head_json(struct whose *w, const struct base_hash *reference, json_t **out, struct base_error *err)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct state_head head;
	struct state_view view;
	struct base_slice value;
	struct base_hash key;
	enum base_code code = cli_session_number(&w->s, err);

	if (code != BASE_OK)
		return code;
	wire_put_hash(&cbor, reference);
	key = state_map_key(STATE_HEAD, base_slice_text(w->study), base_buf_slice(&cbor), 0);
	base_buf_free(&cbor);
	chain_read_view(w->s.read, &view);
	code = view.map_get(view.arg, &key, &value, err);
	if (code == BASE_NOT_FOUND)
		return base_fail(err, BASE_NOT_FOUND, "the ledger has nothing about this participant in study %s", w->study);
	if (code == BASE_OK && (code = state_head_decode(&head, value, err)) == BASE_OK) {
		*out = json_object();
		json_object_set_new(*out, "count", json_integer((json_int_t)head.count));
		json_object_set_new(*out, "chain", cli_json_hex(base_hash_slice(&head.chain)));
	}
	return code;
}

/* headed: whose head the event includes. */
static enum base_code bind(struct whose *w, const char *kind, const struct base_hash *other, const struct base_hash *headed,
			   struct base_error *err)
{
	char hex[65];
	json_t *head = NULL;
	enum base_code code = head_json(w, headed, &head, err);

	base_hex(hex, base_hash_slice(other));
	if (code != BASE_OK)
		return code;
	return record(w, kind, json_pack("{s:s, s:s, s:o}", "participant", w->hex, "other", hex, "head", head), NULL, err);
}

static enum base_code run_merge(struct cli *cli, struct base_error *err)
{
	struct base_hash other;
	struct whose w;
	enum base_code code;

	if ((code = begin(&w, cli, err)) == BASE_OK && (code = cli_participant(&w.s, w.study, cli->argv[1], &other, err)) == BASE_OK)
		code = bind(&w, "participant.merge", &other, &other, err);
	return end(&w, code);
}

static enum base_code run_split(struct cli *cli, struct base_error *err)
{
	struct base_hash reference, other;
	struct register_entry entry;
	struct whose w;
	bool made;
	enum base_code code;

	if ((code = begin(&w, cli, err)) != BASE_OK || (code = cli_participant(&w.s, w.study, cli->argv[0], &reference, err)) != BASE_OK)
		return end(&w, code);
	if (cli_has(cli, "new")) {
		if ((code = cli_session_register(&w.s, err)) == BASE_OK)
			code = base_wrap(err, register_enrol(w.s.reg, w.study, cli->argv[1], &entry, &made, err), "register");
		if (code == BASE_OK)
			other = entry.reference;
	} else {
		code = cli_participant(&w.s, w.study, cli->argv[1], &other, err);
	}
	if (code == BASE_OK)
		code = bind(&w, "participant.split", &other, &reference, err);
	return end(&w, code);
}

/* ---- link, unlink ---- */

/* The other study and reference, sealed: docs/formats/participant.md. */
static enum base_code seal_other(struct whose *w, const char *study, const char *reference, struct cli_sealed *sealed, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT;
	json_t *json;
	char *text;
	enum base_code code;

	if (strlen(reference) != 64 || !base_unhex(&bytes, base_slice_text(reference)))
		code = base_fail(err, BASE_USAGE, "--reference is the other study's reference in 64 hex digits");
	else if (!events_text_valid(EVENTS_STUDY, base_slice_text(study)))
		code = base_fail(err, BASE_USAGE, "--other-study is the code of a study");
	else
		code = BASE_OK;
	base_buf_free(&bytes);
	if (code != BASE_OK)
		return code;
	json = json_pack("{s:s, s:s}", "study", study, "reference", reference);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(json);
	code = cli_seal_bytes(&w->s, w->study, base_slice(NULL, 0), base_slice_text(text), sealed, err);
	base_wipe(text, strlen(text));
	free(text);
	return code;
}

static enum base_code run_link(struct cli *cli, struct base_error *err)
{
	const char *study, *reference, *method, *confidence;
	char cid[WIRE_CID_TEXT_BYTES];
	struct cli_sealed sealed;
	struct whose w;
	enum base_code code;

	if ((code = cli_need(cli, "other-study", &study, err)) != BASE_OK || (code = cli_need(cli, "reference", &reference, err)) != BASE_OK ||
	    (code = cli_need(cli, "method", &method, err)) != BASE_OK || (code = cli_need(cli, "confidence", &confidence, err)) != BASE_OK ||
	    (code = paper_code(cli, "method", EVENTS_LINK_METHODS, &method, err)) != BASE_OK ||
	    (code = paper_code(cli, "confidence", EVENTS_CONFIDENCES, &confidence, err)) != BASE_OK)
		return code;
	if ((code = begin(&w, cli, err)) == BASE_OK && (code = seal_other(&w, study, reference, &sealed, err)) == BASE_OK) {
		wire_cid_text(cid, &sealed.cid);
		code = record(&w, "participant.link",
			      json_pack("{s:s, s:s, s:s, s:s}", "participant", w.hex, "other", cid, "method", method, "confidence", confidence),
			      &sealed, err);
	}
	return end(&w, code);
}

static enum base_code run_unlink(struct cli *cli, struct base_error *err)
{
	char link[65];
	struct whose w;
	enum base_code code;

	if ((code = begin(&w, cli, err)) == BASE_OK && (code = paper_event(&w.s, NULL, cli->argv[1], link, err)) == BASE_OK)
		code = record(&w, "participant.unlink", json_pack("{s:s, s:s}", "participant", w.hex, "link", link), NULL, err);
	return end(&w, code);
}

/* ---- Commands ---- */

#define STUDY_OPTION {"study", "STUDY", "code of the study", false}

static const struct cli_option status_options[] = {
	STUDY_OPTION,
	{"cause", "FILE", "the cause; it is sealed, never in clear ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option transfer_options[] = {
	STUDY_OPTION,
	{"site", "SITE", "the site from now on", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option merge_options[] = {
	STUDY_OPTION,
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option split_options[] = {
	STUDY_OPTION,
	{"new", NULL, "OTHER is a new number: take it into the register", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option represent_options[] = {
	STUDY_OPTION,
	{"authority", "CODE", "parent, guardian, court, attorney or next-of-kin", false},
	{"from", "TIME", "from when", false},
	{"until", "TIME", "until when", false},
	{"who", "FILE", "name and address; it is sealed, never in clear ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option link_options[] = {
	STUDY_OPTION,
	{"other-study", "STUDY", "the other study; it is sealed", false},
	{"reference", "HEX", "the participant's reference there; it is sealed", false},
	{"method", "CODE", "how it was found: identifier, deterministic, probabilistic, privacy-preserving, genetic, ...", false},
	{"confidence", "CODE", "possible, probable or certain", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_participant[] = {
	{"participant status", "Recording", "NUMBER STATUS", "record that a participant takes part, has stopped, was lost, has died, ...",
	 "STATUS is screened, screen-failed, active, paused, completed, discontinued, lost, died or of-age. It changes no consent: `consent withdraw` "
	 "does. --when says since when.",
	 "regesta participant status P-001 completed --study rare-01 --when 2026-11-20\n"
	 "regesta participant status P-002 discontinued --study rare-01 --cause cause.txt",
	 status_options, 2, 2, run_status},
	{"participant transfer", "Recording", "NUMBER", "record that a participant goes to another site",
	 "From the next entry on the participant belongs to the organisation that runs the site. The trail goes on; hand the register's entry over apart "
	 "from the ledger.",
	 "regesta participant transfer P-001 --study rare-01 --site lyon", transfer_options, 1, 1, run_transfer},
	{"participant merge", "Recording", "NUMBER OTHER", "record that two references are of one person",
	 "The participant goes on as NUMBER. Consents of both count for either, and a restriction under one of them wins. Where there are other "
	 "organisations, it takes effect when an actor of another one records `attest` about the event.",
	 "regesta participant merge P-001 P-017 --study rare-01 --reason source-corrected", merge_options, 2, 2, run_merge},
	{"participant split", "Recording", "NUMBER OTHER", "record that one reference was of two people, or undo a merge",
	 "NUMBER goes on. OTHER was merged into it, or is a new number (--new). What undoes a merge in effect takes effect when an actor of another "
	 "organisation records `attest` about it.",
	 "regesta participant split P-001 P-017 --study rare-01 --reason wrong-participant\n"
	 "regesta participant split P-001 P-018 --new --study rare-01 --reason wrong-participant",
	 split_options, 2, 2, run_split},
	{"participant represent", "Recording", "NUMBER CODE", "record who may decide for a participant, and when",
	 "CODE is the site's own code for the representative. Recorded again with --until, it ends.",
	 "regesta participant represent P-001 r-1 --study rare-01 --authority parent --from 2026-03-01 --who mother.txt", represent_options, 2, 2,
	 run_represent},
	{"participant link", "Recording", "NUMBER", "record that a participant is in another study too",
	 "The other study and reference are sealed: nobody can join two studies from the ledger alone. Each study records its own link.",
	 "regesta participant link P-001 --study rare-01 --other-study cohort-2 --reference 5f1d... --method identifier --confidence certain",
	 link_options, 1, 1, run_link},
	{"participant unlink", "Recording", "NUMBER ID", "record that a link to another study was wrong", NULL,
	 "regesta participant unlink P-001 3f2a91c07d11 --study rare-01 --reason data-entry-error", merge_options, 2, 2, run_unlink},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
