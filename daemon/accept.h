/* SPDX-License-Identifier: ISC */
/*
 * accept.h - new connections, under every limit there is.
 *
 * One that a cap turns away is told so.  A few places are for administrators
 * alone.  When descriptors run out a spare one
 * is used to tell the client, and accepting rests a while, so that the loop
 * does not spin on a connection that it cannot take.
 */
#ifndef KEYD_ACCEPT_H
#define KEYD_ACCEPT_H

#include <stdbool.h>

#include "conn.h"

struct acceptor {
	int fd; /* listening; -1: closed */
	enum socket_kind socket;
	int spare_fd;
	int64_t rest_until; /* ms of clock_mono_ms; 0: accepting */
};

/* The caps of the moment, and what is counted against them. */
struct caps {
	uint32_t connections_max;
	uint32_t per_uid_max;
	gid_t admin_gid;
	const struct grants *grants; /* borrowed; of the policy that holds */
	uint64_t connections;
	struct quotas quotas;
	uint64_t refused;
};

void acceptor_init(struct acceptor *a, int fd, enum socket_kind socket);
void acceptor_close(struct acceptor *a);

/* It has rested. */
void acceptor_wake(struct acceptor *a);

enum accepted {
	ACCEPT_ONE,     /* *c is a new connection, counted */
	ACCEPT_REFUSED, /* there was one, and it is gone; there may be more */
	ACCEPT_NONE     /* no more, or resting */
};

enum accepted accept_take(struct acceptor *a, struct caps *caps, int64_t now_ms,
    struct conn **c);

/* Gives back what a connection was counted for. */
void accept_release(struct caps *caps, struct conn *c);

#endif /* KEYD_ACCEPT_H */
