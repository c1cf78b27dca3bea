/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "leases.h"
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

static void
setup(void)
{
	now = START;
	l = limiter_new(0, now);
	ck_assert_ptr_nonnull(l);
}

static void
teardown(void)
{
	limiter_free(l);
}

static void
renew(uint64_t old)
{
	limiter_free(l);
	l = limiter_new(old, now);
	ck_assert_ptr_nonnull(l);
}

static bool
take(uint64_t serial, const struct rate *rate)
{
	return limiter_take(l, serial, rate, now, 0, &a);
}

/* How many of so many tries at once are admitted. */
static unsigned
hammer(uint64_t serial, const struct rate *rate, unsigned tries)
{
	unsigned admitted = 0;

	while (tries-- > 0)
		admitted += take(serial, rate);
	return admitted;
}

static void
ck_allowance(uint32_t retry_after, uint32_t remaining, uint32_t reset)
{
	ck_assert_uint_eq(a.retry_after, retry_after);
	ck_assert_uint_eq(a.remaining, remaining);
	ck_assert_uint_eq(a.reset, reset);
}

START_TEST(a_new_key_has_its_whole_burst)
{
	for (uint32_t left = 10; left-- > 0;) {
		ck_assert(take(1, &free_plan));
		ck_allowance(0, left, 10 - left);
		ck_assert_uint_eq(a.limit, 60);
	}
	ck_assert(!take(1, &free_plan));
	ck_allowance(1, 0, 10);
	ck_assert(take(2, &free_plan));
}
END_TEST

START_TEST(a_refusal_takes_nothing)
{
	ck_assert_uint_eq(hammer(1, &free_plan, 100000), 10);
	now += S - 1;
	ck_assert(!take(1, &free_plan));
	now += 1;
	ck_assert(take(1, &free_plan));
	ck_assert(!take(1, &free_plan));
}
END_TEST

START_TEST(retry_after_is_when_it_will_be_admitted)
{
	const struct rate slow = { 7, 3 };

	ck_assert_uint_eq(hammer(1, &slow, 10), 3);
	ck_assert_uint_eq(a.retry_after, 9); /* of 8.6 */
	now += (int64_t)(a.retry_after - 1) * S;
	ck_assert(!take(1, &slow));
	ck_assert_uint_eq(a.retry_after, 1);
	now += S;
	ck_assert(take(1, &slow));
}
END_TEST

START_TEST(reset_is_when_the_burst_is_whole_again)
{
	hammer(1, &starter, 25);
	ck_assert_uint_eq(a.reset, 3); /* of 2.5 */
	now += a.reset * S;
	ck_assert_uint_eq(hammer(1, &starter, 100), 60);
}
END_TEST

/* A seventh of a minute is no whole number of ns. */
START_TEST(what_must_be_rounded_is_less_and_not_more)
{
	const struct rate r = { 7, 1 };

	ck_assert(take(1, &r));
	now += MINUTE / 7;
	ck_assert(!take(1, &r));
	now += 1;
	ck_assert(take(1, &r));
}
END_TEST

START_TEST(no_rate_is_no_limit)
{
	const struct rate none = { 0, 0 };

	ck_assert_uint_eq(hammer(1, &none, 1000), 1000);
	ck_allowance(0, 0, 0);
	ck_assert_uint_eq(a.limit, 0);
	ck_assert_uint_eq(limiter_count(l), 0);
}
END_TEST

START_TEST(a_peek_says_the_same_and_takes_nothing)
{
	struct allowance seen;

	for (unsigned i = 0; i < 15; i++) {
		bool good = limiter_peek(l, 1, &free_plan, now, &seen);

		ck_assert(good == limiter_peek(l, 1, &free_plan, now, &seen));
		ck_assert(good == take(1, &free_plan));
		ck_allowance(seen.retry_after, seen.remaining, seen.reset);
		ck_assert_uint_eq(a.limit, seen.limit);
	}
	limiter_peek(l, 2, &free_plan, now, &seen);
	ck_assert_uint_eq(limiter_count(l), 1);
}
END_TEST

