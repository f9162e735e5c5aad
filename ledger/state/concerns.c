#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* docs/formats/state.md, "Concerns": an entry concerns a participant if it names the reference, or an item of that
 * reference (its submission, its derivation or its replacement said so); kinds that speak of events also if one of those
 * names the reference itself. Never transitively. */

/* So many before they are sorted and counted: a bound on memory, not on the answer. */
#define REFS_SQUEEZE ((size_t)4 * STATE_CONCERNS_MAX)

static int compare_refs(const void *a, const void *b)
{
	const struct state_ref *x = a, *y = b;
	int order = base_slice_compare(x->study, y->study);

	return order != 0 ? order : memcmp(x->reference, y->reference, 32);
}

/* Sorts, and makes one of equals. */
static void squeeze(struct state_names *names)
{
	size_t kept = 0;

	if (names->ref_count < 2)
		return;
	qsort(names->refs, names->ref_count, sizeof(*names->refs), compare_refs);
	for (size_t i = 1; i < names->ref_count; i++) {
		if (compare_refs(&names->refs[kept], &names->refs[i]) == 0)
			names->refs[kept].named = names->refs[kept].named || names->refs[i].named;
		else
			names->refs[++kept] = names->refs[i];
	}
	names->ref_count = kept + 1;
}

static void add_ref(struct state_names *names, struct base_slice study, const uint8_t *reference, bool named)
{
	if (names->too_many)
		return;
	if (names->ref_count >= REFS_SQUEEZE) {
		squeeze(names);
		if (names->ref_count > STATE_CONCERNS_MAX) {
			names->too_many = true;
			return;
		}
	}
	names->refs = state_grow(names->refs, &names->ref_cap, names->ref_count, sizeof(*names->refs));
	names->refs[names->ref_count++] = (struct state_ref){study, reference, named};
}

static void add_id(struct state_names *names, const struct base_hash *id)
{
	names->ids = state_grow(names->ids, &names->id_cap, names->id_count, sizeof(*names->ids));
	names->ids[names->id_count++] = *id;
}

struct collect {
	struct state_names *names;
	struct base_slice study;
};

static bool add_brought(void *arg, size_t index, const struct events_item *item)
{
	struct collect *collect = arg;

	(void)index;
	if (item->participant.len == 32)
		add_ref(collect->names, collect->study, item->participant.data, true);
	return true;
}

static bool add_value(void *arg, const struct events_value *value)
{
	struct collect *collect = arg;
	struct state_names *names = collect->names;
	struct wire_reader r;
	struct base_hash id;

	if (value->type != EVENTS_REFERENCE && value->type != EVENTS_ITEM && value->type != EVENTS_ID)
		return true;
	wire_read(&r, value->raw);
	if (value->type == EVENTS_REFERENCE) {
		struct base_slice reference = wire_get_bytes(&r);

		if (reference.len == 32)
			add_ref(names, collect->study, reference.data, true);
	} else if (value->type == EVENTS_ITEM) {
		names->items = state_grow(names->items, &names->item_cap, names->item_count, sizeof(*names->items));
		names->items[names->item_count++] = (struct state_named_item){events_item_id_read(&r), NULL};
	} else {
		id = wire_get_hash(&r);
		add_id(names, &id);
	}
	return true;
}

/* The envelope's refs: [type, event id] each. */
static void add_envelope(struct state_names *names, struct base_slice refs)
{
	struct wire_reader r;
	uint64_t count;

	if (refs.len == 0)
		return;
	wire_read(&r, refs);
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		struct base_hash id;

		wire_expect_array(&r, 2);
		(void)wire_get_uint(&r);
		id = wire_get_hash(&r);
		if (!r.failed)
			add_id(names, &id);
	}
}

