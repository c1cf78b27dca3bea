/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "async.h"
#include "keyd.h"
#include "partner.h"
#include "suite.h"
#include "token.h"

#define PATIENT 30000 /* ms; a busy machine is no fault of a test */
#define MANY 1000

static const char good[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty";
static const char bad[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmatz";

static struct peer peer;
static struct keyd *handle;
static struct keyd_async *async;

/* What a callback was told. */
struct heard {
	int calls;
	enum keyd_status status;
	struct keyd_verdict verdict;
	int order;
};

static int order;

static void
hear(void *arg, enum keyd_status status, const struct keyd_verdict *verdict)
{
	struct heard *h = arg;

	h->calls++;
	h->status = status;
	h->verdict = *verdict;
	h->order = ++order;
	ck_assert_int_eq(verdict->status, status);
	ck_assert_int_eq(verdict->http_status, keyd_http_status(status));
	ck_assert_uint_eq(verdict->size, sizeof(*verdict));
}

static void
open_with(unsigned deadline_ms)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;

	o.runtime_dir = peer.dir;
	o.deadline_ms = deadline_ms;
	ck_assert_int_eq(keyd_open(&o, &handle), KEYD_OK);
	ck_assert_int_eq(keyd_async_open(handle, &async), KEYD_OK);
}

static void
setup(void)
{
	peer_start(&peer);
	open_with(PATIENT);
	order = 0;
}

static void
teardown(void)
{
	keyd_async_close(async);
	keyd_close(handle);
	peer_stop(&peer);
}

static void
reopen_with(unsigned deadline_ms)
{
	keyd_async_close(async);
	keyd_close(handle);
	open_with(deadline_ms);
}

static uint64_t
ask(struct heard *h, const char *token)
{
	uint64_t ticket = 99;

	h->calls = 0;
	ck_assert_int_eq(keyd_async_verify(async, token, "tests:run", hear, h,
			     &ticket),
	    KEYD_OK);
	return ticket;
}

/* As a host does: polls, for as long as it is told to. */
static void
turn(void)
{
	struct pollfd p = { .fd = keyd_async_fd(async), .events = POLLIN };

	ck_assert_int_ge(poll(&p, 1, keyd_async_timeout(async)), 0);
	keyd_async_process(async);
}

static void
wait_for(const struct heard *h)
{
	while (h->calls == 0)
		turn();
	ck_assert_int_eq(h->calls, 1);
}

static enum keyd_status
verdict_of(const char *token)
{
	struct heard h;

	(void)ask(&h, token);
	wait_for(&h);
	return h.status;
}

START_TEST(a_verdict_comes_by_the_callback)
{
	struct heard h;

	ck_assert_uint_ne(ask(&h, good), 0);
	ck_assert_int_eq(h.calls, 0);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_OK);
	ck_assert_str_eq(h.verdict.key_id, "key_0123456789abcdef");
	ck_assert_str_eq(h.verdict.user, "alice");
	ck_assert_uint_eq(h.verdict.rate_limit, 60);
	ck_assert_str_eq(peer.last.verify.permission, "tests:run");
	ck_assert_int_eq(keyd_async_timeout(async), -1);
}
END_TEST

START_TEST(every_verdict_is_passed_on)
{
	static const enum keyd_status all[] = { KEYD_OK, KEYD_UNKNOWN,
		KEYD_REVOKED, KEYD_EXPIRED, KEYD_WRONG_ORG, KEYD_FORBIDDEN,
		KEYD_RATE_LIMITED };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		peer.verdict = (int)all[i];
		ck_assert_int_eq(verdict_of(good), all[i]);
	}
	peer.verdict = 1;
	ck_assert_int_eq(verdict_of(good), KEYD_EPROTOCOL);
}
END_TEST

START_TEST(many_are_under_way_on_one_connection_and_come_in_order)
{
	static struct heard h[MANY];

	for (int i = 0; i < MANY; i++)
		(void)ask(&h[i], good);
	for (int i = 0; i < MANY; i++) {
		wait_for(&h[i]);
		ck_assert_int_eq(h[i].status, KEYD_OK);
		ck_assert_int_eq(h[i].order, i + 1);
	}
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, MANY);
}
END_TEST

