/* SPDX-License-Identifier: ISC */
/*
 * view.h - a key as keyd shows it: the record, its use, when it is due for
 * rotation, and whether it may more than its owner does now.
 */
#ifndef KEYD_VIEW_H
#define KEYD_VIEW_H

#include "op.h"

enum store_status view_fill(const struct op_call *c, const struct record *rec,
    struct key_view *v);

/* The parts of it. */
enum store_status view_usage(const struct op_call *c, const struct record *rec,
    struct usage *u);
/* When the key's context wants it rotated; 0: never. */
int64_t view_due(const struct policy *p, const struct key_info *k);
/* A role that is no more allows nothing, and so does no membership. */
enum store_status view_drifted(const struct op_call *c,
    const struct key_info *k, bool *drifted);

#endif /* KEYD_VIEW_H */
