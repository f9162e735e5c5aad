#include "ledger/state/exec_internal.h"

#include <stdlib.h>

/* docs/formats/consent.md, "Cover": whether approval and consent cover data that is recorded, when it was collected.
 * What they do not is recorded all the same, and flagged. */

static uint64_t flag_bit(enum events_flag flag)
{
	return UINT64_C(1) << flag;
}

/* What an approval of this status leaves uncovered. */
static uint64_t approval_lacks(enum state_approval_status status)
{
	switch (status) {
	case STATE_APPROVAL_IN_FORCE:
		return 0;
	case STATE_APPROVAL_EXPIRED:
	case STATE_APPROVAL_ENDED:
		return flag_bit(EVENTS_FLAG_AFTER_EXPIRY);
	case STATE_APPROVAL_NONE:
	case STATE_APPROVAL_PENDING:
	case STATE_APPROVAL_SUSPENDED:
	case STATE_APPROVAL_REFUSED:
		return flag_bit(EVENTS_FLAG_NO_APPROVAL);
	}
	return 0;
}

/* Research in the public interest needs no consent; whoever says no is heard all the same. */
static uint64_t consent_lacks(const struct state_answer *answer, uint64_t legal_basis)
{
	if (answer->stance == STATE_PERMITTED || (answer->stance == STATE_SILENT && legal_basis != EVENTS_BASIS_CONSENT))
		return 0;
	return flag_bit(answer->ground == STATE_GROUND_FORM ? EVENTS_FLAG_FORM_NOT_APPROVED
							    : EVENTS_FLAG_NO_CONSENT_EVIDENCED);
}

/* Research on consent or in the public interest needs an approval; what a law or an authority orders does not. */
static bool needs_approval(uint64_t legal_basis)
{
	return legal_basis == EVENTS_BASIS_CONSENT || legal_basis == EVENTS_BASIS_PUBLIC_INTEREST;
}

static uint64_t approvals_lack(const struct state_decisions *decisions, const struct events_when *when)
{
	uint64_t instants[2], flags = 0;
	size_t count = state_when_instants(when, instants);

	for (size_t i = 0; i < count; i++)
		flags |= approval_lacks(state_decisions_at(decisions, (struct base_time){instants[i]}).status);
	return flags;
}

void state_flag_approval(struct state_judge *judge, const struct state_decisions *decisions, const struct events_when *when)
{
	judge->outcome->flags |= approvals_lack(decisions, when);
}

/* ---- When it is recorded ------------------------------------------------------------ */

struct place { /* decisions that cover a site */
	struct base_slice site;
	struct state_decisions decisions;
};
struct person {
	const struct state_participant *participant;
	struct place *place;
	struct state_asking *same[STATE_SAME_MAX]; /* of every reference */
	size_t count;
};
/* What is known is opened once an event, and what was asked once is not asked again: items are mostly alike. */
struct cover {
	struct state_judge *judge;
	struct base_error *err;
	struct base_slice site; /* that the event names; empty: none */
	struct state_approvals *approvals;
	struct place *places[EVENTS_QUESTIONS_MAX];
	struct person *people[EVENTS_QUESTIONS_MAX];
	size_t place_count, person_count;
	struct events_item asked[EVENTS_QUESTIONS_MAX];
	size_t asked_count;
	bool too_many;
	enum base_code code;
};

static bool is_alike(const struct events_item *a, const struct events_item *b)
{
	return a->category == b->category && base_slice_equal(a->participant, b->participant) &&
	       a->has_collected == b->has_collected &&
	       (!a->has_collected || (a->collected.utc_ms == b->collected.utc_ms &&
				  a->collected.precision == b->collected.precision &&
				  a->collected.has_offset == b->collected.has_offset &&
				  a->collected.offset_min == b->collected.offset_min));
}

static bool collect_question(void *arg, size_t index, const struct events_item *item)
{
	struct cover *cover = arg;

	(void)index;
	if (item->participant.len == 0)
		return true;
	for (size_t i = cover->asked_count; i-- > 0;) {
		if (is_alike(item, &cover->asked[i]))
			return true;
	}
	cover->too_many = cover->asked_count == EVENTS_QUESTIONS_MAX;
	if (cover->too_many)
		return false;
	cover->asked[cover->asked_count++] = *item;
	return true;
}

static struct place *place_of(struct cover *cover, struct base_slice site)
{
	struct place *place;

	for (size_t i = 0; i < cover->place_count; i++) {
		if (base_slice_equal(cover->places[i]->site, site))
			return cover->places[i];
	}
	place = base_alloc(sizeof(*place));
	place->site = site;
	state_decisions_open(&place->decisions, cover->approvals->facts.list, cover->approvals->facts.count, site,
			     cover->judge->index);
	cover->places[cover->place_count++] = place;
	return place;
}