START_TEST(what_is_no_token_is_said_before_submit_returns)
{
	struct heard h = { 0 };
	uint64_t ticket = 1;

	ck_assert_int_eq(keyd_async_verify(async, NULL, NULL, hear, &h,
			     &ticket),
	    KEYD_OK);
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(h.status, KEYD_MISSING);
	ck_assert_uint_eq(ticket, 0);
	ck_assert_int_eq(keyd_async_verify_bearer(async, "Basic eA==", NULL,
			     hear, &h, NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_MISSING);
	ck_assert_int_eq(keyd_async_verify_bearer(async, "Bearer a b", NULL,
			     hear, &h, NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_MALFORMED);
	ck_assert_int_eq(keyd_async_verify(async, "a\tb", NULL, hear, &h, NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_MALFORMED);
	ck_assert_int_eq(keyd_async_verify(async, good, "NOT ONE", hear, &h,
			     NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_EPERMISSION);
	ck_assert_int_eq(h.calls, 5);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

START_TEST(a_text_of_a_wrong_format_is_never_sent)
{
	struct heard h;

	ck_assert_int_eq(verdict_of(bad), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, 0);
	(void)ask(&h, bad);
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(h.status, KEYD_MALFORMED);
}
END_TEST

START_TEST(foreign_tokens_are_sent_when_keyd_says_so)
{
	peer.foreign = true;
	ck_assert_int_eq(verdict_of("anything-else"), KEYD_OK);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

START_TEST(another_prefix_of_keyd_is_learned)
{
	char token[KEYD_TOKEN_SIZE];
	struct heard h;

	ck_assert(token_new("other", token));
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	strcpy(peer.prefix, "other");
	usleep(1100000);
	(void)ask(&h, token);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

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

START_TEST(what_keyd_did_not_read_is_asked_again)
{
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	peer.once = true;
	peer.other = RESETS;
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
	ck_assert_int_eq(peer.requests, 2);
}
END_TEST

START_TEST(but_only_once)
{
	peer.other = RESETS;
	ck_assert_int_eq(verdict_of(good), KEYD_EUNAVAILABLE);
	ck_assert_int_eq(peer.connections, 2);
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

	reopen_with(100);
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	peer.other = SILENT;
	(void)ask(&h, good);
	timeout = keyd_async_timeout(async);
	ck_assert_int_ge(timeout, 0);
	ck_assert_int_le(timeout, 100);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_ETIMEOUT);
	ck_assert_int_eq(keyd_async_timeout(async), -1);
}
END_TEST

START_TEST(an_answer_that_comes_too_late_is_nobody_elses)
{
	struct heard first, second;

	reopen_with(1000);
	peer.other = SILENT;
	peer.once = true;
	(void)ask(&first, good);
	wait_for(&first);
	ck_assert_int_eq(first.status, KEYD_ETIMEOUT);
	/* Its answer is still awaited: the next one has another id. */
	(void)ask(&second, good);
	wait_for(&second);
	ck_assert_int_eq(second.status, KEYD_EPROTOCOL);
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
}
END_TEST

START_TEST(a_cancelled_question_has_no_callback)
{
	struct heard h[4];
	uint64_t ticket[4];

	for (int i = 0; i < 4; i++)
		ticket[i] = ask(&h[i], good);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[0]), 1);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[0]), 0);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[2]), 1);
	wait_for(&h[3]);
	ck_assert_int_eq(h[0].calls + h[2].calls, 0);
	ck_assert_int_eq(h[1].calls, 1);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[3]), 0);
	ck_assert_int_eq(keyd_async_cancel(async, 0), 0);
	ck_assert_int_eq(keyd_async_cancel(async, UINT64_MAX), 0);
}
END_TEST

START_TEST(a_question_under_way_can_be_cancelled)
{
	struct heard first, second;
	uint64_t ticket;

	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ticket = ask(&first, good);
	(void)ask(&second, good);
	ck_assert_int_eq(keyd_async_cancel(async, ticket), 1);
	wait_for(&second);
	ck_assert_int_eq(second.status, KEYD_OK);
	ck_assert_int_eq(first.calls, 0);
}
END_TEST

static struct heard inner;
static int depth, deepest;
static uint64_t other_ticket;

