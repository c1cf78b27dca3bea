/* SPDX-License-Identifier: ISC */
/*
 * owned.h - the live keys of one member: count them, revoke them all.
 */
#ifndef KEYD_OWNED_H
#define KEYD_OWNED_H

#include <stdint.h>

#include "keys.h"

enum store_status owned_count(struct store_txn *t, const char *org,
    const char *user, int64_t now, uint32_t *live);

enum store_status owned_revoke(struct store_txn *t, const char *org,
    const char *user, int64_t now, uint32_t uid, const char *reason,
    uint32_t *revoked);

#endif /* KEYD_OWNED_H */
