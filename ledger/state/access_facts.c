#include "ledger/state/access_internal.h"

#include <stdlib.h>
#include <string.h>

/* docs/formats/contract.md §5: the facts, from what is known on an axis; docs/formats/access.md says more of each. What is
 * not known is left as it is: all zero. */

#define WANTS(wanted, fact) (((wanted) >> CONTRACTS_FACT_##fact & 1) != 0)

/* ---- Setters ------------------------------------------------------------------ */

void access_fact_value(struct contracts_facts *out, unsigned fact, int64_t value)
{
	out->fact[fact] = (struct contracts_fact){.known = true, .value = value, .last = value};
}

void access_fact_date(struct contracts_facts *out, unsigned fact, const struct events_when *when)
{
	out->fact[fact] = (struct contracts_fact){
		.known = true, .value = (int64_t)when->utc_ms, .last = (int64_t)state_when_last(when)};
}

static void set_code(struct contracts_facts *out, unsigned fact, uint64_t code)
{
	if (code != 0)
		access_fact_value(out, fact, (int64_t)code);
}

static void set_text(struct access *access, struct contracts_facts *out, unsigned fact, struct base_slice text)
{
	struct contracts_text *one;

	if (text.len == 0 || text.len > CONTRACTS_TEXT_BYTES_MAX)
		return;
	one = access_take(access, sizeof(*one));
	*one = (struct contracts_text){(const char *)text.data, text.len};
	out->fact[fact] = (struct contracts_fact){.known = true, .texts = one, .texts_count = 1};
}

static int compare_texts(const void *a, const void *b)
{
	const struct contracts_text *x = a, *y = b;

	return base_slice_compare(base_slice((const uint8_t *)x->data, x->len), base_slice((const uint8_t *)y->data, y->len));
}

/* More than a contract's list holds are not known. */
static void set_texts(struct contracts_facts *out, unsigned fact, struct contracts_text *list, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(list, count, sizeof(*list), compare_texts);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || compare_texts(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	}
	if (kept <= CONTRACTS_LIST_MAX)
		out->fact[fact] = (struct contracts_fact){.known = true, .texts = list, .texts_count = kept};
}

static struct contracts_text text_of(struct base_slice slice)
{
	return (struct contracts_text){(const char *)slice.data, slice.len};
}

/* ---- What is asked, and for whom -------------------------------------------------- */

enum base_code access_question_party(struct access *access, struct access_question *question, bool *known,
				     struct base_error *err)
{
	const uint8_t *slash = memchr(question->recipient.data, '/', question->recipient.len);
	struct state_organisation *organisation;
	struct state_actor *actor;
	enum base_code code;

	question->is_actor = slash != NULL;
	question->organisation = slash != NULL ? state_actor_organisation(question->recipient) : question->recipient;
	code = state_organisation_open(access->exec, question->organisation, &organisation, err);
	*known = code == BASE_OK && state_record_exists(&organisation->record);
	if (code == BASE_OK)
		code = access_country(access, question->organisation, &question->country, err);
	if (code != BASE_OK || !*known || !question->is_actor)
		return code;
	if ((code = state_actor_open(access->exec, question->recipient, &actor, err)) != BASE_OK)
		return code;
	*known = state_record_exists(&actor->record);
	return access_record_read(access, &actor->record, &question->actor, err);
}

