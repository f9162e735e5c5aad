/* A folder of hash tiles and their checkpoint, without the entries: what may be public.
 *
 * The hashes of each full tile make one hash of the level above; the last tile of each level, whole or not, makes the
 * part of the root that no level above has. So when all agree, each hash of each tile is one that the checkpoint signed.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit_internal.h"

#define LEVELS 8
#define TILE_BYTES ((size_t)PROOF_TILE_WIDTH * BASE_HASH_BYTES)
#define NAME_BYTES 96
#define UNREADABLE_MAX 100

struct hashes {
	struct audit_replay *replay;
	const char *folder;
	uint64_t size;
	struct proof_checkpoint checkpoint; /* borrows from note */
	struct base_buf note;
	struct base_buf tile, above, leftover;
	bool above_there;
	uint64_t above_n;
	uint64_t total;
	unsigned unreadable;
};

/* ---- One tile ---- */

/* BASE_MISMATCH: not of its length. A partial tile may be gone when a fuller one is there. */
static enum base_code read_file(struct hashes *h, struct base_buf *out, unsigned level, uint64_t n, unsigned width, struct base_error *err)
{
	char name[NAME_BYTES];
	enum base_code code;
	char *path;

	out->len = 0;
	proof_tile_path(name, (int)level, n, width);
	path = base_path(h->folder, name);
	code = base_file_read_regular(out, path, TILE_BYTES, err);
	free(path);
	if (code == BASE_OK && out->len != (size_t)width * BASE_HASH_BYTES)
		code = base_fail(err, BASE_MALFORMED, "it has %zu bytes instead of %zu", out->len, (size_t)width * BASE_HASH_BYTES);
	return code;
}

static enum base_code read_tile(struct hashes *h, struct base_buf *out, unsigned level, uint64_t n, struct base_error *err)
{
	unsigned width = proof_tile_width((int)level, n, h->size);
	enum base_code code = read_file(h, out, level, n, width, err);

	if (code == BASE_NOT_FOUND && width < PROOF_TILE_WIDTH) {
		code = read_file(h, out, level, n, PROOF_TILE_WIDTH, err);
		if (code == BASE_OK)
			out->len = (size_t)width * BASE_HASH_BYTES;
	}
	return code;
}

/* The root over count hashes, each of as many entries: count is a power of 2. */
static struct base_hash root_over(const uint8_t *hashes, unsigned count)
{
	struct base_hash level[PROOF_TILE_WIDTH];

	BASE_ASSERT(count >= 1 && count <= PROOF_TILE_WIDTH);
	memcpy(level, hashes, (size_t)count * BASE_HASH_BYTES);
	for (; count > 1; count /= 2)
		for (size_t i = 0; i < count / 2; i++)
			level[i] = proof_node(&level[2 * i], &level[2 * i + 1]);
	return level[0];
}

static void deviate(struct hashes *h, unsigned level, uint64_t n, unsigned width, const char *what)
{
	char name[NAME_BYTES];

	proof_tile_path(name, (int)level, n, width);
	audit_deviate(h->replay, AUDIT_TREE, NULL, "%s: %s", name, what);
}

/* A checkpoint may claim any size: the tiles that it would have are not all looked for. */
static void unreadable(struct hashes *h, unsigned level, uint64_t n, enum base_code code, const struct base_error *why)
{
	deviate(h, level, n, proof_tile_width((int)level, n, h->size), code == BASE_NOT_FOUND ? base_message("this tile is not there") : why->text);
	h->unreadable++;
	h->replay->report->complete = false;
}

static void check_above(struct hashes *h, unsigned level, uint64_t n)
{
	struct base_hash root = root_over(h->tile.data, PROOF_TILE_WIDTH);
	struct base_error ignored;
	size_t at = (size_t)(n % PROOF_TILE_WIDTH) * BASE_HASH_BYTES;

	if (!h->above_there || h->above_n != n / PROOF_TILE_WIDTH) {
		h->above_n = n / PROOF_TILE_WIDTH;
		h->above_there = read_tile(h, &h->above, level + 1, h->above_n, &ignored) == BASE_OK;
	}
	/* Of a tile above that is not whole it is said at that level. */
	if (h->above_there && memcmp(h->above.data + at, root.bytes, BASE_HASH_BYTES) != 0)
		deviate(h, level, n, PROOF_TILE_WIDTH, base_message("its hashes do not make the hash that the level above has of them"));
}

