#include "ledger/state/exec_internal.h"

#include <string.h>

/* What went wrong, and how it is mended: data.reassign, data.incident, actor.affirm, actor.repudiate. */

/* ---- reassign ---------------------------------------------------------------------------- */

#define GIVEN_MAX 16 /* people whom reassignments of one item name: a hold on any of them covers it */

static bool is_full(const struct state_item *item, struct base_slice to)
{
	for (size_t i = 0; i < item->given_count; i++) {
		if (base_slice_equal(base_hash_slice(&item->given[i]), to))
			return false;
	}
	return item->given_count >= GIVEN_MAX;
}

/* Whether an act that could loosen a restriction takes effect at once: there is no second organisation. */
static enum base_code is_alone(struct state_judge *judge, bool *alone, struct base_error *err)
{
	struct state_governance *governance;
	enum base_code code = state_governance_open(judge->exec, &governance, err);

	*alone = code == BASE_OK && governance->organisations < 2;
	return code;
}

/* On the item {2: reason, 9: from, 10: to, ? 11: true if in effect}; on the event {2: item, 3: study, 4: organisation}
 * while it waits for a second organisation. */
static enum base_code reassign(struct state_judge *judge, const struct state_named_item *target, struct state_item *item,
			       struct base_error *err)
{
	struct state_said *said;
	struct base_buf *content;
	bool alone;
	enum base_code code = is_alone(judge, &alone, err);

	if (code != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 3u + alone);
	wire_put_uint(content, STATE_ITEM_REASON);
	wire_put_uint(content, judge->event->envelope.reason);
	wire_put_uint(content, STATE_ITEM_FROM);
	wire_put_bytes(content, events_bytes(judge->body, 2));
	wire_put_uint(content, STATE_ITEM_TO);
	wire_put_bytes(content, events_bytes(judge->body, 3));
	if (alone) {
		wire_put_uint(content, STATE_ITEM_IN_EFFECT);
		wire_put_bool(content, true);
	}
	if ((code = state_fact_on(judge, &item->record, err)) != BASE_OK || alone)
		return code;
	state_flag(judge, EVENTS_FLAG_UNCONFIRMED);
	if ((code = state_said_open(judge->exec, &judge->event->id, &said, err)) != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 3);
	wire_put_uint(content, STATE_EVENT_ITEM);
	events_item_id_put(content, &target->id);
	wire_put_uint(content, STATE_EVENT_STUDY);
	wire_put_text(content, judge->study->record.study);
	wire_put_uint(content, STATE_EVENT_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	return state_fact_on(judge, &said->record, err);
}

enum base_code state_apply_data_reassign(struct state_judge *judge, struct base_error *err)
{
	const struct state_named_item *target = &judge->names.items[0];
	struct base_slice from = events_bytes(judge->body, 2), to = events_bytes(judge->body, 3);
	struct state_participant *participant;
	const uint8_t *current;
	struct state_item *item;
	enum base_code code;

