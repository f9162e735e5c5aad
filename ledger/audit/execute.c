/* A batch executed in order, against what its entries claim. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

/* Nothing about state can be judged any more: one deviation names the cause, not a thousand its effects. */
static void lose_state(struct audit_replay *r)
{
	state_exec_close(r->exec);
	r->exec = NULL;
	r->state_lost = true;
	r->report->complete = false;
}

/* ---- The tree ---- */

struct comparing {
	struct audit_replay *replay;
	uint64_t index;
};

static void compare_stored(void *arg, uint64_t stored_index, const struct base_hash *hash)
{
	struct comparing *c = arg;
	struct audit_replay *r = c->replay;
	struct base_hash stored;
	struct base_error err = {{0}};
	enum base_code code;

	if (r->source->hash == NULL)
		return;
	code = r->source->hash(r->source->arg, stored_index, &stored, &err);
	if (code == BASE_BUSY) /* not of a level that is stored */
		return;
	if (code == BASE_NOT_FOUND)
		audit_deviate(r, AUDIT_STORED, &c->index, "the tree's hash %" PRIu64 " is missing", stored_index);
	else if (code != BASE_OK)
		audit_deviate(r, AUDIT_STORED, &c->index, "the tree's hash %" PRIu64 " cannot be read: %.300s", stored_index, err.text);
	else if (!base_hash_equal(&stored, hash))
		audit_deviate(r, AUDIT_STORED, &c->index, stored_index == proof_stored_index(0, c->index)
			      ? BASE_WORDS("the stored leaf hash is not the hash of the entry's bytes: one of the two was changed")
			      : BASE_WORDS("a stored hash of the tree above this entry is not the one that its leaves give"));
}

static void check_since(struct audit_replay *r)
{
	struct base_hash root;

	/* Of another ledger nothing is compared: its origin is judged at the end. */
	if (!r->has_since || r->frontier.size != r->since.size || !base_slice_equal(r->since.origin, base_buf_slice(&r->origin)))
		return;
	root = proof_frontier_root(&r->frontier);
	r->since_seen = true;
	r->since_equal = base_hash_equal(&root, &r->since.root);
	if (!r->since_equal)
		audit_deviate(r, AUDIT_SINCE, NULL, "the first %" PRIu64 " entries are not those of the checkpoint that you kept: history was rewritten",
			      r->since.size);
}

static void enter(struct audit_replay *r, const struct audit_piece *piece)
{
	struct comparing comparing = {r, piece->index};

	proof_frontier_add(&r->frontier, &piece->leaf, compare_stored, &comparing);
	check_since(r);
}

/* ---- Genesis ---- */

static void take_genesis(struct audit_replay *r, const struct audit_piece *piece)
{
	struct chain_genesis *genesis = NULL;
	struct base_error err = {{0}};

	if (piece->decoded != BASE_OK || piece->entry.type != CHAIN_GENESIS ||
	    chain_genesis_decode(&genesis, piece->bytes, &err) != BASE_OK) {
		audit_deviate(r, AUDIT_ENTRY, &piece->index, "this is not a ledger's genesis: %.300s", piece->decoded != BASE_OK ? piece->why : err.text);
		lose_state(r);
		return;
	}
	r->begun = true;
	r->ledger = base_sha256_of(piece->bytes);
	base_buf_append(&r->origin, base_slice_text(genesis->origin));
	r->time = piece->entry.time;
	if (r->source->signatures == NULL || r->source->signatures->len == 0)
		audit_deviate(r, AUDIT_SIGNATURE, &piece->index, "the founders' signatures (genesis.sig) are missing");
	else if (chain_genesis_verify(genesis, piece->bytes, base_buf_slice(r->source->signatures), &err) != BASE_OK)
		audit_deviate(r, AUDIT_SIGNATURE, &piece->index, "the founders' signatures: %.300s", err.text);
	chain_genesis_close(genesis);
	r->exec = state_exec_begin(&r->view, r->cache, &r->ledger, base_buf_slice(&r->origin), 0, r->time);
	if (state_exec_genesis(r->exec, piece->entry.genesis, &piece->leaf, &err) != BASE_OK) {
		audit_deviate(r, AUDIT_OUTCOME, &piece->index, "genesis cannot be executed: %.300s", err.text);
		lose_state(r);
	}
}

