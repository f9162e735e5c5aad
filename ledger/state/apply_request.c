#include "ledger/state/access_internal.h"

#include <string.h>

/* access.request, access.decide, access.disclose: what contracts decide. docs/formats/access.md */

#define OUTCOME_BYTES_MAX 7500 /* of what is told of the items: with flags it stays within what an outcome may have */

static bool is_denied(const struct state_judge *judge, enum base_code code)
{
	return code != BASE_OK || judge->outcome->verdict == STATE_DENY;
}

/* This version judges items alone. */
static enum base_code check_items(struct state_judge *judge, struct base_error *err)
{
	struct base_slice what = events_raw(judge->body, 1);
	enum base_code code = state_access_what(judge, err);

	if (is_denied(judge, code))
		return code;
	if (!events_has(what, 1) || events_has(what, 2) || events_has(what, 3))
		return state_deny(judge, EVENTS_DENIAL_ITEMS_ONLY);
	return BASE_OK;
}

/* Judges, and tells of it in the outcome; denies what is too large, and what no item is permitted of. */
static enum base_code judge_all(struct state_judge *judge, struct access *access, struct access_judgement *j,
				uint64_t expires, struct base_error *err)
{
	enum base_code code = access_judge(access, j, err);

	if (code != BASE_OK)
		return code;
	if (j->missing)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (j->too_large)
		return state_deny(judge, EVENTS_DENIAL_TOO_LARGE);
	if (expires < j->expires)
		j->expires = expires;
	access_outcome_put(&judge->outcome->judgement, j, j->permits ? j->expires : UINT64_MAX);
	if (judge->outcome->judgement.len > OUTCOME_BYTES_MAX) {
		judge->outcome->judgement.len = 0;
		return state_deny(judge, EVENTS_DENIAL_TOO_LARGE);
	}
	if (!j->permits && !j->refers)
		return state_deny(judge, j->no_contract ? EVENTS_DENIAL_NO_CONTRACT : EVENTS_DENIAL_NOT_PERMITTED);
	judge->outcome->verdict = j->permits ? STATE_PERMIT : STATE_REFER;
	return BASE_OK;
}

/* ---- request --------------------------------------------------------------------------- */

static uint64_t put_verdicts(struct base_buf *out, const struct access_judgement *j, enum state_verdict verdict, uint64_t key)
{
	uint8_t items[ACCESS_BITMAP_BYTES] = {0};
	uint64_t count = 0;

	for (size_t i = 0; i < j->count; i++) {
		if (j->verdicts[i].verdict != verdict)
			continue;
		access_bit_set(items, i);
		count = 1;
	}
	if (count > 0 && out != NULL) {
		wire_put_uint(out, key);
		access_bitmap_put(out, items);
	}
	return count;
}

/* {1: organisation, 2: recipient, 3: legal basis, 6: the body, ? 7: permitted, ? 8: referred, ? 9: until} */
static enum base_code open_grant(struct state_judge *judge, const struct access_judgement *j, struct base_error *err)
{
	bool expires = j->permits && j->expires != UINT64_MAX;
	struct state_grant *grant;
	struct base_buf *content;
	enum base_code code = state_grant_open(judge->exec, judge->study->record.study, &judge->event->id, &grant, err);

