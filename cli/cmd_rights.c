/* rights, hold, finding, blinding: what participants ask for, what must be kept, what becomes known. */
#include <string.h>

#include "cli/custody.h"
#include "cli/paper.h"

/* ---- rights ---- */

static enum base_code request(struct cli_session *s, struct base_error *err)
{
	const char *study, *right, *received;
	struct base_hash reference;
	char hex[65], now[BASE_TIME_TEXT_BYTES];
	enum base_code code;

	if ((code = cli_need(s->cli, "study", &study, err)) != BASE_OK || (code = cli_need(s->cli, "right", &right, err)) != BASE_OK ||
	    (code = paper_time(s->cli, "received", &received, err)) != BASE_OK ||
	    (code = cli_participant(s, study, s->cli->argv[0], &reference, err)) != BASE_OK)
		return code;
	base_time_format(now, base_time_now(), 0);
	base_hex(hex, base_hash_slice(&reference));
	return custody_record(s, "rights.request", study,
			      json_pack("{s:s, s:s, s:s}", "participant", hex, "right", right, "received", received != NULL ? received : now),
			      "letter", err);
}

static enum base_code answer(struct cli_session *s, struct base_error *err)
{
	const char *ground = cli_get(s->cli, "ground"), *until;
	bool fulfilled = cli_has(s->cli, "fulfilled"), refused = cli_has(s->cli, "refused"), extended = cli_has(s->cli, "extended");
	char study[65], hex[65];
	json_t *act;
	enum base_code code;

	if (fulfilled + refused + extended != 1)
		return base_fail(err, BASE_USAGE, "say what the answer is: --fulfilled, --refused or --extended");
	if ((ground != NULL) != refused)
		return base_fail(err, BASE_USAGE, refused ? N_("--refused needs its --ground, such as legal-obligation")
							  : N_("--ground is that of a refusal: --refused"));
	if ((code = paper_time(s->cli, "until", &until, err)) != BASE_OK)
		return code;
	if (extended && until == NULL)
		return base_fail(err, BASE_USAGE, "--extended needs --until, the last day for the answer");
	if ((code = custody_study(s, s->cli->argv[0], study, err)) != BASE_OK || (code = custody_event(s, s->cli->argv[0], hex, err)) != BASE_OK)
		return code;
	act = json_object();
	if (refused)
		json_object_set_new(act, "ground", json_string(ground));
	if (until != NULL && !fulfilled)
		json_object_set_new(act, "until", json_string(until));
	return custody_record(s, "rights.answer", study,
			      json_pack("{s:s, s:{s:o}}", "request", hex, "act", fulfilled ? "fulfilled" : refused ? "refused" : "extended", act),
			      "letter", err);
}

/* ---- hold ---- */

static enum base_code place(struct cli_session *s, struct base_error *err)
{
	const char *study, *basis, *until, *texts[EVENTS_ITEMS_MAX];
	json_t *body, *participants = NULL, *items = NULL;
	size_t count = 0;
	enum base_code code;

	if ((code = cli_need(s->cli, "study", &study, err)) != BASE_OK || (code = cli_need(s->cli, "basis", &basis, err)) != BASE_OK ||
	    (code = paper_time(s->cli, "until", &until, err)) != BASE_OK)
		return code;
	while (count < EVENTS_ITEMS_MAX && cli_get_nth(s->cli, "item", count) != NULL) {
		texts[count] = cli_get_nth(s->cli, "item", count);
		count++;
	}
	if (count > 0)
		code = custody_items(s, texts, count, &items, err);
	if (code == BASE_OK)
		code = custody_participants(s, study, "participant", &participants, err);
	body = json_pack("{s:s}", "basis", basis);
	if (items != NULL)
		json_object_set_new(body, "items", items);
	if (participants != NULL)
		json_object_set_new(body, "participants", participants);
	if (until != NULL)
		json_object_set_new(body, "until", json_string(until));
	if (code != BASE_OK) {
		json_decref(body);
		return code;
	}
	return custody_record(s, "hold.place", study, body, "order", err);
}

static enum base_code lift(struct cli_session *s, struct base_error *err)
{
	char study[65], hex[65];
	enum base_code code = custody_study(s, s->cli->argv[0], study, err);

	if (code == BASE_OK)
		code = custody_event(s, s->cli->argv[0], hex, err);
	return code == BASE_OK ? custody_record(s, "hold.lift", study, json_pack("{s:s}", "hold", hex), NULL, err) : code;
}

/* ---- finding, blinding ---- */

static enum base_code of_participant(struct cli_session *s, const char *kind, const char *member, const char *option, const char *text,
				     struct base_error *err)
{
	const char *study, *value;
	struct base_hash reference;
	char hex[65];
	enum base_code code;

