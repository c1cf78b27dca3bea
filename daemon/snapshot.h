/* SPDX-License-Identifier: ISC */
/*
 * snapshot.h - the one snapshot of the store that a backup is read from: whose
 * it is, and for how long.
 *
 * While it lives the writer cannot use again what it sees, so the database
 * grows with each change and never shrinks.  It is given up when its client
 * goes or dawdles, and when it has lived too long or cost too much: a backup
 * can be made again, and keys must be revocable now.  Only the loop's thread
 * uses it.
 */
#ifndef KEYD_SNAPSHOT_H
#define KEYD_SNAPSHOT_H

#include "backup.h"

#define SNAPSHOT_IDLE_MS 30000  /* between two requests of its client */
#define SNAPSHOT_LIFE_MS 600000 /* a million keys take some seconds */

struct snapshot;

struct snapshot *snapshot_new(struct store *st); /* NULL without memory */
void snapshot_free(struct snapshot *s);          /* NULL is fine */

/* Is there one? */
bool snapshot_lives(const struct snapshot *s);

/* Takes one for the owner, which is any address of his; there must be none.
   now_ms: of clock_mono_ms. */
enum store_status snapshot_take(struct snapshot *s, const void *owner,
    int64_t now_ms);

/* The owner asks for more: the snapshot and what he makes of it.  NULL when
   there is none, or it is another's; snapshot_fate says what became of his. */
struct store_txn *snapshot_use(struct snapshot *s, const void *owner,
    int64_t now_ms, struct backup **b);
const char *snapshot_fate(const struct snapshot *s, const void *owner);

/* The owner needs it no more, or is gone. */
void snapshot_leave(struct snapshot *s, const void *owner);

/* Gives it up, if its time is over. */
void snapshot_watch(struct snapshot *s, int64_t now_ms);
/* When its time is over, in ms of clock_mono_ms; INT64_MAX: there is none. */
int64_t snapshot_due(const struct snapshot *s);
/* After a commit: gives it up, if it has cost too much, or the disk is full. */
void snapshot_weigh(struct snapshot *s, bool disk_full);

#endif /* KEYD_SNAPSHOT_H */