/* ---- Events ---- */

static void judge_signature(struct audit_replay *r, const struct audit_piece *piece)
{
	switch (piece->signature) {
	case AUDIT_SIG_NONE:
		break;
	case AUDIT_SIG_GOOD:
		r->report->signatures++;
		break;
	case AUDIT_SIG_BAD:
		audit_deviate(r, AUDIT_SIGNATURE, &piece->index, "the author's signature does not verify: %s", piece->why);
		break;
	case AUDIT_SIG_DEFERRED:
	case AUDIT_SIG_UNKNOWN:
		audit_deviate(r, AUDIT_SIGNATURE, &piece->index, "signed by a key that nobody enrolled before");
		break;
	}
}

static void begin_block(struct audit_replay *r, const struct audit_piece *piece)
{
	if (r->exec == NULL && !r->state_lost) {
		/* The block's time is checked when its end is reached. */
		r->exec = state_exec_begin(&r->view, r->cache, &r->ledger, base_buf_slice(&r->origin), r->height + 1, piece->entry.time);
		r->time = piece->entry.time;
	}
}

static void execute_event(struct audit_replay *r, const struct audit_piece *piece)
{
	struct state_outcome outcome = {0};
	struct base_error err = {{0}};
	uint64_t index = piece->index;
	enum base_code code;

	begin_block(r, piece);
	if (r->state_lost)
		return;
	/* r->height is 0 in block 0 too, so that the entry's own height does not show it. */
	if (r->report->blocks == 0) {
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "stands in the block of genesis, which holds genesis alone");
		lose_state(r);
		return;
	}
	if (piece->entry.height != r->height + 1)
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "says that it belongs to block %" PRIu64 ", but stands in block %" PRIu64,
			      piece->entry.height, r->height + 1);
	if (piece->entry.time.ms != r->time.ms)
		audit_deviate(r, AUDIT_TIME, &piece->index, "has another time than the rest of its block");
	code = state_exec_judge(r->exec, &piece->event, &index, &outcome, &err);
	if (code == BASE_REFUSED || code == BASE_EXISTS) {
		audit_deviate(r, AUDIT_SEQUENCE, &piece->index, "should have been refused at the door: %.300s",
			      code == BASE_EXISTS ? base_message("it was entered before") : err.text);
		lose_state(r);
		return;
	}
	if (code != BASE_OK) {
		audit_deviate(r, AUDIT_OUTCOME, &piece->index, "cannot be executed: %.300s", err.text);
		lose_state(r);
		return;
	}
	r->outcome.len = 0;
	state_outcome_encode(&r->outcome, &outcome);
	if (piece->event.envelope.kind->id == EVENTS_GOVERNANCE_RECOVER && outcome.verdict != STATE_DENY) {
		r->report->recovered = true;
		r->report->recovered_index = piece->index;
	}
	if (outcome.verdict != STATE_DENY)
		audit_contracts_take(r, piece->index, &piece->event);
	state_outcome_free(&outcome);
	if (!base_slice_equal(base_buf_slice(&r->outcome), piece->entry.outcome))
		audit_deviate(r, AUDIT_OUTCOME, &piece->index, "the recorded outcome is not the one that execution gives");
	state_exec_entered(r->exec, &piece->leaf);
}

/* ---- Blocks ---- */

