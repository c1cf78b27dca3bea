/* SPDX-License-Identifier: ISC */
/*
 * moment.h - points in time as RFC 3339 has them, written in UTC.
 *
 * A time without its zone is refused, never guessed.
 */
#ifndef KEYDCTL_MOMENT_H
#define KEYDCTL_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#define MOMENT_SIZE 32
#define MOMENT_MAX                                                             \
	253402300799 /* 9999-12-31T23:59:59Z, the last with a name             \
		      */

/* Reads 2030-01-31T12:00:00Z, an offset for the Z, fractions (dropped), or
   2030-01-31 alone, which is its first second in UTC.  On false *when is 0. */
bool moment_parse(const char *text, int64_t *when);

/* Writes it to text of MOMENT_SIZE bytes and returns text; "never" for 0. */
const char *moment_text(int64_t when, char *text);

#endif /* KEYDCTL_MOMENT_H */
