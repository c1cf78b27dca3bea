/* SPDX-License-Identifier: ISC */
/*
 * cache_table.h - how the cache lies in memory; for the cache's own sources.
 *
 * A slot is one cache line with all that decides, a body has what a verdict
 * says.  Every word is atomic: a reader that sees a torn entry notices, since
 * the version in the slot's state is another one by then, or odd, and what it
 * read makes no difference.
 */
#ifndef KEYD_CACHE_TABLE_H
#define KEYD_CACHE_TABLE_H

#include <stdalign.h>
#include <stdatomic.h>

#include "cache.h"

#define WAYS 4U       /* entries of a set */
#define PLACES_MAX 8U /* that a tag may be in: two sets */
#define NS_PER_S INT64_C(1000000000)

/* Words of a slot. */
enum {
	STATE, /* version << 32 | calls left; an odd version is being written */
	TAG,   /* two */
	END = 3, /* of the lease, ns */
	VALUES,  /* of the counters: key's << 32 | org's */
	PAGE,    /* the address of the bulletin */
	PLACES,  /* policy's value << 32 | org's counter << 16 | key's */
	SHAPE,   /* words of project, name, user, org << 8 each | status */
	SLOT_WORDS
};

/* Words of a body. */
enum {
	RATE,    /* remaining << 32 | limit */
	FULL_AT, /* when the whole burst is back, ns */
	EXPIRES,
	GRANTED, /* asked << 32 | calls at first; asked: someone asks for more
		  */
	LEASE,   /* id, until its uses are reported */
	TEXTS,
	BODY_WORDS = 64
};

#define ASKED (UINT64_C(1) << 32)
#define WORD sizeof(uint64_t)
#define ID_WORDS (KEYD_ID_SIZE / WORD)

struct slot {
	alignas(64) _Atomic uint64_t word[SLOT_WORDS];
};

struct body {
	_Atomic uint64_t word[BODY_WORDS];
};

/* Next to each other, since a look that finds one needs both. */
struct entry {
	struct slot slot;
	struct body body;
};

_Static_assert(sizeof(struct slot) == 64, "a cache line");
_Static_assert(sizeof(struct entry) == 64 + BODY_WORDS * WORD, "no gap");
_Static_assert(TEXTS +
	    (KEYD_ID_SIZE + KEYD_ORG_SIZE + KEYD_USER_SIZE + KEYD_NAME_SIZE +
		KEYD_PROJECT_SIZE) /
		WORD <=
	BODY_WORDS,
    "the longest texts fit");

#define PENDING_MAX 256 /* reports that wait for a question to go with */

/* Zero in a child, with the entries behind it. */
struct area {
	atomic_uint ready; /* 2: there is a key */
	uint64_t key[2];
	atomic_flag busy; /* over all below */
	unsigned pending;
	struct lease_report reports[PENDING_MAX];
	uint64_t first; /* of the due ones; they are first to next - 1 */
	uint64_t next;
};

struct cache {
	size_t entries; /* a power of two */
	int64_t tick;   /* ns that the clock may lag */
	size_t size;    /* of the area and all behind it */
	struct area *area;
	struct entry *entry;
	uint64_t *due; /* version << 32 | entry, in the order of their ends */
};

static inline uint32_t
version_of(uint64_t state)
{
	return (uint32_t)(state >> 32);
}

static inline bool
is_locked(uint64_t state)
{
	return (version_of(state) & 1) != 0;
}

static inline uint64_t
get(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_acquire);
}

static inline void
put(_Atomic uint64_t *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_release);
}

/* The i-th of the entries that the tag may be in: all of one set, then all of
   another, so that few sets are ever too small. */
static inline size_t
place_of(const struct cache *c, const struct cache_tag *t, unsigned i)
{
	uint64_t set = i < WAYS ? t->half[0] : t->half[1] / WAYS;

	return (set & (c->entries - 1) & ~(size_t)(WAYS - 1)) +
	    (t->half[1] + i) % WAYS;
}

static inline bool
has_tag(const struct slot *s, const struct cache_tag *t)
{
	return get(&s->word[TAG]) == t->half[0] &&
	    get(&s->word[TAG + 1]) == t->half[1];
}

/* Does the entry with this place in memory still rest on what is true? */
bool cache_holds(const struct slot *s);

#endif /* KEYD_CACHE_TABLE_H */
