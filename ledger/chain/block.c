/* Recording: order, admit, commit, sign. docs/formats/block.md */
#include "ledger/chain/chain_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Order -------------------------------------------------------------- */

/* Design.md §2: so that no disclosure overtakes a withdrawal. What is not named is in group 1. */
static const struct {
	const char *kind;
	unsigned char group;
} groups_by_kind[] = {
	{"access.revoke", 2},  {"access.close", 2},	{"access.request", 3}, {"access.decide", 3},
	{"access.disclose", 4}, {"access.override", 4}, {"access.observe", 4}, {"model.train", 4},
};

unsigned chain_group(const char *kind)
{
	if (strncmp(kind, "access.", 7) != 0 && strncmp(kind, "model.", 6) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(groups_by_kind) / sizeof(groups_by_kind[0]); i++) {
		if (strcmp(kind, groups_by_kind[i].kind) == 0)
			return groups_by_kind[i].group;
	}
	return 1;
}

void chain_order(size_t *order, const unsigned char *groups, size_t count)
{
	size_t at = 0;

	for (unsigned char group = 1; group <= 4; group++) {
		for (size_t i = 0; i < count; i++) {
			if (groups[i] == group)
				order[at++] = i;
		}
	}
	BASE_ASSERT(at == count);
}

/* ---- One block ---------------------------------------------------------- */

struct block {
	struct chain *chain;
	struct chain_submission *events;
	size_t count;
	const struct events_event **decoded; /* NULL: refused when it was decoded */
	struct events_event *own;            /* those that the caller had not decoded */
	bool *verified;
	unsigned char *groups;
	size_t *order;
};

static void block_free(struct block *b)
{
	free(b->decoded);
	free(b->own);
	free(b->verified);
	free(b->groups);
	free(b->order);
}

static void block_decode(struct block *b)
{
	size_t i;

	b->decoded = base_alloc(b->count * sizeof(*b->decoded));
	b->verified = base_alloc(b->count * sizeof(*b->verified));
	b->groups = base_alloc(b->count);
	b->order = base_alloc(b->count * sizeof(*b->order));
	for (i = 0; i < b->count; i++) {
		struct chain_submission *s = &b->events[i];

		s->code = BASE_OK;
		b->groups[i] = 1;
		b->verified[i] = s->verified;
		b->decoded[i] = s->event;
		if (s->event == NULL) {
			if (b->own == NULL)
				b->own = base_alloc(b->count * sizeof(*b->own));
			s->code = events_decode(&b->own[i], s->bytes, &s->err);
			b->decoded[i] = s->code == BASE_OK ? &b->own[i] : NULL;
		}
		if (b->decoded[i] != NULL)
			b->groups[i] = (unsigned char)chain_group(b->decoded[i]->envelope.kind->name);
	}
	chain_order(b->order, b->groups, b->count);
}

static enum base_code verify(struct chain_work *work, const struct events_event *event, struct base_error *err)
{
	struct keys_public key;
	enum base_code code;

	if ((code = state_exec_signer(work->exec, event, &key, err)) != BASE_OK)
		return code;
	return events_verify(event, &key, err);
}

/* What is the ledger's own trouble, not the event's. */
static bool is_fatal(enum base_code code)
{
	return code == BASE_IO || code == BASE_NO_SPACE || code == BASE_STORAGE || code == BASE_BUSY || code == BASE_VERSION;
}

static enum base_code block_admit(struct block *b, size_t i, struct base_error *err)
{
	struct chain_work *work = &b->chain->work;
	struct chain_submission *s = &b->events[i];

	s->code = BASE_OK;
	if (!b->verified[i]) {
		s->code = verify(work, b->decoded[i], &s->err);
		b->verified[i] = s->code == BASE_OK;
	}
	if (s->code == BASE_OK)
		s->code = chain_work_admit(work, b->decoded[i], &s->index, &s->outcome, &s->err);
	if (!is_fatal(s->code))
		return BASE_OK;
	return base_fail(err, s->code, "%s", s->err.text);
}

/* The transaction is given up: nothing of this call counts. */
static void block_forget(struct block *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct chain_submission *s = &b->events[i];

		if (b->decoded[i] != NULL && s->code == BASE_OK)
			state_outcome_free(&s->outcome);
		s->outcome = (struct state_outcome){0};
		if (b->decoded[i] != NULL)
			s->code = BASE_INTERRUPTED; /* not judged */
	}
}

