/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bearer.h"
#include "exact.h"
#include "suite.h"

static enum keyd_status
parse(const char *value, char *token)
{
	char *copy = (char *)exact_copy(value, strlen(value) + 1);
	struct span s;
	enum keyd_status status = bearer_parse(copy, &s);

	memset(token, 0, 64);
	if (status == KEYD_OK)
		memcpy(token, s.ptr, s.len);
	else
		ck_assert(s.ptr == NULL && s.len == 0);
	free(copy);
	return status;
}

START_TEST(the_token_is_found)
{
	static const char *const values[] = { "Bearer t0ken", "bearer t0ken",
		"BEARER t0ken", "bEaReR t0ken", "Bearer   t0ken",
		" \tBearer t0ken", "Bearer t0ken \t" };
	char token[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		ck_assert_int_eq(parse(values[i], token), KEYD_OK);
		ck_assert_str_eq(token, "t0ken");
	}
}
END_TEST

START_TEST(no_bearer_is_missing)
{
	static const char *const values[] = { "", " ", "Bearer", "Bearer ",
		"Bearer  \t ", "Bear t0ken", "Bearert0ken", "Bearer\tt0ken",
		"Basic dXNlcjpwYXNz", "cmk_a1b2c3", "Token t0ken", "B",
		"Beare" };
	char token[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		ck_assert_msg(parse(values[i], token) == KEYD_MISSING, "\"%s\"",
		    values[i]);
}
END_TEST

START_TEST(no_header_is_missing)
{
	struct span s;

	ck_assert_int_eq(bearer_parse(NULL, &s), KEYD_MISSING);
}
END_TEST

START_TEST(more_behind_the_token_is_malformed)
{
	static const char *const values[] = { "Bearer t0ken more",
		"Bearer t0ken, Bearer other", "Bearer t0ken,", "Bearer ,t0ken",
		"Bearer t0ken\tmore", "Bearer \tt0ken" };
	char token[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		ck_assert_msg(parse(values[i], token) == KEYD_MALFORMED,
		    "\"%s\"", values[i]);
}
END_TEST

/* It is no white space, so it stays in the token and the format refuses it. */
START_TEST(a_line_end_is_no_white_space)
{
	char token[64];

	ck_assert_int_eq(parse("Bearer t0ken\r\n", token), KEYD_OK);
	ck_assert_str_eq(token, "t0ken\r\n");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("bearer");
	TCase *tc = tcase_create("bearer");

	tcase_add_test(tc, the_token_is_found);
	tcase_add_test(tc, no_bearer_is_missing);
	tcase_add_test(tc, no_header_is_missing);
	tcase_add_test(tc, more_behind_the_token_is_malformed);
	tcase_add_test(tc, a_line_end_is_no_white_space);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
