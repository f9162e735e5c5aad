/* A ledger directory: its entries, and what it stores beside them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

struct folder {
	struct chain *chain;
	struct chain_read *read, *rows; /* a snapshot is for one thread */
};

static enum base_code entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	return chain_read_entry(((struct folder *)arg)->read, index, bytes, err);
}

static enum base_code hash(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	return chain_read_stored_hash(((struct folder *)arg)->read, stored_index, out, err);
}

static enum base_code checkpoint(void *arg, uint64_t height, uint64_t size, struct base_buf *note, struct base_error *err)
{
	(void)size;
	return chain_read_checkpoint(((struct folder *)arg)->read, height, note, err);
}

static enum base_code state(void *arg, uint64_t height, uint64_t index, const struct base_hash *root, struct base_error *err)
{
	return chain_read_check(((struct folder *)arg)->rows, height, index, root, err);
}

static enum base_code side(void *arg, struct base_slice key, struct base_slice *value, struct base_error *err)
{
	struct state_view view;

	chain_read_view(((struct folder *)arg)->read, &view);
	return view.side_get(view.arg, key, value, err);
}

/* Policy of the ledger's own node set: what genesis says, or the keys made after a restore. */
static enum base_code own_policy(struct folder *folder, struct proof_policy **policy, struct base_error *err)
{
	struct base_buf text = BASE_BUF_INIT;
	enum base_code code = chain_read_policy(folder->read, false, &text, err);

	if (code == BASE_OK)
		code = proof_policy_parse(policy, base_buf_slice(&text), err);
	base_buf_free(&text);
	return code;
}

/* Whether the keys that the database names are others than those of genesis: made after a restore. */
static bool is_fresh(const struct folder *folder, const struct proof_policy *policy)
{
	const struct chain_genesis *genesis = chain_founding(folder->chain);
	bool fresh = proof_policy_logs(policy) != genesis->node_count;

	for (size_t i = 0; !fresh && i < genesis->node_count; i++) {
		const struct keys_public *log = &proof_policy_log(policy, i)->key;

		fresh = !base_slice_equal(base_slice(log->bytes, log->len), base_slice(genesis->nodes[i].log.bytes, genesis->nodes[i].log.len));
	}
	return fresh;
}

/* Whoever has a copy can write keys of their own into its database. Without a word of an administrator on the ledger they
 * are a stranger's. */
static void check_recovered(struct audit_replay *replay)
{
	if (replay->report->keys == AUDIT_BY_RECOVERED && !replay->report->recovered && !replay->state_lost)
		audit_deviate(replay, AUDIT_CHECKPOINTS, NULL, "the checkpoints are signed with keys that genesis does not name, and no "
			      "governance.recover on the ledger says that the node's keys were made anew");
}

/* The keys that are known of this ledger. */
static enum base_code find_keys(struct folder *folder, const struct audit_options *options, struct audit_replay *replay,
				struct proof_policy **genesis, struct proof_policy **own, struct base_error *err)
{
	enum base_code code = BASE_OK;
	bool fresh;

	if (options->policy != NULL)
		code = audit_policy_fits(options->policy, chain_origin(folder->chain), err);
	if (code == BASE_OK)
		code = audit_policy_genesis(genesis, chain_founding(folder->chain), err);
	if (code != BASE_OK)
		return code;
	code = own_policy(folder, own, err);
	if (code != BASE_OK && options->policy == NULL)
		return code;
	fresh = code == BASE_OK && is_fresh(folder, *own);
	replay->genesis = *genesis;
	replay->recovered = fresh ? *own : NULL;
	replay->policy = options->policy != NULL ? options->policy : *own;
	replay->report->keys = options->policy != NULL ? AUDIT_BY_POLICY : fresh ? AUDIT_BY_RECOVERED : AUDIT_BY_GENESIS;
	return BASE_OK;
}

enum base_code audit_ledger(const char *path, const struct audit_options *options, struct audit_report *report, struct base_error *err)
{
	struct folder folder = {0};
	struct base_buf signatures = BASE_BUF_INIT;
	struct audit_source source = {.arg = &folder, .entry = entry, .stable = true, .hash = hash, .checkpoint = checkpoint, .state = state,
				      .side = side, .signatures = &signatures};
	struct audit_replay *replay = base_alloc(sizeof(*replay));
	struct proof_policy *genesis = NULL, *own = NULL;
	struct base_error ignored;
	enum base_code code = chain_open(&folder.chain, path, CHAIN_READ_ONLY | CHAIN_DISTRUST, NULL, err);

	memset(report, 0, sizeof(*report));
	if (code == BASE_OK)
		code = chain_read_begin(&folder.read, folder.chain, err);
	/* The later of the two, so that it has every block of the other. */
	if (code == BASE_OK)
		code = chain_read_begin(&folder.rows, folder.chain, err);
	*replay = (struct audit_replay){.options = options, .report = report, .source = &source, .err = err};
	if (code == BASE_OK)
		code = find_keys(&folder, options, replay, &genesis, &own, err);
	if (code != BASE_OK)
		goto out;
	/* Missing ones are a deviation, not a failure. */
	if (chain_signatures(folder.chain, &signatures, &ignored) != BASE_OK)
		signatures.len = 0;
	source.size = chain_read_size(folder.read);
	code = audit_replay_run(replay);
	if (code == BASE_OK || code == BASE_MISMATCH) {
		check_recovered(replay);
		if (code == BASE_OK && report->deviations > 0)
			code = base_fail(err, BASE_MISMATCH, "%" PRIu64 " deviations", report->deviations);
	}
out:
	proof_policy_close(genesis);
	proof_policy_close(own);
	chain_read_end(&folder.rows);
	chain_read_end(&folder.read);
	chain_close(folder.chain);
	base_buf_free(&signatures);
	free(replay);
	return code;
}
