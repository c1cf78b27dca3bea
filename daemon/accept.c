/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "accept.h"
#include "fault.h"
#include "log.h"

#define REST_MS 100

/* Connections over the caps that administrators have to themselves: whoever
   fills keyd's house does not keep a leaked key alive. */
#define ADMIN_RESERVE 64

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* of Linux 6.16 */
#endif

static struct log_throttle throttle;

static int
open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/*
 * Nobody passes descriptors to keyd: to throw one away can take as long as its
 * sender likes, a TCP socket that lingers say.  An older kernel does not know
 * the option, and then recv throws them away.
 */
static void
refuse_descriptors(int fd)
{
	int off = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}

void
acceptor_init(struct acceptor *a, int fd, enum socket_kind socket)
{
	*a = (struct acceptor){ .fd = fd, .socket = socket };
	a->spare_fd = open_spare();
	refuse_descriptors(fd);
}

void
acceptor_wake(struct acceptor *a)
{
	a->rest_until = 0;
	if (a->spare_fd == -1)
		a->spare_fd = open_spare();
}

void
acceptor_close(struct acceptor *a)
{
	if (a->spare_fd != -1)
		close(a->spare_fd);
	a->fd = a->spare_fd = -1;
}

/* A new socket's buffer is empty, so this never waits. */
static void
turn_away(int fd, enum error_code code)
{
	uint8_t bytes[FAULT_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	fault_put(&w, 0, code, NULL);
	if (wire_fits(&w))
		(void)send(fd, bytes, wire_length(&w),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

/* No descriptor is left: give up the spare one to tell the client. */
static void
out_of_descriptors(struct acceptor *a, int64_t now_ms)
{
	int fd;

	log_throttled(&throttle,
	    "no descriptor for a new connection; raise LimitNOFILE or lower "
	    "max_connections");
	a->rest_until = now_ms + REST_MS;
	if (a->spare_fd == -1)
		return;
	close(a->spare_fd);
	fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd != -1)
		turn_away(fd, ERROR_BUSY);
	a->spare_fd = open_spare();
}

static enum accepted
failed(struct acceptor *a, struct caps *caps, int64_t now_ms)
{
	switch (errno) {
	case EAGAIN:
		return ACCEPT_NONE;
	case EINTR:
	case ECONNABORTED:
		return ACCEPT_REFUSED;
	case EMFILE:
	case ENFILE:
		out_of_descriptors(a, now_ms);
		caps->refused++;
		return ACCEPT_NONE;
	default:
		log_throttled(&throttle, "accept failed with error %d", errno);
		a->rest_until = now_ms + REST_MS;
		return ACCEPT_NONE;
	}
}

static struct quota *
admit(struct caps *caps, const struct acceptor *a, const struct peer *peer)
{
	bool admin = a->socket == SOCKET_ADMIN && peer_may_admin(peer);
	uint32_t more = admin ? ADMIN_RESERVE : 0;

	if (caps->connections >= caps->connections_max + more)
		return NULL;
	return quota_open(&caps->quotas, peer->uid, caps->per_uid_max + more);
}

static enum accepted
refuse(struct caps *caps, int fd, enum error_code code)
{
	turn_away(fd, code);
	caps->refused++;
	return ACCEPT_REFUSED;
}

enum accepted
accept_take(struct acceptor *a, struct caps *caps, int64_t now_ms,
    struct conn **c)
{
	struct quota *quota;
	struct peer peer;
	int fd;

	fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1)
		return failed(a, caps, now_ms);
	if (!peer_read(fd, caps->admin_gid, &peer))
		return refuse(caps, fd, ERROR_DENIED);
	if (a->socket == SOCKET_ADMIN && caps->grants != NULL)
		peer_grant(fd, caps->grants, &peer);
	if ((quota = admit(caps, a, &peer)) == NULL)
		return refuse(caps, fd, ERROR_BUSY);
	*c = conn_new(fd, a->socket, &peer);
	if (*c == NULL) {
		quota_close(&caps->quotas, quota);
		return refuse(caps, fd, ERROR_BUSY);
	}
	(*c)->quota = quota;
	caps->connections++;
	return ACCEPT_ONE;
}

void
accept_release(struct caps *caps, struct conn *c)
{
	quota_close(&caps->quotas, c->quota);
	c->quota = NULL;
	caps->connections--;
}
