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
	enum voided annulled, voided; /* voided: by annulment or replacement, whichever takes more */
	bool last; /* the last that the record has room for */
};
struct consents {
	struct consent *list; /* those that are known */
	size_t count;
	struct state_decisions decisions;
	const struct state_question *question;
};

/* ---- What stands ----------------------------------------------------------------- */

static bool is_attested(const struct consents *c, const struct base_hash *annulment)
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

static bool is_form_accepted(const struct consents *c, const struct consent *give)
{
	struct base_slice form;

	return state_content_raw(give->body, GIVE_FORM, &form) &&
	       state_form_accepted(form, &give->id, &give->fact->when, &c->decisions);
}

/* One who annuls alone loosens nothing: what was given does not count, but what it denied, or replaced, stays so. A
 * repudiation is such an annulment, which may name an annulment too. */
static enum voided by_annulment(const struct consents *c, const struct consent *annul, const struct consent *target)
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

static enum voided by_replacement(const struct consents *c, const struct consent *give)
{
	uint64_t at = c->question->at.ms;

	/* Even if it was replaced in its turn: that brings nothing back. */
	if (give->annulled == VOID || give->fact->when.utc_ms > at)
		return STANDS;
	if (give->annulled == PERMITS_NOTHING || state_when_from(&give->fact->when) > at || !is_form_accepted(c, give))
		return PERMITS_NOTHING;
	return VOID;
}

static void mark(struct consents *c, const struct consent *later, uint64_t member)
{
	struct base_hash target;

	if (!state_content_hash(later->body, member, &target))
		return;
	for (struct consent *earlier = c->list; earlier < later; earlier++) {
		bool annuls = later->act == EVENTS_CONSENT_ANNUL;
		enum voided voided;

		if (earlier->act == 0 || !base_hash_equal(&earlier->id, &target))
			continue;
		voided = annuls ? by_annulment(c, later, earlier) : by_replacement(c, later);
		if (annuls && voided > earlier->annulled)
			earlier->annulled = voided;
		if (voided > earlier->voided)
			earlier->voided = voided;
	}
}

static bool is_repudiation(const struct consent *consent)
{
	return consent->act == EVENTS_CONSENT_ANNUL && consent->fact->kind == EVENTS_ACTOR_REPUDIATE;
}

/* What each needs is known by then: repudiations first, then the annulments that stand, then replacements. */
static void mark_voided(struct consents *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (is_repudiation(&c->list[i]))
			mark(c, &c->list[i], ANNUL_TARGET);
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct consent *annul = &c->list[i];

		if (annul->act == EVENTS_CONSENT_ANNUL && annul->annulled == STANDS && !is_repudiation(annul))
			mark(c, annul, ANNUL_TARGET);
	}
	for (size_t i = 0; i < c->count; i++) {
		if (c->list[i].act == EVENTS_CONSENT_GIVE)
			mark(c, &c->list[i], GIVE_REPLACES);
	}
}

static void consents_open(struct consents *c, const struct state_fact *facts, size_t count,
			  const struct state_question *question)
{
	c->question = question;
	c->list = base_alloc((count + 1) * sizeof(*c->list));
	for (size_t i = 0; i < count && i < STATE_CONSENTS_MAX; i++) {
		struct consent *consent = &c->list[c->count];

		if (facts[i].index >= question->known)
			continue;
		*consent = (struct consent){.fact = &facts[i], .last = i == STATE_CONSENTS_MAX - 1};
		if (!state_act_of(facts[i].content, STATE_CONSENT_ACT, &consent->act, &consent->body) ||
		    !state_content_hash(facts[i].content, STATE_CONSENT_ID, &consent->id))
			consent->act = 0;
		c->count++;
	}
	mark_voided(c);
}

/* ---- What each says ---------------------------------------------------------------- */

struct statement {
	enum state_stance stance;
	enum state_consent_ground ground;
};

static struct statement of_give(const struct consents *c, const struct consent *give)
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
		meanwhile = state_consent_meanwhile(&give->fact->when, give->body, &give->id, &c->decisions, q->at.ms);
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

static struct statement of_restriction(const struct consents *c, const struct consent *consent, uint64_t scope,
				       enum state_consent_ground ground)
{
	const struct state_question *q = c->question;
	bool denies = state_provisions_name(consent->body, scope, q) && !spares(q, consent);

	return (struct statement){denies ? STATE_DENIED : STATE_SILENT, denies ? ground : STATE_GROUND_NOTHING};
}

static struct statement of_consent(const struct consents *c, const struct consent *consent)
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

static struct state_answer answer(const struct consents *c)
{
	struct state_answer permit = {STATE_SILENT, STATE_GROUND_NOTHING, 0}, deny = permit, silent = permit;
	uint64_t permit_from = 0, deny_to = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct consent *consent = &c->list[i];
		const struct statement says = of_consent(c, consent);
		const struct state_answer one = {says.stance, says.ground, consent->fact->index};
		uint64_t last = consent->last ? UINT64_MAX : state_when_last(&consent->fact->when);

		if (says.stance == STATE_PERMITTED && consent->fact->when.utc_ms >= permit_from) {
			permit = one;
			permit_from = consent->fact->when.utc_ms;
		} else if (says.stance == STATE_DENIED && last >= deny_to) {
			deny = one;
			deny_to = last;
		} else if (says.stance == STATE_SILENT && says.ground != STATE_GROUND_NOTHING) {
			silent = one;
		}
	}
	if (deny.stance == STATE_DENIED && (permit.stance != STATE_PERMITTED || deny_to >= permit_from))
		return deny;
	return permit.stance == STATE_PERMITTED ? permit : silent;
}

struct state_answer state_consent_at(const struct state_fact *facts, size_t count, const struct state_fact *approvals,
				     size_t approval_count, struct base_slice site,
				     const struct state_question *question)
{
	struct state_answer out = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	struct consents c = {0};

	if (count == 0)
		return out;
	state_decisions_open(&c.decisions, approvals, approval_count, site, question->known);
	consents_open(&c, facts, count, question);
	out = answer(&c);
	free(c.list);
	state_decisions_close(&c.decisions);
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
