/* SPDX-License-Identifier: ISC */
/*
 * audit.h - the log of what was changed and what was refused, as a chain.
 *
 * The hash of an entry is BLAKE2b-256, keyed, over that of the entry before it
 * and over its own bytes.  Where the chain begins and ends is written down with
 * a hash of its own, so that no entry can be changed, moved, added or removed,
 * at the ends neither, without the hash key.  An entry is written by the same
 * transaction as the change that it tells of.
 */
#ifndef KEYD_AUDIT_H
#define KEYD_AUDIT_H

#include "event.h"
#include "reply.h"
#include "store.h"

/* Adds an entry, whose seq and hash it sets. */
enum store_status audit_append(struct store_txn *t, struct event *e);

/* seq of the last entry ever, 0 before the first one, and how many are kept. */
enum store_status audit_extent(struct store_txn *t, uint64_t *last,
    uint64_t *kept);

/*
 * Calls step for the entries behind after, as they are, until it returns false.
 * STORE_DAMAGED at one that cannot be read, with its seq in *at.
 */
typedef bool audit_step(void *arg, const struct event *e);
enum store_status audit_walk(struct store_txn *t, uint64_t after,
    audit_step *step, void *arg, uint64_t *at);

/*
 * Checks at most limit entries behind after, which was checked before, and the
 * end of the chain if it gets there.  Sets all of *found.
 */
enum store_status audit_check(struct store_txn *t, uint64_t after,
    unsigned limit, struct reply_checked *found);

/*
 * Removes entries from the front that are older than before, at most limit, and
 * lets the chain begin behind them.  None that is broken, nor any behind it:
 * STORE_DAMAGED, nothing is removed, and found names it.
 */
enum store_status audit_prune(struct store_txn *t, int64_t before,
    unsigned limit, struct reply_pruned *pruned, struct reply_checked *found);

#endif /* KEYD_AUDIT_H */
