/* For the tests of base and wire: a suite from a list of tests, and a folder
 * that goes away again. */
#ifndef TESTS_BASE_SUITE_H
#define TESTS_BASE_SUITE_H

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

/* tests: ends with NULL. Returns what main() returns. */
static inline int suite_run(const char *name, const TTest *const *tests)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
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