static bool
is_too_much(const struct rate *r, uint64_t uses, int64_t ns)
{
	return uses > r->burst &&
	    (unsigned __int128)(uses - r->burst) * MINUTE >
	    (unsigned __int128)ns * r->per_minute;
}

/* Uses in no pattern, never hammering, in windows of every length. */
START_TEST(no_stretch_of_time_has_more_than_its_burst_and_rate)
{
	enum { USES = 3000 };
	static int64_t at[USES];
	const struct rate r = { (uint32_t)(1 + (unsigned)_i * 1237),
		(uint32_t)(1 + (unsigned)_i * 23) };
	int64_t mean = MINUTE / r.per_minute;
	unsigned n = 0;

	while (n < USES) {
		now += lrand48() % 20 == 0 ? lrand48() % (mean * 60)
					   : lrand48() % (mean + mean / 2);
		if (take(1, &r))
			at[n++] = now;
	}
	for (unsigned i = 0; i < USES; i++)
		for (unsigned j = i; j < USES; j++)
			if (is_too_much(&r, j - i + 1, at[j] - at[i]))
				ck_abort_msg("%u uses in %jd ns at %u/%u",
				    j - i + 1, (intmax_t)(at[j] - at[i]),
				    r.per_minute, r.burst);
}
END_TEST

/* The most that may be, and not less than 99 % of it. */
START_TEST(a_hammered_key_gets_all_that_it_may)
{
	const uint32_t rates[] = { 1, 7, 60, 601, 12000, 999983, RATE_MAX };

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const struct rate r = { rates[i], 10 };
		int64_t cost = (MINUTE + r.per_minute - 1) / r.per_minute;
		int64_t begin = now, passed = 0;
		uint64_t admitted = 0;

		for (unsigned n = 0; n < 15000; n++) {
			now += cost / 3;
			passed = now - begin;
			admitted += take(i + 1, &r);
		}
		passed -= cost / 3; /* the first try was that much later */
		ck_assert_uint_eq(admitted, 10 + (uint64_t)(passed / cost));
		ck_assert(!is_too_much(&r, admitted, passed));
		ck_assert((double)admitted >=
		    0.99 * (10 + (double)passed * r.per_minute / MINUTE));
	}
}
END_TEST

START_TEST(a_better_plan_holds_for_the_next_call)
{
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	ck_assert(take(1, &starter));
	ck_assert_uint_eq(a.limit, 600);
	ck_assert_uint_eq(a.remaining, 49);
	ck_assert_uint_eq(hammer(1, &starter, 100), 49);
}
END_TEST

START_TEST(a_worse_plan_holds_for_the_next_call)
{
	ck_assert_uint_eq(hammer(1, &starter, 20), 20);
	ck_assert(!take(1, &free_plan));
	ck_allowance(1, 0, 10);
	now += S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 1);
}
END_TEST

START_TEST(what_was_used_stays_used_in_another_plan)
{
	ck_assert_uint_eq(hammer(1, &starter, 7), 7);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 3);
	ck_assert_uint_eq(hammer(1, &starter, 100), 50);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 0);
}
END_TEST

/* Else a key would be paid back at the old rate for as long as it is refused.
 */
START_TEST(a_refusal_too_is_by_the_new_plan_from_then_on)
{
	const struct rate slow = { 6, 10 };

	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	ck_assert(!take(1, &slow));
	ck_assert_uint_eq(a.retry_after, 10);
	now += 9 * S;
	ck_assert(!take(1, &slow));
	now += S;
	ck_assert_uint_eq(hammer(1, &slow, 20), 1);
}
END_TEST

START_TEST(a_key_without_a_limit_for_a_while_has_not_used_more)
{
	const struct rate none = { 0, 0 };

	ck_assert_uint_eq(hammer(1, &free_plan, 4), 4);
	ck_assert_uint_eq(hammer(1, &none, 100), 100);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 6);
}
END_TEST

