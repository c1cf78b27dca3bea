/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "schema.h"
#include "scratch.h"
#include "suite.h"

static struct scratch s;
static char why[512];

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

static uint64_t
starts(void)
{
	uint64_t n;

	ck_assert_int_eq(counter_get(scratch_view(&s), COUNTER_STARTS, &n),
	    STORE_OK);
	return n;
}

static void
put_meta(const char *name, const void *bytes, size_t len)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_put(t, TABLE_META, text_span(name),
			     (struct span){ bytes, len }),
	    STORE_OK);
	scratch_commit(t);
}

static void
delete_meta(const char *name)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_delete(t, TABLE_META, text_span(name)),
	    STORE_OK);
	scratch_commit(t);
}

/* It does not open again, and the sentence has these words; then it is as it
   was for who repairs it. */
static void
ck_refused(const char *words)
{
	scratch_close(&s);
	ck_assert(!scratch_try(&s, why, sizeof(why)));
	ck_assert_msg(strstr(why, words) != NULL, "%s", why);
	ck_assert_msg(strncmp(why, "the database ", 13) == 0, "%s", why);
}

START_TEST(each_start_is_counted)
{
	ck_assert_uint_eq(starts(), 1);
	scratch_reopen(&s);
	scratch_reopen(&s);
	ck_assert_uint_eq(starts(), 3);
}
END_TEST

START_TEST(another_hash_key_is_refused_and_changes_nothing)
{
	s.hash_key[31] ^= 1;
	ck_refused("another hash.key");
	s.hash_key[31] ^= 1;
	ck_assert_msg(scratch_try(&s, why, sizeof(why)), "%s", why);
	ck_assert_uint_eq(starts(), 2);
}
END_TEST

START_TEST(a_newer_schema_is_refused)
{
	static const uint8_t newer[8] = { [7] = SCHEMA_VERSION + 1 };

	put_meta("schema", newer, sizeof(newer));
	ck_refused("schema 4");
	ck_refused("install the keyd that made it");
}
END_TEST

START_TEST(an_older_one_is_brought_up)
{
	static const uint8_t older[8] = { [7] = 2 };
	uint64_t version;

	put_meta("schema", older, sizeof(older));
	scratch_reopen(&s);
	ck_assert_int_eq(store_get_number(scratch_view(&s), TABLE_META,
			     text_span("schema"), &version),
	    STORE_OK);
	ck_assert_uint_eq(version, SCHEMA_VERSION);
}
END_TEST

START_TEST(a_missing_check_is_refused)
{
	delete_meta("check");
	ck_refused("check is missing");
}
END_TEST

/* Runs for every length that a check has not. */
START_TEST(a_check_cut_short_is_refused)
{
	put_meta("check", s.hash_key, (size_t)_i);
	ck_refused("check is missing");
}
END_TEST

START_TEST(a_version_that_is_no_number_is_refused)
{
	put_meta("schema", "1", 1);
	ck_refused("damaged");
}
END_TEST

START_TEST(a_counter_that_is_no_number_is_refused)
{
	put_meta("starts", "1", 1);
	ck_refused("cannot be");
}
END_TEST

/* Else any hash.key would be written into it as its own. */
START_TEST(a_missing_version_beside_a_check_is_refused)
{
	delete_meta("schema");
	s.hash_key[0] ^= 1;
	ck_refused("damaged");
}
END_TEST

START_TEST(counters_begin_at_zero_and_add_up)
{
	struct store_txn *t = scratch_begin(&s);
	uint64_t n = 7;

	ck_assert_int_eq(counter_get(t, COUNTER_SERIAL, &n), STORE_OK);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(counter_add(t, COUNTER_SERIAL, 1, &n), STORE_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(counter_add(t, COUNTER_SERIAL, 41, &n), STORE_OK);
	ck_assert_uint_eq(n, 42);
	ck_assert_int_eq(counter_get(t, COUNTER_REVOKED, &n), STORE_OK);
	ck_assert_uint_eq(n, 0);
	scratch_commit(t);
	scratch_reopen(&s);
	ck_assert_int_eq(counter_get(scratch_view(&s), COUNTER_SERIAL, &n),
	    STORE_OK);
	ck_assert_uint_eq(n, 42);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema");
	TCase *tc = tcase_create("schema");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, each_start_is_counted);
	tcase_add_test(tc, another_hash_key_is_refused_and_changes_nothing);
	tcase_add_test(tc, a_newer_schema_is_refused);
	tcase_add_test(tc, an_older_one_is_brought_up);
	tcase_add_test(tc, a_missing_check_is_refused);
	tcase_add_loop_test(tc, a_check_cut_short_is_refused, 0, CHECK_SIZE);
	tcase_add_test(tc, a_version_that_is_no_number_is_refused);
	tcase_add_test(tc, a_counter_that_is_no_number_is_refused);
	tcase_add_test(tc, a_missing_version_beside_a_check_is_refused);
	tcase_add_test(tc, counters_begin_at_zero_and_add_up);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
