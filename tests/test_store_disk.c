/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <stdio.h>

#include "store_lmdb.h"
#include "stored.h"
#include "suite.h"

#define OLD_ROWS ((SCRATCH_MAP_SIZE * STORE_MIB + STORE_SPARE) * 3 / 5 / 1000)

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

/* Rows of NAMES in the tree that was theirs alone, in three fifths of the map.
 */
static void
put_old_rows(void)
{
	static uint8_t page[900];
	struct store_txn *t = scratch_begin(&s);
	MDB_val v = { sizeof(page), page };
	MDB_dbi names;

	ck_assert_int_eq(mdb_dbi_open(t->mdb, "names", MDB_CREATE, &names), 0);
	for (uint32_t i = 0; i < OLD_ROWS; i++)
		ck_assert_int_eq(mdb_put(t->mdb, names,
				     &(MDB_val){ sizeof(i), &i }, &v, 0),
		    0);
	scratch_commit(t);
}

START_TEST(an_older_database_without_room_says_what_to_do)
{
	struct store_size size;
	char why[512] = "";

	put_old_rows();
	scratch_close(&s);
	ck_assert(!scratch_try(&s, why, sizeof(why)));
	ck_assert_str_eq(why,
	    "the database has no room to be taken up by this keyd; raise "
	    "map_size, or free some of the disk");
	s.map_size = 4 * SCRATCH_MAP_SIZE;
	ck_assert_msg(scratch_try(&s, why, sizeof(why)), "%s", why);
	ck_assert_int_eq(store_measure(scratch_view(&s), &size), STORE_OK);
	ck_assert_uint_eq(size.entries[TABLE_NAMES], OLD_ROWS);
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

int
main(void)
{
	Suite *suite = suite_create("store_disk");
	TCase *tc = tcase_create("store_disk");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_store_that_is_opened_again_has_all_it_had);
	tcase_add_test(tc, a_full_map_is_said_and_leaves_the_store_usable);
	tcase_add_test(tc, a_store_at_its_size_is_full_and_has_room_to_spare);
	tcase_add_test(tc, an_older_database_without_room_says_what_to_do);
	tcase_add_test(tc, the_size_counts_what_is_there);
	tcase_add_test(tc,
	    nothing_in_the_database_is_in_a_file_that_others_may_read);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
