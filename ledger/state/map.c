#include "ledger/state/map_rows.h"

#include <stdlib.h>
#include <string.h>

/* ---- Updating ----------------------------------------------------------- */

struct update {
	struct map_reader reader;
	const struct state_write *writes;
	uint64_t height;
	struct base_buf row;
	struct base_error *err;
};

static enum base_code row_full(struct update *u)
{
	return base_fail(u->err, BASE_LIMIT, "the changed state of one block is over %llu MiB: record in smaller blocks",
			 (unsigned long long)(MAP_ROW_BYTES_MAX >> 20));
}

static enum base_code leaf_write(struct update *u, const struct state_write *write, struct map_node *out)
{
	struct base_hash value_hash = base_sha256_of(write->value);
	uint8_t len[4];

	/* The offset has 26 bits: what begins beyond could not be named. */
	if (write->value.len > MAP_ROW_BYTES_MAX || u->row.len + MAP_LEAF_HEAD_BYTES + write->value.len > MAP_ROW_BYTES_MAX)
		return row_full(u);
	out->kind = MAP_LEAF;
	out->ref = u->height << MAP_OFFSET_BITS | u->row.len;
	out->hash = map_leaf_hash(&write->key, &value_hash);
	base_put_u32be(len, (uint32_t)write->value.len);
	base_buf_append(&u->row, base_hash_slice(&write->key));
	base_buf_append(&u->row, base_slice(len, sizeof(len)));
	base_buf_append(&u->row, write->value);
	return BASE_OK;
}

static enum base_code inner_write(struct update *u, const struct map_node children[2], struct map_node *out)
{
	uint64_t offset = u->row.len;

	if (offset + 1 + 2 * (uint64_t)MAP_CHILD_BYTES > MAP_ROW_BYTES_MAX)
		return row_full(u);
	base_buf_byte(&u->row, (uint8_t)((unsigned)children[0].kind | (unsigned)children[1].kind << 4));
	for (unsigned side = 0; side < 2; side++) {
		uint8_t ref[8];

		if (children[side].kind == MAP_EMPTY)
			continue;
		base_put_u64be(ref, children[side].ref);
		base_buf_append(&u->row, base_slice(ref, sizeof(ref)));
		base_buf_append(&u->row, base_hash_slice(&children[side].hash));
	}
	out->kind = MAP_INNER;
	out->ref = u->height << MAP_OFFSET_BITS | offset;
	out->hash = map_node_hash(&children[0].hash, &children[1].hash);
	return BASE_OK;
}

/* Replaces *node, a subtree at depth, by itself with writes[from..to). */
static enum base_code subtree_update(struct update *u, struct map_node *node, unsigned depth, size_t from, size_t to)
{
	struct map_node children[2];
	struct map_leaf leaf;
	enum base_code code;
	size_t middle;

	if (from == to)
		return BASE_OK;
	if (node->kind == MAP_EMPTY && to - from == 1)
		return leaf_write(u, &u->writes[from], node);
	memset(children, 0, sizeof(children));
	if (node->kind == MAP_LEAF) {
		if ((code = map_read_leaf(&u->reader, node->ref, &leaf)) != BASE_OK)
			return code;
		if (to - from == 1 && base_hash_equal(&leaf.key, &u->writes[from].key))
			return leaf_write(u, &u->writes[from], node);
		/* Two keys or more from here on: the leaf moves down on its side, as it is. */
		if (depth < MAP_BITS)
			children[map_bit(&leaf.key, depth)] = *node;
	} else if (node->kind == MAP_INNER) {
		if ((code = map_read_inner(&u->reader, node->ref, children)) != BASE_OK)
			return code;
	}
	/* Only damage leads deeper than the keys are long. */
	if (depth >= MAP_BITS)
		return base_fail(u->err, BASE_STORAGE, "the map is damaged: it is deeper than its keys; rebuild it from the entries");
	middle = map_split(u->writes, from, to, depth);
	if ((code = subtree_update(u, &children[0], depth + 1, from, middle)) != BASE_OK ||
	    (code = subtree_update(u, &children[1], depth + 1, middle, to)) != BASE_OK)
		return code;
	return inner_write(u, children, node);
}

enum base_code state_map_update(struct store_txn *txn, store_table rows, uint64_t height, const struct state_write *writes, size_t count,
				struct base_hash *root, struct base_error *err)
{
	struct update *u;
	struct map_node node;
	struct base_slice ignored;
	enum base_code code;
	uint64_t last;

