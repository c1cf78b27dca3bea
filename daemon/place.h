/* SPDX-License-Identifier: ISC */
/*
 * place.h - how far the thread that writes stands back (slice.h).
 *
 * It is to stand back from keyd's loop, but the scheduler has it stand back
 * from everybody in the same group, which without cgroups or sessions is the
 * host: beside others that leave no processor idle a commit would take twenty
 * times as long.  So it steps forward not only to take rights away, but also
 * when it waits for a processor more than half of the time and the loop is not
 * who has it.
 *
 * The loop's, once the thread has begun.
 */
#ifndef KEYD_PLACE_H
#define KEYD_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "change.h"
#include "schedstat.h"
#include "slice.h"

struct place {
	struct slice slice; /* of the thread */
	int back;           /* steps, when it stands back */
	bool forward;
	uint32_t changes; /* with the writer, done or not */
	uint32_t urgent;  /* of these */

	int writer_fd, loop_fd; /* of schedstat.h; -1: it is not told */
	int64_t looked;         /* ms of clock_mono_ms; so for all below */
	struct schedstat writer, loop; /* then */
	int64_t hurry_until;
};

/* The calling thread is the loop. */
void place_open(struct place *p);
void place_close(struct place *p);

/* The calling thread is the one that writes. */
void place_begin(struct place *p);

/* A change goes to the writer, and is the caller's again. */
void place_come(struct place *p, const struct change *ch);
void place_go(struct place *p, const struct change *ch);

/* To be called again at place_due() (INT64_MAX: it need not), or at any time:
   is the thread kept from a processor? */
void place_look(struct place *p, int64_t now);
int64_t place_due(const struct place *p);

/* Everybody waits for it from here on. */
void place_hurry(struct place *p);

#endif /* KEYD_PLACE_H */
