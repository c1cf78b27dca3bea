/* SPDX-License-Identifier: ISC */
/* Leases as a verify gets them: when there is one, for how long and for how
   many calls, and what becomes of what is reported of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "ask.h"
#include "generations.h"
#include "lease.h"
#include "policy.h"
#include "suite.h"

#define S INT64_C(1000000000)
#define US INT64_C(1000000) /* in a second */

static struct scratch s;
static struct asker a;
static struct bulletin page;
static struct generations *g;
static struct lease_wish wish;
static char id[KEY_ID_SIZE];

/* acme on a plan of 3000 a minute and 300 at once, with a key of the digest
   1. */
static void
set_up(void)
{
	struct request req = { .type = FRAME_ORG_SET };

	scratch_open(&s);
	asker_open(&a, &s);
	memset(&page, 0, sizeof(page));
	atomic_store(&page.id, 42);
	g = generations_apart(&page, "acme");
	store_share(s.store, g);
	ask_org(&a, "acme");
	strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
	strlcpy(req.org.plan, "pro", sizeof(req.org.plan));
	ask_done(ask(&a, &req));
	ask_member(&a, "acme", "eddy", "editor");
	ask_key(&a, 1, "acme", "eddy", "ci", id);
	wish = (struct lease_wish){ .wanted = true, .uses = 20 };
}

static void
tear_down(void)
{
	store_share(s.store, NULL);
	generations_free(g);
	asker_close(&a);
	scratch_close(&s);
}

static enum verdict_code
verify_of(uint8_t n, const char *permission, const char *org)
{
	struct request req = { .type = FRAME_VERIFY };

	memset(req.verify.digest, n, sizeof(req.verify.digest));
	strlcpy(req.verify.permission, permission,
	    sizeof(req.verify.permission));
	strlcpy(req.verify.org, org, sizeof(req.verify.org));
	req.verify.lease = wish;
	a.socket = SOCKET_VERIFY;
	ask_done(ask(&a, &req));
	a.socket = SOCKET_ADMIN;
	return (enum verdict_code)a.rep.verdict.code;
}

static enum verdict_code
verify(void)
{
	return verify_of(1, "tests:run", "acme");
}

static const struct lease *
lease(void)
{
	return &a.rep.verdict.lease;
}

static void
ck_no_lease(void)
{
	ck_assert_uint_eq(lease()->us, 0);
	ck_assert_uint_eq(lease()->uses, 0);
	ck_assert_uint_eq(lease()->id, 0);
}

static void
key_that_ends_in(uint8_t n, int64_t seconds)
{
	struct request req = ask_create(n, "acme", "eddy", "short");

	req.create.name[0] = (char)('a' + n);
	req.create.expires = a.now + seconds;
	ask_done(ask(&a, &req));
}

static void
slow_plan(uint32_t rate, uint32_t burst)
{
	struct request req = { .type = FRAME_ORG_SET };

	strlcpy(req.org.slug, "acme", sizeof(req.org.slug));
	strlcpy(req.org.plan, "enterprise", sizeof(req.org.plan));
	req.org.rate = rate;
	req.org.burst = burst;
	ask_done(ask(&a, &req));
}

START_TEST(a_good_verdict_is_leased_for_a_second)
{
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_assert_uint_eq(lease()->us, LEASE_US_MAX);
	ck_assert_uint_eq(lease()->uses, 20);
	ck_assert_uint_ne(lease()->id, 0);
	ck_assert_uint_eq(lease()->stamp.page, 42);
	ck_assert_uint_eq(atomic_load(&page.counters[lease()->stamp.key_at]),
	    lease()->stamp.key);
	ck_assert_uint_eq(atomic_load(&page.counters[lease()->stamp.org_at]),
	    lease()->stamp.org);
	ck_assert_uint_eq(a.rep.verdict.remaining, 300 - 21);
}
END_TEST

START_TEST(who_wants_no_calls_gets_none)
{
	wish.uses = 0;
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_no_lease();
	ck_assert_uint_eq(a.rep.verdict.remaining, 299);
	wish.wanted = false;
	wish.uses = 20;
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_no_lease();
	ck_assert_uint_eq(a.rep.verdict.remaining, 298);
}
END_TEST

/* Of the org and of the permission: they are true of a live key alone. */
START_TEST(a_refusal_that_nobody_counts_is_kept_for_a_second)
{
	key_that_ends_in(2, 10);
	for (int left = 10; left >= 1; left--) {
		uint32_t us = left > 1 ? LEASE_US_MAX : 0;

		ck_assert_int_eq(verify_of(2, "", "bell"), VERDICT_WRONG_ORG);
		ck_assert_uint_eq(lease()->us, us);
		ck_assert_uint_eq(lease()->uses + lease()->id, 0);
		ck_assert_int_eq(verify_of(2, "members:manage", ""),
		    VERDICT_FORBIDDEN);
		ck_assert_uint_eq(lease()->us, us);
		ck_assert_uint_eq(lease()->uses + lease()->id, 0);
		a.now++;
	}
	wish.wanted = false;
	ck_assert_int_eq(verify_of(1, "", "bell"), VERDICT_WRONG_ORG);
	ck_no_lease();
}
END_TEST

