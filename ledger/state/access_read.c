#include "ledger/state/access_internal.h"

#include <stdlib.h>
#include <string.h>

/* What is known about what is asked for: every record with all its facts, so that both axes of time are a matter of
 * leaving some out; items with what they were derived from; persons. */

void access_open(struct access *access, struct state_exec *exec, uint64_t index)
{
	*access = (struct access){.exec = exec, .index = index};
	access->axes[ACCESS_NOW] = (struct access_axis){exec->time, index};
}

void *access_take(struct access *access, size_t bytes)
{
	return state_arena_take(&access->arena, bytes);
}

void access_close(struct access *access)
{
	for (struct access_person *person = access->persons; person != NULL; person = person->next) {
		for (unsigned axis = 0; axis < ACCESS_AXES; axis++) {
			for (size_t i = 0; i < person->count; i++)
				state_asking_close(person->asking[axis][i]);
		}
	}
	for (struct access_place *place = access->places; place != NULL; place = place->next)
		state_decisions_close(&place->decisions);
	for (size_t i = 0; i < access->folded_count; i++) {
		struct state_record *record = access->folded[i];

		if (state_table_ops(record->table)->close != NULL)
			state_table_ops(record->table)->close(record);
	}
	free(access->folded);
	state_index_free(&access->events);
	state_index_free(&access->nodes);
	state_arena_free(&access->arena);
}

static struct base_slice copy(struct access *access, struct base_slice bytes)
{
	uint8_t *at = access_take(access, bytes.len + 1);

	if (bytes.len > 0)
		memcpy(at, bytes.data, bytes.len);
	return base_slice(at, bytes.len);
}

/* ---- Records ------------------------------------------------------------------- */

/* A chunk that was filled in this block is not in the view yet. */
static enum base_code chunk_value(struct access *access, const struct state_record *record, uint64_t chunk,
				  struct base_slice *out, struct base_error *err)
{
	const struct state_exec *exec = access->exec;
	struct base_hash key = state_map_key(record->table, record->study, record->reference, chunk);

	for (size_t i = exec->done_count; i-- > 0;) {
		if (base_hash_equal(&exec->done[i].key, &key)) {
			*out = base_slice(exec->values.data + exec->done[i].at, exec->done[i].len);
			return BASE_OK;
		}
	}
	return exec->view->map_get(exec->view->arg, &key, out, err);
}

static enum base_code add_chunk(struct access *access, struct state_fact **list, size_t *count, struct base_slice value,
				struct base_error *err)
{
	struct state_fact facts[STATE_FACTS_MAX], *all;
	struct base_hash leaf;
	size_t more;
	enum base_code code = state_record_decode(facts, &more, &leaf, copy(access, value), err);

	if (code != BASE_OK)
		return base_fail(err, BASE_STORAGE, "the database is damaged: a record is not what it must be");
	all = access_take(access, (*count + more) * sizeof(*all));
	if (*count > 0)
		memcpy(all, *list, *count * sizeof(*all));
	memcpy(all + *count, facts, more * sizeof(*all));
	*list = all;
	*count += more;
	return BASE_OK;
}

enum base_code access_record_read(struct access *access, struct state_record *record, struct access_record *out,
				  struct base_error *err)
{
	struct base_buf last = BASE_BUF_INIT;
	struct state_fact *list = NULL;
	size_t count = 0;
	enum base_code code = BASE_OK;

	*out = (struct access_record){.record = record};
	out->as[ACCESS_NOW] = record;
	if (!state_record_exists(record))
		return BASE_OK;
	for (uint64_t chunk = 0; code == BASE_OK && chunk < record->chunk; chunk++) {
		struct base_slice value;

		if ((code = chunk_value(access, record, chunk, &value, err)) == BASE_OK)
			code = add_chunk(access, &list, &count, value, err);
	}
	if (code == BASE_OK)
		code = state_record_prepare(access->exec, record, err);
	if (code == BASE_OK) {
		state_record_value(&last, record);
		code = add_chunk(access, &list, &count, base_buf_slice(&last), err);
	}
	base_buf_free(&last);
	out->facts = (struct state_cover_record){list, count};
	return code == BASE_NOT_FOUND ? BASE_STORAGE : code;
}

struct state_record *access_record_as(struct access *access, struct access_record *record, unsigned axis)
{
	const struct state_table_ops *ops = state_table_ops(record->record->table);
	struct state_record *as;

