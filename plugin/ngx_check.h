/* SPDX-License-Identifier: ISC */
/*
 * ngx_check.h - one question about one request of a client, and its answer.
 *
 * What a client's request asks of keyd is asked once, however many subrequests
 * and internal redirects come by: a check lives in the pool that they share,
 * and dies with it, which cancels what is still under way.
 */
#ifndef KEYD_NGX_CHECK_H
#define KEYD_NGX_CHECK_H

#include <ngx_config.h>

#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_gate.h"

enum check_header {
	CHECK_CHALLENGE,
	CHECK_RETRY_AFTER,
	CHECK_LIMIT,
	CHECK_POLICY,
	CHECK_HEADERS
};

struct waiter;

/* Small, since it is in the memory of each request.  Texts of the answer are
   "" where it has none. */
struct check {
	struct gate *gate;
	const char *permission; /* NULL: any valid key */
	ngx_pool_t *pool;       /* that it is in */
	uint64_t ticket;        /* 0: not under way */
	struct waiter *waiters;
	bool done; /* and this is the answer: */
	enum keyd_status status;
	uint32_t retry_after; /* s */
	ngx_str_t key_id;
	ngx_str_t org;
	ngx_str_t user;
	ngx_str_t limit;  /* RateLimit */
	ngx_str_t policy; /* RateLimit-Policy */
	bool told;        /* its headers are in the response */
	ngx_table_elt_t *headers[CHECK_HEADERS]; /* NULL: none */
};

/* The check with this question, asked now if it was not before.  NULL without
   memory. */
struct check *check_ask(ngx_http_request_t *r, struct gate *g,
    const char *permission);

/* One that is not done: r runs on when it is.  False without memory. */
bool check_wait(struct check *k, ngx_http_request_t *r);

/* The newest of r's pool that is done, after another, or NULL for the first;
   NULL when there is none. */
struct check *check_last(ngx_http_request_t *r, const struct check *after);

/* The one that r was refused for, when its page is about to be shown with the
   status of that; else NULL. */
struct check *check_refused(ngx_http_request_t *r);

#endif /* KEYD_NGX_CHECK_H */
