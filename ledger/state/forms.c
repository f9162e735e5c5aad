#include "ledger/state/exec_internal.h"

/* docs/formats/consent.md, "Forms" and "Asking again": whether a form was approved when it was signed, and what
 * committees demand of consents that were given before. */

#define APPROVE_RECONSENT 4
#define APPROVE_MAJORITY 5
#define GIVE_FORM 1
#define GIVE_SIGNERS 2
#define GIVE_ASK_AGAIN 5

static bool read_when(struct base_slice map, uint64_t key, struct events_when *out)
{
	struct wire_reader r;

	if (!events_find(map, key, &r))
		return false;
	*out = events_when_read(&r);
	return !r.failed;
}

/* ---- Lists -------------------------------------------------------------------- */

/* The first of the decision's forms with this address, or (like) of this language and audience. */
static const struct state_form *find_form(const struct state_decision *decision, const struct state_form *wanted,
					  bool like)
{
	for (size_t i = 0; i < decision->form_count; i++) {
		const struct state_form *form = &decision->forms[i];

		if (like ? base_slice_equal(form->language, wanted->language) && form->audience == wanted->audience
			 : base_slice_equal(form->cid, wanted->cid))
			return form;
	}
	return NULL;
}

/* ---- Whether a form was approved ------------------------------------------------- */

struct search {
	struct state_form form;
	bool listed;
};

/* A form that is approved later replaces those of its language and for its audience. */
static void search_take(void *arg, const struct state_decision *decision, uint64_t from)
{
	struct search *search = arg;
	const struct state_form *found = find_form(decision, &search->form, false);

	(void)from;
	if (found != NULL) {
		search->form = *found;
		search->listed = true;
	} else if (search->listed && find_form(decision, &search->form, true) != NULL) {
		search->listed = false;
	}
}

static void search_drop(void *arg)
{
	((struct search *)arg)->listed = false;
}

static bool is_approved(const struct state_decisions *decisions, struct base_slice cid, uint64_t at)
{
	for (size_t next = 0; next < decisions->count;) {
		struct search search = {.form = {.cid = cid}};
		const struct state_terms terms = {search_take, search_drop, &search};

		if (state_committee_at(decisions, &next, at, &terms).status == STATE_APPROVAL_IN_FORCE && search.listed)
			return true;
	}
	return false;
}

/* A waiver looks back: at what was signed before. */
static bool is_waived(const struct state_decisions *decisions, struct base_slice cid, const struct base_hash *consent,
		      const struct events_when *signed_on)
{
	const struct state_form wanted = {.cid = cid};
	size_t count;
	const struct state_waived *waived = state_waivers_of(decisions, consent, &count);

	for (size_t i = 0; i < count; i++) {
		if (signed_on->utc_ms <= state_when_last(&decisions->list[waived[i].decision].fact->when))
			return true;
	}
	for (size_t i = 0; i < decisions->count; i++) {
		const struct state_decision *waiver = &decisions->list[i];

		if (waiver->act == EVENTS_ETHICS_WAIVE && signed_on->utc_ms <= state_when_last(&waiver->fact->when) &&
		    find_form(waiver, &wanted, false) != NULL)
			return true;
	}
	return false;
}

bool state_form_accepted(struct base_slice form, const struct base_hash *consent, const struct events_when *signed_on,
			 const struct state_decisions *decisions)
{
	struct base_slice cid;
	uint64_t instants[2];
	size_t count = state_when_instants(signed_on, instants);
	bool approved = true;

	if (!state_content_raw(form, 1, &cid))
		return false;
	for (size_t i = 0; i < count && approved; i++)
		approved = is_approved(decisions, cid, instants[i]);
	return approved || is_waived(decisions, cid, consent, signed_on);
}

bool state_form_current(struct base_slice form, const struct base_hash *consent, const struct events_when *signed_on,
			const struct state_decisions *decisions, uint64_t at)
{
	struct base_slice cid;

	return state_content_raw(form, 1, &cid) &&
	       (is_approved(decisions, cid, at) || is_waived(decisions, cid, consent, signed_on));
}

/* ---- Who must be asked again ------------------------------------------------------ */

#define SIGNER_PARENT 2
#define SIGNER_LEGAL_REPRESENTATIVE 4
enum reconsent_who { RECONSENT_EVERYBODY = 1, RECONSENT_MINORS = 2, RECONSENT_AT_MAJORITY = 3, RECONSENT_VERSIONS = 4 };

struct demands {
	const struct state_decisions *decisions;
	size_t first, next; /* the committee's decisions */
	struct base_slice cid;
	const struct state_waived *waived; /* the waivers of the consent, of all committees */
	size_t waived_count;
	uint64_t given, at; /* when it was given, and what is asked about */
	bool by_others;     /* somebody signed for the participant */
	bool of_age;        /* and the participant was to be asked again by now */
	uint64_t age;       /* since when */
	uint64_t majority;  /* what the committee said of it; 0: nothing */
	uint64_t level;
};

