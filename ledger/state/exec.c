#include "ledger/state/exec_internal.h"

#include <stdlib.h>
#include <string.h>

/* A block: what was judged takes effect when it is entered; at the end the last value of everything that changed. */

/* ---- Beginning and end ---------------------------------------------------------- */

/* Every kind that is declared can be executed. */
static void check_rules(void)
{
	size_t count;
	const struct events_kind *const *kinds = events_kinds(&count);

	for (size_t i = 0; i < count; i++)
		BASE_ASSERT(state_rule_of(kinds[i]->id) != NULL);
}

static void take_cache(struct state_exec *exec, struct state_cache *cache)
{
	if (cache == NULL) {
		cache = state_cache_open(SIZE_MAX);
		exec->own_cache = true;
	}
	BASE_ASSERT(!cache->in_use);
	if (cache->filled && (cache->next != exec->height || !base_hash_equal(&cache->ledger, &exec->ledger)))
		state_cache_forget(cache);
	if (cache->bytes + cache->pasts.bytes > cache->limit)
		state_cache_forget(cache);
	cache->filled = true;
	cache->next = exec->height;
	cache->ledger = exec->ledger;
	cache->in_use = true;
	exec->cache = cache;
}

struct state_exec *state_exec_begin(const struct state_view *view, struct state_cache *cache,
				    const struct base_hash *ledger, struct base_slice origin, uint64_t height,
				    struct base_time time)
{
	struct state_exec *exec = base_alloc(sizeof(*exec));

	check_rules();
	exec->view = view;
	exec->ledger = *ledger;
	exec->origin = origin;
	exec->height = height;
	exec->time = time;
	take_cache(exec, cache);
	exec->source = (struct state_past_source){view, &exec->cache->pasts, &exec->events};
	exec->judge.exec = exec;
	return exec;
}

void state_exec_keep(struct state_exec *exec)
{
	BASE_ASSERT(exec->finished);
	exec->kept = true;
	exec->cache->next = exec->height + 1;
}

void state_exec_close(struct state_exec *exec)
{
	if (exec == NULL)
		return;
	exec->cache->in_use = false;
	if (exec->own_cache)
		state_cache_close(exec->cache);
	else if (exec->changed && !exec->kept)
		state_cache_forget(exec->cache);
	state_judge_free(&exec->judge);
	state_index_free(&exec->events);
	state_index_free(&exec->cids);
	state_arena_free(&exec->arena);
	free(exec->dirty);
	free(exec->heads);
	free(exec->signers);
	free(exec->organisations);
	free(exec->postings);
	free(exec->lookups);
	base_buf_free(&exec->values);
	free(exec->done);
	free(exec->writes);
	free(exec);
}

/* ---- Entering ------------------------------------------------------------------- */

void state_exec_post(struct state_exec *exec, uint64_t term, uint64_t index)
{
	exec->postings = state_grow(exec->postings, &exec->posting_cap, exec->posting_count, sizeof(*exec->postings));
	exec->postings[exec->posting_count++] = (struct store_posting){term, index};
}

/* What a later event asks for by its term: an event, or a CID. */
static void post_lookup(struct state_exec *exec, uint64_t term, uint64_t index)
{
	exec->lookups = state_grow(exec->lookups, &exec->lookup_cap, exec->lookup_count, sizeof(*exec->lookups));
	exec->lookups[exec->lookup_count++] = (struct store_posting){term, index};
}

void state_effects_apply(struct state_exec *exec, uint64_t index, const struct events_when *when, uint64_t kind,
			 const struct base_hash *leaf)
{
	const struct state_judge *judge = &exec->judge;

	exec->changed = true;
	for (size_t i = 0; i < judge->effect_count; i++) {
		const struct state_effect *effect = &judge->effects[i];
		const struct state_fact fact = {index, exec->time, *when, kind,
						base_slice(judge->contents.data + effect->at, effect->len)};

		state_record_add(exec, effect->record, &fact, leaf);
	}
	for (size_t i = 0; i < judge->term_count; i++)
		state_exec_post(exec, judge->terms[i], index);
}

