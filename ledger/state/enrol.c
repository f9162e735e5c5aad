#include "ledger/state/exec_internal.h"

/* What enrolment writes: docs/formats/state.md, "Contents", KEY and ACTOR. */

void state_put_roles(struct base_buf *out, uint64_t roles)
{
	uint64_t count = 0;

	for (uint64_t rest = roles; rest != 0; rest &= rest - 1)
		count++;
	wire_put_array(out, count);
	for (uint64_t role = 0; role < 64; role++) {
		if ((roles & EVENTS_ROLE(role)) != 0)
			wire_put_uint(out, role);
	}
}

enum base_code state_enrolment_open(const struct state_exec *exec, struct events_enrolment *out,
				    struct base_slice proof, bool founder, struct base_slice actor,
				    struct base_error *err)
{
	struct base_slice ledger = founder ? exec->origin : base_hash_slice(&exec->ledger);
	enum base_code code = events_enrolment_open(out, proof, err);

	if (code != BASE_OK)
		return code;
	if (out->founder != founder || !base_slice_equal(out->ledger, ledger))
		return base_fail(err, BASE_MISMATCH, "an enrolment is for another ledger");
	if (actor.len > 0 && !base_slice_equal(out->actor, actor))
		return base_fail(err, BASE_MISMATCH, "an enrolment is for another actor");
	return BASE_OK;
}

enum base_code state_enrol_key(struct state_judge *judge, const struct events_enrolment *enrolment,
			       const struct base_hash *predecessor, bool suspect, struct base_error *err)
{
	struct base_hash kid = keys_kid(&enrolment->sign);
	struct base_buf *content = state_fact_begin(judge);
	struct state_signer *signer;
	enum base_code code;

	wire_put_map(content, 3u + (predecessor != NULL) + suspect);
	wire_put_uint(content, STATE_KEY_SIGN);
	keys_public_put(content, &enrolment->sign);
	wire_put_uint(content, STATE_KEY_ACTOR);
	wire_put_text(content, enrolment->actor);
	if (predecessor != NULL) {
		wire_put_uint(content, STATE_KEY_PREDECESSOR);
		wire_put_hash(content, predecessor);
	}
	wire_put_uint(content, STATE_KEY_SEAL);
	keys_public_put(content, &enrolment->seal);
	if (suspect) {
		wire_put_uint(content, STATE_KEY_SUSPECT);
		wire_put_bool(content, true);
	}
	if ((code = state_signer_open(judge->exec, &kid, &signer, err)) != BASE_OK)
		return code;
	return state_fact_on(judge, &signer->record, err);
}

enum base_code state_enrol_actor(struct state_judge *judge, const struct events_enrolment *enrolment, uint64_t roles,
				 struct base_error *err)
{
	struct base_hash kid = keys_kid(&enrolment->sign);
	struct base_buf *content = state_fact_begin(judge);
	struct state_actor *actor;
	enum base_code code;

	wire_put_map(content, 3);
	wire_put_uint(content, 1);
	state_put_roles(content, roles);
	wire_put_uint(content, 2);
	wire_put_hash(content, &kid);
	wire_put_uint(content, 3);
	keys_public_put(content, &enrolment->seal);
	if ((code = state_actor_open(judge->exec, enrolment->actor, &actor, err)) != BASE_OK)
		return code;
	state_post(judge, actor->term);
	return state_fact_on(judge, &actor->record, err);
}

enum base_code state_enrol_known(struct state_exec *exec, const struct events_enrolment *enrolment, bool *known,
				 struct base_error *err)
{
	struct base_hash kid = keys_kid(&enrolment->sign);
	struct state_signer *signer;
	struct state_actor *actor;
	enum base_code code;

	if ((code = state_signer_open(exec, &kid, &signer, err)) != BASE_OK ||
	    (code = state_actor_open(exec, enrolment->actor, &actor, err)) != BASE_OK)
		return code;
	*known = state_record_exists(&signer->record) || state_record_exists(&actor->record);
	return BASE_OK;
}
