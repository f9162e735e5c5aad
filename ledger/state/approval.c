#include "ledger/state/exec_internal.h"

/* docs/formats/consent.md, "Approval": what committees decided, at an instant, as known at a height. Each committee's
 * decisions are one after the other in the order of their own times; committees are put together so that the
 * restriction wins. */

#define APPROVAL_COMMITTEE 1
#define APPROVAL_SITES 3
#define APPROVAL_ACT 4

static bool covers_site(struct base_slice content, struct base_slice site)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(content, APPROVAL_SITES, &r))
		return true;
	if (site.len == 0)
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		if (base_slice_equal(wire_get_text(&r), site))
			return !r.failed;
	}
	return false;
}

/* The one member of the act: its number, and its content. */
bool state_act_of(struct base_slice content, uint64_t key, uint64_t *act, struct base_slice *body)
{
	struct wire_reader r;

	if (!events_find(content, key, &r))
		return false;
	if (wire_get_map(&r) != 1)
		return false;
	*act = wire_get_uint(&r);
	*body = wire_get_raw(&r);
	return !r.failed;
}

/* The order in which decisions of one committee take effect. */
static bool is_later(const struct state_fact *a, const struct state_fact *b)
{
	return a->when.utc_ms != b->when.utc_ms ? a->when.utc_ms > b->when.utc_ms : a->index > b->index;
}

struct decision {
	const struct state_fact *fact;
	uint64_t act;
	struct base_slice body;
};

/* The decision of this committee for the site that took effect next after `before` (NULL: the first), by `at`. */
static bool next_decision(const struct state_fact *facts, size_t count, struct base_slice committee,
			  struct base_slice site, const struct state_fact *before, struct base_time at, uint64_t known,
			  struct decision *out)
{
	out->fact = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct state_fact *fact = &facts[i];
		struct base_slice name, body;
		uint64_t act;

		if (fact->index >= known || fact->when.utc_ms > at.ms || (before != NULL && !is_later(fact, before)) ||
		    (out->fact != NULL && is_later(fact, out->fact)))
			continue;
		if (!state_content_text(fact->content, APPROVAL_COMMITTEE, &name) ||
		    !base_slice_equal(name, committee) || !covers_site(fact->content, site) ||
		    !state_act_of(fact->content, APPROVAL_ACT, &act, &body) || act == EVENTS_ETHICS_WAIVE)
			continue;
		*out = (struct decision){fact, act, body};
	}
	return out->fact != NULL;
}

static void take_until(struct state_approval *approval, struct base_slice body, uint64_t key)
{
	struct wire_reader r;
	struct events_when until;

	if (!events_find(body, key, &r))
		return;
	until = events_when_read(&r);
	if (r.failed)
		return;
	approval->has_until = true;
	approval->until = state_when_end(&until);
	/* A point is the last instant at which it holds. */
	approval->until += until.precision == EVENTS_POINT;
}

static void step(struct state_approval *approval, const struct decision *decision)
{
	approval->index = decision->fact->index;
	switch ((enum events_ethics_act)decision->act) {
	case EVENTS_ETHICS_APPROVE:
	case EVENTS_ETHICS_CONDITIONAL:
		approval->has_until = false;
		approval->status = decision->act == EVENTS_ETHICS_APPROVE ? STATE_APPROVAL_IN_FORCE
									  : STATE_APPROVAL_PENDING;
		take_until(approval, decision->body, 3);
		return;
	case EVENTS_ETHICS_REFUSE:
		approval->status = STATE_APPROVAL_REFUSED;
		return;
	case EVENTS_ETHICS_SUSPEND:
		approval->status = STATE_APPROVAL_SUSPENDED;
		return;
	case EVENTS_ETHICS_RENEW:
		approval->status = STATE_APPROVAL_IN_FORCE;
		take_until(approval, decision->body, 1);
		return;
	case EVENTS_ETHICS_END:
		approval->status = STATE_APPROVAL_ENDED;
		return;
	case EVENTS_ETHICS_WAIVE:
		return;
	}
}