START_TEST(a_clock_that_goes_back_stands_still)
{
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	now -= YEAR;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 0);
	ck_assert_uint_eq(a.retry_after, 1);
	now += 2 * S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 2);
}
END_TEST

START_TEST(a_jump_of_a_year_gives_one_burst)
{
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	now += YEAR;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	now -= YEAR;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 0);
	now += S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 1);
}
END_TEST

START_TEST(no_rate_and_no_time_is_too_great)
{
	const struct rate rates[] = { { 1, RATE_MAX }, { RATE_MAX, RATE_MAX },
		{ RATE_MAX, 1 }, { 1, 1 }, { UINT32_MAX, UINT32_MAX },
		{ 1, UINT32_MAX }, { 7, RATE_MAX - 1 } };
	const int64_t times[] = { 0, INT64_MAX, INT64_MIN, -1, INT64_MAX - 1,
		START, INT64_MIN, INT64_MAX, INT64_MAX };

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		for (unsigned j = 0; j < sizeof(rates) / sizeof(rates[0]);
		     j++) {
			now = times[i];
			for (unsigned n = 0; n < 3; n++)
				take(1, &rates[j]);
			ck_assert_uint_lt(a.remaining, RATE_MAX);
			ck_assert(take(1000 + i * 100 + j, &rates[j]));
		}
}
END_TEST

START_TEST(the_greatest_burst_at_the_least_rate_is_all_there)
{
	const struct rate r = { 1, RATE_MAX };

	ck_assert(take(1, &r));
	ck_assert_uint_eq(a.remaining, RATE_MAX - 1);
	ck_assert_uint_eq(hammer(1, &r, 1000), 1000);
	ck_assert_uint_eq(a.remaining, RATE_MAX - 1001);
	ck_assert_uint_eq(a.reset, 1001 * 60);
}
END_TEST

START_TEST(a_burst_of_nothing_admits_nothing)
{
	const struct rate r = { 60, 0 };

	ck_assert_uint_eq(hammer(1, &r, 10), 0);
	ck_assert_uint_ge(a.retry_after, 1);
}
END_TEST

START_TEST(keys_that_are_idle_take_no_memory)
{
	size_t most = 0;

	for (uint64_t serial = 1; serial <= 100000; serial++) {
		now += S / 10;
		ck_assert(take(serial, &free_plan));
		if (limiter_count(l) > most)
			most = limiter_count(l);
	}
	/* Ten at a time are in use. */
	ck_assert_uint_le(most, LIMITER_SIFT_MIN);
}
END_TEST

START_TEST(keys_in_use_are_all_remembered)
{
	for (uint64_t serial = 1; serial <= 20000; serial++)
		ck_assert_uint_eq(hammer(serial, &free_plan, 11), 10);
	ck_assert_uint_eq(limiter_count(l), 20000);
	for (uint64_t serial = 1; serial <= 20000; serial++)
		ck_assert(!take(serial, &free_plan));
}
END_TEST

START_TEST(after_a_crash_an_old_key_begins_with_nothing_of_its_burst)
{
	renew(5);
	for (uint64_t serial = 1; serial <= 5; serial++)
		ck_assert_uint_eq(hammer(serial, &free_plan, 20), 0);
	ck_allowance(1, 0, 10);
	ck_assert_uint_eq(hammer(6, &free_plan, 20), 10);
	now += 3 * S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 3);
	now += 7 * S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 7);
	ck_assert_uint_eq(hammer(2, &free_plan, 20), 10);
}
END_TEST

/* It was taken up in a plan that had come back since the crash, and one that
   would not have come back must not forget that. */
