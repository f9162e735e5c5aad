#include "ledger/state/map_rows.h"

#include <string.h>

static enum base_code damaged(const struct map_reader *reader, const char *what, uint64_t ref)
{
	(void)base_fail(reader->err, BASE_STORAGE,
			"the map is damaged: %s at height %llu, offset %llu; rebuild it from the entries", base_message(what),
			(unsigned long long)(ref >> MAP_OFFSET_BITS), (unsigned long long)(ref & (MAP_ROW_BYTES_MAX - 1)));
	return BASE_STORAGE;
}

void map_reader_begin(struct map_reader *reader, struct store_txn *txn, store_table rows, struct base_error *err)
{
	reader->txn = txn;
	reader->rows = rows;
	reader->err = err;
	for (size_t i = 0; i < MAP_CACHE_ROWS; i++)
		reader->cache[i].height_and_one = 0;
}

/* The bytes of a row from ref on. */
static enum base_code read_at(struct map_reader *reader, uint64_t ref, struct base_slice *out)
{
	uint64_t height = ref >> MAP_OFFSET_BITS;
	uint64_t offset = ref & (MAP_ROW_BYTES_MAX - 1);
	size_t at = height % MAP_CACHE_ROWS;
	struct base_slice row;

	if (reader->cache[at].height_and_one == height + 1) {
		row = reader->cache[at].row;
	} else {
		if (store_get_u64(reader->txn, reader->rows, height, &row) != BASE_OK)
			return damaged(reader, "a row is missing", ref);
		reader->cache[at].height_and_one = height + 1;
		reader->cache[at].row = row;
	}
	if (offset < MAP_ROOT_BYTES || offset >= row.len)
		return damaged(reader, "a node lies outside its row", ref);
	*out = base_slice(row.data + offset, row.len - offset);
	return BASE_OK;
}

enum base_code map_read_root(struct map_reader *reader, uint64_t height, struct map_node *root)
{
	struct base_slice row;
	uint64_t found;
	enum base_code code = store_floor_u64(reader->txn, reader->rows, height, &found, &row);

	memset(root, 0, sizeof(*root));
	if (code == BASE_NOT_FOUND)
		return BASE_OK;
	if (code != BASE_OK || found > MAP_HEIGHT_MAX || row.len < MAP_ROOT_BYTES || row.data[0] > MAP_LEAF)
		return damaged(reader, "a root", found << MAP_OFFSET_BITS);
	root->kind = (enum map_kind)row.data[0];
	root->ref = base_get_u64be(row.data + 1);
	memcpy(root->hash.bytes, row.data + 9, BASE_HASH_BYTES);
	if (root->ref >> MAP_OFFSET_BITS > found)
		return damaged(reader, "a root that points ahead", found << MAP_OFFSET_BITS);
	return BASE_OK;
}

void map_read_soon(const struct map_reader *reader, uint64_t ref)
{
	uint64_t height = ref >> MAP_OFFSET_BITS;
	uint64_t offset = ref & (MAP_ROW_BYTES_MAX - 1);
	size_t at = height % MAP_CACHE_ROWS;

	if (reader->cache[at].height_and_one != height + 1 || offset >= reader->cache[at].row.len)
		return;
	__builtin_prefetch(reader->cache[at].row.data + offset);
	if (reader->cache[at].row.len - offset > 64)
		__builtin_prefetch(reader->cache[at].row.data + offset + 64);
}

enum base_code map_read_inner(struct map_reader *reader, uint64_t ref, struct map_node children[2])
{
	struct base_slice bytes;
	enum base_code code;
	size_t at = 1;

	if ((code = read_at(reader, ref, &bytes)) != BASE_OK)
		return code;
	for (unsigned side = 0; side < 2; side++) {
		struct map_node *child = &children[side];
		unsigned kind = bytes.data[0] >> 4 * side & 15;

		memset(child, 0, sizeof(*child));
		if (kind > MAP_LEAF)
			return damaged(reader, "a node of unknown kind", ref);
		child->kind = (enum map_kind)kind;
		if (child->kind == MAP_EMPTY)
			continue;
		if (bytes.len < at + MAP_CHILD_BYTES)
			return damaged(reader, "a node that is cut", ref);
		child->ref = base_get_u64be(bytes.data + at);
		memcpy(child->hash.bytes, bytes.data + at + 8, BASE_HASH_BYTES);
		at += MAP_CHILD_BYTES;
		if (child->ref >= ref)
			return damaged(reader, "a node that points ahead", ref);
	}
	if (at == 1)
		return damaged(reader, "a node without children", ref);
	return BASE_OK;
}

enum base_code map_read_leaf(struct map_reader *reader, uint64_t ref, struct map_leaf *leaf)
{
	struct base_slice bytes;
	enum base_code code;

	if ((code = read_at(reader, ref, &bytes)) != BASE_OK)
		return code;
	if (bytes.len < MAP_LEAF_HEAD_BYTES || bytes.len - MAP_LEAF_HEAD_BYTES < base_get_u32be(bytes.data + BASE_HASH_BYTES))
		return damaged(reader, "a value that is cut", ref);
	memcpy(leaf->key.bytes, bytes.data, BASE_HASH_BYTES);
	leaf->value = base_slice(bytes.data + MAP_LEAF_HEAD_BYTES, base_get_u32be(bytes.data + BASE_HASH_BYTES));
	return BASE_OK;
}
