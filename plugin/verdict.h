/* SPDX-License-Identifier: ISC */
/*
 * verdict.h - from keyd's answer to what the caller reads.
 *
 * A verdict is filled whole, here, and copied out once, up to the size that
 * the caller's header had.
 */
#ifndef KEYD_VERDICT_H
#define KEYD_VERDICT_H

#include <stdbool.h>

#include "keyd.h"
#include "reply.h"

/* Is there a place for it?  NULL is fine. */
bool verdict_room(const struct keyd_verdict *v);

/* For one without: what stands before the rest in every version of the struct,
   since a caller may look at it and not at what was returned. */
void verdict_deny(struct keyd_verdict *v);

/* The status of an answer, and the rest of it into *v. */
enum keyd_status verdict_fill(struct keyd_verdict *v,
    const struct reply_verdict *a);

/* Sets the status, and what follows from it. */
void verdict_settle(struct keyd_verdict *v, enum keyd_status status);

/* The same, and copies to out unless it is NULL. */
void verdict_give(struct keyd_verdict *out, struct keyd_verdict *v,
    enum keyd_status status);

#endif /* KEYD_VERDICT_H */
