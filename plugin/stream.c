/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

#define SECOND INT64_C(1000000000) /* ns */
#define MILLISECOND INT64_C(1000000)
#define SLACK MILLISECOND /* a timer off by less is left as it is */

int64_t
stream_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static bool
is_ours(struct stream *s)
{
	struct stat st;

	if (s->fd >= 0 && fstat(s->fd, &st) == 0 && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		return true;
	s->fd = -1;
	errno = ESTALE;
	return false;
}

/*
 * The socket stays blocking and its own timer ends the wait, so that an
 * exchange is one send and one recv.  Calls with the usual deadline find the
 * timer already as it should be; a wait begun late sets what remains.
 */
static bool
arm(const struct stream *s, int timer, int64_t *set, int64_t deadline)
{
	int64_t left = deadline - stream_now();
	struct timeval tv;

	if (left <= 0) {
		errno = ETIMEDOUT;
		return false;
	}
	if (*set != 0 && *set - left <= SLACK && left - *set <= SLACK)
		return true;
	tv.tv_sec = left / SECOND;
	tv.tv_usec = left % SECOND / 1000 + 1;
	if (tv.tv_usec > 999999)
		tv.tv_usec = 999999;
	if (setsockopt(s->fd, SOL_SOCKET, timer, &tv, sizeof(tv)) != 0)
		return false;
	*set = left;
	return true;
}

/*
 * Whether to go on after a call that failed.  EAGAIN is the timer, or a host
 * that made our descriptor non-blocking: poll, so as not to spin.
 */
static bool
again(struct stream *s, short events, int64_t deadline)
{
	struct pollfd p = { .events = events };
	int64_t left;

	if (errno != EINTR && errno != EAGAIN)
		return false;
	if (errno == EAGAIN && (left = deadline - stream_now()) > 0) {
		p.fd = s->fd;
		(void)poll(&p, 1, (int)(left / MILLISECOND % 1000) + 1);
	}
	return is_ours(s);
}

/* A full backlog: connect waits for room itself, by the timer for sending. */
static int
connect_in_time(struct stream *s, const struct sockaddr_un *to,
    int64_t deadline)
{
	for (;;) {
		if (!arm(s, SO_SNDTIMEO, &s->send_wait, deadline))
			return -1;
		if (connect(s->fd, (const struct sockaddr *)to, sizeof(*to)) ==
		    0)
			return 0;
		if (errno != EINTR && errno != EAGAIN)
			return -1;
	}
}

/* Never 0, 1 or 2: what a host prints to its standard output, closed or not, is
   not for keyd. */
static int
open_socket(int flags)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	int higher;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return higher;
}

static bool
make_socket(struct stream *s, int flags)
{
	struct stat st;

	*s = (struct stream){ .fd = open_socket(flags) };
	if (s->fd < 0)
		return false;
	if (fstat(s->fd, &st) != 0) {
		close(s->fd);
		s->fd = -1;
		return false;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return true;
}

static int
close_failed(struct stream *s)
{
	int saved = errno;

	stream_close(s);
	errno = saved;
	return -1;
}

int
stream_open(struct stream *s, const struct sockaddr_un *to, int64_t deadline)
{
	if (!make_socket(s, 0))
		return -1;
	return connect_in_time(s, to, deadline) == 0 ? 0 : close_failed(s);
}

int
stream_try_open(struct stream *s, const struct sockaddr_un *to)
{
	if (!make_socket(s, SOCK_NONBLOCK))
		return -1;
	if (connect(s->fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		return 0;
	return close_failed(s);
}

void
stream_close(struct stream *s)
{
	if (is_ours(s))
		close(s->fd);
	s->fd = -1;
}

int
stream_send(struct stream *s, const void *buf, size_t len, int64_t deadline)
{
	const uint8_t *at = buf;

	if (!is_ours(s))
		return -1;
	while (len > 0) {
		ssize_t n;

		if (!arm(s, SO_SNDTIMEO, &s->send_wait, deadline))
			return -1;
		n = send(s->fd, at, len, MSG_NOSIGNAL);
		if (n < 0 && !again(s, POLLOUT, deadline))
			return -1;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

void
stream_end(struct stream *s)
{
	if (is_ours(s))
		(void)shutdown(s->fd, SHUT_WR);
}

typedef ssize_t receive(int fd, void *buf, size_t cap, int flags, int *passed);

/* What is there was in time: it may be the caller who is late. */
static ssize_t
receive_late(const struct stream *s, void *buf, size_t cap, receive *how,
    int *passed)
{
	ssize_t n = how(s->fd, buf, cap, MSG_DONTWAIT, passed);

	if (n < 0 && errno == EAGAIN)
		errno = ETIMEDOUT;
	return n;
}

static ssize_t
receive_in_time(struct stream *s, void *buf, size_t cap, int64_t deadline,
    receive *how, int *passed)
{
	ssize_t n;

	do {
		if (!arm(s, SO_RCVTIMEO, &s->receive_wait, deadline))
			return errno != ETIMEDOUT
			    ? -1
			    : receive_late(s, buf, cap, how, passed);
		n = how(s->fd, buf, cap, 0, passed);
	} while (n < 0 && again(s, POLLIN, deadline));
	return n;
}

/* Without a control buffer the kernel drops what is passed. */
static ssize_t
receive_plain(int fd, void *buf, size_t cap, int flags, int *passed)
{
	(void)passed;
	return recv(fd, buf, cap, flags);
}

ssize_t
stream_receive(struct stream *s, void *buf, size_t cap, int64_t deadline)
{
	return receive_in_time(s, buf, cap, deadline, receive_plain, NULL);
}

/* One is what was asked for; a second, or one after it, is closed. */
static void
take_descriptors(struct msghdr *m, int *passed)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len;
		     at += sizeof(int)) {
			int fd;

			memcpy(&fd, (char *)c + at, sizeof(fd));
			if (*passed == -1)
				*passed = fd;
			else
				close(fd);
		}
	}
}

static ssize_t
receive_message(int fd, void *buf, size_t cap, int flags, int *passed)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | flags);

	if (n >= 0)
		take_descriptors(&m, passed);
	return n;
}

ssize_t
stream_receive_passed(struct stream *s, void *buf, size_t cap, int64_t deadline,
    int *passed)
{
	return receive_in_time(s, buf, cap, deadline, receive_message, passed);
}

ssize_t
stream_try_send(struct stream *s, const void *buf, size_t len)
{
	if (!is_ours(s))
		return -1;
	return send(s->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t
stream_try_receive(struct stream *s, void *buf, size_t cap, int *passed)
{
	return is_ours(s) ? receive_message(s->fd, buf, cap, 0, passed) : -1;
}
