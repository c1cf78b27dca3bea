/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <lmdb.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generations.h"
#include "log.h"
#include "schema.h"
#include "store.h"
#include "tree.h"

#define MIB (1024UL * 1024UL)

/* One for the loop's view, some in reserve. */
#define READERS_MAX 16

/* Bytes of the map over map_size; a revocation copies some twenty pages. */
#define SPARE (16 * MIB)

/* Trees, and those of older schemas that are taken up. */
#define TREES_MAX (TABLE_COUNT + 8)

/* Bytes of a sealed value with its table and key before it: a key record with
   every text at its longest takes 2.5 KiB. */
#define SEALED_MAX 4096

_Static_assert(MAC_SIZE == crypto_verify_16_BYTES, "how MACs are compared");

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

/* Says what LMDB said, once, here; everyone above only passes it on. */
static enum store_status
status(const char *what, int e)
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

static bool
is_sealed(enum table table)
{
	return table == TABLE_ORGS || table == TABLE_MEMBERS ||
	    table == TABLE_KEYS || table == TABLE_USAGE ||
	    table == TABLE_LIMITS;
}

static MDB_val
to_val(struct span s)
{
	return (MDB_val){ .mv_size = s.len, .mv_data = (void *)s.ptr };
}

static struct span
to_span(MDB_val v)
{
	return (struct span){ v.mv_data, v.mv_size };
}

static enum store_status
seal(const struct store_txn *t, enum table table, struct span key,
    struct span value, uint8_t mac[MAC_SIZE])
{
	uint8_t bytes[SEALED_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u8(&w, (uint8_t)table);
	wire_put_span(&w, key);
	wire_put_span(&w, value);
	if (!wire_fits(&w))
		return STORE_FAILED;
	secret_mac(t->st->secret, (struct span){ bytes, wire_length(&w) }, mac);
	return STORE_OK;
}

static struct log_throttle throttle;

/* Takes the MAC off a value, if it is the right one. */
static enum store_status
unseal(const struct store_txn *t, enum table table, struct span key,
    struct span *value)
{
	uint8_t mac[MAC_SIZE];
	struct span bare;

