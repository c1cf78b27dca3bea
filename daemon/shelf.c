/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "shelf.h"

#define SLOTS (2 * SHELF_ENTRIES) /* at most half of them are taken */
#define HINTS 2048 /* so many kinds of keys are told apart in a slot */
#define LINE 64    /* bytes that memory comes in */

struct entry {
	struct tag tag;
	uint8_t rest[SHELF_ENTRY - sizeof(struct tag)];
};

_Static_assert(sizeof(struct entry) == SHELF_ENTRY, "an entry's size");
_Static_assert(HINTS < 1 << (32 - SHELF_NUMBER_BITS), "a hint beside a number");

struct shelf {
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES];
	uint32_t *slots; /* a hint and the number of an entry; 0: empty */
	struct entry *entries;
	uint32_t count;
	uint32_t oldest; /* when all are taken */
};

/* Pages that are zero, and take no memory before they are written. */
static void *
map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	(void)madvise(p, size, MADV_HUGEPAGE);
	(void)madvise(p, size, MADV_DONTDUMP);
	return p;
}

static void
unmap(void *p, size_t size)
{
	if (p != NULL)
		(void)munmap(p, size);
}

struct shelf *
shelf_new(void)
{
	struct shelf *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	randombytes_buf(s->key, sizeof(s->key));
	s->slots = map(SLOTS * sizeof(*s->slots));
	s->entries = map(SHELF_ENTRIES * sizeof(*s->entries));
	if (s->slots != NULL && s->entries != NULL)
		return s;
	shelf_free(s);
	return NULL;
}

/* The kernel gives memory to nobody else before it is zero. */
void
shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	unmap(s->slots, SLOTS * sizeof(*s->slots));
	unmap(s->entries, SHELF_ENTRIES * sizeof(*s->entries));
	sodium_memzero(s, sizeof(*s));
	free(s);
}

struct tag
shelf_tag(const struct shelf *s, const uint8_t digest[DIGEST_SIZE])
{
	uint8_t hash[crypto_shorthash_siphashx24_BYTES];
	struct tag tag;

	crypto_shorthash_siphashx24(hash, digest, DIGEST_SIZE, s->key);
	memcpy(&tag, hash, sizeof(tag));
	return tag;
}

static bool
is_same(const struct tag *a, const struct tag *b)
{
	return ((a->place ^ b->place) | (a->rest[0] ^ b->rest[0]) |
		   (a->rest[1] ^ b->rest[1])) == 0;
}

static uint32_t
home_of(const struct tag *tag)
{
	return tag->place % SLOTS;
}

/* What a slot says of the entry: never 0, and most others say another. */
static uint32_t
hint_of(const struct tag *tag)
{
	return (tag->rest[0] % HINTS + 1) << SHELF_NUMBER_BITS;
}

static bool
has_hint(uint32_t slot, const struct tag *tag)
{
	return (slot & ~(SHELF_ENTRIES - 1)) == hint_of(tag);
}

static struct entry *
entry_of(const struct shelf *s, uint32_t slot)
{
	return &s->entries[slot % SHELF_ENTRIES];
}

/* Where the slot with this tag is, or the empty one where it would be. */
static uint32_t
place_of(const struct shelf *s, const struct tag *tag)
{
	uint32_t i = home_of(tag);

	while (s->slots[i] != 0 &&
	    !(has_hint(s->slots[i], tag) &&
		is_same(&entry_of(s, s->slots[i])->tag, tag)))
		i = (i + 1) % SLOTS;
	return i;
}

void *
shelf_find(const struct shelf *s, const struct tag *tag)
{
	uint32_t slot = s->slots[place_of(s, tag)];

	return slot != 0 ? entry_of(s, slot) : NULL;
}

/* Would what is at i still be found if it lay at the hole before it? */
static bool
may_move(const struct shelf *s, uint32_t i, uint32_t hole)
{
	uint32_t home = home_of(&entry_of(s, s->slots[i])->tag);

	return (i - home) % SLOTS >= (i - hole) % SLOTS;
}

static void
empty(struct shelf *s, uint32_t hole)
{
	uint32_t i = hole;

	while (s->slots[i = (i + 1) % SLOTS] != 0) {
		if (!may_move(s, i, hole))
			continue;
		s->slots[hole] = s->slots[i];
		hole = i;
	}
	s->slots[hole] = 0;
}

/* The number of an entry that no slot leads to. */
static uint32_t
spare(struct shelf *s)
{
	uint32_t number = s->oldest;

	if (s->count < SHELF_ENTRIES)
		return s->count++;
	empty(s, place_of(s, &s->entries[number].tag));
	s->oldest = (number + 1) % SHELF_ENTRIES;
	return number;
}

void *
shelf_take(struct shelf *s, const struct tag *tag)
{
	uint32_t i = place_of(s, tag);
	uint32_t number;

	if (s->slots[i] != 0)
		return entry_of(s, s->slots[i]);
	number = spare(s);
	s->entries[number].tag = *tag;
	s->slots[place_of(s, tag)] = hint_of(tag) | number;
	return &s->entries[number];
}

void
shelf_clear(struct shelf *s)
{
	memset(s->slots, 0, SLOTS * sizeof(*s->slots));
	s->count = s->oldest = 0;
}

void
shelf_fetch_slot(const struct shelf *s, const struct tag *tag)
{
	__builtin_prefetch(&s->slots[home_of(tag)]);
}

void
shelf_fetch_entry(const struct shelf *s, const struct tag *tag)
{
	uint32_t i = home_of(tag);
	const uint8_t *at;

	while (s->slots[i] != 0 && !has_hint(s->slots[i], tag))
		i = (i + 1) % SLOTS;
	if (s->slots[i] == 0)
		return;
	at = (const uint8_t *)entry_of(s, s->slots[i]);
	__builtin_prefetch(at);
	__builtin_prefetch(at + LINE);
}
