/* Making evidence files from a snapshot: docs/formats/trail.md. */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the leaves of a file borrow from while it is put together. */
struct maker {
	struct chain_read *read;
	struct chain_evidence e;
	struct base_buf proof; /* of the map */
	struct base_buf paths; /* hashes of all leaves, one after the other */
	struct base_buf keys;  /* CBOR of the signers' keys */
	size_t *key_at;        /* of each leaf */
};

static void maker_free(struct maker *m)
{
	free(m->e.leaves);
	free(m->key_at);
	base_buf_free(&m->proof);
	base_buf_free(&m->paths);
	base_buf_free(&m->keys);
}

static enum base_code add_path(struct maker *m, struct chain_leaf *leaf, struct base_error *err)
{
	struct proof_path path;
	enum base_code code;

	code = proof_inclusion(&path, leaf->index, m->read->signed_size, chain_read_stored_hash, m->read, err);
	if (code != BASE_OK)
		return code;
	leaf->path_count = path.count;
	base_buf_append(&m->paths, base_slice(path.hashes, path.count * sizeof(path.hashes[0])));
	return BASE_OK;
}

/* Map proof, block entry and checkpoint of the newest signed boundary. */
static enum base_code begin(struct maker *m, struct base_error *err)
{
	struct chain_read *read = m->read;
	struct base_hash key = chain_evidence_key(&m->e);
	enum base_code code;
	uint64_t height, size;

	if ((code = chain_read_signed(read, &height, &size, err)) != BASE_OK)
		return code;
	if ((code = chain_read_map_prove(read, height, &key, &m->proof, &m->e.value, err)) != BASE_OK)
		return code;
	m->e.map_proof = base_buf_slice(&m->proof);
	m->e.has_value = m->e.value.data != NULL;
	m->e.note = base_buf_slice(&read->note);
	m->e.block.index = size - 1;
	if ((code = chain_source_entry(&read->source, size - 1, &m->e.block.entry, err)) != BASE_OK)
		return code;
	return add_path(m, &m->e.block, err);
}

/* The buffers no longer move: leaves can point into them. */
static void finish(struct maker *m, struct base_buf *out)
{
	const struct base_hash *at = (const struct base_hash *)(const void *)m->paths.data;

	m->e.block.path = at;
	at += m->e.block.path_count;
	for (size_t i = 0; i < m->e.leaf_count; i++) {
		struct chain_leaf *leaf = &m->e.leaves[i];
		size_t end = i + 1 < m->e.leaf_count ? m->key_at[i + 1] : m->keys.len;

		leaf->path = at;
		at += leaf->path_count;
		leaf->key = base_slice(m->keys.data + m->key_at[i], end - m->key_at[i]);
	}
	chain_evidence_encode(out, &m->e);
}

/* ---- Trails ------------------------------------------------------------- */

static enum base_code concerns(struct maker *m, const struct state_view *view, uint64_t index, const struct base_hash *reference,
			       bool *yes, struct base_error *err)
{
	struct state_concern *list = NULL;
	size_t count = 0, i;
	enum base_code code;

	*yes = false;
	if ((code = state_concerns(view, index, &list, &count, err)) != BASE_OK)
		return code;
	for (i = 0; i < count && !*yes; i++)
		*yes = base_slice_equal(list[i].study, m->e.study) && base_slice_equal(list[i].reference, base_hash_slice(reference));
	free(list);
	return BASE_OK;
}

static enum base_code add_entry(struct maker *m, uint64_t index, struct state_head *head, struct base_error *err)
{
	struct chain_leaf *leaf = &m->e.leaves[m->e.leaf_count];
	struct chain_entry entry;
	struct events_event event;
	struct keys_public key;
	struct base_hash kid;
	enum base_code code;