/* Partial tiles that fuller ones superseded: the same hashes, fewer of them. */
static void check_leftovers(struct hashes *h, unsigned level, uint64_t n, unsigned width)
{
	char name[NAME_BYTES];
	struct dirent *entry;
	char *path;
	DIR *dir;

	proof_tile_path(name, (int)level, n, 1);
	name[strlen(name) - 2] = '\0'; /* "/1" */
	path = base_path(h->folder, name);
	dir = opendir(path);
	free(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct base_error why = {{0}};
		uint64_t other;
		enum base_code code;
		size_t len;

		if (!base_parse_u64(base_slice_text(entry->d_name), &other) || other == 0 || other >= PROOF_TILE_WIDTH || other == width)
			continue;
		code = read_file(h, &h->leftover, level, n, (unsigned)other, &why);
		len = (size_t)(other < width ? other : width) * BASE_HASH_BYTES;
		if (code != BASE_OK)
			deviate(h, level, n, (unsigned)other, why.text);
		else if (memcmp(h->leftover.data, h->tile.data, len) != 0)
			deviate(h, level, n, (unsigned)other, base_message("its hashes are not those of the fuller tile"));
	}
	if (dir != NULL)
		(void)closedir(dir);
}

static void check_level(struct hashes *h, unsigned level)
{
	struct audit_report *report = h->replay->report;
	unsigned width;

	h->above_there = false;
	for (uint64_t n = 0; h->unreadable < UNREADABLE_MAX && (width = proof_tile_width((int)level, n, h->size)) > 0; n++) {
		struct base_error why = {{0}};
		enum base_code code = read_tile(h, &h->tile, level, n, &why);

		if (code != BASE_OK) {
			unreadable(h, level, n, code, &why);
		} else {
			report->tiles++;
			if (width == PROOF_TILE_WIDTH)
				check_above(h, level, n);
			check_leftovers(h, level, n, width);
		}
		if (h->replay->options->progress != NULL && (n % 64 == 0 || width < PROOF_TILE_WIDTH))
			h->replay->options->progress(h->replay->options->arg, report->tiles, h->total);
	}
}

/* ---- The tree of the first entries ---- */

/* From the last tile of each level, the largest subtrees first. */
static enum base_code root_at(struct hashes *h, uint64_t size, struct base_hash *out, struct base_error *err)
{
	struct base_hash stack[LEVELS * 8];
	unsigned depth = 0;

	*out = proof_empty_root();
	for (unsigned level = LEVELS; level-- > 0;) {
		uint64_t count = size >> (8 * level);
		unsigned left = (unsigned)(count % PROOF_TILE_WIDTH), at = 0;
		enum base_code code;

		if (left == 0)
			continue;
		if ((code = read_tile(h, &h->tile, level, count / PROOF_TILE_WIDTH, err)) != BASE_OK)
			return code;
		for (unsigned width = PROOF_TILE_WIDTH / 2; width > 0; width /= 2) {
			if ((left & width) == 0)
				continue;
			stack[depth++] = root_over(h->tile.data + (size_t)at * BASE_HASH_BYTES, width);
			at += width;
		}
	}
	if (depth > 0)
		*out = stack[--depth];
	while (depth > 0)
		*out = proof_node(&stack[--depth], out);
	return BASE_OK;
}

/* ---- The folder ---- */

static enum base_code read_checkpoint(struct hashes *h, struct proof_note *note, struct base_error *err)
{
	char *path = base_path(h->folder, "checkpoint");
	enum base_code code = base_file_read_regular(&h->note, path, PROOF_NOTE_BYTES_MAX, err);

	if (code == BASE_OK)
		code = proof_note_parse(note, base_buf_slice(&h->note), err);
	if (code == BASE_OK)
		code = proof_checkpoint_parse(&h->checkpoint, note->text, err);
	if (code == BASE_OK && h->checkpoint.size > PROOF_STORED_LEAVES_MAX)
		code = base_fail(err, BASE_MALFORMED, "a size of %" PRIu64 " is beyond any tree that can be stored", h->checkpoint.size);
	if (code == BASE_OK)
		h->size = h->checkpoint.size;
	free(path);
	return base_wrap(err, code, "checkpoint");
}

