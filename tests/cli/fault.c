/* Makes one call of the C library fail, between any program and it (LD_PRELOAD): tests/cli/faults.sh.
 *   FAULT_KIND=io     open, openat, mkostemp, mkdir, write, pwrite, writev, fsync, fdatasync, ftruncate, rename, link,
 *                     mmap of a file
 *   FAULT_KIND=alloc  malloc, calloc, realloc, posix_memalign, mmap of memory
 *   FAULT_KIND=kill   no call fails: the process is killed (SIGKILL) before the N-th link, unlink, rename or fsync of a path in
 *                     which FAULT_PATH occurs
 *   FAULT_AT=N        the N-th of them, counted from 1, once
 *   FAULT_LOG=FILE    what FAULT_KIND=kill counts is written there too, a line each: "link", "unlink", "rename" or "fsync", and the path
 *   FAULT_MET=FILE    is made when that call came: a run that does not make it met no fault
 * Compiled without the headers that declare what is defined here with other attributes. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Where glibc's own allocator lies: dlsym allocates, so that it cannot be asked. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum kind { KIND_NONE, KIND_IO, KIND_ALLOC, KIND_KILL };

static enum kind kind;
static long at;
static atomic_long calls;
static const char *met, *part, *log_path;
static _Thread_local bool spared;
static void *(*real_fts_open)(char *const *, int, int (*)(const void *, const void *));

/* glibc 2.36 follows a null pointer in fts_open when there is no memory for the root's parent: nothing a program can do. */
void *fts_open(char *const *paths, int options, int (*compare)(const void *, const void *));
void *fts_open(char *const *paths, int options, int (*compare)(const void *, const void *))
{
	void *opened;

	spared = true;
	opened = real_fts_open(paths, options, compare);
	spared = false;
	return opened;
}

/* Constructors of libraries have run before: what fails is the program's own. */
__attribute__((constructor)) static void arm(void)
{
	const char *wanted = getenv("FAULT_KIND");
	const char *number = getenv("FAULT_AT");

	met = getenv("FAULT_MET");
	part = getenv("FAULT_PATH");
	log_path = getenv("FAULT_LOG");
	*(void **)&real_fts_open = dlsym(RTLD_NEXT, "fts_open");
	if (wanted == NULL || number == NULL)
		return;
	at = atol(number);
	kind = strcmp(wanted, "io") == 0 ? KIND_IO : strcmp(wanted, "kill") == 0 ? KIND_KILL : KIND_ALLOC;
}

/* By number: open() is one of those that are counted. */
static void put_line(const char *file, const char *name, const char *path)
{
	long fd = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	if (name != NULL) {
		(void)syscall(SYS_write, fd, name, strlen(name));
		(void)syscall(SYS_write, fd, " ", 1);
		(void)syscall(SYS_write, fd, path, strlen(path));
		(void)syscall(SYS_write, fd, "\n", 1);
	}
	syscall(SYS_close, fd);
}

static bool fails(enum kind of, int error)
{
	if (kind != of || spared || atomic_fetch_add(&calls, 1) + 1 != at)
		return false;
	if (met != NULL)
		put_line(met, NULL, NULL);
	errno = error;
	return true;
}

/* Before a step that changes what is there under a name, or makes it durable. */
static void step(const char *name, const char *path)
{
	if (kind != KIND_KILL || (part != NULL && strstr(path, part) == NULL))
		return;
	if (atomic_fetch_add(&calls, 1) + 1 == at) {
		if (met != NULL)
			put_line(met, NULL, NULL);
		raise(SIGKILL);
	}
	if (log_path != NULL)
		put_line(log_path, name, path);
}

static void step_fd(const char *name, int fd)
{
	char link[64], path[4096];
	long len;

	if (kind != KIND_KILL)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	step(name, path);
}

/* ---- I/O ---- */

static mode_t mode_of(int flags, va_list args)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

