#include "ledger/state/exec_internal.h"

/* consent: facts of what a participant allows, on the participant's record of consents. */

/* So that the answer to a question stays cheap; who restricts is never turned away: the last fact that there is room
 * for restricts everything (docs/formats/consent.md), and what comes later adds nothing to that. */
#define CONSENTS_MAX 256

static bool is_restriction(uint64_t act)
{
	return act == EVENTS_CONSENT_REFUSE || act == EVENTS_CONSENT_WITHDRAW || act == EVENTS_CONSENT_OBJECT;
}

/* What the consent event of this participant that is named says; 0: there is none. */
static uint64_t act_of(const struct state_consents *consents, const struct base_hash *id)
{
	for (size_t i = 0; i < consents->facts.count; i++) {
		const struct state_fact *fact = &consents->facts.list[i];
		struct base_slice body;
		struct base_hash own;
		uint64_t act;

		if (fact->kind == EVENTS_CONSENT && state_content_hash(fact->content, STATE_CONSENT_ID, &own) &&
		    base_hash_equal(&own, id) && state_act_of(fact->content, STATE_CONSENT_ACT, &act, &body))
			return act;
	}
	return 0;
}

/* Annulments annul anything but an annulment. */
static bool is_target(const struct state_consents *consents, const struct base_hash *id, bool only_given)
{
	uint64_t act = act_of(consents, id);

	return only_given ? act == EVENTS_CONSENT_GIVE : act != 0 && act != EVENTS_CONSENT_ANNUL;
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
	const struct events_when *when = &judge->event->envelope.when;
	struct base_slice form, site = state_token_slice(&participant->site);
	struct state_approvals *approvals;
	struct state_decisions decisions;
	enum base_code code = state_approvals_open(judge->exec, judge->study->record.study, &approvals, err);

	if (code != BASE_OK)
		return code;
	state_decisions_open(&decisions, approvals->facts.list, approvals->facts.count, site, judge->index);
	state_flag_approval(judge, &decisions, when);
	if (state_content_raw(body, 1, &form) &&
	    !state_form_accepted(form, &judge->event->id, when, &decisions))
		state_flag(judge, EVENTS_FLAG_FORM_NOT_APPROVED);
	state_decisions_close(&decisions);
	return BASE_OK;
}

/* Where there is another organisation, one annuls a restriction only with it: apply_attest.c. */
static enum base_code write_fact(struct state_judge *judge, struct state_consents *consents, uint64_t act,
				 struct base_slice body, struct base_error *err)
{
	struct state_governance *governance;
	struct base_buf *content;
	struct base_hash target;
	bool alone = false;
	enum base_code code;

	if (act == EVENTS_CONSENT_ANNUL && state_content_hash(body, 1, &target)) {
		if ((code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
			return code;
		alone = governance->organisations <= 1;
		if (!alone && act_of(consents, &target) != EVENTS_CONSENT_ATTEMPT)
			state_flag(judge, EVENTS_FLAG_UNCONFIRMED);
	}
	content = state_fact_begin(judge);
	wire_put_map(content, alone ? 3 : 2);
	wire_put_uint(content, STATE_CONSENT_ID);
	wire_put_hash(content, &judge->event->id);
	wire_put_uint(content, STATE_CONSENT_ACT);
	base_buf_append(content, events_raw(judge->body, 2));
	if (alone) {
		wire_put_uint(content, STATE_CONSENT_ALONE);
		wire_put_bool(content, true);
	}
	return state_fact_on(judge, &consents->record, err);
}

enum base_code state_apply_consent(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = judge->concerned[0].participant;
	struct state_consents *consents;
	struct base_slice body, reference = events_bytes(judge->body, 1);
	uint64_t act;
	enum base_code code;

	BASE_ASSERT(state_act_of(judge->body, 2, &act, &body)); /* decoded before */
	/* Who has the participant still hears a withdrawal when nothing else is left to do in the study. */
	if (!state_belongs(judge) && !(is_restriction(act) && state_record_exists(&participant->record)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
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
	if (consents->facts.count >= STATE_CONSENTS_MAX)
		return BASE_OK;
	return write_fact(judge, consents, act, body, err);
}
