#include "ledger/state/exec_internal.h"

#include <stdlib.h>

/* docs/formats/consent.md, "Consent": one question, answered from the facts of one participant. */

#define GIVE_FORM 1
#define GIVE_PROVISIONS 4
#define GIVE_REPLACES 6
#define REFUSE_SCOPE 3
#define WITHDRAW_SCOPE 2
#define WITHDRAW_EXISTING 3
#define WITHDRAW_SAMPLES 4
#define ANNUL_TARGET 1
#define SAMPLES_KEEP 1

/* Of a fact that was annulled or replaced: what it permits does not count, or nothing of it does. */
enum voided { STANDS, PERMITS_NOTHING, VOID };

struct consent {
	const struct state_fact *fact;
	uint64_t act; /* 0: not an act */
	struct base_slice body;
	struct base_hash id;
	enum voided annulled, voided; /* voided: by annulment or replacement, whichever takes more; of the question */
	bool last; /* the last that the record has room for */
	uint64_t until; /* the last instant at which it may have been said */
	enum { FORM_UNKNOWN, FORM_ACCEPTED, FORM_NOT_ACCEPTED } form; /* looked up when first asked for */
};
struct replacement {
	size_t give, target; /* in the list */
};
struct state_asking {
	struct consent *list; /* those that are known */
	size_t count;
	size_t *order;        /* the latest `until` first; of equals, the later entry first */
	struct replacement *replacements;
	size_t replacement_count, replacement_cap;
	const struct state_decisions *decisions;
	struct state_ward ward;
	const struct state_question *question; /* that is being answered */
};

/* ---- What stands ----------------------------------------------------------------- */

static bool is_attested(const struct state_asking *c, const struct base_hash *annulment)
{
	for (size_t i = 0; i < c->count; i++) {
		struct wire_reader r;
		uint64_t count;

		if (c->list[i].fact->kind != EVENTS_ATTEST ||
		    !events_find(c->list[i].fact->content, STATE_CONSENT_ATTESTED, &r))
			continue;
		count = wire_get_array(&r);
		for (uint64_t n = 0; n < count && !r.failed; n++) {
			struct base_hash listed = wire_get_hash(&r);

			if (!r.failed && base_hash_equal(&listed, annulment))
				return true;
		}
	}
	return false;
}

static bool is_form_accepted(const struct state_asking *c, struct consent *give)
{
	struct base_slice form;

	if (give->form == FORM_UNKNOWN)
		give->form = state_content_raw(give->body, GIVE_FORM, &form) &&
					     state_form_accepted(form, &give->id, &give->fact->when, c->decisions)
				     ? FORM_ACCEPTED
				     : FORM_NOT_ACCEPTED;
	return give->form == FORM_ACCEPTED;
}

/* One who annuls alone loosens nothing: what was given does not count, but what it denied, or replaced, stays so. A
 * repudiation is such an annulment, which may name an annulment too. */
static enum voided by_annulment(const struct state_asking *c, const struct consent *annul, const struct consent *target)
{
	if (annul->fact->kind == EVENTS_ACTOR_REPUDIATE)
		return target->act == EVENTS_CONSENT_ANNUL  ? VOID
		       : target->act == EVENTS_CONSENT_GIVE ? PERMITS_NOTHING
							    : STANDS;
	if (target->act == EVENTS_CONSENT_ANNUL)
		return STANDS;
	if (target->act == EVENTS_CONSENT_ATTEMPT || events_has(annul->fact->content, STATE_CONSENT_ALONE) ||
	    is_attested(c, &annul->id))
		return VOID;
	return target->act == EVENTS_CONSENT_GIVE ? PERMITS_NOTHING : STANDS;
}

static enum voided by_replacement(const struct state_asking *c, struct consent *give)
{
	uint64_t at = c->question->at.ms;

	/* Even if it was replaced in its turn: that brings nothing back. */
	if (give->annulled == VOID || give->fact->when.utc_ms > at)
		return STANDS;
	if (give->annulled == PERMITS_NOTHING || state_when_from(&give->fact->when) > at || !is_form_accepted(c, give))
		return PERMITS_NOTHING;
	return VOID;
}

static void void_more(enum voided *voided, enum voided by)
{
	if (by > *voided)
		*voided = by;
}

