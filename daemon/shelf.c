/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "shelf.h"

#define UNIT 8U /* bytes that entries are a multiple of */
#define HEAD_UNITS (sizeof(struct shelf_head) / UNIT)
#define TYPICAL_UNITS (SHELF_TYPICAL / UNIT)
#define LEAST_UNITS 8 /* of an entry */
#define LINE 64       /* bytes that memory comes in */

_Static_assert(sizeof(struct shelf_head) == HEAD_UNITS * UNIT, "whole units");
_Static_assert(SHELF_ENTRIES_MAX *TYPICAL_UNITS < UINT32_C(1) << 29,
    "a slot has bits for a hint");
_Static_assert(SHELF_ENTRY_MAX / UNIT + HEAD_UNITS <= UINT16_MAX, "any size");

struct shelf {
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES];
	uint32_t *slots; /* a hint and the place of an entry; 0: empty */
	uint32_t slot_count;
	uint32_t places; /* a power of two; slots less that have hints */
	uint8_t *bytes;
	uint32_t units; /* of the room */
	uint64_t head;  /* units that were ever taken */
	uint64_t tail;  /* and that gave way */
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

static uint32_t
power_above(uint64_t n)
{
	uint32_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

/* Slots for as many as may be, nine of ten taken; for typical ones it is half
   to three quarters. */
struct shelf *
shelf_new(uint64_t entries)
{
	struct shelf *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (entries > SHELF_ENTRIES_MAX)
		entries = SHELF_ENTRIES_MAX;
	randombytes_buf(s->key, sizeof(s->key));
	s->units = (uint32_t)entries * TYPICAL_UNITS;
	s->places = power_above(s->units);
	s->slot_count = power_above(s->units / LEAST_UNITS * 10 / 9 + 1);
	s->slots = map(s->slot_count * sizeof(*s->slots));
	s->bytes = map((size_t)s->units * UNIT);
	if (s->slots != NULL && s->bytes != NULL)
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
	unmap(s->slots, s->slot_count * sizeof(*s->slots));
	unmap(s->bytes, (size_t)s->units * UNIT);
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
	return ((a->slot ^ b->slot) | (a->rest[0] ^ b->rest[0]) |
		   (a->rest[1] ^ b->rest[1])) == 0;
}

static uint32_t
home_of(const struct shelf *s, const struct tag *tag)
{
	return tag->slot & (s->slot_count - 1);
}

/* What a slot says of the entry: never 0, and most others say another. */
static uint32_t
hint_of(const struct shelf *s, const struct tag *tag)
{
	uint32_t hint = tag->rest[0] & ~(s->places - 1);

	return hint != 0 ? hint : s->places;
}

static bool
has_hint(const struct shelf *s, uint32_t slot, const struct tag *tag)
{
	return (slot & ~(s->places - 1)) == hint_of(s, tag);
}

static struct shelf_head *
entry_at(const struct shelf *s, uint32_t place)
{
	return (struct shelf_head *)(s->bytes + (size_t)place * UNIT);
}

static struct shelf_head *
entry_of(const struct shelf *s, uint32_t slot)
{
	return entry_at(s, slot & (s->places - 1));
}

/* The slot with this tag, or the empty one that would be it. */
static uint32_t
slot_of(const struct shelf *s, const struct tag *tag)
{
	uint32_t i = home_of(s, tag);

	while (s->slots[i] != 0 &&
	    !(has_hint(s, s->slots[i], tag) &&
		is_same(&entry_of(s, s->slots[i])->tag, tag)))
		i = (i + 1) & (s->slot_count - 1);
	return i;
}

void *
shelf_find(const struct shelf *s, const struct tag *tag)
{
	uint32_t slot = s->slots[slot_of(s, tag)];

	return slot != 0 ? entry_of(s, slot) : NULL;
}

/* Would what is at i still be found if it lay at the hole before it? */
static bool
may_move(const struct shelf *s, uint32_t i, uint32_t hole)
{
	uint32_t home = home_of(s, &entry_of(s, s->slots[i])->tag);

	return ((i - home) & (s->slot_count - 1)) >=
	    ((i - hole) & (s->slot_count - 1));
}

static void
empty(struct shelf *s, uint32_t hole)
{
	uint32_t i = hole;

	while (s->slots[i = (i + 1) & (s->slot_count - 1)] != 0) {
		if (!may_move(s, i, hole))
			continue;
		s->slots[hole] = s->slots[i];
		hole = i;
	}
	s->slots[hole] = 0;
}

/* Another with the same tag may have come since. */
static void
give_way(struct shelf *s)
{
	uint32_t place = (uint32_t)(s->tail % s->units);
	const struct shelf_head *e = entry_at(s, place);
	uint32_t i = slot_of(s, &e->tag);

	if (s->slots[i] != 0 && (s->slots[i] & (s->places - 1)) == place)
		empty(s, i);
	s->tail += e->units;
}

static struct shelf_head *
append(struct shelf *s, const struct tag *tag, uint32_t units)
{
	struct shelf_head *e;

	while (s->units - (s->head - s->tail) < units)
		give_way(s);
	e = entry_at(s, (uint32_t)(s->head % s->units));
	*e = (struct shelf_head){ *tag, (uint16_t)units, 0 };
	s->head += units;
	return e;
}

/* No entry lies across the end: what is left over there has no slot. */
static void
fill_up(struct shelf *s, uint32_t left)
{
	static const struct tag none;

	(void)append(s, &none, left);
}

void *
shelf_take(struct shelf *s, const struct tag *tag, size_t size)
{
	uint32_t units = (uint32_t)((size + UNIT - 1) / UNIT);
	uint32_t left = s->units - (uint32_t)(s->head % s->units);
	uint32_t place, i;

	if (left < units)
		fill_up(s, left);
	else if (left > units && left - units < HEAD_UNITS)
		units = left;
	place = (uint32_t)(s->head % s->units);
	(void)append(s, tag, units);
	i = slot_of(s, tag);
	s->slots[i] = hint_of(s, tag) | place;
	return entry_at(s, place);
}

void
shelf_clear(struct shelf *s)
{
	memset(s->slots, 0, s->slot_count * sizeof(*s->slots));
	s->head = s->tail = 0;
}

void
shelf_fetch_slot(const struct shelf *s, const struct tag *tag)
{
	__builtin_prefetch(&s->slots[home_of(s, tag)]);
}

void
shelf_fetch_entry(const struct shelf *s, const struct tag *tag)
{
	uint32_t i = home_of(s, tag);
	const uint8_t *at;

	while (s->slots[i] != 0 && !has_hint(s, s->slots[i], tag))
		i = (i + 1) & (s->slot_count - 1);
	if (s->slots[i] == 0)
		return;
	at = (const uint8_t *)entry_of(s, s->slots[i]);
	__builtin_prefetch(at);
	__builtin_prefetch(at + LINE);
}