START_TEST(after_a_crash_a_key_is_not_forgotten_while_it_matters)
{
	const struct rate wide = { 60, 10000 };

	renew(UINT64_MAX);
	now += 20 * S;
	ck_assert(take(1, &free_plan));
	ck_assert(take(1, &wide));
	now += 5 * S;
	for (uint64_t serial = 2; serial <= 5000; serial++)
		ck_assert_uint_eq(hammer(serial, &free_plan, 20), 10);
	ck_assert_uint_eq(hammer(1, &wide, 20000), 10000);
}
END_TEST

static void
save_and_restore(int64_t elapsed_ns)
{
	struct limiter *was = l;
	struct limiter_whole w;
	struct limiter_bucket b;
	size_t cursor = 0;
	uint64_t serial;

	limiter_save(was, now, &w);
	now = lrand48(); /* of another boot, perhaps */
	l = limiter_new(UINT64_MAX, now);
	ck_assert(limiter_restore(l, &w, elapsed_ns));
	while ((serial = limiter_save_next(was, &cursor, &b)) != 0)
		ck_assert(limiter_restore_next(l, serial, &b));
	limiter_free(was);
}

START_TEST(what_is_saved_and_restored_goes_on)
{
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	ck_assert_uint_eq(hammer(2, &starter, 20), 20);
	save_and_restore(2 * S);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 2);
	ck_assert_uint_eq(hammer(2, &starter, 100), 60);
	ck_assert_uint_eq(hammer(3, &free_plan, 20), 10);
	now += S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 1);
}
END_TEST

START_TEST(time_that_nobody_knows_of_does_not_count)
{
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 10);
	save_and_restore(0);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 0);
	save_and_restore(0);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 0);
	now += S;
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 1);
}
END_TEST

START_TEST(a_clean_stop_does_not_make_good_a_crash_before)
{
	renew(5);
	now += S;
	save_and_restore(S);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 2);
	ck_assert_uint_eq(hammer(6, &free_plan, 20), 10);
}
END_TEST

START_TEST(a_plan_that_changed_while_it_was_stopped_holds)
{
	ck_assert_uint_eq(hammer(1, &starter, 55), 55);
	save_and_restore(0);
	ck_assert_uint_eq(hammer(1, &free_plan, 20), 0);
}
END_TEST

/* Of those up to a serial nothing is known; what is known of others stays. */
START_TEST(keys_may_begin_anew)
{
	now += YEAR;
	ck_assert_uint_eq(hammer(5, &free_plan, 99), 10);
	limiter_begin_anew(l, 100, now);
	ck_assert_uint_eq(hammer(100, &free_plan, 99), 0);
	ck_assert_uint_eq(hammer(101, &free_plan, 99), 10);
	ck_assert_uint_eq(hammer(5, &free_plan, 99), 0);
	now += 3 * S;
	ck_assert_uint_eq(hammer(99, &free_plan, 99), 3);
	now += MINUTE;
	ck_assert_uint_eq(hammer(98, &free_plan, 99), 10);
}
END_TEST

/* Runs for each: how long it runs on before it is stopped, in s. */
START_TEST(that_they_began_anew_outlives_a_stop)
{
	struct limiter_whole whole;
	struct limiter_bucket b;
	size_t cursor = 0;

	now += YEAR;
	limiter_begin_anew(l, 100, now);
	now += _i * S;
	ck_assert_uint_eq(hammer(1, &free_plan, 99), (unsigned)_i);
	limiter_save(l, now, &whole);
	ck_assert_uint_eq(limiter_save_next(l, &cursor, &b), _i > 0 ? 1 : 0);
	renew(0);
	ck_assert(limiter_restore(l, &whole, 0));
	if (_i > 0)
		ck_assert(limiter_restore_next(l, 1, &b));
	ck_assert_uint_eq(hammer(1, &free_plan, 99), 0);
	ck_assert_uint_eq(hammer(2, &free_plan, 99), (unsigned)_i);
}
END_TEST

