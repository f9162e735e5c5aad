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
	confirms = said->waits && events_uint(judge->body, 2) == EVENTS_MEANING_APPROVED && !judge->signer->key.suspect &&
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

/* ---- Annulled consents: the word of another organisation --------------------------- */

static const struct state_fact *find_annulment(const struct state_consents *consents, const struct base_hash *id)
{
	for (size_t i = 0; i < consents->facts.count; i++) {
		const struct state_fact *fact = &consents->facts.list[i];
		struct base_slice body;
		struct base_hash own;
		uint64_t act;

		if (state_content_hash(fact->content, STATE_CONSENT_ID, &own) && base_hash_equal(&own, id) &&
		    state_act_of(fact->content, STATE_CONSENT_ACT, &act, &body) && act == EVENTS_CONSENT_ANNUL)
			return fact;
	}
	return NULL;
}

static bool is_attested(const struct state_consents *consents, const struct base_hash *id)
{
	for (size_t i = 0; i < consents->facts.count; i++) {
		struct wire_reader r;
		uint64_t count;

		if (!events_find(consents->facts.list[i].content, STATE_CONSENT_ATTESTED, &r))
			continue;
		count = wire_get_array(&r);
		for (uint64_t n = 0; n < count && !r.failed; n++) {
			struct base_hash listed = wire_get_hash(&r);

			if (!r.failed && base_hash_equal(&listed, id))
				return true;
		}
	}
	return false;
}

/* {4: [those of the events that annul a consent of this participant, and that nobody has approved so far]} */
static enum base_code approve_annulments(struct state_judge *judge, struct state_consents *consents,
					 struct base_error *err)
{
	struct base_buf ids = BASE_BUF_INIT;
	struct base_buf *content;
	size_t count = 0;

	for (size_t i = 0; i < judge->names.body_ids; i++) {
		const struct base_hash *id = &judge->names.ids[i];

		if (find_annulment(consents, id) == NULL || is_attested(consents, id))
			continue;
		wire_put_hash(&ids, id);
		count++;
	}
	if (count == 0) {
		base_buf_free(&ids);
		return BASE_OK;
	}
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_CONSENT_ATTESTED);
	wire_put_array(content, count);
	base_buf_append(content, base_buf_slice(&ids));
	base_buf_free(&ids);
	return state_fact_on(judge, &consents->record, err);
}

/* By another organisation than the one that annulled, which must mean more than having seen it. */
static enum base_code approve_consents(struct state_judge *judge, const struct base_hash *id, struct base_error *err)
{
	const struct state_past *past;
	struct state_consents *consents;
	enum base_code code;

	if (events_uint(judge->body, 2) != EVENTS_MEANING_APPROVED || judge->signer->key.suspect)
		return BASE_OK;
	if ((code = state_past_find(&judge->exec->source, id, judge->index, &past, err)) != BASE_OK)
		return code;
	if (past->kind->id != EVENTS_CONSENT || past->count == 0 || !past->refs[0].has ||
	    base_slice_equal(past->organisation, state_own_organisation(judge)))
		return BASE_OK;
	code = state_consents_open(judge->exec, past->study, past->refs[0].reference, &consents, err);
	if (code != BASE_OK || state_has_effect(judge, &consents->record) ||
	    consents->facts.count >= STATE_CONSENTS_MAX - 1)
		return code;
	return approve_annulments(judge, consents, err);
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
	for (size_t i = 0; i < judge->names.body_ids; i++) {
		if ((code = approve_consents(judge, &judge->names.ids[i], err)) != BASE_OK)
			return code;
	}
	return state_confirm(judge, err);
}
