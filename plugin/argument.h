/* SPDX-License-Identifier: ISC */
/*
 * argument.h - what a server gives to the calls that manage keys.
 *
 * Texts are looked at no further than they may be long.
 */
#ifndef KEYD_ARGUMENT_H
#define KEYD_ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies text, NULL for "", to dst.  False when it has cap bytes or more, or
   none and is needed. */
bool argument_text(char *dst, size_t cap, const char *text, bool needed);

/* Is this a key id?  NULL is none. */
bool argument_is_key_id(const char *text);

#endif /* KEYD_ARGUMENT_H */
