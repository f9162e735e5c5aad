#include "ledger/state/memory_internal.h"

#include <stdlib.h>

struct state_memory {
	struct memory_map map;
	struct memory_side side;
	struct memory_postings postings;
	state_entry_fn entry;
	void *entry_arg;
};

struct state_memory *state_memory_open(void)
{
	return base_alloc(sizeof(struct state_memory));
}

void state_memory_close(struct state_memory *memory)
{
	if (memory == NULL)
		return;
	memory_map_free(&memory->map);
	memory_side_free(&memory->side);
	memory_postings_free(&memory->postings);
	free(memory);
}

struct base_hash state_memory_update(struct state_memory *memory, const struct state_write *writes, size_t count)
{
	memory_map_update(&memory->map, writes, count);
	return memory_map_root(&memory->map);
}

void state_memory_side(struct state_memory *memory, const struct state_side_write *writes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		memory_side_put(&memory->side, writes[i].key, writes[i].value);
}

void state_memory_postings(struct state_memory *memory, const struct store_posting *postings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		memory_postings_add(&memory->postings, postings[i].term, postings[i].value);
}

struct base_hash state_memory_apply(struct state_memory *memory, const struct state_changes *changes)
{
	state_memory_side(memory, changes->side, changes->side_count);
	state_memory_postings(memory, changes->postings, changes->posting_count);
	return state_memory_update(memory, changes->map, changes->map_count);
}

struct base_hash state_memory_root(const struct state_memory *memory)
{
	return memory_map_root(&memory->map);
}

/* ---- The view ----------------------------------------------------------- */

static enum base_code view_map_get(void *arg, const struct base_hash *key, struct base_slice *value, struct base_error *err)
{
	const struct state_memory *memory = arg;

	(void)err;
	return memory_map_get(&memory->map, key, value) ? BASE_OK : BASE_NOT_FOUND;
}

static enum base_code view_side_get(void *arg, struct base_slice key, struct base_slice *value, struct base_error *err)
{
	const struct state_memory *memory = arg;

	(void)err;
	return memory_side_get(&memory->side, key, value) ? BASE_OK : BASE_NOT_FOUND;
}

void state_memory_sides(const struct state_memory *memory, void (*visit)(void *arg, struct base_slice key, struct base_slice value),
			void *arg)
{
	for (size_t i = 0; i < memory->side.cap; i++) {
		const struct memory_pair *pair = &memory->side.pairs[i];

		if (pair->hash != 0)
			visit(arg, base_slice(pair->key, pair->key_len), base_slice(pair->value, pair->value_len));
	}
}

static enum base_code view_postings(void *arg, uint64_t term, const uint64_t **values, size_t *count, struct base_error *err)
{
	struct state_memory *memory = arg;

	(void)err;
	*count = memory_postings_find(&memory->postings, term, values);
	return BASE_OK;
}

static enum base_code view_entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	const struct state_memory *memory = arg;

	if (memory->entry == NULL)
		return base_fail(err, BASE_NOT_FOUND, "entry %llu is not at hand", (unsigned long long)index);
	return memory->entry(memory->entry_arg, index, bytes, err);
}

void state_memory_view(struct state_memory *memory, struct state_view *view, state_entry_fn entry, void *arg)
{
	memory->entry = entry;
	memory->entry_arg = arg;
	*view = (struct state_view){memory, view_map_get, view_side_get, view_postings, view_entry};
}
