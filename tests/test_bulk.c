/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "bulk.h"
#include "keys.h"
#include "samples.h"
#include "schema.h"
#include "scratch.h"
#include "suite.h"

#define NOW 1700000000

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

/* From these numbers on; expires 0: never. */
static void
insert(unsigned first, unsigned count, const char *org, const char *user,
    int64_t expires)
{
	struct store_txn *t = scratch_begin(&s);

	for (unsigned n = first; n < first + count; n++) {
		struct record rec = { .key = KEY_SAMPLE };

		memcpy(rec.hash, &n, sizeof(n));
		snprintf(rec.key.name, sizeof(rec.key.name), "%u", n);
		strlcpy(rec.key.org, org, sizeof(rec.key.org));
		strlcpy(rec.key.user, user, sizeof(rec.key.user));
		rec.key.revoked = 0;
		rec.key.expires = expires;
		ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	}
	scratch_commit(t);
}

static enum store_status
try_count(const char *org, const char *user, uint32_t *live)
{
	struct op_call c = { .now = NOW, .txn = scratch_view(&s) };
	struct selection theirs = { .org = org, .user = user };

	return bulk_count(&c, &theirs, live);
}

static enum store_status
try_revoke(struct store_txn *t, const char *org, const char *user,
    uint32_t *revoked)
{
	const struct peer peer = { .uid = 1000 };
	struct op_call c = { .now = NOW, .txn = t, .peer = &peer };
	struct selection theirs = { .org = org, .user = user };

	return bulk_revoke(&c, &theirs, "member removed", revoked);
}

static uint32_t
count(const char *org, const char *user)
{
	uint32_t live = 99;

	ck_assert_int_eq(try_count(org, user, &live), STORE_OK);
	return live;
}

static uint32_t
revoke(const char *org, const char *user)
{
	struct store_txn *t = scratch_begin(&s);
	uint32_t revoked = 99;

	ck_assert_int_eq(try_revoke(t, org, user, &revoked), STORE_OK);
	scratch_commit(t);
	return revoked;
}

START_TEST(who_has_no_keys_has_none_to_revoke)
{
	ck_assert_uint_eq(count("acme", "alice"), 0);
	ck_assert_uint_eq(revoke("acme", "alice"), 0);
}
END_TEST

/* Runs for counts below, at and over what is gathered at a time. */
START_TEST(all_live_keys_of_a_member_are_revoked_at_once)
{
	unsigned n = (unsigned)_i;
	uint64_t revoked;

	insert(1000, n, "acme", "alice", 0);
	insert(2000, 3, "acme", "alice2", 0);
	insert(3000, 3, "acme2", "alice", 0);
	ck_assert_uint_eq(count("acme", "alice"), n);
	ck_assert_uint_eq(revoke("acme", "alice"), n);
	ck_assert_uint_eq(count("acme", "alice"), 0);
	ck_assert_uint_eq(count("acme", "alice2"), 3);
	ck_assert_uint_eq(count("acme2", "alice"), 3);
	ck_assert_int_eq(counter_get(scratch_view(&s), COUNTER_REVOKED,
			     &revoked),
	    STORE_OK);
	ck_assert_uint_eq(revoked, n);
	ck_assert_uint_eq(revoke("acme", "alice"), 0);
}
END_TEST

START_TEST(expired_keys_are_neither_counted_nor_revoked)
{
	struct record rec;

	insert(1, 20, "acme", "alice", NOW);
	insert(100, 2, "acme", "alice", NOW + 1);
	ck_assert_uint_eq(count("acme", "alice"), 2);
	ck_assert_uint_eq(revoke("acme", "alice"), 2);
	ck_assert_int_eq(keys_get(scratch_view(&s), 1, &rec), STORE_OK);
	ck_assert_int_eq(rec.key.revoked, 0);
	ck_assert_int_eq(keys_get(scratch_view(&s), 21, &rec), STORE_OK);
	ck_assert_int_eq(rec.key.revoked, NOW);
	ck_assert_uint_eq(rec.key.revoker_uid, 1000);
	ck_assert_str_eq(rec.key.reason, "member removed");
}
END_TEST

START_TEST(damage_ends_a_revocation)
{
	static const uint8_t serial[8] = { [7] = 18 };
	struct store_txn *t;
	struct span value;
	uint32_t n;

	insert(1, 20, "acme", "alice", 0);
	ck_assert_int_eq(store_get(scratch_view(&s), TABLE_KEYS,
			     (struct span){ serial, 8 }, &value),
	    STORE_OK);
	scratch_flip(&s, value.ptr, 9);
	ck_assert_int_eq(try_count("acme", "alice", &n), STORE_DAMAGED);
	t = scratch_begin(&s);
	ck_assert_int_eq(try_revoke(t, "acme", "alice", &n), STORE_DAMAGED);
	store_abort(t);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bulk");
	TCase *tc = tcase_create("bulk");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, who_has_no_keys_has_none_to_revoke);
	tcase_add_loop_test(tc, all_live_keys_of_a_member_are_revoked_at_once,
	    1, 50);
	tcase_add_test(tc, expired_keys_are_neither_counted_nor_revoked);
	tcase_add_test(tc, damage_ends_a_revocation);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
