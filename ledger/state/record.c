#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* docs/formats/state.md, "Records":
 *   record = [[1*64 fact], leaf : bstr .size 32]
 *   fact   = [leaf index : uint, entry time : uint, when, kind : uint, content : map] */

void state_fact_put(struct base_buf *out, const struct state_fact *fact)
{
	wire_put_array(out, 5);
	wire_put_uint(out, fact->index);
	wire_put_uint(out, fact->time.ms);
	events_when_put(out, &fact->when);
	wire_put_uint(out, fact->kind);
	base_buf_append(out, fact->content);
}

static void fact_get(struct state_fact *out, struct wire_reader *r)
{
	wire_expect_array(r, 5);
	out->index = wire_get_uint(r);
	out->time.ms = wire_get_uint(r);
	out->when = events_when_read(r);
	out->kind = wire_get_uint(r);
	if (!r->failed && wire_peek(r) != WIRE_MAP)
		wire_fail(r, "a fact's content is not a map");
	out->content = wire_get_raw(r);
}

/* list (may be NULL): the bytes of the facts, one after the other. */
static enum base_code decode(struct state_fact facts[STATE_FACTS_MAX], size_t *count, struct base_hash *leaf,
			     struct base_slice *list, struct base_slice value, struct base_error *err)
{
	struct wire_reader r;
	uint64_t wanted;
	size_t start;
	enum base_code code;

	*count = 0;
	if ((code = wire_check(value, err)) != BASE_OK)
		return base_wrap(err, code, "a record of state");
	wire_read(&r, value);
	wire_expect_array(&r, 2);
	wanted = wire_get_array(&r);
	if (!r.failed && (wanted == 0 || wanted > STATE_FACTS_MAX))
		wire_fail(&r, "a record holds 1 to 64 facts");
	start = r.at;
	while (!r.failed && *count < wanted)
		fact_get(&facts[(*count)++], &r);
	if (list != NULL)
		*list = base_slice(value.data + start, r.at - start);
	*leaf = wire_get_hash(&r);
	return wire_done(&r, "a record of state", err);
}

enum base_code state_record_decode(struct state_fact facts[STATE_FACTS_MAX], size_t *count, struct base_hash *leaf,
				   struct base_slice value, struct base_error *err)
{
	return decode(facts, count, leaf, NULL, value, err);
}

static enum base_code get_chunk(const struct state_view *view, enum state_table table, struct base_slice study,
				struct base_slice reference, uint64_t chunk, struct base_slice *value,
				struct base_error *err)
{
	struct base_hash key = state_map_key(table, study, reference, chunk);

	return view->map_get(view->arg, &key, value, err);
}

enum base_code state_record_walk(const struct state_view *view, enum state_table table, struct base_slice study,
				 struct base_slice reference_cbor, state_fact_fn visit, void *arg,
				 struct base_error *err)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_hash leaf;
	struct base_slice value;
	enum base_code code = BASE_OK;

	for (uint64_t chunk = 0; code == BASE_OK; chunk++) {
		size_t count;

		code = get_chunk(view, table, study, reference_cbor, chunk, &value, err);
		if (code == BASE_NOT_FOUND && chunk > 0)
			return BASE_OK;
		if (code != BASE_OK)
			return code;
		code = state_record_decode(facts, &count, &leaf, value, err);
		for (size_t i = 0; code == BASE_OK && i < count; i++) {
			if (!visit(arg, &facts[i]))
				return BASE_OK;
		}
	}
	return code == BASE_MALFORMED ? BASE_STORAGE : code;
}

/* ---- Loading -------------------------------------------------------------- */

bool state_record_exists(const struct state_record *record)
{
	return record->count > 0;
}

static struct state_record *record_make(enum state_table table, struct base_slice study, struct base_slice reference,
					const struct base_hash *key)
{
	const struct state_table_ops *ops = state_table_ops(table);
	struct state_record *record;
	uint8_t *tail;

	BASE_ASSERT(ops != NULL);
	record = base_alloc(ops->size + study.len + reference.len);
	tail = (uint8_t *)record + ops->size;
	if (study.len > 0)
		memcpy(tail, study.data, study.len);
	if (reference.len > 0)
		memcpy(tail + study.len, reference.data, reference.len);
	record->key = *key;
	record->table = table;
	record->study = base_slice(tail, study.len);
	record->reference = base_slice(tail + study.len, reference.len);
	if (ops->begin != NULL)
		ops->begin(record);
	return record;
}

void state_record_free(struct state_record *record)
{
	const struct state_table_ops *ops = state_table_ops(record->table);

	if (ops->close != NULL)
		ops->close(record);
	base_buf_free(&record->facts);
	free(record);
}

/* Reads chunk after chunk and folds their facts. */
static enum base_code record_load(const struct state_view *view, struct state_record *record, struct base_error *err)
{
	const struct state_table_ops *ops = state_table_ops(record->table);
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_slice value;
	enum base_code code;

