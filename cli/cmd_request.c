/* access request, decide, disclose: what contracts decide. */
#include <stdlib.h>
#include <string.h>

#include "cli/custody.h"
#include "cli/paper.h"

static enum base_code items_what(struct cli_session *s, json_t **out, struct base_error *err)
{
	json_t *items = NULL;
	enum base_code code = custody_items(s, (const char *const *)s->cli->argv, (size_t)s->cli->argc, &items, err);

	if (code == BASE_OK)
		*out = json_pack("{s:o}", "items", items);
	return code;
}

/* Members that an option gives as it stands, and a code. */
static void put_text(const struct cli *cli, json_t *body, const char *option, const char *name)
{
	if (cli_get(cli, option) != NULL)
		json_object_set_new(body, name, json_string(cli_get(cli, option)));
}

static enum base_code put_code(const struct cli *cli, json_t *body, const char *option, enum events_list list, const char *name,
			       struct base_error *err)
{
	const char *value;
	enum base_code code = paper_code(cli, option, list, &value, err);

	if (code == BASE_OK && value != NULL)
		json_object_set_new(body, name, json_string(value));
	return code;
}

static enum base_code put_until(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *until = NULL;
	enum base_code code = cli_get(cli, "until") == NULL ? BASE_OK : paper_time(cli, "until", &until, err);

	if (code == BASE_OK && until != NULL)
		json_object_set_new(body, "until", json_string(until));
	return code;
}

static enum base_code put_event(struct cli_session *s, json_t *body, const char *option, const char *name, struct base_error *err)
{
	char hex[65];
	enum base_code code;

	if (cli_get(s->cli, option) == NULL)
		return BASE_OK;
	if ((code = paper_event(s, option, cli_get(s->cli, option), hex, err)) == BASE_OK)
		json_object_set_new(body, name, json_string(hex));
	return code;
}

static enum base_code put_purpose(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *purpose;
	uint64_t number;
	enum base_code code = cli_need(cli, "purpose", &purpose, err);

	if (code != BASE_OK || (code = base_wrap(err, paper_purpose(purpose, &number, err), "--purpose")) != BASE_OK)
		return code;
	json_object_set_new(body, "purpose", json_string(events_code_by_number(events_codes_of(EVENTS_PURPOSES), number)->name));
	return BASE_OK;
}

static enum base_code request(struct cli_session *s, struct base_error *err)
{
	const struct cli *cli = s->cli;
	const char *recipient = cli_get(cli, "recipient");
	char study[65];
	json_t *body, *what = NULL;
	enum base_code code;

	if ((code = custody_study(s, cli->argv[0], study, err)) != BASE_OK || (code = items_what(s, &what, err)) != BASE_OK)
		return code;
	if (recipient == NULL)
		recipient = s->actor;
	body = json_pack("{s:o, s:s, s:s, s:s}", "what", what, "recipient", recipient, "mode", "view", "legal_basis", "consent");
	put_text(cli, body, "environment", "environment");
	put_text(cli, body, "disease", "disease");
	if ((code = put_purpose(cli, body, err)) != BASE_OK || (code = put_code(cli, body, "mode", EVENTS_MODES, "mode", err)) != BASE_OK ||
	    (code = put_code(cli, body, "legal-basis", EVENTS_LEGAL_BASES, "legal_basis", err)) != BASE_OK ||
	    (code = put_code(cli, body, "use", EVENTS_USES, "use", err)) != BASE_OK || (code = put_until(cli, body, err)) != BASE_OK ||
	    (code = put_event(s, body, "agreement", "instrument", err)) != BASE_OK) {
		json_decref(body);
		return code;
	}
	return custody_record(s, "access.request", study, body, NULL, err);
}

static enum base_code decide(struct cli_session *s, struct base_error *err)
{
	const struct cli *cli = s->cli;
	bool permit = cli_has(cli, "permit");
	char study[65], hex[65];
	json_t *body;
	enum base_code code;

	if (permit == cli_has(cli, "refuse"))
		return base_fail(err, BASE_USAGE, "say --permit or --refuse");
	if ((code = custody_study(s, cli->argv[0], study, err)) != BASE_OK || (code = custody_event(s, cli->argv[0], hex, err)) != BASE_OK)
		return code;
	body = json_pack("{s:s, s:b}", "request", hex, "permit", permit);
	if ((code = put_until(cli, body, err)) != BASE_OK) {
		json_decref(body);
		return code;
	}
	return custody_record(s, "access.decide", study, body, NULL, err);
}

