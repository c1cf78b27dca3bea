/* SPDX-License-Identifier: ISC */
/*
 * slice.h - which of the threads the scheduler lets run when both want to.
 *
 * The loop wants a processor for microseconds, the writer for milliseconds, and
 * often for the same one.  Who asks for short slices goes before who runs when
 * it wakes up (sched_setattr(2), Linux 6.12), as long as it has not had more
 * than its part of the time: so the writer's part is far smaller.  Where
 * verifies leave no processor idle a change takes some ms for that.  An older
 * kernel ignores the slices.
 */
#ifndef KEYD_SLICE_H
#define KEYD_SLICE_H

/* Each for the calling thread, and those that it makes later.  Whatever policy
   but the usual one the administrator has chosen stays. */
void slice_shorten(void);
void slice_stand_back(void);

#endif /* KEYD_SLICE_H */
