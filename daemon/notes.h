/* SPDX-License-Identifier: ISC */
/*
 * notes.h - what keyd has to say in the audit log that is no change.
 *
 * Requests that were denied are entries of their own, up to DENIED_MAX of a
 * process' user and minute; more, and tokens that nobody knows, are counted and
 * become one entry for each user and minute.  So nobody without rights can fill
 * the disk, nor this memory: what goes beyond it is counted for NOTES_OTHERS.
 */
#ifndef KEYD_NOTES_H
#define KEYD_NOTES_H

#include "event.h"
#include "store.h"

#define DENIED_MAX 10
#define NOTES_OTHERS UINT32_MAX /* stands for the uids that found no room */

struct notes;

struct notes *notes_new(void);    /* NULL without memory */
void notes_free(struct notes *n); /* NULL is fine */

/* A process of this user sent a token that nobody knows.  now: Unix time. */
void notes_unknown(struct notes *n, uint32_t uid, int64_t now);
/* A request was denied, as e tells; e->when is now. */
void notes_denied(struct notes *n, const struct event *e);
/* Something else happened. */
void notes_event(struct notes *n, const struct event *e);

/* Is there an entry that need not wait for its minute to end? */
bool notes_urgent(const struct notes *n);
/* Is there anything? */
bool notes_any(const struct notes *n);

/*
 * The entries to be written now, for op_note; empty: none.  all: counts of the
 * present minute too.  They are given again until notes_settle says that they
 * are on disk.
 */
struct span notes_take(struct notes *n, int64_t now, bool all);
void notes_settle(struct notes *n, bool written);

/* Adds such entries to the log. */
enum store_status notes_append(struct store_txn *t, struct span entries);

/* Writes all there is, in a transaction of its own: at a stop, when no other
   thread writes.  False when the store fails. */
bool notes_write_all(struct notes *n, struct store *st, int64_t now);

#endif /* KEYD_NOTES_H */
