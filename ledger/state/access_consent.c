#include "ledger/state/access_internal.h"

#include <string.h>

/* The facts of consent, of all whose data it is: the item's own participant, and those of what it was derived from. What
 * permits holds if it holds of each, what restricts if of one; what tells of one person is known if it is the same of all. */

enum { GIVE_SIGNERS = 2 };

struct joined {
	struct contracts_facts *out;
	size_t persons;
	bool covers, withdrawn, objected, has_given, current, due, of_age;
	uint64_t ground;
	bool same_signers, same_date, same_status, has_status;
	uint64_t signers, status;
	struct events_when date;
};

static uint64_t read_signers(struct base_slice give)
{
	struct wire_reader r;
	uint64_t count, signers = 0, capacity;

	if (!events_find(give, GIVE_SIGNERS, &r))
		return 0;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_slice signer = wire_get_raw(&r);

		if (!r.failed && state_content_uint(signer, 1, &capacity) && capacity < 64)
			signers |= UINT64_C(1) << capacity;
	}
	return signers;
}

static void open_person(struct access *access, struct access_person *person, struct access_node *node, unsigned axis)
{
	struct base_slice site;

	if (person->place[axis] != NULL)
		return;
	site = access_person_site(access, person, axis);
	person->place[axis] = access_place_of(access, person->study, site.len > 0 ? site : node->site, axis);
	for (size_t i = 0; i < person->count; i++)
		person->asking[axis][i] = state_asking_open(person->consents[i].list, person->consents[i].count,
							    &person->place[axis]->decisions, &person->same[i].facts,
							    access->axes[axis].known);
}

/* Each is asked about what it is of theirs: category, and when it was collected. */
static struct state_answer ask(struct access *access, const struct access_question *q, const struct access_node *node,
			       unsigned axis)
{
	const struct access_axis *is = &access->axes[axis];
	const struct events_item *item = node->item;
	struct state_answer answer = {STATE_SILENT, STATE_GROUND_NOTHING, 0};
	const struct state_question question = {
		.at = is->at,
		.known = is->known,
		.use = q->action,
		.category = item->category,
		.purpose = q->purpose,
		.mode = q->mode,
		.recipient = q->recipient,
		.country = q->country,
		.disease = q->disease,
		.has_collected = item->has_collected,
		.collected = {item->has_collected ? item->collected.utc_ms : 0},
		.collected_to = {item->has_collected ? state_when_last(&item->collected) : 0},
		.ongoing = q->ongoing && axis == ACCESS_NOW,
	};

	for (size_t i = 0; i < node->person->count; i++) {
		struct state_answer one = state_asking_answer(node->person->asking[axis][i], &question);

		answer = state_answer_join(&answer, &one);
	}
	return answer;
}

static void join_given(struct access *access, struct joined *j, struct access_person *person, unsigned axis, bool first)
{
	struct state_given latest = {.fact = NULL}, one;
	uint64_t at = access->axes[axis].at.ms, signers;
	struct state_ward ward;
	size_t whose = 0;
	bool current, due, of_age;

	for (size_t i = 0; i < person->count; i++) {
		if (!state_asking_given(person->asking[axis][i], at, &one) ||
		    (latest.fact != NULL && (one.fact->when.utc_ms < latest.fact->when.utc_ms ||
					     (one.fact->when.utc_ms == latest.fact->when.utc_ms && one.fact->index < latest.fact->index))))
			continue;
		latest = one;
		whose = i;
	}
	if (latest.fact == NULL) {
		j->has_given = j->same_signers = j->same_date = j->of_age = false;
		return;
	}
	signers = read_signers(latest.body);
	current = state_form_current(latest.form, &latest.id, &latest.fact->when, &person->place[axis]->decisions, at);
	state_ward_open(&ward, &person->same[whose].facts, access->axes[axis].known);
	due = state_consent_meanwhile(&latest.fact->when, latest.body, &latest.id, &person->place[axis]->decisions, &ward, at) != 0;
	state_ward_close(&ward);
	of_age = state_consent_of_age(latest.body, at);
	j->current = j->current && current;
	j->due = j->due || due;
	j->of_age = j->of_age && of_age;
	j->same_signers = j->same_signers && (first || signers == j->signers);
	j->same_date = j->same_date && (first || (latest.fact->when.utc_ms == j->date.utc_ms &&
						  latest.fact->when.precision == j->date.precision));
	j->signers = signers;
	j->date = latest.fact->when;
}

