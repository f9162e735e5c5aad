#include "ledger/state/exec_internal.h"

#include <string.h>

/* actor.*: who may sign, and in which role. */

#define ASSIGNMENTS_MAX 4096
#define ASSIGNMENTS_OF_OTHERS (ASSIGNMENTS_MAX / 2) /* from there on only the actor's own organisation adds some */

/* Roles that reach what other organisations recorded: only the sponsor gives them. */
#define REACHING                                                                                                       \
	(EVENTS_ROLE(EVENTS_ROLE_SPONSOR) | EVENTS_ROLE(EVENTS_ROLE_INSPECTOR) |                                       \
	 EVENTS_ROLE(EVENTS_ROLE_LINKAGE_SERVICE) | EVENTS_ROLE(EVENTS_ROLE_UNBLINDED_STAFF) |                         \
	 EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER) | EVENTS_ROLE(EVENTS_ROLE_DATA_ACCESS_COMMITTEE) |           \
	 EVENTS_ROLE(EVENTS_ROLE_ETHICS_COMMITTEE) | EVENTS_ROLE(EVENTS_ROLE_ACCESS_BODY))
#define SUCCESSORS_MAX 1024

static const struct base_slice nothing = {NULL, 0};

/* ---- enrol ------------------------------------------------------------------------- */

enum base_code state_apply_actor_enrol(struct state_judge *judge, struct base_error *err)
{
	struct base_slice actor = events_text(judge->body, 1);
	struct events_enrolment enrolment;
	struct wire_reader r;
	uint64_t roles = 0, count;
	bool known;
	enum base_code code;

	if (!base_slice_equal(state_actor_organisation(actor), state_own_organisation(judge)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (state_enrolment_open(judge->exec, &enrolment, events_bytes(judge->body, 3), false, actor, NULL) != BASE_OK)
		return state_deny(judge, EVENTS_DENIAL_BAD_PROOF);
	if ((code = state_enrol_known(judge->exec, &enrolment, &known, err)) != BASE_OK)
		return code;
	if (known)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	BASE_ASSERT(events_find(judge->body, 2, &r)); /* decoded before */
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++)
		roles |= EVENTS_ROLE(wire_get_uint(&r));
	if ((code = state_enrol_actor(judge, &enrolment, roles, err)) != BASE_OK)
		return code;
	return state_enrol_key(judge, &enrolment, NULL, false, err);
}

/* ---- assign ------------------------------------------------------------------------ */

/* An administrator of the sponsor; one of the organisation that runs the site, for own staff and what they do there; or an
 * investigator of that site, who delegates to staff of the same organisation. Nobody assigns themselves into another's
 * site, or gives themselves a role in which others' data is theirs to act on. */
static bool may_assign(const struct state_judge *judge, const struct state_actor *actor,
		       const struct state_study *study, struct base_slice site, uint64_t role)
{
	struct base_slice own = state_own_organisation(judge);
	bool same = base_slice_equal(own, actor->organisation);
	uint64_t roles;

	if (state_has_role(judge, EVENTS_ROLE_ADMINISTRATOR) &&
	    (state_is_own(judge, state_token_slice(&study->sponsor)) ||
	     (same && (REACHING & EVENTS_ROLE(role)) == 0 && state_is_own(judge, state_token_slice(&state_site_find(study, site)->organisation)))))
		return true;
	if (!same || (role != EVENTS_ROLE_DELEGATE && role != EVENTS_ROLE_DATA_MANAGER))
		return false;
	roles = state_assigned_roles(judge->actor, study->record.study, site, judge->exec->time);
	return (roles & EVENTS_ROLE(EVENTS_ROLE_INVESTIGATOR)) != 0;
}

enum base_code state_apply_actor_assign(struct state_judge *judge, struct base_error *err)
{
	struct base_slice site = events_text(judge->body, 3);
	struct state_study *study;
	struct state_actor *actor;
	enum base_code code;

