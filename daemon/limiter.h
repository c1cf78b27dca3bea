/* SPDX-License-Identifier: ISC */
/*
 * limiter.h - how much of its rate limit each key has used up.
 *
 * In any stretch of T minutes a key of rate R and burst B is admitted at most
 * B + R * T times, whatever is asked, also over a stop, a crash and a change
 * of its plan; in doubt it is less.  One time a key, by the generic cell rate
 * algorithm: when all that it used will be paid back.  Only the loop's thread
 * uses it.
 */
#ifndef KEYD_LIMITER_H
#define KEYD_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#include "rate.h"
#include "reply.h"
#include "serials.h"

#define LIMITER_SIFT_MIN 32768 /* keys that are never too many: 1 MiB */

struct limiter;

/*
 * As after a stop of which nothing is known: keys up to the serial old begin
 * with nothing of their burst, since all of it may just have been used, and
 * younger ones with all of it.  now_ns: of clock_boot_ns, as everywhere here.
 * NULL without memory.
 */
struct limiter *limiter_new(uint64_t old, int64_t now_ns);
void limiter_free(struct limiter *l); /* NULL is fine */

/* Keys up to the serial old, of which those that were asked about so far are
   gone, begin now as after such a stop. */
void limiter_begin_anew(struct limiter *l, uint64_t old, int64_t now_ns);

/*
 * One use of the key, if it may be: true, and it is used up.  False, and
 * nothing is.  *a says what is left.  A rate unlike the last one holds at once,
 * and the share of the burst that was used stays used, up to the new burst.
 * A clock that goes back stands still.
 *
 * wanted: uses for a lease, which are used up as well; a->more says how many
 * there are: no more than a share of what is left, so that the less there is
 * the less lies where it may be lost.  They may be used at any time until
 * limiter_settle, so until then nothing of them is paid back.
 */
bool limiter_take(struct limiter *l, uint64_t serial, const struct rate *rate,
    int64_t now_ns, uint32_t wanted, struct allowance *a);
/* The same answer, and nothing is used up. */
bool limiter_peek(struct limiter *l, uint64_t serial, const struct rate *rate,
    int64_t now_ns, struct allowance *a);

/* So many uses of a lease have been, or cannot be any more, from when_ns on,
   which is not after the last now_ns. */
void limiter_settle(struct limiter *l, uint64_t serial, uint32_t uses,
    int64_t when_ns);

/* Has what is known of the key brought near. */
void limiter_fetch(const struct limiter *l, uint64_t serial);

/* Keys of which anything is known. */
size_t limiter_count(const struct limiter *l);

/*
 * What a clean stop keeps, to go on from: first the whole, then each key.
 */
struct limiter_whole {
	uint64_t old;  /* as of limiter_new */
	int64_t clock; /* ns that have passed since those began */
};

struct limiter_bucket {
	int64_t until; /* of that clock, when all that was used is paid back */
	struct rate rate; /* that it was used at; not 0 */
	uint32_t leased;  /* uses that are not settled; not kept at a stop */
};

void limiter_save(struct limiter *l, int64_t now_ns, struct limiter_whole *w);
/* The next key that has something to pay back, from *cursor on, which is 0 at
   first; its serial, or 0 after the last one. */
uint64_t limiter_save_next(const struct limiter *l, size_t *cursor,
    struct limiter_bucket *b);

/* Into one that is new.  elapsed_ns: since it was saved, as far as is known.
   False, and nothing is put back, for what cannot have been saved. */
bool limiter_restore(struct limiter *l, const struct limiter_whole *w,
    int64_t elapsed_ns);
/* False for a bucket that cannot have been saved, and without memory. */
bool limiter_restore_next(struct limiter *l, uint64_t serial,
    const struct limiter_bucket *b);

#endif /* KEYD_LIMITER_H */