static void mark_annulled(struct state_asking *c, const struct consent *annul)
{
	struct base_hash target;

	if (!state_content_hash(annul->body, ANNUL_TARGET, &target))
		return;
	for (struct consent *earlier = c->list; earlier < annul; earlier++) {
		if (earlier->act != 0 && base_hash_equal(&earlier->id, &target))
			void_more(&earlier->annulled, by_annulment(c, annul, earlier));
	}
}

static void find_replaced(struct state_asking *c, size_t give)
{
	struct base_hash target;

	if (!state_content_hash(c->list[give].body, GIVE_REPLACES, &target))
		return;
	for (size_t i = 0; i < give; i++) {
		if (c->list[i].act == 0 || !base_hash_equal(&c->list[i].id, &target))
			continue;
		c->replacements = state_grow(c->replacements, &c->replacement_cap, c->replacement_count,
					     sizeof(*c->replacements));
		c->replacements[c->replacement_count++] = (struct replacement){give, i};
	}
}

static bool is_repudiation(const struct consent *consent)
{
	return consent->act == EVENTS_CONSENT_ANNUL && consent->fact->kind == EVENTS_ACTOR_REPUDIATE;
}

/* What each needs is known by then: repudiations first, then the annulments that stand, then replacements. */
static void find_voided(struct state_asking *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (is_repudiation(&c->list[i]))
			mark_annulled(c, &c->list[i]);
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct consent *annul = &c->list[i];

		if (annul->act == EVENTS_CONSENT_ANNUL && annul->annulled == STANDS && !is_repudiation(annul))
			mark_annulled(c, annul);
	}
	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].act == EVENTS_CONSENT_GIVE)
			find_replaced(c, i);
	}
}

/* Whether something is replaced depends on when is asked about. */
static void mark_voided(struct state_asking *c)
{
	for (size_t i = 0; i < c->count; i++)
		c->list[i].voided = c->list[i].annulled;
	for (size_t i = 0; i < c->replacement_count; i++)
		void_more(&c->list[c->replacements[i].target].voided, by_replacement(c, &c->list[c->replacements[i].give]));
}

struct place {
	uint64_t until;
	size_t at;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->until != y->until)
		return x->until < y->until ? 1 : -1;
	return (x->at < y->at) - (x->at > y->at);
}

static void put_in_order(struct state_asking *c)
{
	struct place *places = base_alloc((c->count + 1) * sizeof(*places));

	for (size_t i = 0; i < c->count; i++)
		places[i] = (struct place){c->list[i].until, i};
	if (c->count > 1)
		qsort(places, c->count, sizeof(*places), compare_places);
	c->order = base_alloc((c->count + 1) * sizeof(*c->order));
	for (size_t i = 0; i < c->count; i++)
		c->order[i] = places[i].at;
	free(places);
}

struct state_asking *state_asking_open(const struct state_fact *facts, size_t count, const struct state_decisions *decisions,
				       const struct state_cover_record *participant, uint64_t known)
{
	struct state_asking *c = base_alloc(sizeof(*c));

	*c = (struct state_asking){.decisions = decisions};
	c->list = base_alloc((count + 1) * sizeof(*c->list));
	for (size_t i = 0; i < count && i < STATE_CONSENTS_MAX; i++) {
		struct consent *consent = &c->list[c->count];

		if (facts[i].index >= known)
			continue;
		*consent = (struct consent){.fact = &facts[i], .last = i == STATE_CONSENTS_MAX - 1};
		consent->until = consent->last ? UINT64_MAX : state_when_last(&facts[i].when);
		if (!state_act_of(facts[i].content, STATE_CONSENT_ACT, &consent->act, &consent->body) ||
		    !state_content_hash(facts[i].content, STATE_CONSENT_ID, &consent->id))
			consent->act = 0;
		c->count++;
	}
	state_ward_open(&c->ward, participant, known);
	find_voided(c);
	put_in_order(c);
	return c;
}

void state_asking_close(struct state_asking *asking)
{
	if (asking == NULL)
		return;
	free(asking->list);
	free(asking->order);
	free(asking->replacements);
	state_ward_close(&asking->ward);
	free(asking);
}

/* ---- What each says ---------------------------------------------------------------- */

struct statement {
	enum state_stance stance;
	enum state_consent_ground ground;
};

