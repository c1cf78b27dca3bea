/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "snapshot.h"
#include "suite.h"

static struct scratch scratch;
static struct snapshot *s;
static const char one[1], other[1]; /* owners */

static void
set_up(void)
{
	scratch_open(&scratch);
	s = snapshot_new(scratch.store);
	ck_assert_ptr_nonnull(s);
}

static void
tear_down(void)
{
	snapshot_free(s);
	snapshot_free(NULL);
	scratch_close(&scratch);
}

static bool
has(const void *owner, int64_t now_ms)
{
	struct backup *b = NULL;
	struct store_txn *t = snapshot_use(s, owner, now_ms, &b);

	ck_assert((t == NULL) == (b == NULL));
	return t != NULL;
}

START_TEST(it_is_its_owners)
{
	ck_assert(!snapshot_lives(s));
	ck_assert(!has(one, 0));
	ck_assert_int_eq(snapshot_due(s), INT64_MAX);
	ck_assert_int_eq(snapshot_take(s, one, 0), STORE_OK);
	ck_assert(snapshot_lives(s));
	ck_assert(has(one, 0));
	ck_assert(!has(other, 0));
	snapshot_leave(s, other);
	ck_assert(has(one, 0));
	snapshot_leave(s, one);
	ck_assert(!has(one, 0));
	ck_assert(!snapshot_lives(s));
	snapshot_leave(NULL, one);
	ck_assert_int_eq(snapshot_take(s, other, 0), STORE_OK);
	ck_assert(has(other, 0));
}
END_TEST

START_TEST(who_is_silent_loses_it)
{
	ck_assert_int_eq(snapshot_take(s, one, 1000), STORE_OK);
	ck_assert_int_eq(snapshot_due(s), 1000 + SNAPSHOT_IDLE_MS);
	snapshot_watch(s, 1000 + SNAPSHOT_IDLE_MS - 1);
	ck_assert(has(one, 1000 + SNAPSHOT_IDLE_MS - 1));
	snapshot_watch(s, 1000 + 2 * SNAPSHOT_IDLE_MS - 2);
	ck_assert(snapshot_lives(s));
	snapshot_watch(s, 1000 + 2 * SNAPSHOT_IDLE_MS - 1);
	ck_assert(!has(one, 0));
	ck_assert_ptr_nonnull(strstr(snapshot_fate(s, one), "silent"));
	ck_assert_ptr_nonnull(strstr(snapshot_fate(s, other), "not begun"));
}
END_TEST

START_TEST(nobody_has_it_for_ever)
{
	int64_t now;

	ck_assert_int_eq(snapshot_take(s, one, 0), STORE_OK);
	for (now = 0; now < SNAPSHOT_LIFE_MS; now += SNAPSHOT_IDLE_MS / 2) {
		snapshot_watch(s, now);
		ck_assert(has(one, now));
	}
	ck_assert_int_eq(snapshot_due(s), SNAPSHOT_LIFE_MS);
	snapshot_watch(s, SNAPSHOT_LIFE_MS);
	ck_assert(!has(one, now));
	ck_assert_ptr_nonnull(strstr(snapshot_fate(s, one), "10 minutes"));
}
END_TEST

static void
change(unsigned n)
{
	struct store_txn *t = scratch_begin(&scratch);
	static uint8_t value[2000];
	uint8_t key[8];

	for (uint8_t i = 0; i < 8; i++) {
		struct wire_writer w = wire_writer(key, sizeof(key));

		wire_put_u64(&w, i);
		memset(value, (int)n, sizeof(value));
		ck_assert_int_eq(store_put(t, TABLE_KEYS,
				     (struct span){ key, sizeof(key) },
				     (struct span){ value, sizeof(value) }),
		    STORE_OK);
	}
	scratch_commit(t);
}

static uint64_t
used(void)
{
	struct store_size size;

	ck_assert_int_eq(store_measure(scratch_view(&scratch), &size),
	    STORE_OK);
	store_view_reset(scratch.store);
	return size.used;
}

/* The same rows again and again take room for as long as it lives. */
START_TEST(it_may_not_cost_too_much)
{
	uint64_t before, at_most = 0;
	unsigned n = 0;

	change(n++);
	change(n++);
	before = used();
	ck_assert_int_eq(snapshot_take(s, one, 0), STORE_OK);
	while (snapshot_lives(s)) {
		ck_assert_uint_lt(n, 10000);
		change(n++);
		snapshot_weigh(s, false);
	}
	at_most = used();
	ck_assert_ptr_nonnull(strstr(snapshot_fate(s, one), "grew"));
	ck_assert_uint_gt(at_most, before);
	ck_assert_uint_lt(at_most, (SCRATCH_MAP_SIZE << 20) / 2);
	for (unsigned i = 0; i < 500; i++)
		change(n++);
	ck_assert_uint_eq(used(), at_most);
}
END_TEST

START_TEST(it_yields_to_a_full_disk)
{
	snapshot_weigh(s, true);
	ck_assert_int_eq(snapshot_take(s, one, 0), STORE_OK);
	snapshot_weigh(s, false);
	ck_assert(has(one, 0));
	snapshot_weigh(s, true);
	ck_assert(!has(one, 0));
	ck_assert_ptr_nonnull(strstr(snapshot_fate(s, one), "full"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tc = tcase_create("snapshot");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, it_is_its_owners);
	tcase_add_test(tc, who_is_silent_loses_it);
	tcase_add_test(tc, nobody_has_it_for_ever);
	tcase_add_test(tc, it_may_not_cost_too_much);
	tcase_add_test(tc, it_yields_to_a_full_disk);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