	if (record->as[axis] != NULL)
		return record->as[axis];
	as = access_take(access, ops->size);
	as->table = record->record->table;
	as->study = record->record->study;
	as->reference = record->record->reference;
	if (ops->begin != NULL)
		ops->begin(as);
	for (size_t i = 0; i < record->facts.count && record->facts.list[i].index < access->axes[axis].known; i++) {
		BASE_ASSERT(ops->fold(as, &record->facts.list[i])); /* it was folded before */
		as->count = 1;
	}
	access->folded = state_grow(access->folded, &access->folded_cap, access->folded_count, sizeof(*access->folded));
	access->folded[access->folded_count++] = as;
	return record->as[axis] = as;
}

static struct state_cover_record listed(const struct state_facts *facts)
{
	return (struct state_cover_record){facts->list, facts->count};
}

enum base_code access_study_open(struct access *access, struct base_slice code, struct access_study **out,
				 struct base_error *err)
{
	struct state_agreements *agreements;
	struct state_approvals *approvals;
	struct state_contracts *contracts;
	struct state_holds *holds;
	struct access_study *study;
	struct state_study *state;
	enum base_code result;

	for (study = access->studies; study != NULL; study = study->next) {
		if (base_slice_equal(study->own.record->study, code)) {
			*out = study;
			return BASE_OK;
		}
	}
	if ((result = state_study_open(access->exec, code, &state, err)) != BASE_OK ||
	    (result = state_approvals_open(access->exec, code, &approvals, err)) != BASE_OK ||
	    (result = state_agreements_open(access->exec, code, &agreements, err)) != BASE_OK ||
	    (result = state_holds_open(access->exec, code, &holds, err)) != BASE_OK ||
	    (result = state_contracts_open(access->exec, code, &contracts, err)) != BASE_OK)
		return result;
	study = access_take(access, sizeof(*study));
	if ((result = access_record_read(access, &state->record, &study->own, err)) != BASE_OK)
		return result;
	study->study = state;
	study->approvals = listed(&approvals->facts);
	study->agreements = listed(&agreements->facts);
	study->holds = listed(&holds->facts);
	study->contracts = listed(&contracts->facts);
	study->next = access->studies;
	*out = access->studies = study;
	return BASE_OK;
}

enum base_code access_country(struct access *access, struct base_slice organisation, struct base_slice *out,
			      struct base_error *err)
{
	struct state_organisation *record;
	struct access_record read;
	enum base_code code = state_organisation_open(access->exec, organisation, &record, err);

	*out = base_slice(NULL, 0);
	if (code == BASE_OK)
		code = access_record_read(access, &record->record, &read, err);
	if (code == BASE_OK && read.facts.count > 0)
		(void)state_content_text(read.facts.list[0].content, 2, out);
	return code;
}

/* ---- Persons ---------------------------------------------------------------------- */

static enum base_code person_open(struct access *access, struct access_study *study, const uint8_t *reference,
				  struct access_person **out, struct base_error *err)
{
	struct state_participant *participant, *same[STATE_SAME_MAX];
	struct access_person *person;
	size_t count = 0;
	enum base_code code =
		state_participant_open(access->exec, study->study->record.study, reference, &participant, err);

	if (code != BASE_OK)
		return code;
	for (person = access->persons; person != NULL; person = person->next) {
		if (person->participant == participant) {
			*out = person;
			return BASE_OK;
		}
	}
	if ((code = state_same_open(access->exec, participant->record.study, participant, same, &count, err)) != BASE_OK)
		return code;
	person = access_take(access, sizeof(*person));
	person->study = study;
	person->participant = participant;
	for (size_t i = 0; i < count; i++) {
		struct state_consents *consents;
		struct wire_reader r;

		wire_read(&r, same[i]->record.reference);
		if ((code = access_record_read(access, &same[i]->record, &person->same[i], err)) != BASE_OK ||
		    (code = state_consents_open(access->exec, same[i]->record.study, wire_get_bytes(&r).data, &consents,
						err)) != BASE_OK)
			return code;
		person->consents[i] = listed(&consents->facts);
		person->count++;
	}
	person->next = access->persons;
	*out = access->persons = person;
	return BASE_OK;
}

struct base_slice access_person_site(struct access *access, struct access_person *person, unsigned axis)
{
	const struct state_participant *as;

