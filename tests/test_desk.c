/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "desk.h"
#include "keys.h"
#include "shelf.h"
#include "suite.h"

#define SERIALS 10 /* of keys that are changed, or must not be */

static struct scratch s;
static struct asker a; /* for its generations */
static struct known k;

static void
digest_of(unsigned n, uint8_t digest[DIGEST_SIZE])
{
	memset(digest, 0, DIGEST_SIZE);
	memcpy(digest, &n, sizeof(n));
}

static void
record_of(unsigned n, struct record *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->serial = n;
	snprintf(rec->key.id, sizeof(rec->key.id), "key_%016u", n);
	strlcpy(rec->key.org, n % 2 == 0 ? "acme" : "bell",
	    sizeof(rec->key.org));
	strlcpy(rec->key.user, "eddy", sizeof(rec->key.user));
	snprintf(rec->key.name, sizeof(rec->key.name), "key %u", n);
	strlcpy(rec->key.project, "roof", sizeof(rec->key.project));
	strlcpy(rec->key.permissions, "a:b c:d", sizeof(rec->key.permissions));
	rec->key.expires = n + 1000;
}

static void
keep_record(unsigned n, struct store_txn *view, const struct record *rec)
{
	const struct rate rate = { 60 + n % 2, 10 };
	uint8_t digest[DIGEST_SIZE];

	digest_of(n, digest);
	desk_keep(a.desk, view, digest, rec, &rate);
}

static void
keep(unsigned n)
{
	struct record rec;

	record_of(n, &rec);
	keep_record(n, scratch_view(&s), &rec);
}

static bool
find(unsigned n)
{
	uint8_t digest[DIGEST_SIZE];

	digest_of(n, digest);
	return desk_find(a.desk, scratch_view(&s), digest, &k);
}

static bool
is_text(struct span got, const char *text)
{
	return got.len == strlen(text) && memcmp(got.ptr, text, got.len) == 0;
}

static void
ck_found(unsigned n)
{
	struct record rec;

	record_of(n, &rec);
	ck_assert(find(n));
	ck_assert_uint_eq(k.serial, n);
	ck_assert_uint_eq(k.rate.per_minute, 60 + n % 2);
	ck_assert_uint_eq(k.rate.burst, 10);
	ck_assert(is_text(k.key.id, rec.key.id));
	ck_assert(is_text(k.key.user, rec.key.user));
	ck_assert(is_text(k.key.name, rec.key.name));
	ck_assert(is_text(k.key.project, rec.key.project));
	ck_assert_str_eq(k.key.org, rec.key.org);
	ck_assert_str_eq(k.key.permissions, rec.key.permissions);
	ck_assert_int_eq(k.key.expires, rec.key.expires);
	ck_assert_int_eq(k.key.revoked, 0);
}

static uint16_t
counter_of(const char *slug)
{
	struct stamp stamp;

	ck_assert(store_stamp(scratch_view(&s), 1, slug, &stamp));
	return stamp.org_at;
}

/* Counters are shared, which voids more than a change is of. */
static bool
have_counters_of_their_own(void)
{
	uint16_t acme = counter_of("acme"), bell = counter_of("bell");

	return acme != bell && acme > SERIALS && bell > SERIALS;
}

static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	while (!have_counters_of_their_own()) {
		asker_close(&a);
		asker_open(&a, &s);
	}
}

static void
tear_down(void)
{
	asker_close(&a);
	scratch_close(&s);
}

/* What an operation writes, with all that it touches. */
static void
change_key(unsigned n)
{
	struct store_txn *t = scratch_begin(&s);

	store_touch_key(t, n);
	scratch_commit(t);
}

static void
change_org(const char *slug)
{
	struct store_txn *t = scratch_begin(&s);

	store_touch_org(t, slug);
	scratch_commit(t);
}

START_TEST(nothing_is_found_that_was_not_kept)
{
	for (unsigned n = 0; n < 1000; n++)
		ck_assert(!find(n));
}
END_TEST

START_TEST(what_is_kept_is_found_whole)
{
	for (unsigned n = 1; n < 1000; n++)
		keep(n);
	for (unsigned n = 1; n < 1000; n++)
		ck_found(n);
	ck_assert(!find(1000));
}
END_TEST

START_TEST(a_change_of_a_key_voids_that_key)
{
	keep(7);
	keep(8);
	change_key(7);
	ck_assert(!find(7));
	ck_found(8);
	keep(7);
	ck_found(7);
}
END_TEST

