/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "suite.h"
#include "topic.h"

static const struct topic_names names = { "acme", "alice" };

static bool
covers(const struct topic_names *n, const char *pattern, const char *filter)
{
	char *p = (char *)exact_copy(pattern, strlen(pattern) + 1);
	char *f = (char *)exact_copy(filter, strlen(filter) + 1);
	bool yes = topic_covers(p, n, f);

	free(p);
	free(f);
	return yes;
}

static const struct {
	const char *pattern;
	const char *filter;
	bool covers;
} cases[] = {
	{ "a", "a", true },
	{ "a", "b", false },
	{ "a", "a/b", false },
	{ "a/b", "a", false },
	{ "a", "aa", false },
	{ "a", "", false },
	{ "a/", "a/", true },
	{ "a/", "a", false },
	{ "a", "a/", false },
	{ "/a", "/a", true },
	{ "/a", "a", false },
	{ "a//b", "a//b", true },
	{ "a//b", "a/b", false },
	{ "#", "a", true },
	{ "#", "a/b/c", true },
	{ "#", "#", true },
	{ "#", "+/a", true },
	{ "#", "/", true },
	{ "a/#", "a", true },
	{ "a/#", "a/", true },
	{ "a/#", "a/b/c", true },
	{ "a/#", "a/#", true },
	{ "a/#", "a/+/b", true },
	{ "a/#", "#", false },
	{ "a/#", "+/b", false },
	{ "a/#", "ab/c", false },
	{ "+", "a", true },
	{ "+", "+", true },
	{ "+", "#", false },
	{ "+", "a/b", false },
	{ "+/+", "a/b", true },
	{ "a/+", "a/#", false },
	{ "a/+", "a/", true },
	{ "a/+", "a", false },
	{ "a/+/c", "a/b/c", true },
	{ "a/+/c", "a/+/c", true },
	{ "a/+/c", "a/+/+", false },
	{ "a/b", "a/+", false },
	{ "#", "$SYS/x", false },
	{ "+/x", "$SYS/x", false },
	{ "$SYS/#", "$SYS/x", true },
	{ "$SYS/#", "$SYS/#", true },
	{ "a/#", "a/$x", true },
	{ "%o", "acme", true },
	{ "%o", "alice", false },
	{ "%o/%u/#", "acme/alice/x", true },
	{ "%o/%u/#", "acme/bob/x", false },
	{ "%o", "%o", false },
	{ "%o", "+", false },
	{ "%o/#", "#", false },
	{ "%o/#", "+/x", false },
};

START_TEST(a_pattern_covers_all_that_could_come)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(covers(&names, cases[i].pattern,
				  cases[i].filter) == cases[i].covers,
		    "%s, %s", cases[i].pattern, cases[i].filter);
}
END_TEST

START_TEST(a_name_is_no_wildcard)
{
	static const struct topic_names odd = { "a/b", "+" };
	static const struct topic_names hash = { "#", "#" };

	ck_assert(!covers(&odd, "%u", "x"));
	ck_assert(!covers(&odd, "%u", "+"));
	ck_assert(!covers(&odd, "%o", "a/b"));
	ck_assert(!covers(&odd, "%o", "a"));
	ck_assert(!covers(&hash, "%u", "x"));
	ck_assert(!covers(&hash, "%u", "#"));
}
END_TEST

/* Is whatever the filter matches matched by the pattern too? */
static void
check_sound(const char *pattern, const char *filter, const char *const *topics,
    size_t count)
{
	if (!topic_covers(pattern, &names, filter))
		return;
	for (size_t i = 0; i < count; i++)
		if (topic_covers(filter, &names, topics[i]))
			ck_assert_msg(topic_covers(pattern, &names, topics[i]),
			    "%s covers %s, but not its %s", pattern, filter,
			    topics[i]);
}

/* All of up to three levels of these parts. */
START_TEST(what_is_covered_is_matched)
{
	static const char *const parts[] = { "a", "b", "+", "#", "" };
	enum { PARTS = 5, ALL = PARTS + PARTS * PARTS + 125 };
	static char filters[ALL][8];
	static const char *topics[ALL];
	size_t n = 0, t = 0;

	for (size_t i = 0; i < PARTS; i++) {
		snprintf(filters[n++], 8, "%s", parts[i]);
		for (size_t j = 0; j < PARTS; j++) {
			snprintf(filters[n++], 8, "%s/%s", parts[i], parts[j]);
			for (size_t k = 0; k < PARTS; k++)
				snprintf(filters[n++], 8, "%s/%s/%s", parts[i],
				    parts[j], parts[k]);
		}
	}
	ck_assert_uint_eq(n, ALL);
	for (size_t i = 0; i < n; i++)
		if (strpbrk(filters[i], "+#") == NULL)
			topics[t++] = filters[i];
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (topic_pattern_ok(filters[i]) &&
			    topic_pattern_ok(filters[j]))
				check_sound(filters[i], filters[j], topics, t);
}
END_TEST

START_TEST(patterns_are_checked)
{
	static const char *const good[] = { "a", "/", "a/b", "#", "+", "+/#",
		"a/+/b", "a//b", "%o", "%u/x", "a/%o/#", "a b", "$SYS/#",
		"a%o" };
	static const char *const bad[] = { "", "##", "#/a", "a#", "a/#/b", "a+",
		"+a", "++", "%", "%x", "%oo", "a/%c", "a/b#" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(topic_pattern_ok(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!topic_pattern_ok(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_shared_subscription_is_one_to_its_filter)
{
	ck_assert_str_eq(topic_unshared("$share/g/a/#"), "a/#");
	ck_assert_str_eq(topic_unshared("$share/g/"), "");
	ck_assert_str_eq(topic_unshared("$share/g"), "$share/g");
	ck_assert_str_eq(topic_unshared("$share"), "$share");
	ck_assert_str_eq(topic_unshared("$shared/g/a"), "$shared/g/a");
	ck_assert_str_eq(topic_unshared("a/$share/g"), "a/$share/g");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("topic");
	TCase *tc = tcase_create("topic");

	tcase_add_test(tc, a_pattern_covers_all_that_could_come);
	tcase_add_test(tc, a_name_is_no_wildcard);
	tcase_add_test(tc, what_is_covered_is_matched);
	tcase_add_test(tc, patterns_are_checked);
	tcase_add_test(tc, a_shared_subscription_is_one_to_its_filter);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
