/* SPDX-License-Identifier: ISC */
/*
 * secret.h - the installation's hash key, and what is derived from it.
 *
 * It lives in guarded memory that is neither dumped nor swapped, and in one
 * file: never in the database, a log or a backup.
 */
#ifndef KEYD_SECRET_H
#define KEYD_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "state.h"
#include "wire.h"

#define HASH_KEY_SIZE 32
#define STORED_HASH_SIZE 32
#define MAC_SIZE 16
#define CHECK_SIZE 16
#define CHAIN_SIZE 32

struct secret;

/*
 * Reads hash.key from systemd's credentials ($CREDENTIALS_DIRECTORY) if it is
 * there, else from the state directory, where it is made when there is no
 * database yet.  NULL, and a sentence in why, on failure.
 */
struct secret *secret_open(const struct state *s, char *why, size_t why_size);
void secret_close(struct secret *k); /* NULL is fine */

/* A secret of these bytes, for tests. */
struct secret *secret_of(const uint8_t key[HASH_KEY_SIZE]);

/* What stands for a token on disk: BLAKE2b-256 of its digest under the key. */
void secret_hash(const struct secret *k, const uint8_t digest[32],
    uint8_t hash[STORED_HASH_SIZE]);

/* SipHash-2-4-128 of the bytes, under a key of its own. */
void secret_mac(const struct secret *k, struct span bytes,
    uint8_t mac[MAC_SIZE]);

/* BLAKE2b-256 of what came before and of the bytes, under another key: whoever
   has not the hash key can neither make nor mend a chain of them. */
void secret_chain(const struct secret *k, struct span before, struct span bytes,
    uint8_t hash[CHAIN_SIZE]);

/* The same under yet another key, for the pieces of a backup. */
void secret_backup(const struct secret *k, struct span before,
    struct span bytes, uint8_t hash[CHAIN_SIZE]);

/* SipHash-2-4 of the bytes under one more key, for the ids of keys. */
uint64_t secret_round(const struct secret *k, struct span bytes);

/* Tells one hash key from another, and nothing else about it. */
const uint8_t *secret_check(const struct secret *k);

#endif /* KEYD_SECRET_H */
