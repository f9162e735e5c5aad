/* The tables as one transaction sees them, and the executor's view of them. */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>

void chain_source_begin(struct chain_source *source, struct store_txn *txn, uint64_t height)
{
	*source = (struct chain_source){.txn = txn, .height = height};
}

void chain_source_end(struct chain_source *source)
{
	free(source->postings);
	*source = (struct chain_source){0};
}

/* What the tip promises must be there. */
static enum base_code missing(enum base_code code, const char *what, uint64_t number, struct base_error *err)
{
	if (code == BASE_NOT_FOUND)
		return base_fail(err, BASE_STORAGE, "the database lacks %s %" PRIu64 ": it is damaged", base_message(what), number);
	if (code != BASE_OK)
		return base_fail(err, code, "cannot read %s %" PRIu64, base_message(what), number);
	return BASE_OK;
}

enum base_code chain_source_entry(struct chain_source *source, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	return missing(store_get_u64(source->txn, CHAIN_ENTRIES, index, bytes), "entry", index, err);
}

enum base_code chain_source_hash(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	struct chain_source *source = arg;
	uint64_t at = stored_index - source->row_first;
	enum base_code code;

	/* Neighbours are asked for one after the other. */
	if (source->row.len == 0 || stored_index < source->row_first || at >= source->row.len / BASE_HASH_BYTES) {
		code = store_floor_u64(source->txn, CHAIN_HASHES, stored_index, &source->row_first, &source->row);
		if (code != BASE_OK) {
			source->row = base_slice(NULL, 0);
			return missing(code, "tree hash", stored_index, err);
		}
		at = stored_index - source->row_first;
	}
	if (at >= source->row.len / BASE_HASH_BYTES)
		return missing(BASE_NOT_FOUND, "tree hash", stored_index, err);
	for (size_t i = 0; i < BASE_HASH_BYTES; i++)
		out->bytes[i] = source->row.data[at * BASE_HASH_BYTES + i];
	return BASE_OK;
}

enum base_code chain_source_block(struct chain_source *source, uint64_t height, struct chain_block_entry *out, uint64_t *index,
				  struct base_slice *bytes, struct base_error *err)
{
	struct base_slice value;
	struct chain_entry entry;
	enum base_code code;

	if ((code = missing(store_get_u64(source->txn, CHAIN_BLOCKS, height, &value), "block", height, err)) != BASE_OK)
		return code;
	if (value.len != 8)
		return base_fail(err, BASE_STORAGE, "the database is damaged at block %" PRIu64, height);
	*index = base_get_u64be(value.data);
	if ((code = chain_source_entry(source, *index, bytes, err)) != BASE_OK)
		return code;
	if (chain_entry_decode(&entry, *bytes, NULL) != BASE_OK || entry.type != CHAIN_BLOCK || entry.height != height)
		return base_fail(err, BASE_STORAGE, "entry %" PRIu64 " is not the block entry of height %" PRIu64 ": the database is damaged",
				 *index, height);
	*out = entry.block;
	return BASE_OK;
}

enum base_code chain_source_tip(struct chain_source *source, struct chain_tip *tip, struct base_error *err)
{
	struct chain_block_entry block = {0};
	struct base_slice value, bytes = {NULL, 0};
	uint64_t index = 0;
	enum base_code code;

	code = store_get(source->txn, CHAIN_META, base_slice_text(CHAIN_META_TIP), &value);
	if (code == BASE_NOT_FOUND)
		return base_fail(err, BASE_NOT_FOUND, "the database holds no ledger");
	if (code != BASE_OK)
		return base_fail(err, code, "cannot read where the ledger ends");
	if (value.len != 16)
		return base_fail(err, BASE_STORAGE, "the database does not say where the ledger ends: it is damaged");
	tip->size = base_get_u64be(value.data);
	tip->height = base_get_u64be(value.data + 8);
	if ((code = chain_source_block(source, tip->height, &block, &index, &bytes, err)) != BASE_OK)
		return code;
	if (index + 1 != tip->size)
		return base_fail(err, BASE_STORAGE, "the ledger does not end with block entry %" PRIu64 ": the database is damaged", index);
	tip->time = block.time;
	tip->prev = chain_app_hash(bytes);
	return BASE_OK;
}

/* ---- The executor's view ------------------------------------------------ */

static enum base_code view_map_get(void *arg, const struct base_hash *key, struct base_slice *value, struct base_error *err)
{
	struct chain_source *source = arg;

	return state_map_get(source->txn, CHAIN_ROWS, source->height, key, value, err);
}

static enum base_code view_side_get(void *arg, struct base_slice key, struct base_slice *value, struct base_error *err)
{
	struct chain_source *source = arg;
	enum base_code code = store_get(source->txn, CHAIN_SIDE, key, value);

	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return base_fail(err, code, "cannot read the side state");
	return code;
}

static enum base_code view_postings(void *arg, uint64_t term, const uint64_t **values, size_t *count, struct base_error *err)
{
	struct chain_source *source = arg;
	enum base_code code;

	free(source->postings);
	source->postings = NULL;
	*count = 0;
	code = store_postings_find(source->txn, CHAIN_POSTINGS, term, &source->postings, count, 0, err);
	*values = source->postings;
	return code;
}

static enum base_code view_entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	return chain_source_entry(arg, index, bytes, err);
}

void chain_source_view(struct chain_source *source, struct state_view *view)
{
	*view = (struct state_view){
		.arg = source,
		.map_get = view_map_get,
		.side_get = view_side_get,
		.postings = view_postings,
		.entry = view_entry,
	};
}

enum base_code chain_view_key(const struct state_view *view, const struct base_hash *kid, struct keys_public *out,
			      struct base_error *err)
{
	struct state_key key;
	enum base_code code;

	if ((code = state_key_read(view, kid, &key, err)) == BASE_OK)
		*out = key.sign;
	return code;
}
