/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "keyd.h"
#include "suite.h"

static const struct {
	enum keyd_status status;
	int http;
	const char *challenge;
} table[] = {
	{ KEYD_OK, 200, "" },
	{ KEYD_MISSING, 401, "Bearer realm=\"R\"" },
	{ KEYD_MALFORMED, 401,
	    "Bearer realm=\"R\", error=\"invalid_token\", "
	    "error_description=\"The access token is malformed\"" },
	{ KEYD_UNKNOWN, 401,
	    "Bearer realm=\"R\", error=\"invalid_token\", error_description="
	    "\"The access token is unknown, expired or revoked\"" },
	{ KEYD_REVOKED, 401,
	    "Bearer realm=\"R\", error=\"invalid_token\", error_description="
	    "\"The access token is unknown, expired or revoked\"" },
	{ KEYD_EXPIRED, 401,
	    "Bearer realm=\"R\", error=\"invalid_token\", error_description="
	    "\"The access token is unknown, expired or revoked\"" },
	{ KEYD_WRONG_ORG, 403, "" },
	{ KEYD_FORBIDDEN, 403,
	    "Bearer realm=\"R\", error=\"insufficient_scope\", "
	    "scope=\"tests:write\"" },
	{ KEYD_RATE_LIMITED, 429, "" },
	{ KEYD_EUNAVAILABLE, 503, "" },
	{ KEYD_ETIMEOUT, 503, "" },
	{ KEYD_EBUSY, 503, "" },
	{ KEYD_EPERMISSION, 500, "" },
	{ KEYD_EINVAL, 500, "" },
	{ KEYD_EPROTOCOL, 500, "" },
	{ KEYD_ESTORE, 500, "" },
	{ KEYD_EDENIED, 500, "" },
	{ KEYD_ENOTFOUND, 500, "" },
	{ KEYD_EEXIST, 500, "" },
	{ KEYD_EOUTCOME, 500, "" },
	{ KEYD_ENOMEM, 500, "" },
	{ (enum keyd_status)99, 500, "" },
	{ (enum keyd_status) - 99, 500, "" },
};
static const int rows = sizeof(table) / sizeof(*table);

START_TEST(the_table_of_the_contract_holds)
{
	char text[KEYD_CHALLENGE_SIZE];
	size_t len;

	ck_assert_int_eq(keyd_http_status(table[_i].status), table[_i].http);
	len = keyd_http_challenge(table[_i].status, "R", "tests:write", text,
	    sizeof(text));
	ck_assert_str_eq(text, table[_i].challenge);
	ck_assert_uint_eq(len, strlen(text));
}
END_TEST

START_TEST(every_status_has_its_own_sentence)
{
	const char *text = keyd_strerror(table[_i].status);

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(strlen(text), 0);
	for (int i = 0; i < rows - 2; i++)
		if (i != _i)
			ck_assert_str_ne(text, keyd_strerror(table[i].status));
}
END_TEST

START_TEST(a_realm_is_quoted)
{
	char text[KEYD_CHALLENGE_SIZE];

	keyd_http_challenge(KEYD_MISSING, "a \"b\\c\"", NULL, text,
	    sizeof(text));
	ck_assert_str_eq(text, "Bearer realm=\"a \\\"b\\\\c\\\"\"");
}
END_TEST

START_TEST(no_realm_is_api)
{
	char text[KEYD_CHALLENGE_SIZE];

	keyd_http_challenge(KEYD_MISSING, NULL, NULL, text, sizeof(text));
	ck_assert_str_eq(text, "Bearer realm=\"api\"");
}
END_TEST

START_TEST(a_realm_with_a_control_character_gives_nothing)
{
	static const char *const realms[] = { "a\r\nSet-Cookie: x", "\x7f",
		"\t", "\x01" };
	char text[KEYD_CHALLENGE_SIZE] = "x";

	for (size_t i = 0; i < sizeof(realms) / sizeof(*realms); i++) {
		ck_assert_uint_eq(keyd_http_challenge(KEYD_MISSING, realms[i],
				      NULL, text, sizeof(text)),
		    0);
		ck_assert_str_eq(text, "");
	}
}
END_TEST