/* The latest status that is known of any of the references; of age once is of age for ever. */
static void join_status(struct access *access, struct joined *j, const struct access_person *person, unsigned axis, bool first)
{
	uint64_t known = access->axes[axis].known, index = 0, status = 0, one;
	bool of_age = false;

	for (size_t i = 0; i < person->count; i++) {
		const struct state_cover_record *facts = &person->same[i].facts;

		for (size_t n = 0; n < facts->count && facts->list[n].index < known; n++) {
			if (facts->list[n].kind != EVENTS_PARTICIPANT_STATUS ||
			    !state_content_uint(facts->list[n].content, STATE_PARTICIPANT_STATUS, &one))
				continue;
			of_age = of_age || (one == EVENTS_STATUS_OF_AGE && facts->list[n].when.utc_ms <= access->axes[axis].at.ms);
			if (facts->list[n].index >= index) {
				index = facts->list[n].index;
				status = one;
			}
		}
	}
	j->has_status = (first || j->has_status) && status != 0;
	j->same_status = j->same_status && (first || status == j->status);
	j->status = status;
	if (of_age)
		j->of_age = true;
}

static void join_person(struct access *access, struct joined *j, struct access_person *person, unsigned axis)
{
	bool first = j->persons++ == 0, of_age = j->of_age;

	j->of_age = true;
	join_given(access, j, person, axis, first);
	join_status(access, j, person, axis, first);
	j->of_age = j->of_age && of_age;
}

static void put(const struct joined *j)
{
	access_fact_value(j->out, CONTRACTS_FACT_CONSENT_COVERS, j->covers);
	access_fact_value(j->out, CONTRACTS_FACT_CONSENT_GROUND, (int64_t)j->ground);
	access_fact_value(j->out, CONTRACTS_FACT_CONSENT_WITHDRAWN, j->withdrawn);
	access_fact_value(j->out, CONTRACTS_FACT_OBJECTION_COVERS, j->objected);
	access_fact_value(j->out, CONTRACTS_FACT_RECONSENT_DUE, j->due);
	access_fact_value(j->out, CONTRACTS_FACT_OF_AGE, j->of_age);
	if (j->has_given)
		access_fact_value(j->out, CONTRACTS_FACT_CONSENT_FORM_CURRENT, j->current);
	if (j->same_signers)
		access_fact_value(j->out, CONTRACTS_FACT_CONSENT_SIGNERS, (int64_t)j->signers);
	if (j->same_date)
		access_fact_date(j->out, CONTRACTS_FACT_CONSENT_DATE, &j->date);
	if (j->has_status && j->same_status)
		access_fact_value(j->out, CONTRACTS_FACT_PARTICIPANT_STATUS, (int64_t)j->status);
}

static bool seen_before(const struct access_closure *closure, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (closure->nodes[i]->person == closure->nodes[at]->person)
			return true;
	}
	return false;
}

void access_fact_consents(struct access *access, struct contracts_facts *out, const struct access_question *question,
			  const struct access_closure *closure, unsigned axis)
{
	struct joined j = {.out = out, .covers = true, .has_given = true, .current = true, .of_age = true,
			   .same_signers = true, .same_date = true, .same_status = true};

	for (size_t i = 0; i < closure->count; i++) {
		struct access_node *node = closure->nodes[i];
		struct state_answer answer;

		if (node->person == NULL || node->item == NULL)
			continue;
		open_person(access, node->person, node, axis);
		answer = ask(access, question, node, axis);
		if (j.persons == 0 || (j.covers && answer.stance != STATE_PERMITTED))
			j.ground = answer.ground;
		j.covers = j.covers && answer.stance == STATE_PERMITTED;
		j.withdrawn = j.withdrawn || (answer.stance == STATE_DENIED && answer.ground == STATE_GROUND_WITHDRAWN);
		j.objected = j.objected || (answer.stance == STATE_DENIED && answer.ground == STATE_GROUND_OBJECTED);
		if (!seen_before(closure, i))
			join_person(access, &j, node->person, axis);
	}
	if (j.persons > 0)
		put(&j);
}
