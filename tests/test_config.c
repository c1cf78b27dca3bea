/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "parsed.h"
#include "suite.h"

#define DAY (INT64_C(24) * 60 * 60)

START_TEST(an_empty_file_gives_the_defaults)
{
	struct config *c = good("");
	struct policy *p = c->policy;

	ck_assert_uint_eq(c->verify_mode, 0666);
	ck_assert_uint_eq(c->admin_mode, 0660);
	ck_assert_uint_eq(policy_grants(p)->count, 0);
	ck_assert_str_eq(c->admin_group, "keyd-admin");
	ck_assert_uint_eq(c->map_size, 16384);
	ck_assert_uint_eq(c->max_connections, 16384);
	ck_assert_uint_eq(c->max_connections_per_uid, 4096);
	ck_assert_uint_eq(c->frame_timeout, 5);
	ck_assert_uint_eq(c->queue, 4096);
	ck_assert_uint_eq(c->unknown_per_second, 1000);
	ck_assert_str_eq(policy_prefix(p), "cmk");
	ck_assert(!policy_foreign(p));
	ck_assert_str_eq(policy_role(p, "tester")->permissions,
	    "tests:run data:read");
	ck_assert(policy_plan(p, "enterprise")->custom);
	config_free(c);
}
END_TEST

START_TEST(blanks_and_comments_alone_give_the_defaults)
{
	config_free(good(" \t\r\n\n# a = b\n// }\n/* { \n \" */ /**/ /*/*/"));
}
END_TEST

START_TEST(every_setting_can_be_set)
{
	struct config *c = good("prefix = \"ab9\"\n"
				"accept_foreign_tokens = true\n"
				"verify_mode = 0660\n"
				"admin_mode = 0622\n"
				"admin_group = 'wheel'\n"
				"map_size = 1\n"
				"max_connections = 2\n"
				"max_connections_per_uid = 3\n"
				"frame_timeout = 4\n"
				"queue = 5\n"
				"unknown_per_second = 6\n");

	ck_assert_str_eq(policy_prefix(c->policy), "ab9");
	ck_assert(policy_foreign(c->policy));
	ck_assert_uint_eq(c->verify_mode, 0660);
	ck_assert_uint_eq(c->admin_mode, 0622);
	ck_assert_str_eq(c->admin_group, "wheel");
	ck_assert_uint_eq(c->map_size, 1);
	ck_assert_uint_eq(c->max_connections, 2);
	ck_assert_uint_eq(c->max_connections_per_uid, 3);
	ck_assert_uint_eq(c->frame_timeout, 4);
	ck_assert_uint_eq(c->queue, 5);
	ck_assert_uint_eq(c->unknown_per_second, 6);
	config_free(c);
}
END_TEST

START_TEST(sections_of_a_kind_replace_all_of_that_kind_only)
{
	struct config *c = good("role \"reader\" {\n"
				"	permissions = {\"a:b\", \"c\"}\n"
				"	may_create = true\n"
				"}\n"
				"role nothing { permissions = {} }\n");
	const struct role *r = policy_role(c->policy, "reader");

	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(r->permissions, "a:b c");
	ck_assert(r->may_create);
	ck_assert_str_eq(policy_role(c->policy, "nothing")->permissions, "");
	ck_assert(!policy_role(c->policy, "nothing")->may_create);
	ck_assert_ptr_null(policy_role(c->policy, "tester"));
	ck_assert_ptr_nonnull(policy_plan(c->policy, "free"));
	ck_assert_ptr_nonnull(policy_context(c->policy, "shared"));
	config_free(c);
}
END_TEST

START_TEST(plans_and_contexts_can_be_given)
{
	struct config *c = good("plan gold { rate = 7 burst = 2 }\n"
				"plan big { per_org = true }\n"
				"context day { rotate_after = \"1d\" }\n"
				"context hour { rotate_after = \"2h\" }\n"
				"context minute { rotate_after = 15m }\n"
				"context second { rotate_after = 30s }\n"
				"context never { }\n");
	struct policy *p = c->policy;

	ck_assert_str_eq(policy_default_plan(p), "gold");
	ck_assert_uint_eq(policy_plan(p, "gold")->rate, 7);
	ck_assert_uint_eq(policy_plan(p, "gold")->burst, 2);
	ck_assert(policy_plan(p, "big")->custom);
	ck_assert_ptr_null(policy_plan(p, "free"));
	ck_assert_str_eq(policy_default_context(p), "day");
	ck_assert_int_eq(policy_context(p, "day")->rotate_after, DAY);
	ck_assert_int_eq(policy_context(p, "hour")->rotate_after, 7200);
	ck_assert_int_eq(policy_context(p, "minute")->rotate_after, 900);
	ck_assert_int_eq(policy_context(p, "second")->rotate_after, 30);
	ck_assert_int_eq(policy_context(p, "never")->rotate_after, 0);
	config_free(c);
}
END_TEST

