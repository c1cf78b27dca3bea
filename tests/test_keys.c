/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "key_id.h"
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

/* A live key; n gives it its hash. */
static struct record
make(unsigned n, const char *org, const char *user, const char *name)
{
	struct record rec = { .key = KEY_SAMPLE };

	memset(rec.hash, (int)n, sizeof(rec.hash));
	strlcpy(rec.key.org, org, sizeof(rec.key.org));
	strlcpy(rec.key.user, user, sizeof(rec.key.user));
	strlcpy(rec.key.name, name, sizeof(rec.key.name));
	rec.key.reason[0] = '\0';
	rec.key.revoked = rec.key.expires = 0;
	rec.key.revoker_uid = 0;
	return rec;
}

static struct record
insert(unsigned n, const char *org, const char *user, const char *name)
{
	struct record rec = make(n, org, user, name);
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	scratch_commit(t);
	return rec;
}

static void
ck_found(struct store_txn *t, const struct record *rec)
{
	struct record got;

	ck_assert_int_eq(keys_find(t, rec->hash, &got), STORE_OK);
	key_same(&got.key, &rec->key);
	ck_assert_uint_eq(got.serial, rec->serial);
	ck_assert_mem_eq(got.hash, rec->hash, sizeof(got.hash));
	ck_assert_int_eq(keys_find_id(t, rec->key.id, &got), STORE_OK);
	key_same(&got.key, &rec->key);
}

static void
ck_holds_name(struct store_txn *t, const struct record *rec)
{
	struct record got;

	ck_assert_int_eq(keys_find_name(t, rec->key.org, rec->key.name, &got),
	    STORE_OK);
	ck_assert_str_eq(got.key.id, rec->key.id);
}

START_TEST(a_key_is_found_by_hash_id_and_name)
{
	struct record a = insert(1, "acme", "alice", "ci");
	struct record b = insert(2, "bell", "alice", "ci"), got;
	struct store_txn *t = scratch_view(&s);

	ck_found(t, &a);
	ck_found(t, &b);
	ck_holds_name(t, &a);
	ck_holds_name(t, &b);
	ck_assert_int_eq(keys_find_name(t, "acme", "c", &got), STORE_NONE);
	ck_assert_int_eq(keys_find_name(t, "acm", "ci", &got), STORE_NONE);
	ck_assert_int_eq(keys_find_id(t, "key_0000000000000003", &got),
	    STORE_NONE);
}
END_TEST

