/* One block in the making: execute, enter, seal into a write transaction. docs/formats/block.md */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <string.h>

void chain_work_open(struct chain_work *work, const struct base_hash *id, struct base_slice origin, struct state_cache *cache)
{
	*work = (struct chain_work){.id = id, .origin = origin, .cache = cache};
}

void chain_work_close(struct chain_work *work)
{
	chain_work_end(work);
	base_buf_free(&work->entries);
	base_buf_free(&work->hashes);
	base_buf_free(&work->lengths);
	base_buf_free(&work->outcome);
}

void chain_work_begin(struct chain_work *work, struct store_txn *txn, struct base_time time)
{
	work->txn = txn;
	work->entries.len = 0;
	work->hashes.len = 0;
	work->lengths.len = 0;
	work->height = work->tip.size == 0 ? 0 : work->tip.height + 1;
	work->time = time;
	work->count = 0;
	work->first_hash = proof_stored_count(work->tip.size);
	chain_source_begin(&work->source, txn, work->tip.height);
	chain_source_view(&work->source, &work->view);
	work->exec = state_exec_begin(&work->view, work->cache, work->id, work->origin, work->height, time);
}

static void stored(void *arg, uint64_t stored_index, const struct base_hash *hash)
{
	struct chain_work *work = arg;

	(void)stored_index; /* ascending by one */
	base_buf_append(&work->hashes, base_hash_slice(hash));
}

/* The bytes from start are the next leaf. */
static struct base_hash enter(struct chain_work *work, size_t start)
{
	struct base_slice entry = base_slice(work->entries.data + start, work->entries.len - start);
	struct base_hash leaf = proof_leaf(entry);

	base_buf_append(&work->lengths, base_slice(&entry.len, sizeof(entry.len)));
	proof_frontier_add(&work->frontier, &leaf, stored, work);
	return leaf;
}

enum base_code chain_work_admit(struct chain_work *work, const struct events_event *event, uint64_t *index,
				struct state_outcome *outcome, struct base_error *err)
{
	size_t start = work->entries.len;
	struct base_hash leaf;
	enum base_code code;

	*index = work->frontier.size;
	if ((code = state_exec_judge(work->exec, event, index, outcome, err)) != BASE_OK)
		return code;
	work->outcome.len = 0;
	state_outcome_encode(&work->outcome, outcome);
	if (work->outcome.len > CHAIN_OUTCOME_BYTES_MAX) {
		state_outcome_free(outcome);
		return base_fail(err, BASE_REFUSED, "its outcome would be %zu bytes, at most %d: split the event", work->outcome.len,
				 CHAIN_OUTCOME_BYTES_MAX);
	}
	chain_entry_encode_event(&work->entries, work->height, work->time, event->bytes, base_buf_slice(&work->outcome));
	BASE_ASSERT(work->entries.len - start <= CHAIN_ENTRY_BYTES_MAX);
	*index = work->frontier.size;
	leaf = enter(work, start);
	state_exec_entered(work->exec, &leaf);
	work->count++;
	return BASE_OK;
}

enum base_code chain_work_genesis(struct chain_work *work, struct base_slice entry, struct base_error *err)
{
	struct chain_entry decoded;
	struct base_hash leaf;
	enum base_code code;

	if ((code = chain_entry_decode(&decoded, entry, err)) != BASE_OK)
		return code;
	base_buf_append(&work->entries, entry);
	leaf = enter(work, 0);
	work->count = 1;
	return state_exec_genesis(work->exec, decoded.genesis, &leaf, err);
}

/* ---- Sealing ------------------------------------------------------------ */

