#include "ledger/state/exec_internal.h"

/* docs/formats/consent.md, "Consent": one question, answered from the facts of one participant. */

#define CONSENT_ID 1
#define CONSENT_ACT 2
#define GIVE_FORM 1
#define GIVE_PROVISIONS 4
#define GIVE_REPLACES 6
#define REFUSE_SCOPE 3
#define WITHDRAW_SCOPE 2
#define WITHDRAW_EXISTING 3
#define ANNUL_TARGET 1

enum provision_member {
	PROVISION_EFFECT = 1,
	PROVISION_USES = 2,
	PROVISION_CATEGORIES = 3,
	PROVISION_PURPOSES = 4,
	PROVISION_RECIPIENTS = 7,
	PROVISION_COUNTRIES = 8,
	PROVISION_MODES = 9,
	PROVISION_VALID = 10,
	PROVISION_COLLECTED = 11,
	PROVISION_NESTED = 12,
};

/* ---- Whether a provision speaks of what is asked ---------------------------------- */

/* Of "any", what permits speaks if it speaks of some of it, and what denies only if it speaks of all of it. */
struct asked {
	const struct state_question *question;
	bool denies;
};

static bool lists_code(struct base_slice provision, uint64_t key, uint64_t code, const struct asked *asked)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(provision, key, &r))
		return true;
	if (code == STATE_ANY)
		return !asked->denies;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		uint64_t listed = wire_get_uint(&r);

		if (r.failed)
			return asked->denies;
		if (key == PROVISION_PURPOSES ? events_purpose_covers(listed, code) : listed == code)
			return true;
	}
	return false;
}

/* An organisation stands for its actors, too. */
static bool is_party(struct base_slice listed, struct base_slice party)
{
	return base_slice_equal(listed, party) || base_slice_equal(listed, state_actor_organisation(party));
}

static bool lists_text(struct base_slice provision, uint64_t key, struct base_slice text, const struct asked *asked)
{
	struct wire_reader r;
	uint64_t count;

	if (!events_find(provision, key, &r))
		return true;
	if (text.len == 0)
		return !asked->denies;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice listed = wire_get_text(&r);

		if (r.failed)
			return asked->denies;
		if (key == PROVISION_RECIPIENTS ? is_party(listed, text) : base_slice_equal(listed, text))
			return true;
	}
	return false;
}

enum within { WITHIN, BEFORE, AFTER };

/* Without the member: within. */
static enum within in_period(struct base_slice provision, uint64_t key, uint64_t ms)
{
	struct base_slice period;
	struct wire_reader r;
	struct events_when when;

	if (!state_content_raw(provision, key, &period))
		return WITHIN;
	if (events_find(period, 1, &r)) {
		when = events_when_read(&r);
		if (!r.failed && ms < when.utc_ms)
			return BEFORE;
	}
	if (events_find(period, 2, &r)) {
		when = events_when_read(&r);
		if (!r.failed && ms >= state_when_end(&when) + (when.precision == EVENTS_POINT))
			return AFTER;
	}
	return WITHIN;
}

static bool collected_matches(struct base_slice provision, const struct asked *asked)
{
	if (!events_has(provision, PROVISION_COLLECTED))
		return true;
	if (!asked->question->has_collected)
		return asked->denies; /* nobody knows: so as to restrict */
	return in_period(provision, PROVISION_COLLECTED, asked->question->collected.ms) == WITHIN;
}

static bool speaks_of(struct base_slice provision, const struct asked *asked)
{
	const struct state_question *q = asked->question;

	return lists_code(provision, PROVISION_USES, q->use, asked) &&
	       lists_code(provision, PROVISION_CATEGORIES, q->category, asked) &&
	       lists_code(provision, PROVISION_PURPOSES, q->purpose, asked) &&
	       lists_code(provision, PROVISION_MODES, q->mode, asked) &&
	       lists_text(provision, PROVISION_RECIPIENTS, q->recipient, asked) &&
	       lists_text(provision, PROVISION_COUNTRIES, q->country, asked) && collected_matches(provision, asked);
}

/* ---- Provisions --------------------------------------------------------------------- */

enum verdict { SAYS_NOTHING, SAYS_PERMIT, SAYS_EXPIRED, SAYS_DENY };

static enum verdict of_list(struct base_slice map, uint64_t key, const struct state_question *question);

static enum verdict of_provision(struct base_slice provision, const struct state_question *question)
{
	struct asked asked = {question, false};
	uint64_t effect;
	enum verdict inner;
	enum within within;

