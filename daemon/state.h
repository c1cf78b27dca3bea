/* SPDX-License-Identifier: ISC */
/*
 * state.h - the state directory, which one keyd owns for its whole life.
 *
 * It is locked by a file of its own before anything else in it is touched: a
 * second LMDB process that opens and closes the database can corrupt it.
 */
#ifndef KEYD_STATE_H
#define KEYD_STATE_H

#include <stdbool.h>
#include <stddef.h>

struct state {
	const char *dir; /* borrowed */
	int dir_fd;
	int lock_fd;
	bool has_database; /* data.mdb was there when it was opened */
};

/*
 * Makes the directory when it is missing (0700), refuses one on a network or
 * user-space file system, one that others may write, and one that another keyd
 * has.  False, and a sentence in why, on failure.
 */
bool state_open(struct state *s, const char *dir, char *why, size_t why_size);
void state_close(struct state *s);

/* Makes the directory's entries as durable as the files' contents. */
bool state_sync(const struct state *s);

#endif /* KEYD_STATE_H */
