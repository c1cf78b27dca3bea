/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "client.h"
#include "partner.h"
#include "stream.h"
#include "suite.h"

#define MS INT64_C(1000000)
#define HANG (60000 * MS) /* longer than a busy machine makes it */

static struct peer peer;
static char why[MESSAGE_SIZE];

static void
setup(void)
{
	peer_start(&peer);
	memset(why, '?', sizeof(why));
}

static void
teardown(void)
{
	peer_stop(&peer);
}

static enum keyd_status
connect_to(struct client **c, unsigned ms)
{
	return client_open(c, peer.dir, CLIENT_VERIFY, client_deadline(ms),
	    why);
}

static struct client *
connected(void)
{
	struct client *c;

	ck_assert_int_eq(connect_to(&c, PATIENT), KEYD_OK);
	return c;
}

static enum keyd_status
ask(struct client *c, struct reply *rep, unsigned ms, bool *sent)
{
	struct request req = { .type = FRAME_VERIFY };

	memset(req.verify.digest, 0x5a, sizeof(req.verify.digest));
	return client_ask(c, &req, rep, client_deadline(ms), sent, why);
}

/* Every descriptor above the first three, to find the client's. */
static int
descriptor_of_client(void)
{
	struct sockaddr_un at;
	socklen_t len;

	for (int fd = 3; fd < 256; fd++) {
		len = sizeof(at);
		memset(&at, 0, sizeof(at));
		if (getpeername(fd, (struct sockaddr *)&at, &len) == 0 &&
		    strstr(at.sun_path, peer.dir) != NULL)
			return fd;
	}
	ck_abort_msg("no descriptor");
}

START_TEST(a_connection_begins_with_a_welcome)
{
	struct client *c = connected();
	const struct reply_welcome *w = client_welcome(c);

	ck_assert_str_eq(w->prefix, "cmk");
	ck_assert(!w->foreign);
	ck_assert(client_usable(c));
	client_close(c);
}
END_TEST

START_TEST(the_socket_is_closed_by_exec)
{
	struct client *c = connected();

	ck_assert_int_ne(fcntl(descriptor_of_client(), F_GETFD) & FD_CLOEXEC,
	    0);
	client_close(c);
}
END_TEST

START_TEST(a_request_gets_its_answer)
{
	struct client *c = connected();
	struct reply rep;
	bool sent = false;

	peer.verdict = VERDICT_REVOKED;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_OK);
		ck_assert(sent);
		ck_assert_str_eq(why, "");
		ck_assert_int_eq(rep.type, FRAME_ANSWER | FRAME_VERIFY);
		ck_assert_int_eq(rep.verdict.code, VERDICT_REVOKED);
		ck_assert_str_eq(rep.verdict.user, "alice");
	}
	ck_assert_int_eq(peer.connections, 1);
	client_close(c);
}
END_TEST

START_TEST(an_answer_in_pieces_is_put_together)
{
	struct client *c = connected();
	struct reply rep;

	peer.other = DRIPS;
	ck_assert_int_eq(ask(c, &rep, PATIENT, NULL), KEYD_OK);
	ck_assert_str_eq(rep.verdict.name, "ci");
	client_close(c);
}
END_TEST

static const struct {
	enum manner manner;
	enum keyd_status status;
	bool sent;
} odd[] = {
	{ RESETS, KEYD_EUNAVAILABLE, false },
	{ CLOSES, KEYD_EUNAVAILABLE, true },
	{ CUTS, KEYD_EUNAVAILABLE, true },
	{ SILENT, KEYD_ETIMEOUT, true },
	{ ANNOUNCES, KEYD_EPROTOCOL, true },
	{ OTHER_ID, KEYD_EPROTOCOL, true },
	{ OTHER_TYPE, KEYD_EPROTOCOL, true },
	{ OTHER_MAJOR, KEYD_EPROTOCOL, true },
	{ ADDS_BYTE, KEYD_EPROTOCOL, true },
	{ LENGTHENS, KEYD_EPROTOCOL, true },
};
static const int odds = sizeof(odd) / sizeof(*odd);

/* Only a silent keyd makes it pass. */
static unsigned
odd_ms(int i)
{
	return odd[i].status == KEYD_ETIMEOUT ? 1000 : PATIENT;
}

