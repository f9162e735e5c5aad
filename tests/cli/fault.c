/* Makes one call of the C library fail, between any program and it (LD_PRELOAD): tests/cli/faults.sh.
 *   FAULT_KIND=io     open, openat, mkostemp, mkdir, write, pwrite, writev, fsync, fdatasync, ftruncate, rename, link,
 *                     mmap of a file
 *   FAULT_KIND=alloc  malloc, calloc, realloc, posix_memalign, mmap of memory
 *   FAULT_AT=N        the N-th of them, counted from 1, once
 *   FAULT_MET=FILE    is made when that call came: a run that does not make it met no fault
 * Compiled without the headers that declare what is defined here with other attributes. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
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

enum kind { KIND_NONE, KIND_IO, KIND_ALLOC };

static enum kind kind;
static long at;
static atomic_long calls;
static const char *met;
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
	*(void **)&real_fts_open = dlsym(RTLD_NEXT, "fts_open");
	if (wanted == NULL || number == NULL)
		return;
	at = atol(number);
	kind = strcmp(wanted, "io") == 0 ? KIND_IO : KIND_ALLOC;
}

static bool fails(enum kind of, int error)
{
	if (kind != of || spared || atomic_fetch_add(&calls, 1) + 1 != at)
		return false;
	/* By number: open() is one of those that are counted. */
	if (met != NULL) {
		long fd = syscall(SYS_openat, AT_FDCWD, met, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd >= 0)
			syscall(SYS_close, fd);
	}
	errno = error;
	return true;
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

#define SIMPLE(type, name, error, declared, given)                                                                             \
	type name declared;                                                                                                    \
	type name declared                                                                                                     \
	{                                                                                                                      \
		typedef type(*next_fn) declared;                                                                               \
		union { /* ISO C knows no way from an address of data to one of code */                                        \
			void *address;                                                                                         \
			next_fn call;                                                                                          \
		} next = {.address = dlsym(RTLD_NEXT, #name)};                                                                 \
                                                                                                                               \
		return fails(KIND_IO, error) ? (type)(intptr_t)-1 : next.call given;                                           \
	}
SIMPLE(int, mkostemp, EMFILE, (char *path, int flags), (path, flags))
SIMPLE(int, mkdir, ENOSPC, (const char *path, mode_t mode), (path, mode))
SIMPLE(ssize_t, write, ENOSPC, (int fd, const void *data, size_t len), (fd, data, len))
SIMPLE(ssize_t, pwrite, ENOSPC, (int fd, const void *data, size_t len, off_t from), (fd, data, len, from))
SIMPLE(ssize_t, writev, ENOSPC, (int fd, const struct iovec *data, int count), (fd, data, count))
SIMPLE(int, fsync, EIO, (int fd), (fd))
SIMPLE(int, fdatasync, EIO, (int fd), (fd))
SIMPLE(int, ftruncate, EIO, (int fd, off_t len), (fd, len))
SIMPLE(int, rename, EIO, (const char *from, const char *to), (from, to))
SIMPLE(int, renameat, EIO, (int from_fd, const char *from, int to_fd, const char *to), (from_fd, from, to_fd, to))
SIMPLE(int, link, EIO, (const char *from, const char *to), (from, to))
SIMPLE(int, linkat, EIO, (int from_fd, const char *from, int to_fd, const char *to, int flags), (from_fd, from, to_fd, to, flags))

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
