/* C2SP tlog-tiles of a ledger in a folder: docs/formats/tiles.md.
 *
 * The checkpoint is written last, after everything before it was synced; so a
 * full tile that the folder's checkpoint covers is whole, and is left alone.
 */
#include "ledger/chain/chain_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKPOINT_FILE "checkpoint"
#define ENTRIES_FOLDER "tile/entries"
#define SIGNATURES_FILE "genesis.sig"
#define FILE_NAME_BYTES 96
#define LEVELS 8 /* of tiles: 256^8 leaves */

struct tiler {
	struct chain_read *read;
	const char *folder;
	uint64_t size, old_size; /* what the folder's checkpoint covers; 0: it has none */
	mode_t mode;             /* of files; entries are for their owner alone */
	struct base_buf bytes;   /* of the tile at hand */
};

/* ---- Files -------------------------------------------------------------- */

/* As base_file_write, but the sync comes once for all. */
static enum base_code write_file(const char *path, struct base_slice bytes, mode_t mode, struct base_error *err)
{
	struct base_buf name = BASE_BUF_INIT;
	enum base_code code;
	int fd;

	base_buf_print(&name, "%s.tmp", path);
	base_buf_byte(&name, '\0');
	fd = open((const char *)name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0) {
		code = base_fail_errno(err, "cannot write %s", path);
		goto out;
	}
	code = base_write_all(fd, bytes, err);
	if (close(fd) != 0 && code == BASE_OK)
		code = base_fail_errno(err, "cannot write %s", path);
	if (code == BASE_OK && rename((const char *)name.data, path) != 0)
		code = base_fail_errno(err, "cannot name %s", path);
	if (code != BASE_OK)
		(void)unlink((const char *)name.data);
out:
	base_buf_free(&name);
	return code;
}

static mode_t folder_mode(const struct tiler *t)
{
	return t->mode == 0600 ? 0700 : 0755;
}

static enum base_code make_parent(const struct tiler *t, const char *path, struct base_error *err)
{
	size_t len = strlen(path);
	char *folder = base_alloc(len + 1);
	enum base_code code;

	memcpy(folder, path, len);
	*strrchr(folder, '/') = '\0';
	code = base_make_folder(folder, folder_mode(t), err);
	free(folder);
	return code;
}

/* A full tile has replaced the partial ones of "tile/L/N.p/". */
static void remove_partials(const char *path)
{
	struct base_buf name = BASE_BUF_INIT;
	struct dirent *entry;
	DIR *dir;

	base_buf_print(&name, "%s.p", path);
	base_buf_byte(&name, '\0');
	dir = opendir((const char *)name.data);
	if (dir == NULL)
		goto out;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
	(void)closedir(dir);
	(void)rmdir((const char *)name.data);
out:
	base_buf_free(&name);
}

static enum base_code sync_all(const char *folder, struct base_error *err)
{
	enum base_code code = BASE_OK;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", folder);
	if (syncfs(fd) != 0)
		code = base_fail_errno(err, "cannot sync %s", folder);
	(void)close(fd);
	return code;
}

/* ---- Tiles -------------------------------------------------------------- */

static enum base_code fill_bundle(struct tiler *t, uint64_t n, unsigned width, struct base_error *err)
{
	for (unsigned i = 0; i < width; i++) {
		struct base_slice entry;
		enum base_code code = chain_read_entry(t->read, n * PROOF_TILE_WIDTH + i, &entry, err);

		if (code != BASE_OK)
			return code;
		proof_bundle_add(&t->bytes, entry);
	}
	return BASE_OK;
}

static enum base_code write_tile(struct tiler *t, int level, uint64_t n, unsigned width, struct base_error *err)
{
	char name[FILE_NAME_BYTES];
	struct stat st;
	enum base_code code = BASE_OK;
	char *path;

	proof_tile_path(name, level, n, width);
	path = base_path(t->folder, name);
	if (width == PROOF_TILE_WIDTH && proof_tile_width(level, n, t->old_size) == PROOF_TILE_WIDTH && stat(path, &st) == 0)
		goto out;
	t->bytes.len = 0;
	if (level < 0)
		code = fill_bundle(t, n, width, err);
	else
		code = proof_tile_hashes(&t->bytes, (unsigned)level, n, width, chain_read_stored_hash, t->read, err);
	if (code != BASE_OK || (code = make_parent(t, path, err)) != BASE_OK)
		goto out;
	if ((code = write_file(path, base_buf_slice(&t->bytes), t->mode, err)) != BASE_OK)
		goto out;
	if (width == PROOF_TILE_WIDTH)
		remove_partials(path);
out:
	free(path);
	return code;
}

static enum base_code write_level(struct tiler *t, int level, struct base_error *err)
{
	enum base_code code = BASE_OK;
	unsigned width;

	for (uint64_t n = 0; code == BASE_OK && (width = proof_tile_width(level, n, t->size)) > 0; n++)
		code = write_tile(t, level, n, width, err);
	return code;
}

