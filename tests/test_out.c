/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "exact.h"
#include "out.h"
#include "suite.h"

/* The room is exactly what the header promises to be enough. */
static void
check_escape(const char *text, const char *escaped)
{
	char *copy = (char *)exact_copy(text, strlen(text) + 1);
	char *got = malloc(OUT_ESCAPED_SIZE(strlen(text)));

	out_escape(copy, got);
	ck_assert_str_eq(got, escaped);
	free(got);
	free(copy);
}

START_TEST(text_of_any_language_stays_as_it_is)
{
	check_escape("", "");
	check_escape("github-actions-production", "github-actions-production");
	check_escape("Gr\xc3\xbc\xc3\x9f"
		     "e \xe2\x82\xac \xf0\x9f\x94\x91",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e \xe2\x82\xac \xf0\x9f\x94\x91");
}
END_TEST

START_TEST(control_characters_are_shown_as_bytes)
{
	check_escape("\x1b[31m\x07\n\t\r\x7f",
	    "\\x1b[31m\\x07\\x0a\\x09\\x0d\\x7f");
	check_escape("\x01", "\\x01");
}
END_TEST

START_TEST(a_backslash_is_doubled_so_that_escapes_have_one_meaning)
{
	check_escape("\\x1b", "\\\\x1b");
}
END_TEST

START_TEST(characters_that_reorder_or_hide_text_are_shown_by_number)
{
	check_escape("a\xe2\x80\xae"
		     "b",
	    "a\\u{202e}b");
	check_escape("\xc2\x85", "\\u{85}");
	check_escape("\xe2\x81\xa6\xef\xbb\xbf", "\\u{2066}\\u{feff}");
	check_escape("\xf3\xa0\x80\x81", "\\u{e0001}");
}
END_TEST

static const struct {
	const char *text;
	const char *escaped;
} broken[] = {
	{ "\x80", "\\x80" },                   /* not a first byte */
	{ "\xc3", "\\xc3" },                   /* cut short */
	{ "\xe2\x82", "\\xe2\\x82" },          /* cut short */
	{ "\xf0\x9f\x94", "\\xf0\\x9f\\x94" }, /* cut short */
	{ "\xc0\xaf", "\\xc0\\xaf" },          /* too long a form */
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" }, /* too long a form */
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" }, /* too long a form */
	{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* a surrogate */
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* past the last */
	{ "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80" },
	{ "\xff"
	  "a",
	    "\\xffa" },
	{ "\xc3"
	  "a",
	    "\\xc3"
	    "a" },
};

START_TEST(broken_utf8_is_shown_as_bytes)
{
	check_escape(broken[_i].text, broken[_i].escaped);
}
END_TEST

START_TEST(every_byte_alone_fits_where_the_header_says)
{
	char text[2] = { (char)_i, '\0' };
	char *escaped = out_escaped(text);

	ck_assert_uint_lt(strlen(escaped), OUT_ESCAPED_SIZE(1));
	for (const char *at = escaped; *at != '\0'; at++)
		ck_assert(*at >= ' ' && *at <= '~');
	free(escaped);
}
END_TEST

/* What put prints of text. */
static void
check_printed(void (*put)(FILE *, const char *), const char *text,
    const char *printed)
{
	char got[64] = "";
	FILE *f = fmemopen(got, sizeof(got), "w");

	ck_assert_ptr_nonnull(f);
	put(f, text);
	fclose(f);
	ck_assert_str_eq(got, printed);
}

START_TEST(a_word_has_no_spaces)
{
	check_printed(out_word, "a b\n", "a\\x20b\\x0a");
	check_printed(out_text, "a b\n", "a b\\x0a");
}
END_TEST

static void
put_field(FILE *f, const char *value)
{
	out_field(f, 14, "id", value);
}

START_TEST(a_field_is_one_line)
{
	check_printed(put_field, "a\nb", "id:           a\\x0ab\n");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("out");
	TCase *tc = tcase_create("out");

	tcase_add_test(tc, text_of_any_language_stays_as_it_is);
	tcase_add_test(tc, control_characters_are_shown_as_bytes);
	tcase_add_test(tc,
	    a_backslash_is_doubled_so_that_escapes_have_one_meaning);
	tcase_add_test(tc,
	    characters_that_reorder_or_hide_text_are_shown_by_number);
	tcase_add_loop_test(tc, broken_utf8_is_shown_as_bytes, 0,
	    (int)(sizeof(broken) / sizeof(broken[0])));
	tcase_add_loop_test(tc, every_byte_alone_fits_where_the_header_says, 1,
	    256);
	tcase_add_test(tc, a_word_has_no_spaces);
	tcase_add_test(tc, a_field_is_one_line);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
