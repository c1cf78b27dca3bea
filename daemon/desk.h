/* SPDX-License-Identifier: ISC */
/*
 * desk.h - what a verify needs of the keys that were verified lately, at hand.
 *
 * What is kept here was read from a view that nothing had overtaken, and is
 * used only while the generations of its key, its org and keyd.conf are still
 * those of then: see generations.h.  So a revoked key cannot be found here,
 * and a change voids what it changes and little else.  Without generations
 * nothing is kept.  Only live keys are kept: unknown, revoked and expired ones
 * all take the same long way.  Only the loop's thread uses it.
 */
#ifndef KEYD_DESK_H
#define KEYD_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "rate.h"
#include "record.h"

#define DESK_FETCH 64 /* keys at a time */

struct desk;

/* Room for so many keys, and a million more.  NULL without memory. */
struct desk *desk_new(uint64_t keys);
void desk_free(struct desk *d); /* NULL is fine; wiped */

/* What is known of a key.  The texts of brief are borrowed. */
struct known {
	uint64_t serial;
	struct rate rate; /* that holds for it */
	struct key_brief key;
	char id[KEY_ID_SIZE]; /* for brief, when it was found here */
};

/* The key of this digest, live when it was kept; its texts are the desk's,
   until something is kept.  When it was made is not here: there is no room.  t:
   the view, as below. */
bool desk_find(struct desk *d, const struct store_txn *t,
    const uint8_t digest[DIGEST_SIZE], struct known *k);

/* Keeps a live key that was read from the view, if it may be kept. */
void desk_keep(struct desk *d, const struct store_txn *t,
    const uint8_t digest[DIGEST_SIZE], const struct record *rec,
    const struct rate *rate);

/* Has what is known of up to DESK_FETCH keys brought near, all at a time.
   Writes their serials, 0 for those that are not here. */
void desk_fetch(const struct desk *d, const struct span *digests,
    unsigned count, uint64_t *serials);

#endif /* KEYD_DESK_H */
