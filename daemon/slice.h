/* SPDX-License-Identifier: ISC */
/*
 * slice.h - has the scheduler let this thread run when it wants to.
 *
 * The loop wants a processor for microseconds, the writer for milliseconds, and
 * often for the same one.  Who asks for short slices goes before who runs when
 * it wakes up (sched_setattr(2), Linux 6.12), and gets no more time in all for
 * it.  An older kernel ignores it.
 */
#ifndef KEYD_SLICE_H
#define KEYD_SLICE_H

/* For the calling thread, and those that it makes later.  Whatever policy but
   the usual one the administrator has chosen stays. */
void slice_shorten(void);

#endif /* KEYD_SLICE_H */
