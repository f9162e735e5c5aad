#include "ledger/state/memory_internal.h"

#include <stdlib.h>
#include <string.h>

static const struct base_hash empty;

static uint32_t cap_grown(uint32_t cap)
{
	BASE_ASSERT(cap < MEMORY_LEAF / 2);
	return cap == 0 ? 1024 : cap * 2;
}

static uint32_t inner_new(struct memory_map *map)
{
	if (map->inner_count == map->inner_cap) {
		map->inner_cap = cap_grown(map->inner_cap);
		map->inners = base_realloc(map->inners, map->inner_cap * sizeof(*map->inners));
	}
	map->inners[map->inner_count] = (struct memory_inner){.child = {0, 0}};
	return ++map->inner_count;
}

static uint32_t leaf_new(struct memory_map *map, const struct base_hash *key)
{
	if (map->leaf_count == map->leaf_cap) {
		map->leaf_cap = cap_grown(map->leaf_cap);
		map->leaves = base_realloc(map->leaves, map->leaf_cap * sizeof(*map->leaves));
	}
	map->leaves[map->leaf_count] = (struct memory_leaf){.key = *key};
	return ++map->leaf_count | MEMORY_LEAF;
}

static struct memory_leaf *leaf_of(const struct memory_map *map, uint32_t node)
{
	return &map->leaves[(node & ~MEMORY_LEAF) - 1];
}

static const struct base_hash *hash_of(const struct memory_map *map, uint32_t node)
{
	if (node == 0)
		return &empty;
	return node & MEMORY_LEAF ? &leaf_of(map, node)->hash : &map->inners[node - 1].hash;
}

static void leaf_set(struct memory_leaf *leaf, struct base_slice value)
{
	struct base_hash value_hash = base_sha256_of(value);

	BASE_ASSERT(value.len <= UINT32_MAX / 2);
	if (value.len > leaf->cap || leaf->value == NULL) {
		/* Records grow by a fact at a time, heads not at all: a little room spares most copies. */
		leaf->cap = (uint32_t)(value.len + (leaf->value == NULL ? 0 : value.len / 2) + 8);
		leaf->value = base_realloc(leaf->value, leaf->cap);
	}
	if (value.len > 0)
		memcpy(leaf->value, value.data, value.len);
	leaf->len = (uint32_t)value.len;
	leaf->hash = map_leaf_hash(&leaf->key, &value_hash);
}

/* A map is larger than a processor's caches: what comes next is fetched while something else is done. */
static void fetch(const struct memory_map *map, uint32_t node)
{
	if (node & MEMORY_LEAF)
		__builtin_prefetch(leaf_of(map, node));
	else if (node != 0)
		__builtin_prefetch(&map->inners[node - 1]);
}

/* As in map.c, in place: each node on a changed path is hashed once, after its children. */
static uint32_t subtree_update(struct memory_map *map, uint32_t node, unsigned depth, size_t from, size_t to)
{
	uint32_t left, right;
	size_t middle;

	if (from == to)
		return node;
	if (node == 0 && to - from == 1)
		node = leaf_new(map, &map->writes[from].key);
	if (node & MEMORY_LEAF) {
		uint32_t inner;
		const struct base_hash *key = &leaf_of(map, node)->key;
		unsigned side;

		if (to - from == 1 && base_hash_equal(key, &map->writes[from].key)) {
			leaf_set(leaf_of(map, node), map->writes[from].value);
			return node;
		}
		/* Different keys differ in one of their bits. */
		BASE_ASSERT(depth < MAP_BITS);
		side = map_bit(key, depth);
		inner = inner_new(map);
		map->inners[inner - 1].child[side] = node;
		node = inner;
	} else if (node == 0) {
		node = inner_new(map);
	}
	fetch(map, map->inners[node - 1].child[0]);
	fetch(map, map->inners[node - 1].child[1]);
	middle = map_split(map->writes, from, to, depth);
	/* New nodes may move the arrays: no pointer into them lives across these calls. */
	left = subtree_update(map, map->inners[node - 1].child[0], depth + 1, from, middle);
	right = subtree_update(map, map->inners[node - 1].child[1], depth + 1, middle, to);
	map->inners[node - 1].child[0] = left;
	map->inners[node - 1].child[1] = right;
	map->inners[node - 1].hash = map_node_hash(hash_of(map, left), hash_of(map, right));
	return node;
}

void memory_map_update(struct memory_map *map, const struct state_write *writes, size_t count)
{
	map_assert_sorted(writes, count);
	map->writes = writes;
	map->root = subtree_update(map, map->root, 0, 0, count);
	map->writes = NULL;
}

struct base_hash memory_map_root(const struct memory_map *map)
{
	return *hash_of(map, map->root);
}

bool memory_map_get(const struct memory_map *map, const struct base_hash *key, struct base_slice *value)
{
	uint32_t node = map->root;

	for (unsigned depth = 0; node != 0 && !(node & MEMORY_LEAF); depth++)
		node = map->inners[node - 1].child[map_bit(key, depth)];
	if (node == 0 || !base_hash_equal(&leaf_of(map, node)->key, key))
		return false;
	*value = base_slice(leaf_of(map, node)->value, leaf_of(map, node)->len);
	return true;
}

void memory_map_free(struct memory_map *map)
{
	for (uint32_t i = 0; i < map->leaf_count; i++)
		free(map->leaves[i].value);
	free(map->inners);
	free(map->leaves);
}
