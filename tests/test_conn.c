/* SPDX-License-Identifier: ISC */
#include <signal.h>

#include "suite.h"
#include "talk.h"

START_TEST(a_frame_that_comes_byte_by_byte_is_served_with_its_last)
{
	static const uint8_t types[] = { FRAME_HELLO, FRAME_STATUS };
	uint8_t bytes[64];

	for (uint32_t i = 0; i < 2; i++) {
		size_t len = encode(bytes, sizeof(bytes), types[i], i + 1);

		for (size_t at = 0; at < len; at++) {
			ck_silence();
			ck_assert(!conn_has_request(c));
			say_bytes(bytes + at, 1);
			conn_receive(c);
			ck_assert_int_eq(conn_has_request(c), at == len - 1);
			ck_assert(conn_is_waiting(c));
			ck_assert_int_eq(serve(100), at == len - 1);
			conn_flush(c);
		}
		ck_heard(i + 1, types[i] | FRAME_ANSWER);
		ck_assert_ptr_null(c->in);
		ck_assert_ptr_null(c->out);
		ck_assert(!conn_is_waiting(c));
	}
}
END_TEST

START_TEST(frames_that_come_together_are_answered_in_their_order)
{
	say(FRAME_HELLO, 1);
	for (uint32_t id = 2; id <= 30; id++)
		say(FRAME_STATUS, id);
	turn();
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
	for (uint32_t id = 2; id <= 30; id++)
		ck_heard(id, FRAME_STATUS | FRAME_ANSWER);
	ck_silence();
}
END_TEST

START_TEST(no_more_than_its_share_is_served_at_a_time)
{
	greet();
	for (uint32_t id = 2; id <= 8; id++)
		say(FRAME_STATUS, id);
	conn_receive(c);
	ck_assert(!serve(0));
	ck_assert(serve(3));
	conn_flush(c);
	for (uint32_t id = 2; id <= 4; id++)
		ck_heard(id, FRAME_STATUS | FRAME_ANSWER);
	ck_silence();
	ck_assert(conn_has_request(c));
	ck_assert(serve(100));
	ck_assert(!conn_has_request(c));
	ck_assert(!serve(100));
}
END_TEST

START_TEST(a_bad_frame_ends_neither_the_connection_nor_its_neighbours)
{
	uint8_t bytes[64];
	size_t len = encode(bytes, sizeof(bytes), FRAME_STATUS, 3);

	greet();
	say(FRAME_STATUS, 2);
	bytes[5] = 0x77;
	say_bytes(bytes, len);
	say(FRAME_HELLO, 4);
	say(FRAME_STATUS, 5);
	turn();
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	ck_error(3, ERROR_TYPE);
	ck_error(4, ERROR_HELLO);
	ck_heard(5, FRAME_STATUS | FRAME_ANSWER);
	ck_assert(!conn_is_over(c));
	ck_assert_uint_eq(health.bad_frames, 2);
}
END_TEST

START_TEST(a_frame_too_large_is_told_and_is_the_last)
{
	static const uint8_t large[] = { 0x00, 0x01, 0x00, 0x00 };

	greet();
	say(FRAME_STATUS, 2);
	say_bytes(large, sizeof(large));
	say(FRAME_STATUS, 3);
	turn();
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	ck_error(0, ERROR_TOO_LARGE);
	ck_silence();
	ck_assert(conn_is_over(c));
	ck_assert(!conn_wants_read(c));
	say(FRAME_STATUS, 4);
	turn();
	ck_silence();
	ck_assert_uint_eq(health.bad_frames, 1);
}
END_TEST

