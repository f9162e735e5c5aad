#include "ledger/state/exec_internal.h"

/* consent: facts of what a participant allows, on the participant's record of consents. */

/* So that the answer to a question stays cheap; who restricts is never turned away. */
#define CONSENTS_MAX 256

static bool is_restriction(uint64_t act)
{
	return act == EVENTS_CONSENT_REFUSE || act == EVENTS_CONSENT_WITHDRAW || act == EVENTS_CONSENT_OBJECT;
}

/* The consent event of this participant that is named; annulments annul anything but an annulment. */
static bool is_target(const struct state_consents *consents, const struct base_hash *id, bool only_given)
{
	for (size_t i = 0; i < consents->facts.count; i++) {
		struct base_slice content = consents->facts.list[i].content, body;
		struct base_hash own;
		uint64_t act;

		if (state_content_hash(content, 1, &own) && base_hash_equal(&own, id) &&
		    state_act_of(content, 2, &act, &body))
			return only_given ? act == EVENTS_CONSENT_GIVE : act != EVENTS_CONSENT_ANNUL;
	}
	return false;
}

static enum base_code check_target(struct state_judge *judge, const struct state_consents *consents, uint64_t act,
				   struct base_slice body)
{
	struct base_hash target;
	bool given = act == EVENTS_CONSENT_GIVE;

	if ((given && !state_content_hash(body, 6, &target)) ||
	    (!given && (act != EVENTS_CONSENT_ANNUL || !state_content_hash(body, 1, &target))))
		return BASE_OK;
	return is_target(consents, &target, given) ? BASE_OK : state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
}

/* Whether the study was approved where and when the form was signed, and the form with it. */
static enum base_code flag_give(struct state_judge *judge, const struct state_participant *participant,
				struct base_slice body, struct base_error *err)
{
	struct base_time at = {judge->event->envelope.when.utc_ms};
	struct base_slice form, site = state_token_slice(&participant->site);
	struct state_approvals *approvals;
	enum base_code code = state_approvals_open(judge->exec, judge->study->record.study, &approvals, err);

	if (code != BASE_OK)
		return code;
	state_flag_approval(judge, approvals, site, at);
	if (state_content_raw(body, 1, &form) &&
	    !state_form_accepted(form, &judge->event->id, at, approvals->facts.list, approvals->facts.count, site,
				 judge->index))
		state_flag(judge, EVENTS_FLAG_FORM_NOT_APPROVED);
	return BASE_OK;
}

enum base_code state_apply_consent(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = judge->concerned[0].participant;
	struct state_consents *consents;
	struct base_slice body, reference = events_bytes(judge->body, 1);
	struct base_buf *content;
	uint64_t act;
	enum base_code code;

	BASE_ASSERT(state_act_of(judge->body, 2, &act, &body)); /* decoded before */
	if ((code = state_claim(judge, participant, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	code = state_consents_open(judge->exec, judge->study->record.study, reference.data, &consents, err);
	if (code != BASE_OK)
		return code;
	if (consents->facts.count >= CONSENTS_MAX && !is_restriction(act))
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	if ((code = check_target(judge, consents, act, body)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (act == EVENTS_CONSENT_GIVE && (code = flag_give(judge, participant, body, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	wire_put_hash(content, &judge->event->id);
	wire_put_uint(content, 2);
	base_buf_append(content, events_raw(judge->body, 2));
	return state_fact_on(judge, &consents->record, err);
}
