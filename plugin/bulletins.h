/* SPDX-License-Identifier: ISC */
/*
 * bulletins.h - the pages that this process was given, one for each life of
 * keyd that it has seen.
 *
 * A thread may be looking at a page at any time, so none is let go of before
 * the end: 4 KiB for each restart of keyd.
 */
#ifndef KEYD_BULLETINS_H
#define KEYD_BULLETINS_H

#include <stdatomic.h>

#include "bulletin.h"

#define BULLETINS_MAX 4096 /* lives; what comes later is not looked at */

struct sheet {
	const struct bulletin *page;
	struct sheet *older;
};

struct bulletins {
	_Atomic(struct sheet *) newest;
	atomic_uint count;
};

/*
 * The page behind a descriptor, mapped once however often it is given.  The
 * descriptor is closed.  NULL for -1, for what is not sealed, not the size or
 * not a bulletin of this layout, and without memory.
 */
const struct bulletin *bulletins_take(struct bulletins *b, int fd);

void bulletins_free(struct bulletins *b);

#endif /* KEYD_BULLETINS_H */
