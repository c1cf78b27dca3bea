/* SPDX-License-Identifier: ISC */
/*
 * select.h - which keys a filter leaves.
 *
 * One predicate for the list that shows keys and for the change that revokes
 * them, so that what was shown is what goes.
 */
#ifndef KEYD_SELECT_H
#define KEYD_SELECT_H

#include "op.h"

struct selection {
	const char *org;      /* "": any */
	const char *user;     /* "": any; needs org */
	bool all;             /* revoked and expired keys too */
	int64_t unused_since; /* not used since then, nor made; 0: whenever */
	bool due;             /* past their time for rotation */
	bool drifted;         /* that may more than their owner does now */
};

/* Refuses a filter that cannot be, an org that there is not, and one whose
   keys the peer may not WHAT, such as "list keys". */
enum op_result select_check(struct op_call *c, const struct selection *s,
    const char *what);

/* Looks at what the walk over org and user does not see to. */
enum store_status select_key(const struct op_call *c, const struct selection *s,
    const struct record *rec, bool *chosen);

#endif /* KEYD_SELECT_H */
