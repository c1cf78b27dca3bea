/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "caller.h"
#include "suite.h"

START_TEST(a_child_speaks_on_a_connection_of_its_own)
{
	pid_t child;

	make_default_patient();
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(keyd_verify(good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
	if ((child = fork()) == 0)
		_exit(verify(good) != KEYD_OK ||
		    keyd_verify(good, NULL, NULL) != KEYD_OK ||
		    verify(good) != KEYD_OK);
	wait_for(child);
	ck_assert_int_eq(peer.connections, 4);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(keyd_verify(good, NULL, NULL), KEYD_OK);
	ck_assert_int_eq(peer.connections, 4);
}
END_TEST

/* Else keyd would not see the end of the parent. */
START_TEST(a_child_closes_its_parents_connections)
{
	pid_t child;

	ck_assert_int_eq(verify(good), KEYD_OK);
	if ((child = fork()) == 0)
		_exit(verify(good) != KEYD_OK || open_connections() != 1);
	wait_for(child);
}
END_TEST

START_TEST(a_child_may_close_the_handle)
{
	pid_t child;

	ck_assert_int_eq(verify(good), KEYD_OK);
	if ((child = fork()) == 0) {
		keyd_close(handle);
		_exit(0);
	}
	wait_for(child);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify_fork");
	TCase *tc = tcase_create("verify_fork");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_child_speaks_on_a_connection_of_its_own);
	tcase_add_test(tc, a_child_closes_its_parents_connections);
	tcase_add_test(tc, a_child_may_close_the_handle);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
