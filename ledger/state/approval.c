#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* docs/formats/consent.md, "Approval": what committees decided, at an instant, as known at a height. */

#define APPROVAL_COMMITTEE 1
#define APPROVAL_SITES 3
#define APPROVAL_ACT 4
#define APPROVE_UNTIL 3
#define APPROVE_FORMS 2
#define RENEW_UNTIL 1
#define WAIVE_FORMS 1
#define WAIVE_CONSENTS 2

/* ---- Times of facts -------------------------------------------------------- */

uint64_t state_when_last(const struct events_when *when)
{
	return when->precision == EVENTS_POINT ? when->utc_ms : state_when_end(when) - 1;
}

/* Of a permission: a day is taken whole, of a month nobody knows before it is over. */
uint64_t state_when_from(const struct events_when *when)
{
	return when->precision == EVENTS_MONTH ? state_when_end(when) : when->utc_ms;
}

size_t state_when_instants(const struct events_when *when, uint64_t out[2])
{
	out[0] = state_when_last(when);
	out[1] = when->utc_ms;
	return when->precision == EVENTS_MONTH ? 2 : 1;
}

/* ---- Decisions in their order ------------------------------------------------ */

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

bool state_ethics_restricts(uint64_t act)
{
	return act == EVENTS_ETHICS_REFUSE || act == EVENTS_ETHICS_SUSPEND || act == EVENTS_ETHICS_END;
}

/* By committee; a permission stands where it may have come first, a restriction where it may have come last, and after
 * a permission of the same instant. */
static int compare_decisions(const void *a, const void *b)
{
	const struct state_decision *x = a, *y = b;
	int order = base_slice_compare(x->committee, y->committee);

	if (order != 0)
		return order;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->restricts != y->restricts)
		return x->restricts ? 1 : -1;
	return (x->fact->index > y->fact->index) - (x->fact->index < y->fact->index);
}

static bool decision_of(struct state_decision *out, const struct state_fact *fact, struct base_slice site, bool last)
{
	if (!state_content_text(fact->content, APPROVAL_COMMITTEE, &out->committee) ||
	    !state_act_of(fact->content, APPROVAL_ACT, &out->act, &out->body))
		return false;
	if (last)
		out->act = EVENTS_ETHICS_REFUSE;
	else if (!covers_site(fact->content, site))
		return false;
	out->fact = fact;
	out->restricts = state_ethics_restricts(out->act);
	out->rank = out->restricts ? state_when_last(&fact->when) : fact->when.utc_ms;
	out->from = out->restricts ? fact->when.utc_ms : state_when_from(&fact->when);
	return true;
}

static void read_forms(struct state_decisions *all, struct state_decision *decision)
{
	struct wire_reader r;
	uint64_t count;

	decision->form_first = all->form_count;
	decision->form_count = 0;
	if (state_ethics_restricts(decision->act) || decision->act == EVENTS_ETHICS_RENEW ||
	    !events_find(decision->body, decision->act == EVENTS_ETHICS_WAIVE ? WAIVE_FORMS : APPROVE_FORMS, &r))
		return;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice map = wire_get_raw(&r);
		struct state_form form;

		if (r.failed || !state_content_raw(map, 1, &form.cid) || !state_content_raw(map, 3, &form.language) ||
		    !state_content_uint(map, 4, &form.audience))
			continue;
		all->forms = state_grow(all->forms, &all->form_cap, all->form_count, sizeof(*all->forms));
		all->forms[all->form_count++] = form;
		decision->form_count++;
	}
}

static int compare_waived(const void *a, const void *b)
{
	const struct state_waived *x = a, *y = b;
	int order = base_slice_compare(base_hash_slice(&x->consent), base_hash_slice(&y->consent));

	return order != 0 ? order : (x->decision > y->decision) - (x->decision < y->decision);
}

