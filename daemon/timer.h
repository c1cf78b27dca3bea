/* SPDX-License-Identifier: ISC */
/*
 * timer.h - wakes the loop when something is due, and costs nothing until then.
 *
 * A time-out given to epoll_wait would be set up and taken down by the kernel
 * for each request.  It may wake early; who is woken looks at the clock.
 */
#ifndef KEYD_TIMER_H
#define KEYD_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define TIMER_NEVER INT64_MAX

struct timer {
	int fd;        /* readable when it is time */
	int64_t armed; /* ms of clock_mono_ms; TIMER_NEVER: not */
};

bool timer_open(struct timer *t);
void timer_close(struct timer *t);

/* Wakes at due (ms of clock_mono_ms) or before it. */
void timer_set(struct timer *t, int64_t due);

/* It woke. */
void timer_clear(struct timer *t);

#endif /* KEYD_TIMER_H */
