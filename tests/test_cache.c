/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <time.h>
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

static void
setup(void)
{
	cached_setup(64);
}

static void
teardown(void)
{
	cache_free(cache);
}

static void
keep(const char *token, uint32_t uses)
{
	struct reply_verdict a = cached_answer(1, uses);

	cached_keep(token, &a);
}

START_TEST(nothing_is_known_at_first)
{
	ck_assert(!cached_accepts("a"));
	ck_assert(!cached_accepts(""));
}
END_TEST

START_TEST(what_was_kept_is_given)
{
	struct keyd_verdict v = { .size = 99 };
	enum keyd_status status = KEYD_EINVAL;

	keep("a", 10);
	ck_assert(cached_look("a", &status, &v));
	ck_assert_int_eq(status, KEYD_OK);
	ck_assert_uint_eq(v.size, 99);
	ck_assert_uint_eq(v.retry_after, 0);
	ck_assert_uint_eq(v.rate_limit, 6000);
	ck_assert_uint_eq(v.rate_remaining, 50 + 9);
	ck_assert_uint_eq(v.rate_reset, 3);
	ck_assert_int_eq(v.expires, 2000000000);
	ck_assert_str_eq(v.key_id, "key_0123456789abcdef");
	ck_assert_str_eq(v.org, "acme");
	ck_assert_str_eq(v.user, "alice");
	ck_assert_str_eq(v.name, "ci");
	ck_assert_str_eq(v.project, "demo");
	ck_assert(!cached_accepts("b"));
}
END_TEST

START_TEST(the_rate_is_counted_on)
{
	struct keyd_verdict v;
	enum keyd_status status;

	keep("a", 3);
	for (uint32_t left = 3; left-- > 0;) {
		ck_assert(cached_look("a", &status, &v));
		ck_assert_uint_eq(v.rate_remaining, 50 + left);
	}
	keep("a", 3);
	now += 500 * MS;
	ck_assert(cached_look("a", &status, &v));
	ck_assert_uint_eq(v.rate_reset, 3); /* 2.5 s */
}
END_TEST

START_TEST(without_a_limit_there_is_no_rate)
{
	struct reply_verdict a = cached_answer(1, LEASE_USES_MAX);
	struct keyd_verdict v;
	enum keyd_status status;

	a.limit = a.remaining = a.reset = 0;
	cached_keep("a", &a);
	for (int i = 0; i < 1000; i++)
		ck_assert(cached_look("a", &status, &v));
	ck_assert_uint_eq(v.rate_limit, 0);
	ck_assert_uint_eq(v.rate_remaining, 0);
	ck_assert_uint_eq(v.rate_reset, 0);
}
END_TEST

START_TEST(the_permission_is_part_of_the_question)
{
	static const char *const pairs[][2] = { { "ab", "c" }, { "a", "bc" },
		{ "abc", "" }, { "", "abc" }, { "ab", "" }, { "ab", "d" },
		{ "12345678", "" }, { "", "12345678" } };
	struct reply_verdict a = cached_answer(1, 10);
	size_t n = sizeof(pairs) / sizeof(*pairs);
	struct keyd_verdict v;
	enum keyd_status status;

	for (size_t i = 0; i < n; i++) {
		struct cache_tag t = cached_tag(pairs[i][0], pairs[i][1]);

		ck_assert(!cache_look(cache, &t, now, &status, &v));
		cache_keep(cache, &t, now, &page, &a);
		ck_assert(cache_look(cache, &t, now, &status, &v));
	}
}
END_TEST

/* Not even if all bytes are zero, and whatever word they end in. */
START_TEST(pairs_of_other_lengths_have_other_tags)
{
	enum { LENGTHS = 20 };
	static const uint8_t zeros[LENGTHS];
	struct cache_tag t[LENGTHS * LENGTHS];

	for (size_t i = 0; i < LENGTHS * LENGTHS; i++) {
		struct span token = { zeros, i / LENGTHS };
		struct span permission = { zeros, i % LENGTHS };

		cache_tag(cache, token, permission, &t[i]);
		ck_assert(t[i].good);
		for (size_t k = 0; k < i; k++)
			ck_assert(t[i].half[0] != t[k].half[0] &&
			    t[i].half[1] != t[k].half[1]);
	}
}
END_TEST

START_TEST(each_byte_of_a_pair_counts)
{
	enum { LENGTHS = 20 };
	uint8_t text[LENGTHS] = { 0 };
	struct span token = { text, 7 };

	for (size_t len = 1; len < LENGTHS - token.len; len++) {
		struct span permission = { text + token.len, len };
		struct cache_tag before, after;

		cache_tag(cache, token, permission, &before);
		for (size_t i = 0; i < token.len + len; i++) {
			text[i] ^= 0x80;
			cache_tag(cache, token, permission, &after);
			text[i] ^= 0x80;
			ck_assert(before.half[0] != after.half[0]);
		}
	}
}
END_TEST

