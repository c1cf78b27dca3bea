/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "mint.h"
#include "token.h"

#define PREFIX "cmk_"
#define BASE 36
#define DRAWN 9 /* digits of one number: five make a token */

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* splitmix64 */
uint64_t
mint_draw(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
put(char *to, size_t len, uint64_t n)
{
	while (len-- > 0) {
		to[len] = digits[n % BASE];
		n /= BASE;
	}
}

/* CRC-32 of IEEE 802.3, bit by bit. */
static uint32_t
crc32(const char *text, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint8_t)text[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (UINT32_C(0xedb88320) & -(crc & 1));
	}
	return ~crc;
}

void
mint_token(uint64_t number, struct mint_token *token)
{
	const size_t head = sizeof(PREFIX) - 1, body = head + TOKEN_RANDOM;
	uint64_t seed = number << 8;

	memcpy(token->text, PREFIX, head);
	for (size_t at = head; at < body; at += DRAWN)
		put(token->text + at, DRAWN, mint_draw(&seed));
	put(token->text + body, TOKEN_CHECKSUM, crc32(token->text, body));
	token->text[body + TOKEN_CHECKSUM] = '\0';
}

_Static_assert(TOKEN_RANDOM % DRAWN == 0, "a token is whole numbers");

void
mint_digest(uint64_t number, struct mint_digest *digest)
{
	struct mint_token token;

	mint_token(number, &token);
	token_digest(token.text, strlen(token.text), digest->bytes);
}

struct mint_token *
mint_tokens(size_t count)
{
	struct mint_token *all = calloc(count, sizeof(*all));

	if (all == NULL)
		err(1, "calloc");
	for (size_t i = 0; i < count; i++)
		mint_token(i, &all[i]);
	return all;
}

struct mint_digest *
mint_digests(size_t count)
{
	struct mint_digest *all = calloc(count, sizeof(*all));

	if (all == NULL)
		err(1, "calloc");
	for (size_t i = 0; i < count; i++)
		mint_digest(i, &all[i]);
	return all;
}
