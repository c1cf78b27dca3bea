/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include <check.h>

#include "duration.h"
#include "exact.h"
#include "suite.h"

static bool
parse(const char *text, int64_t *seconds)
{
	char *copy = (char *)exact_copy(text, strlen(text) + 1);
	bool good = duration_parse(copy, seconds);

	free(copy);
	return good;
}

START_TEST(each_unit_has_its_seconds)
{
	int64_t seconds;

	ck_assert(parse("30s", &seconds));
	ck_assert_int_eq(seconds, 30);
	ck_assert(parse("15m", &seconds));
	ck_assert_int_eq(seconds, 900);
	ck_assert(parse("24h", &seconds));
	ck_assert_int_eq(seconds, 86400);
	ck_assert(parse("90d", &seconds));
	ck_assert_int_eq(seconds, 7776000);
}
END_TEST

static const char *const rubbish[] = { "", "d", "90", "90 d", " 90d", "90d ",
	"-1d", "+1d", "1.5h", "1h30m", "90D", "0d", "00s", "0x10s", "1w", "1y",
	"90dd" };

START_TEST(anything_else_is_refused)
{
	int64_t seconds = 1;

	ck_assert(!parse(rubbish[_i], &seconds));
	ck_assert_int_eq(seconds, 0);
}
END_TEST

START_TEST(the_longest_duration_is_the_last_before_overflow)
{
	int64_t seconds;

	ck_assert(parse("9223372036854775799s", &seconds));
	ck_assert(parse("106751991167300d", &seconds));
	ck_assert_int_eq(seconds, INT64_MAX / 86400 * 86400);
	ck_assert(!parse("106751991167301d", &seconds));
	ck_assert(!parse("9223372036854775808s", &seconds));
	ck_assert(!parse("99999999999999999999999999d", &seconds));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("duration");
	TCase *tc = tcase_create("duration");

	tcase_add_test(tc, each_unit_has_its_seconds);
	tcase_add_loop_test(tc, anything_else_is_refused, 0,
	    (int)(sizeof(rubbish) / sizeof(rubbish[0])));
	tcase_add_test(tc, the_longest_duration_is_the_last_before_overflow);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