START_TEST(an_odd_answer_ends_the_connection)
{
	struct client *c = connected();
	struct reply rep;
	bool sent = !odd[_i].sent;

	peer.other = odd[_i].manner;
	ck_assert_int_eq(ask(c, &rep, odd_ms(_i), &sent), odd[_i].status);
	ck_assert_int_eq(sent, odd[_i].sent);
	ck_assert_int_eq(rep.type, 0);
	ck_assert_str_ne(why, "");
	ck_assert(!client_usable(c));
	peer.other = ANSWERS;
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_EUNAVAILABLE);
	ck_assert(!sent);
	client_close(c);
}
END_TEST

START_TEST(an_odd_welcome_is_no_connection)
{
	struct client *c = (struct client *)&peer;

	peer.hello = odd[_i].manner;
	if (odd[_i].status == KEYD_EUNAVAILABLE)
		ck_assert(never_heard(connect_to(&c, 100)));
	else
		ck_assert_int_eq(connect_to(&c, odd_ms(_i)), odd[_i].status);
	ck_assert_ptr_null(c);
	ck_assert_str_ne(why, "");
}
END_TEST

/* It took the connection when it was about to end; the next keyd is there. */
START_TEST(a_keyd_that_ends_is_not_the_last)
{
	static const enum manner ends[] = { RESETS, CLOSES, CUTS };
	struct client *c;

	peer.hello_once = true;
	peer.hello = ends[_i];
	ck_assert_int_eq(connect_to(&c, PATIENT), KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
	client_close(c);
}
END_TEST

START_TEST(a_keyd_that_always_ends_is_not_asked_for_ever)
{
	struct client *c;

	peer.hello = CLOSES;
	ck_assert(never_heard(connect_to(&c, 1000)));
	ck_assert_int_gt(peer.connections, 1);
	ck_assert_int_le(peer.connections, 3 + 4 + 1000 / 16);
}
END_TEST

START_TEST(a_prefix_that_is_none_is_no_welcome)
{
	struct client *c;

	strcpy(peer.prefix, "C-K");
	ck_assert_int_eq(connect_to(&c, PATIENT), KEYD_EPROTOCOL);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(a_version_refused_is_said_in_keyds_words)
{
	struct client *c;

	peer.hello = REFUSES;
	peer.code = ERROR_VERSION;
	ck_assert_int_eq(connect_to(&c, PATIENT), KEYD_EPROTOCOL);
	ck_assert_ptr_null(c);
	ck_assert_str_eq(why, "the peer says no");
}
END_TEST

START_TEST(one_connection_too_many_is_busy)
{
	struct client *c;

	peer.hello = REFUSES_ALL;
	peer.code = ERROR_BUSY;
	ck_assert_int_eq(connect_to(&c, PATIENT), KEYD_EBUSY);
	ck_assert_str_eq(why, "the peer says no");
}
END_TEST

static const struct {
	enum error_code code;
	enum keyd_status status;
	bool usable;
} errors[] = {
	{ ERROR_VERSION, KEYD_EPROTOCOL, false },
	{ ERROR_MALFORMED, KEYD_EPROTOCOL, false },
	{ ERROR_TYPE, KEYD_EPROTOCOL, false },
	{ ERROR_HELLO, KEYD_EPROTOCOL, false },
	{ ERROR_TOO_LARGE, KEYD_EPROTOCOL, false },
	{ ERROR_BUSY, KEYD_EBUSY, true },
	{ ERROR_TIMEOUT, KEYD_ETIMEOUT, false },
	{ ERROR_DENIED, KEYD_EDENIED, true },
	{ ERROR_INVALID, KEYD_EINVAL, true },
	{ ERROR_NOT_FOUND, KEYD_ENOTFOUND, true },
	{ ERROR_EXISTS, KEYD_EEXIST, true },
	{ ERROR_PERMISSION, KEYD_EPERMISSION, true },
	{ ERROR_STORE, KEYD_ESTORE, true },
	{ ERROR_OUTCOME, KEYD_EOUTCOME, true },
	{ (enum error_code)200, KEYD_EPROTOCOL, false },
};
static const int codes = sizeof(errors) / sizeof(*errors);

START_TEST(an_error_has_its_status)
{
	struct client *c = connected();
	struct reply rep;
	bool sent;

	peer.other = REFUSES;
	peer.code = (int)errors[_i].code;
	peer.retry_after = 7;
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), errors[_i].status);
	ck_assert(sent);
	ck_assert_str_eq(why, "the peer says no");
	ck_assert_int_eq(rep.type, FRAME_ERROR);
	ck_assert_int_eq(rep.error.retry_after, 7);
	ck_assert_int_eq(client_usable(c), errors[_i].usable);
	peer.other = ANSWERS;
	if (errors[_i].usable)
		ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_OK);
	client_close(c);
}
END_TEST

