/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "serials.h"

#define SLOTS_MIN 64 /* a power of two, as all sizes are */

struct serials {
	uint64_t key[2];
	size_t slot_size; /* a serial, 0 for an empty slot; then its entry */
	size_t mask;      /* slots less one */
	size_t count;
	uint8_t *slots;
};

static uint8_t *
slot_at(const struct serials *s, size_t i)
{
	return s->slots + i * s->slot_size;
}

static uint64_t
serial_at(const struct serials *s, size_t i)
{
	uint64_t serial;

	memcpy(&serial, slot_at(s, i), sizeof(serial));
	return serial;
}

static void *
entry_at(const struct serials *s, size_t i)
{
	return slot_at(s, i) + sizeof(uint64_t);
}

/* Nobody sees a place, and keyd gives the serials: so a product under a secret
   key is enough, in a tenth of the time of a SipHash. */
static size_t
home_of(const struct serials *s, uint64_t serial)
{
	unsigned __int128 product =
	    (unsigned __int128)(serial ^ s->key[0]) * (s->key[1] | 1);

	return (size_t)((uint64_t)(product >> 64) ^ (uint64_t)product) &
	    s->mask;
}

/* Where the serial is, or the empty slot where it would be. */
static size_t
place_of(const struct serials *s, uint64_t serial)
{
	size_t i = home_of(s, serial);

	while (serial_at(s, i) != serial && serial_at(s, i) != 0)
		i = (i + 1) & s->mask;
	return i;
}

struct serials *
serials_new(size_t entry_size)
{
	struct serials *s = calloc(1, sizeof(*s));
	size_t align = sizeof(uint64_t);

	if (s == NULL)
		return NULL;
	randombytes_buf(s->key, sizeof(s->key));
	s->slot_size = align + (entry_size + align - 1) / align * align;
	s->mask = SLOTS_MIN - 1;
	s->slots = calloc(SLOTS_MIN, s->slot_size);
	if (s->slots == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
serials_free(struct serials *s)
{
	if (s == NULL)
		return;
	free(s->slots);
	free(s);
}

void *
serials_find(const struct serials *s, uint64_t serial)
{
	size_t i = place_of(s, serial);

	return serial != 0 && serial_at(s, i) == serial ? entry_at(s, i) : NULL;
}

static bool
is_full(const struct serials *s)
{
	return s->count >= (s->mask + 1) / 4 * 3;
}

static bool
grow(struct serials *s)
{
	struct serials old = *s;
	size_t slots = (old.mask + 1) * 2;

	s->slots = calloc(slots, s->slot_size);
	if (s->slots == NULL) {
		*s = old;
		return false;
	}
	s->mask = slots - 1;
	for (size_t i = 0; i <= old.mask; i++) {
		uint64_t serial = serial_at(&old, i);

		if (serial != 0)
			memcpy(slot_at(s, place_of(s, serial)),
			    slot_at(&old, i), s->slot_size);
	}
	free(old.slots);
	return true;
}

void *
serials_add(struct serials *s, uint64_t serial)
{
	size_t i = place_of(s, serial);

	if (serial_at(s, i) == serial)
		return entry_at(s, i);
	if (is_full(s)) {
		if (!grow(s))
			return NULL;
		i = place_of(s, serial);
	}
	memset(slot_at(s, i), 0, s->slot_size);
	memcpy(slot_at(s, i), &serial, sizeof(serial));
	s->count++;
	return entry_at(s, i);
}

/* Would what is at i still be found if it lay at the hole before it? */
static bool
may_move(const struct serials *s, size_t i, size_t hole)
{
	size_t home = home_of(s, serial_at(s, i));

	return ((i - home) & s->mask) >= ((i - hole) & s->mask);
}

/* Nothing is left behind that would have to be passed over. */
static void
empty(struct serials *s, size_t hole)
{
	size_t i = hole;

	while (serial_at(s, i = (i + 1) & s->mask) != 0) {
		if (!may_move(s, i, hole))
			continue;
		memcpy(slot_at(s, hole), slot_at(s, i), s->slot_size);
		hole = i;
	}
	memset(slot_at(s, hole), 0, s->slot_size);
	s->count--;
}

void
serials_remove(struct serials *s, uint64_t serial)
{
	size_t i = place_of(s, serial);

	if (serial != 0 && serial_at(s, i) == serial)
		empty(s, i);
}

void
serials_fetch(const struct serials *s, uint64_t serial)
{
	if (serial != 0)
		__builtin_prefetch(slot_at(s, home_of(s, serial)));
}

size_t
serials_count(const struct serials *s)
{
	return s->count;
}

void *
serials_next(const struct serials *s, size_t *cursor, uint64_t *serial)
{
	while (*cursor <= s->mask) {
		size_t i = (*cursor)++;

		if ((*serial = serial_at(s, i)) != 0)
			return entry_at(s, i);
	}
	return NULL;
}

/* What moves into an emptied slot is looked at there; what came round the end
   is looked at a second time, which does no harm. */
void
serials_sift(struct serials *s, serials_drop *drop, void *arg)
{
	size_t i = 0;

	while (i <= s->mask) {
		uint64_t serial = serial_at(s, i);

		if (serial != 0 && drop(arg, serial, entry_at(s, i)))
			empty(s, i);
		else
			i++;
	}
}