	if (code != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 4 + put_verdicts(NULL, j, STATE_PERMIT, 0) + put_verdicts(NULL, j, STATE_REFER, 0) + expires);
	wire_put_uint(content, STATE_GRANT_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	wire_put_uint(content, STATE_GRANT_RECIPIENT);
	wire_put_text(content, events_text(judge->body, 2));
	wire_put_uint(content, STATE_GRANT_BASIS);
	wire_put_uint(content, events_uint(judge->body, 5));
	wire_put_uint(content, STATE_GRANT_REQUEST);
	base_buf_append(content, judge->body);
	(void)put_verdicts(content, j, STATE_PERMIT, STATE_GRANT_PERMITTED);
	(void)put_verdicts(content, j, STATE_REFER, STATE_GRANT_REFERRED);
	if (expires) {
		wire_put_uint(content, STATE_GRANT_EXPIRES);
		wire_put_uint(content, j->expires);
	}
	return state_fact_on(judge, &grant->record, err);
}

/* The first instant after what was asked for. */
static uint64_t end_of(const struct access_question *question)
{
	return question->has_until ? state_when_last(&question->until) + 1 : UINT64_MAX;
}

enum base_code state_apply_access_request(struct state_judge *judge, struct base_error *err)
{
	struct access_judgement j = {.duties_of_permit = true};
	struct access_question question;
	struct access access;
	bool known;
	enum base_code code = check_items(judge, err);

	if (is_denied(judge, code))
		return code;
	access_open(&access, judge->exec, judge->index);
	access_question_read(judge->body, &question);
	if ((code = access_question_party(&access, &question, &known, err)) != BASE_OK)
		goto out;
	if (!known) {
		code = state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		goto out;
	}
	j.question = &question;
	access_items_read(&access, judge->body, &j);
	code = judge_all(judge, &access, &j, end_of(&question), err);
	if (!is_denied(judge, code))
		code = open_grant(judge, &j, err);
out:
	access_close(&access);
	return code;
}

/* ---- decide ------------------------------------------------------------------------------ */

/* A permit that was asked for; *out NULL: denied. */
static enum base_code find_grant(struct state_judge *judge, const struct base_hash *id, struct state_grant **out,
				 struct base_error *err)
{
	enum base_code code = state_grant_open(judge->exec, judge->study->record.study, id, out, err);

	if (code == BASE_OK && (*out)->request.len == 0) {
		*out = NULL;
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	}
	return code;
}

static bool is_committee(const struct state_judge *judge)
{
	const uint64_t committees =
		EVENTS_ROLE(EVENTS_ROLE_DATA_ACCESS_COMMITTEE) | EVENTS_ROLE(EVENTS_ROLE_ACCESS_BODY);

	return (state_assigned_roles(judge->actor, judge->study->record.study, base_slice(NULL, 0), judge->exec->time) &
		committees) != 0;
}

/* {11: permitted, ? 7: items, ? 9: until, ? 10: [contracts]} */
static enum base_code put_decision(struct state_judge *judge, struct state_grant *grant, const struct access_judgement *j,
				   struct base_error *err)
{
	bool permits = j != NULL, expires = permits && j->expires != UINT64_MAX;
	struct base_buf *content = state_fact_begin(judge);

	wire_put_map(content, 1u + 2u * permits + expires);
	if (permits)
		(void)put_verdicts(content, j, STATE_PERMIT, STATE_GRANT_PERMITTED);
	if (expires) {
		wire_put_uint(content, STATE_GRANT_EXPIRES);
		wire_put_uint(content, j->expires);
	}
	if (permits) {
		size_t count = 0;

		wire_put_uint(content, STATE_GRANT_CONTRACTS);
		for (const struct access_contract *c = j->asked; c != NULL; c = c->next)
			count += c->in_force;
		wire_put_array(content, count);
		for (const struct access_contract *c = j->asked; c != NULL; c = c->next) {
			if (c->in_force)
				wire_put_hash(content, &c->id);
		}
	}
	wire_put_uint(content, STATE_GRANT_DECIDED);
	wire_put_bool(content, permits);
	return state_fact_on(judge, &grant->record, err);
}

/* The contract is asked again, of what it had referred: what it forbids nobody permits. */
static enum base_code permit(struct state_judge *judge, struct state_grant *grant, struct base_error *err)
{
	uint8_t outside[ACCESS_BITMAP_BYTES];
	struct access_judgement j = {.outside = outside, .decided = grant->referred, .all_contracts = true,
				     .duties_of_permit = true};
	struct base_slice request = base_buf_slice(&grant->request);
	uint64_t expires = UINT64_MAX;
	struct access_question question;
	struct access access;
	struct wire_reader r;
	bool known;
	enum base_code code;

