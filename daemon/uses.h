/* SPDX-License-Identifier: ISC */
/*
 * uses.h - the uses of keys that are not in the store yet.
 *
 * A verify writes nothing: it counts here, and what was counted goes to the
 * store every few seconds.  A verify does not look into the store either: what
 * is stored is added when a row is made, once for an entry.  A row holds all
 * that is known of a key, so it may be written twice and is never added up
 * twice.  Only the loop's thread uses it.
 */
#ifndef KEYD_USES_H
#define KEYD_USES_H

#include <stdbool.h>
#include <stddef.h>

#include "model.h"
#include "store.h"

/* Keys; uses of more than these between two writes are forgotten. */
#define USES_MAX 262144
/* Keys of one batch: a revocation that comes meanwhile waits for one. */
#define USES_BATCH 128
#define USES_BATCH_SIZE (USES_BATCH * 64) /* bytes; a row takes 48 */

struct uses;

struct uses *uses_new(void);    /* NULL without memory */
void uses_free(struct uses *u); /* NULL is fine */

/* So many verifies said yes, the last of them at when: Unix time in s, and
   earlier than what is known changes no time. */
void uses_allowed(struct uses *u, uint64_t serial, uint32_t count,
    int64_t when);
/* A verify said no to a key that is revoked or has expired. */
void uses_refused(struct uses *u, uint64_t serial, int64_t now);

/* What is known of a key, here and in the store. */
enum store_status uses_get(const struct uses *u, struct store_txn *t,
    uint64_t serial, struct usage *usage);

/* Has what is known of the key here brought near. */
void uses_fetch(const struct uses *u, uint64_t serial);

/* Keys with uses that were not handed out to be written. */
size_t uses_waiting(const struct uses *u);
/* Had uses to be forgotten since it was last asked? */
bool uses_overflowed(struct uses *u);

/*
 * Writing: begin sorts all that waits, take puts up to USES_BATCH of them as
 * rows and returns the bytes, 0 after the last one; settle says of such rows
 * whether they are on disk.  Rows that are not wait again.  t: a view that is
 * no older than the last settle.  A key whose stored usage cannot be read is
 * forgotten and its row left as it is.
 */
bool uses_begin(struct uses *u); /* false without memory */
size_t uses_take(struct uses *u, struct store_txn *t, uint8_t *bytes,
    size_t cap);
void uses_settle(struct uses *u, struct span rows, bool written);

/* Writes such rows, each merged with what is stored: a use once known stays,
   and no time goes back. */
enum store_status uses_write(struct store_txn *t, struct span rows);

/* Writes all that waits, in a transaction of its own: at a stop, when no other
   thread writes.  False when the store fails. */
bool uses_write_all(struct uses *u, struct store *st);

#endif /* KEYD_USES_H */
