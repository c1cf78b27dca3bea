/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "parsed.h"
#include "suite.h"

/* n times the unit, between before and after. */
static char *
repeated(const char *before, const char *unit, size_t n, const char *after)
{
	size_t size = strlen(before) + n * strlen(unit) + strlen(after) + 1;
	char *text = malloc(size);
	char *at = text;

	ck_assert_ptr_nonnull(text);
	at = stpcpy(at, before);
	while (n-- > 0)
		at = stpcpy(at, unit);
	(void)stpcpy(at, after);
	return text;
}

START_TEST(a_huge_line_is_refused)
{
	char *text = repeated("\n\nprefix = \"", "a", 100000, "\"\n");

	bad(text, "FILE:3: ", "4096");
	free(text);
}
END_TEST

START_TEST(a_text_of_a_whole_line_is_refused_by_its_rule)
{
	char *text = repeated("prefix = \"", "a", 4000, "\"\n");

	bad(text, "FILE:1: ", "prefix");
	free(text);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	char *text = repeated("", "role a {\n", 50000, "");

	bad(text, "FILE:3: ", "braces");
	free(text);
}
END_TEST

START_TEST(a_file_over_a_mebibyte_is_refused)
{
	char *text = repeated("", "#\n", CONFIG_MAX / 2, "\n");

	bad(text, "FILE: ", "1 MiB");
	text[CONFIG_MAX] = '\0';
	config_free(good(text));
	free(text);
}
END_TEST

/* So many roles, each with one permission. */
static char *
roles(int n)
{
	char *text = malloc((size_t)n * 64 + 1);
	char *at = text;

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < n; i++)
		at += sprintf(at, "role r%d { permissions = {\"p:%d\"} }\n", i,
		    i);
	return text;
}

START_TEST(as_many_roles_as_there_is_room_for_are_read)
{
	char *text = roles(ROLES_MAX);
	struct config *c = good(text);

	ck_assert_ptr_nonnull(policy_role(c->policy, "r0"));
	ck_assert_ptr_nonnull(policy_role(c->policy, "r31"));
	config_free(c);
	free(text);
}
END_TEST

START_TEST(one_role_more_is_refused)
{
	char *text = roles(ROLES_MAX + 1);

	bad(text, "FILE:33: ", "more than 32");
	free(text);
}
END_TEST

START_TEST(as_many_may_read_the_counts_as_there_is_room_for)
{
	char text[1024] = "metrics = { 1";
	size_t at = strlen(text);
	struct config *c;

	for (int i = 1; i < GRANT_USERS_MAX; i++)
		at += (size_t)sprintf(text + at, ", %d", i);
	(void)sprintf(text + at, " }");
	c = good(text);
	ck_assert(grants_meter(policy_grants(c->policy), GRANT_USERS_MAX - 1));
	config_free(c);
	(void)sprintf(text + at, ", 7 }");
	bad(text, "FILE:1: ", "more than 64");
}
END_TEST

/* So many grants to issue, each for so many users, groups and organizations. */
static char *
grants(int n, int users, int groups, int orgs)
{
	char *text =
	    malloc(100 + (size_t)n * (size_t)(users + groups + orgs) * 100);
	char *at = text;

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < n; i++) {
		at += sprintf(at, "grant g%d { power = issue users = {1", i);
		for (int k = 1; k < users; k++)
			at += sprintf(at, ",%d", k);
		at = stpcpy(at, "} groups = {1");
		for (int k = 1; k < groups; k++)
			at += sprintf(at, ",%d", k);
		at = stpcpy(at, "} orgs = {x");
		for (int k = 1; k < orgs; k++)
			at += sprintf(at, ",%d", k);
		at = stpcpy(at, "} }\n");
	}
	return text;
}

START_TEST(as_many_grants_as_there_is_room_for_are_read)
{
	char *text = grants(GRANTS_MAX, GRANT_USERS_MAX, GRANT_GROUPS_MAX,
	    GRANT_ORGS_MAX);
	struct config *c = good(text);
	const struct grant *last = &policy_grants(c->policy)->all[31];

	ck_assert_uint_eq(last->users[63], 63);
	ck_assert_uint_eq(last->groups[63], 63);
	ck_assert_str_eq(last->orgs[63], "63");
	config_free(c);
	free(text);
}
END_TEST

static void
bad_grants(int n, int users, int groups, int orgs, const char *contains)
{
	char *text = grants(n, users, groups, orgs);

	bad(text, "FILE:", contains);
	free(text);
}

START_TEST(more_grants_than_there_is_room_for_are_refused)
{
	bad_grants(GRANTS_MAX + 1, 1, 1, 1, "more than 32");
	bad_grants(1, GRANT_USERS_MAX + 1, 1, 1, "64 users");
	bad_grants(1, 1, GRANT_GROUPS_MAX + 1, 1, "64 groups");
	bad_grants(1, 1, 1, GRANT_ORGS_MAX + 1, "64 orgs");
}
END_TEST

/* A role whose permissions, spaces between, are so many bytes: 15 of 63,
   and one that fills the rest. */
static char *
role_of(size_t bytes)
{
	char *text = malloc(4096);
	char *at = text;

	ck_assert_ptr_nonnull(text);
	at += sprintf(at, "role a { permissions = {\n");
	for (int i = 0; i < 15; i++)
		at += sprintf(at, "\"%c%062d\",\n", 'a' + i, 0);
	(void)sprintf(at, "\"%0*d\"} }\n", (int)bytes - 15 * 64, 0);
	return text;
}

START_TEST(the_longest_list_of_permissions_is_read_whole)
{
	char *text = role_of(PERMISSIONS_SIZE - 1);
	struct config *c = good(text);

	ck_assert_uint_eq(strlen(policy_role(c->policy, "a")->permissions),
	    PERMISSIONS_SIZE - 1);
	config_free(c);
	free(text);
}
END_TEST

START_TEST(a_list_of_permissions_that_is_a_byte_too_long_is_refused)
{
	char *text = malloc(4096);
	char *at = text;

	ck_assert_ptr_nonnull(text);
	at += sprintf(at, "role a { permissions = {\n");
	for (int i = 0; i < 15; i++)
		at += sprintf(at, "\"%c%062d\",\n", 'a' + i, 0);
	(void)sprintf(at, "\"%031d\",\n\"%032d\"} }\n", 0, 0);
	bad(text, "FILE:18: ", "1023 bytes");
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_bounds");
	TCase *tc = tcase_create("config_bounds");

	tcase_add_test(tc, a_huge_line_is_refused);
	tcase_add_test(tc, a_text_of_a_whole_line_is_refused_by_its_rule);
	tcase_add_test(tc, deep_nesting_is_refused);
	tcase_add_test(tc, a_file_over_a_mebibyte_is_refused);
	tcase_add_test(tc, as_many_roles_as_there_is_room_for_are_read);
	tcase_add_test(tc, one_role_more_is_refused);
	tcase_add_test(tc, as_many_may_read_the_counts_as_there_is_room_for);
	tcase_add_test(tc, as_many_grants_as_there_is_room_for_are_read);
	tcase_add_test(tc, more_grants_than_there_is_room_for_are_refused);
	tcase_add_test(tc, the_longest_list_of_permissions_is_read_whole);
	tcase_add_test(tc,
	    a_list_of_permissions_that_is_a_byte_too_long_is_refused);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
