/* SPDX-License-Identifier: ISC */
/*
 * rate.h - how often the keys of an org may be used.
 *
 * The org's own rate goes before its plan's.  A plan that the policy does not
 * have any more, or without a rate, is taken for the default one, so that no
 * org is left without a limit by mistake.
 */
#ifndef KEYD_RATE_H
#define KEYD_RATE_H

#include "model.h"
#include "policy.h"
#include "store.h"

/* Of each key. */
struct rate {
	uint32_t per_minute; /* 0: no limit */
	uint32_t burst;      /* at once */
};

/* plan: the one in force, or "" when the rate is the org's own; NULL: not
   wanted.  STORE_DAMAGED when there is no such org. */
enum store_status rate_of(struct store_txn *t, const struct policy *p,
    const char *org, struct rate *rate, char plan[PLAN_SIZE]);

#endif /* KEYD_RATE_H */
