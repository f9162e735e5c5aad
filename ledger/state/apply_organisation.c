#include "ledger/state/exec_internal.h"

/* organisation.*: enact proposals that have passed. */

/* The newcomer's enrolment, as it stands in a proposal. False: it does not prove what it must. */
bool state_newcomer_open(const struct state_exec *exec, struct base_slice organisation, struct events_enrolment *out)
{
	struct base_slice proof = events_bytes(organisation, 6);

	if (state_enrolment_open(exec, out, proof, false, base_slice(NULL, 0), NULL) != BASE_OK)
		return false;
	return base_slice_equal(state_actor_organisation(out->actor), events_text(organisation, 1));
}

/* Whether organisation, actor or key of the newcomer exist. */
enum base_code state_newcomer_known(struct state_judge *judge, struct base_slice organisation,
				    const struct events_enrolment *enrolment, bool *known, struct base_error *err)
{
	struct state_organisation *record;
	enum base_code code = state_organisation_open(judge->exec, events_text(organisation, 1), &record, err);

	if (code != BASE_OK)
		return code;
	if (state_record_exists(&record->record)) {
		*known = true;
		return BASE_OK;
	}
	return state_enrol_known(judge->exec, enrolment, known, err);
}

static enum base_code enact_organisation(struct state_judge *judge, struct base_slice organisation,
					 struct base_error *err)
{
	struct state_organisation *record;
	struct base_buf *content = state_fact_begin(judge);
	enum base_code code;

	wire_put_map(content, 4);
	wire_put_uint(content, 1);
	base_buf_append(content, events_raw(organisation, 2));
	wire_put_uint(content, 2);
	base_buf_append(content, events_raw(organisation, 3));
	wire_put_uint(content, 3);
	base_buf_append(content, events_raw(organisation, 4));
	wire_put_uint(content, 4);
	base_buf_append(content, events_raw(organisation, 5));
	if ((code = state_organisation_open(judge->exec, events_text(organisation, 1), &record, err)) != BASE_OK)
		return code;
	return state_fact_on(judge, &record->record, err);
}

/* {1: organisation}, on the proposal and on the list of organisations. */
static enum base_code enact_on(struct state_judge *judge, struct state_record *record, struct base_slice organisation,
			       struct base_error *err)
{
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 1);
	wire_put_uint(content, 1);
	base_buf_append(content, events_raw(organisation, 1));
	return state_fact_on(judge, record, err);
}

static enum base_code enact(struct state_judge *judge, struct state_proposal *proposal, struct base_error *err)
{
	struct base_slice organisation = base_buf_slice(&proposal->organisation);
	struct state_governance *governance;
	struct events_enrolment enrolment;
	bool known;
	enum base_code code;

	if (!state_newcomer_open(judge->exec, organisation, &enrolment))
		return state_deny(judge, EVENTS_DENIAL_BAD_PROOF);
	if ((code = state_newcomer_known(judge, organisation, &enrolment, &known, err)) != BASE_OK)
		return code;
	if (known)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if ((code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
		return code;
	if ((code = enact_organisation(judge, organisation, err)) != BASE_OK ||
	    (code = enact_on(judge, &proposal->record, organisation, err)) != BASE_OK ||
	    (code = enact_on(judge, &governance->record, organisation, err)) != BASE_OK)
		return code;
	code = state_enrol_actor(judge, &enrolment, enrolment.roles | EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR), err);
	if (code != BASE_OK)
		return code;
	return state_enrol_key(judge, &enrolment, NULL, false, err);
}

enum base_code state_apply_organisation_admit(struct state_judge *judge, struct base_error *err)
{
	struct state_proposal *proposal;
	enum base_code code = state_proposal_open(judge->exec, &judge->names.ids[0], &proposal, err);

	if (code != BASE_OK)
		return code;
	if (!state_record_exists(&proposal->record) || proposal->organisation.len == 0)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (proposal->enacted)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if (!proposal->passed)
		return state_deny(judge, EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	return enact(judge, proposal, err);
}

/* ---- suspend, succeed ---------------------------------------------------------- */

#define PREDECESSORS_MAX 32

/* The proposal that the event enacts, if it has passed and is one of those actions. */
static enum base_code open_passed(struct state_judge *judge, uint64_t first, uint64_t last,
				  struct state_proposal **proposal, struct base_error *err)
{
	enum base_code code = state_proposal_open(judge->exec, &judge->names.ids[0], proposal, err);

