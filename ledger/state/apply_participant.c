#include "ledger/state/exec_internal.h"

/* participant.*: whose data it is. A reference belongs to the organisation that first recorded it. */

enum base_code state_apply_participant_enrol(struct state_judge *judge, struct base_error *err)
{
	struct base_slice own = state_own_organisation(judge), code_of_site = events_text(judge->body, 2);
	const struct state_site *site = state_site_find(judge->study, code_of_site);
	struct state_participant *participant = judge->concerned[0].participant;
	struct base_buf *content;

	if (site == NULL)
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	if (!state_token_is(&site->organisation, own))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (state_record_exists(&participant->record) && !state_token_is(&participant->owner, own))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (participant->enrolled)
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if (judge->study->closed)
		state_flag(judge, EVENTS_FLAG_STUDY_CLOSED);
	content = state_fact_begin(judge);
	wire_put_map(content, 2);
	wire_put_uint(content, 1);
	wire_put_text(content, own);
	wire_put_uint(content, 2);
	wire_put_text(content, code_of_site);
	return state_fact_on(judge, &participant->record, err);
}
