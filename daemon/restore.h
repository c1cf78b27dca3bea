/* SPDX-License-Identifier: ISC */
/*
 * restore.h - the store becomes what a backup tells.
 *
 * Keys get serials behind all that there ever were, in their order: so nothing
 * that this keyd, or a client, knows of a key by its serial is taken for
 * another's.  The audit log is never shortened: see restore_all.
 */
#ifndef KEYD_RESTORE_H
#define KEYD_RESTORE_H

#include "incoming.h"
#include "store.h"

/*
 * Replaces all by the backup, which is whole, in a transaction that the caller
 * ends.  with_log: the log of the backup goes before the present one, which
 * the caller says is a new one; else the present one stays as it is and that of
 * the backup is passed over.  *behind: the last serial of those before.
 * STORE_DAMAGED: the backup cannot be what keyd made.
 */
enum store_status restore_all(struct store_txn *t, struct incoming *in,
    bool with_log, uint64_t *behind);

#endif /* KEYD_RESTORE_H */
