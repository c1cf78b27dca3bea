/* SPDX-License-Identifier: ISC */
/*
 * ahead.h - has the memory that the next verifies need brought near.
 *
 * With a million keys nothing of a key is in a cache of the processor, and to
 * wait for it is most of what a verify costs.  The waits of many at a time are
 * hardly longer than one's.  Nothing but time depends on it.
 */
#ifndef KEYD_AHEAD_H
#define KEYD_AHEAD_H

#include <stdbool.h>

#include "desk.h"
#include "frame.h"

struct limiter;
struct uses;

struct ahead {
	unsigned count;
	struct span digests[DESK_FETCH]; /* in the frames that were noted */
};

bool ahead_is_full(const struct ahead *a);
/* False when it is full.  What is no verify is passed over. */
bool ahead_note(struct ahead *a, const struct frame *f);

void ahead_fetch(const struct ahead *a, const struct desk *d,
    const struct limiter *l, const struct uses *u);

#endif /* KEYD_AHEAD_H */
