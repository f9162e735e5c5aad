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
	struct base_buf note;  /* a checkpoint that was cosigned again */
};

static void maker_free(struct maker *m)
{
	free(m->e.leaves);
	free(m->key_at);
	free(m->e.chunks);
	base_buf_free(&m->note);
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

/* Block entry and checkpoint of the newest signed boundary. */
static enum base_code begin_block(struct maker *m, uint64_t *height, struct base_error *err)
{
	struct chain_read *read = m->read;
	enum base_code code;
	uint64_t size;

	if ((code = chain_read_signed(read, height, &size, err)) != BASE_OK)
		return code;
	m->e.note = base_buf_slice(&read->note);
	m->e.block.index = size - 1;
	if ((code = chain_source_entry(&read->source, size - 1, &m->e.block.entry, err)) != BASE_OK)
		return code;
	return add_path(m, &m->e.block, err);
}

/* The map's proof of one record as of that boundary, too. */
static enum base_code begin(struct maker *m, struct base_error *err)
{
	struct base_hash key = chain_evidence_key(&m->e);
	uint64_t height;
	enum base_code code = begin_block(m, &height, err);

	if (code == BASE_OK)
		code = chain_read_map_prove(m->read, height, &key, &m->proof, &m->e.value, err);
	m->e.map_proof = base_buf_slice(&m->proof);
	m->e.has_value = m->e.value.data != NULL;
	return code;
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

/* ---- Consent -------------------------------------------------------------- */

bool chain_speaks_for(uint64_t cosigned_s, struct base_time at)
{
	return cosigned_s > 0 && cosigned_s <= UINT64_MAX / 1000 && at.ms < cosigned_s * 1000 && cosigned_s * 1000 - at.ms > CHAIN_TOLERANCE_MS;
}

/* What was cosigned when its block was made is cosigned again now, by the node whose keys are at hand: the same size and root. */
static enum base_code cosign_again(struct maker *m, struct base_time now, uint64_t *cosigned_s, struct base_error *err)
{
	const struct chain_signer *signer = &m->read->chain->signer;
	struct proof_note *note;
	struct base_buf lines = BASE_BUF_INIT;
	struct chain_entry block;
	enum base_code code = chain_entry_decode(&block, m->e.block.entry, err);

	if (code != BASE_OK)
		return code;
	*cosigned_s = block.time.ms / 1000;
	if (signer->log == NULL || now.ms / 1000 <= *cosigned_s)
		return BASE_OK;
	note = base_alloc(sizeof(*note));
	if ((code = proof_note_parse(note, m->e.note, err)) != BASE_OK ||
	    (code = proof_note_sign(&lines, note->text, m->read->chain->genesis->origin, signer->log, err)) != BASE_OK ||
	    (code = proof_note_cosign(&lines, note->text, m->read->chain->cosign_name, now.ms / 1000, signer->cosign, err)) != BASE_OK)
		goto out;
	base_buf_append(&m->note, note->text);
	base_buf_byte(&m->note, '\n');
	base_buf_append(&m->note, base_buf_slice(&lines));
	m->e.note = base_buf_slice(&m->note);
	*cosigned_s = now.ms / 1000;
out:
	base_buf_free(&lines);
	free(note);
	return code;
}

/* One record, chunk after chunk to the one that is not there; its facts too. */
static enum base_code add_chunks(struct maker *m, uint64_t height, enum state_table table, size_t whose, struct chain_person *person,
				 size_t *proof_at, struct base_error *err)
{
	enum base_code code = BASE_OK;
	bool more = true;

	for (uint64_t n = 0; more && code == BASE_OK; n++) {
		struct chain_chunk *chunk;
		struct base_hash key;

		if (m->e.chunk_count == CHAIN_CHUNKS_MAX)
			return base_fail(err, BASE_LIMIT, "the records have more than %d chunks", CHAIN_CHUNKS_MAX);
		m->e.chunks = base_realloc(m->e.chunks, (m->e.chunk_count + 1) * sizeof(*m->e.chunks));
		chunk = &m->e.chunks[m->e.chunk_count];
		*chunk = (struct chain_chunk){.table = table, .chunk = n, .person = whose};
		key = state_map_key(table, m->e.study, chain_chunk_reference(&m->e, chunk), n);
		proof_at[m->e.chunk_count++] = m->proof.len;
		code = chain_read_map_prove(m->read, height, &key, &m->proof, &chunk->value, err);
		more = chunk->has_value = chunk->value.data != NULL;
		if (code == BASE_OK)
			code = chain_person_add(person, chunk, err);
	}
	return code;
}

/* Of every reference of the person, as known. others: storage of theirs. */
static enum base_code add_records(struct maker *m, uint64_t height, const struct base_hash *reference, struct base_buf *others,
				  struct chain_person *person, size_t *proof_at, struct base_error *err)
{
	uint8_t same[STATE_SAME_MAX][32];
	struct state_view view;
	size_t count = 0, at;
	enum base_code code;

	chain_read_view(m->read, &view);
	code = state_same_person(&view, m->e.study, reference->bytes, m->e.claim.question.known, same, &count, err);
	base_buf_reserve(others, count * (2 + BASE_HASH_BYTES));
	for (size_t i = 0; i < count && code == BASE_OK; i++) {
		if (memcmp(same[i], reference->bytes, BASE_HASH_BYTES) == 0)
			continue;
		at = others->len;
		wire_put_bytes(others, base_slice(same[i], BASE_HASH_BYTES));
		m->e.others[m->e.other_count++] = base_slice(others->data + at, others->len - at);
	}
	if (code != BASE_OK || (code = add_chunks(m, height, STATE_PARTICIPANT, 0, person, proof_at, err)) != BASE_OK ||
	    (code = add_chunks(m, height, STATE_APPROVAL, 0, person, proof_at, err)) != BASE_OK)
		return code;
	code = add_chunks(m, height, STATE_CONSENT, 0, person, proof_at, err);
	for (size_t i = 1; i <= m->e.other_count && code == BASE_OK; i++) {
		if ((code = add_chunks(m, height, STATE_PARTICIPANT, i, person, proof_at, err)) == BASE_OK)
			code = add_chunks(m, height, STATE_CONSENT, i, person, proof_at, err);
	}
	return code;
}

static enum base_code check_time(struct maker *m, bool has_at, uint64_t cosigned_s, struct base_error *err)
{
	struct state_question *question = &m->e.claim.question;
	uint64_t size = m->e.block.index + 1;
	char at[BASE_TIME_TEXT_BYTES], cosigned[BASE_TIME_TEXT_BYTES];

	if (question->known > size)
		question->known = size;
	if (!has_at)
		question->at.ms = cosigned_s * 1000 > CHAIN_TOLERANCE_MS ? cosigned_s * 1000 - CHAIN_TOLERANCE_MS - 1 : 0;
	if (question->known < size || chain_speaks_for(cosigned_s, question->at))
		return BASE_OK;
	base_time_format(at, question->at, 0);
	base_time_format(cosigned, (struct base_time){cosigned_s * 1000}, 0);
	return base_fail(err, BASE_NOT_FOUND,
			 "it is asked what held at %s, and the newest checkpoint is cosigned at %s: it speaks for what was more than %d seconds "
			 "before that; ask about an earlier time, or again later",
			 at, cosigned, CHAIN_TOLERANCE_MS / 1000);
}

static enum base_code claim_holds(struct maker *m, const struct chain_person *person, struct state_answer *answer, struct base_error *err)
{
	enum base_code code;

	*answer = (struct state_answer){.stance = STATE_SILENT};
	if ((code = chain_answer(&m->e, person, answer, err)) != BASE_OK)
		return code;
	if ((answer->stance == STATE_PERMITTED) == m->e.claim.consent)
		return BASE_OK;
	return base_fail(err, BASE_MISMATCH, m->e.claim.consent ? BASE_WORDS("there was no such consent") : BASE_WORDS("there was such a consent"));
}

enum base_code chain_read_consent(struct chain_read *read, const char *study, const struct base_hash *reference,
				  const struct chain_claim *claim, bool has_at, struct base_time now, struct base_buf *out,
				  struct state_answer *answer, struct base_error *err)
{
	struct maker m = {.read = read};
	struct chain_person person = {.approvals = {NULL, 0}};
	struct base_buf cbor = BASE_BUF_INIT, others = BASE_BUF_INIT;
	struct state_answer ignored;
	size_t proof_at[CHAIN_CHUNKS_MAX + 1] = {0};
	uint64_t height, cosigned_s;
	enum base_code code;

	if (!events_text_valid(EVENTS_STUDY, base_slice_text(study)))
		return base_fail(err, BASE_MALFORMED, "consent: this is not the code of a study");
	wire_put_hash(&cbor, reference);
	m.e = (struct chain_evidence){.kind = CHAIN_CONSENT,
				      .table = STATE_CONSENT,
				      .study = base_slice_text(study),
				      .reference = base_buf_slice(&cbor),
				      .claim = *claim};
	if ((code = begin_block(&m, &height, err)) != BASE_OK || (code = cosign_again(&m, now, &cosigned_s, err)) != BASE_OK ||
	    (code = check_time(&m, has_at, cosigned_s, err)) != BASE_OK)
		goto out;
	if ((code = add_records(&m, height, reference, &others, &person, proof_at, err)) != BASE_OK ||
	    (code = claim_holds(&m, &person, answer != NULL ? answer : &ignored, err)) != BASE_OK)
		goto out;
	proof_at[m.e.chunk_count] = m.proof.len;
	for (size_t i = 0; i < m.e.chunk_count; i++)
		m.e.chunks[i].map_proof = base_slice(m.proof.data + proof_at[i], proof_at[i + 1] - proof_at[i]);
	finish(&m, out);
out:
	chain_person_free(&person);
	maker_free(&m);
	base_buf_free(&cbor);
	base_buf_free(&others);
	return base_wrap(err, code, "consent");
}
