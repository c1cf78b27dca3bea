/* SPDX-License-Identifier: ISC */
/*
 * chain.h - the hashes that hold the entries of the audit log together.
 *
 * What is written about its two ends has a hash of its own under the same key,
 * so that an entry can be cut off from neither.
 */
#ifndef KEYD_CHAIN_H
#define KEYD_CHAIN_H

#include "event.h"
#include "store.h"

#define CHAIN_HEAD "audit-head" /* in META: the last entry */
#define CHAIN_BASE "audit-base" /* the last one that was pruned */

struct link {
	uint64_t seq; /* 0: there is none yet */
	uint8_t hash[EVENT_HASH_SIZE];
};

/* STORE_DAMAGED when it is not one that keyd wrote. */
enum store_status chain_get(struct store_txn *t, const char *end,
    struct link *l);
enum store_status chain_put(struct store_txn *t, const char *end,
    const struct link *l);

/* The hash of an entry, all of whose bytes are given: its own hash is last. */
void chain_hash(struct store_txn *t, const uint8_t before[EVENT_HASH_SIZE],
    struct span bytes, uint8_t hash[EVENT_HASH_SIZE]);

/* The key of an entry in TABLE_AUDIT. */
void chain_key(uint8_t key[8], uint64_t seq);

/* False: this is no entry with the number that its key says. */
bool chain_read(struct span key, struct span value, struct event *e);

#endif /* KEYD_CHAIN_H */
