/* Written from docs/formats/consent.md, section by section. */
#include "tests/state/naive.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const naive_recipients[] = {"", "hospital-a", "hospital-b", "hospital-b/ann", "hospital-b/bob"};
const char *const naive_countries[] = {"", "DE", "FR", "US"};
const char *const naive_diseases[] = {"", "MONDO:0000001", "MONDO:0000002"};

/* ---- 2. Two axes of time -------------------------------------------------------- */

static uint64_t first_of(struct events_when when)
{
	return when.utc_ms;
}

static uint64_t last_of(struct events_when when)
{
	int64_t shift = when.has_offset ? (int64_t)when.offset_min * 60 : 0;
	time_t local = (time_t)((int64_t)(when.utc_ms / 1000) + shift);
	struct tm tm;

	if (when.precision == EVENTS_POINT)
		return when.utc_ms;
	(void)gmtime_r(&local, &tm);
	if (when.precision == EVENTS_MONTH)
		tm.tm_mon++;
	else
		tm.tm_mday++;
	return (uint64_t)((int64_t)timegm(&tm) - shift) * 1000 - 1;
}

static bool permission_counts(struct events_when when, uint64_t at)
{
	return when.precision == EVENTS_MONTH ? last_of(when) < at : first_of(when) <= at;
}

/* ---- 3. Approval ------------------------------------------------------------------ */

static bool is_restriction(const struct naive_event *e)
{
	return e->act == EVENTS_ETHICS_REFUSE || e->act == EVENTS_ETHICS_SUSPEND || e->act == EVENTS_ETHICS_END;
}

static bool for_site(const struct naive_event *e, unsigned site)
{
	return e->sites == 0 || (site != 0 && (e->sites & (1U << (site - 1))) != 0);
}

static bool decision_counts(const struct naive_event *e, uint64_t at)
{
	return is_restriction(e) ? first_of(e->when) <= at : permission_counts(e->when, at);
}

static bool stands_before(const struct naive_event *a, const struct naive_event *b)
{
	uint64_t x = is_restriction(a) ? last_of(a->when) : first_of(a->when);
	uint64_t y = is_restriction(b) ? last_of(b->when) : first_of(b->when);

	if (x != y)
		return x < y;
	if (is_restriction(a) != is_restriction(b))
		return is_restriction(b);
	return a->index < b->index;
}

#define MOST 64
/* All that is to be known of a committee at an instant. */
struct committee {
	const struct naive_event *said[MOST]; /* in its order */
	size_t said_count;
	struct state_approval answer;
	const struct naive_event *effective[MOST]; /* not dropped */
	uint64_t since[MOST];
	size_t effective_count;
};

static void collect(struct committee *c, const struct naive_event *events, size_t count, unsigned committee,
		    unsigned site, uint64_t at, uint64_t known)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < count; i++) {
		const struct naive_event *e = &events[i];
		size_t place = 0;

		if (e->what != NAIVE_DECISION || e->committee != committee || e->index >= known || !for_site(e, site) ||
		    e->act == EVENTS_ETHICS_WAIVE || !decision_counts(e, at))
			continue;
		while (place < c->said_count && stands_before(c->said[place], e))
			place++;
		memmove(&c->said[place + 1], &c->said[place], (c->said_count - place) * sizeof(c->said[0]));
		c->said[place] = e;
		c->said_count++;
	}
}

static uint64_t counts_from(const struct naive_event *e)
{
	return e->when.precision == EVENTS_MONTH ? last_of(e->when) + 1 : first_of(e->when);
}

static void put_in_effect(struct committee *c, const struct naive_event *e, uint64_t since)
{
	c->effective[c->effective_count] = e;
	c->since[c->effective_count++] = since;
	c->answer.has_until = e->has_until;
	c->answer.until = e->has_until ? last_of(e->until) + 1 : 0;
}

static void become(struct committee *c, enum state_approval_status status, const struct naive_event *e)
{
	c->answer.status = status;
	c->answer.index = e->index;
}

