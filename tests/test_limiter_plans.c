/* SPDX-License-Identifier: ISC */
#include "limited.h"
#include "suite.h"

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

int
main(void)
{
	Suite *suite = suite_create("limiter_plans");
	TCase *tc = tcase_create("limiter_plans");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_better_plan_holds_for_the_next_call);
	tcase_add_test(tc, a_worse_plan_holds_for_the_next_call);
	tcase_add_test(tc, what_was_used_stays_used_in_another_plan);
	tcase_add_test(tc, a_refusal_too_is_by_the_new_plan_from_then_on);
	tcase_add_test(tc, a_key_without_a_limit_for_a_while_has_not_used_more);
	tcase_add_test(tc, a_clock_that_goes_back_stands_still);
	tcase_add_test(tc, a_jump_of_a_year_gives_one_burst);
	tcase_add_test(tc, no_rate_and_no_time_is_too_great);
	tcase_add_test(tc, the_greatest_burst_at_the_least_rate_is_all_there);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