static void state_question_facts(struct access *access, struct contracts_facts *out, struct access_question *q,
				 const struct access_study *study, unsigned axis)
{
	uint64_t roles = 0;

	set_code(out, CONTRACTS_FACT_ACTION, q->action);
	set_code(out, CONTRACTS_FACT_MODE, q->mode);
	set_code(out, CONTRACTS_FACT_PURPOSE, q->purpose);
	set_code(out, CONTRACTS_FACT_LEGAL_BASIS, q->legal_basis);
	set_text(access, out, CONTRACTS_FACT_DISEASE, q->disease);
	set_text(access, out, CONTRACTS_FACT_ENVIRONMENT, q->environment);
	access_fact_value(out, CONTRACTS_FACT_ACCEPTED_TERMS, (int64_t)q->terms);
	if (q->has_until) {
		access_fact_date(out, CONTRACTS_FACT_ACCESS_UNTIL, &q->until);
		access_fact_value(out, CONTRACTS_FACT_ACCESS_DURATION,
				  (int64_t)state_when_last(&q->until) - (int64_t)access->axes[axis].at.ms);
	}
	set_text(access, out, CONTRACTS_FACT_REQUESTER_ORGANISATION, q->organisation);
	set_text(access, out, CONTRACTS_FACT_REQUESTER_COUNTRY, q->country);
	if (q->is_actor) {
		const struct state_actor *actor = (const struct state_actor *)access_record_as(access, &q->actor, axis);

		set_text(access, out, CONTRACTS_FACT_REQUESTER_ACTOR, q->recipient);
		roles = actor->roles | state_assigned_roles(actor, study->own.record->study, base_slice(NULL, 0),
							    access->axes[axis].at);
	}
	access_fact_value(out, CONTRACTS_FACT_REQUESTER_ROLES, (int64_t)roles);
	access_fact_value(out, CONTRACTS_FACT_ACCESS_ONGOING, q->ongoing && axis == ACCESS_NOW);
}

/* ---- The study --------------------------------------------------------------------- */

static struct base_slice protocol_version(const struct access_study *study, uint64_t known)
{
	struct base_slice version = {NULL, 0};

	for (size_t i = 0; i < study->own.facts.count && study->own.facts.list[i].index < known; i++)
		(void)state_content_text(study->own.facts.list[i].content, 5, &version);
	return version;
}

static enum base_code study_facts(struct access *access, struct contracts_facts *out, uint64_t wanted,
				  struct access_study *study, unsigned axis, struct base_error *err)
{
	const struct state_study *as = (const struct state_study *)access_record_as(access, &study->own, axis);
	struct contracts_text *sites = access_take(access, (as->count + 1) * sizeof(*sites));
	struct contracts_text *organisations = access_take(access, (as->count + 1) * sizeof(*organisations));
	struct contracts_text *countries = access_take(access, (as->count + 1) * sizeof(*countries));
	size_t count = 0;
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < as->count; i++) {
		sites[i] = text_of(state_token_slice(&as->sites[i].site));
		organisations[i] = text_of(state_token_slice(&as->sites[i].organisation));
	}
	organisations[as->count] = text_of(state_token_slice(&as->sponsor));
	if (WANTS(wanted, STUDY_COUNTRIES)) {
		for (size_t i = 0; code == BASE_OK && i <= as->count; i++) {
			struct base_slice country;

			code = access_country(access, base_slice((const uint8_t *)organisations[i].data, organisations[i].len),
					      &country, err);
			if (country.len > 0)
				countries[count++] = text_of(country);
		}
		set_texts(out, CONTRACTS_FACT_STUDY_COUNTRIES, countries, count);
	}
	set_texts(out, CONTRACTS_FACT_STUDY_SITES, sites, as->count);
	set_texts(out, CONTRACTS_FACT_STUDY_ORGANISATIONS, organisations, as->count + 1);
	set_text(access, out, CONTRACTS_FACT_STUDY_SPONSOR, state_token_slice(&as->sponsor));
	access_fact_value(out, CONTRACTS_FACT_STUDY_STATUS, as->closed ? 2 : 1);
	set_code(out, CONTRACTS_FACT_STUDY_LEGAL_BASIS, as->legal_basis);
	set_text(access, out, CONTRACTS_FACT_PROTOCOL_VERSION, protocol_version(study, access->axes[axis].known));
	return code;
}

/* ---- Approval ------------------------------------------------------------------------ */

struct protocol {
	struct base_slice version;
	bool approved;
};