	for (size_t i = 0; i < sizeof(outside); i++)
		outside[i] = (uint8_t)~grant->referred[i];
	access_open(&access, judge->exec, judge->index);
	access_question_read(request, &question);
	if ((code = access_question_party(&access, &question, &known, err)) != BASE_OK)
		goto out;
	j.question = &question;
	access_items_read(&access, request, &j);
	if (events_find(judge->body, 3, &r)) {
		struct events_when until = events_when_read(&r);

		expires = state_when_last(&until) + 1;
	}
	if (end_of(&question) < expires)
		expires = end_of(&question);
	code = judge_all(judge, &access, &j, expires, err);
	j.asked = access.contracts;
	if (!is_denied(judge, code))
		code = put_decision(judge, grant, &j, err);
out:
	access_close(&access);
	return code;
}

enum base_code state_apply_access_decide(struct state_judge *judge, struct base_error *err)
{
	struct state_grant *grant;
	struct base_hash id;
	enum base_code code;

	BASE_ASSERT(state_content_hash(judge->body, 1, &id)); /* decoded before */
	if (!is_committee(judge))
		return state_deny(judge, EVENTS_DENIAL_NOT_ASSIGNED);
	if ((code = find_grant(judge, &id, &grant, err)) != BASE_OK || grant == NULL)
		return code;
	/* Who asks, or is to have it, does not decide. */
	if (state_is_own(judge, state_token_slice(&grant->organisation)) ||
	    state_is_own(judge, state_token_slice(&grant->recipient)))
		return state_deny(judge, EVENTS_DENIAL_OWN_PROPOSAL);
	if (!grant->has_referred || grant->decided || grant->revoked || grant->closed)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	return events_uint(judge->body, 2) != 0 ? permit(judge, grant, err) : put_decision(judge, grant, NULL, err);
}

/* ---- disclose ------------------------------------------------------------------------------- */

/* The key that the data's key is wrapped for: the actor's as it is in force, or the organisation's recovery key. */
static enum base_code key_in_force(struct access *access, const struct access_question *q, struct keys_public *out,
				   bool *found, struct base_error *err)
{
	struct state_organisation *organisation;
	struct access_record record;
	struct base_hash kid = {{0}};
	struct state_signer *signer;
	struct base_slice raw;
	bool known = false;
	enum base_code code = state_organisation_open(access->exec, q->organisation, &organisation, err);

	*found = false;
	if (code != BASE_OK || organisation->suspended || organisation->succeeded)
		return code;
	if (!q->is_actor) {
		code = access_record_read(access, &organisation->record, &record, err);
		if (code == BASE_OK && record.facts.count > 0 && state_content_raw(record.facts.list[0].content, 4, &raw))
			*found = keys_public_parse(out, raw, NULL) == BASE_OK;
		return code;
	}
	for (size_t i = 0; i < q->actor.facts.count; i++) {
		const struct state_fact *fact = &q->actor.facts.list[i];

		if (fact->kind != EVENTS_ACTOR_ASSIGN && fact->kind != EVENTS_ACTOR_REVOKE)
			known = state_content_hash(fact->content, 2, &kid);
	}
	if (!known || (code = state_signer_open(access->exec, &kid, &signer, err)) != BASE_OK)
		return code;
	*found = signer->key.status == STATE_KEY_IS_ACTIVE && !signer->key.suspect;
	*out = signer->key.seal;
	return BASE_OK;
}

/* Of each item of the disclosure: outside of the permit, decided by people, and as of which permit. */
struct covered {
	uint8_t outside[ACCESS_BITMAP_BYTES], decided[ACCESS_BITMAP_BYTES], axis[EVENTS_ITEMS_MAX];
};

static void cover_item(const struct state_grant *grant, const struct access_judgement *asked, struct base_time now,
		       const struct events_item_id *id, size_t i, struct covered *out)
{
	bool found = false;

	for (size_t n = 0; n < asked->count && !found; n++) {
		if (asked->items[n].index != id->index || !base_hash_equal(&asked->items[n].event, &id->event))
			continue;
		for (size_t p = 0; p < grant->permit_count && !found; p++) {
			const struct state_permit *one = &grant->permits[p];

			if (!access_bit(one->items, n) || now.ms >= one->expires)
				continue;
			found = true;
			out->axis[i] = (uint8_t)(1 + p);
			if (access_bit(grant->referred, n))
				access_bit_set(out->decided, i);
		}
	}
	if (!found)
		access_bit_set(out->outside, i);
}

static bool is_over(const struct state_grant *grant, struct base_time now)
{
	if (grant->revoked || grant->closed)
		return true;
	for (size_t p = 0; p < grant->permit_count; p++) {
		if (now.ms < grant->permits[p].expires)
			return false;
	}
	return grant->permit_count > 0;
}

static enum base_code disclose(struct state_judge *judge, struct state_grant *grant, struct access *access,
			       struct base_error *err)
{
	struct base_slice request = base_buf_slice(&grant->request);
	struct covered *covered = access_take(access, sizeof(*covered));
	struct access_judgement j = {.outside = covered->outside, .decided = covered->decided, .axis = covered->axis,
				     .contracts = grant->contracts, .contract_count = grant->contract_count}, asked = {0};
	struct access_question question;
	struct keys_public seal;
	struct base_hash kid;
	bool known, found;
	enum base_code code;