/* The permit says for whom and how; without items, all that were asked for. */
static enum base_code from_permit(struct cli_session *s, json_t *body, const char *text, char hex[65], struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	struct base_buf json = BASE_BUF_INIT;
	json_t *asked, *what;
	uint64_t index;
	int64_t item;
	enum base_code code = cli_resolve(s, text, &index, &item, err);

	if (code == BASE_OK)
		code = cli_event_at(s, index, &entry, &event, err);
	if (code != BASE_OK)
		return code;
	if (event.envelope.kind->id != EVENTS_ACCESS_REQUEST)
		return base_fail(err, BASE_USAGE, "--grant: %.80s is no request for access", text);
	events_to_json(&json, &event);
	asked = json_loadb((const char *)json.data, json.len, 0, NULL);
	base_buf_free(&json);
	base_hex(hex, base_hash_slice(&event.id));
	what = json_object_get(body, "what");
	if (what == NULL)
		json_object_set(body, "what", json_object_get(json_object_get(asked, "body"), "what"));
	json_object_set(body, "recipient", json_object_get(json_object_get(asked, "body"), "recipient"));
	json_object_set(body, "mode", json_object_get(json_object_get(asked, "body"), "mode"));
	json_object_set_new(body, "grant", json_string(hex));
	json_decref(asked);
	return BASE_OK;
}

static enum base_code disclose(struct cli_session *s, struct base_error *err)
{
	const char *grant, *named = cli_get(s->cli, "study");
	char study[65], hex[65];
	json_t *body = json_object(), *what = NULL;
	enum base_code code = cli_need(s->cli, "grant", &grant, err);

	if (code == BASE_OK && named != NULL)
		code = base_wrap(err, cli_study_check(s, named, err), "--study");

	if (code == BASE_OK && s->cli->argc > 0 && (code = items_what(s, &what, err)) == BASE_OK)
		json_object_set_new(body, "what", what);
	if (code == BASE_OK)
		code = from_permit(s, body, grant, hex, err);
	if (code == BASE_OK)
		code = custody_study(s, hex, study, err);
	if (code != BASE_OK) {
		json_decref(body);
		return code;
	}
	return custody_record(s, "access.disclose", study, body, NULL, err);
}

/* ---- contract decide ---- */

/* Nobody approves what the text does not say: it is compiled again, here. */
static enum base_code check_text(struct cli_session *s, const char *study, const char *text, struct base_error *err)
{
	struct base_buf bytes = BASE_BUF_INIT, id = BASE_BUF_INIT;
	struct events_event event;
	struct base_hash contract, is;
	enum base_code code;

	if (strlen(text) != 64 || !base_unhex(&id, base_slice_text(text))) {
		base_buf_free(&id);
		return base_fail(err, BASE_USAGE, "\"%.80s\" is no contract's id: it is 64 hex digits", text);
	}
	memcpy(contract.bytes, id.data, sizeof(contract.bytes));
	base_buf_free(&id);
	code = cli_contract_proposal(s, base_slice_text(study), &contract, &event, err);
	if (code == BASE_OK)
		code = cli_contract_compile(&bytes, "its text", events_text(event.envelope.body, 2), err);
	if (code == BASE_OK) {
		is = base_sha256_of(base_buf_slice(&bytes));
		if (!base_hash_equal(&is, &contract))
			code = base_fail(err, BASE_MISMATCH,
					 "the text that was proposed with contract %.64s does not compile to it: what would be executed is not what is read; do not approve it",
					 text);
	}
	base_buf_free(&bytes);
	return code;
}

/* The committee's own act on one contract, by its full id: what is read is what is decided on. */
static enum base_code decide_contract(struct cli_session *s, struct base_error *err)
{
	static const char *const acts[] = {"approve", "refuse", "suspend", "renew", "end"};
	const struct cli *cli = s->cli;
	const char *study, *act = NULL, *protocol = NULL;
	json_t *what = json_object(), *body;
	char committee[160];
	enum base_code code = cli_need(cli, "study", &study, err);

