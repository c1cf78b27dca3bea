/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "audit.h"
#include "chain.h"
#include "scratch.h"
#include "suite.h"

#define ENTRIES 5
#define ANY UINT32_MAX

static struct scratch scratch;

static void
setup(void)
{
	scratch_open(&scratch);
}

static void
teardown(void)
{
	scratch_close(&scratch);
}

static struct event
event_at(int64_t when, const char *detail)
{
	struct event e = { .when = when, .what = FRAME_CREATE, .uid = 7 };

	strlcpy(e.org, "acme", sizeof(e.org));
	strlcpy(e.detail, detail, sizeof(e.detail));
	strlcpy(e.id[0], "key_0123456789abcdef", KEY_ID_SIZE);
	e.ids = 1;
	return e;
}

/* Entries 1 to count, with the times 1000 and so on. */
static void
append(unsigned count)
{
	struct store_txn *t = scratch_begin(&scratch);
	struct event e;

	for (unsigned i = 0; i < count; i++) {
		e = event_at(1000 + i, "a detail");
		ck_assert_int_eq(audit_append(t, &e), STORE_OK);
	}
	scratch_commit(t);
}

static struct reply_checked
check_all(void)
{
	struct reply_checked found;

	ck_assert_int_eq(audit_check(scratch_view(&scratch), 0, ANY, &found),
	    STORE_OK);
	store_view_reset(scratch.store);
	return found;
}

static void
broken_at(uint64_t seq)
{
	struct reply_checked found = check_all();

	ck_assert_msg(found.broken == seq, "%llu is broken, not %llu: %s",
	    (unsigned long long)found.broken, (unsigned long long)seq,
	    found.why);
	ck_assert_str_ne(found.why, "");
}

static struct span
key_of(uint64_t seq)
{
	static uint8_t key[8];

	chain_key(key, seq);
	return (struct span){ key, sizeof(key) };
}

START_TEST(entries_are_numbered_and_whole)
{
	struct store_txn *t;
	struct event e;
	uint64_t last, kept;

	ck_assert_uint_eq(check_all().broken, 0);
	append(ENTRIES);
	ck_assert_uint_eq(check_all().broken, 0);
	ck_assert_uint_eq(check_all().last, ENTRIES);
	t = scratch_begin(&scratch);
	e = event_at(2000, "more");
	ck_assert_int_eq(audit_append(t, &e), STORE_OK);
	ck_assert_uint_eq(e.seq, ENTRIES + 1);
	store_abort(t);
	t = scratch_view(&scratch);
	ck_assert_int_eq(audit_extent(t, &last, &kept), STORE_OK);
	ck_assert_uint_eq(last, ENTRIES);
	ck_assert_uint_eq(kept, ENTRIES);
	store_view_reset(scratch.store);
	append(1);
	ck_assert_uint_eq(check_all().last, ENTRIES + 1);
	ck_assert_uint_eq(check_all().broken, 0);
}
END_TEST

START_TEST(a_check_may_be_done_in_parts)
{
	struct reply_checked found = { 0 };
	uint64_t after = 0;

	append(ENTRIES);
	for (unsigned i = 1; i <= ENTRIES + 1; i++) {
		ck_assert_int_eq(audit_check(scratch_view(&scratch), after, 1,
				     &found),
		    STORE_OK);
		store_view_reset(scratch.store);
		ck_assert_uint_eq(found.broken, 0);
		ck_assert_uint_eq(found.last, i <= ENTRIES ? i : ENTRIES);
		after = found.last;
	}
}
END_TEST

/* Every bit of the entry in the middle. */
START_TEST(a_changed_bit_is_found)
{
	struct span value;

	append(ENTRIES);
	ck_assert_int_eq(store_get(scratch_view(&scratch), TABLE_AUDIT,
			     key_of(3), &value),
	    STORE_OK);
	for (size_t bit = 0; bit < value.len * 8; bit++) {
		scratch_flip(&scratch, value.ptr, bit);
		broken_at(3);
		scratch_flip(&scratch, value.ptr, bit);
	}
	ck_assert_uint_eq(check_all().broken, 0);
}
END_TEST

START_TEST(a_missing_entry_is_found)
{
	struct store_txn *t;

	append(ENTRIES);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(store_delete(t, TABLE_AUDIT, key_of((uint64_t)_i)),
	    STORE_OK);
	scratch_commit(t);
	broken_at((uint64_t)_i);
}
END_TEST

START_TEST(a_swap_is_found)
{
	struct store_txn *t;
	struct span value;
	uint8_t one[EVENT_MAX], two[EVENT_MAX];
	size_t len;

	append(ENTRIES);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(store_get(t, TABLE_AUDIT, key_of(2), &value), 0);
	len = value.len;
	memcpy(one, value.ptr, len);
	ck_assert_int_eq(store_get(t, TABLE_AUDIT, key_of(3), &value), 0);
	ck_assert_uint_eq(value.len, len);
	memcpy(two, value.ptr, len);
	ck_assert_int_eq(store_put(t, TABLE_AUDIT, key_of(2),
			     (struct span){ two, len }),
	    STORE_OK);
	ck_assert_int_eq(store_put(t, TABLE_AUDIT, key_of(3),
			     (struct span){ one, len }),
	    STORE_OK);
	scratch_commit(t);
	broken_at(2);
}
END_TEST

