/* SPDX-License-Identifier: ISC */
/*
 * slice.h - which of the threads the scheduler lets run when both want to.
 *
 * The loop wants a processor for microseconds, the writer for milliseconds, and
 * often for the same one.  Who asks for short slices goes before who runs when
 * it wakes up (sched_setattr(2), Linux 6.12), as long as it has not had more
 * than its part of the time: so the writer's part is far smaller, but while
 * that would do harm (place.h).  An older kernel ignores the slices.
 */
#ifndef KEYD_SLICE_H
#define KEYD_SLICE_H

#include <sys/types.h>

#include <stdbool.h>

/* Steps of nice(2): a thirtieth of what others get, and two fifths, for one
   that may have to stay there. */
#define SLICE_FAR_BACK 15
#define SLICE_BACK 4

struct slice {
	pid_t thread;
	int nice;
};

/* For the calling thread, and those that it makes later.  Whatever policy but
   the usual one the administrator has chosen stays, here and below. */
void slice_shorten(void);

/* The calling thread as it is; then for that thread, by any. */
struct slice slice_of_thread(void);
void slice_stand_back(const struct slice *s, int steps);

/* False when the thread may not raise its priority again (RLIMIT_NICE). */
bool slice_step_forward(const struct slice *s);

#endif /* KEYD_SLICE_H */
