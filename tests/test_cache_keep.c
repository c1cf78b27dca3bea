/* SPDX-License-Identifier: ISC */
#include <sys/time.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#include "cached.h"
#include "suite.h"

#define THREADS 8

static void
keep(const char *token, uint64_t id, uint32_t uses)
{
	struct reply_verdict a = cached_answer(id, uses);

	cached_keep(token, &a);
}

/* keyd said yes and gave no lease: what a first question gets. */
static void
keep_without(const char *token)
{
	struct reply_verdict a = cached_answer(0, 0);

	a.lease = (struct lease){ .us = 0 };
	cached_keep(token, &a);
}

static void
use(const char *token, unsigned times)
{
	while (times-- > 0)
		ck_assert(cached_accepts(token));
}

static void
ck_report(const struct lease_wish *w, unsigned at, uint64_t id, uint32_t used)
{
	ck_assert_uint_gt(w->count, at);
	ck_assert_uint_eq(w->reports[at].id, id);
	ck_assert_uint_eq(w->reports[at].used, used);
}

START_TEST(a_key_seen_once_wants_no_lease)
{
	struct lease_wish w = cached_wish("a");

	ck_assert_uint_eq(w.uses, 0);
	ck_assert_uint_eq(w.count, 0);
}
END_TEST

START_TEST(a_key_seen_twice_wants_a_call)
{
	keep_without("a");
	ck_assert(!cached_accepts("a"));
	ck_assert_uint_eq(cached_wish("a").uses, 1);
}
END_TEST

START_TEST(a_key_seen_long_ago_wants_none)
{
	keep_without("a");
	now += NS_PER_S;
	ck_assert_uint_eq(cached_wish("a").uses, 0);
}
END_TEST

START_TEST(wishes_grow_while_they_are_too_small)
{
	keep_without("a");
	for (uint32_t uses = 1; uses < 10000; uses *= 2) {
		ck_assert_uint_eq(cached_wish("a").uses, uses);
		keep("a", uses, uses);
		use("a", uses);
		ck_assert(!cached_accepts("a"));
	}
}
END_TEST

START_TEST(a_wish_is_no_more_than_may_be)
{
	struct cache_tag t = cached_tag("a", "");
	size_t at = 0;

	keep("a", 1, LEASE_USES_MAX);
	while (!has_tag(&cache->entry[at].slot, &t))
		at++;
	/* As if all but one were used. */
	cache->entry[at].slot.word[STATE] -= LEASE_USES_MAX - 1;
	use("a", 1);
	ck_assert_uint_eq(cached_wish("a").uses, LEASE_USES_MAX);
}
END_TEST

START_TEST(wishes_shrink_to_what_was_used_in_time)
{
	keep("a", 1, 1000);
	use("a", 7);
	now += NS_PER_S;
	ck_assert_uint_eq(cached_wish("a").uses, 7);
	keep("a", 2, 7);
	now += NS_PER_S;
	ck_assert_uint_eq(cached_wish("a").uses, 0);
}
END_TEST

START_TEST(a_wish_after_a_change_is_for_as_many_as_were_used)
{
	keep("a", 1, 1000);
	use("a", 20);
	atomic_fetch_add(&page.counters[KEY_AT], 2);
	ck_assert(!cached_accepts("a"));
	ck_assert_uint_eq(cached_wish("a").uses, 20);
}
END_TEST

START_TEST(one_asks_for_all)
{
	keep("a", 1, 4);
	use("a", 4);
	ck_assert_uint_eq(cached_wish("a").uses, 8);
	for (int i = 0; i < 10; i++)
		ck_assert_uint_eq(cached_wish("a").uses, 0);
	keep("a", 2, 8);
	use("a", 8);
	ck_assert_uint_eq(cached_wish("a").uses, 16);
}
END_TEST

/* The one who asked got nothing: another may try. */
START_TEST(an_answer_without_a_lease_lets_others_ask)
{
	keep("a", 1, 4);
	use("a", 4);
	ck_assert_uint_eq(cached_wish("a").uses, 8);
	keep_without("a");
	ck_assert_uint_eq(cached_wish("a").uses, 1);
}
END_TEST