static enum base_code open_consents(struct cover *cover, struct person *person, const struct state_participant *same)
{
	struct state_consents *consents;
	struct wire_reader r;
	enum base_code code;

	wire_read(&r, same->record.reference);
	code = state_consents_open(cover->judge->exec, same->record.study, wire_get_bytes(&r).data, &consents, cover->err);
	if (code == BASE_OK)
		person->same[person->count++] =
			state_asking_open(consents->facts.list, consents->facts.count, &person->place->decisions,
					  &(struct state_cover_record){same->ward.list, same->ward.count}, cover->judge->index);
	return code;
}

static enum base_code person_open(struct cover *cover, struct state_participant *participant, struct person **out)
{
	struct state_participant *same[STATE_SAME_MAX];
	struct person *person;
	size_t count = 0;
	enum base_code code;

	for (size_t i = 0; i < cover->person_count; i++) {
		if (cover->people[i]->participant == participant) {
			*out = cover->people[i];
			return BASE_OK;
		}
	}
	person = base_alloc(sizeof(*person));
	person->participant = participant;
	person->place = place_of(cover, participant->site.len > 0 ? state_token_slice(&participant->site) : cover->site);
	person->count = 0;
	cover->people[cover->person_count++] = *out = person;
	code = state_same_open(cover->judge->exec, cover->judge->study->record.study, participant, same, &count, cover->err);
	for (size_t i = 0; code == BASE_OK && i < count; i++)
		code = open_consents(cover, person, same[i]);
	return code;
}

/* Of every reference of the person. */
static uint64_t consents_lack(const struct cover *cover, struct person *person, const struct events_item *item,
			      const struct events_when *when)
{
	uint64_t instants[2], flags = 0;
	size_t count = state_when_instants(when, instants);

	for (size_t i = 0; i < count; i++) {
		const struct state_question question = {.at = {instants[i]},
							.known = cover->judge->index,
							.category = item->category,
							.has_collected = true,
							.collected = {when->utc_ms},
							.collected_to = {state_when_last(when)}};
		struct state_answer answer = {STATE_SILENT, STATE_GROUND_NOTHING, 0};

		for (size_t n = 0; n < person->count; n++) {
			struct state_answer one = state_asking_answer(person->same[n], &question);

			answer = state_answer_join(&answer, &one);
		}
		flags |= consent_lacks(&answer, cover->judge->study->legal_basis);
	}
	return flags;
}

static enum base_code ask(struct cover *cover, const struct events_item *item)
{
	struct state_judge *judge = cover->judge;
	const struct events_when *when = item->has_collected ? &item->collected : &judge->event->envelope.when;
	struct state_participant *participant;
	struct person *person;
	enum base_code code = state_participant_open(judge->exec, judge->study->record.study, item->participant.data,
						     &participant, cover->err);

	if (code != BASE_OK || (code = person_open(cover, participant, &person)) != BASE_OK)
		return code;
	judge->outcome->flags |= approvals_lack(&person->place->decisions, when) | consents_lack(cover, person, item, when);
	return BASE_OK;
}

static void cover_close(struct cover *cover)
{
	for (size_t i = 0; i < cover->person_count; i++) {
		for (size_t n = 0; n < cover->people[i]->count; n++)
			state_asking_close(cover->people[i]->same[n]);
		free(cover->people[i]);
	}
	for (size_t i = 0; i < cover->place_count; i++) {
		state_decisions_close(&cover->places[i]->decisions);
		free(cover->places[i]);
	}
	free(cover);
}

enum base_code state_flag_cover(struct state_judge *judge, struct base_slice site, struct base_error *err)
{
	struct cover *cover;
	enum base_code code;

	if (!needs_approval(judge->study->legal_basis))
		return BASE_OK;
	cover = base_alloc(sizeof(*cover));
	*cover = (struct cover){.judge = judge, .err = err, .site = site};
	events_items(judge->event, collect_question, cover);
	if (cover->too_many)
		code = state_deny(judge, EVENTS_DENIAL_TOO_MANY);
	else
		code = state_approvals_open(judge->exec, judge->study->record.study, &cover->approvals, err);
	for (size_t i = 0; code == BASE_OK && !cover->too_many && i < cover->asked_count; i++)
		code = ask(cover, &cover->asked[i]);
	cover_close(cover);
	return code;
}

/* ---- At any later time ---------------------------------------------------------------- */

