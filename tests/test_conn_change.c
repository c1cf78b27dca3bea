/* SPDX-License-Identifier: ISC */
#include "suite.h"
#include "talk.h"

START_TEST(nothing_is_served_while_a_change_is_under_way)
{
	greet();
	say(FRAME_STATUS, 2);
	say(FRAME_ORG_ADD, 3);
	say(FRAME_STATUS, 4);
	say(FRAME_ORG_ADD, 5);
	say(FRAME_STATUS, 6);
	turn();
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	for (uint32_t id = 3; id <= 5; id += 2) {
		ck_assert_ptr_nonnull(c->change);
		ck_assert(!conn_has_request(c));
		ck_assert(!conn_is_waiting(c));
		ck_assert(!serve(100));
		ck_silence();
		deliver();
		(void)serve(100);
		conn_flush(c);
		ck_heard(id, FRAME_ORG_ADD | FRAME_ANSWER);
		ck_heard(id + 1, FRAME_STATUS | FRAME_ANSWER);
	}
	ck_silence();
	ck_assert_ptr_null(c->change);
}
END_TEST

START_TEST(the_welcome_goes_with_the_first_change)
{
	say(FRAME_HELLO, 1);
	say(FRAME_ORG_ADD, 2);
	say(FRAME_ORG_ADD, 3);
	conn_receive(c);
	ck_assert(serve(1));
	ck_assert_ptr_nonnull(c->change);
	ck_assert(!serve(1));
	conn_flush(c);
	ck_silence();
	ck_assert(!conn_wants_write(c));
	deliver();
	ck_assert(conn_wants_write(c));
	ck_assert(serve(1));
	conn_flush(c);
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
	ck_heard(2, FRAME_ORG_ADD | FRAME_ANSWER);
	ck_silence();
	deliver();
	conn_flush(c);
	ck_heard(3, FRAME_ORG_ADD | FRAME_ANSWER);
}
END_TEST

START_TEST(an_end_waits_for_the_change_that_is_under_way)
{
	greet();
	say(FRAME_ORG_ADD, 2);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	turn();
	turn();
	ck_assert(c->eof);
	ck_assert(!conn_is_over(c));
	deliver();
	ck_assert(!conn_is_over(c));
	conn_flush(c);
	ck_heard(2, FRAME_ORG_ADD | FRAME_ANSWER);
	ck_assert(conn_is_over(c));
}
END_TEST

START_TEST(a_full_queue_is_busy_and_the_connection_goes_on)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);

	writer_stop(w, &rest);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 0));
	greet();
	say(FRAME_ORG_ADD, 2);
	say(FRAME_STATUS, 3);
	turn();
	ck_assert_ptr_null(c->change);
	ck_error(2, ERROR_BUSY);
	ck_heard(3, FRAME_STATUS | FRAME_ANSWER);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conn_change");
	TCase *tc = tcase_create("conn_change");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, nothing_is_served_while_a_change_is_under_way);
	tcase_add_test(tc, the_welcome_goes_with_the_first_change);
	tcase_add_test(tc, an_end_waits_for_the_change_that_is_under_way);
	tcase_add_test(tc, a_full_queue_is_busy_and_the_connection_goes_on);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
