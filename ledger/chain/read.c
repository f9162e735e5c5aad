/* Snapshots: what the ledger held at one commit. */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#define BEGIN_ATTEMPTS 8

/* The newest boundary with a checkpoint: stored, or signed by this process and not stored yet. stale: the writer has gone on
 * since the snapshot was taken, and what this process signed for its end is on its way into the database. */
static enum base_code load_signed(struct chain_read *read, bool *stale, struct base_error *err)
{
	struct chain *chain = read->chain;
	struct chain_block_entry block;
	struct base_slice note, bytes;
	enum base_code code;
	uint64_t index;

	code = store_last_u64(read->txn, CHAIN_CHECKPOINTS, &read->signed_height, &note);
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return base_fail(err, code, "cannot read the checkpoints");
	if (code == BASE_OK) {
		read->has_signed = true;
		base_buf_append(&read->note, note);
	}
	(void)pthread_mutex_lock(&chain->lock);
	*stale = chain->pending && chain->pending_height > read->tip.height;
	if (chain->pending && chain->pending_height <= read->tip.height &&
	    (!read->has_signed || chain->pending_height > read->signed_height)) {
		read->has_signed = true;
		read->signed_height = chain->pending_height;
		read->note.len = 0;
		base_buf_append(&read->note, base_buf_slice(&chain->pending_note));
	}
	(void)pthread_mutex_unlock(&chain->lock);
	if (!read->has_signed)
		return BASE_OK;
	if ((code = chain_source_block(&read->source, read->signed_height, &block, &index, &bytes, err)) != BASE_OK)
		return code;
	read->signed_size = index + 1;
	return BASE_OK;
}

static enum base_code begin_once(struct chain_read **out, struct chain *chain, bool *stale, struct base_error *err)
{
	struct chain_read *read = base_alloc(sizeof(*read));
	enum base_code code;

	*stale = false;
	read->chain = chain;
	if ((code = store_begin(&read->txn, chain->store, false, err)) != BASE_OK)
		goto out;
	chain_source_begin(&read->source, read->txn, 0);
	if ((code = chain_source_tip(&read->source, &read->tip, err)) != BASE_OK)
		goto out;
	read->source.height = read->tip.height;
	code = load_signed(read, stale, err);
out:
	if (code == BASE_OK)
		*out = read;
	else
		chain_read_end(&read);
	return code;
}

enum base_code chain_read_begin(struct chain_read **out, struct chain *chain, struct base_error *err)
{
	enum base_code code;
	bool stale;

	*out = NULL;
	for (int attempt = 0;; attempt++) {
		if ((code = begin_once(out, chain, &stale, err)) != BASE_OK || !stale || attempt == BEGIN_ATTEMPTS)
			return code;
		chain_read_end(out);
	}
}

void chain_read_end(struct chain_read **read)
{
	if (*read == NULL)
		return;
	chain_source_end(&(*read)->source);
	store_abort(&(*read)->txn);
	base_buf_free(&(*read)->note);
	free(*read);
	*read = NULL;
}

uint64_t chain_read_size(const struct chain_read *read)
{
	return read->tip.size;
}

uint64_t chain_read_height(const struct chain_read *read)
{
	return read->tip.height;
}

enum base_code chain_read_entry(struct chain_read *read, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	if (index >= read->tip.size)
		return base_fail(err, BASE_NOT_FOUND, "there is no entry %" PRIu64 "; the ledger has %" PRIu64, index, read->tip.size);
	return chain_source_entry(&read->source, index, bytes, err);
}

enum base_code chain_read_block(struct chain_read *read, uint64_t height, struct chain_block_entry *out, uint64_t *index,
				struct base_error *err)
{
	struct base_slice bytes;

	if (height > read->tip.height)
		return base_fail(err, BASE_NOT_FOUND, "there is no block %" PRIu64 "; the last is %" PRIu64, height, read->tip.height);
	return chain_source_block(&read->source, height, out, index, &bytes, err);
}

enum base_code chain_read_find(struct chain_read *read, const struct base_hash *event_id, uint64_t *index, struct base_error *err)
{
	uint64_t *found = NULL;
	size_t count = 0, i;
	enum base_code code;

	code = store_postings_find(read->txn, CHAIN_POSTINGS, state_term_event(event_id), &found, &count, 0, err);
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		goto out;
	for (i = 0; i < count; i++) {
		struct base_slice bytes = {NULL, 0};
		struct chain_entry entry;
		struct events_event event;

		if ((code = chain_read_entry(read, found[i], &bytes, err)) != BASE_OK)
			goto out;
		if (chain_entry_decode(&entry, bytes, NULL) == BASE_OK && entry.type == CHAIN_EVENT &&
		    events_decode(&event, entry.event, NULL) == BASE_OK && base_hash_equal(&event.id, event_id)) {
			*index = found[i];
			goto out;
		}
	}
	code = base_fail(err, BASE_NOT_FOUND, "the ledger has no event of that id");
out:
	free(found);
	return code;
}

enum base_code chain_read_postings(struct chain_read *read, uint64_t term, uint64_t **indices, size_t *count, struct base_error *err)
{
	enum base_code code;

	*indices = NULL;
	*count = 0;
	code = store_postings_find(read->txn, CHAIN_POSTINGS, term, indices, count, 0, err);
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

enum base_code chain_read_checkpoint(struct chain_read *read, uint64_t height, struct base_buf *note, struct base_error *err)
{
	struct base_slice there;
	enum base_code code;

	if (read->has_signed && height == read->signed_height) {
		base_buf_append(note, base_buf_slice(&read->note));
		return BASE_OK;
	}
	code = store_get_u64(read->txn, CHAIN_CHECKPOINTS, height, &there);
	if (code == BASE_NOT_FOUND)
		return base_fail(err, code, "this node signed no checkpoint of block %" PRIu64, height);
	if (code != BASE_OK)
		return base_fail(err, code, "cannot read the checkpoint of block %" PRIu64, height);
	base_buf_append(note, there);
	return BASE_OK;
}

enum base_code chain_read_signed(struct chain_read *read, uint64_t *height, uint64_t *size, struct base_error *err)
{
	if (!read->has_signed)
		return base_fail(err, BASE_NOT_FOUND, "the ledger has no signed checkpoint: open it with the node's keys to sign one");
	*height = read->signed_height;
	*size = read->signed_size;
	return BASE_OK;
}

enum base_code chain_read_stored_hash(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	struct chain_read *read = arg;

	return chain_source_hash(&read->source, stored_index, out, err);
}

void chain_read_view(struct chain_read *read, struct state_view *view)
{
	chain_source_view(&read->source, view);
}

enum base_code chain_read_key(struct chain_read *read, const struct base_hash *kid, struct keys_public *out, struct base_error *err)
{
	struct state_view view;

	chain_read_view(read, &view);
	return chain_view_key(&view, kid, out, err);
}

enum base_code chain_read_map_prove(struct chain_read *read, uint64_t height, const struct base_hash *key, struct base_buf *proof,
				    struct base_slice *value, struct base_error *err)
{
	enum base_code code;

	*value = base_slice(NULL, 0);
	if (height > read->tip.height)
		return base_fail(err, BASE_NOT_FOUND, "there is no block %" PRIu64 "; the last is %" PRIu64, height, read->tip.height);
	code = state_map_get(read->txn, CHAIN_ROWS, height, key, value, err);
	if (code != BASE_OK && code != BASE_NOT_FOUND)
		return code;
	return state_map_prove(read->txn, CHAIN_ROWS, height, key, proof, err);
}
