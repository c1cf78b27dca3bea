/* SPDX-License-Identifier: ISC */
/*
 * usage.h - what the store knows of how a key was used.
 *
 * The store is behind by the latest uses: see uses.h.
 */
#ifndef KEYD_USAGE_H
#define KEYD_USAGE_H

#include "model.h"
#include "store.h"

/* All zero, and STORE_OK, for a key that was never used. */
enum store_status usage_load(struct store_txn *t, uint64_t serial,
    struct usage *u);
enum store_status usage_store(struct store_txn *t, uint64_t serial,
    const struct usage *u);

/* Adds what happened later.  No time goes back. */
void usage_add(struct usage *total, const struct usage *more);

#endif /* KEYD_USAGE_H */
