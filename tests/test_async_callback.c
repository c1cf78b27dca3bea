/* SPDX-License-Identifier: ISC */
#include "host.h"
#include "suite.h"

START_TEST(a_cancelled_question_has_no_callback)
{
	struct heard h[4];
	uint64_t ticket[4];

	for (int i = 0; i < 4; i++)
		ticket[i] = ask(&h[i], good);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[0]), 1);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[0]), 0);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[2]), 1);
	wait_for(&h[3]);
	ck_assert_int_eq(h[0].calls + h[2].calls, 0);
	ck_assert_int_eq(h[1].calls, 1);
	ck_assert_int_eq(keyd_async_cancel(async, ticket[3]), 0);
	ck_assert_int_eq(keyd_async_cancel(async, 0), 0);
	ck_assert_int_eq(keyd_async_cancel(async, UINT64_MAX), 0);
}
END_TEST

START_TEST(a_question_under_way_can_be_cancelled)
{
	struct heard first, second;
	uint64_t ticket;

	ck_assert_int_eq(verdict_of(good), KEYD_OK);
	ticket = ask(&first, good);
	(void)ask(&second, good);
	ck_assert_int_eq(keyd_async_cancel(async, ticket), 1);
	wait_for(&second);
	ck_assert_int_eq(second.status, KEYD_OK);
	ck_assert_int_eq(first.calls, 0);
}
END_TEST

static struct heard inner;
static int depth, deepest;
static uint64_t other_ticket;

static void
submit_again(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	int *left = arg;

	(void)status;
	(void)verdict;
	if (++depth > deepest)
		deepest = depth;
	if (--*left > 0)
		ck_assert_int_eq(keyd_async_verify(async, NULL, NULL,
				     submit_again, arg, NULL),
		    KEYD_OK);
	depth--;
}

START_TEST(what_a_callback_submits_is_answered_after_it)
{
	int left = 10000;

	depth = deepest = 0;
	ck_assert_int_eq(keyd_async_verify(async, NULL, NULL, submit_again,
			     &left, NULL),
	    KEYD_OK);
	ck_assert_int_eq(left, 0);
	ck_assert_int_eq(deepest, 1);
}
END_TEST

static void
process_inside(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	hear(arg, status, verdict);
	keyd_async_process(async);
	ck_assert_int_eq(inner.calls, 0);
}

START_TEST(process_inside_a_callback_does_nothing)
{
	struct heard h = { 0 };

	inner.calls = 0;
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, process_inside,
			     &h, NULL),
	    KEYD_OK);
	(void)ask(&inner, good);
	wait_for(&inner);
	ck_assert_int_eq(h.calls, 1);
}
END_TEST

static void
cancel_other(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	hear(arg, status, verdict);
	ck_assert_int_eq(keyd_async_cancel(async, other_ticket), 1);
}

START_TEST(a_callback_cancels_another_that_is_ready)
{
	struct heard h = { 0 }, last;

	peer.other = CLOSES;
	ck_assert_int_eq(keyd_async_verify(async, good, NULL, cancel_other, &h,
			     NULL),
	    KEYD_OK);
	other_ticket = ask(&inner, good);
	(void)ask(&last, good);
	wait_for(&last);
	ck_assert_int_eq(h.calls, 1);
	ck_assert_int_eq(inner.calls, 0);
}
END_TEST

static void
close_inside(void *arg, enum keyd_status status,
    const struct keyd_verdict *verdict)
{
	hear(arg, status, verdict);
	keyd_async_close(async);
}

START_TEST(a_callback_may_close_with_others_under_way)
{
	struct heard h = { 0 }, others[5];

	if (_i == 0)
		for (int i = 0; i < 5; i++)
			(void)ask(&others[i], good);
	ck_assert_int_eq(keyd_async_verify(async, _i == 1 ? NULL : good, NULL,
			     close_inside, &h, NULL),
	    KEYD_OK);
	while (h.calls == 0)
		turn();
	ck_assert_int_eq(keyd_async_open(handle, &async), KEYD_OK);
	ck_assert_int_eq(verdict_of(good), KEYD_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("async_callback");
	TCase *tc = tcase_create("async_callback");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_cancelled_question_has_no_callback);
	tcase_add_test(tc, a_question_under_way_can_be_cancelled);
	tcase_add_test(tc, what_a_callback_submits_is_answered_after_it);
	tcase_add_test(tc, process_inside_a_callback_does_nothing);
	tcase_add_test(tc, a_callback_cancels_another_that_is_ready);
	tcase_add_loop_test(tc, a_callback_may_close_with_others_under_way, 0,
	    3);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