	if (!state_content_uint(provision, PROVISION_EFFECT, &effect))
		return SAYS_NOTHING;
	asked.denies = effect == EVENTS_EFFECT_DENY;
	/* Exceptions are within it: they count where it permits or denies some of what is asked. */
	if (!speaks_of(provision, &(struct asked){question, false}))
		return SAYS_NOTHING;
	inner = of_list(provision, PROVISION_NESTED, question);
	if (inner != SAYS_NOTHING)
		return inner;
	if (!speaks_of(provision, &asked))
		return SAYS_NOTHING;
	within = in_period(provision, PROVISION_VALID, question->at.ms);
	if (effect == EVENTS_EFFECT_DENY)
		return within == WITHIN ? SAYS_DENY : SAYS_NOTHING;
	return within == WITHIN ? SAYS_PERMIT : within == AFTER ? SAYS_EXPIRED : SAYS_NOTHING;
}

/* Beside each other, the strictest of those that speak. Asked for "any", a permission of some of it is an answer, even
 * where another provision denies the rest. */
static enum verdict of_list(struct base_slice map, uint64_t key, const struct state_question *question)
{
	enum verdict says = SAYS_NOTHING;
	struct wire_reader r;
	uint64_t count;

	if (!events_find(map, key, &r))
		return SAYS_NOTHING;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice provision = wire_get_raw(&r);
		enum verdict one = r.failed ? SAYS_NOTHING : of_provision(provision, question);

		if (one > says)
			says = one;
	}
	return says;
}

/* Whether a refusal, withdrawal or objection is about what is asked: its provisions name it, whatever their effect. */
static bool in_scope(struct base_slice body, uint64_t key, const struct state_question *question)
{
	struct asked asked = {question, true};
	struct wire_reader r;
	uint64_t count;

	if (!events_find(body, key, &r))
		return true;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice provision = wire_get_raw(&r);

		if (!r.failed && speaks_of(provision, &asked) &&
		    in_period(provision, PROVISION_VALID, question->at.ms) == WITHIN)
			return true;
	}
	return false;
}

/* ---- Facts ---------------------------------------------------------------------------- */

struct consents {
	const struct state_fact *facts, *approvals;
	size_t count, approval_count;
	struct base_slice site;
	const struct state_question *question;
};

static bool is_id(const struct state_fact *fact, const struct base_hash *id)
{
	struct base_hash own;

	return state_content_hash(fact->content, CONSENT_ID, &own) && base_hash_equal(&own, id);
}

/* What was annulled never counted; what was replaced does not from the replacement's time on. */
static bool is_void(const struct consents *c, const struct state_fact *fact)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct state_fact *other = &c->facts[i];
		struct base_slice body;
		struct base_hash target;
		uint64_t act;

		if (other->index >= c->question->known || other->index <= fact->index ||
		    !state_act_of(other->content, CONSENT_ACT, &act, &body))
			continue;
		/* Nobody annuls an annulment; but one that was repudiated is void. */
		if (act == EVENTS_CONSENT_ANNUL && state_content_hash(body, ANNUL_TARGET, &target) &&
		    is_id(fact, &target) && !is_void(c, other))
			return true;
		if (act == EVENTS_CONSENT_GIVE && other->when.utc_ms <= c->question->at.ms &&
		    state_content_hash(body, GIVE_REPLACES, &target) && is_id(fact, &target) && !is_void(c, other))
			return true;
	}
	return false;
}

bool state_consent_form_accepted(const struct state_fact *fact, const struct state_fact *approvals, size_t count,
				 struct base_slice site, uint64_t known)
{
	struct base_slice body, form;
	struct base_hash id;
	uint64_t act;

	return state_act_of(fact->content, CONSENT_ACT, &act, &body) && act == EVENTS_CONSENT_GIVE &&
	       state_content_raw(body, GIVE_FORM, &form) && state_content_hash(fact->content, CONSENT_ID, &id) &&
	       state_form_accepted(form, &id, (struct base_time){fact->when.utc_ms}, approvals, count, site, known);
}

