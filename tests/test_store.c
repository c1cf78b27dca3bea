/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "schema.h"
#include "scratch.h"
#include "suite.h"

static const enum table sealed[] = { TABLE_ORGS, TABLE_MEMBERS, TABLE_KEYS };
static const enum table bare[] = { TABLE_META, TABLE_HASHES, TABLE_IDS,
	TABLE_NAMES, TABLE_OWNERS };

#define SEALED ((int)(sizeof(sealed) / sizeof(sealed[0])))
#define BARE ((int)(sizeof(bare) / sizeof(bare[0])))

static struct scratch s;

static void
set_up(void)
{
	scratch_open(&s);
}

static void
tear_down(void)
{
	scratch_close(&s);
}

/* Puts from exact copies, so that one byte more is seen. */
static enum store_status
put(struct store_txn *t, enum table table, const char *key, const char *value)
{
	uint8_t *k = exact_copy(key, strlen(key));
	uint8_t *v = exact_copy(value, strlen(value));
	enum store_status rc = store_put(t, table,
	    (struct span){ k, strlen(key) }, (struct span){ v, strlen(value) });

	free(k);
	free(v);
	return rc;
}

static void
put_now(enum table table, const char *key, const char *value)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(put(t, table, key, value), STORE_OK);
	scratch_commit(t);
}

static void
ck_value(struct store_txn *t, enum table table, const char *key,
    const char *value)
{
	struct span got;

	ck_assert_int_eq(store_get(t, table, text_span(key), &got), STORE_OK);
	ck_assert_uint_eq(got.len, strlen(value));
	ck_assert_mem_eq(got.ptr, value, got.len);
}

static void
ck_none(struct store_txn *t, enum table table, const char *key)
{
	struct span got;

	ck_assert_int_eq(store_get(t, table, text_span(key), &got), STORE_NONE);
}

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

static bool
count_step(void *arg, struct span key, struct span value)
{
	unsigned *count = arg;

	(void)key;
	(void)value;
	(*count)++;
	return true;
}

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

START_TEST(a_store_that_is_opened_again_has_all_it_had)
{
	struct store_txn *t = scratch_begin(&s);
	char key[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		ck_assert_int_eq(put(t, sealed[i % SEALED], key, key),
		    STORE_OK);
		ck_assert_int_eq(put(t, bare[i % BARE], key, key), STORE_OK);
	}
	scratch_commit(t);
	scratch_reopen(&s);
	t = scratch_view(&s);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		ck_value(t, sealed[i % SEALED], key, key);
		ck_value(t, bare[i % BARE], key, key);
	}
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

/* Puts pages of bytes until it finds no room; returns what it met. */
static enum store_status
fill(struct store_txn *t, unsigned *put_count)
{
	uint8_t *page = calloc(1, 65536);
	enum store_status rc = STORE_OK;
	char key[16];

	for (*put_count = 0; rc == STORE_OK; (*put_count)++) {
		snprintf(key, sizeof(key), "%u", *put_count);
		rc = store_put(t, TABLE_NAMES, text_span(key),
		    (struct span){ page, 65536 });
		ck_assert_uint_lt(*put_count, 10000);
	}
	free(page);
	return rc;
}

START_TEST(a_full_map_is_said_and_leaves_the_store_usable)
{
	struct store_txn *t;
	unsigned count;

	put_now(TABLE_ORGS, "acme", "one");
	for (int i = 0; i < 3; i++) {
		t = scratch_begin(&s);
		ck_assert_int_eq(fill(t, &count), STORE_FULL);
		ck_assert_uint_gt(count, 16);
		store_abort(t);
	}
	ck_value(scratch_view(&s), TABLE_ORGS, "acme", "one");
	put_now(TABLE_ORGS, "bell", "two");
	ck_value(scratch_view(&s), TABLE_ORGS, "bell", "two");
	scratch_reopen(&s);
	ck_value(scratch_view(&s), TABLE_ORGS, "bell", "two");
}
END_TEST

