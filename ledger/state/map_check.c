#include "ledger/state/map_rows.h"

/* Whether a stored row is what its root's hash says: every node that it brings, to the last byte, and that each older
 * node which it points at is the one whose hash it names. What those point at in turn, their own rows' checks have seen. */

struct check {
	struct map_reader reader;
	uint64_t height;
	uint64_t bytes; /* of the row, accounted for */
	struct base_error *err;
};

static enum base_code differs(struct check *c, const struct map_node *node)
{
	return base_fail(c->err, BASE_MISMATCH, "the node at height %llu, offset %llu is not the one that its hash names",
			 (unsigned long long)(node->ref >> MAP_OFFSET_BITS), (unsigned long long)(node->ref & (MAP_ROW_BYTES_MAX - 1)));
}

static enum base_code check_node(struct check *c, const struct map_node *node, unsigned depth)
{
	bool fresh = node->ref >> MAP_OFFSET_BITS == c->height;
	struct map_node children[2];
	struct map_leaf leaf;
	struct base_hash hash;
	enum base_code code;

	if (node->kind == MAP_EMPTY)
		return BASE_OK;
	if (depth > MAP_BITS)
		return base_fail(c->err, BASE_MISMATCH, "the map is deeper than its keys");
	if (node->kind == MAP_LEAF) {
		struct base_hash value;

		if ((code = map_read_leaf(&c->reader, node->ref, &leaf)) != BASE_OK)
			return code;
		value = base_sha256_of(leaf.value);
		hash = map_leaf_hash(&leaf.key, &value);
		c->bytes += fresh ? MAP_LEAF_HEAD_BYTES + leaf.value.len : 0;
		return base_hash_equal(&hash, &node->hash) ? BASE_OK : differs(c, node);
	}
	if ((code = map_read_inner(&c->reader, node->ref, children)) != BASE_OK)
		return code;
	hash = map_node_hash(&children[0].hash, &children[1].hash);
	if (!base_hash_equal(&hash, &node->hash))
		return differs(c, node);
	if (!fresh)
		return BASE_OK;
	c->bytes += 1;
	/* The first child is walked to its end before the second is looked at: time enough to fetch it. */
	map_read_soon(&c->reader, children[1].ref);
	for (unsigned side = 0; side < 2; side++) {
		c->bytes += children[side].kind == MAP_EMPTY ? 0 : MAP_CHILD_BYTES;
		if ((code = check_node(c, &children[side], depth + 1)) != BASE_OK)
			return code;
	}
	return BASE_OK;
}

enum base_code state_map_check(struct store_txn *txn, store_table rows, uint64_t height, const struct base_hash *root, struct base_error *err)
{
	struct check c = {.height = height, .err = err};
	struct base_slice row;
	struct map_node node;
	enum base_code code;

	map_reader_begin(&c.reader, txn, rows, err);
	if ((code = map_read_root(&c.reader, height, &node)) != BASE_OK)
		return code;
	if (!base_hash_equal(&node.hash, root))
		return base_fail(err, BASE_MISMATCH, "its root is another");
	if (store_get_u64(txn, rows, height, &row) != BASE_OK)
		return BASE_OK; /* the block changed nothing */
	if (node.ref >> MAP_OFFSET_BITS != height)
		return base_fail(err, BASE_MISMATCH, "its root lies in another row");
	c.bytes = MAP_ROOT_BYTES;
	if ((code = check_node(&c, &node, 0)) != BASE_OK)
		return code;
	return c.bytes == row.len ? BASE_OK : base_fail(err, BASE_MISMATCH, "it has bytes that belong to no node");
}