static enum base_code compare(const struct chain_block_entry *made, const struct chain_block_entry *expected, struct base_error *err)
{
	const struct {
		const char *what;
		bool same;
	} parts[] = {
		{BASE_WORDS("height"), made->height == expected->height},
		{BASE_WORDS("hash of the previous block entry"), base_hash_equal(&made->prev, &expected->prev)},
		{BASE_WORDS("range of entries"), made->first == expected->first && made->count == expected->count},
		{BASE_WORDS("root of the tree"), base_hash_equal(&made->tree, &expected->tree)},
		{BASE_WORDS("root of the map"), base_hash_equal(&made->state, &expected->state)},
		{BASE_WORDS("hash of the side state"), base_hash_equal(&made->side, &expected->side)},
		{BASE_WORDS("hash of the node set"), base_hash_equal(&made->nodes, &expected->nodes)},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].same)
			return base_fail(err, BASE_MISMATCH, "block %" PRIu64 ": the %s is not the one that its block entry names",
					 made->height, base_message(parts[i].what));
	}
	return BASE_OK;
}

static enum base_code put_state(struct chain_work *work, const struct state_changes *changes, struct base_error *err)
{
	enum base_code code = BASE_OK;
	size_t i;

	for (i = 0; i < changes->side_count && code == BASE_OK; i++)
		code = store_put(work->txn, CHAIN_SIDE, changes->side[i].key, changes->side[i].value, err);
	if (code == BASE_OK && changes->posting_count > 0)
		code = store_postings_add(work->txn, CHAIN_POSTINGS, changes->postings, changes->posting_count, err);
	return code;
}

/* The block entry is the last of work->entries. */
static enum base_code put_leaves(struct chain_work *work, struct base_error *err)
{
	uint64_t index = work->tip.size;
	const uint8_t *entry = work->entries.data;
	uint8_t at[8];
	enum base_code code;
	size_t i, len;

	for (i = 0; i < work->lengths.len; i += sizeof(len)) {
		memcpy(&len, work->lengths.data + i, sizeof(len));
		if ((code = store_append_u64(work->txn, CHAIN_ENTRIES, index++, base_slice(entry, len), err)) != BASE_OK)
			return code;
		entry += len;
	}
	if ((code = store_append_u64(work->txn, CHAIN_HASHES, work->first_hash, base_buf_slice(&work->hashes), err)) != BASE_OK)
		return code;
	base_put_u64be(at, index - 1);
	return store_append_u64(work->txn, CHAIN_BLOCKS, work->height, base_slice(at, sizeof(at)), err);
}

enum base_code chain_work_seal(struct chain_work *work, const struct chain_block_entry *expected, struct base_error *err)
{
	struct chain_block_entry block = {.height = work->height, .time = work->time, .prev = work->tip.prev};
	struct state_changes changes;
	enum base_code code;
	size_t start = work->entries.len;

	if ((code = state_exec_finish(work->exec, &changes, err)) != BASE_OK)
		return code;
	if (changes.map_count > 0)
		code = state_map_update(work->txn, CHAIN_ROWS, work->height, changes.map, changes.map_count, &block.state, err);
	else
		code = state_map_root(work->txn, CHAIN_ROWS, work->height, &block.state, err);
	if (code != BASE_OK)
		return code;
	block.first = work->tip.size;
	block.count = work->count;
	block.tree = proof_frontier_root(&work->frontier);
	block.side = changes.side_hash;
	block.nodes = changes.nodes_hash;
	if (expected != NULL) {
		if ((code = compare(&block, expected, err)) != BASE_OK)
			return code;
		block = *expected;
	}
	chain_entry_encode_block(&work->entries, &block);
	(void)enter(work, start);
	if ((code = put_state(work, &changes, err)) != BASE_OK || (code = put_leaves(work, err)) != BASE_OK)
		return code;
	work->tip = (struct chain_tip){
		.size = work->frontier.size,
		.height = work->height,
		.time = work->time,
		.prev = chain_app_hash(base_slice(work->entries.data + start, work->entries.len - start)),
	};
	return BASE_OK;
}

void chain_work_keep(struct chain_work *work)
{
	state_exec_keep(work->exec);
}

void chain_work_end(struct chain_work *work)
{
	state_exec_close(work->exec);
	work->exec = NULL;
	chain_source_end(&work->source);
	work->txn = NULL;
}
