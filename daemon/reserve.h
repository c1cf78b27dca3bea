/* SPDX-License-Identifier: ISC */
/*
 * reserve.h - room on the disk that is kept for revocations.
 *
 * A leaked key must be revocable when the disk is full.  A file of some pages
 * is held beside the database and given up when a commit found no room.
 */
#ifndef KEYD_RESERVE_H
#define KEYD_RESERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

struct reserve {
	int dir_fd; /* borrowed from the state */
	bool held;
	bool spent; /* it was given up: the room is for revocations alone */
	int64_t next_try; /* ms of clock_mono_ms: no attempt to hold before */
};

/* Holds it if there is room; says so in the log if there is none. */
void reserve_init(struct reserve *r, const struct state *s);

/* Gives it up when the disk is full.  True: there is room now that was not. */
bool reserve_release(struct reserve *r);

/* Holds it again, if it was given up and there is room again. */
void reserve_restore(struct reserve *r);

#endif /* KEYD_RESERVE_H */
