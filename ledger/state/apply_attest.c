#include "ledger/state/exec_internal.h"

/* attest: what somebody states about items, or about events as a whole. What waits for a second organisation takes effect
 * by one rule, whatever it is: state_approves, by an actor of another organisation than its author's. */

bool state_approves(const struct state_judge *judge)
{
	return events_uint(judge->body, 2) == EVENTS_MEANING_APPROVED && !judge->signer->key.suspect;
}

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
static enum base_code check_event(struct state_judge *judge, const struct base_hash *id, const struct state_past **past,
				  struct base_error *err)
{
	enum base_code code = state_past_find(&judge->exec->source, id, judge->index, past, err);

	if (code == BASE_NOT_FOUND)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (code != BASE_OK)
		return code;
	if (!(*past)->recorded || !base_slice_equal((*past)->study, judge->study->record.study))
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
	confirms = said->waits && state_approves(judge) && !state_is_own(judge, state_token_slice(&said->organisation));
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

/* One that waits for another organisation than the one that recorded it, which the signer is not of. */
static enum base_code is_approved(struct state_judge *judge, const struct state_consents *consents,
				  const struct base_hash *id, bool *yes, struct base_error *err)
{
	const struct state_fact *annulment = find_annulment(consents, id);
	const struct state_past *past;
	enum base_code code;

	*yes = false;
	if (annulment == NULL || events_has(annulment->content, STATE_CONSENT_ALONE) || is_attested(consents, id))
		return BASE_OK;
	if ((code = state_past_find(&judge->exec->source, id, judge->index, &past, err)) == BASE_OK)
		*yes = !state_is_own(judge, past->organisation);
	return code;
}

/* {4: [those of the events that annul a consent of this participant, by others, and that nobody has approved so far]} */
static enum base_code approve_annulments(struct state_judge *judge, struct state_consents *consents,
					 struct base_error *err)
{
	struct base_buf ids = BASE_BUF_INIT;
	struct base_buf *content;
	size_t count = 0;
	enum base_code code = BASE_OK;

	for (size_t i = 0; code == BASE_OK && i < judge->names.body_ids; i++) {
		const struct base_hash *id = &judge->names.ids[i];
		bool yes;

		code = is_approved(judge, consents, id, &yes, err);
		if (code != BASE_OK || !yes)
			continue;
		wire_put_hash(&ids, id);
		count++;
	}
	if (code != BASE_OK || count == 0) {
		base_buf_free(&ids);
		return code;
	}
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, STATE_CONSENT_ATTESTED);
	wire_put_array(content, count);
	base_buf_append(content, base_buf_slice(&ids));
	base_buf_free(&ids);
	return state_fact_on(judge, &consents->record, err);
}

/* The consents that an event of kind `consent` is about; NULL: it is another kind. */
static enum base_code consents_of(struct state_judge *judge, const struct state_past *past, struct state_consents **out,
				  struct base_error *err)
{
	*out = NULL;
	if (past->kind->id != EVENTS_CONSENT || past->count == 0 || !past->refs[0].has)
		return BASE_OK;
	return state_consents_open(judge->exec, past->study, past->refs[0].reference, out, err);
}

static enum base_code approve_consents(struct state_judge *judge, const struct base_hash *id, struct base_error *err)
{
	const struct state_past *past;
	struct state_consents *consents;
	enum base_code code;

	if (!state_approves(judge))
		return BASE_OK;
	if ((code = state_past_find(&judge->exec->source, id, judge->index, &past, err)) != BASE_OK ||
	    (code = consents_of(judge, past, &consents, err)) != BASE_OK || consents == NULL)
		return code;
	if (state_has_effect(judge, &consents->record) || consents->facts.count >= STATE_CONSENTS_MAX - 1)
		return BASE_OK;
	return approve_annulments(judge, consents, err);
}

/* ---- Who does not belong to the study ------------------------------------------------ */

static bool is_recipient(const struct state_judge *judge, const struct state_said *said)
{
	struct wire_reader r;
	uint64_t count;

	if (said->recipients.len == 0)
		return false;
	wire_read(&r, base_buf_slice(&said->recipients));
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		if (state_is_own(judge, state_actor_organisation(wire_get_text(&r))))
			return !r.failed;
	}
	return false;
}

/* Whether the event waits for an organisation such as the signer's. */
static enum base_code is_awaited(struct state_judge *judge, const struct state_past *past, const struct state_said *said,
				 bool *yes, struct base_error *err)
{
	struct state_consents *consents;
	enum base_code code;

	*yes = false;
	if (state_is_own(judge, past->organisation))
		return BASE_OK;
	*yes = said->waits;
	for (size_t i = 0; i < judge->concerned_count; i++)
		*yes = *yes || state_awaits(judge->concerned[i].participant, &past->id);
	if (*yes)
		return BASE_OK;
	if ((code = consents_of(judge, past, &consents, err)) != BASE_OK || consents == NULL)
		return code;
	return is_approved(judge, consents, &past->id, yes, err);
}

/* Such a one approves what waits for a second organisation, and acknowledges a recall that names it; nothing else, or
 * anybody could write into anybody's trail. */
static enum base_code check_outsider(struct state_judge *judge, const struct state_past *past, struct base_error *err)
{
	struct state_said *said;
	bool awaited = false;
	enum base_code code = state_said_open(judge->exec, &past->id, &said, err);

	if (code != BASE_OK || is_recipient(judge, said))
		return code;
	if (state_approves(judge) && (code = is_awaited(judge, past, said, &awaited, err)) != BASE_OK)
		return code;
	return awaited ? BASE_OK : state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
}

enum base_code state_apply_attest(struct state_judge *judge, struct base_error *err)
{
	bool outsider = !state_belongs(judge);
	enum base_code code;

	if (outsider && judge->names.item_count > 0)
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
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
		const struct state_past *past;

		code = check_event(judge, &judge->names.ids[i], &past, err);
		if (code == BASE_OK && outsider && judge->outcome->verdict != STATE_DENY)
			code = check_outsider(judge, past, err);
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
