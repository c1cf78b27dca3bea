/* SPDX-License-Identifier: ISC */
/*
 * verdict_answer.h - a verdict as an answer of HTTP: code and headers.
 *
 * What a proxy may pass on to the client tells no more than a challenge does:
 * not whether a token is unknown, revoked or expired, nor that there is an
 * org.  Who keeps the headers to himself may ask for the detail.
 */
#ifndef KEYD_HTTP_VERDICT_ANSWER_H
#define KEYD_HTTP_VERDICT_ANSWER_H

#include "answer.h"
#include "keyd.h"
#include "query.h"

void verdict_answer(struct answer *a, const char *realm, const struct query *q,
    const struct keyd_verdict *v);

/* A refusal that is no verdict, in the same form.  why is put into JSON as it
   is. */
void verdict_refuse(struct answer *a, const struct query *q, unsigned code,
    const char *word, const char *why);

#endif /* KEYD_HTTP_VERDICT_ANSWER_H */
