/* SPDX-License-Identifier: ISC */
/*
 * scratch.h - folders for one test, and a store in one.
 *
 * The folders lie in /tmp and are removed when the program exits, whatever
 * became of its tests.  What cannot be done fails the test.
 */
#ifndef KEYD_TESTS_SCRATCH_H
#define KEYD_TESTS_SCRATCH_H

#include <check.h>

#include "store.h"

#define SCRATCH_PATH 64    /* bytes of a folder's path */
#define SCRATCH_MAP_SIZE 8 /* MiB */

/* Writes the path of a new folder, 0700, for this process alone. */
void scratch_folder(char path[SCRATCH_PATH]);

/* Writes the path of a file in a folder. */
void scratch_path(char *path, size_t size, const char *dir, const char *name);

struct scratch {
	char dir[SCRATCH_PATH];
	uint8_t hash_key[HASH_KEY_SIZE]; /* the same in all tests */
	uint32_t map_size;               /* MiB */
	struct state state;
	struct secret *secret;
	struct store *store;
};

/* A new store in a folder of its own. */
void scratch_open(struct scratch *s);
void scratch_close(struct scratch *s);

/* Closed and opened again. */
void scratch_reopen(struct scratch *s);

/* Opened again with whatever hash_key and map_size are now; false and a
   sentence if not. */
bool scratch_try(struct scratch *s, char *why, size_t why_size);

struct store_txn *scratch_begin(struct scratch *s);
void scratch_commit(struct store_txn *t);
struct store_txn *scratch_view(struct scratch *s);

/* Writes over bytes of the database where they lie in its map, as a failing
   disk would. */
void scratch_overwrite(struct scratch *s, const uint8_t *at, const void *bytes,
    size_t len);
/* The same for one bit. */
void scratch_flip(struct scratch *s, const uint8_t *at, size_t bit);

#endif /* KEYD_TESTS_SCRATCH_H */
