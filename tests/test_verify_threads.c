/* SPDX-License-Identifier: ISC */
#include <pthread.h>
#include <unistd.h>

#include "caller.h"
#include "suite.h"

enum { THREADS = 8, CALLS = 200 };

static void *
call_often(void *arg)
{
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < CALLS; i++) {
		wrong += verify(good) != KEYD_OK;
		wrong += keyd_verify(good, "tests:run", NULL) != KEYD_OK;
		wrong += verify(bad) != KEYD_MALFORMED;
	}
	return (void *)wrong;
}

static void
begin(pthread_t *threads)
{
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, call_often,
				     NULL),
		    0);
}

static long
end(pthread_t *threads)
{
	void *wrong;
	long all = 0;

	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		all += (long)wrong;
	}
	return all;
}

START_TEST(eight_threads_share_a_handle)
{
	pthread_t threads[THREADS];

	make_default_patient();
	begin(threads);
	ck_assert_int_eq(end(threads), 0);
	ck_assert_int_eq(peer.requests, 2 * THREADS * CALLS);
	/* That the format is looked up again now and then opens some more. */
	ck_assert_int_le(peer.connections, 2 * POOL_SLOTS);
}
END_TEST

/*
 * A fork at any moment.  Not in the sanitizers' builds: another thread may hold
 * a lock of their allocators at that moment, which the child then waits for.
 */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
START_TEST(a_fork_under_load_holds_nothing_up)
{
	pthread_t threads[THREADS];
	pid_t child[4];

	make_default_patient();
	begin(threads);
	for (int i = 0; i < 4; i++) {
		usleep(2000);
		if ((child[i] = fork()) == 0)
			_exit((long)call_often(NULL) != 0);
	}
	for (int i = 0; i < 4; i++)
		wait_for(child[i]);
	ck_assert_int_eq(end(threads), 0);
}
END_TEST
#endif

static void *
call_once(void *arg)
{
	*(enum keyd_status *)arg = verify(good);
	return NULL;
}

/* Each of them has a connection at once, more than are kept. */
START_TEST(more_calls_at_once_than_slots_all_get_their_answer)
{
	enum { MANY = 40 };
	pthread_t threads[MANY];
	enum keyd_status got[MANY];

	peer.other = DRIPS;
	for (int i = 0; i < MANY; i++)
		pthread_create(&threads[i], NULL, call_once, &got[i]);
	for (int i = 0; i < MANY; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(got[i], KEYD_OK);
	}
}
END_TEST

static void *
call_until_cancelled(void *arg)
{
	for (;;) {
		*(enum keyd_status *)arg = verify(good);
		pthread_testcancel();
	}
	return NULL;
}

START_TEST(a_thread_is_cancelled_between_calls_only)
{
	enum keyd_status got = KEYD_OK;
	pthread_t thread;

	for (int i = 0; i < 20; i++) {
		pthread_create(&thread, NULL, call_until_cancelled, &got);
		usleep(1000);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
		ck_assert_int_eq(got, KEYD_OK);
	}
	ck_assert_int_eq(peer.connections, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("verify_threads");
	TCase *tc = tcase_create("verify_threads");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, eight_threads_share_a_handle);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	tcase_add_test(tc, a_fork_under_load_holds_nothing_up);
#endif
	tcase_add_test(tc, more_calls_at_once_than_slots_all_get_their_answer);
	tcase_add_test(tc, a_thread_is_cancelled_between_calls_only);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
