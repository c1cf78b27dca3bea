/* SPDX-License-Identifier: ISC */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"

#define SAMPLES 1048576           /* of one round; more are only counted */
#define WARM_UP INT64_C(10000000) /* ns */
#define INPUT 65536               /* bytes; DEPTH_MAX answers are less */

/* One connection. */
struct asker {
	int fd;
	unsigned waiting; /* for so many answers */
	int64_t asked;    /* ns */
	size_t have;
	uint8_t input[INPUT];
};

struct crowd {
	const struct dialect *dialect;
	unsigned clients, depth;
	const struct mint_digest *keys;
	size_t count;
	size_t to_meet; /* keys, before any is asked for at random */
	uint64_t seed;
	int epoll_fd;
	size_t done;
	uint32_t *sample;
	uint8_t output[DEPTH_MAX * QUESTION_MAX];
	struct asker asker[];
};

static void
add(struct crowd *c, struct asker *a, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = a };
	struct timeval patience = { .tv_sec = 10 };

	a->fd = fd;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		sizeof(patience)) != 0)
		err(1, "setsockopt");
	if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0)
		err(1, "epoll_ctl");
}

struct crowd *
crowd_new(const struct dialect *d, const int *fd, unsigned clients,
    unsigned depth, const struct mint_digest *keys, size_t count)
{
	struct crowd *c = calloc(1, sizeof(*c) + clients * sizeof(c->asker[0]));

	if (c == NULL ||
	    (c->sample = calloc(SAMPLES, sizeof(*c->sample))) == NULL)
		err(1, "calloc");
	c->dialect = d;
	c->clients = clients;
	c->depth = depth;
	c->keys = keys;
	c->count = count;
	if ((c->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		err(1, "epoll_create1");
	for (unsigned i = 0; i < clients; i++)
		add(c, &c->asker[i], fd[i]);
	return c;
}

void
crowd_free(struct crowd *c)
{
	for (unsigned i = 0; i < c->clients; i++)
		close(c->asker[i].fd);
	close(c->epoll_fd);
	free(c->sample);
	free(c);
}

/* Each in turn while they are met for the first time, then any. */
static const struct mint_digest *
next_key(struct crowd *c)
{
	if (c->to_meet > 0)
		return &c->keys[c->count - c->to_meet--];
	return &c->keys[mint_draw(&c->seed) % c->count];
}

static void
ask(struct crowd *c, struct asker *a)
{
	size_t len = 0;

	for (unsigned i = 0; i < c->depth; i++) {
		len += c->dialect->ask(c->output + len, next_key(c));
	}
	a->waiting = c->depth;
	a->asked = bench_now();
	dialect_say(a->fd, c->output, len);
}

static void
note(struct crowd *c, const struct asker *a, int64_t now)
{
	if (c->done < SAMPLES)
		c->sample[c->done] = (uint32_t)(now - a->asked);
	c->done++;
}

static void
take(struct crowd *c, struct asker *a)
{
	int64_t now;
	size_t at = 0, n;

	a->have +=
	    dialect_hear(a->fd, a->input + a->have, sizeof(a->input) - a->have);
	now = bench_now();
	while (a->waiting > 0 &&
	    (n = c->dialect->take(a->input + at, a->have - at)) != 0) {
		at += n;
		a->waiting--;
		note(c, a, now);
	}
	a->have -= at;
	memmove(a->input, a->input + at, a->have);
	if (a->waiting == 0 && a->have > 0)
		errx(1, "%s says more than it was asked", c->dialect->name);
}

/* One waits in recv itself, as a client does. */
static int
ready(struct crowd *c, struct epoll_event *events)
{
	int n;

	if (c->clients == 1) {
		events[0].data.ptr = &c->asker[0];
		return 1;
	}
	if ((n = epoll_wait(c->epoll_fd, events, CLIENTS_MAX, 10000)) <= 0)
		errx(1, "%s is silent", c->dialect->name);
	return n;
}

/* Takes what there is; whoever has all answers asks again until then.  Returns
   how many have nothing left to wait for. */
static unsigned
turn(struct crowd *c, int64_t until)
{
	struct epoll_event events[CLIENTS_MAX];
	int n = ready(c, events);
	unsigned over = 0;

	for (int i = 0; i < n; i++) {
		struct asker *a = events[i].data.ptr;

		take(c, a);
		if (a->waiting > 0)
			continue;
		if (bench_now() < until)
			ask(c, a);
		else
			over++;
	}
	return over;
}

/* Returns how long it took. */
static int64_t
run(struct crowd *c, int64_t ns)
{
	int64_t begun = bench_now();
	unsigned over = 0;

	c->done = 0;
	for (unsigned i = 0; i < c->clients; i++)
		ask(c, &c->asker[i]);
	while (over < c->clients)
		over += turn(c, begun + ns);
	return bench_now() - begun;
}

void
crowd_meet(struct crowd *c, struct series *s)
{
	int64_t ns = 0;
	size_t asked = 0;

	for (c->to_meet = c->count; c->to_meet > 0; asked += c->done)
		ns += run(c, SECOND / 10);
	series_add(s, c->sample, c->done < SAMPLES ? c->done : SAMPLES, 1,
	    (double)asked * (double)SECOND / (double)ns);
}

void
crowd_round(struct crowd *c, struct series *s, int64_t ns)
{
	size_t n;

	run(c, WARM_UP);
	ns = run(c, ns);
	n = c->done < SAMPLES ? c->done : SAMPLES;
	series_add(s, c->sample, n, 1,
	    (double)c->done * (double)SECOND / (double)ns);
}
