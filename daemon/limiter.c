/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lease.h"
#include "limiter.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MINUTE (60 * NS_PER_S)
#define SHARE 8 /* of what is left, one in so many may be leased at once */

/* The greatest burst at the least rate; a time of the clock and twice this
   fit into 64 bits. */
#define ROOM_MAX (RATE_MAX * NS_PER_MINUTE)
#define CLOCK_MAX (INT64_MAX - 2 * ROOM_MAX)

_Static_assert(CLOCK_MAX > INT64_C(60) * 365 * 86400 * NS_PER_S,
    "the clock runs for a lifetime");

struct limiter {
	struct serials *buckets;
	size_t sift_at; /* entries at which to look for idle ones */
	uint64_t old;   /* the last serial whose key may have been used */
	int64_t since;  /* of the clock, when it may just have been */
	int64_t clock;  /* ns since the start */
	int64_t seen;   /* now_ns of then */
};

/* What a rate is in time.  Both are rounded so that less is admitted. */
struct pace {
	int64_t interval; /* ns that a use costs */
	int64_t room;     /* ns that may be used up */
};

static int64_t
at_most(int64_t value, int64_t max)
{
	return value < max ? value : max;
}

static int64_t
divide_up(int64_t a, int64_t b)
{
	return a / b + (a % b != 0);
}

static struct pace
pace_of(const struct rate *r)
{
	int64_t per_minute = at_most(r->per_minute, RATE_MAX);
	int64_t burst = at_most(r->burst, RATE_MAX);
	int64_t interval = divide_up(NS_PER_MINUTE, per_minute);

	return (struct pace){ interval, burst * interval };
}

