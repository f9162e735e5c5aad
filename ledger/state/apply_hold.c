#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* hold.*: what must be kept, whoever wants it erased. */

#define HOLDS_MAX 1024

/* The study's sponsor, and inspectors whom the sponsor let in, for what anybody recorded. */
static bool is_wide(const struct state_judge *judge)
{
	return state_is_own(judge, state_token_slice(&judge->study->sponsor)) ||
	       (state_assigned(judge) & EVENTS_ROLE(EVENTS_ROLE_INSPECTOR)) != 0;
}

static enum base_code check_scope(struct state_judge *judge, bool wide, struct base_error *err)
{
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
		if (!wide && !state_is_own(judge, state_token_slice(&participant->owner)))
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

bool state_hold_lists(struct base_slice content, const struct events_item_id *id)
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

/* Everybody whose the item is, was or may yet be, under every reference of theirs, sorted: who was submitted with it, and
 * to whom a reassignment gave it. So a hold is not shaken off by saying that the item is somebody else's. */
struct held {
	const struct state_named_item *target;
	struct base_hash *refs;
	size_t count, cap;
};

static void note_reference(struct held *held, const struct state_participant *participant)
{
	struct wire_reader r;

	held->refs = state_grow(held->refs, &held->cap, held->count, sizeof(*held->refs));
	wire_read(&r, participant->record.reference);
	held->refs[held->count++] = wire_get_hash(&r);
}

static enum base_code note_person(struct state_judge *judge, struct held *held, const uint8_t *reference,
				  struct base_error *err)
{
	struct base_slice study = judge->study->record.study;
	struct state_participant *participant, *same[STATE_SAME_MAX];
	size_t count = 0;
	enum base_code code;

	if (reference == NULL)
		return BASE_OK;
	if ((code = state_participant_open(judge->exec, study, reference, &participant, err)) != BASE_OK ||
	    (code = state_same_open(judge->exec, study, participant, same, &count, err)) != BASE_OK)
		return code;
	for (size_t i = 0; i < count; i++)
		note_reference(held, same[i]);
	return BASE_OK;
}

static int compare_refs(const void *a, const void *b)
{
	return memcmp(a, b, BASE_HASH_BYTES);
}

static enum base_code note_everybody(struct state_judge *judge, struct held *held, const struct state_item *item,
				     struct base_error *err)
{
	const struct state_past_ref *ref = &held->target->past->refs[held->target->id.index];
	enum base_code code = note_person(judge, held, ref->has ? ref->reference : NULL, err);

	for (size_t i = 0; code == BASE_OK && i < item->given_count; i++)
		code = note_person(judge, held, item->given[i].bytes, err);
	if (held->count > 1)
		qsort(held->refs, held->count, sizeof(*held->refs), compare_refs);
	return code;
}

static bool lists_participant(struct base_slice content, const struct held *held)
{
	struct wire_reader r;
	uint64_t count;

	if (held->count == 0 || !events_find(content, 1, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash listed = wire_get_hash(&r);

		if (!r.failed && bsearch(&listed, held->refs, held->count, sizeof(*held->refs), compare_refs) != NULL)
			return true;
	}
	return false;
}

static enum base_code covers_item(struct state_judge *judge, struct base_slice content, const struct held *held,
				  bool *covers, struct base_error *err)
{
	struct base_slice organisation;

	if (events_has(content, 1) || events_has(content, 2)) {
		*covers = state_hold_lists(content, &held->target->id) || lists_participant(content, held);
		return BASE_OK;
	}
	*covers = events_has(content, STATE_HOLD_WIDE);
	if (*covers || !state_content_text(content, STATE_HOLD_ORGANISATION, &organisation))
		return BASE_OK;
	return state_took_over(judge->exec, organisation, held->target->past->organisation, covers, err);
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
	struct held held = {.target = target};
	struct state_holds *holds;
	enum base_code code = state_holds_open(judge->exec, judge->study->record.study, &holds, err);

	*covers = false;
	if (code == BASE_OK && holds->facts.count > 0)
		code = note_everybody(judge, &held, item, err);
	for (size_t i = 0; code == BASE_OK && i < holds->facts.count && !*covers; i++) {
		const struct state_fact *fact = &holds->facts.list[i];

		if (fact->kind != EVENTS_HOLD_PLACE || has_ended(judge, holds, fact->content))
			continue;
		code = covers_item(judge, fact->content, &held, covers, err);
	}
	free(held.refs);
	return code;
}
