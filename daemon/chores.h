/* SPDX-License-Identifier: ISC */
/*
 * chores.h - what keyd writes without being asked: uses of keys, and notes in
 * the audit log.
 *
 * Each is a change without a client, a small one, and the next goes to the
 * writer when that one is done: whoever wants to revoke a key never waits for
 * all of them.
 */
#ifndef KEYD_CHORES_H
#define KEYD_CHORES_H

#include "uses.h"
#include "writer.h"

#define CHORES_MS 5000 /* between two rounds */

struct chores {
	struct store *store;   /* borrowed, like the next two */
	struct writer *writer; /* NULL: it has ended */
	struct policy *policy; /* of the present configuration */
	struct uses *uses;
	struct notes *notes;
	int64_t next;        /* ms of clock_mono_ms */
	int64_t notes_retry; /* the same, after notes could not be written */
	unsigned out;        /* changes with the writer */
};

/* When there is something to do, in ms of clock_mono_ms; INT64_MAX: never. */
int64_t chores_due(const struct chores *ch);
/* Does what is due.  Not while a view of the store is in use: nor is settle. */
void chores_run(struct chores *ch, int64_t now_ms);

/* Hands all uses to the writer, ahead of a change that goes by them.  False
   when its queue is full.  t: the view in use. */
bool chores_hurry(struct chores *ch, struct store_txn *t);

/* The writer gave one back.  Frees it. */
void chores_settle(struct chores *ch, struct change *c);

#endif /* KEYD_CHORES_H */
