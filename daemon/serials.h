/* SPDX-License-Identifier: ISC */
/*
 * serials.h - a map in memory from the serial of a key to what is known of it.
 *
 * Places are found under a key drawn at each start, so that nobody who has keys
 * made can put them all in one place.  Only the loop's thread uses it.
 */
#ifndef KEYD_SERIALS_H
#define KEYD_SERIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct serials;

/* Empty, for entries of so many bytes each.  NULL without memory. */
struct serials *serials_new(size_t entry_size);
void serials_free(struct serials *s); /* NULL is fine */

/* NULL when there is none.  An entry stays where it is until the next add,
   remove or sift. */
void *serials_find(const struct serials *s, uint64_t serial);
/* The entry, a new one all zero.  The serial is not 0.  NULL without memory;
   all others are there still. */
void *serials_add(struct serials *s, uint64_t serial);
void serials_remove(struct serials *s, uint64_t serial); /* or is not there */

/* Has the place of the serial brought near; one that is 0 has none. */
void serials_fetch(const struct serials *s, uint64_t serial);

size_t serials_count(const struct serials *s);

/*
 * The first entry not before *cursor, which is 0 at first, and its serial; NULL
 * after the last one.  Each is met once if none is added or removed meanwhile.
 */
void *serials_next(const struct serials *s, size_t *cursor, uint64_t *serial);

/* Removes each entry that drop says true of. */
typedef bool serials_drop(void *arg, uint64_t serial, const void *entry);
void serials_sift(struct serials *s, serials_drop *drop, void *arg);

#endif /* KEYD_SERIALS_H */