/* ---- The folder --------------------------------------------------------- */

/* A first run that was interrupted left tiles without a checkpoint. */
static enum base_code check_foreign(const char *folder, struct base_error *err)
{
	static const char *const ours[] = {".", "..", "tile", SIGNATURES_FILE, CHECKPOINT_FILE, SIGNATURES_FILE ".tmp", CHECKPOINT_FILE ".tmp", "lost+found"};
	enum base_code code = BASE_OK;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return base_fail_errno(err, "%s", folder);
	while (code == BASE_OK && (entry = readdir(dir)) != NULL) {
		bool known = false;

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			known = known || strcmp(entry->d_name, ours[i]) == 0;
		if (!known)
			code = base_fail(err, BASE_EXISTS, "%s holds other files (%.100s) and no tiles: give an empty folder, or one that does not exist",
					 folder, entry->d_name);
	}
	(void)closedir(dir);
	return code;
}

/* What an earlier run left must be of this log and a prefix of it. */
static enum base_code check_old(struct tiler *t, struct base_error *err)
{
	char *path = base_path(t->folder, CHECKPOINT_FILE);
	struct base_buf bytes = BASE_BUF_INIT;
	struct proof_note *note = base_alloc(sizeof(*note));
	struct proof_checkpoint old;
	struct base_hash root;
	enum base_code code;

	code = base_file_read_regular(&bytes, path, PROOF_NOTE_BYTES_MAX, err);
	if (code == BASE_NOT_FOUND) {
		code = check_foreign(t->folder, err);
		goto out;
	}
	if (code != BASE_OK || (code = proof_note_parse(note, base_buf_slice(&bytes), err)) != BASE_OK ||
	    (code = proof_checkpoint_parse(&old, note->text, err)) != BASE_OK)
		goto out;
	if (!base_slice_equal(old.origin, base_slice_text(chain_origin(t->read->chain)))) {
		code = base_fail(err, BASE_MISMATCH, "%s: this folder holds the tiles of another log", path);
		goto out;
	}
	if (old.size > t->size) {
		code = base_fail(err, BASE_MISMATCH, "%s: the folder holds %" PRIu64 " entries, the ledger's checkpoint covers %" PRIu64, path,
				 old.size, t->size);
		goto out;
	}
	if ((code = proof_root(&root, old.size, chain_read_stored_hash, t->read, err)) != BASE_OK)
		goto out;
	if (!base_hash_equal(&root, &old.root)) {
		code = base_fail(err, BASE_MISMATCH, "%s: the folder's tiles are not a prefix of this ledger", path);
		goto out;
	}
	t->old_size = old.size;
out:
	free(note);
	free(path);
	base_buf_free(&bytes);
	return code;
}

static enum base_code check_public(const char *folder, struct base_error *err)
{
	char *path = base_path(folder, ENTRIES_FOLDER);
	struct stat st;
	enum base_code code = BASE_OK;

	if (lstat(path, &st) == 0)
		code = base_fail(err, BASE_EXISTS, "%s: this folder holds entries, which must not be public: use another one", path);
	free(path);
	return code;
}

static enum base_code write_signatures(struct tiler *t, struct base_error *err)
{
	char *path = base_path(t->folder, SIGNATURES_FILE);
	enum base_code code;

	t->bytes.len = 0;
	if ((code = chain_signatures(t->read->chain, &t->bytes, err)) == BASE_OK)
		code = write_file(path, base_buf_slice(&t->bytes), t->mode, err);
	free(path);
	return code;
}

static enum base_code write_checkpoint(struct tiler *t, struct base_error *err)
{
	char *path = base_path(t->folder, CHECKPOINT_FILE);
	enum base_code code = base_file_write(path, base_buf_slice(&t->read->note), t->mode, true, err);

	free(path);
	return code;
}

enum base_code chain_tiles(struct chain_read *read, const char *folder, bool entries, struct base_error *err)
{
	struct tiler t = {.read = read, .folder = folder, .mode = entries ? 0600 : 0644};
	uint64_t height;
	enum base_code code;

	if ((code = chain_read_signed(read, &height, &t.size, err)) != BASE_OK)
		goto out;
	if ((code = base_make_folder(folder, folder_mode(&t), err)) != BASE_OK)
		goto out;
	if ((code = check_old(&t, err)) != BASE_OK)
		goto out;
	if (!entries && (code = check_public(folder, err)) != BASE_OK)
		goto out;
	for (int level = entries ? -1 : 0; level < LEVELS && code == BASE_OK; level++)
		code = write_level(&t, level, err);
	if (code == BASE_OK && entries)
		code = write_signatures(&t, err);
	if (code == BASE_OK)
		code = sync_all(folder, err);
	if (code == BASE_OK)
		code = write_checkpoint(&t, err);
out:
	base_buf_free(&t.bytes);
	return base_wrap(err, code, "tiles");
}
