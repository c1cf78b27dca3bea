/* SPDX-License-Identifier: ISC */
/*
 * texts.h - numbers for texts that many records share, each kept once.
 *
 * Numbers count from 0 and stay until all is forgotten.  What is looked up by
 * is hashed under a key drawn at each start.
 */
#ifndef KEYD_TEXTS_H
#define KEYD_TEXTS_H

#include <stdbool.h>
#include <stdint.h>

struct texts;

struct texts *texts_new(uint32_t max); /* texts; NULL without memory */
void texts_free(struct texts *t);      /* NULL is fine */

/* The number of this text.  False when there are max others, or no memory. */
bool texts_add(struct texts *t, const char *text, uint32_t *number);

/* Borrowed, until the next is added. */
const char *texts_at(const struct texts *t, uint32_t number);

void texts_clear(struct texts *t);

#endif /* KEYD_TEXTS_H */
