/* SPDX-License-Identifier: ISC */
#include "offer.h"
#include "leases.h"
#include "limiter.h"
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
time_left(const struct op_call *c, const struct key_brief *k)
{
	int64_t left = k->expires - c->now - 1;

	if (k->expires == 0 || left >= LEASE_WAIT_MAX / US_PER_S)
		return LEASE_WAIT_MAX;
	return left > 0 ? left * US_PER_S : 0;
}

uint32_t
offer_begin(const struct op_call *c, const struct known *k, struct lease *l)
{
	*l = (struct lease){ .us = 0 };
	if (!c->req->verify.lease.wanted ||
	    !store_stamp(c->txn, k->serial, k->key.org, &l->stamp))
		return 0;
	l->us = (uint32_t)time_left(c, &k->key);
	return l->us > 0 && leases_have_room(c->leases)
	    ? c->req->verify.lease.uses
	    : 0;
}

void
offer_end(const struct op_call *c, enum verdict_code code,
    const struct known *k, const struct allowance *a, struct lease *l)
{
	int64_t us = 0;

	if (l->us > 0 && code == VERDICT_OK && a->more > 0) {
		us = LEASE_US_MAX;
		l->uses = a->more;
		l->id = leases_give(c->leases, k->serial, c->peer->uid, l->uses,
		    c->now + LEASE_US_MAX / US_PER_S,
		    c->now_ns + (int64_t)LEASE_US_MAX * NS_PER_US);
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

	for (unsigned i = 0; i < wish->count; i++) {
		if (!leases_take_back(c->leases, wish->reports[i].id,
			c->peer->uid, wish->reports[i].used, &what))
			continue;
		limiter_settle(c->limiter, what.serial, what.open, c->now_ns);
		if (what.used == 0)
			continue;
		c->health->leased += what.used;
		uses_allowed(c->uses, what.serial, what.used,
		    at_most(what.until, c->now));
	}
}

void
offer_expire(struct leases *leases, struct limiter *l, int64_t now_ns)
{
	uint64_t serial;
	uint32_t uses;
	int64_t end_ns;

	while ((serial = leases_next_over(leases, now_ns, &uses, &end_ns)) != 0)
		limiter_settle(l, serial, uses, end_ns);
}
