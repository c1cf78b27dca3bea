/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <poll.h>

#include "ask.h"
#include "chores.h"
#include "suite.h"
#include "usage.h"

#define NOW 1700000000
#define QUEUE 3

static struct scratch s;
static struct asker a; /* for its policy, uses and notes */
static struct chores ch;
static int64_t ms; /* now */

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	ms = 1000;
	ch = (struct chores){ .policy = a.policy,
		.uses = a.uses,
		.notes = a.notes,
		.next = ms + CHORES_MS };
	ch.writer = writer_start(s.store, NULL, QUEUE);
	ck_assert_ptr_nonnull(ch.writer);
}

static void
tear_down(void)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);

	writer_stop(ch.writer, &rest);
	ck_assert(STAILQ_EMPTY(&rest));
	asker_close(&a);
	scratch_close(&s);
}

static void
use(unsigned keys)
{
	for (uint64_t serial = 1; serial <= keys; serial++)
		uses_allowed(a.uses, serial, 1, NOW);
}

/* Waits until the writer has given all back. */
static void
settle(bool good)
{
	struct pollfd p = { .fd = writer_fd(ch.writer), .events = POLLIN };
	struct changes done = STAILQ_HEAD_INITIALIZER(done);
	struct change *c;

	while (ch.out > 0) {
		ck_assert_int_eq(poll(&p, 1, 10000), 1);
		writer_take(ch.writer, &done);
		while ((c = STAILQ_FIRST(&done)) != NULL) {
			STAILQ_REMOVE_HEAD(&done, entries);
			ck_assert(c->done);
			c->done = good;
			chores_settle(&ch, c, ms);
		}
	}
}

static void
ck_count(uint64_t serial, uint64_t count)
{
	struct usage got;

	ck_assert_int_eq(usage_load(scratch_view(&s), serial, &got), STORE_OK);
	ck_assert_uint_eq(got.count, count);
}

START_TEST(uses_wait_a_few_seconds_and_go)
{
	ck_assert_int_eq(chores_due(&ch), INT64_MAX);
	use(1);
	ck_assert_int_eq(chores_due(&ch), ms + CHORES_MS);
	chores_run(&ch, ms);
	ck_assert_uint_eq(ch.out, 0);
	ms += CHORES_MS;
	chores_run(&ch, ms);
	ck_assert_uint_eq(ch.out, 1);
	ck_assert_int_eq(chores_due(&ch), INT64_MAX);
	settle(true);
	ck_count(1, 1);
	ck_assert_int_eq(chores_due(&ch), INT64_MAX);
}
END_TEST

START_TEST(many_go_one_batch_after_another_with_rests)
{
	use(2 * USES_BATCH + 1);
	ms += CHORES_MS;
	chores_run(&ch, ms);
	ck_assert_uint_eq(ch.out, 1);
	ms += 7;
	settle(true);
	ck_assert_int_eq(chores_due(&ch), ms + 7 * CHORES_REST);
	chores_run(&ch, ms + 7 * CHORES_REST - 1);
	ck_assert_uint_eq(ch.out, 0);
	ms += 7 * CHORES_REST;
	chores_run(&ch, ms);
	ms += CHORES_MS;
	settle(true);
	ck_assert_int_eq(chores_due(&ch), ms + CHORES_MS);
	ms += CHORES_MS;
	chores_run(&ch, ms);
	settle(true);
	ck_assert_uint_eq(uses_waiting(a.uses), 0);
	ck_count(1, 1);
	ck_count(2 * USES_BATCH + 1, 1);
}
END_TEST

START_TEST(what_comes_behind_a_round_waits_for_the_next)
{
	use(1);
	ms += CHORES_MS;
	chores_run(&ch, ms);
	settle(true);
	use(1);
	chores_run(&ch, ms);
	ck_assert_uint_eq(ch.out, 0);
	ck_assert_int_eq(chores_due(&ch), ms + CHORES_MS);
}
END_TEST

START_TEST(what_failed_is_tried_again_in_a_while)
{
	use(1);
	ms += CHORES_MS;
	chores_run(&ch, ms);
	settle(false);
	ck_assert_uint_eq(uses_waiting(a.uses), 1);
	ck_assert_int_eq(chores_due(&ch), ms + CHORES_MS);
}
END_TEST

/* However long ago the last batch went, this says nothing of the pace. */
START_TEST(in_a_hurry_all_go_at_once)
{
	use(USES_BATCH + 1);
	ms += 100 * CHORES_MS;
	ch.next = ms + 1234;
	ck_assert(chores_hurry(&ch));
	ck_assert_uint_eq(uses_waiting(a.uses), 0);
	ck_assert_uint_eq(ch.out, 2);
	settle(true);
	ck_count(1, 1);
	ck_count(USES_BATCH + 1, 1);
	use(1);
	ck_assert_int_eq(chores_due(&ch), ms + 1234);
}
END_TEST

/* The writer may be quick enough for all of them. */
START_TEST(a_hurry_without_room_loses_nothing)
{
	const unsigned keys = 40 * USES_BATCH;
	bool all;

	use(keys);
	all = chores_hurry(&ch);
	ck_assert_int_eq(all, uses_waiting(a.uses) == 0);
	settle(true);
	while (uses_waiting(a.uses) > 0) {
		ms += CHORES_MS;
		chores_run(&ch, ms);
		settle(true);
	}
	ck_count(1, 1);
	ck_count(keys / 2, 1);
	ck_count(keys, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("chores");
	TCase *tc = tcase_create("chores");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, uses_wait_a_few_seconds_and_go);
	tcase_add_test(tc, many_go_one_batch_after_another_with_rests);
	tcase_add_test(tc, what_comes_behind_a_round_waits_for_the_next);
	tcase_add_test(tc, what_failed_is_tried_again_in_a_while);
	tcase_add_test(tc, in_a_hurry_all_go_at_once);
	tcase_add_test(tc, a_hurry_without_room_loses_nothing);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
