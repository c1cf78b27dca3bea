/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "leases.h"
#include "suite.h"

#define SERIAL 42
#define UID 1000
#define UNTIL 1700000000
#define END INT64_C(5000000000) /* ns */

static struct leases *leases;

static void
setup(void)
{
	leases = leases_new();
	ck_assert_ptr_nonnull(leases);
}

static void
teardown(void)
{
	leases_free(leases);
}

static uint64_t
give(uint32_t uses)
{
	return leases_give(leases, SERIAL, UID, uses, UNTIL, END);
}

START_TEST(a_lease_is_taken_back_once)
{
	uint64_t id = give(10);
	struct leased what;

	ck_assert_uint_ne(id, 0);
	ck_assert(leases_take_back(leases, id, UID, 7, &what));
	ck_assert_uint_eq(what.serial, SERIAL);
	ck_assert_uint_eq(what.used, 7);
	ck_assert_int_eq(what.until, UNTIL);
	ck_assert(!leases_take_back(leases, id, UID, 7, &what));
}
END_TEST

START_TEST(no_more_is_counted_than_was_given)
{
	struct leased what;

	ck_assert(leases_take_back(leases, give(10), UID, 11, &what));
	ck_assert_uint_eq(what.used, 10);
	ck_assert(leases_take_back(leases, give(10), UID, UINT32_MAX, &what));
	ck_assert_uint_eq(what.used, 10);
}
END_TEST

START_TEST(a_lease_is_of_one_user)
{
	uint64_t id = give(10);
	struct leased what;

	ck_assert(!leases_take_back(leases, id, UID + 1, 7, &what));
	ck_assert(!leases_take_back(leases, id, 0, 7, &what));
	ck_assert(leases_take_back(leases, id, UID, 7, &what));
}
END_TEST

START_TEST(what_was_not_given_is_not_taken_back)
{
	uint64_t id = give(10);
	struct leased what;

	ck_assert(!leases_take_back(leases, 0, UID, 1, &what));
	ck_assert(!leases_take_back(leases, id + 1, UID, 1, &what));
	ck_assert(!leases_take_back(leases, id + LEASES_MAX, UID, 1, &what));
	ck_assert(!leases_take_back(leases, id - LEASES_MAX, UID, 1, &what));
}
END_TEST

START_TEST(none_is_forgotten_before_it_is_over)
{
	uint64_t first = give(10);
	struct leased what;
	uint32_t uses;
	int64_t end_ns;

	while (leases_have_room(leases))
		give(1);
	ck_assert_uint_eq(leases_next_over(leases, END - 1, &uses, &end_ns), 0);
	ck_assert(!leases_have_room(leases));
	ck_assert_uint_eq(leases_next_over(leases, END, &uses, &end_ns),
	    SERIAL);
	ck_assert_uint_eq(uses, 10);
	ck_assert_int_eq(end_ns, END);
	ck_assert(leases_have_room(leases));
	ck_assert(leases_take_back(leases, first, UID, 7, &what));
	ck_assert_uint_eq(what.used, 7);
	ck_assert_uint_eq(what.open, 0);
}
END_TEST

START_TEST(one_that_was_reported_is_not_over_again)
{
	uint64_t first = give(10), second = give(20);
	struct leased what;
	uint32_t uses;
	int64_t end_ns;

	ck_assert(leases_take_back(leases, first, UID, 10, &what));
	ck_assert_uint_eq(what.open, 10);
	ck_assert_uint_eq(leases_next_over(leases, END, &uses, &end_ns),
	    SERIAL);
	ck_assert_uint_eq(uses, 20);
	ck_assert_uint_eq(leases_next_over(leases, END, &uses, &end_ns), 0);
	ck_assert(leases_take_back(leases, second, UID, 10, &what));
	ck_assert_uint_eq(what.open, 0);
}
END_TEST

/* Its client learns of the new keyd only when it next asks. */
START_TEST(a_lease_of_an_earlier_keyd_is_not_known)
{
	struct leases *earlier = leases;
	struct leased what;

	setup();
	for (unsigned i = 0; i < 100; i++)
		give(10);
	for (unsigned i = 0; i < 100; i++)
		ck_assert(!leases_take_back(leases,
		    leases_give(earlier, 7, UID, 10, UNTIL, END), UID, 1,
		    &what));
	leases_free(earlier);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("leases");
	TCase *tc = tcase_create("leases");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_lease_is_taken_back_once);
	tcase_add_test(tc, no_more_is_counted_than_was_given);
	tcase_add_test(tc, a_lease_is_of_one_user);
	tcase_add_test(tc, what_was_not_given_is_not_taken_back);
	tcase_add_test(tc, none_is_forgotten_before_it_is_over);
	tcase_add_test(tc, one_that_was_reported_is_not_over_again);
	tcase_add_test(tc, a_lease_of_an_earlier_keyd_is_not_known);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
