/* SPDX-License-Identifier: ISC */
/*
 * pool.h - the connections of one handle, lent to one call at a time.
 *
 * There is no lock that a fork could leave held: a slot is taken and given
 * back by one atomic exchange.  A child never speaks on its parent's
 * connections; it closes its copies, without a word, at its first call.
 */
#ifndef KEYD_POOL_H
#define KEYD_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bulletins.h"
#include "client.h"

/* Calls at once that keep their connections; a call more opens its own. */
#define POOL_SLOTS 16

struct pool {
	struct pool_life *life; /* in a page that is zero in a child */
	atomic_uintptr_t slots[POOL_SLOTS];
	struct bulletins bulletins; /* that came with connections */
};

struct pool_life {
	atomic_uint state;
	_Atomic uint64_t number; /* random, of this process; 0: not yet */
};

struct loan {
	struct client *client;
	unsigned slot; /* POOL_SLOTS: in none, closed after the call */
	bool kept;     /* has been of use before: keyd may have closed it */
};

bool pool_init(struct pool *p); /* false: out of memory */
void pool_free(struct pool *p);

/* A connection to keyd, kept or new.  On failure the loan is empty. */
enum keyd_status pool_take(struct pool *p, const char *runtime_dir,
    int64_t deadline, struct loan *l);
/* One that is kept, if there is one. */
bool pool_take_idle(struct pool *p, struct loan *l);
/* A new one, whatever is kept. */
enum keyd_status pool_open(struct pool *p, const char *runtime_dir,
    int64_t deadline, struct loan *l);

/* A number that a child does not have; 0 when it cannot be drawn. */
uint64_t pool_number(struct pool *p);

/* Gives it back, or closes it when it is of no more use.  Empty is fine. */
void pool_return(struct pool *p, struct loan *l);

#endif /* KEYD_POOL_H */
