/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "suite.h"

#define DAY (INT64_C(24) * 60 * 60)

static char why[CONFIG_WHY_SIZE];

/* The copy has no NUL, so that a read past its end is seen. */
static struct config *
parse_bytes(const char *text, size_t len)
{
	char *bytes = malloc(len);
	struct config *c;

	ck_assert(len == 0 || bytes != NULL);
	if (len > 0)
		memcpy(bytes, text, len);
	memset(why, 0, sizeof(why));
	c = config_parse(bytes, len, "FILE", why, sizeof(why));
	free(bytes);
	return c;
}

static struct config *
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static struct config *
good(const char *text)
{
	struct config *c = parse(text);

	ck_assert_msg(c != NULL, "%s", why);
	return c;
}

/* Refused, with a reason that begins and goes on like this. */
static void
bad(const char *text, const char *begins, const char *contains)
{
	ck_assert_msg(parse(text) == NULL, "accepted: %s", text);
	ck_assert_msg(strncmp(why, begins, strlen(begins)) == 0,
	    "\"%s\" does not begin with \"%s\"", why, begins);
	ck_assert_msg(strstr(why, contains) != NULL,
	    "\"%s\" does not say \"%s\"", why, contains);
}

static void
same_policy(const struct policy *a, const struct policy *b)
{
	static const char *const roles[] = { "tester", "editor", "admin",
		"owner" };
	static const char *const plans[] = { "free", "starter", "pro",
		"business", "enterprise" };
	static const char *const contexts[] = { "production-ci", "development",
		"personal", "shared" };

	for (size_t i = 0; i < 4; i++) {
		const struct role *x = policy_role(a, roles[i]);
		const struct role *y = policy_role(b, roles[i]);

		ck_assert(x != NULL && y != NULL);
		ck_assert_str_eq(x->permissions, y->permissions);
		ck_assert_int_eq(x->may_create, y->may_create);
	}
	for (size_t i = 0; i < 5; i++) {
		const struct plan *x = policy_plan(a, plans[i]);
		const struct plan *y = policy_plan(b, plans[i]);

		ck_assert(x != NULL && y != NULL);
		ck_assert_uint_eq(x->rate, y->rate);
		ck_assert_uint_eq(x->burst, y->burst);
		ck_assert_int_eq(x->custom, y->custom);
	}
	for (size_t i = 0; i < 4; i++) {
		const struct context *x = policy_context(a, contexts[i]);
		const struct context *y = policy_context(b, contexts[i]);

		ck_assert(x != NULL && y != NULL);
		ck_assert_int_eq(x->rotate_after, y->rotate_after);
	}
	ck_assert_str_eq(policy_prefix(a), policy_prefix(b));
	ck_assert_int_eq(policy_foreign(a), policy_foreign(b));
	ck_assert_str_eq(policy_default_plan(a), policy_default_plan(b));
	ck_assert_str_eq(policy_default_context(a), policy_default_context(b));
}

static void
same_settings(const struct config *a, const struct config *b)
{
	ck_assert_uint_eq(a->verify_mode, b->verify_mode);
	ck_assert_uint_eq(a->admin_mode, b->admin_mode);
	ck_assert_str_eq(a->admin_group, b->admin_group);
	ck_assert_uint_eq(a->map_size, b->map_size);
	ck_assert_uint_eq(a->max_connections, b->max_connections);
	ck_assert_uint_eq(a->max_connections_per_uid,
	    b->max_connections_per_uid);
	ck_assert_uint_eq(a->frame_timeout, b->frame_timeout);
	ck_assert_uint_eq(a->queue, b->queue);
	ck_assert_uint_eq(a->unknown_per_second, b->unknown_per_second);
}

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

