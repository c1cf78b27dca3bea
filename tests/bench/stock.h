/* SPDX-License-Identifier: ISC */
/*
 * stock.h - keys to measure with, made and revoked through libkeyd.
 *
 * Their tokens stay in this process's memory.  All names have one length, so
 * that all answers to verify have too.
 */
#ifndef KEYD_STOCK_H
#define KEYD_STOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "keyd.h"

struct stock {
	struct keyd *handle;
	unsigned run; /* part of all names, so that there are none twice */
	const char *org;
	const char *user;
	size_t limit;           /* that may be made as yet */
	atomic_size_t begun;    /* number of the next to be made */
	atomic_size_t revoking; /* and of the next to be revoked */
	char (*token)[KEYD_TOKEN_SIZE];
	char (*id)[KEYD_ID_SIZE];
};

/* Opens a handle on that keyd, and has room for so many. */
void stock_open(struct stock *s, const char *runtime_dir, const char *org,
    const char *user, size_t room);
void stock_close(struct stock *s);

/* Makes all up to that number, with many clients at once. */
void stock_fill(struct stock *s, size_t count);
size_t stock_made(struct stock *s);

/* For struct load: one client's next one. */
bool stock_make(void *stock, unsigned client);
bool stock_revoke(void *stock, unsigned client);

#endif /* KEYD_STOCK_H */
