/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "names.h"
#include "suite.h"
#include "visible.h"

/* Asks with a copy that ends where the text does. */
static bool
ask(bool (*is_name)(const char *), const char *text)
{
	char *copy = strdup(text);
	bool answer;

	ck_assert_ptr_nonnull(copy);
	answer = is_name(copy);
	free(copy);
	return answer;
}

/* One allowed character, so often, after a first one. */
static bool
ask_long(bool (*is_name)(const char *), size_t len)
{
	char *text = malloc(len + 1);
	bool answer;

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', len);
	text[len] = '\0';
	answer = is_name(text);
	free(text);
	return answer;
}

static const struct {
	bool (*is_name)(const char *);
	size_t size;
	const char *first; /* every character that may come first */
	const char *rest;  /* every other one that may follow */
} kinds[] = {
	{ name_is_org, ORG_SIZE, "abcdefghijklmnopqrstuvwxyz0123456789", "-" },
	{ name_is_user, USER_SIZE,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	    "._@+-" },
	{ name_is_permission, PERMISSION_SIZE,
	    "abcdefghijklmnopqrstuvwxyz0123456789", ":._-" },
	{ name_is_role, ROLE_SIZE, "abcdefghijklmnopqrstuvwxyz",
	    "0123456789-" },
	{ name_is_plan, PLAN_SIZE, "abcdefghijklmnopqrstuvwxyz",
	    "0123456789-" },
	{ name_is_context, CONTEXT_SIZE, "abcdefghijklmnopqrstuvwxyz",
	    "0123456789-" },
	{ name_is_prefix, PREFIX_SIZE, "abcdefghijklmnopqrstuvwxyz",
	    "0123456789" },
};

#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

START_TEST(every_byte_is_allowed_or_refused_as_the_first)
{
	for (int c = 1; c < 256; c++) {
		const char text[] = { (char)c, '\0' };

		ck_assert_int_eq(ask(kinds[_i].is_name, text),
		    strchr(kinds[_i].first, c) != NULL);
	}
}
END_TEST

START_TEST(every_byte_is_allowed_or_refused_after_the_first)
{
	for (int c = 1; c < 256; c++) {
		const char text[] = { 'a', (char)c, 'a', '\0' };

		ck_assert_int_eq(ask(kinds[_i].is_name, text),
		    strchr(kinds[_i].first, c) != NULL ||
			strchr(kinds[_i].rest, c) != NULL);
	}
}
END_TEST

START_TEST(a_name_fills_its_field_and_no_more)
{
	ck_assert(!ask_long(kinds[_i].is_name, 0));
	ck_assert(ask_long(kinds[_i].is_name, 1));
	ck_assert(ask_long(kinds[_i].is_name, kinds[_i].size - 1));
	ck_assert(!ask_long(kinds[_i].is_name, kinds[_i].size));
	ck_assert(!ask_long(kinds[_i].is_name, 100000));
}
END_TEST

START_TEST(a_key_id_is_key_and_sixteen_characters)
{
	ck_assert(ask(name_is_key_id, "key_0123456789abcdez"));
	ck_assert(!ask(name_is_key_id, ""));
	ck_assert(!ask(name_is_key_id, "key_"));
	ck_assert(!ask(name_is_key_id, "key_0123456789abcde"));
	ck_assert(!ask(name_is_key_id, "key_0123456789abcdef0"));
	ck_assert(!ask(name_is_key_id, "key_0123456789abcdef "));
	ck_assert(!ask(name_is_key_id, "key_0123456789abcdeF"));
	ck_assert(!ask(name_is_key_id, "Key_0123456789abcdef"));
	ck_assert(!ask(name_is_key_id, "kex_0123456789abcdef"));
}
END_TEST

static bool
is_text(const char *s)
{
	return name_is_text(s, NAME_SIZE);
}

static const char *const texts[] = {
	"a",
	"github-actions-production",
	"two words",
	"\xc3\xa9t\xc3\xa9",
	"\xe2\x82\xac",
	"\xf0\x9f\x94\x91",
	"\xf4\x8f\xbf\xbf",
	"\xc2\xa0",
	"\xed\x9f\xbf",
	"\xee\x80\x80",
	"back\\slash",
};

START_TEST(text_in_any_script_is_a_name)
{
	ck_assert(ask(is_text, texts[_i]));
}
END_TEST

static const char *const no_texts[] = {
	"",
	" ",
	" a",
	"a ",
	"a\nb",
	"a\tb",
	"a\x1b[31m",
	"a\x7f",
	"\xc2\x80",     /* C1 */
	"\xc2\x9f",     /* C1 */
	"a\xc2\x85",    /* next line */
	"\xe2\x80\xa8", /* line separator */
	"\xe2\x80\xa9", /* paragraph separator */
	"\xe2\x80\xaa", /* bidi embedding */
	"\xe2\x80\xae", /* bidi override */
	"\xe2\x81\xa6", /* bidi isolate */
	"\xe2\x81\xa9", /* its end */
	"\x80",         /* a follower alone */
	"a\xbf",
	"\xc3", /* cut short */
	"\xe2\x82",
	"\xf0\x9f\x94",
	"\xc3(",
	"\xe2\x82(",
	"\xc0\x80", /* too long for what they say */
	"\xc1\xbf",
	"\xe0\x9f\xbf",
	"\xf0\x8f\xbf\xbf",
	"\xed\xa0\x80", /* surrogates */
	"\xed\xbf\xbf",
	"\xf4\x90\x80\x80", /* past the end of Unicode */
	"\xf5\x80\x80\x80",
	"\xfe",
	"\xff",
};

START_TEST(what_cannot_be_shown_is_no_name)
{
	ck_assert(!ask(is_text, no_texts[_i]));
}
END_TEST

START_TEST(a_text_fills_its_field_and_no_more)
{
	ck_assert(ask_long(is_text, NAME_SIZE - 1));
	ck_assert(!ask_long(is_text, NAME_SIZE));
	ck_assert(!name_is_text("a", 1));
	ck_assert(name_is_text("a", 2));
}
END_TEST

START_TEST(a_visible_character_says_how_long_it_is)
{
	ck_assert_uint_eq(visible_char("a"), 1);
	ck_assert_uint_eq(visible_char("\xc3\xa9"), 2);
	ck_assert_uint_eq(visible_char("\xe2\x82\xac"), 3);
	ck_assert_uint_eq(visible_char("\xf0\x9f\x94\x91"), 4);
	ck_assert_uint_eq(visible_char(""), 0);
	ck_assert_uint_eq(visible_char("\n"), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("names");
	TCase *tc = tcase_create("names");

	tcase_add_loop_test(tc, every_byte_is_allowed_or_refused_as_the_first,
	    0, KINDS);
	tcase_add_loop_test(tc,
	    every_byte_is_allowed_or_refused_after_the_first, 0, KINDS);
	tcase_add_loop_test(tc, a_name_fills_its_field_and_no_more, 0, KINDS);
	tcase_add_test(tc, a_key_id_is_key_and_sixteen_characters);
	tcase_add_loop_test(tc, text_in_any_script_is_a_name, 0,
	    sizeof(texts) / sizeof(texts[0]));
	tcase_add_loop_test(tc, what_cannot_be_shown_is_no_name, 0,
	    sizeof(no_texts) / sizeof(no_texts[0]));
	tcase_add_test(tc, a_text_fills_its_field_and_no_more);
	tcase_add_test(tc, a_visible_character_says_how_long_it_is);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