START_TEST(a_lease_used_up_is_reported_once)
{
	struct lease_wish w;

	keep("a", 5, 4);
	use("a", 4);
	w = cached_wish("a");
	ck_assert_uint_eq(w.count, 1);
	ck_report(&w, 0, 5, 4);
	ck_assert_uint_eq(cached_wish("a").count, 0);
	keep("a", 6, 4);
	now += 2 * NS_PER_S;
	ck_assert_uint_eq(cached_wish("a").count, 0);
	ck_assert_uint_eq(cache_last_reports(cache, &w), 0);
}
END_TEST

START_TEST(a_lease_that_is_over_is_reported_with_any_question)
{
	struct lease_wish w;

	keep("a", 5, 10);
	use("a", 3);
	ck_assert_uint_eq(cached_wish("b").count, 0);
	now += NS_PER_S;
	w = cached_wish("b");
	ck_assert_uint_eq(w.count, 1);
	ck_report(&w, 0, 5, 3);
	ck_assert_uint_eq(cached_wish("b").count, 0);
	ck_assert_uint_eq(cached_wish("a").count, 0);
}
END_TEST

START_TEST(a_lease_not_used_is_not_reported)
{
	struct lease_wish w;

	keep("a", 5, 10);
	now += NS_PER_S;
	ck_assert_uint_eq(cached_wish("b").count, 0);
	ck_assert_uint_eq(cache_last_reports(cache, &w), 0);
}
END_TEST

/* Another thread found the entry while it was being written, and asks too. */
START_TEST(a_second_question_costs_no_report)
{
	struct lease_wish w;

	keep("a", 5, 10);
	ck_assert_uint_eq(cached_wish("a").uses, 0);
	use("a", 3);
	keep_without("a");
	use("a", 1);
	now += NS_PER_S;
	w = cached_wish("b");
	ck_assert_uint_eq(w.count, 1);
	ck_report(&w, 0, 5, 4);
}
END_TEST

START_TEST(the_better_of_two_answers_stays)
{
	struct lease_wish w;

	keep("a", 5, 10);
	keep("a", 6, 3);
	ck_assert_uint_eq(cached_use_up("a"), 10);
	w = cached_wish("a");
	ck_assert_uint_eq(w.count, 1);
	ck_report(&w, 0, 5, 10);
}
END_TEST

START_TEST(a_better_answer_takes_the_place_and_both_are_reported)
{
	struct lease_wish w;

	keep("a", 5, 10);
	use("a", 2);
	keep("a", 6, 30);
	ck_assert_uint_eq(cached_use_up("a"), 30);
	w = cached_wish("a");
	ck_assert_uint_eq(w.count, 2);
	ck_report(&w, 0, 6, 30);
	ck_report(&w, 1, 5, 2);
}
END_TEST

/* All that is reported, summed by the id of the lease; each once. */
static void
collect(const struct lease_wish *w, uint32_t *used, size_t ids)
{
	for (unsigned i = 0; i < w->count; i++) {
		ck_assert_uint_lt(w->reports[i].id, ids);
		ck_assert_uint_eq(used[w->reports[i].id], 0);
		used[w->reports[i].id] = w->reports[i].used;
	}
}

START_TEST(what_must_make_room_is_reported)
{
	uint32_t used[21] = { 0 };
	struct lease_wish w;

	cache_free(cache);
	cached_setup(1);
	for (uint64_t i = 1; i <= 20; i++) {
		char token[16];

		snprintf(token, sizeof(token), "%d", (int)i);
		keep(token, i, 100);
		use(token, (unsigned)i);
		now += MS;
	}
	w = cached_wish("other");
	ck_assert_uint_eq(w.count, 16);
	collect(&w, used, 21);
	for (unsigned i = 1; i <= 16; i++)
		ck_assert_uint_eq(used[i], i);
	ck_assert_uint_eq(cached_wish("other").count, 0);
	ck_assert_uint_eq(cache_last_reports(cache, &w), 4);
	collect(&w, used, 21);
	for (unsigned i = 17; i <= 20; i++)
		ck_assert_uint_eq(used[i], i);
}
END_TEST

