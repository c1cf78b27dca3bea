/* SPDX-License-Identifier: ISC */
#include <pthread.h>
#include <stdatomic.h>

#include "stored.h"
#include "suite.h"

START_TEST(the_view_sees_a_change_after_its_commit_and_a_renewal)
{
	struct store_txn *view, *t;

	put_now(TABLE_ORGS, "acme", "one");
	view = scratch_view(&s);
	t = scratch_begin(&s);
	ck_assert_int_eq(put(t, TABLE_ORGS, "acme", "two"), STORE_OK);
	ck_assert_int_eq(put(t, TABLE_ORGS, "bell", "new"), STORE_OK);
	ck_value(t, TABLE_ORGS, "acme", "two");
	ck_value(view, TABLE_ORGS, "acme", "one");
	ck_value(scratch_view(&s), TABLE_ORGS, "acme", "one");
	scratch_commit(t);
	ck_value(view, TABLE_ORGS, "acme", "one");
	ck_none(view, TABLE_ORGS, "bell");
	view = scratch_view(&s);
	ck_value(view, TABLE_ORGS, "acme", "two");
	ck_value(view, TABLE_ORGS, "bell", "new");
}
END_TEST

START_TEST(the_view_can_be_let_go_and_taken_again)
{
	store_view_reset(s.store);
	put_now(TABLE_ORGS, "acme", "one");
	ck_value(scratch_view(&s), TABLE_ORGS, "acme", "one");
	store_view_reset(s.store);
	store_view_reset(s.store);
	put_now(TABLE_ORGS, "acme", "two");
	ck_value(scratch_view(&s), TABLE_ORGS, "acme", "two");
}
END_TEST

START_TEST(what_is_aborted_was_never_there)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(put(t, TABLE_ORGS, "acme", "one"), STORE_OK);
	store_abort(t);
	store_abort(NULL);
	ck_none(scratch_view(&s), TABLE_ORGS, "acme");
	put_now(TABLE_ORGS, "bell", "one");
	ck_none(scratch_view(&s), TABLE_ORGS, "acme");
}
END_TEST

#define ROUNDS 300

static atomic_bool wrong;
static _Atomic uint64_t acknowledged;

/* Both entries of a pair change together, always. */
static void *
write_pairs(void *arg)
{
	(void)arg;
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		struct store_txn *t;

		if (store_begin(s.store, &t) != STORE_OK ||
		    store_put_number(t, TABLE_KEYS, text_span("a"), i) !=
			STORE_OK ||
		    store_put_number(t, TABLE_ORGS, text_span("b"), i) !=
			STORE_OK ||
		    store_commit(t) != STORE_OK)
			atomic_store(&wrong, true);
		atomic_store(&acknowledged, i);
	}
	return NULL;
}

START_TEST(a_view_sees_whole_transactions_and_all_that_are_acknowledged)
{
	uint64_t a = 0, b, before;
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, write_pairs, NULL), 0);
	while (a < ROUNDS && !atomic_load(&wrong)) {
		struct store_txn *view;

		before = atomic_load(&acknowledged);
		view = store_view(s.store);
		ck_assert_ptr_nonnull(view);
		(void)store_get_number(view, TABLE_KEYS, text_span("a"), &a);
		(void)store_get_number(view, TABLE_ORGS, text_span("b"), &b);
		ck_assert_uint_eq(a, b);
		ck_assert_uint_ge(a, before);
		if (a % 2 == 0)
			store_view_reset(s.store);
	}
	pthread_join(thread, NULL);
	ck_assert(!atomic_load(&wrong));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store_view");
	TCase *tc = tcase_create("store_view");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc,
	    the_view_sees_a_change_after_its_commit_and_a_renewal);
	tcase_add_test(tc, the_view_can_be_let_go_and_taken_again);
	tcase_add_test(tc, what_is_aborted_was_never_there);
	tcase_add_test(tc,
	    a_view_sees_whole_transactions_and_all_that_are_acknowledged);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
