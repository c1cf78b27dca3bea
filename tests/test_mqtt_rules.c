/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "mqtt_rules.h"
#include "suite.h"

static struct mqtt_rules rules;

static void
setup(void)
{
	rules = (struct mqtt_rules){ 0 };
}

static void
teardown(void)
{
	mqtt_rules_free(&rules);
}

static void
take(const char *name, const char *value)
{
	const char *wrong = mqtt_rules_option(&rules, name, value);

	ck_assert_msg(wrong == NULL, "%s %s: %s", name, value, wrong);
}

START_TEST(options_are_read)
{
	take("runtime_dir", "/run/x");
	take("org", "acme");
	take("connect", "tests:run");
	take("user_match", "true");
	take("publish", "tests:write a/b c/#");
	take("subscribe", "*\t #");
	ck_assert_str_eq(rules.runtime_dir, "/run/x");
	ck_assert_str_eq(rules.org, "acme");
	ck_assert_str_eq(rules.connect, "tests:run");
	ck_assert(rules.user_match);
	ck_assert_uint_eq(rules.count, 2);
	ck_assert_int_eq(rules.rule[0].right, MQTT_PUBLISH);
	ck_assert_str_eq(rules.rule[0].permission, "tests:write");
	ck_assert_str_eq(rules.rule[0].pattern, "a/b c/#");
	ck_assert_int_eq(rules.rule[1].right, MQTT_SUBSCRIBE);
	ck_assert_ptr_null(rules.rule[1].permission);
	ck_assert_str_eq(rules.rule[1].pattern, "#");
}
END_TEST

START_TEST(wrong_ones_are_refused)
{
	static const char *const bad[][2] = { { "publish", "" },
		{ "publish", "a" }, { "publish", "a " }, { "publish", " a" },
		{ "publish", "A a" }, { "publish", "** a" },
		{ "subscribe", "a #/b" }, { "connect", "" }, { "connect", "*" },
		{ "connect", "X" }, { "org", "" }, { "runtime_dir", "" },
		{ "user_match", "" }, { "user_match", "yes" }, { "", "" },
		{ "Publish", "a a" }, { "publishe", "a a" } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(mqtt_rules_option(&rules, bad[i][0], bad[i][1]) !=
			NULL,
		    "%s %s", bad[i][0], bad[i][1]);
}
END_TEST

START_TEST(what_may_be_once_is_given_once)
{
	take("org", "acme");
	ck_assert_ptr_nonnull(mqtt_rules_option(&rules, "org", "other"));
	ck_assert_str_eq(rules.org, "acme");
}
END_TEST

START_TEST(there_are_so_many_rules)
{
	for (int i = 0; i < MQTT_RULES_MAX; i++)
		take("publish", "* a");
	ck_assert_ptr_nonnull(mqtt_rules_option(&rules, "publish", "* a"));
	ck_assert_uint_eq(rules.count, MQTT_RULES_MAX);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("mqtt_rules");
	TCase *tc = tcase_create("mqtt_rules");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, options_are_read);
	tcase_add_test(tc, wrong_ones_are_refused);
	tcase_add_test(tc, what_may_be_once_is_given_once);
	tcase_add_test(tc, there_are_so_many_rules);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
