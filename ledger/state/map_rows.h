/* Rows of the map in the store: how nodes lie in them. Local storage, not part
 * of any proof; docs/formats/map.md describes it.
 *
 *   row    root: kind u8, ref u64, hash 32; then nodes, children before parents
 *   ref    height << 26 | offset in that height's row
 *   inner  kinds u8 (left | right << 4), then ref u64 || hash 32 of each child that is not empty
 *   leaf   key 32, length u32, value
 *
 * All numbers are big-endian. A child's ref is always smaller than its
 * parent's, so that no damage makes a walk run in circles.
 */
#ifndef LEDGER_STATE_MAP_ROWS_H
#define LEDGER_STATE_MAP_ROWS_H

#include "ledger/state/map_internal.h"

#define MAP_OFFSET_BITS 26u
#define MAP_ROW_BYTES_MAX (UINT64_C(1) << MAP_OFFSET_BITS)
#define MAP_HEIGHT_MAX ((UINT64_C(1) << (64 - MAP_OFFSET_BITS)) - 1)
#define MAP_ROOT_BYTES 41u
#define MAP_CHILD_BYTES 40u
#define MAP_LEAF_HEAD_BYTES 36u

enum map_kind { MAP_EMPTY = 0, MAP_INNER = 1, MAP_LEAF = 2 };
struct map_node { /* a child as its parent names it */
	enum map_kind kind;
	uint64_t ref;
	struct base_hash hash; /* zero if empty */
};
struct map_leaf {
	struct base_hash key;
	struct base_slice value;
};

/* Rows that were used last, so that the upper levels cost one look-up a row. Direct-mapped by height. */
#define MAP_CACHE_ROWS 256u
struct map_reader {
	struct store_txn *txn;
	store_table rows;
	struct base_error *err;
	struct {
		uint64_t height_and_one; /* 0: unused */
		struct base_slice row;
	} cache[MAP_CACHE_ROWS];
};
void map_reader_begin(struct map_reader *reader, struct store_txn *txn, store_table rows, struct base_error *err);
/* Root as of height; MAP_EMPTY before the first row. */
BASE_MUST_USE enum base_code map_read_root(struct map_reader *reader, uint64_t height, struct map_node *root);
/* Asks the processor to fetch what is read soon, if its row was read before. */
void map_read_soon(const struct map_reader *reader, uint64_t ref);
BASE_MUST_USE enum base_code map_read_inner(struct map_reader *reader, uint64_t ref, struct map_node children[2]);
BASE_MUST_USE enum base_code map_read_leaf(struct map_reader *reader, uint64_t ref, struct map_leaf *leaf);

#endif