START_TEST(a_change_of_an_org_voids_its_keys_until_it_is_read_again)
{
	keep(7);
	keep(8);
	keep(9);
	change_org("bell");
	ck_assert(!find(7));
	ck_assert(!find(9));
	ck_found(8);
	keep(9);
	ck_found(9);
	ck_found(7);
}
END_TEST

START_TEST(another_policy_voids_all_keys)
{
	keep(7);
	keep(8);
	generations_void_all(a.generations);
	ck_assert(!find(7));
	ck_assert(!find(8));
	keep(8);
	ck_found(8);
	ck_assert(!find(7));
}
END_TEST

START_TEST(a_commit_that_changes_neither_voids_nothing)
{
	uint64_t before;

	keep(7);
	before = generations_mark(a.generations);
	scratch_commit(scratch_begin(&s));
	change_key(8);
	change_org("acme");
	ck_assert_uint_gt(generations_mark(a.generations), before);
	ck_found(7);
}
END_TEST

START_TEST(nothing_is_found_or_kept_while_a_change_is_under_way)
{
	struct store_txn *t;

	keep(7);
	t = scratch_begin(&s);
	store_touch_key(t, 7);
	store_touch_org(t, "acme");
	ck_assert(!find(7));
	keep(7);
	keep(8);
	ck_assert(!find(7));
	ck_assert(!find(8));
	store_abort(t);
	ck_assert(!find(7));
	ck_assert(!find(8));
	keep(7);
	keep(8);
	ck_found(7);
	ck_found(8);
}
END_TEST

START_TEST(what_an_older_view_says_is_not_kept)
{
	struct store_txn *view;
	struct record rec;

	record_of(7, &rec);
	view = scratch_view(&s);
	change_key(8);
	keep_record(7, view, &rec);
	ck_assert(!find(7));
	keep_record(7, scratch_view(&s), &rec);
	ck_found(7);
}
END_TEST

START_TEST(without_generations_nothing_is_kept_or_found)
{
	keep(7);
	store_share(s.store, NULL);
	ck_assert(!find(7));
	keep(8);
	store_share(s.store, a.generations);
	ck_assert(!find(8));
	ck_found(7);
}
END_TEST

START_TEST(what_is_kept_anew_takes_the_place_of_the_old)
{
	struct record rec;

	keep(7);
	record_of(7, &rec);
	strlcpy(rec.key.permissions, "", sizeof(rec.key.permissions));
	strlcpy(rec.key.name, "n", sizeof(rec.key.name));
	rec.key.expires = 0;
	change_key(7);
	keep_record(7, scratch_view(&s), &rec);
	ck_assert(find(7));
	ck_assert_str_eq(k.key.permissions, "");
	ck_assert(is_text(k.key.name, "n"));
	ck_assert(is_text(k.key.project, "roof"));
	ck_assert_int_eq(k.key.expires, 0);
}
END_TEST

static void
lengthen(struct record *rec, size_t len)
{
	memset(rec->key.user, 'u', len);
	memset(rec->key.name, 'n', len);
	memset(rec->key.project, 'p', len);
	rec->key.user[len] = rec->key.name[len] = rec->key.project[len] = '\0';
}

START_TEST(texts_of_any_length_are_kept)
{
	struct record rec;

	for (size_t len = 0; len < NAME_SIZE; len++) {
		record_of(7, &rec);
		lengthen(&rec, len);
		keep_record(7, scratch_view(&s), &rec);
		ck_assert(find(7));
		ck_assert(is_text(k.key.id, rec.key.id));
		ck_assert(is_text(k.key.user, rec.key.user));
		ck_assert(is_text(k.key.name, rec.key.name));
		ck_assert(is_text(k.key.project, rec.key.project));
	}
}
END_TEST

/* Entries of a desk for no keys, with the texts of record_of(2). */
#define ROOM (1U << 20)

/* Many share a slot, and all are moved when the oldest give way: whoever is
   found must be the one that was asked for. */
START_TEST(the_oldest_give_way_and_none_is_taken_for_another)
{
	const unsigned more = 20000;
	struct store_txn *view = scratch_view(&s);
	struct record rec;

	record_of(2, &rec);
	for (unsigned n = 2; n < ROOM + more; n++) {
		rec.serial = n;
		keep_record(n, view, &rec);
	}
	for (unsigned n = 2; n < ROOM + more; n++) {
		ck_assert_int_eq(find(n), n >= more);
		ck_assert_uint_eq(n >= more ? k.serial : n, n);
	}
}
END_TEST

START_TEST(more_keys_than_can_be_make_no_desk_without_bounds)
{
	desk_free(a.desk);
	a.desk = desk_new(UINT64_C(1) << 60);
	ck_assert_ptr_nonnull(a.desk);
	keep(7);
	ck_found(7);
}
END_TEST

