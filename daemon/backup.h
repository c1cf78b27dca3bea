/* SPDX-License-Identifier: ISC */
/*
 * backup.h - a snapshot of the store as the pieces of a file; see archive.h.
 *
 * All tables are in it but what is of this running keyd alone: how far keys
 * have used up their rate, which ids do not go with their serials, and what
 * META has of the database itself.
 */
#ifndef KEYD_BACKUP_H
#define KEYD_BACKUP_H

#include "archive.h"
#include "store.h"

/* A file under way. */
struct backup {
	struct archive archive;
	int64_t made;
	uint64_t keys;
	uint64_t rows;                 /* so far */
	uint64_t size;                 /* the same */
	unsigned table;                /* of the next row; enum table */
	uint8_t from[ARCHIVE_KEY_MAX]; /* its key */
	size_t from_len;               /* 0: the first of the table */
	bool ended;
};

/*
 * Each puts a piece of at most ARCHIVE_MAGIC_LEN + ARCHIVE_CHUNK_MAX bytes: the
 * first, then one after the other until b->ended.  t: the same snapshot for
 * all.  now: Unix time in s.
 */
enum store_status backup_begin(struct backup *b, struct store_txn *t,
    int64_t now, struct wire_writer *w);
enum store_status backup_next(struct backup *b, struct store_txn *t,
    struct wire_writer *w);

/* Is this table, or this row of one, of the database that it lies in, and not
   in a file? */
bool backup_leaves_out_all(enum table table);
bool backup_leaves_out(enum table table, struct span key);

#endif /* KEYD_BACKUP_H */
