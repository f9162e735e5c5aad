#include "ledger/state/exec_internal.h"

#include <string.h>

/* docs/formats/consent.md, "Provisions": what nested provisions say of one question. */

enum provision_member {
	PROVISION_EFFECT = 1,
	PROVISION_USES = 2,
	PROVISION_CATEGORIES = 3,
	PROVISION_PURPOSES = 4,
	PROVISION_DISEASES = 6,
	PROVISION_RECIPIENTS = 7,
	PROVISION_COUNTRIES = 8,
	PROVISION_MODES = 9,
	PROVISION_VALID = 10,
	PROVISION_COLLECTED = 11,
	PROVISION_NESTED = 12,
};

/* Its members, found in one pass: a question looks at each more than once. */
struct provision {
	struct base_slice members[PROVISION_NESTED + 1]; /* data NULL: it has none */
};

static bool provision_read(struct provision *out, struct base_slice map)
{
	struct wire_reader r;
	uint64_t count;

	memset(out, 0, sizeof(*out));
	wire_read(&r, map);
	count = wire_get_map(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		uint64_t key = wire_get_uint(&r);
		struct base_slice value = wire_get_raw(&r);

		if (!r.failed && key <= PROVISION_NESTED)
			out->members[key] = value;
	}
	return !r.failed;
}

static bool has(const struct provision *provision, enum provision_member member, struct wire_reader *r)
{
	if (provision->members[member].data == NULL)
		return false;
	wire_read(r, provision->members[member]);
	return true;
}

/* In which sense a provision is about what is asked: of some of it perhaps (its exceptions are looked at); so that it
 * can permit it; so that it can deny it. They differ where "any" is asked, or not all is known. */
enum sense { TOUCHES, ALLOWS, BARS };

static bool code_fits(enum provision_member key, uint64_t listed, uint64_t asked, enum sense sense)
{
	if (key != PROVISION_PURPOSES)
		return listed == asked;
	return events_purpose_covers(listed, asked) || (sense != ALLOWS && events_purpose_covers(asked, listed));
}

static bool codes_fit(const struct provision *provision, enum provision_member key, uint64_t asked, enum sense sense)
{
	struct wire_reader r;
	uint64_t count;

	if (!has(provision, key, &r))
		return true;
	if (asked == STATE_ANY)
		return sense != BARS;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t listed = wire_get_uint(&r);

		if (r.failed)
			return sense != ALLOWS;
		if (code_fits(key, listed, asked, sense))
			return true;
	}
	return false;
}

/* An organisation stands for its people; who is denied one of them is not permitted the whole. */
static bool text_fits(enum provision_member key, struct base_slice listed, struct base_slice asked, enum sense sense)
{
	if (base_slice_equal(listed, asked))
		return true;
	if (key != PROVISION_RECIPIENTS)
		return false;
	return base_slice_equal(listed, state_actor_organisation(asked)) ||
	       (sense != ALLOWS && base_slice_equal(state_actor_organisation(listed), asked));
}

static bool texts_fit(const struct provision *provision, enum provision_member key, struct base_slice asked, enum sense sense)
{
	struct wire_reader r;
	uint64_t count;

	if (!has(provision, key, &r))
		return true;
	if (asked.len == 0)
		return sense != BARS;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count; i++) {
		struct base_slice listed = wire_get_text(&r);

		if (r.failed)
			return sense != ALLOWS;
		if (text_fits(key, listed, asked, sense))
			return true;
	}
	return false;
}

struct period {
	uint64_t from, end; /* end: the first instant after it */
};

static struct period period_of(const struct provision *provision, enum provision_member key)
{
	struct period period = {0, UINT64_MAX};
	struct events_when when;
	struct base_slice map = provision->members[key];
	struct wire_reader r;

	if (map.data == NULL)
		return period;
	if (events_find(map, 1, &r)) {
		when = events_when_read(&r);
		period.from = r.failed ? UINT64_MAX : when.utc_ms;
	}
	if (events_find(map, 2, &r)) {
		when = events_when_read(&r);
		period.end = r.failed ? 0 : state_when_last(&when) + 1;
	}
	return period;
}

