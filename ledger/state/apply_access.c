#include "ledger/state/access_internal.h"

/* contract.*, access.*, model.train. What a contract decides is denied as long as none can be run. */

#define CONTRACTS_MAX 1024

/* ---- contract ----------------------------------------------------------------- */

/* Who proposed this contract for the study; false: nobody. */
static bool proposed_by(const struct state_judge *judge, const struct state_contracts *contracts,
			const struct base_hash *id, bool *own)
{
	bool found = false;

	*own = false;
	for (size_t i = 0; i < contracts->facts.count; i++) {
		const struct state_fact *fact = &contracts->facts.list[i];
		struct base_slice by;
		struct base_hash other;

		if (fact->kind != EVENTS_CONTRACT_PROPOSE ||
		    !state_content_hash(fact->content, STATE_CONTRACT_ID, &other) || !base_hash_equal(&other, id))
			continue;
		found = true;
		if (state_content_text(fact->content, STATE_CONTRACT_ORGANISATION, &by))
			*own = *own || state_is_own(judge, by);
	}
	return found;
}

enum base_code state_apply_contract_propose(struct state_judge *judge, struct base_error *err)
{
	struct state_contracts *contracts;
	struct contracts_cost cost = {0};
	struct base_buf *content;
	struct base_hash id;
	enum base_code code = state_contracts_open(judge->exec, judge->study->record.study, &contracts, err);
	bool own;