	for (size_t i = 0; i < person->count; i++) {
		as = (const struct state_participant *)access_record_as(access, &person->same[i], axis);
		if (as->site.len > 0)
			return state_token_slice(&as->site);
	}
	return base_slice(NULL, 0);
}

const struct access_place *access_place_of(struct access *access, const struct access_study *study, struct base_slice site,
					   unsigned axis)
{
	struct access_place *place;

	for (place = access->places; place != NULL; place = place->next) {
		if (place->study == study && place->axis == axis && base_slice_equal(place->site, site))
			return place;
	}
	place = access_take(access, sizeof(*place));
	place->study = study;
	place->site = copy(access, site);
	place->axis = axis;
	state_decisions_open(&place->decisions, study->approvals.list, study->approvals.count, place->site,
			     access->axes[axis].known);
	place->next = access->places;
	return access->places = place;
}

/* ---- Items ------------------------------------------------------------------------- */

struct taking {
	struct events_item *items;
	size_t count;
};

static bool take_item(void *arg, size_t index, const struct events_item *item)
{
	struct taking *taking = arg;

	(void)index;
	taking->items[taking->count++] = *item;
	return true;
}

static uint64_t read_flags(struct base_slice outcome)
{
	struct wire_reader r;
	uint64_t count, flags = 0;

	if (!events_find(outcome, 2, &r))
		return 0;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++)
		flags |= UINT64_C(1) << (wire_get_uint(&r) & 63);
	return flags;
}

static enum base_code event_read(struct access *access, struct access_event *out, struct base_error *err)
{
	const struct state_view *view = access->exec->view;
	struct events_event event;
	struct base_slice entry;
	struct wire_reader r;
	struct taking taking;
	bool recorded;
	enum base_code code = view->entry(view->arg, out->past->index, &entry, err);

	if (code != BASE_OK)
		return base_wrap(err, code, "read entry %llu", (unsigned long long)out->past->index);
	entry = copy(access, entry);
	if (state_entry_split(&event, &recorded, entry, err) != BASE_OK || !events_find(event.cose.payload, 5, &r))
		return base_fail(err, BASE_STORAGE, "entry %llu is damaged", (unsigned long long)out->past->index);
	out->when = events_when_read(&r);
	out->body = event.envelope.body;
	if (out->past->kind->id != EVENTS_DATA_CORRECT)
		(void)state_content_text(out->body, 2, &out->site);
	wire_read(&r, entry);
	(void)wire_get_array(&r);
	for (int i = 0; i < 3; i++)
		(void)wire_get_uint(&r);
	(void)wire_get_bytes(&r);
	out->flags = read_flags(wire_get_raw(&r));
	taking = (struct taking){access_take(access, (events_item_count(&event) + 1) * sizeof(*taking.items)), 0};
	events_items(&event, take_item, &taking);
	out->items = taking.items;
	out->count = taking.count;
	return BASE_OK;
}

/* *out NULL: nothing that was recorded before and brought items. */
static enum base_code event_open(struct access *access, const struct base_hash *id, struct access_event **out,
				 struct base_error *err)
{
	const struct state_past *past;
	struct access_event *event;
	size_t cursor = 0;
	enum base_code code;

	while ((event = state_index_next(&access->events, state_index_hash(id), &cursor)) != NULL) {
		if (base_hash_equal(&event->id, id)) {
			*out = event;
			return BASE_OK;
		}
	}
	*out = NULL;
	code = state_past_find(&access->exec->source, id, access->index, &past, err);
	if (code != BASE_OK || !past->recorded || !past->brings)
		return code == BASE_NOT_FOUND ? BASE_OK : code;
	event = access_take(access, sizeof(*event));
	event->id = *id;
	event->past = past;
	event->fresh = past->time.ms == access->exec->time.ms;
	event->count = past->count;
	if (!event->fresh && (code = event_read(access, event, err)) != BASE_OK)
		return code;
	state_index_add(&access->events, state_index_hash(id), event);
	*out = event;
	return BASE_OK;
}

static enum base_code inputs_open(struct access *access, struct access_node *node, bool *too_many, struct base_error *err)
{
	struct wire_reader r;
	uint64_t count;
	enum base_code code = BASE_OK;