struct limiter *
limiter_new(uint64_t old, int64_t now_ns)
{
	struct limiter *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->buckets = serials_new(sizeof(struct limiter_bucket));
	l->sift_at = LIMITER_SIFT_MIN;
	l->old = old;
	l->seen = now_ns;
	if (l->buckets == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
limiter_free(struct limiter *l)
{
	if (l == NULL)
		return;
	serials_free(l->buckets);
	free(l);
}

/* The clock is one of its own, which never goes back. */
static void
pass_time(struct limiter *l, int64_t now_ns)
{
	int64_t passed;

	if (__builtin_sub_overflow(now_ns, l->seen, &passed))
		passed = now_ns > l->seen ? INT64_MAX : 0;
	l->seen = now_ns;
	if (passed > 0)
		l->clock += at_most(passed, CLOCK_MAX - l->clock);
}

void
limiter_begin_anew(struct limiter *l, uint64_t old, int64_t now_ns)
{
	pass_time(l, now_ns);
	l->old = old;
	l->since = l->clock;
}

/* As of the start: all that it may have used just before. */
static int64_t
fresh_until(const struct limiter *l, uint64_t serial, const struct pace *p)
{
	return serial <= l->old ? l->since + p->room : 0;
}

/* The share of the burst that was used, in the time of another rate. */
static int64_t
convert(int64_t used, const struct rate *from, const struct pace *to)
{
	int64_t interval = pace_of(from).interval;
	int64_t uses = used / interval;
	int64_t rest = used % interval;

	/* A part of a use counts as a whole one when it must be rounded. */
	if (uses >= to->room / to->interval)
		return to->room;
	rest = (int64_t)(((unsigned __int128)rest * (uint64_t)to->interval +
			     (uint64_t)interval - 1) /
	    (uint64_t)interval);
	return at_most(uses * to->interval + rest, to->room);
}

/* The time at which all will be paid back, from a time of the clock on when all
   of its leases are still out. */
static int64_t
until_at(const struct limiter_bucket *b, int64_t clock)
{
	struct pace p = pace_of(&b->rate);
	int64_t leased = at_most(b->leased * p.interval, p.room);

	return b->until > clock + leased ? b->until : clock + leased;
}

/* ns that the key has used up and not paid back. */
static int64_t
used_by(const struct limiter *l, uint64_t serial,
    const struct limiter_bucket *b, const struct rate *rate,
    const struct pace *p)
{
	int64_t until =
	    b != NULL ? until_at(b, l->clock) : fresh_until(l, serial, p);
	int64_t used = until > l->clock ? until - l->clock : 0;

	if (b == NULL ||
	    (b->rate.per_minute == rate->per_minute &&
		b->rate.burst == rate->burst))
		return used;
	return convert(used, &b->rate, p);
}

static uint32_t
seconds(int64_t ns)
{
	return (uint32_t)at_most(divide_up(ns, NS_PER_S), UINT32_MAX);
}

static uint32_t
uses_left(const struct pace *p, int64_t used)
{
	return used < p->room ? (uint32_t)((p->room - used) / p->interval) : 0;
}

/* Is there room for one use more?  Then *used has it, and some that are
   wanted. */
static bool
admit(const struct rate *rate, const struct pace *p, uint32_t wanted,
    int64_t *used, struct allowance *a)
{
	bool good = *used + p->interval <= p->room;

	*a = (struct allowance){ .limit = rate->per_minute };
	if (good) {
		*used += p->interval;
		a->more = uses_left(p, *used) / SHARE;
		if (a->more > wanted)
			a->more = wanted;
		*used += a->more * p->interval;
	} else {
		a->wait_ns = *used + p->interval - p->room;
		a->retry_after = seconds(a->wait_ns);
	}
	a->remaining = uses_left(p, *used);
	a->reset = seconds(*used);
	return good;
}

static void
admit_unlimited(uint32_t wanted, struct allowance *a)
{
	*a = (struct allowance){ .more = wanted > 0 ? LEASE_USES_MAX : 0 };
}

static bool
is_idle(void *arg, uint64_t serial, const void *entry)
{
	const struct limiter *l = arg;
	const struct limiter_bucket *b = entry;
	struct pace p = pace_of(&b->rate);

	return b->leased == 0 && b->until <= l->clock &&
	    fresh_until(l, serial, &p) <= l->clock;
}

/* Memory is for keys in use, and is looked through once in a doubling. */
static struct limiter_bucket *
add(struct limiter *l, uint64_t serial)
{
	if (serials_count(l->buckets) >= l->sift_at) {
		serials_sift(l->buckets, is_idle, l);
		l->sift_at = 2 * serials_count(l->buckets);
		if (l->sift_at < LIMITER_SIFT_MIN)
			l->sift_at = LIMITER_SIFT_MIN;
	}
	return serials_add(l->buckets, serial);
}

bool
limiter_take(struct limiter *l, uint64_t serial, const struct rate *rate,
    int64_t now_ns, uint32_t wanted, struct allowance *a)
{
	struct limiter_bucket *b;
	struct pace p;
	int64_t used;
	bool good;

	admit_unlimited(wanted, a);
	if (rate->per_minute == 0)
		return true;
	pass_time(l, now_ns);
	p = pace_of(rate);
	b = serials_find(l->buckets, serial);
	used = used_by(l, serial, b, rate, &p);
	good = admit(rate, &p, wanted, &used, a);
	if (good && b == NULL && (b = add(l, serial)) == NULL) {
		*a = (struct allowance){ .retry_after = 1,
			.limit = rate->per_minute,
			.reset = 1 };
		return false;
	}
	/* Also when it is refused: from here on it is paid back at this rate.
	 */
	if (b != NULL)
		*b = (struct limiter_bucket){ l->clock + used, *rate,
			b->leased + a->more };
	return good;
}

void
limiter_settle(struct limiter *l, uint64_t serial, uint32_t uses,
    int64_t when_ns)
{
	struct limiter_bucket *b = serials_find(l->buckets, serial);
	int64_t ago = l->seen > when_ns ? l->seen - when_ns : 0;

	if (b == NULL || b->leased == 0)
		return;
	b->until = until_at(b, l->clock > ago ? l->clock - ago : 0);
	b->leased -= uses < b->leased ? uses : b->leased;
}

bool
limiter_peek(struct limiter *l, uint64_t serial, const struct rate *rate,
    int64_t now_ns, struct allowance *a)
{
	struct pace p;
	int64_t used;

	admit_unlimited(0, a);
	if (rate->per_minute == 0)
		return true;
	pass_time(l, now_ns);
	p = pace_of(rate);
	used = used_by(l, serial, serials_find(l->buckets, serial), rate, &p);
	return admit(rate, &p, 0, &used, a);
}

void
limiter_fetch(const struct limiter *l, uint64_t serial)
{
	serials_fetch(l->buckets, serial);
}

size_t
limiter_count(const struct limiter *l)
{
	return serials_count(l->buckets);
}

void
limiter_save(struct limiter *l, int64_t now_ns, struct limiter_whole *w)
{
	pass_time(l, now_ns);
	*w = (struct limiter_whole){ l->old, l->clock - l->since };
}

uint64_t
limiter_save_next(const struct limiter *l, size_t *cursor,
    struct limiter_bucket *b)
{
	const struct limiter_bucket *one;
	uint64_t serial;

	while ((one = serials_next(l->buckets, cursor, &serial)) != NULL) {
		*b = *one;
		b->until = until_at(one, l->clock);
		b->leased = 0;
		if (b->until > l->clock) {
			b->until -= l->since;
			return serial;
		}
	}
	return 0;
}

bool
limiter_restore(struct limiter *l, const struct limiter_whole *w,
    int64_t elapsed_ns)
{
	if (w->clock < 0 || w->clock > CLOCK_MAX || elapsed_ns < 0)
		return false;
	l->old = w->old;
	l->clock = w->clock + at_most(elapsed_ns, CLOCK_MAX - w->clock);
	return true;
}

bool
limiter_restore_next(struct limiter *l, uint64_t serial,
    const struct limiter_bucket *b)
{
	struct limiter_bucket *one;

	if (serial == 0 || b->until < 0 || b->until > CLOCK_MAX + ROOM_MAX ||
	    b->rate.per_minute == 0)
		return false;
	if ((one = serials_add(l->buckets, serial)) == NULL)
		return false;
	*one = *b;
	one->leased = 0; /* leases end with the keyd that gave them */
	return true;
}
