/* SPDX-License-Identifier: ISC */
/*
 * siphash.h - SipHash-2-4 with 128 bits, a word at a time (Aumasson and
 * Bernstein, 2012; the 128-bit form is that of their reference code).
 *
 * In line, since it is most of what a verify from memory costs, and since a
 * token must not be copied to be hashed together with something else.
 */
#ifndef KEYD_SIPHASH_H
#define KEYD_SIPHASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct siphash {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
siphash_rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
siphash_round(struct siphash *s)
{
	s->v0 += s->v1;
	s->v1 = siphash_rotate(s->v1, 13) ^ s->v0;
	s->v0 = siphash_rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = siphash_rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = siphash_rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = siphash_rotate(s->v1, 17) ^ s->v2;
	s->v2 = siphash_rotate(s->v2, 32);
}

static inline struct siphash
siphash_begin(uint64_t k0, uint64_t k1)
{
	return (struct siphash){ .v0 = k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		.v2 = k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = k1 ^ UINT64_C(0x7465646279746573) };
}

static inline void
siphash_word(struct siphash *s, uint64_t m)
{
	s->v3 ^= m;
	siphash_round(s);
	siphash_round(s);
	s->v0 ^= m;
}

/* All whole words of the bytes; returns what is left, zeros behind it. */
static inline uint64_t
siphash_words(struct siphash *s, const uint8_t *p, size_t len)
{
	uint64_t m = 0;

	for (; len >= sizeof(m); p += sizeof(m), len -= sizeof(m)) {
		memcpy(&m, p, sizeof(m));
		siphash_word(s, le64toh(m));
	}
	m = 0;
	for (size_t i = 0; i < len; i++)
		m |= (uint64_t)p[i] << 8 * i;
	return m;
}

static inline void
siphash_end(struct siphash *s, uint64_t tag[2])
{
	s->v2 ^= 0xee;
	for (int i = 0; i < 4; i++)
		siphash_round(s);
	tag[0] = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
	s->v1 ^= 0xdd;
	for (int i = 0; i < 4; i++)
		siphash_round(s);
	tag[1] = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

#endif /* KEYD_SIPHASH_H */