static struct statement of_give(const struct state_asking *c, struct consent *give)
{
	const struct state_question *q = c->question;
	uint64_t meanwhile;

	switch (state_provisions_say(give->body, GIVE_PROVISIONS, q)) {
	case STATE_SAYS_NOTHING:
		break;
	case STATE_SAYS_DENY:
		return (struct statement){STATE_DENIED, STATE_GROUND_PROVISION};
	case STATE_SAYS_EXPIRED:
		return (struct statement){STATE_SILENT, STATE_GROUND_EXPIRED};
	case STATE_SAYS_PERMIT:
		if (give->voided != STANDS || state_when_from(&give->fact->when) > q->at.ms)
			break;
		if (!is_form_accepted(c, give))
			return (struct statement){STATE_SILENT, STATE_GROUND_FORM};
		meanwhile = state_consent_meanwhile(&give->fact->when, give->body, &give->id, c->decisions, &c->ward, q->at.ms);
		if (meanwhile == EVENTS_MEANWHILE_NO_USE || (meanwhile == EVENTS_MEANWHILE_NO_NEW_USE && !q->ongoing))
			return (struct statement){STATE_SILENT, STATE_GROUND_ASK_AGAIN};
		return (struct statement){STATE_PERMITTED, STATE_GROUND_GIVEN};
	}
	return (struct statement){STATE_SILENT, STATE_GROUND_NOTHING};
}

/* "May be used on" is about what there is: not about what is still to be collected, nor about the person. */
static bool is_use_of_existing(const struct state_question *q, struct base_slice body)
{
	uint64_t samples;

	switch ((enum events_use)q->use) {
	case EVENTS_USE_COLLECT:
	case EVENTS_USE_RECONTACT:
	case EVENTS_USE_RETURN_FINDINGS:
	case EVENTS_USE_COLLECT_SAMPLES:
		return false;
	case EVENTS_USE_STORE_SAMPLES:
	case EVENTS_USE_USE_SAMPLES:
		return state_content_uint(body, WITHDRAW_SAMPLES, &samples) && samples == SAMPLES_KEEP;
	case EVENTS_USE_STORE:
	case EVENTS_USE_READ:
	case EVENTS_USE_DERIVE:
	case EVENTS_USE_LINK:
	case EVENTS_USE_TRAIN:
	case EVENTS_USE_DISCLOSE:
		return true;
	}
	return true; /* any */
}

static bool spares(const struct state_question *q, const struct consent *consent)
{
	uint64_t last = q->collected_to.ms > q->collected.ms ? q->collected_to.ms : q->collected.ms, existing;

	return state_content_uint(consent->body, WITHDRAW_EXISTING, &existing) && existing == EVENTS_EXISTING_KEEP &&
	       q->has_collected && last < consent->fact->when.utc_ms && is_use_of_existing(q, consent->body);
}

static struct statement of_restriction(const struct state_asking *c, const struct consent *consent, uint64_t scope,
				       enum state_consent_ground ground)
{
	const struct state_question *q = c->question;
	bool denies = state_provisions_name(consent->body, scope, q) && !spares(q, consent);

	return (struct statement){denies ? STATE_DENIED : STATE_SILENT, denies ? ground : STATE_GROUND_NOTHING};
}

static struct statement of_consent(const struct state_asking *c, struct consent *consent)
{
	const struct statement silent = {STATE_SILENT, STATE_GROUND_NOTHING};

	if (consent->fact->when.utc_ms > c->question->at.ms)
		return silent;
	if (consent->last)
		return (struct statement){STATE_DENIED, STATE_GROUND_OBJECTED};
	if (consent->act == 0 || consent->voided == VOID)
		return silent;
	switch ((enum events_consent_act)consent->act) {
	case EVENTS_CONSENT_GIVE:
		return of_give(c, consent);
	case EVENTS_CONSENT_REFUSE:
		return of_restriction(c, consent, REFUSE_SCOPE, STATE_GROUND_REFUSED);
	case EVENTS_CONSENT_WITHDRAW:
		return of_restriction(c, consent, WITHDRAW_SCOPE, STATE_GROUND_WITHDRAWN);
	case EVENTS_CONSENT_OBJECT:
		return of_restriction(c, consent, WITHDRAW_SCOPE, STATE_GROUND_OBJECTED);
	case EVENTS_CONSENT_ANNUL:
	case EVENTS_CONSENT_ATTEMPT:
		return silent;
	}
	return silent;
}

