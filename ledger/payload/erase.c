/* Destroying a payload in the store: keys first, each overwritten, then the ciphertext; durable when it returns. */
#include "ledger/payload/payload_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Zeroes what stands in the file. A file system that writes elsewhere, and a disk that moves blocks, may keep the old
 * ones: docs/formats/payload.md says so. */
static enum base_code overwrite(const char *path, struct base_error *err)
{
	static const uint8_t zeros[4096];
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum base_code code = BASE_OK;
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? BASE_OK : base_fail_errno(err, "cannot overwrite %s", path); /* a link: it alone goes */
	if (fstat(fd, &st) != 0)
		code = base_fail_errno(err, "cannot overwrite %s", path);
	for (off_t at = 0; code == BASE_OK && S_ISREG(st.st_mode) && at < st.st_size; at += (off_t)sizeof(zeros)) {
		off_t left = st.st_size - at;
		size_t len = left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros);

		code = base_wrap(err, base_write_all(fd, base_slice(zeros, len), err), "overwriting %s", path);
	}
	if (code == BASE_OK && (payload_fault() || fsync(fd) != 0))
		code = base_fail_errno(err, "cannot overwrite %s", path);
	(void)close(fd);
	return code;
}

static enum base_code remove_file(const char *path, bool wipe, struct base_error *err)
{
	enum base_code code = wipe ? overwrite(path, err) : BASE_OK;

	if (code == BASE_OK && (payload_fault() || unlink(path) != 0) && errno != ENOENT)
		code = base_fail_errno(err, "cannot remove %s", path);
	return code;
}

static enum base_code remove_keys(const char *folder, struct base_error *err)
{
	char *keys = base_path(folder, "keys");
	DIR *dir = payload_open_folder(keys);
	enum base_code code = BASE_OK;
	struct dirent *found;

	if (dir == NULL && errno != ENOENT)
		code = base_fail_errno(err, "cannot open folder %s", keys);
	while (dir != NULL && code == BASE_OK && (errno = 0, found = readdir(dir)) != NULL) {
		char *path;

		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		path = base_path(keys, found->d_name);
		code = remove_file(path, true, err);
		free(path);
	}
	if (dir != NULL && code == BASE_OK && errno != 0)
		code = base_fail_errno(err, "cannot read folder %s", keys);
	if (dir != NULL) {
		(void)closedir(dir);
		if (code == BASE_OK)
			code = payload_sync_path(keys, err);
		if (code == BASE_OK && (payload_fault() || rmdir(keys) != 0))
			code = base_fail_errno(err, "cannot remove folder %s", keys);
	}
	free(keys);
	return code;
}

enum base_code payload_store_erase(struct payload_store *store, const struct wire_cid *cid, bool *was_there,
				   struct base_error *err)
{
	char *folder = payload_published_path(store, cid), *data = base_path(folder, "data"), *shard;
	enum base_code code = BASE_OK;

	*was_there = payload_is_folder(folder);
	if (!*was_there)
		goto out;
	if ((code = remove_keys(folder, err)) != BASE_OK || (code = remove_file(data, false, err)) != BASE_OK ||
	    (code = payload_sync_path(folder, err)) != BASE_OK)
		goto out;
	if (payload_fault() || rmdir(folder) != 0) {
		code = base_fail_errno(err, "cannot remove folder %s", folder);
		goto out;
	}
	shard = base_path("", folder);
	*strrchr(shard, '/') = '\0';
	code = payload_sync_path(shard, err);
	free(shard);
out:
	free(data);
	free(folder);
	return code;
}
