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

#endif /* KEYD_VIEW_H */