static void step_head(struct state_exec *exec, struct state_participant *participant, uint64_t index,
		      const struct base_hash *leaf)
{
	BASE_ASSERT(participant->has_head && state_record_exists(&participant->record));
	participant->head.count++;
	participant->head.chain = state_head_step(&participant->head.chain, leaf);
	participant->head.leaf = *leaf;
	if (!participant->head_dirty) {
		participant->head_dirty = true;
		exec->heads =
			state_grow(exec->heads, &exec->head_cap, exec->head_count, sizeof(struct state_participant *));
		exec->heads[exec->head_count++] = participant;
	}
	state_exec_post(exec, participant->term, index);
}

static void take_slot(struct state_exec *exec, struct state_signer *signer, uint64_t sequence)
{
	/* What only restricts is entered whatever its number; it uses the number up if that is free. */
	if (state_slot_look(&signer->slots, sequence) == STATE_SLOT_FREE)
		state_slot_take(&signer->slots, sequence);
	if (signer->slots_dirty)
		return;
	signer->slots_dirty = true;
	exec->signers = state_grow(exec->signers, &exec->signer_cap, exec->signer_count, sizeof(struct state_signer *));
	exec->signers[exec->signer_count++] = signer;
}

static void note_cids(struct state_exec *exec, const struct state_judge *judge)
{
	for (size_t i = 0; i < judge->cid_count; i++) {
		struct state_cid_use *use = state_arena_take(&exec->arena, sizeof(*use));

		*use = (struct state_cid_use){judge->cids[i], judge->actor->organisation};
		state_index_add(&exec->cids, state_index_hash(&use->digest), use);
		post_lookup(exec, state_index_hash(&use->digest), judge->index);
	}
}

void state_exec_entered(struct state_exec *exec, const struct base_hash *leaf)
{
	struct state_judge *judge = &exec->judge;
	const struct events_event *event = judge->event;
	struct state_past *past;
	struct base_hash kid;

	BASE_ASSERT(judge->ready);
	memcpy(kid.bytes, event->cose.kid.data, sizeof(kid.bytes));
	state_limits_charge(judge);
	take_slot(exec, judge->signer, event->envelope.sequence);
	state_effects_apply(exec, judge->index, &event->envelope.when, event->envelope.kind->id, leaf);
	for (size_t i = 0; i < judge->concerned_count; i++)
		step_head(exec, judge->concerned[i].participant, judge->index, leaf);
	note_cids(exec, judge);
	post_lookup(exec, state_term_event(&event->id), judge->index);
	state_exec_post(exec, state_term_slot(&kid, event->envelope.sequence), judge->index);
	state_exec_post(exec, judge->actor->term, judge->index);
	if (judge->study != NULL)
		state_exec_post(exec, judge->study->term, judge->index);
	past = state_past_make(&exec->arena, event, judge->index, exec->time, judge->recorded);
	state_index_add(&exec->events, state_index_hash(&past->id), past);
	state_judge_reset(judge);
}

/* ---- The changes ---------------------------------------------------------------- */

static int compare_done(const void *a, const void *b)
{
	return memcmp(((const struct state_done *)a)->key.bytes, ((const struct state_done *)b)->key.bytes,
		      BASE_HASH_BYTES);
}

static void finish_records(struct state_exec *exec)
{
	for (size_t i = 0; i < exec->dirty_count; i++) {
		struct state_record *record = exec->dirty[i];
		struct state_done *done = state_done_begin(exec, record);

		state_record_value(&exec->values, record);
		done->len = exec->values.len - done->at;
		record->dirty = false;
	}
	for (size_t i = 0; i < exec->head_count; i++) {
		struct state_participant *participant = exec->heads[i];
		struct state_done *done = state_done_begin(exec, &participant->record);

		if (!participant->has_head_key) {
			participant->has_head_key = true;
			participant->head_key = state_map_key(STATE_HEAD, participant->record.study, participant->record.reference, 0);
		}
		done->key = participant->head_key;
		state_head_encode(&exec->values, &participant->head);
		done->len = exec->values.len - done->at;
		participant->head_dirty = false;
	}
}

