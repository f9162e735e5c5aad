#include "contracts/arena.h"

#include <stdlib.h>

#define CHUNK_BYTES ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t size, used;
	max_align_t data[];
};

struct contracts_arena {
	struct chunk *chunks; /* the newest first */
	size_t left;
};

struct contracts_arena *contracts_arena_open(size_t bytes_max)
{
	struct contracts_arena *arena = calloc(1, sizeof(*arena));

	if (arena != NULL)
		arena->left = bytes_max;
	return arena;
}

void contracts_arena_close(struct contracts_arena *arena)
{
	struct chunk *next;

	if (arena == NULL)
		return;
	for (struct chunk *chunk = arena->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(arena);
}

void *arena_take(struct contracts_arena *arena, size_t count, size_t size)
{
	struct chunk *chunk = arena->chunks;
	size_t bytes;
	void *out;

	if (size != 0 && count > (SIZE_MAX / 2) / size)
		return NULL;
	bytes = (count * size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (chunk == NULL || chunk->size - chunk->used < bytes) {
		size_t room = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;

		/* Near the limit a chunk is as large as what is asked for. */
		if (room > arena->left)
			room = bytes;
		if (room > arena->left || (chunk = calloc(1, sizeof(*chunk) + room)) == NULL)
			return NULL;
		arena->left -= room;
		chunk->size = room;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	out = (uint8_t *)chunk->data + chunk->used;
	chunk->used += bytes;
	return out;
}