static void protocol_take(void *arg, const struct state_decision *decision, uint64_t from)
{
	struct protocol *protocol = arg;
	struct base_slice version;

	(void)from;
	if (state_content_text(decision->body, 1, &version) && base_slice_equal(version, protocol->version))
		protocol->approved = true;
}

static void protocol_drop(void *arg)
{
	((struct protocol *)arg)->approved = false;
}

/* By every committee that has it in force. */
static bool protocol_approved(const struct state_decisions *decisions, struct base_slice version, struct base_time at)
{
	bool approved = state_decisions_at(decisions, at).status == STATE_APPROVAL_IN_FORCE;

	for (size_t next = 0; approved && next < decisions->count;) {
		struct protocol protocol = {.version = version};
		const struct state_terms terms = {protocol_take, protocol_drop, &protocol};

		if (state_committee_at(decisions, &next, at.ms, &terms).status == STATE_APPROVAL_IN_FORCE)
			approved = protocol.approved;
	}
	return approved;
}

/* Of all sites that the data of this study comes from, the one that is approved least. */
static void approval_facts(struct access *access, struct contracts_facts *out, struct access_study *study,
			   const struct access_closure *closure, unsigned axis)
{
	struct base_slice version = protocol_version(study, access->axes[axis].known);
	struct state_approval worst = {.status = STATE_APPROVAL_IN_FORCE};
	bool protocol = true;

	for (size_t i = 0; i < closure->count; i++) {
		struct access_node *node = closure->nodes[i];
		const struct access_place *place;
		struct base_slice site = {NULL, 0};
		struct state_approval one;

		if (node->study != study || node->item == NULL)
			continue;
		if (node->person != NULL)
			site = access_person_site(access, node->person, axis);
		place = access_place_of(access, study, site.len > 0 ? site : node->site, axis);
		one = state_decisions_at(&place->decisions, access->axes[axis].at);
		protocol = protocol && protocol_approved(&place->decisions, version, access->axes[axis].at);
		if (worst.status != STATE_APPROVAL_IN_FORCE)
			continue;
		if (one.status != STATE_APPROVAL_IN_FORCE || (one.has_until && (!worst.has_until || one.until < worst.until)))
			worst = one;
	}
	access_fact_value(out, CONTRACTS_FACT_APPROVAL_VALID, worst.status == STATE_APPROVAL_IN_FORCE);
	access_fact_value(out, CONTRACTS_FACT_APPROVAL_STATUS, (int64_t)worst.status);
	if (worst.status == STATE_APPROVAL_IN_FORCE && worst.has_until)
		access_fact_value(out, CONTRACTS_FACT_APPROVAL_UNTIL, (int64_t)worst.until);
	access_fact_value(out, CONTRACTS_FACT_PROTOCOL_APPROVED, protocol);
}

/* ---- Agreements ------------------------------------------------------------------------ */

/* With whoever recorded what this study's contract is asked about. */
static void agreement_facts(struct access *access, struct contracts_facts *out, const struct access_question *q,
			    const struct access_study *study, const struct access_closure *closure, unsigned axis)
{
	const struct access_axis *is = &access->axes[axis];
	uint64_t instrument = 0;
	bool in_force = true, same = true;

	for (size_t i = 0; i < closure->count; i++) {
		const struct access_node *node = closure->nodes[i];
		struct state_agreement one;

		if (node->study != study || base_slice_equal(node->event->past->organisation, q->organisation))
			continue;
		one = state_agreement_at(study->agreements.list, study->agreements.count, node->event->past->organisation,
					 q->organisation, is->at, is->known);
		in_force = in_force && one.in_force;
		same = same && one.in_force && (instrument == 0 || instrument == one.instrument);
		instrument = one.instrument;
	}
	access_fact_value(out, CONTRACTS_FACT_AGREEMENT_IN_FORCE, in_force);
	if (same)
		set_code(out, CONTRACTS_FACT_AGREEMENT_INSTRUMENT, instrument);
	for (size_t i = 0; q->has_instrument && i < study->agreements.count; i++) {
		const struct state_fact *fact = &study->agreements.list[i];
		struct base_slice body;
		struct base_hash id;

		if (fact->index < is->known && state_content_hash(fact->content, 1, &id) &&
		    base_hash_equal(&id, &q->instrument) && state_content_raw(fact->content, 2, &body) &&
		    state_content_uint(body, 4, &instrument))
			set_code(out, CONTRACTS_FACT_INSTRUMENT, instrument);
	}
}

