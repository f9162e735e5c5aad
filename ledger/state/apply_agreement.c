#include "ledger/state/exec_internal.h"

/* agreement.*: facts on the study's record of agreements. */

#define AGREEMENTS_MAX 256

bool state_seals(const struct state_judge *judge, struct base_slice cid)
{
	struct wire_reader r;
	uint64_t count;

	if (judge->event->envelope.sealed.len == 0)
		return false;
	wire_read(&r, judge->event->envelope.sealed);
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		wire_expect_array(&r, 2);
		if (base_slice_equal(wire_get_bytes(&r), cid))
			return !r.failed;
		(void)wire_get_raw(&r);
	}
	return false;
}

/* Instants from the first to the last of a period, by members of the body; the end may be missing. */
void state_flag_period(struct state_judge *judge, uint64_t from_key, uint64_t to_key)
{
	struct wire_reader r;
	struct events_when from, to;

	if (!events_find(judge->body, to_key, &r))
		return;
	to = events_when_read(&r);
	(void)events_find(judge->body, from_key, &r);
	from = events_when_read(&r);
	if (state_when_end(&to) < from.utc_ms || (to.precision != EVENTS_POINT && state_when_end(&to) == from.utc_ms))
		state_flag(judge, EVENTS_FLAG_NEVER_IN_FORCE);
}

/* Every party exists; the own organisation is one of them, or the study's sponsor. */
static enum base_code check_parties(struct state_judge *judge, struct base_slice body, bool must_exist,
				    struct base_error *err)
{
	bool own = state_is_own(judge, state_token_slice(&judge->study->sponsor));
	struct wire_reader r;
	uint64_t count;

	(void)events_find(body, 1, &r);
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice party = wire_get_text(&r);
		struct state_organisation *organisation;
		enum base_code code = state_organisation_open(judge->exec, party, &organisation, err);

		if (code != BASE_OK)
			return code;
		if (must_exist && !state_record_exists(&organisation->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		own = own || state_is_own(judge, party);
	}
	return own ? BASE_OK : state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
}

enum base_code state_apply_agreement_record(struct state_judge *judge, struct base_error *err)
{
	struct state_agreements *agreements;
	struct base_buf *content;
	enum base_code code = state_agreements_open(judge->exec, judge->study->record.study, &agreements, err);

	if (code != BASE_OK)
		return code;
	if ((code = check_parties(judge, judge->body, true, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (events_has(judge->body, 7) && !state_seals(judge, events_bytes(judge->body, 7)))
		return state_deny(judge, EVENTS_DENIAL_NOT_SEALED);
	if (agreements->facts.count >= AGREEMENTS_MAX)
		return state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	state_flag_period(judge, 2, 3);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	wire_put_hash(content, &judge->event->id);
	wire_put_uint(content, 2);
	base_buf_append(content, judge->body);
	return state_fact_on(judge, &agreements->record, err);
}

/* The agreement of that event; false: there is none. *ended: by an earlier event. */
static bool find_agreement(const struct state_agreements *agreements, const struct base_hash *id, struct base_slice *body,
			   bool *ended)
{
	bool found = false;

	*ended = false;
	for (size_t i = 0; i < agreements->facts.count; i++) {
		struct base_slice content = agreements->facts.list[i].content;
		struct base_hash named;

		if (state_content_hash(content, 1, &named) && base_hash_equal(&named, id))
			found = state_content_raw(content, 2, body);
		if (state_content_hash(content, 3, &named) && base_hash_equal(&named, id))
			*ended = true;
	}
	return found;
}

enum base_code state_apply_agreement_end(struct state_judge *judge, struct base_error *err)
{
	const struct base_hash *id = &judge->names.ids[0];
	struct state_agreements *agreements;
	struct base_slice body;
	struct base_buf *content;
	bool ended;
	enum base_code code = state_agreements_open(judge->exec, judge->study->record.study, &agreements, err);

	if (code != BASE_OK)
		return code;
	if (!find_agreement(agreements, id, &body, &ended))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if ((code = check_parties(judge, body, false, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if (ended)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, 3);
	wire_put_hash(content, id);
	return state_fact_on(judge, &agreements->record, err);
}