static void
submit_again(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	int *left = arg;

	(void)status;
	(void)verdict;
	if (++depth > deepest)
		deepest = depth;
	if (--*left > 0)
		ck_assert_int_eq(keyd_async_verify(async, NULL, NULL,
				     submit_again, arg, NULL),
		    KEYD_OK);
	depth--;
}

START_TEST(what_a_callback_submits_is_answered_after_it)
{
	int left = 10000;

	depth = deepest = 0;
	ck_assert_int_eq(keyd_async_verify(async, NULL, NULL, submit_again,
			     &left, NULL),
	    KEYD_OK);
	ck_assert_int_eq(left, 0);
	ck_assert_int_eq(deepest, 1);
}
END_TEST

static void
process_inside(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	hear(arg, status, verdict);
	keyd_async_process(async);
	ck_assert_int_eq(inner.calls, 0);
}

START_TEST(process_inside_a_callback_does_nothing)
{
	struct heard h = { 0 };

	inner.calls = 0;
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, process_inside,
			     &h, NULL),
	    KEYD_OK);
	(void)ask(&inner, good);
	wait_for(&inner);
	ck_assert_int_eq(h.calls, 1);
}
END_TEST

static void
cancel_other(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	hear(arg, status, verdict);
	ck_assert_int_eq(keyd_async_cancel(async, other_ticket), 1);
}

START_TEST(a_callback_cancels_another_that_is_ready)
{
	struct heard h = { 0 }, last;

	peer.other = CLOSES;
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, cancel_other, &h,
			     NULL),
	    KEYD_OK);
	other_ticket = ask(&inner, good);
	(void)ask(&last, good);
	wait_for(&last);
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(inner.calls, 0);
}
END_TEST

static void
close_inside(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	hear(arg, status, verdict);
	keyd_async_close(async);
}

START_TEST(a_callback_may_close_with_others_under_way)
{
	struct heard h = { 0 }, others[5];

	if (_i == 0)
		for (int i = 0; i < 5; i++)
			(void)ask(&others[i], good);
	ck_assert_int_eq(keyd_async_verify(async, _i == 1 ? NULL : good, NULL,
			     close_inside, &h, NULL),
	    KEYD_OK);
	while (h.calls == 0)
		turn();
	ck_assert_int_eq(keyd_async_open(handle, &async), KEYD_OK);
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
}
END_TEST

START_TEST(closing_cancels_all)
{
	struct heard h[10];

	for (int i = 0; i < 10; i++)
		(void)ask(&h[i], good);
	keyd_async_close(async);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(h[i].calls, 0);
	async = NULL;
	keyd_async_close(NULL);
}
END_TEST

START_TEST(too_much_under_way_is_busy)
{
	static struct heard h[ASYNC_MAX];
	struct heard more = { 0 };

	peer.other = SILENT;
	for (int i = 0; i < ASYNC_MAX; i++)
		(void)ask(&h[i], good);
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, hear, &more,
			     NULL),
	    KEYD_EBUSY);
	ck_assert_int_eq(more.calls, 0);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
	struct keyd_async *none = async;
	struct heard h = { 0 };

	ck_assert_int_eq(keyd_async_open(NULL, &none), KEYD_EINVAL);
	ck_assert_ptr_null(none);
	ck_assert_int_eq(keyd_async_open(handle, NULL), KEYD_EINVAL);
	ck_assert_int_eq(keyd_async_verify(NULL, good, NULL, hear, &h, NULL),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, NULL, &h, NULL),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_async_cancel(NULL, 1), 0);
	ck_assert_int_eq(h.calls, 0);
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

	reopen_with(_i == 0 ? 100 : PATIENT);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/verify.sock", peer.dir);
	ck_assert_int_eq(unlink(at.sun_path), 0);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	n = fill_backlog(&at, fds, 64);
	(void)ask(&h, good);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_le(keyd_async_timeout(async), 5);
		turn();
	}
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

