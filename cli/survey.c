/* Organisations, actors and studies without reading the whole ledger: what makes them is recorded by few, and everything that
 * an actor signed is posted under the actor (docs/formats/state.md, section 10). */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/names.h"

struct governance_walk {
	struct cli_session *s;
	cli_name_fn visit;
	void *arg;
	bool going;
};

static void put_name(struct governance_walk *w, struct base_slice text)
{
	char name[80];

	snprintf(name, sizeof(name), "%.*s", (int)text.len, (const char *)text.data);
	if (w->going)
		w->going = w->visit(w->arg, name);
}

/* Genesis: {2: [codes]}; organisation.admit: {1: code}. */
static bool governance_fact(void *arg, const struct state_fact *fact)
{
	struct governance_walk *w = arg;
	struct wire_reader r;

	if (fact->kind == EVENTS_ORGANISATION_ADMIT)
		put_name(w, events_text(fact->content, 1));
	else if (fact->kind == 0 && events_find(fact->content, 2, &r))
		for (uint64_t n = wire_get_array(&r); n > 0 && !r.failed; n--)
			put_name(w, wire_get_text(&r));
	return w->going;
}

enum base_code cli_organisations(struct cli_session *s, cli_name_fn visit, void *arg, struct base_error *err)
{
	struct governance_walk w = {s, visit, arg, true};
	struct state_view view;

	chain_read_view(s->read, &view);
	return state_record_walk(&view, STATE_GOVERNANCE, base_slice(NULL, 0), base_slice(NULL, 0), governance_fact, &w, err);
}

/* ---- Entries of certain kinds ---- */

struct survey {
	struct cli_session *s;
	struct names actors;
	uint64_t *leaves;
	size_t leaf_count, leaf_cap;
};

static void add_leaf(struct survey *v, uint64_t index)
{
	if (v->leaf_count == v->leaf_cap) {
		v->leaf_cap = v->leaf_cap == 0 ? 64 : v->leaf_cap * 2;
		v->leaves = base_realloc(v->leaves, v->leaf_cap * sizeof(*v->leaves));
	}
	v->leaves[v->leaf_count++] = index;
}

/* Who may record those kinds: organisation-wide roles alone count for kinds of the ledger, and an actor never gets others than
 * those of its enrolment. */
static bool may_record(const struct cli_actor *actor)
{
	return (actor->roles & (EVENTS_ROLE(EVENTS_ROLE_ADMINISTRATOR) | EVENTS_ROLE(EVENTS_ROLE_SPONSOR))) != 0;
}

/* The first administrator of an organisation that was admitted: its enrolment lies in the proposal. */
static void add_newcomer(struct survey *v, const struct events_event *admission)
{
	struct chain_entry entry;
	struct events_event proposal;
	struct events_enrolment enrolment;
	struct base_error ignored;
	struct base_hash id;
	uint64_t index;

	memcpy(id.bytes, events_bytes(admission->envelope.body, 1).data, sizeof(id.bytes));
	if (chain_read_find(v->s->read, &id, &index, &ignored) == BASE_OK &&
	    cli_event_at(v->s, index, &entry, &proposal, &ignored) == BASE_OK && proposal.envelope.kind->id == EVENTS_GOVERNANCE_PROPOSE &&
	    events_has(proposal.envelope.body, 2) &&
	    events_enrolment_open(&enrolment, events_bytes(events_raw(proposal.envelope.body, 2), 6), &ignored) == BASE_OK)
		names_add(&v->actors, enrolment.actor);
}

static bool is_denied(const struct chain_entry *entry)
{
	struct state_outcome outcome;
	struct base_error ignored;
	bool denied = true;

	if (state_outcome_decode(&outcome, entry->outcome, &ignored) == BASE_OK) {
		denied = outcome.verdict == STATE_DENY;
		state_outcome_free(&outcome);
	}
	return denied;
}

static enum base_code read_leaf(struct survey *v, uint64_t index, const char *actor, struct base_error *err)
{
	struct chain_entry entry;
	struct events_event event;
	enum base_code code = cli_event_at(v->s, index, &entry, &event, err);
	enum events_kind_id kind;

	if (code == BASE_NOT_FOUND) /* genesis, which is posted under its founders */
		return BASE_OK;
	/* Terms may be shared, and what others did to the actor is posted there too. */
	if (code != BASE_OK || !base_slice_equal(event.cose.issuer, base_slice_text(actor)) || is_denied(&entry))
		return code;
	kind = event.envelope.kind->id;
	if (kind == EVENTS_ACTOR_ENROL)
		names_add(&v->actors, events_text(event.envelope.body, 1));
	else if (kind == EVENTS_ORGANISATION_ADMIT)
		add_newcomer(v, &event);
	if (kind == EVENTS_STUDY_REGISTER || kind == EVENTS_GOVERNANCE_PROPOSE || kind == EVENTS_ACTOR_ENROL || kind == EVENTS_ORGANISATION_ADMIT)
		add_leaf(v, index);
	return BASE_OK;
}

static enum base_code read_actor(struct survey *v, size_t at, struct base_error *err)
{
	struct cli_actor found;
	uint64_t *indices = NULL;
	size_t count = 0;
	char name[NAMES_BYTES_MAX];
	enum base_code code;

	memcpy(name, v->actors.list[at], sizeof(name)); /* the array may move */
	code = cli_actor_find(v->s, name, &found, err);
	if (code == BASE_OK && may_record(&found))
		code = chain_read_postings(v->s->read, state_term_actor(base_slice_text(name)), &indices, &count, err);
	for (size_t i = 0; i < count && code == BASE_OK; i++)
		code = read_leaf(v, indices[i], name, err);
	free(indices);
	return code;
}

static int by_index(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

enum base_code cli_survey(struct cli_session *s, uint64_t **leaves, size_t *count, struct base_error *err)
{
	const struct chain_genesis *genesis = chain_founding(s->chain);
	struct survey v = {.s = s};
	struct events_enrolment enrolment;
	struct base_error ignored;
	enum base_code code = BASE_OK;

	for (size_t i = 0; i < genesis->founder_count; i++)
		if (events_enrolment_open(&enrolment, genesis->founders[i].enrolment, &ignored) == BASE_OK)
			names_add(&v.actors, enrolment.actor);
	/* Grows while it is walked: who was enrolled may have enrolled others. */
	for (size_t i = 0; i < v.actors.count && code == BASE_OK; i++)
		code = read_actor(&v, i, err);
	if (v.leaf_count > 0)
		qsort(v.leaves, v.leaf_count, sizeof(*v.leaves), by_index);
	names_free(&v.actors);
	if (code != BASE_OK) {
		free(v.leaves);
		v.leaves = NULL;
		v.leaf_count = 0;
	}
	*leaves = v.leaves;
	*count = v.leaf_count;
	return code;
}
