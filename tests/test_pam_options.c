/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "pam_options.h"
#include "suite.h"

START_TEST(words_are_read)
{
	static const char *const words[] = { "permission=tests:run", "org=acme",
		"runtime_dir=/run/x", "user_match", "try_first_pass",
		"use_first_pass", "debug" };
	struct pam_options o;
	const char *wrong;

	ck_assert(pam_options_read(7, words, &o, &wrong));
	ck_assert_str_eq(o.permission, "tests:run");
	ck_assert_str_eq(o.org, "acme");
	ck_assert_str_eq(o.runtime_dir, "/run/x");
	ck_assert(o.user_match && o.use_first_pass && o.debug);
}
END_TEST

START_TEST(none_is_fine)
{
	struct pam_options o = { .debug = true, .org = "x" };
	const char *wrong;

	ck_assert(pam_options_read(0, NULL, &o, &wrong));
	ck_assert(o.permission == NULL && o.org == NULL);
	ck_assert(o.runtime_dir == NULL && !o.user_match && !o.debug);
}
END_TEST

START_TEST(what_is_not_known_is_wrong)
{
	static const char *const bad[] = { "", "permission",
		"permission=", "permision=x", "Permission=x",
		"org=", "user_match=1", "user_matc", "debug ", "org",
		"runtime_dir" };
	struct pam_options o;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *words[] = { "debug", bad[i], "user_match" };
		const char *wrong = NULL;

		ck_assert_msg(!pam_options_read(3, words, &o, &wrong), "%s",
		    bad[i]);
		ck_assert_ptr_eq(wrong, bad[i]);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pam_options");
	TCase *tc = tcase_create("pam_options");

	tcase_add_test(tc, words_are_read);
	tcase_add_test(tc, none_is_fine);
	tcase_add_test(tc, what_is_not_known_is_wrong);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
