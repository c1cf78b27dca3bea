/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "limited.h"
#include "suite.h"

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

int
main(void)
{
	Suite *suite = suite_create("limiter_stops");
	TCase *tc = tcase_create("limiter_stops");

	tcase_add_checked_fixture(tc, setup, teardown);
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
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
