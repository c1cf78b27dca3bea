/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "suite.h"
#include "token.h"

/* The vector of DESIGN, and of doc/PROTOCOL, section 6. */
static const char vector[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty";
static const uint8_t vector_digest[DIGEST_SIZE] = { 0xfe, 0x79, 0x11, 0x90,
	0x1f, 0xfe, 0x0f, 0x25, 0xc1, 0xbe, 0xc1, 0x8d, 0x44, 0xb2, 0x00, 0x86,
	0xe6, 0x37, 0x43, 0x33, 0xb8, 0x4b, 0x62, 0x45, 0xe2, 0x6e, 0xd4, 0xaf,
	0x18, 0x81, 0x38, 0xcd };
static const size_t vector_len = sizeof(vector) - 1;

/* As an exact copy without a NUL: nothing past len may be read. */
static bool
check(const char *text, size_t len, const char *prefix)
{
	uint8_t *copy = exact_copy(text, len);
	bool ok = token_check((const char *)copy, len, prefix);

	free(copy);
	return ok;
}

START_TEST(the_vector_is_a_token)
{
	ck_assert(check(vector, vector_len, "cmk"));
}
END_TEST

START_TEST(the_vector_has_its_digest)
{
	uint8_t *copy = exact_copy(vector, vector_len);
	uint8_t digest[DIGEST_SIZE];

	token_digest((const char *)copy, vector_len, digest);
	ck_assert_mem_eq(digest, vector_digest, sizeof(digest));
	free(copy);
}
END_TEST

START_TEST(a_token_of_another_prefix_is_none)
{
	ck_assert(!check(vector, vector_len, "cml"));
	ck_assert(!check(vector, vector_len, "cm"));
	ck_assert(!check(vector, vector_len, "cmka"));
}
END_TEST

START_TEST(a_token_cut_short_is_none)
{
	ck_assert(!check(vector, (size_t)_i, "cmk"));
}
END_TEST

START_TEST(a_token_with_more_behind_it_is_none)
{
	ck_assert(!token_check(vector, vector_len + 1, "cmk"));
}
END_TEST

START_TEST(a_token_with_any_byte_changed_is_none)
{
	char text[sizeof(vector)];

	for (int c = 0; c <= UINT8_MAX; c++) {
		memcpy(text, vector, sizeof(text));
		text[_i] = (char)c;
		ck_assert(
		    check(text, vector_len, "cmk") == (text[_i] == vector[_i]));
	}
}
END_TEST

START_TEST(two_characters_swapped_are_noticed)
{
	char text[sizeof(vector)];
	char c;

	memcpy(text, vector, sizeof(text));
	c = text[_i];
	text[_i] = text[_i + 1];
	text[_i + 1] = c;
	ck_assert(!check(text, vector_len, "cmk"));
}
END_TEST

/* Its checksum is right, so only the alphabet can refuse it. */
START_TEST(a_capital_under_a_right_checksum_is_refused)
{
	static const char text[] =
	    "cmk_A1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0ebvgei";

	ck_assert(!check(text, sizeof(text) - 1, "cmk"));
}
END_TEST

START_TEST(a_new_token_is_one_for_each_prefix)
{
	static const char *const prefixes[] = { "cmk", "a", "z9",
		"abcdefghijklmno" };
	char text[KEYD_TOKEN_SIZE];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		ck_assert(token_new(prefixes[i], text));
		ck_assert_uint_eq(strlen(text),
		    strlen(prefixes[i]) + 1 + TOKEN_RANDOM + TOKEN_CHECKSUM);
		ck_assert(check(text, strlen(text), prefixes[i]));
	}
}
END_TEST

START_TEST(what_is_no_prefix_makes_no_token)
{
	static const char *const prefixes[] = { "", "9a", "Cmk", "c-k", "c_k",
		"abcdefghijklmnop" };
	char text[KEYD_TOKEN_SIZE] = "x";

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		ck_assert(!token_prefix_ok(prefixes[i]));
		ck_assert(!token_new(prefixes[i], text));
		ck_assert_str_eq(text, "");
	}
}
END_TEST

/*
 * Chi-squared with 35 degrees of freedom: above 90 once in 10^6 runs.  With
 * bytes % 36 and no rejection it would be about 1700 here.
 */
START_TEST(every_character_is_equally_likely)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	enum { TOKENS = 20000 };
	const double expected = (double)TOKENS * TOKEN_RANDOM / 36;
	double chi = 0;
	unsigned count[UINT8_MAX + 1] = { 0 };
	char text[KEYD_TOKEN_SIZE];

	for (int i = 0; i < TOKENS; i++) {
		ck_assert(token_new("cmk", text));
		for (size_t j = 0; j < TOKEN_RANDOM; j++)
			count[(uint8_t)text[4 + j]]++;
	}
	for (size_t i = 0; i < 36; i++) {
		double off = count[(uint8_t)digits[i]] - expected;

		chi += off * off / expected;
	}
	ck_assert_double_lt(chi, 90);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("token");
	TCase *tc = tcase_create("token");

	tcase_add_test(tc, the_vector_is_a_token);
	tcase_add_test(tc, the_vector_has_its_digest);
	tcase_add_test(tc, a_token_of_another_prefix_is_none);
	tcase_add_loop_test(tc, a_token_cut_short_is_none, 0,
	    (int)sizeof(vector) - 1);
	tcase_add_test(tc, a_token_with_more_behind_it_is_none);
	tcase_add_loop_test(tc, a_token_with_any_byte_changed_is_none, 0,
	    (int)sizeof(vector) - 1);
	tcase_add_loop_test(tc, two_characters_swapped_are_noticed, 0,
	    (int)sizeof(vector) - 2);
	tcase_add_test(tc, a_capital_under_a_right_checksum_is_refused);
	tcase_add_test(tc, a_new_token_is_one_for_each_prefix);
	tcase_add_test(tc, what_is_no_prefix_makes_no_token);
	tcase_add_test(tc, every_character_is_equally_likely);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
