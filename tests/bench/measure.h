/* What benchmarks of single structures share: a folder, clocks, random numbers that are the same in each run. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include "ledger/base/base.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define MEASURE_SEED UINT64_C(88172645463325252)

static inline void must(enum base_code code, const struct base_error *err)
{
	if (code == BASE_OK)
		return;
	(void)fprintf(stderr, "bench: %s\n", err->text);
	exit((int)code);
}

/* xorshift64. */
static inline uint64_t measure_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline double measure_us(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static inline double now_us(void)
{
	return measure_us(CLOCK_MONOTONIC);
}

/* In $TMPDIR, else in /tmp; malloc'ed. */
static inline char *measure_folder(void)
{
	const char *base = getenv("TMPDIR");
	char *path = base_path(base != NULL ? base : "/tmp", "regesta-bench-XXXXXX");

	if (mkdtemp(path) == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return path;
}

static inline int measure_remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline void measure_folder_remove(char *path)
{
	(void)nftw(path, measure_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
}

#endif
