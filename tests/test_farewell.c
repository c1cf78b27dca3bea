/* SPDX-License-Identifier: ISC */

#include "farewell.h"
#include "schema.h"
#include "scratch.h"
#include "suite.h"

#define S INT64_C(1000000000)
#define BOOT "8a6b2f0e-5b1f-4b61-9d0e-0c5a4a3b2c1d"
#define OTHER "11111111-5b1f-4b61-9d0e-0c5a4a3b2c1d"

static const struct rate plan = { 60, 10 };
static struct scratch s;

static void
setup(void)
{
	struct store_txn *t;
	uint64_t last;

	scratch_open(&s);
	t = scratch_begin(&s);
	ck_assert_int_eq(counter_add(t, COUNTER_SERIAL, 100, &last), STORE_OK);
	scratch_commit(t);
}

static void
teardown(void)
{
	scratch_close(&s);
}

static unsigned
hammer(struct limiter *l, uint64_t serial, int64_t now_ns)
{
	struct allowance a;
	unsigned admitted = 0;

	for (unsigned i = 0; i < 20; i++)
		admitted += limiter_take(l, serial, &plan, now_ns, 0, &a);
	return admitted;
}

static struct limiter *
begin(const char *boot, int64_t now_ns)
{
	struct limiter *l;

	scratch_reopen(&s);
	l = farewell_read(s.store, boot, now_ns);
	ck_assert_ptr_nonnull(l);
	return l;
}

static uint64_t
rows(void)
{
	struct store_size size;

	ck_assert_int_eq(store_measure(scratch_view(&s), &size), STORE_OK);
	store_view_reset(s.store);
	return size.entries[TABLE_LIMITS];
}

/* A life that uses up all of 1, half of 2, and ends cleanly at 50 s. */
static void
live(void)
{
	struct limiter *l = begin(BOOT, 20 * S);
	struct allowance a;

	ck_assert_uint_eq(hammer(l, 1, 50 * S), 10);
	for (unsigned i = 0; i < 5; i++)
		ck_assert(limiter_take(l, 2, &plan, 50 * S, 0, &a));
	ck_assert(farewell_write(s.store, l, BOOT, 50 * S));
	limiter_free(l);
	ck_assert_uint_eq(rows(), 3);
}

START_TEST(without_a_farewell_old_keys_begin_with_nothing)
{
	struct limiter *l = begin(BOOT, S);

	ck_assert_uint_eq(hammer(l, 1, S), 0);
	ck_assert_uint_eq(hammer(l, 100, S), 0);
	ck_assert_uint_eq(hammer(l, 101, S), 10);
	limiter_free(l);
}
END_TEST

START_TEST(in_the_same_boot_the_time_between_counts)
{
	struct limiter *l;

	live();
	l = begin(BOOT, 53 * S);
	ck_assert_uint_eq(hammer(l, 1, 53 * S), 3);
	ck_assert_uint_eq(hammer(l, 2, 53 * S), 8);
	ck_assert_uint_eq(hammer(l, 3, 53 * S), 10);
	limiter_free(l);
}
END_TEST

START_TEST(in_another_boot_it_does_not)
{
	const char *const boots[] = { OTHER, "" };

	for (unsigned i = 0; i < 2; i++) {
		struct limiter *l;

		live();
		l = begin(boots[i], 1000 * S);
		ck_assert_uint_eq(hammer(l, 1, 1000 * S), 0);
		ck_assert_uint_eq(hammer(l, 2, 1000 * S), 5);
		ck_assert_uint_eq(hammer(l, 3, 1000 * S), 10);
		ck_assert_uint_eq(hammer(l, 1, 1001 * S), 1);
		limiter_free(l);
	}
}
END_TEST

START_TEST(an_unknown_boot_is_never_the_same_one)
{
	struct limiter *l = begin("", 20 * S);

	ck_assert_uint_eq(hammer(l, 1, 50 * S), 10);
	ck_assert(farewell_write(s.store, l, "", 50 * S));
	limiter_free(l);
	l = begin("", 60 * S);
	ck_assert_uint_eq(hammer(l, 1, 60 * S), 0);
	limiter_free(l);
}
END_TEST

START_TEST(a_clock_before_the_farewell_counts_as_none)
{
	struct limiter *l;

	live();
	l = begin(BOOT, 10 * S);
	ck_assert_uint_eq(hammer(l, 1, 10 * S), 0);
	ck_assert_uint_eq(hammer(l, 1, 11 * S), 1);
	ck_assert_uint_eq(hammer(l, 3, 11 * S), 10);
	limiter_free(l);
}
END_TEST

START_TEST(it_is_read_once)
{
	struct limiter *l;

	live();
	limiter_free(begin(BOOT, 51 * S));
	ck_assert_uint_eq(rows(), 0);
	l = begin(BOOT, 52 * S);
	ck_assert_uint_eq(hammer(l, 3, 52 * S), 0);
	limiter_free(l);
}
END_TEST

