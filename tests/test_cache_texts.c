/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "cached.h"
#include "suite.h"

static void
assert_texts(const struct keyd_verdict *v, const struct reply_verdict *a)
{
	ck_assert_str_eq(v->key_id, a->id);
	ck_assert_str_eq(v->org, a->org);
	ck_assert_str_eq(v->user, a->user);
	ck_assert_str_eq(v->name, a->name);
	ck_assert_str_eq(v->project, a->project);
}

/* Lengths of the name and of the others; one long text makes an entry long. */
static void
keep_and_look(size_t name, size_t others)
{
	struct reply_verdict a = cached_answer(1, 10);
	struct keyd_verdict v;
	enum keyd_status status;

	memset(&v, 0xff, sizeof(v));
	cached_fill(a.org, sizeof(a.org), others, 'o');
	cached_fill(a.user, sizeof(a.user), others, 'u');
	cached_fill(a.name, sizeof(a.name), name, 'n');
	cached_fill(a.project, sizeof(a.project), others, 'p');
	cached_keep("a", &a);
	ck_assert(cached_look("a", &status, &v));
	assert_texts(&v, &a);
	cached_void_key(); /* or this entry would be as good as the next */
}

START_TEST(texts_of_any_length_are_given_whole)
{
	for (size_t len = 0; len < KEYD_NAME_SIZE; len++) {
		keep_and_look(KEYD_NAME_SIZE - 1 - len, len);
		keep_and_look(len, len);
		keep_and_look(len, 3);
		keep_and_look(3, len);
	}
}
END_TEST

/* Each of them by itself, and what was there before is no matter. */
START_TEST(one_text_may_be_long)
{
	for (int which = 0; which < 8; which++) {
		struct reply_verdict a = cached_answer(1, 10);
		char *const text[] = { a.org, a.user, a.name, a.project };
		struct keyd_verdict v;
		enum keyd_status status;

		if (which % 2 == 0)
			cached_fill(text[which / 2], KEYD_ORG_SIZE,
			    (HEAD + TAIL) * WORD, 'x');
		memset(&v, 0xff, sizeof(v));
		cached_keep("a", &a);
		ck_assert(cached_look("a", &status, &v));
		assert_texts(&v, &a);
		cached_void_key();
	}
}
END_TEST

START_TEST(the_longest_texts_fit)
{
	struct reply_verdict a = cached_answer(1, 10);
	struct keyd_verdict v;
	enum keyd_status status;

	cached_fill(a.org, sizeof(a.org), SIZE_MAX, 'o');
	cached_fill(a.user, sizeof(a.user), SIZE_MAX, 'u');
	cached_fill(a.name, sizeof(a.name), SIZE_MAX, 'n');
	cached_fill(a.project, sizeof(a.project), SIZE_MAX, 'p');
	for (int i = 0; i < 100; i++) {
		char token[16];

		snprintf(token, sizeof(token), "%d", i);
		a.name[0] = (char)('!' + i % 90);
		cached_keep(token, &a);
		ck_assert(cached_look(token, &status, &v));
		ck_assert_str_eq(v.name, a.name);
		ck_assert_str_eq(v.project, a.project);
		ck_assert_str_eq(v.org, a.org);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache_texts");
	TCase *tc = tcase_create("cache_texts");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, texts_of_any_length_are_given_whole);
	tcase_add_test(tc, one_text_may_be_long);
	tcase_add_test(tc, the_longest_texts_fit);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
