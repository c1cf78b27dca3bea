/* SPDX-License-Identifier: ISC */
/*
 * visitors.h - the connections, and how long each may keep us waiting.
 *
 * Nothing that a client does or leaves undone keeps others out: every wait for
 * it has an end that the bytes it drips do not move, and when the house is full
 * the one that has waited longest goes, so that a newcomer always gets in.  Who
 * is being answered is never sent away.  Any thread.
 */
#ifndef KEYD_HTTP_VISITORS_H
#define KEYD_HTTP_VISITORS_H

#include <sys/queue.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define VISITORS_REQUEST_MS 10000 /* for a request, or for taking an answer */
#define VISITORS_IDLE_MS 75000    /* between two requests; nginx waits 60 s */

struct visitor {
	int fd;
	int64_t since;    /* ms of clock_mono_ms: it waits since */
	int64_t deadline; /* ms of the same */
	bool waiting;     /* in the list; else it is served, or sent away */
	bool asking;      /* a request of it is under way */
	TAILQ_ENTRY(visitor) entries;
};

struct visitors {
	pthread_mutex_t lock;
	TAILQ_HEAD(, visitor) waiting; /* the longest first */
	unsigned max;
	unsigned present; /* those sent away are not */
	unsigned asking;
	uint64_t sent_away;
};

void visitors_init(struct visitors *vs, unsigned max);

/* A connection came.  NULL without memory: then it is shut down. */
struct visitor *visitors_enter(struct visitors *vs, int fd);
/* It is over, and its descriptor is about to be closed.  NULL is fine. */
void visitors_leave(struct visitors *vs, struct visitor *v);

/* The steps of a request: its first line came; all of it came; the answer is on
   its way; it is over. */
void visitors_ask(struct visitors *vs, struct visitor *v);
void visitors_serve(struct visitors *vs, struct visitor *v);
void visitors_answer(struct visitors *vs, struct visitor *v);
void visitors_rest(struct visitors *vs, struct visitor *v);

/* Sends away whose time is over. */
void visitors_sweep(struct visitors *vs);

/* Is a request of any of them under way? */
bool visitors_any_asking(struct visitors *vs);

/* How many are here, and were sent away so far. */
void visitors_count(struct visitors *vs, unsigned *present,
    uint64_t *sent_away);

#endif /* KEYD_HTTP_VISITORS_H */
