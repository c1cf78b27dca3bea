/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <stdint.h>
#include <string.h>

#include "key_id.h"

#define ID_RANDOM 16

/* Bytes over the last multiple of 36 are drawn again: none is favoured. */
#define FAIR_BYTES 252

bool
key_id_draw(char id[KEY_ID_SIZE])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	size_t len = strlcpy(id, "key_", KEY_ID_SIZE);
	uint8_t drawn[ID_RANDOM * 2];

	while (len < KEY_ID_LEN) {
		if (getrandom(drawn, sizeof(drawn), 0) != sizeof(drawn))
			return false;
		for (size_t i = 0; i < sizeof(drawn) && len < KEY_ID_LEN; i++)
			if (drawn[i] < FAIR_BYTES)
				id[len++] = digits[drawn[i] % 36];
	}
	id[len] = '\0';
	return true;
}
