/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include "peer_value.h"

void
peer_hex(const struct mint_digest *key, char *to)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(key->bytes); i++) {
		*to++ = digits[key->bytes[i] >> 4];
		*to++ = digits[key->bytes[i] & 15];
	}
}

void
peer_value(uint64_t number, char *to)
{
	snprintf(to, PEER_VALUE + 1, "key_%016" PRIu64 " bench bench %-31s",
	    number, "tests:run data:read");
}
