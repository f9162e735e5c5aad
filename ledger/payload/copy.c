/* A payload with its JWEs from one store into another: backups, mirrors. */
#include "ledger/payload/payload_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum base_code copy_jwes(const char *folder, struct payload_store *to, const struct wire_cid *cid,
				struct base_error *err)
{
	char *keys = base_path(folder, "keys");
	DIR *dir = payload_open_folder(keys);
	struct dirent *entry;
	struct base_buf jwe = BASE_BUF_INIT;
	enum base_code code = BASE_OK;

	/* A payload that came as a CAR has no keys. */
	if (dir == NULL && errno != ENOENT)
		code = base_fail_errno(err, "cannot open folder %s", keys);
	while (dir != NULL && code == BASE_OK && (errno = 0, entry = readdir(dir)) != NULL) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = base_path(keys, entry->d_name);
		jwe.len = 0;
		code = payload_jwe_read(&jwe, path, err);
		if (code == BASE_OK)
			code = payload_store_add_jwe(to, cid, base_buf_slice(&jwe), err);
		free(path);
	}
	if (dir != NULL && code == BASE_OK && errno != 0)
		code = base_fail_errno(err, "cannot read folder %s", keys);
	if (dir != NULL)
		(void)closedir(dir);
	base_buf_free(&jwe);
	free(keys);
	return code;
}

enum base_code payload_store_copy(struct payload_store *from, struct payload_store *to, const struct wire_cid *cid,
				  struct base_error *err)
{
	char *folder = payload_find(from, cid);
	int fd = -1;
	enum base_code code = payload_data_open(from, cid, &fd, err);

	if (code == BASE_OK)
		code = payload_store_import(to, cid, payload_read_fd, &fd, err);
	if (code == BASE_OK && folder != NULL)
		code = copy_jwes(folder, to, cid, err);
	if (fd >= 0)
		(void)close(fd);
	free(folder);
	return code;
}
