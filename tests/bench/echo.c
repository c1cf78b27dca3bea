/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "echo.h"

#define ROOM 65536 /* bytes received at once, and sent */
#define EVENTS 64

struct peer {
	int fd;
	size_t have; /* bytes of a request that is not whole */
};

static uint8_t buffer[ROOM];

static void
answer(struct peer *p, size_t request, size_t size)
{
	ssize_t n = recv(p->fd, buffer, sizeof(buffer), 0);
	size_t out;

	if (n <= 0)
		_exit(n != 0);
	p->have += (size_t)n;
	out = p->have / request * size;
	p->have %= request;
	if (out > sizeof(buffer) ||
	    (out > 0 && send(p->fd, buffer, out, MSG_NOSIGNAL) != (ssize_t)out))
		_exit(1);
}

_Noreturn static void
serve(int epoll_fd, size_t request, size_t size)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(epoll_fd, events, EVENTS, -1);

		if (n < 0 && errno != EINTR)
			_exit(1);
		for (int i = 0; i < n; i++)
			answer(events[i].data.ptr, request, size);
	}
}

static int
open_pair(int epoll_fd, struct peer *p)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = p };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		err(1, "socketpair");
	p->fd = pair[1];
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pair[1], &ev) != 0)
		err(1, "epoll_ctl");
	return pair[0];
}

/* The parent's copies of its ends, so that it sees them close. */
static void
forget(const struct peer *peers, unsigned clients)
{
	for (unsigned i = 0; i < clients; i++)
		close(peers[i].fd);
}

pid_t
echo_start(int *fd, unsigned clients, size_t request, size_t size)
{
	static struct peer peers[CLIENTS_MAX];
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pid_t pid;

	if (epoll_fd < 0)
		err(1, "epoll_create1");
	for (unsigned i = 0; i < clients; i++) {
		peers[i].have = 0;
		fd[i] = open_pair(epoll_fd, &peers[i]);
	}
	if ((pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(epoll_fd, request, size);
	}
	close(epoll_fd);
	forget(peers, clients);
	return pid;
}

void
echo_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