/* The same committee may waive what it demands, from then on. */
static bool is_released(const struct demands *d, uint64_t since)
{
	for (size_t i = 0; i < d->waived_count; i++) {
		const struct state_decision *waiver = &d->decisions->list[d->waived[i].decision];

		if (d->waived[i].decision >= d->first && d->waived[i].decision < d->next && waiver->from <= d->at &&
		    since <= state_when_last(&waiver->fact->when))
			return true;
	}
	return false;
}

static void demand(struct demands *d, uint64_t level, uint64_t since)
{
	if (level > d->level && !is_released(d, since))
		d->level = level;
}

static bool is_asked_again(const struct demands *d, uint64_t who, const struct state_decision *approval)
{
	const struct state_form wanted = {.cid = d->cid};

	switch ((enum reconsent_who)who) {
	case RECONSENT_EVERYBODY:
		return true;
	case RECONSENT_MINORS:
		return d->by_others;
	case RECONSENT_AT_MAJORITY:
		return d->of_age;
	case RECONSENT_VERSIONS:
		return find_form(approval, &wanted, false) == NULL;
	}
	return false;
}

static void demands_take(void *arg, const struct state_decision *decision, uint64_t from)
{
	struct demands *d = arg;
	struct base_slice reconsent;
	struct events_when by;
	uint64_t who, meanwhile, after;

	(void)state_content_uint(decision->body, APPROVE_MAJORITY, &d->majority);
	if (d->given >= from || !state_content_raw(decision->body, APPROVE_RECONSENT, &reconsent) ||
	    !state_content_uint(reconsent, 1, &who) || !read_when(reconsent, 2, &by) ||
	    !state_content_uint(reconsent, 3, &meanwhile) || !state_content_uint(reconsent, 4, &after) ||
	    !is_asked_again(d, who, decision))
		return;
	if (who == RECONSENT_AT_MAJORITY && d->age > from)
		from = d->age;
	demand(d, d->at > state_when_last(&by) ? after : meanwhile, from);
}

static void demands_drop(void *arg)
{
	struct demands *d = arg;

	d->majority = 0;
	d->level = 0;
}

static bool signed_by_others(struct base_slice give)
{
	struct wire_reader r;
	uint64_t count, capacity;

	if (!events_find(give, GIVE_SIGNERS, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice signer = wire_get_raw(&r);

		if (!r.failed && state_content_uint(signer, 1, &capacity) && capacity >= SIGNER_PARENT &&
		    capacity <= SIGNER_LEGAL_REPRESENTATIVE)
			return true;
	}
	return false;
}

bool state_consent_of_age(struct base_slice give, uint64_t at)
{
	struct events_when ask_again;

	return signed_by_others(give) && read_when(give, GIVE_ASK_AGAIN, &ask_again) && at >= ask_again.utc_ms;
}

static size_t end_of_committee(const struct state_decisions *decisions, size_t first)
{
	size_t i = first;

	while (i < decisions->count &&
	       base_slice_equal(decisions->list[i].committee, decisions->list[first].committee))
		i++;
	return i;
}

/* Whom others signed for, and who is of age, or whom they do not represent any more. A committee's rule for majority goes before. */
static uint64_t demand_own(struct demands *d, const struct state_ward *ward, bool has_rule)
{
	uint64_t alone = d->of_age ? 0 : state_ward_alone(ward, d->at);

	d->first = 0;
	d->next = d->decisions->count;
	d->level = 0;
	if (!d->by_others)
		return 0;
	if (ward->of_age <= d->at && !has_rule)
		demand(d, EVENTS_MEANWHILE_NO_NEW_USE, ward->of_age);
	if (alone != 0 && d->given < alone)
		demand(d, EVENTS_MEANWHILE_NO_NEW_USE, alone);
	return d->level;
}

uint64_t state_consent_meanwhile(const struct events_when *given, struct base_slice give, const struct base_hash *consent,
				 const struct state_decisions *decisions, const struct state_ward *ward, uint64_t at)
{
	struct demands d = {.decisions = decisions, .given = given->utc_ms, .at = at};
	uint64_t strictest = 0, own;
	struct events_when ask_again;
	struct base_slice form;
	bool has_rule = false;

	d.waived = state_waivers_of(decisions, consent, &d.waived_count);
	if (state_content_raw(give, GIVE_FORM, &form))
		(void)state_content_raw(form, 1, &d.cid);
	d.by_others = signed_by_others(give);
	d.age = d.by_others ? ward->of_age : UINT64_MAX;
	if (d.by_others && read_when(give, GIVE_ASK_AGAIN, &ask_again) && ask_again.utc_ms < d.age)
		d.age = ask_again.utc_ms;
	d.of_age = d.age != UINT64_MAX && at >= d.age;
	for (size_t next = 0; next < decisions->count;) {
		const struct state_terms terms = {demands_take, demands_drop, &d};

		d.first = next;
		d.next = end_of_committee(decisions, next);
		d.majority = d.level = 0;
		(void)state_committee_at(decisions, &next, at, &terms);
		has_rule = has_rule || d.majority != 0;
		if (d.of_age)
			demand(&d, d.majority, d.age);
		if (d.level > strictest)
			strictest = d.level;
	}
	own = demand_own(&d, ward, has_rule);
	return own > strictest ? own : strictest;
}
