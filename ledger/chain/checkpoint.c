/* Signing checkpoints at block boundaries, and storing them: docs/formats/block.md.
 *
 * A boundary is signed after its block is durable, and stored with the next
 * block (or by chain_flush): a commit of its own for each would double what a
 * block costs. A crash in between loses a signature, never an entry; the next open signs again.
 */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <string.h>

/* ---- Who may sign ------------------------------------------------------- */

static void put_recovered(struct base_buf *out, const struct chain *chain)
{
	wire_put_array(out, 3);
	wire_put_cstr(out, chain->cosign_name);
	keys_public_put(out, keys_private_public(chain->signer.log));
	keys_public_put(out, keys_private_public(chain->signer.cosign));
}

static enum base_code read_recovered(struct base_slice row, struct base_slice *name, struct chain_node *node, struct base_error *err)
{
	struct wire_reader r;
	struct base_slice log, cosign;
	enum base_code code;

	if ((code = wire_check(row, err)) != BASE_OK)
		return code;
	wire_read(&r, row);
	wire_expect_array(&r, 3);
	*name = wire_get_text(&r);
	log = wire_get_raw(&r);
	cosign = wire_get_raw(&r);
	if ((code = wire_done(&r, "recovered keys", err)) != BASE_OK || (code = keys_public_parse(&node->log, log, err)) != BASE_OK)
		return code;
	return keys_public_parse(&node->cosign, cosign, err);
}

enum base_code chain_nodes_load(const struct chain *chain, struct chain_source *source, struct chain_node *nodes, struct base_error *err)
{
	const struct chain_genesis *genesis = chain->genesis;
	struct base_slice row, name;
	struct chain_node fresh;
	enum base_code code;
	size_t i;

	memcpy(nodes, genesis->nodes, genesis->node_count * sizeof(*nodes));
	code = store_get(source->txn, CHAIN_META, base_slice_text(CHAIN_META_RECOVERED), &row);
	if (code == BASE_NOT_FOUND)
		return BASE_OK;
	if (code != BASE_OK)
		return base_fail(err, code, "cannot read the keys of the nodes");
	if (read_recovered(row, &name, &fresh, NULL) != BASE_OK)
		return base_fail(err, BASE_STORAGE, "the keys of the nodes are damaged in the database");
	for (i = 0; i < genesis->node_count; i++) {
		if (base_slice_equal(name, base_slice_text(nodes[i].name))) {
			nodes[i].log = fresh.log;
			nodes[i].cosign = fresh.cosign;
		}
	}
	return BASE_OK;
}

static bool same_key(const struct keys_public *a, const struct keys_public *b)
{
	return a->alg == b->alg && base_slice_equal(base_slice(a->bytes, a->len), base_slice(b->bytes, b->len));
}

/* found: the signer is one of the nodes. */
static enum base_code find_node(const struct chain *chain, struct chain_source *source, bool *named, bool *found, struct base_error *err)
{
	struct chain_node nodes[CHAIN_NODES_MAX];
	enum base_code code;
	size_t i;

	*named = *found = false;
	if ((code = chain_nodes_load(chain, source, nodes, err)) != BASE_OK)
		return code;
	for (i = 0; i < chain->genesis->node_count; i++) {
		if (strcmp(nodes[i].name, chain->cosign_name) != 0)
			continue;
		*named = true;
		*found = same_key(&nodes[i].log, keys_private_public(chain->signer.log)) &&
			 same_key(&nodes[i].cosign, keys_private_public(chain->signer.cosign));
	}
	return BASE_OK;
}

static enum base_code write_recovered(struct chain *chain, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct base_buf row = BASE_BUF_INIT;
	enum base_code code;

	put_recovered(&row, chain);
	if ((code = store_begin(&txn, chain->store, true, err)) == BASE_OK &&
	    (code = store_put(txn, CHAIN_META, base_slice_text(CHAIN_META_RECOVERED), base_buf_slice(&row), err)) == BASE_OK)
		code = store_commit(&txn, err);
	store_abort(&txn);
	base_buf_free(&row);
	return code;
}

/* ---- Agreement of record and database ----------------------------------- */

/* Everything that this node signed must still be a prefix of what the database
 * holds: the last is, and each was checked against its predecessor. */
