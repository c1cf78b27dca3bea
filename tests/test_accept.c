/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "accept.h"
#include "ask.h"
#include "suite.h"

static struct acceptor a;
static struct caps caps;
static struct sockaddr_storage address;
static socklen_t address_len = sizeof(address);

static void
set_up(void)
{
	struct sockaddr any = { .sa_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	/* An address of only a family: the kernel chooses an abstract name. */
	ck_assert_int_eq(bind(fd, &any, sizeof(sa_family_t)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address,
			     &address_len),
	    0);
	ck_assert_int_eq(listen(fd, 64), 0);
	acceptor_init(&a, fd, SOCKET_VERIFY);
	ck_assert_int_ne(a.spare_fd, -1);
	caps = (struct caps){ .connections_max = 10,
		.per_uid_max = 10,
		.admin_gid = (gid_t)-1 };
}

static void
tear_down(void)
{
	int fd = a.fd;

	acceptor_close(&a);
	ck_assert_int_eq(a.spare_fd, -1);
	close(fd);
}

static int
dial(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, address_len),
	    0);
	return fd;
}

static struct conn *
take(void)
{
	struct conn *c = NULL;

	ck_assert_int_eq(accept_take(&a, &caps, 1000, &c), ACCEPT_ONE);
	ck_assert_ptr_nonnull(c);
	return c;
}

static void
release(struct conn *c)
{
	accept_release(&caps, c);
	conn_free(c);
}

/* It is told so, and then it is over. */
static void
ck_turned_away(int fd, enum error_code code)
{
	uint8_t bytes[FRAME_MAX];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
	struct reply rep;
	struct frame f;

	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(frame_parse((struct span){ bytes, (size_t)n }, &f),
	    FRAME_WHOLE);
	ck_assert_uint_eq(frame_size(&f), (size_t)n);
	ck_assert_uint_eq(f.id, 0);
	ck_assert(reply_decode(&rep, &f));
	ask_refused(&rep, code);
	ck_assert_uint_gt(rep.error.retry_after, 0);
	ck_assert_int_eq(recv(fd, bytes, sizeof(bytes), 0), 0);
	close(fd);
}

static void
ck_refused(void)
{
	struct conn *c;
	int fd = dial();

	ck_assert_int_eq(accept_take(&a, &caps, 1000, &c), ACCEPT_REFUSED);
	ck_turned_away(fd, ERROR_BUSY);
}

