#include "ledger/state/exec_internal.h"

/* Height 0. The entry's codec (docs/formats/genesis.md) has checked the form; here is what it does to state. What state
 * rests on is checked again, because a rebuild gets its entries from strangers. */

#define EXECUTOR_VERSION 1
#define LIST_MAX 64 /* organisations, nodes */

enum genesis_key {
	GENESIS_VERSION = 1,
	GENESIS_ORIGIN = 2,
	GENESIS_ORGANISATIONS = 3,
	GENESIS_NODES = 4,
	GENESIS_GOVERNANCE = 5
};

static enum base_code bad(struct base_error *err, const char *what)
{
	return base_fail(err, BASE_MALFORMED, "genesis: %s", base_message(what));
}

static enum base_code check_head(const struct state_exec *exec, struct base_slice genesis, struct base_error *err)
{
	struct base_slice origin, governance;
	uint64_t version;

	if (!state_content_uint(genesis, GENESIS_VERSION, &version) || version == 0)
		return bad(err, "the format version is missing");
	if (version != STATE_FORMAT)
		return base_fail(err, BASE_VERSION, "the ledger has format %llu; this program reads format %d",
				 (unsigned long long)version, STATE_FORMAT);
	if (!state_content_text(genesis, GENESIS_ORIGIN, &origin) || !base_slice_equal(origin, exec->origin))
		return bad(err, "the origin is not the ledger's");
	if (!state_content_raw(genesis, GENESIS_GOVERNANCE, &governance) ||
	    !state_content_uint(governance, 3, &version))
		return bad(err, "the executor's version is missing");
	if (version != EXECUTOR_VERSION)
		return base_fail(err, BASE_VERSION, "the ledger wants executor %llu; this program has %d",
				 (unsigned long long)version, EXECUTOR_VERSION);
	return BASE_OK;
}

/* {1: title, 2: country, 4: recovery key}: as of a newcomer, but without the role, which genesis does not say. */
static enum base_code add_organisation(struct state_judge *judge, struct base_slice code_of, struct base_slice map,
				       struct base_error *err)
{
	struct base_slice title, country, recovery;
	struct state_organisation *record;
	struct keys_public key;
	struct base_buf *content;
	enum base_code code;

	if (!state_content_text(map, 2, &title) || !state_content_text(map, 3, &country) ||
	    !state_content_raw(map, 4, &recovery))
		return bad(err, "an organisation lacks its title, country or recovery key");
	if (keys_public_parse(&key, recovery, NULL) != BASE_OK || key.purpose != KEYS_RECOVERY)
		return bad(err, "an organisation's recovery key is not one");
	if ((code = state_organisation_open(judge->exec, code_of, &record, err)) != BASE_OK)
		return code;
	if (state_record_exists(&record->record) || state_has_effect(judge, &record->record))
		return bad(err, "an organisation is named twice");
	content = state_fact_begin(judge);
	wire_put_map(content, 3);
	wire_put_uint(content, 1);
	wire_put_text(content, title);
	wire_put_uint(content, 2);
	wire_put_text(content, country);
	wire_put_uint(content, 4);
	base_buf_append(content, recovery);
	return state_fact_on(judge, &record->record, err);
}

static enum base_code add_founder(struct state_judge *judge, struct base_slice map, struct base_error *err)
{
	struct base_slice organisation, proof;
	struct events_enrolment enrolment;
	struct state_signer *signer;
	struct wire_reader r;
	struct base_hash kid;
	enum base_code code;

	if (!state_content_text(map, 1, &organisation) || !events_text_valid(EVENTS_ORGANISATION, organisation))
		return bad(err, "an organisation's code is missing or not one");
	if ((code = add_organisation(judge, organisation, map, err)) != BASE_OK)
		return code;
	if (!events_find(map, 5, &r))
		return bad(err, "an organisation's administrator is missing");
	proof = wire_get_bytes(&r);
	if ((code = state_enrolment_open(judge->exec, &enrolment, proof, true, base_slice(NULL, 0), err)) != BASE_OK)
		return base_wrap(err, code, "genesis");
	if (!base_slice_equal(state_actor_organisation(enrolment.actor), organisation))
		return bad(err, "an administrator is of another organisation");
	kid = keys_kid(&enrolment.sign);
	if ((code = state_signer_open(judge->exec, &kid, &signer, err)) != BASE_OK)
		return code;
	if (state_has_effect(judge, &signer->record))
		return bad(err, "two administrators have the same key");
	code = state_enrol_actor(judge, &enrolment, enrolment.roles | EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR), err);
	if (code != BASE_OK)
		return code;
	return state_enrol_key(judge, &enrolment, NULL, false, err);
}

