/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "quota.h"
#include "suite.h"

static struct quotas all;

START_TEST(a_uid_gets_its_connections_and_no_more)
{
	struct quota *q[3];

	for (int i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(q[i] = quota_open(&all, 1000, 3));
	ck_assert_ptr_eq(q[0], q[2]);
	ck_assert_ptr_null(quota_open(&all, 1000, 3));
	ck_assert_ptr_null(quota_open(&all, 1000, 3));
	quota_close(&all, q[0]);
	ck_assert_ptr_nonnull(quota_open(&all, 1000, 3));
	ck_assert_ptr_null(quota_open(&all, 1000, 3));
	for (int i = 0; i < 3; i++)
		quota_close(&all, q[i]);
	ck_assert_ptr_null(all.root);
}
END_TEST

START_TEST(uids_do_not_take_from_each_other)
{
	static struct quota *q[500];

	for (uid_t uid = 0; uid < 500; uid++) {
		q[uid] = quota_open(&all, uid * 7919 % 500, 1);
		ck_assert_ptr_nonnull(q[uid]);
	}
	for (uid_t uid = 0; uid < 500; uid++)
		ck_assert_ptr_null(quota_open(&all, uid, 1));
	for (uid_t uid = 0; uid < 500; uid++)
		quota_close(&all, q[uid]);
	ck_assert_ptr_null(all.root);
}
END_TEST

START_TEST(one_that_is_refused_is_not_remembered)
{
	ck_assert_ptr_null(quota_open(&all, 1000, 0));
	ck_assert_ptr_null(all.root);
}
END_TEST

START_TEST(a_lower_limit_holds_for_those_that_come)
{
	struct quota *q = quota_open(&all, 1000, 9);

	ck_assert_ptr_nonnull(q);
	ck_assert_ptr_nonnull(quota_open(&all, 1000, 9));
	ck_assert_ptr_null(quota_open(&all, 1000, 1));
	quota_close(&all, q);
	ck_assert_ptr_null(quota_open(&all, 1000, 1));
	quota_close(&all, q);
	ck_assert_ptr_null(all.root);
}
END_TEST

START_TEST(a_budget_is_over_after_so_many_and_new_each_second)
{
	struct quota *q = quota_open(&all, 1000, 1);

	ck_assert(!quota_is_over(q, 2, 5000));
	quota_count_unknown(q, 5000);
	quota_count_unknown(q, 5500);
	ck_assert(!quota_is_over(q, 2, 5999));
	quota_count_unknown(q, 5999);
	ck_assert(quota_is_over(q, 2, 5999));
	ck_assert(!quota_is_over(q, 3, 5999));
	ck_assert(!quota_is_over(q, 2, 6000));
	quota_count_unknown(q, 6000);
	ck_assert(!quota_is_over(q, 2, 6000));
	quota_close(&all, q);
}
END_TEST

START_TEST(a_budget_of_nothing_is_over_with_the_first)
{
	struct quota *q = quota_open(&all, 1000, 1);

	ck_assert(!quota_is_over(q, 0, 5000));
	quota_count_unknown(q, 5000);
	ck_assert(quota_is_over(q, 0, 5000));
	quota_close(&all, q);
}
END_TEST

START_TEST(a_budget_is_the_uids_not_the_connections)
{
	struct quota *a = quota_open(&all, 1000, 2);
	struct quota *b = quota_open(&all, 1000, 2);
	struct quota *c = quota_open(&all, 1001, 2);

	quota_count_unknown(a, 5000);
	ck_assert(quota_is_over(b, 0, 5000));
	ck_assert(!quota_is_over(c, 0, 5000));
	quota_close(&all, a);
	ck_assert(quota_is_over(b, 0, 5000));
	quota_close(&all, b);
	quota_close(&all, c);
	ck_assert_ptr_null(all.root);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("quota");
	TCase *tc = tcase_create("quota");

	tcase_add_test(tc, a_uid_gets_its_connections_and_no_more);
	tcase_add_test(tc, uids_do_not_take_from_each_other);
	tcase_add_test(tc, one_that_is_refused_is_not_remembered);
	tcase_add_test(tc, a_lower_limit_holds_for_those_that_come);
	tcase_add_test(tc, a_budget_is_over_after_so_many_and_new_each_second);
	tcase_add_test(tc, a_budget_of_nothing_is_over_with_the_first);
	tcase_add_test(tc, a_budget_is_the_uids_not_the_connections);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
