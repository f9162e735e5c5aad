#include "ledger/state/exec_internal.h"

/* study.*: what data is recorded for. */

#define SITES_MAX 1024

#define COMMITTEES_MAX 16

static bool is_among(const struct base_slice *seen, uint64_t count, struct base_slice name)
{
	for (uint64_t i = 0; i < count; i++) {
		if (base_slice_equal(seen[i], name))
			return true;
	}
	return false;
}

/* Whether the event adds a site that this organisation runs. */
static bool adds_site_of(const struct state_judge *judge, struct base_slice organisation)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(judge->body, 4, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++) {
		if (base_slice_equal(events_text(wire_get_raw(&r), 2), organisation))
			return true;
	}
	return false;
}

/* The committees in member 8 of the body: new to the study, each once, organisations of the ledger that neither sponsor it
 * nor run a site of it. */
static enum base_code check_committees(struct state_judge *judge, const struct state_study *study, struct base_error *err)
{
	struct base_slice seen[COMMITTEES_MAX];
	struct wire_reader r;
	uint64_t count;

	if (!events_find(judge->body, 8, &r))
		return BASE_OK;
	count = wire_get_array(&r);
	BASE_ASSERT(count <= COMMITTEES_MAX); /* decoded before */
	for (uint64_t i = 0; i < count; i++) {
		struct state_organisation *organisation;
		enum base_code code;

		seen[i] = wire_get_text(&r);
		if ((code = state_organisation_open(judge->exec, seen[i], &organisation, err)) != BASE_OK)
			return code;
		if (!state_record_exists(&organisation->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (state_is_committee(study, seen[i]) || is_among(seen, i, seen[i]))
			return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
		if (state_is_own(judge, seen[i]) || state_takes_part(study, seen[i]) || adds_site_of(judge, seen[i]))
			return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
	}
	return study->committee_count + count > COMMITTEES_MAX ? state_deny(judge, EVENTS_DENIAL_TOO_MANY) : BASE_OK;
}

/* The sites in member 4 of the body: new to the study, each once, run by admitted organisations. */
static enum base_code check_sites(struct state_judge *judge, const struct state_study *study, struct base_error *err)
{
	struct base_slice seen[64];
	struct wire_reader r;
	uint64_t count;

	if (!events_find(judge->body, 4, &r))
		return BASE_OK;
	count = wire_get_array(&r);
	BASE_ASSERT(count <= sizeof(seen) / sizeof(seen[0])); /* decoded before */
	for (uint64_t i = 0; i < count; i++) {
		struct base_slice raw = wire_get_raw(&r);
		struct state_organisation *organisation;
		enum base_code code = state_organisation_open(judge->exec, events_text(raw, 2), &organisation, err);

		if (code != BASE_OK)
			return code;
		if (!state_record_exists(&organisation->record))
			return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
		if (state_is_committee(study, events_text(raw, 2)))
			return state_deny(judge, EVENTS_DENIAL_NOT_COMPETENT);
		seen[i] = events_text(raw, 1);
		if (state_site_find(study, seen[i]) != NULL)
			return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
		for (uint64_t j = 0; j < i; j++) {
			if (base_slice_equal(seen[i], seen[j]))
				return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
		}
	}
	return study->count + count > SITES_MAX ? state_deny(judge, EVENTS_DENIAL_TOO_MANY) : BASE_OK;
}

enum base_code state_apply_study_register(struct state_judge *judge, struct base_error *err)
{
	struct base_slice sponsor = events_text(judge->body, 3);
	struct state_organisation *organisation;
	struct state_study *study;
	enum base_code code;

	if ((code = state_study_open(judge->exec, events_text(judge->body, 1), &study, err)) != BASE_OK ||
	    (code = state_organisation_open(judge->exec, sponsor, &organisation, err)) != BASE_OK)
		return code;
	if (state_record_exists(&study->record))
		return state_deny(judge, EVENTS_DENIAL_EXISTS_ALREADY);
	if (!state_record_exists(&organisation->record))
		return state_deny(judge, EVENTS_DENIAL_NO_SUCH_TARGET);
	/* Nobody makes another organisation responsible for a study. */
	if (!state_is_own(judge, sponsor))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if ((code = check_sites(judge, study, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = check_committees(judge, study, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	state_post(judge, study->term);
	base_buf_append(state_fact_begin(judge), judge->body);
	return state_fact_on(judge, &study->record, err);
}

/* Only the sponsor changes a study, and only while it is open. */
static enum base_code check_sponsor(struct state_judge *judge)
{
	if (!state_is_own(judge, state_token_slice(&judge->study->sponsor)))
		return state_deny(judge, EVENTS_DENIAL_OTHER_ORGANISATION);
	if (judge->study->closed)
		return state_deny(judge, EVENTS_DENIAL_WRONG_STATE);
	return BASE_OK;
}

enum base_code state_apply_study_amend(struct state_judge *judge, struct base_error *err)
{
	enum base_code code;

	if ((code = check_sponsor(judge)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = check_sites(judge, judge->study, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	if ((code = check_committees(judge, judge->study, err)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	base_buf_append(state_fact_begin(judge), judge->body);
	return state_fact_on(judge, &judge->study->record, err);
}

enum base_code state_apply_study_close(struct state_judge *judge, struct base_error *err)
{
	enum base_code code;

	if ((code = check_sponsor(judge)) != BASE_OK || judge->outcome->verdict == STATE_DENY)
		return code;
	base_buf_append(state_fact_begin(judge), judge->body);
	return state_fact_on(judge, &judge->study->record, err);
}