	if (code == BASE_OK)
		code = base_wrap(err, cli_study_check(s, study, err), "--study");
	for (size_t i = 0; code == BASE_OK && i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (!cli_has(cli, acts[i]))
			continue;
		if (act != NULL)
			code = base_fail(err, BASE_USAGE, "say one of --approve, --refuse, --suspend, --renew and --end");
		act = acts[i];
	}
	if (code == BASE_OK && act == NULL)
		code = base_fail(err, BASE_USAGE, "say one of --approve, --refuse, --suspend, --renew and --end");
	if (code == BASE_OK && strcmp(act, "approve") == 0) {
		code = cli_need(cli, "protocol", &protocol, err);
		if (code == BASE_OK && !events_text_valid(EVENTS_TOKEN, base_slice_text(protocol)))
			code = base_fail(err, BASE_USAGE, "--%s: \"%.100s\" is no code: 1 to 64 of a-z 0-9 . _ -, the first a letter or digit", "protocol", protocol);
		put_text(cli, what, "protocol", "protocol_version");
	}
	if (code == BASE_OK)
		code = put_until(cli, what, err);
	if (code == BASE_OK && (strcmp(act, "approve") == 0 || strcmp(act, "renew") == 0))
		code = check_text(s, study, cli->argv[0], err);
	if (code != BASE_OK) {
		json_decref(what);
		return code;
	}
	snprintf(committee, sizeof(committee), "%s", s->actor);
	committee[strcspn(committee, "/")] = '\0';
	body = json_pack("{s:s, s:{s:o}, s:s}", "committee", committee, "act", act, what, "contract", cli->argv[0]);
	return custody_record(s, "ethics.decide", study, body, NULL, err);
}

static enum base_code run_contract(struct cli *cli, struct base_error *err) { return custody_run(cli, decide_contract, err); }
static enum base_code run_request(struct cli *cli, struct base_error *err) { return custody_run(cli, request, err); }
static enum base_code run_decide(struct cli *cli, struct base_error *err) { return custody_run(cli, decide, err); }
static enum base_code run_disclose(struct cli *cli, struct base_error *err) { return custody_run(cli, disclose, err); }

static const struct cli_option request_options[] = {
	{"study", "STUDY", "the study (default: that of the first item)", false},
	{"recipient", "WHO", "the actor or organisation that is to have it (default: the author)", false},
	{"purpose", "CODE", "what for, such as duo.hmb or HRESCH", false},
	{"use", "CODE", "read, derive, link, train, disclose, recontact (default: read)", false},
	{"mode", "CODE", "view, compute or download (default: view)", false},
	{"legal-basis", "CODE", "on which legal basis (default: consent)", false},
	{"agreement", "EVENT", "the agreement that it rests on", false},
	{"environment", "NAME", "the secure environment in which it is used", false},
	{"disease", "DISEASE", "the disease that the purpose is about, such as MONDO:0009861", false},
	{"until", "TIME", "last instant or day on which it is needed", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option decide_options[] = {
	{"study", "STUDY", "the study (default: that of the request)", false},
	{"permit", NULL, "yes: what the contract referred is permitted", false},
	{"refuse", NULL, "no", false},
	{"until", "TIME", "last instant or day on which the permit holds", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option disclose_options[] = {
	{"study", "STUDY", "the study (default: that of the request)", false},
	{"grant", "EVENT", "the request that was permitted: it says for whom and how", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option contract_options[] = {
	{"study", "STUDY", "the study", false},
	{"approve", NULL, "it is in force from the next block on, in place of the one before", false},
	{"refuse", NULL, "it is not", false},
	{"suspend", NULL, "it is not in force until it is renewed", false},
	{"renew", NULL, "it is in force again, or for longer", false},
	{"end", NULL, "it is in force no more", false},
	{"protocol", "VERSION", "the version of the study's protocol that it was approved with", false},
	{"until", "TIME", "last instant or day on which it is in force", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_request[] = {
	{"contract decide", "Recording", "CONTRACT", "decide, as an ethics committee, about a contract that was proposed",
	 "CONTRACT is its full id, 64 digits: the hash of what is executed. Before it is approved its text is compiled again, and compared.",
	 "regesta contract decide 5f1d…0d --study rare-01 --approve --protocol 1.0", contract_options, 1, 1, run_contract},
	{"access request", "Recording", "ITEM...", "ask for access; the contract decides, item by item",
	 "Exit code 14 if nothing is permitted: the request, and why, is recorded all the same.",
	 "regesta access request 3f2a91c07d11#0 --purpose duo.hmb --until 2027-06-30", request_options, 1, EVENTS_ITEMS_MAX,
	 run_request},
	{"access decide", "Recording", "REQUEST", "decide what the contract refers to people", NULL,
	 "regesta access decide 3f2a91c07d11 --permit", decide_options, 1, 1, run_decide},
	{"access disclose", "Recording", "[ITEM...]", "release data under a permit, if it still holds; without items, all that was asked for", NULL,
	 "regesta access disclose --grant 3f2a91c07d11", disclose_options, 0, EVENTS_ITEMS_MAX, run_disclose},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