	*leaf = (struct chain_leaf){.index = index};
	if ((code = chain_source_entry(&m->read->source, index, &leaf->entry, err)) != BASE_OK ||
	    (code = chain_entry_decode(&entry, leaf->entry, err)) != BASE_OK ||
	    (code = events_decode(&event, entry.event, err)) != BASE_OK)
		return base_wrap(err, code, "entry %" PRIu64, index);
	memcpy(kid.bytes, event.cose.kid.data, sizeof(kid.bytes));
	if ((code = chain_key(m->read->chain, &kid, &key, err)) != BASE_OK)
		return base_wrap(err, code, "signer of entry %" PRIu64, index);
	m->key_at[m->e.leaf_count] = m->keys.len;
	keys_public_put(&m->keys, &key);
	m->e.leaf_count++;
	head->leaf = proof_leaf(leaf->entry);
	head->chain = state_head_step(&head->chain, &head->leaf);
	head->count++;
	return add_path(m, leaf, err);
}

/* The postings only point; the head in the map says whether all were found. */
static enum base_code add_entries(struct maker *m, const struct base_hash *reference, struct base_error *err)
{
	struct state_head head, folded = {0};
	struct state_view view;
	uint64_t *indices = NULL;
	size_t count = 0, i;
	enum base_code code;

	if ((code = state_head_decode(&head, m->e.value, err)) != BASE_OK)
		goto out;
	code = chain_read_postings(m->read, state_term_participant(m->e.study, base_hash_slice(reference)), &indices, &count, err);
	if (code != BASE_OK)
		goto out;
	m->e.leaves = base_alloc(count * sizeof(*m->e.leaves));
	m->key_at = base_alloc(count * sizeof(*m->key_at));
	chain_read_view(m->read, &view);
	for (i = 0; i < count && indices[i] < m->e.block.index; i++) {
		bool yes;

		if ((code = concerns(m, &view, indices[i], reference, &yes, err)) != BASE_OK)
			goto out;
		if (yes && (code = add_entry(m, indices[i], &folded, err)) != BASE_OK)
			goto out;
	}
	if (folded.count != head.count || !base_hash_equal(&folded.chain, &head.chain))
		code = base_fail(err, BASE_STORAGE,
				 "the index gives %" PRIu64 " entries of the participant, but the head counts %" PRIu64
				 ": the database is damaged; run an audit",
				 folded.count, head.count);
out:
	free(indices);
	return code;
}

enum base_code chain_read_trail(struct chain_read *read, const char *study, const struct base_hash *reference, struct base_buf *out,
				struct base_error *err)
{
	struct maker m = {.read = read};
	struct base_buf cbor = BASE_BUF_INIT;
	enum base_code code;

	if (!events_text_valid(EVENTS_STUDY, base_slice_text(study)))
		return base_fail(err, BASE_MALFORMED, "trail: this is not the code of a study");
	wire_put_hash(&cbor, reference);
	m.e = (struct chain_evidence){
		.kind = CHAIN_TRAIL,
		.table = STATE_HEAD,
		.study = base_slice_text(study),
		.reference = base_buf_slice(&cbor),
	};
	if ((code = begin(&m, err)) != BASE_OK)
		goto out;
	if (m.e.has_value && (code = add_entries(&m, reference, err)) != BASE_OK)
		goto out;
	finish(&m, out);
out:
	maker_free(&m);
	base_buf_free(&cbor);
	return base_wrap(err, code, "trail");
}

/* ---- Presence and absence ----------------------------------------------- */

enum base_code chain_read_evidence(struct chain_read *read, enum state_table table, struct base_slice study,
				   struct base_slice reference_cbor, uint64_t chunk, struct base_buf *out, struct base_error *err)
{
	struct maker m = {.read = read};
	enum base_code code;

	if (study.len > 0 && !events_text_valid(EVENTS_STUDY, study))
		return base_fail(err, BASE_MALFORMED, "evidence: this is not the code of a study");
	m.e = (struct chain_evidence){
		.kind = CHAIN_STATE,
		.table = table,
		.study = study,
		.reference = reference_cbor,
		.chunk = chunk,
	};
	if ((code = begin(&m, err)) == BASE_OK)
		finish(&m, out);
	maker_free(&m);
	return base_wrap(err, code, "evidence");
}
