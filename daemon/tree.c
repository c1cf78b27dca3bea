/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "tree.h"

#define INDEX "index"

/* A tag sorts before the names of trees.  0: the tree is the table's own, and
   has its name. */
static const struct {
	const char *name;
	uint8_t tag;
} shared[TABLE_COUNT] = {
	[TABLE_META] = { NULL, 1 },
	[TABLE_HASHES] = { INDEX, 1 },
	[TABLE_NAMES] = { INDEX, 2 },
	[TABLE_OWNERS] = { INDEX, 3 },
};

bool
tree_is_shared(enum table table)
{
	return shared[table].tag != 0;
}

const char *
tree_name(enum table table)
{
	return tree_is_shared(table) ? shared[table].name
				     : store_table_name(table);
}

struct span
tree_key(enum table table, struct span key, uint8_t *room)
{
	if (!tree_is_shared(table))
		return key;
	room[0] = shared[table].tag;
	if (key.len < TREE_KEY_MAX && key.len > 0)
		memcpy(room + 1, key.ptr, key.len);
	return (struct span){ room, key.len + 1 };
}

bool
tree_has(enum table table, struct span key)
{
	return !tree_is_shared(table) ||
	    (key.len > 0 && key.ptr[0] == shared[table].tag);
}

struct span
tree_row(enum table table, struct span key)
{
	size_t tag = tree_is_shared(table) ? 1 : 0;

	return (struct span){ key.ptr + tag, key.len - tag };
}
