/* study, participant: what data belongs to. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* "berlin=charite": a site and the organisation that runs it. */
static enum base_code sites_json(const struct cli *cli, json_t *sites, struct base_error *err)
{
	const char *text;

	for (size_t i = 0; (text = cli_get_nth(cli, "site", i)) != NULL; i++) {
		const char *equals = strchr(text, '=');

		if (equals == NULL)
			return base_fail(err, BASE_USAGE, "--site is SITE=ORGANISATION, such as berlin=charite, not \"%.80s\"", text);
		json_array_append_new(sites, json_pack("{s:s%, s:s}", "site", text, (size_t)(equals - text), "organisation", equals + 1));
	}
	return BASE_OK;
}

static void add_committees(const struct cli *cli, json_t *body)
{
	json_t *committees = json_array();
	const char *text;

	for (size_t i = 0; (text = cli_get_nth(cli, "committee", i)) != NULL; i++)
		json_array_append_new(committees, json_string(text));
	if (json_array_size(committees) > 0)
		json_object_set(body, "committees", committees);
	json_decref(committees);
}

static enum base_code record_json(struct cli *cli, const char *kind, const char *study, json_t *body, struct base_error *err)
{
	struct cli_session s;
	struct cli_draft draft = {0};
	enum base_code code = cli_draft_json(cli, &draft, kind, study, body, err);

	if (code == BASE_OK && (code = cli_session_open(&s, cli, CLI_RECORD, err)) == BASE_OK) {
		code = cli_sign_and_record(&s, &draft, err);
		cli_session_close(&s);
	}
	cli_draft_free(&draft);
	return code;
}

static enum base_code run_register(struct cli *cli, struct base_error *err)
{
	const char *title, *sponsor, *protocol;
	json_t *sites = json_array();
	json_t *body;
	enum base_code code;

	if ((code = cli_need(cli, "title", &title, err)) == BASE_OK && (code = cli_need(cli, "sponsor", &sponsor, err)) == BASE_OK &&
	    (code = cli_need(cli, "protocol", &protocol, err)) == BASE_OK)
		code = sites_json(cli, sites, err);
	if (code == BASE_OK && json_array_size(sites) == 0)
		code = base_fail(err, BASE_USAGE, "a study has at least one --site SITE=ORGANISATION");
	if (code != BASE_OK) {
		json_decref(sites);
		return code;
	}
	body = json_pack("{s:s, s:s, s:s, s:o, s:s}", "study", cli->argv[0], "title", title, "sponsor", sponsor, "sites", sites, "protocol_version",
			 protocol);
	if (body == NULL)
		return base_fail(err, BASE_USAGE, "the title is not UTF-8");
	if (cli_has(cli, "legal-basis"))
		json_object_set_new(body, "legal_basis", json_string(cli_get(cli, "legal-basis")));
	add_committees(cli, body);
	return record_json(cli, "study.register", NULL, body, err);
}

static enum base_code run_amend(struct cli *cli, struct base_error *err)
{
	json_t *sites = json_array();
	json_t *body = json_object();
	enum base_code code = sites_json(cli, sites, err);

	if (cli_get(cli, "title") != NULL)
		json_object_set_new(body, "title", json_string(cli_get(cli, "title")));
	if (cli_get(cli, "protocol") != NULL)
		json_object_set_new(body, "protocol_version", json_string(cli_get(cli, "protocol")));
	if (json_array_size(sites) > 0)
		json_object_set(body, "sites", sites);
	json_decref(sites);
	add_committees(cli, body);
	if (code == BASE_OK && json_object_size(body) == 0)
		code = base_fail(err, BASE_USAGE, "say what changes: --title, --site, --protocol or --committee");
	if (code != BASE_OK) {
		json_decref(body);
		return code;
	}
	return record_json(cli, "study.amend", cli->argv[0], body, err);
}

static enum base_code run_close(struct cli *cli, struct base_error *err)
{
	return record_json(cli, "study.close", cli->argv[0], json_object(), err);
}

/* ---- participant ---- */

static bool enrolment_fact(void *arg, const struct state_fact *fact)
{
	*(bool *)arg = fact->kind == EVENTS_PARTICIPANT_ENROL;
	return !*(bool *)arg;
}

/* On the ledger, although the register does not say so yet: another process was faster, or one was ended before it said so. */
static enum base_code enrolled_meanwhile(struct cli_session *s, const char *study, const struct base_hash *reference, bool *there,
					 struct base_error *err)
{
	struct base_buf cbor = BASE_BUF_INIT;
	struct state_view view;
	enum base_code code;

	*there = false;
	chain_read_view(s->read, &view);
	wire_put_hash(&cbor, reference);
	code = state_record_walk(&view, STATE_PARTICIPANT, base_slice_text(study), base_buf_slice(&cbor), enrolment_fact, there, err);
	base_buf_free(&cbor);
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* The register first, durably: a reference on the ledger whose key was lost could never be resolved again. From the look at the
 * ledger to the record no other process of this machine enrols, so that one number is enrolled once. */
static enum base_code enrol_one(struct cli_session *s, const char *study, const char *site, const char *number, struct base_error *err)
{
	struct register_entry entry;
	struct cli_draft draft = {0};
	char hex[65];
	bool made, there = false;
	enum base_code code = cli_session_number(s, err);

