/* SPDX-License-Identifier: ISC */
/*
 * share.h - what keyd shares with its clients: the bulletin, with a heart in it
 * and the generations of keys.
 *
 * Where this kernel cannot do that nothing is shared, and every verify is a
 * question to keyd: slower, and as true.
 */
#ifndef KEYD_SHARE_H
#define KEYD_SHARE_H

#include "generations.h"
#include "heart.h"
#include "posting.h"

struct share {
	struct posting posting;
	struct heart *heart;
	struct generations *generations; /* NULL: nothing is shared */
};

/* While this process may read its own /proc. */
void share_open(struct share *s);
/* When it holds the lock of the database: the page of the keyd before it says
   that it is dead. */
void share_start(struct share *s);
/* When nothing is acknowledged any more. */
void share_stop(struct share *s);

#endif /* KEYD_SHARE_H */