/* Of lengths that leave all kinds of rests at the end of the room, again and
   again; and one key is kept anew each time. */
START_TEST(entries_of_all_lengths_give_way)
{
	struct store_txn *view = scratch_view(&s);
	const unsigned last = ROOM / 4;
	struct record rec;

	record_of(2, &rec);
	for (unsigned n = 3; n < last; n++) {
		rec.serial = n;
		lengthen(&rec, n % NAME_SIZE);
		keep_record(n, view, &rec);
		ck_assert(find(n));
		ck_assert_uint_eq(k.serial, n);
		ck_assert_uint_eq(k.key.name.len, n % NAME_SIZE);
		rec.serial = 2;
		keep_record(2, view, &rec);
		ck_assert(find(2));
		ck_assert_uint_eq(k.key.name.len, n % NAME_SIZE);
	}
	for (unsigned n = 3; n < last; n++)
		if (find(n))
			ck_assert_uint_eq(k.serial, n);
	ck_assert(!find(3));
	ck_assert(find(last - 1));
}
END_TEST

/* Ends with room again, and with what was kept last. */
START_TEST(too_many_lists_of_permissions_begin_anew)
{
	struct record rec;

	for (unsigned n = 1; n < 10000; n++) {
		record_of(n, &rec);
		snprintf(rec.key.permissions, sizeof(rec.key.permissions),
		    "p:%u", n);
		keep_record(n, scratch_view(&s), &rec);
		if (find(n))
			ck_assert_str_eq(k.key.permissions,
			    rec.key.permissions);
	}
	ck_assert(find(9999));
	ck_assert(!find(1));
}
END_TEST

START_TEST(many_orgs_have_a_rate_each)
{
	const unsigned orgs = 5000;
	struct record rec;

	for (unsigned n = 1; n < orgs; n++) {
		const struct rate rate = { n, n };
		uint8_t digest[DIGEST_SIZE];

		record_of(n, &rec);
		snprintf(rec.key.org, sizeof(rec.key.org), "org-%u", n);
		digest_of(n, digest);
		desk_keep(a.desk, scratch_view(&s), digest, &rec, &rate);
	}
	for (unsigned n = 1; n < orgs; n++) {
		char slug[ORG_SIZE];

		snprintf(slug, sizeof(slug), "org-%u", n);
		ck_assert(find(n));
		ck_assert_str_eq(k.key.org, slug);
		ck_assert_uint_eq(k.rate.per_minute, n);
	}
}
END_TEST

/* --- with a verify --- */

static char id[KEY_ID_SIZE];

/* Two keys of acme; both at hand. */
static void
make_keys(void)
{
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", id);
	ask_key(&a, 2, "acme", "eddy", "cd", id);
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_OK);
}

static bool
is_at_hand(uint8_t n)
{
	uint8_t digest[DIGEST_SIZE];

	memset(digest, n, sizeof(digest));
	return desk_find(a.desk, scratch_view(&s), digest, &k);
}

START_TEST(a_verify_keeps_what_it_read)
{
	ask_org(&a, "acme");
	ask_member(&a, "acme", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", id);
	ck_assert(!is_at_hand(1));
	ck_assert_int_eq(ask_verify(&a, 1, "tests:run", ""), VERDICT_OK);
	ck_assert(is_at_hand(1));
	ck_assert_int_eq(ask_verify(&a, 1, "tests:run", ""), VERDICT_OK);
	ck_assert_str_eq(a.rep.verdict.id, id);
	ck_assert_str_eq(a.rep.verdict.org, "acme");
	ck_assert_str_eq(a.rep.verdict.user, "eddy");
	ck_assert_str_eq(a.rep.verdict.name, "ci");
	ck_assert_str_eq(a.rep.verdict.project, "");
	ck_assert_uint_eq(a.rep.verdict.remaining, 8);
}
END_TEST

START_TEST(a_revocation_is_seen_at_once_and_only_by_its_key)
{
	make_keys();
	ask_done(ask_revoke(&a, id));
	ck_assert(!is_at_hand(2));
	ck_assert(is_at_hand(1));
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_REVOKED);
	ck_assert(!is_at_hand(2));
}
END_TEST

START_TEST(a_new_key_or_a_new_member_voids_nothing)
{
	make_keys();
	ask_member(&a, "acme", "mia", "editor");
	ask_key(&a, 3, "acme", "eddy", "new", id);
	ask_org(&a, "bell");
	ck_assert(is_at_hand(1));
	ck_assert(is_at_hand(2));
}
END_TEST