START_TEST(a_refusal_that_is_counted_is_not_kept)
{
	ck_assert_int_eq(verify_of(9, "", ""), VERDICT_UNKNOWN);
	ck_no_lease();
	key_that_ends_in(2, 5);
	a.now += 5;
	ck_assert_int_eq(verify_of(2, "", ""), VERDICT_EXPIRED);
	ck_no_lease();
	ask_done(ask_revoke(&a, id));
	ck_assert_int_eq(verify(), VERDICT_REVOKED);
	ck_no_lease();
}
END_TEST

/* now is some moment of its second, and the request may be a second old. */
START_TEST(no_lease_reaches_into_the_second_of_the_end)
{
	key_that_ends_in(2, 10);
	for (int left = 10; left >= 1; left--) {
		ck_assert_int_eq(verify_of(2, "", ""), VERDICT_OK);
		ck_assert_int_le(lease()->us, (left - 1) * US);
		if (left > 2)
			ck_assert_uint_eq(lease()->us, LEASE_US_MAX);
		a.now++;
	}
	ck_no_lease();
	ck_assert_int_eq(verify_of(2, "", ""), VERDICT_EXPIRED);
}
END_TEST

START_TEST(what_cannot_be_leased_is_not_taken_from_the_rate)
{
	key_that_ends_in(2, 1);
	ck_assert_int_eq(verify_of(2, "", ""), VERDICT_OK);
	ck_no_lease();
	ck_assert_uint_eq(a.rep.verdict.remaining, 299);
	store_share(s.store, NULL);
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_no_lease();
	ck_assert_uint_eq(a.rep.verdict.remaining, 299);
}
END_TEST

/* _i: of the key, or of its org. */
START_TEST(nothing_is_leased_while_a_change_is_under_way)
{
	ck_assert_int_eq(verify(), VERDICT_OK);
	if (_i == 0)
		generations_touch_key(g, 1);
	else
		generations_touch_org(g, "acme");
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_no_lease();
	ck_assert_uint_eq(a.rep.verdict.remaining, 300 - 21 - 1);
	generations_settle(g);
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_assert_uint_eq(lease()->us, LEASE_US_MAX);
}
END_TEST

/* In the time in which the view of a round is read from. */
START_TEST(nothing_is_leased_that_was_read_before_a_change_settled)
{
	struct store_txn *view = scratch_view(&s);
	struct stamp stamp;

	ck_assert(store_stamp(view, 1, "acme", &stamp));
	generations_touch_key(g, 99);
	generations_settle(g);
	ck_assert(!store_stamp(view, 1, "acme", &stamp));
	ck_assert(store_stamp(scratch_view(&s), 1, "acme", &stamp));
	store_view_reset(s.store);
}
END_TEST

/* What a change does through the store, and one that is taken back. */
START_TEST(each_change_voids_what_was_leased_of_its_key)
{
	struct stamp was;
	struct store_txn *t;

	ck_assert_int_eq(verify(), VERDICT_OK);
	was = lease()->stamp;
	key_that_ends_in(2, 10);
	ck_assert_uint_eq(atomic_load(&page.counters[was.key_at]), was.key);
	t = scratch_begin(&s);
	store_touch_key(t, 1);
	store_abort(t);
	ck_assert_uint_eq(atomic_load(&page.counters[was.key_at]), was.key + 2);
	ask_done(ask_revoke(&a, id));
	ck_assert_uint_eq(atomic_load(&page.counters[was.key_at]), was.key + 4);
	ck_assert_uint_eq(atomic_load(&page.counters[was.org_at]), was.org);
	slow_plan(1, 1);
	ck_assert_uint_eq(atomic_load(&page.counters[was.org_at]), was.org + 2);
}
END_TEST

START_TEST(a_limited_key_is_refused_from_memory_until_it_may_be_used)
{
	slow_plan(30, 1);
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_no_lease();
	ck_assert_int_eq(verify(), VERDICT_RATE_LIMITED);
	ck_assert_uint_eq(lease()->us, 2 * US);
	ck_assert_uint_eq(lease()->uses, 0);
	ck_assert_uint_eq(lease()->id, 0);
	a.now_ns += 2 * S - 1;
	ck_assert_int_eq(verify(), VERDICT_RATE_LIMITED);
	ck_assert_uint_eq(lease()->us, 0);
	a.now_ns += 1;
	ck_assert_int_eq(verify(), VERDICT_OK);
}
END_TEST

START_TEST(a_refusal_is_kept_for_a_minute_at_most_and_not_past_the_end)
{
	slow_plan(1, 1);
	key_that_ends_in(2, 10);
	for (uint8_t n = 1; n <= 2; n++)
		ck_assert_int_eq(verify_of(n, "", ""), VERDICT_OK);
	ck_assert_int_eq(verify_of(1, "", ""), VERDICT_RATE_LIMITED);
	ck_assert_uint_eq(lease()->us, LEASE_WAIT_MAX);
	ck_assert_int_eq(verify_of(2, "", ""), VERDICT_RATE_LIMITED);
	ck_assert_uint_eq(lease()->us, 9 * US);
}
END_TEST

