/* SPDX-License-Identifier: ISC */
/*
 * schema.h - which layout the database has, whose it is, and its counters.
 */
#ifndef KEYD_SCHEMA_H
#define KEYD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

/* 1: no usage, limits or audit; 2: all ids kept, each table a tree. */
#define SCHEMA_VERSION 3

/*
 * Called in the first transaction: writes the version and the check of the
 * hash key into a new database, or compares them; counts the start.  False,
 * and a sentence in why, for a newer schema or another hash key.
 */
bool schema_start(struct store_txn *t, char *why, size_t why_size);

enum counter {
	COUNTER_STARTS,  /* of keyd on this database */
	COUNTER_SERIAL,  /* the last one given to a key */
	COUNTER_REVOKED, /* keys that are revoked */
	COUNTER_COUNT
};

enum store_status counter_get(struct store_txn *t, enum counter which,
    uint64_t *value);
/* Adds to it, and gives the new value. */
enum store_status counter_add(struct store_txn *t, enum counter which,
    uint64_t more, uint64_t *value);

#endif /* KEYD_SCHEMA_H */
