/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "bench.h"
#include "echo.h"

#define MESSAGE_MAX 4096 /* bytes */
#define EVENTS 64

static uint8_t buffer[MESSAGE_MAX];

static void
answer_one(int fd, size_t request, size_t answer)
{
	ssize_t n = recv(fd, buffer, request, 0);

	if (n == 0)
		_exit(0);
	if (n != (ssize_t)request ||
	    send(fd, buffer, answer, MSG_NOSIGNAL) != (ssize_t)answer)
		_exit(1);
}

_Noreturn static void
serve(int epoll_fd, size_t request, size_t answer)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(epoll_fd, events, EVENTS, -1);

		if (n < 0 && errno != EINTR)
			_exit(1);
		for (int i = 0; i < n; i++)
			answer_one(events[i].data.fd, request, answer);
	}
}

static int
open_pair(int epoll_fd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		err(1, "socketpair");
	ev.data.fd = pair[1];
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pair[1], &ev) != 0)
		err(1, "epoll_ctl");
	return pair[0];
}

pid_t
echo_start(int *fd, unsigned clients, size_t request, size_t answer)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pid_t pid;

	if (epoll_fd < 0)
		err(1, "epoll_create1");
	if (request > MESSAGE_MAX || answer > MESSAGE_MAX)
		errx(1, "an echo of more than %d bytes", MESSAGE_MAX);
	for (unsigned i = 0; i < clients; i++)
		fd[i] = open_pair(epoll_fd);
	if ((pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(epoll_fd, request, answer);
	}
	close(epoll_fd);
	return pid;
}

void
echo_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
