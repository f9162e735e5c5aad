/* The map as its definition reads: every version whole, every root by recursion. */
#ifndef TESTS_STATE_MAP_NAIVE_H
#define TESTS_STATE_MAP_NAIVE_H

#include "ledger/state/state.h"
#include "tests/store/store_support.h"

struct naive_pair {
	struct base_hash key;
	uint64_t height; /* since which it has this value */
	struct base_buf value;
};
/* One version: sorted by key, unique. */
struct naive_map {
	struct naive_pair *pairs;
	size_t count, cap;
};

static inline int naive_bit(const struct base_hash *key, size_t i)
{
	return key->bytes[i / 8] >> (7 - i % 8) & 1;
}

static inline struct base_hash naive_leaf(const struct naive_pair *pair)
{
	uint8_t bytes[65] = {2};
	struct base_hash value_hash = base_sha256_of(base_buf_slice(&pair->value));

	memcpy(bytes + 1, pair->key.bytes, 32);
	memcpy(bytes + 33, value_hash.bytes, 32);
	return base_sha256_of(base_slice(bytes, sizeof(bytes)));
}

static inline struct base_hash naive_root(const struct naive_pair *pairs, size_t count, size_t depth)
{
	uint8_t bytes[65] = {3};
	struct base_hash left, right;
	size_t zeros = 0;

	if (count == 0)
		return (struct base_hash){{0}};
	if (count == 1)
		return naive_leaf(&pairs[0]);
	while (zeros < count && naive_bit(&pairs[zeros].key, depth) == 0)
		zeros++;
	left = naive_root(pairs, zeros, depth + 1);
	right = naive_root(pairs + zeros, count - zeros, depth + 1);
	memcpy(bytes + 1, left.bytes, 32);
	memcpy(bytes + 33, right.bytes, 32);
	return base_sha256_of(base_slice(bytes, sizeof(bytes)));
}

static inline struct naive_pair *naive_find(const struct naive_map *map, const struct base_hash *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (base_hash_equal(&map->pairs[i].key, key))
			return &map->pairs[i];
	return NULL;
}

static inline int naive_order(const void *a, const void *b)
{
	return memcmp(a, b, 32); /* the key comes first in both structs */
}

static inline void naive_write(struct naive_map *map, const struct state_write *write, uint64_t height)
{
	struct naive_pair *pair = naive_find(map, &write->key);

	if (pair == NULL) {
		if (map->count == map->cap) {
			map->cap = map->cap == 0 ? 64 : map->cap * 2;
			map->pairs = base_realloc(map->pairs, map->cap * sizeof(*map->pairs));
		}
		pair = &map->pairs[map->count++];
		*pair = (struct naive_pair){.key = write->key, .value = BASE_BUF_INIT};
	}
	pair->height = height;
	pair->value.len = 0;
	base_buf_append(&pair->value, write->value);
	qsort(map->pairs, map->count, sizeof(*map->pairs), naive_order);
}

static inline struct naive_map naive_copy(const struct naive_map *map)
{
	struct naive_map copy = {base_alloc(map->count * sizeof(*map->pairs) + 1), map->count, map->count};

	for (size_t i = 0; i < map->count; i++) {
		copy.pairs[i] = (struct naive_pair){map->pairs[i].key, map->pairs[i].height, BASE_BUF_INIT};
		base_buf_append(&copy.pairs[i].value, base_buf_slice(&map->pairs[i].value));
	}
	return copy;
}

static inline void naive_free(struct naive_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		base_buf_free(&map->pairs[i].value);
	free(map->pairs);
}

/* ---- Random writes ------------------------------------------------------ */

/* Keys of three kinds: any; alike in all but a few last bits; alike but for one bit somewhere. So that the tree gets deep. */
static inline struct base_hash naive_key(uint64_t *seed, size_t universe)
{
	uint64_t pick = random_next(seed) % universe;
	struct base_hash key = {{0}};

	if (pick % 3 == 0) {
		uint8_t bytes[8];

		base_put_u64be(bytes, pick);
		return base_sha256_of(base_slice(bytes, sizeof(bytes)));
	}
	if (pick % 3 == 1)
		key.bytes[31] = (uint8_t)pick;
	else
		key.bytes[pick / 3 % 32] = (uint8_t)(1u << pick % 8);
	return key;
}

struct naive_block {
	struct state_write writes[300];
	uint8_t values[300][90];
	size_t count;
};

static inline void naive_block_make(struct naive_block *block, uint64_t *seed, size_t wanted, size_t universe)
{
	size_t kept = 0;

	for (size_t i = 0; i < wanted; i++) {
		size_t len = random_next(seed) % 90;

		for (size_t k = 0; k < len; k++)
			block->values[i][k] = (uint8_t)random_next(seed);
		block->writes[i] = (struct state_write){naive_key(seed, universe), base_slice(block->values[i], len)};
	}
	qsort(block->writes, wanted, sizeof(block->writes[0]), naive_order);
	for (size_t i = 0; i < wanted; i++)
		if (kept == 0 || naive_order(&block->writes[kept - 1], &block->writes[i]) != 0)
			block->writes[kept++] = block->writes[i];
	block->count = kept;
}

#define ASSERT_HASH_EQ(a, b) ck_assert_mem_eq((a).bytes, (b).bytes, 32)

#endif
