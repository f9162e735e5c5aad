/* For the tests of store and of the map: a folder that goes away again, a
 * store in it, and small deterministic randomness. */
#ifndef TESTS_STORE_STORE_SUPPORT_H
#define TESTS_STORE_STORE_SUPPORT_H

#include "ledger/store/store.h"

#include <check.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64]; /* of the test that runs */

static inline void folder_make(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%.40s/regesta-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline int folder_remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline void folder_remove(void)
{
	base_fault_arm(-1);
	ck_assert_int_eq(nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline char *folder_path(const char *name)
{
	return base_path(folder, name);
}

#define ASSERT_OK(call)                                                                            \
	do {                                                                                       \
		struct base_error err = {""};                                                      \
		enum base_code code_ = (call);                                                     \
		ck_assert_msg(code_ == BASE_OK, "%s: %s: %s", #call, base_code_name(code_), err.text); \
	} while (0)
#define ASSERT_CODE(expected, call)                                                                \
	do {                                                                                       \
		struct base_error err = {""};                                                      \
		enum base_code code_ = (call);                                                     \
		ck_assert_msg(code_ == (expected), "%s: %s: %s", #call, base_code_name(code_), err.text); \
	} while (0)

/* xorshift: the same numbers on every machine. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline struct store *store_made(const struct store_spec *tables, size_t count, unsigned flags)
{
	struct store *store = NULL;

	ASSERT_OK(store_open(&store, folder, tables, count, flags, &err));
	return store;
}

static inline int suite_run(const char *name, const TTest *const *tests, int timeout_s)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, timeout_s);
	tcase_add_checked_fixture(tcase, folder_make, folder_remove);
	for (size_t i = 0; tests[i] != NULL; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
