/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <stdlib.h>

#include "clock.h"
#include "visitors.h"

void
visitors_init(struct visitors *vs, unsigned max)
{
	*vs = (struct visitors){ .max = max };
	(void)pthread_mutex_init(&vs->lock, NULL);
	TAILQ_INIT(&vs->waiting);
}

/* At the end: it has waited least. */
static void
wait_from_now(struct visitors *vs, struct visitor *v, int64_t ms)
{
	v->since = clock_mono_ms();
	v->deadline = v->since + ms;
	if (v->waiting)
		TAILQ_REMOVE(&vs->waiting, v, entries);
	v->waiting = true;
	TAILQ_INSERT_TAIL(&vs->waiting, v, entries);
}

/*
 * The thread that has the connection sees its end and closes it.  The
 * descriptor is still its own: it says so, in visitors_leave, before it closes
 * it.
 */
static void
send_away(struct visitors *vs, struct visitor *v)
{
	TAILQ_REMOVE(&vs->waiting, v, entries);
	v->waiting = false;
	vs->present--;
	vs->sent_away++;
	(void)shutdown(v->fd, SHUT_RDWR);
	v->fd = -1;
}

struct visitor *
visitors_enter(struct visitors *vs, int fd)
{
	struct visitor *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		(void)shutdown(fd, SHUT_RDWR);
		return NULL;
	}
	v->fd = fd;
	(void)pthread_mutex_lock(&vs->lock);
	vs->present++;
	if (vs->present > vs->max && !TAILQ_EMPTY(&vs->waiting))
		send_away(vs, TAILQ_FIRST(&vs->waiting));
	wait_from_now(vs, v, VISITORS_REQUEST_MS);
	(void)pthread_mutex_unlock(&vs->lock);
	return v;
}

void
visitors_leave(struct visitors *vs, struct visitor *v)
{
	if (v == NULL)
		return;
	(void)pthread_mutex_lock(&vs->lock);
	if (v->waiting)
		TAILQ_REMOVE(&vs->waiting, v, entries);
	if (v->fd != -1)
		vs->present--;
	vs->asking -= v->asking;
	(void)pthread_mutex_unlock(&vs->lock);
	free(v);
}

void
visitors_ask(struct visitors *vs, struct visitor *v)
{
	int64_t by = clock_mono_ms() + VISITORS_REQUEST_MS;

	(void)pthread_mutex_lock(&vs->lock);
	vs->asking += !v->asking;
	v->asking = true;
	if (v->deadline > by)
		v->deadline = by;
	(void)pthread_mutex_unlock(&vs->lock);
}

void
visitors_serve(struct visitors *vs, struct visitor *v)
{
	(void)pthread_mutex_lock(&vs->lock);
	if (v->waiting)
		TAILQ_REMOVE(&vs->waiting, v, entries);
	v->waiting = false;
	(void)pthread_mutex_unlock(&vs->lock);
}

void
visitors_answer(struct visitors *vs, struct visitor *v)
{
	(void)pthread_mutex_lock(&vs->lock);
	if (v->fd != -1)
		wait_from_now(vs, v, VISITORS_REQUEST_MS);
	(void)pthread_mutex_unlock(&vs->lock);
}

void
visitors_rest(struct visitors *vs, struct visitor *v)
{
	(void)pthread_mutex_lock(&vs->lock);
	vs->asking -= v->asking;
	v->asking = false;
	if (v->fd != -1)
		wait_from_now(vs, v, VISITORS_IDLE_MS);
	(void)pthread_mutex_unlock(&vs->lock);
}

void
visitors_sweep(struct visitors *vs)
{
	int64_t now = clock_mono_ms();
	struct visitor *v, *next;

	(void)pthread_mutex_lock(&vs->lock);
	for (v = TAILQ_FIRST(&vs->waiting); v != NULL; v = next) {
		next = TAILQ_NEXT(v, entries);
		if (v->deadline <= now)
			send_away(vs, v);
	}
	(void)pthread_mutex_unlock(&vs->lock);
}

bool
visitors_any_asking(struct visitors *vs)
{
	bool any;

	(void)pthread_mutex_lock(&vs->lock);
	any = vs->asking > 0;
	(void)pthread_mutex_unlock(&vs->lock);
	return any;
}

void
visitors_count(struct visitors *vs, unsigned *present, uint64_t *sent_away)
{
	(void)pthread_mutex_lock(&vs->lock);
	*present = vs->present;
	*sent_away = vs->sent_away;
	(void)pthread_mutex_unlock(&vs->lock);
}
