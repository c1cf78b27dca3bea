/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "grants.h"
#include "suite.h"

static struct grants g;

static struct grant *
add(enum power power, uid_t uid, gid_t gid, const char *org)
{
	struct grant *one = &g.all[g.count++];

	memset(one, 0, sizeof(*one));
	one->power = power;
	if (uid != 0)
		one->users[one->user_count++] = uid;
	if (gid != 0)
		one->groups[one->group_count++] = gid;
	if (org[0] != '\0')
		strlcpy(one->orgs[one->org_count++], org, ORG_SIZE);
	return one;
}

static void
set_up(void)
{
	g.count = 0;
}

START_TEST(without_grants_nobody_has_one)
{
	ck_assert_uint_eq(grants_match(&g, 0, 0, NULL, 0), 0);
	ck_assert(!grants_admin(&g, UINT32_MAX));
	ck_assert(!grants_issue(&g, UINT32_MAX, "acme"));
	ck_assert(!grants_issue(&g, UINT32_MAX, ""));
}
END_TEST

START_TEST(a_user_a_group_and_one_group_of_many_match)
{
	static const gid_t groups[] = { 7, 21, 9 };

	(void)add(POWER_ISSUE, 10, 0, "acme");
	(void)add(POWER_ISSUE, 0, 20, "acme");
	(void)add(POWER_ISSUE, 0, 21, "acme");
	ck_assert_uint_eq(grants_match(&g, 10, 99, NULL, 0), 1);
	ck_assert_uint_eq(grants_match(&g, 99, 20, NULL, 0), 2);
	ck_assert_uint_eq(grants_match(&g, 99, 99, groups, 3), 4);
	ck_assert_uint_eq(grants_match(&g, 10, 20, groups, 3), 7);
	ck_assert_uint_eq(grants_match(&g, 10, 20, groups, 1), 3);
}
END_TEST

/* 20 is a group, 10 is a user. */
START_TEST(a_uid_is_no_gid)
{
	(void)add(POWER_ISSUE, 10, 20, "acme");
	ck_assert_uint_eq(grants_match(&g, 20, 10, NULL, 0), 0);
}
END_TEST

START_TEST(the_last_of_all_grants_has_a_bit_of_its_own)
{
	for (int i = 0; i < GRANTS_MAX; i++)
		(void)add(POWER_ISSUE, 100 + (uid_t)i, 0, "acme");
	ck_assert_uint_eq(grants_match(&g, 131, 0, NULL, 0), UINT32_C(1) << 31);
	ck_assert(grants_issue(&g, UINT32_C(1) << 31, "acme"));
}
END_TEST

START_TEST(a_grant_to_issue_is_for_its_organizations_only)
{
	struct grant *one = add(POWER_ISSUE, 10, 0, "acme");

	strlcpy(one->orgs[one->org_count++], "globex", ORG_SIZE);
	ck_assert(grants_issue(&g, 1, "acme"));
	ck_assert(grants_issue(&g, 1, "globex"));
	ck_assert(!grants_issue(&g, 1, "acm"));
	ck_assert(!grants_issue(&g, 1, "acme2"));
	ck_assert(!grants_issue(&g, 1, ""));
	ck_assert(!grants_admin(&g, 1));
}
END_TEST

START_TEST(a_grant_counts_only_for_those_who_have_it)
{
	(void)add(POWER_ISSUE, 10, 0, "acme");
	(void)add(POWER_ISSUE, 11, 0, "globex");
	(void)add(POWER_ADMIN, 12, 0, "");
	ck_assert(!grants_issue(&g, 2, "acme"));
	ck_assert(!grants_issue(&g, 0, "acme"));
	ck_assert(grants_issue(&g, 3, "acme"));
	ck_assert(grants_issue(&g, 3, "globex"));
	ck_assert(!grants_admin(&g, 3));
	ck_assert(grants_admin(&g, 4));
	ck_assert(!grants_issue(&g, 4, "acme"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("grants");
	TCase *tc = tcase_create("grants");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, without_grants_nobody_has_one);
	tcase_add_test(tc, a_user_a_group_and_one_group_of_many_match);
	tcase_add_test(tc, a_uid_is_no_gid);
	tcase_add_test(tc, the_last_of_all_grants_has_a_bit_of_its_own);
	tcase_add_test(tc, a_grant_to_issue_is_for_its_organizations_only);
	tcase_add_test(tc, a_grant_counts_only_for_those_who_have_it);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
