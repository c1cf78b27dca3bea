/* SPDX-License-Identifier: ISC */
/*
 * draft.h - a key that is asked for, before it is made.
 *
 * Both look at c->req->create and put the error themselves when they refuse.
 */
#ifndef KEYD_DRAFT_H
#define KEYD_DRAFT_H

#include "op.h"

/* The texts and times, whatever is in the store. */
enum op_result draft_check(struct op_call *c);

/* Fills in the key but for its id: its owner must be a member who may make it,
   with permissions of its own, and no live key may have its name. */
enum op_result draft_key(struct op_call *c, struct key_info *k);

#endif /* KEYD_DRAFT_H */