START_TEST(what_is_no_permission_is_no_scope)
{
	char text[KEYD_CHALLENGE_SIZE];

	keyd_http_challenge(KEYD_FORBIDDEN, "R", "a\", b=\"c", text,
	    sizeof(text));
	ck_assert_str_eq(text,
	    "Bearer realm=\"R\", error=\"insufficient_scope\"");
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_empty)
{
	const size_t need = strlen("Bearer realm=\"R\"") + 1;

	for (size_t size = 1; size <= need; size++) {
		char *text = malloc(size);
		size_t len =
		    keyd_http_challenge(KEYD_MISSING, "R", NULL, text, size);

		ck_assert_uint_eq(len, size == need ? need - 1 : 0);
		ck_assert_uint_eq(strlen(text), len);
		free(text);
	}
	ck_assert_uint_eq(keyd_http_challenge(KEYD_MISSING, "R", NULL, NULL, 0),
	    0);
}
END_TEST

START_TEST(any_realm_of_128_bytes_fits)
{
	char text[KEYD_CHALLENGE_SIZE], realm[129], permission[64];

	memset(realm, '"', sizeof(realm));
	realm[128] = '\0';
	memset(permission, 'p', sizeof(permission));
	permission[63] = '\0';
	for (int i = 0; i < rows; i++)
		if (table[i].challenge[0] != '\0')
			ck_assert_uint_gt(keyd_http_challenge(table[i].status,
					      realm, permission, text,
					      sizeof(text)),
			    256);
}
END_TEST

START_TEST(limits_are_written_as_the_draft_has_them)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	char limit[KEYD_RATELIMIT_SIZE], policy[KEYD_RATELIMIT_SIZE];

	v.rate_limit = 60;
	v.rate_remaining = 7;
	v.rate_reset = 12;
	ck_assert_int_eq(keyd_http_ratelimit(&v, limit, sizeof(limit), policy,
			     sizeof(policy)),
	    1);
	ck_assert_str_eq(limit, "\"default\";r=7;t=12");
	ck_assert_str_eq(policy, "\"default\";q=60;w=60");
	v.rate_limit = v.rate_remaining = v.rate_reset = UINT32_MAX;
	ck_assert_int_eq(keyd_http_ratelimit(&v, limit, sizeof(limit), policy,
			     sizeof(policy)),
	    1);
}
END_TEST

START_TEST(without_a_limit_there_is_nothing_to_write)
{
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	char limit[KEYD_RATELIMIT_SIZE] = "x", policy[4] = "x";

	ck_assert_int_eq(keyd_http_ratelimit(&v, limit, sizeof(limit), policy,
			     sizeof(policy)),
	    0);
	ck_assert_str_eq(limit, "");
	ck_assert_str_eq(policy, "");
	v.rate_limit = 60;
	ck_assert_int_eq(keyd_http_ratelimit(&v, limit, sizeof(limit), policy,
			     sizeof(policy)),
	    0);
	ck_assert_str_eq(limit, "");
	ck_assert_str_eq(policy, "");
	v.size = sizeof(v.size);
	ck_assert_int_eq(keyd_http_ratelimit(&v, limit, sizeof(limit), limit,
			     sizeof(limit)),
	    0);
	ck_assert_int_eq(keyd_http_ratelimit(NULL, limit, sizeof(limit), NULL,
			     0),
	    0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("http");
	TCase *tc = tcase_create("http");

	tcase_add_loop_test(tc, the_table_of_the_contract_holds, 0, rows);
	tcase_add_loop_test(tc, every_status_has_its_own_sentence, 0, rows - 2);
	tcase_add_test(tc, a_realm_is_quoted);
	tcase_add_test(tc, no_realm_is_api);
	tcase_add_test(tc, a_realm_with_a_control_character_gives_nothing);
	tcase_add_test(tc, what_is_no_permission_is_no_scope);
	tcase_add_test(tc, a_text_that_does_not_fit_is_empty);
	tcase_add_test(tc, any_realm_of_128_bytes_fits);
	tcase_add_test(tc, limits_are_written_as_the_draft_has_them);
	tcase_add_test(tc, without_a_limit_there_is_nothing_to_write);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return suite_run(suite());
}
