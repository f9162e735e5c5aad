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
/* Events, and what entries add to them. */
#define BLOCK_BYTES_MAX ((size_t)2 * CHAIN_BLOCK_BYTES_MAX)

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

struct rebuild_block {
	struct chain_block_entry entry;
	size_t first, count; /* of rebuild.ends */
};
struct rebuild {
	struct store *store;
	struct state_cache *cache;
	struct chain_genesis *genesis;
	struct base_hash id;
	struct base_slice checkpoint; /* signed note of the end, or empty */
	struct chain_work work;
	chain_next_fn next;
	void *arg;
	uint64_t index; /* of the next entry */
	bool end;       /* there are no more */
	/* What one commit takes. It is kept, so that a database that outgrows its map can be written again. */
	struct base_buf held;   /* event entries, one after the other */
	struct base_buf ends;   /* where each ends: size_t */
	struct base_buf blocks; /* struct rebuild_block */
};

static enum base_code pull(struct rebuild *r, struct base_slice *entry, struct base_error *err)
{
	enum base_code code = r->next(r->arg, entry, err);

	if (code == BASE_OK)
		r->index++;
	return code;
}

/* Tip and frontier as they are in the database. */
static enum base_code reload(struct rebuild *r, struct store_txn *txn, struct base_error *err)
{
	struct chain_source source;
	enum base_code code;

	chain_source_begin(&source, txn, 0);
	if ((code = chain_source_tip(&source, &r->work.tip, err)) == BASE_OK)
		code = proof_frontier_load(&r->work.frontier, r->work.tip.size, chain_source_hash, &source, err);
	chain_source_end(&source);
	return code;
}

/* The block entry of genesis must be the one that came out. */
static enum base_code check_first_block(struct rebuild *r, struct base_slice entry, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct base_slice made;
	enum base_code code;

	if ((code = store_begin(&txn, r->store, false, err)) != BASE_OK)
		return code;
	code = store_get_u64(txn, CHAIN_ENTRIES, 1, &made);
	if (code != BASE_OK)
		code = base_fail(err, code, "cannot read entry 1");
	else if (!base_slice_equal(made, entry))
		code = base_fail(err, BASE_MISMATCH, "entry 1: it is not the block entry that genesis makes");
	store_abort(&txn);
	return code;
}

/* Leaf 0 makes the folder. */
static enum base_code rebuild_found(struct rebuild *r, const char *folder, struct base_slice signatures, struct base_error *err)
{
	struct base_slice entry;
	enum base_code code;

	code = pull(r, &entry, err);
	if (code != BASE_OK)
		return code == BASE_NOT_FOUND ? base_fail(err, BASE_MALFORMED, "there are no entries") : code;
	if ((code = chain_genesis_decode(&r->genesis, entry, err)) != BASE_OK)
		return code;
	r->id = base_sha256_of(entry);
	if ((code = chain_found(folder, entry, signatures, true, err)) != BASE_OK)
		return code;
	if ((code = store_open(&r->store, folder, chain_tables, CHAIN_TABLES, 0, err)) != BASE_OK)
		return code;
	r->cache = state_cache_open(CACHE_BYTES);
	chain_work_open(&r->work, &r->id, base_slice_text(r->genesis->origin), r->cache);
	code = pull(r, &entry, err);
	if (code != BASE_OK)
		return code == BASE_NOT_FOUND ? base_fail(err, BASE_MALFORMED, "the block entry of genesis is missing") : code;
	return check_first_block(r, entry, err);
}

/* Reads up to the next block entry. */
static enum base_code pull_block(struct rebuild *r, struct base_error *err)
{
	struct rebuild_block block = {.first = r->ends.len / sizeof(size_t)};
	size_t start = r->held.len;
	struct base_slice bytes;
	struct chain_entry entry;
	enum base_code code;

	for (;; block.count++) {
		code = pull(r, &bytes, err);
		if (code == BASE_NOT_FOUND && block.count == 0) {
			r->end = true;
			return BASE_OK;
		}
		if (code == BASE_NOT_FOUND)
			return base_fail(err, BASE_MALFORMED, "the last block is cut: its block entry is missing");
		if (code != BASE_OK)
			return code;
		if ((code = chain_entry_decode(&entry, bytes, err)) != BASE_OK)
			return base_wrap(err, code, "entry %" PRIu64, r->index - 1);
		if (entry.type == CHAIN_BLOCK) {
			block.entry = entry.block;
			base_buf_append(&r->blocks, base_slice(&block, sizeof(block)));
			return BASE_OK;
		}
		if (entry.type != CHAIN_EVENT || block.count == CHAIN_BLOCK_EVENTS_MAX || r->held.len - start > BLOCK_BYTES_MAX)
			return base_fail(err, BASE_MALFORMED, "entry %" PRIu64 ": no block holds that", r->index - 1);
		base_buf_append(&r->held, bytes);
		base_buf_append(&r->ends, base_slice(&r->held.len, sizeof(r->held.len)));
	}
}

static enum base_code pull_blocks(struct rebuild *r, struct base_error *err)
{
	enum base_code code = BASE_OK;