	if (code != BASE_OK)
		return code;
	if (!state_record_exists(&(*proposal)->record) || (*proposal)->action < first || (*proposal)->action > last)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if ((*proposal)->enacted)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if (!(*proposal)->passed)
		return state_deny(judge, EVENTS_DENIAL_PROPOSAL_NOT_PASSED);
	return BASE_OK;
}

/* {1: organisation} */
static enum base_code note(struct state_judge *judge, struct state_record *record, const struct state_token *organisation,
			   struct base_error *err)
{
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 1);
	wire_put_uint(content, 1);
	wire_put_text(content, state_token_slice(organisation));
	return state_fact_on(judge, record, err);
}

enum base_code state_apply_organisation_suspend(struct state_judge *judge, struct base_error *err)
{
	struct state_organisation *organisation;
	struct state_governance *governance;
	struct state_proposal *proposal;
	struct base_buf *content;
	bool suspend;
	enum base_code code = open_passed(judge, EVENTS_ACTION_SUSPEND, EVENTS_ACTION_LIFT, &proposal, err);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	code = state_organisation_open(judge->exec, state_token_slice(&proposal->concerned), &organisation, err);
	if (code != BASE_OK || (code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
		return code;
	suspend = proposal->action == EVENTS_ACTION_SUSPEND;
	/* Nobody would be left to lift the suspension of the last one. */
	if (organisation->succeeded || organisation->suspended == suspend || (suspend && governance->organisations <= 1))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	wire_put_text(content, state_token_slice(&proposal->concerned));
	wire_put_uint(content, STATE_GOVERNANCE_SUSPENDED);
	wire_put_bool(content, suspend);
	if ((code = state_fact_on(judge, &governance->record, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_ORGANISATION_SUSPENDED);
	wire_put_bool(content, suspend);
	if ((code = state_fact_on(judge, &organisation->record, err)) != BASE_OK)
		return code;
	return note(judge, &proposal->record, &proposal->concerned, err);
}

/* {7: [the organisation, and whose it had taken over]} on the successor. */
static enum base_code inherit(struct state_judge *judge, struct state_organisation *successor,
			      const struct state_organisation *old, const struct state_token *name, struct base_error *err)
{
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 1);
	wire_put_uint(content, STATE_ORGANISATION_PREDECESSORS);
	wire_put_array(content, 1 + old->count);
	wire_put_text(content, state_token_slice(name));
	for (size_t i = 0; i < old->count; i++)
		wire_put_text(content, state_token_slice(&old->predecessors[i]));
	return state_fact_on(judge, &successor->record, err);
}

/* The vote is the members' word; that the successor's administrator enacts it is the successor's. */
enum base_code state_apply_organisation_succeed(struct state_judge *judge, struct base_error *err)
{
	struct state_organisation *old, *successor = judge->actor->home;
	struct state_governance *governance;
	struct state_proposal *proposal;
	struct base_buf *content;
	enum base_code code = open_passed(judge, EVENTS_ACTION_SUCCEED, EVENTS_ACTION_SUCCEED, &proposal, err);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (!state_token_is(&proposal->successor, state_own_organisation(judge)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if ((code = state_organisation_open(judge->exec, state_token_slice(&proposal->concerned), &old, err)) != BASE_OK ||
	    (code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
		return code;
	if (old->succeeded)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (successor->count + old->count >= PREDECESSORS_MAX)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_ORGANISATION_SUCCESSOR);
	wire_put_text(content, state_own_organisation(judge));
	if ((code = state_fact_on(judge, &old->record, err)) != BASE_OK ||
	    (code = inherit(judge, successor, old, &proposal->concerned, err)) != BASE_OK ||
	    (code = note(judge, &proposal->record, &proposal->concerned, err)) != BASE_OK || old->suspended)
		return code; /* a suspended one did not count */
	return note(judge, &governance->record, &proposal->concerned, err);
}
