/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>

#include "generations.h"
#include "log.h"
#include "store_lmdb.h"

static const char *const table_names[TABLE_COUNT] = {
	[TABLE_META] = "meta",
	[TABLE_ORGS] = "orgs",
	[TABLE_MEMBERS] = "members",
	[TABLE_KEYS] = "keys",
	[TABLE_HASHES] = "hashes",
	[TABLE_IDS] = "ids",
	[TABLE_NAMES] = "names",
	[TABLE_OWNERS] = "owners",
	[TABLE_USAGE] = "usage",
	[TABLE_LIMITS] = "limits",
	[TABLE_AUDIT] = "audit",
};

enum store_status
store_status_of(const char *what, int e)
{
	switch (e) {
	case 0:
		return STORE_OK;
	case MDB_NOTFOUND:
		return STORE_NONE;
	case MDB_KEYEXIST:
		return STORE_EXISTS;
	default:
		log_err("store: %s: %s", what, mdb_strerror(e));
	}
	switch (e) {
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
		return STORE_FULL;
	case MDB_PANIC:
		return STORE_PANIC;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
		return STORE_DAMAGED;
	default:
		return STORE_FAILED;
	}
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	if (st->view.mdb != NULL)
		mdb_txn_abort(st->view.mdb);
	if (st->env != NULL)
		mdb_env_close(st->env);
	free(st);
}

void
store_share(struct store *st, struct generations *g)
{
	st->generations = g;
}

static int
renew(struct store *st)
{
	if (st->generations != NULL)
		st->mark = generations_mark(st->generations);
	if (st->view.mdb == NULL)
		return mdb_txn_begin(st->env, NULL, MDB_RDONLY, &st->view.mdb);
	return mdb_txn_renew(st->view.mdb);
}

static bool
is_last(const struct store *st)
{
	return st->view_live && st->seen == atomic_load(&st->commits) &&
	    (st->generations == NULL ||
		st->mark == generations_mark(st->generations));
}

/*
 * LMDB reads which commit was the last and then that one's meta page.  If
 * another is finished in between, the page may already be of the one after
 * it, not yet acknowledged, and the next view would go back.  So it is done
 * again when a commit returned meanwhile.
 */
struct store_txn *
store_view(struct store *st)
{
	while (!is_last(st)) {
		store_view_reset(st);
		st->seen = atomic_load(&st->commits);
		if (store_status_of("read", renew(st)) != STORE_OK)
			return NULL;
		st->view_live = true;
	}
	return &st->view;
}

void
store_view_reset(struct store *st)
{
	if (st->view_live)
		mdb_txn_reset(st->view.mdb);
	st->view_live = false;
}

/* The same care as with the view. */
enum store_status
store_snapshot(struct store *st, struct store_txn **t)
{
	struct store_txn *s = calloc(1, sizeof(*s));
	enum store_status rc = STORE_OK;
	uint64_t before;

	*t = s;
	if (s == NULL)
		return STORE_FAILED;
	s->st = st;
	do {
		if (s->mdb != NULL)
			mdb_txn_abort(s->mdb);
		before = atomic_load(&st->commits);
		rc = store_status_of("snapshot",
		    mdb_txn_begin(st->env, NULL, MDB_RDONLY, &s->mdb));
	} while (rc == STORE_OK && before != atomic_load(&st->commits));
	if (rc == STORE_OK)
		return rc;
	free(s);
	*t = NULL;
	return rc;
}

void
store_snapshot_end(struct store_txn *t)
{
	if (t == NULL)
		return;
	mdb_txn_abort(t->mdb);
	free(t);
}

enum store_status
store_begin(struct store *st, struct store_txn **t)
{
	enum store_status rc = store_status_of("begin",
	    mdb_txn_begin(st->env, NULL, 0, &st->writing.mdb));

	*t = rc == STORE_OK ? &st->writing : NULL;
	return rc;
}

/* What a failed commit touched stays so until one succeeds. */
static void
settle(struct store *st)
{
	if (st->generations != NULL && !st->doubt)
		generations_settle(st->generations);
}

/* LMDB frees the transaction even when the commit fails. */
enum store_status
store_commit(struct store_txn *t)
{
	enum store_status rc =
	    store_status_of("commit", mdb_txn_commit(t->mdb));

	atomic_fetch_add(&t->st->commits, 1);
	t->mdb = NULL;
	t->st->doubt = rc != STORE_OK;
	settle(t->st);
	if (rc == STORE_OK || rc == STORE_PANIC)
		return rc;
	return STORE_OUTCOME;
}

void
store_abort(struct store_txn *t)
{
	if (t == NULL)
		return;
	mdb_txn_abort(t->mdb);
	t->mdb = NULL;
	settle(t->st);
}

void
store_touch_key(struct store_txn *t, uint64_t serial)
{
	if (t->st->generations != NULL)
		generations_touch_key(t->st->generations, serial);
}

void
store_touch_org(struct store_txn *t, const char *slug)
{
	if (t->st->generations != NULL)
		generations_touch_org(t->st->generations, slug);
}

void
store_touch_all(struct store_txn *t, uint64_t serial)
{
	if (t->st->generations != NULL)
		generations_touch_all(t->st->generations);
	atomic_store(&t->st->renewed, serial);
}

uint64_t
store_renewed(const struct store *st)
{
	return atomic_load(&st->renewed);
}

bool
store_stamp(const struct store_txn *t, uint64_t serial, const char *slug,
    struct stamp *s)
{
	const struct store *st = t->st;

	return st->generations != NULL &&
	    generations_stamp(st->generations, st->mark, serial, slug, s);
}

uint64_t
store_key_generation(const struct store_txn *t, uint64_t serial)
{
	const struct generations *g = t->st->generations;

	return g != NULL ? generations_of_key(g, serial) : 1;
}

bool
store_org_holds(const struct store_txn *t, const struct stamp *s)
{
	const struct generations *g = t->st->generations;

	return g != NULL && generations_hold_org(g, s);
}

const char *
store_table_name(enum table table)
{
	return table_names[table];
}

const struct secret *
store_secret(const struct store_txn *t)
{
	return t->st->secret;
}

const char *
store_strerror(enum store_status s)
{
	switch (s) {
	case STORE_OK:
		return "done";
	case STORE_NONE:
		return "there is no such entry";
	case STORE_EXISTS:
		return "there is one already";
	case STORE_FULL:
		return "no room: the disk or map_size is full";
	case STORE_DAMAGED:
		return "what is on disk is damaged";
	case STORE_OUTCOME:
		return "a commit failed";
	case STORE_PANIC:
		return "a commit failed for good";
	case STORE_FAILED:
		break;
	}
	return "an error of the database";
}