START_TEST(a_connection_that_keyd_closed_was_not_heard)
{
	struct client *c = connected();
	struct reply rep;
	bool sent = true;

	peer_hang_up(&peer);
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_EUNAVAILABLE);
	ck_assert(!sent);
	ck_assert_str_eq(why, "keyd closed the connection");
	ck_assert_int_eq(peer.requests, 0);
	client_close(c);
}
END_TEST

START_TEST(a_silent_keyd_is_left_at_the_deadline)
{
	struct client *c = connected();
	struct reply rep;
	int64_t begin;

	peer.other = SILENT;
	begin = stream_now();
	ck_assert_int_eq(ask(c, &rep, 100, NULL), KEYD_ETIMEOUT);
	ck_assert_int_ge(stream_now() - begin, 99 * MS);
	ck_assert_int_le(stream_now() - begin, HANG);
	client_close(c);
}
END_TEST

/*
 * Each byte is in time for a timer of its own, and all together are not, unless
 * this thread stands still until all of them are there.
 */
START_TEST(a_slow_keyd_is_left_at_the_deadline)
{
	struct client *c = connected();
	enum keyd_status status = KEYD_OK;
	struct reply rep;
	int64_t begin = stream_now();

	peer.other = DRIPS;
	for (int i = 0; i < 10 && status == KEYD_OK; i++)
		status = ask(c, &rep, 5, NULL);
	ck_assert_int_eq(status, KEYD_ETIMEOUT);
	ck_assert_int_le(stream_now() - begin, HANG);
	client_close(c);
}
END_TEST

START_TEST(a_deadline_in_the_past_sends_nothing)
{
	struct client *c = connected();
	struct request req = { .type = FRAME_VERIFY };
	struct reply rep;
	bool sent = true;

	ck_assert_int_eq(client_ask(c, &req, &rep, stream_now() - 1, &sent,
			     why),
	    KEYD_ETIMEOUT);
	ck_assert(!sent);
	ck_assert_int_eq(peer.requests, 0);
	client_close(c);
}
END_TEST

START_TEST(a_shorter_deadline_holds_for_its_call_only)
{
	struct client *c = connected();
	struct reply rep;

	ck_assert_int_eq(ask(c, &rep, PATIENT, NULL), KEYD_OK);
	ck_assert_int_eq(ask(c, &rep, 20000, NULL), KEYD_OK);
	ck_assert_int_eq(ask(c, &rep, PATIENT, NULL), KEYD_OK);
	client_close(c);
}
END_TEST

static void
on_alarm(int sig)
{
	(void)sig;
}

START_TEST(signals_of_the_host_do_not_end_the_wait)
{
	const struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	struct sigaction sa = { .sa_handler = on_alarm };
	struct client *c = connected();
	struct reply rep;
	int64_t begin;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	peer.other = SILENT;
	begin = stream_now();
	ck_assert_int_eq(ask(c, &rep, 100, NULL), KEYD_ETIMEOUT);
	ck_assert_int_ge(stream_now() - begin, 99 * MS);
	ck_assert_int_le(stream_now() - begin, HANG);
	client_close(c);
}
END_TEST

