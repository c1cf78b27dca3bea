/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "suite.h"
#include "tally.h"

static struct tally *t;

static void
set_up(void)
{
	t = tally_new();
	ck_assert_ptr_nonnull(t);
}

static void
tear_down(void)
{
	tally_free(t);
}

static void
use(uint64_t serial, uint32_t times)
{
	struct count *c = tally_touch(t, serial);

	ck_assert_ptr_nonnull(c);
	c->times += times;
}

static void
ck_used(uint64_t serial, uint32_t times)
{
	const struct count *c = tally_find(t, serial);

	if (times == 0)
		ck_assert_ptr_null(c);
	else
		ck_assert_uint_eq(c->times, times);
}

static void
ck_taken(uint64_t serial, uint32_t times)
{
	uint64_t got;
	struct count c;

	ck_assert(tally_take(t, &got, &c));
	ck_assert_uint_eq(got, serial);
	ck_assert_uint_eq(c.times, times);
}

static void
ck_end(void)
{
	uint64_t serial;
	struct count c;

	ck_assert(!tally_take(t, &serial, &c));
}

START_TEST(each_key_has_a_count_of_its_own)
{
	use(1, 2);
	use(63, 3);
	use(64, 4);
	use(100000, 5);
	use(1, 1);
	ck_used(0, 0);
	ck_used(1, 3);
	ck_used(2, 0);
	ck_used(63, 3);
	ck_used(64, 4);
	ck_used(100000, 5);
	ck_used(99999, 0);
	ck_used(UINT64_MAX, 0);
	ck_assert_uint_eq(tally_keys(t), 4);
	tally_fetch(t, 1);
	tally_fetch(t, UINT64_MAX);
}
END_TEST

START_TEST(they_are_taken_by_serial_and_are_gone_then)
{
	use(100000, 5);
	use(33, 4);
	use(1, 2);
	use(32, 3);
	tally_begin(t);
	ck_taken(1, 2);
	ck_taken(32, 3);
	ck_used(32, 0);
	ck_used(33, 4);
	ck_taken(33, 4);
	ck_taken(100000, 5);
	ck_end();
	ck_assert_uint_eq(tally_keys(t), 0);
	use(32, 1);
	ck_used(32, 1);
}
END_TEST

START_TEST(what_comes_behind_is_for_the_next_round)
{
	use(100, 1);
	use(200, 1);
	tally_begin(t);
	ck_taken(100, 1);
	use(50, 7);
	ck_taken(200, 1);
	ck_end();
	ck_end();
	ck_assert_uint_eq(tally_keys(t), 1);
	tally_begin(t);
	ck_taken(50, 7);
	ck_end();
}
END_TEST

START_TEST(a_serial_that_cannot_be_has_no_place)
{
	ck_assert_ptr_null(tally_touch(t, UINT64_MAX));
	ck_assert_ptr_null(tally_touch(t, UINT64_C(1) << 41));
	ck_assert_uint_eq(tally_keys(t), 0);
	tally_begin(t);
	ck_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tally");
	TCase *tc = tcase_create("tally");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, each_key_has_a_count_of_its_own);
	tcase_add_test(tc, they_are_taken_by_serial_and_are_gone_then);
	tcase_add_test(tc, what_comes_behind_is_for_the_next_round);
	tcase_add_test(tc, a_serial_that_cannot_be_has_no_place);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