START_TEST(many_reports_go_with_many_questions)
{
	uint32_t used[101] = { 0 };
	unsigned reported = 0;

	cache_free(cache);
	cached_setup(1024);
	for (uint64_t i = 1; i <= 100; i++) {
		char token[16];

		snprintf(token, sizeof(token), "%d", (int)i);
		keep(token, i, 10);
		use(token, 5);
	}
	now += NS_PER_S;
	while (reported < 100) {
		struct lease_wish w = cached_wish("other");

		collect(&w, used, 101);
		reported += w.count;
		ck_assert_uint_eq(w.count,
		    reported == 100 ? 100 % LEASE_REPORTS_MAX
				    : LEASE_REPORTS_MAX);
	}
	ck_assert_uint_eq(cached_wish("other").count, 0);
}
END_TEST

START_TEST(the_last_reports_are_of_all_leases)
{
	struct lease_wish w;

	ck_assert_uint_eq(cache_last_reports(cache, &w), 0);
	keep("a", 5, 10);
	use("a", 3);
	keep("b", 6, 10);
	use("b", 10);
	keep("c", 7, 10);
	ck_assert_uint_eq(cache_last_reports(cache, &w), 2);
	ck_assert(w.wanted);
	ck_assert_uint_eq(w.uses, 0);
	ck_report(&w, 0, 5, 3);
	ck_report(&w, 1, 6, 10);
	ck_assert_uint_eq(cache_last_reports(cache, &w), 0);
}
END_TEST

/* Without a key of the process there is nothing to look for, or to say. */
START_TEST(a_tag_that_is_none_wishes_nothing)
{
	struct reply_verdict a = cached_answer(1, 10);
	struct cache_tag none = { .good = false };
	struct lease_wish w;

	cache_keep(cache, &none, now, &page, &a);
	cache_wish(cache, &none, now, &w);
	ck_assert(!w.wanted);
	ck_assert_uint_eq(w.count, 0);
}
END_TEST

/* Threads.  What they find wrong is asserted when they are gone. */

static atomic_uint accepted;
static atomic_bool go;

static void *
accept_all(void *arg)
{
	unsigned n;

	(void)arg;
	while (!atomic_load(&go))
		sched_yield();
	n = cached_use_up("a");
	atomic_fetch_add(&accepted, n);
	return NULL;
}

static void
run_threads(void *(*run)(void *))
{
	pthread_t thread[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, run,
				     (void *)i),
		    0);
	atomic_store(&go, true);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

START_TEST(threads_together_get_as_many_calls)
{
	struct lease_wish w;

	keep("a", 5, 200001);
	run_threads(accept_all);
	ck_assert_uint_eq(atomic_load(&accepted), 200001);
	w = cached_wish("a");
	ck_report(&w, 0, 5, 200001);
}
END_TEST

/*
 * A storm: threads that look for a few tokens in too small a cache, ask a keyd
 * that gives short leases, and keep what it says, while the key's counter goes
 * on.  Each verdict says in all its texts which lease it is of.
 */
#define LEASES 400000
#define ROUNDS 20000
#define TOKENS 6

struct grant {
	uint64_t value; /* of the counter, when it was given */
	uint64_t tag;   /* half of it */
	uint32_t uses;
	atomic_uint given; /* calls */
	atomic_uint reports;
	atomic_uint reported; /* calls */
};

static struct grant grants[LEASES];
static atomic_uint last_grant;
static _Atomic uint64_t published; /* value of the counter, known to all */
static atomic_uint torn, stale, absurd, of_another;

static void
note_reports(const struct lease_wish *w)
{
	for (unsigned i = 0; i < w->count; i++) {
		const struct lease_report *r = &w->reports[i];

		if (r->id == 0 || r->id >= LEASES) {
			atomic_fetch_add(&absurd, 1);
			continue;
		}
		atomic_fetch_add(&grants[r->id].reports, 1);
		atomic_fetch_add(&grants[r->id].reported, r->used);
	}
}