/* What is wrong, the line where it is, and a part of the sentence. */
static const struct {
	const char *text;
	const char *begins;
	const char *contains;
} wrong[] = {
	{ "bogus = 1", "FILE:1: ", "bogus" },
	{ "\n\nrole a {\n bogus = 1\n}", "FILE:4: ", "bogus" },
	{ "# one\n/* two\n three */\n// four\nbogus = 1", "FILE:5: ", "bogus" },
	{ "queue = \"x\"", "FILE:1: ", "queue" },
	{ "queue = 0", "FILE:1: ", "1 to" },
	{ "\nqueue = -1", "FILE:2: ", "queue" },
	{ "queue = 99999999999999999999", "FILE:1: ", "queue" },
	{ "queue = 4294967297", "FILE:1: ", "1 to" },
	{ "map_size = 1048577", "FILE:1: ", "1048576" },
	{ "queue = 1\nmap_size = 1\nqueue = 1", "FILE:3: ", "twice" },
	{ "accept_foreign_tokens = perhaps", "FILE:1: ", "boolean" },
	{ "verify_mode = 666", "FILE:1: ", "octal" },
	{ "verify_mode = 0x1b6", "FILE:1: ", "octal" },
	{ "verify_mode = 0", "FILE:1: ", "octal" },
	{ "verify_mode = 04666", "FILE:1: ", "permissions" },
	{ "verify_mode = 0444", "FILE:1: ", "0200" },
	{ "admin_mode = 660", "FILE:1: ", "octal" },
	{ "admin_mode = 0444", "FILE:1: ", "0200" },
	{ "grant a {\n users = {\n1,\n\"no-such-user-here\"} }",
	    "FILE:4: ", "there is no user" },
	{ "grant a {\n\n groups = {\"no-such-group-here\"} }",
	    "FILE:3: ", "there is no group" },
	{ "grant a { users = {\"\"} }", "FILE:1: ", "there is no user" },
	{ "grant a { users = {4294967295} }", "FILE:1: ", "no uid" },
	{ "grant a { users = {99999999999999999999} }", "FILE:1: ", "no uid" },
	{ "grant a { groups = {4294967295} }", "FILE:1: ", "no gid" },
	{ "grant a { users = {-1} }", "FILE:1: ", "there is no user" },
	{ "grant a { users = 1\n power = root }", "FILE:2: ", "no power" },
	{ "grant a { users = {1} power = 0 }", "FILE:1: ", "no power" },
	{ "grant a { users = {1} orgs = {x} }", "FILE:1: ", "needs power" },
	{ "grant a { users = {1} power = issue }", "FILE:1: ", "needs orgs" },
	{ "grant a { users = {1} power = issue orgs = {} }",
	    "FILE:1: ", "needs orgs" },
	{ "grant a { users = {1} power = admin orgs = {x} }",
	    "FILE:1: ", "remove its orgs" },
	{ "grant a { power = issue orgs = {x} }", "FILE:1: ", "for nobody" },
	{ "grant a { users = {} power = admin }", "FILE:1: ", "for nobody" },
	{ "grant a { users = {1} power = issue orgs = {x,\n\"X\"} }",
	    "FILE:2: ", "no organization" },
	{ "queue = 7\nmetrics = {\n\"no-such-user-here\" }",
	    "FILE:3: ", "there is no user" },
	{ "metrics = { 4294967295 }", "FILE:1: ", "no uid" },
	{ "grant A { users = {1} power = admin }", "FILE:1: ", "no name" },
	{ "grant a { users = {1} power = admin }\n"
	  "grant a { users = {2} power = admin }",
	    "FILE:2: ", "duplicate" },
	{ "prefix = \"\"", "FILE:1: ", "prefix" },
	{ "prefix = Cmk", "FILE:1: ", "lower-case" },
	{ "prefix = a234567890123456", "FILE:1: ", "prefix" },
	{ "prefix = {a}", "FILE:1: ", "unexpected" },
	{ "prefix", "FILE:1: ", "" },
	{ "prefix =", "FILE:1: ", "end" },
	{ "= 3", "FILE:1: ", "before =" },
	{ "\"prefix\" = a", "FILE:1: ", "before =" },
	{ "admin_group = \"a b\"", "FILE:1: ", "group" },
	{ "admin_group = \"_\"", "FILE:1: ", "group" },
	{ "role \"a\" { }\nrole \"a\" { }", "FILE:2: ", "duplicate" },
	{ "role { }", "FILE:1: ", "title" },
	{ "role \"\" { }", "FILE:1: ", "no name" },
	{ "plan Free { per_org = true }", "FILE:1: ", "no name" },
	{ "context 1st { }", "FILE:1: ", "no name" },
	{ "role a {\n permissions = {\"x\",\n\"y z\"} }",
	    "FILE:3: ", "no permission" },
	{ "role a {\n permissions = {\"x\",\n \"x\"} }", "FILE:3: ", "twice" },
	{ "role a {\n permissions = {\"x\"}\n permissions = {\"y\"} }",
	    "FILE:3: ", "twice" },
	{ "role a { permissions += {\"x\"} }", "FILE:1: ", "'+'" },
	{ "role a {\n permissions = {\"x\"}\n", "FILE:1: ", "not closed" },
	{ "\n}", "FILE:2: ", "too many" },
	{ "role a { permissions = {{\"x\"}} }", "FILE:1: ", "braces" },
	{ "role a { role b { } }", "FILE:1: ", "role" },
	{ "plan a { rate = 1 }", "FILE:1: ", "burst" },
	{ "plan a { burst = 1 }", "FILE:1: ", "rate" },
	{ "plan a { }", "FILE:1: ", "per_org" },
	{ "plan a { rate = 1 burst = 1 per_org = true }",
	    "FILE:1: ", "per_org" },
	{ "plan a {\n rate = 0\n burst = 1 }", "FILE:2: ", "rate" },
	{ "plan a { rate = 60000001 burst = 1 }", "FILE:1: ", "60000000" },
	{ "context a { rotate_after = 30 }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"0d\" }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"d\" }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"\" }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"1dd\" }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"-1d\" }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"36501d\" }", "FILE:1: ", "90d" },
	{ "context a { rotate_after = \"99999999999d\" }", "FILE:1: ", "90d" },
	{ "prefix = \"${HOME}\"", "FILE:1: ", "'$'" },
	{ "prefix = ${HOME}", "FILE:1: ", "'$'" },
	{ "prefix = \"a\\x41\"", "FILE:1: ", "'\\'" },
	{ "include(\"/etc/passwd\")", "FILE:1: ", "'('" },
	{ "include = \"/etc/passwd\"", "FILE:1: ", "include" },
	{ "\nprefix = \"a\n", "FILE:2: ", "without an end" },
	{ "\n/* \n\n", "FILE:2: ", "without an end" },
	{ "/*/", "FILE:1: ", "without an end" },
	{ "prefix = \"\xc3\xa9\"", "FILE:1: ", "\\xc3" },
	{ "prefix = a;", "FILE:1: ", "';'" },
	{ "role=a|permissions = x", "FILE:1: ", "'|'" },
};