START_TEST(what_is_longer_than_any_token_has_no_tag)
{
	static uint8_t text[UINT16_MAX + 2];
	struct cache_tag t;

	cache_tag(cache, (struct span){ text, UINT16_MAX },
	    (struct span){ text, UINT8_MAX }, &t);
	ck_assert(t.good);
	cache_tag(cache, (struct span){ text, UINT16_MAX + 1 },
	    (struct span){ text, 0 }, &t);
	ck_assert(!t.good);
	cache_tag(cache, (struct span){ text, 0 },
	    (struct span){ text, UINT8_MAX + 1 }, &t);
	ck_assert(!t.good);
}
END_TEST

/* Another process, or another handle, finds it elsewhere. */
START_TEST(a_tag_is_of_one_cache)
{
	struct cache_tag a = cached_tag("a", ""), b;
	struct cache *first = cache;

	cached_setup(64);
	b = cached_tag("a", "");
	ck_assert(a.half[0] != b.half[0] && a.half[1] != b.half[1]);
	cache_free(cache);
	cache = first;
	b = cached_tag("a", "");
	ck_assert(a.half[0] == b.half[0] && a.half[1] == b.half[1]);
}
END_TEST

START_TEST(a_lease_is_for_so_many_calls)
{
	static const uint32_t many[] = { 0, 1, 2, 1000 };

	for (size_t i = 0; i < sizeof(many) / sizeof(*many); i++) {
		keep("a", many[i]);
		ck_assert_uint_eq(cached_use_up("a"), many[i]);
		ck_assert(!cached_accepts("a"));
	}
}
END_TEST

/*
 * The clock may have stood a tick ahead of what it says when a call looks, so
 * the lease ends a tick before its time by that clock; asked lags as well,
 * which only makes it shorter.
 */
START_TEST(a_lease_ends_in_time)
{
	struct reply_verdict a = cached_answer(1, 100);
	struct timespec tick;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	a.lease.us = 200000;
	cached_keep("a", &a);
	now += 200 * MS - tick.tv_nsec - 1;
	ck_assert(cached_accepts("a"));
	now++;
	ck_assert(!cached_accepts("a"));
	now += 1000 * NS_PER_S;
	ck_assert(!cached_accepts("a"));
}
END_TEST

START_TEST(a_lease_shorter_than_a_tick_is_none)
{
	struct reply_verdict a = cached_answer(1, 100);
	struct timespec tick;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	a.lease.us = (uint32_t)(tick.tv_nsec / 1000);
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
	a.code = VERDICT_RATE_LIMITED;
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
}
END_TEST

START_TEST(no_lease_is_longer_than_may_be)
{
	struct reply_verdict a = cached_answer(1, 100);

	a.lease.us = 30 * LEASE_US_MAX;
	cached_keep("a", &a);
	ck_assert(cached_accepts("a"));
	now += NS_PER_S;
	ck_assert(!cached_accepts("a"));
	a.lease.us = LEASE_WAIT_MAX + 1;
	cached_keep("b", &a);
	ck_assert(!cached_accepts("b"));
	a = cached_answer(1, LEASE_USES_MAX + 1);
	cached_keep("c", &a);
	ck_assert(!cached_accepts("c"));
}
END_TEST

START_TEST(the_clock_is_not_ahead)
{
	for (int i = 0; i < 1000; i++) {
		int64_t coarse = cache_now();
		struct timespec ts;

		clock_gettime(CLOCK_MONOTONIC, &ts);
		ck_assert_int_le(coarse, ts.tv_sec * NS_PER_S + ts.tv_nsec);
		ck_assert_int_gt(coarse, 0);
	}
}
END_TEST

static void
void_key(void)
{
	atomic_fetch_add(&page.counters[KEY_AT], 1);
}

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

static void (*const ends[])(void) = { void_key, void_org, void_policy,
	end_cleanly, die, die_with_waiters, die_with_an_id };