START_TEST(another_plan_of_the_org_holds_for_all_its_keys)
{
	struct request req = { .type = FRAME_ORG_SET };

	make_keys();
	strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
	strlcpy(req.org.plan, "pro", sizeof(req.org.plan));
	ask_done(ask(&a, &req));
	ck_assert(!is_at_hand(1));
	ck_assert_int_eq(ask_verify(&a, 1, "", ""), VERDICT_OK);
	ck_assert(is_at_hand(1));
	ck_assert(is_at_hand(2));
	ck_assert_int_eq(ask_verify(&a, 2, "", ""), VERDICT_OK);
	ck_assert_uint_eq(a.rep.verdict.limit, 3000);
}
END_TEST

START_TEST(a_key_that_expires_at_hand_has_expired)
{
	struct request req = ask_create(5, "acme", "eddy", "short");

	make_keys();
	req.create.expires = ASK_NOW + 100;
	ask_done(ask(&a, &req));
	a.now = ASK_NOW + 99;
	ck_assert_int_eq(ask_verify(&a, 5, "", ""), VERDICT_OK);
	ck_assert(is_at_hand(5));
	a.now = ASK_NOW + 100;
	ck_assert_int_eq(ask_verify(&a, 5, "", ""), VERDICT_EXPIRED);
	a.now = ASK_NOW + 101;
	ck_assert_int_eq(ask_verify(&a, 5, "", ""), VERDICT_EXPIRED);
}
END_TEST

START_TEST(details_of_a_key_at_hand_are_whole)
{
	struct request req = { .type = FRAME_VERIFY };

	make_keys();
	memset(req.verify.digest, 1, sizeof(req.verify.digest));
	req.verify.details = true;
	a.socket = SOCKET_VERIFY;
	a.now += 5;
	ask_done(ask(&a, &req));
	ck_assert_uint_eq(a.rep.verdict.code, VERDICT_OK);
	ck_assert_int_eq(a.rep.verdict.created, ASK_NOW);
	ck_assert_str_ne(a.rep.verdict.permissions, "");
	ck_assert(is_at_hand(1));
}
END_TEST

START_TEST(the_unknown_are_never_at_hand)
{
	make_keys();
	ck_assert_int_eq(ask_verify(&a, 9, "", ""), VERDICT_UNKNOWN);
	ck_assert(!is_at_hand(9));
	ask_key(&a, 9, "acme", "eddy", "late", id);
	ck_assert_int_eq(ask_verify(&a, 9, "", ""), VERDICT_OK);
}
END_TEST

static void
add_desk(TCase *tc)
{
	tcase_add_test(tc, nothing_is_found_that_was_not_kept);
	tcase_add_test(tc, what_is_kept_is_found_whole);
	tcase_add_test(tc, a_change_of_a_key_voids_that_key);
	tcase_add_test(tc,
	    a_change_of_an_org_voids_its_keys_until_it_is_read_again);
	tcase_add_test(tc, another_policy_voids_all_keys);
	tcase_add_test(tc, a_commit_that_changes_neither_voids_nothing);
	tcase_add_test(tc,
	    nothing_is_found_or_kept_while_a_change_is_under_way);
	tcase_add_test(tc, what_an_older_view_says_is_not_kept);
	tcase_add_test(tc, without_generations_nothing_is_kept_or_found);
	tcase_add_test(tc, what_is_kept_anew_takes_the_place_of_the_old);
	tcase_add_test(tc, texts_of_any_length_are_kept);
	tcase_add_test(tc, more_keys_than_can_be_make_no_desk_without_bounds);
	tcase_add_test(tc, entries_of_all_lengths_give_way);
	tcase_add_test(tc, the_oldest_give_way_and_none_is_taken_for_another);
	tcase_add_test(tc, too_many_lists_of_permissions_begin_anew);
	tcase_add_test(tc, many_orgs_have_a_rate_each);
}

static void
add_verify(TCase *tc)
{
	tcase_add_test(tc, a_verify_keeps_what_it_read);
	tcase_add_test(tc, a_revocation_is_seen_at_once_and_only_by_its_key);
	tcase_add_test(tc, a_new_key_or_a_new_member_voids_nothing);
	tcase_add_test(tc, another_plan_of_the_org_holds_for_all_its_keys);
	tcase_add_test(tc, a_key_that_expires_at_hand_has_expired);
	tcase_add_test(tc, details_of_a_key_at_hand_are_whole);
	tcase_add_test(tc, the_unknown_are_never_at_hand);
}

int
main(void)
{
	Suite *suite = suite_create("desk");
	TCase *tc = tcase_create("desk");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	add_desk(tc);
	add_verify(tc);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
