/* SPDX-License-Identifier: ISC */
/*
 * recent.h - the records of keys that were verified lately.
 *
 * An entry names the version of the store that it was read from and is of no
 * use in another, so any commit at all voids everything: a revoked key cannot
 * be found here.  Digests are not kept but a SipHash of them, under a key drawn
 * at each start.  Only live keys are kept: unknown, revoked and expired ones
 * all take the same long way.  Only the loop's thread uses it.
 */
#ifndef KEYD_RECENT_H
#define KEYD_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "rate.h"
#include "record.h"

#define RECENT_SIZE 1024 /* entries, a power of two: 3 MiB */

struct recent;

struct recent_entry {
	uint8_t tag[16];
	uint64_t version; /* of the store; 0: holds nothing */
	struct record rec;
	struct rate rate; /* that holds for it */
};

struct recent *recent_new(void);    /* NULL without memory */
void recent_free(struct recent *r); /* NULL is fine; wiped */

/*
 * The place of the digest's record.  *found: rec is that of this version of
 * the store.  Otherwise rec may be read into, and kept with recent_keep.
 */
struct recent_entry *recent_look(struct recent *r,
    const uint8_t digest[DIGEST_SIZE], uint64_t version, bool *found);
void recent_keep(struct recent_entry *e, uint64_t version);

/* Voids everything: another policy has other rates. */
void recent_clear(struct recent *r);

#endif /* KEYD_RECENT_H */
