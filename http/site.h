/* SPDX-License-Identifier: ISC */
/*
 * site.h - what all threads of keyd-http share, and the way to keyd.
 */
#ifndef KEYD_HTTP_SITE_H
#define KEYD_HTTP_SITE_H

#include <stdbool.h>

#include "handles.h"
#include "query.h"
#include "tally.h"
#include "visitors.h"

struct site {
	const char *realm;      /* of challenges; NULL: libkeyd's */
	const char *introspect; /* permission of who introspects; NULL */
	bool is_unix;           /* listens where a mode says who may connect */
	struct handles handles;
	struct visitors visitors;
	struct tally tally;
};

enum site_token { SITE_TOKEN, SITE_BEARER }; /* bare; value of a header */

/*
 * Is the key good for what is wanted?  Fills *v whatever comes of it, counts
 * the verdict, and logs why there is none.
 */
void site_verify(struct site *s, const struct query *q, enum site_token kind,
    const char *text, struct keyd_verdict *v);

/* The same of a bare token, and more of its key. */
void site_details(struct site *s, const struct query *q, const char *token,
    struct keyd_verdict *v, struct keyd_details *details);

#endif /* KEYD_HTTP_SITE_H */
