#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

bool state_kind_brings(const struct events_kind *kind)
{
	return kind->id == EVENTS_DATA_SUBMIT || kind->id == EVENTS_DATA_DERIVE || kind->id == EVENTS_DATA_CORRECT;
}

/* ---- From an event ---------------------------------------------------------- */

struct refs {
	struct state_past_ref *refs; /* NULL: only count */
	size_t count;
};

static bool add_item(void *arg, size_t index, const struct events_item *item)
{
	struct refs *refs = arg;
	struct state_past_ref *ref = &refs->refs[index];

	if (item->participant.len == sizeof(ref->reference)) {
		ref->has = true;
		memcpy(ref->reference, item->participant.data, sizeof(ref->reference));
	}
	refs->count = index + 1;
	return true;
}

static bool add_reference(void *arg, const struct events_value *value)
{
	struct refs *refs = arg;
	struct wire_reader r;
	struct base_hash reference;

	if (value->type != EVENTS_REFERENCE)
		return true;
	if (refs->refs != NULL) {
		wire_read(&r, value->raw);
		reference = wire_get_hash(&r);
		refs->refs[refs->count].has = true;
		memcpy(refs->refs[refs->count].reference, reference.bytes, sizeof(reference.bytes));
	}
	refs->count++;
	return true;
}

static size_t count_refs(const struct events_event *event)
{
	struct refs refs = {NULL, 0};

	if (state_kind_brings(event->envelope.kind))
		return events_item_count(event);
	events_values(event->envelope.kind, event->envelope.body, add_reference, &refs);
	return refs.count;
}

/* piece: zeroed, past_bytes long. */
static size_t past_bytes(const struct events_event *event, size_t refs)
{
	return sizeof(struct state_past) + refs * sizeof(struct state_past_ref) + event->cose.subject.len +
	       event->cose.issuer.len;
}

static struct state_past *past_fill(void *piece, const struct events_event *event, size_t count, uint64_t index,
				    struct base_time time, bool recorded)
{
	struct state_past *past = piece;
	uint8_t *tail;

	past->id = event->id;
	past->index = index;
	past->time = time;
	past->recorded = recorded;
	BASE_ASSERT(event->cose.kid.len == sizeof(past->kid.bytes)); /* decoded before */
	memcpy(past->kid.bytes, event->cose.kid.data, sizeof(past->kid.bytes));
	past->kind = event->envelope.kind;
	past->brings = state_kind_brings(past->kind);
	past->count = count;
	past->refs = (struct state_past_ref *)(past + 1);
	if (count > 0) {
		struct refs refs = {past->refs, 0};

		if (past->brings)
			events_items(event, add_item, &refs);
		else
			events_values(past->kind, event->envelope.body, add_reference, &refs);
	}
	tail = (uint8_t *)(past->refs + count);
	memcpy(tail, event->cose.issuer.data, event->cose.issuer.len);
	past->issuer = base_slice(tail, event->cose.issuer.len);
	past->organisation = state_actor_organisation(past->issuer);
	tail += past->issuer.len;
	if (past->kind->needs_study) {
		memcpy(tail, event->cose.subject.data, event->cose.subject.len);
		past->study = base_slice(tail, event->cose.subject.len);
	}
	return past;
}

struct state_past *state_past_make(struct state_arena *arena, const struct events_event *event, uint64_t index,
				   struct base_time time, bool recorded)
{
	size_t count = count_refs(event);

	return past_fill(state_arena_take(arena, past_bytes(event, count)), event, count, index, time,
			 recorded);
}

/* ---- From an entry ---------------------------------------------------------- */

/* [1, height, time, event, outcome] */
enum base_code state_entry_split(struct events_event *event, bool *recorded, struct base_slice entry,
				 struct base_error *err)
{
	struct wire_reader r;
	struct base_slice outcome, kind;
	uint64_t type, verdict;
	struct base_buf message = BASE_BUF_INIT;
	enum base_code code;

