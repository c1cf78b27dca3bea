/* SPDX-License-Identifier: ISC */
/*
 * leases.h - the leases that are out, so that what clients say they used of
 * them can be believed.
 *
 * A report counts for the key that the lease is of, once, from the uid that
 * got it, and never for more than was leased.  Until a lease is reported or
 * over its calls may be used at any time, which the limiter must know; so none
 * is forgotten before.
 */
#ifndef KEYD_LEASES_H
#define KEYD_LEASES_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#define LEASES_MAX 262144 /* out at once, a power of two: 8 MiB when used */

struct leases;

struct leases *leases_new(void);    /* NULL without memory */
void leases_free(struct leases *l); /* NULL is fine */

/* Is there room for one more? */
bool leases_have_room(const struct leases *l);
/* Gives out a lease; its id, never 0.  until: Unix time in s; end_ns: when it
   is over, of clock_boot_ns, in the order in which leases are given or nearly
   so. */
uint64_t leases_give(struct leases *l, uint64_t serial, uid_t uid,
    uint32_t uses, int64_t until, int64_t end_ns);

/* Of a report that is believed. */
struct leased {
	uint64_t serial;
	uint32_t used;
	int64_t until; /* no use was later; Unix time in s */
	uint32_t open; /* uses that might have come until now */
};

/* Takes the lease back.  False for one that is not out to this uid. */
bool leases_take_back(struct leases *l, uint64_t id, uid_t uid, uint32_t used,
    struct leased *what);

/* The next that is over by now and was not reported: its serial, 0 when there
   is none, how many uses it was of and when it ended.  It may still be
   reported. */
uint64_t leases_next_over(struct leases *l, int64_t now_ns, uint32_t *uses,
    int64_t *end_ns);

#endif /* KEYD_LEASES_H */