START_TEST(a_hash_with_one_bit_changed_is_unknown)
{
	struct record a = insert(1, "acme", "alice", "ci"), got;
	struct store_txn *t = scratch_view(&s);

	for (size_t bit = 0; bit < sizeof(a.hash) * 8; bit++) {
		a.hash[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_int_eq(keys_find(t, a.hash, &got), STORE_NONE);
		a.hash[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}
END_TEST

START_TEST(an_unknown_hash_in_an_empty_store_is_unknown)
{
	struct record a = make(1, "acme", "alice", "ci"), got;

	ck_assert_int_eq(keys_find(scratch_view(&s), a.hash, &got), STORE_NONE);
}
END_TEST

START_TEST(serials_count_up_over_restarts)
{
	ck_assert_uint_eq(insert(1, "acme", "alice", "a").serial, 1);
	ck_assert_uint_eq(insert(2, "acme", "alice", "b").serial, 2);
	scratch_reopen(&s);
	ck_assert_uint_eq(insert(3, "acme", "alice", "c").serial, 3);
}
END_TEST

/* As ids are of a database that is older, or was restored. */
START_TEST(an_id_that_does_not_go_with_its_serial_is_kept)
{
	static const char old[] = "key_0123456789abcdef";
	struct record a = insert(1, "acme", "alice", "ci"), got;
	struct record b = insert(2, "acme", "alice", "cd");
	struct store_txn *t = scratch_begin(&s);

	strlcpy(a.key.id, old, sizeof(a.key.id));
	ck_assert_int_eq(keys_update(t, &a), STORE_OK);
	ck_assert_int_eq(keys_find_id(t, old, &got), STORE_NONE);
	ck_assert_int_eq(keys_keep_id(t, old, a.serial), STORE_OK);
	ck_assert_int_eq(keys_keep_id(t, old, b.serial), STORE_EXISTS);
	scratch_commit(t);
	ck_found(scratch_view(&s), &a);
	ck_found(scratch_view(&s), &b);
	t = scratch_begin(&s);
	ck_assert_int_eq(keys_forget(t, &a), STORE_OK);
	ck_assert_int_eq(keys_find_id(t, old, &got), STORE_NONE);
	ck_assert_int_eq(keys_keep_id(t, old, b.serial), STORE_OK);
	scratch_commit(t);
}
END_TEST

START_TEST(an_id_that_is_kept_is_given_to_no_other_key)
{
	struct record a = insert(1, "acme", "alice", "ci");
	struct record b = make(2, "acme", "alice", "cd");
	char id[KEY_ID_SIZE];
	struct store_txn *t = scratch_begin(&s);

	key_id_of(s.secret, b.hash, a.serial + 1, id);
	ck_assert_int_eq(keys_keep_id(t, id, a.serial), STORE_OK);
	scratch_commit(t);
	b = insert(2, "acme", "alice", "cd");
	ck_assert_uint_eq(b.serial, a.serial + 2);
	ck_assert_str_ne(b.key.id, id);
	ck_found(scratch_view(&s), &b);
}
END_TEST

/* As when a database was set back: what was made since is made of others. */
START_TEST(a_serial_given_again_is_another_id)
{
	struct record a, b = make(2, "acme", "alice", "ci");
	struct store_txn *t;

	for (uint8_t n = 1; n <= 2; n++) {
		a = make(n, "acme", "alice", "ci");
		t = scratch_begin(&s);
		ck_assert_int_eq(keys_insert(t, &a), STORE_OK);
		store_abort(t);
		ck_assert_uint_eq(a.serial, 1);
		ck_assert_str_ne(a.key.id, b.key.id);
		b = a;
	}
	a = insert(2, "acme", "alice", "ci");
	ck_assert_str_eq(a.key.id, b.key.id);
}
END_TEST

START_TEST(there_is_an_end_of_serials)
{
	struct record rec = make(1, "acme", "alice", "ci");
	struct store_txn *t = scratch_begin(&s);
	uint64_t last;

	ck_assert_int_eq(counter_add(t, COUNTER_SERIAL, KEY_ID_SERIALS - 2,
			     &last),
	    STORE_OK);
	ck_assert_int_eq(keys_insert(t, &rec), STORE_OK);
	ck_found(t, &rec);
	rec = make(2, "acme", "alice", "cd");
	ck_assert_int_eq(keys_insert(t, &rec), STORE_FULL);
	store_abort(t);
}
END_TEST

START_TEST(a_hash_that_is_taken_is_refused)
{
	struct record a = insert(1, "acme", "alice", "ci"), b;
	struct store_txn *t = scratch_begin(&s);

	b = make(2, "acme", "alice", "other");
	memcpy(b.hash, a.hash, sizeof(b.hash));
	ck_assert_int_eq(keys_insert(t, &b), STORE_EXISTS);
	store_abort(t);
	ck_found(scratch_view(&s), &a);
}
END_TEST

static void
revoke(struct record *rec, const char *reason)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(keys_revoke(t, rec, NOW, 1000, reason), STORE_OK);
	ck_assert_int_eq(keys_count_revoked(t, 1), STORE_OK);
	scratch_commit(t);
}

START_TEST(a_revoked_key_says_when_by_whom_and_why)
{
	struct record a = insert(1, "acme", "alice", "ci"), got;
	struct store_txn *t;
	uint64_t revoked;

	revoke(&a, "it leaked");
	t = scratch_view(&s);
	ck_found(t, &a);
	ck_assert_int_eq(a.key.revoked, NOW);
	ck_assert_uint_eq(a.key.revoker_uid, 1000);
	ck_assert_str_eq(a.key.reason, "it leaked");
	ck_assert(!key_is_live(&a.key, NOW));
	ck_assert_int_eq(keys_find_name(t, "acme", "ci", &got), STORE_NONE);
	ck_assert_int_eq(counter_get(t, COUNTER_REVOKED, &revoked), STORE_OK);
	ck_assert_uint_eq(revoked, 1);
}
END_TEST

START_TEST(a_reason_is_cut_to_its_field)
{
	struct record a = insert(1, "acme", "alice", "ci");
	char reason[1000];

	memset(reason, 'x', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	revoke(&a, reason);
	ck_assert_uint_eq(strlen(a.key.reason), REASON_SIZE - 1);
	ck_found(scratch_view(&s), &a);
}
END_TEST

START_TEST(a_name_that_was_taken_over_stays_with_the_later_key)
{
	struct record a = insert(1, "acme", "alice", "ci");
	struct record b = insert(2, "acme", "alice", "ci"), got;

	ck_holds_name(scratch_view(&s), &b);
	revoke(&a, "");
	ck_holds_name(scratch_view(&s), &b);
	revoke(&b, "");
	ck_assert_int_eq(keys_find_name(scratch_view(&s), "acme", "ci", &got),
	    STORE_NONE);
}
END_TEST

START_TEST(a_key_lives_until_its_end_or_its_revocation)
{
	struct key_info k = KEY_SAMPLE;

	k.revoked = k.expires = 0;
	ck_assert(key_is_live(&k, NOW));
	k.expires = NOW;
	ck_assert(key_is_live(&k, NOW - 1));
	ck_assert(!key_is_live(&k, NOW));
	k.revoked = 1;
	ck_assert(!key_is_live(&k, NOW - 1));
}
END_TEST

/* Leads an entry of an index to another record. */
static void
mislead(enum table table, struct span entry, uint64_t serial)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_put_number(t, table, entry, serial), STORE_OK);
	scratch_commit(t);
}

/* Runs for another key's serial, and one that there is not. */
START_TEST(an_index_that_leads_to_another_record_is_damage)
{
	struct record a = insert(1, "acme", "alice", "ci"), got;
	struct record b = insert(2, "acme", "bob", "deploy");
	uint64_t serial = _i == 0 ? b.serial : 99;
	struct store_txn *t;

	mislead(TABLE_HASHES, (struct span){ a.hash, sizeof(a.hash) }, serial);
	mislead(TABLE_IDS, text_span("key_0123456789abcdef"), serial);
	mislead(TABLE_NAMES, (struct span){ (const uint8_t *)"acme\0ci\0", 8 },
	    serial);
	t = scratch_view(&s);
	ck_assert_int_eq(keys_find(t, a.hash, &got), STORE_DAMAGED);
	ck_assert_int_eq(keys_find_id(t, "key_0123456789abcdef", &got),
	    STORE_DAMAGED);
	ck_assert_int_eq(keys_find_name(t, "acme", "ci", &got), STORE_DAMAGED);
	ck_found(t, &b);
}
END_TEST

START_TEST(a_damaged_record_is_found_by_every_way_to_it)
{
	struct record a = insert(1, "acme", "alice", "ci"), got;
	struct keys_place from = { .len = 0 }, next;
	static const uint8_t serial[8] = { [7] = 1 };
	struct store_txn *t = scratch_view(&s);
	struct span value;

	ck_assert_int_eq(store_get(t, TABLE_KEYS, (struct span){ serial, 8 },
			     &value),
	    STORE_OK);
	scratch_flip(&s, value.ptr, 100);
	t = scratch_view(&s);
	ck_assert_int_eq(keys_find(t, a.hash, &got), STORE_DAMAGED);
	ck_assert_int_eq(keys_find_id(t, a.key.id, &got), STORE_DAMAGED);
	ck_assert_int_eq(keys_find_name(t, "acme", "ci", &got), STORE_DAMAGED);
	ck_assert_int_eq(keys_walk(t, "", "", &from, UINT_MAX, NULL, NULL,
			     &next),
	    STORE_DAMAGED);
}
END_TEST

/* A record that is no record, though it is sealed. */
START_TEST(a_sealed_record_of_another_version_is_damage)
{
	struct record a = insert(1, "acme", "alice", "ci"), got;
	static const uint8_t serial[8] = { [7] = 1 };
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_put(t, TABLE_KEYS, (struct span){ serial, 8 },
			     text_span("\x02 and so on")),
	    STORE_OK);
	scratch_commit(t);
	ck_assert_int_eq(keys_find(scratch_view(&s), a.hash, &got),
	    STORE_DAMAGED);
}
END_TEST

