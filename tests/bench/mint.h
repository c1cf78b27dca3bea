/* SPDX-License-Identifier: ISC */
/*
 * mint.h - the tokens to measure with, made from their numbers.
 *
 * Every program here, and the files that keyd and its peers are filled from,
 * make the same ones.  They are good tokens and no secrets.
 */
#ifndef KEYD_MINT_H
#define KEYD_MINT_H

#include <stddef.h>
#include <stdint.h>

#include "keyd.h"
#include "model.h"

#define MINT_MAX 10000000

struct mint_token {
	char text[KEYD_TOKEN_SIZE];
};

struct mint_digest {
	uint8_t bytes[DIGEST_SIZE];
};

void mint_token(uint64_t number, struct mint_token *token);
void mint_digest(uint64_t number, struct mint_digest *digest);

/* The first so many; the caller frees them. */
struct mint_token *mint_tokens(size_t count);
struct mint_digest *mint_digests(size_t count);

/* The next number at random; quick, and the same for the same seed. */
uint64_t mint_draw(uint64_t *seed);

#endif /* KEYD_MINT_H */