	if (code != BASE_OK)
		return code;
	BASE_ASSERT(state_content_hash(judge->body, 1, &id)); /* decoded before */
	/* By the same organisation; what two propose, neither of them approves. */
	(void)proposed_by(judge, contracts, &id, &own);
	if (own)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if (contracts->facts.count >= CONTRACTS_MAX)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	if ((code = state_contract_check(judge, &cost, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 5);
	state_put_id(content, STATE_CONTRACT_EVENT, &judge->event->id);
	state_put_id(content, STATE_CONTRACT_ID, &id);
	wire_put_uint(content, STATE_CONTRACT_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	wire_put_uint(content, STATE_CONTRACT_GAS);
	wire_put_uint(content, cost.decide_gas);
	wire_put_uint(content, STATE_CONTRACT_EVENT_GAS);
	wire_put_uint(content, cost.event_gas);
	return state_fact_on(judge, &contracts->record, err);
}

/* Whose author may decide for the committee, apply_ethics.c has seen; a letter does not approve a contract. */
enum base_code state_decide_contract(struct state_judge *judge, struct base_error *err)
{
	const struct base_time ever = {UINT64_MAX};
	struct state_contract_status status;
	struct state_contracts *contracts;
	struct base_buf *content;
	struct base_slice body;
	struct base_hash id;
	uint64_t act, until = 0;
	bool own, has_until;
	enum base_code code = state_contracts_open(judge->exec, judge->study->record.study, &contracts, err);

	if (code != BASE_OK)
		return code;
	BASE_ASSERT(state_content_hash(judge->body, 5, &id) && state_act_of(judge->body, 4, &act, &body));
	if (judge->event->envelope.capacity.code != EVENTS_CAPACITY_OWN)
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	if (!proposed_by(judge, contracts, &id, &own))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (own)
		return state_deny(judge, EVENTS_DENIAL_OWN_PROPOSAL);
	status = state_contract_status(contracts->facts.list, contracts->facts.count, ever);
	has_until = state_contract_until(act, body, &until);
	if (act == EVENTS_ETHICS_APPROVE && status.approved && !status.suspended && base_hash_equal(&status.id, &id) &&
	    !state_contract_allows(judge, &status, &id, act, has_until))
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	/* A contract is the whole study's. */
	if (events_has(judge->body, 3) || !state_contract_allows(judge, &status, &id, act, has_until))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	/* Who ends, suspends or refuses the one that is approved is never turned away. */
	if (contracts->facts.count >= CONTRACTS_MAX &&
	    !(state_ethics_restricts(act) && status.approved && base_hash_equal(&status.id, &id)))
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	content = state_fact_begin(judge);
	wire_put_map(content, 4u + has_until);
	state_put_id(content, STATE_CONTRACT_EVENT, &judge->event->id);
	state_put_id(content, STATE_CONTRACT_ID, &id);
	wire_put_uint(content, STATE_CONTRACT_ACT);
	wire_put_uint(content, act);
	wire_put_uint(content, STATE_CONTRACT_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	if (has_until) {
		wire_put_uint(content, STATE_CONTRACT_UNTIL);
		wire_put_uint(content, until);
	}
	return state_fact_on(judge, &contracts->record, err);
}

/* ---- What a contract decides ---------------------------------------------------- */

static enum base_code check_dataset(struct state_judge *judge, const struct base_hash *id, struct base_error *err)
{
	struct state_dataset *set;
	enum base_code code = state_dataset_open(judge->exec, judge->study->record.study, id, &set, err);

	if (code == BASE_OK && !state_record_exists(&set->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	return code;
}

enum base_code state_access_what(struct state_judge *judge, struct base_error *err)
{
	struct base_slice what = events_raw(judge->body, 1);
	struct base_hash set;
	enum base_code code;

	for (size_t i = 0; i < judge->names.item_count; i++) {
		struct state_item *item;

		if ((code = state_target_open(judge, &judge->names.items[i], false, &item, err)) != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (item->retracted)
			state_flag(judge, EVENTS_FLAG_INPUT_RETRACTED);
		if (item->ordered)
			state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
		if (item->reassigned)
			state_flag(judge, EVENTS_FLAG_ITEM_REASSIGNED);
	}
	for (size_t i = 0; i < judge->concerned_count; i++) {
		if (judge->concerned[i].named && !state_record_exists(&judge->concerned[i].participant->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	}
	return state_content_hash(what, 2, &set) ? check_dataset(judge, &set, err) : BASE_OK;
}

static enum base_code no_contract(struct state_judge *judge, enum base_code code)
{
	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	return state_deny(judge, EVENTS_DENIAL_NO_CONTRACT);
}

enum base_code state_apply_model_train(struct state_judge *judge, struct base_error *err)
{
	struct wire_reader r;
	uint64_t count;
	enum base_code code = BASE_OK;

	BASE_ASSERT(events_find(judge->body, 1, &r)); /* decoded before */
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && code == BASE_OK && judge->outcome->verdict != STATE_DENY; i++) {
		struct base_hash id = wire_get_hash(&r);

		code = check_dataset(judge, &id, err);
	}
	return no_contract(judge, code);
}

/* ---- What happened --------------------------------------------------------------- */

/* {1: organisation, 2: recipient, ? 3: legal basis} on the access that this event opens. */
static enum base_code open_access(struct state_judge *judge, bool has_basis, struct base_error *err)
{
	struct state_grant *grant;
	struct base_buf *content;
	enum base_code code = state_access_what(judge, err);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	code = state_grant_open(judge->exec, judge->study->record.study, &judge->event->id, &grant, err);
	if (code != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2u + has_basis);
	wire_put_uint(content, STATE_GRANT_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	wire_put_uint(content, STATE_GRANT_RECIPIENT);
	wire_put_text(content, events_has(judge->body, 2) ? events_text(judge->body, 2) : judge->actor->name);
	if (has_basis) {
		wire_put_uint(content, STATE_GRANT_BASIS);
		wire_put_uint(content, events_uint(judge->body, 5));
	}
	return state_fact_on(judge, &grant->record, err);
}

enum base_code state_apply_access_observe(struct state_judge *judge, struct base_error *err)
{
	return open_access(judge, false, err);
}

enum base_code state_apply_access_override(struct state_judge *judge, struct base_error *err)
{
	state_flag(judge, EVENTS_FLAG_TO_REVIEW);
	return open_access(judge, true, err);
}

/* The access that the event names; *out NULL: denied. */
static enum base_code named_access(struct state_judge *judge, struct state_grant **out, struct base_error *err)
{
	struct state_grant *grant;
	enum base_code code = state_grant_open(judge->exec, judge->study->record.study, &judge->names.ids[0], &grant, err);

	*out = NULL;
	if (code != BASE_OK)
		return code;
	if (!state_record_exists(&grant->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	*out = grant;
	return BASE_OK;
}

/* Its organisation, the sponsor, or a committee that was assigned in the study. */
static bool may_revoke(const struct state_judge *judge, const struct state_grant *grant)
{
	const uint64_t committees = EVENTS_ROLE(EVENTS_ROLE_ETHICS_COMMITTEE) |
				    EVENTS_ROLE(EVENTS_ROLE_DATA_ACCESS_COMMITTEE) |
				    EVENTS_ROLE(EVENTS_ROLE_DATA_PROTECTION_OFFICER);

	return state_is_own(judge, state_token_slice(&grant->organisation)) ||
	       state_is_own(judge, state_token_slice(&judge->study->sponsor)) || (state_assigned(judge) & committees) != 0;
}

enum base_code state_apply_access_revoke(struct state_judge *judge, struct base_error *err)
{
	struct state_grant *grant;
	struct base_buf *content;
	enum base_code code = named_access(judge, &grant, err);

	if (code != BASE_OK || grant == NULL)
		return code;
	if (!may_revoke(judge, grant))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (grant->revoked || grant->closed)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_GRANT_REVOKED);
	wire_put_bool(content, true);
	return state_fact_on(judge, &grant->record, err);
}

enum base_code state_apply_access_close(struct state_judge *judge, struct base_error *err)
{
	bool destroyed = events_uint(judge->body, 2) != 0;
	struct state_grant *grant;
	struct base_buf *content;
	enum base_code code = named_access(judge, &grant, err);

	if (code != BASE_OK || grant == NULL)
		return code;
	if (!state_is_own(judge, state_token_slice(&grant->organisation)) &&
	    !state_is_own(judge, state_token_slice(&grant->recipient)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (grant->closed)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (!destroyed)
		state_flag(judge, EVENTS_FLAG_COPIES_REMAIN);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_GRANT_DESTROYED);
	wire_put_bool(content, destroyed);
	return state_fact_on(judge, &grant->record, err);
}