struct seen {
	char serials[1024]; /* the last digit of each */
	unsigned stop_at;
};

static bool
see(void *arg, const struct record *rec)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->serials);

	if (len == seen->stop_at)
		return false;
	seen->serials[len] = (char)('0' + rec->serial % 10);
	return true;
}

static void
insert_some(void)
{
	(void)insert(1, "acme", "alice", "a");
	(void)insert(2, "acme", "bob", "b");
	(void)insert(3, "acme-2", "alice", "c");
	(void)insert(4, "acme", "alice", "d");
	(void)insert(5, "acme", "alice2", "e");
	(void)insert(6, "acme", "al", "f");
}

static const struct {
	const char *org, *user, *seen;
} filters[] = {
	{ "acme", "alice", "14" },
	{ "acme", "bob", "2" },
	{ "acme", "al", "6" },
	{ "acme", "", "61452" },
	{ "acme-2", "", "3" },
	{ "acme-2", "bob", "" },
	{ "acm", "", "" },
	{ "", "", "614523" },
};

#define FILTERS ((int)(sizeof(filters) / sizeof(filters[0])))

START_TEST(a_walk_sees_the_keys_of_its_org_and_user)
{
	struct keys_place from = { .len = 0 }, next = { .len = 3 };
	struct seen seen = { .stop_at = UINT_MAX };

	insert_some();
	ck_assert_int_eq(keys_walk(scratch_view(&s), filters[_i].org,
			     filters[_i].user, &from, UINT_MAX, see, &seen,
			     &next),
	    STORE_OK);
	ck_assert_str_eq(seen.serials, filters[_i].seen);
	ck_assert_uint_eq(next.len, 0);
}
END_TEST

