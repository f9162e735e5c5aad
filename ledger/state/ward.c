#include "ledger/state/exec_internal.h"

#include <stdlib.h>

/* docs/formats/consent.md, "Asking again": what a participant's record says of coming of age, and of who decides for the participant. */

#define REPRESENT_CODE 2
#define REPRESENT_FROM 4
#define REPRESENT_TO 5

static void take_representative(struct state_ward *ward, struct base_slice body)
{
	struct state_representative one = {.end = UINT64_MAX};
	struct events_when when;
	struct wire_reader r;
	size_t at = 0;

	if (!state_content_text(body, REPRESENT_CODE, &one.code) || !events_find(body, REPRESENT_FROM, &r))
		return;
	when = events_when_read(&r);
	if (r.failed)
		return;
	one.from = state_when_from(&when);
	if (events_find(body, REPRESENT_TO, &r)) {
		when = events_when_read(&r);
		one.end = r.failed ? 0 : state_when_last(&when) + 1;
	}
	while (at < ward->count && !base_slice_equal(ward->list[at].code, one.code))
		at++;
	if (at == STATE_REPRESENTATIVES_MAX)
		return;
	ward->list[at] = one;
	ward->count += at == ward->count;
}

void state_ward_open(struct state_ward *out, const struct state_cover_record *participant, uint64_t known)
{
	*out = (struct state_ward){.of_age = UINT64_MAX};
	for (size_t i = 0; i < participant->count; i++) {
		const struct state_fact *fact = &participant->list[i];
		struct base_slice body;
		uint64_t status;

		if (fact->index >= known)
			continue;
		if (fact->kind == EVENTS_PARTICIPANT_STATUS && state_content_uint(fact->content, STATE_PARTICIPANT_STATUS, &status) &&
		    status == EVENTS_STATUS_OF_AGE && fact->when.utc_ms < out->of_age)
			out->of_age = fact->when.utc_ms;
		if (fact->kind != EVENTS_PARTICIPANT_REPRESENT ||
		    !state_content_raw(fact->content, STATE_PARTICIPANT_REPRESENTED, &body))
			continue;
		if (out->list == NULL)
			out->list = base_alloc(STATE_REPRESENTATIVES_MAX * sizeof(*out->list));
		take_representative(out, body);
	}
}

void state_ward_close(struct state_ward *ward)
{
	free(ward->list);
	ward->list = NULL;
	ward->count = 0;
}

uint64_t state_ward_alone(const struct state_ward *ward, uint64_t at)
{
	uint64_t since = 0;

	for (size_t i = 0; i < ward->count; i++) {
		if (ward->list[i].from <= at && at < ward->list[i].end)
			return 0;
		if (ward->list[i].end <= at && ward->list[i].end > since)
			since = ward->list[i].end;
	}
	return since;
}
