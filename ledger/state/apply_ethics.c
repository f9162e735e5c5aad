#include "ledger/state/exec_internal.h"

/* ethics.decide: by the committee itself, or copied from its letter by somebody of the study. A committee that is an
 * organisation of this ledger speaks for itself: what others copy of it restricts, and never loosens. */

#define TRANSCRIBERS                                                                                                   \
	(EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_SPONSOR) |                                   \
	 EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR) | EVENTS_ROLE(EVENTS_ROLE_DATA_MANAGER))

static bool is_on_record(const struct state_approvals *approvals, struct base_slice committee)
{
	struct base_slice name;

	for (size_t i = 0; i < approvals->facts.count; i++) {
		if (state_content_text(approvals->facts.list[i].content, 1, &name) && base_slice_equal(name, committee))
			return true;
	}
	return false;
}

/* Whether the decision takes something away. A committee that ends its approval leaves the study to others; so only it
 * says so itself (docs/formats/consent.md: ended comes after suspended). */
static bool restricts(const struct state_judge *judge, bool own)
{
	struct base_slice body;
	uint64_t act;

	return !events_has(judge->body, 5) && state_act_of(judge->body, 4, &act, &body) && state_ethics_restricts(act) &&
	       (own || act != EVENTS_ETHICS_END);
}

/* The sponsor copies letters about all of the study; who runs a site, about that one, unless the letter restricts. */
static bool is_of_own_sites(const struct state_judge *judge)
{
	struct wire_reader r;
	uint64_t count;

	if (state_is_own(judge, state_token_slice(&judge->study->sponsor)))
		return true;
	if (!events_find(judge->body, 3, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++) {
		const struct state_site *site = state_site_find(judge->study, wire_get_text(&r));

		if (site != NULL && !state_is_own(judge, state_token_slice(&site->organisation)))
			return false;
	}
	return true;
}

/* Named by the study, or known from decisions that others copied: then it may at least take back what is in its name. */
static enum base_code check_committee(struct state_judge *judge, const struct state_approvals *approvals,
				      struct base_slice committee)
{
	if ((judge->roles & EVENTS_ROLE(EVENTS_ROLE_ETHICS_COMMITTEE)) == 0)
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	if (state_is_committee(judge->study, committee) || (restricts(judge, true) && is_on_record(approvals, committee)))
		return BASE_OK;
	return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
}

static enum base_code check_transcriber(struct state_judge *judge, struct base_slice committee, struct base_error *err)
{
	struct state_organisation *organisation;
	enum base_code code;

	if (judge->event->envelope.capacity.code != EVENTS_CAPACITY_TRANSCRIBED || (judge->roles & TRANSCRIBERS) == 0)
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	if (!state_own_takes_part(judge) || (!restricts(judge, true) && !is_of_own_sites(judge)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if ((code = state_organisation_open(judge->exec, committee, &organisation, err)) != BASE_OK)
		return code;
	if (state_record_exists(&organisation->record) && !restricts(judge, false))
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	return BASE_OK;
}

static enum base_code check_author(struct state_judge *judge, const struct state_approvals *approvals,
				   struct base_slice committee, struct base_error *err)
{
	bool own = state_is_own(judge, committee);

	if (state_takes_part(judge->study, committee) || (own && state_own_takes_part(judge)))
		return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
	return own ? check_committee(judge, approvals, committee) : check_transcriber(judge, committee, err);
}

static enum base_code check_decision_sites(struct state_judge *judge)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(judge->body, 3, &r))
		return BASE_OK;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++) {
		if (state_site_find(judge->study, wire_get_text(&r)) == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	}
	return BASE_OK;
}

/* Decisions that only go on with an earlier one need one by the same committee; a waiver needs none. */
static enum base_code check_predecessor(struct state_judge *judge, const struct state_approvals *approvals,
					struct base_slice committee)
{
	struct base_slice body;
	uint64_t act;

	if (!state_act_of(judge->body, 4, &act, &body))
		return BASE_OK;
	if (act != EVENTS_ETHICS_SUSPEND && act != EVENTS_ETHICS_RENEW && act != EVENTS_ETHICS_END)
		return BASE_OK;
	return is_on_record(approvals, committee) ? BASE_OK : state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
}

/* So that questions stay cheap; who restricts is never turned away: the last fact that there is room for refuses
 * everything (docs/formats/consent.md), and what comes later adds nothing to that. */
#define DECISIONS_MAX 256
#define FORMS_MAX 1024 /* that decisions of a study name, together */

static uint64_t forms_named(struct base_slice content)
{
	struct wire_reader r;
	struct base_slice body;
	uint64_t act, count;

	if (!state_act_of(content, 4, &act, &body) || state_ethics_restricts(act) || act == EVENTS_ETHICS_RENEW ||
	    !events_find(body, act == EVENTS_ETHICS_WAIVE ? 1 : 2, &r))
		return 0;
	count = wire_get_array(&r);
	return r.failed ? 0 : count;
}

static bool has_room_for_forms(const struct state_judge *judge, const struct state_approvals *approvals)
{
	uint64_t count = forms_named(judge->body);

	for (size_t i = 0; count > 0 && i < approvals->facts.count; i++)
		count += forms_named(approvals->facts.list[i].content);
	return count <= FORMS_MAX;
}

static bool is_full(struct state_judge *judge, const struct state_approvals *approvals)
{
	struct base_slice body;
	uint64_t act;

	if (!has_room_for_forms(judge, approvals)) {
		(void)state_deny(judge, EVENTS_DENIAL_TOO_MANY);
		return true;
	}
	if (approvals->facts.count < DECISIONS_MAX || !state_act_of(judge->body, 4, &act, &body))
		return false;
	if (!state_ethics_restricts(act))
		(void)state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	return !state_ethics_restricts(act) || approvals->facts.count >= STATE_DECISIONS_MAX;
}

/* The body, and member 0: the event's id. */
static void put_content(struct base_buf *content, const struct state_judge *judge)
{
	struct wire_reader r;
	uint64_t members;

	wire_read(&r, judge->body);
	members = wire_get_map(&r);
	wire_put_map(content, members + 1);
	wire_put_uint(content, 0);
	wire_put_hash(content, &judge->event->id);
	base_buf_append(content, base_slice(judge->body.data + r.at, judge->body.len - r.at));
}

enum base_code state_apply_ethics_decide(struct state_judge *judge, struct base_error *err)
{
	struct base_slice committee = events_text(judge->body, 1);
	struct state_approvals *approvals;
	enum base_code code = state_approvals_open(judge->exec, judge->study->record.study, &approvals, err);

	if (code != BASE_OK)
		return code;
	code = check_author(judge, approvals, committee, err);
	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (events_has(judge->body, 5))
		return state_decide_contract(judge, err);
	if ((code = check_decision_sites(judge)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = check_predecessor(judge, approvals, committee)) != BASE_OK ||
	    judge->outcome->verdict == STATE_DENY)
		return code;
	if (is_full(judge, approvals))
		return BASE_OK;
	put_content(state_fact_begin(judge), judge);
	return state_fact_on(judge, &approvals->record, err);
}