START_TEST(what_was_asked_before_the_end_is_answered)
{
	say(FRAME_HELLO, 1);
	say(FRAME_STATUS, 2);
	say(FRAME_STATUS, 3);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	conn_receive(c);
	conn_receive(c);
	ck_assert(c->eof);
	ck_assert(conn_has_request(c));
	ck_assert(serve(1)); /* beside the hello */
	conn_flush(c);
	ck_assert(conn_has_request(c));
	ck_assert(serve(1));
	ck_assert(!conn_is_over(c));
	conn_flush(c);
	ck_assert(conn_is_over(c));
	ck_assert(!conn_has_request(c));
	ck_heard(1, FRAME_HELLO | FRAME_ANSWER);
	ck_heard(2, FRAME_STATUS | FRAME_ANSWER);
	ck_heard(3, FRAME_STATUS | FRAME_ANSWER);
}
END_TEST

START_TEST(an_end_in_the_middle_of_a_frame_is_the_end)
{
	greet();
	say_bytes("\0\0", 2);
	turn();
	ck_assert(conn_is_waiting(c));
	ck_assert(!conn_is_over(c));
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	turn();
	ck_assert(conn_is_over(c));
	ck_assert(!conn_has_request(c));
}
END_TEST

START_TEST(a_client_that_hung_up_is_gone_without_a_signal)
{
	ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	greet();
	say(FRAME_STATUS, 2);
	conn_receive(c);
	close(client);
	client = -1;
	ck_assert(serve(100));
	conn_flush(c);
	ck_assert(c->gone);
	ck_assert(!conn_wants_read(c));
	ck_assert(!conn_wants_write(c));
	conn_receive(c);
	ck_assert(!serve(100));
}
END_TEST

START_TEST(an_ended_connection_is_told_why)
{
	greet();
	say_bytes("\0", 1);
	turn();
	conn_end(c, ERROR_TIMEOUT);
	ck_assert(!conn_is_over(c));
	ck_assert(!conn_wants_read(c));
	conn_flush(c);
	ck_assert(conn_is_over(c));
	ck_error(0, ERROR_TIMEOUT);
}
END_TEST

START_TEST(who_has_not_said_hello_keeps_us_waiting)
{
	ck_assert(conn_is_waiting(c));
	say(FRAME_STATUS, 1);
	turn();
	ck_error(1, ERROR_HELLO);
	ck_assert(conn_is_waiting(c));
	greet();
	ck_assert(!conn_is_waiting(c));
}
END_TEST

START_TEST(unknown_tokens_are_counted_and_others_are_not)
{
	struct request req = { .type = FRAME_VERIFY };
	uint8_t bytes[128];

	conn_free(c);
	close(client);
	connect_as(SOCKET_VERIFY);
	greet();
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", (char[KEY_ID_SIZE]){ "" });
	for (int n = 0; n < 4; n++) {
		memset(req.verify.digest, n, sizeof(req.verify.digest));
		say_bytes(bytes, ask_encode(bytes, sizeof(bytes), &req, 9));
	}
	turn();
	ck_assert_uint_eq(quota.unknown, 3);
	ck_assert_uint_eq(health.verified, 4);
	ck_assert_uint_eq(health.allowed, 1);
	ck_assert_uint_eq(health.latency.counts[LATENCY_BOUNDS], 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conn");
	TCase *tc = tcase_create("conn");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc,
	    a_frame_that_comes_byte_by_byte_is_served_with_its_last);
	tcase_add_test(tc,
	    frames_that_come_together_are_answered_in_their_order);
	tcase_add_test(tc, no_more_than_its_share_is_served_at_a_time);
	tcase_add_test(tc,
	    a_bad_frame_ends_neither_the_connection_nor_its_neighbours);
	tcase_add_test(tc, a_frame_too_large_is_told_and_is_the_last);
	tcase_add_test(tc, what_was_asked_before_the_end_is_answered);
	tcase_add_test(tc, an_end_in_the_middle_of_a_frame_is_the_end);
	tcase_add_test(tc, a_client_that_hung_up_is_gone_without_a_signal);
	tcase_add_test(tc, an_ended_connection_is_told_why);
	tcase_add_test(tc, who_has_not_said_hello_keeps_us_waiting);
	tcase_add_test(tc, unknown_tokens_are_counted_and_others_are_not);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
