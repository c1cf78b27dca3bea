/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "limited.h"
#include "suite.h"

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

int
main(void)
{
	Suite *suite = suite_create("limiter");
	TCase *tc = tcase_create("limiter");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, how_long_to_wait_is_exact);
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
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
