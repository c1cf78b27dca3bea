/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <stdint.h>
#include <string.h>

#include "key_id.h"

#define KEY_ID_START "key_"
#define ID_RANDOM 16

/* Ten random characters are left: among the 1024 keys of a request two are the
   same once in 7e9. */
#define NEAR_LEN (sizeof(KEY_ID_START) - 1 + 6)

/* Bytes over the last multiple of 36 are drawn again: none is favoured. */
#define FAIR_BYTES 252

/* What stands behind the first len characters. */
static bool
draw_rest(char id[KEY_ID_SIZE], size_t len)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
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

bool
key_id_draw(char id[KEY_ID_SIZE])
{
	return draw_rest(id, strlcpy(id, KEY_ID_START, KEY_ID_SIZE));
}

bool
key_id_draw_near(char id[KEY_ID_SIZE], const char *other)
{
	memcpy(id, other, NEAR_LEN);
	return draw_rest(id, NEAR_LEN);
}
