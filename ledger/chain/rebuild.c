/* Backup, and rebuilding a ledger from its entries alone. */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURES_FILE "genesis.sig"
#define CACHE_BYTES (64u << 20)
/* One commit for many blocks: a rebuild that is cut off is begun again anyway. */
#define COMMIT_BYTES (32u << 20)
#define COMMIT_BLOCKS 4096

enum base_code chain_backup(struct chain *chain, const char *folder, struct base_error *err)
{
	struct base_buf signatures = BASE_BUF_INIT;
	char *path = base_path(folder, SIGNATURES_FILE);
	enum base_code code;

	if ((code = chain_signatures(chain, &signatures, err)) != BASE_OK)
		goto out;
	/* So that the copy holds the checkpoint of its own end. */
	if (!chain->read_only && (code = chain_flush(chain, err)) != BASE_OK)
		goto out;
	if ((code = store_copy(chain->store, folder, err)) != BASE_OK)
		goto out;
	code = base_file_write(path, base_buf_slice(&signatures), 0644, true, err);
out:
	base_buf_free(&signatures);
	free(path);
	return base_wrap(err, code, "backup");
}

/* ---- Rebuild ------------------------------------------------------------ */

struct rebuild {
	struct store *store;
	struct store_txn *txn;
	struct state_cache *cache;
	struct chain_genesis *genesis;
	struct base_hash id;
	struct chain_work work;
	chain_next_fn next;
	void *arg;
	uint64_t index;       /* of the next entry */
	struct base_buf held; /* entries of the block at hand, with */
	struct base_buf ends; /* where each ends: size_t */
	size_t bytes, blocks; /* since the last commit */
};

static enum base_code pull(struct rebuild *r, struct base_slice *entry, struct base_error *err)
{
	enum base_code code = r->next(r->arg, entry, err);

	if (code == BASE_OK)
		r->index++;
	return code;
}

/* Leaf 0 makes the folder; its block entry must be the one that came out. */
static enum base_code rebuild_found(struct rebuild *r, const char *folder, struct base_slice signatures, struct base_error *err)
{
	struct chain_source source = {0};
	struct store_txn *txn = NULL;
	struct base_slice entry, made;
	enum base_code code;

	code = pull(r, &entry, err);
	if (code != BASE_OK)
		return code == BASE_NOT_FOUND ? base_fail(err, BASE_MALFORMED, "there are no entries") : code;
	if ((code = chain_genesis_decode(&r->genesis, entry, err)) != BASE_OK)
		return code;
	r->id = base_sha256_of(entry);
	if ((code = chain_found(folder, entry, signatures, true, err)) != BASE_OK)
		return code;
	code = pull(r, &entry, err);
	if (code != BASE_OK)
		return code == BASE_NOT_FOUND ? base_fail(err, BASE_MALFORMED, "the block entry of genesis is missing") : code;
	base_buf_append(&r->held, entry);
	if ((code = store_open(&r->store, folder, chain_tables, CHAIN_TABLES, 0, err)) != BASE_OK)
		return code;
	r->cache = state_cache_open(CACHE_BYTES);
	chain_work_open(&r->work, &r->id, base_slice_text(r->genesis->origin), r->cache);
	if ((code = store_begin(&txn, r->store, false, err)) != BASE_OK)
		return code;
	chain_source_begin(&source, txn, 0);
	if ((code = chain_source_tip(&source, &r->work.tip, err)) != BASE_OK ||
	    (code = chain_source_entry(&source, 1, &made, err)) != BASE_OK)
		goto out;
	if (!base_slice_equal(made, base_buf_slice(&r->held))) {
		code = base_fail(err, BASE_MISMATCH, "entry 1: it is not the block entry that genesis makes");
		goto out;
	}
	code = proof_frontier_load(&r->work.frontier, r->work.tip.size, chain_source_hash, &source, err);
out:
	chain_source_end(&source);
	store_abort(&txn);
	return code;
}

/* Reads up to the next block entry. *end: there was nothing more. */
static enum base_code pull_block(struct rebuild *r, struct chain_block_entry *block, bool *end, struct base_error *err)
{
	struct base_slice bytes;
	struct chain_entry entry;
	enum base_code code;

	*end = false;
	r->held.len = 0;
	r->ends.len = 0;
	for (;;) {
		code = pull(r, &bytes, err);
		if (code == BASE_NOT_FOUND && r->ends.len == 0) {
			*end = true;
			return BASE_OK;
		}
		if (code == BASE_NOT_FOUND)
			return base_fail(err, BASE_MALFORMED, "the last block is cut: its block entry is missing");
		if (code != BASE_OK)
			return code;
		if ((code = chain_entry_decode(&entry, bytes, err)) != BASE_OK)
			return base_wrap(err, code, "entry %" PRIu64, r->index - 1);
		if (entry.type == CHAIN_BLOCK) {
			*block = entry.block;
			return BASE_OK;
		}
		if (entry.type != CHAIN_EVENT || r->ends.len / sizeof(size_t) == CHAIN_BLOCK_EVENTS_MAX ||
		    r->held.len > 2 * CHAIN_BLOCK_BYTES_MAX)
			return base_fail(err, BASE_MALFORMED, "entry %" PRIu64 ": no block holds that", r->index - 1);
		base_buf_append(&r->held, bytes);
		base_buf_append(&r->ends, base_slice(&r->held.len, sizeof(r->held.len)));
	}
}

