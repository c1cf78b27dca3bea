/* SPDX-License-Identifier: ISC */
/*
 * uses.h - the uses of keys that are not in the store yet.
 *
 * A verify writes nothing and does not look into the store: it counts here, and
 * what was counted is added to what is stored now and then (chores.h).  It goes
 * to the writer in batches, numbered as they are made; the store keeps the
 * number of the last, so that a view tells which of those under way it has.
 * Only the loop's thread uses it.
 */
#ifndef KEYD_USES_H
#define KEYD_USES_H

#include <stdbool.h>
#include <stddef.h>

#include "model.h"
#include "store.h"

/* Keys of one batch: a revocation that comes meanwhile waits for one. */
#define USES_BATCH 512

struct uses;

struct uses *uses_new(struct store *st); /* NULL without memory */
void uses_free(struct uses *u);          /* NULL is fine */

/* So many verifies said yes, the last of them at when: Unix time in s, and
   earlier than what is known changes no time. */
void uses_allowed(struct uses *u, uint64_t serial, uint32_t times,
    int64_t when);
/* A verify said no to a key that is revoked or has expired. */
void uses_refused(struct uses *u, uint64_t serial, int64_t now);

/* What is known of a key, here and in the store.  t: a view. */
enum store_status uses_get(const struct uses *u, struct store_txn *t,
    uint64_t serial, struct usage *usage);

/* Have what is known of the key here brought near, in two steps. */
void uses_fetch_place(const struct uses *u, uint64_t serial);
void uses_fetch(const struct uses *u, uint64_t serial);

/* Keys with uses that were not handed out to be written. */
size_t uses_waiting(const struct uses *u);

/*
 * Writing: begin, then take hands out the uses of up to USES_BATCH keys as
 * rows, in the order of the store, and none when no more wait.  Rows stay until
 * settle says whether they are on disk; those that are not wait again.  See
 * use_rows.h.
 */
void uses_begin(struct uses *u);
struct span uses_take(struct uses *u);
void uses_settle(struct uses *u, struct span rows, bool written);

/* Writes all that waits, in a transaction of its own: at a stop, when no other
   thread writes.  False when the store fails. */
bool uses_write_all(struct uses *u, struct store *st);

#endif /* KEYD_USES_H */
