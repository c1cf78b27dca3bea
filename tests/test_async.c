/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "suite.h"
#include "token.h"

#define MANY 1000

START_TEST(a_verdict_comes_by_the_callback)
{
	struct heard h;

	ck_assert_uint_ne(ask(&h, good), 0);
	ck_assert_int_eq(h.calls, 0);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_OK);
	ck_assert_str_eq(h.verdict.key_id, "key_0123456789abcdef");
	ck_assert_str_eq(h.verdict.user, "alice");
	ck_assert_uint_eq(h.verdict.rate_limit, 60);
	ck_assert_str_eq(peer.last.verify.permission, "tests:run");
	ck_assert_int_eq(keyd_async_timeout(async), -1);
}
END_TEST

START_TEST(every_verdict_is_passed_on)
{
	static const enum keyd_status all[] = { KEYD_OK, KEYD_UNKNOWN,
		KEYD_REVOKED, KEYD_EXPIRED, KEYD_WRONG_ORG, KEYD_FORBIDDEN,
		KEYD_RATE_LIMITED };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		peer.verdict = (int)all[i];
		ck_assert_int_eq(verdict_of(good), all[i]);
	}
	peer.verdict = 1;
	ck_assert_int_eq(verdict_of(good), KEYD_EPROTOCOL);
}
END_TEST

START_TEST(many_are_under_way_on_one_connection_and_come_in_order)
{
	static struct heard h[MANY];

	for (int i = 0; i < MANY; i++)
		(void)ask(&h[i], good);
	for (int i = 0; i < MANY; i++) {
		wait_for(&h[i]);
		ck_assert_int_eq(h[i].status, KEYD_OK);
		ck_assert_int_eq(h[i].order, i + 1);
	}
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, MANY);
}
END_TEST

START_TEST(what_is_no_token_is_said_before_submit_returns)
{
	struct heard h = { 0 };
	uint64_t ticket = 1;

	ck_assert_int_eq(keyd_async_verify(async, NULL, NULL, hear, &h,
			     &ticket),
	    KEYD_OK);
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(h.status, KEYD_MISSING);
	ck_assert_uint_eq(ticket, 0);
	ck_assert_int_eq(keyd_async_verify_bearer(async, "Basic eA==", NULL,
			     hear, &h, NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_MISSING);
	ck_assert_int_eq(keyd_async_verify_bearer(async, "Bearer a b", NULL,
			     hear, &h, NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_MALFORMED);
	ck_assert_int_eq(keyd_async_verify(async, "a\tb", NULL, hear, &h, NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_MALFORMED);
	ck_assert_int_eq(keyd_async_verify(async, good, "NOT ONE", hear, &h,
			     NULL),
	    KEYD_OK);
	ck_assert_int_eq(h.status, KEYD_EPERMISSION);
	ck_assert_int_eq(h.calls, 5);
	ck_assert_int_eq(peer.connections, 0);
}
END_TEST

/* At once, when it is less than a second ago that keyd said what they are. */
START_TEST(a_text_of_a_wrong_format_is_never_sent)
{
	int64_t begin = stream_now();
	struct heard h;

	ck_assert_int_eq(verdict_of(bad), KEYD_MALFORMED);
	ck_assert_int_eq(peer.connections, 1);
	ck_assert_int_eq(peer.requests, 0);
	(void)ask(&h, bad);
	if (stream_now() - begin < 1000000000)
		ck_assert_int_eq(h.calls, 1);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_MALFORMED);
	ck_assert_int_eq(peer.requests, 0);
}
END_TEST

START_TEST(foreign_tokens_are_sent_when_keyd_says_so)
{
	peer.foreign = true;
	ck_assert_int_eq(verdict_of("anything-else"), KEYD_OK);
	ck_assert_int_eq(peer.requests, 1);
}
END_TEST

START_TEST(another_prefix_of_keyd_is_learned)
{
	char token[KEYD_TOKEN_SIZE];
	struct heard h;

	ck_assert(token_new("other", token));
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	strcpy(peer.prefix, "other");
	usleep(1100000);
	(void)ask(&h, token);
	wait_for(&h);
	ck_assert_int_eq(h.status, KEYD_OK);
	ck_assert_int_eq(peer.connections, 2);
}
END_TEST

START_TEST(closing_cancels_all)
{
	struct heard h[10];

	for (int i = 0; i < 10; i++)
		(void)ask(&h[i], good);
	keyd_async_close(async);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(h[i].calls, 0);
	async = NULL;
	keyd_async_close(NULL);
}
END_TEST

START_TEST(too_much_under_way_is_busy)
{
	static struct heard h[ASYNC_MAX];
	struct heard more = { 0 };

	peer.other = SILENT;
	for (int i = 0; i < ASYNC_MAX; i++)
		(void)ask(&h[i], good);
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, hear, &more,
			     NULL),
	    KEYD_EBUSY);
	ck_assert_int_eq(more.calls, 0);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
	struct keyd_async *none = async;
	struct heard h = { 0 };

	ck_assert_int_eq(keyd_async_open(NULL, &none), KEYD_EINVAL);
	ck_assert_ptr_null(none);
	ck_assert_int_eq(keyd_async_open(handle, NULL), KEYD_EINVAL);
	ck_assert_int_eq(keyd_async_verify(NULL, good, NULL, hear, &h, NULL),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, NULL, &h, NULL),
	    KEYD_EINVAL);
	ck_assert_int_eq(keyd_async_cancel(NULL, 1), 0);
	ck_assert_int_eq(h.calls, 0);
}
END_TEST

START_TEST(errno_is_kept)
{
	struct heard h;

	errno = 4711;
	(void)ask(&h, good);
	ck_assert_int_eq(errno, 4711);
	usleep(1000);
	errno = 4712;
	keyd_async_process(async);
	ck_assert_int_eq(errno, 4712);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("async");
	TCase *tc = tcase_create("async");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_verdict_comes_by_the_callback);
	tcase_add_test(tc, every_verdict_is_passed_on);
	tcase_add_test(tc,
	    many_are_under_way_on_one_connection_and_come_in_order);
	tcase_add_test(tc, what_is_no_token_is_said_before_submit_returns);
	tcase_add_test(tc, a_text_of_a_wrong_format_is_never_sent);
	tcase_add_test(tc, foreign_tokens_are_sent_when_keyd_says_so);
	tcase_add_test(tc, another_prefix_of_keyd_is_learned);
	tcase_add_test(tc, closing_cancels_all);
	tcase_add_test(tc, too_much_under_way_is_busy);
	tcase_add_test(tc, wrong_arguments_are_refused);
	tcase_add_test(tc, errno_is_kept);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
