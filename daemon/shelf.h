/* SPDX-License-Identifier: ISC */
/*
 * shelf.h - a table in memory of a fixed number of entries, found by digest.
 *
 * Digests are not kept but a SipHash of them, under a key drawn at each start,
 * so that nobody can make two that are alike or that share a place.  Entries
 * fill up in order, so that memory is touched as it is needed; when all are
 * taken the oldest gives way.
 */
#ifndef KEYD_SHELF_H
#define KEYD_SHELF_H

#include <stdint.h>

#include "model.h"

#define SHELF_NUMBER_BITS 20
#define SHELF_ENTRIES (1U << SHELF_NUMBER_BITS)
#define SHELF_ENTRY 96 /* bytes: a cache line and a half; and 8 of slots */

/* What an entry begins with. */
struct tag {
	uint32_t place; /* decides on the slot */
	uint32_t rest[2];
};

struct shelf;

struct shelf *shelf_new(void);    /* NULL without memory */
void shelf_free(struct shelf *s); /* NULL is fine; wiped */

struct tag shelf_tag(const struct shelf *s, const uint8_t digest[DIGEST_SIZE]);

/* NULL when there is none.  It stays until the next is taken. */
void *shelf_find(const struct shelf *s, const struct tag *tag);
/* The one with this tag, its own or a new one of any content. */
void *shelf_take(struct shelf *s, const struct tag *tag);
void shelf_clear(struct shelf *s);

/* Have it brought near: first the slot, and the entry when that is there. */
void shelf_fetch_slot(const struct shelf *s, const struct tag *tag);
void shelf_fetch_entry(const struct shelf *s, const struct tag *tag);

#endif /* KEYD_SHELF_H */
