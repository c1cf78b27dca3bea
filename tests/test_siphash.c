/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <sodium.h>

#include "exact.h"
#include "siphash.h"
#include "suite.h"

#define LENGTHS 129

static const uint8_t key[crypto_shorthash_siphashx24_KEYBYTES] = { 0, 1, 2, 3,
	4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static uint64_t
word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* As the reference ends it: the length in the top byte of the last word. */
static void
hash(const uint8_t *k, const uint8_t *text, size_t len, uint8_t out[16])
{
	struct siphash s = siphash_begin(word_at(k), word_at(k + 8));
	uint64_t rest = siphash_words(&s, text, len);
	uint64_t tag[2];

	siphash_word(&s, rest | (uint64_t)len << 56);
	siphash_end(&s, tag);
	tag[0] = htole64(tag[0]);
	tag[1] = htole64(tag[1]);
	memcpy(out, tag, 16);
}

START_TEST(it_is_that_of_the_reference)
{
	size_t len = (size_t)_i;
	uint8_t text[LENGTHS], expected[16], got[16];
	uint8_t *copy;

	for (size_t i = 0; i < len; i++)
		text[i] = (uint8_t)(i * 7 + 1);
	copy = exact_copy(text, len);
	crypto_shorthash_siphashx24(expected, text, len, key);
	hash(key, copy, len, got);
	ck_assert_mem_eq(got, expected, sizeof(expected));
	free(copy);
}
END_TEST

START_TEST(text_need_not_be_aligned)
{
	uint8_t text[LENGTHS + 8], expected[16], got[16];

	randombytes_buf(text, sizeof(text));
	for (size_t at = 0; at < 8; at++) {
		crypto_shorthash_siphashx24(expected, text + at, LENGTHS, key);
		hash(key, text + at, LENGTHS, got);
		ck_assert_mem_eq(got, expected, sizeof(expected));
	}
}
END_TEST

/* Either half of the key, and each bit of it, makes a difference. */
START_TEST(every_bit_of_the_key_counts)
{
	static const uint8_t text[] = "cmk_";
	uint8_t first[16], expected[16], got[16];

	hash(key, text, sizeof(text), first);
	for (size_t bit = 0; bit < 8 * sizeof(key); bit++) {
		uint8_t *other = exact_flipped(key, sizeof(key), bit);

		crypto_shorthash_siphashx24(expected, text, sizeof(text),
		    other);
		hash(other, text, sizeof(text), got);
		ck_assert_mem_eq(got, expected, sizeof(expected));
		ck_assert_mem_ne(got, first, sizeof(first));
		free(other);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("siphash");
	TCase *tc = tcase_create("siphash");

	tcase_add_loop_test(tc, it_is_that_of_the_reference, 0, LENGTHS);
	tcase_add_test(tc, text_need_not_be_aligned);
	tcase_add_test(tc, every_bit_of_the_key_counts);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