	if ((code = state_target_open(judge, target, false, &item, err)) != BASE_OK)
		return code;
	if (item == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_target_is_own(judge, target))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	current = state_item_participant(target, item);
	if (current == NULL || memcmp(current, from.data, 32) != 0 || base_slice_equal(from, to) ||
	    item->waits)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	code = state_participant_open(judge->exec, judge->study->record.study, to.data, &participant, err);
	if (code != BASE_OK)
		return code;
	if (!state_record_exists(&participant->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_is_own(judge, state_token_slice(&participant->owner)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (is_full(item, to))
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	if (item->ordered)
		state_flag(judge, EVENTS_FLAG_ITEM_ERASED);
	return reassign(judge, target, item, err);
}

/* ---- incident ------------------------------------------------------------------------------ */

#define INCIDENT_MS (UINT64_C(72) * 3600 * 1000) /* GDPR 33(1) */

static enum base_code check_incident(struct state_judge *judge, struct state_incident *incident, struct base_error *err)
{
	for (size_t i = 0; i < judge->names.item_count; i++) {
		struct state_item *item;
		enum base_code code = state_target_open(judge, &judge->names.items[i], false, &item, err);

		if (code != BASE_OK)
			return code;
		if (item == NULL)
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	}
	for (size_t i = 0; i < judge->concerned_count; i++) {
		if (!state_record_exists(&judge->concerned[i].participant->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	}
	if (!events_has(judge->body, 6))
		return BASE_OK;
	if (!state_record_exists(&incident->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_is_own(judge, state_token_slice(&incident->organisation)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (incident->closed)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	return BASE_OK;
}

/* {? 1: organisation, ? 2: due, both in the first report, 3: stage, 4: the event's id} on the incident. */
enum base_code state_apply_data_incident(struct state_judge *judge, struct base_error *err)
{
	bool first = !events_has(judge->body, 6);
	uint64_t stage = events_uint(judge->body, 3), due;
	struct base_hash id = judge->event->id;
	struct state_incident *incident;
	struct events_when discovered;
	struct base_buf *content;
	struct wire_reader r;
	enum base_code code;

	BASE_ASSERT(first || state_content_hash(judge->body, 6, &id));
	BASE_ASSERT(events_find(judge->body, 2, &r)); /* decoded before */
	discovered = events_when_read(&r);
	if ((code = state_incident_open(judge->exec, judge->study->record.study, &id, &incident, err)) != BASE_OK)
		return code;
	if ((code = check_incident(judge, incident, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	due = first ? discovered.utc_ms + INCIDENT_MS : incident->due;
	if (!incident->notified && judge->event->envelope.when.utc_ms > due)
		state_flag(judge, EVENTS_FLAG_OVERDUE);
	content = state_fact_begin(judge);
	wire_put_map(content, first ? 4 : 2);
	if (first) {
		wire_put_uint(content, STATE_INCIDENT_ORGANISATION);
		wire_put_text(content, state_own_organisation(judge));
		wire_put_uint(content, STATE_INCIDENT_DUE);
		wire_put_uint(content, due);
	}
	wire_put_uint(content, STATE_INCIDENT_STAGE);
	wire_put_uint(content, stage);
	state_put_id(content, STATE_INCIDENT_REPORT, &judge->event->id);
	return state_fact_on(judge, &incident->record, err);
}

/* ---- affirm, repudiate ----------------------------------------------------------------------- */

/* Whether others may have had the key when the event was entered. The author's clock does not count: a thief sets it. */
static enum base_code is_suspect(struct state_judge *judge, const struct state_past *past, bool *suspect,
				 struct base_error *err)
{
	struct state_signer *signer;
	enum base_code code = state_signer_open(judge->exec, &past->kid, &signer, err);

	*suspect = code == BASE_OK &&
		   (signer->key.suspect ||
		    (signer->key.has_compromised && past->time.ms >= signer->key.compromised.utc_ms));
	return code;
}

/* The author itself affirms; an administrator of its organisation does either. */
static bool may_judge(const struct state_judge *judge, const struct state_past *past)
{
	if (state_has_role(judge, EVENTS_ROLE_ADMINISTRATOR))
		return true;
	return judge->event->envelope.kind->id == EVENTS_ACTOR_AFFIRM &&
	       base_slice_equal(past->issuer, judge->actor->name);
}

/* *past NULL: denied. */
static enum base_code check_event(struct state_judge *judge, const struct base_hash *id, const struct state_past **past,
				  struct state_said **said, struct base_error *err)
{
	const struct state_past *found = NULL;
	bool suspect;
	enum base_code code = state_past_find(&judge->exec->source, id, judge->index, &found, err);

	*past = NULL;
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return code;
	if (code == BASE_NOT_FOUND || !found->recorded)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!may_judge(judge, found))
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	if (!state_is_own(judge, found->organisation))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if ((code = is_suspect(judge, found, &suspect, err)) != BASE_OK)
		return code;
	if (!suspect)
		return state_deny(judge, EVENTS_DENIAL_NOT_SUSPECT);
	if ((code = state_said_open(judge->exec, id, said, err)) != BASE_OK)
		return code;
	/* What was affirmed may yet be repudiated; not the other way round. */
	if ((*said)->repudiated || ((*said)->affirmed && judge->event->envelope.kind->id == EVENTS_ACTOR_AFFIRM))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	*past = found;
	return BASE_OK;
}

/* {1: actor} on the event. */
static enum base_code put_said(struct state_judge *judge, struct state_said *said, struct base_error *err)
{
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 1);
	wire_put_uint(content, STATE_EVENT_ACTOR);
	wire_put_text(content, judge->actor->name);
	return state_fact_on(judge, &said->record, err);
}

/* {2: reason, 13: event} on each item that the event brought. */
static enum base_code take_back_items(struct state_judge *judge, const struct state_past *past, struct base_error *err)
{
	for (size_t i = 0; past->brings && i < past->count; i++) {
		const struct events_item_id id = {past->id, i};
		struct base_buf *content = state_fact_begin(judge);
		struct state_item *item;
		enum base_code code = state_item_open(judge->exec, past->study, &id, &item, err);

		if (code != BASE_OK)
			return code;
		wire_put_map(content, 2);
		wire_put_uint(content, STATE_ITEM_REASON);
		wire_put_uint(content, judge->event->envelope.reason);
		state_put_id(content, STATE_ITEM_REPUDIATED, &past->id);
		if ((code = state_fact_on(judge, &item->record, err)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}

static const struct state_fact *find_consent(const struct state_consents *consents, const struct base_hash *id)
{
	for (size_t i = 0; i < consents->facts.count; i++) {
		struct base_hash own;

		if (state_content_hash(consents->facts.list[i].content, 1, &own) && base_hash_equal(&own, id))
			return &consents->facts.list[i];
	}
	return NULL;
}

/* Whether a consent event loosens: it gives, or annuls what restricts. */
static bool loosens(const struct state_consents *consents, const struct base_hash *id)
{
	const struct state_fact *fact = find_consent(consents, id), *annulled;
	struct base_slice body;
	struct base_hash target;
	uint64_t act;

	if (fact == NULL || !state_act_of(fact->content, 2, &act, &body))
		return false;
	if (act == EVENTS_CONSENT_GIVE)
		return true;
	if (act != EVENTS_CONSENT_ANNUL || !state_content_hash(body, 1, &target))
		return false;
	annulled = find_consent(consents, &target);
	return annulled != NULL && state_act_of(annulled->content, 2, &act, &body) && act != EVENTS_CONSENT_GIVE &&
	       act != EVENTS_CONSENT_ANNUL;
}

/* As if it had been annulled: {1: the event's id, 2: {5: {1: event}}} on the participant's consents. */
static enum base_code take_back_consent(struct state_judge *judge, const struct state_past *past, struct base_error *err)
{
	struct state_consents *consents;
	struct base_buf *content;
	enum base_code code;

	if (past->kind->id != EVENTS_CONSENT || past->count == 0)
		return BASE_OK;
	code = state_consents_open(judge->exec, past->study, past->refs[0].reference, &consents, err);
	if (code != BASE_OK || !loosens(consents, &past->id))
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	state_put_id(content, 1, &judge->event->id);
	wire_put_uint(content, 2);
	wire_put_map(content, 1);
	wire_put_uint(content, EVENTS_CONSENT_ANNUL);
	wire_put_map(content, 1);
	state_put_id(content, 1, &past->id);
	return state_fact_on(judge, &consents->record, err);
}

static enum base_code judge_events(struct state_judge *judge, bool repudiate, struct base_error *err)
{
	if (judge->signer->key.suspect)
		return state_deny(judge, EVENTS_DENIAL_NO_AUTHORITY);
	for (size_t i = 0; i < judge->names.body_ids; i++) {
		const struct state_past *past;
		struct state_said *said;
		enum base_code code = check_event(judge, &judge->names.ids[i], &past, &said, err);

		if (code != BASE_OK || past == NULL)
			return code;
		if (state_has_effect(judge, &said->record))
			continue;
		if ((code = put_said(judge, said, err)) != BASE_OK)
			return code;
		if (repudiate && ((code = take_back_items(judge, past, err)) != BASE_OK ||
				  (code = take_back_consent(judge, past, err)) != BASE_OK))
			return code;
	}
	return BASE_OK;
}

enum base_code state_apply_actor_affirm(struct state_judge *judge, struct base_error *err)
{
	return judge_events(judge, false, err);
}

enum base_code state_apply_actor_repudiate(struct state_judge *judge, struct base_error *err)
{
	return judge_events(judge, true, err);
}
