/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"
#include "table.h"

#define MANY 2500 /* rows: more than two batches */

static const char *const heads[] = { "ID", "NAME", NULL };
static FILE *printed;

/* Each test runs in a process of its own (CK_FORK). */
static void
catch_output(void)
{
	printed = tmpfile();
	ck_assert_ptr_nonnull(printed);
	fflush(stdout);
	ck_assert_int_ge(dup2(fileno(printed), STDOUT_FILENO), 0);
}

static const char *
line(void)
{
	static char text[8192];

	if (fgets(text, sizeof(text), printed) == NULL)
		return "";
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void
begin_reading(void)
{
	fflush(stdout);
	rewind(printed);
}

START_TEST(columns_are_as_wide_as_their_widest_cell)
{
	struct table *t = table_new(heads, stdout);

	table_row(t, (const char *[]){ "a", "one" });
	table_row(t, (const char *[]){ "long", "two words" });
	ck_assert_uint_eq(table_end(t), 2);
	begin_reading();
	ck_assert_str_eq(line(), "ID   NAME");
	ck_assert_str_eq(line(), "a    one");
	ck_assert_str_eq(line(), "long two words");
	ck_assert_str_eq(line(), "");
}
END_TEST

START_TEST(a_column_never_becomes_narrower)
{
	struct table *t = table_new(heads, stdout);

	table_row(t, (const char *[]){ "longer", "one" });
	table_flush(t);
	table_row(t, (const char *[]){ "a", "two" });
	table_flush(t);
	table_row(t, (const char *[]){ "longer still", "three" });
	ck_assert_uint_eq(table_end(t), 3);
	begin_reading();
	ck_assert_str_eq(line(), "ID     NAME");
	ck_assert_str_eq(line(), "longer one");
	ck_assert_str_eq(line(), "a      two");
	ck_assert_str_eq(line(), "longer still three");
	ck_assert_str_eq(line(), "");
}
END_TEST

START_TEST(a_table_without_rows_prints_nothing)
{
	ck_assert_uint_eq(table_end(table_new(heads, stdout)), 0);
	begin_reading();
	ck_assert_str_eq(line(), "");
}
END_TEST

START_TEST(a_cell_is_escaped_and_an_empty_one_is_a_dash)
{
	struct table *t = table_new(heads, stdout);

	table_row(t, (const char *[]){ "", "\x1b[2J\n\xff" });
	table_end(t);
	begin_reading();
	line();
	ck_assert_str_eq(line(), "-  \\x1b[2J\\x0a\\xff");
}
END_TEST

START_TEST(a_long_cell_is_never_cut)
{
	char name[4001];
	struct table *t = table_new(heads, stdout);

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	table_row(t, (const char *[]){ "a", name });
	table_end(t);
	begin_reading();
	line();
	ck_assert_uint_eq(strlen(line()), 3 + sizeof(name) - 1);
}
END_TEST

START_TEST(a_long_table_has_all_rows_and_one_heading)
{
	struct table *t = table_new(heads, stdout);
	char id[16];
	char want[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%04d", i);
		table_row(t, (const char *[]){ id, "x" });
	}
	ck_assert_uint_eq(table_end(t), MANY);
	begin_reading();
	ck_assert_str_eq(line(), "ID   NAME");
	for (int i = 0; i < MANY; i++) {
		snprintf(want, sizeof(want), "%04d x", i);
		ck_assert_str_eq(line(), want);
	}
	ck_assert_str_eq(line(), "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_checked_fixture(tc, catch_output, NULL);
	tcase_add_test(tc, columns_are_as_wide_as_their_widest_cell);
	tcase_add_test(tc, a_column_never_becomes_narrower);
	tcase_add_test(tc, a_table_without_rows_prints_nothing);
	tcase_add_test(tc, a_cell_is_escaped_and_an_empty_one_is_a_dash);
	tcase_add_test(tc, a_long_cell_is_never_cut);
	tcase_add_test(tc, a_long_table_has_all_rows_and_one_heading);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
