/* SPDX-License-Identifier: ISC */
#include "parsed.h"
#include "suite.h"

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

int
main(void)
{
	Suite *suite = suite_create("config_refused");
	TCase *tc = tcase_create("config_refused");

	tcase_add_loop_test(tc, what_is_wrong_is_refused_with_its_line, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, a_nul_is_refused_with_its_line);
	tcase_add_test(tc,
	    nothing_is_taken_from_the_environment_in_single_quotes_either);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
