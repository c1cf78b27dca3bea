/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <stdio.h>
#include <unistd.h>

#include "host.h"
#include "stream.h"
#include "suite.h"

#define BRIEF 1000 /* ms; to wait for what does not come */
#define MS INT64_C(1000000)

START_TEST(without_keyd_it_is_unavailable_at_once)
{
	char path[64];
	struct heard h;

	snprintf(path, sizeof(path), "%s/verify.sock", peer.dir);
	ck_assert_int_eq(unlink(path), 0);
	(void)ask(&h, good);
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(h.status, KEYD_EUNAVAILABLE);
	ck_assert_uint_ge(h.verdict.retry_after, 1);
}
END_TEST

static const struct {
	enum manner manner;
	int code;
	enum keyd_status wanted;
} outcomes[] = {
	{ CLOSES, 0, KEYD_EUNAVAILABLE },
	{ CUTS, 0, KEYD_EUNAVAILABLE },
	{ DRIPS, 0, KEYD_OK },
	{ ANNOUNCES, 0, KEYD_EPROTOCOL },
	{ OTHER_ID, 0, KEYD_EPROTOCOL },
	{ OTHER_TYPE, 0, KEYD_EPROTOCOL },
	{ OTHER_MAJOR, 0, KEYD_EPROTOCOL },
	{ LENGTHENS, 0, KEYD_EPROTOCOL },
	{ REFUSES, ERROR_PERMISSION, KEYD_EPERMISSION },
	{ REFUSES, ERROR_STORE, KEYD_ESTORE },
	{ REFUSES, ERROR_BUSY, KEYD_EBUSY },
	{ REFUSES_ALL, ERROR_BUSY, KEYD_EBUSY },
	{ REFUSES_ALL, ERROR_DENIED, KEYD_EDENIED },
};

#define OUTCOMES (int)(sizeof(outcomes) / sizeof(outcomes[0]))

START_TEST(whatever_keyd_does_the_callback_comes_once)
{
	peer.other = outcomes[_i].manner;
	peer.code = outcomes[_i].code;
	ck_assert_int_eq(verdict_of(good), outcomes[_i].wanted);
	peer.other = ANSWERS;
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
}
END_TEST

START_TEST(a_hello_that_is_refused_refuses_all_that_wait)
{
	struct heard h[3];

	peer.hello = _i == 0 ? REFUSES : REFUSES_ALL;
	peer.code = _i == 0 ? ERROR_VERSION : ERROR_BUSY;
	peer.retry_after = 7;
	for (int i = 0; i < 3; i++)
		(void)ask(&h[i], good);
	for (int i = 0; i < 3; i++) {
		wait_for(&h[i]);
		ck_assert_int_eq(h[i].status,
		    _i == 0 ? KEYD_EPROTOCOL : KEYD_EBUSY);
		ck_assert_uint_eq(h[i].verdict.retry_after, _i == 0 ? 0 : 7);
	}
	peer.hello = ANSWERS;
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
}
END_TEST

static const int restarts[] = { 1, 2, 10 };

START_TEST(what_keyd_did_not_read_is_asked_again)
{
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	peer.times = restarts[_i];
	peer.other = RESETS;
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 1 + restarts[_i]);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

/* It has read the first of three, and the second for all that we know. */
START_TEST(what_keyd_may_have_read_is_not_asked_again)
{
	struct heard h[3];

	peer.times = 1;
	peer.other = CLOSES;
	for (int i = 0; i < 3; i++)
		(void)ask(&h[i], good);
	for (int i = 0; i < 3; i++)
		wait_for(&h[i]);
	ck_assert_int_eq(h[0].status, KEYD_EUNAVAILABLE);
	ck_assert_int_eq(h[1].status, KEYD_EUNAVAILABLE);
	ck_assert_int_eq(h[2].status, KEYD_OK);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

/* At 5 ms each, but for the first three. */
START_TEST(a_keyd_that_never_reads_is_not_kept_busy)
{
	handle->deadline_ms = 1000;
	if (_i == 0)
		peer.other = RESETS;
	else
		peer.hello = RESETS;
	ck_assert_int_eq(verdict_of(good), KEYD_ETIMEOUT);
	ck_assert_int_gt(peer.connections, 1);
	ck_assert_int_le(peer.connections, 3 + 1000 / 5);
	ck_assert_int_eq(peer.requests, 0);
}
END_TEST

START_TEST(a_restart_between_two_questions_goes_unnoticed)
{
	int fd = keyd_async_fd(async);

	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(verdict_of(good), KEYD_OK);
		peer_hang_up(&peer);
		ck_assert_int_eq(keyd_async_fd(async), fd);
	}
	ck_assert_int_eq(peer.connections, 5);
}
END_TEST

