#include "ledger/state/exec_internal.h"

#include <string.h>

/* data.hold, data.move, data.destroyed: who keeps which copy. data.erase: what is to be destroyed, and why. */

/* ---- What the kinds have in common ---------------------------------------------------- */

typedef enum base_code (*each_fn)(struct state_judge *judge, const struct state_named_item *target,
				  struct state_item *item, struct base_error *err);

/* Every item of this study that the event names, each once. own: denies those that another organisation recorded. */
static enum base_code each_item(struct state_judge *judge, bool own, each_fn act, struct base_error *err)
{
	for (size_t i = 0; i < judge->names.item_count; i++) {
		const struct state_named_item *target = &judge->names.items[i];
		struct state_item *item;
		enum base_code code = state_target_open(judge, target, false, &item, err);

		if (code != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (own && !state_target_is_own(judge, target))
			return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
		if (state_has_effect(judge, &item->record))
			continue;
		if ((code = act(judge, target, item, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
			return code;
	}
	return BASE_OK;
}

static enum base_code copies_of(struct state_judge *judge, const struct state_named_item *target,
				struct state_copies **out, struct base_error *err)
{
	return state_copies_open(judge->exec, judge->study->record.study, &target->id, out, err);
}

/* Who belongs to the study, recorded the item, or is known to keep it, says where copies are. */
static bool may_say(const struct state_judge *judge, const struct state_named_item *target,
		    const struct state_copies *copies)
{
	if (state_belongs(judge) || state_target_is_own(judge, target))
		return true;
	for (size_t i = 0; i < copies->count; i++) {
		if (state_is_own(judge, state_token_slice(&copies->list[i].holder)))
			return true;
	}
	return false;
}

static bool is_own_name(const struct state_judge *judge, uint64_t key)
{
	return state_is_own(judge, events_text(judge->body, key));
}

/* ---- hold, move -------------------------------------------------------------------------- */

/* {1: holder} on the copies. */
static enum base_code hold_one(struct state_judge *judge, const struct state_named_item *target,
			       struct state_item *item, struct base_error *err)
{
	struct state_copies *copies;
	struct base_buf *content;
	enum base_code code = copies_of(judge, target, &copies, err);

	if (code != BASE_OK || state_has_effect(judge, &copies->record))
		return code;
	if (!may_say(judge, target, copies))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (item->ordered)
		state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_COPY_HOLDER);
	wire_put_text(content, events_text(judge->body, 2));
	return state_fact_on(judge, &copies->record, err);
}

enum base_code state_apply_data_hold(struct state_judge *judge, struct base_error *err)
{
	if (!is_own_name(judge, 2))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (state_own_is_committee(judge))
		return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
	return each_item(judge, false, hold_one, err);
}

/* {2: from, 3: to} on the copies; by the word of the one that takes it {1: to}: the other one keeps it until that one says
 * otherwise. */
static enum base_code move_one(struct state_judge *judge, const struct state_named_item *target,
			       struct state_item *item, struct base_error *err)
{
	bool gives = is_own_name(judge, 2);
	struct state_copies *copies;
	struct base_buf *content;
	enum base_code code = copies_of(judge, target, &copies, err);

	if (code != BASE_OK || state_has_effect(judge, &copies->record))
		return code;
	if (!may_say(judge, target, copies))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (item->ordered)
		state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
	content = state_fact_begin(judge);
	wire_put_map(content, gives ? 2 : 1);
	if (gives) {
		wire_put_uint(content, STATE_COPY_FROM);
		wire_put_text(content, events_text(judge->body, 2));
	}
	wire_put_uint(content, gives ? STATE_COPY_TO : STATE_COPY_HOLDER);
	wire_put_text(content, events_text(judge->body, 3));
	return state_fact_on(judge, &copies->record, err);
}

enum base_code state_apply_data_move(struct state_judge *judge, struct base_error *err)
{
	for (uint64_t key = 2; key <= 3; key++) {
		struct state_organisation *organisation;
		enum base_code code =
			state_organisation_open(judge->exec, events_text(judge->body, key), &organisation, err);

		if (code != BASE_OK)
			return code;
		if (!state_record_exists(&organisation->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	}
	if (!is_own_name(judge, 2) && !is_own_name(judge, 3))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	/* A study's committee is never its custodian. */
	if (state_is_committee(judge->study, events_text(judge->body, 3)) ||
	    (is_own_name(judge, 3) && state_own_is_committee(judge)))
		return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
	return each_item(judge, false, move_one, err);
}

/* ---- destroyed ---------------------------------------------------------------------------- */

/* Whether nobody keeps the item once `holder` (empty: nobody) has destroyed `what`. Who recorded it keeps it, unless
 * something else is known. */
static bool nobody_keeps(const struct state_copies *copies, struct base_slice recorder, struct base_slice holder,
			 uint64_t what)
{
	bool recorder_known = false;

	for (size_t i = 0; i < copies->count; i++) {
		const struct state_copy *copy = &copies->list[i];
		bool destroys = state_token_is(&copy->holder, holder);

		recorder_known = recorder_known || state_token_is(&copy->holder, recorder);
		if (!copy->gone && (copy->destroyed | (destroys ? what : 0)) != EVENTS_DESTROYED_BOTH)
			return false;
	}
	return recorder_known || (base_slice_equal(recorder, holder) && what == EVENTS_DESTROYED_BOTH);
}

/* {1: holder, 4: what} on the copies, {6: holder, 7: what, ? 8: true if with it the item is erased} on the item. */
static enum base_code destroyed_one(struct state_judge *judge, const struct state_named_item *target,
				    struct state_item *item, struct base_error *err)
{
	struct base_slice holder = events_text(judge->body, 2);
	uint64_t what = events_uint(judge->body, 3);
	struct state_copies *copies;
	struct base_buf *content;
	bool covered, erased;
	enum base_code code;

	if ((code = copies_of(judge, target, &copies, err)) != BASE_OK)
		return code;
	if (!may_say(judge, target, copies))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if ((code = state_hold_covers(judge, target, item, &covered, err)) != BASE_OK)
		return code;
	/* It happened: that it should not have is said, and changes nothing. */
	if (!item->ordered)
		state_flag(judge, EVENTS_FLAG_NOT_ORDERED);
	if (covered)
		state_flag(judge, EVENTS_FLAG_HELD);
	erased = item->ordered && !item->erased && nobody_keeps(copies, target->past->organisation, holder, what);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, STATE_COPY_HOLDER);
	wire_put_text(content, holder);
	wire_put_uint(content, STATE_COPY_DESTROYED);
	wire_put_uint(content, what);
	if ((code = state_fact_on(judge, &copies->record, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2u + erased);
	wire_put_uint(content, STATE_ITEM_HOLDER);
	wire_put_text(content, holder);
	wire_put_uint(content, STATE_ITEM_DESTROYED);
	wire_put_uint(content, what);
	if (erased) {
		wire_put_uint(content, STATE_ITEM_ERASED);
		wire_put_bool(content, true);
	}
	return state_fact_on(judge, &item->record, err);
}

enum base_code state_apply_data_destroyed(struct state_judge *judge, struct base_error *err)
{
	if (!is_own_name(judge, 2))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	return each_item(judge, false, destroyed_one, err);
}

/* ---- erase ---------------------------------------------------------------------------------- */

/* A withdrawal or objection by this participant, with which what exists is to be erased. */
static bool is_withdrawal(const struct state_consents *consents, const struct base_hash *id)
{
	for (size_t i = 0; i < consents->facts.count; i++) {
		struct base_slice content = consents->facts.list[i].content, body;
		struct base_hash own;
		uint64_t act, existing;

		if (state_content_hash(content, 1, &own) && base_hash_equal(&own, id) &&
		    state_act_of(content, 2, &act, &body))
			return (act == EVENTS_CONSENT_WITHDRAW || act == EVENTS_CONSENT_OBJECT) &&
			       state_content_uint(body, 3, &existing) && existing == EVENTS_EXISTING_ERASE;
	}
	return false;
}

static enum base_code has_ground(struct state_judge *judge, const uint8_t *participant, bool *good,
				 struct base_error *err)
{
	struct base_slice study = judge->study->record.study;
	struct state_consents *consents;
	struct state_request *answer;
	struct base_hash id;
	enum base_code code;

	*good = false;
	BASE_ASSERT(state_content_hash(judge->body, 2, &id)); /* decoded before */
	if (participant == NULL)
		return BASE_OK;
	if ((code = state_request_open(judge->exec, study, &id, &answer, err)) != BASE_OK ||
	    (code = state_consents_open(judge->exec, study, participant, &consents, err)) != BASE_OK)
		return code;
	*good = is_withdrawal(consents, &id) ||
		(!answer->is_request && answer->fulfilled && answer->right == EVENTS_RIGHT_ERASURE &&
		 memcmp(answer->participant, participant, sizeof(answer->participant)) == 0);
	return BASE_OK;
}

/* {5: answer, ? 8: true if nobody keeps it any more} on the item. */
static enum base_code erase_one(struct state_judge *judge, const struct state_named_item *target,
				struct state_item *item, struct base_error *err)
{
	const struct base_slice nobody = {NULL, 0};
	struct state_copies *copies;
	struct base_buf *content;
	struct base_hash id;
	bool good, covered, erased;
	enum base_code code;

	if ((code = has_ground(judge, state_item_participant(target, item), &good, err)) != BASE_OK)
		return code;
	if (!good)
		return state_deny(judge, EVENTS_DENIAL_NO_GROUND);
	if ((code = state_hold_covers(judge, target, item, &covered, err)) != BASE_OK)
		return code;
	if (covered)
		return state_deny(judge, EVENTS_DENIAL_ON_HOLD);
	if (item->ordered) {
		state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
		return BASE_OK;
	}
	if ((code = copies_of(judge, target, &copies, err)) != BASE_OK)
		return code;
	erased = nobody_keeps(copies, target->past->organisation, nobody, 0);
	BASE_ASSERT(state_content_hash(judge->body, 2, &id)); /* decoded before */
	content = state_fact_begin(judge);
	wire_put_map(content, 1u + erased);
	state_put_id(content, STATE_ITEM_ANSWER, &id);
	if (erased) {
		wire_put_uint(content, STATE_ITEM_ERASED);
		wire_put_bool(content, true);
	}
	return state_fact_on(judge, &item->record, err);
}

enum base_code state_apply_data_erase(struct state_judge *judge, struct base_error *err)
{
	return each_item(judge, true, erase_one, err);
}

/* ---- recall ---------------------------------------------------------------------------------- */

/* {2: reason, 12: recipients} on the item. */
static enum base_code recall_one(struct state_judge *judge, const struct state_named_item *target,
				 struct state_item *item, struct base_error *err)
{
	struct base_buf *content = state_fact_begin(judge);

	(void)target;
	wire_put_map(content, 2);
	wire_put_uint(content, STATE_ITEM_REASON);
	wire_put_uint(content, judge->event->envelope.reason);
	wire_put_uint(content, STATE_ITEM_RECIPIENTS);
	base_buf_append(content, events_raw(judge->body, 2));
	return state_fact_on(judge, &item->record, err);
}

/* And {4: organisation, 6: recipients} on the event: who acknowledges it, attests it. */
enum base_code state_apply_data_recall(struct state_judge *judge, struct base_error *err)
{
	struct state_said *said;
	struct base_buf *content;
	enum base_code code = each_item(judge, true, recall_one, err);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = state_said_open(judge->exec, &judge->event->id, &said, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, STATE_EVENT_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	wire_put_uint(content, STATE_EVENT_RECIPIENTS);
	base_buf_append(content, events_raw(judge->body, 2));
	return state_fact_on(judge, &said->record, err);
}
