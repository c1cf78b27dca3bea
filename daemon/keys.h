/* SPDX-License-Identifier: ISC */
/*
 * keys.h - the keys in the store, with the indexes that lead to them.
 *
 * Records lie in the order in which they were made, so that those that are
 * written together share pages; only small indexes are in random order.  What
 * an index leads to must name itself the same way, else it is damaged.
 */
#ifndef KEYD_KEYS_H
#define KEYD_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "store.h"

/* By stored hash.  An unknown one takes as long as a known one. */
enum store_status keys_find(struct store_txn *t,
    const uint8_t hash[STORED_HASH_SIZE], struct record *rec);
/* Is the hash taken, if only by a key that is being imported? */
enum store_status keys_has_hash(struct store_txn *t,
    const uint8_t hash[STORED_HASH_SIZE]);
enum store_status keys_find_id(struct store_txn *t, const char *id,
    struct record *rec);
/* The key that holds the name in the org; it may have expired, or be one that
   is being imported, which is not there for any other of these. */
enum store_status keys_find_name(struct store_txn *t, const char *org,
    const char *name, struct record *rec);

/* Gives it a serial and the id that goes with it, and writes it with its
   indexes.  Takes the name over from the key that has it, which has expired or
   is rotated; STORE_EXISTS when the hash is taken. */
enum store_status keys_insert(struct store_txn *t, struct record *rec);

/* Keeps the id of a key that came from elsewhere, if it does not go with its
   serial here.  STORE_EXISTS: it is kept for another key. */
enum store_status keys_keep_id(struct store_txn *t, const char *id,
    uint64_t serial);

/* Writes what has changed in it: nothing that an index leads to it by. */
enum store_status keys_update(struct store_txn *t, const struct record *rec);

/* Marks it revoked and sets its name free, or gives it back to the live key
   that this one was to take the place of; count it with keys_count_revoked. */
enum store_status keys_revoke(struct store_txn *t, struct record *rec,
    int64_t now, uint32_t uid, const char *reason);

enum store_status keys_count_revoked(struct store_txn *t, uint64_t more);

/* By serial, whether it is being imported or not. */
enum store_status keys_get(struct store_txn *t, uint64_t serial,
    struct record *rec);
/* Removes all that there is of it, as if it had never been made. */
enum store_status keys_forget(struct store_txn *t, const struct record *rec);

/* Is it neither revoked nor expired? */
bool key_is_live(const struct key_info *k, int64_t now);

/* Where a walk goes on: bytes for a cursor of the protocol. */
struct keys_place {
	uint8_t bytes[CURSOR_MAX];
	size_t len;
};

/*
 * Calls step for the keys of an org ("": all) and a user ("": all), in an order
 * that stays, from the place *from on (len 0: from the first), until it
 * returns false or limit keys were looked at.  *next is the place of the first
 * key not done; len 0 when there is none.
 */
typedef bool keys_step(void *arg, const struct record *rec);
enum store_status keys_walk(struct store_txn *t, const char *org,
    const char *user, const struct keys_place *from, unsigned limit,
    keys_step *step, void *arg, struct keys_place *next);

#endif /* KEYD_KEYS_H */
