/* SPDX-License-Identifier: ISC */
/*
 * last_backup.h - what the store knows of the last backup that came to a disk.
 */
#ifndef KEYD_LAST_BACKUP_H
#define KEYD_LAST_BACKUP_H

#include "secret.h"
#include "store.h"

#define LAST_BACKUP "backup" /* in META */

struct last_backup {
	int64_t made; /* the moment that it tells of; 0: there never was one */
	uint64_t keys;
	uint64_t size;            /* bytes */
	uint8_t hash[CHAIN_SIZE]; /* at its end: no two are the same */
};

/* All 0 when there never was one. */
enum store_status last_backup_get(struct store_txn *t, struct last_backup *b);
enum store_status last_backup_put(struct store_txn *t,
    const struct last_backup *b);

#endif /* KEYD_LAST_BACKUP_H */
