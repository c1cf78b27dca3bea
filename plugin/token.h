/* SPDX-License-Identifier: ISC */
/*
 * token.h - the text that a client presents: make, check, digest.
 *
 * PREFIX_ + 45 random characters of [0-9a-z] + the CRC-32 of all before it in
 * seven.  A token never leaves the process that received it; its digest does.
 */
#ifndef KEYD_TOKEN_H
#define KEYD_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyd.h"
#include "model.h"

#define TOKEN_RANDOM 45        /* characters drawn: 232 bits */
#define TOKEN_CHECKSUM 7       /* characters: 36^7 > 2^32 */
#define TOKEN_FOREIGN_MAX 4096 /* bytes of a token of another maker */

/* Is this what a prefix may be: [a-z][a-z0-9]{0,14}? */
bool token_prefix_ok(const char *prefix);

/* Is this a token with this prefix, its checksum right? */
bool token_check(const char *text, size_t len, const char *prefix);

/* Draws a token with this prefix into text of KEYD_TOKEN_SIZE bytes.  False,
   and text "", when the kernel has no randomness to give or the prefix is
   none. */
bool token_new(const char *prefix, char *text);

/* SHA-256 of the text. */
void token_digest(const char *text, size_t len, uint8_t digest[DIGEST_SIZE]);

#endif /* KEYD_TOKEN_H */