START_TEST(a_store_at_its_size_is_full_and_has_room_to_spare)
{
	struct store_txn *t = scratch_begin(&s);
	uint8_t *page = calloc(1, 65536);
	struct store_size size;
	char key[16];

	ck_assert(!store_is_full(t));
	for (int i = 0; i < SCRATCH_MAP_SIZE * 16; i++) {
		snprintf(key, sizeof(key), "%d", i);
		ck_assert_int_eq(store_put(t, TABLE_NAMES, text_span(key),
				     (struct span){ page, 65536 }),
		    STORE_OK);
	}
	free(page);
	scratch_commit(t);
	t = scratch_begin(&s);
	ck_assert(store_is_full(t));
	ck_assert_int_eq(store_measure(t, &size), STORE_OK);
	ck_assert_uint_eq(size.limit, SCRATCH_MAP_SIZE * 1024 * 1024);
	ck_assert_uint_ge(size.used, size.limit);
	ck_assert_int_eq(put(t, TABLE_ORGS, "acme", "one"), STORE_OK);
	scratch_commit(t);
}
END_TEST

START_TEST(the_size_counts_what_is_there)
{
	struct store_size before, after;
	struct store_txn *t = scratch_view(&s);

	ck_assert_int_eq(store_measure(t, &before), STORE_OK);
	put_now(TABLE_ORGS, "acme", "one");
	put_now(TABLE_ORGS, "bell", "one");
	put_now(TABLE_IDS, "key", "one");
	t = scratch_view(&s);
	ck_assert_int_eq(store_measure(t, &after), STORE_OK);
	ck_assert_uint_eq(after.entries[TABLE_ORGS], 2);
	ck_assert_uint_eq(after.entries[TABLE_IDS], 1);
	ck_assert_uint_eq(after.entries[TABLE_KEYS], 0);
	ck_assert_uint_gt(after.used, 0);
	ck_assert_uint_le(after.used, after.limit);
	ck_assert_uint_eq(before.limit, after.limit);
}
END_TEST

START_TEST(nothing_in_the_database_is_in_a_file_that_others_may_read)
{
	static const char *const files[] = { "data.mdb", "lock.mdb",
		"keyd.lock" };
	struct stat st;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ck_assert_int_eq(fstatat(s.state.dir_fd, files[i], &st, 0), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0600);
	}
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

START_TEST(each_status_has_a_sentence_of_its_own)
{
	for (int a = STORE_OK; a <= STORE_PANIC; a++)
		for (int b = STORE_OK; b < a; b++)
			ck_assert_str_ne(store_strerror((enum store_status)a),
			    store_strerror((enum store_status)b));
}
END_TEST

static void
add_values(TCase *tc)
{
	tcase_add_test(tc, what_was_put_is_got_from_every_table);
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
}

static void
add_damage(TCase *tc)
{
	tcase_add_loop_test(tc, every_flipped_bit_of_a_sealed_value_is_damage,
	    0, SEALED);
	tcase_add_loop_test(tc, a_walk_stops_at_damage_and_says_so, 0, SEALED);
	tcase_add_loop_test(tc, a_sealed_value_moved_to_another_key_is_damage,
	    0, SEALED);
	tcase_add_loop_test(tc, a_sealed_value_moved_to_another_table_is_damage,
	    0, SEALED);
	tcase_add_loop_test(tc, a_key_that_changed_is_damage, 0, SEALED);
}

static void
add_transactions(TCase *tc)
{
	tcase_add_test(tc,
	    the_view_sees_a_change_after_its_commit_and_a_renewal);
	tcase_add_test(tc, the_view_can_be_let_go_and_taken_again);
	tcase_add_test(tc, what_is_aborted_was_never_there);
	tcase_add_test(tc, a_store_that_is_opened_again_has_all_it_had);
	tcase_add_test(tc, a_full_map_is_said_and_leaves_the_store_usable);
	tcase_add_test(tc, a_store_at_its_size_is_full_and_has_room_to_spare);
	tcase_add_test(tc, the_size_counts_what_is_there);
	tcase_add_test(tc,
	    nothing_in_the_database_is_in_a_file_that_others_may_read);
	tcase_add_test(tc,
	    a_view_sees_whole_transactions_and_all_that_are_acknowledged);
	tcase_add_test(tc, each_status_has_a_sentence_of_its_own);
}

int
main(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	add_values(tc);
	add_damage(tc);
	add_transactions(tc);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
