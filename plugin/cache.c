/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <stdlib.h>
#include <time.h>

#include <sodium.h>

#include "cache_table.h"

static size_t
round_up(size_t entries)
{
	size_t n = WAYS;

	while (n < entries && n < CACHE_ENTRIES_MAX)
		n *= 2;
	return n;
}

static int64_t
in_ns(const struct timespec *ts)
{
	return ts->tv_sec * NS_PER_S + ts->tv_nsec;
}

int64_t
cache_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return in_ns(&ts);
}

/* What is in it is nobody else's: not a child's, nor a core dump's. */
static bool
map(struct cache *c)
{
	size_t head = (sizeof(struct area) + 63) / 64 * 64;
	size_t often = head + c->entries * sizeof(struct entry);
	uint8_t *p;

	c->size =
	    often + c->entries * (sizeof(struct texts) + sizeof(uint64_t));
	p = mmap(NULL, c->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	if (madvise(p, c->size, MADV_WIPEONFORK) != 0) {
		munmap(p, c->size);
		return false;
	}
	(void)madvise(p, c->size, MADV_DONTDUMP);
	(void)madvise(p, often, MADV_HUGEPAGE);
	c->area = (struct area *)p;
	c->entry = (struct entry *)(p + head);
	c->texts = (struct texts *)(c->entry + c->entries);
	c->due = (uint64_t *)(c->texts + c->entries);
	return true;
}

struct cache *
cache_new(size_t entries)
{
	struct cache *c = calloc(1, sizeof(*c));
	struct timespec tick = { 0, 0 };

	if (c == NULL)
		return NULL;
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	c->tick = in_ns(&tick);
	c->entries = round_up(entries);
	if (map(c))
		return c;
	free(c);
	return NULL;
}

/* Memory that nothing was ever written to is not made to exist. */
static void
wipe(struct cache *c, size_t at)
{
	if (c->entry[at].slot.word[STATE] == 0)
		return;
	sodium_memzero(&c->entry[at], sizeof(c->entry[at]));
	if (c->texts[at].id[0] != 0)
		sodium_memzero(&c->texts[at], sizeof(c->texts[at]));
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	sodium_memzero(c->area, sizeof(*c->area));
	for (size_t i = 0; i < c->entries; i++)
		wipe(c, i);
	munmap(c->area, c->size);
	free(c);
}
