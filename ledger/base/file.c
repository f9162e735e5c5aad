#include "ledger/base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES 65536

/* True: a test wants this operation to fail, as if there were no room. */
static bool fault_here(void)
{
	if (!base_fault())
		return false;
	errno = ENOSPC;
	return true;
}

static enum base_code fd_read_all(struct base_buf *out, int fd, const char *path, size_t limit, struct base_error *err)
{
	size_t taken = 0;

	for (;;) {
		size_t step;
		ssize_t got;

		/* Grows only when full, so that a key file, whose size is known, is never copied. */
		if (out->len == out->cap)
			base_buf_reserve(out, READ_STEP_BYTES);
		step = out->cap - out->len;
		/* One byte more than allowed tells a file at the limit from one over it. */
		if (limit - taken < step)
			step = limit - taken + 1;
		got = read(fd, out->data + out->len, step);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return base_fail_errno(err, "cannot read %s", path);
		if (got == 0)
			return BASE_OK;
		if ((size_t)got > limit - taken)
			return base_fail(err, BASE_LIMIT, "%s is larger than %zu bytes", path, limit);
		out->len += (size_t)got;
		taken += (size_t)got;
	}
}

static enum base_code file_read(struct base_buf *out, const char *path, size_t limit, bool regular, struct base_error *err)
{
	size_t len_before = out->len;
	enum base_code code;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", path);
	if (fstat(fd, &st) != 0) {
		code = base_fail_errno(err, "cannot read %s", path);
		goto out;
	}
	if (S_ISDIR(st.st_mode)) {
		code = base_fail(err, BASE_IO, "%s is a folder, not a file", path);
		goto out;
	}
	if (regular && !S_ISREG(st.st_mode)) {
		code = base_fail(err, BASE_IO, "%s is a pipe, socket or device, not a file", path);
		goto out;
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uintmax_t)st.st_size > limit) {
			code = base_fail(err, BASE_LIMIT, "%s is larger than %zu bytes", path, limit);
			goto out;
		}
		base_buf_reserve(out, (size_t)st.st_size + 1);
	}
	code = fd_read_all(out, fd, path, limit, err);
out:
	if (code != BASE_OK)
		out->len = len_before;
	(void)close(fd);
	return code;
}

enum base_code base_file_read(struct base_buf *out, const char *path, size_t limit, struct base_error *err)
{
	return file_read(out, path, limit, false, err);
}

enum base_code base_file_read_regular(struct base_buf *out, const char *path, size_t limit, struct base_error *err)
{
	return file_read(out, path, limit, true, err);
}

enum base_code base_write_all(int fd, struct base_slice bytes, struct base_error *err)
{
	if (fault_here())
		return base_fail_errno(err, "cannot write");
	while (bytes.len > 0) {
		ssize_t done = write(fd, bytes.data, bytes.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return base_fail_errno(err, "cannot write");
		bytes.data += done;
		bytes.len -= (size_t)done;
	}
	return BASE_OK;
}

/* malloc'ed: the folder that holds path. */
static char *folder_of(const char *path)
{
	size_t len = strlen(path);
	char *folder;

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len == 0)
		return base_path("", ".");
	folder = base_alloc(len + 1);
	(void)snprintf(folder, len + 1, "%s", path);
	return folder;
}

enum base_code base_sync_folder(const char *path, struct base_error *err)
{
	enum base_code code = BASE_OK;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return base_fail_errno(err, "cannot open folder %s", path);
	/* Some file systems cannot sync a folder and say EINVAL; there is nothing more to do there. */
	if (fault_here() || (fsync(fd) != 0 && errno != EINVAL))
		code = base_fail_errno(err, "cannot sync folder %s", path);
	(void)close(fd);
	return code;
}

/* Gives temporary its final name. */
static int name_put(const char *temporary, const char *path, bool replace)
{
	if (fault_here())
		return -1;
	if (replace)
		return rename(temporary, path);
	if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* File systems without RENAME_NOREPLACE: a hard link also refuses an existing name. */
	if (link(temporary, path) != 0)
		return -1;
	(void)unlink(temporary);
	return 0;
}

static enum base_code file_fill(int fd, const char *path, struct base_slice bytes, mode_t mode, struct base_error *err)
{
	enum base_code code;

	if (fchmod(fd, mode) != 0)
		return base_fail_errno(err, "cannot set permissions of %s", path);
	if ((code = base_write_all(fd, bytes, err)) != BASE_OK)
		return base_wrap(err, code, "%s", path);
	if (fault_here() || fsync(fd) != 0)
		return base_fail_errno(err, "cannot sync %s", path);
	return BASE_OK;
}

enum base_code base_file_write(const char *path, struct base_slice bytes, mode_t mode, bool replace,
			       struct base_error *err)
{
	struct base_buf name = BASE_BUF_INIT;
	char *temporary, *folder = NULL;
	enum base_code code;
	bool named = false;
	struct stat st;
	int fd;

	/* A rename would put a file in the place of a device or pipe, for everybody on the machine; also where a link leads
	 * to one, as /dev/stdout does. */
	if (replace && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return base_fail(err, BASE_EXISTS, "%s is no file and is not replaced; name another place", path);
	base_buf_print(&name, "%s.tmp-XXXXXX", path);
	base_buf_byte(&name, '\0');
	temporary = (char *)name.data;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		code = base_fail_errno(err, "cannot create %s", path);
		goto out;
	}
	if ((code = file_fill(fd, path, bytes, mode, err)) != BASE_OK)
		goto out;
	if (name_put(temporary, path, replace) != 0) {
		code = base_fail_errno(err, "cannot create %s", path);
		goto out;
	}
	named = true;
	folder = folder_of(path);
	code = base_sync_folder(folder, err);
out:
	if (fd >= 0)
		(void)close(fd);
	if (fd >= 0 && !named)
		(void)unlink(temporary);
	free(folder);
	base_buf_free(&name);
	return code;
}

static enum base_code folder_make_one(const char *path, mode_t mode, struct base_error *err)
{
	enum base_code code;
	struct stat st;
	char *parent;

	if (mkdir(path, mode) != 0) {
		if (errno != EEXIST)
			return base_fail_errno(err, "cannot create folder %s", path);
		if (stat(path, &st) != 0)
			return base_fail_errno(err, "cannot create folder %s", path);
		if (!S_ISDIR(st.st_mode))
			return base_fail(err, BASE_EXISTS, "%s exists and is not a folder", path);
		return BASE_OK;
	}
	parent = folder_of(path);
	code = base_sync_folder(parent, err);
	free(parent);
	return code;
}

enum base_code base_make_folder(const char *path, mode_t mode, struct base_error *err)
{
	char *part = base_path("", path);
	enum base_code code = BASE_OK;

	if (path[0] == '\0')
		code = base_fail(err, BASE_USAGE, "the name of a folder is empty");
	for (size_t i = 1; part[i - 1] != '\0' && code == BASE_OK; i++) {
		char held = part[i];

		if (held != '\0' && (held != '/' || part[i - 1] == '/'))
			continue;
		part[i] = '\0';
		code = folder_make_one(part, mode, err);
		part[i] = held;
		if (held == '\0')
			break;
	}
	free(part);
	return code;
}

char *base_path(const char *folder, const char *name)
{
	size_t folder_len = strlen(folder);
	size_t bytes = folder_len + 1 + strlen(name) + 1;
	bool slash = folder_len > 0 && folder[folder_len - 1] != '/';
	char *path = base_alloc(bytes);

	(void)snprintf(path, bytes, "%s%s%s", folder, slash ? "/" : "", name);
	return path;
}