/* ---- Holds -------------------------------------------------------------------------------- */

static bool lists_reference(struct base_slice content, const uint8_t *reference)
{
	struct wire_reader r;
	uint64_t count;

	if (reference == NULL || !events_find(content, 1, &r))
		return false;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash listed = wire_get_hash(&r);

		if (!r.failed && memcmp(listed.bytes, reference, sizeof(listed.bytes)) == 0)
			return true;
	}
	return false;
}

/* As state.md, "hold.place", has it: the participant that it was submitted under, and everybody whose a reassignment said it is. */
static bool hold_lists(const struct state_fact *fact, const struct access_node *node, const struct state_item *state)
{
	struct base_slice content = fact->content, organisation;

	if (!events_has(content, 1) && !events_has(content, 2))
		return events_has(content, STATE_HOLD_WIDE) ||
		       (state_content_text(content, STATE_HOLD_ORGANISATION, &organisation) &&
			base_slice_equal(organisation, node->event->past->organisation));
	if (state_hold_lists(content, &node->id) ||
	    lists_reference(content, node->item->participant.len == 32 ? node->item->participant.data : NULL))
		return true;
	for (size_t i = 0; i < state->given_count; i++) {
		if (lists_reference(content, state->given[i].bytes))
			return true;
	}
	return false;
}

static bool hold_over(const struct access_study *study, const struct state_fact *hold, const struct access_axis *is)
{
	struct events_when until;
	struct base_hash id, lifted;
	struct wire_reader r;

	if (events_find(hold->content, 3, &r)) {
		until = events_when_read(&r);
		if (!r.failed && is->at.ms >= state_when_end(&until))
			return true;
	}
	if (!state_content_hash(hold->content, STATE_HOLD_ID, &id))
		return true;
	for (size_t i = 0; i < study->holds.count && study->holds.list[i].index < is->known; i++) {
		if (state_content_hash(study->holds.list[i].content, STATE_HOLD_LIFTED, &lifted) && base_hash_equal(&lifted, &id))
			return true;
	}
	return false;
}

static bool hold_covers(struct access *access, struct access_node *node, unsigned axis)
{
	const struct state_item *state = (const struct state_item *)access_record_as(access, &node->state, axis);
	const struct access_axis *is = &access->axes[axis];
	const struct state_cover_record *holds = &node->study->holds;

	for (size_t i = 0; i < holds->count && holds->list[i].index < is->known; i++) {
		if (holds->list[i].kind == EVENTS_HOLD_PLACE && hold_lists(&holds->list[i], node, state) &&
		    !hold_over(node->study, &holds->list[i], is))
			return true;
	}
	return false;
}

/* ---- Data ------------------------------------------------------------------------------------ */

enum data_status { DATA_NORMAL = 1, DATA_CORRECTED = 2, DATA_REPLACED = 3, DATA_REASSIGNED = 4, DATA_RECALLED = 5 };

static enum data_status data_status(struct access *access, struct access_node *node, unsigned axis)
{
	const struct state_item *state = (const struct state_item *)access_record_as(access, &node->state, axis);

	for (size_t i = 0; i < node->state.facts.count && node->state.facts.list[i].index < access->axes[axis].known; i++) {
		if (node->state.facts.list[i].kind == EVENTS_DATA_RECALL)
			return DATA_RECALLED;
	}
	if (state->reassigned)
		return DATA_REASSIGNED;
	if (state->corrected)
		return DATA_REPLACED;
	return node->event->past->kind->id == EVENTS_DATA_CORRECT ? DATA_CORRECTED : DATA_NORMAL;
}