START_TEST(grants_become_numbers_and_organizations)
{
	struct config *c =
	    good("grant ci-server {\n"
		 "	users = {\"root\", \"1001\", 4294967294}\n"
		 "	groups = {root, 007}\n"
		 "	power = \"issue\"\n"
		 "	orgs = {\"acme\", \"globex\"}\n"
		 "}\n"
		 "grant boss { groups = {20} power = admin }\n");
	const struct grants *g = policy_grants(c->policy);

	ck_assert_uint_eq(g->count, 2);
	ck_assert_int_eq(g->all[0].power, POWER_ISSUE);
	ck_assert_uint_eq(g->all[0].user_count, 3);
	ck_assert_uint_eq(g->all[0].users[0], 0);
	ck_assert_uint_eq(g->all[0].users[1], 1001);
	ck_assert_uint_eq(g->all[0].users[2], 4294967294);
	ck_assert_uint_eq(g->all[0].group_count, 2);
	ck_assert_uint_eq(g->all[0].groups[0], 0);
	ck_assert_uint_eq(g->all[0].groups[1], 7);
	ck_assert_uint_eq(g->all[0].org_count, 2);
	ck_assert_str_eq(g->all[0].orgs[1], "globex");
	ck_assert_int_eq(g->all[1].power, POWER_ADMIN);
	ck_assert_uint_eq(g->all[1].user_count, 0);
	ck_assert_uint_eq(g->all[1].groups[0], 20);
	ck_assert_uint_eq(g->all[1].org_count, 0);
	config_free(c);
}
END_TEST

START_TEST(those_who_read_the_counts_become_uids)
{
	struct config *c = good("metrics = { root, \"1001\" }\n");
	const struct grants *g = policy_grants(c->policy);

	ck_assert_uint_eq(g->count, 0);
	ck_assert_uint_eq(g->meter_count, 2);
	ck_assert(grants_meter(g, 0));
	ck_assert(grants_meter(g, 1001));
	ck_assert(!grants_meter(g, 1002));
	config_free(c);
	c = good("");
	ck_assert(!grants_meter(policy_grants(c->policy), 0));
	config_free(c);
}
END_TEST

START_TEST(every_beginning_of_a_file_is_read_or_refused)
{
	static const char text[] = "# c\nprefix = \"ab\" /* d */\nrole 'x' {\n"
				   " permissions = {\"a:b\", \"c\"}\n"
				   " may_create = yes }\nplan p { rate = 9 "
				   "burst = 1 }\n context c { rotate_after = "
				   "\"3d\" }\nverify_mode = 0600\n";

	for (size_t len = 0; len <= strlen(text); len++) {
		struct config *c = parse_bytes(text, len);

		ck_assert(c != NULL || strncmp(why, "FILE:", 5) == 0);
		config_free(c);
	}
}
END_TEST

START_TEST(a_reason_is_cut_to_the_room_for_it)
{
	char small[8];

	memset(small, 'x', sizeof(small));
	ck_assert_ptr_null(
	    config_parse("bogus = 1", 9, "FILE", small, sizeof(small)));
	ck_assert_str_eq(small, "FILE:1:");
}
END_TEST

START_TEST(nothing_is_freed_without_trouble)
{
	config_free(NULL);
}
END_TEST

START_TEST(the_example_equals_the_defaults)
{
	const char *srcdir = getenv("srcdir");
	char example[512];
	struct config *c;
	struct config *defaults = good("");

	(void)snprintf(example, sizeof(example), "%s/doc/keyd.conf.example",
	    srcdir != NULL ? srcdir : ".");
	/* A checkout may be writable by a group, so it is read here. */
	FILE *f = fopen(example, "r");
	ck_assert_msg(f != NULL, "%s is not there", example);
	char *text = calloc(1, CONFIG_MAX);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(fread(text, 1, CONFIG_MAX - 1, f), 1000);
	(void)fclose(f);
	c = good(text);
	free(text);
	same_settings(c, defaults);
	same_policy(c->policy, defaults->policy);
	config_free(c);
	config_free(defaults);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_test(tc, an_empty_file_gives_the_defaults);
	tcase_add_test(tc, blanks_and_comments_alone_give_the_defaults);
	tcase_add_test(tc, every_setting_can_be_set);
	tcase_add_test(tc, sections_of_a_kind_replace_all_of_that_kind_only);
	tcase_add_test(tc, plans_and_contexts_can_be_given);
	tcase_add_test(tc, every_beginning_of_a_file_is_read_or_refused);
	tcase_add_test(tc, grants_become_numbers_and_organizations);
	tcase_add_test(tc, those_who_read_the_counts_become_uids);
	tcase_add_test(tc, a_reason_is_cut_to_the_room_for_it);
	tcase_add_test(tc, nothing_is_freed_without_trouble);
	tcase_add_test(tc, the_example_equals_the_defaults);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