static void check_tree(struct audit_replay *r, const struct audit_piece *piece)
{
	struct base_hash root = proof_frontier_root(&r->frontier);

	if (r->tree_lost || base_hash_equal(&root, &piece->entry.block.tree))
		return;
	audit_deviate(r, AUDIT_TREE, &piece->index, "the tree's root that block %" PRIu64 " names is not the root of the entries before it",
		      piece->entry.block.height);
	r->tree_lost = true;
	r->report->complete = false;
}

static void check_chain(struct audit_replay *r, const struct audit_piece *piece, uint64_t height)
{
	const struct chain_block_entry *block = &piece->entry.block;

	if (block->height != height)
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "closes block %" PRIu64 ", where block %" PRIu64 " ends", block->height, height);
	if (!base_hash_equal(&block->prev, &r->prev))
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "block %" PRIu64 " does not follow from the block before it", block->height);
	if (block->first != r->block_first || block->count != piece->index - r->block_first)
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "block %" PRIu64 " says that it has %" PRIu64 " entries from #%" PRIu64, block->height,
			      block->count, block->first);
	/* Who reads it would believe that more than the one operator agreed on the order. */
	if (block->has_engine)
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "block %" PRIu64 " names a consensus engine, but the ledger is ordered solo",
			      block->height);
	if (piece->entry.time.ms != block->time.ms)
		audit_deviate(r, AUDIT_TIME, &piece->index, "the block entry has two times");
	if (height > 0 && block->time.ms <= r->report->last.ms)
		audit_deviate(r, AUDIT_TIME, &piece->index, "block %" PRIu64 " is not later than the one before it", block->height);
	if (r->exec != NULL && block->time.ms != r->time.ms)
		audit_deviate(r, AUDIT_TIME, &piece->index, "block %" PRIu64 " has another time than its entries", block->height);
}

/* What is stored is read and hashed by another task: it costs half of what the execution does. */
static void check_row_later(const struct audit_replay *r, struct audit_batch *batch, const struct audit_piece *piece,
			    const struct base_hash *root)
{
	if (r->source->state == NULL)
		return;
	if (batch->row_count == batch->row_cap) {
		batch->row_cap = batch->row_cap == 0 ? 16 : batch->row_cap * 2;
		batch->rows = base_realloc(batch->rows, batch->row_cap * sizeof(*batch->rows));
	}
	batch->rows[batch->row_count++] =
		(struct audit_row){.height = piece->entry.block.height, .index = piece->index, .root = *root, .code = BASE_OK};
}

void audit_rows_check(struct audit_replay *r, struct audit_batch *batch)
{
	for (size_t i = 0; i < batch->row_count; i++) {
		struct audit_row *row = &batch->rows[i];
		struct base_error err = {{0}};

		row->code = r->source->state(r->source->arg, row->height, row->index, &row->root, &err);
		snprintf(row->why, sizeof(row->why), "%.190s", err.text);
	}
}

static void check_state(struct audit_replay *r, struct audit_batch *batch, const struct audit_piece *piece)
{
	const struct chain_block_entry *block = &piece->entry.block;
	struct state_changes changes;
	struct base_error err = {{0}};
	struct base_hash root;

	if (r->state_lost)
		return;
	if (r->exec == NULL) {
		audit_deviate(r, AUDIT_CHAIN, &piece->index, "block %" PRIu64 " has no entries", block->height);
		lose_state(r);
		return;
	}
	if (state_exec_finish(r->exec, &changes, &err) != BASE_OK) {
		audit_deviate(r, AUDIT_MAP, &piece->index, "block %" PRIu64 " cannot be executed: %.300s", block->height, err.text);
		lose_state(r);
		return;
	}
	state_memory_side(r->memory, changes.side, changes.side_count);
	/* Nobody reads this state but the executor. */
	state_memory_postings(r->memory, changes.postings + changes.lookup_first, changes.posting_count - changes.lookup_first);
	root = state_memory_update(r->memory, changes.map, changes.map_count);
	if (!base_hash_equal(&changes.side_hash, &block->side))
		audit_deviate(r, AUDIT_SIDE, &piece->index, "the state outside the map after block %" PRIu64 " is not the one that execution gives",
			      block->height);
	if (!base_hash_equal(&changes.nodes_hash, &block->nodes))
		audit_deviate(r, AUDIT_NODES, &piece->index, "the node set after block %" PRIu64 " is not the one that execution gives", block->height);
	state_exec_keep(r->exec);
	state_exec_close(r->exec);
	r->exec = NULL;
	if (!base_hash_equal(&root, &block->state)) {
		audit_deviate(r, AUDIT_MAP, &piece->index, "the root of the map after block %" PRIu64 " is not the one that execution gives",
			      block->height);
		lose_state(r);
	} else {
		check_row_later(r, batch, piece, &root);
	}
	r->report->state = root;
}