static enum base_code agree(struct chain *chain, uint64_t size, const struct base_hash *root, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct chain_source source = {0};
	struct chain_tip tip;
	struct base_hash here;
	enum base_code code;

	if (size == 0 || (size == chain->record_size && base_hash_equal(root, &chain->record_root)))
		return BASE_OK;
	if ((code = store_begin(&txn, chain->store, false, err)) != BASE_OK)
		return code;
	chain_source_begin(&source, txn, 0);
	if ((code = chain_source_tip(&source, &tip, err)) != BASE_OK)
		goto out;
	if (tip.size < size) {
		code = base_fail(err, BASE_MISMATCH,
				 "this node signed a checkpoint of %" PRIu64 " entries, but the ledger has %" PRIu64
				 ": it was rolled back or restored from a copy; do not record in it with these node keys",
				 size, tip.size);
		goto out;
	}
	if ((code = proof_root(&here, size, chain_source_hash, &source, err)) != BASE_OK)
		goto out;
	if (!base_hash_equal(&here, root)) {
		code = base_fail(err, BASE_MISMATCH,
				 "this node signed another ledger of %" PRIu64
				 " entries: the history in this folder was rewritten; audit it, and do not record in it",
				 size);
		goto out;
	}
	chain->record_size = size;
	chain->record_root = *root;
out:
	chain_source_end(&source);
	store_abort(&txn);
	return code;
}

static enum base_code remember(struct chain *chain, uint64_t size, const struct base_hash *root, struct base_error *err)
{
	struct base_hash last_root;
	enum base_code code;
	uint64_t last;

	if ((code = chain_signed_lock(chain->record, &last, &last_root, err)) != BASE_OK)
		return code;
	if ((code = agree(chain, last, &last_root, err)) != BASE_OK)
		goto out;
	/* Another process signed a later boundary of the same history already: nothing to remember. */
	if (size < last)
		goto out;
	if (size == last && !base_hash_equal(root, &last_root)) {
		code = base_fail(err, BASE_MISMATCH, "this node signed another root for %" PRIu64 " entries", size);
		goto out;
	}
	if ((code = chain_signed_advance(chain->record, size, root, err)) != BASE_OK)
		goto out;
	chain->record_size = size;
	chain->record_root = *root;
out:
	chain_signed_unlock(chain->record);
	return code;
}

/* ---- Signing ------------------------------------------------------------ */

enum base_code chain_checkpoint_sign(struct chain *chain, uint64_t height, uint64_t size, const struct base_hash *root,
				     struct base_time time, struct base_error *err)
{
	struct base_buf note = BASE_BUF_INIT, lines = BASE_BUF_INIT;
	const char *origin = chain->genesis->origin;
	enum base_code code;

	if (chain->signer.log == NULL)
		return BASE_OK;
	if ((code = remember(chain, size, root, err)) != BASE_OK)
		goto out;
	proof_checkpoint_format(&note, origin, size, root);
	if ((code = proof_note_sign(&lines, base_buf_slice(&note), origin, chain->signer.log, err)) != BASE_OK)
		goto out;
	code = proof_note_cosign(&lines, base_buf_slice(&note), chain->cosign_name, time.ms / 1000, chain->signer.cosign, err);
	if (code != BASE_OK)
		goto out;
	base_buf_byte(&note, '\n');
	base_buf_append(&note, base_buf_slice(&lines));
	(void)pthread_mutex_lock(&chain->lock);
	chain->pending = true;
	chain->pending_height = height;
	chain->pending_note.len = 0;
	base_buf_append(&chain->pending_note, base_buf_slice(&note));
	(void)pthread_mutex_unlock(&chain->lock);
out:
	base_buf_free(&note);
	base_buf_free(&lines);
	return base_wrap(err, code, "block %" PRIu64 " is recorded, but its checkpoint was not signed", height);
}

enum base_code chain_checkpoint_put(struct chain *chain, struct store_txn *txn, struct base_error *err)
{
	struct base_slice there;
	enum base_code code;