START_TEST(idle_keys_are_not_saved)
{
	struct limiter_whole w;
	struct limiter_bucket b;
	size_t cursor = 0;

	ck_assert(take(1, &free_plan));
	ck_assert(take(2, &starter));
	now += S / 2;
	limiter_save(l, now, &w);
	ck_assert_uint_eq(limiter_save_next(l, &cursor, &b), 1);
	ck_assert_uint_eq(limiter_save_next(l, &cursor, &b), 0);
}
END_TEST

START_TEST(what_cannot_have_been_saved_is_refused)
{
	const struct limiter_whole whole[] = { { 0, -1 }, { 0, INT64_MAX } };
	const struct limiter_bucket bucket[] = { { -1, { 60, 10 }, 0 },
		{ INT64_MAX, { 60, 10 }, 0 }, { 1, { 0, 10 }, 0 } };
	const struct limiter_bucket good = { 1, { 60, 10 }, 0 };

	for (unsigned i = 0; i < 2; i++)
		ck_assert(!limiter_restore(l, &whole[i], 0));
	for (unsigned i = 0; i < 3; i++)
		ck_assert(!limiter_restore_next(l, 1, &bucket[i]));
	ck_assert(!limiter_restore_next(l, 0, &good));
	ck_assert(limiter_restore_next(l, 1, &good));
}
END_TEST

/* Uses, crashes, clean stops and reboots in no order: never more than one
   burst and what the time brought. */
START_TEST(no_row_of_stops_and_crashes_admits_more)
{
	const struct rate r = { 600, 20 };
	uint64_t admitted = hammer(1, &r, 100);
	int64_t passed = 0;

	ck_assert_uint_eq(admitted, 20);
	for (unsigned i = 0; i < 2000; i++) {
		int64_t step = lrand48() % (2 * S);

		now += step;
		passed += step;
		if (lrand48() % 2 == 0)
			admitted += hammer(1, &r, (unsigned)lrand48() % 50);
		if (lrand48() % 3 == 0)
			save_and_restore(0);
		else if (lrand48() % 5 == 0)
			renew(1);
		ck_assert_uint_le(admitted,
		    20 + (uint64_t)(passed / (MINUTE / r.per_minute)));
	}
	ck_assert_uint_gt(admitted, 1000);
}
END_TEST

/* --- leases --- */

#define HOLDERS 8

/* A client: the calls that it may still make, of which lease, until when. */
struct holder {
	uint64_t id;
	uint32_t granted;
	uint32_t left;
	int64_t until;
};

static const struct rate leased_rates[] = { { 60, 10 }, { 600, 60 },
	{ 12000, 1200 }, { 6, 100 }, { 100000, 1 }, { 1, 1 }, { 6000, 100 } };

/* A bucket that leaks as the rate says and is never over its burst is the same
   as no window that has more than burst and rate. */
struct leak {
	double level;
	int64_t last;
	uint64_t used;
};

static void
use(struct leak *leak, const struct rate *r)
{
	leak->level -= (double)(now - leak->last) * r->per_minute / MINUTE;
	if (leak->level < 0)
		leak->level = 0;
	leak->last = now;
	leak->level += 1;
	leak->used++;
	ck_assert(leak->level <= r->burst + 1e-6);
}

static void
report(struct leases *leases, const struct holder *h)
{
	struct leased what;

	if (h->id != 0 &&
	    leases_take_back(leases, h->id, 0, h->granted - h->left, &what))
		limiter_settle(l, 1, what.open, now);
}

/* Uses what it has, as late as it likes, or asks for more than it needs. */
static void
call(struct leases *leases, struct holder *h, const struct rate *r,
    struct leak *leak)
{
	if (h->left > 0 && now < h->until) {
		h->left--;
		use(leak, r);
		return;
	}
	report(leases, h);
	*h = (struct holder){ .id = 0 };
	if (!limiter_take(l, 1, r, now, (uint32_t)lrand48() % 1000, &a))
		return;
	use(leak, r);
	if (a.more == 0)
		return;
	h->id = leases_give(leases, 1, 0, a.more, 0, now + S);
	h->left = h->granted = a.more;
	h->until = now + S;
}

