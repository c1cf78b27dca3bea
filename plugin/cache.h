/* SPDX-License-Identifier: ISC */
/*
 * cache.h - verdicts that may be given again without asking keyd.
 *
 * Of fixed size, allocated whole when it is made, and read by any number of
 * threads without a lock.  An entry is found by a hash of token and permission
 * under a key of this process, never by the token.  It is of use while the
 * bulletin says that nothing has changed, its lease has time and calls left,
 * and keyd lives; all of that is looked at by each call.  A child of fork finds
 * the whole of it zero, and begins anew.
 */
#ifndef KEYD_CACHE_H
#define KEYD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bulletin.h"
#include "keyd.h"
#include "reply.h"

/* By default: 1.1 MiB, and 1.8 that only texts over 31 bytes make real. */
#define CACHE_ENTRIES 4096
#define CACHE_ENTRIES_MAX (1U << 24) /* 4.1 GiB, and 7.4 */

struct cache;

struct cache_tag {
	uint64_t half[2];
	bool good; /* there is one */
};

/* Room for so many entries, rounded up to a power of two.  NULL without
   memory. */
struct cache *cache_new(size_t entries);
void cache_free(struct cache *c); /* wiped; NULL is fine */

/* ns, of the clock that leases are counted on: it lags a little. */
int64_t cache_now(void);

/* The tag of a token and a permission; "" for any. */
void cache_tag(struct cache *c, struct span token, struct span permission,
    struct cache_tag *t);

/* True, and *status and *v: all but its size.  A call is taken from the
   lease. */
bool cache_look(struct cache *c, const struct cache_tag *t, int64_t now,
    enum keyd_status *status, struct keyd_verdict *v);

/* The same at this moment, for a token and a permission or NULL; *t is their
   tag, which a permission that is none does not have. */
bool cache_known(struct cache *c, struct span token, const char *permission,
    struct cache_tag *t, struct keyd_verdict *v);

/* What to say with the question about it, which the caller will now ask. */
void cache_wish(struct cache *c, const struct cache_tag *t, int64_t now,
    struct lease_wish *wish);

/* What keyd answered; page is that of the connection, and asked the time
   before the question was sent. */
void cache_keep(struct cache *c, const struct cache_tag *t, int64_t asked,
    const struct bulletin *page, const struct reply_verdict *a);

/* Uses that keyd was not told of, whether their leases are over or not, for a
   last report; returns how many, at most LEASE_REPORTS_MAX. */
unsigned cache_last_reports(struct cache *c, struct lease_wish *wish);

#endif /* KEYD_CACHE_H */