/* Runs for each way in which a verdict may cease to hold. */
START_TEST(what_holds_no_more_is_not_given)
{
	struct reply_verdict limited = cached_answer(1, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	limited.code = VERDICT_RATE_LIMITED;
	keep("a", 10);
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
	keep("a", 10);
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

	void_key();
	cached_keep("a", &a);
	ck_assert(!cached_accepts("a"));
	keep("a", 10);
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

START_TEST(a_key_used_too_often_is_refused_until_its_time)
{
	struct reply_verdict a = cached_answer(0, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	a.code = VERDICT_RATE_LIMITED;
	a.retry_after = 3;
	a.remaining = 0;
	a.lease.us = 2500000;
	cached_keep("a", &a);
	for (int64_t left = 2500; left > 10; left -= 100, now += 100 * MS) {
		int64_t s = (left + 999) / 1000;

		ck_assert(cached_look("a", &status, &v));
		ck_assert_int_eq(status, KEYD_RATE_LIMITED);
		/* The lease ends a tick before. */
		ck_assert_int_le(v.retry_after, s);
		ck_assert_int_ge(v.retry_after, (left - 10 + 999) / 1000);
		ck_assert_uint_ge(v.retry_after, 1);
		ck_assert_uint_eq(v.rate_limit, 6000);
		ck_assert_uint_eq(v.rate_remaining, 0);
		ck_assert_str_eq(v.key_id, "key_0123456789abcdef");
	}
	ck_assert(!cached_look("a", &status, &v));
}
END_TEST

START_TEST(a_refusal_is_not_used_up)
{
	struct reply_verdict a = cached_answer(0, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	a.code = VERDICT_RATE_LIMITED;
	cached_keep("a", &a);
	for (int i = 0; i < 100000; i++)
		ck_assert(cached_look("a", &status, &v));
}
END_TEST

START_TEST(a_refusal_that_takes_nothing_is_kept)
{
	static const enum verdict_code codes[] = { VERDICT_WRONG_ORG,
		VERDICT_FORBIDDEN };
	struct reply_verdict a = cached_answer(0, 0);
	struct keyd_verdict v;
	enum keyd_status status;

	a.code = (uint8_t)codes[_i];
	cached_keep("a", &a);
	for (int i = 0; i < 1000; i++) {
		ck_assert(cached_look("a", &status, &v));
		ck_assert_int_eq((int)status, (int)codes[_i]);
		ck_assert_uint_eq(v.retry_after, 0);
	}
	now += 1000 * MS;
	ck_assert(!cached_look("a", &status, &v));
}
END_TEST

/* A token that is unknown may be known in a moment; and so on. */
START_TEST(no_other_refusal_is_kept)
{
	for (int code = 0; code <= UINT8_MAX; code++) {
		struct reply_verdict a = cached_answer(1, 10);
		struct keyd_verdict v;
		enum keyd_status status;

		if (code == VERDICT_OK || code == VERDICT_RATE_LIMITED ||
		    code == VERDICT_WRONG_ORG || code == VERDICT_FORBIDDEN)
			continue;
		a.code = (uint8_t)code;
		cached_keep("a", &a);
		ck_assert(!cached_look("a", &status, &v));
	}
}
END_TEST

/* A text and what it must be; fills are of every length that it may have. */
static void
fill(char *text, size_t size, size_t len, char with)
{
	memset(text, 0, size);
	memset(text, with, len < size ? len : size - 1);
}

static void
assert_texts(const struct keyd_verdict *v, const struct reply_verdict *a)
{
	ck_assert_str_eq(v->key_id, a->id);
	ck_assert_str_eq(v->org, a->org);
	ck_assert_str_eq(v->user, a->user);
	ck_assert_str_eq(v->name, a->name);
	ck_assert_str_eq(v->project, a->project);
}

/* Lengths of the name and of the others; one long text makes an entry long. */
static void
keep_and_look(size_t name, size_t others)
{
	struct reply_verdict a = cached_answer(1, 10);
	struct keyd_verdict v;
	enum keyd_status status;

	memset(&v, 0xff, sizeof(v));
	fill(a.org, sizeof(a.org), others, 'o');
	fill(a.user, sizeof(a.user), others, 'u');
	fill(a.name, sizeof(a.name), name, 'n');
	fill(a.project, sizeof(a.project), others, 'p');
	cached_keep("a", &a);
	ck_assert(cached_look("a", &status, &v));
	assert_texts(&v, &a);
	void_key(); /* or this entry would be as good as the next */
}

START_TEST(texts_of_any_length_are_given_whole)
{
	for (size_t len = 0; len < KEYD_NAME_SIZE; len++) {
		keep_and_look(KEYD_NAME_SIZE - 1 - len, len);
		keep_and_look(len, len);
		keep_and_look(len, 3);
		keep_and_look(3, len);
	}
}
END_TEST

/* Each of them by itself, and what was there before is no matter. */
START_TEST(one_text_may_be_long)
{
	for (int which = 0; which < 8; which++) {
		struct reply_verdict a = cached_answer(1, 10);
		char *const text[] = { a.org, a.user, a.name, a.project };
		struct keyd_verdict v;
		enum keyd_status status;

		if (which % 2 == 0)
			fill(text[which / 2], KEYD_ORG_SIZE, SHORT * WORD, 'x');
		memset(&v, 0xff, sizeof(v));
		cached_keep("a", &a);
		ck_assert(cached_look("a", &status, &v));
		assert_texts(&v, &a);
		void_key();
	}
}
END_TEST

START_TEST(the_longest_texts_fit)
{
	struct reply_verdict a = cached_answer(1, 10);
	struct keyd_verdict v;
	enum keyd_status status;

	fill(a.org, sizeof(a.org), SIZE_MAX, 'o');
	fill(a.user, sizeof(a.user), SIZE_MAX, 'u');
	fill(a.name, sizeof(a.name), SIZE_MAX, 'n');
	fill(a.project, sizeof(a.project), SIZE_MAX, 'p');
	for (int i = 0; i < 100; i++) {
		char token[16];

		snprintf(token, sizeof(token), "%d", i);
		a.name[0] = (char)('!' + i % 90);
		cached_keep(token, &a);
		ck_assert(cached_look(token, &status, &v));
		ck_assert_str_eq(v.name, a.name);
		ck_assert_str_eq(v.project, a.project);
		ck_assert_str_eq(v.org, a.org);
	}
}
END_TEST

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
	keep("e", 10);
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
		keep(tokens[i], 10);
	met.lease.us = 0;
	cached_keep("e", &met);
	for (size_t i = 0; i < WAYS; i++)
		ck_assert(cached_accepts(tokens[i]));
}
END_TEST

/* With one set for each tag, some of them would have none of the four. */
START_TEST(an_eighth_full_all_are_kept)
{
	char token[16];

	cache_free(cache);
	cached_setup(4096);
	for (int i = 0; i < 512; i++) {
		snprintf(token, sizeof(token), "%d", i);
		keep(token, 10);
	}
	for (int i = 0; i < 512; i++) {
		snprintf(token, sizeof(token), "%d", i);
		ck_assert_msg(cached_accepts(token), "%d", i);
	}
}
END_TEST

START_TEST(a_child_finds_nothing_and_works)
{
	struct cache_tag before = cached_tag("a", "");
	int status;
	pid_t pid;

	keep("a", 10);
	ck_assert(cached_accepts("a"));
	if ((pid = fork()) == 0) {
		struct keyd_verdict v;
		enum keyd_status known;
		bool good = !cache_look(cache, &before, now, &known, &v) &&
		    !cached_accepts("a") && cached_wish("a").count == 0 &&
		    cached_tag("a", "").half[0] != before.half[0];

		keep("a", 3);
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
			fill(a.name, sizeof(a.name), 100, 'n');
		snprintf(token, sizeof(token), "%d", i);
		cached_keep(token, &a);
		void_key();
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
	Suite *s = suite_create("cache");
	TCase *tc = tcase_create("cache");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_known_at_first);
	tcase_add_test(tc, what_was_kept_is_given);
	tcase_add_test(tc, the_rate_is_counted_on);
	tcase_add_test(tc, without_a_limit_there_is_no_rate);
	tcase_add_test(tc, the_permission_is_part_of_the_question);
	tcase_add_test(tc, pairs_of_other_lengths_have_other_tags);
	tcase_add_test(tc, each_byte_of_a_pair_counts);
	tcase_add_test(tc, what_is_longer_than_any_token_has_no_tag);
	tcase_add_test(tc, a_tag_is_of_one_cache);
	tcase_add_test(tc, a_lease_is_for_so_many_calls);
	tcase_add_test(tc, a_lease_ends_in_time);
	tcase_add_test(tc, a_lease_shorter_than_a_tick_is_none);
	tcase_add_test(tc, no_lease_is_longer_than_may_be);
	tcase_add_test(tc, the_clock_is_not_ahead);
	tcase_add_loop_test(tc, what_holds_no_more_is_not_given, 0,
	    sizeof(ends) / sizeof(*ends));
	tcase_add_test(tc, what_others_rest_on_is_no_matter);
	tcase_add_test(tc, what_never_held_is_not_given);
	tcase_add_test(tc, an_answer_of_another_page_is_not_kept);
	tcase_add_test(tc, pages_of_two_lives_are_told_apart);
	tcase_add_test(tc, a_key_used_too_often_is_refused_until_its_time);
	tcase_add_test(tc, a_refusal_is_not_used_up);
	tcase_add_loop_test(tc, a_refusal_that_takes_nothing_is_kept, 0, 2);
	tcase_add_test(tc, no_other_refusal_is_kept);
	tcase_add_test(tc, texts_of_any_length_are_given_whole);
	tcase_add_test(tc, one_text_may_be_long);
	tcase_add_test(tc, the_longest_texts_fit);
	tcase_add_test(tc, the_one_whose_end_is_nearest_makes_room);
	tcase_add_test(tc, a_lease_is_not_driven_out_by_what_has_none);
	tcase_add_test(tc, an_eighth_full_all_are_kept);
	tcase_add_test(tc, a_child_finds_nothing_and_works);
	tcase_add_test(tc, memory_is_wiped_at_the_end);
	tcase_add_test(tc, no_cache_is_nothing_to_free);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