static bool collected_fits(const struct provision *provision, const struct state_question *q, enum sense sense)
{
	uint64_t last = q->collected_to.ms > q->collected.ms ? q->collected_to.ms : q->collected.ms;
	struct period period;

	if (provision->members[PROVISION_COLLECTED].data == NULL)
		return true;
	if (!q->has_collected)
		return sense != ALLOWS;
	period = period_of(provision, PROVISION_COLLECTED);
	if (sense == ALLOWS)
		return q->collected.ms >= period.from && last < period.end;
	return last >= period.from && q->collected.ms < period.end;
}

static bool fits(const struct provision *provision, const struct state_question *q, enum sense sense)
{
	return codes_fit(provision, PROVISION_USES, q->use, sense) &&
	       codes_fit(provision, PROVISION_CATEGORIES, q->category, sense) &&
	       codes_fit(provision, PROVISION_PURPOSES, q->purpose, sense) &&
	       codes_fit(provision, PROVISION_MODES, q->mode, sense) &&
	       texts_fit(provision, PROVISION_DISEASES, q->disease, sense) &&
	       texts_fit(provision, PROVISION_RECIPIENTS, q->recipient, sense) &&
	       texts_fit(provision, PROVISION_COUNTRIES, q->country, sense) && collected_fits(provision, q, sense);
}

static enum state_says of_list(struct wire_reader *r, const struct state_question *q);

static enum state_says of_provision(struct base_slice map, const struct state_question *q)
{
	enum state_says inner = STATE_SAYS_NOTHING;
	struct provision provision;
	struct period valid;
	struct wire_reader r;
	bool deny;

	if (!provision_read(&provision, map) || !has(&provision, PROVISION_EFFECT, &r))
		return STATE_SAYS_NOTHING;
	deny = wire_get_uint(&r) == EVENTS_EFFECT_DENY;
	if (r.failed || !fits(&provision, q, TOUCHES))
		return STATE_SAYS_NOTHING;
	valid = period_of(&provision, PROVISION_VALID);
	/* Outside its time its exceptions are none either. */
	if (q->at.ms >= valid.end && !deny && fits(&provision, q, ALLOWS))
		return STATE_SAYS_EXPIRED;
	if (q->at.ms < valid.from || q->at.ms >= valid.end)
		return STATE_SAYS_NOTHING;
	if (has(&provision, PROVISION_NESTED, &r))
		inner = of_list(&r, q);
	if (inner == STATE_SAYS_DENY || (inner != STATE_SAYS_PERMIT && deny))
		return fits(&provision, q, BARS) ? STATE_SAYS_DENY : STATE_SAYS_NOTHING;
	return fits(&provision, q, ALLOWS) ? STATE_SAYS_PERMIT : STATE_SAYS_NOTHING;
}

static enum state_says of_list(struct wire_reader *r, const struct state_question *q)
{
	enum state_says says = STATE_SAYS_NOTHING;
	uint64_t count = wire_get_array(r);

	for (uint64_t i = 0; i < count && !r->failed; i++) {
		struct base_slice map = wire_get_raw(r);
		enum state_says one = r->failed ? STATE_SAYS_NOTHING : of_provision(map, q);

		if (one > says)
			says = one;
	}
	return says;
}

enum state_says state_provisions_say(struct base_slice map, uint64_t key, const struct state_question *q)
{
	struct wire_reader r;

	return events_find(map, key, &r) ? of_list(&r, q) : STATE_SAYS_NOTHING;
}

bool state_provisions_name(struct base_slice map, uint64_t key, const struct state_question *q)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(map, key, &r))
		return true;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice one = wire_get_raw(&r);
		struct provision provision;
		struct period valid;

		if (r.failed || !provision_read(&provision, one) || !fits(&provision, q, BARS))
			continue;
		valid = period_of(&provision, PROVISION_VALID);
		if (q->at.ms >= valid.from && q->at.ms < valid.end)
			return true;
	}
	return false;
}
