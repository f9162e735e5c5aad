#include "ledger/state/map_internal.h"

#include <string.h>

static const struct base_hash empty;

void map_proof_encode(struct base_buf *out, const struct map_proof *proof)
{
	uint8_t head[2 + MAP_BITS / 8] = {0};

	base_put_u16be(head, (uint16_t)proof->depth);
	for (unsigned i = 0; i < proof->depth; i++)
		if (!base_hash_equal(&proof->siblings[i], &empty))
			head[2 + i / 8] = (uint8_t)(head[2 + i / 8] | 0x80u >> i % 8);
	base_buf_append(out, base_slice(head, 2 + (proof->depth + 7) / 8));
	for (unsigned i = 0; i < proof->depth; i++)
		if (!base_hash_equal(&proof->siblings[i], &empty))
			base_buf_append(out, base_hash_slice(&proof->siblings[i]));
	base_buf_byte(out, proof->has_leaf ? 1 : 0);
	if (proof->has_leaf) {
		base_buf_append(out, base_hash_slice(&proof->leaf_key));
		base_buf_append(out, base_hash_slice(&proof->leaf_value));
	}
}

static bool take(struct base_slice *from, uint8_t *out, size_t len)
{
	if (from->len < len)
		return false;
	memcpy(out, from->data, len);
	*from = base_slice(from->data + len, from->len - len);
	return true;
}

enum base_code map_proof_decode(struct map_proof *out, struct base_slice bytes, struct base_error *err)
{
	uint8_t depth[2], bitmap[MAP_BITS / 8] = {0}, end;
	unsigned stray;

	memset(out, 0, sizeof(*out));
	if (bytes.len > MAP_PROOF_BYTES_MAX)
		return base_fail(err, BASE_LIMIT, "map proof: %zu bytes are more than the %u of the longest", bytes.len,
				 MAP_PROOF_BYTES_MAX);
	if (!take(&bytes, depth, sizeof(depth)))
		return base_fail(err, BASE_MALFORMED, "map proof: shorter than its depth");
	out->depth = base_get_u16be(depth);
	if (out->depth > MAP_BITS)
		return base_fail(err, BASE_MALFORMED, "map proof: depth %u is more than %u", out->depth, MAP_BITS);
	if (!take(&bytes, bitmap, (out->depth + 7) / 8))
		return base_fail(err, BASE_MALFORMED, "map proof: ends within its bitmap");
	stray = out->depth % 8 == 0 ? 0 : bitmap[out->depth / 8] & 0xffu >> out->depth % 8;
	if (stray != 0)
		return base_fail(err, BASE_MALFORMED, "map proof: bits beyond its depth are set in its bitmap");
	/* Two subtrees of which one is empty and the other one leaf, or both empty, would have been one. */
	if (out->depth > 0 && (bitmap[(out->depth - 1) / 8] >> (7 - (out->depth - 1) % 8) & 1) == 0)
		return base_fail(err, BASE_MALFORMED, "map proof: its deepest sibling is empty, so that it would end higher up");
	for (unsigned i = 0; i < out->depth; i++) {
		if ((bitmap[i / 8] >> (7 - i % 8) & 1) == 0)
			continue;
		if (!take(&bytes, out->siblings[i].bytes, BASE_HASH_BYTES))
			return base_fail(err, BASE_MALFORMED, "map proof: ends within its siblings");
		if (base_hash_equal(&out->siblings[i], &empty))
			return base_fail(err, BASE_MALFORMED, "map proof: an empty sibling is written out");
	}
	if (!take(&bytes, &end, 1) || end > 1)
		return base_fail(err, BASE_MALFORMED, "map proof: no end of a known kind");
	out->has_leaf = end == 1;
	if (out->has_leaf && (!take(&bytes, out->leaf_key.bytes, BASE_HASH_BYTES) ||
			      !take(&bytes, out->leaf_value.bytes, BASE_HASH_BYTES)))
		return base_fail(err, BASE_MALFORMED, "map proof: ends within its leaf");
	if (bytes.len > 0)
		return base_fail(err, BASE_MALFORMED, "map proof: %zu bytes follow its end", bytes.len);
	return BASE_OK;
}

struct base_hash map_proof_root(const struct map_proof *proof, const struct base_hash *key)
{
	struct base_hash hash = proof->has_leaf ? map_leaf_hash(&proof->leaf_key, &proof->leaf_value) : empty;

	for (unsigned i = proof->depth; i-- > 0;)
		hash = map_bit(key, i) == 0 ? map_node_hash(&hash, &proof->siblings[i])
					    : map_node_hash(&proof->siblings[i], &hash);
	return hash;
}

/* The leaf of another key proves absence only if it is where this key would be. */
static bool prefix_shared(const struct base_hash *a, const struct base_hash *b, unsigned bits)
{
	for (unsigned i = 0; i < bits; i++)
		if (map_bit(a, i) != map_bit(b, i))
			return false;
	return true;
}

enum base_code state_proof_verify(struct base_slice bytes, const struct base_hash *root, const struct base_hash *key,
				  struct base_slice value, struct base_error *err)
{
	struct map_proof proof;
	struct base_hash computed;
	enum base_code code;
	bool presence = value.data != NULL;
	bool same;

	if ((code = map_proof_decode(&proof, bytes, err)) != BASE_OK)
		return code;
	same = proof.has_leaf && base_hash_equal(&proof.leaf_key, key);
	if (presence && !same)
		return base_fail(err, BASE_MISMATCH, "map proof: it shows that the key is absent, not present");
	if (!presence && same)
		return base_fail(err, BASE_MISMATCH, "map proof: it shows that the key is present, not absent");
	if (presence) {
		computed = base_sha256_of(value);
		if (!base_hash_equal(&computed, &proof.leaf_value))
			return base_fail(err, BASE_MISMATCH, "map proof: the key has another value");
	} else if (proof.has_leaf && !prefix_shared(&proof.leaf_key, key, proof.depth)) {
		return base_fail(err, BASE_MISMATCH, "map proof: its leaf lies elsewhere, which says nothing about the key");
	}
	computed = map_proof_root(&proof, key);
	if (!base_hash_equal(&computed, root))
		return base_fail(err, BASE_MISMATCH, "map proof: it leads to another root");
	return BASE_OK;
}
