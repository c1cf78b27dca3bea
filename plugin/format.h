/* SPDX-License-Identifier: ISC */
/*
 * format.h - what keyd last said its tokens look like.
 *
 * Remembered, so that a text that is no token is refused without keyd.  What
 * was once learned is never changed or freed before the end, so that threads
 * read it without a lock and a fork cannot catch it half-written.
 */
#ifndef KEYD_FORMAT_H
#define KEYD_FORMAT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "reply.h"

struct format {
	bool foreign;
	char prefix[PREFIX_SIZE];
	struct format *older; /* in the order they were learned */
};

struct formats {
	_Atomic(struct format *) now; /* NULL: keyd was not heard yet */
	_Atomic(struct format *) all;
	atomic_int_fast64_t checked; /* when keyd was last asked; ns */
};

/* Could this be a token of some keyd, whatever its settings? */
bool format_possible(struct span text);

/* Could this be a token of the keyd that said this? */
bool format_fits(const char *prefix, bool foreign, struct span text);

/* The prefix of a token that is whole, whose ever; "" for any other text. */
void format_prefix_of(struct span text, char prefix[PREFIX_SIZE]);

/* Takes what a new connection's welcome says. */
void format_learn(struct formats *f, const struct reply_welcome *w);

/* The prefix that keyd last said; false when it was not heard yet. */
bool format_prefix(struct formats *f, char prefix[PREFIX_SIZE]);

/*
 * keyd may have been given another prefix since.  True for one caller a
 * second, who is to ask it before refusing.
 */
bool format_stale(struct formats *f);

void format_free(struct formats *f);

#endif /* KEYD_FORMAT_H */
