/* Output files of payloads, which can be large and secret: without a name until they are whole, where the file system
 * can do that, so that a process that is killed leaves nothing behind; else under a temporary name beside. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/* malloc'ed: the folder that path lies in. */
static char *folder_of(const char *path)
{
	char *folder = base_path("", path), *slash = strrchr(folder, '/');

	if (slash == NULL) {
		free(folder);
		return base_path("", ".");
	}
	slash[slash == folder ? 1 : 0] = '\0';
	return folder;
}

enum base_code cli_target_open(struct cli_target *target, const char *path, bool replace, struct base_error *err)
{
	struct stat st;
	char *folder;

	*target = (struct cli_target){.fd = -1, .path = path, .replace = replace};
	if (lstat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return base_fail(err, BASE_EXISTS, "%s is a folder; give the name of a file", path);
		/* A rename would put a file in the place of the device; also where a link leads to one, as /dev/stdout does. */
		if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			return base_fail(err, BASE_EXISTS, "%s is a pipe, socket or device; give the name of a file, or use standard output", path);
		if (!replace)
			return base_fail(err, BASE_EXISTS, "%s is there already; --force replaces it", path);
	}
	folder = folder_of(path);
	target->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	free(folder);
	if (target->fd >= 0)
		return BASE_OK;
	target->temporary = base_alloc(strlen(path) + 16);
	snprintf(target->temporary, strlen(path) + 16, "%s.part-XXXXXX", path);
	target->fd = mkostemp(target->temporary, O_CLOEXEC);
	if (target->fd >= 0)
		return BASE_OK;
	free(target->temporary);
	target->temporary = NULL;
	return base_fail_errno(err, "cannot create %s", path);
}

/* Gives the nameless file a name, which must be free. */
static bool name_it(int fd, const char *name)
{
	char self[32];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

static bool put_in_place(struct cli_target *target)
{
	if (target->temporary == NULL) {
		if (name_it(target->fd, target->path))
			return true;
		if (errno != EEXIST || !target->replace)
			return false;
		/* Only rename() replaces, and it wants a name: a random one, so that nobody waits for it. */
		target->temporary = base_alloc(strlen(target->path) + 32);
		for (int tries = 0; tries < 8; tries++) {
			uint8_t random[8];
			char hex[17];

			if (keys_random(random, sizeof(random), NULL) != BASE_OK)
				return false;
			base_hex(hex, base_slice(random, sizeof(random)));
			snprintf(target->temporary, strlen(target->path) + 32, "%s.part-%s", target->path, hex);
			if (name_it(target->fd, target->temporary))
				return rename(target->temporary, target->path) == 0;
			if (errno != EEXIST)
				return false;
		}
		return false;
	}
	if (target->replace)
		return rename(target->temporary, target->path) == 0;
	if (renameat2(AT_FDCWD, target->temporary, AT_FDCWD, target->path, RENAME_NOREPLACE) == 0)
		return true;
	return (errno == EINVAL || errno == ENOSYS) && rename(target->temporary, target->path) == 0;
}

enum base_code cli_target_close(struct cli_target *target, mode_t mode, enum base_code code, struct base_error *err)
{
	if (target->fd < 0)
		return code;
	if (code == BASE_OK && (fchmod(target->fd, mode) != 0 || fsync(target->fd) != 0 || !put_in_place(target)))
		code = base_fail_errno(err, "cannot create %s", target->path);
	if (code != BASE_OK && target->temporary != NULL)
		(void)unlink(target->temporary);
	close(target->fd);
	free(target->temporary);
	target->temporary = NULL;
	target->fd = -1;
	return code;
}