/* Judges the entry's event again; the same entry must come out. */
static enum base_code redo(struct rebuild *r, struct base_slice bytes, const struct chain_block_entry *block, struct base_error *err)
{
	size_t start = r->work.entries.len;
	struct state_outcome outcome;
	struct events_event event;
	struct chain_entry entry;
	enum base_code code;
	uint64_t index;

	if ((code = chain_entry_decode(&entry, bytes, err)) != BASE_OK)
		return code;
	if (entry.height != block->height || entry.time.ms != block->time.ms)
		return base_fail(err, BASE_MISMATCH, "its height and time are not those of its block");
	if ((code = events_decode(&event, entry.event, err)) != BASE_OK)
		return code;
	code = chain_work_admit(&r->work, &event, &index, &outcome, err);
	if (code == BASE_REFUSED || code == BASE_EXISTS)
		return base_fail(err, BASE_MISMATCH, "the ledger does not take this event: %s",
				 code == BASE_EXISTS || err == NULL ? "it is entered already" : err->text);
	if (code != BASE_OK)
		return code;
	state_outcome_free(&outcome);
	if (!base_slice_equal(bytes, base_slice(r->work.entries.data + start, r->work.entries.len - start)))
		return base_fail(err, BASE_MISMATCH, "its outcome is not the one that the ledger comes to");
	return BASE_OK;
}

static enum base_code redo_block(struct rebuild *r, const struct chain_block_entry *block, struct base_error *err)
{
	size_t at = 0, end, i;
	enum base_code code = BASE_OK;

	chain_work_begin(&r->work, r->txn, block->time);
	if (block->time.ms <= r->work.tip.time.ms || block->has_engine) {
		code = base_fail(err, BASE_MISMATCH, "block %" PRIu64 ": its time is not after the last block's, or it was not ordered solo",
				 block->height);
		goto out;
	}
	for (i = 0; i < r->ends.len; i += sizeof(end), at = end) {
		memcpy(&end, r->ends.data + i, sizeof(end));
		code = redo(r, base_slice(r->held.data + at, end - at), block, err);
		if (code != BASE_OK) {
			code = base_wrap(err, code, "entry %" PRIu64, r->work.frontier.size);
			goto out;
		}
	}
	if ((code = chain_work_seal(&r->work, block, err)) == BASE_OK)
		chain_work_keep(&r->work);
	r->bytes += r->held.len;
	r->blocks++;
out:
	chain_work_end(&r->work);
	return code;
}

static enum base_code commit(struct rebuild *r, bool last, struct base_error *err)
{
	enum base_code code;

	if ((code = chain_tip_put(r->txn, &r->work.tip, err)) != BASE_OK)
		return code;
	if (last && (code = store_delete(r->txn, CHAIN_META, base_slice_text(CHAIN_META_BUILDING), err)) != BASE_OK)
		return code;
	r->bytes = r->blocks = 0;
	return store_commit(&r->txn, err);
}

static enum base_code rebuild_blocks(struct rebuild *r, struct base_error *err)
{
	struct chain_block_entry block;
	enum base_code code;
	bool end;

	for (;;) {
		if (r->txn == NULL && (code = store_begin(&r->txn, r->store, true, err)) != BASE_OK)
			return code;
		if ((code = pull_block(r, &block, &end, err)) != BASE_OK)
			return code;
		if (end)
			return commit(r, true, err);
		if ((code = redo_block(r, &block, err)) != BASE_OK)
			return code;
		if ((r->bytes >= COMMIT_BYTES || r->blocks >= COMMIT_BLOCKS) && (code = commit(r, false, err)) != BASE_OK)
			return code;
	}
}

enum base_code chain_rebuild(const char *folder, chain_next_fn next, void *arg, struct base_slice signatures, struct base_error *err)
{
	struct rebuild r = {.next = next, .arg = arg};
	enum base_code code;

	if ((code = rebuild_found(&r, folder, signatures, err)) == BASE_OK)
		code = rebuild_blocks(&r, err);
	store_abort(&r.txn);
	chain_work_close(&r.work);
	state_cache_close(r.cache);
	store_close(r.store);
	chain_genesis_close(r.genesis);
	base_buf_free(&r.held);
	base_buf_free(&r.ends);
	return base_wrap(err, code, "rebuild");
}
