/* SPDX-License-Identifier: ISC */
/*
 * dispatch.h - from a frame to the operation that it asks for.
 *
 * Version, type, socket and right are looked at in one table before a byte of
 * the body is.
 */
#ifndef KEYD_DISPATCH_H
#define KEYD_DISPATCH_H

#include "change.h"
#include "op.h"

/* Bits, since some operations are on both. */
enum socket_kind { SOCKET_VERIFY = 1, SOCKET_ADMIN = 2 };

/*
 * Puts the answer to a frame in c->out and returns NULL, or returns a change
 * that is to be answered when it is done.  The caller has set all of *c but
 * req and id.  policy is c's, for the change to keep.
 */
struct change *dispatch(struct op_call *c, enum socket_kind socket,
    const struct frame *f, struct policy *policy);

#endif /* KEYD_DISPATCH_H */
