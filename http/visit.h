/* SPDX-License-Identifier: ISC */
/*
 * visit.h - one request of HTTP, as it comes in.
 *
 * Its target is kept as it was sent, not as a library read it; its body up to a
 * bound.  Both are wiped at its end, since a body holds a token.
 */
#ifndef KEYD_HTTP_VISIT_H
#define KEYD_HTTP_VISIT_H

#include <microhttpd.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VISIT_BODY_MAX 4096 /* bytes; a token has 56, or 1024 of others */

struct endpoint;
struct site;
struct visitor;

struct visit {
	char *path;  /* as sent; NUL-terminated */
	char *query; /* what follows its "?"; "" without */
	size_t target_len;
	const struct endpoint *endpoint; /* NULL: there is none such */
	const char *method;              /* of the library's */
	struct visitor *visitor;         /* may be NULL */
	bool seen;                       /* its headers were looked at */
	size_t body_len;
	char body[VISIT_BODY_MAX + 1]; /* NUL-terminated */
};

/* NULL without memory. */
struct visit *visit_new(const char *target, struct visitor *visitor);
void visit_free(struct visit *v); /* NULL is fine */

/* Adds to the body.  False: it is too long, or has a NUL. */
bool visit_add(struct visit *v, const char *bytes, size_t len);

#define VISIT_BODY_UNKNOWN SIZE_MAX /* in chunks */

/* How long the body will be, as the headers say: 0 for none. */
size_t visit_announced(struct MHD_Connection *c);

/* False when the headers say it twice: who passed the request on may have taken
   another length than the library did, and what follows for another request. */
bool visit_length_is_clear(struct MHD_Connection *c);

/*
 * The value of the one Authorization header, or NULL.  False when there are two
 * or more.
 */
bool visit_authorization(struct MHD_Connection *c, const char **value);

#endif /* KEYD_HTTP_VISIT_H */
