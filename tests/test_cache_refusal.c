/* SPDX-License-Identifier: ISC */
#include "cached.h"
#include "suite.h"

START_TEST(a_key_used_too_often_is_refused_until_its_time)
{
	struct reply_verdict a = cached_answer(0, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	a.code = VERDICT_RATE_LIMITED;
	a.retry_after = 3;
	a.remaining = 0;
	a.lease.us = 2500000;
	cached_keep("a", &a);
	for (int64_t left = 2500; left > 10; left -= 100, now += 100 * MS) {
		int64_t s = (left + 999) / 1000;

		ck_assert(cached_look("a", &status, &v));
		ck_assert_int_eq(status, KEYD_RATE_LIMITED);
		/* The lease ends a tick before. */
		ck_assert_int_le(v.retry_after, s);
		ck_assert_int_ge(v.retry_after, (left - 10 + 999) / 1000);
		ck_assert_uint_ge(v.retry_after, 1);
		ck_assert_uint_eq(v.rate_limit, 6000);
		ck_assert_uint_eq(v.rate_remaining, 0);
		ck_assert_str_eq(v.key_id, "key_0123456789abcdef");
	}
	ck_assert(!cached_look("a", &status, &v));
}
END_TEST

START_TEST(a_refusal_is_not_used_up)
{
	struct reply_verdict a = cached_answer(0, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	a.code = VERDICT_RATE_LIMITED;
	cached_keep("a", &a);
	for (int i = 0; i < 100000; i++)
		ck_assert(cached_look("a", &status, &v));
}
END_TEST

START_TEST(a_refusal_that_takes_nothing_is_kept)
{
	static const enum verdict_code codes[] = { VERDICT_WRONG_ORG,
		VERDICT_FORBIDDEN };
	struct reply_verdict a = cached_answer(0, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	a.code = (uint8_t)codes[_i];
	cached_keep("a", &a);
	for (int i = 0; i < 1000; i++) {
		ck_assert(cached_look("a", &status, &v));
		ck_assert_int_eq((int)status, (int)codes[_i]);
		ck_assert_uint_eq(v.retry_after, 0);
	}
	now += 1000 * MS;
	ck_assert(!cached_look("a", &status, &v));
}
END_TEST

/* A token that is unknown may be known in a moment; and so on. */
START_TEST(no_other_refusal_is_kept)
{
	for (int code = 0; code <= UINT8_MAX; code++) {
		struct reply_verdict a = cached_answer(1, 10);
		struct keyd_verdict v;
		enum keyd_status status;

		if (code == VERDICT_OK || code == VERDICT_RATE_LIMITED ||
		    code == VERDICT_WRONG_ORG || code == VERDICT_FORBIDDEN)
			continue;
		a.code = (uint8_t)code;
		cached_keep("a", &a);
		ck_assert(!cached_look("a", &status, &v));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache_refusal");
	TCase *tc = tcase_create("cache_refusal");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_key_used_too_often_is_refused_until_its_time);
	tcase_add_test(tc, a_refusal_is_not_used_up);
	tcase_add_loop_test(tc, a_refusal_that_takes_nothing_is_kept, 0, 2);
	tcase_add_test(tc, no_other_refusal_is_kept);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
