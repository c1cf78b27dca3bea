/* SPDX-License-Identifier: ISC */
/*
 * leases.h - the leases that are out, so that what clients say they used of
 * them can be believed.
 *
 * A report counts for the key that the lease is of, once, from the uid that
 * got it, and never for more than was leased.  The oldest are forgotten when
 * there are too many; then uses go uncounted, and no limit is exceeded, since
 * a lease is taken from its key's rate when it is given.
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

/* Gives out a lease; its id, never 0.  until: Unix time in s. */
uint64_t leases_give(struct leases *l, uint64_t serial, uid_t uid,
    uint32_t uses, int64_t until);

/* Of a report that is believed. */
struct leased {
	uint64_t serial;
	uint32_t used;
	int64_t until; /* no use was later; Unix time in s */
};

/* Takes the lease back.  False for one that is not out to this uid. */
bool leases_take_back(struct leases *l, uint64_t id, uid_t uid, uint32_t used,
    struct leased *what);

#endif /* KEYD_LEASES_H */
