/* SPDX-License-Identifier: ISC */
/*
 * posting.h - the bulletin as memory that is given to clients.
 *
 * A memfd of one page, sealed so that nobody can write, shrink or grow it but
 * through the one mapping that was made before; clients get a descriptor that
 * was opened read-only besides.
 */
#ifndef KEYD_POSTING_H
#define KEYD_POSTING_H

#include <stdbool.h>

#include "bulletin.h"

struct posting {
	struct bulletin *page; /* NULL: there is none */
	int fd;                /* for clients; -1: none */
};

/*
 * Call it while this process may still read its own /proc, before it is made
 * undumpable.  False, and errno, when this kernel has no such memory; then
 * there is nothing to give, and clients ask each time.
 */
bool posting_open(struct posting *p);
void posting_close(struct posting *p);

#endif /* KEYD_POSTING_H */