/* Which items there are, and whose. */
static enum base_code resolve_items(struct state_names *names, const struct state_past_source *source, uint64_t before,
				    struct base_error *err)
{
	for (size_t i = 0; i < names->item_count; i++) {
		struct state_named_item *item = &names->items[i];
		const struct state_past *past = NULL;
		enum base_code code;

		if (i > 0 && base_hash_equal(&item->id.event, &item[-1].id.event) && item[-1].past != NULL)
			past = item[-1].past;
		else if ((code = state_past_find(source, &item->id.event, before, &past, err)) != BASE_OK &&
			 code != BASE_NOT_FOUND)
			return code;
		if (past == NULL || !past->recorded || !past->brings || item->id.index >= past->count)
			continue;
		item->past = past;
		if (past->refs[item->id.index].has)
			add_ref(names, past->study, past->refs[item->id.index].reference, false);
	}
	return BASE_OK;
}

static enum base_code resolve_events(struct state_names *names, const struct state_past_source *source, uint64_t before,
				     struct base_error *err)
{
	for (size_t i = 0; i < names->body_ids; i++) {
		const struct state_past *past;
		enum base_code code = state_past_find(source, &names->ids[i], before, &past, err);

		if (code == BASE_NOT_FOUND)
			continue;
		if (code != BASE_OK)
			return code;
		for (size_t j = 0; past->recorded && j < past->count; j++) {
			if (past->refs[j].has)
				add_ref(names, past->study, past->refs[j].reference, false);
		}
	}
	return BASE_OK;
}

/* Kinds that say something of events; whom these name by reference is concerned too. */
static bool speaks_of_events(enum events_kind_id kind)
{
	return kind == EVENTS_ATTEST || kind == EVENTS_ACTOR_AFFIRM || kind == EVENTS_ACTOR_REPUDIATE ||
	       kind == EVENTS_RIGHTS_ANSWER || kind == EVENTS_HOLD_LIFT || kind == EVENTS_DATA_INCIDENT;
}

enum base_code state_names_collect(struct state_names *names, const struct state_past_source *source,
				   const struct events_event *event, uint64_t before, struct base_error *err)
{
	const struct events_kind *kind = event->envelope.kind;
	struct collect collect = {names, kind->needs_study ? event->cose.subject : base_slice(NULL, 0)};
	enum base_code code;

	names->item_count = names->id_count = names->ref_count = 0;
	names->too_many = false;
	/* By far the most frequent kind names nothing but what it brings. */
	if (kind->id == EVENTS_DATA_SUBMIT)
		events_items(event, add_brought, &collect);
	else
		events_values(kind, event->envelope.body, add_value, &collect);
	names->body_ids = names->id_count;
	add_envelope(names, event->envelope.refs);
	if ((code = resolve_items(names, source, before, err)) != BASE_OK)
		return code;
	if (speaks_of_events(kind->id) && (code = resolve_events(names, source, before, err)) != BASE_OK)
		return code;
	squeeze(names);
	if (names->ref_count > STATE_CONCERNS_MAX)
		names->too_many = true;
	if (names->too_many)
		names->ref_count = 0;
	return BASE_OK;
}

void state_names_free(struct state_names *names)
{
	free(names->items);
	free(names->ids);
	free(names->refs);
	*names = (struct state_names){0};
}

/* ---- Of an entry, at any later time ------------------------------------------ */

struct ownership {
	uint64_t before;
	struct state_token owner; /* the last one; empty: none */
	bool is_own, succeeded;
};

/* A transfer gives a participant another owner. */
static bool look_owner(void *arg, const struct state_fact *fact)
{
	struct ownership *ownership = arg;
	struct base_slice owner;

	if (fact->index >= ownership->before)
		return false;
	if (state_content_text(fact->content, STATE_PARTICIPANT_OWNER, &owner))
		(void)state_token_set(&ownership->owner, owner);
	return true;
}

