/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "apart.h"
#include "generations.h"
#include "suite.h"

static struct bulletin page;
static struct generations *g;
static struct stamp was;

static void
set_up(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	memset(&page, 0, sizeof(page));
	atomic_store(&page.id, 42);
	g = generations_apart(&page, "acme");
}

static void
tear_down(void)
{
	generations_free(g);
	generations_free(NULL);
}

static bool
stamp(uint64_t mark, struct stamp *s)
{
	return generations_stamp(g, mark, 7, "acme", s);
}

/* As a client looks at it. */
static bool
holds(const struct stamp *s)
{
	return atomic_load(&page.counters[s->key_at]) == s->key &&
	    atomic_load(&page.counters[s->org_at]) == s->org &&
	    atomic_load(&page.policy) == s->policy;
}

static void
stamp_now(void)
{
	ck_assert(stamp(generations_mark(g), &was));
	ck_assert(holds(&was));
}

static void
touch(bool key)
{
	if (key)
		generations_touch_key(g, 7);
	else
		generations_touch_org(g, "acme");
}

static unsigned
count_odd(void)
{
	unsigned odd = 0;

	for (unsigned i = 0; i < BULLETIN_COUNTERS; i++)
		odd += (atomic_load(&page.counters[i]) & 1) != 0;
	return odd;
}

START_TEST(a_stamp_names_its_page_and_its_counters)
{
	stamp_now();
	ck_assert_uint_eq(was.page, 42);
	ck_assert_uint_lt(was.key_at, BULLETIN_COUNTERS);
	ck_assert_uint_lt(was.org_at, BULLETIN_COUNTERS);
}
END_TEST

/* _i: the key is touched, or its org. */
START_TEST(a_change_voids_before_it_is_made_and_for_good)
{
	struct stamp s;

	stamp_now();
	touch(_i == 1);
	ck_assert(!holds(&was));
	generations_settle(g);
	ck_assert(!holds(&was));
	ck_assert_uint_eq(count_odd(), 0);
	ck_assert(stamp(generations_mark(g), &s));
	ck_assert(holds(&s));
}
END_TEST

START_TEST(nothing_is_stamped_while_a_change_is_under_way)
{
	struct stamp s;

	touch(_i == 1);
	ck_assert(!stamp(generations_mark(g), &s));
	touch(_i == 1);
	ck_assert(!stamp(generations_mark(g), &s));
	generations_settle(g);
	ck_assert(stamp(generations_mark(g), &s));
}
END_TEST

START_TEST(a_view_from_before_the_change_gets_no_stamp_after_it)
{
	uint64_t mark = generations_mark(g);
	struct stamp s;

	touch(_i == 1);
	generations_settle(g);
	ck_assert(!stamp(mark, &s));
	ck_assert(stamp(generations_mark(g), &s));
}
END_TEST

/* It is not known which of the two the view was before. */
START_TEST(any_change_that_settled_makes_a_view_old)
{
	uint64_t mark = generations_mark(g);
	struct stamp s;

	generations_touch_key(g, 8);
	ck_assert(stamp(mark, &s));
	generations_settle(g);
	ck_assert(!stamp(mark, &s));
}
END_TEST

START_TEST(to_settle_nothing_makes_no_view_old)
{
	uint64_t mark = generations_mark(g);
	struct stamp s;

	generations_settle(g);
	ck_assert(stamp(mark, &s));
	ck_assert_uint_eq(generations_mark(g), mark);
	touch(true);
	generations_settle(g);
	mark = generations_mark(g);
	generations_settle(g);
	ck_assert(stamp(mark, &s));
}
END_TEST

START_TEST(all_that_was_touched_settles_together)
{
	struct stamp s;

	stamp_now();
	for (uint64_t serial = 1; serial <= 100; serial++)
		generations_touch_key(g, serial);
	touch(false);
	ck_assert_uint_ge(count_odd(), 100);
	generations_settle(g);
	ck_assert_uint_eq(count_odd(), 0);
	ck_assert(!holds(&was));
	ck_assert(stamp(generations_mark(g), &s));
}
END_TEST

START_TEST(all_can_be_touched_at_once)
{
	stamp_now();
	generations_touch_all(g);
	ck_assert_uint_eq(count_odd(), BULLETIN_COUNTERS);
	ck_assert(!holds(&was));
	ck_assert(!stamp(generations_mark(g), &was));
	generations_settle(g);
	ck_assert_uint_eq(count_odd(), 0);
	ck_assert(!holds(&was));
	stamp_now();
}
END_TEST

START_TEST(keys_made_one_after_the_other_do_not_share_a_counter)
{
	struct stamp other;

	stamp_now();
	for (uint64_t serial = 8; serial < 7 + BULLETIN_COUNTERS; serial++) {
		ck_assert(generations_stamp(g, generations_mark(g), serial,
		    "acme", &other));
		ck_assert_uint_ne(other.key_at, was.key_at);
		ck_assert_uint_eq(other.org_at, was.org_at);
	}
}
END_TEST

/* Who does not know the hash cannot name orgs that share a counter. */
START_TEST(where_an_orgs_counter_is_differs_from_life_to_life)
{
	unsigned same = 0;

	stamp_now();
	for (int i = 0; i < 20; i++) {
		struct stamp s;

		generations_free(g);
		ck_assert_ptr_nonnull(g = generations_new(&page));
		ck_assert(stamp(generations_mark(g), &s));
		same += s.org_at == was.org_at;
	}
	ck_assert_uint_lt(same, 10);
}
END_TEST

START_TEST(all_is_void_when_keyd_conf_is_read_again)
{
	struct stamp s;

	stamp_now();
	generations_void_all(g);
	ck_assert(!holds(&was));
	ck_assert(stamp(generations_mark(g), &s));
	ck_assert(holds(&s));
}
END_TEST

static void
add_changes(TCase *tc)
{
	tcase_add_loop_test(tc, a_change_voids_before_it_is_made_and_for_good,
	    0, 2);
	tcase_add_loop_test(tc, nothing_is_stamped_while_a_change_is_under_way,
	    0, 2);
	tcase_add_loop_test(tc,
	    a_view_from_before_the_change_gets_no_stamp_after_it, 0, 2);
	tcase_add_test(tc, any_change_that_settled_makes_a_view_old);
	tcase_add_test(tc, to_settle_nothing_makes_no_view_old);
	tcase_add_test(tc, all_that_was_touched_settles_together);
}

int
main(void)
{
	Suite *suite = suite_create("generations");
	TCase *tc = tcase_create("generations");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	add_changes(tc);
	tcase_add_test(tc, a_stamp_names_its_page_and_its_counters);
	tcase_add_test(tc, all_can_be_touched_at_once);
	tcase_add_test(tc,
	    keys_made_one_after_the_other_do_not_share_a_counter);
	tcase_add_test(tc, where_an_orgs_counter_is_differs_from_life_to_life);
	tcase_add_test(tc, all_is_void_when_keyd_conf_is_read_again);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