	r->held.len = r->ends.len = r->blocks.len = 0;
	while (code == BASE_OK && !r->end && r->held.len < COMMIT_BYTES && r->blocks.len < COMMIT_BLOCKS * sizeof(struct rebuild_block))
		code = pull_block(r, err);
	return code;
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
				 code == BASE_EXISTS || err == NULL ? base_message("it is entered already") : err->text);
	if (code != BASE_OK)
		return code;
	state_outcome_free(&outcome);
	if (!base_slice_equal(bytes, base_slice(r->work.entries.data + start, r->work.entries.len - start)))
		return base_fail(err, BASE_MISMATCH, "its outcome is not the one that the ledger comes to");
	return BASE_OK;
}

/* Entry i of what is held. */
static struct base_slice held_entry(const struct rebuild *r, size_t i)
{
	size_t start = 0, end;

	if (i > 0)
		memcpy(&start, r->ends.data + (i - 1) * sizeof(start), sizeof(start));
	memcpy(&end, r->ends.data + i * sizeof(end), sizeof(end));
	return base_slice(r->held.data + start, end - start);
}

static enum base_code redo_block(struct rebuild *r, struct store_txn *txn, const struct rebuild_block *block, struct base_error *err)
{
	enum base_code code = BASE_OK;

	chain_work_begin(&r->work, txn, block->entry.time);
	if (block->entry.time.ms <= r->work.tip.time.ms || block->entry.has_engine) {
		code = base_fail(err, BASE_MISMATCH, "block %" PRIu64 ": its time is not after the last block's, or it was not ordered solo",
				 block->entry.height);
		goto out;
	}
	for (size_t i = 0; i < block->count; i++) {
		code = redo(r, held_entry(r, block->first + i), &block->entry, err);
		if (code != BASE_OK) {
			code = base_wrap(err, code, "entry %" PRIu64, r->work.frontier.size);
			goto out;
		}
	}
	if ((code = chain_work_seal(&r->work, &block->entry, err)) == BASE_OK)
		chain_work_keep(&r->work);
out:
	chain_work_end(&r->work);
	return code;
}

/* The rebuilt tree must be the one that the checkpoint signed. */
static enum base_code keep_checkpoint(struct rebuild *r, struct store_txn *txn, struct base_error *err)
{
	struct proof_note *note = base_alloc(sizeof(*note));
	struct proof_checkpoint checkpoint;
	struct base_hash root = proof_frontier_root(&r->work.frontier);
	enum base_code code = proof_note_parse(note, r->checkpoint, err);

	if (code == BASE_OK)
		code = proof_checkpoint_parse(&checkpoint, note->text, err);
	if (code == BASE_OK && (checkpoint.size != r->work.tip.size || !base_hash_equal(&checkpoint.root, &root)))
		code = base_fail(err, BASE_MISMATCH, "the entries are whole, but they are not those that the checkpoint signed");
	if (code == BASE_OK)
		code = store_put_u64(txn, CHAIN_CHECKPOINTS, r->work.tip.height, r->checkpoint, err);
	free(note);
	return base_wrap(err, code, "checkpoint");
}

static enum base_code finish(struct rebuild *r, struct store_txn *txn, struct base_error *err)
{
	enum base_code code = BASE_OK;

	if (r->checkpoint.len > 0)
		code = keep_checkpoint(r, txn, err);
	return code != BASE_OK ? code : store_delete(txn, CHAIN_META, base_slice_text(CHAIN_META_BUILDING), err);
}

/* Everything that is held, in one transaction. */
static enum base_code write_blocks(struct rebuild *r, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct rebuild_block block;
	enum base_code code;

	if ((code = store_begin(&txn, r->store, true, err)) != BASE_OK || (code = reload(r, txn, err)) != BASE_OK)
		goto out;
	for (size_t at = 0; at < r->blocks.len; at += sizeof(block)) {
		memcpy(&block, r->blocks.data + at, sizeof(block));
		if ((code = redo_block(r, txn, &block, err)) != BASE_OK)
			goto out;
	}
	if ((code = chain_tip_put(txn, &r->work.tip, err)) != BASE_OK)
		goto out;
	if (r->end && (code = finish(r, txn, err)) != BASE_OK)
		goto out;
	code = store_commit(&txn, err);
out:
	store_abort(&txn);
	return code;
}

static enum base_code rebuild_blocks(struct rebuild *r, struct base_error *err)
{
	enum base_code code = BASE_OK;

	while (code == BASE_OK && !r->end) {
		if ((code = pull_blocks(r, err)) != BASE_OK)
			return code;
		code = BASE_BUSY;
		for (int attempt = 0; attempt < CHAIN_ATTEMPTS && code == BASE_BUSY; attempt++)
			code = write_blocks(r, err);
	}
	return code;
}

enum base_code chain_rebuild(const char *folder, chain_next_fn next, void *arg, struct base_slice signatures,
			     struct base_slice checkpoint, struct base_error *err)
{
	struct rebuild r = {.next = next, .arg = arg, .checkpoint = checkpoint};
	enum base_code code;

	if ((code = rebuild_found(&r, folder, signatures, err)) == BASE_OK)
		code = rebuild_blocks(&r, err);
	chain_work_close(&r.work);
	state_cache_close(r.cache);
	store_close(r.store);
	chain_genesis_close(r.genesis);
	base_buf_free(&r.held);
	base_buf_free(&r.ends);
	base_buf_free(&r.blocks);
	return base_wrap(err, code, "rebuild");
}