	access_question_read(request, &question);
	question.ongoing = true;
	if ((code = access_question_party(access, &question, &known, err)) != BASE_OK ||
	    (code = key_in_force(access, &question, &seal, &found, err)) != BASE_OK)
		return code;
	if (!known || !found)
		return state_deny(judge, EVENTS_DENIAL_NO_KEY);
	for (size_t p = 0; p < grant->permit_count; p++)
		access->axes[1 + p] = (struct access_axis){grant->permits[p].time, grant->permits[p].index};
	j.question = &question;
	access_items_read(access, request, &asked);
	access_items_read(access, judge->body, &j);
	for (size_t i = 0; i < j.count; i++)
		cover_item(grant, &asked, judge->exec->time, &j.items[i], i, covered);
	if (is_denied(judge, code = judge_all(judge, access, &j, UINT64_MAX, err)))
		return code;
	if (!j.permits) { /* what is referred anew is not permitted */
		judge->outcome->verdict = STATE_DENY;
		return state_deny(judge, EVENTS_DENIAL_NOT_PERMITTED);
	}
	kid = keys_kid(&seal);
	wire_put_uint(&judge->outcome->judgement, 9);
	wire_put_hash(&judge->outcome->judgement, &kid);
	return BASE_OK;
}

enum base_code state_apply_access_disclose(struct state_judge *judge, struct base_error *err)
{
	struct state_grant *grant;
	struct access access;
	struct base_hash id;
	enum base_code code = check_items(judge, err);

	if (is_denied(judge, code))
		return code;
	BASE_ASSERT(state_content_hash(judge->body, 3, &id)); /* decoded before */
	if ((code = find_grant(judge, &id, &grant, err)) != BASE_OK || grant == NULL)
		return code;
	if (is_over(grant, judge->exec->time))
		return state_deny(judge, EVENTS_DENIAL_GRANT_OVER);
	if (grant->permit_count == 0 ||
	    !base_slice_equal(events_text(judge->body, 2), events_text(base_buf_slice(&grant->request), 2)) ||
	    events_uint(judge->body, 4) != events_uint(base_buf_slice(&grant->request), 4))
		return state_deny(judge, EVENTS_DENIAL_NOT_GRANTED);
	access_open(&access, judge->exec, judge->index);
	code = disclose(judge, grant, &access, err);
	access_close(&access);
	return code;
}