static void live_through(struct committee *c, uint64_t at)
{
	bool waiting[MOST] = {false};

	for (size_t i = 0; i < c->said_count; i++) {
		const struct naive_event *e = c->said[i];

		if (e->act == EVENTS_ETHICS_APPROVE) {
			put_in_effect(c, e, counts_from(e));
			if (c->answer.status != STATE_APPROVAL_SUSPENDED)
				become(c, STATE_APPROVAL_IN_FORCE, e);
		} else if (e->act == EVENTS_ETHICS_CONDITIONAL) {
			waiting[i] = true;
			if (c->answer.status == STATE_APPROVAL_NONE)
				become(c, STATE_APPROVAL_PENDING, e);
		} else if (e->act == EVENTS_ETHICS_RENEW) {
			for (size_t j = 0; j < i; j++) {
				if (waiting[j])
					put_in_effect(c, c->said[j], counts_from(e));
				waiting[j] = false;
			}
			if (c->effective_count > 0) {
				become(c, STATE_APPROVAL_IN_FORCE, e);
				if (e->has_until) {
					c->answer.has_until = true;
					c->answer.until = last_of(e->until) + 1;
				}
			}
		} else if (e->act == EVENTS_ETHICS_SUSPEND) {
			become(c, STATE_APPROVAL_SUSPENDED, e);
		} else {
			memset(waiting, 0, sizeof(waiting));
			c->effective_count = 0;
			become(c, e->act == EVENTS_ETHICS_END ? STATE_APPROVAL_ENDED : STATE_APPROVAL_REFUSED, e);
		}
	}
	if (c->answer.status == STATE_APPROVAL_IN_FORCE && c->answer.has_until && at >= c->answer.until)
		c->answer.status = STATE_APPROVAL_EXPIRED;
}

#define COMMITTEES 3
static void committee_at(struct committee *c, const struct naive_event *events, size_t count, unsigned committee,
			 unsigned site, uint64_t at, uint64_t known)
{
	collect(c, events, count, committee, site, at, known);
	live_through(c, at);
}

struct state_approval naive_approval(const struct naive_event *events, size_t count, unsigned site, uint64_t at,
				     uint64_t known)
{
	static const enum state_approval_status order[] = {
		STATE_APPROVAL_REFUSED,	 STATE_APPROVAL_SUSPENDED, STATE_APPROVAL_EXPIRED, STATE_APPROVAL_PENDING,
		STATE_APPROVAL_IN_FORCE, STATE_APPROVAL_ENDED};
	struct state_approval best = {.status = STATE_APPROVAL_NONE};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && best.status == STATE_APPROVAL_NONE; i++) {
		for (unsigned committee = 1; committee <= COMMITTEES; committee++) {
			struct committee c;
			uint64_t end, best_end = best.has_until ? best.until : UINT64_MAX;

			committee_at(&c, events, count, committee, site, at, known);
			end = c.answer.has_until ? c.answer.until : UINT64_MAX;
			if (c.answer.status == order[i] &&
			    (best.status == STATE_APPROVAL_NONE || end < best_end ||
			     (end == best_end && c.answer.index < best.index)))
				best = c.answer;
		}
	}
	return best;
}

/* ---- 4. Forms --------------------------------------------------------------------- */

static const struct naive_form *among(const struct naive_form *forms, unsigned cid)
{
	for (size_t i = 0; i < NAIVE_SOME; i++) {
		if (cid != 0 && forms[i].cid == cid)
			return &forms[i];
	}
	return NULL;
}

static bool on_list(const struct committee *c, unsigned cid)
{
	const struct naive_form *entry = NULL;

	for (size_t i = 0; i < c->effective_count; i++) {
		const struct naive_form *forms = c->effective[i]->forms;

		if (among(forms, cid) != NULL) {
			entry = among(forms, cid);
			continue;
		}
		for (size_t k = 0; entry != NULL && k < NAIVE_SOME; k++) {
			if (forms[k].cid != 0 && forms[k].language == entry->language &&
			    forms[k].audience == entry->audience)
				entry = NULL;
		}
	}
	return entry != NULL;
}