	memset(event, 0, sizeof(*event));
	wire_read(&r, entry);
	(void)wire_get_array(&r);
	type = wire_get_uint(&r);
	if (!r.failed && type != 1)
		return BASE_NOT_FOUND;
	(void)wire_get_uint(&r);
	(void)wire_get_uint(&r);
	event->bytes = wire_get_bytes(&r);
	outcome = wire_get_raw(&r);
	if ((code = wire_done(&r, "the entry of an event", err)) != BASE_OK)
		return code;
	if ((code = wire_sign1_decode(&event->cose, event->bytes, err)) != BASE_OK)
		return code;
	if (!state_content_uint(outcome, 1, &verdict) || !state_content_text(event->cose.payload, 2, &kind) ||
	    (event->envelope.kind = events_kind_by_name(kind)) == NULL ||
	    !state_content_raw(event->cose.payload, 11, &event->envelope.body))
		return base_fail(err, BASE_MALFORMED, "the entry of an event is not what it must be");
	wire_sig_structure(&message, event->cose.protected_bytes, base_slice(NULL, 0), event->cose.payload);
	event->id = base_sha256_of(base_buf_slice(&message));
	base_buf_free(&message);
	*recorded = verdict != STATE_DENY;
	return BASE_OK;
}

static struct base_time entry_time(struct base_slice entry)
{
	struct wire_reader r;

	wire_read(&r, entry);
	(void)wire_get_array(&r);
	(void)wire_get_uint(&r);
	(void)wire_get_uint(&r);
	return (struct base_time){wire_get_uint(&r)};
}

static struct state_past *cached(const struct state_index *index, const struct base_hash *id)
{
	struct state_past *past;
	size_t cursor = 0;

	while ((past = state_index_next(index, state_index_hash(id), &cursor)) != NULL) {
		if (base_hash_equal(&past->id, id))
			return past;
	}
	return NULL;
}

static enum base_code from_view(const struct state_past_source *source, const struct base_hash *id,
				const struct state_past **out, struct base_error *err)
{
	const struct state_view *view = source->view;
	const uint64_t *indices;
	size_t count;
	enum base_code code;

	if ((code = view->postings(view->arg, state_term_event(id), &indices, &count, err)) != BASE_OK)
		return base_wrap(err, code, "find an event");
	for (size_t i = 0; i < count; i++) {
		uint64_t index = indices[i];
		struct events_event event;
		struct base_slice entry;
		struct state_past *past;
		size_t refs, bytes;
		bool recorded = false;

		if ((code = view->entry(view->arg, index, &entry, err)) != BASE_OK)
			return base_wrap(err, code, "read entry %llu", (unsigned long long)index);
		code = state_entry_split(&event, &recorded, entry, err);
		if (code == BASE_MALFORMED)
			return base_wrap(err, BASE_STORAGE, "entry %llu is damaged", (unsigned long long)index);
		if (code != BASE_OK || !base_hash_equal(&event.id, id))
			continue; /* another thing of the same term */
		refs = count_refs(&event);
		bytes = past_bytes(&event, refs);
		past = past_fill(base_alloc(bytes), &event, refs, index, entry_time(entry), recorded);
		state_index_add(&source->pasts->index, state_index_hash(id), past);
		source->pasts->bytes += bytes;
		*out = past;
		return BASE_OK;
	}
	return BASE_NOT_FOUND;
}

enum base_code state_past_find(const struct state_past_source *source, const struct base_hash *id, uint64_t before,
			       const struct state_past **out, struct base_error *err)
{
	enum base_code code = BASE_OK;

	*out = source->block == NULL ? NULL : cached(source->block, id);
	if (*out == NULL)
		*out = cached(&source->pasts->index, id);
	if (*out == NULL)
		code = from_view(source, id, out, err);
	if (code == BASE_OK && (*out == NULL || (*out)->index >= before))
		code = BASE_NOT_FOUND;
	if (code != BASE_OK)
		*out = NULL;
	return code;
}

void state_pasts_free(struct state_pasts *pasts)
{
	for (size_t i = 0; i < pasts->index.cap; i++)
		free(pasts->index.slots[i].object);
	state_index_free(&pasts->index);
	pasts->bytes = 0;
}
