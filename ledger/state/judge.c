#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* One event: technical refusals, authority, its kind's function, what it concerns. Nothing is changed here. */

#define LATE_MS (UINT64_C(24) * 3600 * 1000)

/* A kind that is declared and has no line here fails state_exec_begin and test_judge. The last word: who does not belong to
 * the study may record it, as far as its function lets them. So it is of what ends something of one's own, of requests, and
 * of what several organisations have to say to one study. */
static const struct state_rule rules[] = {
	[EVENTS_GOVERNANCE_PROPOSE] = {state_apply_governance_propose, false, false},
	[EVENTS_GOVERNANCE_VOTE] = {state_apply_governance_vote, false, false},
	[EVENTS_GOVERNANCE_RECOVER] = {state_apply_governance_recover, false, false},
	[EVENTS_ORGANISATION_ADMIT] = {state_apply_organisation_admit, false, false},
	[EVENTS_ORGANISATION_SUSPEND] = {state_apply_organisation_suspend, false, false},
	[EVENTS_ORGANISATION_SUCCEED] = {state_apply_organisation_succeed, false, false},
	[EVENTS_ACTOR_ENROL] = {state_apply_actor_enrol, false, false},
	[EVENTS_ACTOR_ASSIGN] = {state_apply_actor_assign, true, false},
	[EVENTS_ACTOR_ROTATE] = {state_apply_actor_rotate, true, false},
	[EVENTS_ACTOR_REVOKE] = {state_apply_actor_revoke, true, false},
	[EVENTS_STUDY_REGISTER] = {state_apply_study_register, false, false},
	[EVENTS_STUDY_AMEND] = {state_apply_study_amend, false, false},
	[EVENTS_STUDY_CLOSE] = {state_apply_study_close, false, false},
	[EVENTS_AGREEMENT_RECORD] = {state_apply_agreement_record, false, false},
	[EVENTS_AGREEMENT_END] = {state_apply_agreement_end, false, true},
	[EVENTS_ETHICS_DECIDE] = {state_apply_ethics_decide, true, true},
	[EVENTS_CONSENT] = {state_apply_consent, false, true},
	[EVENTS_PARTICIPANT_ENROL] = {state_apply_participant_enrol, false, false},
	[EVENTS_PARTICIPANT_STATUS] = {state_apply_participant_status, false, false},
	[EVENTS_PARTICIPANT_TRANSFER] = {state_apply_participant_transfer, false, false},
	[EVENTS_PARTICIPANT_MERGE] = {state_apply_participant_merge, false, false},
	[EVENTS_PARTICIPANT_SPLIT] = {state_apply_participant_split, false, false},
	[EVENTS_PARTICIPANT_REPRESENT] = {state_apply_participant_represent, false, false},
	[EVENTS_PARTICIPANT_LINK] = {state_apply_participant_link, false, false},
	[EVENTS_PARTICIPANT_UNLINK] = {state_apply_participant_unlink, false, false},
	[EVENTS_DATA_SUBMIT] = {state_apply_data_submit, false, false},
	[EVENTS_DATA_DERIVE] = {state_apply_data_derive, false, false},
	[EVENTS_DATA_CORRECT] = {state_apply_data_correct, false, false},
	[EVENTS_DATA_RETRACT] = {state_apply_data_retract, false, true},
	[EVENTS_DATASET_FREEZE] = {state_apply_dataset_freeze, false, false},
	[EVENTS_ATTEST] = {state_apply_attest, false, true},
	[EVENTS_CONTRACT_PROPOSE] = {state_apply_contract_propose, false, false},
	[EVENTS_ACCESS_REQUEST] = {state_apply_access_request, false, true},
	[EVENTS_ACCESS_DECIDE] = {state_apply_access_decide, false, false},
	[EVENTS_ACCESS_DISCLOSE] = {state_apply_access_disclose, false, false},
	[EVENTS_ACCESS_OBSERVE] = {state_apply_access_observe, false, false},
	[EVENTS_ACCESS_OVERRIDE] = {state_apply_access_override, false, false},
	[EVENTS_ACCESS_REVOKE] = {state_apply_access_revoke, false, true},
	[EVENTS_ACCESS_CLOSE] = {state_apply_access_close, false, true},
	[EVENTS_MODEL_TRAIN] = {state_apply_model_train, false, true},
	[EVENTS_ACTOR_AFFIRM] = {state_apply_actor_affirm, true, false},
	[EVENTS_ACTOR_REPUDIATE] = {state_apply_actor_repudiate, true, false},
	[EVENTS_DATA_REASSIGN] = {state_apply_data_reassign, false, false},
	[EVENTS_DATA_RECALL] = {state_apply_data_recall, false, true},
	[EVENTS_DATA_ERASE] = {state_apply_data_erase, false, true},
	[EVENTS_DATA_INCIDENT] = {state_apply_data_incident, false, false},
	[EVENTS_DATA_HOLD] = {state_apply_data_hold, false, true},
	[EVENTS_DATA_MOVE] = {state_apply_data_move, false, true},
	[EVENTS_DATA_DESTROYED] = {state_apply_data_destroyed, false, true},
	[EVENTS_RIGHTS_REQUEST] = {state_apply_rights_request, false, false},
	[EVENTS_RIGHTS_ANSWER] = {state_apply_rights_answer, false, true},
	[EVENTS_HOLD_PLACE] = {state_apply_hold_place, false, false},
	[EVENTS_HOLD_LIFT] = {state_apply_hold_lift, false, true},
	[EVENTS_FINDING_REPORT] = {state_apply_finding_report, false, false},
	[EVENTS_BLINDING_UNBLIND] = {state_apply_blinding_unblind, false, false},
};

