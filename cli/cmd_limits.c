/* governance propose-limits; limits as options, here and in init. */
#include <string.h>

#include "cli/custody.h"

static enum base_code limit_of(const struct cli *cli, const char *option, struct state_limit *limit, struct base_error *err)
{
	const char *text = cli_get(cli, option), *colon;
	uint64_t burst, refill;

	if (text == NULL)
		return BASE_OK;
	colon = strchr(text, ':');
	if (colon == NULL || !base_parse_u64(base_slice(text, (size_t)(colon - text)), &burst) ||
	    !base_parse_u64(base_slice_text(colon + 1), &refill) || burst < 1 || burst > STATE_LIMIT_MAX || refill < 1 || refill > STATE_LIMIT_MAX)
		return base_fail(err, BASE_USAGE, "--%s is BURST:REFILL, events at once and events a second, each 1 to 1000000000, such as "
						  "100000:1000", option);
	*limit = (struct state_limit){burst, refill};
	return BASE_OK;
}

enum base_code cli_limits(const struct cli *cli, struct state_limits *limits, struct base_error *err)
{
	enum base_code code;

	if ((code = limit_of(cli, "limit-key", &limits->key, err)) != BASE_OK ||
	    (code = limit_of(cli, "limit-organisation", &limits->organisation, err)) != BASE_OK)
		return code;
	return limit_of(cli, "limit-restrictions", &limits->restrictions, err);
}

/* ---- What is in force ---- */

struct in_force {
	struct state_limits limits;
	bool found;
};

static bool limits_fact(void *arg, const struct state_fact *fact)
{
	struct in_force *now = arg;
	struct state_limits limits;
	struct wire_reader r;
	bool has;

	if (fact->kind == 0)
		has = events_has(fact->content, 1) && events_find(events_raw(fact->content, 1), 4, &r);
	else
		has = fact->kind == EVENTS_GOVERNANCE_VOTE && events_find(fact->content, 3, &r);
	if (!has)
		return true;
	state_limits_read(&limits, &r);
	if (!r.failed)
		*now = (struct in_force){limits, true};
	return true;
}

static enum base_code limits_in_force(struct cli_session *s, struct state_limits *out, struct base_error *err)
{
	struct in_force now = {.found = false};
	struct state_view view;
	enum base_code code;

	chain_read_view(s->read, &view);
	code = state_record_walk(&view, STATE_GOVERNANCE, base_slice(NULL, 0), base_slice(NULL, 0), limits_fact, &now, err);
	if (code == BASE_OK && !now.found)
		code = base_fail(err, BASE_STORAGE, "the record of governance has no limits; run `regesta audit`");
	*out = now.limits;
	return code;
}

static json_t *limit_json(const struct state_limit *limit)
{
	return json_pack("{s:I, s:I}", "burst", (json_int_t)limit->burst, "refill", (json_int_t)limit->refill);
}

static bool same(const struct state_limit *a, const struct state_limit *b)
{
	return a->burst == b->burst && a->refill == b->refill;
}

/* A proposal holds all of them: what is not named stays as it is in force. */
static enum base_code propose(struct cli_session *s, struct base_error *err)
{
	struct state_limits now, wanted;
	enum base_code code = limits_in_force(s, &now, err);

	if (code != BASE_OK)
		return code;
	wanted = now;
	if ((code = cli_limits(s->cli, &wanted, err)) != BASE_OK)
		return code;
	if (same(&now.key, &wanted.key) && same(&now.organisation, &wanted.organisation) && same(&now.restrictions, &wanted.restrictions))
		return base_fail(err, BASE_USAGE, "these limits are in force already; change --limit-key, --limit-organisation or --limit-restrictions");
	return custody_record(s, "governance.propose", NULL,
			      json_pack("{s:s, s:{s:o, s:o, s:o}}", "action", "change-limits", "limits", "key", limit_json(&wanted.key), "organisation",
					limit_json(&wanted.organisation), "restrictions", limit_json(&wanted.restrictions)),
			      NULL, err);
}

static enum base_code run_propose(struct cli *cli, struct base_error *err) { return custody_run(cli, propose, err); }

static const struct cli_option propose_options[] = {
	{"limit-key", "BURST:REFILL", "how many events a key may record at once, and a second (default: as it is)", false},
	{"limit-organisation", "BURST:REFILL", "the same for all keys of an organisation (default: as it is)", false},
	{"limit-restrictions", "BURST:REFILL", "withdrawals, objections and revocations of a key, counted apart (default: as it is)", false},
	CLI_RECORDING_OPTIONS,
	{NULL, NULL, NULL, false},
};
const struct cli_command cli_cmd_limits[] = {
	{"governance propose-limits", "Setting up", "", "propose how much may be recorded at once",
	 "Every organisation votes. The limits are in force from the vote on with which the proposal passes; `regesta list proposals` shows them.",
	 "regesta governance propose-limits --limit-key 500:10", propose_options, 0, 0, run_propose},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL},
};
