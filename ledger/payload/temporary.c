/* Where a payload lies until it is whole: <store>/tmp/<16 hex digits>/, one for each process (object) that
 * writes, with a file `lock` in it that its owner holds locked. What is not locked belongs to nobody any more
 * and is removed by whoever opens the store next. <store>/lock is held for the moment in which a temporary
 * folder is made or looked through, so that one is never seen between its making and its locking. */
#include "ledger/payload/payload_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_NAME_BYTES 8
#define TEMPORARY_NAME_DIGITS ((size_t)2 * TEMPORARY_NAME_BYTES)
#define TREE_FDS 8

bool payload_fault(void)
{
	if (!base_fault())
		return false;
	errno = ENOSPC;
	return true;
}

enum base_code payload_make_folder(const char *path, bool *made, struct base_error *err)
{
	if (made != NULL)
		*made = false;
	if (!payload_fault()) {
		if (mkdir(path, 0700) == 0) {
			if (made != NULL)
				*made = true;
			return BASE_OK;
		}
		if (errno == EEXIST && payload_is_folder(path))
			return BASE_OK;
		if (errno == EEXIST)
			return payload_no_folder(path, err);
	}
	return base_fail_errno(err, "cannot create folder %s", path);
}

enum base_code payload_no_folder(const char *path, struct base_error *err)
{
	return base_fail(err, BASE_STORAGE, "%s is a link or a file where the payload store has a folder; remove it", path);
}

bool payload_is_folder(const char *path)
{
	int number = errno;
	struct stat st;
	bool is = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);

	errno = number;
	return is;
}

DIR *payload_open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && dir == NULL)
		(void)close(fd);
	return dir;
}

enum base_code payload_sync_path(const char *path, struct base_error *err)
{
	enum base_code code = BASE_OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return base_fail_errno(err, "cannot open %s", path);
	/* Some file systems cannot sync a folder and say EINVAL; there is nothing more to do there. */
	if (payload_fault() || (fsync(fd) != 0 && errno != EINVAL))
		code = base_fail_errno(err, "cannot sync %s", path);
	(void)close(fd);
	return code;
}

enum base_code payload_write_file(const char *path, struct base_slice bytes, struct base_error *err)
{
	enum base_code code = BASE_OK;
	int fd;

	fd = payload_fault() ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return base_fail_errno(err, "cannot create %s", path);
	code = base_wrap(err, base_write_all(fd, bytes, err), "%s", path);
	/* Some file systems report at close that there is no room. */
	if (close(fd) != 0 && code == BASE_OK)
		code = base_fail_errno(err, "cannot write %s", path);
	if (code != BASE_OK)
		(void)unlink(path);
	return code;
}

static int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	(void)remove(path);
	return 0;
}

void payload_remove_tree(const char *path)
{
	(void)nftw(path, tree_remove_one, TREE_FDS, FTW_DEPTH | FTW_PHYS);
}

/* -1 with errno. */
static int lock_file(const char *path, int flags, int operation)
{
	int fd = open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	while (flock(fd, operation) != 0) {
		int number = errno;

		if (number == EINTR)
			continue;
		(void)close(fd);
		errno = number;
		return -1;
	}
	return fd;
}

enum base_code payload_temporary_open(struct payload_store *store, struct base_error *err)
{
	char *store_lock = NULL, *all = NULL, *own = NULL, *own_lock = NULL;
	uint8_t random[TEMPORARY_NAME_BYTES];
	char name[TEMPORARY_NAME_DIGITS + 1];
	enum base_code code;
	int lock = -1;

	if (store->temporary != NULL)
		return BASE_OK;
	if ((code = keys_random(random, sizeof(random), err)) != BASE_OK)
		return code;
	base_hex(name, base_slice(random, sizeof(random)));
	store_lock = base_path(store->folder, "lock");
	all = base_path(store->folder, "tmp");
	own = base_path(all, name);
	own_lock = base_path(own, "lock");
	lock = payload_fault() ? -1 : lock_file(store_lock, O_CREAT, LOCK_EX);
	if (lock < 0) {
		code = base_fail_errno(err, "cannot lock %s", store_lock);
		goto out;
	}
	if ((code = payload_make_folder(all, NULL, err)) != BASE_OK)
		goto out;
	if ((code = payload_make_folder(own, NULL, err)) != BASE_OK)
		goto out;
	store->temporary_lock = payload_fault() ? -1 : lock_file(own_lock, O_CREAT | O_EXCL, LOCK_EX | LOCK_NB);
	if (store->temporary_lock < 0) {
		code = base_fail_errno(err, "cannot lock %s", own_lock);
		payload_remove_tree(own);
		goto out;
	}
	store->temporary = own;
	own = NULL;
out:
	if (lock >= 0)
		(void)close(lock);
	free(store_lock);
	free(all);
	free(own);
	free(own_lock);
	return code;
}

static bool is_temporary_name(const char *name)
{
	return strlen(name) == TEMPORARY_NAME_DIGITS && strspn(name, "0123456789abcdef") == TEMPORARY_NAME_DIGITS;
}

static void clean_one(const char *folder)
{
	char *path = base_path(folder, "lock");
	int lock = lock_file(path, 0, LOCK_EX | LOCK_NB);

	/* Without a lock file: its owner died before it made one. */
	if (lock >= 0 || errno == ENOENT)
		payload_remove_tree(folder);
	if (lock >= 0)
		(void)close(lock);
	free(path);
}

/* Says nothing of what it cannot do: a copy that is read-only has nothing to clean. */
void payload_temporary_clean(struct payload_store *store)
{
	char *all = base_path(store->folder, "tmp"), *store_lock = base_path(store->folder, "lock");
	/* A link would have folders removed that are not the store's. */
	DIR *dir = payload_open_folder(all);
	struct dirent *found;
	int lock = -1;

	if (dir == NULL)
		goto out;
	lock = lock_file(store_lock, 0, LOCK_EX);
	if (lock < 0)
		goto out;
	while ((found = readdir(dir)) != NULL) {
		char *path;

		if (!is_temporary_name(found->d_name))
			continue;
		path = base_path(all, found->d_name);
		clean_one(path);
		free(path);
	}
out:
	if (lock >= 0)
		(void)close(lock);
	if (dir != NULL)
		(void)closedir(dir);
	free(all);
	free(store_lock);
}

void payload_temporary_close(struct payload_store *store)
{
	if (store->temporary == NULL)
		return;
	payload_remove_tree(store->temporary);
	(void)close(store->temporary_lock);
	free(store->temporary);
	store->temporary = NULL;
}