#define OPEN(name)                                                                                                             \
	int name(const char *path, int flags, ...);                                                                            \
	int name(const char *path, int flags, ...)                                                                             \
	{                                                                                                                      \
		va_list args;                                                                                                  \
		mode_t mode;                                                                                                   \
                                                                                                                               \
		va_start(args, flags);                                                                                         \
		mode = mode_of(flags, args);                                                                                   \
		va_end(args);                                                                                                  \
		return fails(KIND_IO, EMFILE) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);                     \
	}
#define OPENAT(name)                                                                                                           \
	int name(int folder, const char *path, int flags, ...);                                                                \
	int name(int folder, const char *path, int flags, ...)                                                                 \
	{                                                                                                                      \
		va_list args;                                                                                                  \
		mode_t mode;                                                                                                   \
                                                                                                                               \
		va_start(args, flags);                                                                                         \
		mode = mode_of(flags, args);                                                                                   \
		va_end(args);                                                                                                  \
		return fails(KIND_IO, EMFILE) ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);                       \
	}
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

/* What fortified programs call when there is no mode. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
	return fails(KIND_IO, EMFILE) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags)
{
	return fails(KIND_IO, EMFILE) ? -1 : (int)syscall(SYS_openat, folder, path, flags, 0);
}

#define STEPPED(type, name, error, declared, given, told)                                                                      \
	type name declared;                                                                                                    \
	type name declared                                                                                                     \
	{                                                                                                                      \
		typedef type(*next_fn) declared;                                                                               \
		union { /* ISO C knows no way from an address of data to one of code */                                        \
			void *address;                                                                                         \
			next_fn call;                                                                                          \
		} next = {.address = dlsym(RTLD_NEXT, #name)};                                                                 \
                                                                                                                               \
		told;                                                                                                          \
                                                                                                                               \
		return fails(KIND_IO, error) ? (type)(intptr_t)-1 : next.call given;                                           \
	}
#define SIMPLE(type, name, error, declared, given) STEPPED(type, name, error, declared, given, (void)0)
SIMPLE(int, mkostemp, EMFILE, (char *path, int flags), (path, flags))
SIMPLE(int, mkdir, ENOSPC, (const char *path, mode_t mode), (path, mode))
SIMPLE(ssize_t, write, ENOSPC, (int fd, const void *data, size_t len), (fd, data, len))
SIMPLE(ssize_t, pwrite, ENOSPC, (int fd, const void *data, size_t len, off_t from), (fd, data, len, from))
SIMPLE(ssize_t, writev, ENOSPC, (int fd, const struct iovec *data, int count), (fd, data, count))
STEPPED(int, fsync, EIO, (int fd), (fd), step_fd("fsync", fd))
SIMPLE(int, fdatasync, EIO, (int fd), (fd))
SIMPLE(int, ftruncate, EIO, (int fd, off_t len), (fd, len))
STEPPED(int, rename, EIO, (const char *from, const char *to), (from, to), step("rename", to))
SIMPLE(int, renameat, EIO, (int from_fd, const char *from, int to_fd, const char *to), (from_fd, from, to_fd, to))
STEPPED(int, link, EIO, (const char *from, const char *to), (from, to), step("link", to))
SIMPLE(int, linkat, EIO, (int from_fd, const char *from, int to_fd, const char *to, int flags), (from_fd, from, to_fd, to, flags))

/* Never fails here: what is left behind is another matter than what is not put there. */
int unlink(const char *path)
{
	step("unlink", path);
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

/* Of a file: I/O; else memory. */
void *mmap(void *address, size_t len, int protection, int flags, int fd, off_t from)
{
	if (fails(fd >= 0 ? KIND_IO : KIND_ALLOC, ENOMEM))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, address, len, protection, flags, fd, from);
}

/* ---- Memory ---- */

void *malloc(size_t size)
{
	return fails(KIND_ALLOC, ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(KIND_ALLOC, ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails(KIND_ALLOC, ENOMEM) ? NULL : __libc_realloc(old, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	if (fails(KIND_ALLOC, ENOMEM))
		return ENOMEM;
	*out = __libc_memalign(alignment, size);
	return *out != NULL ? 0 : ENOMEM;
}
