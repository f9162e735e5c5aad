#include "ledger/state/exec_internal.h"

#include <string.h>

/* docs/formats/state.md, "Authority". */

#define DAY_MS UINT64_C(86400000)
#define MINUTE_MS 60000

/* The first day of the month after the one that begins on `day` (days since 1970). */
static uint64_t month_after(uint64_t day)
{
	char text[16];

	/* No month is shorter than 28 days, and none longer than 31. */
	for (uint64_t next = day + 28; next <= day + 31; next++) {
		base_day_format(text, (uint32_t)next);
		if (strcmp(text + 8, "01") == 0)
			return next;
	}
	return day + 31; /* where `day` is not the first: refused by the schema */
}

/* A day has 24 hours here even where clocks change: nodes never consult tables of time zones. */
uint64_t state_when_end(const struct events_when *when)
{
	int64_t offset = when->has_offset ? (int64_t)when->offset_min * MINUTE_MS : 0;
	uint64_t day;

	switch (when->precision) {
	case EVENTS_POINT:
		return when->utc_ms;
	case EVENTS_DAY:
		return when->utc_ms + DAY_MS;
	case EVENTS_MONTH:
		day = (uint64_t)((int64_t)when->utc_ms + offset) / DAY_MS;
		return when->utc_ms + (month_after(day) - day) * DAY_MS;
	}
	return when->utc_ms;
}

/* Of the assignments to the same study, site and role, the one recorded last among those that have begun counts: so an
 * assignment is ended, or cut short, by another one with an earlier end. */
static bool counts(const struct state_actor *actor, size_t at, uint64_t now)
{
	const struct state_assignment *this = &actor->assignments[at];

	if (this->from > now || now >= this->until)
		return false;
	for (size_t i = at + 1; i < actor->count; i++) {
		const struct state_assignment *later = &actor->assignments[i];

		if (later->from <= now && later->role == this->role &&
		    state_token_is(&later->site, state_token_slice(&this->site)) &&
		    state_token_is(&later->study, state_token_slice(&this->study)))
			return false;
	}
	return true;
}

uint64_t state_assigned_roles(const struct state_actor *actor, struct base_slice study, struct base_slice site,
			      struct base_time time)
{
	uint64_t roles = 0;

	for (size_t i = 0; i < actor->count; i++) {
		const struct state_assignment *assignment = &actor->assignments[i];

		if ((roles & EVENTS_ROLE(assignment->role)) != 0 || !state_token_is(&assignment->study, study))
			continue;
		if (site.len > 0 && !state_token_is(&assignment->site, site))
			continue;
		if (counts(actor, i, time.ms))
			roles |= EVENTS_ROLE(assignment->role);
	}
	return roles;
}

const struct state_site *state_site_find(const struct state_study *study, struct base_slice site)
{
	for (size_t i = 0; i < study->count; i++) {
		if (state_token_is(&study->sites[i].site, site))
			return &study->sites[i];
	}
	return NULL;
}

bool state_has_role(const struct state_judge *judge, enum events_role role)
{
	return (judge->actor->roles & EVENTS_ROLE(role)) != 0;
}

bool state_is_own(const struct state_judge *judge, struct base_slice organisation)
{
	const struct state_organisation *home = judge->actor->home;

	if (home->succeeded)
		return false;
	if (base_slice_equal(judge->actor->organisation, organisation))
		return true;
	for (size_t i = 0; i < home->count; i++) {
		if (state_token_is(&home->predecessors[i], organisation))
			return true;
	}
	return false;
}

bool state_takes_part(const struct state_study *study, struct base_slice organisation)
{
	if (state_token_is(&study->sponsor, organisation))
		return true;
	for (size_t i = 0; i < study->count; i++) {
		if (state_token_is(&study->sites[i].organisation, organisation))
			return true;
	}
	return false;
}

bool state_own_takes_part(const struct state_judge *judge)
{
	if (state_is_own(judge, state_token_slice(&judge->study->sponsor)))
		return true;
	for (size_t i = 0; i < judge->study->count; i++) {
		if (state_is_own(judge, state_token_slice(&judge->study->sites[i].organisation)))
			return true;
	}
	return false;
}

bool state_is_committee(const struct state_study *study, struct base_slice organisation)
{
	for (size_t i = 0; i < study->committee_count; i++) {
		if (state_token_is(&study->committees[i], organisation))
			return true;
	}
	return false;
}

bool state_own_is_committee(const struct state_judge *judge)
{
	for (size_t i = 0; i < judge->study->committee_count; i++) {
		if (state_is_own(judge, state_token_slice(&judge->study->committees[i])))
			return true;
	}
	return false;
}

uint64_t state_assigned(const struct state_judge *judge)
{
	const struct base_slice any = {NULL, 0};

	return state_assigned_roles(judge->actor, judge->study->record.study, any, judge->exec->time);
}

bool state_belongs(const struct state_judge *judge)
{
	return judge->study != NULL &&
	       (state_assigned(judge) != 0 || state_own_takes_part(judge) || state_own_is_committee(judge));
}

enum base_code state_took_over(struct state_exec *exec, struct base_slice successor, struct base_slice organisation, bool *yes,
			       struct base_error *err)
{
	struct state_organisation *record;
	enum base_code code = BASE_OK;

	*yes = base_slice_equal(successor, organisation);
	if (*yes || (code = state_organisation_open(exec, successor, &record, err)) != BASE_OK)
		return code;
	for (size_t i = 0; i < record->count; i++)
		*yes = *yes || state_token_is(&record->predecessors[i], organisation);
	return BASE_OK;
}

struct base_slice state_own_organisation(const struct state_judge *judge)
{
	return judge->actor->organisation;
}