bool state_participant_at(const struct state_fact *facts, size_t count, uint64_t known, struct base_slice *site)
{
	struct base_slice named;
	bool enrolled = false;

	for (size_t i = 0; i < count && facts[i].index < known; i++) {
		if (facts[i].kind == EVENTS_BLINDING_UNBLIND)
			continue;
		enrolled = enrolled || facts[i].kind == EVENTS_PARTICIPANT_ENROL;
		if (state_content_text(facts[i].content, STATE_PARTICIPANT_SITE, &named))
			*site = named;
	}
	return enrolled;
}

/* Of every reference of the person. */
static struct state_answer ask_all(const struct state_cover_facts *facts, struct base_slice site,
				   const struct state_question *question)
{
	struct state_answer answer = {STATE_SILENT, STATE_GROUND_NOTHING, 0};

	for (size_t i = 0; i < facts->person_count; i++) {
		struct state_answer one = state_consent_at(facts->consents[i].list, facts->consents[i].count,
							   facts->approvals.list, facts->approvals.count, &facts->participants[i], site,
							   question);

		answer = state_answer_join(&answer, &one);
	}
	return answer;
}

/* Who consents later to the use of what was collected, covers it. */
static void cover_consent_at(struct state_cover *cover, const struct state_cover_facts *facts,
			     const struct state_cover_question *q, struct base_slice site, uint64_t instant)
{
	struct state_question question = {.at = {instant},
					  .known = q->known,
					  .category = q->category,
					  .has_collected = true,
					  .collected = {q->collected.utc_ms},
					  .collected_to = {state_when_last(&q->collected)}};
	struct state_answer answer = ask_all(facts, site, &question);
	uint64_t lacks = consent_lacks(&answer, facts->legal_basis);

	if (lacks != 0) {
		struct state_answer later;

		question.at = q->now;
		later = ask_all(facts, site, &question);
		if (later.stance == STATE_PERMITTED) {
			answer = later;
			lacks = 0;
		}
	}
	/* Of two instants, the one that is not covered is the one to tell of. */
	if (lacks != 0 || (cover->lacks & STATE_COVER_CONSENT) == 0)
		cover->consent = answer;
	cover->lacks |= lacks;
}

struct state_cover state_cover_at(const struct state_cover_facts *facts, const struct state_cover_question *q)
{
	struct state_cover cover = {.lacks = 0};
	struct base_slice site = facts->site;
	uint64_t instants[2];
	size_t count = state_when_instants(&q->collected, instants);

	if (!state_participant_at(facts->participants[0].list, facts->participants[0].count, q->known, &site))
		cover.lacks |= flag_bit(EVENTS_FLAG_PARTICIPANT_NOT_ENROLLED);
	if (!needs_approval(facts->legal_basis))
		return cover;
	for (size_t i = 0; i < count; i++) {
		struct state_approval approval = state_approval_at(facts->approvals.list, facts->approvals.count, site,
								   (struct base_time){instants[i]}, q->known);

		if (i == 0 || approval_lacks(approval.status) != 0)
			cover.approval = approval;
		cover.lacks |= approval_lacks(approval.status);
		cover_consent_at(&cover, facts, q, site, instants[i]);
	}
	return cover;
}

/* The newest fact that came after `after` and is known before `known`; false if there is none. */
static bool newest_before(const struct state_fact *facts, size_t count, uint64_t after, uint64_t known, uint64_t *index)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		if (facts[i].index > after && facts[i].index < known && (!found || facts[i].index > *index)) {
			*index = facts[i].index;
			found = true;
		}
	}
	return found;
}

/* Of all records: what was recorded last, after `after` and below `known`. */
static bool newest_of_all(const struct state_cover_facts *facts, uint64_t after, uint64_t known, uint64_t *index)
{
	bool found = false;
	uint64_t one = 0;

	for (size_t i = 0; i < 2 * facts->person_count + 1; i++) {
		const struct state_cover_record *record = i == 0     ? &facts->approvals
							  : i % 2 == 1 ? &facts->participants[i / 2]
								       : &facts->consents[i / 2 - 1];

		if (newest_before(record->list, record->count, after, known, &one) && (!found || one > *index)) {
			*index = one;
			found = true;
		}
	}
	return found;
}

uint64_t state_cover_since(const struct state_cover_facts *facts, const struct state_cover_question *question,
			   uint64_t recorded)
{
	struct state_cover_question earlier = *question;
	uint64_t since = recorded, index = 0;

	/* Backwards over what was recorded, for as long as it is covered. */
	while (state_cover_at(facts, &earlier).lacks == 0) {
		since = recorded;
		if (!newest_of_all(facts, recorded, earlier.known, &index))
			break;
		since = index;
		earlier.known = index;
	}
	return since;
}
