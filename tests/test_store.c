/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "stored.h"
#include "suite.h"

START_TEST(what_was_put_is_got_from_every_table)
{
	struct store_txn *t = scratch_begin(&s);

	for (int i = 0; i < TABLE_COUNT; i++)
		ck_assert_int_eq(put(t, (enum table)i, "acme", "value"),
		    STORE_OK);
	scratch_commit(t);
	t = scratch_view(&s);
	for (int i = 0; i < TABLE_COUNT; i++) {
		ck_value(t, (enum table)i, "acme", "value");
		ck_none(t, (enum table)i, "acm");
		ck_none(t, (enum table)i, "acmf");
	}
}
END_TEST

static bool
is_shared(enum table table)
{
	return table == TABLE_META || table == TABLE_HASHES ||
	    table == TABLE_NAMES || table == TABLE_OWNERS;
}

START_TEST(tables_are_apart_whatever_tree_they_share)
{
	struct store_txn *t = scratch_begin(&s);
	const char *gone = store_table_name((enum table)_i);

	for (int i = 0; i < TABLE_COUNT; i++)
		ck_assert_int_eq(put(t, (enum table)i, "k",
				     store_table_name((enum table)i)),
		    STORE_OK);
	for (int i = 0; i < TABLE_COUNT; i++)
		ck_value(t, (enum table)i, "k",
		    store_table_name((enum table)i));
	ck_value(t, (enum table)_i, "k", gone);
	ck_assert_int_eq(store_delete(t, (enum table)_i, text_span("k")),
	    STORE_OK);
	for (int i = 0; i < TABLE_COUNT; i++) {
		unsigned count = 0;

		ck_assert_int_eq(store_walk(t, (enum table)i, text_span("k"),
				     (struct span){ NULL, 0 }, count_step,
				     &count),
		    STORE_OK);
		ck_assert_uint_eq(count, i != _i);
	}
	store_abort(t);
}
END_TEST

/* META is in the tree that has the names of all others. */
START_TEST(a_table_is_cleared_alone_or_with_the_index)
{
	struct store_txn *t = scratch_begin(&s);
	bool index = is_shared((enum table)_i);

	for (int i = 0; i < TABLE_COUNT; i++)
		ck_assert_int_eq(put(t, (enum table)i, "k", "v"), STORE_OK);
	ck_assert_int_eq(store_clear(t, (enum table)_i), STORE_OK);
	for (int i = 0; i < TABLE_COUNT; i++)
		if (i == _i ||
		    (index && i != TABLE_META && is_shared((enum table)i)))
			ck_none(t, (enum table)i, "k");
		else
			ck_value(t, (enum table)i, "k", "v");
	scratch_commit(t);
	scratch_reopen(&s);
}
END_TEST

START_TEST(meta_is_never_cleared)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(put(t, TABLE_ORGS, "k", "v"), STORE_OK);
	ck_assert_int_eq(store_clear(t, TABLE_META), STORE_FAILED);
	ck_value(t, TABLE_ORGS, "k", "v");
	scratch_commit(t);
	scratch_reopen(&s);
}
END_TEST

START_TEST(a_key_has_1_to_510_bytes_in_every_table)
{
	struct store_txn *t = scratch_begin(&s);
	uint8_t key[512];
	struct span got;

	memset(key, 'k', sizeof(key));
	for (int i = 0; i < TABLE_COUNT; i++)
		for (size_t len = 0; len <= sizeof(key); len++) {
			bool good = len > 0 && len <= 510;
			struct span k = { key, len };

			if (len == 2)
				len = 509;
			if (len == 511 && !is_shared((enum table)i))
				continue;
			ck_assert_int_eq(store_put(t, (enum table)i, k,
					     text_span("v")),
			    good ? STORE_OK : STORE_FAILED);
			ck_assert_int_eq(store_get(t, (enum table)i, k, &got),
			    good ? STORE_OK : STORE_NONE);
			ck_assert_int_eq(store_delete(t, (enum table)i, k),
			    good ? STORE_OK : STORE_NONE);
		}
	store_abort(t);
}
END_TEST

