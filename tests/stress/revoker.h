/* SPDX-License-Identifier: ISC */
/*
 * revoker.h - who makes the keys of a storm and takes them back, whatever
 * becomes of keyd meanwhile.
 */
#ifndef KEYD_TESTS_REVOKER_H
#define KEYD_TESTS_REVOKER_H

#include <stdio.h>

#include "board.h"

/* What the revokers tell the checker, so that it must find it. */
enum lie {
	NONE,
	EARLY, /* that a key is revoked, before it is */
	FIRST, /* that a verify was refused, before one was */
	LATE   /* that a key is live, while it is being revoked */
};

struct revokers {
	struct board *board;
	const struct keyd_options *options;
	int keys;
	uint64_t verifies; /* from memory, over which the keys are spread */
	const char *org;
	const char *user;
	enum lie lie;
	FILE *tokens; /* where they are noted for the secret hunt, or NULL */
};

/* Returns when all are revoked. */
void revokers_run(const struct revokers *r);

#endif /* KEYD_TESTS_REVOKER_H */
