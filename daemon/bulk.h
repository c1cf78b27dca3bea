/* SPDX-License-Identifier: ISC */
/*
 * bulk.h - all live keys that a filter leaves: count them, revoke them, within
 * the transaction of one operation.
 */
#ifndef KEYD_BULK_H
#define KEYD_BULK_H

#include "select.h"

enum store_status bulk_count(const struct op_call *c, const struct selection *s,
    uint32_t *count);

/* reason: for each of their records.  *revoked is right on success only. */
enum store_status bulk_revoke(const struct op_call *c,
    const struct selection *s, const char *reason, uint32_t *revoked);

#endif /* KEYD_BULK_H */