static bool names_target(const struct naive_event *e, unsigned id)
{
	for (size_t i = 0; i < NAIVE_SOME; i++) {
		if (e->targets[i] == id)
			return true;
	}
	return false;
}

static bool approved_at(const struct naive_event *events, size_t count, unsigned cid, unsigned site, uint64_t instant,
			uint64_t known)
{
	for (unsigned committee = 1; committee <= COMMITTEES; committee++) {
		struct committee c;

		committee_at(&c, events, count, committee, site, instant, known);
		if (c.answer.status == STATE_APPROVAL_IN_FORCE && on_list(&c, cid))
			return true;
	}
	return false;
}

static bool form_accepted(const struct naive_event *events, size_t count, const struct naive_event *give, unsigned site,
			  uint64_t known)
{
	for (size_t i = 0; i < count; i++) {
		const struct naive_event *w = &events[i];

		if (w->what == NAIVE_DECISION && w->act == EVENTS_ETHICS_WAIVE && w->index < known &&
		    for_site(w, site) && last_of(w->when) >= first_of(give->when) &&
		    (names_target(w, give->id) || among(w->forms, give->form.cid) != NULL))
			return true;
	}
	return approved_at(events, count, give->form.cid, site, last_of(give->when), known) &&
	       (give->when.precision != EVENTS_MONTH ||
		approved_at(events, count, give->form.cid, site, first_of(give->when), known));
}

/* ---- 5. Asking again ---------------------------------------------------------------- */

static bool waived(const struct naive_event *events, size_t count, unsigned committee, unsigned site, unsigned consent,
		   uint64_t since, uint64_t at, uint64_t known)
{
	for (size_t i = 0; i < count; i++) {
		const struct naive_event *w = &events[i];

		if (w->what == NAIVE_DECISION && w->act == EVENTS_ETHICS_WAIVE && w->committee == committee &&
		    w->index < known && for_site(w, site) && permission_counts(w->when, at) &&
		    names_target(w, consent) && last_of(w->when) >= since)
			return true;
	}
	return false;
}

/* Since when the participant is on record as of age; never: UINT64_MAX. */
static uint64_t of_age_since(const struct naive_event *events, size_t count, uint64_t known)
{
	uint64_t since = UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		if (events[i].what == NAIVE_OF_AGE && events[i].index < known && first_of(events[i].when) < since)
			since = first_of(events[i].when);
	return since;
}

/* Whether there were representatives, of whom the last has left by `at` and nobody is there; *since: when that one left. */
static bool is_left_alone(const struct naive_event *events, size_t count, uint64_t at, uint64_t known, uint64_t *since)
{
	bool any = false;

	for (unsigned code = 1; code <= NAIVE_SOME; code++) {
		const struct naive_event *newest = NULL;

		for (size_t i = 0; i < count; i++)
			if (events[i].what == NAIVE_REPRESENT && events[i].index < known && events[i].representative == code)
				newest = &events[i];
		if (newest == NULL)
			continue;
		if (newest->period.has_to && last_of(newest->period.to) < at) {
			if (!any || last_of(newest->period.to) + 1 > *since)
				*since = last_of(newest->period.to) + 1;
			any = true;
		} else if (permission_counts(newest->period.from, at)) {
			return false;
		}
	}
	return any;
}

static bool anybody_waived(const struct naive_event *events, size_t count, const struct naive_question *q, unsigned consent,
			   uint64_t since)
{
	for (unsigned committee = 1; committee <= COMMITTEES; committee++)
		if (waived(events, count, committee, q->site, consent, since, q->at, q->known))
			return true;
	return false;
}