	if (code == BASE_OK)
		code = base_wrap(err, register_enrol(s->reg, study, number, &entry, &made, err), "register");
	if (code == BASE_OK && !entry.recorded) {
		code = enrolled_meanwhile(s, study, &entry.reference, &there, err);
		if (code == BASE_OK && there)
			code = base_wrap(err, register_mark_recorded(s->reg, study, number, err), "register");
	}
	if (code == BASE_OK && (entry.recorded || there))
		code = base_fail(err, BASE_EXISTS, "this participant number is enrolled in study %s already", study);
	if (code != BASE_OK)
		return code;
	base_hex(hex, base_hash_slice(&entry.reference));
	code = cli_draft_json(s->cli, &draft, "participant.enrol", study, json_pack("{s:s, s:s}", "participant", hex, "site", site), err);
	if (code == BASE_OK)
		code = cli_sign_and_record(s, &draft, err);
	if (code == BASE_OK && !cli_has(s->cli, "dry-run"))
		code = register_mark_recorded(s->reg, study, number, err);
	cli_draft_free(&draft);
	return code;
}

static enum base_code run_enrol(struct cli *cli, struct base_error *err)
{
	const char *study, *site;
	struct cli_session s;
	enum base_code code;

	if ((code = cli_need(cli, "study", &study, err)) != BASE_OK || (code = cli_need(cli, "site", &site, err)) != BASE_OK)
		return code;
	if ((code = cli_session_open(&s, cli, CLI_RECORD, err)) != BASE_OK)
		return code;
	code = cli_study_check(&s, study, err);
	if (code == BASE_OK)
		code = cli_session_register(&s, err);
	for (int i = 0; i < cli->argc && code == BASE_OK; i++)
		code = enrol_one(&s, study, site, cli->argv[i], err);
	cli_session_close(&s);
	return code;
}

struct listing {
	struct cli_table *table;
	json_t *json;
};

static bool list_one(void *arg, const struct register_entry *entry)
{
	struct listing *listing = arg;
	char hex[65];

	base_hex(hex, base_hash_slice(&entry->reference));
	if (listing->json != NULL) {
		json_array_append_new(listing->json, json_pack("{s:s, s:s, s:s, s:b}", "study", entry->study, "number", entry->number,
							       "reference", hex, "recorded", entry->recorded));
	} else {
		const char *cells[] = {entry->study, entry->number, hex, entry->recorded ? _("yes") : _("no")};

		cli_table_row(listing->table, cells);
	}
	return true;
}

static enum base_code run_list(struct cli *cli, struct base_error *err)
{
	static const char *const headings[] = {N_("STUDY"), N_("NUMBER"), N_("REFERENCE"), N_("RECORDED")};
	struct listing listing = {0};
	struct cli_session s;
	enum base_code code = cli_session_open(&s, cli, CLI_IDENTITY, err);

	if (code != BASE_OK)
		return code;
	if (cli->json)
		listing.json = json_array();
	else
		listing.table = cli_table_open(headings, 4);
	code = cli_session_register(&s, err);
	if (code == BASE_OK && cli_has(cli, "study"))
		code = base_wrap(err, cli_study_check(&s, cli_get(cli, "study"), err), "--study");
	if (code == BASE_OK)
		code = register_walk(s.reg, cli_get(cli, "study"), list_one, &listing, err);
	if (cli->json && code == BASE_OK)
		cli_print_json(json_pack("{s:O}", "participants", listing.json));
	else if (code == BASE_OK)
		cli_table_print(cli, listing.table);
	else
		cli_table_close(listing.table);
	json_decref(listing.json);
	cli_session_close(&s);
	return code;
}

static const struct cli_option register_options[] = {
	{"title", "TEXT", "public title", false},
	{"sponsor", "ORGANISATION", "code of the sponsor's organisation", false},
	{"site", "SITE=ORG", "a site and the organisation that runs it", true},
	{"protocol", "VERSION", "protocol version in force, such as 1.0", false},
	{"committee", "ORGANISATION", "an ethics committee on this ledger, which records its decisions itself", true},
	{"legal-basis", "CODE", "on which its data is used: consent, public-interest-research, legal-obligation, ... (default: consent)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option amend_options[] = {
	{"title", "TEXT", "the new title", false},
	{"site", "SITE=ORG", "a site that is added", true},
	{"protocol", "VERSION", "the protocol version now in force", false},
	{"committee", "ORGANISATION", "an ethics committee on this ledger that is added; none is ever taken away", true},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option close_options[] = {
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option enrol_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"site", "SITE", "the site that enrols", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option participant_list_options[] = {
	{"study", "STUDY", "of this study alone", false},
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_study[] = {
	{"study register", "Setting up", "STUDY", "record a study with its sites", NULL,
	 "regesta study register rare-01 --title \"Rare disease cohort\" --sponsor charite --site berlin=charite --protocol 1.0",
	 register_options, 1, 1, run_register},
	{"study amend", "Setting up", "STUDY", "record a new title, protocol version, site or committee of a study", NULL,
	 "regesta study amend rare-01 --protocol 2.0 --reason protocol-change", amend_options, 1, 1, run_amend},
	{"study close", "Setting up", "STUDY", "record that a study is closed; data that comes later is flagged", NULL, NULL, close_options, 1,
	 1, run_close},
	{"participant enrol", "Recording", "NUMBER...", "enrol participants under references that only your register resolves",
	 "NUMBER is the site's own participant number. It goes into the site's encrypted register and never onto the ledger, which "
	 "sees a reference computed with a key of its own.",
	 "regesta participant enrol --study rare-01 --site berlin P-001 P-002", enrol_options, 1, -1, run_enrol},
	{"participant list", "Asking", "", "list the register's participants with their references", NULL, NULL, participant_list_options, 0, 0,
	 run_list},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