START_TEST(a_host_that_makes_it_non_blocking_waits_all_the_same)
{
	struct client *c = connected();
	struct reply rep;

	ck_assert_int_eq(fcntl(descriptor_of_client(), F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(ask(c, &rep, PATIENT, NULL), KEYD_OK);
	peer.other = SILENT;
	ck_assert_int_eq(ask(c, &rep, 50, NULL), KEYD_ETIMEOUT);
	client_close(c);
}
END_TEST

START_TEST(a_descriptor_that_the_host_closed_is_left_alone)
{
	struct client *c = connected();
	struct reply rep;
	bool sent = true;

	close(descriptor_of_client());
	ck_assert_int_eq(ask(c, &rep, PATIENT, &sent), KEYD_EUNAVAILABLE);
	ck_assert(!sent);
	client_close(c);
}
END_TEST

/* The host's new socket takes the number; no byte goes there, no close. */
START_TEST(a_descriptor_that_the_host_reused_gets_no_byte)
{
	struct client *c = connected();
	int fd = descriptor_of_client();
	struct reply rep;
	bool sent = true;
	int strangers[2];
	char byte;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, strangers), 0);
	ck_assert_int_eq(dup2(strangers[0], fd), fd);
	if (_i == 1) {
		ck_assert_int_eq(ask(c, &rep, PATIENT, &sent),
		    KEYD_EUNAVAILABLE);
		ck_assert(!sent);
	}
	client_close(c);
	ck_assert_int_eq(recv(strangers[1], &byte, 1, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	close(fd);
	close(strangers[0]);
	close(strangers[1]);
}
END_TEST

START_TEST(nobody_listening_is_unavailable)
{
	struct client *c;

	ck_assert_int_eq(client_open(&c, "/nowhere", CLIENT_VERIFY,
			     client_deadline(PATIENT), why),
	    KEYD_EUNAVAILABLE);
	ck_assert_ptr_null(c);
	ck_assert_str_eq(why,
	    "cannot connect to /nowhere/verify.sock: "
	    "No such file or directory");
	ck_assert_int_eq(client_open(&c, "/nowhere", CLIENT_VERIFY,
			     client_deadline(PATIENT), NULL),
	    KEYD_EUNAVAILABLE);
}
END_TEST

static int fillers;

/* Listens with the shortest backlog and fills it. */
static int
full_backlog(char *dir)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/verify.sock", dir);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 0), 0);
	fillers = -1;
	do {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		fillers++;
	} while (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	ck_assert_int_eq(errno, EAGAIN);
	return listener;
}

static void
remove_backlog(const char *dir, int listener)
{
	char path[64];

	close(listener);
	snprintf(path, sizeof(path), "%s/verify.sock", dir);
	unlink(path);
	rmdir(dir);
}

START_TEST(a_full_backlog_is_waited_for_until_the_deadline)
{
	char dir[] = "/tmp/keyd-test-XXXXXX";
	int listener = full_backlog(dir);
	struct client *c;
	int64_t begin = stream_now();

	ck_assert_int_eq(client_open(&c, dir, CLIENT_VERIFY,
			     client_deadline(100), why),
	    KEYD_ETIMEOUT);
	ck_assert_int_ge(stream_now() - begin, 99 * MS);
	ck_assert_int_le(stream_now() - begin, HANG);
	remove_backlog(dir, listener);
}
END_TEST

/* For one more than there are.  By the time that this one is hung up on nobody
   listens, so that it is not tried again. */
static void *
make_room(void *arg)
{
	int listener = *(int *)arg;
	int last;

	usleep(50000);
	for (int i = 0; i < fillers; i++)
		close(accept(listener, NULL, NULL));
	last = accept(listener, NULL, NULL);
	shutdown(listener, SHUT_RDWR);
	close(last);
	return NULL;
}

START_TEST(room_in_the_backlog_is_taken)
{
	char dir[] = "/tmp/keyd-test-XXXXXX";
	int listener = full_backlog(dir);
	struct client *c;
	pthread_t thread;

	pthread_create(&thread, NULL, make_room, &listener);
	ck_assert_int_eq(client_open(&c, dir, CLIENT_VERIFY,
			     client_deadline(PATIENT), why),
	    KEYD_EUNAVAILABLE);
	pthread_join(thread, NULL);
	remove_backlog(dir, listener);
}
END_TEST

START_TEST(the_longest_path_is_tried_and_a_longer_one_refused)
{
	char dir[128];
	const char *got;
	struct client *c;

	memset(dir, 'd', sizeof(dir));
	dir[0] = '/';
	dir[95] = '\0'; /* 95 + "/verify.sock" is 107 */
	ck_assert_int_eq(client_runtime_dir(dir, &got), KEYD_OK);
	ck_assert_int_eq(client_open(&c, dir, CLIENT_VERIFY,
			     client_deadline(PATIENT), why),
	    KEYD_EUNAVAILABLE);
	dir[95] = 'd';
	dir[96] = '\0';
	ck_assert_int_eq(client_runtime_dir(dir, &got), KEYD_EINVAL);
	ck_assert_int_eq(client_open(&c, dir, CLIENT_VERIFY,
			     client_deadline(PATIENT), why),
	    KEYD_EINVAL);
	ck_assert_ptr_null(c);
	ck_assert_ptr_nonnull(strstr(why, "108 bytes long, and may be 107"));
}
END_TEST

START_TEST(the_runtime_directory_is_given_or_of_the_environment)
{
	const char *dir;

	unsetenv("KEYD_RUNTIME_DIR");
	ck_assert_int_eq(client_runtime_dir(NULL, &dir), KEYD_OK);
	ck_assert_str_eq(dir, KEYD_RUNTIME_DIR_DEFAULT);
	setenv("KEYD_RUNTIME_DIR", "/elsewhere", 1);
	ck_assert_int_eq(client_runtime_dir(NULL, &dir), KEYD_OK);
	ck_assert_str_eq(dir, "/elsewhere");
	ck_assert_int_eq(client_runtime_dir("/given", &dir), KEYD_OK);
	ck_assert_str_eq(dir, "/given");
	ck_assert_int_eq(client_runtime_dir("", &dir), KEYD_EINVAL);
}
END_TEST

START_TEST(errno_is_kept)
{
	struct client *c;
	struct reply rep;

	errno = EXDEV;
	c = connected();
	ck_assert_int_eq(errno, EXDEV);
	peer.other = RESETS;
	errno = EXDEV;
	ask(c, &rep, PATIENT, NULL);
	ck_assert_int_eq(errno, EXDEV);
	client_close(c);
	client_close(NULL);
	ck_assert_int_eq(errno, EXDEV);
	client_open(&c, "/nowhere", CLIENT_VERIFY, client_deadline(10), NULL);
	ck_assert_int_eq(errno, EXDEV);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("client");
	TCase *tc = tcase_create("client");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_connection_begins_with_a_welcome);
	tcase_add_test(tc, the_socket_is_closed_by_exec);
	tcase_add_test(tc, a_request_gets_its_answer);
	tcase_add_test(tc, an_answer_in_pieces_is_put_together);
	tcase_add_loop_test(tc, an_odd_answer_ends_the_connection, 0, odds);
	tcase_add_loop_test(tc, an_odd_welcome_is_no_connection, 0, odds);
	tcase_add_loop_test(tc, a_keyd_that_ends_is_not_the_last, 0, 3);
	tcase_add_test(tc, a_keyd_that_always_ends_is_not_asked_for_ever);
	tcase_add_test(tc, a_prefix_that_is_none_is_no_welcome);
	tcase_add_test(tc, a_version_refused_is_said_in_keyds_words);
	tcase_add_test(tc, one_connection_too_many_is_busy);
	tcase_add_loop_test(tc, an_error_has_its_status, 0, codes);
	tcase_add_test(tc, a_connection_that_keyd_closed_was_not_heard);
	tcase_add_test(tc, a_silent_keyd_is_left_at_the_deadline);
	tcase_add_test(tc, a_slow_keyd_is_left_at_the_deadline);
	tcase_add_test(tc, a_deadline_in_the_past_sends_nothing);
	tcase_add_test(tc, a_shorter_deadline_holds_for_its_call_only);
	tcase_add_test(tc, signals_of_the_host_do_not_end_the_wait);
	tcase_add_test(tc,
	    a_host_that_makes_it_non_blocking_waits_all_the_same);
	tcase_add_test(tc, a_descriptor_that_the_host_closed_is_left_alone);
	tcase_add_loop_test(tc, a_descriptor_that_the_host_reused_gets_no_byte,
	    0, 2);
	tcase_add_test(tc, nobody_listening_is_unavailable);
	tcase_add_test(tc, a_full_backlog_is_waited_for_until_the_deadline);
	tcase_add_test(tc, room_in_the_backlog_is_taken);
	tcase_add_test(tc, the_longest_path_is_tried_and_a_longer_one_refused);
	tcase_add_test(tc,
	    the_runtime_directory_is_given_or_of_the_environment);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