/* Whether the policy's keys signed it. Without a policy nothing here names a key: genesis is an entry. */
static bool check_signatures(struct hashes *h, const struct proof_note *note)
{
	const struct audit_options *options = h->replay->options;
	struct proof_checkpoint checkpoint;
	struct proof_verdict verdict;
	struct base_error why = {{0}};

	if (options->policy == NULL)
		return false;
	h->replay->report->keys = AUDIT_BY_POLICY;
	if (proof_policy_check(options->policy, note, &checkpoint, &verdict, &why) == BASE_OK) {
		h->replay->report->signatures = verdict.logs + verdict.cosigners;
		return true;
	}
	audit_deviate(h->replay, AUDIT_CHECKPOINTS, NULL, "the checkpoint (size %" PRIu64 "): %s", h->size, why.text);
	return false;
}

static void check_since(struct hashes *h)
{
	struct audit_replay *r = h->replay;
	struct base_hash root;
	struct base_error why = {{0}};

	if (!r->has_since || !base_slice_equal(r->since.origin, h->checkpoint.origin))
		return;
	r->since_seen = r->since.size <= h->size;
	if (r->since_seen && root_at(h, r->since.size, &root, &why) == BASE_OK) {
		r->since_equal = base_hash_equal(&root, &r->since.root);
		if (!r->since_equal)
			audit_deviate(r, AUDIT_SINCE, NULL, "the first %" PRIu64 " entries are not those of the checkpoint that you kept: history was "
				      "rewritten", r->since.size);
	}
}

static enum base_code check_all(struct hashes *h, const struct proof_note *note)
{
	struct audit_replay *r = h->replay;
	struct audit_report *report = r->report;
	enum base_code code = audit_since_begin(r);
	struct base_error why = {{0}};
	bool vouched;

	if (code != BASE_OK)
		return code;
	report->complete = true;
	vouched = check_signatures(h, note);
	for (unsigned level = 0; level < LEVELS; level++)
		h->total += (h->size >> (8 * level)) / PROOF_TILE_WIDTH + 1;
	for (unsigned level = 0; level < LEVELS; level++)
		check_level(h, level);
	code = root_at(h, h->size, &report->root, &why); /* of a tile that is not there it was said */
	if (code == BASE_OK && !base_hash_equal(&report->root, &h->checkpoint.root))
		audit_deviate(r, AUDIT_TREE, NULL, "the hashes are not those that the checkpoint signed: they make another root at size %" PRIu64, h->size);
	report->size = h->size;
	r->frontier.size = h->size;
	base_buf_append(&r->origin, h->checkpoint.origin);
	check_since(h);
	if (vouched && report->deviations == 0)
		report->covered_size = h->size;
	audit_since_end(r);
	return report->deviations == 0 ? BASE_OK
				       : base_fail(r->err, BASE_MISMATCH, report->deviations == 1 ? BASE_WORDS("%llu deviation") : BASE_WORDS("%llu deviations"),
						   (unsigned long long)report->deviations);
}

enum base_code audit_hashes(const char *folder, const struct audit_options *options, struct audit_report *report, struct base_error *err)
{
	struct audit_replay *replay = base_alloc(sizeof(*replay));
	struct hashes h = {.replay = replay, .folder = folder};
	struct proof_note *note = base_alloc(sizeof(*note));
	struct base_buf origin = BASE_BUF_INIT;
	enum base_code code;

	memset(report, 0, sizeof(*report));
	report->hashes_only = true;
	*replay = (struct audit_replay){.options = options, .report = report, .policy = options->policy, .err = err};
	code = read_checkpoint(&h, note, err);
	if (code == BASE_OK && options->policy != NULL) {
		base_buf_append(&origin, h.checkpoint.origin);
		base_buf_byte(&origin, '\0');
		code = audit_policy_fits(options->policy, (const char *)origin.data, err);
	}
	if (code == BASE_OK)
		code = check_all(&h, note);
	base_buf_free(&origin);
	base_buf_free(&replay->origin);
	base_buf_free(&h.note);
	base_buf_free(&h.tile);
	base_buf_free(&h.above);
	base_buf_free(&h.leftover);
	free(note);
	free(replay);
	return code;
}
