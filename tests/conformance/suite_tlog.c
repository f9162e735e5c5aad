/* tlog: signed checkpoints and tiles of a transparency log (C2SP signed-note, tlog-checkpoint, tlog-tiles).
 *
 *   FOLDER/checkpoint, FOLDER/checkpoint.N      N: the size that it must have
 *   FOLDER/tile/0/000.p/N, FOLDER/tile/entries/000.p/N
 *
 * The roots must follow from the tiles of the same folder. The verifier key stands in a text file of the suite or in
 * INDEX.md; the one of Tessera's test log is known here. */
#include <stdlib.h>
#include <string.h>

#include "ledger/proof/proof.h"
#include "tests/conformance/conformance.h"

#define LEAVES_MAX 65536u
#define TESSERA "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

/* ---- Verifier keys ------------------------------------------------------------ */

struct vkeys {
	struct proof_vkey *list;
	size_t count;
};

/* Every word of a text that is a verifier key. */
static void vkeys_find(struct vkeys *keys, struct base_slice text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t from = at;
		struct proof_vkey vkey;

		while (at < text.len && strchr(" \t\r\n`\"'<>()|", text.data[at]) == NULL)
			at++;
		if (at > from && memchr(text.data + from, '+', at - from) != NULL &&
		    proof_vkey_parse(&vkey, base_slice(text.data + from, at - from), NULL) == BASE_OK) {
			keys->list = base_realloc(keys->list, (keys->count + 1) * sizeof(*keys->list));
			keys->list[keys->count++] = vkey;
		}
		at++;
	}
}

/* ---- Leaves from tiles --------------------------------------------------------- */

struct log {
	struct suite *suite;
	struct vkeys keys;
};

/* The folder of the log: what stands before "tile/" or "checkpoint" in the name. */
static size_t folder_len(const struct file *file)
{
	const char *tile = strstr(file->name, "/tile/");

	return tile != NULL ? (size_t)(tile + 1 - file->name) : (size_t)(file_base(file) - file->name);
}

/* The widest tile of a place in the folder of the current file, with at least width elements. */
static bool tile_read(struct suite *s, int level, uint64_t n, unsigned width, struct base_buf *out, unsigned *got)
{
	size_t len = folder_len(s->file);

	for (unsigned w = PROOF_TILE_WIDTH; w >= width && w > 0; w--) {
		char path[96], name[512];
		const struct file *file;

		proof_tile_path(path, level, n, w);
		(void)snprintf(name, sizeof(name), "%.*s%s", (int)len, s->file->name, path);
		file = files_find(s->files, name);
		if (file != NULL && base_file_read(out, file->path, VECTOR_BYTES_MAX, NULL) == BASE_OK) {
			*got = w;
			return true;
		}
	}
	return false;
}

/* Hashes of the first size leaves, from level 0; false if there is no tile for some. */
static bool leaves_read(struct suite *s, uint64_t size, struct base_buf *out)
{
	for (uint64_t n = 0; n * PROOF_TILE_WIDTH < size; n++) {
		uint64_t rest = size - n * PROOF_TILE_WIDTH;
		unsigned width = rest < PROOF_TILE_WIDTH ? (unsigned)rest : PROOF_TILE_WIDTH, got;
		struct base_buf tile = BASE_BUF_INIT;
		bool good = tile_read(s, 0, n, width, &tile, &got) && tile.len == (size_t)got * BASE_HASH_BYTES;

		if (good)
			base_buf_append(out, base_slice(tile.data, (size_t)width * BASE_HASH_BYTES));
		base_buf_free(&tile);
		if (!good)
			return false;
	}
	return true;
}

static struct base_hash root_of(struct base_slice leaves)
{
	struct proof_frontier frontier = {0};

	for (size_t at = 0; at < leaves.len; at += BASE_HASH_BYTES) {
		struct base_hash leaf;

		memcpy(leaf.bytes, leaves.data + at, sizeof(leaf.bytes));
		proof_frontier_add(&frontier, &leaf, NULL, NULL);
	}
	return proof_frontier_root(&frontier);
}

/* ---- Checkpoints ---------------------------------------------------------------- */

