/* SPDX-License-Identifier: ISC */
/*
 * store.h - tables of bytes on disk.  The only module that knows LMDB.
 *
 * Every commit is on disk before store_commit returns.  Values are sealed with
 * a MAC over table, key and value, so that a flipped bit or a value that was
 * moved is found and not used; the indexes, which only lead to sealed records
 * that name themselves, META and AUDIT go without.  One thread may write while
 * another reads through the view.
 */
#ifndef KEYD_STORE_H
#define KEYD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bulletin.h"
#include "secret.h"
#include "state.h"
#include "wire.h"

enum table {
	TABLE_META,    /* schema, check of the hash key, counters */
	TABLE_ORGS,    /* slug -> org */
	TABLE_MEMBERS, /* org NUL user -> member */
	TABLE_KEYS,    /* serial -> record */
	TABLE_HASHES,  /* stored hash -> serial; of the index */
	TABLE_IDS,     /* key id that does not go with its serial -> that */
	TABLE_NAMES,  /* org NUL name -> serial of the live key; of the index */
	TABLE_OWNERS, /* org NUL user NUL serial -> nothing; of the index */
	TABLE_USAGE,  /* serial -> usage */
	TABLE_LIMITS, /* serial -> what a clean stop left of its rate limit */
	TABLE_AUDIT,  /* seq -> event, chained by its hash and not sealed */
	TABLE_COUNT
};

enum store_status {
	STORE_OK,
	STORE_NONE,    /* there is no such key */
	STORE_EXISTS,  /* there is one already */
	STORE_FULL,    /* the map or the disk; nothing was written */
	STORE_FAILED,  /* anything else; nothing was written */
	STORE_DAMAGED, /* what is there is not what was written */
	STORE_OUTCOME, /* a commit failed: perhaps it is written */
	STORE_PANIC    /* the same, and the store is of no more use */
};

struct store;
struct store_txn;
struct generations;

/*
 * Opens or makes the database.  map_size is its greatest size in MiB.  NULL,
 * and a sentence in why: a hash key that is not the database's, a newer
 * schema, no room, an I/O error.
 */
struct store *store_open(const struct state *s, const struct secret *k,
    uint32_t map_size, char *why, size_t why_size);
void store_close(struct store *st); /* NULL is fine */

/* From here on clients are told of what changes; see generations.h.  Borrowed;
   NULL, as at first: they are not. */
void store_share(struct store *st, struct generations *g);

/*
 * The one read transaction, brought to the last commit, which costs next to
 * nothing when there was none since.  Ask for it after the requests to be
 * answered have been received: then each sees every change that was
 * acknowledged before it was sent.  NULL on failure.
 */
struct store_txn *store_view(struct store *st);
/* Lets go of its snapshot, so that the writer may use its pages again: to be
   done whenever the view is behind and nothing is to be read. */
void store_view_reset(struct store *st);

/*
 * Another read transaction, of the last commit for as long as it lives.  What
 * it sees the writer cannot use again, and so the file grows: end it soon.
 */
enum store_status store_snapshot(struct store *st, struct store_txn **t);
void store_snapshot_end(struct store_txn *t); /* NULL is fine */

enum store_status store_begin(struct store *st, struct store_txn **t);
enum store_status store_commit(struct store_txn *t); /* frees t */
void store_abort(struct store_txn *t);               /* NULL is fine */

/* *value lies in the map, until the transaction ends or writes. */
enum store_status store_get(struct store_txn *t, enum table table,
    struct span key, struct span *value);
enum store_status store_put(struct store_txn *t, enum table table,
    struct span key, struct span value);
/* The same; STORE_EXISTS, and nothing written, when the key is there. */
enum store_status store_add(struct store_txn *t, enum table table,
    struct span key, struct span value);
/* The same for a key greater than all in the table; fills pages whole. */
enum store_status store_append(struct store_txn *t, enum table table,
    struct span key, struct span value);
enum store_status store_delete(struct store_txn *t, enum table table,
    struct span key);
/* Deletes all that is in the table; those of the index are one in this, and
   META is not to be. */
enum store_status store_clear(struct store_txn *t, enum table table);

/* Big-endian numbers as values of META, TABLE_HASHES and the like. */
enum store_status store_get_number(struct store_txn *t, enum table table,
    struct span key, uint64_t *number);
enum store_status store_put_number(struct store_txn *t, enum table table,
    struct span key, uint64_t number);

/*
 * Calls step for each entry whose key begins with prefix, from the first that
 * is not before from on (an empty span: all), until it returns false.  The
 * table must not be written meanwhile.
 */
typedef bool store_step(void *arg, struct span key, struct span value);
enum store_status store_walk(struct store_txn *t, enum table table,
    struct span prefix, struct span from, store_step *step, void *arg);

/* How much there is; of the tables of the index, all rows of these, and of META
   nothing that means anything. */
struct store_size {
	uint64_t entries[TABLE_COUNT];
	uint64_t used;  /* bytes of data.mdb in use or kept for use */
	uint64_t limit; /* bytes that it may grow to */
};
enum store_status store_measure(struct store_txn *t, struct store_size *size);

/* What t writes next changes what is known of this key, or of all keys of this
   org. */
void store_touch_key(struct store_txn *t, uint64_t serial);
void store_touch_org(struct store_txn *t, const char *slug);

/*
 * What t writes next changes all there is; keys up to this serial, and behind
 * those that there were, are new to this keyd.  store_renewed tells the loop,
 * at the latest with the first view of them: the serial, 0 when there never
 * was such a change.
 */
void store_touch_all(struct store_txn *t, uint64_t serial);
uint64_t store_renewed(const struct store *st);

/* What an answer from the view about a key of an org rests on.  False: it may
   not be kept by anyone. */
bool store_stamp(const struct store_txn *t, uint64_t serial, const char *slug,
    struct stamp *s);

/*
 * Afterwards: what was read of a key holds as long as its generation is the
 * stamp's, and what was read of an org as long as this is true.  Without
 * generations a key's is odd, which no stamp's is.
 */
uint64_t store_key_generation(const struct store_txn *t, uint64_t serial);
bool store_org_holds(const struct store_txn *t, const struct stamp *s);

/* Has it reached its map_size?  Some pages more are kept for changes that must
   not fail, and it is for the caller to know which. */
bool store_is_full(struct store_txn *t);

/* What a table is called, here and in a backup. */
const char *store_table_name(enum table table);

/* The secret that its values are sealed with. */
const struct secret *store_secret(const struct store_txn *t);

const char *store_strerror(enum store_status status);

#endif /* KEYD_STORE_H */
