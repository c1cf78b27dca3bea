/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "leases.h"
#include "limited.h"
#include "suite.h"

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

int
main(void)
{
	Suite *suite = suite_create("limiter_leases");
	TCase *tc = tcase_create("limiter_leases");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, no_window_of_leases_and_deaths_admits_more, 0,
	    sizeof(leased_rates) / sizeof(leased_rates[0]));
	tcase_add_test(tc, a_hoarded_lease_is_paid_for_before_it_is_used);
	tcase_add_test(tc, what_can_be_lost_at_once_is_an_eighth);
	tcase_add_test(tc, no_more_is_leased_than_is_wanted);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