START_TEST(a_child_may_close_it_and_nothing_else)
{
	struct heard h;
	int status;
	pid_t pid;

	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	(void)ask(&h, good);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct keyd_async *own;
		int wrong = 0;

		wrong += keyd_async_verify(async, good, NULL, hear, &h, NULL) !=
		    KEYD_EINVAL;
		keyd_async_process(async);
		wrong += h.calls != 0;
		keyd_async_close(async);
		wrong += keyd_async_open(handle, &own) != KEYD_OK;
		async = own;
		wrong += verdict_of(good) != KEYD_OK;
		_exit(wrong);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

/* A host that closes what is not its own, and opens something in its place. */
START_TEST(a_strangers_descriptor_gets_not_a_byte)
{
	int strangers[2];
	char byte;

	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     strangers),
	    0);
	ck_assert_int_ge(dup2(strangers[0], async->lane.stream.fd), 0);
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ck_assert_int_eq(recv(strangers[1], &byte, 1, 0), -1);
	ck_assert_int_eq(errno, EAGAIN);
	close(strangers[0]);
	close(strangers[1]);
}
END_TEST

START_TEST(a_strangers_epoll_is_left_alone)
{
	int stranger = epoll_create1(0), fd = keyd_async_fd(async);
	struct epoll_event ev;
	struct heard h;

	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ck_assert_int_ge(dup2(stranger, fd), 0);
	peer_hang_up(&peer);
	(void)ask(&h, good);
	for (int i = 0; i < 1000 && h.calls == 0; i++) {
		usleep(10000);
		keyd_async_process(async);
	}
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(h.status, KEYD_EUNAVAILABLE);
	ck_assert_int_eq(epoll_wait(stranger, &ev, 1, 0), 0);
	keyd_async_close(async);
	ck_assert_int_ge(fcntl(fd, F_GETFD), 0);
	async = NULL;
	close(fd);
	close(stranger);
}
END_TEST

START_TEST(errno_is_kept)
{
	struct heard h;

	errno = 4711;
	(void)ask(&h, good);
	ck_assert_int_eq(errno, 4711);
	usleep(1000);
	errno = 4712;
	keyd_async_process(async);
	ck_assert_int_eq(errno, 4712);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("async");
	TCase *tc = tcase_create("async");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_verdict_comes_by_the_callback);
	tcase_add_test(tc, every_verdict_is_passed_on);
	tcase_add_test(tc,
	    many_are_under_way_on_one_connection_and_come_in_order);
	tcase_add_test(tc, what_is_no_token_is_said_before_submit_returns);
	tcase_add_test(tc, a_text_of_a_wrong_format_is_never_sent);
	tcase_add_test(tc, foreign_tokens_are_sent_when_keyd_says_so);
	tcase_add_test(tc, another_prefix_of_keyd_is_learned);
	tcase_add_test(tc, without_keyd_it_is_unavailable_at_once);
	tcase_add_loop_test(tc, whatever_keyd_does_the_callback_comes_once, 0,
	    OUTCOMES);
	tcase_add_loop_test(tc, a_hello_that_is_refused_refuses_all_that_wait,
	    0, 2);
	tcase_add_test(tc, what_keyd_did_not_read_is_asked_again);
	tcase_add_test(tc, but_only_once);
	tcase_add_test(tc, a_restart_between_two_questions_goes_unnoticed);
	tcase_add_test(tc, a_silent_keyd_is_waited_for_until_the_deadline);
	tcase_add_test(tc, an_answer_that_comes_too_late_is_nobody_elses);
	tcase_add_test(tc, a_cancelled_question_has_no_callback);
	tcase_add_test(tc, a_question_under_way_can_be_cancelled);
	tcase_add_test(tc, what_a_callback_submits_is_answered_after_it);
	tcase_add_test(tc, process_inside_a_callback_does_nothing);
	tcase_add_test(tc, a_callback_cancels_another_that_is_ready);
	tcase_add_loop_test(tc, a_callback_may_close_with_others_under_way, 0,
	    3);
	tcase_add_test(tc, closing_cancels_all);
	tcase_add_test(tc, too_much_under_way_is_busy);
	tcase_add_test(tc, wrong_arguments_are_refused);
	tcase_add_loop_test(tc,
	    a_full_backlog_is_tried_again_until_there_is_room, 0, 2);
	tcase_add_test(tc, a_child_may_close_it_and_nothing_else);
	tcase_add_test(tc, a_strangers_descriptor_gets_not_a_byte);
	tcase_add_test(tc, a_strangers_epoll_is_left_alone);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
