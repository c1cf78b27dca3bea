/* SPDX-License-Identifier: ISC */
/*
 * guest.h - leave the host's thread as it was found.
 *
 * Around each exported function that does more than compute: errno is kept,
 * and the thread is not cancelled while it holds a connection.
 */
#ifndef KEYD_GUEST_H
#define KEYD_GUEST_H

#include <errno.h>
#include <pthread.h>

struct guest {
	int error;
	int cancel;
};

static inline struct guest
guest_enter(void)
{
	struct guest g = { .error = errno };

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &g.cancel);
	return g;
}

static inline void
guest_leave(struct guest g)
{
	int unused;

	pthread_setcancelstate(g.cancel, &unused);
	errno = g.error;
}

#endif /* KEYD_GUEST_H */