/* ---- The answer ---------------------------------------------------------------------- */

/* The latest of those that permit, and of those that deny. In their order: what is behind a denial, or was said before
 * what is permitted, changes nothing any more. */
static struct state_answer answer(struct state_asking *c)
{
	struct state_answer permit = {STATE_SILENT, STATE_GROUND_NOTHING, 0}, silent = permit;
	uint64_t permit_from = 0;
	size_t permit_at = 0, silent_at = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct consent *consent = &c->list[c->order[i]];
		uint64_t from = consent->fact->when.utc_ms;
		bool permitted = permit.stance == STATE_PERMITTED;
		struct statement says;
		struct state_answer one;

		if (permitted && consent->until < permit_from)
			break;
		says = of_consent(c, consent);
		one = (struct state_answer){says.stance, says.ground, consent->fact->index};
		if (says.stance == STATE_DENIED)
			return permitted && permit_from > consent->until ? permit : one;
		if (says.stance == STATE_PERMITTED &&
		    (!permitted || from > permit_from || (from == permit_from && c->order[i] > permit_at))) {
			permit = one;
			permit_from = from;
			permit_at = c->order[i];
		} else if (says.stance == STATE_SILENT && says.ground != STATE_GROUND_NOTHING && c->order[i] >= silent_at) {
			silent = one;
			silent_at = c->order[i];
		}
	}
	return permit.stance == STATE_PERMITTED ? permit : silent;
}

struct state_answer state_asking_answer(struct state_asking *asking, const struct state_question *question)
{
	asking->question = question;
	mark_voided(asking);
	return answer(asking);
}

bool state_asking_given(const struct state_asking *asking, uint64_t at, struct state_given *out)
{
	const struct consent *latest = NULL;

	for (size_t i = 0; i < asking->count; i++) {
		const struct consent *give = &asking->list[i];

		if (give->act != EVENTS_CONSENT_GIVE || give->annulled != STANDS || give->fact->when.utc_ms > at ||
		    (latest != NULL && give->fact->when.utc_ms < latest->fact->when.utc_ms))
			continue;
		latest = give;
	}
	if (latest == NULL)
		return false;
	*out = (struct state_given){.fact = latest->fact, .body = latest->body, .id = latest->id};
	(void)state_content_raw(latest->body, GIVE_FORM, &out->form);
	return true;
}

struct state_answer state_consent_at(const struct state_fact *facts, size_t count, const struct state_fact *approvals,
				     size_t approval_count, const struct state_cover_record *participant, struct base_slice site,
				     const struct state_question *question)
{
	struct state_answer out = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	struct state_decisions decisions;
	struct state_asking *asking;

	if (count == 0)
		return out;
	state_decisions_open(&decisions, approvals, approval_count, site, question->known);
	asking = state_asking_open(facts, count, &decisions, participant, question->known);
	out = state_asking_answer(asking, question);
	state_asking_close(asking);
	state_decisions_close(&decisions);
	return out;
}

bool state_consent_form_accepted(const struct state_fact *fact, const struct state_fact *approvals, size_t count,
				 struct base_slice site, uint64_t known)
{
	struct state_decisions decisions;
	struct base_slice body, form;
	struct base_hash id;
	uint64_t act;
	bool accepted;

	if (!state_act_of(fact->content, STATE_CONSENT_ACT, &act, &body) || act != EVENTS_CONSENT_GIVE ||
	    !state_content_raw(body, GIVE_FORM, &form) || !state_content_hash(fact->content, STATE_CONSENT_ID, &id))
		return false;
	state_decisions_open(&decisions, approvals, count, site, known);
	accepted = state_form_accepted(form, &id, &fact->when, &decisions);
	state_decisions_close(&decisions);
	return accepted;
}

struct state_answer state_answer_join(const struct state_answer *a, const struct state_answer *b)
{
	if (a->stance == STATE_DENIED || b->stance == STATE_DENIED)
		return a->stance == STATE_DENIED ? *a : *b;
	if (a->stance == STATE_PERMITTED || b->stance == STATE_PERMITTED)
		return a->stance == STATE_PERMITTED ? *a : *b;
	return a->ground != STATE_GROUND_NOTHING ? *a : *b;
}