static void
note_verdict(const struct cache_tag *t, enum keyd_status status,
    const struct keyd_verdict *v, uint64_t before)
{
	unsigned id = (unsigned)strtoul(v->name, NULL, 10);

	if (strcmp(v->name, v->org) != 0 || strcmp(v->name, v->user) != 0 ||
	    strcmp(v->name, v->project) != 0 || (uint64_t)v->expires != id ||
	    id == 0 || id >= LEASES) {
		atomic_fetch_add(&torn, 1);
		return;
	}
	atomic_fetch_add(&grants[id].given, status == KEYD_OK);
	if (grants[id].value < before)
		atomic_fetch_add(&stale, 1);
	if (grants[id].tag != t->half[0])
		atomic_fetch_add(&of_another, 1);
}

/* What keyd does. */
static struct reply_verdict
grant(const struct cache_tag *t, uint32_t wanted)
{
	unsigned id = atomic_fetch_add(&last_grant, 1) + 1;
	struct reply_verdict a = cached_answer(id, wanted < 50 ? wanted : 50);

	/* Of different lengths. */
	snprintf(a.name, sizeof(a.name), "%0*u", (int)(6 + id % 57), id);
	strcpy(a.org, a.name);
	strcpy(a.user, a.name);
	strcpy(a.project, a.name);
	a.expires = id;
	if (id >= LEASES || (a.lease.uses == 0 && id % 8 != 0)) {
		a.lease = (struct lease){ .us = 0 };
		return a;
	}
	a.lease.us = 20000;
	grants[id].value = a.lease.stamp.key;
	grants[id].tag = t->half[0];
	if (id % 8 == 0) {
		a.code = VERDICT_RATE_LIMITED;
		a.lease.id = a.lease.uses = 0;
	}
	grants[id].uses = a.lease.uses;
	return a;
}

static void
ask(const struct cache_tag *t)
{
	int64_t asked = cache_now();
	struct reply_verdict a;
	struct lease_wish w;

	cache_wish(cache, t, asked, &w);
	note_reports(&w);
	a = grant(t, w.uses);
	cache_keep(cache, t, asked, &page, &a);
}

static void
void_now_and_then(unsigned round)
{
	if (round % 64 == 0)
		atomic_store(&published,
		    atomic_fetch_add(&page.counters[KEY_AT], 2) + 2);
}

static void *
storm(void *arg)
{
	static const char *const tokens[TOKENS] = { "a", "b", "c", "d", "e",
		"f" };
	unsigned seed = (unsigned)(uintptr_t)arg + 1;

	while (!atomic_load(&go))
		sched_yield();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct cache_tag t;
		struct keyd_verdict v;
		enum keyd_status status;
		uint64_t before = atomic_load(&published);

		cache_tag(cache, text_span(tokens[rand_r(&seed) % TOKENS]),
		    text_span(""), &t);
		if (!t.good)
			continue; /* another draws the key */
		if (cache_look(cache, &t, cache_now(), &status, &v))
			note_verdict(&t, status, &v, before);
		else
			ask(&t);
		if ((uintptr_t)arg == 0)
			void_now_and_then(i);
	}
	return NULL;
}

/* What was given, and what was reported of it, of all leases. */
static void
ck_leases(uint64_t *given, uint64_t *reported)
{
	struct lease_wish w;

	*given = *reported = 0;
	while (cache_last_reports(cache, &w) > 0)
		note_reports(&w);
	ck_assert_uint_lt(atomic_load(&last_grant), UINT32_MAX / 2);
	for (unsigned i = 1; i < LEASES; i++) {
		const struct grant *g = &grants[i];

		ck_assert_uint_le(g->given, g->uses);
		ck_assert_uint_le(g->reports, 1);
		ck_assert_uint_le(g->reported, g->given);
		*given += g->given;
		*reported += g->reported;
	}
	printf("%ju of %ju calls from memory were reported\n",
	    (uintmax_t)*reported, (uintmax_t)*given);
	ck_assert_uint_eq(atomic_load(&torn), 0);
	ck_assert_uint_eq(atomic_load(&stale), 0);
	ck_assert_uint_eq(atomic_load(&absurd), 0);
	ck_assert_uint_eq(atomic_load(&of_another), 0);
}

