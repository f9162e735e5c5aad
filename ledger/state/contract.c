#include "ledger/state/access_internal.h"

/* docs/formats/access.md, "Contracts": which one is in force; what is asked of one that is proposed. */

/* What committees decided before `before`, whatever is in force by the clock. */
struct state_contract_status state_contract_status(const struct state_fact *facts, size_t count, struct base_time before)
{
	struct state_contract_status status = {.approved = false};

	for (size_t i = 0; i < count && facts[i].time.ms < before.ms; i++) {
		struct base_slice content = facts[i].content, by;
		struct base_hash id;
		uint64_t act;
		bool same;

		if (!state_content_uint(content, STATE_CONTRACT_ACT, &act) ||
		    !state_content_hash(content, STATE_CONTRACT_ID, &id))
			continue;
		same = status.approved && base_hash_equal(&status.id, &id);
		if (act == EVENTS_ETHICS_APPROVE) {
			status = (struct state_contract_status){.approved = true, .id = id, .index = facts[i].index};
			status.has_until = state_content_uint(content, STATE_CONTRACT_UNTIL, &status.until);
		} else if (same && act == EVENTS_ETHICS_SUSPEND) {
			status.suspended = state_content_text(content, STATE_CONTRACT_ORGANISATION, &status.by);
		} else if (same && act == EVENTS_ETHICS_RENEW) {
			status.suspended = false;
			if (state_content_uint(content, STATE_CONTRACT_UNTIL, &status.until))
				status.has_until = true;
		} else if (same && (act == EVENTS_ETHICS_END || act == EVENTS_ETHICS_REFUSE)) {
			status.approved = false;
			/* Nobody else shakes off a suspension by ending what is suspended. */
			if (state_content_text(content, STATE_CONTRACT_ORGANISATION, &by) && base_slice_equal(by, status.by))
				status.suspended = false;
		}
	}
	return status;
}

bool state_contract_at(const struct state_fact *facts, size_t count, struct base_time time, struct base_hash *contract,
		       uint64_t *index)
{
	struct state_contract_status status = state_contract_status(facts, count, time);

	if (!status.approved || status.suspended || (status.has_until && time.ms >= status.until))
		return false;
	*contract = status.id;
	*index = status.index;
	return true;
}

/* Approving and renewing are permissions; whoever suspended a contract says what follows it. */
bool state_contract_allows(const struct state_judge *judge, const struct state_contract_status *status,
			   const struct base_hash *id, uint64_t act, bool until)
{
	bool same = status->approved && base_hash_equal(&status->id, id);
	bool held = status->suspended;
	bool over = status->has_until && judge->exec->time.ms >= status->until;

	switch ((enum events_ethics_act)act) {
	case EVENTS_ETHICS_APPROVE:
		return held ? !same && state_is_own(judge, status->by) : !same || over;
	case EVENTS_ETHICS_REFUSE:
		return true;
	case EVENTS_ETHICS_SUSPEND:
		return same && !held;
	case EVENTS_ETHICS_RENEW:
		return same && (held ? state_is_own(judge, status->by) : until);
	case EVENTS_ETHICS_END:
		return same;
	case EVENTS_ETHICS_CONDITIONAL:
	case EVENTS_ETHICS_WAIVE:
		return false;
	}
	return false;
}

/* `until` of an approval or renewal, as the first instant after it. */
bool state_contract_until(uint64_t act, struct base_slice body, uint64_t *until)
{
	struct events_when when;
	struct wire_reader r;

	if (!events_find(body, act == EVENTS_ETHICS_APPROVE ? 3 : act == EVENTS_ETHICS_RENEW ? 1 : 99, &r))
		return false;
	when = events_when_read(&r);
	*until = state_when_end(&when);
	return !r.failed;
}

enum base_code state_contract_check(struct state_judge *judge, struct contracts_cost *cost, struct base_error *err)
{
	struct contracts_arena *arena = contracts_arena_open(CONTRACTS_ARENA_BYTES_DEFAULT);
	struct base_slice bytes = events_bytes(judge->body, 3);
	const struct contracts_program *program;
	struct contracts_reject reject;
	enum contracts_code verified = CONTRACTS_MEMORY;
	struct base_hash id, is = base_sha256_of(bytes);
	enum base_code code = BASE_OK;

	BASE_ASSERT(state_content_hash(judge->body, 1, &id)); /* decoded before */
	if (arena != NULL)
		verified = contracts_load(arena, &program, (struct contracts_bytes){bytes.data, bytes.len}, &reject);
	if (verified == CONTRACTS_MEMORY)
		code = base_fail(err, BASE_IO, "no memory to verify a contract");
	else if (verified == CONTRACTS_REFUSED || !base_hash_equal(&id, &is))
		code = state_deny(judge, EVENTS_DENIAL_BAD_CONTRACT);
	else
		*cost = contracts_program_cost(program);
	contracts_arena_close(arena);
	return code;
}