/* What needs no rule of a committee: of age without one, or represented by nobody any more. */
static bool needs_own(const struct naive_event *events, size_t count, const struct naive_event *give,
		      const struct naive_question *q, bool of_age, bool has_rule)
{
	uint64_t since = of_age_since(events, count, q->known);

	if (since <= q->at && !has_rule && !anybody_waived(events, count, q, give->id, since))
		return true;
	return !of_age && is_left_alone(events, count, q->at, q->known, &since) && first_of(give->when) < since &&
	       !anybody_waived(events, count, q, give->id, since);
}

static unsigned demanded(const struct naive_event *events, size_t count, const struct naive_event *give,
			 const struct naive_question *q)
{
	bool for_participant = give->capacity >= 2 && give->capacity <= 4;
	uint64_t age = of_age_since(events, count, q->known);
	bool of_age, has_rule = false;
	unsigned strictest = 0;

	if (give->has_ask_again && first_of(give->ask_again) < age)
		age = first_of(give->ask_again);
	of_age = for_participant && age <= q->at;

	for (unsigned committee = 1; committee <= COMMITTEES; committee++) {
		unsigned majority = 0;
		struct committee c;

		committee_at(&c, events, count, committee, q->site, q->at, q->known);
		for (size_t i = 0; i < c.effective_count; i++) {
			const struct naive_event *e = c.effective[i];
			uint64_t since = c.since[i];
			unsigned level;

			if (e->majority != 0)
				majority = e->majority;
			if (!e->has_reconsent || first_of(give->when) >= since)
				continue;
			if ((e->who == 2 && !for_participant) || (e->who == 3 && !of_age) ||
			    (e->who == 4 && among(e->forms, give->form.cid) != NULL))
				continue;
			if (e->who == 3 && age > since)
				since = age;
			level = q->at > last_of(e->by) ? e->after : e->meanwhile;
			if (level > strictest &&
			    !waived(events, count, committee, q->site, give->id, since, q->at, q->known))
				strictest = level;
		}
		has_rule = has_rule || majority != 0;
		if (of_age && majority > strictest && !waived(events, count, committee, q->site, give->id, age, q->at, q->known))
			strictest = majority;
	}
	if (for_participant && strictest < EVENTS_MEANWHILE_NO_NEW_USE && needs_own(events, count, give, q, of_age, has_rule))
		strictest = EVENTS_MEANWHILE_NO_NEW_USE;
	return strictest;
}

/* ---- 6. Provisions ------------------------------------------------------------------ */

static bool covers(enum naive_list list, unsigned wide, unsigned narrow)
{
	const char *text;

	if (wide == narrow)
		return true;
	if (list == NAIVE_PURPOSES)
		return wide == 4 || (narrow != 0 && covers(list, wide, (unsigned)events_purpose_wider(narrow)));
	if (list != NAIVE_RECIPIENTS)
		return false;
	text = naive_recipients[narrow];
	return strncmp(text, naive_recipients[wide], strlen(naive_recipients[wide])) == 0 &&
	       text[strlen(naive_recipients[wide])] == '/';
}

static bool in_period(const struct naive_period *period, uint64_t instant)
{
	return (!period->has_from || instant >= first_of(period->from)) &&
	       (!period->has_to || instant <= last_of(period->to));
}

static bool meets(const struct naive_period *period, uint64_t from, uint64_t to)
{
	return (!period->has_from || to >= first_of(period->from)) && (!period->has_to || from <= last_of(period->to));
}

static uint64_t collected_last(const struct naive_question *q)
{
	return q->collected_to > q->collected ? q->collected_to : q->collected;
}

/* how: 't'ouches, 'a'llows, 'b'ars */
static bool fits(const struct naive_provision *p, const struct naive_question *q, char how)
{
	for (unsigned list = 0; list < NAIVE_LISTS; list++) {
		bool found = false;

		if (p->counts[list] == 0)
			continue;
		if (q->asked[list] == 0) {
			if (how == 'b')
				return false;
			continue;
		}
		for (size_t i = 0; i < p->counts[list]; i++)
			found = found || covers((enum naive_list)list, p->lists[list][i], q->asked[list]) ||
				(how != 'a' && covers((enum naive_list)list, q->asked[list], p->lists[list][i]));
		if (!found)
			return false;
	}
	if (!p->has_collected)
		return true;
	if (!q->has_collected)
		return how != 'a';
	if (how == 'a')
		return in_period(&p->collected, q->collected) && in_period(&p->collected, collected_last(q));
	return meets(&p->collected, q->collected, collected_last(q));
}

