/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "generations.h"

struct generations {
	struct bulletin *page;
	_Atomic uint64_t settled; /* how often */
	bool touched;             /* the writer's: something is odd */
	uint8_t key[crypto_shorthash_KEYBYTES];
};

struct generations *
generations_new(struct bulletin *b)
{
	struct generations *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->page = b;
	randombytes_buf(g->key, sizeof(g->key));
	return g;
}

void
generations_free(struct generations *g)
{
	free(g);
}

/* Serials follow each other, so neighbours get counters of their own. */
static uint16_t
key_at(uint64_t serial)
{
	return (uint16_t)(serial % BULLETIN_COUNTERS);
}

static uint16_t
org_at(const struct generations *g, const char *slug)
{
	uint64_t hash;

	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)slug,
	    strlen(slug), g->key);
	return (uint16_t)(hash % BULLETIN_COUNTERS);
}

static void
touch(struct generations *g, uint16_t at)
{
	atomic_fetch_or(&g->page->counters[at], 1);
	g->touched = true;
}

void
generations_touch_key(struct generations *g, uint64_t serial)
{
	touch(g, key_at(serial));
}

void
generations_touch_org(struct generations *g, const char *slug)
{
	touch(g, org_at(g, slug));
}

void
generations_touch_all(struct generations *g)
{
	for (uint16_t i = 0; i < BULLETIN_COUNTERS; i++)
		touch(g, i);
}

/* Counted before the first counter is even: whoever sees an even one, and has
   an older view, sees that it is older. */
void
generations_settle(struct generations *g)
{
	if (!g->touched)
		return;
	atomic_fetch_add(&g->settled, 1);
	for (unsigned i = 0; i < BULLETIN_COUNTERS; i++)
		if ((atomic_load(&g->page->counters[i]) & 1) != 0)
			atomic_fetch_add(&g->page->counters[i], 1);
	g->touched = false;
}

uint64_t
generations_mark(const struct generations *g)
{
	return atomic_load(&g->settled);
}

bool
generations_stamp(const struct generations *g, uint64_t mark, uint64_t serial,
    const char *slug, struct stamp *s)
{
	s->page = atomic_load(&g->page->id);
	s->key_at = key_at(serial);
	s->org_at = org_at(g, slug);
	s->key = atomic_load(&g->page->counters[s->key_at]);
	s->org = atomic_load(&g->page->counters[s->org_at]);
	s->policy = atomic_load(&g->page->policy);
	return ((s->key | s->org) & 1) == 0 && atomic_load(&g->settled) == mark;
}

uint64_t
generations_of_key(const struct generations *g, uint64_t serial)
{
	return atomic_load(&g->page->counters[key_at(serial)]);
}

bool
generations_hold_org(const struct generations *g, const struct stamp *s)
{
	return atomic_load(&g->page->counters[s->org_at]) == s->org &&
	    atomic_load(&g->page->policy) == s->policy;
}

void
generations_void_all(struct generations *g)
{
	atomic_fetch_add(&g->page->policy, 2);
}
