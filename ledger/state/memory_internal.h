/* The three parts of state in memory, each of which knows nothing of the others. */
#ifndef LEDGER_STATE_MEMORY_INTERNAL_H
#define LEDGER_STATE_MEMORY_INTERNAL_H

#include "ledger/state/map_internal.h"

/* ---- The map (memory_map.c) --------------------------------------------- */

/* Which node: 0 none, else index + 1, with this bit for a leaf. */
#define MEMORY_LEAF (UINT32_C(1) << 31)
struct memory_inner {
	struct base_hash hash;
	uint32_t child[2];
};
struct memory_leaf {
	struct base_hash key, hash;
	uint8_t *value; /* owned */
	uint32_t len, cap;
};
struct memory_map {
	struct memory_inner *inners;
	struct memory_leaf *leaves;
	uint32_t inner_count, inner_cap, leaf_count, leaf_cap;
	uint32_t root;
	const struct state_write *writes; /* of the update under way */
};
void memory_map_update(struct memory_map *map, const struct state_write *writes, size_t count);
struct base_hash memory_map_root(const struct memory_map *map);
bool memory_map_get(const struct memory_map *map, const struct base_hash *key, struct base_slice *value);
void memory_map_free(struct memory_map *map);

/* ---- State outside the map (memory_side.c) ------------------------------ */

struct memory_pair {
	uint64_t hash; /* of the key; 0: free */
	uint8_t *key, *value; /* owned */
	size_t key_len, value_len, value_cap;
};
struct memory_side {
	struct memory_pair *pairs; /* open addressing; cap is a power of two */
	size_t count, cap;
};
void memory_side_put(struct memory_side *side, struct base_slice key, struct base_slice value);
bool memory_side_get(const struct memory_side *side, struct base_slice key, struct base_slice *value);
void memory_side_free(struct memory_side *side);

/* ---- Postings (memory_postings.c) --------------------------------------- */

/* Most terms have one value, which lies in the table itself; more of them hang on it in a list. */
struct memory_term {
	uint64_t term, value; /* value UINT64_MAX: free */
	uint32_t first, last; /* of the list: index + 1 into more */
};
struct memory_more {
	uint64_t value;
	uint32_t next;
};
struct memory_postings {
	struct memory_term *terms; /* open addressing; cap is a power of two */
	size_t count, cap;
	struct memory_more *more;
	uint32_t more_count, more_cap;
	uint64_t *found; /* what the last look-up gave out */
	size_t found_cap;
};
void memory_postings_add(struct memory_postings *postings, uint64_t term, uint64_t value);
size_t memory_postings_find(struct memory_postings *postings, uint64_t term, const uint64_t **values);
void memory_postings_free(struct memory_postings *postings);

#endif
