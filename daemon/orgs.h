/* SPDX-License-Identifier: ISC */
/*
 * orgs.h - the organizations and their members in the store.
 */
#ifndef KEYD_ORGS_H
#define KEYD_ORGS_H

#include <stdbool.h>

#include "model.h"
#include "store.h"

enum store_status orgs_get(struct store_txn *t, const char *slug,
    struct org_info *org);
enum store_status orgs_put(struct store_txn *t, const struct org_info *org);

enum store_status members_get(struct store_txn *t, const char *org,
    const char *user, struct member_info *m);
enum store_status members_put(struct store_txn *t, const struct member_info *m);
enum store_status members_delete(struct store_txn *t, const char *org,
    const char *user);

/*
 * Walks in the order of names, from the slug or user on ("": from the first),
 * until step returns false.
 */
typedef bool orgs_step(void *arg, const struct org_info *org);
enum store_status orgs_walk(struct store_txn *t, const char *from,
    orgs_step *step, void *arg);
typedef bool members_step(void *arg, const struct member_info *m);
enum store_status members_walk(struct store_txn *t, const char *org,
    const char *from, members_step *step, void *arg);

#endif /* KEYD_ORGS_H */
