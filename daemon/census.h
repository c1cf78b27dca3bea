/* SPDX-License-Identifier: ISC */
/*
 * census.h - how many keys have expired, which no index tells.
 *
 * It is counted a part at a time, each time that somebody asks, so that a
 * million keys do not hold up the verifies; what is told is the last count that
 * was finished.  Of a few hundred keys that is the one begun just now.
 */
#ifndef KEYD_CENSUS_H
#define KEYD_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "keys.h"

struct census {
	struct keys_place place; /* where the count under way goes on */
	uint64_t so_far;         /* keys that it found expired */
	bool known;              /* a count was finished */
	uint64_t expired;        /* by the last one */
};

/* Counts on, for 2 ms at most.  now: Unix time in s.  On failure nothing is
   known, and the next count begins anew. */
enum store_status census_go_on(struct census *c, struct store_txn *t,
    int64_t now);

#endif /* KEYD_CENSUS_H */
