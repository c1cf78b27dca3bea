/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <time.h>

#include "suite.h"
#include "when.h"

START_TEST(a_length_of_time_is_counted_from_now)
{
	int64_t now = (int64_t)time(NULL);
	int64_t when;

	ck_assert(when_ahead("2h", &when));
	ck_assert_int_ge(when, now + 7201);
	ck_assert_int_le(when, (int64_t)time(NULL) + 7201);
	ck_assert(when_ago("2h", &when));
	ck_assert_int_ge(when, now - 7200);
	ck_assert_int_le(when, (int64_t)time(NULL) - 7200);
}
END_TEST

START_TEST(a_moment_must_lie_on_the_right_side_of_now)
{
	int64_t when;

	ck_assert(when_ago("2001-09-09T01:46:40Z", &when));
	ck_assert_int_eq(when, 1000000000);
	ck_assert(!when_ahead("2001-09-09T01:46:40Z", &when));
	ck_assert_int_eq(when, 0);
	ck_assert(when_ahead("9000-01-01", &when));
	ck_assert(!when_ago("9000-01-01", &when));
	ck_assert_int_eq(when, 0);
}
END_TEST

static const char *const bad[] = { "", "0s", "5", "d", "-1d", "yesterday",
	"9999999999d", "999999999999999999d", "2030-02-30T00:00:00Z" };

START_TEST(anything_else_is_refused)
{
	int64_t when = 1;

	ck_assert(!when_ahead(bad[_i], &when));
	ck_assert_int_eq(when, 0);
	when = 1;
	ck_assert(!when_ago(bad[_i], &when));
	ck_assert_int_eq(when, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("when");
	TCase *tc = tcase_create("when");

	tcase_add_test(tc, a_length_of_time_is_counted_from_now);
	tcase_add_test(tc, a_moment_must_lie_on_the_right_side_of_now);
	tcase_add_loop_test(tc, anything_else_is_refused, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
