/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "moment.h"
#include "suite.h"

static bool
parse(const char *text, int64_t *when)
{
	char *copy = (char *)exact_copy(text, strlen(text) + 1);
	bool good = moment_parse(copy, when);

	free(copy);
	return good;
}

static const struct {
	const char *text;
	int64_t when;
} good[] = {
	{ "1970-01-01T00:00:01Z", 1 },
	{ "2030-01-31T12:00:00Z", 1896091200 },
	{ "2030-01-31t12:00:00z", 1896091200 },
	{ "2030-01-31 12:00:00Z", 1896091200 },
	{ "2030-01-31T12:00:00.123456Z", 1896091200 },
	{ "2030-01-31T14:00:00+02:00", 1896091200 },
	{ "2030-01-31T06:30:00-05:30", 1896091200 },
	{ "2030-01-31", 1896048000 },
	{ "2028-02-29", 1835395200 },
	{ "9999-12-31T23:59:59Z", MOMENT_MAX },
};

START_TEST(a_time_of_rfc_3339_is_read)
{
	int64_t when;

	ck_assert(parse(good[_i].text, &when));
	ck_assert_int_eq(when, good[_i].when);
}
END_TEST

static const char *const bad[] = { "", "2030", "2030-1-31", "2030-13-01",
	"2030-00-01", "2030-02-29", "2100-02-29", "2030-04-31", "2030-01-00",
	"2030-01-31T", "2030-01-31T12", "2030-01-31T12:00", "2030-01-31Z",
	"2030-01-31T12:00:00", "2030-01-31T24:00:00Z", "2030-01-31T12:60:00Z",
	"2030-01-31T12:00:60Z", "2030-01-31T12:00:00.Z",
	"2030-01-31T12:00:00+2:00", "2030-01-31T12:00:00+02",
	"2030-01-31T12:00:00+24:00", "2030-01-31T12:00:00ZZ",
	" 2030-01-31T12:00:00Z", "1969-12-31T00:00:00Z", "12030-01-31", "90d" };

START_TEST(anything_else_is_refused)
{
	int64_t when = 1;

	ck_assert(!parse(bad[_i], &when));
	ck_assert_int_eq(when, 0);
}
END_TEST

START_TEST(a_time_cut_short_is_its_date_or_nothing)
{
	static const char whole[] = "2030-01-31T12:00:00.5+02:00";
	char cut[sizeof(whole)] = "";
	int64_t when;

	memcpy(cut, whole, (size_t)_i);
	ck_assert_int_eq(parse(cut, &when), _i == 10);
}
END_TEST

START_TEST(a_time_is_written_in_utc)
{
	char text[MOMENT_SIZE];

	ck_assert_str_eq(moment_text(1896091200, text), "2030-01-31T12:00:00Z");
	ck_assert_str_eq(moment_text(MOMENT_MAX, text), "9999-12-31T23:59:59Z");
	ck_assert_str_eq(moment_text(1, text), "1970-01-01T00:00:01Z");
}
END_TEST

START_TEST(what_has_no_name_is_written_as_it_is)
{
	char text[MOMENT_SIZE];

	ck_assert_str_eq(moment_text(0, text), "never");
	ck_assert_str_eq(moment_text(MOMENT_MAX + 1, text), "253402300800");
	ck_assert_str_eq(moment_text(INT64_MAX, text), "9223372036854775807");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("moment");
	TCase *tc = tcase_create("moment");

	tcase_add_loop_test(tc, a_time_of_rfc_3339_is_read, 0,
	    (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(tc, anything_else_is_refused, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_loop_test(tc, a_time_cut_short_is_its_date_or_nothing, 0, 27);
	tcase_add_test(tc, a_time_is_written_in_utc);
	tcase_add_test(tc, what_has_no_name_is_written_as_it_is);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