/* 'n'othing, 'e'xpired, 'p'ermit, 'd'eny */
static char strictest_word(const struct naive_provision *list, size_t count, const struct naive_question *q);

static char word(const struct naive_provision *p, const struct naive_question *q)
{
	char inner;

	if (!fits(p, q, 't'))
		return 'n';
	if (p->has_valid && p->valid.has_to && q->at > last_of(p->valid.to))
		return !p->deny && fits(p, q, 'a') ? 'e' : 'n';
	if (p->has_valid && p->valid.has_from && q->at < first_of(p->valid.from))
		return 'n';
	inner = strictest_word(p->nested, p->nested_count, q);
	if (inner == 'd' || (inner != 'p' && p->deny))
		return fits(p, q, 'b') ? 'd' : 'n';
	return fits(p, q, 'a') ? 'p' : 'n';
}

static char strictest_word(const struct naive_provision *list, size_t count, const struct naive_question *q)
{
	static const char strictness[] = "dpen";

	for (const char *c = strictness; *c != '\0'; c++) {
		for (size_t i = 0; i < count; i++) {
			if (word(&list[i], q) == *c)
				return *c;
		}
	}
	return 'n';
}

static bool names_question(const struct naive_event *e, const struct naive_question *q)
{
	for (size_t i = 0; i < e->provision_count; i++) {
		const struct naive_provision *p = &e->provisions[i];

		if (fits(p, q, 'b') && (!p->has_valid || in_period(&p->valid, q->at)))
			return true;
	}
	return e->provision_count == 0;
}

/* ---- 7. Consent ---------------------------------------------------------------------- */

enum void_degree { FULLY_THERE, WITHOUT_PERMISSIONS, AWAY };

static bool is_vouched_for(const struct naive_event *events, size_t count, const struct naive_event *annulment,
			   uint64_t known)
{
	for (size_t i = 0; i < count; i++) {
		if (events[i].what == NAIVE_ATTEST && events[i].index < known &&
		    names_target(&events[i], annulment->id))
			return true;
	}
	return annulment->alone;
}

static enum void_degree annulled(const struct naive_event *events, size_t count, const struct naive_event *e,
				 uint64_t known)
{
	enum void_degree worst = FULLY_THERE;

	for (size_t i = 0; i < count; i++) {
		const struct naive_event *other = &events[i];

		if (other->what != NAIVE_CONSENT || other->act != EVENTS_CONSENT_ANNUL || other->index >= known ||
		    other->targets[0] != e->id)
			continue;
		if (other->repudiates) {
			if (e->act == EVENTS_CONSENT_ANNUL)
				return AWAY;
			if (e->act == EVENTS_CONSENT_GIVE)
				worst = WITHOUT_PERMISSIONS;
			continue;
		}
		if (e->act == EVENTS_CONSENT_ANNUL || annulled(events, count, other, known) == AWAY)
			continue;
		if (e->act == EVENTS_CONSENT_ATTEMPT || is_vouched_for(events, count, other, known))
			return AWAY;
		if (e->act == EVENTS_CONSENT_GIVE)
			worst = WITHOUT_PERMISSIONS;
	}
	return worst;
}

static enum void_degree degree(const struct naive_event *events, size_t count, const struct naive_event *e,
			       const struct naive_question *q)
{
	enum void_degree worst = annulled(events, count, e, q->known);

	for (size_t i = 0; i < count && worst != AWAY; i++) {
		const struct naive_event *other = &events[i];
		enum void_degree replacing;

		if (other->what != NAIVE_CONSENT || other->act != EVENTS_CONSENT_GIVE || other->index >= q->known ||
		    other->targets[0] != e->id || first_of(other->when) > q->at)
			continue;
		replacing = annulled(events, count, other, q->known);
		if (replacing == FULLY_THERE && permission_counts(other->when, q->at) &&
		    form_accepted(events, count, other, q->site, q->known))
			worst = AWAY;
		else if (replacing != AWAY)
			worst = WITHOUT_PERMISSIONS;
	}
	return worst;
}