static enum state_stance of_give(const struct consents *c, const struct state_fact *fact, struct base_slice body,
				 enum state_consent_ground *ground)
{
	switch (of_list(body, GIVE_PROVISIONS, c->question)) {
	case SAYS_NOTHING:
		return STATE_SILENT;
	case SAYS_DENY:
		*ground = STATE_GROUND_PROVISION;
		return STATE_DENIED;
	case SAYS_EXPIRED:
		*ground = STATE_GROUND_EXPIRED;
		return STATE_DENIED;
	case SAYS_PERMIT:
		break;
	}
	*ground = STATE_GROUND_GIVEN;
	if (state_consent_form_accepted(fact, c->approvals, c->approval_count, c->site, c->question->known))
		return STATE_PERMITTED;
	*ground = STATE_GROUND_FORM;
	return STATE_SILENT; /* says nothing that counts, but why is worth telling */
}

/* What was collected before may be used on, if the participant said so. */
static bool spares(const struct consents *c, const struct state_fact *fact, struct base_slice body)
{
	uint64_t existing;

	return state_content_uint(body, WITHDRAW_EXISTING, &existing) && existing == EVENTS_EXISTING_KEEP &&
	       c->question->has_collected && c->question->collected.ms < fact->when.utc_ms;
}

static enum state_stance of_fact(const struct consents *c, const struct state_fact *fact,
				 enum state_consent_ground *ground)
{
	struct base_slice body;
	uint64_t act;

	if (!state_act_of(fact->content, CONSENT_ACT, &act, &body))
		return STATE_SILENT;
	switch ((enum events_consent_act)act) {
	case EVENTS_CONSENT_GIVE:
		return of_give(c, fact, body, ground);
	case EVENTS_CONSENT_REFUSE:
		*ground = STATE_GROUND_REFUSED;
		return in_scope(body, REFUSE_SCOPE, c->question) ? STATE_DENIED : STATE_SILENT;
	case EVENTS_CONSENT_WITHDRAW:
	case EVENTS_CONSENT_OBJECT:
		*ground = act == EVENTS_CONSENT_WITHDRAW ? STATE_GROUND_WITHDRAWN : STATE_GROUND_OBJECTED;
		return in_scope(body, WITHDRAW_SCOPE, c->question) && !spares(c, fact, body) ? STATE_DENIED
											       : STATE_SILENT;
	case EVENTS_CONSENT_ANNUL:
	case EVENTS_CONSENT_ATTEMPT:
		return STATE_SILENT;
	}
	return STATE_SILENT;
}

/* A restriction whose day or month is all that is known may have come at its very end. */
static uint64_t last_instant(const struct state_fact *fact)
{
	return fact->when.precision == EVENTS_POINT ? fact->when.utc_ms : state_when_end(&fact->when) - 1;
}

struct state_answer state_consent_at(const struct state_fact *facts, size_t count, const struct state_fact *approvals,
				     size_t approval_count, struct base_slice site,
				     const struct state_question *question)
{
	const struct consents c = {facts, approvals, count, approval_count, site, question};
	struct state_answer permit = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	struct state_answer deny = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	struct state_answer silent = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	uint64_t permit_from = 0, deny_to = 0;

	for (size_t i = 0; i < count; i++) {
		const struct state_fact *fact = &facts[i];
		enum state_consent_ground ground = STATE_GROUND_NOTHING;
		enum state_stance stance;

		if (fact->index >= question->known || fact->when.utc_ms > question->at.ms || is_void(&c, fact))
			continue;
		stance = of_fact(&c, fact, &ground);
		if (stance == STATE_PERMITTED && (permit.stance == STATE_SILENT || fact->when.utc_ms >= permit_from)) {
			permit = (struct state_answer){stance, ground, fact->index};
			permit_from = fact->when.utc_ms;
		} else if (stance == STATE_DENIED && (deny.stance == STATE_SILENT || last_instant(fact) >= deny_to)) {
			deny = (struct state_answer){stance, ground, fact->index};
			deny_to = last_instant(fact);
		} else if (stance == STATE_SILENT && ground == STATE_GROUND_FORM) {
			silent = (struct state_answer){stance, ground, fact->index};
		}
	}
	if (deny.stance == STATE_DENIED && (permit.stance == STATE_SILENT || deny_to >= permit_from))
		return deny;
	return permit.stance == STATE_PERMITTED ? permit : silent;
}

struct state_answer state_answer_join(const struct state_answer *a, const struct state_answer *b)
{
	if (a->stance == STATE_DENIED || b->stance == STATE_DENIED)
		return a->stance == STATE_DENIED ? *a : *b;
	if (a->stance == STATE_PERMITTED || b->stance == STATE_PERMITTED)
		return a->stance == STATE_PERMITTED ? *a : *b;
	return a->ground != STATE_GROUND_NOTHING ? *a : *b;
}
