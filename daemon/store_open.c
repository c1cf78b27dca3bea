/* SPDX-License-Identifier: ISC */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema.h"
#include "store_lmdb.h"
#include "tree.h"

/* One for the loop's view, some in reserve. */
#define READERS_MAX 16

/* Trees, and those of older schemas that are taken up. */
#define TREES_MAX (TABLE_COUNT + 8)

static bool
open_env(struct store *st, const char *dir, uint32_t map_size)
{
	if (store_status_of("create", mdb_env_create(&st->env)) != STORE_OK)
		return false;
	return store_status_of("map size",
		   mdb_env_set_mapsize(st->env,
		       map_size * STORE_MIB + STORE_SPARE)) == STORE_OK &&
	    store_status_of("tables", mdb_env_set_maxdbs(st->env, TREES_MAX)) ==
	    STORE_OK &&
	    store_status_of("readers",
		mdb_env_set_maxreaders(st->env, READERS_MAX)) == STORE_OK &&
	    store_status_of("open",
		mdb_env_open(st->env, dir, MDB_NOTLS, 0600)) == STORE_OK;
}

/* All rows of a table whose tree is its own, as they all were before. */
static enum store_status
move_rows(struct store_txn *t, enum table table, MDB_dbi from)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	enum store_status rc =
	    store_status_of("cursor", mdb_cursor_open(t->mdb, from, &cursor));

	if (rc != STORE_OK)
		return rc;
	while ((rc = store_status_of("walk",
		    mdb_cursor_get(cursor, &k, &v, MDB_NEXT))) == STORE_OK &&
	    (rc = store_put(t, table, store_span(k), store_span(v))) ==
		STORE_OK)
		;
	mdb_cursor_close(cursor);
	return rc == STORE_NONE ? STORE_OK : rc;
}

/* STORE_NONE: there is nothing to be moved. */
static enum store_status
move_table(struct store_txn *t, enum table table)
{
	MDB_dbi from;
	enum store_status rc = store_status_of("table",
	    mdb_dbi_open(t->mdb, store_table_name(table), 0, &from));

	if (rc != STORE_OK || (rc = move_rows(t, table, from)) != STORE_OK)
		return rc;
	return store_status_of("table", mdb_drop(t->mdb, from, 1));
}

static bool
see_one(void *seen, struct span key, struct span value)
{
	(void)key;
	(void)value;
	*(bool *)seen = true;
	return false;
}

/* A keyd that looks for META where it was finds there a schema that it does not
   know, rather than a new database. */
static enum store_status
move_meta(struct store_txn *t)
{
	static const struct span none;
	uint64_t version = htobe64(SCHEMA_VERSION);
	MDB_val k = store_val(text_span("schema"));
	MDB_val v = { sizeof(version), &version };
	bool there = false;
	MDB_dbi old;
	enum store_status rc =
	    store_walk(t, TABLE_META, none, none, see_one, &there);

	if (rc == STORE_OK && !there)
		rc = move_table(t, TABLE_META);
	if (rc != STORE_OK && rc != STORE_NONE)
		return rc;
	rc = store_status_of("table",
	    mdb_dbi_open(t->mdb, store_table_name(TABLE_META), MDB_CREATE,
		&old));
	if (rc != STORE_OK)
		return rc;
	return store_status_of("put", mdb_put(t->mdb, old, &k, &v, 0));
}

static enum store_status
open_tables(struct store_txn *t)
{
	for (int i = 0; i < TABLE_COUNT; i++) {
		enum store_status rc = store_status_of("table",
		    mdb_dbi_open(t->mdb, tree_name((enum table)i), MDB_CREATE,
			&t->st->dbi[i]));

		if (rc != STORE_OK)
			return rc;
	}
	return move_meta(t);
}

/* Each in a transaction of its own: the next one uses the pages of the one that
   was moved.  Where a crash ends that, the next start goes on. */
static enum store_status
move_index(struct store *st)
{
	for (int i = 0; i < TABLE_COUNT; i++) {
		enum table table = (enum table)i;
		struct store_txn *t;
		enum store_status rc;

		if (table == TABLE_META || !tree_is_shared(table))
			continue;
		if ((rc = store_begin(st, &t)) != STORE_OK)
			return rc;
		if ((rc = move_table(t, table)) == STORE_OK)
			rc = store_commit(t);
		else
			store_abort(t);
		if (rc != STORE_OK && rc != STORE_NONE)
			return rc;
	}
	return STORE_OK;
}

/*
 * The first transaction always writes (schema_start counts the start): a
 * commit that a crash left durable but not acknowledged is seen by readers
 * only after the next one.
 */
static enum store_status
start(struct store *st, char *why, size_t why_size)
{
	struct store_txn *t;
	enum store_status rc;

	if ((rc = store_begin(st, &t)) != STORE_OK)
		return rc;
	if ((rc = open_tables(t)) == STORE_OK &&
	    !schema_start(t, why, why_size)) {
		store_abort(t);
		return STORE_EXISTS;
	}
	if (rc == STORE_OK)
		return store_commit(t);
	store_abort(t);
	return rc;
}

/* False, and what to do about it. */
static bool
take_up(struct store *st, char *why, size_t why_size)
{
	enum store_status rc = start(st, why, why_size);

	if (rc == STORE_EXISTS) /* schema_start has said why not */
		return false;
	if (rc == STORE_OK)
		rc = move_index(st);
	if (rc == STORE_OK)
		return true;
	if (rc == STORE_FULL)
		snprintf(why, why_size,
		    "the database has no room to be taken up by this keyd; "
		    "raise map_size, or free some of the disk");
	else
		snprintf(why, why_size, "the database cannot be written: %s",
		    store_strerror(rc));
	return false;
}

struct store *
store_open(const struct state *s, const struct secret *k, uint32_t map_size,
    char *why, size_t why_size)
{
	struct store *st = calloc(1, sizeof(*st));

	if (st == NULL) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	st->secret = k;
	st->view.st = st->writing.st = st;
	snprintf(why, why_size,
	    "the database in %s cannot be opened; see above", s->dir);
	if (!open_env(st, s->dir, map_size) || !take_up(st, why, why_size) ||
	    !state_sync(s)) {
		store_close(st);
		return NULL;
	}
	return st;
}