static const char *signatures_check(const struct vkeys *keys, const struct proof_note *note, bool *known)
{
	*known = false;
	for (size_t i = 0; i < keys->count; i++) {
		enum base_code code = proof_note_verify(note, &keys->list[i], NULL, NULL);

		if (code == BASE_MISMATCH)
			return "the signature does not verify";
		*known = *known || code == BASE_OK;
	}
	return NULL;
}

/* A signed note of which one byte is another must not verify. */
static bool damaged_verifies(const struct vkeys *keys, struct base_slice bytes)
{
	struct base_buf copy = BASE_BUF_INIT;
	struct proof_note note;
	bool known = false;

	base_buf_append(&copy, bytes);
	copy.data[copy.len / 4] ^= 1;
	if (proof_note_parse(&note, base_buf_slice(&copy), NULL) == BASE_OK)
		(void)signatures_check(keys, &note, &known);
	base_buf_free(&copy);
	return known;
}

/* "checkpoint.12" must be of size 12; without a number any size is right. */
static bool size_fits(const struct file *file, uint64_t size)
{
	const char *dot = strrchr(file_base(file), '.');
	uint64_t wanted;

	return dot == NULL || !base_parse_u64(base_slice_text(dot + 1), &wanted) || wanted == size;
}

static void checkpoint_case(struct log *log, struct base_slice bytes)
{
	struct suite *s = log->suite;
	struct base_buf leaves = BASE_BUF_INIT;
	struct proof_checkpoint checkpoint;
	struct base_error err = {""};
	struct proof_note note;
	struct base_hash root;
	const char *why;
	bool known;

	if (proof_note_parse(&note, bytes, &err) != BASE_OK ||
	    proof_checkpoint_parse(&checkpoint, note.text, &err) != BASE_OK) {
		case_fail(s, NULL, "%s", err.text);
		return;
	}
	if ((why = signatures_check(&log->keys, &note, &known)) != NULL) {
		case_fail(s, NULL, "%s", why);
	} else if (!known) {
		case_skip(s, "the verifier key of its log stands nowhere");
	} else if (damaged_verifies(&log->keys, bytes)) {
		case_fail(s, NULL, "with one bit changed it still verifies");
	} else if (!size_fits(s->file, checkpoint.size)) {
		case_fail(s, NULL, "its size is not that of its name");
	} else if (checkpoint.size > LEAVES_MAX || !leaves_read(s, checkpoint.size, &leaves)) {
		case_skip(s, "its signature verifies, but there are no tiles to compute its root from");
	} else {
		root = root_of(base_buf_slice(&leaves));
		case_end(s, NULL,
			 base_hash_equal(&root, &checkpoint.root) ? NULL : "its root does not follow from the tiles");
	}
	base_buf_free(&leaves);
}

/* ---- Tiles ------------------------------------------------------------------------ */

struct stored {
	struct base_hash *list;
	uint64_t count;
};

static void keep_stored(void *arg, uint64_t index, const struct base_hash *hash)
{
	struct stored *stored = arg;

	(void)index;
	stored->list = base_realloc(stored->list, (stored->count + 1) * sizeof(*stored->list));
	stored->list[stored->count++] = *hash;
}

static enum base_code get_stored(void *arg, uint64_t index, struct base_hash *out, struct base_error *err)
{
	const struct stored *stored = arg;

	if (index >= stored->count)
		return base_fail(err, BASE_NOT_FOUND, "no such hash");
	*out = stored->list[index];
	return BASE_OK;
}

/* The tile as we would write it for a log with these leaves. */
static bool tile_as_ours(struct base_slice bytes, struct base_slice leaves, unsigned level, uint64_t n, unsigned width)
{
	struct proof_frontier frontier = {0};
	struct stored stored = {0};
	struct base_buf made = BASE_BUF_INIT;
	bool same;

	for (size_t at = 0; at < leaves.len; at += BASE_HASH_BYTES) {
		struct base_hash leaf;

		memcpy(leaf.bytes, leaves.data + at, sizeof(leaf.bytes));
		proof_frontier_add(&frontier, &leaf, keep_stored, &stored);
	}
	same = proof_tile_hashes(&made, level, n, width, get_stored, &stored, NULL) == BASE_OK &&
	       base_slice_equal(base_buf_slice(&made), bytes);
	base_buf_free(&made);
	free(stored.list);
	return same;
}

