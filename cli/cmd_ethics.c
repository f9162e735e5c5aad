/* ethics: what committees decide, recorded by them or copied from their letters. */
#include <stdlib.h>
#include <string.h>

#include "cli/paper.h"

/* "earlier-versions:2026-12-31:continue:no-new-use" */
static enum base_code reconsent_json(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *text = cli_get(cli, "reconsent");
	char *copy, *rest, *after, *meanwhile, *by;
	struct events_when ignored;
	enum base_code code = BASE_OK;

	if (text == NULL)
		return BASE_OK;
	copy = strdup(text);
	BASE_ASSERT(copy != NULL);
	/* The day's zone has a colon: both ends are cut off first. */
	rest = strchr(copy, ':');
	after = strrchr(copy, ':');
	if (rest != NULL && after > rest)
		*after++ = '\0';
	meanwhile = rest != NULL ? strrchr(copy, ':') : NULL;
	if (rest == NULL || meanwhile == rest) {
		code = base_fail(err, BASE_USAGE, "\"%.80s\" is not WHO:DAY:MEANWHILE:AFTERWARDS, such as everybody:2026-12-31:continue:no-new-use", text);
	} else {
		*meanwhile++ = *rest = '\0';
		by = rest + 1;
		if ((code = cli_code_check(EVENTS_RECONSENT, copy, err)) == BASE_OK && (code = cli_when_parse(&ignored, by, err)) == BASE_OK &&
		    (code = cli_code_check(EVENTS_MEANWHILES, meanwhile, err)) == BASE_OK &&
		    (code = cli_code_check(EVENTS_MEANWHILES, after, err)) == BASE_OK)
			json_object_set_new(body, "reconsent", json_pack("{s:s, s:s, s:s, s:s}", "who", copy, "by", by, "meanwhile", meanwhile,
									 "after", after));
	}
	free(copy);
	return base_wrap(err, code, "--reconsent");
}

static enum base_code approval_json(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *protocol, *until, *majority;
	json_t *forms;
	enum base_code code;

	if ((code = cli_need(cli, "protocol", &protocol, err)) != BASE_OK || (code = paper_time(cli, "until", &until, err)) != BASE_OK ||
	    (code = paper_code(cli, "majority", EVENTS_MEANWHILES, &majority, err)) != BASE_OK ||
	    (code = reconsent_json(cli, body, err)) != BASE_OK || (code = paper_forms(cli, &forms, err)) != BASE_OK)
		return code;
	json_object_set_new(body, "protocol_version", json_string(protocol));
	if (until != NULL)
		json_object_set_new(body, "until", json_string(until));
	if (majority != NULL)
		json_object_set_new(body, "majority", json_string(majority));
	if (forms != NULL)
		json_object_set_new(body, "forms", forms);
	return BASE_OK;
}

static enum base_code renewal_json(const struct cli *cli, json_t *body, struct base_error *err)
{
	const char *until;
	enum base_code code = paper_time(cli, "until", &until, err);

	if (code == BASE_OK && until != NULL)
		json_object_set_new(body, "until", json_string(until));
	return code;
}

static enum base_code waiver_json(struct cli_session *s, json_t *body, struct base_error *err)
{
	json_t *consents = json_array(), *forms;
	const char *text;
	char hex[65];
	enum base_code code = paper_forms(s->cli, &forms, err);

	if (code == BASE_OK && forms != NULL)
		json_object_set_new(body, "forms", forms);
	for (size_t i = 0; code == BASE_OK && (text = cli_get_nth(s->cli, "consent", i)) != NULL; i++)
		if ((code = paper_event(s, "consent", text, hex, err)) == BASE_OK)
			json_array_append_new(consents, json_string(hex));
	if (json_array_size(consents) > 0)
		json_object_set(body, "consents", consents);
	json_decref(consents);
	if (code == BASE_OK && json_object_size(body) == 0)
		code = base_fail(err, BASE_USAGE, "say what is accepted: --form FILE:VERSION:LANGUAGE:AUDIENCE or --consent ID");
	return code;
}

static enum base_code act_json(struct cli_session *s, const char *act, json_t *body, struct base_error *err)
{
	if (strcmp(act, "approve") == 0 || strcmp(act, "conditional") == 0)
		return approval_json(s->cli, body, err);
	if (strcmp(act, "renew") == 0)
		return renewal_json(s->cli, body, err);
	return strcmp(act, "waive") == 0 ? waiver_json(s, body, err) : BASE_OK;
}

static json_t *decision_json(const struct cli_session *s, const char *act, json_t *act_body)
{
	const char *committee = cli_get(s->cli, "committee"), *site;
	json_t *body, *sites = json_array();

	for (size_t i = 0; (site = cli_get_nth(s->cli, "site", i)) != NULL; i++)
		json_array_append_new(sites, json_string(site));
	body = json_pack("{s:s, s:{s:O}}", "committee", committee != NULL ? committee : s->organisation, "act", act, act_body);
	if (json_array_size(sites) > 0)
		json_object_set(body, "sites", sites);
	json_decref(sites);
	if (cli_has(s->cli, "jurisdiction"))
		json_object_set_new(body, "jurisdiction", json_string(cli_get(s->cli, "jurisdiction")));
	return body;
}

