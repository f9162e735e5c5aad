/* A batch of whole blocks: read in order, then decoded, hashed and verified in pieces that touch nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

void audit_batch_free(struct audit_batch *batch)
{
	for (size_t i = 0; i < batch->note_cap; i++)
		base_buf_free(&batch->notes[i].note);
	base_buf_free(&batch->copies);
	free(batch->pieces);
	free(batch->notes);
	free(batch->rows);
	*batch = (struct audit_batch){0};
}

/* The type stands after the array's head; what is damaged there is found when it is decoded. */
static bool closes_block(struct base_slice bytes)
{
	return bytes.len > 1 && bytes.data[1] == CHAIN_BLOCK;
}

static void read_pieces(struct audit_replay *replay, struct audit_batch *batch)
{
	/* A ledger begins with enrolments: while they come, batches are small, so that few signatures wait for their keys. */
	uint64_t enough = replay->next < AUDIT_BATCH_ENTRIES / 2 ? replay->next : AUDIT_BATCH_ENTRIES / 2;
	size_t bytes = 0;

	while (replay->next < replay->source->size) {
		struct audit_piece *piece;
		enum base_code code;

		if (batch->count == batch->cap) {
			batch->cap = batch->cap == 0 ? AUDIT_BATCH_ENTRIES : batch->cap * 2;
			batch->pieces = base_realloc(batch->pieces, batch->cap * sizeof(*batch->pieces));
		}
		piece = &batch->pieces[batch->count];
		code = replay->source->entry(replay->source->arg, replay->next, &piece->bytes, replay->err);
		if (code != BASE_OK) {
			replay->failed = code;
			return;
		}
		if (!replay->source->stable)
			base_buf_append(&batch->copies, piece->bytes);
		piece->index = replay->next++;
		batch->count++;
		bytes += piece->bytes.len;
		if (closes_block(piece->bytes) && (batch->count >= enough || bytes >= AUDIT_BATCH_BYTES))
			return;
		/* No block is longer: a lost block entry must not make a batch of the whole ledger. */
		if (batch->count > CHAIN_BLOCK_EVENTS_MAX + AUDIT_BATCH_ENTRIES || bytes > 2 * (size_t)CHAIN_BLOCK_BYTES_MAX)
			return;
	}
}

void audit_batch_read(struct audit_replay *replay, struct audit_batch *batch)
{
	const uint8_t *at;

	batch->count = 0;
	batch->note_count = 0;
	batch->copies.len = 0;
	if (replay->failed != BASE_OK)
		return;
	read_pieces(replay, batch);
	/* Now that the copies no longer move. */
	at = batch->copies.data;
	for (size_t i = 0; !replay->source->stable && i < batch->count; i++) {
		struct base_slice *bytes = &batch->pieces[i].bytes;

		*bytes = base_slice(at, bytes->len);
		at += bytes->len;
	}
}

static void verify(struct audit_piece *piece, const struct keys_verifier *verifier)
{
	struct base_error err = {{0}};

	if (keys_verifier_check(verifier, &piece->event.id, piece->event.cose.signature, &err) == BASE_OK) {
		piece->signature = AUDIT_SIG_GOOD;
		return;
	}
	piece->signature = AUDIT_SIG_BAD;
	snprintf(piece->why, sizeof(piece->why), "%.150s", err.text);
}

static void work_piece(struct audit_replay *replay, struct audit_piece *piece)
{
	struct base_error err = {{0}};
	const struct keys_verifier *verifier;

	piece->leaf = proof_leaf(piece->bytes);
	piece->signature = AUDIT_SIG_NONE;
	piece->decoded = chain_entry_decode(&piece->entry, piece->bytes, &err);
	if (piece->decoded == BASE_OK && piece->entry.type == CHAIN_EVENT)
		piece->decoded = events_decode(&piece->event, piece->entry.event, &err);
	if (piece->decoded != BASE_OK) {
		snprintf(piece->why, sizeof(piece->why), "%.150s", err.text);
		return;
	}
	if (piece->entry.type != CHAIN_EVENT || !replay->options->signatures)
		return;
	verifier = audit_keys_find(&replay->keys, piece->event.cose.kid);
	if (verifier == NULL)
		piece->signature = AUDIT_SIG_DEFERRED;
	else
		verify(piece, verifier);
}

void audit_batch_work(struct audit_replay *replay, struct audit_batch *batch, size_t task)
{
	size_t first = task * AUDIT_PIECES_A_TASK;
	size_t end = first + AUDIT_PIECES_A_TASK < batch->count ? first + AUDIT_PIECES_A_TASK : batch->count;

	for (size_t i = first; i < end; i++)
		work_piece(replay, &batch->pieces[i]);
}

/* The founders' keys: what genesis itself is worth, its executor says. */
static void take_founders(struct audit_replay *replay, const struct audit_piece *piece)
{
	struct chain_genesis *genesis = NULL;
	struct events_enrolment enrolment;
	struct base_error ignored;

	if (chain_genesis_decode(&genesis, piece->bytes, &ignored) != BASE_OK)
		return;
	for (size_t i = 0; i < genesis->founder_count; i++)
		if (events_enrolment_open(&enrolment, genesis->founders[i].enrolment, &ignored) == BASE_OK)
			audit_keys_add(&replay->keys, &enrolment.sign);
	chain_genesis_close(genesis);
}

void audit_batch_settle(struct audit_replay *replay, struct audit_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct audit_piece *piece = &batch->pieces[i];
		const struct keys_verifier *verifier;

		if (piece->decoded != BASE_OK || piece->entry.type == CHAIN_BLOCK)
			continue;
		if (piece->entry.type == CHAIN_GENESIS) {
			take_founders(replay, piece);
			continue;
		}
		if (piece->signature == AUDIT_SIG_DEFERRED) {
			verifier = audit_keys_find(&replay->keys, piece->event.cose.kid);
			piece->signature = AUDIT_SIG_UNKNOWN;
			if (verifier != NULL)
				verify(piece, verifier);
		}
		audit_keys_take(&replay->keys, &piece->event);
	}
}