/* Runs for every limit. */
START_TEST(a_walk_in_pieces_sees_each_key_once)
{
	struct keys_place from = { .len = 0 };
	struct seen seen = { .stop_at = UINT_MAX };
	unsigned pieces = 0, limit = (unsigned)_i;

	insert_some();
	do {
		struct keys_place next;

		ck_assert_int_eq(keys_walk(scratch_view(&s), "", "", &from,
				     limit, see, &seen, &next),
		    STORE_OK);
		from = next;
		pieces++;
	} while (from.len > 0);
	ck_assert_str_eq(seen.serials, "614523");
	ck_assert_uint_eq(pieces, (6 + limit - 1) / limit);
}
END_TEST

START_TEST(a_walk_that_is_stopped_goes_on_with_the_key_it_stopped_at)
{
	struct keys_place from = { .len = 0 }, next, last;
	struct seen seen = { .stop_at = 2 };

	insert_some();
	ck_assert_int_eq(keys_walk(scratch_view(&s), "", "", &from, UINT_MAX,
			     see, &seen, &next),
	    STORE_OK);
	ck_assert_uint_gt(next.len, 0);
	seen.stop_at = UINT_MAX;
	ck_assert_int_eq(keys_walk(scratch_view(&s), "", "", &next, UINT_MAX,
			     see, &seen, &last),
	    STORE_OK);
	ck_assert_uint_eq(last.len, 0);
	ck_assert_str_eq(seen.serials, "614523");
}
END_TEST

/* As a client may send it, whatever it is. */
START_TEST(a_place_that_is_no_place_leads_nowhere_else)
{
	static const char *const places[] = { "\x01", "\xff\xff", "acme",
		"acme-2", "bell" };
	struct keys_place from, next;
	struct seen seen;

	insert_some();
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		from.len = strlen(places[i]);
		memcpy(from.bytes, places[i], from.len);
		seen = (struct seen){ .stop_at = UINT_MAX };
		ck_assert_int_eq(keys_walk(scratch_view(&s), "acme", "alice",
				     &from, UINT_MAX, see, &seen, &next),
		    STORE_OK);
		ck_assert(
		    seen.serials[0] == '\0' || strcmp(seen.serials, "14") == 0);
	}
}
END_TEST

/* Else a removed member takes the keys of another one along. */
START_TEST(an_entry_of_an_owner_that_leads_to_anothers_key_is_damage)
{
	static const uint8_t entry[] = "acme\0alice\0\0\0\0\0\0\0\0\x02";
	struct keys_place from = { .len = 0 }, next;
	struct seen seen = { .stop_at = UINT_MAX };
	struct store_txn *t;

	(void)insert(1, "acme", "alice", "a");
	(void)insert(2, "bell", "bob", "b");
	t = scratch_begin(&s);
	ck_assert_int_eq(store_put(t, TABLE_OWNERS,
			     (struct span){ entry, sizeof(entry) - 1 },
			     (struct span){ NULL, 0 }),
	    STORE_OK);
	scratch_commit(t);
	ck_assert_int_eq(keys_walk(scratch_view(&s), "acme", "alice", &from,
			     UINT_MAX, see, &seen, &next),
	    STORE_DAMAGED);
	ck_assert_str_eq(seen.serials, "1");
}
END_TEST

