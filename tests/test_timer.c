/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <poll.h>

#include "clock.h"
#include "suite.h"
#include "timer.h"

#define LONG 60000 /* ms; more than any of these tests takes */

static struct timer t;

static void
setup(void)
{
	ck_assert(timer_open(&t));
}

static void
teardown(void)
{
	timer_close(&t);
}

static bool
wakes_within(int ms)
{
	struct pollfd p = { .fd = t.fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

START_TEST(it_is_silent_until_it_is_set)
{
	ck_assert(!wakes_within(0));
	timer_set(&t, TIMER_NEVER);
	ck_assert(!wakes_within(0));
}
END_TEST

START_TEST(it_wakes_when_something_is_due_and_not_before)
{
	int64_t due = clock_mono_ms() + 30;

	timer_set(&t, due);
	ck_assert(wakes_within(LONG));
	ck_assert_int_ge(clock_mono_ms(), due);
}
END_TEST

START_TEST(what_is_overdue_wakes_at_once)
{
	timer_set(&t, clock_mono_ms() - 1000);
	ck_assert(wakes_within(LONG));
}
END_TEST

START_TEST(the_beginning_of_time_is_overdue_too)
{
	timer_set(&t, 0);
	ck_assert(wakes_within(LONG));
}
END_TEST

START_TEST(the_earlier_of_two_counts)
{
	int64_t now = clock_mono_ms();

	timer_set(&t, now + LONG);
	timer_set(&t, now + 10);
	timer_set(&t, now + 2 * LONG);
	ck_assert_int_eq(t.armed, now + 10);
	ck_assert(wakes_within(LONG));
}
END_TEST

START_TEST(once_cleared_it_is_silent_and_can_be_set_again)
{
	timer_set(&t, 0);
	ck_assert(wakes_within(LONG));
	timer_clear(&t);
	ck_assert(!wakes_within(0));
	timer_set(&t, clock_mono_ms() + 5);
	ck_assert(wakes_within(LONG));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("timer");
	TCase *tc = tcase_create("timer");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_is_silent_until_it_is_set);
	tcase_add_test(tc, it_wakes_when_something_is_due_and_not_before);
	tcase_add_test(tc, what_is_overdue_wakes_at_once);
	tcase_add_test(tc, the_beginning_of_time_is_overdue_too);
	tcase_add_test(tc, the_earlier_of_two_counts);
	tcase_add_test(tc, once_cleared_it_is_silent_and_can_be_set_again);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
