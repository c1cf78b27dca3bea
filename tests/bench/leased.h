/* SPDX-License-Identifier: ISC */
/*
 * leased.h - a cache of libkeyd with more verdicts than one client can get.
 *
 * A lease lasts for a second, and in a second one client gets a few ten
 * thousand of them.  So that hits can be timed in a larger table, one verdict
 * of keyd's is kept for all tokens, as if each had been asked for.
 */
#ifndef KEYD_LEASED_H
#define KEYD_LEASED_H

#include "keyd.h"
#include "mint.h"

struct leased;

/* Asks keyd about key 0, with a permission. */
struct leased *leased_new(struct keyd *handle, const char *permission);
void leased_free(struct leased *l);

/* Keeps it for these tokens, for a second from now. */
void leased_fill(struct leased *l, const struct mint_token *tokens,
    size_t count);

#endif /* KEYD_LEASED_H */
