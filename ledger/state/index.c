#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* Open addressing with linear probing, at most half full; nothing is ever removed. What it holds never
 * decides an order: callers sort. */

static void put(struct state_index *index, uint64_t hash, void *object)
{
	size_t at = (size_t)hash & (index->cap - 1);

	while (index->slots[at].object != NULL)
		at = (at + 1) & (index->cap - 1);
	index->slots[at] = (struct state_index_slot){hash, object};
}

static void enlarge(struct state_index *index)
{
	struct state_index old = *index;

	index->cap = old.cap == 0 ? 64 : old.cap * 2;
	index->slots = base_alloc(index->cap * sizeof(*index->slots));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slots[i].object != NULL)
			put(index, old.slots[i].hash, old.slots[i].object);
	}
	free(old.slots);
}

void state_index_add(struct state_index *index, uint64_t hash, void *object)
{
	if (index->count * 2 >= index->cap)
		enlarge(index);
	put(index, hash, object);
	index->count++;
}

void *state_index_next(const struct state_index *index, uint64_t hash, size_t *cursor)
{
	if (index->cap == 0)
		return NULL;
	for (size_t step = *cursor;; step++) {
		const struct state_index_slot *slot = &index->slots[((size_t)hash + step) & (index->cap - 1)];

		if (slot->object == NULL)
			return NULL;
		if (slot->hash == hash) {
			*cursor = step + 1;
			return slot->object;
		}
	}
}

void state_index_free(struct state_index *index)
{
	free(index->slots);
	*index = (struct state_index){NULL, 0, 0};
}

uint64_t state_index_hash(const struct base_hash *hash)
{
	return base_get_u64be(hash->bytes);
}

#define ARENA_BLOCK_BYTES 65536
struct state_arena_block {
	struct state_arena_block *next;
	size_t used, cap;
	_Alignas(max_align_t) uint8_t bytes[];
};

void *state_arena_take(struct state_arena *arena, size_t bytes)
{
	struct state_arena_block *block = arena->block;
	size_t rounded = (bytes + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	void *taken;

	if (block == NULL || block->cap - block->used < rounded) {
		size_t cap = rounded > ARENA_BLOCK_BYTES ? rounded : ARENA_BLOCK_BYTES;

		block = base_realloc(NULL, sizeof(*block) + cap);
		*block = (struct state_arena_block){.next = arena->block, .used = 0, .cap = cap};
		arena->block = block;
	}
	taken = block->bytes + block->used;
	block->used += rounded;
	memset(taken, 0, rounded);
	return taken;
}

void state_arena_free(struct state_arena *arena)
{
	while (arena->block != NULL) {
		struct state_arena_block *next = arena->block->next;

		free(arena->block);
		arena->block = next;
	}
}

void *state_grow(void *array, size_t *cap, size_t count, size_t size)
{
	if (count < *cap)
		return array;
	*cap = *cap == 0 ? 16 : *cap * 2;
	return base_realloc(array, *cap * size);
}