START_TEST(the_ends_are_part_of_the_chain)
{
	const char *const end = _i == 0 ? CHAIN_HEAD : CHAIN_BASE;
	struct reply_checked found;
	struct reply_pruned pruned;
	struct store_txn *t;
	struct span value;

	append(ENTRIES);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(audit_prune(t, 1002, ANY, &pruned, &found), STORE_OK);
	scratch_commit(t);
	ck_assert_int_eq(store_get(scratch_view(&scratch), TABLE_META,
			     text_span(end), &value),
	    STORE_OK);
	for (size_t bit = 0; bit < value.len * 8; bit++) {
		scratch_flip(&scratch, value.ptr, bit);
		ck_assert_uint_ne(check_all().broken, 0);
		scratch_flip(&scratch, value.ptr, bit);
	}
	ck_assert_uint_eq(check_all().broken, 0);
}
END_TEST

/* With the other end's bytes, or with the end of an earlier time. */
START_TEST(an_end_cannot_stand_for_another)
{
	uint8_t early[256];
	struct store_txn *t;
	struct span value;
	size_t len;

	append(2);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(store_get(t, TABLE_META, text_span(CHAIN_HEAD),
			     &value),
	    STORE_OK);
	len = value.len;
	memcpy(early, value.ptr, len);
	store_abort(t);
	append(ENTRIES - 2);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(store_put(t, TABLE_META,
			     text_span(_i == 0 ? CHAIN_HEAD : CHAIN_BASE),
			     (struct span){ early, len }),
	    STORE_OK);
	scratch_commit(t);
	ck_assert_uint_ne(check_all().broken, 0);
}
END_TEST

START_TEST(what_is_pruned_leaves_a_whole_log)
{
	struct reply_checked found;
	struct reply_pruned pruned;
	struct store_txn *t;
	uint64_t last, kept;

	append(ENTRIES);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(audit_prune(t, 1003, 2, &pruned, &found), STORE_OK);
	ck_assert_uint_eq(pruned.removed, 2);
	ck_assert_uint_eq(pruned.first, 3);
	ck_assert_int_eq(audit_prune(t, 1003, 2, &pruned, &found), STORE_OK);
	ck_assert_uint_eq(pruned.removed, 1);
	ck_assert_int_eq(audit_prune(t, 1003, 2, &pruned, &found), STORE_OK);
	ck_assert_uint_eq(pruned.removed, 0);
	ck_assert_uint_eq(pruned.first, 4);
	scratch_commit(t);
	ck_assert_uint_eq(check_all().broken, 0);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(audit_prune(t, INT64_MAX, ANY, &pruned, &found),
	    STORE_OK);
	ck_assert_uint_eq(pruned.first, 0);
	scratch_commit(t);
	ck_assert_uint_eq(check_all().broken, 0);
	append(2);
	ck_assert_uint_eq(check_all().broken, 0);
	ck_assert_int_eq(audit_extent(scratch_view(&scratch), &last, &kept),
	    STORE_OK);
	ck_assert_uint_eq(last, ENTRIES + 2);
	ck_assert_uint_eq(kept, 2);
}
END_TEST

START_TEST(what_is_broken_is_not_pruned)
{
	struct reply_checked found;
	struct reply_pruned pruned;
	struct store_txn *t;
	struct span value;

	append(ENTRIES);
	ck_assert_int_eq(store_get(scratch_view(&scratch), TABLE_AUDIT,
			     key_of(2), &value),
	    STORE_OK);
	scratch_flip(&scratch, value.ptr, 8 * 16 + 3);
	t = scratch_begin(&scratch);
	ck_assert_int_eq(audit_prune(t, INT64_MAX, ANY, &pruned, &found),
	    STORE_DAMAGED);
	ck_assert_uint_eq(found.broken, 2);
	ck_assert_uint_eq(pruned.removed, 0);
	scratch_commit(t);
	broken_at(2);
}
END_TEST

static bool
count_one(void *arg, const struct event *e)
{
	unsigned *count = arg;

	++*count;
	ck_assert_str_eq(e->detail, "a detail");
	return e->seq < 4;
}

START_TEST(a_walk_names_what_cannot_be_read)
{
	struct span value;
	unsigned count = 0;
	uint64_t at;

	append(ENTRIES);
	ck_assert_int_eq(audit_walk(scratch_view(&scratch), 1, count_one,
			     &count, &at),
	    STORE_OK);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(at, 4);
	ck_assert_int_eq(store_get(scratch_view(&scratch), TABLE_AUDIT,
			     key_of(3), &value),
	    STORE_OK);
	scratch_overwrite(&scratch, value.ptr + value.len - 36, "\xff", 1);
	scratch_overwrite(&scratch, value.ptr, "\xff", 1);
	ck_assert_int_eq(audit_walk(scratch_view(&scratch), 0, count_one,
			     &count, &at),
	    STORE_DAMAGED);
	ck_assert_uint_eq(at, 3);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("audit");
	TCase *tc = tcase_create("audit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, entries_are_numbered_and_whole);
	tcase_add_test(tc, a_check_may_be_done_in_parts);
	tcase_add_test(tc, a_changed_bit_is_found);
	tcase_add_loop_test(tc, a_missing_entry_is_found, 1, ENTRIES + 1);
	tcase_add_test(tc, a_swap_is_found);
	tcase_add_loop_test(tc, the_ends_are_part_of_the_chain, 0, 2);
	tcase_add_loop_test(tc, an_end_cannot_stand_for_another, 0, 2);
	tcase_add_test(tc, what_is_pruned_leaves_a_whole_log);
	tcase_add_test(tc, what_is_broken_is_not_pruned);
	tcase_add_test(tc, a_walk_names_what_cannot_be_read);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
