/* SPDX-License-Identifier: ISC */
/*
 * shelf.h - entries of any length in a fixed room of memory, found by digest.
 *
 * Digests are not kept but a SipHash of them, under a key drawn at each start,
 * so that nobody can make two that are alike or that share a slot.  Entries lie
 * in a ring, in the order in which they came: memory is touched as it is
 * needed, and when all is taken the oldest give way.
 */
#ifndef KEYD_SHELF_H
#define KEYD_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define SHELF_TYPICAL 80     /* bytes of an entry, and 8 of slots */
#define SHELF_ENTRY_MAX 1024 /* bytes */
#define SHELF_ENTRIES_MAX (UINT64_C(25) << 20) /* typical ones: 2 GiB */

struct tag {
	uint32_t slot;
	uint32_t rest[2];
};

/* What an entry begins with; all but note is the shelf's own. */
struct shelf_head {
	struct tag tag;
	uint16_t units; /* that it takes */
	uint16_t note;  /* the caller's */
};

struct shelf;

/* Room for so many typical entries.  NULL without memory. */
struct shelf *shelf_new(uint64_t entries);
void shelf_free(struct shelf *s); /* NULL is fine; wiped */

struct tag shelf_tag(const struct shelf *s, const uint8_t digest[DIGEST_SIZE]);

/* NULL when there is none.  It stays until the next is taken. */
void *shelf_find(const struct shelf *s, const struct tag *tag);
/* A new one with this tag, size bytes with its head, whose content is for the
   caller to set behind that.  The last with this tag is found no more. */
void *shelf_take(struct shelf *s, const struct tag *tag, size_t size);
void shelf_clear(struct shelf *s);

/* Have it brought near: first the slot, and the entry when that is there. */
void shelf_fetch_slot(const struct shelf *s, const struct tag *tag);
void shelf_fetch_entry(const struct shelf *s, const struct tag *tag);

#endif /* KEYD_SHELF_H */