const struct state_rule *state_rule_of(enum events_kind_id kind)
{
	if ((size_t)kind >= sizeof(rules) / sizeof(rules[0]) || rules[kind].apply == NULL)
		return NULL;
	return &rules[kind];
}

/* ---- What kinds' functions say ----------------------------------------------- */

enum base_code state_deny(struct state_judge *judge, enum events_denial denial)
{
	judge->outcome->verdict = STATE_DENY;
	judge->outcome->denial = denial;
	return BASE_OK;
}

void state_flag(struct state_judge *judge, enum events_flag flag)
{
	judge->outcome->flags |= UINT64_C(1) << flag;
}

void state_milestone(struct state_judge *judge, const char *name)
{
	BASE_ASSERT(judge->outcome->milestones.len == 0); /* no kind of this version reaches two */
	wire_put_array(&judge->outcome->milestones, 1);
	wire_put_cstr(&judge->outcome->milestones, name);
}

struct base_buf *state_fact_begin(struct state_judge *judge)
{
	judge->content_at = judge->contents.len;
	return &judge->contents;
}

enum base_code state_fact_on(struct state_judge *judge, struct state_record *record, struct base_error *err)
{
	size_t len = judge->contents.len - judge->content_at;
	enum base_code code = state_record_prepare(judge->exec, record, err);

	if (code != BASE_OK)
		return code;
	judge->effects = state_grow(judge->effects, &judge->effect_cap, judge->effect_count, sizeof(*judge->effects));
	judge->effects[judge->effect_count++] = (struct state_effect){record, judge->content_at, len};
	return BASE_OK;
}

void state_post(struct state_judge *judge, uint64_t term)
{
	judge->terms = state_grow(judge->terms, &judge->term_cap, judge->term_count, sizeof(*judge->terms));
	judge->terms[judge->term_count++] = term;
}

void state_judge_reset(struct state_judge *judge)
{
	judge->ready = false;
	judge->contents.len = 0;
	judge->effect_count = judge->concerned_count = judge->cid_count = judge->term_count = 0;
}

void state_judge_free(struct state_judge *judge)
{
	state_names_free(&judge->names);
	base_buf_free(&judge->contents);
	free(judge->effects);
	free(judge->concerned);
	free(judge->cids);
	free(judge->terms);
}

/* ---- Refusals ----------------------------------------------------------------- */

static enum base_code find_signer(struct state_exec *exec, const struct events_event *event, struct state_signer **out,
				  struct base_error *err)
{
	struct base_hash kid;
	enum base_code code;