START_TEST(a_silent_keyd_is_waited_for_until_the_deadline)
{
	struct heard h;
	int timeout;

	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	handle->deadline_ms = BRIEF;
	peer.other = SILENT;
	(void)ask(&h, good);
	timeout = keyd_async_timeout(async);
	ck_assert_int_ge(timeout, 0);
	ck_assert_int_le(timeout, BRIEF);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_ETIMEOUT);
	ck_assert_int_eq(keyd_async_timeout(async), -1);
}
END_TEST

START_TEST(an_answer_that_comes_too_late_is_nobody_elses)
{
	struct heard first, second;

	/* So that the next is sent at once, however brief its deadline. */
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	handle->deadline_ms = BRIEF;
	peer.other = SILENT;
	peer.times = 1;
	(void)ask(&first, good);
	wait_for(&first);
	ck_assert_int_eq(first.status, KEYD_ETIMEOUT);
	handle->deadline_ms = PATIENT;
	/* Its answer is still awaited: the next one has another id. */
	(void)ask(&second, good);
	wait_for(&second);
	ck_assert_int_eq(second.status, KEYD_EPROTOCOL);
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
}
END_TEST

/* Fills the backlog of a listener that nobody accepts from. */
static int
fill_backlog(const struct sockaddr_un *at, int *fds, int most)
{
	int n = 0;

	while (n < most) {
		fds[n] = socket(AF_UNIX,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		ck_assert_int_ge(fds[n], 0);
		if (connect(fds[n], (const struct sockaddr *)at, sizeof(*at)) !=
		    0)
			break;
		n++;
	}
	ck_assert_int_lt(n, most);
	return n + 1;
}

START_TEST(a_full_backlog_is_tried_again_until_there_is_room)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct heard h;
	int fds[64], n, listener, accepted;
	int64_t begin;

	handle->deadline_ms = _i == 0 ? BRIEF : PATIENT;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/verify.sock", peer.dir);
	ck_assert_int_eq(unlink(at.sun_path), 0);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	n = fill_backlog(&at, fds, 64);
	begin = stream_now();
	(void)ask(&h, good);
	for (int i = 0; i < 5 && h.calls == 0; i++) {
		ck_assert_int_le(keyd_async_timeout(async), 5);
		turn();
	}
	if (stream_now() - begin < handle->deadline_ms * MS)
		ck_assert_int_eq(h.calls, 0);
	if (_i == 0) {
		wait_for(&h);
		ck_assert_int_eq(h.status, KEYD_ETIMEOUT);
	} else {
		accepted = accept(listener, NULL, NULL);
		close(accepted);
		close(listener);
		wait_for(&h);
		ck_assert_int_eq(h.status, KEYD_EUNAVAILABLE);
	}
	while (n > 0)
		close(fds[--n]);
	if (_i == 0)
		close(listener);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("async_faults");
	TCase *tc = tcase_create("async_faults");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_keyd_it_is_unavailable_at_once);
	tcase_add_loop_test(tc, whatever_keyd_does_the_callback_comes_once, 0,
	    OUTCOMES);
	tcase_add_loop_test(tc, a_hello_that_is_refused_refuses_all_that_wait,
	    0, 2);
	tcase_add_loop_test(tc, what_keyd_did_not_read_is_asked_again, 0, 3);
	tcase_add_test(tc, what_keyd_may_have_read_is_not_asked_again);
	tcase_add_loop_test(tc, a_keyd_that_never_reads_is_not_kept_busy, 0, 2);
	tcase_add_test(tc, a_restart_between_two_questions_goes_unnoticed);
	tcase_add_test(tc, a_silent_keyd_is_waited_for_until_the_deadline);
	tcase_add_test(tc, an_answer_that_comes_too_late_is_nobody_elses);
	tcase_add_loop_test(tc,
	    a_full_backlog_is_tried_again_until_there_is_room, 0, 2);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
