/* The CID of a file or a folder tree as it lies on the disk, in the clear: `regesta cid`. */
#include "ledger/payload/payload_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Nodes -------------------------------------------------------------- */

static int entry_compare_name(const void *a, const void *b)
{
	const struct payload_entry *x = a, *y = b;

	return base_slice_compare(base_slice(x->name, x->name_len), base_slice(y->name, y->name_len));
}

enum base_code payload_folder_node(struct payload_node *out, struct payload_entry *entries, size_t count,
				   struct base_error *err)
{
	static const uint8_t directory[2] = {0x08, PAYLOAD_UNIXFS_DIRECTORY};
	struct base_buf block = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	memset(out, 0, sizeof(*out));
	if (count > 0)
		qsort(entries, count, sizeof(*entries), entry_compare_name);
	for (size_t i = 0; i < count && block.len <= PAYLOAD_FOLDER_BLOCK_BYTES_MAX; i++) {
		payload_pb_put_link(&block, &entries[i].node, base_slice(entries[i].name, entries[i].name_len));
		out->tsize += entries[i].node.tsize;
	}
	payload_pb_put_data(&block, base_slice(directory, sizeof(directory)));
	if (block.len > PAYLOAD_FOLDER_BLOCK_BYTES_MAX) {
		code = payload_hamt_node(out, entries, count, err);
	} else {
		out->tsize += block.len;
		out->cid.codec = WIRE_DAG_PB;
		out->cid.hash = base_sha256_of(base_buf_slice(&block));
	}
	base_buf_free(&block);
	return code;
}

/* A symbolic link, kept as such. */
static void symlink_node(struct payload_node *out, struct base_slice target)
{
	struct base_buf block = BASE_BUF_INIT, data = BASE_BUF_INIT;

	payload_pb_put_field(&data, 1, PAYLOAD_UNIXFS_SYMLINK);
	payload_pb_put_field_bytes(&data, 2, target);
	payload_pb_put_data(&block, base_buf_slice(&data));
	memset(out, 0, sizeof(*out));
	out->tsize = block.len;
	out->cid.codec = WIRE_DAG_PB;
	out->cid.hash = base_sha256_of(base_buf_slice(&block));
	base_buf_free(&block);
	base_buf_free(&data);
}

/* ---- The file system ---------------------------------------------------- */

/* The folders that we are in, innermost first: a link to one of them is a loop. */
struct walk_parent {
	dev_t dev;
	ino_t ino;
	const struct walk_parent *up;
};

static enum base_code path_node(struct payload_node *out, const char *path, const struct walk_parent *up,
				struct base_error *err);

