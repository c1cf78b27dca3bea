/* SPDX-License-Identifier: ISC */
/*
 * scan.h - finds tokens in a stream of any bytes, in constant memory.
 *
 * A token is what has its prefix, length, characters and checksum, whatever
 * stands before or behind it; so what is found was made to be one.  It knows
 * nothing of files, and wipes what it has read at the end.
 */
#ifndef KEYDCTL_SCAN_H
#define KEYDCTL_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan;

/* One token; its text lives until the call returns. */
struct scan_hit {
	const char *token;
	size_t len;
	uint64_t offset; /* bytes before it in the stream */
	uint64_t line;   /* from 1 on; lines end with a newline */
};

/* False ends the scan. */
typedef bool scan_each(void *arg, const struct scan_hit *hit);

/* prefix: as token_prefix_ok has it; borrowed.  NULL without memory. */
struct scan *scan_new(const char *prefix);
void scan_free(struct scan *s); /* NULL is fine */

/* A new stream begins. */
void scan_begin(struct scan *s);

/* Where the next bytes of the stream go, and how many fit: never 0. */
void *scan_room(struct scan *s, size_t *cap);

/* len bytes are there.  Calls each for all tokens that they complete; false if
   one of these calls was. */
bool scan_filled(struct scan *s, size_t len, scan_each *each, void *arg);

#endif /* KEYDCTL_SCAN_H */