/* The text is compared here; the signatures are verified in pieces later. */
static void check_checkpoint(struct audit_replay *r, struct audit_batch *batch, const struct audit_piece *piece)
{
	struct audit_note *note;
	struct base_error err = {{0}};
	enum base_code code;

	if (r->source->checkpoint == NULL)
		return;
	if (batch->note_count == batch->note_cap) {
		size_t old = batch->note_cap;

		batch->note_cap = old == 0 ? 16 : old * 2;
		batch->notes = base_realloc(batch->notes, batch->note_cap * sizeof(*batch->notes));
		memset(batch->notes + old, 0, (batch->note_cap - old) * sizeof(*batch->notes));
	}
	note = &batch->notes[batch->note_count];
	note->note.len = 0;
	code = r->source->checkpoint(r->source->arg, piece->entry.block.height, r->frontier.size, &note->note, &err);
	if (code == BASE_NOT_FOUND)
		return;
	if (code != BASE_OK) {
		audit_deviate(r, AUDIT_CHECKPOINTS, &piece->index, "the checkpoint of block %" PRIu64 " cannot be read: %.300s",
			      piece->entry.block.height, err.text);
		return;
	}
	note->older = note->unknown = false;
	note->height = piece->entry.block.height;
	note->size = r->frontier.size;
	note->root = proof_frontier_root(&r->frontier);
	batch->note_count++;
}

static void close_block(struct audit_replay *r, struct audit_batch *batch, const struct audit_piece *piece)
{
	uint64_t height = r->report->blocks;

	check_tree(r, piece);
	check_chain(r, piece, height);
	check_state(r, batch, piece);
	enter(r, piece);
	check_checkpoint(r, batch, piece);
	r->prev = chain_app_hash(piece->bytes);
	r->height = height;
	r->block_first = piece->index + 1;
	r->report->last = piece->entry.block.time;
	r->report->blocks++;
}

void audit_batch_execute(struct audit_replay *r, struct audit_batch *batch)
{
	batch->note_count = 0;
	batch->row_count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct audit_piece *piece = &batch->pieces[i];

		r->report->entries++;
		if (piece->decoded != BASE_OK)
			audit_deviate(r, AUDIT_ENTRY, &piece->index, "cannot be read: %s", piece->why);
		if (piece->index == 0) {
			take_genesis(r, piece);
			enter(r, piece);
			continue;
		}
		if (piece->decoded != BASE_OK) {
			lose_state(r);
			enter(r, piece);
			continue;
		}
		switch (piece->entry.type) {
		case CHAIN_GENESIS:
			audit_deviate(r, AUDIT_ENTRY, &piece->index, "a second genesis");
			lose_state(r);
			enter(r, piece);
			break;
		case CHAIN_EVENT:
			r->report->events++;
			judge_signature(r, piece);
			execute_event(r, piece);
			if (r->options->payloads != NULL) {
				audit_cids_take(&r->cids, piece->index, &piece->event);
				audit_destroyed_take(&r->destroyed, piece->index, &piece->entry, &piece->event);
			}
			enter(r, piece);
			break;
		case CHAIN_BLOCK:
			close_block(r, batch, piece);
			break;
		}
	}
}
