/* SPDX-License-Identifier: ISC */
/*
 * limited.h - a limiter, a clock that a test moves, and two plans.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_LIMITED_H
#define KEYD_TESTS_LIMITED_H

#include <check.h>

#include "limiter.h"

#define S INT64_C(1000000000)
#define MINUTE (60 * S)
#define YEAR (365 * 24 * 60 * MINUTE)
#define START (17 * YEAR) /* clocks do not begin at 0 */

static const struct rate free_plan = { 60, 10 };
static const struct rate starter = { 600, 60 };

static struct limiter *l;
static struct allowance a;
static int64_t now;

static inline void
setup(void)
{
	now = START;
	l = limiter_new(0, now);
	ck_assert_ptr_nonnull(l);
}

static inline void
teardown(void)
{
	limiter_free(l);
}

static inline void
renew(uint64_t old)
{
	limiter_free(l);
	l = limiter_new(old, now);
	ck_assert_ptr_nonnull(l);
}

static inline bool
take(uint64_t serial, const struct rate *rate)
{
	return limiter_take(l, serial, rate, now, 0, &a);
}

/* How many of so many tries at once are admitted. */
static inline unsigned
hammer(uint64_t serial, const struct rate *rate, unsigned tries)
{
	unsigned admitted = 0;

	while (tries-- > 0)
		admitted += take(serial, rate);
	return admitted;
}

static inline void
ck_allowance(uint32_t retry_after, uint32_t remaining, uint32_t reset)
{
	ck_assert_uint_eq(a.retry_after, retry_after);
	ck_assert_uint_eq(a.remaining, remaining);
	ck_assert_uint_eq(a.reset, reset);
}

static inline bool
is_too_much(const struct rate *r, uint64_t uses, int64_t ns)
{
	return uses > r->burst &&
	    (unsigned __int128)(uses - r->burst) * MINUTE >
	    (unsigned __int128)ns * r->per_minute;
}

#endif /* KEYD_TESTS_LIMITED_H */