	if ((code = state_study_open(judge->exec, events_text(judge->body, 2), &study, err)) != BASE_OK ||
	    (code = state_actor_open(judge->exec, events_text(judge->body, 1), &actor, err)) != BASE_OK)
		return code;
	if (!state_record_exists(&study->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_STUDY);
	if (!state_record_exists(&actor->record) || state_site_find(study, site) == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!may_assign(judge, actor, study, site, events_uint(judge->body, 4)))
		return state_deny(judge, state_has_role(judge, EVENTS_ROLE_ADMINISTRATOR)
						 ? EVENTS_DENIAL_OTHER_ORGANISATION
						 : EVENTS_DENIAL_NO_AUTHORITY);
	if (events_uint(judge->body, 4) == EVENTS_ROLE_CUSTODIAN && state_is_committee(study, actor->organisation))
		return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
	if (actor->count >= (state_is_own(judge, actor->organisation) ? ASSIGNMENTS_MAX : ASSIGNMENTS_OF_OTHERS))
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	state_post(judge, actor->term);
	state_post(judge, study->term);
	base_buf_append(state_fact_begin(judge), judge->body);
	return state_fact_on(judge, &actor->record, err);
}

/* ---- rotate ------------------------------------------------------------------------ */

/* Whether an administrator vouches for the new key: another actor, of the same organisation, or of any when an
 * administrator's own key is replaced. */
static enum base_code vouched(struct state_judge *judge, struct base_slice bytes, struct base_slice proof, bool *good,
			      struct base_error *err)
{
	struct wire_sign1 cose;
	struct base_hash digest, kid;
	struct state_signer *signer;
	struct state_actor *actor;
	enum base_code code;

	*good = false;
	if (events_countersignature_decode(&cose, &digest, bytes, proof, &judge->exec->ledger, NULL) != BASE_OK)
		return BASE_OK;
	memcpy(kid.bytes, cose.kid.data, sizeof(kid.bytes));
	if ((code = state_signer_open(judge->exec, &kid, &signer, err)) != BASE_OK ||
	    (code = state_actor_open(judge->exec, cose.issuer, &actor, err)) != BASE_OK)
		return code;
	if (!state_record_exists(&signer->record) || signer->key.status != STATE_KEY_IS_ACTIVE ||
	    !base_slice_equal(cose.issuer, base_slice_text(signer->key.actor)) || actor == judge->actor ||
	    (actor->roles & EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR)) == 0)
		return BASE_OK;
	if (!base_slice_equal(actor->organisation, judge->actor->organisation) &&
	    !state_has_role(judge, EVENTS_ROLE_ADMINISTRATOR))
		return BASE_OK;
	*good = keys_es256k_verify(&signer->key.sign, &digest, cose.signature, NULL) == BASE_OK;
	return BASE_OK;
}

/* Denies unless somebody vouches for the new key, or nobody else could. */
static enum base_code check_countersignature(struct state_judge *judge, struct base_slice proof, struct base_error *err)
{
	struct state_governance *governance;
	bool good;
	enum base_code code;

	if (events_has(judge->body, 3)) {
		if ((code = vouched(judge, events_bytes(judge->body, 3), proof, &good, err)) != BASE_OK)
			return code;
		return good ? BASE_OK : state_deny(judge, EVENTS_DENIAL_BAD_PROOF);
	}
	if ((code = state_governance_open(judge->exec, &governance, err)) != BASE_OK)
		return code;
	if (!state_has_role(judge, EVENTS_ROLE_ADMINISTRATOR) || governance->organisations > 1)
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	state_flag(judge, EVENTS_FLAG_KEY_SUSPECT);
	return BASE_OK;
}

static enum base_code rotate(struct state_judge *judge, const struct events_enrolment *enrolment,
			     struct base_error *err)
{
	struct base_hash new_kid = keys_kid(&enrolment->sign), old_kid = keys_kid(&judge->signer->key.sign);
	struct base_buf *content = state_fact_begin(judge);
	enum base_code code;