	BASE_ASSERT(event->cose.kid.len == sizeof(kid.bytes)); /* decoded before */
	memcpy(kid.bytes, event->cose.kid.data, sizeof(kid.bytes));
	if ((code = state_signer_open(exec, &kid, out, err)) != BASE_OK)
		return code;
	if (!state_record_exists(&(*out)->record))
		return base_fail(err, BASE_REFUSED, "its key is not enrolled on this ledger");
	if (!base_slice_equal(event->cose.issuer, base_slice_text((*out)->key.actor)))
		return base_fail(err, BASE_REFUSED, "its key belongs to %s, not to its issuer", (*out)->key.actor);
	return BASE_OK;
}

enum base_code state_exec_signer(struct state_exec *exec, const struct events_event *event, struct keys_public *out,
				 struct base_error *err)
{
	struct state_signer *signer;
	enum base_code code = find_signer(exec, event, &signer, err);

	if (code == BASE_OK)
		*out = signer->key.sign;
	return code;
}

/* What only restricts needs no slot: somebody whose numbers are in disorder can still withdraw. It is known again by its
 * id alone. */
static enum base_code check_replay(struct state_judge *judge, uint64_t *index, struct base_error *err)
{
	const struct state_past *past;
	enum base_code code = state_slots_load(judge->exec, judge->signer, err);

	if (code != BASE_OK)
		return code;
	code = state_past_find(&judge->exec->source, &judge->event->id, UINT64_MAX, &past, err);
	if (code == BASE_NOT_FOUND)
		return BASE_OK;
	if (code != BASE_OK)
		return code;
	*index = past->index;
	return base_fail(err, BASE_EXISTS, "it was entered before, at index %llu", (unsigned long long)past->index);
}

static enum base_code check_slot(struct state_judge *judge, uint64_t *index, struct base_error *err)
{
	uint64_t sequence = judge->event->envelope.sequence, max;
	const struct state_past *past;
	enum state_slot slot;
	enum base_code code;

	if ((code = state_slots_load(judge->exec, judge->signer, err)) != BASE_OK)
		return code;
	slot = state_slot_look(&judge->signer->slots, sequence);
	if (slot == STATE_SLOT_FREE)
		return BASE_OK;
	max = judge->signer->slots.max;
	if (slot == STATE_SLOT_AHEAD)
		return base_fail(err, BASE_REFUSED, "its sequence number %llu is too far ahead of the key's last, %llu",
				 (unsigned long long)sequence, (unsigned long long)max);
	code = state_past_find(&judge->exec->source, &judge->event->id, UINT64_MAX, &past, err);
	if (code == BASE_OK) {
		*index = past->index;
		return base_fail(err, BASE_EXISTS, "it was entered before, at index %llu",
				 (unsigned long long)past->index);
	}
	if (code != BASE_NOT_FOUND)
		return code;
	if (slot == STATE_SLOT_OLD)
		return base_fail(err, BASE_REFUSED, "its sequence number %llu is too far behind the key's last, %llu",
				 (unsigned long long)sequence, (unsigned long long)max);
	return base_fail(err, BASE_REFUSED, "its sequence number %llu was used by another event of this key",
			 (unsigned long long)sequence);
}

static enum base_code refuse_revoked(const struct state_key *key, struct base_error *err)
{
	char since[64];

	if (!key->has_compromised)
		return base_fail(err, BASE_REFUSED, "the key of %s was revoked (actor.revoke): it records nothing more", key->actor);
	events_when_format(since, &key->compromised);
	return base_fail(err, BASE_REFUSED, "the key of %s was revoked (actor.revoke) as compromised since %s: it records nothing more", key->actor, since);
}

static enum base_code check_refusals(struct state_judge *judge, uint64_t *index, struct base_error *err)
{
	const struct state_exec *exec = judge->exec;
	const struct events_event *event = judge->event;
	enum base_code code;

