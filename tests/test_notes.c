/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "frame.h"
#include "notes.h"
#include "reply.h"
#include "suite.h"

#define NOW 1200 /* s: a minute begins */

static struct notes *n;

static void
setup(void)
{
	n = notes_new();
	ck_assert_ptr_nonnull(n);
}

static void
teardown(void)
{
	notes_free(n);
}

static struct event
denied(uint32_t uid, int64_t when)
{
	return (struct event){ .when = when,
		.what = FRAME_STATUS,
		.outcome = ERROR_DENIED,
		.uid = uid };
}

/* Takes all entries that are ready; how many, and the last one. */
static unsigned
take(int64_t now, bool all, struct event *last)
{
	struct span taken = notes_take(n, now, all);
	struct wire_reader r = wire_reader(taken.ptr, taken.len);
	unsigned count = 0;

	while (r.at < r.end) {
		event_get(&r, last);
		ck_assert(!r.bad);
		count++;
	}
	return count;
}

START_TEST(unknown_tokens_are_one_entry_of_a_user_and_minute)
{
	struct event e;

	ck_assert(!notes_any(n));
	for (int i = 0; i < 1000; i++)
		notes_unknown(n, 33, NOW + i % 60);
	ck_assert(notes_any(n));
	ck_assert(!notes_urgent(n));
	ck_assert_uint_eq(take(NOW + 59, false, &e), 0);
	ck_assert_uint_eq(take(NOW + 60, false, &e), 1);
	ck_assert_uint_eq(e.what, EVENT_UNKNOWN_TOKENS);
	ck_assert_uint_eq(e.uid, 33);
	ck_assert_uint_eq(e.count, 1000);
	ck_assert_int_eq(e.when, NOW);
	notes_settle(n, true);
	ck_assert(!notes_any(n));
}
END_TEST

START_TEST(users_and_minutes_are_told_apart)
{
	struct event e;

	notes_unknown(n, 33, NOW);
	notes_unknown(n, 34, NOW);
	notes_unknown(n, 33, NOW + 60);
	ck_assert_uint_eq(take(NOW + 60, false, &e), 2);
	notes_settle(n, true);
	ck_assert_uint_eq(take(NOW, false, &e), 1); /* a clock set back */
	notes_settle(n, true);
	ck_assert(!notes_any(n));
}
END_TEST

START_TEST(denials_are_entries_until_they_are_too_many)
{
	struct event e = denied(33, NOW);

	for (int i = 0; i < DENIED_MAX + 5; i++)
		notes_denied(n, &e);
	ck_assert(notes_urgent(n));
	ck_assert_uint_eq(take(NOW, false, &e), DENIED_MAX);
	ck_assert_uint_eq(e.what, FRAME_STATUS);
	notes_settle(n, true);
	ck_assert_uint_eq(take(NOW + 60, false, &e), 1);
	ck_assert_uint_eq(e.what, EVENT_DENIED);
	ck_assert_uint_eq(e.outcome, ERROR_DENIED);
	ck_assert_uint_eq(e.count, 5);
	notes_settle(n, true);
	ck_assert(!notes_any(n));
}
END_TEST

/* A minute with nothing beyond its own entries leaves no count of 0. */
START_TEST(a_count_of_none_is_no_entry)
{
	struct event e = denied(33, NOW);

	notes_denied(n, &e);
	ck_assert_uint_eq(take(NOW, false, &e), 1);
	notes_settle(n, true);
	ck_assert_uint_eq(take(NOW + 60, false, &e), 0);
	ck_assert(!notes_any(n));
}
END_TEST

START_TEST(what_was_not_written_is_given_again)
{
	struct event e = denied(33, NOW);

	notes_denied(n, &e);
	ck_assert_uint_eq(take(NOW, false, &e), 1);
	notes_settle(n, false);
	ck_assert(notes_urgent(n));
	notes_denied(n, &e);
	ck_assert_uint_eq(take(NOW, false, &e), 1);
	notes_settle(n, true);
	ck_assert_uint_eq(take(NOW, false, &e), 1);
	notes_settle(n, true);
	ck_assert_uint_eq(take(NOW, false, &e), 0);
}
END_TEST

/* As many users as one likes, each denied as often as one likes. */
START_TEST(memory_is_bounded_and_nothing_is_lost_from_the_count)
{
	unsigned long total = 0;
	struct event e;
	unsigned entries = 0;

	for (uint32_t uid = 0; uid < 5000; uid++) {
		for (int i = 0; i < 20; i++) {
			e = denied(uid, NOW);
			notes_denied(n, &e);
		}
	}
	while (notes_any(n)) {
		struct span taken = notes_take(n, NOW, true);
		struct wire_reader r = wire_reader(taken.ptr, taken.len);

		while (r.at < r.end) {
			event_get(&r, &e);
			ck_assert(!r.bad);
			total += e.what == EVENT_DENIED ? e.count : 1;
			entries++;
		}
		notes_settle(n, true);
	}
	ck_assert_uint_eq(total, 5000 * 20);
	ck_assert_uint_lt(entries, 3000);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("notes");
	TCase *tc = tcase_create("notes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, unknown_tokens_are_one_entry_of_a_user_and_minute);
	tcase_add_test(tc, users_and_minutes_are_told_apart);
	tcase_add_test(tc, denials_are_entries_until_they_are_too_many);
	tcase_add_test(tc, a_count_of_none_is_no_entry);
	tcase_add_test(tc, what_was_not_written_is_given_again);
	tcase_add_test(tc,
	    memory_is_bounded_and_nothing_is_lost_from_the_count);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
