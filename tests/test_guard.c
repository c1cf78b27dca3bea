/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "exact.h"
#include "guard.h"
#include "suite.h"

#define TOKEN "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty"

static bool
is_token(const char *text)
{
	char *copy = (char *)exact_copy(text, strlen(text) + 1);
	bool token = guard_is_token(copy);

	free(copy);
	return token;
}

static const char *const tokens[] = { TOKEN, "Bearer " TOKEN, TOKEN "\n",
	"--name=" TOKEN, "\"" TOKEN "\"", "CMK_cmk_a1b2c3d4e5f6g7h8",
	"cmk_a1b2c3d4e5f6", "cmk_A1B2C3D4E5F6G7H8",
	"acme_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty",
	"key_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty" };

START_TEST(a_token_is_seen_whole_or_cut_and_wherever_it_is)
{
	ck_assert(is_token(tokens[_i]));
}
END_TEST

static const char *const others[] = { "", "_", "cmk", "cmk_", "cmk_ci", "acme",
	"alice@example.com", "key_0123456789abcdef",
	"github-actions-production", "user_2NNEqL2nrIRdJ194ndJqAHwEfxC",
	"user_01h455vb4pex5vsknk084sn02q",
	"a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty" };

START_TEST(ids_names_and_users_are_no_tokens)
{
	ck_assert(!is_token(others[_i]));
}
END_TEST

START_TEST(a_token_among_the_arguments_is_wiped)
{
	char token[] = TOKEN;
	char program[] = "keydctl";
	char command[] = "revoke";
	char *argv[] = { program, command, token, NULL };

	ck_assert(!guard_arguments(3, argv));
	for (size_t i = 0; i < sizeof(token); i++)
		ck_assert_int_eq(token[i], '\0');
	ck_assert_str_eq(command, "revoke");
	ck_assert(guard_arguments(3, argv));
}
END_TEST

START_TEST(a_key_id_is_exactly_that)
{
	ck_assert(guard_is_key_id("key_0123456789abcdef"));
	ck_assert(guard_is_key_id("key_zzzzzzzzzzzzzzzz"));
	ck_assert(!guard_is_key_id(""));
	ck_assert(!guard_is_key_id("key_0123456789abcde"));
	ck_assert(!guard_is_key_id("key_0123456789abcdef0"));
	ck_assert(!guard_is_key_id("key_0123456789abcdeF"));
	ck_assert(!guard_is_key_id("key-0123456789abcdef"));
	ck_assert(!guard_is_key_id("0123456789abcdefkey_"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("guard");
	TCase *tc = tcase_create("guard");

	tcase_add_loop_test(tc, a_token_is_seen_whole_or_cut_and_wherever_it_is,
	    0, (int)(sizeof(tokens) / sizeof(tokens[0])));
	tcase_add_loop_test(tc, ids_names_and_users_are_no_tokens, 0,
	    (int)(sizeof(others) / sizeof(others[0])));
	tcase_add_test(tc, a_token_among_the_arguments_is_wiped);
	tcase_add_test(tc, a_key_id_is_exactly_that);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
