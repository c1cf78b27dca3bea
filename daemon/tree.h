/* SPDX-License-Identifier: ISC */
/*
 * tree.h - which B+ tree of the database has the rows of a table.
 *
 * A commit writes each page between a changed row and the root of its tree
 * anew, and a page that lies apart costs more than what is on it.  So the
 * small tables of which each change writes a row share a tree, where a tag
 * before the key tells them apart: META that of the database itself, which
 * every commit writes anyhow, and the indexes one of their own.
 */
#ifndef KEYD_TREE_H
#define KEYD_TREE_H

#include "store.h"

/* Bytes of a key in a tree; LMDB's own limit.  None is empty. */
#define TREE_KEY_MAX 511

/* Its name; NULL: that of the database, where the names of the others are. */
const char *tree_name(enum table table);

/* Does it share its tree? */
bool tree_is_shared(enum table table);

/* The key of a row in its tree, in room (TREE_KEY_MAX bytes) if it is not the
   row's own; one that is too long has more than TREE_KEY_MAX bytes. */
struct span tree_key(enum table table, struct span key, uint8_t *room);

/* Is it of a row of that table?  Then its own key is what follows the tag. */
bool tree_has(enum table table, struct span key);
struct span tree_row(enum table table, struct span key);

#endif /* KEYD_TREE_H */
