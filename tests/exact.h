/* SPDX-License-Identifier: ISC */
/*
 * exact.h - copies of exactly their length, so that the sanitizer sees a read
 * one byte past the end.  The caller frees them.
 */
#ifndef KEYD_TESTS_EXACT_H
#define KEYD_TESTS_EXACT_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint8_t *
exact_copy(const void *ptr, size_t len)
{
	uint8_t *copy = calloc(1, len);

	ck_assert(copy != NULL || len == 0);
	if (len > 0)
		memcpy(copy, ptr, len);
	return copy;
}

/* The same with one bit changed. */
static inline uint8_t *
exact_flipped(const void *ptr, size_t len, size_t bit)
{
	uint8_t *copy = exact_copy(ptr, len);

	copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
	return copy;
}

#endif /* KEYD_TESTS_EXACT_H */
