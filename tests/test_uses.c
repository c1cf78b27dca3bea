/* SPDX-License-Identifier: ISC */
#include <check.h>

#include "last_restore.h"
#include "samples.h"
#include "scratch.h"
#include "suite.h"
#include "usage.h"
#include "use_rows.h"
#include "uses.h"

#define NOW 1700000000

static struct scratch s;
static struct uses *u;

static void
set_up(void)
{
	scratch_open(&s);
	u = uses_new(s.store);
	ck_assert_ptr_nonnull(u);
}

static void
tear_down(void)
{
	uses_free(u);
	scratch_close(&s);
}

static void
allow(uint64_t serial, int64_t now)
{
	uses_allowed(u, serial, 1, now);
}

static void
ck_usage(const struct usage *got, int64_t first, int64_t last, uint64_t count)
{
	ck_assert_int_eq(got->first, first);
	ck_assert_int_eq(got->last, last);
	ck_assert_uint_eq(got->count, count);
}

static void
ck_known(uint64_t serial, int64_t first, int64_t last, uint64_t count)
{
	struct usage got;

	ck_assert_int_eq(uses_get(u, scratch_view(&s), serial, &got), STORE_OK);
	ck_usage(&got, first, last, count);
}

static void
ck_stored(uint64_t serial, int64_t first, int64_t last, uint64_t count)
{
	struct usage got;

	ck_assert_int_eq(usage_load(scratch_view(&s), serial, &got), STORE_OK);
	ck_usage(&got, first, last, count);
}

static void
write_rows(struct span rows)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(use_rows_write(t, rows), STORE_OK);
	scratch_commit(t);
}

/* Hands out all that waits, and says of it that it was written or not. */
static unsigned
flush(bool good)
{
	size_t waiting = uses_waiting(u);
	unsigned batches = 0;
	struct span rows;

	uses_begin(u);
	while (waiting > 0 && (rows = uses_take(u)).len > 0) {
		size_t keys = (rows.len - USE_ROWS_HEAD) / USE_ROW;

		ck_assert_uint_le(keys, USES_BATCH);
		waiting -= keys;
		if (good)
			write_rows(rows);
		uses_settle(u, rows, good);
		batches++;
	}
	return batches;
}

/* Serials up to 7 are of keys from before a restore. */
START_TEST(a_use_of_a_key_that_was_replaced_is_of_nobody)
{
	struct store_txn *t = scratch_begin(&s);
	const struct last_restore last = { .made = 1, .behind = 7 };

	ck_assert_int_eq(last_restore_put(t, &last), STORE_OK);
	scratch_commit(t);
	allow(7, NOW);
	allow(8, NOW);
	ck_assert_uint_eq(flush(true), 1);
	ck_stored(7, 0, 0, 0);
	ck_stored(8, NOW, NOW, 1);
}
END_TEST

START_TEST(a_use_is_known_at_once_and_stored_later)
{
	allow(7, NOW);
	allow(7, NOW + 5);
	ck_known(7, NOW, NOW + 5, 2);
	ck_stored(7, 0, 0, 0);
	ck_assert_uint_eq(uses_waiting(u), 1);
	ck_assert_uint_eq(flush(true), 1);
	ck_stored(7, NOW, NOW + 5, 2);
	ck_known(7, NOW, NOW + 5, 2);
	ck_assert_uint_eq(uses_waiting(u), 0);
	allow(7, NOW + 9);
	ck_known(7, NOW, NOW + 9, 3);
	ck_assert_uint_eq(flush(true), 1);
	ck_stored(7, NOW, NOW + 9, 3);
}
END_TEST

START_TEST(a_clock_that_goes_back_takes_no_time_back)
{
	allow(7, NOW);
	allow(7, NOW - 1000);
	ck_known(7, NOW, NOW, 2);
	flush(true);
	allow(7, NOW - 2000);
	ck_known(7, NOW, NOW, 3);
	uses_refused(u, 7, NOW + 50);
	uses_refused(u, 7, NOW + 40);
	flush(true);
	ck_stored(7, NOW, NOW, 3);
}
END_TEST

START_TEST(a_refusal_is_no_use)
{
	struct usage got;

	allow(7, NOW);
	uses_refused(u, 7, NOW + 50);
	ck_known(7, NOW, NOW, 1);
	ck_assert_uint_eq(uses_waiting(u), 2);
	ck_assert_uint_eq(flush(false), 2);
	ck_assert_uint_eq(uses_waiting(u), 2);
	ck_assert_uint_eq(flush(true), 2);
	ck_assert_uint_eq(uses_waiting(u), 0);
	ck_assert_int_eq(usage_load(scratch_view(&s), 7, &got), STORE_OK);
	ck_usage(&got, NOW, NOW, 1);
	ck_assert_uint_eq(got.refused, 1);
	ck_assert_int_eq(got.refused_last, NOW + 50);
}
END_TEST

START_TEST(what_could_not_be_written_waits_again)
{
	allow(7, NOW);
	ck_assert_uint_eq(flush(false), 1);
	ck_assert_uint_eq(uses_waiting(u), 1);
	ck_known(7, NOW, NOW, 1);
	ck_assert_uint_eq(flush(true), 1);
	ck_stored(7, NOW, NOW, 1);
}
END_TEST

START_TEST(what_could_not_be_written_came_before_what_came_since)
{
	struct span rows;

	allow(7, NOW);
	uses_begin(u);
	rows = uses_take(u);
	allow(7, NOW + 5);
	uses_settle(u, rows, false);
	ck_known(7, NOW, NOW + 5, 2);
	flush(true);
	ck_stored(7, NOW, NOW + 5, 2);
}
END_TEST

