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
	}
	return BASE_OK;
}