	if (!base_hash_equal(&event->envelope.ledger, &exec->ledger))
		return base_fail(err, BASE_REFUSED, "it is for another ledger");
	if ((code = find_signer(judge->exec, event, &judge->signer, err)) != BASE_OK)
		return code;
	/* Before the key's state: what was entered while the key was good still has its receipt. */
	judge->restriction = state_is_restriction(event);
	code = judge->restriction ? check_replay(judge, index, err) : check_slot(judge, index, err);
	if (code != BASE_OK)
		return code;
	if (judge->signer->key.status == STATE_KEY_IS_REVOKED)
		return refuse_revoked(&judge->signer->key, err);
	if (judge->signer->key.status == STATE_KEY_IS_ROTATED && event->envelope.kind->id != EVENTS_ACTOR_REVOKE)
		return base_fail(err, BASE_REFUSED,
				 "its key was replaced by another; it may only revoke the keys that came after it");
	if (!event->envelope.kind->needs_study && !base_slice_equal(event->cose.subject, exec->origin))
		return base_fail(err, BASE_REFUSED, "its subject is not this ledger's origin");
	return state_limits_check(judge, err);
}

/* ---- Judging ------------------------------------------------------------------ */

static enum base_code find_parties(struct state_judge *judge, struct base_error *err)
{
	struct state_exec *exec = judge->exec;
	struct state_study *study;
	enum base_code code;

	if (judge->signer->actor == NULL) {
		code = state_actor_open(exec, base_slice_text(judge->signer->key.actor), &judge->signer->actor, err);
		if (code != BASE_OK)
			return code;
	}
	judge->actor = judge->signer->actor;
	if (judge->actor->home == NULL) {
		code = state_organisation_open(exec, judge->actor->organisation, &judge->actor->home, err);
		if (code != BASE_OK)
			return code;
	}
	judge->roles = judge->actor->roles;
	judge->study = NULL;
	if (!judge->event->envelope.kind->needs_study)
		return BASE_OK;
	if ((code = state_study_open(exec, judge->event->cose.subject, &study, err)) != BASE_OK)
		return code;
	if (!state_record_exists(&study->record))
		return BASE_OK;
	judge->study = study;
	judge->roles |= state_assigned_roles(judge->actor, study->record.study, base_slice(NULL, 0), exec->time);
	return BASE_OK;
}

static enum base_code find_concerned(struct state_judge *judge, struct base_error *err)
{
	struct state_names *names = &judge->names;
	enum base_code code = state_names_collect(names, &judge->exec->source, judge->event, judge->index, err);

	for (size_t i = 0; code == BASE_OK && i < names->ref_count; i++) {
		struct state_participant *participant;

		code = state_participant_open(judge->exec, names->refs[i].study, names->refs[i].reference, &participant,
					      err);
		if (code != BASE_OK)
			break;
		judge->concerned = state_grow(judge->concerned, &judge->concerned_cap, judge->concerned_count,
					      sizeof(*judge->concerned));
		judge->concerned[judge->concerned_count++] =
			(struct state_concerned){participant, names->refs[i].named};
	}
	return code;
}

/* Not assigned: nothing at all to do in this study; no authority: something else. */
static enum events_denial lack(const struct state_judge *judge)
{
	if (judge->study == NULL || state_assigned(judge) != 0)
		return EVENTS_DENIAL_NO_AUTHORITY;
	return EVENTS_DENIAL_NOT_ASSIGNED;
}

/* Who restricts is never turned away: keys are revoked, consent is refused and withdrawn. */
static bool is_restriction(const struct state_judge *judge)
{
	enum events_kind_id kind = judge->event->envelope.kind->id;
	struct base_slice body;
	uint64_t act;

	if (kind == EVENTS_ACTOR_REVOKE)
		return true;
	return kind == EVENTS_CONSENT && state_act_of(judge->body, 2, &act, &body) &&
	       (act == EVENTS_CONSENT_REFUSE || act == EVENTS_CONSENT_WITHDRAW || act == EVENTS_CONSENT_OBJECT);
}