static void tile_case(struct suite *s, struct base_slice bytes, unsigned level, uint64_t n, unsigned width)
{
	struct base_buf leaves = BASE_BUF_INIT;
	uint64_t size;

	if (bytes.len != (size_t)width * BASE_HASH_BYTES)
		case_fail(s, NULL, "it is not as long as its name says");
	else if (level > 1 || n * PROOF_TILE_WIDTH + width > LEAVES_MAX >> (8 * level))
		case_skip(s, "a tile above more leaves than are computed here (%u)", LEAVES_MAX);
	else if (size = (n * PROOF_TILE_WIDTH + width) << (8 * level), !leaves_read(s, size, &leaves))
		case_skip(s, "there are no tiles of level 0 to compute it from");
	else
		case_end(s, NULL,
			 tile_as_ours(bytes, base_buf_slice(&leaves), level, n, width)
				 ? NULL
				 : "we write another tile for the same leaves");
	base_buf_free(&leaves);
}

/* Entries, whose hashes must stand in the tile of level 0 at the same place. */
static void bundle_case(struct suite *s, struct base_slice bytes, uint64_t n, unsigned width)
{
	struct base_buf tile = BASE_BUF_INIT, again = BASE_BUF_INIT;
	struct base_slice left = bytes, entry;
	const char *why = NULL;
	unsigned count = 0, got = 0;
	enum base_code code;
	bool hashed = tile_read(s, 0, n, width, &tile, &got) && tile.len == (size_t)got * BASE_HASH_BYTES;

	while ((code = proof_bundle_next(&left, &entry, NULL)) == BASE_OK && why == NULL) {
		struct base_hash leaf = proof_leaf(entry);

		if (count == width)
			why = "it holds more entries than its name says";
		else if (hashed &&
			 memcmp(tile.data + (size_t)count * BASE_HASH_BYTES, leaf.bytes, sizeof(leaf.bytes)) != 0)
			why = "an entry's hash is not in the tile of hashes";
		proof_bundle_add(&again, entry);
		count++;
	}
	if (why == NULL && code != BASE_NOT_FOUND)
		why = "its last entry is cut";
	else if (why == NULL && count != width)
		why = "it holds fewer entries than its name says";
	else if (why == NULL && !base_slice_equal(base_buf_slice(&again), bytes))
		why = "written again it is not the same";
	if (why == NULL && !hashed)
		case_skip(s, "its entries are whole, but there is no tile of their hashes");
	else
		case_end(s, NULL, why);
	base_buf_free(&tile);
	base_buf_free(&again);
}

/* ---- Files -------------------------------------------------------------------------- */

static void one_file(struct log *log)
{
	struct suite *s = log->suite;
	const char *tile = s->file->name + folder_len(s->file);
	struct base_buf bytes = BASE_BUF_INIT;
	unsigned width;
	uint64_t n;
	int level;

	if (!suite_bytes(s, &bytes))
		return;
	if (strncmp(file_base(s->file), "checkpoint", 10) == 0)
		checkpoint_case(log, base_buf_slice(&bytes));
	else if (proof_tile_path_parse(&level, &n, &width, base_slice_text(tile), NULL) != BASE_OK)
		case_payload(s, "neither a checkpoint nor a tile");
	else if (level < 0)
		bundle_case(s, base_buf_slice(&bytes), n, width);
	else
		tile_case(s, base_buf_slice(&bytes), (unsigned)level, n, width);
	base_buf_free(&bytes);
}

void suite_tlog(struct suite *s)
{
	struct log log = {.suite = s};
	size_t i;

	vkeys_find(&log.keys, base_buf_slice(&s->run->index));
	vkeys_find(&log.keys, base_slice_text(TESSERA));
	for (i = 0; i < s->files->count; i++) {
		struct base_buf text = BASE_BUF_INIT;

		/* Tiles are no text. */
		if (!file_in(&s->files->list[i], "tile") &&
		    base_file_read(&text, s->files->list[i].path, 1 << 20, NULL) == BASE_OK)
			vkeys_find(&log.keys, base_buf_slice(&text));
		base_buf_free(&text);
	}
	for (i = 0; i < s->files->count; i++) {
		s->file = &s->files->list[i];
		one_file(&log);
	}
	free(log.keys.list);
}