static void read_waived(struct state_decisions *all, size_t decision)
{
	struct wire_reader r;
	uint64_t count;

	if (all->list[decision].act != EVENTS_ETHICS_WAIVE ||
	    !events_find(all->list[decision].body, WAIVE_CONSENTS, &r))
		return;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct state_waived waived = {wire_get_hash(&r), decision};

		if (r.failed)
			return;
		all->waived = state_grow(all->waived, &all->waived_cap, all->waived_count, sizeof(*all->waived));
		all->waived[all->waived_count++] = waived;
	}
}

const struct state_waived *state_waivers_of(const struct state_decisions *decisions, const struct base_hash *consent,
					    size_t *count)
{
	size_t from = 0, to = decisions->waived_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (memcmp(decisions->waived[middle].consent.bytes, consent->bytes, sizeof(consent->bytes)) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	*count = 0;
	while (from + *count < decisions->waived_count &&
	       base_hash_equal(&decisions->waived[from + *count].consent, consent))
		(*count)++;
	return *count == 0 ? NULL : decisions->waived + from;
}

void state_decisions_open(struct state_decisions *out, const struct state_fact *facts, size_t count,
			  struct base_slice site, uint64_t known)
{
	*out = (struct state_decisions){.count = 0};
	if (count == 0)
		return;
	out->list = base_alloc(count * sizeof(*out->list));
	for (size_t i = 0; i < count && i < STATE_DECISIONS_MAX; i++) {
		if (facts[i].index < known &&
		    decision_of(&out->list[out->count], &facts[i], site, i == STATE_DECISIONS_MAX - 1))
			read_forms(out, &out->list[out->count++]);
	}
	for (size_t i = 0; i < out->count && out->form_count > 0; i++)
		out->list[i].forms = out->forms + out->list[i].form_first;
	if (out->count > 1)
		qsort(out->list, out->count, sizeof(*out->list), compare_decisions);
	for (size_t i = 0; i < out->count; i++)
		read_waived(out, i);
	if (out->waived_count > 1)
		qsort(out->waived, out->waived_count, sizeof(*out->waived), compare_waived);
}

void state_decisions_close(struct state_decisions *decisions)
{
	free(decisions->list);
	free(decisions->forms);
	free(decisions->waived);
}

/* ---- One committee ----------------------------------------------------------- */

struct walk {
	struct state_approval approval;
	bool granted;
	size_t waiting;    /* conditional decisions from here on wait for a renewal */
	bool any_waiting;
	const struct state_terms *terms;
};

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
	approval->until = state_when_last(&until) + 1;
}

static void set_status(struct walk *w, enum state_approval_status status, const struct state_decision *decision)
{
	w->approval.status = status;
	w->approval.index = decision->fact->index;
}

/* What an approval says takes effect. */
static void take(struct walk *w, const struct state_decision *decision, uint64_t from)
{
	w->granted = true;
	w->approval.has_until = false;
	take_until(&w->approval, decision->body, APPROVE_UNTIL);
	if (w->terms != NULL)
		w->terms->take(w->terms->arg, decision, from);
}

static void drop(struct walk *w, size_t i)
{
	w->granted = w->any_waiting = false;
	w->waiting = i + 1;
	if (w->terms != NULL)
		w->terms->drop(w->terms->arg);
}

static void renew(struct walk *w, const struct state_decision *list, size_t i, uint64_t at)
{
	for (size_t j = w->waiting; w->any_waiting && j < i; j++) {
		if (list[j].act == EVENTS_ETHICS_CONDITIONAL && list[j].from <= at)
			take(w, &list[j], list[i].from);
	}
	w->any_waiting = false;
	w->waiting = i + 1;
	if (!w->granted)
		return;
	set_status(w, STATE_APPROVAL_IN_FORCE, &list[i]);
	take_until(&w->approval, list[i].body, RENEW_UNTIL);
}

