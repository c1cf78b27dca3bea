/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doc.h"
#include "suite.h"

/*
 * Each test runs in a process of its own (CK_FORK), since a process prints one
 * document; what it prints goes to a file and is read back.
 */
static FILE *printed;

static void
catch_output(void)
{
	printed = tmpfile();
	ck_assert_ptr_nonnull(printed);
	fflush(stdout);
	ck_assert_int_ge(dup2(fileno(printed), STDOUT_FILENO), 0);
	doc_start();
}

/* The one document, and nothing behind it. */
static json_t *
read_back(void)
{
	json_error_t error;
	json_t *doc;

	fflush(stdout);
	rewind(printed);
	doc = json_loadf(printed, 0, &error);
	ck_assert_msg(doc != NULL, "%s", error.text);
	return doc;
}

static const char *
text_at(const json_t *doc, const char *outer, const char *inner)
{
	return json_string_value(
	    json_object_get(json_object_get(doc, outer), inner));
}

START_TEST(an_error_is_a_document)
{
	json_t *doc;

	doc_error("denied", "you \"may\" not\n");
	doc = read_back();
	ck_assert_str_eq(text_at(doc, "error", "status"), "denied");
	ck_assert_str_eq(text_at(doc, "error", "message"), "you \"may\" not\n");
	json_decref(doc);
}
END_TEST

static void
print_rows(int count)
{
	doc_list_begin(json_pack("{sb}", "dry_run", 0), "keys");
	for (int i = 0; i < count; i++)
		doc_row(json_pack("{si}", "i", i));
}

START_TEST(a_list_of_any_length_is_one_document)
{
	json_t *doc;

	print_rows(_i);
	doc_list_end();
	doc = read_back();
	ck_assert_uint_eq(json_array_size(json_object_get(doc, "keys")),
	    (size_t)_i);
	ck_assert(json_is_false(json_object_get(doc, "dry_run")));
	ck_assert_ptr_null(json_object_get(doc, "error"));
	json_decref(doc);
}
END_TEST

START_TEST(an_error_inside_a_list_ends_it)
{
	json_t *doc;

	print_rows(_i);
	doc_error("timeout", "too late");
	doc = read_back();
	ck_assert_uint_eq(json_array_size(json_object_get(doc, "keys")),
	    (size_t)_i);
	ck_assert_str_eq(text_at(doc, "error", "status"), "timeout");
	json_decref(doc);
}
END_TEST

START_TEST(an_error_after_the_document_is_not_a_second_one)
{
	json_t *doc;

	doc_print(json_pack("{si}", "a", 1));
	doc_error("store", "too late");
	doc = read_back();
	ck_assert_ptr_null(json_object_get(doc, "error"));
	json_decref(doc);
}
END_TEST

static void
check_ascii(void)
{
	char got[128] = "";

	rewind(printed);
	ck_assert_uint_gt(fread(got, 1, sizeof(got) - 1, printed), 0);
	for (const char *at = got; *at != '\0'; at++)
		ck_assert((*at >= ' ' && *at <= '~') || *at == '\n');
}

START_TEST(text_comes_back_as_it_was_from_an_ascii_document)
{
	static const char text[] = "\xc3\xbc \xe2\x80\xae \x1b";
	json_t *doc;

	doc_print(json_pack("{so}", "name", doc_text(text)));
	doc = read_back();
	ck_assert_str_eq(json_string_value(json_object_get(doc, "name")), text);
	json_decref(doc);
	check_ascii();
}
END_TEST

START_TEST(any_bytes_make_a_valid_ascii_document)
{
	char text[] = "\xff\xc3\x28\xe2\x80\xae\x1b\"\\";
	json_t *doc;

	text[0] = (char)_i;
	doc_print(json_pack("{so}", "name", doc_text(text)));
	doc = read_back();
	ck_assert(json_is_string(json_object_get(doc, "name")));
	json_decref(doc);
	check_ascii();
}
END_TEST

START_TEST(values_have_their_types)
{
	json_t *doc;
	json_t *words;

	doc_print(json_pack("{so so so so so}", "never", doc_time(0), "time",
	    doc_time(1896091200), "small", doc_number(7), "large",
	    doc_number(UINT64_MAX), "words", doc_words("  a:b  c ")));
	doc = read_back();
	ck_assert(json_is_null(json_object_get(doc, "never")));
	ck_assert_str_eq(json_string_value(json_object_get(doc, "time")),
	    "2030-01-31T12:00:00Z");
	ck_assert_int_eq(json_integer_value(json_object_get(doc, "small")), 7);
	ck_assert_str_eq(json_string_value(json_object_get(doc, "large")),
	    "18446744073709551615");
	words = json_object_get(doc, "words");
	ck_assert_uint_eq(json_array_size(words), 2);
	ck_assert_str_eq(json_string_value(json_array_get(words, 1)), "c");
	json_decref(doc);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("doc");
	TCase *tc = tcase_create("doc");

	tcase_add_checked_fixture(tc, catch_output, NULL);
	tcase_add_test(tc, an_error_is_a_document);
	tcase_add_loop_test(tc, a_list_of_any_length_is_one_document, 0, 3);
	tcase_add_loop_test(tc, an_error_inside_a_list_ends_it, 0, 3);
	tcase_add_test(tc, an_error_after_the_document_is_not_a_second_one);
	tcase_add_test(tc, text_comes_back_as_it_was_from_an_ascii_document);
	tcase_add_loop_test(tc, any_bytes_make_a_valid_ascii_document, 1, 256);
	tcase_add_test(tc, values_have_their_types);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
