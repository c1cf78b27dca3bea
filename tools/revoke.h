/* SPDX-License-Identifier: ISC */
/*
 * revoke.h - the two ways to say which keys go: each by its name, or all that
 * filters leave.
 *
 * Both ask at a terminal first and show what would go; neither can be undone.
 */
#ifndef KEYDCTL_REVOKE_H
#define KEYDCTL_REVOKE_H

#include "filter.h"
#include "session.h"

struct revocation {
	const char *reason; /* NULL: none */
	bool dry_run;
	bool ask; /* the person at the terminal */
	bool by_token;
	struct filter filter;
};

/* The keys of the operands, or of the token on standard input. */
int revoke_named(struct session *s, const struct revocation *v);

/* All live keys that v->filter leaves. */
int revoke_filtered(struct session *s, const struct revocation *v);

/* The question after what would go was shown; said when it is a no. */
int revoke_confirm(struct session *s, size_t count);

#endif /* KEYDCTL_REVOKE_H */
