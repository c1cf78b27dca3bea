/* SPDX-License-Identifier: ISC */
/*
 * ngx_answer.h - what the client is told of a check: a status and headers.
 */
#ifndef KEYD_NGX_ANSWER_H
#define KEYD_NGX_ANSWER_H

#include "ngx_check.h"

/* NGX_OK, or the status to refuse r with, once k is done.  Its headers are put
   into the answer the first time, in the place of those of older checks. */
ngx_int_t answer(ngx_http_request_t *r, struct check *k, const char *realm);

#endif /* KEYD_NGX_ANSWER_H */
