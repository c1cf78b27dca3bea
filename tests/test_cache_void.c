/* SPDX-License-Identifier: ISC */
#include <stdatomic.h>

#include "cached.h"
#include "suite.h"

static void
void_org(void)
{
	atomic_fetch_add(&page.counters[ORG_AT], 1);
}

static void
void_policy(void)
{
	atomic_fetch_add(&page.policy, 2);
}

static void
end_cleanly(void)
{
	atomic_store(&page.alive, 0);
}

static void
die(void)
{
	atomic_store(&page.alive, FUTEX_OWNER_DIED);
}

static void
die_with_waiters(void)
{
	atomic_store(&page.alive, FUTEX_OWNER_DIED | FUTEX_WAITERS);
}

/* No kernel leaves the id in, but the bit is what counts. */
static void
die_with_an_id(void)
{
	atomic_fetch_or(&page.alive, FUTEX_OWNER_DIED);
}

static void (*const ends[])(void) = { cached_void_key, void_org, void_policy,
	end_cleanly, die, die_with_waiters, die_with_an_id };

/* Runs for each way in which a verdict may cease to hold. */
START_TEST(what_holds_no_more_is_not_given)
{
	struct reply_verdict limited = cached_answer(1, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	limited.code = VERDICT_RATE_LIMITED;
	cached_lease("a", 10);
	cached_keep("b", &limited);
	ck_assert(cached_accepts("a"));
	ck_assert(cached_look("b", &status, &v));
	ends[_i]();
	ck_assert(!cached_accepts("a"));
	ck_assert(!cached_look("b", &status, &v));
}
END_TEST

START_TEST(what_others_rest_on_is_no_matter)
{
	cached_lease("a", 10);
	for (unsigned i = 0; i < BULLETIN_COUNTERS; i++)
		if (i != KEY_AT && i != ORG_AT)
			atomic_fetch_add(&page.counters[i], 1);
	atomic_store(&page.alive, 815); /* whoever it is */
	ck_assert(cached_accepts("a"));
}
END_TEST

/* An answer that came late: its counter has gone on. */
START_TEST(what_never_held_is_not_given)
{
	struct reply_verdict a = cached_answer(1, 10);

	cached_void_key();
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
	cached_lease("a", 10);
	ck_assert(cached_accepts("a"));
}
END_TEST

START_TEST(an_answer_of_another_page_is_not_kept)
{
	struct reply_verdict a = cached_answer(1, 10);
	struct cache_tag t = cached_tag("a", "");

	a.lease.stamp.page++;
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
	a.lease.stamp.page--;
	cache_keep(cache, &t, now, NULL, &a);
	ck_assert(!cached_accepts("a"));
	cached_keep("a", &a);
	ck_assert(cached_accepts("a"));
}
END_TEST

/* Each entry is held against the page that it came with. */
START_TEST(pages_of_two_lives_are_told_apart)
{
	static struct bulletin second;
	struct reply_verdict a = cached_answer(1, 10);
	struct cache_tag t = cached_tag("b", "");

	atomic_store(&second.id, 78);
	atomic_store(&second.alive, 1);
	cached_keep("a", &a);
	a.lease.stamp = (struct stamp){ .page = 78 };
	cache_keep(cache, &t, now, &second, &a);
	ck_assert(cached_accepts("a"));
	ck_assert(cached_accepts("b"));
	die();
	ck_assert(!cached_accepts("a"));
	ck_assert(cached_accepts("b"));
	atomic_store(&second.policy, 2);
	ck_assert(!cached_accepts("b"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache_void");
	TCase *tc = tcase_create("cache_void");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, what_holds_no_more_is_not_given, 0,
	    sizeof(ends) / sizeof(*ends));
	tcase_add_test(tc, what_others_rest_on_is_no_matter);
	tcase_add_test(tc, what_never_held_is_not_given);
	tcase_add_test(tc, an_answer_of_another_page_is_not_kept);
	tcase_add_test(tc, pages_of_two_lives_are_told_apart);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