static bool limits_good(struct base_slice rule)
{
	struct state_limits limits;
	struct wire_reader r;

	if (!events_find(rule, 4, &r))
		return false;
	state_limits_read(&limits, &r);
	return !r.failed;
}

/* {1: governance rule, 2: [codes of organisations]} */
static enum base_code add_governance(struct state_judge *judge, struct base_slice genesis, struct base_error *err)
{
	struct state_governance *governance;
	struct base_slice rule, organisation;
	struct base_buf *content;
	struct wire_reader r;
	uint64_t count;
	enum base_code code;

	if (!state_content_raw(genesis, GENESIS_GOVERNANCE, &rule) || !events_find(genesis, GENESIS_ORGANISATIONS, &r))
		return bad(err, "the governance rule is missing");
	if (!limits_good(rule))
		return bad(err, "the limits are missing, or not of 1 to 1,000,000,000 events");
	count = wire_get_array(&r);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	base_buf_append(content, rule);
	wire_put_uint(content, 2);
	wire_put_array(content, count);
	for (uint64_t i = 0; i < count; i++) {
		if (!state_content_text(wire_get_raw(&r), 1, &organisation))
			return bad(err, "an organisation's code is missing");
		wire_put_text(content, organisation);
	}
	if ((code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
		return code;
	return state_fact_on(judge, &governance->record, err);
}

static enum base_code add_nodes(struct state_judge *judge, struct base_slice genesis, struct base_error *err)
{
	struct base_slice raw;
	struct state_nodes *nodes;
	struct base_buf *content;
	struct wire_reader r;
	uint64_t count;
	enum base_code code;

	if (!state_content_raw(genesis, GENESIS_NODES, &raw))
		return bad(err, "the nodes are missing");
	wire_read(&r, raw);
	count = wire_get_array(&r);
	if (r.failed || count == 0 || count > LIST_MAX)
		return bad(err, "there are 1 to 64 nodes");
	if ((code = state_nodes_open(judge->exec, &nodes, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, 1);
	base_buf_append(content, raw);
	return state_fact_on(judge, &nodes->record, err);
}

static enum base_code add_all(struct state_judge *judge, struct base_slice genesis, struct base_error *err)
{
	struct wire_reader r;
	uint64_t count;
	enum base_code code;

	if (!events_find(genesis, GENESIS_ORGANISATIONS, &r))
		return bad(err, "the organisations are missing");
	count = wire_get_array(&r);
	if (r.failed || count == 0 || count > LIST_MAX)
		return bad(err, "there are 1 to 64 organisations");
	for (uint64_t i = 0; i < count; i++) {
		if ((code = add_founder(judge, wire_get_raw(&r), err)) != BASE_OK)
			return code;
	}
	if ((code = add_governance(judge, genesis, err)) != BASE_OK)
		return code;
	return add_nodes(judge, genesis, err);
}

enum base_code state_exec_genesis(struct state_exec *exec, struct base_slice genesis, const struct base_hash *leaf,
				  struct base_error *err)
{
	const struct events_when when = {EVENTS_POINT, exec->time.ms, false, 0};
	struct state_judge *judge = &exec->judge;
	enum base_code code;

	BASE_ASSERT(!exec->finished && exec->height == 0);
	state_judge_reset(judge);
	judge->exec = exec;
	if ((code = wire_check(genesis, err)) != BASE_OK)
		return base_wrap(err, code, "genesis");
	if ((code = check_head(exec, genesis, err)) == BASE_OK && (code = add_all(judge, genesis, err)) == BASE_OK)
		state_effects_apply(exec, 0, &when, STATE_GENESIS, leaf);
	state_judge_reset(judge);
	return code;
}
