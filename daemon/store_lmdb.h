/* SPDX-License-Identifier: ISC */
/*
 * store_lmdb.h - what the files of the store share, and the only ones to know
 * LMDB: store.c has its transactions, store_open.c opens it, store_rows.c has
 * the rows.
 */
#ifndef KEYD_STORE_LMDB_H
#define KEYD_STORE_LMDB_H

#include <lmdb.h>
#include <stdatomic.h>

#include "store.h"

#define STORE_MIB (1024UL * 1024UL)

/* Bytes of the map over map_size; a revocation copies some twenty pages. */
#define STORE_SPARE (16 * STORE_MIB)

struct store_txn {
	struct store *st;
	MDB_txn *mdb;
};

struct store {
	MDB_env *env;
	const struct secret *secret;
	MDB_dbi dbi[TABLE_COUNT];
	struct store_txn view;
	bool view_live;           /* between a renewal and a reset */
	_Atomic uint64_t commits; /* that have returned, good or bad */
	uint64_t seen;            /* of those, when the view was renewed */
	struct store_txn writing;
	struct generations *generations; /* NULL: nobody is told */
	uint64_t mark;                   /* of the view */
	_Atomic uint64_t renewed;        /* see store_touch_all */
	bool doubt; /* the last commit failed: is it written? */
};

/* Says what LMDB said, once, here; everyone above only passes it on. */
enum store_status store_status_of(const char *what, int e);

static inline MDB_val
store_val(struct span s)
{
	return (MDB_val){ .mv_size = s.len, .mv_data = (void *)s.ptr };
}

static inline struct span
store_span(MDB_val v)
{
	return (struct span){ v.mv_data, v.mv_size };
}

#endif /* KEYD_STORE_LMDB_H */
