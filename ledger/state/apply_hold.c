#include "ledger/state/exec_internal.h"

#include <string.h>

/* hold.*: what must be kept, whoever wants it erased. */

#define HOLDS_MAX 1024

/* The study's sponsor, and inspectors whom the sponsor or a site let in, for what anybody recorded. */
static bool is_wide(const struct state_judge *judge)
{
	struct base_slice any = {NULL, 0};
	uint64_t assigned = state_assigned_roles(judge->actor, judge->study->record.study, any, judge->exec->time);

	return state_is_own(judge, state_token_slice(&judge->study->sponsor)) ||
	       (assigned & EVENTS_ROLE(EVENTS_ROLE_INSPECTOR)) != 0;
}

static enum base_code check_scope(struct state_judge *judge, bool wide, struct base_error *err)
{
	struct base_slice own = state_own_organisation(judge);

	for (size_t i = 0; i < judge->names.item_count; i++) {
		const struct state_named_item *target = &judge->names.items[i];
		struct state_item *item;
		enum base_code code = state_target_open(judge, target, false, &item, err);

		if (code != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (!wide && !state_target_is_own(judge, target))
			return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
		if (item->ordered)
			state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
	}
	for (size_t i = 0; i < judge->concerned_count; i++) {
		const struct state_participant *participant = judge->concerned[i].participant;

		if (!judge->concerned[i].named)
			continue;
		if (!state_record_exists(&participant->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (!wide && !state_token_is(&participant->owner, own))
			return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	}
	return BASE_OK;
}

/* The body, 0: the event's id, 9: organisation, ? 10: true if it may cover what others recorded. */
enum base_code state_apply_hold_place(struct state_judge *judge, struct base_error *err)
{
	bool wide = is_wide(judge);
	struct state_holds *holds;
	struct base_buf *content;
	struct wire_reader r;
	uint64_t members;
	enum base_code code = check_scope(judge, wide, err);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = state_holds_open(judge->exec, judge->study->record.study, &holds, err)) != BASE_OK)
		return code;
	if (holds->facts.count >= HOLDS_MAX)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	wire_read(&r, judge->body);
	members = wire_get_map(&r);
	content = state_fact_begin(judge);
	wire_put_map(content, members + 2 + wide);
	state_put_id(content, STATE_HOLD_ID, &judge->event->id);
	base_buf_append(content, base_slice(judge->body.data + r.at, judge->body.len - r.at));
	wire_put_uint(content, STATE_HOLD_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	if (wide) {
		wire_put_uint(content, STATE_HOLD_WIDE);
		wire_put_bool(content, true);
	}
	return state_fact_on(judge, &holds->record, err);
}

static const struct state_fact *find_hold(const struct state_holds *holds, const struct base_hash *id)
{
	for (size_t i = 0; i < holds->facts.count; i++) {
		const struct state_fact *fact = &holds->facts.list[i];
		struct base_hash own;

		if (fact->kind == EVENTS_HOLD_PLACE && state_content_hash(fact->content, STATE_HOLD_ID, &own) &&
		    base_hash_equal(&own, id))
			return fact;
	}
	return NULL;
}

static bool is_lifted(const struct state_holds *holds, const struct base_hash *id)
{
	for (size_t i = 0; i < holds->facts.count; i++) {
		struct base_hash lifted;

		if (state_content_hash(holds->facts.list[i].content, STATE_HOLD_LIFTED, &lifted) &&
		    base_hash_equal(&lifted, id))
			return true;
	}
	return false;
}

/* {0: the event's id, 8: hold} */
enum base_code state_apply_hold_lift(struct state_judge *judge, struct base_error *err)
{
	const struct state_fact *hold;
	struct base_slice organisation;
	struct state_holds *holds;
	struct base_buf *content;
	struct base_hash id;
	enum base_code code;

	BASE_ASSERT(state_content_hash(judge->body, 1, &id)); /* decoded before */
	if ((code = state_holds_open(judge->exec, judge->study->record.study, &holds, err)) != BASE_OK)
		return code;
	if ((hold = find_hold(holds, &id)) == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_content_text(hold->content, STATE_HOLD_ORGANISATION, &organisation) ||
	    !state_is_own(judge, organisation))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (is_lifted(holds, &id))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	state_put_id(content, STATE_HOLD_ID, &judge->event->id);
	state_put_id(content, STATE_HOLD_LIFTED, &id);
	return state_fact_on(judge, &holds->record, err);
}

/* ---- Whether a hold covers an item ----------------------------------------------------- */

static bool lists_item(struct base_slice content, const struct events_item_id *id)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(content, 2, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct events_item_id listed = events_item_id_read(&r);

		if (!r.failed && listed.index == id->index && base_hash_equal(&listed.event, &id->event))
			return true;
	}
	return false;
}

static bool lists_participant(struct base_slice content, const uint8_t *reference)
{
	struct wire_reader r;
	uint64_t count;

	if (reference == NULL || !events_find(content, 1, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash listed = wire_get_hash(&r);

		if (!r.failed && memcmp(listed.bytes, reference, sizeof(listed.bytes)) == 0)
			return true;
	}
	return false;
}

/* While a reassignment waits, the stricter of the two participants. */
static bool covers_item(struct base_slice content, const struct state_named_item *target, const struct state_item *item)
{
	struct base_slice organisation;

	if (!events_has(content, 1) && !events_has(content, 2))
		return events_has(content, STATE_HOLD_WIDE) ||
		       (state_content_text(content, STATE_HOLD_ORGANISATION, &organisation) &&
			base_slice_equal(organisation, target->past->organisation));
	return lists_item(content, &target->id) ||
	       lists_participant(content, state_item_participant(target, item)) ||
	       lists_participant(content, item->waits ? item->to : NULL);
}

static bool has_ended(const struct state_judge *judge, const struct state_holds *holds, struct base_slice content)
{
	struct base_hash id;
	struct wire_reader r;
	struct events_when until;

	if (events_find(content, 3, &r)) {
		until = events_when_read(&r);
		if (!r.failed && judge->exec->time.ms >= state_when_end(&until))
			return true;
	}
	return state_content_hash(content, STATE_HOLD_ID, &id) && is_lifted(holds, &id);
}

enum base_code state_hold_covers(struct state_judge *judge, const struct state_named_item *target,
				 const struct state_item *item, bool *covers, struct base_error *err)
{
	struct state_holds *holds;
	enum base_code code = state_holds_open(judge->exec, judge->study->record.study, &holds, err);

	*covers = false;
	if (code != BASE_OK)
		return code;
	for (size_t i = 0; i < holds->facts.count && !*covers; i++) {
		const struct state_fact *fact = &holds->facts.list[i];

		*covers = fact->kind == EVENTS_HOLD_PLACE && covers_item(fact->content, target, item) &&
			  !has_ended(judge, holds, fact->content);
	}
	return BASE_OK;
}
