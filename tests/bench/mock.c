/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "frame.h"
#include "mock.h"
#include "reply.h"

#define EVENTS 64
#define ID_AT 8 /* of the request's id in a frame */

static int listen_fd, epoll_fd;
static uint8_t verdict[FRAME_MAX], welcome[FRAME_MAX], refusal[FRAME_MAX];
static size_t verdict_len, welcome_len, refusal_len;

static size_t
encode(uint8_t *to, const struct reply *rep)
{
	struct wire_writer w = wire_writer(to, FRAME_MAX);

	reply_encode(&w, rep, 0);
	if (!wire_fits(&w))
		errx(1, "an answer does not fit");
	return wire_length(&w);
}

static void
prepare(void)
{
	const struct reply hello = { .type = FRAME_HELLO | FRAME_ANSWER,
		.welcome = { .major = PROTOCOL_MAJOR,
		    .prefix = "cmk",
		    .software = "echo" } };
	const struct reply no = { .type = FRAME_ERROR,
		.error = { .code = ERROR_TYPE,
		    .lowest = PROTOCOL_MAJOR,
		    .highest = PROTOCOL_MAJOR } };

	welcome_len = encode(welcome, &hello);
	refusal_len = encode(refusal, &no);
}

static void
send_as(int fd, const uint8_t *request, uint8_t *bytes, size_t len)
{
	memcpy(bytes + ID_AT, request + ID_AT, sizeof(uint32_t));
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		close(fd);
}

/* A client sends one request and waits, so it comes whole. */
static void
answer(int fd)
{
	uint8_t request[FRAME_MAX];
	ssize_t n = recv(fd, request, sizeof(request), 0);
	struct frame f;

	if (n <= 0 ||
	    frame_parse((struct span){ request, (size_t)n }, &f) !=
		FRAME_WHOLE) {
		close(fd);
		return;
	}
	if (f.type == FRAME_VERIFY)
		send_as(fd, request, verdict, verdict_len);
	else if (f.type == FRAME_HELLO)
		send_as(fd, request, welcome, welcome_len);
	else
		send_as(fd, request, refusal, refusal_len);
}

static void
watch(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
		err(1, "epoll_ctl");
}

_Noreturn static void
serve(void)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(epoll_fd, events, EVENTS, -1);

		if (n < 0 && errno != EINTR)
			_exit(1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd != listen_fd)
				answer(events[i].data.fd);
			else
				watch(accept4(listen_fd, NULL, NULL,
				    SOCK_CLOEXEC));
		}
	}
}

static void
open_socket(const char *runtime_dir)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", runtime_dir,
	    CLIENT_VERIFY);

	if (n < 0 || (size_t)n >= sizeof(at.sun_path))
		errx(1, "%s is too long a path", runtime_dir);
	unlink(at.sun_path);
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (listen_fd < 0 || epoll_fd < 0 ||
	    bind(listen_fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(listen_fd, EVENTS) != 0)
		err(1, "%s", at.sun_path);
	watch(listen_fd);
}

pid_t
mock_start(const char *runtime_dir, const uint8_t *answered, size_t len)
{
	pid_t pid;

	if (len > sizeof(verdict))
		errx(1, "a verdict of %zu bytes", len);
	memcpy(verdict, answered, len);
	verdict_len = len;
	prepare();
	open_socket(runtime_dir);
	if ((pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve();
	}
	close(listen_fd);
	close(epoll_fd);
	return pid;
}

void
mock_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
