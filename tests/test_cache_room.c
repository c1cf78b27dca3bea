/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <stdio.h>
#include <unistd.h>

#include "cached.h"
#include "suite.h"

/* What the memory has in it when it is given back, if it is this. */
static const void *watched;
static size_t watched_size;
static bool unmapped, wiped;

int
munmap(void *p, size_t size)
{
	const uint8_t *bytes = p;

	if (p == watched) {
		unmapped = wiped = true;
		for (size_t i = 0; i < watched_size; i++)
			wiped = wiped && bytes[i] == 0;
	}
	return (int)syscall(SYS_munmap, p, size);
}

START_TEST(the_one_whose_end_is_nearest_makes_room)
{
	static const char *const tokens[] = { "a", "b", "c", "d" };

	cache_free(cache);
	cached_setup(1);
	ck_assert_uint_eq(cache->entries, WAYS);
	for (size_t i = 0; i < WAYS; i++) {
		struct reply_verdict a = cached_answer(i + 1, 1000);

		a.lease.us = (uint32_t)(500000 + (i ^ 2) * 1000);
		cached_keep(tokens[i], &a);
	}
	for (size_t i = 0; i < WAYS; i++)
		ck_assert(cached_accepts(tokens[i]));
	cached_lease("e", 10);
	ck_assert(cached_accepts("e"));
	for (size_t i = 0; i < WAYS; i++)
		ck_assert(cached_accepts(tokens[i]) == (i != 2));
}
END_TEST

START_TEST(a_lease_is_not_driven_out_by_what_has_none)
{
	static const char *const tokens[] = { "a", "b", "c", "d" };
	struct reply_verdict met = cached_answer(0, 0);

	cache_free(cache);
	cached_setup(1);
	for (size_t i = 0; i < WAYS; i++)
		cached_lease(tokens[i], 10);
	met.lease.us = 0;
	cached_keep("e", &met);
	for (size_t i = 0; i < WAYS; i++)
		ck_assert(cached_accepts(tokens[i]));
}
END_TEST

/* By chance some 7 of them find both sets of their own full; if a tag had one
   set, it would be 77, and 50 in the best of cases. */
START_TEST(half_full_nearly_all_are_kept)
{
	char token[16];
	int lost = 0;

	cache_free(cache);
	cached_setup(4096);
	for (int i = 0; i < 2048; i++) {
		snprintf(token, sizeof(token), "%d", i);
		cached_lease(token, 10);
	}
	for (int i = 0; i < 2048; i++) {
		snprintf(token, sizeof(token), "%d", i);
		lost += !cached_accepts(token);
	}
	ck_assert_int_lt(lost, 35);
}
END_TEST

START_TEST(a_child_finds_nothing_and_works)
{
	struct cache_tag before = cached_tag("a", "");
	int status;
	pid_t pid;

	cached_lease("a", 10);
	ck_assert(cached_accepts("a"));
	if ((pid = fork()) == 0) {
		struct keyd_verdict v;
		enum keyd_status known;
		bool good = !cache_look(cache, &before, now, &known, &v) &&
		    !cached_accepts("a") && cached_wish("a").count == 0 &&
		    cached_tag("a", "").half[0] != before.half[0];

		cached_lease("a", 3);
		_exit(good && cached_use_up("a") == 3 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(cached_use_up("a"), 9);
}
END_TEST

/* All but the order of the ends of leases, in which nothing is secret.  Every
   other key has a long name, and no place is for one kind alone. */
START_TEST(memory_is_wiped_at_the_end)
{
	for (int i = 0; i < 1000; i++) {
		struct reply_verdict a = cached_answer(1, 10);
		char token[16];

		if (i % 2 == 0)
			cached_fill(a.name, sizeof(a.name), 100, 'n');
		snprintf(token, sizeof(token), "%d", i);
		cached_keep(token, &a);
		cached_void_key();
	}
	watched = cache->area;
	watched_size =
	    (size_t)((const uint8_t *)cache->due - (const uint8_t *)watched);
	ck_assert(get(&cache->entry[0].slot.word[STATE]) != 0);
	cache_free(cache);
	ck_assert(unmapped && wiped);
	cache = NULL;
}
END_TEST

START_TEST(no_cache_is_nothing_to_free)
{
	cache_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache_room");
	TCase *tc = tcase_create("cache_room");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_one_whose_end_is_nearest_makes_room);
	tcase_add_test(tc, a_lease_is_not_driven_out_by_what_has_none);
	tcase_add_test(tc, half_full_nearly_all_are_kept);
	tcase_add_test(tc, a_child_finds_nothing_and_works);
	tcase_add_test(tc, memory_is_wiped_at_the_end);
	tcase_add_test(tc, no_cache_is_nothing_to_free);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