	if ((code = cli_need(s->cli, "study", &study, err)) != BASE_OK || (code = cli_need(s->cli, option, &value, err)) != BASE_OK ||
	    (code = cli_participant(s, study, s->cli->argv[0], &reference, err)) != BASE_OK)
		return code;
	base_hex(hex, base_hash_slice(&reference));
	return custody_record(s, kind, study, json_pack("{s:s, s:s}", "participant", hex, member, value), text, err);
}

static enum base_code report(struct cli_session *s, struct base_error *err)
{
	const char *text;
	enum base_code code = cli_need(s->cli, "finding", &text, err);

	return code == BASE_OK ? of_participant(s, "finding.report", "to", "to", "finding", err) : code;
}

static enum base_code unblind(struct cli_session *s, struct base_error *err)
{
	return of_participant(s, "blinding.unblind", "kind", "kind", "arm", err);
}

/* ---- The commands ---- */

static enum base_code run_request(struct cli *cli, struct base_error *err) { return custody_run(cli, request, err); }
static enum base_code run_answer(struct cli *cli, struct base_error *err) { return custody_run(cli, answer, err); }
static enum base_code run_place(struct cli *cli, struct base_error *err) { return custody_run(cli, place, err); }
static enum base_code run_lift(struct cli *cli, struct base_error *err) { return custody_run(cli, lift, err); }
static enum base_code run_report(struct cli *cli, struct base_error *err) { return custody_run(cli, report, err); }
static enum base_code run_unblind(struct cli *cli, struct base_error *err) { return custody_run(cli, unblind, err); }

static const struct cli_option request_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"right", "CODE", "access, rectification, erasure, restriction, portability or objection", false},
	{"received", "TIME", "when the request came in (default: now); the answer is due a month later", false},
	{"letter", "FILE", "what the participant wrote; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option answer_options[] = {
	{"study", "STUDY", "the study (default: the request's)", false},
	{"fulfilled", NULL, "what was asked for is done", false},
	{"refused", NULL, "it is not done; say the --ground", false},
	{"extended", NULL, "the answer takes longer; say --until", false},
	{"ground", "CODE", "of a refusal: legal-obligation, research, legal-claims, identity-not-shown, …", false},
	{"until", "DAY", "last day on which the ground holds, or for the answer", false},
	{"letter", "FILE", "what was written to the participant; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option place_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"basis", "CODE", "why: retention-duty, inspection, legal-claims, safety, research-integrity, participant-request, other", false},
	{"participant", "NUMBER", "everything of this participant", true},
	{"item", "ITEM", "this item", true},
	{"until", "DAY", "last day on which it holds (default: until it is lifted)", false},
	{"order", "FILE", "the order in words; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option lift_options[] = {
	{"study", "STUDY", "the study (default: the hold's)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option report_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"to", "CODE", "who is told: physician, participant, representative or nobody", false},
	{"finding", "FILE", "what was found; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
static const struct cli_option unblind_options[] = {
	{"study", "STUDY", "code of the study", false},
	{"kind", "CODE", "planned, emergency or inadvertent", false},
	{"arm", "FILE", "the arm that became known; it is sealed ('-': standard input)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_rights[] = {
	{"rights request", "Recording", "NUMBER", "record what a participant asks for: access, rectification, erasure, …",
	 "The answer is due a month after the request came in: to the same day of the next month, or its last one. `regesta list rights` shows what is "
	 "open.",
	 "regesta rights request P-001 --study rare-01 --right erasure --received 2026-03-02+01:00 --letter letter.pdf", request_options, 1, 1,
	 run_request},
	{"rights answer", "Recording", "REQUEST", "record the answer to a participant's request",
	 "An erasure that is granted is then ordered by `regesta data erase`, item by item, with the answer as its ground.",
	 "regesta rights answer 3f2a91c07d11 --fulfilled\n"
	 "regesta rights answer 3f2a91c07d11 --refused --ground legal-obligation --until 2051-02-28+01:00",
	 answer_options, 1, 1, run_answer},
	{"hold place", "Recording", "", "record that data must be kept: it cannot be erased meanwhile",
	 "Without --participant and --item: everything that your organisation recorded in the study; for the sponsor and an inspector of the study, "
	 "everything in it.",
	 "regesta hold place --study rare-01 --participant P-001 --basis retention-duty --until 2051-02-28+01:00", place_options, 0, 0, run_place},
	{"hold lift", "Recording", "HOLD", "end an order to keep data", NULL, "regesta hold lift 3f2a91c07d11 --reason other", lift_options, 1, 1,
	 run_lift},
	{"finding report", "Recording", "NUMBER", "record a finding about a participant, sealed for who is told", NULL,
	 "regesta finding report P-001 --study rare-01 --to physician --finding finding.txt", report_options, 1, 1, run_report},
	{"blinding unblind", "Recording", "NUMBER", "record that a participant's arm became known; the arm is sealed", NULL,
	 "regesta blinding unblind P-001 --study rare-01 --kind emergency --arm arm.txt --reason other", unblind_options, 1, 1, run_unblind},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