static struct state_answer give_says(const struct naive_event *events, size_t count, const struct naive_event *e,
				     const struct naive_question *q, enum void_degree gone)
{
	char says = strictest_word(e->provisions, e->provision_count, q);
	unsigned demand;

	if (says == 'd')
		return (struct state_answer){STATE_DENIED, STATE_GROUND_PROVISION, e->index};
	if (says == 'e')
		return (struct state_answer){STATE_SILENT, STATE_GROUND_EXPIRED, e->index};
	if (says == 'n' || gone != FULLY_THERE || !permission_counts(e->when, q->at))
		return (struct state_answer){STATE_SILENT, STATE_GROUND_NOTHING, 0};
	if (!form_accepted(events, count, e, q->site, q->known))
		return (struct state_answer){STATE_SILENT, STATE_GROUND_FORM, e->index};
	demand = demanded(events, count, e, q);
	if (demand == 3 || (demand == 2 && !q->ongoing))
		return (struct state_answer){STATE_SILENT, STATE_GROUND_ASK_AGAIN, e->index};
	return (struct state_answer){STATE_PERMITTED, STATE_GROUND_GIVEN, e->index};
}

static bool keeps(const struct naive_event *e, const struct naive_question *q)
{
	unsigned use = q->asked[NAIVE_USES];

	if (e->act == EVENTS_CONSENT_REFUSE || e->existing != EVENTS_EXISTING_KEEP || !q->has_collected ||
	    collected_last(q) >= first_of(e->when))
		return false;
	return use == 0 || (use >= 2 && use <= 7) || ((use == 11 || use == 12) && e->samples == 1);
}

static struct state_answer statement(const struct naive_event *events, size_t count, const struct naive_event *e,
				     const struct naive_question *q)
{
	const struct state_answer nothing = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	enum void_degree gone;

	if (e->what != NAIVE_CONSENT || e->index >= q->known || first_of(e->when) > q->at ||
	    (gone = degree(events, count, e, q)) == AWAY)
		return nothing;
	if (e->act == EVENTS_CONSENT_GIVE)
		return give_says(events, count, e, q, gone);
	if (e->act > EVENTS_CONSENT_OBJECT || !names_question(e, q) || keeps(e, q))
		return nothing;
	return (struct state_answer){STATE_DENIED,
				     e->act == EVENTS_CONSENT_REFUSE	 ? STATE_GROUND_REFUSED
				     : e->act == EVENTS_CONSENT_WITHDRAW ? STATE_GROUND_WITHDRAWN
									 : STATE_GROUND_OBJECTED,
				     e->index};
}

struct state_answer naive_consent(const struct naive_event *events, size_t count, const struct naive_question *question)
{
	struct state_answer silent = {STATE_SILENT, STATE_GROUND_NOTHING, 0}, answers[2];
	const struct naive_event *permitted = NULL, *denied = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct naive_event *e = &events[i];
		struct state_answer one = statement(events, count, e, question);

		if (one.stance == STATE_PERMITTED &&
		    (permitted == NULL || first_of(e->when) >= first_of(permitted->when))) {
			permitted = e;
			answers[0] = one;
		} else if (one.stance == STATE_DENIED &&
			   (denied == NULL || last_of(e->when) >= last_of(denied->when))) {
			denied = e;
			answers[1] = one;
		} else if (one.stance == STATE_SILENT && one.ground != STATE_GROUND_NOTHING) {
			silent = one;
		}
	}
	if (denied != NULL && (permitted == NULL || last_of(denied->when) >= first_of(permitted->when)))
		return answers[1];
	return permitted != NULL ? answers[0] : silent;
}