static struct state_approval of_committee(const struct state_fact *facts, size_t count, struct base_slice committee,
					  struct base_slice site, struct base_time at, uint64_t known)
{
	struct state_approval approval = {.status = STATE_APPROVAL_NONE};
	struct decision decision = {NULL, 0, {NULL, 0}};

	while (next_decision(facts, count, committee, site, decision.fact, at, known, &decision))
		step(&approval, &decision);
	if (approval.status == STATE_APPROVAL_IN_FORCE && approval.has_until && at.ms >= approval.until)
		approval.status = STATE_APPROVAL_EXPIRED;
	return approval;
}

/* Who decides of two committees: the one whose word restricts more, except that an approval in force outweighs one that
 * is over, pending or was never given. */
static unsigned weight(enum state_approval_status status)
{
	switch (status) {
	case STATE_APPROVAL_REFUSED:
		return 6;
	case STATE_APPROVAL_SUSPENDED:
		return 5;
	case STATE_APPROVAL_IN_FORCE:
		return 4;
	case STATE_APPROVAL_EXPIRED:
		return 3;
	case STATE_APPROVAL_ENDED:
		return 2;
	case STATE_APPROVAL_PENDING:
		return 1;
	case STATE_APPROVAL_NONE:
		return 0;
	}
	return 0;
}

struct state_approval state_approval_at(const struct state_fact *facts, size_t count, struct base_slice site,
					struct base_time at, uint64_t known)
{
	struct state_approval best = {.status = STATE_APPROVAL_NONE};

	for (size_t i = 0; i < count; i++) {
		struct state_approval approval;
		struct base_slice committee, earlier;
		bool first = true;

		if (!state_content_text(facts[i].content, APPROVAL_COMMITTEE, &committee))
			continue;
		for (size_t j = 0; j < i && first; j++)
			first = !state_content_text(facts[j].content, APPROVAL_COMMITTEE, &earlier) ||
				!base_slice_equal(earlier, committee);
		if (!first)
			continue;
		approval = of_committee(facts, count, committee, site, at, known);
		if (weight(approval.status) > weight(best.status))
			best = approval;
	}
	return best;
}

/* ---- Forms ---------------------------------------------------------------- */

static bool lists_form(struct base_slice body, uint64_t key, struct base_slice cid)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(body, key, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice form = wire_get_raw(&r), raw;

		if (!r.failed && state_content_raw(form, 1, &raw) && base_slice_equal(raw, cid))
			return true;
	}
	return false;
}

static bool lists_event(struct base_slice body, uint64_t key, const struct base_hash *id)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(body, key, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash listed = wire_get_hash(&r);

		if (!r.failed && base_hash_equal(&listed, id))
			return true;
	}
	return false;
}

/* An approval lists the form; it took effect by `at`, and what that committee decided later has not ended it by then. */
static bool approved_form(const struct state_fact *facts, size_t count, size_t i, struct base_slice site,
			  struct base_time at, uint64_t known)
{
	struct base_slice committee;

	if (facts[i].when.utc_ms > at.ms || !covers_site(facts[i].content, site) ||
	    !state_content_text(facts[i].content, APPROVAL_COMMITTEE, &committee))
		return false;
	return of_committee(facts, count, committee, site, at, known).status == STATE_APPROVAL_IN_FORCE;
}

bool state_form_accepted(struct base_slice form, const struct base_hash *consent, struct base_time at,
			 const struct state_fact *approvals, size_t count, struct base_slice site, uint64_t known)
{
	struct base_slice cid;

	if (!state_content_raw(form, 1, &cid))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct base_slice body;
		uint64_t act;

		if (approvals[i].index >= known || !state_act_of(approvals[i].content, APPROVAL_ACT, &act, &body))
			continue;
		if (act == EVENTS_ETHICS_WAIVE && covers_site(approvals[i].content, site) &&
		    (lists_form(body, 1, cid) || lists_event(body, 2, consent)))
			return true;
		if ((act == EVENTS_ETHICS_APPROVE || act == EVENTS_ETHICS_CONDITIONAL) && lists_form(body, 2, cid) &&
		    approved_form(approvals, count, i, site, at, known))
			return true;
	}
	return false;
}