START_TEST(put_replaces_and_add_does_not)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_add(t, TABLE_ORGS, text_span("acme"),
			     text_span("one")),
	    STORE_OK);
	ck_assert_int_eq(store_add(t, TABLE_ORGS, text_span("acme"),
			     text_span("two")),
	    STORE_EXISTS);
	ck_value(t, TABLE_ORGS, "acme", "one");
	ck_assert_int_eq(put(t, TABLE_ORGS, "acme", "three, and longer"),
	    STORE_OK);
	ck_value(t, TABLE_ORGS, "acme", "three, and longer");
	scratch_commit(t);
	ck_value(scratch_view(&s), TABLE_ORGS, "acme", "three, and longer");
}
END_TEST

START_TEST(append_takes_only_the_greatest_key)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_append(t, TABLE_KEYS, text_span("b"),
			     text_span("1")),
	    STORE_OK);
	ck_assert_int_eq(store_append(t, TABLE_KEYS, text_span("a"),
			     text_span("2")),
	    STORE_EXISTS);
	ck_assert_int_eq(store_append(t, TABLE_KEYS, text_span("c"),
			     text_span("3")),
	    STORE_OK);
	ck_none(t, TABLE_KEYS, "a");
	ck_value(t, TABLE_KEYS, "c", "3");
	store_abort(t);
}
END_TEST

START_TEST(what_is_deleted_is_gone)
{
	struct store_txn *t;

	put_now(TABLE_MEMBERS, "alice", "editor");
	t = scratch_begin(&s);
	ck_assert_int_eq(store_delete(t, TABLE_MEMBERS, text_span("alice")),
	    STORE_OK);
	ck_assert_int_eq(store_delete(t, TABLE_MEMBERS, text_span("alice")),
	    STORE_NONE);
	scratch_commit(t);
	ck_none(scratch_view(&s), TABLE_MEMBERS, "alice");
}
END_TEST

START_TEST(an_empty_value_is_a_value)
{
	struct span got;
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(put(t, TABLE_OWNERS, "a", ""), STORE_OK);
	ck_assert_int_eq(put(t, TABLE_ORGS, "a", ""), STORE_OK);
	ck_assert_int_eq(store_get(t, TABLE_OWNERS, text_span("a"), &got),
	    STORE_OK);
	ck_assert_uint_eq(got.len, 0);
	ck_assert_int_eq(store_get(t, TABLE_ORGS, text_span("a"), &got),
	    STORE_OK);
	ck_assert_uint_eq(got.len, 0);
	store_abort(t);
}
END_TEST

START_TEST(a_value_too_long_to_be_sealed_is_refused)
{
	struct store_txn *t = scratch_begin(&s);
	uint8_t *big = calloc(1, 8192);

	ck_assert_int_eq(store_put(t, TABLE_KEYS, text_span("k"),
			     (struct span){ big, 8192 }),
	    STORE_FAILED);
	ck_none(t, TABLE_KEYS, "k");
	store_abort(t);
	free(big);
}
END_TEST

START_TEST(numbers_come_back_whatever_they_are)
{
	static const uint64_t numbers[] = { 0, 1, 0x0102030405060708,
		UINT64_MAX };
	struct store_txn *t = scratch_begin(&s);
	uint64_t n;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ck_assert_int_eq(store_put_number(t, TABLE_IDS, text_span("x"),
				     numbers[i]),
		    STORE_OK);
		ck_assert_int_eq(store_get_number(t, TABLE_IDS, text_span("x"),
				     &n),
		    STORE_OK);
		ck_assert_uint_eq(n, numbers[i]);
	}
	ck_assert_int_eq(store_get_number(t, TABLE_IDS, text_span("y"), &n),
	    STORE_NONE);
	ck_assert_uint_eq(n, 0);
	store_abort(t);
}
END_TEST

/* Runs for every length that is not a number's. */
START_TEST(a_number_of_another_length_is_damaged)
{
	struct store_txn *t = scratch_begin(&s);
	uint64_t n;

	if (_i == 8)
		_i = 16;
	ck_assert_int_eq(store_put(t, TABLE_IDS, text_span("x"),
			     (struct span){ s.hash_key, (size_t)_i }),
	    STORE_OK);
	ck_assert_int_eq(store_get_number(t, TABLE_IDS, text_span("x"), &n),
	    STORE_DAMAGED);
	store_abort(t);
}
END_TEST

