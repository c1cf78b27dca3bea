/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "seal.h"
#include "suite.h"
#include "token.h"

static const char token[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty";

static struct seal *seal;

static void
setup(void)
{
	seal = seal_new();
	ck_assert_ptr_nonnull(seal);
}

static void
teardown(void)
{
	seal_free(seal);
}

/* Bytes of the sealed copy, as it is in memory: its length, then the rest. */
static size_t
size_of(size_t len)
{
	return sizeof(size_t) + 24 + 16 + len;
}

START_TEST(what_was_sealed_comes_back)
{
	char *copy = (char *)exact_copy(token, sizeof(token));
	struct sealed *box = seal_token(seal, copy);
	const char *open;

	free(copy);
	ck_assert_ptr_nonnull(box);
	for (int i = 0; i < 3; i++) {
		open = seal_open(seal, box);
		ck_assert_str_eq(open, token);
		seal_shut(seal);
		for (size_t j = 0; j < sizeof(token); j++)
			ck_assert_int_eq(open[j], 0);
	}
	sealed_free(box);
}
END_TEST

START_TEST(the_copy_does_not_show_it)
{
	struct sealed *one = seal_token(seal, token);
	struct sealed *other = seal_token(seal, token);
	size_t size = size_of(strlen(token));

	ck_assert_ptr_null(memmem(one, size, token + 4, 8));
	ck_assert_int_ne(memcmp(one, other, size), 0);
	sealed_free(one);
	sealed_free(other);
}
END_TEST

START_TEST(a_changed_copy_is_none)
{
	size_t size = size_of(strlen(token));

	for (size_t bit = sizeof(size_t) * 8; bit < size * 8; bit += 7) {
		struct sealed *box = seal_token(seal, token);

		((uint8_t *)box)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_ptr_null(seal_open(seal, box));
		sealed_free(box);
	}
}
END_TEST

START_TEST(lengths)
{
	static char text[TOKEN_FOREIGN_MAX + 2];
	struct sealed *box = seal_token(seal, "");

	ck_assert_str_eq(seal_open(seal, box), "");
	sealed_free(box);
	memset(text, 'x', TOKEN_FOREIGN_MAX + 1);
	ck_assert_ptr_null(seal_token(seal, text));
	text[TOKEN_FOREIGN_MAX] = '\0';
	box = seal_token(seal, text);
	ck_assert_str_eq(seal_open(seal, box), text);
	seal_shut(seal);
	sealed_free(box);
	sealed_free(NULL);
	seal_free(NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("seal");
	TCase *tc = tcase_create("seal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_sealed_comes_back);
	tcase_add_test(tc, the_copy_does_not_show_it);
	tcase_add_test(tc, a_changed_copy_is_none);
	tcase_add_test(tc, lengths);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
