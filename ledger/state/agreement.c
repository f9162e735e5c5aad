#include "ledger/state/exec_internal.h"

/* docs/formats/participant.md, "Agreements": what was in force between two organisations, at an instant, as known at a
 * height. Contents: {1: event id, 2: body} of agreement.record, {3: event id} of agreement.end. */

static bool is_party(struct base_slice body, struct base_slice organisation)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(body, 1, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		if (base_slice_equal(wire_get_text(&r), organisation))
			return !r.failed;
	}
	return false;
}

static bool is_ended(const struct state_fact *facts, size_t count, const struct base_hash *id, struct base_time at,
		     uint64_t known)
{
	for (size_t i = 0; i < count; i++) {
		struct base_hash ended;

		if (facts[i].index < known && facts[i].when.utc_ms <= at.ms &&
		    state_content_hash(facts[i].content, 3, &ended) && base_hash_equal(&ended, id))
			return true;
	}
	return false;
}

/* A day or month that ends it still belongs to it. */
static bool covers(struct base_slice body, struct base_time at)
{
	struct wire_reader r;
	struct events_when from, to;

	if (!events_find(body, 2, &r))
		return false;
	from = events_when_read(&r);
	if (r.failed || at.ms < from.utc_ms)
		return false;
	if (!events_find(body, 3, &r))
		return true;
	to = events_when_read(&r);
	return !r.failed && at.ms < state_when_end(&to) + (to.precision == EVENTS_POINT);
}

struct state_agreement state_agreement_at(const struct state_fact *facts, size_t count, struct base_slice a,
					  struct base_slice b, struct base_time at, uint64_t known)
{
	struct state_agreement found = {false, 0, 0};

	for (size_t i = 0; i < count; i++) {
		struct base_slice body;
		struct base_hash id;
		uint64_t instrument;

		if (facts[i].index >= known || !state_content_hash(facts[i].content, 1, &id) ||
		    !state_content_raw(facts[i].content, 2, &body) || !is_party(body, a) || !is_party(body, b) ||
		    !covers(body, at) || !state_content_uint(body, 4, &instrument) ||
		    is_ended(facts, count, &id, at, known))
			continue;
		found = (struct state_agreement){true, facts[i].index, instrument};
	}
	return found;
}