	wire_put_map(content, 1);
	wire_put_uint(content, STATE_KEY_SUCCESSOR);
	wire_put_hash(content, &new_kid);
	if ((code = state_fact_on(judge, &judge->signer->record, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	wire_put_hash(content, &old_kid);
	wire_put_uint(content, 2);
	wire_put_hash(content, &new_kid);
	if ((code = state_fact_on(judge, &judge->actor->record, err)) != BASE_OK)
		return code;
	return state_enrol_key(judge, enrolment, &old_kid, judge->signer->key.suspect, err);
}

enum base_code state_apply_actor_rotate(struct state_judge *judge, struct base_error *err)
{
	struct base_slice actor = events_text(judge->body, 1), proof = events_bytes(judge->body, 2);
	struct events_enrolment enrolment;
	struct state_signer *new_signer;
	struct base_hash kid;
	enum base_code code;

	if (!base_slice_equal(actor, judge->actor->name))
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	if (state_enrolment_open(judge->exec, &enrolment, proof, false, actor, NULL) != BASE_OK)
		return state_deny(judge, EVENTS_DENIAL_BAD_PROOF);
	kid = keys_kid(&enrolment.sign);
	if ((code = state_signer_open(judge->exec, &kid, &new_signer, err)) != BASE_OK)
		return code;
	if (state_record_exists(&new_signer->record))
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if ((code = check_countersignature(judge, proof, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	return rotate(judge, &enrolment, err);
}

/* ---- revoke ------------------------------------------------------------------------ */

/* Whether `target` came after `signer`'s key by rotation. */
static enum base_code follows(struct state_judge *judge, const struct state_signer *target, bool *yes,
			      struct base_error *err)
{
	struct state_signer *at = judge->signer;
	enum base_code code = BASE_OK;

	*yes = false;
	for (int i = 0; i < SUCCESSORS_MAX && !*yes && at->key.has_successor && code == BASE_OK; i++) {
		code = state_signer_open(judge->exec, &at->key.successor, &at, err);
		*yes = code == BASE_OK && at == target;
	}
	return code;
}

/* The keys that came after one that was compromised before it was replaced: a thief may have replaced it. */
static enum base_code mark_suspect(struct state_judge *judge, struct state_signer *from, struct base_error *err)
{
	struct state_signer *at = from;
	enum base_code code;

	for (int i = 0; at->key.has_successor; i++) {
		struct base_buf *content = state_fact_begin(judge);

		if (i == SUCCESSORS_MAX)
			return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
		if ((code = state_signer_open(judge->exec, &at->key.successor, &at, err)) != BASE_OK)
			return code;
		if (at->key.suspect)
			return BASE_OK; /* and so are those after it */
		wire_put_map(content, 1);
		wire_put_uint(content, STATE_KEY_SUSPECT);
		wire_put_bool(content, true);
		if ((code = state_fact_on(judge, &at->record, err)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}

/* {revoked: true, ? compromised since} on the key; {1: kid, ? 2: since} on the actor. */
static enum base_code revoke(struct state_judge *judge, struct state_signer *target, struct state_actor *actor,
			     struct base_slice since, struct base_error *err)
{
	struct base_hash kid = keys_kid(&target->key.sign);
	struct base_buf *content = state_fact_begin(judge);
	enum base_code code;

	wire_put_map(content, 1u + (since.len > 0));
	wire_put_uint(content, STATE_KEY_REVOKED);
	wire_put_bool(content, true);
	if (since.len > 0) {
		wire_put_uint(content, STATE_KEY_COMPROMISED);
		base_buf_append(content, since);
	}
	if ((code = state_fact_on(judge, &target->record, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 1u + (since.len > 0));
	wire_put_uint(content, 1);
	wire_put_hash(content, &kid);
	if (since.len > 0) {
		wire_put_uint(content, 2);
		base_buf_append(content, since);
	}
	state_post(judge, actor->term);
	return state_fact_on(judge, &actor->record, err);
}

static enum base_code check_revoker(struct state_judge *judge, const struct state_signer *target,
				    const struct state_actor *actor, struct base_error *err)
{
	bool later;
	enum base_code code;

	if (judge->signer->key.status == STATE_KEY_IS_ROTATED) {
		if ((code = follows(judge, target, &later, err)) != BASE_OK)
			return code;
		if (!later)
			return base_fail(
				err, BASE_REFUSED,
				"its key was replaced by another; it may only revoke the keys that came after it");
		return BASE_OK;
	}
	if (actor == judge->actor)
		return BASE_OK;
	if (!state_has_role(judge, EVENTS_ROLE_ADMINISTRATOR))
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	if (!base_slice_equal(actor->organisation, judge->actor->organisation))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	return BASE_OK;
}

enum base_code state_apply_actor_revoke(struct state_judge *judge, struct base_error *err)
{
	struct base_slice kid_bytes = events_bytes(judge->body, 2), since = nothing;
	struct events_when when = {0};
	struct state_signer *target, *next;
	struct state_actor *actor;
	struct base_hash kid;
	struct wire_reader r;
	enum base_code code;

	memcpy(kid.bytes, kid_bytes.data, sizeof(kid.bytes));
	if ((code = state_signer_open(judge->exec, &kid, &target, err)) != BASE_OK ||
	    (code = state_actor_open(judge->exec, events_text(judge->body, 1), &actor, err)) != BASE_OK)
		return code;
	if ((code = check_revoker(judge, target, actor, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (!state_record_exists(&target->record) || !base_slice_equal(actor->name, base_slice_text(target->key.actor)))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (events_find(judge->body, 3, &r)) {
		when = events_when_read(&r);
		since = events_raw(judge->body, 3);
	}
	/* Once more only to say that it was in other hands earlier than was known. */
	if (target->key.status == STATE_KEY_IS_REVOKED &&
	    (since.len == 0 || (target->key.has_compromised && when.utc_ms >= target->key.compromised.utc_ms)))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if ((code = revoke(judge, target, actor, since, err)) != BASE_OK || since.len == 0 ||
	    !target->key.has_successor)
		return code;
	if ((code = state_signer_open(judge->exec, &target->key.successor, &next, err)) != BASE_OK)
		return code;
	return when.utc_ms <= next->key.since.ms ? mark_suspect(judge, target, err) : BASE_OK;
}