	if (!chain->pending)
		return BASE_OK;
	code = store_get_u64(txn, CHAIN_CHECKPOINTS, chain->pending_height, &there);
	if (code == BASE_NOT_FOUND) /* else another process stored its own */
		code = store_put_u64(txn, CHAIN_CHECKPOINTS, chain->pending_height, base_buf_slice(&chain->pending_note), err);
	return base_wrap(err, code, "store a checkpoint");
}

void chain_checkpoint_stored(struct chain *chain)
{
	(void)pthread_mutex_lock(&chain->lock);
	chain->pending = false;
	(void)pthread_mutex_unlock(&chain->lock);
}

/* Signs the newest boundary unless that was done. */
static enum base_code catch_up(struct chain *chain, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct base_slice note;
	struct base_hash root;
	enum base_code code;
	bool stored;

	if (chain->signer.log == NULL)
		return BASE_OK;
	if ((code = store_begin(&txn, chain->store, false, err)) != BASE_OK)
		return code;
	code = chain_refresh(chain, txn, err);
	stored = code == BASE_OK && store_get_u64(txn, CHAIN_CHECKPOINTS, chain->work.tip.height, &note) == BASE_OK;
	store_abort(&txn);
	if (code != BASE_OK || stored || (chain->pending && chain->pending_height == chain->work.tip.height))
		return code;
	root = proof_frontier_root(&chain->work.frontier);
	return chain_checkpoint_sign(chain, chain->work.tip.height, chain->work.tip.size, &root, chain->work.tip.time, err);
}

/* What the database says about the signer. */
static enum base_code look(struct chain *chain, bool *named, bool *found, bool *signed_before, struct base_error *err)
{
	struct store_txn *txn = NULL;
	struct chain_source source = {0};
	struct base_slice note;
	uint64_t height;
	enum base_code code;

	if ((code = store_begin(&txn, chain->store, false, err)) != BASE_OK)
		return code;
	chain_source_begin(&source, txn, 0);
	code = find_node(chain, &source, named, found, err);
	*signed_before = store_last_u64(txn, CHAIN_CHECKPOINTS, &height, &note) == BASE_OK;
	chain_source_end(&source);
	store_abort(&txn);
	return code;
}

enum base_code chain_checkpoint_open(struct chain *chain, struct base_error *err)
{
	bool named, found, signed_before;
	struct base_hash kid, root;
	enum base_code code;
	uint64_t size;

	if ((code = look(chain, &named, &found, &signed_before, err)) != BASE_OK)
		return code;
	if (!named || (!found && !chain->signer.recovered))
		return base_fail(err, BASE_KEY, "these are not the keys of node \"%s\" of this copy of the ledger; if they were made anew for another copy "
						"(`regesta recover`), go on with that one", chain->cosign_name);
	kid = keys_kid(keys_private_public(chain->signer.log));
	code = chain_signed_open(&chain->record, chain->signer.signed_path, &chain->id, &kid, !signed_before || !found, err);
	if (code == BASE_NOT_FOUND)
		return base_wrap(err, code, "the ledger has checkpoints that this node signed, but the record of them is gone: "
					    "signing without it could contradict them");
	if (code != BASE_OK)
		return code;
	if ((code = chain_signed_lock(chain->record, &size, &root, err)) != BASE_OK)
		return code;
	code = agree(chain, size, &root, err);
	chain_signed_unlock(chain->record);
	if (code == BASE_OK && !found)
		code = write_recovered(chain, err);
	return code == BASE_OK ? catch_up(chain, err) : code;
}

static enum base_code store_pending(struct chain *chain, struct base_error *err)
{
	struct store_txn *txn = NULL;
	enum base_code code;

	if ((code = store_begin(&txn, chain->store, true, err)) == BASE_OK && (code = chain_checkpoint_put(chain, txn, err)) == BASE_OK)
		code = store_commit(&txn, err);
	store_abort(&txn);
	return code;
}

enum base_code chain_flush(struct chain *chain, struct base_error *err)
{
	enum base_code code;

	if ((code = catch_up(chain, err)) != BASE_OK || !chain->pending)
		return code;
	code = BASE_BUSY;
	for (int attempt = 0; attempt < CHAIN_ATTEMPTS && code == BASE_BUSY; attempt++)
		code = store_pending(chain, err);
	if (code == BASE_OK)
		chain_checkpoint_stored(chain);
	return code;
}
