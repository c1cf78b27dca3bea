/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "key_id.h"

#define KEY_ID_START "key_"
#define START_LEN (sizeof(KEY_ID_START) - 1)
#define BASE 36
#define HALF_DIGITS 8
#define HALF KEY_ID_SERIALS
#define ROUNDS 10

_Static_assert(START_LEN + 2 * (size_t)HALF_DIGITS == KEY_ID_LEN,
    "an id is two halves");

struct halves {
	uint64_t left;
	uint64_t right;
};

static uint64_t
round_of(const struct secret *k, unsigned n, uint64_t half)
{
	uint8_t bytes[1 + sizeof(half)];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u8(&w, (uint8_t)n);
	wire_put_u64(&w, half);
	return secret_round(k, (struct span){ bytes, wire_length(&w) }) % HALF;
}

static void
put_digits(char *digits, uint64_t n)
{
	for (size_t i = HALF_DIGITS; i-- > 0; n /= BASE)
		digits[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[n % BASE];
}

static bool
get_digits(const char *digits, uint64_t *n)
{
	*n = 0;
	for (size_t i = 0; i < HALF_DIGITS; i++) {
		char c = digits[i];

		if (c >= '0' && c <= '9')
			*n = *n * BASE + (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'z')
			*n = *n * BASE + (uint64_t)(c - 'a') + 10;
		else
			return false;
	}
	return true;
}

void
key_id_of(const struct secret *k, const uint8_t hash[STORED_HASH_SIZE],
    uint64_t serial, char id[KEY_ID_SIZE])
{
	struct span bytes = { hash, STORED_HASH_SIZE };
	struct halves h = { secret_round(k, bytes) % HALF, serial };

	for (unsigned n = 0; n < ROUNDS; n++)
		h = (struct halves){ h.right,
			(h.left + round_of(k, n, h.right)) % HALF };
	memcpy(id, KEY_ID_START, START_LEN);
	put_digits(id + START_LEN, h.left);
	put_digits(id + START_LEN + HALF_DIGITS, h.right);
	id[KEY_ID_LEN] = '\0';
}

bool
key_id_serial(const struct secret *k, const char *id, uint64_t *serial)
{
	struct halves h;

	if (strlen(id) != KEY_ID_LEN ||
	    memcmp(id, KEY_ID_START, START_LEN) != 0 ||
	    !get_digits(id + START_LEN, &h.left) ||
	    !get_digits(id + START_LEN + HALF_DIGITS, &h.right))
		return false;
	for (unsigned n = ROUNDS; n-- > 0;)
		h = (struct halves){
			(h.right + HALF - round_of(k, n, h.left)) % HALF, h.left
		};
	*serial = h.right;
	return true;
}
