/* SPDX-License-Identifier: ISC */
/*
 * last_restore.h - what the store knows of the backup that it was made of.
 */
#ifndef KEYD_LAST_RESTORE_H
#define KEYD_LAST_RESTORE_H

#include "request.h"
#include "store.h"

#define LAST_RESTORE "restore" /* in META */

struct last_restore {
	uint8_t mark[RESTORE_MARK_SIZE]; /* that its client drew for it */
	int64_t made;     /* the moment that the backup told of; 0: none yet */
	uint64_t keys;    /* that there were then */
	uint64_t present; /* that there had been before */
	uint64_t known;   /* of these, in the backup */
	uint64_t back;    /* that were live again */
	uint64_t behind;  /* serials up to here are of keys from before it */
};

/* All 0 when there never was one. */
enum store_status last_restore_get(struct store_txn *t, struct last_restore *r);
enum store_status last_restore_put(struct store_txn *t,
    const struct last_restore *r);

#endif /* KEYD_LAST_RESTORE_H */