static enum base_code data_facts(struct access *access, struct contracts_facts *out, uint64_t wanted,
				 const struct access_closure *closure, unsigned axis, struct base_error *err)
{
	struct access_node *node = closure->nodes[0];
	struct base_slice site = {NULL, 0};
	uint64_t sources = 0, flags = 0;
	enum base_code code = BASE_OK;

	set_code(out, CONTRACTS_FACT_DATA_CATEGORY, node->item->category);
	for (size_t i = 1; i < closure->count; i++) {
		if (closure->nodes[i]->item != NULL)
			sources |= UINT64_C(1) << (closure->nodes[i]->item->category & 63);
	}
	access_fact_value(out, CONTRACTS_FACT_SOURCE_CATEGORIES, (int64_t)sources);
	if (node->person != NULL)
		site = access_person_site(access, node->person, axis);
	set_text(access, out, CONTRACTS_FACT_DATA_SITE, site.len > 0 ? site : node->site);
	set_text(access, out, CONTRACTS_FACT_DATA_ORGANISATION, node->event->past->organisation);
	set_text(access, out, CONTRACTS_FACT_DATA_COUNTRY, node->country);
	if (node->item->has_collected)
		access_fact_date(out, CONTRACTS_FACT_DATA_COLLECTED, &node->item->collected);
	access_fact_value(out, CONTRACTS_FACT_DATA_RECORDED, (int64_t)node->event->past->time.ms);
	access_fact_value(out, CONTRACTS_FACT_DATA_DERIVED, node->derived);
	access_fact_value(out, CONTRACTS_FACT_DATA_STATUS, (int64_t)data_status(access, node, axis));
	if (WANTS(wanted, HOLD_COVERS))
		access_fact_value(out, CONTRACTS_FACT_HOLD_COVERS, hold_covers(access, node, axis));
	if (WANTS(wanted, DATA_FLAGS) && (code = access_flags(access, node, axis, &flags, err)) == BASE_OK)
		access_fact_value(out, CONTRACTS_FACT_DATA_FLAGS, (int64_t)flags);
	return code;
}

/* ---- All ---------------------------------------------------------------------------------------- */

#define BITS(first, last) ((UINT64_MAX >> (63 - (last))) & (UINT64_MAX << (first)))

enum base_code access_facts(struct access *access, struct contracts_facts *out, uint64_t wanted,
			    struct access_question *question, struct access_study *study,
			    const struct access_closure *closure, unsigned axis, unsigned permit, struct base_error *err)
{
	enum base_code code = BASE_OK;

	memset(out, 0, sizeof(*out));
	state_question_facts(access, out, question, study, axis);
	access_fact_value(out, CONTRACTS_FACT_PERMIT_DATE, (int64_t)access->axes[permit].at.ms);
	access_fact_value(out, CONTRACTS_FACT_NOW, (int64_t)access->axes[axis].at.ms);
	if ((wanted & BITS(CONTRACTS_FACT_STUDY_SITES, CONTRACTS_FACT_PROTOCOL_VERSION)) != 0)
		code = study_facts(access, out, wanted, study, axis, err);
	if ((wanted & BITS(CONTRACTS_FACT_APPROVAL_VALID, CONTRACTS_FACT_PROTOCOL_APPROVED)) != 0)
		approval_facts(access, out, study, closure, axis);
	if ((wanted & BITS(CONTRACTS_FACT_CONSENT_COVERS, CONTRACTS_FACT_PARTICIPANT_STATUS)) != 0)
		access_fact_consents(access, out, question, closure, axis);
	if (WANTS(wanted, INSTRUMENT) || WANTS(wanted, AGREEMENT_IN_FORCE) || WANTS(wanted, AGREEMENT_INSTRUMENT))
		agreement_facts(access, out, question, study, closure, axis);
	if (code == BASE_OK)
		code = data_facts(access, out, wanted, closure, axis, err);
	return code;
}