START_TEST(a_storm_of_threads_gets_what_was_leased)
{
	uint64_t given, reported;

	cache_free(cache);
	cached_setup(1);
	run_threads(storm);
	ck_leases(&given, &reported);
	ck_assert_uint_gt(given, ROUNDS / 10);
	/* Each thread gives up what it cannot report at once. */
	ck_assert_uint_gt(reported, given / 2);
}
END_TEST

static void
look(const struct cache_tag *t)
{
	struct keyd_verdict v;
	enum keyd_status status;

	if (cache_look(cache, t, cache_now(), &status, &v))
		note_verdict(t, status, &v, 0);
}

/*
 * In the middle of a look, wherever the signal finds it, the entry becomes that
 * of another lease.  A call that was looked for in the first is none of the
 * second.  And in the middle of a change nothing is to be seen of it.
 */
static struct cache_tag storm_tag;
static int64_t storm_end;

static void
every_us(suseconds_t us)
{
	struct itimerval it = { .it_interval = { .tv_usec = us },
		.it_value = { .tv_usec = us } };

	(void)setitimer(ITIMER_REAL, &it, NULL);
}

static void
ask_in_between(int number)
{
	(void)number;
	look(&storm_tag);
	ask(&storm_tag);
	if (cache_now() >= storm_end)
		every_us(0);
}

START_TEST(a_handler_that_asks_too_takes_calls_of_its_own)
{
	struct sigaction in_between = { .sa_handler = ask_in_between };
	uint64_t given, reported;

	storm_tag = cached_tag("a", "");
	storm_end = cache_now() + NS_PER_S / 2;
	sigaction(SIGALRM, &in_between, NULL);
	every_us(20);
	while (cache_now() < storm_end) {
		for (int i = 0; i < 20; i++)
			look(&storm_tag);
		for (int i = 0; i < 20; i++)
			ask(&storm_tag);
	}
	every_us(0);
	ck_leases(&given, &reported);
	ck_assert_uint_gt(given, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cache_keep");
	TCase *tc = tcase_create("cache_keep");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_key_seen_once_wants_no_lease);
	tcase_add_test(tc, a_key_seen_twice_wants_a_call);
	tcase_add_test(tc, a_key_seen_long_ago_wants_none);
	tcase_add_test(tc, wishes_grow_while_they_are_too_small);
	tcase_add_test(tc, a_wish_is_no_more_than_may_be);
	tcase_add_test(tc, wishes_shrink_to_what_was_used_in_time);
	tcase_add_test(tc, a_wish_after_a_change_is_for_as_many_as_were_used);
	tcase_add_test(tc, one_asks_for_all);
	tcase_add_test(tc, an_answer_without_a_lease_lets_others_ask);
	tcase_add_test(tc, a_lease_used_up_is_reported_once);
	tcase_add_test(tc, a_lease_that_is_over_is_reported_with_any_question);
	tcase_add_test(tc, a_lease_not_used_is_not_reported);
	tcase_add_test(tc, a_second_question_costs_no_report);
	tcase_add_test(tc, the_better_of_two_answers_stays);
	tcase_add_test(tc,
	    a_better_answer_takes_the_place_and_both_are_reported);
	tcase_add_test(tc, what_must_make_room_is_reported);
	tcase_add_test(tc, many_reports_go_with_many_questions);
	tcase_add_test(tc, the_last_reports_are_of_all_leases);
	tcase_add_test(tc, a_tag_that_is_none_wishes_nothing);
	tcase_add_test(tc, threads_together_get_as_many_calls);
	tcase_add_test(tc, a_storm_of_threads_gets_what_was_leased);
	tcase_add_test(tc, a_handler_that_asks_too_takes_calls_of_its_own);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