	for (uint64_t chunk = 0;; chunk++) {
		size_t count;

		if (chunk == 0)
			code = view->map_get(view->arg, &record->key, &value, err);
		else
			code = get_chunk(view, record->table, record->study, record->reference, chunk, &value, err);
		if (code == BASE_NOT_FOUND)
			return BASE_OK;
		if (code != BASE_OK)
			return base_wrap(err, code, "read state");
		if (state_record_decode(facts, &count, &record->leaf, value, err) != BASE_OK)
			return base_wrap(err, BASE_STORAGE, "the database is damaged");
		for (size_t i = 0; i < count; i++) {
			if (!ops->fold(record, &facts[i]))
				return base_fail(err, BASE_STORAGE,
						 "the database is damaged: a fact of table %d is not what it must be",
						 (int)record->table);
		}
		record->chunk = chunk;
		record->count = count;
		/* A chunk that is not full is the last: saves the look-up of the next for most records. */
		if (count < STATE_FACTS_MAX)
			return BASE_OK;
	}
}

enum base_code state_record_open(struct state_exec *exec, enum state_table table, struct base_slice study,
				 struct base_slice reference_cbor, struct state_record **out, struct base_error *err)
{
	struct base_hash key = state_map_key(table, study, reference_cbor, 0);
	struct state_cache *cache = exec->cache;
	struct state_record *record;
	size_t cursor = 0;
	enum base_code code;

	while ((record = state_index_next(&cache->records, state_index_hash(&key), &cursor)) != NULL) {
		if (base_hash_equal(&record->key, &key)) {
			*out = record;
			return BASE_OK;
		}
	}
	record = record_make(table, study, reference_cbor, &key);
	code = record_load(exec->view, record, err);
	if (code != BASE_OK) {
		state_record_free(record);
		return code;
	}
	state_index_add(&cache->records, state_index_hash(&key), record);
	cache->bytes +=
		state_table_ops(table)->size + study.len + reference_cbor.len + 2 * sizeof(struct state_index_slot);
	*out = record;
	return BASE_OK;
}

/* ---- Adding --------------------------------------------------------------- */

enum base_code state_record_prepare(struct state_exec *exec, struct state_record *record, struct base_error *err)
{
	struct state_fact facts[STATE_FACTS_MAX];
	struct base_slice value, list;
	size_t count;
	enum base_code code;

	if (record->has_facts || record->count == 0)
		return BASE_OK;
	code = get_chunk(exec->view, record->table, record->study, record->reference, record->chunk, &value, err);
	if (code != BASE_OK)
		return base_wrap(err, code, "read state");
	if (decode(facts, &count, &record->leaf, &list, value, err) != BASE_OK || count != record->count)
		return base_fail(err, BASE_STORAGE,
				 "the database is damaged: a record of table %d changed while it was read",
				 (int)record->table);
	base_buf_append(&record->facts, list);
	exec->cache->bytes += record->facts.cap;
	record->has_facts = true;
	return BASE_OK;
}

void state_record_value(struct base_buf *out, const struct state_record *record)
{
	wire_put_array(out, 2);
	wire_put_array(out, record->count);
	base_buf_append(out, base_buf_slice(&record->facts));
	wire_put_hash(out, &record->leaf);
}

struct state_done *state_done_begin(struct state_exec *exec, const struct state_record *record)
{
	struct base_hash key = record->key;

	if (record->chunk > 0)
		key = state_map_key(record->table, record->study, record->reference, record->chunk);
	exec->done = state_grow(exec->done, &exec->done_cap, exec->done_count, sizeof(*exec->done));
	exec->done[exec->done_count] = (struct state_done){key, exec->values.len, 0};
	return &exec->done[exec->done_count++];
}

/* A full chunk that was changed in this block is written as it is; the next begins. */
static void chunk_next(struct state_exec *exec, struct state_record *record)
{
	if (record->dirty) {
		struct state_done *done = state_done_begin(exec, record);

		state_record_value(&exec->values, record);
		done->len = exec->values.len - done->at;
	}
	record->chunk++;
	record->count = 0;
	record->facts.len = 0;
}

void state_record_add(struct state_exec *exec, struct state_record *record, const struct state_fact *fact,
		      const struct base_hash *leaf)
{
	size_t before = record->facts.cap;

	BASE_ASSERT(record->has_facts || record->count == 0);
	if (record->count == STATE_FACTS_MAX)
		chunk_next(exec, record);
	if (!record->dirty) {
		record->dirty = true;
		exec->dirty =
			state_grow(exec->dirty, &exec->dirty_cap, exec->dirty_count, sizeof(struct state_record *));
		exec->dirty[exec->dirty_count++] = record;
	}
	state_fact_put(&record->facts, fact);
	record->count++;
	record->has_facts = true;
	record->leaf = *leaf;
	exec->cache->bytes += record->facts.cap - before;
	/* Judging made the content; what it cannot be folded from is a mistake of ours. */
	BASE_ASSERT(state_table_ops(record->table)->fold(record, fact));
}
