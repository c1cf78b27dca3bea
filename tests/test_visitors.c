/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <unistd.h>

#include "suite.h"
#include "visitors.h"

#define MAX 4

static struct visitors vs;
static struct visitor *v[2 * MAX];
static int ours[2 * MAX], theirs[2 * MAX];

static void
set_up(void)
{
	visitors_init(&vs, MAX);
}

/* Connection i comes. */
static void
enter(int i)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	ours[i] = ends[0];
	theirs[i] = ends[1];
	v[i] = visitors_enter(&vs, ours[i]);
	ck_assert_ptr_nonnull(v[i]);
}

static void
leave(int i)
{
	visitors_leave(&vs, v[i]);
	close(ours[i]);
	close(theirs[i]);
}

static bool
is_sent_away(int i)
{
	char byte;

	return recv(theirs[i], &byte, 1, MSG_DONTWAIT) == 0;
}

static void
ck_counts(unsigned present, uint64_t sent_away)
{
	unsigned p;
	uint64_t s;

	visitors_count(&vs, &p, &s);
	ck_assert_uint_eq(p, present);
	ck_assert_uint_eq(s, sent_away);
}

START_TEST(the_one_that_waited_longest_makes_room)
{
	for (int i = 0; i < MAX; i++)
		enter(i);
	ck_counts(MAX, 0);
	visitors_rest(&vs, v[0]);
	enter(MAX);
	ck_assert(!is_sent_away(0));
	ck_assert(is_sent_away(1));
	ck_counts(MAX, 1);
	leave(1);
	ck_counts(MAX, 1);
	enter(1);
	ck_assert(is_sent_away(2));
	ck_assert(!is_sent_away(1));
	for (int i = 0; i <= MAX; i++)
		leave(i);
	ck_counts(0, 2);
	ck_assert(!visitors_any_asking(&vs));
}
END_TEST

START_TEST(who_is_served_is_not_sent_away)
{
	for (int i = 0; i < MAX; i++) {
		enter(i);
		visitors_ask(&vs, v[i]);
		visitors_serve(&vs, v[i]);
	}
	enter(MAX);
	for (int i = 0; i <= MAX; i++)
		ck_assert(!is_sent_away(i));
	ck_counts(MAX + 1, 0);
	enter(MAX + 1);
	ck_assert(is_sent_away(MAX));
	ck_assert(!is_sent_away(MAX + 1));
	visitors_answer(&vs, v[0]);
	visitors_rest(&vs, v[0]);
	for (int i = 0; i <= MAX + 1; i++)
		leave(i);
	ck_counts(0, 1);
}
END_TEST

START_TEST(a_wait_has_an_end)
{
	enter(0);
	enter(1);
	visitors_sweep(&vs);
	ck_assert(!is_sent_away(0) && !is_sent_away(1));
	v[0]->deadline = 0;
	visitors_sweep(&vs);
	ck_assert(is_sent_away(0) && !is_sent_away(1));
	visitors_sweep(&vs);
	ck_counts(1, 1);
	visitors_serve(&vs, v[1]);
	v[1]->deadline = 0;
	visitors_sweep(&vs);
	ck_assert(!is_sent_away(1));
	leave(0);
	leave(1);
	ck_counts(0, 1);
}
END_TEST

/* It may take long to come, and not once it has begun. */
START_TEST(a_request_that_began_has_less_time)
{
	int64_t rest, ask;

	enter(0);
	visitors_rest(&vs, v[0]);
	rest = v[0]->deadline - v[0]->since;
	ck_assert_int_eq(rest, VISITORS_IDLE_MS);
	visitors_ask(&vs, v[0]);
	ask = v[0]->deadline - v[0]->since;
	ck_assert_int_le(ask, VISITORS_REQUEST_MS + 1000);
	ck_assert(visitors_any_asking(&vs));
	v[0]->deadline -= VISITORS_REQUEST_MS / 2;
	rest = v[0]->deadline;
	visitors_ask(&vs, v[0]);
	ck_assert_int_eq(v[0]->deadline, rest);
	visitors_serve(&vs, v[0]);
	visitors_answer(&vs, v[0]);
	ck_assert_int_eq(v[0]->deadline - v[0]->since, VISITORS_REQUEST_MS);
	visitors_rest(&vs, v[0]);
	ck_assert(!visitors_any_asking(&vs));
	leave(0);
}
END_TEST

/* The thread that has it may not have noticed yet. */
START_TEST(one_that_was_sent_away_stays_so)
{
	enter(0);
	visitors_ask(&vs, v[0]);
	v[0]->deadline = 0;
	visitors_sweep(&vs);
	visitors_serve(&vs, v[0]);
	visitors_answer(&vs, v[0]);
	visitors_rest(&vs, v[0]);
	visitors_ask(&vs, v[0]);
	ck_assert(!v[0]->waiting);
	ck_counts(0, 1);
	leave(0);
	ck_assert(!visitors_any_asking(&vs));
	visitors_leave(&vs, NULL);
	ck_counts(0, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("visitors");
	TCase *tc = tcase_create("visitors");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, the_one_that_waited_longest_makes_room);
	tcase_add_test(tc, who_is_served_is_not_sent_away);
	tcase_add_test(tc, a_wait_has_an_end);
	tcase_add_test(tc, a_request_that_began_has_less_time);
	tcase_add_test(tc, one_that_was_sent_away_stays_so);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
