/* A folder of tiles, without any database: bundles of entries, hash tiles, one checkpoint, the founders' signatures. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

#define BUNDLE_BYTES_MAX ((size_t)PROOF_TILE_WIDTH * (CHAIN_ENTRY_BYTES_MAX + 2))
#define CACHE_BYTES_MAX (256u << 20)
#define SIGNATURES_BYTES_MAX (1u << 20)
#define LEVELS 8

struct bundle {
	uint64_t n;
	struct base_buf bytes;
	uint32_t starts[PROOF_TILE_WIDTH], lengths[PROOF_TILE_WIDTH];
	unsigned count;
	struct bundle *next; /* newer */
};
struct tile {
	bool there;
	uint64_t n;
	struct base_buf hashes;
};
struct tiles {
	const char *folder;
	uint64_t size;
	struct bundle *oldest, *newest;
	size_t bundle_bytes;
	struct bundle *table[4096]; /* newest of each n mod 4,096 */
	struct tile level[LEVELS];
	struct base_buf note;
};

static enum base_code read_part(struct tiles *t, struct base_buf *out, int level, uint64_t n, unsigned width, size_t limit,
				struct base_error *err)
{
	char name[96];
	char *path;
	enum base_code code;

	proof_tile_path(name, level, n, width);
	path = base_path(t->folder, name);
	code = base_wrap(err, base_file_read_regular(out, path, limit, err), "%s", name);
	free(path);
	return code;
}

/* ---- Entries ---- */

static void drop_oldest(struct tiles *t)
{
	struct bundle *b = t->oldest;

	t->oldest = b->next;
	if (t->oldest == NULL)
		t->newest = NULL;
	t->bundle_bytes -= b->bytes.len;
	if (t->table[b->n % 4096] == b)
		t->table[b->n % 4096] = NULL;
	base_buf_free(&b->bytes);
	free(b);
}

static enum base_code split(struct bundle *b, struct base_error *err)
{
	struct base_slice rest = base_buf_slice(&b->bytes);
	struct base_slice one;
	enum base_code code;

	while ((code = proof_bundle_next(&rest, &one, err)) == BASE_OK) {
		if (b->count == PROOF_TILE_WIDTH)
			return base_fail(err, BASE_MALFORMED, "more than 256 entries in a bundle");
		b->starts[b->count] = (uint32_t)(one.data - b->bytes.data);
		b->lengths[b->count++] = (uint32_t)one.len;
	}
	return code == BASE_NOT_FOUND ? BASE_OK : code;
}

static enum base_code load(struct tiles *t, uint64_t n, struct bundle **out, struct base_error *err)
{
	struct bundle *b = t->table[n % 4096];
	uint64_t left = t->size - n * PROOF_TILE_WIDTH;
	unsigned width = left >= PROOF_TILE_WIDTH ? PROOF_TILE_WIDTH : (unsigned)left;
	enum base_code code;

	if (b != NULL && b->n == n) {
		*out = b;
		return BASE_OK;
	}
	b = base_alloc(sizeof(*b));
	b->n = n;
	code = read_part(t, &b->bytes, -1, n, width, BUNDLE_BYTES_MAX, err);
	if (code == BASE_OK)
		code = base_wrap(err, split(b, err), "bundle %" PRIu64, n);
	if (code == BASE_OK && b->count != width)
		code = base_fail(err, BASE_MALFORMED, "bundle %" PRIu64 " has %u entries instead of %u", n, b->count, width);
	if (code != BASE_OK) {
		base_buf_free(&b->bytes);
		free(b);
		return code;
	}
	if (t->newest != NULL)
		t->newest->next = b;
	else
		t->oldest = b;
	t->newest = b;
	t->table[n % 4096] = b;
	t->bundle_bytes += b->bytes.len;
	while (t->bundle_bytes > CACHE_BYTES_MAX && t->oldest != t->newest)
		drop_oldest(t);
	*out = b;
	return BASE_OK;
}

static enum base_code entry(void *arg, uint64_t index, struct base_slice *bytes, struct base_error *err)
{
	struct tiles *t = arg;
	struct bundle *b;
	enum base_code code = load(t, index / PROOF_TILE_WIDTH, &b, err);
	unsigned at = (unsigned)(index % PROOF_TILE_WIDTH);

	if (code == BASE_OK)
		*bytes = base_slice(b->bytes.data + b->starts[at], b->lengths[at]);
	return code;
}

/* ---- Hash tiles ---- */

/* Which level and position a stored index is of: after leaf n come the hashes that it completes. */
static bool locate(uint64_t stored_index, unsigned *level, uint64_t *n)
{
	uint64_t low = 0, high = stored_index; /* leaf n is stored at n or later */

	/* The last leaf whose own stored index is not beyond. */
	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		if (proof_stored_index(0, middle) <= stored_index)
			low = middle;
		else
			high = middle - 1;
	}
	*level = (unsigned)(stored_index - proof_stored_index(0, low));
	*n = low >> *level;
	return *level < 64;
}

/* Tiles hold every eighth level; the hashes between are not stored. */
static enum base_code hash(void *arg, uint64_t stored_index, struct base_hash *out, struct base_error *err)
{
	struct tiles *t = arg;
	struct tile *tile;
	unsigned level, at, tile_level;
	uint64_t n, total;
	enum base_code code = BASE_OK;

