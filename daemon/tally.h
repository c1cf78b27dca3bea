/* SPDX-License-Identifier: ISC */
/*
 * tally.h - counts of the uses of keys, by serial.
 *
 * Serials rise by one with each key that is made, so a serial is a place: to
 * count is to look up no table.  Memory is for stretches of keys with uses, 13
 * bytes a key at most, and goes back when they are taken out.
 */
#ifndef KEYD_TALLY_H
#define KEYD_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a key was used, or refused.  Times are Unix times in s, to 2106; 0:
   none. */
struct count {
	uint32_t first;
	uint32_t last;
	uint32_t times; /* as many as there is room for */
};

struct tally;

struct tally *tally_new(void);    /* NULL without memory */
void tally_free(struct tally *t); /* NULL is fine */

/* The key's, to be added to; it has uses from here on.  Zero when it had none;
   NULL without memory. */
struct count *tally_touch(struct tally *t, uint64_t serial);
/* NULL when it has none. */
const struct count *tally_find(const struct tally *t, uint64_t serial);

/* Have it brought near: first where it is, then what is there. */
void tally_fetch_place(const struct tally *t, uint64_t serial);
void tally_fetch(const struct tally *t, uint64_t serial);

size_t tally_keys(const struct tally *t); /* with uses */

/* Takes the uses of a key out, the one with the next serial after the last that
   was taken since begin.  False when there is none. */
void tally_begin(struct tally *t);
bool tally_take(struct tally *t, uint64_t *serial, struct count *c);

#endif /* KEYD_TALLY_H */
