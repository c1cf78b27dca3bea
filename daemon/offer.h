/* SPDX-License-Identifier: ISC */
/*
 * offer.h - a lease for the verdict that is about to be given.
 *
 * What it rests on is looked at before anything is taken from the key's rate,
 * so that nothing is taken that cannot be used.  See lease.h.
 */
#ifndef KEYD_OFFER_H
#define KEYD_OFFER_H

#include "op.h"

/* Returns how many uses may be leased; with 0 the verdict can still be kept
   when it is a refusal that takes nothing and that nobody counts. */
uint32_t offer_begin(const struct op_call *c, const struct known *k,
    struct lease *l);

/* The lease, when the verdict is known; l->us is 0 when there is none. */
void offer_end(const struct op_call *c, enum verdict_code code,
    const struct known *k, const struct allowance *a, struct lease *l);

/* Counts uses of leases that were given before. */
void offer_settle(const struct op_call *c, const struct lease_wish *wish);

/* Ends the leases that are over, before anything is taken from a rate. */
void offer_expire(struct leases *leases, struct limiter *l, int64_t now_ns);

#endif /* KEYD_OFFER_H */
