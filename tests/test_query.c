/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "query.h"
#include "suite.h"

/* A copy of exactly its length, to be written to. */
static char *
copy_of(const char *text)
{
	char *copy = strdup(text);

	ck_assert_ptr_nonnull(copy);
	return copy;
}

/* The pairs as "name=value;", up to the first that is broken, which is "!". */
static const char *
pairs(const char *text)
{
	static char seen[256];
	char *copy = copy_of(text), *rest = copy, *name, *value;
	bool broken;

	seen[0] = '\0';
	while (form_next(&rest, &name, &value, &broken))
		sprintf(seen + strlen(seen), "%s=%s;", name, value);
	if (broken)
		strcat(seen, "!");
	free(copy);
	return seen;
}

START_TEST(pairs_are_decoded_one_after_the_other)
{
	ck_assert_str_eq(pairs(""), "");
	ck_assert_str_eq(pairs("a=1"), "a=1;");
	ck_assert_str_eq(pairs("a=1&b=2&c"), "a=1;b=2;c=;");
	ck_assert_str_eq(pairs("&&a=1&&"), "a=1;");
	ck_assert_str_eq(pairs("a=b=c"), "a=b=c;");
	ck_assert_str_eq(pairs("a=x+y%20z%2B%26%3d"), "a=x y z+&=;");
	ck_assert_str_eq(pairs("%61=%C3%a9"), "a=\xc3\xa9;");
	ck_assert_str_eq(pairs("="), "=;");
	ck_assert_str_eq(pairs("=x"), "=x;");
}
END_TEST

START_TEST(a_broken_pair_ends_them)
{
	static const char *const broken[] = { "%", "a=%", "a=%4", "a=%4g",
		"a=%zz", "a=%00", "%00", "a%0=1", "a=%-1", "a=% 1" };

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char text[64];

		ck_assert_str_eq(pairs(broken[i]), "!");
		snprintf(text, sizeof(text), "b=2&%s&c=3", broken[i]);
		ck_assert_str_eq(pairs(text), "b=2;!");
	}
}
END_TEST

static const char *
parse(const char *text, struct query *q)
{
	char *copy = copy_of(text);
	const char *why = query_parse(copy, q);

	free(copy);
	return why;
}

START_TEST(what_is_wanted_is_read)
{
	char text[128] = "permission=";
	struct query q;

	ck_assert_ptr_null(parse("", &q));
	ck_assert_str_eq(q.permission, "");
	ck_assert_str_eq(q.org, "");
	ck_assert(!q.carry && !q.detail);
	ck_assert_ptr_null(parse("any", &q));
	ck_assert_ptr_null(
	    parse("detail=yes&org=acme&carry=403&permission=tests%3Arun", &q));
	ck_assert_str_eq(q.permission, "tests:run");
	ck_assert_str_eq(q.org, "acme");
	ck_assert(q.carry && q.detail);
	memset(text + strlen(text), 'x', QUERY_TEXT_SIZE - 1);
	ck_assert_ptr_null(parse(text, &q));
	ck_assert_uint_eq(strlen(q.permission), QUERY_TEXT_SIZE - 1);
}
END_TEST

#define TWICE "carry=403&carry=403"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

START_TEST(what_cannot_be_meant_is_refused)
{
	static const char *const wrong[] = { "permission",
		"permission=", "org=", "permision=x", "PERMISSION=x",
		"permission =x", "permission=x&permission=x",
		"org=a&permission=x&org=a", "any=1", "any&any", "carry",
		"carry=", "carry=401", TWICE, "detail=no", "detail", "x", "=",
		"permission=x&y=1", "permission=x&%", "permission=%00",
		"permission=" LONG, "org=" LONG };
	struct query q;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(parse(wrong[i], &q) != NULL, "accepted: %s",
		    wrong[i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("query");
	TCase *tc = tcase_create("query");

	tcase_add_test(tc, pairs_are_decoded_one_after_the_other);
	tcase_add_test(tc, a_broken_pair_ends_them);
	tcase_add_test(tc, what_is_wanted_is_read);
	tcase_add_test(tc, what_cannot_be_meant_is_refused);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