static enum base_code block_run(struct block *b, struct base_time now, bool *recorded, struct base_error *err)
{
	struct chain *chain = b->chain;
	struct chain_work *work = &chain->work;
	struct store_txn *txn = NULL;
	enum base_code code;
	size_t i;

	*recorded = false;
	if ((code = store_begin(&txn, chain->store, true, err)) != BASE_OK)
		return code;
	if ((code = chain_refresh(chain, txn, err)) != BASE_OK)
		goto out;
	/* A clock that was set back must not make time run backwards. */
	if (now.ms <= work->tip.time.ms)
		now.ms = work->tip.time.ms + 1;
	/* From here on the frontier moves; only a commit makes that true. */
	chain->work_current = false;
	chain_work_begin(work, txn, now);
	for (i = 0; i < b->count; i++) {
		if (b->decoded[b->order[i]] != NULL && (code = block_admit(b, b->order[i], err)) != BASE_OK)
			goto out;
	}
	if (work->count == 0) {
		chain->work_current = true;
		goto out;
	}
	if ((code = chain_checkpoint_put(chain, txn, err)) != BASE_OK || (code = chain_work_seal(work, NULL, err)) != BASE_OK ||
	    (code = chain_tip_put(txn, &work->tip, err)) != BASE_OK || (code = store_commit(&txn, err)) != BASE_OK)
		goto out;
	chain_work_keep(work);
	chain->work_current = true;
	*recorded = true;
out:
	chain_work_end(work);
	store_abort(&txn);
	return code;
}

static enum base_code block_record(struct block *b, struct base_time now, bool *recorded, struct base_error *err)
{
	enum base_code code = BASE_BUSY;

	for (int attempt = 0; attempt < CHAIN_ATTEMPTS && code == BASE_BUSY; attempt++) {
		if (attempt > 0)
			block_forget(b);
		code = block_run(b, now, recorded, err);
	}
	if (code == BASE_OK)
		return BASE_OK;
	block_forget(b);
	return code;
}

/* Events that were refused when they were decoded keep their own reason. */
static void fail_all(const struct block *b, enum base_code code, const struct base_error *err)
{
	for (size_t i = 0; i < b->count; i++) {
		struct chain_submission *s = &b->events[i];

		if (b->decoded == NULL || b->decoded[i] != NULL)
			s->code = base_fail(&s->err, code, "%s", err->text);
	}
}

static enum base_code check_call(const struct block *b, struct base_time now, struct base_error *err)
{
	size_t bytes = 0;

	if (b->chain->read_only)
		return base_fail(err, BASE_STORAGE, "the ledger was opened for reading only");
	if (b->count > CHAIN_BLOCK_EVENTS_MAX)
		return base_fail(err, BASE_LIMIT, "%zu events; a block takes at most %d", b->count, CHAIN_BLOCK_EVENTS_MAX);
	for (size_t i = 0; i < b->count; i++) {
		bytes += b->events[i].bytes.len;
		if (bytes > CHAIN_BLOCK_BYTES_MAX)
			return base_fail(err, BASE_LIMIT, "a block takes at most %u bytes of events", CHAIN_BLOCK_BYTES_MAX);
	}
	if (now.ms >= INT64_MAX)
		return base_fail(err, BASE_LIMIT, "the time is beyond all calendars");
	return BASE_OK;
}

enum base_code chain_block(struct chain *chain, struct base_time now, struct chain_submission *events, size_t count,
			   uint64_t *height, struct base_error *err)
{
	struct block b = {.chain = chain, .events = events, .count = count};
	struct base_error local;
	struct base_hash root;
	enum base_code code;
	bool recorded;

	if (err == NULL)
		err = &local;
	if ((code = check_call(&b, now, err)) == BASE_OK) {
		block_decode(&b);
		code = block_record(&b, now, &recorded, err);
	}
	if (code != BASE_OK) {
		fail_all(&b, code, err);
		goto out;
	}
	*height = chain->work.tip.height;
	if (!recorded)
		goto out;
	chain_checkpoint_stored(chain); /* the one before, with this commit */
	root = proof_frontier_root(&chain->work.frontier);
	code = chain_checkpoint_sign(chain, chain->work.tip.height, chain->work.tip.size, &root, chain->work.tip.time, err);
out:
	block_free(&b);
	return code;
}
