/* SPDX-License-Identifier: ISC */
#include "stored.h"
#include "suite.h"

/* Runs for each sealed table. */
START_TEST(every_flipped_bit_of_a_sealed_value_is_damage)
{
	static const char value[] = "a record with some bytes in it";
	enum table table = sealed[_i];
	struct store_txn *t;
	struct span got, again;

	put_now(table, "acme", value);
	t = scratch_view(&s);
	ck_assert_int_eq(store_get(t, table, text_span("acme"), &got),
	    STORE_OK);
	for (size_t bit = 0; bit < (got.len + MAC_SIZE) * 8; bit++) {
		scratch_flip(&s, got.ptr, bit);
		t = scratch_view(&s);
		ck_assert_int_eq(store_get(t, table, text_span("acme"), &again),
		    STORE_DAMAGED);
		scratch_flip(&s, got.ptr, bit);
	}
	ck_value(scratch_view(&s), table, "acme", value);
}
END_TEST

START_TEST(a_walk_stops_at_damage_and_says_so)
{
	enum table table = sealed[_i];
	unsigned count = 0;
	struct span got;

	put_now(table, "a", "one");
	put_now(table, "b", "two");
	put_now(table, "c", "three");
	ck_assert_int_eq(store_get(scratch_view(&s), table, text_span("b"),
			     &got),
	    STORE_OK);
	scratch_flip(&s, got.ptr, 0);
	ck_assert_int_eq(store_walk(scratch_view(&s), table,
			     (struct span){ NULL, 0 }, (struct span){ NULL, 0 },
			     count_step, &count),
	    STORE_DAMAGED);
	ck_assert_uint_eq(count, 1);
}
END_TEST

/* With its MAC, over the value of another key. */
START_TEST(a_sealed_value_moved_to_another_key_is_damage)
{
	enum table table = sealed[_i];
	uint8_t whole[3 + MAC_SIZE];
	struct span a, b;
	struct store_txn *t;

	put_now(table, "a", "one");
	put_now(table, "b", "two");
	t = scratch_view(&s);
	ck_assert_int_eq(store_get(t, table, text_span("a"), &a), STORE_OK);
	ck_assert_int_eq(store_get(t, table, text_span("b"), &b), STORE_OK);
	memcpy(whole, a.ptr, sizeof(whole));
	scratch_overwrite(&s, b.ptr, whole, sizeof(whole));
	t = scratch_view(&s);
	ck_value(t, table, "a", "one");
	ck_assert_int_eq(store_get(t, table, text_span("b"), &b),
	    STORE_DAMAGED);
}
END_TEST

START_TEST(a_sealed_value_moved_to_another_table_is_damage)
{
	enum table from = sealed[_i], to = sealed[(_i + 1) % SEALED];
	uint8_t whole[3 + MAC_SIZE];
	struct span got;
	struct store_txn *t;

	put_now(from, "a", "one");
	put_now(to, "a", "two");
	t = scratch_view(&s);
	ck_assert_int_eq(store_get(t, from, text_span("a"), &got), STORE_OK);
	memcpy(whole, got.ptr, sizeof(whole));
	ck_assert_int_eq(store_get(t, to, text_span("a"), &got), STORE_OK);
	scratch_overwrite(&s, got.ptr, whole, sizeof(whole));
	ck_assert_int_eq(store_get(scratch_view(&s), to, text_span("a"), &got),
	    STORE_DAMAGED);
}
END_TEST

/* The length of a value is in the page as well: bytes may pass from the key
   to the value, and the MAC must tell. */
START_TEST(a_key_that_changed_is_damage)
{
	enum table table = sealed[_i];
	struct span got;

	put_now(table, "alpha", "one");
	put_now(table, "bravo", "two");
	ck_assert_int_eq(store_get(scratch_view(&s), table, text_span("bravo"),
			     &got),
	    STORE_OK);
	/* A node's key lies before its value. */
	scratch_overwrite(&s, got.ptr - strlen("bravo"), "bravp", 5);
	ck_assert_int_eq(store_get(scratch_view(&s), table, text_span("bravp"),
			     &got),
	    STORE_DAMAGED);
	ck_none(scratch_view(&s), table, "bravo");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store_damage");
	TCase *tc = tcase_create("store_damage");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, every_flipped_bit_of_a_sealed_value_is_damage,
	    0, SEALED);
	tcase_add_loop_test(tc, a_walk_stops_at_damage_and_says_so, 0, SEALED);
	tcase_add_loop_test(tc, a_sealed_value_moved_to_another_key_is_damage,
	    0, SEALED);
	tcase_add_loop_test(tc, a_sealed_value_moved_to_another_table_is_damage,
	    0, SEALED);
	tcase_add_loop_test(tc, a_key_that_changed_is_damage, 0, SEALED);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
