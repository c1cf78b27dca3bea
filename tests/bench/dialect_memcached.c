/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <string.h>

#include "dialect.h"
#include "peer_value.h"

#define ANSWER "VALUE "
#define KEY (2 * DIGEST_SIZE) /* in hex: a key is text */

/* get, the text protocol */
static size_t
ask(uint8_t *to, const struct mint_digest *key)
{
	memcpy(to, "get ", 4);
	peer_hex(key, (char *)to + 4);
	memcpy(to + 4 + KEY, "\r\n", 2);
	return 4 + KEY + 2;
}

/* VALUE <key> 0 64\r\n<value>\r\nEND\r\n */
static size_t
take(const uint8_t *from, size_t len)
{
	const size_t whole = 6 + KEY + sizeof(" 0 64\r\n") - 1 + PEER_VALUE +
	    sizeof("\r\nEND\r\n") - 1;

	if (len >= 6 && memcmp(from, ANSWER, 6) != 0)
		errx(1, "memcached does not know a key");
	return len < whole ? 0 : whole;
}

const struct dialect dialect_memcached = { "memcached", NULL, ask, take };
