/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "serials.h"
#include "suite.h"

#define MANY 20000

/* Odd in size: what follows it must be aligned all the same. */
struct thing {
	uint64_t twice;
	char tail[3];
};

static struct serials *s;

static void
setup(void)
{
	s = serials_new(sizeof(struct thing));
	ck_assert_ptr_nonnull(s);
}

static void
teardown(void)
{
	serials_free(s);
}

static void
add(uint64_t serial)
{
	struct thing *t = serials_add(s, serial);

	ck_assert_ptr_nonnull(t);
	t->twice = serial * 2;
}

static bool
has(uint64_t serial)
{
	struct thing *t = serials_find(s, serial);

	if (t != NULL)
		ck_assert_uint_eq(t->twice, serial * 2);
	return t != NULL;
}

START_TEST(an_empty_one_has_nothing)
{
	size_t cursor = 0;
	uint64_t serial;

	ck_assert(!has(1));
	ck_assert_ptr_null(serials_find(s, 0));
	serials_remove(s, 1);
	serials_remove(s, 0);
	ck_assert_uint_eq(serials_count(s), 0);
	ck_assert_ptr_null(serials_next(s, &cursor, &serial));
}
END_TEST

START_TEST(a_new_entry_is_all_zero_and_an_old_one_as_it_was)
{
	struct thing *t = serials_add(s, 7);

	ck_assert_uint_eq(t->twice, 0);
	t->twice = 14;
	t = serials_add(s, 7);
	ck_assert_uint_eq(t->twice, 14);
	serials_remove(s, 7);
	t = serials_add(s, 7);
	ck_assert_uint_eq(t->twice, 0);
	ck_assert_uint_eq(serials_count(s), 1);
}
END_TEST

START_TEST(it_grows_and_loses_nothing)
{
	for (uint64_t n = 1; n <= MANY; n++)
		add(n);
	ck_assert_uint_eq(serials_count(s), MANY);
	for (uint64_t n = 1; n <= MANY; n++)
		ck_assert(has(n));
	ck_assert(!has(MANY + 1));
	ck_assert(!has(UINT64_MAX));
}
END_TEST

START_TEST(each_is_met_once)
{
	static unsigned met[MANY + 1];
	struct thing *t;
	size_t cursor = 0;
	uint64_t serial;

	for (uint64_t n = 1; n <= MANY; n++)
		add(n);
	while ((t = serials_next(s, &cursor, &serial)) != NULL) {
		ck_assert_uint_eq(t->twice, serial * 2);
		met[serial]++;
	}
	for (uint64_t n = 1; n <= MANY; n++)
		ck_assert_uint_eq(met[n], 1);
	ck_assert_ptr_null(serials_next(s, &cursor, &serial));
}
END_TEST

/* Against a plain array, in an order of no pattern: each removal leaves all
   others to be found. */
START_TEST(it_agrees_with_an_array_whatever_is_added_and_removed)
{
	enum { SPAN = 300 };
	static bool there[SPAN + 1];
	size_t count = 0;

	srand48(1);
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t n = (uint64_t)lrand48() % SPAN + 1;

		ck_assert_int_eq(has(n), there[n]);
		if (lrand48() % 2 == 0) {
			serials_remove(s, n);
			count -= there[n];
			there[n] = false;
		} else {
			add(n);
			count += !there[n];
			there[n] = true;
		}
		ck_assert_uint_eq(serials_count(s), count);
	}
	for (uint64_t n = 1; n <= SPAN; n++)
		ck_assert_int_eq(has(n), there[n]);
}
END_TEST

static bool
is_no_third(void *arg, uint64_t serial, const void *entry)
{
	const struct thing *t = entry;

	ck_assert_uint_eq(t->twice, serial * 2);
	ck_assert_ptr_eq(arg, s);
	return serial % 3 != 0;
}

START_TEST(a_sift_drops_what_it_is_told_and_keeps_the_rest)
{
	for (uint64_t n = 1; n <= MANY; n++)
		add(n);
	serials_sift(s, is_no_third, s);
	ck_assert_uint_eq(serials_count(s), MANY / 3);
	for (uint64_t n = 1; n <= MANY; n++)
		ck_assert_int_eq(has(n), n % 3 == 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("serials");
	TCase *tc = tcase_create("serials");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_one_has_nothing);
	tcase_add_test(tc, a_new_entry_is_all_zero_and_an_old_one_as_it_was);
	tcase_add_test(tc, it_grows_and_loses_nothing);
	tcase_add_test(tc, each_is_met_once);
	tcase_add_test(tc,
	    it_agrees_with_an_array_whatever_is_added_and_removed);
	tcase_add_test(tc, a_sift_drops_what_it_is_told_and_keeps_the_rest);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
