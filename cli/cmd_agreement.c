/* agreement: under which terms organisations of a study share data. */
#include <stdlib.h>
#include <string.h>

#include "cli/paper.h"

#define DOCUMENT_BYTES_MAX (64u << 20)

static enum base_code terms_json(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *from, *to, *instrument, *party;
	json_t *parties = json_array();
	enum base_code code;

	json_object_set_new(body, "parties", parties);
	for (size_t i = 0; (party = cli_get_nth(cli, "party", i)) != NULL; i++)
		json_array_append_new(parties, json_string(party));
	if (json_array_size(parties) < 2)
		return base_fail(err, BASE_USAGE, "an agreement has two parties at least: --party ORGANISATION --party ORGANISATION");
	if ((code = cli_need(cli, "from", &from, err)) != BASE_OK || (code = cli_need(cli, "instrument", &instrument, err)) != BASE_OK ||
	    (code = paper_time(cli, "from", &from, err)) != BASE_OK || (code = paper_time(cli, "until", &to, err)) != BASE_OK ||
	    (code = paper_code(cli, "instrument", EVENTS_INSTRUMENTS, &instrument, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "from", json_string(from));
	if (to != NULL)
		json_object_set_new(body, "to", json_string(to));
	json_object_set_new(body, "instrument", json_string(instrument));
	if (cli_get(cli, "country") != NULL)
		json_object_set_new(body, "country", json_string(cli_get(cli, "country")));
	if (cli_has(cli, "fee") && cli_has(cli, "no-fee"))
		return base_fail(err, BASE_USAGE, "--fee and --no-fee exclude each other");
	if (cli_has(cli, "fee") || cli_has(cli, "no-fee"))
		json_object_set_new(body, "fee", json_boolean(cli_has(cli, "fee")));
	return BASE_OK;
}

static enum base_code seal_document(struct cli_session *s, const char *study, json_t *body, struct cli_sealed *sealed, struct base_error *err)
{
	const char *path = cli_get(s->cli, "document");
	struct base_buf bytes = BASE_BUF_INIT;
	char cid[WIRE_CID_TEXT_BYTES];
	enum base_code code;

	if (path == NULL)
		return BASE_OK;
	code = base_file_read(&bytes, strcmp(path, "-") == 0 ? "/dev/stdin" : path, DOCUMENT_BYTES_MAX, err);
	if (code == BASE_OK)
		code = cli_seal_bytes(s, study, base_slice(NULL, 0), base_buf_slice(&bytes), sealed, err);
	base_buf_wipe(&bytes);
	if (code != BASE_OK)
		return base_wrap(err, code, "--document");
	wire_cid_text(cid, &sealed->cid);
	json_object_set_new(body, "document", json_string(cid));
	return BASE_OK;
}

static enum base_code run_record(struct cli *cli, struct base_error *err)
{
	struct cli_sealed sealed;
	struct cli_draft draft = {0};
	struct cli_session s;
	const char *study;
	json_t *body = json_object();
	enum base_code code;

	if ((code = cli_need(cli, "study", &study, err)) == BASE_OK)
		code = terms_json(cli, body, err);
	if (code == BASE_OK && (code = cli_session_open(&s, cli, CLI_RECORD, err)) == BASE_OK) {
		if ((code = cli_study_check(&s, study, err)) == BASE_OK && (code = seal_document(&s, study, body, &sealed, err)) == BASE_OK)
			code = cli_draft_json(cli, &draft, "agreement.record", study, json_incref(body), err);
		if (code == BASE_OK && cli_get(cli, "document") != NULL)
			cli_draft_sealed(&draft, &sealed);
		if (code == BASE_OK)
			code = cli_sign_and_record(&s, &draft, err);
		cli_draft_free(&draft);
		cli_session_close(&s);
	}
	json_decref(body);
	return code;
}

static enum base_code run_end(struct cli *cli, struct base_error *err)
{
	struct cli_draft draft = {0};
	struct cli_session s;
	struct chain_entry entry;
	struct events_event event;
	uint64_t index;
	int64_t item;
	char hex[65], study[65];
	enum base_code code = cli_session_open(&s, cli, CLI_RECORD, err);

	if (code != BASE_OK)
		return code;
	if ((code = cli_resolve(&s, cli->argv[0], &index, &item, err)) == BASE_OK)
		code = cli_event_at(&s, index, &entry, &event, err);
	if (code == BASE_OK && event.envelope.kind->id != EVENTS_AGREEMENT_RECORD)
		code = base_fail(err, BASE_USAGE, "%.80s is a %s, and no agreement", cli->argv[0], _(event.envelope.kind->words));
	if (code == BASE_OK) {
		base_hex(hex, base_hash_slice(&event.id));
		snprintf(study, sizeof(study), "%.*s", (int)event.cose.subject.len, (const char *)event.cose.subject.data);
		code = cli_draft_json(cli, &draft, "agreement.end", study, json_pack("{s:s}", "agreement", hex), err);
	}
	if (code == BASE_OK)
		code = cli_sign_and_record(&s, &draft, err);
	cli_draft_free(&draft);
	cli_session_close(&s);
	return code;
}

static const struct cli_option record_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"party", "ORGANISATION", "a party; give it for each", true},
	{"from", "TIME", "first day", false},
	{"until", "TIME", "last day (default: until it is ended)", false},
	{"instrument", "CODE", "on which transfers rest: none-needed, adequacy, standard-clauses, binding-rules or derogation", false},
	{"country", "CODE", "whose law governs it, such as DE", false},
	{"fee", NULL, "somebody pays for data", false},
	{"no-fee", NULL, "nobody pays for data", false},
	{"document", "FILE", "the agreement itself; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option end_options[] = {
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_agreement[] = {
	{"agreement record", "Setting up", "", "record an agreement between organisations of a study",
	 "What moves between two organisations without an agreement in force is flagged. `regesta list agreements --study STUDY` lists them.",
	 "regesta agreement record --study rare-01 --party charite --party lyon --from 2026-03-01 --until 2031-02-28 --instrument none-needed "
	 "--document agreement.pdf",
	 record_options, 0, 0, run_record},
	{"agreement end", "Setting up", "ID", "record that an agreement has ended", "--when says since when.",
	 "regesta agreement end 3f2a91c07d11 --reason other --when 2026-11-01", end_options, 1, 1, run_end},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
