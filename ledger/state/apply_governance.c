#include "ledger/state/exec_internal.h"

/* governance.*: proposals to the organisations, and what a restored ledger says of itself. */

/* An organisation that is named exists, and nobody has taken over from it. */
static enum base_code check_member(struct state_judge *judge, uint64_t key, struct base_error *err)
{
	struct state_organisation *organisation;
	enum base_code code;

	if (!events_has(judge->body, key))
		return BASE_OK;
	if ((code = state_organisation_open(judge->exec, events_text(judge->body, key), &organisation, err)) != BASE_OK)
		return code;
	if (!state_record_exists(&organisation->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	return organisation->succeeded ? state_deny(judge, EVENTS_DENIAL_WRONG_STATE) : BASE_OK;
}

enum base_code state_apply_governance_propose(struct state_judge *judge, struct base_error *err)
{
	struct base_slice organisation = events_has(judge->body, 2) ? events_raw(judge->body, 2) : base_slice(NULL, 0);
	uint64_t action = events_uint(judge->body, 1);
	struct events_enrolment enrolment;
	struct state_proposal *proposal;
	bool known;
	enum base_code code;

	/* The action names what the proposal holds, that and nothing else. */
	if ((action == EVENTS_ACTION_ADMIT) != (organisation.len > 0) ||
	    (action == EVENTS_ACTION_LIMITS) != events_has(judge->body, 3) ||
	    (action >= EVENTS_ACTION_SUSPEND) != events_has(judge->body, 4) ||
	    (action == EVENTS_ACTION_SUCCEED) != events_has(judge->body, 5))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	for (uint64_t key = 4; key <= 5; key++) {
		code = check_member(judge, key, err);
		if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
			return code;
	}
	if (action == EVENTS_ACTION_SUCCEED &&
	    base_slice_equal(events_text(judge->body, 4), events_text(judge->body, 5)))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (action == EVENTS_ACTION_ADMIT) {
		if (!state_newcomer_open(judge->exec, organisation, &enrolment))
			return state_deny(judge, EVENTS_DENIAL_BAD_PROOF);
		if ((code = state_newcomer_known(judge, organisation, &enrolment, &known, err)) != BASE_OK)
			return code;
		if (known)
			return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	}
	if ((code = state_proposal_open(judge->exec, &judge->event->id, &proposal, err)) != BASE_OK)
		return code;
	base_buf_append(state_fact_begin(judge), judge->body);
	return state_fact_on(judge, &proposal->record, err);
}

static bool has_voted(const struct state_proposal *proposal, struct base_slice organisation)
{
	for (size_t i = 0; i < proposal->count; i++) {
		if (state_token_is(&proposal->voters[i].organisation, organisation))
			return true;
	}
	return false;
}

/* Yes-votes of organisations that still count: one that was suspended or succeeded since it voted does not. */
static enum base_code count_yes(struct state_judge *judge, const struct state_proposal *proposal, uint64_t *yes,
				struct base_error *err)
{
	*yes = 0;
	for (size_t i = 0; i < proposal->count; i++) {
		struct state_organisation *voter;
		enum base_code code;

		if (!proposal->voters[i].yes)
			continue;
		code = state_organisation_open(judge->exec, state_token_slice(&proposal->voters[i].organisation), &voter, err);
		if (code != BASE_OK)
			return code;
		*yes += !voter->suspended && !voter->succeeded;
	}
	return BASE_OK;
}

/* Limits need nobody who carries them out: with the vote by which they pass they are in force. */
static enum base_code enact_limits(struct state_judge *judge, const struct state_proposal *proposal,
				   struct state_governance *governance, struct base_error *err)
{
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 1);
	wire_put_uint(content, 3);
	base_buf_append(content, base_buf_slice(&proposal->limits));
	return state_fact_on(judge, &governance->record, err);
}

enum base_code state_apply_governance_vote(struct state_judge *judge, struct base_error *err)
{
	bool approve = events_uint(judge->body, 2) != 0, passes;
	struct state_governance *governance;
	struct state_proposal *proposal;
	struct base_buf *content;
	uint64_t yes;
	enum base_code code;

	if ((code = state_proposal_open(judge->exec, &judge->names.ids[0], &proposal, err)) != BASE_OK ||
	    (code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
		return code;
	if (!state_record_exists(&proposal->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (proposal->enacted)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (has_voted(proposal, state_own_organisation(judge)))
		return state_deny(judge, EVENTS_DENIAL_ALREADY_VOTED);
	/* Passed once is passed: organisations that are admitted later do not undo it. */
	if ((code = count_yes(judge, proposal, &yes, err)) != BASE_OK)
		return code;
	passes = approve && !proposal->passed && 2 * (yes + 1) > governance->organisations;
	if (passes)
		state_milestone(judge, "proposal-passed");
	if (passes && proposal->limits.len > 0 && (code = enact_limits(judge, proposal, governance, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2u + passes);
	wire_put_uint(content, 1);
	wire_put_text(content, state_own_organisation(judge));
	wire_put_uint(content, 2);
	wire_put_bool(content, approve);
	if (passes) {
		wire_put_uint(content, 3);
		wire_put_bool(content, true);
	}
	return state_fact_on(judge, &proposal->record, err);
}

enum base_code state_apply_governance_recover(struct state_judge *judge, struct base_error *err)
{
	struct state_governance *governance;
	enum base_code code = state_governance_open(judge->exec, &governance, err);

	if (code != BASE_OK)
		return code;
	base_buf_append(state_fact_begin(judge), judge->body);
	return state_fact_on(judge, &governance->record, err);
}