static void
end_leases(struct leases *leases)
{
	uint64_t serial;
	uint32_t uses;
	int64_t end_ns;

	while ((serial = leases_next_over(leases, now, &uses, &end_ns)) != 0)
		limiter_settle(l, serial, uses, end_ns);
}

/* Clients that ask, hoard, use all at once, report and die: no window ever has
   more than the burst and what its time brings. */
START_TEST(no_window_of_leases_and_deaths_admits_more)
{
	const struct rate *r = &leased_rates[_i];
	int64_t cost = (MINUTE + r->per_minute - 1) / r->per_minute;
	struct holder holders[HOLDERS] = { { .id = 0 } };
	struct leases *leases = leases_new();
	struct leak leak = { 0, now, 0 };

	ck_assert_ptr_nonnull(leases);
	for (unsigned i = 0; i < 50000; i++) {
		struct holder *h = &holders[lrand48() % HOLDERS];

		if (lrand48() % 32 == 0)
			now += lrand48() % (2 * S);
		else
			now += lrand48() % (cost / 2 + 1);
		end_leases(leases);
		if (lrand48() % 64 == 0)
			*h = (struct holder){ .id = 0 };
		else if (lrand48() % 16 == 0)
			while (h->left > 0 && now < h->until)
				call(leases, h, r, &leak);
		else
			call(leases, h, r, &leak);
	}
	ck_assert_uint_gt(leak.used, 500);
	leases_free(leases);
}
END_TEST

/* In windows as well, with the calls of a lease made as late as they may be. */
START_TEST(a_hoarded_lease_is_paid_for_before_it_is_used)
{
	const struct rate r = { 600, 80 };
	int64_t given = now;
	uint32_t hoard;

	ck_assert(limiter_take(l, 1, &r, now, UINT32_MAX, &a));
	hoard = a.more;
	ck_assert_uint_gt(hoard, 0);
	ck_assert_uint_eq(a.remaining, 80 - 1 - hoard);
	now += S;
	ck_assert_uint_eq(hammer(1, &r, 1000), 80 - hoard);
	ck_assert(!is_too_much(&r, 80 + 1, now - given));
	limiter_settle(l, 1, hoard, now);
	now += S;
	ck_assert_uint_eq(hammer(1, &r, 1000), 10);
}
END_TEST

/* A client that dies with its lease costs its key a share of what was left. */
START_TEST(what_can_be_lost_at_once_is_an_eighth)
{
	const struct rate r = { 600, 800 };

	for (uint32_t left = 800; left > 0; left = a.remaining) {
		ck_assert(limiter_take(l, 1, &r, now, UINT32_MAX, &a));
		ck_assert_uint_le(a.more, (left - 1) / 8);
		ck_assert_uint_eq(a.remaining, left - 1 - a.more);
	}
	ck_assert(!limiter_take(l, 1, &r, now, UINT32_MAX, &a));
	ck_assert_uint_eq(a.more, 0);
}
END_TEST

START_TEST(no_more_is_leased_than_is_wanted)
{
	const struct rate r = { 600, 800 }, none = { 0, 0 };

	for (uint32_t wanted = 0; wanted < 20; wanted++) {
		ck_assert(limiter_take(l, 1, &r, now, wanted, &a));
		ck_assert_uint_eq(a.more, wanted);
		ck_assert(limiter_take(l, 1, &none, now, wanted, &a));
		ck_assert(wanted == 0 ? a.more == 0 : a.more >= wanted);
		ck_assert_uint_eq(a.limit, 0);
	}
	ck_assert(limiter_peek(l, 1, &r, now, &a));
	ck_assert_uint_eq(a.more, 0);
}
END_TEST

