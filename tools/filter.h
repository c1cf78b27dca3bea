/* SPDX-License-Identifier: ISC */
/*
 * filter.h - which keys a command is about: those of an organization, of a
 * member there, those that nobody uses.
 *
 * A revocation takes the same filters as a list, so that the list shows what
 * would go.
 */
#ifndef KEYDCTL_FILTER_H
#define KEYDCTL_FILTER_H

#include "cmd.h"
#include "request.h"

/* What was given on the command line; NULL: not given. */
struct filter {
	const char *org;
	const char *user;
	const char *unused_for;
};

/* Puts it into *q.  False after saying what is wrong. */
bool filter_fill(const struct call *call, const struct filter *f,
    struct request_list *q);

#endif /* KEYDCTL_FILTER_H */
