/* SPDX-License-Identifier: ISC */
#include "cached.h"
#include "suite.h"

START_TEST(the_permission_is_part_of_the_question)
{
	static const char *const pairs[][2] = { { "ab", "c" }, { "a", "bc" },
		{ "abc", "" }, { "", "abc" }, { "ab", "" }, { "ab", "d" },
		{ "12345678", "" }, { "", "12345678" } };
	struct reply_verdict a = cached_answer(1, 10);
	size_t n = sizeof(pairs) / sizeof(*pairs);
	struct keyd_verdict v;
	enum keyd_status status;

	for (size_t i = 0; i < n; i++) {
		struct cache_tag t = cached_tag(pairs[i][0], pairs[i][1]);

		ck_assert(!cache_look(cache, &t, now, &status, &v));
		cache_keep(cache, &t, now, &page, &a);
		ck_assert(cache_look(cache, &t, now, &status, &v));
	}
}
END_TEST

/* Not even if all bytes are zero, and whatever word they end in. */
START_TEST(pairs_of_other_lengths_have_other_tags)
{
	enum { LENGTHS = 20 };
	static const uint8_t zeros[LENGTHS];
	struct cache_tag t[LENGTHS * LENGTHS];

	for (size_t i = 0; i < LENGTHS * LENGTHS; i++) {
		struct span token = { zeros, i / LENGTHS };
		struct span permission = { zeros, i % LENGTHS };

		cache_tag(cache, token, permission, &t[i]);
		ck_assert(t[i].good);
		for (size_t k = 0; k < i; k++)
			ck_assert(t[i].half[0] != t[k].half[0] &&
			    t[i].half[1] != t[k].half[1]);
	}
}
END_TEST

START_TEST(each_byte_of_a_pair_counts)
{
	enum { LENGTHS = 20 };
	uint8_t text[LENGTHS] = { 0 };
	struct span token = { text, 7 };

	for (size_t len = 1; len < LENGTHS - token.len; len++) {
		struct span permission = { text + token.len, len };
		struct cache_tag before, after;

		cache_tag(cache, token, permission, &before);
		for (size_t i = 0; i < token.len + len; i++) {
			text[i] ^= 0x80;
			cache_tag(cache, token, permission, &after);
			text[i] ^= 0x80;
			ck_assert(before.half[0] != after.half[0]);
		}
	}
}
END_TEST

START_TEST(what_is_longer_than_any_token_has_no_tag)
{
	static uint8_t text[UINT16_MAX + 2];
	struct cache_tag t;

	cache_tag(cache, (struct span){ text, UINT16_MAX },
	    (struct span){ text, UINT8_MAX }, &t);
	ck_assert(t.good);
	cache_tag(cache, (struct span){ text, UINT16_MAX + 1 },
	    (struct span){ text, 0 }, &t);
	ck_assert(!t.good);
	cache_tag(cache, (struct span){ text, 0 },
	    (struct span){ text, UINT8_MAX + 1 }, &t);
	ck_assert(!t.good);
}
END_TEST

/* Another process, or another handle, finds it elsewhere. */
START_TEST(a_tag_is_of_one_cache)
{
	struct cache_tag a = cached_tag("a", ""), b;
	struct cache *first = cache;

	cached_setup(64);
	b = cached_tag("a", "");
	ck_assert(a.half[0] != b.half[0] && a.half[1] != b.half[1]);
	cache_free(cache);
	cache = first;
	b = cached_tag("a", "");
	ck_assert(a.half[0] == b.half[0] && a.half[1] == b.half[1]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache_tag");
	TCase *tc = tcase_create("cache_tag");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_permission_is_part_of_the_question);
	tcase_add_test(tc, pairs_of_other_lengths_have_other_tags);
	tcase_add_test(tc, each_byte_of_a_pair_counts);
	tcase_add_test(tc, what_is_longer_than_any_token_has_no_tag);
	tcase_add_test(tc, a_tag_is_of_one_cache);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