START_TEST(how_long_to_wait_is_exact)
{
	ck_assert_uint_eq(hammer(1, &starter, 100), 60);
	ck_assert_int_eq(a.wait_ns, S / 10);
	now += a.wait_ns - 1;
	ck_assert(!take(1, &starter));
	ck_assert_int_eq(a.wait_ns, 1);
	now += 1;
	ck_assert(take(1, &starter));
	ck_assert_int_eq(a.wait_ns, 0);
}
END_TEST

static void
add_leases(TCase *tc)
{
	tcase_add_loop_test(tc, no_window_of_leases_and_deaths_admits_more, 0,
	    sizeof(leased_rates) / sizeof(leased_rates[0]));
	tcase_add_test(tc, a_hoarded_lease_is_paid_for_before_it_is_used);
	tcase_add_test(tc, what_can_be_lost_at_once_is_an_eighth);
	tcase_add_test(tc, no_more_is_leased_than_is_wanted);
	tcase_add_test(tc, how_long_to_wait_is_exact);
}

static void
add_uses(TCase *tc)
{
	tcase_add_test(tc, a_new_key_has_its_whole_burst);
	tcase_add_test(tc, a_refusal_takes_nothing);
	tcase_add_test(tc, retry_after_is_when_it_will_be_admitted);
	tcase_add_test(tc, reset_is_when_the_burst_is_whole_again);
	tcase_add_test(tc, what_must_be_rounded_is_less_and_not_more);
	tcase_add_test(tc, no_rate_is_no_limit);
	tcase_add_test(tc, a_peek_says_the_same_and_takes_nothing);
	tcase_add_loop_test(tc,
	    no_stretch_of_time_has_more_than_its_burst_and_rate, 0, 5);
	tcase_add_test(tc, a_hammered_key_gets_all_that_it_may);
	tcase_add_test(tc, a_burst_of_nothing_admits_nothing);
	tcase_add_test(tc, keys_that_are_idle_take_no_memory);
	tcase_add_test(tc, keys_in_use_are_all_remembered);
}

static void
add_changes(TCase *tc)
{
	tcase_add_test(tc, a_better_plan_holds_for_the_next_call);
	tcase_add_test(tc, a_worse_plan_holds_for_the_next_call);
	tcase_add_test(tc, what_was_used_stays_used_in_another_plan);
	tcase_add_test(tc, a_refusal_too_is_by_the_new_plan_from_then_on);
	tcase_add_test(tc, a_key_without_a_limit_for_a_while_has_not_used_more);
	tcase_add_test(tc, a_clock_that_goes_back_stands_still);
	tcase_add_test(tc, a_jump_of_a_year_gives_one_burst);
	tcase_add_test(tc, no_rate_and_no_time_is_too_great);
	tcase_add_test(tc, the_greatest_burst_at_the_least_rate_is_all_there);
}

static void
add_stops(TCase *tc)
{
	tcase_add_test(tc,
	    after_a_crash_an_old_key_begins_with_nothing_of_its_burst);
	tcase_add_test(tc,
	    after_a_crash_a_key_is_not_forgotten_while_it_matters);
	tcase_add_test(tc, what_is_saved_and_restored_goes_on);
	tcase_add_test(tc, time_that_nobody_knows_of_does_not_count);
	tcase_add_test(tc, a_clean_stop_does_not_make_good_a_crash_before);
	tcase_add_test(tc, a_plan_that_changed_while_it_was_stopped_holds);
	tcase_add_test(tc, keys_may_begin_anew);
	tcase_add_loop_test(tc, that_they_began_anew_outlives_a_stop, 0, 10);
	tcase_add_test(tc, idle_keys_are_not_saved);
	tcase_add_test(tc, what_cannot_have_been_saved_is_refused);
	tcase_add_test(tc, no_row_of_stops_and_crashes_admits_more);
}

int
main(void)
{
	Suite *s = suite_create("limiter");
	TCase *tc = tcase_create("limiter");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	add_uses(tc);
	add_changes(tc);
	add_stops(tc);
	add_leases(tc);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
