/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "cached.h"
#include "suite.h"

START_TEST(nothing_is_known_at_first)
{
	ck_assert(!cached_accepts("a"));
	ck_assert(!cached_accepts(""));
}
END_TEST

START_TEST(what_was_kept_is_given)
{
	struct keyd_verdict v = { .size = 99 };
	enum keyd_status status = KEYD_EINVAL;

	cached_lease("a", 10);
	ck_assert(cached_look("a", &status, &v));
	ck_assert_int_eq(status, KEYD_OK);
	ck_assert_uint_eq(v.size, 99);
	ck_assert_uint_eq(v.retry_after, 0);
	ck_assert_uint_eq(v.rate_limit, 6000);
	ck_assert_uint_eq(v.rate_remaining, 50 + 9);
	ck_assert_uint_eq(v.rate_reset, 3);
	ck_assert_int_eq(v.expires, 2000000000);
	ck_assert_str_eq(v.key_id, "key_0123456789abcdef");
	ck_assert_str_eq(v.org, "acme");
	ck_assert_str_eq(v.user, "alice");
	ck_assert_str_eq(v.name, "ci");
	ck_assert_str_eq(v.project, "demo");
	ck_assert(!cached_accepts("b"));
}
END_TEST

START_TEST(the_rate_is_counted_on)
{
	struct keyd_verdict v;
	enum keyd_status status;

	cached_lease("a", 3);
	for (uint32_t left = 3; left-- > 0;) {
		ck_assert(cached_look("a", &status, &v));
		ck_assert_uint_eq(v.rate_remaining, 50 + left);
	}
	cached_lease("a", 3);
	now += 500 * MS;
	ck_assert(cached_look("a", &status, &v));
	ck_assert_uint_eq(v.rate_reset, 3); /* 2.5 s */
}
END_TEST

START_TEST(without_a_limit_there_is_no_rate)
{
	struct reply_verdict a = cached_answer(1, LEASE_USES_MAX);
	struct keyd_verdict v;
	enum keyd_status status;

	a.limit = a.remaining = a.reset = 0;
	cached_keep("a", &a);
	for (int i = 0; i < 1000; i++)
		ck_assert(cached_look("a", &status, &v));
	ck_assert_uint_eq(v.rate_limit, 0);
	ck_assert_uint_eq(v.rate_remaining, 0);
	ck_assert_uint_eq(v.rate_reset, 0);
}
END_TEST

START_TEST(a_lease_is_for_so_many_calls)
{
	static const uint32_t many[] = { 0, 1, 2, 1000 };

	for (size_t i = 0; i < sizeof(many) / sizeof(*many); i++) {
		cached_lease("a", many[i]);
		ck_assert_uint_eq(cached_use_up("a"), many[i]);
		ck_assert(!cached_accepts("a"));
	}
}
END_TEST

/*
 * The clock may have stood a tick ahead of what it says when a call looks, so
 * the lease ends a tick before its time by that clock; asked lags as well,
 * which only makes it shorter.
 */
START_TEST(a_lease_ends_in_time)
{
	struct reply_verdict a = cached_answer(1, 100);
	struct timespec tick;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	a.lease.us = 200000;
	cached_keep("a", &a);
	now += 200 * MS - tick.tv_nsec - 1;
	ck_assert(cached_accepts("a"));
	now++;
	ck_assert(!cached_accepts("a"));
	now += 1000 * NS_PER_S;
	ck_assert(!cached_accepts("a"));
}
END_TEST

START_TEST(a_lease_shorter_than_a_tick_is_none)
{
	struct reply_verdict a = cached_answer(1, 100);
	struct timespec tick;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	a.lease.us = (uint32_t)(tick.tv_nsec / 1000);
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
	a.code = VERDICT_RATE_LIMITED;
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
}
END_TEST

START_TEST(no_lease_is_longer_than_may_be)
{
	struct reply_verdict a = cached_answer(1, 100);

	a.lease.us = 30 * LEASE_US_MAX;
	cached_keep("a", &a);
	ck_assert(cached_accepts("a"));
	now += NS_PER_S;
	ck_assert(!cached_accepts("a"));
	a.lease.us = LEASE_WAIT_MAX + 1;
	cached_keep("b", &a);
	ck_assert(!cached_accepts("b"));
	a = cached_answer(1, LEASE_USES_MAX + 1);
	cached_keep("c", &a);
	ck_assert(!cached_accepts("c"));
}
END_TEST

START_TEST(the_clock_is_not_ahead)
{
	for (int i = 0; i < 1000; i++) {
		int64_t coarse = cache_now();
		struct timespec ts;

		clock_gettime(CLOCK_MONOTONIC, &ts);
		ck_assert_int_le(coarse, ts.tv_sec * NS_PER_S + ts.tv_nsec);
		ck_assert_int_gt(coarse, 0);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache");
	TCase *tc = tcase_create("cache");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_known_at_first);
	tcase_add_test(tc, what_was_kept_is_given);
	tcase_add_test(tc, the_rate_is_counted_on);
	tcase_add_test(tc, without_a_limit_there_is_no_rate);
	tcase_add_test(tc, a_lease_is_for_so_many_calls);
	tcase_add_test(tc, a_lease_ends_in_time);
	tcase_add_test(tc, a_lease_shorter_than_a_tick_is_none);
	tcase_add_test(tc, no_lease_is_longer_than_may_be);
	tcase_add_test(tc, the_clock_is_not_ahead);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
