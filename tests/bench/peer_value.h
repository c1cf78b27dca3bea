/* SPDX-License-Identifier: ISC */
/*
 * peer_value.h - what the peers hold for a key: as much as a verdict tells.
 */
#ifndef KEYD_PEER_VALUE_H
#define KEYD_PEER_VALUE_H

#include "mint.h"

#define PEER_VALUE 64 /* bytes; "64" is part of their protocols */

/* Writes the digest as 64 characters, without a NUL. */
void peer_hex(const struct mint_digest *key, char *to);

/* The value of the key with this number: PEER_VALUE characters and a NUL. */
void peer_value(uint64_t number, char *to);

#endif /* KEYD_PEER_VALUE_H */
