/* SPDX-License-Identifier: ISC */
/*
 * probe.h - the least that a cache of verdicts costs.
 *
 * SipHash-128 of a token; and finding what is kept under it in a table with as
 * much room for each as a verdict's texts take, two cache lines.
 */
#ifndef KEYD_PROBE_H
#define KEYD_PROBE_H

#include <stdbool.h>

#include "mint.h"

/* The hash alone; returned so that it is computed. */
uint64_t probe_hash(const struct mint_token *token);

struct probe;

struct probe *probe_new(const struct mint_token *tokens, size_t count);
void probe_free(struct probe *p);

/* Is it there?  Reads what a hit must read. */
bool probe_find(const struct probe *p, const struct mint_token *token);

#endif /* KEYD_PROBE_H */