static void step(struct walk *w, const struct state_decision *list, size_t i, uint64_t at)
{
	const struct state_decision *decision = &list[i];

	switch ((enum events_ethics_act)decision->act) {
	case EVENTS_ETHICS_APPROVE:
		take(w, decision, decision->from);
		if (w->approval.status != STATE_APPROVAL_SUSPENDED)
			set_status(w, STATE_APPROVAL_IN_FORCE, decision);
		return;
	case EVENTS_ETHICS_CONDITIONAL:
		w->any_waiting = true;
		if (w->approval.status == STATE_APPROVAL_NONE)
			set_status(w, STATE_APPROVAL_PENDING, decision);
		return;
	case EVENTS_ETHICS_REFUSE:
		drop(w, i);
		set_status(w, STATE_APPROVAL_REFUSED, decision);
		return;
	case EVENTS_ETHICS_SUSPEND:
		set_status(w, STATE_APPROVAL_SUSPENDED, decision);
		return;
	case EVENTS_ETHICS_RENEW:
		renew(w, list, i, at);
		return;
	case EVENTS_ETHICS_END:
		drop(w, i);
		set_status(w, STATE_APPROVAL_ENDED, decision);
		return;
	case EVENTS_ETHICS_WAIVE:
		return;
	}
}

struct state_approval state_committee_at(const struct state_decisions *decisions, size_t *next, uint64_t at,
					 const struct state_terms *terms)
{
	struct walk w = {.approval = {.status = STATE_APPROVAL_NONE}, .waiting = *next, .terms = terms};
	const struct state_decision *list = decisions->list;
	size_t i = *next;

	for (; i < decisions->count && base_slice_equal(list[i].committee, list[*next].committee); i++) {
		if (list[i].from <= at)
			step(&w, list, i, at);
	}
	*next = i;
	if (w.approval.status == STATE_APPROVAL_IN_FORCE && w.approval.has_until && at >= w.approval.until)
		w.approval.status = STATE_APPROVAL_EXPIRED;
	return w.approval;
}

/* ---- All committees ------------------------------------------------------------ */

/* Every committee that has decided for the site must have its approval in force, but those that ended theirs in order. */
static unsigned weight(enum state_approval_status status)
{
	switch (status) {
	case STATE_APPROVAL_REFUSED:
		return 6;
	case STATE_APPROVAL_SUSPENDED:
		return 5;
	case STATE_APPROVAL_EXPIRED:
		return 4;
	case STATE_APPROVAL_PENDING:
		return 3;
	case STATE_APPROVAL_IN_FORCE:
		return 2;
	case STATE_APPROVAL_ENDED:
		return 1;
	case STATE_APPROVAL_NONE:
		return 0;
	}
	return 0;
}

/* Of equals, the one that ends first, then the one that was recorded first. */
static bool outweighs(const struct state_approval *a, const struct state_approval *b)
{
	uint64_t until_a = a->has_until ? a->until : UINT64_MAX, until_b = b->has_until ? b->until : UINT64_MAX;

	if (weight(a->status) != weight(b->status))
		return weight(a->status) > weight(b->status);
	return until_a != until_b ? until_a < until_b : a->index < b->index;
}

struct state_approval state_decisions_at(const struct state_decisions *decisions, struct base_time at)
{
	struct state_approval best = {.status = STATE_APPROVAL_NONE};

	for (size_t next = 0; next < decisions->count;) {
		struct state_approval approval = state_committee_at(decisions, &next, at.ms, NULL);

		if (outweighs(&approval, &best))
			best = approval;
	}
	return best;
}

struct state_approval state_approval_at(const struct state_fact *facts, size_t count, struct base_slice site,
					struct base_time at, uint64_t known)
{
	struct state_approval best;
	struct state_decisions decisions;

	state_decisions_open(&decisions, facts, count, site, known);
	best = state_decisions_at(&decisions, at);
	state_decisions_close(&decisions);
	return best;
}