static enum base_code check_home(struct state_judge *judge)
{
	if (judge->actor->home->succeeded && judge->event->envelope.kind->id != EVENTS_ACTOR_REVOKE)
		return state_deny(judge, EVENTS_DENIAL_SUCCEEDED);
	if (judge->actor->home->suspended && !is_restriction(judge))
		return state_deny(judge, EVENTS_DENIAL_SUSPENDED);
	return BASE_OK;
}

static enum base_code decide(struct state_judge *judge, struct base_error *err)
{
	const struct events_kind *kind = judge->event->envelope.kind;
	const struct state_rule *rule = state_rule_of(kind->id);
	enum base_code code = check_home(judge);

	BASE_ASSERT(rule != NULL);
	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (kind->needs_study && judge->study == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_STUDY);
	if (!rule->decides && (judge->roles & kind->roles) == 0)
		return state_deny(judge, lack(judge));
	if (kind->needs_study && !rule->outside && !state_belongs(judge))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (judge->names.too_many)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	return rule->apply(judge, err);
}

/* A denied entry steps the heads of participants of the signer's own organisation alone: nobody can write into
 * another's trail by being refused. */
static void keep_own(struct state_judge *judge)
{
	size_t kept = 0;

	for (size_t i = 0; i < judge->concerned_count; i++) {
		const struct state_participant *participant = judge->concerned[i].participant;

		if (state_record_exists(&participant->record) &&
		    state_is_own(judge, state_token_slice(&participant->owner)))
			judge->concerned[kept++] = judge->concerned[i];
	}
	judge->concerned_count = kept;
}

static void settle(struct state_judge *judge)
{
	const struct events_envelope *envelope = &judge->event->envelope;
	const struct state_names *names = &judge->names;

	judge->recorded = judge->outcome->verdict != STATE_DENY;
	if (!judge->recorded) {
		judge->outcome->flags = 0;
		base_buf_free(&judge->outcome->milestones);
		judge->contents.len = 0;
		judge->effect_count = judge->cid_count = judge->term_count = 0;
		keep_own(judge);
		return;
	}
	if (judge->exec->time.ms > envelope->claimed.ms && judge->exec->time.ms - envelope->claimed.ms > LATE_MS)
		state_flag(judge, EVENTS_FLAG_LATE);
	if (judge->signer->key.suspect)
		state_flag(judge, EVENTS_FLAG_KEY_SUSPECT);
	for (size_t i = 0; i < names->item_count; i++)
		state_post(judge, state_term_item(&names->items[i].id.event, names->items[i].id.index));
	for (size_t i = 0; i < names->id_count; i++)
		state_post(judge, state_term_named(&names->ids[i]));
}

/* Reads what entering will need, so that it cannot fail. */
static enum base_code load_heads(struct state_judge *judge, struct base_error *err)
{
	enum base_code code = BASE_OK;

	for (size_t i = 0; code == BASE_OK && i < judge->concerned_count; i++)
		code = state_head_load(judge->exec, judge->concerned[i].participant, err);
	return code;
}

enum base_code state_exec_judge(struct state_exec *exec, const struct events_event *event, uint64_t *index,
				struct state_outcome *outcome, struct base_error *err)
{
	struct state_judge *judge = &exec->judge;
	enum base_code code;

	BASE_ASSERT(!exec->finished);
	state_judge_reset(judge);
	*outcome = (struct state_outcome){.milestones = BASE_BUF_INIT, .judgement = BASE_BUF_INIT};
	judge->exec = exec;
	judge->event = event;
	judge->body = event->envelope.body;
	judge->index = *index;
	judge->outcome = outcome;
	if ((code = check_refusals(judge, index, err)) != BASE_OK || (code = find_parties(judge, err)) != BASE_OK ||
	    (code = find_concerned(judge, err)) != BASE_OK || (code = decide(judge, err)) != BASE_OK)
		goto out;
	settle(judge);
	if ((code = load_heads(judge, err)) != BASE_OK)
		goto out;
	judge->ready = true;
out:
	judge->outcome = NULL;
	if (code != BASE_OK) {
		state_judge_reset(judge);
		state_outcome_free(outcome);
	}
	/* The view's "not found" is about something inside; here it would say something else. */
	return code == BASE_NOT_FOUND ? BASE_STORAGE : code;
}
