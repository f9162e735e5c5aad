#include "ledger/state/exec_internal.h"

/* attest: what somebody states about items, or about events as a whole. */

/* {3: meaning, 4: actor} */
static enum base_code attest_item(struct state_judge *judge, struct state_item *item, struct base_error *err)
{
	struct base_buf *content;

	if (state_has_effect(judge, &item->record))
		return BASE_OK;
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 3);
	wire_put_uint(content, events_uint(judge->body, 2));
	wire_put_uint(content, 4);
	wire_put_text(content, judge->actor->name);
	return state_fact_on(judge, &item->record, err);
}

/* An event of this study that was not refused. */
static enum base_code check_event(struct state_judge *judge, const struct base_hash *id, struct base_error *err)
{
	const struct state_past *past;
	enum base_code code = state_past_find(&judge->exec->source, id, judge->index, &past, err);

	if (code == BASE_NOT_FOUND)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (code != BASE_OK)
		return code;
	if (!past->recorded || !base_slice_equal(past->study, judge->study->record.study))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	return BASE_OK;
}

/* {3: meaning, 4: actor, 11: true} on the item that a reassignment is about. */
static enum base_code confirm(struct state_judge *judge, const struct state_said *said, struct base_error *err)
{
	struct state_item *item;
	struct base_buf *content;
	enum base_code code =
		state_item_open(judge->exec, state_token_slice(&said->study), &said->item, &item, err);

	if (code != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 3);
	wire_put_uint(content, STATE_ITEM_MEANING);
	wire_put_uint(content, events_uint(judge->body, 2));
	wire_put_uint(content, STATE_ITEM_ACTOR);
	wire_put_text(content, judge->actor->name);
	wire_put_uint(content, STATE_ITEM_IN_EFFECT);
	wire_put_bool(content, true);
	return state_fact_on(judge, &item->record, err);
}

/* On an event of which others are expected to say something: {1: actor, ? 5: true if it takes effect by this, 7: meaning}.
 * It takes effect by the word of a second organisation. */
static enum base_code attest_event(struct state_judge *judge, const struct base_hash *id, struct base_error *err)
{
	struct state_said *said;
	struct base_buf *content;
	bool confirms;
	enum base_code code = state_said_open(judge->exec, id, &said, err);

	if (code != BASE_OK || !state_record_exists(&said->record) || state_has_effect(judge, &said->record))
		return code;
	confirms = said->waits && !judge->signer->key.suspect &&
		   !state_is_own(judge, state_token_slice(&said->organisation));
	content = state_fact_begin(judge);
	wire_put_map(content, 2u + confirms);
	wire_put_uint(content, STATE_EVENT_ACTOR);
	wire_put_text(content, judge->actor->name);
	if (confirms) {
		wire_put_uint(content, STATE_EVENT_IN_EFFECT);
		wire_put_bool(content, true);
	}
	wire_put_uint(content, STATE_EVENT_MEANING);
	wire_put_uint(content, events_uint(judge->body, 2));
	if ((code = state_fact_on(judge, &said->record, err)) != BASE_OK || !confirms)
		return code;
	return confirm(judge, said, err);
}

enum base_code state_apply_attest(struct state_judge *judge, struct base_error *err)
{
	enum base_code code;

	for (size_t i = 0; i < judge->names.item_count; i++) {
		struct state_item *item;

		if ((code = state_target_open(judge, &judge->names.items[i], false, &item, err)) != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if ((code = attest_item(judge, item, err)) != BASE_OK)
			return code;
	}
	for (size_t i = 0; i < judge->names.body_ids; i++) {
		code = check_event(judge, &judge->names.ids[i], err);
		if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
			return code;
		if ((code = attest_event(judge, &judge->names.ids[i], err)) != BASE_OK)
			return code;
	}
	return state_confirm(judge, err);
}
