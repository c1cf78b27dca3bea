/* SPDX-License-Identifier: ISC */
#include "caller.h"
#include "handle.h"
#include "stream.h"
#include "suite.h"

#define MS INT64_C(1000000)

START_TEST(a_connection_is_kept)
{
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, 10);
}
END_TEST

START_TEST(a_restart_of_keyd_is_not_noticed)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer_hang_up(&peer);
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

START_TEST(a_reset_of_a_kept_connection_is_asked_again)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer.times = 1;
	peer.other = RESETS;
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

static const int restarts[] = { 1, 2, 10 };

/* It came to a keyd that was about to end, and then to another. */
START_TEST(a_reset_of_a_new_connection_is_asked_again)
{
	peer.times = restarts[_i];
	peer.other = RESETS;
	ck_assert_int_eq(verify(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 1 + restarts[_i]);
}
END_TEST

/* Or keyd is there, and does not want us. */
START_TEST(it_is_not_asked_again_for_ever)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	handle->deadline_ms = 1000;
	peer.other = RESETS;
	ck_assert(never_heard(verify(good)));
	ck_assert_int_gt(peer.connections, 1);
	ck_assert_int_le(peer.connections, 3 + 4 + 1000 / 16);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

/* It may have spent from the key's limit. */
START_TEST(what_keyd_has_read_is_never_sent_again)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	peer.times = 1;
	peer.other = CLOSES;
	ck_assert_int_eq(verify(good), KEYD_EUNAVAILABLE);
	ck_assert_int_eq(peer.requests, 2);
	ck_assert_int_eq(verify(good), KEYD_OK);
}
END_TEST

/* The late answer to the first must not be taken for one to the second. */
START_TEST(a_connection_with_an_answer_owing_is_not_used_again)
{
	ck_assert_int_eq(verify(good), KEYD_OK);
	handle->deadline_ms = 50;
	peer.other = SILENT;
	ck_assert_int_eq(verify(good), KEYD_ETIMEOUT);
	ck_assert_int_eq(open_connections(), 0);
	handle->deadline_ms = PATIENT;
	peer.other = ANSWERS;
	peer.verdict = VERDICT_REVOKED;
	ck_assert_int_eq(verify(good), KEYD_REVOKED);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

START_TEST(the_default_deadline_is_a_quarter_of_a_second)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	int64_t begin;

	peer.other = SILENT;
	begin = stream_now();
	ck_assert_int_eq(keyd_verify(good, NULL, &v), KEYD_ETIMEOUT);
	ck_assert_int_ge(stream_now() - begin, 249 * MS);
	ck_assert_int_le(stream_now() - begin, 30000 * MS);
	ck_assert_int_eq(v.http_status, 503);
	ck_assert_uint_eq(v.retry_after, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify_again");
	TCase *tc = tcase_create("verify_again");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_connection_is_kept);
	tcase_add_test(tc, a_restart_of_keyd_is_not_noticed);
	tcase_add_test(tc, a_reset_of_a_kept_connection_is_asked_again);
	tcase_add_loop_test(tc, a_reset_of_a_new_connection_is_asked_again, 0,
	    3);
	tcase_add_test(tc, it_is_not_asked_again_for_ever);
	tcase_add_test(tc, what_keyd_has_read_is_never_sent_again);
	tcase_add_test(tc, a_connection_with_an_answer_owing_is_not_used_again);
	tcase_add_test(tc, the_default_deadline_is_a_quarter_of_a_second);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
