/* SPDX-License-Identifier: ISC */
/*
 * chores.h - what keyd writes without being asked: uses of keys, and notes in
 * the audit log.
 *
 * Each is a change without a client, a small one, and the next goes to the
 * writer some time after that one is done: whoever wants to revoke a key never
 * waits for all of them, and however many keys are in use, to write their uses
 * down takes the disk and a CPU for a part of the time only.
 */
#ifndef KEYD_CHORES_H
#define KEYD_CHORES_H

#include "uses.h"
#include "writer.h"

#define CHORES_MS 5000 /* between two rounds */
#define CHORES_REST 49 /* times as long as a batch took, to the next one */

struct chores {
	struct writer *writer; /* borrowed, like the next; NULL: it has ended */
	struct policy *policy; /* of the present configuration */
	struct uses *uses;
	struct notes *notes;
	struct incoming *incoming; /* borrowed */
	int64_t next;              /* ms of clock_mono_ms */
	int64_t begun;             /* the same: when uses went to the writer */
	int64_t notes_retry; /* the same, after notes could not be written */
	unsigned out;        /* changes with the writer */
};

/* When there is something to do, in ms of clock_mono_ms; INT64_MAX: never. */
int64_t chores_due(const struct chores *ch);
/* Does what is due. */
void chores_run(struct chores *ch, int64_t now_ms);

/* Hands all uses to the writer, ahead of a change that goes by them.  False
   when its queue is full. */
bool chores_hurry(struct chores *ch);

/* The client with this number is gone: what it was restoring goes too.  If it
   cannot be handed over now, the next restore does it. */
void chores_release(struct chores *ch, uint64_t client);

/* The writer gave one back.  Frees it. */
void chores_settle(struct chores *ch, struct change *c, int64_t now_ms);

#endif /* KEYD_CHORES_H */