static void finish_map(struct state_exec *exec, struct state_changes *out)
{
	finish_records(exec);
	if (exec->done_count > 0)
		qsort(exec->done, exec->done_count, sizeof(*exec->done), compare_done);
	exec->writes = base_alloc(exec->done_count * sizeof(*exec->writes));
	for (size_t i = 0; i < exec->done_count; i++) {
		const struct state_done *done = &exec->done[i];

		exec->writes[i] = (struct state_write){done->key, base_slice(exec->values.data + done->at, done->len)};
	}
	out->map = exec->writes;
	out->map_count = exec->done_count;
}

static int compare_sides(const void *a, const void *b)
{
	return base_slice_compare(((const struct state_side_write *)a)->key, ((const struct state_side_write *)b)->key);
}

static struct base_hash hash_sides(const struct state_side_write *sides, size_t count)
{
	struct base_sha256 sha;
	uint8_t len[4], tag = 0x05;

	base_sha256_begin(&sha);
	base_sha256_add(&sha, base_slice(&tag, 1));
	for (size_t i = 0; i < count; i++) {
		base_put_u32be(len, (uint32_t)sides[i].key.len);
		base_sha256_add(&sha, base_slice(len, sizeof(len)));
		base_sha256_add(&sha, sides[i].key);
		base_put_u32be(len, (uint32_t)sides[i].value.len);
		base_sha256_add(&sha, base_slice(len, sizeof(len)));
		base_sha256_add(&sha, sides[i].value);
	}
	return base_sha256_end(&sha);
}

static struct state_side_write bucket_side(struct state_exec *exec, struct state_organisation *organisation)
{
	uint8_t *key = state_arena_take(&exec->arena, STATE_BUCKET_KEY_BYTES_MAX);
	uint8_t *value = state_arena_take(&exec->arena, STATE_BUCKET_BYTES);
	struct wire_reader r;
	size_t len;

	wire_read(&r, organisation->record.reference);
	len = state_bucket_key(key, wire_get_text(&r));
	state_bucket_encode(value, &organisation->bucket);
	organisation->bucket_dirty = false;
	return (struct state_side_write){base_slice(key, len), base_slice(value, STATE_BUCKET_BYTES)};
}

static void finish_sides(struct state_exec *exec, struct state_changes *out)
{
	size_t count = exec->signer_count + exec->organisation_count;
	struct state_side_write *sides = state_arena_take(&exec->arena, count * sizeof(*sides));

	for (size_t i = 0; i < exec->signer_count; i++) {
		struct state_signer *signer = exec->signers[i];
		uint8_t *key = state_arena_take(&exec->arena, STATE_SLOT_KEY_BYTES);
		uint8_t *value = state_arena_take(&exec->arena, STATE_SLOT_VALUE_BYTES);
		struct base_hash kid;

		memcpy(kid.bytes, signer->record.reference.data + 2, sizeof(kid.bytes));
		state_slot_key(key, &kid);
		state_slot_encode(value, &signer->slots);
		sides[i] = (struct state_side_write){base_slice(key, STATE_SLOT_KEY_BYTES),
						     base_slice(value, STATE_SLOT_VALUE_BYTES)};
		signer->slots_dirty = false;
	}
	for (size_t i = 0; i < exec->organisation_count; i++)
		sides[exec->signer_count + i] = bucket_side(exec, exec->organisations[i]);
	if (count > 0)
		qsort(sides, count, sizeof(*sides), compare_sides);
	out->side = sides;
	out->side_count = count;
	out->side_hash = hash_sides(sides, count);
}

enum base_code state_exec_finish(struct state_exec *exec, struct state_changes *out, struct base_error *err)
{
	struct state_nodes *nodes;
	enum base_code code;

	BASE_ASSERT(!exec->finished);
	if ((code = state_nodes_open(exec, &nodes, err)) != BASE_OK)
		return code;
	*out = (struct state_changes){.nodes_hash = nodes->hash, .lookup_first = exec->posting_count};
	for (size_t i = 0; i < exec->lookup_count; i++)
		state_exec_post(exec, exec->lookups[i].term, exec->lookups[i].value);
	out->postings = exec->postings;
	out->posting_count = exec->posting_count;
	finish_map(exec, out);
	finish_sides(exec, out);
	exec->finished = true;
	return BASE_OK;
}