START_TEST(a_second_farewell_takes_the_place_of_the_first)
{
	struct limiter *l;

	live();
	l = begin(BOOT, 100 * S);
	ck_assert(farewell_write(s.store, l, BOOT, 100 * S));
	limiter_free(l);
	ck_assert_uint_eq(rows(), 1);
	l = begin(BOOT, 100 * S);
	ck_assert_uint_eq(hammer(l, 1, 100 * S), 10);
	limiter_free(l);
}
END_TEST

/* Any of its rows: one that is not whole is not used in part. */
START_TEST(a_damaged_one_is_none)
{
	for (uint8_t serial = 0; serial < 3; serial++) {
		const uint8_t key[8] = { 0, 0, 0, 0, 0, 0, 0, serial };
		struct span value;
		struct limiter *l;

		live();
		ck_assert_int_eq(store_get(scratch_view(&s), TABLE_LIMITS,
				     (struct span){ key, 8 }, &value),
		    STORE_OK);
		scratch_flip(&s, value.ptr, 9);
		store_view_reset(s.store);
		l = begin(BOOT, 51 * S);
		ck_assert_uint_eq(rows(), 0);
		ck_assert_uint_eq(hammer(l, 2, 51 * S), 0);
		ck_assert_uint_eq(hammer(l, 3, 51 * S), 0);
		limiter_free(l);
	}
}
END_TEST

static void
put(uint64_t serial, const void *bytes, size_t len)
{
	struct store_txn *t = scratch_begin(&s);
	uint8_t key[8];
	struct wire_writer w = wire_writer(key, sizeof(key));

	wire_put_u64(&w, serial);
	ck_assert_int_eq(store_put(t, TABLE_LIMITS, (struct span){ key, 8 },
			     (struct span){ bytes, len }),
	    STORE_OK);
	scratch_commit(t);
}

START_TEST(one_with_strange_rows_is_none)
{
	const uint8_t bytes[] = { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		10, 0 };
	const size_t len[] = { 0, 15, 16, 17 };

	for (unsigned i = 0; i < 4; i++) {
		struct limiter *l;

		live();
		put(7, bytes, len[i]);
		l = begin(BOOT, 51 * S);
		ck_assert_uint_eq(hammer(l, 3, 51 * S), 0);
		limiter_free(l);
	}
}
END_TEST

START_TEST(a_whole_in_the_place_of_a_key_is_none)
{
	const uint8_t key[8] = { 0 };
	uint8_t bytes[128];
	struct span value;
	struct store_txn *t;
	struct limiter *l;

	live();
	ck_assert_int_eq(store_get(scratch_view(&s), TABLE_LIMITS,
			     (struct span){ key, 8 }, &value),
	    STORE_OK);
	ck_assert_uint_le(value.len, sizeof(bytes));
	memcpy(bytes, value.ptr, value.len);
	store_view_reset(s.store);
	t = scratch_begin(&s);
	ck_assert_int_eq(store_clear(t, TABLE_LIMITS), STORE_OK);
	scratch_commit(t);
	put(7, bytes, value.len);
	l = begin(BOOT, 51 * S);
	ck_assert_uint_eq(hammer(l, 3, 51 * S), 0);
	ck_assert_uint_eq(rows(), 0);
	limiter_free(l);
}
END_TEST

START_TEST(one_that_finds_no_room_is_not_written_at_all)
{
	struct limiter *l = begin(BOOT, S);
	struct allowance a;

	for (uint64_t serial = 101; serial < 101 + 200000; serial++)
		ck_assert(limiter_take(l, serial, &plan, S, 0, &a));
	ck_assert(!farewell_write(s.store, l, BOOT, S));
	limiter_free(l);
	ck_assert_uint_eq(rows(), 0);
}
END_TEST

START_TEST(the_boot_has_a_name_that_stays)
{
	char a[CLOCK_BOOT_SIZE], b[CLOCK_BOOT_SIZE];

	clock_boot_id(a);
	clock_boot_id(b);
	ck_assert_str_eq(a, b);
	ck_assert_uint_ge(strlen(a), 36);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("farewell");
	TCase *tc = tcase_create("farewell");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_a_farewell_old_keys_begin_with_nothing);
	tcase_add_test(tc, in_the_same_boot_the_time_between_counts);
	tcase_add_test(tc, in_another_boot_it_does_not);
	tcase_add_test(tc, an_unknown_boot_is_never_the_same_one);
	tcase_add_test(tc, a_clock_before_the_farewell_counts_as_none);
	tcase_add_test(tc, it_is_read_once);
	tcase_add_test(tc, a_second_farewell_takes_the_place_of_the_first);
	tcase_add_test(tc, a_damaged_one_is_none);
	tcase_add_test(tc, one_with_strange_rows_is_none);
	tcase_add_test(tc, a_whole_in_the_place_of_a_key_is_none);
	tcase_add_test(tc, one_that_finds_no_room_is_not_written_at_all);
	tcase_add_test(tc, the_boot_has_a_name_that_stays);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