START_TEST(a_use_while_it_is_being_written_is_not_lost)
{
	struct span rows;

	allow(7, NOW);
	uses_begin(u);
	rows = uses_take(u);
	ck_assert_uint_eq(uses_waiting(u), 0);
	allow(7, NOW + 1);
	write_rows(rows);
	uses_settle(u, rows, true);
	ck_assert_uint_eq(uses_waiting(u), 1);
	ck_known(7, NOW, NOW + 1, 2);
	flush(true);
	ck_stored(7, NOW, NOW + 1, 2);
}
END_TEST

/* Whether its commit was seen before the writer said so, or not. */
START_TEST(what_is_under_way_counts_once)
{
	struct span a, b;

	allow(7, NOW);
	uses_begin(u);
	a = uses_take(u);
	allow(7, NOW + 10);
	uses_refused(u, 7, NOW + 20);
	uses_begin(u);
	b = uses_take(u);
	allow(7, NOW + 30);
	ck_known(7, NOW, NOW + 30, 3);
	write_rows(a);
	ck_known(7, NOW, NOW + 30, 3);
	write_rows(b);
	ck_known(7, NOW, NOW + 30, 3);
	uses_settle(u, a, true);
	ck_known(7, NOW, NOW + 30, 3);
	uses_settle(u, b, true);
	ck_known(7, NOW, NOW + 30, 3);
	ck_stored(7, NOW, NOW + 10, 2);
	ck_known(8, 0, 0, 0);
}
END_TEST

START_TEST(numbers_of_batches_go_on_in_the_next_life)
{
	struct span rows;

	allow(7, NOW);
	flush(true);
	uses_free(u);
	u = uses_new(s.store);
	ck_assert_ptr_nonnull(u);
	allow(7, NOW + 1);
	uses_begin(u);
	rows = uses_take(u);
	ck_assert_uint_eq(use_rows_number(rows),
	    use_rows_last(scratch_view(&s)) + 1);
	ck_known(7, NOW, NOW + 1, 2);
	uses_settle(u, rows, false);
	ck_known(7, NOW, NOW + 1, 2);
}
END_TEST

START_TEST(many_keys_go_in_batches_and_none_is_missed)
{
	const unsigned keys = 3 * USES_BATCH + 5;

	for (uint64_t serial = keys; serial > 0; serial--)
		allow(serial, NOW + (int64_t)serial);
	ck_assert_uint_eq(flush(true), 4);
	for (uint64_t serial = 1; serial <= keys; serial++)
		ck_stored(serial, NOW + (int64_t)serial, NOW + (int64_t)serial,
		    1);
}
END_TEST

START_TEST(a_stop_writes_all_that_waits)
{
	for (uint64_t serial = 1; serial <= USES_BATCH + 1; serial++)
		allow(serial, NOW);
	ck_assert(uses_write_all(u, s.store));
	ck_stored(1, NOW, NOW, 1);
	ck_stored(USES_BATCH + 1, NOW, NOW, 1);
}
END_TEST

/* As a record that is damaged might have it. */
START_TEST(a_serial_that_cannot_be_takes_no_memory)
{
	allow(UINT64_MAX, NOW);
	allow(UINT64_C(1) << 41, NOW);
	ck_assert_uint_eq(uses_waiting(u), 0);
	ck_known(UINT64_MAX, 0, 0, 0);
}
END_TEST

START_TEST(a_count_does_not_wrap)
{
	uses_allowed(u, 7, UINT32_MAX, NOW);
	uses_allowed(u, 7, 3, NOW);
	ck_known(7, NOW, NOW, UINT32_MAX);
	flush(true);
	uses_allowed(u, 7, 3, NOW);
	ck_known(7, NOW, NOW, UINT64_C(3) + UINT32_MAX);
}
END_TEST

START_TEST(a_damaged_usage_is_left_as_it_is)
{
	static const uint8_t serial[8] = { [7] = 7 };
	struct usage got;
	struct span value;

	allow(7, NOW);
	flush(true);
	ck_assert_int_eq(store_get(scratch_view(&s), TABLE_USAGE,
			     (struct span){ serial, 8 }, &value),
	    STORE_OK);
	scratch_flip(&s, value.ptr, 9);
	allow(7, NOW + 1);
	allow(8, NOW + 1);
	ck_assert_int_eq(uses_get(u, scratch_view(&s), 7, &got), STORE_DAMAGED);
	ck_assert_uint_eq(flush(true), 1);
	ck_assert_uint_eq(uses_waiting(u), 0);
	ck_stored(8, NOW + 1, NOW + 1, 1);
	ck_assert_int_eq(usage_load(scratch_view(&s), 7, &got), STORE_DAMAGED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("uses");
	TCase *tc = tcase_create("uses");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_use_is_known_at_once_and_stored_later);
	tcase_add_test(tc, a_use_of_a_key_that_was_replaced_is_of_nobody);
	tcase_add_test(tc, a_clock_that_goes_back_takes_no_time_back);
	tcase_add_test(tc, a_refusal_is_no_use);
	tcase_add_test(tc, what_could_not_be_written_waits_again);
	tcase_add_test(tc,
	    what_could_not_be_written_came_before_what_came_since);
	tcase_add_test(tc, a_use_while_it_is_being_written_is_not_lost);
	tcase_add_test(tc, what_is_under_way_counts_once);
	tcase_add_test(tc, numbers_of_batches_go_on_in_the_next_life);
	tcase_add_test(tc, many_keys_go_in_batches_and_none_is_missed);
	tcase_add_test(tc, a_stop_writes_all_that_waits);
	tcase_add_test(tc, a_serial_that_cannot_be_takes_no_memory);
	tcase_add_test(tc, a_count_does_not_wrap);
	tcase_add_test(tc, a_damaged_usage_is_left_as_it_is);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