START_TEST(what_is_wrong_is_refused_with_its_line)
{
	bad(wrong[_i].text, wrong[_i].begins, wrong[_i].contains);
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

START_TEST(a_nul_is_refused_with_its_line)
{
	ck_assert_ptr_null(parse_bytes("queue = 1\n\0queue = 2\n", 21));
	ck_assert_ptr_nonnull(strstr(why, "FILE:2: unexpected byte \\x00"));
}
END_TEST

START_TEST(nothing_is_taken_from_the_environment_in_single_quotes_either)
{
	setenv("PREFIX", "abc", 1);
	bad("prefix = '${PREFIX}'", "FILE:1: ", "'$'");
}
END_TEST

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

/* ---- files ---- */

static char dir[64];
static char path[128];

static void
set_up(void)
{
	(void)strcpy(dir, "/tmp/keyd-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)sprintf(path, "%s/keyd.conf", dir);
}

static void
tear_down(void)
{
	(void)unlink(path);
	(void)rmdir(path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
write_file(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (long)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void
not_loaded(const char *contains)
{
	memset(why, 0, sizeof(why));
	ck_assert_ptr_null(config_load(path, false, why, sizeof(why)));
	ck_assert_msg(strncmp(why, path, strlen(path)) == 0, "%s", why);
	ck_assert_msg(strstr(why, contains) != NULL, "%s", why);
}

START_TEST(a_file_is_loaded)
{
	struct config *c;

	write_file("queue = 77\n", 0644);
	c = config_load(path, true, why, sizeof(why));
	ck_assert_msg(c != NULL, "%s", why);
	ck_assert_uint_eq(c->queue, 77);
	config_free(c);
}
END_TEST

START_TEST(a_wrong_file_is_named_with_its_line)
{
	char begins[160];

	write_file("\nbogus = 77\n", 0644);
	not_loaded("bogus");
	(void)sprintf(begins, "%s:2: ", path);
	ck_assert_int_eq(strncmp(why, begins, strlen(begins)), 0);
}
END_TEST

START_TEST(a_missing_file_gives_the_defaults_unless_it_must_exist)
{
	struct config *c = config_load(path, false, why, sizeof(why));
	struct config *defaults = good("");

	ck_assert_ptr_nonnull(c);
	same_settings(c, defaults);
	same_policy(c->policy, defaults->policy);
	config_free(defaults);
	config_free(c);
	ck_assert_ptr_null(config_load(path, true, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
}
END_TEST

START_TEST(a_directory_is_refused)
{
	ck_assert_int_eq(mkdir(path, 0755), 0);
	not_loaded("regular file");
}
END_TEST

START_TEST(a_fifo_is_refused_at_once)
{
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	not_loaded("regular file");
}
END_TEST

START_TEST(a_file_that_the_group_may_write_is_refused)
{
	write_file("queue = 77\n", 0664);
	not_loaded("chmod");
}
END_TEST

START_TEST(a_file_that_everyone_may_write_is_refused)
{
	write_file("queue = 77\n", 0646);
	not_loaded("chmod");
}
END_TEST

START_TEST(a_file_that_is_too_large_is_refused)
{
	write_file("queue = 77\n", 0644);
	ck_assert_int_eq(truncate(path, CONFIG_MAX + 1), 0);
	not_loaded("1 MiB");
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

static void
add_parsing(Suite *s)
{
	TCase *tc = tcase_create("memory");

	tcase_add_test(tc, an_empty_file_gives_the_defaults);
	tcase_add_test(tc, blanks_and_comments_alone_give_the_defaults);
	tcase_add_test(tc, every_setting_can_be_set);
	tcase_add_test(tc, sections_of_a_kind_replace_all_of_that_kind_only);
	tcase_add_test(tc, plans_and_contexts_can_be_given);
	tcase_add_loop_test(tc, what_is_wrong_is_refused_with_its_line, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, every_beginning_of_a_file_is_read_or_refused);
	tcase_add_test(tc, a_nul_is_refused_with_its_line);
	tcase_add_test(tc,
	    nothing_is_taken_from_the_environment_in_single_quotes_either);
	tcase_add_test(tc, a_huge_line_is_refused);
	tcase_add_test(tc, a_text_of_a_whole_line_is_refused_by_its_rule);
	tcase_add_test(tc, deep_nesting_is_refused);
	tcase_add_test(tc, a_file_over_a_mebibyte_is_refused);
	tcase_add_test(tc, as_many_roles_as_there_is_room_for_are_read);
	tcase_add_test(tc, one_role_more_is_refused);
	tcase_add_test(tc, grants_become_numbers_and_organizations);
	tcase_add_test(tc, those_who_read_the_counts_become_uids);
	tcase_add_test(tc, as_many_may_read_the_counts_as_there_is_room_for);
	tcase_add_test(tc, as_many_grants_as_there_is_room_for_are_read);
	tcase_add_test(tc, more_grants_than_there_is_room_for_are_refused);
	tcase_add_test(tc, the_longest_list_of_permissions_is_read_whole);
	tcase_add_test(tc,
	    a_list_of_permissions_that_is_a_byte_too_long_is_refused);
	tcase_add_test(tc, a_reason_is_cut_to_the_room_for_it);
	tcase_add_test(tc, nothing_is_freed_without_trouble);
	tcase_add_test(tc, the_example_equals_the_defaults);
	suite_add_tcase(s, tc);
}

static void
add_loading(Suite *s)
{
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_file_is_loaded);
	tcase_add_test(tc, a_wrong_file_is_named_with_its_line);
	tcase_add_test(tc,
	    a_missing_file_gives_the_defaults_unless_it_must_exist);
	tcase_add_test(tc, a_directory_is_refused);
	tcase_add_test(tc, a_fifo_is_refused_at_once);
	tcase_add_test(tc, a_file_that_the_group_may_write_is_refused);
	tcase_add_test(tc, a_file_that_everyone_may_write_is_refused);
	tcase_add_test(tc, a_file_that_is_too_large_is_refused);
	suite_add_tcase(s, tc);
}

int
main(void)
{
	Suite *s = suite_create("config");

	add_parsing(s);
	add_loading(s);
	return suite_run(s);
}