	map_assert_sorted(writes, count);
	if (height > MAP_HEIGHT_MAX)
		return base_fail(err, BASE_LIMIT, "height %llu is over %llu", (unsigned long long)height,
				 (unsigned long long)MAP_HEIGHT_MAX);
	u = base_alloc(sizeof(*u));
	*u = (struct update){.writes = writes, .height = height, .row = BASE_BUF_INIT, .err = err};
	map_reader_begin(&u->reader, txn, rows, err);
	if ((code = map_read_root(&u->reader, UINT64_MAX, &node)) != BASE_OK || count == 0)
		goto out;
	if (store_last_u64(txn, rows, &last, &ignored) == BASE_OK && last >= height) {
		code = base_fail(err, BASE_STORAGE, "the map has height %llu already, so that height %llu cannot follow",
				 (unsigned long long)last, (unsigned long long)height);
		goto out;
	}
	base_buf_reserve(&u->row, MAP_ROOT_BYTES + count * 1024);
	u->row.len = MAP_ROOT_BYTES;
	if ((code = subtree_update(u, &node, 0, 0, count)) != BASE_OK)
		goto out;
	u->row.data[0] = (uint8_t)node.kind;
	base_put_u64be(u->row.data + 1, node.ref);
	memcpy(u->row.data + 9, node.hash.bytes, BASE_HASH_BYTES);
	code = store_append_u64(txn, rows, height, base_buf_slice(&u->row), err);
out:
	if (code == BASE_OK)
		*root = node.hash;
	base_buf_free(&u->row);
	free(u);
	return code;
}

/* ---- Reading ------------------------------------------------------------ */

enum base_code state_map_root(struct store_txn *txn, store_table rows, uint64_t height, struct base_hash *root, struct base_error *err)
{
	struct map_reader reader;
	struct map_node node;
	enum base_code code;

	map_reader_begin(&reader, txn, rows, err);
	if ((code = map_read_root(&reader, height, &node)) == BASE_OK)
		*root = node.hash;
	return code;
}

/* Goes from the root to where key is or would be; proof (may be NULL) collects the siblings. *end: empty or a leaf. */
static enum base_code descend(struct map_reader *reader, uint64_t height, const struct base_hash *key, struct map_node *end,
			      struct map_proof *proof)
{
	struct map_node children[2];
	unsigned depth = 0;
	enum base_code code = map_read_root(reader, height, end);

	while (code == BASE_OK && end->kind == MAP_INNER) {
		unsigned side;

		if (depth == MAP_BITS)
			return base_fail(reader->err, BASE_STORAGE,
					 "the map is damaged: it is deeper than its keys; rebuild it from the entries");
		if ((code = map_read_inner(reader, end->ref, children)) != BASE_OK)
			break;
		side = map_bit(key, depth);
		if (proof != NULL)
			proof->siblings[depth] = children[1 - side].hash;
		*end = children[side];
		depth++;
	}
	if (proof != NULL)
		proof->depth = depth;
	return code;
}

enum base_code state_map_get(struct store_txn *txn, store_table rows, uint64_t height, const struct base_hash *key,
			     struct base_slice *value, struct base_error *err)
{
	struct map_reader reader;
	struct map_node end;
	struct map_leaf leaf;
	enum base_code code;

	map_reader_begin(&reader, txn, rows, err);
	if ((code = descend(&reader, height, key, &end, NULL)) != BASE_OK)
		return code;
	if (end.kind == MAP_LEAF && (code = map_read_leaf(&reader, end.ref, &leaf)) != BASE_OK)
		return code;
	/* No text: the executor asks for what may be absent all the time. */
	if (end.kind == MAP_EMPTY || !base_hash_equal(&leaf.key, key))
		return BASE_NOT_FOUND;
	*value = leaf.value;
	return BASE_OK;
}

enum base_code state_map_prove(struct store_txn *txn, store_table rows, uint64_t height, const struct base_hash *key,
			       struct base_buf *out, struct base_error *err)
{
	struct map_proof *proof = base_alloc(sizeof(*proof));
	struct map_reader reader;
	struct map_node end;
	struct map_leaf leaf;
	enum base_code code;

	map_reader_begin(&reader, txn, rows, err);
	code = descend(&reader, height, key, &end, proof);
	if (code == BASE_OK && end.kind == MAP_LEAF && (code = map_read_leaf(&reader, end.ref, &leaf)) == BASE_OK) {
		proof->has_leaf = true;
		proof->leaf_key = leaf.key;
		proof->leaf_value = base_sha256_of(leaf.value);
	}
	if (code == BASE_OK)
		map_proof_encode(out, proof);
	free(proof);
	return code;
}