static enum base_code run_decide(struct cli *cli, struct base_error *err)
{
	const char *act = strchr(cli->command->name, ' ') + 1, *study;
	struct cli_session s;
	struct cli_draft draft = {0};
	json_t *act_body;
	enum base_code code = cli_need(cli, "study", &study, err);

	if (code != BASE_OK || (code = cli_session_open(&s, cli, CLI_RECORD, err)) != BASE_OK)
		return code;
	act_body = json_object();
	if ((code = cli_study_check(&s, study, err)) == BASE_OK && (code = act_json(&s, act, act_body, err)) == BASE_OK)
		code = cli_draft_json(cli, &draft, "ethics.decide", study, decision_json(&s, act, act_body), err);
	json_decref(act_body);
	/* Another organisation's decision is known from its letter. */
	if (cli_has(cli, "committee") && strcmp(cli_get(cli, "committee"), s.organisation) != 0)
		draft.capacity = EVENTS_CAPACITY_TRANSCRIBED;
	if (code == BASE_OK)
		code = paper_scan(&s, &draft, "letter", err);
	if (code == BASE_OK)
		code = cli_sign_and_record(&s, &draft, err);
	cli_draft_free(&draft);
	cli_session_close(&s);
	return code;
}

#define DECISION_OPTIONS                                                                                                       \
	{"study", "STUDY", "code of the study", false},                                                                        \
	{"committee", "CODE", "organisation code of the committee (default: your own organisation)", false},                    \
	{"site", "SITE", "for this site (default: all of the study)", true},                                                   \
	{"jurisdiction", "COUNTRY", "the country whose law the committee decides under, such as DE", false},                    \
	{"letter", "FILE", "scan of the committee's letter; it is sealed", false},                                              \
	CLI_RECORDING_OPTIONS
#define FORM_OPTION {"form", "FILE:VERSION:LANG:AUDIENCE", "a consent form (the blank file, or its CID), such as form.pdf:2.1:de:adult", true}

static const struct cli_option approve_options[] = {
	{"protocol", "VERSION", "version of the protocol that was approved", false},
	FORM_OPTION,
	{"until", "DAY", "last day on which it holds", false},
	{"reconsent", "WHO:DAY:MEANWHILE:AFTERWARDS", "who must be asked again: everybody:2026-12-31:continue:no-new-use", false},
	{"majority", "CODE", "from majority on, until the participant decides: continue, no-new-use or no-use", false},
	DECISION_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option renew_options[] = {
	{"until", "DAY", "last day on which it holds", false},
	DECISION_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option waive_options[] = {
	FORM_OPTION,
	{"consent", "ID", "a consent that is accepted though its form was not approved", true},
	DECISION_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option plain_options[] = {
	DECISION_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_ethics[] = {
	{"ethics approve", "Recording", "", "record that a committee approved a study, with the consent forms",
	 "The committee records its own decision with its own key, or somebody of the study copies it from the committee's letter: then "
	 "the capacity is \"transcribed\", and the letter's scan is sealed. A committee that is an organisation of the ledger is named by the "
	 "study (study register --committee) and speaks for itself: of its letters, only suspend and refuse are recorded by others. --when is the day of the decision, from which it holds.",
	 "regesta ethics approve --study rare-01 --committee ethics-a --site berlin --protocol 1.0 --form consent-2.pdf:2.1:de:adult --until "
	 "2027-02-28 --when 2026-02-20 --letter vote.pdf",
	 approve_options, 0, 0, run_decide},
	{"ethics conditional", "Recording", "", "record an approval that is in force only once conditions are met (then: renew)", NULL, NULL,
	 approve_options, 0, 0, run_decide},
	{"ethics refuse", "Recording", "", "record that a committee refused a study", NULL, NULL, plain_options, 0, 0, run_decide},
	{"ethics suspend", "Recording", "", "record that an approval is not in force until it is renewed", NULL, NULL, plain_options, 0, 0, run_decide},
	{"ethics renew", "Recording", "", "record that an approval is in force again, or for longer", NULL,
	 "regesta ethics renew --study rare-01 --committee ethics-a --until 2028-02-28 --letter renewal.pdf", renew_options, 0, 0, run_decide},
	{"ethics waive", "Recording", "", "record that forms or consents are accepted though they were not approved", NULL,
	 "regesta ethics waive --study rare-01 --committee ethics-a --consent 3f2a91c07d11 --letter waiver.pdf", waive_options, 0, 0, run_decide},
	{"ethics end", "Recording", "", "record that an approval has ended", NULL, NULL, plain_options, 0, 0, run_decide},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
