/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "host.h"
#include "suite.h"

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

int
main(void)
{
	Suite *suite = suite_create("async_stranger");
	TCase *tc = tcase_create("async_stranger");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_child_may_close_it_and_nothing_else);
	tcase_add_test(tc, a_strangers_descriptor_gets_not_a_byte);
	tcase_add_test(tc, a_strangers_epoll_is_left_alone);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