	if (!events_find(node->event->body, 4, &r))
		return BASE_OK;
	count = wire_get_array(&r);
	node->inputs = access_take(access, (size_t)(count + 1) * sizeof(struct access_node *));
	for (uint64_t i = 0; i < count && code == BASE_OK && !*too_many; i++) {
		struct events_item_id id = events_item_id_read(&r);
		struct access_node *input;

		code = access_node_open(access, &id, &input, too_many, err);
		if (code == BASE_OK && input != NULL)
			node->inputs[node->input_count++] = input;
	}
	return code;
}

/* What takes the place of something derived is derived from the same. */
static enum base_code replaced_open(struct access *access, struct access_node *node, bool *too_many, struct base_error *err)
{
	struct access_node *target;
	struct events_item_id id;
	struct wire_reader r;
	enum base_code code;

	if (!events_find(node->event->body, 1, &r))
		return BASE_OK;
	id = events_item_id_read(&r);
	if ((code = access_node_open(access, &id, &target, too_many, err)) != BASE_OK || target == NULL)
		return code;
	node->derived = target->derived;
	node->inputs = target->inputs;
	node->input_count = target->input_count;
	node->site = target->site;
	return BASE_OK;
}

static enum base_code node_read(struct access *access, struct access_node *node, bool *too_many, struct base_error *err)
{
	struct state_item *state;
	const uint8_t *whose = NULL;
	enum base_code code = access_study_open(access, node->event->past->study, &node->study, err);

	if (code != BASE_OK)
		return code;
	if (node->event->fresh)
		return BASE_OK;
	node->item = &node->event->items[node->id.index];
	node->site = node->event->site;
	if ((code = state_item_open(access->exec, node->event->past->study, &node->id, &state, err)) != BASE_OK ||
	    (code = access_record_read(access, &state->record, &node->state, err)) != BASE_OK ||
	    (code = access_country(access, node->event->past->organisation, &node->country, err)) != BASE_OK)
		return code;
	if (state->has_whose)
		whose = state->whose;
	else if (node->item->participant.len == 32)
		whose = node->item->participant.data;
	if (whose != NULL && (code = person_open(access, node->study, whose, &node->person, err)) != BASE_OK)
		return code;
	node->derived = node->event->past->kind->id == EVENTS_DATA_DERIVE;
	if (node->derived)
		return inputs_open(access, node, too_many, err);
	if (node->event->past->kind->id == EVENTS_DATA_CORRECT)
		return replaced_open(access, node, too_many, err);
	return BASE_OK;
}

/* Items are derived from earlier ones; so this ends. How deep it goes is bounded by how many there may be. */
enum base_code access_node_open(struct access *access, const struct events_item_id *id, struct access_node **out,
				bool *too_many, struct base_error *err)
{
	uint64_t hash = state_index_hash(&id->event) + id->index * UINT64_C(0x9e3779b97f4a7c15);
	struct access_event *event;
	struct access_node *node;
	size_t cursor = 0;
	enum base_code code;

	while ((node = state_index_next(&access->nodes, hash, &cursor)) != NULL) {
		if (node->id.index == id->index && base_hash_equal(&node->id.event, &id->event)) {
			*out = node;
			return BASE_OK;
		}
	}
	*out = NULL;
	if (access->node_count == ACCESS_NODES_MAX) {
		*too_many = true;
		return BASE_OK;
	}
	if ((code = event_open(access, &id->event, &event, err)) != BASE_OK || event == NULL || id->index >= event->count)
		return code;
	node = access_take(access, sizeof(*node));
	node->id = *id;
	node->event = event;
	access->node_count++;
	state_index_add(&access->nodes, hash, node);
	code = node_read(access, node, too_many, err);
	*out = node;
	return code;
}

void access_closure_of(struct access_node *node, struct access_closure *closure)
{
	closure->count = 1;
	closure->nodes[0] = node;
	closure->too_many = false;
	for (size_t at = 0; at < closure->count; at++) {
		const struct access_node *one = closure->nodes[at];

		for (size_t i = 0; i < one->input_count; i++) {
			size_t known = 0;

			while (known < closure->count && closure->nodes[known] != one->inputs[i])
				known++;
			if (known < closure->count)
				continue;
			if (closure->count == 1 + ACCESS_SOURCES_MAX) {
				closure->too_many = true;
				return;
			}
			closure->nodes[closure->count++] = one->inputs[i];
		}
	}
}
