/* SPDX-License-Identifier: ISC */
/*
 * suite.h - what the main() of every test program ends with.
 */
#ifndef KEYD_TESTS_SUITE_H
#define KEYD_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs it, frees it, and gives the exit status of the program. */
static inline int
suite_run(Suite *suite)
{
	SRunner *sr = srunner_create(suite);
	int failed;

	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* KEYD_TESTS_SUITE_H */
