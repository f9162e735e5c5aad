/* consent: what participants allow, refuse and withdraw, as a site records it. */
#include <stdlib.h>
#include <string.h>

#include "cli/paper.h"

/* ---- What was declared ---- */

static enum base_code give_json(struct cli_session *s, json_t *body, struct base_error *err)
{
	const char *form_text, *assent, *again, *replaces = cli_get(s->cli, "replaces");
	json_t *form, *list;
	char hex[65];
	enum base_code code;

	if ((code = cli_need(s->cli, "form", &form_text, err)) != BASE_OK || (code = paper_form(form_text, &form, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "form", form);
	if ((code = paper_signers(s->cli, "self", &list, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "signers", list);
	if ((code = paper_code(s->cli, "assent", EVENTS_ASSENTS, &assent, err)) != BASE_OK)
		return code;
	if (assent != NULL)
		json_object_set_new(body, "assent", json_string(assent));
	if ((code = paper_provisions(s->cli, &list, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "provisions", list);
	if ((code = paper_time(s->cli, "ask-again", &again, err)) != BASE_OK)
		return code;
	if (again != NULL)
		json_object_set_new(body, "ask_again", json_string(again));
	if (replaces != NULL && (code = paper_event(s, "replaces", replaces, hex, err)) == BASE_OK)
		json_object_set_new(body, "replaces", json_string(hex));
	return code;
}

static enum base_code optional_form(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *text = cli_get(cli, "form");
	json_t *form;
	enum base_code code;

	if (text == NULL)
		return BASE_OK;
	if ((code = paper_form(text, &form, err)) == BASE_OK)
		json_object_set_new(body, "form", form);
	return code;
}

static enum base_code optional_parts(const struct cli *cli, json_t *body, struct base_error *err)
{
	json_t *list;
	enum base_code code;

	if ((code = paper_signers(cli, NULL, &list, err)) != BASE_OK)
		return code;
	if (list != NULL)
		json_object_set_new(body, "signers", list);
	if ((code = paper_scope(cli, &list, err)) == BASE_OK && list != NULL)
		json_object_set_new(body, "provisions", list);
	return code;
}

static enum base_code refuse_json(struct cli_session *s, json_t *body, struct base_error *err)
{
	enum base_code code = optional_form(s->cli, body, err);

	return code == BASE_OK ? optional_parts(s->cli, body, err) : code;
}

static enum base_code withdraw_json(struct cli_session *s, json_t *body, struct base_error *err)
{
	const char *existing, *samples;
	enum base_code code;

	if (!cli_has(s->cli, "existing-data"))
		return base_fail(err, BASE_USAGE, "--existing-data is missing: what happens to data that exists? keep-using, restrict, anonymise or erase; "
						  "restrict, if it was not said");
	if ((code = paper_code(s->cli, "existing-data", EVENTS_EXISTING_DATA, &existing, err)) != BASE_OK ||
	    (code = paper_code(s->cli, "samples", EVENTS_SAMPLES, &samples, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "existing_data", json_string(existing));
	if (samples != NULL)
		json_object_set_new(body, "samples", json_string(samples));
	return optional_parts(s->cli, body, err);
}

static enum base_code attempt_json(struct cli_session *s, json_t *body, struct base_error *err)
{
	const char *means, *result;
	enum base_code code;

	if ((code = cli_need(s->cli, "means", &means, err)) != BASE_OK || (code = cli_need(s->cli, "result", &result, err)) != BASE_OK ||
	    (code = paper_code(s->cli, "means", EVENTS_MEANS, &means, err)) != BASE_OK ||
	    (code = paper_code(s->cli, "result", EVENTS_ATTEMPTS, &result, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "means", json_string(means));
	json_object_set_new(body, "result", json_string(result));
	return optional_form(s->cli, body, err);
}

static enum base_code act_json(struct cli_session *s, const char *act, json_t *body, struct base_error *err)
{
	if (strcmp(act, "give") == 0)
		return give_json(s, body, err);
	if (strcmp(act, "refuse") == 0)
		return refuse_json(s, body, err);
	return strcmp(act, "attempt") == 0 ? attempt_json(s, body, err) : withdraw_json(s, body, err);
}

/* ---- Whose ---- */

/* Consent comes before enrolment: with --new, the register takes the number in, and `participant enrol` records it later. */
static enum base_code find_participant(struct cli_session *s, const char *study, const char *number, struct base_hash *reference,
				       struct base_error *err)
{
	struct register_entry entry;
	bool made;
	enum base_code code;

	if (!cli_has(s->cli, "new"))
		return cli_participant(s, study, number, reference, err);
	if ((code = cli_session_register(s, err)) == BASE_OK)
		code = base_wrap(err, register_enrol(s->reg, study, number, &entry, &made, err), "register");
	if (code == BASE_OK)
		*reference = entry.reference;
	return code;
}

static enum base_code record_act(struct cli_session *s, const char *study, const struct base_hash *reference, const char *act,
				 json_t *act_body, struct base_error *err)
{
	struct cli_draft draft = {0};
	char hex[65];
	enum base_code code;

	base_hex(hex, base_hash_slice(reference));
	code = cli_draft_json(s->cli, &draft, "consent", study, json_pack("{s:s, s:{s:O}}", "participant", hex, "act", act, act_body), err);
	/* It is the participant's declaration, which the site copies from paper or a conversation. An annulment is the site's own. */
	if (strcmp(act, "annul") != 0 && strcmp(act, "attempt") != 0)
		draft.capacity = EVENTS_CAPACITY_TRANSCRIBED;
	if (code == BASE_OK)
		code = paper_scan(s, &draft, "scan", err);
	if (code == BASE_OK)
		code = cli_sign_and_record(s, &draft, err);
	cli_draft_free(&draft);
	return code;
}

static enum base_code run_act(struct cli *cli, struct base_error *err)
{
	const char *act = strchr(cli->command->name, ' ') + 1, *study, *number;
	struct cli_session s;
	struct base_hash reference;
	json_t *body;
	enum base_code code;

	if ((code = cli_need(cli, "study", &study, err)) != BASE_OK || (code = cli_need(cli, "participant", &number, err)) != BASE_OK)
		return code;
	if ((code = cli_session_open(&s, cli, CLI_RECORD, err)) != BASE_OK)
		return code;
	body = json_object();
	if ((code = cli_study_check(&s, study, err)) == BASE_OK && (code = act_json(&s, act, body, err)) == BASE_OK &&
	    (code = find_participant(&s, study, number, &reference, err)) == BASE_OK)
		code = record_act(&s, study, &reference, act, body, err);
	json_decref(body);
	cli_session_close(&s);
	return code;
}

/* The event says whose consent it was, and in which study. */
static enum base_code run_annul(struct cli *cli, struct base_error *err)
{
	struct cli_session s;
	struct chain_entry entry;
	struct events_event event;
	struct base_hash reference;
	uint64_t index;
	int64_t item;
	char hex[65], study[65];
	json_t *body;
	enum base_code code;

	if (!cli_has(cli, "reason"))
		return base_fail(err, BASE_USAGE, "--reason is missing: why is it annulled? Such as --reason wrong-participant; `regesta template consent` "
						  "lists the codes");
	if ((code = cli_session_open(&s, cli, CLI_RECORD, err)) != BASE_OK)
		return code;
	if ((code = cli_resolve(&s, cli->argv[0], &index, &item, err)) == BASE_OK)
		code = cli_event_at(&s, index, &entry, &event, err);
	if (code == BASE_OK && event.envelope.kind->id != EVENTS_CONSENT)
		code = base_fail(err, BASE_USAGE, "%.80s is a %s, and no consent", cli->argv[0], _(event.envelope.kind->words));
	if (code == BASE_OK) {
		base_hex(hex, base_hash_slice(&event.id));
		snprintf(study, sizeof(study), "%.*s", (int)event.cose.subject.len, (const char *)event.cose.subject.data);
		memcpy(reference.bytes, events_bytes(event.envelope.body, 1).data, sizeof(reference.bytes));
		body = json_pack("{s:s}", "target", hex);
		code = record_act(&s, study, &reference, "annul", body, err);
		json_decref(body);
	}
	cli_session_close(&s);
	return code;
}

#define WHOSE_OPTIONS                                                                                                          \
	{"study", "STUDY", "code of the study", false},                                                                        \
	{"participant", "NUMBER", "the site's own number, or the reference", false},                                           \
	{"new", NULL, "the participant is not enrolled yet: take the number into the register", false},                        \
	{"scan", "FILE", "scan of the paper; it is sealed", false}
#define SIGNER_OPTIONS                                                                                                         \
	{"signer", "WHO[:MEANS[:DAY]]", "self, parent, guardian, legal-representative, witness, ...", true},                   \
	{"means", "CODE", "how it was declared: paper, electronic, oral, telephone, letter, ... (default: paper)", false}
#define FORM_OPTION {"form", "FILE:VERSION:LANG:AUDIENCE", "the form (the blank file, or its CID), such as form.pdf:2.1:de:adult", false}

static const struct cli_option give_options[] = {
	WHOSE_OPTIONS,
	FORM_OPTION,
	SIGNER_OPTIONS,
	{"assent", "CODE", "what a child said, for whom others sign: given, refused, not-able, not-asked", false},
	{"permit", "USE,...", "what is permitted: collect, store, read, derive, link, train, disclose, recontact, ... or all", true},
	{"deny", "USE,...", "what is not permitted", true},
	PAPER_SCOPE_OPTIONS,
	{"ask-again", "MONTH", "month from which the participant is to be asked again, rounded down", false},
	{"replaces", "ID", "the consent that this one replaces", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option refuse_options[] = {
	WHOSE_OPTIONS,
	FORM_OPTION,
	SIGNER_OPTIONS,
	{"use", "USE,...", "what is refused (default: everything)", true},
	PAPER_SCOPE_OPTIONS,
	CLI_RECORDING_OPTIONS_UNASKED,
	{NULL, NULL, NULL, false},
};
static const struct cli_option withdraw_options[] = {
	WHOSE_OPTIONS,
	{"existing-data", "CODE", "what happens to data that exists: keep-using, restrict, anonymise or erase", false},
	{"samples", "CODE", "what happens to samples: keep, restrict, destroy or return", false},
	SIGNER_OPTIONS,
	{"use", "USE,...", "what it is about (default: everything)", true},
	PAPER_SCOPE_OPTIONS,
	CLI_RECORDING_OPTIONS_UNASKED,
	{NULL, NULL, NULL, false},
};
static const struct cli_option annul_options[] = {
	{"scan", "FILE", "scan of a paper; it is sealed", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option attempt_options[] = {
	WHOSE_OPTIONS,
	{"means", "CODE", "how: telephone, letter, e-mail, ...", false},
	{"result", "CODE", "no-answer, undeliverable, reached, deceased or moved", false},
	FORM_OPTION,
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_consent[] = {
	{"consent give", "Recording", "", "record a consent",
	 "What is permitted is said by --permit with purposes, sorts of data, recipients and so on; what is nested, by --provisions FILE. "
	 "--when is when it was signed. The capacity is \"transcribed\" unless --capacity says otherwise. A form that no committee had "
	 "approved by then is recorded and flagged, and permits nothing before it is approved or waived.",
	 "regesta consent give --study rare-01 --participant P-001 --form form.pdf:2.1:de:adult --permit collect,store,read,derive --purpose "
	 "GRU --when 2026-02-27 --scan signed.pdf\n"
	 "regesta consent give --study rare-01 --participant P-002 --form parents.pdf:1:de:parent --signer parent --assent given --permit "
	 "all --deny train --ask-again 2034-05",
	 give_options, 0, 0, run_act},
	{"consent refuse", "Recording", "", "record that a participant did not consent", NULL,
	 "regesta consent refuse --study rare-01 --participant P-003 --use recontact", refuse_options, 0, 0, run_act},
	{"consent withdraw", "Recording", "", "record a withdrawal; nobody asks why",
	 "It holds from --when on, for everything or for what the options name. It can be recorded at any time, whatever else is missing.",
	 "regesta consent withdraw --study rare-01 --participant P-001 --existing-data keep-using --means telephone", withdraw_options, 0, 0,
	 run_act},
	{"consent object", "Recording", "", "record an objection to use without consent (opt-out)", NULL,
	 "regesta consent object --study registry-02 --participant R-17 --existing-data restrict --use train", withdraw_options, 0, 0, run_act},
	{"consent annul", "Recording", "ID", "record that a consent event should not have been recorded", NULL,
	 "regesta consent annul 3f2a91c07d11 --reason wrong-participant", annul_options, 1, 1, run_annul},
	{"consent attempt", "Recording", "", "record that it was tried to reach a participant", NULL,
	 "regesta consent attempt --study rare-01 --participant P-001 --means telephone --result no-answer", attempt_options, 0, 0, run_act},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