	if (!locate(stored_index, &level, &n) || level % 8 != 0 || level / 8 >= LEVELS)
		return BASE_BUSY;
	tile_level = level / 8;
	tile = &t->level[tile_level];
	if (!tile->there || tile->n != n / PROOF_TILE_WIDTH) {
		tile->n = n / PROOF_TILE_WIDTH;
		tile->hashes.len = 0;
		total = (t->size >> (8 * tile_level)) - tile->n * PROOF_TILE_WIDTH;
		code = read_part(t, &tile->hashes, (int)tile_level, tile->n, total >= PROOF_TILE_WIDTH ? PROOF_TILE_WIDTH : (unsigned)total,
				 (size_t)PROOF_TILE_WIDTH * BASE_HASH_BYTES, err);
		tile->there = code == BASE_OK;
	}
	if (code != BASE_OK)
		return code;
	at = (unsigned)(n % PROOF_TILE_WIDTH);
	if ((size_t)(at + 1) * BASE_HASH_BYTES > tile->hashes.len)
		return base_fail(err, BASE_MALFORMED, "the tile ends before it");
	memcpy(out->bytes, tile->hashes.data + (size_t)at * BASE_HASH_BYTES, BASE_HASH_BYTES);
	return BASE_OK;
}

/* ---- The folder ---- */

static enum base_code checkpoint(void *arg, uint64_t height, uint64_t size, struct base_buf *note, struct base_error *err)
{
	struct tiles *t = arg;

	(void)height;
	(void)err;
	if (size != t->size)
		return BASE_NOT_FOUND;
	base_buf_append(note, base_buf_slice(&t->note));
	return BASE_OK;
}

static enum base_code read_checkpoint(struct tiles *t, struct base_error *err)
{
	char *path = base_path(t->folder, "checkpoint");
	struct proof_note *note = base_alloc(sizeof(*note));
	struct proof_checkpoint parsed;
	enum base_code code = base_file_read_regular(&t->note, path, PROOF_NOTE_BYTES_MAX, err);

	if (code == BASE_OK)
		code = proof_note_parse(note, base_buf_slice(&t->note), err);
	if (code == BASE_OK)
		code = proof_checkpoint_parse(&parsed, note->text, err);
	if (code == BASE_OK)
		t->size = parsed.size;
	free(note);
	free(path);
	return base_wrap(err, code, "checkpoint");
}

/* The nodes that genesis names, which the founders signed. */
static enum base_code genesis_policy(struct tiles *t, const struct audit_options *options, struct proof_policy **policy, struct base_error *err)
{
	struct chain_genesis *genesis = NULL;
	struct base_slice bytes = {0};
	enum base_code code = t->size == 0 ? base_fail(err, BASE_MALFORMED, "the tiles are empty") : entry(t, 0, &bytes, err);

	if (code == BASE_OK)
		code = chain_genesis_decode(&genesis, bytes, err);
	/* With a policy, the replay says what is wrong with genesis. */
	if (code != BASE_OK)
		return options->policy != NULL ? BASE_OK : base_wrap(err, code, "genesis");
	if (options->policy != NULL)
		code = audit_policy_fits(options->policy, genesis->origin, err);
	if (code == BASE_OK)
		code = audit_policy_genesis(policy, genesis, err);
	chain_genesis_close(genesis);
	return code;
}

static void close_tiles(struct tiles *t)
{
	while (t->oldest != NULL)
		drop_oldest(t);
	for (size_t i = 0; i < LEVELS; i++)
		base_buf_free(&t->level[i].hashes);
	base_buf_free(&t->note);
}

enum base_code audit_tiles(const char *path, const struct audit_options *options, struct audit_report *report, struct base_error *err)
{
	struct tiles *t = base_alloc(sizeof(*t));
	struct base_buf signatures = BASE_BUF_INIT;
	struct audit_source source = {.arg = t, .entry = entry, .hash = hash, .checkpoint = checkpoint, .signatures = &signatures};
	struct audit_replay *replay = base_alloc(sizeof(*replay));
	struct proof_policy *policy = NULL;
	struct base_error ignored;
	char *signatures_path = base_path(path, "genesis.sig");
	enum base_code code;

	memset(report, 0, sizeof(*report));
	t->folder = path;
	code = read_checkpoint(t, err);
	if (code == BASE_OK)
		code = genesis_policy(t, options, &policy, err);
	if (code == BASE_OK) {
		if (base_file_read_regular(&signatures, signatures_path, SIGNATURES_BYTES_MAX, &ignored) != BASE_OK)
			signatures.len = 0;
		source.size = t->size;
		*replay = (struct audit_replay){.options = options, .report = report, .source = &source,
						.policy = options->policy != NULL ? options->policy : policy, .genesis = policy,
						.err = err};
		report->keys = options->policy != NULL ? AUDIT_BY_POLICY : AUDIT_BY_GENESIS;
		code = audit_replay_run(replay);
	}
	proof_policy_close(policy);
	base_buf_free(&signatures);
	close_tiles(t);
	free(signatures_path);
	free(replay);
	free(t);
	return code;
}
