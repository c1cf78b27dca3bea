/* SPDX-License-Identifier: ISC */
#include "offer.h"
#include "leases.h"
#include "uses.h"

#define US_PER_S 1000000
#define NS_PER_US 1000

static int64_t
at_most(int64_t value, int64_t max)
{
	return value < max ? value : max;
}

/* us that the key will surely live: not into the second of its end. */
static int64_t
time_left(const struct op_call *c, const struct key_info *k)
{
	int64_t left = k->expires - c->now - 1;

	if (k->expires == 0 || left >= LEASE_WAIT_MAX / US_PER_S)
		return LEASE_WAIT_MAX;
	return left > 0 ? left * US_PER_S : 0;
}

uint32_t
offer_begin(const struct op_call *c, const struct record *rec, struct lease *l)
{
	*l = (struct lease){ .us = 0 };
	if (!c->req->verify.lease.wanted ||
	    !store_stamp(c->txn, rec->serial, rec->key.org, &l->stamp))
		return 0;
	l->us = (uint32_t)time_left(c, &rec->key);
	return l->us > 0 ? c->req->verify.lease.uses : 0;
}

void
offer_end(const struct op_call *c, enum verdict_code code,
    const struct record *rec, const struct allowance *a, struct lease *l)
{
	int64_t us = 0;

	if (l->us > 0 && code == VERDICT_OK && a->more > 0) {
		us = LEASE_US_MAX;
		l->uses = a->more;
		l->id = leases_give(c->leases, rec->serial, c->peer->uid,
		    l->uses, c->now + LEASE_US_MAX / US_PER_S);
	} else if (code == VERDICT_RATE_LIMITED) {
		us = a->wait_ns / NS_PER_US;
	} else if (code == VERDICT_WRONG_ORG || code == VERDICT_FORBIDDEN) {
		us = LEASE_US_MAX;
	}
	l->us = (uint32_t)at_most(us, l->us);
}

/* The time of a use is known no better than its lease. */
void
offer_settle(const struct op_call *c, const struct lease_wish *wish)
{
	struct leased what;

	for (unsigned i = 0; i < wish->count; i++)
		if (leases_take_back(c->leases, wish->reports[i].id,
			c->peer->uid, wish->reports[i].used, &what) &&
		    what.used > 0) {
			c->health->leased += what.used;
			uses_allowed(c->uses, c->txn, what.serial, what.used,
			    at_most(what.until, c->now));
		}
}