START_TEST(an_entry_of_an_owner_without_a_serial_is_damage)
{
	struct keys_place from = { .len = 0 }, next;
	struct seen seen = { .stop_at = UINT_MAX };
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(store_put(t, TABLE_OWNERS, text_span("acme"),
			     (struct span){ NULL, 0 }),
	    STORE_OK);
	scratch_commit(t);
	ck_assert_int_eq(keys_walk(scratch_view(&s), "", "", &from, UINT_MAX,
			     see, &seen, &next),
	    STORE_DAMAGED);
}
END_TEST

START_TEST(names_at_their_longest_are_indexed_whole)
{
	char org[ORG_SIZE], user[USER_SIZE], name[NAME_SIZE];
	struct keys_place from = { .len = 0 }, next;
	struct seen seen = { .stop_at = 1 };
	struct record a, b;

	memset(org, 'o', sizeof(org));
	memset(user, 'u', sizeof(user));
	memset(name, 'n', sizeof(name));
	org[ORG_SIZE - 1] = user[USER_SIZE - 1] = name[NAME_SIZE - 1] = '\0';
	a = insert(1, org, user, name);
	name[NAME_SIZE - 2] = 'm';
	b = insert(2, org, user, name);
	ck_holds_name(scratch_view(&s), &a);
	ck_holds_name(scratch_view(&s), &b);
	ck_assert_int_eq(keys_walk(scratch_view(&s), org, user, &from, 9, see,
			     &seen, &next),
	    STORE_OK);
	ck_assert_uint_eq(next.len, ORG_SIZE + USER_SIZE + 8);
}
END_TEST

static void
add_walks(TCase *tc)
{
	tcase_add_loop_test(tc, a_walk_sees_the_keys_of_its_org_and_user, 0,
	    FILTERS);
	tcase_add_loop_test(tc, a_walk_in_pieces_sees_each_key_once, 1, 8);
	tcase_add_test(tc,
	    a_walk_that_is_stopped_goes_on_with_the_key_it_stopped_at);
	tcase_add_test(tc, a_place_that_is_no_place_leads_nowhere_else);
	tcase_add_test(tc,
	    an_entry_of_an_owner_that_leads_to_anothers_key_is_damage);
	tcase_add_test(tc, an_entry_of_an_owner_without_a_serial_is_damage);
	tcase_add_test(tc, names_at_their_longest_are_indexed_whole);
}

int
main(void)
{
	Suite *suite = suite_create("keys");
	TCase *tc = tcase_create("keys");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, a_key_is_found_by_hash_id_and_name);
	tcase_add_test(tc, a_hash_with_one_bit_changed_is_unknown);
	tcase_add_test(tc, an_unknown_hash_in_an_empty_store_is_unknown);
	tcase_add_test(tc, serials_count_up_over_restarts);
	tcase_add_test(tc, an_id_that_does_not_go_with_its_serial_is_kept);
	tcase_add_test(tc, an_id_that_is_kept_is_given_to_no_other_key);
	tcase_add_test(tc, a_serial_given_again_is_another_id);
	tcase_add_test(tc, there_is_an_end_of_serials);
	tcase_add_test(tc, a_hash_that_is_taken_is_refused);
	tcase_add_test(tc, a_revoked_key_says_when_by_whom_and_why);
	tcase_add_test(tc, a_reason_is_cut_to_its_field);
	tcase_add_test(tc, a_name_that_was_taken_over_stays_with_the_later_key);
	tcase_add_test(tc, a_key_lives_until_its_end_or_its_revocation);
	tcase_add_loop_test(tc, an_index_that_leads_to_another_record_is_damage,
	    0, 2);
	tcase_add_test(tc, a_damaged_record_is_found_by_every_way_to_it);
	tcase_add_test(tc, a_sealed_record_of_another_version_is_damage);
	add_walks(tc);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