/* --- reports --- */

static struct usage usage;

static void
look_at_usage(void)
{
	ck_assert_int_eq(uses_get(a.uses, scratch_view(&s), 1, &usage),
	    STORE_OK);
	store_view_reset(s.store);
}

static void
report(uint64_t lease_id, uint32_t used)
{
	wish.reports[wish.count++] = (struct lease_report){ lease_id, used };
}

static uint64_t
leased(void)
{
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_assert_uint_ne(lease()->id, 0);
	return lease()->id;
}

START_TEST(a_report_counts_once)
{
	uint64_t first = leased();

	report(first, 7);
	report(first, 7);
	ck_assert_int_eq(verify(), VERDICT_OK);
	ck_assert_int_eq(verify(), VERDICT_OK);
	look_at_usage();
	ck_assert_uint_eq(usage.count, 3 + 7);
}
END_TEST

START_TEST(a_report_counts_whatever_it_comes_with)
{
	report(leased(), 7);
	ck_assert_int_eq(verify_of(9, "", ""), VERDICT_UNKNOWN);
	look_at_usage();
	ck_assert_uint_eq(usage.count, 1 + 7);
}
END_TEST

START_TEST(no_more_is_counted_than_was_leased)
{
	report(leased(), UINT32_MAX);
	ck_assert_int_eq(verify(), VERDICT_OK);
	look_at_usage();
	ck_assert_uint_eq(usage.count, 2 + 20);
}
END_TEST

START_TEST(a_report_by_another_user_is_not_believed)
{
	report(leased(), 7);
	a.peer.uid = ASK_STRANGER;
	ck_assert_int_eq(verify(), VERDICT_OK);
	look_at_usage();
	ck_assert_uint_eq(usage.count, 2);
	a.peer.uid = 0;
	ck_assert_int_eq(verify(), VERDICT_OK);
	look_at_usage();
	ck_assert_uint_eq(usage.count, 3 + 7);
}
END_TEST

START_TEST(a_report_of_nothing_is_no_use)
{
	uint64_t given = leased();

	a.now += 50;
	report(given, 0);
	ck_assert_int_eq(verify_of(9, "", ""), VERDICT_UNKNOWN);
	look_at_usage();
	ck_assert_uint_eq(usage.count, 1);
	ck_assert_int_eq(usage.last, ASK_NOW);
}
END_TEST

/* Nor is it in the future. */
START_TEST(the_last_use_is_not_after_the_end_of_its_lease)
{
	uint64_t late = leased(), soon;

	soon = leased();
	report(soon, 1);
	ck_assert_int_eq(verify_of(9, "", ""), VERDICT_UNKNOWN);
	look_at_usage();
	ck_assert_int_eq(usage.last, ASK_NOW);
	a.now += 50;
	wish.count = 0;
	report(late, 1);
	ck_assert_int_eq(verify_of(9, "", ""), VERDICT_UNKNOWN);
	look_at_usage();
	ck_assert_int_gt(usage.last, ASK_NOW);
	ck_assert_int_le(usage.last, ASK_NOW + 1);
	ck_assert_uint_eq(usage.count, 4);
}
END_TEST

static void
add_leases(TCase *tc)
{
	tcase_add_test(tc, a_good_verdict_is_leased_for_a_second);
	tcase_add_test(tc, who_wants_no_calls_gets_none);
	tcase_add_test(tc, a_refusal_that_nobody_counts_is_kept_for_a_second);
	tcase_add_test(tc, a_refusal_that_is_counted_is_not_kept);
	tcase_add_test(tc, no_lease_reaches_into_the_second_of_the_end);
	tcase_add_test(tc, what_cannot_be_leased_is_not_taken_from_the_rate);
	tcase_add_loop_test(tc, nothing_is_leased_while_a_change_is_under_way,
	    0, 2);
	tcase_add_test(tc,
	    nothing_is_leased_that_was_read_before_a_change_settled);
	tcase_add_test(tc, each_change_voids_what_was_leased_of_its_key);
	tcase_add_test(tc,
	    a_limited_key_is_refused_from_memory_until_it_may_be_used);
	tcase_add_test(tc,
	    a_refusal_is_kept_for_a_minute_at_most_and_not_past_the_end);
}

static void
add_reports(TCase *tc)
{
	tcase_add_test(tc, a_report_counts_once);
	tcase_add_test(tc, a_report_counts_whatever_it_comes_with);
	tcase_add_test(tc, no_more_is_counted_than_was_leased);
	tcase_add_test(tc, a_report_by_another_user_is_not_believed);
	tcase_add_test(tc, a_report_of_nothing_is_no_use);
	tcase_add_test(tc, the_last_use_is_not_after_the_end_of_its_lease);
}

int
main(void)
{
	Suite *suite = suite_create("offer");
	TCase *tc = tcase_create("offer");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	add_leases(tc);
	add_reports(tc);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
