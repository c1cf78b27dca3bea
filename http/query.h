/* SPDX-License-Identifier: ISC */
/*
 * query.h - what a server wants of a key, as it says in a request.
 *
 * A parameter that is misspelt, given twice or empty is refused: taken for
 * nothing it would let in more than was meant.
 */
#ifndef KEYD_HTTP_QUERY_H
#define KEYD_HTTP_QUERY_H

#include <stdbool.h>

#define QUERY_TEXT_SIZE 64 /* of a permission and an org, with the NUL */

struct query {
	char permission[QUERY_TEXT_SIZE]; /* "": any valid key */
	char org[QUERY_TEXT_SIZE];        /* "": any */
	bool carry;  /* 403 stands for all that is not 200, 401 or 403 */
	bool detail; /* say all that is known of a key that is refused */
};

/* text is written to.  NULL, or a sentence for whoever set up the server. */
const char *query_parse(char *text, struct query *q);

#endif /* KEYD_HTTP_QUERY_H */