static bool stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum base_code file_node(struct payload_node *out, const char *path, struct base_error *err)
{
	struct payload_dag *dag = NULL;
	struct stat before, after;
	uint8_t *buf = NULL;
	enum base_code code;
	uint64_t len = 0;
	/* Not blocking: between lstat() and here the file may have become a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", path);
	if (fstat(fd, &before) != 0) {
		code = base_fail_errno(err, "cannot read %s", path);
		goto out;
	}
	if (!S_ISREG(before.st_mode)) {
		code = base_fail(err, BASE_MALFORMED, "%s changed while it was read: it is no file any more", path);
		goto out;
	}
	buf = base_alloc(PAYLOAD_SEGMENT_BYTES);
	dag = payload_dag_begin(NULL, NULL);
	for (;;) {
		size_t got;

		if ((code = payload_read_fd(&fd, buf, PAYLOAD_SEGMENT_BYTES, &got, err)) != BASE_OK)
			goto out;
		if (got == 0)
			break;
		len += got;
		if ((code = payload_dag_add(dag, base_slice(buf, got), err)) != BASE_OK)
			goto out;
	}
	if (fstat(fd, &after) != 0)
		code = base_fail_errno(err, "cannot read %s", path);
	else if (!stat_same(&before, &after) || len != (uint64_t)before.st_size)
		code = base_fail(err, BASE_MALFORMED,
				 "%s changed while it was read; try again when nothing writes to it", path);
	if (code != BASE_OK)
		goto out;
	memset(out, 0, sizeof(*out));
	out->file_bytes = len;
	code = payload_dag_end(dag, &out->cid, &out->tsize, err);
	dag = NULL;
out:
	if (dag != NULL) {
		struct wire_cid unused;

		(void)!payload_dag_end(dag, &unused, NULL, NULL);
	}
	free(buf);
	(void)close(fd);
	return code;
}

static enum base_code link_node(struct payload_node *out, const char *path, const struct walk_parent *up,
				struct base_error *err)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t len = readlink(path, target, sizeof(target));

	if (len < 0)
		return base_fail_errno(err, "cannot read the link %s", path);
	if ((size_t)len == sizeof(target))
		return base_fail(err, BASE_LIMIT, "the target of the link %s is too long", path);
	if (!base_utf8_valid(base_slice(target, (size_t)len)))
		return base_fail(err, BASE_MALFORMED, "the target of the link %s is not UTF-8", path);
	if (stat(path, &st) == 0) {
		for (; up != NULL; up = up->up)
			if (up->dev == st.st_dev && up->ino == st.st_ino)
				return base_fail(err, BASE_MALFORMED,
						 "%s is a link to a folder that it lies in: a loop", path);
	} else if (errno == ELOOP) {
		return base_fail(err, BASE_MALFORMED, "%s is a link that leads back to itself: a loop", path);
	}
	symlink_node(out, base_slice(target, (size_t)len));
	return BASE_OK;
}

static enum base_code folder_entry(struct payload_entry *entry, const char *folder, const struct walk_parent *here,
				   struct base_error *err)
{
	char *path = base_path(folder, entry->name);
	enum base_code code;

	if (!base_utf8_valid(base_slice(entry->name, entry->name_len)))
		code = base_fail(err, BASE_MALFORMED, "the name %s is not UTF-8; rename it", path);
	else
		code = path_node(&entry->node, path, here, err);
	free(path);
	return code;
}

struct name_list {
	struct payload_entry *entries;
	size_t count, cap;
};

static enum base_code folder_names(struct name_list *names, const char *path, struct base_error *err)
{
	enum base_code code = BASE_OK;
	struct dirent *found;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return base_fail_errno(err, "cannot open folder %s", path);
	while (errno = 0, (found = readdir(dir)) != NULL) {
		struct payload_entry *entry;

		/* "." and ".." too. Kubo leaves hidden names out unless asked. */
		if (found->d_name[0] == '.')
			continue;
		if (names->count == names->cap) {
			names->cap = names->cap == 0 ? 16 : 2 * names->cap;
			names->entries = base_realloc(names->entries, names->cap * sizeof(*names->entries));
		}
		entry = &names->entries[names->count++];
		memset(entry, 0, sizeof(*entry));
		entry->name = base_path("", found->d_name);
		entry->name_len = strlen(entry->name);
	}
	if (errno != 0)
		code = base_fail_errno(err, "cannot read folder %s", path);
	(void)closedir(dir);
	return code;
}

static enum base_code folder_node(struct payload_node *out, const char *path, const struct stat *st,
				  const struct walk_parent *up, struct base_error *err)
{
	struct walk_parent here = {st->st_dev, st->st_ino, up};
	struct name_list names = {NULL, 0, 0};
	/* Closed before we go down, so that depth costs no file descriptors. */
	enum base_code code = folder_names(&names, path, err);

	for (size_t i = 0; i < names.count && code == BASE_OK; i++)
		code = folder_entry(&names.entries[i], path, &here, err);
	if (code == BASE_OK)
		code = base_wrap(err, payload_folder_node(out, names.entries, names.count, err), "%s", path);
	for (size_t i = 0; i < names.count; i++)
		free(names.entries[i].name);
	free(names.entries);
	return code;
}

/* The recursion ends: path is at most PATH_MAX, and links are not followed. */
static enum base_code path_node(struct payload_node *out, const char *path, const struct walk_parent *up,
				struct base_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return base_fail_errno(err, "cannot read %s", path);
	if (S_ISREG(st.st_mode))
		return file_node(out, path, err);
	if (S_ISDIR(st.st_mode))
		return folder_node(out, path, &st, up, err);
	if (S_ISLNK(st.st_mode))
		return link_node(out, path, up, err);
	return base_fail(err, BASE_MALFORMED,
			 "%s is a pipe, socket or device; only files, folders and links have a CID", path);
}

enum base_code payload_cid_path(struct wire_cid *out, const char *path, struct base_error *err)
{
	struct payload_node node;
	enum base_code code = path_node(&node, path, NULL, err);

	if (code == BASE_OK)
		*out = node.cid;
	return code;
}
