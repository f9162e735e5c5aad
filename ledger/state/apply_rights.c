#include "ledger/state/exec_internal.h"

#include <string.h>

/* rights.*: what participants ask for, and what becomes of it. finding.report, blinding.unblind: what becomes known. */

#define ANSWER_MONTHS 1
#define EXTENDED_MONTHS 3 /* in all: GDPR 12(3) */

void state_put_id(struct base_buf *content, uint64_t key, const struct base_hash *id)
{
	wire_put_uint(content, key);
	wire_put_hash(content, id);
}

/* ---- rights ---------------------------------------------------------------------- */

/* {1: participant, 2: right, 3: due, 4: organisation, 8: to when it can be put off} */
enum base_code state_apply_rights_request(struct state_judge *judge, struct base_error *err)
{
	struct state_request *request;
	struct events_when received;
	struct base_buf *content;
	struct wire_reader r;
	enum base_code code = state_claim(judge, judge->concerned[0].participant, err);

	if (code != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	code = state_request_open(judge->exec, judge->study->record.study, &judge->event->id, &request, err);
	if (code != BASE_OK)
		return code;
	BASE_ASSERT(events_find(judge->body, 3, &r)); /* decoded before */
	received = events_when_read(&r);
	content = state_fact_begin(judge);
	wire_put_map(content, 5);
	wire_put_uint(content, STATE_RIGHTS_PARTICIPANT);
	wire_put_bytes(content, events_bytes(judge->body, 1));
	wire_put_uint(content, STATE_RIGHTS_RIGHT);
	wire_put_uint(content, events_uint(judge->body, 2));
	wire_put_uint(content, STATE_RIGHTS_DUE);
	wire_put_uint(content, state_months_after(&received, ANSWER_MONTHS));
	wire_put_uint(content, STATE_RIGHTS_ORGANISATION);
	wire_put_text(content, state_own_organisation(judge));
	wire_put_uint(content, STATE_RIGHTS_LIMIT);
	wire_put_uint(content, state_months_after(&received, EXTENDED_MONTHS));
	return state_fact_on(judge, &request->record, err);
}

/* On the request: {5: answer, 6: act}; on the answer itself: {1: participant, 2: right, 6: act, 7: request}. */
static enum base_code put_answer(struct state_judge *judge, struct state_request *request, const struct base_hash *id,
				 struct base_error *err)
{
	struct base_slice act = events_raw(judge->body, 2);
	struct base_buf *content = state_fact_begin(judge);
	struct state_request *answer;
	enum base_code code;

	wire_put_map(content, 2);
	state_put_id(content, STATE_RIGHTS_ANSWER, &judge->event->id);
	wire_put_uint(content, STATE_RIGHTS_ACT);
	base_buf_append(content, act);
	if ((code = state_fact_on(judge, &request->record, err)) != BASE_OK)
		return code;
	code = state_request_open(judge->exec, judge->study->record.study, &judge->event->id, &answer, err);
	if (code != BASE_OK)
		return code;
	content = state_fact_begin(judge);
	wire_put_map(content, 4);
	wire_put_uint(content, STATE_RIGHTS_PARTICIPANT);
	wire_put_bytes(content, base_slice(request->participant, sizeof(request->participant)));
	wire_put_uint(content, STATE_RIGHTS_RIGHT);
	wire_put_uint(content, request->right);
	wire_put_uint(content, STATE_RIGHTS_ACT);
	base_buf_append(content, act);
	state_put_id(content, STATE_RIGHTS_REQUEST, id);
	return state_fact_on(judge, &answer->record, err);
}

/* An extension beyond what the law allows is recorded, and flagged. */
static void flag_extension(struct state_judge *judge, const struct state_request *request, struct base_slice act)
{
	struct events_when until;
	struct wire_reader r;

	if (!events_find(act, 1, &r))
		return;
	until = events_when_read(&r);
	if (state_when_end(&until) > request->limit)
		state_flag(judge, EVENTS_FLAG_OVERDUE);
}

enum base_code state_apply_rights_answer(struct state_judge *judge, struct base_error *err)
{
	struct base_slice act;
	struct state_request *request;
	struct base_hash id;
	uint64_t number;
	enum base_code code;

	BASE_ASSERT(state_content_hash(judge->body, 1, &id) && state_act_of(judge->body, 2, &number, &act));
	if ((code = state_request_open(judge->exec, judge->study->record.study, &id, &request, err)) != BASE_OK)
		return code;
	if (!request->is_request)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_is_own(judge, state_token_slice(&request->organisation)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	/* What was refused may still be granted; what was granted, or put off once, stays so. */
	if (request->fulfilled || (number != EVENTS_RIGHTS_FULFILLED && request->refused) ||
	    (number == EVENTS_RIGHTS_EXTENDED && request->extended))
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	if (!request->refused && judge->event->envelope.when.utc_ms >= request->due)
		state_flag(judge, EVENTS_FLAG_OVERDUE);
	if (number == EVENTS_RIGHTS_EXTENDED)
		flag_extension(judge, request, act);
	return put_answer(judge, request, &id, err);
}

/* ---- finding, blinding ------------------------------------------------------------- */

enum base_code state_apply_finding_report(struct state_judge *judge, struct base_error *err)
{
	(void)err;
	if (!state_record_exists(&judge->concerned[0].participant->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	return BASE_OK;
}

/* {3: kind} on the participant. */
enum base_code state_apply_blinding_unblind(struct state_judge *judge, struct base_error *err)
{
	struct state_participant *participant = judge->concerned[0].participant;
	struct base_buf *content;

	if (!state_record_exists(&participant->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_is_own(judge, state_token_slice(&participant->owner)) &&
	    !state_is_own(judge, state_token_slice(&judge->study->sponsor)) &&
	    (state_assigned(judge) & EVENTS_ROLE(EVENTS_ROLE_UNBLINDED_STAFF)) == 0)
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	content = state_fact_begin(judge);
	wire_put_map(content, 1);
	wire_put_uint(content, 3);
	wire_put_uint(content, events_uint(judge->body, 2));
	return state_fact_on(judge, &participant->record, err);
}
