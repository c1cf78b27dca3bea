/* SPDX-License-Identifier: ISC */
/*
 * cache_table.h - how the cache lies in memory; for the cache's own sources.
 *
 * A slot is one cache line with all that decides, a body has what a verdict
 * says.  The two are four lines in a row, at places that do not depend on what
 * is in them, so that a look waits for all of them at once.  The last one has
 * the tails of texts, which most are too short for; texts that are too long for
 * that lie elsewhere.  Every word is atomic: a reader that sees a torn
 * entry notices, since the version in the slot's state is another one by then,
 * or odd, and what it read makes no difference.
 */
#ifndef KEYD_CACHE_TABLE_H
#define KEYD_CACHE_TABLE_H

#include <stdalign.h>
#include <stdatomic.h>

#include "cache.h"

#define WAYS 4U       /* entries of a set */
#define PLACES_MAX 8U /* that a tag may be in: two sets */
#define HEAD 2U       /* words of a text in the third line */
#define TAIL 2U       /* and in the fourth: 31 bytes and a zero in all */
#define NS_PER_S INT64_C(1000000000)

/* Words of a slot. */
enum {
	STATE, /* version << 32 | calls left; an odd version is being written */
	TAG,   /* two */
	END = 3, /* of the lease, ns */
	VALUES,  /* of the counters: key's << 32 | org's */
	PAGE,    /* the address of the bulletin */
	PLACES,  /* policy's value << 32 | org's counter << 16 | key's */
	SHAPE,   /* LONG, TAILED or neither | status */
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
	ID,      /* three */
	HEADS = ID + 3, /* of org, user, name and project */
	TAILS = HEADS + 4 * HEAD,
	BODY_WORDS = TAILS + 4 * TAIL
};

/* What is where among the heads, and among the tails. */
enum { ORG, USER, NAME, PROJECT };

#define ASKED (UINT64_C(1) << 32)
#define LONG (1U << 8)   /* one of the texts does not fit into a body */
#define TAILED (1U << 9) /* one of them does not fit into its head */
#define WORD sizeof(uint64_t)

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

/* Of an entry whose texts are LONG. */
struct texts {
	_Atomic uint64_t id[KEYD_ID_SIZE / WORD];
	_Atomic uint64_t org[KEYD_ORG_SIZE / WORD];
	_Atomic uint64_t user[KEYD_USER_SIZE / WORD];
	_Atomic uint64_t name[KEYD_NAME_SIZE / WORD];
	_Atomic uint64_t project[KEYD_PROJECT_SIZE / WORD];
};

_Static_assert(KEYD_ID_SIZE == (HEADS - ID) * WORD, "an id fits");
_Static_assert(sizeof(struct slot) == 64, "a cache line");
_Static_assert(sizeof(struct entry) == 4 * 64, "four of them");

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
	struct texts *texts; /* long ones, each of the entry with its number */
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
	uint64_t first = t->half[i / WAYS] & (c->entries - 1);

	return (first & ~(uint64_t)(WAYS - 1)) + (first + i) % WAYS;
}

static inline bool
has_tag(const struct slot *s, const struct cache_tag *t)
{
	uint64_t first = get(&s->word[TAG]) ^ t->half[0];

	return (first | (get(&s->word[TAG + 1]) ^ t->half[1])) == 0;
}

/* Those of the entry, if they are LONG. */
static inline struct texts *
texts_of(const struct cache *c, const struct entry *e)
{
	return &c->texts[e - c->entry];
}

/* Does the entry with this place in memory still rest on what is true? */
static inline bool
cache_holds(const struct slot *s)
{
	const struct bulletin *b =
	    (const struct bulletin *)(uintptr_t)get(&s->word[PAGE]);
	uint64_t places = get(&s->word[PLACES]);
	uint64_t values = get(&s->word[VALUES]);
	uint64_t key, org, policy;

	if (b == NULL || !bulletin_is_alive(b))
		return false;
	key = get(&b->counters[places & 0xffff]) ^ values >> 32;
	org = get(&b->counters[places >> 16 & 0xffff]) ^ values;
	policy = get(&b->policy) ^ places >> 32;
	return (uint32_t)(key | org | policy) == 0;
}

#endif /* KEYD_CACHE_TABLE_H */