struct seen {
	char keys[64];
	unsigned left;
};

static bool
see(void *arg, struct span key, struct span value)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->keys);

	(void)value;
	snprintf(seen->keys + len, sizeof(seen->keys) - len, "%.*s ",
	    (int)key.len, (const char *)key.ptr);
	return --seen->left > 0;
}

static const struct {
	const char *prefix, *from;
	unsigned most;
	const char *seen;
} walks[] = {
	{ "", "", 99, "a ab abc b ba " },
	{ "a", "", 99, "a ab abc " },
	{ "ab", "", 99, "ab abc " },
	{ "", "ab", 99, "ab abc b ba " },
	{ "", "aba", 99, "abc b ba " },
	{ "a", "ab", 99, "ab abc " },
	{ "b", "", 99, "b ba " },
	{ "", "c", 99, "" },
	{ "c", "", 99, "" },
	{ "abcd", "", 99, "" },
	{ "a", "c", 99, "" },
	{ "a", "b", 99, "" },
	{ "", "", 1, "a " },
	{ "", "", 3, "a ab abc " },
	{ "a", "ab", 1, "ab " },
};

#define WALKS ((int)(sizeof(walks) / sizeof(walks[0])))

START_TEST(a_walk_is_ordered_and_keeps_to_its_prefix_and_start)
{
	static const char *const keys[] = { "b", "abc", "a", "ba", "ab" };
	struct seen seen = { .left = walks[_i].most };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		put_now(TABLE_ORGS, keys[i], "sealed");
		put_now(TABLE_OWNERS, keys[i], "");
	}
	ck_assert_int_eq(store_walk(scratch_view(&s), TABLE_ORGS,
			     text_span(walks[_i].prefix),
			     text_span(walks[_i].from), see, &seen),
	    STORE_OK);
	ck_assert_str_eq(seen.keys, walks[_i].seen);
	seen = (struct seen){ .left = walks[_i].most };
	ck_assert_int_eq(store_walk(scratch_view(&s), TABLE_OWNERS,
			     text_span(walks[_i].prefix),
			     text_span(walks[_i].from), see, &seen),
	    STORE_OK);
	ck_assert_str_eq(seen.keys, walks[_i].seen);
}
END_TEST

START_TEST(a_walk_of_an_empty_table_is_no_failure)
{
	unsigned count = 0;

	ck_assert_int_eq(store_walk(scratch_view(&s), TABLE_KEYS,
			     (struct span){ NULL, 0 }, (struct span){ NULL, 0 },
			     count_step, &count),
	    STORE_OK);
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(each_status_has_a_sentence_of_its_own)
{
	for (int a = STORE_OK; a <= STORE_PANIC; a++)
		for (int b = STORE_OK; b < a; b++)
			ck_assert_str_ne(store_strerror((enum store_status)a),
			    store_strerror((enum store_status)b));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_was_put_is_got_from_every_table);
	tcase_add_loop_test(tc, tables_are_apart_whatever_tree_they_share, 0,
	    TABLE_COUNT);
	tcase_add_loop_test(tc, a_table_is_cleared_alone_or_with_the_index,
	    TABLE_ORGS, TABLE_COUNT);
	tcase_add_test(tc, meta_is_never_cleared);
	tcase_add_test(tc, a_key_has_1_to_510_bytes_in_every_table);
	tcase_add_test(tc, put_replaces_and_add_does_not);
	tcase_add_test(tc, append_takes_only_the_greatest_key);
	tcase_add_test(tc, what_is_deleted_is_gone);
	tcase_add_test(tc, an_empty_value_is_a_value);
	tcase_add_test(tc, a_value_too_long_to_be_sealed_is_refused);
	tcase_add_test(tc, numbers_come_back_whatever_they_are);
	tcase_add_loop_test(tc, a_number_of_another_length_is_damaged, 0, 17);
	tcase_add_loop_test(tc,
	    a_walk_is_ordered_and_keeps_to_its_prefix_and_start, 0, WALKS);
	tcase_add_test(tc, a_walk_of_an_empty_table_is_no_failure);
	tcase_add_test(tc, each_status_has_a_sentence_of_its_own);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