	if (!is_sealed(table))
		return STORE_OK;
	if (value->len < MAC_SIZE)
		return STORE_DAMAGED;
	bare = (struct span){ value->ptr, value->len - MAC_SIZE };
	if (seal(t, table, key, bare, mac) != STORE_OK ||
	    crypto_verify_16(mac, value->ptr + bare.len) != 0) {
		log_throttled(&throttle,
		    "store: a record of table %s is damaged",
		    table_names[table]);
		return STORE_DAMAGED;
	}
	*value = bare;
	return STORE_OK;
}

static bool
open_env(struct store *st, const char *dir, uint32_t map_size)
{
	if (status("create", mdb_env_create(&st->env)) != STORE_OK)
		return false;
	return status("map size",
		   mdb_env_set_mapsize(st->env, map_size * MIB + SPARE)) ==
	    STORE_OK &&
	    status("tables", mdb_env_set_maxdbs(st->env, TREES_MAX)) ==
	    STORE_OK &&
	    status("readers", mdb_env_set_maxreaders(st->env, READERS_MAX)) ==
	    STORE_OK &&
	    status("open", mdb_env_open(st->env, dir, MDB_NOTLS, 0600)) ==
	    STORE_OK;
}

/* All rows of a table that has a tree of its own, up to schema 2. */
static enum store_status
move_rows(struct store_txn *t, enum table table, MDB_dbi from)
{
	MDB_cursor *cursor;
	MDB_val k, v;
	enum store_status rc =
	    status("cursor", mdb_cursor_open(t->mdb, from, &cursor));

	if (rc != STORE_OK)
		return rc;
	while ((rc = status("walk",
		    mdb_cursor_get(cursor, &k, &v, MDB_NEXT))) == STORE_OK &&
	    (rc = store_put(t, table, to_span(k), to_span(v))) == STORE_OK)
		;
	mdb_cursor_close(cursor);
	return rc == STORE_NONE ? STORE_OK : rc;
}

static enum store_status
move_table(struct store_txn *t, enum table table)
{
	MDB_dbi from;
	enum store_status rc =
	    status("table", mdb_dbi_open(t->mdb, table_names[table], 0, &from));

	if (rc != STORE_OK)
		return rc == STORE_NONE ? STORE_OK : rc;
	if ((rc = move_rows(t, table, from)) != STORE_OK)
		return rc;
	return status("table", mdb_drop(t->mdb, from, 1));
}

static enum store_status
open_tables(struct store_txn *t)
{
	for (int i = 0; i < TABLE_COUNT; i++) {
		enum store_status rc = status("table",
		    mdb_dbi_open(t->mdb, tree_name(i), MDB_CREATE,
			&t->st->dbi[i]));

		if (rc == STORE_OK && tree_is_shared(i))
			rc = move_table(t, i);
		if (rc != STORE_OK)
			return rc;
	}
	return STORE_OK;
}

/*
 * The first transaction always writes (schema_start counts the start): a
 * commit that a crash left durable but not acknowledged is seen by readers
 * only after the next one.
 */
static bool
start(struct store *st, char *why, size_t why_size)
{
	struct store_txn *t;
	enum store_status rc;

	snprintf(why, why_size, "the database cannot be opened; see above");
	if (store_begin(st, &t) != STORE_OK)
		return false;
	if (open_tables(t) != STORE_OK || !schema_start(t, why, why_size)) {
		store_abort(t);
		return false;
	}
	if ((rc = store_commit(t)) != STORE_OK)
		snprintf(why, why_size, "the database cannot be written: %s",
		    store_strerror(rc));
	return rc == STORE_OK;
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
	if (!open_env(st, s->dir, map_size) || !start(st, why, why_size) ||
	    !state_sync(s)) {
		store_close(st);
		return NULL;
	}
	return st;
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
		if (status("read", renew(st)) != STORE_OK)
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
		rc = status("snapshot",
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
	enum store_status rc =
	    status("begin", mdb_txn_begin(st->env, NULL, 0, &st->writing.mdb));

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
	enum store_status rc = status("commit", mdb_txn_commit(t->mdb));

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

enum store_status
store_get(struct store_txn *t, enum table table, struct span key,
    struct span *value)
{
	uint8_t room[TREE_KEY_MAX];
	MDB_val k = to_val(tree_key(table, key, room)), v;
	enum store_status rc;

	if (key.len == 0 || k.mv_size > TREE_KEY_MAX)
		return STORE_NONE;
	rc = status("get", mdb_get(t->mdb, t->st->dbi[table], &k, &v));
	if (rc != STORE_OK)
		return rc;
	*value = to_span(v);
	return unseal(t, table, key, value);
}

static enum store_status
put(struct store_txn *t, enum table table, struct span key, struct span value,
    unsigned flags)
{
	bool sealed = is_sealed(table);
	uint8_t mac[MAC_SIZE], room[TREE_KEY_MAX];
	MDB_val k = to_val(tree_key(table, key, room)), v;
	enum store_status rc;

	if (key.len == 0)
		return status("put", MDB_BAD_VALSIZE);
	if (sealed && (rc = seal(t, table, key, value, mac)) != STORE_OK)
		return rc;
	v.mv_size = value.len + (sealed ? MAC_SIZE : 0);
	rc = status("put",
	    mdb_put(t->mdb, t->st->dbi[table], &k, &v, flags | MDB_RESERVE));
	if (rc != STORE_OK)
		return rc;
	if (value.len > 0)
		memcpy(v.mv_data, value.ptr, value.len);
	if (sealed)
		memcpy((uint8_t *)v.mv_data + value.len, mac, MAC_SIZE);
	return STORE_OK;
}

enum store_status
store_put(struct store_txn *t, enum table table, struct span key,
    struct span value)
{
	return put(t, table, key, value, 0);
}

enum store_status
store_add(struct store_txn *t, enum table table, struct span key,
    struct span value)
{
	return put(t, table, key, value, MDB_NOOVERWRITE);
}

enum store_status
store_append(struct store_txn *t, enum table table, struct span key,
    struct span value)
{
	return put(t, table, key, value, MDB_APPEND);
}

enum store_status
store_delete(struct store_txn *t, enum table table, struct span key)
{
	uint8_t room[TREE_KEY_MAX];
	MDB_val k = to_val(tree_key(table, key, room));

	return status("delete", mdb_del(t->mdb, t->st->dbi[table], &k, NULL));
}

enum store_status
store_clear(struct store_txn *t, enum table table)
{
	return status("clear", mdb_drop(t->mdb, t->st->dbi[table], 0));
}

enum store_status
store_get_number(struct store_txn *t, enum table table, struct span key,
    uint64_t *number)
{
	struct span value;
	enum store_status rc = store_get(t, table, key, &value);
	struct wire_reader r;

	*number = 0;
	if (rc != STORE_OK)
		return rc;
	r = wire_reader(value.ptr, value.len);
	*number = wire_get_u64(&r);
	return wire_done(&r) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
store_put_number(struct store_txn *t, enum table table, struct span key,
    uint64_t number)
{
	uint8_t bytes[sizeof(number)];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u64(&w, number);
	return store_put(t, table, key,
	    (struct span){ bytes, wire_length(&w) });
}

static bool
begins_with(struct span s, struct span prefix)
{
	return s.len >= prefix.len &&
	    (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

enum store_status
store_walk(struct store_txn *t, enum table table, struct span prefix,
    struct span from, store_step *step, void *arg)
{
	uint8_t room[TREE_KEY_MAX];
	struct span start = tree_key(table, from.len > 0 ? from : prefix, room);
	MDB_val k = to_val(start), v;
	MDB_cursor_op op = k.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST;
	MDB_cursor *cursor;
	enum store_status rc;

	rc = status("cursor",
	    mdb_cursor_open(t->mdb, t->st->dbi[table], &cursor));
	if (rc != STORE_OK)
		return rc;
	for (;; op = MDB_NEXT) {
		struct span key, value;

		rc = status("walk", mdb_cursor_get(cursor, &k, &v, op));
		if (rc != STORE_OK || !tree_has(table, to_span(k)))
			break;
		key = tree_row(table, to_span(k));
		value = to_span(v);
		if (!begins_with(key, prefix))
			break;
		rc = unseal(t, table, key, &value);
		if (rc != STORE_OK || !step(arg, key, value))
			break;
	}
	mdb_cursor_close(cursor);
	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
store_measure(struct store_txn *t, struct store_size *size)
{
	MDB_envinfo info;
	MDB_stat st;
	enum store_status rc;

	for (int i = 0; i < TABLE_COUNT; i++) {
		rc = status("stat", mdb_stat(t->mdb, t->st->dbi[i], &st));
		if (rc != STORE_OK)
			return rc;
		size->entries[i] = st.ms_entries;
	}
	rc = status("info", mdb_env_info(t->st->env, &info));
	if (rc != STORE_OK)
		return rc;
	size->used = (info.me_last_pgno + 1) * (uint64_t)st.ms_psize;
	size->limit = info.me_mapsize - SPARE;
	return STORE_OK;
}

bool
store_is_full(struct store_txn *t)
{
	struct store_size size;

	return store_measure(t, &size) == STORE_OK && size.used >= size.limit;
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
