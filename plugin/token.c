/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "token.h"

#define BASE 36
#define FAIR (UINT8_MAX + 1 - (UINT8_MAX + 1) % BASE) /* 252: 7 times 36 */

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* CRC-32 of IEEE 802.3, reflected, four bits at a time. */
static const uint32_t crc_table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8,
	0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
	0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278,
	0xbdbdf21c };

static uint32_t
crc32(const char *text, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint8_t)text[i];
		crc = crc_table[crc & 15] ^ crc >> 4;
		crc = crc_table[crc & 15] ^ crc >> 4;
	}
	return ~crc;
}

static void
checksum(const char *text, size_t len, char out[TOKEN_CHECKSUM])
{
	uint32_t crc = crc32(text, len);

	for (size_t i = TOKEN_CHECKSUM; i-- > 0; crc /= BASE)
		out[i] = digits[crc % BASE];
}

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

bool
token_prefix_ok(const char *prefix)
{
	size_t len = strnlen(prefix, PREFIX_SIZE);

	if (len == 0 || len >= PREFIX_SIZE || prefix[0] < 'a')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_digit(prefix[i]))
			return false;
	return true;
}

bool
token_check(const char *text, size_t len, const char *prefix)
{
	size_t head = strlen(prefix) + 1;
	size_t body = head + TOKEN_RANDOM;
	char sum[TOKEN_CHECKSUM];

	if (len != body + TOKEN_CHECKSUM)
		return false;
	if (memcmp(text, prefix, head - 1) != 0 || text[head - 1] != '_')
		return false;
	/* Those of the checksum too: it costs far more to calculate. */
	for (size_t i = head; i < len; i++)
		if (!is_digit(text[i]))
			return false;
	checksum(text, body, sum);
	return memcmp(text + body, sum, sizeof(sum)) == 0;
}

static bool
draw(uint8_t *bytes, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = getrandom(bytes + have, len - have, 0);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			have += (size_t)n;
	}
	return true;
}

/* A byte of 252 or more would make some digits likelier than others. */
static size_t
take_fair(char *text, size_t room, const uint8_t *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < room; i++)
		if (bytes[i] < FAIR)
			text[n++] = digits[bytes[i] % BASE];
	return n;
}

static bool
draw_digits(char *text, size_t len)
{
	uint8_t bytes[64];
	size_t have = 0;
	bool ok = true;

	while (have < len && (ok = draw(bytes, sizeof(bytes))))
		have +=
		    take_fair(text + have, len - have, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
	return ok;
}

bool
token_new(const char *prefix, char *text)
{
	size_t head = strnlen(prefix, PREFIX_SIZE) + 1;
	size_t body = head + TOKEN_RANDOM;

	text[0] = '\0';
	if (!token_prefix_ok(prefix))
		return false;
	memcpy(text, prefix, head - 1);
	text[head - 1] = '_';
	if (!draw_digits(text + head, TOKEN_RANDOM)) {
		sodium_memzero(text, KEYD_TOKEN_SIZE);
		return false;
	}
	checksum(text, body, text + body);
	text[body + TOKEN_CHECKSUM] = '\0';
	return true;
}

void
token_digest(const char *text, size_t len, uint8_t digest[DIGEST_SIZE])
{
	(void)crypto_hash_sha256(digest, (const unsigned char *)text, len);
}

_Static_assert(DIGEST_SIZE == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(PREFIX_SIZE + TOKEN_RANDOM + TOKEN_CHECKSUM < KEYD_TOKEN_SIZE,
    "the longest token and its NUL fit");