START_TEST(a_connection_is_known_from_the_beginning)
{
	int fd = dial();
	struct conn *c = take(), *none;

	ck_assert_uint_eq(c->peer.uid, geteuid());
	ck_assert_int_eq(c->peer.pid, getpid());
	ck_assert_int_eq(c->socket, SOCKET_VERIFY);
	ck_assert(!c->session.greeted);
	ck_assert_int_ne(fcntl(c->fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_ne(fcntl(c->fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_uint_eq(caps.connections, 1);
	ck_assert_int_eq(accept_take(&a, &caps, 1000, &none), ACCEPT_NONE);
	ck_assert_int_eq(a.rest_until, 0);
	ck_assert_uint_eq(caps.refused, 0);
	release(c);
	ck_assert_uint_eq(caps.connections, 0);
	ck_assert_ptr_null(caps.quotas.root);
	close(fd);
}
END_TEST

/* Runs with a cap for all, and with one for each uid. */
START_TEST(over_a_cap_a_client_is_turned_away_until_there_is_room)
{
	struct conn *c[3];
	int fds[3];

	if (_i == 0)
		caps.connections_max = 3;
	else
		caps.per_uid_max = 3;
	for (int i = 0; i < 3; i++) {
		fds[i] = dial();
		c[i] = take();
	}
	ck_refused();
	ck_refused();
	ck_assert_uint_eq(caps.refused, 2);
	ck_assert_uint_eq(caps.connections, 3);
	release(c[1]);
	close(fds[1]);
	fds[1] = dial();
	c[1] = take();
	ck_refused();
	for (int i = 0; i < 3; i++) {
		release(c[i]);
		close(fds[i]);
	}
	ck_assert_ptr_null(caps.quotas.root);
}
END_TEST

START_TEST(a_cap_of_nothing_lets_nobody_in)
{
	caps.connections_max = 0;
	ck_refused();
	caps.connections_max = 10;
	caps.per_uid_max = 0;
	ck_refused();
	ck_assert_uint_eq(caps.connections, 0);
	ck_assert_ptr_null(caps.quotas.root);
}
END_TEST

/* This process has keyd's own uid.  Runs as above. */
START_TEST(an_administrator_finds_room_over_a_cap_and_not_for_ever)
{
	enum { RESERVE = 64 };
	struct conn *c[RESERVE];
	int fds[RESERVE];

	a.socket = SOCKET_ADMIN;
	if (_i == 0)
		caps.connections_max = 0;
	else
		caps.per_uid_max = 0;
	for (int i = 0; i < RESERVE; i++) {
		fds[i] = dial();
		c[i] = take();
	}
	ck_refused();
	for (int i = 0; i < RESERVE; i++) {
		release(c[i]);
		close(fds[i]);
	}
	ck_assert_ptr_null(caps.quotas.root);
}
END_TEST

/* A child of another user connects and exits. */
static void
dial_as(uid_t uid)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		_exit(setuid(uid) == 0 &&
			    connect(fd, (struct sockaddr *)&address,
				address_len) == 0
			? 0
			: 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(one_uid_does_not_take_the_place_of_another)
{
	struct conn *c[2], *none;

	caps.per_uid_max = 1;
	dial_as(ASK_STRANGER);
	dial_as(ASK_STRANGER);
	dial_as(ASK_STRANGER + 1);
	c[0] = take();
	ck_assert_int_eq(accept_take(&a, &caps, 1000, &none), ACCEPT_REFUSED);
	c[1] = take();
	ck_assert_uint_eq(c[0]->peer.uid, ASK_STRANGER);
	ck_assert_uint_eq(c[1]->peer.uid, ASK_STRANGER + 1);
	release(c[0]);
	release(c[1]);
}
END_TEST

/* The room over the caps is for administrators; a grant to issue is none. */
START_TEST(grants_are_found_on_the_admin_socket_only)
{
	static struct grants g = { .count = 1,
		.all = { { .power = POWER_ADMIN,
		    .user_count = 1,
		    .users = { ASK_STRANGER } } } };
	struct conn *c, *none;

	caps.grants = &g;
	dial_as(ASK_STRANGER);
	c = take();
	ck_assert(!peer_may_issue(&c->peer));
	release(c);
	a.socket = SOCKET_ADMIN;
	caps.connections_max = 0;
	dial_as(ASK_STRANGER);
	c = take();
	ck_assert(peer_may_admin(&c->peer));
	release(c);
	g.all[0].power = POWER_ISSUE;
	dial_as(ASK_STRANGER);
	ck_assert_int_eq(accept_take(&a, &caps, 1000, &none), ACCEPT_REFUSED);
	caps.connections_max = 1;
	dial_as(ASK_STRANGER);
	c = take();
	ck_assert(peer_may_issue(&c->peer) && !peer_may_admin(&c->peer));
	release(c);
}
END_TEST

/* One that says hello and goes is served as one that stays: its answer has
   nowhere to go, and that is all. */
START_TEST(who_has_gone_already_is_taken_all_the_same)
{
	int fd = dial();

	close(fd);
	release(take());
}
END_TEST

static rlim_t
limit_files(rlim_t limit)
{
	struct rlimit files;
	rlim_t before;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	before = files.rlim_cur;
	files.rlim_cur = limit;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	return before;
}

/* The least number that is not a descriptor. */
static int
next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

START_TEST(without_a_descriptor_accepting_rests_and_the_client_is_told)
{
	int first = dial(), second = dial();
	struct conn *c;
	rlim_t before = limit_files((rlim_t)next_fd());

	ck_assert_int_eq(accept_take(&a, &caps, 1000, &c), ACCEPT_NONE);
	ck_assert_int_gt(a.rest_until, 1000);
	ck_assert_int_ne(fcntl(a.spare_fd, F_GETFD), -1);
	ck_assert_uint_eq(caps.refused, 1);
	ck_assert_uint_eq(caps.connections, 0);
	ck_turned_away(first, ERROR_BUSY);
	limit_files(before);
	a.rest_until = 0;
	release(take());
	close(second);
}
END_TEST

START_TEST(without_a_spare_descriptor_the_client_waits)
{
	int fd = dial();
	struct conn *c;
	rlim_t before;

	close(a.spare_fd);
	a.spare_fd = -1;
	before = limit_files((rlim_t)next_fd());
	ck_assert_int_eq(accept_take(&a, &caps, 1000, &c), ACCEPT_NONE);
	ck_assert_int_gt(a.rest_until, 1000);
	limit_files(before);
	release(take());
	close(fd);
}
END_TEST

START_TEST(a_socket_that_does_not_listen_rests)
{
	struct conn *c;
	int good = a.fd;

	a.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(accept_take(&a, &caps, 1000, &c), ACCEPT_NONE);
	ck_assert_int_gt(a.rest_until, 1000);
	close(a.fd);
	a.fd = good;
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("accept");
	TCase *tc = tcase_create("accept");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_connection_is_known_from_the_beginning);
	tcase_add_loop_test(tc,
	    over_a_cap_a_client_is_turned_away_until_there_is_room, 0, 2);
	tcase_add_test(tc, a_cap_of_nothing_lets_nobody_in);
	tcase_add_loop_test(tc,
	    an_administrator_finds_room_over_a_cap_and_not_for_ever, 0, 2);
	tcase_add_test(tc, who_has_gone_already_is_taken_all_the_same);
	tcase_add_test(tc,
	    without_a_descriptor_accepting_rests_and_the_client_is_told);
	tcase_add_test(tc, without_a_spare_descriptor_the_client_waits);
	tcase_add_test(tc, a_socket_that_does_not_listen_rests);
	/* Only root can become another user. */
	if (geteuid() == 0)
		tcase_add_test(tc, one_uid_does_not_take_the_place_of_another);
	tcase_add_test(tc, grants_are_found_on_the_admin_socket_only);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