/* A successor has what its predecessors had, and they have nothing any more. */
static bool look_home(void *arg, const struct state_fact *fact)
{
	struct ownership *ownership = arg;
	struct wire_reader r;
	uint64_t count;

	if (fact->index >= ownership->before)
		return false;
	if (events_has(fact->content, STATE_ORGANISATION_SUCCESSOR))
		ownership->succeeded = true;
	if (!events_find(fact->content, STATE_ORGANISATION_PREDECESSORS, &r))
		return true;
	count = wire_get_array(&r);
	for (uint64_t i = 0; i < count && !r.failed; i++) {
		if (state_token_is(&ownership->owner, wire_get_text(&r)))
			ownership->is_own = true;
	}
	return true;
}

/* Whether the participant belonged to the organisation when a denied entry was made. */
static enum base_code is_own(const struct state_view *view, const struct state_ref *ref, struct base_slice organisation,
			     uint64_t before, bool *own, struct base_error *err)
{
	struct ownership ownership = {.before = before};
	struct base_buf reference = BASE_BUF_INIT, home = BASE_BUF_INIT;
	enum base_code code;

	*own = false;
	wire_put_bytes(&reference, base_slice(ref->reference, 32));
	wire_put_text(&home, organisation);
	code = state_record_walk(view, STATE_PARTICIPANT, ref->study, base_buf_slice(&reference), look_owner,
				 &ownership, err);
	if (code == BASE_OK && ownership.owner.len > 0) {
		ownership.is_own = state_token_is(&ownership.owner, organisation);
		code = state_record_walk(view, STATE_ORGANISATION, base_slice(NULL, 0), base_buf_slice(&home), look_home,
					 &ownership, err);
		*own = code == BASE_OK && ownership.is_own && !ownership.succeeded;
	}
	base_buf_free(&reference);
	base_buf_free(&home);
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* Copies into one piece: the array, then what it points to. */
static struct state_concern *copy_refs(const struct state_ref *refs, size_t count)
{
	size_t bytes = count * sizeof(struct state_concern);
	struct state_concern *out;
	uint8_t *tail;

	for (size_t i = 0; i < count; i++)
		bytes += refs[i].study.len + 32;
	out = base_alloc(bytes);
	tail = (uint8_t *)(out + count);
	for (size_t i = 0; i < count; i++) {
		memcpy(tail, refs[i].study.data, refs[i].study.len);
		out[i].study = base_slice(tail, refs[i].study.len);
		tail += refs[i].study.len;
		memcpy(tail, refs[i].reference, 32);
		out[i].reference = base_slice(tail, 32);
		tail += 32;
	}
	return out;
}

static enum base_code of_event(const struct state_view *view, const struct events_event *event, bool recorded,
			       uint64_t index, struct state_concern **out, size_t *count, struct base_error *err)
{
	struct state_pasts pasts = {0};
	struct state_past_source source = {view, &pasts, NULL};
	struct state_names names = {0};
	size_t kept = 0;
	enum base_code code;

	if ((code = state_names_collect(&names, &source, event, index, err)) != BASE_OK)
		goto out;
	for (size_t i = 0; i < names.ref_count; i++) {
		bool counts = recorded;

		if (!counts)
			code = is_own(view, &names.refs[i], state_actor_organisation(event->cose.issuer), index,
				      &counts, err);
		if (code != BASE_OK)
			goto out;
		if (counts)
			names.refs[kept++] = names.refs[i];
	}
	*out = copy_refs(names.refs, kept);
	*count = kept;
out:
	state_names_free(&names);
	state_pasts_free(&pasts);
	return code;
}

enum base_code state_concerns(const struct state_view *view, uint64_t index, struct state_concern **out, size_t *count,
			      struct base_error *err)
{
	struct events_event event;
	struct base_slice entry;
	struct base_buf copy = BASE_BUF_INIT; /* the view's bytes are valid until its next call only */
	bool recorded;
	enum base_code code;

	*out = NULL;
	*count = 0;
	if ((code = view->entry(view->arg, index, &entry, err)) != BASE_OK)
		return code;
	base_buf_append(&copy, entry);
	code = state_entry_split(&event, &recorded, base_buf_slice(&copy), err);
	if (code == BASE_OK)
		code = of_event(view, &event, recorded, index, out, count, err);
	base_buf_free(&copy);
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}
