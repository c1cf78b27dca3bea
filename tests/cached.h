/* SPDX-License-Identifier: ISC */
/*
 * cached.h - a cache, the page that it believes, and a clock that stands still.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_CACHED_H
#define KEYD_TESTS_CACHED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cache_table.h"
#include "scratch.h"

#define MS INT64_C(1000000) /* ns */
#define KEY_AT 11
#define ORG_AT (BULLETIN_COUNTERS - 1)

static struct bulletin page = { .layout = BULLETIN_LAYOUT,
	.id = 77,
	.alive = 4711,
	.policy = 6 };
static struct cache *cache;
static int64_t now = 1000 * NS_PER_S;

static inline void
cached_setup(size_t entries)
{
	cache = cache_new(entries);
	ck_assert_ptr_nonnull(cache);
}

/* Few entries: enough for most tests. */
static inline void
setup(void)
{
	cached_setup(64);
}

static inline void
teardown(void)
{
	cache_free(cache);
}

/* What keyd says now, with a lease of so many calls. */
static inline struct reply_verdict
cached_answer(uint64_t id, uint32_t uses)
{
	return (struct reply_verdict){ .code = VERDICT_OK,
		.limit = 6000,
		.remaining = 50,
		.reset = 3,
		.expires = 2000000000,
		.id = "key_0123456789abcdef",
		.org = "acme",
		.user = "alice",
		.name = "ci",
		.project = "demo",
		.lease = { .id = id,
		    .uses = uses,
		    .us = LEASE_US_MAX,
		    .stamp = { .page = atomic_load(&page.id),
			.key_at = KEY_AT,
			.org_at = ORG_AT,
			.key = atomic_load(&page.counters[KEY_AT]),
			.org = atomic_load(&page.counters[ORG_AT]),
			.policy = atomic_load(&page.policy) } } };
}

static inline struct cache_tag
cached_tag(const char *token, const char *permission)
{
	struct cache_tag t;

	cache_tag(cache, text_span(token), text_span(permission), &t);
	ck_assert(t.good);
	return t;
}

static inline void
cached_keep(const char *token, const struct reply_verdict *a)
{
	struct cache_tag t = cached_tag(token, "");

	cache_keep(cache, &t, now, &page, a);
}

/* Keeps a yes with a lease of so many calls. */
static inline void
cached_lease(const char *token, uint32_t uses)
{
	struct reply_verdict a = cached_answer(1, uses);

	cached_keep(token, &a);
}

static inline void
cached_void_key(void)
{
	atomic_fetch_add(&page.counters[KEY_AT], 1);
}

/* As long as it shall be, or as it may be. */
static inline void
cached_fill(char *text, size_t size, size_t len, char with)
{
	memset(text, 0, size);
	memset(text, with, len < size ? len : size - 1);
}

static inline bool
cached_look(const char *token, enum keyd_status *status, struct keyd_verdict *v)
{
	struct cache_tag t = cached_tag(token, "");

	return cache_look(cache, &t, now, status, v);
}

/* Is it accepted from memory? */
static inline bool
cached_accepts(const char *token)
{
	struct keyd_verdict v;
	enum keyd_status status;

	return cached_look(token, &status, &v) && status == KEYD_OK;
}

/* How often it is accepted until it is not. */
static inline unsigned
cached_use_up(const char *token)
{
	unsigned n = 0;

	while (cached_accepts(token))
		n++;
	return n;
}

static inline struct lease_wish
cached_wish(const char *token)
{
	struct cache_tag t = cached_tag(token, "");
	struct lease_wish wish;

	cache_wish(cache, &t, now, &wish);
	ck_assert(wish.wanted);
	return wish;
}

#endif /* KEYD_TESTS_CACHED_H */
