/* What the two homes of the map and the verifier of its proofs share.
 * docs/formats/map.md is the rule; quotes of it stand where they are coded.
 */
#ifndef LEDGER_STATE_MAP_INTERNAL_H
#define LEDGER_STATE_MAP_INTERNAL_H

#include "ledger/state/state.h"

#define MAP_BITS 256u
#define MAP_TAG_LEAF 2
#define MAP_TAG_NODE 3

/* "Bit i of a key is bit 7 - i mod 8 of its byte i / 8; 0 is left." */
static inline unsigned map_bit(const struct base_hash *key, unsigned i)
{
	return (unsigned)key->bytes[i / 8] >> (7 - i % 8) & 1;
}

/* "leaf = SHA-256(02 || key || SHA-256(value))" */
static inline struct base_hash map_leaf_hash(const struct base_hash *key, const struct base_hash *value_hash)
{
	return base_sha256_tagged(MAP_TAG_LEAF, base_hash_slice(key), base_hash_slice(value_hash));
}

/* "node = SHA-256(03 || left || right)" */
static inline struct base_hash map_node_hash(const struct base_hash *left, const struct base_hash *right)
{
	return base_sha256_tagged(MAP_TAG_NODE, base_hash_slice(left), base_hash_slice(right));
}

/* First of writes[from..to) whose key has bit `depth` set; sorted, and alike in all bits before. */
static inline size_t map_split(const struct state_write *writes, size_t from, size_t to, unsigned depth)
{
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (map_bit(&writes[middle].key, depth) == 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Callers of update have sorted and merged the writes of a block: anything else is their mistake. */
static inline void map_assert_sorted(const struct state_write *writes, size_t count)
{
	for (size_t i = 1; i < count; i++)
		BASE_ASSERT(base_slice_compare(base_hash_slice(&writes[i - 1].key), base_hash_slice(&writes[i].key)) < 0);
}

/* ---- Proofs (proof_verify.c) ---------------------------------------------- */

/* "depth u16, bitmap of ceil(depth / 8) bytes, siblings, end" */
#define MAP_PROOF_BYTES_MAX (2 + MAP_BITS / 8 + MAP_BITS * BASE_HASH_BYTES + 1 + 2 * BASE_HASH_BYTES)
struct map_proof {
	unsigned depth;
	struct base_hash siblings[MAP_BITS]; /* zero where empty; [i] is beside the path's node of depth i + 1 */
	bool has_leaf;                       /* else the end is empty */
	struct base_hash leaf_key, leaf_value;
};
void map_proof_encode(struct base_buf *out, const struct map_proof *proof);
BASE_MUST_USE enum base_code map_proof_decode(struct map_proof *out, struct base_slice bytes, struct base_error *err);
/* The root that the proof leads to for key. */
struct base_hash map_proof_root(const struct map_proof *proof, const struct base_hash *key);

#endif
